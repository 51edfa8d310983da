//! One receiver's part: answering it, and for the giver looking at it, sending it back, or entering it for them.

use super::super::form;
use super::super::model::{self, Denied, ReceiverId, State, TaskId, VIAS};
use super::super::service::answer::{self as answering, Given};
use super::super::service::look::{self, Seen};
use super::{Choice, FileView, all, chip, file_view, instant, source, state, stored, times, told};
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, Upload, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Refusal;
use serde::Deserialize;

/// Rows up to which cells are fields of their own; more are edited as pasted text.
const CELLS: usize = 40;
/// Blank rows to type into.
const BLANK: usize = 3;

#[derive(Template)]
#[template(path = "tasks_answer.html", blocks = ["form"])]
struct AnswerPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: TaskId,
    part: ReceiverId,
    title: String,
    body: String,
    source: String,
    urgency: String,
    due: String,
    late: bool,
    name: String,
    state: String,
    class: &'static str,
    times: String,
    reason: String,
    files: Vec<FileView>,
    denied: Vec<String>,
    identity: String,
    /// Other parts of the same task that this person answers.
    others: Vec<Choice>,
    /// Whether the answer can be given now, by the receiver or for it.
    may_answer: bool,
    may_sign: bool,
    entering: bool,
    manages: bool,
    all: bool,
    owes: bool,
    has_answer: bool,
    is_answered: bool,
    withdrawn: bool,
    closed: bool,
    sentence_label: String,
    sentence: String,
    figures: Vec<(String, String)>,
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
    /// Rows too many for fields.
    pasted: String,
    file_label: String,
    own_files: Vec<FileView>,
    nil: bool,
    vias: Vec<Choice>,
    occurred: String,
    due_value: String,
    least: String,
    base: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Asked {
    /// Whether the giver enters the answer for the receiver.
    enter: String,
}

