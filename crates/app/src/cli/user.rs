//! `gezhi user`, `gezhi token`: accounts from the command line. First passwords and tokens are printed once
//! and stored nowhere.

use super::control::{Reply, json};
use super::{BadUse, explain, office, system};
use crate::context::Cx;
use crate::features::people::model::{Account, Fill, NewAccount, NewPost, NewUnit};
use crate::features::people::service::{self, AccountFilter};
use crate::features::people::{pack, session};
use crate::installation::Installation;
use anyhow::Result;
use clap::{Args, Subcommand};
use kernel::{AccountId, Refusal, Ts, UnitId};
use serde::{Deserialize, Serialize};
use store::Tx;

/// What to do with accounts.
#[derive(Subcommand, Clone, Debug, Serialize, Deserialize)]
pub(super) enum Command {
    /// Make an account with a post and its roles; prints its first password
    Add(Add),
    /// Set a new first password, end all log-ins, and unlock
    Reset(Reset),
    /// List the accounts
    List {
        /// The office, where there are several
        #[arg(long, value_name = "CODE")]
        office: Option<String>,
    },
}

/// A new account.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub(super) struct Add {
    /// What is typed to log in: 3 to 40 of a-z 0-9 . _ -
    login: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// The title of the post
    #[arg(long)]
    title: String,
    /// The code of the unit; the office's own unit is made when it is missing
    #[arg(long, value_name = "CODE", default_value = "office")]
    unit: String,
    /// A role of the post, several times for several
    #[arg(long, value_name = "CODE")]
    role: Vec<String>,
    /// The office, where there are several
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

/// An account whose password is lost.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reset {
    /// What is typed to log in
    login: String,
    /// Take away the second factor too: it is set up anew at the next log-in
    #[arg(long)]
    totp: bool,
    /// The office, where there are several
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

/// What to do with keys for programs.
#[derive(Subcommand, Clone, Debug, Serialize, Deserialize)]
pub(super) enum TokenCommand {
    /// Make a key with which a program acts as an account; prints it once
    Add {
        /// The account
        login: String,
        /// What the program is called
        #[arg(long)]
        name: String,
        /// For how many days it counts
        #[arg(long, default_value_t = 365)]
        days: i64,
        /// The office, where there are several
        #[arg(long, value_name = "CODE")]
        office: Option<String>,
    },
    /// List the keys: whose, what for, until when, when last used; never the keys themselves
    List {
        /// The office, where there are several
        #[arg(long, value_name = "CODE")]
        office: Option<String>,
    },
    /// End a key at once
    Revoke {
        /// Its id, as `gezhi token list` shows it
        id: i64,
        /// The office, where there are several
        #[arg(long, value_name = "CODE")]
        office: Option<String>,
    },
}

#[derive(Serialize)]
struct First {
    login: String,
    password: String,
}

#[derive(Serialize)]
struct Made {
    login: String,
    name: String,
    token: String,
}

/// Times in RFC 3339, in UTC; `state` is `active` or `ended`.
#[derive(Serialize)]
struct Key {
    id: String,
    login: String,
    name: String,
    state: &'static str,
    created_at: String,
    until: Option<String>,
    used_at: Option<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    login: String,
    name: String,
    state: String,
    posts: Vec<String>,
    totp: bool,
}

pub(super) fn answer(installation: &Installation, command: &Command) -> Result<Reply> {
    match command {
        Command::Add(add) => make(installation, add),
        Command::Reset(reset) => renew(installation, reset),
        Command::List { office } => list(installation, office.as_deref()),
    }
}

fn make(installation: &Installation, add: &Add) -> Result<Reply> {
    let cx = system(installation, &office(installation, add.office.as_deref())?);
    let (password, hash) = service::first_password()?;
    let account = NewAccount {
        login: add.login.clone(),
        name: add.name.clone(),
        locale: None,
        password_hash: Some(hash),
    };
    let (unit, title, roles) = (add.unit.clone(), add.title.clone(), add.role.clone());
    installation
        .db
        .write_now(move |tx| add_account(tx, &cx, &account, &unit, &title, &roles))
        .map_err(explain)?;
    let first = First { login: add.login.trim().to_lowercase(), password };
    Reply::of(&[first], |f| format!("{}\t{}\n(to be changed at the first log-in)", f.login, f.password))
}

fn add_account(
    tx: &mut Tx<'_>,
    cx: &Cx,
    account: &NewAccount,
    unit: &str,
    title: &str,
    roles: &[String],
) -> store::Result<AccountId> {
    let unit = unit_of(tx, cx, unit)?;
    let kind = pack::kind_of_title(title).to_owned();
    let new = NewPost { unit, kind, title: title.to_owned(), place: None, phone_public: None };
    let post = service::create_post(tx, cx, &new)?;
    for code in roles {
        let known = service::roles(tx, cx)?;
        let role = known.iter().find(|role| role.code == *code).ok_or_else(|| {
            let codes: Vec<&str> = known.iter().map(|r| r.code.as_str()).collect();
            Refusal::rule("account.add.role").with("role", code).with("known", codes.join(", "))
        })?;
        service::ask_role(tx, cx, post, role.id)?;
    }
    let id = service::create_account(tx, cx, account)?;
    service::fill_post(tx, cx, &Fill { post, account: id, acting: false, from: cx.now, until: None })?;
    Ok(id)
}

