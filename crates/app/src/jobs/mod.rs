//! Background work: one job table that survives a crash, and schedules that fire once however many processes
//! share a database.
//!
//! **Jobs** are enqueued through [`enqueue`] in the transaction of the write they follow from. A worker claims one
//! by a lease, renews it while it works, and takes it off when it is done; a job whose worker died is claimed again
//! when its lease has run out. A fault is tried again with growing pauses, a panic counts as a fault, and what does
//! not succeed stays as `failed` for `gezhi doctor`. A job may therefore run twice: each says in its comment why
//! that does no harm.
//!
//! **Schedules** ([`schedule::ALL`]) are rows too. Claiming the row and doing the work is one transaction: of two
//! workers the second finds it done, and after a crash nothing is half done. A schedule that has nothing to do only
//! reads.

pub mod kinds;
pub mod queue;
pub mod schedule;
mod store;
pub mod worker;

pub use queue::{Fault, Job, Outcome, enqueue};
pub use worker::{Counters, Worker, counters, run_all};
