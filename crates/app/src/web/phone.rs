//! Phones of people in the field: `/m` opens a bound browser by its PIN, `/m/bind/…` binds one with a code of the office.

use super::guard::recognise;
use super::login::{Guest, Next, safe};
use super::shell::{Problem, PublicShell, with_query};
use super::{Answer, App, Form, Path, Query, WebError, html_with, security};
use crate::actor::{Actor, ActorKind};
use crate::context::{Cx, Source};
use crate::features::people::device::{self, BOUND_FOR, Binding, Device, Entered};
use crate::features::people::session;
use crate::words::Words;
use anyhow::Context;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{Refusal, Ts};
use serde::Deserialize;

/// Where a phone opens.
const HOME: &str = "/report";

#[derive(Template)]
#[template(path = "phone_pin.html")]
struct PinPage {
    w: Words,
    shell: PublicShell,
    problem: Problem,
    next: String,
    name: String,
}

#[derive(Template)]
#[template(path = "phone_code.html")]
struct CodePage {
    w: Words,
    shell: PublicShell,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "phone_bind.html")]
struct BindPage {
    w: Words,
    shell: PublicShell,
    problem: Problem,
    code: String,
    person: String,
    name: String,
}

/// The name of the cookie that stands for the phone.
fn cookie_name(app: &App) -> &'static str {
    if app.config.secure() { "__Host-gezhi-m" } else { "gezhi-m" }
}

fn shell(guest: &Guest) -> PublicShell {
    let mut shell = PublicShell::of(guest.office_name(), &guest.visit, guest.words.locale);
    shell.elder = guest.visit.cookie("mode") != Some("plain");
    shell.mode_href = with_query(&guest.visit.target, "mode", if shell.elder { "plain" } else { "elder" });
    shell
}

/// The phone behind this browser, while it is bound.
pub(super) async fn bound(guest: &Guest) -> Result<Option<Device>, WebError> {
    let Some(token) = guest.visit.cookie(cookie_name(&guest.app)) else { return Ok(None) };
    let (token, now) = (token.to_owned(), guest.app.clock.now());
    Ok(guest.app.db.read(move |tx| device::of_token(tx, &token, now)).await?)
}

fn inside(next: &str) -> &str {
    match safe(next) {
        "/" | "/m" => HOME,
        next if matches!(next.strip_prefix("/m").and_then(|rest| rest.chars().next()), Some('/' | '?')) => {
            HOME
        }
        next => next,
    }
}

#[derive(Deserialize, Default)]
pub(super) struct Ask {
    #[serde(default)]
    next: String,
    #[serde(default)]
    code: String,
}

/// `GET /m?next=`: the PIN; where the browser is not bound, the code. `?code=` leads on to the page of that code.
pub(super) async fn show(guest: Guest, Query(ask): Query<Ask>) -> Answer {
    let code = device::typed(&ask.code);
    if !code.is_empty() {
        return Ok(Redirect::to(&format!("/m/bind/{code}")).into_response());
    }
    if recognise(&guest.app, &guest.visit).await?.is_some() {
        return Ok(Redirect::to(inside(&ask.next)).into_response());
    }
    match bound(&guest).await? {
        Some(phone) => pin_page(&guest, StatusCode::OK, Problem::default(), &ask.next, &phone),
        None => code_page(&guest, StatusCode::OK, Problem::default()),
    }
}

fn pin_page(guest: &Guest, status: StatusCode, problem: Problem, next: &str, phone: &Device) -> Answer {
    let (w, next, name) = (guest.words.clone(), inside(next).to_owned(), phone.name.clone());
    html_with(status, &PinPage { w, shell: shell(guest), problem, next, name })
}

fn code_page(guest: &Guest, status: StatusCode, problem: Problem) -> Answer {
    html_with(status, &CodePage { w: guest.words.clone(), shell: shell(guest), problem })
}

/// The account as actor of its own log-in; its rights come with the session.
fn own(app: &App, phone: &Device) -> Result<Cx, WebError> {
    let office = app.office(phone.office).context("a phone without its office")?;
    let actor = Actor {
        kind: ActorKind::Staff,
        account: Some(phone.account),
        name: phone.person.clone(),
        ..Actor::system(phone.office)
    };
    Ok(app.cx(&office, actor, Source::Web))
}

fn opened(app: &App, session: &str, device: &str, mut response: Response) -> Response {
    let day = app.config.session_hours * 3_600;
    let cookies = [
        security::cookie(app, security::session_cookie(app), session, day, true),
        security::cookie(app, cookie_name(app), device, BOUND_FOR / Ts::SECOND, true),
    ];
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Deserialize)]
pub(super) struct PinForm {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    next: String,
}

/// `POST /m`: the PIN.
pub(super) async fn enter(guest: Guest, Form(form): Form<PinForm>) -> Answer {
    let app = &guest.app;
    app.limits.login_address.take(guest.visit.ip, app.uptime())?;
    let cut = || Problem::new(&guest.words, &Refusal::rule("account.device.cut"));
    let Some(phone) = bound(&guest).await? else {
        return code_page(&guest, StatusCode::UNPROCESSABLE_ENTITY, cut());
    };
    let token = guest.visit.cookie(cookie_name(app)).unwrap_or_default().to_owned();
    let (cx, agent) = (own(app, &phone)?, guest.visit.agent.clone());
    let (session, csrf) = (session::token()?, session::token()?.text);
    let (opening, mine, now) = (session.clone(), token.clone(), cx.now);
    let came =
        app.db.write(move |tx| device::enter(tx, &cx, (&mine, &form.pin), (&opening, &csrf, &agent))).await?;
    let refusal = match came {
        Entered::Open => {
            let to = super::staff::goto(guest.visit.htmx, inside(&form.next));
            return Ok(opened(app, &session.text, &token, to));
        }
        Entered::Cut => return code_page(&guest, StatusCode::UNPROCESSABLE_ENTITY, cut()),
        Entered::Wrong { left } => Refusal::rule("account.device.pin").on("pin").with("left", left),
        Entered::Locked { until } => {
            let minutes = (until.since(now) + Ts::MINUTE - 1) / Ts::MINUTE;
            Refusal::rule("account.device.locked").on("pin").with("minutes", minutes)
        }
    };
    let problem = Problem::new(&guest.words, &refusal);
    pin_page(&guest, StatusCode::UNPROCESSABLE_ENTITY, problem, &form.next, &phone)
}

