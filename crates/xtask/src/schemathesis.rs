//! `cargo xtask schemathesis`: the API of a demo office against its own description, tried with what schemathesis makes up.
//! <https://schemathesis.readthedocs.io>, from PyPI, is no part of the project: where it is not installed, the chore says so
//! and is over.

use crate::process::{capture, cargo, command, run as run_command, target_dir, try_run, which};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// Left out: the description tells shapes, not the rules of the office, so that a well-shaped request may be refused, and
/// blank parameters count as left out.
const LEFT_OUT: &str = "positive_data_acceptance,negative_data_rejection";
/// Whose rights the tried key has: everything the API can do.
const LOGIN: &str = "linlan";

/// A demo office that ends with this value.
struct Office {
    server: Child,
    url: String,
    folder: PathBuf,
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs schemathesis; its arguments come behind ours, for example `--max-time 600` or `--seed 1`. `TEST_PG_URL` puts the
/// office on PostgreSQL.
///
/// # Errors
/// When the office cannot be built or started.
pub fn run(args: &[String]) -> Result<bool> {
    let named = std::env::var_os("SCHEMATHESIS").map(PathBuf::from);
    let Some(schemathesis) = named.or_else(|| which("schemathesis")) else {
        println!("schemathesis is not installed (pipx install schemathesis): the API was not tried");
        return Ok(true);
    };
    run_command(cargo().args(["build", "--package", "gezhi", "--bins"]))?;
    let binary = target_dir()?.join("debug").join(format!("gezhi{}", std::env::consts::EXE_SUFFIX));
    let office = start(&binary)?;
    let key = key(&binary, &office)?;
    let (fine, document) = capture(command(&binary).arg("openapi"))?;
    if !fine {
        bail!("`gezhi openapi` failed: {document}");
    }
    let file = office.folder.join("openapi.json");
    std::fs::write(&file, document)?;
    let mut tried = command(schemathesis);
    tried.current_dir(&office.folder).arg("run").arg(&file);
    tried.args(["--url", &office.url, "--header", &format!("Authorization: Bearer {key}")]);
    tried.args(["--checks", "all", "--exclude-checks", LEFT_OUT, "--continue-on-failure", "--no-color"]);
    // A key may be used six hundred times a minute; more would only try the limit.
    tried.args(["--rate-limit", "600/m", "--suppress-health-check", "all", "--max-examples", "100"]);
    try_run(tried.args(args))
}

fn start(binary: &Path) -> Result<Office> {
    let folder = std::env::temp_dir().join(format!("gezhi-schemathesis-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut demo = command(binary);
    demo.args(["demo", "--small", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
    if let Some(url) = std::env::var_os("TEST_PG_URL") {
        demo.arg("--database-url").arg(url);
    }
    let mut server = demo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("no demo office")?;
    let said = BufReader::new(server.stdout.take().context("the office says nothing")?);
    let mut office = Office { server, url: String::new(), folder };
    for line in said.lines() {
        if let Some(url) = line?.strip_prefix("listening on ") {
            url.clone_into(&mut office.url);
            return Ok(office);
        }
    }
    bail!("the demo office ended before it listened")
}

fn key(binary: &Path, office: &Office) -> Result<String> {
    let mut add = command(binary);
    add.args(["token", "add", "--json", "--name", "schemathesis", LOGIN, "--data"])
        .arg(office.folder.join("data"));
    if let Some(url) = std::env::var_os("TEST_PG_URL") {
        add.arg("--database-url").arg(url);
    }
    let (fine, text) = capture(&mut add)?;
    let made: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match made[0]["token"].as_str() {
        Some(key) if fine => Ok(key.to_owned()),
        _ => bail!("no key for {LOGIN}: {text}"),
    }
}
