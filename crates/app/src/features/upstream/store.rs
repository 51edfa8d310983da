//! SQL of the tickets of upper platforms and of the profiles that read them.

use super::form::FormField;
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
    RATED_NOW = Sql::Both("update upper_link set rated_at = $3, contest = '' where office = $1 and id = $2");
    SET_CONTEST = Sql::Both("update upper_link set contest = $3 where office = $1 and id = $2");
    CONTEST = Sql::Both(
        "select round, grounds, words, pictures, due_at, sent_at, receipt, decided_at, answer from upper_contest
         where office = $1 and link = $2 and round = $3 order by id desc limit 1");
    PUT_CONTEST = Sql::Both(
        "insert into upper_contest (id, office, link, round, grounds, words, pictures, due_at, sent_at, sent_by, receipt)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)");
    DECIDE_CONTEST = Sql::Both(
        "update upper_contest set decided_at = $4, decided_by = $5, answer = $6
         where office = $1 and link = $2 and round = $3 and decided_at is null");
    SYSTEMS = Sql::Both(
        "select system from upper_link where office = $1 group by system order by count(*) desc, system limit 20");
    PUT_PROFILE = Sql::Both(
        "insert into upstream_profile (id, office, system, columns, used_at) values ($1, $2, $3, $4, $5)
         on conflict (office, system) do update set columns = excluded.columns, used_at = excluded.used_at");
    REPLY_FORM = Sql::Both("select reply from upstream_profile where office = $1 and system = $2");
    SET_REPLY_FORM = Sql::Both("update upstream_profile set reply = $3 where office = $1 and system = $2");
    IS_SYSTEM = Sql::Both("select 1 from upper_link where office = $1 and system = $2 limit 1");
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

/// Notes that a rating came in: one that was contested before is another one now.
pub(super) fn rated_now(tx: &mut Tx<'_>, office: OfficeId, now: Ts, id: i64) -> Result<()> {
    tx.exec(&RATED_NOW, args![office, id, now])?;
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
    let id = tx.id()?;
    tx.exec(&PUT_PROFILE, args![id, office, &mapping.system, columns, now])?;
    Ok(())
}

/// The form that a platform asks back, where the office has set one.
pub(super) fn reply_form(tx: &mut Tx<'_>, office: OfficeId, system: &str) -> Result<Option<Vec<FormField>>> {
    let text = tx.value::<String>(&REPLY_FORM, args![office, system])?.filter(|text| !text.is_empty());
    text.map(|t| serde_json::from_str(&t).map_err(|e| Error::failed(e.to_string()))).transpose()
}

/// Keeps it; says whether the platform is known.
pub(super) fn set_reply_form(
    tx: &mut Tx<'_>,
    office: OfficeId,
    system: &str,
    form: &[FormField],
) -> Result<bool> {
    let text = serde_json::to_string(form).map_err(|e| Error::failed(e.to_string()))?;
    if tx.exec(&SET_REPLY_FORM, args![office, system, &text])? > 0 {
        return Ok(true);
    }
    // Tickets that were linked by hand have no profile yet.
    if tx.value::<i64>(&IS_SYSTEM, args![office, system])?.is_none() {
        return Ok(false);
    }
    let id = tx.id()?;
    tx.exec(&PUT_PROFILE, args![id, office, system, "{}", 0_i64])?;
    tx.exec(&SET_REPLY_FORM, args![office, system, &text])?;
    Ok(true)
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

/// The tickets of a case in a state. Not a check of rights.
pub(super) fn of_case(tx: &mut Tx<'_>, office: OfficeId, case: CaseId, state: &str) -> Result<Vec<Waiting>> {
    let mut query = Query::new(TICKETS);
    query.and("u.office = ? and u.case_id = ? and u.state = ?", [office.into(), case.into(), state.into()]);
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

/// A ticket with the platform's rating of it.
#[derive(Clone, Debug)]
pub struct Rated {
    pub id: i64,
    pub case: CaseId,
    pub report: ReportId,
    pub system: String,
    pub number: String,
    pub round: i64,
    pub satisfied: Option<i64>,
    pub solved: Option<bool>,
    pub rated_at: Ts,
    pub contest: String,
    pub no: String,
    pub title: String,
}

/// A contest of a rating.
#[derive(Clone, Debug)]
pub struct Contest {
    pub round: i64,
    pub grounds: String,
    pub words: String,
    /// Ids of pictures of the case.
    pub pictures: Vec<i64>,
    pub due: Ts,
    pub sent_at: Ts,
    pub receipt: String,
    pub decided_at: Option<Ts>,
    pub answer: Option<String>,
}

const RATED: &str = "select u.id, u.case_id, u.report, u.system, u.number, u.round, u.satisfied, u.solved, u.rated_at, \
     u.contest, c.no, c.title from upper_link u join cases c on c.office = u.office and c.id = u.case_id";

fn read_rated(row: &Row<'_>) -> Result<Rated> {
    Ok(Rated {
        id: row.get(0)?,
        case: row.get(1)?,
        report: row.get(2)?,
        system: row.get(3)?,
        number: row.get(4)?,
        round: row.get(5)?,
        satisfied: row.get(6)?,
        solved: row.get(7)?,
        rated_at: row.get(8)?,
        contest: row.get(9)?,
        no: row.get(10)?,
        title: row.get(11)?,
    })
}

/// Ratings that came in since an instant, within the viewer's scope, five hundred at most.
pub(super) fn rated(tx: &mut Tx<'_>, cx: &Cx, since: Ts) -> Result<Vec<Rated>> {
    let mut query = Query::new(RATED);
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("u.office = ? and u.rated_at >= ?", [cx.office.id.into(), since.into()]);
    query.push("order by u.rated_at desc, u.id limit 500");
    tx.list(&query, read_rated)
}

/// The rating of a ticket. Not a check of rights.
pub(super) fn rating(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Rated>> {
    let mut query = Query::new(RATED);
    query.and("u.office = ? and u.id = ? and u.rated_at is not null", [office.into(), id.into()]);
    Ok(tx.list(&query, read_rated)?.pop())
}

/// The contest of a ticket's rating in one round of handling.
pub(super) fn contest(tx: &mut Tx<'_>, office: OfficeId, link: i64, round: i64) -> Result<Option<Contest>> {
    tx.opt(&CONTEST, args![office, link, round], |row| {
        let pictures: String = row.get(3)?;
        Ok(Contest {
            round: row.get(0)?,
            grounds: row.get(1)?,
            words: row.get(2)?,
            pictures: serde_json::from_str(&pictures).map_err(|e| Error::failed(e.to_string()))?,
            due: row.get(4)?,
            sent_at: row.get(5)?,
            receipt: row.get(6)?,
            decided_at: row.get(7)?,
            answer: row.get(8)?,
        })
    })
}

/// Writes a contest.
pub(super) fn put_contest(tx: &mut Tx<'_>, cx: &Cx, link: i64, c: &Contest) -> Result<()> {
    let id = tx.id()?;
    let pictures = serde_json::to_string(&c.pictures).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(
        &PUT_CONTEST,
        args![
            id,
            cx.office.id,
            link,
            c.round,
            &c.grounds,
            &c.words,
            pictures,
            c.due,
            c.sent_at,
            cx.actor.account,
            &c.receipt
        ],
    )?;
    Ok(())
}

/// Writes what came of a contest.
pub(super) fn decide_contest(tx: &mut Tx<'_>, cx: &Cx, link: i64, round: i64, answer: &str) -> Result<()> {
    tx.exec(&DECIDE_CONTEST, args![cx.office.id, link, round, cx.now, cx.actor.account, answer])?;
    Ok(())
}

/// Writes how the contest of a ticket's present rating stands.
pub(super) fn set_contest(tx: &mut Tx<'_>, office: OfficeId, link: i64, standing: &str) -> Result<()> {
    tx.exec(&SET_CONTEST, args![office, link, standing])?;
    Ok(())
}

/// Notes that a ticket was written back.
pub(super) fn replied(tx: &mut Tx<'_>, office: OfficeId, id: i64, now: Ts, receipt: &str) -> Result<()> {
    tx.exec(&REPLIED, args![office, id, now, receipt])?;
    Ok(())
}
