//! The log, the seal, and the proof: each kind of tampering is done by raw SQL and must be found.

use crate::given::{self, MANHOLE, World};
use gezhi::actor::Actor;
use gezhi::events::{self, Stream};
use gezhi::features::audit::heads::{self, Heads};
use gezhi::features::audit::model::{Damage, LogFilter, Proof};
use gezhi::features::audit::seal::{self, seal};
use gezhi::features::audit::service as audit;
use gezhi::features::audit::verify::verify;
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::{numbers, service};
use kernel::{CaseId, ReportId};
use store::{Db, Sql, both};

fn seed() -> [u8; 32] {
    gezhi::crypto::Vault::new([7; 32]).signing_seed()
}

/// Two cases with a few events each, one of them with a look at the contact, all sealed.
fn history(world: &World) -> (CaseId, ReportId) {
    let report = |no: &str| given::report(no, "abcd2345", "雨水井盖破了");
    let mut made = Vec::new();
    for (i, minute) in ["10:00", "10:10"].into_iter().enumerate() {
        let cx = world.cx(given::intake(), &format!("2026-03-12 {minute}"));
        let made_ = world.db.write_now(move |tx| {
            let series = numbers::Series::Demand;
            let no = numbers::take_in(tx, cx.office.id, &cx.office.short, series, cx.today())?;
            let received = intake::receive(tx, &cx, &report(&no))?;
            let input = Input { matter: Some(MANHOLE), subject: Some(Subject::None), ..Input::default() };
            service::act(
                tx,
                &cx,
                &Ask { case: received.case, action: "accept".to_owned(), version: None, input },
            )?;
            if i == 0 {
                intake::reveal(tx, &cx, received.case, received.report, "核对地址")?;
            }
            Ok((received.case, received.report))
        });
        made.push(made_.unwrap());
    }
    seal_all(&world.db, "2026-03-12 10:20");
    made[0]
}

fn seal_all(db: &Db, now: &str) {
    let now = given::at(now);
    while db.write_now(move |tx| seal(tx, seed(), now)).unwrap().is_some() {}
}

fn prove(db: &Db, outside: Option<Heads>) -> Proof {
    db.read_now(move |tx| verify(tx, seed(), outside.as_ref(), &mut |_| {})).unwrap()
}

fn raw(db: &Db, sql: &'static str) {
    db.write_now(move |tx| tx.exec(&Sql::Both(sql), &[])).unwrap();
}

/// Runs raw SQL on a sealed history and gives the kinds of damage found.
fn damage(db: &Db, sql: &[&'static str]) -> Vec<Damage> {
    let world = given::world(db.clone());
    history(&world);
    let proof = prove(db, None);
    assert!(proof.is_clean(), "before the tampering: {:?}", proof.findings);
    for one in sql {
        raw(db, one);
    }
    let mut found: Vec<Damage> = prove(db, None).findings.iter().map(|f| f.damage).collect();
    found.sort_unstable();
    found.dedup();
    found
}

both!(an_untouched_history_is_proven_and_its_unused_number_told, |db| {
    let world = given::world(db);
    history(&world);
    let cx = world.cx(Actor::system(given::OFFICE), "2026-03-12 11:00");
    world
        .db
        .write_now(move |tx| {
            numbers::take_in(tx, cx.office.id, "青禾", numbers::Series::Petition, cx.today())
        })
        .unwrap();
    let proof = prove(&world.db, None);
    assert!(proof.is_clean(), "{:?}", proof.findings);
    assert_eq!((proof.cases, proof.blocks, proof.waiting), (2, 1, 0));
    assert!(proof.events >= 6, "{proof:?}");
    assert_eq!(proof.unused, ["青禾-20260312-X0001"]);
});

both!(a_changed_byte_of_an_event_is_found, |db| {
    let sql =
        "update event set payload = replace(payload, '核对地址', '核对电话') where kind = 'report.revealed'";
    assert_eq!(damage(&db, &[sql]), [Damage::Changed]);
});

both!(a_changed_actor_of_an_event_is_found, |db| {
    assert_eq!(
        damage(&db, &["update event set account = 9 where kind = 'report.revealed'"]),
        [Damage::Changed]
    );
});

both!(a_removed_event_in_the_middle_leaves_a_gap, |db| {
    let sql =
        "delete from event where stream = 'case' and seq = 1 and stream_id = (select min(id) from cases)";
    let found = damage(&db, &[sql]);
    assert!(found.contains(&Damage::Gap), "{found:?}");
});

both!(a_cut_tail_is_found_by_the_head_and_by_the_block, |db| {
    const CUT: &str = "delete from event where kind = 'report.revealed'";
    assert_eq!(damage(&db, &[CUT]), [Damage::Cut]);
    // Who also mends the head is still found by the block.
    raw(
        &db,
        "update stream set seq = seq - 1, hash = (select e.hash from event e where e.office = stream.office
        and e.stream = stream.stream and e.stream_id = stream.stream_id and e.seq = stream.seq - 1)
        where stream = 'report' and not exists (select 1 from event e where e.office = stream.office
        and e.stream = stream.stream and e.stream_id = stream.stream_id and e.seq = stream.seq)",
    );
    let found = prove(&db, None).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].damage, Damage::Cut);
    assert!(found[0].text.contains("sealed up to event 2"), "{}", found[0].text);
});

