//! The statutory calendar: which days an office works.

use crate::civil;
use kernel::Day;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The table shipped with the product.
const CN: &str = include_str!("../../../packs/calendars/cn.csv");
/// Its version.
const CN_VERSION: &str = "cn-2018-2026";

/// A statutory calendar: Monday to Friday, less the holidays, plus the adjusted working days (调休上班).
/// Outside [`Calendar::known_from`] ..= [`Calendar::known_until`] it knows weekends only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    version: String,
    /// Days that differ from a plain week or bear a name; sorted, each day once, never empty.
    days: Vec<Listed>,
    /// The names the days refer to.
    names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listed {
    number: i64,
    works: bool,
    name: usize,
}

/// What a day is in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Monday to Friday, and no holiday.
    Workday,
    /// A weekend day that is worked in exchange for a holiday.
    Adjusted,
    /// Saturday or Sunday.
    Weekend,
    /// A statutory holiday or a day off in lieu, weekend days within it included.
    Holiday,
}

impl DayKind {
    /// Whether the office works.
    #[must_use]
    pub fn works(self) -> bool {
        matches!(self, DayKind::Workday | DayKind::Adjusted)
    }
}

impl Calendar {
    /// The People's Republic's calendar as shipped: 2018 to October 2026.
    #[must_use]
    pub fn cn() -> Arc<Calendar> {
        static CALENDAR: OnceLock<Arc<Calendar>> = OnceLock::new();
        let read = || match Calendar::from_csv(CN, CN_VERSION) {
            Ok(calendar) => Arc::new(calendar),
            Err(error) => unreachable!("the shipped calendar is read by a test: {error}"),
        };
        Arc::clone(CALENDAR.get_or_init(read))
    }

    /// Reads a table with the columns `date` (`2026-10-01`), `kind` (`holiday` or `workday`) and `name`; when
    /// there is a column `iso_weekday` it must agree with the date. Other columns are left alone, the order of
    /// rows is free, a byte-order mark is allowed.
    ///
    /// # Errors
    /// The first line that is wrong, and why; a table without rows.
    pub fn from_csv(text: &str, version: &str) -> Result<Calendar, CalendarError> {
        Calendar::check_csv(text, version).map_err(|mut errors| errors.swap_remove(0))
    }

    /// [`Calendar::from_csv`] that says everything that is wrong, in the order of the lines.
    ///
    /// # Errors
    /// One entry for each line that is wrong; never empty.
    pub fn check_csv(text: &str, version: &str) -> Result<Calendar, Vec<CalendarError>> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| vec![malformed(&error)])?.clone();
        let columns = Columns::find(&header).map_err(|error| vec![error])?;
        let mut calendar = Calendar { version: version.to_owned(), days: Vec::new(), names: Vec::new() };
        let (mut lines, mut errors) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    errors.push(malformed(&error));
                    continue;
                }
            };
            let line = row.position().map_or(0, csv::Position::line);
            match columns.read(&row) {
                Ok((number, works, name)) => {
                    let name = calendar.name_at(name);
                    calendar.days.push(Listed { number, works, name });
                    lines.push((number, line));
                }
                Err(reason) => errors.push(CalendarError { line, reason }),
            }
        }
        if calendar.days.is_empty() && errors.is_empty() {
            errors.push(CalendarError { line: 1, reason: CalendarReason::Empty });
        }
        calendar.days.sort_unstable_by_key(|day| day.number);
        lines.sort_unstable();
        let twice = lines.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        errors.extend(twice.map(|pair| CalendarError { line: pair[1].1, reason: CalendarReason::Twice }));
        errors.sort_by_key(|error| error.line);
        if errors.is_empty() { Ok(calendar) } else { Err(errors) }
    }

    /// The listed days in order, each with what it is and its name.
    pub fn listed_days(&self) -> impl Iterator<Item = (Day, DayKind, &str)> + '_ {
        self.days.iter().map(|listed| {
            let day = civil::day(listed.number);
            (day, self.kind(day), self.names[listed.name].as_str())
        })
    }

    /// This calendar with a later table: between the later one's first and last day it speaks alone, so that a
    /// corrected year replaces the old one and a table may begin in the December before its year; elsewhere
    /// this one stands.
    ///
    /// # Errors
    /// [`CalendarReason::Gap`] (line 0) when a whole year would lie unknown between the two.
    pub fn merge(&self, later: &Calendar, version: &str) -> Result<Calendar, CalendarError> {
        let year = |day: Day| day.0 / 10_000;
        let apart =
            |early: &Calendar, late: &Calendar| year(late.known_from()) > year(early.known_until()) + 1;
        if apart(self, later) || apart(later, self) {
            return Err(CalendarError { line: 0, reason: CalendarReason::Gap });
        }
        let mut merged = Calendar { version: version.to_owned(), days: Vec::new(), names: Vec::new() };
        let span = later.known_from()..=later.known_until();
        let kept = self.days.iter().filter(|day| !span.contains(&civil::day(day.number)));
        for (day, names) in
            kept.map(|day| (day, &self.names)).chain(later.days.iter().map(|day| (day, &later.names)))
        {
            let name = merged.name_at(&names[day.name]);
            merged.days.push(Listed { name, ..*day });
        }
        merged.days.sort_unstable_by_key(|day| day.number);
        Ok(merged)
    }

    /// The table's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The first day the data speak for: the first listed one.
    #[must_use]
    pub fn known_from(&self) -> Day {
        self.days.first().map_or(Day(0), |day| civil::day(day.number))
    }

    /// The last day the data speak for: the last listed one. The State Council's notice for a year may still
    /// change its last December days (the one for 2019 made 29 December 2018 a working day), so a year is known
    /// up to its last listed day only.
    #[must_use]
    pub fn known_until(&self) -> Day {
        self.days.last().map_or(Day(0), |day| civil::day(day.number))
    }

    /// Whether the data speak for a day.
    #[must_use]
    pub fn knows(&self, day: Day) -> bool {
        self.known_from() <= day && day <= self.known_until()
    }

    /// Whether the office works on a day.
    #[must_use]
    pub fn is_workday(&self, day: Day) -> bool {
        self.works(civil::number(day))
    }

    /// What a day is.
    #[must_use]
    pub fn kind(&self, day: Day) -> DayKind {
        let number = civil::number(day);
        let weekend = civil::iso_weekday(number) >= 6;
        match (self.listed(number), weekend) {
            (Some(Listed { works: false, .. }), _) => DayKind::Holiday,
            (Some(_), true) => DayKind::Adjusted,
            (None, true) => DayKind::Weekend,
            (_, false) => DayKind::Workday,
        }
    }

    /// The name of the holiday on a day, or of the holiday a working day is exchanged for.
    #[must_use]
    pub fn name(&self, day: Day) -> Option<&str> {
        self.listed(civil::number(day)).map(|day| self.names[day.name].as_str())
    }

    /// [`Calendar::is_workday`] for a day's number.
    pub(crate) fn works(&self, number: i64) -> bool {
        self.listed(number).map_or(civil::iso_weekday(number) <= 5, |day| day.works)
    }

    fn listed(&self, number: i64) -> Option<Listed> {
        let place = self.days.binary_search_by_key(&number, |day| day.number).ok()?;
        self.days.get(place).copied()
    }

    /// The place of a name, which is added when it is new.
    fn name_at(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }
}

