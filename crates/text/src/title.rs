//! A title for a message that came without one: its first clause that says something.

use crate::chars::narrow;

/// A clause of a message and the sign that ends it.
struct Clause {
    words: Vec<char>,
    end: Option<char>,
}

/// A title is filled up with further clauses of the sentence until it has this many characters.
const ENOUGH: usize = 18;
/// A title shorter than this takes in the next clause even if that must be cut.
const LEAST_TITLE: usize = 8;
/// A clause shorter than this says nothing by itself.
const LEAST: usize = 4;

/// How letters begin that say nothing about the matter. Lists of words are parted by blanks.
const GREETINGS: &str = "您好 你好 你们好 您们好 大家好 早上好 下午好 领导好 尊敬的 敬爱的 亲爱的 各位";
/// What a form of address ends in.
const ADDRESSED: &str = "您好 你好 好 领导 书记 市长 区长 县长 镇长 局长 主任 部门 同志 先生 女士 老师";
/// Courtesies, by their first words.
const COURTESIES: &str = "感谢 谢谢 辛苦 打扰 抱歉 不好意思 冒昧 非常感谢 十分感谢 衷心感谢 百忙之中";
/// Words before the matter itself, longest first where one begins another.
const LEAD_INS: &str = "您好 你好 市民来电反映 市民来电 市民反映 网友反映 来电反映 来电人反映 来访反映 居民反映 \
    在此向您反映 特向您反映 现向您反映 向您反映 向您反应 向你们反映 向领导反映 我想向您反映 想向您反映 \
    我想反映一下 我想反映 我要反映 我们要反映 想反映一下 想反映 现反映 特反映 反映一下 反应一下 反映 反应 \
    我想咨询一下 我想咨询 本人想咨询一下 本人想咨询 想咨询一下 咨询一下 想咨询 我想问一下 我想请问 我想问 \
    想问一下 想请问 想问 请问一下 请问 问一下 我想投诉 我要投诉 我要举报 本人反映 诉求 麻烦 在此";
/// What a lead-in may drag along.
const AFTER_LEAD_IN: &str = "的问题是 的是 如下 以下问题 一个问题 一个情况 一下";
/// How people introduce themselves, and what such a clause ends in.
const SELF: &str = "我是 本人是 本人系 我们是 我系 我们系 我叫 本人 我住 本人住 我家住 我们住 作为 我来自";
const SELF_ENDS: &str = "业主 居民 住户 村民 市民 家长 职工 学生 群众 老百姓 车主 租户 教师 商户 人 代表 员 者 工 \
    同志 小区 街道";
/// What an office that is written to ends in; followed by a colon it is an address.
const OFFICES: &str = "局 政府 街道 街道办 社区 委 部门 中心 物业 公司";

/// A title of at most `max_chars` characters: greetings, courtesies, numbers and words such as 我想反映 are
/// passed over, an introduction of oneself too when more follows; cut at a stop where there is one, else
/// with `…`. Give it sealed text, since a title is shown in lists. Empty only for a text without words.
#[must_use]
pub fn title_of(text: &str, max_chars: usize) -> String {
    let clauses = clauses(text);
    let said: Vec<Clause> = clauses.iter().filter_map(stripped).collect();
    let own = |clause: &Clause| !introduces(&clause.words);
    let Some(first) = said.iter().position(own).or(if said.is_empty() { None } else { Some(0) }) else {
        return cut(&squeezed(text), max_chars);
    };
    let mut title: Vec<char> = said[first].words.clone();
    for pair in said[first..].windows(2) {
        let goes_on = matches!(pair[0].end, Some(',' | ':'));
        let longer = title.len() + 1 + pair[1].words.len();
        let is_person = introduces(&pair[1].words) || holds_a_person(&pair[1].words);
        if !goes_on
            || is_person
            || title.len() >= ENOUGH
            || (longer > max_chars && title.len() >= LEAST_TITLE)
        {
            break;
        }
        title.push(if pair[0].end == Some(':') { '：' } else { '，' });
        title.extend(&pair[1].words);
        if pair[1].end == Some('?') {
            title.push('？');
        }
    }
    if title.len() < max_chars && said[first].end == Some('?') && title.len() == said[first].words.len() {
        title.push('？');
    }
    cut(&title, max_chars)
}

/// Whether a clause says who it is, or how to reach them: chips of persons, not of places.
fn holds_a_person(words: &[char]) -> bool {
    let text: String = words.iter().collect();
    ["〔姓名", "〔电话", "〔座机", "〔证件", "〔卡号"].iter().any(|chip| text.contains(chip))
}

