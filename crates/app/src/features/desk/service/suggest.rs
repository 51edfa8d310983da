//! What a dispatcher is offered with its evidence: the unit by the duty list, several matters in one message,
//! cases that may be the same trouble.

use super::super::names::Names;
use super::super::store::{self as rows, Around, Candidate};
use super::clock;
use super::place::point_of;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::catalogue::model::DutyList;
use crate::features::intake::model::Report;
use crate::features::places;
use crate::features::procedures::state::CaseState;
use crate::words::Words;
use kernel::{Ts, UnitId};
use store::{Result, Tx};

/// How far back history speaks.
const YEAR: i64 = 365 * Ts::DAY;
/// Cases compared with one message at most.
const COMPARED: i64 = 300;
/// Two messages are alike from here on.
const ALIKE: f64 = 0.34;
/// So alike that it is one message sent twice, whatever matter and place say.
const SAME: f64 = 0.6;
/// Two cases of one matter within this distance are shown as alike whatever their words, in metres.
const NEAR_M: f64 = 60.0;
/// Farther apart it is another trouble, in metres.
const FAR_M: f64 = 500.0;
/// A closed case is news for so long: the trouble may have come back.
const BACK: i64 = 30 * Ts::DAY;

/// A unit suggested, and why.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The unit that would lead.
    pub lead: UnitId,
    /// Its name.
    pub lead_name: String,
    /// Those that would help.
    pub co: Vec<UnitId>,
    /// Their names.
    pub co_names: String,
    /// The row of the duty list, quoted, and what history says.
    pub why: Vec<String>,
}

/// What is said above the bar of a case that is to be dispatched.
#[derive(Clone, Debug, Default)]
pub struct Advice {
    /// The suggestion, where there is one that may be followed.
    pub suggestion: Option<Suggestion>,
    /// Why there is none, or what forbids the obvious one.
    pub warnings: Vec<String>,
    /// Whether the obvious unit is what the case is about.
    pub is_subject: bool,
}

/// The unit for a case by the duty list, else by who closed most of the kind.
///
/// # Errors
/// When the database refuses.
pub fn advice(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &mut Names, case: &CaseState) -> Result<Advice> {
    let mut out = Advice::default();
    let Some(id) = case.matter else { return Ok(out) };
    let matter = names.matter(tx, id)?.clone();
    if matter.duty_list == DutyList::Withdrawn {
        out.warnings.push(w.t1("advice-withdrawn", "department", matter.lead_department.get(w.locale)));
    }
    let line = match case.at.place.or(case.at.grid).or(case.at.community) {
        Some(place) => places::service::line(tx, cx.office.id, place)?,
        None => Vec::new(),
    };
    let used = rows::matter_use(tx, cx, &matter.code, cx.now.plus(-YEAR))?;
    let total: i64 = used.iter().map(|u| u.1).sum();
    let duty = catalogue::service::duty_for(tx, cx.office.id, &matter.code, &line, cx.today())?;
    let (lead, co, quoted) = match duty {
        Some(duty) => {
            let co: Vec<UnitId> = duty.co.clone();
            let quoted = w.ta(
                "advice-duty",
                &[
                    ("code", matter.code.clone()),
                    ("matter", matter.names.get(names.locale()).to_owned()),
                    ("unit", names.unit(duty.lead)),
                    ("limit", clock::limit(w, matter.handle_limit)),
                ],
            );
            (Some(duty.lead), co, vec![quoted, duty.basis])
        }
        None => {
            let most = used.iter().find_map(|(unit, _)| *unit);
            (most, Vec::new(), vec![w.t1("advice-no-duty", "matter", matter.names.get(names.locale()))])
        }
    };
    let Some(lead) = lead else {
        out.warnings.extend(quoted);
        return Ok(out);
    };
    if is_shut_out(tx, cx, case, lead)? {
        out.is_subject = true;
        out.warnings.push(w.t1("advice-subject", "unit", names.unit(lead)));
        return Ok(out);
    }
    let active = names.unit_row(lead).is_some_and(|u| u.active);
    if !active || catalogue::service::may_handle(tx, cx.office.id, &matter, lead).is_err() {
        return Ok(out);
    }
    let mut co_units = Vec::new();
    for unit in co {
        if !is_shut_out(tx, cx, case, unit)?
            && catalogue::service::may_handle(tx, cx.office.id, &matter, unit).is_ok()
        {
            co_units.push(unit);
        }
    }
    let own: i64 = used.iter().filter(|(unit, _)| *unit == Some(lead)).map(|u| u.1).sum();
    let mut why: Vec<String> = quoted.into_iter().filter(|t| !t.is_empty()).collect();
    if total > 0 {
        why.push(w.t2("advice-history", ("total", &total), ("own", &own)));
    }
    out.suggestion = Some(Suggestion {
        lead,
        lead_name: names.unit(lead),
        co_names: co_units.iter().map(|u| names.unit(*u)).collect::<Vec<_>>().join(&w.t("list-joint")),
        co: co_units,
        why,
    });
    Ok(out)
}

