//! What a meeting is made of.

use crate::features::tasks::model::{DecisionId, TaskId};
use kernel::{AccountId, CaseId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use store::Arg;

/// A meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MeetingId(pub i64);

impl From<MeetingId> for Arg {
    fn from(id: MeetingId) -> Arg {
        Arg::Int(id.0)
    }
}

impl std::fmt::Display for MeetingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A meeting to be held.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewMeeting {
    /// Meetings of one kind and one unit follow each other: 班子会, 联席会议, 说事会.
    pub kind: String,
    /// Its own title; the kind when blank.
    pub title: String,
    /// When.
    pub at: Option<Ts>,
    /// Where.
    pub place: String,
    /// Who else comes: names from outside.
    pub guests: String,
    /// Who comes, as written targets.
    pub to: Vec<String>,
    /// The agenda, one item a line; the number of a case in it becomes a link.
    pub items: Vec<String>,
}

/// A meeting.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `meeting`")]
pub struct Meeting {
    pub id: MeetingId,
    pub kind: String,
    pub title: String,
    pub at: Ts,
    pub place: String,
    pub guests: String,
    pub unit: Option<UnitId>,
    pub account: Option<AccountId>,
    pub created: Ts,
    pub closed: Option<Ts>,
    /// What came back from earlier meetings, as it stood when the minutes were settled.
    pub carried: Vec<Carried>,
}

/// A decision of an earlier meeting that was not done 上次未办结.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The decision.
    pub decision: Decision,
    /// The meeting that made it.
    pub meeting: i64,
    /// Its title.
    pub title: String,
    /// When it was.
    pub at: Ts,
}

/// How a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// To be done.
    Open,
    /// Done: said so, or its task is closed.
    Done,
    /// Ended with a reason.
    Ended,
}

impl Standing {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Done => "done",
            Standing::Ended => "ended",
        }
    }

    /// Reads what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Standing {
        match text {
            "done" => Standing::Done,
            "ended" => Standing::Ended,
            _ => Standing::Open,
        }
    }
}

/// What was decided 议定事项.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Its meeting.
    pub meeting: i64,
    /// The item it belongs to.
    pub item: i64,
    /// What is to be done.
    pub text: String,
    /// Who does it, as a written target; blank for a name from outside.
    pub target: String,
    /// Their name.
    pub owner: String,
    /// Until when.
    pub due: Option<Ts>,
    /// How it stands.
    pub standing: Standing,
    /// Why it was ended.
    pub reason: String,
    /// When it was settled.
    pub settled: Option<Ts>,
    /// The task it became.
    pub task: Option<TaskId>,
}

impl Decision {
    /// Whether it should have been done.
    #[must_use]
    pub fn is_late(&self, now: Ts) -> bool {
        self.standing == Standing::Open && self.due.is_some_and(|due| due < now)
    }
}

/// What is talked about.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `meeting_item`")]
pub struct Item {
    pub id: i64,
    pub at: Ts,
    pub text: String,
    pub case: Option<CaseId>,
    pub task: Option<TaskId>,
}

/// A new item, with its decision where one was made at once.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewItem {
    /// The item it belongs to, where there is one already.
    pub item: Option<i64>,
    /// The opinion or matter.
    pub text: String,
    /// What was decided; the same as the text when blank and somebody is to do it.
    pub decision: String,
    /// Who does it, as a written target.
    pub target: String,
    /// A name from outside instead.
    pub owner: String,
    /// Until when.
    pub due: Option<Ts>,
    /// A task that it is about.
    pub task: Option<TaskId>,
}
