//! The rows that imports look up and write: the only file here with SQL.

use kernel::{Day, MatterId, OfficeId, PlaceId, UnitId};
use store::{Result, Sql, Tx, args, statements};

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

/// What a source system has given already: its number, where it has one, and the hash of the row.
pub(super) fn known(
    tx: &mut Tx<'_>,
    office: OfficeId,
    system: &str,
) -> Result<Vec<(Option<String>, Option<Vec<u8>>)>> {
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
    pub(super) received: kernel::Ts,
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
