//! `GET /p`: somebody without a QR code chooses where it is.

use super::super::link::{OfficeView, PublicLink};
use super::link;
use crate::web::{Answer, PublicShell, Visitor, html};
use crate::words::Words;
use askama::Template;

#[derive(Template)]
#[template(path = "public_entry.html")]
struct EntryPage {
    w: Words,
    shell: PublicShell,
    offices: Vec<OfficeView>,
}

pub(super) async fn show(visitor: Visitor) -> Answer {
    let offices = link(&visitor).offices().await?;
    html(&EntryPage { w: visitor.words.clone(), shell: visitor.shell(), offices })
}
