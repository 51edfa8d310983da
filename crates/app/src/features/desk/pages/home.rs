//! 今日待办: one inbox for one person over all posts they hold; the hat is a tag. What is late and what a leader
//! watches stands beside it.

use super::super::model::{Filter, Queue};
use super::super::names::Names;
use super::super::service::row::{self, Piece, RowView};
use super::super::service::{list, queue as queues};
use super::super::store as rows;
use super::{Tile, number, strip};
use crate::actor::Reach;
use crate::context::Cx;
use crate::features::roster::strip::{self as duty, Strip};
use crate::features::tasks::service::look as tasks;
use crate::web::{Answer, Query, Shell, Staff, html};
use crate::words::Words;
use askama::Template;
use serde::Deserialize;
use store::{Result, Tx};

/// Cases of the inbox on the page; the rest is in the queues.
const MOST: usize = 25;
/// Cases of each list beside it.
const SIDE: usize = 6;

/// A list beside the inbox.
struct Side {
    title: String,
    href: String,
    count: String,
    rows: Vec<RowView>,
    empty: String,
}

#[derive(Template)]
#[template(path = "desk_home.html", blocks = ["inbox"])]
struct HomePage {
    w: Words,
    shell: Shell,
    hello: String,
    strips: Vec<Strip>,
    strip: Vec<Tile>,
    heading: String,
    queue: String,
    rows: Vec<RowView>,
    more: String,
    more_label: String,
    empty_title: String,
    empty: String,
    /// Whether the way to report is offered where nothing waits.
    report: bool,
    sides: Vec<Side>,
    /// A new office, and somebody who may bring what it had before.
    fresh: bool,
    live: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in super::super) struct Asked {
    queue: String,
}

struct Seen {
    strips: Vec<Strip>,
    strip: Vec<Tile>,
    rows: Vec<RowView>,
    total: i64,
    sides: Vec<Side>,
    fresh: bool,
}

/// `GET /`.
pub(in super::super) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let (w, live) = (staff.words.clone(), staff.live("cases"));
    let only = Queue::parse(&asked.queue);
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, only)).await?;
    let w = staff.words.clone();
    let more = match only {
        Some(queue) => queue.href().to_owned(),
        None => String::new(),
    };
    let shown = i64::try_from(seen.rows.len()).unwrap_or(i64::MAX);
    let page = HomePage {
        shell: staff.shell("home").await?,
        hello: w.t2(
            "home-hello",
            ("name", &staff.cx.actor.name),
            ("day", &w.full_day(staff.cx.today(), true)),
        ),
        heading: match only {
            Some(queue) => w.t(&format!("queue-{}", queue.as_str())),
            None => w.t1("home-inbox", "n", number(&w, seen.total)),
        },
        queue: only.map(|q| q.as_str().to_owned()).unwrap_or_default(),
        more: if seen.total > shown || only.is_some() { more } else { String::new() },
        more_label: w.t("home-more"),
        empty_title: w.t("home-empty-title"),
        empty: w.t(if queues::of_actor(&staff.cx).is_empty() { "home-no-queue" } else { "home-empty" }),
        report: queues::of_actor(&staff.cx).is_empty() && staff.has("demands.report"),
        strips: seen.strips,
        strip: seen.strip,
        rows: seen.rows,
        sides: seen.sides,
        fresh: seen.fresh,
        live,
        w,
    };
    if staff.htmx || staff.visit.live { html(&page.as_inbox()) } else { html(&page) }
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, only: Option<Queue>) -> Result<Seen> {
    let mut names = Names::read(tx, cx, w)?;
    let hats = queues::of_actor(cx);
    let mut rows = Vec::new();
    let mut total = 0;
    match only {
        Some(queue) => {
            let page = list::page(tx, cx, &Filter::of_queue(queue), MOST)?;
            total = page.total;
            rows = row::views(tx, cx, w, &mut names, &page.rows, Some(queue))?;
        }
        None => {
            for waiting in &queues::inbox(tx, cx, MOST)? {
                let mut view = row::view(tx, cx, w, &mut names, &waiting.row, Some(waiting.queue))?;
                // With one hat there is nothing to tell apart.
                if hats.len() > 1 {
                    view.hat = hat(cx, w, &names, waiting);
                }
                rows.push(view);
            }
            for (_, n) in queues::counts(tx, cx)? {
                total += n;
            }
        }
    }
    for view in &mut rows {
        view.href = format!("/cases/{}", view.id);
    }
    let strips = duty::now(tx, cx, w)?;
    let fresh = cx.actor.has("demands.import")
        && rows::rows_of(tx, cx, &Filter::default(), None, false, 1)?.is_empty();
    Ok(Seen {
        fresh,
        strips,
        strip: strip(tx, cx, w, only)?,
        rows,
        total,
        sides: sides(tx, cx, w, &mut names)?,
    })
}

