//! The office the examples are about: Shanghai time, 08:30-12:00 and 14:00-17:30.

use jiff::tz::TimeZone;
use kernel::Ts;
use std::sync::Arc;
use worktime::{Calendar, Hours, Limit, Pause, Rules};

pub fn office() -> Rules {
    office_with(Calendar::cn())
}

pub fn office_with(calendar: Arc<Calendar>) -> Rules {
    Rules {
        calendar,
        hours: Hours::parse("08:30-12:00,14:00-17:30").unwrap(),
        tz: TimeZone::get("Asia/Shanghai").unwrap(),
    }
}

/// `2025-09-30 16:00` (or with seconds and milliseconds) in Shanghai.
pub fn at(text: &str) -> Ts {
    let seconds = if text.len() == 16 { ":00" } else { "" };
    Ts::parse(&format!("{}{seconds}+08:00", text.replace(' ', "T"))).unwrap()
}

pub fn limit(text: &str) -> Limit {
    Limit::parse(text).unwrap()
}

pub fn pause(from: &str, until: &str) -> Pause {
    Pause { from: at(from), until: Some(at(until)) }
}
