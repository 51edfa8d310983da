//! The bar of a case and the forms behind it: what the procedure allows now, each with the fields it asks for.
//! A form is drawn from the action's `needs` and `takes`, so that an office that changes its procedure needs
//! no programmer for the page.

use super::super::names::Names;
use super::clock;
use super::input::Typed;
use super::suggest;
use super::timeline::{Span, spans};
use super::word_key;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::people::model::UNIT_KINDS;
use crate::features::procedures::model::Offer;
use crate::features::procedures::procedure::Action;
use crate::features::procedures::state::{CaseState, Role};
use crate::words::Words;
use kernel::UnitId;
use store::{Result, Tx};
use worktime::LimitUnit;

/// Rows for helping units in a form.
const CO_ROWS: usize = 3;
/// Where an entry for somebody else can come from.
pub const VIAS: [&str; 4] = ["phone", "group", "paper", "site"];

/// An option of a field.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// A second line.
    pub hint: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// Options under a heading.
#[derive(Clone, Debug)]
pub struct Group {
    /// The heading.
    pub label: String,
    /// The options.
    pub options: Vec<Choice>,
}

/// A row for a helping unit.
#[derive(Clone, Debug)]
pub struct CoRow {
    /// Units to choose from, with the chosen one marked.
    pub groups: Vec<Group>,
    /// Its own deadline's amount.
    pub amount: String,
    /// Its unit.
    pub units: Vec<Choice>,
    /// Whether a unit is chosen in it.
    pub given: bool,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub enum Field {
    /// A matter: a box that searches while one types, and what was found.
    Matter { q: String, options: Vec<Choice>, needed: bool },
    /// Whom it is about: nobody, a unit, a name.
    Subject { kind: String, text: String, groups: Vec<Group>, needed: bool },
    /// The emergency lane.
    Urgent { on: bool },
    /// Several lines.
    Area { name: &'static str, label: String, hint: String, value: String, needed: bool },
    /// One line.
    Line { name: &'static str, label: String, hint: String, value: String, needed: bool },
    /// One unit.
    Unit { name: &'static str, label: String, groups: Vec<Group> },
    /// Helping units with their own deadlines.
    Co { rows: Vec<CoRow>, needed: bool },
    /// A length of time.
    Limit { label: String, amount: String, units: Vec<Choice>, needed: bool },
    /// Pictures.
    Photos { name: &'static str, label: String, hint: String, most: usize },
    /// One of a few, each with its words.
    Radios { name: &'static str, label: String, options: Vec<Choice>, faces: bool },
    /// One of several in a list.
    Select { name: &'static str, label: String, hint: String, options: Vec<Choice> },
    /// A day.
    Day { name: &'static str, label: String, value: String, least: String },
    /// For whom it is entered, by what, and when it happened.
    Behalf { unit: String, name: String, vias: Vec<Choice>, occurred: String },
}

/// A form.
#[derive(Clone, Debug)]
pub struct ActForm {
    /// The action's key, part of ids.
    pub key: String,
    /// The heading.
    pub title: String,
    /// The word on the button: the heading, where that is a deed.
    pub button: String,
    /// Where it is sent.
    pub href: String,
    /// The case.
    pub case: String,
    /// The version it was drawn on.
    pub version: i64,
    /// The part it acts on; blank for none.
    pub assignment: String,
    /// What stands above the fields: who reads the text, that it is one's own check.
    pub notes: Vec<String>,
    /// The fields.
    pub fields: Vec<Field>,
    /// Whether files are sent with it.
    pub files: bool,
    /// Whether the button is red.
    pub danger: bool,
    /// The question before it is sent; blank for none.
    pub confirm: String,
    /// What is quoted above the fields: label and text.
    pub quotes: Vec<(String, Vec<Span>)>,
}

/// A key of the bar.
#[derive(Clone, Debug)]
pub struct ActView {
    /// The action's key.
    pub key: String,
    /// The word on it.
    pub label: String,
    /// Its key as `data-key` wants it; blank for none.
    pub hotkey: String,
    /// Its key as printed.
    pub shown: String,
    /// Whether it is the likely next step.
    pub primary: bool,
    /// Where the form opens.
    pub href: String,
    /// Whether it is done by one press; hidden fields go with it.
    pub direct: Option<Vec<(String, String)>>,
    /// Whether it lies under "more".
    pub rare: bool,
    /// Whether it is entered for a unit 代录.
    pub behalf: bool,
}

/// One press is enough where nothing must be said; what may be said can be said by the form beside it.
const DIRECT: [&str; 6] = ["sign", "resume", "unshelve", "call_missed", "thank", "grant_pause"];
/// What is seldom done lies one press further away, so that the bar stays calm.
const RARE: [&str; 9] =
    ["withdraw", "void", "classify", "subject", "exempt", "supplement", "shelve", "close", "redispatch"];
/// What cannot be taken back by another act is asked about.
const ASKED: [&str; 3] = ["withdraw", "void", "refuse"];
/// Keys of the frame, which an action must not take, and what it gets instead.
const TAKEN: [(&str, &str); 3] = [("k", "w"), ("n", "b"), ("j", "z")];

fn hotkey(action: &Action) -> String {
    let key = action.hotkey.clone().unwrap_or_default();
    TAKEN.iter().find(|(taken, _)| *taken == key).map_or(key, |(_, free)| (*free).to_owned())
}

/// A key as it is printed.
#[must_use]
pub fn shown(key: &str) -> String {
    if key == "enter" { "\u{21b5}".to_owned() } else { key.to_uppercase() }
}

/// The bar for what is offered: the likely step first, the rest in the procedure's order.
#[must_use]
pub fn bar(w: &Words, case: &CaseState, offers: &[Offer<'_>]) -> Vec<ActView> {
    let mut out: Vec<ActView> = Vec::new();
    for offer in offers {
        let action = offer.action;
        let key = hotkey(action);
        let waiting = case.requests.iter().filter(|r| r.granted.is_none()).count();
        let one = DIRECT.contains(&action.key.as_str()) && offer.behalf.is_none() && waiting <= 1;
        let mut hidden = Vec::new();
        if let Some(part) = offer.assignment {
            hidden.push(("assignment".to_owned(), part.to_string()));
        }
        out.push(ActView {
            label: label(w, offer),
            shown: shown(&key),
            hotkey: key,
            primary: action.primary && offer.behalf.is_none(),
            href: format!("/cases/{}/act/{}", case.id, action.key),
            direct: one.then_some(hidden),
            rare: RARE.contains(&action.key.as_str()),
            behalf: offer.behalf.is_some(),
            key: action.key.clone(),
        });
    }
    // Two keys must not be the same: what comes first keeps it.
    let mut used: Vec<String> = Vec::new();
    for act in &mut out {
        if act.hotkey.is_empty() || act.behalf || used.contains(&act.hotkey) {
            act.hotkey.clear();
            act.shown.clear();
        } else {
            used.push(act.hotkey.clone());
        }
    }
    out.sort_by_key(|a| (!a.primary, a.behalf));
    out
}

fn label(w: &Words, offer: &Offer<'_>) -> String {
    let name = w.t_or(&word_key("action", &offer.action.key), &offer.action.key);
    if offer.behalf.is_some() { w.t1("action-entered-for", "action", name) } else { name }
}

/// What a form is drawn from.
pub struct Drawing<'a> {
    /// The words.
    pub w: &'a Words,
    /// Names for ids.
    pub names: &'a mut Names,
    /// The case as it is now.
    pub case: &'a CaseState,
    /// What was typed before, if the form comes back.
    pub typed: &'a Typed,
    /// The text of the first report, from which matters are guessed.
    pub text: &'a str,
}

/// The form of an offer.
///
/// # Errors
/// When the database refuses.
pub fn form(tx: &mut Tx<'_>, cx: &Cx, d: &mut Drawing<'_>, offer: &Offer<'_>) -> Result<ActForm> {
    let action = offer.action;
    let mut fields = Vec::new();
    if let Some(unit) = offer.behalf {
        fields.push(behalf(d, unit));
    }
    for input in action.needs.iter().chain(&action.takes) {
        let needed = action.needs.contains(input);
        if input == "photos" && action.key == "finish" {
            let (label, hint) = (d.w.t("input-photos-before"), d.w.t("hint-photos-before"));
            fields.push(Field::Photos { name: "photos_before", label, hint, most: 3 });
        }
        fields.extend(field(tx, cx, d, offer, input, needed)?);
    }
    let mut notes = Vec::new();
    if action.tells {
        notes.push(d.w.t("form-tells"));
    }
    if action.key == "finish" {
        notes.extend(waits_for(d));
    }
    if offer.own_check {
        notes.push(d.w.t("form-own-check"));
    }
    let asked = ASKED.contains(&action.key.as_str());
    let title = label(d.w, offer);
    Ok(ActForm {
        button: d.w.t_or(&word_key("submit", &action.key), &title),
        title,
        href: format!("/cases/{}/act/{}", d.case.id, action.key),
        case: d.case.id.to_string(),
        version: d.typed.id("version").unwrap_or(d.case.version),
        assignment: offer.assignment.map(|a| a.to_string()).unwrap_or_default(),
        notes,
        files: fields.iter().any(|f| matches!(f, Field::Photos { .. })),
        danger: asked,
        confirm: if asked { d.w.t(&word_key("confirm", &action.key)) } else { String::new() },
        quotes: quotes(d, offer),
        key: action.key.clone(),
        fields,
    })
}

/// The helpers without whose end the lead cannot finish, said before anything is typed.
fn waits_for(d: &Drawing<'_>) -> Option<String> {
    let open = d.case.assignments.iter().filter(|a| a.role == Role::Co && a.state.is_open());
    let units: Vec<String> = open.map(|a| d.names.unit(a.unit)).collect();
    (!units.is_empty()).then(|| d.w.t1("form-waits-for", "units", units.join(&d.w.t("list-joint"))))
}

/// What an approver or arbiter decides about, in the asker's own words.
fn quotes(d: &Drawing<'_>, offer: &Offer<'_>) -> Vec<(String, Vec<Span>)> {
    let decides = offer.action.needs.iter().any(|n| n == "request")
        || matches!(offer.action.key.as_str(), "uphold_return" | "reject_return");
    if !decides {
        return Vec::new();
    }
    let mut out = Vec::new();
    for request in d.case.requests.iter().filter(|r| r.granted.is_none()) {
        let unit = request.asked_unit.map(|u| d.names.unit(u)).unwrap_or_default();
        let what = d.w.t(&word_key("request", &request.kind));
        let mut text =
            d.w.ta("request-line", &[("unit", unit), ("what", what), ("when", d.w.when(request.asked_at))]);
        if let Some(limit) = request.limit {
            text.push_str(&d.w.t1("request-amount", "limit", clock::limit(d.w, limit)));
        }
        out.push((text, spans(d.w, &request.reason)));
        if !request.basis.is_empty() {
            out.push((d.w.t("said-basis"), spans(d.w, &request.basis)));
        }
    }
    out
}

fn behalf(d: &Drawing<'_>, unit: UnitId) -> Field {
    let chosen = d.typed.get("via");
    Field::Behalf {
        unit: unit.to_string(),
        name: d.names.unit(unit),
        vias: VIAS
            .iter()
            .map(|v| Choice {
                value: (*v).to_owned(),
                label: d.w.t(&word_key("via", v)),
                on: chosen == *v,
                ..Choice::default()
            })
            .collect(),
        occurred: d.typed.get("occurred").to_owned(),
    }
}

fn field(
    tx: &mut Tx<'_>,
    cx: &Cx,
    d: &mut Drawing<'_>,
    offer: &Offer<'_>,
    input: &str,
    needed: bool,
) -> Result<Option<Field>> {
    let key = &offer.action.key;
    let label = |d: &Drawing<'_>| {
        d.w.t_or(&word_key("input", format!("{key}-{input}")), &d.w.t(&format!("input-{input}")))
    };
    let hint = |d: &Drawing<'_>| {
        d.w.t_or(&word_key("hint", format!("{key}-{input}")), &d.w.t_or(&format!("hint-{input}"), ""))
    };
    let value = |d: &Drawing<'_>| d.typed.get(input).to_owned();
    let area =
        |d: &Drawing<'_>, name| Field::Area { name, label: label(d), hint: hint(d), value: value(d), needed };
    let line =
        |d: &Drawing<'_>, name| Field::Line { name, label: label(d), hint: hint(d), value: value(d), needed };
    Ok(Some(match input {
        "matter" => matter(tx, cx, d, needed)?,
        "subject" => subject(d, needed),
        "urgent" => Field::Urgent {
            on: if d.typed.is_empty() { d.case.urgent } else { d.typed.get("urgent") == "1" },
        },
        "note" => area(d, "note"),
        "reason" => area(d, "reason"),
        "basis" if key == "return_up" && d.typed.is_empty() => Field::Line {
            name: "basis",
            label: label(d),
            hint: hint(d),
            value: suggest::listed(tx, d.w, d.names, d.case)?,
            needed,
        },
        "basis" => line(d, "basis"),
        "missing" => line(d, "missing"),
        "reviewer" => line(d, "reviewer"),
        "route" => route(d, label(d))?,
        "lead" => {
            Field::Unit { name: "lead", label: label(d), groups: unit_groups(d, d.typed.get("lead"), true) }
        }
        "co" => co(d, needed),
        "limit" => limit(d, offer, label(d), needed),
        "photos" => Field::Photos { name: "photos", label: label(d), hint: hint(d), most: 6 },
        "request" => match request(d) {
            Some(field) => field,
            None => return Ok(None),
        },
        "until" => {
            Field::Day { name: "until", label: label(d), value: value(d), least: cx.today().plus(1).iso() }
        }
        "solved" => Field::Radios { name: "solved", label: label(d), options: yes_no(d), faces: false },
        "satisfied" => Field::Radios { name: "satisfied", label: label(d), options: scores(d), faces: true },
        _ => return Ok(None),
    }))
}

fn yes_no(d: &Drawing<'_>) -> Vec<Choice> {
    let chosen = d.typed.get("solved");
    ["yes", "no"]
        .map(|v| Choice {
            value: v.to_owned(),
            label: d.w.t(&format!("solved-{v}")),
            on: chosen == v,
            ..Choice::default()
        })
        .into()
}

fn scores(d: &Drawing<'_>) -> Vec<Choice> {
    let chosen = d.typed.get("satisfied");
    (1..=5)
        .map(|n| Choice {
            value: n.to_string(),
            label: d.w.t(&format!("satisfied-{n}")),
            on: chosen == n.to_string(),
            ..Choice::default()
        })
        .collect()
}

/// The matters that fit: the one chosen, then what was typed, else what the text itself suggests.
fn matter(tx: &mut Tx<'_>, cx: &Cx, d: &mut Drawing<'_>, needed: bool) -> Result<Field> {
    let q = d.typed.get("matter_q").to_owned();
    let chosen = d.typed.id("matter").or_else(|| d.typed.is_empty().then_some(d.case.matter?.0));
    let typed = if q.is_empty() { d.text } else { &q };
    let options = matter_choices(tx, cx, d.w, d.names, typed, chosen, 6)?;
    Ok(Field::Matter { q, options, needed })
}

/// What a search for matters offers, each with its limit and how it is checked. The one that was chosen stays,
/// in front where the search does not find it.
///
/// # Errors
/// When the database refuses.
pub fn matter_choices(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    typed: &str,
    chosen: Option<i64>,
    most: usize,
) -> Result<Vec<Choice>> {
    let typed: String = typed.chars().take(200).collect();
    let found = match typed.trim() {
        "" => Vec::new(),
        typed => catalogue::service::find_matters(tx, cx, cx.today(), typed)?,
    };
    let mut options: Vec<Choice> =
        found.iter().take(most).map(|m| matter_choice(w, m, Some(m.id.0) == chosen)).collect();
    if let Some(id) = chosen
        && !options.iter().any(|o| o.on)
    {
        let matter = names.matter(tx, kernel::MatterId(id))?.clone();
        options.insert(0, matter_choice(w, &matter, true));
    }
    Ok(options)
}

fn matter_choice(w: &Words, m: &catalogue::model::Matter, on: bool) -> Choice {
    let condition = if m.limit_condition.is_empty() {
        String::new()
    } else {
        w.t1("matter-condition", "condition", m.limit_condition.get(w.locale))
    };
    Choice {
        value: m.id.to_string(),
        label: format!("{} {}{condition}", m.code, m.names.get(w.locale)),
        hint: w.ta(
            "matter-hint",
            &[
                ("class", m.class.get(w.locale).to_owned()),
                ("limit", clock::limit(w, m.handle_limit)),
                ("verify", w.t(&format!("matter-verify-{}", m.verify.as_str()))),
            ],
        ),
        on,
    }
}

fn subject(d: &Drawing<'_>, needed: bool) -> Field {
    let given = match (d.typed.is_empty(), d.case.subject_known, d.case.subject_unit, &d.case.subject_text) {
        (false, ..) => (
            d.typed.get("subject").to_owned(),
            d.typed.get("subject_unit").to_owned(),
            d.typed.get("subject_text").to_owned(),
        ),
        (true, true, Some(unit), _) => ("unit".to_owned(), unit.to_string(), String::new()),
        (true, true, None, Some(text)) => ("named".to_owned(), String::new(), text.clone()),
        (true, true, None, None) => ("none".to_owned(), String::new(), String::new()),
        (true, false, ..) => Default::default(),
    };
    Field::Subject { kind: given.0, text: given.2, groups: unit_groups(d, &given.1, false), needed }
}

/// Active units under their kinds; the subject of the complaint and those under it are not offered for handling.
fn unit_groups(d: &Drawing<'_>, chosen: &str, to_handle: bool) -> Vec<Group> {
    UNIT_KINDS
        .iter()
        .map(|kind| Group {
            label: d.w.t_or(&format!("unit-kind-{}", kind.replace('_', "-")), kind),
            options: d
                .names
                .active_units()
                .into_iter()
                .filter(|u| u.kind == *kind)
                .filter(|u| {
                    !to_handle || d.case.subject_unit.is_none_or(|subject| !d.names.is_under(u.id, subject))
                })
                .map(|u| Choice {
                    value: u.id.to_string(),
                    label: u.short.clone(),
                    on: chosen == u.id.to_string(),
                    ..Choice::default()
                })
                .collect(),
        })
        .filter(|g| !g.options.is_empty())
        .collect()
}

fn units_of_time(w: &Words, chosen: &str) -> Vec<Choice> {
    LimitUnit::ALL
        .iter()
        .map(|u| Choice {
            value: u.as_str().to_owned(),
            label: w.t(&word_key("limit-unit", u.as_str())),
            on: chosen == u.as_str(),
            ..Choice::default()
        })
        .collect()
}

fn co(d: &Drawing<'_>, needed: bool) -> Field {
    let (units, amounts, of): (Vec<&str>, Vec<&str>, Vec<&str>) =
        (d.typed.all("co").collect(), d.typed.all("co_amount").collect(), d.typed.all("co_unit").collect());
    let at = |list: &[&str], i: usize| list.get(i).copied().unwrap_or_default().to_owned();
    let rows = (0..CO_ROWS)
        .map(|i| CoRow {
            given: !at(&units, i).is_empty(),
            groups: unit_groups(d, &at(&units, i), true),
            amount: at(&amounts, i),
            units: units_of_time(
                d.w,
                Some(at(&of, i)).filter(|u| !u.is_empty()).as_deref().unwrap_or("work_day"),
            ),
        })
        .collect();
    Field::Co { rows, needed }
}

/// An extension is in the clock's own unit, so that the sum can be explained.
fn limit(d: &Drawing<'_>, offer: &Offer<'_>, label: String, needed: bool) -> Field {
    let own = d
        .case
        .open_clocks()
        .find(|c| c.kind == "handle" && c.assignment == offer.assignment)
        .map(|c| c.limit.unit);
    let units = match own.filter(|_| offer.action.key == "ask_extension") {
        Some(unit) => units_of_time(d.w, unit.as_str()).into_iter().filter(|c| c.on).collect(),
        None => units_of_time(
            d.w,
            Some(d.typed.get("limit_unit")).filter(|u| !u.is_empty()).unwrap_or("work_day"),
        ),
    };
    Field::Limit { label, amount: d.typed.get("limit_amount").to_owned(), units, needed }
}

fn route(d: &Drawing<'_>, label: String) -> Result<Field> {
    let chosen = d.typed.get("route");
    let options = catalogue::service::refusal_routes()?
        .iter()
        .map(|r| Choice {
            value: r.code.clone(),
            label: r.names.get(d.w.locale).to_owned(),
            hint: r.routes.get(d.w.locale).to_owned(),
            on: chosen == r.code,
        })
        .collect();
    Ok(Field::Select { name: "route", label, hint: d.w.t("hint-route"), options })
}

/// Only where several requests wait must one be named.
fn request(d: &Drawing<'_>) -> Option<Field> {
    let waiting: Vec<_> = d.case.requests.iter().filter(|r| r.granted.is_none()).collect();
    if waiting.len() < 2 {
        return None;
    }
    let chosen = d.typed.get("request");
    let options = waiting
        .iter()
        .map(|r| Choice {
            value: r.id.to_string(),
            label: format!(
                "{} {}",
                r.asked_unit.map(|u| d.names.unit(u)).unwrap_or_default(),
                d.w.t(&word_key("request", &r.kind))
            ),
            hint: r.reason.clone(),
            on: chosen == r.id.to_string(),
        })
        .collect();
    Some(Field::Radios { name: "request", label: d.w.t("input-request"), options, faces: false })
}
