//! Forms of places: new, changed, retired, a new QR token, a file.

use super::book::PlaceBook;
use super::model::{Kind, NewPlace, split_list};
use super::service::{self, PlaceEdit};
use crate::rows::Report;
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, Upload, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use geography::{Crs, Shape};
use kernel::{Day, PlaceId, Refusal};
use serde::{Deserialize, Serialize};

/// What the form of a place holds, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct PlaceForm {
    #[serde(skip_serializing)]
    idem: String,
    version: i64,
    kind: String,
    name: String,
    code: String,
    parent: String,
    aliases: String,
    households: String,
    crs: String,
    shape: String,
    from: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "places_edit.html")]
struct EditPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: Option<PlaceId>,
    title: String,
    form: PlaceForm,
    kinds: Vec<(String, String)>,
    parents: Vec<(String, String)>,
    has_shape: bool,
    can_retire: bool,
}

#[derive(Deserialize)]
pub(super) struct NewQuery {
    parent: Option<PlaceId>,
}

/// `GET /places/new`
pub(super) async fn new(staff: Staff, Query(query): Query<NewQuery>) -> Answer {
    let book = staff.read(|tx, cx| service::book(tx, cx.office.id)).await?;
    let parent = query.parent.and_then(|id| book.get(id));
    let kind = parent.map_or(Kind::Street, |p| next_kind(p.kind));
    let form = PlaceForm {
        kind: kind.to_string(),
        parent: parent.map(|p| p.id.to_string()).unwrap_or_default(),
        code: parent.map(|p| next_code(&book, p.id, &p.code, kind)).unwrap_or_default(),
        from: staff.cx.today().iso(),
        ..PlaceForm::default()
    };
    draw(&staff, &book, None, form, Problem::default(), StatusCode::OK).await
}

fn next_kind(kind: Kind) -> Kind {
    Kind::ALL.into_iter().find(|k| *k > kind).unwrap_or(Kind::Building)
}

/// The code after the highest of its siblings, with the digits its kind has.
fn next_code(book: &PlaceBook, parent: PlaceId, head: &str, kind: Kind) -> String {
    let digits = book.children(Some(parent)).next().map_or(kind.level().digits(), |p| p.code.len());
    let width = digits.saturating_sub(head.len()).max(1);
    let last =
        book.children(Some(parent)).filter_map(|p| p.code.strip_prefix(head)?.parse::<u64>().ok()).max();
    format!("{head}{:0width$}", last.unwrap_or(0) + 1)
}

/// `GET /places/{id}/edit`
pub(super) async fn edit(staff: Staff, Path(id): Path<PlaceId>) -> Answer {
    let (book, place) = staff.read(move |tx, cx| service::seen(tx, cx, id)).await?;
    let form = PlaceForm {
        version: place.version,
        kind: place.kind.to_string(),
        name: place.name.clone(),
        code: place.code.clone(),
        parent: place.parent.map(|p| p.to_string()).unwrap_or_default(),
        aliases: place.aliases.join("|"),
        households: place.households.map(|n| n.to_string()).unwrap_or_default(),
        from: staff.cx.today().iso(),
        ..PlaceForm::default()
    };
    draw(&staff, &book, Some(id), form, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    book: &PlaceBook,
    id: Option<PlaceId>,
    form: PlaceForm,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let w = &staff.words;
    let own = id.and_then(|id| book.get(id));
    let kind = Kind::parse(&form.kind).unwrap_or(Kind::Grid);
    let above = |p: &&super::model::Place| p.is_active() && p.kind < kind && Some(p.id) != id;
    let page = EditPage {
        problem,
        id,
        title: own.map_or_else(|| w.t("places-new"), |p| book.path_label(p.id)),
        kinds: Kind::ALL.iter().skip(2).map(|k| (k.to_string(), w.t(&format!("place-kind-{k}")))).collect(),
        parents: book
            .all()
            .filter(above)
            .map(|p| (p.id.to_string(), format!("{} {}", p.code, book.path_label(p.id))))
            .collect(),
        has_shape: own.is_some_and(|p| p.has_shape),
        can_retire: own.is_some_and(|p| p.is_active()),
        shell: staff.shell("places").await?,
        form,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// What was typed, read; the first field that cannot be read is refused.
struct Typed {
    parent: Option<PlaceId>,
    households: Option<i64>,
    shape: Option<Shape>,
    from: Day,
}

fn read(form: &PlaceForm, today: Day) -> Result<Typed, Refusal> {
    let day = |text: &str| {
        Day::parse(text).ok_or_else(|| Refusal::rule("import.row.day").on("from").with("value", text))
    };
    let households = match form.households.trim() {
        "" => None,
        text => Some(text.parse::<u32>().map(i64::from).map_err(|_| {
            Refusal::rule("import.row.number")
                .on("households")
                .with("value", text)
                .with("from", 0)
                .with("to", 99_999)
        })?),
    };
    let parent = match form.parent.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::not_found())?),
    };
    let from = if form.from.is_empty() { today } else { day(&form.from)? };
    Ok(Typed { parent, households, shape: read_shape(form)?, from })
}

