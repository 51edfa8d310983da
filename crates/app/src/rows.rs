//! Spreadsheets that people bring: a table with a header, read whole, and what is wrong with it, cell by
//! cell. Nothing is taken over from a file with an error, so every error is collected first.

use kernel::{Day, Refusal};
use serde::Serialize;
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
    records: Vec<(u64, csv::StringRecord)>,
}

impl Table {
    /// Reads UTF-8, with or without the mark that spreadsheets put in front.
    ///
    /// # Errors
    /// `import.file.encoding` for another encoding, `import.file.columns` for a missing column,
    /// `import.file.csv` with the line for a row that cannot be read.
    pub fn read(bytes: &[u8], needed: &[&str]) -> Result<Table, RowError> {
        let whole = |reason| RowError::new(0, "", reason);
        let text = std::str::from_utf8(bytes).map_err(|_| whole(Refusal::rule("import.file.encoding")))?;
        let text = text.trim_start_matches('\u{feff}');
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let unreadable = |e: &csv::Error| {
            let line = e.position().map_or(0, csv::Position::line);
            RowError::new(line, "", Refusal::rule("import.file.csv").with("why", e))
        };
        let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(i, c)| (c.to_owned(), i)).collect();
        let missing: Vec<&str> = needed.iter().copied().filter(|c| !columns.contains_key(*c)).collect();
        if !missing.is_empty() {
            return Err(whole(Refusal::rule("import.file.columns").with("columns", missing.join(", "))));
        }
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(&e))?;
            if record.iter().any(|cell| !cell.is_empty()) {
                records.push((record.position().map_or(0, csv::Position::line), record));
            }
        }
        Ok(Table { columns, records })
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
        self.columns.get(column).and_then(|i| self.record.get(*i)).unwrap_or_default()
    }

    /// An error in a cell of this row, with the cell's value.
    #[must_use]
    pub fn error(&self, column: &str, code: &'static str) -> RowError {
        RowError::new(self.line, column, Refusal::rule(code).with("value", self.get(column)))
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
            let reason = Refusal::rule("import.row.number").with("value", self.get(column));
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
            let reason = Refusal::rule("import.row.word").with("value", self.get(column));
            RowError::new(self.line, column, reason.with("known", known.join(", ")))
        })
    }
}

/// The text of a spreadsheet file: with the mark in front by which spreadsheet programs know UTF-8.
///
/// # Errors
/// When a row cannot be written, which memory does not do.
pub fn write_csv<R, C>(header: &[&str], rows: impl IntoIterator<Item = R>) -> anyhow::Result<String>
where
    R: IntoIterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(format!("\u{feff}{}", String::from_utf8(bytes)?))
}
