//! What happens by the clock. Claiming a schedule's row and doing its work is one transaction.

use super::kinds::{self, Heading};
use super::store as rows;
use super::{enqueue, worker};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::audit::seal;
use crate::features::intake::{search, service as intake};
use crate::features::messages::{chain, watch};
use crate::features::parties::service::forget_phones;
use crate::features::procedures::alarms::{self, Alarm, Level};
use crate::features::procedures::service as engine;
use crate::installation::Installation;
use crate::web::idempotency;
use kernel::{CaseId, ClockId, Day, OfficeId, Ts};
use store::{Result, Tx, args};

/// A phone number is found for so long after the last of its cases closed (DECISIONS 25).
const PHONES_KEPT: i64 = 30 * Ts::DAY;
/// Jobs that failed are shown for so long.
const FAILED_KEPT: i64 = 30 * Ts::DAY;
/// Rows done in one transaction.
const AT_A_TIME: i64 = 200;

/// What a schedule works with.
pub struct Work<'a> {
    /// The program itself in the office, now.
    pub cx: &'a Cx,
    /// The seed of the key that signs blocks.
    pub seed: [u8; 32],
    /// Hours after which every session ends.
    pub session_hours: i64,
}

/// Something that happens every so often.
#[derive(Clone, Copy)]
pub struct Schedule {
    /// Its name; the key of its row.
    pub name: &'static str,
    /// The time from one run to the next, in milliseconds.
    pub every: i64,
    /// Once for each office, or once for the whole database.
    pub each: bool,
    /// Whether there is anything to do; reads only.
    pub waits: fn(&mut Tx<'_>, &Work<'_>) -> Result<bool>,
    /// Does it; true when there is more of it at once.
    pub run: fn(&mut Tx<'_>, &Work<'_>) -> Result<bool>,
}

/// All schedules of the product.
pub const ALL: &[Schedule] = &[
    Schedule { name: "search.fill", every: Ts::SECOND, each: true, waits: search_waits, run: fill_search },
    Schedule {
        name: "audit.seal",
        every: 5 * Ts::SECOND,
        each: false,
        waits: streams_moved,
        run: seal_blocks,
    },
    Schedule {
        name: "clocks.alarm",
        every: 10 * Ts::SECOND,
        each: true,
        waits: alarms_wait,
        run: fire_alarms,
    },
    Schedule {
        name: "messages.watch",
        every: 5 * Ts::SECOND,
        each: true,
        waits: messages_wait,
        run: raise_messages,
    },
    Schedule {
        name: "messages.move_on",
        every: 5 * Ts::SECOND,
        each: true,
        waits: silence_waits,
        run: move_messages,
    },
    Schedule {
        name: "demands.review_shelved",
        every: 10 * Ts::MINUTE,
        each: true,
        waits: always,
        run: remind_shelved,
    },
    Schedule { name: "audit.heads", every: 12 * Ts::HOUR, each: false, waits: always, run: ask_heads },
    Schedule { name: "parties.forget_phones", every: Ts::HOUR, each: true, waits: phones_wait, run: forget },
    Schedule { name: "parties.erase_old", every: Ts::HOUR, each: true, waits: always, run: erase_old },
    Schedule { name: "tidy", every: Ts::HOUR, each: false, waits: always, run: tidy },
];

/// The office under whose key a schedule of the whole database keeps its row.
const WHOLE: OfficeId = OfficeId(0);

/// When a schedule of an office ran last; [`Ts`] 0 when never.
pub(super) fn last(tx: &mut Tx<'_>, schedule: &Schedule, office: OfficeId) -> Result<Ts> {
    Ok(tx.value(&rows::LAST, args![key(schedule, office), schedule.name])?.unwrap_or_default())
}

fn key(schedule: &Schedule, office: OfficeId) -> OfficeId {
    if schedule.each { office } else { WHOLE }
}

/// Claims the row and does the work, both or neither; `None` when another worker has done it. With `again` it goes
/// on with more of the same, and the claim only keeps others out meanwhile.
///
/// # Errors
/// When the work fails; then the row stays as it was, and it is tried again at the next tick.
pub fn fire(tx: &mut Tx<'_>, schedule: &Schedule, work: &Work<'_>, again: bool) -> Result<Option<bool>> {
    let (office, now) = (work.cx.office.id, work.cx.now);
    let before = if again { Ts(i64::MAX) } else { now.plus(-schedule.every) };
    if tx.exec(&rows::TAKE, args![key(schedule, office), schedule.name, now, before])? == 0 {
        return Ok(None);
    }
    (schedule.run)(tx, work).map(Some)
}

