//! The log and the hand-over, on screen and on paper.

use super::{Names, all_names, clock, instant, named, unit_choices, unit_of};
use crate::context::Cx;
use crate::features::roster::log;
use crate::features::roster::model::{LEADER, Line, OFFICER};
use crate::features::roster::service::{self, kind_name};
use crate::features::roster::strip::{self, Strip};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Day, UnitId};
use serde::Deserialize;
use store::{Result, Tx};

/// A line as it is shown.
struct LineView {
    happened: String,
    entered: String,
    late: bool,
    handover: bool,
    text: String,
    name: String,
    taken: String,
}

struct OpenView {
    id: i64,
    text: String,
    from: String,
    takes: bool,
}

struct Seen {
    strips: Vec<Strip>,
    lines: Vec<LineView>,
    open: Vec<OpenView>,
    cases: Vec<[String; 4]>,
    units: Vec<(String, String, bool)>,
    duty: Vec<(String, String)>,
    writes: bool,
}

#[derive(Template)]
#[template(path = "roster_log.html")]
struct LogPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    seen: Seen,
    day: String,
    day_text: String,
    prev: String,
    next: String,
    unit: String,
    happened: String,
    text: String,
    note: String,
}

#[derive(Template)]
#[template(path = "roster_log_print.html")]
struct PrintPage {
    w: Words,
    shell: Shell,
    seen: Seen,
    day_text: String,
    day: String,
    unit: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Asked {
    idem: String,
    day: String,
    unit: String,
    happened: String,
    text: String,
}

fn day_of(asked: &Asked, cx: &Cx) -> Day {
    Day::parse(&asked.day).filter(|d| *d <= cx.today()).unwrap_or_else(|| cx.today())
}

/// `GET /roster/log?day=2026-10-01`
pub(in crate::features::roster) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    draw(&staff, &asked, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, asked: &Asked, problem: Problem, status: StatusCode) -> Answer {
    let (day, unit) = (day_of(asked, &staff.cx), unit_of(&asked.unit));
    let w = staff.words.clone();
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, unit, day)).await?;
    let w = staff.words.clone();
    let noted = problem.field == "note";
    let page = LogPage {
        shell: staff.shell("roster").await?,
        day: day.iso(),
        day_text: super::day_text(&w, day),
        prev: day.plus(-1).iso(),
        next: if day < staff.cx.today() { day.plus(1).iso() } else { String::new() },
        unit: unit.map(|u| u.0.to_string()).unwrap_or_default(),
        happened: if asked.happened.is_empty() {
            staff.cx.now.local(&staff.cx.office.tz)
        } else {
            asked.happened.clone()
        },
        text: if noted { String::new() } else { asked.text.clone() },
        note: if noted { asked.text.clone() } else { String::new() },
        seen,
        problem,
        w,
    };
    html_with(status, &page)
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, unit: Option<UnitId>, day: Day) -> Result<Seen> {
    let names = all_names(tx, cx)?;
    let tz = &cx.office.tz;
    let (from, until) = (day.start(tz), day.plus(1).start(tz));
    let lines = log::lines(tx, cx, unit, from, until)?;
    let to_take: Vec<i64> = log::to_take(tx, cx)?.iter().map(|l| l.id).collect();
    let open = log::open(tx, cx)?.into_iter().filter(|l| l.unit == unit);
    let (setup, _) = service::setup(tx, cx)?;
    let shifts = service::published(tx, cx, unit, from, until)?;
    let mut duty: Vec<(String, String)> = Vec::new();
    for key in [LEADER, OFFICER] {
        let mut people: Vec<String> =
            shifts.iter().filter(|s| s.kind == key).map(|s| named(&names, s.account)).collect();
        people.dedup();
        duty.push((kind_name(w, &setup, key), people.join(&w.t("list-joint"))));
    }
    Ok(Seen {
        strips: strip::now(tx, cx, w)?,
        lines: lines.iter().map(|l| line_view(cx, w, &names, l)).collect(),
        open: open
            .map(|l| OpenView {
                id: l.id,
                takes: to_take.contains(&l.id),
                from: w.t2(
                    "roster-handed-by",
                    ("name", &named(&names, l.account)),
                    ("when", &w.when(l.entered)),
                ),
                text: l.text,
            })
            .collect(),
        cases: service::urgent_cases(tx, cx)?
            .into_iter()
            .map(|c| {
                let due = c.due.map(|at| w.when(at)).unwrap_or_default();
                [format!("/cases/{}", c.id), c.no, c.title, due]
            })
            .collect(),
        units: unit_choices(tx, cx, w, unit)?,
        duty,
        writes: service::need_duty(tx, cx, unit).is_ok(),
    })
}

