//! Following: number and code once, then the parcel's way without the code in any address.

use super::super::link::{Note, Own, Part, PublicLink, Standing, Step, Stop, Ticket, Tracking};
use super::super::seat;
use super::say::{self, Sentence};
use super::{jpeg, link, track_path, with_cookie};
use crate::features::catalogue::model::Names;
use crate::web::{self, Answer, Path, Problem, PublicShell, Query, Visitor, WebError, html, html_with};
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
pub(super) async fn admit(visitor: Visitor, web::Form(form): web::Form<CodeForm>) -> Answer {
    match admitted(&visitor, &form.no, &form.code).await {
        Ok(ticket) => {
            let visitor = visitor.in_office(ticket.office)?;
            let cookie = seat::sit(&visitor.app, &visitor.visit, &ticket, None, false);
            if form.text.trim().is_empty() {
                return Ok(with_cookie(visitor.goto(&track_path(&ticket.no)), cookie));
            }
            let page = draw(&visitor, &ticket.no, link(&visitor).tracking(ticket.clone()).await?);
            Ok(with_cookie(html(&page.adding(form.text))?, cookie))
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
pub(super) async fn admitted(visitor: &Visitor, no: &str, code: &str) -> Result<Ticket, WebError> {
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
#[template(path = "public_track.html", blocks = ["rating", "adding"])]
pub(super) struct TrackPage {
    w: Words,
    shell: PublicShell,
    of: Tracking,
    promise: Sentence,
    stop: Option<StopView>,
    how: Vec<String>,
    steps: Vec<StepView>,
    parts: Vec<PartView>,
    own: Vec<NoteView>,
    looks: Vec<String>,
    phone: String,
    rated: String,
    faces: Vec<Face>,
    path: String,
    idem: [String; 3],
    text: String,
    adding: bool,
    problem: Problem,
    failed: Form,
    words: String,
    solved: Option<bool>,
}

/// Which form was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    None,
    Rating,
    Adding,
    Other,
}

struct StopView {
    title: String,
    lines: Vec<(String, String)>,
}

struct Face {
    n: i64,
    text: String,
    chosen: bool,
}

/// The page of a report that is open in this browser.
pub(super) fn draw(visitor: &Visitor, no: &str, of: Tracking) -> TrackPage {
    let w = visitor.words.clone();
    let look = |(unit, times, last): &(String, i64, kernel::Ts)| {
        let unit = if unit.is_empty() { w.t("public-look-unit") } else { unit.clone() };
        w.ta("public-look", &[("unit", unit), ("times", times.to_string()), ("last", w.when(*last))])
    };
    let idem = || visitor.shell().idem();
    let rated = of.rating.as_ref().map(|rating| {
        let score = w.t(&format!("public-score-{}", rating.score));
        w.ta("public-rated-before", &[("at", w.when(rating.at)), ("score", score)])
    });
    let face = |n: i64| Face { n, text: w.t(&format!("public-score-{n}")), chosen: false };
    TrackPage {
        promise: say::promise(&w, &of),
        stop: of.stop.as_ref().map(|stop| stop_view(&w, &of.phase, stop)),
        how: of.promise.how.as_ref().map(|how| say::how(&w, how)).unwrap_or_default(),
        steps: of.steps.iter().map(|s| step(&w, s)).collect(),
        parts: of.parts.iter().map(|p| part(&w, p)).collect(),
        own: of.own.iter().map(|o| own(&w, o)).collect(),
        looks: of.contact.looks.iter().map(look).collect(),
        phone: w.t1("public-contact-kept", "phone", &of.contact.phone),
        rated: rated.unwrap_or_default(),
        faces: (1..=5).map(face).collect(),
        path: track_path(no),
        idem: [idem(), idem(), idem()],
        text: String::new(),
        adding: false,
        problem: Problem::default(),
        failed: Form::None,
        words: String::new(),
        solved: None,
        shell: visitor.shell(),
        of,
        w,
    }
}

impl TrackPage {
    /// With the form of additions open, and what was typed into it.
    pub(super) fn adding(self, text: String) -> TrackPage {
        TrackPage { text, adding: true, ..self }
    }

    /// With what was chosen and typed in the rating.
    pub(super) fn rating(mut self, solved: Option<bool>, score: Option<i64>, words: String) -> TrackPage {
        for face in &mut self.faces {
            face.chosen = score == Some(face.n);
        }
        TrackPage { solved, words, ..self }
    }

    /// The refusal of an act, at its form: the form alone for a script, the page otherwise.
    pub(super) fn refused(self, visitor: &Visitor, form: Form, refusal: &Refusal) -> Answer {
        let status = WebError::from(refusal.clone()).status();
        let mut problem = Problem::new(&visitor.words, refusal);
        if refusal.code == "common.missing" {
            problem.text = visitor.words.t("public-missing-added");
        }
        let page = TrackPage { problem, failed: form, ..self };
        match form {
            Form::Rating if visitor.htmx => html_with(status, &page.as_rating()),
            Form::Adding if visitor.htmx => html_with(status, &page.as_adding()),
            _ => html_with(status, &page),
        }
    }
}

fn stop_view(w: &Words, phase: &str, stop: &Stop) -> StopView {
    let named = |names: &Option<Names>| names.as_ref().map(|n| n.get(w.locale).to_owned());
    let mut lines = Vec::new();
    let mut line = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            lines.push((if key.is_empty() { String::new() } else { w.t(key) }, text));
        }
    };
    let unsaid = stop.reason.is_empty() && stop.ground.is_none();
    line("", named(&stop.ground));
    line("", Some(if unsaid { w.t("public-stop-unknown") } else { stop.reason.clone() }));
    line("public-stop-missing", stop.missing.clone());
    line("public-stop-again", stop.again_on.map(|day| w.full_day(day, true)));
    line("public-stop-route", named(&stop.route));
    line("public-stop-reviewer", stop.reviewer.clone());
    let title = if phase == "refused" { "public-stop-refused" } else { "public-stop-shelved" };
    StopView { title: w.t(title), lines }
}

fn step(w: &Words, of: &Step) -> StepView {
    let note = |n: &Note| NoteView { when: w.when(n.at), text: n.text.clone(), photos: n.photos.clone() };
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

#[derive(Deserialize)]
pub(super) struct Wants {
    add: Option<String>,
}

/// `GET /p/track/{no}`; `?add=1` opens the form of additions.
pub(super) async fn show(visitor: Visitor, Path(no): Path<String>, Query(asked): Query<Wants>) -> Answer {
    let Some(seat) = seat::seat(&visitor.app, &visitor.visit, &no) else {
        return html(&code_page(&visitor, no, String::new(), Problem::default()));
    };
    let visitor = visitor.in_office(seat.ticket.office)?;
    let of = link(&visitor).tracking(seat.ticket.clone()).await?;
    let cookie = seat::sit(&visitor.app, &visitor.visit, &seat.ticket, None, false);
    let page = draw(&visitor, &no, of);
    let page = if asked.add.is_some() { page.adding(String::new()) } else { page };
    Ok(with_cookie(html(&page)?, cookie))
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
