//! Looking up places. Everything but boundaries and old versions comes from the book in memory.

use super::super::book::{self, PlaceBook};
use super::super::model::{Located, Place, PlaceVersion};
use super::super::store;
use crate::context::Cx;
use ::store::{Result, Tx};
use geography::{Point, Shape};
use kernel::{OfficeId, PlaceId, Refusal};
use std::sync::Arc;

/// All places of an office, from memory while nothing changes.
///
/// # Errors
/// When the database refuses.
pub fn book(tx: &mut Tx<'_>, office: OfficeId) -> Result<Arc<PlaceBook>> {
    book::book(tx, office)
}

/// The finest place that holds a point, with its community and grid.
///
/// # Errors
/// When the database refuses.
pub fn locate(tx: &mut Tx<'_>, cx: &Cx, point: Point) -> Result<Option<Located>> {
    Ok(book(tx, cx.office.id)?.locate(point))
}

/// The columns that a record at a place carries.
///
/// # Errors
/// `common.not_found` when the office has no such place.
pub fn located(tx: &mut Tx<'_>, office: OfficeId, place: PlaceId) -> Result<Located> {
    book(tx, office)?.located(place).ok_or_else(|| Refusal::not_found().into())
}

/// A place, retired or not.
///
/// # Errors
/// `common.not_found` when the office has no such place.
pub fn place(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Place> {
    book(tx, office)?.get(id).cloned().ok_or_else(|| Refusal::not_found().into())
}

/// A place by its present code.
///
/// # Errors
/// When the database refuses.
pub fn by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<Place>> {
    Ok(book(tx, office)?.by_code(code).cloned())
}

/// The office and place of a QR code's token; `None` for a token that was renewed or never given.
///
/// # Errors
/// When the database refuses.
pub fn by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<(OfficeId, PlaceId)>> {
    store::find_by_token(tx, token)
}

/// The place itself and all above it, finest first: what the duty list is asked with. Empty for an unknown
/// place.
///
/// # Errors
/// When the database refuses.
pub fn line(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Vec<PlaceId>> {
    Ok(book(tx, office)?.line(id))
}

/// All above a place, finest first.
///
/// # Errors
/// When the database refuses.
pub fn ancestors(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Vec<Place>> {
    Ok(book(tx, office)?.ancestors(id).into_iter().cloned().collect())
}

/// A place as people write it; see [`PlaceBook::path_label`].
///
/// # Errors
/// When the database refuses.
pub fn path_label(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<String> {
    Ok(book(tx, office)?.path_label(id))
}

/// A place's present boundary.
///
/// # Errors
/// When the database refuses.
pub fn shape(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Option<Shape>> {
    store::find_shape(tx, office, id)
}

/// A place's dated versions, newest first.
///
/// # Errors
/// When the database refuses.
pub fn versions(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Vec<PlaceVersion>> {
    store::list_versions(tx, office, id)
}
