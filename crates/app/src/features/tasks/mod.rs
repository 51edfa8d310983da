//! Tasks 交办: something is asked of units, communities and grids until an instant, each answers 报送, the answers are
//! merged into the form that came.
//!
//! Read [`model`] first. [`service::give`] makes a task, [`service::answer`] answers it, [`service::manage`] is the
//! giver's side, [`service::look`] decides who sees what: a receiver never sees another receiver's answer.

pub mod collate;
pub mod files;
pub mod form;
pub mod guard;
pub mod model;
mod pages;
pub mod service;
mod store;

use crate::web::{Access, Routes};

/// Whoever gives tasks, answers them or reads them all.
const ANY: Access = Access::AnyGrant(&["tasks.read", "tasks.give", "tasks.answer"]);
const GIVE: Access = Access::Grant("tasks.give");

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/tasks", ANY, pages::list::show)
        .get("/tasks/new", GIVE, pages::give::show)
        .upload("/tasks", GIVE, pages::give::give)
        .get("/tasks/{id}", ANY, pages::show::show)
        .get("/tasks/{id}/collated", ANY, pages::collated::show)
        .get("/tasks/{id}/collated.xlsx", ANY, pages::collated::workbook)
        .get("/tasks/{id}/answers.zip", ANY, pages::collated::bundle)
        .get("/tasks/{id}/form.xlsx", ANY, pages::collated::blank)
        .get("/tasks/{id}/files/{file}", ANY, pages::show::file)
        .get("/tasks/{id}/of/{receiver}", ANY, pages::answer::show)
        .upload("/tasks/{id}/of/{receiver}", ANY, pages::answer::act)
        .post("/tasks/{id}/chase", GIVE, pages::show::chase)
        .post("/tasks/{id}/act", GIVE, pages::show::act)
}

pub use pages::usual_due;

/// The count beside the menu's entry: what waits for this person's answer.
pub const COUNTER: crate::web::nav::Counter = service::look::menu;
