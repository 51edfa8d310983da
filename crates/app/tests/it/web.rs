//! The web shell through its router: who comes in, what is refused, and how it is said.

use crate::browser::{Browser, PASSWORD, Page, Site, run, system};
use axum::http::{Method, StatusCode};
use gezhi::config::{Config, PasswordPolicy};
use gezhi::features::people::session::totp::Enrolment;
use gezhi::features::people::session::{self, token};
use gezhi::web::{self, Access, Answer, Form, Routes, Staff, Upload, WebError, fingerprint};
use kernel::Ts;
use serde::Deserialize;
use std::sync::atomic::{AtomicI64, Ordering};
use store::both;

pub fn sqlite() -> store::testing::TestDb {
    store::testing::sqlite().unwrap()
}

pub fn site() -> (Site, store::testing::TestDb) {
    let test = sqlite();
    (Site::new(test.db.clone()), test)
}

both!(after_five_failures_even_the_right_password_waits_and_a_name_nobody_has_behaves_alike, |db| {
    let site = Site::new(db);
    site.person("linlan", &["verifier"]);
    run(async {
        let mut said = Vec::new();
        for name in ["linlan", "nobody"] {
            let mut browser = site.browser();
            let mut answers = Vec::new();
            for _ in 0..5 {
                let page = browser.log_in(name, "wrong").await;
                answers.push((page.status, page.text(".err")));
            }
            let page = browser.log_in(name, PASSWORD).await;
            answers.push((page.status, page.text(".err")));
            assert!(browser.cookies.is_empty(), "{name}");
            said.push(answers);
        }
        assert_eq!(said[0], said[1]);
        assert_eq!(said[0][3].0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(said[0][4].0, StatusCode::TOO_MANY_REQUESTS);
        assert!(said[0][5].1.as_ref().unwrap().contains("10"), "{:?}", said[0][5]);
        site.pass(11 * Ts::MINUTE);
        let mut browser = site.browser();
        assert_eq!(browser.log_in("linlan", PASSWORD).await.location(), "/");
        assert!(browser.cookies.contains_key("gezhi"));
    });
});

both!(a_session_ends_when_unused_and_live_updates_do_not_keep_it, |db| {
    let site = Site::new(db);
    site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        for _ in 0..4 {
            site.pass(20 * Ts::MINUTE);
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        }
        for _ in 0..2 {
            site.pass(14 * Ts::MINUTE);
            assert_eq!(browser.get("/live/poll?keys=cases").await.status, StatusCode::OK);
        }
        site.pass(3 * Ts::MINUTE);
        assert_eq!(browser.get("/live/poll?keys=cases").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(browser.get("/account?x=1").await.location(), "/login?next=/account%3Fx%3D1");
    });
});

#[test]
fn the_phone_of_a_grid_worker_may_lie_unused_for_longer_than_a_desk() {
    let (site, _db) = site();
    site.person("chenli", &["grid_worker"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("chenli", PASSWORD).await;
        for hours in [5, 6] {
            site.pass(hours * Ts::HOUR);
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        }
        site.pass(2 * Ts::HOUR);
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    });
}

both!(a_session_ends_after_its_hours_however_busy, |db| {
    let site = Site::with(db, Config { session_hours: 2, ..Config::default() }, false, None);
    site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        for _ in 0..7 {
            site.pass(17 * Ts::MINUTE);
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        }
        site.pass(2 * Ts::MINUTE);
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    });
});

