//! `cargo xtask build`: the release binary, with the pages' files inside.

use crate::packages;
use crate::process::{self, cargo, target_dir};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Builds and says where the binary stands.
///
/// # Errors
/// When something is missing or the build fails.
pub fn run(args: &[String]) -> Result<PathBuf> {
    if let Some(arg) = args.first() {
        bail!("build takes no `{arg}`");
    }
    let binary = release()?;
    println!("{}", binary.display());
    Ok(binary)
}

/// Builds the release binary.
///
/// # Errors
/// When something is missing or the build fails.
pub fn release() -> Result<PathBuf> {
    packages::node()?;
    packages::ensure("assets")?;
    println!("building the release binary (several minutes the first time)");
    process::run(cargo().args(["build", "--release", "--package", "gezhi"]))?;
    let binary = target_dir()?.join("release").join(format!("gezhi{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        bail!("the build left no {}", binary.display());
    }
    Ok(binary)
}
