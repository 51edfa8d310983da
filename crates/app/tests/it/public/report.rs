//! Reporting: the form, the receipt, what is known nearby.

use super::street::{follow, png, receipt, report, street, upload};
use crate::browser::run;
use axum::http::StatusCode;
use store::both;

both!(the_same_submission_sent_again_doubles_nothing_and_gets_the_same_receipt, |db| {
    let street = street(db);
    run(async {
        let mut browser = street.site.browser();
        let idem = browser.get(&street.form()).await.attribute("input[name=idem]", "value").unwrap();
        let fields = [("idem", idem.as_str()), ("text", "路灯不亮"), ("phone", "13800002041")];
        let first = receipt(&upload(&mut browser, &street.form(), &fields, &[png(10)]).await);
        // From a browser that keeps no cookies, and by the script.
        let second = receipt(&upload(&mut street.site.browser(), &street.form(), &fields, &[png(10)]).await);
        let mut script = street.site.browser().having("hx-request", "true");
        let fragment = upload(&mut script, &street.form(), &fields, &[png(10)]).await;
        assert!(!fragment.body.contains("<html"), "{}", fragment.body);
        assert!(fragment.header("hx-replace-url").starts_with("/p/receipt/"));
        assert_eq!((&first, &first), (&second, &receipt(&fragment)));
        assert_eq!(street.count("select count(*) from report"), 1);
        assert_eq!(street.count("select count(*) from cases"), 1);
        assert_eq!(street.count("select count(*) from attachment"), 1);
        assert_eq!(street.count("select count(*) from party"), 1);
        // The numbers have no gap.
        let (no, _) = report(&street, &[("text", "另一件事")], &[]).await;
        assert!(no.ends_with("-0002"), "{no}");
        // The receipt can be read again where it was made, and nowhere else.
        let path = format!("/p/receipt/{}", gezhi::web::encode(&first.0));
        assert_eq!(receipt(&browser.get(&path).await), first);
        assert_eq!(street.site.browser().get(&path).await.status, StatusCode::SEE_OTHER);
        // Other words under the known key: said, kept, and sent only when pressed once more.
        let other = [("idem", idem.as_str()), ("text", "门口有垃圾")];
        let page = upload(&mut browser, &street.form(), &other, &[]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert_eq!(page.text("textarea[name=text]").unwrap(), "门口有垃圾");
        assert_ne!(page.attribute("input[name=idem]", "value").unwrap(), idem);
        assert_eq!(street.count("select count(*) from report"), 2);
    });
});

both!(nothing_typed_is_lost_when_a_form_is_refused, |db| {
    let street = street(db);
    run(async {
        let mut browser = street.site.browser();
        let idem = browser.get(&street.form()).await.attribute("input[name=idem]", "value").unwrap();
        let fields = [
            ("idem", idem.as_str()),
            ("text", "三楼漏水"),
            ("address", "东门"),
            ("phone", "不是号码"),
            ("name", "李四"),
            ("share", "1"),
        ];
        let page = upload(&mut browser, &street.form(), &fields, &[png(10), png(20)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.text("textarea[name=text]").unwrap(), "三楼漏水");
        for (name, value) in
            [("address", "东门"), ("phone", "不是号码"), ("name", "李四"), ("idem", idem.as_str())]
        {
            assert_eq!(page.attribute(&format!("input[name={name}]"), "value").as_deref(), Some(value));
        }
        assert!(page.attribute("input[name=share]", "checked").is_some());
        assert!(page.attribute("input[name=reply]", "checked").is_none());
        assert_eq!(page.count("input[name=kept]"), 2, "both pictures are in");
        let kept = page.attribute("input[name=kept]", "value").unwrap();
        assert_eq!(browser.get(&format!("/p/kept/{kept}")).await.header("content-type"), "image/jpeg");
        // The corrected form brings the pictures along without sending them again.
        let fields = [
            ("idem", idem.as_str()),
            ("text", "三楼漏水"),
            ("phone", "13800002041"),
            ("kept", &kept),
            ("kept", "made up"),
        ];
        let (no, code) = receipt(&upload(&mut browser, &street.form(), &fields, &[]).await);
        let (_, page) = follow(&street, &no, &code).await;
        assert_eq!(page.count(".box .photo"), 1);
        // A file that is no picture is named; the others are in.
        let page =
            upload(&mut browser, &street.form(), &[("text", "x")], &[png(1), b"GIF89a".to_vec()]).await;
        assert_eq!((page.status, page.count("input[name=kept]")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
        assert!(page.text(".errors").unwrap().contains("1.png"));
        // Nothing at all.
        let page = upload(&mut browser, &street.form(), &[("text", "  ")], &[]).await;
        assert!(page.text(".errors").unwrap().contains("请写一下"), "{:?}", page.text(".errors"));
    });
});

both!(a_known_trouble_is_offered_in_the_offices_words_and_joined_when_it_is_the_one, |db| {
    let street = street(db);
    run(async {
        let (first, _) =
            report(&street, &[("text", "路灯坏了，隔壁老王家楼下甲标记"), ("address", "柳溪路甲地址")], &[])
                .await;
        let typing = [
            ("at", format!("t{}", street.token)),
            ("text", "柳溪路的路灯不亮".to_owned()),
            ("address", String::new()),
        ];
        let typing: Vec<(&str, &str)> = typing.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let mut browser = street.site.browser();
        let before = browser.post("/p/similar", &typing).await;
        assert_eq!(
            before.count(".similar"),
            0,
            "what is not classified yet is nobody's to see: {}",
            before.body
        );
        street.in_hand(street.case(&first), "01037");
        let found = browser.post("/p/similar", &typing).await;
        assert!(found.text(".similar b").unwrap().contains("路灯异常（柳溪路）"), "{}", found.body);
        assert!(
            !found.body.contains('甲') && !found.body.contains("老王"),
            "another person's words: {}",
            found.body
        );
        let offer = found.attribute("[data-similar-pick]", "data-similar-pick").unwrap();
        // Elsewhere, or about something else, nothing is offered.
        let other = [("at", typing[0].1), ("text", "井盖坏了")];
        assert_eq!(browser.post("/p/similar", &other).await.count(".similar"), 0);
        let petition = [typing[0], typing[1], ("class", "petition")];
        assert_eq!(browser.post("/p/similar", &petition).await.count(".similar"), 0);

        let (second, code) =
            report(&street, &[("text", "路灯不亮"), ("same_as", &offer), ("asked", "1")], &[]).await;
        assert_eq!(street.case(&second), street.case(&first));
        let (_, page) = follow(&street, &second, &code).await;
        assert!(page.text(".promise").unwrap().starts_with("正在办理"), "{:?}", page.text(".promise"));
        assert!(!page.body.contains('甲'));
        // A case that was not offered cannot be named.
        let made_up = street.case(&first).to_string();
        let (third, _) =
            report(&street, &[("text", "路灯不亮"), ("same_as", &made_up), ("asked", "1")], &[]).await;
        assert_ne!(street.case(&third), street.case(&first));
        // Without scripts it is asked on the receipt.
        let mut plain = street.site.browser();
        let idem = plain.get(&street.form()).await.attribute("input[name=idem]", "value").unwrap();
        let page =
            upload(&mut plain, &street.form(), &[("idem", &idem), ("text", "柳溪路路灯不亮")], &[]).await;
        let (fourth, _) = receipt(&page);
        let same = page.attribute(".similar form", "action").unwrap();
        let offer = page.attribute(".similar input[name=same_as]", "value").unwrap();
        let answer = plain.post(&same, &[("same_as", &offer)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(street.case(&fourth), street.case(&first));
    });
});

both!(open_troubles_show_matter_and_road_and_never_a_petition_or_a_report, |db| {
    let street = street(db);
    run(async {
        let here = format!("/p/places/{}/open", street.token);
        assert!(
            street.site.browser().get(&here).await.text(".box").unwrap().contains("没有"),
            "an empty state"
        );
        let (lamp, _) = report(&street, &[("text", "路灯坏了甲标记"), ("address", "柳溪路8号")], &[]).await;
        let mut numbers = vec![lamp.clone()];
        for class in ["report", "petition"] {
            let (no, _) =
                report(&street, &[("text", "路灯坏了乙标记"), ("address", "柳溪路"), ("class", class)], &[])
                    .await;
            numbers.push(no);
        }
        assert!(numbers[1].contains("-J") && numbers[2].contains("-X"), "series of their own: {numbers:?}");
        street.in_hand(street.case(&lamp), "01037");
        let page = street.site.browser().get(&here).await;
        assert_eq!(page.count(".places li"), 1);
        let line = page.text(".places li").unwrap();
        assert!(
            line.contains("路灯异常（柳溪路）") && line.contains("正在办理") && !line.contains("人反映"),
            "{line}"
        );
        for secret in numbers.iter().map(String::as_str).chain(["甲", "乙", "8号"]) {
            assert!(!page.body.contains(secret), "{secret}");
        }
        let grid = format!("/p/at/{}/open", street.grid);
        assert_eq!(street.site.browser().get(&grid).await.count(".places li"), 1);
    });
});

both!(reporting_needs_neither_scripts_nor_cookies_and_works_in_english_and_for_the_elderly, |db| {
    let street = street(db);
    run(async {
        let mut browser = street.site.browser();
        let entry = browser.get("/p").await;
        assert_eq!(entry.count(".places a"), 2);
        let community = entry.attribute(".places a", "href").unwrap();
        let page = browser.get(&community).await;
        let selector = "form[method=post][enctype='multipart/form-data'] textarea[name=text]";
        assert_eq!(page.count(selector), 1);
        assert_eq!(page.count("[onclick], [style], script:not([nonce])"), 0);
        let action = page.attribute("#report", "action").unwrap();
        assert_eq!(action, community);
        let page =
            upload(&mut street.site.browser(), &action, &[("text", "没有脚本也没有 cookie")], &[]).await;
        let (no, code) = receipt(&page);
        let mut english = street.site.browser();
        english.cookies.insert("lang".to_owned(), "en".to_owned());
        english.cookies.insert("mode".to_owned(), "elder".to_owned());
        for path in [
            street.form(),
            format!("{}?class=report", street.form()),
            "/p/track".to_owned(),
            "/p/privacy".to_owned(),
        ] {
            let page = english.get(&path).await;
            assert_eq!(page.attribute("html", "data-mode").as_deref(), Some("elder"), "{path}");
            let text = page.text("main").unwrap();
            let han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect::<String>();
            assert!(han.is_empty() || path == "/p/privacy", "{path}: {han}");
        }
        let opened = english.post("/p/track", &[("no", &no), ("code", &code)]).await;
        let page = english.get(opened.location()).await;
        assert!(
            page.text(".promise").unwrap().starts_with("Received; you will know by today"),
            "{:?}",
            page.text(".promise")
        );
        // A token nobody has.
        assert_eq!(english.get("/p/nothing-here").await.status, StatusCode::NOT_FOUND);
        // Signing off forgets.
        english.post("/p/leave", &[]).await;
        assert_eq!(english.get(opened.location()).await.count(".promise"), 0);
    });
});

both!(filing_is_limited_by_address_and_keeps_what_was_typed, |db| {
    let street = street(db);
    run(async {
        let mut last = None;
        for n in 0..25 {
            let mut browser = street.site.browser().having("x-forwarded-for", "203.0.113.9");
            last = Some(upload(&mut browser, &street.form(), &[("text", &format!("第{n}件"))], &[]).await);
        }
        let last = last.unwrap();
        assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(last.text("textarea[name=text]").unwrap(), "第24件");
        let mut other = street.site.browser().having("x-forwarded-for", "203.0.113.10");
        receipt(&upload(&mut other, &street.form(), &[("text", "别人的")], &[]).await);
    });
});
