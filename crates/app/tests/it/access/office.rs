//! The invented office with somebody for every shipped role, with those a complaint is about, and with a neighbour.

use crate::browser::{Browser, Site};
use crate::demo;
use gezhi::actor::Actor;
use gezhi::context::{Cx, Source};
use gezhi::features::catalogue::service as catalogue;
use gezhi::features::demo::{Options, make};
use gezhi::features::intake::model::{NewReport, Photo};
use gezhi::features::intake::service as intake;
use gezhi::features::parties::service::Contact;
use gezhi::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use gezhi::features::people::session::{self, token as tokens};
use gezhi::features::people::{pack, service as people};
use gezhi::features::places::service as places;
use gezhi::features::procedures::model::{Ask, CoUnit, Input, Subject};
use gezhi::features::procedures::service as engine;
use gezhi::features::procedures::state::Location;
use gezhi::installation::{Installation, NewOffice, create_office};
use kernel::{AccountId, CaseId, MatterId, OfficeId, PlaceId, UnitId};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use store::{Db, Sql, Tx, args};

/// A community, one of its grids, and a community beside it.
const COMMUNITY: &str = "999901001001";
pub const GRID: &str = "999901001001007";
pub const ELSEWHERE: &str = "999901001002";

/// Who tries: a name, the shipped roles of the post, its unit and its place. Roles that are given beside another one stand
/// beside it.
pub const PEOPLE: [(&str, &[&str], &str, &str); 25] = [
    ("acceptor", &["acceptor"], "x-centre", ""),
    ("dispatcher", &["dispatcher"], "x-centre", ""),
    ("arbiter", &["arbiter"], "x-centre", ""),
    ("handler", &["handler"], "x-lead", ""),
    ("petition_handler", &["handler", "petition_handler"], "x-lead", ""),
    ("verifier", &["verifier"], "x-centre", ""),
    ("caller", &["caller"], "x-centre", ""),
    ("community_secretary", &["community_secretary"], "c-liuxi", COMMUNITY),
    ("grid_worker", &["grid_worker"], "c-liuxi", GRID),
    ("leader", &["leader"], "x-centre", ""),
    ("supervisor", &["supervisor"], "x-centre", ""),
    ("secretary", &["secretary"], "x-centre", ""),
    ("data_clerk", &["data_clerk"], "x-centre", ""),
    ("contractor", &["contractor"], "x-firm", ""),
    ("firm_contact", &["contractor", "firm_contact"], "x-firm", ""),
    ("roster_keeper", &["verifier", "roster_keeper"], "x-centre", ""),
    ("system_admin", &["system_admin"], "x-centre", ""),
    ("security_admin", &["security_admin"], "x-centre", ""),
    ("auditor", &["auditor"], "x-centre", ""),
    // Whom complaints are about: a unit's own handler who also dispatches, and one below it with the eyes of a supervisor.
    ("complained", &["handler", "dispatcher"], "x-about", ""),
    ("complained_below", &["handler", "supervisor"], "x-below", ""),
    ("postless", &[], "", ""),
    // Whose phone is bound: the rights of the field and no more.
    ("phone", &["grid_worker"], "c-liuxi", GRID),
    // Programs with a token.
    ("program", &["dispatcher"], "x-centre", ""),
    ("program_of_unit", &["handler"], "x-lead", ""),
];

/// Accounts of the neighbouring office.
const NEIGHBOURS: [(&str, &[&str]); 2] = [
    ("neighbour_admin", &["system_admin"]),
    (
        "neighbour",
        &[
            "dispatcher",
            "acceptor",
            "arbiter",
            "leader",
            "verifier",
            "caller",
            "handler",
            "roster_keeper",
            "secretary",
        ],
    ),
];

const MATTER: Sql = Sql::Both("select min(id) from matter where secret = $1");

