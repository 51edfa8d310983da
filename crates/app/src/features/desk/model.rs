//! What lists and queues are asked with and what they answer. No database, no pages.

use kernel::{AssignmentId, CaseId, MatterId, PlaceId, ReportId, Ts, UnitId};
use serde::{Deserialize, Serialize};

/// Rows on one page of a list.
pub const PAGE: usize = 50;
/// Beyond this a count is not exact and the page says so.
pub const COUNT_MOST: i64 = 10_000;
/// What is due within this is amber, everywhere: the strip's count and the bars of the rows say the same.
pub const SOON: i64 = 2 * Ts::HOUR;

/// One of the queues that together are a person's inbox. Which of them a person has follows from their
/// rights, over all posts they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// 待受理
    Accept,
    /// 待分拨
    Dispatch,
    /// 退单待审
    Rule,
    /// Extensions and pauses that wait for a word 待审批.
    Approve,
    /// 待签收
    Sign,
    /// 办理中
    Handle,
    /// 待核查
    Verify,
    /// 待回访
    Callback,
}

impl Queue {
    /// All queues in the order a case passes them.
    pub const ALL: [Queue; 8] = [
        Queue::Accept,
        Queue::Dispatch,
        Queue::Rule,
        Queue::Approve,
        Queue::Sign,
        Queue::Handle,
        Queue::Verify,
        Queue::Callback,
    ];

    /// As in addresses and word keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Accept => "accept",
            Queue::Dispatch => "dispatch",
            Queue::Rule => "rule",
            Queue::Approve => "approve",
            Queue::Sign => "sign",
            Queue::Handle => "handle",
            Queue::Verify => "verify",
            Queue::Callback => "callback",
        }
    }

    /// Reads a word of an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Queue> {
        Queue::ALL.into_iter().find(|queue| queue.as_str() == text)
    }

    /// The right that brings the queue.
    #[must_use]
    pub fn grant(self) -> &'static str {
        match self {
            Queue::Accept => "demands.accept",
            Queue::Dispatch => "demands.dispatch",
            Queue::Rule => "demands.arbitrate",
            Queue::Approve => "demands.approve",
            Queue::Sign | Queue::Handle => "demands.handle",
            Queue::Verify => "demands.verify",
            Queue::Callback => "demands.call_back",
        }
    }

    /// The page where it is worked off.
    #[must_use]
    pub fn href(self) -> &'static str {
        match self {
            Queue::Accept => "/queue/accept",
            Queue::Dispatch => "/board",
            Queue::Rule => "/queue/rule",
            Queue::Approve => "/queue/approve",
            Queue::Sign => "/queue/sign",
            Queue::Handle => "/queue/handle",
            Queue::Verify => "/queue/verify",
            Queue::Callback => "/queue/callback",
        }
    }

    /// The key of its menu entry.
    #[must_use]
    pub fn nav(self) -> &'static str {
        if self == Queue::Dispatch { "board" } else { self.as_str() }
    }

    /// The kind of clock that runs while a case waits here.
    #[must_use]
    pub fn clock(self) -> &'static str {
        match self {
            Queue::Accept => "accept",
            Queue::Dispatch => "dispatch",
            Queue::Rule => "rule",
            Queue::Sign => "sign",
            Queue::Approve | Queue::Handle => "handle",
            Queue::Verify => "verify",
            Queue::Callback => "call",
        }
    }

    /// The actions that are done here, the likely one first; its form stands open where it asks for something.
    #[must_use]
    pub fn actions(self) -> &'static [&'static str] {
        match self {
            Queue::Accept => &["accept"],
            Queue::Dispatch => &["dispatch"],
            Queue::Rule => &["uphold_return", "reject_return"],
            Queue::Approve => &["grant_extension", "refuse_extension", "grant_pause", "refuse_pause"],
            Queue::Sign => &["sign"],
            Queue::Handle => &["finish", "finish_co"],
            Queue::Verify => &["pass", "fail"],
            Queue::Callback => &["call_close"],
        }
    }
}

/// A list as an address asks for it; the API takes the same names. Places, matters and units are named by
/// their codes, so that a link means the same next year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// What was typed in the search box.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Only what waits in one of the viewer's own queues.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub queue: String,
    /// Phases; `open` stands for all in which somebody still has something to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phase: Vec<String>,
    /// The code of a place; what lies in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The code of a class of matters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// The code of a matter.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matter: String,
    /// The code of a unit that leads or helps.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Through which channel it came.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// The kind of demand.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// `late`, `soon` (within two hours) or `today`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub due: String,
    /// `1`: the emergency lane.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub urgent: String,
    /// `1`: watched by a leader.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub supervised: String,
    /// `1`: with a record of an upper platform.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub upper: String,
    /// First local day of receipt, `2026-03-01`; with `figure` the first day of the figure's period.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Last local day.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// A condition, see crate `condition`.
    #[serde(rename = "where", skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// A figure whose records are asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub figure: String,
    /// By what the figure's rows are told apart.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The figure's row; may be blank and asked for all the same.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub key: Option<String>,
    /// `below`: the records of which the figure is a share.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub side: String,
    /// `due` (the default for open cases) or `new`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
    /// The last row of the page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// The first row of the page after.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub before: String,
}

/// What is given, blank or not: a blank row of a figure is one too.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Oldest due first; what has no due instant (paused, shelved, over) last.
    Due,
    /// Received last first.
    New,
}

impl Filter {
    /// What waits in a queue.
    #[must_use]
    pub fn of_queue(queue: Queue) -> Filter {
        Filter { queue: queue.as_str().to_owned(), ..Filter::default() }
    }

