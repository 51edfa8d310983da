//! What happened to a case, in words, for staff: who, when, for which unit, entered by whom and when.

use super::super::names::Names;
use super::clock;
use super::word_key;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::procedures::alarms::{Alarm, Level};
use crate::features::procedures::state::{Act, CaseState, Effect, Role};
use crate::features::procedures::timeline::Entry;
use crate::words::Words;
use kernel::{Ts, UnitId};
use store::{Result, Tx};

/// The entries of one local day.
#[derive(Clone, Debug)]
pub struct DayView {
    /// The day in words.
    pub day: String,
    /// Its entries.
    pub entries: Vec<EntryView>,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct EntryView {
    /// The time of day.
    pub time: String,
    /// `sys`, `is-red` or blank.
    pub class: &'static str,
    /// Who did what.
    pub text: String,
    /// Texts and facts below it.
    pub lines: Vec<Line>,
    /// Pictures that came with it.
    pub photos: usize,
    /// Entered later than it happened, or for somebody else; blank otherwise.
    pub mark: String,
}

/// A line below an entry: a label and a text in which identifiers are chips.
#[derive(Clone, Debug)]
pub struct Line {
    /// For example 理由; blank for a plain fact.
    pub label: String,
    /// The text in pieces.
    pub text: Vec<Span>,
}

/// A piece of a text; an identifier that was taken out is told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Whether it stands for something that was taken out.
    pub hidden: bool,
}

/// A text with its chips told apart: 〔电话1〕 becomes 电话已隐去.
#[must_use]
pub fn spans(w: &Words, text: &str) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{3014}') {
        let chip =
            after.split_once('\u{3015}').and_then(|(inner, tail)| kind_of(inner).map(|kind| (kind, tail)));
        match chip {
            Some((kind, tail)) => {
                push(&mut out, before);
                out.push(Span { text: w.t(&word_key("mask", kind)), hidden: true });
                rest = tail;
            }
            None => {
                push(&mut out, &rest[..before.len() + '\u{3014}'.len_utf8()]);
                rest = after;
            }
        }
    }
    push(&mut out, rest);
    out
}

fn push(out: &mut Vec<Span>, text: &str) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last) if !last.hidden => last.text.push_str(text),
        _ => out.push(Span { text: text.to_owned(), hidden: false }),
    }
}

fn kind_of(inner: &str) -> Option<&'static str> {
    text::identifiers::KINDS.into_iter().find_map(|kind| {
        let n = inner.strip_prefix(kind.label())?;
        (!n.is_empty() && n.len() <= 6 && n.bytes().all(|b| b.is_ascii_digit())).then(|| kind.key())
    })
}

/// The whole timeline, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn view(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
    entries: &[Entry],
) -> Result<Vec<DayView>> {
    names.know(tx, entries.iter().filter_map(|e| e.event.account))?;
    let mut out: Vec<DayView> = Vec::new();
    for entry in entries {
        let Some(view) = entry_view(tx, cx, w, names, case, entry)? else { continue };
        let day = w.day(entry.event.occurred_at.day(&w.tz));
        match out.last_mut() {
            Some(last) if last.day == day => last.entries.push(view),
            _ => out.push(DayView { day, entries: vec![view] }),
        }
    }
    Ok(out)
}

fn entry_view(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
    entry: &Entry,
) -> Result<Option<EntryView>> {
    let mut lines = Vec::new();
    let (text, class, photos) = match (&entry.act, &entry.alarm) {
        (Some(act), _) => {
            if matches!(act.action.as_str(), "upper" | "rebased") && act.effects.is_empty() {
                return Ok(None);
            }
            facts(tx, cx, w, names, act, &mut lines)?;
            said(w, names, act, &mut lines)?;
            let what = did(w, act, entry.event.source == "public");
            let system = entry.event.account.is_none() && entry.event.source != "public";
            (
                w.t2("entry", ("who", &who(w, names, entry)), ("did", &what)),
                if system { "sys" } else { class_of(act) },
                act.photos.len(),
            )
        }
        (None, Some(alarm)) => (
            alarm_text(w, names, case, alarm),
            if alarm.level == Level::Warning { "sys" } else { "is-red" },
            0,
        ),
        (None, None) => return Ok(None),
    };
    let at = entry.event.occurred_at.zoned(&w.tz);
    Ok(Some(EntryView {
        time: format!("{:02}:{:02}", at.hour(), at.minute()),
        class,
        text,
        lines,
        photos,
        mark: mark(w, names, entry),
    }))
}

