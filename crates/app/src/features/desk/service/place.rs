//! Where a case is: the place in words, and a small map drawn here.

use super::super::names::Names;
use crate::features::places;
use geography::{Point, Shape, svg};
use kernel::{OfficeId, PlaceId};
use store::{Result, Tx};

/// Width and height of the small map, in units of its drawing.
const SIZE: (f64, f64) = (320.0, 180.0);

/// The map of a case.
#[derive(Clone, Debug)]
pub struct MapView {
    /// `viewBox`.
    pub view_box: String,
    /// The neighbouring shapes, faint.
    pub around: Vec<String>,
    /// The case's own grid or community.
    pub own: String,
    /// The point, where it is known.
    pub dot: Option<(String, String)>,
}

/// Draws the community, its grids and the point; nothing where there is no boundary.
///
/// # Errors
/// When the database refuses.
pub fn map(
    tx: &mut Tx<'_>,
    office: OfficeId,
    names: &Names,
    at: (Option<PlaceId>, Option<PlaceId>),
    point: Option<(i64, i64)>,
) -> Result<Option<MapView>> {
    let (community, grid) = at;
    let shape = |tx: &mut Tx<'_>, id: Option<PlaceId>| -> Result<Option<Shape>> {
        id.map_or(Ok(None), |id| places::service::shape(tx, office, id))
    };
    let own = match shape(tx, grid)? {
        Some(shape) => Some(shape),
        None => shape(tx, community)?,
    };
    let point = point.and_then(point_of);
    let bbox = match (&own, point) {
        (Some(own), _) => own.bbox(),
        (None, Some(point)) => geography::Bbox::of_point(point),
        (None, None) => return Ok(None),
    };
    let Some(view) = svg::View::fit([bbox], SIZE.0, SIZE.1) else { return Ok(None) };
    let mut around = Vec::new();
    for place in names.places().children(community).filter(|p| Some(p.id) != grid && p.has_shape).take(12) {
        if let Some(shape) = shape(tx, Some(place.id))? {
            around.push(svg::path(&shape, &view));
        }
    }
    Ok(Some(MapView {
        view_box: format!("0 0 {} {}", SIZE.0, SIZE.1),
        around,
        own: own.map(|shape| svg::path(&shape, &view)).unwrap_or_default(),
        dot: point.map(|p| view.project(p)).map(|(x, y)| (format!("{x:.1}"), format!("{y:.1}"))),
    }))
}

/// A point as stored, in degrees.
#[must_use]
pub fn point_of((lon, lat): (i64, i64)) -> Option<Point> {
    Point::from_e7(i32::try_from(lon).ok()?, i32::try_from(lat).ok()?).ok()
}
