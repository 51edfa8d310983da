//! The sealer: signs a block over the heads of all streams that moved since the last one. Called every few
//! seconds under a lease. Two sealers at once do no harm: one of them runs again.

use super::heads::{self, Heads};
use super::model::Block;
use super::store as rows;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kernel::{Day, Ts};
use std::path::Path;
use store::{Db, Error, Result, Tx};

/// Blake3 for the hash, Ed25519 for the signature; SM3 with SM2 can take another name.
pub const ALGORITHM: &str = "blake3-ed25519";
/// Heads in one block; after an import several blocks follow each other.
const HEADS_MOST: i64 = 2_000;
/// What the signature says before the hash, so that no other signed thing can be passed off as a block.
const CONTEXT: &[u8] = b"gezhi block 1\0";

/// A block that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub block: i64,
    /// The heads in it.
    pub heads: usize,
}

/// Signs one block over at most 2,000 heads that moved; `None` when none did. Call again until `None`. `seed` is
/// [`crate::crypto::Vault::signing_seed`].
///
/// # Errors
/// When the database refuses.
pub fn seal(tx: &mut Tx<'_>, seed: [u8; 32], now: Ts) -> Result<Option<Sealed>> {
    let heads = rows::moved(tx, HEADS_MOST)?;
    if heads.is_empty() {
        return Ok(None);
    }
    let last = rows::last_block(tx)?;
    let key = SigningKey::from_bytes(&seed);
    let mut block = Block {
        seq: last.as_ref().map_or(1, |b| b.seq + 1),
        at: now,
        algorithm: ALGORITHM.to_owned(),
        key_id: key_id(&key.verifying_key()),
        prev: last.map_or([0; 32], |b| b.hash),
        heads: write_heads(&heads)?,
        hash: [0; 32],
        signature: Vec::new(),
    };
    block.hash = hash(&block);
    block.signature = key.sign(&message(&block.hash)).to_bytes().to_vec();
    if !rows::insert_block(tx, &block)? {
        // Another sealer made this block.
        return Err(Error::Again);
    }
    for head in &heads {
        rows::mark_sealed(tx, head)?;
    }
    Ok(Some(Sealed { block: block.seq, heads: heads.len() }))
}

/// The public key of this installation, as blocks name it.
#[must_use]
pub fn public_key(seed: &[u8; 32]) -> String {
    key_id(&SigningKey::from_bytes(seed).verifying_key())
}

fn key_id(key: &VerifyingKey) -> String {
    data_encoding::HEXLOWER.encode(key.as_bytes())
}

fn message(hash: &[u8; 32]) -> Vec<u8> {
    [CONTEXT, hash].concat()
}

/// The hash a block must carry. Every text is preceded by its length.
#[must_use]
pub fn hash(block: &Block) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&block.seq.to_le_bytes());
    hasher.update(&block.at.0.to_le_bytes());
    hasher.update(&block.prev);
    for text in [&block.algorithm, &block.key_id, &block.heads] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Whether a signature over a block's hash is that of a public key.
#[must_use]
pub fn signed_by(key_id: &str, hash: &[u8; 32], signature: &[u8]) -> bool {
    let key = data_encoding::HEXLOWER
        .decode(key_id.as_bytes())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let Some(key) = key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()) else { return false };
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    key.verify_strict(&message(hash), &signature).is_ok()
}

/// A head as a block holds it.
type HeadText = (i64, String, i64, i64, String);

fn write_heads(heads: &[rows::Head]) -> Result<String> {
    let list: Vec<HeadText> = heads
        .iter()
        .map(|h| {
            (h.key.office, h.key.stream.clone(), h.key.id, h.seq, data_encoding::HEXLOWER.encode(&h.hash))
        })
        .collect();
    serde_json::to_string(&list).map_err(|e| Error::failed(e.to_string()))
}

/// The heads of a block; `None` when they cannot be read.
#[must_use]
pub(super) fn read_heads(text: &str) -> Option<Vec<rows::Head>> {
    let list: Vec<HeadText> = serde_json::from_str(text).ok()?;
    list.into_iter()
        .map(|(office, stream, id, seq, hash)| rows::Head::read(office, stream, id, seq, &hash))
        .collect()
}

/// What a worker does every few seconds under its lease: seals everything that moved, and on a new day writes
/// the day's file of heads into the data folder, to be carried elsewhere by backup, mail or paper. Returns
/// how many heads were sealed. May be run again at any time.
///
/// # Errors
/// When the database or the disk refuses.
pub fn tick(db: &Db, seed: [u8; 32], data: &Path, now: Ts, today: Day) -> anyhow::Result<usize> {
    let failed = |e: Error| anyhow::anyhow!("sealing failed: {e}");
    let mut count = 0;
    while let Some(sealed) = db.write_now(move |tx| seal(tx, seed, now)).map_err(failed)? {
        count += sealed.heads;
    }
    let path = Heads::daily_path(data, today);
    if !path.exists() {
        db.read_now(move |tx| heads::take(tx, seed, now, false)).map_err(failed)?.write(&path)?;
    }
    Ok(count)
}
