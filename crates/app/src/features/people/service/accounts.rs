//! Accounts. The system administrator (`people.edit`) makes them and hands out first passwords; unlocking
//! and taking away a second factor is the security administrator's (`roles.grant`), so that neither can
//! take over somebody's account alone.

use super::structure::sort_key;
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Account, Holding, NewAccount};
use crate::features::people::password;
use crate::features::people::store::accounts::{self as store_, AccountFilter};
use kernel::{AccountId, OfficeId, Refusal};
use serde_json::json;
use store::{Result, Tx};

/// Accounts on one page of a list.
pub const PAGE: i64 = 100;

/// An account with what it holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Its posts, acting ones last.
    pub holdings: Vec<Holding>,
}

/// An account of the actor's office.
///
/// # Errors
/// When the database refuses.
pub fn account(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> Result<Option<Account>> {
    store_::find(tx, cx.office.id, id)
}

/// A page of accounts by sound, with their present posts.
///
/// # Errors
/// Forbidden without `people.read`.
pub fn accounts(tx: &mut Tx<'_>, cx: &Cx, filter: &AccountFilter) -> Result<Vec<AccountView>> {
    cx.actor.need("people.read")?;
    let accounts = store_::list(tx, cx.office.id, filter, cx.now, PAGE)?;
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    let mut holdings = store_::present_holdings(tx, cx.office.id, &ids, cx.now)?;
    Ok(accounts
        .into_iter()
        .map(|account| {
            let mine = holdings.extract_if(.., |h| h.account == account.id).collect();
            AccountView { account, holdings: mine }
        })
        .collect())
}

/// The names of all accounts by sound, closed ones too: for filters of the log.
///
/// # Errors
/// When the database refuses.
pub fn names(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(AccountId, String)>> {
    store_::names(tx, office)
}

/// All holdings of an account, past and asked for too.
///
/// # Errors
/// When the database refuses.
pub fn holdings(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> Result<Vec<Holding>> {
    store_::holdings(tx, cx.office.id, id)
}

/// A first password and its hash, to be made before [`create_account`] or [`reset_password`] and shown once.
///
/// # Errors
/// When the machine has no random bytes.
pub fn first_password() -> anyhow::Result<(String, String)> {
    let plain = password::first()?;
    let hash = password::hash(&plain)?;
    Ok((plain, hash))
}

/// Makes an account without any right; its password must be changed at the first log-in. Writes
/// `people.create_account`.
///
/// # Errors
/// Forbidden without `people.edit`; `people.account.login`, `people.account.login_taken`, missing name.
pub fn create_account(tx: &mut Tx<'_>, cx: &Cx, account: &NewAccount) -> Result<AccountId> {
    cx.actor.need("people.edit")?;
    let mut account = account.clone();
    account.login = account.login.trim().to_lowercase();
    account.name = account.name.trim().to_owned();
    if !is_login(&account.login) {
        return Err(Refusal::rule("people.account.login").on("login").into());
    }
    if account.name.is_empty() {
        return Err(unnamed().into());
    }
    if store_::login_taken(tx, &account.login)? {
        return Err(Refusal::rule("people.account.login_taken")
            .on("login")
            .with("login", &account.login)
            .into());
    }
    let id = AccountId(tx.id()?);
    store_::insert(tx, cx.office.id, id, &account, &sort_key(&account.name))?;
    let body = json!({ "login": account.login, "name": account.name });
    events::append(tx, cx, Stream::Account, id.0, "people.create_account", &body)?;
    Ok(id)
}

/// The password of an account is its person's own from the start: of the first account, whose person made it. Writes
/// `people.settle_password`.
///
/// # Errors
/// Forbidden without `people.edit`.
pub fn settle_password(tx: &mut Tx<'_>, cx: &Cx, id: AccountId, hash: &str) -> Result<()> {
    cx.actor.need("people.edit")?;
    store_::set_password(tx, cx.office.id, id, hash, Some(cx.now))?;
    events::append(tx, cx, Stream::Account, id.0, "people.settle_password", &json!({})).map(|_| ())
}

fn unnamed() -> Refusal {
    Refusal::rule("common.missing").on("name").with("field", "person")
}

/// 3–40 of `a-z 0-9 . _ -`, beginning with a letter or digit.
fn is_login(login: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=40).contains(&login.len())
        && login.bytes().next().is_some_and(plain)
        && login.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'-'))
}

