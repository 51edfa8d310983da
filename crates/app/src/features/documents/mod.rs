//! Documents 文书: an office's own .docx filled from the record, numbered, signed, served.
//!
//! Read [`kinds`] first: which documents there are and what they ask. [`docx`] and [`make`] are pure; [`service`] is the
//! only door.

pub mod docx;
mod forms;
pub mod kinds;
pub mod make;
pub mod model;
mod pages;
mod record;
pub mod service;
mod store;
mod templates;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let make = Access::Grant("documents.make");
    let edit = Access::Grant("documents.edit_templates");
    Routes::new()
        .get("/documents", Access::AnyGrant(&["documents.make", "documents.edit_templates"]), pages::list)
        .get("/documents/templates", edit, templates::list)
        .get("/documents/templates/{kind}", edit, templates::download)
        .upload("/documents/templates/{kind}", edit, templates::bring)
        .post("/documents/templates/{kind}/pattern", edit, templates::pattern)
        .get("/cases/{id}/documents", make, forms::choose)
        .get("/cases/{id}/documents/{kind}", make, forms::show)
        .post("/cases/{id}/documents/{kind}", make, forms::issue)
        .get("/documents/{id}", make, pages::show)
        .post("/documents/{id}/file", make, pages::file)
        .upload("/documents/{id}/scan", make, pages::scan)
        .upload("/documents/{id}/serve", make, pages::serve)
        .post("/documents/{id}/paper/{which}", make, pages::paper)
        .post("/documents/{id}/void", make, pages::void)
}

/// The count beside the menu's entry: documents that wait for their seal or to be served.
pub const COUNTER: crate::web::nav::Counter = service::menu;
