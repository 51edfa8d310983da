//! The public side through its router: reporting, following, rating, and what nobody may learn from it.

use crate::browser::{Browser, Page, Site, run, system};
use axum::http::{Method, StatusCode};
use geography::Crs;
use gezhi::actor::{Actor, ActorKind, Grant, Reach};
use gezhi::config::Config;
use gezhi::context::{Cx, Source};
use gezhi::features::catalogue::service as catalogue;
use gezhi::features::intake::model::Photo;
use gezhi::features::intake::service as intake;
use gezhi::features::people::model::NewUnit;
use gezhi::features::people::service as people;
use gezhi::features::places::model::{Kind, NewPlace};
use gezhi::features::places::service as places;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::state::CaseState;
use gezhi::features::procedures::{numbers, service, timeline, verbs};
use kernel::{AccountId, CaseId, Day, PlaceId, PostId, Ts, UnitId};
use store::{Db, Sql, args, both};

/// The office with a community, a grid, a road, the shipped catalogue and a unit that handles.
struct Street {
    site: Site,
    grid: PlaceId,
    token: String,
    municipal: UnitId,
}

const PNG: [u8; 4] = [0x89, b'P', b'N', b'G'];

fn street(db: Db) -> Street {
    // Two proxies of our own, so that tests can come from several addresses.
    let config = Config { trusted_proxy: vec!["127.0.0.1".parse().unwrap()], ..Config::default() };
    let site = Site::with(db, config, false, None);
    let cx = system(&site.app);
    let (grid, token, municipal) = site
        .app
        .db
        .write_now(move |tx| {
            let from = Day::parse("2025-01-01").unwrap();
            let street = NewPlace::named("999901001", None, Kind::Street, "青禾街道");
            let street = places::create_place(tx, &cx, street, from, "test")?;
            let community = NewPlace::named("999901001001", Some(street), Kind::Community, "柳溪社区");
            let community = places::create_place(tx, &cx, community, from, "test")?;
            let grid = NewPlace::named("999901001001007", Some(community), Kind::Grid, "柳溪社区07网格");
            let grid = places::create_place(tx, &cx, grid, from, "test")?;
            let other = NewPlace::named("999901001002", Some(street), Kind::Community, "东苑社区");
            places::create_place(tx, &cx, other, from, "test")?;
            let roads = "place_code,name,kind,aliases,lon,lat\n999901001001007,柳溪路,road,,,\n";
            let report = places::import_landmarks(tx, &cx, roads.as_bytes(), Crs::Wgs84, false)?;
            assert_eq!(report.errors, vec![]);
            catalogue::install_default(tx, &cx)?;
            let unit = NewUnit {
                code: "municipal".into(),
                name: "市政服务中心".into(),
                kind: "street_department".into(),
                ..NewUnit::default()
            };
            let unit = people::create_unit(tx, &cx, &unit)?;
            Ok((grid, places::renew_token(tx, &cx, grid, "test")?, unit))
        })
        .unwrap();
    Street { site, grid, token, municipal }
}

impl Street {
    fn form(&self) -> String {
        format!("/p/{}", self.token)
    }

    /// A member of staff with these rights over the whole office.
    fn staff(&self, account: i64, verbs: &[&str]) -> Cx {
        let cx = system(&self.site.app);
        let grant = |verb: &&str| Grant { verb: (*verb).to_owned(), reach: Reach::Office, post: PostId(1) };
        let actor = Actor {
            kind: ActorKind::Staff,
            account: Some(AccountId(account)),
            post: Some(PostId(1)),
            unit: Some(self.municipal),
            units: vec![self.municipal],
            unit_line: vec![self.municipal],
            grants: verbs.iter().map(grant).collect(),
            ..Actor::system(cx.office.id)
        };
        Cx { actor, source: Source::Web, ..cx }
    }

    fn desk(&self) -> Cx {
        let all = [
            "demands.read",
            "demands.accept",
            "demands.dispatch",
            "demands.handle",
            "demands.approve",
            "demands.merge",
            "demands.reveal",
            "demands.report",
        ];
        self.staff(7, &all)
    }

    fn write<T: Send + 'static>(
        &self,
        cx: &Cx,
        mut body: impl FnMut(&mut store::Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    ) -> T {
        let cx = cx.clone();
        // Off the runtime's threads, which may not wait for a database.
        std::thread::scope(|scope| {
            let write = || self.site.app.db.write_now(move |tx| body(tx, &cx)).unwrap();
            scope.spawn(write).join().unwrap()
        })
    }

    /// An act of the desk, a minute later than the one before.
    fn act(&self, case: CaseId, action: &str, input: Input) -> CaseState {
        self.site.pass(Ts::MINUTE);
        let cx = self.desk();
        let ask = Ask { case, action: action.to_owned(), version: None, input };
        self.write(&cx, move |tx, cx| {
            service::act(tx, cx, &ask)?;
            service::load(tx, cx.office.id, ask.case)
        })
    }

