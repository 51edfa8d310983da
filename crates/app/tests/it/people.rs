//! Units, posts, rights, grants by two people, acting and leaving.

use gezhi::actor::{Actor, Reach};
use gezhi::context::{Cx, Office, Source};
use gezhi::crypto::Vault;
use gezhi::events::{self, Stream};
use gezhi::features::intake::drafts;
use gezhi::features::people::model::{Fill, NewAccount, NewPost, NewUnit, Pending, Site};
use gezhi::features::people::pack;
use gezhi::features::people::service::{self as people, AccountFilter, PostFilter};
use gezhi::features::procedures::procedure::Procedure;
use jiff::tz::TimeZone;
use kernel::{AccountId, OfficeId, PlaceId, PostId, Ts, UnitId};
use std::sync::{Arc, LazyLock};
use store::{Db, Result, Sql, Tx, args, both};
use worktime::{Calendar, Hours, Rules};

const OFFICE: OfficeId = OfficeId(1);
const STREET: PlaceId = PlaceId(1);
const COMMUNITY: PlaceId = PlaceId(2);
const GRID: PlaceId = PlaceId(3);
const MICRO: PlaceId = PlaceId(4);
const OTHER_GRID: PlaceId = PlaceId(6);
const DAY: i64 = Ts::DAY;

fn start() -> Ts {
    Ts::parse("2026-03-12T09:00:00+08:00").unwrap()
}

fn office() -> Arc<Office> {
    let tz = TimeZone::get("Asia/Shanghai").unwrap();
    let hours = Hours::parse("08:30-12:00,14:00-17:30").unwrap();
    Arc::new(Office {
        id: OFFICE,
        code: "999901001".into(),
        name: "青禾街道".into(),
        short: "青禾".into(),
        rules: Arc::new(Rules { calendar: Calendar::cn(), hours, tz: tz.clone() }),
        calendars: Arc::default(),
        settings: Arc::default(),
        tz,
        procedure: Arc::new(Procedure::builtin().expect("the procedure")),
        pack_version: 1,
    })
}

fn by(actor: Actor, now: Ts) -> Cx {
    static VAULT: LazyLock<Arc<Vault>> = LazyLock::new(|| {
        let vault = Vault::new([7; 32]);
        vault.new_office(OFFICE).unwrap();
        Arc::new(vault)
    });
    let vault = Arc::clone(&VAULT);
    Cx { now, occurred: None, office: office(), actor, behalf: None, source: Source::Web, vault }
}

fn system() -> Cx {
    by(Actor::system(OFFICE), start())
}

/// The street, two communities, three grids, a micro-grid; the shipped roles; the grid centre and two
/// community units.
fn ground(db: &Db) {
    const OFFICE_ROW: Sql = Sql::Both(
        "insert into office (id, code, name, short, time_zone, hours, locale, home_place, settings, version)
         values (1, '999901001', '青禾街道', '青禾', 'Asia/Shanghai', '08:30-12:00,14:00-17:30', 'zh-CN', 1, '{}', 1)",
    );
    const PLACE: Sql = Sql::Both(
        "insert into place (id, office, code, parent, kind, level, name, sort_key, aliases, community_id, grid_id,
         from_day, version) values ($1, 1, $2, $3, $4, $5, $6, $6, '', $7, $8, 20200101, 1)",
    );
    db.write_now(|tx| {
        tx.exec(&OFFICE_ROW, &[])?;
        let places: [(i64, &str, Option<i64>, &str, i64, Option<i64>, Option<i64>); 6] = [
            (1, "999901001", None, "street", 1, None, None),
            (2, "999901001001", Some(1), "community", 2, Some(2), None),
            (3, "999901001001001", Some(2), "grid", 3, Some(2), Some(3)),
            (4, "999901001001001001", Some(3), "micro_grid", 4, Some(2), Some(3)),
            (5, "999901001002", Some(1), "community", 2, Some(5), None),
            (6, "999901001002001", Some(5), "grid", 3, Some(5), Some(6)),
        ];
        for (id, code, parent, kind, level, community, grid) in places {
            tx.exec(&PLACE, args![id, code, parent, kind, level, code, community, grid])?;
        }
        people::install_roles(tx, &system(), &pack::roles(pack::ROLES)?)?;
        Ok(())
    })
    .unwrap();
}

