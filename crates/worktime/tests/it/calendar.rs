//! The shipped calendar and the reading of tables.

use kernel::Day;
use worktime::{Calendar, CalendarError, CalendarReason, DayKind};

#[test]
fn the_shipped_calendar_says_what_the_notices_say() {
    let calendar = Calendar::cn();
    assert_eq!((calendar.known_from(), calendar.known_until()), (Day(20_180_101), Day(20_261_010)));
    for (day, kind, name) in [
        (20_250_928, DayKind::Adjusted, Some("国庆节、中秋节")),
        (20_250_930, DayKind::Workday, None),
        (20_251_001, DayKind::Holiday, Some("国庆节、中秋节")),
        (20_251_004, DayKind::Holiday, Some("国庆节、中秋节")),
        (20_251_008, DayKind::Holiday, Some("国庆节、中秋节")),
        (20_251_009, DayKind::Workday, None),
        (20_251_011, DayKind::Adjusted, Some("国庆节、中秋节")),
        (20_251_012, DayKind::Weekend, None),
        (20_260_920, DayKind::Adjusted, Some("国庆节")),
        (20_261_010, DayKind::Adjusted, Some("国庆节")),
        // Listed because the prolonged Spring Festival ended: a Monday like others.
        (20_200_203, DayKind::Workday, Some("春节")),
        // Beyond the data weekends alone are known.
        (20_261_011, DayKind::Weekend, None),
        (20_270_101, DayKind::Workday, None),
    ] {
        let day = Day(day);
        assert_eq!((calendar.kind(day), calendar.name(day)), (kind, name), "{}", day.iso());
        assert_eq!(calendar.is_workday(day), kind.works());
    }
}

#[test]
fn every_year_has_the_working_days_the_law_leaves() {
    // Weekdays less the statutory holidays: 11 until 2024, 13 from 2025 on (国务院令第795号). Exchanging days and
    // giving back holidays on weekends keep the sum. In 2020 the prolonged Spring Festival took two days more:
    // Friday 31 January and Saturday 1 February, which was to be worked.
    let calendar = Calendar::cn();
    for (year, holidays) in
        [(2018, 11), (2019, 11), (2020, 13), (2021, 11), (2022, 11), (2023, 11), (2024, 11), (2025, 13)]
    {
        let mut day = Day(year * 10_000 + 101);
        let (mut worked, mut weekdays) = (0, 0);
        while day.0 / 10_000 == year {
            worked += i64::from(calendar.is_workday(day));
            weekdays += i64::from(day.date().unwrap().weekday().to_monday_one_offset() <= 5);
            day = day.plus(1);
        }
        assert_eq!(worked, weekdays - holidays, "{year}");
    }
}

#[test]
fn a_wrong_table_is_refused_with_line_and_reason() {
    for (text, line, reason) in [
        ("", 1, CalendarReason::NoColumn("date")),
        ("date,name\n", 1, CalendarReason::NoColumn("kind")),
        ("date,kind,name\n", 1, CalendarReason::Empty),
        ("date,kind,name\n2026-01-01,holiday,元旦\n2026-02-30,holiday,x\n", 3, CalendarReason::Date),
        ("date,kind,name\n2026/01/01,holiday,元旦\n", 2, CalendarReason::Date),
        ("date,kind,name\n2026-01-01,off,元旦\n", 2, CalendarReason::Kind),
        ("date,iso_weekday,kind,name\n2026-01-01,5,holiday,元旦\n", 2, CalendarReason::Weekday),
        ("date,kind,name\n2026-01-01,holiday\n", 2, CalendarReason::Malformed),
        (
            "date,kind,name\n2026-01-02,holiday,元旦\n2026-01-01,holiday,元旦\n2026-01-02,workday,元旦\n",
            4,
            CalendarReason::Twice,
        ),
    ] {
        assert_eq!(Calendar::from_csv(text, "t"), Err(CalendarError { line, reason }), "{text}");
    }
}

#[test]
fn a_table_from_a_spreadsheet_is_read_whatever_its_order_mark_and_line_ends() {
    let text = "\u{feff}name,kind,date,remark\r\n 元旦 ,holiday,2027-01-01,\r\n元旦,workday,20261227,x\r\n";
    let calendar = Calendar::from_csv(text, "t").unwrap();
    assert_eq!((calendar.known_from(), calendar.known_until()), (Day(20_261_227), Day(20_270_101)));
    assert_eq!(calendar.name(Day(20_270_101)), Some("元旦"));
    assert_eq!(calendar.kind(Day(20_261_227)), DayKind::Adjusted);
}

#[test]
fn a_later_table_speaks_alone_for_its_span_and_leaves_the_rest() {
    let later =
        "date,kind,name\n2026-10-01,holiday,国庆节\n2026-10-08,holiday,国庆节\n2027-01-01,holiday,元旦\n";
    let merged = Calendar::cn().merge(&Calendar::from_csv(later, "later").unwrap(), "both").unwrap();
    assert_eq!(merged.version(), "both");
    assert_eq!((merged.known_from(), merged.known_until()), (Day(20_180_101), Day(20_270_101)));
    // Replaced within the span, kept before it.
    assert!(merged.is_workday(Day(20_261_002)) && !merged.is_workday(Day(20_261_008)));
    assert_eq!(merged.kind(Day(20_261_010)), DayKind::Weekend);
    assert_eq!(merged.name(Day(20_260_925)), Some("中秋节"));
    assert_eq!(merged.name(Day(20_270_101)), Some("元旦"));
}

#[test]
fn a_table_that_leaves_a_year_unknown_is_not_merged() {
    let far = Calendar::from_csv("date,kind,name\n2028-01-01,holiday,元旦\n", "far").unwrap();
    let gap = Err(CalendarError { line: 0, reason: CalendarReason::Gap });
    assert_eq!(Calendar::cn().merge(&far, "x"), gap);
    assert_eq!(far.merge(&Calendar::cn(), "x"), gap);
}

#[test]
fn everything_that_is_wrong_with_a_table_is_said_at_once_in_the_order_of_its_lines() {
    let text = "date,iso_weekday,kind,name\n2027-01-01,5,holiday,x\n2027-01-02,1,holiday,x\n2027-02-30,1,holiday,x\n\
                2027-01-01,5,holiday,x\n2027-01-04,1,free,x\n2027-01-05,2\n";
    let errors = Calendar::check_csv(text, "t").unwrap_err();
    let told: Vec<(u64, &str)> = errors.iter().map(|e| (e.line, e.reason.as_str())).collect();
    assert_eq!(told, [(3, "weekday"), (4, "date"), (5, "twice"), (6, "kind"), (7, "malformed")]);
    assert_eq!(Calendar::from_csv(text, "t").unwrap_err(), errors[0]);
}
