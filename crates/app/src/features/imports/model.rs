//! What a row of a file says, once it is understood, and what an import did.

use crate::rows::RowError;
use kernel::Ts;

/// How far the source system says a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It came in; nothing is known of it besides.
    Received,
    /// Somebody works on it.
    Handling,
    /// It is over.
    Closed,
}

/// One level of the matter: a code where the file has one, and a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level {
    /// The file's own code; empty where it has none.
    pub code: String,
    /// The name.
    pub name: String,
}

/// A record as the file has it, checked; nothing of it is looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its line in the file, the header being line 1.
    pub line: u64,
    /// Its number in the source system.
    pub number: Option<String>,
    /// Over all mapped cells, and over its place among equal rows where there is no number.
    pub hash: [u8; 32],
    /// When it came in.
    pub received: Ts,
    /// When it was closed.
    pub closed: Option<Ts>,
    /// The source system's deadline.
    pub due: Option<Ts>,
    /// How far it is.
    pub stage: Stage,
    /// Names of places, coarse to fine; shorter where the finer ones are not known.
    pub place: Vec<String>,
    /// The name of the unit.
    pub unit: Option<String>,
    /// The matter's levels, coarse to fine.
    pub matter: Vec<Level>,
    /// Through which channel: a code.
    pub channel: String,
    /// The kind of demand: a code.
    pub kind: String,
    /// ordinary, petition, report.
    pub class: String,
    /// A short title, identifiers not yet removed; empty to make one of the text.
    pub title: String,
    /// What was said, identifiers not yet removed.
    pub text: String,
    /// What was answered, likewise.
    pub reply: String,
    /// The place in words.
    pub address: String,
    /// Longitude and latitude, WGS 84, in ten-millionths of a degree.
    pub point: Option<(i64, i64)>,
    /// `intime` or `overtime`, as reported.
    pub outcome: Option<String>,
    /// How often units returned it, as reported.
    pub returns: i64,
}

/// A row that is left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Its line.
    pub line: u64,
    /// The reason's word key.
    pub reason: String,
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Rows in the file.
    pub rows: u64,
    /// Those to be taken over.
    pub drafts: Vec<Draft>,
    /// Those left out on purpose.
    pub skipped: Vec<Skip>,
    /// What is wrong; when there is anything, nothing is written.
    pub errors: Vec<RowError>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows in the file.
    pub rows: u64,
    /// Taken over.
    pub imported: u64,
    /// Known already.
    pub unchanged: u64,
    /// Left out: test rows, and known ones that say something else now.
    pub skipped: Vec<Skip>,
    /// What is wrong; when there is anything, nothing was written.
    pub errors: Vec<RowError>,
}

/// How far a long import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows written.
    pub done: u64,
    /// Rows to be written.
    pub of: u64,
}
