//! Places and landmarks from files.

use super::super::book::{Tree, book, changed};
use super::super::geojson::{self, PlaceFeature};
use super::super::model::{Kind, Landmark, NewPlace, Place, split_list};
use super::super::store;
use super::change::{EDIT, PlaceEdit, insert, update};
use crate::context::Cx;
use crate::rows::{Cells, Report, RowError, Table};
use ::store::{Error, Result, Tx};
use geography::code::parent_of;
use geography::{Crs, Point, to_wgs84};
use kernel::{Day, PlaceId, Refusal};
use std::collections::HashMap;

/// Takes over a GeoJSON file (see [`geojson::read`]) as of a day: new codes become places, known ones get a
/// new version where something differs, places that the file does not name stay. All or nothing: when the
/// report has errors, nothing was written. With `dry` it only says what it would do. Needs `places.edit`;
/// writes `place.created` and `place.changed`.
///
/// # Errors
/// When the actor lacks the right or the database refuses; what is wrong with the file is in the report.
pub fn import_places(
    tx: &mut Tx<'_>,
    cx: &Cx,
    file: &str,
    crs: Crs,
    from: Day,
    reason: &str,
    dry: bool,
) -> Result<Report> {
    cx.actor.need(EDIT)?;
    let mut features = match geojson::read(file, crs) {
        Ok(features) => features,
        Err(errors) => return Ok(Report { errors, ..Report::default() }),
    };
    // Parents first; within a level as the file has them.
    features.sort_by_key(|f| f.kind);
    let office = cx.office.id;
    let mut report = Report { rows: features.len() as u64, ..Report::default() };
    let tree = book(tx, office)?.tree().clone();
    check_twice(&features, &mut report);
    check_tree(&features, &tree, &mut report);
    if !report.errors.is_empty() {
        report.errors.sort_by_key(|e| e.row);
        return Ok(report);
    }
    if dry {
        for feature in &features {
            match tree.by_code(&feature.code) {
                None => report.added += 1,
                Some(place) if differs(tx, cx, &tree, place, feature)? => report.changed += 1,
                Some(_) => report.unchanged += 1,
            }
        }
        return Ok(report);
    }
    let mut tree = tree;
    for feature in features {
        let row = feature.row;
        if let Err(error) = put(tx, cx, &mut tree, feature, (from, reason), &mut report) {
            // Leaves by the error, so that the whole body is rolled back.
            return Err(match error {
                Error::Refused(refusal) => Error::Refused(Box::new((*refusal).with("row", row))),
                other => other,
            });
        }
    }
    if report.added + report.changed > 0 {
        changed(tx, office)?;
    }
    Ok(report)
}

fn check_twice(features: &[PlaceFeature], report: &mut Report) {
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for feature in features {
        if let Some(first) = seen.insert(&feature.code, feature.row) {
            let twice = Refusal::rule("import.row.twice").with("value", &feature.code).with("first", first);
            report.errors.push(RowError::new(feature.row, "code", twice));
        }
    }
}

/// The code of the place above: as the file says, otherwise the code of the next level up, otherwise the
/// longest code that begins this one.
fn parent_code(feature: &PlaceFeature, known: impl Fn(&str) -> bool) -> Option<&str> {
    if !feature.parent.is_empty() {
        return Some(&feature.parent);
    }
    if let Some(parent) = parent_of(&feature.code)
        && known(parent)
    {
        return Some(parent);
    }
    (1..feature.code.len()).rev().filter_map(|end| feature.code.get(..end)).find(|head| known(head))
}

