//! Spreadsheets that come in: the head of a form, and rows for it. Pure.

use super::guard;
use super::model::{Asks, Column, Denied};
use crate::sheet::{self, Cell};
use kernel::Refusal;
use store::Result;

/// Columns of a form at most.
pub const COLUMNS_MOST: usize = 40;
/// Rows of an answer at most.
pub const ROWS_MOST: usize = 2_000;
/// Characters of a cell at most.
const CELL_MOST: usize = 1_000;
/// Rows in which a head is looked for.
const HEAD: usize = 10;

/// Lines above a head, and the head.
pub type Head = (Vec<Vec<String>>, Vec<String>);

/// The head of a form that was uploaded: the row, among the first, with the most texts; what stands above it are
/// its titles.
///
/// # Errors
/// `upstream.file.*` for what cannot be read; `tasks.form.head` without a head.
pub fn head_of_file(bytes: &[u8]) -> std::result::Result<Head, Refusal> {
    let rows = sheet::rows_of_file(bytes).map_err(|e| e.on("form"))?;
    let texts = |cells: &[Cell]| cells.iter().filter(|c| matches!(c, Cell::Text(_))).count();
    let first: Vec<&Vec<Cell>> = rows.iter().take(HEAD).map(|(_, cells)| cells).collect();
    let most = first.iter().map(|cells| texts(cells)).max().unwrap_or_default();
    let at = first.iter().position(|cells| texts(cells) == most && most > 1);
    let Some(at) = at else { return Err(Refusal::rule("tasks.form.head").on("form")) };
    let shown = |cells: &Vec<Cell>| cells.iter().map(Cell::shown).collect::<Vec<_>>();
    let titles = first.iter().take(at).map(|cells| shown(cells)).filter(|line| !line.concat().is_empty());
    let head = first.get(at).map(|cells| shown(cells)).unwrap_or_default();
    Ok((titles.collect(), head.into_iter().filter(|t| !t.is_empty()).collect()))
}

/// Columns typed as a list: apart by line ends, tabs, commas or the mark that lists have in Chinese.
#[must_use]
pub fn head_of_text(text: &str) -> Vec<String> {
    let apart = |c: char| matches!(c, '\n' | '\r' | '\t' | ',' | ';' | '\u{ff0c}' | '\u{3001}' | '\u{ff1b}');
    text.split(apart).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A form's columns, checked for number and doubles.
///
/// # Errors
/// `tasks.form.many`, `tasks.form.twice`.
pub fn columns(names: &[String]) -> std::result::Result<Vec<Column>, Refusal> {
    if names.len() > COLUMNS_MOST {
        return Err(Refusal::rule("tasks.form.many").on("columns").with("most", COLUMNS_MOST));
    }
    for (i, name) in names.iter().enumerate() {
        if names.iter().take(i).any(|other| other == name) {
            return Err(Refusal::rule("tasks.form.twice").on("columns").with("name", name));
        }
    }
    Ok(names.iter().map(|name| Column { name: name.clone(), identity: false }).collect())
}

/// Rows that were brought, and what of them is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Each as long as the form's columns.
    pub rows: Vec<Vec<String>>,
    /// Columns that are not collected.
    pub denied: Vec<Denied>,
    /// Columns that the form does not have.
    pub unknown: Vec<String>,
}

/// Rows of a filled form.
///
/// # Errors
/// As [`rows_of_text`].
pub fn rows_of_file(asks: &Asks, bytes: &[u8]) -> Result<Rows> {
    rows(asks, sheet::rows_of_file(bytes)?, "file")
}

/// Rows pasted out of a spreadsheet, with or without their head.
///
/// # Errors
/// `tasks.rows.spoilt` with the cell, `tasks.rows.many`, `tasks.rows.wide`, `upstream.file.csv`.
pub fn rows_of_text(asks: &Asks, text: &str) -> Result<Rows> {
    rows(asks, sheet::rows_of_text(text).map_err(|e| e.on("rows"))?, "rows")
}

