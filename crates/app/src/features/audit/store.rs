//! The SQL of the log, the seal and the proof.

use super::model::{Block, LogFilter, LogRow, StreamKey};
use crate::events::{self, Event};
use jiff::tz::TimeZone;
use kernel::{CaseId, OfficeId, Ts};
use store::{Arg, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    MOVED = Sql::Both(
        "select office, stream, stream_id, seq, hash from stream where moved order by office, stream, stream_id limit $1");
    /// Only if it has not moved again meanwhile.
    MARK_SEALED = Sql::Both(
        "update stream set moved = false where office = $1 and stream = $2 and stream_id = $3 and seq = $4");
    LAST_BLOCK = Sql::Both(
        "select seq, at, algorithm, key_id, prev, heads, hash, signature from block order by seq desc limit 1");
    BLOCKS = Sql::Both(
        "select seq, at, algorithm, key_id, prev, heads, hash, signature from block where seq > $1 order by seq limit $2");
    BLOCK = Sql::Both(
        "select seq, at, algorithm, key_id, prev, heads, hash, signature from block where seq = $1");
    INSERT_BLOCK = Sql::Both(
        "insert into block (seq, at, algorithm, key_id, prev, heads, hash, signature)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (seq) do nothing");
    STREAMS = Sql::Both(
        "select office, stream, stream_id, seq, hash, moved from stream
         where (office, stream, stream_id) > ($1, $2, $3) order by office, stream, stream_id limit $4");
    EVENTS = Sql::Both(
        "select id, office, stream, stream_id, seq, kind, occurred_at, recorded_at, account, post, unit, behalf, source,
         payload, hash from event where (office, stream, stream_id, seq) > ($1, $2, $3, $4)
         order by office, stream, stream_id, seq limit $5");
    EVENT_HASH = Sql::Both("select hash from event where office = $1 and stream = $2 and stream_id = $3 and seq = $4");
    FILES = Sql::Both(
        "select hash from attachment where hash > $1 union select hash from task_file where hash > $1
         union select file from document_paper where file > $1 order by 1 limit $2");
    COUNT_EVENTS = Sql::Both("select count(*) from event");
    OFFICES = Sql::Both("select id, short from office order by id");
    SERIES = Sql::Both("select office, name, next from series order by office, name");
    CASE_NUMBERS = Sql::Both("select id, no from cases where office = $1 and id > $2 order by id limit $3");
    CASE_BY_NO = Sql::Both("select id from cases where office = $1 and no = $2");
}

/// The head of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) key: StreamKey,
    pub(crate) seq: i64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// From the text of a block or an outside copy.
    pub(crate) fn read(office: i64, stream: String, id: i64, seq: i64, hash: &str) -> Option<Head> {
        let hash = data_encoding::HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
        Some(Head { key: StreamKey { office, stream, id }, seq, hash })
    }
}

fn head_row(row: &Row<'_>) -> Result<Head> {
    let key = StreamKey { office: row.get(0)?, stream: row.get(1)?, id: row.get(2)? };
    Ok(Head { key, seq: row.get(3)?, hash: row.get(4)? })
}

/// Names of files that rows carry, in their order.
pub(crate) fn named_files(tx: &mut Tx<'_>, after: &str, most: i64) -> Result<Vec<String>> {
    tx.query(&FILES, args![after, most], |row| row.get(0))
}

pub(crate) fn moved(tx: &mut Tx<'_>, most: i64) -> Result<Vec<Head>> {
    tx.query(&MOVED, args![most], head_row)
}

pub(crate) fn mark_sealed(tx: &mut Tx<'_>, head: &Head) -> Result<()> {
    tx.exec(&MARK_SEALED, args![head.key.office, &head.key.stream, head.key.id, head.seq])?;
    Ok(())
}

fn block_row(row: &Row<'_>) -> Result<Block> {
    Ok(Block {
        seq: row.get(0)?,
        at: row.get(1)?,
        algorithm: row.get(2)?,
        key_id: row.get(3)?,
        prev: row.get(4)?,
        heads: row.get(5)?,
        hash: row.get(6)?,
        signature: row.get(7)?,
    })
}

pub(crate) fn last_block(tx: &mut Tx<'_>) -> Result<Option<Block>> {
    tx.opt(&LAST_BLOCK, &[], block_row)
}

pub(crate) fn find_block(tx: &mut Tx<'_>, seq: i64) -> Result<Option<Block>> {
    tx.opt(&BLOCK, args![seq], block_row)
}

pub(crate) fn blocks_after(tx: &mut Tx<'_>, seq: i64, most: i64) -> Result<Vec<Block>> {
    tx.query(&BLOCKS, args![seq, most], block_row)
}

/// Whether the number was free.
pub(crate) fn insert_block(tx: &mut Tx<'_>, block: &Block) -> Result<bool> {
    let rows = tx.exec(
        &INSERT_BLOCK,
        args![
            block.seq,
            block.at,
            &block.algorithm,
            &block.key_id,
            block.prev.to_vec(),
            &block.heads,
            block.hash.to_vec(),
            block.signature.clone()
        ],
    )?;
    Ok(rows == 1)
}

/// Heads behind a stream, with whether they moved since the last block.
pub(crate) fn heads_after(tx: &mut Tx<'_>, after: &StreamKey, most: i64) -> Result<Vec<(Head, bool)>> {
    tx.query(&STREAMS, args![after.office, &after.stream, after.id, most], |row| {
        Ok((head_row(row)?, row.get(5)?))
    })
}

/// Events behind an event, in the order of the streams.
pub(crate) fn events_after(tx: &mut Tx<'_>, after: &StreamKey, seq: i64, most: i64) -> Result<Vec<Event>> {
    tx.query(&EVENTS, args![after.office, &after.stream, after.id, seq, most], events::read)
}

pub(crate) fn event_hash(tx: &mut Tx<'_>, key: &StreamKey, seq: i64) -> Result<Option<[u8; 32]>> {
    tx.value(&EVENT_HASH, args![key.office, &key.stream, key.id, seq])
}

pub(crate) fn count_events(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.value(&COUNT_EVENTS, &[])?.unwrap_or(0))
}

/// All offices with their short names.
pub(crate) fn offices(tx: &mut Tx<'_>) -> Result<Vec<(OfficeId, String)>> {
    tx.query(&OFFICES, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Counters of numbers: office, name, the next number.
pub(crate) fn series(tx: &mut Tx<'_>) -> Result<Vec<(OfficeId, String, i64)>> {
    tx.query(&SERIES, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(crate) fn case_numbers(
    tx: &mut Tx<'_>,
    office: OfficeId,
    after: CaseId,
    most: i64,
) -> Result<Vec<(CaseId, String)>> {
    tx.query(&CASE_NUMBERS, args![office, after, most], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn case_by_no(tx: &mut Tx<'_>, office: OfficeId, no: &str) -> Result<Option<CaseId>> {
    tx.value(&CASE_BY_NO, args![office, no])
}

/// Entries of the log, the newest first.
pub(crate) fn log(
    tx: &mut Tx<'_>,
    office: OfficeId,
    tz: &TimeZone,
    filter: &LogFilter,
    case: Option<CaseId>,
    most: i64,
) -> Result<Vec<LogRow>> {
    let mut query = Query::new(
        "select e.id, e.recorded_at, e.occurred_at, a.name, p.title, u.short, b.short, e.source, e.stream, e.stream_id,
           e.seq, e.kind, coalesce(c.no, r.no, sa.name, su.short, sp.title), e.payload
         from event e left join account a on a.office = e.office and a.id = e.account
         left join post p on p.office = e.office and p.id = e.post
         left join unit u on u.office = e.office and u.id = e.unit
         left join unit b on b.office = e.office and b.id = e.behalf
         left join cases c on e.stream = 'case' and c.office = e.office and c.id = e.stream_id
         left join report r on e.stream = 'report' and r.office = e.office and r.id = e.stream_id
         left join account sa on e.stream = 'account' and sa.office = e.office and sa.id = e.stream_id
         left join unit su on e.stream = 'unit' and su.office = e.office and su.id = e.stream_id
         left join post sp on e.stream = 'post' and sp.office = e.office and sp.id = e.stream_id",
    );
    query.and("e.office = ?", [office.into()]);
    if let Some(day) = filter.from {
        query.and("e.recorded_at >= ?", [day.start(tz).into()]);
    }
    if let Some(day) = filter.to {
        query.and("e.recorded_at < ?", [day.plus(1).start(tz).into()]);
    }
    if let Some(account) = filter.account {
        query.and("e.account = ?", [account.into()]);
    }
    if let Some(unit) = filter.unit {
        query.and("e.unit = ? or e.behalf = ?", [unit.into(), unit.into()]);
    }
    match filter.kind.as_deref().map(|kind| (kind, kind.strip_suffix('.'))) {
        // All of a capability: from `roles.` up to but without `roles/`, the next byte after the dot.
        Some((kind, Some(capability))) => {
            query.and("e.kind >= ? and e.kind < ?", [kind.into(), Arg::from(format!("{capability}/"))]);
        }
        Some((kind, None)) => {
            query.and("e.kind = ?", [kind.into()]);
        }
        None => {}
    }
    if let Some(stream) = &filter.stream {
        query.and("e.stream = ?", [stream.into()]);
    }
    if let Some(case) = case {
        query.and(
            "(e.stream = 'case' and e.stream_id = ?) or (e.stream = 'report' and e.stream_id in (
               select rc.report from report_case rc where rc.office = e.office and rc.case_id = ?))",
            [case.into(), case.into()],
        );
    }
    if filter.reveals {
        query.and("e.kind = 'report.revealed'", []);
    }
    if let Some((at, id)) = filter.before {
        query.and("(e.recorded_at, e.id) < (?, ?)", [at.into(), id.into()]);
    }
    query.bind("order by e.recorded_at desc, e.id desc limit ?", [most.into()]);
    tx.list(&query, log_row)
}

fn log_row(row: &Row<'_>) -> Result<LogRow> {
    let (stream, kind, payload): (String, String, String) = (row.get(8)?, row.get(11)?, row.get(13)?);
    Ok(LogRow {
        id: row.get(0)?,
        recorded_at: row.get::<Ts>(1)?,
        occurred_at: row.get(2)?,
        account: row.get(3)?,
        post: row.get(4)?,
        unit: row.get(5)?,
        behalf: row.get(6)?,
        source: row.get(7)?,
        stream_id: row.get(9)?,
        seq: row.get(10)?,
        about: row.get(12)?,
        detail: super::service::detail(&stream, &kind, &payload),
        stream,
        kind,
    })
}
