//! Units and posts, and the figures about them. Changing them needs `people.edit`.

use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::people::model::{Cover, NewPost, NewUnit, Post, PostFill, PostView, UNIT_KINDS, Unit};
use crate::features::people::pack;
use crate::features::people::store::structure::{self as store_, PostFilter};
use kernel::{OfficeId, PlaceId, PostId, Refusal, UnitId};
use serde_json::json;
use store::{Result, Tx};

/// All units by sound, the inactive ones too.
///
/// # Errors
/// When the database refuses.
pub fn units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Unit>> {
    store_::list_units(tx, office)
}

/// A unit.
///
/// # Errors
/// When the database refuses.
pub fn unit(tx: &mut Tx<'_>, office: OfficeId, id: UnitId) -> Result<Option<Unit>> {
    store_::find_unit(tx, office, id)
}

/// The unit with a code, for imports.
///
/// # Errors
/// When the database refuses.
pub fn unit_by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<UnitId>> {
    store_::find_unit_by_code(tx, office, code)
}

/// The place with a code, for imports of staff.
///
/// # Errors
/// When the database refuses.
pub fn place_by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<PlaceId>> {
    store_::place_by_code(tx, office, code)
}

/// A unit and all above it: whom a complaint about the unit must not reach.
///
/// # Errors
/// When the database refuses.
pub fn unit_line(tx: &mut Tx<'_>, office: OfficeId, id: UnitId) -> Result<Vec<UnitId>> {
    store_::unit_line(tx, office, id)
}

/// Makes a unit. Writes `people.create_unit`.
///
/// # Errors
/// Forbidden without `people.edit`; `people.unit.code_taken`, `people.unit.kind`, missing fields, a parent
/// or place that is not there.
pub fn create_unit(tx: &mut Tx<'_>, cx: &Cx, unit: &NewUnit) -> Result<UnitId> {
    cx.actor.need("people.edit")?;
    let unit = checked_unit(tx, cx, unit, None)?;
    let id = UnitId(tx.id()?);
    store_::insert_unit(tx, cx.office.id, id, &unit, &sort_key(&unit.short))?;
    events::append(tx, cx, Stream::Unit, id.0, "people.create_unit", &unit)?;
    Ok(id)
}

/// Changes a unit that was seen at a version. Writes `people.change_unit`.
///
/// # Errors
/// As [`create_unit`]; conflict when it has changed since; `people.unit.loop` when it would be above itself.
pub fn change_unit(tx: &mut Tx<'_>, cx: &Cx, id: UnitId, version: i64, unit: &NewUnit) -> Result<()> {
    cx.actor.need("people.edit")?;
    store_::find_unit(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let unit = checked_unit(tx, cx, unit, Some(id))?;
    if !store_::update_unit(tx, cx.office.id, (id, version), &unit, &sort_key(&unit.short))? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Unit, id.0, "people.change_unit", &unit)?;
    Ok(())
}

/// Ends a unit or brings it back. Writes `people.set_unit_active`.
///
/// # Errors
/// Forbidden without `people.edit`; conflict; `people.unit.has_posts` while posts of it exist.
pub fn set_unit_active(tx: &mut Tx<'_>, cx: &Cx, id: UnitId, version: i64, active: bool) -> Result<()> {
    cx.actor.need("people.edit")?;
    let of_unit = PostFilter { unit: Some(id), ..PostFilter::default() };
    if !active && !store_::list_posts(tx, cx.office.id, &of_unit, cx.now)?.is_empty() {
        return Err(Refusal::rule("people.unit.has_posts").into());
    }
    if !store_::set_unit_active(tx, cx.office.id, id, version, active)? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Unit, id.0, "people.set_unit_active", &json!({ "active": active }))?;
    Ok(())
}

fn checked_unit(tx: &mut Tx<'_>, cx: &Cx, unit: &NewUnit, id: Option<UnitId>) -> Result<NewUnit> {
    let office = cx.office.id;
    let mut unit = unit.clone();
    for (text, field) in [(&mut unit.code, "code"), (&mut unit.name, "name")] {
        *text = text.trim().to_owned();
        if text.is_empty() {
            return Err(Refusal::missing(field).into());
        }
    }
    unit.short = match unit.short.trim() {
        "" => unit.name.clone(),
        short => short.to_owned(),
    };
    unit.phone = trimmed(unit.phone.as_deref());
    if !UNIT_KINDS.contains(&unit.kind.as_str()) {
        return Err(Refusal::rule("people.unit.kind").on("kind").into());
    }
    if store_::find_unit_by_code(tx, office, &unit.code)?.is_some_and(|other| Some(other) != id) {
        return Err(Refusal::rule("people.unit.code_taken").on("code").with("code", &unit.code).into());
    }
    if let Some(parent) = unit.parent {
        let line = store_::unit_line(tx, office, parent)?;
        if line.is_empty() {
            return Err(Refusal::rule("people.unit.no_parent").on("parent").into());
        }
        if id.is_some_and(|id| line.contains(&id)) {
            return Err(Refusal::rule("people.unit.loop").on("parent").into());
        }
    }
    check_place(tx, office, unit.place)?;
    Ok(unit)
}

