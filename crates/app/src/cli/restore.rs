//! `gezhi restore FILE`: reads a backup into an empty folder, checks it, and proves it.

use super::{Global, say};
use crate::backup;
use crate::config::{Config, ServeFlags};
use crate::crypto::Vault;
use crate::features::audit::verify;
use anyhow::{Result, bail};
use clap::Args;
use kernel::Clock;
use serde_json::json;
use std::path::PathBuf;
use store::{Db, Options};

/// Where from.
#[derive(Args, Clone, Debug)]
pub(super) struct Command {
    /// The file that `gezhi backup` wrote
    file: PathBuf,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    let restored = backup::restore(&config, &command.file, Clock::System)?;
    let key = Vault::load(&config.key_path(), false)?.signing_seed();
    let db = Db::open(&config.target(), Options { readers: 1, writers: 1, ..Options::default() });
    let db = db.map_err(|e| anyhow::anyhow!("the database cannot be opened: {e}"))?;
    let proof = db
        .read_now(move |tx| verify::verify(tx, key, None, &mut |_| {}))
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    if global.json {
        let out = json!({
            "data": config.data, "manifest": restored.manifest, "erased_again": restored.erased,
            "missing": restored.missing, "findings": proof.found,
        });
        say(&serde_json::to_string_pretty(&out)?)?;
    } else {
        say(&format!("restored to {} as of {}", config.data.display(), restored.manifest.at))?;
        say(&format!("{} photos, every hash as it was", restored.manifest.files))?;
        say(&format!("{} persons erased again by {}", restored.erased, restored.log.display()))?;
        say(&format!(
            "{} events in {} streams proven, {} cases folded again",
            proof.events, proof.streams, proof.cases
        ))?;
    }
    if !restored.missing.is_empty() {
        bail!("{} photos that records name are not in the backup", restored.missing.len());
    }
    if !proof.is_clean() {
        bail!("{} findings: run `gezhi verify` for the list", proof.found);
    }
    Ok(())
}
