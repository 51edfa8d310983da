//! POST: what the forms of the pages do. Every one carries an idempotency key; what is refused comes back as the
//! form itself, with what was typed.

pub mod act;
pub mod bulk;
pub mod reveal;
mod sent;
pub mod verbs;
pub mod views;

use super::model::{Filter, Queue};
use super::pages::case::CasePage;
use super::pages::queue::{DeskPage, Wish, origin};
use super::service::{list, queue as queues};
use crate::web::{Answer, Staff, WebError};
use askama::Template;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse};
use kernel::CaseId;

/// The desk a form came from, with the case to show once this one has left its list. Read before the act.
struct Place {
    queue: Queue,
    filter: Filter,
    next: Option<CaseId>,
}

async fn place(staff: &Staff, from: &str, case: CaseId) -> Result<Option<Place>, WebError> {
    let Some((queue, filter)) = origin(from) else { return Ok(None) };
    let asked = Filter { queue: queue.as_str().to_owned(), ..filter.clone() };
    let next = staff
        .read(move |tx, cx| {
            let page = list::page(tx, cx, &asked, list::DEFAULT)?;
            Ok(list::neighbour(&page.rows, case))
        })
        .await?;
    Ok(Some(Place { queue, filter, next }))
}

/// After an act: on a desk the next case and the list anew, on a case's page the case anew; without scripts the
/// same by redirect. Who does not see the case any more goes home.
async fn done(staff: &Staff, case: CaseId, place: Option<Place>, said: String) -> Answer {
    match place {
        Some(place) => on_desk(staff, case, place, said).await,
        None => on_case(staff, case, said).await,
    }
}

async fn on_case(staff: &Staff, case: CaseId, said: String) -> Answer {
    let visible = staff
        .read(move |tx, cx| Ok(crate::features::procedures::service::visible(tx, cx, case).is_ok()))
        .await?;
    let href = if visible { format!("/cases/{case}") } else { "/".to_owned() };
    if !staff.htmx || !visible {
        return Ok(staff.goto_saying(&href, &said));
    }
    let page = CasePage::read(staff, case, said).await?;
    crate::web::html(&page.as_detail())
}

async fn on_desk(staff: &Staff, case: CaseId, place: Place, said: String) -> Answer {
    let queue = place.queue;
    // What still waits here stays in view: a helper added, a note written.
    let stays = staff.read(move |tx, cx| queues::holds(tx, cx, queue, case)).await?;
    let show = if stays { Some(case) } else { place.next };
    let wish = Wish { queue, filter: place.filter, case: show, named: show.is_some(), notice: said.clone() };
    if !staff.htmx {
        let wish = Wish { notice: String::new(), ..wish };
        let query = wish.filter.query();
        let joint = if query.is_empty() { "" } else { "&" };
        let at = show.map(|id| format!("?{query}{joint}case={id}")).unwrap_or_else(|| format!("?{query}"));
        return Ok(staff.goto_saying(&format!("{}{at}", queue.href()), &said));
    }
    let page = DeskPage::read(staff, wish).await?;
    let body = format!(
        "{}<hx-partial hx-target=\"#queue\" hx-swap=\"outerHTML\">{}</hx-partial><hx-partial hx-target=\"#strip\" hx-swap=\"outerHTML\">{}</hx-partial>",
        page.as_detail().render()?,
        page.as_queue().render()?,
        page.as_strip().render()?
    );
    let mut response = Html(body).into_response();
    if let Ok(value) = HeaderValue::from_str(&page.here) {
        response.headers_mut().insert(HeaderName::from_static("hx-replace-url"), value);
    }
    Ok(response)
}
