//! A workbook (.xls, .xlsx), a file of comma-separated values or rows pasted out of a spreadsheet, as one grid whose
//! cells know where they stood. Pure.

use crate::rows::{bare, is_spoilt};
use crate::workbook::Book;
use kernel::Refusal;
use serde::{Deserialize, Serialize};

/// Rows of tickets taken at once; a month of a large street has fewer.
pub const ROWS_MOST: usize = 5_000;
/// Rows that may stand above a table and its header.
const ABOVE: usize = 20;
/// Rows and cells of a text at most, whatever is asked of it: more are no sheet of an office.
const TEXT_ROWS_MOST: usize = 300_000;
const TEXT_CELLS_MOST: usize = 4_000_000;
/// The longest cell taken, in characters.
const CELL_MOST: usize = 20_000;
/// Digits that a spreadsheet's number holds exactly.
const DIGITS: f64 = 1e15;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    #[default]
    Blank,
    /// A text, trimmed.
    Text(String),
    /// A number; of those from 10^15 on the last digits are lost already.
    Number(f64),
    /// A date with a time, as the spreadsheet keeps it: `2026-03-14T17:30:00`.
    Instant(String),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Cell {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() { Cell::Blank } else { Cell::Text(text.chars().take(CELL_MOST).collect()) }
    }

    /// A value that a program sends; truth as the words that stand in workbooks.
    #[must_use]
    pub fn of_json(value: &serde_json::Value) -> Cell {
        match value {
            serde_json::Value::String(text) => Cell::text(text),
            serde_json::Value::Number(n) => n.as_f64().map_or(Cell::Blank, Cell::Number),
            serde_json::Value::Bool(yes) => Cell::text(if *yes { "yes" } else { "no" }),
            _ => Cell::Blank,
        }
    }

    /// As one would type it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Cell::Blank => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(n) if n.fract() == 0.0 && n.abs() < DIGITS => format!("{n:.0}"),
            Cell::Number(n) if n.abs() >= DIGITS => format!("{n:E}"),
            Cell::Number(n) => n.to_string(),
            Cell::Instant(at) => at.replace('T', " "),
        }
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Cell::Blank
    }

    /// Whether it is a long number whose end a spreadsheet has lost, kept as a number or written out with a power.
    #[must_use]
    pub fn is_spoilt(&self) -> bool {
        match self {
            Cell::Number(n) => n.abs() >= DIGITS,
            Cell::Text(text) => is_spoilt(text),
            Cell::Blank | Cell::Instant(_) => false,
        }
    }
}

/// The cells of a sheet, with the header apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// The sheet's name; blank for a file or pasted rows.
    pub sheet: String,
    /// The column of the first cell, from 0.
    pub left: usize,
    /// The texts of the header.
    pub header: Vec<String>,
    /// Each row with its number in the sheet, from 1.
    pub rows: Vec<(usize, Vec<Cell>)>,
}

impl Grid {
    /// The address of a cell as spreadsheets name it: `B7`. `column` counts from the grid's first.
    #[must_use]
    pub fn address(&self, row: usize, column: usize) -> String {
        let (mut n, mut letters) = (self.left + column + 1, String::new());
        while n > 0 {
            let digit = u8::try_from((n - 1) % 26).unwrap_or_default();
            letters.insert(0, char::from(b'A' + digit));
            n = (n - 1) / 26;
        }
        format!("{letters}{row}")
    }
}

/// Reads a file by what it is, whatever its name says.
///
/// # Errors
/// `sheet.*`: a workbook that cannot be opened, an unknown kind, no rows, too many.
pub fn read_file(bytes: &[u8], likely_header: impl Fn(&str) -> bool) -> Result<Grid, Refusal> {
    read_file_of(bytes, likely_header, ROWS_MOST)
}

