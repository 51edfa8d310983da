//! What lies outside somebody's scope is nowhere: in no page, list, count, search, export, live update, file or refusal.

use super::office::{ELSEWHERE, Office, PEOPLE, PLAIN, Plant};
use super::routes::{everything, plain};
use crate::browser::{Browser, Page, run};
use axum::http::{Method, StatusCode};
use gezhi::features::procedures::procedure::{Action, By, Procedure};
use gezhi::web;
use kernel::CaseId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Read;

/// Stands in everything planted, so that one search finds all of it.
pub const COMMON: &str = "琉璃瓦";
/// Pages of one person at most in a walk.
const PAGES_MOST: usize = 48;
/// Of one route at most.
const EACH_MOST: usize = 1;

/// Cases, and who sees each. Everybody else learns nothing of it.
const CASES: [(Plant, &str); 6] = [
    // Its subject is not known yet: intake alone.
    (Plant { mark: "zqunread", lead: None, ..PLAIN }, "acceptor dispatcher complained program"),
    (Plant { mark: "zqreport", class: "report", ..PLAIN }, "acceptor dispatcher arbiter complained program"),
    (
        Plant { mark: "zqpetition", class: "petition", ..PLAIN },
        "acceptor dispatcher arbiter leader supervisor petition_handler complained complained_below program",
    ),
    (
        Plant { mark: "zqbeside", place: ELSEWHERE, lead: Some("c-dongyuan"), co: None, ..PLAIN },
        "acceptor dispatcher arbiter verifier caller leader supervisor data_clerk roster_keeper complained complained_below program",
    ),
    // About a unit: neither it nor what lies below it, though both see the whole office otherwise.
    (
        Plant { mark: "zqabout", about: Some("x-about"), ..PLAIN },
        "acceptor dispatcher arbiter handler petition_handler verifier caller community_secretary grid_worker leader supervisor data_clerk contractor firm_contact roster_keeper phone program program_of_unit",
    ),
    // About the unit below: the one above it still sees to it.
    (
        Plant { mark: "zqbelow", about: Some("x-below"), ..PLAIN },
        "acceptor dispatcher arbiter handler petition_handler verifier caller community_secretary grid_worker leader supervisor data_clerk contractor firm_contact roster_keeper complained phone program program_of_unit",
    ),
];

fn sees(names: &str, name: &str) -> bool {
    names.split(' ').any(|n| n == name)
}

/// Who walks before and after a case is planted: of every kind some, each where the case is hidden from them.
const WALKERS: [(usize, &[&str]); 5] = [
    (
        0,
        &[
            "arbiter",
            "handler",
            "leader",
            "community_secretary",
            "grid_worker",
            "contractor",
            "secretary",
            "system_admin",
        ],
    ),
    (1, &["caller", "firm_contact", "verifier", "neighbour"]),
    (3, &["handler", "petition_handler", "community_secretary", "phone"]),
    (4, &["complained", "complained_below"]),
    (5, &["complained_below"]),
];

/// A page without what differs by chance, and without the versions of streams: that some case of the office moved is told
/// to everybody who works there.
fn still(page: &Page) -> String {
    if !page.header("content-type").starts_with("text/") {
        return opened(page);
    }
    let mut text = plain(page, &[]);
    while let Some(at) = text.find("data-live-v=\"") {
        let end = text[at + 13..].find('"').map_or(text.len(), |n| at + 13 + n + 1);
        text.replace_range(at..end, "");
    }
    text
}

fn links(page: &Page) -> Vec<String> {
    if !page.header("content-type").starts_with("text/html") {
        return Vec::new();
    }
    let html = scraper::Html::parse_document(&page.body);
    let any = scraper::Selector::parse("a[href], img[src], [data-live-src], [hx-get], audio[src]").unwrap();
    let mut out = Vec::new();
    for element in html.select(&any) {
        for name in ["href", "src", "data-live-src", "hx-get"] {
            let Some(href) = element.value().attr(name) else { continue };
            let href = href.split('#').next().unwrap_or_default();
            let own = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/assets/");
            if own && !href.contains("lang=") && href != "/live" {
                out.push(href.to_owned());
            }
        }
    }
    out
}

