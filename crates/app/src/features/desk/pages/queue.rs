//! A desk: list and case side by side. The dispatcher's board and the desks for accepting, ruling, approving,
//! signing, handling, verifying and calling back are this page over different queues.

use super::super::model::{CaseRow, Filter, Page, Queue};
use super::super::names::Names;
use super::super::service::case::{self as cases, CaseView, Wanted};
use super::super::service::forms::{Choice, Field};
use super::super::service::input::Typed;
use super::super::service::list;
use super::super::service::row::{self, RowView};
use super::case::Revealed;
use super::{Menu, Tile, address, number, strip};
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::places::model::Kind;
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, WebError, html};
use crate::words::Words;
use askama::Template;
use kernel::CaseId;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{Result, Tx};

/// A desk's page.
#[derive(Template)]
#[template(path = "desk_queue.html", blocks = ["detail", "queue", "strip"])]
pub(in super::super) struct DeskPage {
    pub w: Words,
    pub shell: Shell,
    pub title: String,
    pub empty: String,
    pub chosen: bool,
    pub strip: Vec<Tile>,
    pub menus: Vec<Menu>,
    pub rows: Vec<RowView>,
    pub total: String,
    pub prev: String,
    pub next: String,
    pub live: String,
    pub live_src: String,
    pub case: Option<CaseView>,
    pub back: String,
    pub from: String,
    pub from_enc: String,
    pub notice: String,
    pub problem: Problem,
    pub news: Vec<String>,
    pub revealed: Option<Revealed>,
    /// The address that shows the chosen case.
    pub here: String,
    /// Whether tickets of upper platforms may be brought here.
    pub brings: bool,
}

/// Which case stands beside the list.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in super::super) struct Chosen {
    pub case: String,
}

/// What a desk is asked for.
#[derive(Clone)]
pub(in super::super) struct Wish {
    pub queue: Queue,
    /// The filter of the address, without the queue.
    pub filter: Filter,
    pub case: Option<CaseId>,
    /// Whether the address named the case.
    pub named: bool,
    pub notice: String,
}

impl Wish {
    fn of(queue: Queue, filter: &Filter, chosen: &Chosen) -> Wish {
        let case = chosen.case.parse().ok();
        Wish {
            queue,
            filter: Filter { queue: String::new(), ..filter.clone() },
            case,
            named: case.is_some(),
            notice: String::new(),
        }
    }

    fn list(&self) -> Filter {
        Filter { queue: self.queue.as_str().to_owned(), ..self.filter.clone() }
    }
}

/// What one snapshot gives a desk.
struct Seen {
    strip: Vec<Tile>,
    menus: Vec<Menu>,
    page: Page,
    rows: Vec<RowView>,
    case: Option<CaseView>,
}

impl DeskPage {
    /// Reads a desk in one snapshot.
    ///
    /// # Errors
    /// A filter that cannot be read; when the database refuses.
    pub async fn read(staff: &Staff, wish: Wish) -> std::result::Result<DeskPage, WebError> {
        let (w, live) = (staff.words.clone(), staff.live("cases"));
        let asked = wish.clone();
        let seen = staff.read(move |tx, cx| see(tx, cx, &w, &asked)).await?;
        Ok(DeskPage::of(staff, &wish, seen, staff.shell(wish.queue.nav()).await?, live))
    }