both!(a_removed_case_is_found_even_when_every_row_of_it_is_gone, |db| {
    let sql = [
        "delete from event where stream = 'case' and stream_id = (select min(id) from cases)",
        "delete from stream where stream = 'case' and stream_id = (select min(id) from cases)",
        "delete from clock where case_id = (select min(id) from cases)",
        "delete from report_case where case_id = (select min(id) from cases)",
        "delete from cases where id = (select min(id) from cases)",
    ];
    assert_eq!(damage(&db, &sql), [Damage::Removed]);
    assert_eq!(prove(&db, None).unused, ["青禾-20260312-0001"]);
});

both!(a_row_that_people_query_is_held_against_its_events, |db| {
    assert_eq!(
        damage(&db, &["update cases set returns = 3 where id = (select min(id) from cases)"]),
        [Damage::Projection]
    );
    let proof = prove(&db, None);
    assert!(proof.findings[0].text.contains("table cases"), "{}", proof.findings[0].text);
});

both!(a_case_row_without_events_is_found, |db| {
    let copy = "update cases set id = 5 where id = (select min(id) from cases)";
    let found = damage(&db, &[copy]);
    assert_eq!(found, [Damage::Projection]);
    assert!(prove(&db, None).findings.iter().any(|f| f.text.contains("has no events")));
});

both!(a_history_rewritten_with_right_hashes_is_found_by_its_block, |db| {
    let world = given::world(db.clone());
    let (_, report) = history(&world);
    // The last event is replaced by another with a right hash, and so is the head: only the block knows.
    world
        .db
        .write_now(move |tx| {
            let list = events::list(tx, given::OFFICE, Stream::Report, report.0)?;
            let mut last = list[1].clone();
            last.payload = last.payload.replace("核对地址", "核对电话");
            last.hash = events::hash(&list[0].hash, &last);
            let put = Sql::Both("update event set payload = $1, hash = $2 where id = $3");
            tx.exec(&put, store::args![&last.payload, last.hash.to_vec(), last.id])?;
            let head = Sql::Both("update stream set hash = $1 where stream = 'report' and stream_id = $2");
            tx.exec(&head, store::args![last.hash.to_vec(), report.0])
        })
        .unwrap();
    let found = prove(&db, None).findings;
    assert_eq!(found.iter().map(|f| f.damage).collect::<Vec<_>>(), [Damage::Rewritten], "{found:?}");
});

both!(a_changed_or_missing_block_is_found, |db| {
    assert_eq!(
        damage(&db, &["update block set heads = replace(heads, 'case', 'cose')"]).first(),
        Some(&Damage::Removed)
    );
    raw(&db, "update block set heads = replace(heads, 'cose', 'case')");
    assert!(prove(&db, None).is_clean());
    raw(&db, "update block set at = at + 1");
    let proof = prove(&db, None);
    assert_eq!(proof.findings[0].damage, Damage::Block, "{:?}", proof.findings);
    raw(&db, "update block set at = at - 1, signature = hash");
    assert_eq!(prove(&db, None).findings[0].damage, Damage::Signature);
    raw(&db, "delete from block");
    assert!(prove(&db, None).findings.iter().all(|f| f.damage == Damage::Unsealed));
});

