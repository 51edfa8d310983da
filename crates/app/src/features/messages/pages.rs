//! One's own messages, one message with who has and who has not, the duty PC, and writing one.

use super::model::{NewMessage, Posted, Receiver, Target};
use super::robots::case_text;
use super::service::{self, Seen};
use crate::context::Cx;
use crate::features::people::service::{self as people, PostFilter};
use crate::features::roster::service as roster;
use crate::features::roster::strip::{self, Strip};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{Result, Tx};

/// A receiver as shown.
struct ToView {
    account: i64,
    name: String,
    phone: String,
    what: String,
    state: String,
    class: &'static str,
    line: String,
    call: String,
    calls: bool,
}

/// A message as shown.
struct View {
    id: i64,
    text: String,
    why: String,
    case: Option<(String, String)>,
    urgent: bool,
    open: bool,
    /// Waits for this person, or for whoever is on duty.
    waits: bool,
    state: String,
    sent: String,
    minutes: String,
    confirms: bool,
    calls: bool,
    mine: bool,
    to: Vec<ToView>,
    tally: String,
    posted: Vec<String>,
    copy: String,
}

fn view(w: &Words, names: &HashMap<AccountId, String>, me: Option<AccountId>, seen: &Seen) -> View {
    let m = &seen.message;
    let told = seen.case.as_ref().map(|c| case_text(w, m, c));
    let text = match (&told, m.text.is_empty()) {
        (Some(told), true) => told.clone(),
        _ => m.text.clone(),
    };
    let own = seen.receivers.iter().find(|r| Some(r.account) == me);
    let named = |account: Option<AccountId>| account.and_then(|a| names.get(&a)).cloned().unwrap_or_default();
    let confirmed: Vec<String> =
        seen.receivers.iter().filter(|r| r.state == "confirmed").map(|r| r.name.clone()).collect();
    let has: Vec<&Receiver> = seen.receivers.iter().filter(|r| r.has_it()).collect();
    let silent: Vec<String> = has.iter().filter(|r| r.state != "confirmed").map(|r| r.name.clone()).collect();
    let state = match (m.ended.is_some(), confirmed.first()) {
        (true, Some(first)) if !m.each => w.t1("messages-taken-by", "name", first),
        (true, _) => w.t("messages-all-confirmed"),
        (false, _) => match own.map(|r| r.state.as_str()) {
            Some("confirmed") => w.t("messages-state-confirmed"),
            _ => w.t("messages-open"),
        },
    };
    let why = match (&m.cause[..], &told) {
        ("note", Some(told)) => told.clone(),
        ("note", None) => String::new(),
        (cause, _) => w.t(&format!("messages-why-{cause}")),
    };
    let tally = [("confirmed", confirmed.len()), ("of", has.len())].map(|(n, v)| (n, v.to_string()));
    View {
        id: m.id,
        why: if m.cause == "note" && m.account.is_some() {
            format!("{} {why}", w.t1("messages-from", "name", named(m.account))).trim().to_owned()
        } else {
            why
        },
        case: seen.case.as_ref().map(|c| (format!("/cases/{}", c.id), c.no.clone())),
        urgent: m.urgent,
        open: m.ended.is_none(),
        waits: m.ended.is_none() && seen.confirms,
        state,
        sent: w.when(m.sent),
        minutes: w.span(w.now.since(m.sent).max(0)),
        confirms: seen.confirms,
        calls: seen.calls,
        mine: seen.mine,
        to: by_need(&seen.receivers).into_iter().map(|r| to_view(w, &named, r)).collect(),
        tally: w.ta("messages-tally", &tally),
        posted: m.robots.iter().map(|p| posted(w, p)).collect(),
        copy: w.t2("messages-copy-text", ("text", &text), ("silent", &silent.join(&w.t("list-joint")))),
        text,
    }
}

/// Whoever has to be called first; among those who are alike in the order of the chain.
fn by_need(all: &[Receiver]) -> Vec<&Receiver> {
    let need = |r: &Receiver| match r.state.as_str() {
        "silent" => 0,
        "sent" | "read" => 1,
        "waiting" => 2,
        _ => 3,
    };
    let mut out: Vec<&Receiver> = all.iter().collect();
    out.sort_by_key(|r| (need(r), r.step));
    out
}

fn posted(w: &Words, p: &Posted) -> String {
    let args = [
        ("name", p.name.clone()),
        ("state", w.t(&format!("robots-state-{}", p.state))),
        ("when", w.when(p.at)),
        ("note", p.note.clone()),
    ];
    w.ta("messages-posted", &args)
}

