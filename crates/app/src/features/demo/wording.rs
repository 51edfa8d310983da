//! Filling the slots of a story and putting a message together as its channel brings it.

use super::chance::Chance;
use super::data::{Phrases, Story};
use super::site::{Sites, Slots};
use geography::Point;

/// Fills the slots of a text. A name is drawn once and then kept; `extra` are slots that only the moment knows.
pub(super) fn fill(
    text: &str,
    slots: &mut Slots,
    around: &mut Around<'_>,
    extra: &[(&str, String)],
) -> String {
    let mut out = String::with_capacity(text.len() + 24);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((slot, tail)) = after.split_once('}') else {
            out.push('{');
            out.push_str(after);
            return out;
        };
        match extra.iter().find(|(name, _)| *name == slot) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&name_of(slot, slots, around)),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// What a slot draws from.
pub(super) struct Around<'a> {
    pub(super) sites: &'a Sites,
    pub(super) phrases: &'a Phrases,
    pub(super) grid: usize,
    pub(super) chance: &'a mut Chance,
}

fn name_of(slot: &str, slots: &mut Slots, around: &mut Around<'_>) -> String {
    if let Some(name) = slots.names.get(slot) {
        return name.clone();
    }
    let name = match slot {
        "no" => around.chance.between(2, 188).to_string(),
        "bldg" => around.chance.between(1, 24).to_string(),
        "when" => around.chance.pick(around.phrases.of("message", "when")).cloned().unwrap_or_default(),
        _ => {
            let taken = slots.names.get("road").cloned().unwrap_or_default();
            match around.sites.find(around.grid, slot, &[&taken], around.chance) {
                Some(row) => {
                    if slots.anchor.is_none()
                        && let Ok(point) = Point::new(row.lon, row.lat)
                    {
                        slots.anchor = Some((row.name.clone(), point));
                    }
                    if slot == "estate" && !row.managed_by.is_empty() {
                        slots.property = Some(row.managed_by.clone());
                    }
                    row.name.clone()
                }
                None => String::new(),
            }
        }
    };
    slots.names.insert(slot.to_owned(), name.clone());
    name
}

/// The message as its channel brings it.
pub(super) fn message(
    story: &Story,
    channel: &str,
    slots: &mut Slots,
    around: &mut Around<'_>,
    same: bool,
) -> String {
    let title = [("title", story.title.clone())];
    if channel == "grid" {
        let texts = if story.mode == super::data::Mode::OnTheSpot {
            &story.texts
        } else if story.grid_texts.is_empty() {
            around.phrases.of("message", "grid_fallback")
        } else {
            &story.grid_texts
        };
        let text = around.chance.pick(texts).cloned().unwrap_or_default();
        return fill(&text, slots, around, &title);
    }
    let texts = if same && !story.same.is_empty() { &story.same } else { &story.texts };
    let text = around.chance.pick(texts).cloned().unwrap_or_default();
    let mut text = fill(&text, slots, around, &title);
    if matches!(channel, "qr" | "web" | "hotline") {
        let prefix = around.chance.pick(around.phrases.of("message", "prefix")).cloned().unwrap_or_default();
        let suffix = around.chance.pick(around.phrases.of("message", "suffix")).cloned().unwrap_or_default();
        text = format!("{prefix}{text}");
        if !suffix.is_empty() {
            text = format!("{}{suffix}", ended(text));
        }
    }
    let wraps = around.phrases.of(
        "message",
        match channel {
            "hotline" => "hotline_wrap",
            "window" => "window_wrap",
            "upper" => "upper_wrap",
            _ => return text,
        },
    );
    let wrap = around.chance.pick(wraps).cloned().unwrap_or_else(|| "{text}".to_owned());
    let text = if wrap.ends_with("{text}") { text } else { ended(text) };
    wrap.replace("{text}", &text)
}

/// With a full stop where the text ends without any mark.
fn ended(mut text: String) -> String {
    const STOP: char = '\u{3002}';
    if !text.ends_with([STOP, '\u{ff1f}', '\u{ff01}', '?', '!', '.', '\u{2026}', '~', '\u{ff5e}']) {
        text.push(STOP);
    }
    text
}
