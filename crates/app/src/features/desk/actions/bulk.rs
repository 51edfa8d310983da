//! Acts on several cases of a list: only such as ask nothing and can be taken back. Each is done by itself, so that
//! one that is refused does not undo the others.

use super::super::model::Filter;
use super::super::names::Names;
use super::super::service::{list, row, suggest};
use super::sent::Sent;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::procedures::model::{Ask, CoUnit, Input};
use crate::features::procedures::service as engine;
use crate::rows::write_csv;
use crate::web::download::{CSV, download};
use crate::web::{Answer, Form, Staff, WebError, fingerprint};
use crate::words::Words;
use kernel::{CaseId, Refusal};
use serde::Deserialize;
use serde_json::json;
use store::{Result, Tx};

/// Cases of one bulk act at most.
const MOST: usize = 100;
/// Rows of one export at most.
const EXPORT_MOST: usize = 10_000;

/// `POST /cases/bulk`: dispatch as suggested, or supervise.
pub(in super::super) async fn bulk(staff: Staff, sent: Sent) -> Answer {
    let typed = sent.typed;
    let what = typed.get("do").to_owned();
    if !matches!(what.as_str(), "dispatch" | "supervise") {
        return Err(WebError::not_found());
    }
    let ids: Vec<CaseId> = typed.all("case").filter_map(|id| id.parse().ok()).take(MOST).collect();
    let back = list_of(typed.get("from"));
    if ids.is_empty() {
        return Ok(staff.goto_saying(&back, &staff.words.t("bulk-none")));
    }
    let (mut done, mut refused) = (0, Vec::new());
    for id in ids {
        let (w, what, note) = (staff.words.clone(), what.clone(), typed.text("note"));
        let key = format!("{}-{id}", typed.get("idem"));
        let request = fingerprint(&("cases.bulk", id, &what, &note));
        let result =
            staff.write_once(&key, &request, move |tx, cx| one(tx, cx, &w, id, &what, note.clone())).await;
        match result {
            Ok(()) => done += 1,
            Err(error) => match error.refusal() {
                Some(refusal) => refused.push(staff.words.refusal(refusal)),
                None => return Err(error),
            },
        }
    }
    refused.dedup();
    let said = staff.words.ta(
        if refused.is_empty() { "bulk-done" } else { "bulk-some" },
        &[("done", done.to_string()), ("why", refused.into_iter().take(3).collect::<Vec<_>>().join(" "))],
    );
    Ok(if done == 0 { staff.goto_warning(&back, &said) } else { staff.goto_saying(&back, &said) })
}

/// Only the list itself is gone back to.
fn list_of(from: &str) -> String {
    match from.strip_prefix("/cases?") {
        Some(query) => match serde_html_form::from_str::<Filter>(query) {
            Ok(filter) => filter.href(),
            Err(_) => "/cases".to_owned(),
        },
        None => "/cases".to_owned(),
    }
}

fn one(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId, what: &str, note: Option<String>) -> Result<()> {
    let case = engine::visible(tx, cx, id)?;
    let input = if what == "dispatch" {
        let mut names = Names::read(tx, cx, w)?;
        let advice = suggest::advice(tx, cx, w, &mut names, &case)?;
        // What the duty list says may be forbidden by what the case is about.
        let why = if advice.is_subject { "demands.dispatch.is_subject" } else { "desk.bulk.no_suggestion" };
        let suggestion = advice.suggestion.ok_or_else(|| Refusal::rule(why))?;
        let co = suggestion.co.into_iter().map(|unit| CoUnit { unit, limit: None }).collect();
        Input { lead: Some(suggestion.lead), co, ..Input::default() }
    } else {
        Input { note, ..Input::default() }
    };
    engine::act(tx, cx, &Ask { case: id, action: what.to_owned(), version: None, input })?;
    Ok(())
}

#[derive(Deserialize)]
pub(in super::super) struct ExportForm {
    #[serde(default)]
    query: String,
}

/// `POST /cases/export`: the list as a spreadsheet, without anything of a requester; who took what is logged.
pub(in super::super) async fn export(staff: Staff, Form(form): Form<ExportForm>) -> Answer {
    let filter: Filter = serde_html_form::from_str(&form.query).map_err(|e| WebError::Bad(e.to_string()))?;
    let w = staff.words.clone();
    let table = staff
        .write(move |tx, cx| {
            let found = list::all(tx, cx, &filter, EXPORT_MOST)?;
            let mut names = Names::read(tx, cx, &w)?;
            let views = row::views(tx, cx, &w, &mut names, &found, None)?;
            if let Some(account) = cx.actor.account {
                let taken = json!({ "query": filter.query(), "rows": views.len() });
                events::append(tx, cx, Stream::Account, account.0, "cases.exported", &taken)?;
            }
            let upper =
                |i: usize| found[i].more.uppers.iter().map(|u| u.1.as_str()).collect::<Vec<_>>().join(" ");
            let rows: Vec<Vec<String>> = views
                .iter()
                .enumerate()
                .map(|(i, v)| {
                    vec![
                        v.no.clone(),
                        upper(i),
                        v.title.clone(),
                        v.place.clone(),
                        v.matter.clone(),
                        v.unit.clone(),
                        v.state.clone(),
                        v.due.clone(),
                        v.opened.clone(),
                        v.channel.clone(),
                        v.flags.join(" "),
                    ]
                })
                .collect();
            let head = [
                "no", "upper", "title", "place", "matter", "unit", "state", "due", "opened", "channel",
                "flags",
            ]
            .map(|c| w.t(&format!("col-{c}")));
            let head: Vec<&str> = head.iter().map(String::as_str).collect();
            Ok(write_csv(&head, rows)?)
        })
        .await?;
    download(table.into_bytes(), CSV, "cases.csv")
}
