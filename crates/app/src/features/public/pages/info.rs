//! What anybody may read: the privacy notice and the open troubles of a place.

use super::super::link::{AnswerView, At, PublicLink};
use super::{form_path, link, place_at, say, stand};
use crate::web::{Answer, Path, PublicShell, Query, Visitor, html};
use crate::words::Words;
use askama::Template;
use kernel::{OfficeId, PlaceId};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "public_privacy.html")]
struct PrivacyPage {
    w: Words,
    shell: PublicShell,
    days: i64,
}

/// `GET /p/privacy`
pub(super) async fn privacy(visitor: Visitor) -> Answer {
    let days = visitor.app.settings(visitor.cx.office.id).retention_days;
    html(&PrivacyPage { w: visitor.words.clone(), shell: visitor.shell(), days })
}

struct Line {
    what: String,
    state: String,
    many: String,
}

#[derive(Template)]
#[template(path = "public_open.html")]
struct OpenPage {
    w: Words,
    shell: PublicShell,
    label: String,
    form: String,
    lines: Vec<Line>,
    more: bool,
}

/// Lines on one page; a place with more is shown its newest.
const LINES: usize = 60;

/// `GET /p/places/{token}/open`
pub(super) async fn open_token(visitor: Visitor, Path(token): Path<String>) -> Answer {
    open(visitor, At::Token(token)).await
}

/// `GET /p/at/{place}/open`
pub(super) async fn open_place(visitor: Visitor, Path(place): Path<PlaceId>) -> Answer {
    open(visitor, place_at(place)).await
}

async fn open(visitor: Visitor, at: At) -> Answer {
    let (visitor, place) = stand(&visitor, &at).await?;
    let w = visitor.words.clone();
    let troubles = link(&visitor).open(place.clone()).await?;
    let more = troubles.len() > LINES;
    let line = |t: &super::super::link::Trouble| {
        let (what, state) = say::trouble(&w, t);
        Line { what, state, many: say::how_many(&w, t.reports) }
    };
    let lines = troubles.iter().take(LINES).map(line).collect();
    html(&OpenPage {
        shell: visitor.shell(),
        label: place.label,
        form: form_path(&at),
        lines,
        more,
        w: w.clone(),
    })
}

/// A question as a resident asks it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedOf {
    q: String,
    office: Option<i64>,
}

/// Longest question looked for, in characters.
const ASKED_MOST: usize = 100;

#[derive(Template)]
#[template(path = "public_faq.html")]
struct FaqPage {
    w: Words,
    shell: PublicShell,
    q: String,
    office: Option<i64>,
    answers: Vec<AnswerView>,
}

/// `GET /p/faq`: what people ask, and what the office answers.
pub(super) async fn answers(visitor: Visitor, Query(asked): Query<AskedOf>) -> Answer {
    let visitor = match asked.office {
        Some(id) => visitor.in_office(OfficeId(id))?,
        None => visitor,
    };
    let q: String = asked.q.trim().chars().take(ASKED_MOST).collect();
    let answers = link(&visitor).answers(visitor.cx.office.id, q.clone()).await?;
    html(&FaqPage { w: visitor.words.clone(), shell: visitor.shell(), q, office: asked.office, answers })
}
