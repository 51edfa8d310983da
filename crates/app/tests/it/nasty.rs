//! One nasty history through the services alone, on both databases: two reports merged, one split off, lead
//! and helper with two deadlines, a ruled return, a pause over 国庆, a refused extension, an upper deadline,
//! a reopening, a reveal, an erasure; explained, counted, replayed, rebuilt, verified.

use crate::given::{self, COMMUNITY, ENFORCEMENT, MANHOLE, MUNICIPAL, World, at};
use gezhi::actor::Actor;
use gezhi::context::Cx;
use gezhi::events::{self, Stream};
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, CoUnit, Input, Subject};
use gezhi::features::procedures::procedure::Phase;
use gezhi::features::procedures::state::{CaseState, Role};
use gezhi::features::procedures::upper::{self, Upper};
use gezhi::features::procedures::verbs;
use gezhi::features::procedures::{alarms, rebuild, service, timeline};
use kernel::{CaseId, UnitId};
use store::{Result, Tx, both};
use worktime::Limit;

/// Runs a body in a context and expects it to go well.
fn go<T: Send + 'static>(
    world: &World,
    actor: Actor,
    now: &str,
    body: impl Fn(&mut Tx<'_>, &Cx) -> Result<T> + Send + 'static,
) -> T {
    let cx = world.cx(actor, now);
    world.db.write_now(move |tx| body(tx, &cx)).unwrap_or_else(|e| panic!("at {now}: {e}"))
}

/// Runs a body that must be refused and returns the code.
fn refused<T: Send + 'static>(
    world: &World,
    actor: Actor,
    now: &str,
    body: impl Fn(&mut Tx<'_>, &Cx) -> Result<T> + Send + 'static,
) -> String {
    let cx = world.cx(actor, now);
    match world.db.write_now(move |tx| body(tx, &cx)) {
        Err(error) => error.refusal().unwrap_or_else(|| panic!("failed: {error}")).code.to_owned(),
        Ok(_) => panic!("at {now}: not refused"),
    }
}

fn ask(case: CaseId, action: &str, input: Input) -> Ask {
    Ask { case, action: action.to_owned(), version: None, input }
}

fn act(world: &World, actor: Actor, now: &str, case: CaseId, action: &str, input: Input) -> CaseState {
    let ask = ask(case, action, input);
    go(world, actor, now, move |tx, cx| {
        service::act(tx, cx, &ask)?;
        service::load(tx, cx.office.id, ask.case)
    })
}

fn note(text: &str) -> Input {
    Input { note: Some(text.to_owned()), ..Input::default() }
}

fn reason(text: &str) -> Input {
    Input { reason: Some(text.to_owned()), ..Input::default() }
}

fn accept() -> Input {
    Input { matter: Some(MANHOLE), subject: Some(Subject::None), ..Input::default() }
}

fn due(case: &CaseState, kind: &str, unit: UnitId) -> kernel::Ts {
    let part = case.assignments.iter().rev().find(|a| a.unit == unit).expect("a part").id;
    let clock =
        case.clocks.iter().rev().find(|c| c.kind == kind && c.assignment == Some(part)).expect("a clock");
    clock.due.expect("a due instant")
}

