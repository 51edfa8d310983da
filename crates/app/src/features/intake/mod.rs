//! Intake: what somebody says becomes a report and a case. Also what belongs to the report and its
//! requester afterwards: following, adding, urging, rating, the reveal and the erasure. The desk's form
//! (`/intake`) and the grid worker's page (`/report`) are here too.

mod actions;
pub mod drafts;
mod field;
mod form;
pub mod model;
mod own;
mod pages;
mod patrol;
pub mod search;
pub mod service;
pub mod store;
mod suggest;

use crate::web::{Access, Routes};

/// Who may come in: whoever may register what somebody says.
const REPORT: Access = Access::Grant("demands.report");

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/intake", REPORT, pages::show)
        .upload("/intake", REPORT, actions::register)
        .get("/intake/panel", REPORT, pages::panel)
        .get("/intake/drafts", REPORT, pages::drafts)
        .post("/intake/drafts/{id}", REPORT, actions::keep)
        .post("/intake/suggest", REPORT, pages::suggest)
        .get("/report", REPORT, field::show)
        .upload("/report", REPORT, field::send)
        .get("/report/{case}", REPORT, own::show)
        .get("/places/{id}/patrol", Access::Grant("places.read"), patrol::show)
}
