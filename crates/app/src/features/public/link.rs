//! The three messages between the public side and the office, and the trait that carries them: a parcel in,
//! a receipt back, projections out (DECISIONS 28).
//!
//! Everything here can be written down and sent (serde), so that a gate outside may hold sealed parcels until
//! the inside fetches them. Ids and tracking codes are made on the public side; so is the instant from which
//! clocks run. The case number exists once the inside has the parcel: [`Receipt::no`] is an `Option`.

use crate::features::catalogue::model::Names;
use crate::files::Stored;
use kernel::{AttachmentId, CaseId, Day, OfficeId, PlaceId, ReportId, Ts};
use serde::{Deserialize, Serialize};
use store::Result;
use worktime::Limit;

/// Pictures in one parcel at most.
pub const PHOTOS_MOST: usize = 9;

/// Something a resident hands in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parcel {
    /// A UUIDv7 made outside; the same parcel sent again changes nothing.
    pub id: String,
    /// To which office.
    pub office: OfficeId,
    /// The gate's time: clocks start here.
    pub made_at: Ts,
    /// What it holds.
    pub content: Content,
}

/// What a parcel holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Content {
    /// Something new.
    Filing(Box<Filing>),
    /// Something about a report that exists.
    Act(Ticket, Act),
}

/// A new report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// The tracking code made outside.
    pub code: String,
    /// The place of the QR code, or the community chosen.
    pub place: Option<PlaceId>,
    /// `qr` or `web`.
    pub channel: String,
    /// Ordinary, or one of the two that stay out of the ordinary queue.
    pub class: Class,
    /// What is said.
    pub text: String,
    /// Where, in words.
    pub address: String,
    /// May be blank.
    pub name: String,
    /// May be blank.
    pub phone: String,
    /// Whether a firm that handles it may have the phone number; off unless ticked.
    pub share_contact: bool,
    /// Whether an answer is wanted.
    pub reply_wanted: bool,
    /// Pictures, already re-encoded.
    pub photos: Vec<Picture>,
    /// "That is the one": the open trouble it belongs to.
    pub same_as: Option<CaseId>,
}

/// In which queue a report goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// For all who handle demands.
    #[default]
    Ordinary,
    /// 举报: few read it.
    Report,
    /// 信访: few read it.
    Petition,
}

impl Class {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Ordinary => "ordinary",
            Class::Report => "report",
            Class::Petition => "petition",
        }
    }

    /// Reads a stored word; anything else is ordinary.
    #[must_use]
    pub fn parse(text: &str) -> Class {
        match text {
            "report" => Class::Report,
            "petition" => Class::Petition,
            _ => Class::Ordinary,
        }
    }
}

/// An answer that residents may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerView {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// What stands beside it: the word's key and the text.
    pub facts: Vec<(String, String)>,
}

/// A picture that lies in the public side's store and travels with its parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Hash of its content.
    pub hash: String,
    /// Size in bytes.
    pub bytes: i64,
    /// Width in pixels.
    pub width: i64,
    /// Height in pixels.
    pub height: i64,
}

impl From<Stored> for Picture {
    fn from(stored: Stored) -> Picture {
        Picture { hash: stored.hash, bytes: stored.bytes, width: stored.width, height: stored.height }
    }
}

impl From<&Picture> for Stored {
    fn from(picture: &Picture) -> Stored {
        Stored {
            hash: picture.hash.clone(),
            mime: "image/jpeg",
            bytes: picture.bytes,
            width: picture.width,
            height: picture.height,
        }
    }
}

/// What a requester does about a report of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Adds words and pictures 补充说明.
    Add {
        /// The words.
        text: String,
        /// The pictures.
        photos: Vec<Picture>,
    },
    /// 催办
    Urge,
    /// Rates; "not solved" reopens.
    Rate {
        /// 1 to 5; `None` only with "not solved".
        score: Option<i64>,
        /// Whether it is solved.
        solved: bool,
        /// Own words; may be blank.
        words: String,
    },
    /// "That is the one", said after the receipt.
    Same {
        /// The open trouble it belongs to.
        case: CaseId,
    },
    /// Wants the contact erased.
    Erase,
}

