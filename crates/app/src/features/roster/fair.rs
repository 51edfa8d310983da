//! Who is taken for which shift. Pure and deterministic: the same people, counts and shifts give the same list.
//!
//! A shift on a holiday goes to who had the fewest on holidays, then on weekends, then in all; one on a weekend to who
//! had the fewest on weekends, then on holidays, then in all; one on a working day to who had the fewest in all. (By
//! the holidays alone whoever had none would have every working day.) Nobody is taken who is away, and nobody twice in
//! a row: between two shifts lies a day, or where nobody else is free at least a night.

use super::model::Why;
use kernel::{AccountId, Day, Ts};
use std::collections::{BTreeMap, HashMap};

/// Rest between two shifts, as long as others are free.
const REST: i64 = Ts::DAY;
/// The least rest: without it a shift stays empty.
const REST_LEAST: i64 = 8 * Ts::HOUR;

/// What sort of day a shift begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A day of a holiday.
    Holiday,
    /// A weekend that is none.
    Weekend,
    /// A day on which people work.
    Workday,
}

/// A place to be filled.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The kind's key.
    pub kind: String,
    /// The day it begins.
    pub day: Day,
    /// What sort of day.
    pub sort: Sort,
    /// From when.
    pub from: Ts,
    /// Until when.
    pub until: Ts,
}

/// What somebody had before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// On holidays.
    pub holidays: i64,
    /// On weekends.
    pub weekends: i64,
    /// In all.
    pub all: i64,
}

impl Counts {
    /// One more.
    pub fn add(&mut self, sort: Sort) {
        self.all += 1;
        match sort {
            Sort::Holiday => self.holidays += 1,
            Sort::Weekend => self.weekends += 1,
            Sort::Workday => {}
        }
    }

    fn rank(self, sort: Sort) -> [i64; 3] {
        match sort {
            Sort::Holiday => [self.holidays, self.weekends, self.all],
            Sort::Weekend => [self.weekends, self.holidays, self.all],
            Sort::Workday => [self.all, self.weekends, self.holidays],
        }
    }
}

/// What is known of the people before the first slot.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Who takes part, by kind, in an order that breaks ties.
    pub people: BTreeMap<String, Vec<AccountId>>,
    /// What they had before.
    pub counts: HashMap<AccountId, Counts>,
    /// Shifts they have already around these days.
    pub busy: HashMap<AccountId, Vec<(Ts, Ts)>>,
    /// Days on which they are away.
    pub away: Vec<(AccountId, Day, Day)>,
}

impl Known {
    fn is_away(&self, who: AccountId, slot: &Slot, end: Day) -> bool {
        self.away.iter().any(|(a, from, until)| *a == who && *from <= end && slot.day <= *until)
    }

    fn rests(&self, who: AccountId, slot: &Slot, least: i64) -> bool {
        let far =
            |(from, until): &(Ts, Ts)| slot.from.since(*until) >= least || from.since(slot.until) >= least;
        self.busy.get(&who).is_none_or(|all| all.iter().all(far))
    }
}

/// Fills slots in their order: who, and why. Nobody where nobody may.
#[must_use]
pub fn fill(mut known: Known, slots: &[Slot], tz: &jiff::tz::TimeZone) -> Vec<(Option<AccountId>, Why)> {
    let mut out = Vec::with_capacity(slots.len());
    for slot in slots {
        // A shift that ends in the morning is no duty on that day for whoever is away from it.
        let end = slot.until.plus(-12 * Ts::HOUR).day(tz).max(slot.day);
        let all = known.people.get(&slot.kind).cloned().unwrap_or_default();
        let here: Vec<AccountId> = all.into_iter().filter(|who| !known.is_away(*who, slot, end)).collect();
        let choose = |least: i64| {
            let mut free: Vec<(usize, AccountId)> =
                here.iter().copied().enumerate().filter(|(_, who)| known.rests(*who, slot, least)).collect();
            let of = free.len();
            free.sort_by_key(|(nth, who)| {
                (known.counts.get(who).copied().unwrap_or_default().rank(slot.sort), *nth)
            });
            free.first().map(|(_, who)| (*who, of))
        };
        let rested = choose(REST);
        let chosen = rested.or_else(|| choose(REST_LEAST));
        let Some((who, of)) = chosen else {
            out.push((None, Why::default()));
            continue;
        };
        let before = known.counts.get(&who).copied().unwrap_or_default();
        out.push((
            Some(who),
            Why {
                holidays: before.holidays,
                weekends: before.weekends,
                all: before.all,
                of: i64::try_from(of).unwrap_or(i64::MAX),
                short_rest: rested.is_none(),
                by_hand: false,
            },
        ));
        known.counts.entry(who).or_default().add(slot.sort);
        known.busy.entry(who).or_default().push((slot.from, slot.until));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(days: i64, kind: &str) -> Vec<Slot> {
        let tz = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        (0..days)
            .map(|n| {
                let day = Day(20_261_001).plus(n);
                let from = day.start(&tz).plus(510 * Ts::MINUTE);
                Slot { kind: kind.to_owned(), day, sort: Sort::Holiday, from, until: from.plus(Ts::DAY) }
            })
            .collect()
    }

    fn known(n: i64) -> Known {
        let people = (1..=n).map(AccountId).collect();
        Known { people: [("officer".to_owned(), people)].into(), ..Known::default() }
    }

    fn run(known: Known, slots: &[Slot]) -> Vec<Option<i64>> {
        let tz = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        fill(known, slots, &tz).into_iter().map(|(who, _)| who.map(|a| a.0)).collect()
    }

    #[test]
    fn the_fewest_past_holidays_come_first_and_nobody_twice_in_a_row() {
        let mut known = known(3);
        known.counts.insert(AccountId(1), Counts { holidays: 5, weekends: 0, all: 5 });
        known.counts.insert(AccountId(2), Counts { holidays: 1, weekends: 9, all: 30 });
        let taken = run(known, &slots(5, "officer"));
        assert_eq!(taken, [Some(3), Some(2), Some(3), Some(2), Some(3)]);
    }

    #[test]
    fn who_is_away_is_not_taken_and_a_shift_that_nobody_can_take_stays_empty() {
        let mut known = known(2);
        known.away.push((AccountId(2), Day(20_261_002), Day(20_261_003)));
        // A whole day has no day of rest after it: the first alone cannot do two in a row.
        assert_eq!(run(known, &slots(4, "officer")), [Some(1), None, Some(1), Some(2)]);
    }

    #[test]
    fn counts_level_out_over_working_days_too() {
        let mut known = known(4);
        known.counts.insert(AccountId(1), Counts { holidays: 3, weekends: 0, all: 3 });
        let mut all = slots(12, "officer");
        for slot in &mut all {
            slot.sort = Sort::Workday;
        }
        let taken = run(known, &all);
        let of = |n: i64| taken.iter().filter(|t| **t == Some(n)).count();
        assert!(of(1) < of(2) && of(2).abs_diff(of(3)) <= 1 && of(3).abs_diff(of(4)) <= 1, "{taken:?}");
    }
}
