//! A link, what it shows, and what came of a PIN.

use crate::features::procedures::state::CaseState;
use kernel::{AssignmentId, AttachmentId, CaseId, OfficeId, Ts, UnitId};

/// A link as it stands.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of the table `hand_link`")]
pub struct Link {
    pub id: i64,
    pub office: OfficeId,
    pub unit: UnitId,
    /// With the part: the link is for that part alone.
    pub part: Option<(CaseId, AssignmentId)>,
    pub pin_mac: Vec<u8>,
    pub sealed: Vec<u8>,
    /// Pictures of the case that it may show, beside those taken through it.
    pub pictures: Vec<AttachmentId>,
    /// The end of a unit's link; a part's link ends with the part's deadline.
    pub until: Option<Ts>,
    pub made_at: Ts,
    pub opened_at: Option<Ts>,
    pub tries: i64,
    pub locked_until: Option<Ts>,
    pub revoked_at: Option<Ts>,
}

/// A link with its case and whether it may be used now.
#[derive(Clone, Debug)]
pub struct Known {
    /// The link.
    pub link: Link,
    /// The case of a part's link.
    pub case: Option<CaseState>,
    /// Whether it may be used.
    pub standing: Standing,
}

/// What opens a link.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The end of its address.
    pub token: String,
    /// Six digits, told apart from the address.
    pub pin: String,
}

/// Whether a link may be used, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Open,
    /// The deadline, or its day, has passed.
    Over,
    /// Somebody cut it off, or too many wrong PINs did.
    Cut,
}

/// What came of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is the one.
    Right,
    /// It is not; so many tries are left before a pause.
    Wrong {
        /// Tries left.
        left: i64,
    },
    /// Too many wrong ones: nothing is tried before then.
    Locked {
        /// Until when.
        until: Ts,
    },
    /// The link opens no more.
    Cut,
}

/// A part as a list of a link shows it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its id.
    pub id: AssignmentId,
    /// The case's number.
    pub no: String,
    /// Its title, without identifiers.
    pub title: String,
    /// Where, in words.
    pub address: String,
    /// Until when; none while the clock stands.
    pub due: Option<Ts>,
    /// Signed, and by when.
    pub signed_at: Option<Ts>,
    /// Done, and by when.
    pub done_at: Option<Ts>,
    /// Whether it may still be acted on.
    pub open: bool,
}

/// A part with all that its page shows.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the list shows of it.
    pub part: Part,
    /// What was said, without identifiers; blank where it holds matters of others.
    pub text: String,
    /// What was done.
    pub result: String,
    /// What the unit has told since it was given the part, the oldest first.
    pub told: Vec<(Ts, String)>,
    /// Whether a picture is needed at the end.
    pub needs_picture: bool,
    /// When it counts as done.
    pub close_condition: String,
    /// Pictures that may be shown, those the unit took at the end.
    pub pictures: Vec<(AttachmentId, String)>,
}
