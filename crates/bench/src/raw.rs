//! The bare engine: the same rows written and the same queries asked with nothing around them, at the durability of the
//! product. What the product reaches is measured against this.

use anyhow::{Context, Result, bail};
use postgres::types::{ToSql, Type};
use postgres::{Client, NoTls};
use rusqlite::{Connection, params_from_iter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Where the rows are.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The file.
    Sqlite(PathBuf),
    /// The address of the database.
    Postgres(String),
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// NULL, whatever the column holds.
    Null,
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Rows of one table.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The table.
    pub table: &'static str,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The tables that a case is written to, each with the column that holds a new id.
pub const TABLES: [(&str, &str); 13] = [
    ("report", "id"),
    ("party", "id"),
    ("party_key", "id"),
    ("cases", "id"),
    ("report_case", "case_id"),
    ("assignment", "id"),
    ("request", "id"),
    ("callback", "id"),
    ("clock", "id"),
    ("event", "id"),
    ("stream", "stream_id"),
    ("search_todo", "case_id"),
    ("idempotency", "at"),
];
/// Columns whose values are ids of rows, moved when rows are written once more.
const IDS: [&str; 7] = ["id", "case_id", "stream_id", "report", "party", "assignment", "link"];
/// Texts that are unique.
const UNIQUE: [&str; 4] = ["no", "number", "key", "source_number"];

/// A connection.
pub enum Conn {
    /// To a file.
    Sqlite(Connection),
    /// To a server.
    Postgres(Client),
}

impl Engine {
    /// The name in tables.
    pub fn name(&self) -> &'static str {
        match self {
            Engine::Sqlite(_) => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }

    /// Opens a connection with the durability of the product: WAL and FULL, or the server's own.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(&self) -> Result<Conn> {
        match self {
            Engine::Sqlite(file) => {
                let conn = Connection::open(file)?;
                conn.execute_batch(
                    "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma busy_timeout = 5000;
                     pragma cache_size = -16000; pragma temp_store = memory; pragma wal_autocheckpoint = 4000; pragma mmap_size = 268435456",
                )?;
                conn.set_prepared_statement_cache_capacity(200);
                Ok(Conn::Sqlite(conn))
            }
            Engine::Postgres(url) => Ok(Conn::Postgres(Client::connect(url, NoTls)?)),
        }
    }

    /// Bytes that the database takes, without its journal; `index` is the part of the search index.
    ///
    /// # Errors
    /// When it does not tell.
    pub fn bytes(&self) -> Result<(i64, i64)> {
        match self.open()? {
            Conn::Sqlite(conn) => {
                conn.execute_batch("pragma wal_checkpoint(truncate)")?;
                let all = conn.query_row(
                    "select page_count * page_size from pragma_page_count, pragma_page_size",
                    [],
                    |r| r.get(0),
                )?;
                let index =
                    conn.query_row("select coalesce(sum(length(block)), 0) from search_data", [], |r| {
                        r.get(0)
                    })?;
                Ok((all, index))
            }
            Conn::Postgres(mut client) => {
                let row = client.query_one(
                    "select cast(sum(pg_total_relation_size(c.oid)) as bigint), \
                     cast(sum(case when c.relname = 'search' then pg_total_relation_size(c.oid) else 0 end) as bigint) \
                     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'",
                    &[],
                )?;
                Ok((row.get(0), row.get(1)))
            }
        }
    }
}

impl Conn {
    /// Runs statements.
    ///
    /// # Errors
    /// When one is refused.
    pub fn batch(&mut self, text: &str) -> Result<()> {
        match self {
            Conn::Sqlite(conn) => Ok(conn.execute_batch(text)?),
            Conn::Postgres(client) => Ok(client.batch_execute(text)?),
        }
    }

    /// One whole number.
    ///
    /// # Errors
    /// When the query gives none.
    pub fn number(&mut self, text: &str) -> Result<i64> {
        match self {
            Conn::Sqlite(conn) => {
                Ok(conn.query_row(text, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0))
            }
            Conn::Postgres(client) => Ok(client.query_one(text, &[])?.get::<_, Option<i64>>(0).unwrap_or(0)),
        }
    }

    /// Texts of the first column.
    ///
    /// # Errors
    /// When the query is refused.
    pub fn texts(&mut self, text: &str) -> Result<Vec<String>> {
        match self {
            Conn::Sqlite(conn) => {
                let mut query = conn.prepare(text)?;
                let rows = query.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            }
            Conn::Postgres(client) => Ok(client.query(text, &[])?.iter().map(|row| row.get(0)).collect()),
        }
    }

