//! The form, its sending, and the receipt.

use super::super::inside::is_confidential;
use super::super::link::{
    At, Class, Content, Filing, PHOTOS_MOST, Parcel, Picture, PlaceView, PublicLink, Receipt, Ticket, Trouble,
};
use super::super::seat;
use super::{form_path, jpeg, link, open_path, place_at, say, stand, track_path, with_cookie};
use crate::web::{
    Answer, Form, Path, Problem, PublicShell, Query, Upload, Visitor, WebError, encode, html, html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode};
use kernel::{PlaceId, Refusal};
use serde::Deserialize;
use tokio::sync::Semaphore;

/// Pictures are decoded by so many at once: each may need much memory.
static DECODERS: Semaphore = Semaphore::const_new(3);

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    class: String,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
struct Typed {
    idem: String,
    text: String,
    address: String,
    name: String,
    phone: String,
    share: bool,
    reply: bool,
    same_as: String,
    asked: bool,
    class: Class,
    kept: Vec<Picture>,
}

impl Typed {
    fn read(visitor: &Visitor, upload: &Upload) -> Typed {
        let text = |name: &str| upload.text(name).unwrap_or_default().to_owned();
        let kept = upload.fields.iter().filter(|(name, _)| name == "kept");
        let idem = text("idem");
        Typed {
            // A blank or made-up key would let a retry double.
            idem: if uuid::Uuid::try_parse(&idem).is_ok() { idem } else { visitor.shell().idem() },
            text: text("text").replace("\r\n", "\n"),
            address: text("address"),
            name: text("name"),
            phone: text("phone"),
            share: upload.text("share").is_some(),
            reply: upload.text("reply").is_some(),
            same_as: text("same_as"),
            asked: upload.text("asked").is_some(),
            class: Class::parse(&text("class")),
            kept: kept.filter_map(|(_, value)| seat::kept(&visitor.app, value)).take(PHOTOS_MOST).collect(),
        }
    }
}

/// A picture that is in already, in a form that is shown again.
struct KeptView {
    token: String,
    text: String,
}

#[derive(Template)]
#[template(path = "public_form.html", blocks = ["form"])]
struct FormPage {
    w: Words,
    shell: PublicShell,
    action: String,
    open: String,
    at: String,
    place: PlaceView,
    title: String,
    apart: String,
    typed: Typed,
    kept: Vec<KeptView>,
    room: usize,
    problem: Problem,
    notice: String,
    confidential: bool,
}

fn page(visitor: &Visitor, at: &At, place: PlaceView, typed: Typed) -> FormPage {
    let views = typed.kept.iter().enumerate();
    FormPage {
        w: visitor.words.clone(),
        shell: visitor.shell(),
        action: form_path(at),
        open: open_path(at),
        at: match at {
            At::Token(token) => format!("t{token}"),
            At::Place(id) => format!("p{id}"),
        },
        place,
        kept: views
            .map(|(i, p)| KeptView {
                token: seat::keep(&visitor.app, p),
                text: visitor.words.t1("public-photo-kept", "n", i + 1),
            })
            .collect(),
        room: PHOTOS_MOST.saturating_sub(typed.kept.len()),
        title: visitor.words.t(match typed.class {
            Class::Ordinary => "public-report",
            Class::Report => "public-report-confidential",
            Class::Petition => "public-report-petition",
        }),
        apart: match typed.class {
            Class::Ordinary => String::new(),
            Class::Report => visitor.words.t("public-confidential-report"),
            Class::Petition => visitor.words.t("public-confidential-petition"),
        },
        confidential: is_confidential(typed.class),
        typed,
        problem: Problem::default(),
        notice: String::new(),
    }
}

pub(super) async fn show_token(
    visitor: Visitor,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    show(visitor, At::Token(token), asked).await
}

pub(super) async fn show_place(
    visitor: Visitor,
    Path(place): Path<PlaceId>,
    Query(asked): Query<Asked>,
) -> Answer {
    show(visitor, place_at(place), asked).await
}

async fn show(visitor: Visitor, at: At, asked: Asked) -> Answer {
    let (visitor, place) = stand(&visitor, &at).await?;
    let typed = Typed {
        idem: visitor.shell().idem(),
        reply: true,
        class: Class::parse(&asked.class),
        ..Typed::default()
    };
    html(&page(&visitor, &at, place, typed))
}

pub(super) async fn file_token(visitor: Visitor, Path(token): Path<String>, upload: Upload) -> Answer {
    file(visitor, At::Token(token), upload).await
}

