//! Making a list: what it is to be, the draft with why each was taken, changes by hand, publishing.

use super::{all_names, clock, day, day_text, named, unit_choices, unit_of};
use crate::context::Cx;
use crate::features::roster::fair::Counts;
use crate::features::roster::making::{self, Wish};
use crate::features::roster::model::{Roster, Setup, Shift, Span, Why};
use crate::features::roster::service::{self, Member, kind_name};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, Refusal, Ts, UnitId};
use serde::Deserialize;
use store::{Result, Tx};
use worktime::DayKind;

/// Fields of a form in their order.
type Fields = Vec<(String, String)>;

fn one<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
}

/// The people of a unit, to be ticked.
struct UnitView {
    name: String,
    people: Vec<(i64, String, bool)>,
}

struct KindView {
    key: String,
    name: String,
    heads: String,
    chosen: usize,
    units: Vec<UnitView>,
}

struct FormView {
    units: Vec<(String, String, bool)>,
    unit: String,
    from: String,
    until: String,
    spans: String,
    kinds: Vec<KindView>,
    away: Vec<String>,
    arrange: bool,
}

#[derive(Template)]
#[template(path = "roster_new.html")]
struct NewPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    form: FormView,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in crate::features::roster) struct Asked {
    unit: String,
}

/// `GET /roster/new?unit=7`
pub(in crate::features::roster) async fn form(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    draw(&staff, vec![("unit".to_owned(), asked.unit)], Problem::default(), StatusCode::OK).await
}

async fn draw(staff: &Staff, fields: Fields, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let form = staff.read(move |tx, cx| form_view(tx, cx, &w, &fields)).await?;
    let page = NewPage { shell: staff.shell("roster").await?, w: staff.words.clone(), problem, form };
    html_with(status, &page)
}

fn form_view(tx: &mut Tx<'_>, cx: &Cx, w: &Words, fields: &Fields) -> Result<FormView> {
    let arrange = service::may_edit(cx, None);
    // Whoever makes the lists of a unit alone begins with that one.
    let own = || cx.actor.units.iter().copied().find(|u| !arrange && service::may_edit(cx, Some(*u)));
    let unit = unit_of(one(fields, "unit")).or_else(own);
    let (setup, _) = service::setup(tx, cx)?;
    let members = service::members(tx, cx, unit)?;
    let typed = fields.iter().any(|(name, _)| name == "from");
    let chosen: Vec<(String, AccountId)> = if typed {
        let who = |(name, value): &(String, String)| {
            Some((name.strip_prefix("who-")?.to_owned(), AccountId(value.parse().ok()?)))
        };
        fields.iter().filter_map(who).collect()
    } else {
        making::took_part(tx, cx, unit)?
    };
    let kinds = setup.kinds.iter().map(|kind| {
        let is_in = |m: &Member| chosen.iter().any(|(k, a)| *k == kind.key && *a == m.account);
        KindView {
            name: kind_name(w, &setup, &kind.key),
            heads: if typed {
                one(fields, &format!("n-{}", kind.key)).to_owned()
            } else {
                kind.heads.to_string()
            },
            chosen: members.iter().filter(|m| is_in(m)).count(),
            units: by_units(&members, is_in),
            key: kind.key.clone(),
        }
    });
    let spans = if typed { one(fields, "spans").to_owned() } else { spans_text(&setup.spans) };
    let away = service::away(tx, cx)?;
    Ok(FormView {
        units: unit_choices(tx, cx, w, unit)?
            .into_iter()
            .filter(|(id, _, _)| service::may_edit(cx, unit_of(id)))
            .collect(),
        arrange,
        unit: unit.map(|u| u.0.to_string()).unwrap_or_default(),
        from: one(fields, "from").to_owned(),
        until: one(fields, "until").to_owned(),
        spans,
        kinds: kinds.collect(),
        away: away
            .iter()
            .map(|a| {
                let args = [("name", a.name.clone()), ("from", w.day(a.from)), ("until", w.day(a.until))];
                w.ta("roster-away-line", &args)
            })
            .collect(),
    })
}

fn by_units(members: &[Member], is_in: impl Fn(&Member) -> bool) -> Vec<UnitView> {
    let mut out: Vec<UnitView> = Vec::new();
    for member in members {
        let line = (member.account.0, member.name.clone(), is_in(member));
        match out.last_mut() {
            Some(unit) if unit.name == member.unit => unit.people.push(line),
            _ => out.push(UnitView { name: member.unit.clone(), people: vec![line] }),
        }
    }
    out
}

pub(super) fn spans_text(spans: &[Span]) -> String {
    spans.iter().map(|s| s.text()).collect::<Vec<_>>().join(" ")
}

/// Reads spans with blanks or commas between.
pub(super) fn spans(text: &str) -> std::result::Result<Vec<Span>, Refusal> {
    let pieces =
        text.split([' ', ',', ';', '\u{ff0c}', '\u{3001}', '\u{ff1b}']).filter(|p| !p.trim().is_empty());
    pieces.map(|p| Span::parse(p).ok_or_else(|| Refusal::rule("roster.setup.spans").on("spans"))).collect()
}

