//! One shift: giving or exchanging one's own, putting somebody else on it, what has been agreed about it.

use super::month::swap_view;
use super::{all_names, named, shift_text};
use crate::context::Cx;
use crate::features::roster::making;
use crate::features::roster::model::Shift;
use crate::features::roster::service::{self, kind_name};
use crate::features::roster::swaps::{self, Answer as Said};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, Refusal};
use serde::Deserialize;
use store::{Result, Tx};

/// A choice: value, text, whether chosen.
type Choice = (String, String, bool);

struct Seen {
    shift: Shift,
    text: String,
    kind: String,
    name: String,
    phone: String,
    mine: bool,
    open: bool,
    edit: bool,
    members: Vec<Choice>,
    theirs: Vec<Choice>,
    chosen: bool,
    history: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "roster_shift.html")]
struct ShiftPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    seen: Seen,
    note: String,
    reason: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Asked {
    idem: String,
    to: String,
    other: String,
    note: String,
    reason: String,
    version: i64,
}

/// `GET /roster/shifts/{id}?to=7`
pub(in crate::features::roster) async fn show(
    staff: Staff,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    draw(&staff, id, asked, Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, id: i64, asked: Asked, problem: Problem, status: StatusCode) -> Answer {
    let (w, typed) = (staff.words.clone(), asked.clone());
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, id, &typed)).await?;
    let page = ShiftPage {
        shell: staff.shell("roster").await?,
        w: staff.words.clone(),
        problem,
        seen,
        note: asked.note,
        reason: asked.reason,
    };
    html_with(status, &page)
}

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: i64, asked: &Asked) -> Result<Seen> {
    let shift = service::shift(tx, cx, id)?;
    let (setup, _) = service::setup(tx, cx)?;
    let names = all_names(tx, cx)?;
    let mine = shift.account.is_some() && shift.account == cx.actor.account;
    let edit = service::may_edit(cx, shift.unit) && shift.until > cx.now;
    let to: Option<AccountId> = asked.to.parse().ok().map(AccountId);
    let members = if mine || edit { service::members(tx, cx, shift.unit)? } else { Vec::new() };
    let choice = |m: &service::Member| {
        (m.account.0.to_string(), format!("{} ({})", m.name, m.unit), to == Some(m.account))
    };
    let members: Vec<Choice> =
        members.iter().filter(|m| Some(m.account) != shift.account).map(choice).collect();
    let mut theirs = Vec::new();
    if let Some(to) = to.filter(|_| mine) {
        for other in service::of_account(tx, cx, to)? {
            if other.from > cx.now && other.unit == shift.unit {
                let text = shift_text(w, cx, other.from, other.until);
                theirs.push((other.id.to_string(), text, asked.other == other.id.to_string()));
            }
        }
    }
    let mut history = Vec::new();
    for swap in swaps::of_shift(tx, cx, id)? {
        let state = w.t(&format!("roster-swap-state-{}", swap.state));
        let view = swap_view(tx, cx, w, &names, &swap)?;
        let when = w.when(swap.decided_at.unwrap_or(swap.asked_at));
        history.push((view.text, format!("{state} {when}")));
    }
    let phones = service::phones(tx, cx)?;
    let phone = phones.into_iter().find(|(a, _)| Some(*a) == shift.account).map(|(_, p)| p);
    Ok(Seen {
        text: shift_text(w, cx, shift.from, shift.until),
        kind: kind_name(w, &setup, &shift.kind),
        name: named(&names, shift.account),
        phone: phone.unwrap_or_default(),
        mine,
        open: shift.from > cx.now,
        edit,
        members,
        theirs,
        chosen: to.is_some(),
        history,
        shift,
    })
}

async fn done(
    staff: &Staff,
    id: i64,
    asked: Asked,
    result: std::result::Result<(), WebError>,
    said: &'static str,
) -> Answer {
    match result {
        Ok(()) => Ok(staff.goto_saying("/roster", &staff.words.t(said))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(staff, id, asked, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `POST /roster/shifts/{id}/swap`
pub(in crate::features::roster) async fn ask(
    staff: Staff,
    Path(id): Path<i64>,
    Form(asked): Form<Asked>,
) -> Answer {
    let Some(to) = asked.to.parse().ok().map(AccountId) else {
        let missing = WebError::from(Refusal::missing("account"));
        return done(&staff, id, asked, Err(missing), "roster-swap-asked").await;
    };
    let (other, note): (Option<i64>, String) = (asked.other.parse().ok(), asked.note.clone());
    let request = fingerprint(&("roster.swap", id, to, other, &note));
    let body = move |tx: &mut Tx<'_>, cx: &Cx| swaps::ask(tx, cx, id, to, other, &note).map(|_| ());
    let result = staff.write_once(&asked.idem, &request, body).await;
    done(&staff, id, asked, result, "roster-swap-asked").await
}

/// `POST /roster/shifts/{id}/change`
pub(in crate::features::roster) async fn change(
    staff: Staff,
    Path(id): Path<i64>,
    Form(asked): Form<Asked>,
) -> Answer {
    let Some(to) = asked.to.parse().ok().map(AccountId) else {
        let missing = WebError::from(Refusal::missing("account"));
        return done(&staff, id, asked, Err(missing), "roster-replaced").await;
    };
    let (version, reason) = (asked.version, asked.reason.clone());
    let request = fingerprint(&("roster.replace", id, version, to, &reason));
    let body = move |tx: &mut Tx<'_>, cx: &Cx| making::replace(tx, cx, id, version, to, &reason);
    let result = staff.write_once(&asked.idem, &request, body).await;
    done(&staff, id, asked, result, "roster-replaced").await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::features::roster) struct Answered {
    idem: String,
    answer: String,
}

/// `POST /roster/swaps/{id}`
pub(in crate::features::roster) async fn answer(
    staff: Staff,
    Path(id): Path<i64>,
    Form(sent): Form<Answered>,
) -> Answer {
    let said = Said::parse(&sent.answer).ok_or_else(|| WebError::Bad("an answer that is none".to_owned()))?;
    let request = fingerprint(&("roster.answer", id, said));
    staff.write_once(&sent.idem, &request, move |tx, cx| swaps::answer(tx, cx, id, said)).await?;
    let key = match said {
        Said::Agree => "roster-swap-agreed",
        Said::Decline => "roster-swap-declined",
        Said::Withdraw => "roster-swap-withdrawn",
        Said::Approve => "roster-swap-approved",
        Said::Refuse => "roster-swap-refused",
        Said::See => return Ok(staff.goto("/roster")),
    };
    Ok(staff.goto_saying("/roster", &staff.words.t(key)))
}
