//! What intake offers while somebody is still talking: matters, places, and cases that may be the same
//! trouble. Nothing is recorded by it.

use super::form::{PlaceNames, Typed, matter_choice};
use super::store::{self as rows, Around};
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::knowledge::search::Offered as Known;
use crate::features::knowledge::service as knowledge;
use crate::features::people::service as people;
use crate::features::places;
use crate::words::Words;
use kernel::{CaseId, Ts};
use store::{Result, Tx};

/// Characters from which on a text says enough.
const LEAST: usize = 4;
/// Cases this far back may be the same trouble.
const YEAR: i64 = 365 * Ts::DAY;
/// Cases compared at most.
const COMPARED: i64 = 300;
/// Two texts are alike from here on.
const ALIKE: f64 = 0.34;
const MATTERS_MOST: usize = 5;
const PLACES_MOST: usize = 4;
const SIMILAR_MOST: usize = 3;
const ANSWERS_MOST: usize = 3;

/// Something that can be chosen.
#[derive(Clone, Debug)]
pub(super) struct Chip {
    /// What is put into the field, and what is read.
    pub(super) value: String,
    /// Whether it is chosen already.
    pub(super) on: bool,
}

/// A case that may be the same trouble, or one of the caller's own.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    pub(super) id: CaseId,
    pub(super) no: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) place: String,
    pub(super) when: String,
    pub(super) chosen: bool,
}

/// An answer of the knowledge base.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// 1, 2, 3: its key.
    pub(super) nth: usize,
    pub(super) entry: i64,
    /// Entry and version, as the form sends them.
    pub(super) value: String,
    pub(super) version: i64,
    pub(super) question: String,
    pub(super) answer: String,
    /// Label and text.
    pub(super) facts: Vec<(String, String)>,
    pub(super) unit: String,
    /// Its review is due.
    pub(super) due: bool,
    /// Somebody says that it is wrong.
    pub(super) faulty: bool,
}

/// All that is offered.
#[derive(Clone, Debug, Default)]
pub(super) struct Offered {
    pub(super) answers: Vec<Hit>,
    /// Whether an answer can be given at once.
    pub(super) can_answer: bool,
    pub(super) matters: Vec<Chip>,
    pub(super) places: Vec<Chip>,
    pub(super) alike: Vec<Alike>,
}

impl Offered {
    pub(super) fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.matters.is_empty() && self.places.is_empty() && self.alike.is_empty()
    }
}

/// What the form so far suggests.
pub(super) fn offer(tx: &mut Tx<'_>, cx: &Cx, w: &Words, typed: &Typed) -> Result<Offered> {
    let text = typed.get("notes");
    if text.chars().count() < LEAST {
        return Ok(Offered::default());
    }
    let mut out = Offered { can_answer: cx.actor.has("demands.accept"), ..Offered::default() };
    out.answers = answers(tx, cx, w, text)?;
    let chosen = typed.get("matter");
    let found = catalogue::service::find_matters(tx, cx, cx.today(), text)?;
    for matter in found.iter().take(MATTERS_MOST) {
        let value = matter_choice(matter, w.locale);
        out.matters.push(Chip { on: value == chosen, value });
    }
    let book = places::service::book(tx, cx.office.id)?;
    let names = PlaceNames::of(&book);
    let typed_place = typed.get("place");
    for (name, place) in book.mentioned(text) {
        if let Some(value) =
            names.name_for(name, place).filter(|v| !out.places.iter().any(|c| c.value == **v))
        {
            out.places.push(Chip { value: value.to_owned(), on: value == typed_place });
        }
        if out.places.len() >= PLACES_MOST {
            break;
        }
    }
    let place = names.find(&book, typed_place).or_else(|| book.mentioned(text).first().map(|(_, id)| *id));
    let located = place.and_then(|id| book.located(id));
    let around = Around {
        since: cx.now.plus(-YEAR),
        community: located.and_then(|l| l.community),
        grid: located.and_then(|l| l.grid),
        // Only a matter that was chosen narrows: a guess would hide the case that is the same.
        matter: chosen.split_whitespace().next().unwrap_or_default(),
    };
    let own = text::Grams::of(text);
    let mut alike: Vec<(f64, rows::Found)> = Vec::new();
    for case in rows::around(tx, cx, &around, COMPARED)? {
        let likeness = own.similarity(&text::Grams::of(&format!("{} {}", case.title, case.text)));
        if likeness >= ALIKE {
            alike.push((likeness, case));
        }
    }
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    let urged = typed.id("urge_case").map(CaseId);
    for (_, case) in alike.into_iter().take(SIMILAR_MOST) {
        let place = case.grid.or(case.community).map(|id| book.path_label(id)).unwrap_or_default();
        out.alike.push(Alike {
            chosen: urged == Some(case.id),
            id: case.id,
            no: case.no,
            title: case.title,
            state: w.t_or(&format!("state-{}", case.state.replace('_', "-")), &case.state),
            place,
            when: w.when(case.opened_at),
        });
    }
    Ok(out)
}

/// The answers that what is said may be asking for, before anything else.
fn answers(tx: &mut Tx<'_>, cx: &Cx, w: &Words, text: &str) -> Result<Vec<Hit>> {
    let found = knowledge::hits(tx, cx, text, ANSWERS_MOST)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let units = people::units(tx, cx.office.id)?;
    let hit = |(nth, (known, faulty)): (usize, (Known, bool))| Hit {
        nth: nth + 1,
        entry: known.entry,
        value: format!("{}:{}", known.entry, known.version),
        version: known.version,
        facts: known.content.facts().map(|(key, text)| (w.t(key), text.to_owned())).collect(),
        question: known.content.question,
        answer: known.content.answer,
        unit: units.iter().find(|u| u.id == known.unit).map(|u| u.short.clone()).unwrap_or_default(),
        due: known.review <= cx.today(),
        faulty,
    };
    Ok(found.into_iter().enumerate().map(hit).collect())
}
