//! GeoJSON (RFC 7946) in and out. Reading is strict and says which feature is wrong and why, since the file
//! comes from another office's survey and its person must be able to mend it; a third coordinate (height)
//! is ignored. The coordinate system is the caller's declaration: a file that names another one is refused.

use crate::crs::{Crs, to_wgs84};
use crate::point::{Point, PointError};
use crate::shape::{Polygon, Ring, Shape, ShapeError};
use serde_json::{Map, Value, json};

/// One feature of a file: its properties as they were and its shape in WGS 84.
#[derive(Clone, Debug)]
pub struct Feature {
    /// The properties object; empty when it was null or absent.
    pub properties: Map<String, Value>,
    /// The area.
    pub shape: Shape,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", .feature.map(|index| format!("feature {index}: ")).unwrap_or_default())]
pub struct GeoError {
    /// The position of the feature in the file from 0; `None` when the file itself is wrong.
    pub feature: Option<usize>,
    /// Why it cannot be read.
    pub reason: GeoReason,
}

/// Why a file or a feature cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeoReason {
    /// Not JSON; the parser's words.
    #[error("not JSON: {0}")]
    Json(String),
    /// Not a FeatureCollection, Feature or geometry; what it calls itself.
    #[error("not GeoJSON: type {0:?}")]
    Type(String),
    /// The file names another coordinate system than the declared one.
    #[error("the file says its coordinates are {named:?}, declared was {declared}")]
    Crs {
        /// As the file names it.
        named: String,
        /// As the caller declared it.
        declared: &'static str,
    },
    /// A feature without geometry.
    #[error("no geometry")]
    NoGeometry,
    /// A geometry that is no area, such as a point or a line; its type.
    #[error("an area is needed, this is a {0}")]
    NotArea(String),
    /// Coordinates that are not nested lists of numbers as the type needs.
    #[error("coordinates are not the lists of numbers that the type needs")]
    Coordinates,
    /// A coordinate that is no longitude or latitude.
    #[error("{0}")]
    Point(#[from] PointError),
    /// Vertices that enclose no area.
    #[error("{0}")]
    Shape(#[from] ShapeError),
}

impl GeoReason {
    /// A short stable key, for words and for counting.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GeoReason::Json(_) => "json",
            GeoReason::Type(_) => "type",
            GeoReason::Crs { .. } => "crs",
            GeoReason::NoGeometry => "no_geometry",
            GeoReason::NotArea(_) => "not_area",
            GeoReason::Coordinates => "coordinates",
            GeoReason::Point(PointError::NotFinite | PointError::OutOfRange) => "point",
            GeoReason::Shape(_) => "shape",
        }
    }
}

/// Reads a FeatureCollection, a Feature or a bare geometry whose coordinates are in `crs`. All features
/// must be areas (Polygon, MultiPolygon, or a GeometryCollection of these).
///
/// # Errors
/// The first [`GeoError`] found; nothing is half-read.
pub fn read_features(geojson: &str, crs: Crs) -> Result<Vec<Feature>, GeoError> {
    let whole = |reason| GeoError { feature: None, reason };
    let text = geojson.trim_start_matches('\u{feff}');
    let root: Value =
        serde_json::from_str(text).map_err(|error| whole(GeoReason::Json(error.to_string())))?;
    check_named_crs(&root, crs).map_err(whole)?;
    match type_of(&root) {
        "FeatureCollection" => {
            let list = root.get("features").and_then(Value::as_array);
            let list = list.ok_or_else(|| whole(GeoReason::Type("FeatureCollection".to_owned())))?;
            let read = |(index, value)| {
                read_feature(value, crs).map_err(|reason| GeoError { feature: Some(index), reason })
            };
            list.iter().enumerate().map(read).collect()
        }
        "Feature" => {
            let error = |reason| GeoError { feature: Some(0), reason };
            Ok(vec![read_feature(&root, crs).map_err(error)?])
        }
        _ => {
            let shape = Shape::from_geojson(&root, crs).map_err(whole)?;
            Ok(vec![Feature { properties: Map::new(), shape }])
        }
    }
}

