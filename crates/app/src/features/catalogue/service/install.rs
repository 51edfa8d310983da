//! Whole lists at once: the shipped catalogue, and spreadsheets that come and go.

use super::super::book::book;
use super::super::model::{DutyBody, DutyRow, DutyUnit, Holder, Matter, MatterBody};
use super::super::sheet::{self, COMMUNITY, DutyLine};
use super::super::store;
use super::change::{DutyChange, EDIT, MatterChange, Plan, plan_matter, record_duties, record_matters};
use crate::context::Cx;
use crate::features::places;
use crate::rows::{Report, RowError};
use ::store::{Error, Result, Tx};
use kernel::{Day, DutyId, MatterId, PlaceId, Refusal};
use std::collections::HashMap;

const MATTERS: &[u8] = include_bytes!("../../../../../../packs/demands/matters.csv");
const DUTY: &[u8] = include_bytes!("../../../../../../packs/demands/duty.csv");

/// The first day of the shipped catalogue: before any record an office will bring.
pub const SINCE: Day = Day(20_000_101);

/// What [`install_default`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Matters.
    pub matters: Report,
    /// Rows of the duty list; those that name units or places of another office are skipped.
    pub duty: Report,
}

/// Installs the shipped catalogue, and of the shipped duty list the rows whose units and places the office
/// has. Running it again changes nothing. Needs `catalogue.edit`.
///
/// # Errors
/// When the shipped tables are damaged, which a test rules out.
pub fn install_default(tx: &mut Tx<'_>, cx: &Cx) -> Result<Installed> {
    let damaged =
        |errors: Vec<RowError>| Error::failed(format!("the shipped catalogue is damaged: {errors:?}"));
    let matters = sheet::read_matters(MATTERS).map_err(damaged)?;
    let duty = sheet::read_duty(DUTY).map_err(damaged)?;
    let bodies: Vec<(u64, MatterBody)> = matters;
    let matters = put_matters(tx, cx, &bodies, SINCE, "packs/demands/matters.csv", false)?;
    if !matters.errors.is_empty() {
        return Err(damaged(matters.errors));
    }
    let duty = put_duty(tx, cx, &duty, "packs/demands/duty.csv", Missing::Skip, false)?;
    Ok(Installed { matters, duty })
}

/// Takes over a spreadsheet of matters from a day on: new codes are added, changed ones get a new version,
/// those that the file does not name stay. With `dry` it only says what it would do. When the report has
/// errors, nothing was written. Needs `catalogue.edit`; writes one `catalogue.matter_changed`.
///
/// # Errors
/// When the actor lacks the right or the database refuses; what is wrong with the file is in the report.
pub fn import_matters(
    tx: &mut Tx<'_>,
    cx: &Cx,
    file: &[u8],
    name: &str,
    from: Day,
    dry: bool,
) -> Result<Report> {
    match sheet::read_matters(file) {
        Ok(bodies) => put_matters(tx, cx, &bodies, from, name, dry),
        Err(errors) => Ok(Report { errors, ..Report::default() }),
    }
}

fn put_matters(
    tx: &mut Tx<'_>,
    cx: &Cx,
    bodies: &[(u64, MatterBody)],
    from: Day,
    name: &str,
    dry: bool,
) -> Result<Report> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let book = book(tx, office)?;
    let mut report = Report { rows: bodies.len() as u64, ..Report::default() };
    let mut plans = Vec::new();
    for (line, body) in bodies {
        match plan_matter(&book, body, from) {
            Ok(Plan::Same(_)) => report.unchanged += 1,
            Ok(Plan::New { version, ends }) => {
                if version == 1 {
                    report.added += 1
                } else {
                    report.changed += 1
                }
                plans.push((body, version, ends));
            }
            Err(Error::Refused(reason)) => {
                report.errors.push(RowError::new(*line, reason.field.unwrap_or_default(), *reason));
            }
            Err(error) => return Err(error),
        }
    }
    if dry || plans.is_empty() || !report.errors.is_empty() {
        return Ok(report);
    }
    let mut rows = Vec::with_capacity(plans.len());
    let mut ended = Vec::new();
    for (body, version, ends) in plans {
        let row =
            Matter { id: MatterId(tx.id()?), body: body.clone(), from_day: from, until_day: None, version };
        store::insert_matter(tx, office, &row)?;
        if let Some(old) = ends {
            store::end_matter(tx, office, old, Some(from.plus(-1)))?;
            ended.push((old, from.plus(-1)));
        }
        rows.push(row);
    }
    record_matters(tx, cx, &MatterChange { rows: rows.iter().collect(), ended, reason: name })?;
    Ok(report)
}

