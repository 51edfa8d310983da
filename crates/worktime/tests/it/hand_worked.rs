//! Due instants worked out by hand with the State Council's notices at hand.
//!
//! 2025: 26 September is a Friday; Sunday 28 September and Saturday 11 October are worked; 1 to 8 October are free.
//! 2026: Sunday 20 September and Saturday 10 October are worked; 25 to 27 September and 1 to 7 October are free;
//! in February the 14th and 28th (Saturdays) are worked and the 15th to 23rd free.

use crate::office::{at, limit, office, office_with, pause};
use std::sync::Arc;
use worktime::{Calendar, Pause};

#[test]
fn due_instants_without_pauses_equal_the_hand_worked_ones_to_the_minute() {
    let rules = office();
    for (start, text, due) in [
        // Urgent hours run through the night and the holiday.
        ("2025-10-03 23:10", "2紧急工作时", "2025-10-04 01:10"),
        ("2025-09-30 17:00", "24紧急工作时", "2025-10-01 17:00"),
        // Work hours: 1.5 h before the holiday, 2.5 h after it.
        ("2025-09-30 16:00", "4工作时", "2025-10-09 11:00"),
        // Started on a free Saturday: begins at the opening of the worked Sunday.
        ("2025-09-27 10:00", "4工作时", "2025-09-28 14:30"),
        // A limit that ends with the day is due at closing, not at the next opening.
        ("2025-09-30 14:00", "3.5工作时", "2025-09-30 17:30"),
        // Started at lunch, before opening, after closing.
        ("2025-09-29 12:30", "1工作时", "2025-09-29 15:00"),
        ("2025-09-29 06:00", "1工作时", "2025-09-29 09:30"),
        ("2025-09-30 19:00", "1工作时", "2025-10-09 09:30"),
        // Friday into the worked Saturday of 11 October.
        ("2025-10-10 15:00", "8工作时", "2025-10-11 16:00"),
        ("2025-10-11 16:30", "2工作时", "2025-10-13 09:30"),
        // Working days: the worked Sunday is the first.
        ("2025-09-26 09:00", "1工作日", "2025-09-28 17:30"),
        ("2025-09-26 10:00", "5工作日", "2025-10-10 17:30"),
        ("2025-10-09 09:00", "3工作日", "2025-10-13 17:30"),
        // Started on a free day: that day is left out and the first working day is the first.
        ("2025-10-04 11:00", "1工作日", "2025-10-09 17:30"),
        ("2025-09-30 23:59", "1工作日", "2025-10-09 17:30"),
        // Half a working day is 3.5 h from the start: 2.5 h before, 1 h after.
        ("2025-09-30 15:00", "0.5工作日", "2025-10-09 09:30"),
        // One and a half: the end of the 30th and half of the 9th.
        ("2025-09-29 20:00", "1.5工作日", "2025-10-09 12:00"),
        // Natural days end at 24:00 and are not rolled.
        ("2025-09-30 10:00", "1自然日", "2025-10-01 23:59:59.999"),
        ("2025-09-30 10:00", "1紧急工作日", "2025-10-01 23:59:59.999"),
        ("2025-08-10 09:00", "60自然日", "2025-10-09 23:59:59.999"),
        ("2025-09-30 22:00", "0.5自然日", "2025-10-01 10:00"),
        // 2026.
        ("2026-09-18 09:00", "1工作日", "2026-09-20 17:30"),
        ("2026-09-24 09:00", "5工作日", "2026-10-09 17:30"),
        ("2026-09-24 09:00", "6工作日", "2026-10-10 17:30"),
        ("2026-09-30 17:00", "2工作时", "2026-10-08 10:00"),
        ("2026-02-14 09:00", "10工作时", "2026-02-24 12:00"),
        ("2026-02-13 09:00", "2工作日", "2026-02-24 17:30"),
        ("2026-02-27 16:30", "3工作时", "2026-02-28 10:30"),
        ("2025-12-31 08:00", "2工作日", "2026-01-05 17:30"),
        // 2018: the notice for 2019 made Saturday 29 December a working day and Monday the 31st free.
        ("2018-12-28 09:00", "2工作日", "2019-01-02 17:30"),
    ] {
        let found = rules.due(at(start), limit(text), &[]).unwrap();
        assert_eq!((found.at.rfc3339(), found.expected), (at(due).rfc3339(), false), "{start} + {text}");
    }
}

