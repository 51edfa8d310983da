//! `gezhi export`: what an office has, as files that `gezhi import` reads again.

use super::{Global, explain, office, open, system};
use crate::context::Cx;
use crate::features::catalogue::service as catalogue;
use crate::features::places::service as places;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// What to export.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// The matters in force today, as CSV
    Matters(Target),
    /// The duty list with all its dated rows, as CSV
    Duty(Target),
    /// The places that exist, as GeoJSON in WGS 84
    Places(Target),
    /// Cases as CSV, JSON lines or XLSX; never a requester
    Cases(super::cases::Export),
}

/// From which office, and where to.
#[derive(Args, Debug)]
pub(super) struct Target {
    /// The file to write; printed when not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// The office's code, where there are several
    #[arg(long)]
    office: Option<String>,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Matters(target) => {
            write(global, target, |tx, cx| catalogue::export_matters(tx, cx, cx.today()))
        }
        Command::Duty(target) => write(global, target, catalogue::export_duty),
        Command::Cases(args) => super::cases::export(global, args),
        Command::Places(target) => write(global, target, places::export_places),
    }
}

fn write<F>(global: &Global, target: &Target, mut body: F) -> Result<()>
where
    F: FnMut(&mut store::Tx<'_>, &Cx) -> store::Result<String> + Send + 'static,
{
    let installation = open(global)?;
    let office = office(&installation, target.office.as_deref())?;
    let cx = system(&installation, &office);
    let text = installation.db.read_now(move |tx| body(tx, &cx)).map_err(explain)?;
    match &target.output {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
        }
        None => Ok(std::io::stdout().lock().write_all(text.as_bytes())?),
    }
}
