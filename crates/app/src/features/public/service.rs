//! The public side's acts on the inside, each one transaction: taking in a filing, the requester's own acts,
//! the projection of one report.

use super::link::{
    Act, Class, ContactView, Filing, May, Own, Part, Picture, Rating, Ticket, Tracking, Trouble,
};
use super::progress::{self, Sources};
use super::{nearby, store as rows};
use crate::context::Cx;
use crate::events::{self, Event, Stream};
use crate::features::catalogue::service as catalogue;
use crate::features::intake::model::{NewReport, Photo, Rated, Report};
use crate::features::intake::service as intake;
use crate::features::parties::service::{self as parties, Contact};
use crate::features::people::service as people;
use crate::features::places::service as places;
use crate::features::procedures::model::Input;
use crate::features::procedures::procedure::Phase;
use crate::features::procedures::service as engine;
use crate::features::procedures::state::{CaseState, Location};
use crate::features::procedures::{store as case_rows, timeline, verbs};
use kernel::{AttachmentId, CaseId, Refusal, ReportId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{Result, Tx};

/// Between two urgings of one requester.
const URGE_APART: i64 = 2 * Ts::HOUR;
/// Additions to one report by its requester at most.
const ADDED_MOST: usize = 30;
/// Longest address in words, in characters.
const ADDRESS_MOST: usize = 120;
/// Longest name, in characters.
const NAME_MOST: usize = 40;

/// What became of a filing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filed {
    /// The report.
    pub report: ReportId,
    /// Its number.
    pub no: String,
    /// When it was taken.
    pub taken_at: Ts,
    /// Whether it was joined to a trouble that is being handled.
    pub followed: bool,
}

