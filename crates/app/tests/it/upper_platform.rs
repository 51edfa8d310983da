//! A small platform above an office, that behaves like one: it lists its tickets in pages that shift while they are read,
//! fails now and then, changes tickets late, holds rows nobody can use, and takes each reply once, with a receipt.

use crate::browser::{Browser, PASSWORD, Site, run, system};
use crate::upstream::{finish, site};
use axum::Router;
use axum::body::Body;
use axum::extract::{Json, Path, Query, State};
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::{AccountId, CaseId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use store::both;
use tower::ServiceExt;

/// Tickets on one page.
const PAGE: usize = 3;

#[derive(Default)]
struct Platform {
    tickets: Vec<Value>,
    /// How often each page was asked for: every first time it fails.
    asked: HashMap<usize, usize>,
    /// Put in front once the first page was read, so that the pages shift.
    late: Vec<Value>,
    replies: BTreeMap<String, (String, Value)>,
}

type Shared = Arc<Mutex<Platform>>;

fn router(platform: &Shared) -> Router {
    Router::new()
        .route("/tickets", get(page))
        .route("/tickets/{number}/reply", post(reply))
        .with_state(Arc::clone(platform))
}

async fn page(State(platform): State<Shared>, Query(query): Query<HashMap<String, usize>>) -> Response {
    let n = query["page"];
    let mut platform = platform.lock().unwrap();
    let asked = platform.asked.entry(n).or_default();
    *asked += 1;
    if *asked == 1 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let rows: Vec<Value> = platform.tickets.iter().skip(n * PAGE).take(PAGE).cloned().collect();
    let late = std::mem::take(&mut platform.late);
    platform.tickets.splice(0..0, late);
    Json(json!({ "rows": rows })).into_response()
}

async fn reply(
    State(platform): State<Shared>,
    Path(number): Path<String>,
    Json(form): Json<Value>,
) -> Response {
    let mut platform = platform.lock().unwrap();
    if !platform.tickets.iter().any(|t| t["number"] == *number) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let receipt = format!("HT-{}", platform.replies.len() + 1);
    let (receipt, _) = platform.replies.entry(number).or_insert((receipt, form));
    Json(json!({ "receipt": receipt })).into_response()
}

/// Asks the platform; tries once more where it fails.
async fn ask(platform: &Shared, method: Method, path: &str, body: Option<&Value>) -> Value {
    for _ in 0..3 {
        let request = Request::builder().method(method.clone()).uri(path);
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        let answer = router(platform).oneshot(request.unwrap()).await.unwrap();
        if answer.status().is_success() {
            let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            return serde_json::from_slice(&bytes).unwrap();
        }
    }
    panic!("the platform does not answer {path}");
}

/// What one round of fetching brought: new, changed, same, and the codes of what is wrong.
#[derive(Debug, Default, PartialEq)]
struct Round {
    new: usize,
    changed: Vec<Value>,
    same: u64,
    wrong: Vec<(u64, String, String)>,
}

/// Fetches all pages and passes each on, twice, as a program does whose answer was lost.
async fn fetch(platform: &Shared, office: &mut Browser<'_>, round: usize) -> Round {
    let mut out = Round::default();
    for n in 0.. {
        let rows = ask(platform, Method::GET, &format!("/tickets?page={n}"), None).await["rows"].clone();
        if rows.as_array().is_none_or(Vec::is_empty) {
            break;
        }
        let body = json!({ "system": "区12345", "tickets": rows });
        let key = format!("0190-fetch-{round}-{n}");
        let first = pass_on(office, &key, &body).await;
        assert_eq!(pass_on(office, &key, &body).await, first, "a retry gets the same answer");
        out.new += first["new"].as_array().unwrap().len();
        out.changed.extend(first["changed"].as_array().unwrap().iter().map(|c| c["changes"].clone()));
        out.same += first["same"].as_u64().unwrap();
        out.wrong.extend(first["wrong"].as_array().unwrap().iter().map(|e| {
            let text = |name: &str| e[name].as_str().unwrap().to_owned();
            (e["row"].as_u64().unwrap(), text("field"), text("code"))
        }));
    }
    platform.lock().unwrap().asked.clear();
    out
}

async fn pass_on(office: &mut Browser<'_>, key: &str, body: &Value) -> Value {
    let mut office = office.clone().having("idempotency-key", key);
    let kind = Some("application/json");
    let page = office.send(Method::POST, "/api/v1/upstream/tickets", kind, body.to_string()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

fn ticket(number: &str, text: &str) -> Value {
    json!({ "number": number, "text": text, "due": "2026-03-16 17:30", "state": "处理中" })
}

fn program(site: &Site) -> Browser<'_> {
    let login = store::Sql::Both("select id from account where login = 'linlan'");
    let account = site.app.db.read_now(move |tx| tx.value::<AccountId>(&login, &[])).unwrap();
    crate::api::program(site, account.expect("an account"))
}

both!(a_platform_above_is_followed_page_by_page_and_answered_once, |db| {
    let site = site(db);
    let platform = Shared::default();
    {
        let mut above = platform.lock().unwrap();
        above.tickets =
            (0..5).map(|n| ticket(&format!("20260312000123456{n}"), "柳溪社区门口路灯不亮")).collect();
        above.tickets.push(json!({ "number": 4.403_050_000_000_000_5e17, "text": "编号坏了" }));
        above.tickets.push(json!({ "number": "202603120001234577", "text": "时限写错", "due": "尽快" }));
        above.late.push(ticket("202603120001234580", "刚派下来的一件"));
    }
    run(async {
        let mut office = program(&site);
        let first = fetch(&platform, &mut office, 1).await;
        // A ticket that came in front moves the last one of a page onto the next: it comes twice and is one case.
        assert_eq!((first.new, first.same, first.changed.len()), (5, 1, 0), "{first:?}");
        assert_eq!(
            first.wrong,
            [
                (1, "number".to_owned(), "upstream.row.spoilt".to_owned()),
                (2, "due".to_owned(), "upstream.row.instant".to_owned())
            ]
        );
        let second = fetch(&platform, &mut office, 2).await;
        assert_eq!((second.new, second.same), (1, 5), "the one that slipped through: {second:?}");
        // Late changes: a deadline, an urging.
        {
            let mut above = platform.lock().unwrap();
            above.tickets[1]["due"] = json!("2026-03-14 12:00");
            above.tickets[1]["urges"] = json!(2);
        }
        let third = fetch(&platform, &mut office, 3).await;
        assert_eq!(third.changed.len(), 1, "{third:?}");
        assert_eq!(third.changed[0][1], json!({ "urged": { "was": 0, "now": 2 } }));
    });
    // One is handled, written back by the program, and not offered again.
    let cx = system(&site.app);
    let first = store::Sql::Both("select case_id from upper_link where number = '202603120001234560'");
    let case = site.app.db.read_now(move |tx| tx.value::<CaseId>(&first, &[])).unwrap().unwrap();
    site.app.db.write_now(move |tx| finish(tx, &cx, case)).unwrap();
    run(async {
        let mut office = program(&site);
        let waiting: Value =
            serde_json::from_str(&office.get("/api/v1/upstream/replies").await.body).unwrap();
        let items = waiting["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1, "{waiting}");
        let number = items[0]["number"].as_str().unwrap();
        let form: HashMap<&str, &str> = items[0]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["label"].as_str().unwrap(), f["text"].as_str().unwrap()))
            .collect();
        assert_eq!(form["办理结果"], "已清运。");
        let above =
            ask(&platform, Method::POST, &format!("/tickets/{number}/reply"), Some(&json!(form))).await;
        let path = format!("/api/v1/upstream/replies/{}", items[0]["id"].as_str().unwrap());
        let told = office.send(Method::POST, &path, Some("application/json"), above.to_string()).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        let again = office.send(Method::POST, &path, Some("application/json"), above.to_string()).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "it was written back already");
        let waiting: Value =
            serde_json::from_str(&office.get("/api/v1/upstream/replies").await.body).unwrap();
        assert_eq!(waiting["items"], json!([]));
    });
});

both!(who_may_not_dispatch_brings_no_tickets, |db| {
    let site = site(db);
    run(async {
        site.person("unit", &["handler"]);
        let mut unit = site.browser();
        unit.log_in("unit", PASSWORD).await;
        assert_eq!(unit.get("/api/v1/upstream/replies").await.status, StatusCode::FORBIDDEN);
    });
});
