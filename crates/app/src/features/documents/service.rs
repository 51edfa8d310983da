//! The only door to documents: templates and patterns, issuing, signing, serving, voiding.

use super::docx::{self, Found, Unclosed, Values};
use super::kinds::{self, Kind};
use super::model::{Document, Paper, Service, State, TAKERS, WAYS};
use super::record::{self, Draft};
use super::store::{self as rows, New};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::intake::service as intake;
use crate::features::parties::service as parties;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::CaseState;
use crate::words::Words;
use kernel::{CaseId, Refusal, ReportId, Ts};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Error, Result, Tx};

/// Longest text of one thing that is asked.
const ASK_MOST: usize = 2_000;

fn need_make(cx: &Cx) -> Result<()> {
    Ok(cx.actor.need("documents.make")?)
}

fn need_edit(cx: &Cx) -> Result<()> {
    Ok(cx.actor.need("documents.edit_templates")?)
}

/// A kind as the page of templates shows it.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The kind.
    pub kind: &'static Kind,
    /// How its numbers look here.
    pub pattern: String,
    /// The last number of this year; 0 for none.
    pub last: i64,
    /// Since when the office has a template of its own.
    pub own: Option<Ts>,
}

/// All kinds with what the office has changed.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn shelves(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Shelf>> {
    need_edit(cx)?;
    let (office, year) = (cx.office.id, cx.today().0 / 10_000);
    let mut out = Vec::new();
    for kind in kinds::all().map_err(|e| Error::failed(format!("{e:#}")))? {
        out.push(Shelf {
            kind,
            pattern: pattern(tx, cx, kind)?,
            last: rows::last(tx, office, &kind.key, year)?,
            own: rows::template(tx, office, &kind.key)?.map(|(_, at)| at),
        });
    }
    Ok(out)
}

fn pattern(tx: &mut Tx<'_>, cx: &Cx, kind: &Kind) -> Result<String> {
    Ok(rows::pattern(tx, cx.office.id, &kind.key)?.unwrap_or_else(|| kind.pattern.clone()))
}

/// The template of a kind: the office's own, else the shipped one.
///
/// # Errors
/// When the database refuses.
pub fn template(tx: &mut Tx<'_>, cx: &Cx, kind: &Kind) -> Result<Vec<u8>> {
    match rows::template(tx, cx.office.id, &kind.key)? {
        Some((bytes, _)) => Ok(bytes),
        None => kind.shipped().map_err(Error::from),
    }
}

/// What is wrong with a template that somebody brings: its fields that nobody can fill, each with its place.
///
/// # Errors
/// `documents.template.kind` for what is no .docx, `documents.template.open` for braces that are never closed.
pub fn check(kind: &Kind, bytes: &[u8]) -> std::result::Result<(usize, Vec<Found>), Refusal> {
    let found = docx::fields(bytes).map_err(|e| match e.downcast_ref::<Unclosed>() {
        Some(open) => Refusal::rule("documents.template.open")
            .on("file")
            .with("paragraph", open.paragraph)
            .with("begins", &open.begins),
        None => Refusal::rule("documents.template.kind").on("file"),
    })?;
    Ok((found.len(), kind.unknown(&found)))
}

/// Puts a template in place of the one before, which stays below it.
///
/// # Errors
/// `common.forbidden`; as [`check`]; `documents.template.unknown` with the first field that nobody can fill and its place.
pub fn put_template(tx: &mut Tx<'_>, cx: &Cx, kind: &Kind, bytes: &[u8]) -> Result<()> {
    need_edit(cx)?;
    let (_, unknown) = check(kind, bytes)?;
    if let Some(first) = unknown.first() {
        return Err(Refusal::rule("documents.template.unknown")
            .on("file")
            .with("name", &first.name)
            .with("paragraph", first.paragraph)
            .with("begins", &first.begins)
            .into());
    }
    let hash = blake3::hash(bytes).to_hex().to_string();
    let id = rows::put_template(tx, cx.office.id, cx.now, &kind.key, (&hash, bytes))?;
    let payload = json!({ "kind": kind.key, "template": id, "hash": hash });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "documents.template_set", &payload)?;
    Ok(())
}

/// Says how the numbers of a kind look from now on.
///
/// # Errors
/// `common.forbidden`; `documents.pattern`.
pub fn set_pattern(tx: &mut Tx<'_>, cx: &Cx, kind: &Kind, pattern: &str) -> Result<()> {
    need_edit(cx)?;
    let pattern = pattern.trim();
    kinds::check_pattern(pattern)?;
    rows::put_pattern(tx, cx.office.id, &kind.key, pattern)?;
    let payload = json!({ "kind": kind.key, "pattern": pattern });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "documents.pattern_set", &payload)?;
    Ok(())
}

/// A document before it is issued, with the number it would have now.
///
/// # Errors
/// `common.forbidden`; `common.not_found` for a case out of sight.
pub fn draft(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    case: CaseId,
    kind: &Kind,
) -> Result<(CaseState, Draft, String)> {
    need_make(cx)?;
    let case = engine::visible(tx, cx, case)?;
    let draft = record::draft(tx, cx, w, &case, kind)?;
    let year = cx.today().0 / 10_000;
    let n = rows::last(tx, cx.office.id, &kind.key, year)? + 1;
    let number = kinds::number(&pattern(tx, cx, kind)?, &cx.office.short, year, n);
    Ok((case, draft, number))
}

