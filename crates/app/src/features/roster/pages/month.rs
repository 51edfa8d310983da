//! The month as a grid, with who is on duty now and what waits for oneself.

use super::{Names, all_names, clock, named, shift_text, unit_choices, unit_of};
use crate::context::Cx;
use crate::features::roster::model::{Setup, Shift, Swap};
use crate::features::roster::service::{self, kind_name};
use crate::features::roster::strip::{self, Strip};
use crate::features::roster::{making, swaps};
use crate::web::{Answer, Query, Shell, Staff, html};
use crate::words::Words;
use askama::Template;
use kernel::{Day, Ts, UnitId};
use serde::Deserialize;
use store::{Result, Tx};
use worktime::DayKind;

/// One line in a cell.
struct LineView {
    kind: String,
    name: String,
    time: String,
    href: String,
    mine: bool,
}

struct Cell {
    number: i64,
    text: String,
    class: &'static str,
    name: String,
    lines: Vec<LineView>,
}

pub(super) struct SwapView {
    pub(super) id: i64,
    pub(super) text: String,
    pub(super) note: String,
}

struct Mine {
    href: String,
    text: String,
    kind: String,
}

struct Seen {
    strips: Vec<Strip>,
    next: String,
    weeks: Vec<Vec<Option<Cell>>>,
    units: Vec<(String, String, bool)>,
    asked: Vec<SwapView>,
    asking: Vec<SwapView>,
    approve: Vec<SwapView>,
    told: Vec<SwapView>,
    mine: Vec<Mine>,
    drafts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "roster_month.html")]
struct MonthPage {
    w: Words,
    shell: Shell,
    seen: Seen,
    edit: bool,
    arrange: bool,
    title: String,
    weekdays: Vec<String>,
    prev: String,
    next: String,
    unit: String,
    month: String,
    first: String,
    last: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Asked {
    month: String,
    unit: String,
}

/// The first day of a month written `2026-10`, or of the current one.
fn first_day(text: &str, today: Day) -> Day {
    let first = Day::parse(&format!("{}-01", text.trim())).unwrap_or(Day(today.0 / 100 * 100 + 1));
    if (20_000_101..=21_001_231).contains(&first.0) { first } else { Day(today.0 / 100 * 100 + 1) }
}

fn next_month(first: Day) -> Day {
    Day(first.plus(31).0 / 100 * 100 + 1)
}

fn month_text(first: Day) -> String {
    format!("{:04}-{:02}", first.0 / 10_000, first.0 / 100 % 100)
}

/// `GET /roster?month=2026-10&unit=7`
pub(in crate::features::roster) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let unit = unit_of(&asked.unit);
    let first = first_day(&asked.month, staff.cx.today());
    let (w, after) = (staff.words.clone(), next_month(first));
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, unit, first)).await?;
    let w = staff.words.clone();
    let monday = Day(20_240_101);
    let page = MonthPage {
        shell: staff.shell("roster").await?,
        edit: staff.has("roster.edit"),
        arrange: service::may_edit(&staff.cx, None),
        title: w.t2("roster-month", ("year", &(first.0 / 10_000)), ("month", &(first.0 / 100 % 100))),
        weekdays: (0..7).map(|n| w.weekday(monday.plus(n))).collect(),
        prev: month_text(first.plus(-1)),
        next: month_text(after),
        month: month_text(first),
        unit: unit.map(|u| u.0.to_string()).unwrap_or_default(),
        first: first.iso(),
        last: after.plus(-1).iso(),
        seen,
        w,
    };
    html(&page)
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, unit: Option<UnitId>, first: Day) -> Result<Seen> {
    let (setup, _) = service::setup(tx, cx)?;
    let names = all_names(tx, cx)?;
    let tz = &cx.office.tz;
    let after = next_month(first);
    let shifts = service::published(tx, cx, unit, first.start(tz), after.start(tz))?;
    let waiting = swaps::waiting(tx, cx)?;
    let mut views = |list: &[Swap]| -> Result<Vec<SwapView>> {
        list.iter().map(|swap| swap_view(tx, cx, w, &names, swap)).collect()
    };
    let (asked, asking) = (views(&waiting.asked)?, views(&waiting.asking)?);
    let (approve, told) = (views(&waiting.approve)?, views(&waiting.told)?);
    let mine = service::mine(tx, cx)?;
    let drafts = if cx.actor.has("roster.edit") { making::drafts(tx, cx)? } else { Vec::new() };
    Ok(Seen {
        strips: strip::now(tx, cx, w)?,
        next: next(tx, cx, w, &setup, &names)?,
        weeks: weeks(cx, w, &setup, &names, &shifts, first),
        units: unit_choices(tx, cx, w, unit)?,
        asked,
        asking,
        approve,
        told,
        mine: mine.iter().take(8).map(|s| mine_view(cx, w, &setup, s)).collect(),
        drafts: drafts
            .iter()
            .map(|r| {
                let days = w.t2(
                    "settings-days",
                    ("from", &super::day_text(w, r.from)),
                    ("to", &super::day_text(w, r.until)),
                );
                (format!("/roster/drafts/{}", r.id), days)
            })
            .collect(),
    })
}

