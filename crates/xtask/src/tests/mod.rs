//! Tests of the chores that need neither a network nor a browser.

mod crash;
mod options;
mod packages;
mod postgres;
mod report;
mod sabotage;
