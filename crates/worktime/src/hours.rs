//! Office hours of a working day.

use kernel::Ts;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most ranges a day may have.
const MOST: usize = 4;

/// Office hours: one to four wall-clock ranges `[from, to)` of a working day, in order, not touching.
/// Written and serialized as `08:30-12:00,14:00-17:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    /// Milliseconds since midnight; only the first `len` are in use.
    ranges: [(i64, i64); MOST],
    len: usize,
}

impl Hours {
    /// Reads `08:30-12:00,14:00-17:30`. `24:00` may end the last range.
    ///
    /// # Errors
    /// No range, more than four, a time that is none, a range that is empty, out of order, or touches the next.
    pub fn parse(text: &str) -> Result<Hours, HoursError> {
        let wrong = || HoursError { text: text.to_owned() };
        let mut hours = Hours { ranges: [(0, 0); MOST], len: 0 };
        let mut last = -1;
        for part in text.split(',') {
            let (from, to) = part.split_once('-').ok_or_else(wrong)?;
            let from = minute(from.trim()).ok_or_else(wrong)? * Ts::MINUTE;
            let to = minute(to.trim()).ok_or_else(wrong)? * Ts::MINUTE;
            if from <= last || to <= from {
                return Err(wrong());
            }
            *hours.ranges.get_mut(hours.len).ok_or_else(wrong)? = (from, to);
            hours.len += 1;
            last = to;
        }
        Ok(hours)
    }

    /// The ranges as minutes since midnight, `[from, to)`.
    pub fn minutes(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.ranges().iter().map(|(from, to)| (from / Ts::MINUTE, to / Ts::MINUTE))
    }

    /// The length of a working day in minutes: 1 ..= 1440.
    #[must_use]
    pub fn minutes_per_day(&self) -> i64 {
        self.minutes().map(|(from, to)| to - from).sum()
    }

    /// The ranges in milliseconds since midnight.
    pub(crate) fn ranges(&self) -> &[(i64, i64)] {
        &self.ranges[..self.len]
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (from, to)) in self.minutes().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)?;
        }
        Ok(())
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.to_string()
    }
}

impl TryFrom<String> for Hours {
    type Error = HoursError;

    fn try_from(text: String) -> Result<Hours, HoursError> {
        Hours::parse(&text)
    }
}

/// A text that is no office hours, as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursError {
    /// The whole text, unchanged.
    pub text: String,
}

impl fmt::Display for HoursError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} are not office hours; write 08:30-12:00,14:00-17:30 (one to four ranges)", self.text)
    }
}

impl std::error::Error for HoursError {}

/// `HH:MM` as minutes since midnight, up to `24:00`.
fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i64>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    (minute < 60 && hour * 60 + minute <= 1_440).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn office_hours_are_read_measured_and_printed() {
        let hours = Hours::parse("8:30-12:00, 14:00-17:30").unwrap();
        assert_eq!(hours.minutes_per_day(), 420);
        assert_eq!(hours.to_string(), "08:30-12:00,14:00-17:30");
        assert_eq!(hours.minutes().collect::<Vec<_>>(), [(510, 720), (840, 1_050)]);
        assert_eq!(Hours::parse("00:00-24:00").unwrap().minutes_per_day(), 1_440);
        let json = serde_json::to_string(&hours).unwrap();
        assert_eq!(serde_json::from_str::<Hours>(&json).unwrap(), hours);
    }

    #[test]
    fn wrong_office_hours_are_refused_with_their_text() {
        for text in [
            "",
            "08:30",
            "12:00-08:30",
            "08:30-08:30",
            "14:00-17:30,08:30-12:00",
            "08:00-12:00,12:00-14:00",
            "08:00-24:01",
            "08:60-12:00",
            "aa:00-12:00",
            "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00",
        ] {
            assert_eq!(Hours::parse(text).unwrap_err().text, text);
        }
    }
}
