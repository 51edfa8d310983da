//! `GET /cases/{id}/file`: a case as one file 卷宗 to print: cover, index, the handling sheet, what was said, pictures four
//! to a page, and a divider for each document, behind which its signed paper is put.

use super::super::names::Names;
use super::super::service::case::{self as cases, CaseView, Wanted};
use super::super::service::input::Typed;
use crate::context::Cx;
use crate::features::documents::model::State;
use crate::features::documents::service as documents;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::CaseState;
use crate::web::{Answer, Path, Shell, Staff, html};
use crate::words::Words;
use askama::Template;
use kernel::{CaseId, Ts};
use store::{Result, Tx};

/// Pictures on a page of A4.
const PHOTOS: usize = 4;

/// What stands in one place of the file 件.
enum Body {
    /// The handling sheet.
    Sheet,
    /// The pictures of the case.
    Photos,
    /// A paper that is put behind its divider; false while it waits for seal and signature.
    Paper(bool),
    /// A void document: its number stays in the index.
    Void,
}

/// One entry of the index 卷内目录.
struct Item {
    /// Whose 责任者.
    by: String,
    title: String,
    /// Number of a document 文号.
    number: String,
    day: String,
    /// Pages, where they are known before printing; the others are written by hand.
    pages: String,
    note: String,
    body: Body,
}

#[derive(Template)]
#[template(path = "desk_dossier.html")]
struct DossierPage {
    w: Words,
    shell: Shell,
    case: CaseView,
    file: Dossier,
}

/// What the file has besides the case itself.
struct Dossier {
    items: Vec<Item>,
    /// Label and value of the cover; a blank value is a line to write on.
    cover: Vec<(String, String)>,
    /// That the case goes on, and as of when the file stands.
    open: String,
}

/// `GET /cases/{id}/file`
pub(in super::super) async fn show(staff: Staff, Path(id): Path<CaseId>) -> Answer {
    // On paper nothing is today: every day has its date.
    let w = staff.words.at(Ts(0));
    let (case, file) = staff.read(move |tx, cx| read(tx, cx, &w, id)).await?;
    let shell = staff.shell("cases").await?;
    html(&DossierPage { w: staff.words.clone(), shell, case, file })
}

fn read(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId) -> Result<(CaseView, Dossier)> {
    let case = engine::visible(tx, cx, id)?;
    let typed = Typed::default();
    let view = cases::view(tx, cx, w, id, &Wanted { open: &[], typed: &typed, viewer: &cx.actor.name })?;
    let mut names = Names::read(tx, cx, w)?;
    let items = items(tx, cx, w, &names, (&case, &view))?;
    let pieces = items.iter().filter(|i| !matches!(i.body, Body::Void)).count();
    let cover = cover(tx, w, &mut names, &case, pieces)?;
    let open = match case.closed_at {
        Some(_) => String::new(),
        None => w.t1("dossier-open", "day", w.full_day(cx.today(), true)),
    };
    Ok((view, Dossier { items, cover, open }))
}

fn cover(
    tx: &mut Tx<'_>,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
    items: usize,
) -> Result<Vec<(String, String)>> {
    let closed = case.closed_day.map(|day| w.full_day(day, true)).unwrap_or_default();
    let lead = case.lead().map(|a| names.unit(a.unit)).unwrap_or_default();
    Ok([
        ("dossier-no", case.no.clone()),
        ("dossier-matter", names.matter_name(tx, case.matter)?),
        ("dossier-lead", lead),
        ("dossier-from", w.full_day(case.opened_day, true)),
        ("dossier-until", closed),
        ("dossier-items", w.t1("dossier-count", "n", items)),
        // Written by hand: they are settled when the file is put away.
        ("dossier-keep", String::new()),
        ("dossier-filer", String::new()),
        ("dossier-checker", String::new()),
    ]
    .map(|(key, value)| (w.t(key), value))
    .to_vec())
}

fn items(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &Names,
    (case, view): (&CaseState, &CaseView),
) -> Result<Vec<Item>> {
    let day = |at: Ts| w.full_day(at.day(&cx.office.tz), true);
    let mut out = vec![Item {
        by: cx.office.name.clone(),
        title: w.t("dossier-sheet"),
        number: view.no.clone(),
        day: day(case.opened_at),
        pages: String::new(),
        note: String::new(),
        body: Body::Sheet,
    }];
    if !view.photos.is_empty() {
        out.push(Item {
            by: String::new(),
            title: w.t1("dossier-photos", "n", view.photos.len()),
            number: String::new(),
            day: String::new(),
            pages: view.photos.chunks(PHOTOS).len().to_string(),
            note: String::new(),
            body: Body::Photos,
        });
    }
    for document in documents::of_case(tx, cx, case.id)? {
        out.push(Item {
            by: document.unit.map(|u| names.unit(u)).unwrap_or_default(),
            title: w.t(&format!("document-kind-{}", document.kind)),
            number: document.number.clone(),
            day: day(document.made_at),
            pages: String::new(),
            note: w.t(&format!("document-state-{}", document.state.as_str())),
            body: match document.state {
                State::Void => Body::Void,
                state => Body::Paper(state != State::Unsealed),
            },
        });
    }
    Ok(out)
}
