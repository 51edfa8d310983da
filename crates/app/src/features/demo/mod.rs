//! The demo office: an invented street with a year of cases, made by seed.