both!(a_block_of_another_key_is_found, |db| {
    let world = given::world(db.clone());
    history(&world);
    let foreign = db.read_now(|tx| verify(tx, [9; 32], None, &mut |_| {})).unwrap();
    assert_eq!(foreign.findings[0].damage, Damage::Signature);
    assert!(foreign.findings[0].text.contains(&seal::public_key(&seed())));
});

both!(an_outside_copy_finds_what_an_insider_with_the_key_rewrote, |db| {
    let world = given::world(db.clone());
    history(&world);
    let now = given::at("2026-03-12 12:00");
    let daily = db.read_now(move |tx| heads::take(tx, seed(), now, false)).unwrap();
    let full = db.read_now(move |tx| heads::take(tx, seed(), now, true)).unwrap();
    assert!(daily.heads.is_empty());
    assert_eq!(full.heads.len(), 4, "two cases, two reports");
    assert!(prove(&db, Some(daily.clone())).is_clean());
    assert!(prove(&db, Some(full.clone())).is_clean());
    // The insider cuts the look at the contact, mends the head, and seals anew with the right key.
    raw(&db, "delete from event where kind = 'report.revealed'");
    raw(
        &db,
        "update stream set moved = true, seq = (select max(e.seq) from event e where e.office = stream.office
        and e.stream = stream.stream and e.stream_id = stream.stream_id), hash = (select e.hash from event e
        where e.office = stream.office and e.stream = stream.stream and e.stream_id = stream.stream_id
        order by e.seq desc limit 1)",
    );
    raw(&db, "delete from block");
    seal_all(&db, "2026-03-12 10:20");
    assert!(prove(&db, None).is_clean(), "from inside nothing shows");
    let found = prove(&db, Some(daily)).findings;
    assert!(found.iter().any(|f| f.text.contains("history was rewritten")), "{found:?}");
    let found = prove(&db, Some(full)).findings;
    assert!(found.iter().all(|f| f.damage == Damage::Outside));
    assert!(found.iter().any(|f| f.text.contains("is not in the database")), "{found:?}");
});

both!(only_streams_that_moved_are_sealed_and_blocks_are_chained, |db| {
    let world = given::world(db.clone());
    history(&world);
    let now = given::at("2026-03-12 13:00");
    assert!(db.write_now(move |tx| seal(tx, seed(), now)).unwrap().is_none(), "nothing moved");
    let cx = world.cx(Actor::system(given::OFFICE), "2026-03-12 13:00");
    db.write_now(move |tx| events::append(tx, &cx, Stream::Unit, 11, "people.set_unit_active", &true))
        .unwrap();
    assert_eq!(prove(&db, None).waiting, 1);
    let sealed = db.write_now(move |tx| seal(tx, seed(), now)).unwrap().unwrap();
    assert_eq!((sealed.block, sealed.heads), (2, 1));
    let proof = prove(&db, None);
    assert!(proof.is_clean(), "{:?}", proof.findings);
    assert_eq!((proof.blocks, proof.waiting), (2, 0));
});

#[test]
fn a_worker_seals_what_moved_and_writes_the_days_file_once() {
    let dir = tempfile::tempdir().unwrap();
    let test = store::testing::sqlite().unwrap();
    let world = given::world(test.db.clone());
    let now = given::at("2026-03-12 10:00");
    let today = now.day(&world.office.tz);
    let cx = world.cx(Actor::system(given::OFFICE), "2026-03-12 10:00");
    let write =
        move |tx: &mut store::Tx<'_>| events::append(tx, &cx, Stream::Unit, 11, "people.change_unit", &1);
    test.db.write_now(write.clone()).unwrap();
    assert_eq!(seal::tick(&test.db, seed(), dir.path(), now, today).unwrap(), 1);
    let first = Heads::read(&Heads::daily_path(dir.path(), today)).unwrap();
    assert_eq!(first.block.as_ref().unwrap().seq, 1);
    test.db.write_now(write).unwrap();
    assert_eq!(seal::tick(&test.db, seed(), dir.path(), now.plus(5_000), today).unwrap(), 1);
    assert_eq!(
        Heads::read(&Heads::daily_path(dir.path(), today)).unwrap(),
        first,
        "the morning's file stands"
    );
    assert_eq!(seal::tick(&test.db, seed(), dir.path(), now, today.plus(1)).unwrap(), 0);
    let second = Heads::read(&Heads::daily_path(dir.path(), today.plus(1))).unwrap();
    assert_eq!(second.block.unwrap().seq, 2);
    assert!(prove(&test.db, Some(first)).is_clean());
}

