//! The list, an entry with its versions and what is said against it, and the form it is written in.

use super::model::{Content, Entry, Fault, Given, State, Version};
use super::search::{Book, Offered};
use super::service;
use crate::context::Cx;
use crate::features::people::model::Unit;
use crate::features::people::service as people;
use crate::web::{
    Answer, Form, Path, Problem, Query, Shell, Staff, WebError, encode, fingerprint, html, html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Day, Refusal, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{Result, Tx};

/// For how many days an entry is taken to be right.
const REVIEW_AFTER: i64 = 180;

/// A link among others: words, address, whether it is this page, and its count.
struct Tab {
    label: String,
    href: String,
    on: bool,
    count: usize,
}

/// A row of the list.
struct Line {
    id: i64,
    question: String,
    unit: String,
    state: String,
    class: &'static str,
    review: String,
    due: bool,
    uses: i64,
    faults: i64,
    public: bool,
}

#[derive(Template)]
#[template(path = "knowledge_list.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    tabs: Vec<Tab>,
    view: String,
    q: String,
    units: Vec<(String, String, bool)>,
    lines: Vec<Line>,
    may_edit: bool,
    empty: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    q: String,
    unit: String,
}

const VIEWS: [&str; 5] = ["all", "review", "faults", "drafts", "withdrawn"];

fn in_view(view: &str, entry: &Entry, today: Day) -> bool {
    match view {
        "review" => entry.is_due(today),
        "faults" => entry.faults > 0,
        "drafts" => entry.waits() && entry.state != State::Withdrawn,
        "withdrawn" => entry.state == State::Withdrawn,
        _ => entry.state != State::Withdrawn,
    }
}

/// The ids of entries that answer a question, the likeliest first; all versions are searched as they are now.
fn ranks(entries: &[Entry], asked: &str) -> HashMap<i64, usize> {
    let offered = |e: &Entry| Offered {
        entry: e.id,
        version: e.latest,
        unit: e.unit,
        review: e.review,
        content: e.content.clone(),
    };
    let book = Book::new(entries.iter().map(offered).collect());
    let mut found: Vec<i64> = book.find(asked, usize::MAX).into_iter().map(|o| o.entry).collect();
    let seen: HashSet<i64> = found.iter().copied().collect();
    let whole = |c: &Content| {
        [c.question.as_str(), &c.ways.join("\n"), &c.answer, &c.bring, &c.place, &c.basis].join("\n")
    };
    let holds = |e: &&Entry| !seen.contains(&e.id) && text::matches(&whole(&e.content), asked);
    found.extend(entries.iter().filter(holds).map(|e| e.id));
    found.into_iter().enumerate().map(|(rank, id)| (id, rank)).collect()
}

fn names(tx: &mut Tx<'_>, cx: &Cx) -> Result<HashMap<UnitId, String>> {
    Ok(people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.short)).collect())
}

/// `GET /knowledge`
pub(super) async fn list(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let w = staff.words.clone();
    let (entries, names) = staff.read(|tx, cx| Ok((service::list(tx, cx)?, names(tx, cx)?))).await?;
    let today = staff.cx.today();
    let view = VIEWS.iter().find(|v| **v == asked.view).copied().unwrap_or("all");
    let q = asked.q.trim().to_owned();
    let tab = |key: &&str| Tab {
        label: w.t(&format!("knowledge-view-{key}")),
        href: format!("/knowledge?view={key}&unit={}&q={}", encode(&asked.unit), encode(&q)),
        on: *key == view,
        count: entries.iter().filter(|e| in_view(key, e, today)).count(),
    };
    let tabs = VIEWS.iter().map(tab).collect();
    let used: HashSet<UnitId> = entries.iter().map(|e| e.unit).collect();
    let mut units: Vec<(String, String, bool)> = used
        .into_iter()
        .map(|id| (id.to_string(), names.get(&id).cloned().unwrap_or_default(), id.to_string() == asked.unit))
        .collect();
    units.sort_by(|a, b| a.1.cmp(&b.1));
    let empty = entries.is_empty();
    let mut shown: Vec<Entry> = entries
        .into_iter()
        .filter(|e| in_view(view, e, today) && (asked.unit.is_empty() || e.unit.to_string() == asked.unit))
        .collect();
    if q.is_empty() {
        if view == "review" {
            shown.sort_by_key(|e| (e.review, e.id));
        }
    } else {
        let ranks = ranks(&shown, &q);
        shown.retain(|e| ranks.contains_key(&e.id));
        shown.sort_by_key(|e| ranks.get(&e.id).copied());
    }
    let line = |e: &Entry| {
        let (state, class) = standing(&w, e);
        Line {
            id: e.id,
            question: e.content.question.clone(),
            unit: names.get(&e.unit).cloned().unwrap_or_default(),
            state,
            class,
            review: w.full_day(e.review, true),
            due: e.is_due(today),
            uses: e.uses,
            faults: e.faults,
            public: e.content.public,
        }
    };
    let page = ListPage {
        lines: shown.iter().map(line).collect(),
        may_edit: staff.has("knowledge.edit") || staff.has("knowledge.review"),
        shell: staff.shell("knowledge").await?,
        view: view.to_owned(),
        w: w.clone(),
        tabs,
        q,
        units,
        empty,
    };
    html(&page)
}

