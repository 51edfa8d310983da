//! The office's own work: tasks given and answered, meetings held (`demo/work.toml`).

use super::world::World;
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::meetings::model::{NewItem, NewMeeting};
use crate::features::meetings::service::{self as meetings, Settle};
use crate::features::tasks;
use crate::features::tasks::model::{Answer, Asks, Column, Figure, NewTask, Target};
use crate::features::tasks::service::answer::{self as answers, Given};
use crate::features::tasks::service::{give, look, manage};
use ::store::{Error, Result, Tx};
use kernel::Ts;
use serde::Deserialize;

/// `demo/work.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    task: Vec<TaskRow>,
    meeting: Vec<MeetingRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TaskRow {
    by: String,
    given: i64,
    due: i64,
    source: String,
    source_who: String,
    source_no: String,
    urgency: String,
    title: String,
    body: String,
    to: Vec<String>,
    sentence: Option<String>,
    figures: Vec<(String, String)>,
    columns: Vec<String>,
    chased: bool,
    answer: Vec<AnswerRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AnswerRow {
    unit: String,
    hours: i64,
    nil: bool,
    via: String,
    sentence: String,
    figures: Vec<String>,
    rows: Vec<Vec<String>>,
    back: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MeetingRow {
    by: String,
    held: i64,
    kind: String,
    place: String,
    guests: String,
    to: Vec<String>,
    items: Vec<String>,
    item: Vec<ItemRow>,
    closed: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ItemRow {
    text: String,
    decision: String,
    owner: String,
    due: Option<i64>,
    done: bool,
    task: bool,
}

/// When the office closes, counted from now: 1 is the next time, -1 the last.
fn closing(world: &World, n: i64) -> Ts {
    let rules = &world.cx.office.rules;
    let end = rules.hours.minutes().map(|(_, end)| end).max().unwrap_or(18 * 60);
    let today = world.now.day(&world.cx.office.tz);
    let step = if n < 0 { -1 } else { 1 };
    let mut left = n.abs().max(1);
    let mut at = world.now;
    for i in 0..90 {
        let day = today.plus(i * step);
        at = day.start(&world.cx.office.tz).plus(end * Ts::MINUTE);
        if rules.calendar.is_workday(day) && (at > world.now) == (step > 0) {
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }
    at
}

/// The morning of a working day so many working days before today; today's never after now.
fn morning(world: &World, days: i64) -> Ts {
    let at = if days == 0 { world.now.plus(-Ts::HOUR) } else { closing(world, -days).plus(-8 * Ts::HOUR) };
    at.min(world.now.plus(-Ts::MINUTE))
}

fn cx(world: &World, actor: &Actor, now: Ts) -> Cx {
    Cx {
        now: now.min(world.now),
        actor: actor.clone(),
        source: Source::Web,
        occurred: None,
        behalf: None,
        ..world.cx.clone()
    }
}

fn person<'a>(world: &'a World, name: &str) -> Result<&'a Actor> {
    let found = world.people.iter().find(|a| a.name == name);
    found.ok_or_else(|| Error::failed(format!("demo/work.toml: nobody is called {name}")))
}

fn target(world: &World, key: &str) -> Result<Target> {
    let unit = world.units.get(key).ok_or_else(|| Error::failed(format!("demo/work.toml: no unit {key}")))?;
    Ok(Target::Unit(unit.id))
}

/// Does all of it.
pub(super) fn play(tx: &mut Tx<'_>, world: &World) -> Result<()> {
    for row in &world.data.work.task {
        task(tx, world, row)?;
    }
    for row in &world.data.work.meeting {
        meeting(tx, world, row)?;
    }
    Ok(())
}

fn task(tx: &mut Tx<'_>, world: &World, row: &TaskRow) -> Result<()> {
    let giver = person(world, &row.by)?;
    let at = morning(world, row.given);
    let mut to = Vec::new();
    for key in row.to.iter().filter(|key| *key != "communities") {
        to.push(target(world, key)?.to_string());
    }
    let new = NewTask {
        title: row.title.clone(),
        body: row.body.clone(),
        source: row.source.clone(),
        source_no: row.source_no.clone(),
        source_who: row.source_who.clone(),
        urgency: row.urgency.clone(),
        due: Some(closing(world, row.due)),
        asks: Asks {
            sentence: row.sentence.clone(),
            figures: row
                .figures
                .iter()
                .map(|(name, measure)| Figure { name: name.clone(), measure: measure.clone() })
                .collect(),
            columns: row.columns.iter().map(|name| Column { name: name.clone(), identity: false }).collect(),
            ..Asks::default()
        },
        to,
        communities: row.to.iter().any(|key| key == "communities"),
        ..NewTask::default()
    };
    let id = give::give(tx, &cx(world, giver, at), &new)?;
    // One that will not answer yet has seen it.
    let answering: Vec<Target> = row.answer.iter().map(|a| target(world, &a.unit)).collect::<Result<_>>()?;
    let parts = look::seen(tx, &cx(world, giver, at), id)?.receivers;
    if let (true, Some(part)) = (row.chased, parts.iter().find(|r| !answering.contains(&r.target))) {
        let own = |a: &&Actor| look::targets(&cx(world, a, at)).contains(&part.target);
        if let Some(actor) = world.people.iter().find(own) {
            answers::sign(tx, &cx(world, actor, at.plus(40 * Ts::MINUTE)), id, part.id)?;
        }
    }
    for given in &row.answer {
        let unit = target(world, &given.unit)?;
        let when = at.plus(given.hours * Ts::HOUR).min(world.now);
        let parts = look::seen(tx, &cx(world, giver, when), id)?.receivers;
        let Some(part) = parts.iter().find(|r| r.target == unit) else { continue };
        let own = |a: &&Actor| look::targets(&cx(world, a, when)).contains(&unit);
        let actor = if given.via.is_empty() { world.people.iter().find(own) } else { Some(giver) };
        let Some(actor) = actor else { continue };
        let answer = Given {
            answer: Answer {
                nil: given.nil,
                sentence: given.sentence.clone(),
                figures: given.figures.clone(),
                rows: given.rows.clone(),
            },
            via: given.via.clone(),
            occurred: (!given.via.is_empty()).then(|| when.plus(-30 * Ts::MINUTE).max(at)),
            files: Vec::new(),
        };
        answers::answer(tx, &cx(world, actor, when), id, part.id, &answer)?;
        if !given.back.is_empty() {
            let later = cx(world, giver, when.plus(Ts::HOUR));
            manage::send_back(tx, &later, id, part.id, &given.back)?;
        }
    }
    if row.chased {
        manage::chase(tx, &cx(world, giver, at.plus(24 * Ts::HOUR)), id)?;
    }
    Ok(())
}

fn meeting(tx: &mut Tx<'_>, world: &World, row: &MeetingRow) -> Result<()> {
    let chair = person(world, &row.by)?;
    let called = morning(world, row.held);
    // One of today is still to be held.
    let at = if row.held == 0 {
        closing(world, 1).plus(-2 * Ts::HOUR).max(world.now.plus(Ts::HOUR))
    } else {
        called
    };
    let mut to = Vec::new();
    for key in &row.to {
        to.push(target(world, key)?.to_string());
    }
    let new = NewMeeting {
        kind: row.kind.clone(),
        at: Some(at),
        place: row.place.clone(),
        guests: row.guests.clone(),
        to,
        items: row.items.clone(),
        ..NewMeeting::default()
    };
    let here = cx(world, chair, called);
    let id = meetings::hold(tx, &here, &new)?;
    for item in &row.item {
        let owner =
            if item.owner.is_empty() { String::new() } else { target(world, &item.owner)?.to_string() };
        let new = NewItem {
            text: item.text.clone(),
            decision: item.decision.clone(),
            target: owner,
            due: item.due.map(|n| closing(world, n)),
            ..NewItem::default()
        };
        meetings::add(tx, &here, id, &new)?;
        let made = meetings::seen(tx, &here, id)?.decisions.pop();
        let Some(made) = made.filter(|_| item.done || item.task) else { continue };
        let later = cx(world, chair, called.plus(26 * Ts::HOUR));
        if item.done {
            meetings::settle(tx, &later, made.id, &Settle::Done)?;
        } else {
            let usual = tasks::usual_due(&later).unwrap_or(world.now.plus(Ts::DAY));
            meetings::to_task(tx, &later, made.id, &world.words.t("tasks-sentence-usual"), usual)?;
        }
    }
    if row.closed {
        meetings::close(tx, &cx(world, chair, called.plus(3 * Ts::HOUR)), id, true)?;
    }
    Ok(())
}
