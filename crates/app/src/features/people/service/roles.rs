//! Roles and their separation (三员分立, STANDARDS §6.2). A role is given to a post: the security
//! administrator asks, a second person confirms. Code knows rights, never a role's name (DECISIONS 27).

use super::rights::{Administrator, administrators, is_business};
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Pending, PendingView, PostRole, PostRoleId, Role};
use crate::features::people::pack::RoleDef;
use crate::features::people::store::grants::{self, Asked};
use crate::features::people::store::structure;
use kernel::{AccountId, PostId, Refusal, RoleId};
use serde_json::json;
use std::collections::BTreeSet;
use store::{Result, Tx};

/// With fewer administrators than this, two of the three kinds may be one person.
const ADMINISTRATORS_FULL: usize = 3;

/// Brings the roles of a list into the office; a role that is there takes the list's grants. Writes
/// `roles.install` when something changed; returns how many did.
///
/// # Errors
/// Only the program itself may, when it makes or upgrades an office.
pub fn install_roles(tx: &mut Tx<'_>, cx: &Cx, roles: &[RoleDef]) -> Result<usize> {
    if cx.actor.kind != ActorKind::System {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "roles.install").into());
    }
    let before = grants::list_roles(tx, cx.office.id)?;
    let mut changed = Vec::new();
    for role in roles {
        let text = role.grants.join(" ");
        let known = before.iter().find(|r| r.code == role.code);
        if known.is_none_or(|known| known.grants != grants::read_grants(&text)) {
            grants::put_role(tx, cx.office.id, &role.code, &text)?;
            changed.push(json!({ "code": role.code, "grants": role.grants }));
        }
    }
    if !changed.is_empty() {
        events::append(
            tx,
            cx,
            Stream::Office,
            cx.office.id.0,
            "roles.install",
            &json!({ "roles": changed }),
        )?;
    }
    Ok(changed.len())
}

