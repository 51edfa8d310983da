//! What a unit without an account sees: the PIN, its parts, and one of them with what it may do.

use super::items::{self, Deed};
use super::model::{Entered, Link, Part, Standing};
use super::service;
use crate::context::{Cx, Source};
use crate::features::intake::model::Photo;
use crate::web::{
    Answer, Form, Path, Problem, PublicShell, Query, Upload, Visitor, WebError, fingerprint, html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use kernel::{AssignmentId, AttachmentId, Refusal, Ts};
use serde::{Deserialize, Serialize};

/// The cookie that stands for a PIN once given.
const COOKIE: &str = "gezhi-u";
/// A part's link is open in a browser so long.
const OPEN_PART: i64 = 12 * Ts::HOUR;
/// A unit's page is opened every day: the foreman gives the PIN once a month.
const OPEN_UNIT: i64 = 30 * Ts::DAY;
/// Links open in one browser.
const OPEN_MOST: usize = 8;
/// Pictures of one act.
const PHOTOS_MOST: usize = 6;
/// Longest side of a picture in a list, in pixels.
const THUMB: u32 = 240;
const BOUND: &str = "hand cookie";

#[derive(Clone, Serialize, Deserialize)]
struct Opened {
    link: i64,
    until: Ts,
}

fn opened(visitor: &Visitor) -> Vec<Opened> {
    let read = |text: &str| -> Option<Vec<Opened>> {
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let office = visitor.app.offices().first()?.id;
        serde_json::from_slice(&visitor.cx.vault.open(office, BOUND, &sealed).ok()?).ok()
    };
    let all: Vec<Opened> = visitor.visit.cookie(COOKIE).and_then(read).unwrap_or_default();
    all.into_iter().filter(|o| o.until > visitor.cx.now).collect()
}

fn remember(visitor: &Visitor, link: &Link) -> Option<HeaderValue> {
    let life = if link.part.is_some() { OPEN_PART } else { OPEN_UNIT };
    let mut all = opened(visitor);
    all.retain(|o| o.link != link.id);
    all.insert(0, Opened { link: link.id, until: visitor.cx.now.plus(life) });
    all.truncate(OPEN_MOST);
    let office = visitor.app.offices().first()?.id;
    let plain = serde_json::to_vec(&all).ok()?;
    let sealed = BASE64URL_NOPAD.encode(&visitor.cx.vault.seal(office, BOUND, &plain).ok()?);
    let secure = if visitor.app.config.secure() { "; Secure" } else { "" };
    let seconds = OPEN_UNIT / Ts::SECOND;
    HeaderValue::from_str(&format!(
        "{COOKIE}={sealed}; Path=/p/u; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}"
    ))
    .ok()
}

/// Who comes: the visitor in the link's office, the link, whether it may be used, and the context of the unit's acts.
struct Hand {
    visitor: Visitor,
    link: Link,
    standing: Standing,
    cx: Cx,
    unit: String,
}

impl Hand {
    async fn of(visitor: &Visitor, token: &str) -> Result<Hand, WebError> {
        visitor.app.limits.hands.take(visitor.visit.ip, visitor.app.uptime())?;
        let (token, now) = (token.to_owned(), visitor.cx.now);
        let (link, standing) = visitor
            .read(move |tx, _| {
                let link = service::find(tx, &token)?;
                let standing = service::standing(tx, now, &link)?;
                Ok((link, standing))
            })
            .await?;
        let visitor = visitor.in_office(link.office)?;
        let cx = visitor.app.cx(&visitor.cx.office, service::actor(&link), Source::Link);
        let unit = link.unit;
        let unit =
            visitor.read(move |tx, cx| Ok(service::names(tx, cx)?.remove(&unit))).await?.unwrap_or_default();
        Ok(Hand { visitor, link, standing, cx, unit })
    }

    fn is_open(&self) -> bool {
        self.standing == Standing::Open && opened(&self.visitor).iter().any(|o| o.link == self.link.id)
    }
}

#[derive(Template)]
#[template(path = "hands_pin.html")]
struct PinPage {
    w: Words,
    shell: PublicShell,
    problem: Problem,
    token: String,
    unit: String,
    /// Blank while it may be used.
    closed: String,
}

struct Line {
    href: String,
    title: String,
    address: String,
    due: String,
    late: bool,
    state: String,
}

#[derive(Template)]
#[template(path = "hands_list.html")]
struct ListPage {
    w: Words,
    shell: PublicShell,
    unit: String,
    open: Vec<Line>,
    done: Vec<Line>,
}

struct PictureView {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "hands_item.html")]
struct ItemPage {
    w: Words,
    shell: PublicShell,
    problem: Problem,
    unit: String,
    /// The list, where there is one.
    back: String,
    action: String,
    no: String,
    title: String,
    text: String,
    address: String,
    due: String,
    late: bool,
    state: String,
    open: bool,
    signed: bool,
    needs_picture: bool,
    close_condition: String,
    result: String,
    told: Vec<(String, String)>,
    pictures: Vec<PictureView>,
    note: String,
}

