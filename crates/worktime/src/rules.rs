//! Due instants, counted time and margins under an office's rules.

use crate::calendar::Calendar;
use crate::civil;
use crate::hours::Hours;
use crate::limit::{Limit, LimitUnit};
use crate::line::{DAY, Gaps, Line};
use jiff::tz::TimeZone;
use kernel::Ts;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an office counts time by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The statutory calendar.
    pub calendar: Arc<Calendar>,
    /// The office hours of a working day.
    pub hours: Hours,
    /// The office's time zone.
    pub tz: TimeZone,
}

/// A stretch in which a clock stands still (暂停计时): `[from, until)`. Pauses may overlap and come in any order;
/// one that ends before it begins is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Its first instant.
    pub from: Ts,
    /// The first instant after it; `None` while it lasts.
    pub until: Option<Ts>,
}

/// When a limit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last instant that is still in time (届满 includes it).
    pub at: Ts,
    /// The calendar does not speak for some of the days used: show 预计, and count again when a table for them
    /// is installed. Never set for urgent hours and natural days, which need no calendar.
    pub expected: bool,
}

/// A limit laid on a line: where counting starts, and how many milliseconds are to be counted.
pub(crate) struct Plan {
    pub(crate) origin: i64,
    pub(crate) need: i64,
}

