//! The only door to the knowledge base.
//!
//! Whoever may edit writes versions; whoever may review publishes, withdraws and looks again. Both reach as far as
//! their post: the whole office, or the entries of their own unit.

use super::model::{Content, Entry, Fault, Given, State, Use, Version};
use super::search::{Book, Offered};
use super::store::{self as rows, Head};
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::service as people;
use crate::kept::Kept;
use kernel::{CaseId, Day, OfficeId, Refusal, UnitId};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use store::{Result, Tx};

/// Longest answer, in characters: nobody reads more aloud.
pub const ANSWER_MOST: usize = 2_000;
/// Longest text of any other field.
pub const FIELD_MOST: usize = 500;
/// Other ways to ask, at most.
pub const WAYS_MOST: usize = 20;

static BOOK: Kept<Book> = Kept::new("knowledge");

/// Whether a right reaches an entry of a unit.
fn reaches(cx: &Cx, verb: &str, unit: UnitId) -> bool {
    cx.actor.kind == ActorKind::System
        || cx.actor.reaches(verb).any(|r| r == Reach::Office || r == Reach::Unit(unit))
}

/// Whether the actor may write an entry of a unit.
#[must_use]
pub fn may_edit(cx: &Cx, unit: UnitId) -> bool {
    reaches(cx, "knowledge.edit", unit) || may_review(cx, unit)
}

/// Whether the actor may publish, withdraw and review an entry of a unit.
#[must_use]
pub fn may_review(cx: &Cx, unit: UnitId) -> bool {
    reaches(cx, "knowledge.review", unit)
}

fn need(may: bool, verb: &'static str) -> Result<()> {
    if may { Ok(()) } else { Err(Refusal::forbidden("common.forbidden").with("grant", verb).into()) }
}

/// All entries, the newest change first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Entry>> {
    cx.actor.need("knowledge.read")?;
    rows::all(tx, cx.office.id)
}

/// One entry.
///
/// # Errors
/// `common.not_found`.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Entry> {
    cx.actor.need("knowledge.read")?;
    rows::find(tx, cx.office.id, id)?.ok_or_else(|| Refusal::not_found().into())
}

/// Its versions, the newest first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn versions(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Vec<Version>> {
    cx.actor.need("knowledge.read")?;
    rows::versions(tx, cx.office.id, id)
}

/// What is said against it, the newest first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn faults(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Vec<Fault>> {
    cx.actor.need("knowledge.read")?;
    rows::faults(tx, cx.office.id, id)
}

/// How many entries wait for the actor, for the menu.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    if !cx.actor.has("knowledge.edit") && !cx.actor.has("knowledge.review") {
        return Ok(Vec::new());
    }
    let waiting = rows::waiting(tx, cx.office.id, cx.today())?;
    let mine = waiting.iter().filter(|(unit, _)| may_edit(cx, *unit)).map(|(_, n)| n).sum();
    Ok(vec![("knowledge", mine)])
}

fn checked(tx: &mut Tx<'_>, cx: &Cx, unit: UnitId, review: Day, content: &Content) -> Result<Content> {
    let mut out = content.clone();
    for field in [
        &mut out.question,
        &mut out.answer,
        &mut out.bring,
        &mut out.place,
        &mut out.phone,
        &mut out.hours,
        &mut out.basis,
    ] {
        *field = field.replace("\r\n", "\n").trim().to_owned();
    }
    out.ways = out.ways.iter().map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect();
    if out.question.is_empty() {
        return Err(Refusal::rule("knowledge.no_question").on("question").into());
    }
    if out.answer.is_empty() {
        return Err(Refusal::rule("knowledge.no_answer").on("answer").into());
    }
    let long = |field, most| Refusal::rule("knowledge.long").on(field).with("most", most);
    if out.answer.chars().count() > ANSWER_MOST {
        return Err(long("answer", ANSWER_MOST).into());
    }
    for (name, text) in [
        ("question", &out.question),
        ("bring", &out.bring),
        ("place", &out.place),
        ("phone", &out.phone),
        ("hours", &out.hours),
        ("basis", &out.basis),
    ] {
        if text.chars().count() > FIELD_MOST {
            return Err(long(name, FIELD_MOST).into());
        }
    }
    if out.ways.len() > WAYS_MOST || out.ways.iter().any(|w| w.chars().count() > FIELD_MOST) {
        return Err(Refusal::rule("knowledge.ways").on("ways").with("most", WAYS_MOST).into());
    }
    if review <= cx.today() {
        return Err(Refusal::rule("knowledge.review.past").on("review").into());
    }
    if !people::units(tx, cx.office.id)?.iter().any(|u| u.id == unit && u.active) {
        return Err(Refusal::rule("knowledge.unit").on("unit").into());
    }
    Ok(out)
}

