//! Reading a backup into an empty folder.

use super::erasures::{self, Erasure};
use super::manifest::{DATABASE, FILES, MANIFEST, Manifest, copy};
use crate::actor::Actor;
use crate::config::Config;
use crate::context::Source;
use crate::features::audit::model::Proof;
use crate::features::audit::verify;
use crate::features::intake::service as intake;
use crate::files::sync_folder;
use crate::installation::Installation;
use anyhow::{Context, Result, bail, ensure};
use kernel::Clock;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use store::{Sql, Target, statements};
use zip::ZipArchive;

statements! {
    END_SESSIONS = Sql::Both("delete from session");
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the file says of itself.
    pub manifest: Manifest,
    /// Persons erased again, because they were erased after the backup.
    pub erased: usize,
    /// Where the log of erasures was sought.
    pub log: PathBuf,
    /// Files that a row names and the backup has not: a line for each.
    pub missing: Vec<String>,
}

/// A folder that goes away unless it is kept.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Restores a backup into the configured data folder, which must be empty or missing. Every hash is compared
/// before the folder gets its name; the schema is brought up to date; whoever was erased since is erased again;
/// all sessions end.
///
/// # Errors
/// When the folder is not empty, the master key is missing or another one, or a byte of the file has changed. The
/// folder is then as it was.
pub fn restore(config: &Config, path: &Path, clock: Clock) -> Result<Restored> {
    let folder = &config.data;
    ensure!(
        is_empty(folder)?,
        "{} is not empty; a backup is restored into an empty folder only",
        folder.display()
    );
    let key = config.key_path();
    ensure!(
        key.exists(),
        "the master key is not in a backup; bring the key file (and the log of erasures beside it) and name it with --key-file: {} is not there",
        key.display()
    );
    let log = erasures::path(config);
    let erased = erasures::read(&log)?;
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = Passing(folder.with_file_name(name));
    let _ = std::fs::remove_dir_all(&part.0);
    private_folder(&part.0)?;
    let manifest = unpack(path, &part.0)?;
    match (config.target(), manifest.database.as_str()) {
        (Target::Sqlite(_), "sqlite") | (Target::Postgres(_), "postgres") => {}
        (Target::Sqlite(_), _) => bail!(
            "this backup holds the photos of an installation on PostgreSQL; restore the database with pg_restore and name it with --database-url"
        ),
        (Target::Postgres(_), _) => bail!("this backup holds an SQLite database; leave out --database-url"),
    }
    if folder.exists() {
        std::fs::remove_dir(folder).with_context(|| format!("{} cannot be replaced", folder.display()))?;
    }
    sync_names(&part.0).with_context(|| format!("{} cannot be put on disk", part.0.display()))?;
    std::fs::rename(&part.0, folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    sync_folder(folder.parent().unwrap_or(folder))?;
    let done = bring_up(config, clock, &erased);
    if done.is_err() {
        // Nothing half restored stays behind.
        let _ = std::fs::remove_dir_all(folder);
    }
    let (erased, missing) = done?;
    Ok(Restored { manifest, erased, log, missing })
}

/// Puts the names in a folder and in those below it on disk.
fn sync_names(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_names(&entry.path())?;
        }
    }
    sync_folder(folder)
}

fn is_empty(folder: &Path) -> Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", folder.display())),
    }
}

fn private_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
}

fn unpack(path: &Path, folder: &Path) -> Result<Manifest> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut archive = ZipArchive::new(BufReader::new(file))
        .with_context(|| format!("{} is no backup, or it is cut off", path.display()))?;
    let mut text = String::new();
    archive.by_name(MANIFEST).context("the backup has no manifest")?.read_to_string(&mut text)?;
    let manifest = Manifest::read(&text)?;
    let (mut files, mut bytes, mut database) = (0, 0, None);
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).context("the backup is damaged")?;
        let name = entry.name().context("the backup is damaged")?.into_owned();
        if name == MANIFEST {
            continue;
        }
        let target = if name == DATABASE {
            folder.join(DATABASE)
        } else {
            folder.join("files").join(photo_path(&name)?)
        };
        if let Some(above) = target.parent() {
            private_folder(above)?;
        }
        let mut out = File::create(&target)?;
        let (hash, size) =
            copy(&mut entry, &mut out).with_context(|| format!("the backup is damaged in {name}"))?;
        out.sync_all()?;
        if name == DATABASE {
            database = Some(hash);
        } else {
            ensure!(
                name.strip_prefix(FILES).is_some_and(|n| n.replace('/', "") == hash),
                "the backup is damaged: {name} has been changed"
            );
            files += 1;
            bytes += size;
        }
    }
    ensure!(database == manifest.hash, "the backup is damaged: the database has been changed");
    ensure!((files, bytes) == (manifest.files, manifest.bytes), "the backup is damaged: photos are missing");
    Ok(manifest)
}

/// `ab/cdef…`, and nothing that would lead out of the folder.
fn photo_path(name: &str) -> Result<PathBuf> {
    let hash = name
        .strip_prefix(FILES)
        .and_then(|n| n.split_once('/'))
        .context("the backup holds a file that does not belong there")?;
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    ensure!(
        hash.0.len() == 2 && hash.1.len() == 62 && plain(hash.0) && plain(hash.1),
        "the backup holds a file that does not belong there"
    );
    Ok(PathBuf::from(hash.0).join(hash.1))
}

/// Opens the restored folder with its key, erases again, ends sessions, and looks for every photo that is named.
fn bring_up(config: &Config, clock: Clock, erased: &[Erasure]) -> Result<(usize, Vec<String>)> {
    let installation = Installation::open(config.clone(), clock)?;
    let mut count = 0;
    for erasure in erased {
        let Some(office) = installation.office(erasure.office) else { continue };
        let cx = installation.cx(&office, Actor::system(office.id), Source::Cli);
        let party = erasure.party;
        let again = installation.db.write_now(move |tx| {
            let live = crate::features::parties::service::open(tx, &cx, party)?.is_some();
            if live {
                intake::erase_party(tx, &cx, party, "restore")?;
            }
            Ok(live)
        });
        count += usize::from(again.map_err(|e| anyhow::anyhow!("{e}"))?);
    }
    installation.db.write_now(|tx| tx.exec(&END_SESSIONS, &[])).map_err(|e| anyhow::anyhow!("{e}"))?;
    let mut proof = Proof::default();
    verify::files(&installation.db, &installation.files, &mut proof).map_err(|e| anyhow::anyhow!("{e}"))?;
    let missing = proof.findings.into_iter().map(|finding| finding.text).collect();
    Ok((count, missing))
}
