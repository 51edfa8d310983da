//! Deciding: what each directive of an action brings about for one case, as facts.

use super::clocks;
use super::model::{CoUnit, Input, Subject};
use super::procedure::{Action, ClockOn, Directive};
use super::state::{
    Assignment, AssignmentState, CaseState, ClockState, Counter, Effect, MatterRef, Request, Role,
};
use super::store as rows;
use super::upper;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::catalogue::model::{Callback, Matter, Photos, Verify};
use ::store::{Result, Tx, args};
use kernel::{AssignmentId, MatterId, Refusal, Ts, UnitId};
use worktime::Limit;

/// One decision under way.
pub(super) struct Decision<'a, 'tx> {
    pub(super) tx: &'a mut Tx<'tx>,
    pub(super) cx: &'a Cx,
    pub(super) case: &'a CaseState,
    pub(super) action: &'a Action,
    pub(super) input: &'a Input,
    /// The unit's part acted on.
    pub(super) assignment: Option<&'a Assignment>,
    /// Whether the actor handled the case and checks it all the same.
    pub(super) own_check: bool,
    /// The matter the case has after this act.
    pub(super) matter: Option<Matter>,
    pub(super) out: Vec<Effect>,
    /// Parts made or renewed by this act, for their clocks.
    fresh: Vec<(AssignmentId, Option<Limit>)>,
}

impl<'a, 'tx> Decision<'a, 'tx> {
    pub(super) fn new(
        tx: &'a mut Tx<'tx>,
        cx: &'a Cx,
        case: &'a CaseState,
        action: &'a Action,
        input: &'a Input,
    ) -> Result<Decision<'a, 'tx>> {
        let id = input.matter.filter(|_| action.effects.contains(&Directive::Classify)).or(case.matter);
        let matter = id.map(|id| catalogue::service::matter(tx, cx.office.id, id)).transpose()?;
        Ok(Decision {
            tx,
            cx,
            case,
            action,
            input,
            assignment: None,
            own_check: false,
            matter,
            out: Vec::new(),
            fresh: Vec::new(),
        })
    }

    /// All facts of the act, its clocks included.
    pub(super) fn decide(mut self) -> Result<Vec<Effect>> {
        for directive in &self.action.effects {
            self.one(*directive)?;
        }
        self.end_clocks();
        self.start_clocks()?;
        Ok(self.out)
    }

    fn at(&self) -> Ts {
        self.cx.occurred.unwrap_or(self.cx.now)
    }

    fn one(&mut self, directive: Directive) -> Result<()> {
        match directive {
            Directive::Classify => self.classify(),
            Directive::Subject => self.subject(),
            Directive::Urgent => self.urgent(),
            Directive::Accepted => self.push(Effect::Accepted),
            Directive::EndRefused => self.end_at_the_desk("refused"),
            Directive::EndAnswered => self.end_at_the_desk("answered"),
            Directive::EndThanks => self.end_at_the_desk("thanks"),
            Directive::EndWithdrawn => self.end("withdrawn"),
            Directive::EndVoid => self.end("void"),
            Directive::Assign => self.assign(),
            Directive::AssignCo => self.input.co.clone().into_iter().try_for_each(|co| self.assign_co(co)),
            Directive::WithdrawAssignments => self.withdraw(),
            Directive::Sign => self.on_part(|id| Effect::Signed { id }),
            Directive::Handled => Ok(()),
            Directive::FinishOwn => self.finish_own(),
            Directive::Done => self.push(Effect::Done),
            Directive::Sample => self.sample(),
            Directive::Verified => self.push(Effect::Verified { by_other: !self.own_check }),
            Directive::RequestReturn => self.ask("return", None),
            Directive::RequestExtension => self.ask("extension", self.input.limit),
            Directive::RequestPause => self.ask("pause", None),
            Directive::GrantRequest => self.decided(true),
            Directive::RefuseRequest => self.decided(false),
            Directive::Returned => self.push(Effect::Count(Counter::Return)),
            Directive::Ruled => self.push(Effect::Ruled),
            Directive::Extend => self.extend(),
            Directive::Pause => self.pause(),
            Directive::Resume => self.resume(),
            Directive::Shelve => self.shelve(),
            Directive::Unshelve => self.push(Effect::Unshelved),
            Directive::Again => self.again(),
            Directive::CountRedispatch => self.push(Effect::Count(Counter::Redispatch)),
            Directive::CountRework => self.push(Effect::Count(Counter::Rework)),
            Directive::CountReopen => self.push(Effect::Count(Counter::Reopen)),
            Directive::CountUrge => self.push(Effect::Count(Counter::Urge)),
            Directive::CallMissed => {
                self.push(Effect::Call { answered: false, solved: None, satisfied: None })
            }
            Directive::Called => self.called(self.input.solved),
            Directive::CalledUnsolved => self.called(Some(false)),
            Directive::Supervise => self.push(Effect::Supervised),
            Directive::Exempt => self.push(Effect::Exempt),
            Directive::PauseAll => self.pause_all(),
            Directive::GiveBack => upper::give_back(self.tx, self.cx, self.case),
            Directive::GivenBack => upper::ruled(self.tx, self.cx, self.case, true),
            Directive::NotGivenBack => upper::ruled(self.tx, self.cx, self.case, false),
            Directive::EndReturnedUp => self.end("returned_up"),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "so that each directive reads as one line")]
    fn push(&mut self, effect: Effect) -> Result<()> {
        self.out.push(effect);
        Ok(())
    }

