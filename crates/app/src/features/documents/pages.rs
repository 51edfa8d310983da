//! The register of documents, and one document: its file, the signed one, how it was served.

use super::forms::{Made, made};
use super::kinds;
use super::model::{Document, Paper, Service, State, TAKERS, WAYS, mime_of};
use super::service;
use crate::features::parties::service as parties;
use crate::web::download::{DOCX, download};
use crate::web::{
    Answer, Form, Path, Problem, Query, Shell, Staff, Upload, UploadedFile, WebError, fingerprint, html,
    html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Day, Refusal};
use serde::{Deserialize, Serialize};

/// A state in words, and its chip's class.
pub(super) fn chip(w: &Words, state: State) -> (String, &'static str) {
    let class = match state {
        State::Unsealed => "amber",
        State::Sealed => "on",
        State::Served => "green",
        State::Void => "",
    };
    (w.t(&format!("document-state-{}", state.as_str())), class)
}

/// How, when and to whom it was served; blank before.
pub(super) fn way(w: &Words, d: &Document) -> String {
    let Some(day) = d.served_day else { return String::new() };
    w.ta(
        "document-served",
        &[
            ("how", w.t(&format!("document-way-{}", d.served_how))),
            ("day", w.full_day(day, true)),
            ("to", w.t(&format!("document-taker-{}", d.served_to))),
        ],
    )
}

/// A line of the register.
struct Line {
    made: Made,
    case: String,
    no: String,
    title: String,
    void: bool,
}

#[derive(Template)]
#[template(path = "documents_list.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    year: i64,
    years: Vec<(i64, bool)>,
    kinds: Vec<(String, String, bool)>,
    lines: Vec<Line>,
    may_edit: bool,
    told: String,
    mark: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    year: Option<i64>,
    kind: String,
}

/// `GET /documents?year=2026&kind=refusal`: the register of what was issued.
pub(super) async fn list(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let w = staff.words.clone();
    let this = staff.cx.today().0 / 10_000;
    let year = asked.year.filter(|y| (2_000..=this).contains(y)).unwrap_or(this);
    let kind = asked.kind.clone();
    let documents = staff.read(move |tx, cx| service::list(tx, cx, &kind, year)).await?;
    let line = |d: &Document| Line {
        case: format!("/cases/{}", d.case),
        no: d.case_no.clone(),
        title: d.case_title.clone(),
        void: d.state == State::Void,
        made: Made { when: w.full_day(d.made_at.day(&w.tz), true), ..made(&w, d) },
    };
    let count = |state: State| documents.iter().filter(|d| d.state == state).count().to_string();
    let page = ListPage {
        told: w.ta(
            "documents-told",
            &[
                ("n", documents.len().to_string()),
                ("unsealed", count(State::Unsealed)),
                ("sealed", count(State::Sealed)),
                ("void", count(State::Void)),
            ],
        ),
        lines: documents.iter().map(line).collect(),
        years: (this - 2..=this).rev().map(|y| (y, y == year)).collect(),
        kinds: kinds::all()?.iter().map(|k| (k.key.clone(), w.t(&k.words()), k.key == asked.kind)).collect(),
        may_edit: staff.has("documents.edit_templates"),
        mark: w.today(),
        shell: staff.shell("documents").await?,
        year,
        w: w.clone(),
    };
    html(&page)
}

#[derive(Template)]
#[template(path = "documents_show.html")]
struct ShowPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    made: Made,
    case: String,
    no: String,
    title: String,
    unit: String,
    hash: String,
    identity: bool,
    may_open: bool,
    state: &'static str,
    sealed: String,
    scan: bool,
    receipt: bool,
    ways: Vec<(String, String, bool)>,
    today: String,
    first: String,
    takers: Vec<(String, String, bool)>,
}

