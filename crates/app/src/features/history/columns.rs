//! What the columns of a workbook of past tickets mean (`packs/base/history.toml`), and the import profile that
//! follows from it. Pure.

use crate::context::Office;
use crate::features::imports::model::Stage;
use crate::features::imports::profile::{
    Column, Encoding, Format, Home, MatterColumns, OfficeText, PlaceLevel, Profile, TextColumns, TimeColumn,
    Timely, UnitColumn, UnitKind, Value,
};
use crate::sheet::Grid;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The name of the source under which numbers are known.
const SYSTEM: &str = "workbook";

/// What a column can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The number there.
    Number,
    /// When it came in.
    Received,
    /// What was said.
    Text,
    /// When it was done.
    Closed,
    /// Until when it was to be done.
    Due,
    /// The unit that handled it.
    Unit,
    /// The community.
    Place,
    /// Where, in words.
    Address,
    /// The matter.
    Matter,
    /// The class of the matter.
    Class,
    /// A short title.
    Title,
    /// How far it is.
    State,
    /// Whether it was late, as they say.
    Outcome,
    /// How often, or whether, the unit returned it.
    Returns,
    /// Through which channel.
    Channel,
    /// The kind of demand.
    Kind,
    /// What was answered.
    Reply,
}

impl Field {
    /// Every one, in the order of the page.
    pub const ALL: [Field; 17] = [
        Field::Number,
        Field::Received,
        Field::Text,
        Field::Closed,
        Field::Due,
        Field::Unit,
        Field::Place,
        Field::Address,
        Field::Matter,
        Field::Class,
        Field::Title,
        Field::State,
        Field::Outcome,
        Field::Returns,
        Field::Channel,
        Field::Kind,
        Field::Reply,
    ];

    /// As stored, and the end of its word's key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Number => "number",
            Field::Received => "received",
            Field::Text => "text",
            Field::Closed => "closed",
            Field::Due => "due",
            Field::Unit => "unit",
            Field::Place => "place",
            Field::Address => "address",
            Field::Matter => "matter",
            Field::Class => "class",
            Field::Title => "title",
            Field::State => "state",
            Field::Outcome => "outcome",
            Field::Returns => "returns",
            Field::Channel => "channel",
            Field::Kind => "kind",
            Field::Reply => "reply",
        }
    }

    /// Whether nothing can be taken over without it.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(self, Field::Number | Field::Received | Field::Text)
    }
}

/// Parts of cells and what they stand for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The code.
    is: String,
    /// The parts.
    has: Vec<String>,
}

/// Single words with a meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meaning {
    blank: Vec<String>,
    open: Vec<String>,
    over: Vec<String>,
    late: Vec<String>,
    in_time: Vec<String>,
    asks_in_time: Vec<String>,
    yes: Vec<String>,
}

/// The words of workbooks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    columns: BTreeMap<Field, Vec<String>>,
    meaning: Meaning,
    channel: Vec<Part>,
    kind: Vec<Part>,
    unit: Vec<Part>,
}

impl Vocabulary {
    /// The shipped one.
    ///
    /// # Errors
    /// Never where the test below has run.
    pub fn shipped() -> anyhow::Result<&'static Vocabulary> {
        static TEXT: &str = include_str!("../../../../../packs/base/history.toml");
        static READ: LazyLock<Result<Vocabulary, String>> =
            LazyLock::new(|| toml::from_str(TEXT).map_err(|e| format!("{e:#}")));
        READ.as_ref().map_err(|e| anyhow::anyhow!("{e}")).context("packs/base/history.toml")
    }

    /// Whether a text is a word that headers have.
    #[must_use]
    pub fn is_header_word(&self, text: &str) -> bool {
        self.columns.values().flatten().any(|name| name == text.trim())
    }
}

/// Which of a sheet's columns is what, and whether what the office does not have is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The header of each column that is used.
    pub columns: BTreeMap<Field, String>,
    /// Units, communities and matters that are not known yet are made.
    pub make: bool,
}

