use crate::at;
use geography::{Crs, Point, PointError, distance_m, from_wgs84, to_wgs84};
use proptest::prelude::*;

#[test]
fn a_point_must_be_finite_and_in_range() {
    assert_eq!(Point::new(f64::NAN, 0.0), Err(PointError::NotFinite));
    assert_eq!(Point::new(0.0, f64::INFINITY), Err(PointError::NotFinite));
    // Latitude first, the usual mistake, is seen wherever the longitude is beyond 90.
    assert_eq!(Point::new(22.5, 114.0), Err(PointError::OutOfRange));
    // Projected metres.
    assert_eq!(Point::new(12_734_000.0, 2_571_000.0), Err(PointError::OutOfRange));
    assert!(Point::new(-180.0, 90.0).is_ok());
    assert_eq!(Point::from_e7(1_900_000_000, 0), Err(PointError::OutOfRange));
}

#[test]
fn a_rounded_point_is_moved_by_less_than_its_lattice() {
    let point = at(114.057_868, 22.543_099);
    let rounded = point.rounded(3);
    assert_eq!((rounded.lon(), rounded.lat()), (114.058, 22.543));
    assert!(distance_m(point, rounded) < 80.0);
}

#[test]
fn distances_agree_with_known_ones() {
    // One degree of latitude on the mean sphere.
    assert!((distance_m(at(114.0, 22.0), at(114.0, 23.0)) - 111_195.08).abs() < 0.1);
    // Tiananmen to the Bund, about 1,067 km.
    let far = distance_m(at(116.3975, 39.9087), at(121.4903, 31.2397));
    assert!((1_060_000.0..1_075_000.0).contains(&far), "{far}");
    // Half way round, where rounding could leave the domain of the arc sine.
    assert!((distance_m(at(0.0, 0.0), at(180.0, 0.0)) - 20_015_114.0).abs() < 10.0);
    let here = at(114.1, 22.5);
    assert!(distance_m(here, here) == 0.0);
}

#[test]
fn names_of_coordinate_systems_are_read_as_people_write_them() {
    for text in
        ["wgs84", "WGS 84", "EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"]
    {
        assert_eq!(text.parse(), Ok(Crs::Wgs84), "{text}");
    }
    for text in ["cgcs2000", "CGCS-2000", "epsg:4490", "urn:ogc:def:crs:EPSG::4490"] {
        assert_eq!(text.parse(), Ok(Crs::Cgcs2000), "{text}");
    }
    for text in ["gcj02", "GCJ-02", "gcj_02"] {
        assert_eq!(text.parse(), Ok(Crs::Gcj02), "{text}");
    }
    for text in ["EPSG:4547", "bd09", "", "EPSG:3857"] {
        assert!(text.parse::<Crs>().is_err(), "{text}");
    }
    for crs in [Crs::Wgs84, Crs::Cgcs2000, Crs::Gcj02] {
        assert_eq!(crs.as_str().parse(), Ok(crs));
    }
}

#[test]
fn gcj02_moves_a_known_point_to_its_known_place() {
    // The pair that the common implementations of the formula carry in their own tests.
    let gcj = from_wgs84(at(116.404, 39.915), Crs::Gcj02);
    assert!((gcj.lon() - 116.410_244_499_169_38).abs() < 1e-9, "{gcj:?}");
    assert!((gcj.lat() - 39.916_404_281_501_64).abs() < 1e-9, "{gcj:?}");
}

#[test]
fn outside_china_gcj02_changes_nothing() {
    for point in [at(2.35, 48.85), at(-71.06, 42.36), at(139.69, 35.69)] {
        assert_eq!(from_wgs84(point, Crs::Gcj02), point);
        assert_eq!(to_wgs84(point, Crs::Gcj02), point);
    }
}

proptest! {
    #[test]
    fn gcj02_there_and_back_is_within_a_centimetre(lon in 73.6f64..135.0, lat in 3.5f64..53.5) {
        let point = at(lon, lat);
        let gcj = from_wgs84(point, Crs::Gcj02);
        prop_assert!(distance_m(point, to_wgs84(gcj, Crs::Gcj02)) < 0.01);
        let moved = distance_m(point, gcj);
        prop_assert!((1.0..2_000.0).contains(&moved), "{}", moved);
    }

    #[test]
    fn the_stored_form_keeps_a_point_to_a_centimetre(lon in -180f64..=180.0, lat in -90f64..=90.0) {
        let (x, y) = at(lon, lat).to_e7();
        let back = Point::from_e7(x, y).unwrap();
        prop_assert!(distance_m(at(lon, lat), back) < 0.01);
        prop_assert_eq!(back.to_e7(), (x, y));
    }
}
