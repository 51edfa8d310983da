//! Logging in and out: password, second factor, and the one-click log-ins of the demonstration.

use super::guard::recognise;
use super::shell::{Problem, Shell};
use super::visit::Visit;
use super::{Answer, App, Form, Query, Staff, WebError, html_with, security};
use crate::context::{Cx, Office, Source};
use crate::features::people::password;
use crate::features::people::session::login::{self, Credentials, Opening, Outcome, lock_for};
use crate::features::people::session::{self, Token};
use crate::words::{Locale, Words};
use anyhow::Context;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use kernel::{AccountId, OfficeId, Refusal, RefusalKind, Ts};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// For how long a right password waits for its code.
const TICKET: i64 = 5 * Ts::MINUTE;

/// Somebody before the log-in.
pub struct Guest {
    /// The running program.
    pub app: Arc<App>,
    /// What is known of the request.
    pub visit: Arc<Visit>,
    /// The words.
    pub words: Words,
    office: Option<Arc<Office>>,
}

impl FromRequestParts<Arc<App>> for Guest {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, WebError> {
        let visit =
            parts.extensions.get::<Arc<Visit>>().cloned().context("a request without its envelope")?;
        let mut offices = app.offices();
        let office = if offices.len() == 1 { offices.pop() } else { None };
        let home = office.as_ref().map_or(OfficeId(0), |o| o.id);
        let locale = super::staff::locale(app, &visit, None, home);
        let tz = office.as_ref().map_or(TimeZone::UTC, |o| o.tz.clone());
        Ok(Guest { app: Arc::clone(app), words: Words::new(locale, &tz, app.clock.now()), visit, office })
    }
}

impl Guest {
    /// The office's name, where there is one office.
    pub(super) fn office_name(&self) -> &str {
        self.office.as_ref().map_or("", |o| o.name.as_str())
    }

    /// The frame of a page without a menu.
    #[must_use]
    pub fn shell(&self) -> Shell {
        Shell::bare(self.office_name(), &self.visit, self.words.locale)
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    login: String,
    next: String,
    demo: Vec<DemoLogin>,
    no_office: bool,
    /// No office yet, and this is the machine itself.
    may_start: bool,
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    w: Words,
    shell: Shell,
    problem: Problem,
    ticket: String,
    next: String,
}

struct DemoLogin {
    login: String,
    name: String,
    title: String,
}

#[derive(Deserialize, Default)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
    /// `password` on a bound phone, where somebody else wants in.
    #[serde(default)]
    by: String,
}

impl Next {
    /// Where to go afterwards.
    pub(super) fn path(&self) -> &str {
        &self.next
    }

    /// Whether the password was asked for.
    pub(super) fn by_password(&self) -> bool {
        self.by == "password"
    }
}

/// Only a path of our own: an address elsewhere would make the log-in page a springboard.
pub(super) fn safe(next: &str) -> &str {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains(char::is_control);
    if inside && !next.starts_with("/login") { next } else { "/" }
}

/// `GET /login`
pub(super) async fn show(guest: Guest, Query(query): Query<Next>) -> Answer {
    if let Some(elsewhere) = super::phone::instead_of_login(&guest, &query).await? {
        return Ok(elsewhere);
    }
    page(&guest, StatusCode::OK, Problem::default(), String::new(), &query.next).await
}

