//! Figures against hand-inserted rows: each number worked out by hand, on both databases.

mod records;

use gezhi::actor::{Actor, ActorKind, Grant, Reach};
use gezhi::context::{Cx, Office, Source};
use gezhi::crypto::Vault;
use gezhi::features::indicators::model::{Ask, By, Counts, Exact, Figure, FigureFilter, Kind, Row, Side};
use gezhi::features::indicators::service;
use gezhi::features::procedures::procedure::Procedure;
use gezhi::words::{Locale, Words};
use jiff::tz::TimeZone;
use kernel::{AccountId, Day, PlaceId, PostId, UnitId};
use records::{OFFICE, UNIT_A, WILLOW, at, records, structure};
use std::sync::Arc;
use store::{Db, Query, both};
use worktime::{Calendar, Hours, Rules};

struct World {
    db: Db,
    office: Arc<Office>,
    vault: Arc<Vault>,
}

fn world(db: Db) -> World {
    db.write_now(|tx| {
        structure(tx)?;
        records(tx)
    })
    .expect("the records");
    let tz = TimeZone::get("Asia/Shanghai").expect("the zone");
    let hours = Hours::parse("08:30-12:00,14:00-17:30").expect("hours");
    let office = Office {
        id: OFFICE,
        code: "999901001".to_owned(),
        name: "Qinghe".to_owned(),
        short: "Q".to_owned(),
        rules: Arc::new(Rules { calendar: Calendar::cn(), hours, tz: tz.clone() }),
        calendars: Arc::default(),
        settings: Arc::default(),
        tz,
        procedure: Arc::new(Procedure::builtin().expect("the procedure")),
        pack_version: 1,
    };
    World { db, office: Arc::new(office), vault: Arc::new(Vault::new([7; 32])) }
}

fn staff(grants: &[(&str, Reach)], unit: i64) -> Actor {
    let grant =
        |(verb, reach): &(&str, Reach)| Grant { verb: (*verb).to_owned(), reach: *reach, post: PostId(1) };
    Actor {
        kind: ActorKind::Staff,
        account: Some(AccountId(1)),
        units: vec![UnitId(unit)],
        unit_line: vec![UnitId(unit)],
        grants: grants.iter().map(grant).collect(),
        ..Actor::system(OFFICE)
    }
}

impl World {
    fn cx(&self, actor: Actor) -> Cx {
        Cx {
            now: at("03-20 12:00"),
            occurred: None,
            office: Arc::clone(&self.office),
            actor,
            behalf: None,
            source: Source::Cli,
            vault: Arc::clone(&self.vault),
        }
    }

    fn figure(&self, actor: &Actor, key: &str, ask: &Ask) -> Figure {
        let (cx, key, ask) = (self.cx(actor.clone()), key.to_owned(), ask.clone());
        let words = Words::new(Locale::En, &cx.office.tz, cx.now);
        self.db
            .read_now(move |tx| service::compute(tx, &cx, &words, &key, &ask))
            .unwrap_or_else(|e| panic!("{e}"))
    }

    /// The only row: value as text, numerator, denominator.
    fn one(&self, key: &str) -> (String, Option<i64>, Option<i64>) {
        let rows = self.figure(&Actor::system(OFFICE), key, &march()).rows;
        assert_eq!(rows.len(), 1);
        (rows[0].value.map_or("-".to_owned(), |v| v.decimals(3)), rows[0].numerator, rows[0].denominator)
    }

    fn refusal(&self, actor: Actor, key: &str, ask: &Ask) -> String {
        let (cx, key, ask) = (self.cx(actor), key.to_owned(), ask.clone());
        let words = Words::new(Locale::En, &cx.office.tz, cx.now);
        let error = self
            .db
            .read_now(move |tx| service::compute(tx, &cx, &words, &key, &ask))
            .expect_err("must be refused");
        error.refusal().unwrap_or_else(|| panic!("{error}")).code.to_owned()
    }
}

fn march() -> Ask {
    Ask { from: Day::parse("2026-03-01"), to: Day::parse("2026-03-31"), ..Ask::default() }
}

fn by(by: By) -> Ask {
    Ask { by, ..march() }
}

fn cells(figure: &Figure) -> Vec<(&str, Option<i64>, Option<i64>)> {
    figure.rows.iter().map(|r| (r.key.as_str(), r.numerator, r.denominator)).collect()
}

