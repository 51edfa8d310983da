//! `cargo xtask`: the chores of the project, one file each. `cargo xtask help` lists them.
#![expect(clippy::print_stdout, reason = "a chore tells on standard output what it does")]

mod bench;
mod build;
mod crash;
mod demo;
mod packages;
mod pg;
mod postgres;
mod process;
mod report;
mod sabotage;
mod schemathesis;
mod scratch;
mod shots;
mod test;
mod tools;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <chore>

  demo [arguments of `gezhi demo`]
      Installs the front-end packages when missing, builds the release binary and starts the demo office.
  build
      The same up to the binary, which runs from any folder: target/release/gezhi
  test [--quick] [--no-browser] [--no-pg] [--journeys] [filter …]
      Every check: format, lints, tests on SQLite and PostgreSQL, browser journeys on both, other targets.
      --quick       format, lints and the tests on SQLite only
      --no-browser  without the browser journeys
      --no-pg       without PostgreSQL
      --journeys    only the browser journeys
      filter …      only the tests (or, with --journeys, the journeys) whose name contains one of these
  pg [command …]
      Runs the command with TEST_PG_URL naming a private PostgreSQL; without one keeps the server until Ctrl-C.
  bench [--database sqlite,postgres] [--sizes 10k,100k,1m] [--scenes a,b] [--seconds N] [--json FILE] [--keep DIR]
      Measures the release binary over HTTP against the raw engine in the same run: docs/bench.md.
  crash [--rounds N] [--database sqlite|postgres|both] [--seed S] [--power-cut] [--release]
      Kills the program, and PostgreSQL too, while clients write to it, starts it again and looks whether everything that
      was acknowledged is there, once and whole: 200 rounds on each database.
      --power-cut  instead of that the disk loses whatever no fsync has made safe (Linux, needs a C compiler)
  sabotage [--list] [name …]
      Breaks the code in known ways, one at a time on a copy, and fails unless the tests notice.
  schemathesis [arguments of schemathesis]
      Tries the API of a demo office with made-up requests, where schemathesis (PyPI) is installed.
  shots --base URL [--cookie NAME=VALUE | --login LOGIN] [--widths 390,1280,1920] [--out DIR] PATH …
      Takes a picture of each page at each width.
  guide
      Takes the pictures of docs/guide again.

Without being told otherwise, `test` starts a private PostgreSQL cluster on a free loopback port and removes
it afterwards; TEST_PG_URL=postgres://… names another server, on which the tests may create databases.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) = match args.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", args.as_slice()),
    };
    let outcome = match chore {
        "demo" => demo::run(rest),
        "build" => build::run(rest).map(|_| true),
        "test" => test::run(rest),
        "pg" => pg::run(rest),
        "bench" => bench::run(rest),
        "crash" => crash::run(rest),
        "sabotage" => sabotage::run(rest),
        "schemathesis" => schemathesis::run(rest),
        "shots" => shots::run(rest),
        "guide" => shots::guide(),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => {
            eprintln!("unknown chore `{other}`\n\n{USAGE}");
            Ok(false)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
