//! The door of meetings: calling one, its items and decisions, settling decisions, its minutes.

use super::model::{Carried, Decision, Item, Meeting, MeetingId, NewItem, NewMeeting, Standing};
use super::store as rows;
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::tasks::model::{Asks, DecisionId, NewTask, TaskId};
use crate::features::tasks::service::{give, look};
use kernel::{CaseId, Refusal, Ts};
use serde_json::json;
use store::{Result, Tx};

pub use super::store::{Line, PAGE};

/// Items of a meeting at most.
const ITEMS_MOST: usize = 100;
/// Characters of a text at most.
const TEXT_MOST: usize = 2_000;

fn sees_office(cx: &Cx) -> bool {
    cx.actor.kind == ActorKind::System || cx.actor.reaches("meetings.read").any(|r| r == Reach::Office)
}

fn targets(cx: &Cx) -> Vec<String> {
    look::targets(cx).iter().map(ToString::to_string).collect()
}

/// A meeting with everything in it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The meeting.
    pub meeting: Meeting,
    /// Who comes: targets and names.
    pub parties: Vec<(String, String)>,
    /// What is talked about.
    pub items: Vec<Item>,
    /// What is decided.
    pub decisions: Vec<Decision>,
    /// What came back from earlier meetings.
    pub carried: Vec<Carried>,
    /// Whether the actor keeps the minutes.
    pub manages: bool,
}

/// A meeting, to its unit, to those who come and to those who read all meetings of the office.
///
/// # Errors
/// `common.not_found`.
pub fn seen(tx: &mut Tx<'_>, cx: &Cx, id: MeetingId) -> Result<Seen> {
    let meeting = rows::meeting(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let parties = rows::parties(tx, cx.office.id, id)?;
    let ours = meeting.unit.is_some_and(|unit| cx.actor.units.contains(&unit));
    let own = targets(cx);
    let decisions = rows::decisions(tx, cx.office.id, id)?;
    let invited = parties.iter().any(|(target, _)| own.contains(target));
    // Whoever has to carry a decision out may read where it was made.
    let owns = decisions.iter().any(|d| own.contains(&d.target));
    if !(ours || sees_office(cx) || invited || owns) {
        return Err(Refusal::not_found().into());
    }
    let manages = cx.actor.kind == ActorKind::System || ours && cx.actor.has("meetings.edit");
    let carried = match meeting.closed {
        Some(_) => meeting.carried.clone(),
        None => rows::carried(tx, cx.office.id, &meeting)?,
    };
    Ok(Seen { items: rows::items(tx, cx.office.id, id)?, decisions, meeting, parties, carried, manages })
}

fn managed(tx: &mut Tx<'_>, cx: &Cx, id: MeetingId) -> Result<Seen> {
    cx.actor.need("meetings.edit")?;
    let seen = seen(tx, cx, id)?;
    if !seen.manages {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "meetings.edit").into());
    }
    Ok(seen)
}

/// Meetings that the actor may see, the latest first, with one line more where another page follows.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, page: i64) -> Result<Vec<Line>> {
    let own = targets(cx);
    let narrow = (!sees_office(cx)).then_some((cx.actor.units.as_slice(), own.as_slice()));
    rows::list(tx, cx.office.id, narrow, page)
}

