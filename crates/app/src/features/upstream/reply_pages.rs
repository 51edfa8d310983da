//! The list of what waits to be written back, and the sheet of one ticket.

use super::contest;
use super::fields;
use super::reply::{self, Sheet};

use super::store::Waiting;
use crate::features::intake::model::Attachment;
use crate::web::{
    Answer, Form, Path, Problem, Shell, Staff, WebError, download, fingerprint, html, html_with,
};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::UnitId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{Cursor, Write};

/// The longer side of a picture where the whole ones would weigh too much, in pixels.
const SMALLER: u32 = 1_024;

struct Line {
    href: String,
    system: String,
    number: String,
    no: String,
    title: String,
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "upstream_replies.html")]
struct ListPage {
    w: Words,
    shell: Shell,
    lines: Vec<Line>,
    /// Given back, and not ruled upon yet; they lead to their cases.
    returning: Vec<Line>,
}

struct Picture {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "upstream_reply.html")]
struct SheetPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    system: String,
    number: String,
    case: (String, String),
    due: String,
    /// Label and text of each field, in the order of platforms' forms.
    fields: Vec<(String, String)>,
    pictures: Vec<Picture>,
    /// When it was written back and its receipt; blank while it waits.
    replied: String,
    receipt: String,
}

/// `GET /upstream/replies`
pub(super) async fn list(staff: Staff) -> Answer {
    let (waiting, returning) =
        staff.read(|tx, cx| Ok((reply::waiting(tx, cx)?, reply::returning(tx, cx)?))).await?;
    let (w, now) = (staff.words.clone(), staff.cx.now);
    let line = |t: &Waiting| Line {
        href: format!("/upstream/replies/{}", t.id),
        system: t.system.clone(),
        number: t.number.clone(),
        no: t.no.clone(),
        title: t.title.clone(),
        due: t.due.map(|at| w.when(at)).unwrap_or_default(),
        late: t.due.is_some_and(|at| at < now),
    };
    let page = ListPage {
        lines: waiting.iter().map(line).collect(),
        returning: returning.iter().map(|t| Line { href: format!("/cases/{}", t.case), ..line(t) }).collect(),
        shell: staff.shell("upstream").await?,
        w: w.clone(),
    };
    html(&page)
}

/// `GET /upstream/replies/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<i64>) -> Answer {
    draw(&staff, id, Problem::default(), StatusCode::OK).await
}

async fn read(staff: &Staff, id: i64) -> Result<(Sheet, HashMap<UnitId, String>), WebError> {
    staff
        .read(move |tx, cx| {
            let sheet = reply::sheet(tx, cx, id)?;
            Ok((sheet, fields::names(tx, cx)?))
        })
        .await
}

async fn draw(staff: &Staff, id: i64, problem: Problem, status: StatusCode) -> Answer {
    let (sheet, names) = read(staff, id).await?;
    let w = staff.words.clone();
    let ticket = &sheet.ticket;
    let page = SheetPage {
        problem,
        id,
        system: ticket.system.clone(),
        number: ticket.number.clone(),
        case: (format!("/cases/{}", ticket.case), format!("{} {}", ticket.no, ticket.title)),
        due: ticket.due.map(|at| w.when(at)).unwrap_or_default(),
        fields: fields::of(&w, &sheet, &names),
        pictures: sheet
            .pictures
            .iter()
            .enumerate()
            .map(|(i, p)| Picture {
                href: format!("/files/{}/{}?small=1", ticket.case, p.id),
                name: name_of(&w, &ticket.number, i, &p.kind),
            })
            .collect(),
        // What came back waits again, whatever was written back before.
        replied: ticket
            .replied_at
            .filter(|_| ticket.state != "waiting")
            .map(|at| w.when(at))
            .unwrap_or_default(),
        receipt: ticket.receipt.clone(),
        shell: staff.shell("upstream").await?,
        w,
    };
    html_with(status, &page)
}

/// `202603140001234567-1-after.jpg`, in words: what the platform's clerk sees.
fn name_of(w: &Words, number: &str, index: usize, kind: &str) -> String {
    let safe: String = number.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
    format!("{safe}-{}-{}.jpg", index + 1, w.t_or(&format!("photo-{kind}"), kind))
}

/// `GET /upstream/replies/{id}/pictures.zip`
pub(super) async fn pictures(staff: Staff, Path(id): Path<i64>) -> Answer {
    let (sheet, _) = read(&staff, id).await?;
    bundle(&staff, &sheet.ticket.number, sheet.pictures).await
}

/// `GET /upstream/ratings/{id}/pictures.zip`
pub(super) async fn evidence(staff: Staff, Path(id): Path<i64>) -> Answer {
    let sheet = staff.read(move |tx, cx| contest::sheet(tx, cx, id)).await?;
    bundle(&staff, &sheet.rating.rated.number, sheet.pictures).await
}

/// Pictures in one file within the size that platforms take, with speaking names.
async fn bundle(staff: &Staff, number: &str, pictures: Vec<Attachment>) -> Answer {
    let (w, files, most) = (staff.words.clone(), staff.app.files.clone(), reply::bundle_most()?);
    let of = number.to_owned();
    let bytes = tokio::task::spawn_blocking(move || -> anyhow::Result<Vec<u8>> {
        let load = |small: bool| -> anyhow::Result<Vec<(String, Vec<u8>)>> {
            let each = pictures.iter().enumerate();
            each.map(|(i, p)| {
                let bytes = if small { files.get_small(&p.hash, SMALLER)? } else { files.get(&p.hash)? };
                Ok((name_of(&w, &of, i, &p.kind), bytes))
            })
            .collect()
        };
        let whole = load(false)?;
        let weight: u64 = whole.iter().map(|(_, b)| b.len() as u64).sum();
        let pictures = if weight > most { load(true)? } else { whole };
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        // Pictures are packed already.
        let plain =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in pictures {
            zip.start_file(name, plain)?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    })
    .await??;
    let safe: String = number.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    download(bytes, "application/zip", &format!("{safe}.zip"))
}

#[derive(Deserialize, Serialize)]
pub(super) struct ReplyForm {
    #[serde(default, skip_serializing)]
    idem: String,
    #[serde(default)]
    receipt: String,
}

/// `POST /upstream/replies/{id}`: it was written back.
pub(super) async fn done(staff: Staff, Path(id): Path<i64>, Form(form): Form<ReplyForm>) -> Answer {
    let request = fingerprint(&("upstream.reply", id, &form));
    let receipt = form.receipt.clone();
    let done = staff.write_once(&form.idem, &request, move |tx, cx| reply::reply(tx, cx, id, &receipt)).await;
    match done {
        Ok(_) => Ok(staff.goto_saying("/upstream/replies", &staff.words.t("upstream-replied"))),
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, id, Problem::new(&staff.words, &refusal), error.status()).await
        }
    }
}
