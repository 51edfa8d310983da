//! The link in one process: the public side and the office on one database.

use super::link::{
    AnswerView, At, Class, Content, OfficeView, Parcel, PlaceView, PublicLink, Receipt, Ticket, Tracking,
    Trouble,
};
use super::service::Filed;
use super::{nearby, service, store as rows};
use crate::actor::Actor;
use crate::context::{Cx, Office, Source};
use crate::features::intake::service as intake;
use crate::features::knowledge::service as knowledge;
use crate::features::places::model::Kind;
use crate::features::places::service as places;
use crate::features::procedures::numbers::Series;
use crate::web::{App, fingerprint, idempotency};
use crate::words::Words;
use kernel::{AttachmentId, OfficeId, Refusal, Ts};
use std::sync::Arc;
use store::{Error, Result};

/// A gate's clock is believed so far back; older parcels count from when they were fetched.
const BELIEVED: i64 = 7 * Ts::DAY;
/// Longest side of a small picture, in pixels.
const SMALL: u32 = 360;

/// The in-process link.
pub(super) struct Inside {
    app: Arc<App>,
}

impl Inside {
    pub(super) fn new(app: &Arc<App>) -> Inside {
        Inside { app: Arc::clone(app) }
    }

    fn office(&self, id: OfficeId) -> Result<Arc<Office>> {
        self.app.office(id).ok_or_else(|| Refusal::not_found().into())
    }

    fn cx(&self, id: OfficeId) -> Result<Cx> {
        let office = self.office(id)?;
        Ok(self.app.cx(&office, Actor::requester(id), Source::Public))
    }

    /// What the history says when a requester joins two troubles, in the office's own language.
    fn merge_reason(&self, cx: &Cx) -> String {
        Words::new(self.app.locale(cx.office.id), &cx.office.tz, cx.now).t("public-merge-reason")
    }

    /// A number, unless the parcel was taken before: a retry must not leave a gap in the series.
    async fn number(&self, cx: &Cx, parcel: &Parcel) -> Result<String> {
        let Content::Filing(filing) = &parcel.content else { return Ok(String::new()) };
        let (key, asked) = (parcel.id.clone(), cx.clone());
        if self.app.db.read(move |tx| service::is_known(tx, &asked, &key)).await? {
            return Ok(String::new());
        }
        let series = Series::of_class(filing.class.as_str());
        let day = cx.occurred.unwrap_or(cx.now).day(&cx.office.tz);
        self.app.numbers.take(&self.app.db, cx.office.id, &cx.office.short, series, day).await
    }

    async fn read<T, F>(&self, office: OfficeId, mut body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut store::Tx<'_>, &Cx) -> Result<T> + Send + 'static,
    {
        let cx = self.cx(office)?;
        self.app.db.read(move |tx| body(tx, &cx)).await
    }
}

/// What decides a parcel's effect; the tracking code follows from its id.
fn content_of(parcel: &Parcel) -> [u8; 32] {
    idempotency::digest(0, &fingerprint(&(parcel.office, &parcel.content)))
}

impl PublicLink for Inside {
    async fn deliver(&self, parcel: Parcel) -> Result<Receipt> {
        let mut cx = self.cx(parcel.office)?;
        let believed = parcel.made_at < cx.now && cx.now.since(parcel.made_at) <= BELIEVED;
        cx.occurred = believed.then_some(parcel.made_at);
        let key = idempotency::Key::new(&parcel.id)?;
        let request = content_of(&parcel);
        let no = self.number(&cx, &parcel).await?;
        let reason = self.merge_reason(&cx);
        let (office, id) = (parcel.office, parcel.id.clone());
        let content = parcel.content;
        let done = self
            .app
            .db
            .write(move |tx| {
                idempotency::once(tx, &cx, &key, &request, &mut |tx, cx| match &content {
                    Content::Filing(filing) => service::file(tx, cx, &no, filing, &reason),
                    Content::Act(ticket, act) => {
                        let followed = service::act(tx, cx, ticket, act, &reason)?;
                        Ok(Filed { report: ticket.report, no: ticket.no.clone(), taken_at: cx.now, followed })
                    }
                })
                .map(|filed| (filed, content.clone()))
            })
            .await?;
        let (filed, content) = done;
        let ticket = Ticket { office, report: filed.report, no: filed.no.clone() };
        let asked = filed.clone();
        let similar = match content {
            Content::Filing(filing) => {
                self.read(office, move |tx, cx| service::similar_to(tx, cx, &filing, &asked)).await?
            }
            Content::Act(..) => Vec::new(),
        };
        Ok(Receipt {
            parcel: id,
            no: Some(filed.no),
            taken_at: filed.taken_at,
            ticket: Some(ticket),
            followed: filed.followed,
            similar,
        })
    }

    async fn answers(&self, office: OfficeId, asked: String) -> Result<Vec<AnswerView>> {
        let found = self.read(office, move |tx, cx| knowledge::public(tx, cx.office.id, &asked)).await?;
        let view = |o: crate::features::knowledge::search::Offered| AnswerView {
            facts: o.content.facts().map(|(key, text)| (key.to_owned(), text.to_owned())).collect(),
            question: o.content.question,
            answer: o.content.answer,
        };
        Ok(found.into_iter().map(view).collect())
    }

