//! Whether everything that was acknowledged is there, once and whole.

use super::house::House;
use super::work::{Ledger, What};
use gezhi::files::Files;
use std::collections::HashMap;
use store::{Db, Options, Sql, Tx};

const REPORTS: Sql = Sql::Both("select id, no, text from report order by id");
const ACTS: Sql = Sql::Both("select stream_id, payload from event where stream = 'case' order by id");
const CASES: Sql = Sql::Both(
    "select c.id, c.no, (select count(*) from report_case r where r.case_id = c.id) from cases c order by c.id",
);
const PICTURES: Sql =
    Sql::Both("select r.no, a.hash from attachment a join report r on r.id = a.report order by a.id");

/// What no run may leave behind, each counted.
const HALVES: [(&str, Sql); 8] = [
    (
        "a report without a case",
        Sql::Both("select count(*) from report r where not exists (select 1 from report_case x where x.report = r.id)"),
    ),
    (
        "a report without its event",
        Sql::Both(
            "select count(*) from report r where not exists
             (select 1 from event e where e.stream = 'report' and e.stream_id = r.id)",
        ),
    ),
    (
        "a case without its first event",
        Sql::Both(
            "select count(*) from cases c where not exists
             (select 1 from event e where e.stream = 'case' and e.stream_id = c.id and e.seq = 1)",
        ),
    ),
    (
        "events of a case that is not there",
        Sql::Both(
            "select count(*) from event e where e.stream = 'case' and not exists
             (select 1 from cases c where c.id = e.stream_id)",
        ),
    ),
    (
        "an open case without a clock",
        Sql::Both(
            "select count(*) from cases c where c.closed_at is null and c.phase = 'received' and c.opened_at > 1785000000000
             and not exists (select 1 from clock k where k.case_id = c.id)",
        ),
    ),
    ("a key without its answer", Sql::Both("select count(*) from idempotency where answer = ''")),
    (
        "a stream whose head is not its last event",
        Sql::Both(
            "select count(*) from stream s where s.seq <>
             (select count(*) from event e where e.office = s.office and e.stream = s.stream and e.stream_id = s.stream_id)",
        ),
    ),
    (
        "a picture of no report and no case",
        Sql::Both(
            "select count(*) from attachment a where not exists (select 1 from report r where r.id = a.report)
             and not exists (select 1 from cases c where c.id = a.case_id)",
        ),
    ),
];

struct Found {
    reports: HashMap<String, Vec<(i64, String)>>,
    acts: HashMap<String, Vec<i64>>,
    cases: HashMap<i64, (String, i64)>,
    pictures: HashMap<String, Vec<String>>,
    halves: Vec<String>,
}

/// The markers in a text.
fn markers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.match_indices("zq").filter_map(|(at, _)| {
        let word = text.get(at..at + 12)?;
        word.ends_with("qz").then(|| word.to_owned())
    })
}

fn read(tx: &mut Tx<'_>) -> store::Result<Found> {
    let mut found = Found {
        reports: HashMap::new(),
        acts: HashMap::new(),
        cases: HashMap::new(),
        pictures: HashMap::new(),
        halves: Vec::new(),
    };
    for (id, no, text) in
        tx.query(&REPORTS, &[], |r| Ok((r.get::<i64>(0)?, r.get::<String>(1)?, r.get::<String>(2)?)))?
    {
        for marker in markers(&text) {
            found.reports.entry(marker).or_default().push((id, no.clone()));
        }
    }
    for (case, payload) in tx.query(&ACTS, &[], |r| Ok((r.get::<i64>(0)?, r.get::<String>(1)?)))? {
        let mut all: Vec<String> = markers(&payload).collect();
        all.sort();
        all.dedup();
        for marker in all {
            found.acts.entry(marker).or_default().push(case);
        }
    }
    for (id, no, reports) in
        tx.query(&CASES, &[], |r| Ok((r.get::<i64>(0)?, r.get::<String>(1)?, r.get::<i64>(2)?)))?
    {
        found.cases.insert(id, (no, reports));
    }
    for (no, hash) in tx.query(&PICTURES, &[], |r| Ok((r.get::<String>(0)?, r.get::<String>(1)?)))? {
        found.pictures.entry(no).or_default().push(hash);
    }
    for (name, sql) in &HALVES {
        let n = tx.value::<i64>(sql, &[])?.unwrap_or(0);
        if n > 0 {
            found.halves.push(format!("{n} times {name}"));
        }
    }
    Ok(found)
}

/// Everything that is not as it must be; empty when all is well.
pub fn prove(house: &House, ledger: &Ledger) -> Vec<String> {
    let options = Options { readers: 1, writers: 1, ..Options::default() };
    let db = Db::open(&house.target(), options).unwrap();
    let found = db.read_now(read).unwrap();
    drop(db);
    let files = Files::open(&house.data().join("files")).unwrap();
    let mut wrong = found.halves.clone();
    for write in &ledger.writes {
        let text =
            |value: &str| write.answer.as_ref().map(|a| a[value].as_str().unwrap_or_default().to_owned());
        let (reports, acts) = (found.reports.get(&write.marker), found.acts.get(&write.marker));
        let times = match write.what {
            What::Act { .. } => acts.map_or(0, Vec::len),
            _ => reports.map_or(0, Vec::len),
        };
        match (write.answer.is_some(), times) {
            (true, 1) => {}
            (true, 0) => wrong.push(format!("LOST {write:?}")),
            (false, 0) if write.refused => {}
            (_, times) => wrong.push(format!("{times} TIMES {write:?}")),
        }
        match &write.what {
            What::Act { case, .. } => {
                if acts.is_some_and(|a| a.iter().any(|c| c.to_string() != *case)) {
                    wrong.push(format!("in another case: {write:?}"));
                }
            }
            What::Report => {
                let case = text("case").and_then(|c| c.parse::<i64>().ok()).and_then(|c| found.cases.get(&c));
                if write.answer.is_some() && case.map(|c| (Some(c.0.clone()), c.1)) != Some((text("no"), 1)) {
                    wrong.push(format!("the case is not there under its number: {write:?} {case:?}"));
                }
                if write.answer.is_some() && reports.map(|r| r[0].0.to_string()) != text("report") {
                    wrong.push(format!("the report is another: {write:?} {reports:?}"));
                }
            }
            What::Picture => {
                let Some(no) = text("no") else { continue };
                let hashes = found.pictures.get(&no).map_or(&[][..], Vec::as_slice);
                if hashes.len() != 1 {
                    wrong.push(format!("{} pictures of {write:?}", hashes.len()));
                }
            }
        }
    }
    // Also of writes that nobody was told of.
    for hash in found.pictures.values().flatten() {
        if let Err(error) = files.get(hash) {
            wrong.push(format!("LOST a picture: {error:#}"));
        }
    }
    let proof = house.run(&["verify", "--json"]);
    if !proof.status.success() {
        wrong.push(format!(
            "gezhi verify: {}{}",
            String::from_utf8_lossy(&proof.stdout),
            String::from_utf8_lossy(&proof.stderr)
        ));
    }
    wrong
}
