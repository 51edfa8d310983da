//! What the records say at first sight: what is late today, which places come back, which unit returns most, through
//! which channels and in which months it came. Every number carries the list behind it. No figure is by person.

use super::store::{self as rows, Again};
use crate::context::Cx;
use crate::features::indicators::model::{Ask, By, Counts, Row};
use crate::features::indicators::service as indicators;
use crate::web::encode;
use crate::words::Words;
use kernel::Day;
use store::{Result, Tx};

/// Places that come back on the page.
pub const PLACES: i64 = 20;
/// Within so many days the same trouble at the same place comes back.
pub const WINDOW: i64 = 90;
/// Months of the trend.
const MONTHS: usize = 13;

/// A number with the list behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// The number.
    pub n: i64,
    /// Its records.
    pub href: String,
}

/// A line of a table: who, how many of how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub label: String,
    /// The number.
    pub above: Number,
    /// Of which; blank address where there is none.
    pub below: Number,
}

impl Line {
    /// The share in tenths of a percent.
    fn share(&self) -> i64 {
        if self.below.n == 0 { 0 } else { self.above.n * 1_000 / self.below.n }
    }

    /// The share as people read it.
    #[must_use]
    pub fn percent(&self) -> String {
        format!("{}.{}%", self.share() / 10, self.share() % 10)
    }
}

/// A place that comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// The place in words.
    pub place: String,
    /// The matter.
    pub matter: String,
    /// How often, with the cases.
    pub count: Number,
}

/// The first look.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Open and past a deadline.
    pub late: Number,
    /// The same by unit.
    pub late_by: Vec<Line>,
    /// Open.
    pub open: Number,
    /// All reports.
    pub received: Number,
    /// The places that come back, and the days looked at.
    pub back: Vec<Back>,
    /// The days.
    pub window: Option<(Day, Day)>,
    /// Returned parts by unit, of parts sent here.
    pub returns: Vec<Line>,
    /// The same of cases that came with a workbook, by its own column.
    pub returns_brought: Vec<Line>,
    /// By channel.
    pub channels: Vec<Line>,
    /// By month, the last ones.
    pub months: Vec<Line>,
}

/// The list behind a row of a figure.
///
/// # Errors
/// `stats.indicator.unknown`.
pub fn href(key: &str, link: &str, below: bool) -> Result<String> {
    if link.is_empty() {
        return Ok(String::new());
    }
    let side = if below { "&side=below" } else { "" };
    Ok(match indicators::find(key)?.counts {
        Counts::Cases => format!("/cases?{link}{side}"),
        _ => format!("/stats/{key}/records?{link}{side}"),
    })
}

pub(super) fn total(tx: &mut Tx<'_>, cx: &Cx, w: &Words, key: &str, ask: &Ask) -> Result<Number> {
    let row = indicators::total(tx, cx, w, key, ask)?;
    Ok(Number { n: row.numerator.unwrap_or(0), href: href(key, &row.link, false)? })
}

/// A figure's rows as lines.
pub(super) fn lines(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    (key, by): (&str, By),
    ask: &Ask,
) -> Result<Vec<Line>> {
    let figure = indicators::compute(tx, cx, w, key, &Ask { by, ..ask.clone() })?;
    figure.rows.into_iter().map(|row| line(key, row)).collect()
}

fn line(key: &str, row: Row) -> Result<Line> {
    Ok(Line {
        above: Number { n: row.numerator.unwrap_or(0), href: href(key, &row.link, false)? },
        below: match row.denominator {
            Some(n) => Number { n, href: href(key, &row.link, true)? },
            None => Number::default(),
        },
        label: row.label,
    })
}

