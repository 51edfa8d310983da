//! The tree of places, its dated versions, the place of a point, and what files bring.

use crate::browser::{PASSWORD, Site, run, system, upload};
use axum::http::StatusCode;
use geography::{Crs, Point, Shape};
use gezhi::actor::{Actor, ActorKind, Grant, Reach};
use gezhi::context::{Cx, Office, Source};
use gezhi::crypto::Vault;
use gezhi::events::{self, Stream};
use gezhi::features::people::{pack, service as people};
use gezhi::features::places::model::{Kind, Located, NewPlace};
use gezhi::features::places::service::{self as places, PlaceEdit};
use gezhi::features::procedures::procedure::Procedure;
use jiff::tz::TimeZone;
use kernel::{Day, OfficeId, PlaceId, PostId, Ts};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Db, Result, Sql, Tx, args, both};
use worktime::{Calendar, Hours, Rules};

pub const OFFICE: OfficeId = OfficeId(1);
pub const SINCE: Day = Day(20_250_101);

/// The program itself in an office called 青禾街道, on 2026-03-12.
pub fn cx() -> Cx {
    let tz = TimeZone::get("Asia/Shanghai").unwrap();
    let hours = Hours::parse("08:30-12:00,14:00-17:30").unwrap();
    let office = Office {
        id: OFFICE,
        code: "999901001".into(),
        name: "青禾街道".into(),
        short: "青禾".into(),
        rules: Arc::new(Rules { calendar: Calendar::cn(), hours, tz: tz.clone() }),
        calendars: Arc::default(),
        settings: Arc::default(),
        tz,
        procedure: Arc::new(Procedure::builtin().unwrap()),
        pack_version: 1,
    };
    Cx {
        now: Ts::parse("2026-03-12T09:00:00+08:00").unwrap(),
        occurred: None,
        office: Arc::new(office),
        actor: Actor::system(OFFICE),
        behalf: None,
        source: Source::Cli,
        vault: Arc::new(Vault::new([7; 32])),
    }
}

/// Somebody with one right.
pub fn staff(verb: &str, reach: Reach) -> Cx {
    let grant = Grant { verb: verb.to_owned(), reach, post: PostId(1) };
    Cx { actor: Actor { kind: ActorKind::Staff, grants: vec![grant], ..Actor::system(OFFICE) }, ..cx() }
}

pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A real record set beside the project, or a note that the test is skipped.
pub fn real(name: &str) -> Option<Vec<u8>> {
    let path = root().join("../shared/data").join(name);
    let found = std::fs::read(&path).ok();
    if found.is_none() {
        println!("skipped: ../shared/data/{name} is not here");
    }
    found
}

/// The places of the demo office.
pub fn demo(tx: &mut Tx<'_>, cx: &Cx) -> Result<()> {
    let file = std::fs::read_to_string(root().join("demo/places.geojson")).unwrap();
    let report = places::import_places(tx, cx, &file, Crs::Wgs84, SINCE, "survey", false)?;
    assert_eq!((report.errors.as_slice(), report.added), (&[][..], 167));
    Ok(())
}

pub fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(store::Error::Refused(refusal)) => refusal.code,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn square(west: f64, south: f64, side: f64) -> Shape {
    let at = |x: f64, y: f64| Point::new(west + x * side, south + y * side).unwrap();
    Shape::simple([at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0)]).unwrap()
}

/// A street with two communities side by side, the west one with two grids in its lower half.
struct Ground {
    street: PlaceId,
    west: PlaceId,
    east: PlaceId,
    grid: PlaceId,
    micro: PlaceId,
}

fn ground(tx: &mut Tx<'_>, cx: &Cx) -> Result<Ground> {
    let mut add = |code: &str, parent, kind, name: &str, shape| {
        let new = NewPlace { shape, ..NewPlace::named(code, parent, kind, name) };
        places::create_place(tx, cx, new, SINCE, "")
    };
    let street = add("999901001", None, Kind::Street, "青禾街道", None)?;
    let west =
        add("999901001001", Some(street), Kind::Community, "柳溪社区", Some(square(114.0, 30.0, 0.02)))?;
    let east =
        add("999901001002", Some(street), Kind::Community, "东苑社区", Some(square(114.02, 30.0, 0.02)))?;
    let grid =
        add("999901001001007", Some(west), Kind::Grid, "柳溪社区07网格", Some(square(114.0, 30.0, 0.01)))?;
    let micro = add("99990100100100701", Some(grid), Kind::MicroGrid, "柳溪社区07网格01微网格", None)?;
    Ok(Ground { street, west, east, grid, micro })
}