/// `GET /tasks/{id}/of/{receiver}`
pub(in super::super) async fn show(
    staff: Staff,
    Path((id, part)): Path<(i64, i64)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let at = (TaskId(id), ReceiverId(part));
    draw(&staff, at, !asked.enter.is_empty(), None, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    (id, part): (TaskId, ReceiverId),
    entering: bool,
    upload: Option<&Upload>,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let seen = staff.read(move |tx, cx| look::seen(tx, cx, id)).await?;
    let mut page = page(staff, &seen, part, entering, problem).await?;
    if let Some(upload) = upload {
        typed(&mut page, &seen, upload);
    }
    if staff.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
}

async fn page(
    staff: &Staff,
    seen: &Seen,
    id: ReceiverId,
    entering: bool,
    problem: Problem,
) -> Result<AnswerPage, WebError> {
    let w = staff.words.clone();
    let (task, part) = (&seen.task, seen.part(id)?);
    let own = seen.is_own(&staff.cx, part);
    let entering = entering && seen.manages;
    let open = task.closed.is_none() && (part.state.owes() || part.state == State::Answered);
    let (denied, identity) = told(&w, task);
    let many = part.answer.rows.len() > CELLS;
    let mut rows = if many { Vec::new() } else { part.answer.rows.clone() };
    if open && (own || entering) {
        rows.resize(rows.len() + BLANK, vec![String::new(); task.asks.columns.len()]);
    }
    let file = |of: Option<ReceiverId>| -> Vec<FileView> {
        seen.files.iter().filter(|f| f.receiver == of).map(|f| file_view(task, f)).collect()
    };
    let others = seen.receivers.iter().filter(|r| !seen.all && r.id != id);
    Ok(AnswerPage {
        shell: staff.shell("tasks").await?,
        problem,
        id: task.id,
        part: id,
        title: task.title.clone(),
        body: task.body.clone(),
        source: source(&w, task),
        urgency: super::urgency(&w, task),
        due: w.when(part.due(task)),
        late: part.is_late(task, staff.cx.now),
        name: part.name.clone(),
        state: state(&w, part),
        class: chip(part),
        times: times(&w, part),
        reason: part.reason.clone(),
        files: file(None),
        denied,
        identity,
        others: others
            .map(|r| Choice {
                value: format!("/tasks/{}/of/{}", task.id, r.id),
                label: r.name.clone(),
                on: false,
            })
            .collect(),
        may_answer: open && (own || entering),
        may_sign: open && own && part.state == State::Open,
        entering,
        manages: seen.manages,
        all: seen.all,
        owes: part.state.owes(),
        has_answer: part.state.has_answer() || part.state == State::Returned,
        is_answered: part.state == State::Answered,
        withdrawn: part.state == State::Withdrawn,
        closed: task.closed.is_some(),
        sentence_label: task.asks.sentence.clone().unwrap_or_default(),
        sentence: part.answer.sentence.clone(),
        figures: figures(&w, task, part),
        columns: task.asks.columns.iter().map(|c| (c.name.clone(), c.identity)).collect(),
        rows,
        pasted: if many { tsv(&part.answer.rows) } else { String::new() },
        file_label: task.asks.file.clone().unwrap_or_default(),
        own_files: file(Some(id)),
        nil: part.answer.nil,
        vias: vias(&w),
        occurred: staff.cx.now.local(&w.tz),
        due_value: part.due(task).local(&w.tz),
        least: staff.cx.now.local(&w.tz),
        base: format!("{}-{}", part.returns, part.state.as_str()),
        w,
    })
}

/// What figures are called, and what stands in them.
fn figures(w: &Words, task: &model::Task, part: &model::Receiver) -> Vec<(String, String)> {
    let given = |i| part.answer.figures.get(i).cloned().unwrap_or_default();
    let heads = task.asks.figures.iter().map(|f| super::super::collate::figure_head(w, f));
    heads.enumerate().map(|(i, head)| (head, given(i))).collect()
}

fn vias(w: &Words) -> Vec<Choice> {
    let of =
        |via: &&str| Choice { value: (*via).to_owned(), label: w.t(&format!("tasks-via-{via}")), on: false };
    VIAS.iter().map(of).collect()
}

/// Rows as a spreadsheet copies them.
fn tsv(rows: &[Vec<String>]) -> String {
    let clean = |cell: &String| cell.replace(['\t', '\n', '\r'], " ");
    rows.iter().map(|row| row.iter().map(clean).collect::<Vec<_>>().join("\t") + "\n").collect()
}

/// What was typed stands in the form again.
fn typed(page: &mut AnswerPage, seen: &Seen, upload: &Upload) {
    let text = |name: &str| upload.text(name).unwrap_or_default().to_owned();
    page.sentence = text("sentence");
    for ((_, value), typed) in page.figures.iter_mut().zip(all(upload, "figure")) {
        *value = typed;
    }
    let width = seen.task.asks.columns.len();
    if width > 0 {
        page.rows = all(upload, "cell").chunks(width).map(<[String]>::to_vec).collect();
        page.pasted = text("rows");
    }
    for via in &mut page.vias {
        via.on = via.value == text("via");
    }
}

/// `POST /tasks/{id}/of/{receiver}`: signs, answers, or says that there is nothing to report.
pub(in super::super) async fn act(
    staff: Staff,
    Path((id, part)): Path<(i64, i64)>,
    upload: Upload,
) -> Answer {
    let at = (TaskId(id), ReceiverId(part));
    match done(&staff, at, &upload).await {
        Ok(said) => {
            let entering = upload.text("via").is_some();
            let back = if entering { format!("/tasks/{id}") } else { format!("/tasks/{id}/of/{part}") };
            Ok(staff.goto_saying(&back, &said))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let entering = upload.text("via").is_some();
            let problem = Problem::new(&staff.words, &refusal);
            draw(&staff, at, entering, Some(&upload), problem, error.status()).await
        }
    }
}

async fn done(staff: &Staff, (id, part): (TaskId, ReceiverId), upload: &Upload) -> Result<String, WebError> {
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    let end = upload.text("end").unwrap_or("send");
    if end == "sign" {
        let request = fingerprint(&("tasks.sign", id, part));
        staff.write_once(&idem, &request, move |tx, cx| answering::sign(tx, cx, id, part)).await?;
        return Ok(staff.words.t("tasks-signed"));
    }
    let seen = staff.read(move |tx, cx| look::seen(tx, cx, id)).await?;
    let (mut given, left) = read(staff, &seen, upload, end == "nil")?;
    given.files = stored(staff, upload, "files").await?;
    let n = given.answer.rows.len();
    let request = fingerprint(&("tasks.answer", id, part, &given));
    let body =
        move |tx: &mut store::Tx<'_>, cx: &crate::context::Cx| answering::answer(tx, cx, id, part, &given);
    staff.write_once(&idem, &request, body).await?;
    Ok(said(&staff.words, end == "nil", n, &left))
}

fn said(w: &Words, nil: bool, rows: usize, left: &Left) -> String {
    let mut out = match (nil, rows) {
        (true, _) => w.t("tasks-answered-nil"),
        (false, 0) => w.t("tasks-answered"),
        (false, n) => w.t1("tasks-answered-rows", "n", n),
    };
    let joint = w.t("list-joint");
    if !left.denied.is_empty() {
        let names: Vec<String> = left.denied.iter().map(|d| d.name.clone()).collect();
        let why: Vec<String> =
            left.denied.iter().map(|d| w.t(&format!("tasks-denied-{}", d.class))).collect();
        out.push_str(&w.t2("tasks-left-denied", ("names", &names.join(&joint)), ("why", &why.join(""))));
    }
    if !left.unknown.is_empty() {
        out.push_str(&w.t1("tasks-left-unknown", "names", left.unknown.join(&joint)));
    }
    out
}

/// Columns of what was brought that are not taken.
#[derive(Default)]
struct Left {
    denied: Vec<Denied>,
    unknown: Vec<String>,
}

fn read(staff: &Staff, seen: &Seen, upload: &Upload, nil: bool) -> Result<(Given, Left), WebError> {
    let asks = &seen.task.asks;
    let mut left = Left::default();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if !asks.columns.is_empty() && !nil {
        let cells = all(upload, "cell");
        rows.extend(
            cells.chunks(asks.columns.len()).map(|row| row.iter().map(|c| c.trim().to_owned()).collect()),
        );
        let pasted = upload.text("rows").unwrap_or_default();
        let brought = [
            (!pasted.trim().is_empty()).then(|| form::rows_of_text(asks, pasted)).transpose()?,
            upload
                .files
                .iter()
                .find(|f| f.field == "file")
                .map(|f| form::rows_of_file(asks, &f.bytes))
                .transpose()?,
        ];
        for more in brought.into_iter().flatten() {
            rows.extend(more.rows);
            left.denied.extend(more.denied);
            left.unknown.extend(more.unknown);
        }
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    let via = upload.text("via").unwrap_or_default().to_owned();
    if upload.text("via").is_some() && via.is_empty() {
        return Err(Refusal::missing("via").into());
    }
    let occurred = match upload.text("occurred").unwrap_or_default() {
        "" => None,
        text => Some(instant(&staff.cx, text, "occurred")?),
    };
    let answer = model::Answer {
        nil,
        sentence: upload.text("sentence").unwrap_or_default().to_owned(),
        figures: all(upload, "figure"),
        rows,
    };
    Ok((Given { answer, files: Vec::new(), via, occurred }, left))
}
