//! Messages 叫应: to somebody, to a post, a unit, whoever is on duty, or everybody; each knows whether it was read and
//! confirmed, and goes on to the next person when nobody confirms in time.
//!
//! [`service`] is the door. [`watch`] raises what is raised by itself: urgent cases and last warnings; [`chain`] moves
//! on what is not confirmed; [`robots`] posts to groups. A case is told only to whoever may see it: its subject
//! 被反映对象 and its staff never hear of it.

pub mod chain;
pub mod model;
mod pages;
mod post;
mod robot_pages;
pub mod robots;
pub mod service;
mod store;
pub mod watch;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let settings = Access::Grant("settings.edit");
    Routes::new()
        .get("/messages", Access::Grant("roster.read"), pages::list)
        .get("/messages/new", Access::Grant("messages.send"), pages::form)
        .post("/messages/new", Access::Grant("messages.send"), pages::send)
        .get("/messages/desk", Access::Grant("roster.read"), pages::desk)
        .get("/messages/robots", settings, robot_pages::show)
        .post("/messages/robots", settings, robot_pages::add)
        .post("/messages/robots/{id}", settings, robot_pages::change)
        .get("/messages/{id}", Access::Grant("roster.read"), pages::show)
        .post("/messages/{id}/read", Access::Grant("roster.read"), pages::read)
        .post("/messages/{id}/confirm", Access::Grant("roster.read"), pages::confirm)
        .post("/messages/{id}/tick", Access::Grant("roster.read"), pages::tick)
}

/// The count beside the menu's entry: messages one has not confirmed.
pub const COUNTER: crate::web::nav::Counter = service::menu;
