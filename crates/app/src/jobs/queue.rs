//! The job table: enqueue, claim, renew, finish.

use super::store as rows;
use kernel::{OfficeId, Ts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Db, Error, Result, Tx, args};

/// How long a claim holds without being renewed.
pub const LEASE: i64 = 60 * Ts::SECOND;
/// After so many attempts a job is given up.
pub const ATTEMPTS_MOST: i64 = 8;
/// The pause after the first fault; each further one is three times as long.
const PAUSE_FIRST: i64 = 10 * Ts::SECOND;
/// The longest pause.
const PAUSE_MOST: i64 = Ts::HOUR;

/// A job that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// The tenant.
    pub office: OfficeId,
    /// Its kind, `feature.verb`.
    pub kind: String,
    /// What the kind needs to know, as JSON.
    pub payload: String,
    /// How often it was claimed, this time included; who claimed it later has a higher number, so an outrun
    /// worker's word no longer counts.
    pub attempts: i64,
}

impl Job {
    /// What it was enqueued with.
    ///
    /// # Errors
    /// When the payload has another shape: it will never succeed.
    pub fn read<T: DeserializeOwned>(&self) -> std::result::Result<T, Fault> {
        serde_json::from_str(&self.payload)
            .map_err(|e| Fault::GiveUp(anyhow::anyhow!("the payload of {}: {e}", self.kind)))
    }
}

/// Why a job did not succeed.
#[derive(Debug)]
pub enum Fault {
    /// It may succeed later.
    Retry(anyhow::Error),
    /// It never will.
    GiveUp(anyhow::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::Refused(refusal) => Fault::GiveUp(anyhow::anyhow!("refused: {}", refusal.code)),
            other => Fault::Retry(anyhow::anyhow!("{other}")),
        }
    }
}

/// How a job ended.
pub type Outcome = std::result::Result<(), Fault>;

/// Enqueues a job in the transaction of the write it follows from. Of jobs of one kind with the same `dedup` only
/// one waits at a time; one that is running already does not count, because it may have read too early.
///
/// # Errors
/// When the database refuses.
pub fn enqueue<T: Serialize>(
    tx: &mut Tx<'_>,
    office: OfficeId,
    kind: &str,
    payload: &T,
    run_at: Ts,
    dedup: Option<&str>,
) -> Result<()> {
    let id = tx.id()?;
    let payload = serde_json::to_string(payload).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(&rows::PUT, args![id, office, kind, payload, dedup, run_at])?;
    Ok(())
}

/// Claims the next job that is due, or one whose worker has not been heard of for [`LEASE`].
pub(super) fn claim(db: &Db, now: Ts) -> Result<Option<Job>> {
    let next = move |tx: &mut Tx<'_>| {
        tx.opt(&rows::NEXT, args![now], |row| {
            Ok(Job {
                id: row.get(0)?,
                office: row.get(1)?,
                kind: row.get(2)?,
                payload: row.get(3)?,
                attempts: row.get(4)?,
            })
        })
    };
    // Looking costs no write; most of the time there is nothing.
    if db.read_now(next)?.is_none() {
        return Ok(None);
    }
    db.write_now(move |tx| {
        let Some(job) = next(tx)? else { return Ok(None) };
        let taken = tx.exec(&rows::CLAIM, args![job.id, job.office, now, now.plus(LEASE), job.attempts])? > 0;
        Ok(taken.then(|| Job { attempts: job.attempts + 1, ..job }))
    })
}

/// Renews a claim; false when somebody else has the job by now.
pub(super) fn renew(db: &Db, job: &Job, now: Ts) -> Result<bool> {
    let (id, office, attempts) = (job.id, job.office, job.attempts);
    db.write_now(move |tx| Ok(tx.exec(&rows::RENEW, args![id, office, attempts, now.plus(LEASE)])? > 0))
}

/// Takes a job off, lays it for later, or gives it up.
pub(super) fn finish(db: &Db, job: &Job, outcome: &Outcome, now: Ts) -> Result<()> {
    let (id, office, attempts) = (job.id, job.office, job.attempts);
    let (text, again) = match outcome {
        Ok(()) => (String::new(), None),
        Err(Fault::Retry(error)) => {
            (shown(error), (attempts < ATTEMPTS_MOST).then(|| now.plus(pause(id, attempts))))
        }
        Err(Fault::GiveUp(error)) => (shown(error), None),
    };
    let done = outcome.is_ok();
    db.write_now(move |tx| {
        if done {
            tx.exec(&rows::DONE, args![id, office, attempts])?;
            return Ok(());
        }
        match again {
            Some(at) => {
                let laid = tx.exec(&rows::AGAIN, args![id, office, attempts, at, &text])?;
                if laid == 0 {
                    // The same job waits already: that one does the work.
                    tx.exec(&rows::DONE, args![id, office, attempts])?;
                }
            }
            None => {
                tx.exec(&rows::FAILED, args![id, office, attempts, &text])?;
            }
        }
        Ok(())
    })
}

/// Ten seconds, thirty, ninety … to an hour, moved by up to a quarter so that what failed together does not come
/// back together.
fn pause(id: i64, attempts: i64) -> i64 {
    let exponent = u32::try_from(attempts - 1).unwrap_or(0).min(12);
    let plain = PAUSE_FIRST.saturating_mul(3_i64.saturating_pow(exponent)).min(PAUSE_MOST);
    plain + plain / 4 * (id.wrapping_mul(31).wrapping_add(attempts * 17)).rem_euclid(100) / 100
}

/// Messages of errors hold no personal data; they are cut all the same.
fn shown(error: &anyhow::Error) -> String {
    format!("{error:#}").chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_differ_between_jobs() {
        let pauses: Vec<i64> = (1..=8).map(|n| pause(7, n)).collect();
        assert!(pauses[..6].windows(2).all(|w| w[0] < w[1]), "{pauses:?}");
        assert!(pauses.iter().all(|p| *p <= PAUSE_MOST + PAUSE_MOST / 4));
        assert_ne!(pause(7, 3), pause(8, 3));
    }
}
