//! Fresh databases for tests: each test body runs on SQLite and, when `TEST_PG_URL` is set, on PostgreSQL
//! in a schema of its own. `cargo xtask test` sets it.

#![cfg(feature = "testing")]

use crate::{Db, Options, Result, Target};
use postgres::{Client, NoTls};
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that goes away with this value.
pub struct TestDb {
    /// The door.
    pub db: Db,
    kind: Kind,
}

enum Kind {
    Sqlite { _dir: tempfile::TempDir },
    Pg { url: String, schema: String },
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Kind::Pg { url, schema } = &self.kind
            && let Ok(mut client) = Client::connect(url, NoTls)
        {
            let _ = client.batch_execute(&format!(
                "set client_min_messages = error; drop schema if exists {schema} cascade"
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
    Ok(TestDb { db, kind: Kind::Sqlite { _dir: dir } })
}

/// A fresh schema on the PostgreSQL named by `TEST_PG_URL`; `None` when the variable is not set.
///
/// # Errors
/// When the server cannot be reached.
pub fn postgres() -> Result<Option<TestDb>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("TEST_PG_URL") else { return Ok(None) };
    let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Client::connect(&url, NoTls)?.batch_execute(&format!("create schema {schema}"))?;
    let joint = if url.contains('?') { '&' } else { '?' };
    let target = Target::Postgres(format!("{url}{joint}options=-csearch_path%3D{schema}"));
    let db = Db::open(&target, Options { readers: 2, writers: 2, ..Options::default() })?;
    Ok(Some(TestDb { db, kind: Kind::Pg { url, schema } }))
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
