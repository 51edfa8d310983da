//! What a task is made of.

use kernel::{AccountId, CaseId, PlaceId, PostId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use store::Arg;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);
        impl From<$name> for Arg { fn from(id: $name) -> Arg { Arg::Int(id.0) } }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )*};
}

id! {
    /// A task.
    TaskId,
    /// A receiver's part in a task.
    ReceiverId,
    /// A file of a task.
    FileId,
    /// What a meeting decided; kept here because a task may come from it.
    DecisionId
}

/// Who is asked: a unit, or a place whose posts answer for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A unit.
    Unit(UnitId),
    /// A grid, or a community without a unit of its own.
    Place(PlaceId),
}

impl Target {
    /// Reads what [`Target`] is written as.
    #[must_use]
    pub fn parse(text: &str) -> Option<Target> {
        let id = text.get(1..)?.parse().ok()?;
        match text.get(..1)? {
            "u" => Some(Target::Unit(UnitId(id))),
            "p" => Some(Target::Place(PlaceId(id))),
            _ => None,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Unit(id) => write!(f, "u{id}"),
            Target::Place(id) => write!(f, "p{id}"),
        }
    }
}

/// Somebody who can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub target: Target,
    /// The name on screens.
    pub name: String,
    /// Sorts by sound.
    pub sort_key: String,
    /// `community`, `grid`, or the kind of the unit.
    pub kind: String,
    /// The community it lies in or is.
    pub community: Option<PlaceId>,
}

/// Where tasks come from.
pub const SOURCES: [&str; 6] = ["document", "instruction", "meeting", "call", "group", "other"];
/// How urgent: ordinary, 加急, 特急.
pub const URGENCIES: [&str; 3] = ["plain", "urgent", "express"];
/// How an answer reached the desk that entered it.
pub const VIAS: [&str; 3] = ["phone", "group", "paper"];

/// A figure that is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What is counted.
    pub name: String,
    /// The unit of measure; may be blank.
    #[serde(default)]
    pub measure: String,
}

/// A column of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its head.
    pub name: String,
    /// Whether it looks like personal identity.
    #[serde(default)]
    pub identity: bool,
}

/// A column or figure that is not collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// Its head.
    pub name: String,
    /// The class: why.
    pub class: String,
}

/// What is to come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asks {
    /// A sentence: what it is to say; `None` when none is asked.
    pub sentence: Option<String>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// Columns of rows; none when no rows are asked.
    pub columns: Vec<Column>,
    /// Lines above the head of the form that came.
    pub titles: Vec<Vec<String>>,
    /// A file: which; `None` when none is asked.
    pub file: Option<String>,
    /// What was asked and is not collected.
    pub denied: Vec<Denied>,
}

impl Asks {
    /// Whether anything is asked.
    #[must_use]
    pub fn any(&self) -> bool {
        self.sentence.is_some() || !self.figures.is_empty() || !self.columns.is_empty() || self.file.is_some()
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Nothing to report 零报告.
    pub nil: bool,
    /// The sentence.
    pub sentence: String,
    /// The figures in the order they are asked, as typed and checked.
    pub figures: Vec<String>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<String>>,
}

/// A new task.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewTask {
    /// The title; the head of the text when blank.
    pub title: String,
    /// The text.
    pub body: String,
    /// One of [`SOURCES`].
    pub source: String,
    /// The number of the paper.
    pub source_no: String,
    /// Who it comes from.
    pub source_who: String,
    /// One of [`URGENCIES`].
    pub urgency: String,
    /// Until when.
    pub due: Option<Ts>,
    /// What is to come back.
    pub asks: Asks,
    /// Who is asked, as written targets.
    pub to: Vec<String>,
    /// All communities.
    pub communities: bool,
    /// The case it comes from.
    pub case: Option<CaseId>,
    /// The decision it comes from.
    pub decision: Option<DecisionId>,
    /// What came with it.
    pub files: Vec<NewFile>,
}

