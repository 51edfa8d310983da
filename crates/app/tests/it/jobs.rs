//! Background work on both databases: done once, tried again, never twice by two workers, whole after a crash.

use crate::demo::{installation, noon};
use gezhi::features::demo::{self, Options};
use gezhi::features::procedures::rebuild;
use gezhi::installation::{Installation, NewOffice, create_office};
use gezhi::jobs::kinds::{self, Kind};
use gezhi::jobs::schedule::{self, Schedule};
use gezhi::jobs::{Fault, Job, Outcome, enqueue, run_all};
use kernel::{CaseId, Clock, Ts};
use std::sync::Arc;
use store::{Sql, Tx, args, both};

const ADD: Sql = Sql::Both(
    "insert into meta (name, value) values ($1, '1')
     on conflict (name) do update set value = cast(cast(meta.value as bigint) + 1 as text)",
);
const COUNT: Sql = Sql::Both("select value from meta where name = $1");
const DIED: Sql = Sql::Both("update job set state = 'running', attempts = attempts + 1, locked_until = $1");
const STATES: Sql = Sql::Both("select state, attempts, last_error from job order by id");
const KINDS: Sql = Sql::Both("select count(*) from event where office = $1 and kind = $2");
const ONE: Sql = Sql::Both("select count(*) from search_todo");
const MOVED: Sql = Sql::Both("select count(*) from stream where moved");
const PHONES: Sql = Sql::Both("select count(*) from party where office = $1 and phone_index is not null");

fn add(tx: &mut Tx<'_>, name: &str) -> store::Result<()> {
    tx.exec(&ADD, args![name]).map(|_| ())
}

fn counted(installation: &Installation, name: &'static str) -> i64 {
    let text = installation.db.read_now(move |tx| tx.value::<String>(&COUNT, args![name])).unwrap();
    text.map_or(0, |t| t.parse().unwrap())
}

fn number(installation: &Installation, sql: &'static Sql, args: Vec<store::Arg>) -> i64 {
    installation.db.read_now(move |tx| tx.value::<i64>(sql, &args)).unwrap().unwrap()
}

fn states(installation: &Installation) -> Vec<(String, i64, Option<String>)> {
    installation
        .db
        .read_now(|tx| tx.query(&STATES, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
        .unwrap()
}

fn office(installation: &Installation) {
    let vault = Arc::clone(&installation.vault);
    let new = NewOffice {
        code: "999901009".to_owned(),
        name: "青禾街道".to_owned(),
        short: "青禾".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        hours: "08:30-12:00,14:00-17:30".to_owned(),
        locale: "zh-CN".to_owned(),
    };
    let now = installation.clock.now();
    installation.db.write_now(move |tx| create_office(tx, &vault, &new, now)).unwrap();
    installation.reload().unwrap();
}

fn put(installation: &Installation, kind: &'static str, dedup: Option<&'static str>) {
    let (office, now) = (installation.offices()[0].id, installation.clock.now());
    installation.db.write_now(move |tx| enqueue(tx, office, kind, &7, now, dedup)).unwrap();
}

fn later(installation: &Installation, ms: i64) {
    installation.clock.set(installation.clock.now().plus(ms));
}

const TEST_KINDS: &[Kind] = &[
    Kind { name: "test.count", run: count },
    Kind { name: "test.second", run: second_time },
    Kind { name: "test.panic", run: panics },
    Kind { name: "test.never", run: never },
    // Laid by a schedule of the product.
    Kind { name: kinds::HEADS, run: nothing },
];

fn nothing(_: &Installation, _: &Job) -> Outcome {
    Ok(())
}

fn count(installation: &Installation, job: &Job) -> Outcome {
    assert_eq!(job.read::<i64>()?, 7);
    installation.db.write_now(|tx| add(tx, "count"))?;
    Ok(())
}

fn second_time(installation: &Installation, job: &Job) -> Outcome {
    if job.attempts < 2 {
        return Err(Fault::Retry(anyhow::anyhow!("not yet")));
    }
    count(installation, job)
}

fn panics(_: &Installation, _: &Job) -> Outcome {
    panic!("as a test asked")
}

fn never(_: &Installation, _: &Job) -> Outcome {
    Err(Fault::GiveUp(anyhow::anyhow!("never")))
}

both!(a_job_is_done_once_and_one_that_waits_already_is_not_laid_again, |db| {
    let (_dir, it) = installation(&db, noon());
    office(&it);
    put(&it, "test.count", Some("a"));
    put(&it, "test.count", Some("a"));
    put(&it, "test.count", Some("b"));
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!(counted(&it, "count"), 2);
    assert!(states(&it).is_empty(), "done jobs are taken off");
    put(&it, "test.count", Some("a"));
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!(counted(&it, "count"), 3, "what is done may be laid anew");
});

both!(a_job_whose_worker_died_is_done_when_its_lease_has_run_out, |db| {
    let (_dir, it) = installation(&db, noon());
    office(&it);
    put(&it, "test.count", None);
    let until = it.clock.now().plus(60 * Ts::SECOND);
    it.db.write_now(move |tx| tx.exec(&DIED, args![until])).unwrap();
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!(counted(&it, "count"), 0, "somebody has it");
    later(&it, 61 * Ts::SECOND);
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!((counted(&it, "count"), states(&it)), (1, vec![]));
});

both!(a_fault_is_tried_again_after_a_pause_and_a_panic_is_a_fault, |db| {
    let (_dir, it) = installation(&db, noon());
    office(&it);
    put(&it, "test.second", None);
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!((counted(&it, "count"), states(&it)[0].0.as_str()), (0, "ready"));
    later(&it, 5 * Ts::SECOND);
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!(counted(&it, "count"), 0, "the pause is at least ten seconds");
    later(&it, 10 * Ts::SECOND);
    run_all(&it, TEST_KINDS).unwrap();
    assert_eq!((counted(&it, "count"), states(&it)), (1, vec![]));

    put(&it, "test.panic", None);
    for _ in 0..20 {
        run_all(&it, TEST_KINDS).unwrap();
        later(&it, 2 * Ts::HOUR);
    }
    let (state, attempts, error) = states(&it).remove(0);
    assert_eq!((state.as_str(), attempts), ("failed", 8));
    assert!(error.unwrap().contains("as a test asked"));

    put(&it, "test.never", None);
    run_all(&it, TEST_KINDS).unwrap();
    assert!(states(&it).iter().any(|(s, n, _)| s == "failed" && *n == 1), "given up at once");
});

fn slow(tx: &mut Tx<'_>, _: &schedule::Work<'_>) -> store::Result<bool> {
    add(tx, "fired")?;
    std::thread::sleep(std::time::Duration::from_millis(5));
    Ok(false)
}

fn always(_: &mut Tx<'_>, _: &schedule::Work<'_>) -> store::Result<bool> {
    Ok(true)
}

both!(two_workers_do_not_fire_a_schedule_twice, |db| {
    let (_dir, it) = installation(&db, noon());
    office(&it);
    let every = 10 * Ts::SECOND;
    let test = [Schedule { name: "test.slow", every, each: true, waits: always, run: slow }];
    for round in 1..=12 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| schedule::tick(&it, &test).unwrap());
            }
        });
        assert_eq!(counted(&it, "fired"), round);
        later(&it, every);
    }
});