/// Where the columns of a table stand.
struct Columns {
    date: usize,
    kind: usize,
    name: usize,
    weekday: Option<usize>,
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Result<Columns, CalendarError> {
        let column = |name: &'static str| header.iter().position(|cell| cell == name);
        let needed =
            |name| column(name).ok_or(CalendarError { line: 1, reason: CalendarReason::NoColumn(name) });
        Ok(Columns {
            date: needed("date")?,
            kind: needed("kind")?,
            name: needed("name")?,
            weekday: column("iso_weekday"),
        })
    }

    /// A row's day as a number, whether it is worked, and its name.
    fn read<'a>(&self, row: &'a csv::StringRecord) -> Result<(i64, bool, &'a str), CalendarReason> {
        let cell = |place: usize| row.get(place).unwrap_or_default();
        let day = Day::parse(cell(self.date)).ok_or(CalendarReason::Date)?;
        let number = civil::number(day);
        if self.weekday.is_some_and(|place| cell(place) != civil::iso_weekday(number).to_string()) {
            return Err(CalendarReason::Weekday);
        }
        let works = match cell(self.kind) {
            "holiday" => false,
            "workday" => true,
            _ => return Err(CalendarReason::Kind),
        };
        Ok((number, works, cell(self.name)))
    }
}

fn malformed(error: &csv::Error) -> CalendarError {
    CalendarError { line: error.position().map_or(0, csv::Position::line), reason: CalendarReason::Malformed }
}

/// Why a table is no calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// The line in the file, from 1; 0 when it is about no line.
    pub line: u64,
    /// What is wrong.
    pub reason: CalendarReason,
}

/// What is wrong with a calendar's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarReason {
    /// The column is missing.
    NoColumn(&'static str),
    /// The line is not CSV or has another number of cells than the header.
    Malformed,
    /// The date is none.
    Date,
    /// The stated weekday is not the date's.
    Weekday,
    /// The kind is neither `holiday` nor `workday`.
    Kind,
    /// The day was listed before.
    Twice,
    /// The table has no rows.
    Empty,
    /// A whole year lies between the two tables.
    Gap,
}

impl CalendarReason {
    /// A stable code for refusals and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CalendarReason::NoColumn(_) => "no_column",
            CalendarReason::Malformed => "malformed",
            CalendarReason::Date => "date",
            CalendarReason::Weekday => "weekday",
            CalendarReason::Kind => "kind",
            CalendarReason::Twice => "twice",
            CalendarReason::Empty => "empty",
            CalendarReason::Gap => "gap",
        }
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calendar, line {}: {}", self.line, self.reason.as_str())?;
        match self.reason {
            CalendarReason::NoColumn(name) => write!(f, " {name}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for CalendarError {}
