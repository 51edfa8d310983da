//! What was there before: who closed such matters, what is like this, which matters somebody meets most.

use crate::context::Cx;
use kernel::{AccountId, CaseId, MatterId, OfficeId, ReportId, Ts, UnitId};
use std::collections::HashMap;
use store::{Arg, Query, Result, Sql, Tx, args, statements};

statements! {
    BY_NO = Sql::Both("select id from cases where office = $1 and no = $2");
    BY_UPPER = Sql::Both(
        "select case_id from upper_link where office = $1 and number = $2 order by id desc limit 1");
    UPPER_KNOWN = Sql::Both("select 1 from upper_link where office = $1 and system = $2 and number = $3");
    CHILDREN = Sql::Both("select id from cases where office = $1 and parent = $2 order by id");
    MERGED = Sql::Both(
        "select distinct c.id from report_case rc join report_case was on was.office = rc.office and was.report = rc.report
         join cases c on c.office = was.office and c.id = was.case_id
         where rc.office = $1 and rc.case_id = $2 and rc.until_at is null and c.merged_into = $2 order by c.id");
    UPPERS = Sql::Both(
        "select system, number, due_at, id, state, replied_at from upper_link where office = $1 and case_id = $2 order by due_at nulls last, id");
}

/// The case with a number. Not a check of rights.
pub fn case_by_no(tx: &mut Tx<'_>, office: OfficeId, no: &str) -> Result<Option<CaseId>> {
    tx.value(&BY_NO, args![office, no])
}

/// The case that a number of an upper platform is tied to; of several platforms the latest. Not a check of rights.
pub fn case_by_upper(tx: &mut Tx<'_>, office: OfficeId, number: &str) -> Result<Option<CaseId>> {
    tx.value(&BY_UPPER, args![office, number])
}

/// Whether a number of an upper platform is tied to a case already.
pub fn upper_known(tx: &mut Tx<'_>, office: OfficeId, system: &str, number: &str) -> Result<bool> {
    Ok(tx.value::<i64>(&UPPER_KNOWN, args![office, system, number])?.is_some())
}

/// The parts of a split case.
pub fn children(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<CaseId>> {
    tx.query(&CHILDREN, args![office, case], |row| row.get(0))
}

/// The cases whose reports are in this one now.
pub fn merged_here(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<CaseId>> {
    tx.query(&MERGED, args![office, case], |row| row.get(0))
}

/// A record of an upper platform.
#[derive(Clone, Debug)]
pub struct UpperRow {
    pub id: i64,
    pub system: String,
    pub number: String,
    pub due: Option<Ts>,
    pub state: String,
    pub replied_at: Option<Ts>,
}

/// The upper records of a case, the earliest deadline first.
pub fn uppers(tx: &mut Tx<'_>, office: OfficeId, case: CaseId) -> Result<Vec<UpperRow>> {
    tx.query(&UPPERS, args![office, case], |row| {
        Ok(UpperRow {
            system: row.get(0)?,
            number: row.get(1)?,
            due: row.get(2)?,
            id: row.get(3)?,
            state: row.get(4)?,
            replied_at: row.get(5)?,
        })
    })
}

/// The names of accounts.
pub fn account_names(
    tx: &mut Tx<'_>,
    office: OfficeId,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Query::new("select t.id, t.name from account t");
    query.and("t.office = ?", [office.into()]).and_in("t.id", ids.iter().map(|id| Arg::from(*id)));
    Ok(tx.list(&query, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

/// Cases of a matter handled since an instant, by the unit that led them, most first; within the viewer's scope.
pub fn matter_use(
    tx: &mut Tx<'_>,
    cx: &Cx,
    matter_code: &str,
    since: Ts,
) -> Result<Vec<(Option<UnitId>, i64)>> {
    let mut query = Query::new("select c.lead_unit, count(*) from cases c");
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and(
        "c.matter_code = ? and c.opened_at >= ? and c.phase = 'closed'",
        [matter_code.into(), since.into()],
    );
    query.push("group by c.lead_unit order by 2 desc, 1");
    tx.list(&query, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A case that may be about the same trouble.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// Its phase.
    pub phase: String,
    /// Its version, for merging.
    pub version: i64,
    /// When it came in.
    pub opened_at: Ts,
    /// Its matter.
    pub matter: Option<MatterId>,
    /// Its matter's code.
    pub matter_code: Option<String>,
    /// Where, in ten-millionths of a degree.
    pub point: Option<(i64, i64)>,
    /// Its address in words.
    pub address: String,
    /// Its first report.
    pub report: ReportId,
    /// What the report says, without identifiers.
    pub text: String,
}

/// What candidates are looked for by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// Not this one.
    pub except: Option<CaseId>,
    /// In this grid, whatever the matter.
    pub grid: Option<i64>,
    /// In this community: of the matter, or any when none is given.
    pub community: Option<i64>,
    /// Of this matter.
    pub matter_code: Option<&'a str>,
    /// Class of secrecy; only of one class can cases be merged.
    pub class: &'a str,
}

/// Cases near in place and time that could be the same, the latest first; within the viewer's scope. What lies in the
/// same grid and what is of the same matter in the same community are asked for apart, each along its own index.
pub fn candidates(
    tx: &mut Tx<'_>,
    cx: &Cx,
    around: &Around<'_>,
    since: Ts,
    most: i64,
) -> Result<Vec<Candidate>> {
    let community = around.community.map(|id| ("c.community_id = ?", Arg::from(id)));
    let matter = around.matter_code.map(|code| ("c.matter_code = ?", Arg::from(code)));
    let of_a_kind: Vec<_> = community.into_iter().chain(matter).collect();
    let Some(grid) = around.grid else { return nearby(tx, cx, around, since, most, &of_a_kind) };
    let mut found = nearby(tx, cx, around, since, most, &[("c.grid_id = ?", grid.into())])?;
    if of_a_kind.len() == 2 {
        found.extend(nearby(tx, cx, around, since, most, &of_a_kind)?);
        found.sort_by_key(|c| std::cmp::Reverse((c.opened_at, c.id)));
        found.dedup_by_key(|c| c.id);
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    Ok(found)
}

fn nearby(
    tx: &mut Tx<'_>,
    cx: &Cx,
    around: &Around<'_>,
    since: Ts,
    most: i64,
    near: &[(&'static str, Arg)],
) -> Result<Vec<Candidate>> {
    let mut query = Query::new(
        "select c.id, c.no, c.title, c.phase, c.version, c.opened_at, c.matter, c.matter_code, c.lon_e7, c.lat_e7, c.address,
         c.report, r.text from cases c join report r on r.office = c.office and r.id = c.report",
    );
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and(
        "c.opened_at >= ? and c.phase not in ('refused', 'ended') and c.state <> 'split'",
        [since.into()],
    );
    query.and("c.class = ?", [around.class.into()]);
    if let Some(case) = around.except {
        query.and("c.id <> ?", [case.into()]);
    }
    for (piece, value) in near {
        query.and(piece, [value.clone()]);
    }
    query.bind("order by c.opened_at desc, c.id desc limit ?", [most.into()]);
    tx.list(&query, |row| {
        let (lon, lat): (Option<i64>, Option<i64>) = (row.get(8)?, row.get(9)?);
        Ok(Candidate {
            id: row.get(0)?,
            no: row.get(1)?,
            title: row.get(2)?,
            phase: row.get(3)?,
            version: row.get(4)?,
            opened_at: row.get(5)?,
            matter: row.get(6)?,
            matter_code: row.get(7)?,
            point: lon.zip(lat),
            address: row.get(10)?,
            report: row.get(11)?,
            text: row.get(12)?,
        })
    })
}
