//! Saved views of the list: one's own, a name for a filter.

use super::super::model::Filter;
use super::super::store as rows;
use crate::web::{Answer, Form, Path, Staff, WebError};
use kernel::Refusal;
use serde::Deserialize;

/// Characters of a name at most.
const NAME_MOST: usize = 40;
/// Views of one account at most.
const MOST: usize = 30;

#[derive(Deserialize)]
pub(in super::super) struct ViewForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    query: String,
}

/// `POST /cases/views`.
pub(in super::super) async fn save(staff: Staff, Form(form): Form<ViewForm>) -> Answer {
    let name: String = form.name.trim().chars().take(NAME_MOST).collect();
    if name.is_empty() {
        return Err(Refusal::missing("view").into());
    }
    // Only a filter is kept, whatever was sent.
    let filter: Filter = serde_html_form::from_str(&form.query).map_err(|e| WebError::Bad(e.to_string()))?;
    let query = filter.unpaged().query();
    let href = format!("/cases?{query}");
    staff
        .write(move |tx, cx| {
            let Some(account) = cx.actor.account else { return Err(Refusal::not_found().into()) };
            if rows::view_list(tx, cx, account)?.len() >= MOST {
                return Err(Refusal::rule("desk.views.many").with("most", MOST).into());
            }
            rows::put_view(tx, cx, account, &name, &query)
        })
        .await?;
    Ok(staff.goto_saying(&href, &staff.words.t("view-saved")))
}

/// `POST /cases/views/{id}/delete`.
pub(in super::super) async fn delete(staff: Staff, Path(id): Path<i64>) -> Answer {
    staff
        .write(move |tx, cx| match cx.actor.account {
            Some(account) => rows::delete_view(tx, cx, account, id),
            None => Err(Refusal::not_found().into()),
        })
        .await?;
    Ok(staff.goto_saying("/cases", &staff.words.t("view-deleted")))
}
