//! 信息报送: the first report 首报, further ones 续报 and the final one 终报 on one event. People hurt are figures;
//! nobody is named.

use super::model::{Report, STAGES};
use super::service::need_duty;
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use kernel::{Refusal, Ts};

/// Longest text of one field.
const TEXT_MOST: usize = 1_000;
/// An event so long past is no report of today.
const BACK_MOST: i64 = 30 * Ts::DAY;

/// Writes a report: the first on an event, or the next on a known one.
///
/// # Errors
/// `roster.not_on_duty`; `common.missing`, `roster.long`, `roster.report.figure`; `roster.happened` and
/// `roster.report.sent` for times that cannot be; `roster.report.ended` after the final one.
pub fn write(tx: &mut Tx<'_>, cx: &Cx, new: &Report) -> Result<i64> {
    need_duty(tx, cx, None)?;
    let mut report = new.clone();
    let before = if new.about == 0 { Vec::new() } else { rows::reports(tx, cx, new.about)? };
    if new.about != 0 && before.is_empty() {
        return Err(Refusal::not_found().into());
    }
    if let Some(first) = before.first() {
        // What the event is stands in the first report; where and when it happened is not rewritten.
        report.place.clone_from(&first.place);
        report.happened = first.happened;
    }
    if before.iter().any(|r| r.stage == "final") {
        return Err(Refusal::rule("roster.report.ended").into());
    }
    report.stage = match (before.is_empty(), new.stage.as_str()) {
        (true, _) => STAGES[0],
        (false, "final") => STAGES[2],
        (false, _) => STAGES[1],
    }
    .to_owned();
    report.seq = 1 + i64::try_from(before.len()).unwrap_or(0);
    for (field, text, needed) in [
        ("place", &mut report.place, true),
        ("what", &mut report.what, true),
        ("measures", &mut report.measures, true),
        ("next", &mut report.next, false),
        ("sent_to", &mut report.sent_to, true),
        ("sent_how", &mut report.sent_how, true),
    ] {
        *text = text::identifiers::seal(text.trim()).masked;
        if needed && text.is_empty() {
            return Err(Refusal::missing(field).into());
        }
        if text.chars().count() > TEXT_MOST {
            return Err(Refusal::rule("roster.long").on(field).with("most", TEXT_MOST).into());
        }
    }
    for (field, n) in [("dead", report.dead), ("hurt", report.hurt), ("missing", report.missing)] {
        if !(0..=99_999).contains(&n) {
            return Err(Refusal::rule("roster.report.figure").on(field).into());
        }
    }
    if report.happened > cx.now || cx.now.since(report.happened) > BACK_MOST {
        return Err(Refusal::rule("roster.happened").on("happened").into());
    }
    if report.sent > cx.now || report.sent < report.happened {
        return Err(Refusal::rule("roster.report.sent").on("sent").into());
    }
    report.entered = cx.now;
    report.account = cx.actor.account;
    let about = rows::add_report(tx, cx, &report)?;
    events::append(tx, cx, Stream::Roster, about, "roster.reported", &report)?;
    Ok(about)
}

/// All reports on an event.
///
/// # Errors
/// Forbidden without `roster.read`; not found.
pub fn of_event(tx: &mut Tx<'_>, cx: &Cx, about: i64) -> Result<Vec<Report>> {
    cx.actor.need("roster.read")?;
    let all = rows::reports(tx, cx, about)?;
    if all.is_empty() { Err(Refusal::not_found().into()) } else { Ok(all) }
}

/// Events, the newest first, with what the last report says.
///
/// # Errors
/// Forbidden without `roster.read`.
pub fn events_of_office(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Report>> {
    cx.actor.need("roster.read")?;
    rows::events(tx, cx)
}
