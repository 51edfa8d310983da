//! How the office arranges duty: kinds, shifts, numbers, days on which somebody is away.

use super::day;
use super::making::{spans, spans_text};
use crate::features::roster::model::{Kind, LEADER, OFFICER, Setup};
use crate::features::roster::service::{self, Away, Member, kind_name};
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, Refusal};
use serde::Deserialize;

/// Kinds an office names itself, in the form.
const OWN: usize = 3;

struct KindView {
    key: String,
    label: String,
    name: String,
    heads: String,
}

#[derive(Template)]
#[template(path = "roster_setup.html")]
struct SetupPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    version: i64,
    kinds: Vec<KindView>,
    spans: String,
    approve: bool,
    silent: String,
    members: Vec<(i64, String, String)>,
    away: Vec<(i64, String)>,
    robots: bool,
}

/// `GET /roster/setup`
pub(in crate::features::roster) async fn show(staff: Staff) -> Answer {
    draw(&staff, None, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, typed: Option<Setup>, problem: Problem, status: StatusCode) -> Answer {
    let read = staff.read(|tx, cx| {
        service::need_edit(cx, None)?;
        let phones = service::phones(tx, cx)?;
        Ok((service::setup(tx, cx)?, service::members(tx, cx, None)?, phones, service::away(tx, cx)?))
    });
    let ((stands, version), members, phones, away) = read.await?;
    let setup = typed.unwrap_or(stands);
    let w = staff.words.clone();
    let phone = |m: &Member| phones.iter().find(|(a, _)| *a == m.account).map(|(_, p)| p.clone());
    let page = SetupPage {
        shell: staff.shell("roster").await?,
        problem,
        version,
        kinds: kinds(&w, &setup),
        spans: spans_text(&setup.spans),
        approve: setup.approve,
        silent: setup.silent_minutes.to_string(),
        members: members
            .iter()
            .map(|m| (m.account.0, format!("{} ({})", m.name, m.unit), phone(m).unwrap_or_default()))
            .collect(),
        away: away.iter().map(|a| (a.id, away_text(&w, a))).collect(),
        robots: staff.has("settings.edit"),
        w,
    };
    html_with(status, &page)
}

fn away_text(w: &Words, a: &Away) -> String {
    let day = |d| w.t2("settings-day", ("day", &w.full_day(d, false)), ("weekday", &w.weekday(d)));
    w.ta("roster-away-line", &[("name", a.name.clone()), ("from", day(a.from)), ("until", day(a.until))])
}

fn kinds(w: &Words, setup: &Setup) -> Vec<KindView> {
    let mut keys = vec![LEADER.to_owned(), OFFICER.to_owned()];
    keys.extend((1..=OWN).map(|n| format!("own{n}")));
    keys.into_iter()
        .enumerate()
        .map(|(i, key)| {
            let known = setup.kinds.iter().find(|k| k.key == key);
            KindView {
                label: if i < 2 {
                    kind_name(w, &Setup::default(), &key)
                } else {
                    w.t1("roster-own-kind", "n", i - 1)
                },
                name: known.map(|k| k.name.clone()).unwrap_or_default(),
                heads: known.map_or_else(|| "0".to_owned(), |k| k.heads.to_string()),
                key,
            }
        })
        .collect()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::features::roster) struct Sent {
    idem: String,
    version: i64,
    key: Vec<String>,
    name: Vec<String>,
    heads: Vec<String>,
    spans: String,
    approve: Option<String>,
    silent_minutes: String,
}

impl Sent {
    fn read(&self) -> Result<Setup, Refusal> {
        let mut kinds = Vec::new();
        for ((key, name), heads) in self.key.iter().zip(&self.name).zip(&self.heads) {
            let fixed = key == LEADER || key == OFFICER;
            let own = key
                .strip_prefix("own")
                .is_some_and(|n| n.parse::<usize>().is_ok_and(|n| (1..=OWN).contains(&n)));
            if !fixed && (!own || name.trim().is_empty()) {
                continue;
            }
            let heads = heads.trim();
            let heads = if heads.is_empty() { Ok(0) } else { heads.parse() };
            let heads = heads.map_err(|_| Refusal::rule("roster.setup.heads").on("kinds"))?;
            kinds.push(Kind { key: key.clone(), name: name.trim().to_owned(), heads });
        }
        let silent = self.silent_minutes.trim().parse();
        let setup = Setup {
            kinds,
            spans: spans(&self.spans)?,
            approve: self.approve.is_some(),
            silent_minutes: silent.map_err(|_| Refusal::rule("roster.setup.silent").on("silent_minutes"))?,
        };
        setup.check()?;
        Ok(setup)
    }
}

/// `POST /roster/setup`
pub(in crate::features::roster) async fn save(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let read = sent.read();
    let done = match &read {
        Err(refusal) => Err(WebError::from(refusal.clone())),
        Ok(setup) => {
            let (setup, version) = (setup.clone(), sent.version);
            let request = fingerprint(&("roster.setup", version, &setup));
            staff
                .write_once(&sent.idem, &request, move |tx, cx| service::set_setup(tx, cx, version, &setup))
                .await
        }
    };
    finish(&staff, done, read.ok(), "roster-setup-saved").await
}

async fn finish(
    staff: &Staff,
    done: Result<(), WebError>,
    typed: Option<Setup>,
    said: &'static str,
) -> Answer {
    match done {
        Ok(()) => Ok(staff.goto_saying("/roster/setup", &staff.words.t(said))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(staff, typed, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::features::roster) struct Person {
    idem: String,
    account: i64,
    phone: String,
    from: String,
    until: String,
}

/// `POST /roster/setup/phone`
pub(in crate::features::roster) async fn phone(staff: Staff, Form(sent): Form<Person>) -> Answer {
    let request = fingerprint(&("roster.phone", sent.account, &sent.phone));
    let (account, phone) = (AccountId(sent.account), sent.phone.clone());
    let done = staff
        .write_once(&sent.idem, &request, move |tx, cx| service::set_phone(tx, cx, account, &phone))
        .await;
    finish(&staff, done, None, "roster-phone-saved").await
}

/// `POST /roster/setup/away`
pub(in crate::features::roster) async fn away(staff: Staff, Form(sent): Form<Person>) -> Answer {
    let days = day(&sent.from, "away_from").and_then(|from| Ok((from, day(&sent.until, "away_until")?)));
    let done = match days {
        Err(refusal) => Err(WebError::from(refusal)),
        Ok((from, until)) => {
            let request = fingerprint(&("roster.away", sent.account, from, until));
            let account = AccountId(sent.account);
            staff
                .write_once(&sent.idem, &request, move |tx, cx| {
                    service::set_away(tx, cx, account, from, until)
                })
                .await
        }
    };
    finish(&staff, done, None, "roster-away-saved").await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::features::roster) struct Ended {
    idem: String,
}

/// `POST /roster/setup/away/{id}/end`
pub(in crate::features::roster) async fn end_away(
    staff: Staff,
    Path(id): Path<i64>,
    Form(sent): Form<Ended>,
) -> Answer {
    let request = fingerprint(&("roster.end_away", id));
    let done = staff.write_once(&sent.idem, &request, move |tx, cx| service::end_away(tx, cx, id)).await;
    finish(&staff, done, None, "roster-away-ended").await
}
