//! The desk's form: what was typed, read into a report; and all that is needed to draw it again.

use super::model::{NewReport, located_at};
use super::service::TEXT_MOST;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::catalogue::model::Matter;
use crate::features::knowledge::model::Given;
use crate::features::parties::service::Contact;
use crate::features::places;
use crate::features::places::book::PlaceBook;
use crate::features::places::model::Kind;
use crate::features::procedures::state::Location;
use crate::features::procedures::upper::Upper;
use crate::words::Locale;
use kernel::{MatterId, PlaceId, Refusal, Ts};
use std::collections::HashMap;
use store::{Result, Tx};

/// Kinds a desk distinguishes as they are stated (STANDARDS 3.2). The first is what a call is until somebody says
/// otherwise: a complaint is about somebody, and stays with the desk until it is known about whom.
pub(super) const KINDS: [&str; 7] =
    ["help", "consultation", "complaint", "suggestion", "event", "thanks", "report"];
/// The ways by which somebody reaches a desk.
pub(super) const CHANNELS: [&str; 4] = ["hotline", "window", "grid", "upper"];
/// Where an entry for somebody else 代录 comes from.
pub(super) const VIA: [&str; 4] = ["phone", "group", "paper", "site"];
/// The system that sends most records down, where none is named.
const UPPER_SYSTEM: &str = "12345";

/// The text fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed(pub(super) Vec<(String, String)>);

impl Typed {
    /// The first value of a field, trimmed; blank when it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// Whether a tick is set.
    pub(super) fn on(&self, name: &str) -> bool {
        self.get(name) == "1"
    }

