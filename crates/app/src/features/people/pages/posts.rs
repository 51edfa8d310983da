//! Posts: the list with its figures, one of them with its holders and roles, making and changing.

use super::units::ActiveForm;
use super::{
    Choice, HoldingLine, Tabs, holding_line, mendable, period, place_choices, place_code, place_of,
    unit_choices, word,
};
use crate::context::Cx;
use crate::features::people::model::{
    Fill, Holder, Holding, NewPost, PostRole, PostRoleId, PostView, Role, Unit,
};
use crate::features::people::pack;
use crate::features::people::service::{self, AccountFilter, PostFilter};
use crate::web::{Answer, Form, Path, Problem, Query, Shell, Staff, WebError, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::{AccountId, PostId, Refusal, RoleId, UnitId};
use serde::{Deserialize, Serialize};
use store::Tx;

#[derive(Template)]
#[template(path = "people_posts.html")]
struct Page {
    w: Words,
    shell: Shell,
    tabs: Tabs,
    fill: Vec<Figure>,
    cover: Vec<Figure>,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    vacant: bool,
    rows: Vec<Row>,
    can_add: bool,
}

/// `part` of `whole`, as counts and as a share of 100 for the bar.
struct Figure {
    label: String,
    href: String,
    part: i64,
    whole: i64,
    /// In percent with one decimal; `—` for nothing of nothing.
    share: String,
    width: i64,
}

fn figure(label: String, href: String, part: i64, whole: i64) -> Figure {
    let tenths = if whole == 0 { None } else { Some((part * 2_000 + whole) / (whole * 2)) };
    Figure {
        label,
        href,
        part,
        whole,
        share: tenths.map_or_else(|| "—".to_owned(), |t| format!("{}.{}%", t / 10, t % 10)),
        width: tenths.unwrap_or(0) / 10,
    }
}

struct Row {
    id: i64,
    title: String,
    kind: String,
    unit: String,
    place: String,
    phone: String,
    holders: Vec<HolderLine>,
    active: bool,
}

struct HolderLine {
    id: i64,
    name: String,
    acting: String,
}

fn row(w: &Words, view: &PostView) -> Row {
    let holder = |h: &Holder| HolderLine {
        id: h.account.0,
        name: h.name.clone(),
        acting: match (h.acting, h.until) {
            (true, Some(until)) => w.t1("people-acting-until", "day", w.day(until.plus(-1).day(&w.tz))),
            (true, None) => w.t("people-acting"),
            (false, _) => String::new(),
        },
    };
    Row {
        id: view.post.id.0,
        title: view.post.title.clone(),
        kind: word(w, "post-kind", &view.post.kind),
        unit: view.unit.clone(),
        place: view.place.clone().unwrap_or_default(),
        phone: view.post.phone_public.clone().unwrap_or_default(),
        holders: view.holders.iter().map(holder).collect(),
        active: view.post.active,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Filter {
    unit: Option<UnitId>,
    kind: String,
    vacant: String,
}

/// `GET /posts`
pub(super) async fn list(staff: Staff, Query(filter): Query<Filter>) -> Answer {
    let vacant = !filter.vacant.is_empty();
    let wanted = PostFilter {
        unit: filter.unit,
        kind: Some(filter.kind.clone()).filter(|k| !k.is_empty()),
        vacant,
        ..PostFilter::default()
    };
    let (posts, fill, cover, units) = staff
        .read(move |tx, cx| {
            let posts = service::posts(tx, cx, &wanted)?;
            Ok((
                posts,
                service::post_fill(tx, cx)?,
                service::cover(tx, cx)?,
                service::units(tx, cx.office.id)?,
            ))
        })
        .await?;
    let w = &staff.words;
    let fill_ = fill.into_iter().map(|f| {
        figure(word(w, "post-kind", &f.kind), format!("/posts?kind={}", f.kind), f.filled, f.defined)
    });
    let cover_ = cover.into_iter().filter(|c| c.kind != "street").map(|c| {
        let label = if c.kind == "leaf" {
            w.t("people-cover-leaf")
        } else {
            w.t_or(&format!("place-kind-{}", c.kind), &c.kind)
        };
        figure(label, "/places".to_owned(), c.covered, c.places)
    });
    let page = Page {
        fill: fill_.collect(),
        cover: cover_.collect(),
        units: unit_choices(&units, filter.unit),
        kinds: kind_choices(w, &filter.kind),
        vacant,
        rows: posts.iter().map(|p| row(w, p)).collect(),
        can_add: staff.has("people.edit"),
        shell: staff.shell("people").await?,
        tabs: Tabs::of(&staff, "posts").await?,
        w: w.clone(),
    };
    html(&page)
}

fn kind_choices(w: &Words, chosen: &str) -> Vec<Choice> {
    pack::post_kinds()
        .iter()
        .map(|k| Choice::new(&k.kind, word(w, "post-kind", &k.kind), k.kind == chosen))
        .collect()
}

/// What is typed for a post.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(super) struct PostForm {
    idem: String,
    version: i64,
    unit: Option<UnitId>,
    kind: String,
    title: String,
    place: String,
    phone_public: String,
}

/// What is typed to put somebody on a post.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(default)]
pub(super) struct FillForm {
    idem: String,
    account: Option<AccountId>,
    acting: bool,
    from: String,
    until: String,
}

struct RoleLine {
    id: i64,
    name: String,
    grants: String,
    asked: bool,
}

#[derive(Template)]
#[template(path = "people_post.html")]
struct PostPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    fill_problem: Problem,
    /// None for a new one.
    row: Option<Row>,
    form: PostForm,
    fill: FillForm,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    places: Vec<Choice>,
    holdings: Vec<(String, HoldingLine)>,
    people: Vec<Choice>,
    roles: Vec<RoleLine>,
    more_roles: Vec<Choice>,
    can_edit: bool,
    can_grant: bool,
    can_fill: bool,
    only_acting: bool,
}

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    problem: Problem,
    fill_problem: Problem,
    form: Option<PostForm>,
    fill: FillForm,
}

