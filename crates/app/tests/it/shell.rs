//! What every page stands in: routes and their access, the log-in of the demonstration, languages, live updates.

use crate::browser::{PASSWORD, Page, Site, run, system};
use crate::web::{site, sqlite};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::events::{Stream, append};
use gezhi::installation::Installation;
use gezhi::web::{self, Access, Problem};
use gezhi::words::{Locale, Words};
use kernel::{Clock, Ts};
use store::both;

/// Everybody may come here; whoever adds a route says so here too.
const PUBLIC: [&str; 10] = [
    "/assets/{name}",
    "/demo/login",
    "/healthz",
    "/login",
    "/login/code",
    "/m",
    "/m/bind/{code}",
    "/metrics",
    "/p",
    "/start",
];

#[test]
fn every_route_but_the_public_ones_asks_for_a_session_and_its_right() {
    let (site, _db) = site();
    site.person("bare", &[]);
    run(async {
        let mut nobody = site.browser();
        let mut bare = site.browser();
        bare.log_in("bare", PASSWORD).await;
        let csrf = bare.csrf().await;
        bare.headers.push(("x-csrf-token", csrf));
        for entry in web::routes().entries() {
            let path = entry.path.replace("{id}", "1").replace("{name}", "x");
            let open = PUBLIC.contains(&entry.path) || entry.path == "/p" || entry.path.starts_with("/p/");
            let stranger = nobody.send(entry.method.clone(), &path, None, String::new()).await;
            let out =
                stranger.status == StatusCode::UNAUTHORIZED || stranger.location().starts_with("/login");
            assert_eq!(
                matches!(entry.access, Access::Public | Access::Local),
                open,
                "{} {}",
                entry.method,
                entry.path
            );
            assert!(open || out, "{} {} answers {} to a stranger", entry.method, entry.path, stranger.status);
            if matches!(entry.access, Access::Grant(_) | Access::AnyGrant(_)) {
                let page = bare.send(entry.method.clone(), &path, None, String::new()).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{} {}", entry.method, entry.path);
            }
        }
    });
}

#[test]
fn the_demonstration_lets_in_by_one_click_and_nothing_else_does() {
    for demo in [true, false] {
        let test = sqlite();
        let site = Site::with(test.db.clone(), Config::default(), demo, None);
        site.person("zhoumin", &["acceptor"]);
        run(async {
            let mut browser = site.browser();
            let page = browser.get("/login").await;
            assert_eq!(page.count("button[data-demo-login=zhoumin]"), usize::from(demo));
            let page = browser.post("/demo/login", &[("login", "zhoumin")]).await;
            if demo {
                assert_eq!(page.location(), "/");
                assert_eq!(browser.get("/nav").await.status, StatusCode::OK, "strong at once");
            } else {
                assert_eq!(page.status, StatusCode::NOT_FOUND);
                assert!(browser.cookies.is_empty());
            }
        });
    }
}

#[test]
fn the_language_switch_is_remembered_and_leaves_the_address_clean() {
    let (site, _db) = site();
    run(async {
        let mut browser = site.browser();
        let page = browser.get("/login?next=/cases&lang=en").await;
        assert_eq!(page.location(), "/login?next=/cases");
        let page = browser.get("/login?next=/cases").await;
        assert_eq!(page.attribute("html", "lang").unwrap(), "en");
        assert_eq!(page.attribute("a[lang]", "href").unwrap(), "/login?next=/cases&lang=zh-CN");
        // A stranger has no menu and no scope: where a resident goes on stands there.
        let page = browser.get("/nowhere").await;
        assert_eq!((page.text("h1").unwrap().as_str(), page.count("a[href='/p']")), ("No such page", 1));
        let page = browser.get("/p/nowhere").await;
        assert_eq!((page.status, page.count(".pub-top")), (StatusCode::NOT_FOUND, 1));
        assert_eq!((page.count("main a[href='/p']"), page.count("main a[href='/p/track']")), (1, 1));
        assert_eq!(browser.get("/p/nowhere?mode=elder").await.location(), "/p/nowhere");
        assert_eq!(browser.get("/p/nowhere").await.attribute("html", "data-mode").as_deref(), Some("elder"));
        let json = browser.get("/api/v1/nowhere").await;
        assert!(json.body.contains("common.not_found"));
    });
}

both!(a_change_moves_the_versions_that_browsers_watch, |db| {
    let site = Site::new(db);
    let account = site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        let version = |page: &Page| {
            serde_json::from_str::<serde_json::Value>(&page.body).unwrap()["account"].as_i64().unwrap()
        };
        let first = version(&browser.get("/live/poll?keys=account,cases").await);
        assert!(first > 0);
        assert_eq!(version(&browser.get("/live/poll?keys=account").await), first);
        let cx = system(&site.app);
        site.app
            .db
            .write(move |tx| append(tx, &cx, Stream::Account, account.0, "people.rename_account", &()))
            .await
            .unwrap();
        web::live::poll(&site.app).await.unwrap();
        assert!(version(&browser.get("/live/poll?keys=account").await) > first);
    });
});

