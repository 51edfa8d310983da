//! 值班日志 and 交接班: lines with the time it happened and the time it was written; who comes on confirms what was
//! left open. A line is never changed: what was wrong is said in a further one.

use super::model::Line;
use super::service::need_duty;
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use kernel::{Refusal, Ts, UnitId};
use serde_json::json;

/// Longest line.
const TEXT_MOST: usize = 1_000;
/// What happened longer ago belongs into no log of today.
const BACK_MOST: i64 = 7 * Ts::DAY;

/// A text of the log with identifiers masked: what a resident gave stands in the case, under its own seal.
fn checked(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::missing("text").into());
    }
    if text.chars().count() > TEXT_MOST {
        return Err(Refusal::rule("roster.long").on("text").with("most", TEXT_MOST).into());
    }
    Ok(text::identifiers::seal(text).masked)
}

/// Writes a line.
///
/// # Errors
/// `roster.not_on_duty`; `common.missing`, `roster.long`; `roster.happened` for a time to come or long past.
pub fn write(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, text: &str, happened: Ts) -> Result<i64> {
    need_duty(tx, cx, unit)?;
    let text = checked(text)?;
    if happened > cx.now || cx.now.since(happened) > BACK_MOST {
        return Err(Refusal::rule("roster.happened").on("happened").into());
    }
    let id = rows::add_line(tx, cx, unit, "line", &text, happened)?;
    let body = json!({ "line": id, "text": text, "happened": happened });
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.logged", &body)?;
    Ok(id)
}

/// Leaves a note for whoever comes on.
///
/// # Errors
/// As [`write`].
pub fn hand_over(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, text: &str) -> Result<i64> {
    need_duty(tx, cx, unit)?;
    let text = checked(text)?;
    let id = rows::add_line(tx, cx, unit, "handover", &text, cx.now)?;
    let body = json!({ "line": id, "text": text });
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.handed_over", &body)?;
    Ok(id)
}

/// Confirms such a note.
///
/// # Errors
/// `roster.not_on_duty`; `roster.handover.own` for one's own; `common.conflict` when somebody has taken it.
pub fn take_over(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    let line = rows::open_handovers(tx, cx)?.into_iter().find(|l| l.id == id);
    let line = line.ok_or_else(Refusal::conflict)?;
    need_duty(tx, cx, line.unit)?;
    if line.account == cx.actor.account {
        return Err(Refusal::rule("roster.handover.own").into());
    }
    if !rows::take_over(tx, cx, id)? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.taken_over", &json!({ "line": id }))?;
    Ok(())
}

/// Lines of some time.
///
/// # Errors
/// Forbidden without `roster.read`.
pub fn lines(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, from: Ts, until: Ts) -> Result<Vec<Line>> {
    cx.actor.need("roster.read")?;
    rows::lines(tx, cx, unit, from, until)
}

/// Notes that nobody has taken over.
///
/// # Errors
/// Forbidden without `roster.read`.
pub fn open(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Line>> {
    cx.actor.need("roster.read")?;
    rows::open_handovers(tx, cx)
}

/// Notes that wait for the actor: on duty now, and not the writer.
///
/// # Errors
/// When the database refuses.
pub fn to_take(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Line>> {
    let mut out = Vec::new();
    for line in rows::open_handovers(tx, cx)? {
        if line.account != cx.actor.account && super::service::is_on_duty(tx, cx, line.unit)? {
            out.push(line);
        }
    }
    Ok(out)
}