/// Open decisions: all for those who read all meetings, else those that the actor's units are to do.
///
/// # Errors
/// When the database refuses.
pub fn open(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Carried>> {
    let own = targets(cx);
    rows::open(tx, cx.office.id, (!sees_office(cx)).then_some(own.as_slice()))
}

/// Kinds of meetings that were held, the usual one first.
///
/// # Errors
/// When the database refuses.
pub fn kinds(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<String>> {
    rows::kinds(tx, cx.office.id)
}

fn short(text: &str, most: usize) -> String {
    text.trim().chars().take(most).collect()
}

/// Calls a meeting.
///
/// # Errors
/// `common.missing` without a kind or a time; `meetings.items.many`; `meetings.to.unknown`.
pub fn hold(tx: &mut Tx<'_>, cx: &Cx, new: &NewMeeting) -> Result<MeetingId> {
    cx.actor.need("meetings.edit")?;
    let kind = short(&new.kind, 40);
    if kind.is_empty() {
        return Err(Refusal::missing("kind").into());
    }
    let at = new.at.ok_or_else(|| Refusal::rule("meetings.at").on("at"))?;
    if new.items.len() > ITEMS_MOST {
        return Err(Refusal::rule("meetings.items.many").on("items").with("most", ITEMS_MOST).into());
    }
    let title = if new.title.trim().is_empty() { kind.clone() } else { short(&new.title, 60) };
    let meeting = Meeting {
        id: MeetingId(tx.id()?),
        kind,
        title,
        at,
        place: short(&new.place, 100),
        guests: short(&new.guests, 500),
        unit: cx.actor.unit,
        account: cx.actor.account,
        created: cx.now,
        closed: None,
        carried: Vec::new(),
    };
    rows::insert(tx, cx.office.id, &meeting)?;
    let everybody = look::everybody(tx, cx)?;
    for target in &new.to {
        let who = everybody.iter().find(|c| c.target.to_string() == *target);
        rows::insert_party(
            tx,
            cx.office.id,
            meeting.id,
            who.ok_or_else(|| Refusal::rule("meetings.to.unknown").on("to"))?,
        )?;
    }
    for text in new.items.iter().map(|t| short(t, TEXT_MOST)).filter(|t| !t.is_empty()) {
        put_item(tx, cx, meeting.id, text, None)?;
    }
    let payload = json!({ "kind": meeting.kind, "title": meeting.title, "at": at.0, "place": meeting.place,
        "guests": meeting.guests, "to": new.to, "items": new.items });
    events::append(tx, cx, Stream::Meeting, meeting.id.0, "meeting.called", &payload)?;
    Ok(meeting.id)
}

fn put_item(tx: &mut Tx<'_>, cx: &Cx, meeting: MeetingId, text: String, task: Option<TaskId>) -> Result<i64> {
    let case = case_in(tx, cx, &text)?;
    let item = Item { id: tx.id()?, at: cx.now, text, case, task };
    rows::insert_item(tx, cx.office.id, meeting, &item)?;
    Ok(item.id)
}

/// The first case whose number stands in a text, where the actor may see it.
fn case_in(tx: &mut Tx<'_>, cx: &Cx, text: &str) -> Result<Option<CaseId>> {
    let part = |c: char| !(c.is_alphanumeric() || c == '-');
    for word in text.split(part).filter(|w| w.contains('-')).take(20) {
        if let Some(id) = rows::case_by_no(tx, cx.office.id, word)?
            && may_see(tx, cx, id)?
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether the actor may see a case.
///
/// # Errors
/// When the database refuses.
pub fn may_see(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<bool> {
    Ok(look::origin(tx, cx, case)?.is_some())
}

fn still_open(meeting: &Meeting) -> std::result::Result<(), Refusal> {
    if meeting.closed.is_some() { Err(Refusal::rule("meetings.closed")) } else { Ok(()) }
}

/// Adds what is talked about, and what is decided of it: in the yard both in one line.
///
/// # Errors
/// `common.missing` without a text; `meetings.closed`, `meetings.items.many`, `meetings.to.unknown`.
pub fn add(tx: &mut Tx<'_>, cx: &Cx, id: MeetingId, new: &NewItem) -> Result<()> {
    let seen = managed(tx, cx, id)?;
    still_open(&seen.meeting)?;
    if seen.items.len() >= ITEMS_MOST {
        return Err(Refusal::rule("meetings.items.many").on("text").with("most", ITEMS_MOST).into());
    }
    if let Some(task) = new.task {
        look::seen(tx, cx, task)?;
    }
    let text = short(&new.text, TEXT_MOST);
    let item = match new.item {
        Some(item) if seen.items.iter().any(|i| i.id == item) => item,
        Some(_) => return Err(Refusal::not_found().into()),
        None if text.is_empty() => return Err(Refusal::missing("text").into()),
        None => put_item(tx, cx, id, text.clone(), new.task)?,
    };
    let decided = short(&new.decision, TEXT_MOST);
    let somebody = !new.target.is_empty() || !new.owner.trim().is_empty();
    let decided = if decided.is_empty() && (somebody || new.due.is_some()) { text.clone() } else { decided };
    let mut made = None;
    if !decided.is_empty() {
        let owner = match new.target.as_str() {
            "" => short(&new.owner, 40),
            target => {
                let who = look::everybody(tx, cx)?.into_iter().find(|c| c.target.to_string() == target);
                who.ok_or_else(|| Refusal::rule("meetings.to.unknown").on("target"))?.name
            }
        };
        let decision = Decision {
            id: DecisionId(tx.id()?),
            meeting: id.0,
            item,
            text: decided,
            target: new.target.clone(),
            owner,
            due: new.due,
            standing: Standing::Open,
            reason: String::new(),
            settled: None,
            task: None,
        };
        rows::insert_decision(tx, cx.office.id, &decision)?;
        made = Some(decision);
    } else if new.item.is_some() {
        return Err(Refusal::missing("decision").into());
    }
    let payload = json!({ "item": item, "text": text, "decision": made });
    events::append(tx, cx, Stream::Meeting, id.0, "meeting.item_added", &payload)?;
    Ok(())
}

/// What becomes of a decision.
#[derive(Clone, Debug, serde::Serialize)]
pub enum Settle {
    /// It is done.
    Done,
    /// It ends with a reason.
    End(String),
    /// It is open after all.
    Reopen,
    /// Another due instant.
    Due(Ts),
}

fn decided(tx: &mut Tx<'_>, cx: &Cx, id: DecisionId) -> Result<Decision> {
    let found = rows::decision(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    managed(tx, cx, MeetingId(found.meeting))?;
    Ok(found.decision)
}

/// Settles a decision: also after its minutes, since it comes back until then.
///
/// # Errors
/// `common.missing` without a reason; `meetings.follows` where a task decides; `common.not_found`.
pub fn settle(tx: &mut Tx<'_>, cx: &Cx, id: DecisionId, how: &Settle) -> Result<MeetingId> {
    let mut decision = decided(tx, cx, id)?;
    if decision.task.is_some() && !matches!(how, Settle::Due(_) | Settle::End(_)) {
        return Err(Refusal::rule("meetings.follows").into());
    }
    let kind = match how {
        Settle::Done => {
            (decision.standing, decision.settled) = (Standing::Done, Some(cx.now));
            "meeting.decision_done"
        }
        Settle::End(why) => {
            decision.reason = short(why, 300);
            if decision.reason.is_empty() {
                return Err(Refusal::missing("reason").into());
            }
            (decision.standing, decision.settled) = (Standing::Ended, Some(cx.now));
            "meeting.decision_ended"
        }
        Settle::Reopen => {
            (decision.standing, decision.settled) = (Standing::Open, None);
            decision.reason.clear();
            "meeting.decision_reopened"
        }
        Settle::Due(due) => {
            decision.due = Some(*due);
            "meeting.decision_moved"
        }
    };
    rows::settle(tx, cx.office.id, &decision)?;
    events::append(tx, cx, Stream::Meeting, decision.meeting, kind, &decision)?;
    Ok(MeetingId(decision.meeting))
}

/// A decision becomes a task of its owner; from then on it follows the task. `sentence` is what the answer is called,
/// `usual` the due instant where the decision names none or one that has passed.
///
/// # Errors
/// `meetings.task.owner` without a unit; `meetings.task.already`; as giving a task.
pub fn to_task(tx: &mut Tx<'_>, cx: &Cx, id: DecisionId, sentence: &str, usual: Ts) -> Result<TaskId> {
    let found = rows::decision(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let mut decision = decided(tx, cx, id)?;
    if decision.task.is_some() || decision.standing != Standing::Open {
        return Err(Refusal::rule("meetings.task.already").into());
    }
    if decision.target.is_empty() {
        return Err(Refusal::rule("meetings.task.owner").into());
    }
    let new = NewTask {
        body: decision.text.clone(),
        source: "meeting".to_owned(),
        source_who: found.title.clone(),
        due: Some(decision.due.filter(|due| *due > cx.now).unwrap_or(usual)),
        asks: Asks { sentence: Some(sentence.to_owned()), ..Asks::default() },
        to: vec![decision.target.clone()],
        decision: Some(id),
        ..NewTask::default()
    };
    let task = give::give(tx, cx, &new)?;
    decision.task = Some(task);
    rows::settle(tx, cx.office.id, &decision)?;
    let payload = json!({ "decision": id.0, "task": task.0 });
    events::append(tx, cx, Stream::Meeting, decision.meeting, "meeting.decision_given", &payload)?;
    Ok(task)
}

/// Settles the minutes 定稿, or opens them again.
///
/// # Errors
/// `common.forbidden`; conflict where they are so already.
pub fn close(tx: &mut Tx<'_>, cx: &Cx, id: MeetingId, closed: bool) -> Result<()> {
    let seen = managed(tx, cx, id)?;
    if seen.meeting.closed.is_some() == closed {
        return Err(Refusal::conflict().into());
    }
    let carried = if closed { seen.carried.as_slice() } else { &[] };
    rows::close(tx, cx.office.id, id, closed.then_some(cx.now), carried)?;
    let kind = if closed { "meeting.closed" } else { "meeting.reopened" };
    events::append(tx, cx, Stream::Meeting, id.0, kind, &json!({}))?;
    Ok(())
}

/// What an item is about, where the actor may see it: address and name.
///
/// # Errors
/// When the database refuses.
pub fn links(tx: &mut Tx<'_>, cx: &Cx, item: &Item) -> Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    if let Some(case) = item.case
        && let Some((no, title)) = look::origin(tx, cx, case)?
    {
        out.push((format!("/cases/{case}"), format!("{no} {title}")));
    }
    if let Some(task) = item.task {
        match look::seen(tx, cx, task) {
            Ok(seen) => out.push((format!("/tasks/{task}"), seen.task.title)),
            Err(e) if e.refusal().is_none() => return Err(e),
            Err(_) => {}
        }
    }
    Ok(out)
}
