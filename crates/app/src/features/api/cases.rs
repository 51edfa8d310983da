//! Cases: list, one, its deadlines explained, acts.

use super::{body, instant, limit};
use crate::context::Cx;
use crate::features::desk::model::{CaseRow, Filter};
use crate::features::desk::service::list;
use crate::features::intake::service as intake;
use crate::features::procedures::model::{Ask, CoUnit, Input, Subject};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{CaseState, Clock};
use crate::web::{Answer, Path, Query, Raw, Staff, fingerprint};
use axum::Json;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use kernel::{AssignmentId, AttachmentId, CaseId, ClockId, Day, MatterId, Refusal, RequestId, Ts, UnitId};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Result, Tx};
use worktime::Limit;

/// How much of a list is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Much {
    limit: Option<usize>,
}

/// `GET /api/v1/cases`: the filters, the order and the count of the list page.
pub(super) async fn list(staff: Staff, Query(filter): Query<Filter>, Query(much): Query<Much>) -> Answer {
    let most = limit(much.limit);
    let total = staff.known_total(&filter.unpaged().query());
    let known = total.value;
    let page = staff.read(move |tx, cx| list::page_knowing(tx, cx, &filter, most, known)).await?;
    staff.know_total(total, page.total);
    let items: Vec<Value> = page.rows.iter().map(item).collect();
    let next = Some(&page.after).filter(|cursor| !cursor.is_empty());
    Ok(Json(json!({ "items": items, "next": next, "total": page.total, "is_many": page.is_many() }))
        .into_response())
}

fn item(row: &CaseRow) -> Value {
    json!({
        "id": row.id, "no": row.no, "title": row.title, "state": row.state, "phase": row.phase, "ended": row.ended,
        "kind": row.kind, "class": row.class, "matter": row.matter, "matter_code": row.matter_code,
        "channel": row.channel, "urgent": row.urgent, "place": row.place, "community": row.community,
        "grid": row.grid, "address": row.address, "lead": row.lead, "reports": row.reports,
        "opened_at": row.opened_at.rfc3339(), "due_at": instant(row.due), "closed_at": instant(row.closed_at),
        "version": row.version,
    })
}

/// `GET /api/v1/cases/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<CaseId>) -> Answer {
    let value = staff
        .read(move |tx, cx| {
            let case = engine::visible(tx, cx, id)?;
            whole(tx, cx, &case)
        })
        .await?;
    Ok(Json(value).into_response())
}

/// A case with its parts, clocks, requests, reports (identifiers masked), pictures and what may be done now.
fn whole(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState) -> Result<Value> {
    let offers: Vec<Value> = engine::offers(tx, cx, case)?
        .iter()
        .map(|o| {
            json!({ "action": o.action.key, "needs": o.action.needs, "takes": o.action.takes,
                "assignment": o.assignment, "behalf": o.behalf, "own_check": o.own_check })
        })
        .collect();
    let reports: Vec<Value> = intake::reports_of_case(tx, cx, case.id)?
        .iter()
        .map(|r| {
            json!({ "id": r.id, "no": r.no, "channel": r.channel, "kind": r.kind, "title": r.title, "text": r.text,
                "reply_wanted": r.reply_wanted, "received_at": r.received_at.rfc3339() })
        })
        .collect();
    let photos: Vec<Value> = intake::photos(tx, cx, case.id)?
        .iter()
        .map(|p| json!({ "id": p.id, "kind": p.kind, "width": p.width, "height": p.height, "at": p.at.rfc3339() }))
        .collect();
    let parts: Vec<Value> = case
        .assignments
        .iter()
        .map(|a| {
            json!({ "id": a.id, "unit": a.unit, "role": a.role.as_str(), "state": a.state.as_str(),
                "sent_at": a.sent_at.rfc3339(), "signed_at": instant(a.signed_at), "done_at": instant(a.done_at),
                "late": a.late, "result": a.result })
        })
        .collect();
    let requests: Vec<Value> = case
        .requests
        .iter()
        .map(|r| {
            json!({ "id": r.id, "kind": r.kind, "assignment": r.assignment, "granted": r.granted, "reason": r.reason,
                "basis": r.basis, "asked_at": r.asked_at.rfc3339(), "decided_at": instant(r.decided_at), "answer": r.answer })
        })
        .collect();
    let mut value = json!({
        "id": case.id, "no": case.no, "title": case.title, "state": case.state, "phase": case.phase.as_str(),
        "ended": case.ended, "kind": case.kind, "class": case.class, "matter": case.matter,
        "matter_code": case.matter_code, "channel": case.channel, "urgent": case.urgent, "place": case.at.place,
        "community": case.at.community, "grid": case.at.grid, "address": case.at.address,
        "lead": case.lead().map(|a| a.unit), "parent": case.parent, "merged_into": case.merged_into,
        "opened_at": case.opened_at.rfc3339(), "accepted_at": instant(case.accepted_at),
        "dispatched_at": instant(case.dispatched_at), "signed_at": instant(case.signed_at),
        "done_at": instant(case.done_at), "verified_at": instant(case.verified_at),
        "closed_at": instant(case.closed_at), "due_at": instant(case.next_due().map(|d| d.0)),
    });
    let more = json!({
        "handle_late": case.handle_late, "exempt": case.exempt, "upper_due_at": instant(case.upper_due),
        "returns": case.returns, "reopens": case.reopens, "extensions": case.extensions, "urges": case.urges,
        "supervised": case.supervised, "solved": case.solved, "satisfied": case.satisfied, "version": case.version,
        "assignments": parts, "clocks": case.clocks.iter().map(clock).collect::<Vec<_>>(), "requests": requests,
        "reports": reports, "photos": photos, "actions": offers,
    });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    Ok(value)
}

