//! The names that a procedure's conditions may use, and their values for one act.

use super::state::{Assignment, AssignmentState, CaseState, ClockState};
use anyhow::Result;
use condition::{Condition, Facts, Field, Schema, Type, Value};
use kernel::Ts;
use std::sync::LazyLock;

const fn field(name: &'static str, ty: Type) -> Field {
    Field { name, ty, sql: None }
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(&[
        field("case.kind", Type::Text),
        field("case.class", Type::Text),
        field("case.state", Type::Text),
        field("case.phase", Type::Text),
        field("case.ended", Type::Text),
        field("case.urgent", Type::Bool),
        field("case.ruled", Type::Bool),
        field("case.exempt", Type::Bool),
        field("case.late", Type::Bool),
        field("case.must_verify", Type::Bool),
        field("case.must_call", Type::Bool),
        field("case.led", Type::Bool),
        field("case.lead_signed", Type::Bool),
        field("case.asks_extension", Type::Bool),
        field("case.asks_pause", Type::Bool),
        field("case.asks_return", Type::Bool),
        field("case.accepted", Type::Bool),
        field("case.upper", Type::Bool),
        field("case.returns", Type::Int),
        field("case.reopens", Type::Int),
        field("case.reworks", Type::Int),
        field("case.extensions", Type::Int),
        field("case.missed_calls", Type::Int),
        field("case.opened_at", Type::Time),
        field("assignment.state", Type::Text),
        field("assignment.role", Type::Text),
        field("assignment.due_at", Type::Time),
        field("assignment.asked", Type::Bool),
    ])
});

/// Reads a condition of a procedure.
pub(super) fn parse(text: &str) -> Result<Condition> {
    Condition::parse(text, &SCHEMA).map_err(|e| anyhow::anyhow!("condition `{text}`: {e}"))
}

/// The values for one act.
pub(super) struct ActFacts<'a> {
    pub(super) case: &'a CaseState,
    pub(super) assignment: Option<&'a Assignment>,
}

impl ActFacts<'_> {
    fn asks(&self, kind: &str) -> bool {
        self.case.requests.iter().any(|r| r.kind == kind && r.granted.is_none())
    }

    fn due(&self) -> Option<Ts> {
        let id = self.assignment?.id;
        self.case
            .clocks
            .iter()
            .rev()
            .find(|c| c.kind == "handle" && c.assignment == Some(id) && c.state == ClockState::Running)?
            .due
    }
}

impl Facts for ActFacts<'_> {
    fn get(&self, name: &str) -> Value {
        let case = self.case;
        let text = |t: &str| Value::Text(t.to_owned());
        match name {
            "case.kind" => text(&case.kind),
            "case.class" => text(&case.class),
            "case.state" => text(&case.state),
            "case.phase" => text(case.phase.as_str()),
            "case.ended" => case.ended.as_deref().map_or(Value::Absent, text),
            "case.urgent" => Value::Bool(case.urgent),
            "case.ruled" => Value::Bool(case.ruled),
            "case.exempt" => Value::Bool(case.exempt),
            "case.late" => Value::Bool(case.handle_late == Some(true)),
            "case.must_verify" => Value::Bool(case.verify_by.is_some()),
            "case.must_call" => Value::Bool(case.must_call),
            "case.led" => Value::Bool(case.lead().is_some()),
            "case.lead_signed" => {
                Value::Bool(case.lead().is_some_and(|a| a.state == AssignmentState::Signed))
            }
            "case.asks_extension" => Value::Bool(self.asks("extension")),
            "case.asks_pause" => Value::Bool(self.asks("pause")),
            "case.asks_return" => Value::Bool(self.asks("return")),
            "case.accepted" => Value::Bool(case.accepted_at.is_some()),
            "case.upper" => Value::Bool(case.channel == "upper" || case.upper_due.is_some()),
            "case.returns" => Value::Int(case.returns),
            "case.reopens" => Value::Int(case.reopens),
            "case.reworks" => Value::Int(case.reworks),
            "case.extensions" => Value::Int(case.extensions),
            "case.missed_calls" => Value::Int(case.missed_calls),
            "case.opened_at" => Value::Time(case.opened_at.0),
            "assignment.state" => self.assignment.map_or(Value::Absent, |a| text(a.state.as_str())),
            "assignment.role" => self.assignment.map_or(Value::Absent, |a| text(a.role.as_str())),
            "assignment.due_at" => self.due().map_or(Value::Absent, |t| Value::Time(t.0)),
            "assignment.asked" => Value::Bool(self.assignment.is_some_and(|a| {
                case.requests.iter().any(|r| r.granted.is_none() && r.assignment == Some(a.id))
            })),
            _ => Value::Absent,
        }
    }
}
