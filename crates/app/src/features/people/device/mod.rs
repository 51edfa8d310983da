//! Phones of people in the field. The office, or the secretary of their community, makes a code that counts for a quarter
//! of an hour; with it one browser is bound to the account and given a PIN of six digits. From then on that browser
//! opens by the PIN alone, until nobody used it for thirty days or somebody cuts it off. What is opened so is weak: it
//! keeps the rights of [`FIELD`] and no others, whatever the posts bring.

mod store;

use crate::actor::Actor;
use crate::context::Cx;
use crate::crypto;
use crate::crypto::random;
use crate::events::{self, Stream};
use crate::features::people::service;
use crate::features::people::session::{self, Token, is_field};
use ::store::{Error, Result, Tx};
use kernel::{AccountId, OfficeId, Refusal, Ts};
use serde::Serialize;

/// All that a session of a bound phone may do: look, report, answer. No reveal, no export, no administration.
pub const FIELD: [&str; 7] = [
    "demands.read",
    "demands.report",
    "places.read",
    "catalogue.read",
    "tasks.answer",
    "meetings.read",
    "roster.read",
];
/// For how long a code counts.
pub const CODE_FOR: i64 = 15 * Ts::MINUTE;
/// A phone that nobody used for so long is bound no more.
pub const BOUND_FOR: i64 = 30 * Ts::DAY;
/// Wrong PINs before a pause.
const TRIES: i64 = 5;
/// The pause.
const PAUSE: i64 = 15 * Ts::MINUTE;
/// Wrong PINs, one after the other, after which the phone is cut off.
const TRIES_MOST: i64 = 10;
/// Longest name of a phone.
const NAME_MOST: usize = 40;
/// Letters of a code: none that is mistaken for another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A phone, or a code that may still become one.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its id.
    pub id: i64,
    /// The tenant.
    pub office: OfficeId,
    /// Whose.
    pub account: AccountId,
    /// The person's name.
    pub person: String,
    /// What the phone is called.
    pub name: String,
    /// The PIN under the office's key.
    pub pin_mac: Option<Vec<u8>>,
    /// Until when the code counts.
    pub code_until: Option<Ts>,
    /// When it was bound.
    pub bound_at: Option<Ts>,
    /// When it was last used, to the minute.
    pub used_at: Option<Ts>,
    /// Wrong PINs since the last right one.
    pub tries: i64,
    /// No PIN is taken before.
    pub locked_until: Option<Ts>,
    /// When it was cut off.
    pub ended_at: Option<Ts>,
}

impl Device {
    /// Whether it is bound and was used within [`BOUND_FOR`].
    #[must_use]
    pub fn stands(&self, now: Ts) -> bool {
        stands(self.used_at, self.ended_at, now)
    }

    /// Until when it stays bound when nobody uses it.
    #[must_use]
    pub fn until(&self) -> Option<Ts> {
        self.used_at.map(|at| at.plus(BOUND_FOR))
    }
}

/// Whether a phone with these instants is bound now.
pub(super) fn stands(used: Option<Ts>, ended: Option<Ts>, now: Ts) -> bool {
    ended.is_none() && used.is_some_and(|at| now.since(at) < BOUND_FOR)
}

/// What a session of a bound phone keeps of the rights.
pub(super) fn weaken(actor: &mut Actor) {
    actor.grants.retain(|g| FIELD.contains(&g.verb.as_str()));
}

/// How a code or a token is found without being kept.
fn hash(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::failed(error.to_string())
}

fn pin_mac(cx: &Cx, device: &Device, pin: &str) -> Result<Vec<u8>> {
    let mac = cx.vault.mac(device.office, "device pin", format!("{}:{pin}", device.id).as_bytes());
    Ok(mac.map_err(failed)?.to_vec())
}

/// A code as somebody types it: letters and digits, in capitals.
#[must_use]
pub fn typed(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(40).collect()
}

