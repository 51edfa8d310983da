//! The proof: recomputes the hash of every event, holds the streams against their heads, their blocks and an
//! outside copy, and the rows people query against the events.
//!
//! Memory: about 100 bytes for each stream and 40 for each head in a block. All of it reads one snapshot.

use super::heads::Heads;
use super::model::{Damage, Proof, StreamKey};
use super::seal;
use super::store::{self as rows, Head};
use crate::events::{self, Event, Stream};
use crate::features::procedures::rebuild::{self, Difference};
use crate::files::Files;
use kernel::{CaseId, OfficeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Db, Result, Tx};

/// Rows read at once.
const CHUNK: i64 = 2_000;
/// Blocks read at once: each may hold 2,000 heads.
const BLOCKS: i64 = 50;
/// Cases folded at once.
const FOLDED: usize = 500;

/// Heads of blocks by stream: sequence number and the first half of the hash.
type Sealed = HashMap<StreamKey, Vec<(i64, [u8; 16])>>;
/// The head of a stream: sequence number, hash, and whether it moved since the last block.
type HeadSeen = (i64, [u8; 32], bool);

/// Proves everything in one snapshot. `seed` is that of the installation's signing key; `progress` hears of the events read so far.
///
/// # Errors
/// When the database refuses; damage is no error but a finding.
pub fn verify(
    tx: &mut Tx<'_>,
    seed: [u8; 32],
    outside: Option<&Heads>,
    progress: &mut dyn FnMut(u64),
) -> Result<Proof> {
    let mut proof = Proof::default();
    let mut sealed = blocks(tx, seed, &mut proof)?;
    let mut heads = heads(tx, &mut proof)?;
    let cases = streams(tx, &mut sealed, &mut heads, &mut proof, progress)?;
    let mut lost: Vec<&StreamKey> =
        heads.keys().chain(sealed.keys().filter(|key| !heads.contains_key(key))).collect();
    lost.sort();
    for key in lost {
        proof.find(Damage::Removed, format!("{key} is missing with all its events"));
    }
    if let Some(outside) = outside {
        against(tx, seed, outside, &mut proof)?;
    }
    projections(tx, &mut proof, &cases)?;
    numbers(tx, &mut proof, &cases)?;
    Ok(proof)
}

/// Looks for every file that a row names: whether it is there, with the content it had. Apart from [`verify`], because it
/// reads what is not in the database.
///
/// # Errors
/// When the database refuses; a missing or changed file is no error but a finding.
pub fn files(db: &Db, files: &Files, proof: &mut Proof) -> Result<()> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let named = db.read_now(move |tx| rows::named_files(tx, &from, CHUNK))?;
        let Some(last) = named.last() else { return Ok(()) };
        after.clone_from(last);
        proof.files += named.len() as u64;
        for hash in &named {
            if let Err(error) = files.get(hash) {
                proof.find(Damage::File, format!("{error:#}"));
            }
        }
    }
}

fn short(hash: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hash[..16]);
    out
}

/// Checks the chain of blocks and collects their heads.
fn blocks(tx: &mut Tx<'_>, seed: [u8; 32], proof: &mut Proof) -> Result<Sealed> {
    let own = seal::public_key(&seed);
    let mut sealed = Sealed::new();
    let (mut seq, mut prev, mut at) = (0, [0; 32], kernel::Ts(i64::MIN));
    loop {
        let chunk = rows::blocks_after(tx, seq, BLOCKS)?;
        if chunk.is_empty() {
            return Ok(sealed);
        }
        for block in chunk {
            let n = block.seq;
            if n != seq + 1 {
                proof.find(Damage::Block, format!("block {} is missing", seq + 1));
            } else if block.prev != prev {
                proof.find(Damage::Block, format!("block {n} does not follow the block before it"));
            }
            if seal::hash(&block) != block.hash {
                proof.find(Damage::Block, format!("block {n}: its content has been changed"));
            }
            if block.at < at {
                proof.find(Damage::Block, format!("block {n} is older than the block before it"));
            }
            if block.key_id != own {
                proof
                    .find(Damage::Signature, format!("block {n} is signed by another key: {}", block.key_id));
            } else if block.algorithm != seal::ALGORITHM
                || !seal::signed_by(&own, &block.hash, &block.signature)
            {
                proof.find(Damage::Signature, format!("block {n}: its signature is wrong"));
            }
            match seal::read_heads(&block.heads) {
                Some(heads) => {
                    for head in heads {
                        sealed.entry(head.key).or_default().push((head.seq, short(&head.hash)));
                    }
                }
                None => proof.find(Damage::Block, format!("block {n}: its heads cannot be read")),
            }
            proof.blocks += 1;
            (seq, prev, at) = (n, block.hash, block.at);
        }
    }
}