    fn end(&mut self, how: &str) -> Result<()> {
        self.push(Effect::End(how.to_owned()))
    }

    /// An end before anybody was asked whom it is about. A complaint or a petition whose subject nobody named stays with
    /// the desk; whatever else ends here is about nobody, and all who may see the office's cases see it too.
    fn end_at_the_desk(&mut self, how: &str) -> Result<()> {
        let mut kinds = std::iter::once(&self.case.kind).chain(self.matter.as_ref().map(|m| &m.kind));
        let about_somebody = kinds.any(|kind| matches!(kind.as_str(), "complaint" | "report" | "petition"));
        let named = self.case.subject_known || self.input.subject.is_some();
        if !named && !about_somebody {
            self.push(Effect::Subject { unit: None, text: None })?;
        }
        self.end(how)
    }

    fn classify(&mut self) -> Result<()> {
        if self.input.matter.is_none() {
            return Ok(());
        }
        let Some(matter) = &self.matter else { return Ok(()) };
        // What came in as a petition or a report stays one about whatever matter; only who says why opens it to more eyes.
        let opens = matter.secret.as_str() == "ordinary" && self.case.class != "ordinary";
        let class = if opens && !self.action.needs.iter().any(|need| need == "reason") {
            self.case.class.clone()
        } else {
            matter.secret.as_str().to_owned()
        };
        let effect = Effect::Matter(MatterRef {
            id: MatterId(matter.id.0),
            code: matter.code.clone(),
            kind: matter.kind.clone(),
            class,
        });
        if matter.emergency && self.input.urgent.is_none() && !self.case.urgent {
            self.out.push(Effect::Urgent(true));
        }
        self.push(effect)
    }

    fn subject(&mut self) -> Result<()> {
        let effect = match &self.input.subject {
            None => return Ok(()),
            Some(Subject::None) => Effect::Subject { unit: None, text: None },
            Some(Subject::Unit(unit)) => {
                self.need_unit(*unit)?;
                Effect::Subject { unit: Some(*unit), text: None }
            }
            // A unit of the office written out is that unit: else nothing would be kept from it.
            Some(Subject::Named(text)) => match self.unit_named(text)? {
                Some(unit) => Effect::Subject { unit: Some(unit), text: None },
                None => Effect::Subject { unit: None, text: Some(text.clone()) },
            },
        };
        if let Effect::Subject { unit: Some(unit), .. } = effect {
            self.take_from(unit)?;
        }
        self.push(effect)
    }

    fn unit_named(&mut self, text: &str) -> Result<Option<UnitId>> {
        let folded = text::normalize(text);
        let is = |name: &str| !folded.trim().is_empty() && text::normalize(name).trim() == folded.trim();
        let found = rows::active_units(self.tx, self.cx.office.id)?;
        Ok(found.into_iter().find(|(_, name, short)| is(name) || is(short)).map(|(id, ..)| id))
    }

