//! The page of a case, the form of one action, paper.

use super::super::names::Names;
use super::super::service::case::{self as cases, CaseView, Wanted};
use super::super::service::forms::{self, ActForm, Choice};
use super::super::service::input::Typed;
use super::queue;
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, WebError, encode, html};
use crate::words::Words;
use askama::Template;
use kernel::{CaseId, Ts};
use serde::Deserialize;

// The fields of a form are drawn by their kind.
use super::super::service::forms::Field;

/// A contact that was revealed just now.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// Whose report.
    pub report: String,
    /// The name.
    pub name: String,
    /// The phone.
    pub phone: String,
    /// The address.
    pub address: String,
    /// What the chips of the text stand for.
    pub chips: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk_case.html", blocks = ["detail"])]
pub(in super::super) struct CasePage {
    pub w: Words,
    pub shell: Shell,
    pub case: CaseView,
    pub back: String,
    pub from: String,
    pub from_enc: String,
    pub notice: String,
    pub problem: Problem,
    pub news: Vec<String>,
    pub revealed: Option<Revealed>,
}

impl CasePage {
    /// The page of a case by itself.
    ///
    /// # Errors
    /// `common.not_found`.
    pub async fn read(staff: &Staff, id: CaseId, notice: String) -> Result<CasePage, WebError> {
        let case = read(staff, id, &[]).await?;
        Ok(CasePage {
            w: staff.words.clone(),
            shell: staff.shell("cases").await?,
            case,
            back: String::new(),
            from: String::new(),
            from_enc: String::new(),
            notice,
            problem: Problem::default(),
            news: Vec::new(),
            revealed: None,
        })
    }
}

/// Reads a case for the viewer, with the form of the first of some actions open.
///
/// # Errors
/// `common.not_found`.
pub(in super::super) async fn read(
    staff: &Staff,
    id: CaseId,
    open: &'static [&'static str],
) -> Result<CaseView, WebError> {
    let w = staff.words.clone();
    staff
        .read(move |tx, cx| {
            let typed = Typed::default();
            cases::view(tx, cx, &w, id, &Wanted { open, typed: &typed, viewer: &cx.actor.name })
        })
        .await
}

/// `GET /cases/{id}`.
pub(in super::super) async fn show(staff: Staff, Path(id): Path<CaseId>) -> Answer {
    let page = CasePage::read(&staff, id, String::new()).await?;
    if staff.htmx { html(&page.as_detail()) } else { html(&page) }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Origin {
    /// The list from which the form was opened.
    pub from: String,
}

#[derive(Template)]
#[template(path = "desk_act.html", blocks = ["form"])]
pub(in super::super) struct ActPage {
    pub w: Words,
    pub shell: Shell,
    pub form: ActForm,
    pub no: String,
    /// The case above the form; inside the case itself there is no need.
    pub about: Option<CaseView>,
    pub problem: Problem,
    pub news: Vec<String>,
    pub from: String,
    pub target: String,
}

/// An act that cannot be done any more: why, and what was typed for it, so that it can be copied.
#[derive(Template)]
#[template(path = "desk_refused.html", blocks = ["form"])]
pub(in super::super) struct RefusedPage {
    pub w: Words,
    pub shell: Shell,
    pub title: String,
    pub id: String,
    pub no: String,
    pub text: String,
    pub typed: Vec<String>,
}

/// The form of one action, with what was typed.
///
/// # Errors
/// `common.not_found`, `demands.act.not_now`.
pub(in super::super) async fn act_page(
    staff: &Staff,
    id: CaseId,
    key: String,
    typed: Typed,
    from: String,
) -> Result<ActPage, WebError> {
    let w = staff.words.clone();
    let (form, no) = staff
        .read(move |tx, cx| {
            let form = cases::form(tx, cx, &w, id, &key, &typed)?;
            let no = crate::features::procedures::service::visible(tx, cx, id)?.no;
            Ok((form, no))
        })
        .await?;
    Ok(ActPage {
        w: staff.words.clone(),
        shell: staff.shell("cases").await?,
        form,
        no,
        about: if staff.htmx { None } else { Some(read(staff, id, &[]).await?) },
        problem: Problem::default(),
        news: Vec::new(),
        from,
        target: "#detail".to_owned(),
    })
}

/// `GET /cases/{id}/act/{key}`: the form, for its place in the case or as a page.
pub(in super::super) async fn act(
    staff: Staff,
    Path((id, key)): Path<(CaseId, String)>,
    Query(origin): Query<Origin>,
) -> Answer {
    let page = act_page(&staff, id, key, Typed::default(), queue::safe(&origin.from)).await?;
    if staff.htmx { html(&page.as_form()) } else { html(&page) }
}

#[derive(Template)]
#[template(path = "desk_print.html")]
struct PrintPage {
    w: Words,
    shell: Shell,
    case: CaseView,
}

/// `GET /cases/{id}/print`: the case on paper. On paper nothing is today: every day has its date.
pub(in super::super) async fn print(staff: Staff, Path(id): Path<CaseId>) -> Answer {
    let dated = Staff { words: staff.words.at(Ts(0)), ..staff.clone() };
    let case = read(&dated, id, &[]).await?;
    html(&PrintPage { w: staff.words.clone(), shell: staff.shell("cases").await?, case })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Search {
    matter_q: String,
    /// What is chosen already: a search must not lose it.
    matter: String,
}

#[derive(Template)]
#[template(source = r#"{% import "desk_macros.html" as m %}{{ m::matters(w, options) }}"#, ext = "html")]
struct Matters {
    w: Words,
    options: Vec<Choice>,
}

/// `GET /pick/matters?matter_q=…`: what fits, while somebody types.
pub(in super::super) async fn matters(staff: Staff, Query(search): Query<Search>) -> Answer {
    let w = staff.words.clone();
    let chosen = search.matter.parse().ok();
    let options = staff
        .read(move |tx, cx| {
            let mut names = Names::read(tx, cx, &w)?;
            forms::matter_choices(tx, cx, &w, &mut names, &search.matter_q, chosen, 8)
        })
        .await?;
    html(&Matters { w: staff.words.clone(), options })
}

/// What a link carries so that a form knows its list.
#[must_use]
pub(in super::super) fn encoded(from: &str) -> String {
    encode(from)
}
