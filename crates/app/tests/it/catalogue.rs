//! The matter catalogue and the duty list: versions, search, who is responsible, spreadsheets both ways.

use super::places::{OFFICE, code, cx, demo, keeper, real, root, staff};
use crate::browser::{PASSWORD, Site, run, system, upload};
use axum::http::StatusCode;
use gezhi::actor::Reach;
use gezhi::events::{self, Stream};
use gezhi::features::catalogue::model::{DutyBody, DutyList, Holder, MatterBody, Names, Secret};
use gezhi::features::catalogue::service::{self as catalogue, Installed};
use gezhi::features::places::service as places;
use gezhi::words::{Locale, Words};
use jiff::tz::TimeZone;
use kernel::{Day, PlaceId, Ts, UnitId};
use std::collections::{HashMap, HashSet};
use store::{Db, Result, Sql, Tx, args, both};
use worktime::{Limit, LimitUnit};

const TODAY: Day = Day(20_260_312);
const UNIT: Sql = Sql::Both(
    "insert into unit (id, office, code, name, short, sort_key, kind, place, active, version)
     values ($1, 1, $2, $3, $4, $2, $5, $6, true, 1)",
);
const CLOSE_UNIT: Sql = Sql::Both("update unit set active = false where office = 1 and id = $1");

/// The demo office's places and units, and the shipped lists.
fn ground(tx: &mut Tx<'_>) -> Result<Installed> {
    demo(tx, &cx())?;
    let file = std::fs::read_to_string(root().join("demo/units.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let header = reader.headers().unwrap().clone();
    let book = places::book(tx, OFFICE)?;
    for (i, row) in (500..).zip(reader.records()) {
        let row = row.unwrap();
        let get = |name: &str| row.get(header.iter().position(|h| h == name).unwrap()).unwrap().to_owned();
        let place = book.by_code(&get("place")).map(|p| p.id);
        tx.exec(&UNIT, args![i, get("key"), get("name_zh"), get("short"), get("kind"), place])?;
    }
    catalogue::install_default(tx, &cx())
}

fn unit(tx: &mut Tx<'_>, key: &str) -> Result<UnitId> {
    Ok(catalogue::units(tx, OFFICE)?.into_iter().find(|u| u.code == key).unwrap().id)
}

fn line(tx: &mut Tx<'_>, code: &str) -> Result<Vec<PlaceId>> {
    let place = places::by_code(tx, OFFICE, code)?.unwrap();
    places::line(tx, OFFICE, place.id)
}

fn rule(tx: &mut Tx<'_>, code: &str) -> Result<MatterBody> {
    Ok(catalogue::matter_by_code(tx, OFFICE, code, TODAY)?.unwrap().body)
}

both!(the_shipped_catalogue_installs_once_and_the_demo_office_owns_every_matter, |db| {
    db.write_now(|tx| {
        let first = ground(tx)?;
        assert_eq!((first.duty.skipped, first.duty.errors.len()), (0, 0));
        assert_eq!(first.matters.added, first.matters.rows);
        let again = catalogue::install_default(tx, &cx())?;
        assert_eq!((again.matters.added, again.matters.changed), (0, 0));
        assert_eq!((again.duty.added, again.duty.changed), (0, 0));
        assert_eq!(events::list(tx, OFFICE, Stream::Catalogue, OFFICE.0)?.len(), 2, "one event a list");
        let coverage = catalogue::coverage(tx, OFFICE, TODAY)?;
        assert_eq!(u64::try_from(coverage.matters).unwrap(), first.matters.rows);
        assert_eq!(coverage.without, Vec::<String>::new());
        assert_eq!(coverage.with_owner, coverage.matters);
        Ok(())
    })
    .unwrap();
});

both!(an_office_without_those_units_gets_the_matters_and_skips_the_duty_rows, |db| {
    db.write_now(|tx| {
        let installed = catalogue::install_default(tx, &cx())?;
        assert!(installed.matters.added > 400);
        assert_eq!(installed.duty.skipped + installed.duty.added, installed.duty.rows);
        let coverage = catalogue::coverage(tx, OFFICE, TODAY)?;
        assert_eq!(coverage.with_owner, 0);
        assert_eq!(i64::try_from(coverage.without.len()).unwrap(), coverage.matters);
        Ok(())
    })
    .unwrap();
});

both!(a_changed_matter_is_a_new_row_and_the_old_one_stays_as_it_was, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let old = catalogue::matter_by_code(tx, OFFICE, "06010", TODAY)?.unwrap();
        let limit = Limit::new(LimitUnit::WorkHour, 3_000);
        assert_ne!(old.handle_limit, limit);
        let new =
            MatterBody { handle_limit: limit, limit_source: Names::trimmed("ours", ""), ..old.body.clone() };
        let from = Day(20_260_401);
        let id = catalogue::change_matter(tx, &cx(), new.clone(), from, "office order")?;
        assert_ne!(id, old.id);
        assert_eq!(catalogue::matter(tx, OFFICE, old.id)?.handle_limit, old.handle_limit, "pinned rows stay");
        assert_eq!(catalogue::matter_by_code(tx, OFFICE, "06010", Day(20_260_331))?.unwrap().id, old.id);
        assert_eq!(catalogue::matter_by_code(tx, OFFICE, "06010", from)?.unwrap().id, id);
        assert_eq!(catalogue::matter(tx, OFFICE, old.id)?.until_day, Some(Day(20_260_331)));
        // The same again is no change; a change before it would rewrite what is decided.
        let events_before = events::list(tx, OFFICE, Stream::Catalogue, OFFICE.0)?.len();
        assert_eq!(catalogue::change_matter(tx, &cx(), new.clone(), from, "again")?, id);
        assert_eq!(events::list(tx, OFFICE, Stream::Catalogue, OFFICE.0)?.len(), events_before);
        let earlier = MatterBody { limit_source: Names::trimmed("x", ""), ..new };
        assert_eq!(
            code(catalogue::change_matter(tx, &cx(), earlier, TODAY, "")),
            "catalogue.change.later_version"
        );
        Ok(())
    })
    .unwrap();
});

