//! The settings of an office: what they change, that they are recorded, and that calendars and hours move what runs
//! and leave what has ended.

use crate::browser::{Browser, Page, Site, run};
use crate::demo::{installation, noon};
use axum::http::StatusCode;
use gezhi::actor::Actor;
use gezhi::config::Config;
use gezhi::context::{Cx, Source};
use gezhi::features::demo::{self, Options};
use gezhi::features::procedures::state::{CaseState, ClockState};
use gezhi::features::procedures::{rebuild, service as engine};
use gezhi::features::settings::service::{self as settings, Change};
use gezhi::installation::Installation;
use gezhi::jobs::{kinds, run_all};
use kernel::{CaseId, Ts};
use store::{Sql, args, both};

const CASES: Sql = Sql::Both("select id from cases where office = $1 order by id");
const KINDS: Sql = Sql::Both("select count(*) from event where office = $1 and kind = $2");
const KEPT: Sql = Sql::Both(
    "select count(*), sum(case when open > 0 then 1 else 0 end) from (
       select p.id, (select count(*) from report r join report_case rc on rc.office = r.office and rc.report = r.id
         join cases c on c.office = rc.office and c.id = rc.case_id
         where r.office = p.office and r.party = p.id and (c.closed_at is null or c.closed_at >= $2)) as open
       from party p where p.office = $1 and p.erased_at is null) kept",
);

/// 2026 as it was announced, with one more holiday: Monday 16 March.
fn corrected() -> String {
    let shipped = include_str!("../../../../packs/calendars/cn.csv");
    let mut out = String::from("date,kind,name\n");
    for line in shipped.lines().filter(|l| l.starts_with("2026-")) {
        let cells: Vec<&str> = line.split(',').collect();
        out.push_str(&format!("{},{},{}\n", cells[0], cells[2], cells[3]));
    }
    out.push_str("2026-03-16,holiday,临时放假\n");
    out
}

fn system(it: &Installation) -> Cx {
    let office = it.offices().pop().expect("an office");
    it.cx(&office, Actor::system(office.id), Source::Cli)
}

fn cases(it: &Installation) -> Vec<CaseState> {
    let office = system(it).office.id;
    it.db
        .read_now(move |tx| {
            let ids = tx.query(&CASES, args![office], |row| row.get::<CaseId>(0))?;
            ids.into_iter().map(|id| engine::load(tx, office, id)).collect()
        })
        .expect("the cases")
}

/// Every clock's account ends at its due instant, by the rules it was counted by; how many were looked at.
fn explained(it: &Installation) -> usize {
    let office = system(it).office;
    let mut seen = 0;
    for case in cases(it) {
        for clock in case.clocks.iter().filter(|c| c.due.is_some()) {
            let steps = office.rules_of(&clock.calendar).explain(clock.start, clock.limit, &clock.pauses);
            let end = steps.last().expect("a step").until;
            // An upper deadline may end it before its own limit does.
            let end = clock.cap.map_or(end, |cap| end.map(|end| end.min(cap.at)));
            assert_eq!(end, clock.due, "{} {} by {}", case.no, clock.kind, clock.calendar);
            seen += 1;
        }
    }
    seen
}

fn count(it: &Installation, kind: &'static str) -> i64 {
    let office = system(it).office.id;
    it.db.read_now(move |tx| tx.value::<i64>(&KINDS, args![office, kind])).expect("a count").unwrap_or(0)
}

