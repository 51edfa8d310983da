//! The door to messages: sending, reading, confirming, ticking a call.

use super::model::{CaseFacts, Message, NewMessage, Receiver, TEXT_MOST, Target};
use super::robots;
use super::store::{self as rows, NewRow};
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::service as people;
use crate::features::roster::model::OnDuty;
use crate::features::roster::service as roster;
use ::store::{Result, Tx};
use kernel::{AccountId, CaseId, PostId, Refusal, Ts, UnitId};
use serde_json::json;

/// Messages so old are no longer on the duty PC.
const SHOWN: i64 = 24 * Ts::HOUR;

/// One receiver to be: who, at which step, as what.
pub(super) type To = (AccountId, i64, &'static str);

/// Sends what somebody wrote; returns its id.
///
/// # Errors
/// Forbidden without `messages.send`; `common.missing` for the text; `messages.long`; `messages.nobody`;
/// `messages.case` for a number that is none, or of a case the writer may not see.
pub fn send(tx: &mut Tx<'_>, cx: &Cx, new: &NewMessage) -> Result<i64> {
    cx.actor.need("messages.send")?;
    let text = text::identifiers::seal(new.text.trim()).masked;
    if text.is_empty() {
        return Err(Refusal::missing("text").into());
    }
    if text.chars().count() > TEXT_MOST {
        return Err(Refusal::rule("messages.long").on("text").with("most", TEXT_MOST).into());
    }
    let case = match new.case_no.trim() {
        "" => None,
        no => Some(case_by_no(tx, cx, no)?),
    };
    let (mut to, each) = receivers_of(tx, cx, &new.targets)?;
    to.retain(|(account, _, _)| Some(*account) != cx.actor.account);
    let to = seeing(tx, cx, case, to)?;
    if to.is_empty() {
        return Err(Refusal::rule("messages.nobody").on("to").into());
    }
    let silent_minutes = roster::setup(tx, cx)?.0.silent_minutes;
    let row = NewRow {
        text: &text,
        urgent: new.urgent,
        each,
        cause: "note",
        key: "",
        case,
        due: None,
        silent_minutes,
    };
    let id = put(tx, cx, &row, &to)?.ok_or_else(Refusal::conflict)?;
    if new.robots {
        robots::post(tx, cx, id)?;
    }
    Ok(id)
}

fn case_by_no(tx: &mut Tx<'_>, cx: &Cx, no: &str) -> Result<CaseId> {
    let wrong = || Refusal::rule("messages.case").on("case_no");
    let id = rows::case_by_no(tx, cx, no)?.ok_or_else(wrong)?;
    if rows::facts(tx, cx, id)?.is_none() {
        return Err(wrong().into());
    }
    Ok(id)
}

/// Writes a message with its receivers; none when there is one for the same cause.
pub(super) fn put(tx: &mut Tx<'_>, cx: &Cx, row: &NewRow<'_>, to: &[To]) -> Result<Option<i64>> {
    let Some(id) = rows::add(tx, cx, row)? else { return Ok(None) };
    let first = to.iter().map(|(_, step, _)| *step).min().unwrap_or(0);
    for (account, step, kind) in to {
        rows::add_to(tx, cx, id, *account, (*step, kind), *step == first)?;
    }
    let body = json!({
        "text": row.text, "urgent": row.urgent, "cause": row.cause, "key": row.key, "case": row.case,
        "to": to.iter().map(|(a, step, kind)| json!([a, step, kind])).collect::<Vec<_>>(),
    });
    events::append(tx, cx, Stream::Message, id, "message.sent", &body)?;
    Ok(Some(id))
}

/// Who gets it, and whether each of them is to confirm.
fn receivers_of(tx: &mut Tx<'_>, cx: &Cx, targets: &[Target]) -> Result<(Vec<To>, bool)> {
    let mut out: Vec<To> = Vec::new();
    let mut each = false;
    for target in targets {
        match target {
            Target::Account(account) => {
                if people::actor(tx, cx.office.id, *account, cx.now)?.is_none() {
                    return Err(Refusal::not_found().into());
                }
                each = true;
                out.push((*account, 0, "person"));
            }
            Target::Post(post) => {
                each = true;
                let holders = people::holdings_of_post(tx, cx, PostId(*post))?;
                out.extend(holders.iter().filter(|h| h.is_now(cx.now)).map(|h| (h.account, 0, "post")));
            }
            Target::Unit(unit) => {
                each = true;
                let members = roster::members(tx, cx, Some(UnitId(*unit)))?;
                out.extend(members.iter().map(|m| (m.account, 0, "unit")));
            }
            Target::All => {
                each = true;
                out.extend(roster::members(tx, cx, None)?.iter().map(|m| (m.account, 0, "all")));
            }
            Target::Duty => {
                let on = roster::on_duty(tx, cx, None, cx.now)?;
                out.extend(steps(&on, 0));
            }
        }
    }
    Ok((out, each))
}

/// People on duty, one after the other.
pub(super) fn steps(on: &[OnDuty], from: i64) -> Vec<To> {
    (from..).zip(on).map(|(step, d)| (d.account, step, "duty")).collect()
}

/// Those who may hear of a case. Without a case everybody may.
pub(super) fn seeing(tx: &mut Tx<'_>, cx: &Cx, case: Option<CaseId>, to: Vec<To>) -> Result<Vec<To>> {
    let Some(case) = case else { return Ok(to) };
    let mut out: Vec<To> = Vec::new();
    for (account, step, kind) in to {
        if out.iter().any(|(known, _, _)| *known == account) {
            continue;
        }
        if account_sees(tx, cx, account, case)? {
            out.push((account, step, kind));
        }
    }
    Ok(out)
}

fn account_sees(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, case: CaseId) -> Result<bool> {
    let Some(actor) = people::actor(tx, cx.office.id, account, cx.now)? else { return Ok(false) };
    if !actor.has("demands.read") {
        return Ok(false);
    }
    Ok(rows::facts(tx, &Cx { actor, ..cx.clone() }, case)?.is_some())
}

/// A message as somebody may see it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The message.
    pub message: Message,
    /// The case it is about, if this person may see it.
    pub case: Option<CaseFacts>,
    /// Whose it is.
    pub receivers: Vec<Receiver>,
    /// Whether it came to this person.
    pub mine: bool,
    /// Whether this person may confirm it: it came to them, or they are on duty with those to whom it came.
    pub confirms: bool,
    /// Whether this person may see who has and who has not, and tick calls.
    pub calls: bool,
}

