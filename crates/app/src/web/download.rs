//! Files that leave by the browser.

use super::{Answer, WebError, encode};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

/// What a browser calls a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The head of a file with a name in all letters, by RFC 6266; `way` is `attachment`, or `inline` for what is shown.
///
/// # Errors
/// When the name cannot be written there.
pub fn disposition(way: &str, name: &str) -> Result<HeaderValue, WebError> {
    let text = format!("{way}; filename*=UTF-8''{}", encode(name).replace('/', "%2F"));
    HeaderValue::from_str(&text).map_err(|e| WebError::Failed(e.into()))
}

/// A file to be kept by whoever asked, and by nothing between.
///
/// # Errors
/// When the name cannot be written.
pub fn download(bytes: Vec<u8>, kind: &'static str, name: &str) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition("attachment", name)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}
