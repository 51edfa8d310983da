//! Duty and messages: lists made fairly, swaps by consent, a log with two times; an urgent case finds whoever is on
//! duty, then the next; whoever a case is about never hears of it.

use crate::api::{placed, two_communities};
use crate::browser::{PASSWORD, Site, run, system};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::context::Cx;
use gezhi::features::catalogue;
use gezhi::features::intake::model::NewReport;
use gezhi::features::intake::service as intake;
use gezhi::features::messages::model::{NewMessage, Target};
use gezhi::features::messages::robots::{self, NewRobot};
use gezhi::features::messages::service as messages;
use gezhi::features::people::service as people;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::service as engine;
use gezhi::features::roster::making::{self, Wish};
use gezhi::features::roster::model::{LEADER, OFFICER, Report, Shift, Span};
use gezhi::features::roster::swaps::{self, Answer};
use gezhi::features::roster::{log, reports, service as roster};
use gezhi::jobs::{kinds, run_all};
use gezhi::words::Locale;
use kernel::{AccountId, CaseId, Day, MatterId, Ts, UnitId};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use store::{Db, Sql, args, both};

/// Handled without pictures, check or call.
const MATTER: Sql = Sql::Both(
    "select min(id) from matter where photos = 'none' and verify = 'none' and callback = 'none' and secret = 'ordinary'
     and duty_list = 'basic'",
);
const STATES: Sql = Sql::Both(
    "select a.login, t.state, t.step, p.login from message_to t join account a on a.office = t.office and a.id = t.account
     left join account p on p.office = t.office and p.id = t.passed_to
     join message m on m.office = t.office and m.id = t.message and m.cause = $1 order by m.id, t.step, a.login",
);
const ROBOTS: Sql = Sql::Both("select robots from message order by id");
const KEPT: Sql = Sql::Both("select address from message_robot");
const LAST: Sql = Sql::Both("select max(id) from message");

fn site(db: Db, robot_hosts: Vec<String>) -> Site {
    let site = Site::with(db, Config { robot_hosts, ..Config::default() }, true, None);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| catalogue::service::install_default(tx, &cx).map(|_| ())).unwrap();
    site
}

fn at(text: &str) -> Ts {
    Ts::parse(&format!("{}:00+08:00", text.replace(' ', "T"))).unwrap()
}

/// Somebody, as they are now.
fn cx(site: &Site, account: AccountId) -> Cx {
    let system = system(&site.app);
    let here = system.clone();
    let actor = site
        .app
        .db
        .read_now(move |tx| people::actor(tx, here.office.id, account, here.now))
        .unwrap()
        .expect("an actor");
    Cx { actor, ..system }
}

fn do_as<T: Send + 'static>(
    site: &Site,
    who: AccountId,
    body: impl Fn(&mut store::Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
) -> store::Result<T> {
    let cx = cx(site, who);
    site.app.db.write_now(move |tx| body(tx, &cx))
}

fn code<T: std::fmt::Debug>(result: store::Result<T>) -> &'static str {
    result.unwrap_err().refusal().map_or("no refusal", |r| r.code)
}

/// Eight days of 国庆, a leader and an officer a day, and the rest.
fn wish(leaders: &[AccountId], officers: &[AccountId], heads: i64) -> Wish {
    Wish {
        unit: None,
        from: Day(20_261_001),
        until: Day(20_261_008),
        spans: vec![Span { from: 510, until: 510 }],
        kinds: vec![(LEADER.to_owned(), 1, leaders.to_vec()), (OFFICER.to_owned(), heads, officers.to_vec())],
    }
}

fn publish(site: &Site, keeper: AccountId, wish: Wish) {
    do_as(site, keeper, move |tx, cx| {
        let id = making::draft(tx, cx, &wish)?;
        making::publish(tx, cx, id, 1).map(|_| ())
    })
    .unwrap();
}

fn published(site: &Site) -> Vec<Shift> {
    let cx = system(&site.app);
    let (from, until) = (at("2026-10-01 00:00"), at("2026-10-10 00:00"));
    site.app.db.read_now(move |tx| roster::published(tx, &cx, None, from, until)).unwrap()
}

