//! Taking over tickets of an upper platform: compared by their numbers, new ones become cases, known ones follow
//! what has changed there. Everything in one transaction; a second run changes nothing (DECISIONS 14).

use super::model::{Change, Known, Line, Phrases, Standing, Taken};
use super::store::{self as rows, Waiting};
use super::tickets::{Mapping, Ticket};
use super::vocabulary::Vocabulary;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::intake::model::{NewReport, located_at};
use crate::features::intake::service as intake;
use crate::features::parties::service::Contact;
use crate::features::places::service as places;
use crate::features::procedures::model::{Ask, Input};
use crate::features::procedures::numbers::{self, Series};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{CaseState, Location};
use crate::features::procedures::upper::{self, Upper};

use kernel::Refusal;
use serde::Serialize;
use std::collections::HashSet;
use store::{Error, Result, Tx};

/// Longest title taken from a ticket.
const TITLE_MOST: usize = 60;

/// Who may take tickets over: whoever dispatches.
///
/// # Errors
/// `common.forbidden`.
pub fn need(cx: &Cx) -> Result<()> {
    Ok(cx.actor.need("demands.dispatch")?)
}

/// The profiles of the office, the one used last first.
///
/// # Errors
/// When the database refuses.
pub fn profiles(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Mapping>> {
    rows::profiles(tx, cx.office.id)
}

/// The names of upper platforms: those with a profile, then those whose tickets are here.
///
/// # Errors
/// When the database refuses.
pub fn systems(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<String>> {
    let mut out: Vec<String> = profiles(tx, cx)?.into_iter().map(|p| p.system).collect();
    for system in rows::systems(tx, cx.office.id)? {
        if !out.contains(&system) {
            out.push(system);
        }
    }
    Ok(out)
}

/// Each ticket beside what is known of it.
///
/// # Errors
/// When the database refuses.
pub fn compare(tx: &mut Tx<'_>, cx: &Cx, system: &str, tickets: &[Ticket]) -> Result<Vec<Standing>> {
    need(cx)?;
    let words = Vocabulary::shipped().map_err(|e| Error::failed(format!("{e:#}")))?;
    let numbers: Vec<&str> = tickets.iter().map(|t| t.number.as_str()).collect();
    let mut known = rows::known(tx, cx.office.id, system, &numbers)?;
    let standing = |ticket: &Ticket| {
        let known = known.remove(&ticket.number);
        let changes = known.as_ref().map(|k| changes(words, k, ticket)).unwrap_or_default();
        Standing { ticket: ticket.clone(), known, changes }
    };
    Ok(tickets.iter().map(standing).collect())
}

/// Tickets that wait here and stand in no row of a file: taken back above, renumbered, or left out of the export.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn absent(tx: &mut Tx<'_>, cx: &Cx, system: &str, numbers: &HashSet<String>) -> Result<Vec<Waiting>> {
    need(cx)?;
    let mut here = rows::open_here(tx, cx, system)?;
    here.retain(|ticket| !numbers.contains(&ticket.number));
    Ok(here)
}

/// What a ticket says that did not stand here. What a file does not tell has not changed.
fn changes(words: &Vocabulary, known: &Known, ticket: &Ticket) -> Vec<Change> {
    let mut out = Vec::new();
    if ticket.due.is_some() && ticket.due != known.due {
        out.push(Change::Due { was: known.due, now: ticket.due });
    }
    if ticket.return_by.is_some() && ticket.return_by != known.return_by {
        out.push(Change::ReturnBy { was: known.return_by, now: ticket.return_by });
    }
    let told_again = words.is_again(&ticket.state) && ticket.state != known.told;
    let round = ticket.round.unwrap_or(if told_again { known.round + 1 } else { known.round });
    let again = round > known.round;
    if again {
        out.push(Change::Again { round });
    }
    if let Some(urges) = ticket.urges.filter(|n| *n > known.urges) {
        out.push(Change::Urged { was: known.urges, now: urges });
    }
    let rated = |new: bool, there: bool| there && new;
    if rated(ticket.satisfied != known.satisfied, ticket.satisfied.is_some())
        || rated(ticket.solved != known.solved, ticket.solved.is_some())
    {
        out.push(Change::Rated { satisfied: ticket.satisfied, solved: ticket.solved });
    }
    let ruled = words.ruling(&ticket.state).or(again.then_some(false)).filter(|_| known.state == "returning");
    out.extend(ruled.map(|agreed| Change::Ruled { agreed }));
    let over = words.is_over(&ticket.state) && ruled.is_none();
    if over && known.state != "closed" {
        out.push(Change::Over);
    } else if !again && !over && ruled.is_none() && !ticket.state.is_empty() && ticket.state != known.told {
        out.push(Change::Told { was: known.told.clone(), now: ticket.state.clone() });
    }
    out
}

/// Takes tickets over and keeps the profile that read them.
///
/// # Errors
/// `common.forbidden`; what a case refuses, with the ticket's number.
pub fn take(
    tx: &mut Tx<'_>,
    cx: &Cx,
    mapping: &Mapping,
    tickets: &[Ticket],
    phrases: &Phrases,
) -> Result<Taken> {
    let out = follow_all(tx, cx, &mapping.system, tickets, phrases)?;
    rows::put_profile(tx, cx.office.id, cx.now, mapping)?;
    Ok(out)
}

/// Takes tickets over that came without a workbook.
///
/// # Errors
/// As [`take`].
pub fn follow_all(
    tx: &mut Tx<'_>,
    cx: &Cx,
    system: &str,
    tickets: &[Ticket],
    phrases: &Phrases,
) -> Result<Taken> {
    if system.trim().is_empty() {
        return Err(Refusal::missing("system").into());
    }
    let mut out = Taken::default();
    for standing in compare(tx, cx, system, tickets)? {
        match &standing.known {
            None => out.new.push(open(tx, cx, system, &standing.ticket)?),
            Some(known) if standing.changes.is_empty() => {
                rows::seen(tx, cx.office.id, cx.now, known.id)?;
                out.same += 1;
            }
            Some(known) => out.changed.push(follow(tx, cx, system, known, &standing, phrases)?),
        }
    }
    Ok(out)
}

/// Follows what one known ticket says now; one that is not known or says the same changes nothing.
///
/// # Errors
/// `common.forbidden`; what the case refuses.
pub fn told(tx: &mut Tx<'_>, cx: &Cx, system: &str, ticket: &Ticket) -> Result<()> {
    for standing in compare(tx, cx, system, std::slice::from_ref(ticket))? {
        if let Some(known) = standing.known.as_ref().filter(|_| !standing.changes.is_empty()) {
            follow(tx, cx, system, known, &standing, &Phrases::default())?;
        }
    }
    Ok(())
}

fn open(tx: &mut Tx<'_>, cx: &Cx, system: &str, ticket: &Ticket) -> Result<Line> {
    let no = numbers::take_in(tx, cx.office.id, &cx.office.short, Series::of_class("ordinary"), cx.today())?;
    let random = crate::crypto::random().map_err(|e| Error::failed(e.to_string()))?;
    let callable = text::normalize_phone(&ticket.phone).is_some();
    let title: String = ticket.title.chars().take(TITLE_MOST).collect();
    let new = NewReport {
        no,
        code: text::tracking_code(&random),
        channel: "upper".to_owned(),
        kind: "help".to_owned(),
        class: "ordinary".to_owned(),
        text: ticket.text.clone(),
        title,
        contact: Contact {
            // A number that is none is kept with the name, under the same seal.
            name: if callable {
                ticket.name.clone()
            } else {
                format!("{} {}", ticket.name, ticket.phone).trim().to_owned()
            },
            phone: if callable { ticket.phone.clone() } else { String::new() },
            ..Contact::default()
        },
        reply_wanted: callable,
        at: locate(tx, cx, ticket)?,
        upper: Some(Upper {
            system: system.to_owned(),
            number: ticket.number.clone(),
            received_at: ticket.received.unwrap_or(cx.now),
            due: ticket.due,
            return_by: ticket.return_by,
        }),
        ..NewReport::default()
    };
    let received = intake::receive(tx, cx, &new)?;
    // What has happened there before it was seen here calls for nothing.
    if let Some(mut known) = rows::known(tx, cx.office.id, system, &[&ticket.number])?.remove(&ticket.number)
    {
        settle(&mut known, ticket);
        rows::update(tx, cx.office.id, cx.now, &known)?;
        if known.satisfied.is_some() || known.solved.is_some() {
            rows::rated_now(tx, cx.office.id, cx.now, known.id)?;
        }
        return Ok(line(&known, Vec::new()));
    }
    Err(Error::failed(format!("the ticket {} of {} was not tied", ticket.number, received.no)))
}

/// The place its community, its address or its text names.
fn locate(tx: &mut Tx<'_>, cx: &Cx, ticket: &Ticket) -> Result<Location> {
    let book = places::book(tx, cx.office.id)?;
    let named = |text: &str| book.mentioned(text).first().map(|(_, id)| *id);
    let address: String = ticket.address.chars().take(200).collect();
    let both = format!("{} {}", ticket.place, ticket.address);
    let place = named(&both).or_else(|| named(&ticket.text));
    let Some(located) = place.map(|id| places::located(tx, cx.office.id, id)).transpose()? else {
        return Ok(Location { address, ..Location::default() });
    };
    Ok(located_at(located, address))
}

/// What stands here after a ticket was taken over.
fn settle(known: &mut Known, ticket: &Ticket) {
    known.due = ticket.due.or(known.due);
    known.return_by = ticket.return_by.or(known.return_by);
    known.round = ticket.round.unwrap_or(known.round).max(known.round);
    known.urges = ticket.urges.unwrap_or(known.urges).max(known.urges);
    known.satisfied = ticket.satisfied.or(known.satisfied);
    known.solved = ticket.solved.or(known.solved);
    if !ticket.state.is_empty() {
        known.told.clone_from(&ticket.state);
    }
}

#[derive(Serialize)]
struct Updated<'a> {
    system: &'a str,
    number: &'a str,
    changes: &'a [Change],
}

