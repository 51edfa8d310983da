//! Merging answers 汇总: rows into the form that came, figures with their sum, sentences with who wrote them.

use super::model::{Asks, Receiver, State, Task};
use crate::rows::guarded;
use crate::words::Words;
use anyhow::{Context, Result};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet};

/// Digits up to which a number stays a number in a sheet: longer ones are numbers of something, and keep every digit.
const DIGITS_MOST: usize = 10;

/// The sum of figures as typed, exactly; blank when none was given.
#[must_use]
pub fn sum<'a>(figures: impl Iterator<Item = &'a str>) -> String {
    let (mut any, mut total, mut places) = (false, 0_i128, 0_usize);
    for text in figures {
        let negative = text.starts_with('-');
        let digits = text.trim_start_matches('-');
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let Ok(value) = format!("{whole}{part:0<6}").parse::<i128>() else { continue };
        places = places.max(part.len());
        total += if negative { -value } else { value };
        any = true;
    }
    if !any {
        return String::new();
    }
    let (sign, total) = (if total < 0 { "-" } else { "" }, total.unsigned_abs());
    let part = format!("{:06}", total % 1_000_000);
    let part = part.get(..places).unwrap_or_default();
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{}{point}{part}", total / 1_000_000)
}

/// The answers that count.
pub fn counted(receivers: &[Receiver]) -> impl Iterator<Item = &Receiver> {
    receivers.iter().filter(|r| r.state.has_answer())
}

/// The column of the form that names the unit, where it has one.
fn unit_column(w: &Words, asks: &Asks) -> Option<usize> {
    let names = w.t("tasks-unit-columns");
    asks.columns.iter().position(|c| names.split(' ').any(|name| c.name == name))
}

struct Styles {
    head: Format,
    text: Format,
    title: Format,
}

impl Styles {
    fn new() -> Styles {
        Styles {
            head: Format::new().set_bold().set_border(FormatBorder::Thin).set_text_wrap(),
            text: Format::new().set_border(FormatBorder::Thin).set_text_wrap(),
            title: Format::new().set_bold().set_font_size(14).set_align(FormatAlign::Center),
        }
    }
}

/// Writes a text as what it is: a short number as a number, everything else as a text that runs nothing.
fn put(page: &mut Worksheet, row: u32, column: u16, text: &str, style: &Format) -> Result<()> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number = text.parse::<f64>().ok().filter(|n| n.to_string() == text && digits <= DIGITS_MOST);
    match number {
        Some(n) => page.write_number_with_format(row, column, n, style).context("a cell")?,
        None => page.write_string_with_format(row, column, guarded(text), style).context("a cell")?,
    };
    Ok(())
}

fn titles(page: &mut Worksheet, asks: &Asks, width: u16, styles: &Styles) -> Result<u32> {
    let mut line = 0;
    for title in &asks.titles {
        let texts: Vec<&String> = title.iter().filter(|t| !t.is_empty()).collect();
        match texts.as_slice() {
            [one] if width > 1 => {
                page.merge_range(line, 0, line, width - 1, &guarded(one), &styles.title)
                    .context("a title")?;
            }
            _ => {
                for (column, text) in (0_u16..).zip(title).filter(|(_, t)| !t.is_empty()) {
                    page.write_string(line, column, guarded(text)).context("a title")?;
                }
            }
        }
        line += 1;
    }
    Ok(line)
}

fn rows_sheet(
    w: &Words,
    task: &Task,
    receivers: &[Receiver],
    page: &mut Worksheet,
    filled: bool,
) -> Result<()> {
    let styles = Styles::new();
    let asks = &task.asks;
    let unit = unit_column(w, asks);
    let front = u16::from(filled && unit.is_none());
    let width = front + u16::try_from(asks.columns.len())?;
    let mut line = titles(page, asks, width, &styles)?;
    if front == 1 {
        put(page, line, 0, &w.t("tasks-unit-column"), &styles.head)?;
        page.set_column_width(0, 14).context("a width")?;
    }
    for (column, head) in (front..).zip(&asks.columns) {
        page.write_string_with_format(line, column, guarded(&head.name), &styles.head).context("a head")?;
        let wide = u16::try_from(head.name.chars().count()).unwrap_or(20).clamp(6, 20) * 2 + 2;
        page.set_column_width(column, wide).context("a width")?;
    }
    page.set_freeze_panes(line + 1, front).context("a pane")?;
    page.set_repeat_rows(line, line).context("a head")?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    if !filled {
        return Ok(());
    }
    line += 1;
    for part in counted(receivers) {
        for row in &part.answer.rows {
            if front == 1 {
                put(page, line, 0, &part.name, &styles.text)?;
            }
            for ((i, cell), column) in row.iter().enumerate().zip(front..) {
                // A form that names the unit itself is often left blank there.
                let cell = if unit == Some(i) && cell.is_empty() { &part.name } else { cell };
                put(page, line, column, cell, &styles.text)?;
            }
            line += 1;
        }
    }
    Ok(())
}