/// The route's shape: digits are ids, and of the query the names count.
fn shape(href: &str) -> String {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let path: Vec<&str> =
        path.split('/').map(|p| if p.bytes().any(|b| b.is_ascii_digit()) { "*" } else { p }).collect();
    let names: BTreeSet<&str> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    format!("{}?{names:?}", path.join("/"))
}

/// Every route without a parameter that somebody may open; what is heavy or has no end is looked at elsewhere.
fn doors() -> Vec<String> {
    let routes = web::routes();
    let open = routes.entries().iter().filter(|e| e.method == Method::GET && !e.path.contains('{'));
    let left_out = [
        "/live",
        "/login",
        "/m",
        "/metrics",
        "/start",
        "/healthz",
        "/matters.csv",
        "/duty.csv",
        "/log",
        "/account/totp",
    ];
    open.map(|e| e.path.to_owned()).filter(|path| !left_out.contains(&path.as_str())).collect()
}

/// All pages that somebody reaches, breadth first, with what they say.
async fn walk(browser: &mut Browser<'_>, most: usize) -> BTreeMap<String, String> {
    let mut todo: VecDeque<String> = ["/".to_owned(), "/cases".to_owned(), "/nav?active=".to_owned()].into();
    todo.extend(doors());
    let (mut seen, mut shapes, mut out) =
        (BTreeSet::new(), BTreeMap::<String, usize>::new(), BTreeMap::new());
    while let Some(href) = todo.pop_front() {
        let count = shapes.entry(shape(&href)).or_default();
        if href.starts_with("/account/totp")
            || out.len() >= most
            || *count >= EACH_MOST
            || !seen.insert(href.clone())
        {
            continue;
        }
        let page = browser.get(&href).await;
        if page.status != StatusCode::OK {
            continue;
        }
        *count += 1;
        todo.extend(links(&page));
        out.insert(href, still(&page));
    }
    out
}