fn unit(tx: &mut Tx<'_>, code: &str, parent: Option<UnitId>) -> Result<UnitId> {
    let kind = if parent.is_some() { "contractor" } else { "street_department" };
    let unit =
        NewUnit { code: code.into(), name: code.into(), kind: kind.into(), parent, ..NewUnit::default() };
    people::create_unit(tx, &system(), &unit)
}

/// An account on a post of its own with some roles, all in force at once, as the making of an office does it.
fn somebody(
    tx: &mut Tx<'_>,
    name: &str,
    unit: UnitId,
    place: Option<PlaceId>,
    roles: &[&str],
) -> Result<(AccountId, PostId)> {
    let cx = system();
    let account = NewAccount { login: name.into(), name: name.into(), ..NewAccount::default() };
    let account = people::create_account(tx, &cx, &account)?;
    let post =
        NewPost { unit, kind: "other".into(), title: format!("post of {name}"), place, phone_public: None };
    let post = people::create_post(tx, &cx, &post)?;
    people::fill_post(tx, &cx, &Fill { post, account, acting: false, from: cx.now, until: None })?;
    for role in roles {
        let role = people::role_by_code(tx, &cx, role)?.unwrap().id;
        people::ask_role(tx, &cx, post, role)?;
    }
    Ok((account, post))
}

