//! Units: the list, one of them, making and changing.

use super::{Choice, Tabs, mendable, place_choices, place_code, place_of, unit_choices, word};
use crate::features::people::model::{NewUnit, PostView, UNIT_KINDS, Unit};
use crate::features::people::service::{self, PostFilter};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{PlaceId, Refusal, UnitId};
use serde::{Deserialize, Serialize};

#[derive(Template)]
#[template(path = "people_units.html")]
struct Page {
    w: Words,
    shell: Shell,
    tabs: Tabs,
    kinds: Vec<Choice>,
    rows: Vec<Row>,
    can_add: bool,
}

struct Row {
    id: i64,
    name: String,
    short: String,
    kind: String,
    parent: String,
    phone: String,
    active: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Filter {
    kind: String,
}

/// `GET /units`
pub(super) async fn list(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let units = staff.read(|tx, cx| service::units(tx, cx.office.id)).await?;
    let w = &staff.words;
    let short =
        |id: Option<UnitId>| id.and_then(|id| units.iter().find(|u| u.id == id)).map(|u| u.short.clone());
    let wanted = units.iter().filter(|u| filter.kind.is_empty() || u.kind == filter.kind);
    let rows = wanted.map(|u| Row {
        id: u.id.0,
        name: u.name.clone(),
        short: u.short.clone(),
        kind: word(w, "unit-kind", &u.kind),
        parent: short(u.parent).unwrap_or_default(),
        phone: u.phone.clone().unwrap_or_default(),
        active: u.active,
    });
    let page = Page {
        rows: rows.collect(),
        shell: staff.shell("people").await?,
        tabs: Tabs::of(&staff, "units").await?,
        kinds: kind_choices(w, &filter.kind),
        can_add: staff.has("people.edit"),
        w: w.clone(),
    };
    html(&page)
}

fn kind_choices(w: &Words, chosen: &str) -> Vec<Choice> {
    UNIT_KINDS.iter().map(|kind| Choice::new(kind, word(w, "unit-kind", kind), *kind == chosen)).collect()
}

/// What is typed for a unit.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(super) struct UnitForm {
    idem: String,
    version: i64,
    code: String,
    name: String,
    short: String,
    kind: String,
    parent: Option<UnitId>,
    place: String,
    phone: String,
}

impl UnitForm {
    fn of(unit: &Unit, place: String) -> UnitForm {
        UnitForm {
            idem: String::new(),
            version: unit.version,
            code: unit.code.clone(),
            name: unit.name.clone(),
            short: unit.short.clone(),
            kind: unit.kind.clone(),
            parent: unit.parent,
            place,
            phone: unit.phone.clone().unwrap_or_default(),
        }
    }

    fn to_unit(&self, place: Option<PlaceId>) -> NewUnit {
        NewUnit {
            code: self.code.clone(),
            name: self.name.clone(),
            short: self.short.clone(),
            kind: self.kind.clone(),
            parent: self.parent,
            place,
            phone: Some(self.phone.clone()),
        }
    }
}

#[derive(Template)]
#[template(path = "people_unit.html")]
struct UnitPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// None for a new one.
    unit: Option<Unit>,
    form: UnitForm,
    kinds: Vec<Choice>,
    parents: Vec<Choice>,
    places: Vec<Choice>,
    posts: Vec<PostView>,
    kind: String,
    parent: String,
    can_edit: bool,
}

async fn page(
    staff: &Staff,
    status: StatusCode,
    id: Option<UnitId>,
    problem: Problem,
    typed: Option<UnitForm>,
) -> Answer {
    let (units, places, posts, place) = staff
        .read(move |tx, cx| {
            let units = service::units(tx, cx.office.id)?;
            let unit = units.iter().find(|u| Some(u.id) == id);
            let place = place_code(tx, cx.office.id, unit.and_then(|u| u.place))?;
            let posts = match id {
                Some(id) => service::posts(tx, cx, &PostFilter { unit: Some(id), ..PostFilter::default() })?,
                None => Vec::new(),
            };
            Ok((units, place_choices(tx, cx.office.id)?, posts, place))
        })
        .await?;
    let unit = units.iter().find(|u| Some(u.id) == id).cloned();
    if id.is_some() && unit.is_none() {
        return Err(WebError::not_found());
    }
    let w = &staff.words;
    let shell = staff.shell("people").await?;
    let mut form = typed.unwrap_or_else(|| unit.as_ref().map(|u| UnitForm::of(u, place)).unwrap_or_default());
    if form.idem.is_empty() {
        form.idem = shell.idem();
    }
    let parent = unit.as_ref().and_then(|u| u.parent).and_then(|id| units.iter().find(|u| u.id == id));
    html_with(
        status,
        &UnitPage {
            kinds: kind_choices(w, &form.kind),
            parents: unit_choices(&units, form.parent),
            places,
            posts,
            kind: unit.as_ref().map(|u| word(w, "unit-kind", &u.kind)).unwrap_or_default(),
            parent: parent.map(|u| u.short.clone()).unwrap_or_default(),
            can_edit: staff.has("people.edit"),
            w: w.clone(),
            shell,
            problem,
            unit,
            form,
        },
    )
}

/// `GET /units/new`
pub(super) async fn new(staff: Staff) -> Answer {
    page(&staff, StatusCode::OK, None, Problem::default(), None).await
}

/// `GET /units/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<UnitId>) -> Answer {
    page(&staff, StatusCode::OK, Some(id), Problem::default(), None).await
}

/// `POST /units/new`
pub(super) async fn create(staff: Staff, Form(form): Form<UnitForm>) -> Answer {
    save(staff, None, form).await
}

/// `POST /units/{id}`
pub(super) async fn change(staff: Staff, Path(id): Path<UnitId>, Form(form): Form<UnitForm>) -> Answer {
    save(staff, Some(id), form).await
}

async fn save(staff: Staff, id: Option<UnitId>, form: UnitForm) -> Answer {
    let typed = form.clone();
    let request = fingerprint(&("people.unit", id, &form));
    let saved = staff
        .write_once(&typed.idem, &request, move |tx, cx| {
            let unit = form.to_unit(place_of(tx, cx.office.id, &form.place)?);
            match id {
                Some(id) => service::change_unit(tx, cx, id, form.version, &unit).map(|()| id),
                None => service::create_unit(tx, cx, &unit),
            }
        })
        .await;
    match saved {
        Ok(id) => Ok(staff.goto_saying(&format!("/units/{id}"), &staff.words.t("people-saved"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, StatusCode::UNPROCESSABLE_ENTITY, id, problem, Some(typed)).await
        }
    }
}

/// Ending something, or bringing it back.
#[derive(Deserialize)]
pub(super) struct ActiveForm {
    pub(super) version: i64,
    pub(super) active: bool,
}

/// `POST /units/{id}/active`
pub(super) async fn set_active(staff: Staff, Path(id): Path<UnitId>, Form(form): Form<ActiveForm>) -> Answer {
    let done = staff
        .write(move |tx, cx| {
            service::unit(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
            service::set_unit_active(tx, cx, id, form.version, form.active)
        })
        .await;
    match done {
        Ok(()) => Ok(staff.goto_saying(&format!("/units/{id}"), &staff.words.t("people-saved"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, StatusCode::UNPROCESSABLE_ENTITY, Some(id), problem, None).await
        }
    }
}
