//! What the layouts need: brand, office, person, menu, tokens, language, assets.

use super::assets;
use super::guard::Auth;
use super::nav::{self, NavSection};
use super::visit::Visit;
use crate::words::{Locale, Words};
use data_encoding::BASE64URL_NOPAD;
use std::collections::HashMap;

/// A message of the act before, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// The class of the notice: `ok`, `info`, `warn`, `bad`.
    pub kind: String,
    /// What is said.
    pub text: String,
}

impl Flash {
    pub(crate) fn encode(kind: &str, text: &str) -> String {
        BASE64URL_NOPAD.encode(format!("{kind}\n{text}").as_bytes())
    }

    pub(crate) fn decode(cookie: &str) -> Option<Flash> {
        let text = String::from_utf8(BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?).ok()?;
        let (kind, text) = text.split_once('\n')?;
        let known = ["ok", "info", "warn", "bad"].contains(&kind) && text.chars().count() <= 400;
        known.then(|| Flash { kind: kind.to_owned(), text: text.to_owned() })
    }
}

/// Everything `layout.html` needs.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The office's name; blank before log-in where there are several.
    pub office: String,
    /// The person's name; blank when nobody is logged in.
    pub user: String,
    /// The title of the post in whose name they act.
    pub post: String,
    /// That post's unit.
    pub unit: String,
    /// The account's id, or `0`: separates what is kept on a shared PC.
    pub account: String,
    /// The menu.
    pub nav: Vec<NavSection>,
    /// What forms carry in the hidden field `csrf`.
    pub csrf: String,
    /// Marks the scripts of this page.
    pub nonce: String,
    /// The other language: its tag, its own name's key, and the address of this page in it.
    pub switch: Switch,
    /// A message of the act before.
    pub flash: Option<Flash>,
    /// Whether the person may register what somebody says.
    pub can_register: bool,
    /// Whether there is anything to search for.
    pub can_search: bool,
    /// The address of the icons; `#i-<name>` follows.
    pub icons: String,
    /// The key of the menu entry this page belongs to.
    pub active: String,
    /// The versions of the keys `cases`, `message` and `roster` that the counts in the menu show.
    pub live: String,
}

/// The way into the other language.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Its tag.
    pub tag: &'static str,
    /// Its name in itself: a word's key.
    pub words: &'static str,
    /// This page in it.
    pub href: String,
}

impl Switch {
    pub(crate) fn of(locale: Locale, visit: &Visit) -> Switch {
        let (tag, words) = match locale {
            Locale::Zh => ("en", "language-en"),
            Locale::En => ("zh-CN", "language-zh"),
        };
        Switch { tag, words, href: with_query(&visit.target, "lang", tag) }
    }
}

/// An address with a query parameter set, whatever it was before.
#[must_use]
pub fn with_query(target: &str, name: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name)).collect();
    let mut out = format!("{path}?");
    for pair in kept {
        out.push_str(pair);
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    out.push_str(value);
    out
}

/// What an act leads to in the menu and the header.
pub(crate) struct Framing<'a> {
    pub(crate) active: &'a str,
    pub(crate) counts: HashMap<&'static str, i64>,
    pub(crate) post: (String, String),
    pub(crate) live: String,
}

impl Framing<'_> {
    /// Without counts and post.
    pub(crate) fn plain(active: &str) -> Framing<'_> {
        Framing { active, counts: HashMap::new(), post: <(String, String)>::default(), live: "0".to_owned() }
    }
}

impl Shell {
    /// For somebody who is logged in.
    pub(crate) fn of(auth: &Auth, visit: &Visit, locale: Locale, framing: Framing<'_>) -> Shell {
        let actor = &auth.cx.actor;
        Shell {
            office: auth.cx.office.name.clone(),
            user: auth.account.name.clone(),
            post: framing.post.0,
            unit: framing.post.1,
            account: auth.account.id.to_string(),
            nav: nav::menu(actor, framing.active, &framing.counts),
            csrf: auth.csrf.clone(),
            nonce: visit.nonce.clone(),
            switch: Switch::of(locale, visit),
            flash: visit.cookie("flash").and_then(Flash::decode),
            can_register: actor.has("demands.accept") || actor.has("demands.report"),
            can_search: actor.has("demands.read"),
            icons: assets::url("icons.svg"),
            active: framing.active.to_owned(),
            live: framing.live,
        }
    }

