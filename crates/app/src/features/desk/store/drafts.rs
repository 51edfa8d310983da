//! Notes taken while listening, sealed: they may hold a name and a number.

use crate::context::Cx;
use kernel::{AccountId, Ts};
use serde::{Deserialize, Serialize};
use store::{Error, Result, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both(
        "insert into draft (id, office, account, sealed, started_at, updated_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (office, account, id) do update set sealed = excluded.sealed, updated_at = excluded.updated_at
         where draft.updated_at < excluded.updated_at");
    LIST = Sql::Both("select id, started_at from draft where office = $1 and account = $2 order by started_at, id limit 50");
    ONE = Sql::Both("select sealed, started_at from draft where office = $1 and account = $2 and id = $3");
    DROP = Sql::Both("delete from draft where office = $1 and account = $2 and id = $3");
}

/// A draft: the fields of the form as they stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Name and value.
    pub fields: Vec<(String, String)>,
}

fn bound(account: AccountId, id: &str) -> String {
    format!("draft {account} {id}")
}

/// Keeps a draft unless a newer state of it (`seq`, UTC milliseconds) is kept already.
pub fn put_draft(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: &str, seq: Ts, draft: &Draft) -> Result<()> {
    let plain = serde_json::to_vec(draft).map_err(|e| Error::failed(e.to_string()))?;
    let sealed = cx.vault.seal(cx.office.id, &bound(account, id), &plain)?;
    tx.exec(&PUT, args![id, cx.office.id, account, sealed, cx.now, seq])?;
    Ok(())
}

/// The drafts of an account: id and start.
pub fn drafts(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<(String, Ts)>> {
    tx.query(&LIST, args![cx.office.id, account], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// One draft.
pub fn draft(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: &str) -> Result<Option<(Draft, Ts)>> {
    let found = tx.opt(&ONE, args![cx.office.id, account, id], |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Ts>(1)?)))?;
    let Some((sealed, started)) = found else { return Ok(None) };
    let plain = cx.vault.open(cx.office.id, &bound(account, id), &sealed)?;
    let draft = serde_json::from_slice(&plain).map_err(|e| Error::failed(format!("a draft: {e}")))?;
    Ok(Some((draft, started)))
}

/// Registered or given up.
pub fn drop_draft(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: &str) -> Result<()> {
    tx.exec(&DROP, args![cx.office.id, account, id])?;
    Ok(())
}
