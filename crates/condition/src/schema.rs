//! The declared names: what a condition may speak about.

use std::fmt;
use std::sync::Arc;

/// The type of a declared name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A text, without NUL characters; states and other keys are texts too.
    Text,
    /// An instant, UTC milliseconds between the years −9999 and 9999.
    Time,
    /// A list of texts; in memory only.
    TextList,
}

/// One declared name.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What the condition writes: identifiers joined by dots, for example `case.returned`.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// The SQL expression of its column: boolean (0 and 1 on SQLite) for [`Type::Bool`], integer for
    /// [`Type::Int`] and [`Type::Time`], text for [`Type::Text`]. `None` when it is known in memory only.
    pub sql: Option<&'static str>,
}

/// The names a condition may use. Protected fields are simply not declared. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Schema {
    fields: Arc<[Field]>,
}

impl Schema {
    /// Declares the names; `now`, an instant, is always there besides. A name is one or more identifiers
    /// joined by dots and is declared once; in debug builds anything else panics.
    #[must_use]
    pub fn new(fields: &[Field]) -> Schema {
        for (i, field) in fields.iter().enumerate() {
            debug_assert!(is_name(field.name), "not a name a condition can use: {}", field.name);
            debug_assert!(fields[..i].iter().all(|f| f.name != field.name), "declared twice: {}", field.name);
        }
        Schema { fields: fields.into() }
    }

    /// The declared names, for help texts and editors.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(crate) fn find(&self, name: &str) -> Option<Field> {
        self.fields.iter().find(|field| field.name == name).copied()
    }
}

fn is_name(name: &str) -> bool {
    let ident = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    !matches!(name, "now" | "true" | "false" | "null" | "in") && name.split('.').all(ident)
}

/// A value of a record, of a constant, or of an SQL argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing is known.
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// An instant, UTC milliseconds.
    Time(i64),
    /// A list of texts.
    TextList(Vec<String>),
}

/// One record: what is known under each declared name.
pub trait Facts {
    /// The value under a declared name; [`Value::Absent`] when there is none.
    fn get(&self, name: &str) -> Value;
}

impl<F: Fn(&str) -> Value> Facts for F {
    fn get(&self, name: &str) -> Value {
        self(name)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Text => "text",
            Type::Time => "time",
            Type::TextList => "text_list",
        })
    }
}
