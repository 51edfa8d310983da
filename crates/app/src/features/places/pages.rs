//! The pages of places: the whole tree, one place, its QR cards.

use super::book::PlaceBook;
use super::map::{Area, MapView, draw};
use super::model::{Kind, Place, Tally, public_path};
use super::qr::{self, Qr};
use super::service;
use crate::features::people::model::{Holder, PostView};
use crate::features::people::service::{self as people, PostFilter};
use crate::web::{Answer, Path, Query, Shell, Staff, WebError, base_url, encode, html};
use crate::words::Words;
use askama::Template;
use axum::http::HeaderMap;
use geography::Shape;
use kernel::PlaceId;
use serde::Deserialize;
use std::collections::HashMap;

/// Who may see how many demands are open in a place.
const COUNTS: &str = "demands.read";

/// A row of the table of places.
struct Line {
    id: PlaceId,
    depth: usize,
    name: String,
    /// Blank within a place, whose page gives it.
    code: String,
    kind: String,
    grids: String,
    posts: String,
    /// Somebody is missing on a post.
    vacant: bool,
    open: i64,
    open_href: String,
}

#[derive(Template)]
#[template(path = "places.html")]
struct PlacesPage {
    w: Words,
    shell: Shell,
    q: String,
    found: Vec<Found>,
    lines: Vec<Line>,
    map: Option<MapView>,
    sub: String,
    edit: bool,
    /// Whether the figures of open demands are theirs to see.
    counts: bool,
    /// Whether the table lies within a place: short names, no kind.
    within: bool,
}

