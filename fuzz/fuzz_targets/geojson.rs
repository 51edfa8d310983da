//! A file of shapes: read or refused; what was read is written and read as the same.
#![no_main]

use geography::{Crs, Shape, read_features};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for crs in [Crs::Wgs84, Crs::Gcj02] {
        for feature in read_features(text, crs).unwrap_or_default() {
            let written = feature.shape.to_geojson();
            Shape::from_geojson(&written, Crs::Wgs84).expect("what was written");
        }
    }
});
