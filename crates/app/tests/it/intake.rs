//! The desk's form and the grid worker's page through the router.

use crate::api::{placed, two_communities};
use crate::browser::{Browser, PASSWORD, Page, Site, run, system};
use axum::http::{Method, StatusCode};
use gezhi::config::Config;
use gezhi::features::catalogue;
use gezhi::features::procedures::service as engine;
use gezhi::features::procedures::verbs;
use gezhi::web::encode;
use kernel::{AccountId, CaseId, PlaceId};
use store::{Db, Sql, args, both};

const REPORTS: Sql = Sql::Both("select count(*) from report");
const LOOK_UPS: Sql = Sql::Both("select count(*) from event where kind = 'intake.caller_looked_up'");
const DRAFTS: Sql = Sql::Both("select sealed from draft where account = $1");
const PASSWORDS: Sql = Sql::Both(
    "update account set password = (select password from account a where a.login = 'zhoumin'), password_at = 0
     where login in ('hexiao', 'dengli')",
);
const DRAFT: &str = "01890000-0000-7000-8000-000000000001";

/// As the demonstration: nobody is asked for a second factor.
fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| catalogue::service::install_default(tx, &cx).map(|_| ())).unwrap();
    site
}

/// With an acceptor, and a grid worker in each of two communities; and the community of the first.
fn field_site(db: Db) -> (Site, PlaceId) {
    let site = site(db);
    let (own, other) = two_communities(&site);
    site.person("zhoumin", &["acceptor"]);
    placed(&site, "hexiao", "grid_worker", own);
    placed(&site, "dengli", "grid_worker", other);
    site.app.db.write_now(|tx| tx.exec(&PASSWORDS, &[])).unwrap();
    (site, own)
}

fn count(site: &Site, sql: &'static Sql) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(sql, &[])).unwrap().unwrap_or(0)
}

/// A form with files, as a browser sends it.
async fn upload(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)], photos: &[&[u8]]) -> Page {
    let files: Vec<(&str, &[u8])> = photos.iter().map(|photo| ("photos", *photo)).collect();
    send_files(browser, path, fields, &files).await
}

async fn send_files(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Page {
    let csrf = browser.csrf().await;
    let mut body = String::new();
    let mut add = |head: &str, value: &str| {
        body.push_str(&format!("--xx\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n"));
    };
    add("name=\"csrf\"", &csrf);
    for (name, value) in fields {
        add(&format!("name=\"{name}\""), value);
    }
    for (field, content) in files {
        add(&format!("name=\"{field}\"; filename=\"a\""), std::str::from_utf8(content).unwrap());
    }
    body.push_str("--xx--\r\n");
    browser
        .having("hx-request", "true")
        .send(Method::POST, path, Some("multipart/form-data; boundary=xx"), body)
        .await
}

fn case_of(page: &Page) -> CaseId {
    let href = page.attribute("a[href^='/cases/'], a.big[href^='/report/']", "href").unwrap();
    href.split('?').next().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

both!(a_call_becomes_a_case_once_however_often_it_is_sent, |db| {
    let site = site(db);
    two_communities(&site);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        let form = desk.get("/intake").await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.body);
        assert_eq!(form.count("form[data-intake-form] textarea[data-first]"), 1);
        let fields = [
            ("idem", "0190-intake-key-1"),
            ("draft", DRAFT),
            ("notes", "柳溪社区门口雨水井盖破损下陷，电话19900002041"),
            ("place", "柳溪社区"),
            ("contact_phone", "19900002041"),
            ("reply_wanted", "1"),
            ("end", "new"),
        ];
        let done = upload(&mut desk, "/intake", &fields, &[]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert_eq!(done.count("[data-intake-done]"), 1);
        assert_eq!(done.text(".say").unwrap(), "3月12日 0001");
        let again = upload(&mut desk, "/intake", &fields, &[]).await;
        assert_eq!(again.body, done.body, "the same number, the same code");
        assert_eq!(count(&site, &REPORTS), 1);
        let mut other = fields;
        other[2].1 = "另一件事情";
        assert_eq!(upload(&mut desk, "/intake", &other, &[]).await.status, StatusCode::CONFLICT);
        let case = case_of(&done);
        let office = site.app.offices()[0].id;
        let case = site.app.db.read_now(move |tx| engine::load(tx, office, case)).unwrap();
        assert_eq!((case.state.as_str(), case.channel.as_str()), ("received", "hotline"));
        assert!(case.at.community.is_some());
        assert!(!case.title.contains("19900002041"));
    });
});