fn at(lon: f64, lat: f64) -> Point {
    Point::new(lon, lat).unwrap()
}

both!(a_point_finds_its_finest_place_and_the_place_knows_its_community_and_grid, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        let found = |tx: &mut Tx<'_>, lon, lat| places::locate(tx, &cx, at(lon, lat));
        let in_grid = Located { place: g.grid, community: Some(g.west), grid: Some(g.grid) };
        assert_eq!(found(tx, 114.005, 30.005)?, Some(in_grid));
        let in_gap = Located { place: g.west, community: Some(g.west), grid: None };
        assert_eq!(found(tx, 114.015, 30.015)?, Some(in_gap));
        assert_eq!(found(tx, 114.03, 30.01)?.unwrap().community, Some(g.east));
        assert_eq!(found(tx, 113.9, 30.01)?, None);
        let micro = places::located(tx, OFFICE, g.micro)?;
        assert_eq!(micro, Located { place: g.micro, community: Some(g.west), grid: Some(g.grid) });
        assert_eq!(places::line(tx, OFFICE, g.micro)?, [g.micro, g.grid, g.west, g.street]);
        assert_eq!(places::located(tx, OFFICE, g.street)?.community, None);
        Ok(())
    })
    .unwrap();
});

both!(a_place_is_written_from_its_community_down_and_says_nothing_twice, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        assert_eq!(places::path_label(tx, OFFICE, g.grid)?, "柳溪社区 07 网格");
        assert_eq!(places::path_label(tx, OFFICE, g.micro)?, "柳溪社区 07 网格 01 微网格");
        assert_eq!(places::path_label(tx, OFFICE, g.street)?, "青禾街道");
        // A second street: now the street is said as well.
        let other = NewPlace::named("999901002", None, Kind::Street, "南桥街道");
        places::create_place(tx, &cx, other, SINCE, "")?;
        assert_eq!(places::path_label(tx, OFFICE, g.grid)?, "青禾街道 柳溪社区 07 网格");
        Ok(())
    })
    .unwrap();
});

both!(a_change_is_a_dated_version_and_an_event_and_a_change_to_nothing_is_neither, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        let edit = PlaceEdit { name: Some("柳溪社区08网格".into()), ..PlaceEdit::default() };
        places::update_place(tx, &cx, g.grid, 1, edit.clone(), Day(20_260_301), "renumbered")?;
        let versions = places::versions(tx, OFFICE, g.grid)?;
        assert_eq!(versions.len(), 2);
        assert_eq!((versions[0].name.as_str(), versions[0].until_day), ("柳溪社区08网格", None));
        assert_eq!(versions[1].until_day, Some(Day(20_260_228)));
        assert_eq!(versions[0].reason, "renumbered");
        assert!(versions[1].shape.is_some(), "the old version keeps its boundary");
        let place = places::place(tx, OFFICE, g.grid)?;
        assert_eq!((place.version, place.from_day), (2, Day(20_260_301)));
        places::update_place(tx, &cx, g.grid, 2, edit, Day(20_260_310), "again")?;
        assert_eq!(places::versions(tx, OFFICE, g.grid)?.len(), 2);
        let kinds: Vec<String> =
            events::list(tx, OFFICE, Stream::Place, g.grid.0)?.into_iter().map(|e| e.kind).collect();
        assert_eq!(kinds, ["place.created", "place.changed"]);
        let late = PlaceEdit { name: Some("x".into()), ..PlaceEdit::default() };
        assert_eq!(
            code(places::update_place(tx, &cx, g.grid, 1, late.clone(), SINCE, "")),
            "common.conflict",
            "somebody else was faster"
        );
        assert_eq!(
            code(places::update_place(tx, &cx, g.grid, 2, late.clone(), SINCE, "")),
            "places.edit.before_version"
        );
        assert_eq!(
            code(places::update_place(tx, &cx, g.grid, 2, late, Day(20_260_313), "")),
            "places.edit.future"
        );
        Ok(())
    })
    .unwrap();
});

