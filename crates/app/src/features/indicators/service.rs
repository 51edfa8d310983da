//! Figures: computed live from the rows, within what the actor may see. A figure of the same question is
//! the same number on a page, in the API and on the command line, because all of them come here.

use super::model::{Ask, By, Counts, Exact, Figure, FigureFilter, Kind, Row, Side};
use super::pack::{self, Indicator};
use super::store::{self as rows, Group, PlaceRow, Record, Selection, Set, Take};
use crate::actor::Reach;
use crate::context::Cx;
use crate::words::{Locale, Words};
use condition::Condition;
use kernel::{Day, PlaceId, Refusal, Ts};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Dialect, Query, Result, Tx};

/// All figures, in the order of the pack.
///
/// # Errors
/// Never for a released program.
pub fn list() -> Result<&'static [Indicator]> {
    Ok(pack::builtin()?)
}

/// A figure's definition; `received` is read as `demand.received`.
///
/// # Errors
/// `stats.indicator.unknown` with the key.
pub fn find(key: &str) -> Result<&'static Indicator> {
    let all = list()?;
    let found = all.iter().find(|i| i.key == key || i.key.strip_prefix("demand.") == Some(key));
    found
        .ok_or_else(|| Refusal::rule("stats.indicator.unknown").on("indicator").with("indicator", key).into())
}

/// Computes a figure over what the actor may see (DECISIONS 19). May be called by whoever holds
/// `stats.read`; writes nothing.
///
/// # Errors
/// `common.forbidden`; `stats.indicator.unknown`, `stats.period.reversed`, `stats.place.unknown`; a
/// condition's own refusal, `condition.…`.
pub fn compute(tx: &mut Tx<'_>, cx: &Cx, words: &Words, key: &str, ask: &Ask) -> Result<Figure> {
    cx.actor.need("stats.read")?;
    let indicator = find(key)?;
    let base = base_place(tx, cx, ask.place.as_deref())?;
    let selection = select(cx, indicator, ask, base.filter.clone())?;
    let cells = cells(tx, cx, &selection, ask, &base)?;
    let labels = Labels::read(tx, cx, words, ask.by)?;
    let mut out: Vec<Row> = Vec::new();
    for (key, cell) in cells {
        let mut row = cell.row(indicator);
        row.label = labels.of(&key);
        row.link = link(indicator, ask, &base, &key);
        row.key = key;
        out.push(row);
    }
    if !ask.by.is_time() {
        out.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.key.cmp(&b.key)));
    }
    Ok(Figure {
        indicator: indicator.key.clone(),
        from: ask.from.map(Day::iso),
        to: ask.to.map(Day::iso),
        rows: out,
    })
}

/// Rows with most records first.
fn weight(row: &Row) -> i64 {
    row.denominator.or(row.numerator).unwrap_or(0)
}

/// The one number of a question: its figure without rows.
///
/// # Errors
/// As [`compute`].
pub fn total(tx: &mut Tx<'_>, cx: &Cx, words: &Words, key: &str, ask: &Ask) -> Result<Row> {
    let figure = compute(tx, cx, words, key, &Ask { by: By::None, ..ask.clone() })?;
    figure.rows.into_iter().next().ok_or_else(|| store::Error::failed("a figure without rows"))
}

/// Limits a list over `cases c` to the records of one cell. The list adds its own scope; with the grant
/// `stats.read` over the same reach its length is the figure.
///
/// # Errors
/// As [`compute`]; `stats.list.other` where the figure does not count cases, see [`records`].
pub fn restrict(query: &mut Query, dialect: Dialect, cx: &Cx, filter: &FigureFilter) -> Result<()> {
    let indicator = find(&filter.figure)?;
    if indicator.counts != Counts::Cases {
        return Err(Refusal::rule("stats.list.other").on("figure").with("indicator", &indicator.key).into());
    }
    let selection = selection_of(cx, indicator, filter)?;
    rows::restrict_cases(query, dialect, cx, &selection, filter.side)
}

/// Limits a list over `cases c` to what a condition over the facts of a case holds for; a blank text limits
/// nothing.
///
/// # Errors
/// The condition's own refusal, `condition.…`.
pub fn restrict_where(query: &mut Query, dialect: Dialect, cx: &Cx, text: &str) -> Result<()> {
    match condition_of(Counts::Cases, Some(text))? {
        Some(condition) => rows::restrict_by(query, dialect, cx, &condition),
        None => Ok(()),
    }
}