fn states(site: &Site, cause: &'static str) -> Vec<(String, String, i64, Option<String>)> {
    site.app
        .db
        .read_now(move |tx| {
            tx.query(&STATES, args![cause], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        })
        .unwrap()
}

fn work(site: &Site) {
    run_all(&site.app, kinds::ALL).unwrap();
}

fn urgent(site: &Site, no: &'static str) -> CaseId {
    receive(site, no, true)
}

fn receive(site: &Site, no: &'static str, urgent: bool) -> CaseId {
    let cx = system(&site.app);
    let new = NewReport {
        no: no.to_owned(),
        code: "7K3MW9PF".to_owned(),
        channel: "hotline".to_owned(),
        kind: "help".to_owned(),
        class: "ordinary".to_owned(),
        text: "柳溪路燃气味很大，请回电19900002041".to_owned(),
        urgent,
        ..NewReport::default()
    };
    site.app.db.write_now(move |tx| intake::receive(tx, &cx, &new)).unwrap().case
}

fn accept(site: &Site, case: CaseId, subject: Subject) {
    let cx = system(&site.app);
    site.app
        .db
        .write_now(move |tx| {
            let matter = tx.value::<MatterId>(&MATTER, &[])?;
            let input = Input { matter, subject: Some(subject.clone()), ..Input::default() };
            engine::act(tx, &cx, &Ask { case, action: "accept".to_owned(), version: None, input })
        })
        .unwrap();
}

both!(a_list_is_fair_and_nobody_is_on_duty_twice_in_a_row, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let (a, b) = (site.person("anna", &["leader"]), site.person("bert", &["leader"]));
    let officers: Vec<AccountId> = ["carl", "dora", "emil"].map(|l| site.person(l, &["acceptor"])).to_vec();
    site.clock.set(at("2026-09-20 10:00"));
    // Before: carl had a Saturday.
    let carl = officers[0];
    let before = Wish { from: Day(20_260_919), until: Day(20_260_919), ..wish(&[a], &[carl], 1) };
    publish(&site, keeper, before);
    let (here, there) = (wish(&[a, b], &officers, 1), officers.clone());
    assert_eq!(code(do_as(&site, a, move |tx, cx| making::draft(tx, cx, &here))), "common.forbidden");
    publish(&site, keeper, wish(&[a, b], &officers, 1));
    let shifts = published(&site);
    assert_eq!(shifts.len(), 16);
    for one in &shifts {
        let next = shifts.iter().find(|s| s.account == one.account && s.from == one.until);
        assert!(next.is_none(), "nobody twice in a row: {one:?}");
    }
    let of = |who: AccountId| {
        shifts
            .iter()
            .filter(|s| {
                s.account == Some(who)
                    && roster::sort_of(&system(&site.app), s.from)
                        == gezhi::features::roster::fair::Sort::Holiday
            })
            .count()
    };
    let counts: Vec<usize> = there.iter().map(|o| of(*o)).collect();
    assert!(
        counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1,
        "seven days over three: {counts:?}"
    );
    // The same days cannot be listed twice, and at night the officer comes before the leader.
    let again = wish(&[a], &[carl], 1);
    assert_eq!(code(do_as(&site, keeper, move |tx, cx| making::draft(tx, cx, &again))), "roster.days_taken");
    let cx = system(&site.app);
    let night = site
        .app
        .db
        .read_now(move |tx| roster::on_duty(tx, &cx, Some(UnitId(999)), at("2026-10-02 03:00")))
        .unwrap();
    assert_eq!(night.iter().map(|d| d.kind.as_str()).collect::<Vec<_>>(), [OFFICER, LEADER]);
});

