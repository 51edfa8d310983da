//! Lists of cases: filters, order, pages, counts.

use super::super::figure;
use super::super::model::{COUNT_MOST, CaseRow, Filter, More, Queue, RowClock, RowPart, Sort};
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::features::intake::search::Search;
use crate::features::places;
use crate::features::places::model::Kind;
use kernel::{CaseId, Day, PlaceId, Refusal, Ts, UnitId};
use std::collections::HashMap;
use store::{Arg, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    UNIT_BY_CODE = Sql::Both("select id from unit where office = $1 and code = $2");
}

const COLUMNS: &str = "select c.id, c.no, c.title, c.state, c.phase, c.ended, c.kind, c.class, c.matter, c.matter_code, \
     c.urgent, c.channel, c.place, c.community_id, c.grid_id, c.address, c.lead_unit, c.report, c.reports, c.parent, \
     c.merged_into, c.opened_at, c.due_at, c.due_kind, c.handle_late, c.upper_due_at, c.returns, c.reopens, c.reworks, \
     c.urges, c.supervised, c.closed_at, c.shelved_until, c.version from cases c";

/// The sort key of what has no due instant: after everything that has one.
const NEVER: i64 = i64::MAX;

/// Where a page begins: the sort key and the id of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The instant the list is ordered by.
    pub at: i64,
    /// The row.
    pub id: CaseId,
}

impl Cursor {
    /// The cursor of a row.
    pub fn of(row: &CaseRow, sort: Sort) -> Cursor {
        let at = match sort {
            Sort::Due => row.due.map_or(NEVER, |due| due.0),
            Sort::New => row.opened_at.0,
        };
        Cursor { at, id: row.id }
    }

    /// Whether it stands behind another in an order.
    pub fn is_after(&self, other: Cursor, sort: Sort) -> bool {
        match sort {
            Sort::Due => (self.at, self.id) > (other.at, other.id),
            Sort::New => (self.at, self.id) < (other.at, other.id),
        }
    }

