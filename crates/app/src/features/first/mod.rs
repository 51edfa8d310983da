//! The first week of an office: [`start`] makes it in the browser, [`look`] shows at first sight what last year's tickets
//! say, [`briefing`] writes it down, [`replaced`] counts what nobody fills in by hand any more, and everything leaves again
//! as one workbook.

pub mod briefing;
mod briefing_book;
pub mod look;
mod pages;
pub mod replaced;
mod replaced_pages;
pub mod start;
mod start_pages;
mod store;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let stats = Access::Grant("stats.read");
    Routes::new()
        .get("/start", Access::Local, start_pages::show)
        .post("/start", Access::Local, start_pages::make)
        .get("/first", stats, pages::show)
        .get("/briefing", stats, pages::briefing)
        .get("/briefing.xlsx", stats, pages::briefing_workbook)
        .get("/replaced", stats, replaced_pages::show)
        .get("/replaced/{table}", stats, replaced_pages::records)
        .post("/export/all.xlsx", Access::Grant("demands.export"), pages::export)
}
