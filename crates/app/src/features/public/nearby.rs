//! Troubles nearby: what is open at a place, and which of it somebody may be writing about just now. Only the
//! office's own words come out (matter and road); nothing anybody wrote is compared or shown, so that typing
//! a guess tells nothing about what others said.

use super::link::Trouble;
use super::store::{self as rows, Area};
use crate::context::Cx;
use crate::features::catalogue::model::{Matter, base_code};
use crate::features::catalogue::service as catalogue;
use crate::features::places::book::PlaceBook;
use crate::features::places::service as places;
use kernel::{CaseId, Day, MatterId, PlaceId, Ts};
use std::collections::HashSet;
use store::{Result, Tx};

/// An open case as read for this.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) case: CaseId,
    pub(super) matter_code: String,
    pub(super) matter: MatterId,
    pub(super) place: Option<PlaceId>,
    pub(super) grid: Option<PlaceId>,
    pub(super) address: String,
    pub(super) phase: String,
    pub(super) day: Day,
    pub(super) reports: i64,
}

/// How far back a trouble may have begun to be offered while somebody types.
const RECENT: i64 = 45 * Ts::DAY;
/// Troubles offered at most.
const OFFERED: usize = 2;
/// Matters a text may be about.
const MATTERS: usize = 6;

/// Troubles that a text may be about, nearest first. Without a known community nothing is offered: a road
/// name alone occurs in several places.
///
/// # Errors
/// When the database refuses.
pub fn similar(tx: &mut Tx<'_>, cx: &Cx, place: Option<PlaceId>, text: &str) -> Result<Vec<Trouble>> {
    let book = places::book(tx, cx.office.id)?;
    let mentioned: Vec<PlaceId> = book.mentioned(text).into_iter().map(|(_, id)| id).collect();
    let stands =
        place.into_iter().chain(mentioned).filter_map(|id| book.located(id)).find(|l| l.community.is_some());
    let Some(stands) = stands else { return Ok(Vec::new()) };
    let Some(community) = stands.community else { return Ok(Vec::new()) };
    let about = matters_of(tx, cx, text)?;
    if about.is_empty() {
        return Ok(Vec::new());
    }
    let open = rows::list_open(tx, cx, Area::Community(community), cx.now.plus(-RECENT))?;
    let mut near: Vec<(u8, Open)> = open
        .into_iter()
        .filter(|o| about.iter().any(|code| code == base_code(&o.matter_code)))
        .map(|o| {
            let road = road(&book, &o.address);
            let same_road = road.is_some_and(|road| text::normalize(text).contains(&text::normalize(road)));
            let same_grid = stands.grid.is_some() && o.grid == stands.grid;
            (
                if same_road {
                    0
                } else if same_grid {
                    1
                } else {
                    2
                },
                o,
            )
        })
        .collect();
    // Another grid and another road is another trouble, unless nothing finer is known of where one stands.
    near.retain(|(rank, o)| *rank < 2 || stands.grid.is_none() || o.grid.is_none());
    near.sort_by_key(|(rank, _)| *rank);
    near.truncate(OFFERED);
    near.into_iter().map(|(_, open)| trouble(tx, cx, &book, open)).collect()
}

/// The codes of the matters a text may be about: two pairs of characters in common with a name or a way
/// residents say it, so that one common word does not bring up everything.
fn matters_of(tx: &mut Tx<'_>, cx: &Cx, text: &str) -> Result<Vec<String>> {
    let said: HashSet<String> = text::bigrams(text).into_iter().collect();
    let fits = |matter: &Matter| {
        let ways = std::iter::once(&matter.names.zh)
            .chain(std::iter::once(&matter.names.en))
            .chain(&matter.synonyms);
        ways.filter(|w| !w.is_empty()).any(|way| {
            let terms: HashSet<String> = text::bigrams(way).into_iter().collect();
            terms.len() >= 2 && terms.intersection(&said).count() >= 2
        })
    };
    let mut out: Vec<String> = Vec::new();
    for matter in catalogue::find_matters(tx, cx, cx.today(), text)? {
        let code = matter.base_code().to_owned();
        if fits(&matter) && !out.contains(&code) {
            out.push(code);
        }
        if out.len() >= MATTERS {
            break;
        }
    }
    Ok(out)
}

/// The kind a text is surely of: one of the matter's own ways of saying it stands in it. `other` leaves it to
/// the acceptor, who is not asked less for it.
///
/// # Errors
/// When the database refuses.
pub fn kind_of(tx: &mut Tx<'_>, cx: &Cx, text: &str) -> Result<String> {
    let said = text::normalize(text);
    let sure = |way: &String| way.chars().count() >= 3 && said.contains(&text::normalize(way));
    let found = catalogue::find_matters(tx, cx, cx.today(), text)?;
    let first = found.iter().take(3).find(|m| std::iter::once(&m.names.zh).chain(&m.synonyms).any(sure));
    Ok(first
        .filter(|m| m.secret.as_str() == "ordinary")
        .map_or_else(|| "other".to_owned(), |m| m.kind.clone()))
}

/// The open troubles of a place and what lies in it, by matter and road.
///
/// # Errors
/// When the database refuses.
pub fn open(tx: &mut Tx<'_>, cx: &Cx, place: PlaceId) -> Result<Vec<Trouble>> {
    let book = places::book(tx, cx.office.id)?;
    let area = match book.located(place) {
        Some(l) => l.grid.map(Area::Grid).or(l.community.map(Area::Community)).unwrap_or(Area::Office),
        None => return Ok(Vec::new()),
    };
    let mut out: Vec<Trouble> = Vec::new();
    for open in rows::list_open(tx, cx, area, Ts(0))? {
        let next = trouble(tx, cx, &book, open)?;
        // One line for the same thing on the same road; a line must not lead to one reporter.
        match out.iter_mut().find(|t| t.matter == next.matter && t.road == next.road && t.phase == next.phase)
        {
            Some(known) => {
                known.reports += next.reports;
                known.since = known.since.min(next.since);
            }
            None => out.push(next),
        }
    }
    Ok(out)
}

fn trouble(tx: &mut Tx<'_>, cx: &Cx, book: &PlaceBook, open: Open) -> Result<Trouble> {
    let matter = catalogue::matter(tx, cx.office.id, open.matter)?;
    let road = road(book, &open.address).map(str::to_owned);
    let road = road.or_else(|| open.grid.or(open.place).map(|id| book.path_label(id))).unwrap_or_default();
    Ok(Trouble {
        case: open.case,
        matter: matter.names.clone(),
        road,
        phase: open.phase,
        since: open.day,
        reports: open.reports,
    })
}

/// The road an address names, as the office's own list of roads has it: what stood in the address besides is
/// somebody's text.
fn road<'a>(book: &'a PlaceBook, address: &str) -> Option<&'a str> {
    let address = text::normalize(address);
    let roads = book.landmarks().iter().filter(|l| l.kind == "road" && l.name.chars().count() >= 2);
    roads
        .filter(|l| address.contains(&text::normalize(&l.name)))
        .map(|l| l.name.as_str())
        .max_by_key(|name| name.chars().count())
}
