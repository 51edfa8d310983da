//! Fewer vertices for drawing. Never for deciding where a point lies: two neighbours simplified apart no
//! longer share their edge.

use super::{Polygon, Ring, Shape};
use crate::Point;
use crate::point::{Plane, segment_distance};

impl Shape {
    /// The shape with vertices dropped that lie within `tolerance_m` metres of the line without them
    /// (Douglas–Peucker). Holes that vanish are dropped; an outer ring that would vanish stays as it is.
    #[must_use]
    pub fn simplify(&self, tolerance_m: f64) -> Shape {
        let thin = |polygon: &Polygon| Polygon {
            outer: polygon.outer.simplified(tolerance_m).unwrap_or_else(|| polygon.outer.clone()),
            holes: polygon.holes.iter().filter_map(|hole| hole.simplified(tolerance_m)).collect(),
        };
        let polygons: Vec<Polygon> = self.polygons.iter().map(thin).collect();
        Shape::new(polygons).unwrap_or_else(|_| self.clone())
    }
}

impl Ring {
    fn simplified(&self, tolerance_m: f64) -> Option<Ring> {
        let points = self.points();
        let plane = Plane::at(*points.first()?);
        let flat: Vec<(f64, f64)> = points.iter().map(|&point| plane.xy(point)).collect();
        // A ring has no ends: cut it at the first vertex and at the one farthest from it.
        let reach = |&index: &usize| flat[index].0.hypot(flat[index].1);
        let far = (0..flat.len()).max_by(|a, b| reach(a).total_cmp(&reach(b)))?;
        let mut keep = vec![false; flat.len() + 1];
        let mut closed = flat.clone();
        closed.push(flat[0]);
        keep[0] = true;
        keep[far] = true;
        mark(&closed, 0, far, tolerance_m, &mut keep);
        mark(&closed, far, flat.len(), tolerance_m, &mut keep);
        let kept: Vec<Point> =
            points.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(point, _)| *point).collect();
        Ring::new(kept).ok().map(|ring| ring.wound(self.signed_degrees2() > 0.0))
    }
}

/// Marks what must stay between two kept vertices; a stack of its own, because a ring may be long.
fn mark(flat: &[(f64, f64)], from: usize, to: usize, tolerance: f64, keep: &mut [bool]) {
    let mut spans = vec![(from, to)];
    while let Some((from, to)) = spans.pop() {
        let distance = |index: usize| segment_distance(flat[index], flat[from], flat[to]);
        let farthest =
            (from + 1..to).map(|index| (distance(index), index)).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, index)) = farthest.filter(|(distance, _)| *distance > tolerance) {
            keep[index] = true;
            spans.push((from, index));
            spans.push((index, to));
        }
    }
}