/// What a parcel gets back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The parcel.
    pub parcel: String,
    /// The case number, once the inside has given one.
    pub no: Option<String>,
    /// When it was taken.
    pub taken_at: Ts,
    /// For whom later pages open.
    pub ticket: Option<Ticket>,
    /// Whether it follows a trouble that is being handled already.
    pub followed: bool,
    /// Troubles nearby it might belong to, when nobody asked before.
    pub similar: Vec<Trouble>,
}

/// Proof that number and code were right. Never leaves the public side unsealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The office.
    pub office: OfficeId,
    /// The report.
    pub report: ReportId,
    /// Its number.
    pub no: String,
}

/// Where somebody stands: the QR code they scanned, or the place they chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// A QR code's token.
    Token(String),
    /// A place chosen from the list.
    Place(PlaceId),
}

/// A place as the form shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// The office.
    pub office: OfficeId,
    /// The place.
    pub place: PlaceId,
    /// 柳溪社区 07 网格
    pub label: String,
}

/// An office with the communities one may choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeView {
    /// The office.
    pub office: OfficeId,
    /// Its name.
    pub name: String,
    /// Its communities.
    pub communities: Vec<(PlaceId, String)>,
}

/// An open trouble in the office's own words: its matter and the road, nothing anybody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The case; shown to nobody unsealed.
    pub case: CaseId,
    /// What it is.
    pub matter: Names,
    /// The road, or the grid where no road is known.
    pub road: String,
    /// Its phase.
    pub phase: String,
    /// The day it was first said.
    pub since: Day,
    /// How many said it; pages show fewer than five as such.
    pub reports: i64,
}

/// What the holder of a code may know of their report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// Its number.
    pub no: String,
    /// The office's name.
    pub office: String,
    /// Title of the requester's own words.
    pub title: String,
    /// The requester's own words, identifiers masked.
    pub text: String,
    /// Their pictures.
    pub photos: Vec<AttachmentId>,
    /// The matter, once it is classified.
    pub matter: Option<Names>,
    /// When it was said.
    pub said_at: Ts,
    /// Whether it follows a trouble that others reported too.
    pub followed: bool,
    /// The phase.
    pub phase: String,
    /// How it ended, other than by the full round.
    pub ended: Option<String>,
    /// The sentence on top.
    pub promise: Promise,
    /// What was done, is being done, comes next.
    pub steps: Vec<Step>,
    /// The parts of a message with several matters.
    pub parts: Vec<Part>,
    /// Why it was refused or shelved, and what one can do.
    pub stop: Option<Stop>,
    /// What the requester did since.
    pub own: Vec<Own>,
    /// What they left of themselves, and who looked at it.
    pub contact: ContactView,
    /// What they may do now.
    pub may: May,
    /// Their rating, if they gave one.
    pub rating: Option<Rating>,
}

/// The sentence on top: what now, by when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Until when at the latest.
    pub due: Option<Ts>,
    /// The calendar does not reach so far: the instant is expected, not fixed.
    pub expected: bool,
    /// Whether that instant has passed.
    pub late: bool,
    /// By whom.
    pub unit: Option<String>,
    /// The day a shelved one is looked at again.
    pub again_on: Option<Day>,
    /// When it was over.
    pub closed_at: Option<Ts>,
    /// How the instant came about.
    pub how: Option<How>,
}

/// How a due instant came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct How {
    /// Which clock: `accept`, `dispatch`, `handle` …
    pub clock: String,
    /// From when.
    pub start: Ts,
    /// How long.
    pub limit: Limit,
    /// When it ends.
    pub due: Ts,
    /// The office's hours, for limits in work hours.
    pub hours: String,
    /// Days that did not count, as stretches.
    pub skipped: Vec<Skipped>,
    /// Pauses.
    pub paused: Vec<(Ts, Option<Ts>)>,
}

/// Days in a row that did not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The first.
    pub from: Day,
    /// The last.
    pub until: Day,
    /// The holiday's name; blank for weekends.
    pub name: String,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Over.
    Done,
    /// This is where it stands.
    Now,
    /// Still to come.
    Next,
    /// It went no further.
    Stop,
}

/// A step of the parcel's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Names its words: `received`, `assigned`, `handling` …
    pub key: String,
    /// How far.
    pub standing: Standing,
    /// When.
    pub at: Option<Ts>,
    /// The unit that leads.
    pub unit: Option<String>,
    /// Units that help.
    pub helpers: Vec<String>,
    /// A new deadline, where the step brought one.
    pub due: Option<Ts>,
    /// What was told.
    pub notes: Vec<Note>,
}