fn as_(tx: &mut Tx<'_>, account: AccountId, now: Ts) -> Result<Cx> {
    Ok(by(people::actor(tx, OFFICE, account, now)?.expect("an active account"), now))
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(store::Error::Refused(refusal)) => refusal.code,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

both!(the_roles_of_a_post_become_reaches_of_its_place_and_unit, |db| {
    ground(&db);
    db.write_now(|tx| {
        let centre = unit(tx, "centre", None)?;
        let firm = unit(tx, "firm", Some(centre))?;
        let (desk, _) = somebody(tx, "linlan", centre, Some(STREET), &["dispatcher"])?;
        let (secretary, _) =
            somebody(tx, "wang", centre, Some(COMMUNITY), &["community_secretary", "handler"])?;
        let (worker, _) = somebody(tx, "chen", centre, Some(MICRO), &["grid_worker"])?;
        let (foreman, post) = somebody(tx, "xie", firm, None, &["contractor"])?;
        let (chief, _) = somebody(tx, "chief", centre, Some(STREET), &["community_secretary"])?;
        let reaches = |tx: &mut Tx<'_>, who, verb: &'static str| -> Result<Vec<Reach>> {
            Ok(as_(tx, who, start())?.actor.reaches(verb).collect())
        };
        assert_eq!(reaches(tx, desk, "demands.read")?, [Reach::Office]);
        assert_eq!(
            reaches(tx, secretary, "demands.read")?,
            [Reach::Community(COMMUNITY), Reach::Unit(centre)]
        );
        assert_eq!(reaches(tx, secretary, "demands.handle")?, [Reach::Unit(centre)]);
        assert_eq!(
            reaches(tx, worker, "demands.report")?,
            [Reach::Grid(GRID)],
            "the finest that scope knows"
        );
        assert_eq!(reaches(tx, chief, "demands.verify")?, [Reach::Office], "the home place is the office");
        let actor = as_(tx, foreman, start())?.actor;
        assert_eq!((actor.unit, actor.post), (Some(firm), Some(post)));
        assert_eq!(actor.units, [firm]);
        assert_eq!(actor.unit_line.len(), 2, "its own unit and the one above");
        assert!(!actor.has("demands.reveal"));
        assert!(people::actor(tx, OFFICE, AccountId(9), start())?.is_none());
        Ok(())
    })
    .unwrap();
});

both!(a_person_with_five_posts_is_one_actor_with_the_rights_of_all, |db| {
    ground(&db);
    db.write_now(|tx| {
        let unit_ = unit(tx, "c-liuxi", None)?;
        let (wang, first) = somebody(tx, "wang", unit_, Some(COMMUNITY), &["community_secretary"])?;
        for title in ["居委会主任", "网格长", "调解员"] {
            let post = NewPost {
                unit: unit_,
                kind: pack::kind_of_title(title).into(),
                title: title.into(),
                place: Some(GRID),
                phone_public: None,
            };
            let post = people::create_post(tx, &system(), &post)?;
            people::fill_post(
                tx,
                &system(),
                &Fill { post, account: wang, acting: false, from: start(), until: None },
            )?;
            let role = people::role_by_code(tx, &system(), "handler")?.unwrap().id;
            people::ask_role(tx, &system(), post, role)?;
        }
        let actor = as_(tx, wang, start())?.actor;
        assert_eq!(actor.post, Some(first));
        assert_eq!(actor.units, [unit_]);
        let handle: Vec<Reach> = actor.reaches("demands.handle").collect();
        assert_eq!(handle, [Reach::Unit(unit_)], "the same right from three posts counts once");
        Ok(())
    })
    .unwrap();
});

both!(a_grant_waits_for_a_second_person_who_gains_nothing_by_it, |db| {
    ground(&db);
    db.write_now(|tx| {
        let office = unit(tx, "office", None)?;
        let (maker, _) = somebody(tx, "wuhao", office, Some(STREET), &["system_admin"])?;
        let (granter, _) = somebody(tx, "yuting", office, Some(STREET), &["security_admin"])?;
        let (auditor, _) = somebody(tx, "dingjie", office, Some(STREET), &["auditor"])?;
        let (leader, _) = somebody(tx, "luwen", office, Some(STREET), &["leader"])?;
        let (maker, granter, auditor, leader) = (
            as_(tx, maker, start())?,
            as_(tx, granter, start())?,
            as_(tx, auditor, start())?,
            as_(tx, leader, start())?,
        );
        let new = NewAccount { login: " ZhouMin ".into(), name: "周敏".into(), ..NewAccount::default() };
        assert_eq!(
            code(people::create_account(tx, &granter, &new)),
            "common.forbidden",
            "security makes no accounts"
        );
        let zhou = people::create_account(tx, &maker, &new)?;
        assert_eq!(people::account(tx, &maker, zhou)?.unwrap().login, "zhoumin");
        assert_eq!(code(people::create_account(tx, &maker, &new)), "people.account.login_taken");
        let post = NewPost {
            unit: office,
            kind: "clerk".into(),
            title: "受理员".into(),
            place: Some(STREET),
            phone_public: None,
        };
        let post = people::create_post(tx, &maker, &post)?;
        let role = people::role_by_code(tx, &maker, "acceptor")?.unwrap().id;
        assert_eq!(
            code(people::ask_role(tx, &maker, post, role)),
            "common.forbidden",
            "system grants nothing"
        );
        let asked = Pending::Role(people::ask_role(tx, &granter, post, role)?);
        let fill = Fill { post, account: zhou, acting: false, from: start(), until: None };
        assert_eq!(code(people::fill_post(tx, &maker, &fill)), "common.forbidden", "the post carries a role");
        let holding = Pending::Holding(people::fill_post(tx, &granter, &fill)?);
        assert!(!as_(tx, zhou, start())?.actor.has("demands.accept"));
        assert_eq!(people::pending(tx, &auditor)?.len(), 2);
        assert_eq!(code(people::decide(tx, &granter, asked, true)), "common.forbidden");
        people::decide(tx, &leader, asked, true)?;
        assert!(!as_(tx, zhou, start())?.actor.has("demands.accept"), "the person still waits");
        people::decide(tx, &auditor, holding, true)?;
        assert!(as_(tx, zhou, start())?.actor.has("demands.accept"));
        assert_eq!(code(people::decide(tx, &auditor, holding, true)), "roles.confirm.decided");
        let kinds: Vec<String> =
            events::list(tx, OFFICE, Stream::Post, post.0)?.into_iter().map(|e| e.kind).collect();
        assert_eq!(
            kinds,
            ["people.create_post", "roles.ask", "people.fill_post", "roles.confirm", "roles.confirm"]
        );

        let (own, _) = (leader.actor.post.unwrap(), ());
        let more = Pending::Role(people::ask_role(tx, &granter, own, role)?);
        assert_eq!(code(people::decide(tx, &leader, more, true)), "roles.confirm.own");
        people::decide(tx, &leader, more, false)?;
        assert_eq!(people::roles_of_post(tx, &leader, own)?.len(), 1);
        Ok(())
    })
    .unwrap();
});

both!(three_administrators_are_kept_apart_and_two_may_be_one_in_a_small_office, |db| {
    ground(&db);
    db.write_now(|tx| {
        let office = unit(tx, "office", None)?;
        let role = |tx: &mut Tx<'_>, code: &str| {
            Ok::<_, store::Error>(people::role_by_code(tx, &system(), code)?.unwrap().id)
        };
        let (small, post) = somebody(tx, "wuhao", office, Some(STREET), &["system_admin", "security_admin"])?;
        let (auditor, audit_post) = somebody(tx, "dingjie", office, Some(STREET), &["auditor"])?;
        assert!(as_(tx, small, start())?.actor.has("roles.grant"));
        let (acceptor, audit, security) =
            (role(tx, "acceptor")?, role(tx, "auditor")?, role(tx, "security_admin")?);
        assert_eq!(code(people::ask_role(tx, &system(), post, audit)), "roles.apart.audit");
        assert_eq!(code(people::ask_role(tx, &system(), post, acceptor)), "roles.apart.business");
        assert_eq!(code(people::ask_role(tx, &system(), audit_post, acceptor)), "roles.apart.business");

        let (leader, _) = somebody(tx, "luwen", office, Some(STREET), &["leader"])?;
        let (granter, leader, auditor) =
            (as_(tx, small, start())?, as_(tx, leader, start())?, as_(tx, auditor, start())?);
        let (_, desk) = somebody(tx, "zhoumin", office, Some(STREET), &[])?;
        let asked = Pending::Role(people::ask_role(tx, &granter, desk, acceptor)?);
        assert_eq!(code(people::decide(tx, &leader, asked, true)), "roles.confirm.auditor");
        people::decide(tx, &auditor, asked, true)?;

        let (_, second) = somebody(tx, "yuting", office, Some(STREET), &["system_admin"])?;
        assert_eq!(
            code(people::ask_role(tx, &system(), second, security)),
            "roles.apart.two",
            "now three administer"
        );
        Ok(())
    })
    .unwrap();
});

