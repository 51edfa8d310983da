//! Laws that hold for every start, limit and pause.

use crate::office::{at, office};
use kernel::Ts;
use proptest::prelude::*;
use worktime::{Limit, LimitUnit, Pause, Rules};

/// Any millisecond from September 2025 to April 2026.
fn start() -> impl Strategy<Value = Ts> {
    (0_i64..210 * Ts::DAY).prop_map(|ms| at("2025-09-01 00:00").plus(ms))
}

fn unit() -> impl Strategy<Value = LimitUnit> {
    prop::sample::select(LimitUnit::ALL.to_vec())
}

fn hours() -> impl Strategy<Value = LimitUnit> {
    prop::sample::select(vec![LimitUnit::UrgentHour, LimitUnit::WorkHour])
}

fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    let pause =
        (start(), 0_i64..20 * Ts::DAY).prop_map(|(from, ms)| Pause { from, until: Some(from.plus(ms)) });
    prop::collection::vec(pause, 0..12)
}

fn due(rules: &Rules, start: Ts, limit: Limit, pauses: &[Pause]) -> Ts {
    rules.due(start, limit, pauses).unwrap().at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_later_start_or_a_larger_amount_is_never_due_earlier(
        unit in unit(), start in start(), amount in 0_i64..30_000, more in 0_i64..3_000, delay in 0_i64..Ts::DAY,
        pauses in pauses(),
    ) {
        let rules = office();
        let base = due(&rules, start, Limit::new(unit, amount), &pauses);
        prop_assert!(due(&rules, start, Limit::new(unit, amount + more), &pauses) >= base);
        prop_assert!(due(&rules, start.plus(delay), Limit::new(unit, amount), &pauses) >= base);
        prop_assert!(base >= start);
    }

    #[test]
    fn two_limits_in_hours_one_after_the_other_are_as_long_as_their_sum(
        unit in hours(), start in start(), first in 0_i64..20_000, second in 0_i64..20_000, pauses in pauses(),
    ) {
        let rules = office();
        let middle = due(&rules, start, Limit::new(unit, first), &pauses);
        prop_assert_eq!(
            due(&rules, middle, Limit::new(unit, second), &pauses),
            due(&rules, start, Limit::new(unit, first + second), &pauses)
        );
    }

    #[test]
    fn whole_days_one_after_the_other_are_as_long_as_their_sum(
        days in prop::sample::select(vec![LimitUnit::WorkDay, LimitUnit::NaturalDay]),
        start in start(), first in 1_i64..20, second in 1_i64..20,
    ) {
        let rules = office();
        let middle = due(&rules, start, Limit::new(days, first * 1_000), &[]);
        prop_assert_eq!(
            due(&rules, middle, Limit::new(days, second * 1_000), &[]),
            due(&rules, start, Limit::new(days, (first + second) * 1_000), &[])
        );
    }

    #[test]
    fn a_closed_pause_moves_the_due_instant_by_the_counted_time_it_took(
        unit in hours(), start in start(), amount in 0_i64..40_000, into in 0_i64..40_000, length in 0_i64..20 * Ts::DAY,
    ) {
        let rules = office();
        let limit = Limit::new(unit, amount);
        // The pause begins within the limit, after `into` of it.
        let from = due(&rules, start, Limit::new(unit, into.min(amount - amount.min(1))), &[]);
        let until = from.plus(length);
        let lost = rules.elapsed(unit, from, until, &[]);
        let paused = due(&rules, start, limit, &[Pause { from, until: Some(until) }]);
        if amount == 0 {
            prop_assert_eq!(paused, start);
        } else {
            prop_assert_eq!(rules.elapsed(unit, start, paused, &[]), limit.measure() + lost);
            prop_assert!(paused >= until || lost == 0);
        }
    }

    #[test]
    fn the_time_counted_up_to_the_due_instant_is_the_limit(
        unit in unit(), start in start(), amount in 1_i64..40_000, pauses in pauses(),
    ) {
        let rules = office();
        let limit = Limit::new(unit, amount);
        let end = due(&rules, start, limit, &pauses);
        prop_assert_eq!(rules.used(start, limit, &pauses, end), limit.measure());
        prop_assert_eq!(rules.remaining(start, limit, &pauses, end), 0);
        prop_assert!(rules.remaining(start, limit, &pauses, end.plus(-2 * Ts::MINUTE)) > 0);
        if !unit.is_days() || amount >= 1_000 {
            prop_assert_eq!(rules.elapsed(unit, start, end, &pauses), limit.measure());
        }
    }

    #[test]
    fn the_explanation_ends_at_the_due_instant_and_its_spans_lie_end_to_end(
        unit in unit(), start in start(), amount in 0_i64..30_000, pauses in pauses(), open in prop::option::of(start()),
    ) {
        let rules = office();
        let limit = Limit::new(unit, amount);
        let mut pauses = pauses;
        pauses.extend(open.map(|from| Pause { from, until: None }));
        let due = rules.due(start, limit, &pauses).map(|due| due.at);
        let steps = rules.explain(start, limit, &pauses);
        let last = steps.last().unwrap();
        prop_assert_eq!(last.until, due);
        prop_assert_eq!(due.is_some(), last.remaining == 0);
        let (mut at, mut total) = (start, 0);
        for (step, place) in steps.iter().zip(1..) {
            prop_assert_eq!(step.from, at);
            total += step.counted;
            prop_assert_eq!((step.total, step.total + step.remaining), (total, rules.milliseconds(limit)));
            for span in &step.spans {
                prop_assert_eq!(span.from, at);
                prop_assert!(span.until.is_some() || place == steps.len());
                at = span.until.unwrap_or(at);
            }
            prop_assert_eq!(step.until.unwrap_or(at), at);
        }
        prop_assert_eq!(steps.iter().any(|step| step.expected && step.counted > 0), false);
    }

    #[test]
    fn an_instant_before_by_hours_is_due_at_that_instant(
        unit in hours(), upper in start(), margin in 0_i64..40_000,
    ) {
        let rules = office();
        let margin = Limit::new(unit, margin);
        let own = rules.before(upper, margin);
        prop_assert!(own <= upper);
        let reached = due(&rules, own, margin, &[]);
        // Outside office hours no work hour ends: the last closing before it is reached instead.
        prop_assert!(reached <= upper && rules.elapsed(unit, reached, upper, &[]) == 0);
        if unit == LimitUnit::UrgentHour || margin.amount > 0 && rules.is_open(upper.plus(-1)) {
            prop_assert_eq!(reached, upper);
        }
        // The other way round: back at the start, or at the opening at which its clock began to run.
        let end = due(&rules, upper, margin, &[]);
        let began = if unit == LimitUnit::WorkHour && margin.amount > 0 { rules.opening(upper) } else { upper };
        prop_assert_eq!(rules.before(end, margin), began);
    }

    #[test]
    fn working_days_before_a_deadline_leave_exactly_that_much_working_time(
        upper in start(), amount in 1_i64..12_000,
    ) {
        let rules = office();
        let own = rules.before(upper, Limit::new(LimitUnit::WorkDay, amount));
        let left = rules.elapsed(LimitUnit::WorkHour, own, upper, &[]);
        prop_assert_eq!(left, rules.milliseconds(Limit::new(LimitUnit::WorkDay, amount)));
    }

    #[test]
    fn the_order_and_the_cutting_up_of_pauses_change_nothing(
        unit in unit(), start in start(), amount in 0_i64..30_000, pauses in pauses(), cut in 0_i64..Ts::DAY,
    ) {
        let rules = office();
        let limit = Limit::new(unit, amount);
        let whole = rules.due(start, limit, &pauses);
        let mut parts: Vec<Pause> = pauses
            .iter()
            .flat_map(|pause| {
                let until = pause.until.unwrap();
                let middle = pause.from.plus(cut).min(until);
                [Pause { from: pause.from, until: Some(middle) }, Pause { from: middle, until: Some(until) }]
            })
            .collect();
        parts.reverse();
        prop_assert_eq!(rules.due(start, limit, &parts), whole);
        let longer: Vec<_> =
            pauses.iter().map(|p| Pause { until: p.until.map(|until| until.plus(cut)), ..*p }).collect();
        prop_assert!(rules.due(start, limit, &longer).unwrap().at >= whole.unwrap().at);
    }
}

#[test]
fn absurd_instants_and_amounts_end_without_overflow() {
    let rules = office();
    for unit in LimitUnit::ALL {
        for start in [i64::MIN, -1, 0, i64::MAX] {
            for amount in [i64::MIN, 0, 1, i64::MAX] {
                let forever = [Pause { from: Ts(i64::MIN), until: Some(Ts(i64::MAX - 1)) }];
                let due = rules.due(Ts(start), Limit::new(unit, amount), &[]);
                assert!(due.is_some());
                assert!(rules.due(Ts(start), Limit::new(unit, amount), &forever).is_some());
                let _ = rules.before(Ts(start), Limit::new(unit, amount));
            }
        }
    }
}
