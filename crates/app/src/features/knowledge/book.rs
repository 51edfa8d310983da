//! Entries in and out as a sheet, one row an entry: which column is what, and rows read with what is wrong in them.

use super::model::{Content, Entry, Given, State};
use super::service;
use crate::context::Cx;
use crate::features::people::service as people;
use crate::rows::{RowError, quoted};
use crate::sheet::Grid;
use anyhow::Context;
use kernel::{Day, Refusal, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use store::{Error, Result, Tx};

/// The columns, in the order of an exported sheet.
pub const COLUMNS: [&str; 14] = [
    "id", "question", "ways", "answer", "bring", "place", "phone", "hours", "basis", "unit", "public",
    "review", "state", "uses",
];
/// What a sheet must have.
const NEEDED: [&str; 3] = ["question", "answer", "unit"];
/// For how many days an entry is taken to be right where a sheet does not say.
const REVIEW_AFTER: i64 = 180;

/// What the columns are called, and the words for yes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vocabulary {
    columns: BTreeMap<String, Vec<String>>,
    yes: Vec<String>,
}

fn vocabulary() -> anyhow::Result<&'static Vocabulary> {
    static TEXT: &str = include_str!("../../../../../packs/base/knowledge.toml");
    static READ: LazyLock<std::result::Result<Vocabulary, String>> =
        LazyLock::new(|| toml::from_str(TEXT).map_err(|e| e.to_string()));
    READ.as_ref().map_err(|e| anyhow::anyhow!("{e}")).context("packs/base/knowledge.toml")
}

/// Whether a text is the name of a column.
#[must_use]
pub fn is_header_word(text: &str) -> bool {
    vocabulary().is_ok_and(|v| v.columns.values().flatten().any(|n| n == text.trim()))
}

/// A row, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookRow {
    /// The entry it is about, where the sheet knows.
    pub id: Option<i64>,
    /// Whose answer it is.
    pub unit: UnitId,
    /// By when it is to be looked at again.
    pub review: Day,
    /// What it says.
    pub content: Content,
}

/// Reads the rows of a sheet.
///
/// # Errors
/// `import.file.columns` for a column that is missing; the wrong cells are given beside the rows.
pub fn read(tx: &mut Tx<'_>, cx: &Cx, grid: &Grid) -> Result<(Vec<BookRow>, Vec<RowError>)> {
    let words = vocabulary().map_err(|e| Error::failed(format!("{e:#}")))?;
    let at: HashMap<&str, usize> = words
        .columns
        .iter()
        .filter_map(|(key, names)| {
            let found = grid.header.iter().position(|h| names.iter().any(|n| n == h.trim()))?;
            Some((key.as_str(), found))
        })
        .collect();
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|c| !at.contains_key(**c))
        .filter_map(|c| words.columns.get(*c)?.first().cloned())
        .collect();
    if !missing.is_empty() {
        let found = grid.header.join(", ");
        return Err(crate::rows::missing_columns(&missing.join(", "), &found).on("file").into());
    }
    let units: HashMap<String, UnitId> = people::units(tx, cx.office.id)?
        .into_iter()
        .filter(|u| u.active)
        .flat_map(|u| [(u.short.clone(), u.id), (u.name.clone(), u.id), (u.code, u.id)])
        .collect();
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (line, cells) in &grid.rows {
        let line = u64::try_from(*line).unwrap_or_default();
        let text = |key: &str| {
            let cell = at.get(key).and_then(|i| cells.get(*i));
            cell.map(|c| c.shown().trim().to_owned()).unwrap_or_default()
        };
        let name = |key: &str| at.get(key).and_then(|i| grid.header.get(*i)).cloned().unwrap_or_default();
        let mut bad = |key: &str, code: &'static str| {
            let reason = Refusal::rule(code).with("value", quoted(&text(key)));
            wrong.push(RowError::new(line, &name(key), reason));
        };
        for key in ["question", "answer"] {
            if text(key).is_empty() {
                bad(key, "import.row.missing");
            }
        }
        let unit = units.get(&text("unit")).copied();
        if unit.is_none() {
            bad("unit", "knowledge.row.unit");
        }
        let review = match text("review").get(..10).map_or_else(|| text("review"), str::to_owned) {
            day if day.is_empty() => Some(cx.today().plus(REVIEW_AFTER)),
            day => Day::parse(&day.replace('/', "-")),
        };
        if review.is_none() {
            bad("review", "import.row.day");
        }
        let id = text("id");
        if !id.is_empty() && id.parse::<i64>().is_err() {
            bad("id", "knowledge.row.id");
        }
        let content = Content {
            question: text("question"),
            ways: text("ways")
                .split(['\n', '|'])
                .map(|w| w.trim().to_owned())
                .filter(|w| !w.is_empty())
                .collect(),
            answer: text("answer"),
            bring: text("bring"),
            place: text("place"),
            phone: text("phone"),
            hours: text("hours"),
            basis: text("basis"),
            public: words.yes.iter().any(|y| *y == text("public")),
        };
        if let (Some(unit), Some(review)) = (unit, review) {
            rows.push(BookRow { id: id.parse().ok(), unit, review, content });
        }
    }
    Ok((rows, wrong))
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// New entries.
    pub new: usize,
    /// Entries with a new version.
    pub changed: usize,
    /// Entries that say the same.
    pub same: usize,
}

/// Takes rows over: an entry is known by its number, else by its question. Publishes them where that is asked.
///
/// # Errors
/// What an entry refuses; nothing is taken then.
pub fn take(tx: &mut Tx<'_>, cx: &Cx, rows: &[BookRow], publish: bool) -> Result<Taken> {
    let known = service::list(tx, cx)?;
    let mut out = Taken::default();
    for row in rows {
        let is_it = |e: &&Entry| match row.id {
            Some(id) => e.id == id,
            None => e.content.question == row.content.question,
        };
        let old = known.iter().find(is_it);
        let review = row.review.max(cx.today().plus(1));
        let review = if old.is_some_and(|e| e.review == row.review) { row.review } else { review };
        let same = old.is_some_and(|e| e.content == row.content && e.unit == row.unit);
        let given = match old {
            Some(e) if same => Given { entry: e.id, version: e.latest },
            _ => service::save(tx, cx, old.map(|e| (e.id, e.latest)), (row.unit, review), &row.content)?,
        };
        match (old, same) {
            (None, _) => out.new += 1,
            (Some(_), false) => out.changed += 1,
            (Some(_), true) => out.same += 1,
        }
        if publish && old.is_none_or(|e| !same || e.state != State::Published) {
            service::publish(tx, cx, given.entry, given.version)?;
        }
    }
    Ok(out)
}