/// Writes a new entry, or a new version of one that stood at `seen`. What is published stays offered until the new
/// version is published.
///
/// # Errors
/// What must be corrected, at its field; `common.conflict` when somebody else has written since.
pub fn save(
    tx: &mut Tx<'_>,
    cx: &Cx,
    known: Option<(i64, i64)>,
    (unit, review): (UnitId, Day),
    content: &Content,
) -> Result<Given> {
    need(may_edit(cx, unit), "knowledge.edit")?;
    let office = cx.office.id;
    let content = checked(tx, cx, unit, review, content)?;
    let (head, new) = match known {
        None => {
            let id = tx.id()?;
            (Head { id, state: State::Draft, latest: 1, published: None, unit, review }, true)
        }
        Some((id, seen)) => {
            let old = find(tx, cx, id)?;
            need(may_edit(cx, old.unit), "knowledge.edit")?;
            if old.latest != seen {
                return Err(Refusal::conflict().into());
            }
            if old.content == content && old.unit == unit && old.review == review {
                return Ok(Given { entry: id, version: seen });
            }
            let latest = if old.content == content { seen } else { seen + 1 };
            (Head { id, state: old.state, latest, published: old.published, unit, review }, false)
        }
    };
    let given = Given { entry: head.id, version: head.latest };
    if known.is_none_or(|(_, seen)| seen != head.latest) {
        rows::put_version(tx, office, cx.now, given, &content)?;
    }
    rows::put(tx, office, cx.now, &head, new)?;
    let kind = if new { "knowledge.created" } else { "knowledge.edited" };
    let payload = json!({ "version": head.latest, "unit": unit, "review": review, "content": content });
    events::append(tx, cx, Stream::Knowledge, head.id, kind, &payload)?;
    BOOK.changed(tx, office)?;
    Ok(given)
}

/// Reads an entry that is to be published, withdrawn or reviewed.
fn reviewed(tx: &mut Tx<'_>, cx: &Cx, id: i64, seen: i64) -> Result<Entry> {
    let entry = find(tx, cx, id)?;
    need(may_review(cx, entry.unit), "knowledge.review")?;
    if entry.latest != seen {
        return Err(Refusal::conflict().into());
    }
    Ok(entry)
}

fn head_of(entry: &Entry) -> Head {
    Head {
        id: entry.id,
        state: entry.state,
        latest: entry.latest,
        published: entry.published,
        unit: entry.unit,
        review: entry.review,
    }
}

/// Offers the newest version from now on.
///
/// # Errors
/// `common.forbidden`; `common.conflict`.
pub fn publish(tx: &mut Tx<'_>, cx: &Cx, id: i64, seen: i64) -> Result<()> {
    let entry = reviewed(tx, cx, id, seen)?;
    let head = Head { state: State::Published, published: Some(entry.latest), ..head_of(&entry) };
    rows::put(tx, cx.office.id, cx.now, &head, false)?;
    events::append(tx, cx, Stream::Knowledge, id, "knowledge.published", &json!({ "version": seen }))?;
    BOOK.changed(tx, cx.office.id)
}

/// Offers it no more.
///
/// # Errors
/// Without a reason; `common.forbidden`; `common.conflict`.
pub fn withdraw(tx: &mut Tx<'_>, cx: &Cx, id: i64, seen: i64, reason: &str) -> Result<()> {
    let entry = reviewed(tx, cx, id, seen)?;
    if reason.trim().is_empty() {
        return Err(Refusal::missing("reason").into());
    }
    rows::put(tx, cx.office.id, cx.now, &Head { state: State::Withdrawn, ..head_of(&entry) }, false)?;
    let payload = json!({ "version": seen, "reason": reason.trim() });
    events::append(tx, cx, Stream::Knowledge, id, "knowledge.withdrawn", &payload)?;
    BOOK.changed(tx, cx.office.id)
}

/// It was looked at and is right; it is looked at again by a day.
///
/// # Errors
/// For a day that is not to come; `common.forbidden`; `common.conflict`.
pub fn review(tx: &mut Tx<'_>, cx: &Cx, id: i64, seen: i64, next: Day) -> Result<()> {
    let entry = reviewed(tx, cx, id, seen)?;
    if next <= cx.today() {
        return Err(Refusal::rule("knowledge.review.past").on("review").into());
    }
    rows::put(tx, cx.office.id, cx.now, &Head { review: next, ..head_of(&entry) }, false)?;
    let payload = json!({ "version": seen, "next": next });
    events::append(tx, cx, Stream::Knowledge, id, "knowledge.reviewed", &payload)?;
    BOOK.changed(tx, cx.office.id)
}

