//! The kinds of jobs.

use super::queue::{Fault, Job, Outcome};
use crate::actor::Actor;
use crate::context::Source;
use crate::features::audit::heads::{self, Heads};
use crate::features::history::work as history;
use crate::features::messages::robots;
use crate::features::procedures::verbs;
use crate::installation::Installation;
use kernel::{CaseId, Day, OfficeId};
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
pub const ALL: &[Kind] = &[
    Kind { name: REBASE, run: rebase },
    Kind { name: HEADS, run: write_heads },
    Kind { name: robots::JOB, run: robots::run },
    Kind { name: history::JOB, run: history::run },
];

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

/// Runs again from the start after a crash: a clock that stands as the calendar has it is left alone.
fn rebase(installation: &Installation, job: &Job) -> Outcome {
    let walk: Walk = job.read()?;
    rebase_all(installation, job.office, walk.after).map(|_| ())
}

/// Walks over all cases with running clocks after one, and moves what other rules move; returns how many cases.
///
/// # Errors
/// When there is no such office or the database refuses.
pub fn rebase_all(installation: &Installation, office: OfficeId, after: CaseId) -> Result<usize, Fault> {
    installation.reload().map_err(Fault::Retry)?;
    let Some(office) = installation.office(office) else {
        return Err(Fault::GiveUp(anyhow::anyhow!("there is no office {office}")));
    };
    let cx = installation.cx(&office, Actor::system(office.id), Source::Job);
    let (mut after, mut moved) = (after, 0);
    loop {
        let here = cx.clone();
        let cases = installation.db.read_now(move |tx| verbs::running_after(tx, &here, after))?;
        let Some(last) = cases.last().copied() else { return Ok(moved) };
        for case in cases {
            let here = cx.clone();
            moved += usize::from(installation.db.write_now(move |tx| verbs::rebase(tx, &here, case))?);
        }
        after = last;
    }
}

/// A fault as a message.
#[must_use]
pub fn fault(fault: Fault) -> anyhow::Error {
    match fault {
        Fault::Retry(error) | Fault::GiveUp(error) => error,
    }
}

/// Runs again without harm: the day's file is written anew, whole or not at all.
fn write_heads(installation: &Installation, job: &Job) -> Outcome {
    let heading: Heading = job.read()?;
    let (seed, now) = (installation.vault.signing_seed(), installation.clock.now());
    let copy = installation.db.read_now(move |tx| heads::take(tx, seed, now, false))?;
    copy.write(&Heads::daily_path(&installation.config.data, heading.day)).map_err(Fault::Retry)
}
