//! The one condition language of Gezhi: CEL as a total subset (DECISIONS 21).
//!
//! Who may act, when a rule fires, what a view shows, what an indicator counts: each is one text such as
//! `case.returned > 0 && case.state in ["open", "handling"]`. It is parsed once against declared, typed
//! names, evaluated in memory for one record ([`Condition::eval`]) and compiled to SQL for a million
//! ([`Condition::to_sql`]); both give the same answer.
//!
//! # The language
//!
//! - Joining: `&&`, `||`, `!`, parentheses. `true` and `false` stand for themselves, a declared yes/no
//!   name stands bare: `!case.urgent`.
//! - Comparing: `==`, `!=` on all values, `<`, `<=`, `>`, `>=` on numbers, instants, durations and texts
//!   (texts by code point). Both sides are values, never conditions.
//! - `case.state in ["open", "closed"]`, a list of constants; `"community-3" in actor.units`, a declared list.
//! - `case.title.startsWith("a")`, `.contains(..)`, `.endsWith(..)`: case-sensitive, no pattern characters.
//! - `has(case.unit)`, the same as `case.unit != null`; `case.unit == null`.
//! - Time: `now`, `timestamp("2026-03-12T09:00:00+08:00")`, `duration("1h30m")` (units `h`, `m`, `s`, `ms`),
//!   instant ± duration, instant − instant.
//!
//! Nothing else: no macros, no regular expressions, no other arithmetic, no `?:`, no indexing, no maps.
//!
//! # Absent values
//!
//! A comparison, a membership or a text test with an absent value is false, and so its negation is true:
//! with `case.unit` absent, `case.unit == "a"` and `case.unit != "a"` are both false and
//! `!(case.unit == "a")` is true. A bare absent yes/no name is false. Only `has` and `null` look at absence.
//!
//! # Bounds
//!
//! A text has at most [`MAX_BYTES`] bytes, [`MAX_NODES`] nodes and [`MAX_DEPTH`] levels of brackets. All
//! three, and every name and function, are checked before the parser sees the text. Evaluation takes one
//! pass over the nodes.
#![deny(missing_docs)]

mod compile;
mod error;
mod eval;
mod scan;
mod schema;
mod sql;
mod tree;

pub use error::ConditionError;
pub use scan::{MAX_BYTES, MAX_DEPTH, MAX_NODES};
pub use schema::{Facts, Field, Schema, Type, Value};
pub use sql::{Dialect, SqlPart};

use std::fmt;
use std::sync::Arc;

/// A condition that was parsed and type-checked. Cheap to clone; displays as the text it was parsed from.
#[derive(Clone)]
pub struct Condition(Arc<Inner>);

struct Inner {
    text: String,
    test: tree::Test,
    names: Vec<&'static str>,
}

impl Condition {
    /// Parses and type-checks a text.
    ///
    /// # Errors
    /// A coded [`ConditionError`] when the text is too large, is not in the language, uses a name that is
    /// not declared, or compares what cannot be compared. The codes are listed at [`ConditionError`].
    pub fn parse(text: &str, schema: &Schema) -> Result<Condition, ConditionError> {
        scan::check(text, schema)?;
        let (test, names) = on_a_deep_stack(|| compile::compile(text, schema))?;
        Ok(Condition(Arc::new(Inner { text: text.to_owned(), test, names })))
    }

    /// Whether the condition holds for one record at the instant `now_ms` (UTC milliseconds). A fact whose
    /// type is not the declared one counts as absent.
    #[must_use]
    pub fn eval(&self, facts: &dyn Facts, now_ms: i64) -> bool {
        eval::test(&self.0.test, facts, now_ms)
    }

    /// The condition as a boolean SQL expression, never NULL, whose placeholders are `$first_param`,
    /// `$first_param + 1` and so on; `now_ms` (UTC milliseconds) is an argument where `now` is used.
    ///
    /// # Errors
    /// `condition.memory_only` when it uses a name that has no SQL expression, or a list name.
    pub fn to_sql(
        &self,
        dialect: Dialect,
        first_param: usize,
        now_ms: i64,
    ) -> Result<SqlPart, ConditionError> {
        sql::compile(&self.0.test, dialect, first_param, now_ms)
    }

    /// The declared names the condition uses, sorted, each once; `now` is not among them.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.names.iter().copied()
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// Bytes of stack for the parser. Without optimisation it takes about 160 kB for each level of brackets,
/// so that [`MAX_DEPTH`] levels need 4 MB; a server's thread has 2 MB, of which its caller used some.
const PARSER_STACK: usize = 16 << 20;

/// Runs the parser on a thread of its own. Conditions are parsed when they are written or loaded, not when
/// they are evaluated, so the start of a thread does not count.
fn on_a_deep_stack<T: Send>(
    parse: impl FnOnce() -> Result<T, ConditionError> + Send,
) -> Result<T, ConditionError> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("condition".to_owned()).stack_size(PARSER_STACK);
        let parser = builder.spawn_scoped(scope, parse).ok()?;
        parser.join().ok()
    })
    .unwrap_or_else(|| Err(ConditionError::new("condition.not_parsed", None)))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.0.text).finish()
    }
}
