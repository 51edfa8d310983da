//! All cases in scope: filters, saved views, a condition, paging, and a figure's records.

use super::super::figure;
use super::super::model::{Filter, PAGE, Page};
use super::super::names::Names;
use super::super::service::forms::{Choice, Group};
use super::super::service::list;
use super::super::service::row::{self, RowView};
use super::super::store::{self as rows, SavedView};
use super::number;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::indicators;
use crate::features::people::model::UNIT_KINDS;
use crate::features::places::model::Kind;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::service as engine;
use crate::web::{Answer, Problem, Query, Shell, Staff, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::CaseId;
use std::collections::BTreeMap;
use store::{Result, Tx};

const KINDS: [&str; 8] =
    ["complaint", "help", "consultation", "suggestion", "event", "thanks", "petition", "report"];
const CHANNELS: [&str; 10] =
    ["hotline", "window", "qr", "grid", "upper", "web", "wechat", "app", "api", "import"];

/// A choice of a filter.
struct Select {
    name: &'static str,
    label: String,
    groups: Vec<Group>,
}

/// A saved view as a chip.
struct View {
    id: i64,
    name: String,
    href: String,
    on: bool,
}

/// A record that is no case: a report, a part, a voice.
struct RecordView {
    id: String,
    href: String,
    no: String,
    title: String,
    state: String,
    unit: String,
    opened: String,
}

#[derive(Template)]
#[template(path = "desk_cases.html", blocks = ["list"])]
struct CasesPage {
    w: Words,
    shell: Shell,
    total: String,
    saved: Vec<View>,
    filter: Filter,
    plain: bool,
    selects: Vec<Select>,
    checks: Vec<Choice>,
    names: Vec<String>,
    where_count: String,
    problem: Problem,
    figure: String,
    cut: bool,
    records: Vec<RecordView>,
    rows: Vec<RowView>,
    searched: bool,
    by_due: bool,
    sort_due: String,
    sort_new: String,
    prev: String,
    next: String,
    bulk: bool,
    bulk_dispatch: bool,
    bulk_supervise: bool,
    export: bool,
    here: String,
    query: String,
    /// The rows as a text for the group; blank where there are none.
    copy: String,
}

/// Rows of a text for the group: more than a screen nobody reads there.
const COPIED: usize = 30;

/// What, whose, until when; no petition and no report of wrongdoing, and nobody's identity.
fn copied(w: &Words, office: &str, total: &str, found: &Found) -> String {
    let ordinary = found.page.rows.iter().zip(&found.rows).filter(|(row, _)| row.class == "ordinary");
    let line = |(n, (_, row)): (usize, (_, &RowView))| {
        let of = [row.place.as_str(), row.unit.as_str(), row.state.as_str(), row.due.as_str()];
        let of: Vec<&str> = of.into_iter().filter(|t| !t.is_empty()).collect();
        let of = of.join(&w.t("list-joint"));
        w.ta("copy-line", &[("n", (n + 1).to_string()), ("title", row.title.clone()), ("of", of)])
    };
    let lines: Vec<String> = ordinary.take(COPIED).enumerate().map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("{}\n{}", w.t2("copy-list", ("office", &office), ("total", &total)), lines.join("\n"))
}

struct Seen {
    saved: Vec<SavedView>,
    selects: Vec<Select>,
    filter: Filter,
    found: std::result::Result<Found, kernel::Refusal>,
    only: Option<CaseId>,
}

#[derive(Default)]
struct Found {
    page: Page,
    rows: Vec<RowView>,
    records: Vec<RecordView>,
    figure: String,
}

/// `GET /cases`.
pub(in super::super) async fn show(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let w = staff.words.clone();
    let (asked, total) = (filter.clone(), staff.known_total(&filter.unpaged().query()));
    let known = total.value;
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, asked.clone(), known)).await?;
    if let Ok(found) = &seen.found {
        staff.know_total(total, found.page.total);
    }
    if let Some(id) = seen.only {
        return Ok(staff.goto(&format!("/cases/{id}")));
    }
    let page = page_of(&staff, seen, staff.shell("cases").await?);
    if staff.htmx {
        return html(&page.as_list());
    }
    let status = if page.problem.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html_with(status, &page)
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, mut filter: Filter, known: Option<i64>) -> Result<Seen> {
    let mut names = Names::read(tx, cx, w)?;
    let only = numbered(tx, cx, &filter)?;
    list::read_words(tx, cx, &names, &mut filter)?;
    // A condition or a date that cannot be read is said at its field; the page stays.
    let found = match find(tx, cx, w, &mut names, &filter, known) {
        Ok(found) => Ok(found),
        Err(store::Error::Refused(refusal)) => Err(*refusal),
        Err(error) => return Err(error),
    };
    let saved = match cx.actor.account {
        Some(account) => rows::view_list(tx, cx, account)?,
        None => Vec::new(),
    };
    Ok(Seen { saved, selects: selects(tx, cx, w, &names, &filter)?, filter, found, only })
}

