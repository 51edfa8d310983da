//! One post to a group's robot over HTTP, and what its answer means.

use serde::Deserialize;
use std::net::IpAddr;
use std::time::Duration;

/// The other side has so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers are short; more is not read.
const ANSWER_MOST: u64 = 64 * 1024;

/// What came of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Taken.
    Sent,
    /// Not now: too often, no answer, a broken one. Worth another try.
    Later(String),
    /// Never: a wrong address or key, a text it does not take.
    Never(String),
}

#[derive(Deserialize)]
struct Answer {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

/// Codes of both platforms that ask for patience: 企业微信 45009 and -1, 钉钉 130101 and 410100.
const PATIENCE_CODES: [i64; 4] = [45_009, -1, 130_101, 410_100];

/// Reads an answer.
fn understood(status: u16, body: &str) -> Said {
    if status >= 500 || status == 429 {
        return Said::Later(format!("HTTP {status}"));
    }
    if !(200..300).contains(&status) {
        return Said::Never(format!("HTTP {status}"));
    }
    match serde_json::from_str::<Answer>(body) {
        Ok(Answer { errcode: 0, .. }) => Said::Sent,
        Ok(answer) => {
            let text: String = format!("{} {}", answer.errcode, answer.errmsg).chars().take(120).collect();
            if PATIENCE_CODES.contains(&answer.errcode) { Said::Later(text) } else { Said::Never(text) }
        }
        Err(_) => Said::Later("broken answer".to_owned()),
    }
}

/// An address to which the server may post: its host stands in the list of whoever runs the server, and it is https,
/// or plain http to this machine itself.
#[must_use]
pub(super) fn is_allowed(address: &str, hosts: &[String]) -> bool {
    let Ok(uri) = address.parse::<ureq::http::Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    if authority.as_str().contains('@') {
        return false;
    }
    let listed = hosts.iter().any(|h| h == authority.host() || h == authority.as_str());
    let secure = scheme == "https" || scheme == "http" && is_here(authority.host());
    listed && secure
}

fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Posts a text as JSON. Follows nothing: an answer that leads elsewhere is a wrong address.
pub(super) fn post(address: &str, body: &str) -> Said {
    post_within(address, body, PATIENCE)
}

fn post_within(address: &str, body: &str, patience: Duration) -> Said {
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent("gezhi");
    let here = address.parse::<ureq::http::Uri>().ok().and_then(|u| u.host().map(is_here)).unwrap_or(false);
    if here {
        config = config.proxy(None);
    }
    let agent: ureq::Agent = config.build().into();
    let sent = agent.post(address).header("content-type", "application/json; charset=utf-8").send(body);
    match sent {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            let text = answer.body_mut().with_config().limit(ANSWER_MOST).read_to_string();
            text.map_or_else(|_| Said::Later("broken answer".to_owned()), |text| understood(status, &text))
        }
        Err(ureq::Error::Timeout(_)) => Said::Later("no answer in time".to_owned()),
        // Never the address itself: it carries the key.
        Err(ureq::Error::BadUri(_)) => Said::Never("bad address".to_owned()),
        Err(_) => Said::Later("not reached".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_posted_to_and_only_by_https_elsewhere() {
        let hosts = ["qyapi.weixin.qq.com".to_owned(), "127.0.0.1:9000".to_owned()];
        let is = |address: &str| is_allowed(address, &hosts);
        assert!(is("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"));
        assert!(is("http://127.0.0.1:9000/x"));
        for wrong in [
            "http://qyapi.weixin.qq.com/x",
            "https://qyapi.weixin.qq.com.evil.example/x",
            "https://qyapi.weixin.qq.com@10.0.0.1/x",
            "https://10.0.0.1/x",
            "http://127.0.0.1:9001/x",
            "file:///etc/passwd",
            "qyapi.weixin.qq.com",
            "",
        ] {
            assert!(!is(wrong), "{wrong}");
        }
    }

    #[test]
    fn who_does_not_answer_is_tried_later() {
        let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/x", deaf.local_addr().unwrap());
        let said = post_within(&address, "{}", Duration::from_millis(300));
        assert_eq!(said, Said::Later("no answer in time".to_owned()));
        drop(deaf);
        assert_eq!(
            post_within(&address, "{}", Duration::from_secs(5)),
            Said::Later("not reached".to_owned())
        );
    }

    #[test]
    fn an_answer_is_understood_by_its_code() {
        assert_eq!(understood(200, r#"{"errcode":0,"errmsg":"ok"}"#), Said::Sent);
        assert!(matches!(understood(200, r#"{"errcode":45009,"errmsg":"freq"}"#), Said::Later(_)));
        assert!(matches!(understood(200, r#"{"errcode":93000,"errmsg":"invalid"}"#), Said::Never(_)));
        assert!(matches!(understood(200, "<html>"), Said::Later(_)));
        assert!(matches!(understood(502, ""), Said::Later(_)));
        assert!(matches!(understood(302, ""), Said::Never(_)));
    }
}
