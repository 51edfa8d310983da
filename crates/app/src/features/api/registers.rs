//! The registers that codes and ids refer to: places, matters, units. Ordered by code; `after` is the last
//! code of the page before.

use super::limit;
use crate::features::catalogue;
use crate::features::people;
use crate::features::places;
use crate::features::places::model::Kind;
use crate::web::{Answer, Query, Staff};
use axum::Json;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is asked of a register.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// One kind only.
    kind: String,
    /// For places: the code of the place above.
    within: String,
    after: String,
    limit: Option<usize>,
}

/// The page after a code, out of rows of code and value.
fn page(mut rows: Vec<(String, Value)>, asked: &Asked) -> Answer {
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.retain(|(code, _)| asked.after.is_empty() || *code > asked.after);
    let most = limit(asked.limit);
    let next = if rows.len() > most { rows.get(most - 1).map(|(code, _)| code.clone()) } else { None };
    let items: Vec<Value> = rows.into_iter().take(most).map(|(_, value)| value).collect();
    Ok(Json(json!({ "items": items, "next": next })).into_response())
}

/// `GET /api/v1/places`
pub(super) async fn places(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let wanted = asked.clone();
    let rows = staff
        .read(move |tx, cx| {
            let book = places::service::book(tx, cx.office.id)?;
            let inside = match wanted.within.as_str() {
                "" => None,
                code => Some(book.by_code(code).map(|p| book.within(p.id)).unwrap_or_default()),
            };
            let fits = |p: &&places::model::Place| {
                (wanted.kind.is_empty() || Kind::parse(&wanted.kind) == Some(p.kind))
                    && inside.as_ref().is_none_or(|list| list.iter().any(|i| i.id == p.id))
            };
            let row = |p: &places::model::Place| {
                let value = json!({ "id": p.id, "code": p.code, "parent": p.parent, "kind": p.kind.as_str(), "name": p.name,
                    "label": book.path_label(p.id), "community": p.community, "grid": p.grid,
                    "households": p.households, "version": p.version });
                (p.code.clone(), value)
            };
            Ok(book.all().filter(|p| p.is_active()).filter(fits).map(row).collect::<Vec<_>>())
        })
        .await?;
    page(rows, &asked)
}

/// `GET /api/v1/matters`
pub(super) async fn matters(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let kind = asked.kind.clone();
    let rows = staff
        .read(move |tx, cx| {
            let all = catalogue::service::matters_on(tx, cx.office.id, cx.today())?;
            let row = |m: &catalogue::model::Matter| {
                let value = json!({ "id": m.id, "code": m.code, "kind": m.kind, "class_code": m.class_code,
                    "class": m.class, "name": m.names, "handle_limit": m.handle_limit.to_string(),
                    "duty_list": m.duty_list.as_str(), "secret": m.secret.as_str(), "emergency": m.emergency });
                (m.code.clone(), value)
            };
            Ok(all.iter().filter(|m| kind.is_empty() || m.kind == kind).map(row).collect::<Vec<_>>())
        })
        .await?;
    page(rows, &asked)
}

/// `GET /api/v1/units`
pub(super) async fn units(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let kind = asked.kind.clone();
    let rows = staff
        .read(move |tx, cx| {
            let all = people::service::units(tx, cx.office.id)?;
            let fits = |u: &&people::model::Unit| u.active && (kind.is_empty() || u.kind == kind);
            let row = |u: &people::model::Unit| {
                let value = json!({ "id": u.id, "code": u.code, "name": u.name, "short": u.short, "kind": u.kind,
                    "parent": u.parent, "place": u.place, "phone": u.phone, "version": u.version });
                (u.code.clone(), value)
            };
            Ok(all.iter().filter(fits).map(row).collect::<Vec<_>>())
        })
        .await?;
    page(rows, &asked)
}