both!(acting_brings_the_scope_of_the_post_and_ends_by_itself, |db| {
    ground(&db);
    db.write_now(|tx| {
        let unit_ = unit(tx, "c-liuxi", None)?;
        let (secretary, _) = somebody(tx, "wang", unit_, Some(COMMUNITY), &["community_secretary"])?;
        let (chen, own) = somebody(tx, "chen", unit_, Some(GRID), &["grid_worker"])?;
        let (_, eight) = somebody(tx, "zhou", unit_, Some(GRID), &["grid_worker"])?;
        let (_, away) = somebody(tx, "fan", unit_, Some(OTHER_GRID), &["grid_worker"])?;
        let (_, boss) = somebody(tx, "boss", unit_, Some(COMMUNITY), &["security_admin"])?;
        let secretary = as_(tx, secretary, start())?;
        let act = |post, days: i64| Fill {
            post,
            account: chen,
            acting: true,
            from: start(),
            until: Some(start().plus(days * DAY)),
        };
        assert_eq!(
            code(people::fill_post(tx, &secretary, &act(away, 5))),
            "common.forbidden",
            "not her community"
        );
        assert_eq!(code(people::fill_post(tx, &secretary, &act(eight, 61))), "people.act.too_long");
        assert_eq!(
            code(people::fill_post(tx, &secretary, &act(boss, 5))),
            "common.forbidden",
            "never an administrator"
        );
        let endless = Fill { until: None, ..act(eight, 5) };
        assert_eq!(code(people::fill_post(tx, &secretary, &endless)), "people.act.no_end");
        people::fill_post(tx, &secretary, &act(eight, 5))?;
        assert_eq!(code(people::fill_post(tx, &secretary, &act(eight, 5))), "people.fill.already");
        people::fill_post(tx, &system(), &act(away, 5))?;
        let during = as_(tx, chen, start().plus(4 * DAY))?.actor;
        assert_eq!(during.post, Some(own), "the regular post comes first");
        let reaches: Vec<Reach> = during.reaches("demands.report").collect();
        assert_eq!(reaches, [Reach::Grid(GRID), Reach::Grid(OTHER_GRID)]);
        let after = as_(tx, chen, start().plus(5 * DAY))?.actor;
        assert_eq!(after.reaches("demands.report").collect::<Vec<_>>(), [Reach::Grid(GRID)]);

        let holder = as_(tx, chen, start())?;
        let (substitute, _) = somebody(tx, "lugui", unit_, None, &[])?;
        let named = people::fill_post(tx, &holder, &Fill { account: substitute, ..act(own, 3) })?;
        assert!(as_(tx, substitute, start())?.actor.has("demands.report"), "the holder names a substitute");
        people::end_holding(tx, &holder, named)?;
        assert!(!as_(tx, substitute, start().plus(1))?.actor.has("demands.report"));
        Ok(())
    })
    .unwrap();
});

