//! SQL of documents, their numbers and templates.

use super::model::{Document, Paper, Service, State};
use crate::context::Cx;
use kernel::{CaseId, OfficeId, ReportId, Ts, UnitId};
use store::{Query, Result, Row, Sql, Tx, args, statements};

statements! {
    TEMPLATE = Sql::Both(
        "select id, body, at from document_template where office = $1 and kind = $2 order by at desc, id desc limit 1");
    PUT_TEMPLATE = Sql::Both(
        "insert into document_template (id, office, kind, hash, body, at) values ($1, $2, $3, $4, $5, $6)");
    PATTERN = Sql::Both("select pattern from document_pattern where office = $1 and kind = $2");
    PUT_PATTERN = Sql::Both(
        "insert into document_pattern (office, kind, pattern) values ($1, $2, $3)
         on conflict (office, kind) do update set pattern = excluded.pattern");
    NEXT = Sql::Both(
        "insert into document_series (office, kind, year, last) values ($1, $2, $3, 1)
         on conflict (office, kind, year) do update set last = document_series.last + 1");
    LAST = Sql::Both("select last from document_series where office = $1 and kind = $2 and year = $3");
    PUT = Sql::Both(
        "insert into document (id, office, kind, case_id, report, year, n, number, state, identity, made_at, unit, hash, body,
         served_how, served_to, void_reason) values ($1,$2,$3,$4,$5,$6,$7,$8,'unsealed',$9,$10,$11,$12,$13,'','','')");
    BODY = Sql::Both("select body, report from document where office = $1 and id = $2");
    SEAL = Sql::Both(
        "update document set state = 'sealed', sealed_at = $3 where office = $1 and id = $2 and state in ('unsealed', 'sealed')");
    SERVE = Sql::Both(
        "update document set state = 'served', served_how = $3, served_day = $4, served_to = $5, served_at = $6
         where office = $1 and id = $2 and state = 'sealed'");
    VOID = Sql::Both(
        "update document set state = 'void', void_reason = $3 where office = $1 and id = $2 and state in ('unsealed', 'sealed')");
    PUT_PAPER = Sql::Both(
        "insert into document_paper (id, office, document, which, file, hash, mime, bytes, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    PAPER = Sql::Both(
        "select file, hash, mime, bytes from document_paper where office = $1 and document = $2 and which = $3
         order by at desc, id desc limit 1");
}

/// The office's own template of a kind: its bytes and since when.
pub(super) fn template(tx: &mut Tx<'_>, office: OfficeId, kind: &str) -> Result<Option<(Vec<u8>, Ts)>> {
    tx.opt(&TEMPLATE, args![office, kind], |row| Ok((row.get(1)?, row.get(2)?)))
}

/// Keeps a template; the one before stays below it.
pub(super) fn put_template(
    tx: &mut Tx<'_>,
    office: OfficeId,
    now: Ts,
    kind: &str,
    (hash, body): (&str, &[u8]),
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&PUT_TEMPLATE, args![id, office, kind, hash, body, now])?;
    Ok(id)
}

/// The office's own pattern of a kind.
pub(super) fn pattern(tx: &mut Tx<'_>, office: OfficeId, kind: &str) -> Result<Option<String>> {
    tx.value(&PATTERN, args![office, kind])
}

/// Sets it.
pub(super) fn put_pattern(tx: &mut Tx<'_>, office: OfficeId, kind: &str, pattern: &str) -> Result<()> {
    tx.exec(&PUT_PATTERN, args![office, kind, pattern])?;
    Ok(())
}

/// Takes the next number of a kind and year. Two who do so wait for each other, and what is rolled back leaves no gap.
pub(super) fn next(tx: &mut Tx<'_>, office: OfficeId, kind: &str, year: i64) -> Result<i64> {
    tx.exec(&NEXT, args![office, kind, year])?;
    last(tx, office, kind, year)
}

/// The last number of a kind and year; 0 for none.
pub(super) fn last(tx: &mut Tx<'_>, office: OfficeId, kind: &str, year: i64) -> Result<i64> {
    Ok(tx.value(&LAST, args![office, kind, year])?.unwrap_or(0))
}

/// What is written when a document is issued.
pub(super) struct New<'a> {
    pub(super) id: i64,
    pub(super) kind: &'a str,
    pub(super) case: CaseId,
    pub(super) report: ReportId,
    pub(super) year: i64,
    pub(super) n: i64,
    pub(super) number: &'a str,
    pub(super) identity: bool,
    pub(super) unit: Option<UnitId>,
    pub(super) hash: &'a str,
    pub(super) body: &'a [u8],
}

/// Writes it.
pub(super) fn put(tx: &mut Tx<'_>, office: OfficeId, now: Ts, new: &New<'_>) -> Result<()> {
    tx.exec(
        &PUT,
        args![
            new.id,
            office,
            new.kind,
            new.case,
            new.report,
            new.year,
            new.n,
            new.number,
            new.identity,
            now,
            new.unit,
            new.hash,
            new.body
        ],
    )?;
    Ok(())
}

const DOCUMENTS: &str = "select d.id, d.kind, d.case_id, c.no, c.title, d.number, d.state, d.identity, d.made_at, d.unit, \
     d.hash, d.sealed_at, d.served_how, d.served_day, d.served_to, d.served_at, d.void_reason \
     from document d join cases c on c.office = d.office and c.id = d.case_id";

fn document(row: &Row<'_>) -> Result<Document> {
    Ok(Document {
        id: row.get(0)?,
        kind: row.get(1)?,
        case: row.get(2)?,
        case_no: row.get(3)?,
        case_title: row.get(4)?,
        number: row.get(5)?,
        state: State::parse(&row.get::<String>(6)?),
        identity: row.get(7)?,
        made_at: row.get(8)?,
        unit: row.get(9)?,
        hash: row.get(10)?,
        sealed_at: row.get(11)?,
        served_how: row.get(12)?,
        served_day: row.get(13)?,
        served_to: row.get(14)?,
        served_at: row.get(15)?,
        void_reason: row.get(16)?,
    })
}

/// The register: a kind and a year, or all, in the order of the numbers; only of cases in the actor's sight.
pub(super) fn list(tx: &mut Tx<'_>, cx: &Cx, kind: &str, year: i64) -> Result<Vec<Document>> {
    let mut query = Query::new(DOCUMENTS);
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("d.year = ?", [year.into()]);
    if !kind.is_empty() {
        query.and("d.kind = ?", [kind.into()]);
    }
    query.push("order by d.kind, d.n");
    tx.list(&query, document)
}

/// How many wait for their seal or to be served.
pub(super) fn waiting(tx: &mut Tx<'_>, cx: &Cx) -> Result<i64> {
    let mut query = Query::new(
        "select count(*) from document d join cases c on c.office = d.office and c.id = d.case_id",
    );
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("d.state in ('unsealed', 'sealed')", []);
    Ok(tx.list(&query, |row| row.get(0))?.pop().unwrap_or(0))
}

/// The documents of a case. Not a check of sight.
pub(super) fn of_case(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<Document>> {
    let mut query = Query::new(DOCUMENTS);
    query.and("d.office = ? and d.case_id = ?", [office.into(), case.into()]);
    query.push("order by d.id");
    tx.list(&query, document)
}

/// One document. Not a check of sight.
pub(super) fn find(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Document>> {
    let mut query = Query::new(DOCUMENTS);
    query.and("d.office = ? and d.id = ?", [office.into(), id.into()]);
    Ok(tx.list(&query, document)?.pop())
}

/// The sealed document and its report.
pub(super) fn body(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<(Vec<u8>, ReportId)>> {
    tx.opt(&BODY, args![office, id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The signed one is here; whether it could be.
pub(super) fn seal(tx: &mut Tx<'_>, office: OfficeId, now: Ts, id: i64) -> Result<bool> {
    Ok(tx.exec(&SEAL, args![office, id, now])? > 0)
}

/// It was served; whether it could be.
pub(super) fn serve(tx: &mut Tx<'_>, office: OfficeId, now: Ts, id: i64, service: &Service) -> Result<bool> {
    Ok(tx.exec(&SERVE, args![office, id, &service.how, service.day, &service.to, now])? > 0)
}

/// It is void; whether it could be.
pub(super) fn void(tx: &mut Tx<'_>, office: OfficeId, id: i64, reason: &str) -> Result<bool> {
    Ok(tx.exec(&VOID, args![office, id, reason])? > 0)
}

/// Keeps a paper's row.
pub(super) fn put_paper(
    tx: &mut Tx<'_>,
    office: OfficeId,
    now: Ts,
    (document, which): (i64, &str),
    paper: &Paper,
) -> Result<()> {
    let id = tx.id()?;
    tx.exec(
        &PUT_PAPER,
        args![id, office, document, which, &paper.file, &paper.hash, &paper.mime, paper.bytes, now],
    )?;
    Ok(())
}

/// The newest paper of a document: `scan` or `receipt`.
pub(super) fn paper(tx: &mut Tx<'_>, office: OfficeId, document: i64, which: &str) -> Result<Option<Paper>> {
    tx.opt(&PAPER, args![office, document, which], |row| {
        Ok(Paper { file: row.get(0)?, hash: row.get(1)?, mime: row.get(2)?, bytes: row.get(3)? })
    })
}