both!(a_grid_that_moves_takes_what_lies_in_it_along_with_codes_and_scope, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        let edit =
            PlaceEdit { parent: Some(g.east), code: Some("999901001002001".into()), ..PlaceEdit::default() };
        places::update_place(tx, &cx, g.grid, 1, edit, Day(20_260_312), "redrawn")?;
        let micro = places::place(tx, OFFICE, g.micro)?;
        assert_eq!(micro.code, "99990100100200101");
        assert_eq!((micro.community, micro.grid), (Some(g.east), Some(g.grid)));
        assert_eq!(places::versions(tx, OFFICE, g.micro)?.len(), 2);
        assert_eq!(places::by_code(tx, OFFICE, "99990100100100701")?, None);
        let into_itself = PlaceEdit { parent: Some(g.micro), ..PlaceEdit::default() };
        assert_eq!(
            code(places::update_place(tx, &cx, g.grid, 2, into_itself, Day(20_260_312), "")),
            "places.edit.parent_kind"
        );
        Ok(())
    })
    .unwrap();
});

both!(what_the_tree_cannot_hold_is_refused_by_name, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        let mut add = |digits: &str, parent, kind| {
            let new = NewPlace::named(digits, parent, kind, "x");
            code(places::create_place(tx, &cx, new, SINCE, ""))
        };
        assert_eq!(add("999901001001", Some(g.street), Kind::Community), "places.edit.code_taken");
        assert_eq!(add("888801001003", Some(g.street), Kind::Community), "places.edit.code_prefix");
        assert_eq!(add("99990100100", Some(g.street), Kind::Grid), "places.edit.parent_kind");
        assert_eq!(add("9999010010010", Some(g.grid), Kind::Community), "places.edit.parent_kind");
        assert_eq!(add("1", None, Kind::Grid), "common.missing");
        assert_eq!(add("9 9", None, Kind::Street), "places.edit.code");
        assert_eq!(
            code(places::retire_place(tx, &cx, g.grid, 1, Day(20_260_312), "")),
            "places.retire.has_places"
        );
        Ok(())
    })
    .unwrap();
});

both!(a_retired_place_is_no_longer_found_and_keeps_its_history, |db| {
    db.write_now(|tx| {
        let cx = cx();
        let g = ground(tx, &cx)?;
        places::retire_place(tx, &cx, g.micro, 1, Day(20_260_311), "merged")?;
        places::retire_place(tx, &cx, g.grid, 1, Day(20_260_311), "merged")?;
        assert_eq!(places::locate(tx, &cx, at(114.005, 30.005))?.unwrap().place, g.west);
        assert_eq!(places::versions(tx, OFFICE, g.grid)?[0].until_day, Some(Day(20_260_311)));
        assert_eq!(places::place(tx, OFFICE, g.grid)?.until_day, Some(Day(20_260_311)));
        let child = NewPlace::named("99990100100100702", Some(g.grid), Kind::MicroGrid, "x");
        assert_eq!(code(places::create_place(tx, &cx, child, SINCE, "")), "places.edit.parent_retired");
        Ok(())
    })
    .unwrap();
});

both!(a_right_over_one_community_changes_nothing_in_another, |db| {
    db.write_now(|tx| {
        let g = ground(tx, &cx())?;
        let secretary = staff("places.edit", Reach::Community(g.west));
        let name = |name: &str| PlaceEdit { name: Some(name.into()), ..PlaceEdit::default() };
        let today = Day(20_260_312);
        places::update_place(tx, &secretary, g.grid, 1, name("柳溪社区9网格"), today, "")?;
        assert_eq!(
            code(places::update_place(tx, &secretary, g.east, 1, name("y"), today, "")),
            "common.forbidden"
        );
        let away = PlaceEdit { parent: Some(g.east), ..PlaceEdit::default() };
        assert_eq!(
            code(places::update_place(tx, &secretary, g.grid, 2, away, today, "")),
            "common.forbidden"
        );
        let reader = staff("places.read", Reach::Office);
        assert_eq!(
            code(places::update_place(tx, &reader, g.grid, 2, name("y"), today, "")),
            "common.forbidden"
        );
        Ok(())
    })
    .unwrap();
});

