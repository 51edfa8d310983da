//! Giving a task.

use super::future;
use super::look;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::procedures::service as engine;
use crate::features::tasks::guard;
use crate::features::tasks::model::{Candidate, NewTask, SOURCES, Target, Task, TaskId, URGENCIES};
use crate::features::tasks::store as rows;
use kernel::Refusal;
use serde_json::json;
use store::{Result, Tx};

/// Characters of a title.
const TITLE_MOST: usize = 60;
/// Characters of a text.
const BODY_MOST: usize = 20_000;
/// Receivers of one task.
const TO_MOST: usize = 500;

/// Gives a task to its receivers. Columns of excluded classes are dropped, whoever asks for them.
///
/// # Errors
/// `common.forbidden`; `common.missing` without a text; `tasks.due.*`, `tasks.asks.*`, `tasks.to.*`.
pub fn give(tx: &mut Tx<'_>, cx: &Cx, new: &NewTask) -> Result<TaskId> {
    cx.actor.need("tasks.give")?;
    let body: String = new.body.trim().chars().take(BODY_MOST).collect();
    let title = match new.title.trim() {
        "" => headline(&body),
        title => title.chars().take(TITLE_MOST).collect(),
    };
    if title.is_empty() {
        return Err(Refusal::missing("body").into());
    }
    let due = future(cx, new.due.ok_or_else(|| Refusal::rule("tasks.due.missing").on("due"))?)?;
    let asks = guard::allowed(&new.asks)?;
    if !asks.any() {
        let code = if asks.denied.is_empty() { "tasks.asks.none" } else { "tasks.asks.denied" };
        return Err(Refusal::rule(code).on("asks").into());
    }
    if let Some(case) = new.case {
        engine::visible(tx, cx, case)?;
    }
    let to = chosen(tx, cx, &new.to, new.communities)?;
    let known = |list: &[&str], text: &str| -> String {
        if list.contains(&text) {
            text.to_owned()
        } else {
            list.first().map(|t| (*t).to_owned()).unwrap_or_default()
        }
    };
    let short = |text: &str| -> String { text.trim().chars().take(100).collect() };
    let task = Task {
        id: TaskId(tx.id()?),
        title,
        body,
        source: known(&SOURCES, &new.source),
        source_no: short(&new.source_no),
        source_who: short(&new.source_who),
        urgency: known(&URGENCIES, &new.urgency),
        due,
        asks,
        case: new.case,
        decision: new.decision,
        account: cx.actor.account,
        post: cx.actor.post,
        unit: cx.actor.unit,
        created: cx.now,
        closed: None,
    };
    rows::insert(tx, cx.office.id, &task)?;
    for who in &to {
        rows::insert_receiver(tx, cx.office.id, task.id, who)?;
    }
    for file in &new.files {
        rows::insert_file(tx, cx.office.id, (task.id, None), file, cx.now)?;
    }
    let told: Vec<String> = to.iter().map(|who| who.target.to_string()).collect();
    let hashes: Vec<&str> = new.files.iter().map(|f| f.hash.as_str()).collect();
    let payload = json!({ "title": task.title, "body": task.body, "source": task.source, "source_no": task.source_no,
        "source_who": task.source_who, "urgency": task.urgency, "due": due.0, "asks": task.asks, "to": told,
        "case": task.case, "decision": task.decision, "files": hashes });
    events::append(tx, cx, Stream::Task, task.id.0, "task.given", &payload)?;
    Ok(task.id)
}

/// The first line or sentence of a text.
fn headline(body: &str) -> String {
    let ends = |c: char| matches!(c, '\n' | '\u{3002}' | '\u{ff01}' | '\u{ff1b}');
    let first = body.split(ends).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    first.chars().take(40).collect()
}

/// The receivers that were chosen, each once.
pub(super) fn chosen(tx: &mut Tx<'_>, cx: &Cx, to: &[String], communities: bool) -> Result<Vec<Candidate>> {
    let wanted: Vec<Target> = to.iter().filter_map(|text| Target::parse(text)).collect();
    let mut out = look::candidates(tx, cx)?;
    let may = out.iter().map(|c| c.target).collect::<Vec<_>>();
    if wanted.iter().any(|target| !may.contains(target)) {
        return Err(Refusal::rule("tasks.to.unknown").on("to").into());
    }
    out.retain(|c| wanted.contains(&c.target) || communities && c.kind == "community");
    if out.is_empty() {
        return Err(Refusal::rule("tasks.to.none").on("to").into());
    }
    if out.len() > TO_MOST {
        return Err(Refusal::rule("tasks.to.many").on("to").with("most", TO_MOST).into());
    }
    Ok(out)
}
