//! Sentences: what a projection says, in the reader's words.

use super::super::link::{How, Promise, Skipped, Standing, Step, Tracking, Trouble};
use crate::words::Words;
use worktime::{Limit, LimitUnit};

/// A sentence with one part to be set off.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence {
    pub(super) head: String,
    pub(super) before: String,
    pub(super) strong: String,
    pub(super) after: String,
}

/// Stands in for the part that is set off while the words are put together.
const MARK: &str = "\u{1}";

fn set_off(w: &Words, key: &str, strong: String, args: &[(&str, String)]) -> Sentence {
    let mut all: Vec<(&str, String)> = args.to_vec();
    all.push(("due", MARK.to_owned()));
    let text = w.ta(key, &all);
    match text.split_once(MARK) {
        Some((before, after)) => {
            Sentence { head: String::new(), before: before.to_owned(), strong, after: after.to_owned() }
        }
        None => Sentence { before: text, ..Sentence::default() },
    }
}

/// What now, and by when at the latest.
pub(super) fn promise(w: &Words, of: &Tracking) -> Sentence {
    let promise = &of.promise;
    let ended = of.ended.as_deref().unwrap_or_default();
    let key = match (of.phase.as_str(), ended) {
        ("closed", "answered" | "thanks" | "on_spot") | ("ended", "withdrawn" | "void" | "returned_up") => {
            ended.replace('_', "-")
        }
        (phase, _) => phase.to_owned(),
    };
    let key = if of.parts.is_empty() || key != "handling" { key } else { "parts".to_owned() };
    let head = w.t(&format!("public-now-{key}"));
    Sentence { head, ..rest(w, &key, promise) }
}

fn rest(w: &Words, key: &str, promise: &Promise) -> Sentence {
    let unit = promise.unit.clone().unwrap_or_default();
    if let Some(due) = promise.due {
        let late = if promise.late { "late" } else { key };
        let name = format!("public-by-{late}");
        let due = match (promise.late, promise.expected) {
            (true, _) => w.when(due),
            (false, true) => w.t1("public-expected", "due", w.when(due)),
            (false, false) => w.t1("public-latest", "due", w.when(due)),
        };
        return set_off(w, &name, due, &[("unit", unit)]);
    }
    match (key, promise.again_on, promise.closed_at) {
        ("shelved", Some(day), _) => set_off(w, "public-by-shelved", w.full_day(day, true), &[]),
        ("closed" | "answered" | "thanks" | "on-spot" | "refused", _, Some(at)) => {
            set_off(w, "public-was", w.when(at), &[])
        }
        _ => Sentence::default(),
    }
}

/// How long, as people say it.
pub(super) fn limit(w: &Words, limit: Limit) -> String {
    let hours = !limit.unit.is_days();
    if hours && limit.amount < 1_000 {
        let key = if limit.unit == LimitUnit::UrgentHour {
            "public-limit-minutes"
        } else {
            "public-limit-work-minutes"
        };
        return w.t1(key, "n", limit.amount * 60 / 1_000);
    }
    let (whole, rest) = (limit.amount / 1_000, limit.amount % 1_000);
    let n = if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
    };
    w.t1(&format!("public-limit-{}", limit.unit.as_str().replace('_', "-")), "n", n)
}

/// How an instant came about: start, length, what counts, what did not.
pub(super) fn how(w: &Words, how: &How) -> Vec<String> {
    let unit = how.limit.unit.as_str().replace('_', "-");
    let from = w.t(&format!("public-from-{}", how.clock));
    let first = [
        ("due", w.when(how.due)),
        ("start", w.when(how.start)),
        ("from", from),
        ("limit", limit(w, how.limit)),
    ];
    let mut out =
        vec![w.ta("public-how", &first), w.t1(&format!("public-counts-{unit}"), "hours", &how.hours)];
    if !how.skipped.is_empty() {
        let days: Vec<String> = how.skipped.iter().map(|s| skipped(w, s)).collect();
        out.push(w.t1("public-skipped", "days", days.join(&w.t("public-list-joint"))));
    }
    for (from, until) in &how.paused {
        let until = until.map(|u| w.when(u)).unwrap_or_default();
        out.push(w.ta("public-paused", &[("from", w.when(*from)), ("until", until)]));
    }
    out
}

fn skipped(w: &Words, days: &Skipped) -> String {
    let name = if days.name.is_empty() { w.t("public-weekend") } else { w.holiday(&days.name) };
    let (from, until) = (w.full_day(days.from, false), w.full_day(days.until, false));
    if days.from == days.until {
        w.ta("public-skipped-day", &[("day", from), ("name", name)])
    } else {
        w.ta("public-skipped-days", &[("from", from), ("until", until), ("name", name)])
    }
}

/// A step's heading.
pub(super) fn step(w: &Words, step: &Step) -> String {
    let unit = step.unit.clone().unwrap_or_default();
    let key = format!("public-step-{}", step.key.replace('_', "-"));
    let key = match step.key.as_str() {
        "sign" | "assigned" if unit.is_empty() => format!("{key}-somebody"),
        // What is over is not going on.
        "handling" if step.standing == Standing::Done => "public-step-handle".to_owned(),
        _ => key,
    };
    w.t1(&key, "unit", unit)
}

/// What stands under a step's heading: when, who helps, until when.
pub(super) fn under(w: &Words, step: &Step) -> String {
    let mut parts = Vec::new();
    if let Some(at) = step.at {
        parts.push(w.when(at));
    }
    if !step.helpers.is_empty() {
        parts.push(w.t1("public-helpers", "units", step.helpers.join(&w.t("public-list-joint"))));
    }
    if let Some(due) = step.due {
        parts.push(w.t1("public-extended-to", "due", w.when(due)));
    }
    let hint = format!("public-hint-{}", step.key.replace('_', "-"));
    if step.standing != Standing::Done && w.has(&hint) {
        parts.push(w.t(&hint));
    }
    parts.join(&w.t("public-clause-joint"))
}

/// An open trouble in one line: what, where, since when.
pub(super) fn trouble(w: &Words, trouble: &Trouble) -> (String, String) {
    let what = trouble.matter.get(w.locale).to_owned();
    let what = if trouble.road.is_empty() {
        what
    } else {
        w.ta("public-trouble", &[("matter", what), ("road", trouble.road.clone())])
    };
    let phase = w.t(&format!("public-phase-{}", trouble.phase));
    (what, w.ta("public-trouble-state", &[("day", w.day(trouble.since)), ("phase", phase)]))
}

/// How many said it; nothing for fewer than five, who are not counted out (DECISIONS 19).
pub(super) fn how_many(w: &Words, reports: i64) -> String {
    if reports < 5 { String::new() } else { w.t1("public-many", "n", reports) }
}

/// The class of a step in the list.
pub(super) fn standing(step: &Step) -> &'static str {
    match step.standing {
        Standing::Done => "done",
        Standing::Now => "now",
        Standing::Next => "",
        Standing::Stop => "stop",
    }
}
