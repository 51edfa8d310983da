//! Following: number and code once, then the parcel's way without the code in any address.

use super::super::link::{Own, Part, PublicLink, Standing, Step, Tracking};
use super::super::seat;
use super::say::{self, Sentence};
use super::{jpeg, link, track_path, with_cookie};
use crate::web::{Answer, Form, Path, Problem, PublicShell, Query, Visitor, WebError, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AttachmentId, Refusal};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "public_code.html")]
struct CodePage {
    w: Words,
    shell: PublicShell,
    no: String,
    text: String,
    problem: Problem,
}

#[derive(Deserialize)]
pub(super) struct Numbered {
    #[serde(default)]
    no: String,
}

/// `GET /p/track`
pub(super) async fn ask(visitor: Visitor, Query(asked): Query<Numbered>) -> Answer {
    html(&code_page(&visitor, asked.no, String::new(), Problem::default()))
}

fn code_page(visitor: &Visitor, no: String, text: String, problem: Problem) -> CodePage {
    CodePage { w: visitor.words.clone(), shell: visitor.shell(), no, text, problem }
}

/// The page that asks for the code again, with what was typed meanwhile.
pub(super) fn ask_again(visitor: &Visitor, no: &str, text: String) -> Answer {
    let problem = Problem { field: "", text: visitor.words.t("public-code-again") };
    html_with(StatusCode::UNAUTHORIZED, &code_page(visitor, no.to_owned(), text, problem))
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    no: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    text: String,
}

/// `POST /p/track`: right opens the report in this browser for two hours; wrong costs a growing wait.
pub(super) async fn admit(visitor: Visitor, Form(form): Form<CodeForm>) -> Answer {
    match admitted(&visitor, &form.no, &form.code).await {
        Ok(ticket) => {
            let visitor = visitor.in_office(ticket.office)?;
            let cookie = seat::sit(&visitor.app, &visitor.visit, &ticket, None, false);
            if form.text.trim().is_empty() {
                return Ok(with_cookie(visitor.goto(&track_path(&ticket.no)), cookie));
            }
            let page = draw(&visitor, &ticket.no, link(&visitor).tracking(ticket.clone()).await?);
            let page = TrackPage { text: form.text, adding: true, ..page };
            Ok(with_cookie(html(&page)?, cookie))
        }
        Err(WebError::Refused(refusal)) => {
            let status = WebError::from((*refusal).clone()).status();
            let problem = Problem::new(&visitor.words, &refusal);
            html_with(status, &code_page(&visitor, form.no, form.text, problem))
        }
        Err(error) => Err(error),
    }
}

/// Number and code through the limits. What is counted is the number as typed, known or not.
pub(super) async fn admitted(visitor: &Visitor, no: &str, code: &str) -> Result<super::super::link::Ticket, WebError> {
    let counted = text::normalize(no).replace(' ', "");
    let (guesses, address, at) = (&visitor.app.limits.codes, visitor.visit.ip, visitor.app.uptime());
    guesses.check(address, &counted, at)?;
    match link(visitor).admit(no.to_owned(), code.to_owned()).await {
        Ok(ticket) => {
            guesses.succeed(address, &counted);
            Ok(ticket)
        }
        Err(error) => {
            if error.refusal().is_some() {
                guesses.fail(address, &counted, at);
            }
            Err(error.into())
        }
    }
}

/// `POST /p/leave`: forgets the reports open in this browser, for a shared phone.
pub(super) async fn leave(visitor: Visitor) -> Answer {
    Ok(with_cookie(visitor.goto("/p/track"), seat::leave(&visitor.app)))
}

/// A step with its words.
pub(super) struct StepView {
    class: &'static str,
    is_now: bool,
    head: String,
    under: String,
    notes: Vec<NoteView>,
}

pub(super) struct NoteView {
    when: String,
    text: String,
    photos: Vec<AttachmentId>,
}

struct PartView {
    title: String,
    state: String,
}

#[derive(Template)]
#[template(path = "public_track.html", blocks = ["act"])]
pub(super) struct TrackPage {
    w: Words,
    shell: PublicShell,
    of: Tracking,
    promise: Sentence,
    how: Vec<String>,
    steps: Vec<StepView>,
    parts: Vec<PartView>,
    own: Vec<NoteView>,
    looks: Vec<String>,
    path: String,
    idem: [String; 3],
    text: String,
    adding: bool,
    pub(super) problem: Problem,
    pub(super) words: String,
    pub(super) score: i64,
    pub(super) solved: Option<bool>,
}

