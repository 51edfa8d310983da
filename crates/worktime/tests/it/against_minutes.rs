//! The same due instants, found by walking from minute to minute with an independent reading of the table.

use crate::office::{at, office};
use jiff::Span;
use kernel::Ts;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::OnceLock;
use worktime::{Limit, LimitUnit, Pause};

const TABLE: &str = include_str!("../../../../packs/calendars/cn.csv");
/// Minutes are numbered from midnight of 22 September 2025 in Shanghai, which has one offset.
const DAYS: i64 = 200;

/// For each minute whether it lies within office hours of a working day.
fn open_minutes() -> &'static Vec<bool> {
    static OPEN: OnceLock<Vec<bool>> = OnceLock::new();
    OPEN.get_or_init(|| {
        let row = |line: &'static str| line.split(',').nth(2).map(|kind| (&line[..10], kind == "workday"));
        let listed: HashMap<&str, bool> = TABLE.lines().skip(1).filter_map(row).collect();
        let days =
            (0..DAYS).map(|day| jiff::civil::date(2025, 9, 22).checked_add(Span::new().days(day)).unwrap());
        days.flat_map(|day| {
            let weekday = day.weekday().to_monday_one_offset() <= 5;
            let works = listed.get(day.to_string().as_str()).copied().unwrap_or(weekday);
            (0..1_440)
                .map(move |clock| works && ((510..720).contains(&clock) || (840..1_050).contains(&clock)))
        })
        .collect()
    })
}

/// Whether the minute that begins here counts for the unit.
fn counts(unit: LimitUnit, minute: i64) -> bool {
    !unit.is_work() || open_minutes()[usize::try_from(minute).unwrap()]
}

fn instant(minute: i64) -> Ts {
    at("2025-09-22 00:00").plus(minute * Ts::MINUTE)
}

/// The minute at whose end the limit is used up.
fn walk(unit: LimitUnit, start: i64, amount: i64, pauses: &[(i64, i64)]) -> i64 {
    let day_length = if unit == LimitUnit::WorkDay { 420 } else { 1_440 };
    let (mut at, need) = if !unit.is_days() {
        (start, amount * 60 / 1_000)
    } else if amount < 1_000 {
        (start, amount * day_length / 1_000)
    } else {
        (midnight_after(start), amount * day_length / 1_000)
    };
    let mut counted = 0;
    while counted < need {
        let paused = pauses.iter().any(|(from, until)| (*from..*until).contains(&at));
        counted += i64::from(!paused && counts(unit, at));
        at += 1;
    }
    at
}

fn midnight_after(minute: i64) -> i64 {
    (minute / 1_440 + 1) * 1_440
}

fn unit() -> impl Strategy<Value = LimitUnit> {
    prop::sample::select(LimitUnit::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn due_instants_equal_a_walk_from_minute_to_minute(
        unit in unit(),
        start in 0_i64..30 * 1_440,
        // Steps of 50 thousandths: 3 minutes of an hour, 21 of a working day, 72 of a natural one.
        steps in 0_i64..160,
        pauses in prop::collection::vec((0_i64..40 * 1_440, 0_i64..4 * 1_440), 0..11),
    ) {
        let limit = Limit::new(unit, steps * 50);
        let spans: Vec<_> = pauses.iter().map(|(from, length)| (*from, from + length)).collect();
        let paused: Vec<_> =
            spans.iter().map(|(from, until)| Pause { from: instant(*from), until: Some(instant(*until)) }).collect();
        let found = office().due(instant(start), limit, &paused).unwrap();
        let walked = walk(unit, start, limit.amount, &spans);
        let midnight = unit.is_days() && limit.amount >= 1_000 && walked % 1_440 == 0;
        prop_assert_eq!(found.at, instant(walked).plus(-i64::from(midnight)));
    }

    #[test]
    fn counted_time_equals_a_walk_from_minute_to_minute(
        unit in unit(),
        from in 0_i64..30 * 1_440,
        length in 0_i64..20 * 1_440,
        pauses in prop::collection::vec((0_i64..40 * 1_440, 0_i64..4 * 1_440), 0..4),
    ) {
        let paused: Vec<_> = pauses
            .iter()
            .map(|(from, length)| Pause { from: instant(*from), until: Some(instant(from + length)) })
            .collect();
        let origin = if unit.is_days() { midnight_after(from) } else { from };
        let walked = (origin..from + length)
            .filter(|minute| !pauses.iter().any(|(from, length)| (*from..from + length).contains(minute)))
            .filter(|minute| counts(unit, *minute))
            .map(|_| 1)
            .sum::<i64>();
        let expected = match unit {
            LimitUnit::WorkDay => walked * 1_000 / 420,
            LimitUnit::NaturalDay => walked * 1_000 / 1_440,
            _ => walked * Ts::MINUTE,
        };
        prop_assert_eq!(office().elapsed(unit, instant(from), instant(from + length), &paused), expected);
    }
}
