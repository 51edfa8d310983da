use crate::{at, block, ring};
use geography::{Bbox, Point, Polygon, Ring, Shape, ShapeError, distance_m};
use proptest::prelude::*;

/// A point inside by the angle swept around it: a second opinion that shares nothing with ray casting.
fn winds_around(ring: &Ring, point: Point) -> bool {
    let angle = |p: Point| (p.lat() - point.lat()).atan2(p.lon() - point.lon());
    let turn = |(a, b): (Point, Point)| {
        let mut turn = angle(b) - angle(a);
        if turn > std::f64::consts::PI {
            turn -= std::f64::consts::TAU;
        } else if turn < -std::f64::consts::PI {
            turn += std::f64::consts::TAU;
        }
        turn
    };
    ring.edges().map(turn).sum::<f64>().abs() > std::f64::consts::PI
}

/// A star-shaped ring: angles in order, any radius, so it never crosses itself.
fn star(center: (f64, f64), radii: &[f64]) -> Ring {
    let corner = |(index, radius): (usize, &f64)| {
        let angle = std::f64::consts::TAU * index as f64 / radii.len() as f64;
        at(center.0 + radius * angle.cos(), center.1 + radius * angle.sin())
    };
    Ring::new(radii.iter().enumerate().map(corner)).unwrap()
}

/// A plaza with a hole in the middle and an exclave to the east.
fn plaza() -> Shape {
    let outer = ring(&[(114.0, 22.0), (114.1, 22.0), (114.1, 22.1), (114.0, 22.1)]);
    let hole = ring(&[(114.04, 22.04), (114.06, 22.04), (114.06, 22.06), (114.04, 22.06)]);
    let exclave = ring(&[(114.2, 22.0), (114.21, 22.0), (114.21, 22.01)]);
    Shape::new(vec![Polygon::new(outer, vec![hole]), Polygon::new(exclave, vec![])]).unwrap()
}

#[test]
fn rings_that_enclose_nothing_are_refused() {
    assert_eq!(Ring::new([]), Err(ShapeError::TooFewPoints));
    assert_eq!(Ring::new([at(1.0, 1.0), at(2.0, 1.0), at(1.0, 1.0)]), Err(ShapeError::TooFewPoints));
    assert_eq!(Ring::new([at(1.0, 1.0); 9]), Err(ShapeError::TooFewPoints));
    assert_eq!(Ring::new([at(1.0, 1.0), at(2.0, 2.0), at(3.0, 3.0)]), Err(ShapeError::NoArea));
    assert_eq!(Shape::new(vec![]), Err(ShapeError::Empty));
    // Closed as in GeoJSON, with a doubled vertex: three remain.
    let points = [at(1.0, 1.0), at(2.0, 1.0), at(2.0, 1.0), at(2.0, 2.0), at(1.0, 1.0)];
    assert_eq!(Ring::new(points).unwrap().points().len(), 3);
}

#[test]
fn a_hole_is_outside_and_an_exclave_inside() {
    let shape = plaza();
    assert!(shape.contains(at(114.01, 22.05)));
    assert!(!shape.contains(at(114.05, 22.05)));
    assert!(shape.contains(at(114.207, 22.005)));
    assert!(!shape.contains(at(114.15, 22.005)));
    assert!(!shape.contains(at(113.99, 22.05)));
}

#[test]
fn a_shared_edge_belongs_to_exactly_one_neighbour() {
    let west = block(114.0, 22.0, 114.1, 22.1);
    let east = block(114.1, 22.0, 114.2, 22.1);
    let north = block(114.0, 22.1, 114.2, 22.2);
    for step in 0..=100 {
        let on_meridian = at(114.1, 22.0 + 0.001 * f64::from(step));
        let holders = [&west, &east, &north].iter().filter(|shape| shape.contains(on_meridian)).count();
        assert_eq!(holders, 1, "{on_meridian:?}");
    }
}

#[test]
fn the_area_of_a_degree_agrees_with_the_ellipsoid() {
    // The cell 22–23° N of one degree of longitude on WGS 84: 11,394.287 km² by integrating the
    // zone between the parallels numerically, computed apart.
    let shape = block(114.0, 22.0, 115.0, 23.0);
    let km2 = shape.area_m2() / 1e6;
    assert!((km2 - 11_394.287).abs() < 0.001, "{km2}");
    let holed = plaza();
    let full = block(114.0, 22.0, 114.1, 22.1).area_m2()
        + Shape::simple([at(114.2, 22.0), at(114.21, 22.0), at(114.21, 22.01)]).unwrap().area_m2();
    let hole = block(114.04, 22.04, 114.06, 22.06).area_m2();
    assert!((holed.area_m2() - (full - hole)).abs() < 1.0);
}