both!(answering_at_once_closes_and_a_refused_form_keeps_what_was_typed, |db| {
    let site = site(db);
    two_communities(&site);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        let mut fields = vec![
            ("idem", "0190-intake-key-2"),
            ("draft", DRAFT),
            ("notes", "老年卡在哪里办"),
            ("kind", "consultation"),
            ("end", "answered"),
        ];
        let refused = upload(&mut desk, "/intake", &fields, &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.text("textarea[name=notes]").unwrap(), "老年卡在哪里办");
        assert_eq!(refused.attribute("input[name=idem]", "value").unwrap(), "0190-intake-key-2");
        assert_eq!(refused.attribute("form", "id").unwrap(), format!("intake-{DRAFT}"));
        assert_eq!(refused.count(".field.bad textarea[name=answer]"), 1);
        let mut spoilt = fields.clone();
        spoilt.extend([("answer", "带身份证到社区办"), ("upper_number", "4.4E+17")]);
        let spoilt = upload(&mut desk, "/intake", &spoilt, &[]).await;
        assert_eq!(
            (spoilt.status, spoilt.count(".field.bad input[name=upper_number]")),
            (StatusCode::UNPROCESSABLE_ENTITY, 1)
        );
        assert_eq!(count(&site, &REPORTS), 0);
        fields.push(("answer", "带身份证到社区办"));
        let done = upload(&mut desk, "/intake", &fields, &[]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        let (office, id) = (site.app.offices()[0].id, case_of(&done));
        let case = site.app.db.read_now(move |tx| engine::load(tx, office, id)).unwrap();
        assert_eq!((case.state.as_str(), case.ended.as_deref()), ("closed", Some("answered")));
    });
});

both!(a_caller_who_asks_again_urges_their_open_case_and_the_look_up_is_logged, |db| {
    let site = site(db);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        let call = [
            ("notes", "路灯不亮"),
            ("contact_phone", "19900002041"),
            ("end", "new"),
            ("idem", "0190-call-1"),
        ];
        let case = case_of(&upload(&mut desk, "/intake", &call, &[]).await);
        let nobody = [("contact_phone", "19900002042"), ("end", "urge")];
        assert_eq!(upload(&mut desk, "/intake", &nobody, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let asked = [
            ("notes", "怎么还没修"),
            ("contact_phone", "19900002041"),
            ("end", "urge"),
            ("idem", "0190-call-2"),
        ];
        let choose = upload(&mut desk, "/intake", &asked, &[]).await;
        assert_eq!((choose.status, choose.count("[data-intake-done]")), (StatusCode::OK, 0));
        assert_eq!(choose.attribute("input[name=urge_case]", "value").unwrap(), case.to_string());
        assert_eq!(count(&site, &LOOK_UPS), 2);
        let (id, idem) = (case.to_string(), choose.attribute("input[name=idem]", "value").unwrap());
        let urge =
            [("notes", "怎么还没修"), ("urge_case", id.as_str()), ("end", "urge"), ("idem", idem.as_str())];
        for _ in 0..2 {
            let done = upload(&mut desk, "/intake", &urge, &[]).await;
            assert_eq!((done.status, done.count("[data-intake-done]")), (StatusCode::OK, 1), "{}", done.body);
        }
        let office = site.app.offices()[0].id;
        let case = site.app.db.read_now(move |tx| engine::load(tx, office, case)).unwrap();
        assert_eq!((case.urges, count(&site, &REPORTS)), (1, 1));
    });
});

