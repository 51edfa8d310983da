use crate::packages::{major, stale};

#[test]
fn the_major_version_is_read_from_what_programs_print() {
    assert_eq!(major("v20.20.2"), 20);
    assert_eq!(major("/usr/lib/postgresql/15/bin"), 15);
    assert_eq!(major("unknown"), 0);
}

#[test]
fn packages_are_installed_again_when_missing_or_older_than_the_lock() {
    let dir = std::env::temp_dir().join(format!("gezhi-xtask-packages-{}", std::process::id()));
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let new = old + std::time::Duration::from_secs(60);
    let write = |file: &str, time| {
        std::fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
        std::fs::write(dir.join(file), "{}").unwrap();
        std::fs::File::options().write(true).open(dir.join(file)).unwrap().set_modified(time).unwrap();
    };
    write("package-lock.json", old);
    assert!(stale(&dir), "nothing is installed");
    write("node_modules/.package-lock.json", new);
    assert!(!stale(&dir), "installed after the lock was written");
    write("package-lock.json", new + std::time::Duration::from_secs(60));
    assert!(stale(&dir), "the lock was changed afterwards");
    std::fs::remove_dir_all(&dir).unwrap();
}
