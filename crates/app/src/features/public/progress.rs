//! A case's history as its requester may read it: a parcel's way. Pure.
//!
//! What is never in it: words or pictures of any reporter (a merged case has several, and each reads the same
//! account), names of staff, requests and rulings inside the office. What somebody said about "not solved"
//! reaches the unit, not the other reporters.

use super::explain;
use super::link::{Note, Promise, Standing, Step, Stop};
use crate::context::Office;
use crate::features::catalogue::model::{Matter, RefusalRoute, Verify};
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::state::{Act, AssignmentState, CaseState, Clock, ClockState, Effect, Role};
use crate::features::procedures::timeline::Entry;
use kernel::{AttachmentId, Ts, UnitId};
use std::collections::{HashMap, HashSet};

/// What an account is made from.
pub struct Sources<'a> {
    /// The case the report is in now.
    pub case: &'a CaseState,
    /// All that happened to it.
    pub entries: &'a [Entry],
    /// Its matter.
    pub matter: Option<&'a Matter>,
    /// When this requester said it.
    pub said_at: Ts,
    /// Whether this requester has rated it.
    pub rated: bool,
    /// Whether this requester may be called.
    pub reachable: bool,
    /// The names of units.
    pub units: &'a HashMap<UnitId, String>,
    /// Pictures of the case that came from no reporter.
    pub tellable: &'a HashSet<AttachmentId>,
    /// The lawful routes.
    pub routes: &'a [RefusalRoute],
    /// The office's working time.
    pub office: &'a Office,
    /// The instant of asking.
    pub now: Ts,
}

impl Sources<'_> {
    fn unit(&self, id: UnitId) -> String {
        self.units.get(&id).cloned().unwrap_or_default()
    }

    fn lead(&self) -> Option<String> {
        self.case.lead().map(|a| self.unit(a.unit))
    }
}

/// Acts whose words are the requester's own, never told to anybody else.
const REQUESTERS: [&str; 3] = ["reopen", "urge", "supplement"];

/// What was told with an act, if anything may be repeated here.
fn note(src: &Sources<'_>, entry: &Entry, act: &Act) -> Option<Note> {
    let by_requester = entry.event.account.is_none() && entry.event.source == "public";
    if !act.tells || by_requester || REQUESTERS.contains(&act.action.as_str()) {
        return None;
    }
    let text = act.said.note.clone().or_else(|| act.said.reason.clone()).unwrap_or_default();
    let photos: Vec<AttachmentId> =
        act.photos.iter().copied().filter(|id| src.tellable.contains(id)).collect();
    (!text.is_empty() || !photos.is_empty()).then_some(Note { at: entry.event.occurred_at, text, photos })
}

/// The steps of the way, past ones from the history, coming ones from the phase.
#[must_use]
pub fn steps(src: &Sources<'_>) -> Vec<Step> {
    let mut way = Way { src, steps: vec![step("received", Standing::Done, Some(src.said_at))] };
    for entry in src.entries {
        if let Some(act) = &entry.act {
            way.past(entry, act);
        }
    }
    // "Accepted" says nothing once somebody has it in hand.
    if way.steps.iter().any(|s| matches!(s.key.as_str(), "assigned" | "answered" | "split")) {
        way.steps.retain(|s| s.key != "accepted");
    }
    way.coming();
    way.steps
}

fn step(key: &str, standing: Standing, at: Option<Ts>) -> Step {
    Step { key: key.to_owned(), standing, at, unit: None, helpers: Vec::new(), due: None, notes: Vec::new() }
}

struct Way<'a> {
    src: &'a Sources<'a>,
    steps: Vec<Step>,
}

