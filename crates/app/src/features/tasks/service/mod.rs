//! The door of tasks: one function for each verb.

pub mod answer;
pub mod give;
pub mod look;
pub mod manage;

use super::model::{Receiver, Task};
use crate::context::Cx;
use kernel::{Refusal, Ts};
use serde_json::{Value, json};

/// Whether an instant may be a due instant: later than now.
fn future(cx: &Cx, due: Ts) -> Result<Ts, Refusal> {
    if due <= cx.now { Err(Refusal::rule("tasks.due.past").on("due")) } else { Ok(due) }
}

/// Refuses when a task is closed.
fn open(task: &Task) -> Result<(), Refusal> {
    if task.closed.is_some() { Err(Refusal::rule("tasks.closed")) } else { Ok(()) }
}

/// What an event says of a receiver.
fn about(receiver: &Receiver) -> Value {
    json!({ "receiver": receiver.id.0, "target": receiver.target.to_string(), "name": receiver.name })
}
