//! Verbs of the engine that are no action of a procedure: split, merge and its undoing, a report going its own
//! way, the upper link.

use super::super::names::Names;
use super::super::pages::case::Origin;
use super::super::pages::queue::safe;
use super::super::service::case::{self as cases, SimilarView};
use super::super::service::input::{self, Typed};
use super::super::store as rows;
use super::sent::Sent;
use super::{done, place};
use crate::context::Cx;
use crate::features::intake;
use crate::features::procedures::numbers::Series;
use crate::features::procedures::service as engine;
use crate::features::procedures::upper::{self, Upper};
use crate::features::procedures::verbs::{self, Part};
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use kernel::{CaseId, Refusal, ReportId};
use serde::Deserialize;
use store::{Result, Tx};

/// Parts of one message at most.
const PARTS_MOST: usize = 8;
/// Blank lines for parts that the text did not show.
const SPARE: usize = 2;
/// The longest title of a part.
const TITLE_MOST: usize = 60;

const VERBS: [&str; 5] = ["split", "merge", "unmerge", "detach", "upper"];

#[derive(Template)]
#[template(path = "desk_verb.html", blocks = ["form"])]
struct VerbPage {
    w: Words,
    shell: Shell,
    id: String,
    no: String,
    about: Option<cases::CaseView>,
    version: i64,
    verb: String,
    title: String,
    hint: String,
    problem: Problem,
    typed: Typed,
    parts: Vec<String>,
    similar: Vec<SimilarView>,
    from: String,
    target: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in super::super) struct About {
    report: String,
}

/// `GET /cases/{id}/do/{verb}`: its form.
pub(in super::super) async fn show(
    staff: Staff,
    Path((id, verb)): Path<(CaseId, String)>,
    Query(origin): Query<Origin>,
    Query(about): Query<About>,
) -> Answer {
    let typed = Typed(vec![("report".to_owned(), about.report)]);
    let page = page(&staff, id, &verb, typed, safe(&origin.from)).await?;
    if staff.htmx { html(&page.as_form()) } else { html(&page) }
}

async fn page(
    staff: &Staff,
    id: CaseId,
    verb: &str,
    typed: Typed,
    from: String,
) -> std::result::Result<VerbPage, WebError> {
    if !VERBS.contains(&verb) {
        return Err(WebError::not_found());
    }
    let (w, asked, given) = (staff.words.clone(), verb.to_owned(), typed.clone());
    let seen = staff.read(move |tx, cx| draw(tx, cx, &w, id, &asked, &given)).await?;
    let w = staff.words.clone();
    Ok(VerbPage {
        shell: staff.shell("cases").await?,
        id: id.to_string(),
        no: seen.no,
        about: if staff.htmx { None } else { Some(super::super::pages::case::read(staff, id, &[]).await?) },
        version: seen.version,
        title: w.t(&format!("action-{verb}")),
        hint: w.t(&format!("hint-do-{verb}")),
        verb: verb.to_owned(),
        problem: Problem::default(),
        typed,
        parts: seen.parts,
        similar: seen.similar,
        from,
        target: "#detail".to_owned(),
        w,
    })
}

struct Drawn {
    no: String,
    version: i64,
    parts: Vec<String>,
    similar: Vec<SimilarView>,
}

fn draw(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId, verb: &str, typed: &Typed) -> Result<Drawn> {
    let case = engine::visible(tx, cx, id)?;
    let mut parts: Vec<String> = typed.all("part").map(str::to_owned).collect();
    if verb == "split" && parts.is_empty() {
        if let Some(report) = intake::service::reports_of_case(tx, cx, id)?.first() {
            parts = super::super::service::suggest::points(report);
        }
        parts.resize(parts.len().max(2) + SPARE, String::new());
        parts.truncate(PARTS_MOST);
    }
    let similar = match verb {
        "merge" => {
            let mut names = Names::read(tx, cx, w)?;
            cases::alike_to(tx, cx, w, &mut names, &case)?.into_iter().filter(|s| s.open).collect()
        }
        _ => Vec::new(),
    };
    Ok(Drawn { no: case.no, version: case.version, parts, similar })
}

/// `POST /cases/{id}/do/{verb}`.
pub(in super::super) async fn run(
    staff: Staff,
    Path((id, verb)): Path<(CaseId, String)>,
    sent: Sent,
) -> Answer {
    let typed = sent.typed;
    let from = safe(typed.get("from"));
    let at = place(&staff, &from, id).await?;
    match write(&staff, id, &verb, &typed).await {
        Ok((show, said)) => done(&staff, show, at, said).await,
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let Ok(mut page) = page(&staff, id, &verb, typed, from).await else { return Err(error) };
            page.problem = Problem::new(&staff.words, &refusal);
            let status = error.status();
            if staff.htmx { html_with(status, &page.as_form()) } else { html_with(status, &page) }
        }
    }
}

