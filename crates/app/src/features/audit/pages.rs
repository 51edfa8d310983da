//! The log page, and the log as a file.

use super::model::{LogFilter, LogRow};
use super::service::{self, PAGE};
use crate::events::Stream;
use crate::features::people::service as people;
use crate::rows::guarded;
use crate::web::download::{CSV, download};
use crate::web::{Access, Answer, Form, Problem, Query, Routes, Shell, Staff, WebError, encode, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, Day, Ts, UnitId};
use serde::Deserialize;

/// The routes of this feature.
pub fn routes() -> Routes {
    Routes::new().get("/log", Access::Grant("audit.read"), show).post(
        "/log/export",
        Access::Grant("audit.read"),
        export,
    )
}

/// The address of a list: what is asked for, as typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    /// `reveals` for looks at protected data only.
    view: String,
    from: String,
    to: String,
    account: Option<AccountId>,
    unit: Option<UnitId>,
    kind: String,
    stream: String,
    case_no: String,
    at: Option<i64>,
    id: Option<i64>,
}

impl Asked {
    fn filter(&self) -> LogFilter {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        LogFilter {
            from: Day::parse(&self.from),
            to: Day::parse(&self.to),
            account: self.account,
            unit: self.unit,
            kind: text(&self.kind),
            stream: text(&self.stream),
            case_no: text(&self.case_no),
            reveals: self.view == "reveals",
            before: self.at.zip(self.id).map(|(at, id)| (Ts(at), id)),
        }
    }

    /// The address of another page with the same filters.
    fn address(&self, view: &str, last: Option<&LogRow>) -> String {
        let mut out = format!(
            "/log?view={view}&from={}&to={}&kind={}&stream={}&case_no={}",
            encode(&self.from),
            encode(&self.to),
            encode(&self.kind),
            encode(&self.stream),
            encode(&self.case_no)
        );
        for (name, id) in [("account", self.account.map(|a| a.0)), ("unit", self.unit.map(|u| u.0))] {
            if let Some(id) = id {
                out.push_str(&format!("&{name}={id}"));
            }
        }
        if let Some(last) = last {
            out.push_str(&format!("&at={}&id={}", last.recorded_at.0, last.id));
        }
        out
    }
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Line {
    at: String,
    /// When it happened, where that was more than a minute earlier.
    happened: String,
    who: String,
    place: String,
    behalf: String,
    door: String,
    did: String,
    kind: String,
    about: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "audit_log.html")]
struct Page {
    w: Words,
    shell: Shell,
    problem: Problem,
    asked: Asked,
    reveals: bool,
    all_href: String,
    reveals_href: String,
    people: Vec<Choice>,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    streams: Vec<Choice>,
    rows: Vec<Line>,
    next: String,
    first: String,
}

/// Capabilities one may filter by.
const CAPABILITIES: [&str; 12] = [
    "case.",
    "report.",
    "intake.",
    "knowledge.",
    "document.",
    "documents.",
    "account.",
    "people.",
    "roles.",
    "catalogue.",
    "place.",
    "audit.",
];
const STREAMS: [Stream; 14] = [
    Stream::Case,
    Stream::Report,
    Stream::Account,
    Stream::Post,
    Stream::Unit,
    Stream::Place,
    Stream::Catalogue,
    Stream::Task,
    Stream::Meeting,
    Stream::Knowledge,
    Stream::Document,
    Stream::Office,
    Stream::Roster,
    Stream::Message,
];

/// `GET /log`
async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let filter = asked.filter();
    let read = staff.read(move |tx, cx| service::log(tx, cx, &filter)).await;
    let (rows, status, problem) = match read {
        Ok(rows) => (rows, StatusCode::OK, Problem::default()),
        // Only the case number can be wrong; the filters stay as they were typed.
        Err(error) => match error.refusal() {
            Some(refusal) if refusal.field == Some("case_no") => {
                (Vec::new(), error.status(), Problem::new(&staff.words, refusal))
            }
            _ => return Err(error),
        },
    };
    let (units, names) =
        staff.read(|tx, cx| Ok((people::units(tx, cx.office.id)?, people::names(tx, cx.office.id)?))).await?;
    let w = &staff.words;
    let choice = |value: String, label: String, chosen: bool| Choice { value, label, chosen };
    let full = i64::try_from(rows.len()).unwrap_or(0) == PAGE;
    let page = Page {
        shell: staff.shell("log").await?,
        problem,
        reveals: asked.view == "reveals",
        all_href: asked.address("all", None),
        reveals_href: asked.address("reveals", None),
        people: names
            .into_iter()
            .map(|(id, name)| choice(id.to_string(), name, asked.account == Some(id)))
            .collect(),
        units: units
            .into_iter()
            .map(|u| choice(u.id.to_string(), u.short, asked.unit == Some(u.id)))
            .collect(),
        kinds: CAPABILITIES
            .iter()
            .map(|c| {
                choice(
                    (*c).to_owned(),
                    w.t(&format!("log-capability-{}", c.trim_end_matches('.'))),
                    asked.kind == *c,
                )
            })
            .collect(),
        streams: STREAMS
            .iter()
            .map(|s| {
                choice(
                    s.as_str().to_owned(),
                    w.t(&format!("log-stream-{}", s.as_str())),
                    asked.stream == s.as_str(),
                )
            })
            .collect(),
        next: rows
            .last()
            .filter(|_| full)
            .map(|last| asked.address(&asked.view, Some(last)))
            .unwrap_or_default(),
        first: if asked.at.is_some() { asked.address(&asked.view, None) } else { String::new() },
        rows: rows.iter().map(|row| line(w, row)).collect(),
        asked,
        w: w.clone(),
    };
    html_with(status, &page)
}

