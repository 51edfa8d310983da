//! Instants and local days. Time is stored as UTC milliseconds and shown in the office's zone
//! (DECISIONS 10); the clock is always an argument, so that tests and replays give the same instants.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ts(pub i64);

impl Ts {
    /// One second, minute, hour in milliseconds.
    pub const SECOND: i64 = 1_000;
    /// One minute in milliseconds.
    pub const MINUTE: i64 = 60_000;
    /// One hour in milliseconds.
    pub const HOUR: i64 = 3_600_000;
    /// One natural day of 24 hours in milliseconds.
    pub const DAY: i64 = 86_400_000;

    /// The instant as a `jiff` timestamp; out-of-range values are clamped to the epoch.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The wall-clock time in a zone.
    #[must_use]
    pub fn zoned(self, tz: &TimeZone) -> Zoned {
        self.timestamp().to_zoned(tz.clone())
    }

    /// The local day in a zone.
    #[must_use]
    pub fn day(self, tz: &TimeZone) -> Day {
        Day::from_date(self.zoned(tz).date())
    }

    /// `self` moved by some milliseconds, saturating.
    #[must_use]
    pub fn plus(self, ms: i64) -> Ts {
        Ts(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`.
    #[must_use]
    pub fn since(self, earlier: Ts) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 in UTC, to the millisecond, for machines.
    #[must_use]
    pub fn rfc3339(self) -> String {
        format!("{:.3}", self.timestamp())
    }

    /// Reads RFC 3339 with a zone; a text without zone is refused (`None`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Ts> {
        text.parse::<Timestamp>().ok().map(|t| Ts(t.as_millisecond()))
    }

    /// As a field of date and time shows it, in a zone: `2026-03-12T15:24`.
    #[must_use]
    pub fn local(self, tz: &TimeZone) -> String {
        self.zoned(tz).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Reads a local date and time as a browser gives it: `2026-03-12T15:24`.
    #[must_use]
    pub fn parse_local(text: &str, tz: &TimeZone) -> Option<Ts> {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        Some(Ts(local.to_zoned(tz.clone()).ok()?.timestamp().as_millisecond()))
    }
}

impl From<Timestamp> for Ts {
    fn from(value: Timestamp) -> Self {
        Ts(value.as_millisecond())
    }
}

/// A local calendar day, kept as the number `yyyymmdd`, which sorts and reads well in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i64);

impl Day {
    /// The day of a civil date.
    #[must_use]
    pub fn from_date(date: Date) -> Day {
        Day(i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()))
    }

    /// The civil date; `None` when the number is no date.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        let year = i16::try_from(self.0 / 10_000).ok()?;
        let month = i8::try_from(self.0 / 100 % 100).ok()?;
        let day = i8::try_from(self.0 % 100).ok()?;
        Date::new(year, month, day).ok()
    }

    /// Reads `2026-03-12` or `20260312`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Day> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let day = Day(digits.parse().ok()?);
        day.date().map(|_| day)
    }

    /// The first instant of the day in a zone.
    #[must_use]
    pub fn start(self, tz: &TimeZone) -> Ts {
        self.date().and_then(|d| d.to_zoned(tz.clone()).ok()).map_or(Ts(0), |z| z.timestamp().into())
    }

    /// The day `n` days later (earlier when negative); the same day when out of range.
    #[must_use]
    pub fn plus(self, n: i64) -> Day {
        self.date()
            .and_then(|d| d.checked_add(jiff::Span::new().try_days(n).ok()?).ok())
            .map_or(self, Day::from_date)
    }

    /// The month as `yyyymm`.
    #[must_use]
    pub fn month(self) -> i64 {
        self.0 / 100
    }

    /// `2026-03-12`.
    #[must_use]
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

/// Where the time comes from: the machine, or a test's hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved; shared by its clones.
    Fixed(Arc<AtomicI64>),
    /// A file that holds one RFC 3339 instant and is read at each use, so that a demonstration or a browser
    /// test can move the time of a running server. While it is missing or holds no instant, the machine's
    /// clock counts.
    File(PathBuf),
}

impl Clock {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn fixed(at: Ts) -> Clock {
        Clock::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// The instant now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    pub fn now(&self) -> Ts {
        match self {
            Clock::System => Timestamp::now().into(),
            Clock::Fixed(ms) => Ts(ms.load(Ordering::SeqCst)),
            Clock::File(path) => std::fs::read_to_string(path)
                .ok()
                .and_then(|text| Ts::parse(text.trim()))
                .unwrap_or_else(|| Clock::System.now()),
        }
    }

    /// Moves a fixed clock; the others are left alone.
    pub fn set(&self, at: Ts) {
        if let Clock::Fixed(ms) = self {
            ms.store(at.0, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_printed_and_moved() {
        let day = Day::parse("2026-02-28").unwrap();
        assert_eq!(day, Day(20_260_228));
        assert_eq!(day.plus(1).iso(), "2026-03-01");
        assert_eq!(Day::parse("2026-02-30"), None);
        assert_eq!(Day::parse("20260301"), Some(Day(20_260_301)));
    }

    #[test]
    fn a_clock_in_a_file_follows_the_file() {
        let path = std::env::temp_dir().join(format!("gezhi-clock-{}", std::process::id()));
        let clock = Clock::File(path.clone());
        for text in ["2026-03-12T15:24:00+08:00", "2026-03-12T15:39:00+08:00\n"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(clock.now(), Ts::parse(text.trim()).unwrap());
        }
        std::fs::write(&path, "soon").unwrap();
        assert!(clock.now().since(Clock::System.now()).abs() < Ts::MINUTE);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn an_instant_belongs_to_the_local_day_of_its_zone() {
        let tz = TimeZone::get("Asia/Shanghai").unwrap();
        let ts = Ts::parse("2026-03-11T16:30:00Z").unwrap();
        assert_eq!(ts.day(&tz), Day(20_260_312));
        assert_eq!(Day(20_260_312).start(&tz), Ts::parse("2026-03-12T00:00:00+08:00").unwrap());
        assert_eq!(Ts::parse("2026-03-12T00:00:00"), None);
    }
}
