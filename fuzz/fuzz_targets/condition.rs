//! A condition that an administrator types: read or refused, and read again from what it says it was.
#![no_main]

use condition::{Condition, Dialect, Facts, Field, Schema, Type, Value};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let field = |name, ty, sql| Field { name, ty, sql };
    Schema::new(&[
        field("case.urgent", Type::Bool, Some("c.urgent")),
        field("case.returned", Type::Int, Some("c.returned")),
        field("case.title", Type::Text, Some("c.title")),
        field("case.opened", Type::Time, Some("c.opened")),
        field("actor.units", Type::TextList, None),
    ])
});

struct Case;

impl Facts for Case {
    fn get(&self, name: &str) -> Value {
        match name {
            "case.urgent" => Value::Bool(true),
            "case.returned" => Value::Int(i64::MIN),
            "case.title" => Value::Text("a\"b\\".to_owned()),
            "case.opened" => Value::Time(i64::MAX),
            _ => Value::Absent,
        }
    }
}

fuzz_target!(|text: &str| {
    let Ok(condition) = Condition::parse(text, &SCHEMA) else { return };
    let again = Condition::parse(condition.text(), &SCHEMA).expect("what was read once");
    for now in [i64::MIN, 0, i64::MAX] {
        assert_eq!(condition.eval(&Case, now), again.eval(&Case, now));
    }
    let _ = (Dialect::Sqlite, Dialect::Postgres);
});
