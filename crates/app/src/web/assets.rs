//! The bundled front end: hashed names, kept for ever by browsers, compressed ahead. `ASSETS_DIR` serves a
//! folder instead, for work on the front end.

use super::{App, WebError};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/assets"]
struct Bundle;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();
static MANIFEST: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| Bundle::get("manifest.json").map(|f| manifest(&f.data)).unwrap_or_default());

fn manifest(bytes: &[u8]) -> HashMap<String, String> {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// Serves a folder from now on instead of what is embedded.
pub(super) fn serve_folder(folder: PathBuf) {
    let _ = FOLDER.set(folder);
}

/// The address of an asset by its plain name, for example `app.css`.
#[must_use]
pub fn url(name: &str) -> String {
    let hashed = match FOLDER.get() {
        Some(folder) => {
            std::fs::read(folder.join("manifest.json")).ok().and_then(|b| manifest(&b).remove(name))
        }
        None => MANIFEST.get(name).cloned(),
    };
    format!("/assets/{}", hashed.as_deref().unwrap_or(name))
}

/// `GET /assets/{name}`
pub(super) async fn serve(
    State(_): State<Arc<App>>,
    super::Path(name): super::Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(WebError::not_found());
    }
    let accepted = super::visit::text(&headers, header::ACCEPT_ENCODING);
    let accepts =
        |what: &str| accepted.split(',').any(|part| part.split(';').next().map(str::trim) == Some(what));
    let mut found = None;
    for (suffix, encoding) in [(".br", "br"), (".gz", "gzip"), ("", "")] {
        if encoding.is_empty() || accepts(encoding) {
            found = read(&format!("{name}{suffix}")).map(|bytes| (bytes, encoding));
        }
        if found.is_some() {
            break;
        }
    }
    let Some((bytes, encoding)) = found else { return Err(WebError::not_found()) };
    let mut response = (StatusCode::OK, bytes.into_owned()).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(&name)));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !encoding.is_empty() {
        out.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_static(if encoding == "br" { "br" } else { "gzip" }),
        );
    }
    let keep = if FOLDER.get().is_some() { "no-cache" } else { "public, max-age=31536000, immutable" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}

fn read(name: &str) -> Option<Cow<'static, [u8]>> {
    match FOLDER.get() {
        Some(folder) => std::fs::read(folder.join(name)).ok().map(Cow::Owned),
        None => Bundle::get(name).map(|file| file.data),
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
