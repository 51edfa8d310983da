//! The order of Chinese names.

use crate::chars::{chinese_digit, is_han, narrow};
use pinyin::ToPinyin;

/// Characters that are read otherwise as a surname than in most words.
const SURNAMES: [(char, &str); 25] = [
    ('单', "shan4"),
    ('曾', "zeng1"),
    ('仇', "qiu2"),
    ('解', "xie4"),
    ('查', "zha1"),
    ('区', "ou1"),
    ('任', "ren2"),
    ('盖', "ge3"),
    ('朴', "piao2"),
    ('翟', "zhai2"),
    ('乐', "yue4"),
    ('覃', "qin2"),
    ('缪', "miao4"),
    ('纪', "ji3"),
    ('洗', "xian3"),
    ('燕', "yan1"),
    ('华', "hua4"),
    ('宁', "ning4"),
    ('折', "she2"),
    ('黑', "he4"),
    ('员', "yun4"),
    ('种', "chong2"),
    ('召', "shao4"),
    ('尉', "wei4"),
    ('秘', "bi4"),
];

/// How the names of places and units end; such a name has no surname.
const NOT_A_PERSON: &str = "省市区县乡镇村街道路巷弄组社局办站所院校园湾桥厂店部队科处室";

/// A key under which Chinese names sort as people expect: by pinyin, then by tone, then by character, one
/// character after the other; a person's surname by its reading as a surname, digits by their number, letters
/// without regard to case. Keys are compared byte by byte, so a database may sort by them.
#[must_use]
pub fn pinyin_key(name: &str) -> String {
    let chars: Vec<char> = name.trim().chars().map(narrow).collect();
    let mut key = String::with_capacity(chars.len() * 8);
    for (index, &c) in chars.iter().enumerate() {
        let surname = (index == 0 && is_person(&chars)).then(|| surname_reading(&chars)).flatten();
        if let Some(reading) = surname.or_else(|| c.to_pinyin().map(pinyin::Pinyin::with_tone_num_end)) {
            key.push_str(reading);
            key.push(c);
        } else if c.is_ascii_digit() {
            push_number(&mut key, &chars, index);
        } else {
            key.extend(c.to_lowercase());
        }
        // Lower than any letter, so that 李 comes before 李明.
        key.push(' ');
    }
    key.truncate(key.trim_end().len());
    key
}

/// Two or three characters that are no name of a place or a number.
fn is_person(chars: &[char]) -> bool {
    let plain = |&c: &char| is_han(c) && chinese_digit(c).is_none();
    (2..=3).contains(&chars.len())
        && chars.iter().all(plain)
        && chars.last().is_some_and(|&last| !NOT_A_PERSON.contains(last))
}

fn surname_reading(chars: &[char]) -> Option<&'static str> {
    let first = *chars.first()?;
    let (_, reading) = SURNAMES.iter().find(|(surname, _)| *surname == first)?;
    Some(reading)
}

/// A number with leading zeros, so that 网格 9 comes before 网格 10; written once, at its first digit.
fn push_number(key: &mut String, chars: &[char], index: usize) {
    if index > 0 && chars[index - 1].is_ascii_digit() {
        return;
    }
    let digits: String = chars[index..].iter().take_while(|c| c.is_ascii_digit()).collect();
    let plain = digits.trim_start_matches('0');
    key.extend(std::iter::repeat_n('0', 8usize.saturating_sub(plain.len())));
    key.push_str(plain);
}
