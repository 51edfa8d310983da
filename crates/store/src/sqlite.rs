//! SQLite: one writer thread that commits what is queued as a group, and reader threads.

use crate::db::{Ids, Shared, Work, run_guarded};
use crate::error::troubled;
use crate::tx::{Inner, Tx};
use crate::{Error, Result, Trouble};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Bodies committed together at most; the writer never waits for more.
const GROUP_MOST: usize = 64;

/// Opens the writer's connection: WAL, every commit on disk before it is acknowledged, freed pages
/// overwritten, so that an erased key cannot be read from the file.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    opened(path).map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) => why(path).unwrap_or_else(|| error.into()),
        _ => error.into(),
    })
}

/// SQLite does not tell why it cannot open or make a file; whoever tries to make one beside it hears it.
fn why(path: &Path) -> Option<Error> {
    let probe = path.with_extension("probe");
    let refused = std::fs::File::create(&probe).err();
    let _ = std::fs::remove_file(&probe);
    refused.map(|error| {
        let told =
            anyhow::Error::from(error).context(format!("nothing can be written beside {}", path.display()));
        let trouble = Trouble::of(&told);
        troubled(told, trouble)
    })
}

fn opened(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;
         pragma foreign_keys = off; pragma busy_timeout = 5000; pragma cache_size = -16000;
         pragma temp_store = memory; pragma wal_autocheckpoint = 4000;",
    )?;
    settle(&conn)?;
    Ok(conn)
}

/// Opens a reader's connection, on which writing fails.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.execute_batch(
        "pragma query_only = on; pragma busy_timeout = 5000; pragma cache_size = -8000; pragma temp_store = memory;
         pragma mmap_size = 268435456;",
    )?;
    settle(&conn)?;
    Ok(conn)
}

/// A plan does not depend on the values that are bound: otherwise SQLite would plan a kept statement anew each time that
/// it gets other ones.
fn settle(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(400);
    Ok(())
}

/// Copies a database file as it is at one instant, also while others write to it; the copy is compact and has no
/// journal beside it.
///
/// # Errors
/// When the file cannot be read or the copy cannot be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(from, flags)?;
    conn.execute_batch("pragma busy_timeout = 5000; pragma temp_store = memory")?;
    let to = to.to_str().ok_or_else(|| Error::failed("the name of the copy is no text"))?;
    conn.execute("vacuum into $1", [to])?;
    std::fs::File::open(to)?.sync_all()?;
    Ok(())
}

/// What SQLite finds wrong in the structure of its file, a line for each; empty when it is whole.
///
/// # Errors
/// When the file cannot be opened at all.
pub fn check(path: &Path) -> Result<Vec<String>> {
    let conn = open_reader(path)?;
    let mut statement = conn.prepare("pragma quick_check(20)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut out = Vec::new();
    for line in lines {
        match line {
            Ok(line) if line == "ok" => {}
            Ok(line) => out.push(line),
            // It gives up where it cannot go on.
            Err(error) => {
                out.push(error.to_string());
                break;
            }
        }
    }
    Ok(out)
}

/// The loop of the writer thread: take what is queued, one savepoint per body, one commit, then the
/// acknowledgements. A body that needs ids is run again after a block was reserved.
pub(crate) fn writer(shared: &Shared, conn: &Connection) {
    loop {
        let mut group = shared.writes.take(GROUP_MOST);
        if group.is_empty() {
            return;
        }
        let mut outcomes: Vec<Result<()>> = Vec::new();
        let committed = group_commit(shared, conn, &mut group, &mut outcomes);
        shared.written.count(group.len());
        if committed.is_err() {
            // The group is lost as a whole; every body hears of it below. So are the blocks of ids that it reserved.
            shared.ids.forget();
            if !conn.is_autocommit() {
                let _ = conn.execute_batch("rollback");
            }
        }
        let failure = committed.err();
        for (i, work) in group.into_iter().enumerate() {
            let own = outcomes.get_mut(i).map_or(Ok(()), |o| std::mem::replace(o, Ok(())));
            work.finish(match (&failure, own) {
                (_, Err(refused @ Error::Refused(_))) => Err(refused),
                (Some(why), _) => Err(lost(why)),
                (None, own) => own,
            });
        }
    }
}

/// What every body of a group hears that was not committed.
fn lost(why: &Error) -> Error {
    let told = anyhow::anyhow!("the group was not committed: {why}");
    Error::Failed(match why {
        Error::Failed(error) => match Trouble::of(error) {
            Some(trouble) => told.context(trouble),
            None => told,
        },
        _ => told,
    })
}

fn group_commit(
    shared: &Shared,
    conn: &Connection,
    group: &mut [Box<dyn Work>],
    outcomes: &mut Vec<Result<()>>,
) -> Result<()> {
    conn.execute_batch("begin immediate")?;
    for work in group {
        let mut outcome = one(conn, work.as_mut(), &shared.ids);
        let mut block = shared.id_block;
        while matches!(outcome, Err(Error::NeedIds)) {
            // The block is reserved inside the group's transaction: if the commit fails, nothing that
            // used these ids was written either, and `forget` drops them. It doubles, because a large
            // body uses up a whole block on each run.
            reserve(conn, &shared.ids, shared.ids.block(block))?;
            block = block.saturating_mul(2);
            outcome = one(conn, work.as_mut(), &shared.ids);
        }
        // On a full or failing disk SQLite rolls back everything by itself; whatever ran now would be a transaction of its
        // own, written although its body hears that the group was lost.
        if conn.is_autocommit() {
            return Err(outcome.err().unwrap_or_else(|| Error::failed("the transaction was rolled back")));
        }
        outcomes.push(outcome);
    }
    conn.execute_batch("commit")?;
    Ok(())
}

fn one(conn: &Connection, work: &mut dyn Work, ids: &Ids) -> Result<()> {
    conn.prepare_cached("savepoint body")?.execute([])?;
    let mut tx = Tx { inner: Inner::Sqlite(conn), ids };
    let outcome = run_guarded(work, &mut tx);
    if outcome.is_err() {
        if conn.is_autocommit() {
            return outcome;
        }
        conn.prepare_cached("rollback to body")?.execute([])?;
    }
    conn.prepare_cached("release body")?.execute([])?;
    outcome
}

fn reserve(conn: &Connection, ids: &Ids, block: i64) -> Result<()> {
    let first = conn.query_row(
        "update id_block set next = next + ?1 where name = 'row' returning next - ?1",
        [block],
        |row| row.get(0),
    )?;
    ids.give(first, block);
    Ok(())
}

/// The loop of one reader thread.
pub(crate) fn reader(shared: &Shared, conn: &Connection) {
    loop {
        let Some(mut work) = shared.reads.take(1).into_iter().next() else { return };
        let outcome = read_one(conn, work.as_mut(), &shared.ids);
        work.finish(outcome);
    }
}

fn read_one(conn: &Connection, work: &mut dyn Work, ids: &Ids) -> Result<()> {
    conn.prepare_cached("begin")?.execute([])?;
    let outcome = run_guarded(work, &mut Tx { inner: Inner::Sqlite(conn), ids });
    conn.prepare_cached("commit")?.execute([])?;
    outcome
}
