//! Taking over records from a file. A file is read and checked whole; then its places, units and matters are
//! made where the profile brings its own office; then its rows are written, some hundred in one
//! transaction. A row that is known by its number, or by its content where it has none, is never written
//! twice, so a second run changes nothing, and one that was cut off is finished by running it again
//! (DECISIONS 14).

use super::lookup::{self, Lookup};
use super::model::{Draft, Outcome, Parsed, Progress, Skip, Stage};
use super::profile::{Home, OfficeText, Profile};
use super::store::{self as rows, ReportRow};
use crate::context::{Cx, Office, Source};
use crate::events::{self, Stream};
use crate::features::intake::model::ReceivedEvent;
use crate::features::parties::service::{self as parties, Contact};
use crate::features::people;
use crate::features::procedures::numbers::{Bundle, Series};
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::service::{act_named, record};
use crate::features::procedures::state::{Act, CaseState, Counter, Effect, Opening, Role, Said};
use crate::installation::{Installation, NewOffice, create_office};
use kernel::{AssignmentId, CaseId, ReportId, Ts, UnitId};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::{Db, Error, Result, Tx};

/// Rows in one transaction: some tens of milliseconds, so that nobody waits long.
const CHUNK: usize = 200;
/// Ids that a row takes at most: report, party, case, part and an event for each of its steps.
const IDS_EACH: i64 = 8;
/// Longest title that is taken as it stands.
const TITLE_MOST: usize = 120;

/// The office of a profile: the one with its code, made when it is missing.
///
/// # Errors
/// As [`create_office`].
pub fn office_of(
    installation: &Installation,
    profile: &Profile,
    text: &OfficeText,
) -> anyhow::Result<Arc<Office>> {
    let find = || installation.offices().into_iter().find(|o| o.code == text.code);
    if let Some(office) = find() {
        return Ok(office);
    }
    let new = NewOffice {
        code: text.code.clone(),
        name: text.name.clone(),
        short: text.short.clone(),
        time_zone: profile.zone.clone(),
        hours: text.hours.clone(),
        locale: text.locale.clone(),
    };
    let (vault, now) = (Arc::clone(&installation.vault), installation.clock.now());
    let make = installation.db.write_now(move |tx| create_office(tx, &vault, &new, now));
    make.map_err(|e| anyhow::anyhow!("the office of the profile cannot be made: {e}"))?;
    installation.reload()?;
    let office = find().ok_or_else(|| anyhow::anyhow!("the office that was made cannot be found"))?;
    let (cx, roles) = (
        installation.cx(&office, crate::actor::Actor::system(office.id), Source::Import),
        people::pack::roles(people::pack::ROLES)?,
    );
    let install = installation.db.write_now(move |tx| people::service::install_roles(tx, &cx, &roles));
    install.map_err(|e| anyhow::anyhow!("the roles of the office cannot be installed: {e}"))?;
    Ok(office)
}

/// What an import would do: checks, looks everything up, writes nothing. `cx` is `None` where the office of
/// the profile is not there yet.
///
/// # Errors
/// When the database refuses; what is wrong with the file is in the outcome.
pub fn preview(db: &Db, cx: Option<&Cx>, profile: &Arc<Profile>, parsed: &Arc<Parsed>) -> Result<Outcome> {
    let mut out = Outcome {
        rows: parsed.rows,
        skipped: parsed.skipped.clone(),
        errors: parsed.errors.clone(),
        ..Outcome::default()
    };
    if !out.errors.is_empty() {
        return Ok(out);
    }
    let Some(cx) = cx else {
        out.imported = parsed.drafts.len() as u64;
        return Ok(out);
    };
    let (new, errors) = look(db, cx, profile, parsed, &mut out)?;
    out.imported = new.len() as u64;
    out.errors = errors;
    Ok(out)
}

/// The rows to be written, and what the office does not have.
fn look(
    db: &Db,
    cx: &Cx,
    profile: &Arc<Profile>,
    parsed: &Arc<Parsed>,
    out: &mut Outcome,
) -> Result<(Vec<usize>, Vec<crate::rows::RowError>)> {
    let (cx, profile, parsed) = (cx.clone(), Arc::clone(profile), Arc::clone(parsed));
    let (new, known, changed, errors) = db.read_now(move |tx| {
        let (new, known, changed) = tell_apart(tx, &cx, &profile, &parsed.drafts)?;
        let lookup = Lookup::read(tx, &cx, &profile, &parsed.drafts)?;
        let errors =
            if profile.office.is_some() { Vec::new() } else { lookup.unknown(&profile, &parsed.drafts) };
        Ok((new, known, changed, errors))
    })?;
    out.unchanged = known;
    out.skipped.extend(changed);
    Ok((new, errors))
}

