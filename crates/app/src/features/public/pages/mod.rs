//! The public pages. They use [`super::link::PublicLink`] and nothing else of the office; a test holds them
//! to it. Every page does its work as plain HTML; scripts only add to it.

mod acts;
mod entry;
mod filing;
mod info;
mod say;
mod track;

use super::inside::Inside;
use super::link::{At, PlaceView, PublicLink};
use crate::web::{Access, Answer, Routes, Visitor, WebError, encode};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::PlaceId;

/// The routes of the public side.
pub fn routes() -> Routes {
    let open = Access::Public;
    Routes::new()
        .get("/p", open, entry::show)
        .get("/p/privacy", open, info::privacy)
        .get("/p/faq", open, info::answers)
        .get("/p/{token}", open, filing::show_token)
        .upload("/p/{token}", open, filing::file_token)
        .get("/p/at/{place}", open, filing::show_place)
        .upload("/p/at/{place}", open, filing::file_place)
        .post("/p/similar", open, filing::similar)
        .get("/p/kept/{picture}", open, filing::kept)
        .get("/p/places/{token}/open", open, info::open_token)
        .get("/p/at/{place}/open", open, info::open_place)
        .get("/p/receipt/{no}", open, filing::receipt)
        .get("/p/track", open, track::ask)
        .post("/p/track", open, track::admit)
        .post("/p/leave", open, track::leave)
        .get("/p/track/{no}", open, track::show)
        .get("/p/track/{no}/photo/{id}", open, track::photo)
        .upload("/p/track/{no}/add", open, acts::add)
        .post("/p/track/{no}/urge", open, acts::urge)
        .post("/p/track/{no}/rate", open, acts::rate)
        .post("/p/track/{no}/same", open, acts::same)
        .post("/p/track/{no}/erase", open, acts::erase)
}

/// The link of this process; a gate would give its own.
fn link(visitor: &Visitor) -> impl PublicLink + use<> {
    Inside::new(&visitor.app)
}

/// The address of the form of a place.
fn form_path(at: &At) -> String {
    match at {
        At::Token(token) => format!("/p/{}", encode(token)),
        At::Place(id) => format!("/p/at/{id}"),
    }
}

/// The address of the list of open troubles of a place.
fn open_path(at: &At) -> String {
    match at {
        At::Token(token) => format!("/p/places/{}/open", encode(token)),
        At::Place(id) => format!("/p/at/{id}/open"),
    }
}

/// The address of a followed report.
fn track_path(no: &str) -> String {
    format!("/p/track/{}", encode(no))
}

/// Where somebody stands, and the visitor in that office.
async fn stand(visitor: &Visitor, at: &At) -> Result<(Visitor, PlaceView), WebError> {
    let place = link(visitor).place(at.clone()).await?;
    Ok((visitor.in_office(place.office)?, place))
}

fn place_at(place: PlaceId) -> At {
    At::Place(place)
}

/// The same answer with a cookie.
fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A picture as an answer; nothing on the way may keep it.
fn jpeg(bytes: Vec<u8>) -> Answer {
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
