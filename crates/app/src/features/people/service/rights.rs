//! From posts to rights: what an account may do now, and whether somebody else may.

use crate::actor::{Actor, ActorKind, Grant, Reach};
use crate::context::Cx;
use crate::features::people::model::{ScopeKind, Site};
use crate::features::people::store::grants::{self, Right};
use crate::features::people::store::structure;
use kernel::{AccountId, OfficeId, PlaceId, Refusal, Ts, UnitId};
use store::{Result, Tx};

/// The actor that an account is now: all rights of all posts held, acting ones included; `None` when the
/// account is not there, locked or closed. One query for the rights, one for the units above; a third only
/// for a post that answers for a place between the office's home and a community.
///
/// # Errors
/// When the database refuses.
pub fn actor(tx: &mut Tx<'_>, office: OfficeId, account: AccountId, now: Ts) -> Result<Option<Actor>> {
    let rows = grants::rights(tx, office, account, now)?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut actor = Actor {
        office,
        kind: ActorKind::Staff,
        account: Some(account),
        name: first.name.clone(),
        post: first.post,
        unit: first.unit,
        units: Vec::new(),
        unit_line: Vec::new(),
        grants: Vec::new(),
    };
    for row in &rows {
        if let Some(unit) = row.unit.filter(|unit| !actor.units.contains(unit)) {
            actor.units.push(unit);
        }
        for grant in granted(tx, office, row)? {
            if !actor.grants.iter().any(|g| g.verb == grant.verb && g.reach == grant.reach) {
                actor.grants.push(grant);
            }
        }
    }
    if !actor.units.is_empty() {
        actor.unit_line = grants::unit_line(tx, office, account, now)?;
    }
    keep_apart(&mut actor.grants);
    Ok(Some(actor))
}

/// What one role on one post brings.
fn granted(tx: &mut Tx<'_>, office: OfficeId, row: &Right) -> Result<Vec<Grant>> {
    let (Some(post), Some(unit)) = (row.post, row.unit) else { return Ok(Vec::new()) };
    let places = if row.grants.iter().any(|g| g.scope == ScopeKind::Place) {
        place_reach(tx, office, row)?
    } else {
        Vec::new()
    };
    let mut out = Vec::new();
    for grant in &row.grants {
        let verb = &grant.verb;
        let one = |reach: Reach| Grant { verb: verb.clone(), reach, post };
        match grant.scope {
            ScopeKind::Office => out.push(one(Reach::Office)),
            ScopeKind::Unit => out.push(one(Reach::Unit(unit))),
            ScopeKind::Place => out.extend(places.iter().map(|reach| one(*reach))),
        }
    }
    Ok(out)
}

/// How far the place of a post reaches. A place finer than a grid reaches its grid, the finest that scope
/// compiles to (DECISIONS 18); the office's home, or a place above it, reaches the office; a street of an
/// office with several reaches its communities; a post without place reaches nothing.
fn place_reach(tx: &mut Tx<'_>, office: OfficeId, row: &Right) -> Result<Vec<Reach>> {
    let Some(place) = row.place else { return Ok(Vec::new()) };
    if let Some(grid) = row.grid {
        return Ok(vec![Reach::Grid(grid)]);
    }
    if let Some(community) = row.community {
        return Ok(vec![Reach::Community(community)]);
    }
    if row.home == Some(place) || row.place_parent.is_none() {
        return Ok(vec![Reach::Office]);
    }
    Ok(structure::communities_below(tx, office, place)?.into_iter().map(Reach::Community).collect())
}

/// The three administrators of STANDARDS §6.2, known by their rights and not by a role's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Administrator {
    /// Accounts and parameters.
    System,
    /// Grants.
    Security,
    /// The log.
    Audit,
}

impl Administrator {
    /// Which administrator a right makes, if any.
    #[must_use]
    pub fn of(verb: &str) -> Option<Administrator> {
        match verb {
            "people.edit" | "settings.edit" | "packs.edit" => Some(Administrator::System),
            "roles.grant" => Some(Administrator::Security),
            "audit.read" => Some(Administrator::Audit),
            _ => None,
        }
    }

    /// For words and events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Administrator::System => "system",
            Administrator::Security => "security",
            Administrator::Audit => "audit",
        }
    }
}

/// Whether a right shows or moves business data: everything but the administration itself and what every
/// desk may look up.
#[must_use]
pub fn is_business(verb: &str) -> bool {
    let capability = verb.split('.').next().unwrap_or_default();
    !matches!(capability, "people" | "roles" | "settings" | "packs" | "audit")
        && !matches!(verb, "places.read" | "catalogue.read" | "roster.read" | "knowledge.read")
}

/// The second lock of the separation, at session time: rights that may not meet lose their
/// administrative part, whatever the tables say.
fn keep_apart(grants: &mut Vec<Grant>) {
    let kinds: Vec<Administrator> = grants.iter().filter_map(|g| Administrator::of(&g.verb)).collect();
    let audit = kinds.contains(&Administrator::Audit);
    let other = kinds.iter().any(|kind| *kind != Administrator::Audit);
    let business = grants.iter().any(|g| is_business(&g.verb));
    if (audit && other) || (!kinds.is_empty() && business) {
        grants.retain(|g| Administrator::of(&g.verb).is_none());
    }
}

