//! The matter catalogue and the duty list 权责清单: what there is to report, by when it must be done, and whose it is.
//!
//! Rows are dated: a change is a new row, and a case keeps the row it was classified by (DECISIONS 9). The
//! default catalogue is in `packs/demands/`: the national list as a public transcription has it (STANDARDS
//! 1.3), local classes beside it, limits with their source or marked as an example to edit. Start reading at
//! [`model::Matter`], then [`service`]; [`sheet`] reads and writes the spreadsheets.

mod book;
pub mod model;
pub mod service;
pub mod sheet;
mod store;

