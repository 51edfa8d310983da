//! Contesting the rating of an upper platform 申诉: with grounds and evidence, within the office's limit, once for each
//! handling. A rating that the platform excludes 剔除 stays as it was given; figures say both.

use super::reply;
use super::service::need;
use super::store::{self as rows, Contest, Rated};
use super::vocabulary::Vocabulary;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::intake::model::{Attachment, Photo};
use crate::features::intake::service as intake;
use kernel::{CaseId, Refusal, Ts};
use serde_json::json;
use store::{Error, Result, Tx};

/// Grades up to this one are a complaint about the handling.
const BAD_MOST: i64 = 2;
/// Ratings older than this are no longer listed.
const LISTED: i64 = 90 * Ts::DAY;
/// Longest statement.
const WORDS_MOST: usize = 1_000;
/// Shortest statement that says anything.
const WORDS_LEAST: usize = 10;

/// How a rating stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Bad, and may still be contested.
    Open,
    /// Contested; the platform has not answered.
    Sent,
    /// Excluded from assessment.
    Granted,
    /// It counts.
    Refused,
    /// Bad, and the limit has passed.
    Over,
    /// Nothing to contest.
    Good,
}

/// A rating with its standing and the end of the time in which it may be contested.
#[derive(Clone, Debug)]
pub struct Rating {
    /// The ticket, its case and what was said.
    pub rated: Rated,
    /// How it stands.
    pub standing: Standing,
    /// Until when it may be contested.
    pub until: Ts,
}

/// A rating with all that a contest of it needs.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The rating.
    pub rating: Rating,
    /// By our own call-back.
    pub solved: Option<bool>,
    /// By our own call-back, 1 to 5.
    pub satisfied: Option<i64>,
    /// The contest, where one was made.
    pub contest: Option<Contest>,
    /// The pictures of the case, or those that were named as evidence.
    pub pictures: Vec<Attachment>,
}

/// What a contest says.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// Of the grounds in `packs/base/upstream.toml`.
    pub grounds: String,
    /// The facts, in the office's words.
    pub words: String,
    /// Pictures of the case named as evidence.
    pub named: Vec<i64>,
    /// Pictures that come with it.
    pub pictures: Vec<Photo>,
    /// The platform's number of the contest, where it gives one.
    pub receipt: String,
}

fn rating(cx: &Cx, rated: Rated) -> Rating {
    let until = cx.office.rules.due(rated.rated_at, cx.office.settings.contest_limit, &[]);
    let until = until.map_or(rated.rated_at, |due| due.at);
    let bad = rated.solved == Some(false) || rated.satisfied.is_some_and(|n| n <= BAD_MOST);
    let standing = match rated.contest.as_str() {
        "sent" => Standing::Sent,
        "granted" => Standing::Granted,
        "refused" => Standing::Refused,
        _ if !bad => Standing::Good,
        _ if until < cx.now => Standing::Over,
        _ => Standing::Open,
    };
    Rating { rated, standing, until }
}

/// The platform's ratings of the last ninety days: those that may be contested first, the nearest end first.
///
/// # Errors
/// `common.forbidden`; when the database refuses.
pub fn ratings(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Rating>> {
    need(cx)?;
    let rated = rows::rated(tx, cx, cx.now.plus(-LISTED))?;
    let mut out: Vec<Rating> = rated.into_iter().map(|r| rating(cx, r)).collect();
    out.sort_by_key(|r| (r.standing, if r.standing == Standing::Open { r.until.0 } else { -r.until.0 }));
    Ok(out)
}

/// A rating with its contest and its pictures.
///
/// # Errors
/// `common.not_found`; `common.forbidden`.
pub fn sheet(tx: &mut Tx<'_>, cx: &Cx, link: i64) -> Result<Sheet> {
    let reply = reply::sheet(tx, cx, link)?;
    let rated = rows::rating(tx, cx.office.id, link)?.ok_or_else(Refusal::not_found)?;
    let contest = rows::contest(tx, cx.office.id, link, rated.round)?;
    let mut pictures = reply.pictures;
    if let Some(contest) = &contest {
        pictures.retain(|p| contest.pictures.contains(&p.id.0));
    }
    Ok(Sheet {
        rating: rating(cx, rated),
        solved: reply.solved,
        satisfied: reply.satisfied,
        contest,
        pictures,
    })
}

/// Writes down that a rating is contested.
///
/// # Errors
/// `upstream.contest.closed` when it cannot be any more, `.grounds`, `.words`, `.evidence` for what is missing.
pub fn contest(tx: &mut Tx<'_>, cx: &Cx, link: i64, said: &Statement) -> Result<CaseId> {
    let sheet = sheet(tx, cx, link)?;
    let rated = &sheet.rating.rated;
    if sheet.rating.standing != Standing::Open {
        return Err(Refusal::rule("upstream.contest.closed").into());
    }
    let words = Vocabulary::shipped().map_err(|e| Error::failed(format!("{e:#}")))?;
    if !words.contest.grounds.contains(&said.grounds) {
        return Err(Refusal::rule("upstream.contest.grounds").on("grounds").into());
    }
    let length = said.words.trim().chars().count();
    if !(WORDS_LEAST..=WORDS_MOST).contains(&length) {
        let refusal = Refusal::rule("upstream.contest.words").on("words");
        return Err(refusal.with("least", WORDS_LEAST).with("most", WORDS_MOST).into());
    }
    reply::check_receipt(&said.receipt)?;
    let own: Vec<i64> = sheet.pictures.iter().map(|p| p.id.0).collect();
    let mut evidence: Vec<i64> = said.named.iter().copied().filter(|id| own.contains(id)).collect();
    for photo in &said.pictures {
        evidence.push(intake::put_photo(tx, cx, Some(rated.case), None, photo)?.0);
    }
    if evidence.is_empty() {
        return Err(Refusal::rule("upstream.contest.evidence").on("photos").into());
    }
    let made = Contest {
        round: rated.round,
        grounds: said.grounds.clone(),
        // Identifiers of the requester do not leave by this way.
        words: text::identifiers::seal(said.words.trim()).masked,
        pictures: evidence,
        due: sheet.rating.until,
        sent_at: cx.now,
        receipt: said.receipt.trim().to_owned(),
        decided_at: None,
        answer: None,
    };
    rows::put_contest(tx, cx, link, &made)?;
    rows::set_contest(tx, cx.office.id, link, "sent")?;
    let payload = json!({ "system": rated.system, "number": rated.number, "grounds": made.grounds,
        "words": made.words, "pictures": made.pictures, "receipt": made.receipt });
    events::append(tx, cx, Stream::Report, rated.report.0, "report.upper_contested", &payload)?;
    Ok(rated.case)
}

/// Writes down what came of a contest.
///
/// # Errors
/// `upstream.contest.none` where none waits for an answer.
pub fn decide(tx: &mut Tx<'_>, cx: &Cx, link: i64, granted: bool, answer: &str) -> Result<CaseId> {
    let sheet = sheet(tx, cx, link)?;
    if sheet.rating.standing != Standing::Sent {
        return Err(Refusal::rule("upstream.contest.none").into());
    }
    let rated = &sheet.rating.rated;
    let answer = text::identifiers::seal(answer.trim()).masked;
    rows::decide_contest(tx, cx, link, rated.round, &answer)?;
    rows::set_contest(tx, cx.office.id, link, if granted { "granted" } else { "refused" })?;
    let payload =
        json!({ "system": rated.system, "number": rated.number, "granted": granted, "answer": answer });
    events::append(tx, cx, Stream::Report, rated.report.0, "report.upper_contest_decided", &payload)?;
    Ok(rated.case)
}
