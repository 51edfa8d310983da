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
    /// Whether it comes from this machine itself and through no proxy.
    pub local: bool,
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
        let ip = address(app, parts);
        Visit {
            nonce: random(),
            id: random().chars().filter(char::is_ascii_alphanumeric).take(8).collect(),
            locale: find("lang").map(Locale::parse),
            htmx: headers.contains_key("hx-request"),
            fills: headers.get("hx-target").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
            live: headers.contains_key("x-live") || path == "/live" || path == "/live/poll",
            side,
            changes: !parts.method.is_safe(),
            ip,
            local: is_local(ip, headers),
            target: own_address(parts),
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

/// Path and query as they may stand in a link of ours. What begins with two strokes, or one that leans the other way, is to a
/// browser the name of another machine.
fn own_address(parts: &Parts) -> String {
    let target = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let path = target.split('?').next().unwrap_or_default();
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if own { target.to_owned() } else { "/".to_owned() }
}

/// The nearest address that is not one of our own proxies: everything left of it could be invented.
fn address(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip().to_canonical());
    forwarded(peer, &app.config.trusted_proxy, &parts.headers)
}

/// Goes from the peer to the left while what it meets is trusted; what cannot be read ends the way, for to the left of it
/// anybody may have written.
fn forwarded(peer: IpAddr, trusted: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|v| v.to_str().unwrap_or_default().split(','))
        .collect();
    let mut nearest = peer;
    for part in said.into_iter().rev() {
        if !trusted.contains(&nearest) {
            break;
        }
        let Some(ip) = read_address(part.trim()) else { break };
        nearest = ip;
    }
    nearest
}

/// An address as proxies write it: bare, in brackets, or with the port.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let ip = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

/// Whether it comes from this machine itself. What a proxy passed on never does, also where nobody has said that there is
/// one: its own address would open to everybody what is for the machine alone.
fn is_local(ip: IpAddr, headers: &HeaderMap) -> bool {
    const PASSED_ON: [&str; 5] =
        ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"];
    ip.is_loopback() && !PASSED_ON.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_believed_as_far_as_the_line_of_trusted_proxies_reaches() {
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        for (peer, said, is) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "127.0.0.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "127.0.0.1, 198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "127.0.0.1, [2001:db8::1]:4711", "2001:db8::1"),
            ("10.0.0.1", "127.0.0.1, [2001:db8::1]", "2001:db8::1"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "127.0.0.1, unknown", "10.0.0.1"),
            ("10.0.0.1", "127.0.0.1, ", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", said.parse().unwrap());
            assert_eq!(forwarded(ip(peer), &trusted, &headers), ip(is), "{peer} {said}");
        }
        let mut two = HeaderMap::new();
        two.append("x-forwarded-for", "127.0.0.1".parse().unwrap());
        two.append("x-forwarded-for", "198.51.100.1".parse().unwrap());
        assert_eq!(forwarded(ip("10.0.0.1"), &trusted, &two), ip("198.51.100.1"), "the last header counts");
    }
}
