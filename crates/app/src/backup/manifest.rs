//! What a backup says of itself.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The name of the manifest in the file; it comes last.
pub(super) const MANIFEST: &str = "manifest.json";
/// The name of the database in the file.
pub(super) const DATABASE: &str = "gezhi.db";
/// The folder of photos in the file: `files/<two signs>/<the rest of the hash>`.
pub(super) const FILES: &str = "files/";
const FORMAT: &str = "gezhi backup 1";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format and its version.
    format: String,
    /// The program that wrote it.
    pub program: String,
    /// When, RFC 3339.
    pub at: String,
    /// `sqlite`: the database is in the file; `postgres`: it was saved by `pg_dump`.
    pub database: String,
    /// Hash of the database, where it is in the file.
    pub hash: Option<String>,
    /// Photos in the file; each is named by the hash of its content.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

impl Manifest {
    pub(super) fn new(at: String, hash: Option<String>) -> Manifest {
        let database = if hash.is_some() { "sqlite" } else { "postgres" };
        Manifest {
            format: FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at,
            database: database.to_owned(),
            hash,
            files: 0,
            bytes: 0,
        }
    }

    /// Reads a manifest of a format this program knows.
    pub(super) fn read(text: &str) -> Result<Manifest> {
        let manifest: Manifest =
            serde_json::from_str(text).context("the manifest of the backup is damaged")?;
        ensure!(
            manifest.format == FORMAT,
            "the backup has the format {}; this program knows {FORMAT}",
            manifest.format
        );
        Ok(manifest)
    }
}

/// Copies and hashes what is copied; returns hash and size.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        let n = from.read(&mut buffer)?;
        let Some(piece) = buffer.get(..n).filter(|p| !p.is_empty()) else { break };
        hasher.update(piece);
        to.write_all(piece)?;
        size += piece.len() as u64;
    }
    Ok((hasher.finalize().to_hex().to_string(), size))
}
