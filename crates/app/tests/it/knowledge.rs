//! The knowledge base: what is offered while a call is noted, which answer was given, who may change it.

use crate::browser::{PASSWORD, STREET, Site, run, system, upload};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::context::Cx;
use gezhi::features::knowledge::model::{Content, Given};
use gezhi::features::knowledge::service as knowledge;
use gezhi::features::people::service as people;
use kernel::{CaseId, Day, UnitId};
use store::{Db, Sql, args, both};

const USES: Sql = Sql::Both("select entry, version, case_id from knowledge_use order by id");
const EVENTS: Sql = Sql::Both("select count(*) from event where kind = $1");
const ANSWERED: Sql = Sql::Both("select payload from event where kind = 'case.answer'");
const FAULT: Sql = Sql::Both("select min(id) from knowledge_fault");

fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    site.person("linlan", &["acceptor"]);
    site.person("fangyi", &["arbiter"]);
    site
}

fn unit_of(site: &Site) -> UnitId {
    let office = site.app.offices()[0].id;
    site.app.db.read_now(move |tx| Ok(people::units(tx, office)?[0].id)).unwrap()
}

fn permit(answer: &str) -> Content {
    Content {
        question: "居住证怎么办理？".into(),
        ways: vec!["租房子住，居住证怎么办".into()],
        answer: answer.into(),
        bring: "身份证、租房合同".into(),
        place: "派出所户籍窗口".into(),
        phone: "0000-6600-705".into(),
        public: true,
        ..Content::default()
    }
}

/// Writes an entry as the program itself, and publishes it where asked.
fn entry(site: &Site, content: Content, publish: bool) -> Given {
    let (cx, unit) = (system(&site.app), unit_of(site));
    site.app
        .db
        .write_now(move |tx| {
            let given = knowledge::save(tx, &cx, None, (unit, Day(20_260_901)), &content)?;
            if publish {
                knowledge::publish(tx, &cx, given.entry, given.version)?;
            }
            Ok(given)
        })
        .unwrap()
}

fn write<T: Send + 'static>(
    site: &Site,
    body: impl Fn(&mut store::Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
) -> T {
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| body(tx, &cx)).unwrap()
}

fn events(site: &Site, kind: &'static str) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(&EVENTS, args![kind])).unwrap().unwrap_or(0)
}

fn offered(site: &Site) -> Vec<String> {
    write(site, |tx, cx| {
        let hits = knowledge::hits(tx, cx, "你好，我是租房的，居住证怎么办", 3)?;
        Ok(hits.into_iter().map(|(o, _)| o.content.answer).collect())
    })
}

both!(what_is_offered_is_the_published_version_until_it_is_withdrawn, |db| {
    let site = site(db);
    let first = entry(&site, permit("到派出所办。"), false);
    assert_eq!(offered(&site), Vec::<String>::new(), "a draft is nobody's answer");
    write(&site, move |tx, cx| knowledge::publish(tx, cx, first.entry, 1));
    assert_eq!(offered(&site), ["到派出所办。"]);
    let unit = unit_of(&site);
    let day = Day(20_260_901);
    let second = write(&site, move |tx, cx| {
        knowledge::save(tx, cx, Some((first.entry, 1)), (unit, day), &permit("到派出所户籍窗口办。"))
    });
    assert_eq!(
        (second.version, offered(&site)),
        (2, vec!["到派出所办。".to_owned()]),
        "until it is published"
    );
    write(&site, move |tx, cx| knowledge::publish(tx, cx, first.entry, 2));
    assert_eq!(offered(&site), ["到派出所户籍窗口办。"]);
    let versions = write(&site, move |tx, cx| knowledge::versions(tx, cx, first.entry));
    assert_eq!(versions[1].content.answer, "到派出所办。", "the old one stays readable");
    write(&site, move |tx, cx| knowledge::withdraw(tx, cx, first.entry, 2, "窗口已合并"));
    assert_eq!(offered(&site), Vec::<String>::new());
    let cx = system(&site.app);
    let refused = site.app.db.read_now(move |tx| knowledge::offered(tx, &cx, second)).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, "knowledge.moved");
    let none = site.app.db.read_now(|tx| {
        let office = tx.value(&Sql::Both("select min(id) from office"), &[])?.unwrap();
        knowledge::public(tx, office, "")
    });
    assert!(none.unwrap().is_empty(), "nor is it shown to residents");
    assert_eq!((events(&site, "knowledge.published"), events(&site, "knowledge.withdrawn")), (2, 1));
});

