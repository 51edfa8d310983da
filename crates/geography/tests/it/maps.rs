use crate::{at, block, ring};
use geography::svg::{View, path};
use geography::{Bbox, Polygon, Shape, distance_m};
use proptest::prelude::*;

#[test]
fn a_square_block_is_drawn_square_and_north_is_up() {
    // 0.01° of latitude and the longitude that is as wide at 60° N.
    let shape = block(10.0, 60.0, 10.02, 60.01);
    let view = View::fit([shape.bbox()], 200.0, 100.0).unwrap();
    let (left, bottom) = view.project(at(10.0, 60.0));
    let (right, top) = view.project(at(10.02, 60.01));
    assert!(top < bottom && left < right);
    assert!(((right - left) - (bottom - top)).abs() < 0.1);
    // 4 % of margin above and below, and centred sideways.
    assert!((top - 4.0).abs() < 0.01 && (bottom - 96.0).abs() < 0.01);
    assert!((left + right - 200.0).abs() < 0.01);
    assert!((view.metres_per_pixel() - 1_111.95 / 92.0).abs() < 0.01);
}

#[test]
fn a_path_has_one_closed_line_for_each_ring() {
    let outer = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
    let hole = ring(&[(0.4, 0.4), (0.6, 0.4), (0.6, 0.6)]);
    let shape = Shape::new(vec![Polygon::new(outer, vec![hole])]).unwrap();
    let view = View::fit([shape.bbox()], 100.0, 100.0).unwrap();
    let d = path(&shape, &view);
    assert_eq!(d, "M4 96L96 96L96 4L4 4ZM59.2 40.8L59.2 59.2L40.8 59.2Z");
}

#[test]
fn vertices_that_fall_on_one_tenth_of_a_pixel_are_drawn_once() {
    let fine = (0..10_000).map(|i| {
        let angle = std::f64::consts::TAU * f64::from(i) / 10_000.0;
        at(114.0 + 0.01 * angle.cos(), 22.0 + 0.01 * angle.sin())
    });
    let shape = Shape::simple(fine).unwrap();
    let small = View::fit([shape.bbox()], 40.0, 40.0).unwrap();
    assert!(path(&shape, &small).len() < 16_000);
    assert!(!path(&shape, &small).contains("-0 "));
}

#[test]
fn a_view_of_nothing_or_of_no_size_is_none_and_of_one_point_is_a_street_corner() {
    assert_eq!(View::fit([], 100.0, 100.0), None);
    let corner = Bbox::of_point(at(114.0, 22.0));
    assert_eq!(View::fit([corner], 0.0, 100.0), None);
    assert_eq!(View::fit([corner], f64::NAN, 100.0), None);
    let view = View::fit([corner], 100.0, 100.0).unwrap();
    assert_eq!(view.project(at(114.0, 22.0)), (50.0, 50.0));
    assert!((0.1..2.0).contains(&view.metres_per_pixel()));
    assert!(View::fit([Bbox::of_point(at(0.0, 90.0))], 10.0, 10.0).is_some());
}

proptest! {
    #[test]
    fn everything_fits_and_a_click_finds_its_point(
        lon in 70f64..130.0, lat in -60f64..60.0, wide in 0.0f64..0.5, high in 0.0f64..0.5,
        width in 20f64..2000.0, height in 20f64..2000.0, x in 0f64..=1.0, y in 0f64..=1.0,
    ) {
        let bbox = Bbox { min_lon: lon, min_lat: lat, max_lon: lon + wide, max_lat: lat + high };
        let view = View::fit([bbox], width, height).unwrap();
        let point = at(lon + wide * x, lat + high * y);
        let (px, py) = view.project(point);
        prop_assert!((0.0..=width).contains(&px) && (0.0..=height).contains(&py));
        prop_assert!(distance_m(view.unproject(px, py).unwrap(), point) < 0.01);
    }
}
