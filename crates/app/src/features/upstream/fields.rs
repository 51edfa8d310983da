//! What is copied into a platform's form, field by field.

use super::form::{FormField, Source};
use super::reply::Sheet;
use crate::context::Cx;
use crate::features::people::service as people;
use crate::words::Words;
use kernel::UnitId;
use std::collections::HashMap;
use store::{Result, Tx};

/// The names of units.
///
/// # Errors
/// When the database refuses.
pub fn names(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<UnitId, String>> {
    Ok(people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.name)).collect())
}

/// What platforms ask for, each ready to be copied.
#[must_use]
pub fn of(w: &Words, sheet: &Sheet, names: &HashMap<UnitId, String>) -> Vec<(String, String)> {
    let unit = |id: UnitId| names.get(&id).cloned().unwrap_or_default();
    let result: Vec<String> = match sheet.results.as_slice() {
        [(_, only)] => vec![only.clone()],
        several => {
            let line = |(id, text): &(Option<UnitId>, String)| {
                w.t2("upstream-result-of", ("unit", &id.map(unit).unwrap_or_default()), ("text", text))
            };
            several.iter().map(line).collect()
        }
    };
    let of = |field: &FormField| match field.source {
        Source::Number => Some(sheet.ticket.number.clone()),
        Source::No => Some(sheet.ticket.no.clone()),
        Source::Title => Some(sheet.ticket.title.clone()),
        Source::Unit => sheet.unit.map(unit),
        Source::Done => sheet.done.map(|at| w.at(kernel::Ts(0)).when(at)),
        Source::Result => Some(result.join("\n")),
        Source::Solved => sheet.solved.map(|yes| w.t(if yes { "solved-yes" } else { "solved-no" })),
        Source::Satisfied => sheet.satisfied.map(|n| w.t(&format!("satisfied-{n}"))),
        Source::Fixed => Some(field.text.clone()),
    };
    let label = |field: &FormField| match field.label.as_str() {
        "" => w.t(&format!("upstream-reply-{}", field.source.as_str())),
        own => own.to_owned(),
    };
    sheet.form.iter().filter_map(|field| Some((label(field), of(field)?))).collect()
}
