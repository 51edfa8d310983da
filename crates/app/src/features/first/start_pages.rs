//! The page of the first start, on this machine only and only while there is no office.

use super::start::{self, Handed, Start};
use crate::config::PasswordPolicy;
use crate::features::people::password::Policy;
use crate::web::{Answer, Form, Guest, Problem, Shell, WebError, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use kernel::Refusal;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "first_start.html")]
struct StartPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    form: StartForm,
}

#[derive(Template)]
#[template(path = "first_made.html")]
struct MadePage {
    w: Words,
    shell: Shell,
    login: String,
    handed: Vec<Handed>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct StartForm {
    name: String,
    short: String,
    code: String,
    communities: String,
    person: String,
    login: String,
    password: String,
    again: String,
}

/// `GET /start`
pub(super) async fn show(guest: Guest) -> Answer {
    if !guest.app.offices().is_empty() {
        return Ok(Redirect::to("/login").into_response());
    }
    page(&guest, StartForm::default(), Problem::default(), StatusCode::OK)
}

fn page(guest: &Guest, form: StartForm, problem: Problem, status: StatusCode) -> Answer {
    // A password is never sent back.
    let form = StartForm { password: String::new(), again: String::new(), ..form };
    html_with(status, &StartPage { w: guest.words.clone(), shell: guest.shell(), problem, form })
}

/// `POST /start`
pub(super) async fn make(guest: Guest, Form(form): Form<StartForm>) -> Answer {
    if !guest.app.offices().is_empty() {
        return Err(Refusal::rule("start.exists").into());
    }
    if form.password != form.again {
        let problem = Problem::new(&guest.words, &Refusal::rule("start.again").on("again"));
        return page(&guest, form, problem, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let asked = Start {
        name: form.name.clone(),
        short: form.short.clone(),
        code: form.code.clone(),
        communities: form.communities.clone(),
        person: form.person.clone(),
        login: form.login.clone(),
        password: form.password.clone(),
    };
    let policy = match guest.app.config.password_policy {
        PasswordPolicy::Asvs => Policy::Asvs,
        PasswordPolicy::Mlps => Policy::Mlps,
    };
    let (app, w) = (Arc::clone(&guest.app), guest.words.clone());
    let made = tokio::task::spawn_blocking(move || start::make(&app, &w, policy, &asked)).await?;
    match made.map_err(WebError::from) {
        Ok(handed) => {
            let login = form.login.trim().to_lowercase();
            let page = MadePage { w: guest.words.clone(), shell: guest.shell(), login, handed };
            let mut response = html(&page)?;
            let never = header::HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, never);
            Ok(response)
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            page(&guest, form, Problem::new(&guest.words, &refusal), error.status())
        }
    }
}
