//! The only door to the links: made and cut off by the desk, opened with a PIN by whoever was given it.

use super::model::{Entered, Known, Link, Secret, Standing};
use super::store as rows;
use crate::actor::Actor;
use crate::context::Cx;
use crate::crypto;
use crate::events::{self, Stream};
use crate::features::people::service as people;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{Act, Assignment, AssignmentState, CaseState, Said};
use kernel::{AssignmentId, AttachmentId, CaseId, OfficeId, Refusal, Ts, UnitId};
use serde_json::json;
use std::collections::HashMap;
use store::{Error, Result, Tx};

/// Wrong PINs before a pause.
const TRIES: i64 = 5;
/// The pause.
const PAUSE: i64 = 15 * Ts::MINUTE;
/// Wrong PINs after which the link is cut off.
const TRIES_MOST: i64 = 20;
/// Longest life of a unit's link, in days.
pub const DAYS_MOST: i64 = 366;
/// Links of parts are listed so long.
const LISTED: i64 = 30 * Ts::DAY;

const BOUND: &str = "hand link";

/// Who may make and see links: whoever dispatches.
fn need(cx: &Cx) -> Result<()> {
    Ok(cx.actor.need("demands.dispatch")?)
}

/// How a token is found without being kept.
#[must_use]
pub fn hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::failed(error.to_string())
}

fn pin_mac(cx: &Cx, office: OfficeId, link: i64, pin: &str) -> Result<Vec<u8>> {
    let mac = cx.vault.mac(office, "hand pin", format!("{link}:{pin}").as_bytes());
    Ok(mac.map_err(failed)?.to_vec())
}

/// A token of 128 bits and a PIN of six digits.
fn secret() -> Result<Secret> {
    let random: [u8; 24] = crypto::random().map_err(failed)?;
    let token = data_encoding::BASE32_NOPAD.encode(&random[..16]).to_ascii_lowercase();
    let mut number = [0; 8];
    number.copy_from_slice(&random[16..]);
    Ok(Secret { token, pin: format!("{:06}", u64::from_le_bytes(number) % 1_000_000) })
}

fn write(tx: &mut Tx<'_>, cx: &Cx, mut link: Link) -> Result<i64> {
    let secret = secret()?;
    link.pin_mac = pin_mac(cx, cx.office.id, link.id, &secret.pin)?;
    let plain = format!("{} {}", secret.token, secret.pin);
    link.sealed = cx.vault.seal(cx.office.id, BOUND, plain.as_bytes()).map_err(failed)?;
    rows::put(tx, cx, &link, &hash(&secret.token))?;
    Ok(link.id)
}

fn blank(tx: &mut Tx<'_>, cx: &Cx, unit: UnitId) -> Result<Link> {
    Ok(Link {
        id: tx.id()?,
        office: cx.office.id,
        unit,
        part: None,
        pin_mac: Vec::new(),
        sealed: Vec::new(),
        pictures: Vec::new(),
        until: None,
        made_at: cx.now,
        opened_at: None,
        tries: 0,
        locked_until: None,
        revoked_at: None,
    })
}

/// Makes a link for a unit's part in a case; an earlier one of the same part opens no more.
///
/// # Errors
/// `common.forbidden`; `common.not_found`; `hands.part_over` when nothing is left to do;
/// `hands.secret` for a petition or a report of wrongdoing.
pub fn make_for_part(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: CaseId,
    part: AssignmentId,
    pictures: &[AttachmentId],
) -> Result<i64> {
    need(cx)?;
    let state = engine::visible(tx, cx, case)?;
    let of = state.assignments.iter().find(|a| a.id == part).ok_or_else(Refusal::not_found)?;
    if !of.state.is_open() {
        return Err(Refusal::rule("hands.part_over").into());
    }
    // Petitions and reports of wrongdoing stay with accounts whose rights name them.
    if state.class != "ordinary" {
        return Err(Refusal::rule("hands.secret").into());
    }
    rows::revoke_part(tx, cx, case, part)?;
    let mut link = blank(tx, cx, of.unit)?;
    link.part = Some((case, part));
    link.pictures = pictures.to_vec();
    let id = write(tx, cx, link)?;
    note(tx, cx, &state, "hand_link", of.unit)?;
    Ok(id)
}

/// What a case remembers of its links: that they were made and cut off, and for whom.
fn note(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, what: &str, unit: UnitId) -> Result<()> {
    let said = Said { note: names(tx, cx)?.remove(&unit), ..Said::default() };
    let act = Act { quiet: true, from: case.state.clone(), said, ..engine::act_named(cx, what) };
    engine::record(tx, cx, case, &act)?;
    Ok(())
}

/// Makes a link for all parts of a unit, for so many days.
///
/// # Errors
/// `common.forbidden`; `hands.no_such_unit`; `hands.days` outside 1 to [`DAYS_MOST`].
pub fn make_for_unit(tx: &mut Tx<'_>, cx: &Cx, unit: UnitId, days: i64) -> Result<i64> {
    need(cx)?;
    let known = people::units(tx, cx.office.id)?.iter().any(|u| u.id == unit && u.active);
    if !known {
        return Err(Refusal::rule("hands.no_such_unit").on("unit").into());
    }
    if !(1..=DAYS_MOST).contains(&days) {
        return Err(Refusal::rule("hands.days").on("days").with("most", DAYS_MOST).into());
    }
    let mut link = blank(tx, cx, unit)?;
    link.until = Some(cx.now.plus(days * Ts::DAY));
    let payload = json!({ "link": link.id, "until": link.until });
    events::append(tx, cx, Stream::Unit, unit.0, "unit.hand_link", &payload)?;
    write(tx, cx, link)
}

