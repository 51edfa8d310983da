//! The API under `/api/v1`: JSON for programs, with a token of an account and that account's rights and scope
//! of the moment. It calls the same services as the pages and decides nothing. Ids are strings, instants are
//! RFC 3339 in UTC, lists go on with `after`, refusals are `{code, message, field, args}`.
//!
//! May call: desk (for its lists), procedures, intake, parties, upstream, catalogue, places, people.

mod cases;
pub mod openapi;
mod registers;
mod reports;
mod upstream;

use crate::web::{Access, Routes, WebError};
use axum::body::Bytes;
use kernel::Ts;
use serde::de::DeserializeOwned;

/// The routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/cases", Access::Grant("demands.read"), cases::list)
        .get("/api/v1/cases/{id}", Access::Grant("demands.read"), cases::show)
        .get("/api/v1/cases/{id}/clocks/{clock}/explain", Access::Grant("demands.read"), cases::explain)
        .post("/api/v1/cases/{id}/actions/{action}", Access::Grant("demands.read"), cases::act)
        .post("/api/v1/reports", Access::Grant("demands.report"), reports::create)
        .post("/api/v1/upstream/tickets", Access::Grant("demands.dispatch"), upstream::take)
        .get("/api/v1/upstream/replies", Access::Grant("demands.dispatch"), upstream::replies)
        .post("/api/v1/upstream/replies/{id}", Access::Grant("demands.dispatch"), upstream::replied)
        .get("/api/v1/places", Access::Grant("places.read"), registers::places)
        .get("/api/v1/matters", Access::Grant("catalogue.read"), registers::matters)
        .get("/api/v1/units", Access::Grant("people.read"), registers::units)
}

/// Rows on one page of a list: as asked, 1 to 200.
fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(50).clamp(1, 200)
}

/// Reads a body of JSON; a blank one is an empty object.
fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, WebError> {
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|e| WebError::Bad(e.to_string()))
}

/// An instant as programs read it.
fn instant(at: Option<Ts>) -> Option<String> {
    at.map(Ts::rfc3339)
}
