//! Verbs of the engine itself, the same for every procedure: merge and its undoing, split and assembling,
//! a report going its own way, a new calendar.

use super::clocks;
use super::model::{Input, NewCase};
use super::procedure::Phase;
use super::service::{act_named, load, open, record, said, visible};
use super::state::{Act, AssignmentState, CaseState, Clock, ClockState, Effect};
use super::store as rows;
use super::upper::earliest_upper;
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::events::{self, Stream};
use kernel::{CaseId, MatterId, Refusal, ReportId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use store::{Result, Sql, Tx, args, statements};
use worktime::{Limit, Pause, Rules};

statements! {
    SET_UPPER_CASE = Sql::Both("update upper_link set case_id = $3 where office = $1 and report = $2");
    PART = Sql::Both("select parent, title from cases where office = $1 and id = $2 and parent is not null");
    SUBJECTS_OF_PARTS = Sql::Both("select subject_known, subject_unit from cases where office = $1 and parent = $2");
    RUNNING = Sql::Both(
        "select start_at, amount, due_at, expected, pauses, cap_upper from clock where office = $1 and state = 'running'");
    OPEN_CASES = Sql::Both(
        "select distinct case_id from clock where office = $1 and state = 'running' and case_id > $2 order by case_id limit 500");
}

/// Merges a case into another 并单: its reports move, its clocks and parts stand off, and every reporter
/// still hears, because each report is now linked to the other case.
///
/// # Errors
/// When one of them is not visible or not open, they are the same, or differ in class of secrecy.
pub fn merge(tx: &mut Tx<'_>, cx: &Cx, from: CaseId, into: CaseId, reason: &str) -> Result<CaseState> {
    cx.actor.need("demands.merge")?;
    let (a, b) = (visible(tx, cx, from)?, visible(tx, cx, into)?);
    if from == into {
        return Err(Refusal::rule("demands.merge.same").into());
    }
    if !a.phase.is_open() || !b.phase.is_open() || a.state == "split" {
        return Err(Refusal::rule("demands.merge.not_open").into());
    }
    if a.class != b.class {
        return Err(Refusal::rule("demands.merge.other_class").into());
    }
    // The reports of the one would be read by those the complaint is about.
    if a.subject_unit.is_some() && a.subject_unit != b.subject_unit {
        return Err(Refusal::rule("demands.merge.other_subject").into());
    }
    let input = Input { reason: Some(reason.to_owned()), ..Input::default() };
    let moved: Vec<_> = a.links.iter().filter(|l| l.until.is_none()).cloned().collect();
    let mut leave: Vec<Effect> = moved.iter().map(|l| Effect::Unlink { report: l.report }).collect();
    leave.extend(stand_off(&a));
    leave.extend([Effect::End("merged".to_owned()), Effect::MergedInto(into)]);
    let act = Act {
        from: a.state.clone(),
        to: Some(("ended".to_owned(), Phase::Ended)),
        said: said(tx, cx, &a, &input)?,
        effects: leave,
        ..act_named(cx, "merge")
    };
    record(tx, cx, &a, &act)?;
    let mut effects: Vec<Effect> =
        moved.iter().map(|l| Effect::Link { report: l.report, part: l.part.clone() }).collect();
    for link in &moved {
        tx.exec(&SET_UPPER_CASE, args![cx.office.id, link.report, into])?;
    }
    let before = b;
    effects.push(Effect::UpperDue(None));
    let act = Act {
        from: before.state.clone(),
        said: said(tx, cx, &before, &input)?,
        effects,
        ..act_named(cx, "merged_in")
    };
    let joined = record(tx, cx, &before, &act)?;
    earliest_upper(tx, cx, joined)
}

/// Undoes a merge: the reports come back, the parts and clocks stand as they stood.
///
/// # Errors
/// When the case was not merged.
pub fn unmerge(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, reason: &str) -> Result<CaseState> {
    cx.actor.need("demands.merge")?;
    let gone = visible(tx, cx, case)?;
    let Some(into) = gone.merged_into else { return Err(Refusal::rule("demands.unmerge.not_merged").into()) };
    let Some((act, left_at)) = last_act(tx, cx, case, "merge")? else {
        return Err(Refusal::rule("demands.unmerge.not_merged").into());
    };
    let other = load(tx, cx.office.id, into)?;
    let input = Input { reason: Some(reason.to_owned()), ..Input::default() };
    let back: Vec<ReportId> =
        gone.links.iter().filter(|l| l.until == Some(left_at)).map(|l| l.report).collect();
    let leave: Vec<Effect> = back.iter().map(|r| Effect::Unlink { report: *r }).collect();
    let there = Act {
        from: other.state.clone(),
        said: said(tx, cx, &other, &input)?,
        effects: leave,
        ..act_named(cx, "unmerged")
    };
    let other = record(tx, cx, &other, &there)?;
    for report in &back {
        tx.exec(&SET_UPPER_CASE, args![cx.office.id, *report, case])?;
    }
    earliest_upper(tx, cx, other)?;
    let mut effects: Vec<Effect> =
        back.iter().map(|r| Effect::Link { report: *r, part: "1".to_owned() }).collect();
    effects.extend(stand_up(&act, &gone));
    effects.extend([Effect::Unend, Effect::Unmerged]);
    let phase = cx.office.procedure.phase(&act.from);
    let here = Act {
        from: gone.state.clone(),
        to: Some((act.from.clone(), phase)),
        said: said(tx, cx, &gone, &input)?,
        effects,
        ..act_named(cx, "unmerge")
    };
    let restored = record(tx, cx, &gone, &here)?;
    earliest_upper(tx, cx, restored)?;
    // Clocks that stood off did not follow a calendar installed meanwhile.
    rebase(tx, &cx.as_system(), case)?;
    load(tx, cx.office.id, case)
}

fn last_act(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, name: &str) -> Result<Option<(Act, Ts)>> {
    let events = events::list(tx, cx.office.id, Stream::Case, case.0)?;
    let kind = format!("case.{name}");
    match events.iter().rev().find(|e| e.kind == kind) {
        Some(event) => Ok(Some((event.read()?, event.occurred_at))),
        None => Ok(None),
    }
}

/// Takes all parts and clocks out of force, remembering in the event how they stood.
fn stand_off(case: &CaseState) -> Vec<Effect> {
    let parts = case
        .assignments
        .iter()
        .filter(|a| a.state != AssignmentState::Off)
        .map(|a| Effect::AssignmentOff { id: a.id });
    parts.chain(case.open_clocks().map(|c| Effect::ClockOff { id: c.id })).collect()
}

/// Puts back what an act took out of force. How a part stood follows from what is known of it.
fn stand_up(act: &Act, case: &CaseState) -> Vec<Effect> {
    let mut out = Vec::new();
    for effect in &act.effects {
        match effect {
            Effect::AssignmentOff { id } => {
                if let Some(part) = case.assignments.iter().find(|a| a.id == *id) {
                    let state = match (part.done_at, part.signed_at) {
                        (Some(_), _) => AssignmentState::Done,
                        (None, Some(_)) => AssignmentState::Signed,
                        (None, None) => AssignmentState::Sent,
                    };
                    out.push(Effect::AssignmentBack { id: *id, state });
                }
            }
            Effect::ClockOff { id } => out.push(Effect::ClockBack { id: *id }),
            _ => {}
        }
    }
    out
}

/// One part of a message that holds several matters.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The number taken before.
    pub no: String,
    /// Its title, without identifiers.
    pub title: String,
    /// Its matter, where it is clear already.
    pub matter: Option<MatterId>,
}