#[test]
fn pauses_give_back_exactly_the_counted_time_they_took() {
    let rules = office();
    let holiday = pause("2025-09-30 10:00", "2025-10-09 15:00");
    for (start, text, pauses, due) in [
        // 6.5 h on the 29th, 1.5 h on the 30th, 2 h after the pause over the holiday.
        ("2025-09-29 09:00", "10工作时", vec![holiday], "2025-10-09 17:00"),
        // A pause within the holiday takes nothing.
        (
            "2025-09-30 16:00",
            "4工作时",
            vec![pause("2025-10-02 09:00", "2025-10-08 17:00")],
            "2025-10-09 11:00",
        ),
        // 24 h over two working days are 7 h of working time, one working day.
        (
            "2025-09-28 09:00",
            "3工作日",
            vec![pause("2025-09-29 10:00", "2025-09-30 10:00")],
            "2025-10-10 17:30",
        ),
        // 90 minutes of working time, and the limit ends within the day.
        (
            "2025-10-09 09:00",
            "1工作日",
            vec![pause("2025-10-10 09:00", "2025-10-10 10:30")],
            "2025-10-11 10:00",
        ),
        // On the day of the start, which does not count, nothing is taken.
        (
            "2025-10-09 09:00",
            "1工作日",
            vec![pause("2025-10-09 10:00", "2025-10-09 16:00")],
            "2025-10-10 17:30",
        ),
        // Overlapping and out of order: 09:00-11:00 once.
        (
            "2025-10-09 08:30",
            "1工作时",
            vec![
                pause("2025-10-09 10:00", "2025-10-09 11:00"),
                pause("2025-10-09 09:00", "2025-10-09 10:30"),
            ],
            "2025-10-09 11:30",
        ),
        (
            "2025-10-01 12:00",
            "3自然日",
            vec![pause("2025-10-02 00:00", "2025-10-03 00:00")],
            "2025-10-05 23:59:59.999",
        ),
        (
            "2025-10-01 12:00",
            "3自然日",
            vec![pause("2025-10-02 10:00", "2025-10-02 12:00")],
            "2025-10-05 02:00",
        ),
        (
            "2025-10-01 12:00",
            "2紧急工作时",
            vec![pause("2025-10-01 13:00", "2025-10-01 18:30")],
            "2025-10-01 19:30",
        ),
    ] {
        let found = rules.due(at(start), limit(text), &pauses).unwrap();
        assert_eq!(found.at.rfc3339(), at(due).rfc3339(), "{start} + {text} less {pauses:?}");
    }
}

#[test]
fn a_pause_that_still_lasts_leaves_no_due_instant_unless_the_limit_ended_before_it() {
    let rules = office();
    let open = |from| [Pause { from: at(from), until: None }];
    let start = at("2025-09-29 09:00");
    let hours = limit("4工作时");
    assert_eq!(rules.due(start, hours, &open("2025-09-29 10:00")), None);
    assert_eq!(
        rules.remaining(start, hours, &open("2025-09-29 10:00"), at("2025-10-09 10:00")),
        3 * 3_600_000
    );
    // Due at 15:00: a pause from that minute on changes nothing any more.
    let due = rules.due(start, hours, &open("2025-09-29 15:00")).unwrap();
    assert_eq!(due.at, at("2025-09-29 15:00"));
    assert_eq!(rules.due(start, hours, &open("2025-09-29 14:59")), None);
    assert_eq!(rules.due(start, limit("2工作日"), &open("2025-09-30 20:00")), None);
}

