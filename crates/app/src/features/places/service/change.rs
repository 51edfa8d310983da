//! Changing the tree: each change writes a dated version and an event.

use super::super::book::{Tree, book, changed};
use super::super::model::{Kind, NewPlace, Place};
use super::super::store;
use crate::actor::{ActorKind, Reach};
use crate::context::Cx;
use crate::crypto;
use crate::events::{self, Stream};
use ::store::{Result, Tx};
use geography::{Point, Shape};
use kernel::{Day, PlaceId, Refusal};
use serde::Serialize;

/// The right to change places.
pub(super) const EDIT: &str = "places.edit";

/// The payload of every place event: the whole state after it, so that a row can be rebuilt from the last.
#[derive(Serialize)]
struct PlaceEvent<'a> {
    code: &'a str,
    parent: Option<PlaceId>,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    aliases: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    point_e7: Option<(i32, i32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    households: Option<i64>,
    from_day: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_day: Option<Day>,
    reason: &'a str,
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &str,
    place: &Place,
    shape: Option<&Shape>,
    reason: &str,
) -> Result<()> {
    let event = PlaceEvent {
        code: &place.code,
        parent: place.parent,
        kind: place.kind.as_str(),
        name: &place.name,
        aliases: &place.aliases,
        point_e7: place.point.map(Point::to_e7),
        shape: shape.map(Shape::to_geojson),
        households: place.households,
        from_day: place.from_day,
        until_day: place.until_day,
        reason,
    };
    events::append(tx, cx, Stream::Place, place.id.0, kind, &event)?;
    Ok(())
}

/// Whether the actor may change this place or what lies in it.
fn may_edit(cx: &Cx, place: &Place) -> std::result::Result<(), Refusal> {
    if cx.actor.kind == ActorKind::System {
        return Ok(());
    }
    let held = cx.actor.reaches(EDIT).any(|reach| match reach {
        Reach::Office => true,
        Reach::Community(id) => place.community == Some(id),
        Reach::Grid(id) => place.grid == Some(id),
        Reach::Unit(_) => false,
    });
    if held { Ok(()) } else { Err(Refusal::forbidden("common.forbidden").with("grant", EDIT)) }
}

fn check_code(tree: &Tree, code: &str, own: Option<PlaceId>, parent: Option<&Place>) -> Result<()> {
    let plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if code.is_empty() || code.len() > 32 || !plain {
        return Err(Refusal::rule("places.edit.code").on("code").with("code", code).into());
    }
    if let Some(parent) = parent
        && (!code.starts_with(&parent.code) || code == parent.code)
    {
        let refusal = Refusal::rule("places.edit.code_prefix").on("code").with("code", code);
        return Err(refusal.with("parent", &parent.code).into());
    }
    match tree.by_code(code) {
        Some(other) if Some(other.id) != own => Err(Refusal::rule("places.edit.code_taken")
            .on("code")
            .with("code", code)
            .with("name", &other.name)
            .into()),
        _ => Ok(()),
    }
}

fn check_parent(tree: &Tree, kind: Kind, parent: Option<PlaceId>) -> Result<Option<&Place>> {
    let Some(id) = parent else {
        // A grid that hangs in the air would be in nobody's scope.
        if kind > Kind::Community {
            return Err(Refusal::missing("parent").into());
        }
        return Ok(None);
    };
    let parent = tree.get(id).ok_or_else(Refusal::not_found)?;
    if !parent.is_active() {
        return Err(Refusal::rule("places.edit.parent_retired")
            .on("parent")
            .with("name", &parent.name)
            .into());
    }
    if parent.kind >= kind || (kind > Kind::Community && parent.kind < Kind::Community) {
        return Err(Refusal::rule("places.edit.parent_kind").on("parent").with("name", &parent.name).into());
    }
    Ok(Some(parent))
}