struct Found {
    href: String,
    name: String,
    label: String,
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /places`: streets and communities with what they add up to, and the search.
pub(super) async fn list(staff: Staff, Query(search): Query<Search>) -> Answer {
    let (book, tallies, shapes) = staff
        .read(|tx, cx| {
            let book = service::book(tx, cx.office.id)?;
            let shown: Vec<PlaceId> = book.of_kind(Kind::Community).map(|p| p.id).collect();
            Ok((book, service::tallies(tx, cx)?, service::shapes(tx, cx.office.id, &shown)?))
        })
        .await?;
    let w = &staff.words;
    let counts = staff.has(COUNTS);
    let mut lines = Vec::new();
    for root in book.children(None).filter(|p| service::may_see(&staff.cx, &book, p)) {
        let visible = |p: &&Place| p.kind <= Kind::Community && service::may_see(&staff.cx, &book, p);
        for place in book.within(root.id).into_iter().filter(visible) {
            let depth = book.line(place.id).len().saturating_sub(1);
            lines.push(line(w, &tallies, place, depth));
        }
    }
    let total = |kind: Kind| book.of_kind(kind).count().to_string();
    let page = PlacesPage {
        found: find(&staff, &book, &search.q),
        map: map_of(
            w,
            &book,
            counts.then_some(&tallies),
            &shapes,
            None,
            w.t(if counts { "places-map" } else { "places-map-plain" }),
        ),
        sub: w.ta(
            "places-sub",
            &[
                ("communities", total(Kind::Community)),
                ("grids", total(Kind::Grid)),
                ("micro", total(Kind::MicroGrid)),
            ],
        ),
        edit: staff.has("places.edit"),
        counts,
        within: false,
        shell: staff.shell("places").await?,
        q: search.q,
        lines,
        w: w.clone(),
    };
    html(&page)
}

fn find(staff: &Staff, book: &PlaceBook, typed: &str) -> Vec<Found> {
    let landmark = |name: &str, place: PlaceId| Found {
        href: format!("/places/{place}"),
        name: name.to_owned(),
        label: book.path_label(place),
    };
    let folded = text::normalize(typed);
    let landmarks = book
        .landmarks()
        .iter()
        .filter(|l| !folded.trim().is_empty() && text::normalize(&l.name).contains(folded.trim()))
        .map(|l| (l.name.as_str(), l.place));
    book.find(typed, 20)
        .into_iter()
        .map(|p| (p.name.as_str(), p.id))
        .chain(landmarks.take(20))
        .filter(|(_, id)| book.get(*id).is_some_and(|p| service::may_see(&staff.cx, book, p)))
        .map(|(name, id)| landmark(name, id))
        .collect()
}

fn line(w: &Words, tallies: &HashMap<PlaceId, Tally>, place: &Place, depth: usize) -> Line {
    let tally = tallies.get(&place.id).copied().unwrap_or_default();
    Line {
        id: place.id,
        depth,
        name: place.name.clone(),
        code: place.code.clone(),
        kind: w.t(&format!("place-kind-{}", place.kind)),
        grids: match place.kind {
            Kind::Grid => w.t1("places-micro-count", "n", tally.micro_grids),
            kind if kind > Kind::Grid => String::new(),
            _ => tally.grids.to_string(),
        },
        posts: if tally.posts == 0 { "—".to_owned() } else { format!("{}/{}", tally.filled, tally.posts) },
        vacant: tally.filled < tally.posts,
        open: tally.open,
        open_href: open_href(place),
    }
}

/// The list behind the number of open cases.
fn open_href(place: &Place) -> String {
    format!("/cases?place={}&open=1", encode(&place.code))
}

/// Some places on one map, shaded by open cases where these may be seen, with the outline around them.
fn map_of(
    w: &Words,
    book: &PlaceBook,
    tallies: Option<&HashMap<PlaceId, Tally>>,
    shapes: &[(PlaceId, Shape)],
    outline: Option<&(PlaceId, Shape)>,
    label: String,
) -> Option<MapView> {
    let around = outline.map(|(_, shape)| Area {
        shape,
        point: None,
        name: String::new(),
        label: String::new(),
        href: String::new(),
        figure: None,
    });
    let parts = shapes.iter().filter_map(|(id, shape)| {
        let place = book.get(*id)?;
        let open = tallies.map(|tallies| tallies.get(id).map_or(0, |t| t.open));
        let name = short_name(book, place);
        Some(Area {
            shape,
            point: place.point,
            label: match open {
                Some(open) => w.t2("places-map-area", ("name", &place.name), ("open", &open)),
                None => place.name.clone(),
            },
            name: match open {
                Some(open) if open > 0 => format!("{name} {open}"),
                _ => name,
            },
            href: format!("/places/{id}"),
            figure: open,
        })
    });
    let areas: Vec<Area<'_>> = around.into_iter().chain(parts).collect();
    draw(label, &areas)
}

/// A name without that of the place above it.
fn short_name(book: &PlaceBook, place: &Place) -> String {
    let above = place.parent.and_then(|id| book.get(id)).map_or("", |p| p.name.as_str());
    place.name.strip_prefix(above).filter(|own| !own.is_empty()).unwrap_or(&place.name).to_owned()
}

#[derive(Template)]
#[template(path = "places_show.html")]
struct ShowPage {
    w: Words,
    shell: Shell,
    id: PlaceId,
    crumbs: Vec<(String, String)>,
    name: String,
    label: String,
    code: String,
    kind: String,
    aliases: String,
    households: String,
    retired: String,
    tally: Tally,
    open_href: String,
    vacant: bool,
    map: Option<MapView>,
    lines: Vec<Line>,
    holders: Vec<HolderLine>,
    landmarks: Vec<(String, String)>,
    versions: Vec<VersionLine>,
    edit: bool,
    counts: bool,
    within: bool,
    public: String,
    has_sheet: bool,
    /// Small enough to be walked: a community or what lies in one.
    patrolled: bool,
}

struct HolderLine {
    title: String,
    unit: String,
    holders: String,
    vacant: bool,
}

struct VersionLine {
    from: String,
    until: String,
    name: String,
    code: String,
    shape: String,
    reason: String,
}

/// `GET /places/{id}`: one place with what lies in it, who holds its posts, its versions.
pub(super) async fn show(staff: Staff, Path(id): Path<PlaceId>) -> Answer {
    let (book, place, tallies, shapes, own, posts, versions) = staff
        .read(move |tx, cx| {
            let (book, place) = service::seen(tx, cx, id)?;
            let below: Vec<PlaceId> = book.children(Some(id)).map(|p| p.id).collect();
            let office = cx.office.id;
            let own = service::shape(tx, office, id)?.map(|shape| (id, shape));
            let posts = people::posts(tx, cx, &PostFilter { place: Some(id), ..PostFilter::default() })?;
            let versions = service::versions(tx, office, id)?;
            Ok((
                book,
                place,
                service::tallies(tx, cx)?,
                service::shapes(tx, office, &below)?,
                own,
                posts,
                versions,
            ))
        })
        .await?;
    let w = &staff.words;
    let counts = staff.has(COUNTS);
    let tally = tallies.get(&id).copied().unwrap_or_default();
    let inside =
        |p: &Place| Line { name: short_name(&book, p), code: String::new(), ..line(w, &tallies, p, 0) };
    let visible = |p: &&Place| service::may_see(&staff.cx, &book, p);
    let crumbs = book.ancestors(id).into_iter().rev().map(|p| (format!("/places/{}", p.id), p.name.clone()));
    let landmarks = book.landmarks().iter().filter(|l| l.place == id);
    let page = ShowPage {
        id,
        crumbs: crumbs.collect(),
        name: place.name.clone(),
        label: book.path_label(id),
        code: place.code.clone(),
        kind: w.t(&format!("place-kind-{}", place.kind)),
        aliases: place.aliases.join(" · "),
        households: place.households.map(|n| n.to_string()).unwrap_or_default(),
        retired: place
            .until_day
            .map(|d| w.t1("places-retired", "day", w.full_day(d, true)))
            .unwrap_or_default(),
        open_href: open_href(&place),
        vacant: tally.filled < tally.posts,
        tally,
        map: map_of(
            w,
            &book,
            counts.then_some(&tallies),
            &shapes,
            own.as_ref(),
            w.t1("places-map-of", "name", &place.name),
        ),
        lines: book.children(Some(id)).filter(visible).map(inside).collect(),
        counts,
        within: true,
        holders: posts
            .iter()
            .map(|view| HolderLine {
                title: view.post.title.clone(),
                unit: view.unit.clone(),
                holders: holders(w, view),
                vacant: view.holders.is_empty(),
            })
            .collect(),
        landmarks: landmarks
            .map(|l| (l.name.clone(), w.t_or(&format!("landmark-{}", l.kind), &l.kind)))
            .collect(),
        versions: versions.iter().map(|v| version_line(w, v)).collect(),
        edit: staff.has("places.edit") && place.is_active(),
        public: place.token.as_deref().map(public_path).unwrap_or_default(),
        patrolled: matches!(place.kind, Kind::Community | Kind::Grid | Kind::MicroGrid),
        has_sheet: book.children(Some(id)).next().is_some(),
        shell: staff.shell("places").await?,
        w: w.clone(),
    };
    html(&page)
}

fn holders(w: &Words, view: &PostView) -> String {
    let name = |h: &Holder| if h.acting { w.t1("places-acting", "name", &h.name) } else { h.name.clone() };
    view.holders.iter().map(name).collect::<Vec<_>>().join(" · ")
}

fn version_line(w: &Words, version: &super::model::PlaceVersion) -> VersionLine {
    VersionLine {
        from: w.full_day(version.from_day, true),
        until: version.until_day.map(|d| w.full_day(d, true)).unwrap_or_default(),
        name: version.name.clone(),
        code: version.code.clone(),
        shape: version.shape.as_ref().map_or_else(
            || w.t("places-no-shape"),
            |s| w.t1("places-area", "km", format!("{:.3}", s.area_m2() / 1e6)),
        ),
        reason: version.reason.clone(),
    }
}

#[derive(Template)]
#[template(path = "places_qr.html")]
struct QrPage {
    w: Words,
    shell: Shell,
    back: PlaceId,
    name: String,
    sheets: Vec<Vec<Card>>,
}

struct Card {
    name: String,
    office: String,
    address: String,
    qr: Qr,
}

/// Cards on a sheet of A4.
const A_SHEET: usize = 6;

/// `GET /places/{id}/qr`: the card of one place.
pub(super) async fn card(staff: Staff, headers: HeaderMap, Path(id): Path<PlaceId>) -> Answer {
    let (book, place) = staff.read(move |tx, cx| service::seen(tx, cx, id)).await?;
    cards(&staff, &headers, &book, id, &[&place]).await
}

#[derive(Deserialize)]
pub(super) struct SheetQuery {
    #[serde(default)]
    kind: String,
}

/// `GET /places/{id}/qr-sheet`: the cards of all places of a kind below one, six to a sheet.
pub(super) async fn sheet(
    staff: Staff,
    headers: HeaderMap,
    Path(id): Path<PlaceId>,
    Query(query): Query<SheetQuery>,
) -> Answer {
    let (book, _) = staff.read(move |tx, cx| service::seen(tx, cx, id)).await?;
    let below = book.within(id);
    let kind = match Kind::parse(&query.kind) {
        Some(kind) => kind,
        None => below.get(1).ok_or_else(WebError::not_found)?.kind,
    };
    let places: Vec<&Place> = below.into_iter().filter(|p| p.kind == kind).collect();
    cards(&staff, &headers, &book, id, &places).await
}

async fn cards(
    staff: &Staff,
    headers: &HeaderMap,
    book: &PlaceBook,
    back: PlaceId,
    places: &[&Place],
) -> Answer {
    let base = base_url(staff, headers);
    let mut made = Vec::new();
    for place in places {
        let Some(token) = &place.token else { continue };
        let url = format!("{base}{}", public_path(token));
        let address = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).to_owned();
        made.push(Card {
            name: book.path_label(place.id),
            office: staff.cx.office.name.clone(),
            address,
            qr: qr::draw(&url)?,
        });
    }
    let mut sheets: Vec<Vec<Card>> = Vec::new();
    for card in made {
        match sheets.last_mut() {
            Some(sheet) if sheet.len() < A_SHEET => sheet.push(card),
            _ => sheets.push(vec![card]),
        }
    }
    let name = book.path_label(back);
    html(&QrPage { shell: staff.shell("places").await?, w: staff.words.clone(), back, name, sheets })
}