both!(a_qr_token_belongs_to_one_place_until_it_is_renewed, |db| {
    let (place, token) = db
        .write_now(|tx| {
            let g = ground(tx, &cx())?;
            let token = places::place(tx, OFFICE, g.grid)?.token.unwrap();
            assert_eq!(token.len(), 10);
            Ok((g.grid, token))
        })
        .unwrap();
    let old = token.clone();
    assert_eq!(db.read_now(move |tx| places::by_token(tx, &token)).unwrap(), Some((OFFICE, place)));
    let fresh = db.write_now(move |tx| places::renew_token(tx, &cx(), place, "misused")).unwrap();
    assert_eq!(db.read_now(move |tx| places::by_token(tx, &old)).unwrap(), None);
    assert_eq!(db.read_now(move |tx| places::by_token(tx, &fresh)).unwrap(), Some((OFFICE, place)));
});

both!(a_change_that_is_rolled_back_is_not_served_from_memory, |db| {
    let g = db.write_now(|tx| ground(tx, &cx())).unwrap();
    let grid = g.grid;
    let name = move |db: &Db| db.read_now(move |tx| places::place(tx, OFFICE, grid)).unwrap().name;
    assert_eq!(name(&db), "柳溪社区07网格");
    let failed = db.write_now(move |tx| {
        let edit = PlaceEdit { name: Some("z".into()), ..PlaceEdit::default() };
        places::update_place(tx, &cx(), grid, 1, edit, Day(20_260_312), "")?;
        assert_eq!(places::place(tx, OFFICE, grid)?.name, "z", "seen within the body");
        Err::<(), _>(store::Error::failed("on purpose"))
    });
    assert!(failed.is_err());
    assert_eq!(name(&db), "柳溪社区07网格");
});

both!(the_demo_office_imports_whole_and_a_second_time_changes_nothing, |db| {
    db.write_now(|tx| demo(tx, &cx())).unwrap();
    let file = std::fs::read_to_string(root().join("demo/places.geojson")).unwrap();
    let again = file.clone();
    let report = db
        .write_now(move |tx| {
            places::import_places(tx, &cx(), &again, Crs::Wgs84, Day(20_260_312), "again", false)
        })
        .unwrap();
    assert_eq!((report.added, report.changed, report.unchanged), (0, 0, 167));
    // Read as GCJ-02 every boundary lies elsewhere: said by a dry run, which writes nothing.
    let shifted = db
        .write_now(move |tx| places::import_places(tx, &cx(), &file, Crs::Gcj02, Day(20_260_312), "", true))
        .unwrap();
    assert_eq!((shifted.added, shifted.changed), (0, 167));
    let book = db.read_now(|tx| places::book(tx, OFFICE)).unwrap();
    assert_eq!(book.of_kind(Kind::MicroGrid).count(), 120);
    assert!(book.all().all(|p| p.version == 1));
    let grid = book.by_code("999901001001001").unwrap();
    assert_eq!(book.path_label(grid.id), "柳溪社区 01 网格");
    assert_eq!(book.within(grid.id).len(), 4);
});

both!(landmarks_come_once_and_are_found_in_what_people_say, |db| {
    db.write_now(|tx| {
        demo(tx, &cx())?;
        let file = std::fs::read(root().join("demo/landmarks.csv")).unwrap();
        let first = places::import_landmarks(tx, &cx(), &file, Crs::Wgs84, false)?;
        assert_eq!(first.errors, []);
        assert!(first.added >= first.rows);
        let second = places::import_landmarks(tx, &cx(), &file, Crs::Wgs84, false)?;
        assert_eq!((second.added, second.changed, second.unchanged), (0, 0, first.added));
        let book = places::book(tx, OFFICE)?;
        let grid = book.by_code("999901001001001").unwrap().id;
        let said = book.mentioned("广济街这边路灯又不亮了");
        assert_eq!(said.first(), Some(&("广济街", grid)));
        assert_eq!(book.find("柳溪", 3)[0].name, "柳溪社区");
        assert_eq!(book.find("999901001002", 1)[0].name, "东苑社区");
        Ok(())
    })
    .unwrap();
});

