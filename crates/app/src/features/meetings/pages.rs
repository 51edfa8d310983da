//! The pages of meetings.

use super::minutes;
use super::model::{Carried, Decision, MeetingId, NewItem, NewMeeting, Standing};
use super::service::{self, Line, PAGE, Seen, Settle};
use crate::context::Cx;
use crate::features::tasks::model::{DecisionId, TaskId};
use crate::features::tasks::service::look;
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Day, Refusal, Ts};
use serde::{Deserialize, Serialize};

struct Choice {
    value: String,
    label: String,
    on: bool,
}

struct Group {
    label: String,
    open: bool,
    options: Vec<Choice>,
}

struct LineView {
    href: String,
    title: String,
    at: String,
    place: String,
    told: String,
    undone: String,
    state: String,
    class: &'static str,
}

struct DecisionView {
    id: DecisionId,
    text: String,
    owner: String,
    due: String,
    due_day: String,
    state: String,
    class: &'static str,
    chip: &'static str,
    open: bool,
    reopens: bool,
    gives: bool,
    /// The task that it became.
    task: String,
    /// The meeting it comes from, where that is another: address and words.
    from: Option<(String, String)>,
}

struct ItemView {
    id: i64,
    text: String,
    links: Vec<(String, String)>,
    decisions: Vec<DecisionView>,
}

#[derive(Template)]
#[template(path = "meetings_list.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    lines: Vec<LineView>,
    open: Vec<DecisionView>,
    edits: bool,
    prev: String,
    next: String,
    note: String,
}

#[derive(Template)]
#[template(path = "meetings_new.html")]
struct NewPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    typed: NewForm,
    kinds: Vec<String>,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "meetings_show.html")]
struct ShowPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: MeetingId,
    title: String,
    sub: String,
    who: String,
    items: Vec<ItemView>,
    carried: Vec<DecisionView>,
    manages: bool,
    closed: String,
    owners: Vec<Group>,
    tasks: Vec<Choice>,
    typed: ItemForm,
    /// Whether one was noted just now: the next follows.
    added: bool,
    today: String,
}

#[derive(Template)]
#[template(path = "meetings_minutes.html")]
struct MinutesPage {
    w: Words,
    shell: Shell,
    id: MeetingId,
    title: String,
    minutes: minutes::Minutes,
    text: String,
    unit: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    page: i64,
    /// A meeting to be held again.
    like: Option<i64>,
    added: String,
}

/// `GET /meetings`
pub(super) async fn list(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let at = asked.page.clamp(0, 1_000);
    let (mut lines, open) =
        staff.read(move |tx, cx| Ok((service::list(tx, cx, at)?, service::open(tx, cx)?))).await?;
    let more = i64::try_from(lines.len()).unwrap_or(0) > PAGE;
    lines.truncate(usize::try_from(PAGE).unwrap_or(30));
    let w = staff.words.clone();
    let address = |on: bool, page: i64| if on { format!("/meetings?page={page}") } else { String::new() };
    let page = ListPage {
        shell: staff.shell("meetings").await?,
        open: open.iter().map(|c| carried_view(&w, &staff.cx, c, false)).collect(),
        edits: staff.has("meetings.edit"),
        prev: address(at > 0, at - 1),
        next: address(more, at + 1),
        note: w.t1("meetings-shown", "n", lines.len()),
        lines: lines.iter().map(|line| line_view(&w, &staff.cx, line)).collect(),
        w,
    };
    html(&page)
}

fn line_view(w: &Words, cx: &Cx, line: &Line) -> LineView {
    let (key, class) = match (line.closed, line.at > cx.now) {
        (Some(_), _) => ("meetings-state-closed", "green"),
        (None, true) => ("meetings-state-called", "on"),
        (None, false) => ("meetings-state-held", "amber"),
    };
    LineView {
        href: format!("/meetings/{}", line.id),
        title: if line.title == line.kind {
            line.title.clone()
        } else {
            format!("{} · {}", line.kind, line.title)
        },
        at: w.when(line.at),
        place: line.place.clone(),
        told: w.t2("meetings-told", ("items", &line.items), ("decisions", &line.decisions)),
        undone: if line.undone > 0 { w.t1("meetings-undone", "n", line.undone) } else { String::new() },
        state: w.t(key),
        class,
    }
}

