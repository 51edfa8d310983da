//! A case as a line of a list: title, what is left, and what one has to know before opening it.

use super::super::model::{CaseRow, Light, Queue, RowClock};
use super::super::names::Names;
use super::clock::standing;
use super::word_key;
use crate::context::Cx;
use crate::words::Words;
use kernel::UnitId;
use store::{Result, Tx};

/// A piece of the second line; what is `strong` stands out.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// An upper record, an urgent case.
    pub strong: bool,
}

/// A line of a list.
#[derive(Clone, Debug, Default)]
pub struct RowView {
    /// The case's id.
    pub id: String,
    /// Where it opens.
    pub href: String,
    /// `is-red`, `is-amber`, `is-green` or blank.
    pub class: &'static str,
    /// The title.
    pub title: String,
    /// The number.
    pub no: String,
    /// What is left, or what it has become.
    pub due: String,
    /// The second line.
    pub meta: Vec<Piece>,
    /// In which of one's hats it is here; blank where the list has only one.
    pub hat: String,
    /// The state in words, for tables.
    pub state: String,
    /// Where.
    pub place: String,
    /// The matter.
    pub matter: String,
    /// The unit that leads.
    pub unit: String,
    /// How it came in.
    pub channel: String,
    /// When it came in.
    pub opened: String,
    /// Urgent, supervised, returned: short words.
    pub flags: Vec<String>,
    /// The version on screen, for bulk acts.
    pub version: i64,
    /// Whether it is the one shown beside the list.
    pub current: bool,
}

impl RowView {
    /// The class of a lamp.
    #[must_use]
    pub fn lamp(&self) -> &str {
        self.class.strip_prefix("is-").unwrap_or_default()
    }
}

/// Draws a row for a viewer; in a queue the clock of that queue counts, elsewhere the next one due.
///
/// # Errors
/// When the database refuses.
pub fn view(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    row: &CaseRow,
    queue: Option<Queue>,
) -> Result<RowView> {
    let matter = names.matter_name(tx, row.matter)?;
    let (light, due) = due(cx, w, row, queue);
    let unit = row.lead.map(|u| names.unit(u)).unwrap_or_default();
    let state = state_of(w, row);
    let channel = w.t_or(&word_key("channel", &row.channel), &row.channel);
    let place = names.place_of(row);
    let mut meta: Vec<Piece> = Vec::new();
    let mut add = |text: String, strong: bool| {
        if !text.is_empty() {
            meta.push(Piece { text, strong });
        }
    };
    // The upper deadline comes first: it is the one that counts outside (REAL-DAYS 1).
    for (system, number, until) in &row.more.uppers {
        add(w.t2("row-upper", ("system", system), ("number", number)), false);
        add(
            until.map(|at| w.t1("row-upper-due", "when", w.when(at))).unwrap_or_default(),
            until.is_some_and(|at| at < cx.now),
        );
    }
    if row.more.uppers.is_empty()
        && let Some(at) = row.upper_due
    {
        add(
            w.t1("row-upper-due", "when", w.when(at)),
            super::super::OPEN_PHASES.contains(&row.phase.as_str()) && at < cx.now,
        );
    }
    add(place.clone(), false);
    add(
        if matter.is_empty() {
            w.t_or(&format!("matter-kind-{}", row.kind), &row.kind)
        } else {
            matter.clone()
        },
        false,
    );
    add(unit.clone(), false);
    add(channel.clone(), false);
    add(if row.reports > 1 { w.t1("row-reports", "n", row.reports) } else { String::new() }, false);
    add(if row.more.photos > 0 { w.t1("row-photos", "n", row.more.photos) } else { String::new() }, false);
    let flags = flags(w, row);
    Ok(RowView {
        id: row.id.to_string(),
        href: format!("/cases/{}", row.id),
        class: light.row_class(),
        title: row.title.clone(),
        no: row.no.clone(),
        due,
        meta,
        hat: String::new(),
        state,
        place,
        matter,
        unit,
        channel,
        opened: w.when(row.opened_at),
        flags,
        version: row.version,
        current: false,
    })
}

