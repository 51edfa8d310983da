//! A backup taken while others write, restored, proven; whoever was erased since stays erased.

use crate::demo::noon;
use gezhi::actor::Actor;
use gezhi::backup::{self, erasures};
use gezhi::config::Config;
use gezhi::context::Source;
use gezhi::features::audit::verify;
use gezhi::features::demo::{self, Options};
use gezhi::features::intake::service as intake;
use gezhi::features::parties::service as parties;
use gezhi::installation::Installation;
use kernel::PartyId;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Sql, args};

const NAMED: Sql = Sql::Both("select id from party where office = $1 order by id");
const EVENTS: Sql = Sql::Both("select count(*) from event");

fn config(folder: &Path, key: &Path) -> Config {
    Config { data: folder.to_owned(), key_file: Some(key.to_owned()), ..Config::default() }
}

fn open_contact(it: &Installation, party: PartyId) -> bool {
    let office = it.offices()[0].clone();
    let cx = it.cx(&office, Actor::system(office.id), Source::Cli);
    it.db.read_now(move |tx| parties::open(tx, &cx, party)).unwrap().is_some()
}

fn erase(it: &Installation, party: PartyId) {
    let office = it.offices()[0].clone();
    let cx = it.cx(&office, Actor::system(office.id), Source::Cli);
    it.db.write_now(move |tx| intake::erase_party(tx, &cx, party, "本人申请")).unwrap();
}

#[test]
fn a_backup_taken_while_others_write_is_restored_whole_and_the_erased_stay_erased() {
    let dir = tempfile::tempdir().unwrap();
    let (file, key) = (dir.path().join("gezhi.zip"), dir.path().join("office.key"));
    let it = Installation::open(config(&dir.path().join("data"), &key), noon()).unwrap();
    let made = demo::make(&it, Options { small: true, seed: None }, |_| {}).unwrap();
    let parties =
        it.db.read_now(move |tx| tx.query(&NAMED, args![made.office], |row| row.get::<PartyId>(0))).unwrap();
    let [before, after, kept] = parties[..3] else { panic!("three people") };
    erase(&it, before);
    let stop = AtomicBool::new(false);
    let saved = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 3;
            while !stop.load(Ordering::SeqCst) && n < parties.len() {
                erase(&it, parties[n]);
                n += 1;
            }
        });
        let saved = backup::save(&it.config, &file, it.clock.now());
        stop.store(true, Ordering::SeqCst);
        saved.unwrap()
    });
    assert!(saved.manifest.files > 10 && saved.size > 100_000);
    assert!(backup::save(&it.config, &file, it.clock.now()).is_err(), "a backup is not written over");
    erase(&it, after);
    assert!(erasures::Keeper::new(&it.config).unwrap().keep(&it.db).unwrap() >= 2);
    assert_eq!(erasures::Keeper::new(&it.config).unwrap().keep(&it.db).unwrap(), 0, "each is kept once");

    // Not over an office, and not without the key.
    assert!(backup::restore(&it.config, &file, noon()).unwrap_err().to_string().contains("not empty"));
    let other = config(&dir.path().join("other"), &dir.path().join("nowhere.key"));
    assert!(backup::restore(&other, &file, noon()).unwrap_err().to_string().contains("key"));
    assert!(!other.data.exists());

    let new = config(&dir.path().join("restored"), &key);
    let restored = backup::restore(&new, &file, noon()).unwrap();
    assert_eq!((restored.missing.len(), restored.manifest.clone()), (0, saved.manifest));
    assert!(restored.erased >= 1);
    let again = Installation::open(new, noon()).unwrap();
    assert!(!open_contact(&again, before) && !open_contact(&again, after) && open_contact(&again, kept));
    let seed = again.vault.signing_seed();
    let proof = again.db.read_now(move |tx| verify::verify(tx, seed, None, &mut |_| {})).unwrap();
    assert!(proof.is_clean(), "{:?}", proof.findings);
    let events = again.db.read_now(|tx| tx.value::<i64>(&EVENTS, &[])).unwrap().unwrap();
    assert!(events > 1_000);
}

#[test]
fn a_backup_with_a_changed_byte_is_refused_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (file, key) = (dir.path().join("gezhi.zip"), dir.path().join("office.key"));
    let it = Installation::open(config(&dir.path().join("data"), &key), noon()).unwrap();
    it.files.put(&[7; 5_000]).unwrap();
    backup::save(&it.config, &file, it.clock.now()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    // In the database, in a photo, in the manifest, at the end.
    for at in [200, whole.len() - 3_000, whole.len() - 400, whole.len() - 30] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&file, &bytes).unwrap();
        let new = config(&dir.path().join("restored"), &key);
        assert!(backup::restore(&new, &file, noon()).is_err(), "byte {at} of {}", whole.len());
        assert!(!new.data.exists(), "byte {at}");
    }
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(backup::restore(&config(&dir.path().join("restored"), &key), &file, noon()).is_err(), "cut off");
    std::fs::write(&file, &whole).unwrap();
    backup::restore(&config(&dir.path().join("restored"), &key), &file, noon()).unwrap();
}
