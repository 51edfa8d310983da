//! `cargo xtask shots`: pictures of pages of a running office.

use crate::process::{command, try_run};
use crate::{packages, tools};
use anyhow::Result;

/// Hands its arguments to `tests/e2e/shots.mjs`, which explains them.
///
/// # Errors
/// When Node.js, the browser or a package is missing.
pub fn run(args: &[String]) -> Result<bool> {
    packages::node()?;
    packages::ensure("tests/e2e")?;
    let mut node = command("node");
    node.arg("tests/e2e/shots.mjs").args(args).env("CHROMIUM", tools::chromium()?);
    try_run(&mut node)
}