impl Mapping {
    /// The columns whose names speak for themselves; no column is taken twice.
    #[must_use]
    pub fn guess(words: &Vocabulary, header: &[String]) -> Mapping {
        let mut columns: BTreeMap<Field, String> = BTreeMap::new();
        for whole in [true, false] {
            for field in Field::ALL {
                // A part of a Latin name says nothing.
                let fits =
                    |h: &str, name: &str| if whole || name.is_ascii() { h == name } else { h.contains(name) };
                let free = |h: &&String| !h.is_empty() && !columns.values().any(|taken| taken == *h);
                let names = words.columns.get(&field).into_iter().flatten();
                let found =
                    names.filter_map(|n| header.iter().filter(free).find(|h| fits(h, n))).next().cloned();
                if let (false, Some(found)) = (columns.contains_key(&field), found) {
                    columns.insert(field, found);
                }
            }
        }
        Mapping { columns, make: true }
    }

    /// A needed field without a column.
    #[must_use]
    pub fn missing(&self) -> Option<Field> {
        Field::ALL.into_iter().find(|f| f.is_needed() && !self.columns.contains_key(f))
    }

    fn get(&self, field: Field) -> Option<String> {
        self.columns.get(&field).cloned()
    }

    /// The import profile for a sheet in an office.
    #[must_use]
    pub fn profile(&self, words: &Vocabulary, grid: &Grid, office: &Office, home: &Home) -> Profile {
        let cells = |field: Field| self.values(grid, field);
        let blank = &words.meaning.blank;
        let time = |field: Field| {
            self.get(field).map(|column| TimeColumn { column, format: None, blank: blank.clone() })
        };
        let text = |field: Field| {
            self.get(field).map(|column| TextColumns {
                columns: vec![column],
                join: String::new(),
                other: String::new(),
            })
        };
        let coded = |field: Field, parts: &[Part], other: &str| Value {
            column: self.get(field),
            values: cells(field).into_iter().filter_map(|v| Some((v.clone(), part_of(parts, &v)?))).collect(),
            other: Some(other.to_owned()),
        };
        let needed = |field: Field| self.get(field).unwrap_or_default();
        Profile {
            system: SYSTEM.to_owned(),
            format: Format::Csv,
            encoding: Encoding::Utf8,
            zone: office.tz.iana_name().unwrap_or("Asia/Shanghai").to_owned(),
            office: Some(OfficeText {
                code: office.code.clone(),
                name: office.name.clone(),
                short: office.short.clone(),
                hours: String::new(),
                locale: String::new(),
                home: home.clone(),
            }),
            place: self.get(Field::Place).map(|column| level(column, blank)).into_iter().collect(),
            unit: self.get(Field::Unit).map(|column| units(column, words)),
            matter: self.matters(blank),
            skip: Vec::new(),
            number: Some(Column { column: needed(Field::Number), blank: Vec::new() }),
            received: TimeColumn { column: needed(Field::Received), format: None, blank: blank.clone() },
            closed: time(Field::Closed),
            due: time(Field::Due),
            stage: Value {
                column: self.get(Field::State),
                values: cells(Field::State).into_iter().map(|v| (v.clone(), words.stage(&v))).collect(),
                other: Some(if self.get(Field::State).is_some() { Stage::Handling } else { Stage::Closed }),
            },
            // Words that say neither are left alone, without an error: the row has its times.
            outcome: None,
            returns: self.get(Field::Returns).map(|column| Value {
                column: Some(column),
                values: cells(Field::Returns).into_iter().map(|v| (v.clone(), words.returns(&v))).collect(),
                other: Some(0),
            }),
            join: true,
            channel: coded(Field::Channel, &words.channel, "import"),
            kind: coded(Field::Kind, &words.kind, "event"),
            class: None,
            title: text(Field::Title).or_else(|| text(Field::Matter)),
            text: text(Field::Text).unwrap_or_else(|| TextColumns {
                columns: Vec::new(),
                join: String::new(),
                other: String::new(),
            }),
            reply: text(Field::Reply),
            address: text(Field::Address),
            point: None,
        }
    }

    fn matters(&self, blank: &[String]) -> Option<MatterColumns> {
        let names: Vec<String> =
            [Field::Class, Field::Matter].into_iter().filter_map(|f| self.get(f)).collect();
        (!names.is_empty()).then(|| MatterColumns {
            prefix: "H".to_owned(),
            names,
            codes: Vec::new(),
            blank: blank.to_vec(),
            source: "workbook".to_owned(),
        })
    }