impl Rules {
    /// What a due instant was counted by: the calendar's version, a blank, the hours. A clock keeps it, so that
    /// its account can be given by the same rules later.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {}", self.calendar.version(), self.hours)
    }

    /// When a limit that starts at `start` ends; `None` while a pause that still lasts holds it. A limit of
    /// nothing is due at its start.
    #[must_use]
    pub fn due(&self, start: Ts, limit: Limit, pauses: &[Pause]) -> Option<Due> {
        let line = Line::new(self, limit.unit, start);
        let gaps = Gaps::new(&line, pauses);
        let plan = self.plan(&line, start, limit);
        let end = line.advance(plan.origin, plan.need, gaps.as_slice())?;
        Some(Due { at: self.last_instant(&line, limit, end), expected: self.expected(limit, &plan, end) })
    }

    /// The time counted from `from` to `to`: milliseconds for hours; for days thousandths of a day, rounded
    /// down, the day of `from` not counted (民法典 201) and a working day being [`Hours::minutes_per_day`] long.
    /// For hours, and for limits of a day or more, what is counted from the start to the due instant is
    /// [`Limit::measure`]. Nothing when `to` is not after `from`.
    #[must_use]
    pub fn elapsed(&self, unit: LimitUnit, from: Ts, to: Ts, pauses: &[Pause]) -> i64 {
        let line = Line::new(self, unit, from);
        let origin = first_counted(&line, line.at(from), unit.is_days());
        self.measured(&line, origin, to, pauses)
    }

    /// The part of a limit that is used up at `now`, in the measure of [`Rules::elapsed`]; it grows past
    /// [`Limit::measure`] when the limit is overdue. Unlike `elapsed` it knows that a limit of less than a day
    /// counts from its start.
    #[must_use]
    pub fn used(&self, start: Ts, limit: Limit, pauses: &[Pause], now: Ts) -> i64 {
        let line = Line::new(self, limit.unit, start);
        let plan = self.plan(&line, start, limit);
        self.measured(&line, plan.origin, now, pauses)
    }

    /// What is left of a limit at `now`, in the measure of [`Rules::elapsed`]: zero at the due instant and as
    /// long as nothing more is counted, then negative. Known during a pause too, when there is no due instant.
    #[must_use]
    pub fn remaining(&self, start: Ts, limit: Limit, pauses: &[Pause], now: Ts) -> i64 {
        limit.measure() - self.used(start, limit, pauses, now)
    }

    /// The instant that lies `margin` before `at`, for a deadline of one's own before an upper one (提前量).
    ///
    /// Hours: the latest instant that leaves the whole margin, so that what starts there is due at `at` when
    /// `at` is within office hours. Working days: the same time of day so many working days earlier, `at` being
    /// first brought back to the last working instant; a fraction then goes back like hours. Natural days: the
    /// same time of day so many days earlier.
    #[must_use]
    pub fn before(&self, at: Ts, margin: Limit) -> Ts {
        let line = Line::new(self, margin.unit, at);
        let point = line.at(at);
        let need = self.milliseconds(margin);
        if need == 0 {
            return at;
        }
        match margin.unit {
            LimitUnit::UrgentHour | LimitUnit::NaturalDay => line.ts(point - need),
            LimitUnit::WorkHour => line.ts(line.retreat(point, need)),
            LimitUnit::WorkDay => {
                let last = line.last_open(point);
                let mut day = (last - 1).div_euclid(DAY);
                let time = last - day * DAY;
                for _ in 0..margin.clamped() / 1_000 {
                    day = self.workday_from(day - 1, -1);
                }
                let part = Limit::new(LimitUnit::WorkDay, margin.clamped() % 1_000);
                line.ts(line.retreat(day * DAY + time, self.milliseconds(part)))
            }
        }
    }

    /// The due instant as 民法典 203 rolls it: when its day is not a working day, the last instant of the next
    /// working day. For display beside the due instant only; clocks and figures keep the earlier, unrolled one.
    #[must_use]
    pub fn rolled(&self, at: Ts) -> Ts {
        let line = Line::new(self, LimitUnit::NaturalDay, at);
        let day = line.day(line.at(at));
        let rolled = self.workday_from(day, 1);
        if rolled == day { at } else { line.ts(rolled * DAY + DAY - 1) }
    }

    /// The first instant within office hours at or after `at`, where a clock of work hours begins to run.
    #[must_use]
    pub fn opening(&self, at: Ts) -> Ts {
        let line = Line::new(self, LimitUnit::WorkHour, at);
        line.spans(line.at(at)).next().map_or(at, |(from, _)| line.ts(from))
    }

    /// Whether an instant lies within office hours.
    #[must_use]
    pub fn is_open(&self, at: Ts) -> bool {
        self.opening(at) == at
    }

    /// A limit in milliseconds of counted time: the unit in which [`Rules::explain`] counts.
    #[must_use]
    pub fn milliseconds(&self, limit: Limit) -> i64 {
        // Exact: a thousandth of an hour is 3,600 ms, of a working day 60 ms for each of its minutes.
        limit.clamped() * (self.unit_length(limit.unit) / 1_000)
    }

    /// One unit in milliseconds.
    fn unit_length(&self, unit: LimitUnit) -> i64 {
        match unit {
            LimitUnit::UrgentHour | LimitUnit::WorkHour => Ts::HOUR,
            LimitUnit::WorkDay => self.hours.minutes_per_day() * Ts::MINUTE,
            LimitUnit::NaturalDay => DAY,
        }
    }

    pub(crate) fn plan(&self, line: &Line<'_>, start: Ts, limit: Limit) -> Plan {
        // Less than a day is counted like hours: nobody who grants half a day means tomorrow.
        let skip_day = limit.unit.is_days() && limit.clamped() >= 1_000;
        let origin = first_counted(line, line.at(start), skip_day);
        Plan { origin, need: self.milliseconds(limit) }
    }

    /// The due instant of a counted end: 24:00 of a limit in days is the last millisecond of that day.
    pub(crate) fn last_instant(&self, line: &Line<'_>, limit: Limit, end: i64) -> Ts {
        let midnight = limit.unit.is_days() && limit.clamped() >= 1_000 && end.rem_euclid(DAY) == 0;
        line.ts(end - i64::from(midnight))
    }

    fn expected(&self, limit: Limit, plan: &Plan, end: i64) -> bool {
        let known = |point: i64| self.calendar.knows(civil::day(point.div_euclid(DAY)));
        limit.unit.is_work() && plan.need > 0 && !(known(plan.origin) && known(end - 1))
    }

    fn measured(&self, line: &Line<'_>, origin: i64, to: Ts, pauses: &[Pause]) -> i64 {
        let gaps = Gaps::new(line, pauses);
        let days = line.unit().is_days();
        let end = line.at(to);
        // The last millisecond of a day stands for 24:00, see `last_instant`.
        let end = if days && (end + 1).rem_euclid(DAY) == 0 { end + 1 } else { end };
        let counted = line.counted(origin, end, gaps.as_slice());
        if days { counted / (self.unit_length(line.unit()) / 1_000) } else { counted }
    }

    /// The number of the first working day from a day on, forwards or backwards.
    fn workday_from(&self, day: i64, step: i64) -> i64 {
        let mut day = day;
        while !self.calendar.works(day) {
            day += step;
        }
        day
    }
}

/// Where counting starts: at the start, or at the midnight after it when its day is not counted.
fn first_counted(line: &Line<'_>, start: i64, skip_day: bool) -> i64 {
    if skip_day { line.midnight(line.day(start) + 1) } else { start }
}
