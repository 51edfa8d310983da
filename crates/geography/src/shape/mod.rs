//! Areas: rings, polygons with holes, and shapes of several polygons, with the one question that matters
//! most — is this point inside. `measure` has areas, centres and distances, `simplify` fewer vertices.
//!
//! Edges are straight in longitude and latitude. A shape may not cross the 180th meridian.

mod measure;
mod simplify;

use crate::Point;

/// A closed line: at least three vertices, the first not repeated at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring(Vec<Point>);

/// An area with an outer ring and holes. Overlapping holes are not looked for: the even-odd rule decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    /// The outer line, counter-clockwise.
    outer: Ring,
    /// The lines of the holes, clockwise.
    holes: Vec<Ring>,
}

/// One or more polygons taken together (a place with an exclave), with their bounding box.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    polygons: Vec<Polygon>,
    bbox: Bbox,
}

/// Why vertices are no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A ring with fewer than three different vertices.
    #[error("a ring has fewer than three different vertices")]
    TooFewPoints,
    /// A ring whose vertices lie on one line.
    #[error("a ring encloses no area")]
    NoArea,
    /// No polygon at all.
    #[error("there is no polygon")]
    Empty,
}

/// The smallest upright rectangle around something, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// West edge.
    pub min_lon: f64,
    /// South edge.
    pub min_lat: f64,
    /// East edge.
    pub max_lon: f64,
    /// North edge.
    pub max_lat: f64,
}

impl Bbox {
    /// The box of one point.
    #[must_use]
    pub fn of_point(point: Point) -> Bbox {
        Bbox { min_lon: point.lon(), min_lat: point.lat(), max_lon: point.lon(), max_lat: point.lat() }
    }

    /// The box of all points; `None` when there are none.
    #[must_use]
    pub fn of_points(points: impl IntoIterator<Item = Point>) -> Option<Bbox> {
        points.into_iter().map(Bbox::of_point).reduce(Bbox::union)
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(self, other: Bbox) -> Bbox {
        Bbox {
            min_lon: self.min_lon.min(other.min_lon),
            min_lat: self.min_lat.min(other.min_lat),
            max_lon: self.max_lon.max(other.max_lon),
            max_lat: self.max_lat.max(other.max_lat),
        }
    }

    /// Whether the point is inside or on the edge.
    #[must_use]
    pub fn contains(self, point: Point) -> bool {
        (self.min_lon..=self.max_lon).contains(&point.lon())
            && (self.min_lat..=self.max_lat).contains(&point.lat())
    }

    /// The point of the box nearest to `point`: itself when it is inside.
    #[must_use]
    pub fn nearest(self, point: Point) -> Point {
        Point::clamped(
            point.lon().clamp(self.min_lon, self.max_lon),
            point.lat().clamp(self.min_lat, self.max_lat),
        )
    }

    /// The middle of the box.
    #[must_use]
    pub fn center(self) -> Point {
        Point::clamped((self.min_lon + self.max_lon) / 2.0, (self.min_lat + self.max_lat) / 2.0)
    }
}

impl Ring {
    /// A ring from its vertices; repeated neighbours and a repeated last vertex are dropped.
    ///
    /// # Errors
    /// [`ShapeError`] when fewer than three vertices remain or they enclose nothing.
    pub fn new(points: impl IntoIterator<Item = Point>) -> Result<Ring, ShapeError> {
        let mut vertices: Vec<Point> = Vec::new();
        for point in points {
            if vertices.last() != Some(&point) {
                vertices.push(point);
            }
        }
        while vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(ShapeError::TooFewPoints);
        }
        let ring = Ring(vertices);
        if ring.signed_degrees2() == 0.0 { Err(ShapeError::NoArea) } else { Ok(ring) }
    }