#[test]
fn a_form_without_its_token_or_from_another_site_changes_nothing() {
    let (site, _db) = site();
    site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        let csrf = browser.csrf().await;
        let language = |token: &str| [("csrf", token.to_owned()), ("locale", "en".to_owned())];
        let send = async |browser: &mut Browser<'_>, token: &str| {
            let fields = language(token);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            browser.post("/account/language", &fields).await
        };
        let refused = send(&mut browser, "").await;
        assert_eq!((refused.status, refused.header("x-csrf-token")), (StatusCode::FORBIDDEN, csrf.as_str()));
        assert_eq!(
            refused.text("textarea[readonly]").as_deref(),
            Some("en"),
            "what was typed is shown again"
        );
        assert_eq!(send(&mut browser, "x").await.status, StatusCode::FORBIDDEN);
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
        ] {
            let page = send(&mut browser.having(name, value), &csrf).await;
            assert_eq!(
                (page.status, page.header("x-csrf-token")),
                (StatusCode::FORBIDDEN, ""),
                "{name} {value}"
            );
        }
        assert_eq!(browser.get("/account").await.attribute("html", "lang").unwrap(), "zh-CN");
        assert_eq!(
            send(&mut browser.having("origin", "http://office.example"), &csrf).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(send(&mut browser.having("x-csrf-token", &csrf), "").await.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/account").await.attribute("html", "lang").unwrap(), "en");
    });
}

/// The code that the authenticator of somebody would show, from the page that sets it up.
fn code_of(site: &Site, browser: &Browser<'_>, page: &Page) -> (String, Enrolment) {
    let sealed = page.attribute("input[name=secret]", "value").unwrap();
    let own = session::hash(&browser.cookies["gezhi"]);
    let office = site.app.offices()[0].id;
    let enrolment = Enrolment::open(&site.app.vault, office, &own, &sealed).unwrap();
    (sealed, enrolment)
}

both!(whoever_reveals_or_administers_does_nothing_before_the_second_factor, |db| {
    let site = Site::new(db);
    let strong = [
        "acceptor",
        "dispatcher",
        "arbiter",
        "handler",
        "caller",
        "community_secretary",
        "leader",
        "firm_contact",
        "system_admin",
        "security_admin",
        "auditor",
    ];
    let plain = ["verifier", "grid_worker", "supervisor", "contractor"];
    for role in strong.iter().chain(&plain) {
        site.person(role, &[role]);
    }
    run(async {
        for role in strong {
            let mut browser = site.browser();
            browser.log_in(role, PASSWORD).await;
            for path in ["/", "/cases", "/log", "/people", "/api/v1/cases", "/cases/1/print"] {
                let page = browser.get(path).await;
                let asked = page.location() == "/account/totp"
                    || (path.starts_with("/api/") || page.status == StatusCode::FORBIDDEN);
                assert!(
                    asked && page.status != StatusCode::OK,
                    "{role} {path} {} {}",
                    page.status,
                    page.location()
                );
            }
            let csrf = browser.csrf().await;
            let form = [("csrf", csrf.as_str()), ("report", "1"), ("reason", "核实位置")];
            let shown = browser.post("/cases/1/reveal", &form).await;
            assert!(
                shown.location() == "/account/totp" || shown.status == StatusCode::FORBIDDEN,
                "{role} {} {}",
                shown.status,
                shown.location()
            );
        }
        for role in plain {
            let mut browser = site.browser();
            browser.log_in(role, PASSWORD).await;
            assert_eq!(browser.get("/").await.status, StatusCode::OK, "{role}");
        }
    });
});

both!(who_reveals_or_administers_sets_up_a_second_factor_first_and_no_code_counts_twice, |db| {
    let site = Site::new(db);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("zhoumin", PASSWORD).await;
        assert_eq!(browser.get("/nav").await.location(), "/account/totp");
        assert_eq!(browser.having("hx-request", "true").get("/nav").await.status, StatusCode::FORBIDDEN);
        let page = browser.get("/account/totp").await;
        assert!(page.attribute("form#totp img", "src").unwrap().starts_with("data:image/svg+xml;base64,"));
        let (sealed, enrolment) = code_of(&site, &browser, &page);
        let csrf = browser.csrf().await;
        let wrong =
            browser.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", "000000")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let code = enrolment.code(site.clock.now());
        let set =
            browser.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]).await;
        assert_eq!(set.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK);

        let mut second = site.browser();
        let page = second.log_in("zhoumin", PASSWORD).await;
        let ticket = page.attribute("input[name=ticket]", "value").unwrap();
        assert!(second.cookies.is_empty(), "a password alone opens nothing");
        let replay = second.post("/login/code", &[("ticket", &ticket), ("code", &code)]).await;
        assert_eq!((replay.status, second.cookies.len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
        site.pass(30_000);
        let next = enrolment.code(site.clock.now());
        let done = second.post("/login/code", &[("ticket", &ticket), ("code", &next)]).await;
        assert_eq!(done.location(), "/");
        assert_eq!(second.get("/nav").await.status, StatusCode::OK);
        let stale = site.browser().post("/login/code", &[("ticket", &ticket), ("code", &next)]).await;
        assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
        site.pass(6 * Ts::MINUTE);
        let late = enrolment.code(site.clock.now());
        let expired = site.browser().post("/login/code", &[("ticket", &ticket), ("code", &late)]).await;
        assert!(expired.headers.get("set-cookie").is_none());
    });
});

