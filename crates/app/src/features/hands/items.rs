//! What a link shows and lets do: the unit's own parts, what is to be done, and nobody's identity.

use super::model::{Item, Link, Part};
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::catalogue;
use crate::features::catalogue::model::Photos;
use crate::features::intake::model::Photo;
use crate::features::intake::service as intake;
use crate::features::procedures::model::{Ask, Input};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{Assignment, AssignmentState, CaseState, Role};
use crate::features::procedures::store::unit_line;
use crate::words::Locale;
use kernel::{AssignmentId, AttachmentId, CaseId, Refusal, Ts, UnitId};
use store::{Result, Tx};

/// What is done stays on a unit's page so long.
const SHOWN: i64 = 30 * Ts::DAY;

/// What a unit may say through a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// 签收
    Sign,
    /// 进展
    Tell,
    /// 办结
    Finish,
}

impl Deed {
    /// As forms name it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Deed> {
        match text {
            "sign" => Some(Deed::Sign),
            "tell" => Some(Deed::Tell),
            "finish" => Some(Deed::Finish),
            _ => None,
        }
    }
}

/// The parts of a unit's link, the nearest deadline first, then those done lately.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, link: &Link) -> Result<Vec<Part>> {
    let line = unit_line(tx, link.office, &[link.unit])?;
    let mut out = Vec::new();
    for (case, id) in parts(tx, cx, link)? {
        let state = engine::load(tx, link.office, case)?;
        out.extend(seen(link, &line, &state, id).map(|own| part(&state, own)));
    }
    Ok(out)
}

/// One part of a link.
///
/// # Errors
/// `common.not_found` when it is not the link's.
pub fn one(tx: &mut Tx<'_>, cx: &Cx, link: &Link, id: AssignmentId, locale: Locale) -> Result<Item> {
    let (state, own) = find(tx, cx, link, id)?;
    let matter = state.matter.map(|id| catalogue::service::matter(tx, link.office, id)).transpose()?;
    Ok(Item {
        part: part(&state, &own),
        text: said(tx, cx, &state)?,
        result: own.result.clone().unwrap_or_default(),
        told: told(tx, &state, &own)?,
        needs_picture: own.role == Role::Lead && matter.as_ref().is_some_and(|m| m.photos != Photos::None),
        close_condition: matter.map(|m| m.close_condition.get(locale).to_owned()).unwrap_or_default(),
        pictures: pictures(tx, cx, link, &state)?,
    })
}

fn parts(tx: &mut Tx<'_>, cx: &Cx, link: &Link) -> Result<Vec<(CaseId, AssignmentId)>> {
    match link.part {
        Some(own) => Ok(vec![own]),
        None => rows::parts(tx, link.office, link.unit, cx.now.plus(-SHOWN)),
    }
}

/// The case and the part, if the link may see it.
fn find(tx: &mut Tx<'_>, cx: &Cx, link: &Link, id: AssignmentId) -> Result<(CaseState, Assignment)> {
    let (case, _) =
        parts(tx, cx, link)?.into_iter().find(|(_, part)| *part == id).ok_or_else(Refusal::not_found)?;
    let line = unit_line(tx, link.office, &[link.unit])?;
    let state = engine::load(tx, link.office, case)?;
    let own = seen(link, &line, &state, id).cloned().ok_or_else(Refusal::not_found)?;
    Ok((state, own))
}

/// The unit's own part. Never of what is about the unit itself, also where that became known after it was dispatched,
/// and of nothing secret. `line` is the unit and all above it.
fn seen<'a>(link: &Link, line: &[UnitId], state: &'a CaseState, id: AssignmentId) -> Option<&'a Assignment> {
    let about_it = state.subject_unit.is_some_and(|subject| line.contains(&subject));
    let may = state.class == "ordinary" && !about_it;
    state.assignments.iter().find(|a| may && a.id == id && a.unit == link.unit)
}

