//! Node.js, and the packages of the front end and of the browser journeys.

use crate::process::{answer, command, npm, root, run};
use crate::tools;
use anyhow::{Result, bail};
use std::path::Path;

/// The oldest Node.js that the build and the journeys work with.
const NODE: u32 = 20;

/// Checks that Node.js and npm are there and new enough.
///
/// # Errors
/// A line that says what to install.
pub fn node() -> Result<()> {
    let version = answer(command("node").arg("--version"));
    match version.as_deref().map(major) {
        None => bail!(
            "Node.js is missing: install Node.js {NODE} or newer with npm (nodejs.org, or your system's packages)"
        ),
        Some(found) if found < NODE => {
            bail!("Node.js {} is too old: install {NODE} or newer", version.unwrap_or_default())
        }
        Some(_) => {}
    }
    if answer(npm().arg("--version")).is_none() {
        bail!("npm is missing: install it (on Debian the package `npm`; elsewhere it comes with Node.js)");
    }
    Ok(())
}

/// The first number of a version such as `v20.20.2`; 0 when there is none.
pub fn major(version: &str) -> u32 {
    let digits: String =
        version.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Installs the packages that a folder's lock file names, unless they stand there already.
/// Gives false when the folder has no lock file.
///
/// # Errors
/// When npm fails.
pub fn ensure(folder: &str) -> Result<bool> {
    let dir = root().join(folder);
    if !dir.join("package-lock.json").is_file() {
        println!("{folder} has no package-lock.json, so nothing is installed there");
        return Ok(false);
    }
    if !stale(&dir) {
        return Ok(true);
    }
    println!("installing the packages of {folder} (a minute, once)");
    let mut npm = npm();
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir);
    // The browser comes from the system; see tools::chromium.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run(&mut npm)?;
    Ok(true)
}

/// True when the installed packages are missing or older than the lock file.
pub fn stale(dir: &Path) -> bool {
    let modified = |file: &str| dir.join(file).metadata().and_then(|m| m.modified()).ok();
    match (modified("package-lock.json"), modified("node_modules/.package-lock.json")) {
        (Some(lock), Some(installed)) => lock > installed,
        (_, None) => true,
        (None, _) => false,
    }
}

/// Node.js and npm, installed when missing and this may be done here.
///
/// # Errors
/// A line that says what to install.
pub fn node_for_tests() -> Result<()> {
    if node().is_err() && tools::may_install() {
        tools::install(&["nodejs", "npm"])?;
    }
    node()
}
