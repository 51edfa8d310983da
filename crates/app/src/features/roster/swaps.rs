//! 换班: one asks, the other agrees on a page of their own; whoever makes the list is told, and asked only where the
//! office wants that.

use super::making::put;
use super::model::{Shift, Swap};
use super::service::{may_edit, members, need_edit, shift};
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use kernel::{AccountId, Refusal, Ts};
use serde_json::json;

/// Longest note.
const NOTE_MOST: usize = 200;

fn me(cx: &Cx) -> Result<AccountId> {
    cx.actor.account.ok_or_else(|| Refusal::forbidden("common.forbidden").with("grant", "roster.read").into())
}

/// Asks somebody to take a shift of one's own, for one of theirs or for nothing.
///
/// # Errors
/// `roster.swap.not_yours`, `roster.over`, `roster.swap.waits` while another swap of the shift waits, `roster.swap.other`
/// for a shift in exchange that is not theirs; not found.
pub fn ask(tx: &mut Tx<'_>, cx: &Cx, id: i64, to: AccountId, other: Option<i64>, note: &str) -> Result<i64> {
    let (mine, me) = (shift(tx, cx, id)?, me(cx)?);
    if mine.account != Some(me) {
        return Err(Refusal::forbidden("roster.swap.not_yours").into());
    }
    if mine.from <= cx.now {
        return Err(Refusal::rule("roster.over").into());
    }
    if note.chars().count() > NOTE_MOST {
        return Err(Refusal::rule("roster.long").on("note").with("most", NOTE_MOST).into());
    }
    if to == me || !members(tx, cx, mine.unit)?.iter().any(|m| m.account == to) {
        return Err(Refusal::missing("account").into());
    }
    if rows::swaps_of(tx, cx, id)?.iter().any(|s| matches!(s.state.as_str(), "asked" | "agreed")) {
        return Err(Refusal::rule("roster.swap.waits").into());
    }
    if let Some(other) = other {
        let theirs = shift(tx, cx, other)?;
        if theirs.account != Some(to) || theirs.from <= cx.now || theirs.unit != mine.unit {
            return Err(Refusal::rule("roster.swap.other").on("other").into());
        }
    }
    let swap = rows::add_swap(tx, cx, (id, other), (me, to), note.trim())?;
    told(tx, cx, &mine, "roster.swap_asked", swap)?;
    Ok(swap)
}

fn told(tx: &mut Tx<'_>, cx: &Cx, shift: &Shift, kind: &str, swap: i64) -> Result<()> {
    let body = json!({ "shift": shift.id, "swap": swap });
    events::append(tx, cx, Stream::Roster, shift.roster, kind, &body)?;
    Ok(())
}

/// What somebody says to a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Answer {
    /// The one who was asked agrees.
    Agree,
    /// And does not.
    Decline,
    /// The one who asked takes it back.
    Withdraw,
    /// Whoever makes the list lets it be.
    Approve,
    /// And does not.
    Refuse,
    /// Whoever makes the list has seen it.
    See,
}

impl Answer {
    /// Reads a form's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Answer> {
        match text {
            "agree" => Some(Answer::Agree),
            "decline" => Some(Answer::Decline),
            "withdraw" => Some(Answer::Withdraw),
            "approve" => Some(Answer::Approve),
            "refuse" => Some(Answer::Refuse),
            "see" => Some(Answer::See),
            _ => None,
        }
    }
}

/// Answers a swap.
///
/// # Errors
/// Forbidden for whoever it does not concern; `common.conflict` when it does not stand so any more; `roster.over`;
/// `roster.busy` when one of them has a shift at the other's time.
pub fn answer(tx: &mut Tx<'_>, cx: &Cx, id: i64, answer: Answer) -> Result<()> {
    let swap = rows::swap(tx, cx, id)?.ok_or_else(Refusal::not_found)?;
    let given = shift(tx, cx, swap.shift)?;
    let me = me(cx)?;
    let own = match answer {
        Answer::Agree | Answer::Decline => swap.asked == me,
        Answer::Withdraw => swap.asker == me,
        Answer::Approve | Answer::Refuse | Answer::See => {
            need_edit(cx, given.unit)?;
            true
        }
    };
    if !own {
        return Err(Refusal::forbidden("roster.swap.not_yours").into());
    }
    let approve = rows::setup(tx, cx)?.0.approve;
    let (from, to, kind) = match answer {
        Answer::Agree if approve => ("asked", "agreed", "roster.swap_agreed"),
        Answer::Agree => ("asked", "done", "roster.swapped"),
        Answer::Decline => ("asked", "declined", "roster.swap_declined"),
        Answer::Withdraw => ("asked", "withdrawn", "roster.swap_withdrawn"),
        Answer::Approve => ("agreed", "done", "roster.swapped"),
        Answer::Refuse => ("agreed", "refused", "roster.swap_refused"),
        Answer::See => return rows::see_swap(tx, cx, id),
    };
    if !rows::set_swap(tx, cx, id, from, to)? {
        return Err(Refusal::conflict().into());
    }
    if to == "done" {
        exchange(tx, cx, &swap, &given)?;
    }
    told(tx, cx, &given, kind, id)
}

