//! Personal identifiers in free text: found, replaced by a chip and put back (DECISIONS 24). Only the text
//! with chips is indexed, trained on and exported; the originals go to the sealed part.
//!
//! When in doubt between a person's number and a number of something else, the shape and the words before
//! it decide, and the tests say what was decided. Not taken: dates, case numbers, numbers of official
//! papers, amounts, service numbers such as 12345, house numbers along a road (the place of the trouble,
//! which the unit needs), whole buildings without a room.

mod doors;
mod numbers;
mod plates;
mod scan;

use scan::Scan;
use std::collections::HashMap;
use std::ops::Range;

/// What a chip begins and ends with, and the most characters it has: two for the kind, a number, these.
const OPEN: char = '〔';
const CLOSE: char = '〕';
const CHIP_CHARS: usize = 24;

/// What sort of identifier it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A mobile number.
    Phone,
    /// A landline number.
    Landline,
    /// An ID card number of 18 signs, or of 15 where the text says so.
    IdCard,
    /// A vehicle's number plate.
    Plate,
    /// A bank card number.
    BankCard,
    /// A room in a building.
    Door,
    /// 姓名 of somebody known from elsewhere; never found in a text alone.
    Name,
}

/// All kinds.
pub const KINDS: [Kind; 7] =
    [Kind::Phone, Kind::Landline, Kind::IdCard, Kind::Plate, Kind::BankCard, Kind::Door, Kind::Name];

impl Kind {
    /// The stable key for storage and words.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Kind::Phone => "phone",
            Kind::Landline => "landline",
            Kind::IdCard => "id_card",
            Kind::Plate => "plate",
            Kind::BankCard => "bank_card",
            Kind::Door => "door",
            Kind::Name => "name",
        }
    }

    /// The kind of a stored key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Kind> {
        KINDS.into_iter().find(|kind| kind.key() == key)
    }

    /// The word on the chip.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kind::Phone => "电话",
            Kind::Landline => "座机",
            Kind::IdCard => "证件",
            Kind::Plate => "车牌",
            Kind::BankCard => "卡号",
            Kind::Door => "门牌",
            Kind::Name => "姓名",
        }
    }

    /// The value as a masked display shows it.
    #[must_use]
    pub fn mask(self, value: &str) -> String {
        match self {
            Kind::Phone => crate::mask_phone(value),
            Kind::Landline => crate::mask_landline(value),
            Kind::IdCard => crate::mask_id(value),
            Kind::Plate => crate::mask_plate(value),
            Kind::BankCard => crate::mask_card(value),
            Kind::Door => "***".to_owned(),
            Kind::Name => crate::mask_name(value),
        }
    }
}

/// An identifier in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Its one form: digits only for numbers, upper-case letters, no blanks.
    pub value: String,
}

/// The identifiers of a text in order, not overlapping.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let mut scan = Scan::of(text);
    numbers::find(&mut scan);
    plates::find(&mut scan);
    doors::find(&mut scan);
    numbers::find_spelled(&mut scan);
    scan.found()
}

/// A text whose identifiers were replaced by chips, and what they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The text with chips.
    pub masked: String,
    /// What each chip stands for, in order of first appearance; each chip once.
    pub parts: Vec<Part>,
}

/// One sealed identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The chip as it stands in the masked text, such as 〔电话1〕.
    pub chip: String,
    /// What it is.
    pub kind: Kind,
    /// The identifier exactly as it was written.
    pub original: String,
}

/// Replaces each identifier by a chip such as 〔电话1〕; the same writing gets the same chip. Numbers that the
/// text already uses in something that looks like a chip are passed over, so that [`unseal`] always gives
/// back the very text.
#[must_use]
pub fn seal(text: &str) -> Sealed {
    seal_found(text, find(text))
}

/// The same, and wherever a name stands that is known from elsewhere: a text does not tell names from other words, but
/// whoever wrote it said who they are. A name of one character is no name.
#[must_use]
pub fn seal_naming(text: &str, name: &str) -> Sealed {
    let name = name.trim();
    let mut found = find(text);
    if name.chars().count() > 1 {
        for (start, part) in text.match_indices(name) {
            let range = start..start + part.len();
            if found.iter().all(|f| f.range.end <= range.start || range.end <= f.range.start) {
                found.push(Found { range, kind: Kind::Name, value: name.to_owned() });
            }
        }
        found.sort_by_key(|f| f.range.start);
    }
    seal_found(text, found)
}

fn seal_found(text: &str, found: Vec<Found>) -> Sealed {
    let mut sealed = Sealed { masked: String::with_capacity(text.len()), parts: Vec::new() };
    let mut chips: HashMap<(Kind, &str), String> = HashMap::new();
    let mut counters = [0usize; KINDS.len()];
    let has_chips = text.contains(OPEN);
    let mut rest = 0;
    for found in found {
        let original = &text[found.range.clone()];
        let chip = chips.entry((found.kind, original)).or_insert_with(|| {
            let chip = next_chip(Some(text).filter(|_| has_chips), found.kind, &mut counters);
            sealed.parts.push(Part { chip: chip.clone(), kind: found.kind, original: original.to_owned() });
            chip
        });
        sealed.masked.push_str(&text[rest..found.range.start]);
        sealed.masked.push_str(chip);
        rest = found.range.end;
    }
    sealed.masked.push_str(&text[rest..]);
    sealed
}

/// The next chip of a kind that does not stand in the text, where that may hold chips at all.
fn next_chip(text: Option<&str>, kind: Kind, counters: &mut [usize; KINDS.len()]) -> String {
    let slot = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
    loop {
        counters[slot] += 1;
        let chip = format!("{OPEN}{}{}{CLOSE}", kind.label(), counters[slot]);
        if !text.is_some_and(|text| text.contains(&chip)) {
            return chip;
        }
    }
}

/// The text with its chips put back. Chips without a part (after erasure) stay as they are.
#[must_use]
pub fn unseal(masked: &str, parts: &[Part]) -> String {
    let originals: HashMap<&str, &str> =
        parts.iter().map(|part| (part.chip.as_str(), part.original.as_str())).collect();
    let mut text = String::with_capacity(masked.len());
    let mut rest = masked;
    while let Some(at) = rest.find(OPEN) {
        let (before, here) = rest.split_at(at);
        text.push_str(before);
        // A chip is short; an opening sign without its end is not searched for to the end of the text.
        let window = here.char_indices().nth(CHIP_CHARS).map_or(here, |(end, _)| &here[..end]);
        let length = window.find(CLOSE).map_or(OPEN.len_utf8(), |end| end + CLOSE.len_utf8());
        let (chip, after) = match originals.get(&here[..length]) {
            Some(original) => (*original, &here[length..]),
            None => here.split_at(OPEN.len_utf8()),
        };
        text.push_str(chip);
        rest = after;
    }
    text.push_str(rest);
    text
}
