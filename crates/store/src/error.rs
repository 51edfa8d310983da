//! One error for every body: a refusal is the user's problem and rolls back quietly, a failure is ours.

use kernel::Refusal;

/// The result of everything that touches the database.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a body did not end well.
#[derive(Debug)]
pub enum Error {
    /// The user must correct something, or may not do it. Nothing was written.
    Refused(Box<Refusal>),
    /// The reserved block of ids is used up; the body runs again after a new block.
    NeedIds,
    /// PostgreSQL asks to run the transaction again (40001, 40P01).
    Again,
    /// Our problem; logged once at the boundary, never shown.
    Failed(anyhow::Error),
}

impl Error {
    /// A failure with a message.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Error {
        Error::Failed(anyhow::anyhow!(message.into()))
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Refused(refusal) => write!(f, "refused: {refusal}"),
            Error::NeedIds => f.write_str("the reserved ids are used up"),
            Error::Again => f.write_str("the transaction must run again"),
            Error::Failed(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for Error {}

/// A trouble of the machine, which somebody must end. It is told with what to do, and travels as a context of the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No room on the disk.
    Full,
    /// The disk or the folder cannot be written.
    ReadOnly,
    /// The disk fails.
    Disk,
    /// The database file is not what was written.
    Damaged,
    /// The connection to the database broke: nobody knows whether the last commit was still done.
    Away,
}

impl Trouble {
    /// For machines, and the end of the key of its words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Trouble::Full => "full",
            Trouble::ReadOnly => "readonly",
            Trouble::Disk => "disk",
            Trouble::Damaged => "damaged",
            Trouble::Away => "away",
        }
    }

    /// The trouble behind a failure, if it is one of these.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Option<Trouble> {
        if let Some(trouble) = error.downcast_ref::<Trouble>() {
            return Some(*trouble);
        }
        error.chain().find_map(|cause| match cause.downcast_ref::<std::io::Error>()?.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Some(Trouble::Full),
            std::io::ErrorKind::ReadOnlyFilesystem => Some(Trouble::ReadOnly),
            _ => None,
        })
    }

    fn of_sqlite(error: &rusqlite::Error) -> Option<Trouble> {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code()? {
            ErrorCode::DiskFull => Some(Trouble::Full),
            ErrorCode::ReadOnly => Some(Trouble::ReadOnly),
            ErrorCode::SystemIoFailure => Some(Trouble::Disk),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some(Trouble::Damaged),
            _ => None,
        }
    }

    fn of_postgres(error: &postgres::Error) -> Option<Trouble> {
        use postgres::error::SqlState;
        match error.code() {
            Some(code) if *code == SqlState::DISK_FULL => Some(Trouble::Full),
            // The server stops, or starts again after one of its processes died.
            Some(code) if code.code().starts_with("57P") => Some(Trouble::Away),
            Some(_) => None,
            None => {
                let cause = std::error::Error::source(error);
                let broken =
                    error.is_closed() || cause.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
                broken.then_some(Trouble::Away)
            }
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Trouble::Full => "the disk is full; make room, everything that was acknowledged is safe",
            Trouble::ReadOnly => {
                "the disk cannot be written; look why it is read-only, everything that was acknowledged is safe"
            }
            Trouble::Disk => "the disk reports an error; look at the system's log and at the free space",
            Trouble::Damaged => {
                "the database file is damaged; stop the program, keep a copy of the data folder, look at the disk, and \
                 restore the last backup into an empty folder with `gezhi restore`"
            }
            Trouble::Away => "the database does not answer; see that its server runs and can be reached",
        })
    }
}

impl std::error::Error for Trouble {}

/// A failure with its trouble, where it is one.
pub(crate) fn troubled(error: anyhow::Error, trouble: Option<Trouble>) -> Error {
    Error::Failed(match trouble {
        Some(trouble) => error.context(trouble),
        None => error,
    })
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(Box::new(refusal))
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Refusal>() {
            Ok(refusal) => refusal.into(),
            Err(error) => Error::Failed(error),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let trouble = Trouble::of_sqlite(&error);
        troubled(error.into(), trouble)
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        match error.code() {
            Some(code)
                if *code == SqlState::T_R_SERIALIZATION_FAILURE
                    || *code == SqlState::T_R_DEADLOCK_DETECTED =>
            {
                Error::Again
            }
            _ => {
                let trouble = Trouble::of_postgres(&error);
                troubled(error.into(), trouble)
            }
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let error = anyhow::Error::from(error);
        let trouble = Trouble::of(&error);
        troubled(error, trouble)
    }
}
