//! Taking records over: what is checked, what is written, what a second run does.

mod real;

use gezhi::actor::Actor;
use gezhi::context::{Cx, Office, Source};
use gezhi::crypto::Vault;
use gezhi::events::{self, Stream};
use gezhi::features::imports::model::{Outcome, Parsed};
use gezhi::features::imports::profile::Profile;
use gezhi::features::imports::{read, service};
use gezhi::features::indicators::model::{Ask, By, Figure};
use gezhi::features::indicators::service as figures;
use gezhi::features::procedures::procedure::{Phase, Procedure};
use gezhi::features::procedures::rebuild;
use gezhi::features::procedures::service::load;
use gezhi::features::procedures::state::CaseState;
use gezhi::installation::{NewOffice, create_office};
use gezhi::words::{Locale, Words};
use jiff::tz::TimeZone;
use kernel::{CaseId, Ts};
use std::sync::Arc;
use store::{Db, Sql, args, both};
use worktime::{Calendar, Hours, Rules};

const COUNT_EVENTS: Sql = Sql::Both("select count(*) from event where office = $1");
const CASES: Sql = Sql::Both("select id from cases where office = $1 order by opened_at, id");
const TEXTS: Sql =
    Sql::Both("select title, text, party from report where office = $1 order by received_at, id");
const PAYLOADS: Sql = Sql::Both("select payload from event where office = $1");
const PLACES: Sql = Sql::Both("select code, name from place where office = $1 order by code");
const UNITS: Sql = Sql::Both("select name, kind from unit where office = $1 order by name");

/// An empty data folder's office as a profile describes it, and a context in it.
pub fn office(db: &Db, profile: &Profile) -> Cx {
    let vault = Arc::new(Vault::new([7; 32]));
    let tz = TimeZone::get(&profile.zone).expect("the zone");
    let text = profile.office.clone().expect("an office");
    let now = Ts::parse("2026-11-01T08:00:00Z").expect("an instant");
    let new = NewOffice {
        code: text.code.clone(),
        name: text.name.clone(),
        short: text.short.clone(),
        time_zone: profile.zone.clone(),
        hours: text.hours.clone(),
        locale: text.locale,
    };
    let keys = Arc::clone(&vault);
    let id = db.write_now(move |tx| create_office(tx, &keys, &new, now)).expect("the office");
    let rules =
        Rules { calendar: Calendar::cn(), hours: Hours::parse(&text.hours).expect("hours"), tz: tz.clone() };
    let office = Office {
        id,
        code: text.code,
        name: text.name,
        short: text.short,
        tz,
        rules: Arc::new(rules),
        calendars: Arc::default(),
        settings: Arc::default(),
        procedure: Arc::new(Procedure::builtin().expect("the procedure")),
        pack_version: 0,
    };
    Cx {
        now,
        occurred: None,
        office: Arc::new(office),
        actor: Actor::system(id),
        behalf: None,
        source: Source::Cli,
        vault,
    }
}

pub fn import(db: &Db, cx: &Cx, profile: &Profile, bytes: &[u8]) -> Outcome {
    let parsed: Arc<Parsed> = Arc::new(read::parse(profile, bytes, cx.now));
    let mut seen = 0;
    let outcome = service::import(db, cx, &Arc::new(profile.clone()), &parsed, &mut |p| seen = p.done)
        .expect("an import");
    assert_eq!(seen, outcome.imported, "progress tells every row");
    outcome
}

pub fn figure(db: &Db, cx: &Cx, key: &str, by: By) -> Figure {
    let (cx, key) = (cx.clone(), key.to_owned());
    let words = Words::new(Locale::En, &cx.office.tz, cx.now);
    let ask = Ask { by, ..Ask::default() };
    db.read_now(move |tx| figures::compute(tx, &cx, &words, &key, &ask)).expect("a figure")
}

