//! What a requester does about their own report: add, urge, rate, join, erase. Each is a parcel.

use super::super::link::{Act, Content, Parcel, PublicLink, Ticket};
use super::super::seat::{self, Seat};
use super::filing::take_pictures;
use super::track::TrackPage;
use super::{link, track, track_path, with_cookie};
use crate::web::{Answer, Form, Path, Upload, Visitor, WebError};
use kernel::Refusal;
use serde::Deserialize;

/// The report that is open in this browser, and the visitor in its office.
fn seated(visitor: &Visitor, no: &str) -> Option<(Visitor, Seat)> {
    let seat = seat::seat(&visitor.app, &visitor.visit, no)?;
    Some((visitor.in_office(seat.ticket.office).ok()?, seat))
}

/// A form of the page that carried an act: shown again with what was typed when the act is refused.
struct Shown<F> {
    form: track::Form,
    typed: F,
}

fn plain() -> Shown<impl FnOnce(TrackPage) -> TrackPage> {
    Shown { form: track::Form::Other, typed: |page| page }
}

/// Delivers an act and goes back to the page with a word about it.
async fn deliver<F: FnOnce(TrackPage) -> TrackPage>(
    visitor: &Visitor,
    ticket: Ticket,
    idem: &str,
    act: Act,
    said: &str,
    shown: Shown<F>,
) -> Answer {
    let id = if uuid::Uuid::try_parse(idem).is_ok() { idem.to_owned() } else { visitor.shell().idem() };
    let content = Content::Act(ticket.clone(), act);
    let parcel = Parcel { id, office: ticket.office, made_at: visitor.cx.now, content };
    match link(visitor).deliver(parcel).await {
        Ok(receipt) => {
            let cookie = seat::sit(&visitor.app, &visitor.visit, &ticket, None, receipt.followed);
            Ok(with_cookie(visitor.goto_saying(&track_path(&ticket.no), &visitor.words.t(said)), cookie))
        }
        Err(error) => match error.refusal().cloned() {
            Some(refusal) => refused(visitor, ticket, &refusal, shown).await,
            None => Err(error.into()),
        },
    }
}

async fn refused<F: FnOnce(TrackPage) -> TrackPage>(
    visitor: &Visitor,
    ticket: Ticket,
    refusal: &Refusal,
    shown: Shown<F>,
) -> Answer {
    let of = link(visitor).tracking(ticket.clone()).await?;
    (shown.typed)(track::draw(visitor, &ticket.no, of)).refused(visitor, shown.form, refusal)
}

/// `POST /p/track/{no}/add`: 补充说明
pub(super) async fn add(visitor: Visitor, Path(no): Path<String>, upload: Upload) -> Answer {
    let text = upload.text("text").unwrap_or_default().replace("\r\n", "\n");
    let Some((visitor, seat)) = seated(&visitor, &no) else { return track::ask_again(&visitor, &no, text) };
    let put_back = text.clone();
    let typed = Shown { form: track::Form::Adding, typed: move |page: TrackPage| page.adding(put_back) };
    if let Err(refusal) = visitor.report_limit() {
        return refused(&visitor, seat.ticket, &refusal, typed).await;
    }
    let mut photos = Vec::new();
    if let Err(refusal) = take_pictures(&visitor, &upload, &mut photos).await? {
        return refused(&visitor, seat.ticket, &refusal, typed).await;
    }
    let idem = upload.text("idem").unwrap_or_default();
    deliver(&visitor, seat.ticket, idem, Act::Add { text, photos }, "public-added", typed).await
}

#[derive(Deserialize)]
pub(super) struct Pressed {
    #[serde(default)]
    idem: String,
    #[serde(default)]
    same_as: String,
}

/// `POST /p/track/{no}/urge`: 催办
pub(super) async fn urge(visitor: Visitor, Path(no): Path<String>, Form(form): Form<Pressed>) -> Answer {
    let Some((visitor, seat)) = seated(&visitor, &no) else {
        return track::ask_again(&visitor, &no, String::new());
    };
    deliver(&visitor, seat.ticket, &form.idem, Act::Urge, "public-urged", plain()).await
}

/// `POST /p/track/{no}/same`: "that is the one", said on the receipt.
pub(super) async fn same(visitor: Visitor, Path(no): Path<String>, Form(form): Form<Pressed>) -> Answer {
    let Some((visitor, seat)) = seated(&visitor, &no) else {
        return track::ask_again(&visitor, &no, String::new());
    };
    let Some(case) = seat::offered(&visitor.app, &form.same_as) else {
        return Ok(visitor.goto(&track_path(&no)));
    };
    deliver(&visitor, seat.ticket, &form.idem, Act::Same { case }, "public-joined", plain()).await
}

#[derive(Deserialize)]
pub(super) struct RateForm {
    #[serde(default)]
    idem: String,
    #[serde(default)]
    score: Option<i64>,
    #[serde(default)]
    solved: String,
    #[serde(default)]
    words: String,
}

/// `POST /p/track/{no}/rate`
pub(super) async fn rate(visitor: Visitor, Path(no): Path<String>, Form(form): Form<RateForm>) -> Answer {
    let Some((visitor, seat)) = seated(&visitor, &no) else {
        return track::ask_again(&visitor, &no, form.words);
    };
    let solved = match form.solved.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let (words, score) = (form.words.replace("\r\n", "\n"), form.score);
    let put_back = words.clone();
    let typed = Shown {
        form: track::Form::Rating,
        typed: move |page: TrackPage| page.rating(solved, score, put_back),
    };
    let Some(solved) = solved else {
        let refusal = Refusal::rule("public.act.solved_or_not").on("solved");
        return refused(&visitor, seat.ticket, &refusal, typed).await;
    };
    let said = if solved { "public-rated" } else { "public-reopened" };
    deliver(&visitor, seat.ticket, &form.idem, Act::Rate { score, solved, words }, said, typed).await
}

#[derive(Deserialize)]
pub(super) struct EraseForm {
    #[serde(default)]
    idem: String,
    #[serde(default)]
    code: String,
}

/// `POST /p/track/{no}/erase`: the code once more, because nothing brings the contact back.
pub(super) async fn erase(visitor: Visitor, Path(no): Path<String>, Form(form): Form<EraseForm>) -> Answer {
    let Some((visitor, seat)) = seated(&visitor, &no) else {
        return track::ask_again(&visitor, &no, String::new());
    };
    match track::admitted(&visitor, &no, &form.code).await {
        Ok(ticket) if ticket == seat.ticket => {}
        Ok(_) => return Err(WebError::not_found()),
        Err(WebError::Refused(refusal)) => return refused(&visitor, seat.ticket, &refusal, plain()).await,
        Err(error) => return Err(error),
    }
    deliver(&visitor, seat.ticket, &form.idem, Act::Erase, "public-erased", plain()).await
}
