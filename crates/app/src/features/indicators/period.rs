//! Periods of figures: the month by default, the one before it for comparing, months on an axis.

use kernel::Day;

/// A period of whole local days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

impl Period {
    /// The month of a day.
    #[must_use]
    pub fn month_of(day: Day) -> Period {
        let from = Day(day.month() * 100 + 1);
        Period { from, to: next_month(from).plus(-1) }
    }

    /// The year of a day.
    #[must_use]
    pub fn year_of(day: Day) -> Period {
        let year = day.0 / 10_000;
        Period { from: Day(year * 10_000 + 101), to: Day(year * 10_000 + 1231) }
    }

    /// Whether it is one or several whole months.
    fn months(self) -> Option<i64> {
        let whole = self.from.0 % 100 == 1 && self.to.plus(1).0 % 100 == 1;
        let months = |day: Day| day.0 / 10_000 * 12 + day.0 / 100 % 100;
        whole.then(|| months(self.to) - months(self.from) + 1)
    }

    /// What a period is compared with: the one before, and of one that still runs only as many days as have gone.
    #[must_use]
    pub fn compared(self, today: Day) -> Period {
        let whole = self.before();
        if today < self.from || today >= self.to {
            return whole;
        }
        let gone = (0..).take_while(|n| self.from.plus(*n) < today).count();
        let last = whole.from.plus(i64::try_from(gone).unwrap_or(0));
        Period { from: whole.from, to: last.min(whole.to) }
    }

    /// The period of the same length just before: as many months, or as many days.
    #[must_use]
    pub fn before(self) -> Period {
        if let Some(months) = self.months() {
            let mut from = self.from;
            for _ in 0..months {
                from = Period::month_of(from.plus(-1)).from;
            }
            return Period { from, to: self.from.plus(-1) };
        }
        let (first, last) = (self.from.date(), self.to.date());
        let days =
            first.zip(last).and_then(|(a, b)| b.since(a).ok()).map_or(0, |span| i64::from(span.get_days()));
        Period { from: self.from.plus(-days - 1), to: self.from.plus(-1) }
    }

    /// The month that follows.
    #[must_use]
    pub fn next_month(self) -> Period {
        Period::month_of(next_month(Period::month_of(self.to).from))
    }
}

fn next_month(first: Day) -> Day {
    Day(first.plus(31).month() * 100 + 1)
}

/// The last `n` months up to that of a day, `2026-03`, oldest first.
#[must_use]
pub fn months_up_to(day: Day, n: usize) -> Vec<String> {
    let mut out = Vec::with_capacity(n);
    let mut at = Period::month_of(day);
    for _ in 0..n {
        out.push(at.from.iso()[..7].to_owned());
        at = Period::month_of(at.from.plus(-1));
    }
    out.reverse();
    out
}

/// The last `n` days up to one, oldest first.
#[must_use]
pub fn days_up_to(day: Day, n: i64) -> Vec<String> {
    (0..n).rev().map(|back| day.plus(-back).iso()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: i64, to: i64) -> Period {
        Period { from: Day(from), to: Day(to) }
    }

    #[test]
    fn the_period_before_has_as_many_months_or_as_many_days() {
        assert_eq!(period(20_260_301, 20_260_331).before(), period(20_260_201, 20_260_228));
        assert_eq!(period(20_260_101, 20_260_331).before(), period(20_251_001, 20_251_231));
        assert_eq!(period(20_260_309, 20_260_315).before(), period(20_260_302, 20_260_308));
        assert_eq!(period(20_260_301, 20_260_301).before(), period(20_260_228, 20_260_228));
        assert_eq!(Period::year_of(Day(20_260_312)).before(), period(20_250_101, 20_251_231));
        // March on its 12th day against the first twelve days of February; once over, against all of it.
        let march = period(20_260_301, 20_260_331);
        assert_eq!(march.compared(Day(20_260_312)), period(20_260_201, 20_260_212));
        assert_eq!(march.compared(Day(20_260_330)), period(20_260_201, 20_260_228));
        assert_eq!(march.compared(Day(20_260_331)), march.before());
    }

    #[test]
    fn months_stand_on_an_axis_oldest_first() {
        assert_eq!(months_up_to(Day(20_260_115), 3), ["2025-11", "2025-12", "2026-01"]);
        assert_eq!(days_up_to(Day(20_260_301), 2), ["2026-02-28", "2026-03-01"]);
        assert_eq!(Period::month_of(Day(20_241_215)).next_month(), period(20_250_101, 20_250_131));
    }
}
