//! Spreadsheets that people bring: a table with a header, read whole, and what is wrong with it, cell by
//! cell. Nothing is taken over from a file with an error, so every error is collected first.

use kernel::{Day, Refusal};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// What is wrong in one place of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The line, or the number of the feature, from 1; 0 for the file as a whole.
    pub row: u64,
    /// The column's or property's name; empty for the row as a whole.
    pub column: String,
    /// Why, in words under its code.
    pub reason: Refusal,
}

impl RowError {
    /// An error in a cell.
    #[must_use]
    pub fn new(row: u64, column: &str, reason: Refusal) -> RowError {
        RowError { row, column: column.to_owned(), reason }
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows in the file.
    pub rows: u64,
    /// New ones.
    pub added: u64,
    /// Known ones that say something else now.
    pub changed: u64,
    /// Known ones that say the same.
    pub unchanged: u64,
    /// Rows that do not concern this office (a unit or a place it does not have).
    pub skipped: u64,
    /// What is wrong; when there is anything, nothing was written.
    pub errors: Vec<RowError>,
}

/// A file of comma-separated values with a header.
pub struct Table {
    columns: HashMap<String, usize>,
    header: Vec<String>,
    records: Vec<(u64, csv::StringRecord)>,
}

/// UTF-8 text of a file, without the mark that spreadsheets put in front.
///
/// # Errors
/// `import.file.empty`; `import.file.workbook` for a workbook; `import.file.encoding` with the line of the
/// first bytes that are not UTF-8; `import.file.control` with the line of a zero byte, which no text holds.
pub fn text(bytes: &[u8]) -> Result<&str, RowError> {
    let line = |at: usize| bytes.iter().take(at).filter(|b| **b == b'\n').count() as u64 + 1;
    let wrong = |row, code| RowError::new(row, "", Refusal::rule(code));
    // What .xlsx and .xls begin with.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(wrong(0, "import.file.workbook"));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|e| wrong(line(e.valid_up_to()), "import.file.encoding"))?;
    if let Some(at) = text.find('\0') {
        return Err(wrong(line(at), "import.file.control"));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() { Err(wrong(0, "import.file.empty")) } else { Ok(text) }
}

/// A cell as a message quotes it: its beginning, on one line.
#[must_use]
pub fn quoted(value: &str) -> String {
    const MOST: usize = 60;
    let mut out: String = value.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(MOST).is_some() {
        out.push('\u{2026}');
    }
    out
}

/// Whether a long number was spoilt by a spreadsheet: of `4.40305E+17` the last digits are lost, and nothing brings
/// them back.
#[must_use]
pub fn is_spoilt(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    digits.contains('.')
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !power.is_empty()
        && power.bytes().all(|b| b.is_ascii_digit())
}

/// The refusal of a file without some columns, with those that it has: a wrong separator shows there.
#[must_use]
pub fn missing_columns(missing: &str, found: &str) -> Refusal {
    Refusal::rule("import.file.columns").with("columns", missing).with("found", quoted(found))
}

impl Table {
    /// Reads UTF-8, with or without the mark that spreadsheets put in front.
    ///
    /// # Errors
    /// As [`text`]; `import.file.columns` for a missing column, `import.file.column_twice` for a needed one
    /// that stands twice, `import.file.csv` with the line for a row that cannot be read.
    pub fn read(bytes: &[u8], needed: &[&str]) -> Result<Table, RowError> {
        let whole = |reason| RowError::new(0, "", reason);
        let text = text(bytes)?;
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let unreadable = |e: &csv::Error| {
            let line = e.position().map_or(0, csv::Position::line);
            RowError::new(line, "", Refusal::rule("import.file.csv").with("why", e))
        };
        let header: Vec<String> =
            reader.headers().map_err(|e| unreadable(&e))?.iter().map(str::to_owned).collect();
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(i, c)| (c.clone(), i)).collect();
        let missing: Vec<&str> = needed.iter().copied().filter(|c| !columns.contains_key(*c)).collect();
        if !missing.is_empty() {
            return Err(whole(missing_columns(&missing.join(", "), &header.join(", "))));
        }
        if let Some(twice) = needed.iter().find(|c| header.iter().filter(|h| h.as_str() == **c).count() > 1) {
            return Err(whole(Refusal::rule("import.file.column_twice").with("column", twice)));
        }
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(&e))?;
            if record.iter().any(|cell| !cell.is_empty()) {
                records.push((record.position().map_or(0, csv::Position::line), record));
            }
        }
        Ok(Table { columns, header, records })
    }

    /// How many columns the header has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.header.len()
    }

    /// The names of its columns, as a message tells them.
    #[must_use]
    pub fn header(&self) -> String {
        self.header.join(", ")
    }

    /// Whether there is a column of this name.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        self.records.iter().map(|(line, record)| Cells { line: *line, columns: &self.columns, record })
    }
}

