//! Small maps drawn on the server: the boundaries of some places, each a link, shaded by a figure.

use geography::svg::{View, path};
use geography::{Bbox, Point, Shape};

/// The drawing's size; the page scales it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 460.0;

/// A map as the template draws it.
pub struct MapView {
    /// `0 0 640 460`
    pub view_box: String,
    /// What the map shows, for those who do not see it.
    pub label: String,
    /// The areas, coarse ones first.
    pub areas: Vec<MapArea>,
    /// The scale bar.
    pub scale: Scale,
}

/// A bar that shows a round length.
pub struct Scale {
    /// Its length in the drawing.
    pub length: String,
    /// Where its words stand.
    pub middle: String,
    /// `500 m`
    pub words: String,
}

/// One area.
pub struct MapArea {
    /// The path.
    pub d: String,
    /// Its classes.
    pub class: String,
    /// Where it leads; blank for a mere outline.
    pub href: String,
    /// What it is, in words.
    pub label: String,
    /// The name on it; blank for none.
    pub name: String,
    /// Where the name stands.
    pub x: String,
    /// Likewise.
    pub y: String,
}

/// What is to be drawn.
pub struct Area<'a> {
    /// Its boundary.
    pub shape: &'a Shape,
    /// Where its name stands; the middle of the boundary when not given.
    pub point: Option<Point>,
    /// The name on it; blank for none.
    pub name: String,
    /// What it is, in words.
    pub label: String,
    /// Where it leads; blank for a mere outline.
    pub href: String,
    /// The figure that shades it; `None` for no shade.
    pub figure: Option<i64>,
}

/// Draws the areas; `None` when none has a boundary.
#[must_use]
pub fn draw(label: String, areas: &[Area<'_>]) -> Option<MapView> {
    let boxes: Vec<Bbox> = areas.iter().map(|a| a.shape.bbox()).collect();
    let view = View::fit(boxes, WIDTH, HEIGHT)?;
    let most = areas.iter().filter_map(|a| a.figure).max().unwrap_or(0);
    let tolerance = view.metres_per_pixel() * 0.4;
    let drawn = areas
        .iter()
        .map(|area| {
            let (x, y) = view.project(area.point.unwrap_or_else(|| area.shape.centroid()));
            MapArea {
                d: path(&area.shape.simplify(tolerance), &view),
                class: class(area, most),
                href: area.href.clone(),
                label: area.label.clone(),
                name: area.name.clone(),
                x: format!("{x:.0}"),
                y: format!("{y:.0}"),
            }
        })
        .collect();
    Some(MapView {
        view_box: format!("0 0 {WIDTH:.0} {HEIGHT:.0}"),
        label,
        areas: drawn,
        scale: scale(view.metres_per_pixel()),
    })
}

/// Five shades from none to the most; a figure of 0 stays unshaded.
fn class(area: &Area<'_>, most: i64) -> String {
    match area.figure {
        Some(n) if n > 0 => format!("m-area h{}", (n * 5 + most - 1) / most.max(1)),
        _ => "m-area".to_owned(),
    }
}

/// The longest round length that takes at most a quarter of the width.
fn scale(metres_per_pixel: f64) -> Scale {
    const LENGTHS: [u32; 12] = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    let room = WIDTH / 4.0 * metres_per_pixel;
    let length = LENGTHS.into_iter().rev().find(|m| f64::from(*m) <= room).unwrap_or(LENGTHS[0]);
    let words = if length < 1_000 { format!("{length} m") } else { format!("{} km", length / 1_000) };
    let drawn = f64::from(length) / metres_per_pixel;
    Scale { length: format!("{drawn:.0}"), middle: format!("{:.0}", 16.0 + drawn / 2.0), words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64) -> Shape {
        let at = |x: f64, y: f64| Point::new(west + x, 30.0 + y).unwrap();
        Shape::simple([at(0.0, 0.0), at(0.01, 0.0), at(0.01, 0.01), at(0.0, 0.01)]).unwrap()
    }

    #[test]
    fn the_most_is_darkest_and_nothing_is_unshaded() {
        let (a, b) = (square(114.0), square(114.01));
        let area = |shape, figure| Area {
            shape,
            point: None,
            name: String::new(),
            label: String::new(),
            href: String::new(),
            figure,
        };
        let map =
            draw("x".into(), &[area(&a, Some(7)), area(&b, Some(1)), area(&b, Some(0)), area(&b, None)])
                .unwrap();
        let classes: Vec<&str> = map.areas.iter().map(|a| a.class.as_str()).collect();
        assert_eq!(classes, ["m-area h5", "m-area h1", "m-area", "m-area"]);
        // 0.02 degrees at 30° north are 1.9 km over 590 units: 500 m take about 150.
        assert_eq!(map.scale.words, "500 m");
        assert!(draw("x".into(), &[]).is_none());
    }
}
