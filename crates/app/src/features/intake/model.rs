//! What comes in and what is kept of it.

use crate::features::parties::service::Contact;
use crate::features::places::model::Located;
use crate::features::procedures::model::Input;
use crate::features::procedures::state::Location;
use crate::features::procedures::upper::Upper;
use crate::files::Stored;
use kernel::{CaseId, Day, PartyId, ReportId, Ts};
use serde::{Deserialize, Serialize};

/// A picture that came with a report or an act, stored already.
#[derive(Clone, Debug)]
pub struct Photo {
    /// Where its content lies.
    pub stored: Stored,
    /// scene, near, before, after, paper; voice for what was spoken.
    pub kind: String,
}

/// A place with what scope compiles to, and the address in words.
#[must_use]
pub fn located_at(located: Located, address: String) -> Location {
    Location {
        place: Some(located.place),
        community: located.community,
        grid: located.grid,
        address,
        ..Location::default()
    }
}

/// What somebody says.
#[derive(Clone, Debug, Default)]
pub struct NewReport {
    /// The case number taken before.
    pub no: String,
    /// The tracking code made before: eight characters without look-alikes.
    pub code: String,
    /// hotline, window, qr, web, grid, upper, api, import.
    pub channel: String,
    /// Kind as stated: consultation, help, suggestion, complaint, report, petition, thanks, event.
    pub kind: String,
    /// ordinary, petition, report.
    pub class: String,
    /// What was said; identifiers in it are moved to the sealed part.
    pub text: String,
    /// A short title; made from the text when empty.
    pub title: String,
    /// Who says it, as far as they wish.
    pub contact: Contact,
    /// Whether they want to hear.
    pub reply_wanted: bool,
    /// Whether a firm that handles it may have the contact.
    pub share_contact: bool,
    /// Emergency lane.
    pub urgent: bool,
    /// Where.
    pub at: Location,
    /// Pictures.
    pub photos: Vec<Photo>,
    /// The record of an upper platform it came from.
    pub upper: Option<Upper>,
    /// Handled on the spot 随手办: what was done.
    pub on_spot: Option<Input>,
}

/// What was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The report.
    pub report: ReportId,
    /// The case.
    pub case: CaseId,
    /// The number.
    pub no: String,
    /// The tracking code, known only now and to the requester.
    pub code: String,
}

/// A report as kept. Its requester is not in it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `report`")]
pub struct Report {
    pub id: ReportId,
    pub no: String,
    pub channel: String,
    pub kind: String,
    pub class: String,
    pub title: String,
    pub text: String,
    pub party: Option<PartyId>,
    pub reply_wanted: bool,
    pub share_contact: bool,
    pub at: Location,
    pub occurred_at: Ts,
    pub received_at: Ts,
    pub received_day: Day,
    pub rating: Option<i64>,
    pub rating_solved: Option<String>,
    pub rating_words: Option<String>,
    pub rated_at: Option<Ts>,
    pub last_rating: Option<i64>,
    /// When it was seen, where that was told apart from when it was sent.
    pub seen_at: Option<Ts>,
}

/// The payload of `report.received`: all of the report but the requester.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of Report")]
pub struct ReceivedEvent {
    pub no: String,
    pub channel: String,
    pub kind: String,
    pub class: String,
    pub title: String,
    pub text: String,
    pub party: Option<PartyId>,
    pub reply_wanted: bool,
    pub share_contact: bool,
    pub at: Location,
    pub photos: Vec<String>,
}

/// The payload of `report.revealed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Revealed {
    /// Why.
    pub reason: String,
    /// For which case.
    pub case: CaseId,
}

/// The payload of `report.rated`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rated {
    /// 1 to 5.
    pub rating: i64,
    /// Whether it is solved.
    pub solved: bool,
    /// The requester's own words, identifiers masked.
    pub words: String,
    /// Whether it counts in the figures: the first, or one after a new handling.
    pub counts: bool,
}

/// A look at a contact, as the requester may know of it.
#[derive(Clone, Debug)]
pub struct Look {
    /// When.
    pub at: Ts,
    /// By which unit.
    pub unit: Option<kernel::UnitId>,
}

/// A picture as kept.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `attachment`")]
pub struct Attachment {
    pub id: kernel::AttachmentId,
    pub case: Option<CaseId>,
    pub report: Option<ReportId>,
    pub kind: String,
    pub hash: String,
    pub mime: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub at: Ts,
}
