//! Pages of lists, and their counts.

use super::super::figure;
use super::super::model::{CaseRow, Filter, PAGE, Page, Sort};
use super::super::names::Names;
use super::super::store::{self as rows, CountOf, Cursor, ENOUGH};
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::intake::search::{CANDIDATES_MOST, Search};
use crate::features::places::model::Kind;
use crate::words::Locale;
use store::{Result, Tx};

/// Rows read at once while a search looks for real hits among its candidates.
const BATCH: usize = 200;

/// One page of a list within the viewer's scope, with its count.
///
/// # Errors
/// A filter that cannot be read; when the database refuses.
pub fn page(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, most: usize) -> Result<Page> {
    page_knowing(tx, cx, filter, most, None)
}

/// [`page`] where its length is known from a moment ago; a search looks for itself.
///
/// # Errors
/// As [`page`].
pub fn page_knowing(
    tx: &mut Tx<'_>,
    cx: &Cx,
    filter: &Filter,
    most: usize,
    total: Option<i64>,
) -> Result<Page> {
    let mut page = if filter.q.trim().is_empty() {
        plain(tx, cx, filter, most, total)?
    } else {
        searched(tx, cx, filter, most)?
    };
    rows::fill(tx, cx, &mut page.rows)?;
    Ok(page)
}

fn plain(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, most: usize, total: Option<i64>) -> Result<Page> {
    let of = if filter.figure.is_empty() { ENOUGH } else { CountOf::All };
    let total = match total {
        Some(total) => total,
        None => rows::count(tx, cx, filter, of)?,
    };
    let back = Cursor::parse(&filter.before);
    let from = back.or_else(|| Cursor::parse(&filter.after));
    let mut found = rows::rows_of(tx, cx, filter, from, back.is_some(), most + 1)?;
    let more = found.len() > most;
    if more {
        if back.is_some() {
            found.remove(0);
        } else {
            found.pop();
        }
    }
    let sort = filter.order();
    let edge = |row: Option<&CaseRow>, is: bool| {
        row.filter(|_| is).map(|r| Cursor::of(r, sort).to_string()).unwrap_or_default()
    };
    let (has_before, has_after) = match (back.is_some(), from.is_some()) {
        (true, _) => (more, true),
        (false, given) => (given, more),
    };
    Ok(Page {
        before: edge(found.first(), has_before),
        after: edge(found.last(), has_after),
        rows: found,
        total,
        cut: false,
    })
}

/// Bigrams lie: each candidate is read and looked at, in the list's order, until the page is full. A search goes
/// forward only.
fn searched(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, most: usize) -> Result<Page> {
    let search = Search::new(&filter.q);
    if search.is_broad(tx, cx)? {
        return scanned(tx, cx, filter, &search, most);
    }
    let sort = filter.order();
    let all = rows::places_of(tx, cx, filter, CANDIDATES_MOST + 1)?;
    let cut = all.len() > CANDIDATES_MOST;
    let from = Cursor::parse(&filter.after);
    let begin = from.map_or(0, |from| all.iter().position(|c| c.is_after(from, sort)).unwrap_or(all.len()));
    let rest = all.get(begin..).unwrap_or_default();
    let mut hits = Vec::new();
    for place in rest {
        if search.holds(tx, cx, place.id)? {
            hits.push(*place);
        }
        if hits.len() > most {
            break;
        }
    }
    let more = hits.len() > most;
    hits.truncate(most);
    // How many there are is only known once all were looked at; the index knows at most how many.
    let known = if more || begin > 0 { all.len() } else { hits.len() };
    Ok(Page {
        after: hits.last().filter(|_| more).map(ToString::to_string).unwrap_or_default(),
        rows: rows::rows_at(tx, cx, &hits)?,
        total: i64::try_from(known).unwrap_or(i64::MAX),
        cut,
        ..Page::default()
    })
}