fn decision_view(w: &Words, cx: &Cx, d: &Decision, manages: bool) -> DecisionView {
    let late = d.is_late(cx.now);
    let (class, chip) = match d.standing {
        Standing::Open if late => ("is-late", "red"),
        Standing::Open => ("", "amber"),
        Standing::Done => ("is-done", "green"),
        Standing::Ended => ("is-done", ""),
    };
    let follows = d.task.is_some();
    DecisionView {
        id: d.id,
        text: d.text.clone(),
        owner: d.owner.clone(),
        due: d.due.map(|at| w.t1("meetings-due-is", "day", w.day(at.day(&w.tz)))).unwrap_or_default(),
        due_day: d.due.map(|at| at.day(&w.tz).iso()).unwrap_or_default(),
        state: match (late, follows && d.standing == Standing::Open) {
            (true, _) => w.t("meetings-standing-late"),
            (_, true) => w.t("meetings-standing-given"),
            _ => minutes::standing(w, d),
        },
        class,
        chip,
        open: manages && d.standing == Standing::Open,
        reopens: manages && d.standing != Standing::Open && !follows,
        gives: manages
            && d.standing == Standing::Open
            && !follows
            && !d.target.is_empty()
            && cx.actor.has("tasks.give"),
        task: d.task.map(|id| format!("/tasks/{id}")).unwrap_or_default(),
        from: None,
    }
}

fn carried_view(w: &Words, cx: &Cx, c: &Carried, manages: bool) -> DecisionView {
    let told = w.t2("meetings-from", ("title", &c.title), ("day", &w.full_day(c.at.day(&w.tz), false)));
    DecisionView {
        from: Some((format!("/meetings/{}", c.meeting), told)),
        ..decision_view(w, cx, &c.decision, manages)
    }
}

#[derive(Clone, Deserialize, Serialize, Default)]
#[serde(default)]
pub(super) struct NewForm {
    #[serde(skip_serializing)]
    idem: String,
    kind: String,
    title: String,
    at: String,
    place: String,
    guests: String,
    to: Vec<String>,
    items: String,
}

/// `GET /meetings/new`
pub(super) async fn new(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let w = &staff.words;
    // The next full hour.
    let next = Ts((staff.cx.now.0 / Ts::HOUR + 1) * Ts::HOUR);
    let mut typed = NewForm { at: next.local(&w.tz), ..NewForm::default() };
    if let Some(id) = asked.like {
        let like = staff.read(move |tx, cx| service::seen(tx, cx, MeetingId(id))).await?;
        typed.kind = like.meeting.kind;
        typed.place = like.meeting.place;
        typed.guests = like.meeting.guests;
        typed.to = like.parties.into_iter().map(|(target, _)| target).collect();
    }
    form(&staff, typed, Problem::default(), StatusCode::OK).await
}

async fn form(staff: &Staff, typed: NewForm, problem: Problem, status: StatusCode) -> Answer {
    let (who, mut kinds) =
        staff.read(|tx, cx| Ok((look::everybody(tx, cx)?, service::kinds(tx, cx)?))).await?;
    let w = staff.words.clone();
    for usual in w.t("meetings-kinds").split(' ') {
        if !kinds.iter().any(|k| k == usual) {
            kinds.push(usual.to_owned());
        }
    }
    let page = NewPage {
        shell: staff.shell("meetings").await?,
        problem,
        kinds,
        groups: groups(&w, &who, &typed.to),
        typed,
        w,
    };
    html_with(status, &page)
}

fn groups(w: &Words, who: &[crate::features::tasks::model::Candidate], chosen: &[String]) -> Vec<Group> {
    let kinds = [
        "street_department",
        "community",
        "grid",
        "public_unit",
        "property",
        "contractor",
        "upper_department",
    ];
    kinds
        .iter()
        .map(|kind| {
            let of = who.iter().filter(|c| c.kind == *kind);
            let options: Vec<Choice> = of
                .map(|c| (c.target.to_string(), c.name.clone()))
                .map(|(value, label)| Choice { on: chosen.contains(&value), value, label })
                .collect();
            let open = matches!(*kind, "street_department" | "community") || options.iter().any(|o| o.on);
            Group { label: w.t(&format!("tasks-kind-{}", kind.replace('_', "-"))), open, options }
        })
        .filter(|g| !g.options.is_empty())
        .collect()
}

/// The end of the office's day: until then something due on a day is in time.
fn end_of(cx: &Cx, text: &str) -> Option<Ts> {
    let day = Day::parse(text.trim())?;
    let end = cx.office.rules.hours.minutes().map(|(_, end)| end).max().unwrap_or(18 * 60);
    Some(day.start(&cx.office.tz).plus(end * Ts::MINUTE))
}

