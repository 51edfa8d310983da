//! From a file's bytes to checked drafts. Pure: every error of every row is found before anything is written.

use super::model::{Draft, Level, Parsed, Skip, Stage};
use super::profile::{Column, Encoding, Format, Profile, TextColumns, TimeColumn, Value};
use crate::features::upstream::tickets;
use crate::features::upstream::vocabulary::Vocabulary;
use crate::rows::{RowError, Table, is_spoilt, missing_columns, quoted, text};
use crate::sheet::{self, Cell, Grid};
use geography::{Crs, Point, to_wgs84};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use kernel::{Refusal, Ts};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// A file cut into the cells that a profile speaks of.
struct Sheet {
    columns: HashMap<String, usize>,
    rows: Vec<(u64, Vec<String>)>,
    /// Columns of the header, and rows that have another number of cells: a comma or a quotation mark is
    /// missing, or one too many.
    width: usize,
    ragged: HashMap<u64, usize>,
}

/// Rows of a workbook; a district's year has fewer.
pub const ROWS_MOST: usize = 50_000;
/// Longest text, and longest cell of any other sort; a longer one is a quotation mark without its partner.
const TEXT_MOST: usize = 50_000;
const CELL_MOST: usize = 500;

/// One row of it.
#[derive(Clone, Copy)]
struct Cells<'a> {
    line: u64,
    columns: &'a HashMap<String, usize>,
    cells: &'a [String],
}

impl<'a> Cells<'a> {
    fn get(&self, column: &str) -> &'a str {
        self.columns.get(column).and_then(|i| self.cells.get(*i)).map_or("", String::as_str)
    }

    fn error(&self, column: &str, reason: Refusal) -> RowError {
        RowError::new(self.line, column, reason.with("value", quoted(self.get(column))))
    }
}

/// Reads a whole file by a profile. `now` is the instant of the import: nothing comes in after it.
#[must_use]
pub fn parse(profile: &Profile, bytes: &[u8], now: Ts) -> Parsed {
    if profile.format == Format::Csv && sheet::is_workbook(bytes) {
        return parse_workbook(profile, bytes, now);
    }
    let sheet = decode(profile, bytes).map_err(|e| vec![e]).and_then(|bytes| match profile.format {
        Format::Csv => read_csv(profile, &bytes),
        Format::Jsonl => read_jsonl(profile, &bytes),
    });
    match sheet {
        Ok(sheet) => parse_sheet(profile, &sheet, now),
        Err(errors) => Parsed { errors, ..Parsed::default() },
    }
}

/// A workbook in the place of the file of comma-separated values.
fn parse_workbook(profile: &Profile, bytes: &[u8], now: Ts) -> Parsed {
    let columns = profile.columns();
    let failed = |reason| Parsed { errors: vec![RowError::new(0, "", reason)], ..Parsed::default() };
    let grid = match sheet::read_file_of(bytes, |text| columns.contains(&text), ROWS_MOST) {
        Ok(grid) => grid,
        Err(refusal) => return failed(refusal),
    };
    let missing: Vec<&str> =
        columns.iter().copied().filter(|c| !grid.header.iter().any(|h| h == c)).collect();
    if !missing.is_empty() {
        return failed(missing_columns(&missing.join(", "), &grid.header.join(", ")));
    }
    match Vocabulary::shipped() {
        Ok(words) => parse_grid(profile, &grid, words, now),
        Err(e) => failed(Refusal::rule("import.file.csv").with("why", e)),
    }
}

/// Reads the cells of a sheet by a profile, times as offices write them; lines are the rows of the sheet. A column
/// that the sheet does not have is blank.
#[must_use]
pub fn parse_grid(profile: &Profile, grid: &Grid, words: &Vocabulary, now: Ts) -> Parsed {
    let wanted = wanted(profile);
    let begins = [Some(&profile.received), profile.closed.as_ref()];
    let is_time = |c: &str| begins.into_iter().flatten().any(|t| t.column == c);
    let is_due = |c: &str| profile.due.as_ref().is_some_and(|t| t.column == c);
    let find = |c: &String| grid.header.iter().position(|h| h == c);
    let at: Vec<(Option<usize>, bool, bool)> =
        wanted.iter().map(|c| (find(c), is_time(c), is_due(c))).collect();
    let text = |cell: &Cell, time: bool, due: bool| {
        let shown = || match cell.shown() {
            // A round power: still a number whose end is lost.
            spoilt if cell.is_spoilt() && !spoilt.contains('.') => spoilt.replacen('E', ".0E", 1),
            shown => shown,
        };
        if time || due { tickets::iso(words, cell, due).unwrap_or_else(shown) } else { shown() }
    };
    let row = |cells: &Vec<Cell>| {
        at.iter()
            .map(|(i, time, due)| {
                i.and_then(|i| cells.get(i)).map(|c| text(c, *time, *due)).unwrap_or_default()
            })
            .collect()
    };
    let rows = grid.rows.iter().map(|(line, cells)| (*line as u64, row(cells))).collect();
    let columns = wanted.into_iter().enumerate().map(|(i, c)| (c, i)).collect();
    parse_sheet(profile, &Sheet { columns, rows, width: 0, ragged: HashMap::new() }, now)
}

