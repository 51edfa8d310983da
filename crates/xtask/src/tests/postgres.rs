use crate::postgres::{Cluster, find, ids_of};
use crate::process::{answer, command};

/// The tests that look for left-over folders must not see each other's.
#[cfg(unix)]
static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nnobody2:x:7:7::/:/bin/sh\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";

#[test]
fn the_numbers_of_a_user_are_read_by_the_whole_name() {
    assert_eq!(ids_of(PASSWD, "nobody"), Some((65_534, 65_533)));
    assert_eq!(ids_of(PASSWD, "nobod"), None);
}

#[cfg(unix)]
#[test]
fn a_private_server_answers_with_its_password_and_leaves_nothing_behind() {
    let _turn = ONE_AT_A_TIME.lock();
    let Some(binaries) = find() else {
        eprintln!("skipped: PostgreSQL is not installed");
        return;
    };
    let cluster = Cluster::start(&binaries).unwrap();
    let (folder, url) = (cluster.folder.clone(), cluster.url.clone());
    let psql = |url: &str| {
        let mut psql = command(binaries.join("psql"));
        psql.args([url, "-tAc", "select current_setting('fsync') || current_setting('server_encoding')"]);
        psql.env_remove("PGPASSFILE").env("PGPASSWORD", "");
        answer(&mut psql)
    };
    assert_eq!(psql(&url).as_deref(), Some("onUTF8"));
    let (before, after) = url.split_once('@').unwrap();
    let wrong = format!("{before}x@{after}");
    assert_eq!(psql(&wrong), None, "a wrong password is refused");
    drop(cluster);
    assert_eq!(psql(&url), None, "the server is gone");
    assert!(!folder.exists(), "its folder is gone");
}

#[cfg(unix)]
#[test]
fn a_server_that_cannot_start_tells_why_and_leaves_nothing_behind() {
    let _turn = ONE_AT_A_TIME.lock();
    let dir = std::env::temp_dir().join(format!("gezhi-xtask-initdb-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let Err(error) = Cluster::start(&dir) else { panic!("there is no initdb in an empty folder") };
    assert!(error.to_string().contains("initdb failed"), "{error}");
    std::fs::remove_dir(&dir).unwrap();
    let mine = format!("gezhi-pg-{}-", std::process::id());
    let left = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let left = left.filter(|e| e.file_name().to_string_lossy().starts_with(&mine)).count();
    assert_eq!(left, 0);
}
