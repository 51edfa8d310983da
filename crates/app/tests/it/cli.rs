//! The commands as somebody at a terminal meets them: the program itself, on a data folder of its own.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder to work in, and the program in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gezhi"));
        command
            .current_dir(self.0.path())
            .args(args)
            .env_remove("GEZHI_DATA")
            .env_remove("GEZHI_DATABASE_URL");
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command prints that must go well.
    fn good(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.good(args);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}\n{text}"))
    }

    /// Exit code and stderr of a command that must fail.
    fn bad(&self, args: &[&str]) -> (i32, String) {
        let out = self.run(args);
        assert!(!out.status.success(), "{args:?} went well");
        (out.status.code().unwrap(), String::from_utf8(out.stderr).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// The example of docs/import.md.
    fn example(&self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let document = std::fs::read_to_string(root.join("docs/import.md")).unwrap();
        let block = |kind: &str| {
            let (_, rest) = document.split_once(&format!("```{kind}\n")).unwrap();
            rest.split_once("```").unwrap().0.to_owned()
        };
        self.write("old.csv", block("csv"));
        self.write("old.toml", block("toml"));
    }

    fn server(&self) -> Server {
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on http://"), "{line}");
        Server(child)
    }
}

/// Ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const IMPORT: [&str; 5] = ["import", "cases", "old.csv", "--profile", "old.toml"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(more).copied().collect()
}

#[test]
fn a_folder_that_holds_nothing_is_told_and_not_filled() {
    let desk = Desk::new();
    for args in [
        &["stats", "demand.received"][..],
        &["user", "list"],
        &["token", "list"],
        &["export", "cases"],
        &["office", "list"],
        &["verify"],
    ] {
        let (code, told) = desk.bad(args);
        assert_eq!(code, 2, "{args:?}: {told}");
        assert!(told.contains("--data"), "{args:?}: {told}");
    }
    assert!(!desk.path("gezhi-data").exists() && !desk.path("gezhi-data.key").exists());
}

#[test]
fn an_office_is_made_by_hand_and_keys_are_listed_and_ended() {
    let desk = Desk::new();
    desk.good(&["office", "add", "--code", "999904001", "--name", "甲街道", "--short", "甲"]);
    let (code, told) =
        desk.bad(&["user", "add", "liwei", "--name", "Li", "--title", "主任", "--role", "boss"]);
    assert_eq!(code, 2);
    assert!(told.contains("leader") && told.contains("acceptor"), "the roles there are: {told}");
    let made =
        desk.json(&["user", "add", "liwei", "--name", "Li", "--title", "主任", "--role", "leader", "--json"]);
    assert!(made[0]["password"].as_str().unwrap().len() >= 12);
    let key = desk.json(&["token", "add", "liwei", "--name", "wall", "--json"]);
    let key = key[0]["token"].as_str().unwrap().to_owned();
    let list = desk.json(&["token", "list", "--json"]);
    assert_eq!((list[0]["login"].as_str(), list[0]["state"].as_str()), (Some("liwei"), Some("active")));
    assert!(!list.to_string().contains(&key), "a list never shows a key");
    let id = list[0]["id"].as_str().unwrap();
    desk.good(&["token", "revoke", id]);
    assert_eq!(desk.json(&["token", "list", "--json"])[0]["state"], "ended");
    let (code, told) = desk.bad(&["token", "revoke", id]);
    assert!(code == 2 && told.contains("wall"), "{told}");
    let (code, told) = desk.bad(&["token", "revoke", "12"]);
    assert!(code == 2 && told.contains("gezhi token list"), "{told}");
    let (code, told) = desk.bad(&["stats", "demand.nothing"]);
    assert!(code == 2 && told.contains("gezhi stats --list"), "{told}");
}

#[test]
fn one_command_makes_the_office_of_a_file_and_a_second_changes_nothing() {
    let desk = Desk::new();
    desk.example();
    let told = desk.json(&with(&IMPORT, &["--json", "--dry-run"]));
    assert_eq!(told["imported"], 3, "{told}");
    assert_eq!(desk.json(&with(&IMPORT, &["--json"]))["imported"], 3);
    let again = desk.json(&with(&IMPORT, &["--json"]));
    assert_eq!((&again["imported"], &again["unchanged"]), (&0.into(), &3.into()));
    // The shape that issue and documents promise, in this order.
    let text = desk.good(&["stats", "demand.received", "--by", "unit", "--json"]);
    let place = |key: &str| text.find(&format!("\"{key}\"")).unwrap_or_else(|| panic!("no {key}: {text}"));
    let order = ["indicator", "from", "to", "rows", "key", "label", "value", "numerator", "denominator"];
    assert!(order.windows(2).all(|w| place(w[0]) < place(w[1])), "{text}");
    let csv = desk.good(&["export", "cases"]);
    assert_eq!((csv.lines().count(), csv.starts_with('\u{feff}')), (4, true));
    desk.good(&["export", "cases", "--output", "out.xlsx"]);
    assert!(std::fs::read(desk.path("out.xlsx")).unwrap().starts_with(b"PK"), "the name says the format");
    let (code, _) = desk.bad(&["export", "cases", "--where", "case.nothing == 1", "--output", "none.csv"]);
    assert_eq!(code, 2);
    assert!(!desk.path("none.csv").exists(), "a refusal leaves no file behind");
}