/// All roles of the office.
///
/// # Errors
/// When the database refuses.
pub fn roles(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Role>> {
    grants::list_roles(tx, cx.office.id)
}

/// The role with a code.
///
/// # Errors
/// When the database refuses.
pub fn role_by_code(tx: &mut Tx<'_>, cx: &Cx, code: &str) -> Result<Option<Role>> {
    Ok(roles(tx, cx)?.into_iter().find(|role| role.code == code))
}

/// Roles of a post, given or asked for.
///
/// # Errors
/// When the database refuses.
pub fn roles_of_post(tx: &mut Tx<'_>, cx: &Cx, post: PostId) -> Result<Vec<PostRole>> {
    grants::roles_of_post(tx, cx.office.id, post)
}

/// Asks that a post be given a role; the program itself gives it at once, when it makes an office. Writes
/// `roles.ask` (or `roles.give`) on the post's stream.
///
/// # Errors
/// Forbidden without `roles.grant`; `roles.ask.already`; the separations of [`check_apart`] for everybody
/// on the post.
pub fn ask_role(tx: &mut Tx<'_>, cx: &Cx, post: PostId, role: RoleId) -> Result<PostRoleId> {
    cx.actor.need("roles.grant")?;
    structure::find_post(tx, cx.office.id, post)?.filter(|p| p.active).ok_or_else(Refusal::not_found)?;
    let role = roles(tx, cx)?.into_iter().find(|r| r.id == role).ok_or_else(Refusal::not_found)?;
    if roles_of_post(tx, cx, post)?.iter().any(|r| r.role == role.code) {
        return Err(Refusal::rule("roles.ask.already").on("role").into());
    }
    let verbs: Vec<String> = role.grants.iter().map(|g| g.verb.clone()).collect();
    for account in grants::accounts_of_post(tx, cx.office.id, post, cx.now)? {
        check_apart(tx, cx, account, &verbs)?;
    }
    let (state, kind) =
        if cx.actor.kind == ActorKind::System { ("active", "roles.give") } else { ("asked", "roles.ask") };
    let asked = Asked { by: cx.actor.account, at: cx.now, state };
    let id = grants::insert_post_role(tx, cx.office.id, post, role.id, &asked)?;
    let body = json!({ "post_role": id, "role": role.code, "grants": verbs });
    events::append(tx, cx, Stream::Post, post.0, kind, &body)?;
    Ok(id)
}

/// All grants that wait for a second person.
///
/// # Errors
/// Forbidden without `people.read`.
pub fn pending(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<PendingView>> {
    cx.actor.need("people.read")?;
    grants::pending(tx, cx.office.id, cx.now)
}

/// Confirms or refuses a grant that waits. Writes `roles.confirm` or `roles.refuse` on the post's stream.
///
/// # Errors
/// Forbidden without `roles.confirm`; `roles.confirm.same` for whoever asked; `roles.confirm.own` for whoever
/// would gain; `roles.confirm.auditor` where fewer than three administer and the actor does not read the
/// log; `roles.confirm.decided` when it no longer waits; the separations of [`check_apart`].
pub fn decide(tx: &mut Tx<'_>, cx: &Cx, pending: Pending, yes: bool) -> Result<()> {
    cx.actor.need("roles.confirm")?;
    let office = cx.office.id;
    let (post, asked_by, people) = match pending {
        Pending::Role(id) => {
            let row = grants::find_post_role(tx, office, id)?.ok_or_else(Refusal::not_found)?;
            (row.post, row.asked_by, grants::accounts_of_post(tx, office, row.post, cx.now)?)
        }
        Pending::Holding(id) => {
            let row = grants::find_holding(tx, office, id)?.ok_or_else(Refusal::not_found)?;
            (row.post, grants::holding_asked_by(tx, office, id)?, vec![row.account])
        }
    };
    if asked_by.is_some() && asked_by == cx.actor.account {
        return Err(Refusal::rule("roles.confirm.same").into());
    }
    if yes && cx.actor.account.is_some_and(|me| people.contains(&me)) {
        return Err(Refusal::rule("roles.confirm.own").into());
    }
    if yes {
        check_confirmer(tx, cx)?;
        for account in people {
            check_apart(tx, cx, account, &[])?;
        }
    }
    if !grants::decide(
        tx,
        office,
        pending,
        if yes { "active" } else { "refused" },
        (cx.actor.account, cx.now),
    )? {
        return Err(Refusal::rule("roles.confirm.decided").into());
    }
    let kind = if yes { "roles.confirm" } else { "roles.refuse" };
    events::append(tx, cx, Stream::Post, post.0, kind, &json!({ "pending": pending, "asked_by": asked_by }))?;
    Ok(())
}

/// With fewer than three administrators every grant waits for the one who reads the log: whether that leaves the
/// actor one who confirms.
///
/// # Errors
/// When the database refuses.
pub fn confirms(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    Ok(cx.actor.has("roles.confirm")
        && (cx.actor.has("audit.read")
            || administrators(tx, cx.office.id, cx.now)?.len() >= ADMINISTRATORS_FULL))
}

fn check_confirmer(tx: &mut Tx<'_>, cx: &Cx) -> Result<()> {
    if confirms(tx, cx)? { Ok(()) } else { Err(Refusal::rule("roles.confirm.auditor").into()) }
}

/// Takes a role from a post, or takes back the asking. Taking away needs no second person. Writes
/// `roles.end`.
///
/// # Errors
/// Forbidden without `roles.grant`; `people.end.last`; not found when it has ended.
pub fn end_role(tx: &mut Tx<'_>, cx: &Cx, id: PostRoleId) -> Result<()> {
    cx.actor.need("roles.grant")?;
    let row = grants::find_post_role(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    if row.state == "active" {
        let role = role_by_code(tx, cx, &row.role)?.ok_or_else(Refusal::not_found)?;
        let verbs: Vec<String> = role.grants.into_iter().map(|g| g.verb).collect();
        for account in grants::accounts_of_post(tx, cx.office.id, row.post, cx.now)? {
            super::leaving::check_not_last(tx, cx, account, &verbs)?;
        }
    }
    if !grants::end_post_role(tx, cx.office.id, id, (cx.actor.account, cx.now))? {
        return Err(Refusal::not_found().into());
    }
    events::append(
        tx,
        cx,
        Stream::Post,
        row.post.0,
        "roles.end",
        &json!({ "post_role": id, "role": row.role }),
    )?;
    Ok(())
}

/// Refuses a grant after which one account would hold what must be kept apart, counting what it will hold
/// later and what only waits:
/// the log beside accounts or grants; accounts beside grants, unless fewer than three people administer;
/// any of the three beside business data.
///
/// # Errors
/// `roles.apart.business`, `roles.apart.audit`, `roles.apart.two`, with the person's name.
pub fn check_apart(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, more: &[String]) -> Result<()> {
    let mut verbs = grants::verbs_of_account(tx, cx.office.id, account, cx.now)?;
    verbs.extend_from_slice(more);
    let kinds: BTreeSet<Administrator> = verbs.iter().filter_map(|v| Administrator::of(v)).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let code = if verbs.iter().any(|v| is_business(v)) {
        "roles.apart.business"
    } else if kinds.len() > 1 && kinds.contains(&Administrator::Audit) {
        "roles.apart.audit"
    } else if kinds.len() > 1 && full(tx, cx, account)? {
        "roles.apart.two"
    } else {
        return Ok(());
    };
    let name = super::account(tx, cx, account)?.map(|a| a.name).unwrap_or_default();
    Err(Refusal::rule(code).with("name", name).into())
}

/// Whether three people or more administer, this one among them.
fn full(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<bool> {
    let mut people = administrators(tx, cx.office.id, cx.now)?;
    people.retain(|other| *other != account);
    Ok(people.len() + 1 >= ADMINISTRATORS_FULL)
}