#[test]
fn a_due_instant_beyond_the_calendar_is_only_expected() {
    let rules = office();
    let expected = |start, text| rules.due(at(start), limit(text), &[]).unwrap().expected;
    assert!(!expected("2026-09-24 09:00", "6工作日"));
    assert!(expected("2026-09-24 09:00", "7工作日"));
    assert!(expected("2026-10-10 16:00", "2工作时"));
    assert!(expected("2017-06-05 09:00", "1工作日"));
    // Begun before the calendar, due within it.
    assert!(expected("2017-12-28 09:00", "3工作日"));
    assert!(!expected("2017-12-31 09:00", "1工作日"));
    assert!(!expected("2026-12-01 09:00", "3紧急工作时"));
    assert!(!expected("2026-12-01 09:00", "60自然日"));
}

#[test]
fn a_new_calendar_makes_an_expected_due_instant_certain_and_another_one() {
    // An invented table: the first four days of 2027 are free.
    let later = "date,kind,name\n2027-01-01,holiday,元旦\n2027-01-04,holiday,元旦\n2027-01-10,workday,元旦\n";
    let later = Calendar::from_csv(later, "trial").unwrap();
    let merged = office_with(Arc::new(Calendar::cn().merge(&later, "cn-2018-2027").unwrap()));
    let (start, two_days) = (at("2026-12-31 09:00"), limit("2工作日"));
    let before = office().due(start, two_days, &[]).unwrap();
    let after = merged.due(start, two_days, &[]).unwrap();
    assert_eq!((before.at, before.expected), (at("2027-01-04 17:30"), true));
    assert_eq!((after.at, after.expected), (at("2027-01-06 17:30"), false));
}

#[test]
fn shifting_a_holiday_by_a_day_changes_a_hand_worked_result() {
    let text = include_str!("../../../../packs/calendars/cn.csv");
    let shifted = text.replace("2025-10-08,3,", "2025-09-30,2,");
    assert_ne!(shifted, text);
    let shifted = office_with(Arc::new(Calendar::from_csv(&shifted, "shifted").unwrap()));
    let (start, four_hours) = (at("2025-09-30 16:00"), limit("4工作时"));
    assert_eq!(office().due(start, four_hours, &[]).unwrap().at, at("2025-10-09 11:00"));
    assert_eq!(shifted.due(start, four_hours, &[]).unwrap().at, at("2025-10-08 14:30"));
}

#[test]
fn a_margin_before_an_upper_deadline_is_working_time() {
    let rules = office();
    for (upper, margin, own) in [
        ("2025-10-09 17:30", "4工作时", "2025-10-09 11:30"),
        // 1.5 h on the 9th and 2.5 h before the holiday.
        ("2025-10-09 10:00", "4工作时", "2025-09-30 15:00"),
        ("2025-10-09 23:59:59.999", "3.5工作时", "2025-10-09 14:00"),
        // The whole margin fits the morning: the latest instant is the opening, not the last closing.
        ("2025-10-09 12:00", "3.5工作时", "2025-10-09 08:30"),
        ("2025-10-09 17:30", "1工作日", "2025-09-30 17:30"),
        ("2025-10-12 12:00", "1工作日", "2025-10-10 17:30"),
        ("2025-10-09 10:00", "2工作日", "2025-09-29 10:00"),
        ("2025-10-09 17:30", "1.5工作日", "2025-09-30 14:00"),
        ("2025-10-09 10:00", "2紧急工作时", "2025-10-09 08:00"),
        ("2025-10-09 23:59:59.999", "2自然日", "2025-10-07 23:59:59.999"),
        ("2025-10-05 03:00", "0工作时", "2025-10-05 03:00"),
    ] {
        assert_eq!(rules.before(at(upper), limit(margin)).rfc3339(), at(own).rfc3339(), "{upper} - {margin}");
    }
}

#[test]
fn a_last_day_that_is_free_rolls_to_the_end_of_the_next_working_day_for_display() {
    let rules = office();
    let rolled = |text| rules.rolled(at(text)).rfc3339();
    assert_eq!(rolled("2025-10-01 23:59:59.999"), at("2025-10-09 23:59:59.999").rfc3339());
    assert_eq!(rolled("2025-09-27 23:59:59.999"), at("2025-09-28 23:59:59.999").rfc3339());
    assert_eq!(rolled("2025-10-11 23:59:59.999"), at("2025-10-11 23:59:59.999").rfc3339());
}

