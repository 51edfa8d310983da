//! From names in a file to the office's places, units and matters; those of a profile that brings its own
//! office are made when they are missing.

use super::model::{Draft, Level};
use super::profile::{OfficeText, Profile};
use super::store::{self as rows, MatterRow, PlaceRow};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::catalogue;
use crate::features::catalogue::model::{
    Callback, DutyList, Matter, MatterBody, Names, Photos, Secret, Verify,
};
use crate::features::people;
use crate::features::people::model::NewUnit;
use crate::features::places;
use crate::features::places::model::{Kind, NewPlace};
use crate::features::procedures::state::{Location, MatterRef};
use crate::rows::RowError;
use kernel::{Day, MatterId, PlaceId, Refusal, UnitId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::{Error, Result, Tx};
use worktime::{Limit, LimitUnit};

/// What the names of a file are here.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    places: HashMap<Vec<String>, PlaceRow>,
    units: HashMap<String, UnitId>,
    matters: HashMap<Vec<Level>, MatterRow>,
    home: Option<PlaceRow>,
}

impl Lookup {
    /// Reads what the office has.
    pub(super) fn read(tx: &mut Tx<'_>, cx: &Cx, profile: &Profile, drafts: &[Draft]) -> Result<Lookup> {
        let office = cx.office.id;
        let places = rows::places(tx, office)?;
        let home = rows::home(tx, office)?;
        let mut out =
            Lookup { home: places.iter().find(|p| Some(p.id) == home).cloned(), ..Lookup::default() };
        let mut by_name: HashMap<(Option<PlaceId>, &str), &PlaceRow> = HashMap::new();
        for place in &places {
            by_name.entry((place.parent, &place.name)).or_insert(place);
        }
        for path in paths(drafts) {
            // Without a home, or where the file's first level is the home itself, the search begins at the top.
            let top = out.home.as_ref().map(|h| h.id).filter(|_| profile.office.is_some());
            if let Some(place) =
                find(&by_name, &path, top).or_else(|| find_anywhere(&places, &by_name, &path))
            {
                out.places.insert(path, place.clone());
            }
        }
        out.units = rows::units(tx, office)?.into_iter().map(|(id, _, name)| (name, id)).collect();
        let matters = rows::matters(tx, office)?;
        let prefix = profile.matter.as_ref().map_or("", |m| m.prefix.as_str());
        for levels in matter_paths(drafts) {
            let Some(last) = levels.last() else { continue };
            let code = code_of(prefix, &levels);
            let own = |m: &&MatterRow| {
                m.name == last.name && (m.code == code || m.code == with_name(&code, &last.name))
            };
            let same = |m: &&MatterRow| {
                (profile.office.is_none() || profile.join)
                    && m.name == last.name
                    && (levels.len() < 2 || m.class_name == levels[0].name)
            };
            if let Some(matter) = matters.iter().find(own).or_else(|| matters.iter().find(same)) {
                out.matters.insert(levels, matter.clone());
            }
        }
        Ok(out)
    }

    /// Every row that names something the office does not have.
    pub(super) fn unknown(&self, profile: &Profile, drafts: &[Draft]) -> Vec<RowError> {
        let mut out = Vec::new();
        let mut missing = |line, column: Option<&String>, code, value: &str| {
            let reason = Refusal::rule(code).with("value", value);
            out.push(RowError::new(line, column.map_or("", String::as_str), reason));
        };
        for draft in drafts {
            if !draft.place.is_empty() && !self.places.contains_key(&draft.place) {
                let level = profile.place.get(draft.place.len() - 1);
                missing(draft.line, level.map(|l| &l.column), "import.row.no_place", &draft.place.join("/"));
            }
            if let Some(unit) = draft.unit.as_ref().filter(|u| !self.units.contains_key(*u)) {
                missing(draft.line, profile.unit.as_ref().map(|u| &u.column), "import.row.no_unit", unit);
            }
            if !draft.matter.is_empty() && !self.matters.contains_key(&draft.matter) {
                let column = profile.matter.as_ref().and_then(|m| m.names.get(draft.matter.len() - 1));
                missing(
                    draft.line,
                    column,
                    "import.row.no_matter",
                    draft.matter.last().map_or("", |l| &l.name),
                );
            }
        }
        out
    }