/// Looks at everything that the actor may see. May be called by whoever holds `stats.read`; writes nothing.
///
/// # Errors
/// `common.forbidden`.
pub fn look(tx: &mut Tx<'_>, cx: &Cx, w: &Words) -> Result<Look> {
    let all = Ask::default();
    let mut late_by = lines(tx, cx, w, ("demand.overdue", By::Unit), &all)?;
    late_by.retain(|l| l.above.n > 0);
    let mut months = lines(tx, cx, w, ("demand.received", By::Month), &all)?;
    months.retain(|l| l.above.n > 0);
    let months = months.split_off(months.len().saturating_sub(MONTHS));
    let window = window(tx, cx)?;
    let back = match window {
        Some(days) => back(tx, cx, w, days)?,
        None => Vec::new(),
    };
    Ok(Look {
        late: total(tx, cx, w, "demand.overdue", &all)?,
        late_by,
        open: total(tx, cx, w, "demand.open", &all)?,
        received: total(tx, cx, w, "demand.received", &all)?,
        back,
        window,
        returns: returns(tx, cx, w, &all)?,
        returns_brought: returns_brought(tx, cx, w, &all)?,
        channels: lines(tx, cx, w, ("demand.received", By::Channel), &all)?,
        months,
    })
}

/// The last ninety days; where nothing came in in them, the ninety days to the last report.
fn window(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<(Day, Day)>> {
    let Some((_, last)) = indicators::span(tx, cx)? else { return Ok(None) };
    let today = cx.today();
    let to = if last < today.plus(-WINDOW) { last } else { today };
    Ok(Some((to.plus(1 - WINDOW), to)))
}

fn back(tx: &mut Tx<'_>, cx: &Cx, w: &Words, (from, to): (Day, Day)) -> Result<Vec<Back>> {
    if !cx.actor.has("demands.read") {
        return Ok(Vec::new());
    }
    let tz = &cx.office.tz;
    let span = (from.start(tz), to.plus(1).start(tz));
    let found = rows::again(tx, cx, w.locale, span, PLACES)?;
    Ok(found.into_iter().map(|again| shown(again, from, to)).collect())
}

fn shown(again: Again, from: Day, to: Day) -> Back {
    let condition = condition(&again);
    let href = format!("/cases?from={}&to={}&where={}", from.iso(), to.iso(), encode(&condition));
    let place = [again.place.1.as_str(), again.address.as_str()].join(" ").trim().to_owned();
    Back { place, matter: again.matter.1, count: Number { n: again.count, href } }
}

/// The same place and matter, as a list is asked for it.
fn condition(again: &Again) -> String {
    let text = |t: &str| format!("\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\""));
    let place = if again.place.0.is_empty() {
        "case.place == null".to_owned()
    } else {
        format!("case.place == {}", text(&again.place.0))
    };
    format!(
        "case.counted && {place} && case.address == {} && case.matter == {}",
        text(&again.address),
        text(&again.matter.0)
    )
}

/// Counted at the unit that returned; units that returned nothing are left out.
fn returns(tx: &mut Tx<'_>, cx: &Cx, w: &Words, ask: &Ask) -> Result<Vec<Line>> {
    let mut out = lines(tx, cx, w, ("demand.return_rate", By::Unit), ask)?;
    out.retain(|l| l.above.n > 0);
    out.sort_by_key(|l| (-l.share(), -l.above.n, l.label.clone()));
    Ok(out)
}

/// Cases that a workbook brought tell only how often they were returned, not by whom: counted at the row's unit.
fn returns_brought(tx: &mut Tx<'_>, cx: &Cx, w: &Words, ask: &Ask) -> Result<Vec<Line>> {
    const ALL: &str = "case.dispatched_at == null && case.unit != null";
    let filter = |f: &str| Ask { filter: Some(f.to_owned()), ..ask.clone() };
    let some = format!("{ALL} && case.returns > 0");
    let returned = lines(tx, cx, w, ("demand.accepted", By::Unit), &filter(&some))?;
    if returned.iter().all(|l| l.above.n == 0) {
        return Ok(Vec::new());
    }
    let received = lines(tx, cx, w, ("demand.accepted", By::Unit), &filter(ALL))?;
    let mut out: Vec<Line> = returned
        .into_iter()
        .filter(|l| l.above.n > 0)
        .map(|l| {
            let below = received.iter().find(|r| r.label == l.label).map(|r| r.above.clone());
            Line { below: below.unwrap_or_default(), ..l }
        })
        .collect();
    out.sort_by_key(|l| (-l.share(), -l.above.n, l.label.clone()));
    Ok(out)
}
