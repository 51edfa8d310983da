//! SQL of meetings.

use super::model::{Carried, Decision, Item, Meeting, MeetingId, Standing};
use crate::features::tasks::model::{Candidate, DecisionId, TaskId};
use kernel::{CaseId, OfficeId, Ts, UnitId};
use store::{Arg, Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    INSERT = Sql::Both(
        "insert into meeting (id, office, kind, title, at, place, guests, unit, account, created_at, carried)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')");
    MEETING = Sql::Both(
        "select id, kind, title, at, place, guests, unit, account, created_at, closed_at, carried from meeting
         where office = $1 and id = $2");
    CLOSE = Sql::Both("update meeting set closed_at = $3, carried = $4 where office = $1 and id = $2");
    INSERT_PARTY = Sql::Both(
        "insert into meeting_party (id, office, meeting, target, name, sort_key) values ($1, $2, $3, $4, $5, $6)");
    PARTIES = Sql::Both(
        "select target, name from meeting_party where office = $1 and meeting = $2 order by sort_key, id");
    INSERT_ITEM = Sql::Both(
        "insert into meeting_item (id, office, meeting, at, text, case_id, task) values ($1, $2, $3, $4, $5, $6, $7)");
    ITEMS = Sql::Both(
        "select id, at, text, case_id, task from meeting_item where office = $1 and meeting = $2 order by id");
    INSERT_DECISION = Sql::Both(
        "insert into meeting_decision (id, office, meeting, item, text, target, owner, due_at, state, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', '')");
    SETTLE = Sql::Both(
        "update meeting_decision set state = $3, reason = $4, settled_at = $5, due_at = $6, task = $7
         where office = $1 and id = $2");
    CASE_BY_NO = Sql::Both("select id from cases where office = $1 and no = $2");
    KINDS = Sql::Both("select kind from meeting where office = $1 group by kind order by count(*) desc, kind limit 10");
}

/// What [`decision_row`] reads; a decision whose task is closed is done.
const DECISIONS: &str = "select d.id, d.meeting, d.item, d.text, d.target, d.owner, d.due_at, \
     case when d.state = 'open' and t.closed_at is not null then 'done' else d.state end, d.reason, \
     coalesce(d.settled_at, t.closed_at), d.task, m.title, m.at \
     from meeting_decision d join meeting m on m.office = d.office and m.id = d.meeting \
     left join task t on t.office = d.office and t.id = d.task";

fn meeting_row(row: &Row<'_>) -> Result<Meeting> {
    let carried: String = row.get(10)?;
    let carried: Vec<Carried> = match carried.as_str() {
        "" => Vec::new(),
        text => serde_json::from_str(text).map_err(|e| Error::failed(format!("a meeting: {e}")))?,
    };
    Ok(Meeting {
        id: MeetingId(row.get(0)?),
        kind: row.get(1)?,
        title: row.get(2)?,
        at: row.get(3)?,
        place: row.get(4)?,
        guests: row.get(5)?,
        unit: row.get(6)?,
        account: row.get(7)?,
        created: row.get(8)?,
        closed: row.get(9)?,
        carried,
    })
}

fn decision_row(row: &Row<'_>) -> Result<Carried> {
    let decision = Decision {
        id: DecisionId(row.get(0)?),
        meeting: row.get(1)?,
        item: row.get(2)?,
        text: row.get(3)?,
        target: row.get(4)?,
        owner: row.get(5)?,
        due: row.get(6)?,
        standing: Standing::parse(&row.get::<String>(7)?),
        reason: row.get(8)?,
        settled: row.get(9)?,
        task: row.get::<Option<i64>>(10)?.map(TaskId),
    };
    Ok(Carried { meeting: decision.meeting, title: row.get(11)?, at: row.get(12)?, decision })
}

/// Writes a new meeting.
pub(super) fn insert(tx: &mut Tx<'_>, office: OfficeId, m: &Meeting) -> Result<()> {
    tx.exec(
        &INSERT,
        args![m.id, office, &m.kind, &m.title, m.at, &m.place, &m.guests, m.unit, m.account, m.created],
    )?;
    Ok(())
}

/// A meeting. Not a check of rights.
pub(super) fn meeting(tx: &mut Tx<'_>, office: OfficeId, id: MeetingId) -> Result<Option<Meeting>> {
    tx.opt(&MEETING, args![office, id], meeting_row)
}

/// Settles the minutes, with what came back as it stands; or opens them again.
pub(super) fn close(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: MeetingId,
    at: Option<Ts>,
    carried: &[Carried],
) -> Result<()> {
    let text = serde_json::to_string(carried).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(&CLOSE, args![office, id, at, text])?;
    Ok(())
}

/// Adds somebody who comes.
pub(super) fn insert_party(tx: &mut Tx<'_>, office: OfficeId, id: MeetingId, who: &Candidate) -> Result<()> {
    let key = tx.id()?;
    tx.exec(&INSERT_PARTY, args![key, office, id, who.target.to_string(), &who.name, &who.sort_key])?;
    Ok(())
}

/// Who comes: targets and names.
pub(super) fn parties(tx: &mut Tx<'_>, office: OfficeId, id: MeetingId) -> Result<Vec<(String, String)>> {
    tx.query(&PARTIES, args![office, id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Adds an item.
pub(super) fn insert_item(tx: &mut Tx<'_>, office: OfficeId, meeting: MeetingId, item: &Item) -> Result<()> {
    let task = item.task.map(|id| id.0);
    tx.exec(&INSERT_ITEM, args![item.id, office, meeting, item.at, &item.text, item.case, task])?;
    Ok(())
}

/// The items in their order.
pub(super) fn items(tx: &mut Tx<'_>, office: OfficeId, id: MeetingId) -> Result<Vec<Item>> {
    tx.query(&ITEMS, args![office, id], |row| {
        Ok(Item {
            id: row.get(0)?,
            at: row.get(1)?,
            text: row.get(2)?,
            case: row.get(3)?,
            task: row.get::<Option<i64>>(4)?.map(TaskId),
        })
    })
}

/// Adds a decision.
pub(super) fn insert_decision(tx: &mut Tx<'_>, office: OfficeId, d: &Decision) -> Result<()> {
    tx.exec(&INSERT_DECISION, args![d.id, office, d.meeting, d.item, &d.text, &d.target, &d.owner, d.due])?;
    Ok(())
}

/// Writes how a decision stands.
pub(super) fn settle(tx: &mut Tx<'_>, office: OfficeId, d: &Decision) -> Result<()> {
    let task = d.task.map(|id| id.0);
    tx.exec(&SETTLE, args![office, d.id, d.standing.as_str(), &d.reason, d.settled, d.due, task])?;
    Ok(())
}

/// A decision with its meeting. Not a check of rights.
pub(super) fn decision(tx: &mut Tx<'_>, office: OfficeId, id: DecisionId) -> Result<Option<Carried>> {
    let mut query = Query::new(DECISIONS);
    query.and("d.office = ? and d.id = ?", [office.into(), id.into()]);
    Ok(tx.list(&query, decision_row)?.pop())
}

/// The decisions of a meeting.
pub(super) fn decisions(tx: &mut Tx<'_>, office: OfficeId, id: MeetingId) -> Result<Vec<Decision>> {
    let mut query = Query::new(DECISIONS);
    query.and("d.office = ? and d.meeting = ?", [office.into(), id.into()]);
    query.push("order by d.id");
    Ok(tx.list(&query, decision_row)?.into_iter().map(|c| c.decision).collect())
}

/// What earlier meetings of the same kind and unit decided and is not done, or was settled since this one was called.
pub(super) fn carried(tx: &mut Tx<'_>, office: OfficeId, m: &Meeting) -> Result<Vec<Carried>> {
    let mut query = Query::new(DECISIONS);
    query.and(
        "d.office = ? and m.kind = ? and m.id <> ?",
        [office.into(), m.kind.as_str().into(), m.id.into()],
    );
    // Of two at the same hour the one that was called first is the earlier.
    query.and("m.at < ? or m.at = ? and m.created_at < ?", [m.at.into(), m.at.into(), m.created.into()]);
    match m.unit {
        Some(unit) => query.and("m.unit = ?", [unit.into()]),
        None => query.and("m.unit is null", []),
    };
    query.and(
        "d.state = 'open' and t.closed_at is null or coalesce(d.settled_at, t.closed_at) >= ?",
        [m.created.into()],
    );
    query.push("order by m.at, d.id");
    tx.list(&query, decision_row)
}

/// Open decisions: all of the office, or those that some targets are to do.
pub(super) fn open(tx: &mut Tx<'_>, office: OfficeId, targets: Option<&[String]>) -> Result<Vec<Carried>> {
    let mut query = Query::new(DECISIONS);
    query.and("d.office = ? and d.state = 'open' and t.closed_at is null", [office.into()]);
    if let Some(targets) = targets {
        query.and_in("d.target", targets.iter().map(Arg::from));
    }
    query.push("order by d.due_at nulls last, d.id limit 100");
    tx.list(&query, decision_row)
}

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: MeetingId,
    pub kind: String,
    pub title: String,
    pub at: Ts,
    pub place: String,
    pub closed: Option<Ts>,
    pub items: i64,
    pub decisions: i64,
    pub undone: i64,
}

/// Meetings on a page.
pub const PAGE: i64 = 30;

/// Meetings, the latest first: all of the office, or those of some units or with some targets.
pub(super) fn list(
    tx: &mut Tx<'_>,
    office: OfficeId,
    own: Option<(&[UnitId], &[String])>,
    page: i64,
) -> Result<Vec<Line>> {
    let mut query = Query::new(
        "select m.id, m.kind, m.title, m.at, m.place, m.closed_at, \
         (select count(*) from meeting_item i where i.office = m.office and i.meeting = m.id), \
         (select count(*) from meeting_decision d where d.office = m.office and d.meeting = m.id), \
         (select count(*) from meeting_decision d left join task t on t.office = d.office and t.id = d.task \
          where d.office = m.office and d.meeting = m.id and d.state = 'open' and t.closed_at is null) from meeting m",
    );
    query.and("m.office = ?", [office.into()]);
    if let Some((units, targets)) = own {
        let mut text = String::from("1 = 0");
        let mut args: Vec<Arg> = Vec::new();
        for unit in units {
            text.push_str(&format!(" or m.unit = ${}", query.next_arg() + args.len()));
            args.push((*unit).into());
        }
        for target in targets {
            text.push_str(&format!(
                " or exists (select 1 from meeting_party p where p.office = m.office and p.meeting = m.id and p.target = ${})",
                query.next_arg() + args.len()
            ));
            args.push(target.into());
        }
        query.condition(&text, args);
    }
    query.bind("order by m.at desc, m.id desc limit ? offset ?", [(PAGE + 1).into(), (page * PAGE).into()]);
    tx.list(&query, |row| {
        Ok(Line {
            id: MeetingId(row.get(0)?),
            kind: row.get(1)?,
            title: row.get(2)?,
            at: row.get(3)?,
            place: row.get(4)?,
            closed: row.get(5)?,
            items: row.get(6)?,
            decisions: row.get(7)?,
            undone: row.get(8)?,
        })
    })
}

/// The case with a number. Not a check of rights.
pub(super) fn case_by_no(tx: &mut Tx<'_>, office: OfficeId, no: &str) -> Result<Option<CaseId>> {
    tx.value(&CASE_BY_NO, args![office, no])
}

/// The kinds of meetings that were held.
pub(super) fn kinds(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<String>> {
    tx.query(&KINDS, args![office], |row| row.get(0))
}