/// What a requester added, on the stream of their report.
#[derive(Debug, Serialize, Deserialize)]
struct Added {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    photos: Vec<AttachmentId>,
    /// Identifiers that stood in the text, under the requester's own key, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

/// Takes in a filing under a number taken before, and joins it to the open trouble it was said to be.
/// `merge_reason` is what the history says about that.
///
/// # Errors
/// As `intake::service::receive`; `public.file.too_long` for address and name.
pub fn file(tx: &mut Tx<'_>, cx: &Cx, no: &str, filing: &Filing, merge_reason: &str) -> Result<Filed> {
    for (field, text, most) in [("address", &filing.address, ADDRESS_MOST), ("name", &filing.name, NAME_MOST)]
    {
        if text.chars().count() > most {
            return Err(Refusal::rule("public.file.too_long").on(field).with("most", most).into());
        }
    }
    let at = location(tx, cx, filing)?;
    let kind = match filing.class {
        Class::Ordinary => nearby::kind_of(tx, cx, &filing.text)?,
        other => other.as_str().to_owned(),
    };
    // A door in the address belongs to the person, not to the place.
    let has_door = at.address != filing.address.trim();
    let contact = Contact {
        name: filing.name.trim().to_owned(),
        phone: filing.phone.trim().to_owned(),
        address: if has_door { filing.address.trim().to_owned() } else { String::new() },
        chips: Vec::new(),
    };
    let new = NewReport {
        no: no.to_owned(),
        code: filing.code.clone(),
        channel: filing.channel.clone(),
        kind,
        class: filing.class.as_str().to_owned(),
        text: filing.text.clone(),
        contact,
        reply_wanted: filing.reply_wanted,
        share_contact: filing.share_contact && !filing.phone.trim().is_empty(),
        at,
        photos: filing.photos.iter().map(|p| Photo { stored: p.into(), kind: "scene".to_owned() }).collect(),
        ..NewReport::default()
    };
    let received = intake::receive(tx, cx, &new)?;
    let followed = match filing.same_as {
        Some(into) => join(tx, cx, received.case, into, merge_reason)?,
        None => false,
    };
    Ok(Filed { report: received.report, no: received.no, taken_at: cx.occurred.unwrap_or(cx.now), followed })
}

fn location(tx: &mut Tx<'_>, cx: &Cx, filing: &Filing) -> Result<Location> {
    let address = text::identifiers::seal(filing.address.trim()).masked;
    let located = match filing.place {
        Some(place) => Some(places::located(tx, cx.office.id, place)?),
        None => None,
    };
    Ok(Location {
        place: located.map(|l| l.place),
        community: located.and_then(|l| l.community),
        grid: located.and_then(|l| l.grid),
        address,
        lon_e7: None,
        lat_e7: None,
    })
}

/// Joins a case to another by the requester's own word. When the other is over by now, or of another class,
/// nothing happens: the report stands by itself.
fn join(tx: &mut Tx<'_>, cx: &Cx, from: CaseId, into: CaseId, reason: &str) -> Result<bool> {
    let other = match engine::load(tx, cx.office.id, into) {
        Ok(other) => other,
        Err(store::Error::Refused(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let mine = engine::load(tx, cx.office.id, from)?;
    let fits = from != into
        && other.phase.is_open()
        && mine.phase.is_open()
        && mine.class == other.class
        && mine.state != "split";
    if !fits {
        return Ok(false);
    }
    verbs::merge(tx, &cx.as_system(), from, into, reason)?;
    Ok(true)
}

/// What a requester does about their own report.
///
/// # Errors
/// `public.act.*` and the engine's own.
pub fn act(tx: &mut Tx<'_>, cx: &Cx, ticket: &Ticket, act: &Act, merge_reason: &str) -> Result<bool> {
    let report = intake::report(tx, cx, ticket.report)?;
    match act {
        Act::Add { text, photos } => {
            let text = unnamed(tx, cx, &report, text)?;
            add(tx, cx, &report, &text, photos).map(|()| false)
        }
        Act::Urge => urge(tx, cx, &report).map(|()| false),
        Act::Rate { score, solved, words } => {
            let words = unnamed(tx, cx, &report, words)?;
            rate(tx, cx, &report, *score, *solved, &words).map(|()| false)
        }
        Act::Same { case } => {
            let mine = intake::case_of(tx, cx, report.id)?;
            // Only before anybody has begun with it: afterwards the office decides what belongs together.
            if mine.phase != Phase::Received { Ok(false) } else { join(tx, cx, mine.id, *case, merge_reason) }
        }
        Act::Erase => erase(tx, cx, &report).map(|()| false),
    }
}

/// What a reporter says later, with a chip for the name they gave: it stands with their contact, sealed, already.
fn unnamed(tx: &mut Tx<'_>, cx: &Cx, report: &Report, said: &str) -> Result<String> {
    let Some(party) = report.party else { return Ok(said.to_owned()) };
    let Some(contact) = parties::open(tx, cx, party)? else { return Ok(said.to_owned()) };
    let parts = text::identifiers::seal_naming(said, &contact.name).parts;
    let name = parts.into_iter().find(|part| part.kind == text::identifiers::Kind::Name);
    Ok(name.map_or_else(|| said.to_owned(), |part| said.replace(&part.original, &part.chip)))
}

fn add(tx: &mut Tx<'_>, cx: &Cx, report: &Report, said: &str, pictures: &[Picture]) -> Result<()> {
    let text_given = said.trim();
    if text_given.is_empty() && pictures.is_empty() {
        return Err(Refusal::missing("text").into());
    }
    if text_given.chars().count() > intake::TEXT_MOST {
        return Err(Refusal::rule("demands.report.text_too_long")
            .on("text")
            .with("most", intake::TEXT_MOST)
            .into());
    }
    if own_events(tx, cx, report.id)?.iter().filter(|e| e.kind == "report.added").count() >= ADDED_MOST {
        return Err(Refusal::rule("public.act.added_often").on("text").with("most", ADDED_MOST).into());
    }
    let case = intake::case_of(tx, cx, report.id)?;
    let mut photos = Vec::new();
    for picture in pictures {
        let photo = Photo { stored: picture.into(), kind: "scene".to_owned() };
        photos.push(intake::put_photo(tx, cx, Some(case.id), Some(report.id), &photo)?);
    }
    // In a merged case the engine would seal identifiers under the first reporter's key; they belong to this one.
    let sealed = text::identifiers::seal(text_given);
    let mut kept = None;
    let own_case = case.report == report.id;
    if !own_case && !sealed.parts.is_empty() {
        let parts: Vec<(String, String)> =
            sealed.parts.iter().map(|p| (p.chip.clone(), p.original.clone())).collect();
        let plain = serde_json::to_vec(&parts).map_err(|e| store::Error::failed(e.to_string()))?;
        kept =
            Some(data_encoding::BASE64.encode(&parties::seal_for_case(tx, cx, case.id, report.id, &plain)?));
    }
    let masked = if sealed.masked.is_empty() { "—".to_owned() } else { sealed.masked };
    let note = if own_case && !text_given.is_empty() { text_given.to_owned() } else { masked.clone() };
    let input = Input { note: Some(note), photos: photos.clone(), ..Input::default() };
    intake::by_requester(tx, cx, report.id, "supplement", input)?;
    let payload = Added { text: masked, photos, sealed: kept };
    events::append(tx, cx, Stream::Report, report.id.0, "report.added", &payload)?;
    Ok(())
}

fn urge(tx: &mut Tx<'_>, cx: &Cx, report: &Report) -> Result<()> {
    let last = own_events(tx, cx, report.id)?.into_iter().rev().find(|e| e.kind == "report.urged");
    if let Some(last) = last.filter(|e| cx.now.since(e.recorded_at) < URGE_APART) {
        let wait = (URGE_APART - cx.now.since(last.recorded_at)) / Ts::MINUTE + 1;
        return Err(Refusal::rule("public.act.urged_just_now").with("minutes", wait).into());
    }
    intake::by_requester(tx, cx, report.id, "urge", Input::default())?;
    events::append(tx, cx, Stream::Report, report.id.0, "report.urged", &serde_json::json!({}))?;
    Ok(())
}

fn rate(
    tx: &mut Tx<'_>,
    cx: &Cx,
    report: &Report,
    score: Option<i64>,
    solved: bool,
    words: &str,
) -> Result<()> {
    if words.chars().count() > intake::TEXT_MOST {
        return Err(Refusal::rule("demands.report.text_too_long")
            .on("words")
            .with("most", intake::TEXT_MOST)
            .into());
    }
    match (score, solved) {
        (Some(score), _) => intake::rate(tx, cx, report.id, score, solved, words).map(|_| ()),
        (None, true) => Err(Refusal::rule("public.act.no_score").on("score").into()),
        (None, false) => {
            let said = text::identifiers::seal(words.trim()).masked;
            let reason = if said.is_empty() { "—".to_owned() } else { said.clone() };
            let input = Input { reason: Some(reason), ..Input::default() };
            intake::by_requester(tx, cx, report.id, "reopen", input)?;
            let payload = Added { text: said, photos: Vec::new(), sealed: None };
            events::append(tx, cx, Stream::Report, report.id.0, "report.unsolved", &payload)?;
            Ok(())
        }
    }
}

/// Erases the contact at once where nobody needs it any more.
fn erase(tx: &mut Tx<'_>, cx: &Cx, report: &Report) -> Result<()> {
    let Some(party) = report.party else { return Err(Refusal::rule("public.erase.nothing").into()) };
    if intake::case_of(tx, cx, report.id)?.phase.is_open() {
        return Err(Refusal::rule("public.erase.still_open").into());
    }
    intake::erase_party(tx, cx, party, "requester")
}

fn own_events(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<Vec<Event>> {
    events::list(tx, cx.office.id, Stream::Report, report.0)
}

/// How a report stands, for the holder of its code.
///
/// # Errors
/// `common.not_found`.
pub fn tracking(tx: &mut Tx<'_>, cx: &Cx, ticket: &Ticket) -> Result<Tracking> {
    let report = intake::report(tx, cx, ticket.report)?;
    let case = intake::case_of(tx, cx, report.id)?;
    let entries = timeline::of_case(tx, cx, case.id)?;
    let units: HashMap<UnitId, String> =
        people::units(tx, cx.office.id)?.into_iter().map(|u| (u.id, u.short)).collect();
    let matter = match case.matter {
        Some(id) => Some(catalogue::matter(tx, cx.office.id, id)?),
        None => None,
    };
    let pictures = intake::photos(tx, cx, case.id)?;
    let own = own_events(tx, cx, report.id)?;
    let contact = contact(tx, cx, &report, &units)?;
    let rating = rating(&own);
    let sources = Sources {
        case: &case,
        entries: &entries,
        matter: matter.as_ref(),
        said_at: report.received_at.min(report.occurred_at),
        rated: rating.as_ref().is_some_and(|r| r.at >= case.done_at.unwrap_or(Ts(0))),
        reachable: contact.left && !contact.erased && report.reply_wanted,
        units: &units,
        tellable: &pictures.iter().filter(|p| p.report.is_none()).map(|p| p.id).collect::<HashSet<_>>(),
        routes: catalogue::refusal_routes()?,
        office: &cx.office,
        now: cx.now,
    };
    let photos = intake::photos_of_report(tx, cx, report.id)?;
    let added: HashSet<AttachmentId> = said_since(&own)?.into_iter().flat_map(|o| o.photos).collect();
    Ok(Tracking {
        no: report.no.clone(),
        office: cx.office.name.clone(),
        title: report.title.clone(),
        text: report.text.clone(),
        photos: photos.iter().map(|p| p.id).filter(|id| !added.contains(id)).collect(),
        matter: matter.as_ref().map(|m| m.names.clone()),
        said_at: sources.said_at,
        followed: case.report != report.id,
        phase: case.phase.as_str().to_owned(),
        ended: case.ended.clone(),
        promise: progress::promise(&sources),
        steps: progress::steps(&sources),
        parts: parts(tx, cx, &case, &units)?,
        stop: progress::stop(&sources),
        own: said_since(&own)?,
        may: may(cx, &case, &contact),
        contact,
        rating,
    })
}

/// What the requester did since, from the stream of their own report.
fn said_since(events: &[Event]) -> Result<Vec<Own>> {
    let mut out = Vec::new();
    for event in events {
        let (key, text, photos) = match event.kind.as_str() {
            "report.added" | "report.unsolved" => {
                let said: Added = event.read()?;
                (if event.kind == "report.added" { "added" } else { "unsolved" }, said.text, said.photos)
            }
            "report.urged" => ("urged", String::new(), Vec::new()),
            "report.rated" => {
                let rated: Rated = event.read()?;
                (if rated.solved { "rated" } else { "unsolved" }, rated.words, Vec::new())
            }
            _ => continue,
        };
        out.push(Own { key: key.to_owned(), at: event.occurred_at, text, photos });
    }
    Ok(out)
}

fn rating(events: &[Event]) -> Option<Rating> {
    let last = events.iter().rev().find(|e| e.kind == "report.rated")?;
    let rated: Rated = last.read().ok()?;
    Some(Rating { score: rated.rating, solved: rated.solved, at: last.occurred_at })
}

fn contact(
    tx: &mut Tx<'_>,
    cx: &Cx,
    report: &Report,
    units: &HashMap<UnitId, String>,
) -> Result<ContactView> {
    let Some(party) = report.party else { return Ok(ContactView::default()) };
    let mut looks: Vec<(String, i64, Ts)> = Vec::new();
    for look in intake::looks(tx, cx, report.id)? {
        let unit = look.unit.and_then(|u| units.get(&u)).cloned().unwrap_or_default();
        match looks.iter_mut().find(|(name, _, _)| *name == unit) {
            Some(known) => (known.1, known.2) = (known.1 + 1, look.at),
            None => looks.push((unit, 1, look.at)),
        }
    }
    let open = parties::open(tx, cx, party)?;
    Ok(ContactView {
        left: open.as_ref().is_none_or(|c| !c.is_empty()),
        erased: open.is_none(),
        phone: open.map(|c| c.masked().phone).unwrap_or_default(),
        share: report.share_contact,
        looks,
    })
}

fn parts(tx: &mut Tx<'_>, cx: &Cx, whole: &CaseState, units: &HashMap<UnitId, String>) -> Result<Vec<Part>> {
    let mut out = Vec::new();
    if whole.parent.is_some() {
        return Ok(out);
    }
    for id in case_rows::cases_of_report(tx, cx.office.id, whole.report)? {
        let case = engine::load(tx, cx.office.id, id)?;
        if case.parent != Some(whole.id) {
            continue;
        }
        let (lead, due) = progress::lead_and_due(&case);
        out.push(Part {
            title: case.title.clone(),
            phase: case.phase.as_str().to_owned(),
            unit: lead.and_then(|u| units.get(&u)).cloned(),
            due,
        });
    }
    Ok(out)
}

/// What the procedure lets a requester do in this state.
fn may(cx: &Cx, case: &CaseState, contact: &ContactView) -> May {
    let allows = |key: &str| cx.office.procedure.action(key).is_some_and(|a| a.from.contains(&case.state));
    let over = case.merged_into.is_none() && matches!(case.phase, Phase::Closed | Phase::Calling);
    May {
        add: allows("supplement"),
        urge: allows("urge"),
        rate: over,
        reopen: over && case.ended.is_none() && allows("reopen"),
        erase: contact.left && !contact.erased && !case.phase.is_open(),
    }
}

/// A picture the holder of a ticket may see: their own, or one that went with words that were told.
///
/// # Errors
/// `common.not_found` for any other.
pub fn picture(tx: &mut Tx<'_>, cx: &Cx, ticket: &Ticket, id: AttachmentId) -> Result<String> {
    let photo = intake::photo(tx, cx, id)?;
    if photo.report == Some(ticket.report) {
        return Ok(photo.hash);
    }
    let case = intake::case_of(tx, cx, ticket.report)?;
    if photo.report.is_none() && photo.case == Some(case.id) {
        let entries = timeline::of_case(tx, cx, case.id)?;
        let told = entries.iter().filter_map(|e| e.act.as_ref()).any(|a| a.tells && a.photos.contains(&id));
        if told {
            return Ok(photo.hash);
        }
    }
    Err(Refusal::not_found().into())
}

/// Troubles a filing may belong to, for the receipt of somebody whose browser could not ask while they typed.
///
/// # Errors
/// When the database refuses.
pub fn similar_to(tx: &mut Tx<'_>, cx: &Cx, filing: &Filing, filed: &Filed) -> Result<Vec<Trouble>> {
    if filing.class != Class::Ordinary || filed.followed {
        return Ok(Vec::new());
    }
    let own = case_rows::cases_of_report(tx, cx.office.id, filed.report)?;
    let found = nearby::similar(tx, cx, filing.place, &format!("{}\n{}", filing.text, filing.address))?;
    Ok(found.into_iter().filter(|t| !own.contains(&t.case)).collect())
}

/// Whether a parcel was taken before, so that no number is taken for it again.
///
/// # Errors
/// When the database refuses.
pub fn is_known(tx: &mut Tx<'_>, cx: &Cx, parcel: &str) -> Result<bool> {
    rows::is_known(tx, cx.office.id, parcel)
}
