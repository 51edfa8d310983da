//! Tickets of upper platforms for the program that fetches them: brought in pages, answered one by one. The same rules as
//! on the page: one case for each number, and a row in which something is wrong is named and left out.

use super::body;
use crate::features::upstream::model::{Line, Phrases, Taken};
use crate::features::upstream::reply::{self, Sheet};
use crate::features::upstream::tickets::{self, CellError, Mapping};
use crate::features::upstream::vocabulary::Vocabulary;
use crate::features::upstream::{fields, service};
use crate::web::{Answer, Path, Raw, Staff, fingerprint};
use crate::words::Words;
use axum::Json;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use kernel::{Refusal, Ts};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Tickets as a program sends them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TicketsBody {
    system: String,
    tickets: Vec<Map<String, Value>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReplyBody {
    receipt: String,
}

fn key(headers: &HeaderMap) -> String {
    headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

/// `POST /api/v1/upstream/tickets` with the header `Idempotency-Key`.
pub(super) async fn take(staff: Staff, headers: HeaderMap, Raw(bytes): Raw) -> Answer {
    let given: TicketsBody = body(&bytes)?;
    let key = key(&headers);
    if key.is_empty() {
        return Err(Refusal::rule("api.report.key").on("Idempotency-Key").into());
    }
    let system = given.system.trim().to_owned();
    let grid = tickets::grid_of(&given.tickets)?;
    let (all, wrong) =
        tickets::read(Vocabulary::shipped()?, &grid, &Mapping::plain(&system), &staff.cx.office.tz);
    let left_out: HashSet<usize> = wrong.iter().map(|e| e.row).collect();
    let good: Vec<_> = all.into_iter().filter(|t| !left_out.contains(&t.row)).collect();
    let own = staff.app.words(&staff.cx.office, staff.app.locale(staff.cx.office.id), staff.cx.now);
    let phrases = Phrases::of(&own, &system);
    let request = fingerprint(&("api.upstream", &given));
    let taken: Taken = staff
        .write_once(&key, &request, move |tx, cx| service::follow_all(tx, cx, &system, &good, &phrases))
        .await?;
    let w = &staff.words;
    let wrong: Vec<Value> = wrong.iter().map(|e| wrong_row(w, e)).collect();
    let lines = |lines: &[Line]| lines.iter().map(line).collect::<Vec<_>>();
    let value = json!({ "new": lines(&taken.new), "changed": lines(&taken.changed), "same": taken.same, "wrong": wrong });
    Ok(Json(value).into_response())
}

fn line(line: &Line) -> Value {
    json!({ "number": line.number, "case": line.case, "no": line.no, "changes": line.changes, "by_hand": line.by_hand })
}

/// What is wrong with one row: rows count from 1, as they were sent.
fn wrong_row(w: &Words, error: &CellError) -> Value {
    json!({ "row": error.row, "field": error.column, "code": error.reason.code, "message": w.refusal(&error.reason) })
}

/// `GET /api/v1/upstream/replies`: what is done and waits to be written back.
pub(super) async fn replies(staff: Staff) -> Answer {
    let (w, zone) = (staff.words.at(Ts(0)), staff.cx.now);
    let items = staff
        .read(move |tx, cx| {
            let names = fields::names(tx, cx)?;
            let sheet = |sheet: &Sheet| {
                let ticket = &sheet.ticket;
                let fields: Vec<Value> = fields::of(&w, sheet, &names)
                    .into_iter()
                    .map(|(label, text)| json!({ "label": label, "text": text }))
                    .collect();
                let pictures: Vec<String> =
                    sheet.pictures.iter().map(|p| format!("/files/{}/{}", ticket.case, p.id)).collect();
                json!({ "id": ticket.id.to_string(), "system": ticket.system, "number": ticket.number,
                    "case": ticket.case, "no": ticket.no, "title": ticket.title,
                    "due": ticket.due.map(Ts::rfc3339), "late": ticket.due.is_some_and(|due| due < zone),
                    "fields": fields, "pictures": pictures })
            };
            let waiting = reply::waiting(tx, cx)?;
            waiting.iter().map(|t| Ok(sheet(&reply::sheet(tx, cx, t.id)?))).collect::<store::Result<Vec<_>>>()
        })
        .await?;
    Ok(Json(json!({ "items": items, "next": null })).into_response())
}

/// `POST /api/v1/upstream/replies/{id}`: it was written back.
pub(super) async fn replied(
    staff: Staff,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Answer {
    let given: ReplyBody = body(&bytes)?;
    let request = fingerprint(&("api.upstream.reply", id, &given));
    let case = staff
        .write_once(&key(&headers), &request, move |tx, cx| reply::reply(tx, cx, id, &given.receipt))
        .await?;
    Ok(Json(json!({ "id": id.to_string(), "case": case })).into_response())
}
