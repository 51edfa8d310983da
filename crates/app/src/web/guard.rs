//! Who comes in: the session or token behind a request, its rights, and proof that a form is one of ours.
//! Runs before every handler, see [`super::Routes`].

use super::recent::Stand;
use super::routes::{Access, FORM_MOST};
use super::visit::{Side, Visit, text};
use super::{App, WebError, security};
use crate::config::PasswordPolicy;
use crate::context::{Cx, Source};
use crate::features::people::session::{self, Account, Session, login, needs_strong, token};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::{StreamExt, stream};
use kernel::{Refusal, Ts};
use std::sync::Arc;

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub(crate) struct Auth {
    /// The browser's session; none for a program.
    pub(crate) session: Option<Session>,
    pub(crate) account: Account,
    pub(crate) cx: Cx,
    pub(crate) strong: bool,
    pub(crate) csrf: String,
}

/// The fields of a form that was refused, so that nothing typed is lost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(pub(crate) Vec<(String, String)>);

/// 等保 practice: a password is changed after so many days.
const PASSWORD_DAYS: i64 = 90;
/// How much of a form with files is read to find its first field.
const PEEK_MOST: usize = 8 * 1024;

struct Entered {
    request: Request,
    auth: Option<Arc<Auth>>,
    typed: Typed,
}

/// Lets a request in or answers it.
pub(super) async fn guard(access: Access, request: Request, next: Next) -> Response {
    let entered = match enter(access, request).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let Entered { mut request, auth, typed } = entered;
    if let Some(auth) = &auth {
        request.extensions_mut().insert(Arc::clone(auth));
    }
    let mut response = next.run(request).await;
    if response.extensions().get::<Arc<WebError>>().is_some() {
        response.extensions_mut().insert(typed);
    }
    if let Some(auth) = auth {
        response.extensions_mut().insert(auth);
    }
    response
}

/// No such page; whoever is logged in keeps the menu.
pub(super) async fn nowhere(request: Request) -> Response {
    instead(WebError::not_found(), request).await
}

/// The page is there, but nothing of this method. To people it is a page that is not there.
pub(super) async fn wrong_method(request: Request) -> Response {
    let program = request.extensions().get::<Arc<Visit>>().is_some_and(|visit| visit.side == Side::Api);
    instead(if program { WebError::Method } else { WebError::not_found() }, request).await
}

async fn instead(error: WebError, request: Request) -> Response {
    let mut response = error.into_response();
    let parts = (request.extensions().get::<Arc<App>>(), request.extensions().get::<Arc<Visit>>());
    if let (Some(app), Some(visit)) = parts
        && visit.side == Side::Staff
        && let Ok(Some(auth)) = recognise(app, visit).await
    {
        response.extensions_mut().insert(Arc::new(auth));
    }
    response
}

async fn enter(access: Access, request: Request) -> Result<Entered, Response> {
    let parts =
        (request.extensions().get::<Arc<App>>().cloned(), request.extensions().get::<Arc<Visit>>().cloned());
    let (Some(app), Some(visit)) = parts else {
        return Err(WebError::Failed(anyhow::anyhow!("a request without its envelope")).into_response());
    };
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let page = !writes && !visit.htmx && !visit.live && visit.side == Side::Staff;
    let by_token = visit.side == Side::Api && request.headers().contains_key(header::AUTHORIZATION);
    if writes && !by_token && !security::is_same_origin(&app, request.headers()) {
        return Err(WebError::Csrf.into_response());
    }
    let auth = match access {
        Access::Public => None,
        Access::Local if visit.local => None,
        Access::Local => return Err(WebError::not_found().into_response()),
        Access::Token(_) if !by_token => return Err(WebError::SignedOut.into_response()),
        _ if by_token => Some(program(&app, request.headers()).await.map_err(IntoResponse::into_response)?),
        _ => Some(person(&app, &visit, page).await?),
    };
    let (request, typed) = if writes && !by_token {
        read_form(request).await.map_err(IntoResponse::into_response)?
    } else {
        (request, Typed::default())
    };
    if let Some(auth) = &auth {
        let fits = !writes
            || by_token
            || token_of(&request, &typed).is_some_and(|t| security::is_equal(&t, &auth.csrf));
        let checked = if fits {
            may(access, auth).and_then(|()| forced(&app, auth, &visit))
        } else {
            Err(WebError::Csrf)
        };
        if let Err(error) = checked {
            return Err(refuse(error, page, auth, typed));
        }
    }
    Ok(Entered { request, auth: auth.map(Arc::new), typed })
}