#[test]
fn elapsed_time_is_counted_in_the_units_own_measure() {
    let rules = office();
    let elapsed = |unit: &str, from: &str, to: &str| {
        rules.elapsed(worktime::LimitUnit::parse(unit).unwrap(), at(from), at(to), &[])
    };
    let hour = 3_600_000;
    assert_eq!(elapsed("urgent_hour", "2025-09-30 16:00", "2025-10-01 16:00"), 24 * hour);
    assert_eq!(elapsed("work_hour", "2025-09-30 16:00", "2025-10-09 11:00"), 4 * hour);
    assert_eq!(elapsed("work_hour", "2025-10-01 00:00", "2025-10-09 00:00"), 0);
    assert_eq!(elapsed("work_day", "2025-09-30 16:00", "2025-10-09 12:00"), 500);
    assert_eq!(elapsed("work_day", "2025-09-30 08:30", "2025-09-30 17:30"), 0);
    assert_eq!(elapsed("work_day", "2025-09-26 10:00", "2025-10-10 17:30"), 5_000);
    assert_eq!(elapsed("natural_day", "2025-09-30 10:00", "2025-10-01 23:59:59.999"), 1_000);
    assert_eq!(elapsed("natural_day", "2025-09-30 10:00", "2025-10-02 06:00"), 1_250);
    assert_eq!(elapsed("work_hour", "2025-10-09 11:00", "2025-09-30 16:00"), 0);
}

#[test]
fn what_remains_is_zero_at_the_due_instant_and_negative_after_it() {
    let rules = office();
    let (start, text) = (at("2025-09-30 15:00"), limit("0.5工作日"));
    let remaining = |now| rules.remaining(start, text, &[], at(now));
    assert_eq!(remaining("2025-09-30 15:00"), 500);
    assert_eq!(remaining("2025-10-05 15:00"), 143);
    assert_eq!(remaining("2025-10-09 09:30"), 0);
    assert_eq!(remaining("2025-10-10 09:30"), -1_000);
}

#[test]
fn an_office_that_never_closes_has_days_that_end_at_midnight() {
    let mut rules = office();
    rules.hours = worktime::Hours::parse("00:00-24:00").unwrap();
    let due = |start, text| rules.due(at(start), limit(text), &[]).unwrap().at.rfc3339();
    assert_eq!(due("2025-09-30 16:00", "1工作日"), at("2025-10-09 23:59:59.999").rfc3339());
    assert_eq!(due("2025-09-30 16:00", "10工作时"), at("2025-10-09 02:00").rfc3339());
    // The end of the calendar's last day still belongs to it.
    assert!(!rules.due(at("2026-10-10 22:00"), limit("2工作时"), &[]).unwrap().expected);
}

#[test]
fn days_keep_their_length_where_clocks_change() {
    // New York: the clocks go forward on 9 March 2025 and back on 2 November 2025.
    let mut rules = office();
    rules.tz = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let ts = |text: &str| kernel::Ts::parse(text).unwrap();
    let due = |start, text| rules.due(ts(start), limit(text), &[]).unwrap().at;
    assert_eq!(due("2025-03-07T17:00:00-05:00", "1工作时"), ts("2025-03-10T09:00:00-04:00"));
    assert_eq!(due("2025-03-08T12:00:00-05:00", "1自然日"), ts("2025-03-09T23:59:59.999-04:00"));
    assert_eq!(due("2025-11-01T12:00:00-04:00", "2自然日"), ts("2025-11-03T23:59:59.999-05:00"));
    assert_eq!(due("2025-11-01T12:00:00-04:00", "24紧急工作时"), ts("2025-11-02T11:00:00-05:00"));
    let natural = worktime::LimitUnit::NaturalDay;
    let (start, end) = (ts("2025-03-08T12:00:00-05:00"), due("2025-03-08T12:00:00-05:00", "1自然日"));
    assert_eq!(rules.elapsed(natural, start, end, &[]), 1_000);
}