/// What can be known to be wrong before anything is written.
fn check_tree(features: &[PlaceFeature], tree: &Tree, report: &mut Report) {
    let kinds: HashMap<&str, Kind> = features.iter().map(|f| (f.code.as_str(), f.kind)).collect();
    let kind_of = |code: &str| kinds.get(code).copied().or_else(|| tree.by_code(code).map(|p| p.kind));
    for feature in features {
        let mut wrong =
            |column: &str, reason: Refusal| report.errors.push(RowError::new(feature.row, column, reason));
        if let Some(place) = tree.by_code(&feature.code) {
            if place.kind != feature.kind {
                wrong(
                    "kind",
                    Refusal::rule("places.import.kind_changed")
                        .with("value", feature.kind)
                        .with("was", place.kind),
                );
            }
            if !place.is_active() {
                wrong("code", Refusal::rule("places.import.retired").with("value", &feature.code));
            }
        }
        let parent = parent_code(feature, |code| kind_of(code).is_some());
        match parent.and_then(|code| kind_of(code).map(|kind| (code, kind))) {
            // A street may name the county above it, which is not a place of the office.
            None if feature.kind < Kind::Community => {}
            None if feature.kind == Kind::Community && feature.parent.is_empty() => {}
            None => {
                wrong("parent", Refusal::rule("import.row.place").with("value", parent.unwrap_or_default()))
            }
            Some((code, kind)) => {
                if kind >= feature.kind || (feature.kind > Kind::Community && kind < Kind::Community) {
                    wrong(
                        "parent",
                        Refusal::rule("places.import.parent_kind").with("value", code).with("kind", kind),
                    );
                }
                if !feature.code.starts_with(code) {
                    let reason = Refusal::rule("places.edit.code_prefix").with("code", &feature.code);
                    wrong("code", reason.with("parent", code));
                }
            }
        }
    }
}

fn parent_id(tree: &Tree, feature: &PlaceFeature) -> Option<PlaceId> {
    parent_code(feature, |code| tree.by_code(code).is_some())
        .and_then(|code| tree.by_code(code))
        .map(|p| p.id)
}

fn edit_of(tree: &Tree, feature: &PlaceFeature) -> PlaceEdit {
    PlaceEdit {
        code: None,
        parent: parent_id(tree, feature),
        name: Some(feature.name.clone()),
        aliases: feature.aliases.clone(),
        shape: feature.shape.clone(),
        point: feature.point,
        households: feature.households.map(Some),
    }
}

/// Whether taking the feature over would change the place; reads only.
fn differs(tx: &mut Tx<'_>, cx: &Cx, tree: &Tree, place: &Place, feature: &PlaceFeature) -> Result<bool> {
    let shape = store::find_shape(tx, cx.office.id, place.id)?;
    super::change::would_change(tree, place, shape.as_ref(), edit_of(tree, feature))
}

fn put(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tree: &mut Tree,
    feature: PlaceFeature,
    (from, reason): (Day, &str),
    report: &mut Report,
) -> Result<()> {
    if let Some(place) = tree.by_code(&feature.code) {
        let (id, since) = (place.id, place.from_day);
        let edit = edit_of(tree, &feature);
        if update(tx, cx, tree, id, edit, (from.max(since), reason))? {
            report.changed += 1;
        } else {
            report.unchanged += 1;
        }
        return Ok(());
    }
    let new = NewPlace {
        parent: parent_id(tree, &feature),
        code: feature.code,
        kind: feature.kind,
        name: feature.name,
        aliases: feature.aliases.unwrap_or_default(),
        shape: feature.shape,
        point: feature.point,
        households: feature.households,
    };
    insert(tx, cx, tree, new, from, reason)?;
    report.added += 1;
    Ok(())
}

/// The places that exist as GeoJSON in WGS 84, parents first, as [`import_places`] reads it. Needs
/// `places.read`.
///
/// # Errors
/// When the actor lacks the right or the database refuses.
pub fn export_places(tx: &mut Tx<'_>, cx: &Cx) -> Result<String> {
    cx.actor.need("places.read")?;
    let book = book(tx, cx.office.id)?;
    let shapes: HashMap<PlaceId, geography::Shape> =
        store::list_shapes(tx, cx.office.id)?.into_iter().collect();
    let mut places: Vec<&Place> = book.all().filter(|p| p.is_active()).collect();
    places.sort_by_key(|p| p.kind);
    let features: Vec<serde_json::Value> = places
        .into_iter()
        .map(|place| {
            let point = |p: Point| serde_json::json!({ "type": "Point", "coordinates": [p.lon(), p.lat()] });
            let geometry = match shapes.get(&place.id) {
                Some(shape) => shape.to_geojson(),
                None => place.point.map(point).unwrap_or_default(),
            };
            let parent = place.parent.and_then(|id| book.get(id)).map(|p| p.code.as_str());
            serde_json::json!({ "type": "Feature", "geometry": geometry, "properties": {
                "code": place.code, "parent": parent, "kind": place.kind.as_str(), "name": place.name,
                "aliases": place.aliases.join("|"), "households": place.households } })
        })
        .collect();
    Ok(serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string())
}

