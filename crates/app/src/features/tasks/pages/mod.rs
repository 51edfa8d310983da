//! The pages of tasks, and the pieces that several of them share.

pub mod answer;
pub mod collated;
pub mod give;
pub mod list;
pub mod show;

use super::collate;
use super::files;
use super::model::{File, NewFile, Receiver, Task};
use crate::context::Cx;
use crate::web::{Staff, Upload, UploadedFile, WebError};
use crate::words::Words;
use kernel::{Day, Refusal, Ts};

/// A choice of a form.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) on: bool,
}

/// A file as a page names it.
pub(super) struct FileView {
    pub(super) href: String,
    pub(super) name: String,
    /// The address of a small copy; blank for what is no picture.
    pub(super) small: String,
}

pub(super) fn file_view(task: &Task, file: &File) -> FileView {
    let href = format!("/tasks/{}/files/{}", task.id, file.id);
    let small = if file.mime == "image/jpeg" { format!("{href}?small=1") } else { String::new() };
    FileView { href, name: file.name.clone(), small }
}

/// Reads a local date and time as a browser gives it.
pub(super) fn instant(cx: &Cx, text: &str, field: &'static str) -> Result<Ts, Refusal> {
    Ts::parse_local(text.trim(), &cx.office.tz).ok_or_else(|| Refusal::rule("tasks.instant").on(field))
}

/// When the office closes on the working days from now on.
fn closings(cx: &Cx) -> impl Iterator<Item = (Day, Ts)> + '_ {
    let rules = &cx.office.rules;
    let end = rules.hours.minutes().map(|(_, end)| end).max().unwrap_or(18 * 60);
    (0..60)
        .map(|n| cx.today().plus(n))
        .filter(|day| rules.calendar.is_workday(*day))
        .map(move |day| (day, day.start(&cx.office.tz).plus(end * Ts::MINUTE)))
        .filter(|(_, at)| *at > cx.now)
}

/// Due instants to choose from, in working time: the next two closings, the end of the week, five working days. The
/// second is the usual one.
pub(super) fn dues(cx: &Cx) -> Vec<Ts> {
    let next: Vec<(Day, Ts)> = closings(cx).take(6).collect();
    let weekend = |day: Day| day.date().map_or(0, |d| d.weekday().to_monday_zero_offset());
    // The last working day before the days begin anew with Monday.
    let friday = next.windows(2).find_map(|pair| match pair {
        [(a, at), (b, _)] if weekend(*b) < weekend(*a) => Some(*at),
        _ => None,
    });
    let mut out: Vec<Ts> = next.iter().take(2).map(|(_, at)| *at).collect();
    out.extend(friday);
    out.extend(next.get(4).map(|(_, at)| *at));
    out.sort_unstable();
    out.dedup();
    out
}

/// The usual due instant: when the office closes on the second working day from now on.
#[must_use]
pub fn usual_due(cx: &Cx) -> Option<Ts> {
    let mut next = closings(cx).map(|(_, at)| at);
    let first = next.next();
    next.next().or(first)
}

/// The values of a field that occurs several times.
pub(super) fn all(upload: &Upload, name: &str) -> Vec<String> {
    upload.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
}

/// The files of a field, stored before the act that names them.
pub(super) async fn stored(staff: &Staff, upload: &Upload, field: &str) -> Result<Vec<NewFile>, WebError> {
    let sent: Vec<UploadedFile> = upload.files.iter().filter(|f| f.field == field).cloned().collect();
    if sent.is_empty() {
        return Ok(Vec::new());
    }
    let folder = staff.app.files.clone();
    tokio::task::spawn_blocking(move || {
        sent.iter().map(|f| files::store(&folder, &f.name, &f.bytes)).collect::<Result<Vec<_>, WebError>>()
    })
    .await?
}

/// What an answer holds, in a few words.
pub(super) fn summary(w: &Words, task: &Task, part: &Receiver, files: usize) -> Vec<String> {
    if !part.state.has_answer() && part.answer == super::model::Answer::default() {
        return Vec::new();
    }
    let answer = &part.answer;
    if answer.nil {
        return vec![w.t("tasks-nil")];
    }
    let mut out: Vec<String> = task
        .asks
        .figures
        .iter()
        .zip(&answer.figures)
        .map(|(figure, n)| {
            w.ta(
                "tasks-figure-is",
                &[("name", figure.name.clone()), ("n", n.clone()), ("measure", figure.measure.clone())],
            )
        })
        .collect();
    if !answer.rows.is_empty() {
        out.push(w.t1("tasks-rows-n", "n", answer.rows.len()));
    }
    if files > 0 {
        out.push(w.t1("tasks-files-n", "n", files));
    }
    if !answer.sentence.is_empty() {
        out.push(excerpt(&answer.sentence, 60));
    }
    out
}

/// The beginning of a text.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    if short.len() < text.len() { format!("{short}\u{2026}") } else { short }
}

/// What is not collected, each with its reason; and columns of personal identity.
pub(super) fn told(w: &Words, task: &Task) -> (Vec<String>, String) {
    let reason = |class: &str| w.t(&format!("tasks-denied-{class}"));
    let line =
        |name: &String, class: &str| w.t2("tasks-denied-line", ("name", name), ("why", &reason(class)));
    let denied = task.asks.denied.iter().map(|d| line(&d.name, &d.class)).collect();
    let identity: Vec<&str> =
        task.asks.columns.iter().filter(|c| c.identity).map(|c| c.name.as_str()).collect();
    (denied, identity.join(&w.t("list-joint")))
}

/// A receiver's answered time; where somebody entered it for them later, both times and by which way it came.
pub(super) fn times(w: &Words, part: &Receiver) -> String {
    let Some(at) = part.answered.filter(|_| part.state.has_answer()) else { return String::new() };
    match part.entered {
        Some(entered) if !part.via.is_empty() => w.ta(
            "tasks-entered-for",
            &[
                ("when", w.when(at)),
                ("via", w.t(&format!("tasks-via-{}", part.via))),
                ("entered", w.when(entered)),
            ],
        ),
        _ => w.when(at),
    }
}

/// The colour of a state.
pub(super) fn chip(part: &Receiver) -> &'static str {
    use super::model::State;
    match part.state {
        State::Confirmed => "green",
        State::Answered | State::Signed => "on",
        State::Returned => "red",
        State::Open => "amber",
        State::Withdrawn => "",
    }
}

/// A state in words.
pub(super) fn state(w: &Words, part: &Receiver) -> String {
    collate::state(w, part)
}

/// The source with its number and who it comes from.
pub(super) fn source(w: &Words, task: &Task) -> String {
    let mut out = vec![w.t(&format!("tasks-source-{}", task.source))];
    out.extend([&task.source_who, &task.source_no].into_iter().filter(|t| !t.is_empty()).cloned());
    out.join(" ")
}

/// How urgent it is, in words; blank for an ordinary one.
pub(super) fn urgency(w: &Words, task: &Task) -> String {
    if task.urgency == "plain" { String::new() } else { w.t(&format!("tasks-urgency-{}", task.urgency)) }
}
