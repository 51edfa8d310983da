//! A figure's value as pages show it: every number of records leads to a list of exactly that length.

/// A number that leads to the records it counts; blank for none.
#[derive(Clone, Debug, Default)]
pub struct Number {
    /// The number.
    pub text: String,
    /// The list of that length.
    pub href: String,
}

/// What a value is made of: numerator and denominator of a share, the records behind a mean in `above`; nothing
/// beside a count, which is its own list.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The numerator, or the records.
    pub above: Number,
    /// The denominator.
    pub below: Number,
}

/// A value in a table: a count leads to its records, a share and a mean stand before theirs.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The value.
    pub text: String,
    /// Its records, for a count.
    pub href: String,
    /// Its records, for all others.
    pub parts: Parts,
}