both!(drafts_are_sealed_kept_per_account_and_an_older_copy_changes_nothing, |db| {
    let site = site(db);
    let zhoumin = site.person("zhoumin", &["acceptor"]);
    site.person("linlan", &["acceptor"]);
    run(async {
        let (mut desk, mut other) = (site.browser(), site.browser());
        desk.log_in("zhoumin", PASSWORD).await;
        other.log_in("linlan", PASSWORD).await;
        let csrf = desk.csrf().await;
        let path = format!("/intake/drafts/{DRAFT}");
        for (seq, notes) in [("2000", "井盖 19900002041"), ("1000", "井")] {
            let fields =
                [("csrf", csrf.as_str()), ("notes", notes), ("seq", seq), ("started", "1700000000000")];
            assert_eq!(desk.post(&path, &fields).await.status, StatusCode::NO_CONTENT);
        }
        let list = desk.get("/intake/drafts").await;
        assert_eq!(list.body, format!(r#"{{"drafts":[{{"id":"{DRAFT}","started":1700000000000}}]}}"#));
        assert_eq!(other.get("/intake/drafts").await.body, r#"{"drafts":[]}"#);
        let panel = format!("/intake/panel?draft={DRAFT}&started=1");
        assert_eq!(desk.get(&panel).await.text("textarea[name=notes]").unwrap(), "井盖 19900002041");
        assert_eq!(other.get(&panel).await.text("textarea[name=notes]").unwrap(), "");
        let kept = |account: AccountId| {
            site.app.db.read_now(move |tx| tx.value::<Vec<u8>>(&DRAFTS, args![account])).unwrap()
        };
        let sealed = kept(zhoumin).unwrap();
        assert!(!sealed.windows(11).any(|w| w == b"19900002041"));
        let done = upload(&mut desk, "/intake", &[("draft", DRAFT), ("end", "discard")], &[]).await;
        assert_eq!(done.attribute("[data-intake-done]", "data-intake-done").unwrap(), "close");
        assert!(kept(zhoumin).is_none());
    });
});

both!(while_somebody_talks_matters_places_and_alike_cases_are_offered, |db| {
    let site = site(db);
    two_communities(&site);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        let text = "柳溪社区东门雨水井盖破损下陷";
        let call = [("notes", text), ("place", "柳溪社区"), ("end", "new"), ("idem", "0190-call-1")];
        let case = case_of(&upload(&mut desk, "/intake", &call, &[]).await);
        let csrf = desk.csrf().await;
        let asked = [("csrf", csrf.as_str()), ("notes", "柳溪社区东门的雨水井盖破损了下陷")];
        let offered = desk.post("/intake/suggest", &asked).await;
        assert_eq!(offered.status, StatusCode::OK);
        assert_eq!(offered.attribute("[data-similar-name=place]", "data-similar-pick").unwrap(), "柳溪社区");
        assert!(offered.count("[data-similar-name=matter]") >= 1);
        assert!(offered.body.contains("井盖"), "{}", offered.body);
        assert_eq!(offered.attribute("input[name=urge_case]", "value").unwrap(), case.to_string());
        let far = [("csrf", csrf.as_str()), ("notes", text), ("place", "北苑社区")];
        assert_eq!(desk.post("/intake/suggest", &far).await.count("input[name=urge_case]"), 0);
        assert_eq!(count(&site, &REPORTS), 1, "nothing is recorded");
    });
});

both!(a_grid_worker_reports_with_one_hand_and_sees_only_what_is_theirs, |db| {
    let (site, _) = field_site(db);
    run(async {
        let (mut worker, mut colleague) = (site.browser(), site.browser());
        worker.log_in("hexiao", PASSWORD).await;
        colleague.log_in("dengli", PASSWORD).await;
        let page = worker.get("/report").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert_eq!(
            (page.count("input[name=matter]"), page.attribute("html", "data-mode").as_deref()),
            (6, Some("elder"))
        );
        assert_eq!(page.text("select[name=place] option").unwrap(), "柳溪社区");
        let matter = page.attribute("input[name=matter]", "value").unwrap();
        let spot =
            [("matter", matter.as_str()), ("place", "柳溪社区"), ("end", "spot"), ("idem", "0190-field-1")];
        let refused = upload(&mut worker, "/report", &spot, &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.attribute("input[name=matter][checked]", "value").unwrap(), matter);
        let bad = upload(&mut worker, "/report", &spot, &[b"no", b"photos"]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        let sent =
            [("matter", matter.as_str()), ("place", "柳溪社区"), ("end", "report"), ("idem", "0190-field-2")];
        let receipt = upload(&mut worker, "/report", &sent, &[]).await;
        assert_eq!(
            (receipt.status, receipt.text(".code").as_deref()),
            (StatusCode::OK, Some("3月12日 0001")),
            "{}",
            receipt.body
        );
        let (office, id) = (site.app.offices()[0].id, case_of(&receipt));
        let case = site.app.db.read_now(move |tx| engine::load(tx, office, id)).unwrap();
        assert_eq!((case.matter_code.as_deref(), case.channel.as_str()), (matter.split(' ').next(), "grid"));
        assert_eq!(worker.get("/report").await.count("#main .places li"), 1);
        assert_eq!(colleague.get("/report").await.count("#main .places li"), 0);
    });
});

both!(what_is_spoken_and_when_it_was_seen_stand_with_the_case_and_move_no_clock, |db| {
    let (site, _) = field_site(db);
    run(async {
        let (mut worker, mut colleague) = (site.browser(), site.browser());
        worker.log_in("hexiao", PASSWORD).await;
        colleague.log_in("dengli", PASSWORD).await;
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        let matter = worker.get("/report").await.attribute("input[name=matter]", "value").unwrap();
        let now = site.app.clock.now().0;
        let seen = (now - 90 * 60_000).to_string();
        // A picture of three weeks ago, and a clock that goes ahead, are not believed.
        let times = format!("{},{}", now - 21 * 86_400_000, now + 3_600_000);
        let fields = |key: &'static str, seen: &str| {
            [
                ("matter", matter.clone()),
                ("place", "柳溪社区".to_owned()),
                ("end", "report".to_owned()),
                ("idem", key.to_owned()),
                ("photo_times", times.clone()),
                ("seen", seen.to_owned()),
            ]
        };
        let first = fields("0190-voice-1", &seen);
        let first = first.each_ref().map(|(n, v)| (*n, v.as_str()));
        let bad = send_files(&mut worker, "/report", &first, &[("voice", b"MZ not a sound")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(bad.body.contains("语音打不开"), "{}", bad.body);
        let spoken: &[u8] = b"OggS and what was said";
        let receipt = send_files(&mut worker, "/report", &first, &[("voice", spoken)]).await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.body);
        let (office, id) = (site.app.offices()[0].id, case_of(&receipt));
        let case = site.app.db.read_now(move |tx| engine::load(tx, office, id)).unwrap();
        assert_eq!(case.opened_at.0, now, "a clock starts when the office knows");
        // Its reporter sees how far it is, though whom it is about is not known yet; a colleague finds nothing.
        let own = worker.get(&format!("/report/{id}")).await;
        assert!(own.status == StatusCode::OK && own.body.contains("发现时间"), "{}", own.body);
        assert_eq!(colleague.get(&format!("/report/{id}")).await.status, StatusCode::NOT_FOUND);
        let page = desk.get(&format!("/cases/{id}")).await;
        assert!(page.body.contains("发现时间："), "{}", page.body);
        let sound = page.attribute("audio", "src").expect("what was spoken");
        assert_eq!(page.count(".photos img"), 0, "no picture came");
        let whole = desk.get(&sound).await;
        assert_eq!((whole.status, whole.body.as_bytes()), (StatusCode::OK, spoken));
        assert_eq!(whole.header("content-type"), "audio/ogg");
        let part = desk.having("range", "bytes=0-3").get(&sound).await;
        assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "OggS"));
        assert_eq!(part.header("content-range"), format!("bytes 0-3/{}", spoken.len()));
        assert_eq!(colleague.get(&sound).await.status, StatusCode::NOT_FOUND);
        // What is sent at once was seen when it was sent.
        let second = fields("0190-voice-2", &(now - 60_000).to_string());
        let second = second.each_ref().map(|(n, v)| (*n, v.as_str()));
        let id = case_of(&send_files(&mut worker, "/report", &second, &[]).await);
        assert!(!worker.get(&format!("/report/{id}")).await.body.contains("发现时间"));
        // What nobody fills in by hand is counted, and each count is the length of its list.
        let saved = desk.get("/replaced?from=2026-03-12&to=2026-03-12&seconds=6").await;
        assert_eq!(saved.text("td.num a").as_deref(), Some("2"), "{}", saved.body);
        assert!(saved.body.contains(">20<") && saved.body.contains("约省 2 分钟"), "{}", saved.body);
        let list = saved.attribute("td.num a", "href").unwrap().replace("&amp;", "&");
        let list = desk.get(&list).await;
        assert_eq!((list.text("#total").as_deref(), list.count("[data-item]")), (Some("共 2 条"), 2));
        // Merged into another case, a report tells its reporter nothing of that case.
        let (office, kept) = (site.app.offices()[0].id, case_of(&receipt));
        let cx = system(&site.app);
        site.app.db.write_now(move |tx| verbs::merge(tx, &cx, id, kept, "同一处").map(|_| ())).unwrap();
        let joined = site.app.db.read_now(move |tx| engine::load(tx, office, kept)).unwrap();
        let own =
            worker.get(&format!("/report/{kept}?no={}", encode(&joined.no.replace("0001", "0002")))).await;
        assert!(own.body.contains("已并入其他件") && !own.body.contains("当前时限"), "{}", own.body);
    });
});