fn refuse(error: WebError, page: bool, auth: &Auth, typed: Typed) -> Response {
    if page && let Some(refusal) = error.refusal() {
        match refusal.code {
            "account.password.due" => return Redirect::to("/account/password").into_response(),
            "account.totp.due" => return Redirect::to("/account/totp").into_response(),
            _ => {}
        }
    }
    let csrf = matches!(error, WebError::Csrf);
    let mut response = error.into_response();
    if csrf && let Ok(value) = HeaderValue::from_str(&auth.csrf) {
        // The page takes the present token and sends the form once more (assets/src/ts/send.ts); another
        // site's page cannot read this.
        response.headers_mut().insert("x-csrf-token", value);
    }
    response.extensions_mut().insert(typed);
    response.extensions_mut().insert(Arc::new(auth.clone()));
    response
}

fn may(access: Access, auth: &Auth) -> Result<(), WebError> {
    let actor = &auth.cx.actor;
    match access {
        Access::Grant(verb) | Access::Token(verb) => Ok(actor.need(verb)?),
        Access::AnyGrant(verbs) if !verbs.iter().any(|verb| actor.has(verb)) => {
            Err(Refusal::forbidden("common.forbidden").with("grant", verbs.join(" ")).into())
        }
        _ => Ok(()),
    }
}

/// What must be done before anything else: a password of one's own, a second factor.
fn forced(app: &App, auth: &Auth, visit: &Visit) -> Result<(), WebError> {
    let path = visit.target.split('?').next().unwrap_or_default();
    let exempt =
        ["/account", "/logout", "/live"].iter().any(|p| path == *p || path.starts_with(&format!("{p}/")));
    if auth.session.as_ref().is_some_and(|s| s.device.is_some()) {
        // A PIN must not become a password, a second factor, or the end of other log-ins.
        let closed = ["/account/password", "/account/totp", "/account/sessions"];
        return if closed.iter().any(|p| path == *p || path.starts_with(&format!("{p}/"))) {
            Err(Refusal::forbidden("account.device.weak").into())
        } else {
            Ok(())
        };
    }
    if auth.session.is_none() || exempt {
        return Ok(());
    }
    if app.is_demo() {
        // Its own people come in by one click; whoever is made in it is asked for a password of their own.
        let first = auth.account.has_password && auth.account.password_at.is_none();
        return if first { Err(Refusal::forbidden("account.password.due").into()) } else { Ok(()) };
    }
    let aged = |at: Ts| {
        app.config.password_policy == PasswordPolicy::Mlps && auth.cx.now.since(at) > PASSWORD_DAYS * Ts::DAY
    };
    if auth.account.password_at.is_none_or(aged) {
        return Err(Refusal::forbidden("account.password.due").into());
    }
    match (auth.strong, auth.account.has_totp) {
        (true, _) => Ok(()),
        // Set up in another browser since: this one has to show it too.
        (false, true) => Err(WebError::SignedOut),
        (false, false) if needs_strong(&auth.cx.actor) => Err(Refusal::forbidden("account.totp.due").into()),
        (false, false) => Ok(()),
    }
}

async fn person(app: &Arc<App>, visit: &Visit, page: bool) -> Result<Auth, Response> {
    let out = || {
        if page && visit.target != "/" {
            let next = super::encode(&visit.target);
            return Redirect::to(&format!("/login?next={next}")).into_response();
        }
        if page { Redirect::to("/login").into_response() } else { WebError::SignedOut.into_response() }
    };
    match recognise(app, visit).await {
        Ok(Some(auth)) => Ok(auth),
        Ok(None) => Err(out()),
        Err(error) => Err(error.into_response()),
    }
}