fn parse_sheet(profile: &Profile, sheet: &Sheet, now: Ts) -> Parsed {
    let mut reader = Reader {
        profile,
        zone: TimeZone::get(&profile.zone).unwrap_or(TimeZone::UTC),
        suffixes: only_suffixes(profile, sheet),
        now,
        seen: HashMap::new(),
        equal: HashMap::new(),
        out: Parsed { rows: sheet.rows.len() as u64, ..Parsed::default() },
    };
    for (line, cells) in &sheet.rows {
        let ragged = sheet.ragged.get(line).map(|filled| (*filled, sheet.width));
        reader.row(&Cells { line: *line, columns: &sheet.columns, cells }, ragged);
    }
    reader.out
}

/// The file in UTF-8, from the encoding that the profile states.
fn decode<'a>(profile: &Profile, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, RowError> {
    match profile.encoding {
        Encoding::Utf8 => Ok(Cow::Borrowed(bytes)),
        Encoding::Gb18030 => {
            let (text, wrong) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            if wrong {
                return Err(RowError::new(0, "", Refusal::rule("import.file.gb18030")));
            }
            Ok(Cow::Owned(text.into_owned().into_bytes()))
        }
    }
}

/// The columns that a file may have and a profile looks at.
fn wanted(profile: &Profile) -> Vec<String> {
    let mut all: Vec<String> = profile.columns().into_iter().map(str::to_owned).collect();
    all.extend(profile.skip.iter().map(|s| s.column.clone()));
    all.sort_unstable();
    all.dedup();
    all
}

fn read_csv(profile: &Profile, bytes: &[u8]) -> Result<Sheet, Vec<RowError>> {
    let table = Table::read(bytes, &profile.columns()).map_err(|e| vec![e])?;
    let wanted: Vec<String> = wanted(profile).into_iter().filter(|c| table.has(c)).collect();
    let width = table.width();
    let ragged =
        table.rows().map(|row| (row.line, row.filled())).filter(|(_, filled)| *filled != width).collect();
    let rows =
        table.rows().map(|row| (row.line, wanted.iter().map(|c| row.get(c).to_owned()).collect())).collect();
    Ok(Sheet { columns: wanted.into_iter().enumerate().map(|(i, c)| (c, i)).collect(), rows, width, ragged })
}

fn read_jsonl(profile: &Profile, bytes: &[u8]) -> Result<Sheet, Vec<RowError>> {
    let text = text(bytes).map_err(|e| vec![e])?;
    if text.trim_start().starts_with('[') {
        return Err(vec![RowError::new(0, "", Refusal::rule("import.file.json_array"))]);
    }
    let wanted = wanted(profile);
    let mut sheet = Sheet { columns: HashMap::new(), rows: Vec::new(), width: 0, ragged: HashMap::new() };
    let mut errors = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let number = i as u64 + 1;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
            Ok(object) => sheet.rows.push((number, wanted.iter().map(|c| cell(object.get(c))).collect())),
            Err(e) => errors.push(RowError::new(
                number,
                "",
                Refusal::rule("import.row.json").with("at", e.column()).with("value", quoted(line)),
            )),
        }
    }
    sheet.columns = wanted.into_iter().enumerate().map(|(i, c)| (c, i)).collect();
    if errors.is_empty() { Ok(sheet) } else { Err(errors) }
}

fn cell(value: Option<&serde_json::Value>) -> String {
    match value {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    }
}

