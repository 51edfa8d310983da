//! Sessions, log-in and the second factor. A browser holds a random token of 256 bits; the database only
//! its hash. `seen_at` moves at most once a minute (DECISIONS 15). Log-ins, failures, locks and log-outs are
//! events of the account.

pub mod login;
pub(crate) mod store;
pub mod token;
pub mod totp;

use crate::actor::Actor;
use crate::context::Cx;
use crate::crypto::random;
use crate::events::{self, Stream};
use crate::features::people::{device, service};
use ::store::Tx;
use anyhow::Result;
use data_encoding::BASE64URL_NOPAD;
use kernel::{AccountId, OfficeId, PostId, Refusal, Ts};
use serde::Serialize;

/// The rights whose holders need a second factor: they reveal identities or administer (DECISIONS 27).
const STRONG: [&str; 6] =
    ["demands.reveal", "people.edit", "people.acting", "settings.edit", "packs.edit", "audit.read"];
/// The rights that mark a desk; who has none of them and reports from the field keeps a longer session.
const DESK: [&str; 4] = ["demands.accept", "demands.dispatch", "demands.arbitrate", "demands.call_back"];
/// `seen_at` moves at most so often.
const SEEN_EVERY: i64 = Ts::MINUTE;

/// A session with its account and what that account may do now.
#[derive(Clone, Debug)]
pub struct Session {
    /// Hash of the token: the session's key.
    pub hash: [u8; 32],
    /// What forms of this session carry.
    pub csrf: String,
    /// When it was opened.
    pub created_at: Ts,
    /// When it was last used, to the minute.
    pub seen_at: Ts,
    /// Until when the second factor counts.
    pub strong_until: Option<Ts>,
    /// The browser, as it calls itself.
    pub agent: String,
    /// The bound phone it was opened on by a PIN; then the actor keeps the rights of the field only.
    pub device: Option<i64>,
    /// Whose.
    pub account: Account,
    /// The tenant.
    pub office: OfficeId,
    /// Who acts, with all rights held now.
    pub actor: Actor,
}

/// What a session needs to know of an account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What is typed to log in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The language chosen.
    pub locale: Option<String>,
    /// When the person last chose a password; `None` asks for a new one.
    pub password_at: Option<Ts>,
    /// Whether a second factor is set up.
    pub has_totp: bool,
    /// Whether it logs in by a password at all; the people of a demonstration do not.
    pub has_password: bool,
}

impl Session {
    /// Whether the second factor was given and still counts.
    #[must_use]
    pub fn is_strong(&self, now: Ts) -> bool {
        self.strong_until.is_some_and(|until| until > now)
    }

    /// Whether it is the phone of somebody in the field, who may be unheard of for hours.
    #[must_use]
    pub fn is_field(&self) -> bool {
        is_field(&self.actor)
    }

    /// Whether it still stands: used within `idle` and opened within `whole` milliseconds.
    #[must_use]
    pub fn is_alive(&self, now: Ts, idle: i64, whole: i64) -> bool {
        now.since(self.seen_at) < idle && now.since(self.created_at) < whole
    }

    /// Whether `seen_at` is due to be moved.
    #[must_use]
    pub fn is_touch_due(&self, now: Ts) -> bool {
        now.since(self.seen_at) >= SEEN_EVERY
    }
}

/// Whether somebody reports from the field and has no desk, no reveal and nothing to administer.
#[must_use]
pub fn is_field(actor: &Actor) -> bool {
    actor.has("demands.report") && !needs_strong(actor) && !DESK.iter().any(|verb| actor.has(verb))
}

/// Whether an actor must give a second factor: all who reveal identities or administer.
#[must_use]
pub fn needs_strong(actor: &Actor) -> bool {
    actor.grants.iter().any(|g| STRONG.contains(&g.verb.as_str()) || g.verb.starts_with("roles."))
}

/// A fresh token with the hash under which it is stored.
#[derive(Clone)]
pub struct Token {
    /// What the browser keeps.
    pub text: String,
    /// What the database keeps.
    pub hash: [u8; 32],
}

/// Makes a token of 256 random bits (also for CSRF tokens, which need no hash).
///
/// # Errors
/// When the machine has no random bytes.
pub fn token() -> Result<Token> {
    let text = BASE64URL_NOPAD.encode(&random::<32>()?);
    let hash = hash(&text);
    Ok(Token { text, hash })
}

/// The hash of a token as it comes from a browser.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

