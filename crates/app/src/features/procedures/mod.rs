//! The procedure engine: a matter with clocks that passes through hands until it is closed.
//!
//! A procedure is data (`packs/demands/procedure.toml`, read by [`procedure`]). An act of a user is decided
//! by [`service::act`]: it finds the action, checks right, place in the procedure and conditions, turns
//! the action's effects into facts ([`state::Effect`]), appends one event that holds them, folds it into the
//! case ([`state::CaseState::apply`], pure) and saves the rows people query. Rebuilding is folding again
//! ([`rebuild`]). Merge, split, link and reveal are verbs of the engine, not of a pack.

pub mod alarms;
mod clocks;
mod effects;
mod facts;
mod fold;
pub mod model;
pub mod numbers;
pub mod procedure;
pub mod rebuild;
pub mod service;
pub mod state;
pub mod store;
pub mod timeline;
pub mod upper;
pub mod verbs;
