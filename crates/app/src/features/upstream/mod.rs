//! Tickets from above 上级件: workbooks and pasted rows of upper platforms become cases, and known tickets follow
//! what has changed there.
//!
//! Read [`tickets`] first: what a row says. [`crate::sheet`] brings rows, [`service::take`] takes them over.

pub mod contest;
mod contest_pages;
pub mod fields;
pub mod form;
mod form_pages;
pub mod model;
mod pages;
pub mod reply;
mod reply_pages;
pub mod service;
mod store;
pub mod tickets;
pub mod vocabulary;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let dispatch = Access::Grant("demands.dispatch");
    Routes::new()
        .get("/upstream", dispatch, pages::show)
        .upload("/upstream", dispatch, pages::read)
        .get("/upstream/replies", dispatch, reply_pages::list)
        .get("/upstream/replies/{id}", dispatch, reply_pages::show)
        .post("/upstream/replies/{id}", dispatch, reply_pages::done)
        .get("/upstream/form", dispatch, form_pages::show)
        .post("/upstream/form", dispatch, form_pages::save)
        .get("/upstream/ratings", dispatch, contest_pages::list)
        .get("/upstream/ratings/{id}", dispatch, contest_pages::show)
        .upload("/upstream/ratings/{id}", dispatch, contest_pages::send)
        .post("/upstream/ratings/{id}/outcome", dispatch, contest_pages::decide)
        .get("/upstream/ratings/{id}/pictures.zip", dispatch, reply_pages::evidence)
        .get("/upstream/replies/{id}/pictures.zip", dispatch, reply_pages::pictures)
}

/// The count beside the menu's entry: what waits to be written back.
pub const COUNTER: crate::web::nav::Counter = reply::menu;
