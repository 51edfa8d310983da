//! A demo office grown to as many cases as are asked for: its own year copied, under ids and numbers of their own, into
//! the years before it. What is copied is what lists, figures and searches read; hashes are not made again, so `verify`
//! would refuse such an office.

use crate::raw::{Conn, Engine};
use anyhow::Result;

/// How many ids one copy takes.
const STEP: i64 = 1_000_000;
/// Cases of one year: what a busy office has.
const YEAR: i64 = 100_000;

/// How a column of a copy differs.
fn column(name: &str) -> &'static str {
    match name {
        "id" | "case_id" | "stream_id" => "id",
        "report" => "report",
        "no" | "number" => "unique",
        "moved" => "seal",
        name if name.ends_with("_at") || name == "next_alarm" || name == "at" => "instant",
        name if name.ends_with("_day") => "day",
        _ => "same",
    }
}

/// The tables that are copied, with the condition on the case that its rows belong to.
const TABLES: [(&str, &str); 9] = [
    ("cases", "t.id"),
    ("report_case", "t.case_id"),
    ("assignment", "t.case_id"),
    ("request", "t.case_id"),
    ("callback", "t.case_id"),
    ("clock", "t.case_id"),
    ("upper_link", "t.case_id"),
    ("event", "t.stream_id"),
    ("stream", "t.stream_id"),
];

/// Grows an office to about `cases`; returns how many it has. Cases that are still open are copied within the last year
/// only.
///
/// # Errors
/// When the database refuses.
pub fn grow(engine: &Engine, cases: i64) -> Result<i64> {
    let mut conn = engine.open()?;
    if matches!(engine, Engine::Sqlite(_)) {
        conn.batch("pragma synchronous = off; pragma cache_size = -400000")?;
    }
    let count = "select count(*) from cases";
    let base = format!("select count(*) from cases where id < {STEP}");
    let (all, mut have) = (conn.number(&base)?, conn.number(count)?);
    let closed =
        conn.number(&format!("select count(*) from cases where id < {STEP} and closed_at is not null"))?;
    let mut copy = conn.number("select max(id) from cases")? / STEP + 1;
    while have < cases {
        let year = have / YEAR;
        let part = cases - have;
        let whose = if year == 0 { "" } else { " and closed_at is not null" };
        let whole = if year == 0 { all } else { closed };
        let most = if part < whole { format!(" order by id limit {part}") } else { String::new() };
        conn.batch("begin")?;
        conn.batch(&format!(
            "create temp table chosen as select office, id, report from cases where id < {STEP}{whose}{most}"
        ))?;
        for (table, key) in TABLES {
            let whose = format!("{key} in (select id from chosen)");
            let whose = if table == "event" || table == "stream" {
                format!("t.stream = 'case' and {whose}")
            } else {
                whose
            };
            copy_rows(&mut conn, table, &whose, copy, year)?;
        }
        let reports = "t.id in (select report from chosen)";
        copy_rows(&mut conn, "report", reports, copy, year)?;
        let reports = "t.stream = 'report' and t.stream_id in (select report from chosen)";
        for table in ["event", "stream"] {
            copy_rows(&mut conn, table, reports, copy, year)?;
        }
        conn.batch(&format!(
            "insert into search_todo (office, case_id) select office, id + {copy} * {STEP} from chosen"
        ))?;
        conn.batch("drop table chosen; commit")?;
        have = conn.number(count)?;
        copy += 1;
    }
    conn.batch(&format!("update id_block set next = {} where name = 'row'", (copy + 1) * STEP))?;
    conn.batch("analyze")?;
    Ok(have)
}

/// Copies the rows of one table that a condition holds for.
fn copy_rows(conn: &mut Conn, table: &'static str, whose: &str, copy: i64, year: i64) -> Result<()> {
    let columns = conn.rows(table, "1 = 1 limit 1")?.columns;
    if columns.is_empty() {
        return Ok(());
    }
    let shift = copy * STEP;
    let values: Vec<String> = columns
        .iter()
        .map(|name| match column(name) {
            "id" | "report" => format!("t.{name} + {shift}"),
            "unique" => format!("t.{name} || '-{copy}'"),
            // Nothing that is sealed already waits to be sealed.
            "seal" => "false".to_owned(),
            "instant" => format!("t.{name} - {}", year * 365 * 86_400_000),
            "day" => format!("t.{name} - {}", year * 10_000),
            _ => format!("t.{name}"),
        })
        .collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    conn.batch(&format!("insert into {table} ({columns}) select {values} from {table} t where {whose}"))
}
