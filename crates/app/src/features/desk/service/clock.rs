//! Clocks in words: what is left, and how a due instant came about, day by day.

use super::super::model::Light;
use super::super::names::Names;
use super::word_key;
use crate::context::Cx;
use crate::features::procedures::state::{CaseState, Clock, ClockState};
use crate::words::Words;
use kernel::{Day, Ts};
use worktime::{DayKind, Limit, LimitUnit, Pause, Rules, SpanKind, Step};

/// A line of the card of deadlines.
#[derive(Clone, Debug)]
pub struct ClockView {
    /// The clock's name, with the unit where it hangs on a part.
    pub name: String,
    /// `red`, `amber`, `green` or blank.
    pub class: &'static str,
    /// The due instant and what is left of it, or how it ended.
    pub text: String,
    /// The raw fact that stays although an exemption was granted.
    pub raw: String,
    /// Whether there is an explanation.
    pub explained: bool,
    /// Limit, start, calendar, in words.
    pub rule: String,
    /// Day by day.
    pub steps: Vec<StepView>,
    /// How an upper deadline shortens it; blank where it does not.
    pub cap: String,
    /// The due instant once more, at the end of the explanation.
    pub end: String,
}

/// A day of an explanation.
#[derive(Clone, Debug)]
pub struct StepView {
    /// The day and what it is.
    pub day: String,
    /// What counted and what did not.
    pub text: Vec<String>,
    /// What was counted on it; blank for nothing.
    pub counted: String,
}

/// A limit in words: 5 工作日.
#[must_use]
pub fn limit(w: &Words, limit: Limit) -> String {
    w.t2(
        "limit-amount",
        ("amount", &amount(limit)),
        ("unit", &w.t(&word_key("limit-unit", limit.unit.as_str()))),
    )
}

/// The number of a limit, without needless decimals.
#[must_use]
pub fn amount(limit: Limit) -> String {
    let text = limit.to_string();
    text.split_once(':').map_or(text.clone(), |(_, n)| n.to_owned())
}

/// How a due instant stands now, in words: 超时 18 分钟, 余 24 分钟, 今天 17:30.
#[must_use]
pub fn standing(w: &Words, due: Ts, expected: bool, now: Ts) -> (Light, String) {
    let light = Light::of(Some(due), now);
    let text = match light {
        // Hours of a night or a weekend are nobody's delay: beyond today the day says more than a count of them.
        Light::Red if w.is_today(due) => w.t1("due-late", "span", w.span(now.since(due))),
        Light::Red => w.t1("due-late-since", "when", w.when(due)),
        Light::Amber => w.t1("due-left", "span", w.span(due.since(now))),
        _ if expected => w.t1("due-expected", "when", w.when(due)),
        _ => w.when(due),
    };
    (light, text)
}

/// The clocks of a case: those that run first, then those that ended, then the ones that do not count.
#[must_use]
pub fn views(cx: &Cx, w: &Words, names: &Names, case: &CaseState) -> Vec<ClockView> {
    let rank = |c: &&Clock| match c.state {
        ClockState::Running | ClockState::Paused => 0,
        ClockState::Met | ClockState::Late => 1,
        ClockState::Off => 2,
    };
    let mut clocks: Vec<&Clock> = case.clocks.iter().filter(|c| c.state != ClockState::Off).collect();
    // What runs by its deadline; what is over in the order it came.
    let by = |c: &Clock| if c.is_open() { c.due.map_or(i64::MAX, |d| d.0) } else { c.start.0 };
    clocks.sort_by_key(|c| (rank(c), by(c), c.id));
    clocks.iter().map(|clock| view(cx, w, names, case, clock)).collect()
}

