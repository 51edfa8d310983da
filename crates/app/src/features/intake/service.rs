//! Receiving, following, rating, revealing, erasing.

use super::model::{Attachment, Look, NewReport, Photo, Rated, Received, ReceivedEvent, Report, Revealed};
use super::store as rows;
use crate::actor::ActorKind;
use crate::context::Cx;
use crate::crypto;
use crate::events::{self, Stream};
use crate::features::catalogue;
use crate::features::parties::service::{self as parties, Contact};
use crate::features::procedures::model::{Acted, Ask, Input, NewCase};
use crate::features::procedures::state::{Act, CaseState, Effect, Location, MatterRef};
use crate::features::procedures::{self, service as engine, upper as upper_links, verbs};
use kernel::{AttachmentId, CaseId, MatterId, PartyId, Refusal, ReportId, Ts};
use serde_json::json;
use store::{Result, Tx, args};

/// Longest text taken, in characters.
pub const TEXT_MOST: usize = 4_000;
/// Pictures taken with one report at most.
pub const PHOTOS_MOST: usize = 9;

/// Takes in what somebody says: party, report, case, pictures, upper link, all or nothing.
///
/// # Errors
/// When the text is empty or too long, or a field cannot be read.
pub fn receive(tx: &mut Tx<'_>, cx: &Cx, new: &NewReport) -> Result<Received> {
    receive_stated(tx, cx, new, &Stated::default())
}

/// What whoever enters a report says of it besides: the matter as they see it, and where an entry for
/// somebody else 代录 comes from.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// The matter, until the acceptor says otherwise.
    pub matter: Option<MatterId>,
    /// phone, group, paper, site.
    pub via: Option<String>,
    /// When it was seen, where it is sent later. No clock starts from it: a clock starts when the office knows.
    pub seen: Option<Ts>,
}

/// [`receive`] with what was stated besides.
///
/// # Errors
/// As [`receive`]; `common.not_found` for a matter the office has not.
pub fn receive_stated(tx: &mut Tx<'_>, cx: &Cx, new: &NewReport, stated: &Stated) -> Result<Received> {
    if cx.actor.kind == ActorKind::Staff {
        cx.actor.need("demands.report")?;
    }
    check(new)?;
    let name = new.contact.name.as_str();
    let sealed = text::identifiers::seal_naming(new.text.trim(), name);
    let mut contact = new.contact.clone();
    // A room is where somebody lives, also where it is told as the place of the trouble.
    let address = text::identifiers::seal_naming(new.at.address.trim(), name);
    if !address.parts.is_empty() && contact.address.trim().is_empty() {
        new.at.address.trim().clone_into(&mut contact.address);
    }
    let new = &NewReport { at: Location { address: address.masked, ..new.at.clone() }, ..new.clone() };
    contact.chips = sealed.parts.into_iter().map(|p| (p.chip, p.original)).collect();
    let party = if contact.is_empty() { None } else { Some(parties::create(tx, cx, &contact)?) };
    let title = match text::identifiers::seal_naming(new.title.trim(), name).masked {
        given if !given.is_empty() => given,
        _ => text::title_of(&sealed.masked, 40),
    };
    let report = ReportId(tx.id()?);
    put_report(tx, cx, new, report, party, &title, &sealed.masked)?;
    if let Some(via) = &stated.via {
        events::append(tx, cx, Stream::Report, report.0, "report.entered_for", &json!({ "via": via }))?;
    }
    if let Some(seen) = stated.seen.filter(|seen| *seen < cx.now) {
        tx.exec(&rows::SET_SEEN, args![cx.office.id, report, seen])?;
        events::append(tx, cx, Stream::Report, report.0, "report.seen", &json!({ "at": seen }))?;
    }
    let case = open_case(tx, cx, new, report, title)?;
    if let Some(matter) = stated.matter {
        state_matter(tx, cx, new, &case, matter)?;
    }
    for photo in &new.photos {
        put_photo(tx, cx, Some(case.id), Some(report), photo)?;
    }
    if let Some(upper) = &new.upper {
        upper_links::link_upper(tx, cx, case.id, report, upper)?;
    }
    Ok(Received { report, case: case.id, no: new.no.clone(), code: new.code.clone() })
}