/// The heads as the stream table has them, with whether they moved since the last block.
fn heads(tx: &mut Tx<'_>, proof: &mut Proof) -> Result<HashMap<StreamKey, HeadSeen>> {
    let mut out = HashMap::new();
    let mut after = StreamKey { office: i64::MIN, stream: String::new(), id: 0 };
    loop {
        let chunk = rows::heads_after(tx, &after, CHUNK)?;
        let Some((last, _)) = chunk.last() else { return Ok(out) };
        after = last.key.clone();
        for (head, moved) in chunk {
            proof.waiting += u64::from(moved);
            out.insert(head.key, (head.seq, head.hash, moved));
        }
    }
}

/// A stream while its events go by.
struct Reading {
    key: StreamKey,
    seq: i64,
    hash: [u8; 32],
    sealed: Vec<(i64, [u8; 16])>,
    /// The next of `sealed` to be met.
    next: usize,
}

impl Reading {
    fn new(key: StreamKey, sealed: Option<Vec<(i64, [u8; 16])>>) -> Reading {
        let mut sealed = sealed.unwrap_or_default();
        sealed.sort_unstable();
        sealed.dedup();
        Reading { key, seq: 0, hash: [0; 32], sealed, next: 0 }
    }

    fn event(&mut self, event: &Event, proof: &mut Proof) {
        if event.seq == self.seq + 1 {
            if events::hash(&self.hash, event) != event.hash {
                proof.find(
                    Damage::Changed,
                    format!("{}: event {} ({}) has been changed", self.key, event.seq, event.kind),
                );
            }
        } else {
            let (from, to) = (self.seq + 1, event.seq - 1);
            proof.find(Damage::Gap, format!("{}: events {from} to {to} are missing", self.key));
        }
        while let Some((seq, hash)) = self.sealed.get(self.next).filter(|(seq, _)| *seq <= event.seq) {
            if *seq == event.seq && *hash != short(&event.hash) {
                let text = format!("{}: event {seq} is not the one that was sealed", self.key);
                proof.find(Damage::Rewritten, text);
            }
            self.next += 1;
        }
        (self.seq, self.hash) = (event.seq, event.hash);
    }

    /// The last event has gone by.
    fn end(self, head: Option<HeadSeen>, proof: &mut Proof) {
        proof.streams += 1;
        if let Some((seq, _)) = self.sealed.last().filter(|(seq, _)| *seq > self.seq) {
            let text = format!("{}: cut after event {}; it was sealed up to event {seq}", self.key, self.seq);
            return proof.find(Damage::Cut, text);
        }
        match head {
            None => proof.find(Damage::Head, format!("{}: its head is missing", self.key)),
            Some((seq, ..)) if seq > self.seq => {
                proof.find(
                    Damage::Cut,
                    format!("{}: cut after event {}; its head is event {seq}", self.key, self.seq),
                );
            }
            Some((seq, hash, _)) if seq != self.seq || hash != self.hash => {
                proof.find(Damage::Head, format!("{}: its head is not its last event", self.key));
            }
            Some((seq, _, false)) if self.sealed.last().is_none_or(|(last, _)| *last != seq) => {
                proof.find(
                    Damage::Unsealed,
                    format!("{}: event {seq} is marked as sealed and is in no block", self.key),
                );
            }
            Some(_) => {}
        }
    }
}

