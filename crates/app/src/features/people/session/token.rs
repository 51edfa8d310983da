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

/// A token as a list shows it: never itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// As whom it acts.
    pub login: String,
    /// What the program is called.
    pub name: String,
    /// When it was made.
    pub created: Ts,
    /// Until when it counts; `None` without end.
    pub until: Option<Ts>,
    /// When it was last shown, to the minute.
    pub used: Option<Ts>,
}

/// All tokens of the office, those that have ended too, the newest first.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, office: OfficeId) -> ::store::Result<Vec<Listed>> {
    store::list_tokens(tx, office)
}

#[derive(Serialize)]
struct Revoked<'a> {
    token: i64,
    name: &'a str,
}

/// Ends a token at once. Writes `account.token_revoked`.
///
/// # Errors
/// `account.token.unknown` for an id that is none, `account.token.ended` for one that counts no more.
pub fn revoke(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> ::store::Result<Listed> {
    let found = list(tx, cx.office.id)?.into_iter().find(|t| t.id == id);
    let Some(mut token) = found else {
        return Err(Refusal::rule("account.token.unknown").with("id", id).into());
    };
    if token.until.is_some_and(|until| until <= cx.now) {
        return Err(Refusal::rule("account.token.ended").with("name", token.name).into());
    }
    let account = store::end_token(tx, cx.office.id, id, cx.now)?;
    let revoked = Revoked { token: id, name: &token.name };
    events::append(tx, cx, Stream::Account, account.0, "account.token_revoked", &revoked)?;
    token.until = Some(cx.now);
    Ok(token)
}
