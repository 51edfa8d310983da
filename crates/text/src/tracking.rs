//! Tracking codes: what a resident writes down or reads out to see how a report stands.

use crate::chars::narrow;

/// The 24 signs of a code, upper-case. Left out for looking like another: `0 O`, `1 I L`, `2 Z`, `5 S`,
/// `8 B` and `U`, which is read as `V`. Eight signs carry 36.7 bits (24^8 is 1.1e11): too many to try
/// against a rate limit, not enough to stand without one.
const ALPHABET: [u8; 24] = *b"34679ACDEFGHJKMNPQRTVWXY";

/// The number of signs of a code.
const LENGTH: usize = 8;

/// A code from eight random bytes of a cryptographic source. Every code is equally likely to within 2^-27.
#[must_use]
pub fn tracking_code(random: &[u8; 8]) -> String {
    let mut rest = u64::from_le_bytes(*random);
    let mut code = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        let digit = usize::try_from(rest % 24).unwrap_or(0);
        rest /= 24;
        code.push(char::from(ALPHABET[digit]));
    }
    code
}

/// A code as it was typed (any case, full-width, with blanks or hyphens, `U` for `V`) in its one form;
/// `None` when it cannot be a code.
#[must_use]
pub fn parse_tracking_code(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(LENGTH);
    for c in typed.chars().map(narrow).filter(|c| !c.is_whitespace() && *c != '-') {
        let upper = match c.to_ascii_uppercase() {
            'U' => 'V',
            upper => upper,
        };
        let known = ALPHABET.iter().any(|&sign| char::from(sign) == upper);
        if !known || code.len() == LENGTH {
            return None;
        }
        code.push(upper);
    }
    (code.len() == LENGTH).then_some(code)
}
