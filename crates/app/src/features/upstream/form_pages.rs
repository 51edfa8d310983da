//! The page on which an office lays out a platform's own form.

use super::form::{self, FIXED_MOST, FormField, Source};
use crate::web::{Answer, Form, Problem, Query, Shell, Staff, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;

struct Line {
    /// `result`, or `fixed1`.
    key: String,
    name: String,
    /// Its place in the form; blank for none.
    order: String,
    label: String,
    fixed: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "upstream_form.html")]
struct FormPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    system: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    system: String,
}

/// `GET /upstream/form?system=…`
pub(super) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let system = asked.system.clone();
    let form = staff.read(move |tx, cx| form::of(tx, cx, &system)).await?;
    draw(&staff, &asked.system, &form, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    system: &str,
    form: &[FormField],
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let w = staff.words.clone();
    let place = |source: Source| form.iter().position(|f| f.source == source);
    let mut lines: Vec<Line> = Vec::new();
    for source in Source::ALL {
        let at = place(source);
        lines.push(Line {
            key: source.as_str().to_owned(),
            name: w.t(&format!("upstream-reply-{}", source.as_str())),
            order: at.map(|i| (i + 1).to_string()).unwrap_or_default(),
            label: at.map(|i| form[i].label.clone()).unwrap_or_default(),
            fixed: false,
            text: String::new(),
        });
    }
    let mut fixed = form.iter().enumerate().filter(|(_, f)| f.source == Source::Fixed);
    for n in 1..=FIXED_MOST {
        let own = fixed.next();
        lines.push(Line {
            key: format!("fixed{n}"),
            name: w.t("upstream-reply-fixed"),
            order: own.map(|(i, _)| (i + 1).to_string()).unwrap_or_default(),
            label: own.map(|(_, f)| f.label.clone()).unwrap_or_default(),
            fixed: true,
            text: own.map(|(_, f)| f.text.clone()).unwrap_or_default(),
        });
    }
    let shell = staff.shell("upstream").await?;
    html_with(status, &FormPage { w, shell, problem, system: system.to_owned(), lines })
}

/// `POST /upstream/form`
pub(super) async fn save(staff: Staff, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let text = |name: &str| {
        fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    };
    let system = text("system");
    let mut chosen: Vec<(i64, FormField)> = Vec::new();
    let fixed = (1..=FIXED_MOST).map(|n| (Source::Fixed, format!("fixed{n}")));
    for (source, key) in Source::ALL.into_iter().map(|s| (s, s.as_str().to_owned())).chain(fixed) {
        let Ok(order) = text(&format!("order-{key}")).parse::<i64>() else { continue };
        let field = FormField {
            source,
            label: text(&format!("label-{key}")),
            text: if source == Source::Fixed { text(&format!("text-{key}")) } else { String::new() },
        };
        chosen.push((order, field));
    }
    chosen.sort_by_key(|(order, _)| *order);
    let form: Vec<FormField> = chosen.into_iter().map(|(_, field)| field).collect();
    let request = fingerprint(&("upstream.form", &system, &form));
    let (of, wanted) = (system.clone(), form.clone());
    let done = staff
        .write_once(&text("idem"), &request, move |tx, cx| {
            form::set(tx, cx, &of, &wanted)?;
            Ok(true)
        })
        .await;
    match done {
        Ok(_) => Ok(staff.goto_saying("/upstream/replies", &staff.words.t("upstream-form-saved"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, &system, &form, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}