/// Rows of one page.
///
/// # Errors
/// When the database refuses.
pub fn views(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    rows: &[CaseRow],
    queue: Option<Queue>,
) -> Result<Vec<RowView>> {
    rows.iter().map(|row| view(tx, cx, w, names, row, queue)).collect()
}

fn flags(w: &Words, row: &CaseRow) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |is: bool, key: &str, n: i64| {
        if is {
            out.push(w.t1(key, "n", n));
        }
    };
    add(row.urgent, "flag-urgent", 1);
    add(row.supervised, "flag-supervised", 1);
    add(row.reopens > 0, "flag-reopened", row.reopens);
    add(row.reworks > 0, "flag-rework", row.reworks);
    add(row.returns > 0, "flag-returned", row.returns);
    add(row.urges > 0, "flag-urged", row.urges);
    for ask in &row.more.asks {
        add(matches!(ask.as_str(), "extension" | "pause"), &word_key("flag-asks", ask), 1);
    }
    add(row.class == "petition", "flag-petition", 1);
    add(row.class == "report", "flag-report", 1);
    out
}

/// The phase in words; how it ended where it ended by another way than the full round.
#[must_use]
pub fn state_of(w: &Words, row: &CaseRow) -> String {
    match &row.ended {
        None if row.phase == "closed" && row.handle_late == Some(true) => w.t("phase-closed-late"),
        Some(how) => w.t_or(&word_key("ended", how), &w.t(&word_key("phase", &row.phase))),
        None => w.t(&word_key("phase", &row.phase)),
    }
}

fn due(cx: &Cx, w: &Words, row: &CaseRow, queue: Option<Queue>) -> (Light, String) {
    if let Some(at) = row.closed_at {
        let light = if row.handle_late == Some(true) { Light::Red } else { Light::Grey };
        return (light, w.t2("row-over", ("state", &state_of(w, row)), ("when", &w.when(at))));
    }
    if row.phase == "shelved" {
        let until = row.shelved_until.map(|d| w.day(d)).unwrap_or_default();
        return (Light::Grey, w.t1("row-shelved", "until", until));
    }
    if row.phase == "paused" {
        return (Light::Grey, w.t("phase-paused"));
    }
    let mine = |c: &&RowClock| match (queue, c.part) {
        (Some(Queue::Sign | Queue::Handle), Some(part)) => {
            row.more.parts.iter().any(|p| p.id == part && is_own(cx, p.unit))
        }
        _ => true,
    };
    let of_queue = queue.and_then(|q| {
        row.more
            .clocks
            .iter()
            .filter(|c| c.kind == q.clock() && c.due.is_some())
            .filter(mine)
            .min_by_key(|c| c.due)
    });
    let next = of_queue.or_else(|| row.more.clocks.iter().filter(|c| c.due.is_some()).min_by_key(|c| c.due));
    let own = next.and_then(|c| Some((w.t(&word_key("clock", &c.kind)), c.due?, c.expected)));
    // Without a clock of its own, as after an import, the upper deadline is the one there is.
    let open = super::super::OPEN_PHASES.contains(&row.phase.as_str());
    let upper = row.upper_due.filter(|_| open).map(|at| (w.t("fact-upper-due"), at, false));
    let Some((name, at, expected)) = own.or(upper) else {
        return (Light::Grey, state_of(w, row));
    };
    let (light, text) = standing(w, at, expected, cx.now);
    let text = match light {
        Light::Red => w.t2("row-late", ("clock", &name), ("late", &text)),
        _ if of_queue.is_some() => text,
        _ => w.t2("row-due", ("clock", &name), ("due", &text)),
    };
    (light, text)
}

/// Whether a unit is one of the viewer's.
#[must_use]
pub fn is_own(cx: &Cx, unit: UnitId) -> bool {
    cx.actor.units.contains(&unit)
}
