//! The product through its services and pages.

mod catalogue;
mod given;
mod indicators;
mod nasty;
mod people;
mod places;
