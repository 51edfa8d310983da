//! What Gezhi replaced 减负账: the tables that nobody keeps by hand any more, how many of their cells nobody filled in, and
//! what that is in minutes. Counted from records; every line has the list behind it.

use super::store as rows;
use crate::context::Cx;
use crate::features::documents::{kinds, service as documents};
use crate::features::tasks::model::Answer;
use crate::features::tasks::service::look::View;
use crate::features::upstream::form;
use kernel::{Day, Refusal, Ts};
use store::{Error, Result, Tx};

/// Seconds for a cell, until whoever looks says otherwise: an assumption, and said to be one.
pub const SECONDS: i64 = 5;
/// The most and the least seconds that may be said.
pub const SECONDS_RANGE: (i64, i64) = (1, 60);

/// Columns of the printed ledger of cases.
const LEDGER: i64 = 10;
/// Columns of a list of tickets from above: platform, number, received, deadline, unit, state, written back, receipt.
const UPPER: i64 = 8;
/// Columns of a duty list: day, shift, name.
const ROSTER: i64 = 3;

/// A table that is not kept by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// 诉求办理台账
    Ledger,
    /// 上级件台账
    Upper,
    /// 上级平台回填
    Reply,
    /// 报送汇总表
    Collated,
    /// 文书
    Document,
    /// 值班表
    Roster,
}

impl Table {
    /// All, in the order of the page.
    pub const ALL: [Table; 6] =
        [Table::Ledger, Table::Upper, Table::Reply, Table::Collated, Table::Document, Table::Roster];

    /// Whether an actor may read the records behind it: a line whose list stays shut is not shown.
    #[must_use]
    pub fn is_for(self, cx: &Cx) -> bool {
        match self {
            Table::Ledger | Table::Upper | Table::Reply | Table::Document => cx.actor.has("demands.read"),
            Table::Collated => !View::of(cx).is_empty(),
            Table::Roster => cx.actor.has("roster.read"),
        }
    }

    /// As the address says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Table::Ledger => "ledger",
            Table::Upper => "upper",
            Table::Reply => "reply",
            Table::Collated => "collated",
            Table::Document => "document",
            Table::Roster => "roster",
        }
    }

    /// Reads it from an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|t| t.as_str() == text)
    }
}

/// A line of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which table.
    pub table: Table,
    /// Records in it.
    pub records: i64,
    /// Cells that nobody filled in.
    pub cells: i64,
}

/// The page.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Seconds for a cell.
    pub seconds: i64,
}

impl Replaced {
    /// All cells.
    #[must_use]
    pub fn cells(&self) -> i64 {
        self.lines.iter().map(|l| l.cells).sum()
    }

    /// What some cells take by hand, in minutes, rounded down.
    #[must_use]
    pub fn minutes(&self, cells: i64) -> i64 {
        cells * self.seconds / 60
    }

    /// All minutes: the sum of what the lines say.
    #[must_use]
    pub fn minutes_of_all(&self) -> i64 {
        self.lines.iter().map(|l| self.minutes(l.cells)).sum()
    }

    /// Tables of which at least one record stands in the period.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.lines.iter().filter(|l| l.records > 0).count()
    }
}

/// Counts a period. May be called by whoever holds `stats.read`.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn count(tx: &mut Tx<'_>, cx: &Cx, period: (Day, Day), seconds: i64) -> Result<Replaced> {
    cx.actor.need("stats.read")?;
    let mut lines = Vec::new();
    for table in Table::ALL.into_iter().filter(|table| table.is_for(cx)) {
        let records = rows::replaced_count(tx, cx, table, span(cx, period))?;
        let cells = match table {
            Table::Ledger => records * LEDGER,
            Table::Upper => records * UPPER,
            Table::Roster => records * ROSTER,
            Table::Reply => reply_cells(tx, cx, period)?,
            Table::Collated => answer_cells(tx, cx, period)?,
            Table::Document => document_cells(tx, cx, period)?,
        };
        lines.push(Line { table, records, cells });
    }
    Ok(Replaced { lines, seconds: seconds.clamp(SECONDS_RANGE.0, SECONDS_RANGE.1) })
}

/// From the first instant of a period to the first after it.
fn span(cx: &Cx, (from, to): (Day, Day)) -> (Ts, Ts) {
    (from.start(&cx.office.tz), to.plus(1).start(&cx.office.tz))
}

/// The fields of each platform's form, for each ticket written back to it.
fn reply_cells(tx: &mut Tx<'_>, cx: &Cx, period: (Day, Day)) -> Result<i64> {
    let mut cells = 0;
    for (system, n) in rows::replied(tx, cx, span(cx, period))? {
        cells += n * i64::try_from(form::of(tx, cx, &system)?.len()).unwrap_or(0);
    }
    Ok(cells)
}

/// The cells of the answers that were merged, each as it was sent.
fn answer_cells(tx: &mut Tx<'_>, cx: &Cx, period: (Day, Day)) -> Result<i64> {
    let mut cells = 0;
    for text in rows::answers(tx, cx, span(cx, period))? {
        let answer: Answer = serde_json::from_str(&text).map_err(|e| Error::failed(e.to_string()))?;
        let rows: usize = answer.rows.iter().map(Vec::len).sum();
        let sentence = usize::from(!answer.sentence.trim().is_empty());
        cells += i64::try_from(rows + answer.figures.len() + sentence).unwrap_or(0);
    }
    Ok(cells)
}

/// The fields that were taken from the record; what was asked was written by hand.
fn document_cells(tx: &mut Tx<'_>, cx: &Cx, period: (Day, Day)) -> Result<i64> {
    let mut cells = 0;
    for (key, n) in rows::documents(tx, cx, span(cx, period))? {
        cells += n * documents::filled(tx, cx, kinds::find(&key)?)?;
    }
    Ok(cells)
}

/// A record behind a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is called.
    pub label: String,
    /// When it came into the table.
    pub at: Ts,
    /// Where it is looked at.
    pub href: String,
}

/// Records on a page.
pub const PAGE: i64 = 50;

/// The records of a line, the newest first, and how many there are.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn records(
    tx: &mut Tx<'_>,
    cx: &Cx,
    table: Table,
    period: (Day, Day),
    page: i64,
) -> Result<(i64, Vec<Record>)> {
    cx.actor.need("stats.read")?;
    if !table.is_for(cx) {
        return Err(Refusal::not_found().into());
    }
    let span = span(cx, period);
    Ok((rows::replaced_count(tx, cx, table, span)?, rows::replaced(tx, cx, table, span, page * PAGE)?))
}
