//! The web shell: router, session, CSRF, content policy, layout, errors. No rules live here.
//!
//! # For the writer of a feature's pages
//!
//! A feature gives `pub fn routes() -> Routes` (add it to [`routes`]) and, where its work is counted in the
//! menu, a [`nav::Counter`] (add it to [`COUNTERS`]). Every route states its [`Access`]; session, right,
//! origin and CSRF token are checked before the handler runs. A handler takes [`Staff`] (or [`Visitor`] under
//! `/p/…`) and gives an [`Answer`]:
//!
//! ```ignore
//! #[derive(Template)]
//! #[template(path = "desk_case.html", blocks = ["detail"])]
//! struct CasePage { w: Words, shell: Shell, case: CaseView, problem: Problem }
//!
//! pub fn routes() -> Routes {
//!     Routes::new()
//!         .get("/cases/{id}", Access::Grant("demands.read"), show)
//!         .post("/cases/{id}/note", Access::Grant("demands.read"), note)
//! }
//!
//! async fn show(staff: Staff, Path(id): Path<CaseId>) -> Answer {
//!     let case = staff.read(move |tx, cx| service::find(tx, cx, id)).await?;
//!     let page = CasePage { shell: staff.shell("cases").await?, w: staff.words.clone(), case, problem: Problem::default() };
//!     if staff.htmx { html(&page.as_detail()) } else { html(&page) }
//! }
//!
//! #[derive(Deserialize, Serialize)]
//! struct NoteForm { #[serde(default)] idem: String, text: String }
//!
//! async fn note(staff: Staff, Path(id): Path<CaseId>, Form(form): Form<NoteForm>) -> Answer {
//!     let (key, request, text) = (form.idem.clone(), fingerprint(&("cases.note", id, &form.text)), form.text.clone());
//!     staff.write_once(&key, &request, move |tx, cx| service::note(tx, cx, id, &text)).await?;
//!     Ok(staff.goto_saying(&format!("/cases/{id}"), &staff.words.t("case-noted")))
//! }
//! ```
//!
//! A refusal that is returned with `?` becomes a designed page, a fragment (htmx, `data-send`) or JSON, in the
//! reader's words and with what was typed. To show it at its field instead, catch it with
//! [`WebError::refusal`], make a [`Problem`] and draw the form again with [`html_with`] and status 422.
//!
//! What else there is:
//! - [`Staff::wants`]`("detail")`: htmx will fill `#detail` only, so draw that block alone.
//! - [`Staff::write_once`]: every state-changing form has the hidden field `idem`; the fingerprint names the
//!   act, the record and what decides the effect, never `csrf` or `idem`.
//! - Forms with files: [`Routes::upload`] and the extractor [`Upload`]; `{{ m::hidden(…) }}` stands first in
//!   the form, because the token is looked for in its first bytes.
//! - Live pieces: `<div id="queue" data-live="cases" data-live-v="{{ live }}" data-live-src="…">` with
//!   `live: staff.live("cases")` taken before reading; keys in [`live`].
//! - [`RateLimit`] for whatever can be tried too often; [`Visitor::report_limit`].
//! - Times and figures come to the template as ready texts: askama hands method arguments over as references.
//!
//! Templates: `{% extends "layout.html" %}` with the blocks `title` and `main`; the struct has `w: Words` and
//! `shell: Shell` (public pages: `public_layout.html`, blocks `title`, `head`, `main`, `foot`, and
//! `shell: PublicShell`). The block `main_class` is `page`; a desk says `desk` and
//! `{% block flash %}{% include "flash_desk.html" %}{% endblock %}`. `{% import "macros.html" as m %}` brings buttons, fields, chips, empty states. Every form
//! begins with `{{ m::hidden(shell.csrf, shell.idem()) }}`. Template names are unique: begin them with the
//! feature's name. No inline scripts, no style attributes: the content policy refuses both.

mod account;
pub mod assets;
pub mod download;
mod envelope;
mod error;
mod forms;
mod guard;
pub mod idempotency;
pub mod limit;
pub mod live;
mod login;
mod metrics;
mod monitor;
pub mod nav;
mod phone;
mod recent;
mod routes;
mod security;
mod shell;
mod staff;
mod visit;

pub(crate) use account::{PhoneLine, phone_line};
pub use download::download;
pub use error::WebError;
pub use forms::{Form, Path, Query, Raw, Upload, UploadedFile};
pub use limit::RateLimit;
pub use login::Guest;
pub use routes::{Access, Entry, Routes};
pub use shell::{Flash, Problem, PublicShell, Shell, Switch, with_query};
pub(crate) use staff::keep_photos;
pub use staff::{Staff, Visitor};
pub use visit::{Side, Visit};

use crate::features::{catalogue, places};
use crate::installation::Installation;
use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// What a handler gives.
pub type Answer = Result<Response, WebError>;

/// A slow phone needs so long for six photos.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The counts beside menu entries.
pub const COUNTERS: &[nav::Counter] = &[
    crate::features::desk::COUNTER,
    crate::features::upstream::COUNTER,
    crate::features::tasks::COUNTER,
    crate::features::roster::COUNTER,
    crate::features::messages::COUNTER,
    crate::features::knowledge::COUNTER,
    crate::features::documents::COUNTER,
];