/// `POST /meetings`
pub(super) async fn hold(staff: Staff, Form(typed): Form<NewForm>) -> Answer {
    let new = NewMeeting {
        kind: typed.kind.clone(),
        title: typed.title.clone(),
        at: Ts::parse_local(typed.at.trim(), &staff.cx.office.tz),
        place: typed.place.clone(),
        guests: typed.guests.clone(),
        to: typed.to.clone(),
        items: typed.items.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect(),
    };
    let request = fingerprint(&("meetings.hold", &new));
    match staff.write_once(&typed.idem, &request, move |tx, cx| service::hold(tx, cx, &new)).await {
        Ok(id) => Ok(staff.goto_saying(&format!("/meetings/{id}"), &staff.words.t("meetings-called"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            form(&staff, typed, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `GET /meetings/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Answer {
    let typed = ItemForm { added: asked.added, ..ItemForm::default() };
    draw(&staff, MeetingId(id), typed, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: MeetingId, typed: ItemForm, problem: Problem, status: StatusCode) -> Answer {
    let (seen, links, who, tasks) = staff
        .read(move |tx, cx| {
            let seen = service::seen(tx, cx, id)?;
            let mut links = Vec::new();
            for item in &seen.items {
                links.push(service::links(tx, cx, item)?);
            }
            let who = if seen.manages { look::everybody(tx, cx)? } else { Vec::new() };
            let tasks = if seen.manages { open_tasks(tx, cx)? } else { Vec::new() };
            Ok((seen, links, who, tasks))
        })
        .await?;
    let w = staff.words.clone();
    let (m, edits) = (&seen.meeting, seen.manages);
    let of = |id: i64| -> Vec<DecisionView> {
        let own = seen.decisions.iter().filter(|d| d.item == id);
        own.map(|d| decision_view(&w, &staff.cx, d, edits)).collect()
    };
    let mut who_comes: Vec<String> = seen.parties.iter().map(|(_, name)| name.clone()).collect();
    who_comes.extend(Some(m.guests.clone()).filter(|g| !g.is_empty()));
    let page = ShowPage {
        shell: staff.shell("meetings").await?,
        problem,
        id,
        title: m.title.clone(),
        sub: [m.kind.clone(), w.when(m.at), m.place.clone()]
            .into_iter()
            .filter(|t| !t.is_empty() && (*t != m.kind || m.kind != m.title))
            .collect::<Vec<_>>()
            .join(" · "),
        who: who_comes.join(&w.t("list-joint")),
        items: seen
            .items
            .iter()
            .zip(links)
            .map(|(item, links)| ItemView {
                id: item.id,
                text: item.text.clone(),
                links,
                decisions: of(item.id),
            })
            .collect(),
        carried: seen
            .carried
            .iter()
            .map(|c| carried_view(&w, &staff.cx, c, edits && m.closed.is_none()))
            .collect(),
        manages: edits,
        closed: m.closed.map(|at| w.t1("meetings-closed-at", "when", w.when(at))).unwrap_or_default(),
        owners: groups(&w, &who, std::slice::from_ref(&typed.target)),
        tasks: tasks
            .into_iter()
            .map(|(value, label)| Choice { on: typed.task == value, value, label })
            .collect(),
        today: staff.cx.today().iso(),
        added: !typed.added.is_empty(),
        typed,
        w,
    };
    html_with(status, &page)
}

/// Open tasks that an item may be about: those that our units gave.
fn open_tasks(tx: &mut store::Tx<'_>, cx: &Cx) -> store::Result<Vec<(String, String)>> {
    if !cx.actor.has("tasks.give") {
        return Ok(Vec::new());
    }
    let found = look::list(tx, cx, look::View::Given, &look::open_ones())?;
    Ok(found.lines.into_iter().map(|line| (line.id.to_string(), line.title)).collect())
}

#[derive(Clone, Deserialize, Serialize, Default)]
#[serde(default)]
pub(super) struct ItemForm {
    #[serde(skip_serializing)]
    idem: String,
    #[serde(skip)]
    added: String,
    item: String,
    text: String,
    decision: String,
    target: String,
    owner: String,
    due: String,
    task: String,
}

async fn again(staff: &Staff, id: MeetingId, typed: ItemForm, error: WebError) -> Answer {
    let Some(refusal) = error.refusal().cloned() else { return Err(error) };
    draw(staff, id, typed, Problem::new(&staff.words, &refusal), error.status()).await
}

/// `POST /meetings/{id}/items`
pub(super) async fn add(staff: Staff, Path(id): Path<i64>, Form(typed): Form<ItemForm>) -> Answer {
    let new = NewItem {
        item: typed.item.parse().ok(),
        text: typed.text.clone(),
        decision: typed.decision.clone(),
        target: typed.target.clone(),
        owner: typed.owner.clone(),
        due: end_of(&staff.cx, &typed.due),
        task: typed.task.parse().ok().map(TaskId),
    };
    let request = fingerprint(&("meetings.add", id, &new));
    let id = MeetingId(id);
    match staff.write_once(&typed.idem, &request, move |tx, cx| service::add(tx, cx, id, &new)).await {
        Ok(()) => Ok(staff.goto(&format!("/meetings/{id}?added=1#add"))),
        Err(error) => again(&staff, id, typed, error).await,
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub(super) struct SettleForm {
    #[serde(skip_serializing)]
    idem: String,
    act: String,
    reason: String,
    due: String,
    /// The meeting whose page it was pressed on.
    at: Option<i64>,
}

/// `POST /meetings/decisions/{id}`
pub(super) async fn settle(staff: Staff, Path(id): Path<i64>, Form(form): Form<SettleForm>) -> Answer {
    let request = fingerprint(&("meetings.settle", id, &form));
    let decision = DecisionId(id);
    if form.act == "task" {
        let sentence = staff.words.t("tasks-sentence-usual");
        let usual = crate::features::tasks::usual_due(&staff.cx).unwrap_or(staff.cx.now.plus(Ts::DAY));
        let body =
            move |tx: &mut store::Tx<'_>, cx: &Cx| service::to_task(tx, cx, decision, &sentence, usual);
        let task = staff.write_once(&form.idem, &request, body).await?;
        return Ok(staff.goto_saying(&format!("/tasks/{task}"), &staff.words.t("meetings-given")));
    }
    let how = match form.act.as_str() {
        "done" => Settle::Done,
        "end" => Settle::End(form.reason.clone()),
        "reopen" => Settle::Reopen,
        "due" => {
            Settle::Due(end_of(&staff.cx, &form.due).ok_or_else(|| Refusal::rule("meetings.day").on("due"))?)
        }
        other => return Err(WebError::Bad(format!("no such act: {other}"))),
    };
    let body = move |tx: &mut store::Tx<'_>, cx: &Cx| service::settle(tx, cx, decision, &how);
    match staff.write_once(&form.idem, &request, body).await {
        Ok(own) => {
            let back = form.at.map_or(own, MeetingId);
            Ok(staff.goto_saying(&format!("/meetings/{back}"), &staff.words.t("meetings-settled")))
        }
        Err(error) => match form.at {
            Some(at) => again(&staff, MeetingId(at), ItemForm::default(), error).await,
            None => Err(error),
        },
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CloseForm {
    idem: String,
    act: String,
}

/// `POST /meetings/{id}/close`
pub(super) async fn close(staff: Staff, Path(id): Path<i64>, Form(form): Form<CloseForm>) -> Answer {
    let closed = form.act != "reopen";
    let request = fingerprint(&("meetings.close", id, closed));
    let id = MeetingId(id);
    match staff.write_once(&form.idem, &request, move |tx, cx| service::close(tx, cx, id, closed)).await {
        Ok(()) if closed => {
            Ok(staff.goto_saying(&format!("/meetings/{id}/minutes"), &staff.words.t("meetings-closed")))
        }
        Ok(()) => Ok(staff.goto_saying(&format!("/meetings/{id}"), &staff.words.t("meetings-reopened"))),
        Err(error) => again(&staff, id, ItemForm::default(), error).await,
    }
}

/// `GET /meetings/{id}/minutes`
pub(super) async fn minutes(staff: Staff, Path(id): Path<i64>) -> Answer {
    let seen: Seen = staff.read(move |tx, cx| service::seen(tx, cx, MeetingId(id))).await?;
    let w = staff.words.clone();
    let minutes = minutes::draft(&w, &seen);
    let title = w.t1("minutes-title", "title", &seen.meeting.title);
    let page = MinutesPage {
        shell: staff.shell("meetings").await?,
        id: seen.meeting.id,
        text: minutes::text(&w, &title, &minutes),
        unit: staff.cx.office.name.clone(),
        minutes,
        title,
        w,
    };
    html(&page)
}
