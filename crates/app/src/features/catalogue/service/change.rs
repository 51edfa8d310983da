//! Changing the catalogue and the duty list: a change is a new row, the old one gets its last day.

use super::super::book::{Book, book, changed};
use super::super::model::{DutyBody, DutyRow, Matter, MatterBody};
use super::super::store;
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use kernel::{Day, DutyId, MatterId, Refusal};
use serde::Serialize;

/// The right to change the lists.
pub(super) const EDIT: &str = "catalogue.edit";

/// What a change of matters did: the payload of `catalogue.matter_changed`.
#[derive(Serialize, Default)]
pub(super) struct MatterChange<'a> {
    /// New rows.
    pub rows: Vec<&'a Matter>,
    /// Old rows and their last day in force.
    pub ended: Vec<(MatterId, Day)>,
    /// Why, or from which file.
    pub reason: &'a str,
}

/// What a change of the duty list did: the payload of `catalogue.duty_changed`.
#[derive(Serialize, Default)]
pub(super) struct DutyChange<'a> {
    /// New rows.
    pub rows: Vec<&'a DutyRow>,
    /// Old rows and their last day in force.
    pub ended: Vec<(DutyId, Day)>,
    /// Why, or from which file.
    pub reason: &'a str,
}

pub(super) fn record_matters(tx: &mut Tx<'_>, cx: &Cx, change: &MatterChange<'_>) -> Result<()> {
    events::append(tx, cx, Stream::Catalogue, cx.office.id.0, "catalogue.matter_changed", change)?;
    changed(tx, cx.office.id)
}

pub(super) fn record_duties(tx: &mut Tx<'_>, cx: &Cx, change: &DutyChange<'_>) -> Result<()> {
    events::append(tx, cx, Stream::Catalogue, cx.office.id.0, "catalogue.duty_changed", change)?;
    changed(tx, cx.office.id)
}

/// What a new version of a row does to the old ones.
pub(super) enum Plan {
    /// The row in force says the same.
    Same(MatterId),
    /// A new row; the one before it ends the day before.
    New { version: i64, ends: Option<MatterId> },
}

pub(super) fn plan_matter(book: &Book, body: &MatterBody, from: Day) -> Result<Plan> {
    if let Some(later) = book.versions(&body.code).find(|m| m.from_day > from) {
        let refusal =
            Refusal::rule("catalogue.change.later_version").on("from").with("day", later.from_day.iso());
        return Err(refusal.with("code", &body.code).into());
    }
    let current = book.by_code(&body.code, from);
    if let Some(current) = current
        && current.body == *body
    {
        return Ok(Plan::Same(current.id));
    }
    let version = book.versions(&body.code).map(|m| m.version).max().unwrap_or(0) + 1;
    Ok(Plan::New { version, ends: current.map(|m| m.id) })
}

/// Adds a matter or changes one from a day on. What says the same as the row in force changes nothing.
/// Needs `catalogue.edit`; writes `catalogue.matter_changed`.
///
/// # Errors
/// A rule of [`MatterBody::check`]; `catalogue.change.later_version` when a version begins later.
pub fn change_matter(
    tx: &mut Tx<'_>,
    cx: &Cx,
    body: MatterBody,
    from: Day,
    reason: &str,
) -> Result<MatterId> {
    cx.actor.need(EDIT)?;
    body.check()?;
    let office = cx.office.id;
    let book = book(tx, office)?;
    let (version, ends) = match plan_matter(&book, &body, from)? {
        Plan::Same(id) => return Ok(id),
        Plan::New { version, ends } => (version, ends),
    };
    let row = Matter { id: MatterId(tx.id()?), body, from_day: from, until_day: None, version };
    store::insert_matter(tx, office, &row)?;
    let mut change = MatterChange { rows: vec![&row], reason, ..MatterChange::default() };
    if let Some(old) = ends {
        store::end_matter(tx, office, old, Some(from.plus(-1)))?;
        change.ended.push((old, from.plus(-1)));
    }
    record_matters(tx, cx, &change)?;
    Ok(row.id)
}

/// Takes a matter off the catalogue after a day; cases classified by it keep it. Needs `catalogue.edit`;
/// writes `catalogue.matter_changed`.
///
/// # Errors
/// `common.not_found` when no row of this code is in force on that day.
pub fn end_matter(tx: &mut Tx<'_>, cx: &Cx, code: &str, until: Day, reason: &str) -> Result<()> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let row = book(tx, office)?.by_code(code, until).cloned().ok_or_else(Refusal::not_found)?;
    store::end_matter(tx, office, row.id, Some(until))?;
    record_matters(tx, cx, &MatterChange { ended: vec![(row.id, until)], reason, ..MatterChange::default() })
}

/// Adds a row of the duty list (`old` is `None`) or replaces one from a day on. Needs `catalogue.edit`;
/// writes `catalogue.duty_changed`.
///
/// # Errors
/// `common.not_found` for an unknown old row; `catalogue.change.later_version` when the old row begins
/// after `from`; `catalogue.change.unknown_matter` for a code that no matter has.
pub fn change_duty(
    tx: &mut Tx<'_>,
    cx: &Cx,
    old: Option<DutyId>,
    body: DutyBody,
    from: Day,
    reason: &str,
) -> Result<DutyId> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let book = book(tx, office)?;
    check_duty(&book, &body, from)?;
    let before = match old {
        None => None,
        Some(id) => Some(book.duty(id).ok_or_else(Refusal::not_found)?),
    };
    if let Some(before) = before {
        if before.body == body && before.in_force(from) {
            return Ok(before.id);
        }
        if before.from_day > from {
            let refusal = Refusal::rule("catalogue.change.later_version").on("from");
            return Err(refusal.with("day", before.from_day.iso()).with("code", &body.matter).into());
        }
    }
    let version = before.map_or(1, |b| b.version + 1);
    let row = DutyRow { id: DutyId(tx.id()?), body, from_day: from, until_day: None, version };
    store::insert_duty(tx, office, &row)?;
    let mut change = DutyChange { rows: vec![&row], reason, ..DutyChange::default() };
    if let Some(before) = before {
        store::end_duty(tx, office, before.id, Some(from.plus(-1)))?;
        change.ended.push((before.id, from.plus(-1)));
    }
    record_duties(tx, cx, &change)?;
    Ok(row.id)
}

fn check_duty(book: &Book, body: &DutyBody, day: Day) -> Result<()> {
    let known = match body.matter.strip_suffix('*') {
        Some(head) => book.matters.iter().any(|m| m.code.starts_with(head)),
        None => book.by_code(&body.matter, day).is_some(),
    };
    if known {
        return Ok(());
    }
    Err(Refusal::rule("catalogue.change.unknown_matter").on("matter").with("value", &body.matter).into())
}

/// Ends a row of the duty list after a day. Needs `catalogue.edit`; writes `catalogue.duty_changed`.
///
/// # Errors
/// `common.not_found` for an unknown row.
pub fn end_duty(tx: &mut Tx<'_>, cx: &Cx, id: DutyId, until: Day, reason: &str) -> Result<()> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let row = book(tx, office)?.duty(id).cloned().ok_or_else(Refusal::not_found)?;
    store::end_duty(tx, office, row.id, Some(until))?;
    record_duties(tx, cx, &DutyChange { ended: vec![(row.id, until)], reason, ..DutyChange::default() })
}
