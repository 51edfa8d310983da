//! What an office chose, beside its name, hours and calendar.

use crate::words::{Locale, Swaps, Words};
use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use kernel::{Refusal, Ts};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use worktime::{Limit, LimitUnit};

/// What an office has columns of its own for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfficeText {
    /// For example 青禾街道办事处.
    pub name: String,
    /// The short name at the head of case numbers.
    pub short: String,
    /// The language of its pages where nobody chose another.
    pub locale: String,
    /// Its hours on a working day, as [`worktime::Hours`] writes them.
    pub hours: String,
}

/// The settings, as the column `office.settings` holds them in JSON; what is not written there is as in a new
/// office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The office's own telephone for residents, shown on the public pages beside 12345; blank for none.
    pub hotline: String,
    /// 提前量: own clocks end so long before the upper platform's deadline.
    pub upper_margin: Limit,
    /// 申诉期限: how long after a rating of an upper platform came in it may be contested.
    pub contest_limit: Limit,
    /// Of how many in a hundred cases a matter that the office adds is verified, unless it says so itself.
    pub verify_rate: i64,
    /// The same for calling back.
    pub callback_rate: i64,
    /// A requester's contact is erased so many days after the last of their cases closed.
    pub retention_days: i64,
    /// The regional words, by [`REGIONAL`]: which of the choices stands.
    pub words: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            hotline: String::new(),
            upper_margin: Limit::new(LimitUnit::WorkHour, 4_000),
            contest_limit: Limit::new(LimitUnit::WorkDay, 2_000),
            verify_rate: 100,
            callback_rate: 100,
            retention_days: 180,
            words: Vec::new(),
        }
    }
}

/// The words an office may choose, each with its choices, the product's own first. The texts are in the word
/// files under `regional-<word>-<choice>`.
pub const REGIONAL: [(&str, &[&str]); 3] = [
    ("dispatch", &["fenbo", "paidan", "paiqian", "jiaoban"]),
    ("unit", &["chengban", "zeren"]),
    ("late", &["chaoqi", "yuqi"]),
];

/// Days a contact may be kept, at least and at most.
pub const RETENTION: (i64, i64) = (30, 1_095);

impl Settings {
    /// Reads the column.
    ///
    /// # Errors
    /// When it is not JSON of this shape.
    pub fn read(text: &str) -> Result<Settings> {
        serde_json::from_str(text).context("the settings cannot be read")
    }

    /// What no setting may be.
    ///
    /// # Errors
    /// `settings.hotline`, `settings.range` with the field and its bounds, `settings.margin`, `settings.word`.
    pub fn check(&self) -> Result<(), Refusal> {
        let dialled = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+' | '(' | ')');
        let digits = self.hotline.chars().filter(char::is_ascii_digit).count();
        if !self.hotline.is_empty() && (!self.hotline.chars().all(dialled) || !(5..=15).contains(&digits)) {
            return Err(Refusal::rule("settings.hotline").on("hotline"));
        }
        let ranges = [
            ("verify_rate", self.verify_rate, (0, 100)),
            ("callback_rate", self.callback_rate, (0, 100)),
            ("retention_days", self.retention_days, RETENTION),
        ];
        for (field, value, (from, to)) in ranges {
            if !(from..=to).contains(&value) {
                return Err(Refusal::rule("settings.range").on(field).with("from", from).with("to", to));
            }
        }
        if self.upper_margin.amount < 0 || self.upper_margin.amount > 100_000 {
            return Err(Refusal::rule("settings.margin").on("upper_margin"));
        }
        if self.contest_limit.amount <= 0 || self.contest_limit.amount > 100_000 {
            return Err(Refusal::rule("settings.contest").on("contest_limit"));
        }
        let known = |(word, choice): &(String, String)| {
            REGIONAL.iter().any(|(w, choices)| w == word && choices.contains(&choice.as_str()))
        };
        if self.words.iter().all(known) { Ok(()) } else { Err(Refusal::rule("settings.word").on("words")) }
    }

    /// Which choice stands for a regional word.
    #[must_use]
    pub fn word(&self, word: &str) -> &str {
        let chosen = self.words.iter().find(|(w, _)| w == word).map(|(_, choice)| choice.as_str());
        let first = || REGIONAL.iter().find(|(w, _)| *w == word).and_then(|(_, c)| c.first().copied());
        chosen.or_else(first).unwrap_or_default()
    }

    /// The regional words that differ from the product's; only Chinese has them.
    #[must_use]
    pub fn swaps(&self, locale: Locale) -> Swaps {
        if locale != Locale::Zh {
            return Arc::default();
        }
        let w = Words::new(Locale::Zh, &TimeZone::UTC, Ts(0));
        REGIONAL
            .iter()
            .filter(|(word, choices)| choices.first().is_some_and(|first| self.word(word) != *first))
            .map(|(word, choices)| {
                let text = |choice: &str| w.t(&format!("regional-{word}-{choice}"));
                (text(choices.first().copied().unwrap_or_default()), text(self.word(word)))
            })
            .collect()
    }
}