/// Somebody who types a whole number wants that case.
fn numbered(tx: &mut Tx<'_>, cx: &Cx, filter: &Filter) -> Result<Option<CaseId>> {
    let typed = filter.q.trim();
    let own = if typed.contains('-') { rows::case_by_no(tx, cx.office.id, typed)? } else { None };
    // A number of a platform above is as good; short ones could be anything.
    let upper = |tx: &mut Tx<'_>| rows::case_by_upper(tx, cx.office.id, typed);
    let found = if own.is_none() && typed.chars().count() >= 6 { upper(tx)? } else { own };
    let Some(id) = found else { return Ok(None) };
    Ok(engine::visible(tx, cx, id).is_ok().then_some(id))
}

fn find(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    filter: &Filter,
    known: Option<i64>,
) -> Result<Found> {
    let figure = match filter.figure.as_str() {
        "" => String::new(),
        key => figure_title(w, key, &filter.side)?,
    };
    if list::is_other_records(filter)? {
        let (total, records) =
            indicators::service::records(tx, cx, &figure::filter_of(filter), offset(filter), PAGE as i64)?;
        let more = offset(filter) + (records.len() as i64);
        let page = Page {
            total,
            after: if more < total { format!("{more}.0") } else { String::new() },
            ..Page::default()
        };
        return Ok(Found {
            page,
            records: records.iter().map(|r| record(w, names, r)).collect(),
            figure,
            rows: Vec::new(),
        });
    }
    let page = list::page_knowing(tx, cx, filter, list::DEFAULT, known)?;
    let rows = row::views(tx, cx, w, names, &page.rows, None)?;
    Ok(Found { page, rows, records: Vec::new(), figure })
}