/// Somebody says that an answer is wrong 报错.
///
/// # Errors
/// `common.not_found`; a reason that is too long.
pub fn report_fault(tx: &mut Tx<'_>, cx: &Cx, given: Given, reason: &str) -> Result<i64> {
    let entry = find(tx, cx, given.entry)?;
    let reason = text::identifiers::seal(reason.trim()).masked;
    if reason.chars().count() > FIELD_MOST {
        return Err(Refusal::rule("knowledge.long").on("reason").with("most", FIELD_MOST).into());
    }
    if given.version < 1 || given.version > entry.latest {
        return Err(Refusal::not_found().into());
    }
    let id = rows::put_fault(tx, cx.office.id, cx.now, given, &reason, cx.actor.unit)?;
    let payload = json!({ "fault": id, "version": given.version, "reason": reason });
    events::append(tx, cx, Stream::Knowledge, given.entry, "knowledge.fault_reported", &payload)?;
    Ok(id)
}

/// Answers what somebody said: it was mended, or it is right after all and why.
///
/// # Errors
/// `common.forbidden`; `knowledge.fault.why` for a dismissal without a reason; `knowledge.fault.closed`.
pub fn close_fault(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (entry, fault): (i64, i64),
    mended: bool,
    answer: &str,
) -> Result<()> {
    let found = find(tx, cx, entry)?;
    need(may_edit(cx, found.unit), "knowledge.edit")?;
    let answer = answer.trim();
    if !mended && answer.is_empty() {
        return Err(Refusal::rule("knowledge.fault.why").on("answer").into());
    }
    if !rows::faults(tx, cx.office.id, entry)?.iter().any(|f| f.id == fault) {
        return Err(Refusal::not_found().into());
    }
    let state = if mended { "mended" } else { "dismissed" };
    if !rows::close_fault(tx, cx.office.id, cx.now, fault, (state, answer))? {
        return Err(Refusal::rule("knowledge.fault.closed").into());
    }
    let payload = json!({ "fault": fault, "state": state, "answer": answer });
    events::append(tx, cx, Stream::Knowledge, entry, "knowledge.fault_closed", &payload)?;
    Ok(())
}

fn book(tx: &mut Tx<'_>, office: OfficeId) -> Result<Arc<Book>> {
    BOOK.get(tx, office, |tx| Ok(Book::new(rows::offered(tx, office)?)))
}

/// What is offered while somebody is talking: published entries only, each with whether somebody says that it is
/// wrong. Nothing for who may not read them.
///
/// # Errors
/// When the database refuses.
pub fn hits(tx: &mut Tx<'_>, cx: &Cx, said: &str, most: usize) -> Result<Vec<(Offered, bool)>> {
    if !cx.actor.has("knowledge.read") {
        return Ok(Vec::new());
    }
    let book = book(tx, cx.office.id)?;
    let found: Vec<Offered> = book.find(said, most).into_iter().cloned().collect();
    let faulty: HashSet<i64> = match found.is_empty() {
        true => HashSet::new(),
        false => rows::faulty(tx, cx.office.id)?.into_iter().collect(),
    };
    Ok(found.into_iter().map(|o| (o.clone(), faulty.contains(&o.entry))).collect())
}

/// What residents may read: published and meant for them; all of it, or what answers a question.
///
/// # Errors
/// When the database refuses.
pub fn public(tx: &mut Tx<'_>, office: OfficeId, asked: &str) -> Result<Vec<Offered>> {
    let book = book(tx, office)?;
    let found: Vec<&Offered> = match asked.trim() {
        "" => book.all().iter().collect(),
        asked => {
            let mut found = book.find(asked, usize::MAX);
            let said =
                |o: &&Offered| text::matches(&format!("{}\n{}", o.content.question, o.content.answer), asked);
            let more: Vec<&Offered> = book
                .all()
                .iter()
                .filter(|o| !found.iter().any(|f| f.entry == o.entry))
                .filter(said)
                .collect();
            found.extend(more);
            found
        }
    };
    Ok(found.into_iter().filter(|o| o.content.public).cloned().collect())
}

/// An answer that is about to be given: the version that is offered now.
///
/// # Errors
/// `knowledge.moved` when another one is, or none.
pub fn offered(tx: &mut Tx<'_>, cx: &Cx, given: Given) -> Result<Content> {
    cx.actor.need("knowledge.read")?;
    let book = book(tx, cx.office.id)?;
    let found = book.all().iter().find(|o| o.entry == given.entry && o.version == given.version);
    found.map(|o| o.content.clone()).ok_or_else(|| Refusal::rule("knowledge.moved").on("notes").into())
}

/// Notes that an answer was given in a case; the case's own event says so, too.
///
/// # Errors
/// `knowledge.moved`.
pub fn used(tx: &mut Tx<'_>, cx: &Cx, given: Given, case: CaseId) -> Result<()> {
    offered(tx, cx, given)?;
    rows::put_use(tx, cx.office.id, cx.now, given, case)
}

/// The answers given in a case, for who sees the case.
///
/// # Errors
/// When the database refuses.
pub fn given(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Use>> {
    rows::uses(tx, cx.office.id, case)
}
