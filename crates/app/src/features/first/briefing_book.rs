//! The briefing as a workbook: its sentences, the numbers in them, its tables; beside each number the address of its list.

use super::briefing::{Briefing, words_of};
use super::look::Line;
use crate::rows::guarded;
use crate::words::Words;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Writes it. `base` is the address under which the lists are found.
///
/// # Errors
/// When a number is too large for a sheet, which none is.
pub fn workbook(b: &Briefing, w: &Words, title: &str, base: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let page = book.add_worksheet();
    page.set_name(w.t("briefing"))?.set_column_width(0, 90)?;
    page.write_string_with_format(0, 0, title, &bold)?;
    let wrap = Format::new().set_text_wrap();
    for (row, sentence) in (1..).zip(&b.sentences) {
        page.write_string_with_format(row, 0, guarded(&words_of(sentence)), &wrap)?;
    }
    let page = book.add_worksheet();
    head(page, w, &w.t("briefing-sentence"), &w.t("briefing-numbers"))?;
    let mut row = 0;
    for sentence in &b.sentences {
        let text = words_of(sentence);
        for piece in sentence.iter().filter(|p| !p.href.is_empty()) {
            row += 1;
            page.write_string(row, 0, guarded(&text))?;
            match piece.text.parse::<f64>() {
                Ok(n) => page.write_number(row, 1, n)?,
                Err(_) => page.write_string(row, 1, guarded(&piece.text))?,
            };
            page.write_url(row, 2, format!("{base}{}", piece.href).as_str())?;
        }
    }
    for (label, lines) in [("first-unit", &b.units), ("first-matter", &b.matters), ("first-place", &b.places)]
    {
        let page = book.add_worksheet();
        head(page, w, &w.t(label), &w.t(label))?;
        table(page, lines, base)?;
    }
    book.save_to_buffer()
}

fn head(page: &mut Worksheet, w: &Words, label: &str, name: &str) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    page.set_name(name)?;
    page.set_column_width(0, 40)?.set_column_width(2, 60)?;
    for (column, text) in (0..).zip([label, &w.t("first-count"), &w.t("briefing-list")]) {
        page.write_string_with_format(0, column, text, &bold)?;
    }
    page.set_freeze_panes(1, 0)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a sheet keeps numbers as f64; an office has no 2^53 cases")]
fn table(page: &mut Worksheet, lines: &[Line], base: &str) -> Result<(), XlsxError> {
    for (row, line) in (1..).zip(lines) {
        page.write_string(row, 0, guarded(&line.label))?;
        page.write_number(row, 1, line.above.n as f64)?;
        if !line.above.href.is_empty() {
            page.write_url(row, 2, format!("{base}{}", line.above.href).as_str())?;
        }
    }
    Ok(())
}