fn rows(asks: &Asks, mut rows: Vec<(usize, Vec<Cell>)>, field: &'static str) -> Result<Rows> {
    rows.retain(|(_, cells)| cells.iter().any(|c| !c.is_blank()));
    let place = |cell: &Cell| asks.columns.iter().position(|c| c.name == cell.shown());
    let known = |cells: &[Cell]| cells.iter().filter(|c| place(c).is_some()).count();
    let needed = asks.columns.len().div_ceil(2).max(1);
    let head = rows.iter().take(HEAD).position(|(_, cells)| known(cells) >= needed);
    let mut out = Rows::default();
    let places: Vec<Option<usize>> = match head {
        Some(at) => {
            let body = rows.split_off(at + 1);
            let head = rows.pop().map(|(_, cells)| cells).unwrap_or_default();
            rows = body;
            for cell in head.iter().filter(|c| !c.is_blank() && place(c).is_none()) {
                let name = cell.shown();
                match guard::denied(&name)? {
                    Some(class) => out.denied.push(Denied { name, class: class.to_owned() }),
                    None => out.unknown.push(name),
                }
            }
            head.iter().map(place).collect()
        }
        // A file without the form's head is some other file; pasted rows stand in the form's order.
        None if field == "file" => return Err(Refusal::rule("tasks.rows.head").on("file").into()),
        None => (0..asks.columns.len()).map(Some).collect(),
    };
    for (line, cells) in rows {
        let mut row = vec![String::new(); asks.columns.len()];
        for (i, cell) in cells.iter().enumerate().filter(|(_, c)| !c.is_blank()) {
            let Some(to) = places.get(i).copied() else {
                if head.is_some() {
                    continue;
                }
                return Err(Refusal::rule("tasks.rows.wide").on(field).with("line", line).into());
            };
            let Some(to) = to else { continue };
            if cell.is_spoilt() {
                let column = asks.columns.get(to).map(|c| c.name.as_str()).unwrap_or_default();
                let refusal = Refusal::rule("tasks.rows.spoilt").on(field).with("line", line);
                return Err(refusal.with("column", column).with("value", cell.shown()).into());
            }
            if let Some(place) = row.get_mut(to) {
                *place = cell.shown().chars().take(CELL_MOST).collect();
            }
        }
        if row.iter().any(|cell| !cell.is_empty()) {
            out.rows.push(row);
        }
    }
    if out.rows.len() > ROWS_MOST {
        return Err(Refusal::rule("tasks.rows.many").on(field).with("most", ROWS_MOST).into());
    }
    Ok(out)
}

/// A number as people type one: full-width digits, a comma between thousands; `None` when it is none.
#[must_use]
pub fn figure(text: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c),
        '\u{ff0e}' => '.',
        '\u{ff0d}' => '-',
        c => c,
    };
    let plain: String =
        text.trim().chars().map(narrow).filter(|c| !matches!(c, ',' | '\u{ff0c}' | ' ')).collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let number =
        |t: &str, most: usize| !t.is_empty() && t.len() <= most && t.bytes().all(|b| b.is_ascii_digit());
    (number(whole, 15) && number(part, 6)).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks() -> Asks {
        Asks {
            columns: columns(&["姓名".into(), "楼栋".into(), "身份证号".into()]).unwrap(),
            ..Asks::default()
        }
    }

    #[test]
    fn rows_find_their_columns_and_leave_the_denied_ones() {
        let brought =
            rows_of_text(&asks(), "楼栋\t姓名\t是否信教\t备注\n3栋\t张三\t否\t无\n\t\t\t\n").unwrap();
        assert_eq!(brought.rows, [["张三", "3栋", ""]]);
        assert_eq!((brought.denied[0].class.as_str(), brought.unknown[0].as_str()), ("faith", "备注"));
        let bare = rows_of_text(&asks(), "李四\t5栋\t110101199001011234\n").unwrap();
        assert_eq!(bare.rows, [["李四", "5栋", "110101199001011234"]]);
    }

    #[test]
    fn a_cut_number_is_refused_with_its_place_and_a_row_that_is_too_wide_too() {
        let code = |text: &str| rows_of_text(&asks(), text).unwrap_err().refusal().map(|r| r.code);
        assert_eq!(code("李四\t5栋\t1.10101E+17\n"), Some("tasks.rows.spoilt"));
        assert_eq!(code("李四\t5栋\t1\t2\n"), Some("tasks.rows.wide"));
    }

    #[test]
    fn a_form_has_its_head_under_its_titles() {
        let form = "电动自行车隐患排查表,,\n填报单位：,,\n序号,楼栋,隐患\n,,\n";
        let (titles, head) = head_of_file(form.as_bytes()).unwrap();
        assert_eq!((titles.len(), head), (2, vec!["序号".to_owned(), "楼栋".to_owned(), "隐患".to_owned()]));
        assert_eq!(head_of_text("姓名、楼栋，隐患\n整改"), ["姓名", "楼栋", "隐患", "整改"]);
    }

    #[test]
    fn figures_are_read_as_they_are_typed() {
        assert_eq!(figure("１，２３４.5").as_deref(), Some("1234.5"));
        assert_eq!((figure("-3").as_deref(), figure("约30"), figure("")), (Some("-3"), None, None));
    }
}
