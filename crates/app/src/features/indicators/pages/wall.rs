//! The wall screen: what is late, what came in today, how the month stands; read from across the room. It
//! renews itself when a case moves.

use super::board::{Tile, name, points, tile};
use super::{compute, href, told};
use crate::context::Cx;
use crate::features::indicators::chart::{Chart, draw_tall};
use crate::features::indicators::model::{Ask, By, Row};
use crate::features::indicators::period::{Period, days_up_to};
use crate::features::indicators::service;
use crate::features::places::model::Kind;
use crate::features::places::service as places;
use crate::web::{Answer, Shell, Staff, WebError, html};
use crate::words::Words;
use askama::Template;
use kernel::Day;
use store::Tx;

/// Rows of a list on the wall.
const ROWS: usize = 8;

struct Line {
    label: String,
    value: String,
    late: String,
    late_href: String,
    href: String,
    bar: i64,
}

#[derive(Template)]
#[template(path = "indicators_wall.html", blocks = ["board"])]
struct Page {
    w: Words,
    shell: Shell,
    now: String,
    live: String,
    tiles: Vec<Tile>,
    chart: Chart,
    places: Vec<Line>,
    matters: Vec<Line>,
}

/// `GET /wall`
pub(super) async fn show(staff: Staff) -> Answer {
    html(&page(&staff).await?)
}

/// `GET /wall/board`: the moving part alone.
pub(super) async fn fragment(staff: Staff) -> Answer {
    html(&page(&staff).await?.as_board())
}

async fn page(staff: &Staff) -> Result<Page, WebError> {
    // The version first: what moves after it is fetched again.
    let live = staff.live("cases");
    let (words, today) = (staff.words.clone(), staff.cx.today());
    let (tiles, chart, places, matters) = staff.read(move |tx, cx| read(tx, cx, &words, today)).await?;
    Ok(Page {
        shell: staff.shell("stats").await?,
        now: now(&staff.words, staff),
        live,
        tiles,
        chart,
        places,
        matters,
        w: staff.words.clone(),
    })
}

/// `2026年3月12日 09:30`: from across the room one wants to know that it is today's.
fn now(words: &Words, staff: &Staff) -> String {
    let zoned = staff.cx.now.zoned(&staff.cx.office.tz);
    let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
    words.t2("wall-now", ("day", &words.full_day(staff.cx.today(), true)), ("clock", &clock))
}

type Found = (Vec<Tile>, Chart, Vec<Line>, Vec<Line>);

fn read(tx: &mut Tx<'_>, cx: &Cx, words: &Words, today: Day) -> store::Result<Found> {
    let month = Period::month_of(today);
    let of = |from: Day, to: Day| Ask { from: Some(from), to: Some(to), ..Ask::default() };
    let (day, month) = (of(today, today), of(month.from, month.to));
    let mut tiles = Vec::new();
    for (key, ask, word) in [
        ("demand.received", &day, "wall-received"),
        ("demand.closed", &day, "wall-closed"),
        ("demand.open", &month, "wall-open"),
        ("demand.overdue", &month, "wall-overdue"),
        ("demand.on_time_rate", &month, "wall-on-time"),
        ("demand.satisfaction", &month, "wall-satisfaction"),
    ] {
        let made = tile(tx, cx, words, key, ask, None)?;
        tiles.push(Tile { title: words.t(word), delta: String::new(), ..made });
    }
    let days = days_up_to(today, 30);
    let first = days.first().and_then(|d| Day::parse(d));
    let month_back = Ask { from: first, to: Some(today), by: By::Day, ..Ask::default() };
    let received = compute(tx, cx, words, "demand.received", &month_back)?;
    let closed = compute(tx, cx, words, "demand.closed", &month_back)?;
    let mut chart = draw_tall(&points(words, &received, &days)?, &points(words, &closed, &days)?, false);
    name(&mut chart, words, "figure-chart-days", &[&received, &closed], &days)?;
    let places = open_by(tx, cx, words, By::Place)?;
    let matters = ranked(tx, cx, words, &Ask { by: By::Matter, ..month })?;
    Ok((tiles, chart, places, matters))
}

/// What is open in each place, and how much of it is late.
fn open_by(tx: &mut Tx<'_>, cx: &Cx, words: &Words, by: By) -> store::Result<Vec<Line>> {
    let ask = Ask { by, ..Ask::default() };
    let (open, overdue) = (service::find("demand.open")?, service::find("demand.overdue")?);
    let figure = compute(tx, cx, words, "demand.open", &ask)?;
    let late = compute(tx, cx, words, "demand.overdue", &ask)?;
    let most = figure.rows.iter().filter_map(|r| r.numerator).max().unwrap_or(0).max(1);
    // What stands on the street itself has not been put into a community yet.
    let book = places::book(tx, cx.office.id)?;
    let above = |code: &str| book.by_code(code).is_some_and(|p| p.kind < Kind::Community);
    let line = |row: &Row| {
        let late = late.rows.iter().find(|r| r.key == row.key && r.numerator.unwrap_or(0) > 0);
        let count = late.and_then(|r| r.numerator).unwrap_or(0);
        Line {
            label: if above(&row.key) { words.t("wall-no-community") } else { row.label.clone() },
            value: told(open, row, words),
            late: late.map(|_| words.t1("wall-late", "count", count)).unwrap_or_default(),
            late_href: late.map(|r| href(overdue, &r.link)).unwrap_or_default(),
            href: href(open, &row.link),
            bar: row.numerator.unwrap_or(0) * 100 / most,
        }
    };
    Ok(figure.rows.iter().take(ROWS).map(line).collect())
}

/// The most frequent; what nobody has sorted yet is no matter.
fn ranked(tx: &mut Tx<'_>, cx: &Cx, words: &Words, ask: &Ask) -> store::Result<Vec<Line>> {
    let indicator = service::find("demand.received")?;
    let figure = compute(tx, cx, words, "demand.received", ask)?;
    let rows: Vec<&Row> = figure.rows.iter().filter(|r| !r.key.is_empty()).take(ROWS).collect();
    let most = rows.iter().filter_map(|r| r.numerator).max().unwrap_or(0).max(1);
    let line = |row: &&Row| Line {
        label: row.label.clone(),
        value: told(indicator, row, words),
        late: String::new(),
        late_href: String::new(),
        href: href(indicator, &row.link),
        bar: row.numerator.unwrap_or(0) * 100 / most,
    };
    Ok(rows.iter().map(line).collect())
}
