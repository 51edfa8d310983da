//! Why a case is on this desk again: not solved, sent back, a return that was ruled on.

use super::super::super::names::Names;
use super::super::timeline::{Span, did, spans, who};
use crate::features::procedures::state::Act;
use crate::features::procedures::timeline::Entry;
use crate::words::Words;

/// The word that whoever works on it next must not miss.
#[derive(Clone, Debug)]
pub struct AgainView {
    /// When, who, what.
    pub head: String,
    /// The reason given.
    pub reason: Vec<Span>,
    /// The rule that holds from now on; blank for none.
    pub rule: String,
    /// How many pictures came with it.
    pub photos: usize,
}

/// Acts that bring a case back to a desk, with their reason.
const BACK: [&str; 7] =
    ["reopen", "call_reopen", "fail", "send_back", "reject_return", "uphold_return", "redispatch"];
/// Acts after which that reason is history.
const PAST: [&str; 9] =
    ["accept", "finish", "return", "refuse", "answer", "withdraw", "void", "split", "merge"];

/// The last reason that still stands.
#[must_use]
pub fn again(w: &Words, names: &Names, entries: &[Entry]) -> Option<AgainView> {
    let mut acts = entries.iter().rev().filter_map(|e| e.act.as_ref().map(|act| (e, act)));
    let named = |act: &Act, of: &[&str]| of.contains(&act.action.as_str());
    let (entry, act) = acts.find(|(_, act)| named(act, &BACK) || named(act, &PAST))?;
    if !named(act, &BACK) {
        return None;
    }
    let ruled = matches!(act.action.as_str(), "reject_return" | "uphold_return");
    Some(AgainView {
        head: w.ta(
            "again-head",
            &[
                ("when", w.when(entry.event.occurred_at)),
                ("who", who(w, names, entry)),
                ("did", did(w, act, entry.event.source == "public")),
            ],
        ),
        reason: act.said.reason.as_deref().map(|text| spans(w, text)).unwrap_or_default(),
        rule: if ruled { w.t("refusal-demands-return-already-ruled") } else { String::new() },
        photos: act.photos.len(),
    })
}
