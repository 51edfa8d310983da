//! One's own account: posts, sessions, language, password, second factor.

use super::shell::{Problem, Shell};
use super::{Answer, Form, Path, Staff, WebError, html, html_with, security};
use crate::config::PasswordPolicy;
use crate::features::people::device::{self, Device};
use crate::features::people::model::Holding;
use crate::features::people::password::{self, Policy};
use crate::features::people::service;
use crate::features::people::session::totp::{self, Enrolment};
use crate::features::people::session::{self, Listed, Token, login, needs_strong};
use crate::words::{Locale, Words};
use anyhow::Context;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::Response;
use kernel::{Refusal, Ts};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    w: Words,
    shell: Shell,
    login: String,
    posts: Vec<PostLine>,
    sessions: Vec<SessionLine>,
    has_totp: bool,
    needs_totp: bool,
    password: String,
    phones: Vec<PhoneLine>,
    /// This page is open on a bound phone: what a PIN may not do is not offered.
    on_phone: bool,
}

/// A bound phone as pages list it.
#[derive(Clone, Debug)]
pub(crate) struct PhoneLine {
    /// Its id.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) name: String,
    /// When it was bound.
    pub(crate) bound: String,
    /// When it was last used.
    pub(crate) used: String,
    /// Until when it stays bound unused.
    pub(crate) until: String,
    /// Whether this page is open on it.
    pub(crate) this: bool,
}

/// A bound phone in words; `this` is the one that the page is open on.
pub(crate) fn phone_line(w: &Words, phone: &Device, this: Option<i64>) -> PhoneLine {
    let when = |at: Option<Ts>| at.map(|at| w.when(at)).unwrap_or_default();
    PhoneLine {
        id: phone.id,
        name: if phone.name.is_empty() { w.t("phone-unnamed") } else { phone.name.clone() },
        bound: when(phone.bound_at),
        used: when(phone.used_at),
        until: phone.until().map(|at| w.full_day(at.day(&w.tz), true)).unwrap_or_default(),
        this: this == Some(phone.id),
    }
}

struct PostLine {
    title: String,
    unit: String,
    place: String,
    acting_until: String,
}

struct SessionLine {
    hash: String,
    agent: String,
    seen: String,
    opened: String,
    this: bool,
}

/// `GET /account`
pub(super) async fn show(staff: Staff) -> Answer {
    let account = staff.auth.account.clone();
    let id = account.id;
    let (holdings, sessions, phones) = staff
        .read(move |tx, cx| {
            let mut holdings = service::holdings(tx, cx, id)?;
            holdings.retain(|h| h.is_now(cx.now));
            Ok((holdings, session::list(tx, cx.office.id, id)?, device::list(tx, cx, id)?))
        })
        .await?;
    let w = &staff.words;
    let own = staff.auth.session.as_ref().map(|s| s.hash);
    let this = staff.auth.session.as_ref().and_then(|s| s.device);
    let page = AccountPage {
        phones: phones.iter().map(|p| phone_line(w, p, this)).collect(),
        on_phone: this.is_some(),
        shell: staff.shell("account").await?,
        login: account.login,
        posts: holdings.into_iter().map(|h| post_line(w, h)).collect(),
        sessions: sessions.iter().map(|s| session_line(w, s, own)).collect(),
        has_totp: account.has_totp,
        needs_totp: needs_strong(&staff.cx.actor),
        password: match account.password_at {
            Some(at) => w.t1("account-password-at", "when", w.when(at)),
            None => w.t("account-password-first"),
        },
        w: w.clone(),
    };
    html(&page)
}

fn post_line(w: &Words, holding: Holding) -> PostLine {
    let until = holding.until.filter(|_| holding.acting);
    PostLine {
        title: holding.title,
        unit: holding.unit_name,
        place: holding.place.unwrap_or_default(),
        acting_until: until.map(|at| w.t1("account-acting-until", "when", w.when(at))).unwrap_or_default(),
    }
}

fn session_line(w: &Words, session: &Listed, own: Option<[u8; 32]>) -> SessionLine {
    SessionLine {
        hash: data_encoding::HEXLOWER.encode(&session.hash),
        agent: browser(w, &session.agent),
        seen: w.when(session.seen_at),
        opened: w.when(session.created_at),
        this: own == Some(session.hash),
    }
}