/// Writes the matter that was stated. The kind and the class of secrecy stay as stated too: a petition about
/// an ordinary matter is a petition.
fn state_matter(tx: &mut Tx<'_>, cx: &Cx, new: &NewReport, case: &CaseState, matter: MatterId) -> Result<()> {
    let matter = catalogue::service::matter(tx, cx.office.id, matter)?;
    let class = if new.class == "ordinary" { matter.secret.as_str() } else { new.class.as_str() };
    let mut effects = vec![Effect::Matter(MatterRef {
        id: matter.id,
        code: matter.code.clone(),
        kind: new.kind.clone(),
        class: class.to_owned(),
    })];
    if matter.emergency && !case.urgent {
        effects.push(Effect::Urgent(true));
    }
    let act = Act { from: case.state.clone(), quiet: true, effects, ..engine::act_named(cx, "state_matter") };
    engine::record(tx, cx, case, &act)?;
    Ok(())
}

/// What can be said of a report before a number is taken for it.
///
/// # Errors
/// When the text is empty or too long, there are too many pictures, or the phone cannot be one.
pub fn check(new: &NewReport) -> Result<()> {
    if new.text.trim().is_empty() {
        return Err(Refusal::missing("text").into());
    }
    if new.text.chars().count() > TEXT_MOST {
        return Err(Refusal::rule("demands.report.text_too_long").on("text").with("most", TEXT_MOST).into());
    }
    if new.photos.len() > PHOTOS_MOST {
        return Err(Refusal::rule("demands.report.too_many_photos")
            .on("photos")
            .with("most", PHOTOS_MOST)
            .into());
    }
    let phone = new.contact.phone.trim();
    if !phone.is_empty() && text::normalize_phone(phone).is_none() {
        return Err(Refusal::rule("demands.report.phone").on("phone").into());
    }
    Ok(())
}

fn put_report(
    tx: &mut Tx<'_>,
    cx: &Cx,
    new: &NewReport,
    report: ReportId,
    party: Option<PartyId>,
    title: &str,
    text: &str,
) -> Result<()> {
    let track = cx.vault.mac(cx.office.id, "track", new.code.as_bytes())?.to_vec();
    let occurred = cx.occurred.unwrap_or(cx.now);
    tx.exec(
        &rows::PUT_REPORT,
        args![
            report,
            cx.office.id,
            &new.no,
            &new.channel,
            &new.kind,
            &new.class,
            title,
            text,
            party,
            new.reply_wanted,
            new.share_contact,
            track,
            new.at.place,
            new.at.community,
            new.at.grid,
            &new.at.address,
            new.at.lon_e7,
            new.at.lat_e7,
            occurred,
            cx.now,
            occurred.day(&cx.office.tz),
            cx.actor.account
        ],
    )?;
    let payload = ReceivedEvent {
        no: new.no.clone(),
        channel: new.channel.clone(),
        kind: new.kind.clone(),
        class: new.class.clone(),
        title: title.to_owned(),
        text: text.to_owned(),
        party,
        reply_wanted: new.reply_wanted,
        share_contact: new.share_contact,
        at: new.at.clone(),
        photos: new.photos.iter().map(|p| p.stored.hash.clone()).collect(),
    };
    events::append(tx, cx, Stream::Report, report.0, "report.received", &payload)?;
    Ok(())
}

fn open_case(
    tx: &mut Tx<'_>,
    cx: &Cx,
    new: &NewReport,
    report: ReportId,
    title: String,
) -> Result<CaseState> {
    let case = NewCase {
        no: new.no.clone(),
        report,
        kind: new.kind.clone(),
        class: new.class.clone(),
        title,
        channel: new.channel.clone(),
        urgent: new.urgent,
        at: new.at.clone(),
        parent: None,
        part: "1".to_owned(),
    };
    match &new.on_spot {
        Some(done) => engine::open_ended(tx, cx, case, "on_spot", done),
        None => engine::open(tx, cx, case),
    }
}

