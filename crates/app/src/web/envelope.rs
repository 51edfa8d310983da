//! Around every request: what is known of it, the language switch, the drawing of errors, headers, counts.

use super::error::WebError;
use super::guard::{Auth, Typed};
use super::shell::{Framing, PublicShell, Shell};
use super::staff::locale;
use super::visit::{Side, Visit};
use super::{App, metrics, security};
use crate::words::{Locale, Words};
use askama::Template;
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use kernel::{OfficeId, RefusalKind};
use std::sync::Arc;
use store::Trouble;

/// The outermost layer of our own.
pub(super) async fn envelope(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let start = app.uptime();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let (parts, body) = request.into_parts();
    let visit = Arc::new(Visit::read(&app, &parts));
    request = Request::from_parts(parts, body);
    if let Some(response) = switch(&app, &method, &visit) {
        return finish(&app, &visit, response);
    }
    request.extensions_mut().insert(Arc::clone(&app));
    request.extensions_mut().insert(Arc::clone(&visit));
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Arc<WebError>>() {
        let route = route.as_deref().unwrap_or_default();
        if let WebError::Failed(cause) = &*error {
            tracing::error!(id = visit.id, %method, route, error = format!("{cause:#}"), "a request failed");
        }
        response = draw(&app, &visit, &error, response);
    }
    app.metrics.count(metrics::Seen {
        method: &method,
        route: route.as_deref(),
        status: response.status(),
        took: app.uptime().saturating_sub(start),
    });
    finish(&app, &visit, response)
}

/// `?lang=en` and `?mode=elder` on any page: remembered in a cookie, and the page without them.
fn switch(app: &App, method: &Method, visit: &Visit) -> Option<Response> {
    let (path, query) = visit.target.split_once('?')?;
    if method != Method::GET || visit.side == Side::Api || visit.htmx {
        return None;
    }
    let (ours, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with("lang=") || pair.starts_with("mode="));
    if ours.is_empty() {
        return None;
    }
    let target = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let mut response = Redirect::to(&target).into_response();
    for pair in ours {
        let cookie = match pair.split_once('=') {
            Some(("lang", tag)) => security::cookie(app, "lang", Locale::parse(tag).tag(), YEAR, true),
            Some(("mode", mode)) => {
                security::cookie(app, "mode", if mode == "elder" { "elder" } else { "plain" }, YEAR, false)
            }
            _ => None,
        };
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Some(response)
}

const YEAR: i64 = 365 * 24 * 3_600;

fn finish(app: &App, visit: &Visit, mut response: Response) -> Response {
    let status = response.status();
    let headers = response.headers_mut();
    security::headers(app, visit, headers);
    let page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let sets = headers.get_all(header::SET_COOKIE).iter().any(|c| c.as_bytes().starts_with(b"flash="));
    // A whole page has shown the message of the act before.
    if page
        && status.is_success()
        && !visit.htmx
        && !sets
        && visit.cookie("flash").is_some()
        && let Some(cookie) = security::cookie(app, "flash", "", 0, true)
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// An error on a page of its own.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    w: &'a Words,
    shell: Shell,
    said: Said,
    typed: Vec<(String, String)>,
    signed_out: bool,
}

/// The same on a public page.
#[derive(Template)]
#[template(path = "public_error.html")]
struct PublicErrorPage<'a> {
    w: &'a Words,
    shell: PublicShell,
    said: Said,
    typed: Vec<(String, String)>,
}

/// The same inside a page.
#[derive(Template)]
#[template(path = "error_fragment.html")]
struct ErrorFragment<'a> {
    w: &'a Words,
    said: Said,
    signed_out: bool,
}

/// What is said: what happened, and what to do.
struct Said {
    title: String,
    text: String,
    next: String,
}

