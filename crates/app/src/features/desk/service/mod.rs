//! What the pages show, put together in one snapshot: lists, queues, a case, suggestions. Nothing here writes a
//! case; that is the engine's (`procedures::service`).

pub mod case;
pub mod clock;
pub mod forms;
pub mod input;
pub mod ledger;
pub mod list;
pub mod place;
pub mod queue;
pub mod row;
pub mod suggest;
pub mod timeline;

/// The key of a word for something that data name: `send_back` is said under `action-send-back`.
#[must_use]
pub fn word_key(prefix: &str, name: impl AsRef<str>) -> String {
    format!("{prefix}-{}", name.as_ref().replace('_', "-"))
}
