//! What leaves the machine: the last block, and on demand the heads of all streams. A block's hash covers
//! every block before it, so that one line on paper pins everything sealed until then.

use super::model::StreamKey;
use super::seal;
use super::store as rows;
use anyhow::{Context, ensure};
use data_encoding::HEXLOWER;
use kernel::{Day, Ts};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Result, Tx};

/// The format written; a later one gets another name.
const FORMAT: &str = "gezhi-heads-1";
/// Heads read at once.
const CHUNK: i64 = 5_000;

/// An outside copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// `gezhi-heads-1`.
    pub format: String,
    /// When it was taken, RFC 3339.
    pub at: String,
    /// The public key of the installation.
    pub key: String,
    /// How many events there were.
    pub events: i64,
    /// The last block.
    pub block: Option<BlockMark>,
    /// Office, stream, id, seq and hash of every stream's head; empty in the daily file.
    #[serde(default)]
    pub heads: Vec<(i64, String, i64, i64, String)>,
}

/// A block as it is known outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockMark {
    /// Its number.
    pub seq: i64,
    /// When it was made, RFC 3339.
    pub at: String,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// Its signature, hexadecimal.
    pub signature: String,
}

/// The copy of now; with the heads of all streams when `all` is set.
///
/// # Errors
/// When the database refuses.
pub fn take(tx: &mut Tx<'_>, seed: [u8; 32], now: Ts, all: bool) -> Result<Heads> {
    let block = rows::last_block(tx)?.map(|b| BlockMark {
        seq: b.seq,
        at: b.at.rfc3339(),
        hash: HEXLOWER.encode(&b.hash),
        signature: HEXLOWER.encode(&b.signature),
    });
    let mut heads = Vec::new();
    let mut after = all.then(|| StreamKey { office: i64::MIN, stream: String::new(), id: 0 });
    while let Some(key) = after {
        let chunk = rows::heads_after(tx, &key, CHUNK)?;
        after = chunk.last().map(|(last, _)| last.key.clone());
        heads.extend(
            chunk
                .into_iter()
                .map(|(h, _)| (h.key.office, h.key.stream, h.key.id, h.seq, HEXLOWER.encode(&h.hash))),
        );
    }
    Ok(Heads {
        format: FORMAT.to_owned(),
        at: now.rfc3339(),
        key: seal::public_key(&seed),
        events: rows::count_events(tx)?,
        block,
        heads,
    })
}

impl Heads {
    /// Reads a copy.
    ///
    /// # Errors
    /// When the file is not there or is no such copy.
    pub fn read(path: &Path) -> anyhow::Result<Heads> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let heads: Heads =
            serde_json::from_str(&text).with_context(|| format!("{} is no copy of heads", path.display()))?;
        ensure!(
            heads.format == FORMAT,
            "{} has the format {}; this program knows {FORMAT}",
            path.display(),
            heads.format
        );
        Ok(heads)
    }

    /// Writes a copy so that a power cut leaves either the old file or the new one.
    ///
    /// # Errors
    /// When the folder cannot be made or the disk refuses.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let mut file =
            std::fs::File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&part, path).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// The file of a day in the data folder: `heads/20260312.json`.
    #[must_use]
    pub fn daily_path(data: &Path, day: Day) -> PathBuf {
        data.join("heads").join(format!("{}.json", day.0))
    }
}
