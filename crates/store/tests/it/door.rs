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

#[test]
fn a_group_that_the_disk_could_not_take_is_refused_whole_and_the_next_is_taken() {
    const FULL: Sql = Sql::Both("pragma max_page_count = 1");
    const ROOM: Sql = Sql::Both("pragma max_page_count = 1000000");
    let test = store::testing::sqlite().unwrap();
    let db = &test.db;
    db.write_now(|tx| tx.id().map(|_| ())).unwrap();
    // Below its present size it cannot be: no page more.
    db.write_now(|tx| tx.value::<i64>(&FULL, &[])).unwrap();
    let wait = |ms| std::thread::sleep(std::time::Duration::from_millis(ms));
    let outcomes = std::thread::scope(|scope| {
        // While this one is on, the others queue up behind it and become one group.
        let before = scope.spawn(move || {
            db.write_now(move |_| {
                wait(400);
                Ok(())
            })
        });
        wait(100);
        let queued: Vec<_> = [("first", 1), ("large", 2_000_000), ("last", 1)]
            .into_iter()
            .map(|(name, size)| {
                let body = move || db.write_now(move |tx| tx.exec(&PUT, args!["x".repeat(size), name]));
                let thread = scope.spawn(body);
                wait(30);
                thread
            })
            .collect();
        before.join().unwrap().unwrap();
        queued.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    for outcome in outcomes {
        let told = outcome.unwrap_err().to_string();
        assert!(told.contains("the disk is full"), "{told}");
    }
    assert_eq!(
        db.read_now(|tx| tx.value::<i64>(&COUNT, &[])).unwrap(),
        Some(0),
        "who was refused is not there"
    );
    db.write_now(|tx| tx.value::<i64>(&ROOM, &[])).unwrap();
    db.write_now(|tx| tx.exec(&PUT, args!["x".repeat(2_000_000), "large"])).unwrap();
    assert_eq!(db.read_now(|tx| tx.value::<i64>(&COUNT, &[])).unwrap(), Some(1));
}

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

both!(a_body_that_says_how_many_ids_it_takes_is_not_run_half, |db| {
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let counted = std::sync::Arc::clone(&runs);
    let ids = db
        .write_now(move |tx| {
            tx.expect_ids(5_000)?;
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (0..5_000).map(|_| tx.id()).collect::<store::Result<Vec<i64>>>()
        })
        .unwrap();
    assert_eq!(runs.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
});