async fn page(guest: &Guest, status: StatusCode, problem: Problem, login: String, next: &str) -> Answer {
    let offices = guest.app.offices();
    let demo = match (&guest.office, guest.app.is_demo()) {
        (Some(office), true) => {
            let (id, now) = (office.id, guest.app.clock.now());
            let list = guest.app.db.read(move |tx| login::logins(tx, id, now)).await?;
            list.into_iter().map(|(login, name, title)| DemoLogin { login, name, title }).collect()
        }
        _ => Vec::new(),
    };
    html_with(
        status,
        &LoginPage {
            w: guest.words.clone(),
            shell: guest.shell(),
            problem,
            login,
            next: safe(next).to_owned(),
            demo,
            no_office: offices.is_empty(),
            may_start: offices.is_empty() && guest.visit.local,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /login`
pub(super) async fn enter(guest: Guest, Form(form): Form<LoginForm>) -> Answer {
    let name = form.login.trim().to_lowercase();
    match check(&guest, &name, form.password).await {
        Ok(who) => proceed(&guest, who, &form.next).await,
        Err(error) => again(&guest, error, name, &form.next).await,
    }
}

async fn again(guest: &Guest, error: WebError, login: String, next: &str) -> Answer {
    let Some(refusal) = error.refusal().cloned() else { return Err(error) };
    let status = error.status();
    page(guest, status, Problem::new(&guest.words, &refusal), login, next).await
}

/// Compares name and password. Whoever has no account waits as long and reads the same.
async fn check(guest: &Guest, name: &str, plain: String) -> Result<Credentials, WebError> {
    let app = &guest.app;
    app.limits.login_address.take(guest.visit.ip, app.uptime())?;
    app.limits.login_name.take(name, app.uptime())?;
    let (key, now) = (name.to_owned(), app.clock.now());
    let who = app.db.read(move |tx| login::credentials(tx, &key)).await?;
    let locked = match &who {
        Some(who) => who.locked_until.filter(|_| who.is_locked(now)),
        None => app.guesses.locked(name, now),
    };
    if let Some(until) = locked {
        return Err(locked_out(now, until).into());
    }
    let stored = who.as_ref().and_then(|w| w.password.clone());
    let fits = tokio::task::spawn_blocking(move || password::verify(&plain, stored.as_deref())).await?;
    match who {
        Some(who) if fits => Ok(who),
        Some(who) => {
            let cx = anonymous(app, who.office)?;
            let account = who.account;
            let until = app.db.write(move |tx| login::fail(tx, &cx, account)).await?;
            Err(wrong(now, until).into())
        }
        None => {
            tracing::info!(ip = %guest.visit.ip, "a log-in for a name that nobody has");
            Err(wrong(now, app.guesses.fail(name, now, lock_for)).into())
        }
    }
}

fn anonymous(app: &App, office: OfficeId) -> Result<Cx, WebError> {
    let office = app.office(office).context("an account without its office")?;
    Ok(app.cx(&office, crate::actor::Actor::system(office.id), Source::Web))
}

fn wrong(now: Ts, until: Option<Ts>) -> Refusal {
    until.map_or_else(|| Refusal::rule("account.login.wrong").on("password"), |until| locked_out(now, until))
}

fn locked_out(now: Ts, until: Ts) -> Refusal {
    let minutes = (until.since(now) + Ts::MINUTE - 1) / Ts::MINUTE;
    let refusal = Refusal::rule("account.login.locked").on("password").with("minutes", minutes.max(1));
    Refusal { kind: RefusalKind::TooMany, ..refusal }
}

async fn proceed(guest: &Guest, who: Credentials, next: &str) -> Answer {
    if who.totp.is_none() || guest.app.is_demo() {
        return finish(guest, &who, None, next).await;
    }
    let ticket = Ticket { account: who.account, at: guest.app.clock.now() }.seal(&guest.app, who.office)?;
    code_page(guest, StatusCode::OK, Problem::default(), ticket, next)
}

fn code_page(guest: &Guest, status: StatusCode, problem: Problem, ticket: String, next: &str) -> Answer {
    let next = safe(next).to_owned();
    html_with(status, &CodePage { w: guest.words.clone(), shell: guest.shell(), problem, ticket, next })
}

/// A right password on its way to the code: sealed, for a few minutes.
#[derive(Serialize, Deserialize)]
struct Ticket {
    account: AccountId,
    at: Ts,
}

impl Ticket {
    fn seal(&self, app: &App, office: OfficeId) -> Result<String, WebError> {
        let plain = serde_json::to_vec(self).context("a ticket")?;
        let sealed = app.vault.seal(office, "log-in ticket", &plain)?;
        Ok(format!("{office}.{}", data_encoding::BASE64URL_NOPAD.encode(&sealed)))
    }

    fn open(app: &App, text: &str) -> Option<(OfficeId, Ticket)> {
        let (office, sealed) = text.split_once('.')?;
        let office: OfficeId = office.parse().ok()?;
        let sealed = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let ticket: Ticket =
            serde_json::from_slice(&app.vault.open(office, "log-in ticket", &sealed).ok()?).ok()?;
        (app.clock.now().since(ticket.at) <= TICKET).then_some((office, ticket))
    }
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    ticket: String,
    code: String,
    #[serde(default)]
    next: String,
}

/// `POST /login/code`
pub(super) async fn enter_code(guest: Guest, Form(form): Form<CodeForm>) -> Answer {
    let app = &guest.app;
    app.limits.login_address.take(guest.visit.ip, app.uptime())?;
    let Some((office, ticket)) = Ticket::open(app, &form.ticket) else {
        let refusal: WebError = Refusal::rule("account.login.expired").into();
        return again(&guest, refusal, String::new(), &form.next).await;
    };
    app.limits.login_name.take(ticket.account, app.uptime())?;
    let who = app.db.read(move |tx| login::credentials_of(tx, office, ticket.account)).await?;
    let Some(who) = who else { return Err(WebError::SignedOut) };
    match finish(&guest, &who, Some(&form.code), &form.next).await {
        Err(error) if error.status() == StatusCode::UNPROCESSABLE_ENTITY => match error.refusal() {
            Some(refusal) => {
                let problem = Problem::new(&guest.words, refusal);
                code_page(&guest, StatusCode::UNPROCESSABLE_ENTITY, problem, form.ticket, &form.next)
            }
            None => Err(error),
        },
        Err(error) => again(&guest, error, String::new(), &form.next).await,
        done => done,
    }
}

async fn finish(guest: &Guest, who: &Credentials, code: Option<&str>, next: &str) -> Answer {
    let app = &guest.app;
    let office = app.office(who.office).context("an account without its office")?;
    let cx = app.cx(&office, who.actor(), Source::Web);
    let (token, csrf, agent) = (session::token()?, session::token()?.text, guest.visit.agent.clone());
    let (until, now) = (cx.now.plus(app.config.session_hours * Ts::HOUR), cx.now);
    let demo = app.is_demo();
    let (hash, code) = (token.clone(), code.map(str::to_owned));
    let outcome = app
        .db
        .write(move |tx| {
            let opening = Opening { token: &hash, csrf: &csrf, agent: &agent, code: code.as_deref(), until };
            if demo { login::open_demo(tx, &cx, &opening) } else { login::succeed(tx, &cx, &opening) }
        })
        .await?;
    match outcome {
        Outcome::Open => {
            end_former(app, &guest.visit).await?;
            Ok(opened(app, &token, who.locale.as_deref(), super::staff::goto(guest.visit.htmx, safe(next))))
        }
        Outcome::Wrong(until) => {
            let refusal =
                until.map_or_else(|| Refusal::rule("account.totp.wrong").on("code"), |u| locked_out(now, u));
            Err(refusal.into())
        }
        Outcome::Locked(until) => Err(locked_out(now, until).into()),
    }
}

/// The browser's session before this one, if it still stood.
async fn end_former(app: &Arc<App>, visit: &Visit) -> Result<(), WebError> {
    if let Some(former) = recognise(app, visit).await?
        && let Some(session) = former.session
    {
        app.db.write(move |tx| session::end(tx, &former.cx, &session.hash)).await?;
    }
    Ok(())
}

fn opened(app: &App, token: &Token, locale: Option<&str>, mut response: Response) -> Response {
    let seconds = app.config.session_hours * 3_600;
    let mut cookies = vec![security::cookie(app, security::session_cookie(app), &token.text, seconds, true)];
    if let Some(locale) = locale {
        cookies.push(security::cookie(app, "lang", Locale::parse(locale).tag(), 365 * 24 * 3_600, true));
    }
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Deserialize)]
pub(super) struct DemoForm {
    login: String,
    #[serde(default)]
    next: String,
}

/// `POST /demo/login`: only in the demonstration; anywhere else there is no such page.
pub(super) async fn enter_demo(guest: Guest, Form(form): Form<DemoForm>) -> Answer {
    if !guest.app.is_demo() {
        return Err(WebError::not_found());
    }
    let name = form.login.clone();
    let who = guest.app.db.read(move |tx| login::credentials(tx, &name)).await?;
    finish(&guest, &who.ok_or_else(WebError::not_found)?, None, &form.next).await
}

/// `POST /logout`
pub(super) async fn leave(staff: Staff) -> Answer {
    if let Some(session) = &staff.auth.session {
        let hash = session.hash;
        staff.write(move |tx, cx| session::end(tx, cx, &hash)).await?;
    }
    let mut response = staff.goto("/login");
    if let Some(cookie) = security::cookie(&staff.app, security::session_cookie(&staff.app), "", 0, true) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_in_leads_only_to_pages_of_our_own() {
        for (next, to) in [
            ("/cases?phase=open", "/cases?phase=open"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/login?next=/login", "/"),
            ("", "/"),
        ] {
            assert_eq!(safe(next), to, "{next}");
        }
    }
}
