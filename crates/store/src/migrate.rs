//! Migrations: one numbered list for both databases, only ever appended to.
//!
//! Type words (`{id}`, `{key}`, `{blob}`, `{code}`) are explained at [`Dialect::ddl`]; what exists on one
//! database only stands between `--! sqlite`, `--! pg` and `--! both`.

use crate::{Dialect, Error, Result, Target, sqlite};
use postgres::{Client, NoTls};

/// One migration.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// `0001_office_create`, as the file is called.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration { name: $name, text: include_str!(concat!("../../../migrations/", $name, ".sql")) }),*]
    };
}

/// All migrations in order.
pub(crate) const ALL: &[Migration] = migrations![
    "0001_store_create",
    "0002_places_create",
    "0003_people_create",
    "0004_procedures_create",
    "0005_intake_create",
    "0006_jobs_schedule",
    "0007_intake_index_parties",
    "0008_catalogue_add_english",
    "0009_upstream_create",
    "0010_procedures_upper",
    "0011_roster_create",
    "0012_tasks_create",
    "0013_knowledge_create",
    "0014_documents_create",
    "0015_hands_create",
    "0016_people_create_device",
    "0017_history_create",
    "0018_intake_seen",
    "0019_procedures_wide_indexes",
];

impl Migration {
    /// The text for a dialect.
    #[must_use]
    pub fn ddl(&self, dialect: Dialect) -> String {
        let mine = match dialect {
            Dialect::Sqlite => "--! sqlite",
            Dialect::Postgres => "--! pg",
        };
        let mut on = true;
        let mut out = String::new();
        for line in self.text.lines() {
            if let Some(_marker) = line.strip_prefix("--! ") {
                on = line.trim() == mine || line.trim() == "--! both";
            } else if on {
                out.push_str(line);
                out.push('\n');
            }
        }
        dialect.ddl(&out)
    }
}

/// The migrations' own table; it exists before the first of them.
const OWN: &str = "create table if not exists migration (name text primary key);";
const NAMES: &str = "select name from migration order by name";

/// Brings the schema up to date.
pub(crate) fn run(target: &Target) -> Result<()> {
    run_all(target, ALL)
}

/// Brings the schema up to the last of these, each migration in a transaction of its own together with its name, so that
/// a start that was killed goes on where it was.
pub(crate) fn run_all(target: &Target, all: &[Migration]) -> Result<()> {
    match target {
        Target::Sqlite(path) => {
            let mut conn = sqlite::open_writer(path)?;
            conn.execute_batch(OWN)?;
            let known: Vec<String> =
                conn.prepare(NAMES)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            refuse_newer(&known, all)?;
            for migration in all {
                let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let known: i64 =
                    tx.query_row("select count(*) from migration where name = ?1", [migration.name], |r| {
                        r.get(0)
                    })?;
                if known == 0 {
                    tx.execute_batch(&migration.ddl(Dialect::Sqlite)).map_err(|e| named(migration, &e))?;
                    tx.execute("insert into migration (name) values (?1)", [migration.name])?;
                }
                tx.commit()?;
            }
            Ok(())
        }
        Target::Postgres(url) => {
            let mut client = Client::connect(url, NoTls)?;
            // Two processes that start at once must not both migrate.
            client.batch_execute("select pg_advisory_lock(712026)")?;
            client.batch_execute("set client_min_messages = warning")?;
            client.batch_execute(OWN)?;
            let known: Vec<String> = client.query(NAMES, &[])?.iter().map(|row| row.get(0)).collect();
            refuse_newer(&known, all)?;
            for migration in all {
                let mut tx = client.transaction()?;
                if tx.query("select 1 from migration where name = $1", &[&migration.name])?.is_empty() {
                    tx.batch_execute(&migration.ddl(Dialect::Postgres)).map_err(|e| named(migration, &e))?;
                    tx.execute("insert into migration (name) values ($1)", &[&migration.name])?;
                }
                tx.commit()?;
            }
            client.batch_execute("select pg_advisory_unlock(712026)")?;
            Ok(())
        }
    }
}

/// A newer program may have moved what this one would look for and write.
fn refuse_newer(known: &[String], all: &[Migration]) -> Result<()> {
    match known.iter().find(|name| all.iter().all(|m| m.name != name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Error::failed(format!(
            "it was made by a newer version of the program ({name} is not known here); start that version or a later one. \
             Nothing was changed"
        ))),
    }
}

fn named(migration: &Migration, error: &dyn std::fmt::Display) -> Error {
    Error::failed(format!("migration {} failed: {error}", migration.name))
}
