//! SQL of the knowledge base.

use super::model::{Content, Entry, Fault, Given, State, Use, Version};
use super::search::Offered;
use kernel::{CaseId, Day, OfficeId, Ts, UnitId};
use store::{Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both(
        "insert into knowledge (id, office, state, latest, published, unit, review_day, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)");
    UPDATE = Sql::Both(
        "update knowledge set state = $3, latest = $4, published = $5, unit = $6, review_day = $7, updated_at = $8
         where id = $1 and office = $2");
    PUT_VERSION = Sql::Both(
        "insert into knowledge_version (id, office, entry, version, body, at) values ($1, $2, $3, $4, $5, $6)");
    VERSIONS = Sql::Both(
        "select version, at, body from knowledge_version where office = $1 and entry = $2 order by version desc");
    OFFERED = Sql::Both(
        "select k.id, k.published, k.unit, k.review_day, v.body from knowledge k
         join knowledge_version v on v.office = k.office and v.entry = k.id and v.version = k.published
         where k.office = $1 and k.state = 'published' order by k.id");
    DUE = Sql::Both(
        "select unit, count(*) from knowledge where office = $1 and state = 'published' and review_day <= $2 group by unit");
    WRONG = Sql::Both(
        "select k.unit, count(*) from knowledge k where k.office = $1 and k.state <> 'withdrawn' and (k.review_day > $2
         or k.state <> 'published') and exists (select 1 from knowledge_fault f where f.office = k.office and f.entry = k.id
         and f.state = 'open') group by k.unit");
    PUT_USE = Sql::Both(
        "insert into knowledge_use (id, office, entry, version, case_id, at) values ($1, $2, $3, $4, $5, $6)");
    USES = Sql::Both(
        "select u.entry, u.version, u.at, v.body from knowledge_use u
         join knowledge_version v on v.office = u.office and v.entry = u.entry and v.version = u.version
         where u.office = $1 and u.case_id = $2 order by u.id");
    PUT_FAULT = Sql::Both(
        "insert into knowledge_fault (id, office, entry, version, reason, unit, at, state, answer)
         values ($1, $2, $3, $4, $5, $6, $7, 'open', '')");
    CLOSE_FAULT = Sql::Both(
        "update knowledge_fault set state = $3, answer = $4, closed_at = $5 where office = $1 and id = $2 and state = 'open'");
    FAULTS = Sql::Both(
        "select id, entry, version, reason, unit, at, state, answer, closed_at from knowledge_fault
         where office = $1 and entry = $2 order by at desc, id desc");
    FAULTY = Sql::Both("select distinct entry from knowledge_fault where office = $1 and state = 'open'");
}

fn content(body: &str) -> Result<Content> {
    serde_json::from_str(body).map_err(|e| Error::failed(format!("a version of the knowledge base: {e}")))
}

/// An entry's row without its content.
pub(super) struct Head {
    pub(super) id: i64,
    pub(super) state: State,
    pub(super) latest: i64,
    pub(super) published: Option<i64>,
    pub(super) unit: UnitId,
    pub(super) review: Day,
}

/// Writes a row, new or changed.
pub(super) fn put(tx: &mut Tx<'_>, office: OfficeId, now: Ts, head: &Head, new: bool) -> Result<()> {
    tx.exec(
        if new { &PUT } else { &UPDATE },
        args![head.id, office, head.state.as_str(), head.latest, head.published, head.unit, head.review, now],
    )?;
    Ok(())
}

/// Writes a version.
pub(super) fn put_version(
    tx: &mut Tx<'_>,
    office: OfficeId,
    now: Ts,
    given: Given,
    content: &Content,
) -> Result<()> {
    let body = serde_json::to_string(content).map_err(|e| Error::failed(e.to_string()))?;
    let id = tx.id()?;
    tx.exec(&PUT_VERSION, args![id, office, given.entry, given.version, body, now])?;
    Ok(())
}

const ENTRIES: &str = "select k.id, k.state, k.latest, k.published, k.unit, k.review_day, k.updated_at, v.body, \
     (select count(*) from knowledge_use u where u.office = k.office and u.entry = k.id), \
     (select count(*) from knowledge_fault f where f.office = k.office and f.entry = k.id and f.state = 'open') \
     from knowledge k join knowledge_version v on v.office = k.office and v.entry = k.id and v.version = k.latest";

fn entry(row: &Row<'_>) -> Result<Entry> {
    let body: String = row.get(7)?;
    Ok(Entry {
        id: row.get(0)?,
        state: State::parse(&row.get::<String>(1)?),
        latest: row.get(2)?,
        published: row.get(3)?,
        unit: row.get(4)?,
        review: row.get(5)?,
        updated_at: row.get(6)?,
        content: content(&body)?,
        uses: row.get(8)?,
        faults: row.get(9)?,
    })
}

/// All entries, the newest change first.
pub(super) fn all(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Entry>> {
    let mut query = Query::new(ENTRIES);
    query.and("k.office = ?", [office.into()]);
    query.push(" order by k.updated_at desc, k.id desc");
    tx.list(&query, entry)
}

/// One entry.
pub(super) fn find(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Entry>> {
    let mut query = Query::new(ENTRIES);
    query.and("k.office = ? and k.id = ?", [office.into(), id.into()]);
    Ok(tx.list(&query, entry)?.pop())
}

/// The versions of an entry, the newest first.
pub(super) fn versions(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Vec<Version>> {
    tx.query(&VERSIONS, args![office, id], |row| {
        let body: String = row.get(2)?;
        Ok(Version { version: row.get(0)?, at: row.get(1)?, content: content(&body)? })
    })
}

/// All that is published.
pub(super) fn offered(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Offered>> {
    tx.query(&OFFERED, args![office], |row| {
        let body: String = row.get(4)?;
        Ok(Offered {
            entry: row.get(0)?,
            version: row.get(1)?,
            unit: row.get(2)?,
            review: row.get(3)?,
            content: content(&body)?,
        })
    })
}

/// How many entries of each unit wait for somebody: due for review, or said to be wrong and not due.
pub(super) fn waiting(tx: &mut Tx<'_>, office: OfficeId, today: Day) -> Result<Vec<(UnitId, i64)>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut out = tx.query(&DUE, args![office, today], read)?;
    out.extend(tx.query(&WRONG, args![office, today], read)?);
    Ok(out)
}

/// Notes that an answer was given.
pub(super) fn put_use(tx: &mut Tx<'_>, office: OfficeId, now: Ts, given: Given, case: CaseId) -> Result<()> {
    let id = tx.id()?;
    tx.exec(&PUT_USE, args![id, office, given.entry, given.version, case, now])?;
    Ok(())
}

/// The answers given in a case.
pub(super) fn uses(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<Use>> {
    tx.query(&USES, args![office, case], |row| {
        let body: String = row.get(3)?;
        Ok(Use {
            given: Given { entry: row.get(0)?, version: row.get(1)? },
            at: row.get(2)?,
            question: content(&body)?.question,
        })
    })
}

/// Writes that somebody says it is wrong.
pub(super) fn put_fault(
    tx: &mut Tx<'_>,
    office: OfficeId,
    now: Ts,
    given: Given,
    reason: &str,
    unit: Option<UnitId>,
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&PUT_FAULT, args![id, office, given.entry, given.version, reason, unit, now])?;
    Ok(id)
}

/// Answers it; whether it was open.
pub(super) fn close_fault(
    tx: &mut Tx<'_>,
    office: OfficeId,
    now: Ts,
    id: i64,
    (state, answer): (&str, &str),
) -> Result<bool> {
    Ok(tx.exec(&CLOSE_FAULT, args![office, id, state, answer, now])? > 0)
}

/// What is said against an entry, the newest first.
pub(super) fn faults(tx: &mut Tx<'_>, office: OfficeId, entry: i64) -> Result<Vec<Fault>> {
    tx.query(&FAULTS, args![office, entry], |row| {
        Ok(Fault {
            id: row.get(0)?,
            entry: row.get(1)?,
            version: row.get(2)?,
            reason: row.get(3)?,
            unit: row.get(4)?,
            at: row.get(5)?,
            state: row.get(6)?,
            answer: row.get(7)?,
            closed_at: row.get(8)?,
        })
    })
}

/// The entries that somebody says are wrong.
pub(super) fn faulty(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<i64>> {
    tx.query(&FAULTY, args![office], |row| row.get(0))
}