/// The person behind the session cookie, if the session still stands. Counts as use unless nobody pressed
/// anything.
pub(crate) async fn recognise(app: &Arc<App>, visit: &Visit) -> Result<Option<Auth>, WebError> {
    let Some(cookie) = visit.cookie(security::session_cookie(app)) else { return Ok(None) };
    let (hash, now) = (session::hash(cookie), app.clock.now());
    let read = app.db.read(move |tx| session::find(tx, &hash, now));
    let found = app.recent.sessions.find_or(hash, Stand::of(app, None), read).await?;
    let Some(found) = found else { return Ok(None) };
    if !found.is_alive(now, app.config.idle(found.is_field()), app.config.session_hours * Ts::HOUR) {
        return Ok(None);
    }
    let Some(office) = app.office(found.office) else { return Ok(None) };
    let cx = Cx { now, ..app.cx(&office, found.actor.clone(), Source::Web) };
    if found.is_touch_due(now) && !visit.live {
        untouched(app.db.write(move |tx| session::touch(tx, &hash, now)).await);
    }
    let chosen = visit.locale.map(crate::words::Locale::tag);
    if let Some(tag) = chosen.filter(|tag| found.account.locale.as_deref() != Some(tag) && !visit.live) {
        let cx = cx.clone();
        app.db.write(move |tx| login::set_locale(tx, &cx, tag)).await?;
    }
    Ok(Some(Auth {
        account: found.account.clone(),
        strong: found.is_strong(now),
        csrf: found.csrf.clone(),
        cx,
        session: Some(found),
    }))
}

/// When the time of the last use cannot be kept, as on a full disk, one can still look.
fn untouched<T>(outcome: store::Result<T>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the time of the last use was not kept");
    }
}

async fn program(app: &Arc<App>, headers: &header::HeaderMap) -> Result<Auth, WebError> {
    let Some(shown) = text(headers, header::AUTHORIZATION).strip_prefix("Bearer ") else {
        return Err(WebError::SignedOut);
    };
    let (hash, now) = (session::hash(shown.trim()), app.clock.now());
    app.limits.api.take(hash, app.uptime())?;
    let read = app.db.read(move |tx| token::find(tx, &hash, now));
    let program = app.recent.programs.find_or(hash, Stand::of(app, None), read).await?;
    let Some(program) = program else { return Err(WebError::SignedOut) };
    let Some(office) = app.office(program.office) else { return Err(WebError::SignedOut) };
    let cx = Cx { now, ..app.cx(&office, program.actor.clone(), Source::Api) };
    let account = program.account.clone();
    if program.touch_due {
        untouched(app.db.write(move |tx| token::touch(tx, &program, now)).await);
    }
    Ok(Auth { session: None, account, cx, strong: true, csrf: String::new() })
}

/// Reads a form without files whole, and of one with files the beginning, and puts it back.
async fn read_form(request: Request) -> Result<(Request, Typed), WebError> {
    let kind = text(request.headers(), header::CONTENT_TYPE).to_ascii_lowercase();
    let (parts, body) = request.into_parts();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let bytes = axum::body::to_bytes(body, FORM_MOST)
            .await
            .map_err(|_| WebError::from(Refusal::too_large("common.form_large", FORM_MOST / 1024)))?;
        let typed = serde_html_form::from_bytes(&bytes).unwrap_or_default();
        return Ok((Request::from_parts(parts, Body::from(bytes)), Typed(typed)));
    }
    if !kind.starts_with("multipart/form-data") {
        return Ok((Request::from_parts(parts, body), Typed::default()));
    }
    let mut rest = body.into_data_stream();
    let mut start = Vec::new();
    while start.len() < PEEK_MOST && first_field(&start).is_none() {
        match rest.next().await {
            Some(Ok(chunk)) => start.extend_from_slice(&chunk),
            Some(Err(error)) => return Err(WebError::Bad(error.to_string())),
            None => break,
        }
    }
    let typed = first_field(&start).into_iter().collect();
    let whole = stream::iter([Ok::<Bytes, axum::Error>(Bytes::from(start))]).chain(rest);
    Ok((Request::from_parts(parts, Body::from_stream(whole)), Typed(typed)))
}

/// The field `csrf` at the beginning of a form with files.
fn first_field(start: &[u8]) -> Option<(String, String)> {
    let head = String::from_utf8_lossy(start.get(..start.len().min(PEEK_MOST))?);
    let (_, after) = head.split_once("name=\"csrf\"")?;
    let (_, value) = after.split_once("\r\n\r\n")?;
    let (value, _) = value.split_once("\r\n")?;
    Some(("csrf".to_owned(), value.to_owned()))
}

fn token_of(request: &Request, typed: &Typed) -> Option<String> {
    let header = request.headers().get("x-csrf-token").and_then(|v| v.to_str().ok());
    let field = || typed.0.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
    header.or_else(field).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_at_the_beginning_of_a_form_with_files() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\n";
        assert_eq!(first_field(body).unwrap().1, "abc");
        assert!(first_field(&body[..56]).is_none());
        let mut late = vec![b'-'; PEEK_MOST];
        late.extend_from_slice(body);
        assert!(first_field(&late).is_none());
    }
}
