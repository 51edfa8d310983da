//! The official list of divisions, and an office's first places from it.

use super::super::book::{book, changed};
use super::super::model::{Division, Kind, NewPlace};
use super::super::store;
use super::change::insert;
use crate::context::Cx;
use crate::rows::{Cells, Report, RowError, Table, missing_columns};
use ::store::{Result, Tx};
use geography::code::{level_of, parent_of};
use kernel::{Day, PlaceId, Refusal};
use std::collections::HashMap;

/// How the last parts of official names are shortened; data, in order of preference.
const ENDINGS: &str = include_str!("../data/name_endings.csv");

/// What an official list of divisions looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivisionFile {
    /// One row a community, with the codes and names of all above it: columns `village_code`, `village`,
    /// `street_code`, `street`, `county_code`, `county`, `city_code`, `city`, `prov_code`, `province`.
    Communities,
    /// One row a street: columns `street_code`, `street`, `county_code`, `county`.
    Streets,
    /// One row a division: columns `code` and `name` (and the codes of those above, which the code itself
    /// says already), as in the package china-division.
    Plain,
}

/// Reads an official list; which sort it is shows in its columns. Codes are digits, and each belongs below
/// the one it begins with.
///
/// # Errors
/// Every row that is wrong.
pub fn read_divisions(bytes: &[u8]) -> std::result::Result<Vec<Division>, Vec<RowError>> {
    let table = Table::read(bytes, &[]).map_err(|e| vec![e])?;
    let sort = if table.has("village_code") {
        DivisionFile::Communities
    } else if table.has("street_code") {
        DivisionFile::Streets
    } else if table.has("code") && table.has("name") {
        DivisionFile::Plain
    } else {
        return Err(vec![RowError::new(0, "", missing_columns("code, name", &table.header()))]);
    };
    let pairs: &[(&str, &str)] = match sort {
        DivisionFile::Communities => &[
            ("prov_code", "province"),
            ("city_code", "city"),
            ("county_code", "county"),
            ("street_code", "street"),
            ("village_code", "village"),
        ],
        DivisionFile::Streets => &[("county_code", "county"), ("street_code", "street")],
        DivisionFile::Plain => &[("code", "name")],
    };
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for cells in table.rows() {
        for (code, name) in pairs {
            match read_division(&cells, code, name) {
                Ok(division) if seen.contains_key(&division.code) => {}
                Ok(division) => {
                    seen.insert(division.code.clone(), out.len());
                    out.push(division);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// Reads the JSON form of the same lists: an array of objects with `code` and `name`.
///
/// # Errors
/// Every entry that is wrong.
pub fn read_divisions_json(bytes: &[u8]) -> std::result::Result<Vec<Division>, Vec<RowError>> {
    #[derive(serde::Deserialize)]
    struct Entry {
        code: String,
        name: String,
    }
    let entries: Vec<Entry> = serde_json::from_slice(bytes)
        .map_err(|e| vec![RowError::new(0, "", Refusal::rule("import.file.json").with("why", e))])?;
    let (mut out, mut errors) = (Vec::with_capacity(entries.len()), Vec::new());
    for (row, entry) in (1..).zip(entries) {
        match division_of(&entry.code, &entry.name) {
            Some(division) => out.push(division),
            None => errors.push(RowError::new(
                row,
                "code",
                Refusal::rule("import.row.code").with("value", entry.code),
            )),
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// A division of its code and name; `None` where the code is none.
#[must_use]
pub fn division_of(code: &str, name: &str) -> Option<Division> {
    let level = level_of(code).filter(|l| l.digits() <= 12)?;
    Some(Division {
        parent: parent_of(code).map(str::to_owned),
        code: code.to_owned(),
        level: level.depth().into(),
        name: name.to_owned(),
    })
}

fn read_division(c: &Cells<'_>, code: &str, name: &str) -> std::result::Result<Division, RowError> {
    let text = c.text(code)?;
    if level_of(&text).is_none_or(|l| l.digits() > 12) {
        return Err(c.error(code, "import.row.code"));
    }
    division_of(&text, &c.text(name)?).ok_or_else(|| c.error(code, "import.row.code"))
}

/// Writes rows of the official list; a code that is there already takes the new name. A reference without
/// tenant: no event, only the edition. For the whole country call it with some ten thousand rows at a time.
///
/// # Errors
/// When the database refuses.
pub fn put_divisions(tx: &mut Tx<'_>, rows: &[Division], edition: &str) -> Result<()> {
    store::put_divisions(tx, rows, edition)
}

/// How many rows the official list has here.
///
/// # Errors
/// When the database refuses.
pub fn divisions_known(tx: &mut Tx<'_>) -> Result<i64> {
    store::count_divisions(tx)
}

/// A row of the official list.
///
/// # Errors
/// When the database refuses.
pub fn division(tx: &mut Tx<'_>, code: &str) -> Result<Option<Division>> {
    store::find_division(tx, code)
}

/// The rows directly below one.
///
/// # Errors
/// When the database refuses.
pub fn divisions_below(tx: &mut Tx<'_>, code: &str) -> Result<Vec<Division>> {
    store::list_divisions_below(tx, code)
}

/// Makes an office's first places from the official list: for each code (a street, or a county for all its
/// streets) the street and its communities. Several codes give an office that spans several streets. What
/// exists stays. Needs `places.edit`; writes `place.created`.
///
/// # Errors
/// `places.divisions.unknown` for a code that is not in the list, `places.divisions.level` for one that is no
/// street or county.
pub fn create_from_divisions(tx: &mut Tx<'_>, cx: &Cx, codes: &[String], from: Day) -> Result<Report> {
    let mut tree = book(tx, cx.office.id)?.tree().clone();
    let mut report = Report::default();
    let mut todo: Vec<(Division, Option<PlaceId>)> = Vec::new();
    for code in codes {
        let refusal = |reason| Refusal::rule(reason).on("code").with("code", code);
        let found = store::find_division(tx, code)?.ok_or_else(|| refusal("places.divisions.unknown"))?;
        if !matches!(level_of(code).map(Kind::of_level), Some(Kind::County | Kind::Street)) {
            return Err(refusal("places.divisions.level").into());
        }
        todo.push((found, None));
    }
    while let Some((division, parent)) = todo.pop() {
        report.rows += 1;
        let Some(kind) = level_of(&division.code).map(Kind::of_level) else { continue };
        let id = match tree.by_code(&division.code) {
            Some(place) => {
                report.unchanged += 1;
                place.id
            }
            None => {
                report.added += 1;
                let name = short_name(&division.name, kind);
                let mut new = NewPlace::named(&division.code, parent, kind, &name);
                if name != division.name {
                    new.aliases.push(division.name.clone());
                }
                insert(tx, cx, &mut tree, new, from, "")?
            }
        };
        if kind < Kind::Community {
            let below = store::list_divisions_below(tx, &division.code)?;
            todo.extend(below.into_iter().map(|d| (d, Some(id))));
        }
    }
    if report.added > 0 {
        changed(tx, cx.office.id)?;
    }
    Ok(report)
}

/// A community's name without the name of its committee.
fn short_name(name: &str, kind: Kind) -> String {
    if kind != Kind::Community {
        return name.to_owned();
    }
    let endings = ENDINGS.lines().skip(1).filter_map(|line| line.split_once(','));
    for (long, short) in endings {
        if let Some(head) = name.strip_suffix(long)
            && !head.is_empty()
        {
            return format!("{head}{short}");
        }
    }
    name.to_owned()
}