/// A small profile with every field, as somebody would write it for a spreadsheet.
fn profile() -> Profile {
    Profile::parse(
        r#"
        system = "old-system"
        format = "csv"
        zone = "Asia/Shanghai"
        office = { code = "999902", name = "甲街道", short = "甲", hours = "08:30-12:00,14:00-17:30", locale = "zh-CN", home = { code = "999902001", kind = "street", name = "甲街道" } }
        place = [{ column = "社区", kind = "community", blank = ["-"] }, { column = "网格", kind = "grid" }]
        unit = { column = "单位", kind = "street_department", drop_only_suffix = true, kinds = [{ contains = "社区", kind = "community" }] }
        matter = { prefix = "J", names = ["大类", "小类"], codes = ["", "小类码"], source = "test" }
        skip = [{ column = "备注", contains = ["测试"], reason = "test-row" }]
        number = { column = "编号" }
        received = { column = "收到" }
        closed = { column = "结案" }
        due = { column = "时限" }
        stage = { column = "状态", values = { "已结" = "closed", "在办" = "handling", "待受理" = "received" } }
        outcome = { column = "按期", values = { "是" = "intime", "否" = "overtime", "" = "intime" } }
        channel = { other = "hotline" }
        kind = { column = "性质", values = { "投诉" = "complaint" }, other = "other" }
        text = { columns = ["内容"] }
        reply = { columns = ["答复"] }
        address = { columns = ["地址"] }
        point = { longitude = "经度", latitude = "纬度", crs = "gcj02" }
        "#,
    )
    .expect("a profile")
}

const HEAD: &str =
    "编号,收到,结案,时限,状态,按期,社区,网格,单位,大类,小类,小类码,性质,内容,答复,地址,经度,纬度,备注\n";
const ROWS: &str = "\
A1,2026-03-02 09:00,2026-03-04 10:00,2026-03-05 17:30,已结,是,东苑社区,一网格,城管办,市容,占道,12,投诉,王先生说13800002041常占道,已清理，联系13900003052,柳溪路42号3单元501室,113.95,22.55,\n\
A2,2026-03-02T10:30:00,2026-03-09 09:00,2026-03-05 17:30,已结,否,东苑社区,,城管办（甲街道）,市容,占道,12,投诉,夜市占道,已规范,,,,\n\
A3,2026-03-03 09:00,,,已结,否,北塘社区,,北塘社区,设施,路灯,7,咨询,路灯不亮,,,,,\n\
A4,2026-03-03 11:00,,2026-03-20 17:30,在办,,北塘社区,,,设施,路灯,7,投诉,路灯又不亮,,,,,\n\
A5,2026-03-04 11:00,,,待受理,,-,,,,,,投诉,想问问,,,,,\n\
A6,2026-03-04 12:00,,,待受理,,-,,,,,,投诉,测试,,,,,系统测试\n";

fn file(rows: &str) -> Vec<u8> {
    format!("\u{feff}{HEAD}{rows}").into_bytes()
}

fn cases(db: &Db, cx: &Cx) -> Vec<CaseState> {
    let office = cx.office.id;
    db.read_now(move |tx| {
        let ids = tx.query(&CASES, args![office], |row| row.get::<CaseId>(0))?;
        ids.into_iter().map(|id| load(tx, office, id)).collect()
    })
    .expect("the cases")
}

fn events_written(db: &Db, cx: &Cx) -> i64 {
    let office = cx.office.id;
    db.read_now(move |tx| tx.value::<i64>(&COUNT_EVENTS, args![office])).expect("a count").expect("a row")
}

both!(an_empty_folder_gets_the_office_its_places_units_and_matters_from_the_file, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    let outcome = import(&db, &cx, &profile, &file(ROWS));
    assert_eq!((outcome.rows, outcome.imported, outcome.unchanged, outcome.errors.len()), (6, 5, 0, 0));
    assert_eq!(
        outcome.skipped.iter().map(|s| (s.line, s.reason.as_str())).collect::<Vec<_>>(),
        [(7, "import-skip-test-row")]
    );
    let id = cx.office.id;
    let (places, units) = db
        .read_now(move |tx| {
            let pair = |row: &store::Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
            Ok((tx.query(&PLACES, args![id], pair)?, tx.query(&UNITS, args![id], pair)?))
        })
        .unwrap();
    let named = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        places,
        named(&[
            ("999902001", "甲街道"),
            ("999902001001", "东苑社区"),
            ("999902001001001", "一网格"),
            ("999902001002", "北塘社区")
        ])
    );
    // 城管办（甲街道） is 城管办, which the file has too.
    assert_eq!(units, named(&[("北塘社区", "community"), ("城管办", "street_department")]));
    let rows: Vec<(String, Option<i64>)> = figure(&db, &cx, "demand.received", By::Unit)
        .rows
        .into_iter()
        .map(|r| (r.label, r.numerator))
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.contains(&("城管办".to_owned(), Some(2))));
    let classes: Vec<_> = figure(&db, &cx, "demand.received", By::Class)
        .rows
        .into_iter()
        .map(|r| (r.label, r.numerator))
        .collect();
    assert_eq!(classes.iter().filter(|c| c.1 == Some(2)).count(), 2, "{classes:?}");
});

