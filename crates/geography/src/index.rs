//! Which place holds a point. The area of all shapes is cut into square cells; each cell knows the shapes
//! that cover it wholly and those whose edge runs through it, finest first. A question looks at one cell
//! and tests only shapes whose edge is near, so it costs well under a microsecond for an office and for a
//! district (issue 2 asks for 10 µs).

use crate::point::{Plane, Point};
use crate::shape::{Bbox, Ring, Shape};

/// An index of places by shape, each with a key and a level (a greater level is finer).
#[derive(Clone, Debug)]
pub struct PlaceIndex<K> {
    places: Vec<Place<K>>,
    cells: Cells,
    /// For each cell where its entries begin in `entries`; one more at the end.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Place<K> {
    key: K,
    level: u8,
    shape: Shape,
}

/// One place in one cell.
#[derive(Clone, Copy, Debug)]
struct Entry {
    place: usize,
    /// The whole cell is inside: no test is needed.
    covers: bool,
}

/// The lattice of cells over a bounding box. The cell of a point grows with its coordinates, so a segment
/// runs only through cells between those of its ends; the exactness of the index rests on this.
#[derive(Clone, Copy, Debug)]
struct Cells {
    bbox: Bbox,
    step_lon: f64,
    step_lat: f64,
    columns: usize,
    rows: usize,
}

/// What a shape is to a cell while the index is built.
#[derive(Clone, Copy, PartialEq)]
enum Cover {
    Unknown,
    Edge,
    Inside,
    Outside,
}

impl<K: Copy> PlaceIndex<K> {
    /// Builds the index. Places may overlap and have gaps; of equal levels the smaller comes first, then the
    /// one given first.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = (K, u8, Shape)>) -> PlaceIndex<K> {
        let with_area =
            places.into_iter().map(|(key, level, shape)| (shape.area_m2(), Place { key, level, shape }));
        let mut sized: Vec<(f64, Place<K>)> = with_area.collect();
        sized.sort_by(|a, b| b.1.level.cmp(&a.1.level).then(a.0.total_cmp(&b.0)));
        let places: Vec<Place<K>> = sized.into_iter().map(|(_, place)| place).collect();

        let cells = Cells::over(&places);
        let mut lists: Vec<Vec<Entry>> = vec![Vec::new(); cells.columns * cells.rows];
        for (index, place) in places.iter().enumerate() {
            cells.classify(&place.shape, |cell, covers| lists[cell].push(Entry { place: index, covers }));
        }
        let mut starts = Vec::with_capacity(lists.len() + 1);
        let mut entries = Vec::new();
        for list in lists {
            starts.push(entries.len());
            entries.extend(list);
        }
        starts.push(entries.len());
        PlaceIndex { places, cells, starts, entries }
    }

    /// The number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The finest place that holds the point; `None` outside all.
    #[must_use]
    pub fn finest(&self, point: Point) -> Option<K> {
        self.holding(point).next().map(|place| place.key)
    }

    /// Every place that holds the point, finest first.
    #[must_use]
    pub fn all(&self, point: Point) -> Vec<K> {
        self.holding(point).map(|place| place.key).collect()
    }

    /// The nearest place of one level within `max_m` metres, with its distance: 0 when it holds the point.
    /// For a point that fell just outside (a river bank, a coarse position).
    #[must_use]
    pub fn nearest(&self, point: Point, level: u8, max_m: f64) -> Option<(K, f64)> {
        let plane = Plane::at(point);
        let mut best: Option<(K, f64)> = None;
        for place in self.places.iter().filter(|place| place.level == level) {
            let limit = best.map_or(max_m, |(_, distance)| distance);
            let (x, y) = plane.xy(place.shape.bbox().nearest(point));
            if x.hypot(y) > limit {
                continue;
            }
            let distance = place.shape.distance_m(point);
            if distance < limit || (best.is_none() && distance <= limit) {
                best = Some((place.key, distance));
            }
        }
        best
    }

    /// How many edges [`PlaceIndex::finest`] compares for this point: its cost on any machine.
    #[must_use]
    pub fn edges_compared(&self, point: Point) -> usize {
        let mut edges = 0;
        for entry in self.cell(point) {
            let shape = &self.places[entry.place].shape;
            if entry.covers {
                break;
            }
            edges += if shape.bbox().contains(point) { shape.vertex_count() } else { 0 };
            if shape.contains(point) {
                break;
            }
        }
        edges
    }

    fn cell(&self, point: Point) -> &[Entry] {
        if self.places.is_empty() || !self.cells.bbox.contains(point) {
            return &[];
        }
        let (column, row) = self.cells.of(point);
        let cell = row * self.cells.columns + column;
        &self.entries[self.starts[cell]..self.starts[cell + 1]]
    }

    fn holding(&self, point: Point) -> impl Iterator<Item = &Place<K>> {
        let held = move |entry: &&Entry| entry.covers || self.places[entry.place].shape.contains(point);
        self.cell(point).iter().filter(held).map(|entry| &self.places[entry.place])
    }
}