/// [`read_file`] with another limit of rows: for years of tickets.
///
/// # Errors
/// As [`read_file`].
pub fn read_file_of(
    bytes: &[u8],
    likely_header: impl Fn(&str) -> bool,
    most: usize,
) -> Result<Grid, Refusal> {
    if is_workbook(bytes) {
        return read_workbook(bytes, likely_header, most);
    }
    let rows = rows_of_text(&decoded(bytes)?).map_err(|e| e.on("file"))?;
    grid(String::new(), 0, rows, likely_header, most).map_err(|e| e.on("file"))
}

/// All rows of a file as they stand, with their numbers from 1, of a workbook those of the first sheet that holds any:
/// for forms, of which only the head is filled.
///
/// # Errors
/// As [`read_file`].
pub fn rows_of_file(bytes: &[u8]) -> Result<Vec<(usize, Vec<Cell>)>, Refusal> {
    if !is_workbook(bytes) {
        return rows_of_text(&decoded(bytes)?).map_err(|e| e.on("file"));
    }
    let mut book = Book::open(bytes)?;
    for name in book.names() {
        let (_, rows) = book.rows(&name, ROWS_MOST + ABOVE)?;
        if rows.iter().any(|(_, cells)| cells.iter().any(|c| !c.is_blank())) {
            return Ok(rows);
        }
    }
    Err(Refusal::rule("sheet.empty").on("file"))
}

/// What .xlsx and .xls begin with.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0")
}

fn decoded(bytes: &[u8]) -> Result<String, Refusal> {
    // Platforms call a page of HTML `.xls`, too.
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Err(Refusal::rule("sheet.html").on("file"));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, wrong) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            if wrong {
                return Err(Refusal::rule("sheet.kind").on("file"));
            }
            text.into_owned()
        }
    };
    if text.contains('\0') {
        return Err(Refusal::rule("sheet.kind").on("file"));
    }
    Ok(text)
}

/// Reads rows pasted out of a spreadsheet, or the text of a CSV file: tabs or commas, quoted cells.
///
/// # Errors
/// `sheet.empty`, `sheet.many`, `sheet.csv` with the line.
pub fn read_text(text: &str, likely_header: impl Fn(&str) -> bool) -> Result<Grid, Refusal> {
    grid(String::new(), 0, rows_of_text(text)?, likely_header, ROWS_MOST)
}

/// All rows of a text as [`read_text`] takes it.
///
/// # Errors
/// `upstream.file.csv` with the line.
pub fn rows_of_text(text: &str) -> Result<Vec<(usize, Vec<Cell>)>, Refusal> {
    // A line ends in one character, so that rows have the numbers they have in a spreadsheet.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let delimiter = if first.contains('\t') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let (mut rows, mut cells) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            Refusal::rule("sheet.csv").with("line", line)
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        cells += record.len();
        if rows.len() >= TEXT_ROWS_MOST || cells > TEXT_CELLS_MOST {
            return Err(Refusal::rule("sheet.heavy"));
        }
        rows.push((
            usize::try_from(line).unwrap_or_default(),
            record.iter().map(|cell| Cell::text(bare(cell))).collect(),
        ));
    }
    Ok(rows)
}

fn read_workbook(bytes: &[u8], likely_header: impl Fn(&str) -> bool, most: usize) -> Result<Grid, Refusal> {
    let mut book = Book::open(bytes)?;
    let mut last = Refusal::rule("sheet.empty").on("file");
    for name in book.names() {
        let (left, rows) = book.rows(&name, most + ABOVE)?;
        // The first sheet that holds a table; the others explain it.
        match grid(name, left, rows, &likely_header, most) {
            Ok(grid) => return Ok(grid),
            Err(e) => last = e.on("file"),
        }
    }
    Err(last)
}

