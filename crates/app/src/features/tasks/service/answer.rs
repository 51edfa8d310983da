//! A receiver's side: signing, answering, nothing to report; and the giver's 代录 for one that answered elsewhere.

use super::look::{self, Seen};
use super::{about, open};
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::tasks::form;
use crate::features::tasks::model::{Answer, NewFile, Receiver, ReceiverId, State, Target, TaskId, VIAS};
use crate::features::tasks::store as rows;
use kernel::{Refusal, Ts};
use serde_json::json;
use store::{Error, Result, Tx};

/// Characters of a sentence.
const SENTENCE_MOST: usize = 2_000;

/// An answer as it came in.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Given {
    /// What it says.
    pub answer: Answer,
    /// Files; where any come, they replace those of an earlier answer.
    pub files: Vec<NewFile>,
    /// One of [`VIAS`], by the giver for a receiver that answered elsewhere 代录; blank otherwise.
    pub via: String,
    /// When it was answered, where it was entered for them later.
    pub occurred: Option<Ts>,
}

/// A part that the actor may answer, by themselves or for the receiver.
fn part(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId, via: &str) -> Result<(Seen, Receiver)> {
    let seen = look::seen(tx, cx, task)?;
    let part = seen.part(id)?.clone();
    open(&seen.task)?;
    let may = if via.is_empty() { seen.is_own(cx, &part) } else { seen.manages };
    if !may {
        return Err(Refusal::forbidden("common.forbidden").with("grant", "tasks.answer").into());
    }
    Ok((seen, part))
}

/// Signs for a task 签收. Signing twice changes nothing.
///
/// # Errors
/// `common.forbidden`, `common.not_found`, `tasks.closed`.
pub fn sign(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId) -> Result<()> {
    let (_, mut part) = part(tx, cx, task, id, "")?;
    if part.state == State::Open {
        part.state = State::Signed;
        part.signed = Some(cx.now);
        rows::update(tx, cx.office.id, &part)?;
        events::append(tx, cx, Stream::Task, task.0, "task.signed", &about(&part))?;
    }
    Ok(())
}

/// Answers. A given answer may be replaced until it is confirmed.
///
/// # Errors
/// `common.missing` for what is asked and not there; `tasks.figure`; `tasks.answer.confirmed`, `tasks.closed`.
pub fn answer(tx: &mut Tx<'_>, cx: &Cx, task: TaskId, id: ReceiverId, given: &Given) -> Result<()> {
    let (seen, mut part) = part(tx, cx, task, id, &given.via)?;
    if !(part.state.owes() || part.state == State::Answered) {
        return Err(Refusal::rule("tasks.answer.confirmed").into());
    }
    if !(given.via.is_empty() || VIAS.contains(&given.via.as_str())) {
        return Err(Refusal::missing("via").into());
    }
    let at = given.occurred.filter(|_| !given.via.is_empty()).unwrap_or(cx.now);
    if at > cx.now || at < seen.task.created {
        return Err(Refusal::rule("tasks.occurred").on("occurred").into());
    }
    part.answer = checked(&seen, &part, given)?;
    if !given.files.is_empty() || part.answer.nil {
        rows::drop_files(tx, cx.office.id, id)?;
    }
    for file in given.files.iter().filter(|_| !part.answer.nil) {
        rows::insert_file(tx, cx.office.id, (task, Some(id)), file, cx.now)?;
    }
    part.state = State::Answered;
    part.signed = part.signed.or(Some(at));
    (part.answered, part.entered) = (Some(at), Some(cx.now));
    part.via.clone_from(&given.via);
    part.account = cx.actor.account;
    rows::update(tx, cx.office.id, &part)?;
    let mut payload = about(&part);
    let hashes: Vec<&str> = given.files.iter().map(|f| f.hash.as_str()).collect();
    // Rows may hold personal data, which an event that nobody can take back must not: their number and hash are enough.
    let bytes = serde_json::to_vec(&part.answer.rows).map_err(|e| Error::failed(e.to_string()))?;
    if let Some(map) = payload.as_object_mut() {
        map.insert("nil".into(), json!(part.answer.nil));
        map.insert("sentence".into(), json!(part.answer.sentence));
        map.insert("figures".into(), json!(part.answer.figures));
        map.insert("rows".into(), json!(part.answer.rows.len()));
        map.insert("rows_hash".into(), json!(blake3::hash(&bytes).to_hex().to_string()));
        map.insert("files".into(), json!(hashes));
        map.insert("via".into(), json!(given.via));
    }
    let behalf = match part.target {
        Target::Unit(unit) if !given.via.is_empty() => Some(unit),
        _ => None,
    };
    let cx = Cx { behalf, occurred: Some(at).filter(|at| *at < cx.now), ..cx.clone() };
    events::append(tx, &cx, Stream::Task, task.0, "task.answered", &payload)?;
    Ok(())
}

/// Exactly what is asked, and nothing else.
fn checked(seen: &Seen, part: &Receiver, given: &Given) -> Result<Answer> {
    let (asks, typed) = (&seen.task.asks, &given.answer);
    if typed.nil {
        let zeros = asks.figures.iter().map(|_| "0".to_owned()).collect();
        return Ok(Answer { nil: true, figures: zeros, ..Answer::default() });
    }
    let mut out = Answer::default();
    if asks.sentence.is_some() {
        out.sentence = typed.sentence.trim().chars().take(SENTENCE_MOST).collect();
        if out.sentence.is_empty() {
            return Err(Refusal::missing("sentence").into());
        }
    }
    for (i, figure) in asks.figures.iter().enumerate() {
        let text = typed.figures.get(i).map(String::as_str).unwrap_or_default();
        let number = form::figure(text);
        let refusal = || Refusal::rule("tasks.figure").on("figure").with("name", &figure.name);
        out.figures.push(number.ok_or_else(refusal)?);
    }
    if !asks.columns.is_empty() {
        let whole = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        out.rows = typed.rows.iter().filter(whole).cloned().collect();
        if out.rows.is_empty() {
            return Err(Refusal::rule("tasks.rows.none").on("rows").into());
        }
        if out.rows.len() > form::ROWS_MOST {
            return Err(Refusal::rule("tasks.rows.many").on("rows").with("most", form::ROWS_MOST).into());
        }
        for row in &mut out.rows {
            row.resize(asks.columns.len(), String::new());
        }
    }
    let has_file = seen.files.iter().any(|f| f.receiver == Some(part.id));
    if asks.file.is_some() && given.files.is_empty() && !has_file {
        return Err(Refusal::missing("files").into());
    }
    Ok(out)
}
