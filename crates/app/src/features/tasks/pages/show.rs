//! One task: for the giver the matrix of who has and who has not; a receiver is led to their part.

use super::super::collate;
use super::super::model::{FileId, Receiver, ReceiverId, State, TaskId};
use super::super::service::look::{self, Seen};
use super::super::service::manage;
use super::{FileView, chip, excerpt, file_view, instant, source, state, summary, times, told};
use crate::features::people::service as people;
use crate::web::download::disposition;
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use kernel::{Refusal, Ts};
use serde::{Deserialize, Serialize};

/// Longest side of a picture in a list, in pixels.
const THUMB: u32 = 240;

struct Row {
    href: String,
    name: String,
    state: String,
    class: &'static str,
    late: bool,
    due: String,
    signed: String,
    answered: String,
    told: Vec<String>,
    chased: String,
}

#[derive(Template)]
#[template(path = "tasks_show.html")]
struct ShowPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: TaskId,
    title: String,
    body: String,
    source: String,
    urgency: String,
    due: String,
    given: String,
    closed: String,
    asked: Vec<String>,
    denied: Vec<String>,
    identity: String,
    files: Vec<FileView>,
    from: Option<(String, String)>,
    rows: Vec<Row>,
    counts: [(usize, &'static str, &'static str); 4],
    manages: bool,
    answered: usize,
    /// The text for the group; blank when nobody owes an answer.
    chase: String,
    chased: bool,
    groups: Vec<super::give::Group>,
    due_value: String,
    least: String,
    form: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Asked {
    chased: String,
}

