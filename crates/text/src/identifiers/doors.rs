//! Rooms in buildings: 3栋2单元501室, G2栋320, 5-2-301, 三栋二单元五零一. A building, a unit or a floor alone
//! is no door: many live there, and the handling unit must know where to go.

use super::Kind;
use super::scan::Scan;
use crate::chars::chinese_digit;
use std::ops::Range;

const BUILDING: [&str; 8] = ["号楼", "号栋", "#楼", "#栋", "栋", "幢", "座", "#"];
const UNIT: [&str; 2] = ["单元", "梯"];
const FLOOR: [&str; 2] = ["楼", "层"];
const ROOM: [&str; 5] = ["号房", "号室", "室", "房", "号"];
/// What makes the digits before it a quantity, a date or a longer word and no room.
const NO_ROOM: &str =
    "年月日元块多余个人户米平㎡亩万千百亿名次分钟天秒吨度辆台套间家块条号栋幢座楼层级路线%~/几来位期版";
/// What makes 房 and 室 the beginning of another word.
const AFTER_ROOM: &str = "产屋价租源贷地东市型改权款内外友";
/// Behind these a room without building is an office, not a home.
const OFFICES: [&str; 9] = ["局", "政府", "中心", "办公", "大厅", "法院", "检察", "大队", "街道办"];

pub(super) fn find(scan: &mut Scan) {
    let mut index = 0;
    while index < scan.chars.len() {
        let found = door(scan, index).or_else(|| dashed(scan, index)).or_else(|| village_house(scan, index));
        match found.filter(|range| scan.is_free(range.clone())) {
            Some(range) => {
                index = range.end;
                take(scan, range);
                index = take_list(scan, index);
            }
            None => index += 1,
        }
    }
}

fn take(scan: &mut Scan, range: Range<usize>) {
    let value: String = scan.text(range.clone()).split_whitespace().collect();
    scan.take(range, Kind::Door, value.to_uppercase());
}

/// Further rooms of the same building: 501、502室 or 201-205.
fn take_list(scan: &mut Scan, mut index: usize) -> usize {
    loop {
        let joined = matches!(scan.at(index), Some('、' | ',' | '/' | '-' | '和' | '及' | '与'));
        let Some(end) = room(scan, index + 1, false).filter(|_| joined) else { return index };
        if !scan.is_free(index + 1..end) {
            return index;
        }
        take(scan, index + 1..end);
        index = end;
    }
}

/// A number as written at an index.
struct Number {
    end: usize,
    value: u32,
}

/// Up to `most` ASCII digits or Chinese numerals. A number does not begin inside a longer one.
fn number(scan: &Scan, index: usize, most: usize) -> Option<Number> {
    let numeral = |c: char| chinese_digit(c).is_some() || c == '十';
    let first = scan.at(index)?;
    let same = |c: char| if first.is_ascii_digit() { c.is_ascii_digit() } else { numeral(c) };
    if !(first.is_ascii_digit() || numeral(first)) {
        return None;
    }
    let run: String = scan.chars[index..].iter().take_while(|&&c| same(c)).collect();
    let length = run.chars().count();
    let value = run.parse().ok().or_else(|| spelled(&run))?;
    (length <= most).then_some(Number { end: index + length, value })
}

/// The value of 三, 十二, 二十三, 五零一.
fn spelled(run: &str) -> Option<u32> {
    let digit = |c: char| chinese_digit(c);
    match run.split_once('十') {
        None => run.chars().try_fold(0u32, |value, c| Some(value.checked_mul(10)? + digit(c)?)),
        Some((tens, ones)) => {
            let one = |part: &str, empty: u32| match part.chars().collect::<Vec<char>>()[..] {
                [] => Some(empty),
                [c] => digit(c),
                _ => None,
            };
            Some(one(tens, 1)? * 10 + one(ones, 0)?)
        }
    }
}

