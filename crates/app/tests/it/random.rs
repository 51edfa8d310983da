//! Random histories: whatever people try in whatever order, a case is never in an illegal state, its rows are
//! what its events say, and every clock can be counted again to the same instant.

use crate::given::{self, COMMUNITY, CONTRACTOR, MANHOLE, MUNICIPAL, World};
use gezhi::actor::Actor;
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, CoUnit, Input, Subject};
use gezhi::features::procedures::procedure::Phase;
use gezhi::features::procedures::state::{CaseState, ClockState, Role};
use gezhi::features::procedures::upper::Upper;
use gezhi::features::procedures::verbs::Part;
use gezhi::features::procedures::{rebuild, service, verbs};
use kernel::{CaseId, Day, Ts};
use std::collections::BTreeMap;
use store::{Error, both};
use worktime::Limit;

/// A small generator with a seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn one<T: Clone>(&mut self, list: &[T]) -> T {
        let i = usize::try_from(self.roll(list.len() as u64)).expect("an index");
        list[i].clone()
    }
}

fn actors() -> Vec<Actor> {
    vec![
        given::intake(),
        given::intake(),
        given::arbiter(),
        given::verifier(),
        given::caller(),
        given::handler(21, MUNICIPAL),
        given::handler(21, MUNICIPAL),
        given::handler(22, COMMUNITY),
        given::handler(23, CONTRACTOR),
        Actor::requester(given::OFFICE),
    ]
}

fn input(dice: &mut Dice, state: &CaseState) -> Input {
    let limit = dice.one(&["work_day:1", "work_day:3", "work_hour:4", "natural_day:2"]);
    let waiting: Vec<_> = state.requests.iter().filter(|r| r.granted.is_none()).map(|r| r.id).collect();
    Input {
        note: Some("已处理".to_owned()),
        reason: Some("说明".to_owned()),
        basis: Some("清单".to_owned()),
        route: Some("r1".to_owned()),
        matter: Some(MANHOLE),
        subject: Some(if dice.roll(5) == 0 { Subject::Unit(CONTRACTOR) } else { Subject::None }),
        lead: Some(dice.one(&[MUNICIPAL, CONTRACTOR])),
        co: if dice.roll(2) == 0 { vec![CoUnit { unit: COMMUNITY, limit: None }] } else { Vec::new() },
        limit: (dice.roll(3) > 0).then(|| Limit::parse(limit).expect("a limit")),
        until: Some(Day(20_270_101)),
        missing: Some("资金".to_owned()),
        reviewer: Some("街道办".to_owned()),
        request: (!waiting.is_empty()).then(|| dice.one(&waiting)),
        solved: Some(dice.roll(2) == 0),
        satisfied: Some(1 + i64::try_from(dice.roll(5)).expect("small")),
        ..Input::default()
    }
}

fn check(world: &World, case: &CaseState) {
    let procedure = &world.office.procedure;
    assert_eq!(procedure.states.get(&case.state), Some(&case.phase), "{}", case.state);
    if case.phase.is_open() {
        assert!(case.closed_at.is_none() && case.ended.is_none(), "an open case is not over: {}", case.no);
    } else {
        assert_eq!(case.open_clocks().count(), 0, "a closed case has no open clock: {}", case.no);
        assert!(case.closed_at.is_some());
    }
    assert!(case.merged_into.is_none() || !case.phase.is_open(), "what was merged is over: {}", case.no);
    let leads = case.assignments.iter().filter(|a| a.role == Role::Lead && a.state.is_open()).count();
    assert!(leads <= 1, "one unit leads: {}", case.no);
    assert!(case.returns <= 1 || case.ruled, "a second return came after a ruling: {}", case.no);
    for clock in &case.clocks {
        assert_eq!(clock.due.is_none(), clock.pauses.last().is_some_and(|p| p.until.is_none()), "{clock:?}");
        for pause in &clock.pauses {
            assert!(pause.until.is_none_or(|until| until >= pause.from), "{clock:?}");
        }
        if clock.state == ClockState::Running && clock.cap.is_none() {
            let again = world.office.rules.due(clock.start, clock.limit, &clock.pauses).map(|d| d.at);
            assert_eq!(clock.due, again, "{clock:?}");
        }
    }
    if let Some(subject) = case.subject_unit {
        let lead = case.lead().map(|a| a.unit);
        assert!(lead != Some(subject) || case.assignments.iter().any(|a| a.unit == subject), "{}", case.no);
    }
}