/// A browser as people know it; its own long name where it is unknown.
fn browser(w: &Words, agent: &str) -> String {
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let program = find(&[
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if agent.is_empty() => w.t("account-browser-unknown"),
        (None, None) => agent.chars().take(60).collect(),
    }
}

#[derive(Deserialize)]
pub(super) struct EndForm {
    #[serde(default)]
    session: String,
}

/// `POST /account/sessions/end`: one session, or all but this.
pub(super) async fn end_sessions(staff: Staff, Form(form): Form<EndForm>) -> Answer {
    let own = staff.auth.session.as_ref().map(|s| s.hash).context("a page without a session")?;
    let account = staff.auth.account.id;
    if form.session.is_empty() {
        staff.write(move |tx, cx| session::end_all(tx, cx.office.id, account, Some(&own))).await?;
    } else {
        let hash =
            data_encoding::HEXLOWER.decode(form.session.as_bytes()).ok().and_then(|b| b.try_into().ok());
        let hash: [u8; 32] = hash.ok_or_else(WebError::not_found)?;
        staff.write(move |tx, cx| session::end(tx, cx, &hash)).await?;
    }
    Ok(staff.goto_saying("/account", &staff.words.t("account-sessions-ended")))
}

/// `POST /account/phones/{id}/cut`: one's own phone is lost, or one's own no more.
pub(super) async fn cut_phone(staff: Staff, Path(id): Path<i64>) -> Answer {
    let account = staff.auth.account.id;
    staff.write(move |tx, cx| device::cut(tx, cx, account, id)).await?;
    let this = staff.auth.session.as_ref().and_then(|s| s.device) == Some(id);
    let next = if this { "/m" } else { "/account" };
    Ok(staff.goto_saying(next, &staff.words.t("phone-cut-done")))
}

#[derive(Deserialize)]
pub(super) struct LanguageForm {
    locale: String,
}

/// `POST /account/language`
pub(super) async fn set_language(staff: Staff, Form(form): Form<LanguageForm>) -> Answer {
    let tag = Locale::parse(&form.locale).tag();
    staff.write(move |tx, cx| login::set_locale(tx, cx, tag)).await?;
    let mut response = staff.goto("/account");
    if let Some(cookie) = security::cookie(&staff.app, "lang", tag, 365 * 24 * 3_600, true) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "account_password.html")]
struct PasswordPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    due: bool,
    rule: String,
}

/// `GET /account/password`
pub(super) async fn show_password(staff: Staff) -> Answer {
    password_page(&staff, StatusCode::OK, Problem::default())
}

fn password_page(staff: &Staff, status: StatusCode, problem: Problem) -> Answer {
    html_with(
        status,
        &PasswordPage {
            w: staff.words.clone(),
            shell: staff.plain_shell("account"),
            problem,
            due: staff.auth.account.password_at.is_none(),
            rule: staff.words.t(match staff.app.config.password_policy {
                PasswordPolicy::Asvs => "account-password-rule",
                PasswordPolicy::Mlps => "account-password-rule-classes",
            }),
        },
    )
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    current: String,
    password: String,
    again: String,
}

/// `POST /account/password`
pub(super) async fn set_password(staff: Staff, Form(form): Form<PasswordForm>) -> Answer {
    match change_password(&staff, form).await {
        Ok(token) => Ok(renewed(&staff, &token, "account-password-set")),
        Err(error) => match error.refusal() {
            Some(refusal) => password_page(&staff, error.status(), Problem::new(&staff.words, refusal)),
            None => Err(error),
        },
    }
}