both!(a_wrong_file_is_told_feature_by_feature_and_nothing_of_it_is_taken, |db| {
    let file = r#"{"type":"FeatureCollection","features":[
      {"type":"Feature","properties":{"code":"999901001","name":"青禾街道"},"geometry":null},
      {"type":"Feature","properties":{"code":"999901001001"},"geometry":null},
      {"type":"Feature","properties":{"code":"99990100100100","name":"x","kind":"lake"},"geometry":null},
      {"type":"Feature","properties":{"code":"999901001001001","name":"x"},
       "geometry":{"type":"Polygon","coordinates":[[[114,30],[114,30],[114,30],[114,30]]]}},
      {"type":"Feature","properties":{"code":"999901001001002","name":"x"},"geometry":{"type":"LineString","coordinates":[]}}]}"#;
    db.write_now(move |tx| {
        let report = places::import_places(tx, &cx(), file, Crs::Wgs84, SINCE, "", false)?;
        let told: Vec<(u64, &str, &str)> =
            report.errors.iter().map(|e| (e.row, e.column.as_str(), e.reason.code)).collect();
        assert_eq!(
            told,
            [
                (2, "name", "import.row.missing"),
                (3, "kind", "import.row.word"),
                (4, "geometry", "import.row.geometry"),
                (5, "geometry", "import.row.geometry"),
            ]
        );
        // Readable, but no tree: a grid without its community, a code twice, a code beside its parent.
        let tree = r#"{"type":"FeatureCollection","features":[
          {"type":"Feature","properties":{"code":"999901001","name":"a"},"geometry":null},
          {"type":"Feature","properties":{"code":"999901001001001","name":"b","parent":"999901001001"},"geometry":null},
          {"type":"Feature","properties":{"code":"999901001","name":"c"},"geometry":null},
          {"type":"Feature","properties":{"code":"999902001001","name":"d","parent":"999901001"},"geometry":null}]}"#;
        let report = places::import_places(tx, &cx(), tree, Crs::Wgs84, SINCE, "", false)?;
        let told: Vec<(u64, &str)> = report.errors.iter().map(|e| (e.row, e.reason.code)).collect();
        assert_eq!(told, [(2, "import.row.place"), (3, "import.row.twice"), (4, "places.edit.code_prefix")]);
        assert_eq!(places::book(tx, OFFICE)?.all().count(), 0);
        Ok(())
    })
    .unwrap();
});

both!(an_office_over_several_streets_is_made_from_the_official_list, |db| {
    let (Some(communities), Some(streets)) =
        (real("communities_selected_2023.csv"), real("streets_selected_2023.csv"))
    else {
        return;
    };
    let list = places::read_divisions(&communities).unwrap();
    let streets = places::read_divisions(&streets).unwrap();
    db.write_now(move |tx| {
        places::put_divisions(tx, &list, "2023")?;
        places::put_divisions(tx, &streets, "2023")?;
        let known = places::divisions_known(tx)?;
        places::put_divisions(tx, &list, "2023")?;
        assert_eq!(places::divisions_known(tx)?, known, "a second time adds nothing");
        let street = places::division(tx, "330304001")?.unwrap();
        assert_eq!((street.name.as_str(), street.parent.as_deref()), ("景山街道", Some("330304")));
        let two = ["330304001".to_owned(), "330304002".to_owned()];
        let report = places::create_from_divisions(tx, &cx(), &two, SINCE)?;
        assert_eq!(report.added, 2 + 6 + 8);
        let again = places::create_from_divisions(tx, &cx(), &two, SINCE)?;
        assert_eq!((again.added, again.unchanged), (0, 16));
        let book = places::book(tx, OFFICE)?;
        let community = book.by_code("330304001002").unwrap();
        assert_eq!(book.path_label(community.id), "景山街道 繁荣社区");
        assert_eq!(community.community, Some(community.id));
        let nowhere = ["110101001".to_owned()];
        assert_eq!(
            code(places::create_from_divisions(tx, &cx(), &nowhere, SINCE)),
            "places.divisions.unknown"
        );
        Ok(())
    })
    .unwrap();
});

