//! The points of a message that brings several matters: 15 % of real messages number theirs. What is found
//! is a proposal for splitting; a person decides.

use crate::chars::{chinese_digit, circled, is_cjk, is_word, narrow};
use std::ops::Range;

/// How points are marked. Markers of one style belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// 一、
    Chinese,
    /// （一）
    ChineseInBrackets,
    /// 1、 1. 1）
    Digit,
    /// （1）
    DigitInBrackets,
    /// ①
    Circled,
    /// 第一，首先
    Ordinal,
    /// 一是
    Is,
    /// 问题一：
    Labelled,
}

const STYLES: [Style; 8] = [
    Style::Chinese,
    Style::ChineseInBrackets,
    Style::Digit,
    Style::DigitInBrackets,
    Style::Circled,
    Style::Ordinal,
    Style::Is,
    Style::Labelled,
];

/// A marker: which number, where it begins and where its point's words begin (character indexes).
#[derive(Clone, Copy)]
struct Marker {
    style: Style,
    number: u32,
    start: usize,
    words: usize,
}

/// Words that begin another matter after a full stop, with what must follow so that they do.
const ALSO: [(&str, &[&str]); 6] = [
    ("另外", &[]),
    ("此外", &[]),
    ("再就是", &[]),
    ("还有", &[",", ":", "就是", "一个", "一件", "个", "件", "关于"]),
    ("另", &[",", ":"]),
    ("顺便", &[]),
];

/// A point shorter than this many letters is a list in passing ("1、2、3栋") and no matter.
const LEAST_WORDS: usize = 5;
/// Either side of 另外 must have this many letters.
const LEAST_SENTENCE: usize = 8;

/// The byte ranges of the points of a message, each from its number to the next; empty when there is only
/// one matter. The words before the first number (a greeting, the place) belong to no point. Numbers count
/// only in order from one; of several styles the outer, which begins first, is taken. Without numbers a
/// sentence that begins with 另外, 此外 or 还有 parts the message.
#[must_use]
pub fn split_points(text: &str) -> Vec<Range<usize>> {
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let markers: Vec<Marker> = (0..chars.len()).filter_map(|index| marker_at(&chars, index)).collect();
    let chains = STYLES.iter().map(|&style| chain(&chars, &markers, style)).filter(|chain| chain.len() >= 2);
    let outer = chains.min_by_key(|chain| (chain[0], std::cmp::Reverse(chain.len())));
    let starts = outer.unwrap_or_else(|| also(&chars));
    let ends = starts.iter().skip(1).copied().chain([chars.len()]);
    let range = |(start, end): (&usize, usize)| {
        let trimmed =
            chars[*start..end].iter().rposition(|c| !c.is_whitespace()).map_or(*start, |at| start + at + 1);
        bytes[*start]..bytes[trimmed]
    };
    starts.iter().zip(ends).map(range).collect()
}

/// The starts of the points numbered 1, 2, 3 … in one style; empty when a point says hardly anything.
fn chain(chars: &[char], markers: &[Marker], style: Style) -> Vec<usize> {
    let mut chain: Vec<Marker> = Vec::new();
    for marker in markers.iter().filter(|marker| marker.style == style) {
        let expected = chain.last().map_or(1, |last| last.number + 1);
        if marker.number == expected {
            chain.push(*marker);
        } else if marker.number == 1 && chain.len() == 1 {
            chain = vec![*marker];
        }
    }
    let ends = chain.iter().skip(1).map(|next| next.start).chain([chars.len()]);
    let short = |(marker, end): (&Marker, usize)| letters(&chars[marker.words..end]) < LEAST_WORDS;
    if chain.iter().zip(ends).any(short) {
        Vec::new()
    } else {
        chain.iter().map(|marker| marker.start).collect()
    }
}

fn letters(chars: &[char]) -> usize {
    chars.iter().filter(|&&c| is_cjk(c) || is_word(c)).count()
}

fn marker_at(chars: &[char], start: usize) -> Option<Marker> {
    let c = chars[start];
    if let Some(number) = circled(c) {
        return Some(Marker { style: Style::Circled, number, start, words: start + 1 });
    }
    let free = start == 0 || !(is_cjk(chars[start - 1]) || is_word(chars[start - 1]));
    if c == '(' {
        return bracketed(chars, start);
    }
    if c.is_ascii_digit() {
        return digit(chars, start, free);
    }
    if !free {
        return None;
    }
    if c == '第' {
        let (number, end) = chinese_number(chars, start + 1)?;
        let words = after_stop(chars, end)
            .or_else(|| after_word(chars, end, &["点", "个问题", "件事", "个是", "是"]))?;
        return Some(Marker { style: Style::Ordinal, number, start, words });
    }
    if let Some((number, end)) = chinese_number(chars, start) {
        let is = after_word(chars, end, &["是"]).map(|words| (Style::Is, words));
        let (style, words) = after_stop(chars, end).map(|words| (Style::Chinese, words)).or(is)?;
        return Some(Marker { style, number, start, words });
    }
    labelled(chars, start).or_else(|| ordinal_word(chars, start))
}

