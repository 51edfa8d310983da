//! Units without an account: a link and a PIN open their own part, show nobody's identity, and end with the deadline.

use crate::browser::{Browser, PASSWORD, Page, Site, run, system};
use crate::upstream::site;
use axum::http::{Method, StatusCode};
use gezhi::context::Cx;
use gezhi::features::hands::service as hands;
use gezhi::features::intake::model::NewReport;
use gezhi::features::intake::service as intake;
use gezhi::features::parties::service::Contact;
use gezhi::features::people::model::NewUnit;
use gezhi::features::people::service as people;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::service as engine;
use gezhi::features::procedures::state::CaseState;
use kernel::{AssignmentId, CaseId, MatterId, Ts, UnitId};
use store::{Sql, Tx, args, both};

const PHONE: &str = "19900002041";
/// With a picture at the end, and nothing to check after it.
const MATTER: Sql = Sql::Both(
    "select min(id) from matter where photos <> 'none' and secret = 'ordinary' and duty_list = 'basic'",
);
const REVOKED: Sql = Sql::Both("select count(*) from hand_link where revoked_at is not null");

fn act(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, action: &str, input: Input) -> store::Result<()> {
    engine::act(tx, cx, &Ask { case, action: action.to_owned(), version: None, input })?;
    Ok(())
}

fn unit(site: &Site, code: &'static str, name: &'static str) -> UnitId {
    let cx = system(&site.app);
    let new = move || NewUnit {
        code: code.into(),
        name: name.into(),
        kind: "public_unit".into(),
        ..NewUnit::default()
    };
    site.app.db.write_now(move |tx| people::create_unit(tx, &cx, &new())).unwrap()
}

/// A demand by phone, accepted and dispatched to a unit.
fn dispatched(site: &Site, no: &'static str, unit: UnitId) -> CaseId {
    let cx = system(&site.app);
    site.app
        .db
        .write_now(move |tx| {
            let new = NewReport {
                no: no.to_owned(),
                code: "KXMRT2WQ".to_owned(),
                channel: "hotline".to_owned(),
                kind: "help".to_owned(),
                class: "ordinary".to_owned(),
                text: format!("柳溪路灯不亮，我是李秀兰，电话{PHONE}"),
                title: "柳溪路灯不亮".to_owned(),
                contact: Contact { name: "李秀兰".into(), phone: PHONE.into(), ..Contact::default() },
                reply_wanted: true,
                ..NewReport::default()
            };
            let case = intake::receive(tx, &cx, &new)?.case;
            let matter = tx.value::<MatterId>(&MATTER, &[])?;
            act(tx, &cx, case, "accept", Input { matter, subject: Some(Subject::None), ..Input::default() })?;
            act(tx, &cx, case, "dispatch", Input { lead: Some(unit), ..Input::default() })?;
            Ok(case)
        })
        .unwrap()
}

fn case(site: &Site, id: CaseId) -> CaseState {
    let office = site.app.offices()[0].id;
    site.app.db.read_now(move |tx| engine::load(tx, office, id)).unwrap()
}

/// A link of a case's first part: its address and PIN.
fn link(site: &Site, id: CaseId) -> (String, String, AssignmentId) {
    let part = case(site, id).assignments[0].id;
    let cx = system(&site.app);
    let secret = site
        .app
        .db
        .write_now(move |tx| {
            let link = hands::make_for_part(tx, &cx, id, part, &[])?;
            hands::look(tx, &cx, link).and_then(|l| hands::reveal(&cx, &l.link))
        })
        .unwrap();
    (format!("/p/u/{}", secret.token), secret.pin, part)
}