    /// Reads `1773300000000.17`.
    pub fn parse(text: &str) -> Option<Cursor> {
        let (at, id) = text.split_once('.')?;
        Some(Cursor { at: at.parse().ok()?, id: CaseId(id.parse().ok()?) })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

/// What a count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountOf {
    /// All of them: a figure's list must be as long as the figure.
    All,
    /// At most so many and one.
    AtMost(i64),
}

/// Rows of a filter in its order from a cursor on; `back` reads towards the beginning and turns them round.
pub fn rows_of(
    tx: &mut Tx<'_>,
    cx: &Cx,
    filter: &Filter,
    from: Option<Cursor>,
    back: bool,
    most: usize,
) -> Result<Vec<CaseRow>> {
    let mut query = Query::new(COLUMNS);
    restrict(tx, cx, filter, &mut query)?;
    let sort = filter.order();
    if let Some(Cursor { at, id }) = from {
        let key = [Arg::Int(at), Arg::from(id)];
        match (sort, back) {
            (Sort::Due, false) => query.and("(coalesce(c.due_at, 9223372036854775807), c.id) > (?, ?)", key),
            (Sort::Due, true) => query.and("(coalesce(c.due_at, 9223372036854775807), c.id) < (?, ?)", key),
            (Sort::New, false) => query.and("(c.opened_at, c.id) < (?, ?)", key),
            (Sort::New, true) => query.and("(c.opened_at, c.id) > (?, ?)", key),
        };
    }
    query.push(match (sort, back) {
        (Sort::Due, false) => "order by coalesce(c.due_at, 9223372036854775807), c.id",
        (Sort::Due, true) => "order by coalesce(c.due_at, 9223372036854775807) desc, c.id desc",
        (Sort::New, false) => "order by c.opened_at desc, c.id desc",
        (Sort::New, true) => "order by c.opened_at, c.id",
    });
    query.bind("limit ?", [i64::try_from(most).unwrap_or(i64::MAX).into()]);
    let mut rows = tx.list(&query, read)?;
    if back {
        rows.reverse();
    }
    Ok(rows)
}

/// Where all rows of a filter stand in its order, at most so many of them.
pub fn places_of(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, most: usize) -> Result<Vec<Cursor>> {
    let mut query = Query::new(match filter.order() {
        Sort::Due => "select coalesce(c.due_at, 9223372036854775807), c.id from cases c",
        Sort::New => "select c.opened_at, c.id from cases c",
    });
    restrict(tx, cx, filter, &mut query)?;
    query.bind("limit ?", [i64::try_from(most).unwrap_or(i64::MAX).into()]);
    let mut found = tx.list(&query, |row| Ok(Cursor { at: row.get(0)?, id: row.get(1)? }))?;
    match filter.order() {
        Sort::Due => found.sort_unstable_by_key(|c| (c.at, c.id)),
        Sort::New => found.sort_unstable_by_key(|c| std::cmp::Reverse((c.at, c.id))),
    }
    Ok(found)
}

/// The rows that stand there, in the same order. They were found within the viewer's scope, in the same transaction.
pub fn rows_at(tx: &mut Tx<'_>, cx: &Cx, places: &[Cursor]) -> Result<Vec<CaseRow>> {
    let mut query = Query::new(COLUMNS);
    query.and("c.office = ?", [cx.office.id.into()]);
    query.and_in("c.id", places.iter().map(|c| c.id.into()));
    let mut found: HashMap<CaseId, CaseRow> =
        tx.list(&query, read)?.into_iter().map(|row| (row.id, row)).collect();
    Ok(places.iter().filter_map(|c| found.remove(&c.id)).collect())
}

/// How many cases a filter holds.
pub fn count(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, of: CountOf) -> Result<i64> {
    let mut query = Query::new(match of {
        CountOf::All => "select count(*) from cases c",
        CountOf::AtMost(_) => "select count(*) from (select 1 as one from cases c",
    });
    restrict(tx, cx, filter, &mut query)?;
    if let CountOf::AtMost(most) = of {
        query.bind("limit ?) t", [(most + 1).into()]);
    }
    Ok(tx.list(&query, |row| row.get::<i64>(0))?.into_iter().next().unwrap_or(0))
}

fn read(row: &Row<'_>) -> Result<CaseRow> {
    Ok(CaseRow {
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
        urgent: row.get(10)?,
        channel: row.get(11)?,
        place: row.get(12)?,
        community: row.get(13)?,
        grid: row.get(14)?,
        address: row.get(15)?,
        lead: row.get(16)?,
        report: row.get(17)?,
        reports: row.get(18)?,
        parent: row.get(19)?,
        merged_into: row.get(20)?,
        opened_at: row.get(21)?,
        due: row.get(22)?,
        due_kind: row.get(23)?,
        handle_late: row.get(24)?,
        upper_due: row.get(25)?,
        returns: row.get(26)?,
        reopens: row.get(27)?,
        reworks: row.get(28)?,
        urges: row.get(29)?,
        supervised: row.get(30)?,
        closed_at: row.get(31)?,
        shelved_until: row.get(32)?,
        version: row.get(33)?,
        more: More::default(),
    })
}

/// Narrows a list over `cases c` to a filter within the viewer's scope. The scope comes first and always.
fn restrict(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    cx.actor.scope("demands.read").restrict(query);
    match Queue::parse(&filter.queue) {
        Some(queue) => restrict_queue(tx, cx, queue, query)?,
        None if !filter.queue.is_empty() => nothing(query),
        None => {}
    }
    restrict_phase(tx, cx, filter, query)?;
    restrict_words(tx, cx, filter, query)?;
    restrict_due(tx, cx, filter, query)?;
    if filter.figure.is_empty() {
        restrict_place(tx, cx, &filter.place, query)?;
        restrict_received(cx, filter, query)?;
        if !filter.condition.trim().is_empty() {
            figure::restrict_where(query, tx.dialect(), cx, &filter.condition)?;
        }
    } else {
        figure::restrict(query, tx.dialect(), cx, filter)?;
    }
    if !filter.q.trim().is_empty() {
        Search::new(&filter.q).restrict(query, tx.dialect(), cx.office.id);
    }
    Ok(())
}

fn nothing(query: &mut Query) {
    query.and("1 = 0", []);
}

/// What counts as one case here is what counts in the figures, so that a count and its figure are one number: a split
/// message counts by its parts.
fn counted(tx: &Tx<'_>, cx: &Cx, query: &mut Query) -> Result<()> {
    figure::restrict_where(query, tx.dialect(), cx, "case.counted")
}

fn restrict_phase(tx: &Tx<'_>, cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    if filter.phase.is_empty() {
        return Ok(());
    }
    let mut phases: Vec<&str> = filter.phase.iter().map(String::as_str).collect();
    if phases.contains(&"open") {
        phases.extend(super::super::OPEN_PHASES);
        counted(tx, cx, query)?;
    }
    query.and_in("c.phase", phases.into_iter().map(Arg::from));
    Ok(())
}

