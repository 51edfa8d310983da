//! A disk that can lose its power: `tests/powercut/powercut.c`, compiled and preloaded into the program, and here the other
//! half, which takes back whatever no fsync has made safe.

use super::Dice;
use std::collections::HashMap;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Kind, padding, offset, size, keep, bytes.
const HEAD: usize = 40;

/// A watched folder.
pub struct Disk {
    library: PathBuf,
    folder: PathBuf,
    dir: TempDir,
    cuts: std::cell::Cell<u64>,
}

struct Record {
    kind: u8,
    offset: u64,
    size: u64,
    keep: u64,
    bytes: Vec<u8>,
}

impl Disk {
    /// A disk without a folder yet; none, with a message, where it cannot be had.
    pub fn new() -> Option<Disk> {
        static LIBRARY: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
        let Some((_, library)) = LIBRARY.get_or_init(compiled) else {
            println!("skipped: needs Linux and a C compiler `cc`");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        Some(Disk { library: library.clone(), folder: PathBuf::new(), dir, cuts: std::cell::Cell::new(0) })
    }

    /// Watches a folder from now on; what lies there now is safe.
    pub fn watch(&mut self, folder: &Path) {
        self.folder = folder.canonicalize().unwrap();
        let _ = std::fs::remove_dir_all(self.undo());
        std::fs::create_dir(self.undo()).unwrap();
        std::fs::set_permissions(self.undo(), std::fs::Permissions::from_mode(0o777)).unwrap();
    }

    /// Has a command write through it.
    pub fn under<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("LD_PRELOAD", &self.library)
            .env("POWERCUT_FOLDER", &self.folder)
            .env("POWERCUT_UNDO", self.undo())
            .env("POWERCUT_FAULT", self.fault())
    }

    /// From now on the disk has a trouble: `full`, `readonly`, `broken`.
    pub fn trouble(&self, word: &str) {
        std::fs::write(self.fault(), word).unwrap();
    }

    /// The trouble is over.
    pub fn well(&self) {
        std::fs::remove_file(self.fault()).unwrap();
    }

    fn undo(&self) -> PathBuf {
        self.dir.path().join("undo")
    }

    fn fault(&self) -> PathBuf {
        self.dir.path().join("fault")
    }

    /// Takes back what is not safe, by turns all of it and, of each file, what came after some moment of its own; tells how
    /// many pieces. Whoever wrote must be dead.
    pub fn cut(&self, dice: &mut Dice) -> u64 {
        let all = self.cuts.replace(self.cuts.get() + 1).is_multiple_of(2);
        self.take(all, dice)
    }

    /// Takes back all that is not safe.
    pub fn cut_all(&self) -> u64 {
        self.take(true, &mut Dice::new(1))
    }

    fn take(&self, all: bool, dice: &mut Dice) -> u64 {
        let mut paths = HashMap::new();
        walk(&self.folder, &mut paths);
        walk(&self.undo(), &mut paths);
        let mut notes: Vec<(u64, Vec<Record>)> = Vec::new();
        for entry in std::fs::read_dir(self.undo()).unwrap().flatten() {
            if let Some(inode) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                notes.push((inode, records(&std::fs::read(entry.path()).unwrap())));
            }
        }
        notes.sort_by_key(|(inode, _)| *inode);
        let mut gone = 0;
        // Contents before names: afterwards their inodes would have other names.
        for names in [false, true] {
            for (inode, records) in &notes {
                let safe =
                    if all { 0 } else { usize::try_from(dice.roll(records.len() as u64 + 1)).unwrap() };
                let Some(path) = paths.get(inode) else { continue };
                for record in records[safe..].iter().rev().filter(|r| (r.kind != b'w') == names) {
                    self.take_back(path, record);
                    gone += 1;
                }
            }
        }
        self.clear(&self.folder);
        gone
    }

    /// After a start nothing is left of shared memory, and the notes begin anew.
    fn clear(&self, folder: &Path) {
        let mut paths = HashMap::new();
        walk(folder, &mut paths);
        for path in paths.values().filter(|p| p.to_string_lossy().ends_with("-shm")) {
            std::fs::remove_file(path).unwrap();
        }
        std::fs::remove_dir_all(self.undo()).unwrap();
        std::fs::create_dir(self.undo()).unwrap();
        std::fs::set_permissions(self.undo(), std::fs::Permissions::from_mode(0o777)).unwrap();
    }

    fn take_back(&self, path: &Path, record: &Record) {
        let kept = (record.keep != 0).then(|| self.undo().join(format!("keep.{}", record.keep)));
        let mut names =
            record.bytes.split(|b| *b == 0).map(|name| String::from_utf8_lossy(name).into_owned());
        let first = names.next().unwrap_or_default();
        match record.kind {
            b'w' => {
                let file = std::fs::File::options().write(true).open(path).unwrap();
                file.set_len(record.size).unwrap();
                file.write_all_at(&record.bytes, record.offset).unwrap();
            }
            b'c' => drop(std::fs::remove_file(path.join(first))),
            b'm' => drop(std::fs::remove_dir_all(path.join(first))),
            b'u' => {
                let _ = kept.map(|kept| std::fs::rename(kept, path.join(first)));
            }
            b'r' => {
                let to = names.next().unwrap();
                let _ = std::fs::rename(&to, first);
                let _ = kept.map(|kept| std::fs::rename(kept, &to));
            }
            other => panic!("a record of kind {other}"),
        }
    }
}

fn compiled() -> Option<(TempDir, PathBuf)> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/powercut/powercut.c");
    let library = dir.path().join("powercut.so");
    let told = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .output()
        .ok()?;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Some((dir, library))
}

fn walk(folder: &Path, out: &mut HashMap<u64, PathBuf>) {
    if let Ok(about) = std::fs::metadata(folder) {
        out.insert(about.ino(), folder.to_owned());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() {
            walk(&entry.path(), out);
        } else {
            // A name in the folder goes before one that is only kept.
            out.entry(about.ino()).or_insert_with(|| entry.path());
        }
    }
}

fn records(mut bytes: &[u8]) -> Vec<Record> {
    let mut out = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(HEAD) {
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap());
        // The kill came before it was done.
        let Some((content, after)) = rest.split_at_checked(usize::try_from(number(32)).unwrap()) else {
            break;
        };
        out.push(Record {
            kind: head[0],
            offset: number(8),
            size: number(16),
            keep: number(24),
            bytes: content.to_vec(),
        });
        bytes = after;
    }
    out
}