#[test]
fn a_copy_survives_the_way_through_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let test = store::testing::sqlite().unwrap();
    let world = given::world(test.db.clone());
    history(&world);
    let now = given::at("2026-03-12 12:00");
    let copy = test.db.read_now(move |tx| heads::take(tx, seed(), now, true)).unwrap();
    let path = Heads::daily_path(dir.path(), now.day(&world.office.tz));
    copy.write(&path).unwrap();
    assert!(path.ends_with("heads/20260312.json"));
    assert_eq!(Heads::read(&path).unwrap(), copy);
    std::fs::write(&path, "{}").unwrap();
    assert!(Heads::read(&path).is_err());
}

both!(the_auditor_finds_who_looked_when_and_why_and_nobody_else_reads_the_log, |db| {
    let world = given::world(db);
    let (case, _) = history(&world);
    let auditor = world.cx(given::desk(7, &["audit.read"]), "2026-03-13 09:00");
    let admin = world.cx(given::desk(8, &["people.edit"]), "2026-03-13 09:00");
    let refused = world.db.read_now(move |tx| audit::log(tx, &admin, &LogFilter::default())).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code, "common.forbidden");
    world
        .db
        .write_now(move |tx| {
            let looks = audit::log(tx, &auditor, &LogFilter { reveals: true, ..LogFilter::default() })?;
            assert_eq!(looks.len(), 1);
            assert_eq!((looks[0].detail.as_str(), looks[0].kind.as_str()), ("核对地址", "report.revealed"));
            assert_eq!(looks[0].recorded_at, given::at("2026-03-12 10:00"));
            assert_eq!(looks[0].about.as_deref(), Some("青禾-20260312-0001"));
            let all = audit::log(tx, &auditor, &LogFilter::default())?;
            assert!(
                all.iter().all(|row| !row.detail.contains("井盖")),
                "what was said is not for the auditor"
            );
            assert!(all.is_sorted_by(|a, b| (a.recorded_at, a.id) >= (b.recorded_at, b.id)));
            let second = LogFilter { before: Some((all[0].recorded_at, all[0].id)), ..LogFilter::default() };
            assert_eq!(audit::log(tx, &auditor, &second)?, all[1..]);
            let one = LogFilter { case_no: Some(" 青禾-20260312-0001 ".into()), ..LogFilter::default() };
            let one = audit::log(tx, &auditor, &one)?;
            assert!(one.iter().any(|row| row.stream == "report") && one.len() < all.len());
            assert!(one.iter().filter(|row| row.stream == "case").all(|row| row.stream_id == case.0));
            let kind = |kind: &str| LogFilter { kind: Some(kind.into()), ..LogFilter::default() };
            assert_eq!(audit::log(tx, &auditor, &kind("report.revealed"))?.len(), 1);
            assert_eq!(audit::log(tx, &auditor, &kind("report."))?.len(), 3);
            assert_eq!(audit::log(tx, &auditor, &kind("rep."))?.len(), 0);
            let later = LogFilter { from: Some(kernel::Day(20_260_313)), ..LogFilter::default() };
            assert_eq!(audit::log(tx, &auditor, &later)?.len(), 0);
            let no_case = LogFilter { case_no: Some("x".into()), ..LogFilter::default() };
            assert_eq!(
                audit::log(tx, &auditor, &no_case).unwrap_err().refusal().unwrap().code,
                "audit.log.no_case"
            );
            assert_eq!(audit::export(tx, &auditor, &LogFilter::default())?.len(), all.len());
            let taken = audit::log(tx, &auditor, &kind("audit.export"))?;
            assert!(taken[0].detail.contains(&format!("rows: {}", all.len())), "{}", taken[0].detail);
            Ok(())
        })
        .unwrap();
});
