//! Why a text is no condition, as coded data; the words live in the word files.

use kernel::Refusal;
use std::fmt;

/// Why a text is refused, or cannot become SQL.
///
/// | code | meaning | arguments |
/// |---|---|---|
/// | `condition.empty` | nothing but white space | |
/// | `condition.too_long` | more than [`crate::MAX_BYTES`] bytes | `bytes`, `max` |
/// | `condition.too_deep` | more than [`crate::MAX_DEPTH`] levels of brackets | `max` |
/// | `condition.too_many_nodes` | more than [`crate::MAX_NODES`] names, values, operators, calls and lists | `max` |
/// | `condition.character` | a character that has no place in the language, or not there | `character` |
/// | `condition.number` | not a whole number of 64 bits | `number` |
/// | `condition.text_open` | a text without closing quote | |
/// | `condition.escape` | an escape other than `\\`, `\"`, `\'`, `\n`, `\r`, `\t` | `escape` |
/// | `condition.unknown_name` | a name that is not declared | `name` |
/// | `condition.unknown_function` | a function or macro that is not in the language | `name` |
/// | `condition.has_operand` | `has` of something that is not one dotted name | |
/// | `condition.syntax` | the parts are known but do not fit together | |
/// | `condition.not_a_condition` | a value stands where a condition is needed | `found` |
/// | `condition.not_a_value` | a condition, a list or `null` stands where a value is needed | `found` |
/// | `condition.types` | two values that cannot be compared or computed with | `operator`, `left`, `right` |
/// | `condition.list` | the right side of `in` is no list | `found` |
/// | `condition.list_item` | a list item is no constant of the type of the left side | `left` |
/// | `condition.null` | `null` beside something that is not a declared name, or with an order | |
/// | `condition.argument` | a function with a wrong argument | `function`, `expected` |
/// | `condition.duration` | not a duration such as `1h30m`, or over 100 years | `text` |
/// | `condition.timestamp` | not RFC 3339 with a zone | `text` |
/// | `condition.not_parsed` | the machine had no thread for the parser: try again | |
/// | `condition.memory_only` | from [`crate::Condition::to_sql`]: the name has no SQL expression | `name` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// The code, `condition.…`.
    pub code: &'static str,
    /// Where in the text it is, as a byte offset on a character boundary; `None` when it is the whole text.
    pub at: Option<usize>,
    /// Named arguments for the words.
    pub args: Vec<(&'static str, String)>,
}

impl ConditionError {
    pub(crate) fn new(code: &'static str, at: impl Into<Option<usize>>) -> ConditionError {
        ConditionError { code, at: at.into(), args: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> ConditionError {
        self.args.push((name, value.to_string()));
        self
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        if let Some(at) = self.at {
            write!(f, " at={at}")?;
        }
        for (name, value) in &self.args {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConditionError {}

/// A rule of the office that refuses; the position becomes the argument `at`.
impl From<ConditionError> for Refusal {
    fn from(error: ConditionError) -> Refusal {
        let mut refusal = Refusal::rule(error.code);
        refusal.args = error.args;
        match error.at {
            Some(at) => refusal.with("at", at),
            None => refusal,
        }
    }
}
