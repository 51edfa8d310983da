//! Sessions that somebody else would like to have: none is taken over from before a log-in, none outlives what ends it,
//! and whoever guesses is held off while the owner still gets in.

use super::demo;
use crate::browser::{Browser, PASSWORD, Page, Site, run};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::features::people::session::{self, totp::Enrolment};
use kernel::Ts;
use store::both;

/// Attributes of the cookies that an answer sets.
fn set(page: &Page) -> Vec<String> {
    page.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect()
}

both!(a_session_planted_before_the_log_in_is_worth_nothing_after_it, |db| {
    let site = Site::with(db, Config::default(), false, None);
    site.person("linlan", &["verifier"]);
    run(async {
        // A value of the thief's choice.
        let mut victim = site.browser();
        victim.cookies.insert("gezhi".into(), "planted-by-somebody-else".into());
        victim.log_in("linlan", PASSWORD).await;
        let own = victim.cookies["gezhi"].clone();
        assert!(own != "planted-by-somebody-else" && own.len() >= 32, "{own}");
        // A session of the thief's own, which stands.
        let mut thief = site.browser();
        site.pass(Ts::MINUTE);
        thief.log_in("linlan", PASSWORD).await;
        let planted = thief.cookies["gezhi"].clone();
        let mut victim = site.browser();
        victim.cookies.insert("gezhi".into(), planted.clone());
        victim.log_in("linlan", PASSWORD).await;
        assert_ne!(victim.cookies["gezhi"], planted);
        assert_eq!(victim.get("/account").await.status, StatusCode::OK);
        assert_eq!(thief.get("/account").await.status, StatusCode::SEE_OTHER, "the planted one has ended");
    });
});

/// What the authenticator would show, from the page that sets it up.
async fn enrol(site: &Site, browser: &mut Browser<'_>) -> (String, Enrolment) {
    let page = browser.get("/account/totp").await;
    let sealed = page.attribute("input[name=secret]", "value").unwrap();
    let own = session::hash(&browser.cookies["gezhi"]);
    let enrolment = Enrolment::open(&site.app.vault, site.app.offices()[0].id, &own, &sealed).unwrap();
    (sealed, enrolment)
}

both!(each_step_up_gives_a_session_that_was_not_known_before, |db| {
    let site = Site::with(db, Config::default(), false, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("zhoumin", PASSWORD).await;
        let weak = browser.clone();
        let (sealed, enrolment) = enrol(&site, &mut browser).await;
        let csrf = browser.csrf().await;
        let code = enrolment.code(site.clock.now());
        let page =
            browser.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert_ne!(browser.cookies["gezhi"], weak.cookies["gezhi"], "the second factor gives a new session");
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK);
        let mut thief = weak.clone();
        assert_ne!(thief.get("/nav").await.status, StatusCode::OK, "the weak one has not become strong");

        let strong = browser.clone();
        let csrf = browser.csrf().await;
        let new = "a much longer one";
        let fields = [("csrf", csrf.as_str()), ("current", PASSWORD), ("password", new), ("again", new)];
        let page = browser.post("/account/password", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert_ne!(browser.cookies["gezhi"], strong.cookies["gezhi"], "so does a new password");
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK);
        let mut thief = strong.clone();
        assert_ne!(thief.get("/nav").await.status, StatusCode::OK, "who had the old session is out");
    });
});

#[test]
fn every_cookie_that_opens_something_is_hidden_from_scripts_and_other_sites() {
    for https in [false, true] {
        let base = https.then(|| "https://office.example".to_owned());
        let test = store::testing::sqlite().unwrap();
        let site = Site::with(test.db.clone(), Config { base_url: base, ..Config::default() }, true, None);
        let name = if https { "secure" } else { "plain" };
        let account = site.person(name, &["grid_worker"]);
        site.person(&format!("admin-{name}"), &["system_admin"]);
        run(async {
            let mut all = set(&site.browser().post("/demo/login", &[("login", name)]).await);
            all.extend(set(&site.browser().log_in(name, PASSWORD).await));
            all.extend(set(&site.browser().get("/login?lang=en").await));
            let mut admin = demo(&site, &format!("admin-{name}")).await;
            let csrf = admin.csrf().await;
            let page = admin.post(&format!("/people/{account}/phones"), &[("csrf", &csrf)]).await;
            let link = page.text("#phone-link").unwrap();
            let path = link[link.find("/m/bind/").unwrap()..].to_owned();
            let bound =
                site.browser().post(&path, &[("pin", "582041"), ("again", "582041"), ("name", "x")]).await;
            assert_eq!(bound.status, StatusCode::SEE_OTHER, "{}", bound.body);
            all.extend(set(&bound));
            assert!(all.len() >= 5, "{all:?}");
            for cookie in all {
                for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                    assert!(cookie.contains(part), "{part}: {cookie}");
                }
                assert_eq!(cookie.contains("; Secure"), https, "{cookie}");
                assert!(!cookie.contains("Domain="), "for this host alone: {cookie}");
                let opens = cookie.starts_with("__Host-gezhi") || cookie.starts_with("gezhi");
                assert_eq!(
                    opens && https,
                    cookie.starts_with("__Host-"),
                    "bound to its host by its name: {cookie}"
                );
            }
        });
    }
}