fn draw(app: &App, visit: &Visit, error: &WebError, mut bare: Response) -> Response {
    let auth = bare.extensions_mut().remove::<Arc<Auth>>();
    let typed = bare.extensions_mut().remove::<Typed>().unwrap_or_default();
    let office = auth.as_ref().map(|a| Arc::clone(&a.cx.office)).or_else(|| app.offices().into_iter().next());
    let locale = locale(app, visit, auth.as_deref(), office.as_ref().map_or(OfficeId(0), |o| o.id));
    let tz = office.as_ref().map_or(TimeZone::UTC, |o| o.tz.clone());
    let w = match &office {
        Some(office) => app.words(office, locale, app.clock.now()),
        None => Words::new(locale, &tz, app.clock.now()),
    };
    let status = error.status();
    // Whoever is not logged in meets a wrong address as a resident does, with no menu and no scope of a post.
    let stranger = visit.side == Side::Public || (auth.is_none() && status == StatusCode::NOT_FOUND);
    let said = said(&w, visit, error, stranger && visit.side != Side::Api);
    let signed_out = matches!(error, WebError::SignedOut);
    let name = office.map(|o| o.name.clone()).unwrap_or_default();
    let drawn = match visit.side {
        Side::Api => return json(status, error, &said, &bare),
        _ if visit.live => Ok(String::new()),
        _ if visit.htmx => ErrorFragment { w: &w, said, signed_out }.render(),
        Side::Public => PublicErrorPage {
            w: &w,
            shell: PublicShell::of(&name, visit, locale),
            said,
            typed: show(&w, typed),
        }
        .render(),
        Side::Staff => {
            let shell = match &auth {
                Some(auth) => Shell::of(auth, visit, locale, Framing::plain("")),
                None => Shell::bare(&name, visit, locale),
            };
            ErrorPage { w: &w, shell, said, typed: show(&w, typed), signed_out }.render()
        }
    };
    let mut response = match drawn {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(id = visit.id, %error, "the page of an error cannot be drawn");
            status.into_response()
        }
    };
    keep_headers(&mut response, &bare);
    response
}

fn keep_headers(response: &mut Response, bare: &Response) {
    for (name, value) in bare.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
}

fn json(status: StatusCode, error: &WebError, said: &Said, bare: &Response) -> Response {
    let (field, args) = match error.refusal() {
        Some(refusal) => (refusal.field, refusal.args.iter().cloned().collect()),
        None => (None, std::collections::BTreeMap::new()),
    };
    let body = serde_json::json!({ "code": code(error), "message": said.text, "field": field, "args": args });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = (status, kind, Json(body)).into_response();
    keep_headers(&mut response, bare);
    response
}

fn code(error: &WebError) -> &'static str {
    match error {
        WebError::Refused(refusal) => refusal.code,
        WebError::SignedOut => "common.signed_out",
        WebError::Csrf => "common.csrf",
        WebError::Method => "common.method",
        WebError::Bad(_) => "common.bad",
        WebError::Failed(_) => "common.failed",
    }
}

fn said(w: &Words, visit: &Visit, error: &WebError, stranger: bool) -> Said {
    let status = error.status().as_u16();
    let key = match error {
        WebError::Csrf => "csrf".to_owned(),
        _ => status.to_string(),
    };
    // Residents have neither menu nor administrator nor a scope.
    let own = |part: &str| {
        let key = format!("public-error-{key}-{part}");
        (stranger && w.has(&key)).then(|| w.t(&key))
    };
    let word = |part: &str| own(part).unwrap_or_else(|| w.t(&format!("error-{key}-{part}")));
    let mut text = match error {
        WebError::Refused(refusal) if refusal.kind == RefusalKind::NotFound && stranger => word("text"),
        WebError::Refused(refusal)
            if w.has(&format!("refusal-{}", refusal.code.replace(['.', '_'], "-"))) =>
        {
            w.refusal(refusal)
        }
        WebError::Failed(error) => {
            // A resident need not hear of disks.
            let trouble =
                Trouble::of(error).filter(|_| !stranger).map(|t| format!("error-500-{}", t.as_str()));
            w.t1(trouble.as_deref().unwrap_or("error-500-text"), "id", &visit.id)
        }
        _ => word("text"),
    };
    if visit.changes && matches!(status, 401 | 403) && !matches!(error, WebError::Csrf) {
        text = w.t1("error-unchanged", "text", text);
    }
    Said { title: word("title"), text, next: word("next") }
}

/// What was typed, with its labels, without what is nobody's text.
fn show(w: &Words, typed: Typed) -> Vec<(String, String)> {
    const HIDDEN: [&str; 10] =
        ["csrf", "idem", "password", "current", "again", "code", "ticket", "secret", "version", "draft"];
    typed
        .0
        .into_iter()
        .filter(|(name, value)| !value.trim().is_empty() && !HIDDEN.contains(&name.as_str()))
        .map(|(name, value)| (w.t_or(&format!("field-{}", name.replace('_', "-")), &name), value))
        .collect()
}
