//! SQL of the tickets of upper platforms and of the profiles that read them.

use super::model::Known;
use super::tickets::Mapping;
use crate::context::Cx;
use kernel::{CaseId, OfficeId, ReportId, Ts};
use std::collections::HashMap;
use store::{Arg, Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    UPDATE = Sql::Both(
        "update upper_link set due_at = $3, return_by = $4, state = $5, round = $6, urges = $7, told = $8, satisfied = $9,
         solved = $10, seen_at = $11 where office = $1 and id = $2");
    SEEN = Sql::Both("update upper_link set seen_at = $3 where office = $1 and id = $2");
    PROFILES = Sql::Both("select system, columns from upstream_profile where office = $1 order by used_at desc, system");
    REPLIED = Sql::Both(
        "update upper_link set state = 'replied', replied_at = $3, receipt = $4 where office = $1 and id = $2");
    SYSTEMS = Sql::Both(
        "select system from upper_link where office = $1 group by system order by count(*) desc, system limit 20");
    DROP_PROFILE = Sql::Both("delete from upstream_profile where office = $1 and system = $2");
    PUT_PROFILE = Sql::Both(
        "insert into upstream_profile (id, office, system, columns, used_at) values ($1, $2, $3, $4, $5)");
}

/// The tickets of a system that are tied to cases, by their numbers.
pub(super) fn known(
    tx: &mut Tx<'_>,
    office: OfficeId,
    system: &str,
    numbers: &[&str],
) -> Result<HashMap<String, Known>> {
    let mut out = HashMap::new();
    for chunk in numbers.chunks(200) {
        let mut query = Query::new(
            "select u.id, u.case_id, u.report, u.number, u.due_at, u.return_by, u.state, u.round, u.urges, u.told, \
             u.satisfied, u.solved, c.no, c.title from upper_link u join cases c on c.office = u.office and c.id = u.case_id",
        );
        query.and("u.office = ? and u.system = ?", [office.into(), system.into()]);
        query.and_in("u.number", chunk.iter().map(|n| Arg::from(*n)));
        let rows = tx.list(&query, |row| {
            Ok(Known {
                id: row.get(0)?,
                case: row.get(1)?,
                report: row.get(2)?,
                number: row.get(3)?,
                due: row.get(4)?,
                return_by: row.get(5)?,
                state: row.get(6)?,
                round: row.get(7)?,
                urges: row.get(8)?,
                told: row.get(9)?,
                satisfied: row.get(10)?,
                solved: row.get(11)?,
                no: row.get(12)?,
                title: row.get(13)?,
            })
        })?;
        out.extend(rows.into_iter().map(|known| (known.number.clone(), known)));
    }
    Ok(out)
}

/// Writes what a ticket says now.
pub(super) fn update(tx: &mut Tx<'_>, office: OfficeId, now: Ts, k: &Known) -> Result<()> {
    tx.exec(
        &UPDATE,
        args![
            office,
            k.id,
            k.due,
            k.return_by,
            &k.state,
            k.round,
            k.urges,
            &k.told,
            k.satisfied,
            k.solved,
            now
        ],
    )?;
    Ok(())
}

/// Notes that a ticket was there.
pub(super) fn seen(tx: &mut Tx<'_>, office: OfficeId, now: Ts, id: i64) -> Result<()> {
    tx.exec(&SEEN, args![office, id, now])?;
    Ok(())
}

/// The profiles of an office, the one used last first.
pub(super) fn profiles(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Mapping>> {
    tx.query(&PROFILES, args![office], |row| {
        let columns: String = row.get(1)?;
        let columns = serde_json::from_str(&columns).map_err(|e| Error::failed(e.to_string()))?;
        Ok(Mapping { system: row.get(0)?, columns })
    })
}

/// The systems whose tickets are tied to cases, the most used first.
pub(super) fn systems(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<String>> {
    tx.query(&SYSTEMS, args![office], |row| row.get(0))
}

/// Keeps a profile in place of the one of the same system.
pub(super) fn put_profile(tx: &mut Tx<'_>, office: OfficeId, now: Ts, mapping: &Mapping) -> Result<()> {
    let columns = serde_json::to_string(&mapping.columns).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(&DROP_PROFILE, args![office, &mapping.system])?;
    let id = tx.id()?;
    tx.exec(&PUT_PROFILE, args![id, office, &mapping.system, columns, now])?;
    Ok(())
}

/// A ticket with its case, as the way back needs it.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: i64,
    pub case: CaseId,
    pub report: ReportId,
    pub system: String,
    pub number: String,
    pub due: Option<Ts>,
    pub state: String,
    pub replied_at: Option<Ts>,
    pub receipt: String,
    pub no: String,
    pub title: String,
}

/// What [`read_ticket`] reads.
const TICKETS: &str = "select u.id, u.case_id, u.report, u.system, u.number, u.due_at, u.state, u.replied_at, u.receipt, \
     c.no, c.title from upper_link u join cases c on c.office = u.office and c.id = u.case_id";

fn read_ticket(row: &Row<'_>) -> Result<Waiting> {
    Ok(Waiting {
        id: row.get(0)?,
        case: row.get(1)?,
        report: row.get(2)?,
        system: row.get(3)?,
        number: row.get(4)?,
        due: row.get(5)?,
        state: row.get(6)?,
        replied_at: row.get(7)?,
        receipt: row.get::<Option<String>>(8)?.unwrap_or_default(),
        no: row.get(9)?,
        title: row.get(10)?,
    })
}

/// A ticket by its id. Not a check of rights.
pub(super) fn ticket(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Waiting>> {
    let mut query = Query::new(TICKETS);
    query.and("u.office = ? and u.id = ?", [office.into(), id.into()]);
    Ok(tx.list(&query, read_ticket)?.pop())
}

/// The tickets of a case that were not written back yet. Not a check of rights.
pub(super) fn waiting_of(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<Waiting>> {
    let mut query = Query::new(TICKETS);
    query.and("u.office = ? and u.case_id = ? and u.state = 'waiting'", [office.into(), case.into()]);
    query.push("order by u.id");
    tx.list(&query, read_ticket)
}

/// Restricts to tickets that wait to be written back, within the viewer's scope.
fn to_reply(cx: &Cx, query: &mut Query) {
    cx.actor.scope("demands.read").restrict(query);
    query.and(
        "u.office = ? and u.state = 'waiting' and c.phase in ('calling', 'closed', 'refused', 'ended')",
        [cx.office.id.into()],
    );
}

/// Tickets that wait to be written back, the earliest deadline first, two hundred at most.
pub(super) fn waiting(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Waiting>> {
    let mut query = Query::new(TICKETS);
    to_reply(cx, &mut query);
    query.push("order by u.due_at nulls last, u.id limit 200");
    tx.list(&query, read_ticket)
}

/// Tickets that were given back and wait for the platform's ruling, the earliest deadline first.
pub(super) fn returning(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Waiting>> {
    let mut query = Query::new(TICKETS);
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("u.office = ? and u.state = 'returning'", [cx.office.id.into()]);
    query.push("order by u.due_at nulls last, u.id limit 200");
    tx.list(&query, read_ticket)
}

/// Open tickets of a system, within the viewer's scope, the earliest deadline first.
pub(super) fn open_here(tx: &mut Tx<'_>, cx: &Cx, system: &str) -> Result<Vec<Waiting>> {
    let mut query = Query::new(TICKETS);
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and(
        "u.office = ? and u.system = ? and u.state in ('waiting', 'returning')",
        [cx.office.id.into(), system.into()],
    );
    query.push("order by u.due_at nulls last, u.id limit 2000");
    tx.list(&query, read_ticket)
}

/// How many wait to be written back.
pub(super) fn count_waiting(tx: &mut Tx<'_>, cx: &Cx) -> Result<i64> {
    let mut query = Query::new(
        "select count(*) from upper_link u join cases c on c.office = u.office and c.id = u.case_id",
    );
    to_reply(cx, &mut query);
    Ok(tx.list(&query, |row| row.get(0))?.pop().unwrap_or(0))
}

/// Notes that a ticket was written back.
pub(super) fn replied(tx: &mut Tx<'_>, office: OfficeId, id: i64, now: Ts, receipt: &str) -> Result<()> {
    tx.exec(&REPLIED, args![office, id, now, receipt])?;
    Ok(())
}