fn pin_page(hand: &Hand, token: &str, problem: Problem, status: StatusCode) -> Answer {
    let w = hand.visitor.words.clone();
    let closed = match hand.standing {
        Standing::Open => String::new(),
        Standing::Over => w.t("hands-over"),
        Standing::Cut => w.t("hands-cut-off"),
    };
    let (shell, unit) = (hand.visitor.shell(), hand.unit.clone());
    html_with(status, &PinPage { w, shell, problem, token: token.to_owned(), unit, closed })
}

/// `GET /p/u/{token}`
pub(super) async fn show(visitor: Visitor, Path(token): Path<String>) -> Answer {
    let hand = Hand::of(&visitor, &token).await?;
    if !hand.is_open() {
        return pin_page(&hand, &token, Problem::default(), StatusCode::OK);
    }
    let (cx, link) = (hand.cx.clone(), hand.link.clone());
    let parts = visitor.app.db.read(move |tx| items::list(tx, &cx, &link)).await?;
    if let (Some(_), [only]) = (hand.link.part, parts.as_slice()) {
        return draw(&hand, &token, only.id, Problem::default(), String::new(), StatusCode::OK).await;
    }
    let w = hand.visitor.words.clone();
    let line = |part: &Part| Line {
        href: format!("/p/u/{token}/{}", part.id),
        title: part.title.clone(),
        address: part.address.clone(),
        due: part.due.map(|at| w.when(at)).unwrap_or_default(),
        late: part.open && part.due.is_some_and(|at| at < hand.cx.now),
        state: state(&w, part),
    };
    let (open, done): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|p| p.open);
    let (open, done) = (open.into_iter().map(line).collect(), done.into_iter().map(line).collect());
    let shell = hand.visitor.shell();
    html_with(StatusCode::OK, &ListPage { w: w.clone(), shell, unit: hand.unit.clone(), open, done })
}

fn state(w: &Words, part: &Part) -> String {
    match (part.done_at, part.signed_at) {
        (Some(at), _) => w.t1("hands-done-at", "when", w.when(at)),
        (None, _) if !part.open => w.t("hands-closed"),
        (None, Some(at)) => w.t1("hands-signed-at", "when", w.when(at)),
        (None, None) => w.t("hands-to-sign"),
    }
}

#[derive(Deserialize)]
pub(super) struct PinForm {
    #[serde(default)]
    pin: String,
}

