//! Streams of events: the truth and the audit entry in one (DECISIONS 4). An event is appended in the
//! transaction that writes the projections; its hash covers the hash of the stream's previous event, every
//! column and the exact bytes of the payload.

use crate::context::Cx;
use kernel::{AccountId, OfficeId, PostId, Ts, UnitId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Result, Row, Sql, Tx, args, statements};

/// What a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// The trouble being handled.
    Case,
    /// What somebody said, and everything about its requester.
    Report,
    /// An account, its log-ins and its rights.
    Account,
    /// A post and its holders.
    Post,
    /// A unit.
    Unit,
    /// A place.
    Place,
    /// The matter catalogue and the duty list.
    Catalogue,
    /// What is asked of units and places, and what they answer.
    Task,
    /// A meeting and what it decides.
    Meeting,
    /// An entry of the knowledge base.
    Knowledge,
    /// A document that was issued.
    Document,
    /// The office, its settings, calendars and packs.
    Office,
    /// A list of duty; what belongs to none of them, under the office's id.
    Roster,
    /// A message and its receivers; the robots, under the office's id.
    Message,
}

impl Stream {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stream::Case => "case",
            Stream::Report => "report",
            Stream::Account => "account",
            Stream::Post => "post",
            Stream::Unit => "unit",
            Stream::Place => "place",
            Stream::Catalogue => "catalogue",
            Stream::Task => "task",
            Stream::Meeting => "meeting",
            Stream::Knowledge => "knowledge",
            Stream::Document => "document",
            Stream::Office => "office",
            Stream::Roster => "roster",
            Stream::Message => "message",
        }
    }
}

/// An event as read back.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, in order of writing within a process.
    pub id: i64,
    /// The tenant.
    pub office: OfficeId,
    /// The kind of stream.
    pub stream: String,
    /// Whose stream.
    pub stream_id: i64,
    /// 1, 2, 3 … within the stream.
    pub seq: i64,
    /// `capability.verb`.
    pub kind: String,
    /// When it happened.
    pub occurred_at: Ts,
    /// When it was written.
    pub recorded_at: Ts,
    /// Who did it.
    pub account: Option<AccountId>,
    /// In which post.
    pub post: Option<PostId>,
    /// For which unit.
    pub unit: Option<UnitId>,
    /// On whose behalf it was entered 代录.
    pub behalf: Option<UnitId>,
    /// Through which door.
    pub source: String,
    /// The exact bytes written.
    pub payload: String,
    /// Over everything above and the previous event.
    pub hash: [u8; 32],
}

impl Event {
    /// The payload as a type.
    ///
    /// # Errors
    /// When it is of another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload).map_err(|e| {
            store::Error::failed(format!("event {} of {} {}: {e}", self.seq, self.stream, self.stream_id))
        })
    }
}

statements! {
    HEAD = Sql::Pair {
        sqlite: "select seq, hash from stream where office = $1 and stream = $2 and stream_id = $3",
        pg: "select seq, hash from stream where office = $1 and stream = $2 and stream_id = $3 for update",
    };
    INSERT = Sql::Both(
        "insert into event (id, office, stream, stream_id, seq, kind, occurred_at, recorded_at, account, post, unit,
         behalf, source, payload, hash) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)");
    PUT_HEAD = Sql::Both(
        "insert into stream (office, stream, stream_id, seq, hash, moved) values ($1, $2, $3, $4, $5, true)
         on conflict (office, stream, stream_id) do update set seq = excluded.seq, hash = excluded.hash, moved = true");
    LIST = Sql::Both(
        "select id, office, stream, stream_id, seq, kind, occurred_at, recorded_at, account, post, unit, behalf, source,
         payload, hash from event where office = $1 and stream = $2 and stream_id = $3 order by seq");
}

/// Appends an event to a stream; returns its sequence number in it.
///
/// # Errors
/// When the database refuses; two writers of one stream wait for each other.
pub fn append<T: Serialize>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    stream: Stream,
    stream_id: i64,
    kind: &str,
    payload: &T,
) -> Result<i64> {
    let payload = serde_json::to_string(payload).map_err(|e| store::Error::failed(e.to_string()))?;
    let office = cx.office.id;
    let head = tx.opt(&HEAD, args![office, stream.as_str(), stream_id], |row| {
        Ok((row.get::<i64>(0)?, row.get::<[u8; 32]>(1)?))
    })?;
    let (seq, prev) = head.map_or((1, [0; 32]), |(seq, hash)| (seq + 1, hash));
    let event = Event {
        id: tx.id()?,
        office,
        stream: stream.as_str().to_owned(),
        stream_id,
        seq,
        kind: kind.to_owned(),
        occurred_at: cx.occurred.unwrap_or(cx.now),
        recorded_at: cx.now,
        account: cx.actor.account,
        post: cx.actor.post,
        unit: cx.actor.unit,
        behalf: cx.behalf,
        source: cx.source.as_str().to_owned(),
        payload,
        hash: [0; 32],
    };
    let hash = hash(&prev, &event);
    tx.exec(
        &INSERT,
        args![
            event.id,
            office,
            stream.as_str(),
            stream_id,
            seq,
            kind,
            event.occurred_at,
            event.recorded_at,
            event.account,
            event.post,
            event.unit,
            event.behalf,
            event.source,
            event.payload,
            hash.to_vec()
        ],
    )?;
    tx.exec(&PUT_HEAD, args![office, stream.as_str(), stream_id, seq, hash.to_vec()])?;
    Ok(seq)
}

/// All events of a stream, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn list(tx: &mut Tx<'_>, office: OfficeId, stream: Stream, stream_id: i64) -> Result<Vec<Event>> {
    tx.query(&LIST, args![office, stream.as_str(), stream_id], read)
}

/// Reads an event from a row in the column order of the table.
pub(crate) fn read(row: &Row<'_>) -> Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        office: row.get(1)?,
        stream: row.get(2)?,
        stream_id: row.get(3)?,
        seq: row.get(4)?,
        kind: row.get(5)?,
        occurred_at: row.get(6)?,
        recorded_at: row.get(7)?,
        account: row.get(8)?,
        post: row.get(9)?,
        unit: row.get(10)?,
        behalf: row.get(11)?,
        source: row.get(12)?,
        payload: row.get(13)?,
        hash: row.get(14)?,
    })
}

/// The hash that an event must carry after `prev`. Every part is preceded by its length, so that no two
/// different events give the same bytes.
#[must_use]
pub fn hash(prev: &[u8; 32], event: &Event) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(prev);
    let number = |n: Option<i64>| n.unwrap_or(i64::MIN).to_le_bytes();
    for n in [
        Some(event.id),
        Some(event.office.0),
        Some(event.stream_id),
        Some(event.seq),
        Some(event.occurred_at.0),
        Some(event.recorded_at.0),
        event.account.map(|i| i.0),
        event.post.map(|i| i.0),
        event.unit.map(|i| i.0),
        event.behalf.map(|i| i.0),
    ] {
        hasher.update(&number(n));
    }
    for text in [&event.stream, &event.kind, &event.source, &event.payload] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}