both!(a_calendar_and_other_hours_move_what_runs_and_leave_what_has_ended, |db| {
    let (_dir, it) = installation(&db, noon());
    demo::make(&it, Options { small: true, seed: None }, |_| {}).unwrap();
    assert!(explained(&it) > 200);
    let ended = |it: &Installation| -> Vec<_> {
        cases(it)
            .iter()
            .flat_map(|c| c.clocks.clone())
            .filter(|c| matches!(c.state, ClockState::Met | ClockState::Late))
            .map(|c| (c.id, c.due, c.state, c.calendar))
            .collect()
    };
    let before = ended(&it);

    // A table with faults: each line is named, and nothing is written.
    let (cx, bad) =
        (system(&it), "date,kind,name\n2026-13-01,holiday,x\n2026-01-01,frei,元旦\n2026-01-02,holiday\n");
    let errors = it
        .db
        .write_now(move |tx| settings::install_calendar(tx, &cx, bad.as_bytes(), "bad.csv"))
        .unwrap()
        .expect_err("faults");
    let told: Vec<(u64, &str)> = errors.iter().map(|e| (e.row, e.reason.code)).collect();
    let expected =
        [(2, "settings.calendar.date"), (3, "settings.calendar.kind"), (4, "settings.calendar.malformed")];
    assert_eq!(told, expected);
    let (cx, part) = (system(&it), "date,kind,name\n2027-05-01,holiday,劳动节\n");
    let errors = it.db.read_now(move |tx| settings::check_calendar(tx, &cx, part.as_bytes())).unwrap();
    assert_eq!(errors.expect_err("a part of a year").len(), 2, "1 January and 1 October are missing");
    assert_eq!(count(&it, "calendar.installed"), 0);

    let cx = system(&it);
    let check =
        it.db.read_now(move |tx| settings::check_calendar(tx, &cx, corrected().as_bytes())).unwrap().unwrap();
    assert_eq!((check.differing.len(), check.moved.1), (1, 0), "a holiday more, and nothing comes earlier");
    let cx = system(&it);
    it.db
        .write_now(move |tx| settings::install_calendar(tx, &cx, corrected().as_bytes(), "a.csv"))
        .unwrap()
        .unwrap();
    run_all(&it, kinds::ALL).unwrap();
    let events = count(&it, "case.rebased");
    let moved: usize = cases(&it)
        .iter()
        .flat_map(|c| &c.clocks)
        .filter(|c| c.calendar.starts_with("cn-2018-2026.2 "))
        .count();
    assert!(events > 0 && moved == check.moved.0, "{events} events, {moved} of {} clocks", check.moved.0);
    assert!(explained(&it) > 200);
    assert_eq!(ended(&it), before, "what has ended stays, with the calendar it was counted by");

    // A quarter of an hour earlier in the morning: the same again.
    let cx = system(&it);
    let hours = "08:15-12:00,14:00-17:30".to_owned();
    it.db
        .write_now(move |tx| {
            let version = settings::find(tx, &cx)?.version;
            settings::change(tx, &cx, version, &Change::Hours(hours.clone()))
        })
        .unwrap();
    run_all(&it, kinds::ALL).unwrap();
    assert!(count(&it, "case.rebased") > events);
    assert!(explained(&it) > 200);
    assert_eq!(ended(&it), before);
    let again = count(&it, "case.rebased");
    let office = system(&it).office.id;
    kinds::rebase_all(&it, office, CaseId(0)).map_err(kinds::fault).unwrap();
    assert_eq!(count(&it, "case.rebased"), again, "once more changes nothing");
    let (_, differences) = it.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 5_000)).unwrap();
    assert_eq!(differences, vec![], "replay gives the same instants");
});

both!(a_contact_is_erased_when_it_was_kept_long_enough, |db| {
    let (_dir, it) = installation(&db, noon());
    demo::make(&it, Options { small: true, seed: None }, |_| {}).unwrap();
    let cx = system(&it);
    it.db
        .write_now(move |tx| {
            let found = settings::find(tx, &cx)?;
            let mut rules = found.settings.clone();
            rules.retention_days = 30;
            settings::change(tx, &cx, found.version, &Change::Rules(rules))
        })
        .unwrap();
    it.reload().unwrap();
    let (office, since) = (system(&it).office.id, it.clock.now().plus(-30 * Ts::DAY));
    let kept = || {
        let read = move |tx: &mut store::Tx<'_>| {
            tx.opt(&KEPT, args![office, since], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))
        };
        it.db.read_now(read).unwrap().unwrap()
    };
    let before = kept();
    assert!(before.0 > before.1 && before.1 > 0, "{before:?}");
    run_all(&it, kinds::ALL).unwrap();
    let after = kept();
    assert_eq!((after.0, after.1), (before.1, before.1), "those whose case is open or closed of late stay");
    assert!(count(&it, "report.erased") >= before.0 - before.1);
});

