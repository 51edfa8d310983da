//! Where things are: points and shapes in WGS 84, the coordinate systems data arrives in, the place that
//! holds a point, division codes, and paths for small maps drawn on the server.
//!
//! Nothing here reads files or a database, and no function fails on hostile input otherwise than by its
//! `Result`. Start reading at [`Point`], then [`Shape`], then [`PlaceIndex`].
#![deny(missing_docs)]

pub mod code;
mod crs;
mod geojson;
mod index;
mod point;
mod shape;
pub mod svg;

pub use crs::{Crs, UnknownCrs, from_wgs84, to_wgs84};
pub use geojson::{Feature, GeoError, GeoReason, read_features};
pub use index::PlaceIndex;
pub use point::{Point, PointError, distance_m};
pub use shape::{Bbox, Polygon, Ring, Shape, ShapeError};
