//! What is raised by itself: an urgent case when it comes to the desk and again when it comes to a unit, and the last
//! warning of a unit's clock. Found by looking at the rows, once for each cause, so that nothing is told twice and
//! nothing is lost with a process.
//!
//! In office hours a message goes to the unit's own people, and on to whoever is on duty; outside them to whoever is on
//! duty at the unit, else for the office, one after the other.

use super::robots;
use super::service::{To, put, seeing, steps};
use super::store::{self as rows, NewRow};
use crate::actor::Reach;
use crate::context::Cx;
use crate::features::people::service as people;
use crate::features::roster::service as roster;
use ::store::{Result, Tx};
use kernel::{CaseId, Ts, UnitId};

/// What happened longer ago is no news.
const FRESH: i64 = 12 * Ts::HOUR;

/// Whether there is anything to raise.
///
/// # Errors
/// When the database refuses.
pub fn waits(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    Ok(!rows::urgent(tx, cx, cx.now.plus(-FRESH))?.is_empty() || !rows::warned(tx, cx)?.is_empty())
}

/// Raises it; true when there may be more.
///
/// # Errors
/// When the database refuses.
pub fn raise(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    let urgent = rows::urgent(tx, cx, cx.now.plus(-FRESH))?;
    let warned = rows::warned(tx, cx)?;
    let more = urgent.len() + warned.len() >= 50;
    for (case, unit, due) in urgent {
        let key = format!("{}/{}", case.0, unit.map_or(0, |u| u.0));
        tell(tx, cx, &Cause { name: "urgent", key: &key, urgent: true, case, unit, due })?;
    }
    for clock in warned {
        let key = clock.clock.to_string();
        let (case, unit, due) = (clock.case, Some(clock.unit), clock.due);
        tell(tx, cx, &Cause { name: "clock", key: &key, urgent: false, case, unit, due })?;
    }
    Ok(more)
}

struct Cause<'a> {
    name: &'a str,
    key: &'a str,
    urgent: bool,
    case: CaseId,
    unit: Option<UnitId>,
    due: Option<Ts>,
}

fn tell(tx: &mut Tx<'_>, cx: &Cx, cause: &Cause<'_>) -> Result<()> {
    let open = cx.office.rules.is_open(cx.now);
    let mut to: Vec<To> = Vec::new();
    if open {
        to.extend(of_unit(tx, cx, cause.unit)?);
    }
    let on = roster::on_duty(tx, cx, cause.unit, cx.now)?;
    let next = |to: &[To]| to.iter().map(|(_, step, _)| step + 1).max().unwrap_or(0);
    let step = next(&to);
    to.extend(steps(&on, step));
    if on.first().is_some_and(|d| d.unit.is_some()) {
        // A unit's own duty is silent: the office's is next.
        let office = roster::on_duty(tx, cx, None, cx.now)?;
        let step = next(&to);
        to.extend(steps(&office, step));
    }
    let mut to = seeing(tx, cx, Some(cause.case), to)?;
    if to.is_empty() && cause.urgent {
        let desk: Vec<To> = desk(tx, cx)?;
        to = seeing(tx, cx, Some(cause.case), desk)?;
    }
    let row = NewRow {
        text: "",
        urgent: cause.urgent,
        each: false,
        cause: cause.name,
        key: cause.key,
        case: Some(cause.case),
        due: cause.due,
        silent_minutes: roster::setup(tx, cx)?.0.silent_minutes,
    };
    if let Some(id) = put(tx, cx, &row, &to)?
        && cause.urgent
    {
        robots::post(tx, cx, id)?;
    }
    Ok(())
}

/// Whoever handles cases in a unit; before a unit has it, the desk.
fn of_unit(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<Vec<To>> {
    let Some(unit) = unit else { return desk(tx, cx) };
    let holders = people::holders(tx, cx, "demands.handle")?;
    let own = holders.into_iter().filter(|(_, reach)| *reach == Reach::Unit(unit));
    Ok(own.map(|(account, _)| (account, 0, "unit")).collect())
}

/// Whoever takes cases in or gives them on.
fn desk(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<To>> {
    let mut out: Vec<To> = Vec::new();
    for verb in ["demands.accept", "demands.dispatch"] {
        for (account, reach) in people::holders(tx, cx, verb)? {
            if reach == Reach::Office && !out.iter().any(|(known, _, _)| *known == account) {
                out.push((account, 0, "desk"));
            }
        }
    }
    Ok(out)
}
