//! Real polygons, when they are present beside the project.

use geography::{Crs, PlaceIndex, code, read_features};
use std::path::PathBuf;

/// A file of the real records, or a message that the test is skipped.
fn shared(name: &str) -> Option<String> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "..", "shared", "data", name].iter().collect();
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: ../shared/data/{name} is not there");
    }
    text
}

#[test]
fn real_streets_are_read_and_their_areas_agree_with_their_source() {
    let Some(text) = shared("shenzhen_streets_wgs84.geojson") else { return };
    let streets = read_features(&text, Crs::Wgs84).unwrap();
    assert_eq!(streets.len(), 74);
    for street in &streets {
        let area_km2 = street.shape.area_m2() / 1e6;
        let source_km2 = street.properties["src_area_km2"].as_f64().unwrap();
        assert!((area_km2 / source_km2 - 1.0).abs() < 0.02, "{area_km2} {source_km2}");
        assert!(street.shape.contains(street.shape.centroid()));
        assert_eq!(code::level_of(street.properties["code"].as_str().unwrap()), Some(code::Level::Street));
        let again = geography::Shape::from_geojson(&street.shape.to_geojson(), Crs::Wgs84).unwrap();
        assert!((again.area_m2() / street.shape.area_m2() - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_point_in_a_real_city_is_found_in_its_street() {
    let Some(text) = shared("shenzhen_streets_wgs84.geojson") else { return };
    let streets = read_features(&text, Crs::Wgs84).unwrap();
    let index =
        PlaceIndex::new(streets.iter().enumerate().map(|(key, street)| (key, 3, street.shape.clone())));
    let bbox = streets.iter().map(|street| street.shape.bbox()).reduce(geography::Bbox::union).unwrap();
    let (mut worst, mut sum, mut inside, mut tried) = (0, 0, 0, 0);
    let side = 70;
    for x in 0..side {
        for y in 0..side {
            let lon = bbox.min_lon + (bbox.max_lon - bbox.min_lon) * f64::from(x) / f64::from(side);
            let lat = bbox.min_lat + (bbox.max_lat - bbox.min_lat) * f64::from(y) / f64::from(side);
            let point = crate::at(lon, lat);
            let mut held: Vec<usize> =
                (0..streets.len()).filter(|&key| streets[key].shape.contains(point)).collect();
            held.sort_by(|a, b| streets[*a].shape.area_m2().total_cmp(&streets[*b].shape.area_m2()));
            assert_eq!(index.all(point), held, "{point:?}");
            inside += usize::from(!held.is_empty());
            worst = worst.max(index.edges_compared(point));
            tried += 1;
            sum += index.edges_compared(point);
        }
    }
    eprintln!("{inside} of {tried} points inside, at most {worst} edges, {} on average", sum / tried);
    assert!(inside > 1_000);
    // All rings together have 27,000 edges.
    assert!(worst < 6_000, "{worst}");
}

#[test]
fn a_real_street_is_drawn_small_with_few_vertices() {
    let Some(text) = shared("guanhu_wgs84.geojson") else { return };
    let street = &read_features(&text, Crs::Wgs84).unwrap()[0];
    let view = geography::svg::View::fit([street.shape.bbox()], 160.0, 120.0).unwrap();
    let thin = street.shape.simplify(view.metres_per_pixel());
    assert!(thin.vertex_count() < street.shape.vertex_count() / 3);
    assert!((thin.area_m2() / street.shape.area_m2() - 1.0).abs() < 0.02);
    assert!(geography::svg::path(&thin, &view).len() < 1_500);
}

#[test]
#[ignore = "a measurement: run with --release --ignored --nocapture; GEZHI_PLACES names a file of `gezhi export places`"]
fn time_of_finding_the_finest_place_of_real_polygons() {
    let own = std::env::var_os("GEZHI_PLACES").map(|path| std::fs::read_to_string(path).unwrap());
    for (name, text) in [("streets of a city", shared("shenzhen_streets_wgs84.geojson")), ("an office", own)]
    {
        let Some(text) = text else { continue };
        let places = read_features(&text, Crs::Wgs84).unwrap();
        let level = |p: &geography::Feature| match p.properties.get("kind").and_then(|k| k.as_str()) {
            Some("community") => 4,
            Some("grid") => 5,
            Some("micro_grid") => 6,
            _ => 3,
        };
        let index = PlaceIndex::new(places.iter().enumerate().map(|(i, p)| (i, level(p), p.shape.clone())));
        let bbox = places.iter().map(|p| p.shape.bbox()).reduce(geography::Bbox::union).unwrap();
        let side = 500_u32;
        let points: Vec<_> = (0..side * side)
            .map(|i| {
                let (x, y) = (f64::from(i % side) / f64::from(side), f64::from(i / side) / f64::from(side));
                let lon = bbox.min_lon + (bbox.max_lon - bbox.min_lon) * x;
                crate::at(lon, bbox.min_lat + (bbox.max_lat - bbox.min_lat) * y)
            })
            .collect();
        let started = std::time::Instant::now();
        let found = points.iter().filter(|point| index.finest(**point).is_some()).count();
        let each = started.elapsed() / (side * side);
        eprintln!("{name}: {} polygons, {each:?} a point, {found} found", places.len());
        assert!(found > 0 && each.as_nanos() < 10_000, "{each:?}");
    }
}
