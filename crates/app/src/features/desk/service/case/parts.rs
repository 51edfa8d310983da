//! Units, requests, links: what a case consists of and what it hangs together with.

use super::super::super::names::Names;
use super::super::super::store::Around;
use super::super::clock;
use super::super::forms::{self, ActView};
use super::super::suggest::{self, Said};
use super::super::timeline::{Span, spans};
use super::super::word_key;
use crate::context::Cx;
use crate::features::documents;
use crate::features::knowledge;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{AssignmentState, CaseState, Role};
use crate::words::Words;
use kernel::{CaseId, Ts};
use store::{Result, Tx};

/// A unit's part.
#[derive(Clone, Debug)]
pub struct PartView {
    /// The unit.
    pub unit: String,
    /// Lead or helper.
    pub role: String,
    /// How far it is.
    pub state: String,
    /// Its deadline, or when it was done.
    pub when: String,
    /// `red`, `amber` or blank.
    pub class: &'static str,
    /// What it did, in its own words.
    pub result: Vec<Span>,
    /// Whether it is one of the viewer's units.
    pub own: bool,
}

/// Something asked for.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// Who asked for what, when.
    pub head: String,
    /// Why.
    pub reason: Vec<Span>,
    /// On what ground.
    pub basis: Vec<Span>,
    /// The decision, blank while it waits.
    pub answer: String,
    /// Whether it waits.
    pub waits: bool,
}

/// Another case.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// How it hangs together.
    pub label: String,
    /// Where it opens.
    pub href: String,
    /// Number and title.
    pub text: String,
    /// Its state and unit.
    pub state: String,
    /// Its deadline; blank once it is done.
    pub due: String,
    /// `red`, `amber` or blank.
    pub class: &'static str,
    /// Whether the case went into this one.
    pub into: bool,
}

/// A record of an upper platform.
#[derive(Clone, Debug)]
pub struct UpperView {
    /// System and number.
    pub text: String,
    /// Its deadline.
    pub due: String,
    /// Until when the office wants to be done with it: its margin before that (提前量).
    pub own: String,
    /// `red` when the deadline has passed, `amber` when the office's own has.
    pub class: &'static str,
    /// The sheet from which it is written back; blank while there is nothing to write.
    pub reply: String,
    /// How the way back stands: 待回填, 已回填 with its time, 上级已办结.
    pub standing: String,
}

/// A case that may be the same.
#[derive(Clone, Debug)]
pub struct SimilarView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// How alike, how far, since when, in what state.
    pub why: String,
    /// Whether it can be merged into.
    pub open: bool,
    /// Its version, so that a merge notices a change.
    pub version: i64,
}

pub(super) fn parts(cx: &Cx, w: &Words, names: &Names, case: &CaseState) -> Vec<PartView> {
    let own_clock =
        |id, kind: &str| case.clocks.iter().rev().find(|c| c.assignment == Some(id) && c.kind == kind);
    case.assignments
        .iter()
        .filter(|a| a.state != AssignmentState::Off)
        .map(|a| {
            let kind = if a.state == AssignmentState::Sent { "sign" } else { "handle" };
            let due =
                own_clock(a.id, kind).filter(|c| c.is_open()).and_then(|c| c.due.map(|d| (d, c.expected)));
            let (class, when) = match (a.done_at, due) {
                (Some(at), _) if a.late == Some(true) => ("red", w.t1("part-done-late", "when", w.when(at))),
                (Some(at), _) => ("", w.t1("part-done-at", "when", w.when(at))),
                (None, Some((due, expected))) => {
                    let (light, text) = clock::standing(w, due, expected, cx.now);
                    (
                        light.class(),
                        w.t2("part-due", ("clock", &w.t(&word_key("clock", kind))), ("due", &text)),
                    )
                }
                (None, None) => ("", String::new()),
            };
            PartView {
                unit: names.unit(a.unit),
                role: w.t(if a.role == Role::Lead { "role-lead" } else { "role-co" }),
                state: w.t(&word_key("part", a.state.as_str())),
                class: if class == "green" { "" } else { class },
                when,
                result: a.result.as_deref().map(|t| spans(w, t)).unwrap_or_default(),
                own: cx.actor.units.contains(&a.unit),
            }
        })
        .collect()
}