/// Both shifts change hands, if both still stand as they were when it was asked.
fn exchange(tx: &mut Tx<'_>, cx: &Cx, swap: &Swap, given: &Shift) -> Result<()> {
    if given.account != Some(swap.asker) {
        return Err(Refusal::conflict().into());
    }
    if given.from <= cx.now {
        return Err(Refusal::rule("roster.over").into());
    }
    let Some(other) = swap.other else { return put(tx, cx, given, swap.asked) };
    let taken = shift(tx, cx, other)?;
    if taken.account != Some(swap.asked) {
        return Err(Refusal::conflict().into());
    }
    if taken.from <= cx.now {
        return Err(Refusal::rule("roster.over").into());
    }
    // Each leaves their own first, so that two shifts of one day can be exchanged.
    let why = super::model::Why { by_hand: true, ..Default::default() };
    rows::put_person(tx, cx, given, None, why)?;
    rows::put_person(tx, cx, &taken, None, why)?;
    let later = |s: &Shift| Shift { version: s.version + 1, account: None, ..s.clone() };
    put(tx, cx, &later(given), swap.asked)?;
    put(tx, cx, &later(&taken), swap.asker)
}

/// Swaps that concern the actor: asked of them, asked by them, for whoever makes the list those that wait for approval
/// and those that were done since they looked.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// They are asked.
    pub asked: Vec<Swap>,
    /// They asked.
    pub asking: Vec<Swap>,
    /// They are to let it be.
    pub approve: Vec<Swap>,
    /// Done, to be seen.
    pub told: Vec<Swap>,
}

/// Reads them.
///
/// # Errors
/// When the database refuses.
pub fn waiting(tx: &mut Tx<'_>, cx: &Cx) -> Result<Waiting> {
    let mut out = Waiting::default();
    let Some(me) = cx.actor.account else { return Ok(out) };
    let edits = cx.actor.has("roster.edit");
    for swap in rows::open_swaps(tx, cx)? {
        let Some(given) = rows::shift(tx, cx, swap.shift)? else { continue };
        // What was not answered before the shift began is over.
        if given.from <= cx.now {
            continue;
        }
        if swap.state == "agreed" && edits && may_edit(cx, given.unit) {
            out.approve.push(swap.clone());
        }
        if swap.asker == me {
            out.asking.push(swap);
        } else if swap.asked == me && swap.state == "asked" {
            out.asked.push(swap);
        }
    }
    if edits {
        for swap in rows::told_swaps(tx, cx)? {
            let unit = rows::shift(tx, cx, swap.shift)?.and_then(|s| s.unit);
            if may_edit(cx, unit) && swap.decided_at.is_some_and(|at| cx.now.since(at) < 30 * Ts::DAY) {
                out.told.push(swap);
            }
        }
    }
    Ok(out)
}

/// The swaps of a shift, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn of_shift(tx: &mut Tx<'_>, cx: &Cx, shift: i64) -> Result<Vec<Swap>> {
    rows::swaps_of(tx, cx, shift)
}

/// The count beside the menu's entry.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    if !cx.actor.has("roster.read") {
        return Ok(Vec::new());
    }
    let waiting = waiting(tx, cx)?;
    let mut n = waiting.asked.len() + waiting.approve.len() + waiting.told.len();
    n += super::log::to_take(tx, cx)?.len();
    Ok(vec![("roster", i64::try_from(n).unwrap_or(i64::MAX))])
}
