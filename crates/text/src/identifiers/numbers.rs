//! Numbers of telephones, ID cards and bank cards. Digits are read as chains of groups, because people write
//! `138 1234 2041`, `0731-8888 1234` and `6222 0212 3456 7890 123`.

use super::Kind;
use super::scan::Scan;
use crate::chars::chinese_digit;
use crate::mask::{area_code_length, is_landline, is_mobile};
use std::ops::Range;

/// Words before a number that make it something other than a person's.
const OTHER_NUMBERS: [&str; 16] = [
    "单号",
    "编号",
    "件号",
    "文号",
    "工单",
    "运单",
    "快递",
    "订单",
    "受理",
    "流水",
    "信用代码",
    "表号",
    "户号",
    "电表",
    "水表",
    "许可证",
];
/// Words that speak of a card or an account.
const CARD_WORDS: [&str; 12] =
    ["卡", "账号", "帐号", "账户", "帐户", "存折", "汇款", "转账", "打款", "收款", "打到", "打入"];
/// Words that announce a card number directly.
const CARD_LABELS: [&str; 8] =
    ["银行卡号", "银行账号", "银行帐号", "卡号", "银行卡", "银行账户", "收款账号", "收款帐号"];
/// Words that speak of a telephone.
const PHONE_WORDS: [&str; 9] = ["电话", "座机", "拨打", "拔打", "致电", "热线", "联系", "tel", "传真"];
/// Letters directly before a mobile number that still leave it one; others make it part of another number.
const PHONE_LETTERS: [&str; 14] = [
    "tel", "phone", "mobile", "mob", "cell", "call", "vx", "wx", "wechat", "weixin", "dh", "sj", "dianhua",
    "shouji",
];

/// Groups of digits with no more than blanks, hyphens or the bracket of an area code between them.
struct Chain {
    groups: Vec<Range<usize>>,
    digits: Vec<String>,
}

impl Chain {
    /// The chain that begins at `start`, where a group of digits begins.
    fn at(scan: &Scan, start: usize) -> Chain {
        let mut chain = Chain { groups: Vec::new(), digits: Vec::new() };
        let mut from = start;
        loop {
            let mut end = from;
            while scan.digit(end) {
                end += 1;
            }
            chain.groups.push(from..end);
            chain.digits.push(scan.text(from..end));
            let bracketed = scan.before(from) == Some('(') && scan.at(end) == Some(')');
            let mut next = end + usize::from(bracketed);
            while next < end + 4 && matches!(scan.at(next), Some(' ' | '-')) {
                next += 1;
            }
            if next == end || !scan.digit(next) {
                return chain;
            }
            from = next;
        }
    }

    /// The digits of the groups from `first` to before `last`.
    fn joined(&self, first: usize, last: usize) -> String {
        self.digits[first..last].concat()
    }

    fn range(&self, first: usize, last: usize) -> Range<usize> {
        self.groups[first].start..self.groups[last - 1].end
    }

    fn lengths(&self, first: usize, last: usize) -> impl Iterator<Item = usize> + '_ {
        self.groups[first..last].iter().map(ExactSizeIterator::len)
    }
}

/// What was found: how many groups it uses, its characters, kind and value.
struct Hit {
    groups: usize,
    range: Range<usize>,
    kind: Kind,
    value: String,
}

pub(super) fn find(scan: &mut Scan) {
    let mut index = 0;
    while index < scan.chars.len() {
        if !scan.digit(index) {
            index += 1;
            continue;
        }
        let chain = Chain::at(scan, index);
        let mut group = 0;
        let mut fresh = true;
        while group < chain.groups.len() {
            match hit_at(scan, &chain, group, fresh) {
                Some(hit) => {
                    scan.take(hit.range, hit.kind, hit.value);
                    group += hit.groups;
                    fresh = true;
                }
                None => {
                    group += 1;
                    fresh = false;
                }
            }
        }
        index = chain.groups.last().map_or(index + 1, |last| last.end);
    }
}

/// `fresh`: nothing of the chain stands before, or only a number already found.
fn hit_at(scan: &Scan, chain: &Chain, group: usize, fresh: bool) -> Option<Hit> {
    id_card(scan, chain, group)
        .or_else(|| bank_card(scan, chain, group))
        .or_else(|| mobile(scan, chain, group))
        .or_else(|| landline(scan, chain, group))
        .or_else(|| local_landline(scan, chain, group).filter(|_| fresh))
}