both!(a_matter_changed_on_the_day_it_began_answers_with_the_later_row, |db| {
    db.write_now(|tx| {
        catalogue::install_default(tx, &cx())?;
        let first = MatterBody { limit_source: Names::trimmed("a", ""), ..rule(tx, "06010")? };
        let second = MatterBody { limit_source: Names::trimmed("b", ""), ..first.clone() };
        catalogue::change_matter(tx, &cx(), first, TODAY, "")?;
        let id = catalogue::change_matter(tx, &cx(), second, TODAY, "")?;
        let now = catalogue::matter_by_code(tx, OFFICE, "06010", TODAY)?.unwrap();
        assert_eq!((now.id, now.limit_source.zh.as_str(), now.version), (id, "b", 3));
        assert_eq!(catalogue::matters_on(tx, OFFICE, TODAY)?.iter().filter(|m| m.code == "06010").count(), 1);
        catalogue::end_matter(tx, &cx(), "06010", TODAY, "given up")?;
        assert_eq!(catalogue::matter_by_code(tx, OFFICE, "06010", TODAY.plus(1))?, None);
        Ok(())
    })
    .unwrap();
});

both!(the_most_particular_row_of_the_duty_list_answers, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let (sanitation, municipal) = (unit(tx, "sanitation")?, unit(tx, "municipal")?);
        let grid = line(tx, "999901001001001")?;
        let other = line(tx, "999901001002001")?;
        let add = |tx: &mut Tx<'_>, matter: &str, place, lead, from| {
            let body = DutyBody {
                matter: matter.into(),
                place,
                lead: Holder::Unit(lead),
                co: vec![Holder::Community, Holder::Unit(lead)],
                basis: "test".into(),
                note: String::new(),
            };
            catalogue::change_duty(tx, &cx(), None, body, from, "")
        };
        let ask = |tx: &mut Tx<'_>, code: &str, line: &[PlaceId]| {
            catalogue::duty_for(tx, OFFICE, code, line, TODAY)
        };
        // A grid's row beats the community's, that the whole office's, in whatever order they came.
        let here = add(tx, "L99001", Some(grid[1]), sanitation, TODAY)?;
        let finer = add(tx, "L99001", Some(grid[0]), municipal, Day(20_250_601))?;
        let found = ask(tx, "L99001", &grid)?.unwrap();
        assert_eq!((found.id, found.lead), (finer, municipal));
        assert_eq!(found.co, [unit(tx, "c-liuxi")?], "the community's own unit, and the lead not twice");
        assert_eq!(ask(tx, "L99001", &grid[1..])?.unwrap().id, here);
        assert_ne!(ask(tx, "L99001", &other)?.unwrap().id, here);
        // The code itself before its class even where the class has the finer place; the class before `*`.
        let class = add(tx, "06*", Some(grid[0]), municipal, TODAY)?;
        let own = ask(tx, "06010", &grid)?.unwrap();
        assert_eq!(own.matter, "06010");
        assert_eq!(catalogue::duty(tx, OFFICE, class)?.matter, "06*");
        assert!(
            !ask(tx, "L01001", &[])?.unwrap().matter.ends_with('*')
                || ask(tx, "L01001", &[])?.unwrap().matter.len() > 1
        );
        // A condition of a matter answers as the matter does.
        let base = ask(tx, "01002", &grid)?.unwrap();
        assert_eq!(ask(tx, "01002-1", &grid)?.unwrap().id, base.id);
        // Before it is in force it is not there.
        assert_eq!(catalogue::duty_for(tx, OFFICE, "06010", &grid, Day(20_241_231))?, None);
        Ok(())
    })
    .unwrap();
});

