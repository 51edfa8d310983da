//! What people said and sent, and who they are as far as the viewer may know.

use super::super::super::names::Names;
use super::super::timeline::{Span, spans};
use super::super::word_key;
use crate::context::Cx;
use crate::features::intake;
use crate::features::intake::model::{Attachment, Report};
use crate::features::people as staff;
use crate::features::procedures::state::CaseState;
use crate::words::Words;
use kernel::PlaceId;
use store::{Result, Tx};

/// A picture.
#[derive(Clone, Debug)]
pub struct PhotoView {
    /// Its id.
    pub id: String,
    /// Where it lies.
    pub href: String,
    /// A smaller one.
    pub small: String,
    /// What it shows, by its kind.
    pub alt: String,
    /// Kind and time.
    pub caption: String,
    /// before, after, scene, near, paper.
    pub kind: String,
    /// Whose report it came with; blank when it came with an act.
    pub report: String,
}

/// Who said it, as far as the viewer may know.
#[derive(Clone, Debug)]
pub struct Requester {
    /// Masked name and number; blank when none was left.
    pub masked: String,
    /// Whether the viewer may ask for more.
    pub may_reveal: bool,
    /// Why not, where not.
    pub why_not: String,
    /// Whether they want to hear.
    pub reply: bool,
    /// Whether a firm may have the number.
    pub share: bool,
    /// How often it was looked at, by which unit and when.
    pub looks: Vec<String>,
}

/// What somebody said.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// When and how it came.
    pub when: String,
    /// The text, identifiers taken out.
    pub text: Vec<Span>,
    /// Its pictures.
    pub photos: Vec<PhotoView>,
    /// What was spoken: where it lies.
    pub voices: Vec<String>,
    /// When it was seen, where that was before it was sent; blank otherwise.
    pub seen: String,
    /// Who.
    pub requester: Requester,
    /// Rating in words; blank when there is none.
    pub rating: String,
    /// Whether it can go its own way again.
    pub can_detach: bool,
}

/// All pictures of a case and of the reports tied to it, and whether there are both sides.
pub(super) fn photos(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    case: &CaseState,
    reports: &[Report],
) -> Result<(Vec<PhotoView>, bool)> {
    let mut all: Vec<Attachment> = intake::service::photos(tx, cx, case.id)?;
    for report in reports {
        for photo in intake::service::photos_of_report(tx, cx, report.id)? {
            // A merged report's pictures keep the case they came with.
            if !all.iter().any(|p| p.id == photo.id) {
                all.push(photo);
            }
        }
    }
    all.retain(|p| p.report.is_none_or(|r| reports.iter().any(|own| own.id == r)));
    let views: Vec<PhotoView> = all.iter().map(|p| view(w, case, p)).collect();
    let has = |kind: &str| views.iter().any(|p| p.kind == kind);
    let both = (has("before") || has("scene")) && has("after");
    Ok((views, both))
}

fn view(w: &Words, case: &CaseState, photo: &Attachment) -> PhotoView {
    let href = format!("/files/{}/{}", case.id, photo.id);
    let kind = w.t_or(&word_key("photo", &photo.kind), &photo.kind);
    PhotoView {
        small: format!("{href}?small=1"),
        alt: w.t2("photo-alt", ("kind", &kind), ("title", &case.title)),
        caption: w.t2("photo-caption", ("kind", &kind), ("when", &w.when(photo.at))),
        id: photo.id.to_string(),
        kind: photo.kind.clone(),
        report: photo.report.map(|r| r.to_string()).unwrap_or_default(),
        href,
    }
}

/// What was there before and what is there after: the unit's own picture of before, else the requester's.
pub(super) fn sides(photos: &[PhotoView]) -> (Vec<PhotoView>, Vec<PhotoView>) {
    let of = |kinds: &[&str]| {
        photos.iter().filter(|p| kinds.contains(&p.kind.as_str())).cloned().collect::<Vec<_>>()
    };
    let own = of(&["before"]);
    let before = if own.is_empty() { of(&["scene", "near"]) } else { own };
    (before, of(&["after"]))
}

