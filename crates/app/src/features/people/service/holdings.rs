//! Who holds which post. A post that carries roles is filled by two people: one asks, another confirms.
//! Acting 代班 is lighter, because it ends by itself: the holder, or whoever answers for the place, names a
//! substitute for some days and it counts at once.

use super::accounts::{need_either, open};
use super::rights::{Administrator, reaches_post};
use super::roles::check_apart;
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Fill, Holding, HoldingId, Post};
use crate::features::people::store::grants::{self, Asked};
use crate::features::people::store::structure;
use kernel::{PostId, Refusal, Ts};
use serde_json::json;
use store::{Result, Tx};

/// Longest time somebody acts for another without a second person, in days.
pub const ACTING_DAYS_MOST: i64 = 60;

/// Holdings of a post in force, to come, or asked for.
///
/// # Errors
/// When the database refuses.
pub fn holdings_of_post(tx: &mut Tx<'_>, cx: &Cx, post: PostId) -> Result<Vec<Holding>> {
    grants::holdings_of_post(tx, cx.office.id, post, cx.now)
}

/// Puts somebody on a post. It counts at once for the program itself, for a post without roles (by
/// `people.edit`), and for acting named by the holder or by `people.acting` over the post; otherwise it is
/// asked by `roles.grant` and waits for [`super::decide`]. Writes `people.fill_post` or `people.act` on the
/// post's stream.
///
/// # Errors
/// Forbidden; `people.fill.taken`, `people.fill.already`, `people.fill.period`, `people.act.no_end`,
/// `people.act.too_long`; the separations of [`check_apart`].
pub fn fill_post(tx: &mut Tx<'_>, cx: &Cx, fill: &Fill) -> Result<HoldingId> {
    Ok(self::fill(tx, cx, fill, Why::Asked)?.0)
}

/// Why a post is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// By itself.
    Asked,
    /// Because the holder leaves; whoever may close accounts may ask for it.
    Succession,
}

/// Fills a post; returns the holding and its state.
pub(super) fn fill(tx: &mut Tx<'_>, cx: &Cx, fill: &Fill, why: Why) -> Result<(HoldingId, &'static str)> {
    let post = structure::find_post(tx, cx.office.id, fill.post)?
        .filter(|p| p.active)
        .ok_or_else(Refusal::not_found)?;
    // Who may is asked first: the other refusals name people and posts.
    let verbs = grants::verbs_of_post(tx, cx.office.id, fill.post)?;
    let state = how(tx, cx, (fill, why), &post, &verbs)?;
    let account = open(tx, cx, fill.account)?;
    check_period(fill)?;
    let present = grants::holdings_of_post(tx, cx.office.id, fill.post, fill.from)?;
    let meets = |h: &&Holding| fill.until.is_none_or(|until| h.from < until);
    if present.iter().filter(meets).any(|h| h.account == fill.account) {
        return Err(Refusal::rule("people.fill.already").with("name", account.name).into());
    }
    if let Some(holder) = present.iter().filter(meets).find(|h| !fill.acting && !h.acting) {
        return Err(Refusal::rule("people.fill.taken").with("title", &holder.title).into());
    }
    check_apart(tx, cx, fill.account, &verbs)?;
    let asked = Asked { by: cx.actor.account, at: cx.now, state };
    let id = grants::insert_holding(tx, cx.office.id, fill, &asked)?;
    let kind = if fill.acting { "people.act" } else { "people.fill_post" };
    let body = json!({ "holding": id, "fill": fill, "name": account.name, "state": state });
    events::append(tx, cx, Stream::Post, fill.post.0, kind, &body)?;
    Ok((id, state))
}

fn check_period(fill: &Fill) -> Result<()> {
    if fill.until.is_some_and(|until| until <= fill.from) {
        return Err(Refusal::rule("people.fill.period").on("until").into());
    }
    if fill.acting && fill.until.is_none() {
        return Err(Refusal::rule("people.act.no_end").on("until").into());
    }
    Ok(())
}

/// Whether the holding counts at once or is asked for; refuses when the actor may do neither.
fn how(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (fill, why): (&Fill, Why),
    post: &Post,
    verbs: &[String],
) -> Result<&'static str> {
    if cx.actor.kind == ActorKind::System || (verbs.is_empty() && cx.actor.has("people.edit")) {
        return Ok("active");
    }
    let administers = verbs.iter().any(|v| Administrator::of(v).is_some() || v == "roles.confirm");
    if fill.acting && !administers && may_name_acting(tx, cx, post)? {
        let days = fill.until.unwrap_or(fill.from).since(fill.from) / Ts::DAY;
        if days > ACTING_DAYS_MOST {
            return Err(Refusal::rule("people.act.too_long")
                .on("until")
                .with("most", ACTING_DAYS_MOST)
                .into());
        }
        return Ok("active");
    }
    match why {
        Why::Succession => need_either(cx)?,
        Why::Asked => cx.actor.need("roles.grant").map_err(|error| unseen(cx, error))?,
    }
    Ok("asked")
}

/// Whoever does not read the lists of people is not told either that there is such a post or holding.
fn unseen<E: From<Refusal>>(cx: &Cx, error: E) -> E {
    if cx.actor.has("people.read") { error } else { Refusal::not_found().into() }
}

/// The regular holder of the post, or whoever answers for its place or unit.
fn may_name_acting(tx: &mut Tx<'_>, cx: &Cx, post: &Post) -> Result<bool> {
    if reaches_post(tx, cx, "people.acting", post.unit, post.place)? {
        return Ok(true);
    }
    let holdings = grants::holdings_of_post(tx, cx.office.id, post.id, cx.now)?;
    Ok(holdings.iter().any(|h| !h.acting && h.is_now(cx.now) && Some(h.account) == cx.actor.account))
}

/// Ends a holding at once, or takes back one that only begins or waits. Writes `people.end_holding`.
///
/// # Errors
/// Forbidden without `people.edit` or `roles.grant`, except acting, which whoever could name it may end;
/// `people.end.past` when it has ended; `people.end.last` when nobody would be left with the right to
/// administer.
pub fn end_holding(tx: &mut Tx<'_>, cx: &Cx, id: HoldingId) -> Result<()> {
    let holding = grants::find_holding(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let post = structure::find_post(tx, cx.office.id, holding.post)?.ok_or_else(Refusal::not_found)?;
    let own_substitute = holding.acting && may_name_acting(tx, cx, &post)?;
    if !own_substitute {
        need_either(cx).map_err(|error| unseen(cx, error))?;
    }
    if holding.until.is_some_and(|until| until <= cx.now) || holding.state == "refused" {
        return Err(Refusal::rule("people.end.past").into());
    }
    let verbs = grants::verbs_of_post(tx, cx.office.id, holding.post)?;
    super::leaving::check_not_last(tx, cx, holding.account, &verbs)?;
    end(tx, cx, &holding)
}

/// Ends a holding without asking who may.
pub(super) fn end(tx: &mut Tx<'_>, cx: &Cx, holding: &Holding) -> Result<()> {
    grants::end_holding(tx, cx.office.id, holding.id, cx.now)?;
    let body = json!({ "holding": holding.id, "account": holding.account, "acting": holding.acting });
    events::append(tx, cx, Stream::Post, holding.post.0, "people.end_holding", &body)?;
    Ok(())
}