    /// What a case turns out to be about takes it out of the hands of that unit and of those under it: they do not see it
    /// any more, and a part that nobody sees is nobody's. Without its lead the whole goes back to be dispatched.
    fn take_from(&mut self, subject: UnitId) -> Result<()> {
        let open: Vec<_> = self.case.assignments.iter().filter(|a| a.state.is_open()).cloned().collect();
        for part in open {
            if !rows::is_under(self.tx, self.cx.office.id, part.unit, subject)? {
                continue;
            }
            if part.role == Role::Lead {
                return self.back_to_desk();
            }
            self.out.push(Effect::AssignmentOff { id: part.id });
            let clocks = self.case.open_clocks().filter(|c| c.assignment == Some(part.id));
            self.out.extend(clocks.map(|c| Effect::ClockOff { id: c.id }).collect::<Vec<_>>());
        }
        Ok(())
    }

    fn urgent(&mut self) -> Result<()> {
        match self.input.urgent {
            Some(urgent) if urgent != self.case.urgent => self.push(Effect::Urgent(urgent)),
            _ => Ok(()),
        }
    }

    /// Lead and helpers, all checked: active units, not the subject, not a matter that is not theirs.
    fn assign(&mut self) -> Result<()> {
        let lead = self.input.lead.ok_or_else(|| Refusal::missing("lead"))?;
        self.part(lead, Role::Lead, self.input.limit)?;
        for co in self.input.co.clone() {
            if co.unit == lead {
                return Err(Refusal::rule("demands.dispatch.lead_is_co").on("co").into());
            }
            self.part(co.unit, Role::Co, co.limit)?;
        }
        Ok(())
    }

    fn assign_co(&mut self, co: CoUnit) -> Result<()> {
        if self.case.assignments.iter().any(|a| a.unit == co.unit && a.state != AssignmentState::Off) {
            return Err(Refusal::rule("demands.add_co.already").on("co").into());
        }
        self.part(co.unit, Role::Co, co.limit)
    }

    fn part(&mut self, unit: UnitId, role: Role, limit: Option<Limit>) -> Result<()> {
        self.need_unit(unit)?;
        self.refuse_subject(unit)?;
        if let Some(matter) = self.matter.clone() {
            catalogue::service::may_handle(self.tx, self.cx.office.id, &matter, unit)?;
        }
        let id = AssignmentId(self.tx.id()?);
        self.fresh.push((id, limit));
        self.push(Effect::Assign { id, unit, role })
    }

    fn need_unit(&mut self, unit: UnitId) -> Result<()> {
        match self.tx.value::<bool>(&rows::UNIT_ACTIVE, args![self.cx.office.id, unit])? {
            Some(true) => Ok(()),
            _ => Err(Refusal::rule("demands.dispatch.no_such_unit").on("lead").into()),
        }
    }

    /// The subject of a complaint and those under it are never assignee or co-unit (DESIGN rule 7).
    fn refuse_subject(&mut self, unit: UnitId) -> Result<()> {
        if self.is_about(unit)? {
            return Err(Refusal::rule("demands.dispatch.is_subject").on("lead").into());
        }
        Ok(())
    }

    /// Whether the case is about a unit or about one above it.
    fn is_about(&mut self, unit: UnitId) -> Result<bool> {
        match self.case.subject_unit {
            Some(subject) => rows::is_under(self.tx, self.cx.office.id, unit, subject),
            None => Ok(false),
        }
    }

    fn withdraw(&mut self) -> Result<()> {
        let open: Vec<_> =
            self.case.assignments.iter().filter(|a| a.state != AssignmentState::Off).map(|a| a.id).collect();
        for id in open {
            self.out.push(Effect::AssignmentOff { id });
        }
        let clocks: Vec<_> =
            self.case.open_clocks().filter(|c| c.assignment.is_some()).map(|c| c.id).collect();
        for id in clocks {
            self.out.push(Effect::ClockOff { id });
        }
        Ok(())
    }

    /// All parts are withdrawn, and the time for dispatching runs anew.
    fn back_to_desk(&mut self) -> Result<()> {
        self.withdraw()?;
        let procedure = std::sync::Arc::clone(&self.cx.office.procedure);
        for rule in procedure.clocks.iter().filter(|r| r.on == ClockOn::Case && r.key == "dispatch") {
            let limit = clocks::limit_of(rule, self.matter.as_ref());
            let upper = self.case.upper_due;
            let effect = clocks::start(self.tx, self.cx, rule, None, limit, self.at(), upper)?;
            self.out.push(effect);
        }
        Ok(())
    }

