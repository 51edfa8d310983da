//! Past tickets brought as a workbook, the first look at them, the briefing, and a new office made in the browser.

use crate::browser::{PASSWORD, Site, run, system, upload};
use axum::http::StatusCode;
use calamine::{DataType, Reader, Xlsx, open_workbook_from_rs};
use gezhi::config::Config;
use gezhi::features::catalogue;
use gezhi::features::first::start::{self, Start};
use gezhi::features::people::password::Policy;
use gezhi::installation::Installation;
use gezhi::jobs::{kinds, run_all};
use gezhi::words::{Locale, Words};
use jiff::tz::TimeZone;
use kernel::{Clock, Ts};
use std::io::Cursor;
use std::path::Path;
use std::time::Instant;
use store::{Db, Sql, args, both};

const CASES: Sql = Sql::Both(
    "select c.no, c.phase, u.name, p.name, c.returns from cases c left join unit u on u.id = c.lead_unit
     left join place p on p.id = c.place order by c.opened_at, c.id",
);
const COUNT: Sql = Sql::Both("select count(*) from cases");
const KEPT: Sql = Sql::Both("select count(*) from history_sheet where length(cells) > 0");
const TEXTS: Sql = Sql::Both("select text from report where text like '%13800001111%'");

const BOOK: &str = "去年工单,,,,,,,,\n\
    工单编号,受理时间,诉求内容,承办单位,所属社区,办结时间,办理时限,退单次数,联系电话\n\
    202501010001234567,2025/1/1 9:00,路灯不亮,城管办,东苑社区,2025-01-02 10:00,2025-01-03,1,13800001111\n\
    202501010001234568,2025年12月20日,路灯不亮,城管办,东苑社区,,2026-01-03,0,13800001111\n\
    4.40305E+17,2025-12-21,井盖破了,城管办,东苑社区,,,,\n\
    202501010001234569,2025-12-22,路灯不亮,市政中心,东苑社区,2025-12-21,,,\n\
    202501010001234570,2025-12-23,路灯不亮,市政中心,东苑社区,2025-12-24,,,\n";

fn site(db: Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| catalogue::service::install_default(tx, &cx).map(|_| ())).unwrap();
    site.person("clerk", &["data_clerk"]);
    site
}

fn number(site: &Site, sql: &'static Sql) -> i64 {
    site.app.db.read_now(move |tx| Ok(tx.value::<i64>(sql, &[])?.unwrap_or(0))).unwrap()
}

both!(last_year_s_workbook_becomes_cases_once_and_what_is_wrong_is_named_and_left_out, |db| {
    let site = site(db);
    run(async {
        let mut clerk = site.browser();
        clerk.log_in("clerk", PASSWORD).await;
        assert_eq!(
            clerk.get("/").await.count("form[action='/history']"),
            1,
            "a new office is asked for its past"
        );
        let sent = upload(&mut clerk, "/history", &[], BOOK).await;
        let page = sent.location().to_owned();
        let look = clerk.get(&page).await;
        assert_eq!(look.status, StatusCode::OK, "{}", look.body);
        assert!(look.body.contains("A5") && look.body.contains("F6"), "cells are named: {}", look.body);
        assert!(look.body.contains("联系电话") && look.body.contains("市政中心"), "{}", look.body);
        assert_eq!(number(&site, &COUNT), 0, "nothing is written by looking");
        let columns = [
            ("column-number", "工单编号"),
            ("column-received", "受理时间"),
            ("column-text", "诉求内容"),
            ("column-unit", "承办单位"),
            ("column-place", "所属社区"),
            ("column-closed", "办结时间"),
            ("column-due", "办理时限"),
            ("column-returns", "退单次数"),
            ("make", "1"),
            ("end", "take"),
        ];
        let csrf = clerk.csrf().await;
        let mut form = columns.to_vec();
        form.push(("csrf", &csrf));
        let taken = clerk.post(&page, &form).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        assert_eq!(clerk.get(&page).await.header("refresh"), "1", "it says how far it is");
        run_all(&site.app, kinds::ALL).unwrap();
        let rows = site.app.db.read_now(|tx| {
            tx.query(&CASES, &[], |r| {
                let row: (String, String, Option<String>, Option<String>, i64) =
                    (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?);
                Ok(row)
            })
        });
        let rows = rows.unwrap();
        let told: Vec<_> = rows.iter().map(|r| (r.1.as_str(), r.2.as_deref(), r.3.as_deref(), r.4)).collect();
        let east = Some("东苑社区");
        assert_eq!(
            told,
            [
                ("closed", Some("城管办"), east, 1),
                ("handling", Some("城管办"), east, 0),
                ("closed", Some("市政中心"), east, 0)
            ]
        );
        assert_eq!(number(&site, &KEPT), 0, "the cells go when the work is done");
        let none = site.app.db.read_now(|tx| tx.query(&TEXTS, &[], |r| r.get::<String>(0))).unwrap();
        assert!(none.is_empty(), "a column that nobody chose is not kept");
        let done = clerk.get(&page).await;
        assert!(done.body.contains("left-out.xlsx") && done.body.contains("A5"), "{}", done.body);
        let list = clerk.get(&format!("{page}/left-out.xlsx")).await;
        assert_eq!(list.status, StatusCode::OK);

        // Once per number.
        let again = upload(&mut clerk, "/history", &[], BOOK).await;
        let look = clerk.get(again.location()).await;
        assert_eq!(look.count("button[value=take][disabled]"), 1, "{}", look.body);

        // Every number opens its records.
        let first = clerk.get("/first").await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.body);
        let late = first.attribute(".strip a.red", "href").unwrap();
        assert_eq!(clerk.get(&late.replace("&amp;", "&")).await.count("[data-item]"), 1, "{late}");
        assert!(first.body.contains("城管办") && first.body.contains("50.0%"), "{}", first.body);
        let brief = clerk.get("/briefing?from=2025-01-01&to=2025-12-31").await;
        assert_eq!(brief.status, StatusCode::OK);
        assert!(brief.count("article a") > 2, "{}", brief.body);
        let path = "/briefing.xlsx?from=2025-01-01&to=2025-12-31";
        let mut numbers = 0.0;
        for locale in ["zh-CN", "en"] {
            let book = clerk.having("accept-language", locale).get(path).await;
            assert_eq!(book.status, StatusCode::OK, "{}", book.body);
            let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book.bytes)).unwrap();
            assert_eq!(book.sheet_names().len(), 5, "{:?}", book.sheet_names());
            let name = book.sheet_names()[2].clone();
            let units = book.worksheet_range(&name).unwrap();
            numbers += units.rows().skip(1).filter_map(|r| r[1].get_float()).sum::<f64>();
        }
        assert!((numbers - 6.0).abs() < 0.1, "{numbers}: three tickets by unit, in both languages");

        // What came out of a workbook was filled in by hand: it is not among what nobody fills in any more.
        let saved = clerk.get("/replaced?from=2025-01-01&to=2025-12-31").await;
        assert_eq!((saved.status, saved.count("td.num a")), (StatusCode::OK, 0), "{}", saved.body);
        assert_eq!(clerk.get("/replaced/collated").await.status, StatusCode::NOT_FOUND, "no right to tasks");
        let wrong = clerk.get("/replaced?from=2025-12-31&to=2025-01-01").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

        let csrf = clerk.csrf().await;
        let book = clerk.post("/export/all.xlsx", &[("csrf", &csrf)]).await;
        assert_eq!(book.status, StatusCode::OK);
    });
});

