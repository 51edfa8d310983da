//! The duty list: how far it covers the catalogue, class by class, row by row.

use super::super::model::{DutyRow, Holder, Matter};
use super::super::service::{self, Coverage, Owner};
use super::Names;
use crate::features::places::service as places;
use crate::web::download::{CSV, download};
use crate::web::{Answer, Query, Shell, Staff, html};
use crate::words::Words;
use askama::Template;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Filter {
    class: String,
    without: bool,
    q: String,
    unit: String,
}

impl Filter {
    /// Whether rows are shown rather than the classes.
    fn lists(&self) -> bool {
        !self.class.is_empty() || self.without || self.seeks()
    }

    /// Whether something is looked for over all classes.
    fn seeks(&self) -> bool {
        !self.q.trim().is_empty() || !self.unit.is_empty()
    }

    /// Whether a matter is one that is looked for: by code, name, or what residents call it.
    fn finds(&self, m: &Matter) -> bool {
        let q = self.q.trim().to_lowercase();
        let within = |text: &str| text.to_lowercase().contains(&q);
        (self.class.is_empty() || m.class_code == self.class)
            && (q.is_empty()
                || m.code.to_lowercase().starts_with(&q)
                || within(&m.names.zh)
                || within(&m.names.en)
                || m.synonyms.iter().any(|s| within(s)))
    }

    /// Whether a row is the unit's that is looked for, as lead or helper.
    fn is_units(&self, row: Option<&DutyRow>) -> bool {
        let of = |h: &Holder| match h {
            Holder::Unit(id) => id.to_string() == self.unit,
            Holder::Community => self.unit == COMMUNITY,
        };
        self.unit.is_empty() || row.is_some_and(|row| of(&row.lead) || row.co.iter().any(of))
    }
}

/// What stands for the community's own unit in the filter.
const COMMUNITY: &str = "community";

/// A matter and who has it.
struct MatterLine {
    code: String,
    name: String,
    lead: String,
    how: String,
    how_kind: &'static str,
    co: String,
    basis: String,
    elsewhere: usize,
}

/// A row of the list.
struct RowLine {
    id: String,
    matter: String,
    name: String,
    place: String,
    lead: String,
    gone: bool,
    co: String,
    basis: String,
    note: String,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "catalogue_duty.html")]
struct DutyPage {
    w: Words,
    shell: Shell,
    filter: Filter,
    class_name: String,
    coverage: Coverage,
    share: String,
    classes: Vec<ClassLine>,
    matters: Vec<MatterLine>,
    rows: Vec<RowLine>,
    general: Vec<RowLine>,
    edit: bool,
    listed: bool,
    units: Vec<(String, String, bool)>,
}

struct ClassLine {
    code: String,
    name: String,
    matters: i64,
    own: i64,
    by_class: i64,
    without: i64,
    lead: String,
}