/// The header is the row, among the first, with the most words that headers have: exports begin with a title.
fn grid(
    sheet: String,
    left: usize,
    mut rows: Vec<(usize, Vec<Cell>)>,
    likely_header: impl Fn(&str) -> bool,
    most_rows: usize,
) -> Result<Grid, Refusal> {
    rows.retain(|(_, cells)| cells.iter().any(|c| !c.is_blank()));
    let likely =
        |cells: &[Cell]| cells.iter().filter(|c| matches!(c, Cell::Text(t) if likely_header(t))).count();
    let known = rows.iter().take(10).map(|(_, cells)| likely(cells)).collect::<Vec<_>>();
    let most = known.iter().copied().max().unwrap_or(0);
    let at = match most {
        // Nothing is known by name: the first row that has more than a title.
        0 => rows.iter().position(|(_, cells)| cells.iter().filter(|c| !c.is_blank()).count() > 1),
        _ => known.iter().position(|n| *n == most),
    };
    let Some(at) = at else { return Err(Refusal::rule("sheet.empty")) };
    let body = rows.split_off(at + 1);
    let header: Vec<String> =
        rows.pop().map(|(_, cells)| cells).unwrap_or_default().iter().map(Cell::shown).collect();
    if body.is_empty() {
        return Err(Refusal::rule("sheet.empty"));
    }
    if body.len() > most_rows {
        return Err(Refusal::rule("sheet.many").with("most", most_rows));
    }
    Ok(Grid { sheet, left, header, rows: body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> bool {
        ["工单编号", "诉求内容", "办理时限"].contains(&text)
    }

    #[test]
    fn pasted_rows_keep_long_numbers_and_know_their_cells() {
        let pasted = "工单编号\t诉求内容\t办理时限\n202603140001234567\t路灯不亮\t2026/3/14 17:30\n4.40305E+17\t\"井盖\n破了\"\t\n";
        let grid = read_text(pasted, known).unwrap();
        assert_eq!(grid.header, ["工单编号", "诉求内容", "办理时限"]);
        assert_eq!(grid.rows[0].1[0], Cell::Text("202603140001234567".into()));
        assert!(!grid.rows[0].1[0].is_spoilt() && grid.rows[1].1[0].is_spoilt());
        assert_eq!(grid.rows[1].1[1], Cell::Text("井盖\n破了".into()));
        assert_eq!(grid.address(grid.rows[1].0, 0), "A3");
        let sent = read_text(&pasted.replace('\n', "\r\n"), known).unwrap();
        assert_eq!(sent.rows[1].0, 3, "as a form sends it");
        assert_eq!(grid.address(7, 27), "AB7");
    }

    #[test]
    fn a_title_above_the_header_is_passed_over() {
        let grid = read_text("静澜区工单导出,,\n,,\n工单编号,诉求内容,备注\n1,灯,无\n", known).unwrap();
        assert_eq!((grid.header[0].as_str(), grid.rows.len(), grid.rows[0].0), ("工单编号", 1, 4));
        assert_eq!(read_text("工单编号,诉求内容\n", known).unwrap_err().code, "sheet.empty");
    }

    #[test]
    fn a_number_is_spoilt_from_sixteen_digits_on() {
        assert!(!Cell::Number(999_999_999_999_999.0).is_spoilt());
        assert!(Cell::Number(4.403_05e17).is_spoilt());
        assert_eq!(Cell::Number(20_260_314.0).shown(), "20260314");
        assert!(Cell::Text("4.4E+17".into()).is_spoilt() && !Cell::Text("3E21".into()).is_spoilt());
    }

    #[test]
    fn files_of_other_kinds_are_refused() {
        assert_eq!(read_file(b"<html><table>", known).unwrap_err().code, "sheet.html");
        assert_eq!(read_file(b"\x00\x01\x02", known).unwrap_err().code, "sheet.kind");
        assert_eq!(read_file(b"PK\x03\x04nothing", known).unwrap_err().code, "sheet.workbook");
        let (gbk, _, _) = encoding_rs::GB18030.encode("工单编号,诉求内容\n12,灯坏了\n");
        assert_eq!(read_file(&gbk, known).unwrap().rows[0].1[1], Cell::Text("灯坏了".into()));
    }
}
