//! The piece of a text in which a search hit, with the hits marked.

use crate::chars::{Blanks, Folded};
use crate::terms::{occurrences, query_parts};
use std::ops::Range;

/// A piece of a text for a list of search results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The piece, line ends replaced by blanks.
    pub text: String,
    /// The byte ranges of `text` to highlight, in order, not touching each other.
    pub marks: Vec<Range<usize>>,
    /// Something was left out before.
    pub cut_before: bool,
    /// Something was left out after.
    pub cut_after: bool,
}

/// The first `width` characters of a text around its first hit; from the beginning when nothing hits.
#[must_use]
pub fn excerpt(text: &str, query: &str, width: usize) -> Excerpt {
    let hits = hits(text, query);
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let first = hits.first().map_or(0, |hit| starts.partition_point(|&at| at < hit.start));
    // A third of the room before the hit; all of it used when the hit is near the end.
    let from = first.saturating_sub(width / 3).min(starts.len().saturating_sub(width));
    let until = (from + width).min(starts.len());
    let byte = |index: usize| starts.get(index).copied().unwrap_or(text.len());
    let piece = byte(from)..byte(until);

    let inside = |hit: &Range<usize>| {
        let marked = hit.start.max(piece.start)..hit.end.min(piece.end);
        (marked.start < marked.end).then(|| marked.start - piece.start..marked.end - piece.start)
    };
    Excerpt {
        text: text[piece.clone()].replace(['\n', '\r', '\t'], " "),
        marks: hits.iter().filter_map(inside).collect(),
        cut_before: from > 0,
        cut_after: until < starts.len(),
    }
}

/// The byte ranges of all hits in the source, in order, those that touch joined.
fn hits(text: &str, query: &str) -> Vec<Range<usize>> {
    let folded = Folded::of(text, Blanks::BetweenWords);
    let mut hits: Vec<Range<usize>> = Vec::new();
    for part in query_parts(query) {
        for at in occurrences(&folded.chars, &part) {
            hits.push(folded.spans[at].0..folded.spans[at + part.len() - 1].1);
        }
    }
    hits.sort_by_key(|hit| (hit.start, hit.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for hit in hits {
        match joined.last_mut() {
            Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
            _ => joined.push(hit),
        }
    }
    joined
}