/// Names in a file that an office does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Of places.
    pub places: BTreeSet<String>,
    /// Of units.
    pub units: BTreeSet<String>,
    /// Of matters.
    pub matters: BTreeSet<String>,
}

/// What rows would do: how many are new, how many are known and equal, those that are known and say something else
/// now; and the names that the office does not have.
///
/// # Errors
/// When the database refuses.
pub fn standing(
    tx: &mut Tx<'_>,
    cx: &Cx,
    profile: &Profile,
    drafts: &[Draft],
) -> Result<(usize, u64, Vec<Skip>, Missing)> {
    let (new, known, changed) = tell_apart(tx, cx, profile, drafts)?;
    let missing = Lookup::read(tx, cx, profile, drafts)?.missing(drafts);
    Ok((new.len(), known, changed, missing))
}

/// Takes names that the office does not have out of the rows, for an import that makes nothing.
///
/// # Errors
/// When the database refuses.
pub fn keep_known(tx: &mut Tx<'_>, cx: &Cx, profile: &Profile, drafts: &mut [Draft]) -> Result<()> {
    Lookup::read(tx, cx, profile, drafts)?.keep_known(drafts);
    Ok(())
}

/// The home place of an office as a profile names it: its own, or one of its code and name where it has none yet.
///
/// # Errors
/// When the database refuses.
pub fn home_of(tx: &mut Tx<'_>, cx: &Cx) -> Result<Home> {
    let home = rows::home(tx, cx.office.id)?;
    let place = rows::places(tx, cx.office.id)?.into_iter().find(|p| Some(p.id) == home);
    Ok(match place {
        Some(place) => Home { code: place.code, kind: "street".to_owned(), name: place.name },
        None => {
            Home { code: cx.office.code.clone(), kind: "street".to_owned(), name: cx.office.name.clone() }
        }
    })
}

/// Gives an office its home place. Writes `office.home_set`.
///
/// # Errors
/// When the database refuses.
pub fn set_home(tx: &mut Tx<'_>, cx: &Cx, place: kernel::PlaceId) -> Result<()> {
    rows::set_home(tx, cx.office.id, place)?;
    let payload = serde_json::json!({ "place": place });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "office.home_set", &payload).map(|_| ())
}

/// Which drafts are new, how many are known and equal, which are known and say something else now.
fn tell_apart(
    tx: &mut Tx<'_>,
    cx: &Cx,
    profile: &Profile,
    drafts: &[Draft],
) -> Result<(Vec<usize>, u64, Vec<Skip>)> {
    let known = rows::known(tx, cx.office.id, &profile.system)?;
    let hashes: HashSet<&[u8]> = known.iter().filter_map(|(_, hash)| hash.as_deref()).collect();
    let numbers: HashMap<&str, Option<&[u8]>> =
        known.iter().filter_map(|(number, hash)| Some((number.as_deref()?, hash.as_deref()))).collect();
    let (mut new, mut equal, mut changed) = (Vec::new(), 0, Vec::new());
    for (i, draft) in drafts.iter().enumerate() {
        match draft.number.as_deref().map(|n| numbers.get(n)) {
            Some(Some(hash)) if *hash == Some(draft.hash.as_slice()) => equal += 1,
            Some(Some(_)) => {
                changed.push(Skip { line: draft.line, reason: "import-skip-changed".to_owned() })
            }
            None if hashes.contains(draft.hash.as_slice()) => equal += 1,
            Some(None) | None => new.push(i),
        }
    }
    Ok((new, equal, changed))
}

