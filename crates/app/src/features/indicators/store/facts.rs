//! The names that figures and their filters may use, as SQL over the tables of a figure. Always there: `c`,
//! the case; besides `r` the report, `a` the unit's part, `v` the voice, by what the figure counts. Nothing
//! about a requester or a subject is declared, so no condition can ask for it.

use crate::features::indicators::model::Counts;
use condition::{Field, Schema, Type};
use std::sync::LazyLock;

const fn field(name: &'static str, ty: Type, sql: &'static str) -> Field {
    Field { name, ty, sql: Some(sql) }
}

const CASE: &[Field] = &[
    field("case.no", Type::Text, "c.no"),
    field("case.kind", Type::Text, "c.kind"),
    field("case.class", Type::Text, "c.class"),
    field("case.state", Type::Text, "c.state"),
    field("case.phase", Type::Text, "c.phase"),
    field("case.ended", Type::Text, "c.ended"),
    field("case.channel", Type::Text, "c.channel"),
    field("case.matter", Type::Text, "c.matter_code"),
    field(
        "case.matter_class",
        Type::Text,
        "(select m.class_code from matter m where m.office = c.office and m.id = c.matter)",
    ),
    field(
        "case.place",
        Type::Text,
        "(select p.code from place p where p.office = c.office and p.id = c.place)",
    ),
    field(
        "case.unit",
        Type::Text,
        "(select u.code from unit u where u.office = c.office and u.id = c.lead_unit)",
    ),
    // The place in words, without doors.
    field("case.address", Type::Text, "c.address"),
    field("case.urgent", Type::Bool, "c.urgent"),
    field("case.supervised", Type::Bool, "c.supervised"),
    field("case.exempt", Type::Bool, "c.exempt"),
    field("case.open", Type::Bool, "c.phase not in ('closed', 'refused', 'ended')"),
    // A merged case counts at the one it went to, the whole of a split message by its parts, a void one and one that upstream took back nowhere.
    field(
        "case.counted",
        Type::Bool,
        "coalesce(c.ended, '') not in ('merged', 'void', 'split', 'returned_up') and c.state <> 'split' \
         and not exists (select 1 from cases k where k.office = c.office and k.parent = c.id)",
    ),
    field("case.merged", Type::Bool, "coalesce(c.ended, '') = 'merged'"),
    field("case.part_of", Type::Bool, "c.parent is not null"),
    // Handled at present: a case that was reopened is not, though it once was.
    field(
        "case.handled",
        Type::Bool,
        "c.done_at is not null and c.phase in ('checking', 'calling', 'closed')",
    ),
    // By the clock of the leading unit; where there is none, by the deadline of the system it came from.
    field(
        "case.late",
        Type::Bool,
        "case when c.handle_due_at is null and c.upper_due_at is not null and c.done_at is not null \
         then c.done_at > c.upper_due_at else coalesce(c.handle_late, false) end",
    ),
    field("case.deadline_at", Type::Time, "coalesce(c.handle_due_at, c.upper_due_at)"),
    // No deadline is known, only what the source system said of it.
    field(
        "case.reported",
        Type::Bool,
        "c.outcome is not null and coalesce(c.handle_due_at, c.upper_due_at) is null",
    ),
    field("case.outcome", Type::Text, "c.outcome"),
    field("case.opened_at", Type::Time, "c.opened_at"),
    field("case.accepted_at", Type::Time, "c.accepted_at"),
    field("case.dispatched_at", Type::Time, "c.dispatched_at"),
    field("case.signed_at", Type::Time, "c.signed_at"),
    field("case.done_at", Type::Time, "c.done_at"),
    field("case.verified_at", Type::Time, "c.verified_at"),
    field("case.closed_at", Type::Time, "c.closed_at"),
    field("case.due_at", Type::Time, "c.due_at"),
    field("case.upper_due_at", Type::Time, "c.upper_due_at"),
    field("case.reports", Type::Int, "c.reports"),
    field("case.returns", Type::Int, "c.returns"),
    field("case.redispatches", Type::Int, "c.redispatches"),
    field("case.reopens", Type::Int, "c.reopens"),
    field("case.reworks", Type::Int, "c.reworks"),
    field("case.extensions", Type::Int, "c.extensions"),
    field("case.urges", Type::Int, "c.urges"),
    field("case.called_back", Type::Bool, "c.called_back"),
    field("case.solved", Type::Text, "c.solved"),
    field("case.satisfied", Type::Int, "c.satisfied"),
    field("case.self_verified", Type::Bool, "not coalesce(c.verified_by_other, true)"),
    field(
        "case.entered_for",
        Type::Bool,
        "exists (select 1 from event e where e.office = c.office and e.stream = 'case' and e.stream_id = c.id \
         and e.behalf is not null)",
    ),
];

const REPORT: &[Field] = &[
    field("report.channel", Type::Text, "r.channel"),
    field("report.kind", Type::Text, "r.kind"),
    field("report.received_at", Type::Time, "r.received_at"),
    field("report.reply_wanted", Type::Bool, "r.reply_wanted"),
    field("report.rating", Type::Int, "r.rating"),
];

const PART: &[Field] = &[
    field("part.unit", Type::Text, "(select u.code from unit u where u.office = a.office and u.id = a.unit)"),
    field("part.role", Type::Text, "a.role"),
    field("part.state", Type::Text, "a.state"),
    field("part.late", Type::Bool, "a.late"),
    field("part.sent_at", Type::Time, "a.sent_at"),
    field("part.signed_at", Type::Time, "a.signed_at"),
    field("part.done_at", Type::Time, "a.done_at"),
    field("part.due_at", Type::Time, "a.due_at"),
    field(
        "part.returned",
        Type::Bool,
        "exists (select 1 from request q where q.office = a.office and q.case_id = a.case_id and q.assignment = a.id \
         and q.kind = 'return')",
    ),
];

