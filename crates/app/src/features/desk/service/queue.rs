//! The queues of a person over all posts they hold, and the pulse above them.

use super::super::model::{CaseRow, Filter, Queue};
use super::super::store as rows;
use super::list;
use crate::context::Cx;
use kernel::CaseId;
use store::{Result, Tx};

/// Above this a queue's count in the menu is only "many"; nobody reads it to the last digit there.
const MENU_MOST: i64 = 999;

/// The queues that the actor's rights bring, in the order a case passes them.
#[must_use]
pub fn of_actor(cx: &Cx) -> Vec<Queue> {
    Queue::ALL.into_iter().filter(|q| cx.actor.has("demands.read") && cx.actor.has(q.grant())).collect()
}

/// How many wait in each of the actor's queues.
///
/// # Errors
/// When the database refuses.
pub fn counts(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(Queue, i64)>> {
    of_actor(cx).into_iter().map(|q| Ok((q, list::count(tx, cx, &Filter::of_queue(q))?))).collect()
}

/// The counts beside the menu's entries.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    let mut out = Vec::new();
    for queue in of_actor(cx) {
        let n = rows::count(tx, cx, &Filter::of_queue(queue), rows::CountOf::AtMost(MENU_MOST))?;
        out.push((queue.as_str(), n.min(MENU_MOST)));
    }
    Ok(out)
}

/// A case of the inbox, with the hat in which it is there.
pub struct Waiting {
    /// The case.
    pub row: CaseRow,
    /// The hat.
    pub queue: Queue,
}

/// The first cases of all the actor's queues together, oldest due first; a case that waits for two of their
/// hats stands once, under the first.
///
/// # Errors
/// When the database refuses.
pub fn inbox(tx: &mut Tx<'_>, cx: &Cx, most: usize) -> Result<Vec<Waiting>> {
    let mut all: Vec<Waiting> = Vec::new();
    for queue in of_actor(cx) {
        let found = rows::rows_of(tx, cx, &Filter::of_queue(queue), None, false, most)?;
        for row in found {
            if !all.iter().any(|w| w.row.id == row.id) {
                all.push(Waiting { row, queue });
            }
        }
    }
    all.sort_by_key(|w| (w.row.due.map_or(i64::MAX, |d| d.0), w.row.id));
    all.truncate(most);
    let mut plain: Vec<CaseRow> = all.iter().map(|w| w.row.clone()).collect();
    rows::fill(tx, cx, &mut plain)?;
    for (waiting, row) in all.iter_mut().zip(plain) {
        waiting.row = row;
    }
    Ok(all)
}

/// Whether a case waits in a queue for the actor.
///
/// # Errors
/// When the database refuses.
pub fn holds(tx: &mut Tx<'_>, cx: &Cx, queue: Queue, case: CaseId) -> Result<bool> {
    rows::is_in_queue(tx, cx, queue, case)
}

/// A count of the strip: what it is called, how many, and the list it counts.
#[derive(Clone, Debug)]
pub struct Pulse {
    /// The word's key.
    pub words: &'static str,
    /// How many.
    pub n: i64,
    /// `is-red`, `is-amber` or blank.
    pub class: &'static str,
    /// The list, which holds exactly so many.
    pub filter: Filter,
}

/// The office's pulse within the actor's scope: open, due soon, due today, late, supervised.
///
/// # Errors
/// When the database refuses.
pub fn pulse(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Pulse>> {
    if !cx.actor.has("demands.read") {
        return Ok(Vec::new());
    }
    let phases = |list: &[&str]| list.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
    let due = |word: &str| Filter { due: word.to_owned(), ..Filter::default() };
    let wanted = [
        ("pulse-open", "", Filter { phase: phases(&["open"]), ..Filter::default() }),
        ("pulse-soon", "is-amber", due("soon")),
        ("pulse-today", "", due("today")),
        ("pulse-late", "is-red", due("late")),
        (
            "pulse-supervised",
            "",
            Filter { supervised: "1".to_owned(), phase: phases(&["open"]), ..Filter::default() },
        ),
    ];
    wanted
        .into_iter()
        .map(|(words, class, filter)| {
            let n = list::count(tx, cx, &filter)?;
            Ok(Pulse { words, n, class: if n > 0 { class } else { "" }, filter })
        })
        .collect()
}
