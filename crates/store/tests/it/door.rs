use kernel::Refusal;
use store::{Arg, Error, Query, Sql, args, both};

const PUT: Sql = Sql::Both("insert into meta (name, value) values ($2, $1)");
const GET: Sql = Sql::Both("select value from meta where name = $1");
const COUNT: Sql = Sql::Both("select count(*) from meta");

both!(what_is_acknowledged_can_be_read, |db| {
    db.write_now(|tx| tx.exec(&PUT, args!["value", "name"])).unwrap();
    let value = db.read_now(|tx| tx.value::<String>(&GET, args!["name"])).unwrap();
    assert_eq!(value.as_deref(), Some("value"));
});

both!(a_refusal_writes_nothing_and_leaves_its_neighbours_alone, |db| {
    let threads: Vec<_> = (0..40)
        .map(|i| {
            let db = db.clone();
            std::thread::spawn(move || {
                db.write_now(move |tx| {
                    tx.exec(&PUT, args!["x", format!("n{i}")])?;
                    if i % 2 == 0 { Err(Refusal::rule("test.refused").into()) } else { Ok(()) }
                })
            })
        })
        .collect();
    let outcomes: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|o| matches!(o, Err(Error::Refused(_)))).count(), 20);
    assert_eq!(db.read_now(|tx| tx.value::<i64>(&COUNT, &[])).unwrap(), Some(20));
});

both!(a_panic_in_a_body_is_a_failure_of_that_body_alone, |db| {
    let failed = db.write_now(|tx| -> store::Result<()> {
        tx.exec(&PUT, args!["x", "lost"])?;
        panic!("on purpose")
    });
    assert!(failed.unwrap_err().to_string().contains("on purpose"));
    db.write_now(|tx| tx.exec(&PUT, args!["x", "kept"])).unwrap();
    assert_eq!(db.read_now(|tx| tx.value::<i64>(&COUNT, &[])).unwrap(), Some(1));
});

both!(ids_are_unique_and_a_body_may_need_more_than_a_block, |db| {
    let many = db.write_now(|tx| (0..2_500).map(|_| tx.id()).collect::<store::Result<Vec<i64>>>()).unwrap();
    let more = db.write_now(|tx| tx.id()).unwrap();
    let mut all = many.clone();
    all.push(more);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 2_501);
});

both!(writing_through_a_read_fails, |db| {
    assert!(db.read_now(|tx| tx.exec(&PUT, args!["x", "y"])).is_err());
    assert_eq!(db.read_now(|tx| tx.value::<i64>(&COUNT, &[])).unwrap(), Some(0));
});

both!(a_composed_list_numbers_its_arguments, |db| {
    db.write_now(|tx| {
        for (name, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
            tx.exec(&PUT, args![value, name])?;
        }
        Ok(())
    })
    .unwrap();
    let names = db
        .read_now(|tx| {
            let mut query = Query::new("select name from meta");
            query.and("value <> ?", [Arg::from("2")]);
            query.and_in("name", [Arg::from("a"), Arg::from("b"), Arg::from("c")]);
            query.and_not_in("name", [Arg::from("c")]);
            query.push("order by name").bind("limit ?", [Arg::from(10)]);
            tx.list(&query, |row| row.get::<String>(0))
        })
        .unwrap();
    assert_eq!(names, ["a"]);
    let none = db
        .read_now(|tx| {
            let mut query = Query::new("select name from meta");
            query.and_in("name", []);
            tx.list(&query, |row| row.get::<String>(0))
        })
        .unwrap();
    assert!(none.is_empty());
});