impl Way<'_> {
    fn push(&mut self, key: &str, standing: Standing, at: Option<Ts>) -> &mut Step {
        let at_index = self.steps.len();
        self.steps.push(step(key, standing, at));
        &mut self.steps[at_index]
    }

    fn past(&mut self, entry: &Entry, act: &Act) {
        let at = Some(entry.event.occurred_at);
        let note = note(self.src, entry, act);
        let key = match act.action.as_str() {
            "accept" => "accepted",
            "answer" => "answered",
            "thank" => "thanked",
            "refuse" => "refused",
            "withdraw" => "withdrawn",
            "void" => "voided",
            "return_up" => "returning_up",
            "return_up_agreed" => "returned_up",
            "return_up_refused" => "kept",
            "split" => "split",
            "assemble" => "assembled",
            "shelve" => "shelved",
            "grant_pause" => "paused",
            "resume" | "unshelve" => "resumed",
            "fail" => "rework",
            "reopen" | "call_reopen" => "reopened",
            "pass" => "checked",
            "call_close" => "called",
            "open" if act.effects.iter().any(|e| matches!(e, Effect::End(_))) => "on_spot",
            _ => return self.past_of_units(entry, act, note),
        };
        let standing = if matches!(key, "refused" | "withdrawn" | "voided" | "returned_up") {
            Standing::Stop
        } else {
            Standing::Done
        };
        let shows_text = !matches!(key, "refused" | "shelved");
        self.push(key, standing, at).notes.extend(note.filter(|_| shows_text));
    }

    /// Who got it, who began, what was told while it was in hand.
    fn past_of_units(&mut self, entry: &Entry, act: &Act, note: Option<Note>) {
        let at = Some(entry.event.occurred_at);
        let mut helpers = Vec::new();
        let mut lead = None;
        for effect in &act.effects {
            match effect {
                Effect::Assign { unit, role: Role::Lead, .. } => lead = Some(self.src.unit(*unit)),
                Effect::Assign { unit, role: Role::Co, .. } => helpers.push(self.src.unit(*unit)),
                Effect::ClockExtend { id, due: Some(due), .. } if self.is_leads_clock(*id) => {
                    self.push("extended", Standing::Done, at).due = Some(*due);
                }
                Effect::Signed { id } if self.is_lead(*id) => {
                    self.push("handling", Standing::Done, at);
                }
                _ => {}
            }
        }
        if lead.is_some() {
            let step = self.push("assigned", Standing::Done, at);
            (step.unit, step.helpers) = (lead, helpers);
        } else if let Some(last) = self.steps.iter_mut().rev().find(|s| s.key == "assigned") {
            last.helpers.extend(helpers);
        }
        if let Some(note) = note {
            let open = self
                .steps
                .iter()
                .rposition(|s| matches!(s.key.as_str(), "handling" | "assigned" | "resumed" | "reopened"));
            let handling = open.filter(|i| self.steps[*i].key == "handling");
            match handling {
                Some(i) => self.steps[i].notes.push(note),
                None => self.push("handling", Standing::Done, at).notes.push(note),
            }
        }
    }

    fn is_lead(&self, id: kernel::AssignmentId) -> bool {
        self.src.case.assignments.iter().any(|a| a.id == id && a.role == Role::Lead)
    }

    fn is_leads_clock(&self, id: kernel::ClockId) -> bool {
        let clock = self.src.case.clocks.iter().find(|c| c.id == id);
        clock.and_then(|c| c.assignment).is_some_and(|part| self.is_lead(part))
    }

    /// Marks where it stands and adds what comes.
    fn coming(&mut self) {
        let case = self.src.case;
        match case.phase {
            Phase::Received => self.now_then("accept", &["assign", "handle"]),
            Phase::Accepted => self.now_then("assign", &["handle"]),
            Phase::Ruling => self.now_then("assign_again", &["handle"]),
            Phase::Dispatched => self.now_then("sign", &[]),
            Phase::Handling if case.state == "split" => self.now_then("parts", &[]),
            Phase::Handling => self.stand_at("handling"),
            Phase::Paused => self.stand_at("paused"),
            Phase::Shelved => {
                self.stand_at("shelved");
                if let Some(last) = self.steps.last_mut() {
                    last.standing = Standing::Stop;
                }
            }
            Phase::Checking => self.now_then(self.check_key().unwrap_or("check_photo"), &[]),
            Phase::Calling => self.now_then("call", &[]),
            Phase::Closed => {
                if case.ended.is_none() {
                    self.push("closed", Standing::Done, case.closed_at);
                }
                let standing = if self.src.rated { Standing::Done } else { Standing::Now };
                self.push(if self.src.rated { "rated" } else { "rate" }, standing, None);
                return;
            }
            Phase::Refused | Phase::Ended => return,
        }
        if case.phase < Phase::Checking
            && let Some(key) = self.check_key()
        {
            self.push(key, Standing::Next, None);
        }
        if case.phase < Phase::Calling
            && self.src.reachable
            && self.src.matter.is_some_and(|m| m.callback_rate > 0 && m.callback.as_str() != "none")
        {
            self.push("call", Standing::Next, None);
        }
        self.push("rate", Standing::Next, None);
    }

    fn now_then(&mut self, now: &str, then: &[&str]) {
        let unit = self.src.lead();
        let step = self.push(now, Standing::Now, None);
        if now == "sign" {
            step.unit = unit;
        }
        for key in then {
            self.push(key, Standing::Next, None);
        }
    }

    /// The last step of this name is where it stands, wherever told words have put it; made when missing.
    fn stand_at(&mut self, key: &str) {
        match self.steps.iter().rposition(|s| s.key == key) {
            Some(i) => {
                let mut current = self.steps.remove(i);
                current.standing = Standing::Now;
                self.steps.push(current);
            }
            None => {
                self.push(key, Standing::Now, None);
            }
        }
    }

    fn check_key(&self) -> Option<&'static str> {
        let drawn = self.src.case.verify_by.as_deref().and_then(Verify::parse);
        let planned = || self.src.matter.filter(|m| m.verify_rate > 0).map(|m| m.verify);
        match drawn.or_else(planned)? {
            Verify::Onsite => Some("check_onsite"),
            Verify::Photo => Some("check_photo"),
            Verify::Phone => Some("check_phone"),
            Verify::None => None,
        }
    }
}

