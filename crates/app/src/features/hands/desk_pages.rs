//! The desk's side of the links: made for a part or a unit, copied into a group, printed as a slip, cut off.

use super::model::{Known, Standing};
use super::service;
use crate::features::intake::model::Attachment;
use crate::features::intake::service as intake;
use crate::features::people::service as people;
use crate::features::places::qr::{self, Qr};
use crate::features::procedures::service as engine;
use crate::features::procedures::state::Role;
use crate::web::{
    Answer, Form, Path, Problem, Shell, Staff, Upload, WebError, base_url, fingerprint, html, html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use kernel::{AssignmentId, AttachmentId, CaseId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

struct PictureView {
    id: AttachmentId,
    href: String,
    name: String,
    on: bool,
}

/// A link as the desk sees it.
struct LinkView {
    id: i64,
    unit: String,
    what: String,
    case: String,
    url: String,
    pin: String,
    /// The text for the group, without the PIN.
    copy: String,
    /// The PIN's own message, for another way.
    copy_pin: String,
    until: String,
    opened: String,
    closed: String,
}

struct PartView {
    id: AssignmentId,
    unit: String,
    role: String,
    due: String,
    link: Option<LinkView>,
}

#[derive(Template)]
#[template(path = "hands_case.html")]
struct CasePage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: CaseId,
    no: String,
    title: String,
    parts: Vec<PartView>,
    pictures: Vec<PictureView>,
}

#[derive(Template)]
#[template(path = "hands_links.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    units: Vec<(UnitId, String, bool)>,
    days: String,
    of_units: Vec<LinkView>,
    of_parts: Vec<LinkView>,
}

#[derive(Template)]
#[template(path = "hands_link.html")]
struct LinkPage {
    w: Words,
    shell: Shell,
    link: LinkView,
    qr: Qr,
}

#[derive(Template)]
#[template(path = "hands_slip.html")]
struct SlipPage {
    w: Words,
    shell: Shell,
    office: String,
    link: LinkView,
    qr: Qr,
    no: String,
    title: String,
    text: String,
    address: String,
    role: String,
    close_condition: String,
    printed: String,
}

/// Names of units.
type Names = HashMap<UnitId, String>;

fn view(staff: &Staff, headers: &HeaderMap, names: &Names, known: &Known) -> Result<LinkView, WebError> {
    let w = &staff.words;
    let unit = names.get(&known.link.unit).cloned().unwrap_or_default();
    let secret = service::reveal(&staff.cx, &known.link)?;
    let url = format!("{}/p/u/{}", base_url(staff, headers), secret.token);
    let of = known.case.as_ref().zip(known.link.part);
    let until = match of {
        Some((case, (_, part))) => case.due_of(part),
        None => known.link.until,
    };
    // Read later and on paper: a date, never 今天.
    let until = until.map(|at| w.at(Ts(0)).when(at)).unwrap_or_default();
    let office = staff.cx.office.name.clone();
    let address = of.map(|(case, _)| case.at.address.clone()).unwrap_or_default();
    let place = if address.is_empty() { address } else { w.t1("hands-copy-place", "place", address) };
    let copy = match of {
        Some((case, _)) => w.ta(
            "hands-copy-part",
            &[
                ("office", office),
                ("unit", unit.clone()),
                ("title", case.title.clone()),
                ("place", place),
                ("when", until.clone()),
                ("url", url.clone()),
            ],
        ),
        None => w.ta("hands-copy-unit", &[("office", office), ("unit", unit.clone()), ("url", url.clone())]),
    };
    Ok(LinkView {
        id: known.link.id,
        what: of.map_or_else(|| w.t("hands-all-parts"), |(case, _)| format!("{} {}", case.no, case.title)),
        case: of.map(|(case, _)| format!("/cases/{}", case.id)).unwrap_or_default(),
        url,
        copy_pin: w.t2("hands-copy-pin", ("unit", &unit), ("pin", &secret.pin)),
        pin: secret.pin,
        unit,
        copy,
        until,
        opened: known.link.opened_at.map(|at| w.when(at)).unwrap_or_default(),
        closed: match known.standing {
            Standing::Open => String::new(),
            Standing::Over => w.t("hands-is-over"),
            Standing::Cut => w.t("hands-is-cut"),
        },
    })
}

