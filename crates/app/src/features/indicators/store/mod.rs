//! Figures as SQL: one `select` composed of static pieces and of conditions that the `condition` crate
//! compiled from the names in [`facts`]. Read-only.

pub(super) mod facts;

use super::model::{By, Counts, Side};
use super::pack::Indicator;
use crate::context::Cx;
use condition::{Condition, Value};
use facts::Anchor;
use kernel::{CaseId, Day, OfficeId, PlaceId, Refusal, Ts, UnitId};
use store::{Arg, Dialect, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    UNITS = Sql::Both("select id, code, name from unit where office = $1");
    PLACES = Sql::Both("select id, parent, code, name from place where office = $1");
    MATTERS = Sql::Both(
        "select code, name_zh, name_en, class_code, class_zh, class_en from matter where office = $1 order by from_day, id");
    HOME = Sql::Both("select p.id, p.code from office o join place p on p.office = o.id and p.id = o.home_place where o.id = $1");
    ROOTS = Sql::Both("select id, code from place where office = $1 and parent is null order by id limit 2");
    PLACE = Sql::Both("select id, code from place where office = $1 and code = $2");
    PLACE_CODE = Sql::Both("select id, code from place where office = $1 and id = $2");
    SPAN = Sql::Both("select min(received_day), max(received_day) from report where office = $1");
}

const TABLES_CASES: &str = "from cases c";
const TABLES_REPORTS: &str = "from report r join report_case rc on rc.office = r.office and rc.report = r.id and rc.until_at is null \
     join cases c on c.office = rc.office and c.id = rc.case_id";
const TABLES_PARTS: &str = "from assignment a join cases c on c.office = a.office and c.id = a.case_id";
// A voice is an answered call-back or the requester's first rating. Of several about one report the first
// counts, before and after the latest handling apart: nobody is to be asked until the answer is better.
const TABLES_VOICES: &str = "from (select w.office, w.case_id, w.report, w.id, w.via, w.at, w.solved, w.satisfied, \
       row_number() over (partition by w.office, w.report, w.fresh order by w.at, w.id) as nth \
     from (select b.office, b.case_id, b.report, b.id, 'call' as via, b.at, b.solved, b.satisfied, \
         case when k.done_at is not null and b.at >= k.done_at then 1 else 0 end as fresh \
       from callback b join cases k on k.office = b.office and k.id = b.case_id where b.answered \
       union all \
       select r.office, k.id, r.id, r.id, 'rating', r.rated_at, r.rating_solved, r.rating, \
         case when k.done_at is not null and r.rated_at >= k.done_at then 1 else 0 end \
       from report r join cases k on k.office = r.office and k.id = (select min(x.case_id) from report_case x \
         where x.office = r.office and x.report = r.id and x.until_at is null) \
       where r.rated_at is not null) w) v \
     join cases c on c.office = v.office and c.id = v.case_id";

const TABLES_TICKETS: &str = "from upper_link t join cases c on c.office = t.office and c.id = t.case_id";

fn tables(counts: Counts) -> &'static str {
    match counts {
        Counts::Cases => TABLES_CASES,
        Counts::Reports => TABLES_REPORTS,
        Counts::Parts => TABLES_PARTS,
        Counts::Voices => TABLES_VOICES,
        Counts::Tickets => TABLES_TICKETS,
    }
}

/// The column that tells rows apart; text on both databases.
fn key(counts: Counts, by: By) -> &'static str {
    match (by, counts) {
        (By::Unit, Counts::Parts) => "cast(a.unit as text)",
        (By::Unit, _) => "cast(c.lead_unit as text)",
        (By::Place, _) => "cast(c.place as text)",
        (By::Matter, _) => "c.matter_code",
        (By::Class, _) => "(select m.class_code from matter m where m.office = c.office and m.id = c.matter)",
        (By::Channel, Counts::Reports) => "r.channel",
        (By::Channel, _) => "c.channel",
        (By::Kind, Counts::Reports) => "r.kind",
        (By::Kind, _) => "c.kind",
        (By::None | By::Day | By::Month, _) => "cast('all' as text)",
    }
}