#[test]
fn a_session_from_before_the_second_factor_was_set_up_must_show_it_too() {
    let (site, _db) = site();
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let (mut first, mut other) = (site.browser(), site.browser());
        first.log_in("zhoumin", PASSWORD).await;
        other.log_in("zhoumin", PASSWORD).await;
        let page = first.get("/account/totp").await;
        let (sealed, enrolment) = code_of(&site, &first, &page);
        let csrf = first.csrf().await;
        let code = enrolment.code(site.clock.now());
        first.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]).await;
        assert_eq!(other.get("/nav").await.status, StatusCode::UNAUTHORIZED);
        let page = other.get("/account/totp").await;
        let (sealed, stolen) = code_of(&site, &other, &page);
        let (csrf, code) = (other.csrf().await, stolen.code(site.clock.now()));
        let taken =
            other.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]).await;
        assert_eq!(taken.status, StatusCode::UNAUTHORIZED);
    });
}

both!(a_first_password_is_changed_before_anything_else_and_other_log_ins_end, |db| {
    const FIRST: store::Sql = store::Sql::Both("update account set password_at = null where id = $1");
    let site = Site::new(db);
    let account = site.person("linlan", &["verifier"]);
    site.app.db.write_now(move |tx| tx.exec(&FIRST, store::args![account])).unwrap();
    run(async {
        let (mut browser, mut other) = (site.browser(), site.browser());
        browser.log_in("linlan", PASSWORD).await;
        other.log_in("linlan", PASSWORD).await;
        assert_eq!(browser.get("/nav").await.location(), "/account/password");
        let csrf = browser.csrf().await;
        for (current, new, again, field) in [
            ("wrong", "a much longer one", "a much longer one", "current"),
            (PASSWORD, "short", "short", "password"),
            (PASSWORD, "a much longer one", "another", "again"),
            (PASSWORD, PASSWORD, PASSWORD, "password"),
        ] {
            let fields = [("csrf", csrf.as_str()), ("current", current), ("password", new), ("again", again)];
            let page = browser.post("/account/password", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
            assert_eq!(page.count(&format!("#e-{field}")), 1, "{new}");
        }
        let fields = [
            ("csrf", csrf.as_str()),
            ("current", PASSWORD),
            ("password", "a much longer one"),
            ("again", "a much longer one"),
        ];
        assert_eq!(browser.post("/account/password", &fields).await.location(), "/");
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK);
        assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
        assert_eq!(site.browser().log_in("linlan", "a much longer one").await.location(), "/");
    });
});

#[test]
fn where_the_rules_of_mlps_are_set_a_password_ages() {
    let test = sqlite();
    let config = Config { password_policy: PasswordPolicy::Mlps, ..Config::default() };
    let site = Site::with(test.db.clone(), config, false, None);
    site.person("linlan", &["verifier"]);
    run(async {
        site.pass(89 * Ts::DAY);
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK);
        site.pass(2 * Ts::DAY);
        browser.log_in("linlan", PASSWORD).await;
        assert_eq!(browser.get("/nav").await.location(), "/account/password");
    });
}

