//! The procedure engine: a matter with clocks that passes through hands until it is closed.

pub mod procedure;
