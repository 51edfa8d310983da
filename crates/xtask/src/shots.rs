//! `cargo xtask shots`: pictures of pages of a running office; `cargo xtask guide`: those of the user guide.

use crate::process::{cargo, command, npm, root, run as run_command, target_dir, try_run};
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

/// Takes the pictures of the user guide again, of a demo office made for it.
///
/// # Errors
/// When Node.js, the browser or a package is missing, or the office does not show what the guide shows.
pub fn guide() -> Result<bool> {
    packages::node()?;
    packages::ensure("assets")?;
    packages::ensure("tests/e2e")?;
    run_command(cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    let binary = target_dir()?.join("debug").join(format!("gezhi{}", std::env::consts::EXE_SUFFIX));
    let mut pictures = npm();
    pictures.args(["run", "--silent", "guide"]).current_dir(root().join("tests/e2e"));
    try_run(pictures.env("GEZHI_BIN", binary).env("CHROMIUM", tools::chromium()?))
}