fn condition_of(counts: Counts, text: Option<&str>) -> Result<Option<Condition>> {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    let parsed = text.map(|t| Condition::parse(t, rows::facts::schema(counts))).transpose();
    Ok(parsed.map_err(|e| Refusal::from(e).on("where"))?)
}

/// The names a condition may use with their types, `case.urgent: bool`, for the help beside the field.
#[must_use]
pub fn names_of(counts: Counts) -> Vec<String> {
    rows::facts::schema(counts).fields().iter().map(|f| format!("{}: {}", f.name, f.ty)).collect()
}

/// The records of one cell, whatever the figure counts, newest first: how many, and those from `offset` on.
///
/// # Errors
/// As [`compute`].
pub fn records(
    tx: &mut Tx<'_>,
    cx: &Cx,
    filter: &FigureFilter,
    offset: i64,
    limit: i64,
) -> Result<(i64, Vec<Record>)> {
    cx.actor.need("stats.read")?;
    let indicator = find(&filter.figure)?;
    let selection = selection_of(cx, indicator, filter)?;
    let (total, mut found) =
        rows::records(tx, cx, &selection, filter.side, (offset.max(0), limit.clamp(1, 1_000)))?;
    // What was said is for whoever reads cases; who only counts sees which ones they are.
    if !cx.actor.has("demands.read") {
        found.iter_mut().for_each(|record| record.title.clear());
    }
    Ok((total, found))
}

/// The first and the last day with a report, for the choice of a period.
///
/// # Errors
/// When the database refuses.
pub fn span(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<(Day, Day)>> {
    rows::span(tx, cx.office.id)
}

fn selection_of<'a>(cx: &Cx, indicator: &'a Indicator, filter: &FigureFilter) -> Result<Selection<'a>> {
    let day = |text: &Option<String>| match text.as_deref().filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(t) => {
            Day::parse(t).map(Some).ok_or_else(|| Refusal::rule("stats.period.not_a_day").with("text", t))
        }
    };
    let by = match filter.by.as_deref() {
        None => By::None,
        Some(text) => {
            By::parse(text).ok_or_else(|| Refusal::rule("stats.by.unknown").on("by").with("by", text))?
        }
    };
    let ask = Ask {
        from: day(&filter.from)?,
        to: day(&filter.to)?,
        by,
        place: None,
        filter: filter.filter.clone(),
    };
    let mut selection = select(cx, indicator, &ask, filter.place.clone().filter(|p| !p.is_empty()))?;
    selection.row = filter.by.as_ref().map(|_| (by, filter.key.clone().unwrap_or_default()));
    Ok(selection)
}

fn select<'a>(cx: &Cx, indicator: &'a Indicator, ask: &Ask, place: Option<String>) -> Result<Selection<'a>> {
    if let (Some(from), Some(to)) = (ask.from, ask.to)
        && from > to
    {
        return Err(Refusal::rule("stats.period.reversed").on("from").into());
    }
    let filter = condition_of(indicator.counts, ask.filter.as_deref())?;
    Ok(Selection {
        indicator,
        by: ask.by,
        from: ask.from.map(|d| d.start(&cx.office.tz)),
        before: ask.to.map(|d| d.plus(1).start(&cx.office.tz)),
        place,
        filter,
        row: None,
    })
}

/// The place whose parts are the rows of `by = place`.
struct Base {
    /// Its code; blank where there is none.
    code: String,
    /// Set when records must lie in it: not for the office's home, where a record without place belongs too.
    filter: Option<String>,
}

/// The place asked for; else the one community or grid that the actor's right reaches; else the home place.
fn base_place(tx: &mut Tx<'_>, cx: &Cx, code: Option<&str>) -> Result<Base> {
    let office = cx.office.id;
    let home = rows::home(tx, office)?;
    if let Some(code) = code.map(str::trim).filter(|c| !c.is_empty()) {
        let found = rows::find_place(tx, office, code)?;
        let (id, code) =
            found.ok_or_else(|| Refusal::rule("stats.place.unknown").on("place").with("place", code))?;
        let filter = (home.as_ref().map(|h| h.0) != Some(id)).then(|| code.clone());
        return Ok(Base { code, filter });
    }
    let mut own = BTreeSet::new();
    let mut whole = false;
    for reach in cx.actor.reaches("stats.read") {
        match reach {
            Reach::Community(id) | Reach::Grid(id) => drop(own.insert(id)),
            Reach::Office => whole = true,
            // What a unit helps with elsewhere is a row of its own.
            Reach::Unit(_) => {}
        }
    }
    let own = match (whole, own.len(), own.first()) {
        (false, 1, Some(id)) => rows::place_code(tx, office, *id)?,
        _ => None,
    };
    Ok(Base { code: own.or(home).map(|(_, code)| code).unwrap_or_default(), filter: None })
}

