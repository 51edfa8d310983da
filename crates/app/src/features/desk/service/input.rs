//! What was typed into an action's form, read into the engine's inputs; and what was typed, kept for the case
//! that the form is shown again.

use crate::context::Cx;
use crate::features::procedures::model::{CoUnit, Input, Subject};
use kernel::{AssignmentId, Day, MatterId, Refusal, RequestId, Ts, UnitId};
use worktime::Limit;

/// The text fields of a form, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(pub Vec<(String, String)>);

impl Typed {
    /// The first value of a field; blank when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the form was sent at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text that was given.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim().to_owned()).filter(|t| !t.is_empty())
    }

    /// An id that was given; one that is none counts as not given.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<i64> {
        self.get(name).trim().parse().ok()
    }

    /// What decides the effect of the act, without tokens and keys.
    #[must_use]
    pub fn essence(&self) -> Vec<(&str, &str)> {
        const OUT: [&str; 4] = ["csrf", "idem", "from", "confirmed"];
        self.0
            .iter()
            .filter(|(n, _)| !OUT.contains(&n.as_str()))
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect()
    }
}

/// Reads the inputs; pictures are added by the caller, who stores them.
///
/// # Errors
/// What cannot be read, at its field.
pub fn read(typed: &Typed) -> Result<Input, Refusal> {
    Ok(Input {
        note: typed.text("note"),
        reason: typed.text("reason"),
        basis: typed.text("basis"),
        route: typed.text("route"),
        matter: typed.id("matter").map(MatterId),
        subject: subject(typed)?,
        urgent: urgent(typed),
        lead: typed.id("lead").map(UnitId),
        co: co_units(typed)?,
        limit: limit(typed.get("limit_amount"), typed.get("limit_unit"), "limit")?,
        photos: Vec::new(),
        assignment: typed.id("assignment").map(AssignmentId),
        request: typed.id("request").map(RequestId),
        until: day(typed)?,
        missing: typed.text("missing"),
        reviewer: typed.text("reviewer"),
        solved: yes_no(typed.get("solved")),
        satisfied: typed.id("satisfied"),
        via: typed.text("via"),
        given: None,
    })
}

fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// A tick that is not there says "no" only where the form had it.
fn urgent(typed: &Typed) -> Option<bool> {
    match typed.get("urgent") {
        "1" => Some(true),
        _ if typed.get("asks_urgent") == "1" => Some(false),
        _ => None,
    }
}

fn subject(typed: &Typed) -> Result<Option<Subject>, Refusal> {
    match typed.get("subject") {
        "none" => Ok(Some(Subject::None)),
        "unit" => match typed.id("subject_unit") {
            Some(id) => Ok(Some(Subject::Unit(UnitId(id)))),
            None => Err(Refusal::missing("subject")),
        },
        "named" => match typed.text("subject_text") {
            Some(text) if text.chars().count() <= 100 => Ok(Some(Subject::Named(text))),
            Some(_) => Err(Refusal::rule("desk.subject.long").on("subject").with("most", 100)),
            None => Err(Refusal::missing("subject")),
        },
        _ => Ok(None),
    }
}

fn co_units(typed: &Typed) -> Result<Vec<CoUnit>, Refusal> {
    let amounts: Vec<&str> = typed.all("co_amount").collect();
    let units: Vec<&str> = typed.all("co_unit").collect();
    let mut out: Vec<CoUnit> = Vec::new();
    for (i, text) in typed.all("co").enumerate() {
        let Ok(id) = text.trim().parse::<i64>() else { continue };
        let amount = amounts.get(i).copied().unwrap_or_default();
        let unit = units.get(i).copied().unwrap_or_default();
        if out.iter().any(|c| c.unit == UnitId(id)) {
            return Err(Refusal::rule("desk.co.twice").on("co"));
        }
        out.push(CoUnit { unit: UnitId(id), limit: limit(amount, unit, "co")? });
    }
    Ok(out)
}

/// An amount and its unit; blank is none.
fn limit(amount: &str, unit: &str, field: &'static str) -> Result<Option<Limit>, Refusal> {
    let amount = amount.trim();
    if amount.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::rule("desk.limit.unreadable").on(field).with("text", amount);
    let limit = Limit::parse(&format!("{unit}:{amount}")).map_err(|_| wrong())?;
    if limit.amount > 0 { Ok(Some(limit)) } else { Err(wrong()) }
}

fn day(typed: &Typed) -> Result<Option<Day>, Refusal> {
    match typed.text("until") {
        None => Ok(None),
        Some(text) => Day::parse(&text)
            .map(Some)
            .ok_or_else(|| Refusal::rule("cases.list.not_a_day").on("until").with("text", text)),
    }
}

/// The context of an entry for somebody else 代录: the unit, and when it really happened.
///
/// # Errors
/// A time that cannot be read, lies in the future, or before `least`.
pub fn entered(cx: &Cx, typed: &Typed, least: Ts) -> Result<Cx, Refusal> {
    let behalf = typed.id("behalf").map(UnitId);
    if behalf.is_some() && typed.text("via").is_none() {
        return Err(Refusal::missing("via"));
    }
    let occurred = match typed.text("occurred") {
        None => None,
        Some(text) => Some(instant(cx, &text)?),
    };
    if let Some(at) = occurred {
        if at > cx.now {
            return Err(Refusal::rule("desk.occurred.future").on("occurred"));
        }
        if at < least {
            return Err(Refusal::rule("desk.occurred.too_early").on("occurred"));
        }
    }
    Ok(Cx { behalf, occurred, ..cx.clone() })
}

/// Reads a local date and time as a browser gives it: `2026-03-12T15:24`.
///
/// # Errors
/// `desk.occurred.unreadable`.
pub fn instant(cx: &Cx, text: &str) -> Result<Ts, Refusal> {
    let wrong = || Refusal::rule("desk.occurred.unreadable").on("occurred").with("text", text);
    Ts::parse_local(text.trim(), &cx.office.tz).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        Typed(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn helpers_keep_their_own_deadlines_though_a_row_is_blank() {
        let input = read(&typed(&[
            ("lead", "11"),
            ("co", ""),
            ("co_amount", ""),
            ("co_unit", "work_day"),
            ("co", "12"),
            ("co_amount", "1.5"),
            ("co_unit", "work_day"),
        ]))
        .unwrap();
        assert_eq!(input.lead, Some(UnitId(11)));
        assert_eq!(
            input.co,
            vec![CoUnit { unit: UnitId(12), limit: Some(Limit::parse("work_day:1.5").unwrap()) }]
        );
        let twice = read(&typed(&[("co", "12"), ("co", "12")])).unwrap_err();
        assert_eq!(twice.code, "desk.co.twice");
    }

    #[test]
    fn a_subject_named_but_left_blank_is_asked_for() {
        assert_eq!(read(&typed(&[("subject", "none")])).unwrap().subject, Some(Subject::None));
        assert_eq!(
            read(&typed(&[("subject", "named"), ("subject_text", " ")])).unwrap_err().field,
            Some("subject")
        );
        assert_eq!(read(&typed(&[])).unwrap().subject, None);
    }

    #[test]
    fn an_untouched_tick_says_no_only_where_the_form_has_it() {
        assert_eq!(read(&typed(&[("asks_urgent", "1")])).unwrap().urgent, Some(false));
        assert_eq!(read(&typed(&[("asks_urgent", "1"), ("urgent", "1")])).unwrap().urgent, Some(true));
        assert_eq!(read(&typed(&[])).unwrap().urgent, None);
    }
}
