//! Replay: the rows people query must be what the events say. `gezhi verify` folds every stream again and
//! names each row that differs; nothing is repaired silently.

use super::service::fold_all;
use super::state::CaseState;
use super::store as rows;
use crate::events::{self, Stream};
use kernel::{CaseId, OfficeId};
use store::{Arg, FromCol, Result, Row, Sql, Tx, args};

/// A row that is not what the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub case: CaseId,
    /// Which table.
    pub table: &'static str,
    /// What the events give.
    pub events: String,
    /// What the row holds.
    pub row: String,
}

/// Compares up to `most` cases with ids above `after`; returns the last id looked at, if any, and what differs.
///
/// # Errors
/// When the database refuses or an event cannot be read.
pub fn compare(
    tx: &mut Tx<'_>,
    office: OfficeId,
    after: CaseId,
    most: i64,
) -> Result<(Option<CaseId>, Vec<Difference>)> {
    let ids: Vec<CaseId> = tx.query(&rows::STREAMS_AFTER, args![office, after, most], |row| row.get(0))?;
    let mut out = Vec::new();
    for id in &ids {
        compare_one(tx, office, *id, &mut out)?;
    }
    Ok((ids.last().copied(), out))
}

fn compare_one(tx: &mut Tx<'_>, office: OfficeId, id: CaseId, out: &mut Vec<Difference>) -> Result<()> {
    let events = events::list(tx, office, Stream::Case, id.0)?;
    let state = fold_all(office, id, &events)?;
    let mut links: Vec<_> = state.links.iter().map(|l| rows::link_columns(&state, l)).collect();
    links.sort_by_key(|columns| format!("{columns:?}"));
    let each = |list: &dyn Fn(&CaseState) -> Vec<Vec<Arg>>| list(&state);
    check(tx, office, id, "cases", &rows::DUMP_CASE, &[rows::case_columns(&state)], out)?;
    let parts = each(&|s| s.assignments.iter().map(|a| rows::assignment_columns(s, a)).collect());
    check(tx, office, id, "assignment", &rows::DUMP_ASSIGNMENTS, &parts, out)?;
    let clocks = each(&|s| s.clocks.iter().map(|c| rows::clock_columns(s, c)).collect());
    check(tx, office, id, "clock", &rows::DUMP_CLOCKS, &clocks, out)?;
    let requests = each(&|s| s.requests.iter().map(|r| rows::request_columns(s, r)).collect());
    check(tx, office, id, "request", &rows::DUMP_REQUESTS, &requests, out)?;
    check(tx, office, id, "report_case", &rows::DUMP_LINKS, &links, out)
}

/// Both sides as text, so that a boolean kept as 0/1 equals one kept as true/false.
fn check(
    tx: &mut Tx<'_>,
    office: OfficeId,
    case: CaseId,
    table: &'static str,
    dump: &Sql,
    expected: &[Vec<Arg>],
    out: &mut Vec<Difference>,
) -> Result<()> {
    let width = expected.first().map_or(6, Vec::len);
    let mut found: Vec<Vec<String>> =
        tx.query(dump, args![office, case], |row| (0..width).map(|i| cell(row, i)).collect())?;
    let mut wanted: Vec<Vec<String>> = expected.iter().map(|row| row.iter().map(shown).collect()).collect();
    found.sort();
    wanted.sort();
    for i in 0..found.len().max(wanted.len()) {
        let (row, events) = (found.get(i), wanted.get(i));
        if row != events {
            out.push(Difference { case, table, events: told(events, row), row: told(row, events) });
        }
    }
    Ok(())
}

/// Only the columns that differ.
fn told(one: Option<&Vec<String>>, other: Option<&Vec<String>>) -> String {
    let Some(one) = one else { return "no row".to_owned() };
    let columns = one.iter().enumerate().filter(|(i, v)| other.is_none_or(|o| o.get(*i) != Some(*v)));
    columns.map(|(i, v)| format!("#{i}={v}")).collect::<Vec<_>>().join(" ")
}

fn shown(arg: &Arg) -> String {
    match arg {
        Arg::Null => "-".to_owned(),
        Arg::Int(v) => v.to_string(),
        Arg::Bool(v) => i64::from(*v).to_string(),
        Arg::Text(v) => v.clone(),
        Arg::Blob(v) => data_encoding::HEXLOWER.encode(v),
    }
}

fn cell(row: &Row<'_>, i: usize) -> Result<String> {
    fn try_as<T: FromCol>(row: &Row<'_>, i: usize, show: impl Fn(T) -> String) -> Option<String>
    where
        Option<T>: FromCol,
    {
        row.get::<Option<T>>(i).ok().map(|v| v.map_or_else(|| "-".to_owned(), show))
    }
    Ok(try_as::<i64>(row, i, |v| v.to_string())
        .or_else(|| try_as::<bool>(row, i, |v| i64::from(v).to_string()))
        .or_else(|| try_as::<String>(row, i, |v| v))
        .unwrap_or_else(|| "?".to_owned()))
}
