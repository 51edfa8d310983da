//! Some letters of the last days: notices of refusal, one of them void, and a supervision letter.

use super::chance::Chance;
use super::store as rows;
use super::world::World;
use crate::context::{Cx, Source};
use crate::features::documents::kinds;
use crate::features::documents::service::{self, Order};
use ::store::{Result, Tx, args};
use kernel::{CaseId, Ts};

/// How many notices of refusal there are.
const REFUSALS: i64 = 3;

pub(super) fn issue(tx: &mut Tx<'_>, world: &World, seed: u64) -> Result<()> {
    let mut chance = Chance::new(seed, 0x64);
    let office = world.cx.office.id;
    let refused = tx.query(&rows::ENDED, args![office, "refused", REFUSALS], |row| row.get::<CaseId>(0))?;
    let pressed = tx.query(&rows::PRESSED, args![office, 1], |row| row.get::<CaseId>(0))?;
    let mut issued = Vec::new();
    let all = refused.iter().map(|c| ("refusal", "demands.accept", *c));
    let all = all.chain(pressed.iter().map(|c| ("supervision", "demands.supervise", *c)));
    for (nth, (key, verb, case)) in (0i64..).zip(all) {
        let Some(desk) = world.desk(verb, None, &[], &mut chance) else { continue };
        let at = world.now.plus(-(40 - nth * 9) * Ts::MINUTE);
        let cx = Cx { now: at, actor: desk.clone(), source: Source::Web, ..world.cx.clone() };
        let words = world.words.at(at);
        let kind = kinds::find(key)?;
        let Ok((_, draft, _)) = service::draft(tx, &cx, &words, case, kind) else { continue };
        // A letter that the record cannot fill is nobody's letter.
        if draft.asks.iter().any(|(_, text)| text.is_empty()) {
            continue;
        }
        let order = Order { asks: draft.asks.into_iter().collect(), reveal: None };
        issued.push((cx.clone(), service::issue(tx, &cx, &words, case, (kind, &order))?));
    }
    if let (Some((cx, id)), true) = (issued.get(1), issued.len() > 2) {
        service::void(tx, cx, *id, &world.phrase("documents", "void", &mut chance))?;
    }
    Ok(())
}
