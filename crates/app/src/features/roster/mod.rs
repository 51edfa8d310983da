//! Duty 值班: lists of who is on duty when, made fairly, swapped by consent, handed over, logged, printed; and the
//! information reports 信息报送 that are written on duty. (The word `duty` belongs to the duty list 权责清单.)
//!
//! Read [`model`] first. [`service`] is the door: [`service::on_duty`] says who is on duty somewhere at an instant,
//! [`making`] drafts and publishes, [`fair`] chooses, [`swaps`], [`log`] and [`reports`] are what they say.
//! Counts of shifts are shown only while a list is made and only to whoever makes it: nothing ranks people.

pub mod fair;
pub mod log;
pub mod making;
pub mod model;
mod pages;
pub mod reports;
pub mod service;
mod store;
pub mod strip;
pub mod swaps;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let (read, edit) = (Access::Grant("roster.read"), Access::Grant("roster.edit"));
    Routes::new()
        .get("/roster", read, pages::month::show)
        .get("/roster/print", read, pages::paper::print)
        .get("/roster/export.xlsx", read, pages::paper::export)
        .get("/roster/new", edit, pages::making::form)
        .post("/roster/new", edit, pages::making::draft)
        .get("/roster/drafts/{id}", edit, pages::making::show)
        .post("/roster/drafts/{id}", edit, pages::making::change)
        .post("/roster/drafts/{id}/discard", edit, pages::making::discard)
        .get("/roster/setup", edit, pages::setup::show)
        .post("/roster/setup", edit, pages::setup::save)
        .post("/roster/setup/phone", edit, pages::setup::phone)
        .post("/roster/setup/away", edit, pages::setup::away)
        .post("/roster/setup/away/{id}/end", edit, pages::setup::end_away)
        .get("/roster/shifts/{id}", read, pages::shift::show)
        .post("/roster/shifts/{id}/swap", read, pages::shift::ask)
        .post("/roster/shifts/{id}/change", edit, pages::shift::change)
        .post("/roster/swaps/{id}", read, pages::shift::answer)
        .get("/roster/log", read, pages::log::show)
        .post("/roster/log", read, pages::log::write)
        .get("/roster/log/print", read, pages::log::print)
        .post("/roster/handover", read, pages::log::hand_over)
        .post("/roster/handover/{id}", read, pages::log::take_over)
        .get("/roster/reports", read, pages::reports::list)
        .get("/roster/reports/new", read, pages::reports::form)
        .post("/roster/reports/new", read, pages::reports::first)
        .get("/roster/reports/{id}", read, pages::reports::show)
        .post("/roster/reports/{id}", read, pages::reports::further)
        .get("/roster/reports/{id}/print", read, pages::reports::print)
}

/// The count beside the menu's entry: swaps that wait for one's answer, and hand-overs to be taken.
pub const COUNTER: crate::web::nav::Counter = swaps::menu;