both!(each_figure_of_the_month_is_what_was_worked_out_by_hand, |db| {
    let world = world(db);
    let count = |n: i64| (format!("{n}.000"), Some(n), None);
    assert_eq!(world.one("demand.received"), count(15));
    // 1 2 3 4 7 8 12 16 17 18; not 5 (merged), 6 (split), 10, 13 (void), 15 (February).
    assert_eq!(world.one("demand.accepted"), count(10));
    // 1 2 7 17 18; 16 has no closing time.
    assert_eq!(world.one("demand.closed"), count(5));
    assert_eq!(world.one("demand.open"), count(3));
    assert_eq!(world.one("demand.overdue"), count(2));
    // Of 1 2 3 7 8 16 17 18: 1 7 16 17 18 in time; 4 is not yet due.
    assert_eq!(world.one("demand.on_time_rate"), ("0.625".to_owned(), Some(5), Some(8)));
    // Of 1 2 3 7 8 16 17 18 (4 is open and in time): 1 2 7 16 17 18.
    assert_eq!(world.one("demand.close_rate"), ("0.750".to_owned(), Some(6), Some(8)));
    // Days: 1: 3, 2: 11, 7: 1, 17 and 18: 2.
    assert_eq!(world.one("demand.mean_days").0, "3.800");
    assert_eq!(world.one("demand.median_days"), ("2.000".to_owned(), None, Some(5)));
    assert_eq!(world.one("demand.p90_days").0, "7.800");
    assert_eq!(world.one("demand.mean_hours").0, "91.200");
    // Handled in March: 1 2 7 8 17 18.
    assert_eq!(world.one("demand.reopen_rate"), ("0.167".to_owned(), Some(1), Some(6)));
    assert_eq!(world.one("demand.rework_rate"), ("0.167".to_owned(), Some(1), Some(6)));
    // Leading parts: 1, 3 and the one of 3 that was returned.
    assert_eq!(world.one("demand.return_rate"), ("0.333".to_owned(), Some(1), Some(3)));
    // Dispatched: 1 2 3 4 7 8 12 17 18; 3 went to another unit.
    assert_eq!(world.one("demand.first_dispatch_right"), ("0.889".to_owned(), Some(8), Some(9)));
    // Ratings that stay: case 1 first 2 before closing … handled 4 March, so both come after it: 2; 8: 1; 6: 4.
    assert_eq!(world.one("demand.satisfaction"), ("0.333".to_owned(), Some(1), Some(3)));
    assert_eq!(world.one("demand.solved_rate"), ("0.750".to_owned(), Some(3), Some(4)));
    // Closed wholes and singles: 1 2 6 17 18; reached 1 and 6.
    assert_eq!(world.one("demand.callback_rate"), ("0.400".to_owned(), Some(2), Some(5)));
    // Parts: two of case 1 done, the open one of 3 is overdue.
    assert_eq!(world.one("demand.parts_on_time_rate"), ("0.333".to_owned(), Some(1), Some(3)));
    for key in ["answered_at_once", "on_spot", "self_verified", "refused", "withdrawn", "void", "thanks"] {
        assert_eq!(world.one(&format!("demand.{key}")), count(1), "{key}");
    }
    assert_eq!(world.one("demand.entered_for"), count(0));
});

both!(a_figure_of_nothing_has_no_value, |db| {
    let world = world(db);
    let ask = Ask { from: Day::parse("2025-01-01"), to: Day::parse("2025-01-31"), ..Ask::default() };
    for key in [
        "on_time_rate",
        "close_rate",
        "mean_days",
        "median_days",
        "p90_days",
        "satisfaction",
        "callback_rate",
    ] {
        let row = &world.figure(&Actor::system(OFFICE), &format!("demand.{key}"), &ask).rows[0];
        assert_eq!((row.value, row.denominator), (None, Some(0)), "{key}");
        assert!(serde_json::to_string(row).unwrap().contains("\"value\":null"));
    }
    assert_eq!(
        world.figure(&Actor::system(OFFICE), "demand.closed", &ask).rows[0].value,
        Some(Exact::whole(0))
    );
});

