//! Giving a task: paste, photograph, choose, send.

use super::super::form;
use super::super::model::{Asks, Candidate, Figure, NewTask, SOURCES, URGENCIES};
use super::super::service::{give as giving, look};
use super::{Choice, all, dues, instant, stored, usual_due};
use crate::web::{Answer, Problem, Query, Shell, Staff, Upload, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{CaseId, Refusal, Ts};
use serde::Deserialize;

/// Lines for figures on the form.
const FIGURES: usize = 3;

pub(super) struct Group {
    pub(super) label: String,
    pub(super) open: bool,
    pub(super) options: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "tasks_give.html", blocks = ["form"])]
struct GivePage {
    w: Words,
    shell: Shell,
    problem: Problem,
    typed: Typed,
    communities: usize,
    groups: Vec<Group>,
    dues: Vec<Choice>,
    least: String,
    sources: Vec<Choice>,
    urgencies: Vec<Choice>,
    /// The number and title of the case it comes from.
    from: Option<(String, String)>,
}

/// The form's texts as they stand.
#[derive(Default)]
struct Typed {
    title: String,
    body: String,
    source_no: String,
    source_who: String,
    due: String,
    communities: bool,
    sentence: bool,
    sentence_label: String,
    figures: Vec<(String, String)>,
    columns: String,
    file: bool,
    file_label: String,
    case: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Asked {
    case: Option<CaseId>,
}

/// `GET /tasks/new`
pub(in super::super) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let mut upload = Upload::default();
    upload.fields.push(("sentence".into(), "1".into()));
    if let Some(case) = asked.case {
        upload.fields.push(("case".into(), case.to_string()));
    }
    draw(&staff, &upload, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, upload: &Upload, problem: Problem, status: StatusCode) -> Answer {
    let case: Option<CaseId> = upload.text("case").and_then(|t| t.parse().ok());
    let (who, from) = staff
        .read(move |tx, cx| {
            let from = case.map(|id| look::origin(tx, cx, id)).transpose()?.flatten();
            Ok((look::candidates(tx, cx)?, from))
        })
        .await?;
    let w = staff.words.clone();
    let text = |name: &str| upload.text(name).unwrap_or_default().to_owned();
    let mut figures: Vec<(String, String)> =
        all(upload, "figure").into_iter().zip(all(upload, "measure")).collect();
    figures.resize(figures.len().max(FIGURES), (String::new(), String::new()));
    let usual = usual_due(&staff.cx);
    let when = text("when");
    let due = |at: Ts| Choice {
        value: at.local(&w.tz),
        label: w.when(at),
        on: if when.is_empty() { Some(at) == usual } else { when == at.local(&w.tz) },
    };
    let choices = |keys: &[&str], name: &str, prefix: &str| -> Vec<Choice> {
        let chosen = text(name);
        let first = |i: usize| i == 0 && chosen.is_empty();
        let of = |(i, key): (usize, &&str)| Choice {
            value: (*key).to_owned(),
            label: w.t(&format!("{prefix}-{key}")),
            on: chosen == *key || first(i),
        };
        keys.iter().enumerate().map(of).collect()
    };
    let page = GivePage {
        shell: staff.shell("tasks").await?,
        problem,
        communities: who.iter().filter(|c| c.kind == "community").count(),
        groups: groups(&w, &who, &all(upload, "to")),
        dues: dues(&staff.cx).into_iter().map(due).collect(),
        least: staff.cx.now.local(&w.tz),
        sources: choices(&SOURCES, "source", "tasks-source"),
        urgencies: choices(&URGENCIES, "urgency", "tasks-urgency"),
        typed: Typed {
            title: text("title"),
            body: text("body"),
            source_no: text("source_no"),
            source_who: text("source_who"),
            due: text("due"),
            communities: upload.text("communities").is_some(),
            sentence: upload.text("sentence").is_some(),
            sentence_label: text("sentence_label"),
            figures,
            columns: text("columns"),
            file: upload.text("want_file").is_some(),
            file_label: text("file_label"),
            case: if from.is_some() { text("case") } else { String::new() },
        },
        from,
        w,
    };
    if staff.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
}

/// Everybody who can be asked, by kind; communities and departments stand open.
pub(super) fn groups(w: &Words, who: &[Candidate], chosen: &[String]) -> Vec<Group> {
    const KINDS: [&str; 7] = [
        "community",
        "street_department",
        "grid",
        "public_unit",
        "contractor",
        "property",
        "upper_department",
    ];
    KINDS
        .iter()
        .map(|kind| {
            let options: Vec<Choice> = who
                .iter()
                .filter(|c| c.kind == *kind)
                .map(|c| {
                    let value = c.target.to_string();
                    Choice { on: chosen.contains(&value), label: c.name.clone(), value }
                })
                .collect();
            let open = matches!(*kind, "community" | "street_department") || options.iter().any(|o| o.on);
            Group { label: w.t(&format!("tasks-kind-{}", kind.replace('_', "-"))), open, options }
        })
        .filter(|group| !group.options.is_empty())
        .collect()
}

/// `POST /tasks`
pub(in super::super) async fn give(staff: Staff, upload: Upload) -> Answer {
    match given(&staff, &upload).await {
        Ok((id, receivers)) => {
            let said = staff.words.t1("tasks-given", "n", receivers);
            Ok(staff.goto_saying(&format!("/tasks/{id}"), &said))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, &upload, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

async fn given(staff: &Staff, upload: &Upload) -> Result<(i64, usize), WebError> {
    let new = read(staff, upload).await?;
    let request = fingerprint(&("tasks.give", &new));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    staff
        .write_once(&idem, &request, move |tx, cx| {
            let id = giving::give(tx, cx, &new)?;
            Ok((id.0, look::seen(tx, cx, id)?.receivers.len()))
        })
        .await
}

async fn read(staff: &Staff, upload: &Upload) -> Result<NewTask, WebError> {
    let text = |name: &str| upload.text(name).unwrap_or_default().trim().to_owned();
    let due = match (text("due").as_str(), text("when").as_str()) {
        ("", "") => None,
        ("", when) => Some(instant(&staff.cx, when, "due")?),
        (due, _) => Some(instant(&staff.cx, due, "due")?),
    };
    let asks = asks(staff, upload)?;
    let mut files = stored(staff, upload, "files").await?;
    let clean = super::super::guard::allowed(&asks)?.denied.is_empty();
    // A form with columns that are not collected is not handed on either.
    if clean {
        files.extend(stored(staff, upload, "form").await?);
    }
    Ok(NewTask {
        title: text("title"),
        body: text("body"),
        source: text("source"),
        source_no: text("source_no"),
        source_who: text("source_who"),
        urgency: text("urgency"),
        due,
        asks,
        to: all(upload, "to"),
        communities: upload.text("communities").is_some(),
        case: upload.text("case").and_then(|t| t.parse().ok()),
        decision: None,
        files,
    })
}

fn asks(staff: &Staff, upload: &Upload) -> Result<Asks, Refusal> {
    let text = |name: &str| upload.text(name).unwrap_or_default().trim().to_owned();
    let label = |name: &str, key: &str| match text(name).as_str() {
        "" => staff.words.t(key),
        label => label.chars().take(60).collect(),
    };
    let short = |t: &String| t.trim().chars().take(40).collect::<String>();
    let (names, measures) = (all(upload, "figure"), all(upload, "measure"));
    let figures = names
        .iter()
        .zip(&measures)
        .map(|(name, measure)| Figure { name: short(name), measure: short(measure) });
    let mut out = Asks {
        sentence: upload.text("sentence").map(|_| label("sentence_label", "tasks-sentence-usual")),
        figures: figures.filter(|f| !f.name.is_empty()).collect(),
        file: upload.text("want_file").map(|_| label("file_label", "tasks-file-usual")),
        ..Asks::default()
    };
    let mut names = form::head_of_text(&text("columns"));
    if let Some(file) = upload.files.iter().find(|f| f.field == "form") {
        let (titles, head) = form::head_of_file(&file.bytes)?;
        out.titles = titles;
        names.splice(0..0, head);
    }
    out.columns = form::columns(&names)?;
    Ok(out)
}