/// What to do with a row that names a unit or place the office has not.
#[derive(Clone, Copy, PartialEq)]
enum Missing {
    Skip,
    Error,
}

/// Takes over a spreadsheet of the duty list: rows are known by matter, place and first day. Rows that the
/// file does not name stay, but an open one ends the day before a later row of the same matter and place
/// begins. With `dry` it only says what it would do. When the report has errors, nothing was written.
/// Needs `catalogue.edit`; writes one `catalogue.duty_changed`.
///
/// # Errors
/// When the actor lacks the right or the database refuses; what is wrong with the file is in the report.
pub fn import_duty(tx: &mut Tx<'_>, cx: &Cx, file: &[u8], name: &str, dry: bool) -> Result<Report> {
    match sheet::read_duty(file) {
        Ok(lines) => put_duty(tx, cx, &lines, name, Missing::Error, dry),
        Err(errors) => Ok(Report { errors, ..Report::default() }),
    }
}

fn put_duty(
    tx: &mut Tx<'_>,
    cx: &Cx,
    lines: &[DutyLine],
    name: &str,
    missing: Missing,
    dry: bool,
) -> Result<Report> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let keys = Keys::read(tx, cx)?;
    let book = book(tx, office)?;
    let mut report = Report { rows: lines.len() as u64, ..Report::default() };
    let mut rows: Vec<DutyRow> = Vec::new();
    let mut ended: Vec<(DutyId, Day)> = Vec::new();
    for line in lines {
        let body = match keys.body(line) {
            Ok(body) => body,
            Err(_) if missing == Missing::Skip => {
                report.skipped += 1;
                continue;
            }
            Err(error) => {
                report.errors.push(error);
                continue;
            }
        };
        if !matter_known(&book.matters, &body.matter) {
            let reason = Refusal::rule("catalogue.change.unknown_matter").with("value", &body.matter);
            report.errors.push(RowError::new(line.line, "matter", reason));
            continue;
        }
        let same_key = |d: &&DutyRow| d.matter == body.matter && d.place == body.place;
        let chain: Vec<&DutyRow> = book.duties.iter().filter(same_key).collect();
        let known = chain
            .iter()
            .rev()
            .find(|d| d.from_day == line.from && d.until_day.is_none_or(|u| u >= d.from_day));
        if let Some(known) = known
            && known.body == body
            && known.until_day == line.to
        {
            report.unchanged += 1;
            continue;
        }
        match known {
            Some(known) => {
                report.changed += 1;
                ended.push((known.id, line.from.plus(-1)));
            }
            None => {
                report.added += 1;
                let open = chain.iter().filter(|d| d.until_day.is_none() && d.from_day < line.from);
                ended.extend(open.map(|d| (d.id, line.from.plus(-1))));
            }
        }
        let version = chain.iter().map(|d| d.version).max().unwrap_or(0) + 1;
        rows.push(DutyRow { id: DutyId(0), body, from_day: line.from, until_day: line.to, version });
    }
    if dry || rows.is_empty() || !report.errors.is_empty() {
        return Ok(report);
    }
    for row in &mut rows {
        row.id = DutyId(tx.id()?);
        store::insert_duty(tx, office, row)?;
    }
    for (id, until) in &ended {
        store::end_duty(tx, office, *id, Some(*until))?;
    }
    record_duties(tx, cx, &DutyChange { rows: rows.iter().collect(), ended, reason: name })?;
    Ok(report)
}