both!(a_swap_needs_both_and_stays_in_the_history, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let lead = site.person("anna", &["leader"]);
    let (carl, dora) = (site.person("carl", &["acceptor"]), site.person("dora", &["acceptor"]));
    site.clock.set(at("2026-09-20 10:00"));
    publish(&site, keeper, Wish { until: Day(20_261_001), ..wish(&[lead], &[carl], 1) });
    publish(
        &site,
        keeper,
        Wish { from: Day(20_261_003), until: Day(20_261_003), ..wish(&[lead], &[dora], 1) },
    );
    let of = |who| published(&site).into_iter().find(|s| s.account == Some(who)).unwrap().id;
    let (carls, doras) = (of(carl), of(dora));
    assert_eq!(
        code(do_as(&site, dora, move |tx, cx| swaps::ask(tx, cx, carls, dora, None, ""))),
        "roster.swap.not_yours"
    );
    let swap = do_as(&site, carl, move |tx, cx| swaps::ask(tx, cx, carls, dora, Some(doras), "")).unwrap();
    // Nobody agrees for somebody else.
    for other in [carl, lead, keeper] {
        let refused = do_as(&site, other, move |tx, cx| swaps::answer(tx, cx, swap, Answer::Agree));
        assert_eq!(code(refused), "roster.swap.not_yours");
    }
    do_as(&site, dora, move |tx, cx| swaps::answer(tx, cx, swap, Answer::Agree)).unwrap();
    let now = published(&site);
    let holder = |id| now.iter().find(|s| s.id == id).unwrap().account;
    assert_eq!((holder(carls), holder(doras)), (Some(dora), Some(carl)));
    let told = do_as(&site, keeper, swaps::waiting).unwrap();
    assert_eq!((told.told.len(), told.approve.len()), (1, 0), "whoever makes the list is told");
    assert_eq!(do_as(&site, lead, move |tx, cx| swaps::of_shift(tx, cx, carls)).unwrap()[0].state, "done");
    assert_eq!(
        code(do_as(&site, dora, move |tx, cx| swaps::answer(tx, cx, swap, Answer::Agree))),
        "common.conflict"
    );
});

both!(the_log_keeps_two_times_and_takes_no_back_dating, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let (lead, carl) = (site.person("anna", &["leader"]), site.person("carl", &["acceptor"]));
    let (other, dora) = (site.person("bella", &["leader"]), site.person("dora", &["acceptor"]));
    site.clock.set(at("2026-09-20 10:00"));
    publish(&site, keeper, Wish { until: Day(20_261_001), ..wish(&[lead], &[carl], 1) });
    publish(
        &site,
        keeper,
        Wish { from: Day(20_261_002), until: Day(20_261_002), ..wish(&[other], &[dora], 1) },
    );
    site.clock.set(at("2026-10-01 23:10"));
    let write = |who, when: &'static str, text: &'static str| {
        do_as(&site, who, move |tx, cx| log::write(tx, cx, None, text, at(when)))
    };
    write(carl, "2026-10-01 22:30", "接报积水，回电19900002041").unwrap();
    assert_eq!(code(write(dora, "2026-10-01 22:30", "x")), "roster.not_on_duty");
    assert_eq!(code(write(carl, "2026-10-01 23:11", "x")), "roster.happened", "not yet");
    assert_eq!(code(write(carl, "2026-09-20 23:11", "x")), "roster.happened", "long past");
    let lines =
        do_as(&site, lead, |tx, cx| log::lines(tx, cx, None, at("2026-10-01 00:00"), at("2026-10-02 00:00")))
            .unwrap();
    assert_eq!((lines[0].happened, lines[0].entered), (at("2026-10-01 22:30"), at("2026-10-01 23:10")));
    assert!(!lines[0].text.contains("19900002041"), "{}", lines[0].text);
    // Who goes off hands over; who comes on confirms, and nobody their own.
    let note = do_as(&site, carl, |tx, cx| log::hand_over(tx, cx, None, "积水点继续看")).unwrap();
    assert_eq!(code(do_as(&site, carl, move |tx, cx| log::take_over(tx, cx, note))), "roster.handover.own");
    site.clock.set(at("2026-10-02 08:31"));
    do_as(&site, dora, move |tx, cx| log::take_over(tx, cx, note)).unwrap();
    assert_eq!(code(do_as(&site, lead, move |tx, cx| log::take_over(tx, cx, note))), "common.conflict");
    // Reports on one event: the first says when it happened, and nothing follows the final one.
    let report = |about, stage: &'static str, happened: &'static str, sent: &'static str| Report {
        about,
        stage: stage.to_owned(),
        place: "柳溪路".to_owned(),
        what: "积水".to_owned(),
        measures: "围挡".to_owned(),
        sent_to: "区委值班室".to_owned(),
        sent_how: "电话".to_owned(),
        happened: at(happened),
        sent: at(sent),
        ..Report::default()
    };
    let first = report(0, "final", "2026-10-02 08:00", "2026-10-02 08:20");
    let early = report(0, "first", "2026-10-02 08:00", "2026-10-02 07:50");
    assert_eq!(code(do_as(&site, dora, move |tx, cx| reports::write(tx, cx, &early))), "roster.report.sent");
    let about = do_as(&site, dora, move |tx, cx| reports::write(tx, cx, &first)).unwrap();
    let last = report(about, "final", "2026-10-01 08:00", "2026-10-02 08:30");
    do_as(&site, dora, move |tx, cx| reports::write(tx, cx, &last)).unwrap();
    let all = do_as(&site, dora, move |tx, cx| reports::of_event(tx, cx, about)).unwrap();
    assert_eq!(all.iter().map(|r| r.stage.as_str()).collect::<Vec<_>>(), ["first", "final"]);
    assert_eq!(all[1].happened, at("2026-10-02 08:00"), "it is not moved afterwards");
    let more = report(about, "further", "2026-10-02 08:00", "2026-10-02 08:31");
    assert_eq!(code(do_as(&site, dora, move |tx, cx| reports::write(tx, cx, &more))), "roster.report.ended");
});

