//! Following: the parcel's way, urging, rating, reopening, refusal, erasure.

use super::street::{follow, note, png, report, street, track, upload};
use crate::browser::run;
use axum::http::StatusCode;
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, Input};
use gezhi::features::procedures::service;
use kernel::Ts;
use store::both;

both!(a_resident_reports_follows_urges_and_rates, |db| {
    let street = street(db);
    run(async {
        let said = "柳溪路42号门口的井盖碎了一块，往下陷，我电话13800002041";
        let photos = [png(10), png(20)];
        let (no, code) = report(
            &street,
            &[("text", said), ("phone", "13800002041"), ("name", "王小明"), ("reply", "1")],
            &photos,
        )
        .await;
        assert!(no.starts_with("青禾-20260312-") && code.len() == 8, "{no} {code}");

        let (mut browser, page) = follow(&street, &no, &code.to_lowercase()).await;
        let promise = page.text(".promise").unwrap();
        assert!(promise.starts_with("已收到，最晚 今天"), "{promise}");
        assert!(page.text(".said").unwrap().contains("往下陷"));
        assert!(!page.body.contains("13800002041"), "the phone is masked: {}", page.body);
        assert_eq!(page.count(".box .photo"), 2);
        let photo = page.attribute(".photo img", "src").unwrap();
        let picture = browser.get(&photo).await;
        assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/jpeg"));
        assert_eq!(street.site.browser().get(&photo).await.status, StatusCode::NOT_FOUND, "without the code");

        let case = street.case(&no);
        street.in_hand(case, "01003-1");
        let shown = street.picture(case, 30);
        let hidden = street.picture(case, 40);
        street.act(case, "progress", Input { photos: vec![shown], ..note("已到现场，放了围挡") });
        let page = browser.get(&track(&no)).await;
        let promise = page.text(".promise").unwrap();
        assert!(promise.starts_with("正在办理，最晚 今天"), "{promise}");
        let now = page.text(".steps .now").unwrap();
        assert!(now.contains("办理中") && now.contains("已到现场，放了围挡"), "{now}");
        assert!(page.text(".steps").unwrap().contains("已交市政服务中心办理"));
        assert!(page.text(".how-in").unwrap().contains("夜间和节假日照算"), "{:?}", page.text(".how-in"));
        let told = format!("{}/photo/{shown}", track(&no));
        assert_eq!(browser.get(&told).await.status, StatusCode::OK);
        let kept = format!("{}/photo/{hidden}", track(&no));
        assert_eq!(browser.get(&kept).await.status, StatusCode::NOT_FOUND, "a picture nobody told");

        let urge = format!("{}/urge", track(&no));
        let answer = browser.post(&urge, &[("idem", "019cdf00-0000-7000-8000-000000000001")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = browser.get(&track(&no)).await;
        assert!(page.text(".notice.ok").unwrap().contains("已催办"));
        let again = browser.post(&urge, &[("idem", "019cdf00-0000-7000-8000-000000000002")]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text(".errors").unwrap().contains("刚催过"));

        let add = format!("{}/add", track(&no));
        let answer = upload(&mut browser, &add, &[("text", "晚上看不见，很危险")], &[png(50)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let state = street.write(&street.desk(), move |tx, cx| service::load(tx, cx.office.id, case));
        assert_eq!(state.urges, 1);
        assert!(browser.get(&track(&no)).await.body.contains("晚上看不见"));

        street.finish(case, "井盖已更换");
        let checker = street.staff(8, &["demands.read", "demands.verify", "demands.call_back"]);
        for (action, input) in [
            ("pass", Input::default()),
            ("call_close", Input { solved: Some(true), satisfied: Some(5), ..Input::default() }),
        ] {
            let ask = Ask { case, action: action.to_owned(), version: None, input };
            street.write(&checker, move |tx, cx| service::act(tx, cx, &ask).map(|_| ()));
        }
        let page = browser.get(&track(&no)).await;
        assert!(page.text(".promise").unwrap().starts_with("已办结"), "{:?}", page.text(".promise"));
        assert!(page.body.contains("井盖已更换"));
        let rate = format!("{}/rate", track(&no));
        let unsaid = browser.post(&rate, &[("score", "4"), ("words", "还行")]).await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            unsaid.body.contains("还行") && unsaid.attribute("#r4", "checked").is_some(),
            "nothing chosen is lost"
        );
        let rated = browser.post(&rate, &[("solved", "yes"), ("score", "4"), ("words", "还行")]).await;
        assert_eq!(rated.status, StatusCode::SEE_OTHER, "{}", rated.body);
        assert!(browser.get(&track(&no)).await.text(".steps .done:last-child").unwrap().contains("已评价"));
    });
});

both!(not_solved_reopens_the_case, |db| {
    let street = street(db);
    run(async {
        let (no, code) = report(&street, &[("text", "路灯不亮")], &[]).await;
        let case = street.case(&no);
        street.in_hand(case, "01037");
        street.finish(case, "已换灯泡");
        let checker = street.staff(8, &["demands.read", "demands.verify"]);
        let ask = Ask { case, action: "pass".to_owned(), version: None, input: Input::default() };
        street.write(&checker, move |tx, cx| service::act(tx, cx, &ask).map(|_| ()));
        let (mut browser, _) = follow(&street, &no, &code).await;
        let rate = format!("{}/rate", track(&no));
        let unscored = browser.post(&rate, &[("solved", "yes")]).await;
        assert!(unscored.text(".errors").unwrap().contains("满意程度"));
        let answer = browser.post(&rate, &[("solved", "no"), ("words", "还是不亮")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let state = street.write(&street.desk(), move |tx, cx| service::load(tx, cx.office.id, case));
        assert_eq!((state.phase.as_str(), state.reopens), ("dispatched", 1));
        let page = browser.get(&track(&no)).await;
        assert!(page.text(".steps").unwrap().contains("重新办理"));
        assert!(page.body.contains("还是不亮"));
        // Done again, and now rated.
        street.act(case, "sign", Input::default());
        street.finish(case, "换了灯头");
    });
});

both!(a_refusal_shows_reason_route_and_reviewer_and_the_contact_can_be_erased, |db| {
    let street = street(db);
    run(async {
        let (no, code) =
            report(&street, &[("text", "要求离婚"), ("phone", "13800002041"), ("name", "王小明")], &[]).await;
        let case = street.case(&no);
        let (mut browser, page) = follow(&street, &no, &code).await;
        assert!(page.body.contains("138****2041") && page.body.contains("还没有人看过"));
        let erase = format!("{}/erase", track(&no));
        let early = browser.post(&erase, &[("code", &code)]).await;
        assert!(early.text(".errors").unwrap().contains("还没有办结"), "{:?}", early.text(".errors"));
        // A look is shown with its unit.
        street.write(&street.desk(), move |tx, cx| {
            let report = intake::reports_of_case(tx, cx, case)?[0].id;
            intake::reveal(tx, cx, case, report, "核实位置").map(|_| ())
        });
        street.act(
            case,
            "refuse",
            Input { route: Some("litigation".to_owned()), ..note("离婚案件由法院审理") },
        );
        let page = browser.get(&track(&no)).await;
        let stop = page.text(".box").unwrap();
        for text in ["为什么没有受理", "离婚案件由法院审理", "人民法院", "由谁复核", "综合网格中心主任"]
        {
            assert!(stop.contains(text), "{text}: {stop}");
        }
        assert!(page.body.contains("市政服务中心看过 1 次"), "{}", page.body);
        let wrong = browser.post(&erase, &[("code", "ACDEFGHJ")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(street.count("select count(*) from party_key"), 1);
        assert_eq!(browser.post(&erase, &[("code", &code)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(street.count("select count(*) from party_key"), 0);
        let page = browser.get(&track(&no)).await;
        assert!(
            page.body.contains("您的联系方式已经删除") && !page.body.contains("138****"),
            "{}",
            page.body
        );
    });
});

both!(what_was_typed_survives_a_code_that_has_to_be_given_again, |db| {
    let street = street(db);
    run(async {
        let (no, code) = report(&street, &[("text", "路灯不亮")], &[]).await;
        let (mut browser, _) = follow(&street, &no, &code).await;
        street.site.pass(3 * Ts::HOUR);
        let page = upload(&mut browser, &format!("{}/add", track(&no)), &[("text", "补充的话")], &[]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert_eq!(page.text("textarea[name=text]").unwrap(), "补充的话");
        let page = browser.post("/p/track", &[("no", &no), ("code", &code), ("text", "补充的话")]).await;
        assert_eq!(page.text("#adding textarea").unwrap(), "补充的话", "{}", page.body);
        assert_eq!(street.count("select count(*) from event where kind = 'report.added'"), 0);
        let page = upload(&mut browser, &format!("{}/add", track(&no)), &[("text", "补充的话")], &[]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    });
});