fn restrict_words(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    let text = |s: &String| Arg::from(s.as_str());
    if !filter.matter.is_empty() {
        query.and("c.matter_code = ?", [text(&filter.matter)]);
    }
    if !filter.class.is_empty() {
        query.and(
            "c.matter in (select m.id from matter m where m.office = c.office and m.class_code = ?)",
            [text(&filter.class)],
        );
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
    if !filter.urgent.is_empty() {
        query.and("c.urgent", []);
    }
    if !filter.supervised.is_empty() {
        query.and("c.supervised", []);
    }
    if !filter.upper.is_empty() {
        query.and("exists (select 1 from upper_link u where u.office = c.office and u.case_id = c.id)", []);
    }
    Ok(())
}

fn restrict_due(tx: &Tx<'_>, cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    let now = cx.now;
    match filter.due.as_str() {
        "" => {}
        "late" => {
            // The upper deadline counts too, as in the figure of overdue cases.
            query.and("(c.due_at < ? or c.upper_due_at < ?)", [now.into(), now.into()]);
        }
        "soon" => {
            query.and(
                "c.due_at >= ? and c.due_at <= ?",
                [now.into(), now.plus(super::super::model::SOON).into()],
            );
        }
        "today" => {
            let tomorrow = cx.today().plus(1).start(&cx.office.tz);
            query.and("c.due_at >= ? and c.due_at < ?", [now.into(), tomorrow.into()]);
        }
        _ => nothing(query),
    }
    // Overdue is of open cases only; a paused clock has no due instant.
    if !filter.due.is_empty() {
        counted(tx, cx, query)?;
        query.and_in("c.phase", super::super::OPEN_PHASES.into_iter().map(Arg::from));
    }
    Ok(())
}

fn restrict_place(tx: &mut Tx<'_>, cx: &Cx, code: &str, query: &mut Query) -> Result<()> {
    if code.is_empty() {
        return Ok(());
    }
    let book = places::service::book(tx, cx.office.id)?;
    let Some(place) = book.by_code(code) else {
        nothing(query);
        return Ok(());
    };
    match place.kind {
        Kind::Community => {
            query.and("c.community_id = ?", [place.id.into()]);
        }
        Kind::Grid => {
            query.and("c.grid_id = ?", [place.id.into()]);
        }
        Kind::MicroGrid | Kind::Building => {
            let within: Vec<PlaceId> = book.within(place.id).iter().map(|p| p.id).collect();
            query.and_in("c.place", within.into_iter().map(Arg::from));
        }
        _ => {
            let within = book.within(place.id);
            let communities = within.iter().filter(|p| p.kind == Kind::Community).map(|p| Arg::from(p.id));
            query.and_in("c.community_id", communities);
        }
    }
    Ok(())
}

fn restrict_received(cx: &Cx, filter: &Filter, query: &mut Query) -> Result<()> {
    let day = |text: &str| match text {
        "" => Ok(None),
        text => {
            Day::parse(text).map(Some).ok_or_else(|| Refusal::rule("cases.list.not_a_day").with("text", text))
        }
    };
    if let Some(day) = day(&filter.from)? {
        query.and("c.opened_at >= ?", [day.start(&cx.office.tz).into()]);
    }
    if let Some(day) = day(&filter.to)? {
        query.and("c.opened_at < ?", [day.plus(1).start(&cx.office.tz).into()]);
    }
    Ok(())
}

/// Whether one case waits in one of the viewer's queues.
pub fn is_in_queue(tx: &mut Tx<'_>, cx: &Cx, queue: Queue, case: CaseId) -> Result<bool> {
    let mut query = Query::new("select 1 from cases c");
    query.and("c.id = ?", [case.into()]);
    cx.actor.scope("demands.read").restrict(&mut query);
    restrict_queue(tx, cx, queue, &mut query)?;
    Ok(!tx.list(&query, |row| row.get::<i64>(0))?.is_empty())
}

/// Narrows a list to one of the viewer's own queues: what waits there and is theirs to do.
fn restrict_queue(tx: &mut Tx<'_>, cx: &Cx, queue: Queue, query: &mut Query) -> Result<()> {
    if !cx.actor.has(queue.grant()) {
        nothing(query);
        return Ok(());
    }
    match queue {
        Queue::Sign | Queue::Handle => {
            restrict_part(cx, queue, query);
            return Ok(());
        }
        Queue::Accept => query.and("c.phase = 'received'", []),
        Queue::Dispatch => query.and("c.phase = 'accepted'", []),
        Queue::Rule => query.and("c.phase = 'ruling'", []),
        Queue::Approve => query.and(
            "c.phase in ('dispatched', 'handling') and exists (select 1 from request q where q.office = c.office and q.case_id = c.id \
             and q.state = 'waiting' and q.kind in ('extension', 'pause'))",
            [],
        ),
        Queue::Verify => query.and("c.phase = 'checking'", []),
        Queue::Callback => query.and("c.phase = 'calling'", []),
    };
    cx.actor.scope(queue.grant()).restrict(query);
    if matches!(queue, Queue::Verify | Queue::Callback)
        && let Some(account) = cx.actor.account
        && crate::features::people::service::others_with(
            tx,
            cx,
            queue.grant(),
            Default::default(),
            &[account],
        )?
    {
        // Who handled it may neither verify nor call back while somebody else can.
        query.and(
            "not exists (select 1 from event e where e.office = c.office and e.stream = 'case' and e.stream_id = c.id \
             and e.account = ? and e.kind in ('case.sign', 'case.progress', 'case.finish', 'case.finish_co', 'case.return'))",
            [account.into()],
        );
    }
    Ok(())
}

/// What a unit of the viewer has to sign or to handle.
fn restrict_part(cx: &Cx, queue: Queue, query: &mut Query) {
    let whole = cx.actor.kind == ActorKind::System;
    let mine = |unit: &UnitId| {
        cx.actor.reaches("demands.handle").any(|r| r == Reach::Unit(*unit) || r == Reach::Office)
    };
    let units: Vec<UnitId> = cx.actor.units.iter().copied().filter(|u| whole || mine(u)).collect();
    let (state, phases) = match queue {
        Queue::Sign => ("sent", "c.phase in ('dispatched', 'handling')"),
        _ => ("signed", "c.phase in ('dispatched', 'handling', 'paused')"),
    };
    query.and(phases, []);
    let first = query.next_arg();
    let places: Vec<String> = (0..units.len()).map(|i| format!("${}", first + 1 + i)).collect();
    let list = if places.is_empty() { "null".to_owned() } else { places.join(", ") };
    let text = format!(
        "exists (select 1 from assignment a where a.office = c.office and a.case_id = c.id and a.state = ${first} and a.unit in ({list}))"
    );
    let mut values = vec![Arg::from(state)];
    values.extend(units.into_iter().map(Arg::from));
    query.condition(&text, values);
}

const CLOCKS: &str = "select k.case_id, k.kind, k.due_at, k.expected, k.assignment from clock k";
const PARTS: &str = "select a.case_id, a.id, a.unit, a.role, a.state from assignment a";
const UPPERS: &str = "select u.case_id, u.system, u.number, u.due_at from upper_link u";
const PHOTOS: &str = "select t.case_id, count(*) from attachment t";
const ASKS: &str = "select q.case_id, q.kind from request q";

/// Reads what the rows of one page show besides: five queries a page, none a row.
pub fn fill(tx: &mut Tx<'_>, cx: &Cx, rows: &mut [CaseRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut more: HashMap<CaseId, More> = HashMap::new();
    let ids: Vec<Arg> = rows.iter().map(|r| r.id.into()).collect();
    let about = |head: &'static str, office: &'static str, case: &'static str| {
        let mut query = Query::new(head);
        query.and(office, [cx.office.id.into()]);
        query.and_in(case, ids.iter().cloned());
        query
    };
    let mut clocks = about(CLOCKS, "k.office = ?", "k.case_id");
    clocks.and("k.state in ('running', 'paused')", []).push("order by k.due_at, k.id");
    for (case, clock) in tx.list(&clocks, |row| {
        Ok((
            row.get::<CaseId>(0)?,
            RowClock { kind: row.get(1)?, due: row.get(2)?, expected: row.get(3)?, part: row.get(4)? },
        ))
    })? {
        more.entry(case).or_default().clocks.push(clock);
    }
    let mut parts = about(PARTS, "a.office = ?", "a.case_id");
    parts.and("a.state <> 'off'", []).push("order by a.id");
    for (case, part) in tx.list(&parts, |row| {
        Ok((
            row.get::<CaseId>(0)?,
            RowPart { id: row.get(1)?, unit: row.get(2)?, role: row.get(3)?, state: row.get(4)? },
        ))
    })? {
        more.entry(case).or_default().parts.push(part);
    }
    let mut uppers = about(UPPERS, "u.office = ?", "u.case_id");
    uppers.push("order by u.due_at nulls last, u.id");
    for (case, upper) in tx.list(&uppers, |row| {
        Ok((row.get::<CaseId>(0)?, (row.get::<String>(1)?, row.get::<String>(2)?, row.get::<Option<Ts>>(3)?)))
    })? {
        more.entry(case).or_default().uppers.push(upper);
    }
    let mut photos = about(PHOTOS, "t.office = ?", "t.case_id");
    photos.and("t.kind <> 'voice'", []).push("group by t.case_id");
    for (case, n) in tx.list(&photos, |row| Ok((row.get::<CaseId>(0)?, row.get::<i64>(1)?)))? {
        more.entry(case).or_default().photos = n;
    }
    let mut asks = about(ASKS, "q.office = ?", "q.case_id");
    asks.and("q.state = 'waiting'", []).push("order by q.id");
    for (case, kind) in tx.list(&asks, |row| Ok((row.get::<CaseId>(0)?, row.get::<String>(1)?)))? {
        more.entry(case).or_default().asks.push(kind);
    }
    for row in rows {
        row.more = more.remove(&row.id).unwrap_or_default();
    }
    Ok(())
}

/// The most counted where the count need not be exact.
pub const ENOUGH: CountOf = CountOf::AtMost(COUNT_MOST);
