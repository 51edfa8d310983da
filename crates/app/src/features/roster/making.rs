//! Making a list: drafted by [`super::fair`], changed by hand, published.

use super::fair::{self, Counts, Known, Slot};
use super::model::{Roster, Shift, Span, Why};
use super::service::{may_edit, members, need_edit, sort_of};
use super::store::{self as rows, NewShift};
use crate::context::Cx;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use kernel::{AccountId, Day, Refusal, Ts, UnitId};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// Days of one list.
pub const DAYS_MOST: i64 = 62;
/// Shifts so long ago count towards fairness.
const COUNTED: i64 = 365 * Ts::DAY;

/// What a list is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wish {
    /// Whose duty; none for the whole office.
    pub unit: Option<UnitId>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// The shifts of a day.
    pub spans: Vec<Span>,
    /// How many of each kind a shift has, and who takes part in it.
    pub kinds: Vec<(String, i64, Vec<AccountId>)>,
}

impl Wish {
    fn days(&self) -> Vec<Day> {
        let next = |n| self.from.plus(n);
        (0..=DAYS_MOST).map(next).take_while(|day| *day <= self.until).collect()
    }

    fn check(&self) -> std::result::Result<(), Refusal> {
        if self.until < self.from || self.until >= self.from.plus(DAYS_MOST) {
            return Err(Refusal::rule("roster.days").on("until").with("most", DAYS_MOST));
        }
        if self.spans.is_empty() || self.spans.len() > 4 {
            return Err(Refusal::rule("roster.setup.spans").on("spans"));
        }
        if self.kinds.iter().any(|(_, heads, _)| !(0..=20).contains(heads)) {
            return Err(Refusal::rule("roster.setup.heads").on("kinds"));
        }
        if self.kinds.iter().all(|(_, heads, _)| *heads == 0) {
            return Err(Refusal::rule("roster.no_heads").on("kinds"));
        }
        if self.kinds.iter().any(|(_, heads, people)| *heads > 0 && people.is_empty()) {
            return Err(Refusal::rule("roster.nobody").on("kinds"));
        }
        Ok(())
    }
}

/// Drafts a list; returns its id.
///
/// # Errors
/// Forbidden; what a list cannot be; `roster.days_taken` where a published one covers a day already.
pub fn draft(tx: &mut Tx<'_>, cx: &Cx, wish: &Wish) -> Result<i64> {
    need_edit(cx, wish.unit)?;
    wish.check()?;
    let tz = &cx.office.tz;
    let (start, end) = (wish.from.start(tz), wish.until.plus(1).start(tz));
    let taken = rows::published(tx, cx, wish.unit, start, end)?;
    if let Some(shift) = taken.iter().find(|s| s.from >= start) {
        let day = shift.from.day(tz).iso();
        return Err(Refusal::rule("roster.days_taken").on("from").with("day", day).into());
    }
    let known = known(tx, cx, wish, (start, end))?;
    let mut slots = Vec::new();
    for day in wish.days() {
        for span in &wish.spans {
            let (from, until) = span.on(day, tz);
            for (kind, heads, _) in &wish.kinds {
                for _ in 0..*heads {
                    slots.push(Slot { kind: kind.clone(), day, sort: sort_of(cx, from), from, until });
                }
            }
        }
    }
    let roster = rows::add_roster(tx, cx, wish.unit, wish.from, wish.until)?;
    for (slot, (account, why)) in slots.iter().zip(fair::fill(known, &slots, tz)) {
        let (kind, from, until) = (slot.kind.as_str(), slot.from, slot.until);
        rows::add_shift(tx, cx, &NewShift { roster, unit: wish.unit, kind, account, from, until, why })?;
    }
    events::append(tx, cx, Stream::Roster, roster, "roster.drafted", wish)?;
    Ok(roster)
}