/// Splits a case 拆单: each part becomes a case with its own units and clocks; the whole waits for them and
/// is answered once.
///
/// # Errors
/// When it is not in hand yet, or there are fewer than two parts.
pub fn split(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, parts: &[Part]) -> Result<Vec<CaseState>> {
    cx.actor.need("demands.dispatch")?;
    let whole = visible(tx, cx, case)?;
    if !matches!(whole.phase, Phase::Received | Phase::Accepted) || whole.parent.is_some() {
        return Err(Refusal::rule("demands.split.wrong_state").into());
    }
    if parts.len() < 2 {
        return Err(Refusal::rule("demands.split.two_parts").into());
    }
    let mut children = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let new = NewCase {
            no: part.no.clone(),
            report: whole.report,
            kind: whole.kind.clone(),
            class: whole.class.clone(),
            title: part.title.clone(),
            channel: whole.channel.clone(),
            urgent: whole.urgent,
            at: whole.at.clone(),
            parent: Some(case),
            part: (i + 2).to_string(),
        };
        let child = open(tx, cx, new)?;
        children.push(earliest_upper(tx, cx, child)?);
    }
    let effects = whole.open_clocks().map(|c| Effect::ClockOff { id: c.id }).collect();
    let act = Act {
        from: whole.state.clone(),
        to: Some(("split".to_owned(), Phase::Handling)),
        effects,
        ..act_named(cx, "split")
    };
    record(tx, cx, &whole, &act)?;
    Ok(children)
}