/// How an entry stands, in words, and the chip's class.
fn standing(w: &Words, entry: &Entry) -> (String, &'static str) {
    let (key, class) = match (entry.state, entry.waits()) {
        (State::Published, true) => ("knowledge-state-newer", "amber"),
        (State::Published, false) => ("knowledge-state-published", "green"),
        (State::Draft, _) => ("knowledge-state-draft", "amber"),
        (State::Withdrawn, _) => ("knowledge-state-withdrawn", ""),
    };
    (w.t(key), class)
}

struct FaultView {
    id: i64,
    open: bool,
    head: String,
    reason: String,
    answer: String,
}

struct VersionView {
    number: i64,
    when: String,
    on: bool,
    offered: bool,
}

#[derive(Template)]
#[template(path = "knowledge_show.html")]
struct ShowPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    latest: i64,
    shown: i64,
    old: bool,
    content: Content,
    fields: Vec<(String, String)>,
    unit: String,
    state: String,
    class: &'static str,
    review: String,
    due: bool,
    next: String,
    uses: String,
    faults: Vec<FaultView>,
    open: usize,
    versions: Vec<VersionView>,
    may_edit: bool,
    may_review: bool,
    publishes: bool,
    withdraws: bool,
    copy: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    version: Option<i64>,
}

/// `GET /knowledge/{id}?version=2`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>, Query(which): Query<Which>) -> Answer {
    draw(&staff, id, which.version, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: i64, version: Option<i64>, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let (entry, versions, faults, names) = staff
        .read(move |tx, cx| {
            let entry = service::find(tx, cx, id)?;
            Ok((entry, service::versions(tx, cx, id)?, service::faults(tx, cx, id)?, names(tx, cx)?))
        })
        .await?;
    let shown = version.unwrap_or(entry.latest);
    let Some(Version { content, .. }) = versions.iter().find(|v| v.version == shown).cloned() else {
        return Err(WebError::not_found());
    };
    let (state, class) = standing(&w, &entry);
    let may_review = service::may_review(&staff.cx, entry.unit);
    let name = |unit: UnitId| names.get(&unit).cloned().unwrap_or_default();
    let page = ShowPage {
        id,
        latest: entry.latest,
        shown,
        old: shown != entry.latest,
        fields: content.facts().map(|(key, text)| (w.t(key), text.to_owned())).collect(),
        unit: name(entry.unit),
        review: w.full_day(entry.review, true),
        due: entry.is_due(staff.cx.today()),
        next: staff.cx.today().plus(REVIEW_AFTER).iso(),
        uses: w.t1("knowledge-used", "n", entry.uses),
        open: faults.iter().filter(|f| f.state == "open").count(),
        faults: faults.iter().map(|f| fault_view(&w, f, &name)).collect(),
        versions: versions
            .iter()
            .map(|v| VersionView {
                number: v.version,
                when: w.when(v.at),
                on: v.version == shown,
                offered: entry.state == State::Published && entry.published == Some(v.version),
            })
            .collect(),
        may_edit: service::may_edit(&staff.cx, entry.unit),
        may_review,
        publishes: may_review && (entry.waits() || entry.state != State::Published),
        withdraws: may_review && entry.state != State::Withdrawn,
        copy: content.told(&w),
        shell: staff.shell("knowledge").await?,
        w: w.clone(),
        problem,
        state,
        class,
        content,
    };
    html_with(status, &page)
}

