//! The product through its services and pages.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "a test that meets what it does not expect ends there, and says what it leaves out"
)]

mod access;
mod api;
mod architecture;
mod audit;
mod backup;
mod browser;
mod catalogue;
mod census;
mod cli;
mod clock;
#[cfg(target_os = "linux")]
mod crash;
mod demo;
mod docs;
mod documents;
mod duty;
mod erasure;
mod files;
mod given;
mod hands;
mod history;
mod hostile;
mod imports;
mod indicators;
mod intake;
mod jobs;
mod knowledge;
mod meetings;
mod nasty;
mod people;
mod people_pages;
mod phones;
mod places;
mod plans;
mod public;
mod random;
mod scope;
mod security_table;
mod settings;
mod shell;
mod tasks;
mod upgrade;
mod upper_platform;
mod upstream;
mod web;
mod words;