both!(a_nasty_history_is_explained_counted_replayed_and_verified, |db| {
    let world = given::world(db);
    // Two people report one trouble; the second message holds a phone number.
    let first = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        intake::receive(
            tx,
            cx,
            &given::report("青禾-20260921-0001", "7K3MW9PF", "柳溪路42号门口的雨水井盖碎了，晚上没有灯"),
        )
    });
    let second = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:20", |tx, cx| {
        let text = "井盖坏了，请联系我 19900007788，我住3栋2单元501室";
        intake::receive(tx, cx, &given::report("青禾-20260921-0002", "4RNT7HXC", text))
    });
    let shown =
        go(&world, given::intake(), "2026-09-21 09:30", move |tx, cx| intake::report(tx, cx, second.report));
    assert!(
        !shown.text.contains("19900007788") && !shown.text.contains("501"),
        "identifiers stay out: {}",
        shown.text
    );

    // An upper deadline on the second, then merged into the first: the deadline comes along.
    go(&world, given::intake(), "2026-09-21 09:31", move |tx, cx| {
        let upper = Upper {
            system: "12345".to_owned(),
            number: "2026092100881234".to_owned(),
            received_at: at("2026-09-21 09:10"),
            due: Some(at("2026-10-12 17:30")),
            return_by: None,
        };
        upper::link_upper(tx, cx, second.case, second.report, &upper)
    });
    let code = refused(&world, given::intake(), "2026-09-21 09:31", move |tx, cx| {
        let upper = Upper {
            system: "12345".to_owned(),
            number: "4.4E+17".to_owned(),
            received_at: cx.now,
            due: None,
            return_by: None,
        };
        upper::link_upper(tx, cx, second.case, second.report, &upper)
    });
    assert_eq!(code, "demands.upper.spoilt_number");
    let merged = go(&world, given::intake(), "2026-09-21 09:40", move |tx, cx| {
        verbs::merge(tx, cx, second.case, first.case, "同一处井盖")
    });
    assert_eq!(merged.report_count(), 2);
    assert_eq!(merged.upper_due, Some(at("2026-10-12 17:30")));
    let gone = go(&world, given::intake(), "2026-09-21 09:41", move |tx, cx| {
        service::load(tx, cx.office.id, second.case)
    });
    assert_eq!(
        (gone.phase, gone.ended.as_deref(), gone.merged_into),
        (Phase::Ended, Some("merged"), Some(first.case))
    );

    // A third joins by mistake and is split off again.
    let third = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:50", |tx, cx| {
        intake::receive(tx, cx, &given::report("青禾-20260921-0003", "PXK4RM7T", "路灯不亮"))
    });
    go(&world, given::intake(), "2026-09-21 09:52", move |tx, cx| {
        verbs::merge(tx, cx, third.case, first.case, "同一处")
    });
    let own = go(&world, given::intake(), "2026-09-21 09:55", move |tx, cx| {
        verbs::detach(tx, cx, first.case, third.report, "青禾-20260921-0004", "路灯不亮")
    });
    assert_eq!(own.report_count(), 1);
    let case = first.case;
    assert_eq!(
        go(&world, given::intake(), "2026-09-21 09:56", move |tx, cx| service::load(tx, cx.office.id, case))
            .report_count(),
        2
    );

    // Accepted and dispatched, lead five working days, helper with a deadline of its own.
    act(&world, given::intake(), "2026-09-21 10:00", case, "accept", accept());
    let input = Input {
        lead: Some(ENFORCEMENT),
        co: vec![CoUnit { unit: COMMUNITY, limit: Some(Limit::parse("work_day:2").unwrap()) }],
        ..Input::default()
    };
    act(&world, given::intake(), "2026-09-21 10:10", case, "dispatch", input);

    // The lead returns it; the arbiter rules; a second return is refused.
    let back = Input {
        reason: Some("不属本队".to_owned()),
        basis: Some("权责清单 01003".to_owned()),
        ..Input::default()
    };
    let ruling =
        act(&world, given::handler(20, ENFORCEMENT), "2026-09-21 11:00", case, "return", back.clone());
    assert_eq!(ruling.phase, Phase::Ruling);
    let ruled = Input {
        lead: Some(MUNICIPAL),
        co: vec![CoUnit { unit: COMMUNITY, limit: Some(Limit::parse("work_day:2").unwrap()) }],
        reason: Some("由市政服务中心主办".to_owned()),
        ..Input::default()
    };
    let dispatched = act(&world, given::arbiter(), "2026-09-21 14:30", case, "uphold_return", ruled);
    assert_eq!((dispatched.returns, dispatched.ruled, dispatched.redispatches), (1, true, 1));
    let again = ask(case, "return", back);
    let code = refused(&world, given::handler(21, MUNICIPAL), "2026-09-21 15:00", move |tx, cx| {
        service::act(tx, cx, &again)
    });
    assert_eq!(code, "demands.return.already_ruled");

    // Two deadlines: five working days after Monday 21 September reach over the week-end and, 25 September being a
    // holiday (中秋), to Tuesday 29 September; two working days end on Wednesday.
    assert_eq!(due(&dispatched, "handle", MUNICIPAL), at("2026-09-29 17:30"));
    assert_eq!(due(&dispatched, "handle", COMMUNITY), at("2026-09-23 17:30"));

    act(&world, given::handler(21, MUNICIPAL), "2026-09-22 09:00", case, "sign", Input::default());
    act(&world, given::handler(22, COMMUNITY), "2026-09-22 09:05", case, "sign", Input::default());
    // Nobody else's unit may.
    let other = ask(case, "progress", note("不该能写"));
    let code = refused(&world, given::handler(20, ENFORCEMENT), "2026-09-22 09:10", move |tx, cx| {
        service::act(tx, cx, &other)
    });
    assert_eq!(code, "common.not_found", "a unit that no longer has a part does not even see it");

    // A pause over the holiday: asked, granted, resumed; the clock gets back exactly the working time.
    act(&world, given::handler(21, MUNICIPAL), "2026-09-28 16:30", case, "ask_pause", reason("等电力迁改"));
    let paused = act(&world, given::arbiter(), "2026-09-28 17:00", case, "grant_pause", Input::default());
    assert_eq!(paused.phase, Phase::Paused);
    assert_eq!(paused.lead().unwrap().unit, MUNICIPAL);
    let resumed =
        act(&world, given::handler(21, MUNICIPAL), "2026-10-09 09:00", case, "resume", Input::default());
    // Paused from 28 September 17:00: half an hour of that day, all of 29 and 30 September; 1 to 7 October are holidays;
    // 8 October counts; 9 October until 9:00 half an hour. One working day and half an hour were left.
    let expected = world.office.rules.due(
        at("2026-09-21 14:30"),
        Limit::parse("work_day:5").unwrap(),
        &[worktime::Pause { from: at("2026-09-28 17:00"), until: Some(at("2026-10-09 09:00")) }],
    );
    assert_eq!(Some(due(&resumed, "handle", MUNICIPAL)), expected.map(|d| d.at));
    assert!(
        due(&resumed, "handle", MUNICIPAL) > at("2026-10-09 17:00"),
        "{:?}",
        due(&resumed, "handle", MUNICIPAL)
    );

    // An extension refused; a further one cannot be asked after the deadline.
    let input = Input {
        reason: Some("备料".to_owned()),
        limit: Some(Limit::parse("work_day:3").unwrap()),
        ..Input::default()
    };
    act(&world, given::handler(21, MUNICIPAL), "2026-10-09 10:00", case, "ask_extension", input.clone());
    let after =
        act(&world, given::arbiter(), "2026-10-09 11:00", case, "refuse_extension", reason("可先围护"));
    assert_eq!(
        (after.extensions, after.requests.iter().filter(|r| r.granted == Some(false)).count()),
        (0, 1)
    );
    let late = ask(case, "ask_extension", input);
    let code = refused(&world, given::handler(21, MUNICIPAL), "2026-10-12 18:00", move |tx, cx| {
        service::act(tx, cx, &late)
    });
    assert_eq!(code, "demands.ask_extension.too_late");

    // Alarms: the lead's clock is overdue and says so once per step.
    let fired =
        go(&world, Actor::system(given::OFFICE), "2026-10-12 18:00", |tx, cx| alarms::fire(tx, cx, 100));
    assert!(fired > 0);

    // The lead cannot finish before the helper; then both do, the lead late.
    let early = ask(case, "finish", note("已更换井盖"));
    let code = refused(&world, given::handler(21, MUNICIPAL), "2026-10-12 18:10", move |tx, cx| {
        service::act(tx, cx, &early)
    });
    assert_eq!(code, "demands.finish.co_units_open");
    act(&world, given::handler(22, COMMUNITY), "2026-10-12 18:20", case, "finish_co", note("已围护并看守"));
    let done = act(
        &world,
        given::handler(21, MUNICIPAL),
        "2026-10-12 18:30",
        case,
        "finish",
        note("已更换井盖，联系人 19900003344"),
    );
    assert_eq!((done.phase, done.handle_late), (Phase::Checking, Some(true)));
    assert!(done.assignments.iter().all(|a| !a.result.clone().unwrap_or_default().contains("19900003344")));

    // Verified by somebody else; the handler may not.
    let own = ask(case, "pass", Input::default());
    let code = refused(
        &world,
        given::actor(
            21,
            MUNICIPAL,
            vec![
                ("demands.read", gezhi::actor::Reach::Office),
                ("demands.verify", gezhi::actor::Reach::Office),
            ],
        ),
        "2026-10-13 09:00",
        move |tx, cx| service::act(tx, cx, &own),
    );
    assert_eq!(code, "demands.verify.handled_it");
    let verified = act(&world, given::verifier(), "2026-10-13 09:10", case, "pass", Input::default());
    assert_eq!((verified.phase, verified.verified_by_other), (Phase::Calling, Some(true)));

    // Called back and closed; then the second reporter says it is not solved, by number and code.
    let input = Input { solved: Some(true), satisfied: Some(4), ..Input::default() };
    let closed = act(&world, given::caller(), "2026-10-13 10:00", case, "call_close", input);
    assert_eq!((closed.phase, closed.solved, closed.satisfied), (Phase::Closed, Some(true), Some(4)));
    assert!(closed.open_clocks().next().is_none());
    let reopened = go(&world, Actor::requester(given::OFFICE), "2026-10-14 08:00", |tx, cx| {
        let report = intake::by_code(tx, cx, "青禾-20260921-0002", "4rnt-7hxc")?;
        intake::rate(tx, cx, report, 1, false, "又碎了")?;
        intake::case_of(tx, cx, report)
    });
    assert_eq!((reopened.id, reopened.phase, reopened.reopens), (case, Phase::Dispatched, 1));
    assert_eq!(reopened.closed_at, None);
    let code = refused(&world, Actor::requester(given::OFFICE), "2026-10-14 08:01", |tx, cx| {
        intake::by_code(tx, cx, "青禾-20260921-0002", "7K3MW9PF")
    });
    assert_eq!(code, "public.track.unknown", "another reporter's code does not open it");

    // A reveal with a reason: the requester can see that there was one.
    let contact = go(&world, given::intake(), "2026-10-14 08:30", move |tx, cx| {
        intake::reveal(tx, cx, case, second.report, "电话核实位置")
    });
    assert_eq!(contact.phone, "19900002041");
    assert_eq!(contact.chips.len(), 2);
    let looks =
        go(&world, given::intake(), "2026-10-14 08:31", move |tx, cx| intake::looks(tx, cx, second.report));
    assert_eq!(looks.len(), 1);

    // Erased: the case stays, nobody can read the requester any more.
    go(&world, given::arbiter(), "2026-10-14 09:00", move |tx, cx| {
        intake::erase(tx, cx, second.report, "本人申请")
    });
    let code = refused(&world, given::intake(), "2026-10-14 09:10", move |tx, cx| {
        intake::reveal(tx, cx, case, second.report, "再看一次")
    });
    assert_eq!(code, "demands.reveal.nothing");

    // Explained: every clock's explanation ends at its due instant, and counting again gives the same.
    let state = go(&world, given::intake(), "2026-10-14 09:20", move |tx, cx| service::visible(tx, cx, case));
    for clock in state.clocks.iter().filter(|c| c.due.is_some()) {
        let again = world.office.rules.due(clock.start, clock.limit, &clock.pauses).expect("no open pause");
        assert_eq!(clock.due, Some(again.at), "{}", clock.kind);
        let steps = world.office.rules.explain(clock.start, clock.limit, &clock.pauses);
        assert_eq!(
            steps.last().and_then(|s| s.spans.last()).and_then(|s| s.until),
            clock.due,
            "{}",
            clock.kind
        );
    }
    assert_eq!(state.assignments.iter().filter(|a| a.role == Role::Lead).count(), 2);

    // The staff's account of it is whole, the requester's is short.
    let entries =
        go(&world, given::intake(), "2026-10-14 09:30", move |tx, cx| timeline::of_case(tx, cx, case));
    let public = timeline::public(&entries);
    assert!(entries.len() > 20 && public.len() < entries.len());
    assert!(public.iter().all(|s| !s.text.clone().unwrap_or_default().contains("19900003344")));

    // Replayed and compared: the rows are what the events say; a changed row is found.
    let office = given::OFFICE;
    let (_, differences) = world.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 100)).unwrap();
    assert_eq!(differences, vec![]);
    world
        .db
        .write_now(move |tx| {
            tx.exec(&store::Sql::Both("update clock set due_at = due_at + 60000 where office = $1 and case_id = $2 and kind = 'handle'"), store::args![office, case])
        })
        .unwrap();
    let (_, differences) = world.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 100)).unwrap();
    assert!(differences.iter().any(|d| d.case == case && d.table == "clock"), "{differences:?}");

    // The chain holds.
    let chain = world.db.read_now(move |tx| events::list(tx, office, Stream::Case, case.0)).unwrap();
    let mut prev = [0; 32];
    for event in &chain {
        assert_eq!(events::hash(&prev, event), event.hash, "event {}", event.seq);
        prev = event.hash;
    }
});