/// An office in which everybody can try everything.
pub struct Office {
    pub site: Site,
    pub id: OfficeId,
    neighbour: OfficeId,
    /// Accounts by name.
    pub people: BTreeMap<&'static str, AccountId>,
    units: BTreeMap<&'static str, UnitId>,
    matter: MatterId,
    planted: u32,
}

/// A case to plant.
#[derive(Clone)]
pub struct Plant {
    /// A word that stands in everything said of it and nowhere else.
    pub mark: &'static str,
    pub class: &'static str,
    /// Where: the code of a community or grid.
    pub place: &'static str,
    /// Whom it is about.
    pub about: Option<&'static str>,
    /// The leading unit; none leaves it as it came in.
    pub lead: Option<&'static str>,
    /// The helping unit.
    pub co: Option<&'static str>,
}

pub const PLAIN: Plant = Plant {
    mark: "zqplain",
    class: "ordinary",
    place: GRID,
    about: None,
    lead: Some("x-lead"),
    co: Some("x-firm"),
};

/// Somebody who tries, as far as they are known: a person of [`PEOPLE`], a neighbour or a stranger.
pub fn everybody() -> Vec<&'static str> {
    let mut all: Vec<&str> = PEOPLE.iter().map(|(name, ..)| *name).collect();
    all.extend(NEIGHBOURS.iter().map(|(name, _)| *name));
    all.push("stranger");
    all
}

impl Office {
    pub fn new(db: &Db) -> Office {
        let (dir, installation) = demo::installation(db, demo::noon());
        Office::over(dir, installation)
    }

    /// The same, where clients are told apart by what a proxy of our own says of them.
    pub fn behind_a_proxy(db: &Db) -> Office {
        let (dir, mut installation) = demo::installation(db, demo::noon());
        installation.config.trusted_proxy = vec![IpAddr::from([127, 0, 0, 1])];
        Office::over(dir, installation)
    }

    fn over(dir: tempfile::TempDir, installation: Installation) -> Office {
        let made = make(&installation, Options { small: true, seed: Some(7) }, |_| {}).unwrap();
        let site = Site::over(installation, dir);
        let neighbour = neighbour(&site);
        let mut office = Office {
            id: made.office,
            site,
            neighbour,
            people: BTreeMap::new(),
            units: BTreeMap::new(),
            matter: MatterId(0),
            planted: 0,
        };
        office.furnish();
        office
    }

    /// The program itself, in the office.
    pub fn system(&self) -> Cx {
        cx(&self.site, self.id)
    }