fn view(cx: &Cx, w: &Words, names: &Names, case: &CaseState, clock: &Clock) -> ClockView {
    let unit = clock
        .assignment
        .and_then(|id| case.assignments.iter().find(|a| a.id == id))
        .map(|a| names.unit(a.unit));
    let kind = w.t(&word_key("clock", &clock.kind));
    let name = match unit {
        Some(unit) => w.t2("clock-of-unit", ("clock", &kind), ("unit", &unit)),
        None => kind,
    };
    let (class, text) = match (clock.state, clock.due) {
        (ClockState::Running, Some(due)) => {
            let (light, left) = standing(w, due, clock.expected, cx.now);
            let text = match light {
                Light::Red | Light::Amber => w.t2("clock-due-left", ("when", &w.when(due)), ("left", &left)),
                _ => left,
            };
            (light.class(), text)
        }
        (ClockState::Paused, _) => ("", w.t("clock-paused")),
        (ClockState::Met, _) => ("green", w.t1("clock-met", "when", ended(w, clock))),
        (ClockState::Late, Some(due)) => {
            let late = clock.ended_at.map_or(0, |at| at.since(due));
            ("red", w.t2("clock-late", ("when", &ended(w, clock)), ("span", &w.span(late))))
        }
        _ => ("", w.t("clock-off")),
    };
    let raw = if clock.state == ClockState::Late && case.exempt && clock.kind == "handle" {
        w.t("clock-exempt")
    } else {
        String::new()
    };
    let rules = cx.office.rules_of(&clock.calendar);
    let steps = rules.explain(clock.start, clock.limit, &clock.pauses);
    ClockView {
        name,
        class,
        text,
        raw,
        explained: clock.state != ClockState::Off,
        rule: w.ta(
            "clock-how",
            &[
                ("start", full(w, clock.start)),
                ("limit", limit(w, clock.limit)),
                ("hours", hours(&rules, w, clock.limit)),
                ("calendar", calendar(&rules, w)),
            ],
        ),
        cap: cap(cx, w, clock, steps.last().and_then(|s| s.until)),
        steps: shorten(&rules, w, &steps, clock),
        end: match clock.due {
            Some(due) if clock.expected => w.t1("clock-end-expected", "when", full(w, due)),
            Some(due) => w.t1("clock-end", "when", full(w, due)),
            None => w.t("clock-end-paused"),
        },
    }
}

/// Its own limit would end later than the upper deadline allows.
fn cap(cx: &Cx, w: &Words, clock: &Clock, own: Option<Ts>) -> String {
    let Some((cap, own)) = clock.cap.zip(own).filter(|(cap, own)| cap.at < *own) else {
        return String::new();
    };
    let (own, upper, at) = (full(w, own), full(w, cap.upper), full(w, cap.at));
    if cap.at == cap.upper {
        return w.t2("clock-cap-upper", ("own", &own), ("upper", &upper));
    }
    let margin = limit(w, cx.office.settings.upper_margin);
    w.ta("clock-cap", &[("own", own), ("upper", upper), ("margin", margin), ("at", at)])
}

fn ended(w: &Words, clock: &Clock) -> String {
    clock.ended_at.map(|at| w.when(at)).unwrap_or_default()
}

/// A time with its date, never 今天: an explanation is read later and on paper.
fn full(w: &Words, at: Ts) -> String {
    let zoned = at.zoned(&w.tz);
    let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
    let day = w.full_day(at.day(&w.tz), at.day(&w.tz).0 / 10_000 != w.now.day(&w.tz).0 / 10_000);
    w.t2("time-day-clock", ("day", &day), ("clock", &clock))
}

fn clock_of(w: &Words, at: Ts) -> String {
    let zoned = at.zoned(&w.tz);
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

/// The office hours where the limit depends on them.
fn hours(rules: &Rules, w: &Words, limit: Limit) -> String {
    if !limit.unit.is_work() {
        return w.t("clock-round-the-clock");
    }
    let spans: Vec<String> = rules
        .hours
        .minutes()
        .map(|(a, b)| format!("{:02}:{:02}–{:02}:{:02}", a / 60, a % 60, b / 60, b % 60))
        .collect();
    w.t1("clock-hours", "hours", spans.join(" "))
}

/// The calendar by the years it knows.
fn calendar(rules: &Rules, w: &Words) -> String {
    let until = rules.calendar.known_until();
    let from = rules.calendar.known_from().0 / 10_000;
    w.t2("clock-calendar", ("from", &from.to_string()), ("until", &w.full_day(until, true)))
}

/// Days in words; a long run of days of one sort is told as one line.
fn shorten(rules: &Rules, w: &Words, steps: &[Step], clock: &Clock) -> Vec<StepView> {
    let mut out: Vec<StepView> = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        let step = &steps[at];
        let alike = |other: &Step| {
            other.kind == step.kind
                && other.name == step.name
                && other.counted == step.counted
                && other.expected == step.expected
                && other.spans.len() == step.spans.len()
        };
        let run = steps[at..].iter().take_while(|s| alike(s)).count();
        let last = at + run == steps.len();
        // The first and the last day are always told by themselves.
        let whole = if last { run - 1 } else { run };
        if at > 0 && whole >= 2 {
            out.push(StepView {
                day: day_name(w, step, Some(steps[at + whole - 1].day)),
                text: what(w, step, clock),
                counted: match step.counted {
                    0 => String::new(),
                    counted => w.t1("step-each", "counted", measure(rules, w, counted, clock)),
                },
            });
            at += whole;
            continue;
        }
        out.push(StepView {
            day: day_name(w, step, None),
            text: what(w, step, clock),
            counted: measure(rules, w, step.counted, clock),
        });
        at += 1;
    }
    out
}