both!(real_streets_are_imported_and_points_in_them_are_found, |db| {
    let Some(file) = real("shenzhen_streets_wgs84.geojson") else { return };
    // The set has names and no official codes: numbered here, as an office's IT person would.
    let mut set: serde_json::Value = serde_json::from_slice(&file).unwrap();
    for (i, feature) in set["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        feature["properties"] = serde_json::json!({ "code": format!("440300{i:03}"), "name": format!("street {i}"), "kind": "street" });
    }
    let features = geography::read_features(&set.to_string(), Crs::Wgs84).unwrap();
    let text = set.to_string();
    db.write_now(move |tx| {
        let report = places::import_places(tx, &cx(), &text, Crs::Wgs84, SINCE, "", false)?;
        assert_eq!((report.errors.as_slice(), report.added), (&[][..], 74));
        let book = places::book(tx, OFFICE)?;
        let mut inside = 0;
        for (i, feature) in features.iter().enumerate() {
            let middle = feature.shape.centroid();
            if feature.shape.contains(middle) {
                let found = book.locate(middle).unwrap();
                let holds = &features[book.get(found.place).unwrap().code[6..].parse::<usize>().unwrap()];
                assert!(holds.shape.contains(middle), "feature {i}");
                inside += 1;
            }
        }
        assert!(inside > 60, "most streets hold their own middle, {inside} did");
        Ok(())
    })
    .unwrap();
});

#[test]
fn finding_the_place_of_a_point_compares_few_edges() {
    // The time is measured elsewhere; this bounds the work on any machine. 10 µs are thousands of edges.
    let test = store::testing::sqlite().unwrap();
    let book = test
        .db
        .write_now(|tx| {
            demo(tx, &cx())?;
            places::book(tx, OFFICE)
        })
        .unwrap();
    let started = std::time::Instant::now();
    let mut found = 0;
    for i in 0..10_000 {
        let (x, y) = (f64::from(i % 100), f64::from(i / 100));
        found += u32::from(book.locate(at(114.29 + x * 0.0006, 30.10 + y * 0.0004)).is_some());
    }
    let each = started.elapsed() / 10_000;
    assert!(found > 5_000, "{found} of 10,000 points lie in the street");
    // A hundred times what it takes, so that a busy machine does not fail it and a scan of all does.
    assert!(each.as_micros() < 200, "{each:?} a point");
}

#[test]
fn a_name_is_cut_of_its_committee_and_kept_as_another_name() {
    let test = store::testing::sqlite().unwrap();
    const PUT: Sql = Sql::Both(
        "insert into division (code, parent, level, name, edition) values ($1, $2, $3, $4, 'test')",
    );
    test.db
        .write_now(|tx| {
            for (code, parent, level, name) in [
                ("999901001", "999901", 3, "青禾街道"),
                ("999901001001", "999901001", 4, "柳溪社区居民委员会"),
                ("999901001002", "999901001", 4, "王家村村民委员会"),
                ("999901001003", "999901001", 4, "居委会"),
            ] {
                tx.exec(&PUT, args![code, parent, i64::from(level), name])?;
            }
            places::create_from_divisions(tx, &cx(), &["999901001".to_owned()], SINCE)?;
            let book = places::book(tx, OFFICE)?;
            let names: Vec<&str> = book.of_kind(Kind::Community).map(|p| p.name.as_str()).collect();
            assert_eq!(names, ["柳溪社区", "王家村", "居委会"]);
            assert_eq!(book.by_code("999901001001").unwrap().aliases, ["柳溪社区居民委员会"]);
            Ok(())
        })
        .unwrap();
}

/// Somebody who keeps the places and the catalogue, and nothing that asks for a second factor.
pub fn keeper(site: &Site) {
    const ROLES: &str = "[[role]]\ncode = \"keeper\"\ngrants = [\"places.read@office\", \"places.edit@office\", \
                         \"catalogue.read@office\", \"catalogue.edit@office\", \"demands.read@office\"]\n\
                         [[role]]\ncode = \"surveyor\"\ngrants = [\"places.read@office\"]\n";
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| people::install_roles(tx, &cx, &pack::roles(ROLES)?)).unwrap();
    site.person("keeper", &["keeper"]);
    site.person("reader", &["verifier"]);
    site.person("surveyor", &["surveyor"]);
}

