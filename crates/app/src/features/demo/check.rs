//! Whether a demonstration is whole: rows are what the events say, every phase is there, no clock runs on in a
//! closed case, and the shares are those of an office and not of a random number.

use super::store as rows;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::rebuild;
use ::store::{Result, Sql, Tx, args};
use kernel::{CaseId, OfficeId, Ts};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Cases compared in one read.
const AT_A_TIME: i64 = 200;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What is wrong; empty for a whole demonstration.
    pub faults: Vec<String>,
    /// Counts by group and key, for the table.
    pub counts: BTreeMap<&'static str, BTreeMap<String, i64>>,
}

impl Found {
    /// One count; 0 when there is none.
    #[must_use]
    pub fn count(&self, group: &str, key: &str) -> i64 {
        self.counts.get(group).and_then(|g| g.get(key)).copied().unwrap_or(0)
    }

    /// All counts as lines of a table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::new();
        for (group, counts) in &self.counts {
            let total: i64 = counts.values().sum();
            for (key, n) in counts {
                let share = if total == 0 { 0 } else { n * 1_000 / total };
                let _ = writeln!(out, "{group:<10} {key:<28} {n:>7} {:>4}.{} %", share / 10, share % 10);
            }
        }
        out
    }
}

/// Looks at everything. Reads only.
///
/// # Errors
/// When the database refuses.
pub fn check(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Found> {
    let mut found = Found::default();
    let mut after = CaseId(0);
    loop {
        let (last, differences) = rebuild::compare(tx, office, after, AT_A_TIME)?;
        found
            .faults
            .extend(differences.iter().map(|d| format!("{} {}: {} / {}", d.case, d.table, d.events, d.row)));
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    for (group, sql) in [
        ("phase", &rows::BY_PHASE),
        ("channel", &rows::BY_CHANNEL),
        ("class", &rows::BY_CLASS),
        ("ended", &rows::BY_ENDED),
        ("event", &rows::BY_EVENT),
    ] {
        found.counts.insert(group, grouped(tx, sql, office)?);
    }
    let ratings = tx.query(&rows::RATINGS, args![office], |row| {
        Ok((row.get::<i64>(0)?.to_string(), row.get::<i64>(1)?))
    })?;
    found.counts.insert("rating", ratings.into_iter().collect());
    let (ended, late) = tx
        .opt(&rows::LATE, args![office], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?
        .unwrap_or((0, 0));
    found.counts.insert("handled", [("in time".to_owned(), ended - late), ("late".to_owned(), late)].into());
    let one = |tx: &mut Tx<'_>, sql: &Sql| {
        Ok::<i64, ::store::Error>(tx.value::<i64>(sql, args![office])?.unwrap_or(0))
    };
    let overdue = tx.value::<i64>(&rows::OVERDUE_NOW, args![office, now])?.unwrap_or(0);
    let others = [
        ("entered for a unit".to_owned(), one(tx, &rows::ENTERED_FOR)?),
        ("upper links".to_owned(), one(tx, &rows::UPPER)?),
        ("overdue now".to_owned(), overdue),
    ];
    found.counts.insert("other", others.into());
    let running = one(tx, &rows::OPEN_CLOCKS_OF_CLOSED)?;
    if running > 0 {
        found.faults.push(format!("{running} clocks run on in cases that are over"));
    }
    let last = tx.value::<Option<Ts>>(&rows::LAST_EVENT, args![office])?.flatten();
    if last.is_some_and(|last| last > now) {
        found.faults.push("something is recorded in the future".to_owned());
    }
    presence(&mut found);
    shares(&mut found);
    Ok(found)
}

fn grouped(tx: &mut Tx<'_>, sql: &Sql, office: OfficeId) -> Result<BTreeMap<String, i64>> {
    let rows = tx.query(sql, args![office], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// What a demonstration must hold at least once.
fn presence(found: &mut Found) {
    let phases = Phase::ALL.map(|p| ("phase", p.as_str()));
    let ends =
        ["answered", "thanks", "on_spot", "merged", "withdrawn", "void", "refused"].map(|e| ("ended", e));
    let acts = [
        "case.return",
        "case.uphold_return",
        "case.reject_return",
        "case.ask_extension",
        "case.grant_extension",
        "case.refuse_extension",
        "case.grant_pause",
        "case.resume",
        "case.shelve",
        "case.unshelve",
        "case.supervise",
        "case.fail",
        "case.pass",
        "case.call_missed",
        "case.call_close",
        "case.call_reopen",
        "case.close",
        "case.reopen",
        "case.urge",
        "case.supplement",
        "case.redispatch",
        "case.send_back",
        "case.split",
        "case.finish_co",
        "report.rated",
        "report.revealed",
    ]
    .map(|e| ("event", e));
    let others = [
        ("class", "petition"),
        ("class", "report"),
        ("other", "entered for a unit"),
        ("other", "upper links"),
        ("other", "overdue now"),
    ];
    for (group, key) in phases.into_iter().chain(ends).chain(acts).chain(others) {
        if found.count(group, key) == 0 {
            found.faults.push(format!("there is no {group} {key}"));
        }
    }
}

/// Shares that would look wrong to somebody from the field.
fn shares(found: &mut Found) {
    let total: i64 = Phase::ALL.iter().map(|p| found.count("phase", p.as_str())).sum();
    let open: i64 = Phase::ALL.iter().filter(|p| p.is_open()).map(|p| found.count("phase", p.as_str())).sum();
    let (late, in_time) = (found.count("handled", "late"), found.count("handled", "in time"));
    let returned = found.count("event", "case.return");
    let mut most = |what: &str, n: i64, of: i64, per_mille: i64| {
        if n * 1_000 > of.max(1) * per_mille {
            found.faults.push(format!("too many {what}: {n} of {of}"));
        }
    };
    // The small one is mostly work in hand.
    let small = total < 500;
    most("open cases", open, total, if small { 600 } else { 100 });
    most("late ones", late, late + in_time, 150);
    most("returns", returned, total, if small { 150 } else { 60 });
}
