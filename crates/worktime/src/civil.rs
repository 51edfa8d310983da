//! Days as plain numbers since 1970-01-01, so that walking over days costs an addition.

use kernel::Day;

/// Days since 1970-01-01 of a valid day (proleptic Gregorian, counted in eras of 400 years that start in March).
pub(crate) fn number(day: Day) -> i64 {
    let (year, month, date) = (day.0 / 10_000, day.0 / 100 % 100, day.0 % 100);
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + date - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of a number; the inverse of [`number`].
pub(crate) fn day(number: i64) -> Day {
    let shifted = number + 719_468;
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year + shifted.div_euclid(146_097) * 400 + i64::from(month <= 2);
    Day(year * 10_000 + month * 100 + date)
}

/// Monday 1 to Sunday 7 (ISO 8601).
pub(crate) fn iso_weekday(number: i64) -> i64 {
    (number + 3).rem_euclid(7) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_days_and_weekdays_agree_with_the_calendar_library_over_four_centuries() {
        let mut date = jiff::civil::date(1890, 1, 1);
        let mut expected = number(Day::from_date(date));
        assert_eq!(number(Day(19_700_101)), 0);
        while date.year() < 2300 {
            assert_eq!(number(Day::from_date(date)), expected);
            assert_eq!(day(expected), Day::from_date(date));
            assert_eq!(iso_weekday(expected), i64::from(date.weekday().to_monday_one_offset()));
            date = date.tomorrow().unwrap();
            expected += 1;
        }
    }
}
