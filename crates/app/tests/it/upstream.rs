//! Tickets of an upper platform: taken over once, followed by their numbers, wrong cells named.

use crate::api::two_communities;
use crate::browser::{PASSWORD, Page, Site, run, system, upload};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::context::Cx;
use gezhi::features::catalogue;
use gezhi::features::indicators::model::Ask as FigureAsk;
use gezhi::features::indicators::service as indicators;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::state::CaseState;
use gezhi::features::procedures::{rebuild, service as engine, verbs};
use gezhi::features::upstream::model::{Change, Phrases, Taken};
use gezhi::features::upstream::service as upstream;
use gezhi::features::upstream::tickets::{self, Mapping};
use gezhi::features::upstream::vocabulary::Vocabulary;
use gezhi::sheet::read_text;
use gezhi::words::Locale;
use kernel::{CaseId, MatterId, Ts};
use store::{Db, Result, Sql, Tx, args, both};

const LINKS: Sql = Sql::Both(
    "select u.number, u.due_at, u.state, u.round, u.urges, u.satisfied, u.told from upper_link u order by u.id",
);
const EVENTS: Sql = Sql::Both("select count(*) from event where kind = $1");
/// Handled without pictures, check or call: done is closed.
const MATTER: Sql = Sql::Both(
    "select min(id) from matter where photos = 'none' and verify = 'none' and callback = 'none' and secret = 'ordinary'
     and duty_list = 'basic'",
);
const FIRST: Sql = Sql::Both("select min(id) from upper_link");
const TEXTS: Sql = Sql::Both("select text from report order by id");

pub fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| catalogue::service::install_default(tx, &cx).map(|_| ())).unwrap();
    two_communities(&site);
    site.person("linlan", &["dispatcher", "acceptor"]);
    site
}

/// Takes pasted rows over as the program itself.
fn take(site: &Site, rows: &'static str) -> Taken {
    let cx = system(&site.app);
    site.app
        .db
        .write_now(move |tx| {
            let words = Vocabulary::shipped().unwrap();
            let grid = read_text(rows, |t| words.is_header_word(t)).unwrap();
            let mapping = Mapping::guess(words, "区12345", &grid.header);
            let (tickets, wrong) = tickets::read(words, &grid, &mapping, &cx.office.tz);
            assert_eq!(wrong, []);
            let phrases = Phrases {
                urged: "区12345催办".into(),
                again: "区12345退回重办".into(),
                ruled: "区12345：".into(),
            };
            upstream::take(tx, &cx, &mapping, &tickets, &phrases)
        })
        .unwrap()
}

type Link = (String, Option<Ts>, String, i64, i64, Option<i64>, String);

fn links(site: &Site) -> Vec<Link> {
    let read = |row: &store::Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
    };
    site.app.db.read_now(move |tx| tx.query(&LINKS, &[], read)).unwrap()
}

fn events(site: &Site, kind: &'static str) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(&EVENTS, args![kind])).unwrap().unwrap_or(0)
}

fn case(site: &Site, id: CaseId) -> CaseState {
    let office = site.app.offices()[0].id;
    site.app.db.read_now(move |tx| engine::load(tx, office, id)).unwrap()
}

fn at(text: &str) -> Option<Ts> {
    Ts::parse(text)
}

const MORNING: &str = "工单编号\t诉求内容\t来电人\t联系电话\t事发地址\t办理时限\t催办次数\t工单状态\n\
    202603120001234567\t柳溪社区门口路灯不亮，请回电19900002041\t李女士\t19900002041\t柳溪社区北门\t2026-03-14 17:30\t0\t处理中\n\
    202603120001234568\t垃圾桶满了没人收\t\t\t\t2026-03-16\t\t处理中\n";

