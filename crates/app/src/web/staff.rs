//! Who asks: [`Staff`] behind a session or token, [`Visitor`] on public pages.

use super::guard::Auth;
use super::recent::Stand;
use super::shell::{Flash, Framing, PublicShell, Shell};
use super::visit::Visit;
use super::{App, UploadedFile, WebError, idempotency, nav, security};
use crate::actor::Actor;
use crate::context::{Cx, Office, Source};
use crate::features::people::session;
use crate::files::Stored;
use crate::words::{Locale, Words};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{OfficeId, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::Tx;

/// An account of the office at a page or, under `/api/`, a program acting as one. The route's [`super::Access`]
/// has been enforced.
#[derive(Clone)]
pub struct Staff {
    /// The running program.
    pub app: Arc<App>,
    /// The context of the act: instant, office, actor with all rights.
    pub cx: Cx,
    /// The words of this person.
    pub words: Words,
    /// Whether a fragment is wanted instead of a page.
    pub htmx: bool,
    /// What forms carry in the hidden field `csrf`.
    pub csrf: String,
    /// Whether the second factor was given.
    pub strong: bool,
    /// What is known of the request.
    pub visit: Arc<Visit>,
    pub(crate) auth: Arc<Auth>,
}

/// The length of a list, if it is known from a moment ago.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// How many rows it has.
    pub value: Option<i64>,
    key: [u8; 32],
    stand: Stand,
}

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, WebError> {
        let auth = parts.extensions.get::<Arc<Auth>>().cloned();
        let auth = auth.ok_or_else(|| WebError::Failed(anyhow::anyhow!("a public route asks for staff")))?;
        let visit = visit(parts)?;
        let locale = locale(app, &visit, Some(&auth), auth.cx.office.id);
        Ok(Staff {
            app: Arc::clone(app),
            words: app.words(&auth.cx.office, locale, auth.cx.now),
            cx: auth.cx.clone(),
            htmx: visit.htmx,
            csrf: auth.csrf.clone(),
            strong: auth.strong,
            visit,
            auth,
        })
    }
}

fn visit(parts: &Parts) -> Result<Arc<Visit>, WebError> {
    let visit = parts.extensions.get::<Arc<Visit>>().cloned();
    visit.ok_or_else(|| WebError::Failed(anyhow::anyhow!("a request without its envelope")))
}

/// Cookie, then account, then office.
pub(super) fn locale(app: &App, visit: &Visit, auth: Option<&Auth>, office: OfficeId) -> Locale {
    let account = || auth.and_then(|a| a.account.locale.as_deref()).map(Locale::parse);
    visit.locale.or_else(account).unwrap_or_else(|| app.locale(office))
}