both!(a_case_is_what_the_source_says_of_it_each_thing_at_its_own_time, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    import(&db, &cx, &profile, &file(ROWS));
    let all = cases(&db, &cx);
    let ts = |text: &str| Ts::parse(&format!("{text}:00+08:00")).unwrap();
    assert_eq!(
        (all[0].opened_at, all[0].closed_at, all[0].done_at),
        (ts("2026-03-02T09:00"), Some(ts("2026-03-04T10:00")), Some(ts("2026-03-04T10:00")))
    );
    assert_eq!(
        (all[0].upper_due, all[0].handle_late, &all[0].outcome),
        (Some(ts("2026-03-05T17:30")), Some(false), &None)
    );
    assert_eq!((all[1].handle_late, all[1].phase), (Some(true), Phase::Closed));
    // Closed without a time: none is invented, the source's word is kept.
    assert_eq!(
        (all[2].phase, all[2].closed_at, all[2].closed_day, all[2].done_at),
        (Phase::Closed, None, None, None)
    );
    assert_eq!((all[2].outcome.as_deref(), all[2].assignments[0].done_at), (Some("overtime"), None));
    // Open without a unit: with the dispatcher; not yet accepted: with the acceptor, its subject not known.
    assert_eq!(
        (all[3].phase, all[3].subject_known, all[4].phase, all[4].subject_known),
        (Phase::Accepted, true, Phase::Received, false)
    );
    let rate = figure(&db, &cx, "demand.on_time_rate", By::None).rows.remove(0);
    // A1 in time, A2 late, A3 late as reported, A4 overdue by now.
    assert_eq!((rate.numerator, rate.denominator, rate.reported), (Some(1), Some(4), 1));
    assert_eq!(figure(&db, &cx, "demand.overdue", By::None).rows[0].numerator, Some(1));
    assert_eq!(figure(&db, &cx, "demand.mean_days", By::None).rows[0].denominator, Some(2));
    // GCJ-02 is brought to WGS 84, some hundred metres away.
    let lon = all[0].at.lon_e7.unwrap();
    assert!((1_139_400_000..1_139_490_000).contains(&lon), "{lon}");
    // The rows are what the events say.
    let id = cx.office.id;
    let found = db.read_now(move |tx| rebuild::compare(tx, id, CaseId(0), 100).map(|(_, d)| d)).unwrap();
    assert!(found.is_empty(), "{found:?}");
});

both!(numbers_in_a_text_are_sealed_and_stand_nowhere_else, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    import(&db, &cx, &profile, &file(ROWS));
    let id = cx.office.id;
    let (texts, payloads) = db
        .read_now(move |tx| {
            let texts =
                tx.query(&TEXTS, args![id], |row| Ok((row.get::<String>(1)?, row.get::<Option<i64>>(2)?)))?;
            Ok((texts, tx.query(&PAYLOADS, args![id], |row| row.get::<String>(0))?))
        })
        .unwrap();
    assert!(texts[0].1.is_some() && texts[1].1.is_none(), "what was sealed has a party of its own");
    for text in texts.iter().map(|t| &t.0).chain(&payloads) {
        assert!(
            !text.contains("13800002041") && !text.contains("13900003052") && !text.contains("501室"),
            "{text}"
        );
    }
    assert!(payloads.iter().any(|p| p.contains("已清理")));
});

both!(a_second_run_changes_nothing_and_says_so, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    import(&db, &cx, &profile, &file(ROWS));
    let before = events_written(&db, &cx);
    let again = import(&db, &cx, &profile, &file(ROWS));
    assert_eq!(
        (again.imported, again.unchanged, again.skipped.len(), events_written(&db, &cx)),
        (0, 5, 1, before)
    );
    // A known number that says something else now is told, and left as it is.
    let changed = ROWS.replace("夜市占道", "夜市又占道");
    let told = import(&db, &cx, &profile, &file(&changed));
    assert_eq!((told.imported, told.unchanged, events_written(&db, &cx)), (0, 4, before));
    assert!(told.skipped.iter().any(|s| s.line == 3 && s.reason == "import-skip-changed"));
    // New rows of a longer file are taken, the others stay.
    let more = format!("{ROWS}A7,2026-03-05 09:00,,,待受理,,-,,,,,,投诉,又一件,,,,,\n");
    let added = import(&db, &cx, &profile, &file(&more));
    assert_eq!((added.imported, added.unchanged), (1, 5));
});

