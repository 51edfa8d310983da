//! Meetings 会商: what is talked about, what is decided, who does it until when. What is not done comes back by itself at
//! the next meeting of the same kind; a decision becomes a task in one step and follows it.

pub mod minutes;
pub mod model;
mod pages;
pub mod service;
mod store;

use crate::web::{Access, Routes};

const READ: Access = Access::Grant("meetings.read");
const EDIT: Access = Access::Grant("meetings.edit");

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/meetings", READ, pages::list)
        .get("/meetings/new", EDIT, pages::new)
        .post("/meetings", EDIT, pages::hold)
        .get("/meetings/{id}", READ, pages::show)
        .get("/meetings/{id}/minutes", READ, pages::minutes)
        .post("/meetings/{id}/items", EDIT, pages::add)
        .post("/meetings/{id}/close", EDIT, pages::close)
        .post("/meetings/decisions/{id}", EDIT, pages::settle)
}
