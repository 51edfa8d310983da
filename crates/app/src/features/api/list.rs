//! Lists of cases as an address asks for them, within the caller's scope. The names are those of the list page.

use crate::context::Cx;
use crate::features::intake::search::Search;
use crate::features::places;
use crate::features::places::model::Kind;
use kernel::{CaseId, Day, MatterId, PlaceId, Refusal, Ts, UnitId};
use serde::Deserialize;
use store::{Arg, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    UNIT_BY_CODE = Sql::Both("select id from unit where office = $1 and code = $2");
}

/// What is open: somebody still has something to do.
const OPEN: [&str; 9] =
    ["received", "accepted", "ruling", "dispatched", "handling", "paused", "shelved", "checking", "calling"];
/// Rows read at once while a search looks for real hits among its candidates.
const BATCH: usize = 200;
/// Candidates of a search looked at.
const LOOKED_AT_MOST: usize = 10_000;
const HOURS_SOON: i64 = 2 * Ts::HOUR;

/// A list as asked for. Places, matters and units are named by their codes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    /// Words of number, title, text or address.
    q: String,
    /// Phases; `open` stands for all in which somebody still has something to do.
    phase: Vec<String>,
    /// The code of a place; what lies in it.
    place: String,
    /// The code of a matter.
    matter: String,
    /// The code of a unit that leads or helps.
    unit: String,
    channel: String,
    kind: String,
    /// `late`, or `soon`: within two hours.
    due: String,
    /// `1`: the emergency lane.
    urgent: String,
    /// `1`: watched by a leader.
    supervised: String,
    /// `1`: with a record of an upper platform.
    upper: String,
    /// First and last local day of receipt: `2026-03-01`.
    from: String,
    to: String,
    /// The cursor of the page before.
    after: String,
    pub(super) limit: Option<usize>,
}

/// A case as lists know it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: CaseId,
    pub(super) no: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) phase: String,
    pub(super) ended: Option<String>,
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) matter: Option<MatterId>,
    pub(super) matter_code: Option<String>,
    pub(super) channel: String,
    pub(super) urgent: bool,
    pub(super) place: Option<PlaceId>,
    pub(super) community: Option<PlaceId>,
    pub(super) grid: Option<PlaceId>,
    pub(super) address: String,
    pub(super) lead: Option<UnitId>,
    pub(super) reports: i64,
    pub(super) opened_at: Ts,
    pub(super) due: Option<Ts>,
    pub(super) closed_at: Option<Ts>,
    pub(super) version: i64,
}

/// One page, newest first, and the cursor of the next; none at the end.
pub(super) fn page(
    tx: &mut Tx<'_>,
    cx: &Cx,
    filter: &Filter,
    most: usize,
) -> Result<(Vec<Found>, Option<String>)> {
    let mut from = cursor(&filter.after)?;
    let search = Some(filter.q.trim()).filter(|q| !q.is_empty()).map(Search::new);
    let batch = if search.is_some() { BATCH } else { most + 1 };
    let (mut out, mut seen): (Vec<Found>, usize) = (Vec::new(), 0);
    loop {
        let rows = rows_of(tx, cx, filter, search.as_ref(), from, batch)?;
        let last = rows.len() < batch;
        for row in rows {
            from = Some((row.opened_at, row.id));
            seen += 1;
            // Bigrams lie next to each other by chance: each candidate is looked at.
            let holds = match &search {
                Some(search) => search.holds(tx, cx, row.id)?,
                None => true,
            };
            if holds {
                out.push(row);
            }
            if out.len() > most {
                break;
            }
        }
        if last || out.len() > most || seen >= LOOKED_AT_MOST {
            break;
        }
    }
    let more = out.len() > most;
    out.truncate(most);
    let next = out.last().filter(|_| more).map(|row| format!("{}.{}", row.opened_at.0, row.id));
    Ok((out, next))
}

fn cursor(text: &str) -> Result<Option<(Ts, CaseId)>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = |text: &str| {
        let (at, id) = text.split_once('.')?;
        Some((Ts(at.parse().ok()?), CaseId(id.parse().ok()?)))
    };
    read(text).map(Some).ok_or_else(|| Refusal::rule("api.list.cursor").on("after").into())
}

