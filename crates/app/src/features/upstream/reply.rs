//! The way back 回填: what is written into the platform's form when a case is done, and that it was written.

use super::form::{self, FormField};
use super::service::need;
use super::store::{self as rows, Waiting};
use super::vocabulary::Vocabulary;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::intake::model::Attachment;
use crate::features::intake::service as intake;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{Act, CaseState, Role};
use kernel::{CaseId, Refusal, Ts, UnitId};
use serde_json::json;
use store::{Error, Result, Tx};

/// Longest receipt number taken.
const RECEIPT_MOST: usize = 60;

/// What goes into the platform's form.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The ticket and its case.
    pub ticket: Waiting,
    /// How far the case is.
    pub phase: Phase,
    /// Who led.
    pub unit: Option<UnitId>,
    /// When it was done, or ended.
    pub done: Option<Ts>,
    /// What was done, each with its unit where several took part.
    pub results: Vec<(Option<UnitId>, String)>,
    /// By our call-back.
    pub solved: Option<bool>,
    /// By our call-back, 1 to 5.
    pub satisfied: Option<i64>,
    /// The platform's own form.
    pub form: Vec<FormField>,
    /// Pictures taken before, during and after handling.
    pub pictures: Vec<Attachment>,
}

/// Tickets whose case is done and that were not written back yet, the earliest deadline first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn waiting(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Waiting>> {
    need(cx)?;
    rows::waiting(tx, cx)
}

/// Tickets that were given back and wait for the platform's ruling 待上级裁定, the earliest deadline first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn returning(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Waiting>> {
    need(cx)?;
    rows::returning(tx, cx)
}

/// The tickets of a case that were not written back yet.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn waiting_of(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Waiting>> {
    need(cx)?;
    rows::of_case(tx, cx.office.id, case, "waiting")
}

/// The tickets of a case that were written back.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn replied_of(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Waiting>> {
    need(cx)?;
    rows::of_case(tx, cx.office.id, case, "replied")
}

/// How many wait to be written back, for the menu.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    if need(cx).is_err() {
        return Ok(Vec::new());
    }
    Ok(vec![("upstream", rows::count_waiting(tx, cx)?)])
}

/// The form of a ticket.
///
/// # Errors
/// `common.not_found`; `common.forbidden`.
pub fn sheet(tx: &mut Tx<'_>, cx: &Cx, link: i64) -> Result<Sheet> {
    need(cx)?;
    let ticket = rows::ticket(tx, cx.office.id, link)?.ok_or_else(Refusal::not_found)?;
    let case = engine::visible(tx, cx, ticket.case)?;
    let lead = case.assignments.iter().rev().find(|a| a.role == Role::Lead && a.result.is_some());
    let pictures = intake::photos(tx, cx, case.id)?;
    Ok(Sheet {
        phase: case.phase,
        unit: lead.map(|a| a.unit).or_else(|| case.lead().map(|a| a.unit)),
        done: lead.and_then(|a| a.done_at).or(case.done_at).or(case.closed_at),
        results: results(tx, cx, &case)?,
        solved: case.solved,
        satisfied: case.satisfied,
        form: form::of(tx, cx, &ticket.system)?,
        pictures: pictures.into_iter().filter(|p| p.report.is_none()).collect(),
        ticket,
    })
}

/// What the units wrote; where none did, what the requester was told last.
fn results(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState) -> Result<Vec<(Option<UnitId>, String)>> {
    let parts: Vec<(Option<UnitId>, String)> =
        case.assignments.iter().filter_map(|a| Some((Some(a.unit), a.result.clone()?))).collect();
    if !parts.is_empty() {
        return Ok(parts);
    }
    for event in events::list(tx, cx.office.id, Stream::Case, case.id.0)?.iter().rev() {
        let Ok(act) = serde_json::from_str::<Act>(&event.payload) else { continue };
        if let (true, Some(note)) = (act.tells, act.said.note) {
            return Ok(vec![(None, note)]);
        }
    }
    Ok(Vec::new())
}

/// Notes that a ticket was written back 已回填, with the platform's receipt where it gives one.
///
/// # Errors
/// `upstream.reply.open` while the case is not done, `upstream.reply.done` the second time.
pub fn reply(tx: &mut Tx<'_>, cx: &Cx, link: i64, receipt: &str) -> Result<CaseId> {
    let sheet = sheet(tx, cx, link)?;
    if !sheet.phase.has_result() {
        return Err(Refusal::rule("upstream.reply.open").into());
    }
    if sheet.ticket.state != "waiting" {
        return Err(Refusal::rule("upstream.reply.done").into());
    }
    let receipt = receipt.trim();
    check_receipt(receipt)?;
    rows::replied(tx, cx.office.id, link, cx.now, receipt)?;
    let told: Vec<&str> = sheet.results.iter().map(|(_, text)| text.as_str()).collect();
    let ticket = &sheet.ticket;
    let payload = json!({ "system": ticket.system, "number": ticket.number, "receipt": receipt, "result": told.join("\n") });
    events::append(tx, cx, Stream::Report, ticket.report.0, "report.upper_replied", &payload)?;
    Ok(ticket.case)
}

/// Refuses a receipt that is too long to be one.
pub(super) fn check_receipt(receipt: &str) -> Result<()> {
    if receipt.trim().chars().count() > RECEIPT_MOST {
        return Err(Refusal::rule("upstream.reply.receipt").on("receipt").with("most", RECEIPT_MOST).into());
    }
    Ok(())
}

/// The most that a bundle of pictures may weigh, in bytes.
///
/// # Errors
/// When the shipped words cannot be read.
pub fn bundle_most() -> Result<u64> {
    let words = Vocabulary::shipped().map_err(|e| Error::failed(format!("{e:#}")))?;
    Ok(words.reply.bundle_mb * 1024 * 1024)
}