fn known(tx: &mut Tx<'_>, cx: &Cx, wish: &Wish, (start, end): (Ts, Ts)) -> Result<Known> {
    let staff = members(tx, cx, wish.unit)?;
    let mut known = Known::default();
    for (kind, _, people) in &wish.kinds {
        if people.iter().any(|who| !staff.iter().any(|m| m.account == *who)) {
            return Err(Refusal::not_found().into());
        }
        // Ties are broken in the order of the staff list.
        let order = staff.iter().map(|m| m.account).filter(|a| people.contains(a)).collect();
        known.people.insert(kind.clone(), order);
    }
    known.counts = counts_before(tx, cx, start)?;
    for (who, from, until) in rows::busy(tx, cx, start.plus(-3 * Ts::DAY), end.plus(3 * Ts::DAY))? {
        known.busy.entry(who).or_default().push((from, until));
    }
    known.away = rows::away(tx, cx, wish.from)?.into_iter().map(|a| (a.account, a.from, a.until)).collect();
    Ok(known)
}

/// What everybody had in the year before an instant: published shifts only.
fn counts_before(tx: &mut Tx<'_>, cx: &Cx, before: Ts) -> Result<HashMap<AccountId, Counts>> {
    let mut shifts = rows::busy(tx, cx, before.plus(-COUNTED), before)?;
    shifts.retain(|(_, from, _)| *from < before);
    Ok(rows::counts(&shifts, |at| sort_of(cx, at)))
}