/// What the page of a post reads.
struct Read {
    view: Option<PostView>,
    place: String,
    places: Vec<Choice>,
    units: Vec<Unit>,
    holdings: Vec<(String, Holding)>,
    people: Vec<(AccountId, String)>,
    given: Vec<PostRole>,
    roles: Vec<Role>,
}

fn read(tx: &mut Tx<'_>, cx: &Cx, id: Option<PostId>) -> store::Result<Read> {
    let office = cx.office.id;
    let view = match id {
        Some(id) => Some(service::post(tx, cx, id)?.ok_or_else(Refusal::not_found)?),
        None => None,
    };
    let place = place_code(tx, office, view.as_ref().and_then(|v| v.post.place))?;
    let (mut holdings, mut given) = (Vec::new(), Vec::new());
    if let Some(id) = id {
        for holding in service::holdings_of_post(tx, cx, id)? {
            let name = service::account(tx, cx, holding.account)?.map(|a| a.name).unwrap_or_default();
            holdings.push((name, holding));
        }
        given = service::roles_of_post(tx, cx, id)?;
    }
    let mut people = Vec::new();
    let mut filter = AccountFilter { state: Some("active".to_owned()), ..AccountFilter::default() };
    while id.is_some() {
        let page = service::accounts(tx, cx, &filter)?;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.account.sort_key.clone(), last.account.id));
        people.extend(page.into_iter().map(|v| (v.account.id, v.account.name)));
    }
    Ok(Read {
        view,
        place,
        places: place_choices(tx, office)?,
        units: service::units(tx, office)?,
        holdings,
        people,
        given,
        roles: service::roles(tx, cx)?,
    })
}