both!(an_urgent_case_at_night_finds_the_officer_and_then_the_next, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let lead = site.person("anna", &["leader"]);
    let (carl, dora) = (site.person("carl", &["acceptor"]), site.person("dora", &["acceptor"]));
    site.clock.set(at("2026-09-20 10:00"));
    publish(&site, keeper, Wish { until: Day(20_261_001), ..wish(&[lead], &[carl, dora], 2) });
    site.clock.set(at("2026-10-01 23:10"));
    let case = urgent(&site, "青禾-20261001-0001");
    work(&site);
    let who = |n: usize| states(&site, "urgent")[n].clone();
    let told = states(&site, "urgent");
    assert_eq!(told.len(), 2, "before its subject is known the desk alone hears of it: {told:?}");
    assert_eq!((who(0).1.as_str(), who(1).1.as_str()), ("sent", "waiting"));
    work(&site);
    assert_eq!(states(&site, "urgent").len(), 2, "told once");
    site.pass(9 * Ts::MINUTE);
    work(&site);
    assert_eq!(who(0).1, "sent", "ten minutes are not over");
    site.pass(Ts::MINUTE);
    work(&site);
    assert_eq!((who(0).1.as_str(), who(1).1.as_str()), ("silent", "sent"));
    assert_eq!(who(0).3, Some(who(1).0), "passed on to the next, by name");
    // Accepted, it is told again only when a unit has it; the leader would hear of that.
    let next = if who(1).0 == "carl" { carl } else { dora };
    let id = site.app.db.read_now(|tx| tx.value::<i64>(&LAST, &[])).unwrap().unwrap();
    do_as(&site, next, move |tx, cx| messages::confirm(tx, cx, id)).unwrap();
    assert_eq!(code(do_as(&site, next, move |tx, cx| messages::confirm(tx, cx, id))), "messages.ended");
    site.pass(Ts::HOUR);
    work(&site);
    assert_eq!(who(1).1, "confirmed");
    assert_eq!(
        code(do_as(&site, lead, move |tx, cx| messages::find(tx, cx, id).map(|_| ()))),
        "common.not_found"
    );
    accept(&site, case, Subject::None);
    let seen = do_as(&site, carl, move |tx, cx| messages::find(tx, cx, id)).unwrap();
    assert_eq!(seen.case.unwrap().no, "青禾-20261001-0001");
});