both!(what_a_source_reported_counts_as_it_said_and_is_shown, |db| {
    let world = world(db);
    let all = world.figure(&Actor::system(OFFICE), "demand.on_time_rate", &by(By::Month));
    assert_eq!(cells(&all), [("2026-03", Some(5), Some(8))]);
    let row =
        &world.figure(&Actor::system(OFFICE), "on_time_rate", &Ask { by: By::Month, ..Ask::default() }).rows;
    let told: Vec<(&str, i64)> = row.iter().map(|r| (r.key.as_str(), r.reported)).collect();
    assert_eq!(told, [("2026-02", 1), ("2026-03", 1)]);
    let json = serde_json::to_value(row).unwrap();
    assert_eq!(
        json[0],
        serde_json::json!({"key": "2026-02", "label": "2026-02", "value": 0, "numerator": 0, "denominator": 1, "reported": 1})
    );
    // Closed, but nobody knows when: apart, and only without a period.
    let closed =
        world.figure(&Actor::system(OFFICE), "demand.closed", &Ask { by: By::Month, ..Ask::default() });
    assert_eq!(cells(&closed), [("", Some(2), None), ("2026-03", Some(5), None)]);
});

both!(rows_are_told_apart_by_unit_place_channel_and_day, |db| {
    let world = world(db);
    let system = Actor::system(OFFICE);
    let figure = world.figure(&system, "demand.on_time_rate", &by(By::Unit));
    assert_eq!(cells(&figure), [("a", Some(4), Some(5)), ("b", Some(1), Some(3))]);
    assert_eq!(figure.rows[0].label, "Unit a");
    // Parts and returns belong to the unit whose part it is.
    assert_eq!(
        cells(&world.figure(&system, "demand.return_rate", &by(By::Unit))),
        [("a", Some(1), Some(2)), ("b", Some(0), Some(1))]
    );
    // Case 1 lies in a grid of Willow, the others in East.
    assert_eq!(
        cells(&world.figure(&system, "demand.closed", &by(By::Place))),
        [("999901001002", Some(4), None), ("999901001001", Some(1), None)]
    );
    let willow = Ask { place: Some("999901001001".to_owned()), ..by(By::Place) };
    assert_eq!(cells(&world.figure(&system, "demand.closed", &willow)), [("999901001001001", Some(1), None)]);
    // Two reports of one trouble: merged, counted as two reports and one case.
    assert_eq!(
        cells(&world.figure(&system, "demand.received", &willow)),
        [("999901001001001", Some(2), None)]
    );
    let days = world.figure(&system, "demand.closed", &by(By::Day));
    assert_eq!(
        cells(&days),
        [("2026-03-04", Some(1), None), ("2026-03-05", Some(3), None), ("2026-03-12", Some(1), None)]
    );
    // A case whose deadline and finish fall on two days counts on each: every row is the figure of its day.
    let days = world.figure(&system, "demand.on_time_rate", &by(By::Day));
    let sixth = days.rows.iter().find(|r| r.key == "2026-03-06").unwrap();
    assert_eq!((sixth.numerator, sixth.denominator), (Some(1), Some(2)));
    let filter = Ask { filter: Some("case.unit == 'b' && case.open".to_owned()), ..march() };
    assert_eq!(cells(&world.figure(&system, "demand.overdue", &filter)), [("all", Some(2), None)]);
});

both!(the_list_behind_each_cell_is_as_long_as_the_figure_for_every_viewer, |db| {
    let world = world(db);
    let leader = [
        ("stats.read", Reach::Office),
        ("demands.read_petition", Reach::Office),
        ("demands.accept", Reach::Office),
    ];
    let viewers = [
        Actor::system(OFFICE),
        staff(&leader, 99),
        staff(&[("stats.read", Reach::Community(PlaceId(WILLOW)))], 99),
        staff(&[("stats.read", Reach::Unit(UnitId(UNIT_A)))], UNIT_A),
        staff(&[("stats.read", Reach::Office)], UNIT_A),
    ];
    for (i, viewer) in viewers.iter().enumerate() {
        for indicator in service::list().unwrap() {
            let ways = if i == 0 { By::ALL } else { &[By::Unit, By::Place] };
            for way in ways {
                let figure = world.figure(viewer, &indicator.key, &by(*way));
                for row in figure.rows.iter().filter(|r| !r.link.is_empty()) {
                    check_cell(&world, viewer, (indicator.kind, indicator.counts), row);
                }
            }
        }
    }
});

