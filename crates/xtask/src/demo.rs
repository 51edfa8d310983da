//! `cargo xtask demo`: from a fresh clone to a running demo office.

use crate::{build, process};
use anyhow::{Context, Result};

/// Builds and starts the demo office; the arguments go to `gezhi demo`.
///
/// # Errors
/// When something is missing, the build fails or the binary cannot be started.
pub fn run(args: &[String]) -> Result<bool> {
    let binary = build::release()?;
    let mut demo = process::command(&binary);
    demo.arg("demo").args(args).current_dir(std::env::current_dir()?);
    println!("$ {}", process::shown(&demo));
    start(demo).with_context(|| format!("cannot start {}", binary.display()))
}

/// The office takes this program's place, so that Ctrl-C and the exit code are its own.
#[cfg(unix)]
fn start(mut demo: std::process::Command) -> Result<bool> {
    use std::os::unix::process::CommandExt;
    Err(demo.exec().into())
}

#[cfg(not(unix))]
fn start(mut demo: std::process::Command) -> Result<bool> {
    Ok(demo.status()?.success())
}
