//! Ratings of upper platforms and their contests.

use super::contest::{self, Rating, Sheet, Standing, Statement};
use super::vocabulary::Vocabulary;
use crate::features::intake::model::Photo;
use crate::web::{Answer, Form, Path, Problem, Shell, Staff, Upload, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

struct Line {
    id: i64,
    number: String,
    system: String,
    no: String,
    title: String,
    rating: String,
    standing: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "upstream_ratings.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    told: String,
    lines: Vec<Line>,
}

struct Picture {
    id: i64,
    href: String,
    name: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "upstream_contest.html")]
struct SheetPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    system: String,
    number: String,
    case: (String, String),
    rating: String,
    ours: String,
    standing: String,
    class: &'static str,
    /// Whether it may be contested now.
    open: bool,
    /// Whether an answer is waited for.
    sent: bool,
    /// Key and words of each ground, and whether it is chosen.
    grounds: Vec<(String, String, bool)>,
    words: String,
    receipt: String,
    /// What was sent, field by field; empty before.
    fields: Vec<(String, String)>,
    pictures: Vec<Picture>,
    answer: String,
}

/// Their rating, or ours, in words.
fn said(w: &Words, solved: Option<bool>, satisfied: Option<i64>) -> String {
    let solved = solved.map(|yes| w.t(if yes { "solved-yes" } else { "solved-no" }));
    let satisfied = satisfied.map(|n| w.t(&format!("satisfied-{n}")));
    [solved, satisfied].into_iter().flatten().collect::<Vec<_>>().join(&w.t("list-joint"))
}

fn standing(w: &Words, rating: &Rating) -> (String, &'static str) {
    match rating.standing {
        Standing::Open => (w.t1("upstream-contest-open", "until", w.when(rating.until)), "amber"),
        Standing::Sent => (w.t("upstream-contest-sent"), "on"),
        Standing::Granted => (w.t("upstream-contest-granted"), "green"),
        Standing::Refused => (w.t("upstream-contest-refused"), ""),
        Standing::Over => (w.t1("upstream-contest-over", "until", w.when(rating.until)), ""),
        Standing::Good => (String::new(), ""),
    }
}

/// `GET /upstream/ratings`
pub(super) async fn list(staff: Staff) -> Answer {
    let ratings = staff.read(contest::ratings).await?;
    let w = staff.words.clone();
    let line = |r: &Rating| {
        let (standing, class) = standing(&w, r);
        Line {
            id: r.rated.id,
            number: r.rated.number.clone(),
            system: r.rated.system.clone(),
            no: r.rated.no.clone(),
            title: r.rated.title.clone(),
            rating: said(&w, r.rated.solved, r.rated.satisfied),
            standing,
            class,
        }
    };
    let count = |of: Standing| ratings.iter().filter(|r| r.standing == of).count();
    let told = w.ta(
        "upstream-ratings-told",
        &[
            ("all", ratings.len().to_string()),
            ("open", count(Standing::Open).to_string()),
            ("sent", count(Standing::Sent).to_string()),
            ("granted", count(Standing::Granted).to_string()),
        ],
    );
    let lines = ratings.iter().map(line).collect();
    html(&ListPage { lines, told, shell: staff.shell("upstream").await?, w: w.clone() })
}

/// `GET /upstream/ratings/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, None, Problem::default(), StatusCode::OK).await
}

async fn draw(
    staff: &Staff,
    id: i64,
    typed: Option<&Statement>,
    problem: Problem,
    status: StatusCode,
) -> Answer {
    let sheet = staff.read(move |tx, cx| contest::sheet(tx, cx, id)).await?;
    let w = staff.words.clone();
    let (rated, chosen) = (&sheet.rating.rated, typed.map(|t| t.grounds.as_str()).unwrap_or_default());
    let (standing, class) = standing(&w, &sheet.rating);
    let vocabulary = Vocabulary::shipped()?;
    let grounds = vocabulary.contest.grounds.iter();
    let page = SheetPage {
        problem,
        id,
        system: rated.system.clone(),
        number: rated.number.clone(),
        case: (format!("/cases/{}", rated.case), format!("{} {}", rated.no, rated.title)),
        rating: said(&w, rated.solved, rated.satisfied),
        ours: said(&w, sheet.solved, sheet.satisfied),
        standing,
        class,
        open: sheet.rating.standing == Standing::Open,
        sent: sheet.rating.standing == Standing::Sent,
        grounds: grounds.map(|key| (key.clone(), ground(&w, key), key == chosen)).collect(),
        words: typed.map(|t| t.words.clone()).unwrap_or_default(),
        receipt: typed.map(|t| t.receipt.clone()).unwrap_or_default(),
        fields: fields(&w, &sheet),
        pictures: pictures(&w, &sheet, typed),
        answer: sheet.contest.as_ref().and_then(|c| c.answer.clone()).unwrap_or_default(),
        shell: staff.shell("upstream").await?,
        w,
    };
    html_with(status, &page)
}

