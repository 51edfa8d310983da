//! A database that an older program left opens, is brought up to date and proven: for each version of the schema since
//! cases can be kept. `tests/old/office.sql` holds an office with rows of the fifth version; what later versions added is
//! empty there, as it was for whoever came from the version before.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use store::{Dialect, Target, testing};
use tempfile::TempDir;

/// The first version that holds cases.
const FIRST: usize = 5;

/// The rows, in the words of a database: `{true}`, `{false}` and `{hex:…}` stand for what is written differently.
fn rows(dialect: Dialect) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/old/office.sql");
    let text = std::fs::read_to_string(path).unwrap();
    let (yes, no, from, to) = match dialect {
        Dialect::Sqlite => ("1", "0", "x'", "'"),
        Dialect::Postgres => ("true", "false", "'\\x", "'::bytea"),
    };
    let mut out = String::new();
    for (i, part) in text.replace("{true}", yes).replace("{false}", no).split("{hex:").enumerate() {
        match part.split_once('}') {
            Some((hex, rest)) if i > 0 => out.extend([from, hex, to, rest]),
            _ => out.push_str(part),
        }
    }
    out
}

/// An office as the program of a version left it.
struct Old {
    dir: TempDir,
    target: Target,
    schema: Option<testing::Schema>,
}

impl Old {
    fn sqlite(version: usize) -> Old {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("gezhi-data");
        std::fs::create_dir(&data).unwrap();
        let target = Target::Sqlite(data.join("gezhi.db"));
        Old { dir, target, schema: None }.filled(version, Dialect::Sqlite)
    }

    fn postgres(version: usize) -> Option<Old> {
        let schema = testing::schema().unwrap()?;
        let dir = tempfile::tempdir().unwrap();
        let target = schema.target.clone();
        Some(Old { dir, target, schema: Some(schema) }.filled(version, Dialect::Postgres))
    }

    fn filled(self, version: usize, dialect: Dialect) -> Old {
        let key = include_str!("../old/office.key");
        std::fs::write(self.dir.path().join("gezhi-data.key"), key).unwrap();
        testing::migrate_to(&self.target, version).unwrap();
        testing::batch(&self.target, &rows(dialect)).unwrap();
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gezhi"));
        command.current_dir(self.dir.path()).args(args).env_remove("GEZHI_DATA");
        match &self.target {
            Target::Sqlite(_) => command.env_remove("GEZHI_DATABASE_URL"),
            Target::Postgres(url) => command.env("GEZHI_DATABASE_URL", url),
        };
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn good(&self, args: &[&str]) -> String {
        let out = self.run(args);
        let (told, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "{args:?}: {wrong}{told}");
        told.into_owned()
    }

    /// Opened by today's program it is proven, holds its cases, and takes new ones and new people.
    fn proven(&self, version: usize) {
        let proof: Value = serde_json::from_str(&self.good(&["verify", "--json"])).unwrap();
        assert_eq!(
            (&proof["ok"], &proof["cases"]),
            (&true.into(), &CASES.into()),
            "version {version}: {proof}"
        );
        assert_eq!(self.good(&["export", "cases"]).lines().count(), CASES + 1, "version {version}");
        // The versions differ in what they begin with; what is written afterwards is the same for all.
        if version > FIRST {
            return;
        }
        self.good(&["user", "add", "newcomer", "--name", "New", "--title", "主任", "--role", "leader"]);
        let sheet = "编号,收到,结案,时限,状态,社区,单位,大类,小类,内容,答复\n\
                     2026-0900,2026-03-04 08:05,,,待受理,-,,,,想问问居住证怎么办,\n";
        std::fs::write(self.dir.path().join("more.csv"), sheet).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let document = std::fs::read_to_string(root.join("docs/import.md")).unwrap();
        let (_, rest) = document.split_once("```toml\n").unwrap();
        std::fs::write(self.dir.path().join("old.toml"), rest.split_once("```").unwrap().0).unwrap();
        self.good(&["import", "cases", "more.csv", "--profile", "old.toml"]);
        let proof: Value = serde_json::from_str(&self.good(&["verify", "--json"])).unwrap();
        assert_eq!(
            (&proof["ok"], &proof["cases"]),
            (&true.into(), &(CASES + 1).into()),
            "{version}: {proof}"
        );
    }
}

/// Cases in the old office.
const CASES: usize = 7;

#[test]
fn an_office_of_each_older_schema_opens_is_brought_up_to_date_and_proven() {
    for version in FIRST..testing::migrations() {
        Old::sqlite(version).proven(version);
    }
}

#[test]
fn an_office_of_each_older_schema_on_postgresql_opens_is_brought_up_to_date_and_proven() {
    for version in FIRST..testing::migrations() {
        let Some(old) = Old::postgres(version) else {
            println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)");
            return;
        };
        assert!(old.schema.is_some());
        old.proven(version);
    }
}