/// What whoever issues a document says.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// What is asked, by name.
    pub asks: BTreeMap<String, String>,
    /// Why the requester's name goes onto it; none leaves it off.
    pub reveal: Option<String>,
}

/// Issues a document: takes the next number, fills the template, keeps it sealed. With the requester's name only for who
/// gives a reason; the look is logged, and the document carries who, unit and time.
///
/// # Errors
/// `documents.ask` for what was left blank; what a reveal refuses; `common.not_found`.
pub fn issue(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    case: CaseId,
    (kind, order): (&Kind, &Order),
) -> Result<i64> {
    let (case, draft, _) = draft(tx, cx, w, case, kind)?;
    let mut values = draft.values;
    for ask in &kind.asks {
        let text = order.asks.get(ask).map(|t| t.trim()).unwrap_or_default();
        if text.is_empty() {
            let what = w.t(&format!("document-ask-{ask}"));
            return Err(Refusal::rule("documents.ask").on("asks").with("what", what).into());
        }
        if text.chars().count() > ASK_MOST {
            return Err(Refusal::rule("documents.long").on("asks").with("most", ASK_MOST).into());
        }
        values.insert(format!("ask.{ask}"), text.to_owned());
    }
    let (name, mark) = match &order.reveal {
        None => (w.t("document-requester"), String::new()),
        Some(reason) => {
            let contact = intake::reveal(tx, cx, case.id, case.report, reason)?;
            if contact.name.trim().is_empty() {
                return Err(Refusal::rule("documents.no_name").on("reveal").into());
            }
            let unit = values.get("unit.name").cloned().unwrap_or_default();
            let when = w.at(Ts(0)).when(cx.now);
            let mark = w.ta("mark", &[("person", cx.actor.name.clone()), ("unit", unit), ("when", when)]);
            (contact.name.trim().to_owned(), mark)
        }
    };
    values.insert("requester.name".to_owned(), name);
    values.insert("mark".to_owned(), mark.clone());
    number_and_keep(tx, cx, &case, kind, (values, draft.rows, mark))
}

fn number_and_keep(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: &CaseState,
    kind: &Kind,
    (mut values, lines, mark): (Values, Vec<Values>, String),
) -> Result<i64> {
    let office = cx.office.id;
    let year = cx.today().0 / 10_000;
    let n = rows::next(tx, office, &kind.key, year)?;
    let number = kinds::number(&pattern(tx, cx, kind)?, &cx.office.short, year, n);
    values.insert("document.number".to_owned(), number.clone());
    let template = template(tx, cx, kind)?;
    let identity = !mark.is_empty();
    // A template without a place for the mark carries it all the same.
    let marked = docx::fields(&template)?.iter().any(|f| f.name == "mark");
    let tail = (identity && !marked).then_some(mark.as_str());
    let bytes = docx::fill(&template, &values, &lines, tail)?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let body = parties::seal_for_case(tx, cx, case.id, case.report, &bytes)?;
    let id = tx.id()?;
    let new = New {
        id,
        kind: &kind.key,
        case: case.id,
        report: case.report,
        year,
        n,
        number: &number,
        identity,
        unit: cx.actor.unit,
        hash: &hash,
        body: &body,
    };
    rows::put(tx, office, cx.now, &new)?;
    let payload =
        json!({ "case": case.id, "kind": kind.key, "number": number, "hash": hash, "identity": identity });
    events::append(tx, cx, Stream::Document, id, "document.issued", &payload)?;
    Ok(id)
}

/// The register of a year; all kinds or one.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, kind: &str, year: i64) -> Result<Vec<Document>> {
    if !cx.actor.has("documents.edit_templates") {
        need_make(cx)?;
    }
    rows::list(tx, cx, kind, year)
}

/// How many wait for their seal or to be served, for the menu.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    if need_make(cx).is_err() {
        return Ok(Vec::new());
    }
    Ok(vec![("documents", rows::waiting(tx, cx)?)])
}

/// How many fields of a kind are filled in from the record, by its template as it is now; what is asked is not among them.
///
/// # Errors
/// When the database refuses or the template cannot be read.
pub fn filled(tx: &mut Tx<'_>, cx: &Cx, kind: &Kind) -> Result<i64> {
    let template = template(tx, cx, kind)?;
    let found = docx::fields(&template).map_err(|e| Error::failed(format!("{e:#}")))?;
    Ok(i64::try_from(found.iter().filter(|f| !f.name.starts_with("ask.")).count()).unwrap_or(0))
}

