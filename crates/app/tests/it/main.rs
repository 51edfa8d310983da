//! The product through its services and pages.

mod architecture;
mod catalogue;
mod erasure;
mod audit;
mod browser;
mod given;
mod indicators;
mod nasty;
mod people;
mod places;
mod random;
mod scope;
mod words;
mod web;
