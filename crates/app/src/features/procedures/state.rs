//! A case as its events make it. Pure: [`CaseState::apply`] folds one event; what it needs is in the event.

use super::procedure::Phase;
use kernel::{
    AccountId, AssignmentId, AttachmentId, CaseId, ClockId, Day, MatterId, OfficeId, PlaceId, ReportId,
    RequestId, Ts, UnitId,
};
use serde::{Deserialize, Serialize};
use worktime::{Limit, Pause};

/// Where a case or a report is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The finest place known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    /// Its community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community: Option<PlaceId>,
    /// Its grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<PlaceId>,
    /// The place in words, without doors.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Longitude in ten-millionths of a degree, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon_e7: Option<i64>,
    /// Latitude likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat_e7: Option<i64>,
}

/// The matter a case was classified by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterRef {
    /// The version of the catalogue's row.
    pub id: MatterId,
    /// Its code.
    pub code: String,
    /// What kind of demand.
    pub kind: String,
    /// ordinary, petition, report.
    pub class: String,
}

/// What a case is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of CaseState")]
pub struct Opening {
    pub no: String,
    pub procedure: String,
    pub pack_version: i64,
    pub kind: String,
    pub class: String,
    pub title: String,
    pub channel: String,
    pub urgent: bool,
    pub report: ReportId,
    pub at: Location,
    pub day: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CaseId>,
}

/// A fact that an event brings about: resolved, so that folding looks nothing up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the rows they change")]
pub enum Effect {
    /// The case begins.
    Open(Box<Opening>),
    /// A report joins the case, as a whole or as a part of it.
    Link { report: ReportId, part: String },
    /// A report leaves it.
    Unlink { report: ReportId },
    /// Classified.
    Matter(MatterRef),
    /// The subject of the complaint is known, or that there is none.
    Subject {
        unit: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Moved to another place.
    Place(Location),
    /// Emergency lane on or off.
    Urgent(bool),
    /// The acceptor took it.
    Accepted,
    /// A unit is to do something.
    Assign { id: AssignmentId, unit: UnitId, role: Role },
    /// It signed.
    Signed { id: AssignmentId },
    /// It is done, with its account of what was done.
    AssignmentDone { id: AssignmentId, late: bool },
    /// It is no longer to do it.
    AssignmentOff { id: AssignmentId },
    /// It is to do it again.
    AssignmentAgain { id: AssignmentId },
    /// The same part taken up again as it stood before a merge.
    AssignmentBack { id: AssignmentId, state: AssignmentState },
    /// A clock starts.
    ClockStart {
        id: ClockId,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignment: Option<AssignmentId>,
        limit: Limit,
        start: Ts,
        due: Ts,
        #[serde(default, skip_serializing_if = "is_false")]
        expected: bool,
        calendar: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<Cap>,
    },
    /// It ends in time or late.
    ClockEnd { id: ClockId, late: bool },
    /// It no longer counts.
    ClockOff { id: ClockId },
    /// It stands still.
    ClockPause { id: ClockId },
    /// It runs on, with a new due instant.
    ClockResume {
        id: ClockId,
        due: Ts,
        #[serde(default, skip_serializing_if = "is_false")]
        expected: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        calendar: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<Cap>,
    },
    /// It is longer.
    ClockExtend {
        id: ClockId,
        limit: Limit,
        due: Option<Ts>,
        #[serde(default, skip_serializing_if = "is_false")]
        expected: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        calendar: String,
    },
    /// A new calendar, or new office hours, moved it.
    ClockRebase {
        id: ClockId,
        #[serde(default)]
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Ts>,
        due: Ts,
        #[serde(default, skip_serializing_if = "is_false")]
        expected: bool,
        calendar: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<Cap>,
    },
    /// The deadline of an upper platform moved it, or no longer does.
    ClockCap {
        id: ClockId,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Ts>,
        /// None while it is paused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Ts>,
        #[serde(default, skip_serializing_if = "is_false")]
        expected: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        calendar: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<Cap>,
    },
    /// Runs again after a merge was undone.
    ClockBack { id: ClockId },
    /// The leading unit's work is done.
    Done,
    /// What the catalogue and the draw ask for after handling.
    Sampled { verify: Option<String>, call: bool },
    /// Verified; by the handler's own unit where nobody else exists (自核).
    Verified { by_other: bool },
    /// Somebody asks for a decision.
    Asked {
        id: RequestId,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignment: Option<AssignmentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
    },
    /// And gets it.
    Decided { id: RequestId, granted: bool },
    /// An arbiter has ruled: no second return.
    Ruled,
    /// A counter goes up.
    Count(Counter),
    /// A call-back reached the requester or not.
    Call {
        answered: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        solved: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        satisfied: Option<i64>,
    },
    /// A leader watches it.
    Supervised,
    /// Late, but excused; the raw fact stays.
    Exempt,
    /// Shelved until a day, when it is looked at again.
    Shelved { until: Day },
    /// No longer shelved.
    Unshelved,
    /// How it ended other than by the full round.
    End(String),
    /// No longer ended.
    Unend,
    /// Its reports went to another case.
    MergedInto(CaseId),
    /// They came back.
    Unmerged,
    /// The upper platform's deadline, the earliest of all links.
    UpperDue(Option<Ts>),
    /// What the source system reported, where times are missing.
    Outcome(String),
    /// The instant of closing as a source system reports it.
    ClosedAt { at: Ts, day: Day },
    /// The source system says that it is over, but not when it was handled and closed.
    TimesUnknown,
}

/// What is counted on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// 退单
    Return,
    /// Dispatched again.
    Redispatch,
    /// 重办, on the requester's word.
    Reopen,
    /// 返工, on the verifier's word.
    Rework,
    /// 延期
    Extension,
    /// 催办
    Urge,
}

