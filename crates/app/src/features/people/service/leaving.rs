//! Leaving: one step lists everything held, hands it over and closes the account. Cases belong to units
//! and posts, so none is left without an owner.

use super::accounts::{need_either, open};
use super::holdings;
use super::rights::Administrator;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Fill, Held, HoldingId};
use crate::features::people::store::accounts as store_;
use crate::features::people::store::grants;
use kernel::{AccountId, PostId, Refusal};
use serde_json::json;
use store::{Result, Tx};

/// What leaving did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What was held, as printed for signature.
    pub held: Held,
    /// Each post and who takes it over; `None` leaves it vacant.
    pub posts: Vec<(PostId, Option<AccountId>)>,
    /// Successions that wait for a second person.
    pub waiting: Vec<HoldingId>,
}

/// Everything an account holds.
///
/// # Errors
/// Forbidden without `people.edit` or `roles.grant`; not found.
pub fn holdings_of(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Held> {
    if cx.actor.account != Some(account) {
        need_either(cx)?;
    }
    store_::find(tx, cx.office.id, account)?.ok_or_else(Refusal::not_found)?;
    store_::held(tx, cx.office.id, account, cx.now)
}

/// Hands over and closes: ends every holding, puts the successors on the posts (waiting for a second person
/// where the post carries roles), moves unfinished notes and shifts to come to the first successor, ends log-ins and keys,
/// closes the account. Writes `people.hand_over` on the account's stream, beside the posts' own events.
///
/// # Errors
/// Forbidden without `people.edit` or `roles.grant`; `people.account.self`; `people.leave.drafts` when notes
/// would be left behind; `people.end.last`; the refusals of filling a post.
pub fn hand_over(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: AccountId,
    successors: &[(PostId, Option<AccountId>)],
) -> Result<Left> {
    need_either(cx)?;
    if cx.actor.account == Some(account) {
        return Err(Refusal::rule("people.account.self").into());
    }
    let leaver = open(tx, cx, account)?;
    let verbs = grants::verbs_of_account(tx, cx.office.id, account, cx.now)?;
    check_not_last(tx, cx, account, &verbs)?;
    let held = store_::held(tx, cx.office.id, account, cx.now)?;
    let first = successors.iter().find_map(|(_, to)| *to);
    match first {
        Some(first) => {
            store_::move_drafts(tx, cx, account, first)?;
        }
        None if held.drafts > 0 => {
            return Err(Refusal::rule("people.leave.drafts").with("count", held.drafts).into());
        }
        None => {}
    }
    hand_on_shifts(tx, cx, account, first)?;
    for holding in &held.posts {
        holdings::end(tx, cx, holding)?;
    }
    let mut waiting = Vec::new();
    let mut posts = Vec::new();
    for holding in held.posts.iter().filter(|h| !h.acting && h.state == "active") {
        let to = successors.iter().find(|(post, _)| *post == holding.post).and_then(|(_, to)| *to);
        posts.push((holding.post, to));
        let Some(to) = to else { continue };
        let fill = Fill {
            post: holding.post,
            account: to,
            acting: false,
            from: cx.now.max(holding.from),
            until: None,
        };
        waiting.extend(succeed(tx, cx, &fill)?);
    }
    let body = json!({
        "name": leaver.name,
        "posts": posts,
        "handling": held.handling.iter().map(|c| &c.no).collect::<Vec<_>>(),
        "requests": held.requests.iter().map(|c| &c.no).collect::<Vec<_>>(),
        "others": held.others,
        "drafts": held.drafts,
    });
    events::append(tx, cx, Stream::Account, account.0, "people.hand_over", &body)?;
    close(tx, cx, account)?;
    Ok(Left { held, posts, waiting })
}

/// Shifts to come go to the first successor, where they are free and not away then and the list is the whole office's or
/// their own unit's; a leader's, and all others, stand open on the list. Nobody is on duty with a closed account.
fn hand_on_shifts(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, first: Option<AccountId>) -> Result<()> {
    let office = cx.office.id;
    let units: Vec<_> = match first {
        Some(to) => store_::holdings(tx, office, to)?
            .into_iter()
            .filter(|h| h.state == "active" && h.until.is_none_or(|until| until > cx.now))
            .map(|h| h.unit)
            .collect(),
        None => Vec::new(),
    };
    for shift in store_::shifts(tx, office, account, cx.now)? {
        let fits = shift.kind != "leader" && shift.unit.is_none_or(|unit| units.contains(&unit));
        let to = match first {
            Some(to) if fits && !store_::is_busy(tx, cx, to, &shift)? => Some(to),
            _ => None,
        };
        store_::put_shift(tx, office, shift.id, to)?;
        let body = json!({ "shift": shift.id, "before": account, "after": to, "reason": "people.hand_over" });
        events::append(tx, cx, Stream::Roster, shift.roster, "roster.replaced", &body)?;
    }
    Ok(())
}

/// Puts a successor on a post. Whoever administers accounts may ask for it here too: it is the same post
/// with the same roles, and a second person still decides.
fn succeed(tx: &mut Tx<'_>, cx: &Cx, fill: &Fill) -> Result<Option<HoldingId>> {
    let (id, state) = holdings::fill(tx, cx, fill, holdings::Why::Succession)?;
    Ok((state == "asked").then_some(id))
}

/// Closes an account that holds nothing. Writes `people.close_account`.
///
/// # Errors
/// Forbidden without `people.edit` or `roles.grant`; `people.leave.holds` while it holds something.
pub fn close_account(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<()> {
    need_either(cx)?;
    open(tx, cx, account)?;
    let held = store_::held(tx, cx.office.id, account, cx.now)?;
    if !held.posts.is_empty() || held.drafts > 0 {
        return Err(Refusal::rule("people.leave.holds").with("count", held.posts.len()).into());
    }
    close(tx, cx, account)
}

fn close(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<()> {
    let office = cx.office.id;
    store_::close(tx, office, account)?;
    let sessions = store_::end_sessions(tx, office, account)?;
    let tokens = store_::end_tokens(tx, office, account, cx.now)?;
    let body = json!({ "sessions_ended": sessions, "tokens_ended": tokens });
    events::append(tx, cx, Stream::Account, account.0, "people.close_account", &body)?;
    Ok(())
}

/// Refuses when taking these rights from an account would leave the office without anybody who can make
/// accounts or grant rights: nobody could mend that from inside.
pub(super) fn check_not_last(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, verbs: &[String]) -> Result<()> {
    let needed = |v: &&String| matches!(v.as_str(), "people.edit" | "roles.grant" | "roles.confirm");
    for verb in verbs.iter().filter(needed) {
        let held = grants::everybodys_rights(tx, cx.office.id, cx.now)?;
        let has = |mine: bool| {
            held.iter()
                .any(|row| (row.account == account) == mine && row.grants.iter().any(|g| g.verb == *verb))
        };
        if has(true) && !has(false) {
            let kind = Administrator::of(verb).map_or("audit", Administrator::as_str);
            return Err(Refusal::rule("people.end.last").with("verb", verb).with("kind", kind).into());
        }
    }
    Ok(())
}
