//! The seam, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that meets what it does not expect ends there, and says what it leaves out"
)]

mod door;
mod schema;
mod upgrade;