/// Lead or helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 主办
    Lead,
    /// 协办
    Co,
}

impl Role {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Lead => "lead",
            Role::Co => "co",
        }
    }
}

/// How far a unit's part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentState {
    /// 待签收
    Sent,
    /// 已签收
    Signed,
    /// 已办结
    Done,
    /// Withdrawn, returned or superseded.
    Off,
}

impl AssignmentState {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AssignmentState::Sent => "sent",
            AssignmentState::Signed => "signed",
            AssignmentState::Done => "done",
            AssignmentState::Off => "off",
        }
    }

    /// Whether the unit still has something to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, AssignmentState::Sent | AssignmentState::Signed)
    }
}

/// A unit's part in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table `assignment`")]
pub struct Assignment {
    pub id: AssignmentId,
    pub unit: UnitId,
    pub role: Role,
    pub state: AssignmentState,
    pub sent_at: Ts,
    pub signed_at: Option<Ts>,
    pub done_at: Option<Ts>,
    pub late: Option<bool>,
    pub result: Option<String>,
    pub handler: Option<AccountId>,
}

/// How a clock stands. Overdue is not a state: it is a running clock whose due instant has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// Counting.
    Running,
    /// Standing still.
    Paused,
    /// Ended in time.
    Met,
    /// Ended late.
    Late,
    /// Does not count any more.
    Off,
}

impl ClockState {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ClockState::Running => "running",
            ClockState::Paused => "paused",
            ClockState::Met => "met",
            ClockState::Late => "late",
            ClockState::Off => "off",
        }
    }
}

/// The latest end that the deadline of an upper platform leaves to an own clock: the office's margin 提前量 before it,
/// or that deadline itself where the margin had begun already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The latest end.
    pub at: Ts,
    /// The upper deadline it follows from.
    pub upper: Ts,
}

/// A deadline of a case or of a unit's part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table `clock`")]
pub struct Clock {
    pub id: ClockId,
    pub kind: String,
    pub assignment: Option<AssignmentId>,
    pub limit: Limit,
    pub start: Ts,
    pub due: Option<Ts>,
    pub expected: bool,
    pub state: ClockState,
    pub ended_at: Option<Ts>,
    pub pauses: Vec<Pause>,
    pub calendar: String,
    pub cap: Option<Cap>,
}

