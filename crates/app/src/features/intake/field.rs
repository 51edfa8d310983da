//! The grid worker's page 现场上报: for a phone in one hand. Six large buttons, a photo, a place of their own
//! grid, sent; and what they sent before.

use super::actions::{Done, number_and_code, store_photos};
use super::form::{PlaceNames, Typed, matter_choice, read_matter};
use super::model::{NewReport, Photo, located_at};
use super::own;
use super::patrol;
use super::service::{self, Stated};
use super::store as rows;
use crate::actor::Reach;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::places;
use crate::features::places::book::PlaceBook;
use crate::features::places::model::Kind;
use crate::features::procedures::model::Input;
use crate::files::{Stored, VOICE_MOST};
use crate::web::{
    Answer, Problem, PublicShell, Query, Staff, Upload, UploadedFile, WebError, fingerprint, html_with,
    with_query,
};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use geography::{Point, distance_m};
use kernel::{CaseId, PlaceId, Refusal, ReportId, Ts};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Result, Tx};

/// For how long what somebody reports counts towards their buttons.
const RECENT: i64 = 60 * Ts::DAY;
const BUTTONS: usize = 6;
const PHOTOS: usize = 4;
/// Places offered at most: more is a list nobody scrolls through in the rain.
const PLACES_MOST: usize = 80;
const PAGE: usize = 20;
const TEXT_MOST: usize = 500;
/// What is sent within this time was seen when it was sent.
const SEEN_LEAST: i64 = 5 * Ts::MINUTE;
/// What was seen longer ago than this is not believed of a phone's clock.
const SEEN_MOST: i64 = 3 * Ts::DAY;
/// The source of what is entered from a patrol sheet.
const PAPER: &str = "paper";
/// For how long a patrol sheet may lie before it is entered.
const PAPER_MOST: i64 = 31 * Ts::DAY;

/// A button of a matter.
struct Button {
    value: String,
    name: String,
    on: bool,
}

/// One of the person's own reports.
struct Mine {
    case: CaseId,
    no: String,
    said: String,
    title: String,
    state: String,
    place: String,
    due: String,
}

struct FieldView {
    buttons: Vec<Button>,
    matters: Vec<String>,
    places: Vec<String>,
    place: String,
    mine: Vec<Mine>,
    /// The address of the next page of their own list; blank at its end.
    next: String,
    grid: String,
    text: String,
    other: String,
    /// Entered from a patrol sheet: when it was seen is asked for.
    paper: bool,
    /// The stop of the sheet, so that what is typed for one line is not kept for another.
    stop: String,
    at: String,
    mark: String,
    seen_at: String,
    /// The latest that may be said, now.
    latest: String,
}

#[derive(Template)]
#[template(path = "intake_field.html", blocks = ["main"])]
struct FieldPage {
    w: Words,
    shell: PublicShell,
    csrf: String,
    idem: String,
    problem: Problem,
    v: FieldView,
    photos: usize,
}