/// Records that are no cases are paged by how many were shown.
fn offset(filter: &Filter) -> i64 {
    filter.after.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn figure_title(w: &Words, key: &str, side: &str) -> Result<String> {
    let indicator = indicators::service::find(key)?;
    let word = match (indicator.share.is_some(), side) {
        (false, _) => "figure-records",
        (true, "below") => "figure-records-below",
        (true, _) => "figure-records-above",
    };
    Ok(w.t1(word, "figure", indicator.title.get(w.locale)))
}

fn record(w: &Words, names: &Names, r: &indicators::Record) -> RecordView {
    RecordView {
        id: r.id.to_string(),
        href: format!("/cases/{}", r.case),
        no: r.no.clone(),
        title: r.title.clone(),
        state: w.t(&format!("phase-{}", r.phase)),
        unit: r.unit.map(|u| names.unit(u)).unwrap_or_default(),
        opened: r.at.map(|at| w.when(at)).unwrap_or_default(),
    }
}

fn page_of(staff: &Staff, seen: Seen, shell: Shell) -> CasesPage {
    let w = staff.words.clone();
    let filter = seen.filter;
    let (found, problem) = match seen.found {
        Ok(found) => (found, Problem::default()),
        Err(refusal) => (Found::default(), Problem::new(&w, &refusal)),
    };
    let base = filter.unpaged();
    let turn = |f: Filter| if f.after.is_empty() && f.before.is_empty() { String::new() } else { f.href() };
    let total = if found.page.cut || (!filter.q.is_empty() && !found.page.after.is_empty()) {
        w.t1("total-about", "n", number(&w, found.page.total))
    } else {
        w.t1("total", "n", number(&w, found.page.total))
    };
    let copy = copied(&w, &staff.cx.office.name, &total, &found);
    let query = base.query();
    let bulk_dispatch = staff.has("demands.dispatch");
    let bulk_supervise = staff.has("demands.supervise");
    CasesPage {
        saved: seen
            .saved
            .into_iter()
            .map(|v| View {
                id: v.id,
                on: v.query == query,
                href: format!("/cases?{}", v.query),
                name: v.name,
            })
            .collect(),
        plain: filter.is_plain(),
        where_count: w.t1("where-count", "n", number(&w, found.page.total)),
        checks: checks(&w, &filter),
        selects: seen.selects,
        names: indicators::service::names_of(indicators::model::Counts::Cases),
        figure: found.figure,
        cut: found.page.cut,
        searched: !filter.q.is_empty(),
        by_due: list::is_by_due(&filter),
        sort_due: Filter { sort: "due".to_owned(), ..base.clone() }.href(),
        sort_new: Filter { sort: "new".to_owned(), ..base.clone() }.href(),
        prev: turn(Filter { before: found.page.before.clone(), ..base.clone() }),
        next: turn(Filter { after: found.page.after.clone(), ..base }),
        bulk: bulk_dispatch || bulk_supervise,
        bulk_dispatch,
        bulk_supervise,
        export: staff.has("demands.export"),
        here: filter.href(),
        copy,
        rows: found.rows,
        records: found.records,
        total,
        problem,
        query,
        filter,
        shell,
        w,
    }
}

fn checks(w: &Words, filter: &Filter) -> Vec<Choice> {
    let of = |name: &str, on: &str| Choice {
        value: name.to_owned(),
        label: w.t(&format!("filter-{name}")),
        on: !on.is_empty(),
        ..Choice::default()
    };
    vec![of("urgent", &filter.urgent), of("supervised", &filter.supervised), of("upper", &filter.upper)]
}

fn selects(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &Names, filter: &Filter) -> Result<Vec<Select>> {
    let choice = |value: &str, label: String, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        on: value == chosen,
        ..Choice::default()
    };
    let plain = |options: Vec<Choice>| vec![Group { label: String::new(), options }];
    let phase = filter.phase.first().map(String::as_str).unwrap_or_default();
    let mut phases = vec![choice("open", w.t("filter-open"), phase)];
    phases.extend(Phase::ALL.map(|p| choice(p.as_str(), w.t(&format!("phase-{}", p.as_str())), phase)));
    let due = ["late", "soon", "today"].map(|d| choice(d, w.t(&format!("filter-due-{d}")), &filter.due));
    let places = names
        .places()
        .of_kind(Kind::Community)
        .map(|community| {
            let mut options =
                vec![choice(&community.code, w.t1("filter-whole", "place", &community.name), &filter.place)];
            let grids = names.places().children(Some(community.id)).filter(|p| p.kind == Kind::Grid);
            options.extend(grids.map(|g| choice(&g.code, names.places().path_label(g.id), &filter.place)));
            Group { label: community.name.clone(), options }
        })
        .collect();
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    for matter in catalogue::service::matters_on(tx, cx.office.id, cx.today())? {
        classes.entry(matter.class_code.clone()).or_insert_with(|| matter.class.get(w.locale).to_owned());
    }
    let classes = classes.iter().map(|(code, name)| choice(code, name.clone(), &filter.class)).collect();
    let matter = match filter.matter.as_str() {
        "" => Vec::new(),
        code => {
            let name = catalogue::service::matter_by_code(tx, cx.office.id, code, cx.today())?;
            let name = name.map_or_else(|| code.to_owned(), |m| m.names.get(w.locale).to_owned());
            vec![choice(code, name, code)]
        }
    };
    let units = UNIT_KINDS
        .iter()
        .map(|kind| Group {
            label: w.t_or(&format!("unit-kind-{}", kind.replace('_', "-")), kind),
            options: names
                .active_units()
                .into_iter()
                .filter(|u| u.kind == *kind)
                .map(|u| choice(&u.code, u.short.clone(), &filter.unit))
                .collect(),
        })
        .filter(|g| !g.options.is_empty())
        .collect();
    let kinds = KINDS.map(|k| choice(k, w.t(&format!("matter-kind-{k}")), &filter.kind));
    let channels = CHANNELS.map(|c| choice(c, w.t(&format!("channel-{c}")), &filter.channel));
    let mut out = vec![
        Select { name: "phase", label: w.t("filter-phase"), groups: plain(phases) },
        Select { name: "due", label: w.t("filter-due"), groups: plain(due.into()) },
        Select { name: "place", label: w.t("filter-place"), groups: places },
        Select { name: "class", label: w.t("filter-class"), groups: plain(classes) },
        Select { name: "unit", label: w.t("filter-unit"), groups: units },
        Select { name: "channel", label: w.t("filter-channel"), groups: plain(channels.into()) },
        Select { name: "kind", label: w.t("filter-kind"), groups: plain(kinds.into()) },
    ];
    if !matter.is_empty() {
        out.insert(4, Select { name: "matter", label: w.t("filter-matter"), groups: plain(matter) });
    }
    Ok(out)
}