/// `GET /cases/{id}/hands`
pub(super) async fn of_case(staff: Staff, headers: HeaderMap, Path(id): Path<CaseId>) -> Answer {
    case_page(&staff, &headers, id, Problem::default(), StatusCode::OK).await
}

async fn case_page(
    staff: &Staff,
    headers: &HeaderMap,
    id: CaseId,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let (case, links, pictures, names) = staff
        .read(move |tx, cx| {
            let case = engine::visible(tx, cx, id)?;
            let links = service::of_case(tx, cx, &case)?;
            let mut pictures: Vec<Attachment> = intake::photos(tx, cx, id)?;
            for report in intake::reports_of_case(tx, cx, id)? {
                for photo in intake::photos_of_report(tx, cx, report.id)? {
                    if pictures.iter().all(|p| p.id != photo.id) {
                        pictures.push(photo);
                    }
                }
            }
            Ok((case, links, pictures, service::names(tx, cx)?))
        })
        .await?;
    let w = staff.words.clone();
    let mut parts = Vec::new();
    for part in case.assignments.iter().filter(|a| a.state.is_open()) {
        let link = links.iter().find(|k| k.link.part == Some((id, part.id)));
        parts.push(PartView {
            id: part.id,
            unit: names.get(&part.unit).cloned().unwrap_or_default(),
            role: w.t(if part.role == Role::Lead { "role-lead" } else { "role-co" }),
            due: case.due_of(part.id).map(|at| w.when(at)).unwrap_or_default(),
            link: link.map(|k| view(staff, headers, &names, k)).transpose()?,
        });
    }
    // What a resident sent may show people and plates: only what the desk ticks.
    let picture = |p: &Attachment| PictureView {
        id: p.id,
        href: format!("/files/{id}/{}?small=1", p.id),
        name: w.t_or(&format!("photo-{}", p.kind), &p.kind),
        on: false,
    };
    let page = CasePage {
        problem,
        id,
        no: case.no.clone(),
        title: case.title.clone(),
        parts,
        pictures: pictures.iter().filter(|p| p.report.is_some() || p.kind == "scene").map(picture).collect(),
        shell: staff.shell("board").await?,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// `POST /cases/{id}/hands`
pub(super) async fn make_for_part(
    staff: Staff,
    headers: HeaderMap,
    Path(id): Path<CaseId>,
    upload: Upload,
) -> Answer {
    let number = |name: &str| upload.text(name).and_then(|t| t.parse::<i64>().ok());
    let part = AssignmentId(number("part").unwrap_or_default());
    let pictures: Vec<AttachmentId> = upload
        .fields
        .iter()
        .filter(|(name, _)| name == "picture")
        .filter_map(|(_, value)| value.parse().ok().map(AttachmentId))
        .collect();
    let request = fingerprint(&("hands.make", id, part, &pictures));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    let made =
        staff.write_once(&idem, &request, move |tx, cx| service::make_for_part(tx, cx, id, part, &pictures));
    match made.await {
        Ok(link) => Ok(staff.goto_saying(&format!("/hands/{link}"), &staff.words.t("hands-made"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            case_page(&staff, &headers, id, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `GET /hands`
pub(super) async fn list(staff: Staff, headers: HeaderMap) -> Answer {
    list_page(&staff, &headers, 0, "90", Problem::default(), StatusCode::OK).await
}

async fn list_page(
    staff: &Staff,
    headers: &HeaderMap,
    unit: i64,
    days: &str,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let (links, units) =
        staff.read(|tx, cx| Ok((service::list(tx, cx)?, people::units(tx, cx.office.id)?))).await?;
    let names: Names = units.iter().map(|u| (u.id, u.name.clone())).collect();
    let (mut of_units, mut of_parts) = (Vec::new(), Vec::new());
    for known in links.iter().filter(|k| k.standing != Standing::Cut) {
        let to = if known.link.part.is_some() { &mut of_parts } else { &mut of_units };
        to.push(view(staff, headers, &names, known)?);
    }
    let page = ListPage {
        problem,
        units: units.into_iter().filter(|u| u.active).map(|u| (u.id, u.name, u.id.0 == unit)).collect(),
        days: days.to_owned(),
        of_units,
        of_parts,
        shell: staff.shell("hands").await?,
        w: staff.words.clone(),
    };
    html_with(status, &page)
}

#[derive(Deserialize, Serialize)]
pub(super) struct UnitForm {
    #[serde(default, skip_serializing)]
    idem: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    days: String,
}

/// `POST /hands`: a link for all parts of a unit.
pub(super) async fn make_for_unit(staff: Staff, headers: HeaderMap, Form(form): Form<UnitForm>) -> Answer {
    let request = fingerprint(&("hands.unit", &form));
    let unit = UnitId(form.unit.parse().unwrap_or_default());
    let days = form.days.trim().parse().unwrap_or_default();
    let made =
        staff.write_once(&form.idem, &request, move |tx, cx| service::make_for_unit(tx, cx, unit, days));
    match made.await {
        Ok(link) => Ok(staff.goto_saying(&format!("/hands/{link}"), &staff.words.t("hands-made"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let problem = Problem::new(&staff.words, &refusal);
            list_page(&staff, &headers, unit.0, &form.days, problem, error.status()).await
        }
    }
}

async fn found(staff: &Staff, id: i64) -> Result<(Known, Names), WebError> {
    staff.read(move |tx, cx| Ok((service::look(tx, cx, id)?, service::names(tx, cx)?))).await
}

/// `GET /hands/{id}`: address, PIN and texts to copy.
pub(super) async fn show(staff: Staff, headers: HeaderMap, Path(id): Path<i64>) -> Answer {
    let (known, names) = found(&staff, id).await?;
    let link = view(&staff, &headers, &names, &known)?;
    let qr = qr::draw(&link.url)?;
    html(&LinkPage { qr, link, shell: staff.shell("hands").await?, w: staff.words.clone() })
}

/// `GET /hands/{id}/slip`: one sheet for the hand.
pub(super) async fn slip(staff: Staff, headers: HeaderMap, Path(id): Path<i64>) -> Answer {
    let (known, names) = found(&staff, id).await?;
    let link = view(&staff, &headers, &names, &known)?;
    let Some((case, (_, part))) = known.case.as_ref().zip(known.link.part) else {
        return Err(WebError::not_found());
    };
    let (inner, locale) = (known.link.clone(), staff.words.locale);
    let item = staff.read(move |tx, cx| super::items::one(tx, cx, &inner, part, locale)).await?;
    let w = staff.words.clone();
    let role = case.assignments.iter().find(|a| a.id == part).map(|a| a.role);
    let page = SlipPage {
        office: staff.cx.office.name.clone(),
        qr: qr::draw(&link.url)?,
        no: item.part.no,
        title: item.part.title,
        text: item.text,
        address: item.part.address,
        role: w.t(if role == Some(Role::Co) { "role-co" } else { "role-lead" }),
        close_condition: item.close_condition,
        printed: w.at(Ts(0)).when(staff.cx.now),
        link,
        shell: staff.shell("hands").await?,
        w,
    };
    html(&page)
}

#[derive(Deserialize, Serialize)]
pub(super) struct CutForm {
    #[serde(default, skip_serializing)]
    idem: String,
}

/// `POST /hands/{id}/cut`
pub(super) async fn cut(staff: Staff, Path(id): Path<i64>, Form(form): Form<CutForm>) -> Answer {
    let request = fingerprint(&("hands.cut", id));
    let case = staff
        .write_once(&form.idem, &request, move |tx, cx| Ok(service::cut(tx, cx, id)?.part.map(|p| p.0)))
        .await?;
    let back = case.map_or_else(|| "/hands".to_owned(), |case| format!("/cases/{case}/hands"));
    Ok(staff.goto_saying(&back, &staff.words.t("hands-cut-done")))
}
