//! `cargo xtask bench`: builds the release binary and measures it, on SQLite and, where it is installed, on a private
//! PostgreSQL. What is measured stands in docs/bench.md.

use crate::postgres::{self, Cluster};
use crate::{build, process};
use anyhow::Result;

/// Measures; the arguments go to the crate `bench`.
///
/// # Errors
/// When something is missing or the build fails.
pub fn run(args: &[String]) -> Result<bool> {
    let binary = build::release()?;
    process::run(process::cargo().args(["build", "--release", "--package", "bench"]))?;
    let bench = binary.with_file_name(format!("bench{}", std::env::consts::EXE_SUFFIX));
    let named = postgres::named();
    let cluster = match (&named, postgres::find()) {
        (None, Some(dir)) => Some(Cluster::start(&dir)?),
        _ => None,
    };
    let mut command = process::command(&bench);
    command.arg("--binary").arg(&binary).args(args).current_dir(std::env::current_dir()?);
    if let Some(url) = named.or_else(|| cluster.as_ref().map(|c| c.url.clone())) {
        command.env("TEST_PG_URL", url);
    }
    process::try_run(&mut command)
}
