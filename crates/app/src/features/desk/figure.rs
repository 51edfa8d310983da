//! A figure's records as a list: `/cases?figure=…` holds exactly as many cases as the figure says, because the
//! figure itself says which they are.

use super::model::Filter;
use crate::context::Cx;
use crate::features::indicators;
use crate::features::indicators::model::{Counts, FigureFilter, Side};
use store::{Dialect, Query, Result};

/// The filter as the figure's own.
#[must_use]
pub fn filter_of(filter: &Filter) -> FigureFilter {
    let given = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
    FigureFilter {
        figure: filter.figure.clone(),
        from: given(&filter.from),
        to: given(&filter.to),
        by: given(&filter.by),
        key: filter.key.clone(),
        place: given(&filter.place),
        filter: given(&filter.condition),
        side: if filter.side == "below" { Side::Below } else { Side::Above },
    }
}

/// Whether the figure counts cases; the records of the others (reports, parts, voices) are listed as they are.
///
/// # Errors
/// `stats.indicator.unknown`.
pub fn counts_cases(filter: &Filter) -> Result<bool> {
    Ok(indicators::service::find(&filter.figure)?.counts == Counts::Cases)
}

/// Limits a list over `cases c` to a figure's records.
///
/// # Errors
/// As [`indicators::service::restrict`].
pub fn restrict(query: &mut Query, dialect: Dialect, cx: &Cx, filter: &Filter) -> Result<()> {
    indicators::service::restrict(query, dialect, cx, &filter_of(filter))
}

/// Limits a list over `cases c` to what a condition holds for.
///
/// # Errors
/// A condition's own refusal, `condition.…`, on the field `where`.
pub fn restrict_where(query: &mut Query, dialect: Dialect, cx: &Cx, text: &str) -> Result<()> {
    indicators::service::restrict_where(query, dialect, cx, text)
}
