//! A text while identifiers are looked for in it: its characters one for one in half-width form, where each
//! stands, and what was already taken.

use super::{Found, Kind};
use crate::chars::narrow;
use std::ops::Range;

pub(super) struct Scan {
    pub chars: Vec<char>,
    /// The byte at which each character begins, and the length of the text at the end.
    bytes: Vec<usize>,
    taken: Vec<bool>,
    found: Vec<Found>,
}

impl Scan {
    pub(super) fn of(text: &str) -> Scan {
        let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        bytes.push(text.len());
        let chars: Vec<char> = text.chars().map(narrow).collect();
        let taken = vec![false; chars.len()];
        Scan { chars, bytes, taken, found: Vec::new() }
    }

    pub(super) fn at(&self, index: usize) -> Option<char> {
        self.chars.get(index).copied()
    }

    pub(super) fn before(&self, index: usize) -> Option<char> {
        index.checked_sub(1).and_then(|index| self.at(index))
    }

    pub(super) fn digit(&self, index: usize) -> bool {
        self.at(index).is_some_and(|c| c.is_ascii_digit())
    }

    /// Whether the word stands at `index`.
    pub(super) fn has(&self, index: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(index + offset) == Some(c))
    }

    /// The index after whichever of the words stands at `index`; longer words must come first.
    pub(super) fn after_any(&self, index: usize, words: &[&str]) -> Option<usize> {
        words.iter().find(|word| self.has(index, word)).map(|word| index + word.chars().count())
    }

    /// The characters from `range`.
    pub(super) fn text(&self, range: Range<usize>) -> String {
        self.chars.get(range).unwrap_or_default().iter().collect()
    }

    /// Up to `most` characters before `index` in the same sentence, lower-case: the words that tell what a
    /// number is.
    pub(super) fn context(&self, index: usize, most: usize) -> String {
        let from = index.saturating_sub(most);
        let before = &self.chars[from..index];
        let ends = |c: &char| matches!(c, '。' | '；' | ';' | '!' | '?' | '\n');
        let sentence = before.iter().rposition(ends).map_or(0, |at| at + 1);
        before[sentence..].iter().map(char::to_ascii_lowercase).collect()
    }

    /// Whether one of the words is in the context.
    pub(super) fn says(&self, index: usize, most: usize, words: &[&str]) -> bool {
        let context = self.context(index, most);
        words.iter().any(|word| context.contains(word))
    }

    pub(super) fn is_free(&self, range: Range<usize>) -> bool {
        self.taken.get(range).is_some_and(|taken| taken.iter().all(|taken| !taken))
    }

    /// Whether what stands before `index`, but for one sign or word that lists, was taken.
    pub(super) fn lists_on(&self, index: usize) -> bool {
        let listed = self
            .before(index)
            .is_some_and(|c| matches!(c, '、' | ',' | '/' | '.' | ' ' | '或' | '和' | '及'));
        listed && index >= 2 && self.taken[index - 2]
    }

    /// Takes a range unless something of it is taken already.
    pub(super) fn take(&mut self, range: Range<usize>, kind: Kind, value: String) {
        if range.is_empty() || !self.is_free(range.clone()) {
            return;
        }
        self.taken[range.clone()].fill(true);
        self.found.push(Found { range: self.bytes[range.start]..self.bytes[range.end], kind, value });
    }

    pub(super) fn found(mut self) -> Vec<Found> {
        self.found.sort_by_key(|found| found.range.start);
        self.found
    }
}
