//! 信息报送: the events, the reports on one, text to copy, paper.

use super::{all_names, instant, named};
use crate::context::Cx;
use crate::features::roster::model::Report;
use crate::features::roster::{reports, service};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Refusal, Ts};
use serde::{Deserialize, Serialize};
use store::{Result, Tx};

struct EventView {
    href: String,
    what: String,
    place: String,
    happened: String,
    stage: String,
    minutes: String,
}

struct ReportView {
    stage: String,
    what: String,
    measures: String,
    next: String,
    people: String,
    happened: String,
    sent: String,
    entered: String,
    to: String,
    how: String,
    name: String,
    minutes: String,
    copy: String,
}

#[derive(Template)]
#[template(path = "roster_reports.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    events: Vec<EventView>,
    writes: bool,
}

#[derive(Template)]
#[template(path = "roster_report.html")]
struct EventPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    title: String,
    place: String,
    reports: Vec<ReportView>,
    ended: bool,
    writes: bool,
    form: Sent,
    print: bool,
}

#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Sent {
    #[serde(skip_serializing)]
    idem: String,
    stage: String,
    place: String,
    what: String,
    dead: String,
    hurt: String,
    missing: String,
    measures: String,
    next: String,
    sent_to: String,
    sent_how: String,
    happened: String,
    sent: String,
}

impl Sent {
    fn read(&self, about: i64, cx: &Cx) -> std::result::Result<Report, Refusal> {
        let tz = &cx.office.tz;
        let figure = |field: &'static str, text: &str| {
            let text = text.trim();
            let n = if text.is_empty() { Ok(0) } else { text.parse() };
            n.map_err(|_| Refusal::rule("roster.report.figure").on(field))
        };
        Ok(Report {
            about,
            stage: self.stage.clone(),
            place: self.place.clone(),
            what: self.what.clone(),
            dead: figure("dead", &self.dead)?,
            hurt: figure("hurt", &self.hurt)?,
            missing: figure("missing", &self.missing)?,
            measures: self.measures.clone(),
            next: self.next.clone(),
            sent_to: self.sent_to.clone(),
            sent_how: self.sent_how.clone(),
            // The first report alone says when it happened.
            happened: if about == 0 { instant(&self.happened, "happened", tz)? } else { Ts(0) },
            sent: instant(&self.sent, "sent", tz)?,
            ..Report::default()
        })
    }
}

/// `GET /roster/reports`
pub(in crate::features::roster) async fn list(staff: Staff) -> Answer {
    let (all, writes) = staff
        .read(|tx, cx| Ok((reports::events_of_office(tx, cx)?, service::need_duty(tx, cx, None).is_ok())))
        .await?;
    let w = staff.words.clone();
    let view = |r: &Report| EventView {
        href: format!("/roster/reports/{}", r.about),
        what: r.what.clone(),
        place: r.place.clone(),
        happened: w.when(r.happened),
        stage: w.t(&format!("roster-stage-{}", r.stage)),
        minutes: w.t1("roster-report-minutes", "n", r.sent.since(r.happened) / Ts::MINUTE),
    };
    let events = all.iter().map(view).collect();
    html(&ListPage { shell: staff.shell("roster").await?, events, writes, w: w.clone() })
}

/// `GET /roster/reports/new`
pub(in crate::features::roster) async fn form(staff: Staff) -> Answer {
    draw(&staff, 0, None, Problem::default(), (StatusCode::OK, false)).await
}

/// `GET /roster/reports/{id}`
pub(in crate::features::roster) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, None, Problem::default(), (StatusCode::OK, false)).await
}

/// `GET /roster/reports/{id}/print`
pub(in crate::features::roster) async fn print(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, None, Problem::default(), (StatusCode::OK, true)).await
}

