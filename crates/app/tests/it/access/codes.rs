//! A day of guessing: the number of a case is known, its code is not.

use super::office::{GRID, Office};
use crate::browser::run;
use axum::http::StatusCode;
use gezhi::features::people::service as people;
use gezhi::features::places::service as places;
use gezhi::features::public::Guesses;
use std::net::IpAddr;
use std::time::Duration;

/// Addresses of the swarm.
const ADDRESSES: u32 = 1_000;
/// Tries of the swarm in a second.
const A_SECOND: u32 = 10;
const DAY: u32 = 24 * 3_600;
/// Signs of a code: none that is mistaken for another.
const SIGNS: &[u8; 24] = b"34679ACDEFGHJKMNPQRTVWXY";
const NO: &str = "青禾-20260312-0001";
const CODE: &str = "7K3MW9PF";

/// Codes as a guesser draws them, the same in every run.
struct Draw(u64);

impl Draw {
    fn code(&mut self) -> String {
        (0..8)
            .map(|_| {
                self.0 =
                    self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(SIGNS[usize::try_from(self.0 >> 33).unwrap() % SIGNS.len()])
            })
            .collect()
    }
}

fn address(n: u32) -> IpAddr {
    IpAddr::from([198, 18, u8::try_from(n / 250).unwrap(), u8::try_from(n % 250).unwrap()])
}

/// What a day brings to whoever guesses: tries that are looked at, and hits. The owner comes every half hour with the right
/// code, from an address of their own, and mistypes it now and then.
fn a_day(swarm: u32, a_second: u32) -> (u32, u32) {
    let (guesses, mut draw) = (Guesses::default(), Draw(7));
    let owner = IpAddr::from([203, 0, 113, 9]);
    let (mut looked_at, mut hits) = (0, 0);
    for second in 0..DAY {
        for n in 0..a_second {
            let at = Duration::from_millis(u64::from(second) * 1_000 + u64::from(n * 1_000 / a_second));
            let from = address((second * a_second + n) % swarm);
            if guesses.check(from, NO, at).is_err() {
                continue;
            }
            looked_at += 1;
            if draw.code() == CODE {
                hits += 1;
            } else {
                guesses.fail(from, NO, at);
            }
        }
        if second % 1_800 == 900 {
            let at = Duration::from_secs(u64::from(second));
            for _ in 0..(second / 1_800) % 3 {
                guesses.check(owner, NO, at).expect("the owner mistypes and is asked again at once");
                guesses.fail(owner, NO, at);
            }
            guesses.check(owner, NO, at).expect("the owner comes in");
            guesses.succeed(owner, NO);
        }
    }
    (looked_at, hits)
}

#[test]
fn a_day_of_guessing_from_a_thousand_addresses_hits_nothing_and_never_keeps_the_owner_out() {
    let (swarm, hits) = a_day(ADDRESSES, A_SECOND);
    println!("{swarm} of {} tries of the swarm are looked at", DAY * A_SECOND);
    assert_eq!(hits, 0);
    assert!(swarm < DAY * A_SECOND / 10, "a tenth at most: {swarm}");
    let (one, hits) = a_day(1, A_SECOND);
    println!("{one} of {} tries of one address are looked at", DAY * A_SECOND);
    assert_eq!(hits, 0);
    assert!(one < 24 * 60 + 20, "one a minute at most: {one}");
}

/// Some of it through the router: the same answers, and the owner's page.
#[test]
fn guessing_through_the_pages_is_held_off_and_the_owner_reads_on() {
    let test = store::testing::sqlite().unwrap();
    let office = Office::behind_a_proxy(&test.db);
    run(async {
        let token = office.write(|tx, cx| {
            let grid = people::place_by_code(tx, cx.office.id, GRID)?.expect("a grid");
            places::renew_token(tx, cx, grid, "test")
        });
        let mut owner = office.site.browser().having("x-forwarded-for", "203.0.113.9");
        let form = owner.get(&format!("/p/{token}")).await;
        let idem = form.attribute("input[name=idem]", "value").expect("a key");
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"idem\"\r\n\r\n{idem}\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯不亮\r\n--x--\r\n"
        );
        let kind = Some("multipart/form-data; boundary=x");
        let receipt = owner.send(axum::http::Method::POST, &format!("/p/{token}"), kind, body).await;
        let (no, code) = (receipt.text("#no").expect("a number"), receipt.text("#code").expect("a code"));
        let (mut draw, mut looked_at, mut waits) = (Draw(11), 0, 0);
        for round in 0..6 {
            for n in 0..100 {
                let from = address(n).to_string();
                let mut thief = office.site.browser().having("x-forwarded-for", &from);
                let page = thief.post("/p/track", &[("no", &no), ("code", &draw.code())]).await;
                match page.status {
                    StatusCode::UNPROCESSABLE_ENTITY => looked_at += 1,
                    StatusCode::TOO_MANY_REQUESTS => waits += 1,
                    other => panic!("{other} for a wrong code"),
                }
            }
            let again = office.site.browser().having("x-forwarded-for", "203.0.113.9");
            let mut again = again;
            let page = again.post("/p/track", &[("no", &no), ("code", &code)]).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "round {round}: {}", page.body);
            assert!(again.get(page.location()).await.body.contains("路灯不亮"));
        }
        assert!(looked_at <= 400 && waits >= 200, "{looked_at} looked at, {waits} told to wait");
    });
}
