//! How a due instant came about, day by day: data for a page, no words.

use crate::calendar::DayKind;
use crate::civil;
use crate::limit::Limit;
use crate::line::{DAY, Gaps, Line, NEVER};
use crate::rules::{Pause, Plan, Rules};
use kernel::{Day, Ts};
use serde::{Deserialize, Serialize};

/// One local day of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The day.
    pub day: Day,
    /// What it is in the calendar; for urgent hours and natural days, which run anyway, only to be shown.
    pub kind: DayKind,
    /// The holiday on it, or the one it is exchanged for.
    pub name: Option<String>,
    /// The calendar does not speak for the day, and the limit depends on it.
    pub expected: bool,
    /// The day's part of the limit: the start, or midnight.
    pub from: Ts,
    /// Its end: midnight, or the due instant on the last day; `None` where a pause still lasts.
    pub until: Option<Ts>,
    /// What happened between the two, without gaps and in order. Empty for a limit of nothing only.
    pub spans: Vec<Span>,
    /// Milliseconds counted on this day.
    pub counted: i64,
    /// Milliseconds counted up to the end of this day; on the last one [`Rules::milliseconds`] of the limit.
    pub total: i64,
    /// Milliseconds still to be counted.
    pub remaining: i64,
}

/// A stretch of a day, of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant.
    pub from: Ts,
    /// Its end; `None` for a pause that still lasts.
    pub until: Option<Ts>,
    /// Whether it counted, or why not.
    pub kind: SpanKind,
}

/// Whether a stretch counted, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// It counted.
    Counted,
    /// The day of the start, which a limit in days leaves out (民法典 201).
    StartDay,
    /// A weekend or holiday; the step's kind and name say which.
    DayOff,
    /// Outside office hours of a working day.
    Closed,
    /// The clock was paused within time that would have counted, or is paused still.
    Paused,
}

impl Rules {
    /// The days of a limit from its start to its due instant, at which the last step ends; while a pause lasts
    /// that holds the limit, to the day on which that pause began.
    #[must_use]
    pub fn explain(&self, start: Ts, limit: Limit, pauses: &[Pause]) -> Vec<Step> {
        let line = Line::new(self, limit.unit, start);
        let gaps = Gaps::new(&line, pauses);
        let plan = self.plan(&line, start, limit);
        let mut account = Account { rules: self, limit, gaps: gaps.as_slice(), left: plan.need, plan, line };
        let mut steps = Vec::new();
        let mut at = account.line.at(start);
        loop {
            let day = account.line.day(at);
            let (step, ended) = account.day(day, at);
            steps.push(step);
            if ended {
                return steps;
            }
            at = account.line.midnight(day + 1);
        }
    }
}

/// The counting of one limit, day after day.
struct Account<'a> {
    rules: &'a Rules,
    limit: Limit,
    line: Line<'a>,
    gaps: &'a [(i64, i64)],
    plan: Plan,
    left: i64,
}

/// How a stretch of the day left the account.
enum Outcome {
    /// More is to be counted.
    GoesOn,
    /// The limit ends at this point.
    Due(i64),
    /// A pause that still lasts has begun.
    Held,
}

impl Account<'_> {
    /// The step of a day from a point of it on, and whether it is the last.
    fn day(&mut self, day: i64, from: i64) -> (Step, bool) {
        let until = self.line.midnight(day + 1);
        let before = self.left;
        let mut outcome = if self.left == 0 { Outcome::Due(from) } else { Outcome::GoesOn };
        let mut spans = Vec::new();
        for (at, end, kind) in self.stretches(day, from, until) {
            if !matches!(outcome, Outcome::GoesOn) {
                break;
            }
            outcome = if kind == SpanKind::Counted {
                self.count(at, end, &mut spans)
            } else {
                self.skip(at, end, kind, &mut spans)
            };
        }
        let until = match outcome {
            Outcome::GoesOn => Some(self.line.ts(until)),
            Outcome::Due(end) => Some(self.rules.last_instant(&self.line, self.limit, end)),
            Outcome::Held => None,
        };
        if let (Outcome::Due(_), Some(last)) = (&outcome, spans.last_mut()) {
            last.until = until;
        }
        let calendar = &self.rules.calendar;
        let local = civil::day(day);
        let step = Step {
            day: local,
            kind: calendar.kind(local),
            name: calendar.name(local).map(str::to_owned),
            expected: self.limit.unit.is_work() && !calendar.knows(local),
            from: self.line.ts(from),
            until,
            spans,
            counted: before - self.left,
            total: self.plan.need - self.left,
            remaining: self.left,
        };
        (step, !matches!(outcome, Outcome::GoesOn))
    }

    /// The day's stretches before pauses are looked at.
    fn stretches(&self, day: i64, from: i64, until: i64) -> Vec<(i64, i64, SpanKind)> {
        if from < self.plan.origin {
            return vec![(from, until, SpanKind::StartDay)];
        }
        if !self.limit.unit.is_work() {
            return vec![(from, until, SpanKind::Counted)];
        }
        if !self.rules.calendar.works(day) {
            return vec![(from, until, SpanKind::DayOff)];
        }
        let mut stretches = Vec::new();
        let mut at = from;
        for (opens, closes) in self.rules.hours.ranges() {
            let (opens, closes) = ((day * DAY + opens).max(at), day * DAY + closes);
            if closes > at {
                stretches.push((at, opens, SpanKind::Closed));
                stretches.push((opens, closes, SpanKind::Counted));
                at = closes;
            }
        }
        stretches.push((at, until, SpanKind::Closed));
        stretches.retain(|(at, end, _)| at < end);
        stretches
    }

    /// Time that counts unless a pause lies on it.
    fn count(&mut self, from: i64, end: i64, spans: &mut Vec<Span>) -> Outcome {
        let mut at = from;
        while at < end {
            let gap = self.gaps.iter().find(|gap| gap.1 > at && gap.0 < end).copied();
            let stop = gap.map_or(end, |gap| gap.0.max(at));
            let due = self.left <= stop - at;
            let stop = if due { at + self.left } else { stop };
            if stop > at {
                spans.push(self.span(at, Some(stop), SpanKind::Counted));
            }
            self.left -= stop - at;
            if due {
                return Outcome::Due(stop);
            }
            match gap {
                None => return Outcome::GoesOn,
                Some((_, NEVER)) => {
                    spans.push(self.span(stop, None, SpanKind::Paused));
                    return Outcome::Held;
                }
                Some((_, resume)) => {
                    at = resume.min(end);
                    spans.push(self.span(stop, Some(at), SpanKind::Paused));
                }
            }
        }
        Outcome::GoesOn
    }

    /// Time that never counts; only a pause that still lasts is told on it.
    fn skip(&self, at: i64, end: i64, kind: SpanKind, spans: &mut Vec<Span>) -> Outcome {
        let held = self.gaps.last().filter(|gap| gap.1 == NEVER && gap.0 < end).map(|gap| gap.0.max(at));
        let stop = held.unwrap_or(end);
        if stop > at {
            spans.push(self.span(at, Some(stop), kind));
        }
        if held.is_none() {
            return Outcome::GoesOn;
        }
        spans.push(self.span(stop, None, SpanKind::Paused));
        Outcome::Held
    }

    fn span(&self, from: i64, until: Option<i64>, kind: SpanKind) -> Span {
        Span { from: self.line.ts(from), until: until.map(|until| self.line.ts(until)), kind }
    }
}
