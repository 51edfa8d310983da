//! The door to duty: how the office arranges it, who may take part, and who is on duty.

use super::model::{LEADER, OFFICER, OnDuty, Setup, Shift};
use super::store as rows;
pub use super::store::{Away, Member, OpenCase};
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::roster::fair::Sort;
use crate::words::Words;
use ::store::{Result, Tx};
use kernel::{AccountId, Day, Refusal, Ts, UnitId};
use serde_json::json;
use worktime::DayKind;

/// Days somebody may be entered as away at once.
const AWAY_MOST: i64 = 400;

/// Refuses unless the actor may make the lists of the office, or of this unit.
///
/// # Errors
/// `common.forbidden`.
pub fn need_edit(cx: &Cx, unit: Option<UnitId>) -> Result<()> {
    let reached = cx.actor.reaches("roster.edit").any(|reach| match reach {
        Reach::Office => true,
        Reach::Unit(own) => unit == Some(own),
        Reach::Community(_) | Reach::Grid(_) => false,
    });
    if cx.actor.kind == ActorKind::System || reached {
        return Ok(());
    }
    Err(Refusal::forbidden("common.forbidden").with("grant", "roster.edit").into())
}

/// Whether the actor may make the lists of the office, or of this unit.
#[must_use]
pub fn may_edit(cx: &Cx, unit: Option<UnitId>) -> bool {
    need_edit(cx, unit).is_ok()
}

/// How the office arranges duty, and the version for the next change.
///
/// # Errors
/// When the database refuses.
pub fn setup(tx: &mut Tx<'_>, cx: &Cx) -> Result<(Setup, i64)> {
    rows::setup(tx, cx)
}

/// Changes it.
///
/// # Errors
/// Forbidden; `common.conflict`; what [`Setup::check`] refuses.
pub fn set_setup(tx: &mut Tx<'_>, cx: &Cx, version: i64, setup: &Setup) -> Result<()> {
    need_edit(cx, None)?;
    setup.check()?;
    if &rows::setup(tx, cx)?.0 == setup {
        return Ok(());
    }
    if !rows::put_setup(tx, cx, version, setup)? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.arranged", setup)?;
    Ok(())
}

/// The name of a kind of duty.
#[must_use]
pub fn kind_name(w: &Words, setup: &Setup, key: &str) -> String {
    match setup.kinds.iter().find(|k| k.key == key) {
        Some(kind) if !kind.name.is_empty() => kind.name.clone(),
        _ if key == LEADER || key == OFFICER => w.t(&format!("roster-kind-{key}")),
        _ => w.t("roster-kind-other"),
    }
}

