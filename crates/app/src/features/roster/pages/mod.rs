//! The pages of duty.

pub(super) mod log;
pub(super) mod making;
pub(super) mod month;
pub(super) mod paper;
pub(super) mod reports;
pub(super) mod setup;
pub(super) mod shift;

use super::service;
use crate::context::Cx;
use crate::features::people::service::names;
use crate::words::Words;
use kernel::{AccountId, Day, Refusal, Ts, UnitId};
use std::collections::HashMap;
use store::{Result, Tx};

/// Names of accounts.
pub(super) type Names = HashMap<AccountId, String>;

pub(super) fn all_names(tx: &mut Tx<'_>, cx: &Cx) -> Result<Names> {
    Ok(names(tx, cx.office.id)?.into_iter().collect())
}

pub(super) fn named(names: &Names, account: Option<AccountId>) -> String {
    account.and_then(|a| names.get(&a).cloned()).unwrap_or_default()
}

/// The unit a query or a form names; none for the office.
pub(super) fn unit_of(text: &str) -> Option<UnitId> {
    text.trim().parse().ok().filter(|n| *n > 0).map(UnitId)
}

/// Units to choose from: value, name, whether chosen. The office comes first.
pub(super) fn unit_choices(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    chosen: Option<UnitId>,
) -> Result<Vec<(String, String, bool)>> {
    let mut out = vec![(String::new(), w.t("roster-office"), chosen.is_none())];
    for (id, name) in service::units(tx, cx)? {
        out.push((id.0.to_string(), name, chosen == Some(id)));
    }
    Ok(out)
}

/// `08:30`.
pub(super) fn clock(at: Ts, tz: &jiff::tz::TimeZone) -> String {
    let zoned = at.zoned(tz);
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

/// A day, with its weekday.
pub(super) fn day_text(w: &Words, day: Day) -> String {
    w.t2("settings-day", ("day", &w.full_day(day, false)), ("weekday", &w.weekday(day)))
}

/// A shift in words: 10月1日（周四）08:30–次日 08:30.
pub(super) fn shift_text(w: &Words, cx: &Cx, from: Ts, until: Ts) -> String {
    let tz = &cx.office.tz;
    let (first, last) = (from.day(tz), until.day(tz));
    let end = clock(until, tz);
    let end = if first == last { end } else { w.t1("roster-next-day", "clock", end) };
    w.ta("roster-shift-text", &[("day", day_text(w, first)), ("from", clock(from, tz)), ("until", end)])
}

/// Reads a field of date and time.
pub(super) fn instant(
    text: &str,
    field: &'static str,
    tz: &jiff::tz::TimeZone,
) -> std::result::Result<Ts, Refusal> {
    let wrong = || Refusal::rule("roster.instant").on(field);
    let text = text.trim().replace(' ', "T");
    let (day, time) = text.split_once('T').ok_or_else(wrong)?;
    let day = Day::parse(day).ok_or_else(wrong)?;
    let mut parts = time.split(':').map(|p| p.parse::<i64>().ok());
    let (Some(Some(h)), Some(Some(m))) = (parts.next(), parts.next()) else { return Err(wrong()) };
    if !(0..24).contains(&h) || !(0..60).contains(&m) {
        return Err(wrong());
    }
    Ok(day.start(tz).plus((h * 60 + m) * Ts::MINUTE))
}

/// Reads a day.
pub(super) fn day(text: &str, field: &'static str) -> std::result::Result<Day, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::missing(field));
    }
    Day::parse(text.trim()).ok_or_else(|| Refusal::rule("roster.day").on(field))
}
