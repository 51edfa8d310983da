//! Working-time arithmetic for deadlines. Pure: the time is an argument, the calendar is data.
//!
//! Four units (GB/T 30428.8 practice, see the project's standards file 1.6), and how each is counted:
//!
//! | unit | counts | starts | ends |
//! |---|---|---|---|
//! | urgent hour 紧急工作时 | every instant, also at night and on holidays | at once | to the millisecond |
//! | work hour 工作时 | office hours of working days | at once, or at the next opening | to the millisecond |
//! | work day 工作日 | office hours of working days | the day after the day of the start | closing time of the n-th working day |
//! | natural day 自然日 | every day | the day after the day of the start | 23:59:59.999 of the n-th day |
//!
//! Sources: 民法典 201 (a period in days does not count the day it begins; one in hours runs from the hour it
//! begins), 203 (the last day ends at 24:00, or when business closes where there are business hours; a last day
//! that is a holiday rolls on, which is a display aid here, see [`Rules::rolled`]), 1259 (届满 includes the
//! number). 24:00 is written as the day's last millisecond so that it is shown on the day it belongs to.
//!
//! **One definition for all**: the due instant is the first instant at which the counted time reaches the limit.
//! *Fractions*: a limit under one day (0.5 工作日) counts that share of a day like hours, from the start itself;
//! 1.5 days is the end of the first counted day and half a day more.
//! *Pauses* give back exactly the counted time they took, in every unit: a pause that touches only closed hours
//! or the uncounted first day gives nothing back, one over a holiday gives back only the working time around it.
//! So the order and the cutting-up of pauses change nothing, a longer pause never brings the due instant
//! forward, and removing a pause restores the old instant. A limit in days may therefore end within a day.
//!
//! Days and office hours are wall-clock matters: all but urgent hours are counted on the local wall clock, so a
//! working day has the same length on the day the clocks change (China has not changed them since 1991).
#![deny(missing_docs)]

mod calendar;
mod civil;
mod explain;
mod hours;
mod limit;
mod line;
mod rules;

pub use calendar::{Calendar, CalendarError, CalendarReason, DayKind};
pub use explain::{Span, SpanKind, Step};
pub use hours::{Hours, HoursError};
pub use limit::{Limit, LimitError, LimitReason, LimitUnit};
pub use rules::{Due, Pause, Rules};