    /// A choice out of a list; the first where nothing fits.
    pub(super) fn one_of(&self, name: &str, known: &[&'static str]) -> &'static str {
        let given = self.get(name);
        known.iter().find(|k| **k == given).or(known.first()).copied().unwrap_or_default()
    }

    /// A choice that may be left out.
    pub(super) fn maybe(&self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let given = self.get(name);
        known.iter().find(|k| **k == given).copied()
    }

    /// An id; what is none counts as not given.
    pub(super) fn id(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }

    /// What decides the effect, without tokens and keys.
    pub(super) fn essence(&self) -> Vec<(&str, &str)> {
        const OUT: [&str; 5] = ["csrf", "idem", "photo_times", "seq", "started"];
        self.0
            .iter()
            .filter(|(n, _)| !OUT.contains(&n.as_str()))
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect()
    }
}

/// What a place or a thing people mention is called in the form, and where it is.
#[derive(Clone, Debug, Default)]
pub(super) struct PlaceNames {
    names: Vec<(String, PlaceId)>,
    by_name: HashMap<String, PlaceId>,
}

impl PlaceNames {
    /// Communities, grids and buildings as people write them, then what people mention. A name that stands for
    /// two places carries where it is.
    pub(super) fn of(book: &PlaceBook) -> PlaceNames {
        let mut out = PlaceNames::default();
        for kind in [Kind::Community, Kind::Grid, Kind::MicroGrid, Kind::Building] {
            for place in book.of_kind(kind) {
                out.add(book.path_label(place.id), place.id);
            }
        }
        let mut known: HashMap<&str, usize> = HashMap::new();
        for landmark in book.landmarks() {
            *known.entry(landmark.name.as_str()).or_default() += 1;
        }
        for landmark in book.landmarks() {
            let alone =
                known.get(landmark.name.as_str()) == Some(&1) && !out.by_name.contains_key(&landmark.name);
            let name = if alone {
                landmark.name.clone()
            } else {
                format!("{} · {}", landmark.name, book.path_label(landmark.place))
            };
            out.add(name, landmark.place);
        }
        out
    }

    fn add(&mut self, name: String, place: PlaceId) {
        if !self.by_name.contains_key(&name) {
            self.by_name.insert(name.clone(), place);
            self.names.push((name, place));
        }
    }

    /// The names in the order they are offered.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    /// The place of a name, or of a code. A name may be left without its beginning, `07 网格` for `柳溪社区 07 网格`,
    /// where only one place ends so.
    pub(super) fn find(&self, book: &PlaceBook, typed: &str) -> Option<PlaceId> {
        let place = self.by_name.get(typed).copied();
        let place = place.or_else(|| book.by_code(typed).filter(|p| p.is_active()).map(|p| p.id));
        place.or_else(|| self.ends_with(typed))
    }

    fn ends_with(&self, typed: &str) -> Option<PlaceId> {
        let end = format!(" {typed}");
        let mut hits = self.names.iter().filter(|(name, _)| name.ends_with(&end)).map(|(_, place)| *place);
        hits.next().filter(|_| hits.next().is_none())
    }

    /// The name under which a mentioned thing can be chosen.
    pub(super) fn name_for(&self, mentioned: &str, place: PlaceId) -> Option<&str> {
        let is = |name: &str| name == mentioned || name.starts_with(&format!("{mentioned} · "));
        let exact = self.names.iter().find(|(name, at)| *at == place && is(name));
        exact.or_else(|| self.names.iter().find(|(_, at)| *at == place)).map(|(name, _)| name.as_str())
    }
}

/// A matter as it can be chosen: code and name.
pub(super) fn matter_choice(matter: &Matter, locale: Locale) -> String {
    format!("{} {}", matter.code, matter.names.get(locale))
}

/// Reads a matter as it was chosen or typed: its code first, or its name.
pub(super) fn read_matter(tx: &mut Tx<'_>, cx: &Cx, typed: &str) -> Result<Option<Matter>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let code = typed.split_whitespace().next().unwrap_or_default();
    if let Some(matter) = catalogue::service::matter_by_code(tx, cx.office.id, code, cx.today())? {
        return Ok(Some(matter));
    }
    let found = catalogue::service::find_matters(tx, cx, cx.today(), typed)?;
    match found.into_iter().find(|m| m.names.zh == typed || m.names.en == typed) {
        Some(matter) => Ok(Some(matter)),
        None => Err(Refusal::rule("intake.matter.unknown").on("matter").with("text", typed).into()),
    }
}

/// What was typed, as a report without number and code, and what goes with it.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) report: NewReport,
    pub(super) matter: Option<MatterId>,
    pub(super) via: Option<&'static str>,
    pub(super) answer: String,
    /// The answer of the knowledge base that closes it.
    pub(super) given: Option<Given>,
}

/// Reads the form.
///
/// # Errors
/// What must be corrected, at its field.
pub(super) fn read(tx: &mut Tx<'_>, cx: &Cx, typed: &Typed) -> Result<Read> {
    let matter = read_matter(tx, cx, typed.get("matter"))?;
    let at = read_place(tx, cx, typed)?;
    let class = typed.maybe("class", &["petition", "report"]);
    match class {
        Some("petition") => cx.actor.need("demands.read_petition")?,
        Some(_) => cx.actor.need("demands.read_report")?,
        None => {}
    }
    let upper = read_upper(cx, typed)?;
    let channel = if upper.is_some() { "upper" } else { typed.one_of("channel", &CHANNELS) };
    let given = Given::parse(typed.get("give"));
    // A call is a request for help until somebody says otherwise; a ready answer says so.
    let kind = match typed.one_of("kind", &KINDS) {
        "help" if given.is_some() => "consultation",
        kind => kind,
    };
    let report = NewReport {
        channel: channel.to_owned(),
        kind: kind.to_owned(),
        class: class.unwrap_or("ordinary").to_owned(),
        text: typed.get("notes").to_owned(),
        contact: Contact {
            name: typed.get("contact_name").to_owned(),
            phone: typed.get("contact_phone").to_owned(),
            address: typed.get("contact_address").to_owned(),
            chips: Vec::new(),
        },
        reply_wanted: typed.on("reply_wanted"),
        share_contact: typed.on("share_contact"),
        urgent: typed.on("urgent"),
        at,
        upper,
        ..NewReport::default()
    };
    if report.text.chars().count() > TEXT_MOST {
        return Err(Refusal::rule("demands.report.text_too_long").on("notes").with("most", TEXT_MOST).into());
    }
    Ok(Read {
        report,
        matter: matter.map(|m| m.id),
        via: typed.maybe("via", &VIA),
        answer: typed.get("answer").to_owned(),
        given,
    })
}

fn read_place(tx: &mut Tx<'_>, cx: &Cx, typed: &Typed) -> Result<Location> {
    let address = typed.get("address").chars().take(200).collect();
    let name = typed.get("place");
    if name.is_empty() {
        return Ok(Location { address, ..Location::default() });
    }
    let book = places::service::book(tx, cx.office.id)?;
    let place = PlaceNames::of(&book).find(&book, name);
    let place = place.ok_or_else(|| Refusal::rule("intake.place.unknown").on("place").with("text", name))?;
    let located = places::service::located(tx, cx.office.id, place)?;
    // A name people use says more than the code of the grid it lies in.
    let named = book.get(place).is_none_or(|p| book.path_label(p.id) != name && p.code != name);
    let mentioned = name.split(" · ").next().unwrap_or_default();
    let address = if named { format!("{mentioned} {address}").trim().to_owned() } else { address };
    Ok(located_at(located, address))
}

/// Digits of an upper platform's number: text, because a spreadsheet's number would lose its end.
const UPPER_DIGITS: std::ops::RangeInclusive<usize> = 16..=20;

fn read_upper(cx: &Cx, typed: &Typed) -> Result<Option<Upper>> {
    let number: String = typed.get("upper_number").chars().filter(|c| !c.is_whitespace()).collect();
    let due = match typed.get("upper_due") {
        "" => None,
        text => Some(
            Ts::parse_local(text, &cx.office.tz)
                .ok_or_else(|| Refusal::rule("intake.upper.due").on("upper_due").with("text", text))?,
        ),
    };
    if number.is_empty() {
        return match due {
            Some(_) => Err(Refusal::missing("upper_number").into()),
            None => Ok(None),
        };
    }
    if !UPPER_DIGITS.contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::rule("intake.upper.number").on("upper_number").with("number", number).into());
    }
    let system = UPPER_SYSTEM.to_owned();
    Ok(Some(Upper { system, number, received_at: cx.now, due, return_by: None }))
}
