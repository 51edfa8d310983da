//! Accounts and what they hold.

use crate::context::Cx;
use crate::features::people::model::{
    Account, Held, HeldCase, HeldOther, HeldShift, Holding, HoldingId, NewAccount,
};
use kernel::{AccountId, OfficeId, RoleId, Ts, UnitId};
use store::{Arg, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    ACCOUNT = Sql::Both(
        "select id, login, name, sort_key, state, locale, totp, locked_until, password_at, version from account
         where office = $1 and id = $2");
    ACCOUNT_BY_LOGIN = Sql::Both("select id from account where login = $1");
    INSERT_ACCOUNT = Sql::Both(
        "insert into account (id, office, login, name, sort_key, password, state, locale, failures, version)
         values ($1, $2, $3, $4, $5, $6, 'active', $7, 0, 1)");
    RENAME = Sql::Both(
        "update account set name = $4, sort_key = $5, version = version + 1
         where office = $1 and id = $2 and version = $3");
    SET_PASSWORD = Sql::Both(
        "update account set password = $3, password_at = $4, failures = 0, locked_until = null,
         version = version + 1 where office = $1 and id = $2");
    SET_STATE = Sql::Both(
        "update account set state = $3, failures = 0, locked_until = null, version = version + 1
         where office = $1 and id = $2");
    CLOSE = Sql::Both(
        "update account set state = 'closed', password = null, totp = null, totp_used = null,
         version = version + 1 where office = $1 and id = $2");
    CLEAR_TOTP = Sql::Both(
        "update account set totp = null, totp_used = null, version = version + 1 where office = $1 and id = $2");
    END_SESSIONS = Sql::Both("delete from session where office = $1 and account = $2");
    END_TOKENS = Sql::Both(
        "update api_token set until_at = $3 where office = $1 and account = $2 and (until_at is null or until_at > $3)");
    DRAFTS = Sql::Both("select id, sealed from draft where office = $1 and account = $2");
    MOVE_DRAFT = Sql::Both("update draft set account = $4, sealed = $5 where office = $1 and account = $2 and id = $3");
    TARGETS = Sql::Both(
        "select 'u' || p.unit from holding h join post p on p.office = h.office and p.id = h.post
         where h.office = $1 and h.account = $2 and h.state = 'active' and (h.until_at is null or h.until_at > $3)
         union select 'p' || p.place from holding h join post p on p.office = h.office and p.id = h.post
         where h.office = $1 and h.account = $2 and h.state = 'active' and (h.until_at is null or h.until_at > $3)
           and p.place is not null");
    GIVEN_TASKS = Sql::Both(
        "select id, due_at from task where office = $1 and account = $2 and closed_at is null order by due_at, id");
    LEFT_SHIFTS = Sql::Both(
        "select id, roster, from_at, until_at, unit, kind from roster_shift where office = $1 and account = $2
         and state = 'published' and until_at > $3 order by from_at, id");
    BUSY = Sql::Both(
        "select (select count(*) from roster_shift where office = $1 and account = $2 and state <> 'off' and from_at < $4
         and until_at > $3) + (select count(*) from roster_away where office = $1 and account = $2 and from_day <= $6
         and until_day >= $5)");
    PUT_SHIFT = Sql::Both(
        "update roster_shift set account = $3, version = version + 1 where office = $1 and id = $2");
    HOLDINGS = Sql::Both(
        "select h.id, h.account, h.post, p.title, p.unit, u.short, pl.name, h.acting, h.state, h.from_at, h.until_at
         from holding h join post p on p.office = h.office and p.id = h.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place
         where h.office = $1 and h.account = $2 order by h.acting, h.from_at, h.id");
    HANDLING = Sql::Both(
        "select c.id, c.no, u.short, a.due_at from assignment a
         join cases c on c.office = a.office and c.id = a.case_id
         join unit u on u.office = a.office and u.id = a.unit
         left join account w on w.office = a.office and w.id = a.handler
         where a.office = $1 and a.done_at is null and a.state <> 'off' and c.closed_at is null
           and (a.handler = $2 or w.state = 'closed' and a.unit in (
             select p.unit from holding h join post p on p.office = h.office and p.id = h.post
             where h.office = $1 and h.account = $2 and h.state = 'active' and (h.until_at is null or h.until_at > $3)))
         order by a.due_at nulls last, c.id");
    REQUESTS = Sql::Both(
        "select c.id, c.no, u.short, r.asked_at from request r
         join cases c on c.office = r.office and c.id = r.case_id
         left join unit u on u.office = r.office and u.id = r.asked_unit
         where r.office = $1 and r.asked_by = $2 and r.decided_at is null and c.closed_at is null
         order by r.asked_at, r.id");
    NAMES = Sql::Both("select id, name from account where office = $1 order by sort_key, id");
    COUNT_DRAFTS = Sql::Both("select count(*) from draft where office = $1 and account = $2");
    COUNT_TOKENS = Sql::Both(
        "select count(*) from api_token where office = $1 and account = $2 and (until_at is null or until_at > $3)");
    COUNT_SESSIONS = Sql::Both("select count(*) from session where office = $1 and account = $2");
}

fn account_row(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        sort_key: row.get(3)?,
        state: row.get(4)?,
        locale: row.get(5)?,
        has_totp: row.get::<Option<Vec<u8>>>(6)?.is_some(),
        locked_until: row.get(7)?,
        password_at: row.get(8)?,
        version: row.get(9)?,
    })
}

pub(crate) fn find(tx: &mut Tx<'_>, office: OfficeId, id: AccountId) -> Result<Option<Account>> {
    tx.opt(&ACCOUNT, args![office, id], account_row)
}

/// Log-in names are unique over all offices of the installation.
pub(crate) fn login_taken(tx: &mut Tx<'_>, login: &str) -> Result<bool> {
    Ok(tx.value::<i64>(&ACCOUNT_BY_LOGIN, args![login])?.is_some())
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: AccountId,
    account: &NewAccount,
    sort_key: &str,
) -> Result<()> {
    tx.exec(
        &INSERT_ACCOUNT,
        args![
            id,
            office,
            &account.login,
            &account.name,
            sort_key,
            account.password_hash.clone(),
            account.locale.clone()
        ],
    )?;
    Ok(())
}

pub(crate) fn rename(
    tx: &mut Tx<'_>,
    office: OfficeId,
    seen: (AccountId, i64),
    name: &str,
    sort_key: &str,
) -> Result<bool> {
    Ok(tx.exec(&RENAME, args![office, seen.0, seen.1, name, sort_key])? == 1)
}

pub(crate) fn set_password(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: AccountId,
    hash: &str,
    at: Option<Ts>,
) -> Result<()> {
    tx.exec(&SET_PASSWORD, args![office, id, hash, at])?;
    Ok(())
}

pub(crate) fn set_state(tx: &mut Tx<'_>, office: OfficeId, id: AccountId, state: &'static str) -> Result<()> {
    tx.exec(&SET_STATE, args![office, id, state])?;
    Ok(())
}

/// Closes for good and forgets the secrets.
pub(crate) fn close(tx: &mut Tx<'_>, office: OfficeId, id: AccountId) -> Result<()> {
    tx.exec(&CLOSE, args![office, id])?;
    Ok(())
}

pub(crate) fn clear_totp(tx: &mut Tx<'_>, office: OfficeId, id: AccountId) -> Result<()> {
    tx.exec(&CLEAR_TOTP, args![office, id])?;
    Ok(())
}

/// Ends all log-ins; returns how many.
pub(crate) fn end_sessions(tx: &mut Tx<'_>, office: OfficeId, id: AccountId) -> Result<u64> {
    tx.exec(&END_SESSIONS, args![office, id])
}

pub(crate) fn end_tokens(tx: &mut Tx<'_>, office: OfficeId, id: AccountId, now: Ts) -> Result<u64> {
    tx.exec(&END_TOKENS, args![office, id, now])
}

pub(crate) fn move_drafts(tx: &mut Tx<'_>, cx: &Cx, from: AccountId, to: AccountId) -> Result<u64> {
    let office = cx.office.id;
    let drafts: Vec<(String, Vec<u8>)> =
        tx.query(&DRAFTS, args![office, from], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut moved = 0;
    for (id, sealed) in drafts {
        // What was sealed for one account opens for no other: it is sealed anew for whoever follows.
        let plain = cx.vault.open(office, &draft_bound(from, &id), &sealed)?;
        let sealed = cx.vault.seal(office, &draft_bound(to, &id), &plain)?;
        moved += tx.exec(&MOVE_DRAFT, args![office, from, id, to, sealed])?;
    }
    Ok(moved)
}

/// What the seal of a draft is bound to: its account and its id.
#[must_use]
pub fn draft_bound(account: AccountId, id: &str) -> String {
    format!("draft {account} {id}")
}

pub(crate) fn holding_row(row: &Row<'_>) -> Result<Holding> {
    Ok(Holding {
        id: HoldingId(row.get(0)?),
        account: row.get(1)?,
        post: row.get(2)?,
        title: row.get(3)?,
        unit: row.get(4)?,
        unit_name: row.get(5)?,
        place: row.get(6)?,
        acting: row.get(7)?,
        state: row.get(8)?,
        from: row.get(9)?,
        until: row.get(10)?,
    })
}

/// All holdings of an account, past ones too.
pub(crate) fn holdings(tx: &mut Tx<'_>, office: OfficeId, id: AccountId) -> Result<Vec<Holding>> {
    tx.query(&HOLDINGS, args![office, id], holding_row)
}

fn held_case(row: &Row<'_>) -> Result<HeldCase> {
    Ok(HeldCase { case: row.get(0)?, no: row.get(1)?, unit: row.get(2)?, at: row.get(3)? })
}

fn others(tx: &mut Tx<'_>, office: OfficeId, id: AccountId, now: Ts) -> Result<Vec<HeldOther>> {
    let mut out = Vec::new();
    let other = |kind: &'static str| {
        move |row: &Row<'_>| Ok(HeldOther { kind: kind.to_owned(), id: row.get(0)?, at: row.get(1)? })
    };
    // Units and places that the account answers for, as tasks and decisions name them.
    let targets: Vec<Arg> =
        tx.query(&TARGETS, args![office, id, now], |row| Ok(row.get::<String>(0)?.into()))?;
    let mut tasks = Query::new(
        "select t.id, coalesce(r.due_at, t.due_at) from task_receiver r join task t on t.office = r.office and t.id = r.task",
    );
    tasks.and(
        "r.office = ? and t.closed_at is null and r.state in ('open', 'signed', 'returned')",
        [office.into()],
    );
    tasks.and_in("r.target", targets.iter().cloned()).push("order by 2, t.id");
    out.extend(tx.list(&tasks, other("task"))?);
    out.extend(tx.query(&GIVEN_TASKS, args![office, id], other("given"))?);
    let mut decisions = Query::new(
        "select i.meeting, d.due_at from meeting_decision d join meeting_item i on i.office = d.office and i.id = d.item",
    );
    decisions.and("d.office = ? and d.state = 'open'", [office.into()]);
    decisions.and_in("d.target", targets).push("order by d.due_at nulls last, d.id");
    out.extend(tx.list(&decisions, other("decision"))?);
    for shift in shifts(tx, office, id, now)? {
        out.push(HeldOther { kind: "shift".to_owned(), id: shift.id, at: Some(shift.from) });
    }
    Ok(out)
}

/// Published shifts of an account that are not over.
pub(crate) fn shifts(tx: &mut Tx<'_>, office: OfficeId, id: AccountId, now: Ts) -> Result<Vec<HeldShift>> {
    tx.query(&LEFT_SHIFTS, args![office, id, now], |row| {
        Ok(HeldShift {
            id: row.get(0)?,
            roster: row.get(1)?,
            from: row.get(2)?,
            until: row.get(3)?,
            unit: row.get(4)?,
            kind: row.get(5)?,
        })
    })
}

/// Whether an account has a shift across a time, or is entered as away on its days.
pub(crate) fn is_busy(tx: &mut Tx<'_>, cx: &Cx, id: AccountId, shift: &HeldShift) -> Result<bool> {
    let (first, last) = (shift.from.day(&cx.office.tz), shift.until.day(&cx.office.tz));
    let asked = args![cx.office.id, id, shift.from, shift.until, first, last];
    Ok(tx.value::<i64>(&BUSY, asked)?.unwrap_or(0) > 0)
}

/// Puts somebody, or nobody yet, on a shift.
pub(crate) fn put_shift(tx: &mut Tx<'_>, office: OfficeId, shift: i64, to: Option<AccountId>) -> Result<()> {
    tx.exec(&PUT_SHIFT, args![office, shift, to])?;
    Ok(())
}

/// Everything that must not be left behind.
pub(crate) fn held(tx: &mut Tx<'_>, office: OfficeId, id: AccountId, now: Ts) -> Result<Held> {
    let mut posts = holdings(tx, office, id)?;
    posts.retain(|h| (h.state == "active" || h.state == "asked") && h.until.is_none_or(|until| until > now));
    Ok(Held {
        posts,
        handling: tx.query(&HANDLING, args![office, id, now], held_case)?,
        requests: tx.query(&REQUESTS, args![office, id], held_case)?,
        others: others(tx, office, id, now)?,
        drafts: tx.value(&COUNT_DRAFTS, args![office, id])?.unwrap_or(0),
        tokens: tx.value(&COUNT_TOKENS, args![office, id, now])?.unwrap_or(0),
        sessions: tx.value(&COUNT_SESSIONS, args![office, id])?.unwrap_or(0),
    })
}

/// All accounts by sound, closed ones too.
pub(crate) fn names(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(AccountId, String)>> {
    tx.query(&NAMES, args![office], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Part of the name, of its sound or of the log-in name.
    pub q: String,
    /// Holding a post of this unit now.
    pub unit: Option<UnitId>,
    /// Holding a post with this role now.
    pub role: Option<RoleId>,
    /// `active`, `locked`, `closed`; all when `None`.
    pub state: Option<String>,
    /// Behind this one: sort key and id of the last row seen.
    pub after: Option<(String, AccountId)>,
}

/// Accounts by sound, at most `most`.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    office: OfficeId,
    filter: &AccountFilter,
    now: Ts,
    most: i64,
) -> Result<Vec<Account>> {
    let mut query = Query::new(
        "select a.id, a.login, a.name, a.sort_key, a.state, a.locale, a.totp, a.locked_until, a.password_at, a.version
         from account a",
    );
    query.and("a.office = ?", [office.into()]);
    let q = filter.q.trim().to_lowercase().replace(['%', '_', '\\'], "");
    if !q.is_empty() {
        let like = || Arg::from(format!("%{q}%"));
        query.and("lower(a.name) like ? or a.login like ? or a.sort_key like ?", [like(), like(), like()]);
    }
    if let Some(state) = &filter.state {
        query.and("a.state = ?", [state.into()]);
    }
    if let Some(unit) = filter.unit {
        query.and(
            "exists (select 1 from holding h join post p on p.office = h.office and p.id = h.post
             where h.office = a.office and h.account = a.id and h.state = 'active' and h.from_at <= ?
             and (h.until_at is null or h.until_at > ?) and p.unit = ?)",
            [now.into(), now.into(), unit.into()],
        );
    }
    if let Some(role) = filter.role {
        query.and(
            "exists (select 1 from holding h join post_role pr on pr.office = h.office and pr.post = h.post
             where h.office = a.office and h.account = a.id and h.state = 'active' and h.from_at <= ?
             and (h.until_at is null or h.until_at > ?) and pr.state = 'active' and pr.role = ?)",
            [now.into(), now.into(), role.into()],
        );
    }
    if let Some((key, id)) = &filter.after {
        query.and("(a.sort_key, a.id) > (?, ?)", [key.into(), (*id).into()]);
    }
    query.bind("order by a.sort_key, a.id limit ?", [most.into()]);
    tx.list(&query, account_row)
}

/// The holdings in force of some accounts.
pub(crate) fn present_holdings(
    tx: &mut Tx<'_>,
    office: OfficeId,
    accounts: &[AccountId],
    now: Ts,
) -> Result<Vec<Holding>> {
    let mut query = Query::new(
        "select h.id, h.account, h.post, p.title, p.unit, u.short, pl.name, h.acting, h.state, h.from_at, h.until_at
         from holding h join post p on p.office = h.office and p.id = h.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place",
    );
    query.and("h.office = ?", [office.into()]);
    query.and(
        "h.state = 'active' and h.from_at <= ? and (h.until_at is null or h.until_at > ?)",
        [now.into(), now.into()],
    );
    query.and_in("h.account", accounts.iter().map(|id| Arg::from(*id)));
    query.push("order by h.acting, h.from_at, h.id");
    tx.list(&query, holding_row)
}
