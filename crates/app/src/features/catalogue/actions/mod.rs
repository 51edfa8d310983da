//! Forms of the catalogue and the duty list: rows, ends, spreadsheets.

mod duty;
mod matters;
mod sheets;

pub(super) use duty::{
    create as create_duty, edit as edit_duty, end as end_duty, new as new_duty, update as update_duty,
};
pub(super) use matters::{
    create as create_matter, edit as edit_matter, end as end_matter, new as new_matter,
    update as update_matter,
};
pub(super) use sheets::{import_duty, import_matters, show_duty_import, show_matters_import};

use crate::web::{Staff, WebError};
use kernel::{Day, Refusal};

/// The day of a form; today when it is left blank.
fn day(staff: &Staff, text: &str, field: &'static str) -> Result<Day, Refusal> {
    match text.trim() {
        "" => Ok(staff.cx.today()),
        text => Day::parse(text).ok_or_else(|| Refusal::rule("import.row.day").on(field).with("value", text)),
    }
}

/// The refusal in an error; anything else goes on.
fn refused(error: WebError) -> Result<Refusal, WebError> {
    match error.refusal().cloned() {
        Some(refusal) => Ok(refusal),
        None => Err(error),
    }
}
