//! `gezhi export`: what an office has, as files that `gezhi import` reads again.

use super::control::{Ask, Meanwhile, Reply, run_to};
use super::{BadUse, Global, cases, explain, office, system};
use crate::context::Cx;
use crate::features::catalogue::service as catalogue;
use crate::features::imports::export::Format;
use crate::features::places::service as places;
use crate::installation::Installation;
use anyhow::Result;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use std::io::IsTerminal;
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
    Cases(Cases),
}

/// From which office, and where to.
#[derive(Args, Debug)]
pub(super) struct Target {
    /// The file to write; printed when not given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The office, where there are several
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

/// Cases to be written.
#[derive(Args, Debug)]
pub(super) struct Cases {
    /// csv, jsonl or xlsx (default: as the file's name ends, else csv)
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Only what a condition holds for, for example `case.open && case.channel == "hotline"`
    #[arg(long = "where", value_name = "EXPR", default_value = "")]
    filter: String,
    #[command(flatten)]
    target: Target,
}

/// What a server is asked to export.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    office: Option<String>,
    what: What,
}

#[derive(Debug, Serialize, Deserialize)]
enum What {
    Matters,
    Duty,
    Places,
    Cases { format: String, filter: String },
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let (target, what) = match command {
        Command::Matters(target) => (target, What::Matters),
        Command::Duty(target) => (target, What::Duty),
        Command::Places(target) => (target, What::Places),
        Command::Cases(args) => (&args.target, args.what()?),
    };
    let job = Job { office: target.office.clone(), what };
    run_to(global, &Ask::Export(job), target.output.as_deref())
}

impl Cases {
    fn what(&self) -> Result<What> {
        let named = self.target.output.as_ref().and_then(|path| path.extension()?.to_str());
        let format = match (&self.format, named.and_then(Format::parse)) {
            (Some(text), _) => Format::parse(text)
                .ok_or_else(|| BadUse(format!("--format {text}: there are csv, jsonl, xlsx")))?,
            (None, Some(format)) => format,
            (None, None) => Format::Csv,
        };
        if self.target.output.is_none() && format == Format::Xlsx && std::io::stdout().is_terminal() {
            let text = "a workbook is not for a terminal: name a file with --output".to_owned();
            return Err(BadUse(text).into());
        }
        Ok(What::Cases { format: format.as_str().to_owned(), filter: self.filter.clone() })
    }
}

pub(super) fn answer(installation: &Installation, job: &Job, out: &mut dyn Meanwhile) -> Result<Reply> {
    let office = office(installation, job.office.as_deref())?;
    let cx = system(installation, &office);
    match &job.what {
        What::Matters => write(installation, cx, out, |tx, cx| catalogue::export_matters(tx, cx, cx.today())),
        What::Duty => write(installation, cx, out, catalogue::export_duty),
        What::Places => write(installation, cx, out, places::export_places),
        What::Cases { format, filter } => cases::export(installation, &cx, format, filter, out),
    }
}

fn write<F>(installation: &Installation, cx: Cx, out: &mut dyn Meanwhile, mut body: F) -> Result<Reply>
where
    F: FnMut(&mut store::Tx<'_>, &Cx) -> store::Result<String> + Send + 'static,
{
    let text = installation.db.read_now(move |tx| body(tx, &cx)).map_err(explain)?;
    out.data(text.as_bytes())?;
    Ok(Reply::default())
}