/// How often each act and verb went well.
type Done = BTreeMap<String, usize>;

/// What changes more than one case.
const VERBS: [&str; 5] = ["merge", "unmerge", "split", "detach", "rebase"];

/// The cases of one history, each with its report.
struct Desk<'a> {
    world: &'a World,
    seed: u64,
    dice: Dice,
    now: Ts,
    cases: Vec<CaseId>,
    numbers: u64,
}

impl Desk<'_> {
    fn number(&mut self) -> String {
        self.numbers += 1;
        format!("青禾-20260918-{:02}{:04}", self.seed, self.numbers)
    }

    fn receive(&mut self, kind: &str, upper: bool) {
        let no = self.number();
        let cx = self.world.cx(Actor::requester(given::OFFICE), "2026-09-18 09:00");
        let mut new = given::report(
            &no,
            &format!("7K3MW{:03}", self.seed * 10 + self.numbers),
            "井盖坏了，电话19900001234",
        );
        new.kind = kind.to_owned();
        if upper {
            let due = Some(self.now.plus(20 * Ts::DAY));
            let (system, number) =
                ("12345".to_owned(), format!("4403052026{:06}", self.seed * 100 + self.numbers));
            new.upper = Some(Upper { system, number, received_at: self.now, due, return_by: None });
        }
        let received = self.world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received");
        self.cases.push(received.case);
    }

    fn load(&self, case: CaseId) -> CaseState {
        self.world.db.read_now(move |tx| service::load(tx, given::OFFICE, case)).expect("the case")
    }

    fn outcome(&self, what: &str, outcome: store::Result<Vec<CaseId>>, done: &mut Done) -> Vec<CaseId> {
        match outcome {
            Ok(made) => {
                *done.entry(what.to_owned()).or_default() += 1;
                made
            }
            Err(Error::Refused(_)) => Vec::new(),
            Err(error) => panic!("seed {} {what}: {error}", self.seed),
        }
    }

    /// What somebody is offered on a case, and whether it is the next step.
    fn offers(&self, actor: &Actor, case: CaseId) -> Vec<(String, bool)> {
        let mut cx = self.world.cx(actor.clone(), "2026-09-18 09:00");
        cx.now = self.now;
        let offers = move |tx: &mut store::Tx<'_>| {
            let state = service::load(tx, cx.office.id, case)?;
            let offers = service::offers(tx, &cx, &state)?;
            Ok(offers.iter().map(|o| (o.action.key.clone(), o.action.primary)).collect::<Vec<_>>())
        };
        self.world.db.read_now(offers).expect("offers")
    }

    fn act(&mut self, case: CaseId, done: &mut Done) {
        // What ends a case, or leaves it where it is, is tried seldom, or few would get far.
        const ENDS: [&str; 6] = ["withdraw", "void", "refuse", "answer", "thank", "return_up_agreed"];
        const STAYS: [&str; 7] =
            ["note", "urge", "supplement", "supervise", "classify", "subject", "progress"];
        let moves = |key: &str| !ENDS.contains(&key) && !STAYS.contains(&key);
        let (mut actor, mut allowed) = (Actor::requester(given::OFFICE), Vec::new());
        // Who has something to do is asked for a few times.
        let phase = self.load(case).phase;
        for _ in 0..5 {
            actor = match (phase, self.dice.roll(3)) {
                (Phase::Calling, 0 | 1) => given::caller(),
                (Phase::Closed, 0) => given::arbiter(),
                _ => self.dice.one(&actors()),
            };
            allowed = self.offers(&actor, case);
            if allowed.iter().any(|(key, _)| moves(key)) {
                break;
            }
        }
        let mut cx = self.world.cx(actor, "2026-09-18 09:00");
        cx.now = self.now;
        let state = self.load(case);
        let often = |key: &String| done.get(key).copied().unwrap_or_default();
        let worth = allowed.iter().filter(|(key, _)| moves(key) || often(key) < 3);
        let seldom = worth.min_by_key(|(key, _)| often(key)).map(|(key, _)| key.clone());
        let mut likely = |key: &str| match key {
            key if ENDS.contains(&key) => self.dice.roll(20) == 0,
            key if STAYS.contains(&key) => self.dice.roll(12) == 0,
            _ => true,
        };
        let allowed: Vec<(String, bool)> = allowed.into_iter().filter(|(key, _)| likely(key)).collect();
        let forward: Vec<(String, bool)> = allowed.iter().filter(|(_, primary)| *primary).cloned().collect();
        // A third of the tries goes forward, a third is of what was done least so far.
        let calls = ["close", "call_missed"].iter().find(|key| allowed.iter().any(|(k, _)| k == **key));
        let action = match (self.dice.roll(3), seldom) {
            // Who did not answer is called again, and given up after that.
            (0 | 1, _) if state.missed_calls > 0 && calls.is_some() => {
                calls.copied().unwrap_or_default().to_owned()
            }
            (0, _) if !forward.is_empty() => self.dice.one(&forward).0,
            (1, Some(key)) => key,
            _ if !allowed.is_empty() => self.dice.one(&allowed).0,
            _ if self.dice.roll(6) == 0 => {
                let all = &self.world.office.procedure.actions;
                let i = self.dice.roll(all.len() as u64);
                all[usize::try_from(i).expect("an index")].key.clone()
            }
            _ => return,
        };
        let ask = Ask { case, action: action.clone(), version: None, input: input(&mut self.dice, &state) };
        let outcome = self.world.db.write_now(move |tx| service::act(tx, &cx, &ask)).map(|_| Vec::new());
        self.outcome(&action, outcome, done);
    }

    fn verb(&mut self, case: CaseId, done: &mut Done) {
        let mut cx = self.world.cx(given::intake(), "2026-09-18 09:00");
        cx.now = self.now;
        let other = self.dice.one(&self.cases);
        let what = self.dice.one(&VERBS);
        let report = self.load(case).links.last().map(|l| l.report);
        let parts: Vec<Part> = [self.number(), self.number()]
            .into_iter()
            .map(|no| Part { no, title: "一部分".to_owned(), matter: None })
            .collect();
        let outcome = self.world.db.write_now(move |tx| match (what, report) {
            ("merge", _) => verbs::merge(tx, &cx, case, other, "同一件事").map(|_| Vec::new()),
            ("unmerge", _) => verbs::unmerge(tx, &cx, case, "不是同一件事").map(|_| Vec::new()),
            ("split", _) => {
                verbs::split(tx, &cx, case, &parts).map(|made| made.iter().map(|c| c.id).collect())
            }
            ("detach", Some(report)) => {
                verbs::detach(tx, &cx, case, report, &parts[0].no, "另一件事").map(|made| vec![made.id])
            }
            _ => verbs::rebase(tx, &cx, case).map(|_| Vec::new()),
        });
        let mut made = self.outcome(what, outcome, done);
        self.cases.append(&mut made);
    }
}