/// `POST /p/u/{token}`: the PIN.
pub(super) async fn enter(visitor: Visitor, Path(token): Path<String>, Form(form): Form<PinForm>) -> Answer {
    let hand = Hand::of(&visitor, &token).await?;
    let (cx, link) = (hand.cx.clone(), hand.link.clone());
    let came = visitor.app.db.write(move |tx| service::enter(tx, &cx, &link, &form.pin)).await?;
    let w = &hand.visitor.words;
    let refusal = match came {
        Entered::Right => {
            let mut response = hand.visitor.goto(&format!("/p/u/{token}"));
            if let Some(cookie) = remember(&hand.visitor, &hand.link) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Entered::Wrong { left } => Refusal::rule("hands.pin_wrong").on("pin").with("left", left),
        Entered::Locked { until } => Refusal::rule("hands.pin_locked").on("pin").with("until", w.when(until)),
        Entered::Cut => {
            return pin_page(
                &Hand { standing: Standing::Cut, ..hand },
                &token,
                Problem::default(),
                StatusCode::GONE,
            );
        }
    };
    pin_page(&hand, &token, Problem::new(w, &refusal), StatusCode::UNPROCESSABLE_ENTITY)
}

/// `GET /p/u/{token}/{part}`
pub(super) async fn item(visitor: Visitor, Path((token, part)): Path<(String, AssignmentId)>) -> Answer {
    let hand = Hand::of(&visitor, &token).await?;
    if !hand.is_open() {
        return pin_page(&hand, &token, Problem::default(), StatusCode::OK);
    }
    draw(&hand, &token, part, Problem::default(), String::new(), StatusCode::OK).await
}

async fn draw(
    hand: &Hand,
    token: &str,
    part: AssignmentId,
    problem: Problem,
    note: String,
    status: StatusCode,
) -> Answer {
    let (cx, link, locale) = (hand.cx.clone(), hand.link.clone(), hand.visitor.words.locale);
    let item = hand.visitor.app.db.read(move |tx| items::one(tx, &cx, &link, part, locale)).await?;
    let w = hand.visitor.words.clone();
    let base = format!("/p/u/{token}/{part}");
    let of = &item.part;
    let picture = |(id, kind): &(AttachmentId, String)| PictureView {
        href: format!("{base}/{id}"),
        name: w.t_or(&format!("photo-{kind}"), kind),
    };
    let page = ItemPage {
        problem,
        unit: hand.unit.clone(),
        back: if hand.link.part.is_none() { format!("/p/u/{token}") } else { String::new() },
        no: of.no.clone(),
        title: of.title.clone(),
        text: item.text.clone(),
        address: of.address.clone(),
        due: of.due.map(|at| w.when(at)).unwrap_or_default(),
        late: of.open && of.due.is_some_and(|at| at < hand.cx.now),
        state: state(&w, of),
        open: of.open,
        signed: of.signed_at.is_some(),
        needs_picture: item.needs_picture,
        close_condition: item.close_condition.clone(),
        result: item.result.clone(),
        told: item.told.iter().map(|(at, text)| (w.when(*at), text.clone())).collect(),
        pictures: item.pictures.iter().map(picture).collect(),
        action: base,
        note,
        shell: hand.visitor.shell(),
        w,
    };
    html_with(status, &page)
}

/// The pictures of an act, checked and stored.
async fn keep(visitor: &Visitor, upload: &Upload, kind: &str) -> Result<Vec<Photo>, WebError> {
    let sent: Vec<_> = upload.files.iter().filter(|f| f.field == "photos").cloned().collect();
    if sent.len() > PHOTOS_MOST {
        let refusal = Refusal::rule("demands.report.too_many_photos").on("photos");
        return Err(refusal.with("most", PHOTOS_MOST).into());
    }
    let stored = visitor.keep_photos(sent).await?;
    Ok(stored.into_iter().map(|(_, stored)| Photo { stored, kind: kind.to_owned() }).collect())
}

/// `POST /p/u/{token}/{part}`: signed, told or finished.
pub(super) async fn act(
    visitor: Visitor,
    Path((token, part)): Path<(String, AssignmentId)>,
    upload: Upload,
) -> Answer {
    let hand = Hand::of(&visitor, &token).await?;
    let note = upload.text("note").unwrap_or_default().trim().to_owned();
    if !hand.is_open() {
        return pin_page(&hand, &token, Problem::default(), StatusCode::FORBIDDEN);
    }
    let Some(deed) = upload.text("deed").and_then(Deed::parse) else { return Err(WebError::not_found()) };
    let done = async {
        visitor.report_limit()?;
        let kind = if deed == Deed::Finish { "after" } else { "during" };
        let photos = keep(&visitor, &upload, kind).await?;
        let hashes: Vec<&str> = photos.iter().map(|p| p.stored.hash.as_str()).collect();
        let name = upload.text("deed").unwrap_or_default();
        let request = fingerprint(&("hands.act", hand.link.id, part, name, &note, hashes));
        let (link, note) = (hand.link.clone(), note.clone());
        let doer = Visitor { cx: hand.cx.clone(), ..hand.visitor.clone() };
        doer.write_once(upload.text("idem").unwrap_or_default(), &request, move |tx, cx| {
            items::act(tx, cx, &link, part, deed, &note, &photos)
        })
        .await
    };
    match done.await {
        Ok(()) => {
            let said = match deed {
                Deed::Sign => "hands-signed",
                Deed::Tell => "hands-told",
                Deed::Finish => "hands-finished",
            };
            let back = if hand.link.part.is_some() || deed != Deed::Finish {
                format!("/p/u/{token}/{part}")
            } else {
                format!("/p/u/{token}")
            };
            Ok(hand.visitor.goto_saying(&back, &hand.visitor.words.t(said)))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&hand, &token, part, Problem::new(&hand.visitor.words, &refusal), note, error.status()).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Size {
    whole: String,
}

/// `GET /p/u/{token}/{part}/{picture}`
pub(super) async fn picture(
    visitor: Visitor,
    Path((token, part, id)): Path<(String, AssignmentId, AttachmentId)>,
    Query(size): Query<Size>,
) -> Answer {
    let hand = Hand::of(&visitor, &token).await?;
    if !hand.is_open() {
        return Err(WebError::not_found());
    }
    let (cx, link) = (hand.cx.clone(), hand.link.clone());
    let hash = visitor.app.db.read(move |tx| items::picture(tx, &cx, &link, part, id)).await?;
    let files = visitor.app.files.clone();
    let small = size.whole.is_empty();
    let bytes =
        tokio::task::spawn_blocking(
            move || {
                if small { files.get_small(&hash, THUMB) } else { files.get(&hash) }
            },
        )
        .await??;
    Ok(jpeg(bytes))
}

fn jpeg(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=600")),
    ];
    (headers, bytes).into_response()
}