    /// The rows of a table that a condition holds for, in the order of their writing.
    ///
    /// # Errors
    /// When the query is refused or a column has an unknown type.
    pub fn rows(&mut self, table: &'static str, condition: &str) -> Result<Sheet> {
        let text = format!("select * from {table} where {condition}");
        match self {
            Conn::Sqlite(conn) => {
                let mut query = conn.prepare(&text)?;
                let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
                let count = columns.len();
                let rows = query.query_map([], |row| (0..count).map(|i| Ok(cell(row.get(i)?))).collect())?;
                Ok(Sheet { table, rows: rows.collect::<rusqlite::Result<_>>()?, columns })
            }
            Conn::Postgres(client) => {
                let found = client.query(&text, &[])?;
                let columns = found
                    .first()
                    .map(|r| r.columns().iter().map(|c| c.name().to_owned()).collect())
                    .unwrap_or_default();
                let rows = found
                    .iter()
                    .map(|row| (0..row.len()).map(|i| pg_cell(row, i)).collect())
                    .collect::<Result<_>>()?;
                Ok(Sheet { table, columns, rows })
            }
        }
    }
}

fn cell(value: rusqlite::types::Value) -> Cell {
    match value {
        rusqlite::types::Value::Integer(n) => Cell::Int(n),
        rusqlite::types::Value::Text(text) => Cell::Text(text),
        rusqlite::types::Value::Blob(bytes) => Cell::Bytes(bytes),
        rusqlite::types::Value::Real(_) | rusqlite::types::Value::Null => Cell::Null,
    }
}

fn pg_cell(row: &postgres::Row, i: usize) -> Result<Cell> {
    let kind = row.columns().get(i).map(|c| c.type_().clone()).context("no such column")?;
    Ok(match kind {
        Type::INT8 => row.get::<_, Option<i64>>(i).map_or(Cell::Null, Cell::Int),
        Type::BOOL => row.get::<_, Option<bool>>(i).map_or(Cell::Null, Cell::Bool),
        Type::TEXT => row.get::<_, Option<String>>(i).map_or(Cell::Null, Cell::Text),
        Type::BYTEA => row.get::<_, Option<Vec<u8>>>(i).map_or(Cell::Null, Cell::Bytes),
        other => bail!("a column of the type {other}"),
    })
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(match self {
            Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Int(n) => ToSqlOutput::from(*n),
            Cell::Bool(b) => ToSqlOutput::from(*b),
            Cell::Text(text) => ToSqlOutput::from(text.as_str()),
            Cell::Bytes(bytes) => ToSqlOutput::from(bytes.as_slice()),
        })
    }
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> std::result::Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Cell::Null => Ok(postgres::types::IsNull::Yes),
            Cell::Int(n) => n.to_sql(kind, out),
            Cell::Bool(b) => b.to_sql(kind, out),
            Cell::Text(text) => text.to_sql(kind, out),
            Cell::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// What is written once more: all statements of one unit (a case, an act), in order.
pub type Unit = Vec<(String, Vec<Cell>)>;

/// Cuts sheets into as many units as were written, each with its share of every table, under ids of their own: `shift` is
/// added to every id.
pub fn units(sheets: &[Sheet], count: usize, shift: i64) -> Vec<Unit> {
    let mut out: Vec<Unit> = vec![Vec::new(); count];
    for sheet in sheets {
        let places: Vec<String> = (1..=sheet.columns.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "insert into {} ({}) values ({})",
            sheet.table,
            sheet.columns.join(", "),
            places.join(", ")
        );
        for (i, row) in sheet.rows.iter().enumerate() {
            let mut row = row.clone();
            for (name, value) in sheet.columns.iter().zip(&mut row) {
                moved(name, value, shift);
            }
            if let Some(unit) = out.get_mut(i * count / sheet.rows.len()) {
                unit.push((text.clone(), row));
            }
        }
    }
    out
}

fn moved(name: &str, value: &mut Cell, shift: i64) {
    match value {
        Cell::Int(n) if IDS.contains(&name) => *n += shift,
        Cell::Text(text) if UNIQUE.contains(&name) => text.push_str(&format!("+{shift}")),
        _ => {}
    }
}

/// An update of a row that sets each column to what it holds, but for two instants that move on, as an act moves them.
pub fn update(sheet: &Sheet, row: &[Cell], keys: &[&str]) -> (String, Vec<Cell>) {
    let mut sets = Vec::new();
    let mut finds = Vec::new();
    let mut cells = row.to_vec();
    for (i, name) in sheet.columns.iter().enumerate() {
        if keys.contains(&name.as_str()) {
            finds.push(format!("{name} = ${}", i + 1));
        } else {
            sets.push(format!("{name} = ${}", i + 1));
        }
        if let (Cell::Int(n), "due_at" | "updated_at" | "seq") = (&mut cells[i], name.as_str()) {
            *n += 1;
        }
    }
    (format!("update {} set {} where {}", sheet.table, sets.join(", "), finds.join(" and ")), cells)
}