/// `GET /m/bind/{code}`: choosing a PIN. Looking uses nothing up: a chat programme opens links by itself.
pub(super) async fn ask(guest: Guest, Path(code): Path<String>) -> Answer {
    let name = model_of(&guest.visit.agent);
    bind_page(&guest, StatusCode::OK, Problem::default(), &code, name).await
}

async fn bind_page(guest: &Guest, status: StatusCode, problem: Problem, code: &str, name: String) -> Answer {
    guest.app.limits.login_address.take(guest.visit.ip, guest.app.uptime())?;
    let (sent, now) = (code.to_owned(), guest.app.clock.now());
    match guest.app.db.read(move |tx| device::of_code(tx, &sent, now)).await.map_err(WebError::from) {
        Ok(found) => html_with(
            status,
            &BindPage {
                w: guest.words.clone(),
                shell: shell(guest),
                problem,
                code: device::typed(code),
                person: found.person,
                name,
            },
        ),
        Err(error) => match error.refusal() {
            Some(refusal) => {
                code_page(guest, StatusCode::UNPROCESSABLE_ENTITY, Problem::new(&guest.words, refusal))
            }
            None => Err(error),
        },
    }
}

#[derive(Deserialize)]
pub(super) struct BindForm {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    name: String,
}

/// `POST /m/bind/{code}`: binds this browser and opens it.
pub(super) async fn bind(guest: Guest, Path(code): Path<String>, Form(form): Form<BindForm>) -> Answer {
    let app = &guest.app;
    let name = form.name.clone();
    match take(&guest, &code, form).await {
        Ok((session, token)) => {
            let to = super::staff::goto(guest.visit.htmx, HOME);
            Ok(opened(app, &session, &token, to))
        }
        Err(error) => match error.refusal() {
            Some(refusal) => {
                let problem = Problem::new(&guest.words, refusal);
                bind_page(&guest, StatusCode::UNPROCESSABLE_ENTITY, problem, &code, name).await
            }
            None => Err(error),
        },
    }
}

async fn take(guest: &Guest, code: &str, form: BindForm) -> Result<(String, String), WebError> {
    let app = &guest.app;
    app.limits.login_address.take(guest.visit.ip, app.uptime())?;
    let (sent, now) = (code.to_owned(), app.clock.now());
    let found = app.db.read(move |tx| device::of_code(tx, &sent, now)).await?;
    let (cx, agent, code) = (own(app, &found)?, guest.visit.agent.clone(), code.to_owned());
    let (token, session, csrf) = (session::token()?.text, session::token()?, session::token()?.text);
    let out = (session.text.clone(), token.clone());
    app.db
        .write(move |tx| {
            let how = Binding { token: &token, pin: &form.pin, again: &form.again, name: &form.name };
            let phone = device::bind(tx, &cx, &code, &how)?;
            device::open(tx, &cx, &phone, (&session, &csrf, &agent))
        })
        .await?;
    Ok(out)
}

/// What a phone calls itself, where its browser says so: the words before `Build` among the details.
fn model_of(agent: &str) -> String {
    if agent.contains("iPhone") {
        return "iPhone".to_owned();
    }
    let details = agent.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inner, _)| inner);
    let named = |part: &&str| !matches!(part.trim(), "wv" | "");
    let model = details.filter(|d| d.contains("Android")).and_then(|d| d.split(';').rfind(named));
    let model = model.unwrap_or_default().split(" Build").next().unwrap_or_default().trim();
    // New browsers say `K` for every phone.
    let said = model.chars().count() > 1 && !model.starts_with("Android");
    if said { model.chars().take(40).collect() } else { String::new() }
}

/// The log-in page of a bound browser is the one of its PIN.
pub(super) async fn instead_of_login(guest: &Guest, next: &Next) -> Result<Option<Response>, WebError> {
    if next.by_password() || bound(guest).await?.is_none() {
        return Ok(None);
    }
    let next = super::encode(inside(next.path()));
    Ok(Some(Redirect::to(&format!("/m?next={next}")).into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_called_what_its_browser_calls_it() {
        let android = "Mozilla/5.0 (Linux; Android 10; ELE-AL00 Build/HUAWEIELE-AL00; wv) AppleWebKit/537.36";
        for (agent, name) in [
            ("Mozilla/5.0 (Linux; Android 10; ELE-AL00 Build/HUAWEIELE-AL00) AppleWebKit/537.36", "ELE-AL00"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X)", "iPhone"),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36", ""),
            ("Mozilla/5.0 (X11; Linux x86_64)", ""),
            ("", ""),
        ] {
            assert_eq!(model_of(agent), name, "{agent}");
        }
        assert_eq!(model_of(android), "ELE-AL00", "inside another program");
    }
}