async fn say(hand: &mut Browser<'_>, path: &str, deed: &str, note: &str, photo: Option<&[u8]>) -> Page {
    let mut body = Vec::new();
    let idem = format!("0190-{deed}-{}-{}", note.len(), photo.map_or(0, <[u8]>::len));
    for (name, value) in [("idem", idem.as_str()), ("deed", deed), ("note", note)] {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    if let Some(photo) = photo {
        body.extend(b"--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n");
        body.extend(photo);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    hand.send(Method::POST, path, Some("multipart/form-data; boundary=x"), body).await
}

fn says_who(page: &Page) -> bool {
    page.body.contains(PHONE) || page.body.contains("李秀兰")
}

both!(a_unit_without_an_account_closes_its_part_by_link_and_sees_no_identity, |db| {
    let site = site(db);
    let power = unit(&site, "power", "青禾供电所");
    let id = dispatched(&site, "青禾-20260312-0001", power);
    let (url, pin, part) = link(&site, id);
    run(async {
        let mut hand = site.browser();
        let door = hand.get(&url).await;
        assert_eq!(door.status, StatusCode::OK);
        assert!(!door.body.contains("路灯"), "nothing is shown before the PIN");
        let wrong = hand.post(&url, &[("pin", if pin == "000000" { "000001" } else { "000000" })]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(hand.get(&format!("{url}/{part}")).await.count("input[name=pin]"), 1, "the door again");
        assert_eq!(hand.post(&url, &[("pin", &pin)]).await.status, StatusCode::SEE_OTHER);
        let page = hand.get(&url).await;
        assert!(page.body.contains("柳溪路灯不亮") && page.count("form") == 2, "{}", page.body);
        assert!(!says_who(&page), "{}", page.body);
        let path = format!("{url}/{part}");
        assert_eq!(say(&mut hand, &path, "sign", "", None).await.status, StatusCode::SEE_OTHER);
        assert_eq!(say(&mut hand, &path, "tell", "已派抢修班", None).await.status, StatusCode::SEE_OTHER);
        let bare = say(&mut hand, &path, "finish", "灯已换好", None).await;
        assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "the matter needs a picture");
        assert!(bare.body.contains("灯已换好"), "what was typed is still there");
        let picture = crate::upstream::picture();
        let done = say(&mut hand, &path, "finish", "灯已换好", Some(&picture)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let again = say(&mut hand, &path, "finish", "灯已换好", Some(&picture)).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "a retry gets the same answer");
        let after = hand.get(&path).await;
        assert!(after.body.contains("灯已换好") && after.count("textarea") == 0);
        let shown = after.attribute("a.photo", "href").unwrap();
        assert_eq!(hand.get(&shown).await.header("content-type"), "image/jpeg");
        // Another one's part, and another link's cookie, open nothing.
        assert_eq!(hand.get(&format!("{url}/{}", part.0 + 1)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(site.browser().get(&shown).await.status, StatusCode::NOT_FOUND);
        assert_eq!(hand.get("/p/u/aaaaaaaaaaaaaaaaaaaaaaaaaa").await.status, StatusCode::NOT_FOUND);
    });
    let now = case(&site, id);
    assert_eq!(now.assignments[0].result.as_deref(), Some("灯已换好"));
    assert!(now.done_at.is_some(), "{}", now.state);
    run(async {
        let mut desk = site.browser();
        desk.log_in("linlan", PASSWORD).await;
        let page = desk.get(&format!("/cases/{id}")).await;
        assert!(page.body.contains("凭办理链接") && page.body.contains("青禾供电所"), "{}", page.body);
    });
});

both!(a_link_ends_with_its_deadline_with_its_part_and_by_hand, |db| {
    let site = site(db);
    let (power, other) = (unit(&site, "power", "青禾供电所"), unit(&site, "other", "青禾路灯所"));
    let id = dispatched(&site, "青禾-20260312-0001", power);
    let (first, pin, _) = link(&site, id);
    let (second, second_pin, _) = link(&site, id);
    run(async {
        let mut hand = site.browser();
        assert_eq!(
            hand.get(&first).await.count("input[name=pin]"),
            0,
            "a new link takes the place of the old"
        );
        assert_eq!(hand.post(&first, &[("pin", &pin)]).await.status, StatusCode::GONE);
        assert_eq!(hand.post(&second, &[("pin", &second_pin)]).await.status, StatusCode::SEE_OTHER);
        assert!(hand.get(&second).await.body.contains("柳溪路灯不亮"));
        site.pass(40 * Ts::DAY);
        let late = hand.get(&second).await;
        assert!(!late.body.contains("柳溪路灯不亮") && late.body.contains("到期"), "{}", late.body);
    });
    // Given to somebody else: the first unit sees it no more.
    let id = dispatched(&site, "青禾-20260312-0002", power);
    let (url, pin, _) = link(&site, id);
    let cx = system(&site.app);
    let to = move |tx: &mut Tx<'_>| {
        let input = Input { lead: Some(other), reason: Some("不属供电所".into()), ..Input::default() };
        act(tx, &cx, id, "redispatch", input)
    };
    site.app.db.write_now(to).unwrap();
    run(async {
        assert_eq!(site.browser().post(&url, &[("pin", &pin)]).await.status, StatusCode::GONE);
    });
});

both!(wrong_pins_make_a_link_wait_and_then_end_it, |db| {
    let site = site(db);
    let power = unit(&site, "power", "青禾供电所");
    let id = dispatched(&site, "青禾-20260312-0001", power);
    let (url, pin, _) = link(&site, id);
    let wrong = if pin == "123456" { "654321" } else { "123456" };
    run(async {
        let mut guess = site.browser();
        for round in 0..4 {
            for _ in 0..5 {
                guess.post(&url, &[("pin", wrong)]).await;
            }
            if round < 3 {
                let right = guess.post(&url, &[("pin", &pin)]).await;
                assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY, "it waits, whatever comes");
                site.pass(16 * Ts::MINUTE);
            }
        }
        assert_eq!(guess.post(&url, &[("pin", &pin)]).await.status, StatusCode::GONE);
    });
    assert_eq!(site.app.db.read_now(|tx| tx.value::<i64>(&REVOKED, &[])).unwrap(), Some(1));
});

both!(a_unit_sees_all_its_own_parts_and_nothing_about_itself, |db| {
    let site = site(db);
    let (power, other) = (unit(&site, "power", "青禾供电所"), unit(&site, "other", "青禾路灯所"));
    let own = dispatched(&site, "青禾-20260312-0001", power);
    let others = dispatched(&site, "青禾-20260312-0002", other);
    let about = dispatched(&site, "青禾-20260312-0003", power);
    let cx = system(&site.app);
    let secret = site
        .app
        .db
        .write_now(move |tx| {
            let input = Input { subject: Some(Subject::Unit(power)), ..Input::default() };
            act(tx, &cx, about, "subject", input)?;
            let link = hands::make_for_unit(tx, &cx, power, 90)?;
            hands::look(tx, &cx, link).and_then(|l| hands::reveal(&cx, &l.link))
        })
        .unwrap();
    let url = format!("/p/u/{}", secret.token);
    run(async {
        let mut hand = site.browser();
        assert_eq!(hand.post(&url, &[("pin", &secret.pin)]).await.status, StatusCode::SEE_OTHER);
        let list = hand.get(&url).await;
        assert_eq!(list.count("a.task"), 1, "{}", list.body);
        let part = |id| case(&site, id).assignments[0].id;
        assert!(list.attribute("a.task", "href").unwrap().ends_with(&part(own).to_string()));
        for foreign in [others, about] {
            let path = format!("{url}/{}", part(foreign));
            assert_eq!(hand.get(&path).await.status, StatusCode::NOT_FOUND);
            assert_eq!(say(&mut hand, &path, "tell", "看到了", None).await.status, StatusCode::NOT_FOUND);
        }
        site.pass(91 * Ts::DAY);
        assert_eq!(hand.get(&url).await.count("a.task"), 0);
    });
});

both!(a_petition_gets_no_link_and_a_unit_makes_none, |db| {
    let site = site(db);
    let power = unit(&site, "power", "青禾供电所");
    let id = dispatched(&site, "青禾-20260312-0001", power);
    let cx = system(&site.app);
    let secret = move |tx: &mut Tx<'_>| {
        let secret = Sql::Both("select min(id) from matter where secret = 'petition'");
        let matter = tx.value::<MatterId>(&secret, args![])?;
        act(tx, &cx, id, "classify", Input { matter, reason: Some("信访事项".into()), ..Input::default() })?;
        let part = engine::load(tx, cx.office.id, id)?.assignments[0].id;
        hands::make_for_part(tx, &cx, id, part, &[])
    };
    let refused = site.app.db.write_now(secret).expect_err("a petition");
    assert_eq!(refused.refusal().unwrap().code, "hands.secret");
    run(async {
        site.person("worker", &["handler"]);
        let mut worker = site.browser();
        worker.log_in("worker", PASSWORD).await;
        assert_eq!(worker.get("/hands").await.status, StatusCode::FORBIDDEN);
        assert_eq!(worker.get(&format!("/cases/{id}/hands")).await.status, StatusCode::FORBIDDEN);
    });
});
