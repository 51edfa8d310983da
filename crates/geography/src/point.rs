//! A place on earth as longitude and latitude in WGS 84, and the distance between two.

use std::fmt;

/// The mean radius of the earth (IUGG R1), metres. Distances are on this sphere: within 0.5 % of the
/// ellipsoid, which is far below the error of a phone's position.
pub(crate) const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point in WGS 84. Both coordinates are finite and in range, because only [`Point::new`] makes one.
#[derive(Clone, Copy, PartialEq)]
pub struct Point {
    lon: f64,
    lat: f64,
}

/// Why two numbers are no point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// A coordinate is NaN or infinite.
    #[error("a coordinate is not a finite number")]
    NotFinite,
    /// Longitude outside -180..=180 or latitude outside -90..=90: projected metres, or swapped axes.
    #[error("a coordinate is outside longitude -180..180 or latitude -90..90")]
    OutOfRange,
}

impl Point {
    /// A point from degrees, longitude first as in GeoJSON.
    ///
    /// # Errors
    /// [`PointError`] when a coordinate is not finite or outside ±180 and ±90.
    pub fn new(lon: f64, lat: f64) -> Result<Point, PointError> {
        if !lon.is_finite() || !lat.is_finite() {
            return Err(PointError::NotFinite);
        }
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            return Err(PointError::OutOfRange);
        }
        Ok(Point { lon, lat })
    }

    /// A point from coordinates that are finite by construction; pulled into range at the edges.
    pub(crate) fn clamped(lon: f64, lat: f64) -> Point {
        Point { lon: lon.clamp(-180.0, 180.0), lat: lat.clamp(-90.0, 90.0) }
    }

    /// Longitude in degrees, east positive.
    #[must_use]
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Latitude in degrees, north positive.
    #[must_use]
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Longitude and latitude in units of 1e-7 degree (about 1 cm), the form in which points are stored:
    /// equal integers are the same point on every database.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "±180 degrees are ±1.8e9 units, inside i32")]
    pub fn to_e7(self) -> (i32, i32) {
        ((self.lon * 1e7).round() as i32, (self.lat * 1e7).round() as i32)
    }

    /// A point from its stored form.
    ///
    /// # Errors
    /// [`PointError::OutOfRange`] when the integers are beyond ±180 and ±90 degrees.
    pub fn from_e7(lon_e7: i32, lat_e7: i32) -> Result<Point, PointError> {
        Point::new(f64::from(lon_e7) / 1e7, f64::from(lat_e7) / 1e7)
    }

    /// The point moved onto a lattice of `decimals` digits (0 to 7), for public pages that may show only
    /// about where something is: 3 decimals are about 100 m.
    #[must_use]
    pub fn rounded(self, decimals: u8) -> Point {
        let unit = 10f64.powi(i32::from(decimals.min(7)));
        Point::clamped((self.lon * unit).round() / unit, (self.lat * unit).round() / unit)
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:.7}, {:.7})", self.lon, self.lat)
    }
}

/// The great-circle distance between two points in metres (haversine, mean radius 6,371,008.8 m).
#[must_use]
pub fn distance_m(a: Point, b: Point) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.lon - a.lon).to_radians() / 2.0).sin();
    let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * h.clamp(0.0, 1.0).sqrt().asin()
}

/// A flat plane in metres around one point, good for tens of kilometres: x east, y north.
#[derive(Clone, Copy)]
pub(crate) struct Plane {
    origin: Point,
    per_lon: f64,
    per_lat: f64,
}

impl Plane {
    pub(crate) fn at(origin: Point) -> Plane {
        let per_lat = EARTH_RADIUS_M.to_radians();
        Plane { origin, per_lon: per_lat * origin.lat.to_radians().cos(), per_lat }
    }

    pub(crate) fn xy(self, point: Point) -> (f64, f64) {
        ((point.lon - self.origin.lon) * self.per_lon, (point.lat - self.origin.lat) * self.per_lat)
    }
}

/// The distance from `(px, py)` to the segment `a`–`b`, all in the same plane.
pub(crate) fn segment_distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length2 } else { 0.0 };
    let t = along.clamp(0.0, 1.0);
    (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
}
