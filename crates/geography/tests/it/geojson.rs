use crate::{at, block};
use geography::{Crs, GeoReason, PointError, Shape, ShapeError, distance_m, from_wgs84, read_features};
use serde_json::{Value, json};

fn collection(geometries: &[Value]) -> String {
    let feature = |(index, geometry): (usize, &Value)| json!({ "type": "Feature", "properties": { "code": format!("c{index}") }, "geometry": geometry });
    let features: Vec<Value> = geometries.iter().enumerate().map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn square() -> Value {
    json!({ "type": "Polygon", "coordinates": [[[114.0, 22.0], [114.1, 22.0], [114.1, 22.1], [114.0, 22.1], [114.0, 22.0]]] })
}

fn reason(text: &str) -> (Option<usize>, GeoReason) {
    let error = read_features(text, Crs::Wgs84).unwrap_err();
    (error.feature, error.reason)
}

#[test]
fn a_collection_is_read_with_its_properties() {
    let with_height = json!({ "type": "MultiPolygon", "coordinates": [
        [[[1.0, 1.0, 9.5], [2.0, 1.0, 9.5], [2.0, 2.0, 9.5], [1.0, 1.0, 9.5]]],
        [[[5, 5], [6, 5], [6, 6], [5, 5]]],
    ] });
    let features = read_features(&collection(&[square(), with_height]), Crs::Wgs84).unwrap();
    assert_eq!(features.len(), 2);
    assert_eq!(features[1].properties["code"], "c1");
    assert_eq!(features[0].shape, block(114.0, 22.0, 114.1, 22.1));
    assert!(features[1].shape.contains(at(5.8, 5.5)));
}

#[test]
fn a_single_feature_and_a_bare_geometry_are_read_too() {
    let feature = json!({ "type": "Feature", "properties": null, "geometry": square() }).to_string();
    assert!(read_features(&feature, Crs::Wgs84).unwrap()[0].properties.is_empty());
    let with_mark = format!("\u{feff}{}", square());
    assert_eq!(read_features(&with_mark, Crs::Wgs84).unwrap().len(), 1);
    let both = json!({ "type": "GeometryCollection", "geometries": [square(), square()] }).to_string();
    assert_eq!(read_features(&both, Crs::Wgs84).unwrap()[0].shape.polygons().len(), 2);
}

#[test]
fn an_error_names_the_feature_and_the_reason() {
    let point = json!({ "type": "Point", "coordinates": [114.0, 22.0] });
    assert_eq!(reason(&collection(&[square(), point])), (Some(1), GeoReason::NotArea("Point".to_owned())));
    let flat = json!({ "type": "Polygon", "coordinates": [[[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]]] });
    assert_eq!(reason(&collection(&[flat])), (Some(0), GeoReason::Shape(ShapeError::TooFewPoints)));
    let metres = json!({ "type": "Polygon", "coordinates": [[[505000.0, 2500000.0], [505001.0, 2500000.0], [505001.0, 2500001.0]]] });
    assert_eq!(reason(&collection(&[metres])), (Some(0), GeoReason::Point(PointError::OutOfRange)));
    for broken in [json!([["a", "b"]]), json!([[[1.0]]]), json!(7), json!([[1.0, 2.0]]), Value::Null] {
        let polygon = json!({ "type": "Polygon", "coordinates": broken });
        assert_eq!(reason(&collection(&[square(), square(), polygon])), (Some(2), GeoReason::Coordinates));
    }
    let none = json!({ "type": "Polygon", "coordinates": [] });
    assert_eq!(reason(&collection(&[none])), (Some(0), GeoReason::Shape(ShapeError::Empty)));
    assert_eq!(reason(&collection(&[Value::Null])), (Some(0), GeoReason::NoGeometry));
    let message = read_features(&collection(&[square(), Value::Null]), Crs::Wgs84).unwrap_err().to_string();
    assert_eq!(message, "feature 1: no geometry");
}

#[test]
fn what_is_no_geojson_is_refused_without_a_panic() {
    assert!(matches!(reason("{"), (None, GeoReason::Json(_))));
    assert_eq!(reason("[]"), (None, GeoReason::Type(String::new())));
    assert_eq!(reason("{\"type\":\"Topology\"}"), (None, GeoReason::Type("Topology".to_owned())));
    assert!(matches!(reason("{\"type\":\"FeatureCollection\"}"), (None, GeoReason::Type(_))));
    let nested = json!({ "type": "GeometryCollection", "geometries": [{ "type": "GeometryCollection", "geometries": [] }] });
    assert!(matches!(reason(&nested.to_string()), (None, GeoReason::NotArea(_))));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(reason(&deep), (None, GeoReason::Json(_))));
    assert!(
        read_features("{\"type\":\"FeatureCollection\",\"features\":[]}", Crs::Wgs84).unwrap().is_empty()
    );
}

#[test]
fn a_file_that_names_another_coordinate_system_is_refused() {
    let named = |name: &str| {
        let mut root = square();
        root["crs"] = json!({ "type": "name", "properties": { "name": name } });
        root.to_string()
    };
    let cgcs = "urn:ogc:def:crs:EPSG::4490";
    assert!(read_features(&named(cgcs), Crs::Cgcs2000).is_ok());
    assert_eq!(read_features(&named(cgcs), Crs::Gcj02).unwrap_err().reason.code(), "crs");
    assert_eq!(read_features(&named("EPSG:4547"), Crs::Cgcs2000).unwrap_err().reason.code(), "crs");
    // What programs write by habit does not contradict a declaration.
    assert!(read_features(&named("urn:ogc:def:crs:OGC:1.3:CRS84"), Crs::Gcj02).is_ok());
}

#[test]
fn shapes_from_a_domestic_map_are_stored_in_wgs84() {
    let corner = from_wgs84(at(114.0, 22.0), Crs::Gcj02);
    let features = read_features(&collection(&[square()]), Crs::Gcj02).unwrap();
    let stored = features[0].shape.polygons()[0].outer().points()[0];
    let shift = distance_m(corner, at(114.0, 22.0));
    assert!(shift > 100.0);
    assert!((distance_m(stored, at(114.0, 22.0)) - shift).abs() < 5.0);
    assert!(distance_m(from_wgs84(stored, Crs::Gcj02), at(114.0, 22.0)) < 0.1);
}

#[test]
fn a_shape_written_and_read_again_is_the_same() {
    let holed = json!({ "type": "Polygon", "coordinates": [
        [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]],
        [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.2]],
    ] });
    let shape = Shape::from_geojson(&holed, Crs::Wgs84).unwrap();
    let written = shape.to_geojson();
    assert_eq!(Shape::from_geojson(&written, Crs::Wgs84).unwrap(), shape);
    assert_eq!(written["type"], "Polygon");
    let outer = written["coordinates"][0].as_array().unwrap();
    assert_eq!(outer.first(), outer.last());
    assert_eq!(outer.len(), 5);
    let two = Shape::new([shape.polygons(), shape.polygons()].concat()).unwrap();
    assert_eq!(two.to_geojson()["type"], "MultiPolygon");
    assert_eq!(two.to_geojson()["coordinates"].as_array().unwrap().len(), 2);
}
