//! 值班表 on paper and as a workbook.

use super::{Names, all_names, clock, day_text, named, unit_choices, unit_of};
use crate::context::Cx;
use crate::features::roster::model::Shift;
use crate::features::roster::service::{self, kind_name};
use crate::web::download::{XLSX, download};
use crate::web::{Answer, Query, Shell, Staff, WebError, html};
use crate::words::Words;
use anyhow::Context;
use askama::Template;
use kernel::{AccountId, Day, Ts, UnitId};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};
use serde::Deserialize;
use std::collections::HashMap;
use store::{Result, Tx};
use worktime::DayKind;

/// Days of one paper at most.
const DAYS_MOST: i64 = 92;

/// One shift with the people of each kind.
struct Row {
    day: String,
    time: String,
    off: bool,
    people: Vec<String>,
}

struct Table {
    unit: String,
    kinds: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "roster_print.html")]
struct PrintPage {
    w: Words,
    shell: Shell,
    title: String,
    days: String,
    table: Table,
    hotline: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Asked {
    from: String,
    until: String,
    unit: String,
}

impl Asked {
    fn days(&self, cx: &Cx) -> (Day, Day) {
        let from = Day::parse(&self.from).unwrap_or_else(|| cx.today());
        let until = Day::parse(&self.until).unwrap_or(from).max(from);
        (from, until.min(from.plus(DAYS_MOST)))
    }
}

fn table(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    unit: Option<UnitId>,
    (from, until): (Day, Day),
) -> Result<Table> {
    let (setup, _) = service::setup(tx, cx)?;
    let tz = &cx.office.tz;
    let (start, end) = (from.start(tz), until.plus(1).start(tz));
    let mut shifts = service::published(tx, cx, unit, start, end)?;
    shifts.retain(|s| s.from >= start);
    let (names, phones) = (all_names(tx, cx)?, service::phones(tx, cx)?.into_iter().collect());
    let units = unit_choices(tx, cx, w, unit)?;
    let used: Vec<&str> = setup
        .kinds
        .iter()
        .map(|k| k.key.as_str())
        .filter(|key| shifts.iter().any(|s| s.kind == *key))
        .collect();
    let mut begins: Vec<(Ts, Ts)> = shifts.iter().map(|s| (s.from, s.until)).collect();
    begins.sort_unstable();
    begins.dedup();
    let people = People { names, phones };
    Ok(Table {
        unit: units.into_iter().find(|u| u.2 && unit.is_some()).map(|u| u.1).unwrap_or_default(),
        kinds: used.iter().map(|key| kind_name(w, &setup, key)).collect(),
        rows: begins.iter().map(|at| row(cx, w, &used, &shifts, &people, *at)).collect(),
    })
}

struct People {
    names: Names,
    phones: HashMap<AccountId, String>,
}

fn row(
    cx: &Cx,
    w: &Words,
    kinds: &[&str],
    shifts: &[Shift],
    people: &People,
    (from, until): (Ts, Ts),
) -> Row {
    let tz = &cx.office.tz;
    let (day, calendar) = (from.day(tz), &cx.office.rules.calendar);
    let end = clock(until, tz);
    let end = if until.day(tz) == day { end } else { w.t1("roster-next-day", "clock", end) };
    let of = |kind: &&str| {
        let here = shifts.iter().filter(|s| s.from == from && s.until == until && s.kind == **kind);
        let person = |s: &Shift| {
            let phone = s.account.and_then(|a| people.phones.get(&a)).cloned().unwrap_or_default();
            format!("{}\n{phone}", named(&people.names, s.account)).trim().to_owned()
        };
        here.map(person).collect::<Vec<_>>().join("\n")
    };
    let holiday = calendar.name(day).filter(|_| calendar.kind(day) == DayKind::Holiday);
    let holiday = holiday.map(|n| format!("\n{}", w.holiday(n))).unwrap_or_default();
    Row {
        day: format!("{}{holiday}", day_text(w, day)),
        time: format!("{}\u{2013}{end}", clock(from, tz)),
        off: !calendar.is_workday(day),
        people: kinds.iter().map(of).collect(),
    }
}

fn days_text(w: &Words, (from, until): (Day, Day)) -> String {
    w.t2("settings-days", ("from", &w.full_day(from, true)), ("to", &w.full_day(until, true)))
}

/// `GET /roster/print?from=2026-10-01&until=2026-10-08`
pub(in crate::features::roster) async fn print(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let (days, unit) = (asked.days(&staff.cx), unit_of(&asked.unit));
    let w = staff.words.clone();
    let table = staff.read(move |tx, cx| table(tx, cx, &w, unit, days)).await?;
    let w = staff.words.clone();
    let page = PrintPage {
        title: w.t1("roster-print-title", "office", &staff.cx.office.name),
        days: days_text(&w, days),
        table,
        hotline: staff.cx.office.settings.hotline.clone(),
        shell: staff.shell("roster").await?,
        w,
    };
    html(&page)
}

/// `GET /roster/export.xlsx?from=2026-10-01&until=2026-10-08`
pub(in crate::features::roster) async fn export(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let (days, unit) = (asked.days(&staff.cx), unit_of(&asked.unit));
    let w = staff.words.clone();
    let table = staff.read(move |tx, cx| table(tx, cx, &w, unit, days)).await?;
    let bytes = workbook(&staff.words, &staff.cx.office.name, &table, days).map_err(WebError::Failed)?;
    download(bytes, XLSX, &format!("roster-{}-{}.xlsx", days.0.0, days.1.0))
}

fn workbook(w: &Words, office: &str, table: &Table, days: (Day, Day)) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_landscape().set_paper_size(9);
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
    let cell = Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top);
    let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    let last = u16::try_from(table.kinds.len() + 1)?;
    let heading = w.t1("roster-print-title", "office", office);
    page.merge_range(0, 0, 0, last, &heading, &title).context("a workbook")?;
    page.merge_range(1, 0, 1, last, &format!("{} {}", table.unit, days_text(w, days)), &Format::new())?;
    let heads = [w.t("roster-date"), w.t("roster-time")].into_iter().chain(table.kinds.iter().cloned());
    for (column, text) in (0..).zip(heads) {
        page.write_string_with_format(2, column, &text, &head)?;
        page.set_column_width(column, if column == 0 { 24 } else { 20 })?;
    }
    for (line, row) in (3..).zip(&table.rows) {
        let cells = [&row.day, &row.time].into_iter().chain(&row.people);
        for (column, text) in (0..).zip(cells) {
            page.write_string_with_format(line, column, text, &cell)?;
        }
    }
    page.set_repeat_rows(2, 2)?;
    book.save_to_buffer().context("the workbook cannot be written")
}
