//! Logging in: failures, locks, the second step, and choosing a password. Hashing is done by the caller,
//! outside the transaction.

pub use super::store::Credentials;
use super::{Token, open, store, totp};
use crate::actor::{Actor, ActorKind};
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::Tx;
use kernel::{AccountId, OfficeId, Refusal, Ts};
use serde::Serialize;

/// Failures in a row after which an account is locked (等保 practice: 5, for 10 to 30 minutes).
const FAILURES: i64 = 5;

/// For how long so many failures in a row lock, in milliseconds; 0 when they do not.
#[must_use]
pub fn lock_for(failures: i64) -> i64 {
    match failures - FAILURES {
        ..0 => 0,
        n => (10 * (n + 1)).min(30) * Ts::MINUTE,
    }
}

impl Credentials {
    /// Whether failures have locked it.
    #[must_use]
    pub fn is_locked(&self, now: Ts) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }

    /// The account as actor of its own log-in; its rights come with the session.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            kind: ActorKind::Staff,
            account: Some(self.account),
            name: self.name.clone(),
            ..Actor::system(self.office)
        }
    }
}

/// What a log-in name stands for; the caller compares the password even when this is `None`.
///
/// # Errors
/// When the database refuses.
pub fn credentials(tx: &mut Tx<'_>, login: &str) -> ::store::Result<Option<Credentials>> {
    store::credentials(tx, login)
}

/// The same by account, for the second step.
///
/// # Errors
/// When the database refuses.
pub fn credentials_of(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
) -> ::store::Result<Option<Credentials>> {
    store::credentials_of(tx, office, account)
}

#[derive(Serialize)]
struct Failed {
    failures: i64,
    locked_until: Option<Ts>,
}

/// Counts a failure and locks where the count says so; writes `account.login_failed`. Returns until when it
/// is locked.
///
/// # Errors
/// When the database refuses.
pub fn fail(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> ::store::Result<Option<Ts>> {
    let Some(who) = store::credentials_of(tx, cx.office.id, account)? else { return Ok(None) };
    if who.is_locked(cx.now) {
        // Guesses that ran beside the one that locked it do not lengthen the lock.
        return Ok(who.locked_until);
    }
    let failures = who.failures + 1;
    let locked_until = Some(lock_for(failures)).filter(|ms| *ms > 0).map(|ms| cx.now.plus(ms));
    store::set_failures(tx, (who.office, account), failures, locked_until)?;
    events::append(
        tx,
        cx,
        Stream::Account,
        account.0,
        "account.login_failed",
        &Failed { failures, locked_until },
    )?;
    Ok(locked_until)
}

/// How a log-in that had the right password is to be finished.
pub struct Opening<'a> {
    /// The browser's new token.
    pub token: &'a Token,
    /// What its forms will carry.
    pub csrf: &'a str,
    /// The browser, as it calls itself.
    pub agent: &'a str,
    /// The code of the second factor, where one is set up.
    pub code: Option<&'a str>,
    /// When the session ends at the latest.
    pub until: Ts,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The session is open.
    Open,
    /// The code was wrong or used; locked until then, if at all.
    Wrong(Option<Ts>),
    /// Failures have locked it until then.
    Locked(Ts),
}

/// Opens the session of somebody whose password was right. Reads the account again, so that a lock which
/// came meanwhile counts.
///
/// # Errors
/// `account.login.closed` when an administrator locked or closed the account.
pub fn succeed(tx: &mut Tx<'_>, cx: &Cx, opening: &Opening<'_>) -> ::store::Result<Outcome> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    let who = store::credentials_of(tx, cx.office.id, account)?.ok_or_else(Refusal::not_found)?;
    if who.state != "active" {
        return Err(Refusal::forbidden("account.login.closed").into());
    }
    if let Some(until) = who.locked_until.filter(|until| *until > cx.now) {
        return Ok(Outcome::Locked(until));
    }
    let strong_until = match (&who.totp, opening.code) {
        (None, _) => None,
        (Some(_), Some(code)) if totp::redeem(tx, cx, &who, code)? => Some(opening.until),
        (Some(_), _) => return Ok(Outcome::Wrong(fail(tx, cx, account)?)),
    };
    if who.failures > 0 || who.locked_until.is_some() {
        store::set_failures(tx, (who.office, account), 0, None)?;
    }
    open(tx, cx, opening.token, opening.csrf, strong_until, opening.agent)?;
    Ok(Outcome::Open)
}

/// Opens a session as strong as can be, without password and code: for the demonstration and nothing else.
///
/// # Errors
/// `account.login.closed` for an account that is not active.
pub fn open_demo(tx: &mut Tx<'_>, cx: &Cx, opening: &Opening<'_>) -> ::store::Result<Outcome> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    let who = store::credentials_of(tx, cx.office.id, account)?.ok_or_else(Refusal::not_found)?;
    if who.state != "active" {
        return Err(Refusal::forbidden("account.login.closed").into());
    }
    open(tx, cx, opening.token, opening.csrf, Some(opening.until), opening.agent)?;
    Ok(Outcome::Open)
}

/// Stores the hash of a password somebody chose (after [`crate::features::people::password::check`]) and ends
/// their other sessions. Writes `account.password_set`.
///
/// # Errors
/// When the database refuses.
pub fn set_password(tx: &mut Tx<'_>, cx: &Cx, hash: &str, keep: &[u8; 32]) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    store::set_password(tx, (cx.office.id, account), hash, cx.now)?;
    let ended = store::end_all(tx, cx.office.id, account, Some(keep))?;
    events::append(tx, cx, Stream::Account, account.0, "account.password_set", &PasswordSet { ended })?;
    Ok(())
}

#[derive(Serialize)]
struct PasswordSet {
    /// Other sessions that ended by it.
    ended: u64,
}

#[derive(Serialize)]
struct LocaleSet<'a> {
    locale: &'a str,
}

/// Remembers the language somebody chose. Writes `account.locale_set`.
///
/// # Errors
/// When the database refuses.
pub fn set_locale(tx: &mut Tx<'_>, cx: &Cx, locale: &str) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    store::set_locale(tx, (cx.office.id, account), locale)?;
    events::append(tx, cx, Stream::Account, account.0, "account.locale_set", &LocaleSet { locale })?;
    Ok(())
}

/// The active accounts of an office, for the one-click log-ins of the demonstration: log-in name, person, post.
///
/// # Errors
/// When the database refuses.
pub fn logins(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> ::store::Result<Vec<(String, String, String)>> {
    store::logins(tx, office, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_failures_do_not_lock_and_each_later_one_locks_for_longer() {
        let minutes: Vec<i64> = (1..=9).map(|n| lock_for(n) / Ts::MINUTE).collect();
        assert_eq!(minutes, [0, 0, 0, 0, 10, 20, 30, 30, 30]);
    }
}
