//! What duty is made of. No database, no pages.

use kernel::{AccountId, Day, Refusal, Ts, UnitId};
use serde::{Deserialize, Serialize};

/// 带班领导: the leader in charge.
pub const LEADER: &str = "leader";
/// 值班员: the duty officer.
pub const OFFICER: &str = "officer";
/// Kinds an office may have, its own included.
pub const KINDS_MOST: usize = 8;
/// Names of kinds and shifts are so long at most.
pub const NAME_MOST: usize = 12;

/// A kind of duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// [`LEADER`], [`OFFICER`], or `own1`, `own2` … for those the office named.
    pub key: String,
    /// Its name where the office gave it; blank for the product's own.
    pub name: String,
    /// How many of it a shift usually has.
    pub heads: i64,
}

/// A shift of the day, in minutes after midnight; it ends on the next day when `until` is not after `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub from: i64,
    /// When it ends.
    pub until: i64,
}

impl Span {
    /// Reads `08:30-17:30`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Span> {
        let minutes = |t: &str| {
            let (h, m) = t.trim().split_once([':', '\u{ff1a}'])?;
            let (h, m): (i64, i64) = (h.trim().parse().ok()?, m.trim().parse().ok()?);
            ((0..24).contains(&h) && (0..60).contains(&m)).then_some(h * 60 + m)
        };
        let (from, until) = text.split_once(['-', '\u{2013}', '\u{2014}', '\u{ff0d}'])?;
        Some(Span { from: minutes(from)?, until: minutes(until)? })
    }

    /// `08:30-17:30`.
    #[must_use]
    pub fn text(self) -> String {
        let clock = |m: i64| format!("{:02}:{:02}", m / 60, m % 60);
        format!("{}-{}", clock(self.from), clock(self.until))
    }

    /// The instants of the shift that begins on a day.
    #[must_use]
    pub fn on(self, day: Day, tz: &jiff::tz::TimeZone) -> (Ts, Ts) {
        let end = if self.until > self.from { day } else { day.plus(1) };
        (day.start(tz).plus(self.from * Ts::MINUTE), end.start(tz).plus(self.until * Ts::MINUTE))
    }
}

/// How an office arranges duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Setup {
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// The shifts of a day.
    pub spans: Vec<Span>,
    /// Whether a swap that both want needs the word of whoever makes the list.
    pub approve: bool,
    /// A message goes on to the next person after so many minutes of silence.
    pub silent_minutes: i64,
}

impl Default for Setup {
    fn default() -> Setup {
        let kind = |key: &str| Kind { key: key.to_owned(), name: String::new(), heads: 1 };
        Setup {
            kinds: vec![kind(LEADER), kind(OFFICER)],
            spans: vec![Span { from: 510, until: 510 }],
            approve: false,
            silent_minutes: 10,
        }
    }
}

impl Setup {
    /// What no setup may be.
    ///
    /// # Errors
    /// `roster.setup.kinds`, `roster.setup.name`, `roster.setup.heads`, `roster.setup.spans`, `roster.setup.silent`.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.kinds.len() < 2 || self.kinds.len() > KINDS_MOST {
            return Err(Refusal::rule("roster.setup.kinds").on("kinds").with("most", KINDS_MOST - 2));
        }
        for kind in &self.kinds {
            if kind.name.chars().count() > NAME_MOST {
                return Err(Refusal::rule("roster.setup.name").on("kinds").with("most", NAME_MOST));
            }
            if !(0..=20).contains(&kind.heads) {
                return Err(Refusal::rule("roster.setup.heads").on("kinds"));
            }
        }
        if self.spans.is_empty() || self.spans.len() > 4 {
            return Err(Refusal::rule("roster.setup.spans").on("spans"));
        }
        if !(1..=240).contains(&self.silent_minutes) {
            return Err(Refusal::rule("roster.setup.silent").on("silent_minutes"));
        }
        Ok(())
    }
}

