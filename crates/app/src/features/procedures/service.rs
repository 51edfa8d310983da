//! The only door to the procedure engine. Pages, API, command line, imports and jobs call these; nobody
//! else writes a case.

use super::effects::Decision;
use super::facts::ActFacts;
use super::model::{Acted, Ask, Input, NewCase, Offer};
use super::procedure::{Action, By, ClockOn, Phase, STAY};
use super::state::{Act, Assignment, AssignmentState, CaseState, Effect, Meta, Opening, Role, Said};
use super::{clocks, store as rows};
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::events::{self, Event, Stream};
use crate::features::parties;
use crate::features::people;
use crate::features::people::model::Site;
use ::store::{Error, Result, Tx};
use kernel::{AccountId, AssignmentId, CaseId, OfficeId, Refusal, UnitId};

/// Reads a case by folding its events. Not a check of rights.
///
/// # Errors
/// `common.not_found` when there is no such case.
pub fn load(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<CaseState> {
    let events = events::list(tx, office, Stream::Case, case.0)?;
    if events.is_empty() {
        return Err(Refusal::not_found().into());
    }
    fold_all(office, case, &events)
}

/// Folds the events of one stream.
///
/// # Errors
/// When a payload cannot be read.
pub fn fold_all(office: OfficeId, case: CaseId, events: &[Event]) -> Result<CaseState> {
    let mut state = CaseState::blank(office, case);
    for event in events {
        // Events that do not change the case (a look, an alarm) have payloads of their own.
        if let Some(act) = read_act(event)? {
            state.apply(&meta_of(event), &act);
        }
    }
    Ok(state)
}

/// The act in a case event; `None` for events that only record a look or an alarm.
///
/// # Errors
/// When the payload is of another shape.
pub fn read_act(event: &Event) -> Result<Option<Act>> {
    if matches!(event.kind.as_str(), "case.viewed" | "case.alarm") {
        return Ok(None);
    }
    event.read().map(Some)
}

/// What folding needs of an event's columns.
fn meta_of(event: &Event) -> Meta {
    Meta {
        at: event.occurred_at,
        recorded: event.recorded_at,
        account: event.account,
        unit: event.behalf.or(event.unit),
    }
}

/// Reads a case if the actor may see it.
///
/// # Errors
/// `common.not_found` when it is not there or outside their scope: both look the same.
pub fn visible(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<CaseState> {
    need_sight(tx, cx, case)?;
    load(tx, cx.office.id, case)
}

/// Whether a case is within the actor's sight.
///
/// # Errors
/// When the database refuses.
pub fn is_visible(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<bool> {
    Ok(match cx.actor.kind {
        ActorKind::System | ActorKind::Requester => true,
        ActorKind::Staff => rows::in_scope(tx, cx, "demands.read", case)?,
    })
}

fn need_sight(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<()> {
    if is_visible(tx, cx, case)? { Ok(()) } else { Err(Refusal::not_found().into()) }
}

/// Opens a case for a report.
///
/// # Errors
/// When the database refuses.
pub fn open(tx: &mut Tx<'_>, cx: &Cx, new: NewCase) -> Result<CaseState> {
    let id = CaseId(tx.id()?);
    let (opening, part) = opening(cx, new);
    let report = opening.report;
    let mut effects = vec![Effect::Open(Box::new(opening)), Effect::Link { report, part }];
    for rule in cx.office.procedure.clocks.iter().filter(|r| r.starts.iter().any(|s| s == "open")) {
        let limit = clocks::limit_of(rule, None);
        effects.push(clocks::start(tx, cx, rule, None, limit, cx.occurred.unwrap_or(cx.now), None)?);
    }
    let to = Some((cx.office.procedure.initial.clone(), Phase::Received));
    record(tx, cx, &CaseState::blank(cx.office.id, id), &Act { to, effects, ..act_named(cx, "open") })
}

/// Opens a case that is over at once: handled on the spot 随手办, counted apart.
///
/// # Errors
/// When the database refuses.
pub fn open_ended(tx: &mut Tx<'_>, cx: &Cx, new: NewCase, how: &str, input: &Input) -> Result<CaseState> {
    let id = CaseId(tx.id()?);
    let (opening, part) = opening(cx, new);
    let report = opening.report;
    let effects = vec![
        Effect::Open(Box::new(opening)),
        Effect::Link { report, part },
        Effect::Subject { unit: None, text: None },
        Effect::Accepted,
        Effect::Done,
        Effect::End(how.to_owned()),
    ];
    let blank = CaseState { report, ..CaseState::blank(cx.office.id, id) };
    let act = Act {
        to: Some(("closed".to_owned(), Phase::Closed)),
        effects,
        said: said(tx, cx, &blank, input)?,
        photos: input.photos.clone(),
        tells: true,
        ..act_named(cx, "open")
    };
    record(tx, cx, &CaseState::blank(cx.office.id, id), &act)
}

fn opening(cx: &Cx, new: NewCase) -> (Opening, String) {
    let opening = Opening {
        no: new.no,
        procedure: cx.office.procedure.key.clone(),
        pack_version: cx.office.pack_version,
        kind: new.kind,
        class: new.class,
        title: new.title,
        channel: new.channel,
        urgent: new.urgent,
        report: new.report,
        at: new.at,
        day: cx.occurred.unwrap_or(cx.now).day(&cx.office.tz),
        parent: new.parent,
    };
    (opening, new.part)
}

/// An act with nothing in it but its name.
#[must_use]
pub fn act_named(cx: &Cx, action: &str) -> Act {
    Act {
        action: action.to_owned(),
        day: cx.occurred.unwrap_or(cx.now).day(&cx.office.tz),
        from: String::new(),
        to: None,
        said: Said::default(),
        tells: false,
        quiet: false,
        photos: Vec::new(),
        effects: Vec::new(),
    }
}

/// Appends an act to a case's stream, folds it and saves the rows. The verbs of the engine and imports end
/// here; nothing is checked any more.
///
/// # Errors
/// When the database refuses.
pub fn record(tx: &mut Tx<'_>, cx: &Cx, before: &CaseState, act: &Act) -> Result<CaseState> {
    let kind = format!("case.{}", act.action);
    events::append(tx, cx, Stream::Case, before.id.0, &kind, act)?;
    let existed = before.version > 0 || !before.no.is_empty();
    let mut after = before.clone();
    after.apply(&meta_now(cx), act);
    rows::save(tx, cx, existed.then_some(before), &after)?;
    rows::put_call(tx, cx, &after, act)?;
    Ok(after)
}

/// Does an action: checks sight, version, state, right, inputs and conditions, decides its effects, writes.
///
/// # Errors
/// A coded refusal that says what forbids it; `common.conflict` when the case has changed since `version`.
pub fn act(tx: &mut Tx<'_>, cx: &Cx, ask: &Ask) -> Result<Acted> {
    need_sight(tx, cx, ask.case)?;
    let before = load(tx, cx.office.id, ask.case)?;
    let procedure = std::sync::Arc::clone(&cx.office.procedure);
    let action = procedure.action(&ask.action).ok_or_else(|| Refusal::rule("demands.act.unknown"))?;
    let stale = !action.quiet && ask.version.is_some_and(|v| v != before.version);
    let part = match authorise(tx, cx, &before, action, ask.input.assignment, &mut Reached::new()) {
        Err(error) if stale && error.refusal().is_some() => return Err(Refusal::conflict().into()),
        part => part?,
    };
    let part = part.and_then(|id| before.assignments.iter().find(|a| a.id == id)).cloned();
    if stale {
        // What a rule forbids from now on is said as that rule; trying again would not help.
        if check_state(&before, action).is_ok() {
            check_conditions(cx, &before, part.as_ref(), action)?;
        }
        return Err(Refusal::conflict().into());
    }
    check_state(&before, action)?;
    check_inputs(action, &ask.input)?;
    check_document(tx, cx, ask.case, action)?;
    check_conditions(cx, &before, part.as_ref(), action)?;
    let said = said(tx, cx, &before, &ask.input)?;
    let own_check = action.independent && is_own_check(tx, cx, &before, action)?;
    let acting = acting_for(cx, part.as_ref());
    let cx = acting.as_ref().unwrap_or(cx);
    let mut decision = Decision::new(tx, cx, &before, action, &ask.input)?;
    decision.assignment = part.as_ref();
    decision.own_check = own_check;
    let effects = decision.decide()?;
    let act = Act {
        from: before.state.clone(),
        said,
        tells: action.tells,
        quiet: action.quiet,
        photos: ask.input.photos.clone(),
        effects,
        ..act_named(cx, &action.key)
    };
    let after = finish_act(tx, cx, &before, part.as_ref(), action, act)?;
    Ok(acted(&after))
}

/// Whoever holds posts in several units acts for the one whose part it is, not for the first of them.
fn acting_for(cx: &Cx, part: Option<&Assignment>) -> Option<Cx> {
    let unit = part?.unit;
    if cx.behalf.is_some() || cx.actor.unit == Some(unit) || !cx.actor.units.contains(&unit) {
        return None;
    }
    let mut cx = cx.clone();
    cx.actor.unit = Some(unit);
    Some(cx)
}

fn acted(case: &CaseState) -> Acted {
    Acted {
        case: case.id,
        no: case.no.clone(),
        state: case.state.clone(),
        phase: case.phase,
        version: case.version,
    }
}

/// Finds where the act leads, starts and ends the clocks of that state, writes, and lets a whole follow its
/// parts.
fn finish_act(
    tx: &mut Tx<'_>,
    cx: &Cx,
    before: &CaseState,
    part: Option<&Assignment>,
    action: &Action,
    mut act: Act,
) -> Result<CaseState> {
    if !action.routes.is_empty() {
        let mut probe = before.clone();
        probe.apply(&meta_now(cx), &act);
        let part = part.and_then(|p| probe.assignments.iter().find(|a| a.id == p.id));
        let facts = ActFacts { case: &probe, assignment: part };
        let to =
            action.routes.iter().find(|(when, _)| when.as_ref().is_none_or(|w| w.eval(&facts, cx.now.0)));
        if let Some((_, to)) = to.filter(|(_, to)| to != STAY) {
            act.to = Some((to.clone(), cx.office.procedure.phase(to)));
            let more = on_entry(tx, cx, &probe, to)?;
            act.effects.extend(more);
        }
    }
    let after = record(tx, cx, before, &act)?;
    if !after.phase.is_open()
        && let Some(parent) = after.parent
    {
        super::verbs::assemble(tx, cx, parent)?;
    }
    Ok(after)
}

/// Clocks that start with a state; with the last state all that still run end.
fn on_entry(tx: &mut Tx<'_>, cx: &Cx, probe: &CaseState, to: &str) -> Result<Vec<Effect>> {
    let mut out = Vec::new();
    if !cx.office.procedure.phase(to).is_open() {
        out.extend(probe.open_clocks().map(|c| Effect::ClockOff { id: c.id }));
    }
    for rule in cx.office.procedure.clocks.iter().filter(|r| r.on == ClockOn::Case) {
        if rule.starts_in.iter().any(|s| s == to) {
            let limit = clocks::limit_of(rule, None);
            let at = cx.occurred.unwrap_or(cx.now);
            out.push(clocks::start(tx, cx, rule, None, limit, at, probe.upper_due)?);
        }
    }
    Ok(out)
}

fn meta_now(cx: &Cx) -> Meta {
    Meta {
        at: cx.occurred.unwrap_or(cx.now),
        recorded: cx.now,
        account: cx.actor.account,
        unit: cx.behalf.or(cx.actor.unit),
    }
}

/// Which rights reach the case, asked once each.
type Reached = std::collections::BTreeMap<&'static str, bool>;

fn reaches(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, grant: &'static str, known: &mut Reached) -> Result<bool> {
    if let Some(reached) = known.get(grant) {
        return Ok(*reached);
    }
    let reached = cx.actor.has(grant) && rows::in_scope(tx, cx, grant, case)?;
    known.insert(grant, reached);
    Ok(reached)
}

/// Who may: returns the unit's part that the act is about, where it is about one.
fn authorise(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: &CaseState,
    action: &Action,
    named: Option<AssignmentId>,
    known: &mut Reached,
) -> Result<Option<AssignmentId>> {
    for by in &action.by {
        match by {
            By::Requester if cx.actor.kind == ActorKind::Requester => return Ok(None),
            By::Requester => {}
            By::Desk => {
                let all = cx.actor.kind == ActorKind::System;
                if all || reaches(tx, cx, case.id, action.grant, known)? {
                    return Ok(named.filter(|id| case.assignments.iter().any(|a| a.id == *id)));
                }
            }
            By::Lead | By::Co | By::Unit => {
                if let Some(id) = own_part(cx, case, action, *by, named) {
                    return Ok(Some(id));
                }
            }
        }
    }
    Err(Refusal::forbidden("demands.act.forbidden").with("action", &action.key).into())
}

/// The part of the acting unit: the one it is entered for, or one of the actor's own.
fn own_part(
    cx: &Cx,
    case: &CaseState,
    action: &Action,
    by: By,
    named: Option<AssignmentId>,
) -> Option<AssignmentId> {
    let mut parts = case.assignments.iter().rev().filter(|a| {
        a.state != AssignmentState::Off
            && match by {
                By::Lead => a.role == Role::Lead,
                By::Co => a.role == Role::Co,
                _ => true,
            }
            && named.is_none_or(|id| id == a.id)
            && may_act_for(cx, action, a.unit)
    });
    // Where a unit both leads and helps, the open part comes first.
    let first = parts.clone().find(|a| a.state.is_open());
    first.or_else(|| parts.next()).map(|a| a.id)
}

fn may_act_for(cx: &Cx, action: &Action, unit: UnitId) -> bool {
    match (cx.actor.kind, cx.behalf) {
        (ActorKind::System, behalf) => behalf.is_none_or(|b| b == unit),
        (ActorKind::Requester, _) => false,
        // 代录: the desk enters what the unit did.
        (ActorKind::Staff, Some(behalf)) => behalf == unit && cx.actor.has("demands.dispatch"),
        (ActorKind::Staff, None) => {
            cx.actor.units.contains(&unit)
                && cx.actor.reaches(action.grant).any(|r| r == Reach::Unit(unit) || r == Reach::Office)
        }
    }
}

fn check_state(case: &CaseState, action: &Action) -> Result<()> {
    if action.from.contains(&case.state) {
        return Ok(());
    }
    Err(Refusal::rule("demands.act.wrong_state")
        .with("action", &action.key)
        .with("state", &case.state)
        .into())
}

/// The signed document that an action needs, where the procedure says so.
fn check_document(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, action: &Action) -> Result<()> {
    match &action.document {
        Some(kind) if !rows::has_signed(tx, cx.office.id, case, kind)? => {
            Err(Refusal::rule("documents.needed").with("document", kind).into())
        }
        _ => Ok(()),
    }
}

fn check_inputs(action: &Action, input: &Input) -> Result<()> {
    let blank = |text: &Option<String>| text.as_deref().is_none_or(|t| t.trim().is_empty());
    for need in &action.needs {
        let (missing, field) = match need.as_str() {
            "matter" => (input.matter.is_none(), "matter"),
            "subject" => (input.subject.is_none(), "subject"),
            "urgent" => (input.urgent.is_none(), "urgent"),
            "note" => (blank(&input.note), "note"),
            "reason" => (blank(&input.reason), "reason"),
            "basis" => (blank(&input.basis), "basis"),
            "route" => (blank(&input.route), "route"),
            "missing" => (blank(&input.missing), "missing"),
            "reviewer" => (blank(&input.reviewer), "reviewer"),
            "lead" => (input.lead.is_none(), "lead"),
            "co" => (input.co.is_empty(), "co"),
            "limit" => (input.limit.is_none(), "limit"),
            "photos" => (input.photos.is_empty(), "photos"),
            "until" => (input.until.is_none(), "until"),
            "solved" => (input.solved.is_none(), "solved"),
            "satisfied" => (input.satisfied.is_none(), "satisfied"),
            // A request may be left unnamed where only one waits; the decision finds it.
            _ => (false, "request"),
        };
        if missing {
            return Err(Refusal::missing(field).into());
        }
    }
    Ok(())
}

fn check_conditions(cx: &Cx, case: &CaseState, part: Option<&Assignment>, action: &Action) -> Result<()> {
    let facts = ActFacts { case, assignment: part };
    let holds = action.when.as_ref().is_none_or(|w| w.eval(&facts, cx.now.0));
    let forbidden = action.unless.as_ref().is_some_and(|u| u.eval(&facts, cx.now.0));
    if holds && !forbidden {
        return Ok(());
    }
    Err(Refusal::rule(action.refusal).with("action", &action.key).into())
}

/// Who handled a case may not verify it or call back; where nobody else could, it is allowed and marked 自核.
fn is_own_check(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, action: &Action) -> Result<bool> {
    let Some(account) = cx.actor.account else { return Ok(false) };
    if !rows::has_handled(tx, cx.office.id, case.id, account)? {
        return Ok(false);
    }
    if others_may(tx, cx, case, action, account)? {
        return Err(Refusal::forbidden("demands.verify.handled_it").with("action", &action.key).into());
    }
    Ok(true)
}

fn others_may(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: &CaseState,
    action: &Action,
    account: AccountId,
) -> Result<bool> {
    let site = Site { community: case.at.community, grid: case.at.grid, unit: case.lead().map(|a| a.unit) };
    people::service::others_with(tx, cx, action.grant, site, &[account])
}

/// What was said, with identifiers moved to the part sealed under the requester's own key (DECISIONS 24),
/// so that erasing the requester erases them here too.
pub(super) fn said(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, input: &Input) -> Result<Said> {
    let mut parts = Vec::new();
    let mut mask = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(|t| {
            let sealed = text::identifiers::seal(t);
            parts.extend(sealed.parts.into_iter().map(|p| (p.chip, p.original)));
            sealed.masked
        })
    };
    let mut said = Said {
        note: mask(&input.note),
        reason: mask(&input.reason),
        basis: mask(&input.basis),
        route: input.route.clone(),
        missing: mask(&input.missing),
        reviewer: input.reviewer.clone(),
        via: input.via.clone(),
        given: input.given,
        sealed: None,
    };
    if !parts.is_empty() {
        let plain = serde_json::to_vec(&parts).map_err(|e| Error::failed(e.to_string()))?;
        let sealed = parties::service::seal_for_case(tx, cx, case.id, case.report, &plain)?;
        said.sealed = Some(data_encoding::BASE64.encode(&sealed));
    }
    Ok(said)
}

/// Why an action is not offered now: by right, by state, or by a rule with words of its own.
///
/// # Errors
/// When the database refuses.
pub fn why_not(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, key: &str) -> Result<Refusal> {
    let not_now = || Refusal::rule("demands.act.not_now").with("action", key);
    let procedure = std::sync::Arc::clone(&cx.office.procedure);
    let Some(action) = procedure.action(key) else { return Ok(not_now()) };
    let reason = authorise(tx, cx, case, action, None, &mut Reached::new()).and_then(|part| {
        let part = part.and_then(|id| case.assignments.iter().find(|a| a.id == id));
        check_state(case, action)?;
        check_conditions(cx, case, part, action)
    });
    let reason = match reason {
        Ok(()) if action.independent => is_own_check(tx, cx, case, action).map(|_| ()),
        other => other,
    };
    match reason {
        Ok(()) => Ok(not_now()),
        Err(Error::Refused(refusal)) => Ok(*refusal),
        Err(error) => Err(error),
    }
}

/// The actions the actor may do now, in the procedure's order: what the bar of the case page shows.
///
/// # Errors
/// When the database refuses.
pub fn offers<'a>(tx: &mut Tx<'_>, cx: &'a Cx, case: &CaseState) -> Result<Vec<Offer<'a>>> {
    let mut out = Vec::new();
    let mut known = Reached::new();
    for action in &cx.office.procedure.actions {
        if !action.from.contains(&case.state) {
            continue;
        }
        let mut behalf = None;
        let mut part = authorise(tx, cx, case, action, None, &mut known).ok();
        if part.is_none() {
            // What a unit would do, the desk may enter for it 代录.
            if let Some(lead) =
                case.lead().filter(|_| cx.behalf.is_none() && cx.actor.has("demands.dispatch"))
            {
                let other = Cx { behalf: Some(lead.unit), ..cx.clone() };
                part = authorise(tx, &other, case, action, None, &mut known).ok();
                behalf = part.map(|_| lead.unit);
            }
        }
        let Some(part) = part else { continue };
        let assignment = part.and_then(|id| case.assignments.iter().find(|a| a.id == id));
        if check_conditions(cx, case, assignment, action).is_err() {
            continue;
        }
        let own_check = match action.independent.then(|| is_own_check(tx, cx, case, action)) {
            None => false,
            Some(Ok(own)) => own,
            Some(Err(Error::Refused(_))) => continue,
            Some(Err(error)) => return Err(error),
        };
        out.push(Offer { action, assignment: part, behalf, own_check });
    }
    Ok(out)
}