/// （一） or （1）
fn bracketed(chars: &[char], start: usize) -> Option<Marker> {
    let chinese = chinese_number(chars, start + 1).map(|found| (Style::ChineseInBrackets, found));
    let (style, (number, end)) =
        chinese.or_else(|| Some((Style::DigitInBrackets, plain_number(chars, start + 1)?)))?;
    (chars.get(end) == Some(&')')).then_some(Marker { style, number, start, words: end + 1 })
}

/// 1、 1. 1） 1： at the beginning of a clause; directly behind a word only 1、 and 1. , which many write
/// without a stop before. Neither may a digit follow (1.5, 1、2栋) nor a number go before.
fn digit(chars: &[char], start: usize, free: bool) -> Option<Marker> {
    let before = start.checked_sub(1).map(|index| chars[index]);
    if before
        .is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '/' | '第' | '(' | '[' | '〔' | '+' | '、'))
    {
        return None;
    }
    let (number, end) = plain_number(chars, start)?;
    let sign = chars.get(end).copied()?;
    let stops = matches!(sign, '、' | '.') || (free && matches!(sign, ')' | ':' | ',' | '．'));
    let follows = chars.get(end + 1).copied();
    let goes_on = follows.is_none_or(|c| c.is_ascii_digit());
    (stops && !goes_on).then_some(Marker { style: Style::Digit, number, start, words: end + 1 })
}

/// 问题一： 诉求2、
fn labelled(chars: &[char], start: usize) -> Option<Marker> {
    const LABELS: [&str; 9] = ["问题", "诉求", "疑问", "建议", "质疑", "疑点", "事项", "请求", "要求"];
    let end = after_word(chars, start, &LABELS)?;
    let (number, end) = chinese_number(chars, end).or_else(|| plain_number(chars, end))?;
    Some(Marker { style: Style::Labelled, number, start, words: after_stop(chars, end)? })
}

/// 首先， 其次，; a 首先 that thanks is a courtesy.
fn ordinal_word(chars: &[char], start: usize) -> Option<Marker> {
    const WORDS: [(&str, u32); 4] = [("首先", 1), ("其次", 2), ("再次", 3), ("最后", 3)];
    let (number, words) =
        WORDS.iter().find_map(|(word, number)| Some((*number, after_word(chars, start, &[word])?)))?;
    let words = after_stop(chars, words).unwrap_or(words);
    let thanks: String = chars[words..].iter().take(6).collect();
    let courtesy = thanks.contains("感谢") || thanks.contains('谢');
    (!courtesy).then_some(Marker { style: Style::Ordinal, number, start, words })
}

/// 一 to 二十, and the index behind.
fn chinese_number(chars: &[char], start: usize) -> Option<(u32, usize)> {
    let value = |index: usize| {
        let digit = chars.get(index).and_then(|&c| chinese_digit(c).filter(|_| !matches!(c, '两' | '幺')));
        digit.filter(|value| *value > 0)
    };
    match (value(start), chars.get(start), chars.get(start + 1)) {
        (Some(tens), _, Some('十')) => Some((
            tens * 10 + value(start + 2).unwrap_or(0),
            start + 2 + usize::from(value(start + 2).is_some()),
        )),
        (Some(number), ..) => Some((number, start + 1)),
        (None, Some('十'), _) => {
            Some((10 + value(start + 1).unwrap_or(0), start + 1 + usize::from(value(start + 1).is_some())))
        }
        _ => None,
    }
}

/// One or two digits, and the index behind.
fn plain_number(chars: &[char], start: usize) -> Option<(u32, usize)> {
    let digits: String = chars.get(start..)?.iter().take_while(|c| c.is_ascii_digit()).collect();
    (digits.len() <= 2).then(|| Some((digits.parse().ok()?, start + digits.len())))?
}

fn after_stop(chars: &[char], index: usize) -> Option<usize> {
    chars.get(index).is_some_and(|c| matches!(c, '、' | '.' | '．' | ',' | ':')).then_some(index + 1)
}

fn after_word(chars: &[char], index: usize, words: &[&str]) -> Option<usize> {
    let stands =
        |word: &&&str| word.chars().enumerate().all(|(offset, c)| chars.get(index + offset) == Some(&c));
    words.iter().find(stands).map(|word| index + word.chars().count())
}

/// The starts of the parts of a message parted by 另外 and the like.
fn also(chars: &[char]) -> Vec<usize> {
    // How many letters stand before each index.
    let counts: Vec<usize> = std::iter::once(0)
        .chain(chars.iter().scan(0, |sum, &c| {
            *sum += usize::from(is_cjk(c) || is_word(c));
            Some(*sum)
        }))
        .collect();
    let mut starts = vec![0];
    for index in 1..chars.len() {
        let last = starts.last().copied().unwrap_or(0);
        let sentence = matches!(chars[index - 1], '。' | '!' | '?' | ';' | '\n' | ' ');
        let long = counts[index] - counts[last] >= LEAST_SENTENCE
            && counts[chars.len()] - counts[index] >= LEAST_SENTENCE;
        let begins = |(word, next): &(&str, &[&str])| {
            let end = after_word(chars, index, &[word]);
            end.is_some_and(|end| next.is_empty() || after_word(chars, end, next).is_some())
        };
        if sentence && long && ALSO.iter().any(begins) {
            starts.push(index);
        }
    }
    if starts.len() < 2 { Vec::new() } else { starts }
}
