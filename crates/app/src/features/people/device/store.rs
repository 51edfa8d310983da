//! The SQL of bound phones.

use super::Device;
use crate::context::Cx;
use kernel::{AccountId, OfficeId, Ts};
use store::{Result, Row, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both(
        "insert into device (id, office, account, code_hash, code_until, name, made_by, made_at, tries)
         values ($1, $2, $3, $4, $5, '', $6, $7, 0)");
    DROP_CODES = Sql::Both("delete from device where office = $1 and account = $2 and bound_at is null");
    BY_CODE = Sql::Both(
        "select d.id, d.office, d.account, a.name, d.name, d.pin_mac, d.code_until, d.bound_at, d.used_at, d.tries,
         d.locked_until, d.ended_at
         from device d join account a on a.office = d.office and a.id = d.account
         where d.code_hash = $1 and a.state = 'active'");
    BY_TOKEN = Sql::Both(
        "select d.id, d.office, d.account, a.name, d.name, d.pin_mac, d.code_until, d.bound_at, d.used_at, d.tries,
         d.locked_until, d.ended_at
         from device d join account a on a.office = d.office and a.id = d.account
         where d.token_hash = $1 and a.state = 'active'");
    LIST = Sql::Both(
        "select d.id, d.office, d.account, a.name, d.name, d.pin_mac, d.code_until, d.bound_at, d.used_at, d.tries,
         d.locked_until, d.ended_at
         from device d join account a on a.office = d.office and a.id = d.account
         where d.office = $1 and d.account = $2 and d.bound_at is not null and d.ended_at is null
         order by d.used_at desc, d.id");
    BIND = Sql::Both(
        "update device set code_hash = null, token_hash = $3, pin_mac = $4, name = $5, bound_at = $6, used_at = $6
         where office = $1 and id = $2 and bound_at is null");
    TRIED = Sql::Both("update device set tries = $3, locked_until = $4 where office = $1 and id = $2");
    USED = Sql::Both(
        "update device set used_at = $3, tries = 0, locked_until = null where office = $1 and id = $2");
    END = Sql::Both(
        "update device set ended_at = $3, ended_by = $4, token_hash = null, pin_mac = null
         where office = $1 and id = $2 and ended_at is null");
    END_SESSIONS = Sql::Both("delete from session where office = $1 and device = $2");
}

fn device(row: &Row<'_>) -> Result<Device> {
    Ok(Device {
        id: row.get(0)?,
        office: row.get(1)?,
        account: row.get(2)?,
        person: row.get(3)?,
        name: row.get(4)?,
        pin_mac: row.get(5)?,
        code_until: row.get(6)?,
        bound_at: row.get(7)?,
        used_at: row.get(8)?,
        tries: row.get(9)?,
        locked_until: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// Stores a code; earlier ones of the account that nobody used are gone.
pub(super) fn put(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, code: &str, until: Ts) -> Result<i64> {
    tx.exec(&DROP_CODES, args![cx.office.id, account])?;
    let id = tx.id()?;
    tx.exec(&PUT, args![id, cx.office.id, account, code, until, cx.actor.account, cx.now])?;
    Ok(id)
}

pub(super) fn by_code(tx: &mut Tx<'_>, hash: &str) -> Result<Option<Device>> {
    tx.opt(&BY_CODE, args![hash], device)
}

pub(super) fn by_token(tx: &mut Tx<'_>, hash: &str) -> Result<Option<Device>> {
    tx.opt(&BY_TOKEN, args![hash], device)
}

pub(super) fn list(tx: &mut Tx<'_>, office: OfficeId, account: AccountId) -> Result<Vec<Device>> {
    tx.query(&LIST, args![office, account], device)
}

pub(super) fn bind(
    tx: &mut Tx<'_>,
    of: (OfficeId, i64),
    token: &str,
    pin: Vec<u8>,
    name: &str,
    now: Ts,
) -> Result<bool> {
    Ok(tx.exec(&BIND, args![of.0, of.1, token, pin, name, now])? == 1)
}

pub(super) fn tried(tx: &mut Tx<'_>, of: (OfficeId, i64), tries: i64, locked: Option<Ts>) -> Result<()> {
    tx.exec(&TRIED, args![of.0, of.1, tries, locked])?;
    Ok(())
}

pub(super) fn used(tx: &mut Tx<'_>, of: (OfficeId, i64), now: Ts) -> Result<()> {
    tx.exec(&USED, args![of.0, of.1, now])?;
    Ok(())
}

/// Ends a phone and what is open on it; whether it was still bound.
pub(super) fn end(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<bool> {
    tx.exec(&END_SESSIONS, args![cx.office.id, id])?;
    Ok(tx.exec(&END, args![cx.office.id, id, cx.now, cx.actor.account])? == 1)
}
