//! The rows of the procedure engine: the only file here with SQL.

use super::state::{Assignment, CaseState, Clock, Request};
use super::{clocks, state};
use crate::context::Cx;
use kernel::{AccountId, CaseId, OfficeId, ReportId, UnitId};
use std::collections::BTreeMap;
use store::{Arg, Query, Result, Sql, Tx, args, statements};

statements! {
    UNIT_ACTIVE = Sql::Both("select active from unit where office = $1 and id = $2");
    UNIT_PARENT = Sql::Both("select parent from unit where office = $1 and id = $2");
    ACTIVE_UNITS = Sql::Both("select id, name, short from unit where office = $1 and active order by id");
    UNIT_NAMES = Sql::Both("select id, name, short, kind from unit where office = $1");
    CAN_CALL = Sql::Both(
        "select 1 from report_case rc join report r on r.office = rc.office and r.id = rc.report
         join party p on p.office = r.office and p.id = r.party
         where rc.office = $1 and rc.case_id = $2 and rc.until_at is null and r.reply_wanted and p.erased_at is null limit 1");
    HANDLED = Sql::Both(
        "select 1 from event where office = $1 and stream = 'case' and stream_id = $2 and account = $3
         and kind in ('case.sign', 'case.progress', 'case.finish', 'case.finish_co', 'case.return') limit 1");
    SIGNED = Sql::Both(
        "select 1 from document where office = $1 and case_id = $2 and kind = $3 and state in ('sealed', 'served') limit 1");
    EXISTS = Sql::Both("select 1 from cases where office = $1 and id = $2");
    INSERT_CASE = Sql::Both(
        "insert into cases (id, office, no, procedure, pack_version, state, phase, ended, kind, class, matter, matter_code,
         urgent, title, channel, place, community_id, grid_id, address, lon_e7, lat_e7, subject_known, subject_unit,
         subject_text, lead_unit, report, reports, parent, merged_into, opened_at, opened_day, accepted_at, dispatched_at,
         signed_at, done_at, verified_at, closed_at, closed_day, due_at, due_kind, handle_due_at, handle_late, exempt,
         upper_due_at, returns, ruled, redispatches, reopens, reworks, extensions, urges, supervised, verify_by,
         verified_by_other, called_back, solved, satisfied, outcome, shelved_until, version, updated_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,
         $30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41,$42,$43,$44,$45,$46,$47,$48,$49,$50,$51,$52,$53,$54,$55,$56,$57,
         $58,$59,$60,$61)");
    UPDATE_CASE = Sql::Both(
        "update cases set no = $3, procedure = $4, pack_version = $5, state = $6, phase = $7, ended = $8, kind = $9,
         class = $10, matter = $11, matter_code = $12, urgent = $13, title = $14, channel = $15, place = $16,
         community_id = $17, grid_id = $18, address = $19, lon_e7 = $20, lat_e7 = $21, subject_known = $22,
         subject_unit = $23, subject_text = $24, lead_unit = $25, report = $26, reports = $27, parent = $28,
         merged_into = $29, opened_at = $30, opened_day = $31, accepted_at = $32, dispatched_at = $33, signed_at = $34,
         done_at = $35, verified_at = $36, closed_at = $37, closed_day = $38, due_at = $39, due_kind = $40,
         handle_due_at = $41, handle_late = $42, exempt = $43, upper_due_at = $44, returns = $45, ruled = $46,
         redispatches = $47, reopens = $48, reworks = $49, extensions = $50, urges = $51, supervised = $52,
         verify_by = $53, verified_by_other = $54, called_back = $55, solved = $56, satisfied = $57, outcome = $58,
         shelved_until = $59, version = $60, updated_at = $61 where id = $1 and office = $2");
    PUT_ASSIGNMENT = Sql::Both(
        "insert into assignment (id, office, case_id, unit, role, state, sent_at, signed_at, done_at, due_at, late, result, handler)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)");
    SET_ASSIGNMENT = Sql::Both(
        "update assignment set unit = $4, role = $5, state = $6, sent_at = $7, signed_at = $8, done_at = $9, due_at = $10,
         late = $11, result = $12, handler = $13 where id = $1 and office = $2 and case_id = $3");
    PUT_CLOCK = Sql::Both(
        "insert into clock (id, office, case_id, assignment, kind, amount, start_at, due_at, expected, state, ended_at, pauses,
         calendar, cap_at, cap_upper, next_alarm, alarms)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,0)");
    SET_CLOCK = Sql::Both(
        "update clock set assignment = $4, kind = $5, amount = $6, start_at = $7, due_at = $8, expected = $9, state = $10,
         ended_at = $11, pauses = $12, calendar = $13, cap_at = $14, cap_upper = $15, next_alarm = $16, alarms = 0
         where id = $1 and office = $2 and case_id = $3");
    PUT_REQUEST = Sql::Both(
        "insert into request (id, office, case_id, assignment, kind, state, reason, basis, amount, asked_at, asked_by, asked_unit,
         decided_at, decided_by, answer) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)");
    SET_REQUEST = Sql::Both(
        "update request set assignment = $4, kind = $5, state = $6, reason = $7, basis = $8, amount = $9, asked_at = $10,
         asked_by = $11, asked_unit = $12, decided_at = $13, decided_by = $14, answer = $15
         where id = $1 and office = $2 and case_id = $3");
    PUT_LINK = Sql::Both(
        "insert into report_case (office, report, case_id, part, from_at, until_at) values ($1,$2,$3,$4,$5,$6)
         on conflict (office, report, case_id, from_at) do update set part = excluded.part, until_at = excluded.until_at");
    INDEX_LATER = Sql::Both(
        "insert into search_todo (office, case_id) values ($1, $2) on conflict (office, case_id) do nothing");
    PUT_CALL = Sql::Both(
        "insert into callback (id, office, case_id, report, at, account, channel, answered, solved, satisfied, words)
         values ($1,$2,$3,$4,$5,$6,'phone',$7,$8,$9,$10)");
    CASE_OF_REPORT = Sql::Both(
        "select case_id from report_case where office = $1 and report = $2 and until_at is null order by part");
    CHILDREN = Sql::Both("select id, no, phase, title, lead_unit, ended from cases where office = $1 and parent = $2 order by id");
    IDS_AFTER = Sql::Both("select id from cases where office = $1 and id > $2 order by id limit $3");
    STREAMS_AFTER = Sql::Both(
        "select stream_id from stream where office = $1 and stream = 'case' and stream_id > $2 order by stream_id limit $3");
    DUMP_CASE = Sql::Both(
        "select id, office, no, procedure, pack_version, state, phase, ended, kind, class, matter, matter_code,
         urgent, title, channel, place, community_id, grid_id, address, lon_e7, lat_e7, subject_known, subject_unit,
         subject_text, lead_unit, report, reports, parent, merged_into, opened_at, opened_day, accepted_at, dispatched_at,
         signed_at, done_at, verified_at, closed_at, closed_day, due_at, due_kind, handle_due_at, handle_late, exempt,
         upper_due_at, returns, ruled, redispatches, reopens, reworks, extensions, urges, supervised, verify_by,
         verified_by_other, called_back, solved, satisfied, outcome, shelved_until, version, updated_at
         from cases where office = $1 and id = $2");
    DUMP_ASSIGNMENTS = Sql::Both(
        "select id, office, case_id, unit, role, state, sent_at, signed_at, done_at, due_at, late, result, handler
         from assignment where office = $1 and case_id = $2 order by id");
    DUMP_CLOCKS = Sql::Both(
        "select id, office, case_id, assignment, kind, amount, start_at, due_at, expected, state, ended_at, pauses, calendar,
         cap_at, cap_upper from clock where office = $1 and case_id = $2 order by id");
    DUMP_REQUESTS = Sql::Both(
        "select id, office, case_id, assignment, kind, state, reason, basis, amount, asked_at, asked_by, asked_unit,
         decided_at, decided_by, answer from request where office = $1 and case_id = $2 order by id");
    DUMP_LINKS = Sql::Both(
        "select office, report, case_id, part, from_at, until_at from report_case where office = $1 and case_id = $2
         order by report, from_at");
}

/// A row as its columns, in the order of the insert statement.
pub(super) type Columns = Vec<Arg>;

fn bool_or_null(value: Option<bool>) -> Arg {
    value.map_or(Arg::Null, Arg::Bool)
}

fn yes_no(value: Option<bool>) -> Arg {
    value.map_or(Arg::Null, |v| Arg::from(if v { "yes" } else { "no" }))
}

/// The row of `cases` for a state.
pub(super) fn case_columns(c: &CaseState) -> Columns {
    let next = c.next_due();
    vec![
        c.id.into(),
        c.office.into(),
        (&c.no).into(),
        (&c.procedure).into(),
        c.pack_version.into(),
        (&c.state).into(),
        c.phase.as_str().into(),
        c.ended.clone().into(),
        (&c.kind).into(),
        (&c.class).into(),
        c.matter.into(),
        c.matter_code.clone().into(),
        c.urgent.into(),
        (&c.title).into(),
        (&c.channel).into(),
        c.at.place.into(),
        c.at.community.into(),
        c.at.grid.into(),
        (&c.at.address).into(),
        c.at.lon_e7.into(),
        c.at.lat_e7.into(),
        c.subject_known.into(),
        c.subject_unit.into(),
        c.subject_text.clone().into(),
        c.lead().map(|a| a.unit).into(),
        c.report.into(),
        c.report_count().into(),
        c.parent.into(),
        c.merged_into.into(),
        c.opened_at.into(),
        c.opened_day.into(),
        c.accepted_at.into(),
        c.dispatched_at.into(),
        c.signed_at.into(),
        c.done_at.into(),
        c.verified_at.into(),
        c.closed_at.into(),
        c.closed_day.into(),
        next.map(|n| n.0).into(),
        next.map(|n| n.1).into(),
        c.handle_due().into(),
        bool_or_null(c.handle_late),
        c.exempt.into(),
        c.upper_due.into(),
        c.returns.into(),
        c.ruled.into(),
        c.redispatches.into(),
        c.reopens.into(),
        c.reworks.into(),
        c.extensions.into(),
        c.urges.into(),
        c.supervised.into(),
        c.verify_by.clone().into(),
        bool_or_null(c.verified_by_other),
        c.called_back.into(),
        yes_no(c.solved),
        c.satisfied.into(),
        c.outcome.clone().into(),
        c.shelved_until.into(),
        c.version.into(),
        c.updated_at.into(),
    ]
}

pub(super) fn assignment_columns(c: &CaseState, a: &Assignment) -> Columns {
    vec![
        a.id.into(),
        c.office.into(),
        c.id.into(),
        a.unit.into(),
        a.role.as_str().into(),
        a.state.as_str().into(),
        a.sent_at.into(),
        a.signed_at.into(),
        a.done_at.into(),
        c.due_of(a.id).into(),
        bool_or_null(a.late),
        a.result.clone().into(),
        a.handler.into(),
    ]
}

/// Without the alarm, which is not part of the truth.
pub(super) fn clock_columns(c: &CaseState, k: &Clock) -> Columns {
    let pauses: Vec<(i64, Option<i64>)> = k.pauses.iter().map(|p| (p.from.0, p.until.map(|u| u.0))).collect();
    vec![
        k.id.into(),
        c.office.into(),
        c.id.into(),
        k.assignment.into(),
        (&k.kind).into(),
        k.limit.to_string().into(),
        k.start.into(),
        k.due.into(),
        k.expected.into(),
        k.state.as_str().into(),
        k.ended_at.into(),
        serde_json::to_string(&pauses).unwrap_or_default().into(),
        (&k.calendar).into(),
        k.cap.map(|c| c.at).into(),
        k.cap.map(|c| c.upper).into(),
    ]
}

pub(super) fn request_columns(c: &CaseState, r: &Request) -> Columns {
    let state = match r.granted {
        None => "waiting",
        Some(true) => "granted",
        Some(false) => "refused",
    };
    vec![
        r.id.into(),
        c.office.into(),
        c.id.into(),
        r.assignment.into(),
        (&r.kind).into(),
        state.into(),
        (&r.reason).into(),
        (&r.basis).into(),
        r.limit.map(|l| l.to_string()).into(),
        r.asked_at.into(),
        r.asked_by.into(),
        r.asked_unit.into(),
        r.decided_at.into(),
        r.decided_by.into(),
        r.answer.clone().into(),
    ]
}

pub(super) fn link_columns(c: &CaseState, l: &state::Link) -> Columns {
    vec![c.office.into(), l.report.into(), c.id.into(), (&l.part).into(), l.from.into(), l.until.into()]
}

/// Writes the rows that differ between two states of a case.
pub(super) fn save(tx: &mut Tx<'_>, cx: &Cx, before: Option<&CaseState>, after: &CaseState) -> Result<()> {
    tx.exec(if before.is_some() { &UPDATE_CASE } else { &INSERT_CASE }, &case_columns(after))?;
    let old_rows = |old: fn(&CaseState) -> BTreeMap<i64, Columns>| before.map(old).unwrap_or_default();
    let assignments =
        |c: &CaseState| c.assignments.iter().map(|a| (a.id.0, assignment_columns(c, a))).collect();
    put_changed(tx, &old_rows(assignments), &assignments(after), &PUT_ASSIGNMENT, &SET_ASSIGNMENT)?;
    let requests = |c: &CaseState| c.requests.iter().map(|r| (r.id.0, request_columns(c, r))).collect();
    put_changed(tx, &old_rows(requests), &requests(after), &PUT_REQUEST, &SET_REQUEST)?;
    save_clocks(tx, cx, before, after)?;
    for link in &after.links {
        if before.is_none_or(|b| !b.links.contains(link)) {
            tx.exec(&PUT_LINK, &link_columns(after, link))?;
        }
    }
    if before.is_none_or(|b| b.title != after.title || b.links != after.links || b.at != after.at) {
        tx.exec(&INDEX_LATER, args![after.office, after.id])?;
    }
    Ok(())
}

/// Writes the row of a call-back, which the figures of satisfaction count.
pub(super) fn put_call(tx: &mut Tx<'_>, cx: &Cx, after: &CaseState, act: &state::Act) -> Result<()> {
    for effect in &act.effects {
        let state::Effect::Call { answered, solved, satisfied } = effect else { continue };
        let id = tx.id()?;
        let words = act.said.note.clone().unwrap_or_default();
        tx.exec(
            &PUT_CALL,
            args![
                id,
                after.office,
                after.id,
                after.report,
                cx.occurred.unwrap_or(cx.now),
                cx.actor.account,
                *answered,
                yes_no(*solved),
                *satisfied,
                words
            ],
        )?;
    }
    Ok(())
}

fn save_clocks(tx: &mut Tx<'_>, cx: &Cx, before: Option<&CaseState>, after: &CaseState) -> Result<()> {
    for clock in &after.clocks {
        let old = before.and_then(|b| b.clocks.iter().find(|c| c.id == clock.id));
        if old == Some(clock) {
            continue;
        }
        let mut columns = clock_columns(after, clock);
        columns.push(clocks::next_alarm(cx, clock, 0).into());
        tx.exec(if old.is_some() { &SET_CLOCK } else { &PUT_CLOCK }, &columns)?;
    }
    Ok(())
}

fn put_changed(
    tx: &mut Tx<'_>,
    before: &BTreeMap<i64, Columns>,
    after: &BTreeMap<i64, Columns>,
    put: &Sql,
    set: &Sql,
) -> Result<()> {
    for (id, columns) in after {
        match before.get(id) {
            None => tx.exec(put, columns)?,
            Some(old) if old != columns => tx.exec(set, columns)?,
            Some(_) => 0,
        };
    }
    Ok(())
}

/// The active units of an office: id, name, short name.
pub(super) fn active_units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(UnitId, String, String)>> {
    tx.query(&ACTIVE_UNITS, args![office], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Whether a unit is another, or lies under it.
///
/// # Errors
/// When the database refuses.
pub fn is_under(tx: &mut Tx<'_>, office: OfficeId, unit: UnitId, above: UnitId) -> Result<bool> {
    Ok(unit_line(tx, office, &[unit])?.contains(&above))
}

/// Units and all above them.
///
/// # Errors
/// When the database refuses.
pub fn unit_line(tx: &mut Tx<'_>, office: OfficeId, units: &[UnitId]) -> Result<Vec<UnitId>> {
    let mut line: Vec<UnitId> = Vec::new();
    let mut todo: Vec<UnitId> = units.to_vec();
    while let Some(unit) = todo.pop() {
        if line.contains(&unit) {
            continue;
        }
        line.push(unit);
        todo.extend(tx.value::<Option<UnitId>>(&UNIT_PARENT, args![office, unit])?.flatten());
    }
    Ok(line)
}

/// Whether somebody can be called back: a requester with a contact who wants an answer.
pub(super) fn can_call_back(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<bool> {
    Ok(tx.value::<i64>(&CAN_CALL, args![office, case])?.is_some())
}

/// Whether an account has handled the case.
pub(super) fn has_handled(
    tx: &mut Tx<'_>,
    office: OfficeId,
    case: CaseId,
    account: AccountId,
) -> Result<bool> {
    Ok(tx.value::<i64>(&HANDLED, args![office, case, account])?.is_some())
}

/// Whether an actor's scope holds a case.
pub(super) fn in_scope(tx: &mut Tx<'_>, cx: &Cx, verb: &'static str, case: CaseId) -> Result<bool> {
    let mut query = Query::new("select 1 from cases c");
    query.and("c.id = ?", [case.into()]);
    cx.actor.scope(verb).restrict(&mut query);
    Ok(!tx.list(&query, |row| row.get::<i64>(0))?.is_empty())
}

/// The open cases of a report, by part.
///
/// # Errors
/// When the database refuses.
pub fn cases_of_report(tx: &mut Tx<'_>, office: OfficeId, report: ReportId) -> Result<Vec<CaseId>> {
    tx.query(&CASE_OF_REPORT, args![office, report], |row| row.get(0))
}

/// Whether a case has a document of a kind that is signed.
pub(super) fn has_signed(tx: &mut Tx<'_>, office: OfficeId, case: CaseId, kind: &str) -> Result<bool> {
    Ok(tx.value::<i64>(&SIGNED, args![office, case, kind])?.is_some())
}
