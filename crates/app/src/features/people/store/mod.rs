//! The SQL of people, in three files: [`structure`] (units, posts, figures), [`accounts`] (accounts and what
//! they hold), [`grants`] (roles, holdings, and the rights of an actor).

pub(crate) mod accounts;
pub(crate) mod grants;
pub(crate) mod structure;