/// Something the office told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Ts,
    /// In these words.
    pub text: String,
    /// With these pictures.
    pub photos: Vec<AttachmentId>,
}

/// A part of a message with several matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its title, made by the office.
    pub title: String,
    /// Its phase.
    pub phase: String,
    /// Who handles it.
    pub unit: Option<String>,
    /// By when.
    pub due: Option<Ts>,
}

/// Why it went no further, for now or for good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The reason in the office's words.
    pub reason: String,
    /// The reason's heading in the list of lawful routes.
    pub ground: Option<Names>,
    /// What one can do instead.
    pub route: Option<Names>,
    /// What is missing.
    pub missing: Option<String>,
    /// Who reviews it.
    pub reviewer: Option<String>,
    /// When it is looked at again.
    pub again_on: Option<Day>,
}

/// Something the requester did since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// `added`, `urged`, `unsolved`.
    pub key: String,
    /// When.
    pub at: Ts,
    /// Their words.
    pub text: String,
    /// Their pictures.
    pub photos: Vec<AttachmentId>,
}

/// What was left of the person, and who looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactView {
    /// Whether anything was left.
    pub left: bool,
    /// Whether it has been erased.
    pub erased: bool,
    /// The phone, masked.
    pub phone: String,
    /// Whether a firm may have it.
    pub share: bool,
    /// By unit: how often, and the last time.
    pub looks: Vec<(String, i64, Ts)>,
}

/// What a requester may do now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct May {
    /// 补充说明
    pub add: bool,
    /// 催办
    pub urge: bool,
    /// Rate it.
    pub rate: bool,
    /// Say that it is not solved, which reopens.
    pub reopen: bool,
    /// Erase the contact at once.
    pub erase: bool,
}

/// A rating as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub score: i64,
    /// Whether it was solved.
    pub solved: bool,
    /// When.
    pub at: Ts,
}

/// The way between the public side and the office. Public pages use this and nothing else of the office.
pub trait PublicLink: Send + Sync {
    /// Hands in a parcel. The same parcel again gets the same receipt.
    ///
    /// # Errors
    /// `common.key_reused` for other content under a known id; otherwise what the content forbids.
    fn deliver(&self, parcel: Parcel) -> impl Future<Output = Result<Receipt>> + Send;

    /// The offices and their communities.
    ///
    /// # Errors
    /// When it cannot be read.
    fn offices(&self) -> impl Future<Output = Result<Vec<OfficeView>>> + Send;

    /// Where somebody stands.
    ///
    /// # Errors
    /// `common.not_found` for a token that was renewed or never given.
    fn place(&self, at: At) -> impl Future<Output = Result<PlaceView>> + Send;

    /// Open troubles that what is being typed may be about, at most two; nobody's words but the office's.
    ///
    /// # Errors
    /// When it cannot be read.
    fn similar(&self, place: PlaceView, text: String) -> impl Future<Output = Result<Vec<Trouble>>> + Send;

    /// The open troubles of a place; never a petition or a report of wrongdoing.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open(&self, place: PlaceView) -> impl Future<Output = Result<Vec<Trouble>>> + Send;

    /// What people ask and what the office answers: all of it, or what fits a question.
    ///
    /// # Errors
    /// When it cannot be read.
    fn answers(
        &self,
        office: OfficeId,
        asked: String,
    ) -> impl Future<Output = Result<Vec<AnswerView>>> + Send;

    /// Whether number and code belong together. A wrong number and a wrong code look the same.
    ///
    /// # Errors
    /// `public.track.unknown`.
    fn admit(&self, no: String, code: String) -> impl Future<Output = Result<Ticket>> + Send;

    /// How a report stands.
    ///
    /// # Errors
    /// `common.not_found`.
    fn tracking(&self, ticket: Ticket) -> impl Future<Output = Result<Tracking>> + Send;

    /// A picture the holder of a ticket may see: their own, or one that was told.
    ///
    /// # Errors
    /// `common.not_found` for any other.
    fn picture(
        &self,
        ticket: Ticket,
        id: AttachmentId,
        small: bool,
    ) -> impl Future<Output = Result<Vec<u8>>> + Send;
}