fn id_card(scan: &Scan, chain: &Chain, group: usize) -> Option<Hit> {
    let most = chain.groups.len().min(group + 5);
    for last in group + 1..=most {
        let digits = chain.joined(group, last);
        let mut range = chain.range(group, last);
        let value = match digits.len() {
            17 if matches!(scan.at(range.end), Some('x' | 'X')) => {
                range.end += 1;
                format!("{digits}X")
            }
            18 => digits,
            15 if scan.says(range.start, 12, &["身份证", "证件号"]) => digits,
            length if length > 18 => return None,
            _ => continue,
        };
        let sound = if value.len() == 15 {
            is_region(&value) && is_birthday(&format!("19{}", &value[6..12]))
        } else {
            let not_other = !scan.says(range.start, 8, &OTHER_NUMBERS);
            is_region(&value) && is_birthday(&value[6..14]) && (checksum_holds(&value) || not_other)
        };
        if sound {
            return Some(Hit { groups: last - group, range, kind: Kind::IdCard, value });
        }
    }
    None
}

/// The first two digits are a province's (GB/T 2260), with 81 to 83 for residents of the SARs and Taiwan.
fn is_region(value: &str) -> bool {
    let province = value.get(..2).and_then(|two| two.parse::<u8>().ok()).unwrap_or(0);
    matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}

