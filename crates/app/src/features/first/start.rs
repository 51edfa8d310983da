//! A new office, made in the browser of the machine itself: its place, its communities, a first account, and the three
//! administrators with first passwords. Only while there is no office at all.

use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::imports::service as imports;
use crate::features::people::model::{Fill, NewAccount, NewPost, NewUnit};
use crate::features::people::password::{self, Policy};
use crate::features::people::{pack, service as people};
use crate::features::places::model::{Kind, NewPlace};
use crate::features::{catalogue, places};
use crate::installation::{Installation, NewOffice, create_office, created};
use crate::words::Words;
use kernel::{PlaceId, Refusal, UnitId};
use std::sync::Arc;
use store::{Result, Tx};

/// The roles of the three administrators, with the ends of their log-ins.
const ADMINISTRATORS: [(&str, &str); 3] =
    [("system_admin", "admin-system"), ("security_admin", "admin-security"), ("auditor", "admin-audit")];
/// Communities of a street at most.
const COMMUNITIES_MOST: usize = 200;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The street's name.
    pub name: String,
    /// At the head of numbers; blank for the beginning of the name.
    pub short: String,
    /// The division's code; blank for one of its own.
    pub code: String,
    /// Communities, one a line.
    pub communities: String,
    /// The first person's name.
    pub person: String,
    /// And log-in.
    pub login: String,
    /// And password.
    pub password: String,
}

/// An account that was made, with the password to hand over.
#[derive(Clone, Debug)]
pub struct Handed {
    /// What it is for.
    pub title: String,
    /// Its log-in.
    pub login: String,
    /// Its first password.
    pub password: String,
}

impl Start {
    fn tidy(&self) -> std::result::Result<Start, Refusal> {
        let mut out = self.clone();
        for (field, value) in
            [("name", &mut out.name), ("person", &mut out.person), ("login", &mut out.login)]
        {
            *value = value.trim().to_owned();
            if value.is_empty() {
                return Err(Refusal::rule("start.missing").on(field));
            }
        }
        out.login = out.login.to_lowercase();
        out.short = match out.short.trim() {
            "" => out.name.chars().take(2).collect(),
            short => short.chars().take(8).collect(),
        };
        out.code = match out.code.trim() {
            "" => "100000001".to_owned(),
            code => code.to_owned(),
        };
        if !(6..=12).contains(&out.code.len()) || !out.code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::rule("start.code").on("code"));
        }
        Ok(out)
    }

    fn community_names(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for line in self.communities.split(['\n', ',', ';', '\u{3001}', '\u{ff0c}']).map(str::trim) {
            if !line.is_empty() && !out.iter().any(|n| n == line) {
                out.push(line.to_owned());
            }
        }
        out.truncate(COMMUNITIES_MOST);
        out
    }
}

/// Makes it, whole or not at all. Writes the events of each part, as the program itself.
///
/// # Errors
/// `start.exists` where there is an office; `start.missing`, `start.code`; the refusals of passwords and log-ins.
pub fn make(installation: &Installation, w: &Words, policy: Policy, start: &Start) -> Result<Vec<Handed>> {
    let start = start.tidy()?;
    password::check(policy, &start.login, &start.password)?;
    let own = password::hash(&start.password)?;
    let mut handed = Vec::new();
    let mut hashes = Vec::new();
    for (role, login) in ADMINISTRATORS {
        let (password, hash) = people::first_password()?;
        let title = w.t(&format!("role-{}", role.replace('_', "-")));
        handed.push(Handed { title, login: login.to_owned(), password });
        hashes.push((role, hash));
    }
    let (vault, now, clerk) =
        (Arc::clone(&installation.vault), installation.clock.now(), w.t("role-data-clerk"));
    let new = NewOffice {
        code: start.code.clone(),
        name: start.name.clone(),
        short: start.short.clone(),
        time_zone: "Asia/Shanghai".to_owned(),
        hours: "08:30-12:00,14:00-17:30".to_owned(),
        locale: w.locale.tag().to_owned(),
    };
    let (accounts, keys) = (handed.clone(), hashes);
    installation.db.write_now(move |tx| {
        if !created(tx, &vault)?.is_empty() {
            return Err(Refusal::rule("start.exists").into());
        }
        let id = create_office(tx, &vault, &new, now)?;
        let office = created(tx, &vault)?.into_iter().find(|o| o.id == id);
        let office = office.ok_or_else(|| store::Error::failed("the office cannot be found"))?;
        let cx = Cx {
            now,
            occurred: None,
            actor: Actor::system(id),
            office,
            behalf: None,
            source: Source::Web,
            vault: Arc::clone(&vault),
        };
        let (home, unit) = ground(tx, &cx, &start)?;
        let first = NewAccount {
            login: start.login.clone(),
            name: start.person.clone(),
            locale: None,
            password_hash: Some(own.clone()),
        };
        let account = hire(tx, &cx, (unit, home), &clerk, &first, "data_clerk")?;
        people::settle_password(tx, &cx, account, &own)?;
        for (it, (role, hash)) in accounts.iter().zip(&keys) {
            let account = NewAccount {
                login: it.login.clone(),
                name: it.title.clone(),
                locale: None,
                password_hash: Some(hash.clone()),
            };
            hire(tx, &cx, (unit, home), &it.title, &account, role)?;
        }
        Ok(())
    })?;
    installation.reload()?;
    Ok(handed)
}

/// The office's place with its communities, its catalogue, its roles and its own unit.
fn ground(tx: &mut Tx<'_>, cx: &Cx, start: &Start) -> Result<(PlaceId, UnitId)> {
    const WHY: &str = "start";
    // Past tickets lie in it too.
    let from = kernel::Day(20_100_101);
    let home = NewPlace::named(&start.code, None, Kind::Street, &start.name);
    let home = places::service::create_place(tx, cx, home, from, WHY)?;
    imports::set_home(tx, cx, home)?;
    for (i, name) in (1..).zip(start.community_names()) {
        let code = format!("{}{i:03}", start.code);
        let new = NewPlace::named(&code, Some(home), Kind::Community, &name);
        places::service::create_place(tx, cx, new, from, WHY)?;
    }
    people::install_roles(tx, cx, &pack::roles(pack::ROLES)?)?;
    catalogue::service::install_default(tx, cx)?;
    let unit = NewUnit {
        code: "office".to_owned(),
        name: start.name.clone(),
        short: start.short.clone(),
        kind: "street_department".to_owned(),
        ..NewUnit::default()
    };
    Ok((home, people::create_unit(tx, cx, &unit)?))
}

/// An account on a post of its own with one role.
fn hire(
    tx: &mut Tx<'_>,
    cx: &Cx,
    (unit, place): (UnitId, PlaceId),
    title: &str,
    account: &NewAccount,
    role: &str,
) -> Result<kernel::AccountId> {
    let post = NewPost {
        unit,
        kind: pack::kind_of_title(title).to_owned(),
        title: title.to_owned(),
        place: Some(place),
        phone_public: None,
    };
    let post = people::create_post(tx, cx, &post)?;
    let found = people::role_by_code(tx, cx, role)?.ok_or_else(Refusal::not_found)?;
    people::ask_role(tx, cx, post, found.id)?;
    let id = people::create_account(tx, cx, account)?;
    people::fill_post(tx, cx, &Fill { post, account: id, acting: false, from: cx.now, until: None })?;
    Ok(id)
}