fn clock(clock: &Clock) -> Value {
    json!({ "id": clock.id, "kind": clock.kind, "assignment": clock.assignment, "limit": clock.limit.to_string(),
        "start": clock.start.rfc3339(), "due": instant(clock.due), "expected": clock.expected,
        "state": clock.state.as_str(), "ended_at": instant(clock.ended_at), "calendar": clock.calendar })
}

/// `GET /api/v1/cases/{id}/clocks/{clock}/explain`
pub(super) async fn explain(staff: Staff, Path((id, which)): Path<(CaseId, ClockId)>) -> Answer {
    let value = staff
        .read(move |tx, cx| {
            let case = engine::visible(tx, cx, id)?;
            let found = case.clocks.iter().find(|c| c.id == which).ok_or_else(Refusal::not_found)?;
            let steps = cx.office.rules_of(&found.calendar).explain(found.start, found.limit, &found.pauses);
            let steps: Vec<Value> = steps
                .iter()
                .map(|step| {
                    let spans: Vec<Value> = step
                        .spans
                        .iter()
                        .map(|s| json!({ "from": s.from.rfc3339(), "until": instant(s.until), "kind": s.kind }))
                        .collect();
                    json!({ "day": step.day.iso(), "kind": step.kind, "name": step.name, "expected": step.expected,
                        "from": step.from.rfc3339(), "until": instant(step.until), "spans": spans,
                        "counted_ms": step.counted, "total_ms": step.total, "remaining_ms": step.remaining })
                })
                .collect();
            let mut value = clock(found);
            if let Some(value) = value.as_object_mut() {
                value.insert("steps".to_owned(), Value::Array(steps));
            }
            Ok(value)
        })
        .await?;
    Ok(Json(value).into_response())
}

/// An act as a program asks for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ActBody {
    /// The version that was seen; another one is a conflict.
    version: Option<i64>,
    /// The unit it is entered for 代录.
    behalf: Option<UnitId>,
    /// When it really happened, where that was earlier.
    occurred: Option<String>,
    note: Option<String>,
    reason: Option<String>,
    basis: Option<String>,
    route: Option<String>,
    matter: Option<MatterId>,
    subject: Option<SubjectBody>,
    urgent: Option<bool>,
    lead: Option<UnitId>,
    co: Vec<CoBody>,
    limit: Option<String>,
    photos: Vec<AttachmentId>,
    assignment: Option<AssignmentId>,
    request: Option<RequestId>,
    until: Option<String>,
    missing: Option<String>,
    reviewer: Option<String>,
    solved: Option<bool>,
    satisfied: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SubjectBody {
    None,
    Unit(UnitId),
    Named(String),
}

#[derive(Clone, Debug, Deserialize)]
struct CoBody {
    unit: UnitId,
    #[serde(default)]
    limit: Option<String>,
}

fn read_limit(text: Option<&str>) -> std::result::Result<Option<Limit>, Refusal> {
    let read =
        |t: &str| Limit::parse(t).map_err(|_| Refusal::rule("api.act.limit").on("limit").with("text", t));
    text.map(read).transpose()
}

fn read_instant(text: Option<&str>, cx: &Cx) -> std::result::Result<Option<Ts>, Refusal> {
    let wrong = |t: &str| Refusal::rule("api.act.occurred").on("occurred").with("text", t);
    let Some(text) = text else { return Ok(None) };
    Ts::parse(text).filter(|at| *at <= cx.now).map(Some).ok_or_else(|| wrong(text))
}

fn input(body: ActBody) -> std::result::Result<Input, Refusal> {
    let mut co = Vec::new();
    for helper in &body.co {
        co.push(CoUnit { unit: helper.unit, limit: read_limit(helper.limit.as_deref())? });
    }
    let until = match body.until.as_deref() {
        Some(text) => Some(
            Day::parse(text).ok_or_else(|| Refusal::rule("api.list.day").on("until").with("text", text))?,
        ),
        None => None,
    };
    Ok(Input {
        limit: read_limit(body.limit.as_deref())?,
        note: body.note,
        reason: body.reason,
        basis: body.basis,
        route: body.route,
        matter: body.matter,
        subject: body.subject.map(|s| match s {
            SubjectBody::None => Subject::None,
            SubjectBody::Unit(unit) => Subject::Unit(unit),
            SubjectBody::Named(text) => Subject::Named(text),
        }),
        urgent: body.urgent,
        lead: body.lead,
        co,
        photos: body.photos,
        assignment: body.assignment,
        request: body.request,
        until,
        missing: body.missing,
        reviewer: body.reviewer,
        solved: body.solved,
        satisfied: body.satisfied,
        ..Input::default()
    })
}

/// `POST /api/v1/cases/{id}/actions/{action}`; `Idempotency-Key` may be left out.
pub(super) async fn act(
    staff: Staff,
    Path((case, action)): Path<(CaseId, String)>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Answer {
    let given: ActBody = body(&bytes)?;
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let cx = Cx {
        behalf: given.behalf,
        occurred: read_instant(given.occurred.as_deref(), &staff.cx)?,
        ..staff.cx.clone()
    };
    let version = given.version;
    let ask = Ask { case, action, version, input: input(given)? };
    let request = fingerprint(&("api.act", &ask, cx.behalf, cx.occurred));
    let staff = Staff { cx, ..staff };
    let acted = staff.write_once(&key, &request, move |tx, cx| engine::act(tx, cx, &ask)).await?;
    let value = json!({ "case": acted.case, "no": acted.no, "state": acted.state, "phase": acted.phase.as_str(),
        "version": acted.version });
    Ok(Json(value).into_response())
}