both!(others_with_a_right_are_sought_where_the_right_would_be_used, |db| {
    ground(&db);
    db.write_now(|tx| {
        let unit_ = unit(tx, "c-liuxi", None)?;
        let (wang, _) = somebody(tx, "wang", unit_, Some(COMMUNITY), &["community_secretary"])?;
        let cx = as_(tx, wang, start())?;
        let here = Site { community: Some(COMMUNITY), grid: Some(GRID), unit: Some(unit_) };
        let there = Site { community: Some(PlaceId(5)), ..here };
        assert!(!people::others_with(tx, &cx, "demands.verify", here, &[wang])?, "she alone can look");
        assert!(people::others_with(tx, &cx, "demands.verify", here, &[])?);
        assert!(!people::others_with(tx, &cx, "demands.verify", there, &[])?);
        let (other, _) = somebody(tx, "shenyu", unit_, Some(STREET), &["verifier"])?;
        assert!(people::others_with(tx, &cx, "demands.verify", here, &[wang])?);
        people::lock_account(tx, &system(), other, "lost")?;
        assert!(
            !people::others_with(tx, &cx, "demands.verify", here, &[wang])?,
            "a locked account does not count"
        );
        assert!(people::actor(tx, OFFICE, other, start())?.is_none());
        Ok(())
    })
    .unwrap();
});

both!(leaving_lists_hands_over_and_closes_in_one_step, |db| {
    ground(&db);
    db.write_now(|tx| {
        let unit_ = unit(tx, "centre", None)?;
        let (maker, _) = somebody(tx, "wuhao", unit_, Some(STREET), &["system_admin"])?;
        let (granter, granter_post) = somebody(tx, "yuting", unit_, Some(STREET), &["security_admin"])?;
        let (auditor, _) = somebody(tx, "dingjie", unit_, Some(STREET), &["auditor"])?;
        let (leaver, post) = somebody(tx, "zhou", unit_, Some(STREET), &["acceptor"])?;
        let (next, _) = somebody(tx, "hejun", unit_, Some(STREET), &[])?;
        let plain = NewPost { unit: unit_, kind: "other".into(), title: "楼长".into(), place: None, phone_public: None };
        let plain = people::create_post(tx, &system(), &plain)?;
        people::fill_post(tx, &system(), &Fill { post: plain, account: leaver, acting: false, from: start(), until: None })?;
        let noted = vec![("notes".to_owned(), "张女士，13800001111".to_owned())];
        drafts::put(tx, &system(), leaver, "d1", (start(), start()), &noted)?;
        const SESSION: Sql = Sql::Both(
            "insert into session (token, office, account, csrf, created_at, seen_at, agent) values ($2, 1, $1, '', 1, 1, '')");
        tx.exec(&SESSION, args![leaver, vec![9u8]])?;

        let (maker, auditor) = (as_(tx, maker, start())?, as_(tx, auditor, start())?);
        let held = people::holdings_of(tx, &maker, leaver)?;
        assert_eq!((held.posts.len(), held.drafts, held.sessions), (2, 1, 1));
        assert_eq!(code(people::holdings_of(tx, &auditor, leaver)), "common.forbidden");
        assert_eq!(code(people::close_account(tx, &maker, leaver)), "people.leave.holds");
        assert_eq!(code(people::hand_over(tx, &maker, leaver, &[])), "people.leave.drafts");
        let me = maker.actor.account.unwrap();
        assert_eq!(code(people::hand_over(tx, &maker, me, &[])), "people.account.self");
        assert_eq!(code(people::hand_over(tx, &maker, granter, &[(granter_post, None)])), "people.end.last");
        Ok((leaver, next, post, plain, me, auditor.actor.account.unwrap()))
    })
    .and_then(|(leaver, next, post, plain, maker, auditor)| {
        db.write_now(move |tx| {
            let (maker, auditor) = (as_(tx, maker, start())?, as_(tx, auditor, start())?);
            let left = people::hand_over(tx, &maker, leaver, &[(post, Some(next)), (plain, None)])?;
            assert_eq!(left.posts, [(post, Some(next)), (plain, None)]);
            assert_eq!(left.waiting.len(), 1, "the post carries a role");
            assert!(people::actor(tx, OFFICE, leaver, start())?.is_none());
            assert_eq!(people::account(tx, &maker, leaver)?.unwrap().state, "closed");
            assert!(!as_(tx, next, start())?.actor.has("demands.accept"));
            people::decide(tx, &auditor, Pending::Holding(left.waiting[0]), true)?;
            assert!(as_(tx, next, start())?.actor.has("demands.accept"));
            let held = people::holdings_of(tx, &maker, next)?;
            assert_eq!((held.drafts, held.sessions), (1, 0), "the notes moved, the log-in ended");
            let read = drafts::find(tx, &maker, next, "d1")?.expect("whoever follows reads the notes").0;
            assert_eq!(read, [("notes".to_owned(), "张女士，13800001111".to_owned())]);
            assert_eq!(people::holdings_of(tx, &maker, leaver)?.posts, []);
            let vacant = PostFilter { vacant: true, ..PostFilter::default() };
            let vacant: Vec<PostId> = people::posts(tx, &maker, &vacant)?.into_iter().map(|p| p.post.id).collect();
            assert_eq!(vacant, [plain]);
            assert_eq!(code(people::reset_password(tx, &maker, leaver, "x")), "people.account.closed");
            Ok(())
        })
    })
    .unwrap();
});