/// Fires what is due in all offices once; returns how many runs did something. For tests and for one turn of the
/// worker.
///
/// # Errors
/// When the database refuses.
pub fn tick(installation: &Installation, schedules: &[Schedule]) -> Result<usize> {
    let mut done = 0;
    for (nth, office) in installation.offices().iter().enumerate() {
        for schedule in schedules.iter().filter(|s| s.each || nth == 0) {
            done += usize::from(worker::fire_if_due(installation, office, schedule)?);
        }
    }
    Ok(done)
}

fn always(_: &mut Tx<'_>, _: &Work<'_>) -> Result<bool> {
    Ok(true)
}

fn search_waits(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(tx.value::<i64>(&rows::SEARCH_WAITS, args![work.cx.office.id])?.is_some())
}

fn fill_search(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(i64::try_from(search::fill(tx, work.cx, AT_A_TIME)?).is_ok_and(|n| n >= AT_A_TIME))
}

fn streams_moved(tx: &mut Tx<'_>, _: &Work<'_>) -> Result<bool> {
    Ok(tx.value::<i64>(&rows::STREAMS_MOVED, &[])?.is_some())
}

fn seal_blocks(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(seal::seal(tx, work.seed, work.cx.now)?.is_some())
}

fn alarms_wait(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(tx.value::<i64>(&rows::ALARMS_WAIT, args![work.cx.office.id, work.cx.now])?.is_some())
}

fn fire_alarms(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(alarms::fire(tx, work.cx, AT_A_TIME)? > 0)
}

fn messages_wait(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    watch::waits(tx, work.cx)
}

fn raise_messages(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    watch::raise(tx, work.cx)
}

fn silence_waits(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    chain::waits(tx, work.cx)
}

fn move_messages(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    chain::move_on(tx, work.cx)
}

/// A shelved case whose day has come is said once, on its own log.
fn remind_shelved(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    let (cx, office) = (work.cx, work.cx.office.id);
    let read = |row: &store::Row<'_>| Ok((row.get::<CaseId>(0)?, row.get::<Day>(1)?));
    for (case, until) in tx.query(&rows::SHELVED_DUE, args![office, cx.today()], read)? {
        let since = until.start(&cx.office.tz);
        if tx.value::<i64>(&rows::REMINDED, args![office, case, since])?.is_some() {
            continue;
        }
        let state = engine::load(tx, office, case)?;
        let clock = state.open_clocks().next().map_or(ClockId(0), |c| c.id);
        let alarm = Alarm { clock, kind: "shelved".to_owned(), level: Level::Warning, due: Some(since) };
        events::append(tx, cx, Stream::Case, case.0, "case.alarm", &alarm)?;
    }
    Ok(false)
}

fn ask_heads(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    let day = work.cx.today();
    enqueue(tx, work.cx.office.id, kinds::HEADS, &Heading { day }, work.cx.now, Some(&day.iso()))?;
    Ok(false)
}

fn phones_wait(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    Ok(tx.value::<i64>(&rows::PHONES_WAIT, args![work.cx.office.id])?.is_some())
}

fn forget(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    forget_phones(tx, work.cx, work.cx.now.plus(-PHONES_KEPT))?;
    Ok(false)
}

/// A contact is erased when the office has kept it long enough after the last case (the privacy page says so).
fn erase_old(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    let kept = work.cx.now.plus(-work.cx.office.settings.retention_days * Ts::DAY);
    Ok(intake::erase_old(tx, work.cx, kept, AT_A_TIME)? >= AT_A_TIME)
}

/// Keys of writes after 60 days, sessions past their end, jobs that failed long ago.
fn tidy(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<bool> {
    let now = work.cx.now;
    idempotency::prune(tx, now)?;
    tx.exec(&rows::FORGET_SESSIONS, args![now.plus(-work.session_hours * Ts::HOUR)])?;
    tx.exec(&rows::FORGET_FAILED, args![now.plus(-FAILED_KEPT)])?;
    Ok(false)
}