    /// What the outcome column says of each row of the sheet.
    #[must_use]
    pub fn outcomes(&self, words: &Vocabulary, grid: &Grid) -> BTreeMap<u64, Timely> {
        let Some(column) = self.get(Field::Outcome) else { return BTreeMap::new() };
        let Some(at) = grid.header.iter().position(|h| *h == column) else { return BTreeMap::new() };
        let turned = words.meaning.asks_in_time.iter().any(|w| column.contains(w.as_str()));
        let one = |shown: String| {
            let shown = shown.trim().to_owned();
            let late = words.meaning.late.contains(&shown);
            // Only a bare yes or no turns with the question.
            let bare =
                words.meaning.yes.first() == Some(&shown) || words.meaning.in_time.first() == Some(&shown);
            match (late, words.meaning.in_time.contains(&shown)) {
                (false, false) => None,
                _ if late != (turned && bare) => Some(Timely::Overtime),
                _ => Some(Timely::Intime),
            }
        };
        let rows = grid.rows.iter();
        rows.filter_map(|(line, cells)| Some((*line as u64, one(cells.get(at)?.shown())?))).collect()
    }

    fn values(&self, grid: &Grid, field: Field) -> BTreeSet<String> {
        let column = self.columns.get(&field).and_then(|c| grid.header.iter().position(|h| h == c));
        let Some(at) = column else { return BTreeSet::new() };
        grid.rows.iter().filter_map(|(_, cells)| cells.get(at)).map(|c| c.shown()).collect()
    }
}

impl Vocabulary {
    fn stage(&self, value: &str) -> Stage {
        let has = |parts: &[String]| parts.iter().any(|p| value.contains(p.as_str()));
        if has(&self.meaning.over) && !has(&self.meaning.open) { Stage::Closed } else { Stage::Handling }
    }

    fn returns(&self, value: &str) -> i64 {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        match digits.parse::<i64>() {
            Ok(n) => n.clamp(0, 20),
            Err(_) => i64::from(self.meaning.yes.iter().any(|w| w == value.trim())),
        }
    }
}

fn part_of(parts: &[Part], value: &str) -> Option<String> {
    parts.iter().find(|p| p.has.iter().any(|h| value.contains(h.as_str()))).map(|p| p.is.clone())
}

fn level(column: String, blank: &[String]) -> PlaceLevel {
    PlaceLevel { column, blank: blank.to_vec(), kind: "community".to_owned(), codes: BTreeMap::new() }
}

fn units(column: String, words: &Vocabulary) -> UnitColumn {
    let kinds = words.unit.iter().flat_map(|p| {
        p.has.iter().map(|contains| UnitKind { contains: contains.clone(), kind: p.is.clone() })
    });
    UnitColumn {
        column,
        blank: words.meaning.blank.clone(),
        drop_only_suffix: false,
        kind: "street_department".to_owned(),
        kinds: kinds.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::read_text;

    #[test]
    fn columns_are_guessed_by_their_names() {
        let words = Vocabulary::shipped().unwrap();
        let sheet = "工单编号,受理时间,诉求内容,承办单位,所属社区,是否按期,退单次数\n1,2025-01-01,灯,城管办,东苑社区,是,2\n2,2025-01-01,灯,城管办,东苑社区,否,是\n";
        let grid = read_text(sheet, |t| words.is_header_word(t)).unwrap();
        let mapping = Mapping::guess(words, &grid.header);
        assert_eq!(mapping.columns.get(&Field::Unit).unwrap(), "承办单位");
        assert_eq!(mapping.missing(), None);
        let outcomes = mapping.outcomes(words, &grid);
        assert_eq!(outcomes.values().copied().collect::<Vec<_>>(), [Timely::Intime, Timely::Overtime]);
        assert_eq!((words.returns("2"), words.returns("是"), words.returns("否")), (2, 1, 0));
        assert_eq!(words.stage("已办结"), Stage::Closed);
        assert_eq!((words.stage("未办结"), words.stage("处理中")), (Stage::Handling, Stage::Handling));
        assert_eq!(part_of(&words.channel, "区12345热线").as_deref(), Some("hotline"));
    }
}
