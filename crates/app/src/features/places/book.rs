//! The places of one office in memory: the tree, names, codes, and the index that finds the place of a
//! point. Pure but for reading it once; see `kept` for how it stays true.

use super::model::{Kind, Landmark, Located, Place};
use super::store;
use crate::kept::Kept;
use ::store::{Result, Tx};
use geography::{PlaceIndex, Point};
use kernel::{OfficeId, PlaceId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

static KEPT: Kept<PlaceBook> = Kept::new("places");

/// All places of an office with the index of their boundaries.
pub struct PlaceBook {
    tree: Tree,
    index: PlaceIndex<PlaceId>,
    landmarks: Vec<Landmark>,
}

/// All places of an office by id, by code and by parent.
#[derive(Clone, Default)]
pub struct Tree {
    places: HashMap<PlaceId, Place>,
    by_code: BTreeMap<String, PlaceId>,
    children: HashMap<Option<PlaceId>, Vec<PlaceId>>,
}

pub(super) fn book(tx: &mut Tx<'_>, office: OfficeId) -> Result<Arc<PlaceBook>> {
    KEPT.get(tx, office, |tx| {
        let places = store::list(tx, office)?;
        let shapes = store::list_shapes(tx, office)?;
        let landmarks = store::list_landmarks(tx, office)?;
        let levels: HashMap<PlaceId, u8> = places.iter().map(|p| (p.id, p.kind.level().depth())).collect();
        let index = PlaceIndex::new(
            shapes.into_iter().filter_map(|(id, shape)| levels.get(&id).map(|level| (id, *level, shape))),
        );
        Ok(PlaceBook { tree: places.into_iter().collect(), index, landmarks })
    })
}

pub(super) fn changed(tx: &mut Tx<'_>, office: OfficeId) -> Result<()> {
    KEPT.changed(tx, office)
}

impl PlaceBook {
    /// The tree alone, to be changed in memory while many places are written.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The finest place that holds a point; of equal ones the smaller.
    #[must_use]
    pub fn locate(&self, point: Point) -> Option<Located> {
        self.index.finest(point).and_then(|id| self.located(id))
    }

    /// The nearest place of a kind within so many metres, for a point that fell just outside.
    #[must_use]
    pub fn nearest(&self, point: Point, kind: Kind, max_m: f64) -> Option<Located> {
        self.index.nearest(point, kind.level().depth(), max_m).and_then(|(id, _)| self.located(id))
    }

    /// The landmarks of the office, by name.
    #[must_use]
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    /// The landmarks and places that a text names, longest name first, each place once: what intake offers
    /// while somebody is still talking.
    #[must_use]
    pub fn mentioned(&self, text: &str) -> Vec<(&str, PlaceId)> {
        let text = text::normalize(text);
        let named = |name: &str| name.chars().count() >= 2 && text.contains(&text::normalize(name));
        let landmarks = self.landmarks.iter().map(|l| (l.name.as_str(), l.place));
        let places = self
            .all()
            .filter(|p| p.is_active() && p.kind > Kind::Street)
            .flat_map(|p| std::iter::once(&p.name).chain(&p.aliases).map(move |name| (name.as_str(), p.id)));
        let mut hits: Vec<(&str, PlaceId)> =
            landmarks.chain(places).filter(|(name, _)| named(name)).collect();
        hits.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        let mut seen = Vec::new();
        hits.retain(|(_, place)| {
            let new = !seen.contains(place);
            seen.push(*place);
            new
        });
        hits
    }
}

impl std::ops::Deref for PlaceBook {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl FromIterator<Place> for Tree {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Tree {
        let mut tree = Tree::default();
        places.into_iter().for_each(|place| tree.put(place));
        tree
    }
}

impl Tree {
    /// Adds a place or takes its new state; the database is told by `service`.
    pub(super) fn put(&mut self, place: Place) {
        if let Some(old) = self.places.remove(&place.id) {
            self.by_code.remove(&old.code);
            if let Some(list) = self.children.get_mut(&old.parent) {
                list.retain(|id| *id != old.id);
            }
        }
        if place.is_active() {
            let list = self.children.entry(place.parent).or_default();
            let at = list.partition_point(|id| self.places.get(id).is_some_and(|p| p.code < place.code));
            list.insert(at, place.id);
        }
        self.by_code.insert(place.code.clone(), place.id);
        self.places.insert(place.id, place);
    }

    /// A place, retired or not.
    #[must_use]
    pub fn get(&self, id: PlaceId) -> Option<&Place> {
        self.places.get(&id)
    }

    /// A place by its present code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Place> {
        self.by_code.get(code).and_then(|id| self.get(*id))
    }

    /// Every place by code, retired ones too.
    pub fn all(&self) -> impl Iterator<Item = &Place> {
        self.by_code.values().filter_map(|id| self.places.get(id))
    }

    /// The places that exist, of one kind, by code.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Place> {
        self.all().filter(move |p| p.is_active() && p.kind == kind)
    }

    /// The places directly below one, by code; those at the top for `None`.
    pub fn children(&self, parent: Option<PlaceId>) -> impl Iterator<Item = &Place> {
        self.children.get(&parent).into_iter().flatten().filter_map(|id| self.places.get(id))
    }

    /// The place itself and all above it, finest first; empty for an unknown place.
    #[must_use]
    pub fn line(&self, id: PlaceId) -> Vec<PlaceId> {
        let mut out: Vec<PlaceId> = Vec::new();
        let mut next = Some(id);
        while let Some(place) = next.and_then(|id| self.places.get(&id)) {
            // A tree by construction; the check keeps a damaged row from hanging a request.
            if out.contains(&place.id) {
                break;
            }
            out.push(place.id);
            next = place.parent;
        }
        out
    }

    /// All above a place, finest first.
    #[must_use]
    pub fn ancestors(&self, id: PlaceId) -> Vec<&Place> {
        self.line(id).into_iter().skip(1).filter_map(|id| self.places.get(&id)).collect()
    }

    /// A place and all that exist below it, a parent before its children, in order of codes.
    #[must_use]
    pub fn within(&self, id: PlaceId) -> Vec<&Place> {
        let mut out = Vec::new();
        let mut todo = vec![id];
        while let Some(place) = todo.pop().and_then(|id| self.places.get(&id)) {
            out.push(place);
            let below: Vec<PlaceId> = self.children(Some(place.id)).map(|p| p.id).collect();
            todo.extend(below.into_iter().rev());
        }
        out
    }

    /// The columns that a record at this place carries.
    #[must_use]
    pub fn located(&self, id: PlaceId) -> Option<Located> {
        self.get(id).map(|p| Located { place: p.id, community: p.community, grid: p.grid })
    }

    /// A place as people write it, from the community down: `柳溪社区 07 网格`. With several streets in the
    /// office the street comes first.
    #[must_use]
    pub fn path_label(&self, id: PlaceId) -> String {
        let top = if self.of_kind(Kind::Street).nth(1).is_some() { Kind::Street } else { Kind::Community };
        let line: Vec<&Place> = self.line(id).into_iter().filter_map(|id| self.places.get(&id)).collect();
        let mut label = String::new();
        let mut above = "";
        let shown = line.iter().rev().filter(|p| p.kind >= top || p.id == id);
        for place in shown {
            // A grid's full name repeats its community's: it is said once.
            let own = place.name.strip_prefix(above).filter(|own| !own.is_empty()).unwrap_or(&place.name);
            if !label.is_empty() {
                label.push(' ');
            }
            push_spaced(&mut label, own);
            above = &place.name;
        }
        label
    }

    /// The places whose name, other name, label or code contains what is typed, finer ones last.
    #[must_use]
    pub fn find(&self, typed: &str, most: usize) -> Vec<&Place> {
        let fold = |text: &str| text::normalize(text).replace(' ', "");
        let typed = fold(typed);
        if typed.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(u8, &Place)> = self
            .all()
            .filter(|p| p.is_active())
            .filter_map(|p| {
                let name = fold(&p.name);
                let rank = if p.code == typed || name == typed {
                    0
                } else if name.starts_with(&typed) || p.code.starts_with(&typed) {
                    1
                } else if name.contains(&typed) || p.aliases.iter().any(|a| fold(a).contains(&typed)) {
                    2
                } else if fold(&self.path_label(p.id)).contains(&typed) {
                    3
                } else {
                    return None;
                };
                Some((rank, p))
            })
            .collect();
        hits.sort_by(|a, b| (a.0, a.1.kind, &a.1.code).cmp(&(b.0, b.1.kind, &b.1.code)));
        hits.into_iter().take(most).map(|(_, p)| p).collect()
    }
}

/// Adds a name with a blank between digits and what is not ASCII beside them.
fn push_spaced(label: &mut String, name: &str) {
    for c in name.chars() {
        let before = label.chars().last();
        let digit_edge = before.is_some_and(|b| {
            b.is_ascii_digit() != c.is_ascii_digit() && !b.is_whitespace() && !c.is_whitespace()
        });
        let both_ascii = before.is_some_and(|b| b.is_ascii() && c.is_ascii());
        if digit_edge && !both_ascii {
            label.push(' ');
        }
        label.push(c);
    }
}
