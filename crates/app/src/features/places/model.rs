//! Places as the rest of the product sees them.

use geography::code::Level;
use geography::{Point, Shape};
use kernel::{Day, PlaceId};

/// What sort of place it is; the order is from coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Province, autonomous region, municipality.
    Province,
    /// Prefecture-level city.
    City,
    /// District or county.
    County,
    /// 街道, town, township.
    Street,
    /// 社区, village.
    Community,
    /// 网格
    Grid,
    /// 微网格
    MicroGrid,
    /// 楼栋
    Building,
}

impl Kind {
    /// All kinds from coarse to fine.
    pub const ALL: [Kind; 8] = [
        Kind::Province,
        Kind::City,
        Kind::County,
        Kind::Street,
        Kind::Community,
        Kind::Grid,
        Kind::MicroGrid,
        Kind::Building,
    ];

    /// As stored and as written in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Province => "province",
            Kind::City => "city",
            Kind::County => "county",
            Kind::Street => "street",
            Kind::Community => "community",
            Kind::Grid => "grid",
            Kind::MicroGrid => "micro_grid",
            Kind::Building => "building",
        }
    }

    /// Reads a stored kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Its level in codes.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Kind::Province => Level::Province,
            Kind::City => Level::City,
            Kind::County => Level::County,
            Kind::Street => Level::Street,
            Kind::Community => Level::Community,
            Kind::Grid => Level::Grid,
            Kind::MicroGrid => Level::MicroGrid,
            Kind::Building => Level::Building,
        }
    }

    /// The kind of a level.
    #[must_use]
    pub fn of_level(level: Level) -> Kind {
        match level {
            Level::Province => Kind::Province,
            Level::City => Kind::City,
            Level::County => Kind::County,
            Level::Street => Kind::Street,
            Level::Community => Kind::Community,
            Level::Grid => Kind::Grid,
            Level::MicroGrid => Kind::MicroGrid,
            Level::Building => Kind::Building,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place, without its boundary.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// For ever.
    pub id: PlaceId,
    /// Begins with the parent's code.
    pub code: String,
    /// The place above, `None` at the top of the office's tree.
    pub parent: Option<PlaceId>,
    /// What sort of place.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Sorts by pinyin and by numbers.
    pub sort_key: String,
    /// Other names people use.
    pub aliases: Vec<String>,
    /// The community it lies in, or is.
    pub community: Option<PlaceId>,
    /// The grid it lies in, or is.
    pub grid: Option<PlaceId>,
    /// Where to put its name: a given point or the middle of its boundary.
    pub point: Option<Point>,
    /// Whether it has a boundary.
    pub has_shape: bool,
    /// Households, where known.
    pub households: Option<i64>,
    /// What its QR code carries.
    pub token: Option<String>,
    /// The day its present version began.
    pub from_day: Day,
    /// The last day it existed.
    pub until_day: Option<Day>,
    /// Raised by every change.
    pub version: i64,
}

impl Place {
    /// Whether it still exists.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.until_day.is_none()
    }
}

/// The place of a point or of a record, with the ancestors that scope compiles to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The finest place.
    pub place: PlaceId,
    /// Its community; `None` above a community.
    pub community: Option<PlaceId>,
    /// Its grid; `None` above a grid.
    pub grid: Option<PlaceId>,
}

/// What a place is made of.
#[derive(Clone, Debug)]
pub struct NewPlace {
    /// Digits, Latin letters and hyphens, at most 32; begins with the parent's code.
    pub code: String,
    /// The place above.
    pub parent: Option<PlaceId>,
    /// What sort of place.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Other names people use.
    pub aliases: Vec<String>,
    /// Its boundary.
    pub shape: Option<Shape>,
    /// Where to put its name; the middle of the boundary when not given.
    pub point: Option<Point>,
    /// Households, where known.
    pub households: Option<i64>,
}

impl NewPlace {
    /// A place with nothing but a code, a name and a parent.
    #[must_use]
    pub fn named(code: &str, parent: Option<PlaceId>, kind: Kind, name: &str) -> NewPlace {
        NewPlace {
            code: code.to_owned(),
            parent,
            kind,
            name: name.to_owned(),
            aliases: Vec::new(),
            shape: None,
            point: None,
            households: None,
        }
    }
}

/// A dated version of a place.
#[derive(Clone, Debug)]
pub struct PlaceVersion {
    /// The first day.
    pub from_day: Day,
    /// The last day.
    pub until_day: Option<Day>,
    /// The code then.
    pub code: String,
    /// The parent then.
    pub parent: Option<PlaceId>,
    /// The name then.
    pub name: String,
    /// The boundary then.
    pub shape: Option<Shape>,
    /// Why it was changed.
    pub reason: String,
}

/// A named thing people mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    /// The place it lies in.
    pub place: PlaceId,
    /// road, estate, market, school …
    pub kind: String,
    /// As people say it.
    pub name: String,
    /// Where it is.
    pub point: Option<Point>,
}

/// A row of the official list of divisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// 2, 4, 6, 9 or 12 digits.
    pub code: String,
    /// The code of the division above that is in the list.
    pub parent: Option<String>,
    /// 0 province … 4 community.
    pub level: i64,
    /// As in the list.
    pub name: String,
}

/// The parts of a list written with `|` between them.
pub(super) fn split_list(text: &str) -> Vec<String> {
    text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// What a place adds up to with all that lies in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Grids.
    pub grids: i64,
    /// Micro-grids.
    pub micro_grids: i64,
    /// Posts at these places.
    pub posts: i64,
    /// Those that somebody holds now.
    pub filled: i64,
    /// Open cases that the viewer may see.
    pub open: i64,
}

/// The public page of a place: what its QR code leads to.
#[must_use]
pub fn public_path(token: &str) -> String {
    format!("/p/{token}")
}
