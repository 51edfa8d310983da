//! Looking up places. Everything but boundaries and old versions comes from the book in memory.

use super::super::book::{self, PlaceBook};
use super::super::model::{Kind, Located, Place, PlaceVersion, Tally};
use super::super::store;
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::features::people::service::{self as people, PostFilter};
use ::store::{Result, Tx};
use geography::{Point, Shape};
use kernel::{OfficeId, PlaceId, Refusal};
use std::collections::HashMap;
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

/// Whether the actor may look at a place: theirs by `places.read`, or one above it.
#[must_use]
pub fn may_see(cx: &Cx, book: &PlaceBook, place: &Place) -> bool {
    cx.actor.kind == ActorKind::System
        || cx.actor.reaches("places.read").any(|reach| match reach {
            Reach::Office => true,
            Reach::Community(id) => place.community == Some(id) || book.line(id).contains(&place.id),
            Reach::Grid(id) => place.grid == Some(id) || book.line(id).contains(&place.id),
            Reach::Unit(_) => false,
        })
}

/// A place that the actor may look at.
///
/// # Errors
/// `common.not_found` when there is none, or not for these eyes.
pub fn seen(tx: &mut Tx<'_>, cx: &Cx, id: PlaceId) -> Result<(Arc<PlaceBook>, Place)> {
    let book = book(tx, cx.office.id)?;
    let place = book.get(id).filter(|p| may_see(cx, &book, p)).cloned().ok_or_else(Refusal::not_found)?;
    Ok((book, place))
}

/// What every place adds up to: its own and what lies in it. Open cases within the actor's sight.
///
/// # Errors
/// When the database refuses.
pub fn tallies(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<PlaceId, Tally>> {
    let book = book(tx, cx.office.id)?;
    let mut out: HashMap<PlaceId, Tally> = HashMap::new();
    let mut add = |place: PlaceId, more: &dyn Fn(&mut Tally)| {
        for id in book.line(place) {
            more(out.entry(id).or_default());
        }
    };
    for place in book.of_kind(Kind::Grid) {
        add(place.id, &|t| t.grids += 1);
    }
    for place in book.of_kind(Kind::MicroGrid) {
        add(place.id, &|t| t.micro_grids += 1);
    }
    for view in people::posts(tx, cx, &PostFilter::default())? {
        let Some(place) = view.post.place else { continue };
        let filled = i64::from(!view.holders.is_empty());
        add(place, &|t| {
            t.posts += 1;
            t.filled += filled;
        });
    }
    for (place, open) in store::count_open(tx, cx)? {
        add(place, &|t| t.open += open);
    }
    Ok(out)
}

/// The present boundaries of some places; those without one are left out.
///
/// # Errors
/// When the database refuses.
pub fn shapes(tx: &mut Tx<'_>, office: OfficeId, ids: &[PlaceId]) -> Result<Vec<(PlaceId, Shape)>> {
    let mut out = Vec::new();
    for id in ids {
        if let Some(shape) = store::find_shape(tx, office, *id)? {
            out.push((*id, shape));
        }
    }
    Ok(out)
}