/// What is known of one row.
#[derive(Clone, Debug, Default)]
struct Cell {
    of: i64,
    share: i64,
    reported: i64,
    sum: i64,
    each: Vec<i64>,
}

impl Cell {
    fn row(mut self, indicator: &Indicator) -> Row {
        let unit = indicator.measure.map_or(1, |(_, unit)| unit.ms());
        let (value, numerator, denominator) = match indicator.kind {
            Kind::Count => (Some(Exact::whole(self.of)), Some(self.of), None),
            Kind::Ratio => (Exact::of(self.share.into(), self.of.into()), Some(self.share), Some(self.of)),
            Kind::Mean => {
                let below = i128::from(self.of) * i128::from(unit);
                (Exact::of(self.sum.into(), below), Some(self.sum), Some(self.of))
            }
            Kind::Median => (percentile(&mut self.each, 5, 10, unit), None, Some(self.of)),
            Kind::P90 => (percentile(&mut self.each, 9, 10, unit), None, Some(self.of)),
        };
        Row {
            key: String::new(),
            label: String::new(),
            value,
            numerator,
            denominator,
            reported: self.reported,
            link: String::new(),
        }
    }
}

/// The value below which `part / of` of the durations lie, linear between neighbours (the median of an even
/// number is the mean of the two in the middle), exact, in units of so many milliseconds.
fn percentile(each: &mut [i64], part: i128, of: i128, unit: i64) -> Option<Exact> {
    each.sort_unstable();
    let last = i128::try_from(each.len()).ok()? - 1;
    let position = last * part;
    let index = usize::try_from(position.checked_div_euclid(of)?).ok()?;
    let rest = position.rem_euclid(of);
    let low = i128::from(*each.get(index)?);
    let high = each.get(index + 1).map_or(low, |v| i128::from(*v));
    Exact::of(low * of + (high - low) * rest, of * i128::from(unit))
}

fn cells(
    tx: &mut Tx<'_>,
    cx: &Cx,
    selection: &Selection<'_>,
    ask: &Ask,
    base: &Base,
) -> Result<BTreeMap<String, Cell>> {
    let indicator = selection.indicator;
    let places = match ask.by {
        By::Place => Some(Rollup::new(rows::places(tx, cx.office.id)?, base)),
        _ => None,
    };
    let units: HashMap<String, String> = match ask.by {
        By::Unit => {
            rows::units(tx, cx.office.id)?.into_iter().map(|(id, code, _)| (id.to_string(), code)).collect()
        }
        _ => HashMap::new(),
    };
    let mut out: BTreeMap<String, Cell> = BTreeMap::new();
    if ask.by == By::None {
        out.insert("all".to_owned(), Cell::default());
    }
    let mut put = |groups: Vec<(Group, i64)>, change: &dyn Fn(&mut Cell, i64)| {
        for (group, n) in groups {
            for key in keys(cx, ask, &group, places.as_ref(), &units) {
                change(out.entry(key).or_default(), n);
            }
        }
    };
    put(rows::groups(tx, cx, selection, Set::Of, Take::Count)?, &|cell, n| cell.of += n);
    if indicator.share.is_some() {
        put(rows::groups(tx, cx, selection, Set::Share, Take::Count)?, &|cell, n| cell.share += n);
    }
    if indicator.reported.is_some() {
        put(rows::groups(tx, cx, selection, Set::Reported, Take::Count)?, &|cell, n| cell.reported += n);
    }
    match indicator.kind {
        Kind::Mean => put(rows::groups(tx, cx, selection, Set::Of, Take::Sum)?, &|cell, n| cell.sum += n),
        Kind::Median | Kind::P90 => {
            put(rows::groups(tx, cx, selection, Set::Of, Take::Each)?, &|cell, n| cell.each.push(n))
        }
        Kind::Count | Kind::Ratio => {}
    }
    Ok(out)
}