    /// A write; off the runtime's threads, which may not wait for a database.
    pub fn write<T: Send + 'static>(
        &self,
        mut body: impl FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    ) -> T {
        let cx = self.system();
        let db = &self.site.app.db;
        std::thread::scope(|s| {
            s.spawn(move || db.write_now(move |tx| body(tx, &cx)).unwrap()).join().unwrap()
        })
    }

    fn furnish(&mut self) {
        let (units, people, matter) = self.write(|tx, cx| {
            let mut units: BTreeMap<&'static str, UnitId> = BTreeMap::new();
            for (code, kind, parent) in [
                ("x-centre", "street_department", None),
                ("x-lead", "street_department", None),
                ("x-about", "street_department", None),
                ("x-below", "street_department", Some("x-about")),
                ("x-firm", "contractor", None),
            ] {
                let parent = parent.and_then(|p| units.get(p).copied());
                let (code_, name) = (code.to_owned(), format!("{code}科"));
                let new = NewUnit { code: code_, name, kind: kind.into(), parent, ..NewUnit::default() };
                units.insert(code, people::create_unit(tx, cx, &new)?);
            }
            for code in ["c-liuxi", "c-dongyuan"] {
                units
                    .insert(code, people::unit_by_code(tx, cx.office.id, code)?.expect("a unit of the demo"));
            }
            let mut accounts = BTreeMap::new();
            for (name, roles, unit, place) in PEOPLE {
                let place = if place.is_empty() { "999901001" } else { place };
                let place = people::place_by_code(tx, cx.office.id, place)?.expect("a place of the demo");
                accounts.insert(name, person(tx, cx, name, roles, units.get(unit).copied(), Some(place))?);
            }
            let day = cx.today();
            let matter =
                catalogue::matter_by_code(tx, cx.office.id, "01003", day)?.expect("a shipped matter").id;
            Ok((units, accounts, matter))
        });
        (self.units, self.people, self.matter) = (units, people, matter);
        let at = cx(&self.site, self.neighbour);
        let db = &self.site.app.db;
        let neighbours = db
            .write_now(move |tx| {
                people::install_roles(tx, &at, &pack::roles(pack::ROLES)?)?;
                let new = NewUnit {
                    code: "centre".into(),
                    name: "邻街中心".into(),
                    kind: "street_department".into(),
                    ..NewUnit::default()
                };
                let unit = people::create_unit(tx, &at, &new)?;
                NEIGHBOURS
                    .iter()
                    .map(|(name, roles)| Ok((*name, person(tx, &at, name, roles, Some(unit), None)?)))
                    .collect::<store::Result<Vec<_>>>()
            })
            .unwrap();
        self.people.extend(neighbours);
    }

    /// A unit by its code.
    pub fn unit(&self, code: &str) -> UnitId {
        self.units[code]
    }

    /// A matter that is dispatched, done within days, checked and called back.
    pub fn matter(&self) -> MatterId {
        self.matter
    }

    /// A case with a mark in everything that is said of it.
    pub fn plant(&mut self, plant: &Plant) -> CaseId {
        self.planted += 1;
        let plant = plant.clone();
        let no = format!("青禾-20260312-9{:03}", self.planted);
        let code = format!(
            "34679AC{}",
            ["D", "E", "F", "G", "H", "J", "K", "M", "N", "P", "Q", "R"][self.planted as usize]
        );
        let (lead, co) = (plant.lead.map(|c| self.unit(c)), plant.co.map(|c| self.unit(c)));
        let (about, ordinary) = (plant.about.map(|c| self.unit(c)), self.matter);
        let shade = u8::try_from(self.planted * 20).unwrap();
        let stored = self.site.app.files.put_photo(&picture(shade)).unwrap();
        self.write(move |tx, cx| {
            let place = people::place_by_code(tx, cx.office.id, plant.place)?.expect("a place");
            let located = places::located(tx, cx.office.id, place)?;
            let m = plant.mark;
            let new = NewReport {
                no: no.clone(),
                code: code.clone(),
                channel: "hotline".into(),
                kind: "complaint".into(),
                class: plant.class.into(),
                title: format!("井盖 {m} 琉璃瓦"),
                text: format!("井盖 {m} 破损，琉璃瓦 {m} 门口"),
                contact: Contact {
                    name: format!("王{m}"),
                    phone: "19900002041".into(),
                    ..Contact::default()
                },
                reply_wanted: true,
                at: Location {
                    place: Some(located.place),
                    community: located.community,
                    grid: located.grid,
                    address: format!("柳溪路 {m} 号"),
                    ..Location::default()
                },
                photos: vec![Photo { stored: stored.clone(), kind: "scene".into() }],
                ..NewReport::default()
            };
            let case = intake::receive(tx, cx, &new)?.case;
            let act = |tx: &mut Tx<'_>, action: &str, input: Input| {
                engine::act(tx, cx, &Ask { case, action: action.to_owned(), version: None, input })
                    .map(|_| ())
            };
            if let Some(lead) = lead {
                // The class of a case is that of its matter.
                let matter = match plant.class {
                    "ordinary" => ordinary,
                    class => tx.value(&MATTER, args![class])?.expect("a shipped matter"),
                };
                let subject = Some(about.map_or(Subject::None, Subject::Unit));
                act(tx, "accept", Input { matter: Some(matter), subject, ..Input::default() })?;
                let co = co.map(|unit| CoUnit { unit, limit: None }).into_iter().collect();
                act(tx, "dispatch", Input { lead: Some(lead), co, ..Input::default() })?;
            }
            act(tx, "note", Input { note: Some(format!("备注 {m}")), ..Input::default() })?;
            Ok(case)
        })
    }

    /// The picture that came with a case.
    pub fn picture_of(&self, case: CaseId) -> i64 {
        const PICTURE: Sql = Sql::Both(
            "select min(a.id) from attachment a join report_case r on r.report = a.report where r.case_id = $1",
        );
        self.write(move |tx, _| Ok(tx.value(&PICTURE, args![case])?.expect("a picture")))
    }

    /// Somebody's browser, or a program's token, with what is needed for sending forms.
    pub async fn enter(&self, name: &str) -> Browser<'_> {
        let mut browser = self.site.browser();
        match name {
            "stranger" => return browser,
            "program" | "program_of_unit" => {
                let key = session::token().unwrap();
                let (account, hash) = (self.people[name], key.hash);
                self.write(move |tx, cx| tokens::add(tx, cx, account, "test", &hash, None).map(|_| ()));
                return browser.having("authorization", &format!("Bearer {}", key.text));
            }
            "phone" => {
                let account = self.people[name];
                let code =
                    self.write(move |tx, cx| gezhi::features::people::device::make_code(tx, cx, account));
                let chosen = [("pin", "582041"), ("again", "582041"), ("name", "红米")];
                let page = browser.post(&format!("/m/bind/{code}"), &chosen).await;
                assert_eq!(page.location(), "/report", "{}", page.body);
            }
            _ => {
                let page = browser.post("/demo/login", &[("login", &login(name))]).await;
                assert_eq!(page.location(), "/", "{name}: {}", page.body);
            }
        }
        let csrf = browser.csrf().await;
        assert!(!csrf.is_empty(), "{name}");
        browser.having("x-csrf-token", &csrf)
    }
}