/// `GET /tasks/{id}`
pub(in super::super) async fn show(staff: Staff, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Answer {
    draw(&staff, TaskId(id), !asked.chased.is_empty(), Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: TaskId, chased: bool, problem: Problem, status: StatusCode) -> Answer {
    let (seen, from, who, giver) = staff
        .read(move |tx, cx| {
            let seen = look::seen(tx, cx, id)?;
            let from = seen.task.case.map(|case| look::origin(tx, cx, case)).transpose()?.flatten();
            let who = if seen.manages { look::candidates(tx, cx)? } else { Vec::new() };
            let giver = match seen.task.unit {
                Some(unit) => people::unit(tx, cx.office.id, unit)?.map(|u| u.short),
                None => None,
            };
            Ok((seen, from, who, giver.unwrap_or_default()))
        })
        .await?;
    if let (false, Some(own)) = (seen.all, seen.receivers.first()) {
        return Ok(staff.goto(&format!("/tasks/{id}/of/{}", own.id)));
    }
    let w = staff.words.clone();
    let (task, now) = (&seen.task, staff.cx.now);
    let count = |test: &dyn Fn(&Receiver) -> bool| seen.receivers.iter().filter(|r| test(r)).count();
    let asked: Vec<_> = who
        .into_iter()
        .filter(|c| !seen.receivers.iter().any(|r| r.target == c.target && r.state != State::Withdrawn))
        .collect();
    let (denied, identity) = told(&w, task);
    let page = ShowPage {
        shell: staff.shell("tasks").await?,
        problem,
        id,
        title: task.title.clone(),
        body: task.body.clone(),
        source: source(&w, task),
        urgency: super::urgency(&w, task),
        due: w.when(task.due),
        given: w.t2("tasks-given-by", ("unit", &giver), ("when", &w.when(task.created))),
        closed: task.closed.map(|at| w.t1("tasks-closed-at", "when", w.when(at))).unwrap_or_default(),
        asked: asked_for(&w, &seen),
        denied,
        identity,
        files: seen.files.iter().filter(|f| f.receiver.is_none()).map(|f| file_view(task, f)).collect(),
        from: from.zip(task.case).map(|((no, title), id)| (format!("/cases/{id}"), format!("{no} {title}"))),
        rows: rows(&w, &seen, now),
        counts: [
            (count(&|r| r.state != State::Withdrawn), "tasks-count-asked", ""),
            (count(&|r| r.state.has_answer()), "tasks-count-in", ""),
            (count(&|r| r.state.owes()), "tasks-count-owing", "is-amber"),
            (count(&|r| r.state.owes() && r.is_late(task, now)), "tasks-count-late", "is-red"),
        ],
        answered: count(&|r| r.state == State::Answered),
        chase: chase_text(&w, &seen, now),
        chased,
        groups: super::give::groups(&w, &asked, &[]),
        due_value: task.due.local(&w.tz),
        least: now.local(&w.tz),
        form: !task.asks.columns.is_empty(),
        manages: seen.manages,
        w,
    };
    html_with(status, &page)
}

/// What is to come back, in words.
pub(super) fn asked_for(w: &Words, seen: &Seen) -> Vec<String> {
    let asks = &seen.task.asks;
    let mut out: Vec<String> = asks.sentence.iter().cloned().collect();
    out.extend(asks.figures.iter().map(|f| collate::figure_head(w, f)));
    if !asks.columns.is_empty() {
        let names: Vec<&str> = asks.columns.iter().map(|c| c.name.as_str()).collect();
        out.push(w.t1("tasks-asks-rows", "columns", names.join(&w.t("list-joint"))));
    }
    out.extend(asks.file.iter().cloned());
    out
}

/// The matrix: late ones first, then who owes, then who has.
fn rows(w: &Words, seen: &Seen, now: Ts) -> Vec<Row> {
    let task = &seen.task;
    let mut parts: Vec<&Receiver> = seen.receivers.iter().collect();
    parts.sort_by_key(|r| (!(r.state.owes() && r.is_late(task, now)), r.state));
    let row = |r: &&Receiver| {
        let files = seen.files.iter().filter(|f| f.receiver == Some(r.id)).count();
        let mut said = summary(w, task, r, files);
        if matches!(r.state, State::Returned | State::Withdrawn) {
            said.insert(0, w.t1("tasks-reason-is", "reason", excerpt(&r.reason, 60)));
        }
        Row {
            href: format!("/tasks/{}/of/{}", task.id, r.id),
            name: r.name.clone(),
            state: state(w, r),
            class: chip(r),
            late: r.is_late(task, now),
            due: r.due.map(|due| w.t1("tasks-own-due", "when", w.when(due))).unwrap_or_default(),
            signed: r.signed.map(|at| w.when(at)).unwrap_or_default(),
            answered: times(w, r),
            told: said,
            chased: match r.chased_at {
                Some(at) => w.t2("tasks-chased-n", ("n", &r.chased), ("when", &w.when(at))),
                None => String::new(),
            },
        }
    };
    parts.iter().map(row).collect()
}

/// What is copied into the group: who has not answered, until when.
fn chase_text(w: &Words, seen: &Seen, now: Ts) -> String {
    let task = &seen.task;
    let owing: Vec<&Receiver> = seen.receivers.iter().filter(|r| r.state.owes()).collect();
    if owing.is_empty() || task.closed.is_some() {
        return String::new();
    }
    let whom = if owing.iter().all(|r| r.kind == "community") { "community" } else { "unit" };
    let (late, open): (Vec<&Receiver>, Vec<&Receiver>) =
        owing.into_iter().partition(|r| r.is_late(task, now));
    let line = |key: &str, parts: &[&Receiver]| {
        let names: Vec<&str> = parts.iter().map(|r| r.name.as_str()).collect();
        w.ta(
            key,
            &[
                ("whom", w.t(&format!("tasks-whom-{whom}"))),
                ("when", w.when(task.due)),
                ("title", task.title.clone()),
                ("names", names.join(&w.t("list-joint"))),
            ],
        )
    };
    let mut out = Vec::new();
    if !late.is_empty() {
        out.push(line("tasks-chase-late", &late));
    }
    if !open.is_empty() {
        out.push(line("tasks-chase-text", &open));
    }
    out.join("\n")
}

#[derive(Deserialize, Serialize)]
pub(in super::super) struct ActForm {
    #[serde(default, skip_serializing)]
    idem: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    receiver: Option<i64>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    communities: String,
}

/// `POST /tasks/{id}/chase`
pub(in super::super) async fn chase(staff: Staff, Path(id): Path<i64>, Form(form): Form<ActForm>) -> Answer {
    let request = fingerprint(&("tasks.chase", id));
    let done = staff.write_once(&form.idem, &request, move |tx, cx| manage::chase(tx, cx, TaskId(id))).await;
    match done {
        Ok(n) => {
            Ok(staff.goto_saying(&format!("/tasks/{id}?chased=1"), &staff.words.t1("tasks-chased", "n", n)))
        }
        Err(error) => again(&staff, TaskId(id), error).await,
    }
}

async fn again(staff: &Staff, id: TaskId, error: WebError) -> Answer {
    let Some(refusal) = error.refusal().cloned() else { return Err(error) };
    draw(staff, id, false, Problem::new(&staff.words, &refusal), error.status()).await
}

/// `POST /tasks/{id}/act`: the giver's acts.
pub(in super::super) async fn act(staff: Staff, Path(id): Path<i64>, Form(form): Form<ActForm>) -> Answer {
    match done(&staff, TaskId(id), &form).await {
        Ok(said) => {
            let back = match form.receiver {
                Some(receiver) if form.act != "withdraw" => format!("/tasks/{id}/of/{receiver}"),
                _ => format!("/tasks/{id}"),
            };
            Ok(staff.goto_saying(&back, &staff.words.t(said)))
        }
        Err(error) => again(&staff, TaskId(id), error).await,
    }
}

async fn done(staff: &Staff, id: TaskId, form: &ActForm) -> Result<&'static str, WebError> {
    let request = fingerprint(&("tasks.act", id, form));
    let one = form.receiver.map(ReceiverId);
    let needed = || one.ok_or_else(|| WebError::from(Refusal::missing("receiver")));
    let (idem, why) = (form.idem.clone(), form.reason.clone());
    match form.act.as_str() {
        "confirm" => {
            staff.write_once(&idem, &request, move |tx, cx| manage::confirm(tx, cx, id, one)).await?;
            Ok("tasks-confirmed")
        }
        "back" => {
            let one = needed()?;
            let body = move |tx: &mut store::Tx<'_>, cx: &crate::context::Cx| {
                manage::send_back(tx, cx, id, one, &why)
            };
            staff.write_once(&idem, &request, body).await?;
            Ok("tasks-sent-back")
        }
        "withdraw" => {
            let one = needed()?;
            let body = move |tx: &mut store::Tx<'_>, cx: &crate::context::Cx| {
                manage::withdraw(tx, cx, id, one, &why)
            };
            staff.write_once(&idem, &request, body).await?;
            Ok("tasks-withdrawn")
        }
        "extend" => {
            let due = instant(&staff.cx, &form.due, "due")?;
            staff.write_once(&idem, &request, move |tx, cx| manage::extend(tx, cx, id, one, due)).await?;
            Ok("tasks-extended")
        }
        "add" => {
            let (to, communities) = (form.to.clone(), !form.communities.is_empty());
            let body = move |tx: &mut store::Tx<'_>, cx: &crate::context::Cx| {
                manage::add(tx, cx, id, &to, communities)
            };
            staff.write_once(&idem, &request, body).await?;
            Ok("tasks-added")
        }
        "close" | "reopen" => {
            let closed = form.act == "close";
            staff.write_once(&idem, &request, move |tx, cx| manage::close(tx, cx, id, closed)).await?;
            Ok(if closed { "tasks-closed-now" } else { "tasks-reopened" })
        }
        other => Err(WebError::Bad(format!("no such act: {other}"))),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Size {
    small: String,
}

/// `GET /tasks/{id}/files/{file}`: pictures are shown, everything else is a download.
pub(in super::super) async fn file(
    staff: Staff,
    Path((id, file)): Path<(i64, i64)>,
    Query(size): Query<Size>,
) -> Answer {
    let found = staff.read(move |tx, cx| look::file(tx, cx, TaskId(id), FileId(file))).await?;
    let (files, hash, mime) = (staff.app.files.clone(), found.hash.clone(), found.mime.clone());
    let picture = mime == "image/jpeg";
    let small = picture && !size.small.is_empty();
    let bytes =
        tokio::task::spawn_blocking(
            move || {
                if small { files.get_small(&hash, THUMB) } else { files.get(&hash) }
            },
        )
        .await?
        .map_err(WebError::from)?;
    let way = if picture { "inline" } else { "attachment" };
    let kind = if picture { "image/jpeg" } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition(way, &found.name)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, bytes).into_response())
}
