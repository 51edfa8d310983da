//! Chinese text as an office meets it: one form for comparing and searching ([`normalize`], [`bigrams`],
//! [`query_terms`], [`matches`], [`excerpt`]), personal identifiers found, sealed and masked
//! ([`identifiers`], [`mask_phone`] …), a message's title and its several points, look-alikes, the order
//! of Chinese names, and tracking codes people can read out.
//!
//! Everything is a pure function of its arguments: no dictionary, no model, no I/O, the same on every machine.
#![deny(missing_docs)]

mod chars;
mod excerpt;
pub mod identifiers;
mod mask;
mod points;
mod similarity;
mod sort_key;
mod terms;
mod title;
mod tracking;

pub use chars::normalize;
pub use excerpt::{Excerpt, excerpt};
pub use mask::{mask_card, mask_id, mask_landline, mask_name, mask_phone, mask_plate, normalize_phone};
pub use points::split_points;
pub use similarity::{Grams, similarity};
pub use sort_key::pinyin_key;
pub use terms::{bigrams, matches, prefix_of, query_terms};
pub use title::title_of;
pub use tracking::{parse_tracking_code, tracking_code};