    /// Names of places, units and matters that the office does not have.
    pub(super) fn missing(&self, drafts: &[Draft]) -> super::service::Missing {
        let mut out = super::service::Missing::default();
        for draft in drafts {
            if !draft.place.is_empty() && !self.places.contains_key(&draft.place) {
                out.places.insert(draft.place.join("/"));
            }
            out.units.extend(draft.unit.iter().filter(|u| !self.units.contains_key(*u)).cloned());
            if !draft.matter.is_empty() && !self.matters.contains_key(&draft.matter) {
                out.matters.extend(draft.matter.last().map(|l| l.name.clone()));
            }
        }
        out
    }

    /// Leaves out the names that the office does not have.
    pub(super) fn keep_known(&self, drafts: &mut [Draft]) {
        for draft in drafts {
            if !self.places.contains_key(&draft.place) {
                draft.place.clear();
            }
            if !self.matters.contains_key(&draft.matter) {
                draft.matter.clear();
            }
            draft.unit = draft.unit.take().filter(|u| self.units.contains_key(u));
        }
    }

    pub(super) fn unit(&self, draft: &Draft) -> Option<UnitId> {
        draft.unit.as_ref().and_then(|u| self.units.get(u)).copied()
    }

    /// The matter as a case keeps it; the kind is the one the file states for the record.
    pub(super) fn matter(&self, draft: &Draft) -> Option<MatterRef> {
        self.matters.get(&draft.matter).map(|m| MatterRef {
            id: m.id,
            code: m.code.clone(),
            kind: if draft.kind.is_empty() { m.kind.clone() } else { draft.kind.clone() },
            class: if m.class == "ordinary" { draft.class.clone() } else { m.class.clone() },
        })
    }

    pub(super) fn location(&self, draft: &Draft) -> Location {
        let place = self.places.get(&draft.place);
        Location {
            place: place.map(|p| p.id),
            community: place.and_then(|p| p.community),
            grid: place.and_then(|p| p.grid),
            address: text::identifiers::seal(&draft.address).masked,
            lon_e7: draft.point.map(|p| p.0),
            lat_e7: draft.point.map(|p| p.1),
        }
    }
}

fn paths(drafts: &[Draft]) -> BTreeSet<Vec<String>> {
    drafts.iter().filter(|d| !d.place.is_empty()).map(|d| d.place.clone()).collect()
}

fn matter_paths(drafts: &[Draft]) -> BTreeSet<Vec<Level>> {
    drafts.iter().filter(|d| !d.matter.is_empty()).map(|d| d.matter.clone()).collect()
}

fn find<'a>(
    by_name: &HashMap<(Option<PlaceId>, &str), &'a PlaceRow>,
    path: &[String],
    top: Option<PlaceId>,
) -> Option<&'a PlaceRow> {
    let mut at = top;
    let mut found = None;
    for name in path {
        let place = by_name.get(&(at, name.as_str()))?;
        (at, found) = (Some(place.id), Some(*place));
    }
    found
}

/// In an office that was there before the file: the path may begin at any level of the tree.
fn find_anywhere<'a>(
    places: &'a [PlaceRow],
    by_name: &HashMap<(Option<PlaceId>, &str), &'a PlaceRow>,
    path: &[String],
) -> Option<&'a PlaceRow> {
    let (first, rest) = path.split_first()?;
    places
        .iter()
        .filter(|p| p.name == *first)
        .find_map(|p| if rest.is_empty() { Some(p) } else { find(by_name, rest, Some(p.id)) })
}