fn part(state: &CaseState, own: &Assignment) -> Part {
    Part {
        id: own.id,
        no: state.no.clone(),
        title: state.title.clone(),
        address: state.at.address.clone(),
        due: state.due_of(own.id),
        signed_at: own.signed_at,
        done_at: own.done_at.filter(|_| own.state == AssignmentState::Done),
        open: own.state.is_open() && state.phase.is_open(),
    }
}

/// What was said, identifiers replaced. A part of a split message has its title only: the rest is others' affair.
fn said(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState) -> Result<String> {
    if case.parent.is_some() {
        return Ok(String::new());
    }
    Ok(intake::report(tx, cx, case.report)?.text)
}

/// What the unit has told, its own words only.
fn told(tx: &mut Tx<'_>, case: &CaseState, own: &Assignment) -> Result<Vec<(Ts, String)>> {
    let mut out = Vec::new();
    for event in events::list(tx, case.office, Stream::Case, case.id.0)? {
        let unit = event.behalf.or(event.unit);
        if event.kind != "case.progress" || unit != Some(own.unit) || event.occurred_at < own.sent_at {
            continue;
        }
        let note = engine::read_act(&event)?.and_then(|act| act.said.note);
        out.extend(note.map(|note| (event.occurred_at, note)));
    }
    Ok(out)
}

/// Pictures that the desk chose to show, and those that came through handling.
fn pictures(tx: &mut Tx<'_>, cx: &Cx, link: &Link, case: &CaseState) -> Result<Vec<(AttachmentId, String)>> {
    let all = intake::photos(tx, cx, case.id)?;
    let shown = |id: AttachmentId, report: bool, kind: &str| {
        link.pictures.contains(&id) || !report && matches!(kind, "before" | "during" | "after")
    };
    Ok(all.into_iter().filter(|p| shown(p.id, p.report.is_some(), &p.kind)).map(|p| (p.id, p.kind)).collect())
}

/// The content of a picture that the link shows.
///
/// # Errors
/// `common.not_found` when it does not.
pub fn picture(
    tx: &mut Tx<'_>,
    cx: &Cx,
    link: &Link,
    part: AssignmentId,
    id: AttachmentId,
) -> Result<String> {
    let (state, _) = find(tx, cx, link, part)?;
    let shown = pictures(tx, cx, link, &state)?;
    if !shown.iter().any(|(shown, _)| *shown == id) {
        return Err(Refusal::not_found().into());
    }
    Ok(intake::photo(tx, cx, id)?.hash)
}

/// Does what the unit says through its link. Whoever finishes without having signed has signed.
///
/// # Errors
/// `common.not_found`; what the procedure refuses.
pub fn act(
    tx: &mut Tx<'_>,
    cx: &Cx,
    link: &Link,
    part: AssignmentId,
    deed: Deed,
    note: &str,
    photos: &[Photo],
) -> Result<()> {
    let (state, own) = find(tx, cx, link, part)?;
    let case = state.id;
    let act = |tx: &mut Tx<'_>, action: &str, input: Input| -> Result<()> {
        let input = Input { assignment: Some(part), via: Some("link".to_owned()), ..input };
        engine::act(tx, cx, &Ask { case, action: action.to_owned(), version: None, input })?;
        Ok(())
    };
    if deed == Deed::Sign || deed == Deed::Finish && own.state == AssignmentState::Sent {
        act(tx, "sign", Input::default())?;
    }
    let action = match (deed, own.role) {
        (Deed::Sign, _) => return Ok(()),
        (Deed::Tell, _) => "progress",
        (Deed::Finish, Role::Lead) => "finish",
        (Deed::Finish, Role::Co) => "finish_co",
    };
    let mut ids = Vec::new();
    for photo in photos {
        ids.push(intake::put_photo(tx, cx, Some(case), None, photo)?);
    }
    act(tx, action, Input { note: Some(note.to_owned()), photos: ids, ..Input::default() })
}
