//! Phones of people in the field: bound by a code, opened by a PIN, weak whatever their person may do elsewhere, cut off at once.

use crate::browser::{Browser, Page, Site, run, system};
use axum::http::StatusCode;
use gezhi::config::Config;
use gezhi::features::people::device;
use gezhi::features::people::service as people;
use kernel::{AccountId, Ts};
use store::both;

const PIN: &str = "582041";

fn site(db: store::Db) -> Site {
    let site = Site::with(db, Config::default(), true, None);
    site.person("wuhao", &["system_admin"]);
    site
}

async fn enter<'a>(site: &'a Site, login: &str) -> Browser<'a> {
    let mut browser = site.browser();
    let page = browser.post("/demo/login", &[("login", login)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{login}: {}", page.body);
    browser
}

/// A code for an account, as the administrator's page shows it: the address of its page.
async fn code(site: &Site, account: AccountId) -> String {
    let mut admin = enter(site, "wuhao").await;
    let csrf = admin.csrf().await;
    let page = admin.post(&format!("/people/{account}/phones"), &[("csrf", &csrf)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let url = page.text("#phone-link").expect("a link");
    url[url.find("/m/bind/").expect("its path")..].to_owned()
}

async fn choose(phone: &mut Browser<'_>, path: &str, pin: &str, again: &str) -> Page {
    phone.post(path, &[("pin", pin), ("again", again), ("name", "红米")]).await
}

/// A phone that is bound and open.
async fn bound<'a>(site: &'a Site, account: AccountId) -> Browser<'a> {
    let path = code(site, account).await;
    let mut phone = site.browser();
    let page = choose(&mut phone, &path, PIN, PIN).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/report"), "{}", page.body);
    phone
}

async fn pin(phone: &mut Browser<'_>, pin: &str) -> StatusCode {
    phone.post("/m", &[("pin", pin)]).await.status
}

both!(a_phone_is_bound_once_and_opens_by_its_pin, |db| {
    let site = site(db);
    let chen = site.person("chenli", &["grid_worker"]);
    run(async {
        let path = code(&site, chen).await;
        let mut phone = site.browser();
        let asked = phone.get(&path).await;
        assert!(asked.status == StatusCode::OK && asked.body.contains("chenli"), "{}", asked.body);
        for (first, second) in [("123456", "123456"), ("58204", "58204"), (PIN, "582042")] {
            assert_eq!(
                choose(&mut phone, &path, first, second).await.status,
                StatusCode::UNPROCESSABLE_ENTITY
            );
        }
        assert_eq!(choose(&mut phone, &path, PIN, PIN).await.location(), "/report");
        assert_eq!(phone.get("/report").await.status, StatusCode::OK);
        // The code is used up.
        let mut thief = site.browser();
        assert_eq!(thief.get(&path).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            choose(&mut thief, &path, "204158", "204158").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert_eq!(thief.get("/report").await.status, StatusCode::SEE_OTHER);
        // The next day it asks for the PIN and goes where one wanted.
        site.pass(20 * Ts::HOUR);
        assert_eq!(phone.get("/report").await.location(), "/login?next=/report");
        assert_eq!(phone.get("/login?next=/report").await.location(), "/m?next=/report");
        assert_eq!(phone.get("/m?next=/report").await.count("#f-pin"), 1);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::SEE_OTHER);
        assert_eq!(phone.get("/report").await.status, StatusCode::OK);
        // Thirty days slide with each use; unused they are over.
        site.pass(29 * Ts::DAY);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::SEE_OTHER);
        site.pass(29 * Ts::DAY);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::SEE_OTHER);
        site.pass(31 * Ts::DAY);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(phone.get("/m").await.count("#f-code"), 1);
        // A code that lies about is worth nothing after a quarter of an hour.
        let late = code(&site, chen).await;
        site.pass(15 * Ts::MINUTE);
        assert_eq!(choose(&mut thief, &late, PIN, PIN).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
});

both!(a_bound_phone_never_reveals_whatever_its_person_may_do_elsewhere, |db| {
    let site = site(db);
    let chen = site.person("chenli", &["grid_worker"]);
    let desk = site.person("linlan", &["dispatcher"]);
    run(async {
        let mut phone = bound(&site, chen).await;
        // Somebody with a desk gets no phone.
        let mut admin = enter(&site, "wuhao").await;
        let csrf = admin.csrf().await;
        let refused = admin.post(&format!("/people/{desk}/phones"), &[("csrf", &csrf)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        // And one whose person comes to have a desk stays as weak as it was.
        let cx = system(&site.app);
        site.app
            .db
            .write_now(move |tx| {
                let post = people::holdings(tx, &cx, chen)?[0].post;
                let role = people::role_by_code(tx, &cx, "dispatcher")?.expect("a shipped role").id;
                people::ask_role(tx, &cx, post, role)?;
                Ok(())
            })
            .unwrap();
        let mut seat = enter(&site, "chenli").await;
        let (own, csrf) = (seat.csrf().await, phone.csrf().await);
        let reveal = [("csrf", own.as_str()), ("report", "1"), ("reason", "核实楼层")];
        assert_ne!(
            seat.post("/cases/1/reveal", &reveal).await.status,
            StatusCode::FORBIDDEN,
            "the right is there"
        );
        let reveal = [("csrf", csrf.as_str()), ("report", "1"), ("reason", "核实楼层")];
        assert_eq!(phone.post("/cases/1/reveal", &reveal).await.status, StatusCode::FORBIDDEN);
        for path in ["/board", "/people", "/stats", "/account/password", "/account/totp"] {
            assert_eq!(phone.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let totp = [("csrf", csrf.as_str()), ("secret", "x"), ("code", "1")];
        assert_eq!(phone.post("/account/totp", &totp).await.status, StatusCode::FORBIDDEN);
        assert_eq!(phone.get("/report").await.status, StatusCode::OK, "what it is for stays");
        let account = phone.get("/account").await;
        assert_eq!(account.count("a[href='/account/totp']"), 0, "{}", account.body);
    });
});

both!(wrong_pins_pause_a_phone_and_then_end_it, |db| {
    let site = site(db);
    let chen = site.person("chenli", &["grid_worker"]);
    run(async {
        let mut phone = bound(&site, chen).await;
        site.pass(13 * Ts::HOUR);
        for _ in 0..5 {
            assert_eq!(pin(&mut phone, "111222").await, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(
            pin(&mut phone, PIN).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "locked, though it is right"
        );
        site.pass(15 * Ts::MINUTE);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::SEE_OTHER);
        // A right one begins the count anew.
        site.pass(13 * Ts::HOUR);
        for _ in 0..5 {
            pin(&mut phone, "111222").await;
        }
        site.pass(15 * Ts::MINUTE);
        for _ in 0..5 {
            pin(&mut phone, "111222").await;
        }
        site.pass(Ts::HOUR);
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(phone.get("/m").await.count("#f-code"), 1, "cut off");
    });
});

both!(a_phone_is_cut_off_in_one_click_by_the_office_or_its_owner, |db| {
    let site = site(db);
    let chen = site.person("chenli", &["grid_worker"]);
    run(async {
        let mut phone = bound(&site, chen).await;
        let mut admin = enter(&site, "wuhao").await;
        let page = admin.get(&format!("/people/{chen}")).await;
        assert!(page.body.contains("红米"), "listed with its name: {}", page.body);
        let action = page.attribute("#phones td form", "action").expect("a way to cut it off");
        let csrf = admin.csrf().await;
        assert_eq!(admin.post(&action, &[("csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(phone.get("/report").await.status, StatusCode::SEE_OTHER, "logged out at once");
        assert_eq!(pin(&mut phone, PIN).await, StatusCode::UNPROCESSABLE_ENTITY);

        let mut other = bound(&site, chen).await;
        let page = other.get("/account").await;
        let action = page.attribute("#phones form", "action").expect("a way to cut it off");
        let csrf = other.csrf().await;
        assert_eq!(other.post(&action, &[("csrf", &csrf)]).await.location(), "/m");
        assert_eq!(other.get("/report").await.status, StatusCode::SEE_OTHER);
        // An account that is locked opens on no phone.
        let mut third = bound(&site, chen).await;
        let cx = system(&site.app);
        site.app.db.write_now(move |tx| people::lock_account(tx, &cx, chen, "离岗")).unwrap();
        assert_eq!(third.get("/report").await.status, StatusCode::SEE_OTHER);
        assert_eq!(pin(&mut third, PIN).await, StatusCode::UNPROCESSABLE_ENTITY);
    });
});

both!(whoever_does_not_manage_an_account_makes_no_code_for_it, |db| {
    let site = site(db);
    let chen = site.person("chenli", &["grid_worker"]);
    let other = site.person("hebin", &["grid_worker"]);
    let actor = |login: AccountId| {
        let (cx, now) = (system(&site.app), site.clock.now());
        let actor = site.app.db.read_now(move |tx| people::actor(tx, cx.office.id, login, now)).unwrap();
        gezhi::context::Cx { actor: actor.expect("an active account"), ..system(&site.app) }
    };
    let stranger = actor(other);
    let made = site.app.db.write_now(move |tx| device::make_code(tx, &stranger, chen));
    assert!(made.is_err(), "a colleague");
    let own = actor(chen);
    let made = site.app.db.write_now(move |tx| device::make_code(tx, &own, chen));
    assert!(made.is_err(), "oneself");
});
