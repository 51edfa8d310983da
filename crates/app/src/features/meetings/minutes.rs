//! The minutes 会议纪要, drafted from what stands in the meeting.

use super::model::{Decision, Standing};
use super::service::Seen;
use crate::words::Words;

/// An item of the minutes: its number, its text, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The number and the text.
    pub head: String,
    /// What was decided, each in a sentence with owner and due.
    pub decided: Vec<String>,
}

/// The minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes {
    /// Time, place, who came.
    pub facts: Vec<(String, String)>,
    /// The items.
    pub parts: Vec<Part>,
    /// What came back, each in a sentence with how it stands.
    pub carried: Vec<String>,
}

/// A decision in a sentence: text, owner, due.
#[must_use]
pub fn decision(w: &Words, d: &Decision) -> String {
    let text = d.text.trim_end_matches(['\u{3002}', '.', ';', '\u{ff1b}']).to_owned();
    let due = d.due.map(|at| w.full_day(at.day(&w.tz), false)).unwrap_or_default();
    let args = [("text", text), ("owner", d.owner.clone()), ("due", due)];
    let key = match (d.owner.is_empty(), d.due.is_none()) {
        (true, true) => "minutes-decision",
        (false, true) => "minutes-decision-owner",
        (true, false) => "minutes-decision-due",
        (false, false) => "minutes-decision-both",
    };
    w.ta(key, &args)
}

/// How a decision stands, in words.
#[must_use]
pub fn standing(w: &Words, d: &Decision) -> String {
    match d.standing {
        Standing::Ended => w.t1("meetings-ended-why", "reason", &d.reason),
        standing => w.t(&format!("meetings-standing-{}", standing.as_str())),
    }
}

/// Drafts the minutes.
#[must_use]
pub fn draft(w: &Words, seen: &Seen) -> Minutes {
    let m = &seen.meeting;
    let zoned = m.at.zoned(&w.tz);
    let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
    let day = w.full_day(m.at.day(&w.tz), true);
    let mut facts = vec![(w.t("minutes-at"), w.ta("time-day-clock", &[("day", day), ("clock", clock)]))];
    if !m.place.is_empty() {
        facts.push((w.t("minutes-place"), m.place.clone()));
    }
    let mut who: Vec<String> = seen.parties.iter().map(|(_, name)| name.clone()).collect();
    who.extend(Some(m.guests.clone()).filter(|g| !g.is_empty()));
    if !who.is_empty() {
        facts.push((w.t("minutes-who"), who.join(&w.t("list-joint"))));
    }
    let parts = seen
        .items
        .iter()
        .zip(1..)
        .map(|(item, n)| Part {
            head: w.ta("minutes-item", &[("n", ordinal(w, n)), ("text", item.text.clone())]),
            decided: seen.decisions.iter().filter(|d| d.item == item.id).map(|d| decision(w, d)).collect(),
        })
        .collect();
    let carried = seen
        .carried
        .iter()
        .map(|c| {
            w.ta(
                "minutes-carried-line",
                &[
                    ("text", decision(w, &c.decision)),
                    ("day", w.full_day(c.at.day(&w.tz), false)),
                    ("standing", standing(w, &c.decision)),
                ],
            )
        })
        .collect();
    Minutes { facts, parts, carried }
}

/// How items are numbered: in words up to thirty in Chinese.
fn ordinal(w: &Words, n: usize) -> String {
    let names = w.t("minutes-ordinals");
    names.split(' ').nth(n - 1).map_or_else(|| n.to_string(), str::to_owned)
}

/// The minutes as a text to copy.
#[must_use]
pub fn text(w: &Words, title: &str, minutes: &Minutes) -> String {
    let mut out = vec![title.to_owned(), String::new()];
    out.extend(minutes.facts.iter().map(|(name, text)| w.t2("minutes-fact", ("name", name), ("text", text))));
    out.push(String::new());
    for part in &minutes.parts {
        out.push(part.head.clone());
        out.extend(part.decided.iter().map(|d| w.t1("minutes-decided", "text", d)));
    }
    if !minutes.carried.is_empty() {
        out.push(String::new());
        out.push(w.t("meetings-carried"));
        out.extend(minutes.carried.iter().cloned());
    }
    out.join("\n")
}
