//! The door: [`Db::write`] and [`Db::read`].

use crate::queue::Queue;
use crate::{Error, Result, Tx, migrate, pg, sqlite};
use anyhow::Context;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Where the data live.
#[derive(Clone, Debug)]
pub enum Target {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

/// How the door is built.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Reader threads (and connections).
    pub readers: usize,
    /// Writer threads on PostgreSQL; SQLite has one.
    pub writers: usize,
    /// Ids reserved at a time.
    pub id_block: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options { readers: 4, writers: 8, id_block: 1_000 }
    }
}

/// The database. Clones share its threads; the last one to go ends them.
#[derive(Clone)]
pub struct Db {
    pub(crate) shared: Arc<Shared>,
    _owner: Arc<Owner>,
}

pub(crate) struct Shared {
    pub(crate) reads: Queue<Box<dyn Work>>,
    pub(crate) writes: Queue<Box<dyn Work>>,
    pub(crate) ids: Ids,
    pub(crate) id_block: i64,
    pub(crate) written: Written,
    target: Target,
}

/// What went through the write door since the database was opened.
#[derive(Debug, Default)]
pub(crate) struct Written {
    bodies: AtomicI64,
    commits: AtomicI64,
}

impl Written {
    /// Counts one commit with so many bodies in it.
    pub(crate) fn count(&self, bodies: usize) {
        self.bodies.fetch_add(i64::try_from(bodies).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

struct Owner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.writes.close();
        self.shared.reads.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A body never owns the last handle, so no thread waits for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Db {
    /// Opens the database, brings its schema up to date and starts its threads.
    ///
    /// # Errors
    /// When it cannot be reached or a migration fails; the message says which.
    pub fn open(target: &Target, options: Options) -> Result<Db> {
        migrate::run(target)?;
        let shared = Arc::new(Shared {
            reads: Queue::new(),
            writes: Queue::new(),
            ids: Ids::default(),
            id_block: options.id_block,
            written: Written::default(),
            target: target.clone(),
        });
        let mut threads = Vec::new();
        match target {
            Target::Sqlite(path) => {
                let writer = sqlite::open_writer(path)?;
                threads.push(spawn("db-writer", &shared, move |shared| sqlite::writer(shared, &writer))?);
                for _ in 0..options.readers.max(1) {
                    let reader = sqlite::open_reader(path)?;
                    threads.push(spawn("db-reader", &shared, move |shared| sqlite::reader(shared, &reader))?);
                }
            }
            Target::Postgres(url) => {
                for read_only in std::iter::repeat_n(true, options.readers.max(1))
                    .chain(std::iter::repeat_n(false, options.writers.max(1)))
                {
                    let conn = pg::Conn::open(url, read_only)?;
                    threads.push(spawn("db-worker", &shared, move |shared| pg::worker(shared, conn))?);
                }
            }
        }
        let owner = Arc::new(Owner { shared: Arc::clone(&shared), threads: Mutex::new(threads) });
        Ok(Db { shared, _owner: owner })
    }

    /// Where the data live.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// How many bodies went through the write door since it was opened, refused ones too, and in how many commits: under
    /// load SQLite's writer commits many bodies at once.
    #[must_use]
    pub fn written(&self) -> (i64, i64) {
        let written = &self.shared.written;
        (written.bodies.load(Ordering::Relaxed), written.commits.load(Ordering::Relaxed))
    }

    /// The only write door. The body gets a transaction, has no outside effect, waits for nothing else
    /// and may be run again; it is acknowledged after the commit is on disk, or it wrote nothing.
    ///
    /// # Errors
    /// The body's own, or a failure to commit.
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue(&self.shared.writes, body).await.unwrap_or_else(|_| Err(ended()))
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// The body's own.
    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue(&self.shared.reads, body).await.unwrap_or_else(|_| Err(ended()))
    }

    /// [`Db::write`] for threads outside an async runtime: the command line, jobs, tests.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_now<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_now(&self.shared.writes, body)
    }

    /// [`Db::read`] for threads outside an async runtime.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_now<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_now(&self.shared.reads, body)
    }

    fn queue<T, F>(&self, queue: &Queue<Box<dyn Work>>, body: F) -> oneshot::Receiver<Result<T>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // The one who asked may be gone; the write stands all the same.
        Db::push(queue, body, move |outcome| drop(reply.send(outcome)));
        answer
    }

    /// Waits on the thread itself; safe on any thread, because the answer comes from the database's own.
    fn queue_now<T, F>(&self, queue: &Queue<Box<dyn Work>>, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        Db::push(queue, body, move |outcome| drop(reply.send(outcome)));
        answer.recv().unwrap_or_else(|_| Err(ended()))
    }

    fn push<T, F>(queue: &Queue<Box<dyn Work>>, body: F, reply: impl FnOnce(Result<T>) + Send + 'static)
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let work = Body { body, value: None, reply };
        if let Err(work) = queue.push(Box::new(work)) {
            work.finish(Err(ended()));
        }
    }
}

fn ended() -> Error {
    Error::failed("the database is closed")
}

fn spawn(
    name: &str,
    shared: &Arc<Shared>,
    body: impl FnOnce(&Shared) + Send + 'static,
) -> Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || body(&shared))
        .context("a database thread cannot be started")
        .map_err(Error::from)
}

/// A queued body with its answer.
pub(crate) trait Work: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    fn finish(self: Box<Self>, outcome: Result<()>);
}

struct Body<T, F, R> {
    body: F,
    value: Option<T>,
    reply: R,
}

impl<T, F, R> Work for Body<T, F, R>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T> + Send,
    R: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.value = Some((self.body)(tx)?);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let Body { value, reply, .. } = *self;
        reply(outcome.and_then(|()| value.ok_or_else(ended)));
    }
}

/// Runs a body; a panic in it is a failure of that body alone.
pub(crate) fn run_guarded(work: &mut dyn Work, tx: &mut Tx<'_>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(|| work.run(tx))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_default();
        Err(Error::failed(format!("a body panicked: {text}")))
    })
}

/// The reserved blocks of ids that are not used yet.
#[derive(Default)]
pub(crate) struct Ids {
    blocks: Mutex<Vec<(i64, i64)>>,
    /// What a body said that it will take.
    wanted: AtomicI64,
}

impl Ids {
    /// Whether so many are reserved; what is wanted is remembered for [`Ids::block`].
    pub(crate) fn has(&self, count: i64) -> bool {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let left: i64 = blocks.iter().map(|(first, end)| end - first).sum();
        if left < count {
            self.wanted.store(count, Ordering::Relaxed);
        }
        left >= count
    }

    /// How many to reserve next: so many, or what a body said that it will take.
    pub(crate) fn block(&self, least: i64) -> i64 {
        least.max(self.wanted.swap(0, Ordering::Relaxed))
    }

    pub(crate) fn next(&self) -> Option<i64> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, end) = blocks.last_mut()?;
        let id = *first;
        *first += 1;
        if *first == *end {
            blocks.pop();
        }
        Some(id)
    }

    pub(crate) fn give(&self, first: i64, count: i64) {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).push((first, first + count));
    }

    pub(crate) fn forget(&self) {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
