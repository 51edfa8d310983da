//! What the public side seals for itself: the short-lived cookie that stands for number and code, the pictures
//! of a form that has to be shown again, and the troubles offered while somebody types. None of it can be
//! made or read outside.

use super::link::{Picture, Ticket};
use crate::crypto::Vault;
use crate::web::{App, Visit};
use axum::http::HeaderValue;
use data_encoding::BASE64URL_NOPAD;
use kernel::{CaseId, OfficeId, Ts};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The cookie's name.
const COOKIE: &str = "gezhi-p";
/// How long number and code need not be given again.
const OPEN_FOR: i64 = 2 * Ts::HOUR;
/// How long what a form carries stays good: a form may wait for the network as long as a browser keeps it.
const FORM_FOR: i64 = 7 * Ts::DAY;
/// Reports followed in one browser at once.
const SEATS_MOST: usize = 5;

/// A report that is open in this browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) ticket: Ticket,
    /// Shown once more on the receipt, only where it was just made.
    pub(super) code: Option<String>,
    /// The report joined an open trouble when it was filed.
    pub(super) followed: bool,
    until: Ts,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    picture: Picture,
    until: Ts,
}

#[derive(Serialize, Deserialize)]
struct Offered {
    case: CaseId,
    until: Ts,
}

/// The first office's key seals for the public side: it exists wherever pages are served.
fn office(app: &App) -> OfficeId {
    app.offices().first().map_or(OfficeId(0), |o| o.id)
}

fn seal<T: Serialize>(vault: &Vault, office: OfficeId, bound: &str, value: &T) -> Option<String> {
    let plain = serde_json::to_vec(value).ok()?;
    vault.seal(office, bound, &plain).ok().map(|sealed| BASE64URL_NOPAD.encode(&sealed))
}

fn open<T: DeserializeOwned>(vault: &Vault, office: OfficeId, bound: &str, text: &str) -> Option<T> {
    let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    serde_json::from_slice(&vault.open(office, bound, &sealed).ok()?).ok()
}

/// The reports open in this browser.
pub(super) fn seats(app: &App, visit: &Visit) -> Vec<Seat> {
    let seats: Vec<Seat> = visit
        .cookie(COOKIE)
        .and_then(|text| open(&app.vault, office(app), "public seats", text))
        .unwrap_or_default();
    let now = app.clock.now();
    seats.into_iter().filter(|seat| seat.until > now).collect()
}

/// The report of a number, if it is open in this browser.
pub(super) fn seat(app: &App, visit: &Visit, no: &str) -> Option<Seat> {
    seats(app, visit).into_iter().find(|seat| seat.ticket.no == no)
}

/// The cookie with one more report, the newest first.
pub(super) fn sit(
    app: &App,
    visit: &Visit,
    ticket: &Ticket,
    code: Option<String>,
    followed: bool,
) -> Option<HeaderValue> {
    let mut all = seats(app, visit);
    let known = all.iter().position(|seat| seat.ticket == *ticket).map(|i| all.remove(i));
    let code = code.or_else(|| known.as_ref().and_then(|k| k.code.clone()));
    let followed = followed || known.is_some_and(|k| k.followed);
    all.insert(0, Seat { ticket: ticket.clone(), code, followed, until: app.clock.now().plus(OPEN_FOR) });
    all.truncate(SEATS_MOST);
    let text = seal(&app.vault, office(app), "public seats", &all)?;
    cookie(app, &text, OPEN_FOR / Ts::SECOND)
}

/// Forgets all reports of this browser.
pub(super) fn leave(app: &App) -> Option<HeaderValue> {
    cookie(app, "", 0)
}

fn cookie(app: &App, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if app.config.secure() { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{COOKIE}={value}; Path=/p; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}"
    ))
    .ok()
}

/// A picture as a form carries it when it has to be shown again.
pub(super) fn keep(app: &App, picture: &Picture) -> String {
    let kept = Kept { picture: picture.clone(), until: app.clock.now().plus(FORM_FOR) };
    seal(&app.vault, office(app), "public picture", &kept).unwrap_or_default()
}

/// The picture a form carried.
pub(super) fn kept(app: &App, text: &str) -> Option<Picture> {
    let kept: Kept = open(&app.vault, office(app), "public picture", text)?;
    (kept.until > app.clock.now()).then_some(kept.picture)
}

/// A trouble as it is offered: nobody can name a case that was not offered to them.
pub(super) fn offer(app: &App, case: CaseId) -> String {
    let offered = Offered { case, until: app.clock.now().plus(FORM_FOR) };
    seal(&app.vault, office(app), "public offer", &offered).unwrap_or_default()
}

/// The trouble that was chosen.
pub(super) fn offered(app: &App, text: &str) -> Option<CaseId> {
    let offered: Offered = open(&app.vault, office(app), "public offer", text)?;
    (offered.until > app.clock.now()).then_some(offered.case)
}

/// The tracking code of a parcel: always the same for the same id, so that a retry reads the same one, and
/// kept nowhere.
pub(super) fn code_of(app: &App, office: OfficeId, parcel: &str) -> anyhow::Result<String> {
    let mac = app.vault.mac(office, "tracking code of a parcel", parcel.as_bytes())?;
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&mac[..8]);
    Ok(text::tracking_code(&bytes))
}
