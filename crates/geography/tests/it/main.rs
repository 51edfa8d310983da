//! Tests of points, shapes, coordinate systems, the index of places, codes and small maps.
#![expect(clippy::unwrap_used, reason = "a test that cannot build its data has failed")]

mod codes;
mod crs;
mod geojson;
mod index;
mod maps;
mod real;
mod shapes;

use geography::{Point, Polygon, Ring, Shape};

/// A point that is known to be valid.
pub fn at(lon: f64, lat: f64) -> Point {
    Point::new(lon, lat).unwrap()
}

/// A ring from pairs.
pub fn ring(points: &[(f64, f64)]) -> Ring {
    Ring::new(points.iter().map(|&(lon, lat)| at(lon, lat))).unwrap()
}

/// A rectangle.
pub fn block(west: f64, south: f64, east: f64, north: f64) -> Shape {
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    Shape::new(vec![Polygon::new(ring(&corners), Vec::new())]).unwrap()
}