fn fault_view(w: &Words, fault: &Fault, name: &dyn Fn(UnitId) -> String) -> FaultView {
    let head = w.ta(
        "knowledge-fault-head",
        &[
            ("unit", fault.unit.map(name).unwrap_or_default()),
            ("when", w.when(fault.at)),
            ("version", fault.version.to_string()),
        ],
    );
    let answer = match (fault.state.as_str(), fault.closed_at) {
        ("open", _) | (_, None) => String::new(),
        (state, Some(at)) => w.ta(
            &format!("knowledge-fault-{state}"),
            &[("when", w.when(at)), ("answer", fault.answer.clone())],
        ),
    };
    FaultView { id: fault.id, open: fault.state == "open", head, reason: fault.reason.clone(), answer }
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct EntryForm {
    #[serde(skip_serializing)]
    idem: String,
    seen: i64,
    question: String,
    ways: String,
    answer: String,
    bring: String,
    place: String,
    phone: String,
    hours: String,
    basis: String,
    unit: String,
    review: String,
    public: String,
    publish: String,
}

impl EntryForm {
    fn of(entry: &Entry, today: Day) -> EntryForm {
        let c = entry.content.clone();
        let review = if entry.review <= today { today.plus(REVIEW_AFTER) } else { entry.review };
        EntryForm {
            seen: entry.latest,
            question: c.question,
            ways: c.ways.join("\n"),
            answer: c.answer,
            bring: c.bring,
            place: c.place,
            phone: c.phone,
            hours: c.hours,
            basis: c.basis,
            unit: entry.unit.to_string(),
            review: review.iso(),
            public: if c.public { "1".to_owned() } else { String::new() },
            ..EntryForm::default()
        }
    }

    fn read(&self) -> std::result::Result<(UnitId, Day, Content), Refusal> {
        let unit = self.unit.parse().map(UnitId).map_err(|_| Refusal::missing("unit"))?;
        let review = Day::parse(&self.review).ok_or_else(|| Refusal::missing("review"))?;
        let content = Content {
            question: self.question.clone(),
            ways: self.ways.lines().map(str::to_owned).collect(),
            answer: self.answer.clone(),
            bring: self.bring.clone(),
            place: self.place.clone(),
            phone: self.phone.clone(),
            hours: self.hours.clone(),
            basis: self.basis.clone(),
            public: self.public == "1",
        };
        Ok((unit, review, content))
    }
}

#[derive(Template)]
#[template(path = "knowledge_edit.html")]
struct EditPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: Option<i64>,
    form: EntryForm,
    units: Vec<(String, String, bool)>,
    may_publish: bool,
    today: String,
    most: usize,
}

/// The units whose entries the actor may write.
fn choices(units: &[Unit], cx: &Cx, chosen: &str) -> Vec<(String, String, bool)> {
    let mut units: Vec<&Unit> = units.iter().filter(|u| u.active && service::may_edit(cx, u.id)).collect();
    units.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    units.iter().map(|u| (u.id.to_string(), u.short.clone(), u.id.to_string() == chosen)).collect()
}

async fn form(
    staff: &Staff,
    id: Option<i64>,
    form: EntryForm,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let units = staff.read(|tx, cx| people::units(tx, cx.office.id)).await?;
    let page = EditPage {
        units: choices(&units, &staff.cx, &form.unit),
        may_publish: staff.has("knowledge.review"),
        today: staff.cx.today().plus(1).iso(),
        most: service::ANSWER_MOST,
        shell: staff.shell("knowledge").await?,
        w: staff.words.clone(),
        problem,
        id,
        form,
    };
    html_with(status, &page)
}

/// `GET /knowledge/new`
pub(super) async fn blank(staff: Staff) -> Answer {
    let own = staff.cx.actor.unit.map(|u| u.to_string()).unwrap_or_default();
    let review = staff.cx.today().plus(REVIEW_AFTER).iso();
    let blank = EntryForm { unit: own, review, ..EntryForm::default() };
    form(&staff, None, blank, Problem::default(), StatusCode::OK).await
}

/// `GET /knowledge/{id}/edit`
pub(super) async fn edit(staff: Staff, Path(id): Path<i64>) -> Answer {
    let entry = staff.read(move |tx, cx| service::find(tx, cx, id)).await?;
    if !service::may_edit(&staff.cx, entry.unit) {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "knowledge.edit").into());
    }
    let filled = EntryForm::of(&entry, staff.cx.today());
    form(&staff, Some(id), filled, Problem::default(), StatusCode::OK).await
}

/// `POST /knowledge/new`
pub(super) async fn create(staff: Staff, Form(sent): Form<EntryForm>) -> Answer {
    write(staff, None, sent).await
}