both!(the_subject_of_a_complaint_and_its_staff_are_shut_out, |db| {
    let world = given::world(db);
    let received = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        intake::receive(tx, cx, &given::report("青禾-20260921-0001", "7K3MW9PF", "执法中队的人态度很差"))
    });
    let case = received.case;
    // Before the subject is known, intake sees it and nobody else does.
    assert_eq!(
        refused(&world, given::verifier(), "2026-09-21 09:05", move |tx, cx| service::visible(tx, cx, case)),
        "common.not_found"
    );
    go(&world, given::intake(), "2026-09-21 09:05", move |tx, cx| service::visible(tx, cx, case));
    let input = Input { subject: Some(Subject::Unit(ENFORCEMENT)), ..accept() };
    act(&world, given::intake(), "2026-09-21 09:10", case, "accept", input);
    // Neither the subject nor what lies under it may lead or help.
    for unit in [ENFORCEMENT, given::ENFORCEMENT_SQUAD] {
        let lead = ask(case, "dispatch", Input { lead: Some(unit), ..Input::default() });
        assert_eq!(
            refused(&world, given::intake(), "2026-09-21 09:20", move |tx, cx| service::act(tx, cx, &lead)),
            "demands.dispatch.is_subject"
        );
        let co = vec![CoUnit { unit, limit: None }];
        let help = ask(case, "dispatch", Input { lead: Some(MUNICIPAL), co, ..Input::default() });
        assert_eq!(
            refused(&world, given::intake(), "2026-09-21 09:20", move |tx, cx| service::act(tx, cx, &help)),
            "demands.dispatch.is_subject"
        );
    }
    act(
        &world,
        given::intake(),
        "2026-09-21 09:30",
        case,
        "dispatch",
        Input { lead: Some(MUNICIPAL), ..Input::default() },
    );
    // Its staff do not see it, whatever right they hold.
    let insider =
        given::actor(30, given::ENFORCEMENT_SQUAD, vec![("demands.read", gezhi::actor::Reach::Office)]);
    assert_eq!(
        refused(&world, insider, "2026-09-21 10:00", move |tx, cx| service::visible(tx, cx, case)),
        "common.not_found"
    );
    go(&world, given::verifier(), "2026-09-21 10:00", move |tx, cx| service::visible(tx, cx, case));
});

