//! A condition as SQL that answers as memory does, on SQLite and on PostgreSQL.
//!
//! Every comparison is wrapped in `coalesce(…, false)`, so that what is joined and negated above it is
//! never NULL. LIKE is not used: on SQLite it is blind to case, and its pattern characters would need
//! escaping. Constants become arguments, cast so that PostgreSQL need not guess their type.

use crate::error::ConditionError;
use crate::eval;
use crate::schema::{Type, Value};
use crate::tree::{Kind, Named, Order, Term, Test, TextTest};
use std::fmt::Write;

/// Which database the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, from 3.23 (for the words `true` and `false`).
    Sqlite,
    /// PostgreSQL, with UTF-8 as the encoding of the database.
    Postgres,
}

/// A boolean SQL expression and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlPart {
    /// The expression. It is complete in itself: joined by `and` or `or` it needs brackets.
    pub text: String,
    /// The arguments in the order of their numbers: `Int` and `Time` as 64-bit integers, `Text` as text;
    /// no other kind occurs. A placeholder may stand several times.
    pub args: Vec<Value>,
}

pub(crate) fn compile(
    test: &Test,
    dialect: Dialect,
    first_param: usize,
    now: i64,
) -> Result<SqlPart, ConditionError> {
    let mut writer = Writer { text: String::new(), args: Vec::new(), dialect, first_param, now };
    writer.test(test)?;
    Ok(SqlPart { text: writer.text, args: writer.args })
}

struct Writer {
    text: String,
    args: Vec<Value>,
    dialect: Dialect,
    first_param: usize,
    now: i64,
}

impl Writer {
    fn test(&mut self, test: &Test) -> Result<(), ConditionError> {
        match test {
            Test::Const(value) => self.constant(*value),
            Test::All(parts) => return self.joined(parts, " and "),
            Test::Any(parts) => return self.joined(parts, " or "),
            Test::Not(part) => {
                self.text.push_str("not (");
                self.test(part)?;
                self.text.push(')');
            }
            Test::Flag(named) => {
                let column = column(named)?;
                self.put(&["coalesce(", &column, ", false)"]);
            }
            Test::Present(named) => {
                let column = column(named)?;
                self.put(&[&column, " is not null"]);
            }
            Test::Compare(_, left, right) | Test::Text(_, left, right)
                if left.is_fixed() && right.is_fixed() =>
            {
                self.fixed(test);
            }
            Test::OneOf(left, _) if left.is_fixed() => self.fixed(test),
            Test::Compare(order, left, right) => {
                let (left_sql, right_sql) = (self.term(left)?, self.term(right)?);
                let by_code_point = self.collation(*order, left.kind());
                self.put(&["coalesce(", &left_sql, by_code_point, sign(*order), &right_sql, ", false)"]);
            }
            Test::OneOf(left, items) => return self.one_of(left, items),
            Test::Member(_, list) => return Err(memory_only(list)),
            Test::Text(which, whole, part) => return self.text_test(*which, whole, part),
        }
        Ok(())
    }

    fn joined(&mut self, parts: &[Test], word: &str) -> Result<(), ConditionError> {
        for (i, part) in parts.iter().enumerate() {
            self.text.push_str(if i == 0 { "(" } else { word });
            self.test(part)?;
        }
        self.text.push(')');
        Ok(())
    }

    fn one_of(&mut self, left: &Term, items: &[Value]) -> Result<(), ConditionError> {
        let args_before = self.args.len();
        let left = self.term(left)?;
        if items.is_empty() {
            // PostgreSQL has no empty list. The left side is not written, so its arguments go too.
            self.args.truncate(args_before);
            self.constant(false);
            return Ok(());
        }
        let items: Vec<String> = items.iter().map(|item| self.argument(item.clone())).collect();
        self.put(&["coalesce(", &left, " in (", &items.join(", "), "), false)"]);
        Ok(())
    }

    fn text_test(&mut self, which: TextTest, whole: &Term, part: &Term) -> Result<(), ConditionError> {
        let (whole, part) = (self.term(whole)?, self.term(part)?);
        let test = match (which, self.dialect) {
            (TextTest::Contains, Dialect::Sqlite) => format!("instr({whole}, {part}) > 0"),
            (TextTest::Contains, Dialect::Postgres) => format!("strpos({whole}, {part}) > 0"),
            (TextTest::StartsWith, _) => format!("substr({whole}, 1, length({part})) = {part}"),
            // Where the part is the longer one, the databases start elsewhere, but neither finds so much text.
            (TextTest::EndsWith, _) => {
                format!("substr({whole}, length({whole}) - length({part}) + 1) = {part}")
            }
        };
        self.put(&["coalesce(", &test, ", false)"]);
        Ok(())
    }

    fn term(&mut self, term: &Term) -> Result<String, ConditionError> {
        if let Term::Field(named) = term {
            return column(named);
        }
        if term.is_fixed() {
            let value = eval::term(term, &|_: &str| Value::Absent, self.now).into_owned();
            return Ok(self.argument(value));
        }
        let (Term::Sum(a, b) | Term::Difference(a, b)) = term else {
            // Every other term is a field or fixed.
            return Ok("null".to_owned());
        };
        let sign = if matches!(term, Term::Sum(..)) { '+' } else { '-' };
        let (a, b) = (self.term(a)?, self.term(b)?);
        Ok(format!("({a} {sign} {b})"))
    }

    /// Texts are ordered by code point, whatever the column or the database is set to.
    fn collation(&self, order: Order, kind: Kind) -> &'static str {
        match self.dialect {
            _ if order.is_equality() || kind != Kind::Of(Type::Text) => "",
            Dialect::Sqlite => " collate binary",
            Dialect::Postgres => " collate \"C\"",
        }
    }

    fn fixed(&mut self, test: &Test) {
        self.constant(eval::test(test, &|_: &str| Value::Absent, self.now));
    }

    fn constant(&mut self, value: bool) {
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn argument(&mut self, value: Value) -> String {
        let ty = match value {
            Value::Bool(value) => return value.to_string(),
            Value::Text(_) => "text",
            _ => "bigint",
        };
        self.args.push(value);
        format!("cast(${} as {ty})", self.first_param + self.args.len() - 1)
    }

    fn put(&mut self, pieces: &[&str]) {
        for piece in pieces {
            // Writing to a String does not fail.
            let _ = self.text.write_str(piece);
        }
    }
}

fn column(named: &Named) -> Result<String, ConditionError> {
    named.field.sql.map(|sql| format!("({sql})")).ok_or_else(|| memory_only(named))
}

fn memory_only(named: &Named) -> ConditionError {
    ConditionError::new("condition.memory_only", named.at).with("name", &named.field.name)
}

fn sign(order: Order) -> &'static str {
    match order {
        Order::Equal => " = ",
        Order::NotEqual => " <> ",
        Order::Less => " < ",
        Order::AtMost => " <= ",
        Order::More => " > ",
        Order::AtLeast => " >= ",
    }
}