/// Whether the actor may bind phones of this account and cut them off: whoever edits accounts, and whoever names stand-ins
/// for every post that the account holds, as the secretary does for the grids of her community.
///
/// # Errors
/// When the database refuses.
pub fn may_manage(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<bool> {
    if cx.actor.has("people.edit") {
        return Ok(true);
    }
    let now: Vec<_> = service::holdings(tx, cx, account)?.into_iter().filter(|h| h.is_now(cx.now)).collect();
    for holding in &now {
        let Some(post) = service::post(tx, cx, holding.post)? else { return Ok(false) };
        let post = post.post;
        if !service::rights::reaches_post(tx, cx, "people.acting", post.unit, post.place)? {
            return Ok(false);
        }
    }
    Ok(!now.is_empty())
}

/// Whether the account's work is in the field alone: only such a one may have a phone.
///
/// # Errors
/// When the database refuses.
pub fn is_for(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<bool> {
    Ok(service::actor(tx, cx.office.id, account, cx.now)?.is_some_and(|actor| is_field(&actor)))
}

#[derive(Serialize)]
struct Noted<'a> {
    device: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

fn note(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, kind: &str, device: i64, name: &str) -> Result<()> {
    events::append(tx, cx, Stream::Account, account.0, kind, &Noted { device, name })?;
    Ok(())
}

/// Makes a code for an account; an earlier one that nobody used counts no more. Writes `account.device_code`.
///
/// # Errors
/// `common.forbidden`; `account.device.not_field` for an account that does more than report.
pub fn make_code(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<String> {
    if !may_manage(tx, cx, account)? {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "people.edit people.acting").into());
    }
    if !is_for(tx, cx, account)? {
        return Err(Refusal::rule("account.device.not_field").into());
    }
    let bytes: [u8; 10] = random().map_err(failed)?;
    let code: String = bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect();
    let id = store::put(tx, cx, account, &hash(&code), cx.now.plus(CODE_FOR))?;
    note(tx, cx, account, "account.device_code", id, "")?;
    Ok(code)
}

/// The code that somebody shows, if it still counts.
///
/// # Errors
/// `account.device.code` for one that is wrong, used or too old: all look the same.
pub fn of_code(tx: &mut Tx<'_>, code: &str, now: Ts) -> Result<Device> {
    let found = store::by_code(tx, &hash(&typed(code)))?;
    let counts = |d: &Device| d.bound_at.is_none() && d.code_until.is_some_and(|until| until > now);
    found.filter(counts).ok_or_else(|| Refusal::rule("account.device.code").on("code").into())
}

/// The phone behind a browser's token, while it stands.
///
/// # Errors
/// When the database refuses.
pub fn of_token(tx: &mut Tx<'_>, token: &str, now: Ts) -> Result<Option<Device>> {
    Ok(store::by_token(tx, &hash(token))?.filter(|d| d.stands(now)))
}

/// Six digits, and none of those everybody tries first.
fn check_pin(pin: &str, again: &str) -> std::result::Result<(), Refusal> {
    let digits = pin.as_bytes();
    if digits.len() != 6 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::rule("account.device.pin_form").on("pin"));
    }
    let step = |by: i16| digits.windows(2).all(|w| i16::from(w[1]) - i16::from(w[0]) == by);
    if step(0) || step(1) || step(-1) || pin[..3] == pin[3..] {
        return Err(Refusal::rule("account.device.pin_easy").on("pin"));
    }
    if pin == again { Ok(()) } else { Err(Refusal::rule("account.device.pin_again").on("again")) }
}

/// How a browser is bound.
pub struct Binding<'a> {
    /// The browser's new token.
    pub token: &'a str,
    /// The PIN chosen.
    pub pin: &'a str,
    /// The same once more.
    pub again: &'a str,
    /// What the phone is called.
    pub name: &'a str,
}

/// Binds a browser with a code, which is used up. Writes `account.device_bound`. `cx` is the account's own.
///
/// # Errors
/// `account.device.code`, `account.device.pin_form`, `account.device.pin_easy`, `account.device.pin_again`,
/// `account.device.not_field` when the account has come to do more than report.
pub fn bind(tx: &mut Tx<'_>, cx: &Cx, code: &str, how: &Binding<'_>) -> Result<Device> {
    let found = of_code(tx, code, cx.now)?;
    check_pin(how.pin, how.again)?;
    if !is_for(tx, cx, found.account)? {
        return Err(Refusal::rule("account.device.not_field").into());
    }
    let name: String = how.name.trim().chars().take(NAME_MOST).collect();
    let mac = pin_mac(cx, &found, how.pin)?;
    if !store::bind(tx, (found.office, found.id), &hash(how.token), mac, &name, cx.now)? {
        return Err(Refusal::rule("account.device.code").on("code").into());
    }
    note(tx, cx, found.account, "account.device_bound", found.id, &name)?;
    Ok(Device { name, bound_at: Some(cx.now), used_at: Some(cx.now), ..found })
}

