//! The engines and their neighbours, one folder each. Allowed arrows between them are listed in
//! ARCHITECTURE.md and tested.

pub mod api;
pub mod audit;
pub mod catalogue;
pub mod demo;
pub mod desk;
pub mod documents;
pub mod first;
pub mod hands;
pub mod history;
pub mod imports;
pub mod indicators;
pub mod intake;
pub mod knowledge;
pub mod meetings;
pub mod messages;
pub mod parties;
pub mod people;
pub mod places;
pub mod procedures;
pub mod public;
pub mod roster;
pub mod settings;
pub mod tasks;
pub mod upstream;
