//! Codes of places. A place's code starts with its parent's code: province 2 digits, city 4, county 6,
//! street 9, community 12 (GB/T 2260, GB/T 10114 and the statistics bureau's list), unit grid 15
//! (STANDARDS 1.2: 12-digit area code and a 3-digit sequence). Below the grid every office has its own
//! habits; here each finer step has three digits more: micro-grid 18, building 21.

/// The steps of the tree of places, from coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 2 digits: province, autonomous region, municipality.
    Province,
    /// 4 digits: prefecture-level city.
    City,
    /// 6 digits: district or county.
    County,
    /// 9 digits: street (sub-district), town or township.
    Street,
    /// 12 digits: community or village.
    Community,
    /// 15 digits: grid.
    Grid,
    /// 18 digits: micro-grid.
    MicroGrid,
    /// 21 digits: building.
    Building,
}

/// All levels, coarse to fine.
pub const LEVELS: [Level; 8] = [
    Level::Province,
    Level::City,
    Level::County,
    Level::Street,
    Level::Community,
    Level::Grid,
    Level::MicroGrid,
    Level::Building,
];

/// The first two digits of the provinces whose places stand in the mainland's official lists (GB/T 2260);
/// 71 Taiwan, 81 Hong Kong and 82 Macao have codes, but no streets and communities in these lists.
const MAINLAND: [&str; 31] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
];

impl Level {
    /// The number of digits of a code of this level.
    #[must_use]
    pub fn digits(self) -> usize {
        match self {
            Level::Province => 2,
            Level::City => 4,
            Level::County => 6,
            Level::Street => 9,
            Level::Community => 12,
            Level::Grid => 15,
            Level::MicroGrid => 18,
            Level::Building => 21,
        }
    }

    /// 0 for a province up to 7 for a building; deeper is finer, as [`crate::PlaceIndex`] wants it.
    #[must_use]
    pub fn depth(self) -> u8 {
        match self {
            Level::Province => 0,
            Level::City => 1,
            Level::County => 2,
            Level::Street => 3,
            Level::Community => 4,
            Level::Grid => 5,
            Level::MicroGrid => 6,
            Level::Building => 7,
        }
    }

    /// The next coarser level; `None` above a province.
    #[must_use]
    pub fn above(self) -> Option<Level> {
        LEVELS.iter().copied().take_while(|level| *level < self).last()
    }
}

/// The level of a code by its length; `None` when it is not all ASCII digits or has another length.
#[must_use]
pub fn level_of(code: &str) -> Option<Level> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    LEVELS.into_iter().find(|level| digits && level.digits() == code.len())
}

/// The parent's code; `None` for a province and for what is no code.
#[must_use]
pub fn parent_of(code: &str) -> Option<&str> {
    let parent = level_of(code)?.above()?;
    code.get(..parent.digits())
}

/// The code of the place of `level` that holds `code`: itself when it is of that level, `None` when it is
/// coarser.
#[must_use]
pub fn at_level(code: &str, level: Level) -> Option<&str> {
    (level_of(code)? >= level).then(|| code.get(..level.digits())).flatten()
}

/// Whether `ancestor` is `code` or one of the places above it. Both must be codes, so that "3303" is above
/// "330304" and "33030" above nothing.
#[must_use]
pub fn is_prefix(ancestor: &str, code: &str) -> bool {
    level_of(ancestor).is_some() && level_of(code).is_some() && code.starts_with(ancestor)
}

/// Whether the code is one and its province stands in the mainland's lists. A made-up office for
/// demonstration uses digits for which this is false.
#[must_use]
pub fn is_mainland(code: &str) -> bool {
    level_of(code).is_some() && MAINLAND.iter().any(|province| code.starts_with(province))
}

/// A code from a list that fills coarser codes with zeros to 6, 9 or 12 digits (`330304000000` is the county
/// `330304`). Cities without counties keep their meaning (`441900003000` is the street `441900003`, and
/// `441900000000` the city `4419`).
#[must_use]
pub fn unpadded(code: &str) -> Option<&str> {
    let mut code = code;
    loop {
        let level = level_of(code)?;
        let Some(above) = level.above() else { return Some(code) };
        let (head, tail) = code.split_at_checked(above.digits())?;
        if level > Level::Community || tail.bytes().any(|byte| byte != b'0') {
            return Some(code);
        }
        code = head;
    }
}