/// Names with a bracketed suffix that mean the bare name: the file has that too, and no other suffix of it.
fn only_suffixes(profile: &Profile, sheet: &Sheet) -> HashMap<String, String> {
    let Some(unit) = profile.unit.as_ref().filter(|u| u.drop_only_suffix) else { return HashMap::new() };
    let names: BTreeSet<&str> = sheet
        .rows
        .iter()
        .map(|(line, cells)| Cells { line: *line, columns: &sheet.columns, cells }.get(&unit.column))
        .collect();
    let mut by_base: HashMap<&str, Vec<&str>> = HashMap::new();
    for name in &names {
        if let Some(base) = without_suffix(name) {
            by_base.entry(base).or_default().push(name);
        }
    }
    by_base
        .into_iter()
        .filter(|(base, full)| full.len() == 1 && names.contains(base))
        .map(|(base, full)| (full[0].to_owned(), base.to_owned()))
        .collect()
}

/// `六和社区` of `六和社区（坪山街道办事处）`.
fn without_suffix(name: &str) -> Option<&str> {
    let open = name.rfind(['（', '('])?;
    (name.ends_with(['）', ')']) && open > 0).then(|| name[..open].trim_end())
}

struct Reader<'a> {
    profile: &'a Profile,
    zone: TimeZone,
    suffixes: HashMap<String, String>,
    now: Ts,
    /// Number → first line.
    seen: HashMap<String, u64>,
    /// Rows without a number that are equal, so far.
    equal: HashMap<[u8; 32], u64>,
    out: Parsed,
}

