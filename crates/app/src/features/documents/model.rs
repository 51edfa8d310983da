//! A document that was issued, and how far it is.

use kernel::{CaseId, Day, Ts, UnitId};
use serde::{Deserialize, Serialize};

/// Ways in which a document reaches somebody 送达方式.
pub const WAYS: [&str; 7] = ["direct", "post", "left", "electronic", "entrusted", "transferred", "public"];

/// Who took it: never a name, which would stand in the register.
pub const TAKERS: [&str; 5] = ["self", "family", "agent", "unit", "public"];

/// How far a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Numbered; it waits for seal and signature.
    Unsealed,
    /// The signed one is here.
    Sealed,
    /// It has reached whom it is for.
    Served,
    /// Void; its number stays listed.
    Void,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Unsealed => "unsealed",
            State::Sealed => "sealed",
            State::Served => "served",
            State::Void => "void",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn parse(text: &str) -> State {
        match text {
            "sealed" => State::Sealed,
            "served" => State::Served,
            "void" => State::Void,
            _ => State::Unsealed,
        }
    }
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id.
    pub id: i64,
    /// Which kind.
    pub kind: String,
    /// Of which case.
    pub case: CaseId,
    /// That case's number.
    pub case_no: String,
    /// That case's title.
    pub case_title: String,
    /// Its number: 青禾不受〔2026〕3号.
    pub number: String,
    /// How far it is.
    pub state: State,
    /// Whether it carries the requester's name.
    pub identity: bool,
    /// When it was issued.
    pub made_at: Ts,
    /// By which unit.
    pub unit: Option<UnitId>,
    /// Hash of the document as it was issued.
    pub hash: String,
    /// When the signed one came.
    pub sealed_at: Option<Ts>,
    /// How it was served.
    pub served_how: String,
    /// On which day.
    pub served_day: Option<Day>,
    /// Who took it, one of [`TAKERS`].
    pub served_to: String,
    /// When that was entered.
    pub served_at: Option<Ts>,
    /// Why it is void.
    pub void_reason: String,
}

/// A paper that belongs to a document: the signed one, the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Hash of its sealed content, under which it lies among the files.
    pub file: String,
    /// Hash of the paper itself.
    pub hash: String,
    /// `application/pdf`, `image/jpeg`, `image/png`.
    pub mime: String,
    /// Size in bytes.
    pub bytes: i64,
}

/// What a paper is, by how it begins; none for anything but a PDF or a picture.
#[must_use]
pub fn mime_of(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 3] =
        [(b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png")];
    KNOWN.iter().find(|(begins, _)| bytes.starts_with(begins)).map(|(_, mime)| *mime)
}

/// How something was served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// One of [`WAYS`].
    pub how: String,
    /// On which day.
    pub day: Day,
    /// Who took it, one of [`TAKERS`].
    pub to: String,
}
