//! Taking over records from files by profiles that map columns and values, and handing records out.
//!
//! Start reading at [`profile::Profile`], then [`read::parse`] (pure: bytes to checked drafts) and
//! [`service::import`]. What the source reports is kept as it reports it: its number, its deadline as the
//! upper platform's, its word about being in time where its times are missing. Columns that a profile does
//! not name are not stored. May call: people, places, catalogue, parties, procedures; indicators for the
//! conditions of an export, upstream for workbooks.

pub mod book;
pub mod export;
mod lookup;
pub mod model;
pub mod profile;
pub mod read;
pub mod service;
mod store;