/// A stored file before a row names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of the table `task_file`")]
pub struct NewFile {
    pub name: String,
    pub hash: String,
    pub mime: String,
    pub bytes: i64,
}

/// A file.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `task_file`")]
pub struct File {
    pub id: FileId,
    pub receiver: Option<ReceiverId>,
    pub name: String,
    pub hash: String,
    pub mime: String,
    pub bytes: i64,
    pub at: Ts,
}

/// A task.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `task`")]
pub struct Task {
    pub id: TaskId,
    pub title: String,
    pub body: String,
    pub source: String,
    pub source_no: String,
    pub source_who: String,
    pub urgency: String,
    pub due: Ts,
    pub asks: Asks,
    pub case: Option<CaseId>,
    pub decision: Option<DecisionId>,
    pub account: Option<AccountId>,
    pub post: Option<PostId>,
    pub unit: Option<UnitId>,
    pub created: Ts,
    pub closed: Option<Ts>,
}

/// How far a receiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Sent back to be mended 退回补正.
    Returned,
    /// Not signed for yet 未签收.
    Open,
    /// Signed for 已签收.
    Signed,
    /// Answered 已报送.
    Answered,
    /// The giver has taken the answer 已确认.
    Confirmed,
    /// No longer asked 已撤销.
    Withdrawn,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Signed => "signed",
            State::Answered => "answered",
            State::Returned => "returned",
            State::Confirmed => "confirmed",
            State::Withdrawn => "withdrawn",
        }
    }

    /// Reads what is stored.
    #[must_use]
    pub fn parse(text: &str) -> State {
        match text {
            "signed" => State::Signed,
            "answered" => State::Answered,
            "returned" => State::Returned,
            "confirmed" => State::Confirmed,
            "withdrawn" => State::Withdrawn,
            _ => State::Open,
        }
    }

    /// Whether an answer is still owed.
    #[must_use]
    pub fn owes(self) -> bool {
        matches!(self, State::Open | State::Signed | State::Returned)
    }

    /// Whether an answer stands that counts.
    #[must_use]
    pub fn has_answer(self) -> bool {
        matches!(self, State::Answered | State::Confirmed)
    }
}

/// A receiver's part.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `task_receiver`")]
pub struct Receiver {
    pub id: ReceiverId,
    pub task: TaskId,
    pub target: Target,
    pub name: String,
    pub kind: String,
    pub state: State,
    /// Its own due instant where that differs.
    pub due: Option<Ts>,
    pub signed: Option<Ts>,
    /// When it was answered.
    pub answered: Option<Ts>,
    /// When that was written down here: later where somebody entered it for them.
    pub entered: Option<Ts>,
    pub confirmed: Option<Ts>,
    /// Why it was sent back or withdrawn.
    pub reason: String,
    pub returns: i64,
    pub chased: i64,
    pub chased_at: Option<Ts>,
    /// One of [`VIAS`] where it was entered for them 代录.
    pub via: String,
    pub account: Option<AccountId>,
    pub answer: Answer,
}

impl Receiver {
    /// Until when this receiver is asked.
    #[must_use]
    pub fn due(&self, task: &Task) -> Ts {
        self.due.unwrap_or(task.due)
    }

    /// Late: not answered and past its due instant, or answered after it.
    #[must_use]
    pub fn is_late(&self, task: &Task, now: Ts) -> bool {
        match self.state {
            State::Withdrawn => false,
            State::Answered | State::Confirmed => self.answered.is_some_and(|at| at > self.due(task)),
            _ => task.closed.unwrap_or(now) > self.due(task),
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "what a list shows of a task")]
pub struct Line {
    pub id: TaskId,
    pub title: String,
    pub source: String,
    pub urgency: String,
    pub due: Ts,
    pub closed: Option<Ts>,
    pub created: Ts,
    pub unit: Option<UnitId>,
    /// The viewer's own part, in lists of what is asked of them.
    pub own: Option<(ReceiverId, String, State, i64)>,
    /// Asked, answered, late.
    pub counts: (i64, i64, i64),
}