/// The clock that the promise is about.
fn promised(case: &CaseState) -> Option<&Clock> {
    let last =
        |kind: &str| case.clocks.iter().rev().find(|c| c.kind == kind && c.state == ClockState::Running);
    match case.phase {
        Phase::Received => last("accept"),
        Phase::Accepted => last("dispatch"),
        Phase::Ruling => last("rule"),
        Phase::Dispatched | Phase::Handling => {
            let lead = case.lead()?.id;
            case.clocks
                .iter()
                .rev()
                .find(|c| c.kind == "handle" && c.assignment == Some(lead) && c.state == ClockState::Running)
        }
        Phase::Checking => last("verify"),
        Phase::Calling => last("call"),
        _ => None,
    }
}

/// The sentence on top.
#[must_use]
pub fn promise(src: &Sources<'_>) -> Promise {
    let clock = promised(src.case);
    let due = clock.and_then(|c| c.due);
    Promise {
        due,
        expected: clock.is_some_and(|c| c.expected),
        late: due.is_some_and(|due| src.now > due),
        unit: src.lead(),
        again_on: src.case.shelved_until,
        closed_at: src.case.closed_at,
        how: clock.and_then(|c| explain::how(src.office, c)),
    }
}

/// Why it was refused or shelved: reason, lawful route, who reviews, when again (REAL-DAYS, guards 3).
#[must_use]
pub fn stop(src: &Sources<'_>) -> Option<Stop> {
    let action = match src.case.phase {
        Phase::Refused => "refuse",
        Phase::Shelved => "shelve",
        _ => return None,
    };
    let acts = src.entries.iter().rev().filter_map(|e| e.act.as_ref());
    let act = acts.into_iter().find(|a| a.action == action)?;
    let route = act.said.route.as_deref().and_then(|code| src.routes.iter().find(|r| r.code == code));
    Some(Stop {
        reason: act.said.note.clone().or_else(|| act.said.reason.clone()).unwrap_or_default(),
        ground: route.map(|r| r.names.clone()),
        route: route.map(|r| r.routes.clone()),
        missing: act.said.missing.clone(),
        reviewer: act
            .said
            .reviewer
            .clone()
            .or_else(|| route.map(|r| r.reviewer.clone()).filter(|r| !r.is_empty())),
        again_on: src.case.shelved_until,
    })
}

/// The part of a split message that a case is: who has it and until when.
#[must_use]
pub fn lead_and_due(case: &CaseState) -> (Option<UnitId>, Option<Ts>) {
    let lead =
        case.assignments.iter().rev().find(|a| a.role == Role::Lead && a.state != AssignmentState::Off);
    (lead.map(|a| a.unit), promised(case).and_then(|c| c.due))
}
