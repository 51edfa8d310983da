//! Number plates (GA 36): a province's character, a letter and five signs, six for new-energy vehicles.

use super::Kind;
use super::scan::Scan;

/// The provinces' characters, and 使 领 of embassies and consulates.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
/// What may stand last instead of a letter or digit.
const LAST: &str = "学警挂港澳领";
/// Words behind which any character may stand for the province, and behind which a plate may lack it.
const PLATE_WORDS: [&str; 5] = ["车牌", "牌照", "车号", "号牌", "牌号"];

pub(super) fn find(scan: &mut Scan) {
    for index in 0..scan.chars.len() {
        let Some(end) = full_plate(scan, index).or_else(|| bare_plate(scan, index)) else { continue };
        let signs = scan.text(index..end);
        let value: String = signs.chars().filter(|c| c.is_alphanumeric()).collect();
        scan.take(index..end, Kind::Plate, value.to_uppercase());
    }
}

/// The end of a plate that begins here with its province.
fn full_plate(scan: &Scan, index: usize) -> Option<usize> {
    let letter = skip(scan, index + 1, " ");
    if !scan.at(letter)?.is_ascii_alphabetic() {
        return None;
    }
    let province = scan.at(index)?;
    let announced = || {
        crate::chars::is_han(province)
            && !"为是号码叫系".contains(province)
            && scan.says(index, 6, &PLATE_WORDS)
    };
    if !PROVINCES.contains(province) && !announced() {
        return None;
    }
    tail(scan, skip(scan, letter + 1, " ·•・.-"))
}

/// The end of a plate without province directly behind 车牌号 and the like.
fn bare_plate(scan: &Scan, index: usize) -> Option<usize> {
    let inside = scan.before(index).is_some_and(|c| c.is_ascii_alphanumeric());
    if inside || !scan.at(index)?.is_ascii_alphanumeric() {
        return None;
    }
    let context = scan.context(index, 8);
    let label = context.trim_end_matches([' ', ':', '为', '是', '号', '码']);
    if !PLATE_WORDS.iter().any(|word| label.ends_with(word.trim_end_matches('号'))) {
        return None;
    }
    tail(scan, index).or_else(|| tail(scan, skip(scan, index + 1, " ·•.-")))
}

fn skip(scan: &Scan, index: usize, blanks: &str) -> usize {
    index + usize::from(scan.at(index).is_some_and(|c| blanks.contains(c)))
}

/// The end of the five or six signs that begin here: at least two digits, nothing alphanumeric behind.
fn tail(scan: &Scan, start: usize) -> Option<usize> {
    let mut end = start;
    while scan.at(end).is_some_and(|c| c.is_ascii_alphanumeric()) {
        end += 1;
    }
    let digits = (start..end).filter(|&index| scan.digit(index)).count();
    if digits < 2 {
        return None;
    }
    match end - start {
        5 | 6 => Some(end),
        4 if scan.at(end).is_some_and(|c| LAST.contains(c)) => Some(end + 1),
        _ => None,
    }
}
