//! How a due instant came about, as a resident reads it: from when, how long, and which days did not count.
//! Pure; the words are put to it by the page.

use super::link::{How, Skipped};
use crate::context::Office;
use crate::features::procedures::state::{Clock, ClockState};

/// The account of a running clock; `None` where it stands still or has ended.
pub(super) fn how(office: &Office, clock: &Clock) -> Option<How> {
    let due = clock.due.filter(|_| clock.state == ClockState::Running)?;
    let rules = office.rules_of(&clock.calendar);
    let mut skipped: Vec<Skipped> = Vec::new();
    if clock.limit.unit.is_work() {
        for step in rules.explain(clock.start, clock.limit, &clock.pauses) {
            if step.kind.works() {
                continue;
            }
            let name = step.name.unwrap_or_default();
            match skipped.last_mut() {
                Some(last) if last.until.plus(1) == step.day && last.name == name => last.until = step.day,
                _ => skipped.push(Skipped { from: step.day, until: step.day, name }),
            }
        }
    }
    let clock_of = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let ranges: Vec<String> = rules
        .hours
        .minutes()
        .map(|(opens, closes)| format!("{}–{}", clock_of(opens), clock_of(closes)))
        .collect();
    Some(How {
        clock: clock.kind.clone(),
        start: clock.start,
        limit: clock.limit,
        due,
        hours: ranges.join(", "),
        skipped,
        paused: clock.pauses.iter().map(|p| (p.from, p.until)).collect(),
    })
}
