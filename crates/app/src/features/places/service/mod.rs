//! The door of places: where something is, what lies in what, and how the tree is changed.

mod change;
mod divisions;
mod import;
mod look;

pub use change::{PlaceEdit, create_place, renew_token, retire_place, update_place};
pub use divisions::{
    DivisionFile, create_from_divisions, division, division_of, divisions_below, divisions_known,
    put_divisions, read_divisions, read_divisions_json,
};
pub use import::{export_places, import_landmarks, import_places};
pub use look::{
    ancestors, book, by_code, by_token, line, locate, located, may_see, path_label, place, seen, shape,
    shapes, tallies, versions,
};
