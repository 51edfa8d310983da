//! Backups: one file that holds the database as it was at one instant, the photos, and a manifest with hashes.
//! Keys stay outside: the file holds wrapped keys only, so it opens nothing without the master key (DECISIONS 26).
//!
//! [`save`] works beside a running server: SQLite gives a consistent copy from a reading connection, and photos are
//! only ever added, each before the row that names it, so what is copied afterwards holds all that the copy names.
//! On PostgreSQL the database is saved by `pg_dump`, before this; the file then holds the photos.
//!
//! [`restore`] works into an empty folder only, checks every hash, and erases again whom [`erasures`] says was
//! erased since.

pub mod erasures;
mod manifest;
mod restore;
mod save;

pub use manifest::Manifest;
pub use restore::{Restored, restore};
pub use save::{Saved, save};
