//! The page on which a clerk brings tickets: a file or pasted rows, what they would do, and what they did.

use super::model::{Change, Line, Phrases, Standing, Taken};
use super::service;
use super::store::Waiting;
use super::tickets::{self, CellError, Field, Mapping, Ticket};
use super::vocabulary::Vocabulary;
use crate::sheet::{self, Grid};
use crate::web::{Answer, Problem, Shell, Staff, Upload, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Refusal, Ts};
use std::collections::{BTreeMap, HashSet};

/// Rows shown in the preview; the rest is counted.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "upstream_bring.html")]
struct BringPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// Names of systems used before, the last one first.
    systems: Vec<String>,
    pasted: String,
    /// Whether the reader may bring past years.
    history: bool,
}

/// A column's meaning and the headers to choose from.
struct Column {
    name: &'static str,
    label: String,
    needed: bool,
    options: Vec<(String, bool)>,
}

struct WrongView {
    address: String,
    column: String,
    value: String,
    why: String,
}

struct RowView {
    number: String,
    text: String,
    due: String,
    standing: String,
    class: &'static str,
    case: Option<(String, String)>,
    changes: Vec<String>,
}

#[derive(Template)]
#[template(path = "upstream_look.html")]
struct LookPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    system: String,
    systems: Vec<String>,
    columns: Vec<Column>,
    /// Whether the columns are to be looked at: a first time, or one is missing.
    unsure: bool,
    /// The rows as they were read, for the next step: a file cannot be sent back to the browser.
    grid: String,
    sheet: String,
    told: String,
    wrong: Vec<WrongView>,
    rows: Vec<RowView>,
    more: usize,
    /// Open here and in no row of the file.
    absent: Vec<RowView>,
    /// How many can be taken over.
    good: usize,
}

#[derive(Template)]
#[template(path = "upstream_taken.html")]
struct TakenPage {
    w: Words,
    shell: Shell,
    told: String,
    by_hand: Vec<RowView>,
    /// New ones, then changed ones: heading and lines.
    parts: Vec<(String, Vec<RowView>)>,
}

/// `GET /upstream`
pub(super) async fn show(staff: Staff) -> Answer {
    bring(&staff, Problem::default(), String::new(), StatusCode::OK).await
}

async fn bring(staff: &Staff, problem: Problem, pasted: String, status: StatusCode) -> Answer {
    let systems = staff.read(service::systems).await?;
    let page = BringPage {
        history: staff.has("demands.import"),
        shell: staff.shell("upstream").await?,
        w: staff.words.clone(),
        problem,
        systems,
        pasted,
    };
    html_with(status, &page)
}

/// What a form brought: the rows and how to read them.
struct Brought {
    grid: Grid,
    mapping: Mapping,
    tickets: Vec<Ticket>,
    wrong: Vec<CellError>,
    /// Whether the office has brought tickets of this platform before.
    known: bool,
    /// Names of platforms.
    systems: Vec<String>,
}