/// Whether an active account other than `except` holds a right that covers a site now. Where nobody else
/// does, the one who handled a case may verify it and it is marked 自核 (DESIGN §4).
///
/// # Errors
/// When the database refuses.
pub fn others_with(tx: &mut Tx<'_>, cx: &Cx, verb: &str, site: Site, except: &[AccountId]) -> Result<bool> {
    let office = cx.office.id;
    for row in grants::everybodys_rights(tx, office, cx.now)? {
        if except.contains(&row.account) || !row.grants.iter().any(|g| g.verb == verb) {
            continue;
        }
        if granted(tx, office, &row)?.iter().any(|g| g.verb == verb && site.within(g.reach)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who holds a right now, and how far it reaches; by account.
///
/// # Errors
/// When the database refuses.
pub fn holders(tx: &mut Tx<'_>, cx: &Cx, verb: &str) -> Result<Vec<(AccountId, Reach)>> {
    let office = cx.office.id;
    let mut out = Vec::new();
    for row in grants::everybodys_rights(tx, office, cx.now)? {
        if !row.grants.iter().any(|g| g.verb == verb) {
            continue;
        }
        let reaches = granted(tx, office, &row)?;
        out.extend(reaches.into_iter().filter(|g| g.verb == verb).map(|g| (row.account, g.reach)));
    }
    out.sort_by_key(|(account, _)| *account);
    out.dedup();
    Ok(out)
}

/// How many people administer now, and who: distinct accounts that hold an administrator's right.
pub(super) fn administrators(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<AccountId>> {
    let mut out: Vec<AccountId> = grants::everybodys_rights(tx, office, now)?
        .into_iter()
        .filter(|row| row.grants.iter().any(|g| Administrator::of(&g.verb).is_some()))
        .map(|row| row.account)
        .collect();
    out.sort_unstable();
    out.dedup();
    Ok(out)
}

/// Refuses an entry on behalf of a unit 代录 that the actor may not make: their own units always, any
/// active unit for a desk that dispatches.
///
/// # Errors
/// `people.behalf.not_yours`, or not found.
pub fn check_behalf(tx: &mut Tx<'_>, cx: &Cx, unit: UnitId) -> Result<()> {
    let found =
        structure::find_unit(tx, cx.office.id, unit)?.filter(|u| u.active).ok_or_else(Refusal::not_found)?;
    if cx.actor.kind == ActorKind::System
        || cx.actor.units.contains(&unit)
        || cx.actor.has("demands.dispatch")
    {
        return Ok(());
    }
    Err(Refusal::forbidden("people.behalf.not_yours").with("unit", found.short).into())
}

/// Whether a right of the actor reaches the place and unit of a post.
pub(in crate::features::people) fn reaches_post(
    tx: &mut Tx<'_>,
    cx: &Cx,
    verb: &str,
    unit: UnitId,
    place: Option<PlaceId>,
) -> Result<bool> {
    let (community, grid) = match place {
        Some(place) => structure::ancestors(tx, cx.office.id, place)?,
        None => (None, None),
    };
    let site = Site { community, grid, unit: Some(unit) };
    Ok(cx.actor.kind == ActorKind::System || cx.actor.reaches(verb).any(|reach| site.within(reach)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::PostId;

    fn grants(verbs: &[&str]) -> Vec<Grant> {
        verbs.iter().map(|v| Grant { verb: (*v).to_owned(), reach: Reach::Office, post: PostId(1) }).collect()
    }

    fn left(verbs: &[&str]) -> Vec<String> {
        let mut grants = grants(verbs);
        keep_apart(&mut grants);
        grants.into_iter().map(|g| g.verb).collect()
    }

    #[test]
    fn rights_that_may_not_meet_lose_their_administrative_part() {
        assert_eq!(left(&["people.edit", "roles.grant"]), ["people.edit", "roles.grant"], "a small office");
        assert_eq!(left(&["people.edit", "audit.read", "people.read"]), ["people.read"]);
        assert_eq!(left(&["people.edit", "demands.read"]), ["demands.read"]);
        assert_eq!(left(&["audit.read", "roles.confirm"]), ["audit.read", "roles.confirm"]);
        assert_eq!(left(&["demands.read", "roles.confirm"]), ["demands.read", "roles.confirm"]);
    }

    #[test]
    fn a_site_is_within_a_reach_only_by_equality() {
        let site = Site { community: Some(PlaceId(1)), grid: Some(PlaceId(2)), unit: None };
        assert!(site.within(Reach::Office));
        assert!(site.within(Reach::Community(PlaceId(1))));
        assert!(!site.within(Reach::Community(PlaceId(2))));
        assert!(site.within(Reach::Grid(PlaceId(2))));
        assert!(!site.within(Reach::Unit(UnitId(1))));
    }
}