both!(a_ticket_becomes_one_case_however_often_it_is_brought, |db| {
    let site = site(db);
    let taken = take(&site, MORNING);
    assert_eq!((taken.new.len(), taken.changed.len(), taken.same), (2, 0, 0));
    assert_eq!(links(&site)[0].0, "202603120001234567", "every digit of a long number");
    assert_eq!(links(&site)[0].1, at("2026-03-14T17:30:00+08:00"));
    let first = case(&site, taken.new[0].case);
    assert_eq!((first.state.as_str(), first.channel.as_str()), ("received", "upper"));
    assert!(first.at.community.is_some(), "the address names the community");
    assert!(!first.subject_known, "nobody but the desk sees it before it is accepted");
    assert_eq!(first.upper_due, at("2026-03-14T17:30:00+08:00"));
    let texts: Vec<String> = site.app.db.read_now(|tx| tx.query(&TEXTS, &[], |row| row.get(0))).unwrap();
    assert!(!texts[0].contains("19900002041"), "identifiers are sealed: {}", texts[0]);
    let again = take(&site, MORNING);
    assert_eq!((again.new.len(), again.changed.len(), again.same), (0, 0, 2));
    assert_eq!((events(&site, "report.upper_linked"), events(&site, "report.upper_updated")), (2, 0));
});

/// Accepts, dispatches, signs and finishes a case as the program itself.
pub fn finish(tx: &mut Tx<'_>, cx: &Cx, id: CaseId) -> Result<()> {
    let office = cx.office.id;
    let matter = tx.value::<MatterId>(&MATTER, &[])?;
    let act = |tx: &mut Tx<'_>, action: &str, input: Input| {
        engine::act(tx, cx, &Ask { case: id, action: action.to_owned(), version: None, input })
    };
    let note = Some("已清运。".to_owned());
    act(tx, "accept", Input { matter, subject: Some(Subject::None), ..Input::default() })?;
    let unit = tx.value(&Sql::Both("select min(id) from unit where office = $1"), args![office])?;
    act(tx, "dispatch", Input { lead: unit, ..Input::default() })?;
    act(tx, "sign", Input::default())?;
    act(tx, "finish", Input { note, ..Input::default() })?;
    Ok(())
}

both!(a_known_ticket_follows_what_has_changed_above, |db| {
    let site = site(db);
    let taken = take(&site, MORNING);
    let (lamp, bin) = (taken.new[0].case, taken.new[1].case);
    // Urged twice, with another deadline.
    let noon = take(
        &site,
        "工单编号\t诉求内容\t办理时限\t催办次数\t工单状态\n\
         202603120001234567\t柳溪社区门口路灯不亮\t2026-03-13 12:00\t2\t处理中\n",
    );
    assert_eq!(noon.changed.len(), 1);
    let due = Change::Due { was: at("2026-03-14T17:30:00+08:00"), now: at("2026-03-13T12:00:00+08:00") };
    assert_eq!(noon.changed[0].changes, [due, Change::Urged { was: 0, now: 2 }]);
    let now = case(&site, lamp);
    assert_eq!((now.upper_due, now.urges), (at("2026-03-13T12:00:00+08:00"), 1));
    // What the file does not tell has not changed.
    assert_eq!(links(&site)[1].1, at("2026-03-16T23:59:59+08:00"));
    assert_eq!(case(&site, bin).urges, 0);
    // A rating of theirs, and their end: no rating of ours.
    let evening = take(
        &site,
        "工单编号\t诉求内容\t工单状态\t满意度\t是否解决\n202603120001234568\t垃圾桶满了\t已办结\t不满意\t否\n",
    );
    let rated = Change::Rated { satisfied: Some(2), solved: Some(false) };
    assert_eq!(evening.changed[0].changes, [rated, Change::Over]);
    assert_eq!((links(&site)[1].2.as_str(), links(&site)[1].5), ("closed", Some(2)));
    assert_eq!(case(&site, bin).satisfied, None);
    let office = site.app.offices()[0].id;
    let (_, wrong) = site.app.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 100)).unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
});

both!(what_comes_back_from_above_is_reopened_and_counted, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[1].case;
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| finish(tx, &cx, id)).unwrap();
    let again =
        "工单编号\t诉求内容\t办理时限\t工单状态\n202603120001234568\t垃圾桶满了\t2026-03-20\t不满意重办\n";
    let taken = take(&site, again);
    assert!(taken.changed[0].changes.contains(&Change::Again { round: 2 }), "{:?}", taken.changed);
    assert_eq!((links(&site)[1].2.as_str(), links(&site)[1].3), ("waiting", 2));
    let back = case(&site, id);
    assert_eq!((back.state.as_str(), back.reopens), ("dispatched", 1), "the same unit, once more");
    assert_eq!(back.upper_due, at("2026-03-20T23:59:59+08:00"));
    assert_eq!(take(&site, again).same, 1, "told once more, it changes nothing");
});