/// The reports tied to a case, each with its pictures and its requester.
pub(super) fn reports(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
    reports: &[Report],
    photos: &[PhotoView],
) -> Result<Vec<ReportView>> {
    let voices = intake::service::voices(tx, cx, case.id)?;
    let mut out = Vec::new();
    for report in reports {
        let id = report.id.to_string();
        let channel = w.t_or(&word_key("channel", &report.channel), &report.channel);
        out.push(ReportView {
            when: w.t2("case-opened", ("when", &w.when(report.received_at)), ("channel", &channel)),
            text: spans(w, &report.text),
            voices: voices
                .iter()
                .filter(|v| v.report == Some(report.id))
                .map(|v| format!("/files/{}/{}", case.id, v.id))
                .collect(),
            seen: report.seen_at.map(|at| w.t1("report-seen", "when", w.when(at))).unwrap_or_default(),
            photos: photos.iter().filter(|p| p.report == id).cloned().collect(),
            requester: requester(tx, cx, w, names, report)?,
            rating: rating(w, report),
            can_detach: reports.len() > 1 && cx.actor.has("demands.merge") && case.phase.is_open(),
            no: report.no.clone(),
            id,
        });
    }
    Ok(out)
}

fn rating(w: &Words, report: &Report) -> String {
    let Some(n) = report.rating else { return String::new() };
    let solved = report.rating_solved.as_deref() == Some("yes");
    let solved = w.t(if solved { "fact-solved" } else { "fact-not-solved" });
    let words = report.rating_words.clone().unwrap_or_default();
    w.ta("report-rating", &[("score", w.t(&format!("satisfied-{n}"))), ("solved", solved), ("words", words)])
}

/// Whoever may not reveal does not see the masked name either: a firm does not learn who complained.
fn requester(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &Names, report: &Report) -> Result<Requester> {
    let may = cx.actor.has("demands.reveal");
    let firm = cx
        .actor
        .units
        .iter()
        .any(|u| names.unit_row(*u).is_some_and(|u| staff::model::needs_consent(&u.kind)));
    let consent = !firm || report.share_contact;
    let contact = if may { intake::service::masked_contact(tx, cx, report)? } else { None };
    let mut masked = contact.map(|c| format!("{} {}", c.name, c.phone).trim().to_owned()).unwrap_or_default();
    let why_not = match (may, masked.is_empty(), consent) {
        (false, ..) => w.t("requester-hidden"),
        (true, true, _) if report.party.is_some() => w.t("requester-erased"),
        (true, true, _) => w.t("requester-none"),
        (true, false, false) => w.t("requester-no-consent"),
        (true, false, true) => String::new(),
    };
    if !consent {
        masked.clear();
    }
    let looks = intake::service::looks(tx, cx, report.id)?
        .into_iter()
        .map(|look| {
            let unit = look.unit.map(|u| names.unit(u)).unwrap_or_default();
            w.t2("requester-look", ("unit", &unit), ("when", &w.when(look.at)))
        })
        .collect();
    Ok(Requester {
        may_reveal: may && !masked.is_empty() && consent,
        masked,
        why_not,
        reply: report.reply_wanted,
        share: report.share_contact,
        looks,
    })
}

/// Who answers for the grid: the grid worker by title and name.
pub(super) fn keepers(tx: &mut Tx<'_>, cx: &Cx, w: &Words, case: &CaseState) -> Result<Vec<String>> {
    let Some(place) = case.at.grid.or(case.at.community) else { return Ok(Vec::new()) };
    let filter = staff::store::structure::PostFilter { place: Some(PlaceId(place.0)), ..Default::default() };
    let posts = staff::service::posts(tx, cx, &filter)?;
    let grid =
        |kind: &str| kind.starts_with("grid-") || kind.starts_with("grid_") || kind.starts_with("community");
    Ok(posts
        .into_iter()
        .filter(|p| grid(&p.post.kind))
        .filter_map(|p| {
            let holder = p.holders.first()?.name.clone();
            let kind = w.t_or(&format!("post-kind-{}", p.post.kind.replace('_', "-")), &p.post.title);
            Some(format!("{kind} {holder}"))
        })
        .take(2)
        .collect())
}
