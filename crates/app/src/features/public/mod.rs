//! The public side: what a resident, a shopkeeper or a rider sees without an account (issue §3, REAL-DAYS
//! guards 2 and 3, DECISIONS 28).
//!
//! Pages know nothing of cases: they hand in parcels and draw projections through one narrow trait,
//! [`link::PublicLink`], whose in-process form is [`inside::Inside`]. A gate outside the office's network can
//! take the pages over without a change. Start reading at [`link`]; what may be told to whom is decided in
//! [`progress`], which is pure.

mod explain;
pub mod guesses;
mod inside;
pub mod link;
mod nearby;
mod pages;
pub mod progress;
mod seat;
pub mod service;
pub mod store;

pub use guesses::Guesses;
pub use pages::routes;