fn history(world: &World, seed: u64, done: &mut Done) {
    let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let now = given::at("2026-09-18 09:00");
    let mut desk = Desk { world, seed, dice, now, cases: Vec::new(), numbers: 0 };
    desk.receive("complaint", false);
    desk.receive(if seed.is_multiple_of(3) { "thanks" } else { "complaint" }, false);
    desk.receive("complaint", true);
    let mut main = desk.cases[usize::try_from(seed % 3).expect("small")];
    for step in 0..160 {
        desk.now = desk.now.plus(i64::try_from(desk.dice.roll(20)).expect("small") * Ts::HOUR / 2);
        let phase = desk.load(main).phase;
        if !phase.is_open() && (phase != Phase::Closed || desk.dice.roll(8) == 0) {
            let kind = desk.dice.one(&["complaint", "complaint", "complaint", "thanks"]);
            let upper = desk.dice.roll(4) == 0;
            desk.receive(kind, upper);
            main = *desk.cases.last().expect("one");
        }
        // One of them is worked on most, so that it gets far.
        let case = if desk.dice.roll(5) > 0 { main } else { desk.dice.one(&desk.cases.clone()) };
        if desk.dice.roll(5) == 0 && (case != main || desk.dice.roll(10) == 0) {
            desk.verb(case, done);
        } else {
            desk.act(case, done);
        }
        check(world, &desk.load(case));
        if step % 20 == 19 {
            for case in &desk.cases {
                check(world, &desk.load(*case));
            }
        }
    }
}