fn login(name: &str) -> String {
    format!("x{}", name.replace('_', ""))
}

fn cx(site: &Site, id: OfficeId) -> Cx {
    let office = site.app.office(id).expect("the office");
    site.app.cx(&office, Actor::system(id), Source::Cli)
}

fn person(
    tx: &mut Tx<'_>,
    cx: &Cx,
    name: &str,
    roles: &[&str],
    unit: Option<UnitId>,
    place: Option<PlaceId>,
) -> store::Result<AccountId> {
    let new =
        NewAccount { login: login(name), name: format!("某{name}"), locale: None, password_hash: None };
    let account = people::create_account(tx, cx, &new)?;
    let Some(unit) = unit else { return Ok(account) };
    let title = format!("岗位 {name}");
    let post = NewPost { unit, kind: "other".into(), title, place, phone_public: None };
    let post = people::create_post(tx, cx, &post)?;
    for role in roles {
        let role = people::role_by_code(tx, cx, role)?.expect("a shipped role").id;
        people::ask_role(tx, cx, post, role)?;
    }
    people::fill_post(tx, cx, &Fill { post, account, acting: false, from: cx.now, until: None })?;
    Ok(account)
}

fn neighbour(site: &Site) -> OfficeId {
    let new = NewOffice {
        code: "999901002".into(),
        name: "邻街街道办事处".into(),
        short: "邻街".into(),
        time_zone: "Asia/Shanghai".into(),
        hours: "08:30-12:00,14:00-17:30".into(),
        locale: "zh-CN".into(),
    };
    let (vault, now) = (Arc::clone(&site.app.vault), site.clock.now());
    let id = site.app.db.write_now(move |tx| create_office(tx, &vault, &new, now)).unwrap();
    site.app.reload().unwrap();
    id
}

/// A small picture of one shade.
pub fn picture(shade: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let drawn = image::RgbImage::from_pixel(32, 24, image::Rgb([shade, 90, 30]));
    drawn.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}
