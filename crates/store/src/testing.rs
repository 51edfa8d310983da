//! Fresh databases for tests: each test body runs on SQLite and, when `TEST_PG_URL` is set, on PostgreSQL
//! in a schema of its own. `cargo xtask test` sets it.

#![cfg(feature = "testing")]

use crate::db::Ids;
use crate::{Arg, Db, Migration, Options, Result, Target, Tx, migrate};
use postgres::{Client, NoTls};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// A database that goes away with this value.
pub struct TestDb {
    /// The door.
    pub db: Db,
    _kind: Kind,
}

enum Kind {
    Sqlite { _dir: tempfile::TempDir },
    Pg { _schema: Schema },
}

/// A PostgreSQL schema that goes away with this value, with nothing in it yet.
pub struct Schema {
    /// Where it is.
    pub target: Target,
    url: String,
    name: String,
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Ok(mut client) = Client::connect(&self.url, NoTls) {
            let _ = client.batch_execute(&format!(
                "set client_min_messages = error; drop schema if exists {} cascade",
                self.name
            ));
        }
    }
}

/// A fresh SQLite database in a temporary folder.
///
/// # Errors
/// When the folder or the database cannot be made.
pub fn sqlite() -> Result<TestDb> {
    let dir = tempfile::tempdir()?;
    let target = Target::Sqlite(dir.path().join("gezhi.db"));
    let db = Db::open(&target, Options { readers: 2, ..Options::default() })?;
    Ok(TestDb { db, _kind: Kind::Sqlite { _dir: dir } })
}

/// A fresh schema on the PostgreSQL named by `TEST_PG_URL`; `None` when the variable is not set.
///
/// # Errors
/// When the server cannot be reached.
pub fn postgres() -> Result<Option<TestDb>> {
    schema()?.map(over).transpose()
}

fn over(schema: Schema) -> Result<TestDb> {
    let db = Db::open(&schema.target, Options { readers: 2, writers: 2, ..Options::default() })?;
    Ok(TestDb { db, _kind: Kind::Pg { _schema: schema } })
}

/// [`postgres`] where no query reads a whole table as long as an index helps: what tests of plans look at.
///
/// # Errors
/// As [`postgres`].
pub fn postgres_by_index() -> Result<Option<TestDb>> {
    let Some(mut schema) = schema()? else { return Ok(None) };
    if let Target::Postgres(url) = &mut schema.target {
        url.push_str("%20-cenable_seqscan%3Doff");
    }
    over(schema).map(Some)
}

/// A schema without a table on the PostgreSQL named by `TEST_PG_URL`; `None` when the variable is not set.
///
/// # Errors
/// When the server cannot be reached.
pub fn schema() -> Result<Option<Schema>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("TEST_PG_URL") else { return Ok(None) };
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Client::connect(&url, NoTls)?.batch_execute(&format!("create schema {name}"))?;
    let joint = if url.contains('?') { '&' } else { '?' };
    let target = Target::Postgres(format!("{url}{joint}options=-csearch_path%3D{name}"));
    Ok(Some(Schema { target, url, name }))
}

/// Runs statements as they stand, past the door, without bringing the schema up to date.
///
/// # Errors
/// When it cannot be reached or one fails.
pub fn batch(target: &Target, text: &str) -> Result<()> {
    match target {
        Target::Sqlite(path) => Ok(crate::sqlite::open_writer(path)?.execute_batch(text)?),
        Target::Postgres(url) => Ok(Client::connect(url, NoTls)?.batch_execute(text)?),
    }
}

/// Brings a schema up to its first `n` migrations only: a database as an older program left it.
///
/// # Errors
/// When it cannot be reached or one fails.
pub fn migrate_to(target: &Target, n: usize) -> Result<()> {
    migrate::run_all(target, migrate::ALL.get(..n).unwrap_or(migrate::ALL))
}

/// Brings a schema up to date and then to what a later program would bring.
///
/// # Errors
/// When it cannot be reached or one fails.
pub fn migrate_beyond(target: &Target, later: &[Migration]) -> Result<()> {
    migrate::run_all(target, &[migrate::ALL, later].concat())
}

/// How many migrations there are.
#[must_use]
pub fn migrations() -> usize {
    migrate::ALL.len()
}

/// The queries of one database that are looked at: which database, and each query's text with its plan.
type Watched = (usize, BTreeMap<String, Vec<String>>);

static WATCHED: Mutex<Option<Watched>> = Mutex::new(None);

/// From now on each new query of a database is explained before it is asked.
pub fn watch(db: &Db) {
    let whose = std::ptr::from_ref(&db.shared.ids).addr();
    *WATCHED.lock().unwrap_or_else(PoisonError::into_inner) = Some((whose, BTreeMap::new()));
}

/// Ends [`watch`]: the texts that were asked, each with the lines of its plan.
#[must_use]
pub fn watched() -> BTreeMap<String, Vec<String>> {
    let taken = WATCHED.lock().unwrap_or_else(PoisonError::into_inner).take();
    taken.map(|(_, seen)| seen).unwrap_or_default()
}

/// Explains a query where its database is watched and it is new.
pub(crate) fn look(tx: &mut Tx<'_>, text: &str, args: &[Arg]) -> Result<()> {
    let whose = std::ptr::from_ref::<Ids>(tx.ids).addr();
    let is_new = match &*WATCHED.lock().unwrap_or_else(PoisonError::into_inner) {
        Some((watched, seen)) => *watched == whose && !seen.contains_key(text),
        None => false,
    };
    if is_new {
        let plan = tx.plan_of(text, args)?;
        if let Some((_, seen)) = &mut *WATCHED.lock().unwrap_or_else(PoisonError::into_inner) {
            seen.insert(text.to_owned(), plan);
        }
    }
    Ok(())
}

/// Makes a test of a body `fn(Db)` on both databases: `both!(a_sentence_of_the_trade, |db| { … });`
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, |$db:ident| $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            fn body($db: $crate::Db) $body

            #[test]
            fn sqlite() {
                let test = $crate::testing::sqlite().expect("a fresh SQLite database");
                body(test.db.clone());
            }

            #[test]
            fn postgres() {
                match $crate::testing::postgres().expect("a fresh PostgreSQL schema") {
                    Some(test) => body(test.db.clone()),
                    None => println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)"),
                }
            }
        }
    };
}
