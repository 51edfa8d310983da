//! Nothing that was acknowledged is lost, doubled or half there: the program itself, on a folder of its own, is killed
//! while clients write to it, with the database's own processes where there are any; or its disk loses whatever no fsync
//! has made safe. `cargo xtask crash` runs the same with more rounds.

mod cluster;
pub mod disk;
mod house;
mod proof;
mod saved;
mod weather;
mod work;

use cluster::Cluster;
use disk::Disk;
use house::House;
use std::time::Duration;
use work::Ledger;

/// Offices grow old after so many rounds, so that the proof does not take longer and longer.
const ROUNDS_PER_HOUSE: u64 = 25;

/// A small generator with a seed, so that the moments of a run can be had again, as far as threads allow it.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// What a run is asked for; `cargo xtask crash` says it by the environment.
struct Plan {
    rounds: u64,
    seed: u64,
    power_cut: bool,
}

impl Plan {
    fn of(name: &str) -> Plan {
        let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse().ok());
        let seed = number("CRASH_SEED").unwrap_or_else(|| {
            let drawn: [u8; 4] = gezhi::crypto::random().unwrap();
            u64::from(u32::from_le_bytes(drawn))
        });
        println!("{name}: seed {seed}");
        Plan { rounds: number("CRASH_ROUNDS").unwrap_or(3), seed, power_cut: false }
    }
}

/// Rounds of work, blow, restart, retry and proof.
fn run(plan: &Plan, mut cluster: Option<Cluster>) {
    let mut dice = Dice::new(plan.seed);
    let mut ledger = Ledger::default();
    let mut house = None;
    for round in 0..plan.rounds {
        if round % ROUNDS_PER_HOUSE == 0 {
            drop(house.take());
            if let Some(cluster) = &mut cluster {
                cluster.next_database();
            }
            ledger.move_out();
        }
        let house = house.get_or_insert_with(|| House::new(cluster.as_ref(), plan.power_cut));
        let hit = Blow::of(round, plan, cluster.is_some(), &mut dice);
        let mut found = one(house, cluster.as_mut(), hit, plan.power_cut, &mut dice, &mut ledger);
        found.append(&mut proof::prove(house, &ledger));
        assert!(found.is_empty(), "seed {} round {round}: {found:#?}", plan.seed);
        if (round + 1) % 10 == 0 {
            println!("  {}", ledger.told(round + 1));
        }
    }
    println!("{}", ledger.told(plan.rounds));
    assert!(ledger.acknowledged > plan.rounds * 3, "the clients get somewhere: {}", ledger.told(plan.rounds));
}

/// Who is hit.
#[derive(Clone, Copy)]
struct Blow {
    database: bool,
    program: bool,
}

impl Blow {
    /// Each kind once in the first three rounds, then as the dice fall; the power is gone for all.
    fn of(round: u64, plan: &Plan, has_cluster: bool, dice: &mut Dice) -> Blow {
        let kind = if round < 3 { round } else { dice.roll(3) };
        Blow {
            database: has_cluster && (plan.power_cut || kind < 2),
            program: plan.power_cut || !has_cluster || kind > 0,
        }
    }
}

/// One round; gives what went wrong when the clients tried again.
fn one(
    house: &mut House,
    mut cluster: Option<&mut Cluster>,
    hit: Blow,
    power_cut: bool,
    dice: &mut Dice,
    ledger: &mut Ledger,
) -> Vec<String> {
    house.start();
    let span = Duration::from_millis(80 + dice.roll(700));
    let desk = house.desk();
    let blow = || {
        std::thread::sleep(span);
        let cluster = cluster.as_deref_mut().filter(|_| hit.database);
        // The program first half of the time: an answer must not get out before its commit is safe.
        if hit.program && dice.roll(2) == 0 {
            house.kill();
        }
        if let Some(cluster) = cluster {
            cluster.kill();
        }
        if hit.program {
            house.kill();
        }
    };
    work::during(&desk, ledger, blow);
    if power_cut {
        let gone = house.cut_power(dice) + cluster.as_deref_mut().map_or(0, |c| c.cut_power(dice));
        ledger.cut += gone;
    }
    if let Some(cluster) = cluster
        && hit.database
    {
        cluster.start();
    }
    if hit.program && dice.roll(4) == 0 {
        // Killed again while it comes up.
        house.start_and_kill(Duration::from_millis(dice.roll(300)));
    }
    house.start();
    work::again(&desk, ledger, dice)
}

fn postgres(plan: &Plan, name: &str) {
    if std::env::var_os("TEST_PG_URL").is_none() {
        println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)");
        return;
    }
    let Some(binaries) = cluster::binaries() else {
        println!(
            "skipped: `initdb` and `postgres` were not found, and a server on which others work is not killed"
        );
        return;
    };
    let disk = if plan.power_cut {
        let Some(disk) = Disk::new() else { return };
        Some(disk)
    } else {
        None
    };
    println!("{name}: {}", binaries.display());
    run(plan, Some(Cluster::start_new(&binaries, disk)));
}

#[test]
fn whoever_is_killed_on_the_embedded_database_loses_nothing_that_was_acknowledged() {
    run(&Plan::of("killed, SQLite"), None);
}

#[test]
fn whoever_is_killed_on_postgresql_loses_nothing_that_was_acknowledged() {
    postgres(&Plan::of("killed, PostgreSQL"), "PostgreSQL");
}

#[test]
fn a_power_cut_on_the_embedded_database_takes_nothing_that_was_acknowledged() {
    if Disk::new().is_some() {
        run(&Plan { power_cut: true, ..Plan::of("power cut, SQLite") }, None);
    }
}

#[test]
fn a_power_cut_on_postgresql_takes_nothing_that_was_acknowledged() {
    postgres(&Plan { power_cut: true, ..Plan::of("power cut, PostgreSQL") }, "PostgreSQL");
}