/// `POST /knowledge/{id}/edit`
pub(super) async fn save(staff: Staff, Path(id): Path<i64>, Form(sent): Form<EntryForm>) -> Answer {
    write(staff, Some(id), sent).await
}

async fn write(staff: Staff, id: Option<i64>, sent: EntryForm) -> Answer {
    match written(&staff, id, &sent).await {
        Ok(given) => {
            let said = if sent.publish == "1" { "knowledge-published" } else { "knowledge-saved" };
            Ok(staff.goto_saying(&format!("/knowledge/{}", given.entry), &staff.words.t(said)))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            form(&staff, id, sent, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

async fn written(staff: &Staff, id: Option<i64>, sent: &EntryForm) -> std::result::Result<Given, WebError> {
    let (unit, review, content) = sent.read()?;
    let (known, publish) = (id.map(|id| (id, sent.seen)), sent.publish == "1");
    let request = fingerprint(&("knowledge.save", id, sent));
    staff
        .write_once(&sent.idem, &request, move |tx, cx| {
            let given = service::save(tx, cx, known, (unit, review), &content)?;
            if publish {
                service::publish(tx, cx, given.entry, given.version)?;
            }
            Ok(given)
        })
        .await
}

/// A small act on an entry.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct ActForm {
    #[serde(skip_serializing)]
    idem: String,
    seen: i64,
    reason: String,
    review: String,
    answer: String,
    how: String,
}

async fn act<F>(staff: &Staff, id: i64, sent: &ActForm, (name, said): (&str, &str), body: F) -> Answer
where
    F: FnMut(&mut Tx<'_>, &Cx) -> Result<()> + Send + 'static,
{
    let request = fingerprint(&(name, id, sent));
    match staff.write_once(&sent.idem, &request, body).await {
        Ok(()) => Ok(staff.goto_saying(&format!("/knowledge/{id}"), &staff.words.t(said))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            if error.status() == StatusCode::NOT_FOUND {
                return Err(error);
            }
            draw(staff, id, None, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `POST /knowledge/{id}/publish`
pub(super) async fn publish(staff: Staff, Path(id): Path<i64>, Form(sent): Form<ActForm>) -> Answer {
    let seen = sent.seen;
    let told = ("knowledge.publish", "knowledge-published");
    act(&staff, id, &sent, told, move |tx, cx| service::publish(tx, cx, id, seen)).await
}

/// `POST /knowledge/{id}/withdraw`
pub(super) async fn withdraw(staff: Staff, Path(id): Path<i64>, Form(sent): Form<ActForm>) -> Answer {
    let (seen, reason) = (sent.seen, sent.reason.clone());
    let told = ("knowledge.withdraw", "knowledge-withdrawn");
    act(&staff, id, &sent, told, move |tx, cx| service::withdraw(tx, cx, id, seen, &reason)).await
}

/// `POST /knowledge/{id}/review`
pub(super) async fn review(staff: Staff, Path(id): Path<i64>, Form(sent): Form<ActForm>) -> Answer {
    let (seen, next) = (sent.seen, Day::parse(&sent.review));
    act(&staff, id, &sent, ("knowledge.review", "knowledge-reviewed"), move |tx, cx| {
        service::review(tx, cx, id, seen, next.ok_or_else(|| Refusal::missing("review"))?)
    })
    .await
}

/// `POST /knowledge/{id}/fault`
pub(super) async fn fault(staff: Staff, Path(id): Path<i64>, Form(sent): Form<ActForm>) -> Answer {
    let (version, reason) = (sent.seen, sent.reason.clone());
    let told = ("knowledge.fault", "knowledge-fault-sent");
    let answer = act(&staff, id, &sent, told, move |tx, cx| {
        service::report_fault(tx, cx, Given { entry: id, version }, &reason).map(|_| ())
    })
    .await?;
    // From the middle of a call: nothing is to be shown but that it was said.
    if staff.htmx { Ok(StatusCode::NO_CONTENT.into_response()) } else { Ok(answer) }
}

/// `POST /knowledge/{id}/faults/{fault}`
pub(super) async fn close_fault(
    staff: Staff,
    Path((id, fault)): Path<(i64, i64)>,
    Form(sent): Form<ActForm>,
) -> Answer {
    let (mended, answer) = (sent.how == "mended", sent.answer.clone());
    let name = format!("knowledge.fault.{fault}");
    act(&staff, id, &sent, (&name, "knowledge-fault-answered"), move |tx, cx| {
        service::close_fault(tx, cx, (id, fault), mended, &answer)
    })
    .await
}
