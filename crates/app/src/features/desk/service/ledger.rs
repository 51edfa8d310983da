//! A list of cases as it stood at the end of a day: each folded from what had been entered by then, so that paper says
//! what was known and no more.

use super::super::model::{CaseRow, Filter};
use super::super::names::Names;
use super::list;
use super::word_key;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::intake::service as intake;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{CaseState, Role};
use crate::words::Words;
use kernel::{Day, Ts};
use store::{Result, Tx};

/// Cases on one sheet at most.
pub const MOST: usize = 500;
/// Entered so much later than it happened is a late entry.
const LATE: i64 = 5 * Ts::MINUTE;

/// A line of the sheet.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// The case's number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// Where.
    pub place: String,
    /// The matter as it was classified then.
    pub matter: String,
    /// Who led then.
    pub unit: String,
    /// The state then.
    pub state: String,
    /// When it happened, or was said.
    pub occurred: String,
    /// When it was entered.
    pub recorded: String,
    /// Entered later than it happened.
    pub late: bool,
    /// The deadline of handling, as it stood then.
    pub due: String,
    /// When it was done; blank when it was not by then.
    pub done: String,
}

/// The sheet.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The lines, by day of entry.
    pub rows: Vec<LedgerRow>,
    /// Whether there are more than fit.
    pub cut: bool,
}

/// Reads the cases of a filter as they stood at the end of a day.
///
/// # Errors
/// A filter that cannot be read; when the database refuses.
pub fn read(tx: &mut Tx<'_>, cx: &Cx, w: &Words, filter: &Filter, as_of: Day) -> Result<Ledger> {
    let mut names = Names::read(tx, cx, w)?;
    let mut filter = filter.clone();
    list::read_words(tx, cx, &names, &mut filter)?;
    let found = list::all(tx, cx, &filter, MOST + 1)?;
    let mut out = Ledger { cut: found.len() > MOST, ..Ledger::default() };
    let end = as_of.plus(1).start(&w.tz);
    for row in found.iter().take(MOST) {
        out.rows.extend(line(tx, cx, w, &mut names, row, end)?);
    }
    out.rows.reverse();
    Ok(out)
}

/// A case as it stood before an instant; `None` when it had not been entered.
fn line(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    row: &CaseRow,
    end: Ts,
) -> Result<Option<LedgerRow>> {
    let mut events = events::list(tx, cx.office.id, Stream::Case, row.id.0)?;
    events.retain(|e| e.recorded_at < end);
    let Some(first) = events.first() else { return Ok(None) };
    let (occurred, recorded) = (first.occurred_at, first.recorded_at);
    let case = engine::fold_all(cx.office.id, row.id, &events)?;
    let occurred = intake::seen_at(tx, cx, case.report)?.unwrap_or(occurred);
    // Short enough to stand on one line of a narrow column.
    let day = |at: Ts| at.day(&w.tz).iso();
    let lead = case.assignments.iter().rev().find(|a| a.role == Role::Lead);
    Ok(Some(LedgerRow {
        no: case.no.clone(),
        title: case.title.clone(),
        place: names.place(case.at.grid.or(case.at.community).or(case.at.place)),
        matter: match case.matter {
            Some(id) => names.matter(tx, id)?.names.get(w.locale).to_owned(),
            None => String::new(),
        },
        unit: lead.map(|a| names.unit(a.unit)).unwrap_or_default(),
        state: w.t_or(&word_key("state", &case.state), &case.state),
        occurred: day(occurred),
        recorded: day(recorded),
        late: recorded.since(occurred) > LATE,
        due: due(&case).map(|at| minute(w, at)).unwrap_or_default(),
        done: case.done_at.or(case.closed_at).map(day).unwrap_or_default(),
    }))
}

fn minute(w: &Words, at: Ts) -> String {
    let local = at.zoned(&w.tz);
    format!("{} {:02}:{:02}", at.day(&w.tz).iso(), local.hour(), local.minute())
}

fn due(case: &CaseState) -> Option<Ts> {
    case.clocks.iter().rev().find(|c| c.kind == "handle").and_then(|c| c.due)
}
