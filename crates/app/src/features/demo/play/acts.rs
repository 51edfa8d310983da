//! The steps of the way itself: from accepting to closing.

use super::Turn;
use crate::actor::Actor;
use crate::context::Cx;
use crate::features::catalogue::model::Photos;
use crate::features::catalogue::service as catalogue;
use crate::features::demo::chance::Chance;
use crate::features::demo::data::Mode;
use crate::features::demo::life::{Cast, Fate, Hold, Life, Step};
use crate::features::demo::wording::{self, Around};
use crate::features::knowledge::model::Given;
use crate::features::knowledge::service as knowledge;
use crate::features::procedures::model::{CoUnit, Input, Subject};
use crate::features::procedures::numbers::{Series, take_in};
use crate::features::procedures::state::{AssignmentState, CaseState, Role};
use crate::features::procedures::verbs::{self, Part};
use ::store::{Error, Result, Tx};
use kernel::{AccountId, Ts, UnitId};
use worktime::{Limit, LimitUnit};

impl<'a> Turn<'a> {
    pub(super) fn planned(&mut self, tx: &mut Tx<'_>, step: Step) -> Result<()> {
        let case = self.case(tx)?;
        match step {
            Step::Accept => self.accept(tx, &case),
            Step::Refuse => self.refuse(tx, &case),
            Step::Answer | Step::Thank => self.end_at_once(tx, &case, step),
            Step::Split => self.split(tx, &case),
            Step::Merge => self.merge(tx, &case),
            Step::Dispatch => self.dispatch(tx, &case),
            Step::Redispatch => self.redispatch(tx, &case),
            Step::SignLead => self.sign(tx, &case, Role::Lead),
            Step::SignCo => self.sign(tx, &case, Role::Co),
            Step::Return => self.send_return(tx, &case),
            Step::Rule => self.rule(tx, &case),
            Step::Progress | Step::AskExtension | Step::AskPause => self.ask(tx, &case, step),
            Step::DecideExtension => self.decide_extension(tx, &case),
            Step::Shelve => self.shelve(tx, &case),
            Step::FinishCo => self.finish_co(tx, &case),
            Step::Finish => self.finish(tx, &case),
            Step::Pass | Step::Fail => self.verify(tx, &case, step),
            Step::CallMissed | Step::CallClose | Step::CallReopen | Step::CloseUnreached => {
                self.call(tx, &case, step)
            }
            _ => self.by_desk(tx, &case, step),
        }
    }

    fn matter_id(&mut self) -> Result<Option<kernel::MatterId>> {
        let world = self.world;
        Ok(world.matters.get(&self.life()?.cast.matter).map(|m| m.id))
    }

    /// Plain decisions of one desk.
    fn by_desk(&mut self, tx: &mut Tx<'_>, case: &CaseState, step: Step) -> Result<()> {
        let (verb, action, input) = match step {
            Step::SendBack => (
                "demands.dispatch",
                "send_back",
                Input { reason: self.say("send_back", "reasons")?, ..Input::default() },
            ),
            Step::Withdraw => (
                "demands.dispatch",
                "withdraw",
                Input { reason: self.say("withdraw", "notes")?, ..Input::default() },
            ),
            Step::Void => (
                "demands.arbitrate",
                "void",
                Input { reason: self.say("accept", "void_notes")?, ..Input::default() },
            ),
            Step::GrantPause => (
                "demands.approve",
                "grant_pause",
                Input { note: self.say("pause", "approved")?, ..Input::default() },
            ),
            Step::Resume => return self.resume(tx, case),
            Step::Unshelve => (
                "demands.approve",
                "unshelve",
                Input { note: self.say("shelve", "ended")?, ..Input::default() },
            ),
            _ => return Ok(()),
        };
        let life = self.life()?;
        match step {
            Step::SendBack => life.fate.send_back = false,
            Step::GrantPause => life.fate.pause = false,
            Step::Unshelve => life.fate.shelve = None,
            _ => {}
        }
        let desk = self.desk(verb, Some(case))?;
        self.act(tx, &self.cx(desk, None), action, input)
    }