/// Puts a message beside what this person may see of it; none when nothing.
fn look(tx: &mut Tx<'_>, cx: &Cx, message: Message, on_duty: bool) -> Result<Option<Seen>> {
    let case = match message.case {
        Some(case) if cx.actor.has("demands.read") => rows::facts(tx, cx, case)?,
        _ => None,
    };
    // What is about a case is nobody's who may not see the case, whoever it was sent to.
    if message.case.is_some() && case.is_none() {
        return Ok(None);
    }
    let receivers = rows::receivers(tx, cx, message.id)?;
    let me = cx.actor.account;
    let mine = receivers.iter().any(|r| Some(r.account) == me && r.has_it());
    let to_duty = receivers.iter().any(|r| r.kind == "duty" || r.kind == "desk" && r.has_it());
    let sends = cx.actor.has("messages.send") && (message.account == me || message.each || to_duty);
    let shares = on_duty && to_duty;
    if !(mine || sends || shares || message.account.is_some() && message.account == me) {
        return Ok(None);
    }
    let own = receivers.iter().find(|r| Some(r.account) == me);
    let confirmed = own.is_some_and(|r| r.state == "confirmed");
    let confirms = message.ended.is_none() && !confirmed && (mine || shares && !message.each);
    let calls = sends || shares || message.account.is_some() && message.account == me;
    Ok(Some(Seen { case, receivers, mine, confirms, calls, message }))
}