both!(the_page_shows_what_would_happen_names_wrong_cells_and_takes_the_rest, |db| {
    let site = site(db);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        assert_eq!(desk.get("/board").await.count("a[href='/upstream']"), 1);
        let form = desk.get("/upstream").await;
        assert_eq!(form.count("form[data-drop] input[type=file]"), 1);
        let csv = "工单导出,,,\n工单编号,诉求内容,办理时限,联系电话\n\
                   202603120001234567,路灯不亮,2026-03-14 17:30,19900002041\n4.40305E+17,井盖破了,2026-03-14,\n";
        let look = upload(&mut desk, "/upstream", &[("end", "look"), ("system", "区12345")], csv).await;
        assert_eq!(look.status, StatusCode::OK, "{}", look.body);
        assert!(look.body.contains("A4"), "the cell is named");
        assert!(look.text("tbody").unwrap().contains("截断"), "{:?}", look.text("tbody"));
        assert_eq!(links(&site), [], "nothing is written by looking");
        let grid = look.attribute("input[name=grid]", "value").unwrap();
        let fields = [
            ("idem", "0190-upstream-1"),
            ("grid", grid.as_str()),
            ("system", "区12345"),
            ("column-number", "工单编号"),
            ("column-text", "诉求内容"),
            ("column-due", "办理时限"),
            ("column-phone", "联系电话"),
            ("end", "take"),
        ];
        let taken = send(&mut desk, &fields).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
        assert_eq!(taken.count("a[href^='/cases/']"), 1, "{}", taken.body);
        assert_eq!(links(&site).len(), 1);
        let again = send(&mut desk, &fields).await;
        assert_eq!(again.body.matches("202603120001234567").count(), 1, "the same answer");
        assert_eq!(links(&site).len(), 1);
        // The profile is kept: a column of another name is found the next day.
        let look = upload(&mut desk, "/upstream", &[("end", "look"), ("system", "区12345")], csv).await;
        assert_eq!(
            look.attribute("select[name=column-phone] option[selected]", "value").unwrap(),
            "联系电话"
        );
        // Open here, and in no row of another file: shown, so that both sides can be compared.
        let other = "工单编号,诉求内容\n77,另一件事\n";
        let look = upload(&mut desk, "/upstream", &[("end", "look"), ("system", "区12345")], other).await;
        let absent = look.text("details.section").unwrap();
        assert!(absent.contains("202603120001234567") && !absent.contains("77"), "{absent}");
        // Without the number's column nothing is taken.
        let mut bare = fields;
        (bare[0].1, bare[3].1) = ("0190-upstream-2", "");
        let refused = send(&mut desk, &bare).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
    run(async {
        site.person("unit", &["handler"]);
        let mut unit = site.browser();
        unit.log_in("unit", PASSWORD).await;
        assert_eq!(unit.get("/upstream").await.status, StatusCode::FORBIDDEN);
    });
});

async fn send(desk: &mut crate::browser::Browser<'_>, fields: &[(&str, &str)]) -> Page {
    let csrf = desk.csrf().await;
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = part("csrf", &csrf);
    fields.iter().for_each(|(name, value)| body.push_str(&part(name, value)));
    body.push_str("--x--\r\n");
    desk.send(axum::http::Method::POST, "/upstream", Some("multipart/form-data; boundary=x"), body).await
}

