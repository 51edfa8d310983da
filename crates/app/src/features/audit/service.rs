//! The log as the auditor reads it. Reading the log is not reading protected data and is not logged; taking
//! it away as a file is.

use super::model::{LogFilter, LogRow};
use super::store as rows;
use crate::context::Cx;
use crate::events::{self, Stream};
use kernel::Refusal;
use serde_json::{Value, json};
use store::{Result, Tx};

/// Entries on one page.
pub const PAGE: i64 = 100;
/// Entries in one file; an office with more exports month by month.
pub const EXPORT_MOST: i64 = 100_000;
/// Entries read at once for a file.
const CHUNK: i64 = 2_000;

/// A page of the log, the newest first; the next page begins behind the last row's `(recorded_at, id)`.
///
/// # Errors
/// Forbidden without `audit.read`; `audit.log.no_case` when the case number is unknown.
pub fn log(tx: &mut Tx<'_>, cx: &Cx, filter: &LogFilter) -> Result<Vec<LogRow>> {
    cx.actor.need("audit.read")?;
    read(tx, cx, filter, PAGE)
}

fn read(tx: &mut Tx<'_>, cx: &Cx, filter: &LogFilter, most: i64) -> Result<Vec<LogRow>> {
    let case = match filter.case_no.as_deref().map(str::trim).filter(|no| !no.is_empty()) {
        None => None,
        Some(no) => {
            let found = rows::case_by_no(tx, cx.office.id, no)?;
            Some(found.ok_or_else(|| Refusal::rule("audit.log.no_case").on("case_no").with("no", no))?)
        }
    };
    rows::log(tx, cx.office.id, &cx.office.tz, filter, case, most)
}

/// The entries of a filter for a file, the newest first, at most [`EXPORT_MOST`]. Writes `audit.export` on the
/// office's stream.
///
/// # Errors
/// As [`log`].
pub fn export(tx: &mut Tx<'_>, cx: &Cx, filter: &LogFilter) -> Result<Vec<LogRow>> {
    cx.actor.need("audit.read")?;
    let mut filter = filter.clone();
    let mut out: Vec<LogRow> = Vec::new();
    while i64::try_from(out.len()).unwrap_or(i64::MAX) < EXPORT_MOST {
        let chunk = read(tx, cx, &filter, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        filter.before = Some((last.recorded_at, last.id));
        out.extend(chunk);
    }
    let days = |day: Option<kernel::Day>| day.map(kernel::Day::iso);
    let body = json!({
        "rows": out.len(), "from": days(filter.from), "to": days(filter.to), "account": filter.account,
        "unit": filter.unit, "kind": filter.kind, "stream": filter.stream, "case": filter.case_no,
        "reveals": filter.reveals,
    });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "audit.export", &body)?;
    Ok(out)
}

/// What of an entry the auditor may read: the reason of a look at protected data, and the content of
/// administrative entries. What requesters said and what was done about it stays with those who handle it.
pub(super) fn detail(stream: &str, kind: &str, payload: &str) -> String {
    let value = || serde_json::from_str::<Value>(payload).ok();
    match stream {
        "case" | "report" | "task" | "meeting" if kind != "report.revealed" => String::new(),
        "report" => {
            let reason = value().and_then(|v| v.get("reason").and_then(Value::as_str).map(str::to_owned));
            reason.unwrap_or_default()
        }
        _ => value().map(|v| plain(&v)).unwrap_or_default(),
    }
}

/// JSON as a line to read: `name: value, name: value`, without what is empty.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" "),
        Value::Object(map) => {
            let parts =
                map.iter().map(|(name, value)| (name, plain(value))).filter(|(_, text)| !text.is_empty());
            parts.map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_gives_reasons_and_administration_and_never_what_was_said() {
        let said = r#"{"text":"路灯不亮","reason":"核对地址"}"#;
        assert_eq!(detail("report", "report.received", said), "");
        assert_eq!(detail("case", "case.handle", said), "");
        assert_eq!(detail("task", "task.given", said), "");
        assert_eq!(detail("report", "report.revealed", said), "核对地址");
        let grant = r#"{"role":"acceptor","grants":["demands.read","demands.accept"],"until":null}"#;
        assert_eq!(detail("post", "roles.ask", grant), "grants: demands.read demands.accept, role: acceptor");
    }
}
