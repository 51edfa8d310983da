//! Phones of an account: a code to bind one, and the end of one.

use crate::features::people::device;
use crate::features::people::service;
use crate::features::places::qr::{self, Qr};
use crate::web::{Answer, Path, Shell, Staff, base_url, html};
use crate::words::Words;
use askama::Template;
use axum::http::HeaderMap;
use kernel::{AccountId, Refusal};

#[derive(Template)]
#[template(path = "people_phone.html")]
struct Page {
    w: Words,
    shell: Shell,
    id: i64,
    name: String,
    /// In two groups of five, as it is read aloud.
    code: String,
    url: String,
    until: String,
    qr: Qr,
}

/// `POST /people/{id}/phones`: makes a code and shows it, once; the one before counts no more.
pub(super) async fn code(staff: Staff, headers: HeaderMap, Path(id): Path<AccountId>) -> Answer {
    let (code, account) = staff
        .write(move |tx, cx| {
            let account = service::account(tx, cx, id)?.ok_or_else(Refusal::not_found)?;
            Ok((device::make_code(tx, cx, id)?, account))
        })
        .await?;
    let url = format!("{}/m/bind/{code}", base_url(&staff, &headers));
    let (left, right) = code.split_at(code.len() / 2);
    html(&Page {
        shell: staff.shell("people").await?,
        id: id.0,
        name: account.name,
        code: format!("{left} {right}"),
        qr: qr::draw(&url)?,
        url,
        until: staff.words.when(staff.cx.now.plus(device::CODE_FOR)),
        w: staff.words.clone(),
    })
}

/// `POST /people/{id}/phones/{phone}/cut`
pub(super) async fn cut(staff: Staff, Path((id, phone)): Path<(AccountId, i64)>) -> Answer {
    staff.write(move |tx, cx| device::cut(tx, cx, id, phone)).await?;
    Ok(staff.goto_saying(&format!("/people/{id}#phones"), &staff.words.t("phone-cut-done")))
}
