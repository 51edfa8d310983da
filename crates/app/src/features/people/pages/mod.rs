//! The pages of people: accounts, grants that wait, leaving, units, posts. No rules here.

mod account;
mod accounts;
mod grants;
mod leave;
mod phones;
mod posts;
mod units;

use super::model::{Holding, Unit};
use super::service;
use crate::context::Cx;
use crate::features::places::model::Kind;
use crate::features::places::service as places;
use crate::web::{Access, Problem, Routes, Staff, WebError};
use crate::words::Words;
use kernel::{Day, OfficeId, PlaceId, Refusal, RefusalKind, Ts, UnitId};
use store::Tx;

const GRANTS: &[&str] = &["roles.confirm", "roles.grant"];
const PHONES: &[&str] = &["people.edit", "people.acting"];
const ACCOUNTS: &[&str] = &["people.edit", "roles.grant"];

/// The routes of this feature.
pub fn routes() -> Routes {
    Routes::new()
        .get("/people", Access::Grant("people.read"), accounts::list)
        .get("/people/new", Access::Grant("people.edit"), accounts::new)
        .post("/people/new", Access::Grant("people.edit"), accounts::create)
        .get("/people/grants", Access::AnyGrant(GRANTS), grants::list)
        .post("/people/grants", Access::Grant("roles.confirm"), grants::decide)
        .post("/people/holdings/{id}/end", Access::Session, account::end_holding)
        .get("/people/{id}", Access::Grant("people.read"), account::show)
        .post("/people/{id}/rename", Access::Grant("people.edit"), account::rename)
        .post("/people/{id}/password", Access::Grant("people.edit"), account::reset_password)
        .post("/people/{id}/lock", Access::AnyGrant(ACCOUNTS), account::lock)
        .post("/people/{id}/unlock", Access::Grant("roles.grant"), account::unlock)
        .post("/people/{id}/totp", Access::Grant("roles.grant"), account::reset_totp)
        .post("/people/{id}/phones", Access::AnyGrant(PHONES), phones::code)
        .post("/people/{id}/phones/{phone}/cut", Access::AnyGrant(PHONES), phones::cut)
        .get("/people/{id}/leave", Access::AnyGrant(ACCOUNTS), leave::ask)
        .post("/people/{id}/leave", Access::AnyGrant(ACCOUNTS), leave::hand_over)
        .get("/people/{id}/left", Access::AnyGrant(ACCOUNTS), leave::sheet)
        .get("/units", Access::Grant("people.read"), units::list)
        .get("/units/new", Access::Grant("people.edit"), units::new)
        .post("/units/new", Access::Grant("people.edit"), units::create)
        .get("/units/{id}", Access::Grant("people.read"), units::show)
        .post("/units/{id}", Access::Grant("people.edit"), units::change)
        .post("/units/{id}/active", Access::Grant("people.edit"), units::set_active)
        .get("/posts", Access::Grant("people.read"), posts::list)
        .get("/posts/new", Access::Grant("people.edit"), posts::new)
        .post("/posts/new", Access::Grant("people.edit"), posts::create)
        .get("/posts/{id}", Access::Grant("people.read"), posts::show)
        .post("/posts/{id}", Access::Grant("people.edit"), posts::change)
        .post("/posts/{id}/active", Access::Grant("people.edit"), posts::set_active)
        .post("/posts/{id}/fill", Access::Session, posts::fill)
        .post("/posts/{id}/roles", Access::Grant("roles.grant"), posts::ask_role)
        .post("/posts/{id}/roles/end", Access::Grant("roles.grant"), posts::end_role)
}

/// The row of tabs over these pages.
#[derive(Clone, Debug)]
pub(super) struct Tabs {
    pub active: &'static str,
    /// Grants that wait, for those who may see them.
    pub waiting: Option<usize>,
}

impl Tabs {
    pub(super) async fn of(staff: &Staff, active: &'static str) -> Result<Tabs, WebError> {
        let waiting = if GRANTS.iter().any(|g| staff.has(g)) {
            Some(staff.read(service::pending).await?.len())
        } else {
            None
        };
        Ok(Tabs { active, waiting })
    }
}

/// A choice in a select.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    #[expect(clippy::needless_pass_by_value, reason = "ids and texts read the same at the call")]
    pub(super) fn new(value: impl ToString, label: impl Into<String>, chosen: bool) -> Choice {
        Choice { value: value.to_string(), label: label.into(), chosen }
    }
}