both!(an_answer_closes_the_question_and_the_case_knows_which_it_was, |db| {
    let site = site(db);
    let given = entry(&site, permit("到派出所办。"), true);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let csrf = desk.csrf().await;
        let notes = "租房子住的，问居住证怎么办";
        let hits = desk.post("/intake/suggest", &[("csrf", &csrf), ("notes", notes)]).await;
        let value = format!("{}:{}", given.entry, given.version);
        assert_eq!(hits.attribute("button[name=give]", "value"), Some(value.clone()), "{}", hits.body);
        assert!(hits.text(".hit").unwrap().contains("身份证、租房合同"));
        let give = |value: &str, idem: &str| {
            let form = [
                ("csrf", csrf.as_str()),
                ("idem", idem),
                ("notes", notes),
                ("kind", "help"),
                ("give", value),
            ];
            form.map(|(n, v)| format!("--x\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n"))
                .concat()
                + "--x--\r\n"
        };
        let kind = Some("multipart/form-data; boundary=x");
        let stale = give(&format!("{}:9", given.entry), "0190-give-0");
        let refused = desk.send(axum::http::Method::POST, "/intake", kind, stale).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a version that is not offered");
        for _ in 0..2 {
            let done =
                desk.send(axum::http::Method::POST, "/intake", kind, give(&value, "0190-give-1")).await;
            assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        }
        let uses = site.app.db.read_now(|tx| {
            tx.query(&USES, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<CaseId>(2)?)))
        });
        let uses = uses.unwrap();
        assert_eq!((uses.len(), uses[0].0, uses[0].1), (1, given.entry, 1), "once, though it was sent twice");
        let payload: String = site.app.db.read_now(|tx| tx.value(&ANSWERED, &[])).unwrap().unwrap();
        assert!(
            payload.contains(&format!("\"given\":[{},1]", given.entry)) && payload.contains("到派出所办"),
            "{payload}"
        );
        let page = desk.get(&format!("/cases/{}", uses[0].2)).await;
        assert_eq!(page.count(&format!("a[href='/knowledge/{}?version=1']", given.entry)), 1);
        assert!(page.body.contains("咨询"), "a ready answer makes it a question");
        assert!(desk.get("/knowledge").await.text("tbody .num").unwrap().ends_with('1'));
    });
});

