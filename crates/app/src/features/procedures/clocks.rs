//! Clocks: what an action starts, ends, stops and lengthens, computed once and written into the event.

use super::procedure::{ClockOn, ClockRule};
use super::state::{Clock, ClockState, Effect};
use crate::context::Cx;
use crate::features::catalogue::model::Matter;
use kernel::{AssignmentId, ClockId, Refusal, Ts};
use store::{Result, Tx};
use worktime::{Due, Limit, Pause};

/// The limit of a clock: the matter's own, else the procedure's.
pub(super) fn limit_of(rule: &ClockRule, matter: Option<&Matter>) -> Limit {
    let own = matter.and_then(|m| match rule.limit.as_deref() {
        Some("accept_limit") => Some(m.accept_limit),
        Some("dispatch_limit") => Some(m.dispatch_limit),
        Some("sign_limit") => Some(m.sign_limit),
        Some("handle_limit") => Some(m.handle_limit),
        _ => None,
    });
    own.or(rule.default_limit).unwrap_or(Limit::new(worktime::LimitUnit::WorkDay, 1_000))
}

/// The fact that a clock starts at an instant.
pub(super) fn start(
    tx: &mut Tx<'_>,
    cx: &Cx,
    rule: &ClockRule,
    assignment: Option<AssignmentId>,
    limit: Limit,
    at: Ts,
) -> Result<Effect> {
    debug_assert_eq!(rule.on == ClockOn::Assignment, assignment.is_some());
    let due = due(cx, at, limit, &[])?;
    Ok(Effect::ClockStart {
        id: ClockId(tx.id()?),
        kind: rule.key.clone(),
        assignment,
        limit,
        start: at,
        due: due.at,
        expected: due.expected,
        calendar: cx.office.rules.version(),
    })
}

/// When a limit ends; refuses an open pause, for which there is no instant.
pub(super) fn due(cx: &Cx, start: Ts, limit: Limit, pauses: &[Pause]) -> Result<Due> {
    cx.office.rules.due(start, limit, pauses).ok_or_else(|| Refusal::rule("demands.clock.paused").into())
}

/// The fact that a clock ends at an instant, in time or late. 届满 includes the last instant.
pub(super) fn end(clock: &Clock, at: Ts) -> Effect {
    Effect::ClockEnd { id: clock.id, late: clock.due.is_some_and(|due| at > due) }
}

/// The fact that a paused clock runs on at an instant.
pub(super) fn resume(cx: &Cx, clock: &Clock, at: Ts) -> Result<Effect> {
    let mut pauses = clock.pauses.clone();
    if let Some(last) = pauses.last_mut() {
        last.until.get_or_insert(at);
    }
    let due = due(cx, clock.start, clock.limit, &pauses)?;
    Ok(Effect::ClockResume {
        id: clock.id,
        due: due.at,
        expected: due.expected,
        calendar: cx.office.rules.version(),
    })
}

/// The fact that a clock is lengthened. The extension must be in the clock's own unit, so that the sum
/// is one limit that can be explained.
pub(super) fn extend(cx: &Cx, clock: &Clock, by: Limit) -> Result<Effect> {
    if by.unit != clock.limit.unit {
        return Err(Refusal::rule("demands.extend.other_unit")
            .on("limit")
            .with("unit", clock.limit.unit.as_str())
            .into());
    }
    let limit = Limit::new(clock.limit.unit, clock.limit.amount + by.amount);
    let due = match clock.state {
        ClockState::Running => Some(due(cx, clock.start, limit, &clock.pauses)?),
        _ => None,
    };
    Ok(Effect::ClockExtend {
        id: clock.id,
        limit,
        due: due.map(|d| d.at),
        expected: due.is_some_and(|d| d.expected),
        calendar: due.map(|_| cx.office.rules.version()).unwrap_or_default(),
    })
}

/// The instant at which an alarm is next looked at: first when a fifth of the counted time is left, then at
/// the due instant, then once a natural day.
pub(super) fn next_alarm(cx: &Cx, clock: &Clock, fired: i64) -> Option<Ts> {
    let due = clock.due.filter(|_| clock.state == ClockState::Running)?;
    Some(match fired {
        0 => {
            cx.office.rules.before(due, Limit::new(clock.limit.unit, clock.limit.amount / 5)).max(clock.start)
        }
        1 => due.plus(1),
        n => due.plus((n - 1) * Ts::DAY),
    })
}