both!(what_is_done_is_written_back_once_with_its_receipt, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[1].case;
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        assert_eq!(desk.get("/upstream/replies").await.count("tbody tr"), 0, "nothing is done yet");
        let cx = system(&site.app);
        site.app.db.write_now(move |tx| finish(tx, &cx, id)).unwrap();
        let list = desk.get("/upstream/replies").await;
        assert_eq!(list.count("tbody tr"), 1);
        let csrf = desk.csrf().await;
        let early = site.app.db.read_now(|tx| tx.value::<i64>(&FIRST, &[])).unwrap().unwrap();
        let early = desk
            .post(&format!("/upstream/replies/{early}"), &[("csrf", &csrf), ("idem", "0190-reply-0")])
            .await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "the other ticket is not done");
        let sheet = list.attribute("tbody a", "href").unwrap();
        let page = desk.get(&sheet).await;
        assert!(
            page.attribute(".copy-row:nth-of-type(4) button, [data-copy='已清运。']", "data-copy").is_some()
        );
        assert!(page.body.contains("202603120001234568") && page.body.contains("已清运。"), "{}", page.body);
        let zip = desk.get(&format!("{sheet}/pictures.zip")).await;
        assert_eq!((zip.status, zip.header("content-type")), (StatusCode::OK, "application/zip"));
        let fields = [("csrf", csrf.as_str()), ("idem", "0190-reply-1"), ("receipt", "HT-88")];
        let first = desk.post(&sheet, &fields).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
        assert_eq!(desk.post(&sheet, &fields).await.location(), "/upstream/replies", "a retry");
        assert_eq!(events(&site, "report.upper_replied"), 1);
        assert_eq!(desk.get("/upstream/replies").await.count("tbody tr"), 0);
        let again = desk.post(&sheet, &[("csrf", &csrf), ("idem", "0190-reply-2"), ("receipt", "")]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(desk.get(&sheet).await.text(".notice.ok").unwrap().contains("HT-88"));
        assert!(desk.get(&format!("/cases/{id}")).await.body.contains("已回填"));
    });
});

/// Accepts and dispatches a case to the first unit, with a limit of its own.
fn dispatch(tx: &mut Tx<'_>, cx: &Cx, id: CaseId, limit: &str) -> Result<()> {
    let matter = tx.value::<MatterId>(&MATTER, &[])?;
    let act = |tx: &mut Tx<'_>, action: &str, input: Input| {
        engine::act(tx, cx, &Ask { case: id, action: action.to_owned(), version: None, input })
    };
    act(tx, "accept", Input { matter, subject: Some(Subject::None), ..Input::default() })?;
    let lead = tx.value(&Sql::Both("select min(id) from unit where office = $1"), args![cx.office.id])?;
    let limit = Some(worktime::Limit::parse(limit).unwrap());
    act(tx, "dispatch", Input { lead, limit, ..Input::default() })?;
    act(tx, "sign", Input::default())?;
    Ok(())
}

/// The running handling clock: its end, and the upper deadline that shortens it.
fn handle_clock(case: &CaseState) -> (Option<Ts>, Option<Ts>) {
    let clock = case.open_clocks().find(|c| c.kind == "handle").expect("a clock");
    (clock.due, clock.cap.map(|c| c.upper))
}

both!(an_own_clock_ends_the_margin_before_the_upper_deadline_and_follows_it, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[0].case;
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| dispatch(tx, &cx, id, "work_day:10")).unwrap();
    let own = case(&site, id);
    // 14 March 2026 is a Saturday: four working hours before it is 11:30 on Friday, the noon break left out.
    assert_eq!(
        handle_clock(&own),
        (at("2026-03-13T11:30:00+08:00"), at("2026-03-14T17:30:00+08:00")),
        "{:?}",
        own.clocks
    );
    // More time of our own changes nothing there: refused at once, to whoever asks.
    let cx = system(&site.app);
    let limit = Some(worktime::Limit::parse("work_day:2").unwrap());
    let ask = move |tx: &mut Tx<'_>| {
        let input = Input { limit, reason: Some("要等备件".into()), ..Input::default() };
        engine::act(tx, &cx, &Ask { case: id, action: "ask_extension".into(), version: None, input })
    };
    let refused = site.app.db.write_now(ask).expect_err("the upper deadline binds");
    assert_eq!(refused.refusal().unwrap().code, "demands.extend.upper_binds");
    // Later above: later here, but never later than the own limit.
    let later = "工单编号\t诉求内容\t办理时限\n202603120001234567\t柳溪社区门口路灯不亮\t";
    take(&site, Box::leak(format!("{later}2026-03-18 17:30\n").into_boxed_str()));
    assert_eq!(handle_clock(&case(&site, id)).0, at("2026-03-18T11:30:00+08:00"));
    take(&site, Box::leak(format!("{later}2026-05-29 17:30\n").into_boxed_str()));
    assert_eq!(handle_clock(&case(&site, id)).0, at("2026-03-26T17:30:00+08:00"), "ten working days");
    // Within the margin there is no earlier end to keep: the upper deadline itself.
    take(&site, Box::leak(format!("{later}2026-03-12 11:00\n").into_boxed_str()));
    assert_eq!(handle_clock(&case(&site, id)).0, at("2026-03-12T11:00:00+08:00"));
    let office = site.app.offices()[0].id;
    let (_, wrong) = site.app.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 100)).unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
});