both!(a_unit_that_no_longer_exists_is_passed_over_and_may_not_be_named, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let grid = line(tx, "999901001001001")?;
        let before = catalogue::duty_for(tx, OFFICE, "06010", &grid, TODAY)?.unwrap();
        tx.exec(&CLOSE_UNIT, args![before.lead])?;
        let after = catalogue::duty_for(tx, OFFICE, "06010", &grid, TODAY)?.unwrap();
        assert_ne!(after.lead, before.lead);
        let matter = catalogue::matter_by_code(tx, OFFICE, "06010", TODAY)?.unwrap();
        assert_eq!(
            code(catalogue::may_handle(tx, OFFICE, &matter, before.lead)),
            "demands.dispatch.unit_inactive"
        );
        Ok(())
    })
    .unwrap();
});

both!(what_was_taken_back_from_the_street_goes_to_no_street_unit, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let withdrawn: Vec<_> = catalogue::matters_on(tx, OFFICE, TODAY)?
            .into_iter()
            .filter(|m| m.duty_list == DutyList::Withdrawn)
            .collect();
        assert!(!withdrawn.is_empty());
        let (street, community, police) =
            (unit(tx, "municipal")?, unit(tx, "c-liuxi")?, unit(tx, "d-police")?);
        for matter in &withdrawn {
            for unit in [street, community] {
                let refusal = catalogue::may_handle(tx, OFFICE, matter, unit).unwrap_err();
                let refusal = refusal.refusal().unwrap().clone();
                assert_eq!(refusal.code, "demands.dispatch.withdrawn");
                let words = Words::new(Locale::Zh, &TimeZone::UTC, Ts(0));
                assert!(
                    words.refusal(&refusal).contains(&matter.lead_department.zh),
                    "it says where to send it"
                );
                let english = Words::new(Locale::En, &TimeZone::UTC, Ts(0)).refusal(&refusal);
                assert!(english.contains(&matter.lead_department.en), "{english}");
                assert!(english.contains(&matter.names.en), "{english}");
            }
            catalogue::may_handle(tx, OFFICE, matter, police)?;
        }
        let ordinary = catalogue::matter_by_code(tx, OFFICE, "06010", TODAY)?.unwrap();
        catalogue::may_handle(tx, OFFICE, &ordinary, street)?;
        assert_eq!(code(catalogue::may_handle(tx, OFFICE, &ordinary, UnitId(1))), "common.not_found");
        Ok(())
    })
    .unwrap();
});

both!(what_residents_say_finds_the_matter, |db| {
    db.write_now(|tx| {
        catalogue::install_default(tx, &cx())?;
        let mut first = |text: &str| -> Result<Vec<String>> {
            let found = catalogue::find_matters(tx, &cx(), TODAY, text)?;
            Ok(found.into_iter().take(5).map(|m| m.names.zh.clone()).collect())
        };
        assert_eq!(first("06010")?[0], "暴露垃圾");
        assert_eq!(first("暴露垃圾")?[0], "暴露垃圾");
        for (said, meant) in [
            ("我们小区门口的路灯不亮了好几天", "路灯"),
            ("井盖坏了", "井盖"),
            ("楼下烧烤摊油烟太大", "油烟"),
            ("拖欠工资不给", "工资"),
            ("机动车乱停", "机动车乱停放"),
            ("street lamp", "路灯"),
        ] {
            let found = first(said)?;
            assert!(found.iter().any(|name| name.contains(meant)), "{said}: {found:?}");
        }
        assert_eq!(first("§§§")?, Vec::<String>::new());
        assert_eq!(catalogue::find_matters(tx, &cx(), TODAY, "")?.len(), 30);
        Ok(())
    })
    .unwrap();
});

