//! The briefing 通报 of a period: sentences whose every number leads to its records.

use super::look::{self, Line, Number};
use crate::context::Cx;
use crate::features::indicators::model::{Ask, By};
use crate::features::indicators::service as indicators;
use crate::words::Words;
use kernel::Day;
use store::{Result, Tx};

/// Lines of each table.
const MOST: usize = 10;

/// A piece of a sentence: words, or a number with its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// The records; blank for words.
    pub href: String,
}

/// The briefing.
#[derive(Clone, Debug, Default)]
pub struct Briefing {
    /// Its sentences.
    pub sentences: Vec<Vec<Piece>>,
    /// Units by what they received.
    pub units: Vec<Line>,
    /// Matters by how often.
    pub matters: Vec<Line>,
    /// Places.
    pub places: Vec<Line>,
}

impl Briefing {
    /// As a text to copy.
    #[must_use]
    pub fn text(&self) -> String {
        self.sentences.iter().map(|s| words_of(s)).collect::<Vec<_>>().join("\n")
    }
}

/// The words of a sentence, without its links.
#[must_use]
pub fn words_of(sentence: &[Piece]) -> String {
    sentence.iter().map(|p| p.text.as_str()).collect()
}

/// Writes it for a period. May be called by whoever holds `stats.read`; writes nothing.
///
/// # Errors
/// `common.forbidden`; `stats.period.reversed`.
pub fn write(tx: &mut Tx<'_>, cx: &Cx, w: &Words, (from, to): (Day, Day)) -> Result<Briefing> {
    let ask = Ask { from: Some(from), to: Some(to), ..Ask::default() };
    let n = |tx: &mut Tx<'_>, key: &str| look::total(tx, cx, w, key, &ask);
    let (received, accepted) = (n(tx, "demand.received")?, n(tx, "demand.accepted")?);
    let (closed, overdue) = (n(tx, "demand.closed")?, n(tx, "demand.overdue")?);
    let mut sentences = vec![
        sentence(w, "briefing-received", &[("received", &received), ("accepted", &accepted)]),
        sentence(w, "briefing-closed", &[("closed", &closed), ("overdue", &overdue)]),
    ];
    for (key, words) in [
        ("demand.on_time_rate", "briefing-on-time"),
        ("demand.return_rate", "briefing-returns"),
        ("demand.satisfaction", "briefing-satisfied"),
    ] {
        let row = indicators::total(tx, cx, w, key, &ask)?;
        let (Some(above), Some(below)) = (row.numerator, row.denominator) else { continue };
        if below == 0 {
            continue;
        }
        let line = Line {
            label: String::new(),
            above: Number { n: above, href: look::href(key, &row.link, false)? },
            below: Number { n: below, href: look::href(key, &row.link, true)? },
        };
        let rate = Piece { text: line.percent(), href: String::new() };
        sentences.push(with_rate(w, words, &line, &rate));
    }
    let top = |tx: &mut Tx<'_>, by: By| -> Result<Vec<Line>> {
        let mut lines = look::lines(tx, cx, w, ("demand.accepted", by), &ask)?;
        lines.retain(|l| l.above.n > 0);
        lines.truncate(MOST);
        Ok(lines)
    };
    Ok(Briefing {
        sentences,
        units: top(tx, By::Unit)?,
        matters: top(tx, By::Matter)?,
        places: top(tx, By::Place)?,
    })
}

/// Words with marks in them, `⟦name⟧`, in whose place the numbers stand with their lists.
fn sentence(w: &Words, key: &str, numbers: &[(&str, &Number)]) -> Vec<Piece> {
    let marks: Vec<(&str, String)> = numbers.iter().map(|(name, _)| (*name, mark(name))).collect();
    let pieces =
        numbers.iter().map(|(name, n)| (mark(name), Piece { text: n.n.to_string(), href: n.href.clone() }));
    cut(&w.ta(key, &marks), &pieces.collect::<Vec<_>>())
}

fn with_rate(w: &Words, key: &str, line: &Line, rate: &Piece) -> Vec<Piece> {
    let marks: Vec<(&str, String)> = ["above", "below", "rate"].iter().map(|n| (*n, mark(n))).collect();
    let number = |n: &Number| Piece { text: n.n.to_string(), href: n.href.clone() };
    let pieces = [
        (mark("above"), number(&line.above)),
        (mark("below"), number(&line.below)),
        (mark("rate"), rate.clone()),
    ];
    cut(&w.ta(key, &marks), &pieces)
}

fn mark(name: &str) -> String {
    format!("\u{27e6}{name}\u{27e7}")
}

fn cut(text: &str, pieces: &[(String, Piece)]) -> Vec<Piece> {
    let (mut out, mut rest) = (Vec::new(), text);
    let words = |t: &str| Piece { text: t.to_owned(), href: String::new() };
    loop {
        let next = pieces.iter().filter_map(|(m, p)| rest.find(m.as_str()).map(|at| (at, m, p)));
        let Some((at, m, piece)) = next.min_by_key(|(at, _, _)| *at) else { break };
        out.push(words(&rest[..at]));
        out.push(piece.clone());
        rest = &rest[at + m.len()..];
    }
    out.push(words(rest));
    out.retain(|p| !p.text.is_empty());
    out
}