pub(super) async fn file_place(visitor: Visitor, Path(place): Path<PlaceId>, upload: Upload) -> Answer {
    file(visitor, place_at(place), upload).await
}

async fn file(visitor: Visitor, at: At, upload: Upload) -> Answer {
    let (visitor, place) = stand(&visitor, &at).await?;
    let mut typed = Typed::read(&visitor, &upload);
    if let Err(refusal) = visitor.report_limit() {
        return again(&visitor, &at, place, typed, &refusal);
    }
    if let Err(refusal) = take_pictures(&visitor, &upload, &mut typed.kept).await? {
        return again(&visitor, &at, place, typed, &refusal);
    }
    let code = seat::code_of(&visitor.app, place.office, &typed.idem)?;
    let filing = Filing {
        code: code.clone(),
        place: Some(place.place),
        channel: if matches!(at, At::Token(_)) { "qr" } else { "web" }.to_owned(),
        class: typed.class,
        text: typed.text.clone(),
        address: typed.address.clone(),
        name: typed.name.clone(),
        phone: typed.phone.clone(),
        share_contact: typed.share,
        reply_wanted: typed.reply,
        photos: typed.kept.clone(),
        same_as: seat::offered(&visitor.app, &typed.same_as).filter(|_| !is_confidential(typed.class)),
    };
    let parcel = Parcel {
        id: typed.idem.clone(),
        office: place.office,
        made_at: visitor.cx.now,
        content: Content::Filing(Box::new(filing)),
    };
    match link(&visitor).deliver(parcel).await {
        Ok(receipt) => receipt_page(&visitor, receipt, code, typed.asked),
        Err(error) => match error.refusal().cloned() {
            Some(refusal) => again(&visitor, &at, place, typed, &refusal),
            None => Err(error.into()),
        },
    }
}

/// The form again with all that was typed, and what to change.
fn again(visitor: &Visitor, at: &At, place: PlaceView, mut typed: Typed, refusal: &Refusal) -> Answer {
    let reused = refusal.code == "common.key_reused";
    if reused {
        // The first one is in; what stands here now becomes another one only if it is sent once more.
        typed.idem = visitor.shell().idem();
    }
    let status = WebError::from(refusal.clone()).status();
    let mut page = page(visitor, at, place, typed);
    if reused {
        page.notice = visitor.words.t("public-sent-before");
    } else {
        page.problem = Problem::new(&visitor.words, refusal);
        if refusal.code == "common.missing" {
            page.problem.text = visitor.words.t("public-missing-text");
        }
    }
    let status = if reused { StatusCode::CONFLICT } else { status };
    if visitor.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
}

/// Re-encodes and stores the pictures of a form, after those it carried already. The ones that could be read
/// are kept also when another could not.
pub(super) async fn take_pictures(
    visitor: &Visitor,
    upload: &Upload,
    kept: &mut Vec<Picture>,
) -> Result<Result<(), Refusal>, WebError> {
    let sent: Vec<_> = upload.files.iter().filter(|f| f.field == "photos").cloned().collect();
    let too_many = kept.len() + sent.len() > PHOTOS_MOST;
    let room = PHOTOS_MOST.saturating_sub(kept.len());
    let files = visitor.app.files.clone();
    if sent.is_empty() {
        return Ok(Ok(()));
    }
    let permit = DECODERS.acquire().await.map_err(|e| WebError::Failed(e.into()))?;
    let stored = tokio::task::spawn_blocking(move || {
        let stored: Vec<_> =
            sent.into_iter().take(room).map(|f| (files.put_photo(&f.bytes), f.name)).collect();
        drop(permit);
        stored
    })
    .await?;
    let mut problem = None;
    for (result, name) in stored {
        match result {
            Ok(stored) => {
                let picture = Picture::from(stored);
                if !kept.contains(&picture) {
                    kept.push(picture);
                }
            }
            Err(error) => {
                let name: String = name.chars().take(60).collect();
                let refusal = || Refusal::rule("public.photo.unreadable").on("photos").with("name", name);
                match WebError::of_file(error, refusal) {
                    WebError::Refused(refusal) => problem.get_or_insert(*refusal),
                    failed => return Err(failed),
                };
            }
        }
    }
    if too_many {
        problem.get_or_insert(
            Refusal::rule("demands.report.too_many_photos").on("photos").with("most", PHOTOS_MOST),
        );
    }
    Ok(problem.map_or(Ok(()), Err))
}

/// A trouble as it is offered.
pub(super) struct OfferView {
    pub(super) token: String,
    pub(super) what: String,
    pub(super) state: String,
}

