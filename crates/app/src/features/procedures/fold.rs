//! Folding: one event into a case. Pure; looks nothing up and counts no time.

use super::procedure::Phase;
use super::state::{
    Act, Assignment, AssignmentState, CaseState, Clock, ClockState, Counter, Effect, Link, Location, Meta,
    Opening, Request, Role,
};
use kernel::{AssignmentId, CaseId, ClockId, Day, OfficeId, ReportId, RequestId, Ts, UnitId};
use worktime::Pause;

impl CaseState {
    /// A case before its first event.
    #[must_use]
    pub fn blank(office: OfficeId, id: CaseId) -> CaseState {
        CaseState {
            id,
            office,
            no: String::new(),
            procedure: String::new(),
            pack_version: 0,
            state: String::new(),
            phase: Phase::Received,
            ended: None,
            kind: String::new(),
            class: String::new(),
            matter: None,
            matter_code: None,
            urgent: false,
            title: String::new(),
            channel: String::new(),
            at: Location::default(),
            subject_known: false,
            subject_unit: None,
            subject_text: None,
            report: ReportId(0),
            parent: None,
            merged_into: None,
            opened_at: Ts(0),
            opened_day: Day(0),
            accepted_at: None,
            dispatched_at: None,
            signed_at: None,
            done_at: None,
            verified_at: None,
            closed_at: None,
            closed_day: None,
            handle_late: None,
            exempt: false,
            upper_due: None,
            returns: 0,
            ruled: false,
            redispatches: 0,
            reopens: 0,
            reworks: 0,
            extensions: 0,
            urges: 0,
            supervised: false,
            verify_by: None,
            must_call: false,
            verified_by_other: None,
            called_back: false,
            missed_calls: 0,
            solved: None,
            satisfied: None,
            outcome: None,
            shelved_until: None,
            version: 0,
            updated_at: Ts(0),
            assignments: Vec::new(),
            clocks: Vec::new(),
            requests: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Folds one event.
    pub fn apply(&mut self, meta: &Meta, act: &Act) {
        for effect in &act.effects {
            self.fold(meta, act, effect);
        }
        if let Some((state, phase)) = &act.to {
            self.enter(meta, act.day, state, *phase);
        }
        if act.effects.contains(&Effect::TimesUnknown) {
            self.forget_times();
        }
        if !act.quiet {
            self.version += 1;
        }
        self.updated_at = meta.recorded;
    }

    /// A time that nobody reported is not invented: durations leave such a case out.
    fn forget_times(&mut self) {
        (self.closed_at, self.closed_day, self.done_at) = (None, None, None);
        for part in &mut self.assignments {
            part.done_at = None;
        }
    }

    fn enter(&mut self, meta: &Meta, day: Day, state: &str, phase: Phase) {
        self.state = state.to_owned();
        self.phase = phase;
        match phase {
            Phase::Dispatched => {
                self.dispatched_at.get_or_insert(meta.at);
                self.closed_at = None;
                self.closed_day = None;
            }
            Phase::Closed | Phase::Refused | Phase::Ended => {
                self.closed_at.get_or_insert(meta.at);
                self.closed_day.get_or_insert(day);
            }
            _ => {
                self.closed_at = None;
                self.closed_day = None;
            }
        }
    }

    fn fold(&mut self, meta: &Meta, act: &Act, effect: &Effect) {
        match effect {
            Effect::Open(opening) => self.open(meta, opening),
            Effect::Link { report, part } => {
                self.links.push(Link { report: *report, part: part.clone(), from: meta.at, until: None });
            }
            Effect::Unlink { report } => {
                for link in self.links.iter_mut().filter(|l| l.report == *report && l.until.is_none()) {
                    link.until = Some(meta.at);
                }
            }
            Effect::Matter(matter) => {
                self.matter = Some(matter.id);
                self.matter_code = Some(matter.code.clone());
                self.kind.clone_from(&matter.kind);
                self.class.clone_from(&matter.class);
            }
            Effect::Subject { unit, text } => {
                self.subject_known = true;
                self.subject_unit = *unit;
                self.subject_text.clone_from(text);
            }
            Effect::Place(location) => self.at = location.clone(),
            Effect::Urgent(urgent) => self.urgent = *urgent,
            Effect::Accepted => self.accepted_at = Some(meta.at),
            Effect::Done => self.done_at = Some(meta.at),
            Effect::Sampled { verify, call } => {
                self.verify_by.clone_from(verify);
                self.must_call = *call;
            }
            Effect::Verified { by_other } => {
                self.verified_at = Some(meta.at);
                self.verified_by_other = Some(*by_other);
            }
            Effect::Ruled => self.ruled = true,
            Effect::Count(counter) => *self.counter(*counter) += 1,
            Effect::Call { answered, solved, satisfied } => self.called(*answered, *solved, *satisfied),
            Effect::Supervised => self.supervised = true,
            Effect::Exempt => self.exempt = true,
            Effect::Shelved { until } => self.shelved_until = Some(*until),
            Effect::Unshelved => self.shelved_until = None,
            Effect::End(how) => self.ended = Some(how.clone()),
            Effect::Unend => self.ended = None,
            Effect::MergedInto(other) => self.merged_into = Some(*other),
            Effect::Unmerged => self.merged_into = None,
            Effect::UpperDue(due) => self.upper_due = *due,
            Effect::Outcome(outcome) => self.outcome = Some(outcome.clone()),
            Effect::ClosedAt { at, day } => {
                self.closed_at = Some(*at);
                self.closed_day = Some(*day);
            }
            Effect::Asked { id, kind, assignment, limit } => self.requests.push(Request {
                id: *id,
                kind: kind.clone(),
                assignment: *assignment,
                limit: *limit,
                granted: None,
                reason: act.said.reason.clone().unwrap_or_default(),
                basis: act.said.basis.clone().unwrap_or_default(),
                asked_at: meta.at,
                asked_by: meta.account,
                asked_unit: meta.unit,
                decided_at: None,
                decided_by: None,
                answer: None,
            }),
            Effect::Decided { id, granted } => self.decided(meta, act, *id, *granted),
            _ => self.fold_assignment(meta, act, effect),
        }
    }

    fn open(&mut self, meta: &Meta, opening: &Opening) {
        self.no.clone_from(&opening.no);
        self.procedure.clone_from(&opening.procedure);
        self.pack_version = opening.pack_version;
        self.kind.clone_from(&opening.kind);
        self.class.clone_from(&opening.class);
        self.title.clone_from(&opening.title);
        self.channel.clone_from(&opening.channel);
        self.urgent = opening.urgent;
        self.report = opening.report;
        self.at = opening.at.clone();
        self.parent = opening.parent;
        self.opened_at = meta.at;
        self.opened_day = opening.day;
    }

    fn counter(&mut self, counter: Counter) -> &mut i64 {
        match counter {
            Counter::Return => &mut self.returns,
            Counter::Redispatch => &mut self.redispatches,
            Counter::Reopen => &mut self.reopens,
            Counter::Rework => &mut self.reworks,
            Counter::Extension => &mut self.extensions,
            Counter::Urge => &mut self.urges,
        }
    }

    fn called(&mut self, answered: bool, solved: Option<bool>, satisfied: Option<i64>) {
        if answered {
            self.called_back = true;
            // The first answer stays in the figures unless a new handling came between (REAL-DAYS, guards 3).
            self.solved = solved;
            self.satisfied = satisfied.or(self.satisfied);
        } else {
            self.missed_calls += 1;
        }
    }

    fn decided(&mut self, meta: &Meta, act: &Act, id: RequestId, granted: bool) {
        if let Some(request) = self.requests.iter_mut().find(|r| r.id == id) {
            request.granted = Some(granted);
            request.decided_at = Some(meta.at);
            request.decided_by = meta.account;
            request.answer = act.said.reason.clone().or_else(|| act.said.note.clone());
        }
    }

    fn fold_assignment(&mut self, meta: &Meta, act: &Act, effect: &Effect) {
        match effect {
            Effect::Assign { id, unit, role } => self.assign(meta, *id, *unit, *role),
            Effect::Signed { id } => self.on_assignment(*id, |a| {
                a.state = AssignmentState::Signed;
                a.signed_at.get_or_insert(meta.at);
                a.handler = meta.account;
            }),
            Effect::AssignmentDone { id, late } => self.on_assignment(*id, |a| {
                a.state = AssignmentState::Done;
                a.done_at = Some(meta.at);
                a.late = Some(*late);
                a.result.clone_from(&act.said.note);
                a.handler = meta.account;
            }),
            Effect::AssignmentOff { id } => self.on_assignment(*id, |a| a.state = AssignmentState::Off),
            Effect::AssignmentBack { id, state } => self.on_assignment(*id, |a| a.state = *state),
            Effect::AssignmentAgain { id } => self.on_assignment(*id, |a| {
                a.state = AssignmentState::Sent;
                a.sent_at = meta.at;
                a.signed_at = None;
                a.done_at = None;
            }),
            _ => self.fold_clock(meta, effect),
        }
        if let Effect::Signed { id } = effect
            && self.lead().is_some_and(|a| a.id == *id)
        {
            self.signed_at.get_or_insert(meta.at);
        }
        if let Effect::AssignmentDone { id, late } = effect
            && self.assignments.iter().any(|a| a.id == *id && a.role == Role::Lead)
        {
            self.handle_late = Some(*late);
        }
    }

    fn assign(&mut self, meta: &Meta, id: AssignmentId, unit: UnitId, role: Role) {
        self.assignments.push(Assignment {
            id,
            unit,
            role,
            state: AssignmentState::Sent,
            sent_at: meta.at,
            signed_at: None,
            done_at: None,
            late: None,
            result: None,
            handler: None,
        });
    }

    fn on_assignment(&mut self, id: AssignmentId, change: impl FnOnce(&mut Assignment)) {
        if let Some(assignment) = self.assignments.iter_mut().find(|a| a.id == id) {
            change(assignment);
        }
    }

    fn fold_clock(&mut self, meta: &Meta, effect: &Effect) {
        match effect {
            Effect::ClockStart { id, kind, assignment, limit, start, due, expected, calendar, cap } => {
                self.clocks.push(Clock {
                    id: *id,
                    kind: kind.clone(),
                    assignment: *assignment,
                    limit: *limit,
                    start: *start,
                    due: Some(*due),
                    expected: *expected,
                    state: ClockState::Running,
                    ended_at: None,
                    pauses: Vec::new(),
                    calendar: calendar.clone(),
                    cap: *cap,
                });
            }
            Effect::ClockEnd { id, late } => self.on_clock(*id, |c| {
                c.state = if *late { ClockState::Late } else { ClockState::Met };
                c.ended_at = Some(meta.at);
            }),
            Effect::ClockOff { id } => self.on_clock(*id, |c| {
                c.state = ClockState::Off;
                c.ended_at = Some(meta.at);
            }),
            Effect::ClockBack { id } => self.on_clock(*id, |c| {
                c.state = if c.pauses.last().is_some_and(|p| p.until.is_none()) {
                    ClockState::Paused
                } else {
                    ClockState::Running
                };
                c.ended_at = None;
            }),
            Effect::ClockPause { id } => self.on_clock(*id, |c| {
                c.state = ClockState::Paused;
                c.due = None;
                c.pauses.push(Pause { from: meta.at, until: None });
            }),
            Effect::ClockResume { id, due, expected, calendar, cap } => self.on_clock(*id, |c| {
                if let Some(pause) = c.pauses.last_mut() {
                    pause.until.get_or_insert(meta.at);
                }
                c.state = ClockState::Running;
                c.due = Some(*due);
                c.expected = *expected;
                c.cap = *cap;
                counted_by(c, calendar);
            }),
            Effect::ClockExtend { id, limit, due, expected, calendar } => self.on_clock(*id, |c| {
                c.limit = *limit;
                c.due = *due;
                c.expected = *expected;
                counted_by(c, calendar);
            }),
            Effect::ClockRebase { id, due, expected, calendar, cap, .. } => self.on_clock(*id, |c| {
                c.due = Some(*due);
                c.expected = *expected;
                c.calendar.clone_from(calendar);
                c.cap = *cap;
            }),
            Effect::ClockCap { id, due, expected, calendar, cap, .. } => self.on_clock(*id, |c| {
                c.due = *due;
                c.expected = *expected;
                c.cap = *cap;
                counted_by(c, calendar);
            }),
            _ => {}
        }
    }

    fn on_clock(&mut self, id: ClockId, change: impl FnOnce(&mut Clock)) {
        if let Some(clock) = self.clocks.iter_mut().find(|c| c.id == id) {
            change(clock);
        }
    }

    /// The leading part in force.
    #[must_use]
    pub fn lead(&self) -> Option<&Assignment> {
        self.assignments.iter().rev().find(|a| a.role == Role::Lead && a.state != AssignmentState::Off)
    }

    /// The helping parts in force.
    pub fn helpers(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|a| a.role == Role::Co && a.state != AssignmentState::Off)
    }

    /// The clocks that still matter.
    pub fn open_clocks(&self) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().filter(|c| c.is_open())
    }

