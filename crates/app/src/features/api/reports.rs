//! What a program passes on: another platform, a kiosk, a group's robot.

use super::body;
use crate::context::Cx;
use crate::features::catalogue;
use crate::features::intake::model::NewReport;
use crate::features::intake::service::{self as intake, Stated};
use crate::features::parties::service::Contact;
use crate::features::places;
use crate::features::procedures::numbers::Series;
use crate::features::procedures::state::Location;
use crate::features::procedures::upper::Upper;
use crate::web::{Answer, Raw, Staff, fingerprint};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use kernel::{CaseId, Refusal, ReportId, Ts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Error, Result, Tx};

const CHANNELS: [&str; 7] = ["api", "hotline", "window", "qr", "web", "grid", "upper"];
const KINDS: [&str; 8] =
    ["complaint", "help", "consultation", "suggestion", "event", "thanks", "report", "petition"];
const BOUND: &str = "api answer";

/// A report as a program sends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReportBody {
    text: String,
    title: String,
    channel: String,
    kind: String,
    class: String,
    /// The code of a matter.
    matter: String,
    /// The code of a place.
    place: String,
    address: String,
    /// Degrees, WGS 84.
    lon: Option<f64>,
    lat: Option<f64>,
    contact: ContactBody,
    reply_wanted: bool,
    share_contact: bool,
    urgent: bool,
    upper: Option<UpperBody>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ContactBody {
    name: String,
    phone: String,
    address: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpperBody {
    system: String,
    number: String,
    #[serde(default)]
    due: Option<String>,
}

/// What is answered, again to a retry; the code is sealed, it stands nowhere in the clear.
#[derive(Serialize, Deserialize)]
struct Created {
    report: ReportId,
    case: CaseId,
    no: String,
    sealed: String,
}

/// `POST /api/v1/reports` with the header `Idempotency-Key`.
pub(super) async fn create(staff: Staff, headers: HeaderMap, Raw(bytes): Raw) -> Answer {
    let given: ReportBody = body(&bytes)?;
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    if key.is_empty() {
        return Err(Refusal::rule("api.report.key").on("Idempotency-Key").into());
    }
    let request = fingerprint(&("api.report", &given));
    let (mut new, stated) = staff.read(move |tx, cx| read(tx, cx, &given)).await?;
    intake::check(&new)?;
    let office = &staff.cx.office;
    let (series, today) = (Series::of_class(&new.class), staff.cx.today());
    new.no = staff.app.numbers.take(&staff.app.db, office.id, &office.short, series, today).await?;
    new.code = text::tracking_code(&crate::crypto::random()?);
    let created = staff
        .write_once(&key, &request, move |tx, cx| {
            let received = intake::receive_stated(tx, cx, &new, &stated)?;
            let sealed = cx.vault.seal(cx.office.id, BOUND, received.code.as_bytes())?;
            let sealed = data_encoding::BASE64.encode(&sealed);
            Ok(Created { report: received.report, case: received.case, no: received.no, sealed })
        })
        .await?;
    let sealed =
        data_encoding::BASE64.decode(created.sealed.as_bytes()).map_err(|e| Error::failed(e.to_string()))?;
    let code = String::from_utf8_lossy(&staff.cx.vault.open(office.id, BOUND, &sealed)?).into_owned();
    let value = json!({ "report": created.report, "case": created.case, "no": created.no, "code": code });
    Ok((StatusCode::CREATED, Json(value)).into_response())
}

fn choice(given: &str, known: &[&'static str], field: &'static str) -> std::result::Result<String, Refusal> {
    let first = known.first().copied().unwrap_or_default();
    let found = if given.is_empty() { Some(first) } else { known.iter().find(|k| **k == given).copied() };
    let wrong =
        || Refusal::rule("api.report.choice").on(field).with("text", given).with("known", known.join(", "));
    found.map(str::to_owned).ok_or_else(wrong)
}

fn read(tx: &mut Tx<'_>, cx: &Cx, given: &ReportBody) -> Result<(NewReport, Stated)> {
    let class = choice(&given.class, &["ordinary", "petition", "report"], "class")?;
    let matter = match given.matter.trim() {
        "" => None,
        code => {
            let found = catalogue::service::matter_by_code(tx, cx.office.id, code, cx.today())?;
            let wrong = || Refusal::rule("api.report.matter").on("matter").with("text", code);
            Some(found.ok_or_else(wrong)?.id)
        }
    };
    let upper = given.upper.as_ref().map(|u| read_upper(cx, u)).transpose()?;
    let report = NewReport {
        channel: choice(&given.channel, &CHANNELS, "channel")?,
        kind: choice(&given.kind, &KINDS, "kind")?,
        class,
        text: given.text.clone(),
        title: given.title.clone(),
        contact: Contact {
            name: given.contact.name.clone(),
            phone: given.contact.phone.clone(),
            address: given.contact.address.clone(),
            chips: Vec::new(),
        },
        reply_wanted: given.reply_wanted,
        share_contact: given.share_contact,
        urgent: given.urgent,
        at: locate(tx, cx, given)?,
        upper,
        ..NewReport::default()
    };
    Ok((report, Stated { matter, ..Stated::default() }))
}

/// By the place's code, else by the point.
fn locate(tx: &mut Tx<'_>, cx: &Cx, given: &ReportBody) -> Result<Location> {
    let mut at = Location { address: given.address.chars().take(200).collect(), ..Location::default() };
    if let Some((lon, lat)) = given.lon.zip(given.lat) {
        let wrong = |_| Refusal::rule("api.report.point").on("lon");
        let point = geography::Point::new(lon, lat).map_err(wrong)?;
        let (lon, lat) = point.to_e7();
        (at.lon_e7, at.lat_e7) = (Some(lon.into()), Some(lat.into()));
        if let Some(found) = places::service::locate(tx, cx, point)? {
            (at.place, at.community, at.grid) = (Some(found.place), found.community, found.grid);
        }
    }
    if !given.place.is_empty() {
        let found =
            places::service::by_code(tx, cx.office.id, &given.place)?.filter(places::model::Place::is_active);
        let place =
            found.ok_or_else(|| Refusal::rule("api.report.place").on("place").with("text", &given.place))?;
        (at.place, at.community, at.grid) = (Some(place.id), place.community, place.grid);
    }
    Ok(at)
}

fn read_upper(cx: &Cx, given: &UpperBody) -> std::result::Result<Upper, Refusal> {
    let wrong = |t: &str| Refusal::rule("api.act.occurred").on("due").with("text", t);
    let due = match given.due.as_deref() {
        Some(text) => Some(Ts::parse(text).ok_or_else(|| wrong(text))?),
        None => None,
    };
    let (system, number) = (given.system.clone(), given.number.clone());
    Ok(Upper { system, number, received_at: cx.now, due, return_by: None })
}
