//! The SQL of sessions, log-ins and second factors.

use super::{Account, Listed, Token};
use crate::context::Cx;
use kernel::{AccountId, OfficeId, PostId, Ts};
use store::{Result, Sql, Tx, args, statements};

statements! {
    FIND = Sql::Both(
        "select s.office, s.csrf, s.created_at, s.seen_at, s.strong_until, s.agent,
         a.id, a.login, a.name, a.locale, a.password_at, a.totp, a.password is not null, s.device, d.used_at, d.ended_at
         from session s join account a on a.office = s.office and a.id = s.account
         left join device d on d.office = s.office and d.id = s.device
         where s.token = $1 and a.state = 'active'");
    TOUCH = Sql::Both("update session set seen_at = $2 where token = $1 and seen_at < $2");
    TOUCH_DEVICE = Sql::Both(
        "update device set used_at = $2
         where used_at < $2 and ended_at is null and id = (select device from session where token = $1)");
    ON_DEVICE = Sql::Both("update session set device = $2 where token = $1");
    INSERT = Sql::Both(
        "insert into session (token, office, account, csrf, created_at, seen_at, strong_until, agent)
         values ($1, $2, $3, $4, $5, $5, $6, $7)");
    RENEW = Sql::Both("update session set token = $2, csrf = $3 where token = $1");
    END = Sql::Both("delete from session where office = $1 and account = $2 and token = $3");
    END_ALL = Sql::Both("delete from session where office = $1 and account = $2");
    END_OTHERS = Sql::Both("delete from session where office = $1 and account = $2 and token <> $3");
    LIST = Sql::Both(
        "select token, created_at, seen_at, agent from session where office = $1 and account = $2
         order by seen_at desc, created_at desc");
    PRUNE = Sql::Both("delete from session where created_at < $1");
    STRENGTHEN = Sql::Both("update session set strong_until = $2 where token = $1");
    CREDENTIALS = Sql::Both(
        "select office, id, name, password, state, failures, locked_until, totp, totp_used, locale
         from account where login = $1");
    CREDENTIALS_OF = Sql::Both(
        "select office, id, name, password, state, failures, locked_until, totp, totp_used, locale
         from account where office = $1 and id = $2");
    SET_FAILURES = Sql::Both("update account set failures = $3, locked_until = $4 where office = $1 and id = $2");
    SET_TOTP = Sql::Both("update account set totp = $3, totp_used = $4, version = version + 1 where office = $1 and id = $2");
    USE_STEP = Sql::Both(
        "update account set totp_used = $3 where office = $1 and id = $2 and (totp_used is null or totp_used < $3)");
    SET_PASSWORD = Sql::Both(
        "update account set password = $3, password_at = $4, failures = 0, locked_until = null, version = version + 1
         where office = $1 and id = $2");
    SET_LOCALE = Sql::Both("update account set locale = $3, version = version + 1 where office = $1 and id = $2");
    FIND_TOKEN = Sql::Both(
        "select t.office, t.id, a.id, a.login, a.name, a.locale, a.password_at, a.totp, t.used_at, a.password is not null
         from api_token t join account a on a.office = t.office and a.id = t.account
         where t.token = $1 and a.state = 'active' and (t.until_at is null or t.until_at > $2)");
    INSERT_TOKEN = Sql::Both(
        "insert into api_token (id, office, account, name, token, created_at, until_at) values ($1, $2, $3, $4, $5, $6, $7)");
    LIST_TOKENS = Sql::Both(
        "select t.id, a.login, t.name, t.created_at, t.until_at, t.used_at
         from api_token t join account a on a.office = t.office and a.id = t.account
         where t.office = $1 order by t.created_at desc, t.id desc");
    TOKEN_ACCOUNT = Sql::Both("select account from api_token where office = $1 and id = $2");
    END_TOKEN = Sql::Both("update api_token set until_at = $3 where office = $1 and id = $2");
    TOUCH_TOKEN = Sql::Both("update api_token set used_at = $3 where office = $1 and id = $2");
    LOGINS = Sql::Both(
        "select a.id, a.login, a.name, p.title, u.short from account a
         left join holding h on h.office = a.office and h.account = a.id
           and h.state = 'active' and h.from_at <= $2 and (h.until_at is null or h.until_at > $2)
         left join post p on p.office = h.office and p.id = h.post
         left join unit u on u.office = p.office and u.id = p.unit
         where a.office = $1 and a.state = 'active' order by a.id, h.acting, h.from_at, h.id");
    POST_TITLE = Sql::Both(
        "select p.title, u.short from post p join unit u on u.office = p.office and u.id = p.unit
         where p.office = $1 and p.id = $2");
}

pub(super) struct Found {
    pub(super) office: OfficeId,
    pub(super) csrf: String,
    pub(super) created_at: Ts,
    pub(super) seen_at: Ts,
    pub(super) strong_until: Option<Ts>,
    pub(super) agent: String,
    pub(super) account: Account,
    pub(super) device: Option<i64>,
    pub(super) device_used: Option<Ts>,
    pub(super) device_ended: Option<Ts>,
}

pub(super) fn find(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Found>> {
    tx.opt(&FIND, args![hash.to_vec()], |row| {
        Ok(Found {
            office: row.get(0)?,
            csrf: row.get(1)?,
            created_at: row.get(2)?,
            seen_at: row.get(3)?,
            strong_until: row.get(4)?,
            agent: row.get(5)?,
            account: Account {
                id: row.get(6)?,
                login: row.get(7)?,
                name: row.get(8)?,
                locale: row.get(9)?,
                password_at: row.get(10)?,
                has_totp: row.get::<Option<Vec<u8>>>(11)?.is_some(),
                has_password: row.get(12)?,
            },
            device: row.get(13)?,
            device_used: row.get(14)?,
            device_ended: row.get(15)?,
        })
    })
}

pub(super) fn touch(tx: &mut Tx<'_>, hash: &[u8; 32], now: Ts) -> Result<()> {
    tx.exec(&TOUCH, args![hash.to_vec(), now])?;
    tx.exec(&TOUCH_DEVICE, args![hash.to_vec(), now])?;
    Ok(())
}

pub(super) fn on_device(tx: &mut Tx<'_>, hash: &[u8; 32], device: i64) -> Result<()> {
    tx.exec(&ON_DEVICE, args![hash.to_vec(), device])?;
    Ok(())
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: AccountId,
    token: &Token,
    csrf: &str,
    strong_until: Option<Ts>,
    agent: &str,
) -> Result<()> {
    tx.exec(&INSERT, args![token.hash.to_vec(), cx.office.id, account, csrf, cx.now, strong_until, agent])?;
    Ok(())
}

pub(super) fn renew(tx: &mut Tx<'_>, old: &[u8; 32], token: &Token, csrf: &str) -> Result<()> {
    tx.exec(&RENEW, args![old.to_vec(), token.hash.to_vec(), csrf])?;
    Ok(())
}

pub(super) fn end(tx: &mut Tx<'_>, office: OfficeId, account: AccountId, hash: &[u8; 32]) -> Result<u64> {
    tx.exec(&END, args![office, account, hash.to_vec()])
}

pub(super) fn end_all(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
    except: Option<&[u8; 32]>,
) -> Result<u64> {
    match except {
        Some(hash) => tx.exec(&END_OTHERS, args![office, account, hash.to_vec()]),
        None => tx.exec(&END_ALL, args![office, account]),
    }
}

pub(super) fn list(tx: &mut Tx<'_>, office: OfficeId, account: AccountId) -> Result<Vec<Listed>> {
    tx.query(&LIST, args![office, account], |row| {
        Ok(Listed { hash: row.get(0)?, created_at: row.get(1)?, seen_at: row.get(2)?, agent: row.get(3)? })
    })
}

pub(super) fn prune(tx: &mut Tx<'_>, created_before: Ts) -> Result<u64> {
    tx.exec(&PRUNE, args![created_before])
}

pub(super) fn strengthen(tx: &mut Tx<'_>, hash: &[u8; 32], until: Ts) -> Result<()> {
    tx.exec(&STRENGTHEN, args![hash.to_vec(), until])?;
    Ok(())
}

/// What a log-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// The tenant.
    pub office: OfficeId,
    /// The account.
    pub account: AccountId,
    /// The person's name.
    pub name: String,
    /// The hash; `None` lets nobody in.
    pub password: Option<String>,
    /// `active`, `locked` or `closed`.
    pub state: String,
    /// Failures in a row.
    pub failures: i64,
    /// Locked until then.
    pub locked_until: Option<Ts>,
    /// The sealed secret of the second factor.
    pub totp: Option<Vec<u8>>,
    /// The last step used.
    pub totp_used: Option<i64>,
    /// The language chosen.
    pub locale: Option<String>,
}

fn credentials_row(row: &store::Row<'_>) -> Result<Credentials> {
    Ok(Credentials {
        office: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        password: row.get(3)?,
        state: row.get(4)?,
        failures: row.get(5)?,
        locked_until: row.get(6)?,
        totp: row.get(7)?,
        totp_used: row.get(8)?,
        locale: row.get(9)?,
    })
}

pub(super) fn credentials(tx: &mut Tx<'_>, login: &str) -> Result<Option<Credentials>> {
    tx.opt(&CREDENTIALS, args![login], credentials_row)
}

pub(super) fn credentials_of(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
) -> Result<Option<Credentials>> {
    tx.opt(&CREDENTIALS_OF, args![office, account], credentials_row)
}

pub(super) fn set_failures(
    tx: &mut Tx<'_>,
    who: (OfficeId, AccountId),
    failures: i64,
    locked_until: Option<Ts>,
) -> Result<()> {
    tx.exec(&SET_FAILURES, args![who.0, who.1, failures, locked_until])?;
    Ok(())
}

pub(super) fn set_totp(
    tx: &mut Tx<'_>,
    who: (OfficeId, AccountId),
    sealed: Option<Vec<u8>>,
    used: Option<i64>,
) -> Result<()> {
    tx.exec(&SET_TOTP, args![who.0, who.1, sealed, used])?;
    Ok(())
}

/// Whether the step had not been used yet.
pub(super) fn use_step(tx: &mut Tx<'_>, who: (OfficeId, AccountId), step: i64) -> Result<bool> {
    Ok(tx.exec(&USE_STEP, args![who.0, who.1, step])? == 1)
}

pub(super) fn set_password(tx: &mut Tx<'_>, who: (OfficeId, AccountId), hash: &str, at: Ts) -> Result<()> {
    tx.exec(&SET_PASSWORD, args![who.0, who.1, hash, at])?;
    Ok(())
}

pub(super) fn set_locale(tx: &mut Tx<'_>, who: (OfficeId, AccountId), locale: &str) -> Result<()> {
    tx.exec(&SET_LOCALE, args![who.0, who.1, locale])?;
    Ok(())
}

pub(super) struct FoundToken {
    pub(super) office: OfficeId,
    pub(super) id: i64,
    pub(super) account: Account,
    pub(super) used_at: Option<Ts>,
}

pub(super) fn find_token(tx: &mut Tx<'_>, hash: &[u8; 32], now: Ts) -> Result<Option<FoundToken>> {
    tx.opt(&FIND_TOKEN, args![hash.to_vec(), now], |row| {
        Ok(FoundToken {
            office: row.get(0)?,
            id: row.get(1)?,
            account: Account {
                id: row.get(2)?,
                login: row.get(3)?,
                name: row.get(4)?,
                locale: row.get(5)?,
                password_at: row.get(6)?,
                has_totp: row.get::<Option<Vec<u8>>>(7)?.is_some(),
                has_password: row.get(9)?,
            },
            used_at: row.get(8)?,
        })
    })
}

pub(super) fn insert_token(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: AccountId,
    name: &str,
    hash: &[u8; 32],
    until: Option<Ts>,
) -> Result<i64> {
    let id = tx.id()?;
    tx.exec(&INSERT_TOKEN, args![id, cx.office.id, account, name, hash.to_vec(), cx.now, until])?;
    Ok(id)
}

pub(super) fn list_tokens(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<super::token::Listed>> {
    tx.query(&LIST_TOKENS, args![office], |row| {
        Ok(super::token::Listed {
            id: row.get(0)?,
            login: row.get(1)?,
            name: row.get(2)?,
            created: row.get(3)?,
            until: row.get(4)?,
            used: row.get(5)?,
        })
    })
}

/// Ends a token; gives the account it acted as.
pub(super) fn end_token(tx: &mut Tx<'_>, office: OfficeId, id: i64, now: Ts) -> Result<AccountId> {
    tx.exec(&END_TOKEN, args![office, id, now])?;
    let account = tx.value::<AccountId>(&TOKEN_ACCOUNT, args![office, id])?;
    account.ok_or_else(|| ::store::Error::failed("a token without account"))
}

pub(super) fn touch_token(tx: &mut Tx<'_>, office: OfficeId, id: i64, now: Ts) -> Result<()> {
    tx.exec(&TOUCH_TOKEN, args![office, id, now])?;
    Ok(())
}

pub(super) fn logins(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<(String, String, String)>> {
    let mut rows = tx.query(&LOGINS, args![office, now], |row| {
        let title = (row.get::<Option<String>>(3)?, row.get::<Option<String>>(4)?);
        Ok((row.get::<AccountId>(0)?, row.get(1)?, row.get(2)?, title))
    })?;
    // Somebody with several posts is listed once, with the first of them.
    rows.dedup_by_key(|row| row.0);
    let named = |(title, unit)| match (title, unit) {
        (Some(title), Some(unit)) => format!("{title} \u{b7} {unit}"),
        _ => String::new(),
    };
    Ok(rows.into_iter().map(|(_, login, name, title)| (login, name, named(title))).collect())
}

pub(super) fn post_title(tx: &mut Tx<'_>, office: OfficeId, post: PostId) -> Result<(String, String)> {
    Ok(tx.opt(&POST_TITLE, args![office, post], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default())
}
