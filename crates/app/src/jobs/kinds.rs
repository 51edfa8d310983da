//! The kinds of jobs.

use super::queue::{Fault, Job, Outcome};
use crate::actor::Actor;
use crate::context::Source;
use crate::features::audit::heads::{self, Heads};
use crate::features::procedures::verbs;
use crate::installation::Installation;
use kernel::{CaseId, Day};
use serde::{Deserialize, Serialize};

/// A kind of job.
#[derive(Clone, Copy)]
pub struct Kind {
    /// `feature.verb`.
    pub name: &'static str,
    /// What it does. May run again after it ran, whole or in part.
    pub run: fn(&Installation, &Job) -> Outcome,
}

/// All kinds of the product.
pub const ALL: &[Kind] = &[Kind { name: REBASE, run: rebase }, Kind { name: HEADS, run: write_heads }];

/// Moves the open clocks of an office onto its calendar after one was installed (DECISIONS 9). Payload: [`Walk`].
pub const REBASE: &str = "clocks.rebase";

/// Writes the head of the chain of blocks to the data folder, from where it is to leave the machine (DECISIONS 5).
/// Payload: [`Heading`].
pub const HEADS: &str = "audit.heads";

/// How far a walk over all cases is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Walk {
    /// The last case looked at.
    pub after: CaseId,
}

/// The day whose copy is written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Heading {
    /// The office's local day.
    pub day: Day,
}

/// Runs again from the start after a crash: a clock that stands on the calendar already is left alone.
fn rebase(installation: &Installation, job: &Job) -> Outcome {
    let mut walk: Walk = job.read()?;
    installation.reload().map_err(Fault::Retry)?;
    let Some(office) = installation.office(job.office) else {
        return Err(Fault::GiveUp(anyhow::anyhow!("there is no office {}", job.office)));
    };
    let cx = installation.cx(&office, Actor::system(office.id), Source::Job);
    loop {
        let (here, after) = (cx.clone(), walk.after);
        let cases = installation.db.read_now(move |tx| verbs::running_after(tx, &here, after))?;
        let Some(last) = cases.last().copied() else { return Ok(()) };
        for case in cases {
            let here = cx.clone();
            installation.db.write_now(move |tx| verbs::rebase(tx, &here, case))?;
        }
        walk.after = last;
    }
}

/// Runs again without harm: the day's file is written anew, whole or not at all.
fn write_heads(installation: &Installation, job: &Job) -> Outcome {
    let heading: Heading = job.read()?;
    let (seed, now) = (installation.vault.signing_seed(), installation.clock.now());
    let copy = installation.db.read_now(move |tx| heads::take(tx, seed, now, false))?;
    copy.write(&Heads::daily_path(&installation.config.data, heading.day)).map_err(Fault::Retry)
}
