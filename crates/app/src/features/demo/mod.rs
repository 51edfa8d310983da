//! The demonstration: an invented office with a year of work in it, made through the same services as the
//! pages, so that every right, clock and rule is exercised. Deterministic by seed and by the clock's now: the
//! same texts, places, people and decisions (keys and nonces are random, as everywhere).
//!
//! [`data`] reads `demo/`, [`office`] makes places, units and people, [`cast`] draws who reports what and when,
//! [`plan`] decides the next step of a case, [`play`] does it at its simulated instant, [`work`] gives tasks and holds meetings, [`check`] looks whether all
//! of it is consistent. [`make`] is the door.

mod axis;
mod cast;
mod chance;
pub mod check;
mod data;
mod documents;
mod duty;
mod knowledge;
mod life;
mod office;
mod pictures;
mod plan;
mod play;
mod run;
mod site;
mod store;
mod wording;
mod work;
mod world;

pub use data::{QuickLogin, quick_logins};
pub use run::{Made, Options, Progress, is_made, make};
