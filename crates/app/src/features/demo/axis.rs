//! Office hours as one line of minutes, so that a step can be laid so many working minutes after another.

use kernel::{Day, Ts};
use worktime::{Limit, LimitUnit, Rules};

/// The stretches in which the office works, with the minutes worked before each.
#[derive(Debug)]
pub(super) struct Axis {
    spans: Vec<(Ts, Ts, i64)>,
    rules: Rules,
}

impl Axis {
    /// The office hours from one day to another, both included.
    pub(super) fn new(rules: &Rules, from: Day, to: Day) -> Axis {
        let mut spans = Vec::new();
        let mut done = 0;
        let mut day = from;
        while day <= to {
            if rules.calendar.is_workday(day) {
                let start = day.start(&rules.tz);
                for (open, close) in rules.hours.minutes() {
                    spans.push((start.plus(open * Ts::MINUTE), start.plus(close * Ts::MINUTE), done));
                    done += close - open;
                }
            }
            let next = day.plus(1);
            if next == day {
                break;
            }
            day = next;
        }
        Axis { spans, rules: rules.clone() }
    }

    /// The working minutes before an instant.
    pub(super) fn position(&self, at: Ts) -> i64 {
        let next = self.spans.partition_point(|s| s.0 <= at);
        match next.checked_sub(1).and_then(|i| self.spans.get(i)) {
            Some((from, to, before)) => before + at.min(*to).since(*from) / Ts::MINUTE,
            None => 0,
        }
    }

    /// The working instant with so many minutes before it, with the seconds of `at` kept so that steps do not
    /// all fall on full minutes.
    pub(super) fn instant(&self, minutes: i64, at: Ts) -> Ts {
        let next = self.spans.partition_point(|s| s.2 <= minutes);
        let found = next.checked_sub(1).and_then(|i| self.spans.get(i)).or_else(|| self.spans.first());
        match found {
            Some((from, to, before)) => {
                let seconds = at.0.rem_euclid(Ts::MINUTE);
                let instant = from.plus((minutes - before).max(0) * Ts::MINUTE + seconds);
                instant.min(to.plus(-Ts::SECOND))
            }
            None => at,
        }
    }

    /// The instant so many working minutes after another.
    pub(super) fn later(&self, at: Ts, minutes: i64) -> Ts {
        self.instant(self.position(at) + minutes.max(1), at).max(at.plus(Ts::SECOND))
    }

    /// The working instant so many working minutes before another.
    pub(super) fn earlier(&self, at: Ts, minutes: i64) -> Ts {
        self.instant(self.position(at) - minutes, at).min(at)
    }

    /// The instant at which so many thousandths of a limit are used up; within office hours unless the limit is
    /// one of urgent hours, for which somebody is on duty.
    pub(super) fn part(&self, start: Ts, limit: Limit, thousandths: i64) -> Ts {
        match limit.unit {
            LimitUnit::UrgentHour => start.plus((limit.measure() * thousandths / 1_000).max(Ts::MINUTE)),
            LimitUnit::WorkHour => self.later(start, limit.amount * 60 * thousandths / 1_000_000),
            LimitUnit::WorkDay => self.later(start, limit.amount * self.day() * thousandths / 1_000_000),
            LimitUnit::NaturalDay => {
                let plain = start.plus(Ts::DAY * limit.amount / 1_000 * thousandths / 1_000);
                self.later(plain, i64::from(u8::try_from(start.0.rem_euclid(97)).unwrap_or(0)))
            }
        }
    }

    /// The length of a limit in working minutes, roughly.
    pub(super) fn minutes(&self, limit: Limit) -> i64 {
        match limit.unit {
            LimitUnit::UrgentHour | LimitUnit::WorkHour => limit.amount * 60 / 1_000,
            LimitUnit::WorkDay => limit.amount * self.day() / 1_000,
            LimitUnit::NaturalDay => limit.amount * self.day() * 5 / 7_000,
        }
    }

    /// When a limit that starts then ends.
    pub(super) fn due(&self, start: Ts, limit: Limit) -> Ts {
        self.rules.due(start, limit, &[]).map_or(start, |due| due.at)
    }

    /// The minutes of a working day.
    pub(super) fn day(&self) -> i64 {
        self.rules.hours.minutes_per_day()
    }
}