pub(super) fn offers(visitor: &Visitor, troubles: &[Trouble]) -> Vec<OfferView> {
    let one = |t: &Trouble| {
        let (what, state) = say::trouble(&visitor.words, t);
        OfferView { token: seat::offer(&visitor.app, t.case), what, state }
    };
    troubles.iter().map(one).collect()
}

#[derive(Template)]
#[template(path = "public_receipt.html", blocks = ["receipt"])]
struct ReceiptPage {
    w: Words,
    shell: PublicShell,
    no: String,
    code: String,
    both: String,
    followed: bool,
    track: String,
    same: String,
    idem: String,
    offers: Vec<OfferView>,
}

fn receipt_page(visitor: &Visitor, receipt: Receipt, code: String, asked: bool) -> Answer {
    let no = receipt.no.clone().unwrap_or_default();
    let similar = if asked { Vec::new() } else { receipt.similar };
    let page = draw_receipt(visitor, &no, code.clone(), receipt.followed, offers(visitor, &similar));
    let ticket = receipt.ticket;
    let cookie =
        ticket.and_then(|t| seat::sit(&visitor.app, &visitor.visit, &t, Some(code), receipt.followed));
    let mut response = if visitor.htmx { html(&page.as_receipt())? } else { html(&page)? };
    if visitor.htmx
        && let Ok(path) = HeaderValue::from_str(&format!("/p/receipt/{}", encode(&no)))
    {
        response.headers_mut().insert("hx-replace-url", path);
    }
    Ok(with_cookie(response, cookie))
}

fn draw_receipt(
    visitor: &Visitor,
    no: &str,
    code: String,
    followed: bool,
    offers: Vec<OfferView>,
) -> ReceiptPage {
    ReceiptPage {
        w: visitor.words.clone(),
        shell: visitor.shell(),
        no: no.to_owned(),
        both: visitor.words.ta("public-copy-both", &[("no", no.to_owned()), ("code", code.clone())]),
        code,
        followed,
        track: track_path(no),
        same: format!("{}/same", track_path(no)),
        idem: visitor.shell().idem(),
        offers,
    }
}

/// `GET /p/receipt/{no}`: once more, in the browser it was made in, for two hours.
pub(super) async fn receipt(visitor: Visitor, Path(no): Path<String>) -> Answer {
    let Some(seat) = seat::seat(&visitor.app, &visitor.visit, &no) else {
        return Ok(visitor.goto(&track_path(&no)));
    };
    let Ticket { office, no, .. } = seat.ticket;
    let visitor = visitor.in_office(office)?;
    match seat.code {
        Some(code) => html(&draw_receipt(&visitor, &no, code, seat.followed, Vec::new())),
        None => Ok(visitor.goto(&track_path(&no))),
    }
}

#[derive(Deserialize)]
pub(super) struct Typing {
    #[serde(default)]
    at: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    class: String,
}

#[derive(Template)]
#[template(path = "public_similar.html")]
struct SimilarBox {
    w: Words,
    offers: Vec<OfferView>,
}

/// Longest text that is looked at while somebody types, in characters.
const LOOKED_AT: usize = 600;

/// `POST /p/similar`: what is being typed may be known already. Writes nothing.
pub(super) async fn similar(visitor: Visitor, Form(typing): Form<Typing>) -> Answer {
    visitor.app.limits.similar.take(visitor.visit.ip, visitor.app.uptime())?;
    let at = match (typing.at.chars().next(), typing.at.get(1..).unwrap_or_default()) {
        (Some('t'), token) => At::Token(token.to_owned()),
        (_, id) => place_at(PlaceId(id.parse().map_err(|_| WebError::not_found())?)),
    };
    let (visitor, place) = stand(&visitor, &at).await?;
    let mut found = Vec::new();
    if !is_confidential(Class::parse(&typing.class)) {
        let text: String = format!("{}\n{}", typing.text, typing.address).chars().take(LOOKED_AT).collect();
        found = link(&visitor).similar(place, text).await?;
    }
    html(&SimilarBox { w: visitor.words.clone(), offers: offers(&visitor, &found) })
}

/// `GET /p/kept/{picture}`: a picture of a form that is shown again, for whoever holds the form.
pub(super) async fn kept(visitor: Visitor, Path(picture): Path<String>) -> Answer {
    let picture = seat::kept(&visitor.app, &picture).ok_or_else(WebError::not_found)?;
    let files = visitor.app.files.clone();
    jpeg(tokio::task::spawn_blocking(move || files.get_small(&picture.hash, 240)).await??)
}
