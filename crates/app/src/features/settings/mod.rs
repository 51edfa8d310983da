//! Settings of an office: name, hours, calendars, margins, its own words, how long contacts are kept. Every
//! change is an event on the office's stream.
//!
//! Read [`model::Settings`] first. Only what the product obeys can be set here; hours and calendars move the
//! deadlines that run, by recorded events ([`service::recount`]).

mod actions;
mod calendar;
pub mod model;
mod pages;
pub mod service;
mod store;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let (look, edit) = (Access::AnyGrant(&["settings.edit", "packs.edit"]), Access::Grant("settings.edit"));
    Routes::new()
        .get("/settings", look, pages::show)
        .post("/settings/office", edit, actions::set_office)
        .post("/settings/hours", edit, actions::set_hours)
        .post("/settings/rules", edit, actions::set_rules)
        .post("/settings/words", edit, actions::set_words)
        .get("/settings/calendar", look, pages::show_calendar)
        .get("/settings/calendar.csv", look, pages::calendar_csv)
        .get("/settings/calendar/import", edit, actions::show_import)
        .upload("/settings/calendar/import", edit, actions::import)
}
