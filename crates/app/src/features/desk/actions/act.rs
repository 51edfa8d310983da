//! `POST /cases/{id}/act/{key}`: one action of the procedure.

use super::super::pages::case::{RefusedPage, act_page};
use super::super::pages::queue::safe;
use super::super::service::case::since;
use super::super::service::input::{self, Typed};
use super::super::service::word_key;
use super::sent::Sent;
use super::{done, place};
use crate::context::Cx;
use crate::features::intake;
use crate::features::intake::model::Photo;
use crate::features::procedures::model::{Acted, Ask};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::CaseState;
use crate::files::Stored;
use crate::web::{Answer, Path, Problem, Staff, WebError, fingerprint, html_with};
use axum::http::StatusCode;
use kernel::{CaseId, RefusalKind, Ts};
use store::{Result, Tx};

/// Pictures of one act at most.
const PHOTOS_MOST: usize = 9;

/// An act as it was sent, read again by every run of the body.
#[derive(Clone)]
pub(in super::super) struct Wanted {
    /// The case.
    pub case: CaseId,
    /// The action's key.
    pub key: String,
    /// The fields.
    pub typed: Typed,
    /// The stored pictures, each with its field.
    pub photos: Vec<(String, Stored)>,
}

impl Wanted {
    /// What decides the effect.
    pub fn fingerprint(&self) -> Vec<u8> {
        let photos: Vec<&str> = self.photos.iter().map(|(_, s)| s.hash.as_str()).collect();
        fingerprint(&("cases.act", self.case, &self.key, self.typed.essence(), photos))
    }

    /// Does it, in one transaction with its pictures.
    pub fn run(&self, tx: &mut Tx<'_>, cx: &Cx) -> Result<Acted> {
        let case = engine::visible(tx, cx, self.case)?;
        let mut input = input::read(&self.typed)?;
        let cx = input::entered(cx, &self.typed, least(&case, &self.typed))?;
        for (field, stored) in &self.photos {
            let photo = Photo { stored: stored.clone(), kind: kind_of(&self.key, field).to_owned() };
            input.photos.push(intake::service::put_photo(tx, &cx, Some(self.case), None, &photo)?);
        }
        let ask = Ask { case: self.case, action: self.key.clone(), version: self.typed.id("version"), input };
        engine::act(tx, &cx, &ask)
    }
}

/// An entry for a unit cannot lie before the unit had the case, nor any before there was one.
fn least(case: &CaseState, typed: &Typed) -> Ts {
    let part = typed.id("behalf").and_then(|unit| case.assignments.iter().rev().find(|a| a.unit.0 == unit));
    part.map_or(case.opened_at, |a| a.sent_at)
}

fn kind_of(action: &str, field: &str) -> &'static str {
    match (action, field) {
        (_, "photos_before") => "before",
        ("finish" | "finish_co", _) => "after",
        ("pass" | "fail", _) => "check",
        ("progress", _) => "during",
        _ => "scene",
    }
}

pub(in super::super) async fn act(
    staff: Staff,
    Path((id, key)): Path<(CaseId, String)>,
    sent: Sent,
) -> Answer {
    let typed = sent.typed;
    let from = safe(typed.get("from"));
    let result = run(&staff, id, &key, &typed, sent.files, &from).await;
    match result {
        Ok((acted, at)) => {
            let said = said(&staff, &key, &acted);
            done(&staff, id, at, said).await
        }
        Err(error) => refused(&staff, id, key, typed, from, error).await,
    }
}

type Ran = (Acted, Option<super::Place>);

async fn run(
    staff: &Staff,
    id: CaseId,
    key: &str,
    typed: &Typed,
    files: Vec<crate::web::UploadedFile>,
    from: &str,
) -> std::result::Result<Ran, WebError> {
    if files.len() > PHOTOS_MOST {
        return Err(kernel::Refusal::rule("demands.report.too_many_photos")
            .on("photos")
            .with("most", PHOTOS_MOST)
            .into());
    }
    let photos = staff.keep_photos(files).await?;
    let at = place(staff, from, id).await?;
    let wanted = Wanted { case: id, key: key.to_owned(), typed: typed.clone(), photos };
    let request = wanted.fingerprint();
    let acted = staff.write_once(typed.get("idem"), &request, move |tx, cx| wanted.run(tx, cx)).await?;
    Ok((acted, at))
}

fn said(staff: &Staff, key: &str, acted: &Acted) -> String {
    let w = &staff.words;
    w.ta(
        "acted",
        &[
            ("action", w.t_or(&word_key("action", key), key)),
            ("no", acted.no.clone()),
            ("state", w.t(&word_key("phase", acted.phase.as_str()))),
        ],
    )
}

/// Shows the form again: what is wrong at its field, what happened meanwhile, and what was typed.
async fn refused(
    staff: &Staff,
    id: CaseId,
    key: String,
    typed: Typed,
    from: String,
    error: WebError,
) -> Answer {
    let Some(refusal) = error.refusal().cloned() else { return Err(error) };
    let lost = matches!(refusal.kind, RefusalKind::Conflict);
    let seen = typed.id("version").unwrap_or(i64::MAX);
    let Ok(mut page) = act_page(staff, id, key.clone(), typed.clone(), from).await else {
        return gone(staff, id, &key, &typed, &refusal, error).await;
    };
    page.problem = Problem::new(&staff.words, &refusal);
    let mut status = error.status();
    if lost {
        let w = staff.words.clone();
        page.news = staff.read(move |tx, cx| since(tx, cx, &w, id, seen)).await?;
        // What was typed may go on over the version that is there now.
        page.form.version = staff.read(move |tx, cx| Ok(engine::visible(tx, cx, id)?.version)).await?;
        status = StatusCode::CONFLICT;
    }
    if staff.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
}

/// The form itself is gone: why, and what was typed. Who may not see the case reads only that it is not there.
async fn gone(
    staff: &Staff,
    id: CaseId,
    key: &str,
    typed: &Typed,
    refusal: &kernel::Refusal,
    error: WebError,
) -> Answer {
    let Ok(case) = staff.read(move |tx, cx| engine::visible(tx, cx, id)).await else { return Err(error) };
    let said = ["note", "reason", "basis", "missing"].map(|name| typed.get(name).trim().to_owned());
    let page = RefusedPage {
        w: staff.words.clone(),
        shell: staff.shell("cases").await?,
        title: staff.words.t_or(&word_key("action", key), key),
        id: id.to_string(),
        no: case.no,
        text: Problem::new(&staff.words, refusal).text,
        typed: said.into_iter().filter(|text| !text.is_empty()).collect(),
    };
    let status = error.status();
    if staff.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
}
