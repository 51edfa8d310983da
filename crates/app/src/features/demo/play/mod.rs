//! Doing the steps: each at its simulated instant, by a real person with that person's rights.

mod acts;
mod aside;
mod intake;

use super::life::{Life, Stage, Step};
use super::plan;
use super::world::World;
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::intake::model::Photo;
use crate::features::intake::service as intake_service;
use crate::features::procedures::alarms;
use crate::features::procedures::model::{Ask, Input};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::CaseState;
use ::store::{Error, Result, Tx};
use kernel::{AttachmentId, CaseId, Ts, UnitId};

/// Office minutes after its end when a ticket is written back.
const WRITE_BACK: i64 = 45;

/// Alarms written at a time.
const ALARMS: i64 = 200;

/// One step under way.
struct Turn<'a> {
    world: &'a World,
    stage: &'a mut Stage,
    life: usize,
    at: Ts,
}

/// Does the steps that are due, at most so many; true when none is left.
pub(super) fn some(tx: &mut Tx<'_>, world: &World, stage: &mut Stage, most: usize) -> Result<bool> {
    for _ in 0..most {
        let Some((&(at, nth), &laid)) = stage.queue.first_key_value().filter(|(k, _)| k.0 <= world.now)
        else {
            watch(tx, world, stage, world.now)?;
            return Ok(true);
        };
        watch(tx, world, stage, at)?;
        stage.queue.remove(&(at, nth));
        stage.done += 1;
        let stale = stage
            .lives
            .get(laid.life)
            .is_none_or(|l| l.over || (laid.step.is_planned() && l.turn != laid.turn));
        if stale {
            continue;
        }
        let mut turn = Turn { world, stage, life: laid.life, at };
        match turn.step(tx, laid.step) {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                stage.refused.push((laid.life, laid.step, refusal.code.to_owned()));
                if let Some(life) = stage.lives.get_mut(laid.life) {
                    life.over = true;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Writes the warnings and overdue marks of the hours that have passed, as the worker does by the clock.
fn watch(tx: &mut Tx<'_>, world: &World, stage: &mut Stage, until: Ts) -> Result<()> {
    while stage.alarms < until {
        let cx = Cx { now: stage.alarms, source: Source::Job, ..world.cx.clone() };
        while alarms::fire(tx, &cx, ALARMS)? > 0 {}
        stage.alarms = stage.alarms.plus(Ts::HOUR);
    }
    Ok(())
}

impl<'a> Turn<'a> {
    fn life(&mut self) -> Result<&mut Life> {
        self.stage.lives.get_mut(self.life).ok_or_else(|| Error::failed("a life is missing"))
    }

    fn case_id(&mut self) -> Result<CaseId> {
        self.life()?.case.ok_or_else(|| Error::failed("a life has no case yet"))
    }

    fn case(&mut self, tx: &mut Tx<'_>) -> Result<CaseState> {
        let id = self.case_id()?;
        engine::load(tx, self.world.cx.office.id, id)
    }

    /// The context of somebody who acts now.
    fn cx(&self, actor: &Actor, behalf: Option<UnitId>) -> Cx {
        let source = if actor.account.is_some() { Source::Web } else { Source::Public };
        Cx { now: self.at, occurred: None, actor: actor.clone(), behalf, source, ..self.world.cx.clone() }
    }

    fn requester(&self) -> Cx {
        self.cx(&Actor::requester(self.world.cx.office.id), None)
    }

    fn say(&mut self, table: &str, key: &str) -> Result<Option<String>> {
        let world = self.world;
        let text = world.phrase(table, key, &mut self.life()?.chance);
        Ok(Some(text).filter(|t| !t.is_empty()))
    }

    fn chance(&mut self, thousandths: i64) -> Result<bool> {
        Ok(self.life()?.chance.of_thousand(thousandths))
    }

    /// Somebody with a right over the whole office who may see the case and has not handled it.
    fn desk(&mut self, verb: &'static str, case: Option<&CaseState>) -> Result<&'a Actor> {
        let world = self.world;
        let life = self.life()?;
        let hands = if matches!(verb, "demands.verify" | "demands.call_back") {
            life.hands.clone()
        } else {
            Vec::new()
        };
        let found = world.desk(verb, case, &hands, &mut life.chance);
        found.ok_or_else(|| Error::failed(format!("nobody has {verb} for this case")))
    }

    /// One act of the engine.
    fn act(&mut self, tx: &mut Tx<'_>, cx: &Cx, action: &str, input: Input) -> Result<()> {
        let case = self.case_id()?;
        // What the desk enters for a unit reached it in the work group, less often by telephone.
        let via = cx.behalf.map(|_| if case.0 % 3 == 0 { "phone" } else { "group" }.to_owned());
        let input = Input { via: input.via.or(via), ..input };
        engine::act(tx, cx, &Ask { case, action: action.to_owned(), version: None, input })?;
        Ok(())
    }

    /// A picture of the matter, kept with the case.
    fn picture(&mut self, tx: &mut Tx<'_>, cx: &Cx, kind: &str, after: bool) -> Result<Option<AttachmentId>> {
        let world = self.world;
        let case = self.case_id()?;
        let nth = usize::try_from(case.0 % 97).unwrap_or(0);
        let Some(stored) = world.pictures.of(&self.life()?.cast.matter, nth, after) else { return Ok(None) };
        let photo = Photo { stored, kind: kind.to_owned() };
        Ok(Some(intake_service::put_photo(tx, cx, Some(case), None, &photo)?))
    }

    fn step(&mut self, tx: &mut Tx<'_>, step: Step) -> Result<()> {
        match step {
            Step::Arrive => self.arrive(tx)?,
            Step::Urge
            | Step::Supplement
            | Step::Supervise
            | Step::Reveal
            | Step::Rate
            | Step::Exempt
            | Step::WriteBack
            | Step::RatedAbove => {
                return self.beside(tx, step);
            }
            Step::Wake => {}
            _ => self.planned(tx, step)?,
        }
        self.go_on(tx)
    }

    /// Lays what comes next.
    fn go_on(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let (world, at, index) = (self.world, self.at, self.life);
        if self.life()?.over {
            return Ok(());
        }
        let case = self.case(tx)?;
        if !case.phase.is_open() {
            return self.closed(&case);
        }
        let life = self.life()?;
        life.turn += 1;
        if let Some((when, step)) = plan::next(world, life, &case, at) {
            self.stage.lay(when, index, step);
        }
        Ok(())
    }

    /// What follows a case that is over: a rating, an exemption, and the whole that waited for it.
    fn closed(&mut self, case: &CaseState) -> Result<()> {
        let (at, index, axis) = (self.at, self.life, &self.world.axis);
        let life = self.life()?;
        life.turn += 1;
        let (hours, minutes) = (life.chance.between(1, 40), life.chance.between(60, 900));
        let reached = !life.cast.contact.is_empty() || matches!(life.cast.channel.as_str(), "qr" | "web");
        let rates = life.fate.rate && reached && case.state == "closed" && life.cast.parent.is_none();
        let exempt = life.fate.exempt && case.handle_late == Some(true);
        let parent = life.cast.parent;
        (life.fate.rate, life.fate.exempt) = (false, false);
        if rates {
            self.stage.lay(at.plus(hours * Ts::HOUR), index, Step::Rate);
        }
        if case.upper_due.is_some() {
            // The desk copies the day's replies into the platform above.
            self.stage.lay(axis.later(at, WRITE_BACK), index, Step::WriteBack);
        }
        if exempt {
            self.stage.lay(axis.later(at, minutes), index, Step::Exempt);
        }
        if let Some(parent) = parent {
            self.stage.lay(at.plus(Ts::SECOND), parent, Step::Wake);
        }
        Ok(())
    }
}
