//! Documents: filled from the record, numbered without gaps, signed before they are served.

use crate::browser::{PASSWORD, Site, run, system};
use crate::given;
use axum::http::{Method, StatusCode};
use gezhi::config::Config;
use gezhi::context::{Cx, Office};
use gezhi::features::documents::model::{Document, Paper, Service, State};
use gezhi::features::documents::service::{self as documents, Order};
use gezhi::features::documents::{docx, kinds, make};
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, Input};
use gezhi::features::procedures::procedure::Procedure;
use gezhi::features::procedures::service as engine;
use gezhi::words::{Locale, Words};
use kernel::{CaseId, Day, ReportId};
use std::sync::Arc;
use store::{Db, Result, Sql, Tx, args, both};

const EVENTS: Sql = Sql::Both("select count(*) from event where kind = $1");
const PARTY: Sql = Sql::Both("select party from report where id = $1");
const REASON: &str = "不属于街道职责，请向区住建局反映。";

fn site(db: Db) -> Site {
    Site::with(db, Config::default(), true, None)
}

fn case(site: &Site) -> (CaseId, ReportId) {
    let cx = system(&site.app);
    let report = given::report("青禾-20260312-0001", "34679ACD", "楼上装修把承重墙砸了");
    let received = site.app.db.write_now(move |tx| intake::receive(tx, &cx, &report)).unwrap();
    (received.case, received.report)
}

fn words(cx: &Cx) -> Words {
    Words::new(Locale::Zh, &cx.office.tz, cx.now)
}

fn order(reveal: Option<&str>) -> Order {
    let asks = [("reason", REASON), ("route", "可向区住建局投诉。"), ("reviewer", "街道综合网格中心")];
    Order { asks: asks.map(|(n, t)| (n.to_owned(), t.to_owned())).into(), reveal: reveal.map(str::to_owned) }
}

fn write<T: Send + 'static>(
    site: &Site,
    body: impl Fn(&mut Tx<'_>, &Cx) -> Result<T> + Send + 'static,
) -> std::result::Result<T, String> {
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| body(tx, &cx)).map_err(|e| match e.refusal() {
        Some(refusal) => refusal.code.to_owned(),
        None => e.to_string(),
    })
}

fn issue(site: &Site, case: CaseId, reveal: Option<&'static str>) -> std::result::Result<i64, String> {
    write(site, move |tx, cx| {
        documents::issue(tx, cx, &words(cx), case, (kinds::find("refusal")?, &order(reveal)))
    })
}

fn register(site: &Site) -> Vec<Document> {
    write(site, |tx, cx| documents::list(tx, cx, "", 2026)).unwrap()
}

fn text(site: &Site, id: i64) -> String {
    docx::text(&write(site, move |tx, cx| documents::file(tx, cx, id)).unwrap().1).unwrap()
}

fn events(site: &Site, kind: &'static str) -> i64 {
    site.app.db.read_now(move |tx| tx.value::<i64>(&EVENTS, args![kind])).unwrap().unwrap_or(0)
}

fn paper() -> Paper {
    Paper { file: "0".repeat(64), hash: "1".repeat(64), mime: "application/pdf".into(), bytes: 9 }
}

