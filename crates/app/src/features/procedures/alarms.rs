//! Early warnings and escalation: a clock's next alarm is a column (DECISIONS 15), not a job of its own.

use super::clocks;
use super::service::load;
use super::state::ClockState;
use crate::context::Cx;
use crate::events::{self, Stream};
use kernel::{CaseId, ClockId, OfficeId, Ts};
use serde::{Deserialize, Serialize};
use store::{Result, Sql, Tx, args, statements};

statements! {
    DUE = Sql::Both(
        "select id, case_id, kind, alarms, due_at from clock where office = $1 and next_alarm <= $2 order by next_alarm limit $3");
    SET = Sql::Both("update clock set alarms = $3, next_alarm = $4 where office = $1 and id = $2");
}

/// How loud an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A fifth of the time is left.
    Warning,
    /// The due instant has passed.
    Overdue,
    /// A day later, and every day after: the leader sees it.
    Escalated,
}

/// The payload of `case.alarm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The clock.
    pub clock: ClockId,
    /// Its kind.
    pub kind: String,
    /// How loud.
    pub level: Level,
    /// The due instant it is about.
    pub due: Option<Ts>,
}

/// Fires the alarms that are due, at most `most`; returns how many. Safe to run again: each firing moves the
/// clock's next alarm in the same transaction.
///
/// # Errors
/// When the database refuses.
pub fn fire(tx: &mut Tx<'_>, cx: &Cx, most: i64) -> Result<usize> {
    let office: OfficeId = cx.office.id;
    let due = tx.query(&DUE, args![office, cx.now, most], |row| {
        Ok((
            row.get::<ClockId>(0)?,
            row.get::<CaseId>(1)?,
            row.get::<String>(2)?,
            row.get::<i64>(3)?,
            row.get::<Option<Ts>>(4)?,
        ))
    })?;
    for (id, case, kind, fired, at) in &due {
        // What is late already needs no warning that it will be.
        let fired = if *fired == 0 && at.is_some_and(|at| at < cx.now) { 1 } else { *fired };
        let level = match fired {
            0 => Level::Warning,
            1 => Level::Overdue,
            _ => Level::Escalated,
        };
        let state = load(tx, office, *case)?;
        let clock = state.clocks.iter().find(|c| c.id == *id && c.state == ClockState::Running);
        if clock.is_some() {
            let alarm = Alarm { clock: *id, kind: kind.clone(), level, due: *at };
            events::append(tx, cx, Stream::Case, case.0, "case.alarm", &alarm)?;
        }
        let mut count = fired + 1;
        let next = |count| clock.and_then(|c| clocks::next_alarm(cx, c, count));
        // Days that passed while nobody looked are not made up one by one: the last of them says it.
        while count > 1 && next(count + 1).is_some_and(|at| at <= cx.now) {
            count += 1;
        }
        tx.exec(&SET, args![office, *id, count, next(count)])?;
    }
    Ok(due.len())
}
