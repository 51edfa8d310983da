//! What the log shows and what the proof finds.

use kernel::{AccountId, Day, Ts, UnitId};

/// Which entries of the log are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// From this local day on.
    pub from: Option<Day>,
    /// Up to and with this local day.
    pub to: Option<Day>,
    /// Done by this account.
    pub account: Option<AccountId>,
    /// Done in the name of this unit.
    pub unit: Option<UnitId>,
    /// This kind, or all of a capability: `roles.grant`, `roles.`.
    pub kind: Option<String>,
    /// This kind of stream.
    pub stream: Option<String>,
    /// About the case with this number, its reports included.
    pub case_no: Option<String>,
    /// Only looks at protected data.
    pub reveals: bool,
    /// Older than this entry: when it was recorded, and its id.
    pub before: Option<(Ts, i64)>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// The event.
    pub id: i64,
    /// When it was written.
    pub recorded_at: Ts,
    /// When it happened; earlier for what was entered later.
    pub occurred_at: Ts,
    /// Who, by name; `None` for the program, a requester.
    pub account: Option<String>,
    /// In which post.
    pub post: Option<String>,
    /// For which unit.
    pub unit: Option<String>,
    /// On whose behalf it was entered 代录.
    pub behalf: Option<String>,
    /// Through which door.
    pub source: String,
    /// The kind of stream.
    pub stream: String,
    /// Whose stream.
    pub stream_id: i64,
    /// The how-manieth entry of the stream.
    pub seq: i64,
    /// `capability.verb`.
    pub kind: String,
    /// What it is about: a case or report number, a name.
    pub about: Option<String>,
    /// The reason given for a look at protected data; the content of administrative entries. Never what a
    /// requester said or what was done about it: the auditor reads the log, not the business.
    pub detail: String,
}

/// A block over the heads of the streams that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// 1, 2, 3 …
    pub seq: i64,
    /// When it was made.
    pub at: Ts,
    /// How it is hashed and signed.
    pub algorithm: String,
    /// The public key, hexadecimal.
    pub key_id: String,
    /// Hash of the block before; zeros for the first.
    pub prev: [u8; 32],
    /// The heads: a JSON list of `[office, stream, stream id, seq, hash]`.
    pub heads: String,
    /// Over everything above.
    pub hash: [u8; 32],
    /// Over the hash.
    pub signature: Vec<u8>,
}

/// The name of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey {
    /// The tenant.
    pub office: i64,
    /// The kind.
    pub stream: String,
    /// Whose.
    pub id: i64,
}

impl std::fmt::Display for StreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stream {} {} of office {}", self.stream, self.id, self.office)
    }
}

/// What sort of damage was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// An event's content does not give its hash.
    Changed,
    /// Events are missing between others.
    Gap,
    /// The last events of a stream are missing.
    Cut,
    /// A whole stream is missing.
    Removed,
    /// An event differs from what was sealed.
    Rewritten,
    /// The head of a stream is not its last event.
    Head,
    /// A stream is marked as sealed and is in no block.
    Unsealed,
    /// A block is missing, changed or out of order.
    Block,
    /// A block carries another key or a wrong signature.
    Signature,
    /// The database does not hold what the outside copy knows.
    Outside,
    /// A row that people query is not what the events say.
    Projection,
    /// The database file is not built as it must be.
    Structure,
    /// A file that a row names is missing or changed.
    File,
}

impl Damage {
    /// For machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Damage::Changed => "changed",
            Damage::Gap => "gap",
            Damage::Cut => "cut",
            Damage::Removed => "removed",
            Damage::Rewritten => "rewritten",
            Damage::Head => "head",
            Damage::Unsealed => "unsealed",
            Damage::Block => "block",
            Damage::Signature => "signature",
            Damage::Outside => "outside",
            Damage::Projection => "projection",
            Damage::Structure => "structure",
            Damage::File => "file",
        }
    }
}

/// One finding: a line that says what is wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What sort.
    pub damage: Damage,
    /// Where and what.
    pub text: String,
}

/// What a proof looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Events recomputed.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Blocks.
    pub blocks: u64,
    /// Streams that moved since the last block: not yet proven by a signature.
    pub waiting: u64,
    /// Cases compared with their events.
    pub cases: u64,
    /// Files that rows name, each read again.
    pub files: u64,
    /// What is wrong, at most [`Proof::MOST`].
    pub findings: Vec<Finding>,
    /// How many were found in all.
    pub found: u64,
    /// Case numbers that were taken and never used; no damage.
    pub unused: Vec<String>,
}

impl Proof {
    /// Findings kept.
    pub const MOST: usize = 1_000;

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.found == 0
    }

    pub(crate) fn find(&mut self, damage: Damage, text: String) {
        self.found += 1;
        if self.findings.len() < Proof::MOST {
            self.findings.push(Finding { damage, text });
        }
    }
}
