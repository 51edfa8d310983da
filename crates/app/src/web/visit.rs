//! What is known of a request before anybody is recognised: language, form of the answer, address, cookies.

use super::App;
use crate::words::Locale;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// For whom the path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// People of the office.
    Staff,
    /// Residents: `/p/…`.
    Public,
    /// Programs: `/api/…`, `/open311/…`.
    Api,
}

/// A request as every part of the shell sees it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Marks the scripts of this answer in the content policy.
    pub nonce: String,
    /// Names this request in the log and on the page of a failure.
    pub id: String,
    /// The language chosen by cookie.
    pub locale: Option<Locale>,
    /// Whether a fragment is wanted: by htmx or by a form that sends itself.
    pub htmx: bool,
    /// The element that htmx will fill, as `tag#id`; blank when it does not say.
    pub fills: String,
    /// Whether nobody pressed anything: a page that keeps itself up to date.
    pub live: bool,
    /// For whom the path is.
    pub side: Side,
    /// Whether it might change something: anything but a look.
    pub changes: bool,
    /// Where it comes from, as far as the trusted proxies can be believed.
    pub ip: IpAddr,
    /// Path and query.
    pub target: String,
    /// Large type on public pages.
    pub elder: bool,
    /// The browser, as it calls itself, shortened.
    pub agent: String,
    cookies: Vec<(String, String)>,
}

impl Visit {
    /// Reads a request.
    #[must_use]
    pub(crate) fn read(app: &App, parts: &Parts) -> Visit {
        let headers = &parts.headers;
        let cookies = cookies(headers);
        let find = |name: &str| cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let path = parts.uri.path();
        let side = match path {
            p if p.starts_with("/api/") || p.starts_with("/open311/") => Side::Api,
            p if p == "/p" || p.starts_with("/p/") => Side::Public,
            _ => Side::Staff,
        };
        let random = || {
            crate::crypto::random::<16>()
                .map(|b| data_encoding::BASE64URL_NOPAD.encode(&b))
                .unwrap_or_default()
        };
        Visit {
            nonce: random(),
            id: random().chars().filter(char::is_ascii_alphanumeric).take(8).collect(),
            locale: find("lang").map(Locale::parse),
            htmx: headers.contains_key("hx-request"),
            fills: headers.get("hx-target").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
            live: headers.contains_key("x-live") || path == "/live" || path == "/live/poll",
            side,
            changes: !parts.method.is_safe(),
            ip: address(app, parts),
            target: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned()),
            elder: find("mode") == Some("elder"),
            agent: text(headers, header::USER_AGENT).chars().take(200).collect(),
            cookies,
        }
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The nearest address that is not one of our own proxies: everything left of it could be invented.
fn address(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
    let trusted = &app.config.trusted_proxy;
    if !trusted.contains(&peer) {
        return peer;
    }
    parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|part| part.trim().parse().ok())
        .collect::<Vec<IpAddr>>()
        .into_iter()
        .rev()
        .find(|ip| !trusted.contains(ip))
        .unwrap_or(peer)
}