both!(a_split_message_is_answered_once_when_its_parts_are_done, |db| {
    let world = given::world(db);
    let received = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        intake::receive(
            tx,
            cx,
            &given::report("青禾-20260921-0001", "7K3MW9PF", "一、井盖坏了。二、路灯不亮。"),
        )
    });
    let whole = received.case;
    let parts = vec![
        verbs::Part { no: "青禾-20260921-0002".to_owned(), title: "井盖坏了".to_owned(), matter: None },
        verbs::Part { no: "青禾-20260921-0003".to_owned(), title: "路灯不亮".to_owned(), matter: None },
    ];
    let children =
        go(&world, given::intake(), "2026-09-21 09:10", move |tx, cx| verbs::split(tx, cx, whole, &parts));
    for (i, child) in children.iter().enumerate() {
        let unit = [MUNICIPAL, COMMUNITY][i];
        let account = 40 + i64::try_from(i).unwrap();
        act(&world, given::intake(), "2026-09-21 09:20", child.id, "accept", accept());
        act(
            &world,
            given::intake(),
            "2026-09-21 09:30",
            child.id,
            "dispatch",
            Input { lead: Some(unit), ..Input::default() },
        );
        act(&world, given::handler(account, unit), "2026-09-21 10:00", child.id, "sign", Input::default());
        act(&world, given::handler(account, unit), "2026-09-21 11:00", child.id, "finish", note("已修好"));
        let still = go(&world, given::intake(), "2026-09-21 11:01", move |tx, cx| {
            service::load(tx, cx.office.id, whole)
        });
        assert_eq!(still.state, "split");
        let child = act(&world, given::verifier(), "2026-09-21 11:10", child.id, "pass", Input::default());
        assert_eq!(child.phase, Phase::Closed, "a part is not called back by itself");
    }
    let whole =
        go(&world, given::intake(), "2026-09-21 12:00", move |tx, cx| service::load(tx, cx.office.id, whole));
    assert_eq!((whole.phase, whole.must_call), (Phase::Calling, true));
    assert!(whole.subject_known, "its parts are about nobody: whoever calls back sees it");
    let whole = whole.id;
    go(&world, given::verifier(), "2026-09-21 12:10", move |tx, cx| service::visible(tx, cx, whole));
    let (_, differences) =
        world.db.read_now(|tx| rebuild::compare(tx, given::OFFICE, CaseId(0), 100)).unwrap();
    assert_eq!(differences, vec![]);
});

