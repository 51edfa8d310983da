//! Settings of an office: hours, calendar, margins, words.
