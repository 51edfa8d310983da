//! The product through its services and pages.

mod given;
mod nasty;
mod people;
