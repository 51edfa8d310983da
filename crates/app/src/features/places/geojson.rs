//! Places as GeoJSON, as an office or its surveyor brings them. Every feature is read; what is wrong is
//! collected with the feature's number and the reason.

use super::model::Kind;
use crate::rows::RowError;
use geography::code::level_of;
use geography::{Crs, Point, Shape, read_features, to_wgs84};
use kernel::Refusal;
use serde_json::{Map, Value, json};

/// A feature that can be a place.
#[derive(Clone, Debug)]
pub struct PlaceFeature {
    /// Its number in the file, from 1.
    pub row: u64,
    /// The place's code.
    pub code: String,
    /// The code of the place above; empty when the file does not say.
    pub parent: String,
    /// What sort of place: as the file says, otherwise by the length of the code.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Other names; `None` when the file does not say.
    pub aliases: Option<Vec<String>>,
    /// Households; `None` when the file does not say.
    pub households: Option<i64>,
    /// Its boundary in WGS 84, if the feature is an area.
    pub shape: Option<Shape>,
    /// Its position, if the feature is a point.
    pub point: Option<Point>,
}

/// Reads a FeatureCollection whose coordinates are in `crs`. A feature has the properties `code` and `name`,
/// and may have `kind`, `parent`, `aliases` (parted by `|`) and `households`; its geometry is an area, a
/// point or null.
///
/// # Errors
/// Everything that is wrong, by feature; feature 0 is the file.
pub fn read(text: &str, crs: Crs) -> Result<Vec<PlaceFeature>, Vec<RowError>> {
    let whole = |why: &dyn std::fmt::Display| {
        vec![RowError::new(0, "", Refusal::rule("import.file.geojson").with("why", why))]
    };
    let root: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| whole(&e))?;
    // The library judges the file's own word about its coordinate system.
    let head = json!({ "type": "FeatureCollection", "crs": root.get("crs"), "features": [] });
    read_features(&head.to_string(), crs).map_err(|e| whole(&e))?;
    let Some(features) = root.get("features").and_then(Value::as_array) else {
        return Err(whole(&"a FeatureCollection is needed"));
    };
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    for (row, feature) in (1..).zip(features) {
        match read_one(row, feature, crs) {
            Ok(place) => out.push(place),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn read_one(row: u64, feature: &Value, crs: Crs) -> Result<PlaceFeature, RowError> {
    let none = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let text = |name: &str| match properties.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        // Codes arrive as numbers from tools that guess.
        Some(Value::Number(number)) if number.is_u64() => number.to_string(),
        _ => String::new(),
    };
    let need = |name: &str| {
        let value = text(name);
        if value.is_empty() {
            return Err(RowError::new(row, name, Refusal::rule("import.row.missing").with("value", "")));
        }
        Ok(value)
    };
    let (code, name) = (need("code")?, need("name")?);
    let said = text("kind");
    let kind = if said.is_empty() { level_of(&code).map(Kind::of_level) } else { Kind::parse(&said) };
    let kind = kind.ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
        let reason = Refusal::rule("import.row.word").with("value", &said).with("known", known.join(", "));
        RowError::new(row, "kind", reason)
    })?;
    let (shape, point) = geometry(feature.get("geometry").unwrap_or(&Value::Null), crs).map_err(|why| {
        RowError::new(row, "geometry", Refusal::rule("import.row.geometry").with("why", why))
    })?;
    let aliases = properties.contains_key("aliases").then(|| super::model::split_list(&text("aliases")));
    let households = properties.get("households").and_then(Value::as_i64).filter(|n| *n >= 0);
    Ok(PlaceFeature { row, code, parent: text("parent"), kind, name, aliases, households, shape, point })
}

fn geometry(value: &Value, crs: Crs) -> Result<(Option<Shape>, Option<Point>), String> {
    match value.get("type").and_then(Value::as_str) {
        None if value.is_null() => Ok((None, None)),
        Some("Point") => {
            let at = |i: usize| value.pointer(&format!("/coordinates/{i}")).and_then(Value::as_f64);
            let (lon, lat) = at(0).zip(at(1)).ok_or("a point needs two numbers")?;
            let point = Point::new(lon, lat).map_err(|e| e.to_string())?;
            Ok((None, Some(to_wgs84(point, crs))))
        }
        _ => Shape::from_geojson(value, crs).map(|shape| (Some(shape), None)).map_err(|e| e.to_string()),
    }
}
