//! Past tickets: a workbook of a year or more, brought in the browser, becomes cases with their times, units and
//! outcomes. Read [`columns`] first (what a column means), then [`service`]; [`work`] does it in the background.

pub mod columns;
mod pages;
mod reading;
pub mod service;
mod store;
pub mod work;

use crate::web::{Access, Routes};

/// The right to bring past tickets.
pub const IMPORT: &str = "demands.import";

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let import = Access::Grant(IMPORT);
    Routes::new()
        .get("/history", import, pages::show)
        .upload("/history", import, pages::bring)
        .get("/history/{id}", import, pages::look)
        .post("/history/{id}", import, pages::again)
        .get("/history/{id}/left-out.xlsx", import, pages::left_out)
}