/// What is asked for, resolved: instants instead of days, one place code, checked conditions.
#[derive(Clone, Debug)]
pub(super) struct Selection<'a> {
    pub(super) indicator: &'a Indicator,
    pub(super) by: By,
    /// The first instant of the period and the first after it.
    pub(super) from: Option<Ts>,
    pub(super) before: Option<Ts>,
    /// The code of the place in which it must lie.
    pub(super) place: Option<String>,
    pub(super) filter: Option<Condition>,
    /// One row only: by what, and its key as an address names it.
    pub(super) row: Option<(By, String)>,
}

/// Which records of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// All of it.
    Of,
    /// The share that a ratio counts.
    Share,
    /// Those that count by the source's word.
    Reported,
}

/// What is taken of each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// How many records.
    Count,
    /// The sum of their durations.
    Sum,
    /// Each duration.
    Each,
}

/// Where a record belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Under a key; `None` where the record has none.
    Key(Option<String>),
    /// In quarters of an hour, one for each instant that puts it into a period.
    Quarters(Vec<Option<i64>>),
}

/// Numbers by group.
pub(super) fn groups(
    tx: &mut Tx<'_>,
    cx: &Cx,
    selection: &Selection<'_>,
    set: Set,
    take: Take,
) -> Result<Vec<(Group, i64)>> {
    let indicator = selection.indicator;
    let mut query = Query::new("select");
    let keys = if selection.by.is_time() { indicator.on.len() } else { 1 };
    if selection.by.is_time() {
        for anchor in &indicator.on {
            query.push(anchor.quarter).push(",");
        }
    } else {
        query.push(key(indicator.counts, selection.by)).push(",");
    }
    query.push(match (take, indicator.counts) {
        (Take::Count, Counts::Reports) => "count(distinct r.id)",
        (Take::Count, _) => "count(*)",
        (Take::Sum, _) => "cast(sum(",
        (Take::Each, _) => "",
    });
    if let (Take::Sum | Take::Each, Some((measure, _))) = (take, indicator.measure) {
        query.push(measure.sql);
    }
    query.push(if take == Take::Sum { ") as bigint)" } else { "" });
    query.push(tables(indicator.counts));
    restrict_all(&mut query, tx.dialect(), cx, selection, set)?;
    cx.actor.scope("stats.read").restrict(&mut query);
    if take != Take::Each {
        query.push(match keys {
            1 => "group by 1",
            2 => "group by 1, 2",
            _ => "group by 1, 2, 3",
        });
    }
    let by_time = selection.by.is_time();
    tx.list(&query, |row| Ok((group(row, by_time, keys)?, row.get::<Option<i64>>(keys)?.unwrap_or(0))))
}

fn group(row: &Row<'_>, by_time: bool, keys: usize) -> Result<Group> {
    if by_time {
        return (0..keys).map(|i| row.get(i)).collect::<Result<_>>().map(Group::Quarters);
    }
    row.get(0).map(Group::Key)
}

/// Everything but the actor's scope.
fn restrict_all(
    query: &mut Query,
    dialect: Dialect,
    cx: &Cx,
    selection: &Selection<'_>,
    set: Set,
) -> Result<()> {
    let indicator = selection.indicator;
    if indicator.counts == Counts::Voices {
        query.and("v.nth = 1", []);
    }
    restrict_period(query, &indicator.on, selection.from, selection.before);
    if let Some(place) = &selection.place {
        below(query, cx.office.id, place);
    }
    if let Some((by, row)) = &selection.row {
        restrict_row(query, cx.office.id, indicator.counts, *by, row);
    }
    let more = match set {
        Set::Of => None,
        Set::Share => indicator.share.as_ref(),
        Set::Reported => indicator.reported.as_ref(),
    };
    for condition in [Some(&indicator.of), more, selection.filter.as_ref()].into_iter().flatten() {
        restrict_by(query, dialect, cx, condition)?;
    }
    Ok(())
}

/// Adds a condition over the names in [`facts`].
pub(super) fn restrict_by(query: &mut Query, dialect: Dialect, cx: &Cx, condition: &Condition) -> Result<()> {
    let dialect = match dialect {
        Dialect::Sqlite => condition::Dialect::Sqlite,
        Dialect::Postgres => condition::Dialect::Postgres,
    };
    let part = condition.to_sql(dialect, query.next_arg(), cx.now.0).map_err(Refusal::from)?;
    query.condition(&part.text, part.args.into_iter().map(argument).collect());
    Ok(())
}