#[test]
fn the_centre_is_inside_even_of_a_crescent_and_of_a_ring() {
    let plain = block(114.0, 22.0, 114.2, 22.1);
    assert!(distance_m(plain.centroid(), at(114.1, 22.05)) < 1.0);
    let crescent = ring(&[
        (0.0, 0.0),
        (4.0, 0.0),
        (4.0, 4.0),
        (0.0, 4.0),
        (0.0, 3.5),
        (3.5, 3.5),
        (3.5, 0.5),
        (0.0, 0.5),
    ]);
    let crescent = Shape::new(vec![Polygon::new(crescent, vec![])]).unwrap();
    assert!(crescent.contains(crescent.centroid()));
    let shape = plaza();
    assert!(shape.contains(shape.centroid()));
}

#[test]
fn the_distance_to_an_edge_is_measured_from_both_sides() {
    let shape = block(114.0, 22.0, 114.1, 22.1);
    // 0.01° of latitude is 1,111.95 m.
    assert!((shape.edge_distance_m(at(114.05, 22.01)) - 1_111.95).abs() < 0.1);
    assert!(shape.distance_m(at(114.05, 22.01)) == 0.0);
    assert!((shape.distance_m(at(114.05, 21.99)) - 1_111.95).abs() < 0.1);
    // From a corner outwards the nearest is the corner.
    let corner = distance_m(at(114.1, 22.1), at(114.11, 22.11));
    assert!((shape.distance_m(at(114.11, 22.11)) - corner).abs() < 1.0);
}

#[test]
fn boxes_hold_all_their_points() {
    let bbox = plaza().bbox();
    assert_eq!(bbox, Bbox { min_lon: 114.0, min_lat: 22.0, max_lon: 114.21, max_lat: 22.1 });
    assert!(bbox.contains(at(114.21, 22.1)));
    assert_eq!(bbox.nearest(at(120.0, 22.05)), at(114.21, 22.05));
    assert_eq!(Bbox::of_points([]), None);
}

#[test]
fn simplifying_drops_what_is_too_small_to_see() {
    let mut radii = vec![0.01; 720];
    radii[0] = 0.02;
    let fine = Shape::new(vec![Polygon::new(star((114.0, 22.0), &radii), vec![])]).unwrap();
    let coarse = fine.simplify(20.0);
    assert!(coarse.vertex_count() < 60, "{}", coarse.vertex_count());
    assert!((coarse.area_m2() / fine.area_m2() - 1.0).abs() < 0.02);
    assert!(coarse.polygons()[0].outer().points().contains(&at(114.02, 22.0)));
    // Nothing is left of a hole of 2 km at a tolerance of 5 km; the outside stays.
    let solid = plaza().simplify(5_000.0);
    assert!(solid.polygons().iter().all(|polygon| polygon.holes().is_empty()));
    assert_eq!(solid.polygons().len(), 2);
}

proptest! {
    #[test]
    fn inside_agrees_with_the_winding_angle(
        radii in prop::collection::vec(0.001f64..0.05, 3..40),
        points in prop::collection::vec((-0.06f64..0.06, -0.06f64..0.06), 30),
    ) {
        let ring = star((114.0, 22.5), &radii);
        let shape = Shape::new(vec![Polygon::new(ring.clone(), vec![])]).unwrap();
        for (dx, dy) in points {
            let point = at(114.0 + dx, 22.5 + dy);
            if shape.edge_distance_m(point) > 0.001 {
                prop_assert_eq!(shape.contains(point), winds_around(&ring, point), "{:?}", point);
            }
        }
    }

    #[test]
    fn the_centre_of_any_star_is_inside(radii in prop::collection::vec(0.001f64..0.05, 3..40)) {
        let shape = Shape::new(vec![Polygon::new(star((114.0, 22.5), &radii), vec![])]).unwrap();
        prop_assert!(shape.contains(shape.centroid()));
    }

    #[test]
    fn no_dropped_vertex_is_farther_than_the_tolerance(
        radii in prop::collection::vec(0.001f64..0.05, 3..60),
        tolerance in 1f64..500.0,
    ) {
        let shape = Shape::new(vec![Polygon::new(star((114.0, 22.5), &radii), vec![])]).unwrap();
        let thin = shape.simplify(tolerance);
        prop_assert!(thin.vertex_count() <= shape.vertex_count());
        for point in shape.rings().flat_map(|ring| ring.points()) {
            prop_assert!(thin.edge_distance_m(*point) <= tolerance * 1.001 + 0.01);
        }
    }
}
