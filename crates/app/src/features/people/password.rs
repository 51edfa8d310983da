//! Passwords: Argon2id with the crate's defaults (19 MiB, 2 passes), never inside a transaction, since one
//! hash takes tens of milliseconds.

use anyhow::Result;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use kernel::Refusal;

/// Characters of a first password: no look-alikes (0 o, 1 l i, u v).
const ALPHABET: &[u8; 28] = b"23456789abcdefghjkmnpqrstwxy";
/// Fewest and most characters. The lower bound suits both policies (ASVS 5: 8; 等保 practice: 8), the upper
/// one keeps hashing cheap.
const SHORTEST: usize = 8;
const LONGEST: usize = 128;

/// Which rules a chosen password follows (DECISIONS 27): ASVS 5 forbids composition rules, 等保 practice
/// asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Policy {
    /// Length only, and not the log-in name.
    #[default]
    Asvs,
    /// Also three of four classes of characters.
    Mlps,
}

/// A first password: twelve characters in three groups, about 57 bits, shown once.
///
/// # Errors
/// When the machine has no random bytes.
pub fn first() -> Result<String> {
    let mut out = String::with_capacity(14);
    let mut count = 0;
    while count < 12 {
        // 252 is the largest multiple of 28 below 256; larger bytes would favour some letters.
        for byte in crate::crypto::random::<24>()?.into_iter().filter(|b| *b < 252).take(12 - count) {
            if count > 0 && count % 4 == 0 {
                out.push('-');
            }
            out.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            count += 1;
        }
    }
    Ok(out)
}

/// The hash to store.
///
/// # Errors
/// When the machine has no random bytes.
pub fn hash(plain: &str) -> Result<String> {
    let made = Argon2::default()
        .hash_password(plain.as_bytes())
        .map_err(|e| anyhow::anyhow!("hashing failed: {e}"))?;
    Ok(made.to_string())
}

/// Whether a password fits a stored hash. A missing or damaged hash fits nothing, after the same work, so
/// that the time taken does not tell whether a log-in name exists.
#[must_use]
pub fn verify(plain: &str, stored: Option<&str>) -> bool {
    /// Of a password nobody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$Z2V6aGktbm9ib2R5LTE$Mzc0ZDY1M2QwMzQ1ZTlkMmY1ZTk5YzQ4ZTc2ZmY1NWE";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    let fits = Argon2::default().verify_password(plain.as_bytes(), &parsed).is_ok();
    fits && stored.is_some()
}

/// Checks a password that somebody chooses.
///
/// # Errors
/// `people.password.short`, `.long`, `.login`, `.classes`, on the field `password`.
pub fn check(policy: Policy, login: &str, plain: &str) -> Result<(), Refusal> {
    let length = plain.chars().count();
    let refuse = |code| Err(Refusal::rule(code).on("password"));
    if length < SHORTEST {
        return Err(Refusal::rule("people.password.short").on("password").with("least", SHORTEST));
    }
    if length > LONGEST {
        return Err(Refusal::rule("people.password.long").on("password").with("most", LONGEST));
    }
    if plain.to_lowercase().contains(&login.to_lowercase()) || plain.chars().all(|c| plain.starts_with(c)) {
        return refuse("people.password.login");
    }
    let classes = [
        plain.chars().any(char::is_lowercase),
        plain.chars().any(char::is_uppercase),
        plain.chars().any(char::is_numeric),
        plain.chars().any(|c| !c.is_alphanumeric()),
    ];
    if policy == Policy::Mlps && classes.into_iter().filter(|c| *c).count() < 3 {
        return refuse("people.password.classes");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_password_is_long_and_without_look_alikes_and_never_the_same() {
        let (a, b) = (first().unwrap(), first().unwrap());
        assert_eq!(a.len(), 14);
        assert!(a.split('-').all(|group| group.len() == 4 && group.bytes().all(|c| ALPHABET.contains(&c))));
        assert_ne!(a, b);
    }

    #[test]
    fn a_password_fits_only_its_own_hash() {
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2"));
        assert!(verify("correct horse", Some(&stored)));
        assert!(!verify("correct horsf", Some(&stored)));
        assert!(!verify("correct horse", None));
        assert!(!verify("correct horse", Some("damaged")));
    }

    #[test]
    fn the_two_policies_differ_in_classes_only() {
        assert_eq!(check(Policy::Asvs, "zhoumin", "short").unwrap_err().code, "people.password.short");
        assert_eq!(check(Policy::Asvs, "zhoumin", "my-ZhouMin-1").unwrap_err().code, "people.password.login");
        assert_eq!(check(Policy::Asvs, "zhoumin", "aaaaaaaaaa").unwrap_err().code, "people.password.login");
        assert!(check(Policy::Asvs, "zhoumin", "onlylowercase").is_ok());
        assert_eq!(
            check(Policy::Mlps, "zhoumin", "onlylowercase").unwrap_err().code,
            "people.password.classes"
        );
        assert!(check(Policy::Mlps, "zhoumin", "Only-lower-case").is_ok());
    }
}
