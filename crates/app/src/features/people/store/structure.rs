//! Units, posts and the figures about them.

use crate::features::people::model::{
    Cover, Holder, HoldingId, NewPost, NewUnit, Post, PostFill, PostView, Unit,
};
use crate::kept::Kept;
use kernel::{OfficeId, PlaceId, PostId, Ts, UnitId};
use store::{Query, Result, Row, Sql, Tx, args, statements};

/// The units of each office: nearly every page names some.
static UNITS_KEPT: Kept<Vec<Unit>> = Kept::new("units");
/// Of so many posts the holders are asked for by post, of more all at once.
const FEW: usize = 40;

statements! {
    UNITS = Sql::Both(
        "select id, code, name, short, sort_key, kind, parent, place, phone, active, version from unit
         where office = $1 order by sort_key, id");
    UNIT = Sql::Both(
        "select id, code, name, short, sort_key, kind, parent, place, phone, active, version from unit
         where office = $1 and id = $2");
    UNIT_BY_CODE = Sql::Both("select id from unit where office = $1 and code = $2");
    INSERT_UNIT = Sql::Both(
        "insert into unit (id, office, code, name, short, sort_key, kind, parent, place, phone, active, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, 1)");
    UPDATE_UNIT = Sql::Both(
        "update unit set code = $4, name = $5, short = $6, sort_key = $7, kind = $8, parent = $9, place = $10,
         phone = $11, version = version + 1 where office = $1 and id = $2 and version = $3");
    SET_UNIT_ACTIVE = Sql::Both(
        "update unit set active = $4, version = version + 1 where office = $1 and id = $2 and version = $3");
    UNIT_LINE = Sql::Both(
        "with recursive line(id, parent) as (
           select id, parent from unit where office = $1 and id = $2
           union select u.id, u.parent from unit u join line l on u.id = l.parent where u.office = $1)
         select id from line");
    POST = Sql::Both(
        "select id, unit, kind, title, place, phone_public, active, version from post where office = $1 and id = $2");
    INSERT_POST = Sql::Both(
        "insert into post (id, office, unit, kind, title, place, phone_public, active, version)
         values ($1, $2, $3, $4, $5, $6, $7, true, 1)");
    UPDATE_POST = Sql::Both(
        "update post set unit = $4, kind = $5, title = $6, place = $7, phone_public = $8, version = version + 1
         where office = $1 and id = $2 and version = $3");
    SET_POST_ACTIVE = Sql::Both(
        "update post set active = $4, version = version + 1 where office = $1 and id = $2 and version = $3");
    POST_FILL = Sql::Both(
        "select p.kind, count(*), count(*) filter (where exists (
             select 1 from holding h join account a on a.office = h.office and a.id = h.account and a.state = 'active'
             where h.office = p.office and h.post = p.id and h.state = 'active' and h.from_at <= $2
             and (h.until_at is null or h.until_at > $2)))
         from post p where p.office = $1 and p.active group by p.kind order by p.kind");
    COVER = Sql::Both(
        "select pl.kind, count(*), count(*) filter (where exists (
             select 1 from post p join holding h on h.office = p.office and h.post = p.id and h.state = 'active'
             and h.from_at <= $2 and (h.until_at is null or h.until_at > $2)
             join account a on a.office = h.office and a.id = h.account and a.state = 'active'
             where p.office = pl.office and p.place = pl.id and p.active))
         from place pl where pl.office = $1 and pl.until_day is null group by pl.kind, pl.level order by pl.level");
    LEAF_COVER = Sql::Both(
        "select count(*), count(*) filter (where exists (
             select 1 from post p join holding h on h.office = p.office and h.post = p.id and h.state = 'active'
             and h.from_at <= $2 and (h.until_at is null or h.until_at > $2)
             join account a on a.office = h.office and a.id = h.account and a.state = 'active'
             where p.office = pl.office and p.place = pl.id and p.active))
         from place pl where pl.office = $1 and pl.until_day is null and not exists (
             select 1 from place c where c.office = pl.office and c.parent = pl.id and c.until_day is null)");
    PLACE_EXISTS = Sql::Both("select id from place where office = $1 and id = $2");
    ANCESTORS = Sql::Both("select community_id, grid_id from place where office = $1 and id = $2");
    PLACE_BY_CODE = Sql::Both("select id from place where office = $1 and code = $2");
    /// Communities at or below a place.
    COMMUNITIES_BELOW = Sql::Both(
        "with recursive below(id, community_id) as (
           select id, community_id from place where office = $1 and id = $2
           union all select p.id, p.community_id from place p join below b on p.parent = b.id
           where p.office = $1 and b.community_id is null)
         select id from below where community_id = id order by id");
}

fn unit_row(row: &Row<'_>) -> Result<Unit> {
    Ok(Unit {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        short: row.get(3)?,
        sort_key: row.get(4)?,
        kind: row.get(5)?,
        parent: row.get(6)?,
        place: row.get(7)?,
        phone: row.get(8)?,
        active: row.get(9)?,
        version: row.get(10)?,
    })
}

fn post_row(row: &Row<'_>) -> Result<Post> {
    Ok(Post {
        id: row.get(0)?,
        unit: row.get(1)?,
        kind: row.get(2)?,
        title: row.get(3)?,
        place: row.get(4)?,
        phone_public: row.get(5)?,
        active: row.get(6)?,
        version: row.get(7)?,
    })
}

pub(crate) fn list_units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Unit>> {
    let kept = UNITS_KEPT.get(tx, office, |tx| tx.query(&UNITS, args![office], unit_row))?;
    Ok(kept.as_ref().clone())
}

pub(crate) fn find_unit(tx: &mut Tx<'_>, office: OfficeId, id: UnitId) -> Result<Option<Unit>> {
    tx.opt(&UNIT, args![office, id], unit_row)
}

pub(crate) fn find_unit_by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<UnitId>> {
    tx.value(&UNIT_BY_CODE, args![office, code])
}

pub(crate) fn insert_unit(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: UnitId,
    unit: &NewUnit,
    sort_key: &str,
) -> Result<()> {
    tx.exec(
        &INSERT_UNIT,
        args![
            id,
            office,
            &unit.code,
            &unit.name,
            &unit.short,
            sort_key,
            &unit.kind,
            unit.parent,
            unit.place,
            unit.phone.clone()
        ],
    )?;
    UNITS_KEPT.changed(tx, office)?;
    Ok(())
}

/// Whether the row was still the one seen.
pub(crate) fn update_unit(
    tx: &mut Tx<'_>,
    office: OfficeId,
    seen: (UnitId, i64),
    unit: &NewUnit,
    sort_key: &str,
) -> Result<bool> {
    let rows = tx.exec(
        &UPDATE_UNIT,
        args![
            office,
            seen.0,
            seen.1,
            &unit.code,
            &unit.name,
            &unit.short,
            sort_key,
            &unit.kind,
            unit.parent,
            unit.place,
            unit.phone.clone()
        ],
    )?;
    UNITS_KEPT.changed(tx, office)?;
    Ok(rows == 1)
}

pub(crate) fn set_unit_active(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: UnitId,
    version: i64,
    active: bool,
) -> Result<bool> {
    let rows = tx.exec(&SET_UNIT_ACTIVE, args![office, id, version, active])?;
    UNITS_KEPT.changed(tx, office)?;
    Ok(rows == 1)
}

/// A unit and all above it.
pub(crate) fn unit_line(tx: &mut Tx<'_>, office: OfficeId, id: UnitId) -> Result<Vec<UnitId>> {
    tx.query(&UNIT_LINE, args![office, id], |row| row.get(0))
}

pub(crate) fn find_post(tx: &mut Tx<'_>, office: OfficeId, id: PostId) -> Result<Option<Post>> {
    tx.opt(&POST, args![office, id], post_row)
}

pub(crate) fn insert_post(tx: &mut Tx<'_>, office: OfficeId, id: PostId, post: &NewPost) -> Result<()> {
    tx.exec(
        &INSERT_POST,
        args![id, office, post.unit, &post.kind, &post.title, post.place, post.phone_public.clone()],
    )?;
    Ok(())
}

pub(crate) fn update_post(
    tx: &mut Tx<'_>,
    office: OfficeId,
    seen: (PostId, i64),
    post: &NewPost,
) -> Result<bool> {
    let rows = tx.exec(
        &UPDATE_POST,
        args![
            office,
            seen.0,
            seen.1,
            post.unit,
            &post.kind,
            &post.title,
            post.place,
            post.phone_public.clone()
        ],
    )?;
    Ok(rows == 1)
}

pub(crate) fn set_post_active(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: PostId,
    version: i64,
    active: bool,
) -> Result<bool> {
    Ok(tx.exec(&SET_POST_ACTIVE, args![office, id, version, active])? == 1)
}

/// Posts with unit, place and present holders; of one unit, of one place, of one kind, or all.
#[derive(Clone, Debug, Default)]
pub struct PostFilter {
    /// Only this post.
    pub id: Option<PostId>,
    /// Only posts of this unit.
    pub unit: Option<UnitId>,
    /// Only posts at this place.
    pub place: Option<PlaceId>,
    /// Only posts of this kind.
    pub kind: Option<String>,
    /// Only posts that nobody holds now.
    pub vacant: bool,
    /// Also posts that no longer exist.
    pub inactive: bool,
}

pub(crate) fn list_posts(
    tx: &mut Tx<'_>,
    office: OfficeId,
    filter: &PostFilter,
    now: Ts,
) -> Result<Vec<PostView>> {
    let mut query = Query::new(
        "select p.id, p.unit, p.kind, p.title, p.place, p.phone_public, p.active, p.version, u.short, pl.name, pl.kind
         from post p join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place",
    );
    query.and("p.office = ?", [office.into()]);
    if let Some(id) = filter.id {
        query.and("p.id = ?", [id.into()]);
    }
    if let Some(unit) = filter.unit {
        query.and("p.unit = ?", [unit.into()]);
    }
    if let Some(place) = filter.place {
        query.and("p.place = ?", [place.into()]);
    }
    if let Some(kind) = &filter.kind {
        query.and("p.kind = ?", [kind.into()]);
    }
    if !filter.inactive {
        query.and("p.active", []);
    }
    query.push("order by u.sort_key, u.id, p.kind, pl.code nulls first, p.id");
    let mut posts = tx.list(&query, |row| {
        Ok(PostView {
            post: post_row(row)?,
            unit: row.get(8)?,
            place: row.get(9)?,
            place_kind: row.get(10)?,
            holders: Vec::new(),
        })
    })?;
    let mut holders = std::collections::HashMap::<PostId, Vec<Holder>>::new();
    for (post, holder) in tx.list(&holders_of(office, now, &posts), |row| {
        let holder = Holder {
            holding: HoldingId(row.get(1)?),
            account: row.get(2)?,
            name: row.get(3)?,
            acting: row.get(4)?,
            until: row.get(5)?,
        };
        Ok((row.get::<PostId>(0)?, holder))
    })? {
        holders.entry(post).or_default().push(holder);
    }
    for post in &mut posts {
        post.holders = holders.remove(&post.post.id).unwrap_or_default();
    }
    if filter.vacant {
        posts.retain(|p| p.holders.is_empty());
    }
    Ok(posts)
}

/// Who holds the posts now; of a few posts only these are asked for.
fn holders_of(office: OfficeId, now: Ts, posts: &[PostView]) -> Query {
    let mut query = Query::new(
        "select h.post, h.id, a.id, a.name, h.acting, h.until_at from holding h
         join account a on a.office = h.office and a.id = h.account and a.state = 'active'",
    );
    query.and("h.office = ? and h.state = 'active'", [office.into()]);
    query.and("h.from_at <= ? and (h.until_at is null or h.until_at > ?)", [now.into(), now.into()]);
    if posts.len() <= FEW {
        query.and_in("h.post", posts.iter().map(|p| p.post.id.into()));
    }
    query.push("order by h.acting, h.from_at, h.id");
    query
}

pub(crate) fn post_fill(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<PostFill>> {
    tx.query(&POST_FILL, args![office, now], |row| {
        Ok(PostFill { kind: row.get(0)?, defined: row.get(1)?, filled: row.get(2)? })
    })
}

/// By kind of place, and last the leaves, whatever their kind, under the kind `leaf`.
pub(crate) fn cover(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<Cover>> {
    let mut out = tx.query(&COVER, args![office, now], |row| {
        Ok(Cover { kind: row.get(0)?, places: row.get(1)?, covered: row.get(2)? })
    })?;
    out.extend(tx.opt(&LEAF_COVER, args![office, now], |row| {
        Ok(Cover { kind: "leaf".to_owned(), places: row.get(0)?, covered: row.get(1)? })
    })?);
    Ok(out)
}

pub(crate) fn place_exists(tx: &mut Tx<'_>, office: OfficeId, id: PlaceId) -> Result<bool> {
    Ok(tx.value::<PlaceId>(&PLACE_EXISTS, args![office, id])?.is_some())
}

pub(crate) fn place_by_code(tx: &mut Tx<'_>, office: OfficeId, code: &str) -> Result<Option<PlaceId>> {
    tx.value(&PLACE_BY_CODE, args![office, code])
}

pub(crate) fn communities_below(tx: &mut Tx<'_>, office: OfficeId, place: PlaceId) -> Result<Vec<PlaceId>> {
    tx.query(&COMMUNITIES_BELOW, args![office, place], |row| row.get(0))
}

/// The community and the grid of a place.
pub(crate) fn ancestors(
    tx: &mut Tx<'_>,
    office: OfficeId,
    place: PlaceId,
) -> Result<(Option<PlaceId>, Option<PlaceId>)> {
    Ok(tx.opt(&ANCESTORS, args![office, place], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default())
}
