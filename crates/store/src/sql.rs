//! Statements: a text that both databases run, or a pair where they differ.

use crate::Dialect;

/// One statement. `Pair` is for the few that cannot be written once; a test counts them.
#[derive(Clone, Copy, Debug)]
pub enum Sql {
    /// Runs on both.
    Both(&'static str),
    /// Differs.
    Pair {
        /// The text for SQLite.
        sqlite: &'static str,
        /// The text for PostgreSQL.
        pg: &'static str,
    },
}

/// What can be run: a constant [`Sql`], or a list composed by [`crate::Query`].
pub trait Statement {
    /// The text for a dialect.
    fn text(&self, dialect: Dialect) -> &str;
}

impl Statement for Sql {
    fn text(&self, dialect: Dialect) -> &str {
        match (self, dialect) {
            (Sql::Both(text), _) => text,
            (Sql::Pair { sqlite, .. }, Dialect::Sqlite) => sqlite,
            (Sql::Pair { pg, .. }, Dialect::Postgres) => pg,
        }
    }
}

/// Declares a feature's statements. A test finds them in the source and prepares each on both databases.
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: $crate::Sql = $sql;)*
    };
}
