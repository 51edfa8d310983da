//! `cargo xtask bench`: the closed loop measured over HTTP against the raw engine it stands on, on the same machine in the
//! same run. Each figure is a ratio, because machines differ and are busy; docs/bench.md says what is measured and how.
#![expect(clippy::print_stdout, reason = "a measurement tells what it found")]

mod empty;
mod figures;
mod grow;
mod http;
mod office;
mod raw;
mod scenes;

use anyhow::{Context, Result, bail};
use figures::Figure;
use office::Office;
use raw::Engine;
use std::path::PathBuf;
use std::time::Duration;

/// What is asked for on the command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// The release binary.
    binary: PathBuf,
    /// `sqlite`, `postgres`.
    databases: Vec<String>,
    /// Cases in the office, one after the other.
    sizes: Vec<i64>,
    /// Which scenes; all where empty.
    scenes: Vec<String>,
    /// How long one load lasts.
    seconds: u64,
    /// Where the figures go as JSON.
    json: Option<PathBuf>,
    /// Where offices are kept from run to run.
    keep: Option<PathBuf>,
    /// A library that makes each fsync slower, to be loaded before the server: see docs/bench.md.
    slow_disk: Option<PathBuf>,
    /// A PostgreSQL server on which databases may be made.
    url: Option<String>,
}

impl Options {
    fn parse() -> Result<Options> {
        let mut options = Options {
            binary: PathBuf::new(),
            databases: vec!["sqlite".to_owned(), "postgres".to_owned()],
            sizes: vec![10_000, 100_000, 1_000_000],
            scenes: Vec::new(),
            seconds: 5,
            json: None,
            keep: None,
            slow_disk: None,
            url: std::env::var("TEST_PG_URL").ok().filter(|url| !url.is_empty()),
        };
        let mut args = std::env::args().skip(1);
        let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        while let Some(flag) = args.next() {
            let value = args.next().with_context(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--binary" => options.binary = std::path::absolute(value)?,
                "--database" => options.databases = list(value),
                "--sizes" => options.sizes = list(value).iter().map(|s| size(s)).collect::<Result<_>>()?,
                "--scenes" => options.scenes = list(value),
                "--seconds" => options.seconds = value.parse()?,
                "--json" => options.json = Some(PathBuf::from(value)),
                "--keep" => options.keep = Some(PathBuf::from(value)),
                "--slow-disk" => options.slow_disk = Some(PathBuf::from(value)),
                other => bail!("bench knows no {other}; see `cargo xtask help`"),
            }
        }
        if !options.binary.is_file() {
            bail!("name the release binary with --binary");
        }
        Ok(options)
    }

    /// Whether a scene is asked for.
    pub fn has(&self, scene: &str) -> bool {
        self.scenes.is_empty() || self.scenes.iter().any(|s| s == scene)
    }

    /// How long one load lasts.
    pub fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn size(text: &str) -> Result<i64> {
    let (number, unit) = match text.strip_suffix('k') {
        Some(number) => (number, 1_000),
        None => text.strip_suffix('m').map_or((text, 1), |number| (number, 1_000_000)),
    };
    Ok(number.parse::<i64>().with_context(|| format!("{text} is no size"))? * unit)
}

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(empty::ARGUMENT) {
        return empty::run();
    }
    let options = Options::parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let temporary = tempfile::tempdir()?;
    let home = options.keep.clone().unwrap_or_else(|| temporary.path().to_path_buf());
    std::fs::create_dir_all(&home)?;
    let mut figures = Vec::new();
    for database in &options.databases {
        let url = match (database.as_str(), &options.url) {
            ("sqlite", _) => None,
            ("postgres", Some(url)) => Some(url.clone()),
            ("postgres", None) => {
                println!("PostgreSQL is left out: TEST_PG_URL names no server");
                continue;
            }
            (other, _) => bail!("{other} is no database; sqlite and postgres are"),
        };
        for cases in &options.sizes {
            let (office, engine) = prepared(&options, &home, url.as_deref(), *cases)?;
            let bench = scenes::Bench::new(&options, office, engine, &runtime)?;
            bench.run(&mut figures)?;
        }
    }
    tell(&options, &figures)
}

fn tell(options: &Options, figures: &[Figure]) -> Result<()> {
    println!("\n{}", figures::HEAD);
    for figure in figures {
        println!("{}", figure.line());
    }
    let missed = figures.iter().filter(|f| f.is_met() == Some(false)).count();
    println!("\n{} figures, {missed} goals missed", figures.len());
    if let Some(file) = &options.json {
        let values: Vec<_> = figures.iter().map(Figure::json).collect();
        std::fs::write(file, serde_json::to_string_pretty(&values)?)?;
    }
    Ok(())
}

/// The office of a size, made where it is not kept from an earlier run.
fn prepared(
    options: &Options,
    home: &std::path::Path,
    url: Option<&str>,
    cases: i64,
) -> Result<(Office, Engine)> {
    let name = format!("{}_{cases}", if url.is_some() { "pg" } else { "sqlite" });
    let folder = home.join(&name);
    let (url, engine) = match url {
        None => (None, Engine::Sqlite(folder.join("gezhi.db"))),
        Some(url) => {
            let (server, _) = url.rsplit_once('/').context("the address names no database")?;
            let own = format!("{server}/gezhi_bench_{name}");
            (Some(own.clone()), Engine::Postgres(own))
        }
    };
    let office = Office { folder: folder.clone(), url, binary: options.binary.clone() };
    let done = home.join(format!("{name}.made"));
    if done.exists() {
        return Ok((office, engine));
    }
    println!("making an office of {cases} cases on {}", engine.name());
    std::fs::create_dir_all(&folder)?;
    if let (Engine::Postgres(_), Some(url)) = (&engine, &options.url) {
        let mut client = postgres::Client::connect(url, postgres::NoTls)?;
        client.batch_execute(&format!("drop database if exists gezhi_bench_{name}"))?;
        client.batch_execute(&format!("create database gezhi_bench_{name}"))?;
    }
    office.make()?;
    let have = grow::grow(&engine, cases)?;
    scenes::fill_index(&office, &engine, have)?;
    std::fs::write(done, "")?;
    Ok((office, engine))
}
