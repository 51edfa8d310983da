//! The menu of staff pages: which entries there are, and which of them an actor sees.

use super::{Answer, Query, Shell, Staff, html};
use crate::actor::Actor;
use crate::context::Cx;
use crate::words::Words;
use askama::Template;
use serde::Deserialize;
use std::collections::HashMap;
use store::Tx;

/// An entry of the menu, declared once for all.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    /// What pages call themselves in [`super::Staff::shell`].
    pub key: &'static str,
    /// The word on it.
    pub words: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Who sees it: one of these rights; empty for everybody.
    pub grants: &'static [&'static str],
    /// The count beside it: the key under which a [`Counter`] gives it.
    pub queue: Option<&'static str>,
}

/// A group of entries under a heading.
#[derive(Clone, Copy, Debug)]
pub struct NavGroup {
    /// The heading's word; the first group has none.
    pub words: Option<&'static str>,
    /// The entries.
    pub items: &'static [NavItem],
}

/// Gives counts for the menu, by queue key, in the viewer's scope.
pub type Counter = fn(&mut Tx<'_>, &Cx) -> store::Result<Vec<(&'static str, i64)>>;

const fn item(
    key: &'static str,
    words: &'static str,
    href: &'static str,
    grants: &'static [&'static str],
    queue: Option<&'static str>,
) -> NavItem {
    NavItem { key, words, href, grants, queue }
}

/// The whole menu.
pub const NAV: &[NavGroup] = &[
    NavGroup {
        words: None,
        items: &[
            item("home", "nav-home", "/", &[], None),
            item("board", "nav-board", "/board", &["demands.dispatch"], Some("dispatch")),
            item("upstream", "nav-upstream", "/upstream/replies", &["demands.dispatch"], Some("upstream")),
            item("accept", "nav-accept", "/queue/accept", &["demands.accept"], Some("accept")),
            item("rule", "nav-rule", "/queue/rule", &["demands.arbitrate"], Some("rule")),
            item("approve", "nav-approve", "/queue/approve", &["demands.approve"], Some("approve")),
            item("sign", "nav-sign", "/queue/sign", &["demands.handle"], Some("sign")),
            item("handle", "nav-handle", "/queue/handle", &["demands.handle"], Some("handle")),
            item("verify", "nav-verify", "/queue/verify", &["demands.verify"], Some("verify")),
            item("callback", "nav-callback", "/queue/callback", &["demands.call_back"], Some("callback")),
            item(
                "tasks",
                "nav-tasks",
                "/tasks",
                &["tasks.read", "tasks.give", "tasks.answer"],
                Some("tasks"),
            ),
            item("meetings", "nav-meetings", "/meetings", &["meetings.read"], None),
            item("cases", "nav-cases", "/cases", &["demands.read"], None),
            item(
                "documents",
                "nav-documents",
                "/documents",
                &["documents.make", "documents.edit_templates"],
                Some("documents"),
            ),
            item("report", "nav-report", "/report", &["demands.report"], None),
        ],
    },
    NavGroup {
        words: Some("nav-duty-group"),
        items: &[
            item("messages", "nav-messages", "/messages", &["roster.read"], Some("messages")),
            item("roster", "nav-roster", "/roster", &["roster.read"], Some("roster")),
        ],
    },
    NavGroup {
        words: Some("nav-registers"),
        items: &[
            item("places", "nav-places", "/places", &["places.read"], None),
            item("duty", "nav-duty", "/duty", &["catalogue.read"], None),
            item("matters", "nav-matters", "/matters", &["catalogue.read"], None),
            item("knowledge", "nav-knowledge", "/knowledge", &["knowledge.read"], Some("knowledge")),
        ],
    },
    NavGroup {
        words: Some("nav-figures"),
        items: &[
            item("stats", "nav-stats", "/stats", &["stats.read"], None),
            item("first", "nav-first", "/first", &["stats.read"], None),
        ],
    },
    NavGroup {
        words: Some("nav-manage"),
        items: &[
            item("hands", "nav-hands", "/hands", &["demands.dispatch"], None),
            item("people", "nav-people", "/people", &["people.read"], None),
            item("log", "nav-log", "/log", &["audit.read"], None),
            item("settings", "nav-settings", "/settings", &["settings.edit", "packs.edit"], None),
        ],
    },
];

#[derive(Template)]
#[template(path = "nav.html")]
struct Menu {
    w: Words,
    shell: Shell,
}

#[derive(Deserialize)]
pub(super) struct Active {
    #[serde(default)]
    active: String,
}

/// `GET /nav?active=cases`: the menu anew, when the counts in it have moved.
pub(super) async fn show(staff: Staff, Query(query): Query<Active>) -> Answer {
    let shell = staff.shell(&query.active).await?;
    html(&Menu { w: staff.words.clone(), shell })
}

/// An entry as drawn.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// The word's key.
    pub words: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page belongs to it.
    pub current: bool,
    /// The count; none when there is nothing to count or nothing waits.
    pub count: Option<i64>,
}

/// A group as drawn.
#[derive(Clone, Debug)]
pub struct NavSection {
    /// The heading's word.
    pub words: Option<&'static str>,
    /// Its entries.
    pub links: Vec<NavLink>,
}

/// The menu of an actor.
#[must_use]
pub fn menu(actor: &Actor, active: &str, counts: &HashMap<&'static str, i64>) -> Vec<NavSection> {
    let visible =
        |item: &&NavItem| item.grants.is_empty() || item.grants.iter().any(|grant| actor.has(grant));
    NAV.iter()
        .map(|group| NavSection {
            words: group.words,
            links: group
                .items
                .iter()
                .filter(visible)
                .map(|item| NavLink {
                    words: item.words,
                    href: item.href,
                    current: item.key == active,
                    count: item.queue.and_then(|queue| counts.get(queue).copied()).filter(|n| *n > 0),
                })
                .collect(),
        })
        .filter(|section: &NavSection| !section.links.is_empty())
        .collect()
}

/// What the frame of every page says of somebody.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// By queue key.
    pub(super) counts: HashMap<&'static str, i64>,
    /// The title of the post and its unit.
    pub(super) post: (String, String),
}

/// Runs the counters.
///
/// # Errors
/// When one of them fails.
pub fn counts(counters: &[Counter], tx: &mut Tx<'_>, cx: &Cx) -> store::Result<HashMap<&'static str, i64>> {
    let mut out = HashMap::new();
    for counter in counters {
        out.extend(counter(tx, cx)?);
    }
    Ok(out)
}