both!(a_pause_stops_the_own_clock_but_not_the_upper_deadline, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[0].case;
    let act = |action: &'static str, input: Input| {
        let cx = system(&site.app);
        site.app
            .db
            .write_now(move |tx| {
                let input = input.clone();
                engine::act(tx, &cx, &Ask { case: id, action: action.into(), version: None, input })
            })
            .unwrap();
    };
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| dispatch(tx, &cx, id, "work_day:10")).unwrap();
    act("ask_pause", Input { reason: Some("等招标".into()), ..Input::default() });
    act("grant_pause", Input::default());
    site.pass(Ts::DAY);
    act("resume", Input::default());
    assert_eq!(handle_clock(&case(&site, id)).0, at("2026-03-13T11:30:00+08:00"), "as if nothing had stood");
    act("ask_pause", Input { reason: Some("等招标".into()), ..Input::default() });
    act("grant_pause", Input::default());
    site.pass(7 * Ts::DAY);
    act("resume", Input::default());
    let (due, upper) = handle_clock(&case(&site, id));
    assert_eq!(upper, None, "what has passed binds no more");
    assert!(due > at("2026-03-26T09:00:00+08:00"), "the own limit and the pauses: {due:?}");
});

both!(the_parts_of_a_split_ticket_end_before_its_deadline_too, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[0].case;
    let cx = system(&site.app);
    let parts = ["1", "2"].map(|n| verbs::Part {
        no: format!("青禾-20260312-900{n}"),
        title: format!("第{n}处"),
        matter: None,
    });
    let children = site.app.db.write_now(move |tx| verbs::split(tx, &cx, id, &parts)).unwrap();
    let child = children[0].id;
    assert_eq!(children[0].upper_due, at("2026-03-14T17:30:00+08:00"));
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| dispatch(tx, &cx, child, "work_day:10")).unwrap();
    assert_eq!(handle_clock(&case(&site, child)).0, at("2026-03-13T11:30:00+08:00"));
    take(&site, "工单编号\t诉求内容\t办理时限\n202603120001234567\t柳溪社区门口路灯不亮\t2026-03-18 17:30\n");
    assert_eq!(handle_clock(&case(&site, child)).0, at("2026-03-18T11:30:00+08:00"), "the whole has moved");
});