both!(the_lists_go_out_as_spreadsheets_and_come_back_unchanged, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let matters = catalogue::export_matters(tx, &cx(), TODAY)?;
        let report = catalogue::import_matters(tx, &cx(), matters.as_bytes(), "m.csv", TODAY, false)?;
        assert_eq!((report.errors.len(), report.added, report.changed), (0, 0, 0));
        assert!(report.unchanged > 400);
        let duty = catalogue::export_duty(tx, &cx())?;
        let report = catalogue::import_duty(tx, &cx(), duty.as_bytes(), "d.csv", false)?;
        assert_eq!((report.errors.as_slice(), report.added, report.changed), (&[][..], 0, 0));
        // One limit changed in the sheet is one new version, and a dry run only says so.
        let edited = matters.replacen("work_day:5", "work_day:4", 1);
        let dry = catalogue::import_matters(tx, &cx(), edited.as_bytes(), "m.csv", TODAY, true)?;
        assert_eq!((dry.added, dry.changed), (0, 1));
        assert_eq!(catalogue::export_matters(tx, &cx(), TODAY)?, matters);
        let done = catalogue::import_matters(tx, &cx(), edited.as_bytes(), "m.csv", TODAY, false)?;
        assert_eq!(done, dry);
        assert_eq!(catalogue::export_matters(tx, &cx(), TODAY)?, edited);
        assert_eq!(catalogue::export_matters(tx, &cx(), TODAY.plus(-1))?, matters);
        Ok(())
    })
    .unwrap();
});

both!(every_wrong_cell_of_a_sheet_is_told_and_nothing_is_taken, |db| {
    db.write_now(|tx| {
        catalogue::install_default(tx, &cx())?;
        let sheet = catalogue::export_matters(tx, &cx(), TODAY)?;
        let lines: Vec<&str> = sheet.lines().take(4).collect();
        let wrong = [
            lines[0].to_owned(),
            lines[1].replacen("urgent_hour:6", "soon", 1).replacen("onsite", "somehow", 1),
            lines[2].to_owned(),
            lines[2].to_owned(),
            lines[3].replacen("100,all,100", "100,all,101", 1),
        ]
        .join("\n");
        let report = catalogue::import_matters(tx, &cx(), wrong.as_bytes(), "m.csv", TODAY, false)?;
        let told: Vec<(u64, &str, &str)> =
            report.errors.iter().map(|e| (e.row, e.column.as_str(), e.reason.code)).collect();
        assert_eq!(
            told,
            [
                (2, "limit", "import.row.limit"),
                (2, "verify", "import.row.word"),
                (4, "code", "import.row.twice"),
                (5, "callback_rate", "import.row.number"),
            ]
        );
        let gbk = b"code,kind\n01001,\xca\xc2\xcf\xee".to_vec();
        let report = catalogue::import_matters(tx, &cx(), &gbk, "m.csv", TODAY, false)?;
        assert_eq!(report.errors[0].reason.code, "import.file.encoding");
        let short = catalogue::import_matters(tx, &cx(), b"code,kind\n", "m.csv", TODAY, false)?;
        assert_eq!(short.errors[0].reason.code, "import.file.columns");
        let duty = "matter,place,from,to,lead\n06*,,2026-01-01,,nobody\n*6,,2026-01-01,,nobody\n06010,,2026-02-02,2026-02-01,x\n";
        let report = catalogue::import_duty(tx, &cx(), duty.as_bytes(), "d.csv", false)?;
        let told: Vec<(u64, &str)> = report.errors.iter().map(|e| (e.row, e.reason.code)).collect();
        assert_eq!(told, [(3, "import.row.pattern"), (4, "import.row.ends_before")]);
        let duty = "matter,place,from,to,lead\n06*,,2026-01-01,,nobody\n";
        let report = catalogue::import_duty(tx, &cx(), duty.as_bytes(), "d.csv", false)?;
        assert_eq!(report.errors[0].reason.code, "import.row.unit");
        Ok(())
    })
    .unwrap();
});

