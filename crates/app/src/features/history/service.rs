//! The door for past tickets: bring a workbook, say what its columns are, take it over in the background.

use super::IMPORT;
use super::columns::{Mapping, Vocabulary};
use super::reading::{self, Reading};
use super::store as rows;
pub use super::store::Head;
use super::work::{self, Order};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::imports::model::Skip;
use crate::features::imports::service::{self as imports, Missing};
use crate::jobs;
use crate::sheet::Grid;
use kernel::Refusal;
use serde::{Deserialize, Serialize};
use store::{Error, Result, Tx};

/// Under which the cells are sealed.
const CELLS: &str = "history cells";
/// Under which the report is sealed.
const REPORT: &str = "history report";

/// What came of a workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Cases made.
    pub made: u64,
    /// Rows that were known and equal.
    pub known: u64,
    /// Rows that were left out: the cell, the column, why in words.
    pub left_out: Vec<(String, String, String)>,
    /// Units, communities and matters made.
    pub new: [usize; 3],
}

/// What a workbook would do.
pub(super) struct Standing {
    pub(super) reading: Reading,
    pub(super) new: usize,
    pub(super) known: u64,
    pub(super) changed: Vec<Skip>,
    pub(super) missing: Missing,
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::failed(e.to_string()))
}

/// Keeps a workbook to be looked at; what the same person looked at before and did not take over goes. Writes nothing
/// else.
///
/// # Errors
/// `common.forbidden`.
pub fn bring(tx: &mut Tx<'_>, cx: &Cx, name: &str, grid: &Grid) -> Result<i64> {
    cx.actor.need(IMPORT)?;
    let mapping = Mapping::guess(Vocabulary::shipped()?, &grid.header);
    let sealed = cx.vault.seal(cx.office.id, CELLS, json(grid)?.as_bytes())?;
    let of = i64::try_from(grid.rows.len()).unwrap_or(i64::MAX);
    rows::insert(tx, cx, name, &sealed, (&json(&mapping)?, of))
}

/// A workbook of the office.
///
/// # Errors
/// `common.forbidden`, `common.not_found`.
pub fn head(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Head> {
    cx.actor.need(IMPORT)?;
    Ok(rows::head(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?)
}

/// The workbooks that were taken over, the last one first.
///
/// # Errors
/// `common.forbidden`.
pub fn list(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Head>> {
    cx.actor.need(IMPORT)?;
    rows::list(tx, cx.office.id)
}

/// The cells and what they mean.
pub(super) fn open(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<(Grid, Mapping)> {
    let head = head(tx, cx, id)?;
    let sealed = rows::cells(tx, cx.office.id, id)?.filter(|c| !c.is_empty());
    let sealed = sealed.ok_or_else(Refusal::not_found)?;
    let plain = cx.vault.open(cx.office.id, CELLS, &sealed)?;
    let failed = |e: serde_json::Error| Error::failed(format!("a kept workbook: {e}"));
    Ok((
        serde_json::from_slice(&plain).map_err(failed)?,
        serde_json::from_str(&head.mapping).map_err(failed)?,
    ))
}

/// What the workbook would do under a mapping.
pub(super) fn standing(tx: &mut Tx<'_>, cx: &Cx, grid: &Grid, mapping: &Mapping) -> Result<Standing> {
    let home = imports::home_of(tx, cx)?;
    let reading = reading::read(Vocabulary::shipped()?, grid, mapping, (&cx.office, &home), cx.now)?;
    let (new, known, changed, missing) = imports::standing(tx, cx, &reading.profile, &reading.parsed.drafts)?;
    Ok(Standing { reading, new, known, changed, missing })
}

/// Says what the columns are.
///
/// # Errors
/// `common.forbidden`, `common.not_found`.
pub fn set_mapping(tx: &mut Tx<'_>, cx: &Cx, id: i64, mapping: &Mapping) -> Result<()> {
    head(tx, cx, id)?;
    rows::set_mapping(tx, cx.office.id, id, &json(mapping)?)
}

/// Has the workbook taken over in the background. Writes `office.history_asked` with who, which file and how many rows.
///
/// # Errors
/// `common.forbidden`, `common.not_found`; `history.column.missing`, `history.nothing`; `history.taken` for one that is
/// being taken over already.
pub fn take(tx: &mut Tx<'_>, cx: &Cx, id: i64, mapping: &Mapping) -> Result<()> {
    reading::needed(mapping)?;
    let head = head(tx, cx, id)?;
    if head.state != "draft" {
        return Err(Refusal::rule("history.taken").into());
    }
    let (grid, _) = open(tx, cx, id)?;
    let standing = standing(tx, cx, &grid, mapping)?;
    if standing.new == 0 {
        return Err(Refusal::rule("history.nothing").into());
    }
    rows::set_mapping(tx, cx.office.id, id, &json(mapping)?)?;
    rows::wait(tx, cx.office.id, id, i64::try_from(standing.new).unwrap_or(i64::MAX))?;
    let payload = serde_json::json!({
        "file": head.name, "rows": grid.rows.len(), "new": standing.new, "make": mapping.make,
    });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "office.history_asked", &payload)?;
    jobs::enqueue(tx, cx.office.id, work::JOB, &Order { sheet: id }, cx.now, None)
}

/// What came of it, once it has ended.
///
/// # Errors
/// `common.forbidden`, `common.not_found`.
pub fn told(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Told> {
    head(tx, cx, id)?;
    let sealed = rows::told(tx, cx.office.id, id)?.filter(|t| !t.is_empty());
    let plain = cx.vault.open(cx.office.id, REPORT, &sealed.ok_or_else(Refusal::not_found)?)?;
    serde_json::from_slice(&plain).map_err(|e| Error::failed(format!("a report: {e}")))
}

/// How far the work is.
pub(super) fn step(tx: &mut Tx<'_>, cx: &Cx, id: i64, done: u64, of: u64) -> Result<()> {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    rows::step(tx, cx.office.id, id, whole(done), whole(of))
}

/// Ends the work: the cells go, what came of them stays. Writes `office.history_done`.
pub(super) fn end(tx: &mut Tx<'_>, cx: &Cx, id: i64, told: &Told) -> Result<()> {
    let sealed = cx.vault.seal(cx.office.id, REPORT, json(told)?.as_bytes())?;
    if rows::end(tx, cx.office.id, id, "done", (&sealed, cx.now))? {
        let payload =
            serde_json::json!({ "made": told.made, "known": told.known, "left_out": told.left_out.len() });
        events::append(tx, cx, Stream::Office, cx.office.id.0, "office.history_done", &payload)?;
    }
    Ok(())
}