/// Where the index has very many candidates the list is read from its beginning: the page fills soon.
fn scanned(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, search: &Search, most: usize) -> Result<Page> {
    let sort = filter.order();
    let mut from = Cursor::parse(&filter.after);
    let mut page = Page::default();
    let mut seen = 0;
    loop {
        let batch = rows::rows_of(tx, cx, filter, from, false, BATCH)?;
        let last = batch.len() < BATCH;
        for row in batch {
            from = Some(Cursor::of(&row, sort));
            seen += 1;
            if search.holds(tx, cx, row.id)? {
                page.rows.push(row);
            }
            if page.rows.len() > most || seen >= CANDIDATES_MOST {
                break;
            }
        }
        page.cut = seen >= CANDIDATES_MOST;
        if last || page.rows.len() > most || page.cut {
            break;
        }
    }
    page.total = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    if page.rows.len() > most {
        page.rows.pop();
        page.after = page.rows.last().map(|r| Cursor::of(r, sort).to_string()).unwrap_or_default();
        page.total = rows::count(tx, cx, filter, ENOUGH)?;
    }
    Ok(page)
}

/// How many cases a filter holds, cut at ten thousand.
///
/// # Errors
/// As [`page`].
pub fn count(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter) -> Result<i64> {
    let of = if filter.figure.is_empty() { ENOUGH } else { CountOf::All };
    rows::count(tx, cx, filter, of)
}

/// All rows of a filter, at most so many, without paging: for bulk acts and exports.
///
/// # Errors
/// As [`page`].
pub fn all(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, most: usize) -> Result<Vec<CaseRow>> {
    let mut out: Vec<CaseRow> = Vec::new();
    let mut next = Filter { sort: "new".to_owned(), ..filter.unpaged() };
    while out.len() < most {
        let found = page(tx, cx, &next, 500.min(most - out.len()))?;
        next.after = found.after;
        out.extend(found.rows);
        if next.after.is_empty() {
            break;
        }
    }
    Ok(out)
}

/// Takes out of what was typed what is the name of a place, a unit or a matter, and makes filters of it: in a
/// box that searches 编号、内容、地点、单位 a unit's name asks for its cases and not for the words.
///
/// # Errors
/// When the database refuses.
pub fn read_words(tx: &mut Tx<'_>, cx: &Cx, names: &Names, filter: &mut Filter) -> Result<()> {
    if filter.q.trim().is_empty() || filter.q.chars().count() > 200 {
        filter.q = filter.q.trim().chars().take(200).collect();
        return Ok(());
    }
    let mut rest: Vec<&str> = Vec::new();
    let typed = filter.q.clone();
    for word in typed.split_whitespace() {
        if filter.place.is_empty()
            && let Some(code) = place_named(names, word)
        {
            filter.place = code;
        } else if filter.unit.is_empty()
            && let Some(unit) = names.active_units().iter().find(|u| u.name == word || u.short == word)
        {
            filter.unit = unit.code.clone();
        } else if filter.matter.is_empty()
            && let Some(code) = matter_named(tx, cx, names.locale(), word)?
        {
            filter.matter = code;
        } else {
            rest.push(word);
        }
    }
    filter.q = rest.join(" ");
    Ok(())
}

fn place_named(names: &Names, word: &str) -> Option<String> {
    let is = |name: &str| name == word;
    names
        .places()
        .all()
        .find(|p| p.is_active() && p.kind >= Kind::Community && is(&p.name))
        .map(|p| p.code.clone())
}

fn matter_named(tx: &mut Tx<'_>, cx: &Cx, locale: Locale, word: &str) -> Result<Option<String>> {
    let found = catalogue::service::find_matters(tx, cx, cx.today(), word)?;
    Ok(found.into_iter().find(|m| m.names.get(locale) == word || m.names.zh == word).map(|m| m.body.code))
}

/// Whether a list is a figure's that does not count cases.
///
/// # Errors
/// `stats.indicator.unknown`.
pub fn is_other_records(filter: &Filter) -> Result<bool> {
    Ok(!filter.figure.is_empty() && !figure::counts_cases(filter)?)
}

/// The neighbour to go to when a case leaves a list: the one after it, or the one before.
#[must_use]
pub fn neighbour(rows: &[CaseRow], id: kernel::CaseId) -> Option<kernel::CaseId> {
    match rows.iter().position(|r| r.id == id) {
        Some(at) => rows.get(at + 1).or_else(|| at.checked_sub(1).and_then(|b| rows.get(b))).map(|r| r.id),
        None => rows.first().map(|r| r.id),
    }
}

/// The rows of a whole page by default.
pub const DEFAULT: usize = PAGE;

/// Whether the order is by due instant.
#[must_use]
pub fn is_by_due(filter: &Filter) -> bool {
    filter.order() == Sort::Due
}
