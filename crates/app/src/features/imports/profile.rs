//! An import profile: which column is what, which value means what, and which office an empty data folder
//! gets. TOML, so that somebody who keeps a spreadsheet can write one (packs/profiles has four).

use super::model::Stage;
use crate::features::places::model::Kind;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The profiles that the program carries.
const BUILTIN: &[(&str, &str)] = &[
    ("subdistrict_cases_2018", include_str!("../../../../../packs/profiles/subdistrict_cases_2018.toml")),
    ("city311_2025", include_str!("../../../../../packs/profiles/city311_2025.toml")),
    ("messages_stream", include_str!("../../../../../packs/profiles/messages_stream.toml")),
    ("messages_replied", include_str!("../../../../../packs/profiles/messages_replied.toml")),
];

/// A profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name of the source system; with a record's number it tells whether the record is known.
    pub system: String,
    /// How the file is written.
    pub format: Format,
    /// In which encoding; UTF-8 when not given.
    #[serde(default)]
    pub encoding: Encoding,
    /// The zone of times that have none of their own.
    pub zone: String,
    /// The office that an empty data folder gets; without it there must be one already.
    pub office: Option<OfficeText>,
    /// The levels of places, coarse to fine.
    #[serde(default)]
    pub place: Vec<PlaceLevel>,
    /// The unit that handled it.
    pub unit: Option<UnitColumn>,
    /// The matter.
    pub matter: Option<MatterColumns>,
    /// Rows to leave out.
    #[serde(default)]
    pub skip: Vec<SkipRule>,
    /// The record's own number.
    pub number: Option<Column>,
    /// When it came in.
    pub received: TimeColumn,
    /// When it was closed.
    pub closed: Option<TimeColumn>,
    /// The source system's deadline.
    pub due: Option<TimeColumn>,
    /// How far it is: values are `received`, `handling`, `closed`.
    pub stage: Value<Stage>,
    /// Whether it was in time, as the source says: values are `intime`, `overtime`.
    pub outcome: Option<Value<Timely>>,
    /// How often units returned it: a number, or a word of yes.
    pub returns: Option<Value<i64>>,
    /// Whether places, units and matters that the office has under these names are taken, and only the missing made.
    #[serde(default)]
    pub join: bool,
    /// The channel.
    pub channel: Value<String>,
    /// The kind of demand.
    pub kind: Value<String>,
    /// ordinary, petition or report; ordinary when not given.
    pub class: Option<Value<String>>,
    /// The title; made of the text when not given.
    pub title: Option<TextColumns>,
    /// What was said.
    pub text: TextColumns,
    /// What was answered.
    pub reply: Option<TextColumns>,
    /// The place in words, without doors.
    pub address: Option<TextColumns>,
    /// The point.
    pub point: Option<PointColumns>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// How a file's characters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// UTF-8, with or without a mark in front.
    #[default]
    #[serde(alias = "utf-8")]
    Utf8,
    /// GB 18030 with GBK and GB 2312 in it: what spreadsheet programs in China write as “CSV”.
    #[serde(alias = "gbk", alias = "gb2312")]
    Gb18030,
}

/// As the source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Timely {
    /// Closed in time.
    Intime,
    /// Closed late, or open and late.
    Overtime,
}

impl Timely {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Timely::Intime => "intime",
            Timely::Overtime => "overtime",
        }
    }
}

/// An office to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeText {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The short name at the head of case numbers.
    pub short: String,
    /// Its hours, for example `08:30-12:00,14:00-17:30`.
    pub hours: String,
    /// The language of its pages.
    pub locale: String,
    /// Its home place: code, kind, name.
    pub home: Home,
}

/// The place at the top.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// Its code; codes of places below begin with it.
    pub code: String,
    /// county, street …
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A column, with the texts that mean nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its header, or the key of the JSON object.
    pub column: String,
    /// Texts that mean that there is none, besides the empty one.
    #[serde(default)]
    pub blank: Vec<String>,
}

/// A level of places.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceLevel {
    /// Where its name stands.
    pub column: String,
    /// Texts that mean that it is not known.
    #[serde(default)]
    pub blank: Vec<String>,
    /// street, community …
    pub kind: String,
    /// Known codes by name; other places get the next free one.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

/// The unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitColumn {
    /// Where its name stands.
    pub column: String,
    /// Texts that mean that there is none.
    #[serde(default)]
    pub blank: Vec<String>,
    /// Drops a bracketed suffix （…） where the file also has the bare name and no other suffix of it.
    #[serde(default)]
    pub drop_only_suffix: bool,
    /// The kind of a unit made for a name that no rule below fits.
    pub kind: String,
    /// Kinds by a part of the name, the first that fits.
    #[serde(default)]
    pub kinds: Vec<UnitKind>,
}

/// The kind of units whose name holds a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitKind {
    /// A part of the name.
    pub contains: String,
    /// The kind.
    pub kind: String,
}

/// The matter, in up to three levels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterColumns {
    /// What codes made here begin with: a letter, so that they differ from national ones.
    pub prefix: String,
    /// The columns of the names, coarse to fine; the first is the class, the last the matter.
    pub names: Vec<String>,
    /// The columns of the codes; none, or an empty name for a level, where the file has none.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Names that mean that there is none.
    #[serde(default)]
    pub blank: Vec<String>,
    /// Where the codes and names come from.
    pub source: String,
}