#[derive(Template)]
#[template(path = "intake_field_done.html", blocks = ["main"])]
struct Receipt {
    w: Words,
    shell: PublicShell,
    said: String,
    done: Done,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct At {
    /// Degrees, as a phone gives them.
    lon: Option<f64>,
    lat: Option<f64>,
    after: String,
    /// A place by its id, as the code on a patrol sheet names it, and a landmark there.
    at: Option<i64>,
    mark: String,
    /// `paper`: entered from a patrol sheet.
    via: String,
}

/// Large type unless the person chose otherwise.
pub(super) fn shell(staff: &Staff) -> PublicShell {
    let mut shell = PublicShell::of(&staff.cx.office.name, &staff.visit, staff.words.locale);
    shell.elder = staff.visit.cookie("mode") != Some("plain");
    shell.mode_href = with_query(&staff.visit.target, "mode", if shell.elder { "plain" } else { "elder" });
    shell
}

/// `GET /report?lon=&lat=&after=`
pub(super) async fn show(staff: Staff, Query(at): Query<At>) -> Answer {
    draw(&staff, &Typed::default(), at, Problem::default(), StatusCode::OK, None).await
}

async fn draw(
    staff: &Staff,
    typed: &Typed,
    at: At,
    problem: Problem,
    status: StatusCode,
    idem: Option<String>,
) -> Answer {
    let (words, typed) = (staff.words.clone(), typed.clone());
    let v = staff.read(move |tx, cx| view(tx, cx, &words, &typed, &at)).await?;
    let idem = idem.filter(|key| !key.is_empty()).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let page = FieldPage {
        w: staff.words.clone(),
        shell: shell(staff),
        csrf: staff.csrf.clone(),
        idem,
        problem,
        v,
        photos: PHOTOS,
    };
    if staff.htmx { html_with(status, &page.as_main()) } else { html_with(status, &page) }
}

fn view(tx: &mut Tx<'_>, cx: &Cx, w: &Words, typed: &Typed, at: &At) -> Result<FieldView> {
    let all = catalogue::service::matters_on(tx, cx.office.id, cx.today())?;
    let since = cx.now.plus(-RECENT);
    let mut codes = rows::own_matters(tx, cx, since)?;
    if codes.len() < BUTTONS {
        codes.extend(rows::frequent_matters(tx, cx, since)?);
    }
    // An office on its first day has no habits yet.
    codes.extend(all.iter().filter(|m| m.kind == "event").map(|m| m.code.clone()));
    let chosen = typed.get("matter");
    let mut buttons: Vec<Button> = Vec::new();
    for code in codes {
        let Some(matter) = all.iter().find(|m| m.code == code) else { continue };
        let value = matter_choice(matter, w.locale);
        if buttons.len() < BUTTONS && !buttons.iter().any(|b| b.value == value) {
            let name = matter.names.get(w.locale).to_owned();
            buttons.push(Button { on: value == chosen, name, value });
        }
    }
    let book = places::service::book(tx, cx.office.id)?;
    let grid = own_grid(cx);
    let mut places = places_of(tx, cx, &book, grid, at)?;
    let asked = at.at.and_then(|id| stop(&book, PlaceId(id), &at.mark)).unwrap_or_default();
    let place = Some(typed.get("place")).filter(|p| !p.is_empty()).unwrap_or(&asked);
    if !place.is_empty() && !places.iter().any(|p| p == place) {
        places.insert(0, place.to_owned());
    }
    // The nearest, or the most used of one's own grid; of a whole office no place is likelier than another.
    let known = grid.is_some() || at.lon.is_some();
    let place = match (place, places.first()) {
        ("", Some(first)) if known => first.clone(),
        (typed, _) => typed.to_owned(),
    };
    let (mine, next) = mine(tx, cx, w, &book, &at.after)?;
    let paper = at.via == PAPER || typed.get("via") == PAPER;
    let stop_at = at.at.map_or_else(|| typed.get("at").to_owned(), |id| id.to_string());
    let stop_mark = if at.mark.is_empty() { typed.get("mark").to_owned() } else { at.mark.clone() };
    Ok(FieldView {
        other: if buttons.iter().any(|b| b.on) {
            String::new()
        } else {
            typed.get("matter_other").to_owned()
        },
        buttons,
        matters: all.iter().map(|m| matter_choice(m, w.locale)).collect(),
        places,
        place,
        mine,
        next,
        grid: grid.map(|id| book.path_label(id)).unwrap_or_default(),
        text: typed.get("text").to_owned(),
        stop: if paper { format!(":{stop_at}:{stop_mark}") } else { String::new() },
        at: stop_at,
        mark: stop_mark,
        paper,
        seen_at: typed.get("seen_at").to_owned(),
        latest: cx.now.local(&cx.office.tz),
    })
}

/// What a stop of a patrol sheet is called in the form; none when it is not there any more.
fn stop(book: &PlaceBook, id: PlaceId, mark: &str) -> Option<String> {
    let place = book.get(id).filter(|p| p.is_active())?;
    let names = PlaceNames::of(book);
    let landmark = book.landmarks().iter().find(|l| l.place == id && patrol::short(&l.name) == mark);
    let named = landmark.and_then(|l| names.name_for(&l.name, id));
    Some(named.map_or_else(|| book.path_label(place.id), str::to_owned))
}

/// The grid, or the community, that the person reports from; none for somebody of the whole office.
fn own_grid(cx: &Cx) -> Option<PlaceId> {
    let mut community = None;
    for reach in cx.actor.reaches("demands.report") {
        match reach {
            Reach::Grid(id) => return Some(id),
            Reach::Community(id) => community = Some(id),
            _ => {}
        }
    }
    community
}

/// Buildings and things people mention in the own grid: the nearest first where it is known where the person
/// stands, else the most used.
fn places_of(
    tx: &mut Tx<'_>,
    cx: &Cx,
    book: &PlaceBook,
    grid: Option<PlaceId>,
    at: &At,
) -> Result<Vec<String>> {
    let names = PlaceNames::of(book);
    let inside: Vec<PlaceId> = match grid {
        Some(grid) => book.within(grid).iter().map(|p| p.id).collect(),
        None => book.all().filter(|p| p.is_active() && p.kind >= Kind::Community).map(|p| p.id).collect(),
    };
    let used: HashMap<PlaceId, i64> = rows::own_places(tx, cx, cx.now.plus(-RECENT))?.into_iter().collect();
    let here = at.lon.zip(at.lat).and_then(|(lon, lat)| Point::new(lon, lat).ok());
    // Name, metres, how often used.
    let mut found: Vec<(String, f64, i64)> = Vec::new();
    let metres = |point: Option<Point>| here.zip(point).map_or(f64::MAX, |(a, b)| distance_m(a, b));
    for id in &inside {
        let Some(place) = book.get(*id) else { continue };
        let uses = used.get(id).copied().unwrap_or(0);
        found.push((book.path_label(*id), metres(place.point), uses));
    }
    for landmark in book.landmarks().iter().filter(|l| inside.contains(&l.place)) {
        let name = names.name_for(&landmark.name, landmark.place).unwrap_or_default().to_owned();
        if !name.is_empty() && !found.iter().any(|f| f.0 == name) {
            found.push((name, metres(landmark.point), 0));
        }
    }
    // Stable: what nobody used keeps the order of codes and names.
    found.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.2.cmp(&a.2)));
    Ok(found.into_iter().map(|f| f.0).take(PLACES_MOST).collect())
}

