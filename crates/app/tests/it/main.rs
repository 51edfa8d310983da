//! The product through its services and pages.

mod people;