fn line_view(cx: &Cx, w: &Words, names: &Names, line: &Line) -> LineView {
    let tz = &cx.office.tz;
    let taken = line
        .taken_at
        .map(|at| w.t2("roster-taken-by", ("name", &named(names, line.taken_by)), ("when", &w.when(at))));
    let same_day = line.entered.day(tz) == line.happened.day(tz);
    LineView {
        happened: clock(line.happened, tz),
        entered: if same_day { clock(line.entered, tz) } else { w.when(line.entered) },
        late: line.entered.since(line.happened) > 30 * kernel::Ts::MINUTE,
        handover: line.kind == "handover",
        text: line.text.clone(),
        name: named(names, line.account),
        taken: taken.unwrap_or_default(),
    }
}

async fn done(
    staff: &Staff,
    asked: &Asked,
    result: std::result::Result<(), WebError>,
    (field, said): (&'static str, &'static str),
) -> Answer {
    match result {
        Ok(()) => {
            let to = format!(
                "/roster/log?unit={}",
                unit_of(&asked.unit).map(|u| u.0.to_string()).unwrap_or_default()
            );
            Ok(staff.goto_saying(&to, &staff.words.t(said)))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let mut problem = Problem::new(&staff.words, &refusal);
            if problem.field == "text" {
                problem.field = field;
            }
            draw(staff, asked, problem, error.status()).await
        }
    }
}

/// `POST /roster/log`
pub(in crate::features::roster) async fn write(staff: Staff, Form(asked): Form<Asked>) -> Answer {
    let result = match instant(&asked.happened, "happened", &staff.cx.office.tz) {
        Err(refusal) => Err(WebError::from(refusal)),
        Ok(happened) => {
            let (unit, text) = (unit_of(&asked.unit), asked.text.clone());
            let request = fingerprint(&("roster.log", unit, &text, happened));
            staff
                .write_once(&asked.idem, &request, move |tx, cx| {
                    log::write(tx, cx, unit, &text, happened).map(|_| ())
                })
                .await
        }
    };
    done(&staff, &asked, result, ("text", "roster-logged")).await
}

/// `POST /roster/handover`
pub(in crate::features::roster) async fn hand_over(staff: Staff, Form(asked): Form<Asked>) -> Answer {
    let (unit, text) = (unit_of(&asked.unit), asked.text.clone());
    let request = fingerprint(&("roster.handover", unit, &text));
    let body = move |tx: &mut Tx<'_>, cx: &Cx| log::hand_over(tx, cx, unit, &text).map(|_| ());
    let result = staff.write_once(&asked.idem, &request, body).await;
    done(&staff, &asked, result, ("note", "roster-handed-over")).await
}

/// `POST /roster/handover/{id}`
pub(in crate::features::roster) async fn take_over(
    staff: Staff,
    Path(id): Path<i64>,
    Form(asked): Form<Asked>,
) -> Answer {
    let request = fingerprint(&("roster.take_over", id));
    let result = staff.write_once(&asked.idem, &request, move |tx, cx| log::take_over(tx, cx, id)).await;
    done(&staff, &asked, result, ("note", "roster-taken-over")).await
}

/// `GET /roster/log/print?day=2026-10-01`
pub(in crate::features::roster) async fn print(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let (day, unit) = (day_of(&asked, &staff.cx), unit_of(&asked.unit));
    let w = staff.words.clone();
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, unit, day)).await?;
    let w = staff.words.clone();
    let page = PrintPage {
        shell: staff.shell("roster").await?,
        day: day.iso(),
        day_text: w.t2("settings-day", ("day", &w.full_day(day, true)), ("weekday", &w.weekday(day))),
        unit: unit.map(|u| u.0.to_string()).unwrap_or_default(),
        seen,
        w,
    };
    html(&page)
}
