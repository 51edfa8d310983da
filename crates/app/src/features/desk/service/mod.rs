//! What the pages show, put together in one snapshot: lists, queues, a case, suggestions. Nothing here writes a
//! case; that is the engine's (`procedures::service`).

pub mod case;
pub mod clock;
pub mod forms;
pub mod input;
pub mod list;
pub mod place;
pub mod queue;
pub mod row;
pub mod suggest;
pub mod timeline;