/// Rows to leave out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// The column looked at; a file without it has no such rows.
    pub column: String,
    /// The values that leave the row out.
    #[serde(default)]
    pub is: Vec<String>,
    /// Parts of values that leave it out.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The word key of the reason: `import-skip-<reason>`.
    pub reason: String,
}

/// A column of times.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeColumn {
    /// Where it stands.
    pub column: String,
    /// In the notation of strftime; ISO 8601 with or without a time and an offset when not given.
    pub format: Option<String>,
    /// Texts that mean that there is none.
    #[serde(default)]
    pub blank: Vec<String>,
}

/// A value: the same for all rows, or by column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value<T> {
    /// The column; without it `other` holds for all rows.
    pub column: Option<String>,
    /// What its values mean.
    #[serde(default = "BTreeMap::new")]
    pub values: BTreeMap<String, T>,
    /// What any other value means; without it such a row is wrong.
    pub other: Option<T>,
}

/// A text of one or several columns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextColumns {
    /// The columns, in order; empty ones are passed over.
    pub columns: Vec<String>,
    /// What stands between them.
    #[serde(default)]
    pub join: String,
    /// What is written where all of them are empty.
    #[serde(default)]
    pub other: String,
}

/// A point.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointColumns {
    /// Degrees east.
    pub longitude: String,
    /// Degrees north.
    pub latitude: String,
    /// wgs84, cgcs2000 or gcj02.
    pub crs: String,
}

impl Profile {
    /// A profile by its name, or from a file when the name ends in `.toml`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read; the message says where.
    pub fn load(name: &str) -> Result<Profile> {
        Profile::parse(&Profile::text(name)?).with_context(|| format!("the profile {name}"))
    }

    /// The text of a profile, not yet understood.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn text(name: &str) -> Result<String> {
        if name.to_ascii_lowercase().ends_with(".toml") {
            return std::fs::read_to_string(Path::new(name))
                .with_context(|| format!("the profile {name} cannot be read"));
        }
        let found = BUILTIN.iter().find(|(key, _)| *key == name);
        let (_, text) = found.with_context(|| {
            let known: Vec<&str> = Profile::names().collect();
            format!(
                "there is no profile {name}; there are {}, or name a file that ends in .toml",
                known.join(", ")
            )
        })?;
        Ok((*text).to_owned())
    }

    /// The names of the profiles that the program carries.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(key, _)| *key)
    }

    /// Reads and checks a profile.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn parse(text: &str) -> Result<Profile> {
        let profile: Profile = toml::from_str(text)?;
        for level in &profile.place {
            ensure!(Kind::parse(&level.kind).is_some(), "there is no kind of place `{}`", level.kind);
        }
        if let Some(office) = &profile.office {
            ensure!(
                Kind::parse(&office.home.kind).is_some(),
                "there is no kind of place `{}`",
                office.home.kind
            );
        }
        if let Some(matter) = &profile.matter {
            ensure!((1..=3).contains(&matter.names.len()), "a matter has one to three levels");
            ensure!(
                matter.codes.is_empty() || matter.codes.len() == matter.names.len(),
                "a matter has as many columns of codes as of names, or none"
            );
        }
        if let Some(point) = &profile.point {
            ensure!(
                point.crs.parse::<geography::Crs>().is_ok(),
                "there is no coordinate system `{}`: wgs84, cgcs2000, gcj02",
                point.crs
            );
        }
        jiff::tz::TimeZone::get(&profile.zone)
            .with_context(|| format!("there is no time zone `{}`", profile.zone))?;
        Ok(profile)
    }

    /// Every column the profile speaks of that a file must have.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        out.extend(self.place.iter().map(|l| l.column.as_str()));
        out.extend(self.unit.iter().map(|u| u.column.as_str()));
        if let Some(matter) = &self.matter {
            out.extend(matter.names.iter().chain(&matter.codes).map(String::as_str));
        }
        out.extend(self.number.iter().map(|n| n.column.as_str()));
        out.push(&self.received.column);
        out.extend(self.closed.iter().chain(&self.due).map(|t| t.column.as_str()));
        out.extend(self.stage.column.as_deref());
        out.extend(self.outcome.as_ref().and_then(|v| v.column.as_deref()));
        out.extend(self.returns.as_ref().and_then(|v| v.column.as_deref()));
        for value in [Some(&self.channel), Some(&self.kind), self.class.as_ref()].into_iter().flatten() {
            out.extend(value.column.as_deref());
        }
        for text in [self.title.as_ref(), Some(&self.text), self.reply.as_ref(), self.address.as_ref()]
            .into_iter()
            .flatten()
        {
            out.extend(text.columns.iter().map(String::as_str));
        }
        out.extend(self.point.iter().flat_map(|p| [p.longitude.as_str(), p.latitude.as_str()]));
        // A level of the matter may have no code.
        out.retain(|column| !column.is_empty());
        out.sort_unstable();
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profiles_that_are_shipped_are_read() {
        for name in Profile::names() {
            let profile = Profile::load(name).unwrap_or_else(|e| panic!("{name}: {e:#}"));
            assert!(profile.columns().contains(&profile.received.column.as_str()));
        }
        assert!(format!("{:#}", Profile::load("unheard_of").unwrap_err()).contains("city311_2025"));
    }
}
