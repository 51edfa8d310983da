//! Places: the tree from the street down to the micro-grid, its boundaries, landmarks and the official list of divisions.
//!
//! An id is for ever; code, parent, name and boundary are dated in `place_version` (DECISIONS 6). Every place
//! knows its community and its grid, which scope compiles to. What everybody asks is answered from memory:
//! start reading at [`service::book`] and [`book::PlaceBook`].

mod actions;
pub mod book;
pub mod geojson;
mod map;
pub mod model;
mod pages;
pub mod qr;
pub mod service;
mod store;

pub(crate) use actions::ReportView;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let (read, edit) = (Access::Grant("places.read"), Access::Grant("places.edit"));
    Routes::new()
        .get("/places", read, pages::list)
        .post("/places", edit, actions::create)
        .get("/places/new", edit, actions::new)
        .get("/places/import", edit, actions::show_import)
        .upload("/places/import", edit, actions::import)
        .get("/places/{id}", read, pages::show)
        .post("/places/{id}", edit, actions::update)
        .get("/places/{id}/edit", edit, actions::edit)
        .post("/places/{id}/retire", edit, actions::retire)
        .post("/places/{id}/token", edit, actions::renew_token)
        .get("/places/{id}/qr", read, pages::card)
        .get("/places/{id}/qr-sheet", read, pages::sheet)
}