impl Reader<'_> {
    /// `ragged`: how many cells the row has, and how many columns the header, where they differ.
    fn row(&mut self, cells: &Cells<'_>, ragged: Option<(usize, usize)>) {
        if let Some(reason) = self.skipped(cells) {
            self.out.skipped.push(Skip { line: cells.line, reason });
            return;
        }
        let shape = ragged.map(|(filled, width)| {
            let reason = Refusal::rule("import.row.columns").with("cells", filled).with("columns", width);
            RowError::new(cells.line, "", reason)
        });
        // More cells than columns: which of them is too many nobody knows, so none is believed.
        if let Some(error) = shape.clone().filter(|_| ragged.is_some_and(|(filled, width)| filled > width)) {
            self.out.errors.push(error);
            return;
        }
        let mut errors = self.oversized(cells);
        if !errors.is_empty() {
            self.out.errors.append(&mut errors);
            return;
        }
        let draft = self.draft(cells, &mut errors);
        if errors.is_empty() {
            self.out.drafts.push(draft);
        } else if let Some(error) = shape.filter(|_| ragged.is_some_and(|(filled, width)| filled * 2 < width))
        {
            // Spreadsheets leave out empty cells at the end; a short row is told only where it is wrong.
            errors.insert(0, error);
        }
        self.out.errors.append(&mut errors);
    }

    /// Cells that are too long for what they are, or hold a zero byte, which no database takes.
    fn oversized(&self, cells: &Cells<'_>) -> Vec<RowError> {
        let profile = self.profile;
        let long: Vec<&String> = std::iter::once(&profile.text)
            .chain(&profile.reply)
            .chain(&profile.title)
            .flat_map(|t| &t.columns)
            .collect();
        let mut out = Vec::new();
        for column in profile.columns() {
            let value = cells.get(column);
            let most = if long.iter().any(|c| *c == column) { TEXT_MOST } else { CELL_MOST };
            // Bytes first: most cells are short, and characters are never more than bytes.
            if value.len() > most && value.chars().count() > most {
                out.push(cells.error(column, Refusal::rule("import.row.long").with("most", most)));
            } else if value.contains('\0') {
                out.push(cells.error(column, Refusal::rule("import.row.control")));
            }
        }
        out
    }

    fn skipped(&self, cells: &Cells<'_>) -> Option<String> {
        let fits = |rule: &&super::profile::SkipRule| {
            let value = cells.get(&rule.column);
            rule.is.iter().any(|v| v == value) || rule.contains.iter().any(|v| value.contains(v.as_str()))
        };
        self.profile.skip.iter().find(fits).map(|rule| format!("import-skip-{}", rule.reason))
    }

    fn draft(&mut self, cells: &Cells<'_>, errors: &mut Vec<RowError>) -> Draft {
        let profile = self.profile;
        let number = self.number(cells, errors);
        let received = self.time(cells, Some(&profile.received), errors);
        if received.is_none() && cells.get(&profile.received.column).is_empty() {
            errors.push(cells.error(&profile.received.column, Refusal::rule("import.row.missing")));
        }
        let received = received.unwrap_or_default();
        if received > self.now {
            errors.push(cells.error(&profile.received.column, Refusal::rule("import.row.future")));
        }
        let closed = self.time(cells, profile.closed.as_ref(), errors);
        if let (Some(at), Some(column)) = (closed, &profile.closed)
            && at < received
        {
            errors.push(cells.error(&column.column, Refusal::rule("import.row.closed_before")));
        }
        let text = joined(cells, Some(&profile.text));
        let title = joined(cells, profile.title.as_ref());
        if text.is_empty() && title.is_empty() {
            let column = profile.text.columns.first().map_or("", String::as_str);
            errors.push(cells.error(column, Refusal::rule("import.row.missing")));
        }
        Draft {
            line: cells.line,
            hash: self.hash(cells, number.is_some()),
            number,
            received,
            closed,
            due: self.time(cells, profile.due.as_ref(), errors),
            stage: value(cells, &profile.stage, errors).unwrap_or(Stage::Received),
            place: places(cells, profile),
            unit: self.unit(cells),
            matter: matter(cells, profile),
            channel: value(cells, &profile.channel, errors).unwrap_or_default(),
            kind: value(cells, &profile.kind, errors).unwrap_or_default(),
            class: profile
                .class
                .as_ref()
                .map_or_else(|| Some("ordinary".to_owned()), |c| value(cells, c, errors))
                .unwrap_or_default(),
            title,
            text,
            reply: joined(cells, profile.reply.as_ref()),
            address: joined(cells, profile.address.as_ref()),
            point: point(cells, profile, errors),
            returns: profile.returns.as_ref().and_then(|r| value(cells, r, errors)).unwrap_or(0),
            outcome: profile
                .outcome
                .as_ref()
                .and_then(|o| value(cells, o, errors))
                .map(|o| o.as_str().to_owned()),
        }
    }

    fn number(&mut self, cells: &Cells<'_>, errors: &mut Vec<RowError>) -> Option<String> {
        let Column { column, blank } = self.profile.number.as_ref()?;
        let text = cells.get(column);
        if is_blank(text, blank) {
            errors.push(cells.error(column, Refusal::rule("import.row.missing")));
            return None;
        }
        // A spreadsheet's 4.40305E+17 has lost its last digits; nothing brings them back.
        if is_spoilt(text) {
            errors.push(cells.error(column, Refusal::rule("import.row.spoilt")));
            return None;
        }
        if let Some(first) = self.seen.insert(text.to_owned(), cells.line) {
            self.seen.insert(text.to_owned(), first);
            errors.push(cells.error(column, Refusal::rule("import.row.twice").with("first", first)));
        }
        Some(text.to_owned())
    }

    /// `None` when the cell is empty, or wrong, which is then among the errors.
    fn time(&self, cells: &Cells<'_>, column: Option<&TimeColumn>, errors: &mut Vec<RowError>) -> Option<Ts> {
        let column = column?;
        let text = cells.get(&column.column);
        if is_blank(text, &column.blank) {
            return None;
        }
        let at = instant(text, column.format.as_deref(), &self.zone)
            // A workbook's own instants have no format.
            .or_else(|| text.contains('T').then(|| instant(text, None, &self.zone)).flatten());
        if at.is_none() {
            errors.push(cells.error(&column.column, Refusal::rule("import.row.time")));
        }
        at
    }

    fn unit(&self, cells: &Cells<'_>) -> Option<String> {
        let unit = self.profile.unit.as_ref()?;
        let text = cells.get(&unit.column);
        if is_blank(text, &unit.blank) {
            return None;
        }
        Some(self.suffixes.get(text).cloned().unwrap_or_else(|| text.to_owned()))
    }

    fn hash(&mut self, cells: &Cells<'_>, numbered: bool) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for text in std::iter::once(self.profile.system.as_str())
            .chain(self.profile.columns().into_iter().map(|c| cells.get(c)))
        {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        if !numbered {
            let ordinal = self.equal.entry(*hasher.finalize().as_bytes()).or_default();
            *ordinal += 1;
            hasher.update(&ordinal.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

fn is_blank(text: &str, blank: &[String]) -> bool {
    text.is_empty() || blank.iter().any(|b| b == text)
}

/// An instant as files write it, to the millisecond, what is finer cut off.
fn instant(text: &str, format: Option<&str>, zone: &TimeZone) -> Option<Ts> {
    let local = |at: DateTime| at.to_zoned(zone.clone()).ok().map(|z| Ts(z.timestamp().as_millisecond()));
    if let Some(format) = format {
        let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
        return match parsed.to_timestamp() {
            Ok(at) => Some(Ts(at.as_millisecond())),
            Err(_) => parsed
                .to_datetime()
                .or_else(|_| parsed.to_date().map(|d| d.at(0, 0, 0, 0)))
                .ok()
                .and_then(local),
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Ts(at.as_millisecond()));
    }
    text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|d| d.at(0, 0, 0, 0))).ok().and_then(local)
}

fn value<T: Clone>(cells: &Cells<'_>, value: &Value<T>, errors: &mut Vec<RowError>) -> Option<T> {
    let Some(column) = &value.column else { return value.other.clone() };
    let text = cells.get(column);
    let found = value.values.get(text).or(value.other.as_ref()).cloned();
    if found.is_none() {
        let known: Vec<&str> = value.values.keys().map(String::as_str).collect();
        errors.push(cells.error(column, Refusal::rule("import.row.word").with("known", known.join(", "))));
    }
    found
}

fn joined(cells: &Cells<'_>, text: Option<&TextColumns>) -> String {
    let Some(text) = text else { return String::new() };
    let mut parts: Vec<&str> =
        text.columns.iter().map(|c| cells.get(c).trim()).filter(|t| !t.is_empty()).collect();
    // Two columns that say the same say it once.
    parts.dedup();
    if parts.is_empty() { text.other.clone() } else { parts.join(&text.join) }
}

/// Names from coarse to fine, up to the first that is not known.
fn places(cells: &Cells<'_>, profile: &Profile) -> Vec<String> {
    let names = profile.place.iter().map(|level| (cells.get(&level.column), &level.blank));
    names.take_while(|(name, blank)| !is_blank(name, blank)).map(|(name, _)| name.to_owned()).collect()
}

fn matter(cells: &Cells<'_>, profile: &Profile) -> Vec<Level> {
    let Some(matter) = &profile.matter else { return Vec::new() };
    let level = |(i, column): (usize, &String)| {
        let name = cells.get(column);
        let code = matter.codes.get(i).map_or("", |c| cells.get(c));
        (!is_blank(name, &matter.blank)).then(|| Level { code: code.to_owned(), name: name.to_owned() })
    };
    matter.names.iter().enumerate().map_while(level).collect()
}

fn point(cells: &Cells<'_>, profile: &Profile, errors: &mut Vec<RowError>) -> Option<(i64, i64)> {
    let columns = profile.point.as_ref()?;
    let (lon, lat) = (cells.get(&columns.longitude), cells.get(&columns.latitude));
    if lon.is_empty() || lat.is_empty() {
        return None;
    }
    let crs: Crs = columns.crs.parse().ok()?;
    let point = lon.parse().ok().zip(lat.parse().ok()).and_then(|(lon, lat)| Point::new(lon, lat).ok());
    let Some(point) = point else {
        errors.push(cells.error(&columns.longitude, Refusal::rule("import.row.coordinate")));
        return None;
    };
    let (lon, lat) = to_wgs84(point, crs).to_e7();
    Some((lon.into(), lat.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<Ts> {
        instant(text, None, &TimeZone::get("Asia/Shanghai").unwrap())
    }

    #[test]
    fn times_are_read_as_files_write_them() {
        assert_eq!(utc("2025-08-01 06:35:06.539+00"), Ts::parse("2025-08-01T06:35:06.539Z"));
        assert_eq!(utc("2025-11-30 18:47:55.985931+00"), Ts::parse("2025-11-30T18:47:55.985Z"));
        assert_eq!(utc("2019-02-28T11:25:05"), Ts::parse("2019-02-28T11:25:05+08:00"));
        assert_eq!(utc("2019-02-28"), Ts::parse("2019-02-28T00:00:00+08:00"));
        assert_eq!(utc("28.2.2019"), None);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(instant("28/02/2019", Some("%d/%m/%Y"), &zone), utc("2019-02-28"));
        assert_eq!(instant("28/02/2019 09:30", Some("%d/%m/%Y %H:%M"), &zone), utc("2019-02-28T09:30:00"));
        assert_eq!(instant("2019-02-30", Some("%Y-%m-%d"), &zone), None);
    }

    #[test]
    fn a_suffix_is_what_stands_in_brackets_at_the_end() {
        assert_eq!(without_suffix("六和社区（坪山街道办事处）"), Some("六和社区"));
        assert_eq!(without_suffix("区委（区政府）办公室"), None);
        assert_eq!(without_suffix("（坪山）"), None);
    }
}
