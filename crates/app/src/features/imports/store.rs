//! The rows that imports look up and write: the only file here with SQL.

use crate::context::Cx;
use crate::features::indicators::service as indicators;
use crate::words::Locale;
use kernel::{Day, MatterId, OfficeId, PlaceId, Ts, UnitId};
use store::{Query, Result, Row, Sql, Tx, args, statements};

statements! {
    KNOWN = Sql::Both("select source_number, source_hash from report where office = $1 and source_system = $2");
    PLACES = Sql::Both(
        "select id, parent, code, name, community_id, grid_id from place where office = $1 and until_day is null order by code");
    UNITS = Sql::Both("select id, code, name from unit where office = $1 and active order by id");
    MATTERS = Sql::Both(
        "select id, code, kind, secret, name_zh, class_zh from matter where office = $1 and until_day is null order by code");
    HOME = Sql::Both("select home_place from office where id = $1");
    SET_HOME = Sql::Both("update office set home_place = $2, version = version + 1 where id = $1");
    PUT_REPORT = Sql::Both(
        "insert into report (id, office, no, channel, kind, class, title, text, sealed, party, reply_wanted, share_contact,
         track, place, community_id, grid_id, address, lon_e7, lat_e7, occurred_at, received_at, received_day, entered_by,
         source_system, source_number, source_hash, version)
         values ($1,$2,$3,$4,$5,$6,$7,$8,null,$9,false,false,null,$10,$11,$12,$13,$14,$15,$16,$16,$17,null,$18,$19,$20,1)");
}

/// A source's number, where it has one, and the hash of its row.
pub(super) type Known = (Option<String>, Option<Vec<u8>>);