fn check_place(tx: &mut Tx<'_>, office: OfficeId, place: Option<PlaceId>) -> Result<()> {
    match place {
        Some(place) if !store_::place_exists(tx, office, place)? => {
            Err(Refusal::rule("people.post.no_place").on("place").into())
        }
        _ => Ok(()),
    }
}

/// Posts with unit, place and present holders.
///
/// # Errors
/// When the database refuses.
pub fn posts(tx: &mut Tx<'_>, cx: &Cx, filter: &PostFilter) -> Result<Vec<PostView>> {
    store_::list_posts(tx, cx.office.id, filter, cx.now)
}

/// One post with unit, place and present holders.
///
/// # Errors
/// When the database refuses.
pub fn post(tx: &mut Tx<'_>, cx: &Cx, id: PostId) -> Result<Option<PostView>> {
    let filter = PostFilter { id: Some(id), inactive: true, ..PostFilter::default() };
    Ok(store_::list_posts(tx, cx.office.id, &filter, cx.now)?.into_iter().next())
}

/// Makes a post; it brings no right until a role is given to it. Writes `people.create_post`.
///
/// # Errors
/// Forbidden without `people.edit`; `people.post.kind`, missing title, a unit or place that is not there.
pub fn create_post(tx: &mut Tx<'_>, cx: &Cx, post: &NewPost) -> Result<PostId> {
    cx.actor.need("people.edit")?;
    let post = checked_post(tx, cx, post)?;
    let id = PostId(tx.id()?);
    store_::insert_post(tx, cx.office.id, id, &post)?;
    events::append(tx, cx, Stream::Post, id.0, "people.create_post", &post)?;
    Ok(id)
}

/// Changes a post that was seen at a version. Unit and place decide how far the post's rights reach, so
/// they stay as they are while the post carries a role. Writes `people.change_post`.
///
/// # Errors
/// As [`create_post`]; conflict; `people.post.has_roles`.
pub fn change_post(tx: &mut Tx<'_>, cx: &Cx, id: PostId, version: i64, post: &NewPost) -> Result<()> {
    cx.actor.need("people.edit")?;
    let before = store_::find_post(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    let post = checked_post(tx, cx, post)?;
    let moves = before.unit != post.unit || before.place != post.place;
    if moves && !super::roles::roles_of_post(tx, cx, id)?.is_empty() {
        return Err(Refusal::rule("people.post.has_roles").on("place").into());
    }
    if !store_::update_post(tx, cx.office.id, (id, version), &post)? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Post, id.0, "people.change_post", &post)?;
    Ok(())
}

/// Ends a post or brings it back. Writes `people.set_post_active`.
///
/// # Errors
/// Forbidden without `people.edit`; conflict; `people.post.held` while somebody holds it.
pub fn set_post_active(tx: &mut Tx<'_>, cx: &Cx, id: PostId, version: i64, active: bool) -> Result<()> {
    cx.actor.need("people.edit")?;
    let before: Post = store_::find_post(tx, cx.office.id, id)?.ok_or_else(Refusal::not_found)?;
    if !active && !super::holdings_of_post(tx, cx, id)?.is_empty() {
        return Err(Refusal::rule("people.post.held").with("title", before.title).into());
    }
    if active && !super::roles::roles_of_post(tx, cx, id)?.is_empty() {
        // Bringing back a post with roles would bring back rights without a second person.
        return Err(Refusal::rule("people.post.has_roles").into());
    }
    if !store_::set_post_active(tx, cx.office.id, id, version, active)? {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Post, id.0, "people.set_post_active", &json!({ "active": active }))?;
    Ok(())
}

fn checked_post(tx: &mut Tx<'_>, cx: &Cx, post: &NewPost) -> Result<NewPost> {
    let mut post = post.clone();
    post.title = post.title.trim().to_owned();
    post.phone_public = trimmed(post.phone_public.as_deref());
    if post.title.is_empty() {
        return Err(Refusal::missing("title").into());
    }
    if pack::post_kind(&post.kind).is_none() {
        return Err(Refusal::rule("people.post.kind").on("kind").into());
    }
    if store_::find_unit(tx, cx.office.id, post.unit)?.is_none_or(|unit| !unit.active) {
        return Err(Refusal::rule("people.post.no_unit").on("unit").into());
    }
    check_place(tx, cx.office.id, post.place)?;
    Ok(post)
}

fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

/// What a Chinese name sorts by: its sound.
pub(super) fn sort_key(name: &str) -> String {
    text::pinyin_key(name)
}

/// Filled and defined posts by kind (`post_fill`, CAPABILITIES GRID): only kinds that count.
///
/// # Errors
/// When the database refuses.
pub fn post_fill(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<PostFill>> {
    let mut rows = store_::post_fill(tx, cx.office.id, cx.now)?;
    rows.retain(|row| pack::post_kind(&row.kind).is_some_and(|kind| kind.counts));
    let order = |kind: &str| pack::post_kinds().iter().position(|k| k.kind == kind);
    rows.sort_by_key(|row| order(&row.kind));
    Ok(rows)
}

/// Places with a filled post of their own, by kind of place, and the leaves together (`cover`,
/// CAPABILITIES GRID).
///
/// # Errors
/// When the database refuses.
pub fn cover(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Cover>> {
    store_::cover(tx, cx.office.id, cx.now)
}
