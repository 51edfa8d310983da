//! The desk's form: as a page, and as the panel of the layer above any page.

use super::drafts;
use super::form::{CHANNELS, KINDS, PlaceNames, Typed, VIA, matter_choice};
use super::service::PHOTOS_MOST;
use super::suggest::{self, Alike, Offered};
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::places;
use crate::web::{Answer, Form, Problem, Query, Shell, Staff, WebError, html};
use crate::words::Words;
use askama::Template;
use axum::Json;
use axum::response::IntoResponse;
use kernel::Ts;
use serde::Deserialize;
use serde_json::json;
use store::{Result, Tx};

/// All that the form shows.
#[derive(Clone)]
pub(super) struct FormView {
    /// The draft's id: every id in the form ends in it.
    pub(super) id: String,
    pub(super) started: Ts,
    pub(super) csrf: String,
    pub(super) idem: String,
    pub(super) icons: String,
    pub(super) typed: Typed,
    pub(super) problem: Problem,
    pub(super) matters: Vec<String>,
    pub(super) places: Vec<String>,
    pub(super) offered: Offered,
    /// The caller's open cases, once asked for.
    pub(super) own: Vec<Alike>,
    pub(super) can_answer: bool,
    pub(super) can_petition: bool,
    pub(super) can_report: bool,
    pub(super) most: usize,
}

/// A choice of a list.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) text: String,
    pub(super) on: bool,
}

impl FormView {
    fn choices(&self, w: &Words, name: &str, known: &[&'static str], prefix: &str) -> Vec<Choice> {
        let given = self.typed.maybe(name, known);
        known
            .iter()
            .map(|value| {
                // The stored word is `upper`; people say which system sent it.
                let word = if *value == "upper" { "upper12345" } else { value };
                Choice { value, text: w.t_or(&format!("{prefix}-{word}"), value), on: given == Some(*value) }
            })
            .collect()
    }

    pub(super) fn kinds(&self, w: &Words) -> Vec<Choice> {
        self.choices(w, "kind", &KINDS, "matter-kind")
    }

    pub(super) fn channels(&self, w: &Words) -> Vec<Choice> {
        self.choices(w, "channel", &CHANNELS, "channel")
    }

    pub(super) fn vias(&self, w: &Words) -> Vec<Choice> {
        self.choices(w, "via", &VIA, "intake-via")
    }

    /// Whether one of the fields that are seldom needed is filled: they are shown open then.
    pub(super) fn is_more(&self) -> bool {
        ["upper_number", "upper_due", "via", "class", "contact_address"]
            .iter()
            .any(|n| !self.typed.get(n).is_empty())
            || ["upper_number", "upper_due"].contains(&self.problem.field)
    }
}

#[derive(Template)]
#[template(path = "intake_page.html")]
struct IntakePage {
    w: Words,
    shell: Shell,
    f: FormView,
    /// Others that are not registered yet: address and how it begins.
    others: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "intake_form.html")]
struct Panel {
    w: Words,
    f: FormView,
}

