//! Tokens for programs: they act as an account, through the API only, with that account's rights of the moment.

use super::{Account, store};
use crate::actor::Actor;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::service;
use ::store::Tx;
use kernel::{AccountId, OfficeId, Refusal, Ts};
use serde::Serialize;

/// A program that showed a token.
#[derive(Clone, Debug)]
pub struct Program {
    /// The token's id.
    pub id: i64,
    /// The tenant.
    pub office: OfficeId,
    /// As whom it acts.
    pub account: Account,
    /// With which rights.
    pub actor: Actor,
    /// Whether its last use is to be noted again.
    pub touch_due: bool,
}

/// The program behind a token.
///
/// # Errors
/// When the database refuses.
pub fn find(tx: &mut Tx<'_>, hash: &[u8; 32], now: Ts) -> ::store::Result<Option<Program>> {
    let Some(found) = store::find_token(tx, hash, now)? else { return Ok(None) };
    let Some(actor) = service::actor(tx, found.office, found.account.id, now)? else { return Ok(None) };
    let touch_due = found.used_at.is_none_or(|at| now.since(at) >= Ts::MINUTE);
    Ok(Some(Program { id: found.id, office: found.office, account: found.account, actor, touch_due }))
}

/// Notes that a token was used.
///
/// # Errors
/// When the database refuses.
pub fn touch(tx: &mut Tx<'_>, program: &Program, now: Ts) -> ::store::Result<()> {
    store::touch_token(tx, program.office, program.id, now)
}

#[derive(Serialize)]
struct Added<'a> {
    token: i64,
    name: &'a str,
    until: Option<Ts>,
}

/// Stores the hash of a token for an account. Writes `account.token_added`.
///
/// # Errors
/// `common.missing` without a name.
pub fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: AccountId,
    name: &str,
    hash: &[u8; 32],
    until: Option<Ts>,
) -> ::store::Result<i64> {
    if name.trim().is_empty() {
        return Err(Refusal::missing("name").into());
    }
    let token = store::insert_token(tx, cx, account, name, hash, until)?;
    events::append(tx, cx, Stream::Account, account.0, "account.token_added", &Added { token, name, until })?;
    Ok(token)
}
