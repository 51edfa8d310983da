//! What a grid's columns mean, and what its rows say: tickets of an upper platform, checked cell by cell. Pure.

use super::vocabulary::Vocabulary;
use crate::features::intake::service::TEXT_MOST;
use crate::rows::quoted;
use crate::sheet::{Cell, Grid, ROWS_MOST};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use kernel::{Refusal, Ts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What a column can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The number there.
    Number,
    /// When they sent it.
    Received,
    /// Until when they want it done.
    Due,
    /// Until when they take it back.
    ReturnBy,
    /// A short title.
    Title,
    /// What was said.
    Text,
    /// Where, in words.
    Address,
    /// The community in their words.
    Place,
    /// Who said it.
    Name,
    /// Their phone.
    Phone,
    /// How often they have urged 催办.
    Urges,
    /// Which time it is handled: 2 from the first 重办 on.
    Round,
    /// How far they say it is.
    State,
    /// The requester's rating by their call-back.
    Satisfied,
    /// Whether it is solved by their call-back.
    Solved,
}

impl Field {
    /// Every one, in the order of the page.
    pub const ALL: [Field; 15] = [
        Field::Number,
        Field::Text,
        Field::Due,
        Field::Received,
        Field::ReturnBy,
        Field::Title,
        Field::Address,
        Field::Place,
        Field::Name,
        Field::Phone,
        Field::Urges,
        Field::Round,
        Field::State,
        Field::Satisfied,
        Field::Solved,
    ];

    /// As stored, and the end of its word's key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Number => "number",
            Field::Received => "received",
            Field::Due => "due",
            Field::ReturnBy => "return_by",
            Field::Title => "title",
            Field::Text => "text",
            Field::Address => "address",
            Field::Place => "place",
            Field::Name => "name",
            Field::Phone => "phone",
            Field::Urges => "urges",
            Field::Round => "round",
            Field::State => "state",
            Field::Satisfied => "satisfied",
            Field::Solved => "solved",
        }
    }

    /// Whether there is no ticket without it.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(self, Field::Number | Field::Text)
    }
}

/// Which system, and which of its columns is what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The other system's name.
    pub system: String,
    /// The header of each column that is used.
    pub columns: BTreeMap<Field, String>,
}

impl Mapping {
    /// The columns whose names speak for themselves; no column is taken twice.
    #[must_use]
    pub fn guess(words: &Vocabulary, system: &str, header: &[String]) -> Mapping {
        let mut columns: BTreeMap<Field, String> = BTreeMap::new();
        // Whole names before parts of them, so that "title" does not take the column of the text.
        for whole in [true, false] {
            for field in Field::ALL {
                let fits = |h: &str, name: &str| if whole { h == name } else { h.contains(name) };
                let free = |h: &&String| !h.is_empty() && !columns.values().any(|taken| taken == *h);
                let names = words.columns.get(&field).into_iter().flatten();
                let found =
                    names.filter_map(|n| header.iter().filter(free).find(|h| fits(h, n))).next().cloned();
                if let (false, Some(found)) = (columns.contains_key(&field), found) {
                    columns.insert(field, found);
                }
            }
        }
        Mapping { system: system.to_owned(), columns }
    }

    /// Columns that are called as the fields are.
    #[must_use]
    pub fn plain(system: &str) -> Mapping {
        let columns = Field::ALL.into_iter().map(|f| (f, f.as_str().to_owned())).collect();
        Mapping { system: system.to_owned(), columns }
    }

    /// The same with what an office's own profile says, where the file has such a column.
    #[must_use]
    pub fn with(mut self, own: &Mapping, header: &[String]) -> Mapping {
        self.columns.retain(|field, _| own.columns.is_empty() || own.columns.contains_key(field));
        for (field, column) in own.columns.iter().filter(|(_, column)| header.contains(column)) {
            self.columns.retain(|other, taken| other == field || taken != column);
            self.columns.insert(*field, column.clone());
        }
        self
    }
}

