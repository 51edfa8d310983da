//! People: units, posts and who holds them, accounts, roles and the rights they bring.
//!
//! Work and rights belong to posts and units, never to accounts (DESIGN §4): a role is given to a post, a
//! holding says who holds the post from when to when, and [`service::actor`] gathers what all posts held
//! now bring. Three administrators are kept apart and every grant waits for a second person (STANDARDS
//! §6.2), see [`service::roles`]. Start reading at [`service`].
//!
//! Sessions and passwords at the door are in [`session`]. May call: the store, `events`, `crypto`, `text`. Reads the places table for the reach of posts.

pub mod device;
pub mod model;
pub mod pack;
mod pages;
pub mod password;
pub mod service;
pub mod session;
pub(crate) mod store;

pub use pages::routes;

pub use model::{HoldingId, PostRoleId, Site};