fn site(db: store::Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    for (login, role) in [("wuhao", "system_admin"), ("dingjie", "auditor"), ("linlan", "dispatcher")] {
        site.person(login, &[role]);
    }
    site
}

async fn enter<'a>(site: &'a Site, login: &str) -> Browser<'a> {
    let mut browser = site.browser();
    let page = browser.post("/demo/login", &[("login", login)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}: {}", page.body);
    browser
}

/// Sends a card of the settings with some of its fields changed.
async fn send(browser: &mut Browser<'_>, card: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get("/settings").await;
    let value =
        |name: &str| page.attribute(&format!("#set-{card} input[name={name}]"), "value").unwrap_or_default();
    let hidden = ["csrf", "idem", "version"].map(|name| (name, value(name)));
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (*n, v.as_str())).collect();
    all.extend_from_slice(fields);
    browser.post(&format!("/settings/{card}"), &all).await
}

both!(the_system_administrator_sets_the_office_and_everybody_sees_it, |db| {
    let site = site(db);
    run(async {
        let mut desk = enter(&site, "linlan").await;
        assert_eq!(desk.get("/settings").await.status, StatusCode::FORBIDDEN);
        assert!(desk.get("/nav").await.body.contains("分拨"));
        let mut admin = enter(&site, "wuhao").await;
        let page = admin.get("/settings").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert_eq!(page.count("form.card"), 4);

        let office = [
            ("name", "青禾街道办事处"),
            ("short", "青禾"),
            ("hotline", "0000-6600-100"),
            ("locale", "zh-CN"),
        ];
        assert_eq!(send(&mut admin, "office", &office).await.location(), "/settings");
        let public = site.browser().get("/p").await;
        assert!(public.body.contains("tel:0000-6600-100"), "{}", public.body);
        let wrong =
            send(&mut admin, "office", &[("name", "x"), ("short", "x"), ("hotline", "call me")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            wrong.attribute("#f-hotline", "value").as_deref(),
            Some("call me"),
            "what was typed stays"
        );

        let words = [("dispatch", "paidan"), ("unit", "zeren"), ("late", "yuqi")];
        assert_eq!(send(&mut admin, "words", &words).await.location(), "/settings");
        let nav = desk.get("/nav").await.body;
        assert!(nav.contains("派单") && !nav.contains("分拨"), "{nav}");
        let page = admin.get("/settings").await;
        assert!(page.text("#set-words").unwrap().contains("分拨"), "the choices are shown as they are");

        let rules = [
            ("margin_n", "1"),
            ("margin_u", "work_day"),
            ("contest_n", "2"),
            ("contest_u", "work_day"),
            ("verify_rate", "50"),
            ("callback_rate", "100"),
            ("retention_days", "10"),
        ];
        let short = send(&mut admin, "rules", &rules).await;
        assert!(short.text("#e-retention_days").unwrap().contains("30"), "{}", short.body);
        let rules = [
            ("margin_n", "1"),
            ("margin_u", "work_day"),
            ("contest_n", "2"),
            ("contest_u", "work_day"),
            ("verify_rate", "50"),
            ("callback_rate", "100"),
            ("retention_days", "90"),
        ];
        assert_eq!(send(&mut admin, "rules", &rules).await.location(), "/settings");
        assert!(site.browser().get("/p/privacy").await.body.contains("90"));
    });
});

both!(hours_are_checked_first_and_a_stale_page_is_told, |db| {
    let site = site(db);
    run(async {
        let mut admin = enter(&site, "wuhao").await;
        let new = [
            ("from", "09:00"),
            ("to", "12:00"),
            ("from", "13:30"),
            ("to", "17:30"),
            ("from", ""),
            ("to", ""),
        ];
        let mut asked = new.to_vec();
        asked.push(("end", "check"));
        let looked = send(&mut admin, "hours", &asked).await;
        assert_eq!(
            (looked.status, looked.count("#set-hours .notice")),
            (StatusCode::OK, 1),
            "{}",
            looked.body
        );
        assert_eq!(looked.attribute("#set-hours input[name=from]", "value").as_deref(), Some("09:00"));
        let wrong = send(&mut admin, "hours", &[("from", "12:00"), ("to", "09:00")]).await;
        assert_eq!((wrong.status, wrong.count("#e-hours")), (StatusCode::UNPROCESSABLE_ENTITY, 1));

        let stale = admin.get("/settings").await;
        assert_eq!(send(&mut admin, "hours", &new).await.location(), "/settings");
        assert_eq!(site.app.offices()[0].rules.hours.to_string(), "09:00-12:00,13:30-17:30");
        let value = |name: &str| stale.attribute(&format!("#set-words input[name={name}]"), "value").unwrap();
        let hidden = ["csrf", "idem", "version"].map(|name| (name, value(name)));
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (*n, v.as_str())).collect();
        all.push(("late", "yuqi"));
        let told = admin.post("/settings/words", &all).await;
        assert_eq!(
            told.count("#set-words .errors"),
            1,
            "somebody changed the settings meanwhile: {}",
            told.body
        );

        let mut auditor = enter(&site, "dingjie").await;
        let log = auditor.get("/log?kind=settings.").await;
        assert_eq!(log.count("tbody tr"), 1);
        assert!(
            log.body.contains("修改设置") && log.body.contains("09:00-12:00,13:30-17:30"),
            "{}",
            log.body
        );
    });
});