both!(whom_a_case_is_about_never_hears_of_it, |db| {
    let site = site(db, Vec::new());
    let (first, _) = two_communities(&site);
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let lead = site.person("anna", &["leader"]);
    // Of another unit, with every right a desk has.
    let about = placed(&site, "wanda", "dispatcher", first);
    let carl = site.person("carl", &["dispatcher"]);
    site.clock.set(at("2026-09-20 10:00"));
    publish(&site, keeper, Wish { until: Day(20_261_001), ..wish(&[lead], &[about, carl], 2) });
    site.clock.set(at("2026-10-01 23:10"));
    let case = urgent(&site, "青禾-20261001-0001");
    let unit = cx(&site, about).actor.unit.unwrap();
    accept(&site, case, Subject::Unit(unit));
    work(&site);
    let told: Vec<String> = states(&site, "urgent").into_iter().map(|s| s.0).collect();
    assert_eq!(told, ["carl", "anna"], "wanda's unit is the subject");
    let id = site.app.db.read_now(|tx| tx.value::<i64>(&LAST, &[])).unwrap().unwrap();
    let look = do_as(&site, about, move |tx, cx| messages::find(tx, cx, id).map(|_| ()));
    assert_eq!(code(look), "common.not_found", "not by number either, though on duty");
    let desk = do_as(&site, about, messages::on_desk).unwrap();
    assert!(desk.is_empty(), "and not on the duty PC");
    // Nobody knows who is in a group.
    let seen = do_as(&site, lead, move |tx, cx| messages::find(tx, cx, id)).unwrap();
    let w = site.app.words(&site.app.offices()[0], Locale::Zh, site.clock.now());
    let told = robots::text_for_group(&w, &seen.message, seen.case.as_ref(), "");
    assert!(!told.contains("20261001-0001") && told.contains("登录"), "{told}");
    // By hand it cannot be told them either.
    let new = NewMessage {
        text: "请到场".to_owned(),
        urgent: true,
        case_no: "青禾-20261001-0001".to_owned(),
        targets: vec![Target::Account(about)],
        robots: false,
    };
    assert_eq!(code(do_as(&site, lead, move |tx, cx| messages::send(tx, cx, &new))), "messages.nobody");
});

both!(the_last_warning_of_a_unit_s_clock_goes_to_its_people, |db| {
    let site = site(db, Vec::new());
    let (first, _) = two_communities(&site);
    let wanda = placed(&site, "wanda", "handler", first);
    let carl = site.person("carl", &["handler"]);
    let case = receive(&site, "青禾-20260312-0001", false);
    accept(&site, case, Subject::None);
    let (system, lead) = (system(&site.app), cx(&site, wanda).actor.unit);
    site.app
        .db
        .write_now(move |tx| {
            let input = Input { lead, ..Input::default() };
            engine::act(tx, &system, &Ask { case, action: "dispatch".to_owned(), version: None, input })
        })
        .unwrap();
    work(&site);
    assert!(states(&site, "clock").is_empty() && states(&site, "urgent").is_empty());
    // It has a working day to sign; when a fifth of it is left, it is told.
    site.clock.set(at("2026-03-13 15:50"));
    for _ in 0..20 {
        site.pass(5 * Ts::MINUTE);
        work(&site);
        if !states(&site, "clock").is_empty() {
            break;
        }
    }
    assert_eq!(states(&site, "clock"), [("wanda".to_owned(), "sent".to_owned(), 0, None)]);
    assert_eq!(do_as(&site, wanda, messages::menu).unwrap(), [("messages", 1)]);
    assert_eq!(do_as(&site, carl, messages::menu).unwrap(), [("messages", 0)]);
});

