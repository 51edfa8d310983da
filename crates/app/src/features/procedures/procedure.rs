//! A procedure as data.

/// A procedure.
#[derive(Debug)]
pub struct Procedure {
    /// Its key.
    pub key: String,
}
