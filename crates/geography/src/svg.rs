//! Paths for small maps drawn on the server, so that a page without JavaScript still shows where something
//! is. Longitude is narrowed by the cosine of the latitude, so that a square block looks square.

use crate::{Bbox, Point, Shape};
use std::fmt::Write;

/// What part of the world a drawing shows, and how large. Pixels run right and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    width: f64,
    height: f64,
    center: Point,
    per_lon: f64,
    per_lat: f64,
}

impl View {
    /// The share of the drawing left free at each edge.
    const MARGIN: f64 = 0.04;
    /// The least extent shown, degrees of latitude (about 50 m), when everything is one point.
    const MIN_EXTENT: f64 = 0.000_45;

    /// A view that holds all boxes with a small margin; `None` when there are none or the size is not
    /// positive. Width and height are in pixels (any unit of the `viewBox`).
    #[must_use]
    pub fn fit(boxes: impl IntoIterator<Item = Bbox>, width: f64, height: f64) -> Option<View> {
        let all = boxes.into_iter().reduce(Bbox::union)?;
        if !(width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite()) {
            return None;
        }
        let center = all.center();
        // At the poles longitude means nothing; keep the scale finite.
        let narrow = center.lat().to_radians().cos().max(0.01);
        let east = ((all.max_lon - all.min_lon) * narrow).max(Self::MIN_EXTENT);
        let north = (all.max_lat - all.min_lat).max(Self::MIN_EXTENT);
        let room = 1.0 - 2.0 * Self::MARGIN;
        let scale = (width * room / east).min(height * room / north);
        Some(View { width, height, center, per_lon: scale * narrow, per_lat: scale })
    }

    /// Where a point is drawn.
    #[must_use]
    pub fn project(&self, point: Point) -> (f64, f64) {
        let x = self.width / 2.0 + (point.lon() - self.center.lon()) * self.per_lon;
        let y = self.height / 2.0 - (point.lat() - self.center.lat()) * self.per_lat;
        (x, y)
    }

    /// The point under a pixel, for a click on an image map.
    #[must_use]
    pub fn unproject(&self, x: f64, y: f64) -> Option<Point> {
        let lon = self.center.lon() + (x - self.width / 2.0) / self.per_lon;
        let lat = self.center.lat() - (y - self.height / 2.0) / self.per_lat;
        Point::new(lon, lat).ok()
    }

    /// Metres shown by one pixel, for a scale bar and for [`Shape::simplify`].
    #[must_use]
    pub fn metres_per_pixel(&self) -> f64 {
        111_195.0 / self.per_lat
    }
}

/// The `d` attribute of an SVG path for a shape, to a tenth of a pixel; draw it with
/// `fill-rule="evenodd"`. Vertices that fall on the same tenth are left out; a ring too small to show
/// keeps its first vertex as a dot.
#[must_use]
pub fn path(shape: &Shape, view: &View) -> String {
    let mut d = String::new();
    for ring in shape.rings() {
        let mut last = (f64::NAN, f64::NAN);
        for (index, point) in ring.points().iter().enumerate() {
            let (x, y) = view.project(*point);
            let here = (tenth(x), tenth(y));
            if here == last {
                continue;
            }
            // Writing to a String cannot fail.
            let _ = write!(d, "{}{} {}", if index == 0 { 'M' } else { 'L' }, here.0, here.1);
            last = here;
        }
        d.push('Z');
    }
    d
}

/// To a tenth, without the "-0" that would be drawn the same and compared differently.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0 + 0.0
}