both!(a_row_of_the_duty_list_replaced_from_a_day_answers_differently_before_and_after, |db| {
    db.write_now(|tx| {
        ground(tx)?;
        let row = catalogue::duties_on(tx, OFFICE, TODAY)?
            .into_iter()
            .find(|d| d.matter == "06010" && d.place.is_none())
            .unwrap();
        let police = unit(tx, "d-police")?;
        let from = Day(20_260_401);
        let body = DutyBody { lead: Holder::Unit(police), ..row.body.clone() };
        let id = catalogue::change_duty(tx, &cx(), Some(row.id), body.clone(), from, "")?;
        assert_eq!(catalogue::duty(tx, OFFICE, row.id)?.until_day, Some(Day(20_260_331)));
        assert_eq!(catalogue::duty_for(tx, OFFICE, "06010", &[], Day(20_260_331))?.unwrap().id, row.id);
        assert_eq!(catalogue::duty_for(tx, OFFICE, "06010", &[], from)?.unwrap().lead, police);
        assert_eq!(catalogue::change_duty(tx, &cx(), Some(id), body.clone(), from, "")?, id);
        let unknown = DutyBody { matter: "77777".into(), ..body };
        assert_eq!(
            code(catalogue::change_duty(tx, &cx(), None, unknown, from, "")),
            "catalogue.change.unknown_matter"
        );
        catalogue::end_duty(tx, &cx(), id, from, "")?;
        let next = catalogue::duty_for(tx, OFFICE, "06010", &[], from.plus(1))?.unwrap();
        assert_eq!(next.matter, "06*");
        Ok(())
    })
    .unwrap();
});

both!(reading_the_lists_gives_no_right_to_change_them, |db| {
    db.write_now(|tx| {
        catalogue::install_default(tx, &cx())?;
        let reader = staff("catalogue.read", Reach::Office);
        let body = rule(tx, "06010")?;
        assert_eq!(code(catalogue::change_matter(tx, &reader, body, TODAY, "")), "common.forbidden");
        assert_eq!(
            code(catalogue::import_duty(tx, &reader, b"matter,place,from,lead\n", "", false)),
            "common.forbidden"
        );
        let edits = staff("places.edit", Reach::Office);
        assert_eq!(code(catalogue::export_matters(tx, &edits, TODAY)), "common.forbidden");
        Ok(())
    })
    .unwrap();
});

#[test]
fn the_national_list_is_in_the_shipped_catalogue_code_by_code() {
    let Some(file) = real("event_codes_gbt47678_5.csv") else { return };
    let test = store::testing::sqlite().unwrap();
    let ours: HashMap<String, String> = in_catalogue(&test.db).into_iter().collect();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (kind, code, name) = (column("kind"), column("code5"), column("name"));
    let mut matters = HashSet::new();
    for row in reader.records() {
        let row = row.unwrap();
        if &row[kind] == "管理部件" {
            continue;
        }
        matters.insert(row[code].to_owned());
        assert_eq!(ours.get(&row[code]).map(String::as_str), Some(&row[name]), "{}", &row[code]);
    }
    assert_eq!(matters.len(), 250);
}

fn in_catalogue(db: &Db) -> Vec<(String, String)> {
    db.write_now(|tx| {
        catalogue::install_default(tx, &cx())?;
        let matters = catalogue::matters_on(tx, OFFICE, TODAY)?;
        Ok(matters.iter().map(|m| (m.code.clone(), m.names.zh.clone())).collect())
    })
    .unwrap()
}

#[test]
fn petition_and_report_matters_are_marked_and_every_refusal_has_its_route() {
    let test = store::testing::sqlite().unwrap();
    let secrets = test
        .db
        .write_now(|tx| {
            catalogue::install_default(tx, &cx())?;
            let matters = catalogue::matters_on(tx, OFFICE, TODAY)?;
            Ok(matters.into_iter().map(|m| (m.kind.clone(), m.secret)).collect::<Vec<_>>())
        })
        .unwrap();
    for (kind, secret) in secrets {
        match kind.as_str() {
            "petition" => assert_eq!(secret, Secret::Petition),
            "report" => assert_eq!(secret, Secret::Report),
            _ => assert_eq!(secret, Secret::Ordinary, "{kind}"),
        }
    }
    let routes = catalogue::refusal_routes().unwrap();
    assert!(routes.len() >= 10);
    for route in routes {
        assert_ne!(route.routes.get(Locale::En), route.routes.get(Locale::Zh), "{}", route.code);
    }
}