both!(of_a_split_message_a_unit_reads_its_own_part_only_while_another_may_be_about_it, |db| {
    let world = given::world(db);
    let received = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        let text = "一、井盖坏了。二、市政中心的人态度不好。";
        intake::receive(tx, cx, &given::report("青禾-20260921-0001", "7K3MW9PF", text))
    });
    let part =
        |no: &str, title: &str| verbs::Part { no: no.to_owned(), title: title.to_owned(), matter: None };
    let parts = vec![part("青禾-20260921-0002", "井盖坏了"), part("青禾-20260921-0003", "态度不好")];
    let children = go(&world, given::intake(), "2026-09-21 09:10", move |tx, cx| {
        verbs::split(tx, cx, received.case, &parts)
    });
    let (own, other) = (children[0].id, children[1].id);
    act(&world, given::intake(), "2026-09-21 09:20", own, "accept", accept());
    let lead = Input { lead: Some(MUNICIPAL), ..Input::default() };
    act(&world, given::intake(), "2026-09-21 09:30", own, "dispatch", lead);
    let read = |actor: Actor| {
        go(&world, actor, "2026-09-21 10:00", move |tx, cx| intake::reports_of_case(tx, cx, own))[0]
            .text
            .clone()
    };
    let (unit, desk) = (|| given::handler(40, MUNICIPAL), given::intake);
    assert_eq!(read(unit()), "井盖坏了", "nobody has said whom the other part is about");
    assert!(read(desk()).contains("态度不好"));
    let about = Input { subject: Some(Subject::Unit(MUNICIPAL)), ..accept() };
    act(&world, given::intake(), "2026-09-21 10:10", other, "accept", about);
    assert_eq!(read(unit()), "井盖坏了", "the other part is about this unit");
    let nobody = Input { subject: Some(Subject::None), ..Input::default() };
    act(&world, given::intake(), "2026-09-21 10:20", other, "subject", nobody);
    assert!(read(unit()).contains("态度不好"), "now it is about nobody");
});

