//! Both databases hold the same tables and columns after all migrations.

use std::collections::BTreeMap;
use store::{Sql, testing};

const SQLITE_COLUMNS: Sql = Sql::Both(
    "select m.name, c.name, c.\"notnull\" = 1 or c.pk > 0 from sqlite_master m join pragma_table_info(m.name) c
     where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'search%'",
);
const PG_COLUMNS: Sql = Sql::Both(
    "select table_name::text, column_name::text, is_nullable = 'NO' from information_schema.columns
     where table_schema = current_schema() and table_name not like 'search%'",
);

fn columns(db: &store::Db, sql: Sql) -> BTreeMap<(String, String), bool> {
    db.read_now(move |tx| tx.query(&sql, &[], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<bool>(2)?))))
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn both_databases_have_the_same_columns() {
    let sqlite = testing::sqlite().unwrap();
    let Some(pg) = testing::postgres().unwrap() else {
        println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)");
        return;
    };
    assert_eq!(columns(&sqlite.db, SQLITE_COLUMNS), columns(&pg.db, PG_COLUMNS));
}

#[test]
fn the_embedded_database_puts_every_commit_on_disk() {
    let sqlite = testing::sqlite().unwrap();
    let level = sqlite
        .db
        .write_now(|tx| tx.value::<i64>(&Sql::Both("select synchronous from pragma_synchronous"), &[]))
        .unwrap();
    assert_eq!(level, Some(2), "2 is FULL: a commit is acknowledged after its fsync");
}
