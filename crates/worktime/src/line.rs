//! The line on which a unit counts, with its open spans and the gaps that pauses cut into it.
//!
//! Urgent hours count on the line of instants; all other units on the local wall clock written as
//! milliseconds, where midnight of day `n` is `n * DAY` whatever the zone does.

use crate::limit::LimitUnit;
use crate::rules::{Pause, Rules};
use jiff::tz::{Offset, TimeZone};
use kernel::Ts;

pub(crate) const DAY: i64 = Ts::DAY;
/// The end of a pause that still runs.
pub(crate) const NEVER: i64 = i64::MAX;
/// Instants are held within years -4300 and 8300, so that sums stay within what a date can say.
const FAR: i64 = 200_000_000_000_000;

pub(crate) struct Line<'a> {
    rules: &'a Rules,
    unit: LimitUnit,
    /// The zone's offset where the counting starts; nearly always also where it ends.
    hint: i64,
}

fn offset(tz: &TimeZone, at: Ts) -> i64 {
    i64::from(tz.to_offset(at.timestamp()).seconds()) * Ts::SECOND
}

impl<'a> Line<'a> {
    pub(crate) fn new(rules: &'a Rules, unit: LimitUnit, near: Ts) -> Line<'a> {
        let near = Ts(near.0.clamp(-FAR, FAR));
        Line { rules, unit, hint: offset(&rules.tz, near) }
    }

    pub(crate) fn unit(&self) -> LimitUnit {
        self.unit
    }

    /// Where an instant lies on the line.
    pub(crate) fn at(&self, ts: Ts) -> i64 {
        let ts = Ts(ts.0.clamp(-FAR, FAR));
        if self.unit == LimitUnit::UrgentHour { ts.0 } else { ts.0 + offset(&self.rules.tz, ts) }
    }

    /// The instant of a point on the line.
    pub(crate) fn ts(&self, point: i64) -> Ts {
        if self.unit == LimitUnit::UrgentHour { Ts(point) } else { self.instant(point) }
    }

    /// The instant of a wall-clock time; in a skipped hour the one after it, in a repeated hour the one with
    /// the offset of the start.
    fn instant(&self, wall: i64) -> Ts {
        let near = Ts(wall - self.hint);
        if offset(&self.rules.tz, near) == self.hint {
            return near;
        }
        let civil = Offset::UTC.to_datetime(Ts(wall).timestamp());
        self.rules.tz.to_ambiguous_timestamp(civil).compatible().map_or(near, Ts::from)
    }

    /// The number of the local day a point lies in.
    pub(crate) fn day(&self, point: i64) -> i64 {
        let wall = if self.unit == LimitUnit::UrgentHour {
            point + offset(&self.rules.tz, Ts(point))
        } else {
            point
        };
        wall.div_euclid(DAY)
    }

    /// The point at which a local day begins.
    pub(crate) fn midnight(&self, day: i64) -> i64 {
        if self.unit == LimitUnit::UrgentHour { self.instant(day * DAY).0 } else { day * DAY }
    }

    /// The open spans from a point on; endless.
    pub(crate) fn spans(&self, from: i64) -> Spans<'a> {
        let day = from.div_euclid(DAY);
        Spans { rules: self.rules, work: self.unit.is_work(), from, day, next: 0 }
    }

    /// The first point from `origin` on up to which `need` milliseconds are counted; none when a pause that
    /// still runs comes first.
    pub(crate) fn advance(&self, origin: i64, need: i64, mut gaps: &[(i64, i64)]) -> Option<i64> {
        if need <= 0 {
            return Some(origin);
        }
        let mut left = need;
        let mut spans = self.spans(origin);
        while let Some((mut at, end)) = spans.next() {
            while at < end {
                gaps = from_gap(gaps, at);
                let (stop, resume) = gaps.first().map_or((end, end), |gap| (gap.0.clamp(at, end), gap.1));
                let piece = stop.saturating_sub(at);
                if piece >= left {
                    return Some(at + left);
                }
                left -= piece;
                if stop < end && resume == NEVER {
                    return None;
                }
                at = if stop < end { resume } else { end };
            }
            // A long pause is jumped over, not walked through.
            spans.seek(at);
        }
        None
    }

