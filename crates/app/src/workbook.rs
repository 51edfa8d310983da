//! Workbooks (.xlsx, .xls) of people nobody knows: opened within bounds, for a few hundred bytes can stand for more cells
//! and more text than a machine has memory. Whatever is damaged is a refusal.

use crate::rows::bare;
use crate::sheet::Cell;
use calamine::{Data, DataRef, Reader, Xls, Xlsx};
use kernel::Refusal;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the files within an .xlsx may come to when they are unpacked, in bytes.
const UNPACKED_MOST: u64 = 200 * 1024 * 1024;
/// Cells of one sheet: the area of an .xls, those that hold something of an .xlsx.
const CELLS_MOST: usize = 4_000_000;
/// Text of one sheet, in bytes: in an .xlsx one text can be named by every cell.
const TEXT_MOST: usize = 64 * 1024 * 1024;
/// Columns looked at.
const COLUMNS_MOST: usize = 120;

/// Rows with their numbers from 1, and the column of their first cell from 0.
pub(crate) type Rows = (usize, Vec<(usize, Vec<Cell>)>);

/// An open workbook.
pub(crate) enum Book<'a> {
    /// Of today.
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>),
    /// Of before 2007, which platforms still write.
    Xls(Box<Xls<Cursor<&'a [u8]>>>),
}

fn unreadable() -> Refusal {
    Refusal::rule("sheet.workbook").on("file")
}

fn many() -> Refusal {
    Refusal::rule("sheet.heavy").on("file")
}

/// The reader of workbooks panics on some damaged ones.
fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable()))
}

impl Book<'_> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// `sheet.workbook` for what is none, `sheet.heavy` for what would not fit.
    pub(crate) fn open(bytes: &[u8]) -> Result<Book<'_>, Refusal> {
        guarded(|| {
            if bytes.starts_with(b"PK") {
                unpacked(bytes)?;
                let book = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
                return Ok(Book::Xlsx(Box::new(book)));
            }
            area(bytes)?;
            Ok(Book::Xls(Box::new(Xls::new(Cursor::new(bytes)).map_err(|_| unreadable())?)))
        })
    }

    /// The names of its sheets, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Book::Xlsx(book) => book.sheet_names(),
            Book::Xls(book) => book.sheet_names(),
        }
    }

    /// The first rows of a sheet that hold anything.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub(crate) fn rows(&mut self, name: &str, most: usize) -> Result<Rows, Refusal> {
        guarded(|| match self {
            Book::Xlsx(book) => rows_of_xlsx(book, name, most),
            Book::Xls(book) => {
                let range = book.worksheet_range(name).map_err(|_| unreadable())?;
                let (top, left) = range.start().unwrap_or_default();
                let row = |row: &[Data]| row.iter().take(COLUMNS_MOST).map(cell).collect::<Vec<_>>();
                let rows = range.rows().take(most).enumerate().map(|(i, r)| (top as usize + i + 1, row(r)));
                Ok((left as usize, rows.collect()))
            }
        })
    }
}

/// Unpacks everything once, without keeping it: what the head of a file says of its size is no promise.
fn unpacked(bytes: &[u8]) -> Result<(), Refusal> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut left = UNPACKED_MOST;
    for i in 0..zip.len() {
        let file = zip.by_index(i).map_err(|_| unreadable())?;
        let size = std::io::copy(&mut file.take(left + 1), &mut std::io::sink()).map_err(|_| unreadable())?;
        left = left.checked_sub(size).ok_or_else(many)?;
    }
    Ok(())
}