both!(a_case_that_turns_out_to_be_about_its_own_unit_goes_back_and_a_unit_written_out_is_that_unit, |db| {
    let world = given::world(db);
    let case = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        intake::receive(tx, cx, &given::report("青禾-20260921-0001", "7K3MW9PF", "执法中队的人态度很差"))
    })
    .case;
    act(&world, given::intake(), "2026-09-21 09:10", case, "accept", accept());
    let co = vec![CoUnit { unit: ENFORCEMENT, limit: None }];
    let sent = Input { lead: Some(MUNICIPAL), co, ..Input::default() };
    act(&world, given::intake(), "2026-09-21 09:20", case, "dispatch", sent);
    let open = |case: &CaseState| -> Vec<UnitId> {
        case.assignments.iter().filter(|a| a.state.is_open()).map(|a| a.unit).collect()
    };
    // A helper loses its part and its clocks; the lead goes on.
    let about = Input { subject: Some(Subject::Unit(ENFORCEMENT)), ..Input::default() };
    let after = act(&world, given::intake(), "2026-09-21 09:30", case, "subject", about);
    assert_eq!((after.state.as_str(), open(&after)), ("dispatched", vec![MUNICIPAL]));
    assert!(after.open_clocks().all(|c| {
        c.assignment.is_none_or(|part| after.assignments.iter().any(|a| a.id == part && a.unit == MUNICIPAL))
    }));
    // The lead's name as it stands in the office, with blanks: it is that unit, and the case is nobody's until sent again.
    let name: String = go(&world, given::intake(), "2026-09-21 09:40", |tx, _| {
        const NAME: store::Sql = store::Sql::Both("select name from unit where id = $1");
        Ok(tx.value(&NAME, store::args![MUNICIPAL])?.expect("a unit"))
    });
    let about = Input { subject: Some(Subject::Named(format!(" {name} "))), ..Input::default() };
    let after = act(&world, given::intake(), "2026-09-21 09:40", case, "subject", about);
    assert_eq!((after.subject_unit, after.subject_text.as_deref()), (Some(MUNICIPAL), None));
    assert_eq!((after.state.as_str(), open(&after)), ("accepted", vec![]));
    let clocks: Vec<_> = after.open_clocks().map(|c| c.kind.clone()).collect();
    assert_eq!(clocks, ["dispatch"], "the time for dispatching runs anew, and nothing else");
    let (_, differences) =
        world.db.read_now(|tx| rebuild::compare(tx, given::OFFICE, CaseId(0), 100)).unwrap();
    assert!(differences.is_empty(), "{differences:?}");
});

