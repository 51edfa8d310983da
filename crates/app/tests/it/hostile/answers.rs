//! What goes out: the headers of every answer, and files that a browser may not run.

use super::{address, demo, guarded};
use crate::browser::{Browser, Page, Site, run};
use axum::http::{Method, StatusCode};
use gezhi::config::Config;
use gezhi::web;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Kinds that a browser shows in a page of ours; anything else must leave as a file.
const SHOWN: [&str; 13] = [
    "text/html; charset=utf-8",
    "application/json",
    "application/problem+json",
    "text/event-stream",
    "image/jpeg",
    "image/svg+xml",
    "text/css; charset=utf-8",
    "text/javascript; charset=utf-8",
    "text/plain; charset=utf-8",
    // For the program that watches the machine.
    "text/plain; version=0.0.4",
    "application/manifest+json",
    "image/png",
    "font/woff2",
];

/// A page that a browser draws has no script of nobody's, no handler, no address that runs.
fn inert(page: &Page, path: &str) {
    let html = scraper::Html::parse_document(&page.body);
    let nonce = page
        .header("content-security-policy")
        .split("'nonce-")
        .nth(1)
        .and_then(|s| s.split('\'').next())
        .unwrap_or_default()
        .to_owned();
    for element in html.tree.values().filter_map(|node| node.as_element()) {
        let name = element.name();
        assert!(
            !["iframe", "object", "embed", "base", "frame", "applet", "style"].contains(&name),
            "{path}: <{name}>"
        );
        if name == "script" {
            assert_eq!(element.attr("nonce"), Some(nonce.as_str()), "{path}: a script without the mark");
        }
        for (attribute, value) in element.attrs() {
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "srcdoc",
                "{path}: <{name} {attribute}>"
            );
            if ["href", "src", "action", "formaction", "data-live-src", "hx-get", "hx-post", "poster"]
                .contains(&attribute)
            {
                let value = value.trim().to_ascii_lowercase();
                assert!(
                    !value.starts_with("javascript:")
                        && !value.starts_with("data:text")
                        && !value.starts_with("vbscript:"),
                    "{path}: {attribute}={value}"
                );
            }
        }
    }
    assert!(!page.body.contains("?csrf=") && !page.body.contains("&csrf="), "{path}: a token in an address");
}

fn checked(page: &Page, path: &str) {
    guarded(page, path);
    let kind = page.header("content-type");
    let leaves = page.header("content-disposition");
    if page.body.is_empty() {
        return;
    }
    if kind.starts_with("text/html") {
        inert(page, path);
    }
    let file = leaves.starts_with("attachment; filename=\"");
    let heard = kind.starts_with("audio/") || kind.starts_with("video/");
    assert!(file || heard || SHOWN.contains(&kind), "{path}: {kind:?} is shown instead of kept");
    assert!(!file || !["text/html", "image/svg"].iter().any(|k| kind.starts_with(k)), "{path}: {kind}");
    assert!(leaves.is_empty() || (!leaves.contains('\n') && !leaves.contains('\r')), "{path}: {leaves}");
}

#[test]
fn every_answer_of_every_route_carries_its_headers_whoever_asks() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::with(test.db.clone(), Config::default(), true, None);
    let roles = ["dispatcher", "system_admin", "auditor", "grid_worker"];
    for role in roles {
        site.person(role, &[role]);
    }
    run(async {
        let mut browsers = vec![("nobody", site.browser())];
        for role in roles {
            browsers.push((role, demo(&site, role).await));
        }
        let mut statuses = BTreeSet::new();
        for entry in web::routes().entries() {
            if entry.path == "/live" {
                continue;
            }
            for (who, browser) in &mut browsers {
                let (path, whole) = (address(entry.path, "1"), *who == "dispatcher");
                let page = browser.get(&path).await;
                assert!(page.status.as_u16() < 500, "{who} {path}: {} {}", page.status, page.body);
                checked(&page, &format!("{who} {path}"));
                statuses.insert(page.status.as_u16());
                if !whole {
                    continue;
                }
                let methods = [Method::HEAD, Method::OPTIONS, Method::DELETE, Method::PATCH, Method::TRACE];
                for method in methods {
                    checked(&browser.send(method, &path, None, String::new()).await, &path);
                }
                checked(&browser.get(&address(entry.path, "x")).await, &path);
                guarded(&browser.having("hx-request", "true").get(&path).await, &path);
            }
        }
        assert!([200, 303, 401, 403, 404].iter().all(|s| statuses.contains(s)), "{statuses:?}");
    });
}

