//! The giver's side: chase, confirm, send back, extend, add, withdraw, close.

use super::give::chosen;
use super::look::{self, Seen};
use super::{about, future, open};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::tasks::model::{Receiver, ReceiverId, State, TaskId};
use crate::features::tasks::store as rows;
use kernel::{Refusal, Ts};
use serde_json::{Value, json};
use store::{Result, Tx};

/// Characters of a reason.
const REASON_MOST: usize = 300;

fn managed(tx: &mut Tx<'_>, cx: &Cx, task: TaskId) -> Result<Seen> {
    let seen = look::seen(tx, cx, task)?;
    if !seen.manages {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "tasks.give").into());
    }
    Ok(seen)
}

fn one(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId) -> Result<Receiver> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    Ok(seen.part(id)?.clone())
}

fn reason(text: &str) -> std::result::Result<String, Refusal> {
    let text: String = text.trim().chars().take(REASON_MOST).collect();
    if text.is_empty() { Err(Refusal::missing("reason")) } else { Ok(text) }
}

fn with(mut value: Value, name: &str, more: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.insert(name.to_owned(), more);
    }
    value
}

/// Asks once more those who owe an answer 催报; counted. Returns how many.
///
/// # Errors
/// `common.forbidden`, `tasks.closed`, `tasks.chase.none`.
pub fn chase(tx: &mut Tx<'_>, cx: &Cx, task: TaskId) -> Result<usize> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    let owing: Vec<&Receiver> = seen.receivers.iter().filter(|r| r.state.owes()).collect();
    if owing.is_empty() {
        return Err(Refusal::rule("tasks.chase.none").into());
    }
    for part in &owing {
        let part = Receiver { chased: part.chased + 1, chased_at: Some(cx.now), ..(*part).clone() };
        rows::update(tx, cx.office.id, &part)?;
    }
    let told: Vec<String> = owing.iter().map(|r| r.target.to_string()).collect();
    events::append(tx, cx, Stream::Task, task.0, "task.chased", &json!({ "to": told }))?;
    Ok(owing.len())
}

/// Takes answers as they are 确认: one, or all that stand. Returns how many.
///
/// # Errors
/// `common.forbidden`, `tasks.closed`, `tasks.confirm.none`.
pub fn confirm(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, only: Option<ReceiverId>) -> Result<usize> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    let mut n = 0;
    for part in seen.receivers.iter().filter(|r| r.state == State::Answered) {
        if only.is_some_and(|id| id != part.id) {
            continue;
        }
        let part = Receiver { state: State::Confirmed, confirmed: Some(cx.now), ..part.clone() };
        rows::update(tx, cx.office.id, &part)?;
        events::append(tx, cx, Stream::Task, task.0, "task.confirmed", &about(&part))?;
        n += 1;
    }
    if n == 0 { Err(Refusal::rule("tasks.confirm.none").into()) } else { Ok(n) }
}

/// Sends an answer back to be mended 退回补正.
///
/// # Errors
/// `common.missing` without a reason; `tasks.back.none` where no answer stands.
pub fn send_back(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId, why: &str) -> Result<()> {
    let mut part = one(tx, cx, task, id)?;
    part.reason = reason(why)?;
    if !part.state.has_answer() {
        return Err(Refusal::rule("tasks.back.none").into());
    }
    part.state = State::Returned;
    part.returns += 1;
    part.confirmed = None;
    rows::update(tx, cx.office.id, &part)?;
    let payload = with(about(&part), "reason", json!(part.reason));
    events::append(tx, cx, Stream::Task, task.0, "task.sent_back", &payload)?;
    Ok(())
}

/// No longer asks a receiver 撤销.
///
/// # Errors
/// `common.missing` without a reason; `tasks.withdraw.last`; conflict where it is withdrawn already.
pub fn withdraw(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId, why: &str) -> Result<()> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    let mut part = seen.part(id)?.clone();
    part.reason = reason(why)?;
    if part.state == State::Withdrawn {
        return Err(Refusal::conflict().into());
    }
    if seen.receivers.iter().filter(|r| r.state != State::Withdrawn).count() < 2 {
        return Err(Refusal::rule("tasks.withdraw.last").into());
    }
    part.state = State::Withdrawn;
    rows::update(tx, cx.office.id, &part)?;
    let payload = with(about(&part), "reason", json!(part.reason));
    events::append(tx, cx, Stream::Task, task.0, "task.withdrawn", &payload)?;
    Ok(())
}

/// Another due instant, for one receiver or for all.
///
/// # Errors
/// `tasks.due.past`.
pub fn extend(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, only: Option<ReceiverId>, due: Ts) -> Result<()> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    future(cx, due)?;
    match only {
        Some(id) => {
            let part = Receiver { due: Some(due), ..seen.part(id)?.clone() };
            rows::update(tx, cx.office.id, &part)?;
            let payload = with(about(&part), "due", json!(due.0));
            events::append(tx, cx, Stream::Task, task.0, "task.extended", &payload)?;
        }
        None => {
            rows::set_due(tx, cx.office.id, task, due)?;
            // An extension for all is one for those, too, whose own due instant was earlier.
            for part in seen.receivers.iter().filter(|r| r.due.is_some_and(|own| own < due)) {
                rows::update(tx, cx.office.id, &Receiver { due: None, ..part.clone() })?;
            }
            let payload = json!({ "was": seen.task.due.0, "due": due.0 });
            events::append(tx, cx, Stream::Task, task.0, "task.extended", &payload)?;
        }
    }
    Ok(())
}

/// Asks more receivers; one that was withdrawn is asked again.
///
/// # Errors
/// As giving a task; `tasks.to.already` where all are asked.
pub fn add(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, to: &[String], communities: bool) -> Result<usize> {
    let seen = managed(tx, cx, task)?;
    open(&seen.task)?;
    let mut added = Vec::new();
    for who in chosen(tx, cx, to, communities)? {
        match seen.receivers.iter().find(|r| r.target == who.target) {
            Some(part) if part.state == State::Withdrawn => {
                let part = Receiver { state: State::Open, reason: String::new(), ..part.clone() };
                rows::update(tx, cx.office.id, &part)?;
            }
            Some(_) => continue,
            None => {
                rows::insert_receiver(tx, cx.office.id, task, &who)?;
            }
        }
        added.push(who.target.to_string());
    }
    if added.is_empty() {
        return Err(Refusal::rule("tasks.to.already").on("to").into());
    }
    events::append(tx, cx, Stream::Task, task.0, "task.added", &json!({ "to": added }))?;
    Ok(added.len())
}

/// Closes a task 办结, or opens it again.
///
/// # Errors
/// `common.forbidden`; conflict where it is so already.
pub fn close(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, closed: bool) -> Result<()> {
    let seen = managed(tx, cx, task)?;
    if seen.task.closed.is_some() == closed {
        return Err(Refusal::conflict().into());
    }
    rows::set_closed(tx, cx.office.id, task, closed.then_some(cx.now))?;
    let kind = if closed { "task.closed" } else { "task.reopened" };
    events::append(tx, cx, Stream::Task, task.0, kind, &json!({}))?;
    Ok(())
}