/// At most `max` characters, the last of them `…` when something is left out.
fn cut(title: &[char], max: usize) -> String {
    if title.len() <= max {
        return title.iter().collect();
    }
    let Some(room) = max.checked_sub(1) else { return String::new() };
    let kept = title[..room].iter().collect::<String>();
    format!("{}…", kept.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '〕' && c != '》'))
}

/// The text on one line, runs of blanks made one.
fn squeezed(text: &str) -> Vec<char> {
    text.split_whitespace().collect::<Vec<&str>>().join(" ").chars().collect()
}

/// Clauses end at a stop, a comma or a line end; a point between digits (2.5米) is none.
fn clauses(text: &str) -> Vec<Clause> {
    let chars: Vec<char> = text.trim().chars().collect();
    let digit = |index: Option<usize>| index.and_then(|i| chars.get(i)).is_some_and(char::is_ascii_digit);
    let mut clauses = Vec::new();
    let mut words: Vec<char> = Vec::new();
    for (index, &c) in chars.iter().enumerate() {
        let sign = narrow(c);
        let between_digits = digit(index.checked_sub(1)) && digit(Some(index + 1));
        let ends = match sign {
            '。' | '!' | '?' | ';' | '\n' | '\r' | '…' => true,
            ',' | ':' | '.' => !between_digits,
            _ => false,
        };
        if ends {
            clauses.push(Clause { words: std::mem::take(&mut words), end: Some(sign) });
        } else {
            words.push(c);
        }
    }
    clauses.push(Clause { words, end: None });
    clauses
}

/// The clause without its number and lead-ins; `None` when nothing is left or it is a courtesy.
fn stripped(clause: &Clause) -> Option<Clause> {
    let mut words = without_number(trimmed(&clause.words));
    if is_courtesy(words) || (clause.end == Some(':') && is_office(words)) {
        return None;
    }
    while let Some(rest) = LEAD_INS.split_whitespace().find_map(|lead| strip(words, lead)) {
        let rest = AFTER_LEAD_IN.split_whitespace().find_map(|tail| strip(rest, tail)).unwrap_or(rest);
        words = trimmed(rest);
    }
    (words.len() >= LEAST).then(|| Clause { words: words.to_vec(), end: clause.end })
}

fn strip<'a>(words: &'a [char], lead: &str) -> Option<&'a [char]> {
    let length = lead.chars().count();
    let stands = length > 0 && words.len() >= length && lead.chars().zip(words).all(|(a, b)| a == *b);
    stands.then(|| &words[length..])
}

/// Without blanks and stray signs at the ends; opening signs before and closing signs behind stay.
fn trimmed(words: &[char]) -> &[char] {
    let opens = |c: &char| c.is_alphanumeric() || "“‘《（(【〔<\"#".contains(*c);
    let closes = |c: &char| c.is_alphanumeric() || "”’》）)】〕>\"%#℃㎡".contains(*c);
    let start = words.iter().position(opens).unwrap_or(words.len());
    let end = words.iter().rposition(closes).map_or(start, |at| (at + 1).max(start));
    &words[start..end]
}

/// Without 一、 1、 （一） ① at the beginning.
fn without_number(words: &[char]) -> &[char] {
    let inner = words.strip_prefix(&['（']).or_else(|| words.strip_prefix(&['('])).unwrap_or(words);
    let numeral = |c: &&char| c.is_ascii_digit() || "一二三四五六七八九十".contains(**c);
    let digits = inner.iter().take_while(numeral).count();
    let sign = inner.get(digits).copied().map(narrow);
    if (1..=2).contains(&digits) && matches!(sign, Some('、' | ')' | '．')) {
        return trimmed(&inner[digits + 1..]);
    }
    match words {
        [first, rest @ ..] if crate::chars::circled(*first).is_some() => trimmed(rest),
        _ => words,
    }
}

fn is_courtesy(words: &[char]) -> bool {
    let text: String = words.iter().filter(|c| !c.is_whitespace()).collect();
    let length = text.chars().count();
    let greets = GREETINGS.split_whitespace().any(|word| text.starts_with(word))
        && ADDRESSED.split_whitespace().any(|word| text.ends_with(word));
    let addresses =
        length <= 8 && ADDRESSED.split_whitespace().any(|word| text.ends_with(word)) && !text.contains('不');
    let thanks = length <= 30 && COURTESIES.split_whitespace().any(|word| text.starts_with(word));
    (greets && length <= 30) || addresses || thanks
}

fn is_office(words: &[char]) -> bool {
    let text: String = words.iter().collect();
    words.len() <= 15 && OFFICES.split_whitespace().any(|word| text.ends_with(word))
}

fn introduces(words: &[char]) -> bool {
    let text: String = words.iter().collect();
    SELF.split_whitespace().any(|word| text.starts_with(word))
        && SELF_ENDS.split(' ').any(|word| text.ends_with(word))
}