    /// The milliseconds counted between two points.
    pub(crate) fn counted(&self, from: i64, to: i64, mut gaps: &[(i64, i64)]) -> i64 {
        let mut total = 0;
        for (at, end) in self.spans(from) {
            if at >= to {
                break;
            }
            let end = end.min(to);
            gaps = from_gap(gaps, at);
            let lost: i64 =
                gaps.iter().take_while(|gap| gap.0 < end).map(|gap| gap.1.min(end) - gap.0.max(at)).sum();
            total += end - at - lost;
        }
        total
    }

    /// The latest point at or before `at` that leaves `need` milliseconds of office hours up to it.
    pub(crate) fn retreat(&self, at: i64, need: i64) -> i64 {
        let mut left = need;
        let mut day = at.div_euclid(DAY);
        while left > 0 {
            if self.rules.calendar.works(day) {
                for (from, to) in self.rules.hours.ranges().iter().rev() {
                    let (from, to) = (day * DAY + from, (day * DAY + to).min(at));
                    if to - from >= left {
                        return to - left;
                    }
                    left -= (to - from).max(0);
                }
            }
            day -= 1;
        }
        at
    }

    /// The last point at or before `at` up to which office hours ran: `at` itself when it ends an open instant.
    pub(crate) fn last_open(&self, at: i64) -> i64 {
        // One millisecond back is within office hours, and the next instant ends it.
        self.retreat(at, 1) + 1
    }
}

/// The gaps that end after a point.
fn from_gap(gaps: &[(i64, i64)], at: i64) -> &[(i64, i64)] {
    let past = gaps.iter().take_while(|gap| gap.1 <= at).count();
    &gaps[past..]
}

/// The open spans of a line, in order.
pub(crate) struct Spans<'a> {
    rules: &'a Rules,
    work: bool,
    from: i64,
    day: i64,
    next: usize,
}

impl Spans<'_> {
    /// Goes on from a later point.
    fn seek(&mut self, point: i64) {
        if point > self.from {
            self.from = point;
            let day = point.div_euclid(DAY);
            if day > self.day {
                (self.day, self.next) = (day, 0);
            }
        }
    }
}

impl Iterator for Spans<'_> {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<(i64, i64)> {
        if !self.work {
            // One span without end; after it there is nothing.
            return Some((std::mem::replace(&mut self.from, NEVER), NEVER));
        }
        loop {
            let range = if self.next > 0 || self.rules.calendar.works(self.day) {
                self.rules.hours.ranges().get(self.next)
            } else {
                None
            };
            let Some((from, to)) = range else {
                (self.day, self.next) = (self.day + 1, 0);
                continue;
            };
            self.next += 1;
            let from = (self.day * DAY + from).max(self.from);
            let to = self.day * DAY + to;
            if from < to {
                return Some((from, to));
            }
        }
    }
}

/// Pauses as points on a line: in order, apart from each other, none empty. Up to eight need no allocation.
pub(crate) struct Gaps {
    few: [(i64, i64); 8],
    many: Vec<(i64, i64)>,
    len: usize,
}

impl Gaps {
    pub(crate) fn new(line: &Line<'_>, pauses: &[Pause]) -> Gaps {
        let mut gaps = Gaps { few: [(0, 0); 8], many: Vec::new(), len: 0 };
        let real = pauses.iter().filter(|pause| pause.until.is_none_or(|until| until > pause.from));
        let points =
            real.map(|pause| (line.at(pause.from), pause.until.map_or(NEVER, |until| line.at(until))));
        if pauses.len() > gaps.few.len() {
            gaps.many = points.collect();
            gaps.len = gaps.many.len();
        } else {
            for point in points {
                gaps.few[gaps.len] = point;
                gaps.len += 1;
            }
        }
        let len = gaps.len;
        let all = if gaps.many.is_empty() { &mut gaps.few[..len] } else { &mut gaps.many[..] };
        all.sort_unstable();
        let mut kept = 0;
        for place in 0..len {
            let gap = all[place];
            if kept > 0 && gap.0 <= all[kept - 1].1 {
                all[kept - 1].1 = all[kept - 1].1.max(gap.1);
            } else {
                all[kept] = gap;
                kept += 1;
            }
        }
        gaps.len = kept;
        gaps
    }

    pub(crate) fn as_slice(&self) -> &[(i64, i64)] {
        let all = if self.many.is_empty() { &self.few[..] } else { &self.many[..] };
        &all[..self.len]
    }
}
