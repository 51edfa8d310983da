//! The list of accounts, and making one.

use super::{Choice, HoldingLine, Tabs, holding_line, mendable, unit_choices, word};
use crate::features::people::model::NewAccount;
use crate::features::people::service::{self, AccountFilter, AccountView, PAGE};
use crate::web::{
    Answer, Form, Problem, Query, Shell, Staff, WebError, encode, fingerprint, html, html_with,
};
use crate::words::Words;
use askama::Template;
use kernel::{AccountId, RoleId, Ts, UnitId};
use serde::{Deserialize, Serialize};

#[derive(Template)]
#[template(path = "people_accounts.html")]
struct Page {
    w: Words,
    shell: Shell,
    tabs: Tabs,
    q: String,
    units: Vec<Choice>,
    roles: Vec<Choice>,
    states: Vec<Choice>,
    rows: Vec<Row>,
    next: String,
    can_add: bool,
    /// Who administers accounts sees who has a second factor.
    admin: bool,
}

struct Row {
    id: i64,
    name: String,
    login: String,
    state: String,
    locked: bool,
    totp: bool,
    holdings: Vec<HoldingLine>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Filter {
    q: String,
    unit: Option<UnitId>,
    role: Option<RoleId>,
    state: String,
    after: String,
    after_id: Option<AccountId>,
}

impl Filter {
    fn to_service(&self) -> AccountFilter {
        AccountFilter {
            q: self.q.clone(),
            unit: self.unit,
            role: self.role,
            state: match self.state.as_str() {
                "" => Some("active".to_owned()),
                "all" => None,
                state => Some(state.to_owned()),
            },
            after: self.after_id.map(|id| (self.after.clone(), id)),
        }
    }

    /// The address of the next page.
    fn next(&self, last: &AccountView) -> String {
        let mut out = format!("/people?q={}&state={}", encode(&self.q), encode(&self.state));
        if let Some(unit) = self.unit {
            out.push_str(&format!("&unit={unit}"));
        }
        if let Some(role) = self.role {
            out.push_str(&format!("&role={role}"));
        }
        out.push_str(&format!("&after={}&after_id={}", encode(&last.account.sort_key), last.account.id));
        out
    }
}

/// `GET /people`
pub(super) async fn list(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let wanted = filter.to_service();
    let (units, roles, accounts) = staff
        .read(move |tx, cx| {
            Ok((
                service::units(tx, cx.office.id)?,
                service::roles(tx, cx)?,
                service::accounts(tx, cx, &wanted)?,
            ))
        })
        .await?;
    let w = &staff.words;
    let full = i64::try_from(accounts.len()).unwrap_or(0) == PAGE;
    let next = accounts.last().filter(|_| full).map(|last| filter.next(last)).unwrap_or_default();
    let state = |value: &str, key: &str| Choice::new(value, w.t(key), filter.state == value);
    let page = Page {
        shell: staff.shell("people").await?,
        tabs: Tabs::of(&staff, "accounts").await?,
        units: unit_choices(&units, filter.unit),
        roles: roles
            .iter()
            .map(|r| Choice::new(r.id, word(w, "role", &r.code), filter.role == Some(r.id)))
            .collect(),
        states: vec![
            state("", "account-state-active"),
            state("locked", "account-state-locked"),
            state("closed", "account-state-closed"),
            state("all", "account-state-all"),
        ],
        rows: accounts.iter().map(|view| row(w, staff.cx.now, view)).collect(),
        next,
        can_add: staff.has("people.edit"),
        admin: staff.has("people.edit") || staff.has("roles.grant"),
        q: filter.q,
        w: w.clone(),
    };
    html(&page)
}

fn row(w: &Words, now: Ts, view: &AccountView) -> Row {
    let account = &view.account;
    Row {
        id: account.id.0,
        name: account.name.clone(),
        login: account.login.clone(),
        state: account.state.clone(),
        locked: account.locked_until.is_some_and(|until| until > now),
        totp: account.has_totp,
        holdings: view.holdings.iter().map(|h| holding_line(w, now, false, h)).collect(),
    }
}

#[derive(Template)]
#[template(path = "people_new.html")]
struct NewPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    form: NewForm,
}

/// What is typed for a new account.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(super) struct NewForm {
    idem: String,
    login: String,
    name: String,
}

/// `GET /people/new`
pub(super) async fn new(staff: Staff) -> Answer {
    let shell = staff.shell("people").await?;
    let form = NewForm { idem: shell.idem(), ..NewForm::default() };
    html(&NewPage { w: staff.words.clone(), shell, problem: Problem::default(), form })
}

/// `POST /people/new`: makes it and shows its first password, once.
pub(super) async fn create(staff: Staff, Form(form): Form<NewForm>) -> Answer {
    match make(&staff, &form).await {
        Ok((id, password)) => first_password(&staff, id, &form.name, &form.login, password).await,
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            let shell = staff.shell("people").await?;
            html_with(
                axum::http::StatusCode::UNPROCESSABLE_ENTITY,
                &NewPage { w: staff.words.clone(), shell, problem, form },
            )
        }
    }
}

/// The account and its first password; no password when this very form was sent before, because it was shown then.
async fn make(staff: &Staff, form: &NewForm) -> Result<(AccountId, Option<String>), WebError> {
    let (plain, hash) = tokio::task::spawn_blocking(service::first_password).await??;
    let mine = mark(&hash);
    let account = NewAccount {
        login: form.login.clone(),
        name: form.name.clone(),
        locale: None,
        password_hash: Some(hash),
    };
    let request = fingerprint(&("people.create_account", &form.login, &form.name));
    let sent = mine.clone();
    let (id, made): (AccountId, String) = staff
        .write_once(&form.idem, &request, move |tx, cx| {
            Ok((service::create_account(tx, cx, &account)?, sent.clone()))
        })
        .await?;
    Ok((id, (made == mine).then_some(plain)))
}

/// Tells one first password from another without giving it away.
fn mark(hash: &str) -> String {
    blake3::hash(hash.as_bytes()).to_hex().chars().take(16).collect()
}

#[derive(Template)]
#[template(path = "people_password.html")]
struct PasswordPage {
    w: Words,
    shell: Shell,
    id: i64,
    name: String,
    login: String,
    password: Option<String>,
}

/// The page that shows a first password, once.
pub(super) async fn first_password(
    staff: &Staff,
    id: AccountId,
    name: &str,
    login: &str,
    password: Option<String>,
) -> Answer {
    html(&PasswordPage {
        w: staff.words.clone(),
        shell: staff.shell("people").await?,
        id: id.0,
        name: name.trim().to_owned(),
        login: login.trim().to_lowercase(),
        password,
    })
}
