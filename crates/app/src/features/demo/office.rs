//! The office itself: places, units, posts, people, roles, catalogue.

use super::data::{Data, StaffRow};
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use crate::features::people::{pack, service as people};
use crate::features::{catalogue, places};
use crate::installation::{Installation, NewOffice, create_office};
use crate::rows::Report;
use ::store::{Result, Tx};
use anyhow::Context;
use geography::Crs;
use kernel::{Day, OfficeId, PlaceId, PostId, Ts, UnitId};
use std::collections::HashMap;
use std::sync::Arc;

/// Makes the office as of an instant: everything in it is that old.
pub(super) fn make(installation: &Installation, data: &Arc<Data>, at: Ts) -> anyhow::Result<OfficeId> {
    let new = NewOffice {
        code: data.office.office.place.clone(),
        name: data.office.street.name_zh.clone(),
        short: data.office.office.short.clone(),
        time_zone: data.office.office.zone.clone(),
        hours: data.office.hours.spans.join(","),
        locale: "zh-CN".to_owned(),
    };
    let vault = Arc::clone(&installation.vault);
    let id = write(installation, move |tx| create_office(tx, &vault, &new, at))?;
    installation.reload()?;
    let office = installation.office(id).context("the office that was just made is not there")?;
    let cx = Cx { now: at, ..installation.cx(&office, Actor::system(id), Source::Cli) };
    let from = at.day(&office.tz);
    let (here, it) = (cx.clone(), Arc::clone(data));
    write(installation, move |tx| make_places(tx, &here, &it, from))?;
    let (here, it) = (cx.clone(), Arc::clone(data));
    write(installation, move |tx| make_people(tx, &here, &it))?;
    write(installation, move |tx| catalogue::service::install_default(tx, &cx))?;
    installation.reload()?;
    Ok(id)
}

fn write<T: Send + 'static>(
    installation: &Installation,
    body: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    installation.db.write_now(body).map_err(|e| anyhow::anyhow!("the demo office cannot be made: {e}"))
}

fn whole(report: &Report, what: &str) -> Result<()> {
    match report.errors.first() {
        Some(first) => Err(::store::Error::failed(format!("{what}: {first:?}"))),
        None => Ok(()),
    }
}

fn make_places(tx: &mut Tx<'_>, cx: &Cx, data: &Data, from: Day) -> Result<()> {
    let report =
        places::service::import_places(tx, cx, &data.places, Crs::Wgs84, from, "demo/places.geojson", false)?;
    whole(&report, "demo/places.geojson")?;
    let report = places::service::import_landmarks(tx, cx, &data.landmarks_csv, Crs::Wgs84, false)?;
    whole(&report, "demo/landmarks.csv")
}

fn make_people(tx: &mut Tx<'_>, cx: &Cx, data: &Data) -> Result<()> {
    let roles = pack::roles(pack::ROLES)?;
    people::install_roles(tx, cx, &roles)?;
    let units = make_units(tx, cx, data)?;
    for row in &data.staff {
        make_person(tx, cx, row, &units)?;
    }
    Ok(())
}

/// A unit above may stand below in the file.
fn make_units(tx: &mut Tx<'_>, cx: &Cx, data: &Data) -> Result<HashMap<String, UnitId>> {
    let mut made: HashMap<String, UnitId> = HashMap::new();
    while made.len() < data.units.len() {
        let before = made.len();
        for row in &data.units {
            if made.contains_key(&row.key) || !(row.parent.is_empty() || made.contains_key(&row.parent)) {
                continue;
            }
            let unit = NewUnit {
                code: row.key.clone(),
                name: row.name_zh.clone(),
                short: row.short.clone(),
                kind: row.kind.clone(),
                parent: made.get(&row.parent).copied(),
                place: people::place_by_code(tx, cx.office.id, &row.place)?,
                phone: Some(row.phone.clone()).filter(|p| !p.is_empty()),
            };
            made.insert(row.key.clone(), people::create_unit(tx, cx, &unit)?);
        }
        if made.len() == before {
            return Err(::store::Error::failed("demo/units.csv: a unit's parent is not there"));
        }
    }
    Ok(made)
}

fn make_person(tx: &mut Tx<'_>, cx: &Cx, row: &StaffRow, units: &HashMap<String, UnitId>) -> Result<()> {
    let unit = *units.get(&row.unit).with_context(|| format!("demo/staff.csv: {} has no unit", row.login))?;
    let account = NewAccount { login: row.login.clone(), name: row.name_zh.clone(), ..NewAccount::default() };
    let account = people::create_account(tx, cx, &account)?;
    for (i, text) in row.posts.split('|').enumerate() {
        let (title, code) = text.split_once('@').unwrap_or((text, &row.scope));
        let place = people::place_by_code(tx, cx.office.id, code)?;
        let kind = pack::kind_of_title(title);
        let post = new_post(tx, cx, (unit, kind, title), place)?;
        // The roles in the file belong to the first post; further posts bring what such a post usually brings.
        let roles: Vec<&str> = match (i, pack::post_kind(kind)) {
            (0, _) => row.roles.split('|').filter(|r| !r.is_empty()).collect(),
            (_, Some(kind)) => kind.roles.iter().map(String::as_str).collect(),
            (_, None) => Vec::new(),
        };
        for code in roles {
            let role =
                people::role_by_code(tx, cx, code)?.with_context(|| format!("there is no role {code}"))?;
            people::ask_role(tx, cx, post, role.id)?;
        }
        people::fill_post(tx, cx, &Fill { post, account, acting: false, from: cx.now, until: None })?;
    }
    Ok(())
}

fn new_post(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (unit, kind, title): (UnitId, &str, &str),
    place: Option<PlaceId>,
) -> Result<PostId> {
    let post = NewPost { unit, kind: kind.to_owned(), title: title.to_owned(), place, phone_public: None };
    people::create_post(tx, cx, &post)
}