#[test]
fn a_hostile_file_is_told_with_place_and_remedy_and_nothing_is_written() {
    let desk = Desk::new();
    desk.example();
    let good = std::fs::read_to_string(desk.path("old.csv")).unwrap();
    let head = good.lines().next().unwrap();
    let second = good.lines().nth(1).unwrap();
    let (gbk, _, _) = encoding_rs::GBK.encode(&good);
    let text = |content: String| content.into_bytes();
    let cases: [(Vec<u8>, &str, &[&str]); 10] = [
        (gbk.to_vec(), "", &["UTF-8", "GBK"]),
        (b"PK\x03\x04rest".to_vec(), "", &["xlsx"]),
        (Vec::new(), "", &["\u{7a7a}"]),
        (text(good.replace(',', ";")), "", &["编号;收到"]),
        (text(good.replace("2026-0108", "4.40305E+17")), "编号", &["4.40305E+17"]),
        (text(good.replace("2026-0108", "2026-0107")), "编号", &["2026-0107"]),
        (text(format!("{head}\n{second},多,多\n")), "", &["13", "11"]),
        (text(good.replace("三号路", "三号\0路")), "", &[]),
        (text(format!("{head}\n{}\n", second.replace("城管办", &"x".repeat(2_000_000)))), "单位", &["500"]),
        (text(format!("{head}\n{}", second.replace("2026-03-02", "\"2026-03-02"))), "", &["11"]),
    ];
    for (bytes, column, words) in cases {
        desk.write("bad.csv", bytes);
        let out = desk.run(&["import", "cases", "bad.csv", "--profile", "old.toml", "--json"]);
        assert_eq!(out.status.code(), Some(1));
        let told: Value = serde_json::from_slice(&out.stdout).unwrap();
        let error = &told["errors"][0];
        let reason = error["reason"].as_str().unwrap();
        assert_eq!(error["column"], column, "{reason}");
        assert!(words.iter().all(|w| reason.contains(w)), "{words:?}: {reason}");
        assert!(reason.chars().count() < 300, "a message that can be read: {reason}");
        assert_eq!(told["imported"], 0);
    }
    // GBK is read where the profile says so.
    let profile = std::fs::read_to_string(desk.path("old.toml")).unwrap();
    desk.write("gbk.toml", profile.replace("encoding = \"utf-8\"", "encoding = \"gbk\""));
    desk.write("gbk.csv", &gbk);
    let read = desk.json(&["import", "cases", "gbk.csv", "--profile", "gbk.toml", "--json"]);
    assert_eq!(read["imported"], 3);
    // Bad use is another exit code.
    assert_eq!(desk.bad(&["import", "cases", "old.csv", "--profile", "nobody"]).0, 2);
    assert_eq!(desk.bad(&["import", "cases", "old.csv"]).0, 2);
    assert_eq!(desk.bad(&["import", "cases", "gone.csv", "--profile", "old.toml"]).0, 1);
}

#[test]
fn beside_a_running_server_a_command_asks_it() {
    let desk = Desk::new();
    desk.good(&["office", "add", "--code", "999905001", "--name", "乙街道", "--short", "乙"]);
    desk.example();
    let server = desk.server();
    // The import makes a second office inside the server, with its places, units and matters.
    let out = desk.run(&IMPORT);
    let (told, done) = (String::from_utf8_lossy(&out.stderr), String::from_utf8_lossy(&out.stdout));
    assert!(out.status.success() && told.contains("3/3") && done.contains('3'), "{told}{done}");
    assert_eq!(desk.json(&["office", "list", "--json"]).as_array().unwrap().len(), 2);
    let asked = ["stats", "demand.received", "--by", "unit", "--office", "999903", "--json"];
    let beside = desk.good(&asked);
    let csv = ["export", "cases", "--office", "999903"];
    let exported = desk.good(&csv);
    assert_eq!(exported.lines().count(), 4);
    desk.good(&["export", "cases", "--office", "999903", "--output", "out.xlsx"]);
    assert!(std::fs::read(desk.path("out.xlsx")).unwrap().starts_with(b"PK"));
    let user =
        ["user", "add", "liwei", "--name", "Li", "--title", "主任", "--role", "leader", "--office", "999903"];
    desk.good(&user);
    let (code, told) = desk.bad(&user);
    assert!(code == 2 && told.contains("liwei"), "bad use stays bad use: {told}");
    let (code, told) = desk.bad(&["stats", "demand.received"]);
    assert!(code == 2 && told.contains("--office"), "{told}");
    let (code, told) = desk.bad(&["import", "cases", "old.csv", "--profile", "old.toml", "--office", "7"]);
    assert!(code == 2 && told.contains("gezhi office list"), "{told}");
    desk.good(&["verify"]);
    let (code, told) = desk.bad(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && told.contains("in use"), "{told}");
    drop(server);
    // The same by itself, once the server is gone; the file that it left behind misleads nobody.
    assert_eq!(desk.good(&asked), beside);
    assert_eq!(desk.good(&csv), exported);
}
