//! Bad weather: the disk fills, cannot be written, fails; a second program comes; files are damaged or gone; the clock
//! jumps. The program says what is wrong and what to do, loses nothing that was acknowledged, and goes on afterwards.

use super::Dice;
use super::disk::Disk;
use super::house::{Answer, House};
use super::proof::prove;
use super::work::{self, Ledger};
use std::path::Path;
use std::time::Duration;

fn a_while() {
    std::thread::sleep(Duration::from_millis(400));
}

/// An office in which some work was done; the program is not running.
fn worked() -> (House, Ledger) {
    let (mut house, mut ledger) = (House::new(None, false), Ledger::default());
    house.start();
    let wait = ledger.waiting();
    work::during(&house.desk(), &mut ledger, || wait(30));
    house.end();
    assert!(ledger.writes.len() > 10);
    (house, ledger)
}

#[test]
fn a_disk_that_fills_or_fails_refuses_what_comes_and_loses_nothing_of_what_was() {
    if Disk::new().is_none() {
        return;
    }
    let mut dice = Dice::new(3);
    for (trouble, told, logged) in [
        ("full", "磁盘已满", "the disk is full"),
        ("readonly", "磁盘", "the disk"),
        ("broken", "磁盘报错", "the disk reports an error"),
    ] {
        let (mut house, mut ledger) = (House::new(None, true), Ledger::default());
        house.start();
        let desk = house.desk();
        let wait = ledger.waiting();
        work::during(&desk, &mut ledger, || {
            wait(30);
            house.disk.as_ref().unwrap().trouble(trouble);
            // Each client that meets it stops there.
            std::thread::sleep(Duration::from_millis(1_200));
        });
        let open: Vec<String> = ledger.open().into_iter().map(str::to_owned).collect();
        assert!(!open.is_empty() && ledger.acknowledged > 5, "{trouble}: {}", ledger.told(1));
        // Whoever works there hears of the disk; a resident hears that it did not go well.
        let staff: Vec<&String> = open.iter().filter(|text| text.contains("common.failed")).collect();
        assert!(!staff.is_empty() && staff.iter().all(|text| text.contains(told)), "{trouble}: {open:#?}");
        assert!(house.log().contains(logged), "{trouble}: {}", house.log());
        // Looking goes on.
        let list = desk.get("/api/v1/cases", &desk.acceptor);
        assert!(matches!(list, Answer::Done(_)), "{trouble}: {list:?}");
        // A second try while it lasts fails as well and spoils nothing.
        work::during(&desk, &mut ledger, || std::thread::sleep(Duration::from_millis(50)));
        house.disk.as_ref().unwrap().well();
        assert_eq!(work::again(&desk, &mut ledger, &mut dice), Vec::<String>::new(), "{trouble}");
        work::during(&desk, &mut ledger, a_while);
        assert!(ledger.open().is_empty(), "{trouble}: {:#?}", ledger.open());
        assert_eq!(prove(&house, &ledger), Vec::<String>::new(), "{trouble}");
        // And so after the power went.
        house.cut_power(&mut dice);
        house.start();
        assert_eq!(prove(&house, &ledger), Vec::<String>::new(), "{trouble}, then a power cut");
    }
}

#[test]
fn on_a_disk_that_cannot_be_written_the_program_says_so_instead_of_starting() {
    if Disk::new().is_none() {
        return;
    }
    let mut house = House::new(None, true);
    for (trouble, told) in [("readonly", "Read-only file system"), ("full", "the disk is full")] {
        house.disk.as_ref().unwrap().trouble(trouble);
        let said = house.try_start().unwrap_err();
        assert!(said.contains(told) && !house.log().contains("panicked"), "{trouble}: {said}");
        house.disk.as_ref().unwrap().well();
    }
    house.start();
    assert_eq!(prove(&house, &Ledger::default()), Vec::<String>::new());
}

#[test]
fn an_office_that_was_just_made_or_restored_is_there_after_a_power_cut() {
    let Some(mut disk) = Disk::new() else { return };
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str], disk: Option<&Disk>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gezhi"));
        command.current_dir(dir.path()).args(args).env_remove("GEZHI_DATA").env_remove("GEZHI_DATABASE_URL");
        if let Some(disk) = disk {
            disk.under(&mut command);
        }
        let out = command.output().unwrap();
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    disk.watch(dir.path());
    run(&["office", "add", "--code", "999904001", "--name", "甲街道", "--short", "甲"], Some(&disk));
    disk.cut_all();
    assert!(run(&["office", "list", "--json"], None).contains("999904001"));
    run(&["verify"], None);
    disk.watch(dir.path());
    run(&["backup", "b.zip"], Some(&disk));
    disk.cut_all();
    disk.watch(dir.path());
    run(&["restore", "b.zip", "--data", "again", "--key-file", "gezhi-data.key"], Some(&disk));
    disk.cut_all();
    let there = run(&["office", "list", "--json", "--data", "again", "--key-file", "gezhi-data.key"], None);
    assert!(there.contains("999904001"));
}