/// Cell by cell: the reader's own table is as large as its corners are apart, which may be the whole of a sheet.
fn rows_of_xlsx(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, most: usize) -> Result<Rows, Refusal> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| unreadable())?;
    let (mut cells, mut weight): (Vec<(u32, u32, Cell)>, usize) = (Vec::new(), 0);
    while let Some(found) = reader.next_cell().map_err(|_| unreadable())? {
        if matches!(found.get_value(), DataRef::Empty) {
            continue;
        }
        let (row, column) = found.get_position();
        let held = cell(&Data::from(found.get_value().clone()));
        weight += if let Cell::Text(text) = &held { text.len() } else { 0 };
        if weight > TEXT_MOST || cells.len() >= CELLS_MOST {
            return Err(many());
        }
        cells.push((row, column, held));
    }
    cells.sort_by_key(|(row, column, _)| (*row, *column));
    let left = cells.iter().map(|(_, column, _)| *column).min().unwrap_or_default();
    let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
    for (row, column, held) in cells {
        let (number, at) = (row as usize + 1, (column - left) as usize);
        if rows.last().is_none_or(|(last, _)| *last != number) {
            if rows.len() >= most {
                break;
            }
            rows.push((number, Vec::new()));
        }
        if let Some((_, line)) = rows.last_mut().filter(|_| at < COLUMNS_MOST) {
            line.resize(at, Cell::Blank);
            line.push(held);
        }
    }
    let width = rows.iter().map(|(_, line)| line.len()).max().unwrap_or_default();
    rows.iter_mut().for_each(|(_, line)| line.resize(width, Cell::Blank));
    Ok((left as usize, rows))
}

/// The corners of each sheet of an .xls, whose table the reader makes when it opens the file: sixty bytes can name cells
/// that are four thousand million apart.
fn area(bytes: &[u8]) -> Result<(), Refusal> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)).ok_or_else(unreadable)?;
    let mut stream = Vec::new();
    let opened = file.open_stream(name).map_err(|_| unreadable())?;
    opened.take(UNPACKED_MOST).read_to_end(&mut stream).map_err(|_| unreadable())?;
    let (mut rest, mut corners) = (stream.as_slice(), Corners::default());
    while let [a, b, c, d, after @ ..] = rest {
        let (kind, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let body = after.get(..length).unwrap_or(after);
        corners.see(kind, body)?;
        rest = after.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// How far the cells of one sheet reach.
#[derive(Default)]
struct Corners {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Corners {
    /// A record of the file: the beginning of a sheet, or a cell.
    fn see(&mut self, kind: u16, body: &[u8]) -> Result<(), Refusal> {
        const BEGIN: u16 = 0x0809;
        const CELLS: [u16; 9] = [0x0006, 0x00bd, 0x00be, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];
        if kind == BEGIN {
            *self = Corners::default();
        }
        let (true, [a, b, c, d, after @ ..]) = (CELLS.contains(&kind), body) else { return Ok(()) };
        let (row, column) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        let end = match after {
            // The last column of several cells in one.
            [.., e, f] if kind == 0x00bd => u16::from_le_bytes([*e, *f]).max(column),
            _ => column,
        };
        let wider = |known: Option<(u16, u16)>, low: u16, high: u16| {
            known.map_or((low, high), |(from, to)| (from.min(low), to.max(high)))
        };
        let (rows, columns) = (wider(self.rows, row, row), wider(self.columns, column, end));
        (self.rows, self.columns) = (Some(rows), Some(columns));
        let length = |(from, to): (u16, u16)| usize::from(to - from) + 1;
        if length(rows) * length(columns) > CELLS_MOST { Err(many()) } else { Ok(()) }
    }
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty | Data::Error(_) => Cell::Blank,
        Data::String(text) | Data::DurationIso(text) => Cell::text(bare(text)),
        Data::DateTimeIso(text) => Cell::Instant(text.chars().take(19).collect()),
        Data::Bool(yes) => Cell::text(if *yes { "1" } else { "0" }),
        #[expect(clippy::cast_precision_loss, reason = "a number that long is refused as spoilt")]
        Data::Int(n) => Cell::Number(*n as f64),
        Data::Float(n) => Cell::Number(*n),
        Data::DateTime(at) if at.is_duration() => Cell::Number(at.as_f64()),
        Data::DateTime(at) => {
            let (y, mo, d, h, mi, s, _) = at.to_ymd_hms_milli();
            Cell::Instant(format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}"))
        }
    }
}
