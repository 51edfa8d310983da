//! The demonstration: made on both databases, consistent, and the same for the same seed.

use gezhi::config::{Config, DatabaseUrl};
use gezhi::features::demo::{self, Options, check};
use gezhi::installation::Installation;
use kernel::{Clock, Ts};
use store::{Db, Sql, Target, args, both};

const SAID: Sql = Sql::Both("select text, occurred_at from report where office = $1 order by id");

/// An installation in a folder of its own, on the database of the test.
pub fn installation(db: &Db, clock: Clock) -> (tempfile::TempDir, Installation) {
    let dir = tempfile::tempdir().expect("a folder");
    let database_url = match db.target() {
        Target::Sqlite(_) => None,
        Target::Postgres(url) => Some(DatabaseUrl(url.clone())),
    };
    let config = Config { data: dir.path().join("data"), database_url, ..Config::default() };
    let installation = Installation::open(config, clock).expect("an installation");
    (dir, installation)
}

/// A Thursday, shortly before the office closes for lunch.
pub fn noon() -> Clock {
    Clock::fixed(Ts::parse("2026-03-12T11:10:00+08:00").expect("an instant"))
}

/// What people say is drawn by seed; the databases number their rows each in its own way.
fn said(installation: &Installation) -> Vec<(String, Ts)> {
    let office = installation.offices()[0].id;
    let read =
        move |tx: &mut store::Tx<'_>| tx.query(&SAID, args![office], |row| Ok((row.get(0)?, row.get(1)?)));
    installation.db.read_now(read).expect("reports")
}

both!(the_small_demonstration_is_whole_and_no_rule_forbids_a_step_of_it, |db| {
    let (_dir, installation) = installation(&db, noon());
    assert!(!demo::is_made(&installation).unwrap());
    let made = demo::make(&installation, Options { small: true, seed: None }, |_| {}).unwrap();
    assert_eq!(made.refused, Vec::<String>::new());
    assert!(demo::is_made(&installation).unwrap());
    let now = installation.clock.now();
    let found = installation.db.read_now(move |tx| check::check(tx, made.office, now)).unwrap();
    assert_eq!(found.faults, Vec::<String>::new(), "{}", found.table());
    assert!(demo::make(&installation, Options::default(), |_| {}).is_err(), "only in an empty folder");
});

#[test]
fn the_same_seed_gives_the_same_year_and_another_seed_another() {
    let make = |seed| {
        let test = store::testing::sqlite().unwrap();
        let (_dir, installation) = installation(&test.db, noon());
        demo::make(&installation, Options { small: true, seed }, |_| {}).unwrap();
        said(&installation)
    };
    let first = make(Some(5));
    assert!(first == make(Some(5)) && first != make(Some(6)));
}

#[test]
fn at_any_hour_of_any_day_the_small_demonstration_is_whole() {
    for now in [
        "2026-03-14T23:40:00+08:00",
        "2026-02-17T04:00:00+08:00",
        "2025-10-09T08:31:00+08:00",
        "2027-06-01T18:00:00+08:00",
    ] {
        let test = store::testing::sqlite().unwrap();
        let (_dir, installation) = installation(&test.db, Clock::fixed(Ts::parse(now).unwrap()));
        let made = demo::make(&installation, Options { small: true, seed: None }, |_| {}).unwrap();
        assert_eq!(made.refused, Vec::<String>::new(), "{now}");
        let at = installation.clock.now();
        let found = installation.db.read_now(move |tx| check::check(tx, made.office, at)).unwrap();
        assert_eq!(found.faults, Vec::<String>::new(), "{now}\n{}", found.table());
    }
}