    fn of(staff: &Staff, wish: &Wish, seen: Seen, shell: Shell, live: String) -> DeskPage {
        let w = staff.words.clone();
        let path = wish.queue.href();
        let plain = wish.filter.unpaged();
        let page = &seen.page;
        let turn = |filter: Filter| {
            if filter.after.is_empty() && filter.before.is_empty() {
                String::new()
            } else {
                address(path, &filter, "")
            }
        };
        let case = seen.case.as_ref().map(|c| format!("case={}", c.id)).unwrap_or_default();
        let here = address(path, &wish.filter, &case);
        DeskPage {
            title: w.t(&format!("queue-{}", wish.queue.as_str())),
            empty: w.t(&format!("queue-empty-{}", wish.queue.as_str())),
            chosen: wish.named,
            total: w.t1("total", "n", number(&w, page.total)),
            prev: turn(Filter { before: page.before.clone(), ..plain.clone() }),
            next: turn(Filter { after: page.after.clone(), ..plain }),
            live,
            live_src: address(&format!("{path}/list"), &wish.filter, &case),
            back: address(path, &wish.filter, ""),
            from: address(path, &wish.filter, ""),
            from_enc: super::case::encoded(&address(path, &wish.filter, "")),
            notice: wish.notice.clone(),
            problem: Problem::default(),
            news: Vec::new(),
            revealed: None,
            strip: seen.strip,
            menus: seen.menus,
            rows: seen.rows,
            case: seen.case,
            here,
            brings: wish.queue == Queue::Dispatch && staff.has("demands.dispatch"),
            shell,
            w,
        }
    }
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, wish: &Wish) -> Result<Seen> {
    let page = list::page(tx, cx, &wish.list(), list::DEFAULT)?;
    let mut names = Names::read(tx, cx, w)?;
    let mut rows = row::views(tx, cx, w, &mut names, &page.rows, Some(wish.queue))?;
    let case = case(tx, cx, w, wish, &page.rows)?;
    for row in &mut rows {
        row.href = address(wish.queue.href(), &wish.filter, &format!("case={}", row.id));
        row.current = case.as_ref().is_some_and(|c| c.id == row.id);
    }
    Ok(Seen {
        strip: strip(tx, cx, w, Some(wish.queue))?,
        menus: menus(tx, cx, w, &names, wish)?,
        rows,
        case,
        page,
    })
}

