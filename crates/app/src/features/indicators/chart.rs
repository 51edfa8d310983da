//! Charts as shapes in a box 640 wide: bars, a line over them, a grid. The template only writes them out.

use super::cell::Cell;

/// A value on the axis of time.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// What stands below it; blank for none.
    pub label: String,
    /// Its value; `None` leaves a gap.
    pub value: Option<f64>,
    /// What it says to those who hear it, and beside the mouse.
    pub said: String,
    /// Where it leads; blank for nowhere.
    pub href: String,
}

/// A bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Left edge.
    pub x: String,
    /// Upper edge.
    pub y: String,
    /// Width.
    pub w: String,
    /// Height.
    pub h: String,
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub said: String,
}

/// A mark on an axis.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where.
    pub at: String,
    /// What it says.
    pub label: String,
}

/// A dot of the line.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Across.
    pub x: String,
    /// Down.
    pub y: String,
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub said: String,
}

/// A chart.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Its name.
    pub title: String,
    /// What is counted.
    pub sub: String,
    /// The point of it, in a sentence.
    pub said: String,
    /// Bars.
    pub bars: Vec<Bar>,
    /// The line's pieces, as paths.
    pub lines: Vec<String>,
    /// Its dots.
    pub dots: Vec<Dot>,
    /// Marks on the left, with the grid's lines.
    pub left: Vec<Mark>,
    /// Marks below.
    pub below: Vec<Mark>,
    /// The names of the series: bars, line.
    pub series: Vec<String>,
    /// The heads of its table.
    pub heads: Vec<String>,
    /// The rows of its table.
    pub rows: Vec<Line>,
    /// Where the axis below lies.
    pub foot: u32,
}

/// A row of a chart's table.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// When.
    pub label: String,
    /// What each series says then.
    pub cells: Vec<Cell>,
}

const LEFT: f64 = 46.0;
const RIGHT: f64 = 632.0;
const TOP: f64 = 16.0;
/// The axis below of a chart among others, and of one that stands alone.
const FOOT: u32 = 196;
const TALL: u32 = 436;

/// A chart among others. Lays out bars and a line over a common axis; with `percent` the scale ends at 100.
#[must_use]
pub fn draw(bars: &[Point], line: &[Point], percent: bool) -> Chart {
    lay(bars, line, percent, FOOT)
}

/// The same twice as high, for a wall.
#[must_use]
pub fn draw_tall(bars: &[Point], line: &[Point], percent: bool) -> Chart {
    lay(bars, line, percent, TALL)
}

fn lay(bars: &[Point], line: &[Point], percent: bool, foot: u32) -> Chart {
    let mut chart = Chart { foot, ..Chart::default() };
    let foot = f64::from(foot);
    let top = bars.iter().chain(line).filter_map(|p| p.value).fold(0.0, f64::max);
    let (top, step) = if percent { (100.0, 25.0) } else { scale(top) };
    let y = |value: f64| foot - (foot - TOP) * (value / top).clamp(0.0, 1.0);
    let count = bars.len().max(line.len()).max(1);
    let slot = (RIGHT - LEFT) / as_f64(count);
    let width = (slot * 0.6).clamp(2.0, 34.0);
    let middle = |i: usize| LEFT + slot * (as_f64(i) + 0.5);
    for (i, point) in bars.iter().enumerate() {
        if let Some(value) = point.value {
            chart.bars.push(Bar {
                x: short(middle(i) - width / 2.0),
                y: short(y(value)),
                w: short(width),
                h: short(foot - y(value)),
                href: point.href.clone(),
                said: point.said.clone(),
            });
        }
    }
    let mut piece = String::new();
    for (i, point) in line.iter().enumerate() {
        match point.value {
            Some(value) => {
                let verb = if piece.is_empty() { 'M' } else { 'L' };
                piece.push_str(&format!("{verb}{} {}", short(middle(i)), short(y(value))));
                let (x, y) = (short(middle(i)), short(y(value)));
                chart.dots.push(Dot { x, y, href: point.href.clone(), said: point.said.clone() });
            }
            // Where nothing can be said the line is broken, not drawn through zero.
            None => chart.lines.extend((!piece.is_empty()).then(|| std::mem::take(&mut piece))),
        }
    }
    chart.lines.extend((!piece.is_empty()).then_some(piece));
    let mut at = 0.0;
    while at <= top + step / 2.0 {
        let label = if percent { format!("{at}%") } else { short(at) };
        chart.left.push(Mark { at: short(y(at)), label });
        at += step;
    }
    let labels = if bars.is_empty() { line } else { bars };
    chart.below = labels
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.label.is_empty())
        .map(|(i, p)| Mark { at: short(middle(i)), label: p.label.clone() })
        .collect();
    chart
}

#[expect(clippy::cast_precision_loss, reason = "the number of marks on an axis is small")]
fn as_f64(n: usize) -> f64 {
    n as f64
}

/// One decimal, without a needless zero.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A round number at or above the greatest value, and the steps up to it.
fn scale(top: f64) -> (f64, f64) {
    if top <= 0.0 {
        return (4.0, 1.0);
    }
    let unit = 10_f64.powf(top.log10().floor());
    let step = [0.25, 0.5, 1.0, 2.0, 2.5, 5.0]
        .map(|m| m * unit)
        .into_iter()
        // Counts have no halves.
        .find(|step| top / step <= 5.0 && step.fract() == 0.0)
        .unwrap_or((top / 4.0).ceil());
    ((top / step).ceil() * step, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: Option<f64>) -> Point {
        Point { label: "m".to_owned(), value, said: String::new(), href: String::new() }
    }

    #[test]
    fn the_scale_ends_at_a_round_number_of_whole_steps() {
        assert_eq!(scale(2_970.0), (3_000.0, 1_000.0));
        assert_eq!(scale(7.0), (8.0, 2.0));
        assert_eq!(scale(1.0), (1.0, 1.0));
        assert_eq!(scale(0.0), (4.0, 1.0));
        assert_eq!(scale(43.0), (50.0, 10.0));
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_value() {
        let chart = draw(&[], &[point(Some(50.0)), point(None), point(Some(100.0)), point(Some(0.0))], true);
        assert_eq!((chart.lines.len(), chart.dots.len(), chart.bars.len()), (2, 3, 0));
        assert_eq!(chart.left.last().unwrap().label, "100%");
        let bars = draw(&[point(Some(10.0)), point(Some(5.0))], &[], false);
        assert_eq!(bars.bars[0].h, "180");
        assert_eq!(bars.bars[1].h, "90");
    }
}
