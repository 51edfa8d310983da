//! Addresses: none leads to another machine, out of a folder, or takes the word of whoever asks for where it comes from.

use super::{address, demo, writing};
use crate::browser::{PASSWORD, Page, Site, run};
use axum::http::{Method, StatusCode};
use gezhi::config::Config;
use gezhi::web;
use store::both;

/// What browsers read as another machine, or as no address at all.
const AWAY: [&str; 14] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "%2f%2fevil.example",
];

/// Whether a browser on one of our pages that is sent there stays with us.
fn stays(target: &str) -> bool {
    let clean: String = target.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let clean = clean.trim().replace('\\', "/");
    let scheme = clean.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
    !clean.starts_with("//") && !scheme
}

fn leads_home(page: &Page, what: &str) {
    for name in ["location", "hx-redirect", "refresh"] {
        let to = page.header(name);
        assert!(stays(to) && (to.is_empty() || to.starts_with('/')), "{what}: {name}: {to}");
    }
    let html = scraper::Html::parse_document(&page.body);
    for (selector, attribute) in [
        ("a[href]", "href"),
        ("form[action]", "action"),
        ("input[name=next]", "value"),
        ("input[name=back]", "value"),
    ] {
        for element in html.select(&scraper::Selector::parse(selector).unwrap()) {
            let to = element.value().attr(attribute).unwrap_or_default();
            assert!(!to.contains("evil.example") || stays(to), "{what}: {selector} {to}");
        }
    }
}

both!(no_page_sends_a_browser_to_another_machine, |db| {
    let site = Site::with(db, Config::default(), true, None);
    site.person("zhoumin", &["acceptor"]);
    site.person("wuhao", &["system_admin"]);
    run(async {
        for away in AWAY {
            let next = web::encode(away);
            let mut guest = site.browser();
            for path in ["/login", "/m", "/p", "/p/track", "/start"] {
                for name in ["next", "back", "return", "url", "from"] {
                    leads_home(
                        &guest.get(&format!("{path}?{name}={next}")).await,
                        &format!("{path} {name} {away:?}"),
                    );
                }
            }
            let fields = [("login", "zhoumin"), ("password", PASSWORD), ("next", away)];
            leads_home(&guest.post("/login", &fields).await, &format!("after the log-in {away:?}"));
            leads_home(
                &site.browser().post("/demo/login", &[("login", "zhoumin"), ("next", away)]).await,
                away,
            );
            leads_home(&site.browser().having("hx-request", "true").post("/login", &fields).await, away);
            leads_home(
                &site.browser().post("/login", &[("login", "x"), ("password", "x"), ("next", away)]).await,
                away,
            );
        }
        let mut desk = demo(&site, "zhoumin").await;
        let csrf = desk.csrf().await;
        for away in AWAY {
            for entry in writing() {
                if matches!(entry.access, web::Access::Token(_))
                    || entry.path == "/logout"
                    || entry.path == "/account/sessions/end"
                {
                    continue;
                }
                let path = address(entry.path, "1");
                let fields = [
                    ("csrf", csrf.as_str()),
                    ("next", away),
                    ("back", away),
                    ("from", away),
                    ("return", away),
                    ("at", away),
                ];
                leads_home(&desk.post(&path, &fields).await, &format!("{path} {away:?}"));
            }
            leads_home(&desk.get(&format!("/login?next={}", web::encode(away))).await, away);
        }
    });
});

/// The language switch answers with the address that was asked for, cleaned: it must still be one of ours.
#[test]
fn the_language_switch_leads_nowhere_else() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::new(test.db.clone());
    run(async {
        for path in [
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/\\/evil.example",
            "/.\\/evil.example",
            "//evil.example/%2e%2e",
        ] {
            for query in ["lang=en", "mode=elder", "lang=en&next=//evil.example"] {
                let page = site.browser().get(&format!("{path}?{query}")).await;
                leads_home(&page, &format!("{path}?{query}"));
            }
        }
    });
}