/// The case asked for if it is there for these eyes, else the first of the list.
fn case(tx: &mut Tx<'_>, cx: &Cx, w: &Words, wish: &Wish, rows: &[CaseRow]) -> Result<Option<CaseView>> {
    let typed = Typed::default();
    let wanted = Wanted { open: open(wish.queue), typed: &typed, viewer: &cx.actor.name };
    for id in wish.case.into_iter().chain(rows.first().map(|r| r.id)) {
        match cases::view(tx, cx, w, id, &wanted) {
            Ok(view) => return Ok(Some(view)),
            Err(error) if error.refusal().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The actions whose form stands open on a desk. The board is worked off by one key; its form opens when asked.
fn open(queue: Queue) -> &'static [&'static str] {
    if queue == Queue::Dispatch { &[] } else { queue.actions() }
}

fn menus(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &Names, wish: &Wish) -> Result<Vec<Menu>> {
    let path = wish.queue.href();
    let base = wish.filter.unpaged();
    let choice = |label: String, filter: Filter, on: bool| Choice {
        value: address(path, &filter, ""),
        label,
        on,
        ..Choice::default()
    };
    let mut places = vec![choice(
        w.t("all-places"),
        Filter { place: String::new(), ..base.clone() },
        base.place.is_empty(),
    )];
    let mut place = w.t("all-places");
    for p in names.places().of_kind(Kind::Community) {
        let on = base.place == p.code;
        if on {
            place.clone_from(&p.name);
        }
        places.push(choice(p.name.clone(), Filter { place: p.code.clone(), ..base.clone() }, on));
    }
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    for matter in catalogue::service::matters_on(tx, cx.office.id, cx.today())? {
        classes.entry(matter.class_code.clone()).or_insert_with(|| matter.class.get(w.locale).to_owned());
    }
    let mut matters = vec![choice(
        w.t("all-matters"),
        Filter { class: String::new(), ..base.clone() },
        base.class.is_empty(),
    )];
    let mut class = w.t("all-matters");
    for (code, name) in classes {
        let on = base.class == code;
        if on {
            class.clone_from(&name);
        }
        matters.push(choice(name, Filter { class: code, ..base.clone() }, on));
    }
    let new = base.sort == "new";
    let sorts = vec![
        choice(w.t("sort-due"), Filter { sort: String::new(), ..base.clone() }, !new),
        choice(w.t("sort-new"), Filter { sort: "new".to_owned(), ..base.clone() }, new),
    ];
    Ok(vec![
        Menu { label: place, on: !base.place.is_empty(), options: places },
        Menu { label: class, on: !base.class.is_empty(), options: matters },
        Menu { label: w.t(if new { "sort-new" } else { "sort-due" }), on: false, options: sorts },
    ])
}

/// `GET /board` and `GET /queue/{queue}`.
async fn desk(staff: Staff, queue: Queue, filter: Filter, chosen: Chosen) -> Answer {
    let wish = Wish::of(queue, &filter, &chosen);
    if staff.htmx {
        return detail(&staff, wish).await;
    }
    html(&DeskPage::read(&staff, wish).await?)
}

/// Only the case: what J and K ask for.
async fn detail(staff: &Staff, wish: Wish) -> Answer {
    let id = wish.case.ok_or_else(WebError::not_found)?;
    let case = super::case::read(staff, id, open(wish.queue)).await?;
    let seen = Seen {
        strip: Vec::new(),
        menus: Vec::new(),
        page: Page::default(),
        rows: Vec::new(),
        case: Some(case),
    };
    let page = DeskPage::of(staff, &wish, seen, staff.plain_shell(""), String::new());
    html(&page.as_detail())
}

pub(in super::super) async fn board(
    staff: Staff,
    Query(filter): Query<Filter>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    desk(staff, Queue::Dispatch, filter, chosen).await
}

pub(in super::super) async fn show(
    staff: Staff,
    Path(queue): Path<String>,
    Query(filter): Query<Filter>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    desk(staff, allowed(&queue)?, filter, chosen).await
}

fn allowed(queue: &str) -> std::result::Result<Queue, WebError> {
    Queue::parse(queue).ok_or_else(WebError::not_found)
}

/// The list alone, when its live version has moved.
async fn list_of(staff: Staff, queue: Queue, filter: Filter, chosen: Chosen) -> Answer {
    let page = DeskPage::read(&staff, Wish::of(queue, &filter, &chosen)).await?;
    html(&page.as_queue())
}

pub(in super::super) async fn board_list(
    staff: Staff,
    Query(filter): Query<Filter>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    list_of(staff, Queue::Dispatch, filter, chosen).await
}

pub(in super::super) async fn show_list(
    staff: Staff,
    Path(queue): Path<String>,
    Query(filter): Query<Filter>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    list_of(staff, allowed(&queue)?, filter, chosen).await
}

/// The desk from which a form was sent, read from what it carries: `/board?place=…`.
pub(in super::super) fn origin(from: &str) -> Option<(Queue, Filter)> {
    let (path, query) = from.split_once('?').unwrap_or((from, ""));
    let queue = match path {
        "/board" => Queue::Dispatch,
        _ => Queue::parse(path.strip_prefix("/queue/")?)?,
    };
    let filter: Filter = serde_html_form::from_str(query).ok()?;
    Some((queue, Filter { queue: String::new(), ..filter }))
}

/// An origin that is one of the desks, and nothing else.
pub(in super::super) fn safe(from: &str) -> String {
    origin(from).map(|(queue, filter)| address(queue.href(), &filter, "")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_can_only_lead_back_to_a_desk() {
        assert_eq!(safe("/board?place=999901001001"), "/board?place=999901001001");
        assert_eq!(safe("/queue/verify"), "/queue/verify");
        for elsewhere in ["https://evil.example/board", "//evil.example", "/queue/nothing", "/account", ""] {
            assert_eq!(safe(elsewhere), "", "{elsewhere}");
        }
    }
}
