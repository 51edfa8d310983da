//! A case as its page shows it, put together in one snapshot for one viewer.

mod again;
mod parts;
mod people;

pub use parts::{LinkView, PartView, RequestView, SimilarView, UpperView};
pub use people::{PhotoView, ReportView, Requester};

use self::again::AgainView;
use super::super::names::Names;
use super::clock::{self, ClockView};
use super::forms::{self, ActForm, ActView, Drawing};
use super::input::Typed;
use super::place::{self, MapView};
use super::suggest::{self, Advice};
use super::timeline::{self, DayView};
use super::word_key;
use crate::context::Cx;
use crate::features::intake;
use crate::features::intake::model::Report;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::state::CaseState;
use crate::features::procedures::{service as engine, timeline as log};
use crate::words::Words;
use kernel::CaseId;
use store::{Result, Tx};

/// A case as its page shows it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// The version on screen.
    pub version: i64,
    /// The state in words.
    pub state: String,
    /// Urgent, supervised and so on.
    pub flags: Vec<String>,
    /// When and how it came in.
    pub opened: String,
    /// Why it is here again, where it is.
    pub again: Option<AgainView>,
    /// What people said, the first first.
    pub reports: Vec<ReportView>,
    /// Label and value.
    pub facts: Vec<(String, String)>,
    /// The condition for closing by the catalogue; blank when there is none.
    pub close_condition: String,
    /// Pictures before and after, where both have to be looked at.
    pub before: Vec<PhotoView>,
    /// After.
    pub after: Vec<PhotoView>,
    /// All pictures, those taken while it was handled and checked too.
    pub photos: Vec<PhotoView>,
    /// Whether before and after stand side by side.
    pub compare: bool,
    /// The suggestion and its warnings; only for who may dispatch.
    pub advice: Advice,
    /// The matters the message seems to bring; only for who may split.
    pub points: Vec<Vec<timeline::Span>>,
    /// Cases that may be the same; only for who may merge.
    pub similar: Vec<SimilarView>,
    /// What waits for a decision or was decided.
    pub requests: Vec<RequestView>,
    /// Deadlines.
    pub clocks: Vec<ClockView>,
    /// Units and how far they are.
    pub parts: Vec<PartView>,
    /// Whole, parts, merged cases.
    pub links: Vec<LinkView>,
    /// Whether it was split: its parts are what there is to see.
    pub whole: bool,
    /// Whether it waits for its parts.
    pub waits: bool,
    /// Answers of the knowledge base that were given: address and words.
    pub given: Vec<(String, String)>,
    /// Its documents: address, number and kind, how far it is.
    pub documents: Vec<(String, String, String)>,
    /// Whether the viewer may make one.
    pub makes: bool,
    /// Records of upper platforms.
    pub uppers: Vec<UpperView>,
    /// Where, in words.
    pub place: String,
    /// The address in words.
    pub address: String,
    /// Who answers for the place: title and name.
    pub keepers: Vec<String>,
    /// The map.
    pub map: Option<MapView>,
    /// What happened.
    pub days: Vec<DayView>,
    /// The bar.
    pub acts: Vec<ActView>,
    /// What is done seldom.
    pub more: Vec<ActView>,
    /// A form that stands open.
    pub form: Option<ActForm>,
    /// A text for a chat group, without anything personal.
    pub copy: String,
    /// Whether the reader may ask others something because of it.
    pub gives: bool,
    /// The mark on every page that shows the case: who, unit, time.
    pub mark: String,
}

impl CaseView {
    /// Whether something asked for was decided.
    #[must_use]
    pub fn decided(&self) -> bool {
        self.requests.iter().any(|r| !r.waits)
    }
}

/// What a page wants of a case.
pub struct Wanted<'a> {
    /// Whose form stands open: the first of these that is offered and asks for something.
    pub open: &'a [&'a str],
    /// What was typed into it.
    pub typed: &'a Typed,
    /// Who is signed in, for the mark.
    pub viewer: &'a str,
}

