//! Where things happen: the named things of a grid, else of its community, else of the street.

use super::chance::Chance;
use super::data::{Data, LandmarkRow};
use crate::features::places::book::PlaceBook;
use crate::features::procedures::state::Location;
use crate::words::Words;
use geography::Point;
use kernel::PlaceId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kinds of landmark that `{landmark}` may be.
const LANDMARKS: [&str; 14] = [
    "school",
    "kindergarten",
    "market",
    "mall",
    "hall",
    "hospital",
    "clinic",
    "office",
    "bank",
    "shop",
    "park",
    "square",
    "eldercare",
    "factory",
];

/// A grid with what lies in it.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) place: PlaceId,
    pub(super) code: String,
    /// Its community's code and name.
    pub(super) community: String,
    pub(super) community_name: String,
}

/// All grids and landmarks.
pub(super) struct Sites {
    pub(super) grids: Vec<Grid>,
    data: Arc<Data>,
    book: Arc<PlaceBook>,
}

/// The names a message uses: one name for each slot, so that the answer speaks of the same road.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    pub(super) names: BTreeMap<String, String>,
    /// The first named thing: where it is.
    pub(super) anchor: Option<(String, Point)>,
    /// The firm that manages the estate that is named, a unit's key.
    pub(super) property: Option<String>,
}

impl Sites {
    pub(super) fn new(data: &Arc<Data>, book: Arc<PlaceBook>) -> Sites {
        use crate::features::places::model::Kind;
        let grids = book
            .of_kind(Kind::Grid)
            .filter_map(|grid| {
                let community = grid.community.and_then(|id| book.get(id))?;
                Some(Grid {
                    place: grid.id,
                    code: grid.code.clone(),
                    community: community.code.clone(),
                    community_name: community.name.clone(),
                })
            })
            .collect();
        Sites { grids, data: Arc::clone(data), book }
    }

    /// A thing of some kind in a grid, else in its community, else in the street; not one of `except`.
    pub(super) fn find(
        &self,
        grid: usize,
        slot: &str,
        except: &[&str],
        chance: &mut Chance,
    ) -> Option<&LandmarkRow> {
        let grid = self.grids.get(grid)?;
        let fits = |row: &&LandmarkRow| {
            let kind = match slot {
                "road2" => row.kind == "road",
                "landmark" => LANDMARKS.contains(&row.kind.as_str()),
                slot => row.kind == slot,
            };
            kind && !except.contains(&row.name.as_str())
        };
        let near = [grid.code.as_str(), grid.community.as_str(), ""];
        near.iter().find_map(|code| {
            let rows: Vec<&LandmarkRow> =
                self.data.landmarks.iter().filter(|r| r.place_code.starts_with(code)).filter(fits).collect();
            chance.pick(&rows).copied()
        })
    }

    /// Whether an estate with a property firm is in or near the grid.
    pub(super) fn managed_estate(&self, grid: usize, chance: &mut Chance) -> Option<&LandmarkRow> {
        let grid = self.grids.get(grid)?;
        [grid.code.as_str(), grid.community.as_str()].iter().find_map(|code| {
            let estates = self
                .data
                .landmarks
                .iter()
                .filter(|r| r.place_code.starts_with(code) && !r.managed_by.is_empty());
            chance.pick(&estates.collect::<Vec<_>>()).copied()
        })
    }

    /// The location beside the named thing, or the grid alone where nothing is named.
    pub(super) fn location(
        &self,
        grid: usize,
        slots: &Slots,
        words: &Words,
        chance: &mut Chance,
    ) -> Location {
        let Some(grid) = self.grids.get(grid) else { return Location::default() };
        let mut out = Location { place: Some(grid.place), grid: Some(grid.place), ..Location::default() };
        out.community = self.book.get(grid.place).and_then(|p| p.community);
        let Some((name, point)) = &slots.anchor else { return out };
        out.address = match slots.names.get("no") {
            Some(no) if slots.names.get("road") == Some(name) => {
                words.t2("demo-address", ("road", name), ("no", no))
            }
            _ => name.clone(),
        };
        // A little beside the thing itself, if that is still in the same grid.
        let aside =
            |chance: &mut Chance| f64::from(i32::try_from(chance.between(-300, 300)).unwrap_or(0)) / 1e6;
        let moved = Point::new(point.lon() + aside(chance), point.lat() + aside(chance)).unwrap_or(*point);
        for point in [moved, *point] {
            if let Some(found) = self.book.locate(point)
                && found.community.is_some()
            {
                let (lon, lat) = point.to_e7();
                out.place = Some(found.place);
                out.community = found.community;
                out.grid = found.grid.or(out.grid);
                (out.lon_e7, out.lat_e7) = (Some(i64::from(lon)), Some(i64::from(lat)));
                break;
            }
        }
        out
    }

    /// A place and all above it, finest first.
    pub(super) fn line(&self, place: PlaceId) -> Vec<PlaceId> {
        self.book.line(place)
    }
}