fn check_day(cx: &Cx, from: Day) -> Result<()> {
    if from > cx.today() {
        return Err(Refusal::rule("places.edit.future").on("from").with("day", from.iso()).into());
    }
    Ok(())
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() { Err(Refusal::missing("name").into()) } else { Ok(name.to_owned()) }
}

/// The community and the grid of a place of `kind` under `parent`.
fn line_of(id: PlaceId, kind: Kind, parent: Option<&Place>) -> (Option<PlaceId>, Option<PlaceId>) {
    match kind {
        Kind::Community => (Some(id), None),
        Kind::Grid => (parent.and_then(|p| p.community), Some(id)),
        kind if kind > Kind::Grid => (parent.and_then(|p| p.community), parent.and_then(|p| p.grid)),
        _ => (None, None),
    }
}

/// What a place's QR code carries: ten characters without look-alikes, 49 bits, guessable by nobody and
/// legible on a wet card.
fn new_token() -> Result<String> {
    const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut token = String::with_capacity(10);
    while token.len() < 10 {
        for byte in crypto::random::<16>()? {
            // 248 is the largest multiple of 31 in a byte: above it some letters would be likelier.
            if byte < 248 && token.len() < 10 {
                token.push(char::from(LETTERS[usize::from(byte % 31)]));
            }
        }
    }
    Ok(token)
}

/// Adds a place as of a day. Needs `places.edit` over its parent; writes `place.created` and a version.
///
/// # Errors
/// `places.edit.code`, `.code_prefix`, `.code_taken`, `.parent_kind`, `.parent_retired`, `.future`;
/// `common.missing` for a name or for the parent of a grid.
pub fn create_place(tx: &mut Tx<'_>, cx: &Cx, new: NewPlace, from: Day, reason: &str) -> Result<PlaceId> {
    let mut tree = book(tx, cx.office.id)?.tree().clone();
    let id = insert(tx, cx, &mut tree, new, from, reason)?;
    changed(tx, cx.office.id)?;
    Ok(id)
}

/// [`create_place`] for many at once: the tree is kept up in memory, and the caller says at the end that the
/// places have changed.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tree: &mut Tree,
    new: NewPlace,
    from: Day,
    reason: &str,
) -> Result<PlaceId> {
    cx.actor.need(EDIT)?;
    check_day(cx, from)?;
    let office = cx.office.id;
    let parent = check_parent(tree, new.kind, new.parent)?;
    check_code(tree, &new.code, None, parent)?;
    let name = check_name(&new.name)?;
    let id = PlaceId(tx.id()?);
    let (community, grid) = line_of(id, new.kind, parent);
    let place = Place {
        id,
        sort_key: text::pinyin_key(&name),
        name,
        code: new.code,
        parent: new.parent,
        kind: new.kind,
        aliases: new.aliases,
        community,
        grid,
        point: new.point.or_else(|| new.shape.as_ref().map(Shape::centroid)),
        has_shape: new.shape.is_some(),
        households: new.households,
        token: Some(new_token()?),
        from_day: from,
        until_day: None,
        version: 1,
    };
    may_edit(cx, &place)?;
    let shape = new.shape.as_ref();
    store::insert(tx, office, &place, shape)?;
    store::put_version(tx, office, &place, shape, reason)?;
    record(tx, cx, "place.created", &place, shape, reason)?;
    tree.put(place);
    Ok(id)
}

/// What is to change of a place; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct PlaceEdit {
    /// A new code; places below whose codes begin with the old one follow.
    pub code: Option<String>,
    /// Another parent.
    pub parent: Option<PlaceId>,
    /// A new name.
    pub name: Option<String>,
    /// Other names.
    pub aliases: Option<Vec<String>>,
    /// A new boundary.
    pub shape: Option<Shape>,
    /// Where to put its name.
    pub point: Option<Point>,
    /// Households.
    pub households: Option<Option<i64>>,
}

