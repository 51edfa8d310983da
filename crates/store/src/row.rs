//! Arguments and rows, alike for both drivers.

use crate::{Error, Result};
use kernel::{
    AccountId, AssignmentId, AttachmentId, CaseId, ClockId, Day, DutyId, MatterId, OfficeId, PartyId,
    PlaceId, PostId, ReportId, RequestId, RoleId, Ts, UnitId,
};
use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A statement's argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// NULL.
    Null,
    /// A 64-bit integer: ids, instants, days, counts, fen.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

macro_rules! arg_from {
    ($($ty:ty => |$v:ident| $make:expr;)*) => {$(
        impl From<$ty> for Arg { fn from($v: $ty) -> Arg { $make } }
        impl From<Option<$ty>> for Arg { fn from(v: Option<$ty>) -> Arg { v.map_or(Arg::Null, Arg::from) } }
    )*};
}
arg_from! {
    i64 => |v| Arg::Int(v);
    bool => |v| Arg::Bool(v);
    &str => |v| Arg::Text(v.to_owned());
    String => |v| Arg::Text(v);
    &String => |v| Arg::Text(v.clone());
    Vec<u8> => |v| Arg::Blob(v);
    &[u8] => |v| Arg::Blob(v.to_vec());
    Ts => |v| Arg::Int(v.0);
    Day => |v| Arg::Int(v.0);
}

/// Builds a slice of [`Arg`] from values.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::Arg::from($value)),*] };
}

macro_rules! arg_from_id {
    ($($ty:ident),*) => { arg_from! { $($ty => |v| Arg::Int(v.0);)* } };
}
kernel::for_each_id!(arg_from_id);

impl rusqlite::ToSql for Arg {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Arg::Null => ValueRef::Null,
            Arg::Int(v) => ValueRef::Integer(*v),
            Arg::Bool(v) => ValueRef::Integer(i64::from(*v)),
            Arg::Text(v) => ValueRef::Text(v.as_bytes()),
            Arg::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

type Boxed = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Arg {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        match (self, ty) {
            (Arg::Null, _) => Ok(IsNull::Yes),
            (Arg::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Arg::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Arg::Bool(v), &Type::BOOL) => v.to_sql(ty, out),
            (Arg::Text(v), _) => v.to_sql(ty, out),
            (Arg::Blob(v), &Type::BYTEA) => v.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} given where {ty} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A row while it is read.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// From SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// From PostgreSQL.
    Pg(&'a postgres::Row),
}

impl Row<'_> {
    /// The column at an index, counted from 0.
    ///
    /// # Errors
    /// When the column is absent or of another type, or NULL where the type has no place for it.
    pub fn get<T: FromCol>(&self, index: usize) -> Result<T> {
        T::from_col(self, index)
    }
}

/// A type that a column can be read as.
pub trait FromCol: Sized {
    /// Reads the column.
    ///
    /// # Errors
    /// See [`Row::get`].
    fn from_col(row: &Row<'_>, index: usize) -> Result<Self>;
}

macro_rules! from_col {
    ($($ty:ty),*) => {$(
        impl FromCol for $ty {
            fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
                Ok(match row {
                    Row::Sqlite(row) => row.get::<_, $ty>(index)?,
                    Row::Pg(row) => row.try_get::<_, $ty>(index)?,
                })
            }
        }
        impl FromCol for Option<$ty> {
            fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
                Ok(match row {
                    Row::Sqlite(row) => row.get::<_, Option<$ty>>(index)?,
                    Row::Pg(row) => row.try_get::<_, Option<$ty>>(index)?,
                })
            }
        }
    )*};
}
from_col!(bool, String, Vec<u8>);

/// On PostgreSQL a literal and some functions give 32 bits; both are read.
fn pg_int(row: &postgres::Row, index: usize) -> Result<Option<i64>> {
    match row.columns().get(index).map(postgres::Column::type_) {
        Some(&Type::INT4) => Ok(row.try_get::<_, Option<i32>>(index)?.map(i64::from)),
        _ => Ok(row.try_get::<_, Option<i64>>(index)?),
    }
}

impl FromCol for Option<i64> {
    fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(index)?),
            Row::Pg(row) => pg_int(row, index),
        }
    }
}

impl FromCol for i64 {
    fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(index)?),
            Row::Pg(row) => {
                pg_int(row, index)?.ok_or_else(|| Error::failed(format!("column {index} is NULL")))
            }
        }
    }
}

macro_rules! from_int {
    ($($ty:ident),*) => {$(
        impl FromCol for $ty {
            fn from_col(row: &Row<'_>, index: usize) -> Result<Self> { Ok($ty(row.get(index)?)) }
        }
        impl FromCol for Option<$ty> {
            fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
                Ok(row.get::<Option<i64>>(index)?.map($ty))
            }
        }
    )*};
}
from_int!(Ts, Day);
kernel::for_each_id!(from_int);

impl FromCol for [u8; 32] {
    fn from_col(row: &Row<'_>, index: usize) -> Result<Self> {
        row.get::<Vec<u8>>(index)?.try_into().map_err(|_| Error::failed("a hash is not 32 bytes long"))
    }
}
