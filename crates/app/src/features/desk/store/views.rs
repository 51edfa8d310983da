//! Saved views: a name for a filter, one's own.

use crate::context::Cx;
use kernel::AccountId;
use store::{Result, Sql, Tx, args, statements};

statements! {
    LIST = Sql::Both("select id, name, query from saved_view where office = $1 and account = $2 order by name, id");
    PUT = Sql::Both("insert into saved_view (id, office, account, name, query, at) values ($1, $2, $3, $4, $5, $6)");
    DROP = Sql::Both("delete from saved_view where office = $1 and account = $2 and id = $3");
}

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: i64,
    /// As its owner called it.
    pub name: String,
    /// The query of the list's address.
    pub query: String,
}

/// The views of an account, by name.
pub fn view_list(tx: &mut Tx<'_>, cx: &Cx, account: AccountId) -> Result<Vec<SavedView>> {
    tx.query(&LIST, args![cx.office.id, account], |row| {
        Ok(SavedView { id: row.get(0)?, name: row.get(1)?, query: row.get(2)? })
    })
}

/// Keeps a view.
pub fn put_view(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, name: &str, query: &str) -> Result<()> {
    let id = tx.id()?;
    tx.exec(&PUT, args![id, cx.office.id, account, name, query, cx.now])?;
    Ok(())
}

/// Removes a view of the account; another's stays.
pub fn delete_view(tx: &mut Tx<'_>, cx: &Cx, account: AccountId, id: i64) -> Result<()> {
    tx.exec(&DROP, args![cx.office.id, account, id])?;
    Ok(())
}