/// Keeps a picture's row; its content was stored before.
///
/// # Errors
/// When the database refuses.
pub fn put_photo(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: Option<CaseId>,
    report: Option<ReportId>,
    photo: &Photo,
) -> Result<AttachmentId> {
    let id = AttachmentId(tx.id()?);
    tx.exec(
        &rows::PUT_ATTACHMENT,
        args![
            id,
            cx.office.id,
            case,
            report,
            &photo.kind,
            &photo.stored.hash,
            photo.stored.mime,
            photo.stored.bytes,
            photo.stored.width,
            photo.stored.height,
            cx.now,
            cx.actor.account,
            cx.actor.unit,
            false
        ],
    )?;
    Ok(id)
}

/// The report a number and a code belong to. The code is compared by its keyed hash in constant time; a
/// wrong number and a wrong code look the same.
///
/// # Errors
/// `public.track.unknown`.
pub fn by_code(tx: &mut Tx<'_>, cx: &Cx, no: &str, code: &str) -> Result<ReportId> {
    let unknown = || Refusal::rule("public.track.unknown").on("code");
    let code = text::parse_tracking_code(code).ok_or_else(unknown)?;
    let given = cx.vault.mac(cx.office.id, "track", code.as_bytes())?;
    let found = tx.opt(&rows::TRACK, args![cx.office.id, no.trim()], |row| {
        Ok((row.get::<ReportId>(0)?, row.get::<Option<Vec<u8>>>(1)?))
    })?;
    let (report, track) = found.ok_or_else(unknown)?;
    if track.is_some_and(|kept| crypto::is_same(&kept, &given)) { Ok(report) } else { Err(unknown().into()) }
}

/// A report. Not a check of rights.
///
/// # Errors
/// `common.not_found`.
pub fn report(tx: &mut Tx<'_>, cx: &Cx, id: ReportId) -> Result<Report> {
    tx.opt(&rows::REPORT, args![cx.office.id, id], rows::report)?.ok_or_else(|| Refusal::not_found().into())
}