/// What a source system has given already.
pub(super) fn known(tx: &mut Tx<'_>, office: OfficeId, system: &str) -> Result<Vec<Known>> {
    tx.query(&KNOWN, args![office, system], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A place that exists.
#[derive(Clone, Debug)]
pub(super) struct PlaceRow {
    pub(super) id: PlaceId,
    pub(super) parent: Option<PlaceId>,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) community: Option<PlaceId>,
    pub(super) grid: Option<PlaceId>,
}

/// All places that exist, by code.
pub(super) fn places(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<PlaceRow>> {
    tx.query(&PLACES, args![office], |row| {
        Ok(PlaceRow {
            id: row.get(0)?,
            parent: row.get(1)?,
            code: row.get(2)?,
            name: row.get(3)?,
            community: row.get(4)?,
            grid: row.get(5)?,
        })
    })
}

/// All units that exist: id, code, name.
pub(super) fn units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(UnitId, String, String)>> {
    tx.query(&UNITS, args![office], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// A matter in force.
#[derive(Clone, Debug)]
pub(super) struct MatterRow {
    pub(super) id: MatterId,
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) name: String,
    pub(super) class_name: String,
}

/// All matters in force.
pub(super) fn matters(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<MatterRow>> {
    tx.query(&MATTERS, args![office], |row| {
        Ok(MatterRow {
            id: row.get(0)?,
            code: row.get(1)?,
            kind: row.get(2)?,
            class: row.get(3)?,
            name: row.get(4)?,
            class_name: row.get(5)?,
        })
    })
}

/// The office's home place.
pub(super) fn home(tx: &mut Tx<'_>, office: OfficeId) -> Result<Option<PlaceId>> {
    Ok(tx.value::<Option<PlaceId>>(&HOME, args![office])?.flatten())
}

/// Gives the office its home place.
pub(super) fn set_home(tx: &mut Tx<'_>, office: OfficeId, place: PlaceId) -> Result<()> {
    tx.exec(&SET_HOME, args![office, place])?;
    Ok(())
}

/// The row of a report that came from a file.
#[derive(Clone, Debug)]
pub(super) struct ReportRow<'a> {
    pub(super) id: kernel::ReportId,
    pub(super) office: OfficeId,
    pub(super) no: &'a str,
    pub(super) channel: &'a str,
    pub(super) kind: &'a str,
    pub(super) class: &'a str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) party: Option<kernel::PartyId>,
    pub(super) at: &'a crate::features::procedures::state::Location,
    pub(super) received: Ts,
    pub(super) day: Day,
    pub(super) system: &'a str,
    pub(super) number: Option<&'a str>,
    pub(super) hash: &'a [u8; 32],
}

/// Writes it.
pub(super) fn put_report(tx: &mut Tx<'_>, r: &ReportRow<'_>) -> Result<()> {
    tx.exec(
        &PUT_REPORT,
        args![
            r.id,
            r.office,
            r.no,
            r.channel,
            r.kind,
            r.class,
            r.title,
            r.text,
            r.party,
            r.at.place,
            r.at.community,
            r.at.grid,
            &r.at.address,
            r.at.lon_e7,
            r.at.lat_e7,
            r.received,
            r.day,
            r.system,
            r.number,
            r.hash.to_vec()
        ],
    )?;
    Ok(())
}

/// A case as it is handed out. Nothing of a requester or a subject is in it.
#[derive(Clone, Debug)]
pub(super) struct CaseRow {
    pub(super) id: i64,
    pub(super) no: String,
    pub(super) phase: String,
    pub(super) ended: Option<String>,
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) matter_code: Option<String>,
    pub(super) matter: Option<String>,
    pub(super) unit_code: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) place_code: Option<String>,
    pub(super) place: Option<String>,
    pub(super) address: String,
    pub(super) point: (Option<i64>, Option<i64>),
    pub(super) channel: String,
    pub(super) title: String,
    /// Opened, accepted, dispatched, signed, done, closed, deadline.
    pub(super) times: [Option<Ts>; 7],
    pub(super) late: Option<bool>,
    /// Returns, redispatches, reopens, reworks, extensions, urges.
    pub(super) counts: [i64; 6],
    pub(super) supervised: bool,
    pub(super) called_back: bool,
    pub(super) solved: Option<String>,
    pub(super) satisfied: Option<i64>,
    pub(super) outcome: Option<String>,
    pub(super) upper_numbers: Option<String>,
    pub(super) source_number: Option<String>,
}

/// The next cases that the actor may export, by id.
pub(super) fn export_cases(
    tx: &mut Tx<'_>,
    cx: &Cx,
    locale: Locale,
    filter: &str,
    (after, most): (i64, i64),
) -> Result<Vec<CaseRow>> {
    let mut query = Query::new("select c.id, c.no, c.phase, c.ended, c.kind, c.class, c.matter_code,");
    query.push(if locale == Locale::En { "coalesce(nullif(m.name_en, ''), m.name_zh)" } else { "m.name_zh" });
    query.push(
        ", u.code, u.name, p.code, p.name, c.address, c.lon_e7, c.lat_e7, c.channel, c.title, c.opened_at, c.accepted_at,
         c.dispatched_at, c.signed_at, c.done_at, c.closed_at, coalesce(c.handle_due_at, c.upper_due_at), c.handle_late,
         c.returns, c.redispatches, c.reopens, c.reworks, c.extensions, c.urges, c.supervised, c.called_back, c.solved,
         c.satisfied, c.outcome,
         (select string_agg(l.number, ' ') from upper_link l where l.office = c.office and l.case_id = c.id), r.source_number
         from cases c left join matter m on m.office = c.office and m.id = c.matter
         left join unit u on u.office = c.office and u.id = c.lead_unit
         left join place p on p.office = c.office and p.id = c.place
         left join report r on r.office = c.office and r.id = c.report",
    );
    query.and("c.id > ?", [after.into()]);
    cx.actor.scope("demands.export").restrict(&mut query);
    indicators::restrict_where(&mut query, tx.dialect(), cx, filter)?;
    query.bind("order by c.id limit ?", [most.into()]);
    tx.list(&query, case_row)
}

fn case_row(row: &Row<'_>) -> Result<CaseRow> {
    let time = |i: usize| row.get::<Option<Ts>>(i);
    Ok(CaseRow {
        id: row.get(0)?,
        no: row.get(1)?,
        phase: row.get(2)?,
        ended: row.get(3)?,
        kind: row.get(4)?,
        class: row.get(5)?,
        matter_code: row.get(6)?,
        matter: row.get(7)?,
        unit_code: row.get(8)?,
        unit: row.get(9)?,
        place_code: row.get(10)?,
        place: row.get(11)?,
        address: row.get(12)?,
        point: (row.get(13)?, row.get(14)?),
        channel: row.get(15)?,
        title: row.get(16)?,
        times: [time(17)?, time(18)?, time(19)?, time(20)?, time(21)?, time(22)?, time(23)?],
        late: row.get(24)?,
        counts: [row.get(25)?, row.get(26)?, row.get(27)?, row.get(28)?, row.get(29)?, row.get(30)?],
        supervised: row.get(31)?,
        called_back: row.get(32)?,
        solved: row.get(33)?,
        satisfied: row.get(34)?,
        outcome: row.get(35)?,
        upper_numbers: row.get(36)?,
        source_number: row.get(37)?,
    })
}
