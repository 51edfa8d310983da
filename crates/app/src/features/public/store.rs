//! The rows the public side reads: the only file here with SQL. It writes none of its own.

use super::nearby::Open;
use crate::context::Cx;
use kernel::{OfficeId, PlaceId, Ts};
use store::{Query, Result, Sql, Tx, args, statements};

statements! {
    KEY_KNOWN = Sql::Both("select 1 from idempotency where office = $1 and key = $2");
    OFFICE_OF_PLACE = Sql::Both("select office from place where id = $1 and until_day is null");
}

/// Open cases looked at for one answer at most.
const MOST: i64 = 500;

/// Whether a parcel was taken before.
pub(super) fn is_known(tx: &mut Tx<'_>, office: OfficeId, key: &str) -> Result<bool> {
    Ok(tx.value::<i64>(&KEY_KNOWN, args![office, key])?.is_some())
}

/// The office a place that exists belongs to.
pub(super) fn office_of_place(tx: &mut Tx<'_>, place: PlaceId) -> Result<Option<OfficeId>> {
    tx.value(&OFFICE_OF_PLACE, args![place])
}

/// The part of the tree whose open troubles are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Area {
    Office,
    Community(PlaceId),
    Grid(PlaceId),
}

/// The open troubles that may be shown to anybody, newest first: classified things on the street, none that
/// is about a unit or a person, no petition, no report of wrongdoing.
pub(super) fn list_open(tx: &mut Tx<'_>, cx: &Cx, area: Area, since: Ts) -> Result<Vec<Open>> {
    let mut query = Query::new(
        "select c.id, c.matter_code, c.matter, c.place, c.grid_id, c.address, c.phase, c.opened_day, c.reports from cases c",
    );
    query.and("c.office = ?", [cx.office.id.into()]);
    match area {
        Area::Office => {}
        Area::Community(id) => {
            query.and("c.community_id = ?", [id.into()]);
        }
        Area::Grid(id) => {
            query.and("c.grid_id = ?", [id.into()]);
        }
    }
    query.and("c.opened_at > ?", [since.into()]);
    query.and(
        "c.class = 'ordinary' and c.kind = 'event' and c.closed_at is null and c.matter is not null",
        [],
    );
    query.and("c.subject_known and c.subject_unit is null and c.subject_text is null", []);
    query.and("c.merged_into is null and c.state <> 'split'", []);
    query.bind(" order by c.opened_at desc, c.id desc limit ?", [MOST.into()]);
    tx.list(&query, |row| {
        Ok(Open {
            case: row.get(0)?,
            matter_code: row.get(1)?,
            matter: row.get(2)?,
            place: row.get(3)?,
            grid: row.get(4)?,
            address: row.get(5)?,
            phase: row.get(6)?,
            day: row.get(7)?,
            reports: row.get(8)?,
        })
    })
}