/// All routes of the product.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/assets/{name}", Access::Public, assets::serve)
        .get("/healthz", Access::Public, monitor::health)
        .get("/metrics", Access::Local, monitor::metrics)
        .get("/login", Access::Public, login::show)
        .post("/login", Access::Public, login::enter)
        .post("/login/code", Access::Public, login::enter_code)
        .get("/m", Access::Public, phone::show)
        .post("/m", Access::Public, phone::enter)
        .get("/m/bind/{code}", Access::Public, phone::ask)
        .post("/m/bind/{code}", Access::Public, phone::bind)
        .post("/demo/login", Access::Public, login::enter_demo)
        .post("/logout", Access::Session, login::leave)
        .get("/account", Access::Session, account::show)
        .post("/account/sessions/end", Access::Session, account::end_sessions)
        .post("/account/phones/{id}/cut", Access::Session, account::cut_phone)
        .post("/account/language", Access::Session, account::set_language)
        .get("/account/password", Access::Session, account::show_password)
        .post("/account/password", Access::Session, account::set_password)
        .get("/account/totp", Access::Session, account::show_totp)
        .post("/account/totp", Access::Session, account::set_totp)
        .get("/nav", Access::Session, nav::show)
        .get("/live", Access::Session, live::connect)
        .get("/live/poll", Access::Session, live::answer)
        .merge(crate::features::people::routes())
        .merge(crate::features::audit::routes())
        .merge(crate::features::intake::routes())
        .merge(places::routes())
        .merge(catalogue::routes())
        .merge(crate::features::public::routes())
        .merge(crate::features::api::routes())
        .merge(crate::features::indicators::routes())
        .merge(crate::features::desk::routes())
        .merge(crate::features::upstream::routes())
        .merge(crate::features::history::routes())
        .merge(crate::features::first::routes())
        .merge(crate::features::hands::routes())
        .merge(crate::features::tasks::routes())
        .merge(crate::features::meetings::routes())
        .merge(crate::features::roster::routes())
        .merge(crate::features::messages::routes())
        .merge(crate::features::knowledge::routes())
        .merge(crate::features::documents::routes())
        .merge(crate::features::settings::routes())
}

/// The running program. `Arc<App>` is the state of the router.
pub struct App {
    /// Database, keys, files, clock, configuration, offices.
    pub installation: Installation,
    /// How often things may be tried.
    pub limits: limit::Limits,
    /// Which streams moved.
    pub live: live::Live,
    pub(crate) guesses: limit::Guesses,
    recent: recent::All,
    pub(crate) metrics: metrics::Metrics,
    pub(crate) counters: &'static [nav::Counter],
    demo: bool,
    started: Instant,
}

impl std::ops::Deref for App {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.installation
    }
}

impl App {
    /// A program over an installation; `demo` lets everybody in by one click.
    #[must_use]
    pub fn new(installation: Installation, demo: bool) -> Arc<App> {
        if let Some(folder) = &installation.config.assets_dir {
            assets::serve_folder(folder.clone());
        }
        Arc::new(App {
            limits: limit::Limits::new(installation.config.api_per_minute),
            installation,
            live: live::Live::default(),
            guesses: limit::Guesses::default(),
            recent: recent::All::default(),
            metrics: metrics::Metrics::default(),
            counters: COUNTERS,
            demo,
            started: Instant::now(),
        })
    }

    /// Whether this is the demonstration, which lets everybody in by one click.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// A steady time that only grows: for limits and measures, never for records.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The whole router: routes, errors, headers, limits.
pub fn router(app: &Arc<App>) -> Router {
    router_of(app, routes())
}

/// The router over some routes, for tests of the shell itself.
pub fn router_of(app: &Arc<App>, routes: Routes) -> Router {
    let panicked = |_: Box<dyn std::any::Any + Send>| {
        WebError::Failed(anyhow::anyhow!("a handler panicked")).into_response()
    };
    routes
        .into_router()
        .fallback(guard::nowhere)
        .method_not_allowed_fallback(guard::wrong_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(app), envelope::envelope))
        .layer(CompressionLayer::new())
        .with_state(Arc::clone(app))
}

/// Draws a page or a piece of one.
///
/// # Errors
/// When the template fails.
pub fn html<T: Template>(template: &T) -> Answer {
    html_with(StatusCode::OK, template)
}

/// Draws a page with another status: 422 for a form that is shown again.
///
/// # Errors
/// When the template fails.
pub fn html_with<T: Template>(status: StatusCode, template: &T) -> Answer {
    Ok((status, Html(template.render()?)).into_response())
}

/// The bytes of a request for [`Staff::write_once`]: the act's name and what decides its effect, without
/// `csrf` and `idem`.
#[must_use]
pub fn fingerprint<T: Serialize>(request: &T) -> Vec<u8> {
    serde_json::to_vec(request).unwrap_or_default()
}

/// Text as it may stand in the query of an address.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => {
                out.push('%');
                out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
            }
        }
    }
    out
}

/// The address under which residents reach the office: as configured, otherwise as this browser reached it.
#[must_use]
pub fn base_url(staff: &Staff, headers: &HeaderMap) -> String {
    if let Some(base) = &staff.app.config.base_url {
        return base.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}
