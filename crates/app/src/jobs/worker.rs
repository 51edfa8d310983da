//! The threads that do background work beside the server.

use super::kinds::{self, Kind};
use super::queue::{self, Fault, Job, Outcome};
use super::schedule::{self, Schedule, Work};
use crate::actor::Actor;
use crate::backup::erasures::Keeper;
use crate::context::{Office, Source};
use crate::installation::Installation;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use store::Result;

/// A turn of the worker when nothing wakes it.
const TURN: Duration = Duration::from_millis(500);
/// A claim is renewed so often.
const RENEW: Duration = Duration::from_secs(20);
/// Runs of one schedule in a row before the others have their turn.
const RUNS_MOST: usize = 50;

/// What this process has done since its start.
#[derive(Debug, Default)]
pub struct Counters {
    done: AtomicI64,
    retried: AtomicI64,
    failed: AtomicI64,
    fired: AtomicI64,
    faults: AtomicI64,
}

static COUNTERS: Counters = Counters {
    done: AtomicI64::new(0),
    retried: AtomicI64::new(0),
    failed: AtomicI64::new(0),
    fired: AtomicI64::new(0),
    faults: AtomicI64::new(0),
};

/// The counts for `/metrics`.
#[must_use]
pub fn counters() -> [(&'static str, i64); 5] {
    let of = |n: &AtomicI64| n.load(Ordering::Relaxed);
    [
        ("gezhi_jobs_done_total", of(&COUNTERS.done)),
        ("gezhi_jobs_retried_total", of(&COUNTERS.retried)),
        ("gezhi_jobs_given_up_total", of(&COUNTERS.failed)),
        ("gezhi_schedules_fired_total", of(&COUNTERS.fired)),
        ("gezhi_schedule_faults_total", of(&COUNTERS.faults)),
    ]
}

fn count(counter: &AtomicI64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The background work of a process; ends when it is dropped, after what is in hand.
pub struct Worker {
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    woken: Condvar,
}

impl Stop {
    /// Waits a while; true when it is to end.
    fn wait(&self, at_most: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) =
            self.woken.wait_timeout_while(stopped, at_most, |s| !*s).unwrap_or_else(PoisonError::into_inner);
        *stopped
    }

    fn set(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_all();
    }
}

impl Worker {
    /// Starts a thread for the schedules and one for the jobs.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn start<T>(holder: &Arc<T>) -> std::io::Result<Worker>
    where
        T: Deref<Target = Installation> + Send + Sync + 'static,
    {
        let stop = Arc::new(Stop::default());
        let mut worker = Worker { stop: Arc::clone(&stop), threads: Vec::new() };
        let (here, until) = (Arc::clone(holder), Arc::clone(&stop));
        let schedules = std::thread::Builder::new().name("schedules".to_owned());
        worker.threads.push(schedules.spawn(move || keep_time(&here, &until))?);
        let (here, until) = (Arc::clone(holder), stop);
        let jobs = std::thread::Builder::new().name("jobs".to_owned());
        worker.threads.push(jobs.spawn(move || keep_working(&here, &until))?);
        Ok(worker)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.set();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn keep_time(installation: &Installation, stop: &Stop) {
    let mut erasures =
        Keeper::new(&installation.config).inspect_err(|error| tracing::error!("{error:#}")).ok();
    loop {
        if let Some(Err(error)) = erasures.as_mut().map(|keeper| keeper.keep(&installation.db)) {
            tracing::error!("the log of erasures cannot be written: {error:#}");
        }
        if let Err(error) = schedule::tick(installation, schedule::ALL) {
            tracing::warn!(%error, "the schedules could not be looked at");
        }
        if stop.wait(TURN) {
            return;
        }
    }
}

fn keep_working(installation: &Installation, stop: &Stop) {
    loop {
        let worked = match one(installation, kinds::ALL) {
            Ok(worked) => worked,
            Err(error) => {
                tracing::warn!(%error, "the job table cannot be read");
                false
            }
        };
        if stop.wait(if worked { Duration::ZERO } else { TURN }) {
            return;
        }
    }
}

/// Fires a schedule of an office if it is due and has something to do; a fault is logged, and it is tried again at
/// the next turn.
pub(super) fn fire_if_due(
    installation: &Installation,
    office: &Arc<Office>,
    schedule: &Schedule,
) -> Result<bool> {
    let cx = installation.cx(office, Actor::system(office.id), Source::Job);
    let (seed, session_hours) = (installation.vault.signing_seed(), installation.config.session_hours);
    let (here, it) = (cx.clone(), *schedule);
    let due = installation.db.read_now(move |tx| {
        let last = schedule::last(tx, &it, here.office.id)?;
        // A clock that was set back makes a new start.
        let rests = last <= here.now && here.now.since(last) < it.every;
        Ok(!rests && (it.waits)(tx, &Work { cx: &here, seed, session_hours })?)
    })?;
    if !due {
        return Ok(false);
    }
    let mut fired = false;
    for turn in 0..RUNS_MOST {
        let (here, it) = (cx.clone(), *schedule);
        let run = move |tx: &mut store::Tx<'_>| {
            schedule::fire(tx, &it, &Work { cx: &here, seed, session_hours }, turn > 0)
        };
        match installation.db.write_now(run) {
            Ok(Some(more)) => {
                count(&COUNTERS.fired);
                fired = true;
                if !more {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                count(&COUNTERS.faults);
                tracing::warn!(schedule = schedule.name, %error, "a schedule failed and is tried again");
                break;
            }
        }
    }
    Ok(fired)
}

/// Claims and does one job; false when none is due.
fn one(installation: &Installation, kinds: &[Kind]) -> Result<bool> {
    let Some(job) = queue::claim(&installation.db, installation.clock.now())? else { return Ok(false) };
    let outcome = renewed(installation, &job, || done(installation, kinds, &job));
    match &outcome {
        Ok(()) => count(&COUNTERS.done),
        Err(Fault::Retry(error)) => {
            count(&COUNTERS.retried);
            tracing::warn!(kind = job.kind, attempts = job.attempts, "a job failed: {error:#}");
        }
        Err(Fault::GiveUp(error)) => {
            count(&COUNTERS.failed);
            tracing::error!(kind = job.kind, "a job was given up: {error:#}");
        }
    }
    queue::finish(&installation.db, &job, &outcome, installation.clock.now())?;
    Ok(true)
}

fn done(installation: &Installation, kinds: &[Kind], job: &Job) -> Outcome {
    let Some(kind) = kinds.iter().find(|k| k.name == job.kind) else {
        // A newer program may know it: an upgrade of several servers is not at one instant.
        return Err(Fault::Retry(anyhow::anyhow!("this program knows no job {}", job.kind)));
    };
    catch_unwind(AssertUnwindSafe(|| (kind.run)(installation, job))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Err(Fault::Retry(anyhow::anyhow!("the job panicked: {}", text.unwrap_or_default())))
    })
}

/// Renews the claim from beside while the work goes on.
fn renewed(installation: &Installation, job: &Job, work: impl FnOnce() -> Outcome) -> Outcome {
    let stop = Stop::default();
    std::thread::scope(|scope| {
        let begun = Instant::now();
        scope.spawn(|| {
            while !stop.wait(RENEW) {
                match queue::renew(&installation.db, job, installation.clock.now()) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => tracing::warn!(%error, "a claim could not be renewed"),
                }
            }
        });
        let outcome = work();
        stop.set();
        tracing::debug!(kind = job.kind, took = ?begun.elapsed(), "a job ended");
        outcome
    })
}

/// Does everything that is due now, schedules and jobs, until nothing is: for tests with a fixed clock.
///
/// # Errors
/// When the database refuses.
pub fn run_all(installation: &Installation, kinds: &[Kind]) -> Result<usize> {
    let mut count = 0;
    loop {
        let mut now = schedule::tick(installation, schedule::ALL)?;
        while one(installation, kinds)? {
            now += 1;
        }
        if now == 0 {
            return Ok(count);
        }
        count += now;
    }
}