#[test]
fn every_page_carries_a_strict_policy_and_its_script_the_mark_of_that_answer() {
    let (site, _db) = site();
    run(async {
        let mut seen = Vec::new();
        for _ in 0..2 {
            let page = site.browser().get("/login").await;
            let policy = page.header("content-security-policy").to_owned();
            let nonce = page.attribute("script", "nonce").unwrap();
            assert!(nonce.len() >= 20 && policy.contains(&format!("script-src 'nonce-{nonce}'")), "{policy}");
            for part in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "style-src 'self';",
            ] {
                assert!(policy.contains(part), "{part} in {policy}");
            }
            assert!(!policy.contains("unsafe"));
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert_eq!(page.header("referrer-policy"), "same-origin");
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("strict-transport-security"), "");
            assert_eq!(page.count("[style]") + page.count("style") + page.count("script:not([nonce])"), 0);
            seen.push(nonce);
        }
        assert_ne!(seen[0], seen[1]);
        for path in ["/nowhere", "/healthz"] {
            assert!(
                site.browser()
                    .get(path)
                    .await
                    .header("content-security-policy")
                    .contains("frame-ancestors 'none'")
            );
        }
    });
}

#[test]
fn behind_https_the_session_cookie_is_bound_to_its_host() {
    let test = sqlite();
    let config = Config { base_url: Some("https://office.example".into()), ..Config::default() };
    let site = Site::with(test.db.clone(), config, false, None);
    site.person("linlan", &["verifier"]);
    run(async {
        let page = site.browser().log_in("linlan", PASSWORD).await;
        let cookie = page.header("set-cookie");
        assert!(cookie.starts_with("__Host-gezhi="), "{cookie}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert!(page.header("strict-transport-security").starts_with("max-age=31536000"));
    });
}

static RUNS: AtomicI64 = AtomicI64::new(0);

#[derive(Deserialize)]
struct NoteForm {
    #[serde(default)]
    idem: String,
    text: String,
}

async fn note(staff: Staff, Form(form): Form<NoteForm>) -> Answer {
    let request = fingerprint(&("note", &form.text));
    let number = staff
        .write_once(&form.idem, &request, |tx, _| {
            RUNS.fetch_add(1, Ordering::SeqCst);
            tx.id()
        })
        .await?;
    web::html(&Shown(number.to_string()))
}

#[derive(askama::Template)]
#[template(source = "{{ self.0 }}", ext = "html")]
struct Shown(String);

async fn upload(_: Staff, upload: Upload) -> Answer {
    web::html(&Shown(format!("{:?} {}", upload.fields, upload.files.len())))
}

async fn panics(_: Staff) -> Answer {
    panic!("a phone number: 13800000000")
}

async fn fails(_: Staff) -> Answer {
    Err(WebError::Failed(anyhow::anyhow!("a secret: hunter2")))
}

fn own_routes() -> Routes {
    web::routes()
        .post("/note", Access::Session, note)
        .upload("/upload", Access::Session, upload)
        .get("/panics", Access::Session, panics)
        .get("/fails", Access::Session, fails)
        .get("/api/v1/whoami", Access::Grant("demands.verify"), whoami)
        .get("/api/v1/dispatch", Access::Grant("demands.dispatch"), whoami)
}

async fn whoami(staff: Staff) -> Answer {
    web::html(&Shown(format!("{} {:?}", staff.cx.actor.name, staff.cx.source)))
}

both!(a_retry_with_the_same_key_changes_nothing_and_another_content_under_it_is_refused, |db| {
    let site = Site::with(db, Config::default(), false, Some(own_routes()));
    site.person("linlan", &["verifier"]);
    site.person("other", &["verifier"]);
    run(async {
        let (mut browser, mut other) = (site.browser(), site.browser());
        browser.log_in("linlan", PASSWORD).await;
        other.log_in("other", PASSWORD).await;
        let (csrf, csrf_other) = (browser.csrf().await, other.csrf().await);
        let key = "0195f000-0000-7000-8000-000000000001";
        let first = browser.post("/note", &[("csrf", &csrf), ("idem", key), ("text", "a")]).await;
        assert_eq!(first.status, StatusCode::OK);
        let again = browser.post("/note", &[("csrf", &csrf), ("idem", key), ("text", "a")]).await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
        let changed = browser.post("/note", &[("csrf", &csrf), ("idem", key), ("text", "b")]).await;
        assert_eq!(changed.status, StatusCode::CONFLICT);
        assert!(changed.body.contains(">b</textarea>"), "what was typed is still there");
        let stranger = other.post("/note", &[("csrf", &csrf_other), ("idem", key), ("text", "a")]).await;
        assert_eq!(stranger.status, StatusCode::CONFLICT, "a key is its owner's");
        let blank = browser.post("/note", &[("csrf", &csrf), ("idem", ""), ("text", "a")]).await;
        assert_ne!(blank.body, first.body);
        let bad = browser.post("/note", &[("csrf", &csrf), ("idem", "a b"), ("text", "a")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
});

#[test]
fn a_form_with_files_shows_its_token_first_and_arrives_whole() {
    let test = sqlite();
    let site = Site::with(test.db.clone(), Config::default(), false, Some(own_routes()));
    site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        let csrf = browser.csrf().await;
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file =
            "--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\nabc\r\n"
                .repeat(2);
        let empty = "--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"\"\r\n\r\n\r\n";
        let kind = Some("multipart/form-data; boundary=x");
        let body = format!("{}{}{file}{empty}--x--\r\n", part("csrf", &csrf), part("text", "a"));
        let page = browser.send(Method::POST, "/upload", kind, body).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.ends_with(" 2"), "{}", page.body);
        let photo = |bytes: usize| {
            let head = "--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n";
            format!("{}{head}{}\r\n--x--\r\n", part("csrf", &csrf), "a".repeat(bytes))
        };
        let large = browser.send(Method::POST, "/upload", kind, photo(5 * 1024 * 1024)).await;
        assert_eq!(large.status, StatusCode::OK);
        let larger = browser.send(Method::POST, "/upload", kind, photo(13 * 1024 * 1024)).await;
        assert_eq!(larger.status, StatusCode::PAYLOAD_TOO_LARGE);
        let late = format!("{}{}--x--\r\n", part("text", &"a".repeat(20_000)), part("csrf", &csrf));
        assert_eq!(browser.send(Method::POST, "/upload", kind, late).await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_failure_is_a_page_with_a_number_and_without_its_cause() {
    let test = sqlite();
    let site = Site::with(test.db.clone(), Config::default(), false, Some(own_routes()));
    site.person("linlan", &["verifier"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("linlan", PASSWORD).await;
        for path in ["/panics", "/fails"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(
                page.text("h1").is_some() && !page.body.contains("hunter2") && !page.body.contains("138"),
                "{path}"
            );
            let fragment = browser.having("hx-request", "true").get(path).await;
            assert!(!fragment.body.contains("<html") && fragment.count(".notice.bad") == 1);
        }
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "the program goes on");
    });
}

both!(a_program_with_a_token_has_the_rights_of_its_account_and_the_api_alone, |db| {
    let site = Site::with(db, Config::default(), false, Some(own_routes()));
    let account = site.person("linlan", &["verifier"]);
    let key = token().unwrap();
    let (cx, hash, until) = (system(&site.app), key.hash, site.clock.now().plus(Ts::DAY));
    site.app.db.write_now(move |tx| token::add(tx, &cx, account, "exchange", &hash, Some(until))).unwrap();
    run(async {
        let mut program = site.browser().having("authorization", &format!("Bearer {}", key.text));
        let page = program.get("/api/v1/whoami").await;
        assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "linlan Api"));
        let refused = program.get("/api/v1/dispatch").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let body: serde_json::Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!(body["code"], "common.forbidden");
        assert_eq!(body["args"]["grant"], "demands.dispatch");
        assert_eq!(program.get("/account").await.status, StatusCode::SEE_OTHER, "no page opens to a token");
        let mut wrong = site.browser().having("authorization", "Bearer x");
        assert_eq!(wrong.get("/api/v1/whoami").await.status, StatusCode::UNAUTHORIZED);
        site.pass(2 * Ts::DAY);
        assert_eq!(program.get("/api/v1/whoami").await.status, StatusCode::UNAUTHORIZED);
    });
});
