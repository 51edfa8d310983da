//! Looking up matters and duties.

use super::super::book::{Book, book};
use super::super::model::{self, Duty, DutyRow, DutyUnit, Holder, Matter, RefusalRoute};
use super::super::{sheet, store};
use crate::context::Cx;
use ::store::{Error, Result, Tx};
use kernel::{Day, DutyId, MatterId, OfficeId, PlaceId, Refusal, UnitId};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How many matters a search answers.
const FOUND_MOST: usize = 30;

/// A version of a matter by its id, in force or not: a case keeps the row it was classified by.
///
/// # Errors
/// `common.not_found` when the office has none of this id.
pub fn matter(tx: &mut Tx<'_>, office: OfficeId, id: MatterId) -> Result<Matter> {
    book(tx, office)?.matter(id).cloned().ok_or_else(|| Refusal::not_found().into())
}

/// The row of a code in force on a day.
///
/// # Errors
/// When the database refuses.
pub fn matter_by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str, day: Day) -> Result<Option<Matter>> {
    Ok(book(tx, office)?.by_code(code, day).cloned())
}

/// All versions of a code, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn matter_versions(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Vec<Matter>> {
    Ok(book(tx, office)?.versions(code).cloned().collect())
}

/// All matters in force on a day, by code.
///
/// # Errors
/// When the database refuses.
pub fn matters_on(tx: &mut Tx<'_>, office: OfficeId, day: Day) -> Result<Vec<Matter>> {
    Ok(in_force(&*book(tx, office)?, day).cloned().collect())
}

/// The matters in force on a day, one row a code.
fn in_force(book: &Book, day: Day) -> impl Iterator<Item = &Matter> {
    book.matters
        .iter()
        .filter(move |m| m.in_force(day) && book.by_code(&m.code, day).is_some_and(|b| b.id == m.id))
}

/// The matters in force on a day that fit what is typed (code, name, how residents say it, rules of
/// judgement), best first, at most 30. A blank text gives the first of all.
///
/// # Errors
/// When the database refuses.
pub fn find_matters(tx: &mut Tx<'_>, cx: &Cx, day: Day, text: &str) -> Result<Vec<Matter>> {
    let book = book(tx, cx.office.id)?;
    Ok(book.find(day, text, FOUND_MOST).into_iter().map(|hit| book.matters[hit.index].clone()).collect())
}

/// A version of a row of the duty list by its id.
///
/// # Errors
/// `common.not_found` when the office has none of this id.
pub fn duty(tx: &mut Tx<'_>, office: OfficeId, id: DutyId) -> Result<DutyRow> {
    book(tx, office)?.duty(id).cloned().ok_or_else(|| Refusal::not_found().into())
}

/// All rows of the duty list in force on a day.
///
/// # Errors
/// When the database refuses.
pub fn duties_on(tx: &mut Tx<'_>, office: OfficeId, day: Day) -> Result<Vec<DutyRow>> {
    Ok(book(tx, office)?.duties.iter().filter(|d| d.in_force(day)).cloned().collect())
}

/// The units that the duty list can name.
///
/// # Errors
/// When the database refuses.
pub fn units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<DutyUnit>> {
    store::list_units(tx, office)
}

/// Who is responsible for a matter at a place on a day, by the duty list. `line` is the place and all above
/// it, finest first (`places::service::line`); empty when the place is unknown.
///
/// The matter's own row comes before its class's and that before `*`; of rows for one matter the finest
/// place wins, then the one that began last. A row whose lead no longer exists is passed over, and so is
/// one that names the community's unit where there is none.
///
/// # Errors
/// When the database refuses.
pub fn duty_for(
    tx: &mut Tx<'_>,
    office: OfficeId,
    matter_code: &str,
    line: &[PlaceId],
    day: Day,
) -> Result<Option<Duty>> {
    let book = book(tx, office)?;
    let units = store::list_units(tx, office)?;
    Ok(resolve(&book, matter_code, line, day, &|named| holder(&units, named, line)))
}

fn resolve(
    book: &Book,
    code: &str,
    line: &[PlaceId],
    day: Day,
    unit_of: &dyn Fn(Holder) -> Option<UnitId>,
) -> Option<Duty> {
    let distance = |row: &DutyRow| match row.place {
        Some(place) => line.iter().position(|p| *p == place),
        None => Some(line.len()),
    };
    let mut rows: Vec<(usize, &DutyRow)> =
        book.duties_of(code, day).filter_map(|row| distance(row).map(|d| (d, row))).collect();
    // Stable, so that rows of a more particular matter stay before those of a class.
    let rank = |row: &DutyRow| specificity(&row.matter, code);
    rows.sort_by(|a, b| {
        rank(a.1)
            .cmp(&rank(b.1))
            .then(a.0.cmp(&b.0))
            .then(b.1.from_day.cmp(&a.1.from_day))
            .then(b.1.version.cmp(&a.1.version))
    });
    rows.into_iter().find_map(|(_, row)| {
        let lead = unit_of(row.lead)?;
        let mut co: Vec<UnitId> = Vec::new();
        for unit in row.co.iter().filter_map(|h| unit_of(*h)) {
            if unit != lead && !co.contains(&unit) {
                co.push(unit);
            }
        }
        Some(Duty {
            id: row.id,
            lead,
            co,
            basis: row.basis.clone(),
            matter: row.matter.clone(),
            place: row.place,
        })
    })
}