fn is_birthday(digits: &str) -> bool {
    let number =
        |range: Range<usize>| digits.get(range).and_then(|part| part.parse::<u16>().ok()).unwrap_or(0);
    (1900..2100).contains(&number(0..4))
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// The check sign of GB 11643: ISO 7064 MOD 11-2.
fn checksum_holds(id: &str) -> bool {
    let sum = id.chars().try_fold(0u32, |sum, c| {
        let value = if c == 'X' { 10 } else { c.to_digit(10)? };
        Some((sum * 2 + value) % 11)
    });
    sum == Some(1)
}

/// 16 to 19 digits in one group, in fours, or as 6 and 13. A card when the Luhn sum holds and the text
/// speaks of a card or account, or it begins with UnionPay's 62; without the sum (a slip of the pen, an old
/// passbook) only directly behind a label such as 卡号. Upper numbers, which have as many digits and mostly
/// begin with a date, are thereby left alone.
fn bank_card(scan: &Scan, chain: &Chain, group: usize) -> Option<Hit> {
    let most = chain.groups.len().min(group + 5);
    for last in group + 1..=most {
        let value = chain.joined(group, last);
        let lengths: Vec<usize> = chain.lengths(group, last).collect();
        let in_fours = lengths.iter().rev().skip(1).all(|length| *length == 4) && lengths.last() <= Some(&4);
        if !(15..=19).contains(&value.len()) || !(lengths.len() == 1 || in_fours || lengths == [6, 13]) {
            continue;
        }
        let start = chain.groups[group].start;
        let context = scan.context(start, 12);
        let label = context.trim_end_matches([' ', ':', '为', '是', '号', '码', '(']);
        let labelled = CARD_LABELS.iter().any(|word| label.ends_with(word.trim_end_matches('号')));
        let speaks = scan.says(start, 20, &CARD_WORDS) || value.starts_with("62");
        let other = scan.says(start, 8, &OTHER_NUMBERS);
        if labelled || (speaks && !other && value.len() >= 16 && luhn_holds(&value)) {
            return Some(Hit {
                groups: last - group,
                range: chain.range(group, last),
                kind: Kind::BankCard,
                value,
            });
        }
    }
    None
}

/// The sum of ISO/IEC 7812 card numbers.
fn luhn_holds(digits: &str) -> bool {
    let weighed = digits.bytes().rev().enumerate().map(|(place, byte)| {
        let digit = u32::from(byte - b'0');
        let doubled = digit * 2;
        if place % 2 == 0 { digit } else { doubled / 10 + doubled % 10 }
    });
    weighed.sum::<u32>() % 10 == 0
}

fn mobile(scan: &Scan, chain: &Chain, group: usize) -> Option<Hit> {
    let most = chain.groups.len().min(group + 12);
    for last in group + 1..=most {
        let digits = chain.joined(group, last);
        if digits.len() > 15 {
            return None;
        }
        let prefixes = ["0086", "86", "0", ""];
        let stripped = prefixes.iter().find_map(|prefix| Some((*prefix, digits.strip_prefix(prefix)?)));
        let Some((prefix, number)) = stripped.filter(|(_, number)| is_mobile(number)) else { continue };
        // 150-200-30000 and the like are ranges: a number's first group has three digits or all have one.
        let lengths: Vec<usize> = chain.lengths(group, last).collect();
        let by_one = lengths.iter().all(|length| *length == 1);
        let spaced = lengths.len() <= 5 && lengths.iter().all(|length| *length >= 2) && lengths[0] >= 3;
        let prefixed = !prefix.is_empty() && chain.digits[group] == prefix;
        let mut range = chain.range(group, last);
        if !(lengths.len() == 1 || by_one || spaced || prefixed) || is_quantity_or_code(scan, range.clone()) {
            continue;
        }
        if scan.before(range.start) == Some('+') && prefix.ends_with("86") {
            range.start -= 1;
        }
        return Some(Hit { groups: last - group, range, kind: Kind::Phone, value: number.to_owned() });
    }
    None
}

/// An amount (13000000000元) or the tail of a code with letters (GD13020190001).
fn is_quantity_or_code(scan: &Scan, range: Range<usize>) -> bool {
    if matches!(scan.at(range.end), Some('元' | '万' | '亿')) {
        return true;
    }
    let letters = scan.chars[..range.start].iter().rev().take_while(|c| c.is_ascii_alphabetic()).count();
    let word = scan.text(range.start - letters..range.start).to_ascii_lowercase();
    letters >= 2 && !PHONE_LETTERS.contains(&word.as_str())
}

/// Area code and number, with an extension behind a hyphen or 转.
fn landline(scan: &Scan, chain: &Chain, group: usize) -> Option<Hit> {
    area_code_length(&chain.digits[group])?;
    let most = chain.groups.len().min(group + 3);
    for last in group + 1..=most {
        let value = chain.joined(group, last);
        let area = area_code_length(&value)?;
        let parted = chain.groups[group].len() == area || last == group + 1;
        if !parted || !is_landline(&value) {
            continue;
        }
        let mut range = chain.range(group, last);
        if scan.before(range.start) == Some('(') && scan.at(range.start + area) == Some(')') {
            range.start -= 1;
        }
        let (end, used) = extension(scan, chain, last);
        range.end = end;
        return Some(Hit { groups: last + used - group, range, kind: Kind::Landline, value });
    }
    None
}

/// The end of the extension behind the group before `next`, and how many groups it uses.
fn extension(scan: &Scan, chain: &Chain, next: usize) -> (usize, usize) {
    let end = chain.groups[next - 1].end;
    if let Some(group) = chain.groups.get(next) {
        let hyphen = group.start == end + 1 && scan.at(end) == Some('-');
        return if hyphen && group.len() <= 5 { (group.end, 1) } else { (end, 0) };
    }
    let Some(from) = scan.after_any(end, &["转分机", "转", "分机"]) else { return (end, 0) };
    let mut after = from;
    while scan.digit(after) {
        after += 1;
    }
    if (1..=5).contains(&(after - from)) { (after, 0) } else { (end, 0) }
}

/// Seven or eight digits directly in a talk of telephones, which are no date and no amount.
fn local_landline(scan: &Scan, chain: &Chain, group: usize) -> Option<Hit> {
    let most = chain.groups.len().min(group + 2);
    for last in group + 1..=most {
        let value = chain.joined(group, last);
        let range = chain.range(group, last);
        let parted = last == group + 1 || (3..=4).contains(&chain.groups[group].len());
        let whole = chain
            .groups
            .get(last)
            .is_none_or(|next| next.start - range.end > 1 || scan.at(range.end) == Some(' '));
        let amount = matches!(
            scan.at(range.end),
            Some('元' | '万' | '亿' | '年' | '号' | '人' | '户' | '次' | '天' | '.')
        );
        let lettered = scan.before(range.start).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
        let date = value.len() == 8 && is_birthday(&value);
        if parted
            && whole
            && !amount
            && !lettered
            && !date
            && area_code_length(&value).is_none()
            && is_landline(&value)
            && (scan.says(range.start, 10, &PHONE_WORDS) || scan.lists_on(range.start))
        {
            return Some(Hit { groups: last - group, range, kind: Kind::Landline, value });
        }
    }
    None
}

/// Mobile numbers written out in Chinese digits, as some do to get past filters.
pub(super) fn find_spelled(scan: &mut Scan) {
    let mut index = 0;
    while index < scan.chars.len() {
        if !matches!(scan.chars[index], '一' | '幺') {
            index += 1;
            continue;
        }
        let run = scan.chars[index..].iter().map_while(|&c| chinese_digit(c).filter(|_| c != '两'));
        let digits: String = run.map(|digit| digit.to_string()).collect();
        let length = digits.len();
        if is_mobile(&digits) {
            scan.take(index..index + length, Kind::Phone, digits);
        }
        index += length.max(1);
    }
}
