//! What every part of Gezhi knows and nothing more: instants and days, the clock, coded refusals.
//! No I/O, no database, no words.
#![deny(missing_docs)]

mod refusal;
mod time;

pub use refusal::{Refusal, RefusalKind};
pub use time::{Clock, Day, Ts};
