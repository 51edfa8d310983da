//! Writing a backup.

use super::manifest::{DATABASE, FILES, MANIFEST, Manifest, copy};
use crate::config::Config;
use anyhow::{Context, Result, bail, ensure};
use kernel::Ts;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use store::Target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What was written.
#[derive(Clone, Debug)]
pub struct Saved {
    /// What the file says of itself.
    pub manifest: Manifest,
    /// The size of the file in bytes.
    pub size: u64,
}

/// A file that goes away unless it is kept.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn private(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes a backup of an installation, also while a server works on it. The file appears under its name only when
/// it is whole and on disk.
///
/// # Errors
/// When the file is there already, there is no database, or the disk refuses.
pub fn save(config: &Config, path: &Path, now: Ts) -> Result<Saved> {
    ensure!(!path.exists(), "{} is there already; name another file", path.display());
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    let (part, copied) = (Passing(beside(path, ".part")), Passing(beside(path, ".db-part")));
    let database = match config.target() {
        Target::Sqlite(from) => {
            ensure!(from.exists(), "there is no database at {}; name the folder with --data", from.display());
            let _ = std::fs::remove_file(&copied.0);
            private(&copied.0)?;
            store::copy_sqlite(&from, &copied.0)
                .map_err(|e| anyhow::anyhow!("the database cannot be copied: {e}"))?;
            Some(copied.0.as_path())
        }
        Target::Postgres(_) => None,
    };
    let mut out = ZipWriter::new(BufWriter::new(private(&part.0)?));
    let manifest = write_all(&mut out, config, database, now)?;
    let mut inner = out.finish().context("the backup cannot be finished")?;
    inner.flush()?;
    let file = inner.into_inner().map_err(|e| anyhow::anyhow!("the backup cannot be written: {e}"))?;
    file.sync_all().context("the backup cannot be put on disk")?;
    let size = file.metadata()?.len();
    drop(file);
    std::fs::rename(&part.0, path).with_context(|| format!("{} cannot be written", path.display()))?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(Saved { manifest, size })
}

fn write_all(
    out: &mut ZipWriter<BufWriter<File>>,
    config: &Config,
    database: Option<&Path>,
    now: Ts,
) -> Result<Manifest> {
    let plain = SimpleFileOptions::default().large_file(true).unix_permissions(0o600);
    let mut hash = None;
    if let Some(from) = database {
        out.start_file(DATABASE, plain.compression_method(CompressionMethod::Deflated))?;
        let mut from = BufReader::new(File::open(from).context("the copy of the database is gone")?);
        hash = Some(copy(&mut from, out).context("the database cannot be written to the backup")?.0);
    }
    let mut manifest = Manifest::new(now.rfc3339(), hash);
    for (name, path) in photos(&config.data.join("files"))? {
        // Photos are compressed already.
        out.start_file(
            format!("{FILES}{}/{}", &name[..2], &name[2..]),
            plain.compression_method(CompressionMethod::Stored),
        )?;
        let mut from = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let (hash, size) = copy(&mut from, out)?;
        if hash != name {
            bail!("the file {} has been changed; `gezhi verify` tells more", path.display());
        }
        manifest.files += 1;
        manifest.bytes += size;
    }
    out.start_file(MANIFEST, plain.compression_method(CompressionMethod::Stored))?;
    out.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

/// All photos: hash and path, in order of their hashes. Unfinished ones begin with a full stop.
fn photos(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut out = Vec::new();
    if !folder.exists() {
        return Ok(out);
    }
    for head in std::fs::read_dir(folder)? {
        let head = head?;
        if !head.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(head.path())? {
            let file = file?;
            let name =
                format!("{}{}", head.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            if name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
                out.push((name, file.path()));
            }
        }
    }
    out.sort();
    Ok(out)
}
