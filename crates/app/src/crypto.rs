//! Keys and ciphertexts (DECISIONS 24–26). One master key outside the data folder wraps a data key per
//! office; a requester's identity lies under a key of its own, wrapped by the data key, so that
//! destroying that one key erases the identity. Every ciphertext starts with its algorithm and key id.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use anyhow::{Context, Result, bail, ensure};
use kernel::OfficeId;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// AES-256-GCM; SM4-GCM can take another number.
const AES_256_GCM: u8 = 1;
const NONCE: usize = 12;
/// Algorithm, key id, nonce, tag.
const OVERHEAD: usize = 2 + NONCE + 16;

/// A 256-bit key.
pub type Key = [u8; 32];

/// Random bytes from the machine.
///
/// # Errors
/// When the machine has none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no random bytes: {e}"))?;
    Ok(bytes)
}

/// Encrypts under a key; `bound` is authenticated but not stored, so that a ciphertext cannot be moved
/// to another row.
///
/// # Errors
/// When the machine has no random bytes.
pub fn seal(key: &Key, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE] = random()?;
    let cipher = Aes256Gcm::new(key.into());
    let body = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: bound })
        .map_err(|_| anyhow::anyhow!("encryption failed"))?;
    let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
    out.extend([AES_256_GCM, 0]);
    out.extend(nonce);
    out.extend(body);
    Ok(out)
}

/// Decrypts what [`seal`] made.
///
/// # Errors
/// When the key, the bound text or a byte differs, or the algorithm is unknown.
pub fn open(key: &Key, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    ensure!(sealed.len() >= OVERHEAD, "the ciphertext is too short");
    ensure!(sealed[0] == AES_256_GCM, "unknown algorithm {}", sealed[0]);
    let nonce: [u8; NONCE] = sealed[2..2 + NONCE].try_into()?;
    Aes256Gcm::new(key.into())
        .decrypt(&Nonce::from(nonce), Payload { msg: &sealed[2 + NONCE..], aad: bound })
        .map_err(|_| anyhow::anyhow!("the ciphertext does not belong to this key"))
}

/// The keys of this installation.
pub struct Vault {
    master: Key,
    offices: RwLock<HashMap<OfficeId, Key>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault over a master key.
    #[must_use]
    pub fn new(master: Key) -> Vault {
        Vault { master, offices: RwLock::default() }
    }

    /// Reads the master key from a file of 64 hexadecimal digits; makes the file, readable by its owner
    /// only, when it does not exist and `create` is set.
    ///
    /// # Errors
    /// When the file is missing, damaged or cannot be written; the message says where it was sought.
    pub fn load(path: &Path, create: bool) -> Result<Vault> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(text.trim().as_bytes())
                    .ok()
                    .and_then(|b| Key::try_from(b).ok());
                let Some(key) = bytes else {
                    bail!(
                        "the master key file {} is damaged: 64 hexadecimal digits are expected; bring it back from your copy",
                        path.display()
                    )
                };
                Ok(Vault::new(key))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && create => {
                let key: Key = random()?;
                write_private(path, &data_encoding::HEXLOWER.encode(&key))
                    .with_context(|| format!("the master key file {} cannot be written", path.display()))?;
                Ok(Vault::new(key))
            }
            Err(error) => Err(error).with_context(|| {
                format!(
                    "the master key file {} cannot be read; without it protected data stay closed: bring it back from your copy, or name it with --key-file",
                    path.display()
                )
            }),
        }
    }

    /// Makes a data key for an office and returns it wrapped, to be stored.
    ///
    /// # Errors
    /// When the machine has no random bytes.
    pub fn new_office(&self, office: OfficeId) -> Result<Vec<u8>> {
        let key: Key = random()?;
        let wrapped = seal(&self.master, &office_label(office), &key)?;
        self.offices.write().unwrap_or_else(PoisonError::into_inner).insert(office, key);
        Ok(wrapped)
    }

    /// Takes an office's wrapped data key into use.
    ///
    /// # Errors
    /// When the master key is not the one that wrapped it.
    pub fn add_office(&self, office: OfficeId, wrapped: &[u8]) -> Result<()> {
        let plain = open(&self.master, &office_label(office), wrapped).context(
            "the master key does not open this office's data key: is it the key file of this folder?",
        )?;
        let key = Key::try_from(plain).map_err(|_| anyhow::anyhow!("the data key is damaged"))?;
        self.offices.write().unwrap_or_else(PoisonError::into_inner).insert(office, key);
        Ok(())
    }

    fn office(&self, office: OfficeId) -> Result<Key> {
        self.offices
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&office)
            .copied()
            .with_context(|| format!("no data key for office {office}"))
    }

    /// Encrypts under the office's data key.
    ///
    /// # Errors
    /// When the office has no key.
    pub fn seal(&self, office: OfficeId, bound: &str, plain: &[u8]) -> Result<Vec<u8>> {
        seal(&self.office(office)?, bound.as_bytes(), plain)
    }

    /// Decrypts what [`Vault::seal`] made.
    ///
    /// # Errors
    /// When the office has no key or the ciphertext is not its own.
    pub fn open(&self, office: OfficeId, bound: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        open(&self.office(office)?, bound.as_bytes(), sealed)
    }

    /// A keyed hash for look-ups: a phone number, a tracking code. Without the office's key it says nothing.
    ///
    /// # Errors
    /// When the office has no key.
    pub fn mac(&self, office: OfficeId, purpose: &str, data: &[u8]) -> Result<[u8; 32]> {
        let key = blake3::derive_key(&format!("gezhi 2026 {purpose}"), &self.office(office)?);
        Ok(*blake3::keyed_hash(&key, data).as_bytes())
    }

    /// The seed of the key that signs blocks, derived from the master key.
    #[must_use]
    pub fn signing_seed(&self) -> [u8; 32] {
        blake3::derive_key("gezhi 2026 block signature", &self.master)
    }
}

fn office_label(office: OfficeId) -> Vec<u8> {
    format!("office {office}").into_bytes()
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Under another name first: a key file that is there is whole, whatever happens now.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    crate::files::sync_folder(path.parent().unwrap_or(path))
}

/// Whether two keyed hashes are one, in a time that says nothing about where they differ. What is no hash equals nothing.
#[must_use]
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    let whole = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).map(blake3::Hash::from);
    matches!((whole(a), whole(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphertext_opens_only_with_its_key_and_its_row() {
        let key: Key = random().unwrap();
        let sealed = seal(&key, b"party 7", b"13800000000").unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"13800"));
        assert_eq!(open(&key, b"party 7", &sealed).unwrap(), b"13800000000");
        assert!(open(&key, b"party 8", &sealed).is_err());
        assert!(open(&[7; 32], b"party 7", &sealed).is_err());
        let mut damaged = sealed.clone();
        damaged[20] ^= 1;
        assert!(open(&key, b"party 7", &damaged).is_err());
    }

    #[test]
    fn the_wrong_master_key_does_not_open_an_office() {
        let vault = Vault::new([1; 32]);
        let wrapped = vault.new_office(OfficeId(1)).unwrap();
        assert!(Vault::new([2; 32]).add_office(OfficeId(1), &wrapped).is_err());
        assert!(Vault::new([1; 32]).add_office(OfficeId(2), &wrapped).is_err());
        Vault::new([1; 32]).add_office(OfficeId(1), &wrapped).unwrap();
    }
}