/// 0 for the code itself, then the code without its condition, then longer classes before shorter ones.
#[must_use]
pub fn specificity(pattern: &str, code: &str) -> usize {
    if pattern == code {
        return 0;
    }
    match pattern.strip_suffix('*') {
        None => 1,
        Some(head) => 2 + code.len().saturating_sub(head.len()),
    }
}

/// The unit a row names, if it still exists.
fn holder(units: &[DutyUnit], holder: Holder, line: &[PlaceId]) -> Option<UnitId> {
    let named = |unit: &&DutyUnit| match holder {
        Holder::Unit(id) => unit.id == id,
        Holder::Community => {
            unit.kind == "community" && unit.place.is_some_and(|place| line.contains(&place))
        }
    };
    units.iter().find(|unit| unit.active && named(unit)).map(|unit| unit.id)
}

/// Refuses a unit that may not lead a case of this matter.
///
/// # Errors
/// See [`model::may_handle`]; `common.not_found` when the office has no such unit.
pub fn may_handle(tx: &mut Tx<'_>, office: OfficeId, matter: &Matter, unit: UnitId) -> Result<()> {
    let units = store::list_units(tx, office)?;
    let unit = units.iter().find(|u| u.id == unit).ok_or_else(Refusal::not_found)?;
    Ok(model::may_handle(matter, unit)?)
}

/// By what sort of row a matter has its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A row of its own.
    Own,
    /// Its class's row.
    Class,
    /// Nobody but whoever takes what nobody owns.
    CatchAll,
    /// Nobody at all.
    Nobody,
}

/// Each matter in force on a day with its answer for the whole office and what sort of row gave it.
///
/// # Errors
/// When the database refuses.
pub fn owners_of(tx: &mut Tx<'_>, office: OfficeId, day: Day) -> Result<Vec<(Matter, Option<Duty>, Owner)>> {
    let book = book(tx, office)?;
    let units = store::list_units(tx, office)?;
    // Asked for no place in particular, a row for the community's unit still has an owner: any of them.
    let any = units.iter().find(|u| u.active && u.kind == "community").map(|u| u.id);
    let unit_of = |named| match named {
        Holder::Community => any,
        Holder::Unit(_) => holder(&units, named, &[]),
    };
    Ok(in_force(&book, day)
        .map(|matter| {
            let duty = resolve(&book, &matter.code, &[], day, &unit_of);
            let owner = match &duty {
                None => Owner::Nobody,
                Some(duty) if duty.matter == "*" => Owner::CatchAll,
                Some(duty) if duty.matter.ends_with('*') => Owner::Class,
                Some(_) => Owner::Own,
            };
            (matter.clone(), duty, owner)
        })
        .collect())
}

/// How far the duty list covers the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Matters in force.
    pub matters: i64,
    /// Those with an owner by a row of their own or of their class (`matters_with_owner`).
    pub with_owner: i64,
    /// By class.
    pub classes: Vec<ClassCoverage>,
    /// The codes of those without.
    pub without: Vec<String>,
}

/// The same for one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCoverage {
    /// The class's code.
    pub class_code: String,
    /// Its name.
    pub class: model::Names,
    /// Matters in force.
    pub matters: i64,
    /// With a row of their own.
    pub own: i64,
    /// By their class's row.
    pub by_class: i64,
}

/// The figure `matters_with_owner` and what is under it.
///
/// # Errors
/// When the database refuses.
pub fn coverage(tx: &mut Tx<'_>, office: OfficeId, day: Day) -> Result<Coverage> {
    let mut out = Coverage::default();
    let mut classes: BTreeMap<String, ClassCoverage> = BTreeMap::new();
    for (matter, _, owner) in owners_of(tx, office, day)? {
        let class = classes.entry(matter.class_code.clone()).or_insert_with(|| ClassCoverage {
            class_code: matter.class_code.clone(),
            class: matter.class.clone(),
            ..ClassCoverage::default()
        });
        out.matters += 1;
        class.matters += 1;
        match owner {
            Owner::Own => class.own += 1,
            Owner::Class => class.by_class += 1,
            Owner::CatchAll | Owner::Nobody => out.without.push(matter.code.clone()),
        }
    }
    out.classes = classes.into_values().collect();
    out.with_owner = out.classes.iter().map(|c| c.own + c.by_class).sum();
    Ok(out)
}

static ROUTES: LazyLock<std::result::Result<Vec<RefusalRoute>, String>> = LazyLock::new(|| {
    sheet::read_routes(include_bytes!("../../../../../../packs/demands/refusal_routes.csv"))
        .map_err(|errors| format!("{errors:?}"))
});

/// The lawful routes that can be told with a refusal.
///
/// # Errors
/// When the shipped table is damaged, which a test rules out.
pub fn refusal_routes() -> Result<&'static [RefusalRoute]> {
    ROUTES.as_deref().map_err(|e| Error::failed(e.clone()))
}
