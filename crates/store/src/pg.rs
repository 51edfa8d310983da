//! PostgreSQL: worker threads, each with a connection of its own; one transaction per body, run again
//! on 40001 and 40P01.

use crate::db::{Ids, Shared, Work, run_guarded};
use crate::tx::{Inner, Tx};
use crate::{Arg, Error, Result, Trouble};
use postgres::types::ToSql;
use postgres::{Client, NoTls, Transaction};
use std::collections::HashMap;
use std::time::Duration;

/// Statements kept prepared per connection; lists have many shapes, the rest are few.
const PREPARED_MOST: usize = 400;
/// How often a body is run again before the conflict is reported.
const TRIES: u32 = 8;

pub(crate) struct Conn {
    client: Client,
    prepared: HashMap<String, postgres::Statement>,
    url: String,
    read_only: bool,
    /// From the moment a commit is sent nobody may run the body again: it may have been done.
    committing: bool,
}

pub(crate) struct PgTx<'a> {
    tx: Transaction<'a>,
    prepared: &'a mut HashMap<String, postgres::Statement>,
}

impl PgTx<'_> {
    fn statement(&mut self, text: &str) -> Result<postgres::Statement> {
        if let Some(found) = self.prepared.get(text) {
            return Ok(found.clone());
        }
        let made = self.tx.prepare(text)?;
        if self.prepared.len() >= PREPARED_MOST {
            self.prepared.clear();
        }
        self.prepared.insert(text.to_owned(), made.clone());
        Ok(made)
    }

    pub(crate) fn exec(&mut self, text: &str, args: &[Arg]) -> Result<u64> {
        let stmt = self.statement(text)?;
        Ok(self.tx.execute(&stmt, &refs(args, &stmt))?)
    }

    pub(crate) fn query(&mut self, text: &str, args: &[Arg]) -> Result<Vec<postgres::Row>> {
        let stmt = self.statement(text)?;
        Ok(self.tx.query(&stmt, &refs(args, &stmt))?)
    }

    pub(crate) fn prepare(&mut self, text: &str) -> Result<()> {
        Ok(self.tx.prepare(text).map(|_| ())?)
    }

    pub(crate) fn batch(&mut self, text: &str) -> Result<()> {
        Ok(self.tx.batch_execute(text)?)
    }
}

/// As many arguments as the statement names: an argument that a text does not use is left out.
fn refs<'a>(args: &'a [Arg], stmt: &postgres::Statement) -> Vec<&'a (dyn ToSql + Sync)> {
    args.iter().take(stmt.params().len()).map(|arg| arg as &(dyn ToSql + Sync)).collect()
}

impl Conn {
    pub(crate) fn open(url: &str, read_only: bool) -> Result<Conn> {
        let mut config: postgres::Config =
            url.parse().map_err(|e| Error::failed(format!("the database URL cannot be read: {e}")))?;
        config.application_name("gezhi");
        let mut client = config.connect(NoTls)?;
        client.batch_execute(
            "set plan_cache_mode = force_custom_plan; set client_min_messages = warning; set synchronous_commit = on",
        )?;
        Ok(Conn { client, prepared: HashMap::new(), url: url.to_owned(), read_only, committing: false })
    }

    /// Runs one piece of work in a transaction of its own.
    pub(crate) fn run(&mut self, work: &mut dyn Work, ids: &Ids) -> Result<()> {
        self.committing = false;
        if self.client.is_closed() {
            *self = Conn::open(&self.url, self.read_only)?;
        }
        let builder = self.client.build_transaction();
        let tx = if self.read_only {
            builder.read_only(true).isolation_level(postgres::IsolationLevel::RepeatableRead).start()?
        } else {
            builder.start()?
        };
        let mut tx = Tx { inner: Inner::Pg(PgTx { tx, prepared: &mut self.prepared }), ids };
        run_guarded(work, &mut tx)?;
        match tx.inner {
            Inner::Pg(pg) => {
                self.committing = true;
                Ok(pg.tx.commit()?)
            }
            Inner::Sqlite(_) => Ok(()),
        }
    }

    /// Reserves the next block of ids in a transaction of its own.
    pub(crate) fn reserve(&mut self, ids: &Ids, block: i64) -> Result<()> {
        let row = self.client.query_one(
            "update id_block set next = next + $1 where name = 'row' returning next - $1",
            &[&block],
        )?;
        ids.give(row.get(0), block);
        Ok(())
    }
}

/// The loop of one worker thread.
pub(crate) fn worker(shared: &Shared, mut conn: Conn) {
    let queue = if conn.read_only { &shared.reads } else { &shared.writes };
    loop {
        let Some(mut work) = queue.take(1).into_iter().next() else { return };
        let outcome = tried(shared, &mut conn, work.as_mut());
        if !conn.read_only {
            shared.written.count(1);
        }
        work.finish(outcome);
    }
}

fn tried(shared: &Shared, conn: &mut Conn, work: &mut dyn Work) -> Result<()> {
    let (mut conflicts, mut broken, mut block) = (0, false, shared.id_block);
    loop {
        match conn.run(work, &shared.ids) {
            Err(Error::NeedIds) => {
                // It doubles, because a large body uses up a whole block on each run.
                conn.reserve(&shared.ids, shared.ids.block(block))?;
                block = block.saturating_mul(2);
            }
            Err(Error::Again) if conflicts < TRIES => {
                conflicts += 1;
                std::thread::sleep(Duration::from_millis(u64::from(conflicts) * 3));
            }
            // The server was started again since this connection was used: nothing was committed, so once more on a new one.
            Err(Error::Failed(why))
                if !broken && !conn.committing && Trouble::of(&why) == Some(Trouble::Away) =>
            {
                broken = true;
                *conn = Conn::open(&conn.url, conn.read_only)?;
            }
            outcome => return outcome,
        }
    }
}