fn to_view(w: &Words, named: &impl Fn(Option<AccountId>) -> String, r: &Receiver) -> ToView {
    let class = match r.state.as_str() {
        "confirmed" => "green",
        "silent" => "red",
        "sent" | "read" => "amber",
        _ => "",
    };
    let mut line = Vec::new();
    for (key, at) in [
        ("messages-at-sent", r.sent),
        ("messages-at-read", r.read),
        ("messages-at-silent", r.silent),
        ("messages-at-confirmed", r.confirmed),
    ] {
        if let Some(at) = at {
            line.push(w.t1(key, "when", w.when(at)));
        }
    }
    if r.passed_to.is_some() {
        line.push(w.t1("messages-passed", "name", named(r.passed_to)));
    }
    let call = match (&r.call, r.call_at) {
        (Some(state), Some(at)) => {
            let args = [
                ("state", w.t(&format!("messages-call-{state}"))),
                ("when", w.when(at)),
                ("name", named(r.call_by)),
            ];
            w.ta("messages-called", &args)
        }
        _ => String::new(),
    };
    ToView {
        account: r.account.0,
        name: r.name.clone(),
        phone: r.phone.clone(),
        what: w.t(&format!("messages-kind-{}", r.kind)),
        state: w.t(&format!("messages-state-{}", r.state)),
        class,
        line: line.join(&w.t("list-joint")),
        call,
        calls: r.state != "confirmed",
    }
}

fn names(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<AccountId, String>> {
    Ok(people::names(tx, cx.office.id)?.into_iter().collect())
}

#[derive(Template)]
#[template(path = "messages_list.html", blocks = ["list"])]
struct ListPage {
    w: Words,
    shell: Shell,
    sends: bool,
    mine: Vec<View>,
    written: Vec<View>,
    live: String,
}

/// `GET /messages`
pub(super) async fn list(staff: Staff) -> Answer {
    let (w, live) = (staff.words.clone(), staff.live("message"));
    let (mine, written) = staff
        .read(move |tx, cx| {
            let names = names(tx, cx)?;
            let (mine, written) = service::list(tx, cx)?;
            let views = |all: &[Seen]| -> Vec<View> {
                all.iter().map(|s| view(&w, &names, cx.actor.account, s)).collect()
            };
            Ok((views(&mine), views(&written)))
        })
        .await?;
    let sends = staff.has("messages.send");
    let page = ListPage {
        shell: staff.shell("messages").await?,
        w: staff.words.clone(),
        sends,
        mine,
        written,
        live,
    };
    if staff.htmx || staff.visit.live { html(&page.as_list()) } else { html(&page) }
}

#[derive(Template)]
#[template(path = "messages_show.html", blocks = ["whole"])]
struct ShowPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    v: View,
    live: String,
}

/// `GET /messages/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: i64, problem: Problem, status: StatusCode) -> Answer {
    let (w, live) = (staff.words.clone(), staff.live("message"));
    let v = staff
        .read(move |tx, cx| {
            let names = names(tx, cx)?;
            Ok(view(&w, &names, cx.actor.account, &service::find(tx, cx, id)?))
        })
        .await?;
    let page = ShowPage { shell: staff.shell("messages").await?, w: staff.words.clone(), problem, v, live };
    if staff.visit.live { html(&page.as_whole()) } else { html_with(status, &page) }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Acted {
    idem: String,
    to: i64,
    state: String,
    back: String,
}

impl Acted {
    /// Where one goes on: the duty PC or the message.
    fn back(&self, id: i64) -> String {
        if self.back == "desk" { "/messages/desk".to_owned() } else { format!("/messages/{id}") }
    }
}

/// `POST /messages/{id}/read`: by the page itself, once it is on the screen.
pub(super) async fn read(staff: Staff, Path(id): Path<i64>) -> Answer {
    staff.write(move |tx, cx| service::read(tx, cx, id)).await?;
    Ok(axum::response::IntoResponse::into_response(StatusCode::NO_CONTENT))
}

/// `POST /messages/{id}/confirm`
pub(super) async fn confirm(staff: Staff, Path(id): Path<i64>, Form(sent): Form<Acted>) -> Answer {
    let request = fingerprint(&("messages.confirm", id));
    let done = staff.write_once(&sent.idem, &request, move |tx, cx| service::confirm(tx, cx, id)).await;
    finish(&staff, id, done, &sent.back(id), "messages-confirmed").await
}

/// `POST /messages/{id}/tick`
pub(super) async fn tick(staff: Staff, Path(id): Path<i64>, Form(sent): Form<Acted>) -> Answer {
    let (to, state) = (AccountId(sent.to), sent.state.clone());
    let request = fingerprint(&("messages.tick", id, to, &state));
    let done =
        staff.write_once(&sent.idem, &request, move |tx, cx| service::tick(tx, cx, id, to, &state)).await;
    finish(&staff, id, done, &sent.back(id), "messages-ticked").await
}

