//! What a feature keeps in memory per office: small tables that everything asks (places, the catalogue),
//! read once and thrown away when they change.
//!
//! A change writes a new random mark into `meta` within its own transaction, and every look reads the mark
//! first, so that several processes on one database never serve an old state, and a change that is rolled
//! back leaves nothing behind.

use crate::crypto;
use kernel::OfficeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Result, Sql, Tx, args, statements};

statements! {
    MARK = Sql::Both("select value from meta where name = $1");
    PUT_MARK = Sql::Both(
        "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value");
}

/// One kind of thing kept, for all offices of this process.
pub struct Kept<T> {
    name: &'static str,
    offices: Mutex<BTreeMap<OfficeId, (String, Arc<T>)>>,
}

impl<T> Kept<T> {
    /// Nothing kept yet; `name` begins the mark's name in `meta`.
    #[must_use]
    pub const fn new(name: &'static str) -> Kept<T> {
        Kept { name, offices: Mutex::new(BTreeMap::new()) }
    }

    /// What an office has now: from memory when its mark still stands, built otherwise. An office whose
    /// mark was never written has hardly anything to build and is not kept.
    ///
    /// # Errors
    /// When the database or `build` refuses.
    pub fn get(
        &self,
        tx: &mut Tx<'_>,
        office: OfficeId,
        build: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Arc<T>> {
        let mark: Option<String> = tx.value(&MARK, args![self.mark_name(office)])?;
        let Some(mark) = mark else { return Ok(Arc::new(build(tx)?)) };
        let kept = self.offices.lock().unwrap_or_else(PoisonError::into_inner).get(&office).cloned();
        if let Some((at, thing)) = kept
            && at == mark
        {
            return Ok(thing);
        }
        // Built without the lock: two who meet here build it twice, and neither waits for the other.
        let made = Arc::new(build(tx)?);
        self.offices.lock().unwrap_or_else(PoisonError::into_inner).insert(office, (mark, Arc::clone(&made)));
        Ok(made)
    }

    /// Says that an office's rows were changed; call it after the change, in the same transaction.
    ///
    /// # Errors
    /// When the database refuses or the machine has no random bytes.
    pub fn changed(&self, tx: &mut Tx<'_>, office: OfficeId) -> Result<()> {
        let mark = data_encoding::HEXLOWER.encode(&crypto::random::<12>()?);
        tx.exec(&PUT_MARK, args![self.mark_name(office), mark])?;
        Ok(())
    }

    fn mark_name(&self, office: OfficeId) -> String {
        format!("kept.{}.{office}", self.name)
    }
}
