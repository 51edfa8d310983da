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
        Error::Failed(error.into())
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
            _ => Error::Failed(error.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Failed(error.into())
    }
}