/// Takes a file over. Needs the program itself as actor; writes `report.received` and `case.import` (and
/// `case.import_close` where the source gives a time of closing) for each row.
///
/// # Errors
/// When the database refuses; what is wrong with the file is in the outcome, and then nothing was written.
pub fn import(
    db: &Db,
    cx: &Cx,
    profile: &Arc<Profile>,
    parsed: &Arc<Parsed>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome> {
    let cx = Cx { source: Source::Import, ..cx.clone() };
    let mut out = preview(db, Some(&cx), profile, parsed)?;
    if !out.errors.is_empty() {
        out.imported = 0;
        return Ok(out);
    }
    let (new, _) = look(db, &cx, profile, parsed, &mut Outcome::default())?;
    out.imported = 0;
    if new.is_empty() {
        return Ok(out);
    }
    let lookup = Arc::new(prepare(db, &cx, profile, parsed)?);
    let of = new.len() as u64;
    for chunk in new.chunks(CHUNK) {
        let (cx, profile, parsed, lookup) =
            (cx.clone(), Arc::clone(profile), Arc::clone(parsed), Arc::clone(&lookup));
        let indices = chunk.to_vec();
        db.write_now(move |tx| {
            let drafts: Vec<&Draft> = indices.iter().filter_map(|i| parsed.drafts.get(*i)).collect();
            tx.expect_ids(IDS_EACH * i64::try_from(drafts.len()).unwrap_or(i64::MAX))?;
            let series = drafts.iter().map(|d| (Series::of_class(&d.class), d.received.day(&cx.office.tz)));
            let mut numbers = Bundle::take(tx, cx.office.id, series)?;
            for draft in drafts {
                put(tx, &cx, &profile.system, draft, &lookup, &mut numbers)?;
            }
            Ok(())
        })?;
        out.imported += chunk.len() as u64;
        progress(Progress { done: out.imported, of });
    }
    Ok(out)
}

fn prepare(db: &Db, cx: &Cx, profile: &Arc<Profile>, parsed: &Arc<Parsed>) -> Result<Lookup> {
    let (cx, profile, parsed) = (cx.clone(), Arc::clone(profile), Arc::clone(parsed));
    let from = parsed.drafts.iter().map(|d| d.received).min().unwrap_or(cx.now).day(&cx.office.tz);
    db.write_now(move |tx| {
        if let Some(office) = &profile.office {
            lookup::make(tx, &cx, &profile, office, &parsed.drafts, from)?;
        }
        Lookup::read(tx, &cx, &profile, &parsed.drafts)
    })
}

/// The payload of `report.received` for a row of a file.
#[derive(Serialize)]
struct Imported<'a> {
    #[serde(flatten)]
    received: ReceivedEvent,
    source_system: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_number: Option<&'a str>,
}

fn put(
    tx: &mut Tx<'_>,
    cx: &Cx,
    system: &str,
    draft: &Draft,
    lookup: &Lookup,
    numbers: &mut Bundle,
) -> Result<()> {
    let cx = &Cx { occurred: Some(draft.received), ..cx.clone() };
    let day = draft.received.day(&cx.office.tz);
    let at = lookup.location(draft);
    let no = numbers
        .next(&cx.office.short, Series::of_class(&draft.class), day)
        .ok_or_else(|| Error::failed("an import takes more numbers than it has rows"))?;
    let said = if draft.text.is_empty() { &draft.title } else { &draft.text };
    let sealed = text::identifiers::seal(said);
    let title = match text::identifiers::seal(&draft.title).masked {
        // A column of texts that serves as title too is shortened; the text has all of it.
        given if given.chars().count() > TITLE_MOST => text::title_of(&given, TITLE_MOST),
        given if !given.is_empty() => given,
        _ => text::title_of(&sealed.masked, 40),
    };
    let chips: Vec<(String, String)> = sealed.parts.into_iter().map(|p| (p.chip, p.original)).collect();
    let party = match chips.is_empty() {
        true => None,
        false => Some(parties::create(tx, cx, &Contact { chips, ..Contact::default() })?),
    };
    let report = ReportId(tx.id()?);
    rows::put_report(
        tx,
        &ReportRow {
            id: report,
            office: cx.office.id,
            no: &no,
            channel: &draft.channel,
            kind: &draft.kind,
            class: &draft.class,
            title: &title,
            text: &sealed.masked,
            party,
            at: &at,
            received: draft.received,
            day,
            system,
            number: draft.number.as_deref(),
            hash: &draft.hash,
        },
    )?;
    let received = ReceivedEvent {
        no: no.clone(),
        channel: draft.channel.clone(),
        kind: draft.kind.clone(),
        class: draft.class.clone(),
        title: title.clone(),
        text: sealed.masked,
        party,
        reply_wanted: false,
        share_contact: false,
        at: at.clone(),
        photos: Vec::new(),
    };
    let payload = Imported { received, source_system: system, source_number: draft.number.as_deref() };
    events::append(tx, cx, Stream::Report, report.0, "report.received", &payload)?;
    let opening = Opening {
        no,
        procedure: cx.office.procedure.key.clone(),
        pack_version: cx.office.pack_version,
        kind: draft.kind.clone(),
        class: draft.class.clone(),
        title,
        channel: draft.channel.clone(),
        urgent: false,
        report,
        at,
        day,
        parent: None,
    };
    put_case(tx, cx, draft, lookup, opening)
}