/// `POST /upstream`: shows what the rows would do, or takes them over.
pub(super) async fn read(staff: Staff, upload: Upload) -> Answer {
    let brought = match understand(&staff, &upload).await {
        Ok(brought) => brought,
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let pasted = upload.text("rows").unwrap_or_default().to_owned();
            return bring(&staff, Problem::new(&staff.words, &refusal), pasted, error.status()).await;
        }
    };
    if upload.text("end") != Some("take") {
        return look(&staff, brought, Problem::default(), StatusCode::OK).await;
    }
    match take(&staff, &upload, &brought).await {
        Ok(taken) => told(&staff, &taken).await,
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            look(&staff, brought, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

async fn understand(staff: &Staff, upload: &Upload) -> Result<Brought, WebError> {
    let words = Vocabulary::shipped()?;
    let text = |name: &str| upload.text(name).unwrap_or_default();
    let header_word = |cell: &str| words.is_header_word(cell);
    let grid = match (upload.files.first(), text("rows").trim(), text("grid")) {
        (Some(file), _, _) => sheet::read_file(&file.bytes, header_word)?,
        (None, rows, _) if !rows.is_empty() => {
            sheet::read_text(text("rows"), header_word).map_err(|e| e.on("rows"))?
        }
        (None, _, grid) if !grid.is_empty() => {
            serde_json::from_str(grid).map_err(|e| WebError::Bad(e.to_string()))?
        }
        _ => return Err(Refusal::missing("file").into()),
    };
    let (profiles, systems) =
        staff.read(|tx, cx| Ok((service::profiles(tx, cx)?, service::systems(tx, cx)?))).await?;
    let named = text("system").trim().to_owned();
    let own = match named.as_str() {
        "" => profiles.first(),
        name => profiles.iter().find(|p| p.system == name),
    };
    let system = if named.is_empty() { systems.first().cloned().unwrap_or_default() } else { named };
    let known = own.is_some();
    let chosen = upload.fields.iter().any(|(name, _)| name.starts_with("column-"));
    let mapping = if chosen {
        let columns: BTreeMap<Field, String> = Field::ALL
            .into_iter()
            .map(|field| (field, text(&format!("column-{}", field.as_str())).to_owned()))
            .filter(|(_, column)| grid.header.contains(column) && !column.is_empty())
            .collect();
        Mapping { system, columns }
    } else {
        let guess = Mapping::guess(words, &system, &grid.header);
        own.map_or(guess.clone(), |own| guess.with(own, &grid.header))
    };
    let (tickets, wrong) = tickets::read(words, &grid, &mapping, &staff.cx.office.tz);
    Ok(Brought { grid, mapping, tickets, wrong, known, systems })
}

/// The tickets of rows in which nothing is wrong.
fn good(brought: &Brought) -> Vec<Ticket> {
    let wrong: HashSet<usize> = brought.wrong.iter().map(|e| e.row).collect();
    brought.tickets.iter().filter(|t| !wrong.contains(&t.row)).cloned().collect()
}

async fn take(staff: &Staff, upload: &Upload, brought: &Brought) -> Result<Taken, WebError> {
    let (mapping, tickets) = (brought.mapping.clone(), good(brought));
    for field in Field::ALL.into_iter().filter(|f| f.is_needed()) {
        if !mapping.columns.contains_key(&field) {
            return Err(Refusal::rule("upstream.column.missing").on("columns").into());
        }
    }
    if tickets.is_empty() {
        return Err(Refusal::rule("upstream.nothing").into());
    }
    let own = staff.app.words(&staff.cx.office, staff.app.locale(staff.cx.office.id), staff.cx.now);
    let phrases = Phrases::of(&own, &mapping.system);
    let request = fingerprint(&("upstream.take", &mapping, &tickets));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    staff.write_once(&idem, &request, move |tx, cx| service::take(tx, cx, &mapping, &tickets, &phrases)).await
}

async fn look(staff: &Staff, brought: Brought, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let (system, tickets) = (brought.mapping.system.clone(), good(&brought));
    let numbers: HashSet<String> = brought.tickets.iter().map(|t| t.number.clone()).collect();
    let (standings, absent) = staff
        .read(move |tx, cx| {
            let standings = service::compare(tx, cx, &system, &tickets)?;
            Ok((standings, service::absent(tx, cx, &system, &numbers)?))
        })
        .await?;
    let count = |test: &dyn Fn(&Standing) -> bool| standings.iter().filter(|s| test(s)).count();
    let new = count(&|s| s.known.is_none());
    let changed = count(&|s| !s.changes.is_empty());
    let page = LookPage {
        told: w.ta(
            "upstream-told",
            &[
                ("rows", brought.grid.rows.len().to_string()),
                ("new", new.to_string()),
                ("changed", changed.to_string()),
                ("same", (standings.len() - new - changed).to_string()),
                ("wrong", (brought.grid.rows.len() - standings.len()).to_string()),
            ],
        ),
        columns: columns(&w, &brought),
        unsure: !brought.known
            || problem.any()
            || Field::ALL.into_iter().any(|f| f.is_needed() && !brought.mapping.columns.contains_key(&f)),
        wrong: brought.wrong.iter().map(|e| wrong_view(&w, e)).collect(),
        more: standings.len().saturating_sub(SHOWN),
        absent: absent.iter().map(|t| absent_view(&w, t)).collect(),
        rows: standings.iter().take(SHOWN).map(|s| standing_view(&w, s)).collect(),
        good: new + changed,
        systems: brought.systems,
        grid: serde_json::to_string(&brought.grid).map_err(|e| WebError::Failed(e.into()))?,
        sheet: brought.grid.sheet,
        system: brought.mapping.system,
        shell: staff.shell("upstream").await?,
        problem,
        w,
    };
    html_with(status, &page)
}

fn columns(w: &Words, brought: &Brought) -> Vec<Column> {
    let option =
        |field: Field, header: &String| (header.clone(), brought.mapping.columns.get(&field) == Some(header));
    Field::ALL
        .into_iter()
        .map(|field| Column {
            name: field.as_str(),
            label: w.t(&format!("upstream-field-{}", field.as_str().replace('_', "-"))),
            needed: field.is_needed(),
            options: brought.grid.header.iter().filter(|h| !h.is_empty()).map(|h| option(field, h)).collect(),
        })
        .collect()
}

fn wrong_view(w: &Words, error: &CellError) -> WrongView {
    let value = error.reason.args.iter().find(|(name, _)| *name == "value").map(|(_, v)| v.clone());
    WrongView {
        address: error.address.clone(),
        column: error.column.clone(),
        value: value.unwrap_or_default(),
        why: w.refusal(&error.reason),
    }
}

fn standing_view(w: &Words, standing: &Standing) -> RowView {
    let ticket = &standing.ticket;
    let (key, class) = match (&standing.known, standing.changes.is_empty()) {
        (None, _) => ("upstream-new", "on"),
        (Some(_), false) => ("upstream-changed", "amber"),
        (Some(_), true) => ("upstream-same", ""),
    };
    let shown = if ticket.title.is_empty() { &ticket.text } else { &ticket.title };
    let shown: String = text::identifiers::seal(shown).masked.chars().take(60).collect();
    RowView {
        number: ticket.number.clone(),
        text: shown,
        due: ticket.due.map(|at| w.when(at)).unwrap_or_default(),
        standing: w.t(key),
        class,
        case: standing.known.as_ref().map(|k| (format!("/cases/{}", k.case), k.no.clone())),
        changes: standing.changes.iter().map(|c| change(w, c)).collect(),
    }
}

fn absent_view(w: &Words, ticket: &Waiting) -> RowView {
    RowView {
        number: ticket.number.clone(),
        text: ticket.title.clone(),
        due: ticket.due.map(|at| w.when(at)).unwrap_or_default(),
        standing: String::new(),
        class: "",
        case: Some((format!("/cases/{}", ticket.case), ticket.no.clone())),
        changes: Vec::new(),
    }
}

fn line_view(w: &Words, line: &Line) -> RowView {
    RowView {
        number: line.number.clone(),
        text: line.title.clone(),
        due: String::new(),
        standing: String::new(),
        class: "",
        case: Some((format!("/cases/{}", line.case), line.no.clone())),
        changes: line.changes.iter().map(|c| change(w, c)).collect(),
    }
}

/// A change in words.
fn change(w: &Words, change: &Change) -> String {
    let at = |at: &Option<Ts>| at.map_or_else(|| w.t("upstream-none"), |at| w.when(at));
    match change {
        Change::Due { was, now } => w.t2("upstream-change-due", ("was", &at(was)), ("now", &at(now))),
        Change::ReturnBy { was, now } => w.t2("upstream-change-return", ("was", &at(was)), ("now", &at(now))),
        Change::Urged { was, now } => w.t2("upstream-change-urged", ("was", was), ("now", now)),
        Change::Again { round } => w.t1("upstream-change-again", "round", round),
        Change::Ruled { agreed: true } => w.t("upstream-change-taken-back"),
        Change::Ruled { agreed: false } => w.t("upstream-change-kept"),
        Change::Over => w.t("upstream-change-over"),
        Change::Rated { satisfied, solved } => {
            let grade = satisfied.map(|n| w.t(&format!("satisfied-{n}")));
            let solved = solved.map(|yes| w.t(if yes { "solved-yes" } else { "solved-no" }));
            let both: Vec<String> = grade.into_iter().chain(solved).collect();
            w.t1("upstream-change-rated", "rating", both.join(&w.t("list-joint")))
        }
        Change::Told { was, now } if was.is_empty() => w.t1("upstream-change-told", "now", now),
        Change::Told { was, now } => w.t2("upstream-change-told-from", ("was", was), ("now", now)),
    }
}

async fn told(staff: &Staff, taken: &Taken) -> Answer {
    let w = staff.words.clone();
    let views = |lines: &[Line]| lines.iter().map(|l| line_view(&w, l)).collect::<Vec<_>>();
    let by_hand: Vec<Line> = taken.changed.iter().filter(|l| l.by_hand).cloned().collect();
    let page = TakenPage {
        told: w.ta(
            "upstream-taken",
            &[
                ("new", taken.new.len().to_string()),
                ("changed", taken.changed.len().to_string()),
                ("same", taken.same.to_string()),
            ],
        ),
        by_hand: views(&by_hand),
        parts: [("upstream-new-cases", &taken.new), ("upstream-changed-cases", &taken.changed)]
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(key, lines)| (w.t1(key, "n", lines.len()), views(lines)))
            .collect(),
        shell: staff.shell("upstream").await?,
        w: w.clone(),
    };
    html(&page)
}