/// The rows a group belongs to: one, or for periods each in which one of its instants lies.
fn keys(
    cx: &Cx,
    ask: &Ask,
    group: &Group,
    places: Option<&Rollup>,
    units: &HashMap<String, String>,
) -> BTreeSet<String> {
    match group {
        Group::Quarters(quarters) => {
            let days = quarters.iter().flatten().map(|q| Ts(q * 900_000).day(&cx.office.tz));
            let inside = |day: &Day| ask.from.is_none_or(|f| *day >= f) && ask.to.is_none_or(|t| *day <= t);
            let mut found: BTreeSet<String> = days.filter(inside).map(|day| bucket(ask.by, day)).collect();
            if found.is_empty() && ask.from.is_none() && ask.to.is_none() {
                // A record without such an instant: told apart, so that the rows add up to the whole.
                found.insert(String::new());
            }
            found
        }
        Group::Key(key) => {
            let key = key.clone().unwrap_or_default();
            BTreeSet::from([match ask.by {
                By::Place => places.map_or_else(String::new, |p| p.row(&key)),
                By::Unit => units.get(&key).cloned().unwrap_or_default(),
                _ => key,
            }])
        }
    }
}

fn bucket(by: By, day: Day) -> String {
    let iso = day.iso();
    if by == By::Month { iso[..7].to_owned() } else { iso }
}

/// From the finest place of a record up to the row it belongs to.
struct Rollup {
    by_id: HashMap<PlaceId, PlaceRow>,
    base: String,
}

impl Rollup {
    fn new(places: Vec<PlaceRow>, base: &Base) -> Rollup {
        Rollup { by_id: places.into_iter().map(|p| (p.id, p)).collect(), base: base.code.clone() }
    }

    /// The code of the ancestor just below the base or a place the base lies in; that one's own for what lies
    /// at it. No two rows hold the same record.
    fn row(&self, id: &str) -> String {
        let mut at = id.parse::<PlaceId>().ok().and_then(|id| self.by_id.get(&id));
        // A tree is never this deep; a loop in bad data ends.
        for _ in 0..32 {
            let Some(place) = at else { return String::new() };
            match place.parent.and_then(|p| self.by_id.get(&p)) {
                Some(parent) if !on_line(&self.base, &place.code) && !on_line(&self.base, &parent.code) => {
                    at = Some(parent);
                }
                _ => return place.code.clone(),
            }
        }
        String::new()
    }
}

/// Whether a place is the base or one that the base lies in: a code starts with its parent's.
fn on_line(base: &str, code: &str) -> bool {
    base.starts_with(code)
}

/// Names for keys.
struct Labels {
    names: HashMap<String, String>,
    none: String,
    words: Words,
    by: By,
}

impl Labels {
    fn read(tx: &mut Tx<'_>, cx: &Cx, words: &Words, by: By) -> Result<Labels> {
        let office = cx.office.id;
        let one = |zh: &str, en: &str| {
            if words.locale == Locale::En && !en.is_empty() { en.to_owned() } else { zh.to_owned() }
        };
        let names = match by {
            By::None => HashMap::from([("all".to_owned(), cx.office.name.clone())]),
            By::Unit => rows::units(tx, office)?.into_iter().map(|(_, code, name)| (code, name)).collect(),
            By::Place => rows::places(tx, office)?.into_iter().map(|p| (p.code, p.name)).collect(),
            By::Matter => {
                rows::matters(tx, office)?.iter().map(|m| (m.code.clone(), one(&m.zh, &m.en))).collect()
            }
            By::Class => rows::matters(tx, office)?
                .iter()
                .map(|m| (m.class_code.clone(), one(&m.class_zh, &m.class_en)))
                .collect(),
            By::Channel | By::Kind | By::Day | By::Month => HashMap::new(),
        };
        Ok(Labels { names, none: words.t(&format!("figure-no-{}", by.as_str())), words: words.clone(), by })
    }

