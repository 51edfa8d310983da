//! The product through its services and pages.

mod architecture;
mod catalogue;
mod erasure;
mod audit;
mod given;
mod indicators;
mod nasty;
mod people;
mod places;
mod random;
mod scope;
mod words;