    async fn offices(&self) -> Result<Vec<OfficeView>> {
        let offices = self.app.offices();
        self.app
            .db
            .read(move |tx| {
                let mut out = Vec::new();
                for office in &offices {
                    let book = places::book(tx, office.id)?;
                    let mut communities: Vec<_> = book
                        .of_kind(Kind::Community)
                        .map(|p| (p.sort_key.clone(), p.id, p.name.clone()))
                        .collect();
                    communities.sort();
                    out.push(OfficeView {
                        office: office.id,
                        name: office.name.clone(),
                        communities: communities.into_iter().map(|(_, id, name)| (id, name)).collect(),
                    });
                }
                Ok(out)
            })
            .await
    }

    async fn place(&self, at: At) -> Result<PlaceView> {
        let found = self
            .app
            .db
            .read(move |tx| {
                let (office, place) = match &at {
                    At::Token(token) => places::by_token(tx, token)?.ok_or_else(Refusal::not_found)?,
                    At::Place(id) => (rows::office_of_place(tx, *id)?.ok_or_else(Refusal::not_found)?, *id),
                };
                Ok(PlaceView { office, place, label: places::path_label(tx, office, place)? })
            })
            .await?;
        self.office(found.office)?;
        Ok(found)
    }

    async fn similar(&self, place: PlaceView, said: String) -> Result<Vec<Trouble>> {
        self.read(place.office, move |tx, cx| nearby::similar(tx, cx, Some(place.place), &said)).await
    }

    async fn open(&self, place: PlaceView) -> Result<Vec<Trouble>> {
        self.read(place.office, move |tx, cx| nearby::open(tx, cx, place.place)).await
    }

    async fn admit(&self, no: String, code: String) -> Result<Ticket> {
        for office in self.app.offices() {
            let cx = self.cx(office.id)?;
            for no in spellings(&no, &office.short) {
                let (asked, code, cx) = (no.clone(), code.clone(), cx.clone());
                match self.app.db.read(move |tx| intake::by_code(tx, &cx, &asked, &code)).await {
                    Ok(report) => return Ok(Ticket { office: office.id, report, no }),
                    Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Err(Refusal::rule("public.track.unknown").on("code").into())
    }

    async fn tracking(&self, ticket: Ticket) -> Result<Tracking> {
        self.read(ticket.office, move |tx, cx| service::tracking(tx, cx, &ticket)).await
    }

    async fn picture(&self, ticket: Ticket, id: AttachmentId, small: bool) -> Result<Vec<u8>> {
        let hash = self.read(ticket.office, move |tx, cx| service::picture(tx, cx, &ticket, id)).await?;
        let files = self.app.files.clone();
        let read = move || if small { files.get_small(&hash, SMALL) } else { files.get(&hash) };
        Ok(tokio::task::spawn_blocking(read).await.map_err(|e| Error::failed(e.to_string()))??)
    }
}

/// The ways a number may have been written down: as it is, without the short name, without hyphens.
fn spellings(typed: &str, short: &str) -> Vec<String> {
    let plain = text::normalize(typed).to_uppercase();
    let kept = |c: char| if matches!(c, '–' | '—' | '－' | '_' | '.' | '/') { '-' } else { c };
    let plain: String = plain.chars().filter(|c| !c.is_whitespace()).map(kept).collect();
    let short_plain = text::normalize(short).to_uppercase();
    let rest = plain.strip_prefix(&short_plain).unwrap_or(&plain).trim_start_matches('-').to_owned();
    let (day, series) = match rest.split_once('-') {
        Some((day, series)) => (day.to_owned(), series.to_owned()),
        None if rest.len() > 8 && rest.is_char_boundary(8) => (rest[..8].to_owned(), rest[8..].to_owned()),
        None => return Vec::new(),
    };
    if day.len() != 8 || !day.bytes().all(|b| b.is_ascii_digit()) || series.is_empty() || series.len() > 12 {
        return Vec::new();
    }
    let letter: String = series.chars().take_while(char::is_ascii_alphabetic).collect();
    let digits = series[letter.len()..].to_owned();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    vec![format!("{short}-{day}-{letter}{digits:0>4}")]
}

/// Whether a class is one of the two that few may read.
pub(super) fn is_confidential(class: Class) -> bool {
    class != Class::Ordinary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_written_in_several_ways() {
        for typed in [
            "青禾-20260312-0017",
            " 青禾－20260312－0017",
            "20260312-0017",
            "20260312 0017",
            "202603120017",
            "青禾—20260312—17",
        ] {
            assert_eq!(spellings(typed, "青禾"), vec!["青禾-20260312-0017"], "{typed}");
        }
        assert_eq!(spellings("20260312-x0003", "青禾"), vec!["青禾-20260312-X0003"]);
        for typed in
            ["", "17", "青禾", "2026-0312", "青禾-20260312-", "20260312-00a7", "20260312-0000000000017"]
        {
            assert_eq!(spellings(typed, "青禾"), Vec::<String>::new(), "{typed}");
        }
    }
}