both!(numbers_follow_each_other_and_a_void_one_stays_listed, |db| {
    let site = site(db);
    let (case, _) = case(&site);
    let first = issue(&site, case, None).unwrap();
    assert_eq!(register(&site)[0].number, "青禾不受〔2026〕1号");
    let said = text(&site, first);
    for part in ["不予受理告知书", "青禾不受〔2026〕1号", "青禾-20260312-0001", REASON, "2026年3月12日"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(said.contains("诉求人：") && !said.contains("王小明"), "no name without a reason: {said}");
    assert!(!said.contains(['{', '}']), "{said}");
    // What was refused took no number.
    let blank = write(&site, move |tx, cx| {
        documents::issue(tx, cx, &words(cx), case, (kinds::find("refusal")?, &Order::default()))
    });
    assert_eq!(blank.unwrap_err(), "documents.ask");
    let second = issue(&site, case, None).unwrap();
    write(&site, move |tx, cx| documents::void(tx, cx, second, "理由写错")).unwrap();
    issue(&site, case, None).unwrap();
    write(&site, |tx, cx| {
        documents::set_pattern(tx, cx, kinds::find("refusal")?, "{short}责改〔{year}〕{n}号")
    })
    .unwrap();
    issue(&site, case, None).unwrap();
    let listed = register(&site);
    let numbers: Vec<&str> = listed.iter().map(|d| d.number.as_str()).collect();
    assert_eq!(
        numbers,
        ["青禾不受〔2026〕1号", "青禾不受〔2026〕2号", "青禾不受〔2026〕3号", "青禾责改〔2026〕4号"]
    );
    assert_eq!((listed[1].state, listed[1].void_reason.as_str()), (State::Void, "理由写错"));
    assert_eq!((events(&site, "document.issued"), events(&site, "document.voided")), (4, 1));
    // Another year begins with 1.
    site.pass(300 * kernel::Ts::DAY);
    issue(&site, case, None).unwrap();
    let next = write(&site, |tx, cx| documents::list(tx, cx, "refusal", 2027)).unwrap();
    assert_eq!(next[0].number, "青禾责改〔2027〕1号");
});

both!(a_name_goes_onto_it_only_with_a_logged_reason_and_carries_a_mark, |db| {
    let site = site(db);
    let (case, report) = case(&site);
    assert_eq!(issue(&site, case, Some("")).unwrap_err(), "common.missing", "no reason, no name");
    assert!(register(&site).is_empty(), "and no number");
    let named = issue(&site, case, Some("书面告知")).unwrap();
    assert_eq!(events(&site, "report.revealed"), 1);
    let said = text(&site, named);
    assert!(said.contains("王小明：") && said.contains("system · "), "{said}");
    assert_eq!(events(&site, "report.revealed"), 2, "opening it is a look");
    // A template of the office's own, which has no place for the mark.
    let own = make::docx("# 告知书\n@ {{document.number}}\n> {{requester.name}}：\n{{ask.reason}}{{ask.route}}{{ask.reviewer}}\n").unwrap();
    write(&site, move |tx, cx| documents::put_template(tx, cx, kinds::find("refusal")?, &own)).unwrap();
    let named = issue(&site, case, Some("书面告知")).unwrap();
    assert!(text(&site, named).contains("system · "), "the mark stands on it all the same");
    let plain = issue(&site, case, None).unwrap();
    assert!(!text(&site, plain).contains("system · "));
    // Once erased, nobody reads it; number and record stay.
    let party = site.app.db.read_now(move |tx| tx.value(&PARTY, args![report])).unwrap().unwrap();
    write(&site, move |tx, cx| intake::erase_party(tx, cx, party, "asked")).unwrap();
    assert_eq!(write(&site, move |tx, cx| documents::file(tx, cx, named)).unwrap_err(), "documents.erased");
    assert_eq!(register(&site).len(), 3);
});

both!(a_template_with_unknown_fields_is_refused_with_their_place, |db| {
    let site = site(db);
    site.person("fangyi", &["arbiter"]);
    site.person("linlan", &["acceptor"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("fangyi", PASSWORD).await;
        let csrf = desk.csrf().await;
        let send = |idem: &str, bytes: Vec<u8>| {
            let mut body = Vec::new();
            for (name, value) in [("csrf", csrf.as_str()), ("idem", idem)] {
                let part =
                    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
                body.extend(part.into_bytes());
            }
            body.extend(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.docx\"\r\n\r\n");
            body.extend(bytes);
            body.extend(b"\r\n--x--\r\n");
            body
        };
        let (path, kind) = ("/documents/templates/reply", Some("multipart/form-data; boundary=x"));
        let wrong = make::docx("# 答复\n关于{{case.titel}}的答复，{{ask.reason}}\n").unwrap();
        let refused = desk.send(Method::POST, path, kind, send("0190-template-1", wrong)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        let list = refused.text("#reply ul").unwrap();
        assert!(list.contains("{{case.titel}} 第 2 段") && list.contains("{{ask.reason}}"), "{list}");
        let nothing = desk.send(Method::POST, path, kind, send("0190-template-2", b"hello".to_vec())).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let good = make::docx("# 答复\n关于{{case.title}}：{{ask.body}}{{ask.reviewer}}\n").unwrap();
        let taken = desk.send(Method::POST, path, kind, send("0190-template-3", good)).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        let page = desk.get("/documents/templates").await;
        assert!(page.text("#reply").unwrap().contains("本街道的模板"));
        let pattern =
            [("csrf", csrf.as_str()), ("idem", "0190-template-4"), ("pattern", "青禾[{year}]{n}号")];
        let refused = desk.post("/documents/templates/reply/pattern", &pattern).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut other = site.browser();
        other.log_in("linlan", PASSWORD).await;
        assert_eq!(other.get("/documents/templates").await.status, StatusCode::FORBIDDEN);
    });
});

both!(only_what_is_signed_is_served_and_what_is_served_stays, |db| {
    let site = site(db);
    let (case, _) = case(&site);
    let id = issue(&site, case, None).unwrap();
    let service = |day| Service { how: "direct".into(), day, to: "self".into() };
    let serve = |day| write(&site, move |tx, cx| documents::serve(tx, cx, id, &service(day), None));
    assert_eq!(serve(Day(20_260_312)).unwrap_err(), "documents.unsealed");
    write(&site, move |tx, cx| documents::sealed(tx, cx, id, &paper())).unwrap();
    assert_eq!(serve(Day(20_260_313)).unwrap_err(), "documents.day", "not before it has happened");
    assert_eq!(serve(Day(20_260_311)).unwrap_err(), "documents.day", "nor before it was issued");
    serve(Day(20_260_312)).unwrap();
    assert_eq!(register(&site)[0].state, State::Served);
    assert_eq!(
        write(&site, move |tx, cx| documents::void(tx, cx, id, "错了")).unwrap_err(),
        "documents.state"
    );
    assert_eq!(
        write(&site, move |tx, cx| documents::sealed(tx, cx, id, &paper())).unwrap_err(),
        "documents.state"
    );
    assert_eq!(serve(Day(20_260_312)).unwrap_err(), "documents.state", "once");
});

both!(an_action_may_need_a_signed_document_where_the_procedure_says_so, |db| {
    let site = site(db);
    let (case, _) = case(&site);
    let refuse = |strict: bool| {
        let cx = system(&site.app);
        let mut procedure = Procedure::builtin().unwrap();
        let refuse = procedure.actions.iter_mut().find(|a| a.key == "refuse").unwrap();
        assert_eq!(refuse.document, None, "off as shipped");
        refuse.document = strict.then(|| "refusal".to_owned());
        let office = Office { procedure: Arc::new(procedure), ..(*cx.office).clone() };
        let cx = Cx { office: Arc::new(office), ..cx };
        let input = Input { note: Some(REASON.into()), route: Some("litigation".into()), ..Input::default() };
        let ask = Ask { case, action: "refuse".into(), version: None, input };
        site.app.db.write_now(move |tx| engine::act(tx, &cx, &ask)).map(|_| ())
    };
    let needed = |strict| refuse(strict).unwrap_err().refusal().map(|r| r.code);
    assert_eq!(needed(true), Some("documents.needed"));
    let id = issue(&site, case, None).unwrap();
    assert_eq!(needed(true), Some("documents.needed"), "a number alone is no signature");
    write(&site, move |tx, cx| documents::sealed(tx, cx, id, &paper())).unwrap();
    refuse(true).unwrap();
});

both!(a_document_is_made_on_its_page_signed_and_kept_sealed, |db| {
    let site = site(db);
    let (case, _) = case(&site);
    site.person("linlan", &["acceptor"]);
    site.person("shenyu", &["verifier"]);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let page = desk.get(&format!("/cases/{case}")).await;
        assert_eq!(page.count(&format!("a[href='/cases/{case}/documents']")), 1);
        let choose = desk.get(&format!("/cases/{case}/documents")).await;
        assert_eq!(choose.text(".hint-card b").as_deref(), Some("不予受理告知书"), "the likely one first");
        let path = format!("/cases/{case}/documents/refusal");
        let csrf = desk.csrf().await;
        let fields = [
            ("csrf", csrf.as_str()),
            ("idem", "0190-document-1"),
            ("ask-reason", REASON),
            ("ask-route", "可向区住建局投诉。"),
            ("ask-reviewer", "街道综合网格中心"),
        ];
        let issued = desk.post(&path, &fields).await;
        assert_eq!(issued.status, StatusCode::SEE_OTHER, "{}", issued.body);
        let document = issued.location().to_owned();
        assert_eq!(desk.post(&path, &fields).await.location(), document, "a retry takes no number");
        let page = desk.get(&document).await;
        assert!(page.text(".page-head").unwrap().contains("待签章"));
        let form = [("csrf", csrf.as_str())];
        let file = desk.post(&format!("{document}/file"), &form).await;
        assert!(file.header("content-type").contains("wordprocessingml"), "{}", file.body);
        let scan = |idem: &str, content: &str| {
            let part = |name: &str, value: &str| {
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            part("csrf", &csrf)
                + &part("idem", idem)
                + &format!(
                    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"s.pdf\"\r\n\r\n{content}\r\n--x--\r\n"
                )
        };
        let kind = Some("multipart/form-data; boundary=x");
        let to = format!("{document}/scan");
        let wrong = desk.send(Method::POST, &to, kind, scan("0190-document-2", "<html>")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done =
            desk.send(Method::POST, &to, kind, scan("0190-document-3", "%PDF-1.4 signed by 王小明")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let back = desk.post(&format!("{document}/paper/scan"), &form).await;
        assert_eq!(
            (back.header("content-type"), back.body.as_str()),
            ("application/pdf", "%PDF-1.4 signed by 王小明")
        );
        let plain = files(site.app.files.folder());
        assert!(!plain.is_empty() && plain.iter().all(|b| !b.starts_with(b"%PDF")), "sealed among the files");
        assert!(desk.get("/documents").await.text("tbody").unwrap().contains("青禾不受〔2026〕1号"));
        let mut other = site.browser();
        other.log_in("shenyu", PASSWORD).await;
        assert_eq!(other.get(&document).await.status, StatusCode::FORBIDDEN);
    });
});

fn files(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(std::fs::read(path).unwrap()) }
    }
    out
}

both!(a_ledger_says_what_had_been_entered_by_the_end_of_a_day, |db| {
    let site = site(db);
    site.person("linlan", &["acceptor"]);
    let (first, _) = case(&site);
    site.pass(kernel::Ts::DAY);
    let cx = system(&site.app);
    let mut late = given::report("青禾-20260313-0002", "34679ACE", "河边护栏断了");
    late.kind = "help".to_owned();
    let cx = Cx { occurred: Some(cx.now.plus(-30 * kernel::Ts::HOUR)), ..cx };
    site.app.db.write_now(move |tx| intake::receive(tx, &cx, &late)).unwrap();
    write(&site, move |tx, cx| {
        let input = Input { note: Some(REASON.into()), route: Some("litigation".into()), ..Input::default() };
        engine::act(tx, cx, &Ask { case: first, action: "refuse".into(), version: None, input })
    })
    .unwrap();
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let now = desk.get("/cases/ledger").await;
        assert_eq!(now.count(".ledger tbody tr"), 2, "{}", now.body);
        assert!(now.text(".ledger tbody").unwrap().contains("不予受理"));
        assert!(now.text(".ledger tbody").unwrap().contains("补录"), "entered a day later than it happened");
        let then = desk.get("/cases/ledger?as_of=2026-03-12&paper=a3").await;
        assert_eq!(then.count(".ledger tbody tr"), 1, "what was entered later was not known then");
        let row = then.text(".ledger tbody tr").unwrap();
        assert!(row.contains("待受理") && !row.contains("不予受理"), "{row}");
        assert_eq!(then.count(".sheet.land.large"), 1);
        let ahead = desk.get("/cases/ledger?as_of=2027-01-01").await;
        assert!(ahead.text(".sheet-meta").unwrap().contains("截至2026年3月13日"), "tomorrow is not known");
    });
});