#[test]
fn a_program_that_uses_the_wrong_method_is_told_the_right_ones() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::with(test.db.clone(), Config::default(), true, None);
    run(async {
        for method in [Method::DELETE, Method::PUT, Method::TRACE, Method::PATCH] {
            let page = site.browser().send(method.clone(), "/api/v1/cases", None, String::new()).await;
            assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method}: {}", page.body);
            assert!(page.header("allow").contains("GET") && page.body.contains("common.method"), "{page:?}");
            let page = site.browser().send(method, "/cases", None, String::new()).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "to people it is a page that is not there");
        }
    });
}

/// The route's path with its parameters, so that no more than a few addresses of one kind are visited.
fn kind_of(path: &str, known: &[&'static str]) -> Option<&'static str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &&&'static str| {
        let route: Vec<&str> = route.split('/').collect();
        route.len() == parts.len() && route.iter().zip(&parts).all(|(r, p)| r == p || r.starts_with('{'))
    };
    let exact = known.iter().find(|route| **route == path);
    exact.or_else(|| known.iter().find(fits)).copied()
}

fn links(page: &Page) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("[href], [src], [data-live-src], [hx-get], [data-href]").unwrap();
    let names = ["href", "src", "data-live-src", "hx-get", "data-href"];
    html.select(&selector)
        .flat_map(|e| names.iter().filter_map(move |n| e.value().attr(n)))
        .filter(|to| to.starts_with('/') && !to.starts_with("//"))
        .map(|to| to.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// Follows the links of a whole office as its people do.
async fn crawl(
    browser: &mut Browser<'_>,
    known: &[&'static str],
    seen: &mut BTreeMap<&'static str, usize>,
) -> usize {
    const EACH: usize = 2;
    let (mut queue, mut asked) = (VecDeque::from(["/".to_owned(), "/p".to_owned()]), BTreeSet::new());
    let (mut visited, mut mine) = (0, BTreeMap::<&'static str, usize>::new());
    while let Some(path) = queue.pop_front() {
        let Some(kind) = kind_of(&path, known).filter(|k| *k != "/live") else { continue };
        let count = mine.entry(kind).or_default();
        if *count >= EACH || seen.get(kind).is_some_and(|n| *n >= 6) || !asked.insert(path.clone()) {
            continue;
        }
        *count += 1;
        *seen.entry(kind).or_default() += 1;
        let page = browser.get(&path).await;
        assert!(page.status.as_u16() < 500, "{path}: {}", page.body);
        checked(&page, &path);
        visited += 1;
        queue.extend(links(&page));
        if page.status == StatusCode::SEE_OTHER {
            queue.push_back(page.location().to_owned());
        }
    }
    visited
}

#[test]
fn a_walk_through_a_whole_office_meets_nothing_that_runs() {
    let test = store::testing::sqlite().unwrap();
    let (dir, installation) = crate::demo::installation(&test.db, crate::demo::noon());
    gezhi::features::demo::make(
        &installation,
        gezhi::features::demo::Options { small: true, seed: None },
        |_| {},
    )
    .unwrap();
    let site = Site::over(installation, dir);
    let known: Vec<&'static str> =
        web::routes().entries().iter().filter(|e| e.method == Method::GET).map(|e| e.path).collect();
    run(async {
        let page = site.browser().get("/login").await;
        let html = scraper::Html::parse_document(&page.body);
        let logins: BTreeSet<String> = html
            .select(&scraper::Selector::parse("[data-demo-login]").unwrap())
            .filter_map(|e| e.value().attr("data-demo-login").map(str::to_owned))
            .collect();
        assert!(logins.len() >= 6, "{logins:?}");
        let mut seen = BTreeMap::new();
        let mut visited = 0;
        for login in &logins {
            visited += crawl(&mut demo(&site, login).await, &known, &mut seen).await;
        }
        println!("{visited} pages of {} routes out of {}", seen.len(), known.len());
        assert!(seen.len() >= 75, "{} routes were reached: {seen:?}", seen.len());
    });
}
