//! One account: what it holds, and what may be done with it.

use super::accounts::first_password;
use super::{HoldingLine, holding_line, word};
use crate::features::people::device;
use crate::features::people::model::{Account, Holding, HoldingId};
use crate::features::people::service;
use crate::web::{Answer, Form, Path, PhoneLine, Shell, Staff, html, phone_line};
use crate::words::Words;
use askama::Template;
use kernel::{AccountId, Refusal};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "people_account.html")]
struct Page {
    w: Words,
    shell: Shell,
    account: Account,
    locked_until: String,
    holdings: Vec<HoldingLine>,
    past: Vec<HoldingLine>,
    roles: Vec<String>,
    can_edit: bool,
    can_grant: bool,
    own: bool,
    phones: Vec<PhoneLine>,
    /// Whether the reader may bind phones and cut them off.
    can_phone: bool,
    /// Whether the account may have one.
    for_phone: bool,
}

/// `GET /people/{id}`
pub(super) async fn show(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    let (account, holdings, roles, phones, can_phone, for_phone) = staff
        .read(move |tx, cx| {
            let account = service::account(tx, cx, id)?.ok_or_else(Refusal::not_found)?;
            let holdings = service::holdings(tx, cx, id)?;
            let mut roles = Vec::new();
            for holding in holdings.iter().filter(|h| h.is_now(cx.now)) {
                for role in service::roles_of_post(tx, cx, holding.post)? {
                    if role.state == "active" && !roles.contains(&role.role) {
                        roles.push(role.role);
                    }
                }
            }
            let active = account.state == "active";
            let can_phone = active && device::may_manage(tx, cx, id)?;
            let for_phone = can_phone && device::is_for(tx, cx, id)?;
            let phones = device::list(tx, cx, id)?;
            Ok((account, holdings, roles, phones, can_phone, for_phone))
        })
        .await?;
    let w = &staff.words;
    let now = staff.cx.now;
    let (can_edit, can_grant) = (staff.has("people.edit"), staff.has("roles.grant"));
    let line = |h: &Holding| holding_line(w, now, can_edit || can_grant, h);
    let (past, present): (Vec<_>, Vec<_>) =
        holdings.iter().map(line).partition(|line| matches!(line.when, "past" | "refused"));
    let page = Page {
        shell: staff.shell("people").await?,
        locked_until: account.locked_until.filter(|u| *u > now).map(|u| w.when(u)).unwrap_or_default(),
        holdings: present,
        past,
        roles: roles.iter().map(|role| word(w, "role", role)).collect(),
        can_edit,
        can_grant,
        phones: phones.iter().map(|p| phone_line(w, p, None)).collect(),
        can_phone,
        for_phone,
        own: staff.cx.actor.account == Some(id),
        account,
        w: w.clone(),
    };
    html(&page)
}

#[derive(Deserialize)]
pub(super) struct RenameForm {
    name: String,
    version: i64,
}

/// `POST /people/{id}/rename`
pub(super) async fn rename(staff: Staff, Path(id): Path<AccountId>, Form(form): Form<RenameForm>) -> Answer {
    staff.write(move |tx, cx| service::rename_account(tx, cx, id, form.version, &form.name)).await?;
    Ok(staff.goto_saying(&format!("/people/{id}"), &staff.words.t("people-renamed")))
}

/// `POST /people/{id}/password`: a new first password, shown once.
pub(super) async fn reset_password(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    let (plain, hash) = tokio::task::spawn_blocking(service::first_password).await??;
    let account = staff
        .write(move |tx, cx| {
            service::reset_password(tx, cx, id, &hash)?;
            Ok(service::account(tx, cx, id)?.ok_or_else(Refusal::not_found)?)
        })
        .await?;
    first_password(&staff, id, &account.name, &account.login, Some(plain)).await
}

#[derive(Deserialize)]
pub(super) struct ReasonForm {
    #[serde(default)]
    reason: String,
}

/// `POST /people/{id}/lock`
pub(super) async fn lock(staff: Staff, Path(id): Path<AccountId>, Form(form): Form<ReasonForm>) -> Answer {
    staff.write(move |tx, cx| service::lock_account(tx, cx, id, &form.reason)).await?;
    Ok(staff.goto_saying(&format!("/people/{id}"), &staff.words.t("people-locked")))
}

/// `POST /people/{id}/unlock`
pub(super) async fn unlock(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    staff.write(move |tx, cx| service::unlock_account(tx, cx, id)).await?;
    Ok(staff.goto_saying(&format!("/people/{id}"), &staff.words.t("people-unlocked")))
}

/// `POST /people/{id}/totp`
pub(super) async fn reset_totp(staff: Staff, Path(id): Path<AccountId>) -> Answer {
    staff.write(move |tx, cx| service::reset_totp(tx, cx, id)).await?;
    Ok(staff.goto_saying(&format!("/people/{id}"), &staff.words.t("people-totp-reset")))
}

#[derive(Deserialize)]
pub(super) struct BackForm {
    /// The page to return to: a post's or an account's.
    #[serde(default)]
    back: String,
}

/// `POST /people/holdings/{id}/end`
pub(super) async fn end_holding(staff: Staff, Path(id): Path<i64>, Form(form): Form<BackForm>) -> Answer {
    staff.write(move |tx, cx| service::end_holding(tx, cx, HoldingId(id))).await?;
    // Only pages of this feature, never an address from outside.
    let number = |prefix: &str| {
        form.back.strip_prefix(prefix).is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit()))
    };
    let back = if number("/posts/") || number("/people/") { form.back.as_str() } else { "/posts" };
    Ok(staff.goto_saying(back, &staff.words.t("people-holding-ended")))
}