    /// For a page before log-in, or one that stands alone.
    pub(crate) fn bare(office: &str, visit: &Visit, locale: Locale) -> Shell {
        Shell {
            office: office.to_owned(),
            user: String::new(),
            post: String::new(),
            unit: String::new(),
            account: "0".to_owned(),
            nav: Vec::new(),
            csrf: String::new(),
            nonce: visit.nonce.clone(),
            switch: Switch::of(locale, visit),
            flash: visit.cookie("flash").and_then(Flash::decode),
            can_register: false,
            can_search: false,
            icons: assets::url("icons.svg"),
            active: String::new(),
            live: "0".to_owned(),
        }
    }

    /// The address of an asset by its plain name, for example `app.css`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// A fresh idempotency key for a form: the hidden field `idem`.
    #[must_use]
    pub fn idem(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

/// Everything `public_layout.html` needs.
#[derive(Clone, Debug)]
pub struct PublicShell {
    /// The office's name.
    pub office: String,
    /// Its own telephone; blank for none.
    pub hotline: String,
    /// Marks the scripts of this page.
    pub nonce: String,
    /// The other language.
    pub switch: Switch,
    /// Large type.
    pub elder: bool,
    /// This page in the other size of type.
    pub mode_href: String,
    /// A message of the act before.
    pub flash: Option<Flash>,
    /// The address of the icons; `#i-<name>` follows.
    pub icons: String,
}

impl PublicShell {
    pub(crate) fn of(office: &str, visit: &Visit, locale: Locale) -> PublicShell {
        PublicShell {
            office: office.to_owned(),
            hotline: String::new(),
            nonce: visit.nonce.clone(),
            switch: Switch::of(locale, visit),
            elder: visit.elder,
            mode_href: with_query(&visit.target, "mode", if visit.elder { "plain" } else { "elder" }),
            flash: visit.cookie("flash").and_then(Flash::decode),
            icons: assets::url("icons.svg"),
        }
    }

    /// The address of an asset by its plain name, for example `public.css`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// A fresh idempotency key for a form: the hidden field `idem`.
    #[must_use]
    pub fn idem(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

/// A refusal as a form shows it: at its field, and in the box at the head.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// The field; blank when it is about the whole.
    pub field: &'static str,
    /// What is wrong, in words; blank when nothing is.
    pub text: String,
}

impl Problem {
    /// The words of a refusal.
    #[must_use]
    pub fn new(w: &Words, refusal: &kernel::Refusal) -> Problem {
        Problem { field: refusal.field.unwrap_or_default(), text: w.refusal(refusal) }
    }

    /// Whether there is one.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.text.is_empty()
    }

    /// The words for a field; blank when the problem is elsewhere.
    #[must_use]
    pub fn on(&self, field: &str) -> &str {
        if self.field == field { &self.text } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_into_the_other_language_keeps_the_rest_of_the_address() {
        assert_eq!(
            with_query("/cases?phase=open&lang=zh-CN&q=1", "lang", "en"),
            "/cases?phase=open&q=1&lang=en"
        );
        assert_eq!(with_query("/", "lang", "en"), "/?lang=en");
    }

    #[test]
    fn a_message_comes_back_as_it_was_and_a_made_up_one_does_not() {
        let flash = Flash::decode(&Flash::encode("ok", "<b>\u{5df2}</b>")).unwrap();
        assert_eq!((flash.kind.as_str(), flash.text.as_str()), ("ok", "<b>\u{5df2}</b>"));
        assert_eq!(Flash::decode(&Flash::encode("x onload", "t")), None);
        assert_eq!(Flash::decode("!!"), None);
    }
}
