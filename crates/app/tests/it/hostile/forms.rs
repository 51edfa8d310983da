//! Forms that are not ours: every route that changes something refuses them, and nothing is changed.

use super::{address, demo, events, writing};
use crate::browser::{Browser, Page, Site, run};
use axum::http::{Method, StatusCode};
use gezhi::config::Config;
use gezhi::web::{Access, Entry};
use kernel::Ts;
use store::both;

const FORM: &str = "application/x-www-form-urlencoded";

fn multipart(fields: &[(&str, &str)]) -> (String, String) {
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body: String = fields.iter().map(part).collect();
    ("multipart/form-data; boundary=x".to_owned(), format!("{body}--x--\r\n"))
}

fn is_csrf(page: &Page) -> bool {
    page.status == StatusCode::FORBIDDEN
        && (page.body.contains("common.csrf") || page.text("h1").as_deref() == Some("页面已过期"))
}

/// The ways in which a page of somebody else would send a form; of the odd ones all only where `whole`.
async fn tries(
    browser: &mut Browser<'_>,
    entry: &Entry,
    path: &str,
    (own, foreign): (&str, &str),
    whole: bool,
) -> Vec<(String, Page)> {
    let mut out = Vec::new();
    let method = || entry.method.clone();
    for (what, token) in
        [("no token", ""), ("another session's token", foreign), ("half a token", &own[..own.len() / 2])]
    {
        let body = format!("csrf={token}&idem=&text=x");
        out.push((what.to_owned(), browser.send(method(), path, Some(FORM), body).await));
        if !whole && !token.is_empty() {
            continue;
        }
        let (kind, body) = multipart(&[("csrf", token), ("text", "x")]);
        out.push((format!("{what}, with files"), browser.send(method(), path, Some(&kind), body).await));
    }
    let address = format!("{path}?csrf={own}");
    out.push((
        "the token in the address".to_owned(),
        browser.send(method(), &address, Some(FORM), "text=x").await,
    ));
    let kinds = ["text/plain", "application/json", "application/xml", ""];
    for kind in kinds.into_iter().take(if whole { 4 } else { 1 }) {
        let kind = Some(kind).filter(|k| !k.is_empty());
        let page = browser.send(method(), path, kind, format!("csrf={own}&text=x")).await;
        out.push((format!("the token in a body of the kind {kind:?}"), page));
    }
    let sites = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "sideways"),
        ("origin", "http://office.example.evil.example"),
        ("origin", "http://evil-office.example"),
    ];
    for (name, value) in sites.into_iter().take(if whole { 6 } else { 2 }) {
        let page = browser.having(name, value).send(method(), path, Some(FORM), format!("csrf={own}")).await;
        out.push((format!("{name}: {value}"), page));
    }
    out
}

both!(no_form_of_another_site_changes_anything_whatever_the_route, |db| {
    let site = Site::with(db.clone(), Config::default(), true, None);
    site.person("zhoumin", &["acceptor"]);
    site.person("wuhao", &["system_admin"]);
    run(async {
        let (mut browser, mut other) = (demo(&site, "zhoumin").await, demo(&site, "wuhao").await);
        let (own, foreign) = (browser.csrf().await, other.csrf().await);
        assert!(own.len() >= 32 && own != foreign);
        let before = events(&db).await;
        let mut seen = 0;
        for entry in writing() {
            let path = address(entry.path, "1");
            let by_token = matches!(entry.access, Access::Token(_));
            if matches!(entry.access, Access::Public | Access::Local) || by_token {
                continue;
            }
            seen += 1;
            for (what, page) in tries(&mut browser, &entry, &path, (&own, &foreign), seen == 1).await {
                assert!(is_csrf(&page), "{} {path} with {what}: {} {}", entry.method, page.status, page.body);
            }
            // The same with the right token is refused for another reason or not at all: the check is what refused.
            let mut own_page = browser.having("x-csrf-token", &own).having("origin", "http://office.example");
            if !["/logout", "/account/sessions/end"].contains(&entry.path) {
                let page = own_page.send(entry.method.clone(), &path, None, String::new()).await;
                assert!(!is_csrf(&page), "{} {path}: {}", entry.method, page.body);
            }
        }
        assert!(seen > 100, "{seen} routes");
        assert_eq!(events(&db).await, before, "something was changed");
    });
});

both!(a_resident_s_form_is_taken_from_our_own_pages_only, |db| {
    let site = Site::new(db.clone());
    run(async {
        let before = events(&db).await;
        let mut seen = 0;
        for entry in writing() {
            if entry.access != Access::Public {
                continue;
            }
            seen += 1;
            let path = address(entry.path, "1");
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
            ] {
                let mut browser = site.browser().having(name, value);
                let page = browser.send(entry.method.clone(), &path, Some(FORM), "text=x").await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{} {path} {name}: {value}", entry.method);
                assert!(browser.cookies.is_empty(), "{path}");
            }
        }
        assert!(seen > 10, "{seen} routes");
        assert_eq!(events(&db).await, before);
    });
});

both!(the_token_of_a_session_that_has_ended_opens_nothing, |db| {
    let site = Site::with(db.clone(), Config::default(), true, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = demo(&site, "zhoumin").await;
        let (own, kept) = (browser.csrf().await, browser.clone());
        assert_eq!(browser.post("/logout", &[("csrf", &own)]).await.location(), "/login");
        let mut thief = kept.clone();
        let before = events(&db).await;
        let page = thief.post("/account/language", &[("csrf", &own), ("locale", "en")]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "logged out");
        // In a new session of the same person the old token is a foreign one.
        let mut again = demo(&site, "zhoumin").await;
        let page = again.post("/account/language", &[("csrf", &own), ("locale", "en")]).await;
        assert!(is_csrf(&page), "{}", page.body);
        let fresh = again.csrf().await;
        site.pass(31 * Ts::MINUTE);
        let page = again.post("/account/language", &[("csrf", &fresh), ("locale", "en")]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "left alone too long");
        assert_eq!(events(&db).await, before + 1, "one log-in and nothing else");
    });
});

#[test]
fn a_program_s_key_does_not_open_forms_and_a_session_does_not_replace_it() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::with(test.db.clone(), Config::default(), true, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = demo(&site, "zhoumin").await;
        // A header that another site's page cannot send skips the token only where it is a program's key.
        let mut dressed =
            browser.having("authorization", "Bearer x").having("origin", "https://evil.example");
        let page = dressed.post("/account/language", &[("locale", "en")]).await;
        assert!(is_csrf(&page), "{}", page.body);
        for kind in ["Bearer x", "Basic eDp5", "Bearer "] {
            let mut dressed = browser.having("authorization", kind);
            let page = dressed
                .send(Method::POST, "/api/v1/reports", Some("application/json"), "{\"text\":\"x\"}")
                .await;
            assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{kind}: the session beside it does not count");
        }
        let page =
            browser.send(Method::POST, "/api/v1/reports", Some("application/json"), "{\"text\":\"x\"}").await;
        assert!(is_csrf(&page), "{}", page.body);
    });
}
