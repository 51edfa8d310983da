//! A ticket of an upper platform as it stands here: what was taken over, and what has changed there since.

use super::tickets::Ticket;
use crate::words::Words;
use kernel::{CaseId, ReportId, Ts};
use serde::{Deserialize, Serialize};

/// A ticket that is tied to a case.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `upper_link`, and the case's number and title")]
pub struct Known {
    pub id: i64,
    pub case: CaseId,
    pub report: ReportId,
    pub number: String,
    pub due: Option<Ts>,
    pub return_by: Option<Ts>,
    pub state: String,
    pub round: i64,
    pub urges: i64,
    pub told: String,
    pub satisfied: Option<i64>,
    pub solved: Option<bool>,
    pub no: String,
    pub title: String,
}

/// What a ticket says now that it did not say before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Another deadline.
    Due {
        /// The one that stood here.
        was: Option<Ts>,
        /// The one that stands there.
        now: Option<Ts>,
    },
    /// Another end of the time in which it may be given back.
    ReturnBy {
        /// The one that stood here.
        was: Option<Ts>,
        /// The one that stands there.
        now: Option<Ts>,
    },
    /// They have urged 催办.
    Urged {
        /// How often when it was taken over last.
        was: i64,
        /// How often by now.
        now: i64,
    },
    /// It comes back to be handled once more 重办.
    Again {
        /// Which time it is handled, from 2.
        round: i64,
    },
    /// How the platform rules on it after it was given back 退回上级.
    Ruled {
        /// It takes it back; else it goes on here.
        agreed: bool,
    },
    /// The platform has closed it.
    Over,
    /// Its call-back: a rating of its own, apart from ours.
    Rated {
        /// 1 to 5.
        satisfied: Option<i64>,
        /// Whether it is solved.
        solved: Option<bool>,
    },
    /// Another state, in their words, that means nothing to us.
    Told {
        /// The words that stood here.
        was: String,
        /// The words that stand there.
        now: String,
    },
}

/// A ticket beside what is known of it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The ticket.
    pub ticket: Ticket,
    /// The case it is tied to; none for a new one.
    pub known: Option<Known>,
    /// What is different; empty for a new one and for one that says the same.
    pub changes: Vec<Change>,
}

/// What taking a ticket over brought about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The number there.
    pub number: String,
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// What has changed; empty for a new one.
    pub changes: Vec<Change>,
    /// The case could not follow by itself: it ended without the full round, and somebody has to look.
    pub by_hand: bool,
}

/// What taking tickets over brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// New cases.
    pub new: Vec<Line>,
    /// Known ones that have changed.
    pub changed: Vec<Line>,
    /// Known ones that say the same.
    pub same: usize,
}

impl Phrases {
    /// In the words of an office.
    #[must_use]
    pub fn of(own: &Words, system: &str) -> Phrases {
        Phrases {
            urged: own.t1("upstream-urged-note", "system", system),
            again: own.t1("upstream-again-reason", "system", system),
            ruled: own.t1("upstream-ruled-note", "system", system),
        }
    }
}

/// The words of acts that follow from a ticket, in the office's language.
#[derive(Clone, Debug, Default)]
pub struct Phrases {
    /// Why a case is urged.
    pub urged: String,
    /// Why it is reopened.
    pub again: String,
    /// What the platform says on a return, before the state in its own words.
    pub ruled: String,
}