/// Who took part as what in the last year: the suggestion for the next list.
///
/// # Errors
/// When the database refuses.
pub fn took_part(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<Vec<(String, AccountId)>> {
    rows::took_part(tx, cx, unit, cx.now.plus(-COUNTED))
}

/// Drafts that somebody is at.
///
/// # Errors
/// When the database refuses.
pub fn drafts(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Roster>> {
    let mut all = rows::drafts(tx, cx)?;
    all.retain(|r| need_edit(cx, r.unit).is_ok());
    Ok(all)
}

/// A draft with its shifts.
///
/// # Errors
/// Not found, and so for whoever does not make lists of that unit: what is only being drawn up is told to nobody else.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<(Roster, Vec<Shift>)> {
    let roster = rows::roster(tx, cx, id)?
        .filter(|r| r.state == "draft" && may_edit(cx, r.unit))
        .ok_or_else(Refusal::not_found)?;
    Ok((roster, rows::of_roster(tx, cx, id)?))
}

/// Puts other people on shifts of a draft.
///
/// # Errors
/// Forbidden; `common.conflict`; `roster.twice` when somebody would be on two shifts at once.
pub fn change(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: i64,
    version: i64,
    people: &[(i64, Option<AccountId>)],
) -> Result<()> {
    let (roster, mut shifts) = find(tx, cx, id)?;
    if !rows::touch_roster(tx, cx, id, version)? {
        return Err(Refusal::conflict().into());
    }
    let staff = members(tx, cx, roster.unit)?;
    let mut changed = Vec::new();
    for (shift, account) in people {
        let Some(at) = shifts.iter_mut().find(|s| s.id == *shift) else { continue };
        if at.account == *account {
            continue;
        }
        if account.is_some_and(|a| !staff.iter().any(|m| m.account == a)) {
            return Err(Refusal::not_found().into());
        }
        let why = Why { by_hand: true, ..Why::default() };
        rows::put_person(tx, cx, at, *account, why)?;
        changed.push(json!({ "shift": shift, "before": at.account, "after": account }));
        at.account = *account;
    }
    check_twice(cx, &shifts, &staff)?;
    if !changed.is_empty() {
        events::append(tx, cx, Stream::Roster, id, "roster.changed", &changed)?;
    }
    Ok(())
}

fn check_twice(cx: &Cx, shifts: &[Shift], staff: &[rows::Member]) -> Result<()> {
    for (i, a) in shifts.iter().enumerate() {
        let overlaps = |b: &Shift| a.account == b.account && a.from < b.until && b.from < a.until;
        let later = shifts.get(i + 1..).unwrap_or_default();
        if let Some(account) = a.account.filter(|_| later.iter().any(overlaps)) {
            let name = staff.iter().find(|m| m.account == account).map(|m| m.name.clone());
            let day = a.from.day(&cx.office.tz).iso();
            let twice = Refusal::rule("roster.twice").with("name", name.unwrap_or_default());
            return Err(twice.with("day", day).into());
        }
    }
    Ok(())
}

/// Publishes a draft.
///
/// # Errors
/// Forbidden; `common.conflict`; `roster.vacant` with how many shifts nobody is on; `roster.days_taken` where another
/// list was published meanwhile.
pub fn publish(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64) -> Result<Roster> {
    let (roster, shifts) = find(tx, cx, id)?;
    let vacant = shifts.iter().filter(|s| s.account.is_none()).count();
    if vacant > 0 {
        return Err(Refusal::rule("roster.vacant").with("n", vacant).into());
    }
    let tz = &cx.office.tz;
    let (start, end) = (roster.from.start(tz), roster.until.plus(1).start(tz));
    let taken = rows::published(tx, cx, roster.unit, start, end)?;
    if let Some(shift) = taken.iter().find(|s| s.from >= start) {
        return Err(Refusal::rule("roster.days_taken").with("day", shift.from.day(tz).iso()).into());
    }
    end_draft(tx, cx, id, version, "published")?;
    Ok(roster)
}

/// Throws a draft away; it stays in the history.
///
/// # Errors
/// Forbidden; `common.conflict`.
pub fn discard(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64) -> Result<()> {
    find(tx, cx, id)?;
    end_draft(tx, cx, id, version, "off")
}

fn end_draft(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64, state: &'static str) -> Result<()> {
    if !rows::set_roster(tx, cx, id, version, state)? {
        return Err(Refusal::conflict().into());
    }
    let kind = if state == "published" { "roster.published" } else { "roster.discarded" };
    events::append(tx, cx, Stream::Roster, id, kind, &json!({}))?;
    Ok(())
}

/// Puts somebody else on a published shift, with the reason.
///
/// # Errors
/// Forbidden; `common.missing` without a reason; `common.conflict`; `roster.over` for a shift that is over;
/// `roster.busy` when the other has a shift at that time.
pub fn replace(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: i64,
    version: i64,
    account: AccountId,
    reason: &str,
) -> Result<()> {
    let shift = super::service::shift(tx, cx, id)?;
    need_edit(cx, shift.unit)?;
    if shift.version != version {
        return Err(Refusal::conflict().into());
    }
    if reason.trim().is_empty() {
        return Err(Refusal::missing("reason").into());
    }
    if shift.until <= cx.now {
        return Err(Refusal::rule("roster.over").into());
    }
    put(tx, cx, &shift, account)?;
    let body = json!({ "shift": id, "before": shift.account, "after": account, "reason": reason.trim() });
    events::append(tx, cx, Stream::Roster, shift.roster, "roster.replaced", &body)?;
    Ok(())
}

/// Puts somebody on a published shift who can be there.
pub(super) fn put(tx: &mut Tx<'_>, cx: &Cx, shift: &Shift, account: AccountId) -> Result<()> {
    let staff = members(tx, cx, shift.unit)?;
    let Some(member) = staff.iter().find(|m| m.account == account) else {
        return Err(Refusal::not_found().into());
    };
    let busy = rows::busy(tx, cx, shift.from, shift.until)?;
    if busy.iter().any(|(who, _, _)| *who == account) {
        return Err(Refusal::rule("roster.busy").on("account").with("name", &member.name).into());
    }
    let why = Why { by_hand: true, ..Why::default() };
    if rows::put_person(tx, cx, shift, Some(account), why)? {
        Ok(())
    } else {
        Err(Refusal::conflict().into())
    }
}
