//! Hands that do not log in: a unit without an account signs, reports and closes its part by a link with a PIN, sent to
//! its group or printed as a slip. The link shows what is to be done and nobody's identity.
//!
//! May call: procedures, intake, people, places, catalogue.

mod desk_pages;
pub mod items;
pub mod model;
mod pages;
pub mod service;
mod store;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let dispatch = Access::Grant("demands.dispatch");
    Routes::new()
        .get("/hands", dispatch, desk_pages::list)
        .post("/hands", dispatch, desk_pages::make_for_unit)
        .get("/cases/{id}/hands", dispatch, desk_pages::of_case)
        .upload("/cases/{id}/hands", dispatch, desk_pages::make_for_part)
        .post("/hands/{id}/cut", dispatch, desk_pages::cut)
        .get("/hands/{id}", dispatch, desk_pages::show)
        .get("/hands/{id}/slip", dispatch, desk_pages::slip)
        .get("/p/u/{token}", Access::Public, pages::show)
        .post("/p/u/{token}", Access::Public, pages::enter)
        .get("/p/u/{token}/{part}", Access::Public, pages::item)
        .upload("/p/u/{token}/{part}", Access::Public, pages::act)
        .get("/p/u/{token}/{part}/{picture}", Access::Public, pages::picture)
}