/// The case as the source has it: what came in at its own time, what was closed at its own time.
fn put_case(tx: &mut Tx<'_>, cx: &Cx, draft: &Draft, lookup: &Lookup, opening: Opening) -> Result<()> {
    let case = CaseState::blank(cx.office.id, CaseId(tx.id()?));
    let report = opening.report;
    let mut effects = vec![Effect::Open(Box::new(opening)), Effect::Link { report, part: "1".to_owned() }];
    effects.extend(lookup.matter(draft).map(Effect::Matter));
    effects.extend(draft.due.map(|due| Effect::UpperDue(Some(due))));
    let times_known = draft.due.is_some() && (draft.stage != Stage::Closed || draft.closed.is_some());
    effects.extend(draft.outcome.clone().filter(|_| !times_known).map(Effect::Outcome));
    if draft.stage == Stage::Received {
        return finish(tx, cx, &case, draft, effects, ("received", Phase::Received));
    }
    effects.extend([Effect::Subject { unit: None, text: None }, Effect::Accepted]);
    let part = assign(tx, lookup.unit(draft), &mut effects)?;
    effects.extend((0..draft.returns).map(|_| Effect::Count(Counter::Return)));
    let working = if part.is_some() { ("handling", Phase::Handling) } else { ("accepted", Phase::Accepted) };
    let late = match (draft.closed, draft.due) {
        (Some(closed), Some(due)) => closed > due,
        _ => draft.outcome.as_deref() == Some("overtime"),
    };
    let done = part.map(|id| Effect::AssignmentDone { id, late });
    match (draft.stage, draft.closed) {
        (Stage::Closed, None) => {
            effects.extend(done);
            effects.push(Effect::TimesUnknown);
            finish(tx, cx, &case, draft, effects, ("closed", Phase::Closed))
        }
        (Stage::Closed, Some(closed)) => {
            let open =
                Act { to: Some((working.0.to_owned(), working.1)), effects, ..act_named(cx, "import") };
            let open = record(tx, cx, &case, &open)?;
            let cx = &Cx { occurred: Some(closed), ..cx.clone() };
            let effects = done.into_iter().chain([Effect::Done]).collect();
            let act = Act {
                from: working.0.to_owned(),
                to: Some(("closed".to_owned(), Phase::Closed)),
                said: reply(tx, cx, open.id, report, draft)?,
                tells: true,
                effects,
                ..act_named(cx, "import_close")
            };
            record(tx, cx, &open, &act).map(|_| ())
        }
        _ => finish(tx, cx, &case, draft, effects, working),
    }
}

fn assign(tx: &mut Tx<'_>, unit: Option<UnitId>, effects: &mut Vec<Effect>) -> Result<Option<AssignmentId>> {
    let Some(unit) = unit else { return Ok(None) };
    let id = AssignmentId(tx.id()?);
    effects.push(Effect::Assign { id, unit, role: Role::Lead });
    Ok(Some(id))
}

/// A case of one event.
fn finish(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: &CaseState,
    draft: &Draft,
    effects: Vec<Effect>,
    to: (&str, Phase),
) -> Result<()> {
    let report = match effects.first() {
        Some(Effect::Open(opening)) => opening.report,
        _ => return Err(Error::failed("an imported case does not open")),
    };
    let said = reply(tx, cx, case.id, report, draft)?;
    let tells = said.note.is_some();
    let act = Act { to: Some((to.0.to_owned(), to.1)), said, tells, effects, ..act_named(cx, "import") };
    record(tx, cx, case, &act).map(|_| ())
}

/// What was answered, its identifiers in the sealed part.
fn reply(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, report: ReportId, draft: &Draft) -> Result<Said> {
    if draft.reply.is_empty() {
        return Ok(Said::default());
    }
    let sealed = text::identifiers::seal(&draft.reply);
    let parts: Vec<(String, String)> = sealed.parts.into_iter().map(|p| (p.chip, p.original)).collect();
    let mut said = Said { note: Some(sealed.masked), ..Said::default() };
    if !parts.is_empty() {
        let plain = serde_json::to_vec(&parts).map_err(|e| Error::failed(e.to_string()))?;
        let bytes = parties::seal_for_case(tx, cx, case, report, &plain)?;
        said.sealed = Some(data_encoding::BASE64.encode(&bytes));
    }
    Ok(said)
}

/// The instants of a file's first and last record, for a message.
#[must_use]
pub fn span(parsed: &Parsed) -> Option<(Ts, Ts)> {
    let received = || parsed.drafts.iter().map(|d| d.received);
    received().min().zip(received().max())
}