fn class_of(act: &Act) -> &'static str {
    if matches!(act.action.as_str(), "return" | "fail" | "reopen" | "call_reopen") { "is-red" } else { "" }
}

/// What was done, in words.
#[must_use]
pub fn did(w: &Words, act: &Act, by_requester: bool) -> String {
    if act.action == "open" {
        let channel = act
            .effects
            .iter()
            .find_map(|e| if let Effect::Open(o) = e { Some(o.channel.clone()) } else { None });
        let channel = channel.unwrap_or_default();
        let key = if by_requester { "did-open-self" } else { "did-open" };
        return w.t1(key, "channel", w.t_or(&word_key("channel", &channel), &channel));
    }
    let key = word_key("did", &act.action);
    if w.has(&key) { w.t(&key) } else { w.t_or(&word_key("action", &act.action), &act.action) }
}

/// Which deadline, and whose where it hangs on a unit's part.
fn alarm_text(w: &Words, names: &Names, case: &CaseState, alarm: &Alarm) -> String {
    let part = case.clocks.iter().find(|c| c.id == alarm.clock).and_then(|c| c.assignment);
    let unit = part.and_then(|id| case.assignments.iter().find(|a| a.id == id)).map(|a| names.unit(a.unit));
    let kind = w.t(&word_key("clock", &alarm.kind));
    let clock = unit.map_or(kind.clone(), |unit| w.t2("clock-of-unit", ("clock", &kind), ("unit", &unit)));
    let key = match alarm.level {
        Level::Warning => "did-alarm-warning",
        Level::Overdue => "did-alarm-overdue",
        Level::Escalated => "did-alarm-escalated",
    };
    w.t1(key, "clock", clock)
}

/// Unit and name; for what the requester or the program did, who that was.
#[must_use]
pub fn who(w: &Words, names: &Names, entry: &Entry) -> String {
    let unit = entry.unit().map(|u| names.unit(u)).unwrap_or_default();
    match entry.event.account {
        None if entry.event.source == "public" => w.t("who-requester"),
        None if entry.event.source == "import" => w.t("who-import"),
        None if entry.event.source == "link" => unit,
        None => w.t("who-system"),
        Some(_) if entry.event.behalf.is_some() => unit,
        Some(id) => format!("{unit} {}", names.person(id)).trim().to_owned(),
    }
}

/// 代录 and late entry, both with who and when.
fn mark(w: &Words, names: &Names, entry: &Entry) -> String {
    let person = entry.event.account.map(|id| names.person(id).to_owned()).unwrap_or_default();
    let when = w.when(entry.event.recorded_at);
    if entry.event.behalf.is_some() {
        let via = entry.act.as_ref().and_then(|a| a.said.via.clone());
        let via = via.map_or_else(|| w.t("via-none"), |v| w.t_or(&word_key("via", &v), &v));
        return w.ta("entered-for", &[("person", person), ("via", via), ("when", when)]);
    }
    if entry.event.source == "link" {
        return w.t1("entered-link", "when", when);
    }
    if entry.event.source == "import" {
        return w.t1("entered-import", "when", when);
    }
    if entry.is_late_entry() {
        w.t2("entered-late", ("person", &person), ("when", &when))
    } else {
        String::new()
    }
}