/// The form without rows, to be filled.
///
/// # Errors
/// When the workbook cannot be written.
pub fn blank(w: &Words, task: &Task) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    rows_sheet(w, task, &[], page, false)?;
    book.save_to_buffer().context("the workbook cannot be written")
}

/// All answers: the form with its rows first, then who answered what and when.
///
/// # Errors
/// When the workbook cannot be written.
pub fn workbook(w: &Words, task: &Task, receivers: &[Receiver]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    if !task.asks.columns.is_empty() {
        let page = book.add_worksheet();
        page.set_name(w.t("tasks-sheet-rows")).context("a sheet")?;
        rows_sheet(w, task, receivers, page, true)?;
    }
    let page = book.add_worksheet();
    page.set_name(w.t("tasks-sheet-answers")).context("a sheet")?;
    answers_sheet(w, task, receivers, page)?;
    book.save_to_buffer().context("the workbook cannot be written")
}

/// The name of a figure with its unit of measure.
#[must_use]
pub fn figure_head(w: &Words, figure: &super::model::Figure) -> String {
    match figure.measure.as_str() {
        "" => figure.name.clone(),
        measure => w.t2("tasks-figure-head", ("name", &figure.name), ("measure", &measure)),
    }
}

fn answers_sheet(w: &Words, task: &Task, receivers: &[Receiver], page: &mut Worksheet) -> Result<()> {
    let styles = Styles::new();
    let mut head = vec![w.t("tasks-unit-column"), w.t("tasks-state"), w.t("tasks-answered-at")];
    head.extend(task.asks.figures.iter().map(|f| figure_head(w, f)));
    head.extend(task.asks.sentence.iter().cloned());
    for (column, text) in (0_u16..).zip(&head) {
        put(page, 0, column, text, &styles.head)?;
        page.set_column_width(column, if column == 2 { 20 } else { 16 }).context("a width")?;
    }
    page.set_freeze_panes(1, 1).context("a pane")?;
    let mut line = 1;
    for part in receivers.iter().filter(|r| r.state != State::Withdrawn) {
        put(page, line, 0, &part.name, &styles.text)?;
        put(page, line, 1, &state(w, part), &styles.text)?;
        let at = part.answered.filter(|_| part.state.has_answer());
        let at = at.map(|at| at.zoned(&w.tz).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        put(page, line, 2, &at, &styles.text)?;
        let mut column = 3;
        for i in 0..task.asks.figures.len() {
            let figure = part.answer.figures.get(i).filter(|_| part.state.has_answer());
            put(page, line, column, figure.map(String::as_str).unwrap_or_default(), &styles.text)?;
            column += 1;
        }
        if task.asks.sentence.is_some() {
            let said = if part.state.has_answer() { part.answer.sentence.as_str() } else { "" };
            put(page, line, column, said, &styles.text)?;
        }
        line += 1;
    }
    if !task.asks.figures.is_empty() {
        put(page, line, 0, &w.t("tasks-sum"), &styles.head)?;
        for (i, column) in (0..task.asks.figures.len()).zip(3_u16..) {
            put(page, line, column, &sum_of(receivers, i), &styles.head)?;
        }
    }
    Ok(())
}

/// The sum of one of the figures over the answers that count.
#[must_use]
pub fn sum_of(receivers: &[Receiver], index: usize) -> String {
    sum(counted(receivers).filter_map(|r| r.answer.figures.get(index)).map(String::as_str))
}

/// A receiver's state in words; nothing to report is said.
#[must_use]
pub fn state(w: &Words, part: &Receiver) -> String {
    let word = w.t(&format!("tasks-state-{}", part.state.as_str()));
    if part.answer.nil && part.state.has_answer() { w.t1("tasks-state-nil", "state", word) } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_added_exactly() {
        assert_eq!(sum(["0.1", "0.2", "-1"].into_iter()), "-0.7");
        assert_eq!(sum(["12", "30"].into_iter()), "42");
        assert_eq!(sum(std::iter::empty()), "");
    }
}