/// Makes what is missing for a profile that brings its own office. `from` is the first day of the file.
pub(super) fn make(
    tx: &mut Tx<'_>,
    cx: &Cx,
    profile: &Profile,
    office: &OfficeText,
    drafts: &[Draft],
    from: Day,
) -> Result<()> {
    let known = if profile.join { Lookup::read(tx, cx, profile, drafts)? } else { Lookup::default() };
    let paths = paths(drafts).into_iter().filter(|p| !known.places.contains_key(p)).collect();
    make_places(tx, cx, profile, office, &paths, from)?;
    let lookup = Lookup::read(tx, cx, profile, drafts)?;
    make_units(tx, cx, profile, drafts, &lookup)?;
    make_matters(tx, cx, profile, drafts, &lookup, from)
}

fn make_places(
    tx: &mut Tx<'_>,
    cx: &Cx,
    profile: &Profile,
    office: &OfficeText,
    paths: &BTreeSet<Vec<String>>,
    from: Day,
) -> Result<()> {
    const WHY: &str = "import";
    let mut known = rows::places(tx, cx.office.id)?;
    let home = match known.iter().find(|p| p.code == office.home.code) {
        Some(place) => place.id,
        None => {
            let kind = kind(&office.home.kind)?;
            places::service::create_place(
                tx,
                cx,
                NewPlace::named(&office.home.code, None, kind, &office.home.name),
                from,
                WHY,
            )?
        }
    };
    if rows::home(tx, cx.office.id)?.is_none() {
        rows::set_home(tx, cx.office.id, home)?;
        events::append(tx, cx, Stream::Office, cx.office.id.0, "office.home_set", &json!({ "place": home }))?;
    }
    known = rows::places(tx, cx.office.id)?;
    for path in paths {
        let mut parent = home;
        for (name, level) in path.iter().zip(&profile.place) {
            if let Some(place) = known.iter().find(|p| p.parent == Some(parent) && p.name == *name) {
                parent = place.id;
                continue;
            }
            let above =
                known.iter().find(|p| p.id == parent).map_or(office.home.code.clone(), |p| p.code.clone());
            let code = match level.codes.get(name) {
                Some(code) => code.clone(),
                None => free_code(&known, level.codes.values(), &above),
            };
            let new = NewPlace::named(&code, Some(parent), kind(&level.kind)?, name);
            parent = places::service::create_place(tx, cx, new, from, WHY)?;
            known = rows::places(tx, cx.office.id)?;
        }
    }
    Ok(())
}

fn kind(text: &str) -> Result<Kind> {
    Kind::parse(text).ok_or_else(|| Error::failed(format!("no kind of place {text}")))
}

/// The parent's code and the next free number of three digits.
fn free_code<'a>(known: &[PlaceRow], reserved: impl Iterator<Item = &'a String>, above: &str) -> String {
    let reserved: HashSet<&String> = reserved.collect();
    let taken: HashSet<&str> = known.iter().map(|p| p.code.as_str()).collect();
    (1..)
        .map(|n| format!("{above}{n:03}"))
        .find(|code| !taken.contains(code.as_str()) && !reserved.contains(code))
        .unwrap_or_default()
}

fn make_units(tx: &mut Tx<'_>, cx: &Cx, profile: &Profile, drafts: &[Draft], lookup: &Lookup) -> Result<()> {
    let Some(column) = &profile.unit else { return Ok(()) };
    let names: BTreeSet<&String> = drafts.iter().filter_map(|d| d.unit.as_ref()).collect();
    let mut taken: HashSet<String> =
        rows::units(tx, cx.office.id)?.into_iter().map(|(_, code, _)| code).collect();
    for name in names.into_iter().filter(|n| !lookup.units.contains_key(*n)) {
        let code = (1..).map(|n| format!("u{n:03}")).find(|code| !taken.contains(code)).unwrap_or_default();
        let kind = column.kinds.iter().find(|k| name.contains(&k.contains)).map_or(&column.kind, |k| &k.kind);
        let unit =
            NewUnit { code: code.clone(), name: name.clone(), kind: kind.clone(), ..NewUnit::default() };
        people::service::create_unit(tx, cx, &unit)?;
        taken.insert(code);
    }
    Ok(())
}

