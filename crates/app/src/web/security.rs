//! Headers, cookies and the comparison of origins.

use super::App;
use super::visit::{Visit, text};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The name of the session cookie: with https the browser itself binds it to host and path.
pub(super) fn session_cookie(app: &App) -> &'static str {
    if app.config.secure() { "__Host-gezhi" } else { "gezhi" }
}

/// A cookie for the whole site; `seconds` 0 removes it.
pub(super) fn cookie(app: &App, name: &str, value: &str, seconds: i64, hidden: bool) -> Option<HeaderValue> {
    let secure = if app.config.secure() { "; Secure" } else { "" };
    let hidden = if hidden { "; HttpOnly" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{hidden}{secure}"))
        .ok()
}

/// Whether a writing request comes from one of our own pages, as far as the browser says. Old ones say
/// nothing; there the token decides alone.
pub(super) fn is_same_origin(app: &App, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        Some(site) => return site == "same-origin" || site == "none",
        None if !headers.contains_key(header::ORIGIN) => return true,
        None => {}
    }
    let origin = text(headers, header::ORIGIN);
    // Some built-in browsers hide it.
    if origin == "null" {
        return true;
    }
    let base = app.config.base_url.as_deref().map(|url| url.trim_end_matches('/'));
    let host = text(headers, header::HOST);
    base == Some(origin)
        || (!host.is_empty() && origin.split_once("://").is_some_and(|(_, h)| h.eq_ignore_ascii_case(host)))
}

/// Compares secrets in a time that says nothing about where they differ.
pub(super) fn is_equal(a: &str, b: &str) -> bool {
    !b.is_empty() && blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}

/// The headers of every answer.
pub(super) fn headers(app: &App, visit: &Visit, out: &mut HeaderMap) {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; img-src 'self' data: blob:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        visit.nonce
    );
    // Only the page on which a grid worker reports records anything.
    let devices = match visit.target.split('?').next() {
        Some("/report") => "camera=(self), geolocation=(self), microphone=(self)",
        _ => "camera=(self), geolocation=(self), microphone=()",
    };
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), devices),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        out.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&policy) {
        out.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    if app.config.secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        out.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !out.contains_key(header::CACHE_CONTROL) {
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