/// A day or a run of days, and what they are.
fn day_name(w: &Words, step: &Step, last: Option<Day>) -> String {
    let first = w.full_day(step.day, false);
    let day = match last {
        Some(last) => w.t2("step-days", ("from", &first), ("to", &w.full_day(last, false))),
        None => first,
    };
    let kind = match (step.kind, &step.name) {
        (DayKind::Workday, _) => w.t("day-workday"),
        (DayKind::Adjusted, Some(name)) => w.t1("day-adjusted", "name", w.holiday(name)),
        (DayKind::Adjusted, None) => w.t("day-adjusted-plain"),
        (DayKind::Holiday, Some(name)) => w.holiday(name),
        (DayKind::Holiday, None) => w.t("day-holiday"),
        (DayKind::Weekend, _) => w.t("day-weekend"),
    };
    let name = w.t2("step-day", ("day", &day), ("kind", &kind));
    if step.expected { w.t1("step-expected", "day", name) } else { name }
}

fn what(w: &Words, step: &Step, clock: &Clock) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for span in &step.spans {
        let until = span.until.map(|u| {
            if u.since(step.from) > 0 && clock_of(w, u) == "00:00" {
                "24:00".to_owned()
            } else {
                clock_of(w, u)
            }
        });
        let range = match &until {
            Some(until) => format!("{}–{until}", clock_of(w, span.from)),
            None => clock_of(w, span.from),
        };
        parts.push(match span.kind {
            SpanKind::Counted => w.t1("span-counted", "range", range),
            SpanKind::Paused => w.t1("span-paused", "range", range),
            SpanKind::StartDay => w.t("span-start-day"),
            SpanKind::DayOff => w.t("span-day-off"),
            // Nights and lunch say nothing that the hours above do not.
            SpanKind::Closed => continue,
        });
    }
    parts.dedup();
    if parts.is_empty() {
        parts.push(w.t("span-closed"));
    }
    let pause = clock.pauses.iter().find(|p| p.from.day(&w.tz) == step.day);
    if let Some(Pause { from, .. }) = pause {
        parts.push(w.t1("span-pause-began", "clock", clock_of(w, *from)));
    }
    parts
}

/// Milliseconds counted, as the limit counts: hours and minutes, or days and hundredths of them.
fn measure(rules: &Rules, w: &Words, ms: i64, clock: &Clock) -> String {
    if ms == 0 {
        return String::new();
    }
    let day = match clock.limit.unit {
        LimitUnit::WorkDay => rules.hours.minutes_per_day() * Ts::MINUTE,
        LimitUnit::NaturalDay => Ts::DAY,
        _ => return w.t1("step-counted", "amount", w.span(ms)),
    };
    let hundredths = (ms * 100 + day / 2) / day.max(1);
    let whole = (hundredths / 100).to_string();
    let rest = format!("{:02}", hundredths % 100);
    let rest = rest.trim_end_matches('0');
    let days = if rest.is_empty() { whole } else { format!("{whole}.{rest}") };
    let unit = w.t(&word_key("limit-unit", clock.limit.unit.as_str()));
    w.t1("step-counted", "amount", w.t2("limit-amount", ("amount", &days), ("unit", &unit)))
}
