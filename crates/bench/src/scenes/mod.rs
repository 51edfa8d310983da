//! What is measured, one scene each.

mod read;
mod rest;
mod write;

use crate::figures::{Figure, Goal};
use crate::office::{Office, Server};
use crate::raw::Engine;
use crate::{Options, empty::Empty, http};
use anyhow::Result;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// An office under measurement.
pub struct Bench<'a> {
    options: &'a Options,
    office: Office,
    engine: Engine,
    cases: i64,
    runtime: &'a Runtime,
}

impl<'a> Bench<'a> {
    /// Over an office that is there.
    ///
    /// # Errors
    /// When its cases cannot be counted.
    pub fn new(
        options: &'a Options,
        office: Office,
        engine: Engine,
        runtime: &'a Runtime,
    ) -> Result<Bench<'a>> {
        let cases = engine.open()?.number("select count(*) from cases")?;
        Ok(Bench { options, office, engine, cases, runtime })
    }

    /// Runs the scenes that are asked for.
    ///
    /// # Errors
    /// When something cannot be measured.
    pub fn run(&self, out: &mut Vec<Figure>) -> Result<()> {
        type Scene = fn(&Bench<'_>, &mut Vec<Figure>) -> Result<()>;
        let all: [(&str, Scene); 9] = [
            ("engine", rest::engine),
            ("start", rest::start),
            ("detail", read::detail),
            ("list", read::list),
            ("stats", read::stats),
            ("search", read::search),
            ("create", write::create),
            ("act", write::act),
            ("import", rest::import),
        ];
        for (name, scene) in all {
            if self.options.has(name) {
                let start = Instant::now();
                let first = out.len();
                scene(self, out)?;
                for figure in out.get(first..).unwrap_or_default() {
                    println!("{}", figure.line());
                }
                eprintln!("{name}: {:.0} s", start.elapsed().as_secs_f64());
            }
        }
        Ok(())
    }

    fn figure(&self, what: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure {
            engine: self.engine.name(),
            cases: self.cases,
            what: what.into(),
            value,
            unit,
            raw: 0.0,
            goal: None,
            note: String::new(),
        }
    }

    fn serve(&self, worker: bool) -> Result<Server> {
        self.office.serve(worker, &[])
    }

    /// Answers a second of an axum that answers nothing, to 16 clients.
    fn empty(&self) -> Result<f64> {
        let empty = Empty::start()?;
        let ask = http::Ask::get("/", &http::Pass::None);
        let load = self
            .runtime
            .block_on(http::closed(empty.at, 16, Duration::from_secs(2), move |_| Some(ask.clone())))?;
        Ok(load.rate)
    }
}

impl Figure {
    fn beside(mut self, raw: f64) -> Figure {
        self.raw = raw;
        self
    }

    fn goal(mut self, goal: Goal) -> Figure {
        self.goal = Some(goal);
        self
    }

    fn note(mut self, note: impl Into<String>) -> Figure {
        self.note = note.into();
        self
    }
}

/// Lets the server's background work fill the search index and says how fast it did.
///
/// # Errors
/// When the server does not come up.
pub fn fill_index(office: &Office, engine: &Engine, cases: i64) -> Result<()> {
    let _server = office.serve(true, &[])?;
    let start = Instant::now();
    let mut conn = engine.open()?;
    let mut last = i64::MAX;
    let mut stuck = 0;
    loop {
        let left = conn.number("select count(*) from search_todo")?;
        if left == 0 {
            break;
        }
        stuck = if left < last { 0 } else { stuck + 1 };
        anyhow::ensure!(stuck < 60, "the search index is not filled: {left} cases wait");
        last = left;
        std::thread::sleep(Duration::from_secs(1));
    }
    println!("{cases} cases indexed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