fn argument(value: Value) -> Arg {
    match value {
        Value::Bool(v) => Arg::Bool(v),
        Value::Int(v) | Value::Time(v) => Arg::Int(v),
        Value::Text(v) => Arg::Text(v),
        Value::Absent | Value::TextList(_) => Arg::Null,
    }
}

/// In the period by any of its instants.
fn restrict_period(query: &mut Query, on: &[Anchor], from: Option<Ts>, before: Option<Ts>) {
    if from.is_none() && before.is_none() {
        return;
    }
    let mut text = String::new();
    let mut args = Vec::new();
    let first = query.next_arg();
    for anchor in on {
        let bounds = [(from, anchor.from), (before, anchor.before)];
        let mut pieces = Vec::new();
        for (at, piece) in bounds {
            if let Some(at) = at {
                pieces.push(piece.replace('?', &format!("${}", first + args.len())));
                args.push(Arg::from(at));
            }
        }
        text.push_str(if text.is_empty() { "(" } else { " or (" });
        text.push_str(&pieces.join(" and "));
        text.push(')');
    }
    query.condition(&text, args);
}

/// In a place or below it: a code starts with its parent's code.
fn below(query: &mut Query, office: OfficeId, code: &str) {
    query.and(
        "c.place in (select p.id from place p where p.office = ? and substr(p.code, 1, cast(? as integer)) = ?)",
        [office.into(), i64::try_from(code.chars().count()).unwrap_or(0).into(), code.into()],
    );
}

/// One row's records, by the key that [`super::service`] gave it.
fn restrict_row(query: &mut Query, office: OfficeId, counts: Counts, by: By, row: &str) {
    let key: Arg = row.into();
    match (by, counts, row) {
        (By::None | By::Day | By::Month, ..) => {}
        (By::Unit, Counts::Parts, _) => {
            query.and(
                "a.unit in (select u.id from unit u where u.office = ? and u.code = ?)",
                [office.into(), key],
            );
        }
        (By::Unit, _, "") => {
            query.and("c.lead_unit is null", []);
        }
        (By::Unit, ..) => {
            query.and(
                "c.lead_unit in (select u.id from unit u where u.office = ? and u.code = ?)",
                [office.into(), key],
            );
        }
        (By::Place, _, "") => {
            query.and("c.place is null", []);
        }
        (By::Place, ..) => match row.strip_prefix('=') {
            Some(code) => {
                query.and(
                    "c.place in (select p.id from place p where p.office = ? and p.code = ?)",
                    [office.into(), code.into()],
                );
            }
            None => below(query, office, row),
        },
        (By::Matter, ..) => {
            query.and("coalesce(c.matter_code, '') = ?", [key]);
        }
        (By::Class, ..) => {
            query.and(
                "coalesce((select m.class_code from matter m where m.office = c.office and m.id = c.matter), '') = ?",
                [key],
            );
        }
        (By::Channel, Counts::Reports, _) => {
            query.and("r.channel = ?", [key]);
        }
        (By::Channel, ..) => {
            query.and("c.channel = ?", [key]);
        }
        (By::Kind, Counts::Reports, _) => {
            query.and("r.kind = ?", [key]);
        }
        (By::Kind, ..) => {
            query.and("c.kind = ?", [key]);
        }
    }
}

/// Adds a cell's conditions to a list over `cases c`; the list adds its own scope.
pub(super) fn restrict_cases(
    query: &mut Query,
    dialect: Dialect,
    cx: &Cx,
    selection: &Selection<'_>,
    side: Side,
) -> Result<()> {
    restrict_all(query, dialect, cx, selection, set_of(selection.indicator, side))
}

fn set_of(indicator: &Indicator, side: Side) -> Set {
    if side == Side::Above && indicator.share.is_some() { Set::Share } else { Set::Of }
}

/// A record behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The report's, part's or voice's id; the case's own for cases.
    pub id: i64,
    /// The case it belongs to.
    pub case: CaseId,
    /// The number people know: the report's or the case's.
    pub no: String,
    /// The title, without identifiers.
    pub title: String,
    /// The phase the case is in.
    pub phase: String,
    /// Its leading unit, or the unit of the part.
    pub unit: Option<UnitId>,
    /// The instant it is listed by.
    pub at: Option<Ts>,
}

