//! The catalogue and the duty list as spreadsheets. Reading checks every cell and collects every error;
//! what is written reads back the same.

use super::model::{Callback, DutyList, Matter, MatterBody, Names, Photos, RefusalRoute, Secret, Verify};
use super::store::split;
use crate::rows::{Cells, RowError, Table, write_csv};
use kernel::{Day, Refusal};
use std::collections::HashMap;
use worktime::Limit;

/// The columns of a matter, in the order they are written. Those of [`MAY_LACK`] may be absent when read.
pub const MATTER_COLUMNS: [&str; 31] = [
    "code",
    "kind",
    "class_code",
    "class_zh",
    "class_en",
    "name_zh",
    "name_en",
    "standard_ref",
    "limit_condition",
    "limit_condition_en",
    "limit",
    "limit_source",
    "limit_source_en",
    "accept_limit",
    "dispatch_limit",
    "sign_limit",
    "verify",
    "verify_rate",
    "callback",
    "callback_rate",
    "duty_list",
    "lead_department_zh",
    "lead_department_en",
    "secret",
    "emergency",
    "photos_needed",
    "close_condition",
    "close_condition_en",
    "synonyms",
    "judgement",
    "judgement_en",
];

/// English texts that an office's own spreadsheet need not have.
const MAY_LACK: [&str; 5] =
    ["limit_condition_en", "limit_source_en", "lead_department_en", "close_condition_en", "judgement_en"];

/// The columns of the duty list, in the order they are written.
pub const DUTY_COLUMNS: [&str; 8] = ["matter", "place", "from", "to", "lead", "co_units", "basis", "note"];

/// What stands for "the unit of the community in which the trouble is".
pub const COMMUNITY: &str = "@community";

/// Reads matters.
///
/// # Errors
/// Every cell that is wrong, and every code that stands twice.
pub fn read_matters(bytes: &[u8]) -> Result<Vec<(u64, MatterBody)>, Vec<RowError>> {
    let needed: Vec<&str> = MATTER_COLUMNS.into_iter().filter(|column| !MAY_LACK.contains(column)).collect();
    let table = Table::read(bytes, &needed).map_err(|e| vec![e])?;
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    for cells in table.rows() {
        match read_matter(&cells) {
            Ok(body) => {
                if let Some(first) = seen.insert(body.code.clone(), cells.line) {
                    let twice =
                        Refusal::rule("import.row.twice").with("value", &body.code).with("first", first);
                    errors.push(RowError::new(cells.line, "code", twice));
                }
                out.push((cells.line, body));
            }
            Err(mut wrong) => errors.append(&mut wrong),
        }
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// Takes a value, or keeps the error and goes on with something in its place.
fn take<T>(errors: &mut Vec<RowError>, value: Result<T, RowError>, other: T) -> T {
    value.unwrap_or_else(|error| {
        errors.push(error);
        other
    })
}

fn read_matter(c: &Cells<'_>) -> Result<MatterBody, Vec<RowError>> {
    let mut wrong = Vec::new();
    let zero = Limit::new(worktime::LimitUnit::WorkDay, 0);
    let mut limit = |column: &str| take(&mut wrong, read_limit(c, column), zero);
    let (handle, accept) = (limit("limit"), limit("accept_limit"));
    let (dispatch, sign) = (limit("dispatch_limit"), limit("sign_limit"));
    let mut text = |column: &str| take(&mut wrong, c.text(column), String::new());
    let (code, kind, class_code) = (text("code"), text("kind"), text("class_code"));
    let (class_zh, name_zh) = (text("class_zh"), text("name_zh"));
    let mut rate = |column: &str| take(&mut wrong, c.number(column, 0, 100), 0);
    let (verify_rate, callback_rate) = (rate("verify_rate"), rate("callback_rate"));
    let verify =
        take(&mut wrong, c.word("verify", Verify::parse, &known(Verify::ALL, Verify::as_str)), Verify::None);
    let callback = take(
        &mut wrong,
        c.word("callback", Callback::parse, &known(Callback::ALL, Callback::as_str)),
        Callback::None,
    );
    let duty_list = take(
        &mut wrong,
        c.word("duty_list", DutyList::parse, &known(DutyList::ALL, DutyList::as_str)),
        DutyList::Basic,
    );
    let secret = take(
        &mut wrong,
        c.word("secret", Secret::parse, &known(Secret::ALL, Secret::as_str)),
        Secret::Ordinary,
    );
    let photos = take(
        &mut wrong,
        c.word("photos_needed", Photos::parse, &known(Photos::ALL, Photos::as_str)),
        Photos::None,
    );
    let emergency = take(&mut wrong, c.word("emergency", parse_bool, &["0", "1"]), false);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let both = |zh: &str, en: &str| Names::trimmed(c.get(zh), c.get(en));
    let body = MatterBody {
        code,
        kind,
        class_code,
        class: Names { zh: class_zh, en: c.get("class_en").to_owned() },
        names: Names { zh: name_zh, en: c.get("name_en").to_owned() },
        standard_ref: c.get("standard_ref").to_owned(),
        limit_condition: both("limit_condition", "limit_condition_en"),
        handle_limit: handle,
        limit_source: both("limit_source", "limit_source_en"),
        accept_limit: accept,
        dispatch_limit: dispatch,
        sign_limit: sign,
        verify,
        verify_rate,
        callback,
        callback_rate,
        duty_list,
        lead_department: both("lead_department_zh", "lead_department_en"),
        secret,
        emergency,
        photos,
        close_condition: both("close_condition", "close_condition_en"),
        synonyms: split(c.get("synonyms")),
        judgement: both("judgement", "judgement_en"),
    };
    match body.check() {
        Ok(()) => Ok(body),
        Err(reason) => Err(vec![RowError::new(c.line, reason.field.unwrap_or_default(), reason)]),
    }
}

fn known<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|v| name(*v)).collect()
}