fn check_cell(world: &World, viewer: &Actor, (kind, counts): (Kind, Counts), row: &Row) {
    let mut filter = parse(&row.link);
    let above = match kind {
        Kind::Count | Kind::Ratio => row.numerator,
        Kind::Mean | Kind::Median | Kind::P90 => row.denominator,
    };
    for (side, expected) in [(Side::Above, above), (Side::Below, row.denominator.or(row.numerator))] {
        filter.side = side;
        let (cx, asked) = (world.cx(viewer.clone()), filter.clone());
        let (total, listed, cases) = world
            .db
            .read_now(move |tx| {
                let (total, rows) = service::records(tx, &cx, &asked, 0, 1_000)?;
                let mut list = Query::new("select count(*) from cases c");
                cx.actor.scope("stats.read").restrict(&mut list);
                let cases = match service::restrict(&mut list, tx.dialect(), &cx, &asked) {
                    Ok(()) => tx.list(&list, |row| row.get::<i64>(0))?.first().copied(),
                    Err(_) => None,
                };
                Ok((total, rows.len(), cases))
            })
            .unwrap_or_else(|e| panic!("{}: {e}", row.link));
        assert_eq!((Some(total), i64::try_from(listed).ok()), (expected, expected), "{}", row.link);
        assert_eq!(cases.is_some(), counts == Counts::Cases);
        assert!(cases.is_none() || cases == expected, "{}: {cases:?}", row.link);
    }
}

/// Reads an address back as a browser's form would be read.
fn parse(link: &str) -> FigureFilter {
    let mut filter = FigureFilter::default();
    for pair in link.split('&') {
        let (name, value) = pair.split_once('=').expect("a pair");
        let mut bytes = Vec::new();
        let mut rest = value.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        let value = String::from_utf8(bytes).unwrap();
        match name {
            "figure" => filter.figure = value,
            "from" => filter.from = Some(value),
            "to" => filter.to = Some(value),
            "by" => filter.by = Some(value),
            "key" => filter.key = Some(value),
            "place" => filter.place = Some(value),
            "where" => filter.filter = Some(value),
            other => panic!("{other}"),
        }
    }
    filter
}

both!(a_viewer_counts_only_what_they_may_see, |db| {
    let world = world(db);
    let closed = |actor: &Actor| world.figure(actor, "demand.closed", &march()).rows[0].numerator;
    let office = [("stats.read", Reach::Office)];
    // Without the right over petitions 17 is not there; a member of unit A does not see the complaint about it.
    assert_eq!(closed(&staff(&office, 99)), Some(4));
    assert_eq!(closed(&staff(&office, UNIT_A)), Some(3));
    assert_eq!(closed(&staff(&[office[0], ("demands.read_petition", Reach::Office)], 99)), Some(5));
    let secretary = staff(&[("stats.read", Reach::Community(PlaceId(WILLOW)))], 99);
    assert_eq!(closed(&secretary), Some(1));
    // Her rows are the grids of her own community.
    assert_eq!(
        cells(&world.figure(&secretary, "demand.closed", &by(By::Place))),
        [("999901001001001", Some(1), None)]
    );
    assert_eq!(world.refusal(staff(&[], 99), "demand.closed", &march()), "common.forbidden");
});

both!(what_cannot_be_asked_is_refused_with_its_reason, |db| {
    let world = world(db);
    let system = Actor::system(OFFICE);
    let ask = |change: fn(&mut Ask)| {
        let mut ask = march();
        change(&mut ask);
        ask
    };
    assert_eq!(world.refusal(system.clone(), "demand.unheard_of", &march()), "stats.indicator.unknown");
    assert_eq!(
        world.refusal(system.clone(), "demand.closed", &ask(|a| a.to = Day::parse("2026-02-01"))),
        "stats.period.reversed"
    );
    assert_eq!(
        world.refusal(system.clone(), "demand.closed", &ask(|a| a.place = Some("1".to_owned()))),
        "stats.place.unknown"
    );
    let asked = ask(|a| a.filter = Some("report.party == 1".to_owned()));
    assert_eq!(world.refusal(system.clone(), "demand.received", &asked), "condition.unknown_name");
    assert_eq!(
        world.refusal(system, "demand.closed", &ask(|a| a.filter = Some("case.subject == 'x'".to_owned()))),
        "condition.unknown_name"
    );
});