fn rows_of(
    tx: &mut Tx<'_>,
    cx: &Cx,
    filter: &Filter,
    search: Option<&Search>,
    from: Option<(Ts, CaseId)>,
    most: usize,
) -> Result<Vec<Found>> {
    let mut query = Query::new(
        "select c.id, c.no, c.title, c.state, c.phase, c.ended, c.kind, c.class, c.matter, c.matter_code, c.channel, c.urgent,
         c.place, c.community_id, c.grid_id, c.address, c.lead_unit, c.reports, c.opened_at, c.due_at, c.closed_at, c.version
         from cases c",
    );
    cx.actor.scope("demands.read").restrict(&mut query);
    restrict_words(tx, cx, filter, &mut query)?;
    restrict_place(tx, cx, &filter.place, &mut query)?;
    restrict_time(cx, filter, &mut query)?;
    if let Some(search) = search {
        search.restrict(&mut query, tx.dialect());
    }
    if let Some((at, id)) = from {
        query.and("(c.opened_at, c.id) < (?, ?)", [at.into(), id.into()]);
    }
    query.bind(
        "order by c.opened_at desc, c.id desc limit ?",
        [i64::try_from(most).unwrap_or(i64::MAX).into()],
    );
    tx.list(&query, read)
}

fn restrict_words(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    let text = |s: &String| Arg::from(s.as_str());
    if !filter.phase.is_empty() {
        let mut phases: Vec<&str> = filter.phase.iter().map(String::as_str).collect();
        if phases.contains(&"open") {
            phases.extend(OPEN);
        }
        query.and_in("c.phase", phases.into_iter().map(Arg::from));
    }
    if !filter.matter.is_empty() {
        query.and("c.matter_code = ?", [text(&filter.matter)]);
    }
    if !filter.channel.is_empty() {
        query.and("c.channel = ?", [text(&filter.channel)]);
    }
    if !filter.kind.is_empty() {
        query.and("c.kind = ?", [text(&filter.kind)]);
    }
    if !filter.unit.is_empty() {
        match tx.value::<UnitId>(&UNIT_BY_CODE, args![cx.office.id, &filter.unit])? {
            Some(unit) => query.and(
                "exists (select 1 from assignment a where a.office = c.office and a.case_id = c.id and a.state <> 'off' and a.unit = ?)",
                [unit.into()],
            ),
            None => query.and("1 = 0", []),
        };
    }
    if filter.urgent == "1" {
        query.and("c.urgent", []);
    }
    if filter.supervised == "1" {
        query.and("c.supervised", []);
    }
    if filter.upper == "1" {
        query.and("exists (select 1 from upper_link u where u.office = c.office and u.case_id = c.id)", []);
    }
    Ok(())
}

fn restrict_place(tx: &mut Tx<'_>, cx: &Cx, code: &str, query: &mut Query) -> Result<()> {
    if code.is_empty() {
        return Ok(());
    }
    let book = places::service::book(tx, cx.office.id)?;
    let Some(place) = book.by_code(code) else {
        query.and("1 = 0", []);
        return Ok(());
    };
    match place.kind {
        Kind::Community => query.and("c.community_id = ?", [place.id.into()]),
        Kind::Grid => query.and("c.grid_id = ?", [place.id.into()]),
        kind if kind > Kind::Grid => {
            query.and_in("c.place", book.within(place.id).into_iter().map(|p| Arg::from(p.id)))
        }
        _ => query.and_in("c.community_id", book.within(place.id).into_iter().map(|p| Arg::from(p.id))),
    };
    Ok(())
}

fn restrict_time(cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    match filter.due.as_str() {
        "late" => {
            query.and("c.due_at < ?", [cx.now.into()]);
        }
        "soon" => {
            query.and("c.due_at >= ? and c.due_at <= ?", [cx.now.into(), cx.now.plus(HOURS_SOON).into()]);
        }
        _ => {}
    }
    let day = |text: &str, field: &'static str| {
        Day::parse(text).ok_or_else(|| Refusal::rule("api.list.day").on(field).with("text", text))
    };
    if !filter.from.is_empty() {
        query.and("c.opened_at >= ?", [day(&filter.from, "from")?.start(&cx.office.tz).into()]);
    }
    if !filter.to.is_empty() {
        query.and("c.opened_at < ?", [day(&filter.to, "to")?.plus(1).start(&cx.office.tz).into()]);
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Found> {
    Ok(Found {
        id: row.get(0)?,
        no: row.get(1)?,
        title: row.get(2)?,
        state: row.get(3)?,
        phase: row.get(4)?,
        ended: row.get(5)?,
        kind: row.get(6)?,
        class: row.get(7)?,
        matter: row.get(8)?,
        matter_code: row.get(9)?,
        channel: row.get(10)?,
        urgent: row.get(11)?,
        place: row.get(12)?,
        community: row.get(13)?,
        grid: row.get(14)?,
        address: row.get(15)?,
        lead: row.get(16)?,
        reports: row.get(17)?,
        opened_at: row.get(18)?,
        due: row.get(19)?,
        closed_at: row.get(20)?,
        version: row.get(21)?,
    })
}
