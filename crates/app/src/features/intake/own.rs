//! `GET /report/{case}`: what became of a report of one's own. A case may be out of its reporter's sight, before anybody
//! has looked whom it is about or when it goes elsewhere; what one sent, and how far it is, one sees all the same.

use super::field::shell;
use super::service;
use super::store::{self as rows, Own};
use crate::context::Cx;
use crate::features::places;
use crate::features::procedures::service as engine;
use crate::web::{Answer, Path, PublicShell, Query, Staff, html};
use crate::words::Words;
use askama::Template;
use kernel::{CaseId, Refusal};
use serde::Deserialize;
use store::{Result, Tx};

#[derive(Template)]
#[template(path = "intake_own.html")]
struct OwnPage {
    w: Words,
    shell: PublicShell,
    v: OwnView,
}

struct OwnView {
    no: String,
    title: String,
    text: String,
    state: String,
    /// Label and value.
    facts: Vec<(String, String)>,
}

/// How far a report is, in words.
pub(super) fn state(w: &Words, own: &Own) -> String {
    if own.merged {
        return w.t("intake-own-merged");
    }
    match own.ended.as_deref() {
        Some("on_spot") => w.t("intake-field-spot-done"),
        _ => w.t_or(&format!("state-{}", own.state.replace('_', "-")), &own.state),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Which {
    /// The number, where several of one's own reports are in one case.
    no: String,
}

pub(super) async fn show(staff: Staff, Path(case): Path<CaseId>, Query(which): Query<Which>) -> Answer {
    let w = staff.words.clone();
    match staff.read(move |tx, cx| find(tx, cx, &w, case, &which.no)).await? {
        None => Ok(staff.goto(&format!("/cases/{case}"))),
        Some(v) => html(&OwnPage { w: staff.words.clone(), shell: shell(&staff), v }),
    }
}

/// What the reporter sees of their own; none where the whole case may be seen.
fn find(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: CaseId, no: &str) -> Result<Option<OwnView>> {
    if engine::is_visible(tx, cx, case)? {
        return Ok(None);
    }
    let own = rows::own_report(tx, cx, case, no)?.ok_or_else(Refusal::not_found)?;
    let report = service::report(tx, cx, own.report)?;
    let photos = service::photos_of_report(tx, cx, own.report)?.len();
    let voices = service::voices_of_report(tx, cx, own.report)?.len();
    let book = places::service::book(tx, cx.office.id)?;
    let place = own.grid.map(|id| book.path_label(id)).unwrap_or_default();
    let facts = [
        ("intake-own-at", w.when(own.received_at)),
        ("intake-own-seen", report.seen_at.map(|at| w.when(at)).unwrap_or_default()),
        ("intake-field-place", format!("{place} {}", report.at.address).trim().to_owned()),
        ("intake-own-photos", if photos == 0 { String::new() } else { photos.to_string() }),
        ("intake-own-voice", if voices == 0 { String::new() } else { w.t("intake-own-received") }),
        ("intake-own-due", own.due.filter(|_| !own.merged).map(|due| w.when(due)).unwrap_or_default()),
    ];
    Ok(Some(OwnView {
        state: state(w, &own),
        facts: facts.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (w.t(k), v)).collect(),
        no: own.no,
        title: own.title,
        text: report.text,
    }))
}