/// The reports tied to a case now, oldest first. Of a split message a unit reads its own part only, while another
/// part is about that unit or may yet be.
///
/// # Errors
/// When the database refuses.
pub fn reports_of_case(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Report>> {
    let mut reports = tx.query(&rows::REPORTS_OF_CASE, args![cx.office.id, case], rows::report)?;
    if let Some(part) = verbs::own_part(tx, cx, case)? {
        for report in &mut reports {
            report.text.clone_from(&part);
            report.title.clone_from(&part);
        }
    }
    Ok(reports)
}

/// The pictures of a case.
///
/// # Errors
/// When the database refuses.
pub fn photos(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Attachment>> {
    tx.query(&rows::ATTACHMENTS, args![cx.office.id, case], rows::attachment)
}

/// When what a report tells was seen, where that was told apart from when it was sent.
///
/// # Errors
/// When the database refuses.
pub fn seen_at(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<Option<Ts>> {
    Ok(tx.value::<Option<Ts>>(&rows::SEEN, args![cx.office.id, report])?.flatten())
}

/// What was spoken for the reports of a case; none where only a part of a message may be read there, for a recording
/// cannot be split.
///
/// # Errors
/// When the database refuses.
pub fn voices(tx: &mut Tx<'_>, cx: &Cx, case: CaseId) -> Result<Vec<Attachment>> {
    let all = tx.query(&rows::VOICES, args![cx.office.id, case], rows::attachment)?;
    if !all.is_empty() && verbs::own_part(tx, cx, case)?.is_some() {
        return Ok(Vec::new());
    }
    Ok(all)
}

/// What was spoken for a report. Not a check of rights.
///
/// # Errors
/// When the database refuses.
pub fn voices_of_report(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<Vec<Attachment>> {
    tx.query(&rows::VOICES_OF_REPORT, args![cx.office.id, report], rows::attachment)
}

/// The pictures a requester sent.
///
/// # Errors
/// When the database refuses.
pub fn photos_of_report(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<Vec<Attachment>> {
    tx.query(&rows::ATTACHMENTS_OF_REPORT, args![cx.office.id, report], rows::attachment)
}

/// A picture or what was spoken, by its id.
///
/// # Errors
/// `common.not_found`.
pub fn photo(tx: &mut Tx<'_>, cx: &Cx, id: AttachmentId) -> Result<Attachment> {
    tx.opt(&rows::ATTACHMENT, args![cx.office.id, id], rows::attachment)?
        .ok_or_else(|| Refusal::not_found().into())
}

/// The contact as everybody who handles the case may see it; `None` when none was left or it is erased.
///
/// # Errors
/// When the keys do not fit.
pub fn masked_contact(tx: &mut Tx<'_>, cx: &Cx, report: &Report) -> Result<Option<Contact>> {
    let Some(party) = report.party else { return Ok(None) };
    Ok(parties::open(tx, cx, party)?.map(|c| c.masked()).filter(|c| !c.is_empty()))
}

/// Shows a contact to somebody who gives a reason; the look is written first and the requester can see it.
///
/// # Errors
/// Without the right over the case, without a reason, or for a firm without the requester's tick.
pub fn reveal(tx: &mut Tx<'_>, cx: &Cx, case: CaseId, report: ReportId, reason: &str) -> Result<Contact> {
    cx.actor.need("demands.reveal")?;
    let seen = engine::visible(tx, cx, case)?;
    if reason.trim().chars().count() < 2 {
        return Err(Refusal::missing("reason").into());
    }
    if !seen.links.iter().any(|l| l.report == report && l.until.is_none()) {
        return Err(Refusal::not_found().into());
    }
    let report = self::report(tx, cx, report)?;
    if !report.share_contact && is_firm(tx, cx)? {
        return Err(Refusal::forbidden("demands.reveal.no_consent").into());
    }
    let contact = match report.party {
        Some(party) => parties::open(tx, cx, party)?,
        None => None,
    };
    let contact = contact.ok_or_else(|| Refusal::rule("demands.reveal.nothing"))?;
    // The log is read by others than who may reveal.
    let payload = Revealed { reason: text::identifiers::seal(reason.trim()).masked, case };
    events::append(tx, cx, Stream::Report, report.id.0, "report.revealed", &payload)?;
    Ok(contact)
}

/// Whether the actor works for a contractor or a property firm, for whom consent is needed (REAL-DAYS, guards 2).
fn is_firm(tx: &mut Tx<'_>, cx: &Cx) -> Result<bool> {
    let kinds = tx.query(&procedures::store::UNIT_NAMES, args![cx.office.id], |row| {
        Ok((row.get::<kernel::UnitId>(0)?, row.get::<String>(3)?))
    })?;
    Ok(kinds
        .iter()
        .any(|(id, kind)| cx.actor.units.contains(id) && matches!(kind.as_str(), "contractor" | "property")))
}

/// How often, by which unit and when the contact was looked at: the requester may know.
///
/// # Errors
/// When the database refuses.
pub fn looks(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<Vec<Look>> {
    tx.query(&rows::LOOKS, args![cx.office.id, report], |row| Ok(Look { at: row.get(0)?, unit: row.get(1)? }))
}

/// The case a requester's report is in now: the open one first.
///
/// # Errors
/// `common.not_found` when it is in none.
pub fn case_of(tx: &mut Tx<'_>, cx: &Cx, report: ReportId) -> Result<CaseState> {
    let ids = procedures::store::cases_of_report(tx, cx.office.id, report)?;
    let mut whole = None;
    for id in ids {
        let case = engine::load(tx, cx.office.id, id)?;
        if case.parent.is_none() {
            return Ok(case);
        }
        whole.get_or_insert(case);
    }
    whole.ok_or_else(|| Refusal::not_found().into())
}

/// What a requester does on their own report: `urge`, `supplement`.
///
/// # Errors
/// As the engine's.
pub fn by_requester(tx: &mut Tx<'_>, cx: &Cx, report: ReportId, action: &str, input: Input) -> Result<Acted> {
    let case = case_of(tx, cx, report)?;
    engine::act(tx, cx, &Ask { case: case.id, action: action.to_owned(), version: None, input })
}

/// A requester rates. The first rating stays in the figures unless a new handling came between; "not
/// solved" reopens the case at once.
///
/// # Errors
/// Before the case is done, or a rating out of 1 to 5.
pub fn rate(
    tx: &mut Tx<'_>,
    cx: &Cx,
    report: ReportId,
    rating: i64,
    solved: bool,
    words: &str,
) -> Result<Acted> {
    if !(1..=5).contains(&rating) {
        return Err(Refusal::rule("demands.call.satisfied_range").on("rating").into());
    }
    let case = case_of(tx, cx, report)?;
    let done = matches!(case.state.as_str(), "closed" | "calling") && case.merged_into.is_none();
    if !done {
        return Err(Refusal::rule("public.rate.not_done").into());
    }
    let old = self::report(tx, cx, report)?;
    let counts = old.rated_at.is_none_or(|at| case.done_at.is_some_and(|done| done > at));
    let words = text::identifiers::seal(words.trim()).masked;
    let payload = Rated { rating, solved, words: words.clone(), counts };
    events::append(tx, cx, Stream::Report, report.0, "report.rated", &payload)?;
    if counts {
        let solved = if solved { "yes" } else { "no" };
        tx.exec(&rows::RATE, args![cx.office.id, report, rating, solved, &words, cx.now, rating])?;
    } else {
        tx.exec(&rows::LAST_RATING, args![cx.office.id, report, rating])?;
    }
    // What was answered or thanked for at once has no unit to give it back to: the rating alone stays.
    if solved || case.ended.is_some() {
        return Ok(Acted {
            case: case.id,
            no: case.no,
            state: case.state,
            phase: case.phase,
            version: case.version,
        });
    }
    let reason = if words.is_empty() { "—".to_owned() } else { words };
    let input = Input { reason: Some(reason), ..Input::default() };
    engine::act(tx, cx, &Ask { case: case.id, action: "reopen".to_owned(), version: None, input })
}

/// The open cases of a phone number, for the call in progress only; the look-up is logged, no count and no
/// history is given (REAL-DAYS, guards 2).
///
/// # Errors
/// Without the right to receive.
pub fn open_cases_of_caller(tx: &mut Tx<'_>, cx: &Cx, phone: &str) -> Result<Vec<CaseState>> {
    cx.actor.need("demands.report")?;
    let parties = parties::by_phone(tx, cx, phone)?;
    if let Some(account) = cx.actor.account {
        events::append(
            tx,
            cx,
            Stream::Account,
            account.0,
            "intake.caller_looked_up",
            &json!({ "found": !parties.is_empty() }),
        )?;
    }
    let mut out = Vec::new();
    for party in parties {
        for id in tx.query(&rows::OPEN_OF_PARTY, args![cx.office.id, party], |row| row.get::<CaseId>(0))? {
            if let Ok(case) = engine::visible(tx, cx, id) {
                out.push(case);
            }
        }
    }
    Ok(out)
}

/// Erases a requester: the key goes, the case stays (DESIGN rule 1).
///
/// # Errors
/// Without the right.
pub fn erase(tx: &mut Tx<'_>, cx: &Cx, report: ReportId, reason: &str) -> Result<()> {
    cx.actor.need("demands.erase")?;
    let Some(party) = self::report(tx, cx, report)?.party else {
        return Err(Refusal::rule("demands.reveal.nothing").into());
    };
    erase_party(tx, cx, party, reason)
}

/// Erases, at most so many at once, the requesters whose last case was over before an instant; returns how many.
/// Whoever has an open case, or a report that belongs to no case yet, stays.
///
/// # Errors
/// When the database refuses.
pub fn erase_old(tx: &mut Tx<'_>, cx: &Cx, before: Ts, most: i64) -> Result<i64> {
    let old = tx.query(&rows::OLD_PARTIES, args![cx.office.id, before, most], |row| row.get::<PartyId>(0))?;
    for party in &old {
        erase_party(tx, cx, *party, "retention")?;
    }
    Ok(i64::try_from(old.len()).unwrap_or(most))
}

/// Erases a party and leaves a tombstone on each of its reports.
///
/// # Errors
/// When the database refuses.
pub fn erase_party(tx: &mut Tx<'_>, cx: &Cx, party: PartyId, reason: &str) -> Result<()> {
    if parties::erase(tx, cx, party)? {
        for report in
            tx.query(&rows::PARTY_REPORTS, args![cx.office.id, party], |row| row.get::<ReportId>(0))?
        {
            events::append(tx, cx, Stream::Report, report.0, "report.erased", &json!({ "reason": reason }))?;
        }
    }
    Ok(())
}