both!(the_pages_of_matters_and_duties_show_search_change_and_take_spreadsheets, |db| {
    let site = Site::new(db);
    keeper(&site);
    let cx = system(&site.app);
    site.app.db.write_now(move |tx| catalogue::install_default(tx, &cx)).unwrap();
    run(async {
        let mut browser = site.browser();
        browser.log_in("keeper", PASSWORD).await;
        let page = browser.get("/matters").await;
        assert!(page.count("tbody tr") > 20, "the classes");
        let page = browser.get("/matters?q=%E6%9A%B4%E9%9C%B2%E5%9E%83%E5%9C%BE").await;
        assert_eq!(page.attribute("tbody th a", "href").as_deref(), Some("/matters/06010"));
        assert!(browser.get("/matters?class=06&list=basic").await.count("tbody tr") > 10);
        let page = browser.get("/matters/06010").await;
        assert_eq!(page.text("h1").as_deref(), Some("暴露垃圾"));
        assert_eq!(browser.get("/matters/77777").await.status, StatusCode::NOT_FOUND);

        // The form as it stands, with one limit changed; first one that is none.
        let form = browser.get("/matters/06010/edit").await;
        let mut fields: Vec<(String, String)> = fields_of(&form.body, "#matter-form");
        let set = |fields: &mut Vec<(String, String)>, name: &str, value: &str| {
            fields.iter_mut().find(|(n, _)| n == name).unwrap().1 = value.to_owned();
        };
        set(&mut fields, "handle_n", "soon");
        let borrowed = |fields: &[(String, String)]| -> Vec<(String, String)> { fields.to_vec() };
        let sent = borrowed(&fields);
        let pairs: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post("/matters/06010", &pairs).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text("#e-handle").unwrap().contains("soon"));
        set(&mut fields, "handle_n", "9");
        set(&mut fields, "handle_u", "natural_day");
        set(&mut fields, "from", "2026-04-01");
        let sent = borrowed(&fields);
        let pairs: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post("/matters/06010", &pairs).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/matters/06010"));
        let page = browser.get("/matters/06010").await;
        assert!(page.body.contains("9 自然日"), "the coming version is listed");

        let page = browser.get("/duty").await;
        assert!(page.count("tbody tr") > 20);
        let csrf = browser.csrf().await;
        let place = [("csrf", csrf.as_str()), ("matter", "06*"), ("lead", "community"), ("co", "community")];
        let page = browser.post("/duty", &place).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let page = browser.get("/duty?class=06").await;
        assert!(page.body.contains("所在社区"));
        let page = browser
            .post("/duty", &[("csrf", csrf.as_str()), ("matter", "4711"), ("lead", "community")])
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text("#e-matter").unwrap().contains("4711"));

        let sheet = browser.get("/matters.csv").await;
        assert!(sheet.header("content-disposition").contains("matters.csv"));
        let wrong = sheet.body.replacen("urgent_hour:6", "soon", 1);
        let page = upload(&mut browser, "/matters/import", &[("end", "import")], &wrong).await;
        assert_eq!((page.status, page.count("tbody tr")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
        let mut reader = site.browser();
        reader.log_in("reader", PASSWORD).await;
        assert_eq!(reader.get("/matters/06010").await.count(".page-head .pri"), 0);
        assert_eq!(reader.get("/duty/new").await.status, StatusCode::FORBIDDEN);
    });
});

/// The fields of a form as the browser would send them unchanged.
fn fields_of(body: &str, form: &str) -> Vec<(String, String)> {
    let html = scraper::Html::parse_document(body);
    let select = |text: &str| scraper::Selector::parse(text).unwrap();
    let form = html.select(&select(form)).next().unwrap();
    let mut out = Vec::new();
    for field in form.select(&select("input, select, textarea")) {
        let Some(name) = field.value().attr("name") else { continue };
        let value = match field.value().name() {
            "select" => field
                .select(&select("option[selected]"))
                .next()
                .and_then(|o| o.value().attr("value").map(str::to_owned)),
            "textarea" => Some(field.text().collect()),
            _ if field.value().attr("type") == Some("checkbox")
                && field.value().attr("checked").is_none() =>
            {
                None
            }
            _ => field.value().attr("value").map(str::to_owned),
        };
        out.extend(value.map(|v| (name.to_owned(), v)));
    }
    out
}