/// What the act brought about, as far as a reader wants to know.
fn facts(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    act: &Act,
    lines: &mut Vec<Line>,
) -> Result<()> {
    let list = |names: &Names, units: &[UnitId]| {
        units.iter().map(|u| names.unit(*u)).collect::<Vec<_>>().join(&w.t("list-joint"))
    };
    let assigned = |role: Role| -> Vec<UnitId> {
        let of = |e: &Effect| match e {
            Effect::Assign { unit, role: r, .. } if *r == role => Some(*unit),
            _ => None,
        };
        act.effects.iter().filter_map(of).collect()
    };
    let mut add = |label: &str, text: String| {
        lines.push(Line {
            label: if label.is_empty() { String::new() } else { w.t(label) },
            text: vec![Span { text, hidden: false }],
        });
    };
    let (lead, co) = (assigned(Role::Lead), assigned(Role::Co));
    if !lead.is_empty() {
        add("role-lead", list(names, &lead));
    }
    if !co.is_empty() {
        add("role-co", list(names, &co));
    }
    for effect in &act.effects {
        match effect {
            Effect::Matter(m) => {
                let name = names.matter_name(tx, Some(m.id))?;
                add("fact-matter", format!("{} {name}", m.code));
            }
            Effect::Subject { unit: Some(unit), .. } => add("fact-subject", names.unit(*unit)),
            Effect::Subject { text: Some(text), .. } => add("fact-subject", text.clone()),
            Effect::Urgent(true) => add("", w.t("fact-urgent")),
            Effect::Urgent(false) => add("", w.t("fact-not-urgent")),
            Effect::Asked { limit: Some(limit), .. } => add("fact-asked", clock::limit(w, *limit)),
            Effect::ClockExtend { due: Some(due), .. } => add("fact-extended", w.when(*due)),
            Effect::ClockRebase { kind, was, due, expected, .. } => {
                add("fact-rebased", rebased(w, kind, *was, (*due, *expected)))
            }
            Effect::ClockCap { kind, was, due: Some(due), expected, .. } if *was != Some(*due) => {
                add("fact-rebased", rebased(w, kind, *was, (*due, *expected)))
            }
            Effect::UpperDue(Some(due)) => add("fact-upper-due", w.when(*due)),
            Effect::Outcome(outcome) => add("fact-outcome", w.t_or(&format!("outcome-{outcome}"), outcome)),
            Effect::TimesUnknown => add("", w.t("fact-times-unknown")),
            Effect::Shelved { until } => {
                add("fact-until", w.full_day(*until, until.0 / 10_000 != cx.today().0 / 10_000))
            }
            Effect::Verified { by_other: false } => add("", w.t("fact-own-check")),
            Effect::Call { answered: false, .. } => add("", w.t("fact-not-reached")),
            Effect::Call { solved, satisfied, .. } => {
                if let Some(solved) = solved {
                    add("", w.t(if *solved { "fact-solved" } else { "fact-not-solved" }));
                }
                if let Some(n) = satisfied {
                    add("fact-satisfied", w.t(&format!("satisfied-{n}")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A clock that a new calendar or other hours moved: from when to when.
fn rebased(w: &Words, kind: &str, was: Option<Ts>, (due, expected): (Ts, bool)) -> String {
    let to = if expected { w.t1("due-expected", "when", w.when(due)) } else { w.when(due) };
    let clock = w.t_or(&word_key("clock", kind), "");
    match was.filter(|was| *was != due) {
        Some(was) => w.ta("fact-rebased-from", &[("clock", clock), ("from", w.when(was)), ("to", to)]),
        None => w.t2("fact-rebased-to", ("clock", &clock), ("to", &to)),
    }
}

/// What was said with it.
fn said(w: &Words, names: &Names, act: &Act, lines: &mut Vec<Line>) -> Result<()> {
    let mut add = |label: &str, text: &Option<String>| {
        if let Some(text) = text {
            lines.push(Line {
                label: if label.is_empty() { String::new() } else { w.t(label) },
                text: spans(w, text),
            });
        }
    };
    add("", &act.said.note);
    add("said-reason", &act.said.reason);
    add("said-basis", &act.said.basis);
    add("said-missing", &act.said.missing);
    add("said-reviewer", &act.said.reviewer);
    if let Some(code) = &act.said.route {
        let routes = catalogue::service::refusal_routes()?;
        let text = routes.iter().find(|r| r.code == *code).map_or_else(
            || code.clone(),
            |r| format!("{}: {}", r.names.get(names.locale()), r.routes.get(names.locale())),
        );
        add("said-route", &Some(text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;
    use kernel::Ts;

    #[test]
    fn chips_are_told_apart_and_other_brackets_stay() {
        let w = Words::new(Locale::Zh, &jiff::tz::TimeZone::UTC, Ts(0));
        let sealed = text::identifiers::seal("请联系 19900002041 王女士〔三楼〕").masked;
        let spans = spans(&w, &sealed);
        assert_eq!(spans.len(), 3, "{spans:?}");
        assert!(spans[1].hidden && spans[2].text.ends_with("〔三楼〕"));
    }
}