both!(a_line_of_a_patrol_sheet_opens_its_place_and_is_entered_with_its_time, |db| {
    let (site, own) = field_site(db);
    run(async {
        let mut desk = site.browser();
        desk.log_in("hexiao", PASSWORD).await;
        let sheet = desk.get(&format!("/places/{own}/patrol")).await;
        assert_eq!((sheet.status, sheet.count(".patrol tbody tr")), (StatusCode::OK, 3), "{}", sheet.body);
        let form = desk.get(&format!("/report?at={own}&via=paper")).await;
        assert_eq!(form.attribute("input[name=via]", "value").as_deref(), Some("paper"));
        assert_eq!(
            form.attribute("option[selected]", "value").or(form.text("option[selected]")).as_deref(),
            Some("柳溪社区")
        );
        let matter = form.attribute("input[name=matter]", "value").unwrap();
        let tz = site.app.offices()[0].tz.clone();
        let at = |hours: i64| kernel::Ts(site.app.clock.now().0 - hours * 3_600_000).local(&tz);
        let send = |key: &'static str, seen: String| {
            [
                ("matter", matter.clone()),
                ("place", "柳溪社区".to_owned()),
                ("end", "report".to_owned()),
                ("via", "paper".to_owned()),
                ("idem", key.to_owned()),
                ("seen_at", seen),
            ]
        };
        for (key, hours) in [("0190-paper-1", -2), ("0190-paper-2", 24 * 40)] {
            let fields = send(key, at(hours));
            let fields = fields.each_ref().map(|(n, v)| (*n, v.as_str()));
            let refused = upload(&mut desk, "/report", &fields, &[]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{hours} h ago");
            assert!(refused.body.contains("31 天"), "{}", refused.body);
        }
        let fields = send("0190-paper-3", at(50));
        let fields = fields.each_ref().map(|(n, v)| (*n, v.as_str()));
        let id = case_of(&upload(&mut desk, "/report", &fields, &[]).await);
        let own = desk.get(&format!("/report/{id}")).await;
        assert!(own.body.contains("发现时间"), "{}", own.body);
    });
});

both!(what_ends_at_the_desk_is_seen_by_the_office_unless_it_is_about_somebody, |db| {
    let site = site(db);
    two_communities(&site);
    site.person("zhoumin", &["acceptor"]);
    site.person("guming", &["supervisor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("zhoumin", PASSWORD).await;
        for (idem, kind, notes) in [
            ("0190-end-1", "help", "问问柳溪社区的老年食堂几点开饭"),
            ("0190-end-2", "complaint", "投诉柳溪社区的人说话难听"),
        ] {
            let fields = [
                ("idem", idem),
                ("draft", DRAFT),
                ("kind", kind),
                ("notes", notes),
                ("answer", "已当场答复。"),
                ("end", "answered"),
            ];
            let done = upload(&mut desk, "/intake", &fields, &[]).await;
            assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        }
        assert_eq!(desk.get("/cases").await.count("tbody tr"), 2, "the desk sees both");
        let mut supervisor = site.browser();
        supervisor.log_in("guming", PASSWORD).await;
        let seen = supervisor.get("/cases").await;
        assert_eq!(seen.count("tbody tr"), 1, "{}", seen.body);
        assert!(seen.body.contains("老年食堂") && !seen.body.contains("说话难听"));
    });
});
