//! SQL of tasks.

use super::model::{
    Answer, Asks, File, FileId, Line, NewFile, Receiver, ReceiverId, State, Target, Task, TaskId,
};
use kernel::{CaseId, OfficeId, Ts, UnitId};
use store::{Arg, Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    INSERT = Sql::Both(
        "insert into task (id, office, title, body, source, source_no, source_who, urgency, due_at, asks, case_id, decision,
         account, post, unit, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
    TASK = Sql::Both(
        "select id, title, body, source, source_no, source_who, urgency, due_at, asks, case_id, decision, account, post, unit,
         created_at, closed_at from task where office = $1 and id = $2");
    SET_DUE = Sql::Both("update task set due_at = $3 where office = $1 and id = $2");
    SET_CLOSED = Sql::Both("update task set closed_at = $3 where office = $1 and id = $2");
    INSERT_RECEIVER = Sql::Both(
        "insert into task_receiver (id, office, task, target, name, sort_key, kind, state, reason, returns, chased, via, answer)
         values ($1, $2, $3, $4, $5, $6, $7, 'open', '', 0, 0, '', '')");
    RECEIVERS = Sql::Both(
        "select id, task, target, name, kind, state, due_at, signed_at, answered_at, entered_at, confirmed_at, reason, returns,
         chased, chased_at, via, account, answer from task_receiver where office = $1 and task = $2 order by sort_key, id");
    UPDATE_RECEIVER = Sql::Both(
        "update task_receiver set state = $3, due_at = $4, signed_at = $5, answered_at = $6, entered_at = $7, confirmed_at = $8,
         reason = $9, returns = $10, chased = $11, chased_at = $12, via = $13, account = $14, answer = $15
         where office = $1 and id = $2");
    INSERT_FILE = Sql::Both(
        "insert into task_file (id, office, task, receiver, name, hash, mime, bytes, at, live)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true)");
    FILES = Sql::Both(
        "select id, receiver, name, hash, mime, bytes, at from task_file where office = $1 and task = $2 and live order by id");
    DROP_FILES = Sql::Both("update task_file set live = false where office = $1 and receiver = $2");
    CASE_NO = Sql::Both("select no, title from cases where office = $1 and id = $2");
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::failed(e.to_string()))
}

fn task_row(row: &Row<'_>) -> Result<Task> {
    let asks: String = row.get(8)?;
    let asks: Asks = serde_json::from_str(&asks).map_err(|e| Error::failed(format!("a task: {e}")))?;
    Ok(Task {
        id: TaskId(row.get(0)?),
        title: row.get(1)?,
        body: row.get(2)?,
        source: row.get(3)?,
        source_no: row.get(4)?,
        source_who: row.get(5)?,
        urgency: row.get(6)?,
        due: row.get(7)?,
        asks,
        case: row.get(9)?,
        decision: row.get::<Option<i64>>(10)?.map(super::model::DecisionId),
        account: row.get(11)?,
        post: row.get(12)?,
        unit: row.get(13)?,
        created: row.get(14)?,
        closed: row.get(15)?,
    })
}

fn target(text: &str) -> Result<Target> {
    Target::parse(text).ok_or_else(|| Error::failed(format!("a receiver: {text}")))
}

fn receiver_row(row: &Row<'_>) -> Result<Receiver> {
    let answer: String = row.get(17)?;
    let answer: Answer = match answer.as_str() {
        "" => Answer::default(),
        text => serde_json::from_str(text).map_err(|e| Error::failed(format!("an answer: {e}")))?,
    };
    Ok(Receiver {
        id: ReceiverId(row.get(0)?),
        task: TaskId(row.get(1)?),
        target: target(&row.get::<String>(2)?)?,
        name: row.get(3)?,
        kind: row.get(4)?,
        state: State::parse(&row.get::<String>(5)?),
        due: row.get(6)?,
        signed: row.get(7)?,
        answered: row.get(8)?,
        entered: row.get(9)?,
        confirmed: row.get(10)?,
        reason: row.get(11)?,
        returns: row.get(12)?,
        chased: row.get(13)?,
        chased_at: row.get(14)?,
        via: row.get(15)?,
        account: row.get(16)?,
        answer,
    })
}

/// Writes a new task.
pub(super) fn insert(tx: &mut Tx<'_>, office: OfficeId, task: &Task) -> Result<()> {
    let asks = json(&task.asks)?;
    tx.exec(
        &INSERT,
        args![
            task.id,
            office,
            &task.title,
            &task.body,
            &task.source,
            &task.source_no,
            &task.source_who,
            &task.urgency,
            task.due,
            asks,
            task.case,
            task.decision.map(|id| id.0),
            task.account,
            task.post,
            task.unit,
            task.created
        ],
    )?;
    Ok(())
}

/// A task. Not a check of rights.
pub(super) fn task(tx: &mut Tx<'_>, office: OfficeId, id: TaskId) -> Result<Option<Task>> {
    tx.opt(&TASK, args![office, id], task_row)
}

/// Sets until when all are asked.
pub(super) fn set_due(tx: &mut Tx<'_>, office: OfficeId, id: TaskId, due: Ts) -> Result<()> {
    tx.exec(&SET_DUE, args![office, id, due])?;
    Ok(())
}

/// Closes a task, or opens it again.
pub(super) fn set_closed(tx: &mut Tx<'_>, office: OfficeId, id: TaskId, at: Option<Ts>) -> Result<()> {
    tx.exec(&SET_CLOSED, args![office, id, at])?;
    Ok(())
}

/// Adds a receiver.
pub(super) fn insert_receiver(
    tx: &mut Tx<'_>,
    office: OfficeId,
    task: TaskId,
    who: &super::model::Candidate,
) -> Result<ReceiverId> {
    let id = ReceiverId(tx.id()?);
    let target = who.target.to_string();
    tx.exec(&INSERT_RECEIVER, args![id, office, task, target, &who.name, &who.sort_key, &who.kind])?;
    Ok(id)
}

/// The receivers of a task by the sound of their names. Not a check of rights.
pub(super) fn receivers(tx: &mut Tx<'_>, office: OfficeId, task: TaskId) -> Result<Vec<Receiver>> {
    tx.query(&RECEIVERS, args![office, task], receiver_row)
}

/// Writes how far a receiver is.
pub(super) fn update(tx: &mut Tx<'_>, office: OfficeId, r: &Receiver) -> Result<()> {
    let answer = json(&r.answer)?;
    tx.exec(
        &UPDATE_RECEIVER,
        args![
            office,
            r.id,
            r.state.as_str(),
            r.due,
            r.signed,
            r.answered,
            r.entered,
            r.confirmed,
            &r.reason,
            r.returns,
            r.chased,
            r.chased_at,
            &r.via,
            r.account,
            answer
        ],
    )?;
    Ok(())
}

/// Adds a file to a task, or to a receiver's answer.
pub(super) fn insert_file(
    tx: &mut Tx<'_>,
    office: OfficeId,
    (task, receiver): (TaskId, Option<ReceiverId>),
    file: &NewFile,
    at: Ts,
) -> Result<()> {
    let id = FileId(tx.id()?);
    tx.exec(
        &INSERT_FILE,
        args![id, office, task, receiver.map(|id| id.0), &file.name, &file.hash, &file.mime, file.bytes, at],
    )?;
    Ok(())
}

/// The files of a task and of its answers. Not a check of rights.
pub(super) fn files(tx: &mut Tx<'_>, office: OfficeId, task: TaskId) -> Result<Vec<File>> {
    tx.query(&FILES, args![office, task], |row| {
        Ok(File {
            id: FileId(row.get(0)?),
            receiver: row.get::<Option<i64>>(1)?.map(ReceiverId),
            name: row.get(2)?,
            hash: row.get(3)?,
            mime: row.get(4)?,
            bytes: row.get(5)?,
            at: row.get(6)?,
        })
    })
}

/// The files of an answer are replaced by others.
pub(super) fn drop_files(tx: &mut Tx<'_>, office: OfficeId, receiver: ReceiverId) -> Result<()> {
    tx.exec(&DROP_FILES, args![office, receiver])?;
    Ok(())
}

/// The number and title of a case. Not a check of rights.
pub(super) fn case_no(tx: &mut Tx<'_>, office: OfficeId, id: CaseId) -> Result<Option<(String, String)>> {
    tx.opt(&CASE_NO, args![office, id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `open`, `late`, `closed`; blank for all.
    pub state: String,
    /// Part of a title or text.
    pub q: String,
    /// Pages passed over.
    pub page: i64,
}

/// Lines on a page.
pub const PAGE: i64 = 50;

fn narrow(query: &mut Query, filter: &Filter, late: &'static str, now: Ts) {
    match filter.state.as_str() {
        "open" => {
            query.and("t.closed_at is null", []);
        }
        "closed" => {
            query.and("t.closed_at is not null", []);
        }
        "late" => {
            query.and(late, [now.into()]);
        }
        _ => {}
    }
    let typed: String = filter.q.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).take(60).collect();
    if !typed.is_empty() {
        let part = format!("%{typed}%");
        query.and(
            "t.title like ? or t.body like ? or t.source_no like ?",
            [part.clone().into(), part.clone().into(), part.into()],
        );
    }
}

/// A page of a list, and how long the whole list is.
pub struct Page {
    /// The lines of the page, at most [`PAGE`].
    pub lines: Vec<Line>,
    /// The length of the list over all pages.
    pub total: i64,
}

/// An answer that is still owed.
const OWED: &str = "t.closed_at is null and r.state in ('open', 'signed', 'returned')";

/// What some targets are asked: the earliest due first.
pub(super) fn own(
    tx: &mut Tx<'_>,
    office: OfficeId,
    targets: &[Target],
    filter: &Filter,
    now: Ts,
) -> Result<Page> {
    let asked = |head: &'static str| {
        let mut query = Query::new(head);
        query.push("from task_receiver r join task t on t.office = r.office and t.id = r.task");
        query.and("r.office = ? and r.state <> 'withdrawn'", [office.into()]);
        query.and_in("r.target", targets.iter().map(|t| Arg::from(t.to_string())));
        if matches!(filter.state.as_str(), "owed" | "late") {
            query.and(OWED, []);
        }
        narrow(&mut query, filter, "coalesce(r.due_at, t.due_at) < ?", now);
        query
    };
    let mut query = asked(
        "select t.id, t.title, t.source, t.urgency, coalesce(r.due_at, t.due_at), t.closed_at, t.created_at, t.unit, r.id, \
         r.name, r.state, r.chased",
    );
    query.push("order by case when").push(OWED).push("then 0 else 1 end,");
    query.bind(
        "coalesce(r.due_at, t.due_at), t.id limit ? offset ?",
        [PAGE.into(), (filter.page * PAGE).into()],
    );
    let lines = tx.list(&query, |row| {
        let own = (ReceiverId(row.get(8)?), row.get(9)?, State::parse(&row.get::<String>(10)?), row.get(11)?);
        Ok(Line { own: Some(own), ..line(row)? })
    })?;
    Ok(Page { lines, total: count(tx, &asked("select count(*)"))? })
}

fn count(tx: &mut Tx<'_>, query: &Query) -> Result<i64> {
    Ok(tx.list(query, |row| row.get(0))?.pop().unwrap_or(0))
}

fn line(row: &Row<'_>) -> Result<Line> {
    Ok(Line {
        id: TaskId(row.get(0)?),
        title: row.get(1)?,
        source: row.get(2)?,
        urgency: row.get(3)?,
        due: row.get(4)?,
        closed: row.get(5)?,
        created: row.get(6)?,
        unit: row.get(7)?,
        own: None,
        counts: (0, 0, 0),
    })
}

/// What is asked by some units, or by all: open ones first, the earliest due first.
pub(super) fn given(
    tx: &mut Tx<'_>,
    office: OfficeId,
    units: Option<&[UnitId]>,
    filter: &Filter,
    now: Ts,
) -> Result<Page> {
    let asked = |query: &mut Query| {
        query.and("t.office = ?", [office.into()]);
        if let Some(units) = units {
            query.and_in("t.unit", units.iter().map(|u| Arg::from(*u)));
        }
        let late = "t.closed_at is null and exists (select 1 from task_receiver r where r.office = t.office and r.task = t.id and \
                    r.state in ('open', 'signed', 'returned') and coalesce(r.due_at, t.due_at) < ?)";
        narrow(query, filter, late, now);
    };
    let mut query = Query::new(
        "select t.id, t.title, t.source, t.urgency, t.due_at, t.closed_at, t.created_at, t.unit, \
         (select count(*) from task_receiver r where r.office = t.office and r.task = t.id and r.state <> 'withdrawn'), \
         (select count(*) from task_receiver r where r.office = t.office and r.task = t.id and r.state in ('answered', 'confirmed')),",
    );
    query.bind(
        "(select count(*) from task_receiver r where r.office = t.office and r.task = t.id and \
         r.state in ('open', 'signed', 'returned') and coalesce(r.due_at, t.due_at) < coalesce(t.closed_at, ?)) from task t",
        [now.into()],
    );
    asked(&mut query);
    query.push("order by case when t.closed_at is null then 0 else 1 end,");
    query.push("case when t.closed_at is null then t.due_at else -t.closed_at end, t.id");
    query.bind("limit ? offset ?", [PAGE.into(), (filter.page * PAGE).into()]);
    let lines =
        tx.list(&query, |row| Ok(Line { counts: (row.get(8)?, row.get(9)?, row.get(10)?), ..line(row)? }))?;
    let mut whole = Query::new("select count(*) from task t");
    asked(&mut whole);
    Ok(Page { lines, total: count(tx, &whole)? })
}

/// How many answers some targets owe.
pub(super) fn count_owed(tx: &mut Tx<'_>, office: OfficeId, targets: &[Target]) -> Result<i64> {
    let mut query = Query::new(
        "select count(*) from task_receiver r join task t on t.office = r.office and t.id = r.task",
    );
    query.and("r.office = ?", [office.into()]);
    query.and(OWED, []);
    query.and_in("r.target", targets.iter().map(|t| Arg::from(t.to_string())));
    count(tx, &query)
}
