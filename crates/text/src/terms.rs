//! Terms for the databases' full-text indexes (DECISIONS 22): character bigrams of Chinese, whole words of
//! letters and digits, joined by AND and rechecked on the text itself.
//!
//! Each run of Chinese characters also gives its last character alone. So every character begins some term,
//! and a query of a single character is answered by a prefix (`井*`) at the price of one short term a run.

use crate::chars::{Blanks, Folded, is_cjk, is_word};
use std::collections::HashSet;

/// The terms under which a text is indexed, each once, in order of first appearance.
#[must_use]
pub fn bigrams(text: &str) -> Vec<String> {
    let folded = Folded::of(text, Blanks::BetweenWords);
    let mut terms = Terms::default();
    for run in runs(&folded.chars) {
        match run {
            Run::Word(chars) => terms.push(chars),
            Run::Cjk(chars) => {
                chars.windows(2).for_each(|pair| terms.push(pair));
                terms.push(&chars[chars.len() - 1..]);
            }
        }
    }
    terms.list
}

/// The terms that must all be in the index entry of a text for the text to match the query. A term that
/// ends in `*` stands for every term beginning with what is before it (see [`prefix_of`]); it comes from a
/// Chinese character that stands alone in the query. Empty when the query has nothing to look up, such as
/// signs only.
#[must_use]
pub fn query_terms(query: &str) -> Vec<String> {
    let mut terms = Terms::default();
    for part in query.split_whitespace() {
        let folded = Folded::of(part, Blanks::BetweenWords);
        for run in runs(&folded.chars) {
            match run {
                Run::Cjk([only]) => terms.push(&[*only, '*']),
                Run::Cjk(chars) => chars.windows(2).for_each(|pair| terms.push(pair)),
                Run::Word(chars) => terms.push(chars),
            }
        }
    }
    terms.list
}

/// The prefix that a term of [`query_terms`] stands for; `None` for a whole term.
#[must_use]
pub fn prefix_of(term: &str) -> Option<&str> {
    term.strip_suffix('*')
}

/// Whether every part of the query (parts are separated by blanks) occurs in the text, both normalised.
/// Letters and digits at the ends of a part match whole words only, as the index does: "2栋" is not in
/// "12栋". A query without parts matches everything.
#[must_use]
pub fn matches(text: &str, query: &str) -> bool {
    let text = Folded::of(text, Blanks::BetweenWords);
    query_parts(query).iter().all(|part| occurrences(&text.chars, part).next().is_some())
}

/// The parts of a query, folded.
pub(crate) fn query_parts(query: &str) -> Vec<Vec<char>> {
    let parts = query.split_whitespace().map(|part| Folded::of(part, Blanks::BetweenWords).chars);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Where a part begins in a folded text, at word boundaries. Parts are not empty.
pub(crate) fn occurrences<'a>(text: &'a [char], part: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let word_first = part.first().is_some_and(|&c| is_word(c));
    let word_last = part.last().is_some_and(|&c| is_word(c));
    text.windows(part.len().max(1)).enumerate().filter_map(move |(at, window)| {
        let end = at + part.len();
        let cut = (word_first && at > 0 && is_word(text[at - 1]))
            || (word_last && text.get(end).is_some_and(|&c| is_word(c)));
        (window == part && !cut).then_some(at)
    })
}

enum Run<'a> {
    Cjk(&'a [char]),
    Word(&'a [char]),
}

/// The runs of Chinese characters and of words; what is between is left out. Runs are not empty.
fn runs(chars: &[char]) -> impl Iterator<Item = Run<'_>> {
    let class = |c: char| {
        if is_cjk(c) {
            1
        } else if is_word(c) {
            2
        } else {
            0
        }
    };
    chars.chunk_by(move |a, b| class(*a) == class(*b)).filter_map(move |run| match class(run[0]) {
        1 => Some(Run::Cjk(run)),
        2 => Some(Run::Word(run)),
        _ => None,
    })
}

#[derive(Default)]
struct Terms {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Terms {
    fn push(&mut self, chars: &[char]) {
        let term: String = chars.iter().collect();
        if self.seen.insert(term.clone()) {
            self.list.push(term);
        }
    }
}
