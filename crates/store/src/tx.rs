//! What a body gets: a transaction on either database.

use crate::db::Ids;
use crate::pg::PgTx;
use crate::{Arg, Dialect, Error, FromCol, Result, Row, Statement};

/// A transaction. Reads get the same type over a read-only connection; writing through that fails.
pub struct Tx<'a> {
    pub(crate) inner: Inner<'a>,
    pub(crate) ids: &'a Ids,
}

pub(crate) enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection),
    Pg(PgTx<'a>),
}

impl Tx<'_> {
    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Pg(_) => Dialect::Postgres,
        }
    }

    /// A new 63-bit id, unique over all offices and tables.
    ///
    /// # Errors
    /// [`Error::NeedIds`] when the reserved block is used up; the door then runs the body again.
    pub fn id(&mut self) -> Result<i64> {
        self.ids.next().ok_or(Error::NeedIds)
    }

    /// Says how many ids the body will take, at its beginning: where fewer are reserved it is run again before it has done
    /// anything, and not when it is half through.
    ///
    /// # Errors
    /// [`Error::NeedIds`], as [`Tx::id`].
    pub fn expect_ids(&mut self, count: i64) -> Result<()> {
        if self.ids.has(count) { Ok(()) } else { Err(Error::NeedIds) }
    }

    /// Runs a statement that changes rows; returns how many.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn exec(&mut self, sql: &impl Statement, args: &[Arg]) -> Result<u64> {
        no_zero(args)?;
        let text = sql.text(self.dialect());
        match &mut self.inner {
            Inner::Sqlite(conn) => {
                let mut stmt = conn.prepare_cached(text)?;
                bind(&mut stmt, args)?;
                Ok(stmt.raw_execute()? as u64)
            }
            Inner::Pg(pg) => pg.exec(text, args),
        }
    }

    /// Runs a query and maps each row.
    ///
    /// # Errors
    /// When the database or the mapping refuses.
    pub fn query<T>(
        &mut self,
        sql: &impl Statement,
        args: &[Arg],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        no_zero(args)?;
        let text = sql.text(self.dialect());
        #[cfg(feature = "testing")]
        crate::testing::look(self, text, args)?;
        match &mut self.inner {
            Inner::Sqlite(conn) => {
                let mut stmt = conn.prepare_cached(text)?;
                bind(&mut stmt, args)?;
                let mut rows = stmt.raw_query();
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(map(&Row::Sqlite(row))?);
                }
                Ok(out)
            }
            Inner::Pg(pg) => pg.query(text, args)?.iter().map(|row| map(&Row::Pg(row))).collect(),
        }
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn opt<T>(
        &mut self,
        sql: &impl Statement,
        args: &[Arg],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, args, map)?.into_iter().next())
    }

    /// The first column of the first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn value<T: FromCol>(&mut self, sql: &impl Statement, args: &[Arg]) -> Result<Option<T>> {
        self.opt(sql, args, |row| row.get(0))
    }

    /// A list composed by [`crate::Query`], with its own arguments.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn list<T>(
        &mut self,
        query: &crate::Query,
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.query(query, query.args(), map)
    }

    /// Checks that a statement can be prepared, for the census test.
    ///
    /// # Errors
    /// When it cannot.
    pub fn prepare(&mut self, sql: &impl Statement) -> Result<()> {
        let text = sql.text(self.dialect());
        match &mut self.inner {
            Inner::Sqlite(conn) => conn.prepare(text).map(|_| ()).map_err(Error::from),
            Inner::Pg(pg) => pg.prepare(text),
        }
    }

    /// Runs many statements at once: migrations and the like.
    ///
    /// # Errors
    /// When the database refuses one of them.
    pub fn batch(&mut self, text: &str) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(conn) => Ok(conn.execute_batch(text)?),
            Inner::Pg(pg) => pg.batch(text),
        }
    }

    /// The database's own plan of a query, one line a step.
    #[cfg(feature = "testing")]
    pub(crate) fn plan_of(&mut self, text: &str, args: &[Arg]) -> Result<Vec<String>> {
        let (head, column) = match self.dialect() {
            Dialect::Sqlite => ("explain query plan ", 3),
            Dialect::Postgres => ("explain ", 0),
        };
        let text = format!("{head}{text}");
        match &mut self.inner {
            Inner::Sqlite(conn) => {
                let mut stmt = conn.prepare(&text)?;
                bind(&mut stmt, args)?;
                let mut rows = stmt.raw_query();
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(row.get(column)?);
                }
                Ok(out)
            }
            Inner::Pg(pg) => pg.query(&text, args)?.iter().map(|row| Row::Pg(row).get(column)).collect(),
        }
    }
}

/// PostgreSQL keeps no zero character in a text and SQLite's functions end a text there, so neither gets one.
fn no_zero(args: &[Arg]) -> Result<()> {
    let has = |arg: &Arg| matches!(arg, Arg::Text(text) if text.contains('\0'));
    if args.iter().any(has) { Err(kernel::Refusal::rule("common.zero_char").into()) } else { Ok(()) }
}

/// SQLite numbers `$n` parameters by first appearance, so each is asked for its name; the other way round every name would
/// be looked for among all.
fn bind(stmt: &mut rusqlite::Statement<'_>, args: &[Arg]) -> Result<()> {
    for index in 1..=stmt.parameter_count() {
        let number =
            stmt.parameter_name(index).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        if let Some(arg) = number.and_then(|n| args.get(n.checked_sub(1)?)) {
            stmt.raw_bind_parameter(index, arg)?;
        }
    }
    Ok(())
}
