//! What callers hand in and get back.

use super::procedure::{Action, Phase};
use super::state::Location;
use kernel::{AssignmentId, AttachmentId, CaseId, Day, MatterId, ReportId, RequestId, UnitId};
use serde::{Deserialize, Serialize};
use worktime::Limit;

/// A unit that is to help, with its own deadline where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoUnit {
    /// The unit.
    pub unit: UnitId,
    /// Its deadline; the matter's when none is given.
    pub limit: Option<Limit>,
}

/// Whom or what a complaint is about 被反映对象.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// Ticked 无.
    None,
    /// A unit that exists here; it and its staff are shut out.
    Unit(UnitId),
    /// A firm or premises in words.
    Named(String),
}

/// The inputs of an act; which are needed is the action's affair.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What was done, answered or noted.
    pub note: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The legal or list item.
    pub basis: Option<String>,
    /// The code of a refusal route.
    pub route: Option<String>,
    /// The matter.
    pub matter: Option<MatterId>,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// Emergency lane.
    pub urgent: Option<bool>,
    /// The leading unit.
    pub lead: Option<UnitId>,
    /// Helping units.
    pub co: Vec<CoUnit>,
    /// A length of time: an extension, or the lead's own deadline.
    pub limit: Option<Limit>,
    /// Pictures stored before.
    pub photos: Vec<AttachmentId>,
    /// The part acted on, where a unit has several.
    pub assignment: Option<AssignmentId>,
    /// The request decided.
    pub request: Option<RequestId>,
    /// A day: when a shelved case is looked at again.
    pub until: Option<Day>,
    /// What is missing for a shelved case.
    pub missing: Option<String>,
    /// Who reviews a shelving.
    pub reviewer: Option<String>,
    /// Whether the requester says it is solved.
    pub solved: Option<bool>,
    /// 1 (very dissatisfied) to 5.
    pub satisfied: Option<i64>,
    /// Where an entry for somebody else 代录 comes from: phone, group, paper, site.
    #[serde(default)]
    pub via: Option<String>,
    /// The entry of the knowledge base that was read out, and its version.
    #[serde(default)]
    pub given: Option<(i64, i64)>,
}

/// An act asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// On which case.
    pub case: CaseId,
    /// The action's key.
    pub action: String,
    /// The version that was on screen; a newer one is a conflict. `None` where nothing was on screen.
    pub version: Option<i64>,
    /// The inputs.
    pub input: Input,
}

/// What an act did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub no: String,
    /// Its state now.
    pub state: String,
    /// Its phase now.
    pub phase: Phase,
    /// Its version now.
    pub version: i64,
}

/// A case to be opened for a report.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The number taken before.
    pub no: String,
    /// The report.
    pub report: ReportId,
    /// Kind as stated: demand kinds of STANDARDS 3.2.
    pub kind: String,
    /// ordinary, petition, report.
    pub class: String,
    /// A short title without identifiers.
    pub title: String,
    /// hotline, window, qr, web, grid, upper, api, import.
    pub channel: String,
    /// Emergency lane.
    pub urgent: bool,
    /// Where.
    pub at: Location,
    /// The case it was split from.
    pub parent: Option<CaseId>,
    /// What part of the report it is.
    pub part: String,
}

/// An action that the actor may do now, for the bar of the case page.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    /// The action.
    pub action: &'a Action,
    /// The part it acts on.
    pub assignment: Option<AssignmentId>,
    /// The unit it is entered for, where the desk enters it 代录.
    pub behalf: Option<UnitId>,
    /// Whether it would be a check of one's own work 自核.
    pub own_check: bool,
}
