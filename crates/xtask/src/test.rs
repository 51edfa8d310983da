//! `cargo xtask test`: everything that must hold, in one command.

use crate::postgres::{self, Cluster};
use crate::process::{answer, capture, cargo, command, npm, root, run as run_command, target_dir, which};
use crate::report::{Outcome, Report};
use crate::{packages, tools};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The other systems that the code must compile for, with the C compiler that the bundled C code needs.
const OTHER_TARGETS: [(&str, &str); 2] = [
    ("x86_64-pc-windows-gnu", "x86_64-w64-mingw32-gcc"),
    ("aarch64-unknown-linux-gnu", "aarch64-linux-gnu-gcc"),
];

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Format, lints and the tests on SQLite only.
    pub quick: bool,
    /// Without the browser journeys.
    pub no_browser: bool,
    /// Without PostgreSQL.
    pub no_pg: bool,
    /// Only the browser journeys.
    pub journeys: bool,
    /// Only the tests whose name contains one of these.
    pub filters: Vec<String>,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// On an unknown flag.
    pub fn parse(args: &[String]) -> Result<Options> {
        let mut options = Options::default();
        for arg in args {
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--no-browser" => options.no_browser = true,
                "--no-pg" => options.no_pg = true,
                "--journeys" => options.journeys = true,
                flag if flag.starts_with('-') => bail!("`test` knows no {flag}; see `cargo xtask help`"),
                filter => options.filters.push(filter.to_owned()),
            }
        }
        if options.journeys && (options.no_browser || options.quick) {
            bail!("--journeys goes with neither --quick nor --no-browser");
        }
        Ok(options)
    }

    fn pg(&self) -> bool {
        !self.quick && !self.no_pg
    }

    fn browser(&self) -> bool {
        self.journeys || (!self.quick && !self.no_browser && self.filters.is_empty())
    }

    fn rust_tests(&self) -> bool {
        !self.journeys
    }

    /// Format, lints and what else is not about one test.
    fn whole_tree(&self) -> bool {
        !self.journeys && self.filters.is_empty()
    }
}

/// What the steps need beside the code.
struct Needs {
    pg_url: Option<String>,
    chromium: Option<PathBuf>,
    /// Held until the steps are over.
    _cluster: Option<Cluster>,
}

/// Runs the checks that the arguments ask for and prints the summary; false when one failed.
///
/// # Errors
/// When something that the checks need is missing and cannot be installed.
pub fn run(args: &[String]) -> Result<bool> {
    let options = Options::parse(args)?;
    let needs = prepare(&options)?;
    let mut report = Report::default();
    if options.whole_tree() {
        report.commands("format", [with(cargo(), &["fmt", "--all", "--check"])]);
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        report.commands("lints", [with(cargo(), &clippy)]);
        report.step("licences and sources", licences);
        report.commands("front end", [script("assets", "typecheck"), script("assets", "test")]);
    }
    if options.rust_tests() {
        let name = if needs.pg_url.is_some() { "tests on SQLite and PostgreSQL" } else { "tests on SQLite" };
        report.commands(name, [rust_tests(&options, &needs)]);
    }
    if options.whole_tree() {
        report.step("examples in the documentation", || doctests(&needs));
    }
    if options.browser() {
        journeys(&mut report, &options, &needs);
    }
    if options.whole_tree() && !options.quick {
        for (target, compiler) in OTHER_TARGETS {
            report.step(&format!("compiles for {target}"), || compiles_for(target, compiler));
        }
    }
    drop(needs);
    println!("\n{}", report.summary().trim_end());
    Ok(report.good())
}

/// Finds or installs everything first, so that what is missing is said before the long part.
fn prepare(options: &Options) -> Result<Needs> {
    println!("── what the checks need");
    let mut missing = Vec::new();
    let mut needed = |what: Result<()>| {
        if let Err(error) = what {
            missing.push(format!("{error:#}"));
        }
    };
    let mut chromium = None;
    needed(packages::node_for_tests().and_then(|()| packages::ensure("assets")).map(|_| ()));
    if options.browser() {
        needed(packages::ensure("tests/e2e").map(|_| ()));
        needed(tools::chromium().map(|file| chromium = Some(file)));
    }
    let named = postgres::named();
    let mut binaries = None;
    if options.pg() && named.is_none() {
        needed(postgres::binaries().map(|dir| binaries = Some(dir)));
    }
    if !missing.is_empty() {
        bail!("something is missing\n  {}", missing.join("\n  "));
    }
    let cluster = match binaries {
        Some(dir) => Some(Cluster::start(&dir)?),
        None => None,
    };
    let pg_url = if options.pg() { named.or_else(|| cluster.as_ref().map(|c| c.url.clone())) } else { None };
    if cluster.is_some() {
        println!("a private PostgreSQL is running");
    }
    Ok(Needs { pg_url, chromium, _cluster: cluster })
}

