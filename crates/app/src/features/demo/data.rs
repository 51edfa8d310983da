//! Reading `demo/`: see demo/README.md for what each file holds.

use anyhow::{Context, Result};
use rust_embed::RustEmbed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../demo"]
#[exclude = "*.md"]
struct Embedded;

/// All of the folder.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) office: OfficeFile,
    pub(super) places: String,
    pub(super) landmarks_csv: Vec<u8>,
    pub(super) landmarks: Vec<LandmarkRow>,
    pub(super) units: Vec<UnitRow>,
    pub(super) staff: Vec<StaffRow>,
    pub(super) knowledge: Vec<u8>,
    pub(super) stories: Vec<Story>,
    pub(super) phrases: Phrases,
    pub(super) work: super::work::Work,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfficeFile {
    pub(super) office: OfficeRow,
    pub(super) hours: HoursRow,
    pub(super) upper: UpperRow,
    pub(super) street: StreetRow,
    pub(super) quick_login: Vec<QuickLogin>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfficeRow {
    pub(super) short: String,
    pub(super) place: String,
    pub(super) zone: String,
    pub(super) seed: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct HoursRow {
    pub(super) spans: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UpperRow {
    pub(super) system: String,
    pub(super) return_window: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct StreetRow {
    pub(super) name_zh: String,
}

/// A one-click log-in of the demonstration.
#[derive(Clone, Debug, Deserialize)]
pub struct QuickLogin {
    /// The account's log-in name.
    pub login: String,
    /// What that person does, in Chinese.
    pub title_zh: String,
    /// The same in English.
    pub title_en: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct LandmarkRow {
    pub(super) place_code: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) managed_by: String,
    pub(super) lon: f64,
    pub(super) lat: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct UnitRow {
    pub(super) key: String,
    pub(super) name_zh: String,
    pub(super) short: String,
    pub(super) kind: String,
    pub(super) parent: String,
    pub(super) place: String,
    pub(super) phone: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct StaffRow {
    pub(super) login: String,
    pub(super) name_zh: String,
    pub(super) unit: String,
    pub(super) posts: String,
    pub(super) roles: String,
    pub(super) scope: String,
}

/// How a story is dealt with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    #[default]
    Ordinary,
    Answered,
    Thanks,
    OnTheSpot,
    Split,
    Refused,
    Handover,
}

/// What people write and what units answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    /// Names it in the files and in messages.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) matter: String,
    #[serde(default)]
    pub(super) mode: Mode,
    #[serde(default)]
    pub(super) split: Vec<String>,
    #[serde(default)]
    pub(super) refusal: String,
    #[serde(default)]
    pub(super) subject: String,
    pub(super) weight: u32,
    #[serde(default)]
    pub(super) months: Vec<i64>,
    pub(super) channels: BTreeMap<String, u32>,
    #[serde(default)]
    pub(super) places: Vec<String>,
    pub(super) rating: [u32; 5],
    pub(super) overdue: f64,
    pub(super) texts: Vec<String>,
    #[serde(default)]
    pub(super) grid_texts: Vec<String>,
    #[serde(default)]
    pub(super) same: Vec<String>,
    pub(super) handled: Vec<String>,
    #[serde(default)]
    pub(super) returns: Vec<String>,
    #[serde(default)]
    pub(super) solved: Vec<String>,
    #[serde(default)]
    pub(super) unsolved: Vec<String>,
}

#[derive(Deserialize)]
struct StoryFile {
    story: Vec<Story>,
}

/// Lists of phrases by table and key.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Phrases(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Phrases {
    /// The phrases of a table's key; none when the file has no such list.
    pub(super) fn of(&self, table: &str, key: &str) -> &[String] {
        self.0.get(table).and_then(|t| t.get(key)).map_or(&[], Vec::as_slice)
    }
}

impl Data {
    /// Reads what the program carries.
    pub(super) fn read() -> Result<Data> {
        let mut stories = Vec::new();
        let mut names: Vec<String> = Embedded::iter()
            .filter(|n| n.starts_with("stories/"))
            .map(std::borrow::Cow::into_owned)
            .collect();
        names.sort();
        for name in names {
            stories.extend(toml_file::<StoryFile>(&name)?.story);
        }
        Ok(Data {
            office: toml_file("office.toml")?,
            places: text("places.geojson")?,
            landmarks_csv: text("landmarks.csv")?.into_bytes(),
            landmarks: csv_file("landmarks.csv")?,
            units: csv_file("units.csv")?,
            staff: csv_file("staff.csv")?,
            knowledge: text("knowledge.csv")?.into_bytes(),
            stories,
            phrases: toml_file("phrases.toml")?,
            work: toml_file("work.toml")?,
        })
    }
}

/// The one-click log-ins, in the order they are offered.
///
/// # Errors
/// When `demo/office.toml` is damaged, which a test rules out.
pub fn quick_logins() -> Result<Vec<QuickLogin>> {
    Ok(toml_file::<OfficeFile>("office.toml")?.quick_login)
}

fn text(name: &str) -> Result<String> {
    let file = Embedded::get(name).with_context(|| format!("demo/{name} is missing"))?;
    String::from_utf8(file.data.into_owned()).with_context(|| format!("demo/{name} is not UTF-8"))
}

pub(super) fn toml_file<T: DeserializeOwned>(name: &str) -> Result<T> {
    toml::from_str(&text(name)?).with_context(|| format!("demo/{name} is damaged"))
}

fn csv_file<T: DeserializeOwned>(name: &str) -> Result<Vec<T>> {
    let text = text(name)?;
    let rows: std::result::Result<Vec<T>, csv::Error> =
        csv::Reader::from_reader(text.as_bytes()).deserialize().collect();
    rows.with_context(|| format!("demo/{name} is damaged"))
}
