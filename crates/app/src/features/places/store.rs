//! SQL of places, divisions and landmarks.

use super::model::{Division, Kind, Landmark, Place, PlaceVersion, split_list};
use crate::context::Cx;
use geography::{Crs, Point, Shape};
use kernel::{Day, OfficeId, PlaceId};
use store::{Arg, Dialect, Error, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    PLACES = Sql::Both(
        "select id, code, parent, kind, name, sort_key, aliases, community_id, grid_id, lon_e7, lat_e7,
         cast(case when shape is null then 0 else 1 end as bigint), households, token, from_day, until_day, version
         from place where office = $1 order by code, id");
    SHAPES = Sql::Both("select id, shape from place where office = $1 and shape is not null and until_day is null");
    SHAPE = Sql::Both("select shape from place where office = $1 and id = $2");
    INSERT = Sql::Both(
        "insert into place (id, office, code, parent, kind, level, name, sort_key, aliases, community_id, grid_id, lon_e7,
         lat_e7, shape, households, token, from_day, until_day, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");
    UPDATE = Sql::Both(
        "update place set code = $4, parent = $5, name = $6, sort_key = $7, aliases = $8, lon_e7 = $9, lat_e7 = $10,
         shape = $11, households = $12, from_day = $13, until_day = $14, version = version + 1
         where office = $1 and id = $2 and version = $3");
    SET_LINE = Sql::Both("update place set community_id = $3, grid_id = $4 where office = $1 and id = $2");
    SET_TOKEN = Sql::Both("update place set token = $3 where office = $1 and id = $2");
    BY_TOKEN = Sql::Both("select office, id from place where token = $1 and until_day is null");
    INSERT_VERSION = Sql::Both(
        "insert into place_version (id, office, place, from_day, until_day, code, parent, name, shape, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    END_VERSION = Sql::Both(
        "update place_version set until_day = $3 where office = $1 and place = $2 and until_day is null");
    VERSIONS = Sql::Both(
        "select from_day, until_day, code, parent, name, shape, reason from place_version
         where office = $1 and place = $2 order by from_day desc, id desc");
    LANDMARKS = Sql::Both(
        "select place, kind, name, lon_e7, lat_e7 from landmark where office = $1 order by name, id");
    INSERT_LANDMARK = Sql::Both(
        "insert into landmark (id, office, place, kind, name, lon_e7, lat_e7) values ($1, $2, $3, $4, $5, $6, $7)");
    MOVE_LANDMARK = Sql::Both(
        "update landmark set lon_e7 = $5, lat_e7 = $6 where office = $1 and place = $2 and kind = $3 and name = $4");
    DIVISION = Sql::Both("select code, parent, level, name from division where code = $1");
    DIVISIONS_BELOW = Sql::Both(
        "select code, parent, level, name from division where parent = $1 order by code");
    DIVISIONS_COUNT = Sql::Both("select count(*) from division");
}

/// Every place of an office, retired ones too.
pub(super) fn list(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Place>> {
    tx.query(&PLACES, args![office], |row| {
        let kind: String = row.get(3)?;
        Ok(Place {
            id: row.get(0)?,
            code: row.get(1)?,
            parent: row.get(2)?,
            kind: Kind::parse(&kind)
                .ok_or_else(|| Error::failed(format!("unknown kind of place {kind:?}")))?,
            name: row.get(4)?,
            sort_key: row.get(5)?,
            aliases: split_list(&row.get::<String>(6)?),
            community: row.get(7)?,
            grid: row.get(8)?,
            point: point(row, 9)?,
            has_shape: flag(row, 11)?,
            households: row.get(12)?,
            token: row.get(13)?,
            from_day: row.get(14)?,
            until_day: row.get(15)?,
            version: row.get(16)?,
        })
    })
}

/// A computed 0 or 1.
fn flag(row: &Row<'_>, index: usize) -> Result<bool> {
    Ok(row.get::<i64>(index)? != 0)
}

fn point(row: &Row<'_>, at: usize) -> Result<Option<Point>> {
    let (lon, lat) = (row.get::<Option<i64>>(at)?, row.get::<Option<i64>>(at + 1)?);
    let small = |v: Option<i64>| v.and_then(|v| i32::try_from(v).ok());
    Ok(small(lon).zip(small(lat)).and_then(|(lon, lat)| Point::from_e7(lon, lat).ok()))
}

fn e7(point: Option<Point>) -> (Option<i64>, Option<i64>) {
    point.map_or((None, None), |p| {
        let (lon, lat) = p.to_e7();
        (Some(lon.into()), Some(lat.into()))
    })
}

fn read_shape(text: &str) -> Result<Shape> {
    let value = serde_json::from_str(text).map_err(|e| Error::failed(format!("a stored boundary: {e}")))?;
    Shape::from_geojson(&value, Crs::Wgs84).map_err(|e| Error::failed(format!("a stored boundary: {e}")))
}

/// The boundaries of the places that exist.
pub(super) fn list_shapes(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<(PlaceId, Shape)>> {
    tx.query(&SHAPES, args![office], |row| Ok((row.get(0)?, read_shape(&row.get::<String>(1)?)?)))
}

pub(super) fn find_shape(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Option<Shape>> {
    let text: Option<Option<String>> = tx.opt(&SHAPE, args![office, id], |row| row.get(0))?;
    text.flatten().map(|t| read_shape(&t)).transpose()
}

/// The stored text of a boundary.
pub(super) fn shape_text(shape: &Shape) -> String {
    shape.to_geojson().to_string()
}

pub(super) fn insert(tx: &mut Tx<'_>, office: OfficeId, place: &Place, shape: Option<&Shape>) -> Result<()> {
    let (lon, lat) = e7(place.point);
    tx.exec(
        &INSERT,
        args![
            place.id,
            office,
            &place.code,
            place.parent,
            place.kind.as_str(),
            i64::from(place.kind.level().depth()),
            &place.name,
            &place.sort_key,
            place.aliases.join("|"),
            place.community,
            place.grid,
            lon,
            lat,
            shape.map(shape_text),
            place.households,
            place.token.clone(),
            place.from_day,
            place.until_day,
            place.version
        ],
    )?;
    Ok(())
}

/// Writes what can change; `false` when the row is no longer at `seen`.
pub(super) fn update(
    tx: &mut Tx<'_>,
    office: OfficeId,
    place: &Place,
    shape: Option<&Shape>,
    seen: i64,
) -> Result<bool> {
    let (lon, lat) = e7(place.point);
    let rows = tx.exec(
        &UPDATE,
        args![
            office,
            place.id,
            seen,
            &place.code,
            place.parent,
            &place.name,
            &place.sort_key,
            place.aliases.join("|"),
            lon,
            lat,
            shape.map(shape_text),
            place.households,
            place.from_day,
            place.until_day
        ],
    )?;
    Ok(rows == 1)
}

pub(super) fn set_line(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: PlaceId,
    community: Option<PlaceId>,
    grid: Option<PlaceId>,
) -> Result<()> {
    tx.exec(&SET_LINE, args![office, id, community, grid])?;
    Ok(())
}

pub(super) fn set_token(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId, token: &str) -> Result<()> {
    tx.exec(&SET_TOKEN, args![office, id, token])?;
    Ok(())
}

pub(super) fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<(OfficeId, PlaceId)>> {
    tx.opt(&BY_TOKEN, args![token], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Closes the version in force and opens the next one.
pub(super) fn put_version(
    tx: &mut Tx<'_>,
    office: OfficeId,
    place: &Place,
    shape: Option<&Shape>,
    reason: &str,
) -> Result<()> {
    tx.exec(&END_VERSION, args![office, place.id, place.from_day.plus(-1)])?;
    let id = tx.id()?;
    tx.exec(
        &INSERT_VERSION,
        args![
            id,
            office,
            place.id,
            place.from_day,
            place.until_day,
            &place.code,
            place.parent,
            &place.name,
            shape.map(shape_text),
            reason
        ],
    )?;
    Ok(())
}

/// Gives the version in force its last day.
pub(super) fn end_version(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId, until: Day) -> Result<()> {
    tx.exec(&END_VERSION, args![office, id, until])?;
    Ok(())
}

/// All versions, newest first.
pub(super) fn list_versions(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<Vec<PlaceVersion>> {
    tx.query(&VERSIONS, args![office, id], |row| {
        Ok(PlaceVersion {
            from_day: row.get(0)?,
            until_day: row.get(1)?,
            code: row.get(2)?,
            parent: row.get(3)?,
            name: row.get(4)?,
            shape: row.get::<Option<String>>(5)?.map(|t| read_shape(&t)).transpose()?,
            reason: row.get(6)?,
        })
    })
}

pub(super) fn list_landmarks(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Landmark>> {
    tx.query(&LANDMARKS, args![office], |row| {
        Ok(Landmark { place: row.get(0)?, kind: row.get(1)?, name: row.get(2)?, point: point(row, 3)? })
    })
}

pub(super) fn insert_landmark(tx: &mut Tx<'_>, office: OfficeId, landmark: &Landmark) -> Result<()> {
    let (lon, lat) = e7(landmark.point);
    let id = tx.id()?;
    tx.exec(&INSERT_LANDMARK, args![id, office, landmark.place, &landmark.kind, &landmark.name, lon, lat])?;
    Ok(())
}

pub(super) fn move_landmark(tx: &mut Tx<'_>, office: OfficeId, landmark: &Landmark) -> Result<()> {
    let (lon, lat) = e7(landmark.point);
    tx.exec(&MOVE_LANDMARK, args![office, landmark.place, &landmark.kind, &landmark.name, lon, lat])?;
    Ok(())
}

fn read_division(row: &Row<'_>) -> Result<Division> {
    Ok(Division { code: row.get(0)?, parent: row.get(1)?, level: row.get(2)?, name: row.get(3)? })
}

pub(super) fn find_division(tx: &mut Tx<'_>, code: &str) -> Result<Option<Division>> {
    tx.opt(&DIVISION, args![code], read_division)
}

pub(super) fn list_divisions_below(tx: &mut Tx<'_>, code: &str) -> Result<Vec<Division>> {
    tx.query(&DIVISIONS_BELOW, args![code], read_division)
}

pub(super) fn count_divisions(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.value(&DIVISIONS_COUNT, &[])?.unwrap_or(0))
}

/// Open cases within the actor's sight, by the place they carry.
pub(super) fn count_open(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<(PlaceId, i64)>> {
    let mut query = Query::new("select c.place, count(*) from cases c");
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("c.phase not in ('closed', 'refused', 'ended') and c.place is not null", []);
    query.push("group by c.place");
    tx.list(&query, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Writes many rows, several to a statement: PostgreSQL pays by the round trip, SQLite by the parameter.
/// A code that is there already takes the new name.
pub(super) fn put_divisions(tx: &mut Tx<'_>, rows: &[Division], edition: &str) -> Result<()> {
    let at_once = match tx.dialect() {
        Dialect::Sqlite => 8,
        Dialect::Postgres => 400,
    };
    for chunk in rows.chunks(at_once) {
        let mut query = Query::new("insert into division (code, parent, level, name, edition) values");
        for (i, row) in chunk.iter().enumerate() {
            let values = [
                Arg::from(&row.code),
                Arg::from(row.parent.clone()),
                Arg::from(row.level),
                Arg::from(&row.name),
                Arg::from(edition),
            ];
            query.bind(if i == 0 { "(?, ?, ?, ?, ?)" } else { ", (?, ?, ?, ?, ?)" }, values);
        }
        query.push(
            "on conflict (code) do update set parent = excluded.parent, level = excluded.level,
             name = excluded.name, edition = excluded.edition",
        );
        tx.exec(&query, query.args())?;
    }
    Ok(())
}