fn on_duty_now(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    let mut units: Vec<Option<UnitId>> = vec![None];
    units.extend(cx.actor.units.iter().map(|u| Some(*u)));
    for unit in units {
        if roster::is_on_duty(tx, cx, unit)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A message.
///
/// # Errors
/// `common.not_found` when it is not there or none of theirs: both look the same.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Seen> {
    let message = rows::find(tx, cx, id)?.ok_or_else(Refusal::not_found)?;
    let duty = on_duty_now(tx, cx)?;
    look(tx, cx, message, duty)?.ok_or_else(|| Refusal::not_found().into())
}

/// Messages that have come to the actor, and those they wrote.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx) -> Result<(Vec<Seen>, Vec<Seen>)> {
    let Some(me) = cx.actor.account else { return Ok(<(Vec<Seen>, Vec<Seen>)>::default()) };
    let mut mine = Vec::new();
    for message in rows::mine(tx, cx, me)? {
        mine.extend(look(tx, cx, message, false)?);
    }
    let mut written = Vec::new();
    for message in rows::written(tx, cx, me)? {
        written.extend(look(tx, cx, message, false)?);
    }
    Ok((mine, written))
}

/// What the duty PC shows: messages of a day that came to the actor, or to somebody on duty while they are too.
///
/// # Errors
/// When the database refuses.
pub fn on_desk(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Seen>> {
    let duty = on_duty_now(tx, cx)?;
    let me = cx.actor.account;
    let mut out = Vec::new();
    for message in rows::recent(tx, cx, cx.now.plus(-SHOWN))? {
        let Some(seen) = look(tx, cx, message, duty)? else { continue };
        let shared = duty && seen.receivers.iter().any(|r| r.kind == "duty" && r.has_it());
        if seen.mine || shared || seen.message.account == me {
            out.push(seen);
        }
    }
    Ok(out)
}

/// Notes that the actor has seen a message.
///
/// # Errors
/// When the database refuses.
pub fn read(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    let Some(me) = cx.actor.account else { return Ok(()) };
    if rows::read(tx, cx, id, me)? {
        events::append(tx, cx, Stream::Message, id, "message.read", &json!({}))?;
    }
    Ok(())
}

/// Confirms a message. One that somebody has to take ends with it; one that each has to confirm with the last.
///
/// # Errors
/// `common.not_found`; `messages.ended` when somebody has it already.
pub fn confirm(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<()> {
    let seen = find(tx, cx, id)?;
    let Some(me) = cx.actor.account else { return Err(Refusal::not_found().into()) };
    if !seen.confirms {
        return Err(Refusal::rule("messages.ended").into());
    }
    if !seen.receivers.iter().any(|r| r.account == me) {
        rows::add_to(tx, cx, id, me, (0, "duty"), true)?;
    }
    confirmed(tx, cx, &seen.message, me, &json!({}))
}

fn confirmed(
    tx: &mut Tx<'_>,
    cx: &Cx,
    message: &Message,
    account: AccountId,
    body: &serde_json::Value,
) -> Result<()> {
    if !rows::confirm(tx, cx, message.id, account)? {
        return Err(Refusal::conflict().into());
    }
    if !message.each || rows::left(tx, cx, message.id)? == 0 {
        rows::end(tx, cx, message.id)?;
    }
    events::append(tx, cx, Stream::Message, message.id, "message.confirmed", body)?;
    Ok(())
}

/// Ticks what a call came to: `reached`, `missed`, `confirmed`.
///
/// # Errors
/// `common.not_found` for whoever may not tick it; `messages.ended`.
pub fn tick(tx: &mut Tx<'_>, cx: &Cx, id: i64, account: AccountId, state: &str) -> Result<()> {
    let seen = find(tx, cx, id)?;
    let known = matches!(state, "reached" | "missed" | "confirmed");
    if !seen.calls || !known || !seen.receivers.iter().any(|r| r.account == account) {
        return Err(Refusal::not_found().into());
    }
    if seen.message.ended.is_some() {
        return Err(Refusal::rule("messages.ended").into());
    }
    if !rows::tick(tx, cx, id, account, state)? {
        return Err(Refusal::not_found().into());
    }
    let body = json!({ "account": account, "state": state });
    events::append(tx, cx, Stream::Message, id, "message.called", &body)?;
    if state == "confirmed" {
        return confirmed(tx, cx, &seen.message, account, &json!({ "account": account, "by_call": true }));
    }
    Ok(())
}

/// The count beside the menu's entry.
///
/// # Errors
/// When the database refuses.
pub fn menu(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    match cx.actor.account.filter(|_| cx.actor.kind == ActorKind::Staff && cx.actor.has("roster.read")) {
        Some(me) => Ok(vec![("messages", rows::count(tx, cx, me)?)]),
        None => Ok(Vec::new()),
    }
}
