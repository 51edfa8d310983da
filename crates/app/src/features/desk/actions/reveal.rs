//! `POST /cases/{id}/reveal`: a contact, to somebody who gives a reason. The look is written before anything is
//! shown; the answer is never kept.

use super::super::pages::case::{CasePage, Revealed};
use super::super::service::case::{CaseView, ReportView};
use crate::features::intake;
use crate::web::{Answer, Form, Path, Shell, Staff, WebError, html};
use crate::words::Words;
use askama::Template;
use kernel::{CaseId, ReportId};
use serde::Deserialize;

#[derive(Deserialize)]
pub(in super::super) struct RevealForm {
    report: ReportId,
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "desk_who.html")]
struct Who {
    w: Words,
    shell: Shell,
    case: CaseView,
    r: ReportView,
    revealed: Option<Revealed>,
}

pub(in super::super) async fn reveal(
    staff: Staff,
    Path(id): Path<CaseId>,
    Form(form): Form<RevealForm>,
) -> Answer {
    let (report, reason) = (form.report, form.reason.clone());
    let contact = staff.write(move |tx, cx| intake::service::reveal(tx, cx, id, report, &reason)).await?;
    let mut page = CasePage::read(&staff, id, String::new()).await?;
    let revealed = Revealed {
        report: form.report.to_string(),
        name: contact.name,
        phone: contact.phone,
        address: contact.address,
        chips: contact.chips,
    };
    if !staff.htmx {
        page.revealed = Some(revealed);
        return html(&page);
    }
    let shown = page
        .case
        .reports
        .iter()
        .find(|r| r.id == revealed.report)
        .cloned()
        .ok_or_else(WebError::not_found)?;
    html(&Who {
        w: staff.words.clone(),
        shell: page.shell,
        case: page.case,
        r: shown,
        revealed: Some(revealed),
    })
}
