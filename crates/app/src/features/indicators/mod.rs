//! Indicators: a figure with its formula, its period, its scope and the records under it (DESIGN §2, rule 5).
//!
//! A figure is data (`packs/demands/indicators.toml`, read by [`pack`]); [`service::compute`] runs it live over
//! what the actor may see, [`service::restrict`] and [`service::records`] give exactly the records of a cell.
//! May call: people, places and procedures for reading. Nothing is written here.

mod cell;
mod chart;
pub mod model;
pub mod pack;
mod pages;
mod period;
pub mod service;
mod store;

pub use pages::routes;
pub use store::Record;