fn read_limit(c: &Cells<'_>, column: &str) -> Result<Limit, RowError> {
    Limit::parse(c.get(column)).map_err(|e| {
        let reason = Refusal::rule("import.row.limit").with("value", &e.text).with("why", e.reason.as_str());
        RowError::new(c.line, column, reason)
    })
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "0" | "" | "false" => Some(false),
        "1" | "true" => Some(true),
        _ => None,
    }
}

/// Writes matters as they are read.
///
/// # Errors
/// See [`write_csv`].
pub fn write_matters<'a>(matters: impl IntoIterator<Item = &'a Matter>) -> anyhow::Result<String> {
    write_csv(
        &MATTER_COLUMNS,
        matters.into_iter().map(|m| {
            [
                m.code.clone(),
                m.kind.clone(),
                m.class_code.clone(),
                m.class.zh.clone(),
                m.class.en.clone(),
                m.names.zh.clone(),
                m.names.en.clone(),
                m.standard_ref.clone(),
                m.limit_condition.zh.clone(),
                m.limit_condition.en.clone(),
                m.handle_limit.to_string(),
                m.limit_source.zh.clone(),
                m.limit_source.en.clone(),
                m.accept_limit.to_string(),
                m.dispatch_limit.to_string(),
                m.sign_limit.to_string(),
                m.verify.to_string(),
                m.verify_rate.to_string(),
                m.callback.to_string(),
                m.callback_rate.to_string(),
                m.duty_list.to_string(),
                m.lead_department.zh.clone(),
                m.lead_department.en.clone(),
                m.secret.to_string(),
                i64::from(m.emergency).to_string(),
                m.photos.to_string(),
                m.close_condition.zh.clone(),
                m.close_condition.en.clone(),
                m.synonyms.join("|"),
                m.judgement.zh.clone(),
                m.judgement.en.clone(),
            ]
        }),
    )
}