/// The records of a cell, newest first, and how many there are.
pub(super) fn records(
    tx: &mut Tx<'_>,
    cx: &Cx,
    selection: &Selection<'_>,
    side: Side,
    (offset, limit): (i64, i64),
) -> Result<(i64, Vec<Record>)> {
    let set = set_of(selection.indicator, side);
    let counts = selection.indicator.counts;
    let total = groups(tx, cx, &Selection { by: By::None, ..selection.clone() }, set, Take::Count)?;
    let total = total.first().map_or(0, |(_, n)| *n);
    // A report with several parts stands once, under its first case.
    let mut query = Query::new(match counts {
        Counts::Cases => "select c.id, c.id, c.no, c.title, c.phase, c.lead_unit, c.opened_at",
        Counts::Reports => {
            "select r.id, min(c.id), r.no, r.title, min(c.phase), min(c.lead_unit), r.received_at"
        }
        Counts::Parts => "select a.id, c.id, c.no, c.title, c.phase, a.unit, a.sent_at",
        Counts::Voices => "select v.id, c.id, c.no, c.title, c.phase, c.lead_unit, v.at",
        Counts::Tickets => "select t.id, c.id, t.number, c.title, c.phase, c.lead_unit, t.received_at",
    });
    query.push(tables(counts));
    restrict_all(&mut query, tx.dialect(), cx, selection, set)?;
    cx.actor.scope("stats.read").restrict(&mut query);
    if counts == Counts::Reports {
        query.push("group by r.id, r.no, r.title, r.received_at");
    }
    query.bind("order by 7 desc, 1 desc limit ? offset ?", [limit.into(), offset.into()]);
    let rows = tx.list(&query, |row| {
        Ok(Record {
            id: row.get(0)?,
            case: row.get(1)?,
            no: row.get(2)?,
            title: row.get(3)?,
            phase: row.get(4)?,
            unit: row.get(5)?,
            at: row.get(6)?,
        })
    })?;
    Ok((total, rows))
}

/// A unit: id, code, name.
pub(super) fn units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(UnitId, String, String)>> {
    tx.query(&UNITS, args![office], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// A place as figures need it.
#[derive(Clone, Debug)]
pub(super) struct PlaceRow {
    pub(super) id: PlaceId,
    pub(super) parent: Option<PlaceId>,
    pub(super) code: String,
    pub(super) name: String,
}

/// All places of an office.
pub(super) fn places(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<PlaceRow>> {
    tx.query(&PLACES, args![office], |row| {
        Ok(PlaceRow { id: row.get(0)?, parent: row.get(1)?, code: row.get(2)?, name: row.get(3)? })
    })
}

/// The office's home place, or the one place that all others lie in: id and code.
pub(super) fn home(tx: &mut Tx<'_>, office: OfficeId) -> Result<Option<(PlaceId, String)>> {
    let home = tx.opt(&HOME, args![office], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if home.is_some() {
        return Ok(home);
    }
    let mut roots = tx.query(&ROOTS, args![office], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if roots.len() == 1 { roots.pop() } else { None })
}

/// A place by its code.
pub(super) fn find_place(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<(PlaceId, String)>> {
    tx.opt(&PLACE, args![office, code], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A place's code by its id.
pub(super) fn place_code(
    tx: &mut Tx<'_>,
    office: OfficeId,
    place: PlaceId,
) -> Result<Option<(PlaceId, String)>> {
    tx.opt(&PLACE_CODE, args![office, place], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A matter's code and names, and those of its class; later versions come later.
#[derive(Clone, Debug)]
pub(super) struct MatterRow {
    pub(super) code: String,
    pub(super) zh: String,
    pub(super) en: String,
    pub(super) class_code: String,
    pub(super) class_zh: String,
    pub(super) class_en: String,
}

/// All matters.
pub(super) fn matters(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<MatterRow>> {
    tx.query(&MATTERS, args![office], |row| {
        Ok(MatterRow {
            code: row.get(0)?,
            zh: row.get(1)?,
            en: row.get(2)?,
            class_code: row.get(3)?,
            class_zh: row.get(4)?,
            class_en: row.get(5)?,
        })
    })
}

/// The first and the last day on which a report came in.
pub(super) fn span(tx: &mut Tx<'_>, office: OfficeId) -> Result<Option<(Day, Day)>> {
    let found =
        tx.opt(&SPAN, args![office], |row| Ok((row.get::<Option<Day>>(0)?, row.get::<Option<Day>>(1)?)))?;
    Ok(found.and_then(|(first, last)| first.zip(last)))
}
