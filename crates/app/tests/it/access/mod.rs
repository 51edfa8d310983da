//! Nobody in: every route for everybody who may try it, what lies outside somebody's scope, codes that are guessed, and
//! identities that must be nowhere.

mod codes;
mod office;
mod routes;
mod secrets;
mod sight;
