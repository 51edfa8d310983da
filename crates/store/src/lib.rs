//! The seam over SQLite and PostgreSQL: one SQL text with `$n` placeholders, native drivers, one write
//! door. Start reading at [`Db::write`]; the few places where the two differ are in `dialect`.
#![deny(missing_docs)]

mod db;
mod dialect;
mod error;
mod migrate;
mod pg;
mod query;
mod queue;
mod row;
mod sql;
mod sqlite;
mod tx;

pub mod testing;

pub use db::{Db, Options, Target};
pub use dialect::Dialect;
pub use error::{Error, Result, Trouble};
pub use migrate::Migration;
pub use query::Query;
pub use row::{Arg, FromCol, Row};
pub use sql::{Sql, Statement};
pub use sqlite::{check as check_sqlite, copy as copy_sqlite};
pub use tx::Tx;