both!(what_is_said_to_be_wrong_waits_for_its_owner, |db| {
    let site = site(db);
    let given = entry(&site, permit("到派出所办。"), true);
    site.person("worker", &["grid_worker"]);
    run(async {
        let (mut worker, mut arbiter) = (site.browser(), site.browser());
        worker.log_in("worker", PASSWORD).await;
        arbiter.log_in("fangyi", PASSWORD).await;
        let path = format!("/knowledge/{}", given.entry);
        assert_eq!(worker.get(&format!("{path}/edit")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(arbiter.get("/knowledge").await.count("nav a[href='/knowledge'] .n"), 0);
        let csrf = worker.csrf().await;
        let sent = worker
            .post(&format!("{path}/fault"), &[("csrf", &csrf), ("idem", "0190-fault-1"), ("seen", "1")])
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        assert_eq!(arbiter.get("/knowledge?view=faults").await.count("tbody tr"), 1);
        assert_eq!(arbiter.get("/knowledge").await.text("nav a[href='/knowledge'] .n").as_deref(), Some("1"));
        let id = site.app.db.read_now(|tx| tx.value::<i64>(&FAULT, &[])).unwrap().unwrap();
        let (csrf, close) = (arbiter.csrf().await, format!("{path}/faults/{id}"));
        let bare = [("csrf", csrf.as_str()), ("idem", "0190-fault-2"), ("how", "dismissed"), ("answer", "")];
        assert_eq!(arbiter.post(&close, &bare).await.status, StatusCode::UNPROCESSABLE_ENTITY, "why?");
        let why = [
            ("csrf", csrf.as_str()),
            ("idem", "0190-fault-3"),
            ("how", "dismissed"),
            ("answer", "已打电话核实"),
        ];
        assert_eq!(arbiter.post(&close, &why).await.status, StatusCode::SEE_OTHER);
        assert_eq!(arbiter.get("/knowledge?view=faults").await.count("tbody tr"), 0);
        assert!(worker.get(&path).await.body.contains("已打电话核实"), "who said so can read why");
        // Half a year later it is to be looked at again.
        site.pass(200 * kernel::Ts::DAY);
        arbiter.log_in("fangyi", PASSWORD).await;
        assert_eq!(arbiter.get("/knowledge?view=review").await.count("tbody tr"), 1);
        let csrf = arbiter.csrf().await;
        let next =
            [("csrf", csrf.as_str()), ("idem", "0190-fault-4"), ("seen", "1"), ("review", "2027-03-01")];
        assert_eq!(arbiter.post(&format!("{path}/review"), &next).await.status, StatusCode::SEE_OTHER);
        assert_eq!(arbiter.get("/knowledge?view=review").await.count("tbody tr"), 0);
    });
});

both!(a_unit_writes_its_own_answers_and_publishes_none, |db| {
    let site = site(db);
    let own = entry(&site, permit("到派出所办。"), true);
    let mine = unit_of(&site).to_string();
    let cx = system(&site.app);
    let other = site
        .app
        .db
        .write_now(move |tx| {
            let unit = gezhi::features::people::model::NewUnit {
                code: "municipal".into(),
                name: "市政服务中心".into(),
                kind: "street_department".into(),
                place: Some(STREET),
                ..Default::default()
            };
            people::create_unit(tx, &cx, &unit)
        })
        .unwrap();
    site.person("unit", &["handler"]);
    run(async {
        let mut unit = site.browser();
        unit.log_in("unit", PASSWORD).await;
        let csrf = unit.csrf().await;
        let form = |unit: &str, idem: &'static str| {
            [
                ("csrf", csrf.clone()),
                ("idem", idem.to_owned()),
                ("seen", "1".to_owned()),
                ("question", "居住证怎么办理？".to_owned()),
                ("answer", "带身份证到派出所办。".to_owned()),
                ("unit", unit.to_owned()),
                ("review", "2026-10-01".to_owned()),
            ]
        };
        let path = format!("/knowledge/{}/edit", own.entry);
        let others_form = form(&other.to_string(), "0190-edit-1");
        let to_other: Vec<(&str, &str)> = others_form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(unit.post(&path, &to_other).await.status, StatusCode::FORBIDDEN);
        let own_form = form(&mine, "0190-edit-2");
        let fields: Vec<(&str, &str)> = own_form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(unit.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
        let publish = format!("/knowledge/{}/publish", own.entry);
        let fields = [("csrf", csrf.as_str()), ("idem", "0190-edit-3"), ("seen", "2")];
        assert_eq!(unit.post(&publish, &fields).await.status, StatusCode::FORBIDDEN);
        assert_eq!(offered(&site), ["到派出所办。"], "what was published stays");
        let mut reviewer = site.browser();
        reviewer.log_in("fangyi", PASSWORD).await;
        let csrf = reviewer.csrf().await;
        let stale = [("csrf", csrf.as_str()), ("idem", "0190-edit-4"), ("seen", "1")];
        assert_eq!(reviewer.post(&publish, &stale).await.status, StatusCode::CONFLICT, "not what they read");
        let fresh = [("csrf", csrf.as_str()), ("idem", "0190-edit-5"), ("seen", "2")];
        assert_eq!(reviewer.post(&publish, &fresh).await.status, StatusCode::SEE_OTHER);
        assert_eq!(offered(&site), ["带身份证到派出所办。"]);
    });
});

both!(a_sheet_goes_out_and_comes_in_again, |db| {
    let site = site(db);
    entry(&site, permit("到派出所办。"), true);
    run(async {
        let mut desk = site.browser();
        desk.log_in("fangyi", PASSWORD).await;
        let csv = desk.get("/knowledge/export?format=csv").await.body;
        assert!(csv.contains("居住证怎么办理？") && csv.contains("复核日期"), "{csv}");
        let same = upload(&mut desk, "/knowledge/import", &[("idem", "0190-book-1")], &csv).await;
        assert_eq!(same.status, StatusCode::SEE_OTHER, "{}", same.body);
        assert_eq!(events(&site, "knowledge.edited"), 0, "nothing has changed");
        let wrong = "问题,答复,责任单位\n图书室几点开门？,每天九点。,没有的单位\n,无,综合网格中心\n";
        let refused = upload(&mut desk, "/knowledge/import", &[("idem", "0190-book-2")], wrong).await;
        assert_eq!((refused.status, refused.count("tbody tr")), (StatusCode::UNPROCESSABLE_ENTITY, 2));
        assert_eq!(events(&site, "knowledge.created"), 1, "nothing is taken of a sheet with errors");
        let good = "问题,其他问法,答复,责任单位,公开\n图书室几点开门？,图书馆周末开不开,每天九点。,综合网格中心,是\n\
                    居住证怎么办理？,,到派出所户籍窗口办。,综合网格中心,否\n";
        let fields = [("idem", "0190-book-3"), ("publish", "1")];
        let taken = upload(&mut desk, "/knowledge/import", &fields, good).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        assert_eq!((events(&site, "knowledge.created"), events(&site, "knowledge.edited")), (2, 1));
        let mut resident = site.browser();
        let faq = resident.get("/p/faq").await;
        assert_eq!((faq.status, faq.count(".faq")), (StatusCode::OK, 1), "what is not public is not shown");
        assert_eq!(faq.count("a[href='tel:12345']"), 1);
        assert_eq!(resident.get("/p/faq?q=图书馆周日开吗").await.count(".faq[open]"), 1);
        assert_eq!(resident.get("/p/faq?q=居住证").await.count(".faq"), 0);
    });
});