#[test]
fn the_shipped_catalogue_is_the_transcribed_list_with_local_classes() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = "../shared/data/event_codes_gbt47678_5.csv";
    let Ok(list) = std::fs::read_to_string(root.join(file)) else {
        println!("skipped: {file} is not there");
        return;
    };
    let rows = |text: &str,
                columns: [&str; 4],
                keep: &dyn Fn(&csv::StringRecord, &csv::StringRecord) -> bool| {
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let head = reader.headers().unwrap().clone();
        let at = columns.map(|c| head.iter().position(|h| h == c).unwrap_or_else(|| panic!("no column {c}")));
        let mut out: Vec<[String; 4]> = reader
            .records()
            .map(|r| r.unwrap())
            .filter(|r| keep(&head, r))
            .map(|r| at.map(|i| r[i].to_owned()))
            .collect();
        out.sort();
        out
    };
    let cell = |head: &csv::StringRecord, row: &csv::StringRecord, column: &str| {
        row[head.iter().position(|h| h == column).unwrap()].to_owned()
    };
    let official = |kind: &'static str| {
        rows(&list, ["code5", "name", "major_code", "major_name"], &|h, r| cell(h, r, "kind") == kind)
    };
    let shipped = |file: &str| {
        let text = std::fs::read_to_string(root.join("packs/demands").join(file)).unwrap();
        // A code with a suffix is a class of its standard with limits of its own for a condition.
        let ours = ["code", "name_zh", "class_code", "class_zh"];
        let whole = |h: &csv::StringRecord, r: &csv::StringRecord| {
            cell(h, r, "standard_ref").starts_with("GB/T 47678.5") && !cell(h, r, "code").contains('-')
        };
        (rows(&text, ours, &whole), rows(&text, ours, &|_, _| true), text)
    };
    let kinds = ["管理事项", "管理部件"];
    assert_eq!(kinds.map(|k| official(k).len()), [250, 153]);
    let (matters, all, text) = shipped("matters.csv");
    assert_eq!(matters, official(kinds[0]));
    assert_eq!(shipped("components.csv").0, official(kinds[1]));
    // What is ours is marked as local and has classes of its own; a variant has its whole beside it.
    let codes: std::collections::BTreeSet<&str> = matters.iter().map(|m| m[0].as_str()).collect();
    let local = rows(&text, ["code", "name_zh", "class_code", "class_zh"], &|h, r| {
        cell(h, r, "standard_ref") == "local"
    });
    assert!(local.iter().all(|m| m[2].starts_with('L')), "{local:?}");
    for row in all.iter().filter(|m| !m[2].starts_with('L')) {
        let whole = row[0].split('-').next().unwrap();
        assert!(codes.contains(whole), "{row:?} is neither of the list nor local");
    }
    for class in ["咨询类", "求助类", "意见建议类", "举报类", "突发事件类"] {
        assert!(local.iter().any(|m| m[3] == class), "{class} is not there");
    }
    assert!(local.iter().any(|m| m[3].starts_with("投诉类")));
    // Every limit says where it comes from, or that it is an example.
    let unsourced = rows(&text, ["code", "name_zh", "limit", "limit_source"], &|h, r| {
        cell(h, r, "limit_source").is_empty()
    });
    assert!(unsourced.is_empty(), "{unsourced:?}");
    // What is shown of a matter can be read in English as well.
    for column in [
        "class",
        "name",
        "limit_condition",
        "limit_source",
        "lead_department",
        "close_condition",
        "judgement",
    ] {
        let zh = ["class", "name", "lead_department"].contains(&column);
        let zh = if zh { format!("{column}_zh") } else { column.to_owned() };
        let texts = rows(&text, ["code", "name_zh", &zh, &format!("{column}_en")], &|h, r| {
            !["", "example"].contains(&cell(h, r, &zh).as_str())
        });
        let bare: Vec<_> = texts.iter().filter(|r| r[3].is_empty()).collect();
        assert!(!texts.is_empty() && bare.is_empty(), "{column}: {bare:?}");
    }
}
