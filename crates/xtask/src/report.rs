//! The steps of a long chore: each is announced, timed and summed up at the end.

use anyhow::Result;
use std::time::{Duration, Instant};

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// With a reason.
    Failed(String),
    /// Not done, with a reason.
    Skipped(String),
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// The steps done so far.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
}

impl Report {
    /// Announces and does a step. An error makes it failed, and the steps after it are still done.
    pub fn step(&mut self, name: &str, body: impl FnOnce() -> Result<Outcome>) {
        println!("\n── {name}");
        let start = Instant::now();
        let outcome = body().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        match &outcome {
            Outcome::Passed => {}
            Outcome::Failed(why) => println!("FAILED: {why}"),
            Outcome::Skipped(why) => println!("skipped: {why}"),
        }
        self.steps.push(Step { name: name.to_owned(), outcome, took: start.elapsed() });
    }

    /// A step that is one or more commands, of which the first that fails ends it.
    pub fn commands(&mut self, name: &str, commands: impl IntoIterator<Item = std::process::Command>) {
        self.step(name, || {
            for mut command in commands {
                crate::process::run(&mut command)?;
            }
            Ok(Outcome::Passed)
        });
    }

    /// True when no step failed.
    pub fn good(&self) -> bool {
        !self.steps.iter().any(|s| matches!(s.outcome, Outcome::Failed(_)))
    }

    /// The summary: a line for each step with its seconds, and the count on a line of its own.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for step in &self.steps {
            let (word, why) = match &step.outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
            };
            match step.outcome {
                Outcome::Passed => passed += 1,
                Outcome::Failed(_) => failed += 1,
                Outcome::Skipped(_) => skipped += 1,
            }
            let why = why.lines().next().unwrap_or_default();
            let line = format!("{word:<8}{:>7.1} s  {:<34} {why}", step.took.as_secs_f64(), step.name);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push_str(&format!("\n{passed} passed, {failed} failed, {skipped} skipped\n"));
        text
    }
}
