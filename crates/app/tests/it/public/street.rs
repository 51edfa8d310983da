//! A street with a community, a grid, the shipped catalogue and a unit, and what tests do on it.

use crate::browser::{Browser, Page, STREET, Site, system};
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
use gezhi::features::procedures::service;
use gezhi::features::procedures::state::CaseState;
use kernel::{AccountId, CaseId, Day, PlaceId, PostId, Ts, UnitId};
use store::{Db, Sql, args};

/// The office with a community, a grid, a road, the shipped catalogue and a unit that handles.
pub(super) struct Street {
    pub(super) site: Site,
    pub(super) grid: PlaceId,
    pub(super) token: String,
    pub(super) municipal: UnitId,
}

const PNG: [u8; 4] = [0x89, b'P', b'N', b'G'];

pub(super) fn street(db: Db) -> Street {
    // Two proxies of our own, so that tests can come from several addresses.
    let config = Config { trusted_proxy: vec!["127.0.0.1".parse().unwrap()], ..Config::default() };
    let site = Site::with(db, config, false, None);
    let cx = system(&site.app);
    let (grid, token, municipal) = site
        .app
        .db
        .write_now(move |tx| {
            let from = Day::parse("2025-01-01").unwrap();
            let community = NewPlace::named("999901001001", Some(STREET), Kind::Community, "柳溪社区");
            let community = places::create_place(tx, &cx, community, from, "test")?;
            let grid = NewPlace::named("999901001001007", Some(community), Kind::Grid, "柳溪社区07网格");
            let grid = places::create_place(tx, &cx, grid, from, "test")?;
            let other = NewPlace::named("999901001002", Some(STREET), Kind::Community, "东苑社区");
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
    pub(super) fn form(&self) -> String {
        format!("/p/{}", self.token)
    }

    /// A member of staff with these rights over the whole office.
    pub(super) fn staff(&self, account: i64, verbs: &[&str]) -> Cx {
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

    pub(super) fn desk(&self) -> Cx {
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

    pub(super) fn write<T: Send + 'static>(
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
    pub(super) fn act(&self, case: CaseId, action: &str, input: Input) -> CaseState {
        self.site.pass(Ts::MINUTE);
        let cx = self.desk();
        let ask = Ask { case, action: action.to_owned(), version: None, input };
        self.write(&cx, move |tx, cx| {
            service::act(tx, cx, &ask)?;
            service::load(tx, cx.office.id, ask.case)
        })
    }

    /// Accepted as a matter, handed to the unit, signed.
    pub(super) fn in_hand(&self, case: CaseId, code: &str) {
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
    pub(super) fn finish(&self, case: CaseId, text: &str) {
        let photos = vec![self.picture(case, 200)];
        self.act(case, "finish", Input { photos, ..note(text) });
    }

    /// A picture of the unit's own, stored.
    pub(super) fn picture(&self, case: CaseId, shade: u8) -> kernel::AttachmentId {
        let stored = self.site.app.files.put_photo(&png(shade)).unwrap();
        let photo = Photo { stored, kind: "after".to_owned() };
        self.write(&self.desk(), move |tx, cx| intake::put_photo(tx, cx, Some(case), None, &photo))
    }

    pub(super) fn case(&self, no: &str) -> CaseId {
        const BY_NO: Sql = Sql::Both(
            "select rc.case_id from report r join report_case rc on rc.office = r.office and rc.report = r.id
             where r.no = $1 and rc.until_at is null",
        );
        let no = no.to_owned();
        self.write(&self.desk(), move |tx, _| Ok(tx.value(&BY_NO, args![&no])?.expect("a case")))
    }

    pub(super) fn count(&self, sql: &'static str) -> i64 {
        self.write(&self.desk(), move |tx, _| Ok(tx.value(&Sql::Both(sql), &[])?.unwrap()))
    }
}

/// A small picture of one shade.
pub(super) fn png(shade: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(32, 24, image::Rgb([shade, 90, 30]));
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    let bytes = out.into_inner();
    assert_eq!(bytes[..4], PNG);
    bytes
}

/// A form with files.
pub(super) fn multipart(fields: &[(&str, &str)], photos: &[Vec<u8>]) -> (String, Vec<u8>) {
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

pub(super) async fn upload(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    photos: &[Vec<u8>],
) -> Page {
    let (kind, body) = multipart(fields, photos);
    browser.send(Method::POST, path, Some(&kind), body).await
}

/// Number and code of a receipt.
pub(super) fn receipt(page: &Page) -> (String, String) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    (page.text("#no").expect("a number"), page.text("#code").expect("a code"))
}

/// Reports and gives number and code.
pub(super) async fn report(street: &Street, fields: &[(&str, &str)], photos: &[Vec<u8>]) -> (String, String) {
    let mut browser = street.site.browser();
    let form = browser.get(&street.form()).await;
    let idem = form.attribute("input[name=idem]", "value").expect("a key");
    let mut all = vec![("idem", idem.as_str())];
    all.extend(fields);
    receipt(&upload(&mut browser, &street.form(), &all, photos).await)
}

/// Opens a report by number and code in a fresh browser.
pub(super) async fn follow<'a>(street: &'a Street, no: &str, code: &str) -> (Browser<'a>, Page) {
    let mut browser = street.site.browser();
    let page = browser.post("/p/track", &[("no", no), ("code", code)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let path = page.location().to_owned();
    assert!(!path.contains(code), "the code is in the address: {path}");
    let page = browser.get(&path).await;
    (browser, page)
}

pub(super) fn track(no: &str) -> String {
    format!("/p/track/{}", gezhi::web::encode(no))
}

pub(super) fn note(text: &str) -> Input {
    Input { note: Some(text.to_owned()), ..Input::default() }
}