#[derive(Template)]
#[template(path = "intake_suggest.html")]
struct Suggestions {
    w: Words,
    o: Offered,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Which {
    draft: String,
    started: Option<i64>,
}

/// What the form needs besides what was typed.
pub(super) fn view(tx: &mut Tx<'_>, cx: &Cx, w: &Words, typed: Typed) -> Result<FormView> {
    let matters = catalogue::service::matters_on(tx, cx.office.id, cx.today())?;
    let book = places::service::book(tx, cx.office.id)?;
    Ok(FormView {
        id: String::new(),
        started: cx.now,
        csrf: String::new(),
        idem: String::new(),
        icons: String::new(),
        offered: suggest::offer(tx, cx, w, &typed)?,
        typed,
        problem: Problem::default(),
        matters: matters.iter().map(|m| matter_choice(m, w.locale)).collect(),
        places: PlaceNames::of(&book).all().map(str::to_owned).collect(),
        own: Vec::new(),
        can_answer: cx.actor.has("demands.accept"),
        can_petition: cx.actor.has("demands.read_petition"),
        can_report: cx.actor.has("demands.read_report"),
        most: PHOTOS_MOST,
    })
}

/// The form of a draft, new where the account has none of this id.
async fn form(staff: &Staff, which: Which) -> std::result::Result<FormView, WebError> {
    let id = if drafts::is_id(&which.draft) { which.draft } else { uuid::Uuid::now_v7().to_string() };
    let (words, draft) = (staff.words.clone(), id.clone());
    // A page's clock may be wrong; a call does not begin in the future.
    let started = which.started.map_or(staff.cx.now, |ms| Ts(ms.clamp(0, staff.cx.now.0)));
    let mut form = staff
        .read(move |tx, cx| {
            let account = cx.actor.account.unwrap_or(kernel::AccountId(0));
            let kept = drafts::find(tx, cx, account, &draft)?;
            let (fields, began) = kept.unwrap_or_else(|| (first_fields(cx), started));
            let mut form = view(tx, cx, &words, Typed(fields))?;
            form.started = began;
            Ok(form)
        })
        .await?;
    dress(staff, &mut form, id, uuid::Uuid::now_v7().to_string());
    Ok(form)
}

/// Who takes calls begins with a call; who walks the grid with what was seen there.
fn first_fields(cx: &Cx) -> drafts::Fields {
    let channel = if cx.actor.has("demands.accept") { "hotline" } else { "grid" };
    vec![("channel".to_owned(), channel.to_owned()), ("reply_wanted".to_owned(), "1".to_owned())]
}

/// Keys and addresses that belong to the request.
pub(super) fn dress(staff: &Staff, form: &mut FormView, id: String, idem: String) {
    form.id = id;
    form.idem = idem;
    form.csrf.clone_from(&staff.csrf);
    form.icons = staff.plain_shell("").icons;
}

/// `GET /intake`
pub(super) async fn show(staff: Staff, Query(which): Query<Which>) -> Answer {
    let form = form(&staff, which).await?;
    whole(&staff, form, axum::http::StatusCode::OK).await
}

/// The form as a page, with the other drafts above it.
pub(super) async fn whole(staff: &Staff, f: FormView, status: axum::http::StatusCode) -> Answer {
    let own = f.id.clone();
    let others = staff
        .read(move |tx, cx| {
            let account = cx.actor.account.unwrap_or(kernel::AccountId(0));
            let mut out = Vec::new();
            for (id, _) in drafts::list(tx, cx, account)?.into_iter().filter(|(id, _)| *id != own) {
                let Some((fields, _)) = drafts::find(tx, cx, account, &id)? else { continue };
                let notes: String = Typed(fields).get("notes").chars().take(12).collect();
                out.push((format!("/intake?draft={id}"), notes));
            }
            Ok(out)
        })
        .await?;
    let page = IntakePage { w: staff.words.clone(), shell: staff.shell("").await?, f, others };
    crate::web::html_with(status, &page)
}

/// The form as the answer to itself.
pub(super) async fn again(staff: &Staff, f: FormView, status: axum::http::StatusCode) -> Answer {
    if staff.htmx {
        return crate::web::html_with(status, &Panel { w: staff.words.clone(), f });
    }
    whole(staff, f, status).await
}

/// `GET /intake/panel?draft=UUID&started=MS`
pub(super) async fn panel(staff: Staff, Query(which): Query<Which>) -> Answer {
    let f = form(&staff, which).await?;
    html(&Panel { w: staff.words.clone(), f })
}

/// `GET /intake/drafts`
pub(super) async fn drafts(staff: Staff) -> Answer {
    let found =
        staff.read(|tx, cx| drafts::list(tx, cx, cx.actor.account.unwrap_or(kernel::AccountId(0)))).await?;
    let list: Vec<_> = found.into_iter().map(|(id, at)| json!({ "id": id, "started": at.0 })).collect();
    Ok(Json(json!({ "drafts": list })).into_response())
}

/// `POST /intake/suggest`: the form so far; records nothing.
pub(super) async fn suggest(staff: Staff, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let (words, typed) = (staff.words.clone(), Typed(fields));
    let o = staff.read(move |tx, cx| suggest::offer(tx, cx, &words, &typed)).await?;
    html(&Suggestions { w: staff.words.clone(), o })
}
