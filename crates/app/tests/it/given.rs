//! What a test is given: an office with units, matters and people, made through the database alone.

use gezhi::actor::{Actor, ActorKind, Grant, Reach};
use gezhi::context::{Cx, Office, Source};
use gezhi::crypto::Vault;
use gezhi::features::intake::model::NewReport;
use gezhi::features::parties::service::Contact;
use gezhi::features::procedures::procedure::Procedure;
use jiff::tz::TimeZone;
use kernel::{AccountId, MatterId, OfficeId, PostId, Ts, UnitId};
use std::sync::Arc;
use store::{Db, Sql, args};
use worktime::{Calendar, Hours, Rules};

pub const OFFICE: OfficeId = OfficeId(1);
pub const MUNICIPAL: UnitId = UnitId(11);
pub const COMMUNITY: UnitId = UnitId(12);
pub const ENFORCEMENT: UnitId = UnitId(13);
/// Below the enforcement team.
pub const ENFORCEMENT_SQUAD: UnitId = UnitId(14);
pub const CONTRACTOR: UnitId = UnitId(15);
/// Handled within five working days, verified, called back.
pub const MANHOLE: MatterId = MatterId(21);

const UNIT: Sql = Sql::Both(
    "insert into unit (id, office, code, name, short, sort_key, kind, parent, active, version)
     values ($1, $2, $3, $3, $3, $3, $4, $5, true, 1)",
);
const MATTER: Sql = Sql::Both(
    "insert into matter (id, office, code, kind, class_code, class_zh, class_en, name_zh, name_en, standard_ref, limit_condition,
     handle_limit, limit_source, accept_limit, dispatch_limit, sign_limit, verify, verify_rate, callback, callback_rate,
     duty_list, lead_department, secret, emergency, photos, close_condition, synonyms, judgement, from_day, version)
     values ($1, $2, $3, 'event', '01', '市政', 'Municipal', '雨水井盖异常', 'Storm drain cover', 'test', '', 'work_day:5',
     'example', 'work_hour:2', 'work_hour:2', 'work_hour:2', 'photo', 100, 'all', 100, 'basic', '', 'ordinary', false, 'none', '',
     '', '', 20200101, 1)",
);
const META: Sql = Sql::Both("insert into office (id, code, name, short, time_zone, hours, locale, settings, version)
     values ($1, '999901001', '青禾街道', '青禾', 'Asia/Shanghai', '08:30-12:00,14:00-17:30', 'zh-CN', '{}', 1)");

/// The verifier exists as an account with a post and a role, so that somebody else can verify.
const VERIFIER: [Sql; 5] = [
    Sql::Both(
        "insert into account (id, office, login, name, sort_key, state, failures, version)
         values (3, $1, 'verifier', '吴芳', 'wufang', 'active', 0, 1)",
    ),
    Sql::Both(
        "insert into post (id, office, unit, kind, title, active, version) values (3, $1, 10, 'clerk', '核查', true, 1)",
    ),
    Sql::Both(
        "insert into holding (id, office, post, account, acting, state, from_at) values (3, $1, 3, 3, false, 'active', 0)",
    ),
    Sql::Both(
        "insert into role (id, office, code, grants, version) values (3, $1, 'verifier', 'demands.verify@office', 1)",
    ),
    Sql::Both(
        "insert into post_role (id, office, post, role, state, asked_at) values (3, $1, 3, 3, 'active', 0)",
    ),
];

/// An office on a fresh database.
#[derive(Clone)]
pub struct World {
    pub db: Db,
    pub office: Arc<Office>,
    pub vault: Arc<Vault>,
}

/// An instant in the office's zone: `at("2026-09-28 10:00")`.
pub fn at(text: &str) -> Ts {
    Ts::parse(&format!("{}:00+08:00", text.replace(' ', "T"))).expect("an instant")
}

pub fn world(db: Db) -> World {
    let tz = TimeZone::get("Asia/Shanghai").expect("the zone");
    let rules = Rules {
        calendar: Calendar::cn(),
        hours: Hours::parse("08:30-12:00,14:00-17:30").expect("hours"),
        tz: tz.clone(),
    };
    let vault = Vault::new([7; 32]);
    vault.new_office(OFFICE).expect("a key");
    let office = Office {
        id: OFFICE,
        code: "999901001".to_owned(),
        name: "青禾街道".to_owned(),
        short: "青禾".to_owned(),
        tz,
        rules: Arc::new(rules),
        calendars: Arc::default(),
        settings: Arc::default(),
        procedure: Arc::new(Procedure::builtin().expect("the procedure")),
        pack_version: 1,
    };
    db.write_now(|tx| {
        tx.exec(&META, args![OFFICE])?;
        for (id, kind, parent) in [
            (MUNICIPAL, "street_department", None),
            (COMMUNITY, "community", None),
            (ENFORCEMENT, "street_department", None),
            (ENFORCEMENT_SQUAD, "street_department", Some(ENFORCEMENT)),
            (CONTRACTOR, "contractor", None),
        ] {
            tx.exec(&UNIT, args![id, OFFICE, format!("u{id}"), kind, parent])?;
        }
        for row in &VERIFIER {
            tx.exec(row, args![OFFICE])?;
        }
        tx.exec(&MATTER, args![MANHOLE, OFFICE, "01003"])
    })
    .expect("the office");
    World { db, office: Arc::new(office), vault: Arc::new(vault) }
}

impl World {
    /// A context for an actor at an instant.
    pub fn cx(&self, actor: Actor, now: &str) -> Cx {
        Cx {
            now: at(now),
            occurred: None,
            office: Arc::clone(&self.office),
            actor,
            behalf: None,
            source: Source::Web,
            vault: Arc::clone(&self.vault),
        }
    }
}

/// A member of staff with rights over the whole office.
pub fn desk(account: i64, verbs: &[&str]) -> Actor {
    actor(account, UnitId(10), verbs.iter().map(|v| (*v, Reach::Office)).collect())
}

/// A member of a unit that handles cases.
pub fn handler(account: i64, unit: UnitId) -> Actor {
    actor(account, unit, vec![("demands.read", Reach::Unit(unit)), ("demands.handle", Reach::Unit(unit))])
}

pub fn actor(account: i64, unit: UnitId, grants: Vec<(&str, Reach)>) -> Actor {
    let mut unit_line = vec![unit];
    if unit == ENFORCEMENT_SQUAD {
        unit_line.push(ENFORCEMENT);
    }
    Actor {
        office: OFFICE,
        kind: ActorKind::Staff,
        account: Some(AccountId(account)),
        name: format!("account {account}"),
        post: Some(PostId(account)),
        unit: Some(unit),
        units: vec![unit],
        unit_line,
        grants: grants
            .into_iter()
            .map(|(verb, reach)| Grant { verb: verb.to_owned(), reach, post: PostId(account) })
            .collect(),
    }
}

/// The acceptor and dispatcher in one.
pub fn intake() -> Actor {
    desk(
        1,
        &[
            "demands.read",
            "demands.report",
            "demands.accept",
            "demands.dispatch",
            "demands.merge",
            "demands.reveal",
            "demands.supervise",
        ],
    )
}

pub fn arbiter() -> Actor {
    desk(2, &["demands.read", "demands.arbitrate", "demands.approve", "demands.erase"])
}

pub fn verifier() -> Actor {
    desk(3, &["demands.read", "demands.verify"])
}

pub fn caller() -> Actor {
    desk(4, &["demands.read", "demands.call_back"])
}

/// A report by a named requester.
pub fn report(no: &str, code: &str, text: &str) -> NewReport {
    NewReport {
        no: no.to_owned(),
        code: code.to_owned(),
        channel: "qr".to_owned(),
        kind: "complaint".to_owned(),
        class: "ordinary".to_owned(),
        text: text.to_owned(),
        contact: Contact {
            name: "王小明".to_owned(), phone: "19900002041".to_owned(), ..Contact::default()
        },
        reply_wanted: true,
        ..NewReport::default()
    }
}