/// A page of what the person sent, newest first, and the address of the next.
fn mine(tx: &mut Tx<'_>, cx: &Cx, w: &Words, book: &PlaceBook, after: &str) -> Result<(Vec<Mine>, String)> {
    let after =
        after.split_once('.').and_then(|(at, id)| Some((Ts(at.parse().ok()?), ReportId(id.parse().ok()?))));
    let mut own = rows::own_reports(tx, cx, after, i64::try_from(PAGE + 1).unwrap_or(0))?;
    let more = own.len() > PAGE;
    own.truncate(PAGE);
    let next = match own.last().filter(|_| more) {
        Some(last) => format!("/report?after={}.{}#mine", last.received_at.0, last.report),
        None => String::new(),
    };
    let mine = own
        .into_iter()
        .map(|own| Mine {
            said: said(w, &own.no),
            state: own::state(w, &own),
            case: own.case,
            title: own.title,
            place: own.grid.map(|id| book.path_label(id)).unwrap_or_default(),
            due: own.due.filter(|_| !own.merged).map(|due| w.when(due)).unwrap_or_default(),
            no: own.no,
        })
        .collect();
    Ok((mine, next))
}

fn said(w: &Words, no: &str) -> String {
    let mut parts = no.rsplitn(3, '-');
    let (last, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    day.parse::<i64>()
        .map_or_else(|_| no.to_owned(), |day| format!("{} {last}", w.full_day(kernel::Day(day), false)))
}

/// `POST /report`
pub(super) async fn send(staff: Staff, upload: Upload) -> Answer {
    let typed = Typed(upload.fields.clone());
    match save(&staff, &typed, &upload).await {
        Ok(done) => {
            let said = said(&staff.words, &done.no);
            let receipt = Receipt { w: staff.words.clone(), shell: shell(&staff), said, done };
            if staff.htmx { crate::web::html(&receipt.as_main()) } else { crate::web::html(&receipt) }
        }
        Err(error) => match error.refusal() {
            None => Err(error),
            Some(refusal) => {
                let problem = Problem::new(&staff.words, refusal);
                let idem = typed.get("idem").to_owned();
                draw(&staff, &typed, At::default(), problem, error.status(), Some(idem)).await
            }
        },
    }
}

async fn save(staff: &Staff, typed: &Typed, upload: &Upload) -> std::result::Result<Done, WebError> {
    let spot = typed.get("end") == "spot";
    let (voices, pictures): (Vec<_>, Vec<_>) = upload.files.iter().cloned().partition(|f| f.field == "voice");
    if pictures.len() > PHOTOS {
        return Err(Refusal::rule("demands.report.too_many_photos").on("photos").with("most", PHOTOS).into());
    }
    if spot && pictures.len() < 2 {
        return Err(Refusal::rule("intake.spot.two_photos").on("photos").into());
    }
    let given = typed.clone();
    let (mut report, stated) = staff.read(move |tx, cx| read(tx, cx, &given)).await?;
    let stored = store_photos(staff, &pictures).await?;
    let spoken = store_voice(staff, voices.into_iter().next()).await?;
    let hashes: Vec<&str> = stored.iter().chain(&spoken).map(|s| s.hash.as_str()).collect();
    let request = fingerprint(&("intake.field", typed.essence(), hashes));
    let kind = |i: usize| match (spot, i) {
        (true, 0) => "before",
        (true, _) => "after",
        (false, _) => "scene",
    };
    report.photos = stored
        .into_iter()
        .enumerate()
        .map(|(i, stored)| Photo { stored, kind: kind(i).to_owned() })
        .chain(spoken.map(|stored| Photo { stored, kind: "voice".to_owned() }))
        .collect();
    if spot {
        report.on_spot = Some(Input { note: Some(report.text.clone()), ..Input::default() });
    }
    (report.no, report.code) = number_and_code(staff, "ordinary").await?;
    let end = if spot { "spot" } else { "new" };
    staff
        .write_once(typed.get("idem"), &request, move |tx, cx| {
            let received = service::receive_stated(tx, cx, &report, &stated)?;
            Done::new(cx, received.no, received.case, end, None)
        })
        .await
}

fn read(tx: &mut Tx<'_>, cx: &Cx, typed: &Typed) -> Result<(NewReport, Stated)> {
    let chosen =
        Some(typed.get("matter")).filter(|m| !m.is_empty()).unwrap_or_else(|| typed.get("matter_other"));
    let Some(matter) = read_matter(tx, cx, chosen)? else { return Err(Refusal::missing("matter").into()) };
    let text = typed.get("text");
    if text.chars().count() > TEXT_MOST {
        return Err(Refusal::rule("demands.report.text_too_long").on("text").with("most", TEXT_MOST).into());
    }
    let book = places::service::book(tx, cx.office.id)?;
    let name = typed.get("place");
    let place = if name.is_empty() { own_grid(cx) } else { PlaceNames::of(&book).find(&book, name) };
    let place = place.ok_or_else(|| Refusal::rule("intake.place.unknown").on("place").with("text", name))?;
    let located = places::service::located(tx, cx.office.id, place)?;
    let is_name = book.path_label(place) == name || name.is_empty();
    let address =
        if is_name { String::new() } else { name.split(" · ").next().unwrap_or_default().to_owned() };
    let report = NewReport {
        channel: "grid".to_owned(),
        kind: "event".to_owned(),
        class: "ordinary".to_owned(),
        // A photo and a button say enough.
        text: if text.is_empty() { matter.names.zh.clone() } else { text.to_owned() },
        title: if text.is_empty() { matter.names.zh.clone() } else { String::new() },
        at: located_at(located, address),
        ..NewReport::default()
    };
    let paper = typed.get("via") == PAPER;
    let seen = if paper { seen_on_paper(cx, typed)? } else { seen(cx.now, typed) };
    let via = paper.then(|| PAPER.to_owned());
    Ok((report, Stated { matter: Some(matter.id), seen, via }))
}

/// When it was seen: the earliest that the phone says of its pictures and of the first key pressed, where that is well
/// before now. What is too long ago is an old picture or a wrong clock, and not believed.
fn seen(now: Ts, typed: &Typed) -> Option<Ts> {
    let said = typed.get("photo_times").split(',').chain([typed.get("seen")]);
    let believed = |at: &Ts| (SEEN_LEAST..=SEEN_MOST).contains(&now.since(*at));
    said.filter_map(|text| text.trim().parse().ok()).map(Ts).filter(believed).min()
}

/// When it was seen by what stands on a patrol sheet; blank is taken for now.
fn seen_on_paper(cx: &Cx, typed: &Typed) -> std::result::Result<Option<Ts>, Refusal> {
    let text = typed.get("seen_at");
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::rule("intake.seen").on("seen_at").with("days", PAPER_MOST / Ts::DAY);
    let at = Ts::parse_local(text, &cx.office.tz).ok_or_else(wrong)?;
    if (0..=PAPER_MOST).contains(&cx.now.since(at)) { Ok(Some(at)) } else { Err(wrong()) }
}

/// Stores what was spoken before the write that names it.
async fn store_voice(
    staff: &Staff,
    file: Option<UploadedFile>,
) -> std::result::Result<Option<Stored>, WebError> {
    let Some(file) = file else { return Ok(None) };
    let app = Arc::clone(&staff.app);
    let stored = tokio::task::spawn_blocking(move || app.files.put_voice(&file.bytes)).await?;
    let refusal =
        || Refusal::rule("intake.voice.unreadable").on("voice").with("most", VOICE_MOST / 1024 / 1024);
    Ok(Some(stored.map_err(|error| WebError::of_file(error, refusal))?))
}
