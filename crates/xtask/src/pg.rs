//! `cargo xtask pg`: a private PostgreSQL for a developer, as `test` uses it.

use crate::postgres::{self, Cluster};
use crate::process;
use anyhow::{Context, Result};

/// Runs a command with TEST_PG_URL set; without a command, prints the address and keeps the server until Ctrl-C.
///
/// # Errors
/// When the server or the command cannot be started.
pub fn run(args: &[String]) -> Result<bool> {
    let cluster = Cluster::start(&postgres::binaries()?)?;
    let Some((program, rest)) = args.split_first() else {
        println!("export TEST_PG_URL={}\nrunning until Ctrl-C", cluster.url);
        loop {
            std::thread::park();
        }
    };
    let mut command = process::command(program);
    command.args(rest).current_dir(std::env::current_dir()?).env("TEST_PG_URL", &cluster.url);
    Ok(command.status().with_context(|| format!("cannot start `{program}`"))?.success())
}