/// Reads a case for its page.
///
/// # Errors
/// `common.not_found` when it is not there or not for these eyes.
#[expect(
    clippy::too_many_lines,
    reason = "the page's parts, gathered in one snapshot in the order of the page"
)]
pub fn view(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId, wanted: &Wanted<'_>) -> Result<CaseView> {
    let case = engine::visible(tx, cx, id)?;
    let mut names = Names::read(tx, cx, w)?;
    let reports = intake::service::reports_of_case(tx, cx, id)?;
    let entries = log::of_case(tx, cx, id)?;
    let offers = engine::offers(tx, cx, &case)?;
    let mut acts = forms::bar(w, &case, &offers);
    acts.extend(parts::verbs(cx, w, &case));
    let offered = |key: &str| offers.iter().find(|o| o.action.key == key);
    let text = reports.first().map(|r| format!("{} {}", r.title, r.text)).unwrap_or_default();
    let form = match wanted.open.iter().find_map(|key| offered(key)) {
        Some(offer)
            if !offer.action.needs.is_empty() || !offer.action.takes.is_empty() || offer.behalf.is_some() =>
        {
            let mut d = Drawing { w, names: &mut names, case: &case, typed: wanted.typed, text: &text };
            Some(forms::form(tx, cx, &mut d, offer)?)
        }
        _ => None,
    };
    let dispatches = offered("dispatch").is_some();
    let advice = if dispatches { suggest::advice(tx, cx, w, &mut names, &case)? } else { Advice::default() };
    let merges = acts.iter().any(|a| a.key == "merge");
    let similar = if merges && case.phase <= Phase::Accepted {
        parts::similar(tx, cx, w, &mut names, &case, &text)?
    } else {
        Vec::new()
    };
    let splits = acts.iter().any(|a| a.key == "split");
    let points = match reports.first() {
        Some(report) if splits => suggest::points(report).iter().map(|p| timeline::spans(w, p)).collect(),
        _ => Vec::new(),
    };
    let (photos, compare) = people::photos(tx, cx, w, &case, &reports)?;
    let (before, after) = people::sides(&photos);
    let (acts, more) = acts.into_iter().partition(|a: &ActView| !a.rare);
    let viewer = w.ta(
        "mark",
        &[
            ("person", wanted.viewer.to_owned()),
            ("unit", cx.actor.unit.map(|u| names.unit(u)).unwrap_or_default()),
            // With the year: a picture of the page is looked at on another day.
            ("when", w.at(kernel::Ts(0)).when(cx.now)),
        ],
    );
    Ok(CaseView {
        id: case.id.to_string(),
        no: case.no.clone(),
        title: case.title.clone(),
        version: case.version,
        state: state(w, &case),
        flags: flags(w, &case),
        opened: opened(w, &case),
        facts: facts(tx, w, &mut names, &case)?,
        close_condition: close_condition(tx, w, &mut names, &case)?,
        reports: people::reports(tx, cx, w, &mut names, &case, &reports, &photos)?,
        compare: compare && offered("pass").is_some(),
        photos,
        before,
        after,
        advice,
        points,
        similar,
        requests: parts::requests(tx, w, &mut names, &case)?,
        clocks: clock::views(cx, w, &names, &case),
        parts: parts::parts(cx, w, &names, &case),
        links: parts::links(tx, cx, w, &names, &case)?,
        given: parts::given(tx, cx, w, &case)?,
        documents: parts::documents(tx, cx, w, &case)?,
        makes: cx.actor.has("documents.make"),
        waits: case.state == "split",
        whole: super::super::store::children(tx, cx.office.id, case.id).map(|c| !c.is_empty())?,
        uppers: parts::uppers(tx, cx, w, &case)?,
        place: names.place(case.at.grid.or(case.at.community).or(case.at.place)),
        address: case.at.address.clone(),
        keepers: people::keepers(tx, cx, w, &case)?,
        map: place::map(
            tx,
            cx.office.id,
            &names,
            (case.at.community, case.at.grid),
            case.at.lon_e7.zip(case.at.lat_e7),
        )?,
        days: timeline::view(tx, cx, w, &mut names, &case, &entries)?,
        again: again::again(w, &names, &entries),
        copy: copy(tx, cx, w, &mut names, &case)?,
        gives: cx.actor.has("tasks.give"),
        acts,
        more,
        form,
        mark: viewer,
    })
}

/// The form of one action, for its own page and for being shown again.
///
/// # Errors
/// Why it is not offered any more.
pub fn form(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId, key: &str, typed: &Typed) -> Result<ActForm> {
    let case = engine::visible(tx, cx, id)?;
    let mut names = Names::read(tx, cx, w)?;
    let text = match intake::service::reports_of_case(tx, cx, id)?.first() {
        Some(Report { title, text, .. }) => format!("{title} {text}"),
        None => String::new(),
    };
    let offers = engine::offers(tx, cx, &case)?;
    let Some(offer) = offers.iter().find(|o| o.action.key == key) else {
        return Err(engine::why_not(tx, cx, &case, key)?.into());
    };
    let mut d = Drawing { w, names: &mut names, case: &case, typed, text: &text };
    forms::form(tx, cx, &mut d, offer)
}

/// Cases that may be the same trouble as this one, for the form of merging.
///
/// # Errors
/// When the database refuses.
pub fn alike_to(
    tx: &mut Tx<'_>,
    cx: &Cx,
    w: &Words,
    names: &mut Names,
    case: &CaseState,
) -> Result<Vec<SimilarView>> {
    let text = match intake::service::reports_of_case(tx, cx, case.id)?.first() {
        Some(Report { title, text, .. }) => format!("{title} {text}"),
        None => case.title.clone(),
    };
    parts::similar(tx, cx, w, names, case, &text)
}

