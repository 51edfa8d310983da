//! The product through its services and pages.

mod api;
mod architecture;
mod audit;
mod backup;
mod browser;
mod catalogue;
mod census;
mod demo;
mod erasure;
mod given;
mod imports;
mod indicators;
mod intake;
mod jobs;
mod nasty;
mod people;
mod people_pages;
mod places;
mod public;
mod random;
mod scope;
mod words;
mod web;
