//! A clock that jumps, by an hour and by days, forwards and back, while the program serves.

use crate::api::{program, two_communities};
use crate::browser::{Browser, PASSWORD, Page, Site, run};
use axum::http::{Method, StatusCode};
use gezhi::features::audit::verify;
use kernel::Ts;
use serde_json::Value;
use std::collections::BTreeSet;
use store::both;

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|e| panic!("{e}: {}", page.body))
}

async fn post(program: &Browser<'_>, key: &str, path: &str, body: &str) -> Page {
    let mut keyed = program.having("idempotency-key", key);
    keyed.send(Method::POST, path, Some("application/json"), body.to_owned()).await
}

both!(a_clock_that_jumps_doubles_no_write_and_spoils_neither_deadlines_nor_the_chain, |db| {
    let site = Site::new(db);
    two_communities(&site);
    // Whoever acts was appointed long before.
    let start = site.clock.now();
    site.clock.set(start.plus(-60 * Ts::DAY));
    let account = site.person("zhoumin", &["acceptor", "dispatcher"]);
    site.person("wufang", &["verifier"]);
    run(async {
        let mut desk = program(&site, account);
        let mut person = site.browser();
        person.log_in("wufang", PASSWORD).await;
        assert_eq!(person.get("/cases").await.status, StatusCode::OK);
        let mut first: Vec<(String, String, Value)> = Vec::new();
        let mut numbers = BTreeSet::new();
        let jumps =
            [0, Ts::HOUR, -2 * Ts::HOUR, 3 * Ts::DAY, -10 * Ts::DAY, 40 * Ts::DAY, -Ts::MINUTE, Ts::HOUR];
        for (i, jump) in jumps.iter().enumerate() {
            site.clock.set(start.plus(*jump));
            let body = format!(r#"{{"text":"雨水井盖破损下陷 {i}","place":"999901001001"}}"#);
            let key = format!("jump-report-{i}");
            let made = post(&desk, &key, "/api/v1/reports", &body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{jump}: {}", made.body);
            let made = json(&made);
            assert!(numbers.insert(made["no"].to_string()), "a number is given once: {made}");
            // The case before goes on at the new time, be that earlier than it was opened.
            if let Some((_, _, before)) = first.last() {
                let path = format!("/api/v1/cases/{}/actions/urge", before["case"].as_str().unwrap());
                let key = format!("jump-urge-{i}");
                let urged = post(&desk, &key, &path, r#"{"note":"来电催办"}"#).await;
                assert_eq!(urged.status, StatusCode::OK, "{jump}: {}", urged.body);
                let again = post(&desk, &key, &path, r#"{"note":"来电催办"}"#).await;
                assert_eq!(json(&again), json(&urged));
            }
            // What was answered before is answered so again.
            first.push((key, body, made));
            for (key, body, answer) in &first {
                assert_eq!(json(&post(&desk, key, "/api/v1/reports", body).await), *answer, "{jump}");
            }
            // Deadlines are counted from when it came in by the clock of then, and told step by step.
            for (_, _, made) in &first {
                let case =
                    json(&desk.get(&format!("/api/v1/cases/{}", made["case"].as_str().unwrap())).await);
                let clock = &case["clocks"][0];
                assert!(clock["due"].as_str() > clock["start"].as_str(), "{case}");
                let path = format!(
                    "/api/v1/cases/{}/clocks/{}/explain",
                    case["id"].as_str().unwrap(),
                    clock["id"].as_str().unwrap()
                );
                let told = json(&desk.get(&path).await);
                assert_eq!(told["steps"].as_array().unwrap().last().unwrap()["until"], clock["due"]);
            }
            // Who is logged in stays so, or is asked to log in again; it never breaks.
            let page = person.get("/cases").await;
            let asked = page.status == StatusCode::SEE_OTHER && page.location().starts_with("/login");
            assert!(page.status == StatusCode::OK || asked, "{jump}: {}", page.status);
            assert!(*jump < Ts::DAY || asked, "a session does not outlive its hours: {jump}");
            if asked {
                let page = person.log_in("wufang", PASSWORD).await;
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{jump}: {}", page.body);
            }
        }
        assert_eq!(json(&desk.get("/api/v1/cases").await)["total"], jumps.len());
    });
    let seed = site.app.vault.signing_seed();
    let proof = site.app.db.read_now(move |tx| verify::verify(tx, seed, None, &mut |_| {})).unwrap();
    assert!(proof.is_clean(), "{:#?}", proof.findings);
});
