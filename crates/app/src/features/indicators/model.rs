//! What is asked of a figure and what it answers. Numbers stay exact: integers above and below the line,
//! rounded only where they are shown (DECISIONS 10).

use crate::words::{Locale, Words};
use kernel::Day;
use serde::{Deserialize, Serialize};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// In a language.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.zh,
            Locale::En => &self.en,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// As written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// Reads a written word.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|v| v.as_str() == text)
            }
        }
    };
}

words! {
    /// What sort of number a figure is.
    Kind {
        /// How many.
        Count = "count",
        /// A share of records.
        Ratio = "ratio",
        /// A mean of durations.
        Mean = "mean",
        /// The middle one, or the mean of the two in the middle.
        Median = "median",
        /// Nine in ten are not longer, linear between neighbours.
        P90 = "p90",
    }
}

words! {
    /// What a figure counts.
    Counts {
        /// What people said.
        Reports = "reports",
        /// Troubles.
        Cases = "cases",
        /// A unit's part in a case.
        Parts = "parts",
        /// Answered call-backs and the requester's own ratings.
        Voices = "voices",
        /// Tickets of upper platforms.
        Tickets = "tickets",
    }
}

words! {
    /// The unit a duration is shown in.
    Unit {
        /// 24 hours.
        Days = "days",
        /// Hours.
        Hours = "hours",
    }
}

impl Unit {
    /// Its length in milliseconds.
    #[must_use]
    pub fn ms(self) -> i64 {
        match self {
            Unit::Days => kernel::Ts::DAY,
            Unit::Hours => kernel::Ts::HOUR,
        }
    }
}

words! {
    /// Which way is good.
    Better {
        /// The more the better.
        More = "more",
        /// The less the better.
        Less = "less",
        /// Neither: it is nobody's merit or fault.
        Neither = "neither",
    }
}

words! {
    /// By what the rows of a figure are told apart.
    By {
        /// One row for all.
        None = "none",
        /// The leading unit; for parts the unit of the part.
        Unit = "unit",
        /// The places below the one asked for, or below the office's home.
        Place = "place",
        /// The matter.
        Matter = "matter",
        /// The class of the matter.
        Class = "class",
        /// Through which channel it came.
        Channel = "channel",
        /// The kind of demand.
        Kind = "kind",
        /// The local day: each row is the figure of that day alone.
        Day = "day",
        /// The local month: each row is the figure of that month alone.
        Month = "month",
    }
}

impl By {
    /// Whether the rows are periods.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, By::Day | By::Month)
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The first local day; `None` from the beginning.
    pub from: Option<Day>,
    /// The last local day, included; `None` without end.
    pub to: Option<Day>,
    /// The rows.
    pub by: By,
    /// Only what lies in the place with this code.
    pub place: Option<String>,
    /// Only what this condition holds for.
    pub filter: Option<String>,
}

impl Default for Ask {
    fn default() -> Ask {
        Ask { from: None, to: None, by: By::None, place: None, filter: None }
    }
}

/// An exact number: `above / below`, `below` positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Above the line.
    pub above: i128,
    /// Below it.
    pub below: i128,
}

impl Exact {
    /// A whole number.
    #[must_use]
    pub fn whole(n: i64) -> Exact {
        Exact { above: n.into(), below: 1 }
    }

    /// A quotient; nothing when the lower number is zero.
    #[must_use]
    pub fn of(above: i128, below: i128) -> Option<Exact> {
        if below <= 0 {
            return None;
        }
        let by = gcd(above.unsigned_abs(), below.unsigned_abs()).max(1);
        let by = i128::try_from(by).unwrap_or(1);
        Some(Exact { above: above / by, below: below / by })
    }

    /// The larger of two.
    #[must_use]
    pub fn max(self, other: Exact) -> Exact {
        if self.above * other.below >= other.above * self.below { self } else { other }
    }

    /// In hundredths of another, from 0 to 100: how long a bar is.
    #[must_use]
    pub fn percent_of(self, whole: Exact) -> i64 {
        let below = self.below * whole.above;
        if below <= 0 {
            return 0;
        }
        i64::try_from(self.above * whole.below * 100 / below).unwrap_or(0).clamp(0, 100)
    }

    /// The nearest floating-point number. Correctly rounded as long as both numbers, reduced, lie within
    /// 2^53, which holds for any sum of durations an office can have.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "stated above")]
    pub fn number(self) -> f64 {
        self.above as f64 / self.below as f64
    }