    /// The same list from its beginning.
    #[must_use]
    pub fn unpaged(&self) -> Filter {
        Filter { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The order asked for, or the one that fits: what is open by its due instant, everything by receipt.
    #[must_use]
    pub fn order(&self) -> Sort {
        match self.sort.as_str() {
            "due" => Sort::Due,
            "new" => Sort::New,
            _ if !self.q.is_empty() => Sort::New,
            _ if !self.queue.is_empty() || !self.due.is_empty() => Sort::Due,
            _ if !self.phase.is_empty()
                && self.phase.iter().all(|p| !matches!(p.as_str(), "closed" | "refused" | "ended")) =>
            {
                Sort::Due
            }
            _ => Sort::New,
        }
    }

    /// As the query of an address, without `?`.
    #[must_use]
    pub fn query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The address of this list on the page of all cases.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/cases?{}", self.query())
    }

    /// Whether anything narrows the list.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        Filter { sort: String::new(), ..self.unpaged() } == Filter::default()
    }
}

/// How a case stands in time, by the clock that counts for the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// Late.
    Red,
    /// Due within two hours.
    Amber,
    /// In time.
    Green,
    /// Nothing runs.
    Grey,
}

impl Light {
    /// The light of a due instant.
    #[must_use]
    pub fn of(due: Option<Ts>, now: Ts) -> Light {
        match due {
            None => Light::Grey,
            Some(due) if due < now => Light::Red,
            Some(due) if due.since(now) <= SOON => Light::Amber,
            Some(_) => Light::Green,
        }
    }

    /// The class of a row.
    #[must_use]
    pub fn row_class(self) -> &'static str {
        match self {
            Light::Red => "is-red",
            Light::Amber => "is-amber",
            Light::Green => "is-green",
            Light::Grey => "",
        }
    }

    /// The class of a word.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Light::Red => "red",
            Light::Amber => "amber",
            Light::Green => "green",
            Light::Grey => "",
        }
    }
}

/// A case as lists know it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `cases`")]
pub struct CaseRow {
    pub id: CaseId,
    pub no: String,
    pub title: String,
    pub state: String,
    pub phase: String,
    pub ended: Option<String>,
    pub kind: String,
    pub class: String,
    pub matter: Option<MatterId>,
    pub matter_code: Option<String>,
    pub urgent: bool,
    pub channel: String,
    pub place: Option<PlaceId>,
    pub community: Option<PlaceId>,
    pub grid: Option<PlaceId>,
    pub address: String,
    pub lead: Option<UnitId>,
    pub report: ReportId,
    pub reports: i64,
    pub parent: Option<CaseId>,
    pub merged_into: Option<CaseId>,
    pub opened_at: Ts,
    pub due: Option<Ts>,
    pub due_kind: Option<String>,
    pub handle_late: Option<bool>,
    pub upper_due: Option<Ts>,
    pub returns: i64,
    pub reopens: i64,
    pub reworks: i64,
    pub urges: i64,
    pub supervised: bool,
    pub closed_at: Option<Ts>,
    pub shelved_until: Option<kernel::Day>,
    pub version: i64,
    /// What the page of a list reads besides, for its rows only.
    pub more: More,
}

/// What is read for the rows of one page besides the row itself.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// The running clocks: kind, due instant, whether expected, the part.
    pub clocks: Vec<RowClock>,
    /// Parts that are not withdrawn: id, unit, lead or helper, state.
    pub parts: Vec<RowPart>,
    /// Upper records: system, number, deadline.
    pub uppers: Vec<(String, String, Option<Ts>)>,
    /// How many pictures.
    pub photos: i64,
    /// Kinds of requests that wait.
    pub asks: Vec<String>,
}

/// A running clock of a row.
#[derive(Clone, Debug)]
pub struct RowClock {
    /// Its kind.
    pub kind: String,
    /// When it is due.
    pub due: Option<Ts>,
    /// Whether the calendar does not yet speak for the days used.
    pub expected: bool,
    /// The part it hangs on.
    pub part: Option<AssignmentId>,
}

/// A part of a row.
#[derive(Clone, Debug)]
pub struct RowPart {
    /// Which.
    pub id: AssignmentId,
    /// Whose.
    pub unit: UnitId,
    /// `lead` or `co`.
    pub role: String,
    /// `sent`, `signed`, `done`.
    pub state: String,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows.
    pub rows: Vec<CaseRow>,
    /// The cursor of the page before; blank when this is the first.
    pub before: String,
    /// The cursor of the page after; blank when this is the last.
    pub after: String,
    /// How many there are, at most [`COUNT_MOST`] + 1.
    pub total: i64,
    /// A search looked at as many candidates as it may and may have missed some.
    pub cut: bool,
}

impl Page {
    /// Whether the count was cut short.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.total > COUNT_MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_from_its_own_address() {
        let filter = Filter {
            q: "\u{4e95}\u{76d6} & more".to_owned(),
            phase: vec!["open".to_owned(), "closed".to_owned()],
            key: Some(String::new()),
            condition: "case.returns > 0".to_owned(),
            ..Filter::default()
        };
        let back: Filter = serde_html_form::from_str(&filter.query()).unwrap();
        assert_eq!(back, filter);
    }

    #[test]
    fn the_light_turns_amber_two_hours_before_and_red_after_the_last_instant() {
        let due = Ts(10 * Ts::DAY);
        assert_eq!(Light::of(Some(due), due), Light::Amber);
        assert_eq!(Light::of(Some(due), due.plus(1)), Light::Red);
        assert_eq!(Light::of(Some(due), due.plus(-SOON)), Light::Amber);
        assert_eq!(Light::of(Some(due), due.plus(-SOON - 1)), Light::Green);
        assert_eq!(Light::of(None, due), Light::Grey);
    }
}
