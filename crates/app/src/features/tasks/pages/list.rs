//! The lists: what we ask, what we are asked, all.

use super::super::model::Line;
use super::super::service::look::{self, View};
use super::super::store::{Filter, PAGE};
use crate::features::people::service as people;
use crate::web::{Answer, Query, Shell, Staff, encode, html};
use crate::words::Words;
use askama::Template;
use kernel::UnitId;
use serde::Deserialize;
use std::collections::HashMap;

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct LineView {
    href: String,
    title: String,
    urgency: String,
    source: String,
    unit: String,
    due: String,
    late: bool,
    state: String,
    class: &'static str,
    progress: String,
    bar: i64,
}

#[derive(Template)]
#[template(path = "tasks_list.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    tabs: Vec<Tab>,
    view: &'static str,
    states: Vec<super::Choice>,
    q: String,
    lines: Vec<LineView>,
    gives: bool,
    own: bool,
    prev: String,
    next: String,
    total: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct Asked {
    view: String,
    state: String,
    q: String,
    page: i64,
}

/// `GET /tasks`
pub(in super::super) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let views = View::of(&staff.cx);
    let chosen = views.iter().find(|v| v.as_str() == asked.view).or(views.first());
    let view = chosen.copied().unwrap_or(View::Own);
    let filter = Filter { state: asked.state.clone(), q: asked.q.clone(), page: asked.page.clamp(0, 1_000) };
    let here = filter.clone();
    let (found, units) = staff
        .read(move |tx, cx| {
            let units: HashMap<UnitId, String> =
                people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.short)).collect();
            Ok((look::list(tx, cx, view, &here)?, units))
        })
        .await?;
    let w = staff.words.clone();
    let address = |page: i64| {
        format!(
            "/tasks?view={}&state={}&q={}&page={page}",
            view.as_str(),
            encode(&filter.state),
            encode(&filter.q)
        )
    };
    let page = ListPage {
        shell: staff.shell("tasks").await?,
        tabs: views
            .iter()
            .map(|v| Tab {
                href: format!("/tasks?view={}", v.as_str()),
                label: w.t(&format!("tasks-view-{}", v.as_str())),
                current: *v == view,
            })
            .collect(),
        view: view.as_str(),
        states: states(&w, view, &filter.state),
        q: filter.q.clone(),
        gives: staff.has("tasks.give"),
        own: view == View::Own,
        prev: if filter.page > 0 { address(filter.page - 1) } else { String::new() },
        next: if found.total > (filter.page + 1) * PAGE { address(filter.page + 1) } else { String::new() },
        total: w.t1("tasks-total", "n", found.total),
        lines: found.lines.iter().map(|line| line_view(&w, &staff, line, &units)).collect(),
        w,
    };
    html(&page)
}

fn states(w: &Words, view: View, chosen: &str) -> Vec<super::Choice> {
    let keys: &[&str] =
        if view == View::Own { &["", "owed", "late", "closed"] } else { &["", "open", "late", "closed"] };
    keys.iter()
        .map(|key| super::Choice {
            value: (*key).to_owned(),
            label: w.t(&format!("tasks-filter-{}", if key.is_empty() { "all" } else { key })),
            on: *key == chosen,
        })
        .collect()
}

fn line_view(w: &Words, staff: &Staff, line: &Line, units: &HashMap<UnitId, String>) -> LineView {
    let (asked, answered, late) = line.counts;
    let own = line.own.as_ref();
    let owes = own.is_some_and(|(_, _, state, _)| state.owes()) && line.closed.is_none();
    let closed = line.closed.is_some();
    let (state, class) = match own {
        Some((_, _, state, _)) => {
            let class = match state.as_str() {
                "returned" => "red",
                "open" => "amber",
                "confirmed" => "green",
                _ => "on",
            };
            (w.t(&format!("tasks-state-{}", state.as_str())), class)
        }
        None if closed => (w.t("tasks-is-closed"), ""),
        None if asked == answered => (w.t("tasks-all-in"), "green"),
        None => (w.t("tasks-is-open"), "on"),
    };
    LineView {
        href: own.map_or_else(
            || format!("/tasks/{}", line.id),
            |(receiver, ..)| format!("/tasks/{}/of/{receiver}", line.id),
        ),
        title: line.title.clone(),
        urgency: if line.urgency == "plain" {
            String::new()
        } else {
            w.t(&format!("tasks-urgency-{}", line.urgency))
        },
        source: w.t(&format!("tasks-source-{}", line.source)),
        unit: match own {
            Some((_, name, ..)) => name.clone(),
            None => line.unit.and_then(|id| units.get(&id)).cloned().unwrap_or_default(),
        },
        due: w.when(line.due),
        late: late > 0 || owes && line.due < staff.cx.now,
        state,
        class,
        progress: if late > 0 {
            w.ta(
                "tasks-progress-late",
                &[
                    ("answered", answered.to_string()),
                    ("asked", asked.to_string()),
                    ("late", late.to_string()),
                ],
            )
        } else {
            w.t2("tasks-progress", ("answered", &answered), ("asked", &asked))
        },
        bar: if asked == 0 { 0 } else { answered * 100 / asked },
    }
}
