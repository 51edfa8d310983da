//! Tests of search terms, identifiers, masks, titles, points, look-alikes, sort keys and tracking codes, on
//! made-up sentences and, when they are present beside the project, on real messages.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod identifiers;
mod messages;
mod names;
mod points;
mod seals;
mod search;
mod titles;