/// Why somebody was taken for a shift: what they had before, as counted when the draft was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Why {
    /// Shifts on holidays before.
    pub holidays: i64,
    /// On weekends.
    pub weekends: i64,
    /// In all.
    pub all: i64,
    /// Between how many it was chosen.
    pub of: i64,
    /// Less than a day of rest: nobody else was free.
    pub short_rest: bool,
    /// Put there by hand.
    pub by_hand: bool,
}

/// A shift of one person, or of nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Its id.
    pub id: i64,
    /// The list it is on.
    pub roster: i64,
    /// Whose duty it is; none for the whole office.
    pub unit: Option<UnitId>,
    /// The kind's key.
    pub kind: String,
    /// Who.
    pub account: Option<AccountId>,
    /// From when.
    pub from: Ts,
    /// Until when, not included.
    pub until: Ts,
    /// `draft`, `published`, `off`.
    pub state: String,
    /// Why this person.
    pub why: Why,
    /// Raised by every change.
    pub version: i64,
}

/// A list that was made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Its id.
    pub id: i64,
    /// Whose duty it is; none for the whole office.
    pub unit: Option<UnitId>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// `draft`, `published`, `off`.
    pub state: String,
    /// Who made it.
    pub made_by: Option<AccountId>,
    /// Raised by every change.
    pub version: i64,
}

/// Somebody who is on duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDuty {
    /// The shift.
    pub shift: i64,
    /// Whose duty; none for the whole office.
    pub unit: Option<UnitId>,
    /// The kind's key.
    pub kind: String,
    /// Who.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their number on duty; blank when none is known.
    pub phone: String,
    /// From when.
    pub from: Ts,
    /// Until when.
    pub until: Ts,
}

/// A swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Its id.
    pub id: i64,
    /// The shift that is given away.
    pub shift: i64,
    /// The shift that is taken for it; none when it is only given.
    pub other: Option<i64>,
    /// Who asks.
    pub asker: AccountId,
    /// Who is asked.
    pub asked: AccountId,
    /// What was said.
    pub note: String,
    /// `asked`, `agreed` (waits for approval), `done`, `declined`, `withdrawn`, `refused`.
    pub state: String,
    /// When it was asked.
    pub asked_at: Ts,
    /// When it was answered.
    pub decided_at: Option<Ts>,
}

/// A line of the log, or a hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: i64,
    /// Whose log; none for the whole office.
    pub unit: Option<UnitId>,
    /// `line` or `handover`.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// Who wrote it.
    pub account: Option<AccountId>,
    /// When it happened.
    pub happened: Ts,
    /// When it was written.
    pub entered: Ts,
    /// Who took it over.
    pub taken_by: Option<AccountId>,
    /// When.
    pub taken_at: Option<Ts>,
}

/// The stages of reports on one event.
pub const STAGES: [&str; 3] = ["first", "further", "final"];

/// One report 信息报送.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of the table `roster_report`")]
pub struct Report {
    pub id: i64,
    /// The first report on the event.
    pub about: i64,
    /// 1, 2, 3 … on the event.
    pub seq: i64,
    pub stage: String,
    pub place: String,
    pub what: String,
    pub dead: i64,
    pub hurt: i64,
    pub missing: i64,
    pub measures: String,
    pub next: String,
    pub sent_to: String,
    pub sent_how: String,
    pub account: Option<AccountId>,
    pub happened: Ts,
    pub sent: Ts,
    pub entered: Ts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_that_does_not_end_later_ends_on_the_next_day() {
        let tz = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let night = Span::parse("17:30\u{2013}8:30").unwrap();
        assert_eq!(night.text(), "17:30-08:30");
        let (from, until) = night.on(Day(20_261_001), &tz);
        assert_eq!(until.since(from), 15 * Ts::HOUR);
        let whole = Span::parse("08:30-08:30").unwrap();
        let (from, until) = whole.on(Day(20_261_001), &tz);
        assert_eq!(until.since(from), Ts::DAY);
        assert!(Span::parse("8:30").is_none() && Span::parse("25:00-08:30").is_none());
    }
}