/// The item of the duty list that gives the case's matter to somebody above, quoted; blank where it is the street's own.
///
/// # Errors
/// When the database refuses.
pub fn listed(tx: &mut Tx<'_>, w: &Words, names: &mut Names, case: &CaseState) -> Result<String> {
    let Some(id) = case.matter else { return Ok(String::new()) };
    let matter = names.matter(tx, id)?;
    let list = match matter.duty_list {
        DutyList::Basic => return Ok(String::new()),
        DutyList::Assist => "basis-assist",
        DutyList::Withdrawn => "basis-withdrawn",
    };
    let of = [
        ("code", matter.code.clone()),
        ("matter", matter.names.get(w.locale).to_owned()),
        ("department", matter.lead_department.get(w.locale).to_owned()),
    ];
    Ok(w.ta(list, &of))
}

/// Whether a unit is the subject of the complaint or lies under it.
fn is_shut_out(tx: &mut Tx<'_>, cx: &Cx, case: &CaseState, unit: UnitId) -> Result<bool> {
    let Some(subject) = case.subject_unit else { return Ok(false) };
    crate::features::procedures::store::is_under(tx, cx.office.id, unit, subject)
}

/// The matters that one message seems to bring, as texts; empty when it brings one.
#[must_use]
pub fn points(report: &Report) -> Vec<String> {
    text::split_points(&report.text).into_iter().map(|range| report.text[range].to_owned()).collect()
}

/// A case that may be the same trouble.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The case.
    pub case: Candidate,
    /// 0 to 1, of the words.
    pub likeness: f64,
    /// Metres apart, where both points are known.
    pub metres: Option<f64>,
    /// Whether somebody still works on it.
    pub open: bool,
}

/// What cases are compared with.
pub struct Said<'a> {
    /// Title and text.
    pub text: &'a str,
    /// The matter's code.
    pub matter_code: Option<&'a str>,
    /// Where, in ten-millionths of a degree.
    pub point: Option<(i64, i64)>,
}

/// Cases alike within the last twelve months, open ones first, the likest first.
///
/// # Errors
/// When the database refuses.
pub fn alike(
    tx: &mut Tx<'_>,
    cx: &Cx,
    around: &Around<'_>,
    said: &Said<'_>,
    most: usize,
) -> Result<Vec<Alike>> {
    let own = text::Grams::of(said.text);
    let here = said.point.and_then(point_of);
    let mut out: Vec<Alike> = Vec::new();
    for case in rows::candidates(tx, cx, around, cx.now.plus(-YEAR), COMPARED)? {
        let likeness = own.similarity(&text::Grams::of(&format!("{} {}", case.title, case.text)));
        let metres = here.zip(case.point.and_then(point_of)).map(|(a, b)| geography::distance_m(a, b));
        let open = !matches!(case.phase.as_str(), "closed" | "refused" | "ended");
        let matters = (said.matter_code, case.matter_code.as_deref());
        let one_matter = matches!(matters, (Some(a), Some(b)) if a == b);
        let other_matter = matches!(matters, (Some(a), Some(b)) if a != b);
        let near = one_matter && metres.is_some_and(|m| m <= NEAR_M);
        let far = metres.is_some_and(|m| m > FAR_M);
        let shown = if open {
            near || likeness >= SAME || (likeness >= ALIKE && !other_matter && !far)
        } else {
            // What is over long ago, elsewhere or of another kind only sounds alike.
            likeness >= ALIKE && one_matter && !far && case.opened_at >= cx.now.plus(-BACK)
        };
        if shown {
            out.push(Alike { case, likeness, metres, open });
        }
    }
    out.sort_by(|a, b| b.open.cmp(&a.open).then(b.likeness.total_cmp(&a.likeness)));
    out.truncate(most);
    Ok(out)
}