/// Who may take part in the office's duty, or in a unit's.
///
/// # Errors
/// When the database refuses.
pub fn members(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<Vec<Member>> {
    rows::staff(tx, cx, unit)
}

/// The office's own units.
///
/// # Errors
/// When the database refuses.
pub fn units(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(UnitId, String)>> {
    rows::units(tx, cx)
}

/// The name of an account.
///
/// # Errors
/// When the database refuses.
pub fn name(tx: &mut Tx<'_>, cx: &Cx, account: Option<AccountId>) -> Result<String> {
    match account {
        Some(account) => Ok(rows::name(tx, cx, account)?.unwrap_or_default()),
        None => Ok(String::new()),
    }
}

/// Numbers on duty.
///
/// # Errors
/// When the database refuses.
pub fn phones(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(AccountId, String)>> {
    rows::phones(tx, cx)
}

/// Sets the number of a member of staff on duty; one may set one's own.
///
/// # Errors
/// Forbidden; `roster.phone`; not found for who cannot take part.
pub fn set_phone(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, phone: &str) -> Result<()> {
    if cx.actor.account != Some(account) {
        need_edit(cx, None)?;
    }
    let phone = phone.trim();
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+');
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    if !phone.is_empty() && (!phone.chars().all(dialled) || !(3..=15).contains(&digits)) {
        return Err(Refusal::rule("roster.phone").on("phone").into());
    }
    if !rows::staff(tx, cx, None)?.iter().any(|m| m.account == account) {
        return Err(Refusal::not_found().into());
    }
    rows::put_phone(tx, cx, account, phone)?;
    let body = json!({ "account": account, "phone": phone });
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.phone_set", &body)?;
    Ok(())
}

/// Who is away from today on.
///
/// # Errors
/// When the database refuses.
pub fn away(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Away>> {
    rows::away(tx, cx, cx.today())
}

/// Enters that somebody cannot be on duty on some days. Why is not asked.
///
/// # Errors
/// Forbidden; `roster.days` for days that are none or too many; not found.
pub fn set_away(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, from: Day, until: Day) -> Result<()> {
    need_edit(cx, None)?;
    if until < from || until > from.plus(AWAY_MOST) {
        return Err(Refusal::rule("roster.days").on("until").with("most", AWAY_MOST).into());
    }
    if !rows::staff(tx, cx, None)?.iter().any(|m| m.account == account) {
        return Err(Refusal::not_found().into());
    }
    let id = rows::add_away(tx, cx, account, from, until)?;
    let body = json!({ "id": id, "account": account, "from": from, "until": until });
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.away_set", &body)?;
    Ok(())
}

/// Takes such days back: they end yesterday.
///
/// # Errors
/// Forbidden; not found.
pub fn end_away(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    need_edit(cx, None)?;
    if !rows::end_away(tx, cx, id, cx.today().plus(-1))? {
        return Err(Refusal::not_found().into());
    }
    events::append(tx, cx, Stream::Roster, cx.office.id.0, "roster.away_ended", &json!({ "id": id }))?;
    Ok(())
}

/// Who is on duty at an instant: a unit's own people, or else the office's. Officers come first, then the other
/// kinds as the office orders them, then the leader in charge: the order in which one calls.
///
/// # Errors
/// When the database refuses.
pub fn on_duty(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, at: Ts) -> Result<Vec<OnDuty>> {
    let (setup, _) = rows::setup(tx, cx)?;
    let mut found = match unit {
        Some(_) => rows::on_duty(tx, cx, unit, at)?,
        None => Vec::new(),
    };
    if found.is_empty() {
        found = rows::on_duty(tx, cx, None, at)?;
    }
    let order = |kind: &str| match kind {
        OFFICER => 0,
        LEADER => setup.kinds.len() + 1,
        _ => 1 + setup.kinds.iter().position(|k| k.key == kind).unwrap_or(0),
    };
    found.sort_by_key(|d| (order(&d.kind), d.from, d.shift));
    Ok(found)
}

/// Whether the actor is on duty now, for the office or for this unit.
///
/// # Errors
/// When the database refuses.
pub fn is_on_duty(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<bool> {
    let Some(account) = cx.actor.account else { return Ok(false) };
    Ok(rows::on_duty(tx, cx, unit, cx.now)?.iter().any(|d| d.account == account))
}

/// Refuses unless the actor is on duty, has just been, is soon to be, or makes the lists.
///
/// # Errors
/// `roster.not_on_duty`.
pub fn need_duty(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<()> {
    if may_edit(cx, unit) {
        return Ok(());
    }
    let near = 2 * Ts::HOUR;
    for at in [cx.now, cx.now.plus(near), cx.now.plus(-near)] {
        if rows::on_duty(tx, cx, unit, at)?.iter().any(|d| Some(d.account) == cx.actor.account) {
            return Ok(());
        }
    }
    Err(Refusal::forbidden("roster.not_on_duty").into())
}

/// What sort of day an instant falls on, by the office's calendar.
#[must_use]
pub fn sort_of(cx: &Cx, at: Ts) -> Sort {
    match cx.office.rules.calendar.kind(at.day(&cx.office.tz)) {
        DayKind::Holiday => Sort::Holiday,
        DayKind::Weekend => Sort::Weekend,
        DayKind::Workday | DayKind::Adjusted => Sort::Workday,
    }
}

/// Published shifts that touch a time, of the office or of one unit.
///
/// # Errors
/// Forbidden without `roster.read`; when the database refuses.
pub fn published(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, from: Ts, until: Ts) -> Result<Vec<Shift>> {
    cx.actor.need("roster.read")?;
    rows::published(tx, cx, unit, from, until)
}

/// A published shift.
///
/// # Errors
/// Forbidden without `roster.read`; not found.
pub fn shift(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Shift> {
    cx.actor.need("roster.read")?;
    let found = rows::shift(tx, cx, id)?.filter(|s| s.state == "published");
    found.ok_or_else(|| Refusal::not_found().into())
}

/// One's own shifts that are not over.
///
/// # Errors
/// When the database refuses.
pub fn mine(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Shift>> {
    match cx.actor.account {
        Some(account) => rows::of_account(tx, cx, account),
        None => Ok(Vec::new()),
    }
}

/// Shifts of somebody that are not over, to be taken in exchange.
///
/// # Errors
/// When the database refuses.
pub fn of_account(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<Shift>> {
    rows::of_account(tx, cx, account)
}

/// Open urgent cases that the actor may see, for a hand-over.
///
/// # Errors
/// When the database refuses.
pub fn urgent_cases(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<OpenCase>> {
    rows::urgent_cases(tx, cx)
}
