//! The second factor: six digits from an authenticator, thirty seconds each, one step of clock error either
//! way, and no code twice. The secret lies sealed under the office's key.

use super::store;
use crate::context::Cx;
use crate::crypto::{Vault, random};
use crate::events::{self, Stream};
use ::store::Tx;
use anyhow::{Context, Result};
use kernel::{AccountId, OfficeId, Refusal, Ts};
use totp_rs::{Builder, Totp};

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;

/// A secret that is being set up. It lies in the page of the person, sealed, until the first code proves it.
#[derive(Clone)]
pub struct Enrolment {
    secret: Vec<u8>,
}

impl Enrolment {
    /// A new secret.
    ///
    /// # Errors
    /// When the machine has no random bytes.
    pub fn new() -> Result<Enrolment> {
        Ok(Enrolment { secret: random::<SECRET>()?.to_vec() })
    }

    /// The secret as the page carries it: sealed for this account and this browser's session.
    ///
    /// # Errors
    /// When the office has no key.
    pub fn seal(&self, vault: &Vault, office: OfficeId, session: &[u8; 32]) -> Result<String> {
        Ok(data_encoding::BASE64URL_NOPAD.encode(&vault.seal(office, &bound_page(session), &self.secret)?))
    }

    /// What [`Enrolment::seal`] gave; `None` when it was changed or belongs to another session.
    #[must_use]
    pub fn open(vault: &Vault, office: OfficeId, session: &[u8; 32], sealed: &str) -> Option<Enrolment> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        vault.open(office, &bound_page(session), &bytes).ok().map(|secret| Enrolment { secret })
    }

    /// The secret in letters, in groups of four, to be typed where no picture can be taken.
    #[must_use]
    pub fn letters(&self) -> String {
        let text = data_encoding::BASE32_NOPAD.encode(&self.secret);
        let groups: Vec<&str> =
            (0..text.len()).step_by(4).filter_map(|i| text.get(i..(i + 4).min(text.len()))).collect();
        groups.join(" ")
    }

    /// The address that an authenticator reads from the picture.
    ///
    /// # Errors
    /// When the name cannot stand in such an address.
    pub fn url(&self, issuer: &str, login: &str) -> Result<String> {
        let totp = Builder::new()
            .with_secret(self.secret.clone())
            .with_issuer(Some(issuer.replace(':', " ")))
            .with_account_name(login.replace(':', " "))
            .build()
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        totp.to_url().map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// The step of a code, when it is one of this secret now.
    #[must_use]
    pub fn check(&self, code: &str, now: Ts) -> Option<i64> {
        check(&self.secret, code, now)
    }

    /// The code at an instant; for tests and for nothing else.
    #[must_use]
    pub fn code(&self, now: Ts) -> String {
        engine(&self.secret).map(|totp| totp.generate(seconds(now)).to_string()).unwrap_or_default()
    }
}

fn bound_page(session: &[u8; 32]) -> String {
    format!("totp enrolment {}", data_encoding::HEXLOWER.encode(session))
}

fn bound(account: AccountId) -> String {
    format!("totp {account}")
}

fn seconds(now: Ts) -> u64 {
    u64::try_from(now.0 / Ts::SECOND).unwrap_or(0)
}

fn engine(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

fn check(secret: &[u8], code: &str, now: Ts) -> Option<i64> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 6 {
        return None;
    }
    engine(secret)?.check(&digits, seconds(now)).and_then(|step| i64::try_from(step).ok())
}

/// Sets up the second factor once the first code fits, and makes the session strong. Writes
/// `account.totp_set`.
///
/// # Errors
/// `account.totp.wrong` when the code does not fit.
pub fn set(
    tx: &mut Tx<'_>,
    cx: &Cx,
    session: &[u8; 32],
    enrolment: &Enrolment,
    code: &str,
    until: Ts,
) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    let step = enrolment.check(code, cx.now).ok_or_else(|| Refusal::rule("account.totp.wrong").on("code"))?;
    let sealed = cx.vault.seal(cx.office.id, &bound(account), &enrolment.secret)?;
    store::set_totp(tx, (cx.office.id, account), Some(sealed), Some(step))?;
    store::strengthen(tx, session, until)?;
    events::append(tx, cx, Stream::Account, account.0, "account.totp_set", &())?;
    Ok(())
}

/// Whether a code is right and unused; a right one is used up by this.
///
/// # Errors
/// When the secret cannot be opened.
pub(super) fn redeem(
    tx: &mut Tx<'_>,
    cx: &Cx,
    who: &store::Credentials,
    code: &str,
) -> ::store::Result<bool> {
    let Some(sealed) = &who.totp else { return Ok(false) };
    let secret = cx
        .vault
        .open(who.office, &bound(who.account), sealed)
        .context("the second factor cannot be opened")?;
    let Some(step) = check(&secret, code, cx.now) else { return Ok(false) };
    store::use_step(tx, (who.office, who.account), step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_for_its_minute_and_a_sealed_secret_for_its_session() {
        let enrolment = Enrolment::new().unwrap();
        let now = Ts::parse("2026-03-12T15:24:10+08:00").unwrap();
        let code = enrolment.code(now);
        assert!(enrolment.check(&code, now).is_some());
        assert!(enrolment.check(&format!("{} {}", &code[..3], &code[3..]), now.plus(29_000)).is_some());
        assert!(enrolment.check(&code, now.plus(90_000)).is_none());
        assert!(enrolment.check("12345", now).is_none());
        let vault = Vault::new([3; 32]);
        vault.new_office(OfficeId(1)).unwrap();
        let sealed = enrolment.seal(&vault, OfficeId(1), &[1; 32]).unwrap();
        assert_eq!(Enrolment::open(&vault, OfficeId(1), &[1; 32], &sealed).unwrap().secret, enrolment.secret);
        assert!(Enrolment::open(&vault, OfficeId(1), &[2; 32], &sealed).is_none());
    }
}