    fn accept(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.accept", Some(case))?;
        let note = if self.chance(400)? { self.say("accept", "notes")? } else { None };
        let input =
            Input { matter: self.matter_id()?, subject: Some(self.subject(case)?), note, ..Input::default() };
        self.act(tx, &self.cx(desk, None), "accept", input)
    }

    /// Whom the complaint is about.
    fn subject(&mut self, case: &CaseState) -> Result<Subject> {
        let world = self.world;
        let life = self.life()?;
        let Some(story) = world.data.stories.get(life.cast.story) else { return Ok(Subject::None) };
        let unit = match story.subject.as_str() {
            "" => return Ok(Subject::None),
            "@community" => world.community_unit(case.at.community).map(|u| u.id),
            "@property" => life.slots.property.as_ref().and_then(|key| world.units.get(key)).map(|u| u.id),
            key => world.units.get(key).map(|u| u.id),
        };
        Ok(unit.map_or(Subject::None, Subject::Unit))
    }

    fn refuse(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let desk = self.desk("demands.accept", Some(case))?;
        let life = self.life()?;
        let Some(story) = world.data.stories.get(life.cast.story) else { return Ok(()) };
        let note = life.chance.pick(&story.handled).cloned();
        let route = if story.mode == Mode::Handover { "discipline" } else { &story.refusal };
        let route = world.routes.iter().find(|r| r.code == route).map(|r| r.code.clone());
        self.act(tx, &self.cx(desk, None), "refuse", Input { route, note, ..Input::default() })
    }

    fn end_at_once(&mut self, tx: &mut Tx<'_>, case: &CaseState, step: Step) -> Result<()> {
        let desk = self.desk("demands.accept", Some(case))?;
        let note = self.handled_words()?;
        let matter = self.matter_id()?;
        let (action, matter) = if step == Step::Answer { ("answer", matter) } else { ("thank", None) };
        let cx = self.cx(desk, None);
        let found = match action {
            "answer" => knowledge::hits(tx, &cx, &self.life()?.cast.text.clone(), 1)?.pop(),
            _ => None,
        };
        let given = found.map(|(o, _)| Given { entry: o.entry, version: o.version });
        let input = Input {
            note: Some(note),
            matter,
            given: given.map(|g| (g.entry, g.version)),
            ..Input::default()
        };
        self.act(tx, &cx, action, input)?;
        match given {
            Some(given) => knowledge::used(tx, &cx, given, case.id),
            None => Ok(()),
        }
    }

    /// What was done, in the unit's words.
    fn handled_words(&mut self) -> Result<String> {
        let (world, at) = (self.world, self.at);
        let life = self.life()?;
        let Some(story) = world.data.stories.get(life.cast.story) else { return Ok(String::new()) };
        let text = life.chance.pick(&story.handled).cloned().unwrap_or_default();
        let done = at.plus(-life.chance.between(20, 150) * Ts::MINUTE);
        let half =
            if done.zoned(&world.cx.office.tz).hour() < 12 { "demo-morning" } else { "demo-afternoon" };
        let day = done.day(&world.cx.office.tz).0;
        let done = world.words.t2(half, ("month", &(day / 100 % 100)), ("day", &(day % 100)));
        let community =
            world.sites.grids.get(life.cast.grid).map(|g| g.community_name.clone()).unwrap_or_default();
        let mut around = Around {
            sites: &world.sites,
            phrases: &world.data.phrases,
            grid: life.cast.grid,
            chance: &mut life.chance,
        };
        Ok(wording::fill(
            &text,
            &mut life.slots,
            &mut around,
            &[("done", done), ("community", community), ("unit", String::new())],
        ))
    }

