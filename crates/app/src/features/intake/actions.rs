//! What the desk's form does: three ends, drafts, giving up.

use super::drafts;
use super::form::{self, Read, Typed};
use super::model::Photo;
use super::pages::{self, FormView};
use super::service::{self, Stated};
use super::suggest::Alike;
use crate::context::Cx;
use crate::features::knowledge::service as knowledge;
use crate::features::places;
use crate::features::procedures::model::{Ask, Input};
use crate::features::procedures::numbers::Series;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::CaseState;
use crate::files::Stored;
use crate::web::{
    Answer, Form, Path, Problem, Shell, Staff, Upload, UploadedFile, WebError, fingerprint, html, keep_photos,
};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AccountId, CaseId, Refusal, Ts};
use serde::{Deserialize, Serialize};
use store::{Error, Result, Tx};

/// What a press of a key brought about, as it is answered again to a retry. The tracking code is sealed: it is
/// for the requester and stands nowhere in the clear.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) no: String,
    pub(super) case: CaseId,
    pub(super) end: String,
    sealed: Option<String>,
}

const BOUND: &str = "intake answer";

impl Done {
    pub(super) fn new(cx: &Cx, no: String, case: CaseId, end: &str, code: Option<&str>) -> Result<Done> {
        let seal = |code: &str| cx.vault.seal(cx.office.id, BOUND, code.as_bytes());
        let sealed = code.map(seal).transpose()?.map(|s| data_encoding::BASE64.encode(&s));
        Ok(Done { no, case, end: end.to_owned(), sealed })
    }

    /// The tracking code in two groups, as it is read out.
    pub(super) fn code(&self, cx: &Cx) -> Result<String> {
        let Some(sealed) = &self.sealed else { return Ok(String::new()) };
        let sealed =
            data_encoding::BASE64.decode(sealed.as_bytes()).map_err(|e| Error::failed(e.to_string()))?;
        let code = String::from_utf8(cx.vault.open(cx.office.id, BOUND, &sealed)?).unwrap_or_default();
        let (first, rest) = code.split_at_checked(4).unwrap_or((code.as_str(), ""));
        Ok(format!("{first} {rest}").trim().to_owned())
    }

