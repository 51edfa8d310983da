//! The SQL of duty: setup, people, lists, shifts.

mod written;

pub(super) use written::*;

use super::fair::Counts;
use super::model::{OnDuty, Roster, Setup, Shift, Why};
use crate::context::Cx;
use kernel::{AccountId, CaseId, Day, Ts, UnitId};
use store::{Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    SETUP = Sql::Both("select body, version from roster_setup where office = $1");
    ADD_SETUP = Sql::Both("insert into roster_setup (id, office, body, version) values ($1, $2, $3, 1)");
    SET_SETUP = Sql::Both(
        "update roster_setup set body = $3, version = version + 1 where office = $1 and version = $2");
    PHONES = Sql::Both("select account, phone from roster_phone where office = $1");
    PUT_PHONE = Sql::Both(
        "insert into roster_phone (id, office, account, phone) values ($1, $2, $3, $4)
         on conflict (office, account) do update set phone = excluded.phone");
    STAFF = Sql::Both(
        "select distinct a.id, a.name, u.id, u.short, u.sort_key, a.sort_key from account a
         join holding h on h.office = a.office and h.account = a.id and h.state = 'active' and h.from_at <= $2
           and (h.until_at is null or h.until_at > $2) and not h.acting
         join post p on p.office = h.office and p.id = h.post and p.active
         join unit u on u.office = p.office and u.id = p.unit and u.kind in ('street_department', 'community')
         where a.office = $1 and a.state = 'active' and (u.id = $3 or $3 = 0)
         order by u.sort_key, u.id, a.sort_key, a.id");
    NAME = Sql::Both("select name from account where office = $1 and id = $2");
    ADD_AWAY = Sql::Both(
        "insert into roster_away (id, office, account, from_day, until_day) values ($1, $2, $3, $4, $5)");
    AWAY = Sql::Both(
        "select w.id, w.account, a.name, w.from_day, w.until_day from roster_away w
         join account a on a.office = w.office and a.id = w.account
         where w.office = $1 and w.until_day >= $2 order by w.from_day, w.id limit 500");
    END_AWAY = Sql::Both("update roster_away set until_day = $3 where office = $1 and id = $2");
    ADD_ROSTER = Sql::Both(
        "insert into roster (id, office, unit, from_day, until_day, state, made_by, made_at, version)
         values ($1, $2, $3, $4, $5, 'draft', $6, $7, 1)");
    ROSTER = Sql::Both(
        "select id, unit, from_day, until_day, state, made_by, version from roster where office = $1 and id = $2");
    DRAFTS = Sql::Both(
        "select id, unit, from_day, until_day, state, made_by, version from roster
         where office = $1 and state = 'draft' order by from_day, id limit 50");
    SET_ROSTER = Sql::Both(
        "update roster set state = $4, published_at = $5, version = version + 1
         where office = $1 and id = $2 and version = $3 and state = 'draft'");
    TOUCH_ROSTER = Sql::Both(
        "update roster set version = version + 1 where office = $1 and id = $2 and version = $3 and state = 'draft'");
    SHIFTS_STATE = Sql::Both(
        "update roster_shift set state = $3, version = version + 1 where office = $1 and roster = $2");
    ADD_SHIFT = Sql::Both(
        "insert into roster_shift (id, office, roster, unit, kind, account, from_at, until_at, state, why, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, 1)");
    SHIFT = Sql::Both(
        "select id, roster, unit, kind, account, from_at, until_at, state, why, version from roster_shift
         where office = $1 and id = $2");
    OF_ROSTER = Sql::Both(
        "select id, roster, unit, kind, account, from_at, until_at, state, why, version from roster_shift
         where office = $1 and roster = $2 order by from_at, until_at, kind, id");
    PUBLISHED = Sql::Both(
        "select id, roster, unit, kind, account, from_at, until_at, state, why, version from roster_shift
         where office = $1 and state = 'published' and until_at > $2 and from_at < $3 and coalesce(unit, 0) = $4
         order by from_at, until_at, kind, id limit 4000");
    MINE = Sql::Both(
        "select id, roster, unit, kind, account, from_at, until_at, state, why, version from roster_shift
         where office = $1 and account = $2 and state = 'published' and until_at > $3
         order by from_at, id limit 60");
    PUT_PERSON = Sql::Both(
        "update roster_shift set account = $4, why = $5, version = version + 1
         where office = $1 and id = $2 and version = $3 and state <> 'off'");
    BUSY = Sql::Both(
        "select account, from_at, until_at from roster_shift
         where office = $1 and state = 'published' and account is not null and until_at > $2 and from_at < $3");
    LAST_KINDS = Sql::Both(
        "select distinct kind, account from roster_shift
         where office = $1 and state = 'published' and account is not null and coalesce(unit, 0) = $2 and until_at > $3");
    ON_DUTY = Sql::Both(
        "select s.id, s.unit, s.kind, s.account, a.name, coalesce(p.phone, ''), s.from_at, s.until_at
         from roster_shift s join account a on a.office = s.office and a.id = s.account and a.state = 'active'
         left join roster_phone p on p.office = s.office and p.account = s.account
         where s.office = $1 and s.state = 'published' and s.from_at <= $2 and s.until_at > $2
         and coalesce(s.unit, 0) = $3 order by s.from_at, s.id");
    UNITS = Sql::Both(
        "select id, short from unit where office = $1 and active and kind in ('street_department', 'community')
         order by sort_key, id");
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::failed(e.to_string()))
}

/// The setup and its version; 0 where the office never changed it.
pub(super) fn setup(tx: &mut Tx<'_>, cx: &Cx) -> Result<(Setup, i64)> {
    let found = tx.opt(&SETUP, args![cx.office.id], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
    let Some((body, version)) = found else { return Ok((Setup::default(), 0)) };
    Ok((serde_json::from_str(&body).map_err(|e| Error::failed(e.to_string()))?, version))
}

/// Keeps a setup; whether it still had the version.
pub(super) fn put_setup(tx: &mut Tx<'_>, cx: &Cx, version: i64, setup: &Setup) -> Result<bool> {
    let body = json(setup)?;
    if version == 0 {
        if self::setup(tx, cx)?.1 != 0 {
            return Ok(false);
        }
        let id = tx.id()?;
        return Ok(tx.exec(&ADD_SETUP, args![id, cx.office.id, body])? > 0);
    }
    Ok(tx.exec(&SET_SETUP, args![cx.office.id, version, body])? > 0)
}

/// Numbers on duty.
pub(super) fn phones(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(AccountId, String)>> {
    tx.query(&PHONES, args![cx.office.id], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn put_phone(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, phone: &str) -> Result<()> {
    let id = tx.id()?;
    tx.exec(&PUT_PHONE, args![id, cx.office.id, account, phone])?;
    Ok(())
}

/// Somebody who may take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their unit's short name.
    pub unit: String,
}

/// Staff of the office's own units, or of one of them, by units; each once.
pub(super) fn staff(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>) -> Result<Vec<Member>> {
    let all = tx.query(&STAFF, args![cx.office.id, cx.now, unit.map_or(0, |u| u.0)], |row| {
        Ok(Member { account: row.get(0)?, name: row.get(1)?, unit: row.get(3)? })
    })?;
    let mut out: Vec<Member> = Vec::with_capacity(all.len());
    for member in all {
        if !out.iter().any(|m| m.account == member.account) {
            out.push(member);
        }
    }
    Ok(out)
}

pub(super) fn name(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Option<String>> {
    tx.value(&NAME, args![cx.office.id, account])
}

/// The office's own units.
pub(super) fn units(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(UnitId, String)>> {
    tx.query(&UNITS, args![cx.office.id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Days on which somebody is away.
#[derive(Clone, Debug)]
pub struct Away {
    /// Its id.
    pub id: i64,
    /// Who.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

pub(super) fn away(tx: &mut Tx<'_>, cx: &Cx, from: Day) -> Result<Vec<Away>> {
    tx.query(&AWAY, args![cx.office.id, from], |row| {
        Ok(Away {
            id: row.get(0)?,
            account: row.get(1)?,
            name: row.get(2)?,
            from: row.get(3)?,
            until: row.get(4)?,
        })
    })
}

pub(super) fn add_away(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, from: Day, until: Day) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&ADD_AWAY, args![id, cx.office.id, account, from, until])?;
    Ok(id)
}

pub(super) fn end_away(tx: &mut Tx<'_>, cx: &Cx, id: i64, until: Day) -> Result<bool> {
    Ok(tx.exec(&END_AWAY, args![cx.office.id, id, until])? > 0)
}

fn read_roster(row: &Row<'_>) -> Result<Roster> {
    Ok(Roster {
        id: row.get(0)?,
        unit: row.get(1)?,
        from: row.get(2)?,
        until: row.get(3)?,
        state: row.get(4)?,
        made_by: row.get(5)?,
        version: row.get(6)?,
    })
}

pub(super) fn roster(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Option<Roster>> {
    tx.opt(&ROSTER, args![cx.office.id, id], read_roster)
}

pub(super) fn drafts(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Roster>> {
    tx.query(&DRAFTS, args![cx.office.id], read_roster)
}

pub(super) fn add_roster(
    tx: &mut Tx<'_>,
    cx: &Cx,
    unit: Option<UnitId>,
    from: Day,
    until: Day,
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&ADD_ROSTER, args![id, cx.office.id, unit, from, until, cx.actor.account, cx.now])?;
    Ok(id)
}

/// Publishes or discards a draft; whether it still had the version.
pub(super) fn set_roster(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: i64,
    version: i64,
    state: &'static str,
) -> Result<bool> {
    if tx.exec(&SET_ROSTER, args![cx.office.id, id, version, state, cx.now])? == 0 {
        return Ok(false);
    }
    tx.exec(&SHIFTS_STATE, args![cx.office.id, id, state])?;
    Ok(true)
}

/// Raises the version of a draft; whether it still had it.
pub(super) fn touch_roster(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64) -> Result<bool> {
    Ok(tx.exec(&TOUCH_ROSTER, args![cx.office.id, id, version])? > 0)
}

fn read_shift(row: &Row<'_>) -> Result<Shift> {
    let why: String = row.get(8)?;
    Ok(Shift {
        id: row.get(0)?,
        roster: row.get(1)?,
        unit: row.get(2)?,
        kind: row.get(3)?,
        account: row.get(4)?,
        from: row.get(5)?,
        until: row.get(6)?,
        state: row.get(7)?,
        why: serde_json::from_str(&why).unwrap_or_default(),
        version: row.get(9)?,
    })
}

pub(super) fn shift(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Option<Shift>> {
    tx.opt(&SHIFT, args![cx.office.id, id], read_shift)
}

pub(super) fn of_roster(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Vec<Shift>> {
    tx.query(&OF_ROSTER, args![cx.office.id, id], read_shift)
}

/// Published shifts that touch a time, of the office or of one unit.
pub(super) fn published(
    tx: &mut Tx<'_>,
    cx: &Cx,
    unit: Option<UnitId>,
    from: Ts,
    until: Ts,
) -> Result<Vec<Shift>> {
    tx.query(&PUBLISHED, args![cx.office.id, from, until, unit.map_or(0, |u| u.0)], read_shift)
}

/// One's own shifts that are not over.
pub(super) fn of_account(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<Shift>> {
    tx.query(&MINE, args![cx.office.id, account, cx.now], read_shift)
}

/// A shift to be written.
pub(super) struct NewShift<'a> {
    pub(super) roster: i64,
    pub(super) unit: Option<UnitId>,
    pub(super) kind: &'a str,
    pub(super) account: Option<AccountId>,
    pub(super) from: Ts,
    pub(super) until: Ts,
    pub(super) why: Why,
}

pub(super) fn add_shift(tx: &mut Tx<'_>, cx: &Cx, new: &NewShift<'_>) -> Result<i64> {
    let (id, why) = (tx.id()?, json(&new.why)?);
    tx.exec(
        &ADD_SHIFT,
        args![id, cx.office.id, new.roster, new.unit, new.kind, new.account, new.from, new.until, why],
    )?;
    Ok(id)
}

/// Puts somebody on a shift; whether it still had the version.
pub(super) fn put_person(
    tx: &mut Tx<'_>,
    cx: &Cx,
    shift: &Shift,
    account: Option<AccountId>,
    why: Why,
) -> Result<bool> {
    let why = json(&why)?;
    Ok(tx.exec(&PUT_PERSON, args![cx.office.id, shift.id, shift.version, account, why])? > 0)
}

/// Everybody's published shifts that touch a time.
pub(super) fn busy(tx: &mut Tx<'_>, cx: &Cx, from: Ts, until: Ts) -> Result<Vec<(AccountId, Ts, Ts)>> {
    tx.query(&BUSY, args![cx.office.id, from, until], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Who was on duty as what since an instant.
pub(super) fn took_part(
    tx: &mut Tx<'_>,
    cx: &Cx,
    unit: Option<UnitId>,
    since: Ts,
) -> Result<Vec<(String, AccountId)>> {
    tx.query(&LAST_KINDS, args![cx.office.id, unit.map_or(0, |u| u.0), since], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

pub(super) fn on_duty(tx: &mut Tx<'_>, cx: &Cx, unit: Option<UnitId>, at: Ts) -> Result<Vec<OnDuty>> {
    tx.query(&ON_DUTY, args![cx.office.id, at, unit.map_or(0, |u| u.0)], |row| {
        Ok(OnDuty {
            shift: row.get(0)?,
            unit: row.get(1)?,
            kind: row.get(2)?,
            account: row.get(3)?,
            name: row.get(4)?,
            phone: row.get(5)?,
            from: row.get(6)?,
            until: row.get(7)?,
        })
    })
}

/// An urgent case that is open, for a hand-over.
#[derive(Clone, Debug)]
pub struct OpenCase {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// When it is due.
    pub due: Option<Ts>,
}

/// Open urgent cases within the actor's sight, the newest first.
pub(super) fn urgent_cases(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<OpenCase>> {
    if !cx.actor.has("demands.read") {
        return Ok(Vec::new());
    }
    let mut query = Query::new("select c.id, c.no, c.title, c.due_at from cases c");
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("c.urgent and c.closed_at is null and c.merged_into is null", []);
    query.push("order by c.opened_at desc, c.id desc limit 30");
    tx.list(&query, |row| {
        Ok(OpenCase { id: row.get(0)?, no: row.get(1)?, title: row.get(2)?, due: row.get(3)? })
    })
}

/// What everybody had since an instant and before another, by the sort of the day on which a shift began.
pub(super) fn counts(
    shifts: &[(AccountId, Ts, Ts)],
    sort: impl Fn(Ts) -> super::fair::Sort,
) -> std::collections::HashMap<AccountId, Counts> {
    let mut out = std::collections::HashMap::<AccountId, Counts>::new();
    for (account, from, _) in shifts {
        out.entry(*account).or_default().add(sort(*from));
    }
    out
}