    /// Rounded half away from zero to so many decimals, with them written out.
    #[must_use]
    pub fn decimals(self, places: u32) -> String {
        let scale = 10_i128.pow(places);
        let (negative, above) = (self.above < 0, self.above.abs());
        let scaled = (above * scale * 2 + self.below) / (self.below * 2);
        let sign = if negative && scaled > 0 { "-" } else { "" };
        if places == 0 {
            return format!("{sign}{scaled}");
        }
        format!("{sign}{}.{:0width$}", scaled / scale, scaled % scale, width = places as usize)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// One row of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// A code: of the unit, place, matter …, or `2026-03`; empty where the record has none.
    pub key: String,
    /// Its name.
    pub label: String,
    /// The value; null when nothing can be said, never 100 % of nothing.
    #[serde(serialize_with = "number")]
    pub value: Option<Exact>,
    /// Above the line: the records that count; the sum of milliseconds for a mean.
    pub numerator: Option<i64>,
    /// Below the line: the records of which they are a share, or over which a mean is taken.
    pub denominator: Option<i64>,
    /// How many of them count by what the source system said, because times are missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub reported: i64,
    /// The row's records in the list, as the part of an address after `?`; empty where there is none.
    #[serde(skip)]
    pub link: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn number<S: serde::Serializer>(value: &Option<Exact>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        None => to.serialize_none(),
        Some(exact) if exact.below == 1 => match i64::try_from(exact.above) {
            Ok(n) => to.serialize_i64(n),
            Err(_) => to.serialize_f64(exact.number()),
        },
        Some(exact) => to.serialize_f64(exact.number()),
    }
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its key.
    pub indicator: String,
    /// The first day, `2026-03-01`; null from the beginning.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Which records of a figure a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Those that count: a count's records, a ratio's share.
    #[default]
    Above,
    /// Those of which they are a share.
    Below,
}

/// The records of one cell, as an address names them: `/cases?figure=…`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FigureFilter {
    /// The figure's key.
    pub figure: String,
    /// The first local day, `2026-03-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last local day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// By what the rows were told apart: never a time, which is a `from` and `to` of its own here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The row's key; `=CODE` for what lies at a place itself and not below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only what lies in this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Only what this condition holds for.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Which side of the line.
    #[serde(default)]
    pub side: Side,
}

/// A number of a frozen or published figure: under five it is not told (DECISIONS 19).
#[must_use]
pub fn published(n: i64) -> String {
    if (1..5).contains(&n) { "<5".to_owned() } else { n.to_string() }
}

/// A value as people read it: `94.5 %`, `2.31`, `1,204`, and — for none.
#[must_use]
pub fn shown(kind: Kind, value: Option<Exact>, words: &Words) -> String {
    let Some(value) = value else { return words.t("figure-none") };
    match kind {
        Kind::Count => grouped(&value.decimals(0)),
        Kind::Ratio => Exact { above: value.above * 100, below: value.below }.decimals(1) + "%",
        Kind::Mean | Kind::Median | Kind::P90 => value.decimals(2),
    }
}

/// A whole number with its thousands apart.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |d| ("-", d));
    let mut out = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_only_when_it_is_shown() {
        let third = Exact::of(1, 3).unwrap();
        assert_eq!((third.decimals(2), third.decimals(0)), ("0.33".to_owned(), "0".to_owned()));
        assert_eq!(Exact::of(5, 1_000).unwrap().decimals(2), "0.01");
        assert_eq!(Exact::of(-5, 1_000).unwrap().decimals(2), "-0.01");
        assert_eq!(Exact::of(1_995, 100).unwrap().decimals(1), "20.0");
        assert_eq!(Exact::of(1, 0), None);
        let whole = Exact::whole(1);
        assert_eq!(
            (third.percent_of(whole), whole.percent_of(third), third.percent_of(Exact::whole(0))),
            (33, 100, 0)
        );
        assert_eq!(third.max(Exact::of(1, 4).unwrap()), third);
    }

    #[test]
    fn a_cell_under_five_is_not_told_where_it_is_published() {
        assert_eq!([0, 1, 4, 5].map(published), ["0", "<5", "<5", "5"]);
        assert_eq!(["7", "1204", "-1204567"].map(grouped), ["7", "1,204", "-1,204,567"]);
    }
}