both!(a_unit_is_never_above_itself_and_a_post_with_roles_does_not_move, |db| {
    ground(&db);
    db.write_now(|tx| {
        let cx = system();
        let top = unit(tx, "top", None)?;
        let below = unit(tx, "below", Some(top))?;
        let change = NewUnit {
            code: "top".into(),
            name: "top".into(),
            kind: "street_department".into(),
            parent: Some(below),
            ..NewUnit::default()
        };
        assert_eq!(code(people::change_unit(tx, &cx, top, 1, &change)), "people.unit.loop");
        let fine = NewUnit { parent: None, phone: Some(" 0000-1 ".into()), ..change };
        people::change_unit(tx, &cx, top, 1, &fine)?;
        assert_eq!(people::unit(tx, OFFICE, top)?.unwrap().phone.as_deref(), Some("0000-1"));
        assert_eq!(code(people::change_unit(tx, &cx, top, 1, &fine)), "common.conflict");
        let taken = NewUnit { code: "below".into(), ..fine };
        assert_eq!(code(people::change_unit(tx, &cx, top, 2, &taken)), "people.unit.code_taken");

        let (_, post) = somebody(tx, "xie", below, Some(GRID), &["contractor"])?;
        let moved = NewPost {
            unit: top,
            kind: "other".into(),
            title: "x".into(),
            place: Some(GRID),
            phone_public: None,
        };
        assert_eq!(code(people::change_post(tx, &cx, post, 1, &moved)), "people.post.has_roles");
        let renamed = NewPost { unit: below, phone_public: Some("0000-2".into()), ..moved };
        people::change_post(tx, &cx, post, 1, &renamed)?;
        assert_eq!(code(people::set_post_active(tx, &cx, post, 2, false)), "people.post.held");
        Ok(())
    })
    .unwrap();
});

both!(the_figures_of_posts_and_cover_count_filled_posts_and_places, |db| {
    ground(&db);
    db.write_now(|tx| {
        let cx = system();
        let unit_ = unit(tx, "c-liuxi", None)?;
        let mut post = |place, kind: &str| {
            let post = NewPost {
                unit: unit_,
                kind: kind.into(),
                title: kind.into(),
                place: Some(place),
                phone_public: None,
            };
            people::create_post(tx, &cx, &post)
        };
        let full = post(GRID, "grid_worker_full")?;
        post(OTHER_GRID, "grid_worker_full")?;
        post(COMMUNITY, "other")?;
        let (account, _) = somebody(tx, "chen", unit_, None, &[])?;
        people::fill_post(tx, &cx, &Fill { post: full, account, acting: false, from: start(), until: None })?;
        let fill = people::post_fill(tx, &cx)?;
        assert_eq!(fill.len(), 1, "`other` does not count");
        assert_eq!((fill[0].filled, fill[0].defined), (1, 2));
        let cover: Vec<(String, i64, i64)> =
            people::cover(tx, &cx)?.into_iter().map(|c| (c.kind, c.covered, c.places)).collect();
        let row = |kind: &str, covered, places| (kind.to_owned(), covered, places);
        assert_eq!(
            cover,
            [
                row("street", 0, 1),
                row("community", 0, 2),
                row("grid", 1, 2),
                row("micro_grid", 0, 1),
                row("leaf", 0, 2)
            ]
        );
        Ok(())
    })
    .unwrap();
});

