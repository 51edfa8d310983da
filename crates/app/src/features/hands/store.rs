//! SQL of the links.

use super::model::Link;
use crate::context::Cx;
use kernel::{AssignmentId, AttachmentId, CaseId, OfficeId, Ts, UnitId};
use store::{Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both(
        "insert into hand_link (id, office, unit, case_id, assignment, token_hash, pin_mac, sealed, pictures, until_at, made_by,
         made_at, tries) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,0)");
    OPENED = Sql::Both(
        "update hand_link set opened_at = $3, tries = 0, locked_until = null where office = $1 and id = $2");
    TRIED = Sql::Both("update hand_link set tries = $3, locked_until = $4 where office = $1 and id = $2");
    REVOKE = Sql::Both(
        "update hand_link set revoked_at = $3, revoked_by = $4 where office = $1 and id = $2 and revoked_at is null");
    REVOKE_PART = Sql::Both(
        "update hand_link set revoked_at = $4, revoked_by = $5
         where office = $1 and case_id = $2 and assignment = $3 and revoked_at is null");
    OPEN_PARTS = Sql::Both(
        "select case_id, id from assignment where office = $1 and unit = $2 and state in ('sent', 'signed')
         order by coalesce(due_at, 9223372036854775807), id limit 200");
    DONE_PARTS = Sql::Both(
        "select case_id, id from assignment where office = $1 and unit = $2 and state = 'done' and done_at >= $3
         order by done_at desc limit 50");
}

const LINKS: &str = "select l.id, l.office, l.unit, l.case_id, l.assignment, l.pin_mac, l.sealed, l.pictures, l.until_at, \
     l.made_at, l.opened_at, l.tries, l.locked_until, l.revoked_at from hand_link l";

fn read(row: &Row<'_>) -> Result<Link> {
    let pictures: String = row.get(7)?;
    let pictures: Vec<i64> = serde_json::from_str(&pictures).map_err(|e| Error::failed(e.to_string()))?;
    let part = row.get::<Option<CaseId>>(3)?.zip(row.get::<Option<AssignmentId>>(4)?);
    Ok(Link {
        id: row.get(0)?,
        office: row.get(1)?,
        unit: row.get(2)?,
        part,
        pin_mac: row.get(5)?,
        sealed: row.get(6)?,
        pictures: pictures.into_iter().map(AttachmentId).collect(),
        until: row.get(8)?,
        made_at: row.get(9)?,
        opened_at: row.get(10)?,
        tries: row.get(11)?,
        locked_until: row.get(12)?,
        revoked_at: row.get(13)?,
    })
}

/// Writes a link.
pub(super) fn put(tx: &mut Tx<'_>, cx: &Cx, link: &Link, token_hash: &str) -> Result<()> {
    let pictures: Vec<i64> = link.pictures.iter().map(|p| p.0).collect();
    let pictures = serde_json::to_string(&pictures).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(
        &PUT,
        args![
            link.id,
            link.office,
            link.unit,
            link.part.map(|p| p.0),
            link.part.map(|p| p.1),
            token_hash,
            link.pin_mac.clone(),
            link.sealed.clone(),
            pictures,
            link.until,
            cx.actor.account,
            link.made_at
        ],
    )?;
    Ok(())
}

/// The link of a token, in whichever office.
pub(super) fn by_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<Link>> {
    let mut query = Query::new(LINKS);
    query.and("l.token_hash = ?", [token_hash.into()]);
    Ok(tx.list(&query, read)?.pop())
}

/// A link by its id.
pub(super) fn by_id(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Link>> {
    let mut query = Query::new(LINKS);
    query.and("l.office = ? and l.id = ?", [office.into(), id.into()]);
    Ok(tx.list(&query, read)?.pop())
}

/// The links of a case's parts that were not cut off, the newest first.
pub(super) fn of_case(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<Link>> {
    let mut query = Query::new(LINKS);
    query.and("l.office = ? and l.case_id = ? and l.revoked_at is null", [office.into(), case.into()]);
    query.push("order by l.id desc");
    tx.list(&query, read)
}

/// The links of units that were not cut off, and those of parts that were made lately.
pub(super) fn all(tx: &mut Tx<'_>, cx: &Cx, since: Ts) -> Result<Vec<Link>> {
    let mut query = Query::new(LINKS);
    query.and(
        "l.office = ? and l.revoked_at is null and (l.case_id is null or l.made_at >= ?)",
        [cx.office.id.into(), since.into()],
    );
    query.push("order by l.case_id is not null, l.id desc limit 500");
    tx.list(&query, read)
}

/// Notes that a link was opened with its PIN.
pub(super) fn opened(tx: &mut Tx<'_>, office: OfficeId, id: i64, now: Ts) -> Result<()> {
    tx.exec(&OPENED, args![office, id, now])?;
    Ok(())
}

/// Notes a wrong PIN.
pub(super) fn tried(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: i64,
    tries: i64,
    locked: Option<Ts>,
) -> Result<()> {
    tx.exec(&TRIED, args![office, id, tries, locked])?;
    Ok(())
}

/// Cuts a link off.
pub(super) fn revoke(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    tx.exec(&REVOKE, args![cx.office.id, id, cx.now, cx.actor.account])?;
    Ok(())
}

/// Cuts off the links of a part: the new one takes their place.
pub(super) fn revoke_part(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, part: AssignmentId) -> Result<()> {
    tx.exec(&REVOKE_PART, args![cx.office.id, case, part, cx.now, cx.actor.account])?;
    Ok(())
}

/// The open parts of a unit, the nearest deadline first, and those done since an instant, the newest first.
pub(super) fn parts(
    tx: &mut Tx<'_>,
    office: OfficeId,
    unit: UnitId,
    since: Ts,
) -> Result<Vec<(CaseId, AssignmentId)>> {
    let mut out = tx.query(&OPEN_PARTS, args![office, unit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    out.extend(tx.query(&DONE_PARTS, args![office, unit, since], |row| Ok((row.get(0)?, row.get(1)?)))?);
    Ok(out)
}
