//! SQL of the first look.

use super::replaced::{PAGE, Record, Table};
use crate::context::Cx;
use crate::features::indicators::service as indicators;
use crate::features::tasks::service::look as tasks;
use crate::words::Locale;
use kernel::Ts;
use store::{Query, Result, Tx};

/// The same trouble at the same place, more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The place's code and name; blank where none is known.
    pub place: (String, String),
    /// The place in words.
    pub address: String,
    /// The matter's code and name.
    pub matter: (String, String),
    /// How often.
    pub count: i64,
}

/// The places that come back: the same place and matter more than once among cases opened in a span, most first.
pub(super) fn again(
    tx: &mut Tx<'_>,
    cx: &Cx,
    locale: Locale,
    (from, before): (Ts, Ts),
    most: i64,
) -> Result<Vec<Again>> {
    let mut query =
        Query::new("select coalesce(p.code, ''), coalesce(p.name, ''), c.address, c.matter_code,");
    query.push(if locale == Locale::En { "coalesce(nullif(m.name_en, ''), m.name_zh)" } else { "m.name_zh" });
    query.push(
        ", count(*) from cases c join matter m on m.office = c.office and m.id = c.matter
         left join place p on p.office = c.office and p.id = c.place",
    );
    query.and("c.opened_at >= ? and c.opened_at < ?", [from.into(), before.into()]);
    query.and("c.place is not null or c.address <> ''", []);
    cx.actor.scope("demands.read").restrict(&mut query);
    indicators::restrict_where(&mut query, tx.dialect(), cx, "case.counted")?;
    query.push("group by p.code, p.name, c.address, c.matter_code, m.name_zh, m.name_en having count(*) > 1");
    query.bind("order by count(*) desc, p.code, c.address, c.matter_code limit ?", [most.into()]);
    tx.list(&query, |row| {
        Ok(Again {
            place: (row.get(0)?, row.get(1)?),
            address: row.get(2)?,
            matter: (row.get(3)?, row.get(4)?),
            count: row.get(5)?,
        })
    })
}

/// The records of a table in a span: what follows `select`.
fn replaced_query(head: &'static str, cx: &Cx, table: Table, (from, before): (Ts, Ts)) -> Query {
    let mut query = Query::new(head);
    let (tables, instant) = match table {
        Table::Ledger => ("from cases c", "c.opened_at >= ? and c.opened_at < ?"),
        Table::Upper => (
            "from upper_link u join cases c on c.office = u.office and c.id = u.case_id",
            "u.received_at >= ? and u.received_at < ?",
        ),
        Table::Reply => (
            "from upper_link u join cases c on c.office = u.office and c.id = u.case_id",
            "u.replied_at >= ? and u.replied_at < ?",
        ),
        Table::Collated => (
            "from task_receiver r join task t on t.office = r.office and t.id = r.task",
            "r.answered_at >= ? and r.answered_at < ?",
        ),
        Table::Document => (
            "from document d join cases c on c.office = d.office and c.id = d.case_id",
            "d.made_at >= ? and d.made_at < ?",
        ),
        Table::Roster => ("from roster_shift s", "s.from_at >= ? and s.from_at < ?"),
    };
    query.push(tables).and(instant, [from.into(), before.into()]);
    match table {
        // No list is larger than what its reader sees.
        Table::Upper | Table::Reply => cx.actor.scope("demands.read").restrict(&mut query),
        Table::Ledger => {
            cx.actor.scope("demands.read").restrict(&mut query);
            // What came out of a workbook kept by hand was filled in by hand.
            query.and(
                "not exists (select 1 from event e where e.office = c.office and e.stream = 'report' and e.stream_id = c.report \
                 and e.kind = 'report.received' and e.source = 'import')",
                [],
            );
        }
        Table::Collated => {
            query.and("r.office = ? and r.state in ('answered', 'confirmed')", [cx.office.id.into()]);
            tasks::restrict(&mut query, cx);
        }
        Table::Document => {
            cx.actor.scope("demands.read").restrict(&mut query);
            query.and("d.state <> 'void'", []);
        }
        Table::Roster => {
            query.and(
                "s.office = ? and s.state = 'published' and s.account is not null",
                [cx.office.id.into()],
            );
        }
    }
    query
}

/// How many records of a table lie in a span.
pub(super) fn replaced_count(tx: &mut Tx<'_>, cx: &Cx, table: Table, span: (Ts, Ts)) -> Result<i64> {
    let query = replaced_query("select count(*)", cx, table, span);
    Ok(tx.list(&query, |row| row.get(0))?.pop().unwrap_or(0))
}

/// The records of a table in a span, the newest first, after some.
pub(super) fn replaced(
    tx: &mut Tx<'_>,
    cx: &Cx,
    table: Table,
    span: (Ts, Ts),
    after: i64,
) -> Result<Vec<Record>> {
    let (head, order, path) = match table {
        Table::Ledger => {
            ("select c.no, c.opened_at, c.id", "order by c.opened_at desc, c.id desc", "/cases/")
        }
        Table::Upper => {
            ("select u.number, u.received_at, c.id", "order by u.received_at desc, u.id desc", "/cases/")
        }
        Table::Reply => {
            ("select u.number, u.replied_at, c.id", "order by u.replied_at desc, u.id desc", "/cases/")
        }
        Table::Collated => {
            ("select t.title, r.answered_at, t.id", "order by r.answered_at desc, r.id desc", "/tasks/")
        }
        Table::Document => {
            ("select d.number, d.made_at, c.id", "order by d.made_at desc, d.id desc", "/cases/")
        }
        Table::Roster => {
            ("select s.kind, s.from_at, s.id", "order by s.from_at desc, s.id desc", "/roster/shifts/")
        }
    };
    let mut query = replaced_query(head, cx, table, span);
    query.push(order).bind("limit ? offset ?", [PAGE.into(), after.into()]);
    tx.list(&query, |row| {
        Ok(Record { label: row.get(0)?, at: row.get(1)?, href: format!("{path}{}", row.get::<i64>(2)?) })
    })
}

/// Tickets written back in a span, by platform.
pub(super) fn replied(tx: &mut Tx<'_>, cx: &Cx, span: (Ts, Ts)) -> Result<Vec<(String, i64)>> {
    let mut query = replaced_query("select u.system, count(*)", cx, Table::Reply, span);
    query.push("group by u.system");
    tx.list(&query, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The answers to tasks in a span, as they are kept.
pub(super) fn answers(tx: &mut Tx<'_>, cx: &Cx, span: (Ts, Ts)) -> Result<Vec<String>> {
    tx.list(&replaced_query("select r.answer", cx, Table::Collated, span), |row| row.get(0))
}

/// Documents issued in a span, by kind.
pub(super) fn documents(tx: &mut Tx<'_>, cx: &Cx, span: (Ts, Ts)) -> Result<Vec<(String, i64)>> {
    let mut query = replaced_query("select d.kind, count(*)", cx, Table::Document, span);
    query.push("group by d.kind");
    tx.list(&query, |row| Ok((row.get(0)?, row.get(1)?)))
}