/// In which hat something waits: what is to be done; that one only helps; for which unit, where one acts for several.
fn hat(cx: &Cx, w: &Words, names: &Names, waiting: &queues::Waiting) -> String {
    let mut hat = w.t(&format!("queue-{}", waiting.queue.as_str()));
    if !matches!(waiting.queue, Queue::Sign | Queue::Handle) {
        return hat;
    }
    let parts = &waiting.row.more.parts;
    let own = |role: &str| parts.iter().find(|p| p.role == role && cx.actor.units.contains(&p.unit));
    let Some(part) = own("lead").or_else(|| own("co")) else { return hat };
    if part.role == "co" {
        hat = format!("{hat} · {}", w.t("role-co"));
    }
    if cx.actor.units.len() > 1 {
        hat = format!("{hat} · {}", names.unit(part.unit));
    }
    hat
}

fn sides(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &mut Names) -> Result<Vec<Side>> {
    let mut out = tasks(tx, cx, w)?;
    if !cx.actor.has("demands.read") {
        return Ok(out);
    }
    let due = |word: &str| Filter { due: word.to_owned(), ..Filter::default() };
    let watched = Filter { supervised: "1".to_owned(), phase: vec!["open".to_owned()], ..Filter::default() };
    let whole = cx.actor.reaches("demands.read").any(|reach| reach == Reach::Office);
    for (key, filter) in
        [("home-late", due("late")), ("home-today", due("today")), ("home-supervised", watched)]
    {
        let page = list::page(tx, cx, &filter, SIDE)?;
        out.push(Side {
            title: w.t(&if whole { format!("{key}-all") } else { key.to_owned() }),
            href: filter.href(),
            count: w.t1("total", "n", number(w, page.total)),
            rows: row::views(tx, cx, w, names, &page.rows, None)?,
            empty: w.t(&format!("{key}-none")),
        });
    }
    Ok(out)
}

/// What others ask of this person's units, where anything waits.
fn tasks(tx: &mut Tx<'_>, cx: &Cx, w: &Words) -> Result<Vec<Side>> {
    let owed = tasks::owed(tx, cx)?;
    if owed.total == 0 {
        return Ok(Vec::new());
    }
    let rows = owed.lines.iter().take(SIDE).filter_map(|line| {
        let (receiver, name, state, _) = line.own.as_ref()?;
        let late = line.due < cx.now;
        let class = match (late, w.is_today(line.due)) {
            (true, _) => "is-red",
            (_, true) => "is-amber",
            _ => "",
        };
        let plain = |text: String| Piece { text, strong: false };
        let due = w.when(line.due);
        Some(RowView {
            id: receiver.to_string(),
            href: format!("/tasks/{}/of/{receiver}", line.id),
            class,
            title: line.title.clone(),
            due: if late { w.t1("home-tasks-late", "when", due) } else { due },
            meta: vec![plain(name.clone()), plain(w.t(&format!("tasks-state-{}", state.as_str())))],
            ..RowView::default()
        })
    });
    Ok(vec![Side {
        title: w.t("home-tasks"),
        href: "/tasks?view=own&state=owed".to_owned(),
        count: w.t1("tasks-total", "n", number(w, owed.total)),
        rows: rows.collect(),
        empty: String::new(),
    }])
}