fn read_shape(form: &PlaceForm) -> Result<Option<Shape>, Refusal> {
    let text = form.shape.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |why: String| Refusal::rule("import.row.geometry").on("shape").with("why", why);
    let crs: Crs = form.crs.parse().map_err(|e: geography::UnknownCrs| wrong(e.to_string()))?;
    let features = geography::read_features(text, crs).map_err(|e| wrong(e.to_string()))?;
    match <[geography::Feature; 1]>::try_from(features) {
        Ok([feature]) => Ok(Some(feature.shape)),
        Err(many) => Err(wrong(format!("{} features", many.len()))),
    }
}

/// `POST /places`
pub(super) async fn create(staff: Staff, Form(form): Form<PlaceForm>) -> Answer {
    let typed = match read(&form, staff.cx.today()) {
        Ok(typed) => typed,
        Err(refusal) => return again(&staff, None, form, &refusal).await,
    };
    let Some(kind) = Kind::parse(&form.kind) else {
        return again(&staff, None, form, &Refusal::missing("kind")).await;
    };
    let new = NewPlace {
        code: form.code.trim().to_owned(),
        parent: typed.parent,
        kind,
        name: form.name.clone(),
        aliases: split_list(&form.aliases),
        shape: typed.shape,
        point: None,
        households: typed.households,
    };
    let (from, reason) = (typed.from, form.reason.clone());
    let request = fingerprint(&("places.create", &form));
    let done = staff
        .write_once(&form.idem, &request, move |tx, cx| {
            service::create_place(tx, cx, new.clone(), from, &reason)
        })
        .await;
    match done {
        Ok(id) => Ok(staff.goto_saying(&format!("/places/{id}"), &staff.words.t("places-created"))),
        Err(error) => match error.refusal().cloned() {
            Some(refusal) => again(&staff, None, form, &refusal).await,
            None => Err(error),
        },
    }
}

/// `POST /places/{id}`
pub(super) async fn update(staff: Staff, Path(id): Path<PlaceId>, Form(form): Form<PlaceForm>) -> Answer {
    let typed = match read(&form, staff.cx.today()) {
        Ok(typed) => typed,
        Err(refusal) => return again(&staff, Some(id), form, &refusal).await,
    };
    let edit = PlaceEdit {
        code: Some(form.code.trim().to_owned()),
        parent: typed.parent,
        name: Some(form.name.clone()),
        aliases: Some(split_list(&form.aliases)),
        shape: typed.shape,
        point: None,
        households: Some(typed.households),
    };
    let (from, reason, version) = (typed.from, form.reason.clone(), form.version);
    let request = fingerprint(&("places.update", id, &form));
    let done = staff
        .write_once(&form.idem, &request, move |tx, cx| {
            service::update_place(tx, cx, id, version, edit.clone(), from, &reason)
        })
        .await;
    match done {
        Ok(()) => Ok(staff.goto_saying(&format!("/places/{id}"), &staff.words.t("places-changed"))),
        Err(error) => match error.refusal().cloned() {
            Some(refusal) => again(&staff, Some(id), form, &refusal).await,
            None => Err(error),
        },
    }
}

/// The form again, with what was typed and what is wrong.
async fn again(staff: &Staff, id: Option<PlaceId>, form: PlaceForm, refusal: &Refusal) -> Answer {
    let book = staff.read(|tx, cx| service::book(tx, cx.office.id)).await?;
    let status = crate::web::WebError::from(refusal.clone()).status();
    draw(staff, &book, id, form, Problem::new(&staff.words, refusal), status).await
}