fn follow(
    tx: &mut Tx<'_>,
    cx: &Cx,
    system: &str,
    known: &Known,
    standing: &Standing,
    phrases: &Phrases,
) -> Result<Line> {
    let mut now = known.clone();
    settle(&mut now, &standing.ticket);
    for change in &standing.changes {
        match change {
            Change::Again { round } => {
                now.round = *round;
                // One that was given back is still to be ruled upon, below.
                if known.state != "returning" {
                    "waiting".clone_into(&mut now.state);
                }
            }
            Change::Over => "closed".clone_into(&mut now.state),
            _ => {}
        }
    }
    rows::update(tx, cx.office.id, cx.now, &now)?;
    if standing.changes.iter().any(|c| matches!(c, Change::Rated { .. })) {
        rows::rated_now(tx, cx.office.id, cx.now, known.id)?;
    }
    let payload = Updated { system, number: &known.number, changes: &standing.changes };
    events::append(tx, cx, Stream::Report, known.report.0, "report.upper_updated", &payload)?;
    let case = upper::refresh_upper(tx, cx, known.case)?;
    let mut line = line(&now, standing.changes.clone());
    for change in &standing.changes {
        match change {
            Change::Again { .. } => line.by_hand |= !again(tx, cx, &case, &phrases.again)?,
            Change::Ruled { agreed } => {
                let action = if *agreed { "return_up_agreed" } else { "return_up_refused" };
                let note = Some(format!("{}{}", phrases.ruled, standing.ticket.state));
                act(tx, cx, &case, action, Input { note, ..Input::default() })?;
            }
            Change::Urged { .. } if case.phase.is_open() => {
                act(tx, cx, &case, "urge", Input { note: Some(phrases.urged.clone()), ..Input::default() })?;
            }
            _ => {}
        }
    }
    Ok(line)
}

/// Reopens what was handled. What is still open goes on; what ended otherwise needs a person.
fn again(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, reason: &str) -> Result<bool> {
    if case.ended.is_some() || !case.phase.is_open() && case.state != "closed" {
        return Ok(false);
    }
    if case.state == "closed" || case.state == "calling" {
        act(tx, cx, case, "reopen", Input { reason: Some(reason.to_owned()), ..Input::default() })?;
    }
    Ok(true)
}

fn act(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, action: &str, input: Input) -> Result<()> {
    engine::act(tx, cx, &Ask { case: case.id, action: action.to_owned(), version: None, input })?;
    Ok(())
}

fn line(known: &Known, changes: Vec<Change>) -> Line {
    Line {
        number: known.number.clone(),
        case: known.case,
        no: known.no.clone(),
        title: known.title.clone(),
        changes,
        by_hand: false,
    }
}