/// `GET /documents/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, &Service::default(), Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: i64, typed: &Service, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let (d, units, (scan, receipt)) = staff
        .read(move |tx, cx| {
            Ok((service::find(tx, cx, id)?, super::record::units(tx, cx)?, service::papers(tx, cx, id)?))
        })
        .await?;
    let page = ShowPage {
        unit: d.unit.and_then(|u| units.get(&u).cloned()).unwrap_or_default(),
        may_open: !d.identity || staff.has("demands.reveal"),
        sealed: d.sealed_at.map(|at| w.when(at)).unwrap_or_default(),
        ways: WAYS
            .iter()
            .map(|way| ((*way).to_owned(), w.t(&format!("document-way-{way}")), *way == typed.how))
            .collect(),
        today: staff.cx.today().iso(),
        first: d.made_at.day(&staff.cx.office.tz).iso(),
        takers: TAKERS
            .iter()
            .map(|to| ((*to).to_owned(), w.t(&format!("document-taker-{to}")), *to == typed.to))
            .collect(),
        case: format!("/cases/{}", d.case),
        no: d.case_no.clone(),
        title: d.case_title.clone(),
        hash: d.hash.chars().take(16).collect(),
        identity: d.identity,
        state: d.state.as_str(),
        made: made(&w, &d),
        shell: staff.shell("documents").await?,
        id,
        scan,
        receipt,
        problem,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// What was done, or the page again with what forbids it.
async fn told(staff: &Staff, id: i64, typed: &Service, said: &str, done: Result<(), WebError>) -> Answer {
    match done {
        Ok(()) => Ok(staff.goto_saying(&format!("/documents/{id}"), &staff.words.t(said))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            if error.status() == StatusCode::NOT_FOUND {
                return Err(error);
            }
            draw(staff, id, typed, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `POST /documents/{id}/file`: the document; opening one with a name on it is logged.
pub(super) async fn file(staff: Staff, Path(id): Path<i64>) -> Answer {
    let (document, bytes) = staff.write(move |tx, cx| service::file(tx, cx, id)).await?;
    let name = staff.words.t(&format!("document-kind-{}", document.kind));
    download(bytes, DOCX, &format!("{} {name}.docx", document.number))
}

/// `POST /documents/{id}/paper/{which}`: the signed one, or the receipt.
pub(super) async fn paper(staff: Staff, Path((id, which)): Path<(i64, String)>) -> Answer {
    let asked = which.clone();
    let (document, paper, report) = staff.write(move |tx, cx| service::paper(tx, cx, id, &asked)).await?;
    let (app, file) = (staff.app.clone(), paper.file.clone());
    let sealed = tokio::task::spawn_blocking(move || app.files.get(&file)).await??;
    let case = document.case;
    let bytes = staff.read(move |tx, cx| parties::open_for_case(tx, cx, case, report, &sealed)).await?;
    let bytes = bytes.ok_or_else(|| Refusal::rule("documents.erased"))?;
    let ending = match paper.mime.as_str() {
        "application/pdf" => "pdf",
        "image/png" => "png",
        _ => "jpg",
    };
    download(bytes, &paper.mime, &format!("{} {which}.{ending}", document.number))
}

/// Puts a paper among the files, sealed, before the write that names it.
async fn keep(staff: &Staff, id: i64, file: &UploadedFile) -> Result<Paper, WebError> {
    let mime = mime_of(&file.bytes).ok_or_else(|| Refusal::rule("documents.paper").on("file"))?;
    let bytes = file.bytes.clone();
    let sealed = staff.read(move |tx, cx| service::seal_paper(tx, cx, id, &bytes)).await?;
    let app = staff.app.clone();
    let stored = tokio::task::spawn_blocking(move || app.files.put(&sealed)).await??;
    Ok(Paper {
        file: stored,
        hash: blake3::hash(&file.bytes).to_hex().to_string(),
        mime: mime.to_owned(),
        bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
    })
}

/// `POST /documents/{id}/scan`: the signed one.
pub(super) async fn scan(staff: Staff, Path(id): Path<i64>, upload: Upload) -> Answer {
    let done = scanned(&staff, id, &upload).await;
    told(&staff, id, &Service::default(), "document-sealed", done).await
}

async fn scanned(staff: &Staff, id: i64, upload: &Upload) -> Result<(), WebError> {
    let file = upload.files.first().ok_or_else(|| Refusal::missing("file"))?;
    let paper = keep(staff, id, file).await?;
    let request = fingerprint(&("documents.scan", id, &paper.hash));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    staff.write_once(&idem, &request, move |tx, cx| service::sealed(tx, cx, id, &paper)).await
}

/// `POST /documents/{id}/serve`
pub(super) async fn serve(staff: Staff, Path(id): Path<i64>, upload: Upload) -> Answer {
    let text = |name: &str| upload.text(name).unwrap_or_default().trim().to_owned();
    let typed =
        Service { how: text("how"), day: Day::parse(&text("day")).unwrap_or_default(), to: text("to") };
    let done = served(&staff, id, &typed, &upload).await;
    told(&staff, id, &typed, "document-served-done", done).await
}

async fn served(staff: &Staff, id: i64, typed: &Service, upload: &Upload) -> Result<(), WebError> {
    let receipt = match upload.files.first() {
        Some(file) => Some(keep(staff, id, file).await?),
        None => None,
    };
    let service = typed.clone();
    let request = fingerprint(&("documents.serve", id, typed, receipt.as_ref().map(|r| &r.hash)));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    staff
        .write_once(&idem, &request, move |tx, cx| service::serve(tx, cx, id, &service, receipt.as_ref()))
        .await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct VoidForm {
    #[serde(skip_serializing)]
    idem: String,
    reason: String,
}

/// `POST /documents/{id}/void`
pub(super) async fn void(staff: Staff, Path(id): Path<i64>, Form(form): Form<VoidForm>) -> Answer {
    let request = fingerprint(&("documents.void", id, &form));
    let reason = form.reason.clone();
    let done = staff.write_once(&form.idem, &request, move |tx, cx| service::void(tx, cx, id, &reason)).await;
    told(&staff, id, &Service::default(), "document-voided", done).await
}
