//! A backup taken while clients write: restored elsewhere, it holds everything that was acknowledged before it began.

use super::cluster::{self, Cluster};
use super::house::House;
use super::proof::prove;
use super::work::{self, Ledger};
use std::time::Instant;

/// Saves while clients write, and tells when it began and which writes were acknowledged before.
fn saved_under_load(house: &mut House, save: impl FnOnce(&House)) -> Ledger {
    house.start();
    let mut ledger = Ledger::default();
    let mut began = Instant::now();
    let wait = ledger.waiting();
    work::during(&house.desk(), &mut ledger, || {
        wait(40);
        began = Instant::now();
        save(house);
        wait(5);
    });
    let all = ledger.writes.len();
    ledger.writes.retain(|write| write.answered.is_some_and(|at| at < began));
    assert!(
        ledger.writes.len() > 10 && ledger.writes.len() < all,
        "{} of {all} before it",
        ledger.writes.len()
    );
    ledger
}

#[test]
fn a_backup_under_load_holds_what_was_acknowledged_before_it_began() {
    let mut house = House::new(None, false);
    let ledger = saved_under_load(&mut house, |house| drop(house.good(&["backup", "b.zip"])));
    let restored = house.restored("b.zip", None);
    assert_eq!(prove(&restored, &ledger), Vec::<String>::new());
    // Not over an office, be it this one or the one that runs.
    for data in [restored.data(), house.data()] {
        let said = house.bad(&["restore", "b.zip", "--data", data.to_str().unwrap()]);
        assert!(said.contains("is not empty"), "{said}");
    }
    house.kill();
    house.start();
    assert_eq!(prove(&house, &ledger), Vec::<String>::new());
}

#[test]
fn a_dump_of_postgresql_and_a_backup_under_load_hold_what_was_acknowledged_before_they_began() {
    let (Some(_), Some(binaries)) = (std::env::var_os("TEST_PG_URL"), cluster::binaries()) else {
        println!("skipped: no PostgreSQL (cargo xtask test starts one)");
        return;
    };
    let mut cluster = Cluster::start_new(&binaries, None);
    cluster.next_database();
    let mut house = House::new(Some(&cluster), false);
    let dump = house.path("gezhi.dump");
    let from = cluster.url();
    // In the order of docs/backup.md.
    let ledger = saved_under_load(&mut house, |house| {
        cluster.tool("pg_dump", &["--format=custom", &from], Some(&dump));
        house.good(&["backup", "photos.zip"]);
    });
    cluster.next_database();
    cluster.tool("pg_restore", &[&format!("--dbname={}", cluster.url()), dump.to_str().unwrap()], None);
    let restored = house.restored("photos.zip", Some(cluster.url()));
    assert_eq!(prove(&restored, &ledger), Vec::<String>::new());
}