fn with(mut command: Command, args: &[&str]) -> Command {
    command.args(args);
    command
}

/// Tells the command of the server, or hides one that was not asked for.
fn with_pg(mut command: Command, needs: &Needs) -> Command {
    match &needs.pg_url {
        Some(url) => command.env("TEST_PG_URL", url),
        None => command.env_remove("TEST_PG_URL"),
    };
    command
}

/// A script of a folder's package.json.
fn script(folder: &str, name: &str) -> Command {
    let mut npm = npm();
    npm.args(["run", "--silent", name]).current_dir(root().join(folder));
    npm
}

fn rust_tests(options: &Options, needs: &Needs) -> Command {
    let mut tests = if has_nextest() {
        with(cargo(), &["nextest", "run", "--workspace"])
    } else {
        println!("cargo-nextest is not installed, so `cargo test` does its work");
        with(cargo(), &["test", "--workspace", "--all-targets"])
    };
    if !has_nextest() && !options.filters.is_empty() {
        tests.arg("--");
    }
    tests.args(&options.filters);
    with_pg(tests, needs)
}

/// True when `cargo nextest` can be called.
pub fn has_nextest() -> bool {
    answer(cargo().args(["nextest", "--version"])).is_some()
}

/// In silence unless one fails: the count of a crate without examples would read as a run without tests.
fn doctests(needs: &Needs) -> Result<Outcome> {
    let mut tests = with_pg(with(cargo(), &["test", "--quiet", "--workspace", "--doc"]), needs);
    let (good, text) = capture(&mut tests)?;
    if good {
        return Ok(Outcome::Passed);
    }
    println!("{text}");
    Ok(Outcome::Failed("an example does not hold".to_owned()))
}

/// Advisories are left out: their list would have to be fetched, and a check must not change with the day.
fn licences() -> Result<Outcome> {
    if answer(cargo().args(["deny", "--version"])).is_none() {
        return Ok(Outcome::Skipped("cargo-deny is not installed".to_owned()));
    }
    run_command(cargo().args(["deny", "check", "licenses", "sources", "bans"]))?;
    Ok(Outcome::Passed)
}

/// The browser journeys, once on each database, against the same debug binary that the tests use.
fn journeys(report: &mut Report, options: &Options, needs: &Needs) {
    let mut binary = PathBuf::new();
    report.step("the binary for the journeys", || {
        // After the tests the binary is there, built with the features that their dependencies ask for; asking
        // for less would build much of it again.
        let what: &[&str] = if options.rust_tests() {
            &["--workspace", "--bins", "--tests"]
        } else {
            &["--package", "gezhi"]
        };
        run_command(cargo().arg("build").args(what))?;
        binary = target_dir()?.join("debug").join(format!("gezhi{}", std::env::consts::EXE_SUFFIX));
        Ok(Outcome::Passed)
    });
    if binary.as_os_str().is_empty() {
        return;
    }
    report.commands("types of the journeys", [script("tests/e2e", "typecheck")]);
    for database in ["sqlite", "postgres"] {
        if database == "postgres" && needs.pg_url.is_none() {
            continue;
        }
        let mut playwright = script("tests/e2e", "journeys");
        playwright.arg("--").args(&options.filters);
        playwright.env("GEZHI_BIN", &binary).env("GEZHI_E2E_DATABASE", database);
        if let Some(chromium) = &needs.chromium {
            playwright.env("CHROMIUM", chromium);
        }
        report.commands(&format!("journeys on {database}"), [with_pg(playwright, needs)]);
    }
}

/// Checks that the code compiles for another system, where the toolchain has it.
fn compiles_for(target: &str, compiler: &str) -> Result<Outcome> {
    let library = answer(command("rustc").args(["--print", "target-libdir", "--target", target]));
    if !library.is_some_and(|dir| PathBuf::from(dir).is_dir()) {
        return Ok(Outcome::Skipped("the toolchain has no standard library for it".to_owned()));
    }
    if which(compiler).is_none() {
        return Ok(Outcome::Skipped(format!("{compiler} is not installed")));
    }
    run_command(cargo().args(["check", "--workspace", "--target", target]))?;
    Ok(Outcome::Passed)
}
