//! `GET /places/{id}/patrol`: a sheet for whoever walks a grid without a phone 巡查单. Each line is a building or a
//! landmark; its code opens the page of reporting with the place filled in, so that what stands on paper is entered at the
//! desk or by a colleague's phone, with its source and its time.

use crate::features::people::service::{self as people, PostFilter};
use crate::features::places::model::Kind;
use crate::features::places::qr::{self, Qr};
use crate::features::places::service as places;
use crate::web::{Answer, Path, Shell, Staff, base_url, html};
use crate::words::Words;
use askama::Template;
use axum::http::HeaderMap;
use kernel::PlaceId;

/// Lines printed at most: more are several grids, each of which has a sheet of its own.
const LINES_MOST: usize = 200;
/// Lines for what stands nowhere on the list.
const SPARE: usize = 3;

struct Line {
    name: String,
    qr: Qr,
}

#[derive(Template)]
#[template(path = "intake_patrol.html")]
struct PatrolPage {
    w: Words,
    shell: Shell,
    back: PlaceId,
    name: String,
    workers: String,
    lines: Vec<Line>,
    /// More lie within than are printed.
    cut: bool,
}

/// A name in six letters: written out it makes a code too fine for a worn sheet.
pub(super) fn short(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..6].to_owned()
}

pub(super) async fn show(staff: Staff, headers: HeaderMap, Path(id): Path<PlaceId>) -> Answer {
    let (book, place, posts) = staff
        .read(move |tx, cx| {
            let (book, place) = places::seen(tx, cx, id)?;
            let posts = people::posts(tx, cx, &PostFilter { place: Some(id), ..PostFilter::default() })?;
            Ok((book, place, posts))
        })
        .await?;
    let base = base_url(&staff, &headers);
    let within = book.within(id);
    let mut stops: Vec<(String, String)> = Vec::new();
    for stop in within.iter().filter(|p| p.kind == Kind::Building) {
        // Within a community a building's number says nothing without its grid.
        let name = if place.kind == Kind::Community { book.path_label(stop.id) } else { stop.name.clone() };
        stops.push((name, format!("?at={}", stop.id)));
    }
    for mark in book.landmarks().iter().filter(|l| within.iter().any(|p| p.id == l.place)) {
        stops.push((mark.name.clone(), format!("?at={}&mark={}", mark.place, short(&mark.name))));
    }
    let cut = stops.len() > LINES_MOST;
    stops.truncate(LINES_MOST);
    stops.extend((0..SPARE).map(|_| (String::new(), format!("?at={}", place.id))));
    let mut lines = Vec::new();
    for (name, query) in stops {
        lines.push(Line { name, qr: qr::draw(&format!("{base}/report{query}&via=paper"))? });
    }
    let workers: Vec<&str> =
        posts.iter().flat_map(|view| view.holders.iter().map(|h| h.name.as_str())).collect();
    html(&PatrolPage {
        shell: staff.shell("places").await?,
        back: id,
        name: book.path_label(id),
        workers: workers.join("、"),
        lines,
        cut,
        w: staff.words.clone(),
    })
}