/// Two people at a time, each in a runtime of its own.
fn each<'a, T: Send>(
    browsers: &mut BTreeMap<&'static str, Browser<'a>>,
    names: &[&'static str],
    body: impl AsyncFn(&'static str, &mut Browser<'a>) -> T + Sync,
) -> BTreeMap<&'static str, T> {
    let mut some: Vec<_> = browsers.iter_mut().filter(|(name, _)| names.contains(name)).collect();
    let half = some.len().div_ceil(2).max(1);
    let body = &body;
    std::thread::scope(|scope| {
        let threads: Vec<_> = some
            .chunks_mut(half)
            .map(|some| {
                scope.spawn(move || {
                    let mut out = Vec::new();
                    run(async {
                        for (name, browser) in some.iter_mut() {
                            out.push((**name, body(name, browser).await));
                        }
                    });
                    out
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    })
}

fn everyone() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = PEOPLE.iter().map(|(name, ..)| *name).collect();
    all.extend(["neighbour", "neighbour_admin", "stranger"]);
    all
}

fn browsers(office: &Office) -> BTreeMap<&'static str, Browser<'_>> {
    let mut out = BTreeMap::new();
    run(async {
        for name in everyone() {
            out.insert(name, office.enter(name).await);
        }
    });
    out
}

/// What a file says: a workbook or a bundle is opened. When it was made stands in its properties.
fn opened(page: &Page) -> String {
    let mut out = String::new();
    let Ok(mut zip) = zip::ZipArchive::new(std::io::Cursor::new(page.bytes.as_slice())) else {
        return page.body.clone();
    };
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        if file.name().unwrap().starts_with("docProps/") {
            continue;
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).unwrap();
        out.push_str(&String::from_utf8_lossy(&text));
    }
    out
}

/// All that came back.
fn said(page: &Page) -> String {
    format!("{:?}\n{}", page.headers, opened(page))
}

/// Questions whose answers are drawn from many cases.
async fn asked(name: &str, browser: &mut Browser<'_>, ids: &[CaseId]) -> Vec<(String, String)> {
    let q = web::encode(COMMON);
    let mut gets: Vec<String> =
        ["/cases?q=", "/api/v1/cases?q=", "/queue/accept?q=", "/tasks?q=", "/knowledge?q=", "/places?q="]
            .iter()
            .map(|path| format!("{path}{q}"))
            .collect();
    gets.extend(
        ["/cases?phase=all", "/cases?q=19900002041", "/api/v1/cases?limit=200", "/stats", "/briefing.xlsx"]
            .map(str::to_owned),
    );
    gets.extend(["received", "open", "overdue"].map(|key| format!("/stats/{key}/records")));
    gets.extend(
        ["accept", "dispatch", "sign", "handle", "verify", "call", "rule", "approve"]
            .map(|queue| format!("/queue/{queue}")),
    );
    let keys: Vec<String> = ids.iter().map(|id| format!("case:{id}")).collect();
    gets.push(format!("/live/poll?keys={}", keys.join(",")));
    let mut out = Vec::new();
    for path in gets {
        out.push((path.clone(), said(&browser.get(&path).await)));
    }
    let text = format!("井盖 {COMMON} 破损");
    let forms: [(&str, Vec<(&str, &str)>); 6] = [
        (
            "/intake/suggest",
            vec![("text", &text), ("notes", &text), ("phone", "19900002041"), ("address", "柳溪路")],
        ),
        ("/cases/export", vec![("query", "phase=all")]),
        ("/cases/export", vec![]),
        ("/export/all.xlsx", vec![]),
        ("/log/export", vec![]),
        ("/p/similar", vec![("at", "0"), ("text", &text)]),
    ];
    // What fills the office's own log is long and the same for all who may take it away.
    for (path, fields) in forms {
        out.push((format!("POST {path} as {name}"), said(&browser.post(path, &fields).await)));
    }
    out
}

#[test]
fn what_lies_outside_somebodys_scope_is_in_no_page_count_search_export_or_live_update() {
    let test = store::testing::sqlite().unwrap();
    let mut office = Office::new(&test.db);
    let mut faults: Vec<String> = Vec::new();
    let mut cases: Vec<CaseId> = Vec::new();
    for (i, (plant, who)) in CASES.iter().enumerate() {
        let watch: Vec<&'static str> =
            WALKERS.iter().filter(|(n, _)| *n == i).flat_map(|(_, names)| names.iter().copied()).collect();
        assert!(watch.iter().all(|name| !sees(who, name)), "{}", plant.mark);
        let mut entered: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut before = BTreeMap::new();
        let mut after = BTreeMap::new();
        for round in 0..2 {
            let mut browsers = BTreeMap::new();
            run(async {
                for name in &watch {
                    let mut browser = office.site.browser();
                    match entered.get(name) {
                        Some(cookie) => drop(browser.cookies.insert("gezhi".into(), cookie.clone())),
                        None => browser = office.enter(name).await,
                    }
                    entered.insert(name, browser.cookies["gezhi"].clone());
                    browsers.insert(*name, browser);
                }
            });
            let seen = each(&mut browsers, &watch, async |_, browser| walk(browser, PAGES_MOST).await);
            if round == 0 {
                before = seen;
                drop(browsers);
                cases.push(office.plant(plant));
            } else {
                after = seen;
            }
        }
        for (name, pages) in &before {
            for (href, was) in pages {
                match after[name].get(href) {
                    Some(is) if is == was => {}
                    Some(is) => faults.push(format!(
                        "{} moved {href} for {name}: {}",
                        plant.mark,
                        difference(was, is)
                    )),
                    None => faults.push(format!("{} took {href} from {name}", plant.mark)),
                }
            }
        }
    }
    let mut entered = browsers(&office);
    let all = everyone();
    let ids = cases.clone();
    let found = each(&mut entered, &all, async |name, browser| {
        let mut pages: Vec<(String, String)> = walk(browser, PAGES_MOST).await.into_iter().collect();
        pages.extend(asked(name, browser, &ids).await);
        pages
    });
    for (name, pages) in &found {
        for ((plant, who), id) in CASES.iter().zip(&cases) {
            let mut met = false;
            for (href, text) in pages {
                let says = text.contains(plant.mark) || text.contains(&format!("/cases/{id}\""));
                met |= says;
                if says && !sees(who, name) {
                    faults.push(format!("{name} reads {} in {href}", plant.mark));
                }
                let moved = format!("\"case:{id}\":");
                if let Some((_, version)) = text.split_once(&moved)
                    && version.starts_with('0') == sees(who, name)
                {
                    faults.push(format!("{name} hears of {} in {href}", plant.mark));
                }
            }
            if sees(who, name) && !met {
                faults.push(format!("{name} does not find {}", plant.mark));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The first lines that differ.
fn difference(was: &str, is: &str) -> String {
    let changed = was.lines().zip(is.lines()).find(|(a, b)| a != b);
    changed.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{}\n   → {}", a.trim(), b.trim()))
}

/// What may be done by whom on a case that a unit has and another helps with, for each right of the procedure.
const MAY: [(&str, &str); 9] = [
    ("demands.accept", "acceptor"),
    ("demands.dispatch", "dispatcher complained program"),
    ("demands.arbitrate", "arbiter"),
    ("demands.approve", "arbiter leader"),
    ("demands.verify", "verifier community_secretary roster_keeper"),
    ("demands.call_back", "caller"),
    ("demands.supervise", "leader supervisor complained_below"),
    (
        "demands.report",
        "acceptor dispatcher handler petition_handler community_secretary grid_worker complained complained_below phone program program_of_unit",
    ),
    (
        "demands.read",
        "acceptor dispatcher arbiter handler petition_handler verifier caller community_secretary grid_worker leader supervisor data_clerk contractor firm_contact roster_keeper complained complained_below phone program program_of_unit",
    ),
];
const OF_LEAD: &str = "handler petition_handler program_of_unit";
const OF_CO: &str = "contractor firm_contact";

fn may(action: &Action, name: &str) -> bool {
    let of_right = MAY.iter().find(|(right, _)| *right == action.grant).map_or("", |(_, names)| *names);
    action.by.iter().any(|by| match by {
        // Who helps may also say that it goes on: the right reaches every case that the unit has a part in.
        By::Desk if action.grant == "demands.handle" => sees(OF_LEAD, name) || sees(OF_CO, name),
        By::Desk => sees(of_right, name),
        By::Lead => sees(OF_LEAD, name),
        By::Co => sees(OF_CO, name),
        By::Unit => sees(OF_LEAD, name) || sees(OF_CO, name),
        By::Requester => false,
    })
}

async fn try_case(browser: &mut Browser<'_>, id: &str, key: &str, picture: &str) -> Vec<(String, Page)> {
    let mut out = Vec::new();
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let multi = "multipart/form-data; boundary=x";
    let empty = "--x\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1\r\n--x--\r\n";
    for (method, path, kind, body) in [
        (Method::GET, format!("/cases/{id}/act/{key}"), None, ""),
        (Method::POST, format!("/cases/{id}/act/{key}"), Some(multi), empty),
        (
            Method::POST,
            format!("/api/v1/cases/{id}/actions/{key}"),
            Some(json),
            "{\"version\":1,\"note\":\"x\",\"reason\":\"x\"}",
        ),
    ] {
        out.push((format!("{method} {path}"), browser.send(method, &path, kind, body).await));
    }
    if key == "note" {
        for path in [
            format!("/cases/{id}"),
            format!("/cases/{id}?at=parts"),
            format!("/cases/{id}/print"),
            format!("/cases/{id}/file"),
            format!("/cases/{id}/documents"),
            format!("/cases/{id}/documents/reply"),
            format!("/cases/{id}/hands"),
            format!("/files/{id}/{picture}"),
            format!("/files/{id}/{picture}?small=1"),
            format!("/report/{id}"),
            format!("/api/v1/cases/{id}"),
        ] {
            out.push((format!("GET {path}"), browser.get(&path).await));
        }
        for verb in ["split", "merge", "unmerge", "detach", "upper"] {
            let path = format!("/cases/{id}/do/{verb}");
            out.push((format!("GET {path}"), browser.get(&path).await));
            let fields = "version=1&reason=x&into=1&part=a&part=b&system=x&number=y";
            out.push((format!("POST {path}"), browser.send(Method::POST, &path, Some(form), fields).await));
        }
        for (path, fields) in [
            ("/cases/bulk".to_owned(), format!("id={id}&what=note&note=x")),
            (format!("/cases/{id}/reveal"), "report=1&reason=x".to_owned()),
            (format!("/cases/{id}/documents/reply"), "step=issue".to_owned()),
        ] {
            out.push((format!("POST {path}"), browser.send(Method::POST, &path, Some(form), fields).await));
        }
    }
    out
}

#[test]
fn no_action_of_the_procedure_reaches_a_case_outside_and_inside_each_only_whose_right_it_is() {
    let procedure = Procedure::builtin().unwrap();
    let test = store::testing::sqlite().unwrap();
    let mut office = Office::new(&test.db);
    let inside = office.plant(&PLAIN);
    let cases: Vec<CaseId> = CASES.iter().map(|(plant, _)| office.plant(plant)).collect();
    let pictures: Vec<String> = cases.iter().map(|id| office.picture_of(*id).to_string()).collect();
    let mut entered = browsers(&office);
    let all = everyone();
    let before = everything(&office.site.app.db);
    let keys: Vec<&str> = procedure.actions.iter().map(|a| a.key.as_str()).collect();
    let mut faults: Vec<String> = each(&mut entered, &all, async |name, browser| {
        let mut faults = Vec::new();
        let hidden: Vec<usize> = (0..CASES.len()).filter(|i| !sees(CASES[*i].1, name)).collect();
        for (n, key) in keys.iter().enumerate() {
            // Every action on one of them, and the whole list of ways on each.
            for i in hidden
                .iter()
                .enumerate()
                .filter(|(h, _)| *key == "note" || *h == n % hidden.len())
                .map(|(_, i)| *i)
            {
                let id = cases[i].to_string();
                let real = try_case(browser, &id, key, &pictures[i]).await;
                let none = try_case(browser, "999999999", key, &pictures[i]).await;
                for ((what, real), (_, none)) in real.iter().zip(&none) {
                    let (real, none) =
                        (plain(real, std::slice::from_ref(&id)), plain(none, &["999999999".to_owned()]));
                    if real != none {
                        faults.push(format!(
                            "{name} {what} ({}): {}",
                            CASES[i].0.mark,
                            difference(&none, &real)
                        ));
                    }
                }
            }
        }
        faults
    })
    .into_values()
    .flatten()
    .collect();
    for (table, rows) in everything(&office.site.app.db) {
        if before.get(&table) != Some(&rows) {
            faults.push(format!("somebody changed {table}"));
        }
    }
    faults.extend(
        each(&mut entered, &all, async |name, browser| {
            let mut faults = Vec::new();
            for action in &procedure.actions {
                let path = format!("/api/v1/cases/{inside}/actions/{}", action.key);
                let page = browser.send(Method::POST, &path, Some("application/json"), "{}").await;
                let refused = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND];
                let may = may(action, name);
                if refused.contains(&page.status) == may {
                    faults.push(format!("{name} {}: {} {}", action.key, page.status, page.body));
                }
            }
            faults
        })
        .into_values()
        .flatten(),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
