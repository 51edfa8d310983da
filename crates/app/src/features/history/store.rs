//! SQL of past tickets.

use crate::context::Cx;
use kernel::{OfficeId, Ts};
use store::{Result, Sql, Tx, args, statements};

statements! {
    INSERT = Sql::Both(
        "insert into history_sheet (id, office, account, name, state, cells, mapping, rows_of, rows_done, told, made_at, ended_at)
         values ($1, $2, $3, $4, 'draft', $5, $6, $7, 0, $8, $9, null)");
    // A workbook that was only looked at goes when the same person brings another.
    DROP_DRAFTS = Sql::Both("delete from history_sheet where office = $1 and account = $2 and state = 'draft'");
    HEAD = Sql::Both(
        "select id, name, state, mapping, rows_of, rows_done, made_at, ended_at from history_sheet where office = $1 and id = $2");
    LIST = Sql::Both(
        "select id, name, state, mapping, rows_of, rows_done, made_at, ended_at from history_sheet
         where office = $1 and state <> 'draft' order by id desc limit 20");
    CELLS = Sql::Both("select cells from history_sheet where office = $1 and id = $2");
    TOLD = Sql::Both("select told from history_sheet where office = $1 and id = $2");
    MAP = Sql::Both("update history_sheet set mapping = $3 where office = $1 and id = $2 and state = 'draft'");
    WAIT = Sql::Both(
        "update history_sheet set state = 'waiting', rows_of = $3 where office = $1 and id = $2 and state = 'draft'");
    STEP = Sql::Both(
        "update history_sheet set state = 'running', rows_done = $3, rows_of = $4
         where office = $1 and id = $2 and state in ('waiting', 'running')");
    END = Sql::Both(
        "update history_sheet set state = $3, cells = $4, told = $5, ended_at = $6
         where office = $1 and id = $2 and state in ('waiting', 'running')");
}

/// A workbook that was brought.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its id.
    pub id: i64,
    /// The file's name.
    pub name: String,
    /// draft, waiting, running, done, failed.
    pub state: String,
    /// What its columns mean, as JSON.
    pub mapping: String,
    /// Rows to be written.
    pub of: i64,
    /// Rows written.
    pub done: i64,
    /// When it was brought.
    pub made: Ts,
    /// When the work ended.
    pub ended: Option<Ts>,
}

fn head_row(row: &store::Row<'_>) -> Result<Head> {
    Ok(Head {
        id: row.get(0)?,
        name: row.get(1)?,
        state: row.get(2)?,
        mapping: row.get(3)?,
        of: row.get(4)?,
        done: row.get(5)?,
        made: row.get(6)?,
        ended: row.get(7)?,
    })
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    name: &str,
    cells: &[u8],
    (mapping, rows): (&str, i64),
) -> Result<i64> {
    tx.exec(&DROP_DRAFTS, args![cx.office.id, cx.actor.account])?;
    let id = tx.id()?;
    let told: Vec<u8> = Vec::new();
    tx.exec(
        &INSERT,
        args![id, cx.office.id, cx.actor.account, name, cells.to_vec(), mapping, rows, told, cx.now],
    )?;
    Ok(id)
}

pub(super) fn head(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Head>> {
    tx.opt(&HEAD, args![office, id], head_row)
}

pub(super) fn list(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Head>> {
    tx.query(&LIST, args![office], head_row)
}

pub(super) fn cells(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Vec<u8>>> {
    tx.opt(&CELLS, args![office, id], |row| row.get(0))
}

pub(super) fn told(tx: &mut Tx<'_>, office: OfficeId, id: i64) -> Result<Option<Vec<u8>>> {
    tx.opt(&TOLD, args![office, id], |row| row.get(0))
}

pub(super) fn set_mapping(tx: &mut Tx<'_>, office: OfficeId, id: i64, mapping: &str) -> Result<()> {
    tx.exec(&MAP, args![office, id, mapping])?;
    Ok(())
}

pub(super) fn wait(tx: &mut Tx<'_>, office: OfficeId, id: i64, rows: i64) -> Result<bool> {
    Ok(tx.exec(&WAIT, args![office, id, rows])? > 0)
}

pub(super) fn step(tx: &mut Tx<'_>, office: OfficeId, id: i64, done: i64, of: i64) -> Result<()> {
    tx.exec(&STEP, args![office, id, done, of])?;
    Ok(())
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: i64,
    state: &str,
    (told, at): (&[u8], Ts),
) -> Result<bool> {
    let none: Vec<u8> = Vec::new();
    Ok(tx.exec(&END, args![office, id, state, none, told.to_vec(), at])? > 0)
}
