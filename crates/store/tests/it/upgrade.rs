//! What happens to a schema that an older or a newer program left.

use store::{Db, Migration, Options, Sql, Target, testing};

const THERE: Sql = Sql::Both("select name from meta where name = 'there'");
const LATER: Sql = Sql::Both("select count(*) from later");

fn open(target: &Target) -> store::Result<Db> {
    Db::open(target, Options { readers: 1, writers: 1, ..Options::default() })
}

/// A body on both databases, without a table in them yet.
fn on_both(body: impl Fn(&Target)) {
    let dir = tempfile::tempdir().unwrap();
    body(&Target::Sqlite(dir.path().join("gezhi.db")));
    match testing::schema().unwrap() {
        Some(schema) => body(&schema.target),
        None => println!("PostgreSQL skipped: TEST_PG_URL is not set (cargo xtask test sets it)"),
    }
}

#[test]
fn a_migration_that_fails_in_the_middle_leaves_nothing_and_is_done_at_the_next_start() {
    on_both(|target| {
        testing::migrate_to(target, testing::migrations() - 1).unwrap();
        testing::batch(target, "insert into meta (name, value) values ('there', '1')").unwrap();
        let bad =
            "create table later (id bigint);\ninsert into later values (1);\ninsert into nowhere values (1);";
        let failed = testing::migrate_beyond(target, &[Migration { name: "9999_test", text: bad }]);
        assert!(failed.unwrap_err().to_string().contains("9999_test"), "it says which");
        // The earlier ones stand, of the failed one nothing.
        let db = open(target).unwrap();
        assert!(db.read_now(|tx| tx.value::<i64>(&LATER, &[])).is_err());
        assert!(db.read_now(|tx| tx.value::<String>(&THERE, &[])).unwrap().is_some());
        drop(db);
        let good = "create table later (id bigint);\ninsert into later values (1);";
        testing::migrate_beyond(target, &[Migration { name: "9999_test", text: good }]).unwrap();
        testing::migrate_beyond(target, &[Migration { name: "9999_test", text: good }]).unwrap();
        testing::batch(target, "delete from migration where name = '9999_test'").unwrap();
        let db = open(target).unwrap();
        assert_eq!(db.read_now(|tx| tx.value::<i64>(&LATER, &[])).unwrap(), Some(1), "done once");
    });
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    on_both(|target| {
        testing::migrate_to(target, testing::migrations() - 1).unwrap();
        testing::batch(target, "insert into migration (name) values ('9998_later_rename_cases')").unwrap();
        let Err(refused) = open(target) else { panic!("it opened") };
        let told = refused.to_string();
        assert!(told.contains("newer version") && told.contains("9998_later_rename_cases"), "{told}");
        testing::batch(target, "delete from migration where name like '9998%'").unwrap();
        // What this program would have added was not added: it still can be.
        open(target).unwrap();
    });
}