    fn on_part(&mut self, effect: impl FnOnce(AssignmentId) -> Effect) -> Result<()> {
        let id = self.assignment.ok_or_else(|| Refusal::rule("demands.act.not_your_part"))?.id;
        self.push(effect(id))
    }

    fn finish_own(&mut self) -> Result<()> {
        let Some(part) = self.assignment else {
            return Err(Refusal::rule("demands.act.not_your_part").into());
        };
        if part.role == Role::Lead {
            let waiting = self.case.helpers().filter(|a| a.state.is_open()).count();
            if waiting > 0 {
                return Err(Refusal::rule("demands.finish.co_units_open").with("count", waiting).into());
            }
            let photos = self.matter.as_ref().is_some_and(|m| m.photos != Photos::None);
            if photos && self.input.photos.is_empty() {
                return Err(Refusal::rule("demands.finish.photo_needed").on("photos").into());
            }
        }
        let at = self.at();
        let late = self
            .case
            .clocks
            .iter()
            .rev()
            .find(|c| c.kind == "handle" && c.assignment == Some(part.id) && c.state != ClockState::Off)
            .and_then(|c| c.due)
            .is_some_and(|due| at > due);
        self.push(Effect::AssignmentDone { id: part.id, late })
    }

    /// Whether to verify and to call back: set per matter, drawn by the case's own number so that a replay
    /// draws the same.
    fn sample(&mut self) -> Result<()> {
        let draw = i64::from(blake3::hash(self.case.no.as_bytes()).as_bytes()[0]) * 100 / 256;
        let (verify, call) = match &self.matter {
            None => (Some("photo".to_owned()), true),
            Some(m) => {
                let verify =
                    (m.verify != Verify::None && draw < m.verify_rate).then(|| m.verify.as_str().to_owned());
                let call = match m.callback {
                    Callback::All => true,
                    Callback::Sample => draw < m.callback_rate,
                    Callback::None => false,
                };
                (verify, call)
            }
        };
        // A part of a split message is called back once, with the whole.
        let reachable = rows::can_call_back(self.tx, self.cx.office.id, self.case.id)?;
        self.push(Effect::Sampled { verify, call: call && reachable && self.case.parent.is_none() })
    }

    fn ask(&mut self, kind: &str, limit: Option<Limit>) -> Result<()> {
        if kind == "extension" {
            let asked = limit.ok_or_else(|| Refusal::missing("limit"))?;
            let own = self.handle_clock().map(|c| c.limit.unit);
            if own.is_some_and(|unit| unit != asked.unit) {
                return Err(Refusal::rule("demands.extend.other_unit")
                    .on("limit")
                    .with("unit", own.map_or("", worktime::LimitUnit::as_str))
                    .into());
            }
            // What could not be granted is refused at once, not after a day of waiting.
            if let Some(clock) = self.handle_clock() {
                clocks::extend(self.cx, clock, asked)?;
            }
        }
        let id = kernel::RequestId(self.tx.id()?);
        self.push(Effect::Asked {
            id,
            kind: kind.to_owned(),
            assignment: self.assignment.map(|a| a.id),
            limit,
        })
    }

    fn handle_clock(&self) -> Option<&super::state::Clock> {
        let part = self.assignment?.id;
        self.case.open_clocks().find(|c| c.kind == "handle" && c.assignment == Some(part))
    }