/// The unit with a code; the office's own is made at its first use.
fn unit_of(tx: &mut Tx<'_>, cx: &Cx, code: &str) -> store::Result<UnitId> {
    if let Some(unit) = service::unit_by_code(tx, cx.office.id, code)? {
        return Ok(unit);
    }
    if code != "office" {
        return Err(Refusal::rule("account.add.unit").with("unit", code).into());
    }
    let unit = NewUnit {
        code: code.to_owned(),
        name: cx.office.name.clone(),
        short: cx.office.short.clone(),
        kind: "street_department".to_owned(),
        ..NewUnit::default()
    };
    service::create_unit(tx, cx, &unit)
}

fn renew(installation: &Installation, reset: &Reset) -> Result<Reply> {
    let cx = system(installation, &office(installation, reset.office.as_deref())?);
    let (password, hash) = service::first_password()?;
    let (login, totp) = (reset.login.clone(), reset.totp);
    installation
        .db
        .write_now(move |tx| {
            let account = find(tx, &cx, &login)?;
            service::reset_password(tx, &cx, account, &hash)?;
            if totp {
                service::reset_totp(tx, &cx, account)?;
            }
            Ok(())
        })
        .map_err(explain)?;
    let first = First { login: reset.login.clone(), password };
    Reply::of(&[first], |f| format!("{}\t{}\n(to be changed at the first log-in)", f.login, f.password))
}

fn find(tx: &mut Tx<'_>, cx: &Cx, login: &str) -> store::Result<AccountId> {
    let found = session::login::credentials(tx, &login.trim().to_lowercase())?;
    let found = found.filter(|who| who.office == cx.office.id);
    Ok(found.ok_or_else(|| Refusal::rule("account.find.login").with("login", login))?.account)
}

fn list(installation: &Installation, code: Option<&str>) -> Result<Reply> {
    let cx = system(installation, &office(installation, code)?);
    let lines = installation.db.read_now(move |tx| lines(tx, &cx)).map_err(explain)?;
    Reply::of(&lines, |l| format!("{}\t{}\t{}\t{}", l.login, l.name, l.state, l.posts.join(", ")))
}

fn lines(tx: &mut Tx<'_>, cx: &Cx) -> store::Result<Vec<Line>> {
    let mut out: Vec<Line> = Vec::new();
    let mut filter = AccountFilter::default();
    loop {
        let page = service::accounts(tx, cx, &filter)?;
        let Some(last) = page.last() else { return Ok(out) };
        filter.after = Some((last.account.sort_key.clone(), last.account.id));
        out.extend(page.into_iter().map(|view| {
            let posts = view.holdings.iter().map(|h| format!("{} ({})", h.title, h.unit_name)).collect();
            let Account { id, login, name, state, has_totp, .. } = view.account;
            Line { id: id.to_string(), login, name, state, posts, totp: has_totp }
        }));
    }
}

pub(super) fn answer_token(installation: &Installation, command: &TokenCommand) -> Result<Reply> {
    match command {
        TokenCommand::Add { login, name, days, office: code } => {
            let cx = system(installation, &office(installation, code.as_deref())?);
            make_key(installation, cx, (login, name), *days)
        }
        TokenCommand::List { office: code } => {
            let cx = system(installation, &office(installation, code.as_deref())?);
            let id = cx.office.id;
            let found = installation.db.read_now(move |tx| session::token::list(tx, id)).map_err(explain)?;
            keys(found, &cx)
        }
        TokenCommand::Revoke { id, office: code } => {
            let (cx, id) = (system(installation, &office(installation, code.as_deref())?), *id);
            let by = cx.clone();
            let ended =
                installation.db.write_now(move |tx| session::token::revoke(tx, &by, id)).map_err(explain)?;
            keys(vec![ended], &cx)
        }
    }
}

fn make_key(installation: &Installation, cx: Cx, (login, name): (&str, &str), days: i64) -> Result<Reply> {
    if !(1..=3_650).contains(&days) {
        return Err(BadUse(format!("--days is {days}; it must lie between 1 and 3650")).into());
    }
    let token = session::token()?;
    let until = cx.now.plus(days * Ts::DAY);
    let (key, called, hash) = (login.to_owned(), name.to_owned(), token.hash);
    installation
        .db
        .write_now(move |tx| {
            let account = find(tx, &cx, &key)?;
            session::token::add(tx, &cx, account, &called, &hash, Some(until))
        })
        .map_err(explain)?;
    let made = Made { login: login.to_owned(), name: name.to_owned(), token: token.text };
    Reply::of(&[made], |m| {
        format!("{}\nSend it as `Authorization: Bearer …`; it is not shown again.", m.token)
    })
}

fn keys(found: Vec<session::token::Listed>, cx: &Cx) -> Result<Reply> {
    let day = |at: Ts| at.day(&cx.office.tz).iso();
    let shown = found.iter().map(|t| {
        let active = t.until.is_none_or(|until| until > cx.now);
        format!(
            "{}\t{}\t{}\t{} {}\t{}",
            t.id,
            t.login,
            t.name,
            if active { "until" } else { "ended" },
            t.until.map_or_else(|| "for ever".to_owned(), day),
            t.used.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", day(at))),
        )
    });
    let lines = shown.collect();
    let records: Vec<Key> = found
        .into_iter()
        .map(|t| Key {
            id: t.id.to_string(),
            login: t.login,
            name: t.name,
            state: if t.until.is_none_or(|until| until > cx.now) { "active" } else { "ended" },
            created_at: t.created.rfc3339(),
            until: t.until.map(Ts::rfc3339),
            used_at: t.used.map(Ts::rfc3339),
        })
        .collect();
    Ok(Reply { records: json(&records)?, lines, ..Reply::default() })
}