impl Staff {
    /// Reads in one snapshot.
    ///
    /// # Errors
    /// The body's own.
    pub async fn read<T, F>(&self, mut body: F) -> Result<T, WebError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        let cx = self.cx.clone();
        Ok(self.app.db.read(move |tx| body(tx, &cx)).await?)
    }

    /// Writes through the one door; the body may be run again and has no outside effect.
    ///
    /// # Errors
    /// The body's own.
    pub async fn write<T, F>(&self, mut body: F) -> Result<T, WebError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        let cx = self.cx.clone();
        Ok(self.app.db.write(move |tx| body(tx, &cx)).await?)
    }

    /// Writes once for an idempotency key: a retry with the same key and request changes nothing and gets
    /// the same answer (DECISIONS 14). A blank key writes as [`Staff::write`] does.
    ///
    /// # Errors
    /// `common.key_reused` for another request under the same key; otherwise the body's own.
    pub async fn write_once<T, F>(&self, key: &str, request: &[u8], mut body: F) -> Result<T, WebError>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        if key.is_empty() {
            return self.write(body).await;
        }
        let owner = self.cx.actor.account.map_or(0, |a| a.0);
        let (key, request) = (idempotency::Key::new(key)?, idempotency::digest(owner, request));
        self.write(move |tx, cx| idempotency::once(tx, cx, &key, &request, &mut body)).await
    }

    /// Checks and stores pictures before the act that names them; each with the field it came from.
    ///
    /// # Errors
    /// `desk.photo.unreadable` with the file's name.
    pub async fn keep_photos(&self, files: Vec<UploadedFile>) -> Result<Vec<(String, Stored)>, WebError> {
        keep_photos(&self.app, files, "desk.photo.unreadable").await
    }

    /// The frame of a page; `active` is the key of its menu entry ([`super::nav::NAV`]).
    ///
    /// # Errors
    /// When a count fails.
    pub async fn shell(&self, active: &str) -> Result<Shell, WebError> {
        let live = self.live("cases message roster");
        let nav::Frame { counts, post } = self.frame().await?;
        Ok(Shell::of(&self.auth, &self.visit, self.words.locale, Framing { active, counts, post, live }))
    }

    /// Counts and post, from memory while nothing is written.
    async fn frame(&self) -> Result<nav::Frame, WebError> {
        let (counters, stand) = (self.app.counters, Stand::of(&self.app, Some(self.cx.office.id)));
        let session = self.auth.session.as_ref().map(|s| s.hash);
        if let Some(kept) = session.and_then(|hash| self.app.recent.frames.find(&hash, &stand)) {
            return Ok(kept);
        }
        let frame = self
            .read(move |tx, cx| {
                let post = match cx.actor.post {
                    Some(post) => session::post_title(tx, cx.office.id, post)?,
                    None => Default::default(),
                };
                Ok(nav::Frame { counts: nav::counts(counters, tx, cx)?, post })
            })
            .await?;
        if let Some(hash) = session {
            self.app.recent.frames.put(hash, stand, frame.clone());
        }
        Ok(frame)
    }

    /// How long a list was that this person asked for a moment ago; `list` says which.
    #[must_use]
    pub fn known_total(&self, list: &str) -> Total {
        let stand = Stand::of(&self.app, Some(self.cx.office.id));
        let mut hasher = blake3::Hasher::new();
        let account = self.cx.actor.account.map_or(0, |a| a.0);
        // A bound phone has less rights than its owner.
        let session = self.auth.session.as_ref().map_or([0; 32], |s| s.hash);
        hasher.update(&self.cx.office.id.0.to_le_bytes()).update(&account.to_le_bytes()).update(&session);
        let key = *hasher.update(list.as_bytes()).finalize().as_bytes();
        Total { value: self.app.recent.totals.find(&key, &stand), key, stand }
    }

    /// Keeps the length of a list for the next page of it.
    pub fn know_total(&self, total: Total, value: i64) {
        if total.value.is_none() {
            self.app.recent.totals.put(total.key, total.stand, value);
        }
    }

    /// The frame without counts and post: for pages that must not fail.
    #[must_use]
    pub fn plain_shell(&self, active: &str) -> Shell {
        Shell::of(&self.auth, &self.visit, self.words.locale, Framing::plain(active))
    }

    /// After an act: the next page, by redirect, or by htmx's header where a fragment was asked for.
    #[must_use]
    pub fn goto(&self, path: &str) -> Response {
        goto(self.htmx, path)
    }

    /// [`Staff::goto`] with a message of kind `ok`, shown once on the next page.
    #[must_use]
    pub fn goto_saying(&self, path: &str, text: &str) -> Response {
        self.goto_with(path, &Flash::encode("ok", text))
    }

    /// As [`Staff::goto_saying`], where nothing was done.
    #[must_use]
    pub fn goto_warning(&self, path: &str, text: &str) -> Response {
        self.goto_with(path, &Flash::encode("warn", text))
    }

    fn goto_with(&self, path: &str, flash: &str) -> Response {
        let mut response = self.goto(path);
        if let Some(cookie) = security::cookie(&self.app, "flash", flash, 60, true) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Whether only the inside of the element with this id is wanted, for example `detail` of a desk.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        self.htmx && self.visit.fills.rsplit('#').next() == Some(id)
    }

    /// The versions of some live keys (blanks between), for `data-live-v`. Take them before reading what
    /// they stand for; see [`super::live`].
    #[must_use]
    pub fn live(&self, keys: &str) -> String {
        self.app.live.versions(self.cx.office.id, keys)
    }

    /// Whether somebody may do something at all.
    #[must_use]
    pub fn has(&self, verb: &str) -> bool {
        self.cx.actor.has(verb)
    }
}

/// Checks and stores pictures; one that cannot be read is refused under `unreadable`, with its name.
pub(crate) async fn keep_photos(
    app: &App,
    files: Vec<UploadedFile>,
    unreadable: &'static str,
) -> Result<Vec<(String, Stored)>, WebError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let folder = app.files.clone();
    tokio::task::spawn_blocking(move || {
        let keep = |file: UploadedFile| {
            let refusal = || Refusal::rule(unreadable).on("photos").with("name", file.name);
            let stored = folder.put_photo(&file.bytes).map_err(|error| WebError::of_file(error, refusal))?;
            Ok((file.field, stored))
        };
        files.into_iter().map(keep).collect::<Result<Vec<_>, WebError>>()
    })
    .await?
}