#[test]
fn no_address_leads_out_of_a_folder() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::with(test.db.clone(), Config::default(), true, None);
    for (login, roles) in
        [("zhoumin", ["acceptor"]), ("wuhao", ["system_admin"]), ("chenli", ["grid_worker"])]
    {
        site.person(login, &roles);
    }
    let secrets = ["[package]", "root:", "SQLite format", "app.css\":"];
    run(async {
        let mut browsers = vec![site.browser()];
        for login in ["zhoumin", "wuhao", "chenli"] {
            browsers.push(demo(&site, login).await);
        }
        for up in [
            "..%2f..%2fCargo.toml",
            "..%5c..%5cCargo.toml",
            "%2e%2e%2fCargo.toml",
            "%2fetc%2fpasswd",
            "%252e%252e%252fetc%252fpasswd",
            "..%2fgezhi.sqlite",
            "%00",
            "a%00.css",
            "..%c0%af..%c0%afetc%c0%afpasswd",
            "manifest.json%2f..",
            "con",
            "-1",
            "9223372036854775807",
            "9223372036854775808",
            "%ff",
            "1%0d%0aSet-Cookie:%20x=y",
        ] {
            for entry in web::routes().entries() {
                if entry.method != Method::GET || !entry.path.contains('{') || entry.path == "/live" {
                    continue;
                }
                let path = address(entry.path, up);
                for browser in &mut browsers {
                    let page = browser.get(&path).await;
                    assert!(page.status.as_u16() < 500, "{path}: {} {}", page.status, page.body);
                    assert!(!secrets.iter().any(|s| page.body.contains(s)), "{path} gives a file away");
                    assert!(!page.headers.contains_key("x") && page.header("set-cookie") != "x=y", "{path}");
                }
            }
        }
    });
}

/// Where nobody has named a proxy, what a request says of itself is not believed; what is for the machine alone is not
/// opened to whatever a proxy on it passes on.
#[test]
fn headers_of_proxies_are_believed_only_from_those_that_were_named() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::new(test.db.clone());
    site.person("linlan", &["verifier"]);
    run(async {
        assert_eq!(site.browser().get("/metrics").await.status, StatusCode::OK);
        for (name, value) in [
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-for", ""),
            ("forwarded", "for=127.0.0.1"),
            ("x-real-ip", "127.0.0.1"),
            ("x-forwarded-host", "localhost"),
            ("x-forwarded-proto", "https"),
        ] {
            for path in ["/metrics", "/start"] {
                let page = site.browser().having(name, value).get(path).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{path} through a proxy, {name}: {value}");
            }
        }
        // Nobody gets fresh tries by inventing addresses.
        let mut last = StatusCode::OK;
        // A try comes back every two seconds: a slow machine needs more of them.
        for n in 0..250 {
            let mut guest = site.browser().having("x-forwarded-for", &format!("198.51.100.{n}"));
            last = guest.log_in(&format!("nobody{n}"), "wrong").await.status;
            if last == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
        // Neither host nor scheme is taken from there.
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-original-url", "/metrics"),
            ("x-rewrite-url", "/metrics"),
        ] {
            let page = site.browser().having(name, value).get("/login").await;
            assert!(
                page.status == StatusCode::OK
                    && !page.body.contains("evil.example")
                    && !page.body.contains("gezhi_requests")
            );
            assert_eq!(page.header("strict-transport-security"), "", "{name}");
        }
        let sly = site
            .browser()
            .having("x-http-method-override", "DELETE")
            .having("x-forwarded-host", "evil.example");
        assert_eq!(
            sly.having("origin", "http://evil.example").log_in("linlan", PASSWORD).await.status,
            StatusCode::FORBIDDEN
        );
    });
}

both!(a_link_in_a_paper_names_the_address_that_was_set_up_and_not_the_one_that_was_asked, |db| {
    let config = Config { base_url: Some("https://office.example".into()), ..Config::default() };
    let site = Site::with(db, config, true, None);
    let chen = site.person("chenli", &["grid_worker"]);
    site.person("wuhao", &["system_admin"]);
    run(async {
        let mut admin = demo(&site, "wuhao").await;
        let csrf = admin.csrf().await;
        let mut asked = admin.having("host", "evil.example").having("x-forwarded-host", "evil.example");
        let page = asked.post(&format!("/people/{chen}/phones"), &[("csrf", &csrf)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let link = page.text("#phone-link").unwrap();
        assert!(
            link.contains("https://office.example/m/bind/") || link.starts_with("office.example/"),
            "{link}"
        );
        assert!(!page.body.contains("evil.example"));
    });
});