    /// The next due instant of all clocks and its kind; the deadline the queue is ordered by.
    #[must_use]
    pub fn next_due(&self) -> Option<(Ts, &str)> {
        self.open_clocks().filter_map(|c| c.due.map(|due| (due, c.kind.as_str()))).min()
    }

    /// The deadline of a unit's part: its latest handle clock; none while that stands still.
    #[must_use]
    pub fn due_of(&self, part: AssignmentId) -> Option<Ts> {
        self.clocks.iter().rev().find(|c| c.kind == "handle" && c.assignment == Some(part))?.due
    }

    /// The deadline of the leading unit's work: the latest handle clock of the lead.
    #[must_use]
    pub fn handle_due(&self) -> Option<Ts> {
        let lead = self.assignments.iter().rev().find(|a| a.role == Role::Lead)?.id;
        self.clocks.iter().rev().find(|c| c.kind == "handle" && c.assignment == Some(lead))?.due
    }

    /// How many reports are tied to the case now.
    #[must_use]
    pub fn report_count(&self) -> i64 {
        self.links.iter().filter(|l| l.until.is_none()).count() as i64
    }
}

/// Older events do not say by which rules they counted: then those of before stand.
fn counted_by(clock: &mut Clock, calendar: &str) {
    if !calendar.is_empty() {
        calendar.clone_into(&mut clock.calendar);
    }
}
