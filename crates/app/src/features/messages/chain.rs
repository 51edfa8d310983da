//! A message that nobody has confirmed in time goes on to the next person. Safe to run again: each step moves the
//! receivers in the same transaction.

use super::service::{seeing, steps};
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::roster::service as roster;
use ::store::{Result, Tx};
use kernel::AccountId;
use serde_json::json;

/// Whether somebody's time is over.
///
/// # Errors
/// When the database refuses.
pub fn waits(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    rows::any_due(tx, cx)
}

/// Marks whoever was silent, and gives the message to whoever comes next.
///
/// # Errors
/// When the database refuses.
pub fn move_on(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    let due = rows::silent_due(tx, cx)?;
    let more = due.len() >= 200;
    let mut moved: Vec<i64> = Vec::new();
    for silent in due {
        // Those of one step are silent together: the next get it once.
        let again = silent.each || moved.contains(&silent.message);
        let next = if again { Vec::new() } else { whose_turn(tx, cx, silent.message)? };
        let passed = next.first().copied();
        rows::set_silent(tx, cx, silent.id, passed)?;
        let body = json!({ "account": silent.account, "passed_to": passed });
        events::append(tx, cx, Stream::Message, silent.message, "message.silent", &body)?;
        moved.push(silent.message);
        for account in next {
            rows::send_next(tx, cx, silent.message, account)?;
        }
    }
    Ok(more)
}

/// Whoever comes next. At the end of the chain it looks once more who is on duty: another shift may have begun, or
/// somebody may see the case by now.
fn whose_turn(tx: &mut Tx<'_>, cx: &Cx, id: i64) -> Result<Vec<AccountId>> {
    let next = rows::next(tx, cx, id)?;
    let Some(message) = rows::find(tx, cx, id)?.filter(|_| next.is_empty()) else { return Ok(next) };
    let known = rows::receivers(tx, cx, id)?;
    let last = known.iter().map(|r| r.step).max().unwrap_or(0);
    let on = roster::on_duty(tx, cx, None, cx.now)?;
    let mut fresh = seeing(tx, cx, message.case, steps(&on, last + 1))?;
    fresh.retain(|(account, _, _)| !known.iter().any(|r| r.account == *account));
    for (account, step, kind) in fresh {
        rows::add_to(tx, cx, id, account, (step, kind), false)?;
    }
    rows::next(tx, cx, id)
}