    /// Accepted as a matter, handed to the unit, signed.
    fn in_hand(&self, case: CaseId, code: &str) {
        let (office, code) = (self.desk().office.id, code.to_owned());
        let day = self.desk().today();
        let matter = self.write(&self.desk(), move |tx, _| {
            Ok(catalogue::matter_by_code(tx, office, &code, day)?.expect("a shipped matter").id)
        });
        self.act(
            case,
            "accept",
            Input {
                matter: Some(matter),
                subject: Some(Subject::None),
                urgent: Some(false),
                ..Input::default()
            },
        );
        self.act(case, "dispatch", Input { lead: Some(self.municipal), ..Input::default() });
        self.act(case, "sign", Input::default());
    }

    /// Done, with the picture that the matter asks for.
    fn finish(&self, case: CaseId, text: &str) {
        let photos = vec![self.picture(case, 200)];
        self.act(case, "finish", Input { photos, ..note(text) });
    }

    /// A picture of the unit's own, stored.
    fn picture(&self, case: CaseId, shade: u8) -> kernel::AttachmentId {
        let stored = self.site.app.files.put_photo(&png(shade)).unwrap();
        let photo = Photo { stored, kind: "after".to_owned() };
        self.write(&self.desk(), move |tx, cx| intake::put_photo(tx, cx, Some(case), None, &photo))
    }

    fn case(&self, no: &str) -> CaseId {
        const BY_NO: Sql = Sql::Both(
            "select rc.case_id from report r join report_case rc on rc.office = r.office and rc.report = r.id
             where r.no = $1 and rc.until_at is null",
        );
        let no = no.to_owned();
        self.write(&self.desk(), move |tx, _| Ok(tx.value(&BY_NO, args![&no])?.expect("a case")))
    }

    fn count(&self, sql: &'static str) -> i64 {
        self.write(&self.desk(), move |tx, _| Ok(tx.value(&Sql::Both(sql), &[])?.unwrap()))
    }
}

/// A small picture of one shade.
fn png(shade: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(32, 24, image::Rgb([shade, 90, 30]));
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    let bytes = out.into_inner();
    assert_eq!(bytes[..4], PNG);
    bytes
}

/// A form with files.
fn multipart(fields: &[(&str, &str)], photos: &[Vec<u8>]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    for (i, photo) in photos.iter().enumerate() {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"{i}.png\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(photo);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

async fn upload(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)], photos: &[Vec<u8>]) -> Page {
    let (kind, body) = multipart(fields, photos);
    browser.send(Method::POST, path, Some(&kind), body).await
}

/// Number and code of a receipt.
fn receipt(page: &Page) -> (String, String) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    (page.text("#no").expect("a number"), page.text("#code").expect("a code"))
}

/// Reports and gives number and code.
async fn report(street: &Street, fields: &[(&str, &str)], photos: &[Vec<u8>]) -> (String, String) {
    let mut browser = street.site.browser();
    let form = browser.get(&street.form()).await;
    let idem = form.attribute("input[name=idem]", "value").expect("a key");
    let mut all = vec![("idem", idem.as_str())];
    all.extend(fields);
    receipt(&upload(&mut browser, &street.form(), &all, photos).await)
}

/// Opens a report by number and code in a fresh browser.
async fn follow<'a>(street: &'a Street, no: &str, code: &str) -> (Browser<'a>, Page) {
    let mut browser = street.site.browser();
    let page = browser.post("/p/track", &[("no", no), ("code", code)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let path = page.location().to_owned();
    assert!(!path.contains(code), "the code is in the address: {path}");
    let page = browser.get(&path).await;
    (browser, page)
}

fn track(no: &str) -> String {
    format!("/p/track/{}", gezhi::web::encode(no))
}

fn note(text: &str) -> Input {
    Input { note: Some(text.to_owned()), ..Input::default() }
}

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
        for text in secret("乙").iter().chain([&"502".to_owned(), &b, &b_code]) {
            assert!(!page_a.body.contains(text.as_str()), "{text} is shown to the first");
        }
        for text in secret("甲").iter().chain([&"201".to_owned(), &a, &a_code]) {
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
            line.contains("路灯异常（柳溪路）") && line.contains("正在办理") && line.contains("少于 5 人"),
            "{line}"
        );
        for secret in numbers.iter().map(String::as_str).chain(["甲", "乙", "8号"]) {
            assert!(!page.body.contains(secret), "{secret}");
        }
        let grid = format!("/p/at/{}/open", street.grid);
        assert_eq!(street.site.browser().get(&grid).await.count(".places li"), 1);
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
        include_str!("../../src/features/public/pages/acts.rs"),
        include_str!("../../src/features/public/pages/entry.rs"),
        include_str!("../../src/features/public/pages/filing.rs"),
        include_str!("../../src/features/public/pages/info.rs"),
        include_str!("../../src/features/public/pages/mod.rs"),
        include_str!("../../src/features/public/pages/say.rs"),
        include_str!("../../src/features/public/pages/track.rs"),
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