/// Changes a place from a day on (today or earlier); a case keeps the place it had. What changes nothing
/// writes nothing. Needs `places.edit` over the place, and over the new parent; writes `place.changed` and a
/// version, also for the places below that follow.
///
/// # Errors
/// As [`create_place`]; `common.conflict` when the place is no longer at version `seen`;
/// `places.edit.before_version` when `from` lies before the present version; `places.edit.inside_itself`.
pub fn update_place(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: PlaceId,
    seen: i64,
    edit: PlaceEdit,
    from: Day,
    reason: &str,
) -> Result<()> {
    let mut tree = book(tx, cx.office.id)?.tree().clone();
    if tree.get(id).ok_or_else(Refusal::not_found)?.version != seen {
        return Err(Refusal::conflict().into());
    }
    if update(tx, cx, &mut tree, id, edit, (from, reason))? {
        changed(tx, cx.office.id)?;
    }
    Ok(())
}

/// [`update_place`] for many at once, as [`insert`]; `false` when nothing changes.
pub(super) fn update(
    tx: &mut Tx<'_>,
    cx: &Cx,
    tree: &mut Tree,
    id: PlaceId,
    edit: PlaceEdit,
    (from, reason): (Day, &str),
) -> Result<bool> {
    cx.actor.need(EDIT)?;
    check_day(cx, from)?;
    let office = cx.office.id;
    let old = tree.get(id).ok_or_else(Refusal::not_found)?.clone();
    may_edit(cx, &old)?;
    if !old.is_active() {
        return Err(Refusal::conflict().into());
    }
    let old_shape = store::find_shape(tx, office, id)?;
    let (new, shape) = edited(tree, &old, old_shape.as_ref(), edit)?;
    if new == old && shape == old_shape {
        return Ok(false);
    }
    if from < old.from_day {
        return Err(Refusal::rule("places.edit.before_version")
            .on("from")
            .with("day", old.from_day.iso())
            .into());
    }
    let parent = check_parent(tree, new.kind, new.parent)?;
    if let Some(parent) = parent {
        may_edit(cx, parent)?;
        if tree.line(parent.id).contains(&id) {
            return Err(Refusal::rule("places.edit.inside_itself").on("parent").into());
        }
    }
    check_code(tree, &new.code, Some(id), parent)?;
    let mut new = Place { from_day: from, ..new };
    if !store::update(tx, office, &new, shape.as_ref(), old.version)? {
        return Err(Refusal::conflict().into());
    }
    new.version += 1;
    store::put_version(tx, office, &new, shape.as_ref(), reason)?;
    record(tx, cx, "place.changed", &new, shape.as_ref(), reason)?;
    let moved = new.parent != old.parent || new.code != old.code;
    tree.put(new.clone());
    if moved {
        follow(tx, cx, tree, &old, &new, reason)?;
    }
    Ok(true)
}

fn edited(
    tree: &Tree,
    old: &Place,
    shape: Option<&Shape>,
    edit: PlaceEdit,
) -> Result<(Place, Option<Shape>)> {
    let mut new = old.clone();
    if let Some(name) = edit.name {
        new.name = check_name(&name)?;
        new.sort_key = text::pinyin_key(&new.name);
    }
    if let Some(code) = edit.code {
        new.code = code;
    }
    if let Some(parent) = edit.parent {
        tree.get(parent).ok_or_else(Refusal::not_found)?;
        new.parent = Some(parent);
    }
    new.aliases = edit.aliases.unwrap_or(new.aliases);
    new.households = edit.households.unwrap_or(new.households);
    let reshaped =
        edit.shape.as_ref().is_some_and(|s| shape.map(store::shape_text) != Some(store::shape_text(s)));
    let shape = if reshaped { edit.shape } else { shape.cloned() };
    new.point = match edit.point {
        Some(point) if new.point.map(Point::to_e7) != Some(point.to_e7()) => Some(point),
        None if reshaped => shape.as_ref().map(Shape::centroid),
        _ => new.point,
    };
    new.has_shape = shape.is_some();
    Ok((new, shape))
}