both!(nobody_brings_past_tickets_without_the_right, |db| {
    let site = site(db);
    site.person("caller", &["caller"]);
    run(async {
        let mut other = site.browser();
        other.log_in("caller", PASSWORD).await;
        assert_eq!(other.get("/history").await.status, StatusCode::FORBIDDEN);
        assert_eq!(upload(&mut other, "/history", &[], BOOK).await.status, StatusCode::FORBIDDEN);
    });
});

both!(a_district_s_year_of_real_tickets_is_taken_over_in_the_background, |db| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/subdistrict_cases_2018.csv");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("the real tickets are not here");
        return;
    };
    let site = site(db);
    run(async {
        let mut clerk = site.browser();
        clerk.log_in("clerk", PASSWORD).await;
        let begun = Instant::now();
        let sent = upload(&mut clerk, "/history", &[], &text).await;
        let page = sent.location().to_owned();
        let look = clerk.get(&page).await;
        let fields =
            ["number", "received", "text", "unit", "place", "class", "matter", "outcome", "channel", "kind"];
        let names: Vec<String> = fields.iter().map(|f| format!("column-{f}")).collect();
        let mut form: Vec<(&str, String)> = Vec::new();
        for name in &names {
            let chosen = look.attribute(&format!("select[name={name}] option[selected]"), "value");
            form.push((name, chosen.unwrap_or_else(|| panic!("{name} is not recognised"))));
        }
        form.extend([("make", "1".to_owned()), ("end", "take".to_owned()), ("csrf", clerk.csrf().await)]);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(clerk.post(&page, &form).await.status, StatusCode::SEE_OTHER);
        run_all(&site.app, kinds::ALL).unwrap();
        println!("6,952 rows in {:?}", begun.elapsed());
        assert_eq!(number(&site, &COUNT), 6_952);
        assert_eq!(clerk.get("/first").await.status, StatusCode::OK);
    });
});

both!(a_new_office_is_made_once_with_three_administrators_apart, |db| {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { data: dir.path().join("data"), ..Config::default() };
    let clock = Clock::fixed(Ts::parse("2026-03-12T09:00:00+08:00").unwrap());
    let it = Installation::over(config, clock, db).unwrap();
    let words = Words::new(Locale::Zh, &TimeZone::UTC, it.clock.now());
    let asked = Start {
        name: "青禾街道".into(),
        communities: "东苑社区\n西岭社区".into(),
        person: "林岚".into(),
        login: "linlan".into(),
        password: PASSWORD.into(),
        ..Start::default()
    };
    let weak = Start { password: "123".into(), ..asked.clone() };
    assert!(start::make(&it, &words, Policy::Asvs, &weak).is_err());
    assert!(it.offices().is_empty(), "whole or not at all");
    let handed = start::make(&it, &words, Policy::Asvs, &asked).unwrap();
    assert_eq!(handed.len(), 3);
    assert_eq!(it.offices()[0].short, "青禾");
    let again = start::make(&it, &words, Policy::Asvs, &asked).unwrap_err();
    assert!(format!("{again}").contains("start.exists"), "{again}");
    const LINES: Sql = Sql::Both("select count(*) from account where office = $1");
    let id = it.offices()[0].id;
    let accounts = it.db.read_now(move |tx| tx.value::<i64>(&LINES, args![id])).unwrap();
    assert_eq!(accounts, Some(4));
});
