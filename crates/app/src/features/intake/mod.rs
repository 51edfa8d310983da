//! Intake: what somebody says becomes a report and a case. Also what belongs to the report and its
//! requester afterwards: following, adding, urging, rating, the reveal and the erasure.

pub mod model;
pub mod search;
pub mod service;
pub mod store;