both!(accounts_are_listed_by_sound_filtered_and_paged, |db| {
    ground(&db);
    db.write_now(|tx| {
        let centre = unit(tx, "centre", None)?;
        let (admin, _) = somebody(tx, "wuhao", centre, Some(STREET), &["system_admin"])?;
        let cx = as_(tx, admin, start())?;
        for (login, name) in [("zhoumin", "周敏"), ("chenli", "陈立"), ("linlan", "林岚")] {
            let new = NewAccount { login: login.into(), name: name.into(), ..NewAccount::default() };
            people::create_account(tx, &cx, &new)?;
        }
        let names = |tx: &mut Tx<'_>, filter: &AccountFilter| -> Result<Vec<String>> {
            Ok(people::accounts(tx, &cx, filter)?.into_iter().map(|v| v.account.name).collect())
        };
        assert_eq!(names(tx, &AccountFilter::default())?, ["陈立", "林岚", "wuhao", "周敏"]);
        assert_eq!(names(tx, &AccountFilter { q: "敏".into(), ..AccountFilter::default() })?, ["周敏"]);
        assert_eq!(names(tx, &AccountFilter { q: "LIN".into(), ..AccountFilter::default() })?, ["林岚"]);
        assert_eq!(names(tx, &AccountFilter { q: "%".into(), ..AccountFilter::default() })?.len(), 4);
        assert_eq!(names(tx, &AccountFilter { unit: Some(centre), ..AccountFilter::default() })?, ["wuhao"]);
        let view =
            people::accounts(tx, &cx, &AccountFilter { q: "wuhao".into(), ..AccountFilter::default() })?;
        assert_eq!(view[0].holdings[0].title, "post of wuhao");
        let role = people::role_by_code(tx, &cx, "system_admin")?.unwrap().id;
        assert_eq!(names(tx, &AccountFilter { role: Some(role), ..AccountFilter::default() })?, ["wuhao"]);
        let last = people::accounts(tx, &cx, &AccountFilter::default())?.swap_remove(1).account;
        let rest = AccountFilter { after: Some((last.sort_key, last.id)), ..AccountFilter::default() };
        assert_eq!(names(tx, &rest)?, ["wuhao", "周敏"]);
        Ok(())
    })
    .unwrap();
});

both!(a_desk_enters_for_any_unit_and_a_unit_only_for_itself, |db| {
    ground(&db);
    db.write_now(|tx| {
        let (centre, other) = (unit(tx, "centre", None)?, unit(tx, "other", None)?);
        let (desk, _) = somebody(tx, "linlan", centre, Some(STREET), &["dispatcher"])?;
        let (clerk, _) = somebody(tx, "zhao", centre, Some(STREET), &["handler"])?;
        let (desk, clerk) = (as_(tx, desk, start())?, as_(tx, clerk, start())?);
        people::check_behalf(tx, &desk, other)?;
        people::check_behalf(tx, &clerk, centre)?;
        assert_eq!(code(people::check_behalf(tx, &clerk, other)), "people.behalf.not_yours");
        assert_eq!(code(people::check_behalf(tx, &desk, UnitId(9))), "common.not_found");
        Ok(())
    })
    .unwrap();
});

both!(installing_the_roles_again_changes_nothing, |db| {
    ground(&db);
    db.write_now(|tx| {
        let mut roles = pack::roles(pack::ROLES)?;
        assert_eq!(people::install_roles(tx, &system(), &roles)?, 0);
        roles[0].grants.pop();
        assert_eq!(people::install_roles(tx, &system(), &roles)?, 1);
        let kinds = events::list(tx, OFFICE, Stream::Office, OFFICE.0)?.len();
        assert_eq!(kinds, 2, "one event for the first time, one for the change");
        Ok(())
    })
    .unwrap();
});
