//! `GET /cases/ledger`: the cases of a filter on paper, as they stood at the end of a day.

use super::super::model::Filter;
use super::super::service::ledger::{self, Ledger, MOST};
use crate::web::{Answer, Query, Shell, Staff, html};
use crate::words::Words;
use askama::Template;
use kernel::{Day, Ts};
use serde::Deserialize;

/// As of when, and on which paper.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Sheet {
    as_of: String,
    paper: String,
}

#[derive(Template)]
#[template(path = "desk_ledger.html")]
struct LedgerPage {
    w: Words,
    shell: Shell,
    ledger: Ledger,
    as_of: String,
    as_of_day: String,
    today: String,
    printed: String,
    note: String,
    large: bool,
    most: usize,
    mark: String,
    /// What the filter says, to be sent again.
    hidden: Vec<(String, String)>,
    back: String,
}

/// `GET /cases/ledger?as_of=2026-03-01&paper=a3&…`
pub(in super::super) async fn show(
    staff: Staff,
    Query(filter): Query<Filter>,
    Query(sheet): Query<Sheet>,
) -> Answer {
    let (w, today) = (staff.words.clone(), staff.cx.today());
    // Tomorrow is not known yet.
    let as_of = Day::parse(&sheet.as_of).filter(|d| *d <= today).unwrap_or(today);
    let (words, asked) = (w.clone(), filter.clone());
    let ledger = staff.read(move |tx, cx| ledger::read(tx, cx, &words, &asked, as_of)).await?;
    let shell = staff.shell("cases").await?;
    let query = filter.unpaged().query();
    let hidden = serde_html_form::from_str::<Vec<(String, String)>>(&query).unwrap_or_default();
    let args = [
        ("person", staff.cx.actor.name.clone()),
        ("unit", shell.unit.clone()),
        ("when", w.at(Ts(0)).when(staff.cx.now)),
    ];
    let page = LedgerPage {
        as_of: as_of.iso(),
        as_of_day: w.full_day(as_of, true),
        today: today.iso(),
        printed: w.full_day(today, true),
        note: if as_of < today {
            w.t2("ledger-note-past", ("day", &w.full_day(as_of, true)), ("today", &w.full_day(today, true)))
        } else {
            w.t("ledger-note")
        },
        large: sheet.paper == "a3",
        most: MOST,
        mark: w.ta("mark", &args),
        back: filter.href(),
        ledger,
        hidden,
        shell,
        w,
    };
    html(&page)
}