/// The word for a code: `role-grid-worker` for `grid_worker`; the code itself where an office made its own.
pub(super) fn word(w: &Words, prefix: &str, code: &str) -> String {
    w.t_or(&format!("{prefix}-{}", code.replace('_', "-")), code)
}

pub(super) fn unit_choices(units: &[Unit], chosen: Option<UnitId>) -> Vec<Choice> {
    let active = units.iter().filter(|u| u.active || Some(u.id) == chosen);
    active.map(|u| Choice::new(u.id, &*u.short, Some(u.id) == chosen)).collect()
}

/// Communities and grids as suggestions of a field that takes a place's code.
pub(super) fn place_choices(tx: &mut Tx<'_>, office: OfficeId) -> store::Result<Vec<Choice>> {
    let book = places::book(tx, office)?;
    let kinds = [Kind::Street, Kind::Community, Kind::Grid];
    let all = kinds.into_iter().flat_map(|kind| book.of_kind(kind));
    Ok(all.map(|p| Choice::new(&p.code, book.path_label(p.id), false)).collect())
}

/// The code of a place, for a field.
pub(super) fn place_code(tx: &mut Tx<'_>, office: OfficeId, place: Option<PlaceId>) -> store::Result<String> {
    let Some(place) = place else { return Ok(String::new()) };
    Ok(places::book(tx, office)?.get(place).map(|p| p.code.clone()).unwrap_or_default())
}

/// The place of a typed code; blank is none.
pub(super) fn place_of(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> store::Result<Option<PlaceId>> {
    match code.trim() {
        "" => Ok(None),
        code => {
            let found = service::place_by_code(tx, office, code)?;
            Ok(Some(found.ok_or_else(|| Refusal::rule("people.post.no_place").on("place"))?))
        }
    }
}

/// From a day (or now) until the end of a last day (or open).
pub(super) fn period(cx: &Cx, from: &str, last: &str) -> Result<(Ts, Option<Ts>), Refusal> {
    let tz = &cx.office.tz;
    let day = |text: &str, field: &'static str| match text.trim() {
        "" => Ok(None),
        text => Day::parse(text).map(Some).ok_or_else(|| Refusal::rule("people.fill.day").on(field)),
    };
    let from = day(from, "from")?.map_or(cx.now, |d| if d == cx.today() { cx.now } else { d.start(tz) });
    Ok((from, day(last, "until")?.map(|d| d.plus(1).start(tz))))
}

/// A holding as the tables show it.
#[derive(Clone, Debug)]
pub(super) struct HoldingLine {
    pub id: i64,
    pub post: i64,
    pub title: String,
    pub unit: String,
    pub place: String,
    pub acting: bool,
    /// `now`, `later`, `asked`, `past`, `refused`.
    pub when: &'static str,
    pub period: String,
    pub can_end: bool,
}

pub(super) fn holding_line(w: &Words, now: Ts, can_end: bool, h: &Holding) -> HoldingLine {
    let past = h.until.is_some_and(|until| until <= now);
    let when = match h.state.as_str() {
        "refused" => "refused",
        _ if past => "past",
        "asked" => "asked",
        _ if h.from > now => "later",
        _ => "now",
    };
    HoldingLine {
        id: h.id.0,
        post: h.post.0,
        title: h.title.clone(),
        unit: h.unit_name.clone(),
        place: h.place.clone().unwrap_or_default(),
        acting: h.acting,
        when,
        period: span(w, h.from, h.until),
        can_end: can_end && matches!(when, "now" | "later" | "asked"),
    }
}

/// From–until in words; the end is shown by its last day.
pub(super) fn span(w: &Words, from: Ts, until: Option<Ts>) -> String {
    let day = |at: Ts| w.full_day(at.day(&w.tz), true);
    match until {
        None => w.t1("people-since", "from", day(from)),
        Some(until) => w.t2("people-from-until", ("from", &day(from)), ("until", &day(until.plus(-1)))),
    }
}

/// What to do with a refusal of a form that is drawn again: only what the reader can mend.
pub(super) fn mendable(w: &Words, error: WebError) -> Result<Problem, WebError> {
    match error.refusal() {
        Some(refusal) if refusal.kind == RefusalKind::Rule => Ok(Problem::new(w, refusal)),
        _ => Err(error),
    }
}