#[test]
fn a_second_program_on_the_same_folder_hears_who_is_there() {
    let (mut house, ledger) = worked();
    house.start();
    let said = house.bad(&["serve", "--listen", "127.0.0.1:0"]);
    let id = house.id().to_string();
    assert!(said.contains("in use by another gezhi process") && said.contains(&id), "{id}: {said}");
    assert!(said.contains("stop that one first"), "{said}");
    assert_eq!(prove(&house, &ledger), Vec::<String>::new());
    // Whoever was killed leaves no lock behind.
    house.kill();
    house.start();
}

#[test]
fn a_damaged_database_is_told_with_what_to_do_and_never_taken_for_whole() {
    let (mut house, ledger) = worked();
    let file = house.data().join("gezhi.db");
    let whole = std::fs::read(&file).unwrap();
    let page = 4096;
    let remedy = |said: &str| {
        assert!(said.contains("is damaged") && said.contains("gezhi restore"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    };
    // No database at all any more; and half of one.
    let mut bytes = whole.clone();
    bytes[..16].fill(b'x');
    std::fs::write(&file, &bytes).unwrap();
    remedy(&house.try_start().unwrap_err());
    remedy(&house.bad(&["verify"]));
    std::fs::write(&file, &whole[..whole.len() / 2 / page * page]).unwrap();
    remedy(&house.bad(&["verify"]));
    // Bytes in the middle: either it is told, or it was a place where nothing is kept.
    let (mut told, mut dice) = (0, Dice::new(5));
    for _ in 0..14 {
        let mut bytes = whole.clone();
        let at = usize::try_from(dice.roll((whole.len() - page) as u64)).unwrap() + page;
        for byte in &mut bytes[at..(at + page).min(whole.len())] {
            *byte ^= 0x5a;
        }
        std::fs::write(&file, &bytes).unwrap();
        let out = house.run(&["verify"]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
        assert!(!said.contains("panicked"), "{at}: {said}");
        if out.status.success() {
            assert_eq!(
                prove(&house, &ledger),
                Vec::<String>::new(),
                "byte {at} was changed, and nobody says so"
            );
        } else {
            told += 1;
            assert!(said.contains("damaged") || said.contains("DAMAGE"), "{at}: {said}");
        }
    }
    assert!(told > 6, "{told} of 14 were told");
    std::fs::write(&file, &whole).unwrap();
    house.start();
    assert_eq!(prove(&house, &ledger), Vec::<String>::new());
}

#[test]
fn a_key_file_that_is_gone_damaged_or_anothers_is_told_and_no_new_one_is_made() {
    let (mut house, ledger) = worked();
    let file = house.path("gezhi-data.key");
    let whole = std::fs::read_to_string(&file).unwrap();
    for (text, told) in [
        (None, "bring it back from your copy"),
        (Some(String::new()), "is damaged"),
        (Some(whole.replace(|c: char| c.is_ascii_digit(), "x")), "is damaged"),
        (Some("7".repeat(64)), "is it the key file of this folder?"),
    ] {
        match &text {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let said = house.try_start().unwrap_err();
        assert!(said.contains(told), "{text:?}: {said}");
        assert_eq!(std::fs::read_to_string(&file).ok(), text, "the file is left as it is");
    }
    std::fs::write(&file, &whole).unwrap();
    house.start();
    assert_eq!(prove(&house, &ledger), Vec::<String>::new());
}

/// The first file in a folder of files.
fn some_file(folder: &Path) -> std::path::PathBuf {
    let head = std::fs::read_dir(folder).unwrap().flatten().find(|e| e.path().is_dir()).unwrap();
    std::fs::read_dir(head.path()).unwrap().flatten().next().unwrap().path()
}

#[test]
fn a_picture_that_is_gone_or_changed_is_named_and_everything_else_goes_on() {
    let (mut house, mut ledger) = worked();
    let file = some_file(&house.data().join("files"));
    let whole = std::fs::read(&file).unwrap();
    let hash = file.file_name().unwrap().to_string_lossy().into_owned();
    std::fs::remove_file(&file).unwrap();
    let out = house.run(&["verify"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(!out.status.success() && said.contains(&hash) && said.contains("is missing"), "{said}");
    std::fs::write(&file, b"another").unwrap();
    let out = house.run(&["verify"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(!out.status.success() && said.contains(&hash) && said.contains("has been changed"), "{said}");
    house.start();
    work::during(&house.desk(), &mut ledger, a_while);
    std::fs::write(&file, whole).unwrap();
    assert_eq!(work::again(&house.desk(), &mut ledger, &mut Dice::new(1)), Vec::<String>::new());
    assert_eq!(prove(&house, &ledger), Vec::<String>::new());
}
