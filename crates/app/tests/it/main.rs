//! The product through its services and pages.

mod given;
mod indicators;
mod nasty;
mod people;
