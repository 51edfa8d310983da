//! The staff pages of the main job: home, case list, case page, dispatcher's board, the desks for accepting,
//! ruling, approving, verifying and calling back, the intake desk, the grid worker's report.
//!
//! Nothing is decided here. What somebody may do is asked of `procedures::service::offers`, and done by
//! `procedures::service::act` and the services of `intake`; this feature reads lists within the viewer's scope
//! ([`store`]), puts pages together in one snapshot ([`service`]), and draws them ([`pages`], [`actions`]).
//! The API under `/api/v1` takes the same filters and gives the same lists ([`api`]).
//!
//! May call: procedures, intake, parties, catalogue, places, people, indicators (for drilling down).

mod figure;
pub mod model;
mod names;
pub mod service;
mod store;

/// The phases in which somebody still has something to do, as stored.
pub(crate) const OPEN_PHASES: [&str; 9] =
    ["received", "accepted", "ruling", "dispatched", "handling", "paused", "shelved", "checking", "calling"];
