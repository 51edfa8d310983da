//! What the demonstration plays with: people with their rights, units, matters, places, pictures, office hours.

use super::axis::Axis;
use super::chance::Chance;
use super::data::Data;
use super::pictures::Pictures;
use super::site::Sites;
use crate::actor::{Actor, Reach};
use crate::context::Cx;
use crate::features::catalogue::model::{Matter, RefusalRoute};
use crate::features::people::model::Unit;
use crate::features::people::{self, service::AccountFilter};
use crate::features::procedures::state::CaseState;
use crate::features::{catalogue, places};
use crate::installation::Installation;
use crate::words::{Locale, Words};
use ::store::{Result, Tx};
use kernel::{AccountId, PlaceId, Ts, UnitId};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that does not change while it is played.
pub(super) struct World {
    pub(super) data: Arc<Data>,
    /// The context of the program itself; steps take its office and keys.
    pub(super) cx: Cx,
    pub(super) now: Ts,
    pub(super) axis: Axis,
    pub(super) people: Vec<Actor>,
    pub(super) units: HashMap<String, Unit>,
    pub(super) matters: HashMap<String, Matter>,
    pub(super) routes: &'static [RefusalRoute],
    pub(super) sites: Sites,
    pub(super) pictures: Pictures,
    pub(super) words: Words,
}

impl World {
    /// Reads what [`super::office::make`] made.
    pub(super) fn read(
        installation: &Installation,
        data: &Arc<Data>,
        cx: &Cx,
        span: (Ts, Ts),
        pictures: Pictures,
    ) -> anyhow::Result<World> {
        let (here, logins) = (cx.clone(), data.staff.iter().map(|s| s.login.clone()).collect::<Vec<_>>());
        let body = move |tx: &mut Tx<'_>| {
            let units = people::service::units(tx, here.office.id)?;
            let people = load_people(tx, &here, &logins)?;
            let matters = catalogue::service::matters_on(tx, here.office.id, here.today())?;
            let book = places::service::book(tx, here.office.id)?;
            Ok((units, people, matters, book))
        };
        let (units, people, matters, book) =
            installation.db.read_now(body).map_err(|e| anyhow::anyhow!("{e}"))?;
        let tz = &cx.office.tz;
        Ok(World {
            axis: Axis::new(&cx.office.rules, span.0.day(tz), span.1.day(tz).plus(60)),
            people,
            units: units.into_iter().map(|u| (u.code.clone(), u)).collect(),
            matters: matters.into_iter().map(|m| (m.code.clone(), m)).collect(),
            routes: catalogue::service::refusal_routes().map_err(|e| anyhow::anyhow!("{e}"))?,
            sites: Sites::new(data, book),
            words: Words::new(Locale::Zh, tz, span.1),
            data: Arc::clone(data),
            cx: cx.clone(),
            now: span.1,
            pictures,
        })
    }

    /// One of the people who hold a right over the whole office and may see the case, none of `except`; those first
    /// in the staff list have the most to do.
    pub(super) fn desk(
        &self,
        verb: &str,
        case: Option<&CaseState>,
        except: &[AccountId],
        chance: &mut Chance,
    ) -> Option<&Actor> {
        let fits = |actor: &&Actor| {
            actor.reaches(verb).any(|r| r == Reach::Office)
                && case.is_none_or(|c| sees(actor, c))
                && actor.account.is_some_and(|a| !except.contains(&a))
        };
        let found: Vec<&Actor> = self.people.iter().filter(fits).collect();
        let weights: Vec<u32> = (1..=u32::try_from(found.len()).unwrap_or(0)).map(|i| 60 / (i * i)).collect();
        found.get(chance.weighted(&weights)).copied()
    }

    /// One of a unit's own people; `None` when nobody of it works here.
    pub(super) fn handler(&self, unit: UnitId, case: &CaseState, chance: &mut Chance) -> Option<&Actor> {
        let own = |a: &&Actor| {
            a.units.contains(&unit)
                && a.reaches("demands.handle").any(|r| r == Reach::Unit(unit))
                && sees(a, case)
        };
        let found: Vec<&Actor> = self.people.iter().filter(own).collect();
        let heads: Vec<u32> = (0..found.len()).map(|i| if i == 0 { 2 } else { 3 }).collect();
        found.get(chance.weighted(&heads)).copied()
    }

    /// Who answers for a grid.
    pub(super) fn grid_worker(&self, grid: PlaceId) -> Option<&Actor> {
        self.people.iter().find(|a| a.reaches("demands.report").any(|r| r == Reach::Grid(grid)))
    }

    /// The unit of a community.
    pub(super) fn community_unit(&self, community: Option<PlaceId>) -> Option<&Unit> {
        self.units.values().find(|u| u.kind == "community" && u.place.is_some() && u.place == community)
    }

    /// A unit's short name.
    pub(super) fn unit_name(&self, id: UnitId) -> String {
        self.units.values().find(|u| u.id == id).map(|u| u.short.clone()).unwrap_or_default()
    }

    /// Whether a unit is another one or lies under it.
    pub(super) fn is_under(&self, unit: UnitId, above: UnitId) -> bool {
        let mut next = Some(unit);
        // The tree is no deeper than this; a damaged one must not hang.
        for _ in 0..16 {
            match next {
                Some(id) if id == above => return true,
                Some(id) => next = self.units.values().find(|u| u.id == id).and_then(|u| u.parent),
                None => return false,
            }
        }
        false
    }

    /// A phrase all stories share.
    pub(super) fn phrase(&self, table: &str, key: &str, chance: &mut Chance) -> String {
        chance.pick(self.data.phrases.of(table, key)).cloned().unwrap_or_default()
    }
}

/// Whether an actor may read a case of this class and subject at all.
pub(super) fn sees(actor: &Actor, case: &CaseState) -> bool {
    let class = match case.class.as_str() {
        "petition" => actor.has("demands.read_petition"),
        "report" => actor.has("demands.read_report"),
        "protected" => actor.has("demands.read_protected"),
        _ => true,
    };
    class
        && case.subject_unit.is_none_or(|s| !actor.unit_line.contains(&s))
        && (case.subject_known || actor.is_intake())
}

fn load_people(tx: &mut Tx<'_>, cx: &Cx, logins: &[String]) -> Result<Vec<Actor>> {
    let mut ids: HashMap<String, AccountId> = HashMap::new();
    let mut filter = AccountFilter::default();
    loop {
        let page = people::service::accounts(tx, cx, &filter)?;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.account.sort_key.clone(), last.account.id));
        ids.extend(page.iter().map(|v| (v.account.login.clone(), v.account.id)));
    }
    let mut out = Vec::new();
    for login in logins {
        let Some(id) = ids.get(login) else { continue };
        out.extend(people::service::actor(tx, cx.office.id, *id, cx.now)?);
    }
    Ok(out)
}
