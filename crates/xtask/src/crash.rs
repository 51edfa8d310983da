//! `cargo xtask crash`: many rounds of what the tests do a few times: the program and its database are killed, or lose their
//! power, while clients write to them, and everything acknowledged must be there afterwards, once and whole.

use crate::process::{cargo, run as run_command};
use anyhow::{Context, Result, bail};

/// The tests of `crates/app/tests/it/crash` that take their rounds from here.
const TESTS: [(&str, bool, &str); 4] = [
    (
        "sqlite",
        false,
        "crash::whoever_is_killed_on_the_embedded_database_loses_nothing_that_was_acknowledged",
    ),
    ("postgres", false, "crash::whoever_is_killed_on_postgresql_loses_nothing_that_was_acknowledged"),
    ("sqlite", true, "crash::a_power_cut_on_the_embedded_database_takes_nothing_that_was_acknowledged"),
    ("postgres", true, "crash::a_power_cut_on_postgresql_takes_nothing_that_was_acknowledged"),
];

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Rounds on each database.
    pub rounds: u64,
    /// `sqlite`, `postgres` or `both`.
    pub database: String,
    /// The seed of an earlier run, to have its moments again.
    pub seed: Option<u64>,
    /// Power cuts instead of kills.
    pub power_cut: bool,
    /// The release binary instead of the debug one.
    pub release: bool,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// On an unknown flag or a value that is none.
    pub fn parse(args: &[String]) -> Result<Options> {
        let mut options = Options {
            rounds: 200,
            database: "both".to_owned(),
            seed: None,
            power_cut: false,
            release: false,
        };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--rounds" => options.rounds = value()?.parse().context("--rounds needs a number")?,
                "--seed" => options.seed = Some(value()?.parse().context("--seed needs a number")?),
                "--database" => options.database.clone_from(value()?),
                "--power-cut" => options.power_cut = true,
                "--release" => options.release = true,
                other => bail!("`crash` knows no {other}; see `cargo xtask help`"),
            }
        }
        if !["sqlite", "postgres", "both"].contains(&options.database.as_str()) {
            bail!("--database is sqlite, postgres or both");
        }
        Ok(options)
    }

    /// The tests to run.
    pub fn tests(&self) -> Vec<&'static str> {
        let wanted = |database: &str| self.database == "both" || self.database == database;
        let fits = TESTS.iter().filter(|(database, cut, _)| wanted(database) && *cut == self.power_cut);
        fits.map(|(_, _, name)| *name).collect()
    }
}

/// Runs the rounds and lets the tests print their figures.
///
/// # Errors
/// When something was lost, doubled or half there, or the tests cannot be built.
pub fn run(args: &[String]) -> Result<bool> {
    let options = Options::parse(args)?;
    let mut tests = cargo();
    tests.args(["test", "--quiet", "--package", "gezhi", "--test", "it"]);
    if options.release {
        tests.arg("--release");
    }
    // One after the other: each wants the machine for itself.
    tests.args(["--", "--nocapture", "--test-threads=1", "--exact"]).args(options.tests());
    tests.env("CRASH_ROUNDS", options.rounds.to_string());
    if let Some(seed) = options.seed {
        tests.env("CRASH_SEED", seed.to_string());
    }
    if options.database != "sqlite" {
        // The rounds start a server of their own, because others may work on one that is named.
        tests.env("TEST_PG_URL", "its-own");
    }
    run_command(&mut tests)?;
    Ok(true)
}