/// Closes a whole when the last of its parts is over: one assembled reply, one call-back.
///
/// # Errors
/// When the database refuses.
pub fn assemble(tx: &mut Tx<'_>, cx: &Cx, whole: CaseId) -> Result<()> {
    let children = tx.query(&rows::CHILDREN, args![cx.office.id, whole], |row| {
        Ok((row.get::<CaseId>(0)?, row.get::<String>(2)?, row.get::<String>(3)?))
    })?;
    let open = |phase: &str| Phase::parse(phase).is_none_or(Phase::is_open);
    let case = load(tx, cx.office.id, whole)?;
    if case.state != "split" || children.iter().any(|c| open(&c.1)) {
        return Ok(());
    }
    let mut reply = String::new();
    let mut subjects = Vec::new();
    for (i, (id, _, title)) in children.iter().enumerate() {
        let child = load(tx, cx.office.id, *id)?;
        if child.subject_known {
            subjects.push((child.subject_unit, child.subject_text.clone()));
        }
        let result = child.assignments.iter().rev().find_map(|a| a.result.clone()).unwrap_or_default();
        reply.push_str(&format!("{}. {title}\n{result}\n", i + 1));
    }
    let call = rows::can_call_back(tx, cx.office.id, whole)?;
    let state = if call { "calling" } else { "closed" };
    let mut effects = vec![Effect::Done, Effect::Sampled { verify: None, call }];
    // Whoever calls back must see the whole: it is about whom its parts are about. Where two parts are about two
    // units it stays with intake, which can say so.
    if !case.subject_known && subjects.len() == children.len() {
        subjects.retain(|s| *s != (None, None));
        subjects.dedup();
        if subjects.len() <= 1 {
            let (unit, text) = subjects.pop().unwrap_or_default();
            effects.push(Effect::Subject { unit, text });
        }
    }
    for rule in cx.office.procedure.clocks.iter().filter(|r| r.starts_in.iter().any(|s| s == state)) {
        effects.push(clocks::start(
            tx,
            cx,
            rule,
            None,
            clocks::limit_of(rule, None),
            cx.now,
            case.upper_due,
        )?);
    }
    let act = Act {
        from: case.state.clone(),
        to: Some((state.to_owned(), cx.office.procedure.phase(state))),
        said: super::state::Said { note: Some(reply), ..super::state::Said::default() },
        tells: true,
        effects,
        ..act_named(&cx.as_system(), "assemble")
    };
    record(tx, &cx.as_system(), &case, &act)?;
    Ok(())
}