/// The first page, under the new token of the session.
fn renewed(staff: &Staff, token: &Token, said: &str) -> Response {
    let mut response = staff.goto_saying("/", &staff.words.t(said));
    let (name, seconds) = (security::session_cookie(&staff.app), staff.app.config.session_hours * 3_600);
    if let Some(cookie) = security::cookie(&staff.app, name, &token.text, seconds, true) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn change_password(staff: &Staff, form: PasswordForm) -> Result<Token, WebError> {
    let account = staff.auth.account.clone();
    let own = staff.auth.session.as_ref().map(|s| s.hash).context("a page without a session")?;
    staff.app.limits.login_name.take(account.id, staff.app.uptime())?;
    let policy = match staff.app.config.password_policy {
        PasswordPolicy::Asvs => Policy::Asvs,
        PasswordPolicy::Mlps => Policy::Mlps,
    };
    password::check(policy, &account.login, &form.password)?;
    if form.password != form.again {
        return Err(Refusal::rule("account.password.again").on("again").into());
    }
    if form.password == form.current {
        return Err(Refusal::rule("account.password.same").on("password").into());
    }
    let id = account.id;
    let who = staff.read(move |tx, cx| login::credentials_of(tx, cx.office.id, id)).await?;
    let stored = who.and_then(|w| w.password);
    let (fits, hash) = tokio::task::spawn_blocking(move || {
        let fits = password::verify(&form.current, stored.as_deref());
        (fits, password::hash(&form.password))
    })
    .await?;
    if !fits {
        staff.write(move |tx, cx| login::fail(tx, cx, id)).await?;
        return Err(Refusal::rule("account.password.current").on("current").into());
    }
    let hash = hash?;
    let (token, csrf) = (session::token()?, session::token()?.text);
    let fresh = token.clone();
    staff
        .write(move |tx, cx| {
            login::set_password(tx, cx, &hash, &own)?;
            session::renew(tx, &own, &fresh, &csrf)
        })
        .await?;
    Ok(token)
}

#[derive(Template)]
#[template(path = "account_totp.html")]
struct TotpPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    needed: bool,
    again: bool,
    picture: String,
    letters: String,
    secret: String,
}

/// `GET /account/totp`
pub(super) async fn show_totp(staff: Staff) -> Answer {
    totp_page(&staff, StatusCode::OK, Problem::default(), &Enrolment::new()?)
}

fn totp_page(staff: &Staff, status: StatusCode, problem: Problem, enrolment: &Enrolment) -> Answer {
    let own = staff.auth.session.as_ref().map(|s| s.hash).context("a page without a session")?;
    let url = enrolment.url(&staff.words.t("brand"), &staff.auth.account.login)?;
    let code = qrcode::QrCode::new(url.as_bytes()).context("the picture cannot be drawn")?;
    let svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(220, 220).build();
    html_with(
        status,
        &TotpPage {
            w: staff.words.clone(),
            shell: staff.plain_shell("account"),
            problem,
            needed: needs_strong(&staff.cx.actor) && !staff.auth.account.has_totp,
            again: staff.auth.account.has_totp,
            picture: format!("data:image/svg+xml;base64,{}", data_encoding::BASE64.encode(svg.as_bytes())),
            letters: enrolment.letters(),
            secret: enrolment.seal(&staff.app.vault, staff.cx.office.id, &own)?,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct TotpForm {
    secret: String,
    code: String,
}

/// `POST /account/totp`
pub(super) async fn set_totp(staff: Staff, Form(form): Form<TotpForm>) -> Answer {
    let own = staff.auth.session.as_ref().map(|s| s.hash).context("a page without a session")?;
    // A session without the second factor must not be able to replace it.
    if staff.auth.account.has_totp && !staff.strong {
        return Err(WebError::SignedOut);
    }
    let enrolment = Enrolment::open(&staff.app.vault, staff.cx.office.id, &own, &form.secret);
    let enrolment = enrolment.ok_or(WebError::Csrf)?;
    let until = staff.cx.now.plus(staff.app.config.session_hours * Ts::HOUR);
    let (kept, code) = (enrolment.clone(), form.code);
    let (token, csrf) = (session::token()?, session::token()?.text);
    let fresh = token.clone();
    let set = staff.write(move |tx, cx| {
        totp::set(tx, cx, &own, &enrolment, &code, until)?;
        session::renew(tx, &own, &fresh, &csrf)
    });
    match set.await {
        Ok(()) => Ok(renewed(&staff, &token, "account-totp-set")),
        Err(error) => match error.refusal() {
            Some(refusal) => totp_page(&staff, error.status(), Problem::new(&staff.words, refusal), &kept),
            None => Err(error),
        },
    }
}