/// Changes the name shown. Writes `people.rename_account`.
///
/// # Errors
/// Forbidden without `people.edit`; missing name; conflict.
pub fn rename_account(tx: &mut Tx<'_>, cx: &Cx, id: AccountId, version: i64, name: &str) -> Result<()> {
    cx.actor.need("people.edit")?;
    let name = name.trim();
    if name.is_empty() {
        return Err(unnamed().into());
    }
    open(tx, cx, id)?;
    if !store_::rename(tx, cx.office.id, (id, version), name, &sort_key(name))? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Account, id.0, "people.rename_account", &json!({ "name": name }))?;
    Ok(())
}

/// Sets a new first password (its hash) and ends all log-ins. Writes `people.reset_password`.
///
/// # Errors
/// Forbidden without `people.edit`; closed accounts stay closed.
pub fn reset_password(tx: &mut Tx<'_>, cx: &Cx, id: AccountId, hash: &str) -> Result<()> {
    cx.actor.need("people.edit")?;
    open(tx, cx, id)?;
    store_::set_password(tx, cx.office.id, id, hash, None)?;
    let ended = store_::end_sessions(tx, cx.office.id, id)?;
    events::append(
        tx,
        cx,
        Stream::Account,
        id.0,
        "people.reset_password",
        &json!({ "sessions_ended": ended }),
    )?;
    Ok(())
}

/// Locks an account and ends its log-ins; what it holds stays. Writes `people.lock_account`.
///
/// # Errors
/// Forbidden without `people.edit` or `roles.grant`; `people.account.self`; closed accounts.
pub fn lock_account(tx: &mut Tx<'_>, cx: &Cx, id: AccountId, reason: &str) -> Result<()> {
    need_either(cx)?;
    if cx.actor.account == Some(id) {
        return Err(Refusal::rule("people.account.self").into());
    }
    if reason.trim().is_empty() {
        return Err(Refusal::missing("reason").into());
    }
    open(tx, cx, id)?;
    store_::set_state(tx, cx.office.id, id, "locked")?;
    let ended = store_::end_sessions(tx, cx.office.id, id)?;
    let body = json!({ "reason": reason.trim(), "sessions_ended": ended });
    events::append(tx, cx, Stream::Account, id.0, "people.lock_account", &body)?;
    Ok(())
}

/// Unlocks an account, also one locked by failed log-ins. Writes `people.unlock_account`.
///
/// # Errors
/// Forbidden without `roles.grant` (STANDARDS §6.2: unlocking is the security administrator's).
pub fn unlock_account(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> Result<()> {
    cx.actor.need("roles.grant")?;
    open(tx, cx, id)?;
    store_::set_state(tx, cx.office.id, id, "active")?;
    events::append(tx, cx, Stream::Account, id.0, "people.unlock_account", &json!({}))?;
    Ok(())
}

/// Takes away a lost second factor, so that a new one is set up at the next log-in. Writes
/// `people.reset_totp`.
///
/// # Errors
/// Forbidden without `roles.grant`.
pub fn reset_totp(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> Result<()> {
    cx.actor.need("roles.grant")?;
    open(tx, cx, id)?;
    store_::clear_totp(tx, cx.office.id, id)?;
    let ended = store_::end_sessions(tx, cx.office.id, id)?;
    events::append(tx, cx, Stream::Account, id.0, "people.reset_totp", &json!({ "sessions_ended": ended }))?;
    Ok(())
}

/// Refuses without one of the two rights over accounts.
pub(super) fn need_either(cx: &Cx) -> Result<()> {
    if cx.actor.kind == ActorKind::System || cx.actor.has("people.edit") {
        return Ok(());
    }
    Ok(cx.actor.need("roles.grant")?)
}

/// The account, unless it is not there or closed.
pub(super) fn open(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> Result<Account> {
    let found = store_::find(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    if found.state == "closed" {
        return Err(Refusal::rule("people.account.closed").with("name", found.name).into());
    }
    Ok(found)
}