    /// The request this act decides: the one named, or the only one that waits.
    fn request(&self) -> Result<&'a Request> {
        let case: &'a CaseState = self.case;
        let mut waiting = case.requests.iter().filter(|r| r.granted.is_none());
        let found = match self.input.request {
            Some(id) => waiting.find(|r| r.id == id),
            None => waiting.next(),
        };
        found.ok_or_else(|| Refusal::rule("demands.decide.no_request").on("request").into())
    }

    fn decided(&mut self, granted: bool) -> Result<()> {
        let id = self.request()?.id;
        self.push(Effect::Decided { id, granted })
    }

    fn extend(&mut self) -> Result<()> {
        let request = self.request()?;
        let by = self.input.limit.or(request.limit).ok_or_else(|| Refusal::missing("limit"))?;
        let clock = self
            .case
            .open_clocks()
            .find(|c| c.kind == "handle" && c.assignment == request.assignment)
            .ok_or_else(|| Refusal::rule("demands.extend.no_clock"))?;
        let effect = clocks::extend(self.cx, clock, by)?;
        self.out.push(effect);
        self.push(Effect::Count(Counter::Extension))
    }

    fn pausing(&self, key: &str) -> bool {
        self.cx.office.procedure.clocks.iter().any(|r| r.key == key && r.pauses)
    }

    fn pause(&mut self) -> Result<()> {
        let running: Vec<_> = self
            .case
            .clocks
            .iter()
            .filter(|c| c.state == ClockState::Running && self.pausing(&c.kind))
            .map(|c| c.id)
            .collect();
        self.out.extend(running.into_iter().map(|id| Effect::ClockPause { id }));
        Ok(())
    }

    /// Every clock of the office stands still, also those that no pause of a unit stops: somebody else decides.
    fn pause_all(&mut self) -> Result<()> {
        let running = self.case.clocks.iter().filter(|c| c.state == ClockState::Running);
        self.out.extend(running.map(|c| Effect::ClockPause { id: c.id }));
        Ok(())
    }

    fn resume(&mut self) -> Result<()> {
        let at = self.at();
        for clock in self.case.clocks.iter().filter(|c| c.state == ClockState::Paused) {
            let effect = clocks::resume(self.cx, clock, at)?;
            self.out.push(effect);
        }
        Ok(())
    }

    fn shelve(&mut self) -> Result<()> {
        let until = self.input.until.ok_or_else(|| Refusal::missing("until"))?;
        if until <= self.cx.today() {
            return Err(Refusal::rule("demands.shelve.day_past").on("until").into());
        }
        self.push(Effect::Shelved { until })
    }

    /// The same units once more, with clocks of their own; but not those that the case turned out to be about.
    fn again(&mut self) -> Result<()> {
        let parts: Vec<_> =
            self.case.assignments.iter().filter(|a| a.state != AssignmentState::Off).cloned().collect();
        let mut again = Vec::new();
        for part in parts {
            match (self.is_about(part.unit)?, part.role) {
                (true, Role::Lead) => return self.back_to_desk(),
                (true, Role::Co) => self.out.push(Effect::AssignmentOff { id: part.id }),
                (false, _) => again.push(part.id),
            }
        }
        for id in again {
            self.out.push(Effect::AssignmentAgain { id });
            self.fresh.push((id, None));
        }
        let clocks: Vec<_> = self.case.open_clocks().map(|c| c.id).collect();
        self.out.extend(clocks.into_iter().map(|id| Effect::ClockOff { id }));
        Ok(())
    }

    fn called(&mut self, solved: Option<bool>) -> Result<()> {
        if self.input.satisfied.is_some_and(|s| !(1..=5).contains(&s)) {
            return Err(Refusal::rule("demands.call.satisfied_range").on("satisfied").into());
        }
        self.push(Effect::Call { answered: true, solved, satisfied: self.input.satisfied })
    }

    fn end_clocks(&mut self) {
        let at = self.at();
        let off: Vec<_> = self
            .out
            .iter()
            .filter_map(|e| if let Effect::ClockOff { id } = e { Some(*id) } else { None })
            .collect();
        for rule in self.cx.office.procedure.clocks.iter().filter(|r| r.ends.contains(&self.action.key)) {
            let part = self.assignment.map(|a| a.id);
            let ended: Vec<_> = self
                .case
                .open_clocks()
                .filter(|c| c.kind == rule.key && !off.contains(&c.id))
                .filter(|c| rule.on == ClockOn::Case || part.is_none() || c.assignment == part)
                .map(|c| clocks::end(c, at))
                .collect();
            self.out.extend(ended);
        }
    }

    fn start_clocks(&mut self) -> Result<()> {
        let at = self.at();
        let procedure = std::sync::Arc::clone(&self.cx.office.procedure);
        for rule in procedure.clocks.iter().filter(|r| r.starts.contains(&self.action.key)) {
            let limit = clocks::limit_of(rule, self.matter.as_ref());
            if rule.on == ClockOn::Case {
                let effect = clocks::start(self.tx, self.cx, rule, None, limit, at, self.case.upper_due)?;
                self.out.push(effect);
                continue;
            }
            for (id, own) in self.fresh.clone() {
                let limit = if rule.key == "handle" { own.unwrap_or(limit) } else { limit };
                let effect = clocks::start(self.tx, self.cx, rule, Some(id), limit, at, self.case.upper_due)?;
                self.out.push(effect);
            }
        }
        Ok(())
    }
}
