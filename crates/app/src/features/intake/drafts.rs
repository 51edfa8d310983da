//! Notes taken while listening, sealed: they may hold a name and a number. A draft belongs to one account and
//! is gone once it is registered or given up.

use crate::context::Cx;
use crate::features::people::store::accounts::draft_bound;
use kernel::{AccountId, Refusal, Ts};
use store::{Error, Result, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both(
        "insert into draft (id, office, account, sealed, started_at, updated_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (office, account, id) do update set sealed = excluded.sealed, updated_at = excluded.updated_at
         where draft.updated_at < excluded.updated_at");
    LIST = Sql::Both("select id, started_at from draft where office = $1 and account = $2 order by started_at, id limit $3");
    ONE = Sql::Both("select sealed, started_at from draft where office = $1 and account = $2 and id = $3");
    DROP = Sql::Both("delete from draft where office = $1 and account = $2 and id = $3");
    COUNT = Sql::Both("select count(*) from draft where office = $1 and account = $2");
    PRUNE = Sql::Both("delete from draft where updated_at < $1");
}

/// Drafts that one account may keep at the same time; nobody talks to more people at once.
pub const MOST: i64 = 30;
/// Characters of one draft at most.
const CHARS_MOST: usize = 20_000;
/// A draft nobody came back to within so long is forgotten, with the name and number in it.
const KEPT: i64 = 7 * Ts::DAY;

/// A draft: the fields of the form as they stood, names and values in order.
pub type Fields = Vec<(String, String)>;

/// Whether a text is an id as the page makes them: a UUID.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Keeps a draft, unless a newer state of it is kept already (`seq`, UTC milliseconds of the page's clock):
/// a copy that arrives late must not replace a newer one.
///
/// # Errors
/// `intake.draft.many` and `intake.draft.long`.
pub fn put(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: AccountId,
    id: &str,
    at: (Ts, Ts),
    fields: &Fields,
) -> Result<()> {
    let (started, seq) = at;
    if fields.iter().map(|(n, v)| n.len() + v.chars().count()).sum::<usize>() > CHARS_MOST {
        return Err(Refusal::rule("intake.draft.long").with("most", CHARS_MOST).into());
    }
    let known = tx.opt(&ONE, args![cx.office.id, account, id], |row| row.get::<Ts>(1))?.is_some();
    if !known && tx.value::<i64>(&COUNT, args![cx.office.id, account])?.unwrap_or(0) >= MOST {
        return Err(Refusal::rule("intake.draft.many").with("most", MOST).into());
    }
    let plain = serde_json::to_vec(fields).map_err(|e| Error::failed(e.to_string()))?;
    let sealed = cx.vault.seal(cx.office.id, &draft_bound(account, id), &plain)?;
    tx.exec(&PUT, args![id, cx.office.id, account, sealed, started, seq])?;
    Ok(())
}

/// The drafts of an account, oldest first: id and when the call began.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<(String, Ts)>> {
    tx.query(&LIST, args![cx.office.id, account, MOST], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// One draft of an account and when it began; `None` when there is none.
///
/// # Errors
/// When the keys do not fit.
pub fn find(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: &str) -> Result<Option<(Fields, Ts)>> {
    let found = tx
        .opt(&ONE, args![cx.office.id, account, id], |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Ts>(1)?)))?;
    let Some((sealed, started)) = found else { return Ok(None) };
    let plain = cx.vault.open(cx.office.id, &draft_bound(account, id), &sealed)?;
    let fields = serde_json::from_slice(&plain).map_err(|e| Error::failed(format!("a draft: {e}")))?;
    Ok(Some((fields, started)))
}

/// Registered or given up.
///
/// # Errors
/// When the database refuses.
pub fn drop(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: &str) -> Result<()> {
    tx.exec(&DROP, args![cx.office.id, account, id])?;
    Ok(())
}

/// Forgets drafts that nobody came back to within seven days; returns how many. For the job that tidies up.
///
/// # Errors
/// When the database refuses.
pub fn prune(tx: &mut Tx<'_>, now: Ts) -> Result<u64> {
    tx.exec(&PRUNE, args![now.plus(-KEPT)])
}