impl Cells {
    /// Cells per place on average, and the most there may be: 2^17 lists are a few megabytes.
    const PER_PLACE: usize = 64;
    const MOST: usize = 1 << 17;

    fn over<K>(places: &[Place<K>]) -> Cells {
        let boxes = places.iter().map(|place| place.shape.bbox());
        let bbox = boxes.reduce(Bbox::union).unwrap_or(Bbox::of_point(Point::clamped(0.0, 0.0)));
        let (wide, high) = (bbox.max_lon - bbox.min_lon, bbox.max_lat - bbox.min_lat);
        let wanted = (places.len() * Self::PER_PLACE).clamp(1, Self::MOST);
        let side = (wide * high / index_to_f64(wanted)).sqrt();
        let count = |extent: f64| -> usize {
            let fit = (1..=Self::MOST).take_while(|&n| side > 0.0 && extent > side * index_to_f64(n)).count();
            fit + 1
        };
        let (columns, rows) = (count(wide), count(high));
        Cells {
            bbox,
            step_lon: wide / index_to_f64(columns),
            step_lat: high / index_to_f64(rows),
            columns,
            rows,
        }
    }

    /// Column and row of a point; points outside go to the nearest cell.
    fn of(&self, point: Point) -> (usize, usize) {
        let column = lattice(point.lon() - self.bbox.min_lon, self.step_lon, self.columns);
        (column, lattice(point.lat() - self.bbox.min_lat, self.step_lat, self.rows))
    }

    /// Calls `found(cell, covers)` for every cell that the shape touches.
    fn classify(&self, shape: &Shape, mut found: impl FnMut(usize, bool)) {
        let bbox = shape.bbox();
        let (left, bottom) = self.of(Point::clamped(bbox.min_lon, bbox.min_lat));
        let (right, top) = self.of(Point::clamped(bbox.max_lon, bbox.max_lat));
        let width = right - left + 1;
        let mut covers = vec![Cover::Unknown; width * (top - bottom + 1)];
        for (a, b) in shape.rings().flat_map(Ring::edges) {
            let ((ax, ay), (bx, by)) = (self.of(a), self.of(b));
            for row in ay.min(by)..=ay.max(by) {
                let from = (row - bottom) * width;
                covers[from + ax.min(bx) - left..=from + ax.max(bx) - left].fill(Cover::Edge);
            }
        }
        for (line, row) in covers.chunks_mut(width).zip(bottom..) {
            let mut before = Cover::Unknown;
            for (cover, column) in line.iter_mut().zip(left..) {
                // No edge between two neighbours without edges: what one is, the other is.
                if *cover == Cover::Unknown {
                    *cover = match before {
                        Cover::Inside | Cover::Outside => before,
                        _ if shape.contains(self.middle(column, row)) => Cover::Inside,
                        _ => Cover::Outside,
                    };
                }
                before = *cover;
                if matches!(before, Cover::Edge | Cover::Inside) {
                    found(row * self.columns + column, before == Cover::Inside);
                }
            }
        }
    }

    fn middle(&self, column: usize, row: usize) -> Point {
        let lon = self.bbox.min_lon + (index_to_f64(column) + 0.5) * self.step_lon;
        Point::clamped(lon, self.bbox.min_lat + (index_to_f64(row) + 0.5) * self.step_lat)
    }
}

/// Exact: counts of cells stay far below 2^53.
fn index_to_f64(index: usize) -> f64 {
    index as f64
}

/// The lattice line at or below an offset, kept within the lattice. Grows with the offset.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the lattice before")]
fn lattice(offset: f64, step: f64, count: usize) -> usize {
    let line = if step > 0.0 { (offset / step).floor() } else { 0.0 };
    line.clamp(0.0, index_to_f64(count - 1)) as usize
}