impl Clock {
    /// Whether it still matters.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Paused)
    }
}

/// Something that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table `request`")]
pub struct Request {
    pub id: RequestId,
    pub kind: String,
    pub assignment: Option<AssignmentId>,
    pub limit: Option<Limit>,
    pub granted: Option<bool>,
    pub reason: String,
    pub basis: String,
    pub asked_at: Ts,
    pub asked_by: Option<AccountId>,
    pub asked_unit: Option<UnitId>,
    pub decided_at: Option<Ts>,
    pub decided_by: Option<AccountId>,
    pub answer: Option<String>,
}

/// A report's tie to the case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table `report_case`")]
pub struct Link {
    pub report: ReportId,
    pub part: String,
    pub from: Ts,
    pub until: Option<Ts>,
}

/// What was said with an act. Identifiers in it are replaced by chips; the originals are sealed beside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What was done, answered or noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The legal or list item it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The lawful route told with a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// What is missing for a shelved case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Who reviews a shelving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// Where an entry for somebody else 代录 comes from: phone, group, paper, site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The entry of the knowledge base that was read out, and its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<(i64, i64)>,
    /// The sealed originals of chips, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// The payload of a case event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The action's key or the engine's verb.
    pub action: String,
    /// The local day on which it happened, in the office's zone.
    pub day: Day,
    /// The state before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// The state after and its phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<(String, Phase)>,
    /// What was said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub said: Said,
    /// Whether the requester is told the text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tells: bool,
    /// Whether the record's version stays.
    #[serde(default, skip_serializing_if = "is_false")]
    pub quiet: bool,
    /// Pictures that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<AttachmentId>,
    /// The facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

fn is_default(said: &Said) -> bool {
    *said == Said::default()
}

/// The event's own columns that folding needs.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// When it happened.
    pub at: Ts,
    /// When it was written.
    pub recorded: Ts,
    /// Who did it.
    pub account: Option<AccountId>,
    /// For which unit, the one it was entered for where that differs.
    pub unit: Option<UnitId>,
}

/// A case as its events make it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table `cases`")]
pub struct CaseState {
    pub id: CaseId,
    pub office: OfficeId,
    pub no: String,
    pub procedure: String,
    pub pack_version: i64,
    pub state: String,
    pub phase: Phase,
    pub ended: Option<String>,
    pub kind: String,
    pub class: String,
    pub matter: Option<MatterId>,
    pub matter_code: Option<String>,
    pub urgent: bool,
    pub title: String,
    pub channel: String,
    pub at: Location,
    pub subject_known: bool,
    pub subject_unit: Option<UnitId>,
    pub subject_text: Option<String>,
    pub report: ReportId,
    pub parent: Option<CaseId>,
    pub merged_into: Option<CaseId>,
    pub opened_at: Ts,
    pub opened_day: Day,
    pub accepted_at: Option<Ts>,
    pub dispatched_at: Option<Ts>,
    pub signed_at: Option<Ts>,
    pub done_at: Option<Ts>,
    pub verified_at: Option<Ts>,
    pub closed_at: Option<Ts>,
    pub closed_day: Option<Day>,
    pub handle_late: Option<bool>,
    pub exempt: bool,
    pub upper_due: Option<Ts>,
    pub returns: i64,
    pub ruled: bool,
    pub redispatches: i64,
    pub reopens: i64,
    pub reworks: i64,
    pub extensions: i64,
    pub urges: i64,
    pub supervised: bool,
    pub verify_by: Option<String>,
    pub must_call: bool,
    pub verified_by_other: Option<bool>,
    pub called_back: bool,
    pub missed_calls: i64,
    pub solved: Option<bool>,
    pub satisfied: Option<i64>,
    pub outcome: Option<String>,
    pub shelved_until: Option<Day>,
    pub version: i64,
    pub updated_at: Ts,
    pub assignments: Vec<Assignment>,
    pub clocks: Vec<Clock>,
    pub requests: Vec<Request>,
    pub links: Vec<Link>,
}
