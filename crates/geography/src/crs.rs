//! The coordinate systems that data in China arrives in. Everything is stored as WGS 84; GCJ-02 is made
//! only at the edge that asks for it (a domestic base map, a WeChat location).
//!
//! CGCS2000 and WGS 84 differ by centimetres, below the 1e-7 degree we store, so they are the same here.
//! GCJ-02 is the obfuscation used by domestic map services; its formula was never published by its owner,
//! and the one here is the form generally used, on the Krasovsky 1940 ellipsoid. It moves a point by 100 to
//! 700 m and is not defined outside a box around China, where points stay as they are.

use crate::Point;
use std::str::FromStr;

/// A declared coordinate system of incoming longitude and latitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crs {
    /// WGS 84, EPSG:4326: GPS, and what we store.
    Wgs84,
    /// China Geodetic Coordinate System 2000, EPSG:4490: official surveys.
    Cgcs2000,
    /// GCJ-02: domestic map services.
    Gcj02,
}

/// A coordinate system we do not read, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown coordinate system {0:?}: use wgs84, cgcs2000 or gcj02")]
pub struct UnknownCrs(pub String);

impl FromStr for Crs {
    type Err = UnknownCrs;

    /// Reads `wgs84`, `EPSG:4326`, `cgcs2000`, `EPSG:4490`, `gcj02` in any case, with or without hyphens,
    /// blanks or the `urn:ogc:def:crs` prefix that GeoJSON files carry.
    fn from_str(text: &str) -> Result<Crs, UnknownCrs> {
        let lower = text.trim().to_ascii_lowercase();
        let tail = lower.strip_prefix("urn:ogc:def:crs:").unwrap_or(&lower);
        let key: String = tail.chars().filter(char::is_ascii_alphanumeric).collect();
        match key.as_str() {
            "wgs84" | "epsg4326" | "4326" | "ogc13crs84" | "ogccrs84" | "crs84" => Ok(Crs::Wgs84),
            "cgcs2000" | "epsg4490" | "4490" => Ok(Crs::Cgcs2000),
            "gcj02" | "gcj" => Ok(Crs::Gcj02),
            _ => Err(UnknownCrs(text.to_owned())),
        }
    }
}

impl Crs {
    /// The short name, which [`Crs::from_str`] reads back.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Crs::Wgs84 => "wgs84",
            Crs::Cgcs2000 => "cgcs2000",
            Crs::Gcj02 => "gcj02",
        }
    }
}

/// A point read in `crs` as WGS 84. The inverse of GCJ-02 is found by iteration, to less than a centimetre.
#[must_use]
pub fn to_wgs84(point: Point, crs: Crs) -> Point {
    match crs {
        Crs::Wgs84 | Crs::Cgcs2000 => point,
        Crs::Gcj02 => gcj02_inverse(point),
    }
}

/// A WGS 84 point in the coordinates of `crs`.
#[must_use]
pub fn from_wgs84(point: Point, crs: Crs) -> Point {
    match crs {
        Crs::Wgs84 | Crs::Cgcs2000 => point,
        Crs::Gcj02 if in_gcj02_box(point) => {
            let (d_lon, d_lat) = gcj02_shift(point.lon(), point.lat());
            Point::clamped(point.lon() + d_lon, point.lat() + d_lat)
        }
        Crs::Gcj02 => point,
    }
}

/// The box inside which GCJ-02 is applied, as map services use it.
fn in_gcj02_box(point: Point) -> bool {
    (72.004..=137.8347).contains(&point.lon()) && (0.8293..=55.8271).contains(&point.lat())
}

fn gcj02_inverse(gcj: Point) -> Point {
    if !in_gcj02_box(gcj) {
        return gcj;
    }
    let (mut lon, mut lat) = (gcj.lon(), gcj.lat());
    // The shift changes by less than 1 % of the distance moved, so each round gains two digits.
    for _ in 0..12 {
        let (d_lon, d_lat) = gcj02_shift(lon, lat);
        let (miss_lon, miss_lat) = (lon + d_lon - gcj.lon(), lat + d_lat - gcj.lat());
        lon -= miss_lon;
        lat -= miss_lat;
        if miss_lon.abs() < 1e-11 && miss_lat.abs() < 1e-11 {
            break;
        }
    }
    Point::clamped(lon, lat)
}

/// How far GCJ-02 moves a WGS 84 point, in degrees.
fn gcj02_shift(lon: f64, lat: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    const SEMI_MAJOR: f64 = 6_378_245.0;
    const ECCENTRICITY2: f64 = 0.006_693_421_622_965_943;
    let (x, y) = (lon - 105.0, lat - 35.0);
    // Two sines of one argument; `f` are the frequencies in half turns per degree.
    let waves = |t: f64, a: f64, fa: f64, b: f64, fb: f64| {
        (a * (fa * t * PI).sin() + b * (fb * t * PI).sin()) * 2.0 / 3.0
    };
    let ripple = waves(x, 20.0, 6.0, 20.0, 2.0);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + ripple
        + waves(y, 20.0, 1.0, 40.0, 1.0 / 3.0)
        + waves(y, 160.0, 1.0 / 12.0, 320.0, 1.0 / 30.0);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + ripple
        + waves(x, 20.0, 1.0, 40.0, 1.0 / 3.0)
        + waves(x, 150.0, 1.0 / 12.0, 300.0, 1.0 / 30.0);
    let (sin, cos) = lat.to_radians().sin_cos();
    let magic = 1.0 - ECCENTRICITY2 * sin * sin;
    let meridian = SEMI_MAJOR * (1.0 - ECCENTRICITY2) / (magic * magic.sqrt());
    let parallel = SEMI_MAJOR / magic.sqrt() * cos;
    ((east / parallel).to_degrees(), (north / meridian).to_degrees())
}
