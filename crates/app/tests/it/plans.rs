//! No page reads a whole table of cases, reports, events, parts or clocks to show a few rows of it: the databases' own
//! plans of every query that the pages ask, on both.

use crate::browser::{Site, run};
use crate::demo::{installation, noon};
use gezhi::features::demo::{Options, make};
use std::collections::BTreeMap;
use store::testing::TestDb;

/// Tables that grow with every case.
const LARGE: [&str; 7] = ["cases", "report", "report_case", "event", "stream", "assignment", "clock"];
/// Names under which queries ask for them, as SQLite's plans call them.
const ALIASES: [&str; 6] = ["c", "r", "rc", "e", "k", "a"];

/// What somebody looks at all day; `{case}` is a case, `{place}` a community, `{matter}` a matter.
const PAGES: [(&str, &[&str]); 3] = [
    (
        "linlan",
        &[
            "/cases?phase=open",
            "/cases?phase=closed&place={place}&channel=qr&sort=new",
            "/cases?matter={matter}&sort=new",
            "/cases?due=late",
            "/cases?due=today&place={place}",
            "/cases?from=2026-02-01&to=2026-03-01&sort=new",
            "/cases?phase=closed&sort=new&after=1767225600000.1",
            "/cases?phase=closed&sort=new&before=1767225600000.1",
            "/cases?q=%E4%BA%95%E7%9B%96",
            "/cases/{case}",
            "/board",
            "/queue/accept",
            "/api/v1/cases?phase=closed&place={place}&sort=new",
            "/api/v1/cases/{case}",
        ],
    ),
    ("zhaogang", &["/cases?phase=open", "/queue/handle", "/queue/sign", "/cases/{case}"]),
    ("zhangguifang", &["/", "/cases?phase=open", "/cases?sort=new"]),
];

/// Whether a line of a plan reads a large table from one end to the other.
fn is_scan(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let sqlite = words.first() == Some(&"SCAN")
        && words.get(1).is_some_and(|name| LARGE.contains(name) || ALIASES.contains(name))
        && !line.contains("VIRTUAL");
    let pg = line
        .split_once("Seq Scan on ")
        .is_some_and(|(_, of)| LARGE.contains(&of.split_whitespace().next().unwrap_or_default()));
    sqlite || pg
}

/// Whether a plan reads all of an office's rows and sorts them to show the first: every index begins with the office, so
/// that SQLite calls this a search.
fn is_sorted_whole(plan: &[String]) -> bool {
    let whole = |line: &String| {
        let mut words = line.split_whitespace();
        words.next() == Some("SEARCH")
            && words.next().is_some_and(|name| LARGE.contains(&name) || ALIASES.contains(&name))
            && line.ends_with("(office=?)")
    };
    plan.iter().any(whole) && plan.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY"))
}

fn look(test: &TestDb) -> BTreeMap<String, Vec<String>> {
    let (dir, installation) = installation(&test.db, noon());
    make(&installation, Options { small: true, seed: None }, |_| {}).unwrap();
    let db = installation.db.clone();
    let one = |text: &'static str| {
        db.read_now(move |tx| tx.value::<String>(&store::Sql::Both(text), &[])).unwrap().unwrap_or_default()
    };
    let case = one("select cast(max(id) as text) from cases where phase = 'closed' and class = 'ordinary'");
    let place = one("select code from place where kind = 'community' order by code limit 1");
    let matter =
        one("select matter_code from cases where matter_code is not null order by matter_code limit 1");
    let site = Site::over(installation, dir);
    store::testing::watch(&db);
    run(async {
        for (login, paths) in PAGES {
            let mut browser = site.browser();
            assert_eq!(browser.post("/demo/login", &[("login", login)]).await.status, 303, "{login}");
            for path in paths {
                let path =
                    path.replace("{case}", &case).replace("{place}", &place).replace("{matter}", &matter);
                let page = browser.get(&path).await;
                assert!(page.status == 200 || page.status == 404, "{login} {path}: {}", page.status);
            }
        }
    });
    store::testing::watched()
}

fn check(plans: &BTreeMap<String, Vec<String>>) {
    assert!(plans.len() > 60, "{} queries were looked at", plans.len());
    let scans: Vec<String> = plans
        .iter()
        .filter(|(_, plan)| plan.iter().any(|line| is_scan(line)) || is_sorted_whole(plan))
        .map(|(text, plan)| format!("{text}\n    {}", plan.join("\n    ")))
        .collect();
    assert!(scans.is_empty(), "{} queries read a whole table:\n\n{}", scans.len(), scans.join("\n\n"));
}

#[test]
fn no_page_reads_a_whole_table_of_cases_on_sqlite() {
    check(&look(&store::testing::sqlite().unwrap()));
}

/// Of so few rows PostgreSQL would read them all; told not to, it does so only where no index helps.
#[test]
fn no_page_reads_a_whole_table_of_cases_on_postgresql() {
    match store::testing::postgres_by_index().unwrap() {
        Some(test) => check(&look(&test)),
        None => println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)"),
    }
}
