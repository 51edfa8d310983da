//! The only door to the settings of an office. The offices held in memory follow when the writer calls
//! [`Installation::reload`](crate::installation::Installation::reload), in other processes within a second.

pub use super::calendar::{CalendarCheck, check_calendar, import_calendar, install_calendar};
use super::model::{OfficeText, Settings};
use super::store;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::procedures::verbs;
use crate::jobs::enqueue;
use crate::jobs::kinds::{REBASE, Walk};
use crate::words::Locale;
use ::store::{Result, Tx};
use kernel::{CaseId, Refusal, Ts};
use serde::Serialize;
use serde_json::json;
use worktime::{Hours, Rules};

/// The right that all changes need.
pub(super) const EDIT: &str = "settings.edit";

/// The office as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Name, hours and so on.
    pub text: OfficeText,
    /// The rest.
    pub settings: Settings,
    /// For the next change.
    pub version: i64,
    /// The procedure in force: the hash of its text, and since when.
    pub pack: Option<(String, Ts)>,
}

/// Reads it.
///
/// # Errors
/// When the database refuses.
pub fn find(tx: &mut Tx<'_>, cx: &Cx) -> Result<Standing> {
    let (text, settings, version) = store::find(tx, cx)?;
    Ok(Standing { text, settings, version, pack: store::pack(tx, cx)? })
}

/// What is changed together; each is one card of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Name, short name, telephone, language.
    Office {
        /// The name.
        name: String,
        /// The head of case numbers.
        short: String,
        /// The office's own telephone.
        hotline: String,
        /// The language of pages.
        locale: String,
    },
    /// The hours of a working day: `08:30-12:00,14:00-17:30`.
    Hours(String),
    /// Margin, shares and retention; the other fields are left alone.
    Rules(Settings),
    /// The regional words.
    Words(Vec<(String, String)>),
}

/// Changes a part of the settings. Writes `settings.changed` with the values before and after, unless nothing
/// differs; changed hours count the open deadlines anew ([`recount`]).
///
/// # Errors
/// Forbidden without `settings.edit`; `common.conflict` when somebody else changed them since `version`; what
/// [`Settings::check`] refuses; `settings.hours`, `settings.name_long`.
pub fn change(tx: &mut Tx<'_>, cx: &Cx, version: i64, change: &Change) -> Result<()> {
    cx.actor.need(EDIT)?;
    let (text, settings, found) = store::find(tx, cx)?;
    if found != version {
        return Err(Refusal::conflict().into());
    }
    let (new_text, new) = changed(&text, &settings, change)?;
    new.check()?;
    if (&new_text, &new) == (&text, &settings) {
        return Ok(());
    }
    if !store::set(tx, cx, version, &new_text, &new)? {
        return Err(Refusal::conflict().into());
    }
    let body = json!({
        "part": part(change),
        "before": differing(&text, &settings, &new_text, &new)?,
        "after": differing(&new_text, &new, &text, &settings)?,
    });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "settings.changed", &body)?;
    if new_text.hours != text.hours {
        recount(tx, cx)?;
    }
    Ok(())
}

fn part(change: &Change) -> &'static str {
    match change {
        Change::Office { .. } => "office",
        Change::Hours(_) => "hours",
        Change::Rules(_) => "rules",
        Change::Words(_) => "words",
    }
}

/// The values of one state that the other has otherwise.
fn differing(
    text: &OfficeText,
    settings: &Settings,
    other_text: &OfficeText,
    other: &Settings,
) -> Result<serde_json::Value> {
    let flat = |text: &OfficeText, settings: &Settings| -> anyhow::Result<serde_json::Map<_, _>> {
        let mut all = serde_json::Map::new();
        for value in [serde_json::to_value(text)?, serde_json::to_value(settings)?] {
            all.extend(value.as_object().cloned().unwrap_or_default());
        }
        Ok(all)
    };
    let (mut mine, theirs) = (flat(text, settings)?, flat(other_text, other)?);
    mine.retain(|key, value| theirs.get(key) != Some(value));
    Ok(serde_json::Value::Object(mine))
}

fn changed(text: &OfficeText, settings: &Settings, change: &Change) -> Result<(OfficeText, Settings)> {
    let (mut text, mut settings) = (text.clone(), settings.clone());
    match change {
        Change::Office { name, short, hotline, locale } => {
            for (field, value, most) in [("name", name, 60), ("short", short, 12)] {
                if value.trim().is_empty() {
                    return Err(Refusal::missing(field).into());
                }
                if value.trim().chars().count() > most {
                    return Err(Refusal::rule("settings.name_long").on(field).with("most", most).into());
                }
            }
            text.name = name.trim().to_owned();
            text.short = short.trim().to_owned();
            text.locale = Locale::parse(locale).tag().to_owned();
            settings.hotline = hotline.trim().to_owned();
        }
        Change::Hours(hours) => text.hours = read_hours(hours)?.to_string(),
        Change::Rules(new) => {
            settings.upper_margin = new.upper_margin;
            settings.contest_limit = new.contest_limit;
            settings.verify_rate = new.verify_rate;
            settings.callback_rate = new.callback_rate;
            settings.retention_days = new.retention_days;
        }
        Change::Words(words) => settings.words.clone_from(words),
    }
    Ok((text, settings))
}

/// Reads office hours.
///
/// # Errors
/// `settings.hours`.
pub fn read_hours(text: &str) -> std::result::Result<Hours, Refusal> {
    Hours::parse(text).map_err(|_| Refusal::rule("settings.hours").on("hours"))
}

/// How many running deadlines other hours would move, and how many of them forward; reads only.
///
/// # Errors
/// `settings.hours`, or when the database refuses.
pub fn check_hours(tx: &mut Tx<'_>, cx: &Cx, hours: &str) -> Result<(usize, usize)> {
    let rules = Rules { hours: read_hours(hours)?, ..(*cx.office.rules).clone() };
    verbs::would_move(tx, cx, &rules)
}

/// When a process starts: a newer program may bring a newer calendar, and then the running deadlines follow it;
/// whether they have to.
///
/// # Errors
/// When the database refuses.
pub fn follow_rules(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    let seen = store::rules_seen(tx, cx)?;
    if seen.as_ref() == Some(&cx.office.rules.version()) {
        return Ok(false);
    }
    store::see_rules(tx, cx)?;
    if seen.is_some() {
        recount(tx, cx)?;
    }
    Ok(seen.is_some())
}

/// Has the running deadlines counted again, by the job `clocks.rebase`, which writes `case.rebased` for each case
/// that is moved. A second run a minute later finds those that began meanwhile by the rules of before.
///
/// # Errors
/// When the database refuses.
pub(super) fn recount(tx: &mut Tx<'_>, cx: &Cx) -> Result<()> {
    let walk = Walk { after: CaseId(0) };
    enqueue(tx, cx.office.id, REBASE, &walk, cx.now, Some("now"))?;
    enqueue(tx, cx.office.id, REBASE, &walk, cx.now.plus(Ts::MINUTE), Some("again"))
}
