//! Explanations, to the minute.

use crate::office::{at, limit, office, pause};
use kernel::Day;
use worktime::{DayKind, Pause, Span, SpanKind, Step};

const MINUTE: i64 = 60_000;

/// Kind, from and until of each span as clock times.
fn spans(step: &Step) -> Vec<(SpanKind, String, String)> {
    let tz = office().tz;
    let clock = |ts: kernel::Ts| ts.zoned(&tz).strftime("%H:%M").to_string();
    let of = |span: &Span| (span.kind, clock(span.from), span.until.map_or(String::from("-"), clock));
    step.spans.iter().map(of).collect()
}

fn line(kind: SpanKind, from: &str, until: &str) -> (SpanKind, String, String) {
    (kind, from.to_owned(), until.to_owned())
}

#[test]
fn a_clock_through_the_national_holiday_and_an_adjusted_saturday_explains_every_day() {
    use SpanKind::{Closed, Counted, DayOff, Paused};
    let pauses = [pause("2025-10-09 09:00", "2025-10-09 15:00")];
    let steps = office().explain(at("2025-09-30 15:00"), limit("14工作时"), &pauses);
    let days: Vec<_> =
        steps.iter().map(|s| (s.day.0, s.kind, s.counted / MINUTE, s.remaining / MINUTE)).collect();
    assert_eq!(days[0], (20_250_930, DayKind::Workday, 150, 690));
    for (place, day) in (20_251_001..=20_251_008).enumerate() {
        assert_eq!(days[place + 1], (day, DayKind::Holiday, 0, 690));
        assert_eq!(steps[place + 1].name.as_deref(), Some("国庆节、中秋节"));
        assert_eq!(spans(&steps[place + 1]), [line(DayOff, "00:00", "00:00")]);
    }
    assert_eq!(days[9], (20_251_009, DayKind::Workday, 180, 510));
    assert_eq!(days[10], (20_251_010, DayKind::Workday, 420, 90));
    assert_eq!(days[11], (20_251_011, DayKind::Adjusted, 90, 0));
    assert_eq!(days.len(), 12);
    assert_eq!(spans(&steps[0]), [line(Counted, "15:00", "17:30"), line(Closed, "17:30", "00:00")]);
    assert_eq!(
        spans(&steps[9]),
        [
            line(Closed, "00:00", "08:30"),
            line(Counted, "08:30", "09:00"),
            line(Paused, "09:00", "12:00"),
            line(Closed, "12:00", "14:00"),
            line(Paused, "14:00", "15:00"),
            line(Counted, "15:00", "17:30"),
            line(Closed, "17:30", "00:00"),
        ]
    );
    assert_eq!(spans(&steps[11]), [line(Closed, "00:00", "08:30"), line(Counted, "08:30", "10:00")]);
    assert_eq!(steps[11].until, Some(at("2025-10-11 10:00")));
    assert_eq!(steps[11].total, 14 * 60 * MINUTE);
}

#[test]
fn a_limit_in_days_shows_the_start_day_that_does_not_count() {
    use SpanKind::{Closed, Counted, DayOff, StartDay};
    let steps = office().explain(at("2025-09-26 10:00"), limit("1工作日"), &[]);
    assert_eq!(
        steps.iter().map(|s| s.day).collect::<Vec<_>>(),
        [Day(20_250_926), Day(20_250_927), Day(20_250_928)]
    );
    assert_eq!(spans(&steps[0]), [line(StartDay, "10:00", "00:00")]);
    assert_eq!((steps[1].kind, spans(&steps[1])), (DayKind::Weekend, vec![line(DayOff, "00:00", "00:00")]));
    assert_eq!(steps[2].kind, DayKind::Adjusted);
    assert_eq!(
        spans(&steps[2]),
        [
            line(Closed, "00:00", "08:30"),
            line(Counted, "08:30", "12:00"),
            line(Closed, "12:00", "14:00"),
            line(Counted, "14:00", "17:30"),
        ]
    );
}

#[test]
fn natural_days_and_urgent_hours_count_on_holidays_and_say_which() {
    let steps = office().explain(at("2025-09-30 10:00"), limit("1自然日"), &[]);
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[1].kind, steps[1].counted, steps[1].remaining), (DayKind::Holiday, 1_440 * MINUTE, 0));
    assert_eq!(steps[1].until, Some(at("2025-10-01 23:59:59.999")));
    let steps = office().explain(at("2025-10-03 23:10"), limit("2紧急工作时"), &[]);
    assert_eq!(steps.iter().map(|s| s.counted / MINUTE).collect::<Vec<_>>(), [50, 70]);
    assert_eq!(steps[1].until, Some(at("2025-10-04 01:10")));
}

#[test]
fn a_pause_that_still_lasts_is_where_the_explanation_ends() {
    let rules = office();
    for (text, from, day, counted) in [
        ("4工作时", "2025-09-30 10:00", 20_250_930, 90),
        ("4工作时", "2025-09-30 13:00", 20_250_930, 210),
        ("9工作时", "2025-10-03 10:00", 20_251_003, 0),
        ("9工作时", "2025-10-04 00:00", 20_251_004, 0),
        ("2工作日", "2025-09-29 15:00", 20_250_929, 0),
        ("2自然日", "2025-09-30 01:00", 20_250_930, 60),
    ] {
        let start = if text == "9工作时" { "2025-09-30 09:00" } else { "2025-09-29 18:00" };
        let start = if text == "2工作日" { "2025-09-29 14:00" } else { start };
        let pauses = [Pause { from: at(from), until: None }];
        assert_eq!(rules.due(at(start), limit(text), &pauses), None);
        let steps = rules.explain(at(start), limit(text), &pauses);
        let last = steps.last().unwrap();
        assert_eq!((last.day, last.until, last.counted / MINUTE), (Day(day), None, counted), "{text} {from}");
        let held = last.spans.last().unwrap();
        assert_eq!(*held, Span { from: at(from), until: None, kind: SpanKind::Paused });
        assert!(last.remaining > 0);
    }
}

#[test]
fn days_beyond_the_calendar_are_marked_as_expected() {
    let steps = office().explain(at("2026-10-09 16:30"), limit("9工作时"), &[]);
    let marked: Vec<_> = steps.iter().map(|s| (s.day.0, s.expected)).collect();
    assert_eq!(marked, [(20_261_009, false), (20_261_010, false), (20_261_011, true), (20_261_012, true)]);
}

#[test]
fn an_explanation_survives_json() {
    let steps = office().explain(at("2025-09-26 10:00"), limit("1.5工作日"), &[]);
    let json = serde_json::to_string(&steps).unwrap();
    assert!(json.contains("\"kind\":\"start_day\"") && json.contains("\"kind\":\"adjusted\""));
    assert_eq!(serde_json::from_str::<Vec<Step>>(&json).unwrap(), steps);
    assert_eq!(office().explain(at("2025-09-26 10:00"), limit("0工作时"), &[]).len(), 1);
}