/// The end of a numbered part of an address (3栋, B栋, 2单元) that begins here, and its number.
fn part(scan: &Scan, index: usize, words: &[&str], lettered: bool) -> Option<Number> {
    let letters = if lettered { letters(scan, index) } else { 0 };
    match number(scan, index + letters, 4) {
        Some(number) => {
            let tail = usize::from(lettered && scan.at(number.end).is_some_and(|c| c.is_ascii_alphabetic()));
            Some(Number { end: scan.after_any(blank(scan, number.end + tail), words)?, value: number.value })
        }
        None if letters > 0 => Some(Number { end: scan.after_any(index + letters, words)?, value: 0 }),
        None => None,
    }
}

fn letters(scan: &Scan, index: usize) -> usize {
    (0..2).take_while(|offset| scan.at(index + offset).is_some_and(|c| c.is_ascii_alphabetic())).count()
}

/// Whether an address may begin here: not in the middle of a number or word.
fn begins(scan: &Scan, index: usize) -> bool {
    let Some(c) = scan.at(index) else { return false };
    let numeral = |c: char| chinese_digit(c).is_some() || c == '十';
    match scan.before(index) {
        None => true,
        Some(before) if before.is_ascii_alphanumeric() => !c.is_ascii(),
        // Inside 2-501 or 1.203, but not behind 商铺- or a room already taken.
        Some('.' | '-' | '/') => {
            let digits =
                index.checked_sub(2).and_then(|at| scan.at(at)).is_some_and(|c| c.is_ascii_alphanumeric());
            !digits || !c.is_ascii() || scan.lists_on(index)
        }
        Some(before) => !(numeral(before) && numeral(c)),
    }
}

/// Past one blank, as in 3 栋.
fn blank(scan: &Scan, index: usize) -> usize {
    index + usize::from(scan.at(index) == Some(' '))
}

fn separator(scan: &Scan, index: usize) -> usize {
    let mut index = index;
    while matches!(scan.at(index), Some(' ' | '-')) {
        index += 1;
    }
    index
}

/// Building, unit, floor and room in this order; the room and one of the others, or a room that says so.
fn door(scan: &Scan, start: usize) -> Option<Range<usize>> {
    let first = scan.at(start)?;
    if !(first.is_ascii_alphanumeric() || chinese_digit(first).is_some() || first == '十')
        || !begins(scan, start)
    {
        return None;
    }
    let mut index = start;
    let (mut housed, mut floor) = (false, None);
    if let Some(building) = part(scan, index, &BUILDING, true) {
        index = separator(scan, building.end);
        housed = true;
    }
    if let Some(unit) = part(scan, index, &UNIT, true) {
        index = separator(scan, unit.end);
        housed = true;
    } else if let Some(unit) = number(scan, index, 2).filter(|unit| housed && scan.at(unit.end) == Some('-'))
    {
        index = unit.end + 1;
    }
    if let Some(level) = part(scan, index, &FLOOR, false).filter(|level| level.value < 100) {
        index = separator(scan, level.end);
        floor = Some(level.value);
    }
    let end = match (housed, floor) {
        (true, Some(_)) => side(scan, index).or_else(|| room(scan, index, false)),
        (true, None) => room(scan, index, false),
        (false, Some(level)) => {
            let on_floor = |room: &Number| room.value / 100 == level;
            let plain = number(scan, index, 4).filter(on_floor).and_then(|_| room(scan, index, false));
            room(scan, index, true).or(plain)
        }
        (false, None) => home_alone(scan, index),
    };
    end.map(|end| start..end)
}

/// 东户, 西边户 behind a floor.
fn side(scan: &Scan, index: usize) -> Option<usize> {
    let after = scan.after_any(index, &["东", "西", "南", "北", "中", "左", "右"])?;
    let after = scan.after_any(after, &["边", "侧", "手"]).unwrap_or(after);
    scan.after_any(after, &["户", "家"])
}

/// A room that says so without a building, unless it is an office.
fn home_alone(scan: &Scan, index: usize) -> Option<usize> {
    let digits = number(scan, index, 4)?;
    let end = room(scan, index, true)?;
    // 2019房 is a slip for 2019年房, 517室 of an authority no home; 301号 alone is a house on a road.
    let says_room = matches!(scan.before(end), Some('室' | '房'));
    (says_room && !is_year(digits.value) && !scan.says(index, 6, &OFFICES)).then_some(end)
}

