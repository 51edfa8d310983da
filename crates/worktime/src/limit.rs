//! Limits: a number of units, and the texts they are written in.

use kernel::Ts;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The words of limits as standards and offices write them; data, so that an office's own word is one line.
const WORDS: &str = include_str!("../data/limit_words.csv");

/// What a limit is counted in. See the crate's table for how each one runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 紧急工作时: runs through nights, weekends and holidays.
    UrgentHour,
    /// 工作时: runs within office hours of working days.
    WorkHour,
    /// 工作日: working days.
    WorkDay,
    /// 自然日: calendar days. 紧急工作日 is read as this.
    NaturalDay,
}

impl LimitUnit {
    /// Every unit.
    pub const ALL: [LimitUnit; 4] =
        [LimitUnit::UrgentHour, LimitUnit::WorkHour, LimitUnit::WorkDay, LimitUnit::NaturalDay];

    /// The stored name: `urgent_hour`, `work_hour`, `work_day`, `natural_day`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LimitUnit::UrgentHour => "urgent_hour",
            LimitUnit::WorkHour => "work_hour",
            LimitUnit::WorkDay => "work_day",
            LimitUnit::NaturalDay => "natural_day",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<LimitUnit> {
        LimitUnit::ALL.into_iter().find(|unit| unit.as_str() == text)
    }

    /// Whether the unit counts whole days, whose first day is left out (民法典 201).
    #[must_use]
    pub fn is_days(self) -> bool {
        matches!(self, LimitUnit::WorkDay | LimitUnit::NaturalDay)
    }

    /// Whether the unit depends on office hours and the statutory calendar.
    #[must_use]
    pub fn is_work(self) -> bool {
        matches!(self, LimitUnit::WorkHour | LimitUnit::WorkDay)
    }
}

/// A limit: so many thousandths of a unit. Written and serialized as `work_hour:4` or `work_day:0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    /// What is counted.
    pub unit: LimitUnit,
    /// How many, in thousandths of a unit: `1_500` is 1.5. Counted as if within 0 ..= [`Limit::MAX`].
    pub amount: i64,
}

impl Limit {
    /// The largest amount: 10,000 units (about forty years of working days).
    pub const MAX: i64 = 10_000_000;

    /// A limit of so many thousandths of a unit.
    #[must_use]
    pub const fn new(unit: LimitUnit, amount: i64) -> Limit {
        Limit { unit, amount }
    }

    /// Reads `work_hour:4` as well as the texts of case standards: 紧急工作时, 紧急工作日 (natural days), 工作时 or
    /// 小时 (work hours), 工作日 or 天 (work days), 自然日, each after a number with up to three decimals.
    ///
    /// A bare 日 is refused: petition rules mean calendar days by it, disposal tables working days.
    ///
    /// # Errors
    /// Anything else, with the text kept: a limit is flagged for review, never replaced by a default.
    pub fn parse(text: &str) -> Result<Limit, LimitError> {
        read(text).map_err(|reason| LimitError { text: text.to_owned(), reason })
    }

    /// The amount in the measure of [`crate::Rules::elapsed`]: milliseconds for hours, thousandths for days.
    #[must_use]
    pub fn measure(self) -> i64 {
        let amount = self.clamped();
        if self.unit.is_days() { amount } else { amount * (Ts::HOUR / 1_000) }
    }

    /// The amount within its range, so that no arithmetic overflows.
    pub(crate) fn clamped(self) -> i64 {
        self.amount.clamp(0, Limit::MAX)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.unit.as_str(), self.amount / 1_000)?;
        let rest = self.amount % 1_000;
        if rest != 0 {
            write!(f, ".{}", format!("{:03}", rest.abs()).trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> String {
        limit.to_string()
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Limit, LimitError> {
        Limit::parse(&text)
    }
}

/// Why a text is no limit, with the text as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitError {
    /// The whole text, unchanged.
    pub text: String,
    /// What is wrong with it.
    pub reason: LimitReason,
}

/// What is wrong with a limit's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReason {
    /// It does not begin with a decimal number (or `unit:number`).
    NoNumber,
    /// The word after the number is none of the known units.
    UnknownUnit,
    /// More than three decimals.
    TooPrecise,
    /// More than 10,000 units.
    OutOfRange,
}

impl LimitReason {
    /// A stable code for refusals and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LimitReason::NoNumber => "no_number",
            LimitReason::UnknownUnit => "unknown_unit",
            LimitReason::TooPrecise => "too_precise",
            LimitReason::OutOfRange => "out_of_range",
        }
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a limit: {}", self.text, self.reason.as_str())
    }
}

impl std::error::Error for LimitError {}