    /// The vertices, the first not repeated.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.0
    }

    /// Every edge once, the closing one first.
    pub fn edges(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        let last = self.0.last().copied();
        let before = last.into_iter().chain(self.0.iter().copied());
        before.zip(self.0.iter().copied())
    }

    fn bbox(&self) -> Option<Bbox> {
        Bbox::of_points(self.0.iter().copied())
    }

    /// Twice the area in square degrees, positive when counter-clockwise. Relative to the first vertex, so
    /// that a ten-metre grid far from the origin keeps its digits.
    fn signed_degrees2(&self) -> f64 {
        let Some(&o) = self.0.first() else { return 0.0 };
        let cross = |(a, b): (Point, Point)| {
            (a.lon() - o.lon()) * (b.lat() - o.lat()) - (b.lon() - o.lon()) * (a.lat() - o.lat())
        };
        self.edges().map(cross).sum()
    }

    fn wound(mut self, counter_clockwise: bool) -> Ring {
        if (self.signed_degrees2() > 0.0) != counter_clockwise {
            self.0.reverse();
        }
        self
    }

    /// How many edges a ray to the east crosses. Half-open (the lower end counts, the upper does not) and
    /// computed from the lower end of each edge, so that of two neighbours sharing an edge exactly one
    /// holds a point on it.
    fn crossings(&self, point: Point) -> usize {
        let (x, y) = (point.lon(), point.lat());
        let crosses = |(a, b): (Point, Point)| {
            if (a.lat() > y) == (b.lat() > y) {
                return false;
            }
            let (low, high) = if a.lat() <= b.lat() { (a, b) } else { (b, a) };
            let cross =
                (high.lon() - low.lon()) * (y - low.lat()) - (x - low.lon()) * (high.lat() - low.lat());
            cross > 0.0
        };
        self.edges().filter(|&edge| crosses(edge)).count()
    }
}

impl Polygon {
    /// A polygon; the rings are wound as RFC 7946 wants them (outer counter-clockwise, holes clockwise).
    #[must_use]
    pub fn new(outer: Ring, holes: Vec<Ring>) -> Polygon {
        let holes = holes.into_iter().map(|hole| hole.wound(false)).collect();
        Polygon { outer: outer.wound(true), holes }
    }

    /// The outer line.
    #[must_use]
    pub fn outer(&self) -> &Ring {
        &self.outer
    }

    /// The lines of the holes.
    #[must_use]
    pub fn holes(&self) -> &[Ring] {
        &self.holes
    }

    /// The outer line and then the holes.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outer).chain(&self.holes)
    }

    fn contains(&self, point: Point) -> bool {
        self.rings().map(|ring| ring.crossings(point)).sum::<usize>() % 2 == 1
    }
}

impl Shape {
    /// A shape of one or more polygons.
    ///
    /// # Errors
    /// [`ShapeError::Empty`] without a polygon.
    pub fn new(polygons: Vec<Polygon>) -> Result<Shape, ShapeError> {
        let boxes = polygons.iter().filter_map(|polygon| polygon.outer.bbox());
        let bbox = boxes.reduce(Bbox::union).ok_or(ShapeError::Empty)?;
        Ok(Shape { polygons, bbox })
    }

    /// A shape of one line without holes.
    ///
    /// # Errors
    /// As [`Ring::new`].
    pub fn simple(points: impl IntoIterator<Item = Point>) -> Result<Shape, ShapeError> {
        Shape::new(vec![Polygon::new(Ring::new(points)?, Vec::new())])
    }

    /// The polygons.
    #[must_use]
    pub fn polygons(&self) -> &[Polygon] {
        &self.polygons
    }

    /// Every ring of every polygon.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.polygons.iter().flat_map(Polygon::rings)
    }

    /// The bounding box.
    #[must_use]
    pub fn bbox(&self) -> Bbox {
        self.bbox
    }

    /// The number of vertices of all rings, a measure of what drawing and testing cost.
    #[must_use]
    pub fn vertex_count(&self) -> usize {
        self.rings().map(|ring| ring.points().len()).sum()
    }

    /// Whether the point is inside. On an edge shared by two shapes with the same vertices, exactly one of
    /// them says yes.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        self.bbox.contains(point) && self.polygons.iter().any(|polygon| polygon.contains(point))
    }
}
