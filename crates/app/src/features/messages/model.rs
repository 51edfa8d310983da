//! What a message is. No database, no pages.

use kernel::{AccountId, CaseId, Ts};
use serde::{Deserialize, Serialize};

/// Longest text.
pub const TEXT_MOST: usize = 500;
/// A message may wait for an answer so many minutes before it goes on.
pub const MINUTES: (i64, i64) = (1, 240);

/// A message.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `message`")]
pub struct Message {
    pub id: i64,
    /// What somebody wrote; blank for one that was raised by itself.
    pub text: String,
    pub urgent: bool,
    /// Whether each receiver is to confirm; otherwise the first who does ends it.
    pub each: bool,
    /// `note`, `urgent`, `clock`.
    pub cause: String,
    pub case: Option<CaseId>,
    pub due: Option<Ts>,
    pub silent_minutes: i64,
    pub account: Option<AccountId>,
    pub sent: Ts,
    pub ended: Option<Ts>,
    pub robots: Vec<Posted>,
}

/// What became of a message at a group's robot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The robot.
    pub robot: i64,
    /// Its name.
    pub name: String,
    /// `waiting`, `again`, `sent`, `failed`.
    pub state: String,
    /// When it came to that.
    pub at: Ts,
    /// What the other side said, shortened.
    pub note: String,
}

/// A receiver.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `message_to`")]
pub struct Receiver {
    pub id: i64,
    pub account: AccountId,
    pub name: String,
    pub phone: String,
    pub step: i64,
    /// `duty`, `unit`, `post`, `person`, `desk`, `all`.
    pub kind: String,
    /// `waiting`, `sent`, `read`, `confirmed`, `silent`, `off`.
    pub state: String,
    pub sent: Option<Ts>,
    pub read: Option<Ts>,
    pub confirmed: Option<Ts>,
    pub silent: Option<Ts>,
    pub passed_to: Option<AccountId>,
    /// `reached`, `missed`, `confirmed`: ticked by hand after a call.
    pub call: Option<String>,
    pub call_at: Option<Ts>,
    pub call_by: Option<AccountId>,
}

impl Receiver {
    /// Whether the message has come to them.
    #[must_use]
    pub fn has_it(&self) -> bool {
        !matches!(self.state.as_str(), "waiting" | "off")
    }
}

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Target {
    /// One person.
    Account(AccountId),
    /// Whoever holds a post.
    Post(i64),
    /// Whoever works in a unit.
    Unit(i64),
    /// Whoever is on duty for the office, one after the other.
    Duty,
    /// Everybody of the office's own units.
    All,
}

/// A message somebody writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewMessage {
    /// What it says.
    pub text: String,
    /// Loud.
    pub urgent: bool,
    /// The number of a case that it is about; blank for none.
    pub case_no: String,
    /// To whom.
    pub targets: Vec<Target>,
    /// Whether the groups' robots say it too.
    pub robots: bool,
}

/// What is told of a case: no person, no text of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub no: String,
    /// The matter in Chinese and in English; blank before it is known.
    pub matter: (String, String),
    /// The place's name.
    pub place: String,
    /// The road.
    pub address: String,
    /// When it is due.
    pub due: Option<Ts>,
    /// Whether it may be named in a group of whom nobody knows who is in it: an ordinary case about nobody.
    pub open: bool,
}
