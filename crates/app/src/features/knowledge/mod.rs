//! The knowledge base 知识库: what people ask, the answer that is read aloud, and which answer was given.
//!
//! Read [`model`] first. [`search`] finds entries in what is being typed, [`service`] is the only door,
//! [`book`] brings entries in and out as a sheet.

pub mod book;
pub mod model;
mod pages;
pub mod search;
pub mod service;
mod sheets;
mod store;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let read = Access::Grant("knowledge.read");
    let edit = Access::AnyGrant(&["knowledge.edit", "knowledge.review"]);
    Routes::new()
        .get("/knowledge", read, pages::list)
        .get("/knowledge/new", edit, pages::blank)
        .post("/knowledge/new", edit, pages::create)
        .get("/knowledge/import", edit, sheets::ask)
        .upload("/knowledge/import", edit, sheets::bring)
        .get("/knowledge/export", read, sheets::export)
        .get("/knowledge/{id}", read, pages::show)
        .get("/knowledge/{id}/edit", edit, pages::edit)
        .post("/knowledge/{id}/edit", edit, pages::save)
        .post("/knowledge/{id}/publish", edit, pages::publish)
        .post("/knowledge/{id}/withdraw", edit, pages::withdraw)
        .post("/knowledge/{id}/review", edit, pages::review)
        .post("/knowledge/{id}/fault", read, pages::fault)
        .post("/knowledge/{id}/faults/{fault}", edit, pages::close_fault)
}

/// The count beside the menu's entry: what is to be reviewed, and what somebody says is wrong.
pub const COUNTER: crate::web::nav::Counter = service::menu;
