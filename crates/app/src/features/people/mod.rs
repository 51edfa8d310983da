//! People: units, posts, accounts, roles, sessions, acting holders and hand-over.

pub mod session;