/// Does an action in the office as the program itself, or says what refuses it.
fn act(site: &Site, id: CaseId, action: &'static str, input: Input) -> std::result::Result<(), &'static str> {
    let cx = system(&site.app);
    let done = site.app.db.write_now(move |tx| {
        let input = input.clone();
        engine::act(tx, &cx, &Ask { case: id, action: action.into(), version: None, input })
    });
    done.map(|_| ()).map_err(|e| e.refusal().expect("a refusal").code)
}

fn grounds() -> Input {
    Input {
        reason: Some("消防通道在区属大院内".into()),
        basis: Some("上级收回清单 07003".into()),
        ..Input::default()
    }
}

both!(a_ticket_is_given_back_in_time_once_and_the_ruling_comes_from_above, |db| {
    let site = site(db);
    let two = take(
        &site,
        "工单编号\t诉求内容\t办理时限\t退单时限\n\
         71\t消防通道被占\t2026-03-14 17:30\t2026-03-12 11:00\n72\t路灯不亮\t2026-03-14 17:30\t2026-03-12 11:00\n",
    );
    let (lane, lamp) = (two.new[0].case, two.new[1].case);
    assert_eq!(act(&site, lane, "return_up", Input { basis: None, ..grounds() }), Err("common.missing"));
    act(&site, lane, "return_up", grounds()).unwrap();
    let given = case(&site, lane);
    assert_eq!((given.state.as_str(), links(&site)[0].2.as_str()), ("returned_up", "returning"));
    assert!(given.open_clocks().all(|c| c.due.is_none()), "own clocks stand: {:?}", given.clocks);
    assert_eq!(given.upper_due, at("2026-03-14T17:30:00+08:00"), "the upper one does not");
    assert_eq!(events(&site, "report.upper_returning"), 1);
    // Not yet: the same state again changes nothing. Then it is refused above, and goes on where it stood.
    assert_eq!(take(&site, "工单编号\t诉求内容\t工单状态\n71\t消防通道被占\t退单审核中\n").changed.len(), 1);
    assert_eq!(case(&site, lane).state, "returned_up");
    site.pass(Ts::HOUR);
    let kept = take(&site, "工单编号\t诉求内容\t工单状态\n71\t消防通道被占\t退单审核不通过\n");
    assert_eq!(kept.changed[0].changes, [Change::Ruled { agreed: false }]);
    let back = case(&site, lane);
    assert_eq!((back.state.as_str(), links(&site)[0].2.as_str()), ("received", "waiting"));
    let clock = back.open_clocks().find(|c| c.kind == "accept").unwrap();
    assert_eq!(clock.due, at("2026-03-12T12:00:00+08:00"), "two working hours and the hour it stood");
    assert_eq!(act(&site, lane, "return_up", grounds()), Err("demands.return_up.again"));
    // The other one is accepted first, and its window closes.
    site.pass(2 * Ts::HOUR);
    assert_eq!(act(&site, lamp, "return_up", grounds()), Err("demands.return_up.too_late"));
    let office = site.app.offices()[0].id;
    let (_, wrong) = site.app.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 100)).unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
});

both!(what_upstream_takes_back_is_over_here_and_in_no_figure_of_ours, |db| {
    let site = site(db);
    let id = take(&site, MORNING).new[1].case;
    act(&site, id, "return_up", grounds()).unwrap();
    let agreed = "工单编号\t诉求内容\t工单状态\n202603120001234568\t垃圾桶满了\t同意退单\n";
    assert_eq!(take(&site, agreed).changed[0].changes, [Change::Ruled { agreed: true }]);
    let over = case(&site, id);
    assert_eq!((over.state.as_str(), over.ended.as_deref()), ("ended", Some("returned_up")));
    assert_eq!((over.upper_due, links(&site)[1].2.as_str()), (over.upper_due, "returned"));
    assert_eq!(over.open_clocks().count(), 0);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        assert_eq!(
            desk.get("/upstream/replies").await.count("tbody tr"),
            0,
            "there is nothing to write back"
        );
        assert!(desk.get(&format!("/cases/{id}")).await.body.contains("已退回上级"));
    });
});

both!(a_merged_ticket_is_not_given_back_with_the_others, |db| {
    let site = site(db);
    let taken = take(&site, MORNING);
    let (lamp, bin) = (taken.new[0].case, taken.new[1].case);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| verbs::merge(tx, &cx, bin, lamp, "同一处").map(|_| ())).unwrap();
    assert_eq!(act(&site, lamp, "return_up", grounds()), Err("demands.return_up.merged"));
    // Each number keeps its own deadline, and each is answered.
    assert_eq!(links(&site).iter().filter(|l| l.2 == "waiting").count(), 2);
    assert_eq!(case(&site, lamp).upper_due, at("2026-03-14T17:30:00+08:00"));
});

/// A figure over all time: above and below the line.
fn figure(site: &Site, key: &'static str) -> (i64, i64) {
    let cx = system(&site.app);
    let words = site.app.words(&cx.office, Locale::Zh, cx.now);
    site.app
        .db
        .read_now(move |tx| {
            let row = indicators::total(tx, &cx, &words, key, &FigureAsk::default())?;
            Ok((row.numerator.unwrap_or(0), row.denominator.unwrap_or(0)))
        })
        .unwrap()
}

