//! The door: makes the whole demonstration in an empty installation.

use super::data::Data;
use super::life::Stage;
use super::pictures::Pictures;
use super::world::World;
use super::{cast, documents, duty, knowledge, office, play, store, work};
use crate::actor::Actor;
use crate::context::Source;
use crate::features::audit::seal;
use crate::features::intake::search;
use crate::installation::Installation;
use ::store::Tx;
use anyhow::{Context, Result, bail};
use kernel::{OfficeId, Ts};
use std::sync::Arc;

/// Steps done in one write body.
const AT_A_TIME: usize = 120;
/// Cases indexed in one write body.
const INDEXED: i64 = 200;
/// The office is so many days older than its oldest case.
const OLDER: i64 = 40;

/// How large and by which seed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// About 120 cases instead of about 2,600.
    pub small: bool,
    /// Another seed than that of the files.
    pub seed: Option<u64>,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// The office is being made.
    Office,
    /// So many of so many cases have come in.
    Cases(usize, usize),
    /// The text index is being filled.
    Index,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The office.
    pub office: OfficeId,
    /// Cases drawn.
    pub cases: usize,
    /// Steps done.
    pub steps: u64,
    /// Steps that a rule forbade, with its code: none, unless packs and stories do not fit each other.
    pub refused: Vec<String>,
}

/// Whether the installation holds a demonstration that was made to the end.
///
/// # Errors
/// When the database cannot be read, or it holds one that was left unfinished.
pub fn is_made(installation: &Installation) -> Result<bool> {
    let mark = installation.db.read_now(store::mark).map_err(|e| anyhow::anyhow!("{e}"))?;
    match mark.as_deref() {
        Some("making") => bail!(
            "the demo office was left unfinished; remove the data folder (or the database) and start again"
        ),
        mark => Ok(mark.is_some()),
    }
}

/// Makes the office and its cases up to the clock's now. `tell` hears how far it is.
///
/// # Errors
/// When the installation is not empty, a file of `demo/` is damaged, or the database refuses.
pub fn make(installation: &Installation, options: Options, mut tell: impl FnMut(Progress)) -> Result<Made> {
    if !installation.offices().is_empty() {
        bail!("there is an office already; a demonstration is made in an empty folder only");
    }
    tell(Progress::Office);
    write(installation, |tx| store::put_mark(tx, "making"))?;
    let data = Arc::new(Data::read()?);
    let seed = options.seed.unwrap_or(data.office.office.seed);
    let size = if options.small { cast::SMALL } else { cast::FULL };
    let now = installation.clock.now();
    let begin = now.plus(-(size.days + OLDER) * Ts::DAY);
    let id = office::make(installation, &data, begin)?;
    let held = installation.office(id).context("the office is not there")?;
    let system = Actor::system(id);
    let cx = crate::context::Cx { now: begin.plus(Ts::HOUR), ..installation.cx(&held, system, Source::Web) };
    duty::make(installation, &data, &cx, now)?;
    let pictures = Pictures::draw(&installation.files, if options.small { 1 } else { 3 }, seed)?;
    let world = Arc::new(World::read(installation, &data, &cx, (begin, now), pictures)?);
    let here = Arc::clone(&world);
    write(installation, move |tx| knowledge::lay(tx, &here))?;
    let mut stage = Stage { lives: cast::draw(&world, size, seed), alarms: begin, ..Stage::default() };
    let cases = stage.lives.len();
    for life in 0..cases {
        let at = stage.lives.get(life).map_or(now, |l| l.cast.arrive);
        stage.lay(at, life, super::life::Step::Arrive);
    }
    loop {
        let (ended, after) = batch(installation, &world, stage)?;
        stage = after;
        let come = stage.lives.iter().take(cases).filter(|l| l.case.is_some()).count();
        tell(Progress::Cases(come, cases));
        if ended {
            break;
        }
    }
    let here = Arc::clone(&world);
    write(installation, move |tx| {
        work::play(tx, &here)?;
        knowledge::live(tx, &here, seed)?;
        documents::issue(tx, &here, seed)
    })?;
    tell(Progress::Index);
    while write(installation, {
        let cx = world.cx.clone();
        move |tx| search::fill(tx, &cx, INDEXED)
    })? > 0
    {}
    let signer = installation.vault.signing_seed();
    while write(installation, move |tx| seal::seal(tx, signer, now))?.is_some() {}
    write(installation, move |tx| store::put_mark(tx, &format!("{{\"seed\":{seed}}}")))?;
    let refused = stage
        .refused
        .iter()
        .map(|(life, step, code)| told(&world, &stage, *life, &format!("{step:?}: {code}")))
        .collect();
    Ok(Made { office: id, cases, steps: stage.done, refused })
}

fn told(world: &World, stage: &Stage, life: usize, what: &str) -> String {
    let story = stage.lives.get(life).and_then(|l| world.data.stories.get(l.cast.story));
    format!("{}: {what}", story.map_or("?", |s| s.id.as_str()))
}

/// Some steps in one write. The body may be run again, so it begins with a copy of the stage each time.
fn batch(installation: &Installation, world: &Arc<World>, stage: Stage) -> Result<(bool, Stage)> {
    let world = Arc::clone(world);
    write(installation, move |tx| {
        let mut here = stage.clone();
        let ended = play::some(tx, &world, &mut here, AT_A_TIME)?;
        Ok((ended, here))
    })
}

fn write<T: Send + 'static>(
    installation: &Installation,
    body: impl FnMut(&mut Tx<'_>) -> ::store::Result<T> + Send + 'static,
) -> Result<T> {
    installation.db.write_now(body).map_err(|e| anyhow::anyhow!("the demonstration cannot be made: {e}"))
}
