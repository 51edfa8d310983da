//! `gezhi verify`: proves that nothing was altered, or says what was. Only reads, so that it may run beside a
//! server. Exit code 1 when something is wrong.

use super::{BadUse, Global, say};
use crate::config::{Config, ServeFlags};
use crate::crypto::Vault;
use crate::features::audit::heads::{self, Heads};
use crate::features::audit::model::{Damage, Proof};
use crate::features::audit::verify;
use crate::files::Files;
use anyhow::{Context, Result, bail};
use clap::Args;
use kernel::Clock;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use store::{Db, Options, Target};

/// What to prove.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Command {
    /// Also hold the data against a copy that was kept elsewhere
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// After a clean proof, write the heads of all streams to a file, to be kept elsewhere
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

/// Unused numbers printed; `--json` has all.
const UNUSED_SHOWN: usize = 20;

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let config = Config::load(&global.flags, &ServeFlags::default())?;
    let outside = match &command.against {
        Some(path) => Some(Heads::read(path).map_err(|e| BadUse(format!("{e:#}")))?),
        None => None,
    };
    let (db, vault) = open(&config)?;
    let key = vault.signing_seed();
    let telling = std::io::stderr().is_terminal();
    let mut proof = db
        .read_now(move |tx| {
            let mut tell = |events: u64| {
                if telling && events.is_multiple_of(100_000) {
                    let _ = write!(std::io::stderr(), "\r{events} events");
                }
            };
            verify::verify(tx, key, outside.as_ref(), &mut tell)
        })
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    structure(&config, &mut proof)?;
    let folder = Files::open(&config.data.join("files"))?;
    verify::files(&db, &folder, &mut proof).map_err(|e| anyhow::anyhow!("{e}"))?;
    tell(global, &proof)?;
    if !proof.is_clean() {
        bail!("{} findings: the data are not as they were written", proof.found);
    }
    if let Some(path) = &command.heads {
        let now = Clock::System.now();
        let copy =
            db.read_now(move |tx| heads::take(tx, key, now, true)).map_err(|e| anyhow::anyhow!("{e}"))?;
        copy.write(path)?;
        if !global.json {
            say(&format!(
                "{} heads written to {}; keep it where this machine cannot reach it",
                copy.heads.len(),
                path.display()
            ))?;
        }
    }
    Ok(())
}

/// Whether the file itself is built as it must be, also where nothing was read above. PostgreSQL looks after its own.
fn structure(config: &Config, proof: &mut Proof) -> Result<()> {
    if let Target::Sqlite(path) = config.target() {
        for line in store::check_sqlite(&path).map_err(|e| anyhow::anyhow!("{e}"))? {
            proof.find(Damage::Structure, line);
        }
    }
    Ok(())
}

/// Opens keys and database without taking the folder for itself.
fn open(config: &Config) -> Result<(Db, Vault)> {
    let target = config.target();
    if let Target::Sqlite(path) = &target
        && !path.exists()
    {
        return Err(BadUse(format!(
            "there is no database at {}; name the folder with --data",
            path.display()
        ))
        .into());
    }
    let vault = Vault::load(&config.key_path(), false)
        .context("blocks can be proven only with the installation's key")?;
    let db = Db::open(&target, Options { readers: 1, writers: 1, ..Options::default() });
    Ok((db.map_err(|e| anyhow::anyhow!("the database cannot be opened: {e}"))?, vault))
}

fn tell(global: &Global, proof: &Proof) -> Result<()> {
    if global.json {
        let findings: Vec<_> =
            proof.findings.iter().map(|f| json!({ "damage": f.damage.as_str(), "text": f.text })).collect();
        let out = json!({
            "ok": proof.is_clean(), "events": proof.events, "streams": proof.streams, "blocks": proof.blocks,
            "waiting": proof.waiting, "cases": proof.cases, "files": proof.files, "found": proof.found, "findings": findings,
            "unused": proof.unused,
        });
        return say(&serde_json::to_string_pretty(&out)?);
    }
    say(&format!(
        "{} events in {} streams, {} blocks, {} cases folded again, {} files read again",
        proof.events, proof.streams, proof.blocks, proof.cases, proof.files
    ))?;
    if proof.waiting > 0 {
        say(&format!("{} streams have moved since the last block and wait for the next one", proof.waiting))?;
    }
    for finding in &proof.findings {
        say(&format!("DAMAGE {}: {}", finding.damage.as_str(), finding.text))?;
    }
    if !proof.unused.is_empty() {
        let shown: Vec<&str> = proof.unused.iter().take(UNUSED_SHOWN).map(String::as_str).collect();
        let more = if proof.unused.len() > UNUSED_SHOWN { " …" } else { "" };
        say(&format!(
            "{} case numbers were taken and never used: {}{more}",
            proof.unused.len(),
            shown.join(" ")
        ))?;
    }
    if proof.is_clean() {
        say("nothing was altered")?;
    }
    Ok(())
}