const RATED: &str = "工单编号\t诉求内容\t满意度\t是否解决\n\
    202603120001234567\t路灯不亮\t不满意\t否\n202603120001234568\t垃圾桶满了\t满意\t是\n";

both!(a_rating_from_above_is_contested_with_evidence_in_time_and_stays_as_given, |db| {
    let site = site(db);
    let taken = take(&site, MORNING);
    let id = taken.new[0].case;
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| finish(tx, &cx, id)).unwrap();
    take(&site, RATED);
    let first = site.app.db.read_now(|tx| tx.value::<i64>(&FIRST, &[])).unwrap().unwrap();
    let page = format!("/upstream/ratings/{first}");
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let list = desk.get("/upstream/ratings").await;
        assert_eq!(list.count("tbody tr"), 2);
        assert!(list.text("tbody tr .chip").unwrap().contains("3月16日 17:30"), "{}", list.body);
        let picture = picture();
        let fields = [("grounds", "done"), ("words", "已于当日修好,诉求人电话19900002041确认。")];
        let bare = upload_photo(&mut desk, &page, &fields, None).await;
        assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "without evidence");
        assert!(bare.body.contains("已于当日修好"), "what was typed is still there");
        let sent = upload_photo(&mut desk, &page, &fields, Some(&picture)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let shown = desk.get(&page).await;
        assert!(shown.body.contains("已于当日修好") && !shown.body.contains("19900002041"), "{}", shown.body);
        let again = [fields[0], ("words", "再补充说明一次，已修好。"), ("receipt", "")];
        let twice = upload_photo(&mut desk, &page, &again, Some(&picture)).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "once for each handling");
        let zip = desk.get(&format!("{page}/pictures.zip")).await;
        assert_eq!((zip.status, zip.header("content-type")), (StatusCode::OK, "application/zip"));
        assert_eq!(figure(&site, "upper.satisfied"), (1, 2), "as given");
        let csrf = desk.csrf().await;
        let fields =
            [("csrf", csrf.as_str()), ("idem", "0190-outcome"), ("granted", "yes"), ("answer", "同意剔除")];
        let done = desk.post(&format!("{page}/outcome"), &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert_eq!(figure(&site, "upper.satisfied"), (1, 2), "the rating itself stays");
        assert_eq!(figure(&site, "upper.satisfied_assessed"), (1, 1));
        assert_eq!(figure(&site, "upper.solved"), (1, 2));
    });
    // Another handling gets another rating, which was not contested yet; but the limit passes.
    take(&site, "工单编号\t诉求内容\t工单状态\n202603120001234567\t路灯不亮\t不满意重办\n");
    take(&site, "工单编号\t诉求内容\t办理轮次\t满意度\n202603120001234567\t路灯不亮\t2\t非常不满意\n");
    assert_eq!(figure(&site, "upper.satisfied_assessed"), (1, 2));
    site.pass(5 * Ts::DAY);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let late = upload_photo(
            &mut desk,
            &page,
            &[("grounds", "done"), ("words", "已经当日修好了,有照片。")],
            Some(&picture()),
        )
        .await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
});

/// A picture of a few pixels.
pub fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_pixel(64, 48, image::Rgb([90, 120, 80]));
    image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

async fn upload_photo(
    desk: &mut crate::browser::Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    photo: Option<&[u8]>,
) -> Page {
    let csrf = desk.csrf().await;
    let mut body = Vec::new();
    let said: usize = fields.iter().map(|(_, value)| value.len()).sum();
    let idem = format!("0190-{said}-{}", photo.map_or(0, <[u8]>::len));
    for (name, value) in [("csrf", csrf.as_str()), ("idem", idem.as_str())].iter().chain(fields) {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    if let Some(photo) = photo {
        body.extend(b"--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n");
        body.extend(photo);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    desk.send(axum::http::Method::POST, path, Some("multipart/form-data; boundary=x"), body).await
}
