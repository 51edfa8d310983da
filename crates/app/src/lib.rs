//! Gezhi: the product. Features are folders under `features`; `web` holds the shell, `cli` the commands.
//! See ARCHITECTURE.md for the map and the allowed arrows.

pub mod actor;
pub mod backup;
pub mod cli;
pub mod config;
pub mod context;
pub mod crypto;
pub mod events;
pub mod features;
pub mod files;
pub mod installation;
pub mod jobs;
pub mod kept;
pub mod rows;
pub mod sheet;
pub mod web;
pub mod words;
mod workbook;
