//! Roles, holdings and the rights of an actor.

use super::accounts::holding_row;
use crate::features::people::model::{
    Fill, Holding, HoldingId, Pending, PendingView, PostRole, PostRoleId, Role, RoleGrant,
};
use kernel::{AccountId, OfficeId, PlaceId, PostId, RoleId, Ts, UnitId};
use store::{Result, Row, Sql, Tx, args, statements};

statements! {
    /// One row for each role of each post held; one row with NULLs when nothing is held.
    RIGHTS = Sql::Both(
        "select a.name, p.id, p.unit, p.place, pl.community_id, pl.grid_id, pl.parent, r.grants, o.home_place, a.id
         from account a join office o on o.id = a.office
         left join holding h on h.office = a.office and h.account = a.id and h.state = 'active'
           and h.from_at <= $3 and (h.until_at is null or h.until_at > $3)
         left join post p on p.office = h.office and p.id = h.post and p.active
         left join place pl on pl.office = p.office and pl.id = p.place
         left join post_role pr on pr.office = p.office and pr.post = p.id and pr.state = 'active'
         left join role r on r.office = pr.office and r.id = pr.role
         where a.office = $1 and a.id = $2 and a.state = 'active'
         order by h.acting nulls last, h.from_at, h.id, pr.id");
    /// The units of the posts held, and all above them.
    LINE = Sql::Both(
        "with recursive line(id, parent) as (
           select u.id, u.parent from unit u where u.office = $1 and u.id in (
             select p.unit from holding h join post p on p.office = h.office and p.id = h.post and p.active
             where h.office = $1 and h.account = $2 and h.state = 'active' and h.from_at <= $3
             and (h.until_at is null or h.until_at > $3))
           union select u.id, u.parent from unit u join line l on u.id = l.parent where u.office = $1)
         select id from line order by id");
    /// Who has which role now, and where: the same columns as RIGHTS.
    EVERYBODY = Sql::Both(
        "select a.name, p.id, p.unit, p.place, pl.community_id, pl.grid_id, pl.parent, r.grants, o.home_place, a.id
         from post_role pr join role r on r.office = pr.office and r.id = pr.role
         join post p on p.office = pr.office and p.id = pr.post and p.active
         join holding h on h.office = p.office and h.post = p.id and h.state = 'active'
           and h.from_at <= $2 and (h.until_at is null or h.until_at > $2)
         join account a on a.office = h.office and a.id = h.account and a.state = 'active'
         join office o on o.id = a.office
         left join place pl on pl.office = p.office and pl.id = p.place
         where pr.office = $1 and pr.state = 'active'");
    /// Roles of the posts that an account holds or will hold, also those only asked for.
    VERBS_OF_ACCOUNT = Sql::Both(
        "select r.grants from holding h join post p on p.office = h.office and p.id = h.post and p.active
         join post_role pr on pr.office = p.office and pr.post = p.id and pr.state in ('active', 'asked')
         join role r on r.office = pr.office and r.id = pr.role
         where h.office = $1 and h.account = $2 and h.state in ('active', 'asked')
         and (h.until_at is null or h.until_at > $3)");
    VERBS_OF_POST = Sql::Both(
        "select r.grants from post_role pr join role r on r.office = pr.office and r.id = pr.role
         where pr.office = $1 and pr.post = $2 and pr.state in ('active', 'asked')");
    ACCOUNTS_OF_POST = Sql::Both(
        "select distinct account from holding where office = $1 and post = $2 and state in ('active', 'asked')
         and (until_at is null or until_at > $3)");
    HOLDING = Sql::Both(
        "select h.id, h.account, h.post, p.title, p.unit, u.short, pl.name, h.acting, h.state, h.from_at, h.until_at
         from holding h join post p on p.office = h.office and p.id = h.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place
         where h.office = $1 and h.id = $2");
    HOLDINGS_OF_POST = Sql::Both(
        "select h.id, h.account, h.post, p.title, p.unit, u.short, pl.name, h.acting, h.state, h.from_at, h.until_at
         from holding h join post p on p.office = h.office and p.id = h.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place
         where h.office = $1 and h.post = $2 and h.state in ('active', 'asked')
         and (h.until_at is null or h.until_at > $3) order by h.from_at, h.id");
    HOLDING_ASKED_BY = Sql::Both("select asked_by from holding where office = $1 and id = $2");
    INSERT_HOLDING = Sql::Both(
        "insert into holding (id, office, post, account, acting, from_at, until_at, state, asked_by, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    END_HOLDING = Sql::Both("update holding set until_at = $3 where office = $1 and id = $2");
    DECIDE_HOLDING = Sql::Both(
        "update holding set state = $3, decided_by = $4, decided_at = $5
         where office = $1 and id = $2 and state = 'asked'");
    ROLES = Sql::Both("select id, code, grants from role where office = $1 order by id");
    PUT_ROLE = Sql::Both(
        "insert into role (id, office, code, grants, version) values ($1, $2, $3, $4, 1)
         on conflict (office, code) do update set grants = excluded.grants, version = role.version + 1");
    POST_ROLE = Sql::Both(
        "select pr.id, pr.post, r.code, pr.state, pr.asked_by, pr.asked_at from post_role pr
         join role r on r.office = pr.office and r.id = pr.role where pr.office = $1 and pr.id = $2");
    ROLES_OF_POST = Sql::Both(
        "select pr.id, pr.post, r.code, pr.state, pr.asked_by, pr.asked_at from post_role pr
         join role r on r.office = pr.office and r.id = pr.role
         where pr.office = $1 and pr.post = $2 and pr.state in ('active', 'asked') order by pr.id");
    INSERT_POST_ROLE = Sql::Both(
        "insert into post_role (id, office, post, role, state, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6, $7)");
    DECIDE_POST_ROLE = Sql::Both(
        "update post_role set state = $3, decided_by = $4, decided_at = $5
         where office = $1 and id = $2 and state = 'asked'");
    END_POST_ROLE = Sql::Both(
        "update post_role set state = 'ended', decided_by = $3, decided_at = $4
         where office = $1 and id = $2 and state in ('active', 'asked')");
    ASKED_ROLES = Sql::Both(
        "select pr.id, p.id, p.title, u.short, pl.name, r.code, a.name, pr.asked_by, pr.asked_at
         from post_role pr join post p on p.office = pr.office and p.id = pr.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place
         join role r on r.office = pr.office and r.id = pr.role
         left join account a on a.office = pr.office and a.id = pr.asked_by
         where pr.office = $1 and pr.state = 'asked' order by pr.asked_at, pr.id");
    ASKED_HOLDINGS = Sql::Both(
        "select h.id, p.id, p.title, u.short, pl.name, b.name, a.name, h.asked_by, h.asked_at, h.from_at, h.until_at
         from holding h join post p on p.office = h.office and p.id = h.post
         join unit u on u.office = p.office and u.id = p.unit
         left join place pl on pl.office = p.office and pl.id = p.place
         join account b on b.office = h.office and b.id = h.account
         left join account a on a.office = h.office and a.id = h.asked_by
         where h.office = $1 and h.state = 'asked' order by h.asked_at, h.id");
    NAMES_ON_POST = Sql::Both(
        "select a.name from holding h join account a on a.office = h.office and a.id = h.account
         where h.office = $1 and h.post = $2 and h.state in ('active', 'asked')
         and (h.until_at is null or h.until_at > $3) order by h.from_at, h.id");
}

/// One role on one post held by somebody now.
pub(crate) struct Right {
    pub(crate) name: String,
    pub(crate) post: Option<PostId>,
    pub(crate) unit: Option<UnitId>,
    pub(crate) place: Option<PlaceId>,
    pub(crate) community: Option<PlaceId>,
    pub(crate) grid: Option<PlaceId>,
    pub(crate) place_parent: Option<PlaceId>,
    pub(crate) grants: Vec<RoleGrant>,
    pub(crate) home: Option<PlaceId>,
    pub(crate) account: AccountId,
}

fn right_row(row: &Row<'_>) -> Result<Right> {
    Ok(Right {
        name: row.get(0)?,
        post: row.get(1)?,
        unit: row.get(2)?,
        place: row.get(3)?,
        community: row.get(4)?,
        grid: row.get(5)?,
        place_parent: row.get(6)?,
        grants: read_grants(&row.get::<Option<String>>(7)?.unwrap_or_default()),
        home: row.get(8)?,
        account: row.get(9)?,
    })
}

/// Grants are stored as words with spaces between; a word that is none is left out and brings no right.
pub(crate) fn read_grants(text: &str) -> Vec<RoleGrant> {
    text.split_whitespace().filter_map(RoleGrant::parse).collect()
}

pub(crate) fn rights(tx: &mut Tx<'_>, office: OfficeId, account: AccountId, now: Ts) -> Result<Vec<Right>> {
    tx.query(&RIGHTS, args![office, account, now], right_row)
}

pub(crate) fn everybodys_rights(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<Right>> {
    tx.query(&EVERYBODY, args![office, now], right_row)
}

pub(crate) fn unit_line(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
    now: Ts,
) -> Result<Vec<UnitId>> {
    tx.query(&LINE, args![office, account, now], |row| row.get(0))
}

fn verbs(tx: &mut Tx<'_>, sql: Sql, args: &[store::Arg]) -> Result<Vec<String>> {
    let roles = tx.query(&sql, args, |row| row.get::<String>(0))?;
    Ok(roles.iter().flat_map(|text| read_grants(text)).map(|grant| grant.verb).collect())
}

/// What an account may do now or later, confirmed or not.
pub(crate) fn verbs_of_account(
    tx: &mut Tx<'_>,
    office: OfficeId,
    account: AccountId,
    now: Ts,
) -> Result<Vec<String>> {
    verbs(tx, VERBS_OF_ACCOUNT, args![office, account, now])
}

/// What a post brings, confirmed or not.
pub(crate) fn verbs_of_post(tx: &mut Tx<'_>, office: OfficeId, post: PostId) -> Result<Vec<String>> {
    verbs(tx, VERBS_OF_POST, args![office, post])
}

/// Who holds a post now or later, confirmed or not.
pub(crate) fn accounts_of_post(
    tx: &mut Tx<'_>,
    office: OfficeId,
    post: PostId,
    now: Ts,
) -> Result<Vec<AccountId>> {
    tx.query(&ACCOUNTS_OF_POST, args![office, post, now], |row| row.get(0))
}

pub(crate) fn find_holding(tx: &mut Tx<'_>, office: OfficeId, id: HoldingId) -> Result<Option<Holding>> {
    tx.opt(&HOLDING, args![office, id], holding_row)
}

pub(crate) fn holdings_of_post(
    tx: &mut Tx<'_>,
    office: OfficeId,
    post: PostId,
    now: Ts,
) -> Result<Vec<Holding>> {
    tx.query(&HOLDINGS_OF_POST, args![office, post, now], holding_row)
}

pub(crate) fn holding_asked_by(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: HoldingId,
) -> Result<Option<AccountId>> {
    Ok(tx.opt(&HOLDING_ASKED_BY, args![office, id], |row| row.get::<Option<AccountId>>(0))?.flatten())
}

/// Who asked, when, and whether it counts at once.
pub(crate) struct Asked {
    pub(crate) by: Option<AccountId>,
    pub(crate) at: Ts,
    pub(crate) state: &'static str,
}

pub(crate) fn insert_holding(
    tx: &mut Tx<'_>,
    office: OfficeId,
    fill: &Fill,
    asked: &Asked,
) -> Result<HoldingId> {
    let id = HoldingId(tx.id()?);
    tx.exec(
        &INSERT_HOLDING,
        args![
            id,
            office,
            fill.post,
            fill.account,
            fill.acting,
            fill.from,
            fill.until,
            asked.state,
            asked.by,
            asked.at
        ],
    )?;
    Ok(id)
}

pub(crate) fn end_holding(tx: &mut Tx<'_>, office: OfficeId, id: HoldingId, at: Ts) -> Result<()> {
    tx.exec(&END_HOLDING, args![office, id, at])?;
    Ok(())
}

pub(crate) fn list_roles(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Role>> {
    tx.query(&ROLES, args![office], |row| {
        Ok(Role { id: row.get(0)?, code: row.get(1)?, grants: read_grants(&row.get::<String>(2)?) })
    })
}

pub(crate) fn put_role(tx: &mut Tx<'_>, office: OfficeId, code: &str, grants: &str) -> Result<()> {
    let id = RoleId(tx.id()?);
    tx.exec(&PUT_ROLE, args![id, office, code, grants])?;
    Ok(())
}

fn post_role_row(row: &Row<'_>) -> Result<PostRole> {
    Ok(PostRole {
        id: PostRoleId(row.get(0)?),
        post: row.get(1)?,
        role: row.get(2)?,
        state: row.get(3)?,
        asked_by: row.get(4)?,
        asked_at: row.get(5)?,
    })
}

pub(crate) fn find_post_role(tx: &mut Tx<'_>, office: OfficeId, id: PostRoleId) -> Result<Option<PostRole>> {
    tx.opt(&POST_ROLE, args![office, id], post_role_row)
}

/// Roles of a post, given or asked for.
pub(crate) fn roles_of_post(tx: &mut Tx<'_>, office: OfficeId, post: PostId) -> Result<Vec<PostRole>> {
    tx.query(&ROLES_OF_POST, args![office, post], post_role_row)
}

pub(crate) fn insert_post_role(
    tx: &mut Tx<'_>,
    office: OfficeId,
    post: PostId,
    role: RoleId,
    asked: &Asked,
) -> Result<PostRoleId> {
    let id = PostRoleId(tx.id()?);
    tx.exec(&INSERT_POST_ROLE, args![id, office, post, role, asked.state, asked.by, asked.at])?;
    Ok(id)
}

/// Whether it was still waiting.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    office: OfficeId,
    pending: Pending,
    state: &'static str,
    by: (Option<AccountId>, Ts),
) -> Result<bool> {
    let (sql, id) = match pending {
        Pending::Role(id) => (DECIDE_POST_ROLE, id.0),
        Pending::Holding(id) => (DECIDE_HOLDING, id.0),
    };
    Ok(tx.exec(&sql, args![office, id, state, by.0, by.1])? == 1)
}

pub(crate) fn end_post_role(
    tx: &mut Tx<'_>,
    office: OfficeId,
    id: PostRoleId,
    by: (Option<AccountId>, Ts),
) -> Result<bool> {
    Ok(tx.exec(&END_POST_ROLE, args![office, id, by.0, by.1])? == 1)
}

/// All grants that wait, oldest first within each sort.
pub(crate) fn pending(tx: &mut Tx<'_>, office: OfficeId, now: Ts) -> Result<Vec<PendingView>> {
    let mut out = tx.query(&ASKED_ROLES, args![office], |row| {
        let mut view = pending_row(row, Pending::Role(PostRoleId(row.get(0)?)))?;
        view.roles.push(row.get(5)?);
        Ok(view)
    })?;
    for view in &mut out {
        view.people = tx.query(&NAMES_ON_POST, args![office, view.post, now], |row| row.get(0))?;
    }
    let mut holdings = tx.query(&ASKED_HOLDINGS, args![office], |row| {
        let mut view = pending_row(row, Pending::Holding(HoldingId(row.get(0)?)))?;
        view.people.push(row.get(5)?);
        view.from = row.get(9)?;
        view.until = row.get(10)?;
        Ok(view)
    })?;
    for view in &mut holdings {
        view.roles = roles_of_post(tx, office, view.post)?.into_iter().map(|role| role.role).collect();
    }
    out.append(&mut holdings);
    Ok(out)
}

fn pending_row(row: &Row<'_>, pending: Pending) -> Result<PendingView> {
    Ok(PendingView {
        pending,
        post: row.get(1)?,
        title: row.get(2)?,
        unit: row.get(3)?,
        place: row.get(4)?,
        roles: Vec::new(),
        people: Vec::new(),
        asked_by: row.get(6)?,
        asked_by_id: row.get(7)?,
        asked_at: row.get::<Option<Ts>>(8)?.unwrap_or_default(),
        from: None,
        until: None,
    })
}
