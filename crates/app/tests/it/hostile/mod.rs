//! What somebody outside tries: forms of other sites, taken sessions, addresses that lead away, requests of the wrong size
//! and shape, and files that are not what they say.

mod addresses;
mod answers;
mod forms;
mod parsers;
mod sessions;
mod sizes;

use crate::browser::{Browser, Page, Site};
use axum::http::{Method, StatusCode};
use gezhi::web::{self, Entry};
use store::{Db, Sql};

/// Whatever is written leaves one.
const EVENTS: Sql = Sql::Both("select count(*) from event");

/// An address of a route, with something in the place of each parameter.
fn address(path: &str, with: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

/// The routes that change something.
fn writing() -> Vec<Entry> {
    web::routes().entries().iter().filter(|e| !matches!(e.method, Method::GET)).cloned().collect()
}

async fn events(db: &Db) -> i64 {
    db.read(|tx| tx.value::<i64>(&EVENTS, &[])).await.unwrap().unwrap()
}

/// Somebody of the demonstration, strong at once.
async fn demo<'a>(site: &'a Site, login: &str) -> Browser<'a> {
    let mut browser = site.browser();
    let page = browser.post("/demo/login", &[("login", login)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}: {}", page.body);
    browser
}

/// The headers that every answer carries, whatever it is.
fn guarded(page: &Page, path: &str) {
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{path}: {part} in {policy:?}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value, "{path} {name}");
        assert_eq!(page.headers.get_all(name).iter().count(), 1, "{path} {name} once");
    }
    assert!(!page.header("cache-control").is_empty(), "{path} says whether it may be kept");
    assert!(!page.headers.contains_key("access-control-allow-origin"), "{path} is for nobody else's pages");
}