/// How a PIN was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// The session is open.
    Open,
    /// Wrong; so many are left before the pause, or before the end.
    Wrong {
        /// How many.
        left: i64,
    },
    /// No PIN is taken before.
    Locked {
        /// Until when.
        until: Ts,
    },
    /// The phone is bound no more.
    Cut,
}

/// Tries a PIN and opens a session. Wrong ones are counted in the same write, so the caller must not refuse. `cx` is the
/// account's own.
///
/// # Errors
/// When the database refuses.
pub fn enter(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (device, pin): (&str, &str),
    opening: (&Token, &str, &str),
) -> Result<Entered> {
    let Some(found) = of_token(tx, device, cx.now)? else { return Ok(Entered::Cut) };
    if let Some(until) = found.locked_until.filter(|until| *until > cx.now) {
        return Ok(Entered::Locked { until });
    }
    let digits: String = pin.chars().filter(char::is_ascii_digit).collect();
    let given = pin_mac(cx, &found, &digits)?;
    if found.pin_mac.as_deref().is_some_and(|mac| crypto::is_same(&given, mac)) {
        return open(tx, cx, &found, opening);
    }
    let tries = found.tries + 1;
    if tries >= TRIES_MOST {
        store::end(tx, cx, found.id)?;
        note(tx, cx, found.account, "account.device_cut", found.id, &found.name)?;
        return Ok(Entered::Cut);
    }
    let locked = (tries % TRIES == 0).then(|| cx.now.plus(PAUSE));
    store::tried(tx, (found.office, found.id), tries, locked)?;
    note(tx, cx, found.account, "account.device_failed", found.id, &found.name)?;
    Ok(match locked {
        Some(until) => Entered::Locked { until },
        None => Entered::Wrong { left: TRIES - tries % TRIES },
    })
}

/// Opens a session on a phone that proved itself.
///
/// # Errors
/// When the database refuses.
pub fn open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    device: &Device,
    (token, csrf, agent): (&Token, &str, &str),
) -> Result<Entered> {
    store::used(tx, (device.office, device.id), cx.now)?;
    session::open_on(tx, cx, token, csrf, device.id, agent)?;
    Ok(Entered::Open)
}

/// The phones of an account that are bound now, the last used first; for its owner and whoever may manage them.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<Device>> {
    if cx.actor.account != Some(account) && !may_manage(tx, cx, account)? {
        return Ok(Vec::new());
    }
    Ok(store::list(tx, cx.office.id, account)?.into_iter().filter(|d| d.stands(cx.now)).collect())
}

/// Cuts a phone off, with whatever is open on it. Writes `account.device_cut`.
///
/// # Errors
/// `common.not_found` for a phone that is not bound, or not the actor's to cut off.
pub fn cut(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: i64) -> Result<()> {
    let found = list(tx, cx, account)?.into_iter().find(|d| d.id == id).ok_or_else(Refusal::not_found)?;
    if store::end(tx, cx, id)? {
        note(tx, cx, account, "account.device_cut", id, &found.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_that_are_not_tried_first() {
        let code = |pin: &str| check_pin(pin, pin).err().map(|r| r.code);
        for good in ["582041", "100200", "135790"] {
            assert_eq!(code(good), None, "{good}");
        }
        for easy in ["000000", "123456", "654321", "258258"] {
            assert_eq!(code(easy), Some("account.device.pin_easy"), "{easy}");
        }
        for wrong in ["58204", "5820411", "58204a", "", "\u{4e94}\u{516b}"] {
            assert_eq!(code(wrong), Some("account.device.pin_form"), "{wrong}");
        }
        assert_eq!(check_pin("582041", "582042").unwrap_err().code, "account.device.pin_again");
    }

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        assert_eq!(typed(" ab3de-fghjk "), "AB3DEFGHJK");
    }
}