/// `GET /duty`: the classes with their coverage; one class row by row; matters without owner.
#[expect(clippy::too_many_lines, reason = "one page, gathered in one snapshot and laid out in its order")]
pub(in super::super) async fn list(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let today = staff.cx.today();
    let (owners, coverage, duties, units, book) = staff
        .read(move |tx, cx| {
            let office = cx.office.id;
            Ok((
                service::owners_of(tx, office, today)?,
                service::coverage(tx, office, today)?,
                service::duties_on(tx, office, today)?,
                service::units(tx, office)?,
                places::book(tx, office)?,
            ))
        })
        .await?;
    let w = &staff.words;
    let names = Names::of(w, &units);
    let matter_name = |code: &str| {
        owners.iter().find(|(m, _, _)| m.code == code).map(|(m, _, _)| m.names.get(w.locale).to_owned())
    };
    let row = |d: &DutyRow| RowLine {
        id: d.id.to_string(),
        matter: d.matter.clone(),
        name: matter_name(&d.matter)
            .unwrap_or_else(|| if d.is_catch_all() { w.t("duty-all") } else { w.t("duty-class-row") }),
        place: d.place.map_or_else(|| w.t("duty-everywhere"), |p| book.path_label(p)),
        lead: names.holder(d.lead),
        gone: gone(&units, d),
        co: names.holders(&d.co),
        basis: d.basis.clone(),
        note: d.note.clone(),
        from: d.from_day.iso(),
        until: d.until_day.map(kernel::Day::iso).unwrap_or_default(),
    };
    let of_class = |m: &Matter| !filter.class.is_empty() && m.class_code == filter.class;
    let in_class = |d: &DutyRow| {
        let head = d.matter.trim_end_matches('*');
        let any = |m: &Matter| if filter.seeks() { filter.finds(m) } else { of_class(m) };
        owners.iter().any(|(m, _, _)| any(m) && m.code.starts_with(head))
            && !d.is_catch_all()
            && filter.is_units(Some(d))
    };
    let row_of = |id| duties.iter().find(|d| d.id == id);
    let matters = owners
        .iter()
        .filter(|(m, duty, owner)| match (filter.without, filter.seeks()) {
            (true, _) => *owner >= Owner::CatchAll,
            (_, true) => filter.finds(m) && filter.is_units(duty.as_ref().and_then(|d| row_of(d.id))),
            _ => of_class(m),
        })
        .map(|(m, duty, owner)| {
            let (key, how_kind) = match owner {
                Owner::Own => ("duty-own", ""),
                Owner::Class => ("duty-by-class", ""),
                Owner::CatchAll => ("duty-catch-all", "amber"),
                Owner::Nobody => ("duty-nobody", "red"),
            };
            MatterLine {
                code: m.code.clone(),
                name: m.names.get(w.locale).to_owned(),
                lead: lead_words(&names, &duties, duty.as_ref()),
                how: w.t(key),
                how_kind,
                co: duty.as_ref().map(|d| co_words(&names, &duties, d)).unwrap_or_default(),
                basis: duty.as_ref().map(|d| d.basis.clone()).unwrap_or_default(),
                elsewhere: duties.iter().filter(|d| d.place.is_some() && d.matter == m.code).count(),
            }
        })
        .collect();
    let class_lead = |code: &str| {
        let pattern = format!("{code}*");
        duties.iter().find(|d| d.matter == pattern && d.place.is_none()).map(|d| names.holder(d.lead))
    };
    let page = DutyPage {
        class_name: coverage
            .classes
            .iter()
            .find(|c| c.class_code == filter.class)
            .map(|c| c.class.get(w.locale).to_owned())
            .unwrap_or_default(),
        share: share(coverage.with_owner, coverage.matters),
        classes: coverage
            .classes
            .iter()
            .map(|c| ClassLine {
                code: c.class_code.clone(),
                name: c.class.get(w.locale).to_owned(),
                matters: c.matters,
                own: c.own,
                by_class: c.by_class,
                without: c.matters - c.own - c.by_class,
                lead: class_lead(&c.class_code).unwrap_or_default(),
            })
            .collect(),
        listed: filter.lists(),
        units: std::iter::once((COMMUNITY.to_owned(), w.t("duty-community"), filter.unit == COMMUNITY))
            .chain(
                units
                    .iter()
                    .filter(|u| u.active)
                    .map(|u| (u.id.to_string(), u.name.clone(), filter.unit == u.id.to_string())),
            )
            .collect(),
        rows: duties.iter().filter(|d| in_class(d)).map(row).collect(),
        general: duties.iter().filter(|d| d.is_catch_all()).map(row).collect(),
        matters,
        edit: staff.has("catalogue.edit"),
        shell: staff.shell("duty").await?,
        w: w.clone(),
        coverage,
        filter,
    };
    html(&page)
}

/// A share in per cent; `—` of nothing.
fn share(part: i64, whole: i64) -> String {
    match whole {
        0 => "—".to_owned(),
        whole => format!("{:.1}", part as f64 * 100.0 / whole as f64),
    }
}

/// Whether the row's lead no longer exists, so that the row is passed over.
fn gone(units: &[super::super::model::DutyUnit], row: &DutyRow) -> bool {
    match row.lead {
        Holder::Unit(id) => !units.iter().any(|u| u.id == id && u.active),
        Holder::Community => false,
    }
}

/// The lead as the row says it: a unit, or the community's own.
fn lead_words(names: &Names, duties: &[DutyRow], duty: Option<&super::super::model::Duty>) -> String {
    let Some(duty) = duty else { return String::new() };
    let row = duties.iter().find(|d| d.id == duty.id);
    row.map_or_else(|| names.unit(duty.lead), |row| names.holder(row.lead))
}

fn co_words(names: &Names, duties: &[DutyRow], duty: &super::super::model::Duty) -> String {
    duties.iter().find(|d| d.id == duty.id).map(|row| names.holders(&row.co)).unwrap_or_default()
}

/// `GET /duty.csv`
pub(in super::super) async fn duty_csv(staff: Staff) -> Answer {
    let text = staff.read(service::export_duty).await?;
    download(text.into_bytes(), CSV, "duty.csv")
}
