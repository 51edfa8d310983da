//! The checked condition: what evaluation and SQL walk over.

use crate::schema::{Field, Type, Value};
use std::cmp::Ordering;
use std::fmt;

/// Something that is true or false.
#[derive(Debug)]
pub(crate) enum Test {
    Const(bool),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Flag(Named),
    Present(Named),
    Compare(Order, Term, Term),
    OneOf(Term, Vec<Value>),
    Member(Term, Named),
    Text(TextTest, Term, Term),
}

/// A value, of one kind whatever the record.
#[derive(Debug)]
pub(crate) enum Term {
    Field(Named),
    Const(Value),
    Now,
    /// A duration in milliseconds.
    Span(i64),
    Sum(Box<Term>, Box<Term>),
    Difference(Box<Term>, Box<Term>),
}

/// A declared name and where it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) field: Field,
    pub(crate) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    Contains,
    EndsWith,
}

/// The type of a term: a declared type, or a duration, which no name has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Of(Type),
    Span,
}

impl Order {
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Order::Equal => order.is_eq(),
            Order::NotEqual => order.is_ne(),
            Order::Less => order.is_lt(),
            Order::AtMost => order.is_le(),
            Order::More => order.is_gt(),
            Order::AtLeast => order.is_ge(),
        }
    }

    pub(crate) fn is_equality(self) -> bool {
        matches!(self, Order::Equal | Order::NotEqual)
    }

    /// As written in a condition.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Order::Equal => "==",
            Order::NotEqual => "!=",
            Order::Less => "<",
            Order::AtMost => "<=",
            Order::More => ">",
            Order::AtLeast => ">=",
        }
    }
}

impl Term {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Term::Field(named) => Kind::Of(named.field.ty),
            Term::Const(value) => Kind::Of(type_of(value)),
            Term::Now => Kind::Of(Type::Time),
            Term::Span(_) => Kind::Span,
            Term::Sum(..) => Kind::Of(Type::Time),
            Term::Difference(_, right) if right.kind() == Kind::Span => Kind::Of(Type::Time),
            Term::Difference(..) => Kind::Span,
        }
    }

    /// Whether it is the same for every record at one instant.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Term::Field(_) => false,
            Term::Const(_) | Term::Now | Term::Span(_) => true,
            Term::Sum(a, b) | Term::Difference(a, b) => a.is_fixed() && b.is_fixed(),
        }
    }
}

/// The type of a constant; constants are never absent.
fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Time(_) => Type::Time,
        Value::TextList(_) => Type::TextList,
        Value::Text(_) | Value::Absent => Type::Text,
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Of(ty) => ty.fmt(f),
            Kind::Span => f.write_str("duration"),
        }
    }
}
