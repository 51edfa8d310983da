//! The API through its router: scope in each answer, keys, refusals, and its own description.

use crate::browser::{Browser, Page, STREET, Site, run, system};
use axum::http::{Method, StatusCode};
use gezhi::features::api::openapi;
use gezhi::features::intake::model::NewReport;
use gezhi::features::intake::service::{self as intake, Stated};
use gezhi::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use gezhi::features::people::service as people;
use gezhi::features::people::session::token as tokens;
use gezhi::features::places::model::{Kind, NewPlace};
use gezhi::features::places::service as places;
use gezhi::features::procedures::model::Input;
use gezhi::features::procedures::state::Location;
use gezhi::web;
use kernel::{AccountId, CaseId, Day, PlaceId};
use serde_json::Value;
use std::collections::BTreeSet;
use store::both;

const SINCE: Day = Day(20_200_101);

/// A street with two communities.
pub fn two_communities(site: &Site) -> (PlaceId, PlaceId) {
    let cx = system(&site.app);
    let make = move |tx: &mut store::Tx<'_>| {
        let mut make = |code: &str, parent, kind, name: &str| {
            places::create_place(tx, &cx, NewPlace::named(code, parent, kind, name), SINCE, "test")
        };
        let first = make("999901001001", Some(STREET), Kind::Community, "柳溪社区")?;
        let second = make("999901001002", Some(STREET), Kind::Community, "北苑社区")?;
        Ok((first, second))
    };
    site.app.db.write_now(make).unwrap()
}

/// Somebody whose post is at a place.
pub fn placed(site: &Site, login: &str, role: &'static str, place: PlaceId) -> AccountId {
    let (cx, login) = (system(&site.app), login.to_owned());
    let make = move |tx: &mut store::Tx<'_>| {
        let unit = NewUnit {
            code: format!("unit-{login}"),
            name: format!("unit of {login}"),
            kind: "community".into(),
            place: Some(place),
            ..NewUnit::default()
        };
        let unit = people::create_unit(tx, &cx, &unit)?;
        let account =
            NewAccount { login: login.clone(), name: login.clone(), locale: None, password_hash: None };
        let account = people::create_account(tx, &cx, &account)?;
        let post = NewPost {
            unit,
            kind: "other".into(),
            title: login.clone(),
            place: Some(place),
            phone_public: None,
        };
        let post = people::create_post(tx, &cx, &post)?;
        let role = people::role_by_code(tx, &cx, role)?.expect("a shipped role").id;
        people::ask_role(tx, &cx, post, role)?;
        people::fill_post(tx, &cx, &Fill { post, account, acting: false, from: cx.now, until: None })?;
        Ok(account)
    };
    site.app.db.write_now(make).unwrap()
}

/// A program that acts as an account.
pub fn program<'a>(site: &'a Site, account: AccountId) -> Browser<'a> {
    let key = gezhi::features::people::session::token().unwrap();
    let (cx, hash) = (system(&site.app), key.hash);
    site.app.db.write_now(move |tx| tokens::add(tx, &cx, account, "test", &hash, None)).unwrap();
    site.browser().having("authorization", &format!("Bearer {}", key.text))
}

/// A case in a community, handled on the spot, so that everybody in whose scope it lies may see it.
fn case_in(site: &Site, community: PlaceId, no: u32, text: &str) -> CaseId {
    let cx = system(&site.app);
    let report = NewReport {
        no: format!("青禾-20260312-{no:04}"),
        code: format!("34679AC{}", char::from(b'D' + u8::try_from(no).unwrap())),
        channel: "grid".into(),
        kind: "event".into(),
        class: "ordinary".into(),
        text: text.into(),
        at: Location { place: Some(community), community: Some(community), ..Location::default() },
        on_spot: Some(Input { note: Some("已清理".into()), ..Input::default() }),
        ..NewReport::default()
    };
    site.app
        .db
        .write_now(move |tx| intake::receive_stated(tx, &cx, &report, &Stated::default()))
        .unwrap()
        .case
}

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|e| panic!("{e}: {}", page.body))
}

async fn post(program: &mut Browser<'_>, path: &str, body: &str) -> Page {
    program.send(Method::POST, path, Some("application/json"), body.to_owned()).await
}