both!(rows_without_a_number_are_known_by_content_and_place_among_equals, |db| {
    let profile = Profile { number: None, ..profile() };
    let cx = office(&db, &profile);
    let row = ",2026-03-05 09:00,,,待受理,,-,,,,,,投诉,路灯不亮,,,,,\n";
    assert_eq!(import(&db, &cx, &profile, &file(&row.repeat(2))).imported, 2);
    let again = import(&db, &cx, &profile, &file(&row.repeat(2)));
    assert_eq!((again.imported, again.unchanged), (0, 2));
    let third = import(&db, &cx, &profile, &file(&row.repeat(3)));
    assert_eq!((third.imported, third.unchanged), (1, 2));
});

both!(one_wrong_row_and_not_a_single_row_is_written, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    let before = events_written(&db, &cx);
    let wrong = format!(
        "{ROWS}A1,2026-03-02 09:00,,,已结,是,,,,,,,投诉,又是一号,,,,,\n\
         4.40305E+17,2026-13-02 09:00,,,不明,是,,,,,,,投诉,坏编号,,,,,\n\
         A9,2026-03-05 09:00,2026-03-04 09:00,,已结,是,,,,,,,投诉,,,,x,22.5,\n\
         A10,2026-12-24 09:00,,,待受理,,,,,,,,投诉,将来,,,,,\n"
    );
    let outcome = import(&db, &cx, &profile, &file(&wrong));
    let told: Vec<(u64, &str, &str)> =
        outcome.errors.iter().map(|e| (e.row, e.column.as_str(), e.reason.code)).collect();
    for error in [
        (8, "编号", "import.row.twice"),
        (9, "编号", "import.row.spoilt"),
        (9, "收到", "import.row.time"),
        (9, "状态", "import.row.word"),
        (10, "结案", "import.row.closed_before"),
        (10, "内容", "import.row.missing"),
        (10, "经度", "import.row.coordinate"),
        (11, "收到", "import.row.future"),
    ] {
        assert!(told.contains(&error), "{error:?} is not in {told:?}");
    }
    assert_eq!(told.len(), 8, "{told:?}");
    assert_eq!((outcome.imported, events_written(&db, &cx)), (0, before));
    let headless = import(&db, &cx, &profile, b"a,b\n1,2\n");
    assert_eq!(headless.errors[0].reason.code, "import.file.columns");
});

both!(an_office_that_was_there_before_is_not_filled_with_the_file_s_names, |db| {
    let own = profile();
    let cx = office(&db, &own);
    import(&db, &cx, &own, &file(ROWS));
    let guest = Profile { office: None, system: "another".to_owned(), ..own };
    let rows = "B1,2026-03-05 09:00,,,在办,,东苑社区,二网格,城建办,市容,占道,12,投诉,内容,,,,,\n\
                B2,2026-03-05 09:00,,,在办,,东苑社区,一网格,城管办,市容,占道,12,投诉,内容,,,,,\n";
    let outcome = import(&db, &cx, &guest, &file(rows));
    let told: Vec<(u64, &str, &str)> =
        outcome.errors.iter().map(|e| (e.row, e.column.as_str(), e.reason.code)).collect();
    assert_eq!(told, [(2, "网格", "import.row.no_place"), (2, "单位", "import.row.no_unit")]);
    let second: String = rows.lines().skip(1).map(|l| format!("{l}\n")).collect();
    assert_eq!(import(&db, &cx, &guest, &file(&second)).imported, 1);
    let case = cases(&db, &cx).pop().unwrap();
    assert_eq!((case.phase, case.lead().is_some(), case.at.grid.is_some()), (Phase::Handling, true, true));
});

both!(the_log_of_an_imported_case_tells_where_it_came_from, |db| {
    let profile = profile();
    let cx = office(&db, &profile);
    import(&db, &cx, &profile, &file(ROWS));
    let case = cases(&db, &cx).remove(0);
    let (id, at) = (cx.office.id, case.id.0);
    let log = db.read_now(move |tx| events::list(tx, id, Stream::Case, at)).unwrap();
    let told: Vec<(&str, &str)> = log.iter().map(|e| (e.kind.as_str(), e.source.as_str())).collect();
    assert_eq!(told, [("case.import", "import"), ("case.import_close", "import")]);
    assert!(log[0].recorded_at > log[0].occurred_at, "entered now, happened then");
    let report = case.report.0;
    let said = db.read_now(move |tx| events::list(tx, id, Stream::Report, report)).unwrap();
    assert!(
        said[0].payload.contains("\"source_number\":\"A1\"")
            && said[0].payload.contains("\"source_system\":\"old-system\"")
    );
});