fn half(tx: &mut Tx<'_>, _: &schedule::Work<'_>) -> store::Result<bool> {
    add(tx, "half")?;
    let times = tx.value::<String>(&COUNT, args!["tries"])?;
    match times {
        None => Err(store::Error::failed("cut off in the middle")),
        Some(_) => Ok(false),
    }
}

both!(a_schedule_that_breaks_off_leaves_nothing_and_is_tried_again_at_once, |db| {
    let (_dir, it) = installation(&db, noon());
    office(&it);
    let test = [Schedule { name: "test.half", every: Ts::HOUR, each: true, waits: always, run: half }];
    schedule::tick(&it, &test).unwrap();
    assert_eq!(counted(&it, "half"), 0, "rolled back whole");
    it.db.write_now(|tx| add(tx, "tries")).unwrap();
    schedule::tick(&it, &test).unwrap();
    assert_eq!(counted(&it, "half"), 1, "without waiting for its next hour");
});

both!(weeks_later_warnings_are_written_streams_sealed_texts_indexed_and_phones_forgotten, |db| {
    let (_dir, it) = installation(&db, noon());
    let made = demo::make(&it, Options { small: true, seed: None }, |_| {}).unwrap();
    let office = made.office;
    let alarms = || number(&it, &KINDS, args![office, "case.alarm"].to_vec());
    let (before, phones) = (alarms(), number(&it, &PHONES, args![office].to_vec()));
    later(&it, 3 * Ts::DAY);
    run_all(&it, kinds::ALL).unwrap();
    let after = alarms();
    assert!(after > before, "{before} {after}");
    later(&it, Ts::MINUTE);
    run_all(&it, kinds::ALL).unwrap();
    assert_eq!(alarms(), after, "each is written once");
    later(&it, 150 * Ts::DAY);
    run_all(&it, kinds::ALL).unwrap();
    assert_eq!(number(&it, &ONE, vec![]), 0, "all texts are in the index");
    assert_eq!(number(&it, &MOVED, vec![]), 0, "all streams are sealed");
    let left = number(&it, &PHONES, args![office].to_vec());
    assert!(left > 0 && left < phones / 2, "{left} of {phones}: those of open cases stay");
    let (_, differences) = it.db.read_now(move |tx| rebuild::compare(tx, office, CaseId(0), 500)).unwrap();
    assert_eq!(differences, vec![]);
    assert!(
        it.config.data.join("heads").read_dir().unwrap().next().is_some(),
        "heads lie ready to leave the machine"
    );
});

#[test]
fn a_worker_ends_when_it_is_told_to() {
    let test = store::testing::sqlite().unwrap();
    let (_dir, it) = installation(&test.db, Clock::System);
    let worker = gezhi::jobs::Worker::start(&Arc::new(Box::new(it))).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(30));
    drop(worker);
}
