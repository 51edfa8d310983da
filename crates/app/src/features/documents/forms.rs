//! From a case to a document: which one, what is asked, the number it gets.

use super::kinds::{self, Kind};
use super::model::Document;
use super::pages::{chip, way};
use super::service::{self, Order};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{CaseId, Ts};
use std::collections::BTreeMap;

/// A kind that may be made.
struct Choice {
    key: &'static str,
    name: String,
    what: String,
    likely: bool,
}

/// A document of the case.
pub(super) struct Made {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) when: String,
    pub(super) service: String,
}

pub(super) fn made(w: &Words, d: &Document) -> Made {
    let (state, class) = chip(w, d.state);
    Made {
        href: format!("/documents/{}", d.id),
        number: d.number.clone(),
        name: w.t(&format!("document-kind-{}", d.kind)),
        state,
        class,
        when: w.when(d.made_at),
        service: if d.void_reason.is_empty() { way(w, d) } else { d.void_reason.clone() },
    }
}

#[derive(Template)]
#[template(path = "documents_choose.html")]
struct ChoosePage {
    w: Words,
    shell: Shell,
    case: CaseId,
    no: String,
    title: String,
    choices: Vec<Choice>,
    made: Vec<Made>,
}

/// `GET /cases/{id}/documents`
pub(super) async fn choose(staff: Staff, Path(id): Path<CaseId>) -> Answer {
    let w = staff.words.clone();
    let (case, documents) = staff
        .read(move |tx, cx| {
            let case = crate::features::procedures::service::visible(tx, cx, id)?;
            Ok((case, service::of_case(tx, cx, id)?))
        })
        .await?;
    let choice = |kind: &'static Kind| Choice {
        key: &kind.key,
        name: w.t(&kind.words()),
        what: w.t(&format!("document-what-{}", kind.key)),
        likely: kind.likely.iter().any(|p| p == case.phase.as_str()),
    };
    let mut choices: Vec<Choice> = kinds::all()?.iter().map(choice).collect();
    choices.sort_by_key(|c| !c.likely);
    let page = ChoosePage {
        made: documents.iter().map(|d| made(&w, d)).collect(),
        shell: staff.shell("documents").await?,
        case: id,
        no: case.no,
        title: case.title,
        choices,
        w,
    };
    html(&page)
}

/// A thing that is asked.
struct Ask {
    name: String,
    label: String,
    text: String,
    short: bool,
}

#[derive(Template)]
#[template(path = "documents_form.html")]
struct FormPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    case: CaseId,
    no: String,
    kind: String,
    name: String,
    number: String,
    asks: Vec<Ask>,
    /// Label and value of what the record fills.
    values: Vec<(String, String)>,
    /// Label and value by row.
    rows: Vec<Vec<String>>,
    may_name: bool,
    reveal: String,
}

/// The office's own words: what paper says does not hang on the reader's language.
fn own(staff: &Staff) -> Words {
    staff.app.words(&staff.cx.office, staff.app.locale(staff.cx.office.id), staff.cx.now)
}

/// `GET /cases/{id}/documents/{kind}`
pub(super) async fn show(staff: Staff, Path((id, kind)): Path<(CaseId, String)>) -> Answer {
    draw(&staff, id, &kind, None, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    id: CaseId,
    kind: &str,
    typed: Option<&BTreeMap<String, String>>,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let kind = kinds::find(kind)?;
    let (w, words) = (staff.words.clone(), own(staff));
    let (case, draft, number) = staff.read(move |tx, cx| service::draft(tx, cx, &words, id, kind)).await?;
    let ask = |(name, known): &(String, String)| Ask {
        label: w.t(&format!("document-ask-{name}")),
        text: typed.and_then(|t| t.get(name)).unwrap_or(known).clone(),
        short: !matches!(name.as_str(), "reason" | "body" | "route"),
        name: name.clone(),
    };
    let shown = [
        "case.number",
        "case.title",
        "case.opened",
        "case.place",
        "case.unit",
        "case.due",
        "office.name",
        "office.phone",
        "document.date",
    ];
    let value = |field: &&str| {
        let value = draft.values.get(*field).filter(|v| !v.is_empty())?;
        Some((w.t(&format!("document-field-{}", field.replace('.', "-"))), value.clone()))
    };
    let cell = |row: &super::docx::Values, field: &str| row.get(field).cloned().unwrap_or_default();
    let page = FormPage {
        asks: draft.asks.iter().map(ask).collect(),
        values: shown.iter().filter_map(value).collect(),
        rows: draft
            .rows
            .iter()
            .map(|r| ["row.no", "row.name", "row.count", "row.note"].iter().map(|f| cell(r, f)).collect())
            .collect(),
        may_name: draft.known
            && staff.has("demands.reveal")
            && ["refusal", "extension", "reply"].contains(&kind.key.as_str()),
        reveal: typed.and_then(|t| t.get("reveal")).cloned().unwrap_or_default(),
        shell: staff.shell("documents").await?,
        case: id,
        no: case.no,
        kind: kind.key.clone(),
        name: w.t(&kind.words()),
        number,
        problem,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// `POST /cases/{id}/documents/{kind}`: takes the number and keeps the document.
pub(super) async fn issue(
    staff: Staff,
    Path((id, key)): Path<(CaseId, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let kind = kinds::find(&key)?;
    let typed: BTreeMap<String, String> =
        fields.into_iter().map(|(name, text)| (name.trim_start_matches("ask-").to_owned(), text)).collect();
    match issued(&staff, id, kind, &typed).await {
        Ok(document) => {
            Ok(staff.goto_saying(&format!("/documents/{document}"), &staff.words.t("document-issued")))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            if error.status() == StatusCode::NOT_FOUND {
                return Err(error);
            }
            let problem = Problem::new(&staff.words, &refusal);
            draw(&staff, id, &key, Some(&typed), problem, error.status()).await
        }
    }
}

async fn issued(
    staff: &Staff,
    id: CaseId,
    kind: &'static Kind,
    typed: &BTreeMap<String, String>,
) -> Result<i64, WebError> {
    let text = |name: &str| typed.get(name).map(|t| t.trim().to_owned()).unwrap_or_default();
    let order = Order {
        asks: kind.asks.iter().map(|ask| (ask.clone(), text(ask))).collect(),
        reveal: (text("named") == "1").then(|| text("reveal")),
    };
    let words = own(staff);
    let request = fingerprint(&("documents.issue", id, &kind.key, &order.asks, &order.reveal));
    staff
        .write_once(&text("idem"), &request, move |tx, cx| {
            service::issue(tx, cx, &words.at(Ts(cx.now.0)), id, (kind, &order))
        })
        .await
}
