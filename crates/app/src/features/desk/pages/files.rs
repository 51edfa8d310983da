//! `GET /files/{case}/{attachment}`: a picture or what was spoken, to whoever may see the case. The address names case and
//! attachment, never the content.

use crate::features::intake;
use crate::features::procedures::service as engine;
use crate::web::download::streamed;
use crate::web::{Answer, Path, Query, Staff, WebError};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use kernel::{AttachmentId, CaseId, Refusal};
use serde::Deserialize;

/// Longest side of a picture in a list, in pixels.
const THUMB: u32 = 240;
/// Longest side of one that stands beside another.
const HALF: u32 = 900;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Size {
    small: String,
}

pub(in super::super) async fn show(
    staff: Staff,
    Path((case, id)): Path<(CaseId, AttachmentId)>,
    Query(size): Query<Size>,
    asked: HeaderMap,
) -> Answer {
    let file = staff
        .read(move |tx, cx| {
            let state = engine::visible(tx, cx, case)?;
            let photo = intake::service::photo(tx, cx, id)?;
            let tied = |report| state.links.iter().any(|l| l.report == report && l.until.is_none());
            // What came with a report goes where the report goes; what came with an act stays with the case.
            let here = match photo.report {
                _ if photo.kind == "voice" => {
                    intake::service::voices(tx, cx, case)?.iter().any(|voice| voice.id == id)
                }
                Some(report) => tied(report),
                None => photo.case == Some(case),
            };
            if here { Ok(photo) } else { Err(Refusal::not_found().into()) }
        })
        .await?;
    let files = staff.app.files.clone();
    let spoken = file.kind == "voice";
    let hash = file.hash;
    let bytes = tokio::task::spawn_blocking(move || match size.small.as_str() {
        _ if spoken => files.get(&hash),
        "" => files.get(&hash),
        "2" => files.get_small(&hash, HALF),
        _ => files.get_small(&hash, THUMB),
    })
    .await?
    .map_err(WebError::from)?;
    if spoken {
        return streamed(asked.get(header::RANGE), &file.mime, bytes);
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        // Private: a shared machine's next user must not get it from the cache without asking here.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, bytes).into_response())
}