/// What happened to a case since a version of it was on screen, newest first: what a conflict tells.
///
/// # Errors
/// When the database refuses.
pub fn since(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: CaseId, version: i64) -> Result<Vec<String>> {
    let case = engine::visible(tx, cx, id)?;
    let mut names = Names::read(tx, cx, w)?;
    let entries = log::of_case(tx, cx, id)?;
    let mut at = 0;
    let mut news = Vec::new();
    for entry in entries {
        // The same count as folding makes: quiet acts leave the version alone.
        if entry.act.as_ref().is_some_and(|a| !a.quiet) {
            at += 1;
        }
        if at > version {
            news.push(entry);
        }
    }
    let days = timeline::view(tx, cx, w, &mut names, &case, &news)?;
    let mut lines: Vec<String> = days
        .iter()
        .flat_map(|d| d.entries.iter().map(move |e| format!("{} {} {}", d.day, e.time, e.text)))
        .collect();
    lines.reverse();
    Ok(lines)
}

fn state(w: &Words, case: &CaseState) -> String {
    let phase = w.t(&word_key("phase", case.phase.as_str()));
    match &case.ended {
        Some(how) => w.t_or(&word_key("ended", how), &phase),
        // A state that its phase does not say: split, returned upward.
        None => w.t_or(&word_key("state", &case.state), &phase),
    }
}

fn opened(w: &Words, case: &CaseState) -> String {
    let channel = w.t_or(&word_key("channel", &case.channel), &case.channel);
    w.t2("case-opened", ("when", &w.when(case.opened_at)), ("channel", &channel))
}

fn flags(w: &Words, case: &CaseState) -> Vec<String> {
    let mut out = Vec::new();
    for (is, key, n) in [
        (case.urgent, "flag-urgent", 1),
        (case.supervised, "flag-supervised", 1),
        (case.class == "petition", "flag-petition", 1),
        (case.class == "report", "flag-report", 1),
        (case.returns > 0, "flag-returned", case.returns),
        (case.reopens > 0, "flag-reopened", case.reopens),
        (case.reworks > 0, "flag-rework", case.reworks),
        (case.urges > 0, "flag-urged", case.urges),
        (case.exempt, "flag-exempt", 1),
    ] {
        if is {
            out.push(w.t1(key, "n", n));
        }
    }
    out
}

fn facts(tx: &mut Tx<'_>, w: &Words, names: &mut Names, case: &CaseState) -> Result<Vec<(String, String)>> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            out.push((w.t(key), value));
        }
    };
    add("fact-kind", w.t_or(&format!("matter-kind-{}", case.kind), &case.kind));
    if let Some(id) = case.matter {
        let matter = names.matter(tx, id)?.clone();
        add("fact-matter", format!("{} {}", matter.code, matter.names.get(w.locale)));
        add("fact-class", matter.class.get(w.locale).to_owned());
        add("fact-limit", clock::limit(w, matter.handle_limit));
        add("fact-list", w.t(&format!("matter-list-{}", matter.duty_list.as_str())));
        add("fact-verify", w.t(&format!("matter-verify-{}", matter.verify.as_str())));
        add("fact-callback", w.t(&format!("matter-callback-{}", matter.callback.as_str())));
    }
    let subject = match (case.subject_known, case.subject_unit, &case.subject_text) {
        (_, Some(unit), _) => names.unit(unit),
        (_, None, Some(text)) => text.clone(),
        (true, None, None) => w.t("subject-none"),
        (false, None, None) => w.t("subject-unknown"),
    };
    add("fact-subject", subject);
    if let Some(day) = case.shelved_until {
        add("fact-until", w.full_day(day, true));
    }
    if let Some(solved) = case.solved {
        add("fact-answer", w.t(if solved { "fact-solved" } else { "fact-not-solved" }));
    }
    if let Some(n) = case.satisfied {
        add("fact-satisfied", w.t(&format!("satisfied-{n}")));
    }
    if case.verified_by_other == Some(false) {
        add("fact-verified", w.t("fact-own-check"));
    }
    Ok(out)
}

fn close_condition(tx: &mut Tx<'_>, w: &Words, names: &mut Names, case: &CaseState) -> Result<String> {
    match case.matter {
        Some(id) => Ok(names.matter(tx, id)?.close_condition.get(w.locale).to_owned()),
        None => Ok(String::new()),
    }
}

/// The text for a group: number, title, place, unit, deadline. Nothing of the requester and nothing they wrote.
fn copy(tx: &mut Tx<'_>, cx: &Cx, w: &Words, names: &mut Names, case: &CaseState) -> Result<String> {
    let matter = names.matter_name(tx, case.matter)?;
    let matter =
        if matter.is_empty() { w.t_or(&format!("matter-kind-{}", case.kind), &case.kind) } else { matter };
    let due = case.upper_due.or(case.handle_due()).filter(|_| case.phase.is_open());
    let mut out = w.ta(
        "copy-text",
        &[
            ("no", case.no.clone()),
            ("matter", matter),
            ("place", names.place(case.at.grid.or(case.at.community))),
            ("unit", case.lead().map(|a| names.unit(a.unit)).unwrap_or_else(|| w.t("copy-no-unit"))),
            ("state", state(w, case)),
        ],
    );
    if let Some(due) = due {
        let late = if due < cx.now { w.t("copy-late") } else { String::new() };
        out.push_str(&w.t2("copy-due", ("when", &w.when(due)), ("late", &late)));
    }
    Ok(out)
}