    fn split(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let (world, at) = (self.world, self.at);
        let desk = self.desk("demands.dispatch", Some(case))?;
        let cast = std::sync::Arc::clone(&self.life()?.cast);
        let Some(story) = world.data.stories.get(cast.story) else { return Ok(()) };
        let mut parts = Vec::new();
        for code in &story.split {
            let Some(matter) = world.matters.get(code) else { continue };
            let series = Series::of_class(&cast.class);
            let no =
                take_in(tx, world.cx.office.id, &world.cx.office.short, series, at.day(&world.cx.office.tz))?;
            parts.push(Part {
                no,
                title: format!("{}{}", cast.at.address, matter.names.zh),
                matter: Some(matter.id),
            });
        }
        let children = verbs::split(tx, &self.cx(desk, None), case.id, &parts)?;
        let held = cast.hold.is_some();
        for (child, code) in children.into_iter().zip(&story.split) {
            let index = world.data.stories.iter().position(|s| s.matter == *code && s.mode == Mode::Ordinary);
            let mut chance = Chance::new(self.life()?.chance.next(), 7);
            let hold =
                held.then(|| *chance.pick(&[Hold::Dispatched, Hold::Handling]).unwrap_or(&Hold::Handling));
            let own = Cast {
                story: index.unwrap_or(cast.story),
                matter: code.clone(),
                parent: Some(self.life),
                hold,
                ..(*cast).clone()
            };
            let slots = self.life()?.slots.clone();
            let mut life = Life::new(own, Fate::default(), slots, chance);
            life.case = Some(child.id);
            let next = self.stage.lives.len();
            self.stage.lives.push(life);
            self.stage.lay(at.plus(Ts::SECOND), next, Step::Wake);
        }
        Ok(())
    }

    /// Into the case of the same trouble, if that is still open; otherwise it goes its own way.
    fn merge(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let first = self.life()?.cast.joins;
        let into = first.and_then(|i| self.stage.lives.get(i)).and_then(|l| l.case);
        let target = match into {
            Some(id) => Some(crate::features::procedures::service::load(tx, world.cx.office.id, id)?),
            None => None,
        };
        let open = target.filter(|t| t.phase.is_open() && t.state != "split" && t.class == case.class);
        let Some(target) = open else { return self.accept(tx, case) };
        let desk = self.desk("demands.merge", Some(&target))?;
        let note = self.say("merge", "notes")?.unwrap_or_default();
        verbs::merge(tx, &self.cx(desk, None), case.id, target.id, &note)?;
        // Its reporter may rate; everything else now happens to the other case.
        Ok(())
    }

    fn dispatch(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let (world, at, index) = (self.world, self.at, self.life);
        let desk = self.desk("demands.dispatch", Some(case))?;
        let (lead, co) = self.units_for(tx, case)?;
        let note = if self.chance(350)? { self.say("dispatch", "notes")? } else { None };
        let life = self.life()?;
        let co = if life.fate.co { co } else { Vec::new() };
        let mut helpers = Vec::new();
        for unit in co.into_iter().filter(|u| *u != lead).take(2) {
            let limit = life.chance.of_thousand(600).then_some(Limit::new(LimitUnit::WorkDay, 2_000));
            helpers.push(CoUnit { unit, limit });
        }
        let wait = world.axis.minutes(
            world
                .matters
                .get(&life.cast.matter)
                .map_or(Limit::new(LimitUnit::WorkDay, 1_000), |m| m.handle_limit),
        );
        let (urge, supervise, reveal) = (life.fate.urge, life.fate.supervise, life.fate.reveal);
        (life.fate.urge, life.fate.supervise, life.fate.reveal) = (false, false, false);
        let mut later = |from: i64, to: i64| life.chance.between(wait * from / 100 + 5, wait * to / 100 + 30);
        let times = [
            (urge, later(30, 90), Step::Urge),
            (supervise, later(60, 110), Step::Supervise),
            (reveal, later(3, 25), Step::Reveal),
        ];
        self.act(
            tx,
            &self.cx(desk, None),
            "dispatch",
            Input { lead: Some(lead), co: helpers, note, ..Input::default() },
        )?;
        for (_, minutes, step) in times.into_iter().filter(|t| t.0) {
            self.stage.lay(world.axis.later(at, minutes), index, step);
        }
        Ok(())
    }

