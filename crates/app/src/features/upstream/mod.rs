//! Tickets from above 上级件: workbooks and pasted rows of upper platforms become cases, and known tickets follow
//! what has changed there.
//!
//! Read [`tickets`] first: what a row says. [`sheet`] brings rows, [`service::take`] takes them over.

pub mod model;
mod pages;
pub mod service;
pub mod sheet;
mod store;
pub mod tickets;
pub mod vocabulary;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let dispatch = Access::Grant("demands.dispatch");
    Routes::new().get("/upstream", dispatch, pages::show).upload("/upstream", dispatch, pages::read)
}