#[test]
fn a_newer_database_is_refused_with_what_to_do() {
    let old = Old::sqlite(testing::migrations());
    testing::batch(&old.target, "insert into migration (name) values ('9998_later')").unwrap();
    for command in [&["verify"][..], &["office", "list"], &["serve", "--listen", "127.0.0.1:0"]] {
        let out = old.run(command);
        let told = String::from_utf8_lossy(&out.stderr);
        assert!(
            !out.status.success() && told.contains("newer version of the program"),
            "{command:?}: {told}"
        );
        assert!(told.contains("start that version or a later one"), "{told}");
    }
}

/// A copy of an old office's folder.
#[cfg(target_os = "linux")]
fn copy(from: &Path) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("gezhi-data");
    std::fs::create_dir(&data).unwrap();
    let files: [PathBuf; 2] = ["gezhi-data/gezhi.db", "gezhi-data.key"].map(PathBuf::from);
    for file in files {
        std::fs::copy(from.join(&file), dir.path().join(&file)).unwrap();
    }
    dir
}

#[cfg(target_os = "linux")]
#[test]
fn an_upgrade_that_was_killed_anywhere_or_lost_its_power_goes_on_at_the_next_start() {
    use crate::crash::disk::Disk;
    let old = Old::sqlite(FIRST);
    // Close together at first, then further apart: some thousand changes until it is done.
    let moments = std::iter::successors(Some(1_u64), |moment| Some(moment + 1 + moment / 3)).take(32);
    for (killed, moment) in moments.enumerate() {
        let Some(mut disk) = Disk::new() else { return };
        let dir = copy(old.dir.path());
        let target = Target::Sqlite(dir.path().join("gezhi-data/gezhi.db"));
        let again = Old { dir, target, schema: None };
        disk.watch(again.dir.path());
        let mut first = again.command(&["office", "list"]);
        let out = disk.under(&mut first).env("POWERCUT_DIE", moment.to_string()).output().unwrap();
        disk.cut_all();
        let proof: Value = serde_json::from_str(&again.good(&["verify", "--json"])).unwrap();
        assert_eq!(
            (&proof["ok"], &proof["cases"]),
            (&true.into(), &CASES.into()),
            "moment {moment}: {proof}"
        );
        assert!(again.good(&["office", "list", "--json"]).contains("999903"), "moment {moment}");
        if out.status.success() {
            assert!(killed > 5, "it was killed at {killed} moments");
            return;
        }
    }
    panic!("the upgrade does not come to its end");
}

#[test]
fn an_upgrade_on_postgresql_that_was_killed_goes_on_at_the_next_start() {
    for after in [5, 20, 35, 50, 70, 90, 120, 160, 220] {
        let Some(old) = Old::postgres(FIRST) else {
            println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)");
            return;
        };
        let mut first = old.command(&["office", "list"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(after));
        let _ = first.kill();
        first.wait().unwrap();
        let proof: Value = serde_json::from_str(&old.good(&["verify", "--json"])).unwrap();
        assert_eq!((&proof["ok"], &proof["cases"]), (&true.into(), &CASES.into()), "{after} ms: {proof}");
    }
}

#[test]
fn a_lost_key_of_an_office_on_postgresql_is_told_and_not_replaced() {
    let Some(old) = Old::postgres(testing::migrations()) else {
        println!("skipped: TEST_PG_URL is not set (cargo xtask test sets it)");
        return;
    };
    let key = old.dir.path().join("gezhi-data.key");
    let whole = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let out = old.run(&["office", "list"]);
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && told.contains("bring it back from your copy"), "{told}");
    assert!(!key.exists(), "a new key would open nothing and hide that the old one is gone");
    std::fs::write(&key, whole).unwrap();
    old.good(&["verify"]);
}
