//! `gezhi backup FILE`: saves database and photos to one file, also while a server runs.

use super::{Global, say};
use crate::backup;
use crate::config::{Config, ServeFlags};
use anyhow::Result;
use clap::Args;
use kernel::Clock;
use serde_json::json;
use std::path::PathBuf;
use store::Target;

/// Where to.
#[derive(Args, Clone, Debug)]
pub(super) struct Command {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    let saved = backup::save(&config, &command.file, Clock::System.now())?;
    let manifest = &saved.manifest;
    if global.json {
        let out = json!({ "file": command.file, "size": saved.size, "manifest": manifest });
        return say(&serde_json::to_string_pretty(&out)?);
    }
    say(&format!(
        "{}: {} bytes, {} photos, saved at {}",
        command.file.display(),
        saved.size,
        manifest.files,
        manifest.at
    ))?;
    if matches!(config.target(), Target::Postgres(_)) {
        say(
            "The database is not in this file. Save it with `pg_dump --format=custom --file=gezhi.dump URL` BEFORE this command:",
        )?;
        say("then every photo that the dump names is in the file.")?;
    }
    say(&format!("Keep these two elsewhere, apart from the backup: {}", config.key_path().display()))?;
    say(&format!("and {} (who was erased since).", backup::erasures::path(&config).display()))
}