fn ground(w: &Words, key: &str) -> String {
    w.t(&format!("upstream-grounds-{key}"))
}

/// What was sent, each ready to be copied.
fn fields(w: &Words, sheet: &Sheet) -> Vec<(String, String)> {
    let Some(made) = &sheet.contest else { return Vec::new() };
    let mut out = vec![
        (w.t("upstream-reply-number"), sheet.rating.rated.number.clone()),
        (w.t("upstream-contest-grounds"), ground(w, &made.grounds)),
        (w.t("upstream-contest-words"), made.words.clone()),
        (w.t("upstream-contest-at"), w.when(made.sent_at)),
    ];
    if !made.receipt.is_empty() {
        out.push((w.t("upstream-receipt"), made.receipt.clone()));
    }
    out
}

/// All are named to begin with; after a refused form those that were.
fn pictures(w: &Words, sheet: &Sheet, typed: Option<&Statement>) -> Vec<Picture> {
    let case = sheet.rating.rated.case;
    let picture = |(i, p): (usize, &crate::features::intake::model::Attachment)| Picture {
        id: p.id.0,
        href: format!("/files/{case}/{}?small=1", p.id),
        name: format!("{} {}", i + 1, w.t_or(&format!("photo-{}", p.kind), &p.kind)),
        on: typed.is_none_or(|t| t.named.contains(&p.id.0)),
    };
    sheet.pictures.iter().enumerate().map(picture).collect()
}

/// `POST /upstream/ratings/{id}`: the rating is contested.
pub(super) async fn send(staff: Staff, Path(id): Path<i64>, upload: Upload) -> Answer {
    let text = |name: &str| upload.text(name).unwrap_or_default().trim().to_owned();
    let named = upload.fields.iter().filter(|(name, _)| name == "named");
    let mut said = Statement {
        grounds: text("grounds"),
        words: text("words"),
        named: named.filter_map(|(_, value)| value.parse().ok()).collect(),
        pictures: Vec::new(),
        receipt: text("receipt"),
    };
    let idem = text("idem");
    let done = async {
        let stored = staff.keep_photos(upload.files).await?;
        said.pictures =
            stored.into_iter().map(|(_, s)| Photo { stored: s, kind: "evidence".to_owned() }).collect();
        let hashes: Vec<&str> = said.pictures.iter().map(|p| p.stored.hash.as_str()).collect();
        let request = fingerprint(&("upstream.contest", id, &said.grounds, &said.words, &said.named, hashes));
        let said = said.clone();
        staff.write_once(&idem, &request, move |tx, cx| contest::contest(tx, cx, id, &said)).await
    };
    match done.await {
        Ok(_) => {
            Ok(staff.goto_saying(&format!("/upstream/ratings/{id}"), &staff.words.t("upstream-contest-made")))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, id, Some(&said), Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct Outcome {
    #[serde(default, skip_serializing)]
    idem: String,
    #[serde(default)]
    granted: String,
    #[serde(default)]
    answer: String,
}

/// `POST /upstream/ratings/{id}/outcome`: the platform has answered.
pub(super) async fn decide(staff: Staff, Path(id): Path<i64>, Form(form): Form<Outcome>) -> Answer {
    let request = fingerprint(&("upstream.contest.outcome", id, &form));
    let (granted, answer) = (form.granted == "yes", form.answer.clone());
    let done =
        staff.write_once(&form.idem, &request, move |tx, cx| contest::decide(tx, cx, id, granted, &answer));
    match done.await {
        Ok(_) => Ok(staff.goto_saying("/upstream/ratings", &staff.words.t("upstream-contest-noted"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, id, None, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}
