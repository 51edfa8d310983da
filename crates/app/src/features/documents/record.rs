//! What a document says of its case: the values of its fields, what the record already knows of what is asked, and the
//! rows of a list of materials.

use super::docx::Values;
use super::kinds::Kind;
use super::model::State;
use super::store as rows;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::intake::service as intake;
use crate::features::people::service as people;
use crate::features::places::service as places;
use crate::features::procedures::state::{Act, CaseState, Role};
use crate::features::procedures::timeline;
use crate::words::Words;
use kernel::{Ts, UnitId};
use std::collections::HashMap;
use store::{Result, Tx};

/// A document before it is issued.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The fields that the record fills.
    pub values: Values,
    /// What is asked, with what the record knows of it.
    pub asks: Vec<(String, String)>,
    /// The rows of a list of materials.
    pub rows: Vec<Values>,
    /// Whether the requester left a name or number.
    pub known: bool,
}

/// Units by their full names.
pub(super) fn units(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<UnitId, String>> {
    Ok(people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.name)).collect())
}

/// Reads the record for a document; `w` are the office's own words.
pub(super) fn draft(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: &CaseState, kind: &Kind) -> Result<Draft> {
    let units = units(tx, cx)?;
    let name = |id: UnitId| units.get(&id).cloned().unwrap_or_default();
    // Paper is read on another day: every date has its year.
    let dated = w.at(Ts(0));
    let report = intake::report(tx, cx, case.report)?;
    let book = places::book(tx, cx.office.id)?;
    let place = case.at.grid.or(case.at.community).or(case.at.place).map(|id| book.path_label(id));
    let lead = case.assignments.iter().rev().find(|a| a.role == Role::Lead);
    let matter = match case.matter {
        Some(id) => catalogue::service::matter(tx, cx.office.id, id)?.names.get(w.locale).to_owned(),
        None => String::new(),
    };
    let due = case.clocks.iter().rev().find(|c| c.kind == "handle").and_then(|c| c.due);
    let results: Vec<String> = case.assignments.iter().filter_map(|a| a.result.clone()).collect();
    let place = format!("{} {}", place.unwrap_or_default(), case.at.address);
    let state = w.t_or(&format!("state-{}", case.state.replace('_', "-")), &case.state);
    let values = [
        ("document.title", w.t(&kind.words())),
        ("document.date", w.full_day(cx.today(), true)),
        ("office.name", cx.office.name.clone()),
        ("office.short", cx.office.short.clone()),
        ("office.phone", phone(cx)),
        ("unit.name", cx.actor.unit.map(name).unwrap_or_default()),
        ("case.number", case.no.clone()),
        ("case.title", case.title.clone()),
        ("case.text", report.text.clone()),
        ("case.matter", matter),
        ("case.place", place.trim().to_owned()),
        ("case.opened", w.full_day(case.opened_day, true)),
        ("case.due", due.map(|at| dated.when(at)).unwrap_or_default()),
        ("case.state", state),
        ("case.unit", lead.map(|a| name(a.unit)).unwrap_or_default()),
        ("case.result", results.join("\n")),
    ];
    let acts: Vec<Act> = timeline::of_case(tx, cx, case.id)?.into_iter().filter_map(|e| e.act).collect();
    let known = Known { w, case, acts: &acts, due, lead: lead.map(|a| name(a.unit)), results };
    Ok(Draft {
        values: values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect(),
        asks: kind.asks.iter().map(|ask| Ok((ask.clone(), known.of(kind, ask)?))).collect::<Result<_>>()?,
        rows: if kind.key == "handover" { materials(tx, cx, w, case)? } else { Vec::new() },
        known: report.party.is_some(),
    })
}

/// The office's own number; the city's line where it has none.
fn phone(cx: &Cx) -> String {
    match cx.office.settings.hotline.as_str() {
        "" => "12345".to_owned(),
        number => number.to_owned(),
    }
}

/// What the record knows of what is asked.
struct Known<'a> {
    w: &'a Words,
    case: &'a CaseState,
    acts: &'a [Act],
    due: Option<Ts>,
    lead: Option<String>,
    results: Vec<String>,
}

impl Known<'_> {
    fn last(&self, action: &str) -> Option<&Act> {
        self.acts.iter().rev().find(|a| a.action == action)
    }

    fn of(&self, kind: &Kind, ask: &str) -> Result<String> {
        let w = self.w;
        Ok(match (kind.key.as_str(), ask) {
            ("refusal", "reason") => {
                self.last("refuse").and_then(|a| a.said.note.clone()).unwrap_or_default()
            }
            ("refusal", "route" | "reviewer") => {
                let code = self.last("refuse").and_then(|a| a.said.route.clone()).unwrap_or_default();
                let route = catalogue::service::refusal_routes()?.iter().find(|r| r.code == code);
                match (ask, route) {
                    ("route", Some(route)) => route.routes.get(w.locale).to_owned(),
                    (_, Some(route)) if !route.reviewer.is_empty() => route.reviewer.clone(),
                    ("route", None) => String::new(),
                    _ => w.t("document-reviewer-usual"),
                }
            }
            ("extension", "reason") => {
                let request = self.case.requests.iter().rev().find(|r| r.kind == "extension");
                request.map(|r| r.reason.clone()).unwrap_or_default()
            }
            ("extension" | "supervision", "until") => {
                let day = self.due.map(|at| at.day(&w.tz));
                day.map(|d| w.full_day(d, true)).unwrap_or_default()
            }
            ("reply", "body") => self.results.join("\n"),
            ("reply", "reviewer") => w.t("document-reviewer-usual"),
            ("supervision", "to") => self.lead.clone().unwrap_or_default(),
            ("supervision", "body") => {
                self.last("supervise").and_then(|a| a.said.note.clone()).unwrap_or_default()
            }
            _ => String::new(),
        })
    }
}

/// What is handed over of a case: what was said, pictures, the log, documents.
fn materials(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: &CaseState) -> Result<Vec<Values>> {
    let photos = intake::photos(tx, cx, case.id)?;
    let said = photos.iter().filter(|p| p.report.is_some()).count();
    let mut lines = vec![(w.t("document-row-report"), w.t1("document-copies", "n", 1), case.no.clone())];
    for (key, n) in [("document-row-photos-said", said), ("document-row-photos-handled", photos.len() - said)]
    {
        if n > 0 {
            lines.push((w.t(key), w.t1("document-sheets", "n", n), String::new()));
        }
    }
    lines.push((w.t("document-row-log"), w.t1("document-copies", "n", 1), String::new()));
    for d in rows::of_case(tx, cx.office.id, case.id)?.iter().filter(|d| d.state != State::Void) {
        let name = w.t(&format!("document-kind-{}", d.kind));
        lines.push((name, w.t1("document-copies", "n", 1), d.number.clone()));
    }
    let row = |(i, (name, count, note)): (usize, (String, String, String))| {
        let cells =
            [("row.no", (i + 1).to_string()), ("row.name", name), ("row.count", count), ("row.note", note)];
        cells.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
    };
    Ok(lines.into_iter().enumerate().map(row).collect())
}
