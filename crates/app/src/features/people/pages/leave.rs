//! Leaving: the page that lists everything held, and the list printed for signature.

use super::{Choice, mendable};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Account, Held, HeldCase, HeldOther, Holding};
use crate::features::people::service::{self, AccountFilter, PostFilter};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, PostId, Refusal, Ts};
use serde::Deserialize;
use std::collections::HashMap;
use store::Tx;

#[derive(Template)]
#[template(path = "people_leave.html")]
struct Page {
    w: Words,
    shell: Shell,
    problem: Problem,
    account: Account,
    posts: Vec<PostLine>,
    acting: Vec<String>,
    handling: Vec<CaseLine>,
    requests: Vec<CaseLine>,
    others: Vec<(String, String, String)>,
    drafts: i64,
    tokens: i64,
    sessions: i64,
    people: Vec<Choice>,
}

struct PostLine {
    id: i64,
    title: String,
    unit: String,
    place: String,
    phone: String,
    roles: bool,
    chosen: String,
}

struct CaseLine {
    no: String,
    unit: String,
    at: String,
}

fn case_line(w: &Words, case: &HeldCase) -> CaseLine {
    CaseLine {
        no: case.no.clone(),
        unit: case.unit.clone().unwrap_or_default(),
        at: case.at.map(|at| w.when(at)).unwrap_or_default(),
    }
}

/// What else is held: kind, address and time. What it says is read there, by whoever may.
fn others(w: &Words, list: &[HeldOther]) -> Vec<(String, String, String)> {
    let line = |o: &HeldOther| {
        let kind = w.t_or(&format!("people-other-{}", o.kind), &o.kind);
        let path = match o.kind.as_str() {
            "task" | "given" => "/tasks/",
            "decision" => "/meetings/",
            _ => "/roster/shifts/",
        };
        (kind, format!("{path}{}", o.id), o.at.map(|at| w.when(at)).unwrap_or_default())
    };
    list.iter().map(line).collect()
}

/// What the page reads.
struct Read {
    account: Account,
    held: Held,
    posts: Vec<(PostId, String, bool)>,
    people: Vec<(AccountId, String)>,
}

fn read(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> store::Result<Read> {
    let account = service::account(tx, cx, id)?.ok_or_else(Refusal::not_found)?;
    let held = service::holdings_of(tx, cx, id)?;
    let mut posts = Vec::new();
    for holding in &held.posts {
        let post = service::post(tx, cx, holding.post)?.ok_or_else(Refusal::not_found)?;
        let roles = !service::roles_of_post(tx, cx, holding.post)?.is_empty();
        posts.push((holding.post, post.post.phone_public.unwrap_or_default(), roles));
    }
    let mut people = Vec::new();
    let mut filter = AccountFilter { state: Some("active".to_owned()), ..AccountFilter::default() };
    loop {
        let page = service::accounts(tx, cx, &filter)?;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.account.sort_key.clone(), last.account.id));
        people
            .extend(page.into_iter().filter(|v| v.account.id != id).map(|v| (v.account.id, v.account.name)));
    }
    Ok(Read { account, held, posts, people })
}

/// `GET /people/{id}/leave`
pub(super) async fn ask(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    page(&staff, id, StatusCode::OK, Problem::default(), &HashMap::new()).await
}