both!(a_community_secretary_sees_and_counts_only_her_own_community, |db| {
    let site = Site::new(db);
    let (own, other) = two_communities(&site);
    let secretary = placed(&site, "chenfang", "community_secretary", own);
    let everybody = site.person("wufang", &["verifier"]);
    let mine = BTreeSet::from([1, 2].map(|n| case_in(&site, own, n, "楼道堆物已清理").to_string()));
    let foreign = case_in(&site, other, 3, "楼道堆物已清理");
    run(async {
        let mut hers = program(&site, secretary);
        let ids = |page: &Page| -> BTreeSet<String> {
            let items = json(page)["items"].as_array().unwrap().clone();
            items.iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
        };
        for path in ["/api/v1/cases", "/api/v1/cases?q=%E6%A5%BC%E9%81%93", "/api/v1/cases?phase=closed"] {
            assert_eq!(ids(&hers.get(path).await), mine, "{path}");
        }
        assert_eq!(json(&hers.get("/api/v1/cases").await)["total"], 2);
        assert!(ids(&hers.get("/api/v1/cases?place=999901001002").await).is_empty());
        assert_eq!(ids(&hers.get("/api/v1/cases?place=999901001001").await), mine);
        let first = hers.get("/api/v1/cases?limit=1").await;
        let next = json(&first)["next"].as_str().unwrap().to_owned();
        let second = hers.get(&format!("/api/v1/cases?limit=1&after={next}")).await;
        assert_eq!(json(&second)["next"], Value::Null);
        assert_eq!(ids(&first).union(&ids(&second)).cloned().collect::<BTreeSet<_>>(), mine);
        for path in [format!("/api/v1/cases/{foreign}"), format!("/api/v1/cases/{foreign}/clocks/1/explain")]
        {
            let page = hers.get(&path).await;
            assert_eq!(
                (page.status, json(&page)["code"].as_str()),
                (StatusCode::NOT_FOUND, Some("common.not_found"))
            );
        }
        let act = post(&mut hers, &format!("/api/v1/cases/{foreign}/actions/urge"), "{}").await;
        assert_eq!(act.status, StatusCode::NOT_FOUND);
        let seen = mine.first().unwrap();
        assert_eq!(json(&hers.get(&format!("/api/v1/cases/{seen}")).await)["id"], seen.as_str());
        assert_eq!(ids(&program(&site, everybody).get("/api/v1/cases").await).len(), 3);
    });
});

both!(a_report_sent_twice_under_one_key_is_one_report_and_its_deadline_is_explained, |db| {
    let site = Site::new(db);
    two_communities(&site);
    let acceptor = site.person("zhoumin", &["acceptor"]);
    run(async {
        let bare = program(&site, acceptor);
        let body = r#"{"text":"雨水井盖破损下陷","place":"999901001001","reply_wanted":true,"contact":{"phone":"19900002041"}}"#;
        let page = post(&mut bare.clone(), "/api/v1/reports", body).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.header("content-type"), "application/problem+json");
        assert_eq!(json(&page)["code"], "api.report.key");
        let mut keyed = bare.having("idempotency-key", "report-0001");
        let first = post(&mut keyed, "/api/v1/reports", body).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
        let again = post(&mut keyed, "/api/v1/reports", body).await;
        assert_eq!(json(&again), json(&first));
        let changed = post(&mut keyed, "/api/v1/reports", r#"{"text":"另一件事"}"#).await;
        assert_eq!(
            (changed.status, json(&changed)["code"].as_str()),
            (StatusCode::CONFLICT, Some("common.key_reused"))
        );
        let mut program = bare;
        let list = json(&program.get("/api/v1/cases").await);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let id = json(&first)["case"].as_str().unwrap().to_owned();
        assert_eq!(list["items"][0]["id"], id.as_str());
        let case = json(&program.get(&format!("/api/v1/cases/{id}")).await);
        assert!(case["actions"].as_array().unwrap().iter().any(|a| a["action"] == "accept"), "{case}");
        let clock = case["clocks"][0]["id"].as_str().unwrap();
        let told = json(&program.get(&format!("/api/v1/cases/{id}/clocks/{clock}/explain")).await);
        let steps = told["steps"].as_array().unwrap();
        assert_eq!(steps.last().unwrap()["until"], told["due"]);
        let urged =
            post(&mut program, &format!("/api/v1/cases/{id}/actions/urge"), r#"{"note":"来电催办"}"#).await;
        assert_eq!(urged.status, StatusCode::OK, "{}", urged.body);
        let unknown = post(&mut program, &format!("/api/v1/cases/{id}/actions/nothing"), "{}").await;
        assert_eq!(json(&unknown)["code"], "demands.act.unknown");
        assert_eq!(json(&program.get(&format!("/api/v1/cases/{id}")).await)["urges"], 1);
        let wrong = program.get("/api/v1/cases?from=yesterday").await;
        assert_eq!(
            (wrong.status, json(&wrong)["code"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some("cases.list.not_a_day"))
        );
    });
});

both!(registers_are_paged_by_code_and_need_their_right, |db| {
    let site = Site::new(db);
    let (own, _) = two_communities(&site);
    let worker = placed(&site, "hexiao", "grid_worker", own);
    run(async {
        let mut program = program(&site, worker);
        let first = json(&program.get("/api/v1/places?kind=community&limit=1").await);
        assert_eq!(
            (first["items"][0]["name"].as_str(), first["next"].as_str()),
            (Some("柳溪社区"), Some("999901001001"))
        );
        let second = json(&program.get("/api/v1/places?kind=community&limit=1&after=999901001001").await);
        assert_eq!((second["items"][0]["name"].as_str(), &second["next"]), (Some("北苑社区"), &Value::Null));
        assert_eq!(program.get("/api/v1/matters").await.status, StatusCode::OK);
        assert_eq!(program.get("/api/v1/units").await.status, StatusCode::FORBIDDEN);
    });
});

#[test]
fn the_description_names_every_route_of_the_api_and_no_other() {
    let routes = web::routes();
    let document = openapi::document(&routes);
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path} says nothing");
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let recorded: BTreeSet<(String, String)> = routes
        .entries()
        .iter()
        .filter(|e| e.path.starts_with("/api/v1/"))
        .map(|e| (e.method.to_string(), e.path.to_owned()))
        .collect();
    assert_eq!(described, recorded);
    assert!(recorded.len() >= 8);
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (at, _) in text.match_indices("#/components/schemas/") {
        let name: String = text[at + 21..].chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(schemas.contains_key(&name), "{name}");
    }
}