fn read(fields: &Fields, setup: &Setup) -> std::result::Result<Wish, Refusal> {
    let mut kinds = Vec::new();
    for kind in &setup.kinds {
        let heads = one(fields, &format!("n-{}", kind.key)).trim();
        let heads = if heads.is_empty() { Ok(0) } else { heads.parse::<i64>() };
        let heads = heads.map_err(|_| Refusal::rule("roster.setup.heads").on("kinds"))?;
        let name = format!("who-{}", kind.key);
        let people =
            fields.iter().filter(|(n, _)| *n == name).filter_map(|(_, v)| v.parse().ok().map(AccountId));
        kinds.push((kind.key.clone(), heads, people.collect()));
    }
    Ok(Wish {
        unit: unit_of(one(fields, "unit")),
        from: day(one(fields, "from"), "from")?,
        until: day(one(fields, "until"), "until")?,
        spans: spans(one(fields, "spans"))?,
        kinds,
    })
}

/// `POST /roster/new`
pub(in crate::features::roster) async fn draft(staff: Staff, Form(fields): Form<Fields>) -> Answer {
    match start(&staff, &fields).await {
        Ok(id) => Ok(staff.goto(&format!("/roster/drafts/{id}"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, fields, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

async fn start(staff: &Staff, fields: &Fields) -> std::result::Result<i64, WebError> {
    let (setup, _) = staff.read(service::setup).await?;
    let wish = read(fields, &setup)?;
    let request = fingerprint(&("roster.draft", &wish));
    staff.write_once(one(fields, "idem"), &request, move |tx, cx| making::draft(tx, cx, &wish)).await
}

/// A shift of a draft.
struct ShiftView {
    id: i64,
    kind: String,
    options: Vec<(i64, String, bool)>,
    why: String,
    mark: String,
}

/// The shifts that begin together.
struct RowView {
    day: String,
    class: &'static str,
    holiday: String,
    time: String,
    shifts: Vec<ShiftView>,
}

#[derive(Template)]
#[template(path = "roster_draft.html")]
struct DraftPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    version: i64,
    title: String,
    unit: String,
    rows: Vec<RowView>,
    vacant: usize,
    /// What each will have with this list: name, before, now. For whoever makes the list only.
    tally: Vec<[String; 4]>,
}

/// `GET /roster/drafts/{id}`
pub(in crate::features::roster) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw_draft(&staff, id, Problem::default(), StatusCode::OK).await
}

async fn draw_draft(staff: &Staff, id: i64, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let seen = staff.read(move |tx, cx| see(tx, cx, &w, id)).await?;
    let w = staff.words.clone();
    let (roster, rows, vacant, tally, unit) = seen;
    let page = DraftPage {
        shell: staff.shell("roster").await?,
        id,
        version: roster.version,
        title: w.t2(
            "settings-days",
            ("from", &day_text(&w, roster.from)),
            ("to", &day_text(&w, roster.until)),
        ),
        unit,
        rows,
        vacant,
        tally,
        problem,
        w,
    };
    html_with(status, &page)
}

type Seen = (Roster, Vec<RowView>, usize, Vec<[String; 4]>, String);

fn see(tx: &mut Tx<'_>, cx: &Cx, w: &Words, id: i64) -> Result<Seen> {
    let (roster, shifts) = making::find(tx, cx, id)?;
    let (setup, _) = service::setup(tx, cx)?;
    let names = all_names(tx, cx)?;
    let members = service::members(tx, cx, roster.unit)?;
    let order = |s: &Shift| setup.kinds.iter().position(|k| k.key == s.kind).unwrap_or(usize::MAX);
    let mut sorted: Vec<&Shift> = shifts.iter().collect();
    sorted.sort_by_key(|s| (s.from, order(s), s.id));
    let mut rows: Vec<(Ts, RowView)> = Vec::new();
    for shift in sorted {
        let line = ShiftView {
            id: shift.id,
            kind: kind_name(w, &setup, &shift.kind),
            options: members
                .iter()
                .map(|m| (m.account.0, format!("{} ({})", m.name, m.unit), shift.account == Some(m.account)))
                .collect(),
            why: why_text(w, shift.account.is_some(), shift.why),
            mark: mark(w, &shifts, shift),
        };
        match rows.last_mut() {
            Some((from, row)) if *from == shift.from => row.shifts.push(line),
            _ => rows.push((shift.from, row(cx, w, shift, line))),
        }
    }
    let tally = tally(cx, &shifts, &names);
    let vacant = shifts.iter().filter(|s| s.account.is_none()).count();
    let unit = unit_name(tx, cx, w, roster.unit)?;
    Ok((roster, rows.into_iter().map(|(_, row)| row).collect(), vacant, tally, unit))
}

/// What each has on this list: on holidays, on weekends, in all.
fn tally(cx: &Cx, shifts: &[Shift], names: &super::Names) -> Vec<[String; 4]> {
    let mut tally: Vec<(AccountId, Counts)> = Vec::new();
    for shift in shifts {
        let Some(account) = shift.account else { continue };
        let sort = service::sort_of(cx, shift.from);
        match tally.iter_mut().find(|(a, _)| *a == account) {
            Some((_, counts)) => counts.add(sort),
            None => {
                let mut counts = Counts::default();
                counts.add(sort);
                tally.push((account, counts));
            }
        }
    }
    let line = |(account, n): (AccountId, Counts)| {
        [named(names, Some(account)), n.holidays.to_string(), n.weekends.to_string(), n.all.to_string()]
    };
    tally.into_iter().map(line).collect()
}

fn unit_name(tx: &mut Tx<'_>, cx: &Cx, w: &Words, unit: Option<UnitId>) -> Result<String> {
    let units = service::units(tx, cx)?;
    let name = units.into_iter().find(|(id, _)| Some(*id) == unit).map(|(_, name)| name);
    Ok(name.unwrap_or_else(|| w.t("roster-office")))
}

fn row(cx: &Cx, w: &Words, shift: &Shift, line: ShiftView) -> RowView {
    let (tz, calendar) = (&cx.office.tz, &cx.office.rules.calendar);
    let day = shift.from.day(tz);
    let kind = calendar.kind(day);
    let holiday = calendar.name(day).filter(|_| kind == DayKind::Holiday).map(|n| w.holiday(n));
    let end = clock(shift.until, tz);
    let end = if shift.until.day(tz) == day { end } else { w.t1("roster-next-day", "clock", end) };
    RowView {
        day: day_text(w, day),
        class: match kind {
            DayKind::Holiday => "holiday",
            DayKind::Weekend => "weekend",
            DayKind::Workday | DayKind::Adjusted => "",
        },
        holiday: holiday.unwrap_or_default(),
        time: format!("{}\u{2013}{end}", clock(shift.from, tz)),
        shifts: vec![line],
    }
}

fn why_text(w: &Words, taken: bool, why: Why) -> String {
    match (taken, why.by_hand) {
        (false, false) => w.t("roster-why-nobody"),
        (_, true) => w.t("roster-why-hand"),
        (true, false) => {
            let args = [
                ("holidays", why.holidays.to_string()),
                ("weekends", why.weekends.to_string()),
                ("all", why.all.to_string()),
                ("of", why.of.to_string()),
            ];
            w.ta("roster-why", &args)
        }
    }
}

/// What is to be looked at: two shifts in a row.
fn mark(w: &Words, shifts: &[Shift], shift: &Shift) -> String {
    if shift.account.is_none() {
        return w.t("roster-mark-vacant");
    }
    let near = |s: &&Shift| {
        s.id != shift.id && s.account == shift.account && s.from <= shift.until && shift.from <= s.until
    };
    if shifts.iter().any(|s| near(&s)) {
        return w.t("roster-mark-row");
    }
    if shift.why.short_rest && !shift.why.by_hand { w.t("roster-mark-rest") } else { String::new() }
}

async fn done(
    staff: &Staff,
    id: i64,
    result: std::result::Result<(), WebError>,
    next: (&str, &str),
) -> Answer {
    match result {
        Ok(()) => Ok(staff.goto_saying(next.0, &staff.words.t(next.1))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw_draft(staff, id, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}

/// `POST /roster/drafts/{id}`: people put on shifts by hand.
pub(in crate::features::roster) async fn change(
    staff: Staff,
    Path(id): Path<i64>,
    Form(fields): Form<Fields>,
) -> Answer {
    let version: i64 = one(&fields, "version").parse().unwrap_or(0);
    let people: Vec<(i64, Option<AccountId>)> = fields
        .iter()
        .filter_map(|(name, value)| {
            let shift = name.strip_prefix("shift-")?.parse().ok()?;
            Some((shift, value.parse().ok().map(AccountId)))
        })
        .collect();
    let request = fingerprint(&("roster.change", id, version, &people));
    let publish = one(&fields, "end") == "publish";
    let result = staff
        .write_once(one(&fields, "idem"), &request, move |tx, cx| {
            making::change(tx, cx, id, version, &people)?;
            if publish {
                making::publish(tx, cx, id, version + 1)?;
            }
            Ok(())
        })
        .await;
    let back = format!("/roster/drafts/{id}");
    let next = if publish { ("/roster", "roster-published") } else { (back.as_str(), "roster-changed") };
    done(&staff, id, result, next).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::features::roster) struct Ended {
    idem: String,
    version: i64,
}

/// `POST /roster/drafts/{id}/discard`
pub(in crate::features::roster) async fn discard(
    staff: Staff,
    Path(id): Path<i64>,
    Form(form): Form<Ended>,
) -> Answer {
    let request = fingerprint(&("roster.discard", id, form.version));
    let body = move |tx: &mut Tx<'_>, cx: &Cx| making::discard(tx, cx, id, form.version);
    let result = staff.write_once(&form.idem, &request, body).await;
    done(&staff, id, result, ("/roster", "roster-discarded")).await
}