/// Writes units, `group` in a commit (on PostgreSQL each in its own, from as many connections as there were clients), and
/// gives units a second.
///
/// # Errors
/// When the database refuses.
pub fn write(engine: &Engine, units: &[Unit], group: usize, clients: usize) -> Result<f64> {
    match engine {
        Engine::Sqlite(_) => {
            let Conn::Sqlite(conn) = engine.open()? else { bail!("not a file") };
            let start = Instant::now();
            for group in units.chunks(group.max(1)) {
                conn.execute_batch("begin immediate")?;
                for (text, cells) in group.iter().flatten() {
                    conn.prepare_cached(text)?.execute(params_from_iter(cells))?;
                }
                conn.execute_batch("commit")?;
            }
            Ok(units.len() as f64 / start.elapsed().as_secs_f64())
        }
        Engine::Postgres(url) => {
            let next = AtomicUsize::new(0);
            let mut clients: Vec<Client> = (0..clients.clamp(1, 16))
                .map(|_| Client::connect(url, NoTls))
                .collect::<std::result::Result<_, _>>()?;
            let start = Instant::now();
            std::thread::scope(|scope| {
                let all: Vec<_> = clients
                    .iter_mut()
                    .map(|client| scope.spawn(|| write_pg(client, units, &next, group)))
                    .collect();
                all.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a thread failed"))?)
            })?;
            Ok(units.len() as f64 / start.elapsed().as_secs_f64())
        }
    }
}

fn write_pg(client: &mut Client, units: &[Unit], next: &AtomicUsize, group: usize) -> Result<()> {
    let mut known = std::collections::HashMap::new();
    loop {
        let from = next.fetch_add(group, Ordering::Relaxed);
        let Some(group) = units.get(from..units.len().min(from + group)).filter(|g| !g.is_empty()) else {
            return Ok(());
        };
        let mut tx = client.transaction()?;
        for (text, cells) in group.iter().flatten() {
            let statement = match known.get(text) {
                Some(found) => found,
                None => {
                    let made = tx.prepare(text)?;
                    known.entry(text.clone()).or_insert(made)
                }
            };
            let cells: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|c| c as &(dyn ToSql + Sync)).collect();
            tx.execute(statement, &cells)?;
        }
        tx.commit()?;
    }
}

/// Asks a query that reads some rows whole, over and over, from `connections` at once; gives answers a second.
///
/// # Errors
/// When the database refuses.
pub fn query(engine: &Engine, text: &str, connections: usize, most: Duration) -> Result<f64> {
    let asked = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| query_one(engine, text, most, &asked))).collect();
        all.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a thread failed"))?)
    })?;
    Ok(asked.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

fn query_one(engine: &Engine, text: &str, most: Duration, asked: &AtomicUsize) -> Result<()> {
    let mut conn = engine.open()?;
    let start = Instant::now();
    match &mut conn {
        Conn::Sqlite(conn) => {
            let mut query = conn.prepare(text)?;
            while start.elapsed() < most {
                let mut rows = query.query([])?;
                let mut cells = 0;
                while let Some(row) = rows.next()? {
                    let mut i = 0;
                    while row.get_ref(i).is_ok() {
                        i += 1;
                    }
                    cells += i;
                }
                std::hint::black_box(cells);
                asked.fetch_add(1, Ordering::Relaxed);
            }
        }
        Conn::Postgres(client) => {
            let query = client.prepare(text)?;
            while start.elapsed() < most {
                std::hint::black_box(client.query(&query, &[])?);
                asked.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    Ok(())
}

/// Durable transactions of one row each, a second: how fast the disk acknowledges.
///
/// # Errors
/// When the database refuses.
pub fn single(folder: &Path, engine: &Engine, group: usize) -> Result<f64> {
    let engine = match engine {
        Engine::Sqlite(_) => Engine::Sqlite(folder.join("single.db")),
        other => other.clone(),
    };
    let mut conn = engine.open()?;
    conn.batch("drop table if exists bench_single; create table bench_single (id bigint primary key, office bigint, text text)")?;
    let count = if group == 1 { 4_000 } else { 100_000 };
    let units: Vec<Unit> = (0..count)
        .map(|id| {
            let cells = vec![Cell::Int(id), Cell::Int(1), Cell::Text(format!("row {id:032}"))];
            vec![("insert into bench_single (id, office, text) values ($1, $2, $3)".to_owned(), cells)]
        })
        .collect();
    let rate = write(&engine, &units, group, 1);
    conn.batch("drop table bench_single")?;
    rate
}
