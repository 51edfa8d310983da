//! What a workbook says under a mapping: rows to take over, and cells that are wrong.

use super::columns::{Field, Mapping, Vocabulary};
use crate::context::Office;
use crate::features::imports::model::{Draft, Parsed, Stage};
use crate::features::imports::profile::{Home, Profile};
use crate::features::imports::read;
use crate::features::upstream::vocabulary::Vocabulary as Platforms;
use crate::rows::RowError;
use crate::sheet::Grid;
use kernel::{Refusal, Ts};
use std::collections::HashSet;

/// A workbook, understood.
pub(super) struct Reading {
    pub(super) profile: Profile,
    /// The rows in which nothing is wrong.
    pub(super) parsed: Parsed,
    /// What is wrong, with the address of the cell.
    pub(super) wrong: Vec<(String, RowError)>,
}

/// Reads a grid; rows with a wrong cell are left out.
pub(super) fn read(
    words: &Vocabulary,
    grid: &Grid,
    mapping: &Mapping,
    (office, home): (&Office, &Home),
    now: Ts,
) -> anyhow::Result<Reading> {
    let profile = mapping.profile(words, grid, office, home);
    let mut parsed = read::parse_grid(&profile, grid, Platforms::shipped()?, now);
    let errors = std::mem::take(&mut parsed.errors);
    let bad: HashSet<u64> = errors.iter().map(|e| e.row).collect();
    parsed.drafts.retain(|d| !bad.contains(&d.line));
    let outcomes = mapping.outcomes(words, grid);
    let (has_state, has_closed) =
        (mapping.columns.contains_key(&Field::State), mapping.columns.contains_key(&Field::Closed));
    for draft in &mut parsed.drafts {
        draft.outcome = outcomes.get(&draft.line).map(|o| o.as_str().to_owned());
        draft.stage = stage(draft, has_state, has_closed);
    }
    let wrong = errors.into_iter().map(|e| (address(grid, &e), e)).collect();
    Ok(Reading { profile, parsed, wrong })
}

/// Without a column for the state, what has an instant of closing is over; without that either, all of it is past.
fn stage(draft: &Draft, has_state: bool, has_closed: bool) -> Stage {
    match (has_state, has_closed) {
        (false, true) if draft.closed.is_none() => Stage::Handling,
        _ => draft.stage,
    }
}

fn address(grid: &Grid, error: &RowError) -> String {
    let row = usize::try_from(error.row).unwrap_or_default();
    match grid.header.iter().position(|h| *h == error.column) {
        Some(column) if !error.column.is_empty() => grid.address(row, column),
        _ => row.to_string(),
    }
}

/// The columns that nothing is taken from.
pub(super) fn unused(grid: &Grid, mapping: &Mapping) -> Vec<String> {
    let used: HashSet<&String> = mapping.columns.values().collect();
    grid.header.iter().filter(|h| !h.is_empty() && !used.contains(h)).cloned().collect()
}

/// Refused when a needed field has no column.
pub(super) fn needed(mapping: &Mapping) -> Result<(), Refusal> {
    match mapping.missing() {
        None => Ok(()),
        Some(field) => {
            Err(Refusal::rule("history.column.missing").on("columns").with("field", field.as_str()))
        }
    }
}