/// Cuts a link off.
///
/// # Errors
/// `common.forbidden`; `common.not_found`.
pub fn cut(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Link> {
    let Known { link, case, .. } = look(tx, cx, id)?;
    if link.revoked_at.is_some() {
        return Ok(link);
    }
    rows::revoke(tx, cx, id)?;
    match &case {
        Some(case) => note(tx, cx, case, "hand_link_cut", link.unit)?,
        None => {
            let payload = json!({ "link": id });
            events::append(tx, cx, Stream::Unit, link.unit.0, "unit.hand_link_cut", &payload)?;
        }
    }
    Ok(link)
}

/// A link, for the desk.
///
/// # Errors
/// `common.forbidden`; `common.not_found`, also where its case is out of sight.
pub fn look(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Known> {
    need(cx)?;
    let link = rows::by_id(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    known(tx, cx, link)
}

fn known(tx: &mut Tx<'_>, cx: &Cx, link: Link) -> Result<Known> {
    let case = link.part.map(|(case, _)| engine::visible(tx, cx, case)).transpose()?;
    let standing = standing_of(cx.now, &link, case.as_ref());
    Ok(Known { link, case, standing })
}

/// The links of a case that were not cut off, the newest first. The caller has seen that the case is in sight.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn of_case(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState) -> Result<Vec<Known>> {
    need(cx)?;
    let links = rows::of_case(tx, cx.office.id, case.id)?;
    let known = |link: Link| {
        let standing = standing_of(cx.now, &link, Some(case));
        Known { link, case: Some(case.clone()), standing }
    };
    Ok(links.into_iter().map(known).collect())
}

/// Links of units, then those of parts of the last thirty days that the viewer may see.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Known>> {
    need(cx)?;
    let mut out = Vec::new();
    for link in rows::all(tx, cx, cx.now.plus(-LISTED))? {
        match known(tx, cx, link) {
            Ok(known) => out.push(known),
            // Out of sight.
            Err(error) if error.refusal().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}

/// What opens a link: shown to the desk alone.
///
/// # Errors
/// When it cannot be unsealed.
pub fn reveal(cx: &Cx, link: &Link) -> Result<Secret> {
    let plain = cx.vault.open(link.office, BOUND, &link.sealed).map_err(failed)?;
    let plain = String::from_utf8(plain).map_err(failed)?;
    let (token, pin) = plain.split_once(' ').ok_or_else(|| Error::failed("a link without a PIN"))?;
    Ok(Secret { token: token.to_owned(), pin: pin.to_owned() })
}

/// The link of a token; a wrong one and one that never was look the same.
///
/// # Errors
/// `common.not_found`.
pub fn find(tx: &mut Tx<'_>, token: &str) -> Result<Link> {
    rows::by_token(tx, &hash(token))?.ok_or_else(|| Refusal::not_found().into())
}

/// Whether a link may be used now.
///
/// # Errors
/// When the database refuses.
pub fn standing(tx: &mut Tx<'_>, now: Ts, link: &Link) -> Result<Standing> {
    let case = link.part.map(|(case, _)| engine::load(tx, link.office, case)).transpose()?;
    Ok(standing_of(now, link, case.as_ref()))
}

fn standing_of(now: Ts, link: &Link, case: Option<&CaseState>) -> Standing {
    let over = match (link.revoked_at, link.part, case) {
        (Some(_), ..) => return Standing::Cut,
        (None, Some((_, part)), Some(case)) => {
            // A part that was taken away is nobody's to see any more.
            let mine =
                |a: &Assignment| a.id == part && a.state != AssignmentState::Off && a.unit == link.unit;
            if !case.assignments.iter().any(mine) {
                return Standing::Cut;
            }
            case.due_of(part)
        }
        _ => link.until,
    };
    if over.is_some_and(|until| until < now) { Standing::Over } else { Standing::Open }
}

/// Tries a PIN. Wrong ones are counted in the same write, so the caller must not refuse.
///
/// # Errors
/// When the database refuses.
pub fn enter(tx: &mut Tx<'_>, cx: &Cx, link: &Link, pin: &str) -> Result<Entered> {
    if standing(tx, cx.now, link)? != Standing::Open {
        return Ok(Entered::Cut);
    }
    if let Some(until) = link.locked_until.filter(|until| *until > cx.now) {
        return Ok(Entered::Locked { until });
    }
    let digits: String = pin.chars().filter(char::is_ascii_digit).collect();
    let given = pin_mac(cx, link.office, link.id, &digits)?;
    if crypto::is_same(&given, &link.pin_mac) {
        rows::opened(tx, link.office, link.id, cx.now)?;
        return Ok(Entered::Right);
    }
    let tries = link.tries + 1;
    if tries >= TRIES_MOST {
        rows::revoke(tx, cx, link.id)?;
        return Ok(Entered::Cut);
    }
    let locked = (tries % TRIES == 0).then(|| cx.now.plus(PAUSE));
    rows::tried(tx, link.office, link.id, tries, locked)?;
    Ok(match locked {
        Some(until) => Entered::Locked { until },
        None => Entered::Wrong { left: TRIES - tries % TRIES },
    })
}

/// The unit behind a link, as the procedure knows who acts: no account, no rights but its own part.
#[must_use]
pub fn actor(link: &Link) -> Actor {
    Actor {
        name: "link".to_owned(),
        unit: Some(link.unit),
        units: vec![link.unit],
        ..Actor::system(link.office)
    }
}

/// The names of units.
///
/// # Errors
/// When the database refuses.
pub fn names(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<UnitId, String>> {
    Ok(people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.name)).collect())
}