/// The session of a token, with the rights of its account at `now`; `None` when there is none or the account
/// is no longer active. Whether it still stands is for the caller, see [`Session::is_alive`].
///
/// # Errors
/// When the database refuses.
pub fn find(tx: &mut Tx<'_>, hash: &[u8; 32], now: Ts) -> ::store::Result<Option<Session>> {
    let Some(found) = store::find(tx, hash)? else { return Ok(None) };
    let Some(mut actor) = service::actor(tx, found.office, found.account.id, now)? else { return Ok(None) };
    if found.device.is_some() {
        if !device::stands(found.device_used, found.device_ended, now) {
            return Ok(None);
        }
        device::weaken(&mut actor);
    }
    Ok(Some(Session {
        device: found.device,
        hash: *hash,
        csrf: found.csrf,
        created_at: found.created_at,
        seen_at: found.seen_at,
        strong_until: found.strong_until,
        agent: found.agent,
        account: found.account,
        office: found.office,
        actor,
    }))
}

/// Notes that a session is in use.
///
/// # Errors
/// When the database refuses.
pub fn touch(tx: &mut Tx<'_>, hash: &[u8; 32], now: Ts) -> ::store::Result<()> {
    store::touch(tx, hash, now)
}

#[derive(Serialize)]
struct Opened<'a> {
    strong: bool,
    agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<i64>,
}

/// Opens a session and writes `account.logged_in`.
///
/// # Errors
/// When the database refuses.
pub fn open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    token: &Token,
    csrf: &str,
    strong_until: Option<Ts>,
    agent: &str,
) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(|| ::store::Error::failed("a session without an account"))?;
    store::insert(tx, cx, account, token, csrf, strong_until, agent)?;
    let opened = Opened { strong: strong_until.is_some(), agent, device: None };
    events::append(tx, cx, Stream::Account, account.0, "account.logged_in", &opened)?;
    Ok(())
}

/// The same session under a new token, for whoever has just shown or chosen a secret: who had the old one is out.
///
/// # Errors
/// When the database refuses.
pub fn renew(tx: &mut Tx<'_>, old: &[u8; 32], token: &Token, csrf: &str) -> ::store::Result<()> {
    store::renew(tx, old, token, csrf)
}

/// Opens a weak session on a bound phone and writes `account.logged_in`.
///
/// # Errors
/// When the database refuses.
pub(super) fn open_on(
    tx: &mut Tx<'_>,
    cx: &Cx,
    token: &Token,
    csrf: &str,
    device: i64,
    agent: &str,
) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(|| ::store::Error::failed("a session without an account"))?;
    store::insert(tx, cx, account, token, csrf, None, agent)?;
    store::on_device(tx, &token.hash, device)?;
    let opened = Opened { strong: false, agent, device: Some(device) };
    events::append(tx, cx, Stream::Account, account.0, "account.logged_in", &opened)?;
    Ok(())
}

/// Ends a session of the actor's own and writes `account.logged_out`; one that is already gone is none.
///
/// # Errors
/// When the database refuses.
pub fn end(tx: &mut Tx<'_>, cx: &Cx, hash: &[u8; 32]) -> ::store::Result<()> {
    let account = cx.actor.account.ok_or_else(Refusal::not_found)?;
    if store::end(tx, cx.office.id, account, hash)? > 0 {
        events::append(tx, cx, Stream::Account, account.0, "account.logged_out", &())?;
    }
    Ok(())
}

/// Ends all sessions of an account, except one; returns how many.
///
/// # Errors
/// When the database refuses.
pub fn end_all(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
    except: Option<&[u8; 32]>,
) -> ::store::Result<u64> {
    store::end_all(tx, office, account, except)
}

/// A session in the list of one's own.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Hash of the token.
    pub hash: [u8; 32],
    /// When it was opened.
    pub created_at: Ts,
    /// When it was last used.
    pub seen_at: Ts,
    /// The browser.
    pub agent: String,
}

/// The sessions of an account, the last used first.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, office: OfficeId, account: AccountId) -> ::store::Result<Vec<Listed>> {
    store::list(tx, office, account)
}

/// A post as the header shows it: its title and its unit.
///
/// # Errors
/// When the database refuses.
pub fn post_title(tx: &mut Tx<'_>, office: OfficeId, post: PostId) -> ::store::Result<(String, String)> {
    store::post_title(tx, office, post)
}

/// Removes sessions that can no longer be used; returns how many. For the job that tidies up.
///
/// # Errors
/// When the database refuses.
pub fn prune(tx: &mut Tx<'_>, created_before: Ts) -> ::store::Result<u64> {
    store::prune(tx, created_before)
}
