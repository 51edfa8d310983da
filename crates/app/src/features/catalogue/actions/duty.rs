//! The form of a row of the duty list.

use super::super::model::{DutyBody, Holder};
use super::super::service;
use super::{day, refused};
use crate::features::places::model::Kind;
use crate::features::places::service as places;
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{DutyId, Refusal, UnitId};
use serde::{Deserialize, Serialize};

/// What stands for the community's own unit in the form.
const COMMUNITY: &str = "community";

/// What the form holds, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in super::super) struct DutyForm {
    #[serde(skip_serializing)]
    idem: String,
    matter: String,
    place: String,
    lead: String,
    co: Vec<String>,
    basis: String,
    note: String,
    from: String,
    reason: String,
}

/// An option: value, words, whether chosen.
struct Choice {
    value: String,
    words: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "catalogue_duty_edit.html")]
struct EditPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: Option<DutyId>,
    form: DutyForm,
    name: String,
    leads: Vec<Choice>,
    co: Vec<Choice>,
    places: Vec<Choice>,
}

fn key(holder: Holder) -> String {
    match holder {
        Holder::Unit(id) => id.to_string(),
        Holder::Community => COMMUNITY.to_owned(),
    }
}

fn holder(text: &str, field: &'static str) -> Result<Holder, Refusal> {
    match text {
        "" => Err(Refusal::missing(field)),
        COMMUNITY => Ok(Holder::Community),
        id => id.parse::<UnitId>().map(Holder::Unit).map_err(|_| Refusal::missing(field)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct NewQuery {
    matter: String,
}

/// `GET /duty/new`
pub(in super::super) async fn new(staff: Staff, Query(query): Query<NewQuery>) -> Answer {
    let form = DutyForm { matter: query.matter, from: staff.cx.today().iso(), ..DutyForm::default() };
    draw(&staff, None, form, Problem::default(), StatusCode::OK).await
}

/// `GET /duty/{id}/edit`
pub(in super::super) async fn edit(staff: Staff, Path(id): Path<DutyId>) -> Answer {
    let row = staff.read(move |tx, cx| service::duty(tx, cx.office.id, id)).await?;
    let form = DutyForm {
        matter: row.matter.clone(),
        place: row.place.map(|p| p.to_string()).unwrap_or_default(),
        lead: key(row.lead),
        co: row.co.iter().map(|h| key(*h)).collect(),
        basis: row.basis.clone(),
        note: row.note.clone(),
        from: staff.cx.today().iso(),
        ..DutyForm::default()
    };
    draw(&staff, Some(id), form, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    id: Option<DutyId>,
    form: DutyForm,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let (code, today) = (form.matter.clone(), staff.cx.today());
    let (units, book, matter) = staff
        .read(move |tx, cx| {
            let office = cx.office.id;
            let matter = service::matter_by_code(tx, office, &code, today)?;
            Ok((service::units(tx, office)?, places::book(tx, office)?, matter))
        })
        .await?;
    let w = &staff.words;
    let community = |on: bool| Choice { value: COMMUNITY.to_owned(), words: w.t("duty-community"), on };
    let unit = |u: &super::super::model::DutyUnit, on: bool| Choice {
        value: u.id.to_string(),
        words: u.name.clone(),
        on,
    };
    let active = || units.iter().filter(|u| u.active);
    let leads = std::iter::once(community(form.lead == COMMUNITY))
        .chain(active().map(|u| unit(u, form.lead == u.id.to_string())));
    let co = std::iter::once(community(form.co.iter().any(|c| c == COMMUNITY)))
        .chain(active().map(|u| unit(u, form.co.contains(&u.id.to_string()))));
    let shown = book.all().filter(|p| p.is_active() && (Kind::Street..=Kind::Grid).contains(&p.kind));
    let page = EditPage {
        problem,
        id,
        name: matter.map(|m| m.names.get(w.locale).to_owned()).unwrap_or_default(),
        leads: leads.collect(),
        co: co.collect(),
        places: shown
            .map(|p| Choice {
                value: p.id.to_string(),
                words: book.path_label(p.id),
                on: form.place == p.id.to_string(),
            })
            .collect(),
        shell: staff.shell("duty").await?,
        form,
        w: w.clone(),
    };
    html_with(status, &page)
}

fn read(form: &DutyForm) -> Result<DutyBody, Refusal> {
    if form.matter.trim().is_empty() {
        return Err(Refusal::missing("matter"));
    }
    let place = match form.place.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::not_found())?),
    };
    let lead = holder(&form.lead, "lead")?;
    let mut co = Vec::new();
    for text in &form.co {
        let one = holder(text, "co")?;
        if one != lead && !co.contains(&one) {
            co.push(one);
        }
    }
    Ok(DutyBody {
        matter: form.matter.trim().to_owned(),
        place,
        lead,
        co,
        basis: form.basis.trim().to_owned(),
        note: form.note.trim().to_owned(),
    })
}

/// `POST /duty`
pub(in super::super) async fn create(staff: Staff, Form(form): Form<DutyForm>) -> Answer {
    save(&staff, None, form).await
}

/// `POST /duty/{id}`: a new version from a day on.
pub(in super::super) async fn update(
    staff: Staff,
    Path(id): Path<DutyId>,
    Form(form): Form<DutyForm>,
) -> Answer {
    save(&staff, Some(id), form).await
}

async fn save(staff: &Staff, id: Option<DutyId>, form: DutyForm) -> Answer {
    let (body, from) = match read(&form).and_then(|body| Ok((body, day(staff, &form.from, "from")?))) {
        Ok(read) => read,
        Err(refusal) => return again(staff, id, form, &refusal).await,
    };
    let (request, reason) = (fingerprint(&("catalogue.duty", id, &form)), form.reason.clone());
    let done = staff
        .write_once(&form.idem, &request, move |tx, cx| {
            service::change_duty(tx, cx, id, body.clone(), from, &reason).map(|_| ())
        })
        .await;
    match done {
        Ok(()) => Ok(staff.goto_saying("/duty", &staff.words.t("catalogue-saved"))),
        Err(error) => {
            let refusal = refused(error)?;
            again(staff, id, form, &refusal).await
        }
    }
}

async fn again(staff: &Staff, id: Option<DutyId>, form: DutyForm, refusal: &Refusal) -> Answer {
    let status = WebError::from(refusal.clone()).status();
    draw(staff, id, form, Problem::new(&staff.words, refusal), status).await
}

#[derive(Deserialize, Serialize)]
pub(in super::super) struct EndForm {
    #[serde(default, skip_serializing)]
    idem: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

/// `POST /duty/{id}/end`: no longer in force after a day.
pub(in super::super) async fn end(staff: Staff, Path(id): Path<DutyId>, Form(form): Form<EndForm>) -> Answer {
    let until = day(&staff, &form.until, "until")?;
    let request = fingerprint(&("catalogue.end_duty", id, &form));
    let reason = form.reason.clone();
    staff
        .write_once(&form.idem, &request, move |tx, cx| service::end_duty(tx, cx, id, until, &reason))
        .await?;
    Ok(staff.goto_saying("/duty", &staff.words.t("catalogue-ended")))
}