/// Takes over landmarks: columns `place_code`, `name`, `kind`, `aliases` (parted by `|`, each becomes a name
/// of its own), `lon`, `lat` in `crs`. A landmark is known by place, kind and name; one that moved is moved.
/// All or nothing, `dry` as in [`import_places`]. Needs `places.edit`; writes `place.landmarks` per place.
///
/// # Errors
/// When the actor lacks the right or the database refuses; what is wrong with the file is in the report.
pub fn import_landmarks(tx: &mut Tx<'_>, cx: &Cx, file: &[u8], crs: Crs, dry: bool) -> Result<Report> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let table = match Table::read(file, &["place_code", "name", "kind"]) {
        Ok(table) => table,
        Err(error) => return Ok(Report { errors: vec![error], ..Report::default() }),
    };
    let book = book(tx, office)?;
    let mut report = Report::default();
    let mut new: Vec<Landmark> = Vec::new();
    let mut moved: Vec<Landmark> = Vec::new();
    for cells in table.rows() {
        report.rows += 1;
        let landmarks = match read_landmark(&cells, book.tree(), crs) {
            Ok(landmarks) => landmarks,
            Err(error) => {
                report.errors.push(error);
                continue;
            }
        };
        for landmark in landmarks {
            let same = |l: &&Landmark| {
                l.place == landmark.place && l.kind == landmark.kind && l.name == landmark.name
            };
            let point = |l: &Landmark| l.point.map(Point::to_e7);
            match book.landmarks().iter().chain(&new).find(same) {
                Some(known) if point(known) == point(&landmark) => report.unchanged += 1,
                Some(_) => {
                    report.changed += 1;
                    moved.push(landmark);
                }
                None => {
                    report.added += 1;
                    new.push(landmark);
                }
            }
        }
    }
    if dry || !report.errors.is_empty() || new.len() + moved.len() == 0 {
        return Ok(report);
    }
    for landmark in &new {
        store::insert_landmark(tx, office, landmark)?;
    }
    for landmark in &moved {
        store::move_landmark(tx, office, landmark)?;
    }
    record_landmarks(tx, cx, new.iter().chain(&moved))?;
    changed(tx, office)?;
    Ok(report)
}

fn record_landmarks<'a>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    landmarks: impl Iterator<Item = &'a Landmark>,
) -> Result<()> {
    use crate::events::{Stream, append};
    type Facts<'a> = (&'a str, &'a str, Option<(i32, i32)>);
    let mut by_place: std::collections::BTreeMap<PlaceId, Vec<Facts<'a>>> = std::collections::BTreeMap::new();
    for landmark in landmarks {
        let facts = (landmark.kind.as_str(), landmark.name.as_str(), landmark.point.map(Point::to_e7));
        by_place.entry(landmark.place).or_default().push(facts);
    }
    for (place, list) in by_place {
        append(tx, cx, Stream::Place, place.0, "place.landmarks", &list)?;
    }
    Ok(())
}

fn read_landmark(c: &Cells<'_>, tree: &Tree, crs: Crs) -> std::result::Result<Vec<Landmark>, RowError> {
    let place =
        tree.by_code(&c.text("place_code")?).ok_or_else(|| c.error("place_code", "import.row.place"))?.id;
    let (name, kind) = (c.text("name")?, c.text("kind")?);
    let number = |column: &str| -> std::result::Result<Option<f64>, RowError> {
        match c.get(column) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| c.error(column, "import.row.coordinate")),
        }
    };
    let point = match (number("lon")?, number("lat")?) {
        (Some(lon), Some(lat)) => {
            let point = Point::new(lon, lat).map_err(|_| c.error("lon", "import.row.coordinate"))?;
            Some(to_wgs84(point, crs))
        }
        _ => None,
    };
    let names = std::iter::once(name).chain(split_list(c.get("aliases")));
    Ok(names.map(|name| Landmark { place, kind: kind.clone(), name, point }).collect())
}