both!(a_call_of_everybody_says_who_has_confirmed_and_who_is_silent, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let people: Vec<AccountId> = ["anna", "bert", "carl"].map(|l| site.person(l, &["handler"])).to_vec();
    let new = NewMessage {
        text: "红色暴雨预警，全体到岗，电话19900002041".to_owned(),
        urgent: true,
        case_no: String::new(),
        targets: vec![Target::All],
        robots: false,
    };
    let by = new.clone();
    assert_eq!(code(do_as(&site, people[0], move |tx, cx| messages::send(tx, cx, &by))), "common.forbidden");
    let id = do_as(&site, keeper, move |tx, cx| messages::send(tx, cx, &new)).unwrap();
    let (anna, bert, carl) = (people[0], people[1], people[2]);
    do_as(&site, anna, move |tx, cx| messages::confirm(tx, cx, id)).unwrap();
    site.pass(11 * Ts::MINUTE);
    work(&site);
    let of = |who: &'static str| states(&site, "note").into_iter().find(|s| s.0 == who).unwrap();
    assert_eq!((of("anna").1.as_str(), of("bert").1.as_str(), of("bert").3), ("confirmed", "silent", None));
    // Called by hand: who ticked it and when stands beside it, and only who called may.
    let tick =
        |who, state: &'static str| do_as(&site, who, move |tx, cx| messages::tick(tx, cx, id, bert, state));
    assert_eq!(code(tick(anna, "confirmed")), "common.not_found");
    tick(keeper, "missed").unwrap();
    tick(keeper, "confirmed").unwrap();
    let seen = do_as(&site, keeper, move |tx, cx| messages::find(tx, cx, id)).unwrap();
    let bert_now = seen.receivers.iter().find(|r| r.account == bert).unwrap();
    assert_eq!((bert_now.state.as_str(), bert_now.call_by), ("confirmed", Some(keeper)));
    assert!(seen.message.ended.is_none() && !seen.message.text.contains("19900002041"));
    do_as(&site, carl, move |tx, cx| messages::confirm(tx, cx, id)).unwrap();
    let seen = do_as(&site, keeper, move |tx, cx| messages::find(tx, cx, id)).unwrap();
    assert!(seen.message.ended.is_some(), "over with the last");
});

/// A robot's other side: takes posts and answers in turn; the last answer stays.
fn stand_in(answers: &'static [&'static str]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (told, nth) = (Arc::clone(&heard), AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut text = Vec::new();
            let mut piece = [0; 4096];
            // The body is as long as its head says.
            while let Ok(n) = stream.read(&mut piece) {
                if n == 0 {
                    break;
                }
                text.extend_from_slice(&piece[..n]);
                let so_far = String::from_utf8_lossy(&text).into_owned();
                let Some((head, body)) = so_far.split_once("\r\n\r\n") else { continue };
                let lower = head.to_lowercase();
                let length =
                    lower.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            told.lock().unwrap().push(String::from_utf8_lossy(&text).into_owned());
            let at = nth.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let body = answers[at];
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (host, heard)
}

both!(a_group_robot_is_tried_again_and_its_answer_is_seen_on_the_message, |db| {
    let answers: &[&str] = &[
        r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
        "<html>oops",
        r#"{"errcode":0,"errmsg":"ok"}"#,
    ];
    let (host, heard) = stand_in(answers);
    let hosts = vec![host.clone()];
    let site = site(db, hosts.clone());
    let (admin, keeper) =
        (site.person("wuhao", &["system_admin"]), site.person("keeper", &["handler", "roster_keeper"]));
    site.person("anna", &["handler"]);
    let robot = |address: String| NewRobot {
        kind: "dingtalk".into(),
        name: "值班群".into(),
        address,
        secret: "SECtest".into(),
    };
    let (new, here) = (robot(format!("http://{host}/robot/send?access_token=k3y")), hosts.clone());
    let by = new.clone();
    let refused = do_as(&site, keeper, move |tx, cx| robots::add(tx, cx, &by, &here));
    assert_eq!(code(refused), "common.forbidden", "only who may change the settings");
    let here = hosts.clone();
    let other = robot("http://127.0.0.1:1/x".to_owned());
    assert_eq!(
        code(do_as(&site, admin, move |tx, cx| robots::add(tx, cx, &other, &here))),
        "messages.robot.address",
        "and only where whoever runs the server lets it"
    );
    do_as(&site, admin, move |tx, cx| robots::add(tx, cx, &new, &hosts)).unwrap();
    let kept = site.app.db.read_now(|tx| tx.value::<Vec<u8>>(&KEPT, &[])).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("access_token"), "sealed");
    let new = NewMessage {
        text: "请到岗".to_owned(),
        urgent: true,
        case_no: String::new(),
        targets: vec![Target::All],
        robots: true,
    };
    do_as(&site, keeper, move |tx, cx| messages::send(tx, cx, &new)).unwrap();
    let posted = || site.app.db.read_now(|tx| tx.value::<String>(&ROBOTS, &[])).unwrap().unwrap();
    assert!(posted().contains("waiting"));
    work(&site);
    assert!(posted().contains("again") && posted().contains("45009"), "{}", posted());
    site.pass(20 * Ts::SECOND);
    work(&site);
    assert!(posted().contains("broken answer"), "{}", posted());
    site.pass(2 * Ts::MINUTE);
    work(&site);
    assert!(posted().contains("\"sent\""), "{}", posted());
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 3);
    assert!(heard[0].starts_with("POST /robot/send?access_token=k3y&timestamp="), "{}", heard[0]);
    assert!(
        heard[0].contains("&sign=")
            && heard[0].contains(r#""msgtype":"text""#)
            && heard[0].contains("请到岗")
    );
});

