//! The staff pages of the main job: home, case list, case page, dispatcher's board, the desks for accepting,
//! ruling, approving, verifying and calling back, the intake desk, the grid worker's report.
//!
//! Nothing is decided here. What somebody may do is asked of `procedures::service::offers`, and done by
//! `procedures::service::act` and the services of `intake`; this feature reads lists within the viewer's scope
//! ([`store`]), puts pages together in one snapshot ([`service`]), and draws them ([`pages`], [`actions`]).
//! The API under `/api/v1` takes the same filters and gives the same lists ([`api`]).
//!
//! May call: procedures, intake, parties, catalogue, places, people, indicators (for drilling down).

mod actions;
mod figure;
pub mod model;
mod names;
mod pages;
pub mod service;
mod store;

use crate::web::{Access, Routes};

/// Who may come in: whoever sees any case at all. Which ones is decided by scope, and what may be done by the engine.
const READ: Access = Access::Grant("demands.read");

/// The pages and their forms.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Session, pages::home::show)
        .get("/board", Access::Grant("demands.dispatch"), pages::queue::board)
        .get("/board/list", Access::Grant("demands.dispatch"), pages::queue::board_list)
        .get("/queue/{queue}", READ, pages::queue::show)
        .get("/queue/{queue}/list", READ, pages::queue::show_list)
        .get("/cases", READ, pages::cases::show)
        .post("/cases/bulk", READ, actions::bulk::bulk)
        .post("/cases/export", Access::Grant("demands.export"), actions::bulk::export)
        .post("/cases/views", READ, actions::views::save)
        .post("/cases/views/{id}/delete", READ, actions::views::delete)
        .get("/cases/ledger", READ, pages::ledger::show)
        .get("/cases/{id}", READ, pages::case::show)
        .get("/cases/{id}/print", READ, pages::case::print)
        .get("/cases/{id}/file", READ, pages::dossier::show)
        .get("/cases/{id}/act/{key}", READ, pages::case::act)
        .upload("/cases/{id}/act/{key}", READ, actions::act::act)
        .get("/cases/{id}/do/{verb}", READ, actions::verbs::show)
        .post("/cases/{id}/do/{verb}", READ, actions::verbs::run)
        .post("/cases/{id}/reveal", Access::Grant("demands.reveal"), actions::reveal::reveal)
        .get("/files/{case}/{attachment}", READ, pages::files::show)
        .get("/pick/matters", READ, pages::case::matters)
}

/// The counts beside the menu's entries.
pub const COUNTER: crate::web::nav::Counter = service::queue::menu;

/// The phases in which somebody still has something to do, as stored.
pub(crate) const OPEN_PHASES: [&str; 9] =
    ["received", "accepted", "ruling", "dispatched", "handling", "paused", "shelved", "checking", "calling"];
