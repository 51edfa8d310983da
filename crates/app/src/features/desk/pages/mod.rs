//! GET: what the pages show, and the pieces that several of them share.

pub mod case;
pub mod cases;
pub mod dossier;
pub mod files;
pub mod home;
pub mod ledger;
pub mod queue;

use super::model::{Filter, Queue};
use super::service::forms::Choice;
use super::service::queue::{self as queues, Pulse};
use crate::context::Cx;
use crate::words::Words;
use store::{Result, Tx};

/// A count of the strip.
#[derive(Clone, Debug)]
pub struct Tile {
    /// How many, as shown.
    pub n: String,
    /// Of what.
    pub label: String,
    /// The list it counts.
    pub href: String,
    /// `is-red`, `is-amber` or blank.
    pub class: &'static str,
    /// Whether this is that list.
    pub current: bool,
}

/// A menu of links.
#[derive(Clone, Debug)]
pub struct Menu {
    /// What is chosen.
    pub label: String,
    /// Whether something is.
    pub on: bool,
    /// The links: the address in `value`.
    pub options: Vec<Choice>,
}

/// The strip: one's own queues, then the pulse. Each leads to the list it counts.
pub(super) fn strip(tx: &mut Tx<'_>, cx: &Cx, w: &Words, current: Option<Queue>) -> Result<Vec<Tile>> {
    let mut out = Vec::new();
    for (queue, n) in queues::counts(tx, cx)? {
        out.push(Tile {
            n: number(w, n),
            label: w.t(&format!("queue-{}", queue.as_str())),
            href: queue.href().to_owned(),
            class: "",
            current: current == Some(queue),
        });
    }
    for Pulse { words, n, class, filter } in queues::pulse(tx, cx)? {
        out.push(Tile { n: number(w, n), label: w.t(words), href: filter.href(), class, current: false });
    }
    Ok(out)
}

/// A count as shown: beyond ten thousand it is only that many and more.
pub(super) fn number(w: &Words, n: i64) -> String {
    if n > super::model::COUNT_MOST { w.t1("many", "n", super::model::COUNT_MOST) } else { n.to_string() }
}

/// An address with a filter's query.
pub(super) fn address(path: &str, filter: &Filter, more: &str) -> String {
    let query = filter.query();
    match (query.is_empty(), more.is_empty()) {
        (true, true) => path.to_owned(),
        (true, false) => format!("{path}?{more}"),
        (false, true) => format!("{path}?{query}"),
        (false, false) => format!("{path}?{query}&{more}"),
    }
}
