//! The knowledge base of the demo office: entries of different age, some of them due for a second look, one changed
//! since, two that somebody says are wrong.

use super::chance::Chance;
use super::world::World;
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::knowledge::book;
use crate::features::knowledge::model::Given;
use crate::features::knowledge::service;
use crate::sheet;
use ::store::{Error, Result, Tx};
use kernel::Ts;

/// The first review lies so many days before now, each later one so many after it.
const OVERDUE: i64 = 33;
const APART: i64 = 16;
/// How long ago the second version was written, and the reports.
const CHANGED: i64 = 20 * Ts::DAY;
const SAID: i64 = 3 * Ts::DAY;

/// What the office knew from its first day.
pub(super) fn lay(tx: &mut Tx<'_>, world: &World) -> Result<()> {
    let grid = sheet::read_file(&world.data.knowledge, book::is_header_word)?;
    let (mut rows, wrong) = book::read(tx, &world.cx, &grid)?;
    if let Some(first) = wrong.first() {
        return Err(Error::failed(format!("demo/knowledge.csv: {first:?}")));
    }
    let today = world.now.day(&world.cx.office.tz);
    for (row, days) in rows.iter_mut().zip((-OVERDUE..).step_by(usize::try_from(APART).unwrap_or(1))) {
        row.review = today.plus(days);
    }
    book::take(tx, &world.cx, &rows, true).map(|_| ())
}

/// What has happened to it since.
pub(super) fn live(tx: &mut Tx<'_>, world: &World, seed: u64) -> Result<()> {
    let mut chance = Chance::new(seed, 0x6b);
    let at = |ago: i64, actor: &Actor| Cx {
        now: world.now.plus(-ago),
        actor: actor.clone(),
        source: Source::Web,
        ..world.cx.clone()
    };
    let entries = service::list(tx, &world.cx)?;
    let mut by_age = entries.iter().rev().skip(4);
    let desk = world.desk("knowledge.review", None, &[], &mut chance);
    if let (Some(entry), Some(desk)) = (by_age.next(), desk) {
        let cx = at(CHANGED, desk);
        let mut content = entry.content.clone();
        content.answer.push_str(&world.phrase("knowledge", "added", &mut chance));
        let review = entry.review.max(cx.today().plus(120));
        let given = service::save(tx, &cx, Some((entry.id, entry.latest)), (entry.unit, review), &content)?;
        service::publish(tx, &cx, given.entry, given.version)?;
    }
    for key in ["fault_hours", "fault_place"] {
        let reason = world.phrase("knowledge", key, &mut chance);
        let (Some(entry), Some(desk)) = (by_age.next(), world.desk("demands.accept", None, &[], &mut chance))
        else {
            break;
        };
        let given = Given { entry: entry.id, version: entry.latest };
        service::report_fault(tx, &at(SAID, desk), given, &reason)?;
    }
    Ok(())
}
