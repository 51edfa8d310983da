//! The commands, one file each. Every command calls the same services as the pages, with the program itself
//! as actor, so that the log holds. Exit codes: 2 for bad use, 1 for failure.

mod backup;
mod cases;
mod control;
mod demo;
mod doctor;
mod export;
mod import;
mod office;
mod openapi;
mod restore;
pub mod serve;
mod stats;
mod user;
mod verify;

use crate::actor::Actor;
use crate::config::{Flags, ServeFlags};
use crate::context::{Cx, Office, Source};
use crate::installation::Installation;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

/// Gezhi: the open system of a sub-district office.
#[derive(Parser, Debug)]
#[command(name = "gezhi", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
pub struct Global {
    /// Where the data are.
    #[command(flatten)]
    pub flags: Flags,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make an invented office with a year of work, if there is none, and serve it
    Demo(demo::Command),
    /// Save database and photos to one file, also while a server runs
    Backup(backup::Command),
    /// Read a backup into an empty folder and prove it
    Restore(restore::Command),
    /// Serve the pages and the API
    Serve(ServeFlags),
    /// Offices: add, list
    #[command(subcommand)]
    Office(office::Command),
    /// Take over what an office brings: places, the matter catalogue, the duty list …
    #[command(subcommand)]
    Import(import::Command),
    /// Write what an office has, to be edited or taken along
    #[command(subcommand)]
    Export(export::Command),
    /// Accounts: add, reset, list
    #[command(subcommand)]
    User(user::Command),
    /// Keys for programs that use the API: add, list, revoke
    #[command(subcommand)]
    Token(user::TokenCommand),
    /// Prove that nothing was altered, or say what was
    Verify(verify::Command),
    /// Print a figure: any indicator, any period, any place
    Stats(stats::Stats),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Look at the installation and say what to do
    Doctor,
}

/// A command that was used wrongly: exit code 2.
#[derive(Debug)]
pub struct BadUse(pub String);

impl std::fmt::Display for BadUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadUse {}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.global.flags.log.as_deref());
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        // `gezhi export cases | head`: whoever reads has enough.
        Err(error) if nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let mut out = std::io::stderr().lock();
            let _ = writeln!(out, "gezhi: {error:#}");
            ExitCode::from(if error.is::<BadUse>() { 2 } else { 1 })
        }
    }
}

fn nobody_reads(error: &anyhow::Error) -> bool {
    let broken = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(broken))
}

fn run(cli: &Cli) -> Result<()> {
    match &cli.command {
        Command::Demo(command) => demo::run(&cli.global, command),
        Command::Backup(command) => backup::run(&cli.global, command),
        Command::Restore(command) => restore::run(&cli.global, command),
        Command::Serve(flags) => serve::run(&cli.global, flags),
        Command::Office(command) => control::run(&cli.global, &control::Ask::Office(command.clone())),
        Command::Import(command) => import::run(&cli.global, command),
        Command::Export(command) => export::run(&cli.global, command),
        Command::User(command) => control::run(&cli.global, &control::Ask::User(command.clone())),
        Command::Token(command) => control::run(&cli.global, &control::Ask::Token(command.clone())),
        Command::Verify(command) => verify::run(&cli.global, command),
        Command::Stats(args) => control::run(&cli.global, &control::Ask::Stats(args.clone())),
        Command::Openapi => openapi::run(),
        Command::Doctor => doctor::run(&cli.global),
    }
}

fn log(filter: Option<&str>) {
    let filter = filter.unwrap_or("info,axum=warn,hyper=warn");
    let layer = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = layer.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init();
}

/// Prints a line to stdout.
///
/// # Errors
/// When nobody reads any more.
pub fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// Prints data: as JSON, or a line for each record.
///
/// # Errors
/// When nobody reads any more.
pub fn print<T: Serialize>(global: &Global, records: &[T], line: impl Fn(&T) -> String) -> Result<()> {
    if global.json {
        return say(&serde_json::to_string_pretty(records)?);
    }
    for record in records {
        say(&line(record))?;
    }
    Ok(())
}

/// The office named by its code, or the only one.
///
/// # Errors
/// Bad use when it is not clear which.
pub fn office(installation: &Installation, code: Option<&str>) -> Result<Arc<Office>> {
    let offices = installation.offices();
    match code {
        Some(code) => offices.into_iter().find(|o| o.code == code).ok_or_else(|| {
            BadUse(format!("there is no office {code}; `gezhi office list` shows them")).into()
        }),
        None if offices.len() > 1 => {
            let codes: Vec<&str> = offices.iter().map(|o| o.code.as_str()).collect();
            Err(BadUse(format!("there are several offices; name one with --office: {}", codes.join(", ")))
                .into())
        }
        None => offices.into_iter().next().ok_or_else(|| {
            BadUse("there is no office yet; make one with `gezhi office add`".to_owned()).into()
        }),
    }
}

/// The context of a command: the program itself, by the command line.
#[must_use]
pub fn system(installation: &Installation, office: &Arc<Office>) -> Cx {
    installation.cx(office, Actor::system(office.id), Source::Cli)
}

/// A service's refusal in words, everything else as it is.
pub fn explain(error: store::Error) -> anyhow::Error {
    match error {
        store::Error::Refused(refusal) => {
            let w =
                crate::words::Words::new(crate::words::Locale::En, &jiff::tz::TimeZone::UTC, kernel::Ts(0));
            BadUse(format!("{} ({})", w.refusal(&refusal), refusal.code)).into()
        }
        store::Error::Failed(error) => error,
        other => anyhow::anyhow!("{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
