//! The import of past tickets, in the background.

use super::columns::Mapping;
use super::service::{self, Standing, Told};
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::imports::model::{Outcome as Done, Skip};
use crate::features::imports::service as imports;
use crate::installation::Installation;
use crate::jobs::{Fault, Job, Outcome};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Its name in the job table.
pub const JOB: &str = "history.take";

/// What it needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The workbook.
    pub sheet: i64,
}

/// Runs again without harm, and goes on where it was cut off: a row is known by its number.
pub fn run(installation: &Installation, job: &Job) -> Outcome {
    let order: Order = job.read()?;
    let Some(office) = installation.office(job.office) else {
        return Err(Fault::GiveUp(anyhow::anyhow!("there is no office {}", job.office)));
    };
    let cx = installation.cx(&office, Actor::system(office.id), Source::Import);
    let (here, id) = (cx.clone(), order.sheet);
    let head = installation.db.read_now(move |tx| service::head(tx, &here, id))?;
    if head.state != "waiting" && head.state != "running" {
        return Ok(());
    }
    let here = cx.clone();
    let (standing, mapping) = installation.db.read_now(move |tx| {
        let (grid, mapping) = service::open(tx, &here, id)?;
        let mut standing = service::standing(tx, &here, &grid, &mapping)?;
        if !mapping.make {
            let drafts = &mut standing.reading.parsed.drafts;
            imports::keep_known(tx, &here, &standing.reading.profile, drafts)?;
            standing.reading.profile.office = None;
        }
        Ok((standing, mapping))
    })?;
    let before = u64::try_from(head.done).unwrap_or(0);
    take(installation, &cx, (id, before), standing, &mapping)
}

fn take(
    installation: &Installation,
    cx: &Cx,
    (id, before): (i64, u64),
    standing: Standing,
    mapping: &Mapping,
) -> Outcome {
    let words = installation.words(&cx.office, installation.locale(cx.office.id), cx.now);
    let missing = &standing.missing;
    let new = if mapping.make {
        [missing.units.len(), missing.places.len(), missing.matters.len()]
    } else {
        [0, 0, 0]
    };
    let wrong = standing.reading.wrong;
    let (profile, parsed) = (Arc::new(standing.reading.profile), Arc::new(standing.reading.parsed));
    let mut fault = None;
    let outcome = imports::import(&installation.db, cx, &profile, &parsed, &mut |p| {
        let here = cx.clone();
        let step =
            installation.db.write_now(move |tx| service::step(tx, &here, id, before + p.done, before + p.of));
        fault = fault.take().or(step.err());
    })?;
    if let Some(error) = fault {
        tracing::warn!(%error, "the progress of an import could not be written");
    }
    let mut told = Told {
        made: before + outcome.imported,
        known: outcome.unchanged.saturating_sub(before),
        new,
        ..Told::default()
    };
    let lines = wrong.iter().map(|(at, e)| (at.clone(), e.column.clone(), words.refusal(&e.reason)));
    told.left_out = lines.chain(skipped(&words, &outcome)).collect();
    let here = installation.cx(&cx.office, Actor::system(cx.office.id), Source::Import);
    installation.db.write_now(move |tx| service::end(tx, &here, id, &told))?;
    Ok(())
}

fn skipped<'a>(words: &'a Words, outcome: &'a Done) -> impl Iterator<Item = (String, String, String)> + 'a {
    let line = |s: &'a Skip| (s.line.to_string(), String::new(), words.t(&s.reason));
    outcome.skipped.iter().map(line)
}