async fn page(staff: &Staff, status: StatusCode, id: Option<PostId>, typed: Typed) -> Answer {
    let read = staff.read(move |tx, cx| read(tx, cx, id)).await?;
    let w = &staff.words;
    let shell = staff.shell("people").await?;
    let (can_edit, can_grant) = (staff.has("people.edit"), staff.has("roles.grant"));
    let holds_it = read
        .holdings
        .iter()
        .any(|(_, h)| h.is_now(staff.cx.now) && Some(h.account) == staff.cx.actor.account);
    let names_acting = staff.has("people.acting") || holds_it;
    let free = can_grant || (can_edit && read.given.is_empty());
    let mut form = typed.form.unwrap_or_else(|| post_form(&read));
    form.idem = shell.idem();
    let fill = FillForm { idem: shell.idem(), acting: typed.fill.acting || !free, ..typed.fill };
    let role_line = |given: &PostRole| RoleLine {
        id: given.id.0,
        name: word(w, "role", &given.role),
        grants: read
            .roles
            .iter()
            .find(|r| r.code == given.role)
            .map(|r| grants_in_words(w, r))
            .unwrap_or_default(),
        asked: given.state == "asked",
    };
    let lines = read.holdings.iter().map(|(name, h)| {
        let can_end = can_edit || can_grant || (h.acting && names_acting);
        (name.clone(), holding_line(w, staff.cx.now, can_end, h))
    });
    let absent = read.roles.iter().filter(|r| !read.given.iter().any(|g| g.role == r.code));
    let page = PostPage {
        holdings: lines.collect(),
        roles: read.given.iter().map(role_line).collect(),
        more_roles: absent.map(|r| Choice::new(r.id, word(w, "role", &r.code), false)).collect(),
        units: unit_choices(&read.units, form.unit),
        kinds: kind_choices(w, &form.kind),
        people: read
            .people
            .iter()
            .map(|(id, name)| Choice::new(id, &**name, fill.account == Some(*id)))
            .collect(),
        row: read.view.as_ref().map(|v| row(w, v)),
        places: read.places,
        can_edit,
        can_grant,
        can_fill: free || names_acting,
        only_acting: !free,
        problem: typed.problem,
        fill_problem: typed.fill_problem,
        form,
        fill,
        shell,
        w: w.clone(),
    };
    html_with(status, &page)
}

fn post_form(read: &Read) -> PostForm {
    let Some(view) = &read.view else { return PostForm::default() };
    PostForm {
        idem: String::new(),
        version: view.post.version,
        unit: Some(view.post.unit),
        kind: view.post.kind.clone(),
        title: view.post.title.clone(),
        place: read.place.clone(),
        phone_public: view.post.phone_public.clone().unwrap_or_default(),
    }
}

/// The rights of a role as words, where there are words for them.
fn grants_in_words(w: &Words, role: &Role) -> String {
    let words: Vec<String> = role
        .grants
        .iter()
        .map(|g| w.t_or(&format!("verb-{}", g.verb.replace(['.', '_'], "-")), &g.verb))
        .collect();
    words.join(&w.t("people-list-sep"))
}

/// `GET /posts/new`
pub(super) async fn new(staff: Staff) -> Answer {
    page(&staff, StatusCode::OK, None, Typed::default()).await
}

/// `GET /posts/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<PostId>) -> Answer {
    page(&staff, StatusCode::OK, Some(id), Typed::default()).await
}

/// `POST /posts/new`
pub(super) async fn create(staff: Staff, Form(form): Form<PostForm>) -> Answer {
    save(staff, None, form).await
}

/// `POST /posts/{id}`
pub(super) async fn change(staff: Staff, Path(id): Path<PostId>, Form(form): Form<PostForm>) -> Answer {
    save(staff, Some(id), form).await
}

