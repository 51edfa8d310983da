//! A condition for one record, in memory.

use crate::schema::{Facts, Type, Value};
use crate::tree::{Named, Term, Test, TextTest};
use std::borrow::Cow;
use std::cmp::Ordering;

pub(crate) fn test(test: &Test, facts: &dyn Facts, now: i64) -> bool {
    match test {
        Test::Const(value) => *value,
        Test::All(parts) => parts.iter().all(|part| self::test(part, facts, now)),
        Test::Any(parts) => parts.iter().any(|part| self::test(part, facts, now)),
        Test::Not(part) => !self::test(part, facts, now),
        Test::Flag(named) => fact(named, facts) == Value::Bool(true),
        Test::Present(named) => fact(named, facts) != Value::Absent,
        Test::Compare(order, left, right) => {
            compare(&term(left, facts, now), &term(right, facts, now)).is_some_and(|o| order.holds(o))
        }
        Test::OneOf(left, items) => {
            let left = term(left, facts, now);
            items.iter().any(|item| compare(&left, item) == Some(Ordering::Equal))
        }
        Test::Member(left, list) => match (&*term(left, facts, now), fact(list, facts)) {
            (Value::Text(left), Value::TextList(items)) => items.contains(left),
            _ => false,
        },
        Test::Text(which, whole, part) => match (&*term(whole, facts, now), &*term(part, facts, now)) {
            (Value::Text(whole), Value::Text(part)) => match which {
                TextTest::StartsWith => whole.starts_with(part.as_str()),
                TextTest::Contains => whole.contains(part.as_str()),
                TextTest::EndsWith => whole.ends_with(part.as_str()),
            },
            _ => false,
        },
    }
}

/// The value of a term. Durations and computed instants are milliseconds in an `Int`: the kinds were
/// checked when the condition was parsed.
pub(crate) fn term<'a>(term: &'a Term, facts: &dyn Facts, now: i64) -> Cow<'a, Value> {
    Cow::Owned(match term {
        Term::Const(value) => return Cow::Borrowed(value),
        Term::Field(named) => fact(named, facts),
        Term::Now => Value::Time(now),
        Term::Span(ms) => Value::Int(*ms),
        Term::Sum(a, b) => computed(a, b, facts, now, i64::saturating_add),
        Term::Difference(a, b) => computed(a, b, facts, now, i64::saturating_sub),
    })
}

fn computed(a: &Term, b: &Term, facts: &dyn Facts, now: i64, how: fn(i64, i64) -> i64) -> Value {
    match (number(&term(a, facts, now)), number(&term(b, facts, now))) {
        (Some(a), Some(b)) => Value::Int(how(a, b)),
        _ => Value::Absent,
    }
}

/// A fact of the declared type; anything else counts as absent.
fn fact(named: &Named, facts: &dyn Facts) -> Value {
    let value = facts.get(named.field.name);
    let fits = matches!(
        (named.field.ty, &value),
        (Type::Bool, Value::Bool(_))
            | (Type::Int, Value::Int(_))
            | (Type::Text, Value::Text(_))
            | (Type::Time, Value::Time(_))
            | (Type::TextList, Value::TextList(_))
    );
    if fits { value } else { Value::Absent }
}

/// `None` when one side is absent.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => Some(number(left)?.cmp(&number(right)?)),
    }
}

pub(crate) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) | Value::Time(n) => Some(*n),
        _ => None,
    }
}