fn read(text: &str) -> Result<Limit, LimitReason> {
    if let Some((unit, number)) = text.trim().split_once(':') {
        let unit = LimitUnit::parse(unit.trim()).ok_or(LimitReason::UnknownUnit)?;
        return Ok(Limit { unit, amount: thousandths(number.trim())? });
    }
    let plain: String = text.trim().chars().map(narrow).collect();
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len());
    let (number, word) = plain.split_at(end);
    let amount = thousandths(number)?;
    Ok(Limit { unit: unit_of(word.trim())?, amount })
}

/// The unit a word stands for, after the measure word before it and the "within" behind it are taken off.
fn unit_of(word: &str) -> Result<LimitUnit, LimitReason> {
    let words = || WORDS.lines().skip(1).filter_map(|line| line.trim_end().split_once(','));
    let mut word = word;
    for (filler, means) in words() {
        let rest = match means {
            "measure" => word.strip_prefix(filler),
            "within" => word.strip_suffix(filler),
            _ => None,
        };
        word = rest.map_or(word, str::trim);
    }
    words()
        .find(|(known, _)| *known == word)
        .and_then(|(_, means)| LimitUnit::parse(means))
        .ok_or(LimitReason::UnknownUnit)
}

/// Full-width digits and stop, as Chinese input methods type them, to ASCII.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff0e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn thousandths(number: &str) -> Result<i64, LimitReason> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(LimitReason::NoNumber);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 3 {
        return Err(LimitReason::TooPrecise);
    }
    let whole: i64 = whole.parse().map_err(|_| LimitReason::OutOfRange)?;
    let part: i64 = format!("{decimals:0<3}").parse().map_err(|_| LimitReason::NoNumber)?;
    whole
        .checked_mul(1_000)
        .and_then(|amount| amount.checked_add(part))
        .filter(|amount| *amount <= Limit::MAX)
        .ok_or(LimitReason::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_case_standards_are_read() {
        for (text, unit, amount) in [
            ("2紧急工作时", LimitUnit::UrgentHour, 2_000),
            ("1紧急工作日", LimitUnit::NaturalDay, 1_000),
            ("4小时", LimitUnit::WorkHour, 4_000),
            ("1.5工作时", LimitUnit::WorkHour, 1_500),
            ("2天", LimitUnit::WorkDay, 2_000),
            ("2工作日", LimitUnit::WorkDay, 2_000),
            (" 5 个工作日以内 ", LimitUnit::WorkDay, 5_000),
            ("５工作日内", LimitUnit::WorkDay, 5_000),
            ("0．5工作日", LimitUnit::WorkDay, 500),
            ("60自然日", LimitUnit::NaturalDay, 60_000),
            ("work_hour:4", LimitUnit::WorkHour, 4_000),
            ("natural_day: 0.125", LimitUnit::NaturalDay, 125),
        ] {
            assert_eq!(Limit::parse(text), Ok(Limit { unit, amount }), "{text}");
        }
    }

    #[test]
    fn an_unreadable_limit_is_an_error_that_keeps_the_text_and_never_a_default() {
        for (text, reason) in [
            ("", LimitReason::NoNumber),
            ("立即", LimitReason::NoNumber),
            ("按合同", LimitReason::NoNumber),
            ("1.2.3天", LimitReason::NoNumber),
            ("-2天", LimitReason::NoNumber),
            ("2", LimitReason::UnknownUnit),
            ("15日", LimitReason::UnknownUnit),
            ("30分钟", LimitReason::UnknownUnit),
            ("2工作日(限30日)", LimitReason::UnknownUnit),
            ("week:2", LimitReason::UnknownUnit),
            ("work_day:", LimitReason::NoNumber),
            ("1.0005天", LimitReason::TooPrecise),
            ("10001天", LimitReason::OutOfRange),
            ("99999999999999999999天", LimitReason::OutOfRange),
        ] {
            let error = Limit::parse(text).unwrap_err();
            assert_eq!((error.text.as_str(), error.reason), (text, reason));
        }
    }

    #[test]
    fn a_limit_is_printed_and_serialized_as_it_is_read() {
        for text in ["work_hour:4", "work_day:0.5", "urgent_hour:2.125", "natural_day:60", "work_hour:0"] {
            let limit = Limit::parse(text).unwrap();
            assert_eq!(limit.to_string(), text);
            let json = serde_json::to_string(&limit).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Limit>(&json).unwrap(), limit);
        }
        assert!(serde_json::from_str::<Limit>("\"soon\"").is_err());
        assert_eq!(serde_json::to_string(&LimitUnit::UrgentHour).unwrap(), "\"urgent_hour\"");
    }

    #[test]
    fn every_word_of_the_table_has_a_meaning() {
        for line in WORDS.lines().skip(1) {
            let (_, means) = line.split_once(',').unwrap();
            assert!(LimitUnit::parse(means).is_some() || means == "measure" || means == "within", "{line}");
        }
    }
}
