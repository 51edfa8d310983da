//! Hours, limits, calendars, days and instants as people write them.
#![no_main]

use kernel::{Day, Ts};
use libfuzzer_sys::fuzz_target;
use worktime::{Calendar, Hours, Limit};

fuzz_target!(|text: &str| {
    if let Ok(limit) = Limit::parse(text) {
        assert_eq!(Limit::parse(&limit.to_string()).ok(), Some(limit));
    }
    let _ = (Hours::parse(text), Calendar::check_csv(text, "x"));
    if let Some(day) = Day::parse(text) {
        assert_eq!(Day::parse(&day.iso()), Some(day));
    }
    if let Some(at) = Ts::parse(text) {
        assert_eq!(Ts::parse(&at.rfc3339()), Some(at));
    }
    let _ = Ts::parse_local(text, &jiff::tz::TimeZone::UTC);
});