both!(the_pages_of_places_import_show_change_and_print, |db| {
    let site = Site::new(db);
    keeper(&site);
    let file = std::fs::read_to_string(root().join("demo/places.geojson")).unwrap();
    run(async {
        let mut browser = site.browser();
        browser.log_in("keeper", PASSWORD).await;
        assert_eq!(browser.get("/places").await.count("tbody tr"), 1, "the street alone");
        // Checked first, then taken over.
        let fields = [("crs", "wgs84"), ("from", "2025-01-01"), ("end", "check")];
        let page = upload(&mut browser, "/places/import", &fields, &file).await;
        assert!(page.text(".notice").unwrap().contains("167"), "{:?}", page.text(".notice"));
        assert_eq!(browser.get("/places").await.count("tbody tr"), 1);
        let fields = [("crs", "wgs84"), ("from", "2025-01-01"), ("end", "import")];
        assert_eq!(upload(&mut browser, "/places/import", &fields, &file).await.status, StatusCode::OK);
        let page = upload(&mut browser, "/places/import", &[("crs", ""), ("end", "import")], &file).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the coordinates must be declared");
        let broken = file.replacen("\"kind\":\"street\"", "\"kind\":\"lake\"", 1);
        let page = upload(&mut browser, "/places/import", &fields, &broken).await;
        assert_eq!((page.status, page.count("tbody tr")), (StatusCode::UNPROCESSABLE_ENTITY, 1));

        let page = browser.get("/places").await;
        assert_eq!((page.count("tbody tr"), page.count("svg.map a")), (7, 6));
        let community = page.attribute("tbody tr:nth-child(2) a", "href").unwrap();
        let page = browser.get("/places?q=%E4%B8%9C%E8%8B%91").await;
        assert!(page.text("ul.plain").unwrap().contains("东苑社区"));

        let page = browser.get(&community).await;
        assert_eq!(page.text("h1").as_deref(), Some("柳溪社区"));
        assert_eq!((page.count("svg.map a"), page.count(".crumbs a")), (8, 2));
        let sheet = browser.get(&format!("{community}/qr-sheet")).await;
        assert_eq!((sheet.count(".sheet"), sheet.count(".qr-card")), (2, 8));
        assert!(sheet.text(".qr-card").unwrap().contains("office.example/p/"));

        let form = browser.get(&format!("{community}/edit")).await;
        let value = |name: &str| form.attribute(&format!("input[name={name}]"), "value").unwrap_or_default();
        let (csrf, idem, version) = (value("csrf"), value("idem"), value("version"));
        let parent = form.attribute("select[name=parent] option[selected]", "value").unwrap();
        let mut fields = vec![
            ("csrf", csrf.as_str()),
            ("idem", &idem),
            ("version", &version),
            ("kind", "community"),
            ("name", "柳溪新社区"),
            ("code", "888"),
            ("parent", &parent),
            ("from", "2026-03-01"),
            ("reason", "更名"),
        ];
        let page = browser.post(&community, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            page.attribute("[name=name]", "value").as_deref(),
            Some("柳溪新社区"),
            "what was typed stays"
        );
        assert!(page.text("#e-code").unwrap().contains("999901001"));
        fields[5].1 = "999901001001";
        let page = browser.post(&community, &fields).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, community.as_str()));
        let again = browser.post(&community, &fields).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "sent twice, done once");
        let page = browser.get(&community).await;
        assert_eq!(page.text("h1").as_deref(), Some("柳溪新社区"));
        assert!(page.body.contains("更名"));

        let mut reader = site.browser();
        reader.log_in("reader", PASSWORD).await;
        let page = reader.get(&community).await;
        assert_eq!((page.status, page.count(".page-head .pri")), (StatusCode::OK, 0));
        assert_eq!((page.count("a.tile"), page.count(".names thead th")), (1, 4));

        // Who may not read demands is told no number of them, and led to no list that is shut.
        let mut surveyor = site.browser();
        surveyor.log_in("surveyor", PASSWORD).await;
        let page = surveyor.get(&community).await;
        assert_eq!((page.count(".tile"), page.count("a.tile"), page.count(".names thead th")), (3, 0, 3));
        for path in ["/places", &community] {
            assert_eq!(surveyor.get(path).await.count("main a[href^='/cases']"), 0, "{path}");
        }
        assert_eq!(reader.get(&format!("{community}/edit")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(reader.get("/places/999").await.status, StatusCode::NOT_FOUND);
    });
});