async fn finish(
    staff: &Staff,
    id: i64,
    done: std::result::Result<(), WebError>,
    to: &str,
    said: &'static str,
) -> Answer {
    match done {
        Ok(()) => Ok(staff.goto_saying(to, &staff.words.t(said))),
        Err(error) => {
            let Some(refusal) = error.refusal().filter(|r| r.code == "messages.ended").cloned() else {
                return Err(error);
            };
            draw(staff, id, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

#[derive(Template)]
#[template(path = "messages_desk.html", blocks = ["alarm", "board"])]
struct DeskPage {
    w: Words,
    shell: Shell,
    strips: Vec<Strip>,
    open: Vec<View>,
    done: Vec<View>,
    ring: usize,
    live: String,
    now: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Part {
    part: String,
}

/// `GET /messages/desk`: loud, for the PC of whoever is on duty.
pub(super) async fn desk(staff: Staff, Query(asked): Query<Part>) -> Answer {
    let (w, live) = (staff.words.clone(), staff.live("message"));
    let (views, strips) = staff
        .read(move |tx, cx| {
            let names = names(tx, cx)?;
            let seen = service::on_desk(tx, cx)?;
            let views: Vec<View> = seen.iter().map(|s| view(&w, &names, cx.actor.account, s)).collect();
            Ok((views, strip::now(tx, cx, &w)?))
        })
        .await?;
    let (open, done): (Vec<View>, Vec<View>) =
        views.into_iter().partition(|v| v.open && (v.waits || !v.mine));
    let page = DeskPage {
        shell: staff.shell("messages").await?,
        w: staff.words.clone(),
        strips,
        ring: open.iter().filter(|v| v.waits && v.urgent).count(),
        open,
        done: done.into_iter().take(12).collect(),
        live,
        now: staff.words.when(staff.cx.now),
    };
    match asked.part.as_str() {
        "alarm" => html(&page.as_alarm()),
        "board" => html(&page.as_board()),
        _ => html(&page),
    }
}

#[derive(Template)]
#[template(path = "messages_new.html")]
struct NewPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    form: Sent,
    units: Vec<(String, String, bool)>,
    posts: Vec<(String, String, bool)>,
    people: Vec<(String, String, bool)>,
}

#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(super) struct Sent {
    #[serde(skip_serializing)]
    idem: String,
    text: String,
    urgent: Option<String>,
    robots: Option<String>,
    case_no: String,
    whole: Option<String>,
    duty: Option<String>,
    unit: Vec<String>,
    post: Vec<String>,
    person: Vec<String>,
}

impl Sent {
    fn read(&self) -> NewMessage {
        let mut targets = Vec::new();
        if self.whole.is_some() {
            targets.push(Target::All);
        }
        targets.extend(self.unit.iter().filter_map(|u| u.parse().ok().map(Target::Unit)));
        targets.extend(self.post.iter().filter_map(|p| p.parse().ok().map(Target::Post)));
        targets.extend(self.person.iter().filter_map(|p| Some(Target::Account(AccountId(p.parse().ok()?)))));
        if self.duty.is_some() {
            targets.push(Target::Duty);
        }
        NewMessage {
            text: self.text.clone(),
            urgent: self.urgent.is_some(),
            case_no: self.case_no.clone(),
            targets,
            robots: self.robots.is_some(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Start {
    case: String,
}

/// `GET /messages/new?case=NO`
pub(super) async fn form(staff: Staff, Query(start): Query<Start>) -> Answer {
    let form = Sent { case_no: start.case, duty: Some("1".to_owned()), ..Sent::default() };
    draw_form(&staff, form, Problem::default(), StatusCode::OK).await
}

async fn draw_form(staff: &Staff, form: Sent, problem: Problem, status: StatusCode) -> Answer {
    let read = staff.read(|tx, cx| {
        let posts = match cx.actor.has("people.read") {
            true => people::posts(tx, cx, &PostFilter::default())?,
            false => Vec::new(),
        };
        Ok((roster::units(tx, cx)?, roster::members(tx, cx, None)?, posts))
    });
    let (units, members, posts) = read.await?;
    let page = NewPage {
        shell: staff.shell("messages").await?,
        w: staff.words.clone(),
        problem,
        units: units
            .into_iter()
            .map(|(id, name)| (id.0.to_string(), name, form.unit.contains(&id.0.to_string())))
            .collect(),
        posts: posts
            .into_iter()
            .filter(|p| !p.holders.is_empty())
            .map(|p| {
                let id = p.post.id.0.to_string();
                let chosen = form.post.contains(&id);
                (id, format!("{} ({})", p.post.title, p.unit), chosen)
            })
            .collect(),
        people: members
            .into_iter()
            .map(|m| {
                let id = m.account.0.to_string();
                let chosen = form.person.contains(&id);
                (id, format!("{} ({})", m.name, m.unit), chosen)
            })
            .collect(),
        form,
    };
    html_with(status, &page)
}

/// `POST /messages/new`
pub(super) async fn send(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let new = sent.read();
    let request = fingerprint(&("messages.send", &new));
    match staff.write_once(&sent.idem, &request, move |tx, cx| service::send(tx, cx, &new)).await {
        Ok(id) => Ok(staff.goto_saying(&format!("/messages/{id}"), &staff.words.t("messages-sent"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw_form(&staff, sent, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}
