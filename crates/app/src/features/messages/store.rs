//! The SQL of messages, their receivers and the robots.

use super::model::{CaseFacts, Message, Posted, Receiver};
use crate::context::Cx;
use kernel::{AccountId, CaseId, Ts, UnitId};
use store::{Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    ADD = Sql::Both(
        "insert into message (id, office, text, urgent, each_one, cause, cause_key, case_id, due_at, silent_minutes, account,
         sent_at, robots) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '[]')
         on conflict (office, cause, cause_key) do nothing");
    ADD_TO = Sql::Both(
        "insert into message_to (id, office, message, account, step, kind, state, sent_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (office, message, account) do nothing");
    FIND = Sql::Both(
        "select id, text, urgent, each_one, cause, case_id, due_at, silent_minutes, account, sent_at, ended_at, robots
         from message where office = $1 and id = $2");
    RECEIVERS = Sql::Both(
        "select t.id, t.account, a.name, coalesce(p.phone, ''), t.step, t.kind, t.state, t.sent_at, t.read_at, t.confirmed_at,
         t.silent_at, t.passed_to, t.call_state, t.call_at, t.call_by from message_to t
         join account a on a.office = t.office and a.id = t.account
         left join roster_phone p on p.office = t.office and p.account = t.account
         where t.office = $1 and t.message = $2 order by t.step, a.sort_key, t.id");
    MINE = Sql::Both(
        "select m.id, m.text, m.urgent, m.each_one, m.cause, m.case_id, m.due_at, m.silent_minutes, m.account, m.sent_at,
         m.ended_at, m.robots from message_to t join message m on m.office = t.office and m.id = t.message
         where t.office = $1 and t.account = $2 and t.state in ('sent', 'read', 'confirmed', 'silent')
         order by t.sent_at desc, m.id desc limit 100");
    WRITTEN = Sql::Both(
        "select id, text, urgent, each_one, cause, case_id, due_at, silent_minutes, account, sent_at, ended_at, robots
         from message where office = $1 and account = $2 order by sent_at desc, id desc limit 50");
    RECENT = Sql::Both(
        "select id, text, urgent, each_one, cause, case_id, due_at, silent_minutes, account, sent_at, ended_at, robots
         from message where office = $1 and sent_at > $2 order by sent_at desc, id desc limit 200");
    COUNT = Sql::Both(
        "select count(*) from message_to t join message m on m.office = t.office and m.id = t.message and m.ended_at is null
         where t.office = $1 and t.account = $2 and t.state in ('sent', 'read', 'silent')");
    READ = Sql::Both(
        "update message_to set state = case when state = 'sent' then 'read' else state end, read_at = coalesce(read_at, $4)
         where office = $1 and message = $2 and account = $3 and state in ('sent', 'read', 'silent') and read_at is null");
    CONFIRM = Sql::Both(
        "update message_to set state = 'confirmed', confirmed_at = $4, read_at = coalesce(read_at, $4)
         where office = $1 and message = $2 and account = $3 and state in ('waiting', 'sent', 'read', 'silent', 'off')");
    END = Sql::Both("update message set ended_at = $3 where office = $1 and id = $2 and ended_at is null");
    OFF = Sql::Both("update message_to set state = 'off' where office = $1 and message = $2 and state = 'waiting'");
    LEFT = Sql::Both("select count(*) from message_to where office = $1 and message = $2 and state <> 'confirmed'");
    SILENT_DUE = Sql::Both(
        "select t.id, t.message, t.account, t.step, m.each_one from message_to t
         join message m on m.office = t.office and m.id = t.message and m.ended_at is null
         where t.office = $1 and t.state in ('sent', 'read') and t.sent_at <= $2 - m.silent_minutes * 60000
         order by t.sent_at, t.id limit 200");
    ANY_DUE = Sql::Both(
        "select t.id from message_to t join message m on m.office = t.office and m.id = t.message and m.ended_at is null
         where t.office = $1 and t.state in ('sent', 'read') and t.sent_at <= $2 - m.silent_minutes * 60000 limit 1");
    SILENT = Sql::Both(
        "update message_to set state = 'silent', silent_at = $3, passed_to = $4
         where office = $1 and id = $2 and state in ('sent', 'read')");
    NEXT = Sql::Both(
        "select account from message_to where office = $1 and message = $2 and state = 'waiting' and step =
         (select min(n.step) from message_to n where n.office = $1 and n.message = $2 and n.state = 'waiting')
         order by id");
    SEND_NEXT = Sql::Both(
        "update message_to set state = 'sent', sent_at = $4
         where office = $1 and message = $2 and account = $3 and state = 'waiting'");
    TICK = Sql::Both(
        "update message_to set call_state = $4, call_at = $5, call_by = $6 where office = $1 and message = $2 and account = $3");
    SET_ROBOTS = Sql::Both("update message set robots = $3 where office = $1 and id = $2");
    URGENT = Sql::Both(
        "select c.id, c.lead_unit, c.due_at from cases c where c.office = $1 and c.urgent and c.closed_at is null
         and c.merged_into is null and c.phase in ('received', 'accepted', 'ruling', 'dispatched', 'handling')
         and (c.opened_at > $2 or c.accepted_at > $2 or c.dispatched_at > $2)
         and not exists (select 1 from message m where m.office = c.office and m.cause = 'urgent'
           and m.cause_key = cast(c.id as text) || '/' || cast(coalesce(c.lead_unit, 0) as text))
         order by c.opened_at, c.id limit 50");
    CLOCKS = Sql::Both(
        "select k.id, k.case_id, a.unit, k.due_at from clock k
         join assignment a on a.office = k.office and a.id = k.assignment and a.state <> 'off'
         where k.office = $1 and k.alarms = 1 and k.state = 'running' and k.due_at > $2
         and not exists (select 1 from message m where m.office = k.office and m.cause = 'clock'
           and m.cause_key = cast(k.id as text))
         order by k.due_at, k.id limit 50");
    CASE_BY_NO = Sql::Both("select id from cases where office = $1 and no = $2");
    ROBOTS = Sql::Both(
        "select id, kind, name, address, secret, active, last_at, last_state, last_note, version from message_robot
         where office = $1 order by id");
    ADD_ROBOT = Sql::Both(
        "insert into message_robot (id, office, kind, name, address, secret, active, changed_at, last_note, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, '', 1)");
    SET_ROBOT = Sql::Both(
        "update message_robot set active = $4, changed_at = $5, version = version + 1
         where office = $1 and id = $2 and version = $3");
    DROP_ROBOT = Sql::Both("delete from message_robot where office = $1 and id = $2 and version = $3");
    ROBOT_SAID = Sql::Both(
        "update message_robot set last_at = $3, last_state = $4, last_note = $5 where office = $1 and id = $2");
}

fn read_message(row: &Row<'_>) -> Result<Message> {
    let robots: String = row.get(11)?;
    Ok(Message {
        id: row.get(0)?,
        text: row.get(1)?,
        urgent: row.get(2)?,
        each: row.get(3)?,
        cause: row.get(4)?,
        case: row.get(5)?,
        due: row.get(6)?,
        silent_minutes: row.get(7)?,
        account: row.get(8)?,
        sent: row.get(9)?,
        ended: row.get(10)?,
        robots: serde_json::from_str(&robots).unwrap_or_default(),
    })
}

/// A message to be written.
pub(super) struct NewRow<'a> {
    pub(super) text: &'a str,
    pub(super) urgent: bool,
    pub(super) each: bool,
    pub(super) cause: &'a str,
    /// What makes it the only one of its cause; its own id where blank.
    pub(super) key: &'a str,
    pub(super) case: Option<CaseId>,
    pub(super) due: Option<Ts>,
    pub(super) silent_minutes: i64,
}

/// Writes a message; none when there is one for the same cause.
pub(super) fn add(tx: &mut Tx<'_>, cx: &Cx, new: &NewRow<'_>) -> Result<Option<i64>> {
    let id = tx.id()?;
    let own = id.to_string();
    let key = if new.key.is_empty() { own.as_str() } else { new.key };
    let added = tx.exec(
        &ADD,
        args![
            id,
            cx.office.id,
            new.text,
            new.urgent,
            new.each,
            new.cause,
            key,
            new.case,
            new.due,
            new.silent_minutes,
            cx.actor.account,
            cx.now
        ],
    )?;
    Ok((added > 0).then_some(id))
}

/// Adds a receiver, unless they are one.
pub(super) fn add_to(
    tx: &mut Tx<'_>,
    cx: &Cx,
    message: i64,
    account: AccountId,
    (step, kind): (i64, &str),
    now: bool,
) -> Result<bool> {
    let id = tx.id()?;
    let (state, sent) = if now { ("sent", Some(cx.now)) } else { ("waiting", None) };
    Ok(tx.exec(&ADD_TO, args![id, cx.office.id, message, account, step, kind, state, sent])? > 0)
}

pub(super) fn find(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Option<Message>> {
    tx.opt(&FIND, args![cx.office.id, id], read_message)
}

pub(super) fn receivers(tx: &mut Tx<'_>, cx: &Cx, message: i64) -> Result<Vec<Receiver>> {
    tx.query(&RECEIVERS, args![cx.office.id, message], |row| {
        Ok(Receiver {
            id: row.get(0)?,
            account: row.get(1)?,
            name: row.get(2)?,
            phone: row.get(3)?,
            step: row.get(4)?,
            kind: row.get(5)?,
            state: row.get(6)?,
            sent: row.get(7)?,
            read: row.get(8)?,
            confirmed: row.get(9)?,
            silent: row.get(10)?,
            passed_to: row.get(11)?,
            call: row.get(12)?,
            call_at: row.get(13)?,
            call_by: row.get(14)?,
        })
    })
}

/// Those that have come to somebody.
pub(super) fn mine(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<Message>> {
    tx.query(&MINE, args![cx.office.id, account], read_message)
}

/// Those that somebody has written.
pub(super) fn written(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<Message>> {
    tx.query(&WRITTEN, args![cx.office.id, account], read_message)
}

/// Those since an instant.
pub(super) fn recent(tx: &mut Tx<'_>, cx: &Cx, since: Ts) -> Result<Vec<Message>> {
    tx.query(&RECENT, args![cx.office.id, since], read_message)
}

/// How many somebody has not confirmed.
pub(super) fn count(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<i64> {
    Ok(tx.value(&COUNT, args![cx.office.id, account])?.unwrap_or(0))
}

pub(super) fn read(tx: &mut Tx<'_>, cx: &Cx, message: i64, account: AccountId) -> Result<bool> {
    Ok(tx.exec(&READ, args![cx.office.id, message, account, cx.now])? > 0)
}

pub(super) fn confirm(tx: &mut Tx<'_>, cx: &Cx, message: i64, account: AccountId) -> Result<bool> {
    Ok(tx.exec(&CONFIRM, args![cx.office.id, message, account, cx.now])? > 0)
}

/// Ends a message: who has not got it will not.
pub(super) fn end(tx: &mut Tx<'_>, cx: &Cx, message: i64) -> Result<()> {
    tx.exec(&END, args![cx.office.id, message, cx.now])?;
    tx.exec(&OFF, args![cx.office.id, message])?;
    Ok(())
}

/// How many have not confirmed.
pub(super) fn left(tx: &mut Tx<'_>, cx: &Cx, message: i64) -> Result<i64> {
    Ok(tx.value(&LEFT, args![cx.office.id, message])?.unwrap_or(0))
}

/// A receiver whose time is over.
pub(super) struct Silent {
    pub(super) id: i64,
    pub(super) message: i64,
    pub(super) account: AccountId,
    pub(super) each: bool,
}

pub(super) fn any_due(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    Ok(tx.value::<i64>(&ANY_DUE, args![cx.office.id, cx.now])?.is_some())
}

pub(super) fn silent_due(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Silent>> {
    tx.query(&SILENT_DUE, args![cx.office.id, cx.now], |row| {
        Ok(Silent { id: row.get(0)?, message: row.get(1)?, account: row.get(2)?, each: row.get(4)? })
    })
}

pub(super) fn set_silent(tx: &mut Tx<'_>, cx: &Cx, id: i64, passed_to: Option<AccountId>) -> Result<()> {
    tx.exec(&SILENT, args![cx.office.id, id, cx.now, passed_to])?;
    Ok(())
}

/// Whose turn is next.
pub(super) fn next(tx: &mut Tx<'_>, cx: &Cx, message: i64) -> Result<Vec<AccountId>> {
    tx.query(&NEXT, args![cx.office.id, message], |row| row.get(0))
}

pub(super) fn send_next(tx: &mut Tx<'_>, cx: &Cx, message: i64, account: AccountId) -> Result<()> {
    tx.exec(&SEND_NEXT, args![cx.office.id, message, account, cx.now])?;
    Ok(())
}

pub(super) fn tick(tx: &mut Tx<'_>, cx: &Cx, message: i64, account: AccountId, state: &str) -> Result<bool> {
    Ok(tx.exec(&TICK, args![cx.office.id, message, account, state, cx.now, cx.actor.account])? > 0)
}

pub(super) fn set_posted(tx: &mut Tx<'_>, cx: &Cx, message: i64, posted: &[Posted]) -> Result<()> {
    let text = serde_json::to_string(posted).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(&SET_ROBOTS, args![cx.office.id, message, text])?;
    Ok(())
}

/// An urgent case, who leads it, and when it is due.
pub(super) type Urgent = (CaseId, Option<UnitId>, Option<Ts>);

/// Urgent cases of which nobody was told since they came to whoever has them now.
pub(super) fn urgent(tx: &mut Tx<'_>, cx: &Cx, since: Ts) -> Result<Vec<Urgent>> {
    tx.query(&URGENT, args![cx.office.id, since], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// A clock that has warned.
pub(super) struct Warned {
    pub(super) clock: i64,
    pub(super) case: CaseId,
    pub(super) unit: UnitId,
    pub(super) due: Option<Ts>,
}

/// Clocks of units that have warned and of which nobody was told.
pub(super) fn warned(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Warned>> {
    tx.query(&CLOCKS, args![cx.office.id, cx.now], |row| {
        Ok(Warned { clock: row.get(0)?, case: row.get(1)?, unit: row.get(2)?, due: row.get(3)? })
    })
}

/// What is told of a case, if the actor may see it.
pub(super) fn facts(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Option<CaseFacts>> {
    let mut query = Query::new(
        "select c.id, c.no, coalesce(m.name_zh, ''), coalesce(m.name_en, ''), coalesce(p.name, ''), c.address, c.due_at, \
         c.class = 'ordinary' and c.subject_known and c.subject_unit is null and c.subject_text is null from cases c \
         left join matter m on m.office = c.office and m.id = c.matter \
         left join place p on p.office = c.office and p.id = c.place",
    );
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("c.id = ?", [case.into()]);
    let found = tx.list(&query, |row| {
        Ok(CaseFacts {
            id: row.get(0)?,
            no: row.get(1)?,
            matter: (row.get(2)?, row.get(3)?),
            place: row.get(4)?,
            address: row.get(5)?,
            due: row.get(6)?,
            open: row.get(7)?,
        })
    })?;
    Ok(found.into_iter().next())
}

pub(super) fn case_by_no(tx: &mut Tx<'_>, cx: &Cx, no: &str) -> Result<Option<CaseId>> {
    tx.value(&CASE_BY_NO, args![cx.office.id, no])
}

/// A robot as it is kept.
#[derive(Clone, Debug)]
pub(super) struct RobotRow {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) address: Vec<u8>,
    pub(super) secret: Option<Vec<u8>>,
    pub(super) active: bool,
    pub(super) last_at: Option<Ts>,
    pub(super) last_state: Option<String>,
    pub(super) last_note: String,
    pub(super) version: i64,
}

pub(super) fn robots(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<RobotRow>> {
    tx.query(&ROBOTS, args![cx.office.id], |row| {
        Ok(RobotRow {
            id: row.get(0)?,
            kind: row.get(1)?,
            name: row.get(2)?,
            address: row.get(3)?,
            secret: row.get(4)?,
            active: row.get(5)?,
            last_at: row.get(6)?,
            last_state: row.get(7)?,
            last_note: row.get(8)?,
            version: row.get(9)?,
        })
    })
}

pub(super) fn add_robot(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: i64,
    (kind, name): (&str, &str),
    address: Vec<u8>,
    secret: Option<Vec<u8>>,
) -> Result<()> {
    tx.exec(&ADD_ROBOT, args![id, cx.office.id, kind, name, address, secret, true, cx.now])?;
    Ok(())
}

pub(super) fn set_robot(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64, active: bool) -> Result<bool> {
    Ok(tx.exec(&SET_ROBOT, args![cx.office.id, id, version, active, cx.now])? > 0)
}

pub(super) fn drop_robot(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64) -> Result<bool> {
    Ok(tx.exec(&DROP_ROBOT, args![cx.office.id, id, version])? > 0)
}

pub(super) fn robot_said(tx: &mut Tx<'_>, cx: &Cx, id: i64, state: &str, note: &str) -> Result<()> {
    tx.exec(&ROBOT_SAID, args![cx.office.id, id, cx.now, state, note])?;
    Ok(())
}
