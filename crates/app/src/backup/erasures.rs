//! The log of erasures beside the key file. A backup that is older than an erasure would bring the identity back;
//! this log lies outside of the data folder, so that a restore can erase again. It holds numbers only.

use crate::config::Config;
use anyhow::{Context, Result};
use kernel::{OfficeId, PartyId, Ts};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Db, Sql, args, statements};

statements! {
    SINCE = Sql::Both("select office, party, at from erasure where at >= $1 order by at, office, party");
}

/// One erasure, a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Erasure {
    /// The tenant.
    pub office: OfficeId,
    /// Who was erased.
    pub party: PartyId,
    /// When.
    pub at: Ts,
}

/// Where the log lies: beside the key file, `<key file>.erasures`.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    let key = config.key_path();
    let mut name = key.file_name().unwrap_or_default().to_owned();
    name.push(".erasures");
    key.with_file_name(name)
}

/// The erasures of a log; none when there is no such file. A last line cut off by a power cut is left out.
///
/// # Errors
/// When the file cannot be read or a whole line of it is damaged.
pub fn read(path: &Path) -> Result<Vec<Erasure>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut out = Vec::new();
    for line in whole.lines() {
        match serde_json::from_str(line) {
            Ok(erasure) => out.push(erasure),
            // Cut off by a power cut: what it said stands in the database and is written again from there.
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "a line of the log of erasures is damaged")
            }
        }
    }
    Ok(out)
}

/// Keeps the log up to the database.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    known: HashSet<(OfficeId, PartyId)>,
    last: Ts,
}

impl Keeper {
    /// Begins with what the log holds.
    ///
    /// # Errors
    /// As [`read`].
    pub fn new(config: &Config) -> Result<Keeper> {
        let path = path(config);
        let log = read(&path)?;
        Ok(Keeper { path, known: log.iter().map(|e| (e.office, e.party)).collect(), last: Ts(0) })
    }

    /// Appends what the log has not yet, and puts it on disk; returns how many.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub fn keep(&mut self, db: &Db) -> Result<usize> {
        // Erasures are written at about the time they carry; an hour covers clocks that differ between servers.
        let since = self.last.plus(-Ts::HOUR);
        let rows = db
            .read_now(move |tx| {
                tx.query(&SINCE, args![since], |row| {
                    Ok(Erasure { office: row.get(0)?, party: row.get(1)?, at: row.get(2)? })
                })
            })
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        let new: Vec<Erasure> =
            rows.iter().filter(|e| !self.known.contains(&(e.office, e.party))).copied().collect();
        if !new.is_empty() {
            append(&self.path, &new)?;
            self.known.extend(new.iter().map(|e| (e.office, e.party)));
        }
        self.last = rows.last().map_or(self.last, |e| self.last.max(e.at));
        Ok(new.len())
    }
}

fn append(path: &Path, new: &[Erasure]) -> Result<()> {
    let mut text = String::new();
    for erasure in new {
        text.push_str(&serde_json::to_string(erasure)?);
        text.push('\n');
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    // A line cut off before is closed, so that the new ones stand alone; it is written again below if it was whole
    // in the database.
    if ends_inside_a_line(&mut file)? {
        text.insert(0, '\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_all().with_context(|| format!("{} cannot be put on disk", path.display()))?;
    crate::files::sync_folder(path.parent().unwrap_or(path))
        .with_context(|| format!("{} cannot be put on disk", path.display()))
}

fn ends_inside_a_line(file: &mut std::fs::File) -> Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_off_by_a_power_cut_neither_stops_reading_nor_spoils_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.erasures");
        assert_eq!(read(&path).unwrap(), vec![]);
        let one = |party| Erasure { office: OfficeId(1), party: PartyId(party), at: Ts(5) };
        append(&path, &[one(1)]).unwrap();
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + "{\"office\":1,\"par").unwrap();
        assert_eq!(read(&path).unwrap(), vec![one(1)]);
        append(&path, &[one(2)]).unwrap();
        assert_eq!(read(&path).unwrap(), vec![one(1), one(2)]);
    }
}
