//! The records both sides are asked about.

use crate::generate::Dice;
use condition::{Field, Schema, Type, Value};

/// 2026-03-12T01:00:00Z.
pub const NOW: i64 = 1_773_277_200_000;
pub const HOUR: i64 = 3_600_000;

/// The declared names and their types; the column of `x.n` is `n`. `x.small` is a 32-bit column on
/// PostgreSQL, to show that 64-bit arguments fit it.
pub const COLUMNS: [(&str, Type); 9] = [
    ("x.yes", Type::Bool),
    ("x.no", Type::Bool),
    ("x.n", Type::Int),
    ("x.small", Type::Int),
    ("x.s", Type::Text),
    ("x.t", Type::Text),
    ("x.at", Type::Time),
    ("x.due", Type::Time),
    ("bare", Type::Int),
];

const SQL: [&str; 9] = ["c.yes", "c.no", "c.n", "c.small", "c.s", "c.t", "c.at", "c.due", "c.bare + 0"];

/// Texts that LIKE, letter case, linguistic order, normalisation or UTF-16 order would get wrong.
pub const TEXTS: [&str; 24] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "AB",
    "b",
    "Z",
    "z",
    "路",
    "路灯",
    "路灯不亮",
    "不亮",
    "灯",
    "%",
    "_",
    "a%b",
    "a_b",
    "a\\b",
    "'",
    "é",
    "e\u{301}",
    "💡",
    "\u{ffff}",
];

pub const INTS: [i64; 9] = [-2, -1, 0, 1, 2, 3, 7, i64::MIN, i64::MAX];

pub fn schema() -> Schema {
    let fields: Vec<Field> =
        COLUMNS.iter().zip(SQL).map(|((name, ty), sql)| Field { name, ty: *ty, sql: Some(sql) }).collect();
    Schema::new(&fields)
}

/// The table, with the words of a database for yes/no, 64-bit numbers and the column `t`.
pub fn table(boolean: &str, bigint: &str, text: &str) -> String {
    format!(
        "create table record (id {bigint} primary key, yes {boolean}, no {boolean}, n {bigint}, \
         small integer, s text, t {text}, at {bigint}, due {bigint}, bare {bigint})"
    )
}

pub struct Record {
    id: usize,
    values: Vec<Value>,
}

impl Record {
    pub fn get(&self, name: &str) -> Value {
        let column = COLUMNS.iter().position(|(column, _)| *column == name);
        column.map_or(Value::Absent, |column| self.values[column].clone())
    }

    pub fn insert(&self, yes: &str, no: &str) -> String {
        let mut sql = format!("insert into record values ({}", self.id);
        for value in &self.values {
            let literal = match value {
                Value::Bool(true) => yes.to_owned(),
                Value::Bool(false) => no.to_owned(),
                // The smallest number has no literal of its own in SQL.
                Value::Int(n) if *n == i64::MIN => "(-9223372036854775807 - 1)".to_owned(),
                Value::Int(n) | Value::Time(n) => n.to_string(),
                Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
                _ => "null".to_owned(),
            };
            sql.push_str(", ");
            sql.push_str(&literal);
        }
        sql + ")"
    }
}

/// 60 records: the first knows nothing, the others lack about one value in five.
pub fn records() -> Vec<Record> {
    let mut dice = Dice(11);
    let mut value = |ty: Type, small: bool| match ty {
        _ if dice.roll(5) == 0 => Value::Absent,
        Type::Bool => Value::Bool(dice.roll(2) == 0),
        Type::Int if small => Value::Int(INTS[dice.roll(7)]),
        Type::Int => Value::Int(*dice.pick(&INTS)),
        Type::Text => Value::Text((*dice.pick(&TEXTS)).to_owned()),
        _ => Value::Time(NOW + HOUR * (i64::try_from(dice.roll(9)).unwrap() - 4)),
    };
    (0..60)
        .map(|id| Record {
            id,
            values: COLUMNS
                .iter()
                .map(|(name, ty)| {
                    let value = value(*ty, matches!(*name, "x.small" | "bare"));
                    if id == 0 { Value::Absent } else { value }
                })
                .collect(),
        })
        .collect()
}