/// The end of a room's number that begins here: three or four digits and perhaps a letter, then 室, 房 or 号
/// (needed when `named`), and nothing behind that makes it a quantity, a year or another word.
fn room(scan: &Scan, index: usize, named: bool) -> Option<usize> {
    let digits = number(scan, index, 4).filter(|digits| digits.end - index >= 3)?;
    let plain = digits.end + usize::from(scan.at(digits.end).is_some_and(|c| c.is_ascii_alphabetic()));
    let plainly = !named && is_room_number(digits.value);
    let Some(end) = scan.after_any(blank(scan, plain), &ROOM) else {
        return (plainly && !is_more(scan, plain)).then_some(plain);
    };
    let other_word = match scan.before(end) {
        // 201房租给公司 speaks of room 201, but only a building before it shows that.
        Some('室' | '房') if scan.at(end).is_some_and(|c| AFTER_ROOM.contains(c)) => {
            return (plainly && !is_year(digits.value)).then_some(plain);
        }
        Some('室' | '房') => false,
        _ => scan.at(end).is_some_and(|c| "楼线路院文栋".contains(c)),
    };
    (!other_word).then_some(end)
}

/// Whether what stands behind the digits makes them more or other than a room.
fn is_more(scan: &Scan, end: usize) -> bool {
    let Some(c) = scan.at(end) else { return false };
    let next = scan.at(end + 1);
    match c {
        // 16栋101.17栋102 is a list, 101.5 a number.
        '.' => scan.digit(end + 1) && part(scan, end + 1, &BUILDING, true).is_none(),
        '楼' => !matches!(next, Some('上' | '下')),
        '小' => next == Some('时'),
        _ => NO_ROOM.contains(c) || c.is_ascii_alphanumeric(),
    }
}

/// A year of our time rather than a room on the nineteenth or twentieth floor; 2001 to 2008 may be rooms.
fn is_year(value: u32) -> bool {
    (1949..=2049).contains(&value) && value % 100 > 8
}

/// Floors 1 to 60 and rooms 1 to 60 on a floor: 300 and 1990 are other things.
fn is_room_number(value: u32) -> bool {
    (1..=60).contains(&(value / 100)) && (1..=60).contains(&(value % 100))
}

/// 5-2-301, A5-2-301, 3-2-5-501, 5-4304房: building, unit (and floor), room; without a unit only when it says
/// that it is a room. No date has three digits last; four that are a year are left alone.
fn dashed(scan: &Scan, start: usize) -> Option<Range<usize>> {
    let letter = usize::from(scan.at(start)?.is_ascii_alphabetic());
    if !scan.digit(start + letter) || !begins(scan, start) {
        return None;
    }
    let mut groups: Vec<Number> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    let mut from = start + letter;
    loop {
        let group = number(scan, from, 12)?;
        lengths.push(group.end - from);
        let end = group.end;
        groups.push(group);
        if scan.at(end) != Some('-') || !scan.digit(end + 1) {
            break;
        }
        from = end + 1;
    }
    let (last, middle) = (lengths.last()?, lengths.get(1..lengths.len() - 1)?);
    let fits = (2..=4).contains(&groups.len())
        && lengths[0] <= 3
        && middle.iter().all(|length| *length <= 2)
        && (3..=4).contains(last);
    let room = groups.last().filter(|room| fits && is_room_number(room.value))?;
    let named = scan.after_any(room.end, &["室", "房"]);
    let end = named.or_else(|| scan.after_any(room.end, &["号"])).unwrap_or(room.end);
    let followed = scan.at(end).is_some_and(|c| "年元-./%".contains(c) || c.is_ascii_alphanumeric());
    (!is_year(room.value) && !followed && (named.is_some() || groups.len() > 2)).then_some(start..end)
}

/// 金鼎村3组15号: the house of a village group. The group stays, the house goes.
fn village_house(scan: &Scan, start: usize) -> Option<Range<usize>> {
    if scan.before(start) != Some('组') || !scan.says(start, 10, &["村", "屯", "庄", "寨", "社区"]) {
        return None;
    }
    let house = number(scan, start, 4)?;
    let end = scan.after_any(house.end, &["号"])?;
    let other = scan.at(end).is_some_and(|c| "线楼文令井机泵地院".contains(c));
    (!other).then_some(start..end)
}
