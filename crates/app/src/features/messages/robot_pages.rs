//! The page of the groups' robots: for whoever may change the office's settings.

use super::robots::{self, Change, NewRobot, Robot};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;

struct RobotView {
    robot: Robot,
    kind: String,
    last: String,
    good: bool,
}

#[derive(Template)]
#[template(path = "messages_robots.html")]
struct RobotsPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    robots: Vec<RobotView>,
    called: String,
    kind: String,
    hosts: String,
}

/// `GET /messages/robots`
pub(super) async fn show(staff: Staff) -> Answer {
    draw(&staff, &Sent::default(), Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, sent: &Sent, problem: Problem, status: StatusCode) -> Answer {
    let all = staff.read(robots::list).await?;
    let w = staff.words.clone();
    let view = |robot: Robot| {
        let last = robot.last.as_ref().map(|(at, state, note)| {
            let args = [
                ("state", w.t(&format!("robots-state-{state}"))),
                ("when", w.when(*at)),
                ("note", note.clone()),
            ];
            w.ta("robots-last", &args)
        });
        RobotView {
            kind: w.t(&format!("robots-kind-{}", robot.kind)),
            good: robot.last.as_ref().is_none_or(|(_, state, _)| state != "failed"),
            last: last.unwrap_or_default(),
            robot,
        }
    };
    let page = RobotsPage {
        shell: staff.shell("settings").await?,
        problem,
        robots: all.into_iter().map(view).collect(),
        called: sent.name.clone(),
        kind: sent.kind.clone(),
        hosts: staff.app.config.robot_hosts.join(&w.t("list-joint")),
        w: w.clone(),
    };
    html_with(status, &page)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sent {
    idem: String,
    kind: String,
    name: String,
    address: String,
    secret: String,
}

/// `POST /messages/robots`
pub(super) async fn add(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let new = NewRobot {
        kind: sent.kind.clone(),
        name: sent.name.clone(),
        address: sent.address.clone(),
        secret: sent.secret.clone(),
    };
    let (request, hosts) = (fingerprint(&("robots.add", &new)), staff.app.config.robot_hosts.clone());
    let done = staff.write_once(&sent.idem, &request, move |tx, cx| robots::add(tx, cx, &new, &hosts)).await;
    match done {
        Ok(_) => Ok(staff.goto_saying("/messages/robots", &staff.words.t("robots-added"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, &sent, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Changed {
    idem: String,
    version: i64,
    end: String,
}

/// `POST /messages/robots/{id}`
pub(super) async fn change(staff: Staff, Path(id): Path<i64>, Form(sent): Form<Changed>) -> Answer {
    let (change, said) = match sent.end.as_str() {
        "on" => (Change::On, "robots-on-done"),
        "off" => (Change::Off, "robots-off-done"),
        "drop" => (Change::Drop, "robots-dropped"),
        "try" => (Change::Try, "robots-tried"),
        _ => return Err(WebError::Bad("a change that is none".to_owned())),
    };
    let request = fingerprint(&("robots.change", id, sent.version, change));
    let version = sent.version;
    staff.write_once(&sent.idem, &request, move |tx, cx| robots::change(tx, cx, id, version, change)).await?;
    Ok(staff.goto_saying("/messages/robots", &staff.words.t(said)))
}
