//! Clocks: what an action starts, ends, stops and lengthens, computed once and written into the event.

use super::procedure::{ClockOn, ClockRule};
use super::state::{Cap, CaseState, Clock, ClockState, Effect};
use crate::context::Cx;
use crate::features::catalogue::model::Matter;
use kernel::{AssignmentId, ClockId, Refusal, Ts};
use store::{Result, Tx};
use worktime::{Due, Limit, Pause, Rules};

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

/// The fact that a clock starts at an instant; `upper` is the case's deadline on an upper platform.
pub(super) fn start(
    tx: &mut Tx<'_>,
    cx: &Cx,
    rule: &ClockRule,
    assignment: Option<AssignmentId>,
    limit: Limit,
    at: Ts,
    upper: Option<Ts>,
) -> Result<Effect> {
    debug_assert_eq!(rule.on == ClockOn::Assignment, assignment.is_some());
    let cap = cap(&cx.office.rules, cx.office.settings.upper_margin, upper.filter(|_| rule.caps), at);
    let due = due(&cx.office.rules, at, limit, &[], cap)?;
    Ok(Effect::ClockStart {
        id: ClockId(tx.id()?),
        kind: rule.key.clone(),
        assignment,
        limit,
        start: at,
        due: due.at,
        expected: due.expected,
        calendar: cx.office.rules.version(),
        cap,
    })
}

/// The latest end that an upper deadline leaves to a clock that runs from `from` on: the margin before it; itself
/// where the margin has begun by then; nothing where it has passed, since no end could keep it any more.
pub(super) fn cap(rules: &Rules, margin: Limit, upper: Option<Ts>, from: Ts) -> Option<Cap> {
    let upper = upper.filter(|upper| *upper > from)?;
    let early = rules.before(upper, margin);
    Some(Cap { at: if early > from { early } else { upper }, upper })
}

/// When a limit ends, at the latest at its cap; refuses an open pause, for which there is no instant.
fn due(rules: &Rules, start: Ts, limit: Limit, pauses: &[Pause], cap: Option<Cap>) -> Result<Due> {
    capped(rules, start, limit, pauses, cap).ok_or_else(|| Refusal::rule("demands.clock.paused").into())
}

/// The same; `None` while a pause is open.
pub(super) fn capped(
    rules: &Rules,
    start: Ts,
    limit: Limit,
    pauses: &[Pause],
    cap: Option<Cap>,
) -> Option<Due> {
    let own = rules.due(start, limit, pauses)?;
    Some(match cap {
        Some(cap) if cap.at < own.at => {
            let day = cap.at.day(&rules.tz);
            Due { at: cap.at, expected: day > rules.calendar.known_until() }
        }
        _ => own,
    })
}

/// The facts that a changed deadline of an upper platform brings about for the running and paused clocks of a case.
pub(super) fn recap(cx: &Cx, case: &CaseState, upper: Option<Ts>) -> Vec<Effect> {
    let rules = &cx.office.rules;
    let caps = |kind: &str| cx.office.procedure.clocks.iter().any(|r| r.key == kind && r.caps);
    let moved = |clock: &Clock| {
        let cap = cap(rules, cx.office.settings.upper_margin, upper, clock.start.max(cx.now));
        if cap == clock.cap {
            return None;
        }
        let due = match clock.state {
            ClockState::Running => Some(capped(rules, clock.start, clock.limit, &clock.pauses, cap)?),
            _ => None,
        };
        Some(Effect::ClockCap {
            id: clock.id,
            kind: clock.kind.clone(),
            was: clock.due,
            due: due.map(|d| d.at),
            expected: due.is_some_and(|d| d.expected),
            calendar: due.map(|_| rules.version()).unwrap_or_default(),
            cap,
        })
    };
    case.open_clocks().filter(|c| caps(&c.kind)).filter_map(moved).collect()
}

/// The fact that a clock ends at an instant, in time or late. 届满 includes the last instant.
pub(super) fn end(clock: &Clock, at: Ts) -> Effect {
    Effect::ClockEnd { id: clock.id, late: clock.due.is_some_and(|due| at > due) }
}

/// The fact that a paused clock runs on at an instant. An upper deadline does not wait; once it has passed it no longer
/// shortens the own clock, so that nobody is late by a pause that was granted.
pub(super) fn resume(cx: &Cx, clock: &Clock, at: Ts) -> Result<Effect> {
    let mut pauses = clock.pauses.clone();
    if let Some(last) = pauses.last_mut() {
        last.until.get_or_insert(at);
    }
    let rules = &cx.office.rules;
    let cap = cap(rules, cx.office.settings.upper_margin, clock.cap.map(|c| c.upper), at);
    let due = due(rules, clock.start, clock.limit, &pauses, cap)?;
    Ok(Effect::ClockResume {
        id: clock.id,
        due: due.at,
        expected: due.expected,
        calendar: rules.version(),
        cap,
    })
}

/// The fact that a clock is lengthened. The extension must be in the clock's own unit, so that the sum
/// is one limit that can be explained; where an upper deadline leaves no more time, it is refused.
pub(super) fn extend(cx: &Cx, clock: &Clock, by: Limit) -> Result<Effect> {
    if by.unit != clock.limit.unit {
        return Err(Refusal::rule("demands.extend.other_unit")
            .on("limit")
            .with("unit", clock.limit.unit.as_str())
            .into());
    }
    let limit = Limit::new(clock.limit.unit, clock.limit.amount + by.amount);
    let due = match clock.state {
        ClockState::Running => Some(due(&cx.office.rules, clock.start, limit, &clock.pauses, clock.cap)?),
        _ => None,
    };
    if let Some(cap) = clock.cap.filter(|_| due.is_some_and(|d| clock.due == Some(d.at))) {
        let upper = cap.upper.zoned(&cx.office.tz).strftime("%Y-%m-%d %H:%M").to_string();
        return Err(Refusal::rule("demands.extend.upper_binds").on("limit").with("upper", upper).into());
    }
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
