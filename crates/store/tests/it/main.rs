//! The seam, on both databases.
mod door;
mod schema;