    /// The unit that leads by the duty list, and those that help; never the subject of the complaint.
    fn units_for(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<(UnitId, Vec<UnitId>)> {
        let world = self.world;
        let line = case.at.place.map(|p| world.sites.line(p)).unwrap_or_default();
        let day = self.at.day(&world.cx.office.tz);
        let code = self.life()?.cast.matter.clone();
        let duty = catalogue::duty_for(tx, world.cx.office.id, &code, &line, day)?;
        let mut units: Vec<UnitId> =
            duty.iter().flat_map(|d| std::iter::once(d.lead).chain(d.co.iter().copied())).collect();
        // Where the responsible unit is the one complained about, the centre itself or the general office leads.
        units
            .extend(["grid-center", "party-office"].iter().filter_map(|k| world.units.get(*k)).map(|u| u.id));
        units.retain(|u| case.subject_unit.is_none_or(|s| !world.is_under(*u, s)));
        let lead = *units.first().ok_or_else(|| Error::failed("no unit can lead"))?;
        let co = duty.map(|d| d.co).unwrap_or_default();
        Ok((lead, co.into_iter().filter(|u| units.contains(u)).collect()))
    }

    fn redispatch(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.dispatch", Some(case))?;
        self.life()?.fate.redispatch = false;
        let lead = self.another_unit(tx, case)?;
        let reason = self.say("redispatch", "reasons")?;
        self.act(
            tx,
            &self.cx(desk, None),
            "redispatch",
            Input { lead: Some(lead), reason, ..Input::default() },
        )
    }

    /// A unit other than the present lead: a helper of the duty list, the department that leads, the community.
    fn another_unit(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<UnitId> {
        let world = self.world;
        let now = case.lead().map(|a| a.unit);
        let (lead, co) = self.units_for(tx, case)?;
        let department = world
            .matters
            .get(&self.life()?.cast.matter)
            .map(|m| m.lead_department.zh.clone())
            .unwrap_or_default();
        let named = world.units.values().filter(|u| {
            !department.is_empty() && (u.name.contains(&department) || department.contains(&u.short))
        });
        let mut units: Vec<UnitId> = co;
        units.extend(named.map(|u| u.id));
        units.extend(world.community_unit(case.at.community).map(|u| u.id));
        units.push(lead);
        units.extend(["municipal", "construction"].iter().filter_map(|k| world.units.get(*k)).map(|u| u.id));
        units.retain(|u| Some(*u) != now && case.subject_unit.is_none_or(|s| !world.is_under(*u, s)));
        units.first().copied().ok_or_else(|| Error::failed("no other unit can lead"))
    }

    /// Somebody of the unit, or the desk that enters it for the unit 代录.
    fn of_unit(&mut self, case: &CaseState, unit: UnitId) -> Result<Cx> {
        let world = self.world;
        let life = self.life()?;
        let own = world.handler(unit, case, &mut life.chance).filter(|_| !life.fate.behalf);
        let (actor, behalf): (&Actor, _) = match own {
            Some(actor) => (actor, None),
            None => (self.desk("demands.dispatch", Some(case))?, Some(unit)),
        };
        let account = actor.account;
        let life = self.life()?;
        life.hands.extend(account.filter(|a| !life.hands.contains(a)));
        Ok(self.cx(actor, behalf))
    }

    fn lead_cx(&mut self, case: &CaseState) -> Result<Cx> {
        let unit = case.lead().map(|a| a.unit).ok_or_else(|| Error::failed("nobody leads the case"))?;
        self.of_unit(case, unit)
    }

    fn sign(&mut self, tx: &mut Tx<'_>, case: &CaseState, role: Role) -> Result<()> {
        let part = case.assignments.iter().find(|a| a.role == role && a.state == AssignmentState::Sent);
        let Some(part) = part.cloned() else { return Ok(()) };
        let cx = self.of_unit(case, part.unit)?;
        let note = if self.chance(300)? { self.say("sign", "notes")? } else { None };
        self.act(tx, &cx, "sign", Input { assignment: Some(part.id), note, ..Input::default() })
    }

    fn send_return(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let cx = self.lead_cx(case)?;
        let life = self.life()?;
        let story = world.data.stories.get(life.cast.story);
        let own = story.and_then(|s| life.chance.pick(&s.returns)).cloned();
        let mut around = Around {
            sites: &world.sites,
            phrases: &world.data.phrases,
            grid: life.cast.grid,
            chance: &mut life.chance,
        };
        let own = own.map(|text| wording::fill(&text, &mut life.slots, &mut around, &[]));
        let reason = match own {
            Some(reason) => Some(reason),
            None => self.say("return", "generic")?,
        };
        let basis = self.say("basis", "return")?;
        self.act(tx, &cx, "return", Input { reason, basis, ..Input::default() })
    }

    fn rule(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.arbitrate", Some(case))?;
        let upheld = self.life()?.fate.ret.take() == Some(true);
        let cx = self.cx(desk, None);
        if upheld {
            let lead = self.another_unit(tx, case)?;
            let reason = self.say("ruling", "upheld")?;
            return self.act(
                tx,
                &cx,
                "uphold_return",
                Input { lead: Some(lead), reason, ..Input::default() },
            );
        }
        let reason = self.say("ruling", "rejected")?;
        self.act(tx, &cx, "reject_return", Input { reason, ..Input::default() })
    }

    fn ask(&mut self, tx: &mut Tx<'_>, case: &CaseState, step: Step) -> Result<()> {
        let cx = self.lead_cx(case)?;
        match step {
            Step::AskExtension => {
                let days = self.life()?.chance.between(2, 4);
                let limit = self.extension_unit(case, days);
                let reason = self.say("extension", "asked")?;
                self.act(tx, &cx, "ask_extension", Input { reason, limit: Some(limit), ..Input::default() })
            }
            Step::AskPause => {
                let reason = self.say("pause", "asked")?;
                self.act(tx, &cx, "ask_pause", Input { reason, ..Input::default() })
            }
            _ => {
                self.life()?.fate.progress = false;
                let photo = if self.chance(500)? { self.picture(tx, &cx, "scene", false)? } else { None };
                let note = self.say("supervise", "answers")?;
                self.act(
                    tx,
                    &cx,
                    "progress",
                    Input { note, photos: photo.into_iter().collect(), ..Input::default() },
                )
            }
        }
    }

    /// In the unit of the clock that is to be lengthened.
    fn extension_unit(&self, case: &CaseState, days: i64) -> Limit {
        let clock =
            case.open_clocks().find(|c| c.kind == "handle" && c.assignment == case.lead().map(|a| a.id));
        match clock.map(|c| c.limit.unit) {
            Some(unit) if !unit.is_days() => Limit::new(unit, days * 2_000),
            Some(unit) => Limit::new(unit, days * 1_000),
            None => Limit::new(LimitUnit::WorkDay, days * 1_000),
        }
    }

    fn decide_extension(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.approve", Some(case))?;
        let granted = self.life()?.fate.extension.take() == Some(true);
        let cx = self.cx(desk, None);
        if granted {
            let note = self.say("extension", "approved")?;
            return self.act(tx, &cx, "grant_extension", Input { note, ..Input::default() });
        }
        let reason = self.say("extension", "refused")?;
        self.act(tx, &cx, "refuse_extension", Input { reason, ..Input::default() })
    }

    fn resume(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let cx = self.lead_cx(case)?;
        let note = self.say("pause", "resumed")?;
        self.act(tx, &cx, "resume", Input { note, ..Input::default() })
    }

    fn shelve(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let desk = self.desk("demands.approve", Some(case))?;
        let days = self.life()?.chance.between(25, 100);
        let input = Input {
            reason: self.say("shelve", "reasons")?,
            missing: self.say("shelve", "missing")?,
            reviewer: self.say("shelve", "reviewers")?,
            until: Some(self.at.day(&world.cx.office.tz).plus(days)),
            ..Input::default()
        };
        self.act(tx, &self.cx(desk, None), "shelve", input)?;
        let life = self.life()?;
        if life.fate.shelve == Some(false) && life.cast.hold.is_none() {
            life.fate.shelve = Some(false);
        }
        Ok(())
    }

    fn finish_co(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let part = case.assignments.iter().find(|a| a.role == Role::Co && a.state == AssignmentState::Signed);
        let Some(part) = part.cloned() else { return Ok(()) };
        let cx = self.of_unit(case, part.unit)?;
        let note = self.say("supervise", "answers")?;
        self.act(tx, &cx, "finish_co", Input { assignment: Some(part.id), note, ..Input::default() })
    }

    fn finish(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let cx = self.lead_cx(case)?;
        let needed = case
            .matter
            .and_then(|_| world.matters.get(&self.life().ok()?.cast.matter))
            .is_some_and(|m| m.photos != Photos::None);
        let mut photos = Vec::new();
        if needed {
            photos.extend(self.picture(tx, &cx, "before", false)?);
            photos.extend(self.picture(tx, &cx, "after", true)?);
        }
        let note = self.handled_words()?;
        let short = case.lead().map(|a| world.unit_name(a.unit)).unwrap_or_default();
        let note = if note.is_empty() { short } else { note };
        self.act(tx, &cx, "finish", Input { note: Some(note), photos, ..Input::default() })
    }

    fn verify(&mut self, tx: &mut Tx<'_>, case: &CaseState, step: Step) -> Result<()> {
        let desk = self.verifier(case)?;
        let cx = self.cx(desk, None);
        if step == Step::Fail {
            self.life()?.fate.rework = false;
            let reason = self.say("verify_fix", "failed")?;
            return self.act(tx, &cx, "fail", Input { reason, ..Input::default() });
        }
        let photo = if case.verify_by.as_deref() == Some("onsite") {
            self.picture(tx, &cx, "after", true)?
        } else {
            None
        };
        let note = self.say("verify_fix", "passed")?;
        self.act(tx, &cx, "pass", Input { note, photos: photo.into_iter().collect(), ..Input::default() })
    }

    /// The verifiers share the communities between them.
    fn verifier(&mut self, case: &CaseState) -> Result<&'a Actor> {
        use crate::features::demo::world::sees;
        let world = self.world;
        let hands: Vec<AccountId> = self.life()?.hands.clone();
        let may = |a: &&Actor| {
            a.reaches("demands.verify").any(|r| r == crate::actor::Reach::Office)
                && sees(a, case)
                && a.account.is_some_and(|id| !hands.contains(&id))
        };
        let all: Vec<&Actor> = world.people.iter().filter(may).collect();
        let mut communities: Vec<&str> = world.sites.grids.iter().map(|g| g.community.as_str()).collect();
        communities.dedup();
        let own =
            world.sites.grids.get(self.life()?.cast.grid).map(|g| g.community.as_str()).unwrap_or_default();
        let at = communities.iter().position(|c| *c == own).unwrap_or(0);
        let nth = at * all.len() / communities.len().max(1);
        all.get(nth).copied().ok_or_else(|| Error::failed("nobody may verify"))
    }

    fn call(&mut self, tx: &mut Tx<'_>, case: &CaseState, step: Step) -> Result<()> {
        let world = self.world;
        let desk = self.desk("demands.call_back", Some(case))?;
        let cx = self.cx(desk, None);
        let life = self.life()?;
        let Some(story) = world.data.stories.get(life.cast.story) else { return Ok(()) };
        match step {
            Step::CallMissed => {
                life.fate.missed = life.fate.missed.saturating_sub(1);
                let note = self.say("callback", "unreachable")?;
                self.act(tx, &cx, "call_missed", Input { note, ..Input::default() })
            }
            Step::CloseUnreached => {
                let reason = self.say("callback", "unreachable")?;
                self.act(tx, &cx, "close", Input { reason, ..Input::default() })
            }
            Step::CallReopen => {
                life.fate.call_reopen = false;
                let own = life.chance.pick(&story.unsolved).cloned();
                let stars = life.chance.between(1, 2);
                let reason = match own {
                    Some(own) => Some(self.filled(&own)?),
                    None => self.say("callback", "unsolved")?,
                };
                self.act(tx, &cx, "call_reopen", Input { reason, satisfied: Some(stars), ..Input::default() })
            }
            _ => {
                let stars = 1 + i64::try_from(life.chance.weighted(&story.rating)).unwrap_or(4);
                let own = life.chance.pick(&story.solved).cloned().filter(|_| stars >= 4);
                let note = match own {
                    Some(own) => Some(self.filled(&own)?),
                    None => self.say("callback", if stars >= 3 { "solved" } else { "partly" })?,
                };
                let solved = Some(stars >= 2 || self.chance(500)?);
                self.act(
                    tx,
                    &cx,
                    "call_close",
                    Input { solved, satisfied: Some(stars), note, ..Input::default() },
                )
            }
        }
    }

    fn filled(&mut self, text: &str) -> Result<String> {
        let world = self.world;
        let life = self.life()?;
        let mut around = Around {
            sites: &world.sites,
            phrases: &world.data.phrases,
            grid: life.cast.grid,
            chance: &mut life.chance,
        };
        Ok(wording::fill(text, &mut life.slots, &mut around, &[]))
    }
}
