//! Memory, SQLite and PostgreSQL give the same answer: 10,000 generated conditions over records with
//! absent values. PostgreSQL takes part when TEST_PG_URL names a database.
#![cfg(test)]

mod generate;
mod records;

use condition::{Condition, Dialect, SqlPart, Value};
use generate::Generator;
use records::{NOW, Record, records, schema};
use std::collections::BTreeMap;

const CONDITIONS: usize = 10_000;

/// For each record in order: 0 false, 1 true, 2 NULL, which must not occur.
type Answers = Vec<i32>;

/// The statement that asks a database about every record; the condition's numbers begin at 2.
fn statement(part: &SqlPart) -> String {
    let sql = &part.text;
    format!(
        "select case when ({sql}) then 1 when not ({sql}) then 0 else 2 end \
         from record c where id >= cast($1 as bigint) order by id"
    )
}

/// How often each operator was the whole condition and false, true, over all records.
type Tally = BTreeMap<&'static str, [usize; 2]>;

/// Runs the conditions against one database and compares every answer with memory.
fn agree(dialect: Dialect, seed: u64, mut ask: impl FnMut(&str, &[Value]) -> Answers) {
    let (schema, records) = (schema(), records());
    let mut generator = Generator::new(seed);
    let mut tally = Tally::new();
    for _ in 0..CONDITIONS {
        let (text, operator) = generator.condition();
        let condition = Condition::parse(&text, &schema).unwrap_or_else(|error| panic!("{text}: {error}"));
        let memory: Answers = records
            .iter()
            .map(|record| i32::from(condition.eval(&|name: &str| record.get(name), NOW)))
            .collect();
        let part = condition.to_sql(dialect, 2, NOW).unwrap_or_else(|error| panic!("{text}: {error}"));
        let answers = ask(&statement(&part), &part.args);
        assert_eq!(memory, answers, "{dialect:?} disagrees: {text}\n{}\n{:?}", part.text, part.args);
        if let Some(operator) = operator {
            let [no, yes] = tally.entry(operator).or_default();
            let hits = memory.iter().filter(|answer| **answer == 1).count();
            (*no, *yes) = (*no + memory.len() - hits, *yes + hits);
        }
    }
    for operator in generate::OPERATORS {
        let count = tally.get(operator).copied().unwrap_or_default();
        assert!(count[0] > 0 && count[1] > 0, "{operator} was not true and false in turn: {count:?}");
        assert!(generator.used(operator) > 50, "{operator} was hardly tried");
    }
    for joint in ["&&", "||", "!"] {
        assert!(generator.used(joint) > 1_000, "{joint} was hardly tried");
    }
}

#[test]
fn memory_and_sqlite_agree_on_ten_thousand_conditions() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(&records::table("integer", "integer", "text")).unwrap();
    for record in records() {
        db.execute_batch(&record.insert("1", "0")).unwrap();
    }
    agree(Dialect::Sqlite, 1, |sql, args| {
        let mut statement = db.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let mut bind = |n: usize, value: &dyn rusqlite::ToSql| {
            let index = statement.parameter_index(&format!("${n}")).unwrap().unwrap();
            statement.raw_bind_parameter(index, value).unwrap();
        };
        bind(1, &0);
        for (i, value) in args.iter().enumerate() {
            match value {
                Value::Int(n) | Value::Time(n) => bind(i + 2, n),
                Value::Text(text) => bind(i + 2, text),
                other => panic!("no argument should be {other:?}"),
            }
        }
        let mut rows = statement.raw_query();
        let mut answers = Answers::new();
        while let Some(row) = rows.next().unwrap() {
            answers.push(row.get(0).unwrap());
        }
        answers
    });
}

#[test]
fn memory_and_postgresql_agree_on_ten_thousand_conditions() {
    let Ok(url) = std::env::var("TEST_PG_URL") else {
        eprintln!("skipped: TEST_PG_URL is not set, so PostgreSQL was not asked");
        return;
    };
    let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let linguistic: bool = db
        .query_one("select exists (select 1 from pg_collation where collname = 'und-x-icu')", &[])
        .unwrap()
        .get(0);
    let text = if linguistic { "text collate \"und-x-icu\"" } else { "text" };
    let table = records::table("boolean", "bigint", text).replace("create table", "create temporary table");
    db.batch_execute(&table).unwrap();
    for record in records() {
        db.batch_execute(&record.insert("true", "false")).unwrap();
    }
    agree(Dialect::Postgres, 2, |sql, args| {
        let mut values: Vec<&(dyn postgres::types::ToSql + Sync)> = vec![&0_i64];
        for value in args {
            match value {
                Value::Int(n) | Value::Time(n) => values.push(n),
                Value::Text(text) => values.push(text),
                other => panic!("no argument should be {other:?}"),
            }
        }
        let rows = db.query(sql, &values).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.iter().map(|row| row.get(0)).collect()
    });
}

#[test]
fn the_records_hold_absent_values_in_every_column() {
    let records: Vec<Record> = records();
    for (name, _) in records::COLUMNS {
        let absent = records.iter().filter(|record| record.get(name) == Value::Absent).count();
        assert!(absent > 0 && absent < records.len() / 2, "{name}: {absent} of {}", records.len());
    }
}