async fn page(
    staff: &Staff,
    id: AccountId,
    status: StatusCode,
    problem: Problem,
    typed: &HashMap<PostId, String>,
) -> Answer {
    let read = staff.read(move |tx, cx| read(tx, cx, id)).await?;
    let w = &staff.words;
    let line = |h: &Holding| {
        let about = read.posts.iter().find(|(post, ..)| *post == h.post);
        PostLine {
            id: h.post.0,
            title: h.title.clone(),
            unit: h.unit_name.clone(),
            place: h.place.clone().unwrap_or_default(),
            phone: about.map(|(_, phone, _)| phone.clone()).unwrap_or_default(),
            roles: about.is_some_and(|(.., roles)| *roles),
            chosen: typed.get(&h.post).cloned().unwrap_or_default(),
        }
    };
    let regular = read.held.posts.iter().filter(|h| !h.acting && h.state == "active");
    let page = Page {
        shell: staff.shell("people").await?,
        problem,
        posts: regular.map(line).collect(),
        acting: read
            .held
            .posts
            .iter()
            .filter(|h| h.acting)
            .map(|h| format!("{} {}", h.unit_name, h.title))
            .collect(),
        handling: read.held.handling.iter().map(|c| case_line(w, c)).collect(),
        requests: read.held.requests.iter().map(|c| case_line(w, c)).collect(),
        others: others(w, &read.held.others),
        drafts: read.held.drafts,
        tokens: read.held.tokens,
        sessions: read.held.sessions,
        people: read.people.into_iter().map(|(id, name)| Choice::new(id, name, false)).collect(),
        account: read.account,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// Posts and successors run in parallel; a blank successor leaves the post vacant.
#[derive(Deserialize)]
pub(super) struct LeaveForm {
    #[serde(default)]
    idem: String,
    #[serde(default)]
    post: Vec<PostId>,
    #[serde(default)]
    to: Vec<String>,
}

/// `POST /people/{id}/leave`
pub(super) async fn hand_over(
    staff: Staff,
    Path(id): Path<AccountId>,
    Form(form): Form<LeaveForm>,
) -> Answer {
    let pairs: Vec<(PostId, String)> = form.post.iter().copied().zip(form.to.iter().cloned()).collect();
    match hand(&staff, id, &form.idem, &pairs).await {
        Ok(()) => Ok(staff.goto_saying(&format!("/people/{id}/left"), &staff.words.t("people-left"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, id, StatusCode::UNPROCESSABLE_ENTITY, problem, &pairs.into_iter().collect()).await
        }
    }
}

async fn hand(staff: &Staff, id: AccountId, idem: &str, pairs: &[(PostId, String)]) -> Result<(), WebError> {
    let mut successors = Vec::new();
    for (post, to) in pairs {
        let to = match to.trim() {
            "" => None,
            to => Some(AccountId(to.parse().map_err(|_| WebError::not_found())?)),
        };
        successors.push((*post, to));
    }
    let request = fingerprint(&("people.hand_over", id, &successors));
    staff
        .write_once(idem, &request, move |tx, cx| service::hand_over(tx, cx, id, &successors).map(|_| ()))
        .await
}

#[derive(Template)]
#[template(path = "people_left.html")]
struct Sheet {
    w: Words,
    shell: Shell,
    name: String,
    on: String,
    posts: Vec<SheetPost>,
    handling: Vec<String>,
    requests: Vec<String>,
    others: Vec<(String, String, String)>,
    drafts: i64,
    again: String,
}

struct SheetPost {
    title: String,
    unit: String,
    place: String,
    phone: String,
    to: String,
    waits: bool,
}

/// What [`service::hand_over`] wrote.
#[derive(Deserialize)]
struct HandedOver {
    name: String,
    posts: Vec<(PostId, Option<AccountId>)>,
    handling: Vec<String>,
    requests: Vec<String>,
    #[serde(default)]
    others: Vec<HeldOther>,
    drafts: i64,
}

/// `GET /people/{id}/left`: the list for signature, from the event, as often as it is needed.
pub(super) async fn sheet(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    let (at, body, posts) = staff.read(move |tx, cx| read_sheet(tx, cx, id)).await?;
    let w = &staff.words;
    let page = Sheet {
        shell: staff.shell("people").await?,
        name: body.name,
        on: w.full_day(at.day(&w.tz), true),
        posts,
        handling: body.handling,
        requests: body.requests,
        // On paper nothing is today: every day has its date.
        others: others(&w.at(Ts(0)), &body.others),
        drafts: body.drafts,
        again: format!("/people/{id}"),
        w: w.clone(),
    };
    html(&page)
}

fn read_sheet(tx: &mut Tx<'_>, cx: &Cx, id: AccountId) -> store::Result<(Ts, HandedOver, Vec<SheetPost>)> {
    let list = events::list(tx, cx.office.id, Stream::Account, id.0)?;
    let event = list.iter().rev().find(|e| e.kind == "people.hand_over").ok_or_else(Refusal::not_found)?;
    let body: HandedOver = event.read()?;
    let mut posts = Vec::new();
    for (post, to) in &body.posts {
        let filter = PostFilter { id: Some(*post), inactive: true, ..PostFilter::default() };
        let Some(view) = service::posts(tx, cx, &filter)?.into_iter().next() else { continue };
        let name = match to {
            Some(to) => service::account(tx, cx, *to)?.map(|a| a.name).unwrap_or_default(),
            None => String::new(),
        };
        let waits = to.is_some_and(|to| !view.holders.iter().any(|h| h.account == to));
        posts.push(SheetPost {
            title: view.post.title,
            unit: view.unit,
            place: view.place.unwrap_or_default(),
            phone: view.post.phone_public.unwrap_or_default(),
            to: name,
            waits,
        });
    }
    Ok((event.recorded_at, body, posts))
}