/// `303` or `HX-Redirect`.
pub(super) fn goto(htmx: bool, path: &str) -> Response {
    let value = HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let (status, name) = if htmx {
        (StatusCode::OK, header::HeaderName::from_static("hx-redirect"))
    } else {
        (StatusCode::SEE_OTHER, header::LOCATION)
    };
    (status, [(name, value)]).into_response()
}

/// Somebody on a public page: no account, no session, no rights but the acts on their own report.
#[derive(Clone)]
pub struct Visitor {
    /// The running program.
    pub app: Arc<App>,
    /// The context: the installation's first office until [`Visitor::in_office`] says which.
    pub cx: Cx,
    /// The words.
    pub words: Words,
    /// Whether a fragment is wanted instead of a page.
    pub htmx: bool,
    /// Large type, fewer choices.
    pub elder: bool,
    /// What is known of the request.
    pub visit: Arc<Visit>,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, WebError> {
        let visit = visit(parts)?;
        let office = app.offices().into_iter().next().ok_or_else(WebError::not_found)?;
        Ok(Visitor::of(Arc::clone(app), &office, visit))
    }
}

impl Visitor {
    fn of(app: Arc<App>, office: &Arc<Office>, visit: Arc<Visit>) -> Visitor {
        let cx = app.cx(office, Actor::requester(office.id), Source::Public);
        let words = app.words(office, locale(&app, &visit, None, office.id), cx.now);
        Visitor { cx, words, htmx: visit.htmx, elder: visit.elder, visit, app }
    }

    /// The same visitor in another office of the installation.
    ///
    /// # Errors
    /// When there is no such office.
    pub fn in_office(&self, office: OfficeId) -> Result<Visitor, WebError> {
        let office = self.app.office(office).ok_or_else(WebError::not_found)?;
        Ok(Visitor::of(Arc::clone(&self.app), &office, Arc::clone(&self.visit)))
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// The body's own.
    pub async fn read<T, F>(&self, mut body: F) -> Result<T, WebError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        let cx = self.cx.clone();
        Ok(self.app.db.read(move |tx| body(tx, &cx)).await?)
    }

    /// Writes through the one door.
    ///
    /// # Errors
    /// The body's own.
    pub async fn write<T, F>(&self, mut body: F) -> Result<T, WebError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        let cx = self.cx.clone();
        Ok(self.app.db.write(move |tx| body(tx, &cx)).await?)
    }

    /// As [`Staff::write_once`]; the key alone is the sender's secret.
    ///
    /// # Errors
    /// As [`Staff::write_once`].
    pub async fn write_once<T, F>(&self, key: &str, request: &[u8], mut body: F) -> Result<T, WebError>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnMut(&mut Tx<'_>, &Cx) -> store::Result<T> + Send + 'static,
    {
        if key.is_empty() {
            return self.write(body).await;
        }
        let (key, request) = (idempotency::Key::new(key)?, idempotency::digest(0, request));
        self.write(move |tx, cx| idempotency::once(tx, cx, &key, &request, &mut body)).await
    }

    /// As [`Staff::keep_photos`].
    ///
    /// # Errors
    /// `public.photo.unreadable` with the file's name.
    pub async fn keep_photos(&self, files: Vec<UploadedFile>) -> Result<Vec<(String, Stored)>, WebError> {
        keep_photos(&self.app, files, "public.photo.unreadable").await
    }

    /// The frame of a public page.
    #[must_use]
    pub fn shell(&self) -> PublicShell {
        let mut shell = PublicShell::of(&self.cx.office.name, &self.visit, self.words.locale);
        shell.hotline.clone_from(&self.cx.office.settings.hotline);
        shell
    }

    /// After an act: the next page.
    #[must_use]
    pub fn goto(&self, path: &str) -> Response {
        goto(self.htmx, path)
    }

    /// [`Visitor::goto`] with a message of kind `ok`, shown once on the next page.
    #[must_use]
    pub fn goto_saying(&self, path: &str, text: &str) -> Response {
        let mut response = self.goto(path);
        if let Some(cookie) = security::cookie(&self.app, "flash", &Flash::encode("ok", text), 60, true) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Refuses when this address has sent too many reports.
    ///
    /// # Errors
    /// `common.too_many`.
    pub fn report_limit(&self) -> Result<(), Refusal> {
        self.app.limits.report.take(self.visit.ip, self.app.uptime())
    }
}