async fn draw(
    staff: &Staff,
    id: i64,
    typed: Option<Sent>,
    problem: Problem,
    (status, print): (StatusCode, bool),
) -> Answer {
    let w = staff.words.clone();
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, id)).await?;
    let (views, last, writes) = seen;
    let w = staff.words.clone();
    let now = staff.cx.now.local(&staff.cx.office.tz);
    let form = typed.unwrap_or_else(|| Sent {
        happened: now.clone(),
        sent: now,
        stage: "further".to_owned(),
        dead: last.dead.to_string(),
        hurt: last.hurt.to_string(),
        missing: last.missing.to_string(),
        sent_to: last.sent_to.clone(),
        sent_how: last.sent_how.clone(),
        ..Sent::default()
    });
    let page = EventPage {
        shell: staff.shell("roster").await?,
        problem,
        title: if id == 0 { w.t("roster-report-new") } else { w.t("roster-report-of") },
        place: last.place.clone(),
        ended: last.stage == "final",
        reports: views,
        writes,
        id,
        form,
        print,
        w,
    };
    html_with(status, &page)
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: i64) -> Result<(Vec<ReportView>, Report, bool)> {
    let writes = service::need_duty(tx, cx, None).is_ok();
    if id == 0 {
        return Ok((Vec::new(), Report::default(), writes));
    }
    let names = all_names(tx, cx)?;
    let all = reports::of_event(tx, cx, id)?;
    let last = all.last().cloned().unwrap_or_default();
    let mut nth = 0;
    let views = all.iter().map(|r| {
        if r.stage == "further" {
            nth += 1;
        }
        view(cx, w, r, &named(&names, r.account), nth)
    });
    Ok((views.collect(), last, writes))
}

fn view(cx: &Cx, w: &Words, r: &Report, name: &str, nth: usize) -> ReportView {
    let stage = match r.stage.as_str() {
        "further" => w.t1("roster-stage-nth", "n", nth),
        other => w.t(&format!("roster-stage-{other}")),
    };
    let people =
        [("dead", r.dead), ("hurt", r.hurt), ("missing", r.missing)].map(|(n, v)| (n, v.to_string()));
    let people = w.ta("roster-report-people", &people);
    let happened = exact(cx, w, r.happened);
    let args = [
        ("stage", stage.clone()),
        ("office", cx.office.name.clone()),
        ("happened", happened.clone()),
        ("place", r.place.clone()),
        ("what", r.what.clone()),
        ("people", people.clone()),
        ("measures", r.measures.clone()),
        ("next", if r.next.is_empty() { w.t("roster-report-no-next") } else { r.next.clone() }),
    ];
    ReportView {
        copy: w.ta("roster-report-copy", &args),
        minutes: if r.seq == 1 {
            w.t1("roster-report-minutes", "n", r.sent.since(r.happened) / Ts::MINUTE)
        } else {
            String::new()
        },
        stage,
        what: r.what.clone(),
        measures: r.measures.clone(),
        next: r.next.clone(),
        people,
        happened,
        sent: exact(cx, w, r.sent),
        entered: exact(cx, w, r.entered),
        to: r.sent_to.clone(),
        how: r.sent_how.clone(),
        name: name.to_owned(),
    }
}

/// With its day, always: a report is read on another day too.
fn exact(cx: &Cx, w: &Words, at: Ts) -> String {
    let day = w.full_day(at.day(&cx.office.tz), false);
    w.ta("time-day-clock", &[("day", day), ("clock", super::clock(at, &cx.office.tz))])
}

/// `POST /roster/reports/new`
pub(in crate::features::roster) async fn first(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    write(&staff, 0, sent).await
}

/// `POST /roster/reports/{id}`
pub(in crate::features::roster) async fn further(
    staff: Staff,
    Path(id): Path<i64>,
    Form(sent): Form<Sent>,
) -> Answer {
    write(&staff, id, sent).await
}

async fn write(staff: &Staff, id: i64, sent: Sent) -> Answer {
    let result = match sent.read(id, &staff.cx) {
        Err(refusal) => Err(WebError::from(refusal)),
        Ok(report) => {
            let request = fingerprint(&("roster.report", id, &sent));
            staff.write_once(&sent.idem, &request, move |tx, cx| reports::write(tx, cx, &report)).await
        }
    };
    match result {
        Ok(about) => {
            Ok(staff.goto_saying(&format!("/roster/reports/{about}"), &staff.words.t("roster-reported")))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let problem = Problem::new(&staff.words, &refusal);
            draw(staff, id, Some(sent), problem, (error.status(), false)).await
        }
    }
}
