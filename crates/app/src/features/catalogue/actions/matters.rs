//! The form of a matter.

use super::super::model::{Callback, DutyList, MatterBody, Names, Photos, Secret, Verify};
use super::super::pages::{limit_number, unit_words};
use super::super::service;
use super::{day, refused};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Refusal;
use serde::{Deserialize, Serialize};
use worktime::{Limit, LimitUnit};

/// What the form holds, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in super::super) struct MatterForm {
    #[serde(skip_serializing)]
    idem: String,
    code: String,
    kind: String,
    class_code: String,
    class_zh: String,
    class_en: String,
    name_zh: String,
    name_en: String,
    standard_ref: String,
    limit_condition: String,
    limit_condition_en: String,
    handle_n: String,
    handle_u: String,
    limit_source: String,
    limit_source_en: String,
    accept_n: String,
    accept_u: String,
    dispatch_n: String,
    dispatch_u: String,
    sign_n: String,
    sign_u: String,
    verify: String,
    verify_rate: String,
    callback: String,
    callback_rate: String,
    duty_list: String,
    lead_department: String,
    lead_department_en: String,
    secret: String,
    emergency: bool,
    photos: String,
    close_condition: String,
    close_condition_en: String,
    synonyms: String,
    judgement: String,
    judgement_en: String,
    from: String,
    reason: String,
}

/// A limit's number and unit in the form.
struct LimitField {
    name: &'static str,
    label: String,
    number: String,
    unit: String,
}

type Choices = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "catalogue_matter_edit.html")]
struct EditPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// The code of the matter that is changed; blank for a new one.
    code: String,
    /// Its name in the reader's language.
    name: String,
    form: MatterForm,
    limits: Vec<LimitField>,
    units: Choices,
    kinds: Choices,
    verifies: Choices,
    callbacks: Choices,
    lists: Choices,
    secrets: Choices,
    photo_kinds: Choices,
}

/// The kinds of demands an office starts with; a spreadsheet may bring others.
const KINDS: [&str; 10] = [
    "event",
    "consultation",
    "help",
    "suggestion",
    "complaint",
    "report",
    "petition",
    "emergency",
    "thanks",
    "other",
];

impl MatterForm {
    fn of(body: &MatterBody) -> MatterForm {
        let number = |limit: Limit| limit_number(limit);
        let unit = |limit: Limit| limit.unit.as_str().to_owned();
        MatterForm {
            code: body.code.clone(),
            kind: body.kind.clone(),
            class_code: body.class_code.clone(),
            class_zh: body.class.zh.clone(),
            class_en: body.class.en.clone(),
            name_zh: body.names.zh.clone(),
            name_en: body.names.en.clone(),
            standard_ref: body.standard_ref.clone(),
            limit_condition: body.limit_condition.zh.clone(),
            limit_condition_en: body.limit_condition.en.clone(),
            handle_n: number(body.handle_limit),
            handle_u: unit(body.handle_limit),
            limit_source: body.limit_source.zh.clone(),
            limit_source_en: body.limit_source.en.clone(),
            accept_n: number(body.accept_limit),
            accept_u: unit(body.accept_limit),
            dispatch_n: number(body.dispatch_limit),
            dispatch_u: unit(body.dispatch_limit),
            sign_n: number(body.sign_limit),
            sign_u: unit(body.sign_limit),
            verify: body.verify.to_string(),
            verify_rate: body.verify_rate.to_string(),
            callback: body.callback.to_string(),
            callback_rate: body.callback_rate.to_string(),
            duty_list: body.duty_list.to_string(),
            lead_department: body.lead_department.zh.clone(),
            lead_department_en: body.lead_department.en.clone(),
            secret: body.secret.to_string(),
            emergency: body.emergency,
            photos: body.photos.to_string(),
            close_condition: body.close_condition.zh.clone(),
            close_condition_en: body.close_condition.en.clone(),
            synonyms: body.synonyms.join("|"),
            judgement: body.judgement.zh.clone(),
            judgement_en: body.judgement.en.clone(),
            ..MatterForm::default()
        }
    }