/// The codes of all levels, or what stands for a level without code: eight digits of its name's hash.
fn code_of(prefix: &str, levels: &[Level]) -> String {
    let codes: Vec<String> =
        levels.iter().map(|l| if l.code.is_empty() { digest(&l.name) } else { plain(&l.code) }).collect();
    // A catalogue's code has at most 24 characters; the last levels tell most.
    let mut code = codes.join("-");
    if prefix.len() + code.len() > 24 {
        code = digest(&code);
    }
    format!("{prefix}{code}")
}

fn with_name(code: &str, name: &str) -> String {
    let mut code: String = code.chars().take(19).collect();
    code.push('-');
    code.push_str(&digest(name)[..4]);
    code
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn make_matters(
    tx: &mut Tx<'_>,
    cx: &Cx,
    profile: &Profile,
    drafts: &[Draft],
    lookup: &Lookup,
    from: Day,
) -> Result<()> {
    let Some(columns) = &profile.matter else { return Ok(()) };
    let mut taken: BTreeMap<String, String> =
        rows::matters(tx, cx.office.id)?.into_iter().map(|m| (m.code, m.name)).collect();
    let mut made = Vec::new();
    for levels in matter_paths(drafts).into_iter().filter(|l| !lookup.matters.contains_key(l)) {
        let (Some(first), Some(last)) = (levels.first(), levels.last()) else { continue };
        let mut code = code_of(&columns.prefix, &levels);
        // One code under two names, as found in files: the second name gets a code of its own.
        if taken.contains_key(&code) {
            code = with_name(&code, &last.name);
        }
        taken.insert(code.clone(), last.name.clone());
        let class_code = code_of(&columns.prefix, std::slice::from_ref(first));
        let middle = levels.get(1).filter(|_| levels.len() == 3).map_or("", |l| l.name.as_str());
        made.push(Matter {
            id: MatterId(0),
            body: body(code, class_code, &first.name, &last.name, (middle, &columns.source)),
            from_day: from,
            until_day: None,
            version: 1,
        });
    }
    if made.is_empty() {
        return Ok(());
    }
    let sheet = catalogue::sheet::write_matters(&made)?;
    let report = catalogue::service::import_matters(tx, cx, sheet.as_bytes(), &profile.system, from, false)?;
    match report.errors.first() {
        None => Ok(()),
        Some(error) => Err(Error::failed(format!(
            "a matter of the file cannot be made: {} {}",
            error.column, error.reason
        ))),
    }
}

/// A matter as a file knows it: name and class. The limits are examples to edit.
fn body(
    code: String,
    class_code: String,
    class: &str,
    name: &str,
    (middle, source): (&str, &str),
) -> MatterBody {
    let names = |zh: &str| Names { zh: zh.to_owned(), en: zh.to_owned() };
    MatterBody {
        code,
        kind: "event".to_owned(),
        class_code,
        class: names(class),
        names: names(name),
        standard_ref: source.to_owned(),
        limit_condition: Names::default(),
        handle_limit: Limit::new(LimitUnit::WorkDay, 5_000),
        limit_source: Names::trimmed("example", ""),
        accept_limit: Limit::new(LimitUnit::WorkHour, 2_000),
        dispatch_limit: Limit::new(LimitUnit::WorkHour, 2_000),
        sign_limit: Limit::new(LimitUnit::WorkHour, 2_000),
        verify: Verify::Photo,
        verify_rate: 100,
        callback: Callback::All,
        callback_rate: 100,
        duty_list: DutyList::Basic,
        lead_department: Names::default(),
        secret: Secret::Ordinary,
        emergency: false,
        photos: Photos::None,
        close_condition: Names::default(),
        synonyms: Vec::new(),
        judgement: Names::trimmed(middle, ""),
    }
}
