//! Templates and numbers, as an office sets them.

use super::kinds::{self, FIELDS, Kind};
use super::service::{self, Shelf};
use crate::web::download::{self, DOCX};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, Upload, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Refusal;
use serde::{Deserialize, Serialize};

/// A kind with its fields.
struct Line {
    key: String,
    name: String,
    pattern: String,
    last: String,
    own: String,
    /// Each field as it is written, and what it stands for.
    asks: Vec<(String, String)>,
}

/// What is wrong with a template: the field, its place.
struct Wrong {
    name: String,
    place: String,
}

#[derive(Template)]
#[template(path = "documents_templates.html")]
struct TemplatesPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// Of which kind the problem is.
    at: String,
    wrong: Vec<Wrong>,
    lines: Vec<Line>,
    fields: Vec<(String, String)>,
}

fn written(w: &Words, field: &str) -> (String, String) {
    let word = match field.strip_prefix("ask.") {
        Some(ask) => format!("document-ask-{ask}"),
        None => format!("document-field-{}", field.replace('.', "-")),
    };
    (format!("{{{{{field}}}}}"), w.t(&word))
}

fn line(w: &Words, shelf: &Shelf) -> Line {
    Line {
        key: shelf.kind.key.clone(),
        name: w.t(&shelf.kind.words()),
        pattern: shelf.pattern.clone(),
        last: if shelf.last == 0 {
            w.t("document-last-none")
        } else {
            w.t1("document-last", "n", shelf.last)
        },
        own: shelf.own.map_or_else(
            || w.t("document-template-shipped"),
            |at| w.t1("document-template-own", "when", w.when(at)),
        ),
        asks: shelf.kind.asks.iter().map(|ask| written(w, &format!("ask.{ask}"))).collect(),
    }
}

/// `GET /documents/templates`
pub(super) async fn list(staff: Staff) -> Answer {
    draw(&staff, "", Vec::new(), Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, at: &str, wrong: Vec<Wrong>, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let shelves = staff.read(service::shelves).await?;
    let page = TemplatesPage {
        lines: shelves.iter().map(|s| line(&w, s)).collect(),
        fields: FIELDS.iter().map(|f| written(&w, f)).collect(),
        shell: staff.shell("documents").await?,
        at: at.to_owned(),
        w: w.clone(),
        problem,
        wrong,
    };
    html_with(status, &page)
}

/// `GET /documents/templates/{kind}`: to be changed in WPS and brought back.
pub(super) async fn download(staff: Staff, Path(key): Path<String>) -> Answer {
    let kind = kinds::find(&key)?;
    let bytes = staff.read(move |tx, cx| service::template(tx, cx, kind)).await?;
    download::download(bytes, DOCX, &format!("template-{}.docx", kind.key))
}

/// `POST /documents/templates/{kind}`
pub(super) async fn bring(staff: Staff, Path(key): Path<String>, upload: Upload) -> Answer {
    let kind = kinds::find(&key)?;
    match brought(&staff, kind, &upload).await {
        Ok(()) => Ok(staff.goto_saying("/documents/templates", &staff.words.t("document-template-taken"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let w = &staff.words;
            let unknown = match upload.files.first().map(|f| service::check(kind, &f.bytes)) {
                Some(Ok((_, unknown))) => unknown,
                _ => Vec::new(),
            };
            let wrong = unknown
                .iter()
                .map(|f| Wrong {
                    name: format!("{{{{{}}}}}", f.name),
                    place: w.t2("document-place", ("paragraph", &f.paragraph), ("begins", &f.begins)),
                })
                .collect();
            draw(&staff, &key, wrong, Problem::new(w, &refusal), error.status()).await
        }
    }
}

async fn brought(staff: &Staff, kind: &'static Kind, upload: &Upload) -> Result<(), WebError> {
    let file = upload.files.first().ok_or_else(|| Refusal::missing("file"))?;
    let bytes = file.bytes.clone();
    let request = fingerprint(&("documents.template", &kind.key, blake3::hash(&bytes).to_hex().as_str()));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    staff.write_once(&idem, &request, move |tx, cx| service::put_template(tx, cx, kind, &bytes)).await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct PatternForm {
    #[serde(skip_serializing)]
    idem: String,
    pattern: String,
}

/// `POST /documents/templates/{kind}/pattern`
pub(super) async fn pattern(staff: Staff, Path(key): Path<String>, Form(form): Form<PatternForm>) -> Answer {
    let kind = kinds::find(&key)?;
    let request = fingerprint(&("documents.pattern", &key, &form));
    let asked = form.pattern.clone();
    let done = staff
        .write_once(&form.idem, &request, move |tx, cx| service::set_pattern(tx, cx, kind, &asked))
        .await;
    match done {
        Ok(()) => Ok(staff.goto_saying("/documents/templates", &staff.words.t("document-pattern-set"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, &key, Vec::new(), Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}