fn matter_known(matters: &[Matter], pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => matters.iter().any(|m| m.code.starts_with(head)),
        None => matters.iter().any(|m| m.code == pattern),
    }
}

/// Units and places by the keys that spreadsheets use, both ways.
struct Keys {
    units: Vec<DutyUnit>,
    places: HashMap<String, PlaceId>,
    codes: HashMap<PlaceId, String>,
}

impl Keys {
    fn read(tx: &mut Tx<'_>, cx: &Cx) -> Result<Keys> {
        let book = places::service::book(tx, cx.office.id)?;
        let pairs = || book.all().map(|p| (p.code.clone(), p.id));
        Ok(Keys {
            units: store::list_units(tx, cx.office.id)?,
            places: pairs().collect(),
            codes: pairs().map(|(code, id)| (id, code)).collect(),
        })
    }

    fn holder(&self, line: &DutyLine, column: &str, key: &str) -> std::result::Result<Holder, RowError> {
        if key == COMMUNITY {
            return Ok(Holder::Community);
        }
        let unit = self.units.iter().find(|u| u.code == key).ok_or_else(|| {
            RowError::new(line.line, column, Refusal::rule("import.row.unit").with("value", key))
        })?;
        Ok(Holder::Unit(unit.id))
    }

    fn body(&self, line: &DutyLine) -> std::result::Result<DutyBody, RowError> {
        let place = if line.place.is_empty() {
            None
        } else {
            let unknown = || {
                RowError::new(
                    line.line,
                    "place",
                    Refusal::rule("import.row.place").with("value", &line.place),
                )
            };
            Some(*self.places.get(&line.place).ok_or_else(unknown)?)
        };
        let co = line
            .co
            .iter()
            .map(|key| self.holder(line, "co_units", key))
            .collect::<std::result::Result<_, _>>()?;
        Ok(DutyBody {
            matter: line.matter.clone(),
            place,
            lead: self.holder(line, "lead", &line.lead)?,
            co,
            basis: line.basis.clone(),
            note: line.note.clone(),
        })
    }

    fn key(&self, holder: Holder) -> String {
        match holder {
            Holder::Community => COMMUNITY.to_owned(),
            Holder::Unit(id) => {
                self.units.iter().find(|u| u.id == id).map(|u| u.code.clone()).unwrap_or_default()
            }
        }
    }
}

/// The matters in force on a day, as a spreadsheet that [`import_matters`] reads.
///
/// # Errors
/// When the database refuses.
pub fn export_matters(tx: &mut Tx<'_>, cx: &Cx, day: Day) -> Result<String> {
    cx.actor.need("catalogue.read")?;
    let matters = super::matters_on(tx, cx.office.id, day)?;
    Ok(sheet::write_matters(&matters)?)
}

/// The duty list with all its dated rows, as a spreadsheet that [`import_duty`] reads. Rows that were
/// replaced before they came into force are left out.
///
/// # Errors
/// When the database refuses.
pub fn export_duty(tx: &mut Tx<'_>, cx: &Cx) -> Result<String> {
    cx.actor.need("catalogue.read")?;
    let keys = Keys::read(tx, cx)?;
    let book = book(tx, cx.office.id)?;
    let ever = book.duties.iter().filter(|d| d.until_day.is_none_or(|until| until >= d.from_day));
    let lines: Vec<DutyLine> = ever
        .map(|d| DutyLine {
            line: 0,
            matter: d.matter.clone(),
            place: d.place.and_then(|p| keys.codes.get(&p)).cloned().unwrap_or_default(),
            from: d.from_day,
            to: d.until_day,
            lead: keys.key(d.lead),
            co: d.co.iter().map(|h| keys.key(*h)).collect(),
            basis: d.basis.clone(),
            note: d.note.clone(),
        })
        .collect();
    Ok(sheet::write_duty(&lines)?)
}