/// The title of a part, where that is all its reader may have of the message: another part is about the reader's
/// unit, or nobody has said yet whom it is about. `None` where the whole message may be read.
///
/// # Errors
/// When the database refuses.
pub fn own_part(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Option<String>> {
    if cx.actor.kind != ActorKind::Staff || cx.actor.is_intake() {
        return Ok(None);
    }
    let part =
        tx.opt(&PART, args![cx.office.id, case], |row| Ok((row.get::<CaseId>(0)?, row.get::<String>(1)?)))?;
    let Some((whole, title)) = part else { return Ok(None) };
    let subjects = tx.query(&SUBJECTS_OF_PARTS, args![cx.office.id, whole], |row| {
        Ok((row.get::<bool>(0)?, row.get::<Option<UnitId>>(1)?))
    })?;
    let is_other = |(known, unit): &(bool, Option<UnitId>)| {
        *known && unit.is_none_or(|unit| !cx.actor.unit_line.contains(&unit))
    };
    Ok((!subjects.iter().all(is_other)).then_some(title))
}

/// Takes a report out of a case it was merged into and gives it a case of its own.
///
/// # Errors
/// When it is not linked, or the only one.
pub fn detach(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: CaseId,
    report: ReportId,
    no: &str,
    title: &str,
) -> Result<CaseState> {
    cx.actor.need("demands.merge")?;
    let from = visible(tx, cx, case)?;
    let linked = from.links.iter().any(|l| l.report == report && l.until.is_none());
    if !linked || from.report_count() < 2 {
        return Err(Refusal::rule("demands.detach.only_report").into());
    }
    let new = NewCase {
        no: no.to_owned(),
        report,
        kind: from.kind.clone(),
        class: from.class.clone(),
        title: title.to_owned(),
        channel: from.channel.clone(),
        urgent: false,
        at: from.at.clone(),
        parent: None,
        part: "1".to_owned(),
    };
    let act =
        Act { from: from.state.clone(), effects: vec![Effect::Unlink { report }], ..act_named(cx, "detach") };
    let left = record(tx, cx, &from, &act)?;
    let own = open(tx, cx, new)?;
    tx.exec(&SET_UPPER_CASE, args![cx.office.id, report, own.id])?;
    earliest_upper(tx, cx, left)?;
    earliest_upper(tx, cx, own)
}

/// Moves the running clocks of a case onto the office's present calendar and hours (DECISIONS 9); only those whose
/// instant really changes get an event, the others keep the account they have.
///
/// # Errors
/// When the database refuses.
pub fn rebase(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<bool> {
    let state = load(tx, cx.office.id, case)?;
    let version = cx.office.rules.version();
    let moved = |clock: &Clock| {
        if clock.state != ClockState::Running || clock.calendar == version {
            return None;
        }
        let upper = clock.cap.map(|c| c.upper);
        let cap = clocks::cap(&cx.office.rules, cx.office.settings.upper_margin, upper, clock.start);
        let due = clocks::capped(&cx.office.rules, clock.start, clock.limit, &clock.pauses, cap)?;
        (clock.due != Some(due.at) || clock.expected != due.expected).then(|| Effect::ClockRebase {
            id: clock.id,
            kind: clock.kind.clone(),
            was: clock.due,
            due: due.at,
            expected: due.expected,
            calendar: version.clone(),
            cap,
        })
    };
    let effects: Vec<Effect> = state.clocks.iter().filter_map(moved).collect();
    if effects.is_empty() {
        return Ok(false);
    }
    let act = Act { quiet: true, from: state.state.clone(), effects, ..act_named(cx, "rebased") };
    record(tx, cx, &state, &act)?;
    Ok(true)
}

/// How many running clocks of the office other rules would move, and how many of them to an earlier instant: asked
/// before a calendar or other hours are taken over.
///
/// # Errors
/// When the database refuses.
pub fn would_move(tx: &mut Tx<'_>, cx: &Cx, rules: &Rules) -> Result<(usize, usize)> {
    let running = tx.query(&RUNNING, args![cx.office.id], |row| {
        Ok((
            row.get::<Ts>(0)?,
            row.get::<String>(1)?,
            row.get::<Option<Ts>>(2)?,
            row.get::<bool>(3)?,
            row.get::<String>(4)?,
            row.get::<Option<Ts>>(5)?,
        ))
    })?;
    let (mut moved, mut earlier) = (0, 0);
    for (start, limit, due, expected, pauses, upper) in running {
        let pauses: Vec<(Ts, Option<Ts>)> = serde_json::from_str(&pauses).unwrap_or_default();
        let pauses: Vec<Pause> = pauses.into_iter().map(|(from, until)| Pause { from, until }).collect();
        let cap = clocks::cap(rules, cx.office.settings.upper_margin, upper, start);
        let new = Limit::parse(&limit).ok().and_then(|l| clocks::capped(rules, start, l, &pauses, cap));
        let Some(new) = new else { continue };
        if due != Some(new.at) || expected != new.expected {
            moved += 1;
            earlier += usize::from(due.is_some_and(|due| new.at < due));
        }
    }
    Ok((moved, earlier))
}

/// The next cases with running clocks, for walking all of them after a new calendar.
///
/// # Errors
/// When the database refuses.
pub fn running_after(tx: &mut Tx<'_>, cx: &Cx, after: CaseId) -> Result<Vec<CaseId>> {
    tx.query(&OPEN_CASES, args![cx.office.id, after], |row| row.get(0))
}