async fn save(staff: Staff, id: Option<PostId>, form: PostForm) -> Answer {
    let typed = form.clone();
    let request = fingerprint(&("people.post", id, &form));
    let saved = staff
        .write_once(&typed.idem, &request, move |tx, cx| {
            let unit = form.unit.ok_or_else(|| Refusal::missing("unit"))?;
            let post = NewPost {
                unit,
                kind: form.kind.clone(),
                title: form.title.clone(),
                place: place_of(tx, cx.office.id, &form.place)?,
                phone_public: Some(form.phone_public.clone()),
            };
            match id {
                Some(id) => service::change_post(tx, cx, id, form.version, &post).map(|()| id),
                None => service::create_post(tx, cx, &post),
            }
        })
        .await;
    match saved {
        Ok(id) => Ok(staff.goto_saying(&format!("/posts/{id}"), &staff.words.t("people-saved"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(
                &staff,
                StatusCode::UNPROCESSABLE_ENTITY,
                id,
                Typed { problem, form: Some(typed), ..Typed::default() },
            )
            .await
        }
    }
}

/// `POST /posts/{id}/active`
pub(super) async fn set_active(staff: Staff, Path(id): Path<PostId>, Form(form): Form<ActiveForm>) -> Answer {
    match staff.write(move |tx, cx| service::set_post_active(tx, cx, id, form.version, form.active)).await {
        Ok(()) => Ok(staff.goto_saying(&format!("/posts/{id}"), &staff.words.t("people-saved"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, StatusCode::UNPROCESSABLE_ENTITY, Some(id), Typed { problem, ..Typed::default() })
                .await
        }
    }
}

/// `POST /posts/{id}/fill`: somebody on the post, or a substitute 代班.
pub(super) async fn fill(staff: Staff, Path(id): Path<PostId>, Form(form): Form<FillForm>) -> Answer {
    let typed = form.clone();
    match put(&staff, id, form).await {
        Ok(asked) => {
            let said = if asked { "people-fill-asked" } else { "people-fill-done" };
            Ok(staff.goto_saying(&format!("/posts/{id}"), &staff.words.t(said)))
        }
        // The page of the post is drawn again only for whoever may open it.
        Err(error) if !staff.has("people.read") => Err(error),
        Err(error) => {
            let fill_problem = mendable(&staff.words, error)?;
            page(
                &staff,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(id),
                Typed { fill_problem, fill: typed, ..Typed::default() },
            )
            .await
        }
    }
}

/// Whether it waits for a second person.
async fn put(staff: &Staff, post: PostId, form: FillForm) -> Result<bool, WebError> {
    let account = form.account.ok_or_else(|| Refusal::missing("account"))?;
    let (from, until) = period(&staff.cx, &form.from, &form.until)?;
    let request = fingerprint(&("people.fill_post", post, account, form.acting, &form.from, &form.until));
    staff
        .write_once(&form.idem, &request, move |tx, cx| {
            let fill = Fill { post, account, acting: form.acting, from, until };
            let id = service::fill_post(tx, cx, &fill)?;
            Ok(service::holdings_of_post(tx, cx, post)?.iter().any(|h| h.id == id && h.state == "asked"))
        })
        .await
}

#[derive(Deserialize, Serialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    idem: String,
    role: RoleId,
}

/// `POST /posts/{id}/roles`
pub(super) async fn ask_role(staff: Staff, Path(id): Path<PostId>, Form(form): Form<RoleForm>) -> Answer {
    let request = fingerprint(&("roles.ask", id, form.role));
    let role = form.role;
    let asked =
        staff.write_once(&form.idem, &request, move |tx, cx| service::ask_role(tx, cx, id, role)).await;
    match asked {
        Ok(_) => Ok(staff.goto_saying(&format!("/posts/{id}"), &staff.words.t("people-role-asked"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, StatusCode::UNPROCESSABLE_ENTITY, Some(id), Typed { problem, ..Typed::default() })
                .await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct EndRoleForm {
    post_role: i64,
}

/// `POST /posts/{id}/roles/end`
pub(super) async fn end_role(staff: Staff, Path(id): Path<PostId>, Form(form): Form<EndRoleForm>) -> Answer {
    match staff.write(move |tx, cx| service::end_role(tx, cx, PostRoleId(form.post_role))).await {
        Ok(()) => Ok(staff.goto_saying(&format!("/posts/{id}"), &staff.words.t("people-role-ended"))),
        Err(error) => {
            let problem = mendable(&staff.words, error)?;
            page(&staff, StatusCode::UNPROCESSABLE_ENTITY, Some(id), Typed { problem, ..Typed::default() })
                .await
        }
    }
}
