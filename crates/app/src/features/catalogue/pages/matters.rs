//! The catalogue: by class, by search, one matter.

use super::super::model::{DutyList, DutyRow, Matter};
use super::super::service::{self, Owner};
use super::{Names, limit_words, limits, list_chip};
use crate::features::places::service as places;
use crate::web::download::{CSV, download};
use crate::web::{Answer, Path, Query, Shell, Staff, WebError, html};
use crate::words::Words;
use askama::Template;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What of the catalogue is to be shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Filter {
    q: String,
    class: String,
    list: String,
    example: bool,
}

struct Line {
    code: String,
    name: String,
    condition: String,
    limit: String,
    example: bool,
    chip: (String, &'static str),
    department: String,
    owner: String,
    owner_kind: &'static str,
    urgent: bool,
}

struct ClassLine {
    code: String,
    name: String,
    matters: usize,
    examples: usize,
    without: usize,
}

#[derive(Template)]
#[template(path = "catalogue_matters.html")]
struct MattersPage {
    w: Words,
    shell: Shell,
    filter: Filter,
    lists: Vec<(String, String)>,
    classes: Vec<ClassLine>,
    lines: Vec<Line>,
    listed: bool,
    total: usize,
    sub: String,
    edit: bool,
}

/// `GET /matters`: the classes; the matters of one; what fits a search.
pub(in super::super) async fn list(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let (typed, today) = (filter.q.clone(), staff.cx.today());
    let (owners, found, units) = staff
        .read(move |tx, cx| {
            let found = if typed.trim().is_empty() {
                Vec::new()
            } else {
                service::find_matters(tx, cx, today, &typed)?
            };
            let office = cx.office.id;
            Ok((service::owners_of(tx, office, today)?, found, service::units(tx, office)?))
        })
        .await?;
    let w = &staff.words;
    let names = Names::of(w, &units);
    let mut classes: BTreeMap<String, ClassLine> = BTreeMap::new();
    for (matter, _, owner) in &owners {
        let class = classes.entry(matter.class_code.clone()).or_insert_with(|| ClassLine {
            code: matter.class_code.clone(),
            name: matter.class.get(w.locale).to_owned(),
            matters: 0,
            examples: 0,
            without: 0,
        });
        class.matters += 1;
        class.examples += usize::from(matter.is_example());
        class.without += usize::from(*owner >= Owner::CatchAll);
    }
    let searching = !filter.q.trim().is_empty();
    let listed = searching || !filter.class.is_empty() || !filter.list.is_empty() || filter.example;
    let wanted = |m: &Matter| {
        (filter.class.is_empty() || m.class_code == filter.class)
            && (filter.list.is_empty() || m.duty_list.as_str() == filter.list)
            && (!filter.example || m.is_example())
    };
    let line = |(matter, duty, owner): &(Matter, Option<super::super::model::Duty>, Owner)| Line {
        code: matter.code.clone(),
        name: matter.names.get(w.locale).to_owned(),
        condition: matter.limit_condition.get(w.locale).to_owned(),
        limit: limit_words(w, matter.handle_limit),
        example: matter.is_example(),
        chip: list_chip(w, matter.duty_list),
        department: matter.lead_department.get(w.locale).to_owned(),
        owner: duty.as_ref().map(|d| names.unit(d.lead)).unwrap_or_default(),
        owner_kind: if *owner >= Owner::CatchAll { "amber" } else { "" },
        urgent: matter.emergency,
    };
    let lines: Vec<Line> = if searching {
        // In the order of the search.
        let of = |m: &Matter| owners.iter().find(|(o, _, _)| o.id == m.id);
        found.iter().filter(|m| wanted(m)).filter_map(of).map(line).collect()
    } else {
        owners.iter().filter(|(m, _, _)| listed && wanted(m)).map(line).collect()
    };
    let page = MattersPage {
        total: owners.len(),
        sub: w.ta(
            "matters-sub",
            &[
                ("n", owners.len().to_string()),
                ("examples", owners.iter().filter(|(m, _, _)| m.is_example()).count().to_string()),
            ],
        ),
        lists: DutyList::ALL.iter().map(|l| (l.to_string(), list_chip(w, *l).0)).collect(),
        classes: classes.into_values().collect(),
        edit: staff.has("catalogue.edit"),
        shell: staff.shell("matters").await?,
        w: w.clone(),
        filter,
        lines,
        listed,
    };
    html(&page)
}

struct VersionLine {
    from: String,
    until: String,
    limit: String,
    source: String,
    now: bool,
}

struct OwnerLine {
    id: String,
    matter: String,
    place: String,
    lead: String,
    co: String,
    basis: String,
}

#[derive(Template)]
#[template(path = "catalogue_matter.html")]
struct MatterPage {
    w: Words,
    shell: Shell,
    code: String,
    name: String,
    other: String,
    class: (String, String),
    kind: String,
    chip: (String, &'static str),
    department: String,
    secret: String,
    urgent: bool,
    example: bool,
    source: String,
    standard: String,
    condition: String,
    limits: Vec<(String, String)>,
    verify: String,
    callback: String,
    photos: String,
    close: String,
    synonyms: Vec<String>,
    judgement: String,
    conditions: Vec<Line>,
    owners: Vec<OwnerLine>,
    versions: Vec<VersionLine>,
    edit: bool,
}

/// `GET /matters/{code}`: one matter with its conditions, limits, owners and versions.
pub(in super::super) async fn show(staff: Staff, Path(code): Path<String>) -> Answer {
    let today = staff.cx.today();
    let (versions, all, duties, units, book) = staff
        .read(move |tx, cx| {
            let office = cx.office.id;
            Ok((
                service::matter_versions(tx, office, &code)?,
                service::matters_on(tx, office, today)?,
                service::duties_on(tx, office, today)?,
                service::units(tx, office)?,
                places::book(tx, office)?,
            ))
        })
        .await?;
    let now = versions.iter().rfind(|m| m.in_force(today)).or(versions.last());
    let matter = now.cloned().ok_or_else(WebError::not_found)?;
    let w = &staff.words;
    let names = Names::of(w, &units);
    let base = matter.base_code();
    let applies = |pattern: &str| match pattern.strip_suffix('*') {
        Some(head) => base.starts_with(head),
        None => pattern == matter.code || pattern == base,
    };
    let rate = |key: String, rate: i64| {
        if (1..100).contains(&rate) { format!("{} {rate}%", w.t(&key)) } else { w.t(&key) }
    };
    let mut mine: Vec<&DutyRow> = duties.iter().filter(|d| applies(&d.matter)).collect();
    // As the dispatcher is advised: the most particular row first, the one for all last.
    mine.sort_by_key(|d| {
        let depth = d.place.map_or(0, |p| book.line(p).len());
        (service::specificity(&d.matter, &matter.code), Reverse(depth))
    });
    let page = MatterPage {
        name: matter.names.get(w.locale).to_owned(),
        other: if matter.names.get(w.locale) == matter.names.zh {
            matter.names.en.clone()
        } else {
            matter.names.zh.clone()
        },
        class: (matter.class_code.clone(), matter.class.get(w.locale).to_owned()),
        kind: w.t_or(&format!("matter-kind-{}", matter.kind), &matter.kind),
        chip: list_chip(w, matter.duty_list),
        department: matter.lead_department.get(w.locale).to_owned(),
        secret: w.t(&format!("matter-secret-{}", matter.secret)),
        urgent: matter.emergency,
        example: matter.is_example(),
        source: matter.limit_source.get(w.locale).to_owned(),
        standard: standard_words(w, &matter.standard_ref),
        condition: matter.limit_condition.get(w.locale).to_owned(),
        limits: limits(w, &matter),
        verify: rate(format!("matter-verify-{}", matter.verify), matter.verify_rate),
        callback: rate(format!("matter-callback-{}", matter.callback), matter.callback_rate),
        photos: w.t(&format!("matter-photos-{}", matter.photos)),
        close: matter.close_condition.get(w.locale).to_owned(),
        synonyms: matter.synonyms.clone(),
        judgement: matter.judgement.get(w.locale).to_owned(),
        conditions: all
            .iter()
            .filter(|m| m.base_code() == base && m.code != matter.code)
            .map(|m| condition_line(w, m))
            .collect(),
        owners: mine
            .into_iter()
            .map(|d| OwnerLine {
                id: d.id.to_string(),
                matter: d.matter.clone(),
                place: d.place.map(|p| book.path_label(p)).unwrap_or_default(),
                lead: names.holder(d.lead),
                co: names.holders(&d.co),
                basis: d.basis.clone(),
            })
            .collect(),
        versions: versions.iter().rev().map(|v| version_line(w, v, matter.id == v.id)).collect(),
        edit: staff.has("catalogue.edit"),
        shell: staff.shell("matters").await?,
        code: matter.code.clone(),
        w: w.clone(),
    };
    html(&page)
}

/// Where code and name come from, in words.
fn standard_words(w: &Words, standard: &str) -> String {
    match standard.strip_suffix(" (transcription)") {
        Some(of) => w.t1("matter-standard-copied", "standard", of),
        None if standard == "local" => w.t("matter-standard-local"),
        None => standard.to_owned(),
    }
}

fn condition_line(w: &Words, m: &Matter) -> Line {
    Line {
        code: m.code.clone(),
        name: m.names.get(w.locale).to_owned(),
        condition: m.limit_condition.get(w.locale).to_owned(),
        limit: limit_words(w, m.handle_limit),
        example: m.is_example(),
        chip: list_chip(w, m.duty_list),
        department: m.lead_department.get(w.locale).to_owned(),
        owner: String::new(),
        owner_kind: "",
        urgent: m.emergency,
    }
}

fn version_line(w: &Words, version: &Matter, now: bool) -> VersionLine {
    VersionLine {
        from: if version.from_day == service::SINCE {
            w.t("catalogue-since-start")
        } else {
            w.full_day(version.from_day, true)
        },
        until: version.until_day.map(|d| w.full_day(d, true)).unwrap_or_default(),
        limit: limit_words(w, version.handle_limit),
        source: if version.is_example() {
            w.t("matter-limit-source-example")
        } else {
            version.limit_source.get(w.locale).to_owned()
        },
        now,
    }
}

/// `GET /matters.csv`
pub(in super::super) async fn matters_csv(staff: Staff) -> Answer {
    let text = staff.read(|tx, cx| service::export_matters(tx, cx, cx.today())).await?;
    download(text.into_bytes(), CSV, "matters.csv")
}