#[derive(Deserialize, Serialize)]
pub(super) struct RetireForm {
    #[serde(default, skip_serializing)]
    idem: String,
    version: i64,
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

/// `POST /places/{id}/retire`
pub(super) async fn retire(staff: Staff, Path(id): Path<PlaceId>, Form(form): Form<RetireForm>) -> Answer {
    let until = Day::parse(&form.until).unwrap_or(staff.cx.today());
    let request = fingerprint(&("places.retire", id, &form));
    let (version, reason) = (form.version, form.reason.clone());
    staff
        .write_once(&form.idem, &request, move |tx, cx| {
            service::retire_place(tx, cx, id, version, until, &reason)
        })
        .await?;
    Ok(staff.goto_saying(&format!("/places/{id}"), &staff.words.t("places-retired-done")))
}

#[derive(Deserialize)]
pub(super) struct TokenForm {
    #[serde(default)]
    idem: String,
}

/// `POST /places/{id}/token`: a new QR code; printed cards stop working.
pub(super) async fn renew_token(
    staff: Staff,
    Path(id): Path<PlaceId>,
    Form(form): Form<TokenForm>,
) -> Answer {
    let request = fingerprint(&("places.token", id));
    staff
        .write_once(&form.idem, &request, move |tx, cx| service::renew_token(tx, cx, id, "").map(|_| ()))
        .await?;
    Ok(staff.goto_saying(&format!("/places/{id}/qr"), &staff.words.t("places-token-done")))
}

#[derive(Template)]
#[template(path = "places_import.html")]
struct ImportPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    report: Option<ReportView>,
    crs: String,
    from: String,
}

/// A report of an import as pages draw it.
pub(crate) struct ReportView {
    /// What was or would be done, in words.
    pub text: String,
    /// `ok`, `info` or `bad`.
    pub kind: &'static str,
    /// What is wrong: row, column, why.
    pub errors: Vec<(String, String, String)>,
}

impl ReportView {
    /// At most so many errors are shown; the rest are counted.
    const MOST: usize = 200;

    pub(crate) fn of(w: &Words, report: &Report, dry: bool) -> ReportView {
        let counts = [
            ("rows", report.rows.to_string()),
            ("added", report.added.to_string()),
            ("changed", report.changed.to_string()),
            ("unchanged", report.unchanged.to_string()),
            ("errors", report.errors.len().to_string()),
        ];
        let (kind, key) = match (report.errors.is_empty(), dry) {
            (false, _) => ("bad", "import-report-errors"),
            (true, true) => ("info", "import-report-dry"),
            (true, false) => ("ok", "import-report-done"),
        };
        let errors = report.errors.iter().take(Self::MOST).map(|e| {
            let row = if e.row == 0 { w.t("import-whole-file") } else { e.row.to_string() };
            (row, e.column.clone(), w.refusal(&e.reason))
        });
        ReportView { text: w.ta(key, &counts), kind, errors: errors.collect() }
    }
}

/// `GET /places/import`
pub(super) async fn show_import(staff: Staff) -> Answer {
    let page = ImportPage {
        problem: Problem::default(),
        report: None,
        crs: String::new(),
        from: staff.cx.today().iso(),
        shell: staff.shell("places").await?,
        w: staff.words.clone(),
    };
    html(&page)
}

/// `POST /places/import`: checks a GeoJSON file, or takes it over.
pub(super) async fn import(staff: Staff, upload: Upload) -> Answer {
    let w = staff.words.clone();
    let field = |name: &str| upload.text(name).unwrap_or_default().to_owned();
    let (crs_text, from_text, dry) = (field("crs"), field("from"), field("end") != "import");
    let problem = |field: &'static str| Problem::new(&w, &Refusal::missing(field));
    let mut page = ImportPage {
        problem: Problem::default(),
        report: None,
        crs: crs_text.clone(),
        from: from_text.clone(),
        shell: staff.shell("places").await?,
        w: w.clone(),
    };
    let crs: Option<Crs> = crs_text.parse().ok();
    let file = upload.files.iter().find(|f| f.field == "file").cloned();
    let (Some(crs), Some(file)) = (crs, file) else {
        page.problem = problem(if crs.is_none() { "crs" } else { "file" });
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let from = Day::parse(&from_text).unwrap_or(staff.cx.today());
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let report =
        staff.write(move |tx, cx| service::import_places(tx, cx, &text, crs, from, &file.name, dry)).await?;
    page.report = Some(ReportView::of(&w, &report, dry));
    let status = if report.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(status, &page)
}