/// Whoever can write a cookie for the host must not get more out of it than a session that does not stand.
#[test]
fn odd_cookies_are_no_session_and_break_nothing() {
    let test = store::testing::sqlite().unwrap();
    let site = Site::with(test.db.clone(), Config::default(), true, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let browser = demo(&site, "zhoumin").await;
        let own = browser.cookies["gezhi"].clone();
        for cookie in [
            "gezhi=".to_owned(),
            "gezhi".to_owned(),
            "=".to_owned(),
            ";;;;".to_owned(),
            format!("gezhi={}", "A".repeat(16_000)),
            format!("gezhi={own}x"),
            format!("gezhi={}", &own[1..]),
            format!("gezhi=\"{own}\""),
            format!("GEZHI={own}"),
            format!("gezhi=%00{own}"),
            "gezhi='; drop table session; --".to_owned(),
            "lang=../../etc; mode=<script>; flash=%%%; gezhi-p=AAAA; gezhi-m=AAAA".to_owned(),
            (0..2_000).map(|n| format!("c{n}=x")).collect::<Vec<_>>().join("; "),
        ] {
            for path in ["/account", "/login", "/m", "/p", "/p/track", "/cases"] {
                let page = site.browser().having("cookie", &cookie).get(path).await;
                assert!(page.status.as_u16() < 500, "{path} {cookie}: {}", page.body);
                assert!(path != "/account" || page.status != StatusCode::OK, "{cookie} is no session");
                assert!(!page.body.contains("<script>;"), "{path} {cookie}");
            }
        }
        let mut beside = site.browser().having("cookie", &format!("a=b; gezhi={own}; c=d"));
        assert_eq!(beside.get("/account").await.status, StatusCode::OK);
    });
}

both!(codes_of_the_second_factor_are_not_guessed_and_the_owner_comes_in_afterwards, |db| {
    let site = Site::with(db, Config::default(), false, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("zhoumin", PASSWORD).await;
        let (sealed, enrolment) = enrol(&site, &mut browser).await;
        let csrf = browser.csrf().await;
        let code = enrolment.code(site.clock.now());
        browser.post("/account/totp", &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]).await;
        site.pass(Ts::MINUTE);
        // A thief who has the password.
        let page = site.browser().log_in("zhoumin", PASSWORD).await;
        let ticket = page.attribute("input[name=ticket]", "value").unwrap();
        let right = enrolment.code(site.clock.now());
        let mut answers = Vec::new();
        for n in 0..12 {
            let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 7 + n) % 1_000_000);
            let page = site.browser().post("/login/code", &[("ticket", &ticket), ("code", &wrong)]).await;
            assert!(!page.headers.contains_key("set-cookie"), "try {n}");
            answers.push(page.status.as_u16());
        }
        assert!(answers.ends_with(&[429, 429, 429]), "{answers:?}");
        let page = site.browser().post("/login/code", &[("ticket", &ticket), ("code", &right)]).await;
        assert_ne!(page.status, StatusCode::SEE_OTHER, "not even the right one, for now");
        // Whoever was in stays in, and comes in again when the wait is over.
        assert_eq!(browser.get("/nav").await.status, StatusCode::OK, "the owner's own session goes on");
        site.pass(31 * Ts::MINUTE);
        site.app.limits.login_name.forget();
        let mut owner = site.browser();
        let page = owner.log_in("zhoumin", PASSWORD).await;
        let ticket = page.attribute("input[name=ticket]", "value").unwrap();
        let right = enrolment.code(site.clock.now());
        let page = owner.post("/login/code", &[("ticket", &ticket), ("code", &right)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    });
});

both!(tickets_and_seals_of_one_thing_open_nothing_else, |db| {
    let site = Site::with(db, Config::default(), false, None);
    site.person("zhoumin", &["acceptor"]);
    run(async {
        let mut browser = site.browser();
        browser.log_in("zhoumin", PASSWORD).await;
        let page = browser.get("/account/totp").await;
        let secret = page.attribute("input[name=secret]", "value").unwrap();
        let office = site.app.offices()[0].id;
        for ticket in [
            String::new(),
            ".".to_owned(),
            format!("{office}."),
            format!("{office}.AAAA"),
            format!("{office}.{secret}"),
            format!("99.{secret}"),
            format!("-1.{}", "A".repeat(10_000)),
            "9".repeat(400),
        ] {
            let page = site.browser().post("/login/code", &[("ticket", &ticket), ("code", "123456")]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{ticket}");
            assert!(!page.headers.contains_key("set-cookie"), "{ticket}");
        }
        // The secret of an enrolment belongs to the session it was shown to.
        site.person("other", &["acceptor"]);
        let mut other = site.browser();
        other.log_in("other", PASSWORD).await;
        let csrf = other.csrf().await;
        let own = session::hash(&browser.cookies["gezhi"]);
        let code = Enrolment::open(&site.app.vault, office, &own, &secret).unwrap().code(site.clock.now());
        let page =
            other.post("/account/totp", &[("csrf", &csrf), ("secret", &secret), ("code", &code)]).await;
        assert_ne!(page.status, StatusCode::SEE_OTHER, "planted by somebody else");
    });
});
