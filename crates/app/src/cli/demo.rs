//! `gezhi demo`: makes an invented office with a year of work when the folder is empty, and serves it with
//! one-click log-ins.

use super::{BadUse, Global, say, serve};
use crate::config::{Config, ServeFlags};
use crate::features::demo::{self, Options, Progress, check};
use crate::installation::Installation;
use crate::web::App;
use anyhow::{Result, bail};
use clap::Args;
use kernel::Clock;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// How large, and what to do with it.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Command {
    /// About 120 cases of the last weeks instead of about 2,600 of a year
    #[arg(long)]
    small: bool,
    /// Another seed: other people, places and decisions
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Look whether all of it is consistent, print what it holds, and end
    #[arg(long)]
    check: bool,
    /// A file that holds the instant to take for now, for tests
    #[arg(long, env = "GEZHI_TEST_CLOCK", value_name = "FILE", hide = true)]
    test_clock: Option<PathBuf>,
    #[command(flatten)]
    serve: ServeFlags,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let mut config = Config::load(&global.flags, &command.serve)?;
    // A demonstration must not begin where real records are to come.
    if config.data == Config::default().data {
        config.data = PathBuf::from("gezhi-demo");
    }
    let clock = command.test_clock.clone().map_or(Clock::System, Clock::File);
    let installation = Installation::open(config, clock)?;
    if !demo::is_made(&installation)? {
        if !installation.offices().is_empty() {
            let folder = installation.config.data.display();
            return Err(BadUse(format!(
                "{folder} holds an office that is no demonstration; name an empty folder with --data"
            ))
            .into());
        }
        make(&installation, command)?;
    }
    if command.check {
        return look(&installation);
    }
    people()?;
    serve::listen(App::new(installation, true))
}

fn make(installation: &Installation, command: &Command) -> Result<()> {
    let mut err = std::io::stderr();
    let (live, mut shown) = (err.is_terminal(), 0);
    let tell = |progress: Progress| {
        let text = match progress {
            Progress::Office => "making the demo office \u{2026}".to_owned(),
            Progress::Cases(come, all) => {
                let part = come * 10 / all.max(1);
                if part == shown && !live {
                    return;
                }
                shown = part;
                format!("{come} of {all} cases")
            }
            Progress::Index => "filling the text index".to_owned(),
        };
        let _ = if live { write!(err, "\r\x1b[K{text}") } else { writeln!(err, "{text}") };
        let _ = err.flush();
    };
    let made = demo::make(installation, Options { small: command.small, seed: command.seed }, tell)?;
    let mut err = std::io::stderr();
    let _ = writeln!(err, "{}{} cases, {} steps", if live { "\r\x1b[K" } else { "" }, made.cases, made.steps);
    for refused in made.refused {
        tracing::warn!("a step of the demonstration was refused: {refused}");
    }
    Ok(())
}

fn look(installation: &Installation) -> Result<()> {
    let now = installation.clock.now();
    let Some(office) = installation.offices().into_iter().next() else { bail!("there is no office") };
    let found = installation
        .db
        .read_now(move |tx| check::check(tx, office.id, now))
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    say(found.table().trim_end())?;
    for fault in &found.faults {
        say(&format!("FAULT {fault}"))?;
    }
    if found.faults.is_empty() {
        say("the demonstration is consistent")
    } else {
        bail!("{} faults", found.faults.len())
    }
}

/// The one-click log-ins, before the line that names the address.
fn people() -> Result<()> {
    say(
        "This is a demonstration: all people, places and events are invented. Anybody who reaches it can log in",
    )?;
    say("as anybody, so do not put real records into it. On the log-in page one click signs in as:")?;
    for login in demo::quick_logins()? {
        say(&format!("  {:<13} {:<22} {}", login.login, login.title_en, login.title_zh))?;
    }
    Ok(())
}