    /// The number as it is said aloud: the day and the last digits.
    pub(super) fn said(&self, w: &Words) -> String {
        let mut parts = self.no.rsplitn(3, '-');
        let (last, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match day.parse::<i64>() {
            Ok(day) => format!("{} {last}", w.full_day(kernel::Day(day), false)),
            Err(_) => self.no.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "intake_done.html")]
struct DonePanel {
    w: Words,
    said: String,
    code: String,
    done: Done,
    icons: String,
}

#[derive(Template)]
#[template(path = "intake_done_page.html")]
struct DonePage {
    w: Words,
    shell: Shell,
    said: String,
    code: String,
    done: Done,
    icons: String,
}

#[derive(Template)]
#[template(path = "intake_closed.html")]
struct Closed {}

fn account(cx: &Cx) -> AccountId {
    cx.actor.account.unwrap_or(AccountId(0))
}

/// `POST /intake`
pub(super) async fn register(staff: Staff, upload: Upload) -> Answer {
    let typed = Typed(upload.fields);
    let end = match typed.get("give") {
        "" => typed.one_of("end", &["new", "answered", "urge", "discard"]),
        _ => "answered",
    };
    let outcome = match end {
        "discard" => return discard(&staff, &typed).await,
        "urge" => urge(&staff, &typed).await,
        _ => save(&staff, &typed, &upload.files, end).await,
    };
    match outcome {
        Ok(Outcome::Done(done)) => answer(&staff, done).await,
        Ok(Outcome::Choose(own)) => redraw(&staff, typed, Problem::default(), own, StatusCode::OK).await,
        Err(error) => match error.refusal() {
            None => Err(error),
            Some(refusal) => {
                let problem = problem(&staff.words, refusal);
                redraw(&staff, typed, problem, Vec::new(), error.status()).await
            }
        },
    }
}

enum Outcome {
    Done(Done),
    Choose(Vec<Alike>),
}

/// The services name the fields of a report; the form has names of its own.
fn problem(w: &Words, refusal: &Refusal) -> Problem {
    let mut problem = Problem::new(w, refusal);
    problem.field = match problem.field {
        "text" => "notes",
        "phone" => "contact_phone",
        "note" => "answer",
        "number" => "upper_number",
        other => other,
    };
    problem
}

async fn redraw(
    staff: &Staff,
    typed: Typed,
    problem: Problem,
    own: Vec<Alike>,
    status: StatusCode,
) -> Answer {
    let (id, idem) = (typed.get("draft").to_owned(), typed.get("idem").to_owned());
    let started = typed.id("started").map(Ts);
    let words = staff.words.clone();
    let mut form: FormView = staff.read(move |tx, cx| pages::view(tx, cx, &words, typed.clone())).await?;
    form.problem = problem;
    form.own = own;
    form.started = started.unwrap_or(staff.cx.now);
    let id = if drafts::is_id(&id) { id } else { uuid::Uuid::now_v7().to_string() };
    // An answer that is no refusal uses up the key: the next press is another act.
    let idem = if status == StatusCode::OK { uuid::Uuid::now_v7().to_string() } else { idem };
    pages::dress(staff, &mut form, id, idem);
    pages::again(staff, form, status).await
}

async fn answer(staff: &Staff, done: Done) -> Answer {
    let (code, said) = (done.code(&staff.cx)?, done.said(&staff.words));
    let (w, icons) = (staff.words.clone(), staff.plain_shell("").icons);
    if staff.htmx {
        return html(&DonePanel { w, said, code, done, icons });
    }
    html(&DonePage { w, shell: staff.shell("").await?, said, code, done, icons })
}

async fn discard(staff: &Staff, typed: &Typed) -> Answer {
    let draft = typed.get("draft").to_owned();
    staff.write(move |tx, cx| drafts::drop(tx, cx, account(cx), &draft)).await?;
    if staff.htmx { html(&Closed {}) } else { Ok(staff.goto("/")) }
}

/// Stores pictures before the write that names them.
pub(super) async fn store_photos(
    staff: &Staff,
    files: &[UploadedFile],
) -> std::result::Result<Vec<Stored>, WebError> {
    let stored = keep_photos(&staff.app, files.to_vec(), "intake.photo.unreadable").await?;
    Ok(stored.into_iter().map(|(_, stored)| stored).collect())
}

/// A number of the office's series and a tracking code, taken before the write.
pub(super) async fn number_and_code(
    staff: &Staff,
    class: &str,
) -> std::result::Result<(String, String), WebError> {
    let office = &staff.cx.office;
    let (series, today) = (Series::of_class(class), staff.cx.today());
    let no = staff.app.numbers.take(&staff.app.db, office.id, &office.short, series, today).await?;
    Ok((no, text::tracking_code(&crate::crypto::random()?)))
}

async fn save(
    staff: &Staff,
    typed: &Typed,
    files: &[UploadedFile],
    end: &'static str,
) -> std::result::Result<Outcome, WebError> {
    let given = typed.clone();
    let mut read = staff.read(move |tx, cx| form::read(tx, cx, &given)).await?;
    if end == "answered" {
        staff.cx.actor.need("demands.accept")?;
        if let Some(given) = read.given {
            let content = staff.read(move |tx, cx| knowledge::offered(tx, cx, given)).await?;
            let own = staff.app.words(&staff.cx.office, staff.app.locale(staff.cx.office.id), staff.cx.now);
            read.answer = [read.answer.as_str(), &content.told(&own)].join("\n").trim().to_owned();
        }
        if read.answer.is_empty() {
            return Err(Refusal::missing("answer").into());
        }
    }
    service::check(&read.report)?;
    let stored = store_photos(staff, files).await?;
    let hashes: Vec<&str> = stored.iter().map(|s| s.hash.as_str()).collect();
    let request = fingerprint(&("intake.register", typed.essence(), hashes));
    read.report.photos =
        stored.into_iter().map(|stored| Photo { stored, kind: "scene".to_owned() }).collect();
    let (no, code) = number_and_code(staff, &read.report.class).await?;
    (read.report.no, read.report.code) = (no, code);
    let draft = typed.get("draft").to_owned();
    let done = staff
        .write_once(typed.get("idem"), &request, move |tx, cx| write(tx, cx, &read, end, &draft))
        .await?;
    Ok(Outcome::Done(done))
}

/// Receives, answers where it ends at once, and lets go of the draft: all or nothing.
fn write(tx: &mut Tx<'_>, cx: &Cx, read: &Read, end: &str, draft: &str) -> Result<Done> {
    let stated = Stated { matter: read.matter, via: read.via.map(str::to_owned), ..Stated::default() };
    let received = service::receive_stated(tx, cx, &read.report, &stated)?;
    if end == "answered" {
        let input = Input {
            note: Some(read.answer.clone()),
            matter: read.matter,
            given: read.given.map(|g| (g.entry, g.version)),
            ..Input::default()
        };
        engine::act(tx, cx, &Ask { case: received.case, action: "answer".to_owned(), version: None, input })?;
        if let Some(given) = read.given {
            knowledge::used(tx, cx, given, received.case)?;
        }
    }
    drafts::drop(tx, cx, account(cx), draft)?;
    Done::new(cx, received.no, received.case, end, Some(&received.code))
}

/// Urges an open case: the one chosen, or one of the caller's own, which are looked up once and logged.
async fn urge(staff: &Staff, typed: &Typed) -> std::result::Result<Outcome, WebError> {
    let Some(case) = typed.id("urge_case").map(CaseId) else { return callers(staff, typed).await };
    let note = Some(typed.get("notes").to_owned()).filter(|n| !n.is_empty());
    let draft = typed.get("draft").to_owned();
    let request = fingerprint(&("intake.urge", case, &note));
    let done = staff
        .write_once(typed.get("idem"), &request, move |tx, cx| {
            let input = Input { note: note.clone(), ..Input::default() };
            let acted = engine::act(tx, cx, &Ask { case, action: "urge".to_owned(), version: None, input })?;
            drafts::drop(tx, cx, account(cx), &draft)?;
            Done::new(cx, acted.no, case, "urge", None)
        })
        .await?;
    Ok(Outcome::Done(done))
}

async fn callers(staff: &Staff, typed: &Typed) -> std::result::Result<Outcome, WebError> {
    let phone = typed.get("contact_phone").to_owned();
    if phone.is_empty() {
        return Err(Refusal::rule("intake.urge.which").on("contact_phone").into());
    }
    let words = staff.words.clone();
    let own = staff
        .write(move |tx, cx| {
            let cases = service::open_cases_of_caller(tx, cx, &phone)?;
            let book = places::service::book(tx, cx.office.id)?;
            let alone = cases.len() == 1;
            let view = |case: CaseState| {
                let place = case.at.grid.or(case.at.community);
                Alike {
                    id: case.id,
                    state: words.t_or(&format!("state-{}", case.state.replace('_', "-")), &case.state),
                    place: place.map(|id| book.path_label(id)).unwrap_or_default(),
                    when: words.when(case.opened_at),
                    no: case.no,
                    title: case.title,
                    chosen: alone,
                }
            };
            Ok(cases.into_iter().map(view).collect::<Vec<_>>())
        })
        .await?;
    if own.is_empty() {
        return Err(Refusal::rule("intake.urge.none").on("contact_phone").into());
    }
    Ok(Outcome::Choose(own))
}

/// `POST /intake/drafts/{id}`: the form as it stands, and `seq`, the page's clock.
pub(super) async fn keep(
    staff: Staff,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    if !drafts::is_id(&id) {
        return Err(WebError::not_found());
    }
    let typed = Typed(fields);
    let now = staff.cx.now;
    let seq = typed.id("seq").map_or(now, Ts);
    let started = typed.id("started").map_or(now, |ms| Ts(ms.clamp(0, now.0)));
    const OUT: [&str; 4] = ["csrf", "idem", "seq", "draft"];
    let fields: drafts::Fields = typed.0.into_iter().filter(|(n, _)| !OUT.contains(&n.as_str())).collect();
    staff.write(move |tx, cx| drafts::put(tx, cx, account(cx), &id, (started, seq), &fields)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