/// One row of a [`Table`].
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// Its line in the file, from 1; the header is line 1.
    pub line: u64,
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    /// The cell of a column; empty when the row is short or has no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> &'a str {
        self.columns.get(column).and_then(|i| self.record.get(*i)).map(bare).unwrap_or_default()
    }

    /// How many cells the row has, empty ones at its end left out.
    #[must_use]
    pub fn filled(&self) -> usize {
        (0..self.record.len())
            .rev()
            .find(|i| self.record.get(*i).is_some_and(|c| !c.is_empty()))
            .map_or(0, |i| i + 1)
    }

    /// An error in a cell of this row, with the cell's value.
    #[must_use]
    pub fn error(&self, column: &str, code: &'static str) -> RowError {
        RowError::new(self.line, column, Refusal::rule(code).with("value", quoted(self.get(column))))
    }

    /// The cell as a text that must be there.
    ///
    /// # Errors
    /// `import.row.missing`.
    pub fn text(&self, column: &str) -> Result<String, RowError> {
        let text = self.get(column);
        if text.is_empty() { Err(self.error(column, "import.row.missing")) } else { Ok(text.to_owned()) }
    }

    /// The cell as a whole number within bounds.
    ///
    /// # Errors
    /// `import.row.number`.
    pub fn number(&self, column: &str, from: i64, to: i64) -> Result<i64, RowError> {
        let number = self.get(column).parse::<i64>().ok().filter(|n| (from..=to).contains(n));
        number.ok_or_else(|| {
            let reason = Refusal::rule("import.row.number").with("value", quoted(self.get(column)));
            RowError::new(self.line, column, reason.with("from", from).with("to", to))
        })
    }

    /// The cell as a day, `None` when it is empty.
    ///
    /// # Errors
    /// `import.row.day`.
    pub fn day(&self, column: &str) -> Result<Option<Day>, RowError> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        Day::parse(text).map(Some).ok_or_else(|| self.error(column, "import.row.day"))
    }

    /// The cell as one of a closed list of words.
    ///
    /// # Errors
    /// `import.row.word` with the words there are.
    pub fn word<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Result<T, RowError> {
        parse(self.get(column)).ok_or_else(|| {
            let reason = Refusal::rule("import.row.word").with("value", quoted(self.get(column)));
            RowError::new(self.line, column, reason.with("known", known.join(", ")))
        })
    }
}

/// What a spreadsheet takes for the beginning of a formula, but for plain numbers.
fn runs(text: &str) -> bool {
    let sign = text.strip_prefix(['+', '-']);
    let number = sign.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number
}

/// A cell of a text file that a spreadsheet would run is kept a text by an apostrophe before it: texts come from the public.
/// One that has its own already gets another, so that [`bare`] gives back what was there.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// The text of a cell that [`guarded`] wrote; any other is as it is.
#[must_use]
pub fn bare(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| runs(rest.trim_start_matches('\''))).unwrap_or(cell)
}

/// The text of a spreadsheet file, in which nothing is run: with the mark in front by which spreadsheet programs know UTF-8.
///
/// # Errors
/// When a row cannot be written, which memory does not do.
pub fn write_csv<R, C>(header: &[&str], rows: impl IntoIterator<Item = R>) -> anyhow::Result<String>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        let cells: Vec<C> = row.into_iter().collect();
        writer.write_record(cells.iter().map(|cell| guarded(cell.as_ref()).into_owned()))?;
    }
    let bytes = writer.into_inner().map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(format!("\u{feff}{}", String::from_utf8(bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_would_run_is_a_text_and_comes_back_as_it_was() {
        for (text, written) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+86 138", "'+86 138"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("-", "'-"),
            ("\tx", "'\tx"),
            ("'=1", "''=1"),
            ("-12.5", "-12.5"),
            ("+8613800000000", "+8613800000000"),
            ("'tis", "'tis"),
            ("路灯=坏", "路灯=坏"),
            ("", ""),
        ] {
            assert_eq!((guarded(text).as_ref(), bare(written)), (written, text));
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_spoilt_is_known() {
        assert!(is_spoilt("4.40305E+17") && is_spoilt("4.4e17"));
        assert!(
            !is_spoilt("440305123456789012")
                && !is_spoilt("BCS-00065327")
                && !is_spoilt("3E21")
                && !is_spoilt("1.5")
        );
    }
}