/// A ticket as the platform tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its row in the sheet.
    pub row: usize,
    /// The number there.
    pub number: String,
    /// When they sent it.
    pub received: Option<Ts>,
    /// Until when they want it done.
    pub due: Option<Ts>,
    /// Until when they take it back.
    pub return_by: Option<Ts>,
    /// A short title; may be blank.
    pub title: String,
    /// What was said.
    pub text: String,
    /// Where, in words.
    pub address: String,
    /// The community in their words.
    pub place: String,
    /// Who said it.
    pub name: String,
    /// Their phone.
    pub phone: String,
    /// How often they have urged; `None` where the file does not say.
    pub urges: Option<i64>,
    /// Which time it is handled, from 1.
    pub round: Option<i64>,
    /// How far they say it is, in their words.
    pub state: String,
    /// 1 to 5, by their call-back.
    pub satisfied: Option<i64>,
    /// By their call-back.
    pub solved: Option<bool>,
}

/// What is wrong in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The row in the sheet.
    pub row: usize,
    /// As a spreadsheet names it: `B7`.
    pub address: String,
    /// The column's header.
    pub column: String,
    /// Why.
    pub reason: Refusal,
}

/// Rows that a program sends, each with fields by their names, as the grid of a workbook whose columns have those names.
///
/// # Errors
/// `upstream.file.many`; `upstream.row.field` for a field nobody knows.
pub fn grid_of(rows: &[serde_json::Map<String, serde_json::Value>]) -> Result<Grid, Refusal> {
    if rows.len() > ROWS_MOST {
        return Err(Refusal::rule("sheet.many").with("most", ROWS_MOST));
    }
    let header: Vec<String> = Field::ALL.iter().map(|f| f.as_str().to_owned()).collect();
    let mut out = Grid { header, ..Grid::default() };
    for (i, row) in rows.iter().enumerate() {
        if let Some(name) = row.keys().find(|name| !out.header.contains(*name)) {
            let known = out.header.join(", ");
            return Err(Refusal::rule("upstream.row.field").with("name", name).with("known", known));
        }
        let cell = |name: &String| row.get(name).map(Cell::of_json).unwrap_or_default();
        out.rows.push((i + 1, out.header.iter().map(cell).collect()));
    }
    Ok(out)
}

/// Every ticket of a grid, or everything that is wrong with it.
#[must_use]
pub fn read(
    words: &Vocabulary,
    grid: &Grid,
    mapping: &Mapping,
    zone: &TimeZone,
) -> (Vec<Ticket>, Vec<CellError>) {
    let at = |field: Field| {
        let column = mapping.columns.get(&field)?;
        grid.header.iter().position(|h| h == column)
    };
    let places: HashMap<Field, usize> =
        Field::ALL.into_iter().filter_map(|f| at(f).map(|i| (f, i))).collect();
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, String> = HashMap::new();
    for (row, cells) in &grid.rows {
        let mut reader =
            RowReader { words, grid, row: *row, cells, places: &places, zone, errors: Vec::new() };
        let ticket = reader.ticket();
        if let Some(ticket) = &ticket
            && let Some(first) = seen.insert(ticket.number.clone(), reader.address(Field::Number))
        {
            let twice =
                Refusal::rule("upstream.row.twice").with("number", &ticket.number).with("first", first);
            reader.wrong(Field::Number, twice);
        }
        errors.append(&mut reader.errors);
        out.extend(ticket);
    }
    (out, errors)
}

struct RowReader<'a> {
    words: &'a Vocabulary,
    grid: &'a Grid,
    row: usize,
    cells: &'a [Cell],
    places: &'a HashMap<Field, usize>,
    zone: &'a TimeZone,
    errors: Vec<CellError>,
}