both!(the_pages_are_whole_and_counts_are_for_whoever_makes_the_list, |db| {
    let site = site(db, Vec::new());
    let keeper = site.person("keeper", &["handler", "roster_keeper"]);
    let (lead, carl) = (site.person("anna", &["leader"]), site.person("carl", &["acceptor"]));
    site.person("wuhao", &["system_admin"]);
    site.clock.set(at("2026-10-01 07:00"));
    let id = do_as(&site, keeper, {
        let wish = wish(&[lead], &[carl], 1);
        move |tx, cx| making::draft(tx, cx, &Wish { until: Day(20_261_001), ..wish.clone() })
    })
    .unwrap();
    run(async {
        let mut reader = site.browser();
        reader.log_in("carl", PASSWORD).await;
        assert_eq!(reader.get(&format!("/roster/drafts/{id}")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(reader.get("/roster/new").await.status, StatusCode::FORBIDDEN);
        assert_eq!(reader.get("/messages/robots").await.status, StatusCode::FORBIDDEN);
        assert!(reader.get("/").await.text(".duty-strip").unwrap().contains("现在无人值班"));
        let mut maker = site.browser();
        maker.log_in("keeper", PASSWORD).await;
        let draft = maker.get(&format!("/roster/drafts/{id}")).await;
        assert!(draft.body.contains("此前节假日 0 班"), "{}", draft.body);
        let version = draft.attribute("form[action^='/roster/drafts'] input[name=version]", "value").unwrap();
        let csrf = maker.csrf().await;
        let form = [("csrf", csrf.as_str()), ("version", &version), ("end", "publish")];
        assert_eq!(maker.post(&format!("/roster/drafts/{id}"), &form).await.location(), "/roster");
        site.clock.set(at("2026-10-01 09:00"));
        reader.log_in("carl", PASSWORD).await;
        let home = reader.get("/").await.text(".duty-strip").unwrap();
        assert!(home.contains("带班领导 anna") && home.contains("值班员 carl"), "{home}");
        for path in [
            "/roster",
            "/roster?month=2026-10",
            "/roster/log",
            "/roster/log/print",
            "/roster/reports",
            "/roster/reports/new",
            "/roster/print?from=2026-10-01&until=2026-10-08",
            "/messages",
            "/messages/desk",
            "/messages/desk?part=board",
        ] {
            let page = reader.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(!page.body.contains("此前节假日") && !page.body.contains("合计"), "{path} counts people");
        }
        let book = reader.get("/roster/export.xlsx?from=2026-10-01&until=2026-10-08").await;
        assert_eq!(book.status, StatusCode::OK);
        maker.log_in("keeper", PASSWORD).await;
        for path in ["/roster/new", "/roster/setup", "/messages/new", "/roster?month=2026-10"] {
            assert_eq!(maker.get(path).await.status, StatusCode::OK, "{path}");
        }
    });
});