/// Goes through all events in the order of their streams; returns the cases among them, by office and id.
fn streams(
    tx: &mut Tx<'_>,
    sealed: &mut Sealed,
    heads: &mut HashMap<StreamKey, HeadSeen>,
    proof: &mut Proof,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeSet<(i64, i64)>> {
    let mut cases = BTreeSet::new();
    let mut after = (StreamKey { office: i64::MIN, stream: String::new(), id: 0 }, 0);
    let mut reading: Option<Reading> = None;
    loop {
        let chunk = rows::events_after(tx, &after.0, after.1, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        after = (key_of(last), last.seq);
        for event in &chunk {
            let key = key_of(event);
            if reading.as_ref().is_none_or(|r| r.key != key) {
                if let Some(done) = reading.take() {
                    let head = heads.remove(&done.key);
                    done.end(head, proof);
                }
                if event.stream == Stream::Case.as_str() {
                    cases.insert((event.office.0, event.stream_id));
                }
                let mine = sealed.remove(&key);
                reading = Some(Reading::new(key, mine));
            }
            if let Some(reading) = &mut reading {
                reading.event(event, proof);
            }
        }
        proof.events += chunk.len() as u64;
        progress(proof.events);
    }
    if let Some(done) = reading {
        let head = heads.remove(&done.key);
        done.end(head, proof);
    }
    Ok(cases)
}

fn key_of(event: &Event) -> StreamKey {
    StreamKey { office: event.office.0, stream: event.stream.clone(), id: event.stream_id }
}

/// Holds the database against a copy that was kept elsewhere.
fn against(tx: &mut Tx<'_>, seed: [u8; 32], outside: &Heads, proof: &mut Proof) -> Result<()> {
    if outside.key != seal::public_key(&seed) {
        proof.find(Damage::Outside, "the copy was made with another key than this installation's".to_owned());
    }
    if let Some(mark) = &outside.block {
        let hash = data_encoding::HEXLOWER
            .decode(mark.hash.as_bytes())
            .ok()
            .and_then(|h| <[u8; 32]>::try_from(h).ok());
        let signature = data_encoding::HEXLOWER.decode(mark.signature.as_bytes()).unwrap_or_default();
        match (hash, rows::find_block(tx, mark.seq)?) {
            (Some(hash), _) if !seal::signed_by(&outside.key, &hash, &signature) => {
                proof.find(Damage::Outside, "the copy itself is damaged: its signature is wrong".to_owned());
            }
            (None, _) => {
                proof.find(Damage::Outside, "the copy itself is damaged: its hash cannot be read".to_owned())
            }
            (_, None) => {
                proof.find(Damage::Outside, format!("block {} of the copy is not in the database", mark.seq));
            }
            (Some(hash), Some(block)) if block.hash != hash => {
                proof.find(
                    Damage::Outside,
                    format!("block {} is not the one of the copy: history was rewritten", mark.seq),
                );
            }
            _ => {}
        }
    }
    let events = rows::count_events(tx)?;
    if events < outside.events {
        let text = format!("the database holds {events} events, the copy knew {}", outside.events);
        proof.find(Damage::Outside, text);
    }
    for (office, stream, id, seq, hash) in &outside.heads {
        let Some(head) = Head::read(*office, stream.clone(), *id, *seq, hash) else {
            proof.find(Damage::Outside, "the copy itself is damaged: a head cannot be read".to_owned());
            continue;
        };
        match rows::event_hash(tx, &head.key, head.seq)? {
            None => {
                proof.find(
                    Damage::Outside,
                    format!("{}: event {} of the copy is not in the database", head.key, head.seq),
                );
            }
            Some(found) if found != head.hash => {
                proof.find(
                    Damage::Outside,
                    format!("{}: event {} is not the one of the copy", head.key, head.seq),
                );
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Folds the case streams again and compares the rows. A stream that cannot be folded is a finding, and the
/// others are compared all the same.
fn projections(tx: &mut Tx<'_>, proof: &mut Proof, cases: &BTreeSet<(i64, i64)>) -> Result<()> {
    let all: Vec<(i64, i64)> = cases.iter().copied().collect();
    for chunk in all.chunk_by(|a, b| a.0 == b.0).flat_map(|office| office.chunks(FOLDED)) {
        let [(office, first), ..] = chunk else { continue };
        let most = i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        match rebuild::compare(tx, OfficeId(*office), CaseId(first - 1), most) {
            Ok((_, differences)) => differ(proof, &differences),
            Err(store::Error::Again | store::Error::NeedIds) => return Err(store::Error::Again),
            Err(_) => one_by_one(tx, proof, chunk)?,
        }
        proof.cases += chunk.len() as u64;
    }
    Ok(())
}

fn one_by_one(tx: &mut Tx<'_>, proof: &mut Proof, chunk: &[(i64, i64)]) -> Result<()> {
    for (office, case) in chunk {
        match rebuild::compare(tx, OfficeId(*office), CaseId(case - 1), 1) {
            Ok((_, differences)) => differ(proof, &differences),
            Err(store::Error::Again) => return Err(store::Error::Again),
            Err(error) => {
                proof.find(Damage::Projection, format!("case {case} cannot be told from its events: {error}"))
            }
        }
    }
    Ok(())
}

fn differ(proof: &mut Proof, differences: &[Difference]) {
    for d in differences {
        let text = format!("case {}: table {} holds {}, the events say {}", d.case, d.table, d.row, d.events);
        proof.find(Damage::Projection, text);
    }
}

/// Goes through the case numbers: those taken that carry no case are told, since somebody may ask, and are no
/// damage; a case without events is.
fn numbers(tx: &mut Tx<'_>, proof: &mut Proof, cases: &BTreeSet<(i64, i64)>) -> Result<()> {
    let offices: BTreeMap<OfficeId, String> = rows::offices(tx)?.into_iter().collect();
    let mut free: HashMap<(OfficeId, String), Vec<bool>> = HashMap::new();
    for (office, name, next) in rows::series(tx)? {
        let taken = usize::try_from(next - 1).unwrap_or(0);
        free.insert((office, name), vec![true; taken]);
    }
    for office in offices.keys() {
        let mut after = CaseId(i64::MIN);
        loop {
            let chunk = rows::case_numbers(tx, *office, after, CHUNK)?;
            let Some((last, _)) = chunk.last() else { break };
            after = *last;
            for (case, no) in &chunk {
                if !cases.contains(&(office.0, case.0)) {
                    proof.find(
                        Damage::Projection,
                        format!("case {case} ({no}) is in the tables and has no events"),
                    );
                }
                let used =
                    read_number(no).and_then(|(series, n)| free.get_mut(&(*office, series))?.get_mut(n - 1));
                if let Some(used) = used {
                    *used = false;
                }
            }
        }
    }
    let mut free: Vec<_> = free.into_iter().collect();
    free.sort();
    for ((office, series), list) in free {
        let short = offices.get(&office).map_or("", String::as_str);
        for n in list.iter().enumerate().filter(|(_, free)| **free).map(|(i, _)| i + 1) {
            proof.unused.push(written(short, &series, n));
        }
    }
    Ok(())
}

/// The series and the number of a case number: `青禾-20260312-X0017` is number 17 of the series `X20260312`.
fn read_number(no: &str) -> Option<(String, usize)> {
    let (head, tail) = no.rsplit_once('-')?;
    let (_, day) = head.rsplit_once('-')?;
    let letter = tail.chars().next().filter(char::is_ascii_uppercase);
    let digits = tail.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let n: usize = digits.parse().ok().filter(|n| *n > 0)?;
    Some((format!("{}{day}", letter.unwrap_or('D')), n))
}

/// A number as people see it.
fn written(short: &str, series: &str, n: usize) -> String {
    let (letter, day) = series.split_at_checked(1).unwrap_or(("", series));
    let letter = if letter == "D" { "" } else { letter };
    format!("{short}-{day}-{letter}{n:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_tells_its_series_and_back() {
        for (no, series, n) in
            [("青禾-20260312-0017", "D20260312", 17), ("青禾-20260312-X0003", "X20260312", 3)]
        {
            assert_eq!(read_number(no), Some((series.to_owned(), n)));
            assert_eq!(written("青禾", series, n), no);
        }
        assert_eq!(read_number("12345-upper"), None);
        assert_eq!(read_number("x-20260312-0000"), None);
    }
}