const VOICE: &[Field] = &[
    field("voice.via", Type::Text, "v.via"),
    field("voice.at", Type::Time, "v.at"),
    field("voice.solved", Type::Text, "v.solved"),
    field("voice.satisfied", Type::Int, "v.satisfied"),
];

const TICKET: &[Field] = &[
    field("ticket.system", Type::Text, "t.system"),
    field("ticket.state", Type::Text, "t.state"),
    field("ticket.round", Type::Int, "t.round"),
    field("ticket.urges", Type::Int, "t.urges"),
    field("ticket.replied", Type::Bool, "t.replied_at is not null"),
    // Written back after its deadline; one without a deadline is never late.
    field("ticket.late", Type::Bool, "coalesce(t.replied_at > t.due_at, false)"),
    field("ticket.received_at", Type::Time, "t.received_at"),
    field("ticket.due_at", Type::Time, "t.due_at"),
    field("ticket.solved", Type::Bool, "t.solved"),
    field("ticket.satisfied", Type::Int, "t.satisfied"),
    // The platform has excluded its rating from assessment 剔除.
    field("ticket.excluded", Type::Bool, "t.contest = 'granted'"),
    field("ticket.contested", Type::Bool, "t.contest <> ''"),
];

/// The names for what a figure counts.
pub fn schema(counts: Counts) -> &'static Schema {
    static CASES: LazyLock<Schema> = LazyLock::new(|| Schema::new(CASE));
    static REPORTS: LazyLock<Schema> = LazyLock::new(|| Schema::new(&[CASE, REPORT].concat()));
    static PARTS: LazyLock<Schema> = LazyLock::new(|| Schema::new(&[CASE, PART].concat()));
    static VOICES: LazyLock<Schema> = LazyLock::new(|| Schema::new(&[CASE, VOICE].concat()));
    static TICKETS: LazyLock<Schema> = LazyLock::new(|| Schema::new(&[CASE, TICKET].concat()));
    match counts {
        Counts::Tickets => &TICKETS,
        Counts::Cases => &CASES,
        Counts::Reports => &REPORTS,
        Counts::Parts => &PARTS,
        Counts::Voices => &VOICES,
    }
}

/// An instant that puts a record into a period.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    /// Its name in the file.
    pub name: &'static str,
    /// `… >= ?` over the instant, UTC milliseconds.
    pub from: &'static str,
    /// `… < ?` likewise.
    pub before: &'static str,
    /// The quarter of an hour it lies in, counted from 1970, as a column: every zone's midnight falls on one.
    pub quarter: &'static str,
}

macro_rules! anchor {
    ($name:literal, $sql:literal) => {
        Anchor {
            name: $name,
            from: concat!($sql, " >= ?"),
            before: concat!($sql, " < ?"),
            quarter: concat!("(", $sql, ") / 900000"),
        }
    };
}

const ANCHORS: &[(Option<Counts>, Anchor)] = &[
    (Some(Counts::Reports), anchor!("received", "r.received_at")),
    (None, anchor!("opened", "c.opened_at")),
    (None, anchor!("accepted", "c.accepted_at")),
    (None, anchor!("dispatched", "c.dispatched_at")),
    (None, anchor!("done", "c.done_at")),
    (None, anchor!("verified", "c.verified_at")),
    (None, anchor!("closed", "c.closed_at")),
    (None, anchor!("deadline", "coalesce(c.handle_due_at, c.upper_due_at)")),
    // A case of which only the source's word is known falls on the day it was handled, or else came in.
    (
        None,
        anchor!(
            "reported",
            "case when c.outcome is not null and coalesce(c.handle_due_at, c.upper_due_at) is null then coalesce(c.done_at, c.opened_at) end"
        ),
    ),
    (Some(Counts::Parts), anchor!("sent", "a.sent_at")),
    (Some(Counts::Parts), anchor!("part_done", "a.done_at")),
    (Some(Counts::Parts), anchor!("part_due", "a.due_at")),
    (Some(Counts::Voices), anchor!("said", "v.at")),
    (Some(Counts::Tickets), anchor!("ticket_received", "t.received_at")),
    (Some(Counts::Tickets), anchor!("ticket_replied", "t.replied_at")),
    (Some(Counts::Tickets), anchor!("ticket_rated", "t.rated_at")),
];

/// The instant with a name.
pub fn anchor(counts: Counts, name: &str) -> Option<Anchor> {
    ANCHORS.iter().find(|(of, a)| a.name == name && of.is_none_or(|of| of == counts)).map(|(_, a)| *a)
}

/// A duration in milliseconds, as a column.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name in the file.
    pub name: &'static str,
    /// The column.
    pub sql: &'static str,
}

const MEASURES: &[(Option<Counts>, Measure)] = &[
    (None, Measure { name: "to_close", sql: "c.closed_at - c.opened_at" }),
    (None, Measure { name: "to_dispatch", sql: "c.dispatched_at - c.opened_at" }),
    (Some(Counts::Parts), Measure { name: "part_to_done", sql: "a.done_at - a.sent_at" }),
];

/// The duration with a name.
pub fn measure(counts: Counts, name: &str) -> Option<Measure> {
    MEASURES.iter().find(|(of, m)| m.name == name && of.is_none_or(|of| of == counts)).map(|(_, m)| *m)
}