/// The page of a report that is open in this browser.
pub(super) fn draw(visitor: &Visitor, no: &str, of: Tracking) -> TrackPage {
    let w = visitor.words.clone();
    let look = |(unit, times, last): &(String, i64, kernel::Ts)| {
        let unit = if unit.is_empty() { w.t("public-look-unit") } else { unit.clone() };
        w.ta("public-look", &[("unit", unit), ("times", times.to_string()), ("last", w.when(*last))])
    };
    let idem = || visitor.shell().idem();
    TrackPage {
        promise: say::promise(&w, &of),
        how: of.promise.how.as_ref().map(|how| say::how(&w, how)).unwrap_or_default(),
        steps: of.steps.iter().map(|s| step(&w, s)).collect(),
        parts: of.parts.iter().map(|p| part(&w, p)).collect(),
        own: of.own.iter().map(|o| own(&w, o)).collect(),
        looks: of.contact.looks.iter().map(look).collect(),
        path: track_path(no),
        idem: [idem(), idem(), idem()],
        text: String::new(),
        adding: false,
        problem: Problem::default(),
        words: String::new(),
        score: 0,
        solved: None,
        shell: visitor.shell(),
        of,
        w,
    }
}

impl TrackPage {
    /// What was typed into the form of additions.
    pub(super) fn typed(&mut self, text: String) {
        self.text = text;
        self.adding = true;
    }
}

fn step(w: &Words, of: &Step) -> StepView {
    let note = |n: &super::super::link::Note| NoteView { when: w.when(n.at), text: n.text.clone(), photos: n.photos.clone() };
    StepView {
        class: say::standing(of),
        is_now: matches!(of.standing, Standing::Now | Standing::Stop),
        head: say::step(w, of),
        under: say::under(w, of),
        notes: of.notes.iter().map(note).collect(),
    }
}

fn part(w: &Words, of: &Part) -> PartView {
    let phase = w.t(&format!("public-phase-{}", of.phase));
    let mut state = vec![phase];
    state.extend(of.unit.clone());
    state.extend(of.due.map(|due| w.t1("public-part-due", "due", w.when(due))));
    PartView { title: of.title.clone(), state: state.join(&w.t("public-clause-joint")) }
}

fn own(w: &Words, of: &Own) -> NoteView {
    let what = w.t(&format!("public-own-{}", of.key));
    let when = w.ta("public-own", &[("when", w.when(of.at)), ("what", what)]);
    NoteView { when, text: of.text.clone(), photos: of.photos.clone() }
}

/// `GET /p/track/{no}`
pub(super) async fn show(visitor: Visitor, Path(no): Path<String>) -> Answer {
    let Some(seat) = seat::seat(&visitor.app, &visitor.visit, &no) else {
        return html(&code_page(&visitor, no, String::new(), Problem::default()));
    };
    let visitor = visitor.in_office(seat.ticket.office)?;
    let of = link(&visitor).tracking(seat.ticket.clone()).await?;
    let cookie = seat::sit(&visitor.app, &visitor.visit, &seat.ticket, None, false);
    Ok(with_cookie(html(&draw(&visitor, &no, of))?, cookie))
}

#[derive(Deserialize)]
pub(super) struct Size {
    small: Option<String>,
}

/// `GET /p/track/{no}/photo/{id}`
pub(super) async fn photo(
    visitor: Visitor,
    Path((no, id)): Path<(String, AttachmentId)>,
    Query(size): Query<Size>,
) -> Answer {
    let seat = seat::seat(&visitor.app, &visitor.visit, &no).ok_or_else(WebError::not_found)?;
    jpeg(link(&visitor).picture(seat.ticket, id, size.small.is_some()).await?)
}

/// The refusal of an act, at its form on the same page.
pub(super) fn refused(page: TrackPage, visitor: &Visitor, refusal: &Refusal) -> Answer {
    let status = WebError::from(refusal.clone()).status();
    let page = TrackPage { problem: Problem::new(&visitor.words, refusal), ..page };
    html_with(status, &page)
}