    fn read(&self) -> Result<MatterBody, Refusal> {
        let wrong = |field: &'static str| Refusal::missing(field);
        Ok(MatterBody {
            code: self.code.trim().to_owned(),
            kind: self.kind.trim().to_owned(),
            class_code: self.class_code.trim().to_owned(),
            class: Names::trimmed(&self.class_zh, &self.class_en),
            names: Names::trimmed(&self.name_zh, &self.name_en),
            standard_ref: self.standard_ref.trim().to_owned(),
            limit_condition: Names::trimmed(&self.limit_condition, &self.limit_condition_en),
            handle_limit: limit(&self.handle_n, &self.handle_u, "handle")?,
            limit_source: Names::trimmed(&self.limit_source, &self.limit_source_en),
            accept_limit: limit(&self.accept_n, &self.accept_u, "accept")?,
            dispatch_limit: limit(&self.dispatch_n, &self.dispatch_u, "dispatch")?,
            sign_limit: limit(&self.sign_n, &self.sign_u, "sign")?,
            verify: Verify::parse(&self.verify).ok_or_else(|| wrong("verify"))?,
            verify_rate: rate(&self.verify_rate, "verify_rate")?,
            callback: Callback::parse(&self.callback).ok_or_else(|| wrong("callback"))?,
            callback_rate: rate(&self.callback_rate, "callback_rate")?,
            duty_list: DutyList::parse(&self.duty_list).ok_or_else(|| wrong("duty_list"))?,
            lead_department: Names::trimmed(&self.lead_department, &self.lead_department_en),
            secret: Secret::parse(&self.secret).ok_or_else(|| wrong("secret"))?,
            emergency: self.emergency,
            photos: Photos::parse(&self.photos).ok_or_else(|| wrong("photos"))?,
            close_condition: Names::trimmed(&self.close_condition, &self.close_condition_en),
            synonyms: self
                .synonyms
                .split('|')
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            judgement: Names::trimmed(&self.judgement, &self.judgement_en),
        })
    }
}

fn limit(number: &str, unit: &str, field: &'static str) -> Result<Limit, Refusal> {
    let text = format!("{}:{}", unit.trim(), number.trim());
    let read = Limit::parse(&text).map_err(|e| {
        Refusal::rule("import.row.limit").on(field).with("value", number).with("why", e.reason.as_str())
    })?;
    // Nobody handles in no time; a step before it may take none.
    if field == "handle" && read.amount == 0 {
        return Err(Refusal::rule("import.row.limit_zero").on(field));
    }
    Ok(read)
}

fn rate(text: &str, field: &'static str) -> Result<i64, Refusal> {
    let rate = text.trim().parse::<i64>().ok().filter(|n| (0..=100).contains(n));
    rate.ok_or_else(|| {
        Refusal::rule("import.row.number").on(field).with("value", text).with("from", 0).with("to", 100)
    })
}

fn choices<T: Copy + std::fmt::Display>(w: &Words, all: &[T], head: &str) -> Choices {
    all.iter().map(|v| (v.to_string(), w.t(&format!("{head}-{v}")))).collect()
}

