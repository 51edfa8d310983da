//! Audit: the log that people read, the seal over the streams, and the proof that nothing was altered
//! (DECISIONS 4 and 5, STANDARDS §6.2).
//!
//! There is no second log: an event is the audit entry. [`service`] lists events for the auditor, [`seal`]
//! signs blocks over the heads of the streams that moved, [`heads`] carries them out of the machine, [`verify`]
//! recomputes everything. Without a copy outside, an insider who has the key is not stopped.
//!
//! May call: the store, `events`, `procedures::rebuild`, `people`.

pub mod heads;
pub mod model;
mod pages;
pub mod seal;
pub mod service;
pub(crate) mod store;
pub mod verify;

pub use pages::routes;
