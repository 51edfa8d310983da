//! One key, one effect: the answer of a write is kept 60 days (国庆 is 8) beside the hash of its request, in
//! the write's own transaction.

use crate::context::Cx;
use kernel::{Refusal, RefusalKind, Ts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Result, Sql, Tx, args, statements};

statements! {
    TAKE = Sql::Both(
        "insert into idempotency (office, key, request, answer, at) values ($1, $2, $3, '', $4)
         on conflict (office, key) do nothing");
    KNOWN = Sql::Both("select request, answer from idempotency where office = $1 and key = $2");
    ANSWER = Sql::Both("update idempotency set answer = $3 where office = $1 and key = $2");
    PRUNE = Sql::Both("delete from idempotency where at < $1");
}

/// For how long a key is known.
const KEPT: i64 = 60 * Ts::DAY;

/// A key as clients make them.
#[derive(Clone, Debug)]
pub struct Key(String);

impl Key {
    /// Checks a key: 8 to 80 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `common.key_bad`.
    pub fn new(text: &str) -> std::result::Result<Key, Refusal> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if plain && (8..=80).contains(&text.len()) {
            Ok(Key(text.to_owned()))
        } else {
            Err(Refusal::rule("common.key_bad"))
        }
    }
}

/// The hash of a request and who sent it.
#[must_use]
pub fn digest(owner: i64, request: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&owner.to_le_bytes());
    hasher.update(request);
    *hasher.finalize().as_bytes()
}

/// Runs the body unless the key is known; then gives the first answer again.
///
/// # Errors
/// `common.key_reused` when the key is known for another request; otherwise the body's own.
pub fn once<T, F>(tx: &mut Tx<'_>, cx: &Cx, key: &Key, request: &[u8; 32], body: &mut F) -> Result<T>
where
    T: Serialize + DeserializeOwned,
    F: FnMut(&mut Tx<'_>, &Cx) -> Result<T>,
{
    let office = cx.office.id;
    if tx.exec(&TAKE, args![office, &key.0, request.to_vec(), cx.now])? == 0 {
        let known = tx
            .opt(&KNOWN, args![office, &key.0], |row| Ok((row.get::<[u8; 32]>(0)?, row.get::<String>(1)?)))?;
        let (first, answer) = known.ok_or(store::Error::Again)?;
        if first != *request {
            return Err(Refusal { kind: RefusalKind::Conflict, ..Refusal::rule("common.key_reused") }.into());
        }
        return serde_json::from_str(&answer)
            .map_err(|e| store::Error::failed(format!("a kept answer: {e}")));
    }
    let value = body(tx, cx)?;
    let answer = serde_json::to_string(&value).map_err(|e| store::Error::failed(e.to_string()))?;
    tx.exec(&ANSWER, args![office, &key.0, answer])?;
    Ok(value)
}

/// Forgets keys older than 60 days; returns how many. For the job that tidies up.
///
/// # Errors
/// When the database refuses.
pub fn prune(tx: &mut Tx<'_>, now: Ts) -> Result<u64> {
    tx.exec(&PRUNE, args![now.plus(-KEPT)])
}
