//! Random histories: whatever people try in whatever order, a case is never in an illegal state, its rows are
//! what its events say, and every clock can be counted again to the same instant.

use crate::given::{self, COMMUNITY, CONTRACTOR, MANHOLE, MUNICIPAL, World};
use gezhi::actor::Actor;
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, CoUnit, Input, Subject};
use gezhi::features::procedures::state::{CaseState, ClockState};
use gezhi::features::procedures::{rebuild, service, verbs};
use kernel::{CaseId, Day, Ts};
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

fn input(dice: &mut Dice) -> Input {
    let limit = dice.one(&["work_day:1", "work_day:3", "work_hour:4", "natural_day:2"]);
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
        solved: Some(dice.roll(2) == 0),
        satisfied: Some(1 + i64::try_from(dice.roll(5)).expect("small")),
        ..Input::default()
    }
}

fn check(world: &World, case: &CaseState) {
    let procedure = &world.office.procedure;
    assert_eq!(procedure.states.get(&case.state), Some(&case.phase), "{}", case.state);
    if !case.phase.is_open() {
        assert_eq!(case.open_clocks().count(), 0, "a closed case has no open clock: {}", case.no);
        assert!(case.closed_at.is_some());
    }
    for clock in &case.clocks {
        assert_eq!(clock.due.is_none(), clock.pauses.last().is_some_and(|p| p.until.is_none()), "{clock:?}");
        if clock.state == ClockState::Running {
            let again = world.office.rules.due(clock.start, clock.limit, &clock.pauses).map(|d| d.at);
            assert_eq!(clock.due, again, "{clock:?}");
        }
    }
    if let Some(subject) = case.subject_unit {
        let lead = case.lead().map(|a| a.unit);
        assert!(lead != Some(subject) || case.assignments.iter().any(|a| a.unit == subject), "{}", case.no);
    }
}

fn history(world: &World, seed: u64) -> usize {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut now = given::at("2026-09-18 09:00");
    let no = format!("青禾-20260918-{seed:04}");
    let cx = world.cx(Actor::requester(given::OFFICE), "2026-09-18 09:00");
    let new = given::report(&no, "7K3MW9PF", "井盖坏了，电话19900001234");
    let case = world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received").case;
    let actions: Vec<String> = world.office.procedure.actions.iter().map(|a| a.key.clone()).collect();
    let mut done = 0;
    for _ in 0..60 {
        now = now.plus(i64::try_from(dice.roll(20)).expect("small") * Ts::HOUR / 2);
        let mut cx = world.cx(dice.one(&actors()), "2026-09-18 09:00");
        cx.now = now;
        // Most tries are of what is allowed, so that histories get far; the rest is anything at all.
        let allowed = {
            let cx = cx.clone();
            world.db.read_now(move |tx| {
                let state = service::load(tx, cx.office.id, case)?;
                Ok(service::offers(tx, &cx, &state)?.iter().map(|o| o.action.key.clone()).collect::<Vec<_>>())
            })
        }
        .expect("offers");
        let action =
            if dice.roll(4) > 0 && !allowed.is_empty() { dice.one(&allowed) } else { dice.one(&actions) };
        let ask = Ask { case, action, version: None, input: input(&mut dice) };
        let outcome = world.db.write_now(move |tx| service::act(tx, &cx, &ask));
        match outcome {
            Ok(_) => done += 1,
            Err(Error::Refused(_)) => {}
            Err(error) => panic!("seed {seed}: {error}"),
        }
        let state = world.db.read_now(move |tx| service::load(tx, given::OFFICE, case)).expect("the case");
        check(world, &state);
    }
    done
}

both!(no_order_of_acts_reaches_an_illegal_state, |db| {
    let world = given::world(db);
    let mut done = 0;
    for seed in 1..=25 {
        done += history(&world, seed);
    }
    assert!(done > 150, "the histories get somewhere: {done} acts");
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
