//! Grants that wait for a second person.

use super::{Tabs, span, word};
use crate::features::people::model::{HoldingId, Pending, PendingView, PostRoleId};
use crate::features::people::service;
use crate::web::{Answer, Form, Shell, Staff, WebError, fingerprint, html};
use crate::words::Words;
use askama::Template;
use serde::{Deserialize, Serialize};

#[derive(Template)]
#[template(path = "people_grants.html")]
struct Page {
    w: Words,
    shell: Shell,
    tabs: Tabs,
    rows: Vec<Row>,
}

struct Row {
    kind: &'static str,
    id: i64,
    post: i64,
    title: String,
    place: String,
    roles: String,
    people: String,
    period: String,
    asked: String,
    /// Asked by the reader, who cannot confirm it.
    own: bool,
    can_decide: bool,
    /// Fewer than three administer, and the reader is not the auditor, who alone confirms then.
    auditor: bool,
}

/// `GET /people/grants`
pub(super) async fn list(staff: Staff) -> Answer {
    let (rows, confirms) =
        staff.read(|tx, cx| Ok((service::pending(tx, cx)?, service::confirms(tx, cx)?))).await?;
    let page = Page {
        shell: staff.shell("people").await?,
        tabs: Tabs::of(&staff, "grants").await?,
        rows: rows.into_iter().map(|view| row(&staff, confirms, view)).collect(),
        w: staff.words.clone(),
    };
    html(&page)
}

fn row(staff: &Staff, confirms: bool, view: PendingView) -> Row {
    let w = &staff.words;
    let (kind, id) = match view.pending {
        Pending::Role(id) => ("role", id.0),
        Pending::Holding(id) => ("holding", id.0),
    };
    let own = view.asked_by_id.is_some() && view.asked_by_id == staff.cx.actor.account;
    let roles: Vec<String> = view.roles.iter().map(|role| word(w, "role", role)).collect();
    let asked_by = view.asked_by.unwrap_or_else(|| w.t("people-program"));
    Row {
        kind,
        id,
        post: view.post.0,
        title: format!("{} {}", view.unit, view.title),
        place: view.place.unwrap_or_default(),
        roles: roles.join(&w.t("people-list-sep")),
        people: view.people.join(&w.t("people-list-sep")),
        period: view.from.map(|from| span(w, from, view.until)).unwrap_or_default(),
        asked: w.t2("people-asked", ("who", &asked_by), ("when", &w.when(view.asked_at))),
        own,
        can_decide: confirms && !own,
        auditor: staff.has("roles.confirm") && !confirms,
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct DecideForm {
    #[serde(default)]
    idem: String,
    kind: String,
    id: i64,
    decision: String,
}

/// `POST /people/grants`
pub(super) async fn decide(staff: Staff, Form(form): Form<DecideForm>) -> Answer {
    let pending = match form.kind.as_str() {
        "role" => Pending::Role(PostRoleId(form.id)),
        "holding" => Pending::Holding(HoldingId(form.id)),
        _ => return Err(WebError::not_found()),
    };
    let yes = form.decision == "confirm";
    let request = fingerprint(&("roles.decide", &form.kind, form.id, yes));
    staff.write_once(&form.idem, &request, move |tx, cx| service::decide(tx, cx, pending, yes)).await?;
    let said = if yes { "people-grant-confirmed" } else { "people-grant-refused" };
    Ok(staff.goto_saying("/people/grants", &staff.words.t(said)))
}
