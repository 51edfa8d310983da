//! Masking for screens, lists and exports (STANDARDS 6.1): name 张**, phone 138****1234, ID card
//! 110101********1234. What cannot be recognised is masked whole, never shown.

use crate::chars::narrow;

/// The surname's first character and two stars, whatever the length: the number of characters of a name is
/// nobody's business either. Empty stays empty.
#[must_use]
pub fn mask_name(name: &str) -> String {
    name.trim().chars().next().map(|first| format!("{first}**")).unwrap_or_default()
}

/// A mobile number with the middle four digits hidden: `138****2041`. Any other number goes through
/// [`mask_landline`].
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    match normalize_phone(phone) {
        Some(digits) if is_mobile(&digits) => format!("{}****{}", &digits[..3], &digits[7..]),
        _ => mask_landline(phone),
    }
}

/// A landline number with its area code and its last digits: `0731-****1234`. Four digits of the number
/// are hidden; of a number without area code everything but the last three.
#[must_use]
pub fn mask_landline(phone: &str) -> String {
    let digits = normalize_phone(phone).unwrap_or_else(|| digits_of(phone));
    match area_code_length(&digits).filter(|area| digits.len() > area + 4) {
        Some(area) => format!("{}-****{}", &digits[..area], &digits[area + 4..]),
        None => tail(&digits, 3),
    }
}

/// An ID card number with the region and the last four signs: `110101********1234`; the 15-digit form keeps
/// the last three. Anything else is hidden whole.
#[must_use]
pub fn mask_id(id: &str) -> String {
    let signs: Vec<char> = id.chars().map(narrow).filter(char::is_ascii_alphanumeric).collect();
    let show = match signs.len() {
        18 => 4,
        15 => 3,
        length => return "*".repeat(length),
    };
    let head: String = signs[..6].iter().collect();
    let last: String = signs[signs.len() - show..].iter().collect::<String>().to_ascii_uppercase();
    format!("{head}{}{last}", "*".repeat(signs.len() - 6 - show))
}

/// A card number with its last four digits: `****1234`.
#[must_use]
pub fn mask_card(card: &str) -> String {
    tail(&digits_of(card), 4)
}

/// A number plate with its province, letter and last two signs: `粤B***45`.
#[must_use]
pub fn mask_plate(plate: &str) -> String {
    let signs: Vec<char> = plate.chars().map(narrow).filter(|c| c.is_alphanumeric()).collect();
    if signs.len() < 6 {
        return "*".repeat(signs.len());
    }
    let text = |part: &[char]| part.iter().collect::<String>().to_ascii_uppercase();
    format!("{}{}{}", text(&signs[..2]), "*".repeat(signs.len() - 4), text(&signs[signs.len() - 2..]))
}

/// A telephone number in the one form under which it is looked up: digits only, without `+86`, blanks,
/// brackets, hyphens and extension, full-width digits made plain. Mobile numbers have 11 digits, landlines
/// area code and number (or 7 to 8 digits without area code), 400 and 800 numbers 10; a number that begins
/// with another country's code keeps it. `None` for anything else, such as the short number 12345.
#[must_use]
pub fn normalize_phone(phone: &str) -> Option<String> {
    let plain: String = phone.trim().chars().map(narrow).collect();
    let main = plain.split(['转', 'x', 'X', '#']).next().unwrap_or_default().trim();
    let known = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.');
    if !main.chars().all(known) {
        return None;
    }
    let digits = digits_of(main);
    let national = match (main.starts_with('+'), digits.strip_prefix("0086"), digits.strip_prefix("86")) {
        (false, Some(rest), _) | (true, _, Some(rest)) => rest.to_owned(),
        (false, None, Some(rest)) if is_mobile(rest) => rest.to_owned(),
        (true, _, None) => return (7..=15).contains(&digits.len()).then_some(digits),
        _ => return domestic(&digits, main),
    };
    // Behind the country code an area code has lost its zero.
    domestic(&national, &national).or_else(|| domestic(&format!("0{national}"), ""))
}

/// A number dialled inside the country; `written` tells an extension behind a hyphen.
fn domestic(digits: &str, written: &str) -> Option<String> {
    let old_trunk = digits.strip_prefix('0').filter(|rest| is_mobile(rest));
    if let Some(mobile) = old_trunk.or_else(|| Some(digits).filter(|digits| is_mobile(digits))) {
        return Some(mobile.to_owned());
    }
    let toll_free = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    if toll_free || is_landline(digits) {
        return Some(digits.to_owned());
    }
    let without_extension = written.rsplit_once('-').map(|(main, _)| digits_of(main))?;
    is_landline(&without_extension).then_some(without_extension)
}

/// 11 digits, `13` to `19`: the mobile numbers of the numbering plan.
pub(crate) fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
        && bytes.iter().all(u8::is_ascii_digit)
}

/// An area code and a subscriber's number, or the latter alone. Subscriber numbers begin with 2 to 8; 1 and
/// 9 are services such as 12345 and 96111.
pub(crate) fn is_landline(digits: &str) -> bool {
    let area = area_code_length(digits).unwrap_or(0);
    let number = &digits[area..];
    let lengths = if area == 3 { 8..=8 } else { 7..=8 };
    let begins = number.bytes().next().is_some_and(|byte| (b'2'..=b'8').contains(&byte));
    begins && lengths.contains(&number.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The length of a leading area code: `010` and `02x` have three digits, `03xx` to `09xx` four.
pub(crate) fn area_code_length(digits: &str) -> Option<usize> {
    match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', _, ..] => Some(3),
        [b'0', b'3'..=b'9', _, _, ..] => Some(4),
        _ => None,
    }
}

/// The ASCII digits of a text, full-width ones made plain.
pub(crate) fn digits_of(text: &str) -> String {
    text.chars().map(narrow).filter(char::is_ascii_digit).collect()
}

/// Four stars and the last `show` digits; only stars when there are hardly more.
fn tail(digits: &str, show: usize) -> String {
    let hidden = digits.len().saturating_sub(show);
    if hidden < 3 { "*".repeat(digits.len()) } else { format!("****{}", &digits[hidden..]) }
}