both!(a_later_calendar_is_checked_and_taken_over_from_the_page, |db| {
    let site = site(db);
    let file = |end: &str, csrf: &str, idem: &str, text: &str| {
        let part = |name: &str, value: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!(
            "{}{}{}--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"2027.csv\"\r\n\r\n{text}\r\n--b--\r\n",
            part("csrf", csrf),
            part("idem", idem),
            part("end", end)
        );
        body
    };
    let kind = Some("multipart/form-data; boundary=b");
    let address = "/settings/calendar/import";
    run(async {
        let mut admin = enter(&site, "wuhao").await;
        let csrf = admin.csrf().await;
        let mut post = async |end: &str, idem: &str, text: &str| {
            admin.send(axum::http::Method::POST, address, kind, file(end, &csrf, idem, text)).await
        };
        let wrong = post("check", "", "date,iso_weekday,kind,name\n2027-01-01,4,holiday,元旦\n").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let row = wrong.text("tbody tr").unwrap();
        assert!(row.starts_with("2iso_weekday"), "the line and the column: {row}");
        let year =
            "date,kind,name\n2027-01-01,holiday,元旦\n2027-01-03,workday,元旦\n2027-10-01,holiday,国庆节\n";
        let checked = post("check", "", year).await;
        assert_eq!((checked.status, checked.count(".notice.info")), (StatusCode::OK, 1), "{}", checked.body);
        assert_eq!(site.app.offices()[0].rules.calendar.known_until().0, 20_261_010, "only checked");
        let done = post("import", "", year).await;
        assert_eq!(done.location(), "/settings/calendar?year=2027", "{}", done.body);
        assert_eq!(site.app.offices()[0].rules.calendar.known_until().0, 20_271_001);
        let again = post("import", "", year).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the same once more: {}", again.body);
        let page = admin.get("/settings/calendar?year=2027").await;
        assert!(page.text("table").unwrap().contains("元旦"), "{}", page.body);
        assert_eq!(admin.get("/settings/calendar?year=2019").await.status, StatusCode::OK);
        let csv = admin.get("/settings/calendar.csv").await;
        assert!(csv.body.ends_with("2027-10-01,5,holiday,国庆节\n"), "{}", csv.body);
    });
});