both!(a_case_about_a_unit_is_not_merged_where_that_unit_would_read_it, |db| {
    let world = given::world(db);
    let make = |no: &'static str, code: &'static str| {
        go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", move |tx, cx| {
            intake::receive(tx, cx, &given::report(no, code, "路灯不亮"))
        })
        .case
    };
    let (a, b) = (make("青禾-20260921-0001", "7K3MW9PF"), make("青禾-20260921-0002", "4RNT7HXC"));
    let about = Input { subject: Some(Subject::Unit(MUNICIPAL)), ..accept() };
    act(&world, given::intake(), "2026-09-21 09:10", a, "accept", about.clone());
    act(&world, given::intake(), "2026-09-21 09:10", b, "accept", accept());
    let no = refused(&world, given::intake(), "2026-09-21 10:00", move |tx, cx| {
        verbs::merge(tx, cx, a, b, "同一处")
    });
    assert_eq!(no, "demands.merge.other_subject");
    // The other way round nobody reads more than before.
    go(&world, given::intake(), "2026-09-21 10:00", move |tx, cx| verbs::merge(tx, cx, b, a, "同一处"));
});

both!(a_merge_can_be_undone_and_everything_stands_as_it_stood, |db| {
    let world = given::world(db);
    let make = |no: &'static str, code: &'static str| {
        go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", move |tx, cx| {
            intake::receive(tx, cx, &given::report(no, code, "路灯不亮"))
        })
    };
    let (a, b) = (make("青禾-20260921-0001", "7K3MW9PF"), make("青禾-20260921-0002", "4RNT7HXC"));
    act(&world, given::intake(), "2026-09-21 09:10", a.case, "accept", accept());
    let before = act(
        &world,
        given::intake(),
        "2026-09-21 09:20",
        a.case,
        "dispatch",
        Input { lead: Some(MUNICIPAL), ..Input::default() },
    );
    go(&world, given::intake(), "2026-09-21 10:00", move |tx, cx| {
        verbs::merge(tx, cx, a.case, b.case, "同一处")
    });
    let after = go(&world, given::intake(), "2026-09-21 10:30", move |tx, cx| {
        verbs::unmerge(tx, cx, a.case, "不是同一处")
    });
    assert_eq!(
        (after.phase, after.ended.clone(), after.merged_into, after.report_count()),
        (Phase::Dispatched, None, None, 1)
    );
    assert_eq!(after.assignments, before.assignments);
    let dues = |c: &CaseState| c.open_clocks().map(|k| (k.id, k.due)).collect::<Vec<_>>();
    assert_eq!(dues(&after), dues(&before));
    let (_, differences) =
        world.db.read_now(|tx| rebuild::compare(tx, given::OFFICE, CaseId(0), 100)).unwrap();
    assert_eq!(differences, vec![]);
});

