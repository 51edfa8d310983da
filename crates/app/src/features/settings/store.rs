//! The row of the office and its calendars: the only SQL of the settings.

use super::model::{OfficeText, Settings};
use crate::context::Cx;
use crate::installation::{InstalledCalendar, calendar_name};
use anyhow::Context;
use kernel::Ts;
use store::{Error, Result, Sql, Tx, args, statements};

statements! {
    FIND = Sql::Both("select name, short, locale, hours, settings, version from office where id = $1");
    SET = Sql::Both(
        "update office set name = $3, short = $4, locale = $5, hours = $6, settings = $7, version = version + 1
         where id = $1 and version = $2");
    META = Sql::Both("select value from meta where name = $1");
    PUT_META = Sql::Both(
        "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value");
    PACK_AT = Sql::Both("select hash, installed_at from pack_version where office = $1 and pack = $2 and current");
}

/// The office as it stands, and its version.
pub(super) fn find(tx: &mut Tx<'_>, cx: &Cx) -> Result<(OfficeText, Settings, i64)> {
    let row = tx.opt(&FIND, args![cx.office.id], |row| {
        let text =
            OfficeText { name: row.get(0)?, short: row.get(1)?, locale: row.get(2)?, hours: row.get(3)? };
        Ok((text, row.get::<String>(4)?, row.get::<i64>(5)?))
    })?;
    let (text, settings, version) = row.context("the office has no row")?;
    Ok((text, Settings::read(&settings)?, version))
}

/// Writes it, if it still has the version; whether it had.
pub(super) fn set(
    tx: &mut Tx<'_>,
    cx: &Cx,
    version: i64,
    text: &OfficeText,
    settings: &Settings,
) -> Result<bool> {
    let json = serde_json::to_string(settings).map_err(|e| Error::failed(e.to_string()))?;
    let OfficeText { name, short, locale, hours } = text;
    Ok(tx.exec(&SET, args![cx.office.id, version, name, short, locale, hours, json])? > 0)
}

/// The tables the office installed, oldest first.
pub(super) fn calendars(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<InstalledCalendar>> {
    match tx.value::<String>(&META, args![calendar_name(cx.office.id)])? {
        Some(text) => Ok(serde_json::from_str(&text).context("the installed calendars are damaged")?),
        None => Ok(Vec::new()),
    }
}

/// Adds a table to them.
pub(super) fn add_calendar(tx: &mut Tx<'_>, cx: &Cx, table: InstalledCalendar) -> Result<()> {
    let mut all = calendars(tx, cx)?;
    all.push(table);
    let text = serde_json::to_string(&all).map_err(|e| Error::failed(e.to_string()))?;
    tx.exec(&PUT_META, args![calendar_name(cx.office.id), text])?;
    Ok(())
}

/// The rules the office counted by when somebody last looked; none for a new office.
pub(super) fn rules_seen(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<String>> {
    tx.value(&META, args![rules_name(cx)])
}

/// Keeps the rules it counts by.
pub(super) fn see_rules(tx: &mut Tx<'_>, cx: &Cx) -> Result<()> {
    tx.exec(&PUT_META, args![rules_name(cx), cx.office.rules.version()])?;
    Ok(())
}

fn rules_name(cx: &Cx) -> String {
    format!("rules.{}", cx.office.id)
}

/// The procedure in force: the hash of its text, and since when.
pub(super) fn pack(tx: &mut Tx<'_>, cx: &Cx) -> Result<Option<(String, Ts)>> {
    let key = &cx.office.procedure.key;
    tx.opt(&PACK_AT, args![cx.office.id, key], |row| Ok((row.get(0)?, row.get(1)?)))
}
