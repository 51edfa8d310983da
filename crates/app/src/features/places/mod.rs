//! Places: the tree from the street down to the micro-grid, its boundaries, landmarks and the official list of divisions.
//!
//! An id is for ever; code, parent, name and boundary are dated in `place_version` (DECISIONS 6). Every place
//! knows its community and its grid, which scope compiles to. What everybody asks is answered from memory:
//! start reading at [`service::book`] and [`book::PlaceBook`].

pub mod book;
pub mod geojson;
pub mod model;
pub mod service;
mod store;