    fn of(&self, key: &str) -> String {
        match self.by {
            _ if key.is_empty() => self.none.clone(),
            By::Channel => self.words.t_or(&format!("channel-{key}"), key),
            By::Kind => self.words.t_or(&format!("matter-kind-{key}"), key),
            _ => self.names.get(key).cloned().unwrap_or_else(|| key.to_owned()),
        }
    }
}

/// The address of a row's records, as the part after `?`.
fn link(indicator: &Indicator, ask: &Ask, base: &Base, key: &str) -> String {
    let mut filter = FigureFilter {
        figure: indicator.key.clone(),
        from: ask.from.map(Day::iso),
        to: ask.to.map(Day::iso),
        place: base.filter.clone(),
        filter: ask.filter.clone(),
        ..FigureFilter::default()
    };
    match ask.by {
        By::None => {}
        By::Day | By::Month => match narrowed(ask, key) {
            Some((from, to)) => (filter.from, filter.to) = (Some(from), Some(to)),
            None => return String::new(),
        },
        By::Place if !key.is_empty() && on_line(&base.code, key) => {
            filter.by = Some(ask.by.as_str().to_owned());
            filter.key = Some(format!("={key}"));
        }
        _ => {
            filter.by = Some(ask.by.as_str().to_owned());
            filter.key = Some(key.to_owned());
        }
    }
    address(&filter)
}

/// The days of a row that lie in the period asked for.
fn narrowed(ask: &Ask, key: &str) -> Option<(String, String)> {
    let (first, last) = match key.len() {
        10 => (Day::parse(key)?, Day::parse(key)?),
        7 => {
            let first = Day::parse(&format!("{key}-01"))?;
            let next = first.plus(31);
            let next_month = Day(next.month() * 100 + 1);
            (first, next_month.plus(-1))
        }
        _ => return None,
    };
    let first = ask.from.map_or(first, |from| first.max(from));
    let last = ask.to.map_or(last, |to| last.min(to));
    Some((first.iso(), last.iso()))
}

/// A filter as the part of an address after `?`.
#[must_use]
pub fn address(filter: &FigureFilter) -> String {
    let side = (filter.side == Side::Below).then(|| "below".to_owned());
    let pairs = [
        ("figure", Some(filter.figure.clone())),
        ("from", filter.from.clone()),
        ("to", filter.to.clone()),
        ("by", filter.by.clone()),
        ("key", filter.key.clone()),
        ("place", filter.place.clone()),
        ("where", filter.filter.clone()),
        ("side", side),
    ];
    let mut out = String::new();
    for (name, value) in pairs {
        let Some(value) = value else { continue };
        out.push_str(if out.is_empty() { "" } else { "&" });
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    out.push(char::from(byte))
                }
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_mean_of_the_two_in_the_middle_and_percentiles_are_linear() {
        let hour = Ts::HOUR;
        let mut even = [4 * hour, hour, 3 * hour, 2 * hour];
        assert_eq!(percentile(&mut even, 5, 10, hour), Exact::of(5, 2));
        assert_eq!(percentile(&mut even, 9, 10, hour), Exact::of(37, 10));
        let mut odd = [hour + 1, hour, 9 * hour];
        assert_eq!(percentile(&mut odd, 5, 10, 1), Some(Exact::whole(hour + 1)));
        assert_eq!(percentile(&mut [], 5, 10, 1), None);
        assert_eq!(percentile(&mut [7], 9, 10, 1), Some(Exact::whole(7)));
    }

    #[test]
    fn an_address_keeps_every_character_of_a_filter() {
        let filter = FigureFilter {
            figure: "demand.open".to_owned(),
            by: Some("unit".to_owned()),
            key: Some(String::new()),
            filter: Some("case.kind == 'a b'".to_owned()),
            side: Side::Below,
            ..FigureFilter::default()
        };
        assert_eq!(
            address(&filter),
            "figure=demand.open&by=unit&key=&where=case.kind%20%3D%3D%20%27a%20b%27&side=below"
        );
    }

    #[test]
    fn a_month_row_leads_to_the_days_of_it_that_were_asked_for() {
        let ask = Ask { from: Day::parse("2026-02-10"), ..Ask::default() };
        assert_eq!(narrowed(&ask, "2026-02"), Some(("2026-02-10".to_owned(), "2026-02-28".to_owned())));
        assert_eq!(narrowed(&ask, "2026-12").unwrap().1, "2026-12-31");
        assert_eq!(narrowed(&ask, ""), None);
    }
}