fn mine_view(cx: &Cx, w: &Words, setup: &Setup, shift: &Shift) -> Mine {
    Mine {
        href: format!("/roster/shifts/{}", shift.id),
        text: shift_text(w, cx, shift.from, shift.until),
        kind: kind_name(w, setup, &shift.kind),
    }
}

/// The shift after the one that runs, in words; blank when none is set.
fn next(tx: &mut Tx<'_>, cx: &Cx, w: &Words, setup: &Setup, names: &Names) -> Result<String> {
    let coming = service::published(tx, cx, None, cx.now, cx.now.plus(2 * Ts::DAY))?;
    let Some(begins) = coming.iter().map(|s| s.from).filter(|from| *from > cx.now).min() else {
        return Ok(String::new());
    };
    let people: Vec<String> = coming
        .iter()
        .filter(|s| s.from == begins)
        .map(|s| format!("{} {}", kind_name(w, setup, &s.kind), named(names, s.account)))
        .collect();
    Ok(w.t2("roster-next", ("when", &w.when(begins)), ("people", &people.join(&w.t("list-joint")))))
}

/// What a swap is about, in words.
pub(super) fn swap_view(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &Names, swap: &Swap) -> Result<SwapView> {
    let given = service::shift(tx, cx, swap.shift)?;
    let (asker, asked) = (named(names, Some(swap.asker)), named(names, Some(swap.asked)));
    let given = shift_text(w, cx, given.from, given.until);
    let text = match swap.other {
        Some(other) => {
            let taken = service::shift(tx, cx, other)?;
            let taken = shift_text(w, cx, taken.from, taken.until);
            let args = [("asker", asker), ("asked", asked), ("given", given), ("taken", taken)];
            w.ta("roster-swap-exchange", &args)
        }
        None => w.ta("roster-swap-give", &[("asker", asker), ("asked", asked), ("given", given)]),
    };
    Ok(SwapView { id: swap.id, text, note: swap.note.clone() })
}

fn weeks(
    cx: &Cx,
    w: &Words,
    setup: &Setup,
    names: &Names,
    shifts: &[Shift],
    first: Day,
) -> Vec<Vec<Option<Cell>>> {
    let after = next_month(first);
    let lead = first.date().map_or(0, |d| usize::try_from(d.weekday().to_monday_zero_offset()).unwrap_or(0));
    let mut cells: Vec<Option<Cell>> = (0..lead).map(|_| None).collect();
    cells.extend(
        (0..31)
            .map(|n| first.plus(n))
            .take_while(|day| *day < after)
            .map(|day| Some(cell(cx, w, setup, names, shifts, day))),
    );
    while !cells.len().is_multiple_of(7) {
        cells.push(None);
    }
    let mut out = Vec::new();
    let mut cells = cells.into_iter().peekable();
    while cells.peek().is_some() {
        out.push(cells.by_ref().take(7).collect());
    }
    out
}

fn cell(cx: &Cx, w: &Words, setup: &Setup, names: &Names, shifts: &[Shift], day: Day) -> Cell {
    let (tz, calendar) = (&cx.office.tz, &cx.office.rules.calendar);
    let class = match calendar.kind(day) {
        _ if day == cx.today() => "today",
        DayKind::Holiday => "holiday",
        DayKind::Weekend => "weekend",
        DayKind::Workday | DayKind::Adjusted => "",
    };
    let mut today: Vec<&Shift> = shifts.iter().filter(|s| s.from.day(tz) == day).collect();
    let order = |s: &Shift| setup.kinds.iter().position(|k| k.key == s.kind).unwrap_or(usize::MAX);
    today.sort_by_key(|s| (s.from, order(s), s.id));
    let several = today.iter().any(|s| Some(s.from) != today.first().map(|f| f.from));
    let lines = today
        .iter()
        .map(|s| LineView {
            kind: kind_name(w, setup, &s.kind),
            name: named(names, s.account),
            time: if several { clock(s.from, tz) } else { String::new() },
            href: format!("/roster/shifts/{}", s.id),
            mine: s.account.is_some() && s.account == cx.actor.account,
        })
        .collect();
    let name = calendar.name(day).filter(|_| calendar.kind(day) == DayKind::Holiday);
    Cell {
        number: day.0 % 100,
        text: super::day_text(w, day),
        class,
        name: name.map(|n| w.holiday(n)).unwrap_or_default(),
        lines,
    }
}
