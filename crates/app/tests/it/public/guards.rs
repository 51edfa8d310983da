//! What nobody may learn, how heavy a page may be, and what the pages may use.

use super::street::{Street, follow, note, png, report, street, track, upload};
use crate::browser::{Browser, Page, run};
use axum::http::StatusCode;
use gezhi::features::procedures::model::{Ask, Input};
use gezhi::features::procedures::{numbers, service, timeline, verbs};
use kernel::Day;
use store::both;

both!(nothing_of_one_merged_reporter_is_shown_to_the_other, |db| {
    let street = street(db);
    run(async {
        let one = "井盖坏了甲标记，我住3栋201";
        let two = "井盖又坏了乙标记，我住5栋502";
        let (a, a_code) = report(
            &street,
            &[("text", one), ("name", "甲姓名"), ("phone", "13800000001"), ("address", "甲地址")],
            &[png(10)],
        )
        .await;
        let (b, b_code) = report(
            &street,
            &[("text", two), ("name", "乙姓名"), ("phone", "13800000002"), ("address", "乙地址")],
            &[png(20)],
        )
        .await;
        let (case_a, case_b) = (street.case(&a), street.case(&b));
        street.in_hand(case_a, "01003");
        street
            .write(&street.desk(), move |tx, cx| verbs::merge(tx, cx, case_b, case_a, "同一处").map(|_| ()));
        let told = street.picture(case_a, 30);
        street.act(case_a, "progress", Input { photos: vec![told], ..note("已围护") });
        let (mut first, page_a) = follow(&street, &a, &a_code).await;
        let (mut second, _) = follow(&street, &b, &b_code).await;
        let mine = page_a.attribute(".box .photo img", "src").unwrap();
        upload(&mut first, &format!("{}/add", track(&a)), &[("text", "甲补充13800000001")], &[png(60)]).await;
        upload(&mut second, &format!("{}/add", track(&b)), &[("text", "乙补充13800000002")], &[png(70)])
            .await;
        first.post(&format!("{}/urge", track(&a)), &[]).await;
        street.finish(case_a, "已换新盖");
        let checker = street.staff(8, &["demands.read", "demands.verify"]);
        let ask = Ask { case: case_a, action: "pass".to_owned(), version: None, input: Input::default() };
        street.write(&checker, move |tx, cx| service::act(tx, cx, &ask).map(|_| ()));
        // One of them says it is not solved; the unit sees why, the other reporter only that it goes on.
        let answer = first
            .post(&format!("{}/rate", track(&a)), &[("solved", "no"), ("score", "1"), ("words", "甲原因")])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let entries = street.write(&street.desk(), move |tx, cx| timeline::of_case(tx, cx, case_a));
        let reasons: Vec<_> = entries.iter().filter_map(|e| e.act.as_ref()?.said.reason.clone()).collect();
        assert!(reasons.contains(&"甲原因".to_owned()), "{reasons:?}");

        let page_a = first.get(&track(&a)).await;
        let page_b = second.get(&track(&b)).await;
        let secret = |who: &str| ["标记", "姓名", "地址", "补充", "原因"].map(|s| format!("{who}{s}"));
        for text in secret("乙").iter().chain([&"5栋".to_owned(), &b, &b_code]) {
            assert!(!page_a.body.contains(text.as_str()), "{text} is shown to the first");
        }
        for text in secret("甲").iter().chain([&"3栋".to_owned(), &a, &a_code]) {
            assert!(!page_b.body.contains(text.as_str()), "{text} is shown to the second");
        }
        assert!(page_a.body.contains("甲补充") && page_b.body.contains("乙补充"));
        let id = mine.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
        let stolen = second.get(&format!("{}/photo/{id}", track(&b))).await;
        assert_eq!(stolen.status, StatusCode::NOT_FOUND);
        assert_eq!(second.get(&format!("{}/photo/{told}", track(&b))).await.status, StatusCode::OK);
        // Both read the same progress.
        let steps = |page: &Page| {
            let html = scraper::Html::parse_document(&page.body);
            let items = scraper::Selector::parse(".steps > li").unwrap();
            html.select(&items)
                .skip(1)
                .map(|li| {
                    let text: String = li.text().collect();
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(steps(&page_a), steps(&page_b));
        assert!(steps(&page_a).iter().any(|s| s.contains("已换新盖")), "{:?}", steps(&page_a));
        assert!(page_b.body.contains("这件事别人也反映过"));
    });
});

both!(guessing_a_code_is_held_off_and_the_owner_still_gets_in, |db| {
    let street = street(db);
    run(async {
        let (no, code) = report(&street, &[("text", "路灯不亮")], &[]).await;
        let from = |n: u8| street.site.browser().having("x-forwarded-for", &format!("203.0.113.{n}"));
        let plain = |page: &Page| {
            let text = page.body.replace(&page.attribute("script", "nonce").unwrap_or_default(), "");
            text.replace("0099", "").replace("0001", "")
        };
        let wrong_code = from(1).post("/p/track", &[("no", &no), ("code", "7K3MW9PF")]).await;
        let wrong_no = from(2).post("/p/track", &[("no", "青禾-20260312-0099"), ("code", "7K3MW9PF")]).await;
        assert_eq!(wrong_code.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(plain(&wrong_code), plain(&wrong_no), "a wrong number and a wrong code look the same");
        for number in [no.as_str(), "青禾-20260312-0098"] {
            let mut thief = from(3);
            let mut answers = Vec::new();
            for _ in 0..5 {
                answers.push(
                    thief.post("/p/track", &[("no", number), ("code", "ACDEFGHJ")]).await.status.as_u16(),
                );
            }
            assert_eq!(answers, [422, 422, 422, 429, 429], "{number}");
            let right = thief.post("/p/track", &[("no", number), ("code", &code)]).await;
            assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "not even the right one, for now");
        }
        for n in 10..40 {
            for _ in 0..4 {
                from(n).post("/p/track", &[("no", &no), ("code", "ACDEFGHJ")]).await;
            }
        }
        // A swarm has tried; the owner comes from an address of their own.
        let owner = from(200).post("/p/track", &[("no", &no), ("code", &code)]).await;
        assert_eq!(owner.status, StatusCode::SEE_OTHER, "{}", owner.body);
        // One address cannot walk through the numbers either.
        let mut walker = from(4);
        let mut last = StatusCode::OK;
        for n in 0..40 {
            last = walker
                .post("/p/track", &[("no", &format!("20260312-{n:04}")), ("code", "ACDEFGHJ")])
                .await
                .status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    });
});

/// A page with its style sheet and script weighs at most 40 kB compressed. Where the assets were not built
/// (`SKIP_ASSETS`) the page alone is weighed.
#[test]
fn a_public_page_weighs_at_most_forty_kilobytes() {
    let test = store::testing::sqlite().unwrap();
    let street = street(test.db.clone());
    run(async {
        let (no, code) = report(&street, &[("text", "路灯不亮"), ("phone", "13800002041")], &[]).await;
        let case = street.case(&no);
        street.in_hand(case, "01037");
        for n in 0..6 {
            street.act(case, "progress", note(&format!("第{n}次到现场，还在等配件，明天再来一次。")));
        }
        let (mut browser, _) = follow(&street, &no, &code).await;
        for path in [street.form(), track(&no), "/p/privacy".to_owned()] {
            let page = browser.get(&path).await;
            let (_, html) = weigh(&street, &browser, &path).await;
            let mut total = html;
            for (selector, attribute) in [("link[rel=stylesheet]", "href"), ("script[src]", "src")] {
                let asset = page.attribute(selector, attribute).unwrap();
                let (status, bytes) = weigh(&street, &browser, &asset).await;
                if status == StatusCode::OK {
                    total += bytes;
                } else {
                    println!("{asset} was not built: only the page is weighed");
                }
            }
            println!("{path}: {html} bytes of page, {total} in all");
            assert!(html <= 12_000 && total <= 40_000, "{path}: {html} of {total} bytes");
        }
    });
}

async fn weigh(street: &Street, browser: &Browser<'_>, path: &str) -> (StatusCode, usize) {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let request =
        Request::builder().uri(path).header("host", "office.example").header("cookie", cookies.join("; "));
    let request = request.header("accept-encoding", "gzip, br").body(Body::empty()).unwrap();
    let response = gezhi::web::router(&street.site.app).oneshot(request).await.unwrap();
    let status = response.status();
    assert!(
        !path.starts_with("/p/") || response.headers().contains_key("content-encoding"),
        "{path} is compressed"
    );
    (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len())
}

/// The pages know the link and nothing else of the office, so that a gate can take them over.
#[test]
fn public_pages_use_nothing_but_the_link() {
    let pages = [
        include_str!("../../../src/features/public/pages/acts.rs"),
        include_str!("../../../src/features/public/pages/entry.rs"),
        include_str!("../../../src/features/public/pages/filing.rs"),
        include_str!("../../../src/features/public/pages/info.rs"),
        include_str!("../../../src/features/public/pages/mod.rs"),
        include_str!("../../../src/features/public/pages/say.rs"),
        include_str!("../../../src/features/public/pages/track.rs"),
    ];
    for (i, page) in pages.iter().enumerate() {
        for line in page.lines().filter(|line| line.contains("features::")) {
            assert!(line.contains("catalogue::model::Names"), "page {i}: {line}");
        }
        for inner in ["service::", "super::store", ".db.", "nearby", "progress"] {
            assert!(!page.contains(inner), "page {i} uses {inner}");
        }
    }
}

/// A number is taken before the body; those of petitions say nothing about ordinary ones.
#[test]
fn numbers_of_classes_are_apart() {
    let day = Day::parse("2026-03-12").unwrap();
    assert_eq!(numbers::Series::of_class("petition").format("青禾", day, 3), "青禾-20260312-X0003");
    assert_eq!(numbers::Series::of_class("ordinary").format("青禾", day, 3), "青禾-20260312-0003");
}
