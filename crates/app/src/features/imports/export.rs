//! Handing cases out: CSV, JSON lines, XLSX. There is no column of identity in it: titles are kept without
//! identifiers, requesters and subjects are not read at all.

use super::store::{self as rows, CaseRow};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::rows::guarded;
use crate::words::Words;
use anyhow::Context;
use kernel::Ts;
use rust_xlsxwriter::{Format as Style, Workbook};
use serde_json::{Map, Value, json};
use std::io::Write;
use store::{Db, Result};

/// Rows read at a time.
const CHUNK: i64 = 1_000;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header, UTF-8 with the mark that spreadsheet programs want.
    Csv,
    /// One JSON object a line; times in RFC 3339.
    Jsonl,
    /// A workbook; numbers of cases and of upper systems as text.
    Xlsx,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Csv, Format::Jsonl, Format::Xlsx];

    /// As written, also the file's ending.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Xlsx => "xlsx",
        }
    }

    /// Reads a written format.
    #[must_use]
    pub fn parse(text: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|f| f.as_str() == text)
    }
}

/// A cell of a case.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    None,
    Text(String),
    Count(i64),
    Yes(bool),
    Time(Ts),
    /// Ten-millionths of a degree.
    Degrees(i64),
}

/// The columns in order; the words are `export-<key>`.
pub const COLUMNS: [&str; 37] = [
    "no",
    "phase",
    "ended",
    "kind",
    "class",
    "matter_code",
    "matter",
    "unit_code",
    "unit",
    "place_code",
    "place",
    "address",
    "longitude",
    "latitude",
    "channel",
    "title",
    "opened_at",
    "accepted_at",
    "dispatched_at",
    "signed_at",
    "done_at",
    "closed_at",
    "deadline_at",
    "late",
    "returns",
    "redispatches",
    "reopens",
    "reworks",
    "extensions",
    "urges",
    "supervised",
    "called_back",
    "solved",
    "satisfied",
    "outcome",
    "upper_numbers",
    "source_number",
];

fn cells(row: &CaseRow) -> [Cell; 37] {
    let text = |t: &str| if t.is_empty() { Cell::None } else { Cell::Text(t.to_owned()) };
    let some = |t: &Option<String>| t.as_deref().map_or(Cell::None, text);
    let time = |t: Option<Ts>| t.map_or(Cell::None, Cell::Time);
    let degrees = |d: Option<i64>| d.map_or(Cell::None, Cell::Degrees);
    let t = &row.times;
    let [returns, redispatches, reopens, reworks, extensions, urges] = row.counts.map(Cell::Count);
    [
        text(&row.no),
        text(&row.phase),
        some(&row.ended),
        text(&row.kind),
        text(&row.class),
        some(&row.matter_code),
        some(&row.matter),
        some(&row.unit_code),
        some(&row.unit),
        some(&row.place_code),
        some(&row.place),
        text(&row.address),
        degrees(row.point.0),
        degrees(row.point.1),
        text(&row.channel),
        text(&row.title),
        time(t[0]),
        time(t[1]),
        time(t[2]),
        time(t[3]),
        time(t[4]),
        time(t[5]),
        time(t[6]),
        row.late.map_or(Cell::None, Cell::Yes),
        returns,
        redispatches,
        reopens,
        reworks,
        extensions,
        urges,
        Cell::Yes(row.supervised),
        Cell::Yes(row.called_back),
        some(&row.solved),
        row.satisfied.map_or(Cell::None, Cell::Count),
        some(&row.outcome),
        some(&row.upper_numbers),
        some(&row.source_number),
    ]
}

/// Writes the cases that the actor may export and a condition holds for; returns how many. Needs
/// `demands.export`; writes `cases.exported` with the condition and the number, never the content.
///
/// # Errors
/// `common.forbidden`, a condition's refusal, or when the database or the file refuses.
pub fn cases(
    db: &Db,
    cx: &Cx,
    words: &Words,
    format: Format,
    filter: &str,
    out: &mut dyn Write,
) -> Result<u64> {
    cx.actor.need("demands.export")?;
    let mut sheet = Sheet::new(format, words, out)?;
    let count = write_rows(db, cx, filter, &mut sheet)?;
    sheet.finish()?;
    let (cx, payload) = (cx.clone(), json!({ "format": format.as_str(), "where": filter, "cases": count }));
    db.write_now(move |tx| {
        events::append(tx, &cx, Stream::Office, cx.office.id.0, "cases.exported", &payload)
    })?;
    Ok(count)
}

/// All cases that the actor may export as the first sheet of a workbook, and how many.
pub(super) fn workbook(db: &Db, cx: &Cx, words: &Words) -> Result<(Workbook, u64)> {
    let mut nowhere = std::io::sink();
    let mut sheet = Sheet::new(Format::Xlsx, words, &mut nowhere)?;
    let count = write_rows(db, cx, "", &mut sheet)?;
    let (mut book, _) =
        sheet.book.take().ok_or_else(|| store::Error::failed("a workbook without a sheet"))?;
    let page = book.worksheet_from_index(0).context("a workbook")?;
    page.set_name(words.t("nav-cases")).context("a workbook")?;
    Ok((book, count))
}

