//! Settings of an office: name, hours, calendars, margins, its own words, how long contacts are kept. Every
//! change is an event on the office's stream.

pub mod model;
