//! Refusals: what a user may not do or must correct, as coded data. The words live in the word files
//! under `refusal-<code with dots as dashes>`; Rust holds only the code and the arguments (DECISIONS 29).

use serde::Serialize;

/// A coded refusal: the user's problem, never ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// `capability.verb.reason`, for example `demands.return.already_ruled`.
    pub code: &'static str,
    /// The input field it is about, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Named arguments for the words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(&'static str, String)>,
    /// How the web answers it.
    #[serde(skip)]
    pub kind: RefusalKind,
}

/// What sort of refusal it is, which decides the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RefusalKind {
    /// Input to correct, or a rule that forbids the act (422).
    #[default]
    Rule,
    /// The actor may not do this (403).
    Forbidden,
    /// Not there, or not in the actor's scope: both look the same (404).
    NotFound,
    /// Somebody was faster; the record has changed (409).
    Conflict,
    /// Too many tries (429).
    TooMany,
    /// More bytes than are taken (413).
    TooLarge,
}

impl Refusal {
    /// A rule that refuses, or input to correct.
    #[must_use]
    pub fn rule(code: &'static str) -> Refusal {
        Refusal { code, field: None, args: Vec::new(), kind: RefusalKind::Rule }
    }

    /// The actor lacks the right.
    #[must_use]
    pub fn forbidden(code: &'static str) -> Refusal {
        Refusal { kind: RefusalKind::Forbidden, ..Refusal::rule(code) }
    }

    /// Not there or outside scope; one code, so that nothing can be told apart.
    #[must_use]
    pub fn not_found() -> Refusal {
        Refusal { kind: RefusalKind::NotFound, ..Refusal::rule("common.not_found") }
    }

    /// The record has changed since it was read.
    #[must_use]
    pub fn conflict() -> Refusal {
        Refusal { kind: RefusalKind::Conflict, ..Refusal::rule("common.conflict") }
    }

    /// Too many tries in a window.
    #[must_use]
    pub fn too_many() -> Refusal {
        Refusal { kind: RefusalKind::TooMany, ..Refusal::rule("common.too_many") }
    }

    /// More bytes than are taken; `most` is in the unit that the words of the code name.
    #[must_use]
    pub fn too_large(code: &'static str, most: usize) -> Refusal {
        Refusal { kind: RefusalKind::TooLarge, ..Refusal::rule(code) }.with("most", most)
    }

    /// A required field is empty.
    #[must_use]
    pub fn missing(field: &'static str) -> Refusal {
        Refusal::rule("common.missing").on(field).with("field", field)
    }

    /// Names the field.
    #[must_use]
    pub fn on(mut self, field: &'static str) -> Refusal {
        self.field = Some(field);
        self
    }

    /// Adds an argument for the words.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts read the same at the call")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Refusal {
        self.args.push((name, value.to_string()));
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