/// Whether an edit would change anything.
pub(super) fn would_change(tree: &Tree, old: &Place, shape: Option<&Shape>, edit: PlaceEdit) -> Result<bool> {
    let (new, new_shape) = edited(tree, old, shape, edit)?;
    Ok(new != *old || new_shape.as_ref() != shape)
}

/// The places below take the new head of their codes, and their community and grid are set anew.
fn follow(tx: &mut Tx<'_>, cx: &Cx, tree: &mut Tree, old: &Place, new: &Place, reason: &str) -> Result<()> {
    let office = cx.office.id;
    let moved: Vec<PlaceId> = tree.within(new.id).iter().map(|p| p.id).collect();
    for id in moved {
        let Some(was) = tree.get(id).cloned() else { continue };
        let (community, grid) = line_of(id, was.kind, was.parent.and_then(|id| tree.get(id)));
        let mut now = Place { community, grid, ..was.clone() };
        store::set_line(tx, office, id, community, grid)?;
        if id != new.id
            && new.code != old.code
            && let Some(tail) = was.code.strip_prefix(&old.code)
        {
            now.code = format!("{}{tail}", new.code);
            check_code(tree, &now.code, Some(id), None)?;
            now.from_day = new.from_day.max(was.from_day);
            let shape = store::find_shape(tx, office, id)?;
            if !store::update(tx, office, &now, shape.as_ref(), was.version)? {
                return Err(Refusal::conflict().into());
            }
            now.version += 1;
            store::put_version(tx, office, &now, shape.as_ref(), reason)?;
            record(tx, cx, "place.changed", &now, shape.as_ref(), reason)?;
        }
        tree.put(now);
    }
    Ok(())
}

/// Ends a place after a day (today or earlier); its cases and history stay. Needs `places.edit` over it;
/// writes `place.retired`.
///
/// # Errors
/// `places.retire.has_places` while places below it exist; `common.conflict` when it is no longer at version
/// `seen`.
pub fn retire_place(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: PlaceId,
    seen: i64,
    until: Day,
    reason: &str,
) -> Result<()> {
    cx.actor.need(EDIT)?;
    check_day(cx, until)?;
    let office = cx.office.id;
    let book = book(tx, office)?;
    let old = book.get(id).ok_or_else(Refusal::not_found)?;
    may_edit(cx, old)?;
    if old.version != seen || !old.is_active() {
        return Err(Refusal::conflict().into());
    }
    let below = book.children(Some(id)).count();
    if below > 0 {
        return Err(Refusal::rule("places.retire.has_places")
            .with("name", &old.name)
            .with("count", below)
            .into());
    }
    let place = Place { until_day: Some(until), ..old.clone() };
    let shape = store::find_shape(tx, office, id)?;
    if !store::update(tx, office, &place, shape.as_ref(), seen)? {
        return Err(Refusal::conflict().into());
    }
    store::end_version(tx, office, id, until)?;
    record(tx, cx, "place.retired", &place, shape.as_ref(), reason)?;
    changed(tx, office)
}

/// Gives a place a new QR token; cards that are printed stop working. Needs `places.edit` over it; writes
/// `place.token_renewed` (without the token).
///
/// # Errors
/// `common.not_found` for an unknown place.
pub fn renew_token(tx: &mut Tx<'_>, cx: &Cx, id: PlaceId, reason: &str) -> Result<String> {
    cx.actor.need(EDIT)?;
    let office = cx.office.id;
    let book = book(tx, office)?;
    let place = book.get(id).filter(|p| p.is_active()).ok_or_else(Refusal::not_found)?;
    may_edit(cx, place)?;
    let token = new_token()?;
    store::set_token(tx, office, id, &token)?;
    record(tx, cx, "place.token_renewed", place, None, reason)?;
    changed(tx, office)?;
    Ok(token)
}