fn type_of(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// RFC 7946 has no `crs` member, but surveys still write the one of 2008, and a file in a projected system
/// or in another datum must not be taken for what the caller thinks it is. CRS84 and 4326 are written by
/// programs that know nothing else, so they do not contradict a declared GCJ-02 or CGCS2000.
fn check_named_crs(root: &Value, declared: Crs) -> Result<(), GeoReason> {
    let Some(named) = root.pointer("/crs/properties/name").and_then(Value::as_str) else { return Ok(()) };
    // `urn:ogc:def:crs:EPSG::4490` and `EPSG:4490` are the same.
    match named.parse::<Crs>() {
        Ok(crs) if crs == declared || crs == Crs::Wgs84 => Ok(()),
        _ => Err(GeoReason::Crs { named: named.to_owned(), declared: declared.as_str() }),
    }
}

fn read_feature(value: &Value, crs: Crs) -> Result<Feature, GeoReason> {
    if type_of(value) != "Feature" {
        return Err(GeoReason::Type(type_of(value).to_owned()));
    }
    let geometry = value.get("geometry").filter(|geometry| !geometry.is_null());
    let shape = Shape::from_geojson(geometry.ok_or(GeoReason::NoGeometry)?, crs)?;
    let properties = value.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(Feature { properties, shape })
}

fn read_polygons(geometry: &Value, crs: Crs, into: &mut Vec<Polygon>) -> Result<(), GeoReason> {
    let list = |key: &str| geometry.get(key).and_then(Value::as_array).ok_or(GeoReason::Coordinates);
    match type_of(geometry) {
        "Polygon" => into.push(read_polygon(geometry.get("coordinates").unwrap_or(&Value::Null), crs)?),
        "MultiPolygon" => {
            for polygon in list("coordinates")? {
                into.push(read_polygon(polygon, crs)?);
            }
        }
        // One level only: RFC 7946 advises against nested collections, and depth must be bounded.
        "GeometryCollection" => {
            for part in list("geometries")? {
                if type_of(part) == "GeometryCollection" {
                    return Err(GeoReason::NotArea("nested GeometryCollection".to_owned()));
                }
                read_polygons(part, crs, into)?;
            }
        }
        kind @ ("Point" | "MultiPoint" | "LineString" | "MultiLineString") => {
            return Err(GeoReason::NotArea(kind.to_owned()));
        }
        other => return Err(GeoReason::Type(other.to_owned())),
    }
    Ok(())
}

fn read_polygon(value: &Value, crs: Crs) -> Result<Polygon, GeoReason> {
    let rings = value.as_array().ok_or(GeoReason::Coordinates)?;
    let mut rings = rings.iter().map(|ring| read_ring(ring, crs));
    let outer = rings.next().ok_or(GeoReason::Shape(ShapeError::Empty))??;
    Ok(Polygon::new(outer, rings.collect::<Result<_, _>>()?))
}

fn read_ring(value: &Value, crs: Crs) -> Result<Ring, GeoReason> {
    let positions = value.as_array().ok_or(GeoReason::Coordinates)?;
    let points: Result<Vec<Point>, GeoReason> = positions.iter().map(|p| read_position(p, crs)).collect();
    Ok(Ring::new(points?)?)
}

fn read_position(value: &Value, crs: Crs) -> Result<Point, GeoReason> {
    let numbers = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let [lon, lat, ..] = numbers else { return Err(GeoReason::Coordinates) };
    let (lon, lat) = lon.as_f64().zip(lat.as_f64()).ok_or(GeoReason::Coordinates)?;
    Ok(to_wgs84(Point::new(lon, lat)?, crs))
}

impl Shape {
    /// Reads a Polygon, MultiPolygon or a GeometryCollection of these whose coordinates are in `crs`.
    ///
    /// # Errors
    /// [`GeoReason`]: what is wrong with the geometry.
    pub fn from_geojson(geometry: &Value, crs: Crs) -> Result<Shape, GeoReason> {
        let mut polygons = Vec::new();
        read_polygons(geometry, crs, &mut polygons)?;
        Ok(Shape::new(polygons)?)
    }

    /// The shape as a GeoJSON geometry in WGS 84, coordinates to 7 decimals, rings closed and wound as
    /// RFC 7946 wants them.
    #[must_use]
    pub fn to_geojson(&self) -> Value {
        let mut polygons: Vec<Value> = self.polygons().iter().map(write_polygon).collect();
        match (polygons.len(), polygons.pop()) {
            (1, Some(only)) => json!({ "type": "Polygon", "coordinates": only }),
            (_, last) => {
                polygons.extend(last);
                json!({ "type": "MultiPolygon", "coordinates": polygons })
            }
        }
    }
}

fn write_polygon(polygon: &Polygon) -> Value {
    let position = |point: &Point| {
        let (lon, lat) = point.to_e7();
        json!([f64::from(lon) / 1e7, f64::from(lat) / 1e7])
    };
    let ring = |ring: &Ring| -> Value {
        let points = ring.points();
        points.iter().chain(points.first()).map(position).collect()
    };
    polygon.rings().map(ring).collect()
}