both!(no_order_of_acts_reaches_an_illegal_state, |db| {
    let world = given::world(db);
    let mut done = Done::new();
    // The same dice fall on both databases; on the slower one fewer of them show that it does the same.
    let sqlite = matches!(world.db.target(), store::Target::Sqlite(_));
    for seed in 1..=if sqlite { 24 } else { 6 } {
        history(&world, seed, &mut done);
    }
    // Every act of the procedure and every verb went well somewhere: what is added later is tried without being named here.
    let all = world.office.procedure.actions.iter().map(|a| a.key.as_str()).chain(VERBS);
    let never: Vec<&str> = all.filter(|key| *key != "rebase" && !done.contains_key(*key)).collect();
    assert!(never.is_empty() || !sqlite, "never went well: {never:?}; {done:?}");
    assert!(done.values().sum::<usize>() > 300, "{done:?}");
    let (_, differences) =
        world.db.read_now(|tx| rebuild::compare(tx, given::OFFICE, CaseId(0), 1_000)).unwrap();
    assert_eq!(differences, vec![]);
});

both!(a_new_calendar_moves_open_clocks_by_an_event, |db| {
    let mut world = given::world(db);
    let cx = world.cx(Actor::requester(given::OFFICE), "2026-12-28 09:00");
    let new = given::report("青禾-20261228-0001", "7K3MW9PF", "井盖坏了");
    let case = world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received").case;
    let accepted = Input { matter: Some(MANHOLE), subject: Some(Subject::None), ..Input::default() };
    let sent = Input { lead: Some(MUNICIPAL), ..Input::default() };
    for (action, input, now) in
        [("accept", accepted, "2026-12-28 09:10"), ("dispatch", sent, "2026-12-28 09:20")]
    {
        let cx = world.cx(given::intake(), now);
        let ask = Ask { case, action: action.to_owned(), version: None, input };
        world.db.write_now(move |tx| service::act(tx, &cx, &ask)).expect(action);
    }
    let handle = |world: &World| {
        let state = world.db.read_now(move |tx| service::load(tx, given::OFFICE, case)).expect("the case");
        state.clocks.iter().find(|c| c.kind == "handle").cloned().expect("a clock")
    };
    let before = handle(&world);
    assert!(before.expected, "the calendar does not speak for 2027: 预计");
    // 2027 is announced: 1 January is a holiday, and so is Monday 4 January here.
    let later = "date,iso_weekday,kind,name,is_in_lieu_day,sources,state_council_notice\n\
                 2027-01-01,5,holiday,元旦,0,test,test\n2027-01-04,1,holiday,元旦,0,test,test\n2027-12-31,5,workday,x,0,test,test\n";
    let later = worktime::Calendar::from_csv(later, "2027-test").expect("a calendar");
    let rules = worktime::Rules {
        calendar: std::sync::Arc::new(
            world.office.rules.calendar.merge(&later, "2027-test").expect("merged"),
        ),
        ..(*world.office.rules).clone()
    };
    let mut office = (*world.office).clone();
    office.rules = std::sync::Arc::new(rules);
    world.office = std::sync::Arc::new(office);
    let cx = world.cx(Actor::system(given::OFFICE), "2026-12-29 09:00");
    assert!(world.db.write_now(move |tx| verbs::rebase(tx, &cx, case)).expect("rebased"));
    let after = handle(&world);
    assert!(after.due > before.due && !after.expected, "{before:?} {after:?}");
    let (_, differences) =
        world.db.read_now(|tx| rebuild::compare(tx, given::OFFICE, CaseId(0), 10)).unwrap();
    assert_eq!(differences, vec![]);
});