fn write_rows(db: &Db, cx: &Cx, filter: &str, sheet: &mut Sheet<'_>) -> Result<u64> {
    let mut after = 0;
    let mut count = 0_u64;
    loop {
        let (reader, condition, locale) = (cx.clone(), filter.to_owned(), sheet.words.locale);
        let chunk =
            db.read_now(move |tx| rows::export_cases(tx, &reader, locale, &condition, (after, CHUNK)))?;
        let Some(last) = chunk.last().map(|c| c.id) else { break };
        after = last;
        for row in &chunk {
            sheet.row(&cells(row))?;
            count += 1;
        }
    }
    Ok(count)
}

/// A file being written.
struct Sheet<'a> {
    format: Format,
    words: &'a Words,
    out: &'a mut dyn Write,
    book: Option<(Workbook, u32)>,
}

impl<'a> Sheet<'a> {
    fn new(format: Format, words: &'a Words, out: &'a mut dyn Write) -> Result<Sheet<'a>> {
        let mut sheet = Sheet { format, words, out, book: None };
        let head: Vec<String> = COLUMNS.iter().map(|key| words.t(&format!("export-{key}"))).collect();
        match format {
            Format::Jsonl => {}
            Format::Csv => {
                sheet.out.write_all("\u{feff}".as_bytes())?;
                sheet.csv(&head)?;
            }
            Format::Xlsx => {
                let mut book = Workbook::new();
                let page = book.add_worksheet();
                let bold = Style::new().set_bold();
                for (column, text) in (0..).zip(&head) {
                    page.write_string_with_format(0, column, text, &bold).context("a workbook")?;
                }
                page.set_freeze_panes(1, 1).context("a workbook")?;
                sheet.book = Some((book, 1));
            }
        }
        Ok(sheet)
    }

    fn csv(&mut self, cells: &[String]) -> Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells).context("a row")?;
        let bytes = writer.into_inner().map_err(|e| store::Error::failed(e.to_string()))?;
        self.out.write_all(&bytes)?;
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self.format {
            Format::Csv => {
                let texts: Vec<String> = cells.iter().map(|c| self.text(c)).collect();
                self.csv(&texts)
            }
            Format::Jsonl => {
                let object: Map<String, Value> =
                    COLUMNS.iter().zip(cells).map(|(key, cell)| ((*key).to_owned(), value(cell))).collect();
                let mut line = Value::Object(object).to_string();
                line.push('\n');
                self.out.write_all(line.as_bytes())?;
                Ok(())
            }
            Format::Xlsx => self.page_row(cells),
        }
    }

    fn page_row(&mut self, cells: &[Cell]) -> Result<()> {
        let texts: Vec<String> = cells.iter().map(|c| self.text(c)).collect();
        let Some((book, line)) = self.book.as_mut() else { return Ok(()) };
        let page = book.worksheet_from_index(0).context("a workbook")?;
        for (column, (cell, text)) in (0..).zip(cells.iter().zip(&texts)) {
            match cell {
                Cell::None => {}
                #[expect(clippy::cast_precision_loss, reason = "counts of one case are small")]
                Cell::Count(n) => {
                    page.write_number(*line, column, *n as f64).context("a workbook")?;
                }
                // A number of sixteen digits stays a text, or a spreadsheet spoils it.
                _ => {
                    page.write_string(*line, column, text).context("a workbook")?;
                }
            }
        }
        *line += 1;
        Ok(())
    }

    /// A cell as people read it: times in the office's zone.
    fn text(&self, cell: &Cell) -> String {
        match cell {
            Cell::None => String::new(),
            // Only in a text file: a workbook says of each cell that it is a text.
            Cell::Text(text) if self.format == Format::Csv => guarded(text).into_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Count(n) => n.to_string(),
            Cell::Yes(yes) => self.words.t(if *yes { "export-yes" } else { "export-flag-no" }),
            Cell::Time(at) => at.zoned(&self.words.tz).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Cell::Degrees(e7) => degrees(*e7),
        }
    }

    fn finish(self) -> Result<()> {
        if let Some((mut book, _)) = self.book {
            let bytes = book.save_to_buffer().context("the workbook cannot be written")?;
            self.out.write_all(&bytes)?;
        }
        self.out.flush()?;
        Ok(())
    }
}

fn degrees(e7: i64) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    format!("{sign}{}.{:07}", e7.abs() / 10_000_000, e7.abs() % 10_000_000)
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::None => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Count(n) => json!(n),
        Cell::Yes(yes) => json!(yes),
        Cell::Time(at) => json!(at.rfc3339()),
        // A number with all its digits, not a rounded one.
        Cell::Degrees(e7) => serde_json::from_str(&degrees(*e7)).unwrap_or(Value::Null),
    }
}