/// The documents of a case that the actor sees.
///
/// # Errors
/// When the database refuses.
pub fn of_case(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Document>> {
    rows::of_case(tx, cx.office.id, case)
}

/// One document.
///
/// # Errors
/// `common.not_found` when it is not there or its case is out of sight.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Document> {
    need_make(cx)?;
    let found = rows::find(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    engine::visible(tx, cx, found.case)?;
    Ok(found)
}

/// Whoever opens a document with a name on it must be allowed to see names; the look is logged and the requester can
/// see it.
fn look(tx: &mut Tx<'_>, cx: &Cx, document: &Document, report: ReportId) -> Result<()> {
    if document.identity {
        cx.actor.need("demands.reveal")?;
        let payload = json!({ "reason": document.number, "case": document.case });
        events::append(tx, cx, Stream::Report, report.0, "report.revealed", &payload)?;
    }
    Ok(())
}

/// The document as it was issued.
///
/// # Errors
/// `documents.erased` once the requester's data were erased; `common.forbidden` for a name without the right.
pub fn file(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<(Document, Vec<u8>)> {
    let document = find(tx, cx, id)?;
    let (sealed, report) = rows::body(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    look(tx, cx, &document, report)?;
    let bytes = parties::open_for_case(tx, cx, document.case, report, &sealed)?;
    Ok((document, bytes.ok_or_else(|| Refusal::rule("documents.erased"))?))
}

/// Seals a paper under the requester's key, so that it can be put among the files.
///
/// # Errors
/// `common.not_found`; when the keys refuse.
pub fn seal_paper(tx: &mut Tx<'_>, cx: &Cx, id: i64, bytes: &[u8]) -> Result<Vec<u8>> {
    let document = find(tx, cx, id)?;
    let (_, report) = rows::body(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    parties::seal_for_case(tx, cx, document.case, report, bytes)
}

/// Where a paper lies, and what it is; the look is logged as that of the document.
///
/// # Errors
/// `common.not_found`; as [`file`].
pub fn paper(tx: &mut Tx<'_>, cx: &Cx, id: i64, which: &str) -> Result<(Document, Paper, ReportId)> {
    let document = find(tx, cx, id)?;
    let (_, report) = rows::body(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let paper = rows::paper(tx, cx.office.id, id, which)?.ok_or_else(Refusal::not_found)?;
    look(tx, cx, &document, report)?;
    Ok((document, paper, report))
}

/// Which papers a document has: the signed one, the receipt.
///
/// # Errors
/// When the database refuses.
pub fn papers(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<(bool, bool)> {
    let office = cx.office.id;
    Ok((rows::paper(tx, office, id, "scan")?.is_some(), rows::paper(tx, office, id, "receipt")?.is_some()))
}

/// The signed one is here 已签章; a better scan may follow until it is served.
///
/// # Errors
/// `documents.state` once it is served or void.
pub fn sealed(tx: &mut Tx<'_>, cx: &Cx, id: i64, paper: &Paper) -> Result<()> {
    find(tx, cx, id)?;
    if !rows::seal(tx, cx.office.id, cx.now, id)? {
        return Err(Refusal::rule("documents.state").on("file").into());
    }
    rows::put_paper(tx, cx.office.id, cx.now, (id, "scan"), paper)?;
    events::append(tx, cx, Stream::Document, id, "document.sealed", paper)?;
    Ok(())
}

/// It has reached whom it is for 已送达. Only what is signed is served.
///
/// # Errors
/// `documents.unsealed` before the signed one is here; a day that is to come; what was left blank.
pub fn serve(tx: &mut Tx<'_>, cx: &Cx, id: i64, service: &Service, receipt: Option<&Paper>) -> Result<()> {
    let document = find(tx, cx, id)?;
    if document.state == State::Unsealed {
        return Err(Refusal::rule("documents.unsealed").into());
    }
    if !WAYS.contains(&service.how.as_str()) {
        return Err(Refusal::rule("documents.how").on("how").into());
    }
    let made = document.made_at.day(&cx.office.tz);
    if service.day > cx.today() || service.day < made {
        return Err(Refusal::rule("documents.day").on("day").into());
    }
    if !TAKERS.contains(&service.to.as_str()) {
        return Err(Refusal::rule("documents.to").on("to").into());
    }
    if !rows::serve(tx, cx.office.id, cx.now, id, service)? {
        return Err(Refusal::rule("documents.state").into());
    }
    if let Some(receipt) = receipt {
        rows::put_paper(tx, cx.office.id, cx.now, (id, "receipt"), receipt)?;
    }
    let payload = json!({ "how": service.how, "day": service.day, "to": service.to, "receipt": receipt.map(|r| &r.hash) });
    events::append(tx, cx, Stream::Document, id, "document.served", &payload)?;
    Ok(())
}

/// Makes it void; its number stays listed with the reason. What was served is not made void.
///
/// # Errors
/// `documents.reason`; `documents.state`.
pub fn void(tx: &mut Tx<'_>, cx: &Cx, id: i64, reason: &str) -> Result<()> {
    find(tx, cx, id)?;
    let reason = text::identifiers::seal(reason.trim()).masked;
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Refusal::rule("documents.reason").on("reason").into());
    }
    if !rows::void(tx, cx.office.id, id, &reason)? {
        return Err(Refusal::rule("documents.state").into());
    }
    events::append(tx, cx, Stream::Document, id, "document.voided", &json!({ "reason": reason }))?;
    Ok(())
}
