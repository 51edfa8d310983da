//! What a platform's own form asks back when a ticket is done: which fields, in which order, under which names. An office
//! sets it once for each platform, so that the reply sheet reads like the form it is copied into.

use super::service::need;
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use kernel::Refusal;
use serde::{Deserialize, Serialize};
use store::{Result, Tx};

/// Fixed texts that a form may hold, for example a kind of handling that is always the same.
pub const FIXED_MOST: usize = 4;
/// Longest name or fixed text.
const TEXT_MOST: usize = 60;

/// What a field of the form is filled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The platform's number.
    Number,
    /// Our number.
    No,
    /// Who led.
    Unit,
    /// When it was done.
    Done,
    /// What was done.
    Result,
    /// By our call-back.
    Solved,
    /// By our call-back.
    Satisfied,
    /// The title.
    Title,
    /// Always the same text.
    Fixed,
}

impl Source {
    /// Every one that a record fills, in the usual order.
    pub const ALL: [Source; 8] = [
        Source::Number,
        Source::Unit,
        Source::Done,
        Source::Result,
        Source::Solved,
        Source::Satisfied,
        Source::No,
        Source::Title,
    ];

    /// The end of its word's key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Number => "number",
            Source::No => "no",
            Source::Unit => "unit",
            Source::Done => "done",
            Source::Result => "result",
            Source::Solved => "solved",
            Source::Satisfied => "satisfied",
            Source::Title => "title",
            Source::Fixed => "fixed",
        }
    }
}

/// A field of a platform's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// What it is filled from.
    pub source: Source,
    /// The platform's name of it; blank for the usual one.
    #[serde(default)]
    pub label: String,
    /// The text of a fixed one.
    #[serde(default)]
    pub text: String,
}

/// The form before an office has set one: six fields.
#[must_use]
pub fn usual() -> Vec<FormField> {
    let field = |source| FormField { source, label: String::new(), text: String::new() };
    Source::ALL[..6].iter().copied().map(field).collect()
}

/// The form of a platform.
///
/// # Errors
/// When the database refuses.
pub fn of(tx: &mut Tx<'_>, cx: &Cx, system: &str) -> Result<Vec<FormField>> {
    Ok(rows::reply_form(tx, cx.office.id, system)?.filter(|form| !form.is_empty()).unwrap_or_else(usual))
}

/// Sets the form of a platform.
///
/// # Errors
/// `common.forbidden`; `upstream.form.unknown` for a platform nothing came from, `.empty`, `.long`.
pub fn set(tx: &mut Tx<'_>, cx: &Cx, system: &str, form: &[FormField]) -> Result<()> {
    need(cx)?;
    if form.is_empty() {
        return Err(Refusal::rule("upstream.form.empty").into());
    }
    let long = |text: &str| text.chars().count() > TEXT_MOST;
    if form.iter().any(|f| long(&f.label) || long(&f.text)) {
        return Err(Refusal::rule("upstream.form.long").with("most", TEXT_MOST).into());
    }
    if !rows::set_reply_form(tx, cx.office.id, system, form)? {
        return Err(Refusal::rule("upstream.form.unknown").with("system", system).into());
    }
    let payload = serde_json::json!({ "system": system, "form": form });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "office.upstream_form", &payload)?;
    Ok(())
}