impl RowReader<'_> {
    fn ticket(&mut self) -> Option<Ticket> {
        let number = self.number();
        let (title, text) = (self.text(Field::Title), self.text(Field::Text));
        if text.is_empty() && title.is_empty() {
            self.wrong(Field::Text, Refusal::rule("upstream.row.missing"));
        }
        if text.chars().count() > TEXT_MOST {
            self.wrong(Field::Text, Refusal::rule("upstream.row.long").with("most", TEXT_MOST));
        }
        let ticket = Ticket {
            row: self.row,
            received: self.instant(Field::Received, false),
            due: self.instant(Field::Due, true),
            return_by: self.instant(Field::ReturnBy, true),
            address: self.text(Field::Address),
            place: self.text(Field::Place),
            name: self.text(Field::Name),
            phone: self.phone(),
            urges: self.count(Field::Urges),
            round: self.count(Field::Round),
            state: self.text(Field::State),
            satisfied: self.satisfied(),
            solved: self.solved(),
            number: number?,
            text: if text.is_empty() { title.clone() } else { text },
            title,
        };
        Some(ticket)
    }

    fn cell(&self, field: Field) -> &Cell {
        static BLANK: Cell = Cell::Blank;
        self.places.get(&field).and_then(|i| self.cells.get(*i)).unwrap_or(&BLANK)
    }

    fn address(&self, field: Field) -> String {
        self.places.get(&field).map(|i| self.grid.address(self.row, *i)).unwrap_or_default()
    }

    fn wrong(&mut self, field: Field, reason: Refusal) {
        let column = self.places.get(&field).and_then(|i| self.grid.header.get(*i)).cloned();
        let value = quoted(&self.cell(field).shown());
        self.errors.push(CellError {
            row: self.row,
            address: self.address(field),
            column: column.unwrap_or_default(),
            reason: reason.with("value", value),
        });
    }

    fn text(&self, field: Field) -> String {
        self.cell(field).shown()
    }

    fn number(&mut self) -> Option<String> {
        let cell = self.cell(Field::Number);
        if cell.is_spoilt() {
            self.wrong(Field::Number, Refusal::rule("upstream.row.spoilt"));
            return None;
        }
        let number: String = cell.shown().chars().filter(|c| !c.is_whitespace()).collect();
        if number.is_empty() {
            self.wrong(Field::Number, Refusal::rule("upstream.row.missing"));
            return None;
        }
        if number.chars().count() > 40
            || !number
                .chars()
                .all(|c| c.is_alphanumeric() || "-_/()\u{3014}\u{3015}\u{ff08}\u{ff09}".contains(c))
        {
            self.wrong(Field::Number, Refusal::rule("upstream.row.number"));
            return None;
        }
        Some(number)
    }

    /// A phone that cannot be one is no reason to refuse a ticket: it stays in the text of the contact.
    fn phone(&self) -> String {
        let shown = self.text(Field::Phone);
        shown
            .split(|c: char| !c.is_ascii_digit() && !"+-".contains(c))
            .find(|p| !p.is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    fn count(&mut self, field: Field) -> Option<i64> {
        let shown = self.text(field);
        if shown.is_empty() {
            return None;
        }
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        match (digits.parse::<i64>(), self.words.counts.get(shown.trim())) {
            (Ok(n), _) if n < 100 => Some(n),
            (_, Some(n)) => Some(*n),
            _ => {
                self.wrong(field, Refusal::rule("upstream.row.count"));
                None
            }
        }
    }

    fn instant(&mut self, field: Field, ends: bool) -> Option<Ts> {
        let cell = self.cell(field);
        if cell.is_blank() {
            return None;
        }
        let read = civil(self.words, cell, ends)
            .and_then(|at| at.to_zoned(self.zone.clone()).ok())
            .map(|at| Ts(at.timestamp().as_millisecond()));
        if read.is_none() {
            self.wrong(field, Refusal::rule("upstream.row.instant"));
        }
        read
    }

    fn satisfied(&mut self) -> Option<i64> {
        let shown = self.said(Field::Satisfied)?;
        let grade = shown.parse::<i64>().ok().filter(|n| (1..=5).contains(n));
        let grade = grade.or_else(|| self.words.satisfied.get(&shown).copied());
        if grade.is_none() {
            self.wrong(Field::Satisfied, Refusal::rule("upstream.row.satisfied"));
        }
        grade
    }

    fn solved(&mut self) -> Option<bool> {
        let shown = self.said(Field::Solved)?;
        let solved = self.words.solved.get(&shown).copied();
        if solved.is_none() {
            self.wrong(Field::Solved, Refusal::rule("upstream.row.solved"));
        }
        solved
    }

    /// What the requester said, where they said something.
    fn said(&self, field: Field) -> Option<String> {
        let shown = self.text(field).trim().to_owned();
        (!shown.is_empty() && !self.words.meaning.silent.contains(&shown)).then_some(shown)
    }
}

/// An instant as offices write it, in ISO 8601 without a zone; `ends` for a deadline, whose day lasts to its end.
/// None where nothing stands or nothing is understood.
#[must_use]
pub fn iso(words: &Vocabulary, cell: &Cell, ends: bool) -> Option<String> {
    civil(words, cell, ends).map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// A day or an instant as offices write them: `2026/3/14 17:30`, `2026年3月14日17时30分`, `2026-03-14`; a spreadsheet's
/// own number of days. A day alone begins at midnight, or as a deadline lasts to its end.
fn civil(words: &Vocabulary, cell: &Cell, ends: bool) -> Option<DateTime> {
    let day = |date: Date| {
        if ends { date.at(23, 59, 59, 0) } else { date.at(0, 0, 0, 0) }
    };
    let text = match cell {
        Cell::Blank => return None,
        Cell::Number(n) => return serial(*n, ends),
        // A date without a time is kept as its midnight.
        Cell::Instant(text) if text.ends_with("T00:00:00") => return text.get(..10)?.parse().ok().map(day),
        Cell::Instant(text) => return text.parse().ok(),
        Cell::Text(text) => text,
    };
    let groups: Vec<i64> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|g| !g.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let small = |n: i64| i8::try_from(n).ok();
    let (year, month, date, rest) = match groups.as_slice() {
        [y, m, d, rest @ ..] => (i16::try_from(*y).ok()?, small(*m)?, small(*d)?, rest),
        _ => return None,
    };
    if !(2000..2100).contains(&year) {
        return None;
    }
    let date = Date::new(year, month, date).ok()?;
    let later = i64::from(text.contains(words.meaning.afternoon.as_str())) * 12;
    match rest {
        [] => Some(day(date)),
        [h] if words.meaning.hour.iter().any(|word| text.contains(word.as_str())) => {
            Some(date.at(small(afternoon(*h, later))?, 0, 0, 0))
        }
        [h, m] | [h, m, _] | [h, m, _, _] => {
            let s = rest.get(2).copied().unwrap_or(0);
            let time = jiff::civil::Time::new(small(afternoon(*h, later))?, small(*m)?, small(s)?, 0).ok()?;
            Some(date.to_datetime(time))
        }
        _ => None,
    }
}

fn afternoon(hour: i64, later: i64) -> i64 {
    if hour < 12 { hour + later } else { hour }
}

/// Days since 30 December 1899, with the time as the rest, to the second.
fn serial(days: f64, ends: bool) -> Option<DateTime> {
    if !(36_526.0..73_050.0).contains(&days) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds above")]
    let (whole, seconds) = (days.trunc() as i64, (days.fract() * 86_400.0).round() as i64);
    let date = Date::new(1899, 12, 30).ok()?.checked_add(jiff::Span::new().days(whole)).ok()?;
    match (seconds, ends) {
        (0, true) => Some(date.at(23, 59, 59, 0)),
        _ => date.at(0, 0, 0, 0).checked_add(jiff::Span::new().seconds(seconds)).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::read_text;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn words() -> &'static Vocabulary {
        Vocabulary::shipped().unwrap()
    }

    fn tickets(text: &str) -> (Vec<Ticket>, Vec<CellError>) {
        let grid = read_text(text, |t| words().is_header_word(t)).unwrap();
        read(words(), &grid, &Mapping::guess(words(), "12345", &grid.header), &shanghai())
    }

    #[test]
    fn columns_are_known_by_their_names_and_none_is_taken_twice() {
        let header = [
            "序号",
            "工单编号",
            "工单标题",
            "诉求内容",
            "来电人",
            "联系电话",
            "派单时间",
            "处置截止时间",
            "所属社区",
        ];
        let mapping = Mapping::guess(words(), "12345", &header.map(str::to_owned));
        let got = |f: Field| mapping.columns.get(&f).map(String::as_str);
        assert_eq!(got(Field::Number), Some("工单编号"));
        assert_eq!(got(Field::Title), Some("工单标题"));
        assert_eq!(got(Field::Due), Some("处置截止时间"));
        assert_eq!(got(Field::Received), Some("派单时间"));
        assert_eq!(got(Field::Name), Some("来电人"));
        assert_eq!(got(Field::Satisfied), None);
        let own = Mapping { system: "12345".into(), columns: [(Field::Number, "序号".to_owned())].into() };
        let mixed = mapping.with(&own, &header.map(str::to_owned));
        assert_eq!(mixed.columns, own.columns, "an office's own profile says all that is used");
    }

    #[test]
    fn a_row_is_read_as_platforms_write_it() {
        let (found, wrong) = tickets(
            "工单编号,诉求内容,派单时间,办理时限,催办次数,满意度,是否解决\n\
             202603140001234567,路灯不亮,2026/3/14 8:05,2026年3月16日17时30分,2次,非常满意,是\n\
             B-12,井盖破了,2026-03-14 08:05:30,2026-03-17,,未评价,无法接通\n",
        );
        assert_eq!(wrong, []);
        assert_eq!(found[0].received, Ts::parse("2026-03-14T08:05:00+08:00"));
        assert_eq!(found[0].due, Ts::parse("2026-03-16T17:30:00+08:00"));
        assert_eq!((found[0].urges, found[0].satisfied, found[0].solved), (Some(2), Some(5), Some(true)));
        assert_eq!(found[1].due, Ts::parse("2026-03-17T23:59:59+08:00"), "a day lasts to its end");
        assert_eq!((found[1].urges, found[1].satisfied, found[1].solved), (None, None, None));
    }

    #[test]
    fn what_is_wrong_names_its_cell() {
        let (found, wrong) = tickets(
            "工单编号,诉求内容,办理时限\n4.40305E+17,灯,2026-03-14\n12,,2026-03-14\n13,灯,明天\n13,灯,\n,灯,\n",
        );
        let told: Vec<(&str, &str)> = wrong.iter().map(|e| (e.address.as_str(), e.reason.code)).collect();
        assert_eq!(
            told,
            [
                ("A2", "upstream.row.spoilt"),
                ("B3", "upstream.row.missing"),
                ("C4", "upstream.row.instant"),
                ("A5", "upstream.row.twice"),
                ("A6", "upstream.row.missing"),
            ]
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn instants_are_read_from_spreadsheets_too() {
        let at = |cell: Cell, ends| civil(words(), &cell, ends).map(|d| d.to_string());
        assert_eq!(
            at(Cell::Instant("2026-03-14T17:30:00".into()), true).as_deref(),
            Some("2026-03-14T17:30:00")
        );
        assert_eq!(
            at(Cell::Instant("2026-03-14T00:00:00".into()), true).as_deref(),
            Some("2026-03-14T23:59:59")
        );
        assert_eq!(at(Cell::Number(46_095.729_166_666_7), true).as_deref(), Some("2026-03-14T17:30:00"));
        assert_eq!(at(Cell::Text("2026.3.14 下午5:30".into()), true).as_deref(), Some("2026-03-14T17:30:00"));
        assert_eq!(at(Cell::Text("2026-02-30".into()), true), None);
        assert_eq!(at(Cell::Number(12.0), true), None);
    }
}