pub(super) fn requests(
    tx: &mut Tx<'_>,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
) -> Result<Vec<RequestView>> {
    names.know(tx, case.requests.iter().filter_map(|r| r.decided_by))?;
    Ok(case
        .requests
        .iter()
        .rev()
        .map(|r| {
            let unit = r.asked_unit.map(|u| names.unit(u)).unwrap_or_default();
            let mut head = w.ta(
                "request-line",
                &[("unit", unit), ("what", w.t(&word_key("request", &r.kind))), ("when", w.when(r.asked_at))],
            );
            if let Some(limit) = r.limit {
                head.push_str(&w.t1("request-amount", "limit", clock::limit(w, limit)));
            }
            let answer = r.granted.map(|granted| {
                w.ta(
                    if granted { "request-granted" } else { "request-refused" },
                    &[
                        ("person", r.decided_by.map(|id| names.person(id).to_owned()).unwrap_or_default()),
                        ("when", r.decided_at.map(|at| w.when(at)).unwrap_or_default()),
                        ("answer", r.answer.clone().unwrap_or_default()),
                    ],
                )
            });
            RequestView {
                head,
                reason: spans(w, &r.reason),
                basis: spans(w, &r.basis),
                waits: answer.is_none(),
                answer: answer.unwrap_or_default(),
            }
        })
        .collect())
}

/// Whole, parts, where it was merged into, what was merged into it; only what the viewer may see.
pub(super) fn links(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &Names,
    case: &CaseState,
) -> Result<Vec<LinkView>> {
    let mut ids: Vec<(&str, CaseId)> = Vec::new();
    ids.extend(case.parent.map(|id| ("link-whole", id)));
    ids.extend(case.merged_into.map(|id| ("link-merged-into", id)));
    let children = super::super::super::store::children(tx, cx.office.id, case.id)?;
    ids.extend(children.into_iter().map(|id| ("link-part", id)));
    let merged = super::super::super::store::merged_here(tx, cx.office.id, case.id)?;
    ids.extend(merged.into_iter().map(|id| ("link-merged", id)));
    let mut out = Vec::new();
    for (label, id) in ids {
        let Ok(other) = engine::visible(tx, cx, id) else { continue };
        let unit = other.lead().map(|a| names.unit(a.unit)).unwrap_or_default();
        let running = other
            .lead()
            .and_then(|a| other.open_clocks().find(|c| c.kind == "handle" && c.assignment == Some(a.id)));
        let due = running.and_then(|c| c.due.map(|due| clock::standing(w, due, c.expected, cx.now)));
        let (class, due) = due.map(|(light, text)| (light.class(), text)).unwrap_or_default();
        out.push(LinkView {
            class: if class == "green" { "" } else { class },
            due: if due.is_empty() {
                due
            } else {
                w.t2("part-due", ("clock", &w.t("clock-handle")), ("due", &due))
            },
            label: w.t(label),
            into: label == "link-merged-into",
            href: format!("/cases/{id}"),
            text: format!("{} {}", other.no, other.title),
            state: format!("{} {unit}", super::state(w, &other)).trim().to_owned(),
        });
    }
    Ok(out)
}

pub(super) fn uppers(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: &CaseState) -> Result<Vec<UpperView>> {
    let rows = super::super::super::store::uppers(tx, cx.office.id, case.id)?;
    // An imported case has its source's deadline, and no record of an upper platform.
    if let (true, Some(due)) = (rows.is_empty(), case.upper_due) {
        let text = w.t("fact-upper-due");
        let class = if case.phase.is_open() && due < cx.now { "red" } else { "" };
        let (reply, standing) = Default::default();
        return Ok(vec![UpperView { text, due: w.when(due), own: String::new(), class, reply, standing }]);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let (due, done) = (row.due, case.phase.has_result());
            let standing = match (row.state.as_str(), row.replied_at) {
                ("replied", Some(at)) => w.t1("upper-replied", "when", w.when(at)),
                ("closed", _) => w.t("upper-over"),
                _ if done => w.t("upper-to-reply"),
                _ => String::new(),
            };
            let may = done && cx.actor.has("demands.dispatch");
            let margin = cx.office.settings.upper_margin;
            let open = case.phase.is_open();
            let own = due.filter(|_| open && margin.amount > 0).map(|at| cx.office.rules.before(at, margin));
            let past = |at: Option<Ts>| open && at.is_some_and(|at| at < cx.now);
            UpperView {
                text: w.t2("row-upper", ("system", &row.system), ("number", &row.number)),
                due: due.map(|at| w.t1("row-upper-due", "when", w.when(at))).unwrap_or_default(),
                own: own.map(|at| w.t1("upper-own-due", "when", w.when(at))).unwrap_or_default(),
                reply: if may { format!("/upstream/replies/{}", row.id) } else { String::new() },
                standing,
                class: match (past(due), past(own)) {
                    (true, _) => "red",
                    (false, true) => "amber",
                    _ => "",
                },
            }
        })
        .collect())
}

