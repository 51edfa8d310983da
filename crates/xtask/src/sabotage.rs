//! `cargo xtask sabotage`: does a test notice when the code is wrong? Each entry of `sabotage.toml` breaks one rule
//! on a copy of the tree and names the tests that must then fail. A test that stays green protects nothing.

use crate::postgres::{self, Cluster};
use crate::process::{capture, cargo, root};
use crate::report::{Outcome, Report};
use crate::scratch::Scratch;
use crate::test::has_nextest;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The table of sabotages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    sabotage: Vec<Sabotage>,
}

/// One wrong line, and the tests that must notice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sabotage {
    /// A short name to call it by.
    pub name: String,
    /// Which promise the wrong line breaks.
    pub why: String,
    /// The file, from the root of the tree.
    pub file: PathBuf,
    /// The right text, which must stand in the file exactly once.
    pub find: String,
    /// The wrong text.
    pub replace: String,
    /// Arguments for the test runner that choose the tests: package and name filter.
    pub test: Vec<String>,
    /// True when the tests need PostgreSQL.
    #[serde(default)]
    pub postgres: bool,
}

impl Sabotage {
    /// The wrong text of the whole file.
    ///
    /// # Errors
    /// When the right text is missing or ambiguous: the code has moved on and the entry must follow.
    pub fn apply(&self, text: &str) -> Result<String> {
        let (name, file) = (&self.name, self.file.display());
        if self.find == self.replace {
            bail!("{name}: `find` and `replace` are the same");
        }
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            0 => bail!("{name}: the text to replace is no longer in {file}; mend or remove the entry"),
            n => bail!("{name}: the text to replace stands {n} times in {file}; make it longer"),
        }
    }

    /// The wrong text of the file in a tree.
    ///
    /// # Errors
    /// As [`Sabotage::apply`], and when the file cannot be read.
    pub fn broken(&self, tree: &Path) -> Result<String> {
        let file = tree.join(&self.file);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{}: cannot read {}", self.name, file.display()))?;
        self.apply(&text)
    }
}

/// Reads the table.
///
/// # Errors
/// When it is not as described, or two entries have one name.
pub fn read(text: &str) -> Result<Vec<Sabotage>> {
    let table: Table = toml::from_str(text).context("sabotage.toml")?;
    let mut names = std::collections::HashSet::new();
    for entry in &table.sabotage {
        if !names.insert(entry.name.as_str()) {
            bail!("sabotage.toml: two entries are called {}", entry.name);
        }
        if entry.test.is_empty() {
            bail!("sabotage.toml: {} names no test", entry.name);
        }
    }
    Ok(table.sabotage)
}

/// The table of this tree.
///
/// # Errors
/// As [`read`].
pub fn table() -> Result<Vec<Sabotage>> {
    let file = root().join("crates/xtask/sabotage.toml");
    read(&std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?)
}

/// Does the sabotages named, or all; false when one went unnoticed.
///
/// # Errors
/// When an entry no longer fits the code, or the tree cannot be copied.
pub fn run(args: &[String]) -> Result<bool> {
    let mut entries = table()?;
    if args.iter().any(|a| a == "--list") {
        for entry in &entries {
            println!("{:<40} {}", entry.name, entry.why);
        }
        return Ok(true);
    }
    for entry in &entries {
        entry.broken(&root())?;
    }
    if let Some(unknown) = args.iter().find(|a| entries.iter().all(|e| e.name != **a)) {
        bail!("there is no sabotage called {unknown}; --list shows them");
    }
    entries.retain(|e| args.is_empty() || args.contains(&e.name));
    let cluster = match entries.iter().any(|e| e.postgres) {
        true => Some(Cluster::start(&postgres::binaries()?)?),
        false => None,
    };
    let pg_url = cluster.as_ref().map(|c| c.url.as_str());
    let scratch = Scratch::refresh()?;
    let mut sound = HashMap::new();
    let mut report = Report::default();
    for entry in &entries {
        report.step(&entry.name, || attempt(&scratch, entry, pg_url, &mut sound));
    }
    println!("\n{}", report.summary().trim_end());
    Ok(report.good())
}

/// How a run of tests ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    Green,
    Red,
    /// They do not compile, or there are none.
    Broken,
}

/// Green before, red after; anything else is a failure.
fn attempt(
    scratch: &Scratch,
    entry: &Sabotage,
    pg_url: Option<&str>,
    sound: &mut HashMap<Vec<String>, Tests>,
) -> Result<Outcome> {
    println!("{}", entry.why);
    let before = match sound.get(&entry.test) {
        Some(known) => *known,
        None => {
            let seen = tests(scratch, entry, pg_url)?;
            sound.insert(entry.test.clone(), seen);
            seen
        }
    };
    if before != Tests::Green {
        return Ok(Outcome::Failed("its tests are not green on the right code".to_owned()));
    }
    let file = scratch.tree.join(&entry.file);
    let right = std::fs::read_to_string(&file)?;
    std::fs::write(&file, entry.broken(&scratch.tree)?)?;
    let after = tests(scratch, entry, pg_url);
    std::fs::write(&file, right)?;
    Ok(match after? {
        Tests::Red => {
            println!("noticed");
            Outcome::Passed
        }
        Tests::Green => Outcome::Failed("no test noticed".to_owned()),
        Tests::Broken => Outcome::Failed("the wrong code does not compile, which proves nothing".to_owned()),
    })
}

fn tests(scratch: &Scratch, entry: &Sabotage, pg_url: Option<&str>) -> Result<Tests> {
    // Built apart from the run, because both fail alike where there is no nextest.
    let (compiles, text) = capture(runner(scratch, entry, pg_url).arg("--no-run"))?;
    if !compiles {
        println!("{text}");
        return Ok(Tests::Broken);
    }
    let (green, text) = capture(&mut runner(scratch, entry, pg_url))?;
    if !some_ran(&text) {
        println!("{text}\nno test was run by {}", entry.test.join(" "));
        return Ok(Tests::Broken);
    }
    Ok(if green { Tests::Green } else { Tests::Red })
}

/// Whether the closing lines of nextest or of `cargo test` count at least one test.
pub fn some_ran(text: &str) -> bool {
    let counts = |line: &str| {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        words.windows(2).any(|w| {
            matches!(w[1].trim_matches(','), "passed" | "failed")
                && w[0] != "0"
                && w[0].parse::<u32>().is_ok()
        })
    };
    text.lines().filter(|l| l.contains("Summary [") || l.starts_with("test result:")).any(counts)
}

fn runner(scratch: &Scratch, entry: &Sabotage, pg_url: Option<&str>) -> Command {
    let mut runner = cargo();
    let nextest: &[&str] = if has_nextest() { &["nextest", "run", "--color=never"] } else { &["test"] };
    runner.args(nextest).args(&entry.test);
    runner.current_dir(&scratch.tree).env("CARGO_TARGET_DIR", &scratch.target);
    match pg_url {
        Some(url) if entry.postgres => runner.env("TEST_PG_URL", url),
        _ => runner.env_remove("TEST_PG_URL"),
    };
    runner
}