/// A row of the duty list as it stands in a file: units and places by their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyLine {
    /// The line in the file.
    pub line: u64,
    /// A code, the beginning of codes (`06*`) or `*`.
    pub matter: String,
    /// A place's code; empty for everywhere.
    pub place: String,
    /// The first day in force.
    pub from: Day,
    /// The last day in force.
    pub to: Option<Day>,
    /// A unit's key or [`COMMUNITY`].
    pub lead: String,
    /// Likewise.
    pub co: Vec<String>,
    /// The law or list it rests on.
    pub basis: String,
    /// A remark.
    pub note: String,
}

/// Reads the duty list. Where a matter and place have several rows, an open end closes the day before the
/// next row begins.
///
/// # Errors
/// Every cell that is wrong, rows that stand twice and rows that overlap.
pub fn read_duty(bytes: &[u8]) -> Result<Vec<DutyLine>, Vec<RowError>> {
    let table = Table::read(bytes, &["matter", "place", "from", "lead"]).map_err(|e| vec![e])?;
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    for cells in table.rows() {
        match read_duty_line(&cells) {
            Ok(line) => out.push(line),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(close_open_ends(&mut out));
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn read_duty_line(c: &Cells<'_>) -> Result<DutyLine, RowError> {
    let matter = c.text("matter")?;
    if matter.trim_end_matches('*').contains('*') || matter.ends_with("**") {
        return Err(c.error("matter", "import.row.pattern"));
    }
    let from = c.day("from")?.ok_or_else(|| c.error("from", "import.row.missing"))?;
    let to = c.day("to")?;
    if to.is_some_and(|to| to < from) {
        return Err(c.error("to", "import.row.ends_before"));
    }
    Ok(DutyLine {
        line: c.line,
        matter,
        place: c.get("place").to_owned(),
        from,
        to,
        lead: c.text("lead")?,
        co: split(c.get("co_units")),
        basis: c.get("basis").to_owned(),
        note: c.get("note").to_owned(),
    })
}

fn close_open_ends(lines: &mut [DutyLine]) -> Vec<RowError> {
    let mut errors = Vec::new();
    let mut chains: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (i, line) in lines.iter().enumerate() {
        chains.entry((line.matter.clone(), line.place.clone())).or_default().push(i);
    }
    for chain in chains.values_mut() {
        chain.sort_by_key(|i| (lines[*i].from, *i));
        for pair in chain.windows(2) {
            let (next, line) = (lines[pair[1]].from, lines[pair[1]].line);
            let first = lines[pair[0]].line;
            let before = &mut lines[pair[0]];
            if before.to.is_none() && before.from < next {
                before.to = Some(next.plus(-1));
            } else if before.to.is_none_or(|to| to >= next) {
                let overlap = Refusal::rule("import.row.overlap").with("first", first);
                errors.push(RowError::new(line, "from", overlap));
            }
        }
    }
    errors.sort_by_key(|e| e.row);
    errors
}

/// Writes the duty list as it is read.
///
/// # Errors
/// See [`write_csv`].
pub fn write_duty(lines: &[DutyLine]) -> anyhow::Result<String> {
    write_csv(
        &DUTY_COLUMNS,
        lines.iter().map(|l| {
            [
                l.matter.clone(),
                l.place.clone(),
                l.from.iso(),
                l.to.map(Day::iso).unwrap_or_default(),
                l.lead.clone(),
                l.co.join("|"),
                l.basis.clone(),
                l.note.clone(),
            ]
        }),
    )
}

/// Reads the routes told with a refusal.
///
/// # Errors
/// Every cell that is missing.
pub fn read_routes(bytes: &[u8]) -> Result<Vec<RefusalRoute>, Vec<RowError>> {
    let needed = ["code", "name_zh", "name_en", "route_zh", "route_en", "reviewer"];
    let table = Table::read(bytes, &needed).map_err(|e| vec![e])?;
    let read = |c: Cells<'_>| {
        Ok(RefusalRoute {
            code: c.text("code")?,
            names: Names { zh: c.text("name_zh")?, en: c.text("name_en")? },
            routes: Names { zh: c.text("route_zh")?, en: c.text("route_en")? },
            reviewer: c.text("reviewer")?,
        })
    };
    table.rows().map(|c| read(c).map_err(|e: RowError| vec![e])).collect()
}