both!(a_case_is_checked_by_its_handler_only_where_nobody_else_exists, |db| {
    let world = given::world(db);
    let received = go(&world, Actor::requester(given::OFFICE), "2026-09-21 09:00", |tx, cx| {
        intake::receive(tx, cx, &given::report("青禾-20260921-0001", "7K3MW9PF", "路灯不亮"))
    });
    let case = received.case;
    let office = gezhi::actor::Reach::Office;
    let all = || {
        given::actor(
            50,
            MUNICIPAL,
            vec![("demands.read", office), ("demands.handle", office), ("demands.verify", office)],
        )
    };
    act(&world, given::intake(), "2026-09-21 09:10", case, "accept", accept());
    act(
        &world,
        given::intake(),
        "2026-09-21 09:20",
        case,
        "dispatch",
        Input { lead: Some(MUNICIPAL), ..Input::default() },
    );
    act(&world, all(), "2026-09-21 09:30", case, "sign", Input::default());
    act(&world, all(), "2026-09-21 10:00", case, "finish", note("已修好"));
    let pass = ask(case, "pass", Input::default());
    assert_eq!(
        refused(&world, all(), "2026-09-21 10:10", move |tx, cx| service::act(tx, cx, &pass)),
        "demands.verify.handled_it"
    );
    world
        .db
        .write_now(|tx| tx.exec(&store::Sql::Both("update account set state = 'closed' where id = 3"), &[]))
        .unwrap();
    let passed = act(&world, all(), "2026-09-21 10:20", case, "pass", Input::default());
    assert_eq!(passed.verified_by_other, Some(false), "marked 自核");
});