/// The verbs of the engine itself that the viewer may do now.
pub(super) fn verbs(cx: &Cx, w: &Words, case: &CaseState) -> Vec<ActView> {
    let open = case.phase.is_open() && case.state != "split";
    let early = matches!(case.phase, Phase::Received | Phase::Accepted);
    let mut out = Vec::new();
    let mut add = |is: bool, key: &str, hotkey: &str, rare: bool| {
        if is {
            out.push(ActView {
                key: key.to_owned(),
                label: w.t(&word_key("action", key)),
                hotkey: hotkey.to_owned(),
                shown: forms::shown(hotkey),
                primary: false,
                href: format!("/cases/{}/do/{key}", case.id),
                direct: None,
                rare,
                behalf: false,
            });
        }
    };
    add(early && case.parent.is_none() && cx.actor.has("demands.dispatch"), "split", "s", false);
    add(open && cx.actor.has("demands.merge"), "merge", "m", !early);
    add(case.merged_into.is_some() && cx.actor.has("demands.merge"), "unmerge", "", false);
    add(open && cx.actor.is_intake(), "upper", "", true);
    let in_hand = case.assignments.iter().any(|a| a.state.is_open());
    add(open && in_hand && case.class == "ordinary" && cx.actor.has("demands.dispatch"), "hands", "l", true);
    if let Some(hands) = out.iter_mut().find(|act| act.key == "hands") {
        hands.href = format!("/cases/{}/hands", case.id);
    }
    out
}

pub(super) fn similar(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
    text: &str,
) -> Result<Vec<SimilarView>> {
    let around = Around {
        except: Some(case.id),
        grid: case.at.grid.map(|p| p.0),
        community: case.at.community.map(|p| p.0),
        matter_code: case.matter_code.as_deref(),
        class: &case.class,
    };
    let said =
        Said { text, matter_code: case.matter_code.as_deref(), point: case.at.lon_e7.zip(case.at.lat_e7) };
    let found = suggest::alike(tx, cx, &around, &said, 3)?;
    found.into_iter().map(|a| similar_view(tx, w, names, &a)).collect()
}

/// A similar case in words, for the case page and for intake.
///
/// # Errors
/// When the database refuses.
pub fn similar_view(
    tx: &mut Tx<'_>,
    w: &Words,
    names: &mut Names,
    a: &suggest::Alike,
) -> Result<SimilarView> {
    let mut why = vec![w.t(&word_key("phase", &a.case.phase)), w.when(a.case.opened_at)];
    let matter = names.matter_name(tx, a.case.matter)?;
    if !matter.is_empty() {
        why.push(matter);
    }
    if let Some(m) = a.metres {
        why.push(w.t1("similar-metres", "n", format!("{m:.0}")));
    } else if !a.case.address.is_empty() {
        why.push(a.case.address.clone());
    }
    why.push(w.t1("similar-likeness", "n", format!("{:.0}", a.likeness * 100.0)));
    Ok(SimilarView {
        id: a.case.id.to_string(),
        no: a.case.no.clone(),
        title: a.case.title.clone(),
        why: why.join(" \u{b7} "),
        open: a.open,
        version: a.case.version,
    })
}

/// Which answers of the knowledge base were given, each in the version that was read out.
pub(super) fn given(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: &CaseState) -> Result<Vec<(String, String)>> {
    let line = |u: &knowledge::model::Use| {
        let href = format!("/knowledge/{}?version={}", u.given.entry, u.given.version);
        (href, w.t2("given-line", ("question", &u.question), ("version", &u.given.version)))
    };
    Ok(knowledge::service::given(tx, cx, case.id)?.iter().map(line).collect())
}

/// The documents of a case, the void ones too.
pub(super) fn documents(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    case: &CaseState,
) -> Result<Vec<(String, String, String)>> {
    let line = |d: &documents::model::Document| {
        let name = w.t(&format!("document-kind-{}", d.kind));
        (
            format!("/documents/{}", d.id),
            format!("{name} {}", d.number),
            w.t(&format!("document-state-{}", d.state.as_str())),
        )
    };
    Ok(documents::service::of_case(tx, cx, case.id)?.iter().map(line).collect())
}
