//! Areas, centres and distances of shapes.

use super::{Polygon, Ring, Shape};
use crate::Point;
use crate::point::{Plane, segment_distance};

/// The radius of the sphere with the surface of the WGS 84 ellipsoid, metres.
const AUTHALIC_RADIUS_M: f64 = 6_371_007.180_918_5;
/// First eccentricity of WGS 84, squared.
const ECCENTRICITY2: f64 = 0.006_694_379_990_14;

impl Shape {
    /// The area in square metres on the WGS 84 ellipsoid (by authalic latitudes; for edges below a
    /// kilometre within 0.01 %). Holes are taken off.
    #[must_use]
    pub fn area_m2(&self) -> f64 {
        self.polygons.iter().map(Polygon::area_m2).sum()
    }

    /// A point that stands for the shape, always inside it: the centre of area of the largest polygon, or,
    /// where that lies outside (a crescent, a ring), the middle of the widest stretch inside near it.
    #[must_use]
    pub fn centroid(&self) -> Point {
        let by_area = |a: &&Polygon, b: &&Polygon| a.area_m2().total_cmp(&b.area_m2());
        let Some(polygon) = self.polygons.iter().max_by(by_area) else { return self.bbox.center() };
        let center = polygon.outer.center();
        if polygon.contains(center) { center } else { polygon.inner_point(center) }
    }

    /// Metres from the point to the nearest edge, also when it is inside. Good for tens of kilometres.
    #[must_use]
    pub fn edge_distance_m(&self, point: Point) -> f64 {
        let plane = Plane::at(point);
        let distance = |(a, b): (Point, Point)| segment_distance((0.0, 0.0), plane.xy(a), plane.xy(b));
        self.rings().flat_map(Ring::edges).map(distance).fold(f64::INFINITY, f64::min)
    }

    /// Metres from the point to the shape: 0 inside.
    #[must_use]
    pub fn distance_m(&self, point: Point) -> f64 {
        if self.contains(point) { 0.0 } else { self.edge_distance_m(point) }
    }
}

impl Polygon {
    fn area_m2(&self) -> f64 {
        let holes: f64 = self.holes.iter().map(Ring::area_m2).sum();
        (self.outer.area_m2() - holes).max(0.0)
    }

    /// The middle of the longest stretch inside, on the latitude of `near` and then on others, from the
    /// middle outwards. Latitudes that meet a vertex are no trouble: the crossing rule is half-open.
    fn inner_point(&self, near: Point) -> Point {
        let Some(bbox) = self.outer.bbox() else { return near };
        let span = bbox.max_lat - bbox.min_lat;
        let others = (1..32).map(|step| bbox.min_lat + span * f64::from(step) / 32.0);
        let mut best: Option<(f64, f64, f64)> = None;
        for lat in std::iter::once(near.lat()).chain(others) {
            for (from, to) in self.stretches(lat) {
                if best.is_none_or(|(width, _, _)| to - from > width * 1.5) {
                    best = Some((to - from, f64::midpoint(from, to), lat));
                }
            }
        }
        best.map_or(near, |(_, lon, lat)| Point::clamped(lon, lat))
    }

    /// The stretches of one latitude that are inside, west to east.
    fn stretches(&self, lat: f64) -> Vec<(f64, f64)> {
        let crossing = |(a, b): (Point, Point)| {
            ((a.lat() > lat) != (b.lat() > lat))
                .then(|| a.lon() + (b.lon() - a.lon()) * (lat - a.lat()) / (b.lat() - a.lat()))
        };
        let mut lons: Vec<f64> = self.rings().flat_map(Ring::edges).filter_map(crossing).collect();
        lons.sort_by(f64::total_cmp);
        lons.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    }
}

impl Ring {
    fn area_m2(&self) -> f64 {
        let Some(&first) = self.points().first() else { return 0.0 };
        let base = authalic_sine(first.lat());
        // Relative to the first vertex: sums of small numbers keep the digits of a small grid.
        let part = |(a, b): (Point, Point)| {
            let width = (b.lon() - a.lon()).to_radians();
            width * f64::midpoint(authalic_sine(a.lat()) - base, authalic_sine(b.lat()) - base)
        };
        self.edges().map(part).sum::<f64>().abs() * AUTHALIC_RADIUS_M * AUTHALIC_RADIUS_M
    }

    /// The centre of area in degrees; the scale of both axes cancels out.
    fn center(&self) -> Point {
        let Some(&o) = self.points().first() else { return Point::clamped(0.0, 0.0) };
        let (mut doubled, mut x, mut y) = (0.0, 0.0, 0.0);
        for (a, b) in self.edges() {
            let (ax, ay) = (a.lon() - o.lon(), a.lat() - o.lat());
            let (bx, by) = (b.lon() - o.lon(), b.lat() - o.lat());
            let cross = ax * by - bx * ay;
            doubled += cross;
            x += (ax + bx) * cross;
            y += (ay + by) * cross;
        }
        Point::clamped(o.lon() + x / (3.0 * doubled), o.lat() + y / (3.0 * doubled))
    }
}

/// The sine of the authalic latitude: equal steps of it are equal areas of the ellipsoid.
fn authalic_sine(lat: f64) -> f64 {
    let e = ECCENTRICITY2.sqrt();
    let q = |sine: f64| {
        (1.0 - ECCENTRICITY2) * (sine / (1.0 - ECCENTRICITY2 * sine * sine) + (e * sine).atanh() / e)
    };
    q(lat.to_radians().sin()) / q(1.0)
}