fn line(w: &Words, row: &LogRow) -> Line {
    let joined =
        |parts: [&Option<String>; 2]| parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let late = row.recorded_at.since(row.occurred_at) > Ts::MINUTE;
    Line {
        at: stamp(w, row.recorded_at),
        happened: if late { w.t1("log-happened", "when", stamp(w, row.occurred_at)) } else { String::new() },
        who: who(w, row),
        place: joined([&row.unit, &row.post]),
        behalf: row.behalf.as_ref().map(|unit| w.t1("log-behalf", "unit", unit)).unwrap_or_default(),
        door: w.t_or(&format!("log-source-{}", row.source), &row.source),
        did: did(w, &row.kind),
        kind: row.kind.clone(),
        about: about(w, row),
        detail: row.detail.clone(),
    }
}

fn who(w: &Words, row: &LogRow) -> String {
    match (&row.account, row.source.as_str()) {
        (Some(name), _) => name.clone(),
        (None, "public") => w.t("log-requester"),
        (None, _) => w.t("log-program"),
    }
}

fn about(w: &Words, row: &LogRow) -> String {
    let stream = w.t_or(&format!("log-stream-{}", row.stream), &row.stream);
    match &row.about {
        Some(about) => format!("{stream} {about}"),
        None => stream,
    }
}

/// What was done, in words where there are words for it: the action's own for a case, else `event-people-act`.
fn did(w: &Words, kind: &str) -> String {
    let key = kind.replace(['.', '_'], "-");
    let action = kind.strip_prefix("case.").map(|_| format!("action-{}", &key["case-".len()..]));
    match action {
        Some(action) if w.has(&action) => w.t(&action),
        _ => w.t_or(&format!("event-{key}"), kind),
    }
}

/// To the second: entries of one act stand together.
fn stamp(w: &Words, at: Ts) -> String {
    let zoned = at.zoned(&w.tz);
    format!("{} {:02}:{:02}:{:02}", at.day(&w.tz).iso(), zoned.hour(), zoned.minute(), zoned.second())
}

/// `POST /log/export`: a comma-separated file that WPS and Excel open, with the columns in the reader's words.
async fn export(staff: Staff, Form(asked): Form<Asked>) -> Answer {
    let filter = LogFilter { before: None, ..asked.filter() };
    let rows = staff.write(move |tx, cx| service::export(tx, cx, &filter)).await?;
    let text = file(&staff.words, &rows).map_err(WebError::Failed)?;
    download(text, CSV, &format!("log-{}.csv", staff.cx.today().0))
}

fn file(w: &Words, rows: &[LogRow]) -> anyhow::Result<Vec<u8>> {
    // The mark at the head tells spreadsheets that it is UTF-8.
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let head = [
        "at", "happened", "who", "unit", "post", "behalf", "door", "did", "kind", "about", "detail", "entry",
    ];
    out.write_record(head.map(|name| w.t(&format!("log-column-{name}"))))?;
    for row in rows {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let cells = [
            stamp(w, row.recorded_at),
            stamp(w, row.occurred_at),
            who(w, row),
            text(&row.unit),
            text(&row.post),
            text(&row.behalf),
            w.t_or(&format!("log-source-{}", row.source), &row.source),
            did(w, &row.kind),
            row.kind.clone(),
            about(w, row),
            row.detail.clone(),
            format!("{} {} {}", row.stream, row.stream_id, row.seq),
        ];
        out.write_record(cells.map(|cell| guarded(&cell).into_owned()))?;
    }
    Ok(out.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;

    #[test]
    fn a_file_opens_as_a_table_and_starts_no_formula() {
        let w = Words::new(Locale::En, &jiff::tz::TimeZone::UTC, Ts(0));
        let row = LogRow {
            id: 7,
            recorded_at: Ts(1_000),
            occurred_at: Ts(0),
            account: None,
            post: None,
            unit: Some("a, \"b\"".into()),
            behalf: None,
            source: "public".into(),
            stream: "report".into(),
            stream_id: 3,
            seq: 2,
            kind: "report.revealed".into(),
            about: None,
            detail: "=cmd()".into(),
        };
        let text = String::from_utf8(file(&w, &[row]).unwrap()).unwrap();
        let lines: Vec<&str> = text.trim_end().split('\n').collect();
        assert!(lines[0].starts_with('\u{feff}'));
        assert!(lines[1].starts_with("1970-01-01 00:00:01,1970-01-01 00:00:00,"), "{}", lines[1]);
        assert!(lines[1].contains("\"a, \"\"b\"\"\"") && lines[1].contains(",'=cmd(),"), "{}", lines[1]);
    }
}