async fn draw(staff: &Staff, code: String, form: MatterForm, problem: Problem, status: StatusCode) -> Answer {
    let w = &staff.words;
    let field = |name: &'static str, number: &str, unit: &str| LimitField {
        name,
        label: w.t(&format!("matter-{name}")),
        number: number.to_owned(),
        unit: unit.to_owned(),
    };
    let mut kinds: Choices =
        KINDS.iter().map(|k| ((*k).to_owned(), w.t(&format!("matter-kind-{k}")))).collect();
    if !form.kind.is_empty() && !KINDS.contains(&form.kind.as_str()) {
        kinds.push((form.kind.clone(), w.t_or(&format!("matter-kind-{}", form.kind), &form.kind)));
    }
    let page = EditPage {
        name: Names::trimmed(&form.name_zh, &form.name_en).get(w.locale).to_owned(),
        problem,
        code,
        limits: vec![
            field("accept", &form.accept_n, &form.accept_u),
            field("dispatch", &form.dispatch_n, &form.dispatch_u),
            field("sign", &form.sign_n, &form.sign_u),
            field("handle", &form.handle_n, &form.handle_u),
        ],
        units: LimitUnit::ALL.iter().map(|u| (u.as_str().to_owned(), unit_words(w, *u))).collect(),
        kinds,
        verifies: choices(w, Verify::ALL, "matter-verify"),
        callbacks: choices(w, Callback::ALL, "matter-callback"),
        lists: choices(w, DutyList::ALL, "matter-list"),
        secrets: choices(w, Secret::ALL, "matter-secret"),
        photo_kinds: choices(w, Photos::ALL, "matter-photos"),
        shell: staff.shell("matters").await?,
        form,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// `GET /matters/new`
pub(in super::super) async fn new(staff: Staff) -> Answer {
    let settings = std::sync::Arc::clone(&staff.cx.office.settings);
    let form = MatterForm {
        kind: "event".into(),
        standard_ref: "local".into(),
        handle_n: "5".into(),
        handle_u: "work_day".into(),
        accept_n: "2".into(),
        accept_u: "work_hour".into(),
        dispatch_n: "2".into(),
        dispatch_u: "work_hour".into(),
        sign_n: "4".into(),
        sign_u: "work_hour".into(),
        verify_rate: settings.verify_rate.to_string(),
        callback_rate: settings.callback_rate.to_string(),
        from: staff.cx.today().iso(),
        ..MatterForm::default()
    };
    draw(&staff, String::new(), form, Problem::default(), StatusCode::OK).await
}

/// `GET /matters/{code}/edit`
pub(in super::super) async fn edit(staff: Staff, Path(code): Path<String>) -> Answer {
    let today = staff.cx.today();
    let asked = code.clone();
    let found = staff.read(move |tx, cx| service::matter_by_code(tx, cx.office.id, &asked, today)).await?;
    let matter = found.ok_or_else(WebError::not_found)?;
    let form = MatterForm { from: today.iso(), ..MatterForm::of(&matter.body) };
    draw(&staff, code, form, Problem::default(), StatusCode::OK).await
}

/// `POST /matters`
pub(in super::super) async fn create(staff: Staff, Form(form): Form<MatterForm>) -> Answer {
    save(&staff, String::new(), form).await
}

/// `POST /matters/{code}`: a new version from a day on.
pub(in super::super) async fn update(
    staff: Staff,
    Path(code): Path<String>,
    Form(form): Form<MatterForm>,
) -> Answer {
    let form = MatterForm { code: code.clone(), ..form };
    save(&staff, code, form).await
}

async fn save(staff: &Staff, code: String, form: MatterForm) -> Answer {
    let read = form.read().and_then(|body| body.check().map(|()| body));
    let (body, from) = match read.and_then(|body| Ok((body, day(staff, &form.from, "from")?))) {
        Ok(read) => read,
        Err(refusal) => return again(staff, code, form, &refusal).await,
    };
    let (request, reason, is_new) =
        (fingerprint(&("catalogue.matter", &form)), form.reason.clone(), code.is_empty());
    let target = format!("/matters/{}", body.code);
    let done = staff
        .write_once(&form.idem, &request, move |tx, cx| {
            if is_new && service::matter_by_code(tx, cx.office.id, &body.code, from)?.is_some() {
                return Err(Refusal::rule("catalogue.change.code_taken")
                    .on("code")
                    .with("code", &body.code)
                    .into());
            }
            service::change_matter(tx, cx, body.clone(), from, &reason)
        })
        .await;
    match done {
        Ok(_) => Ok(staff.goto_saying(&target, &staff.words.t("catalogue-saved"))),
        Err(error) => {
            let refusal = refused(error)?;
            again(staff, code, form, &refusal).await
        }
    }
}

async fn again(staff: &Staff, code: String, form: MatterForm, refusal: &Refusal) -> Answer {
    let status = WebError::from(refusal.clone()).status();
    // The spreadsheet's columns under the names of this form's fields.
    let field = match refusal.field {
        Some("lead_department_zh") => Some("lead_department"),
        other => other,
    };
    let refusal = Refusal { field, ..refusal.clone() };
    draw(staff, code, form, Problem::new(&staff.words, &refusal), status).await
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

/// `POST /matters/{code}/end`: off the catalogue after a day.
pub(in super::super) async fn end(
    staff: Staff,
    Path(code): Path<String>,
    Form(form): Form<EndForm>,
) -> Answer {
    let until = day(&staff, &form.until, "until")?;
    let request = fingerprint(&("catalogue.end_matter", &code, &form));
    let (target, reason) = (format!("/matters/{code}"), form.reason.clone());
    staff
        .write_once(&form.idem, &request, move |tx, cx| service::end_matter(tx, cx, &code, until, &reason))
        .await?;
    Ok(staff.goto_saying(&target, &staff.words.t("catalogue-ended")))
}