#[test]
fn a_browser_that_listens_hears_versions_and_is_told_when_its_session_ends() {
    let (site, _db) = site();
    let account = site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        web::live::poll(&site.app).await.unwrap();
        let mut events = browser.listen("/live").await;
        let first = events.next().await.unwrap();
        assert!(first.contains("event: v") && first.contains("\"account\":"), "{first}");
        let change = async || {
            let cx = system(&site.app);
            let body = move |tx: &mut store::Tx<'_>| {
                append(tx, &cx, Stream::Account, account.0, "people.rename_account", &())
            };
            site.app.db.write(body).await.unwrap();
            web::live::poll(&site.app).await.unwrap();
        };
        change().await;
        let second = events.next().await.unwrap();
        assert!(second.contains("event: v") && second != first, "{second}");
        site.pass(31 * Ts::MINUTE);
        tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
        change().await;
        let last = events.next().await.unwrap();
        assert!(last.contains("event: bye"), "{last}");
        assert!(events.next().await.is_none());
    });
}

#[test]
fn one_process_works_on_a_folder_and_a_lost_key_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { data: dir.path().join("data"), ..Config::default() };
    let first = Installation::open(config.clone(), Clock::System).unwrap();
    let error = Installation::open(config.clone(), Clock::System).err().unwrap();
    assert!(error.to_string().contains("in use by another gezhi process"), "{error}");
    drop(first);
    drop(Installation::open(config.clone(), Clock::System).unwrap());
    std::fs::remove_file(config.key_path()).unwrap();
    assert!(Installation::open(config, Clock::System).is_err());
}

/// Every macro once, with and without its body.
#[derive(askama::Template)]
#[template(
    ext = "html",
    source = r#"{% import "macros.html" as m %}<form>{{ m::hidden("t", "i") }}{{ m::icon("/a.svg", "map") }}{{ m::kbd("N") }}
{{ m::button("a") }}{{ m::button("b", "pri") }}{{ m::key_button("c", "pri", "enter", "↵") }}{{ m::chip("d") }}{{ m::chip("e", "red") }}
{{ m::notice("ok", "f") }}{{ m::errors(problem) }}{{ m::error(problem, "why") }}{{ m::field(problem, "why", "g", "text", "<x>", "hint") }}
{% call m::field(problem, "n", "g", "number", "1") %}required{% endcall %}{{ m::area(problem, "why", "h", "<y>") }}
{% call m::area(problem, "z", "h", "") %}required{% endcall %}{% call m::select(problem, "why", "i") %}<option>1</option>{% endcall %}
{{ m::empty("/a.svg", "inbox", "j", "k") }}{% call m::empty("/a.svg", "inbox", "j", "k") %}<a href="/">l</a>{% endcall %}
{{ m::pager(w, "/1", "", "128") }}<ol>{{ m::tl_item("", "15:31", "m") }}{% call m::tl_item("sys", "15:32", "n") %}<div>o</div>{% endcall %}</ol></form>"#
)]
struct Macros {
    w: Words,
    problem: Problem,
}

#[test]
fn every_macro_of_the_shell_can_be_drawn_and_escapes_what_was_typed() {
    let w = Words::new(Locale::Zh, &jiff::tz::TimeZone::UTC, Ts(0));
    let problem = Problem::new(&w, &kernel::Refusal::missing("why"));
    let body = askama::Template::render(&Macros { w, problem }).unwrap();
    let page =
        Page { status: StatusCode::OK, headers: axum::http::HeaderMap::new(), body, bytes: Vec::new() };
    assert!(!page.body.contains("<x>") && page.body.contains("&#60;x&#62;"), "{}", page.body);
    for (selector, count) in [
        ("input[name=csrf][value=t]", 1),
        (".errors a[href='#f-why']", 1),
        ("#f-why[aria-invalid=true]", 3),
        ("input[name=n][required]", 1),
        ("textarea[name=z][required]", 1),
        ("select option", 1),
        (".empty .btns a", 1),
        (".pager a[rel=prev]", 1),
        (".pager a[rel=next]", 0),
        ("ol li.sys div", 1),
        ("button[data-key=enter].btn.pri kbd", 1),
    ] {
        assert_eq!(page.count(selector), count, "{selector}: {}", page.body);
    }
}

#[test]
fn health_is_for_everybody_and_the_counts_name_routes_not_people() {
    let (site, _db) = site();
    run(async {
        let mut browser = site.browser();
        assert_eq!(browser.get("/healthz").await.body, "ok\n");
        browser.get("/login").await;
        let text = browser.get("/metrics").await.body;
        assert!(
            text.contains("gezhi_requests_total{method=\"GET\",route=\"/login\",status=\"200\"} 1"),
            "{text}"
        );
        assert!(text.contains("gezhi_jobs_ready 0"));
    });
}