/// Does it; returns the case to show and what is said.
async fn write(
    staff: &Staff,
    id: CaseId,
    verb: &str,
    typed: &Typed,
) -> std::result::Result<(CaseId, String), WebError> {
    let request = fingerprint(&("cases.do", id, verb, typed.essence()));
    let (idem, t) = (typed.get("idem").to_owned(), typed.clone());
    let w = &staff.words;
    match verb {
        "split" => {
            let parts = parts(staff, id, typed).await?;
            let n = parts.len();
            staff
                .write_once(&idem, &request, move |tx, cx| {
                    Ok(verbs::split(tx, cx, id, &parts)?.first().map(|c| c.id))
                })
                .await?;
            Ok((id, w.t1("split-done", "n", n)))
        }
        "merge" => {
            let into = staff
                .write_once(&idem, &request, move |tx, cx| {
                    let into = named(tx, cx, &t)?;
                    let reason = t.text("reason").ok_or_else(|| Refusal::missing("reason"))?;
                    verbs::merge(tx, cx, id, into, &reason)?;
                    Ok(into)
                })
                .await?;
            Ok((into, w.t1("merge-done", "no", typed.get("into"))))
        }
        "unmerge" => {
            staff
                .write_once(&idem, &request, move |tx, cx| {
                    let reason = t.text("reason").ok_or_else(|| Refusal::missing("reason"))?;
                    verbs::unmerge(tx, cx, id, &reason)?;
                    Ok(())
                })
                .await?;
            Ok((id, w.t("unmerge-done")))
        }
        "detach" => {
            let no = number(staff, id).await?;
            let own = staff.write_once(&idem, &request, move |tx, cx| detach(tx, cx, id, &t, &no)).await?;
            Ok((own, w.t("detach-done")))
        }
        "upper" => {
            staff.write_once(&idem, &request, move |tx, cx| upper(tx, cx, id, &t)).await?;
            Ok((id, w.t("upper-done")))
        }
        _ => Err(WebError::not_found()),
    }
}

/// A number for a case that comes out of this one, of its own series.
async fn number(staff: &Staff, id: CaseId) -> std::result::Result<String, WebError> {
    let class = staff.read(move |tx, cx| Ok(engine::visible(tx, cx, id)?.class)).await?;
    let (office, day) = (&staff.cx.office, staff.cx.today());
    Ok(staff.app.numbers.take(&staff.app.db, office.id, &office.short, Series::of_class(&class), day).await?)
}

/// The parts typed, each with a number taken before the body.
async fn parts(staff: &Staff, id: CaseId, typed: &Typed) -> std::result::Result<Vec<Part>, WebError> {
    let texts: Vec<String> =
        typed.all("part").map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    if texts.len() < 2 {
        return Err(Refusal::rule("demands.split.two_parts").on("parts").into());
    }
    let mut out = Vec::new();
    for text in texts.into_iter().take(PARTS_MOST) {
        let masked = text::identifiers::seal(&text).masked;
        out.push(Part {
            no: number(staff, id).await?,
            title: text::title_of(&masked, TITLE_MOST),
            matter: None,
        });
    }
    Ok(out)
}

/// The case that was picked or typed, by its number.
fn named(tx: &mut Tx<'_>, cx: &Cx, typed: &Typed) -> Result<CaseId> {
    let no = typed.text("pick").or_else(|| typed.text("into")).ok_or_else(|| Refusal::missing("into"))?;
    let id = rows::case_by_no(tx, cx.office.id, &no)?
        .ok_or_else(|| Refusal::rule("desk.merge.no_case").on("into").with("no", &no))?;
    // A number outside the viewer's sight is one that does not exist.
    engine::visible(tx, cx, id)
        .map_err(|_| Refusal::rule("desk.merge.no_case").on("into").with("no", &no))?;
    Ok(id)
}

fn detach(tx: &mut Tx<'_>, cx: &Cx, id: CaseId, typed: &Typed, no: &str) -> Result<CaseId> {
    let report = typed.id("report").map(ReportId).ok_or_else(|| Refusal::missing("report"))?;
    let title = typed.text("title").ok_or_else(|| Refusal::missing("title"))?;
    let title = text::identifiers::seal(&title).masked;
    Ok(verbs::detach(tx, cx, id, report, no, &title)?.id)
}

fn upper(tx: &mut Tx<'_>, cx: &Cx, id: CaseId, typed: &Typed) -> Result<()> {
    if !cx.actor.is_intake() {
        return Err(Refusal::forbidden("demands.act.forbidden").with("action", "upper").into());
    }
    let due = typed.text("due").map(|t| input::instant(cx, &t)).transpose()?;
    let case = engine::visible(tx, cx, id)?;
    let upper = Upper {
        system: typed.text("system").ok_or_else(|| Refusal::missing("system"))?,
        number: typed.text("number").ok_or_else(|| Refusal::missing("number"))?,
        received_at: cx.now,
        due,
        return_by: None,
    };
    if rows::upper_known(tx, cx.office.id, &upper.system, upper.number.trim())? {
        return Err(Refusal::rule("desk.upper.known").on("number").with("number", &upper.number).into());
    }
    upper::link_upper(tx, cx, id, case.report, &upper)?;
    Ok(())
}
