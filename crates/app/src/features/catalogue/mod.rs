//! The matter catalogue and the duty list 权责清单: what there is to report, by when it must be done, and whose it is.
//!
//! Rows are dated: a change is a new row, and a case keeps the row it was classified by (DECISIONS 9). The
//! default catalogue is in `packs/demands/`: the national list as a public transcription has it (STANDARDS
//! 1.3), local classes beside it, limits with their source or marked as an example to edit. Start reading at
//! [`model::Matter`], then [`service`]; [`sheet`] reads and writes the spreadsheets.

mod actions;
mod book;
pub mod model;
mod pages;
pub mod service;
pub mod sheet;
mod store;

pub use pages::limit_words;

use crate::web::{Access, Routes};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    let (read, edit) = (Access::Grant("catalogue.read"), Access::Grant("catalogue.edit"));
    Routes::new()
        .get("/matters", read, pages::list_matters)
        .post("/matters", edit, actions::create_matter)
        .get("/matters.csv", read, pages::matters_csv)
        .get("/matters/new", edit, actions::new_matter)
        .get("/matters/import", edit, actions::show_matters_import)
        .upload("/matters/import", edit, actions::import_matters)
        .get("/matters/{code}", read, pages::show_matter)
        .post("/matters/{code}", edit, actions::update_matter)
        .get("/matters/{code}/edit", edit, actions::edit_matter)
        .post("/matters/{code}/end", edit, actions::end_matter)
        .get("/duty", read, pages::list_duty)
        .post("/duty", edit, actions::create_duty)
        .get("/duty.csv", read, pages::duty_csv)
        .get("/duty/new", edit, actions::new_duty)
        .get("/duty/import", edit, actions::show_duty_import)
        .upload("/duty/import", edit, actions::import_duty)
        .post("/duty/{id}", edit, actions::update_duty)
        .get("/duty/{id}/edit", edit, actions::edit_duty)
        .post("/duty/{id}/end", edit, actions::end_duty)
}
