//! How alike two messages are, to suggest duplicates before they are filed.

use crate::chars::{Blanks, Folded, is_cjk, is_word};
use std::cmp::Ordering;

/// The character bigrams of a text as a sorted set, for comparing one text with many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grams(Vec<(char, char)>);

impl Grams {
    /// The bigrams of a text; blanks and signs are left out, so that punctuation makes no difference. A
    /// text of one character has that character alone.
    #[must_use]
    pub fn of(text: &str) -> Grams {
        let mut chars = Folded::of(text, Blanks::BetweenWords).chars;
        chars.retain(|&c| is_cjk(c) || is_word(c));
        let mut grams: Vec<(char, char)> = chars.windows(2).map(|pair| (pair[0], pair[1])).collect();
        if let [only] = chars[..] {
            grams.push((only, '\0'));
        }
        grams.sort_unstable();
        grams.dedup();
        Grams(grams)
    }

    /// The Dice coefficient of the two sets, 0 (nothing in common) to 1 (the same). Two empty texts are not
    /// alike: there is nothing to compare.
    #[must_use]
    pub fn similarity(&self, other: &Grams) -> f64 {
        let total = self.0.len() + other.0.len();
        if total == 0 {
            return 0.0;
        }
        let (mut a, mut b, mut common) = (0, 0, 0usize);
        while let (Some(left), Some(right)) = (self.0.get(a), other.0.get(b)) {
            let order = left.cmp(right);
            a += usize::from(order != Ordering::Greater);
            b += usize::from(order != Ordering::Less);
            common += usize::from(order == Ordering::Equal);
        }
        2.0 * common as f64 / total as f64
    }
}

/// [`Grams::similarity`] of two texts.
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    Grams::of(a).similarity(&Grams::of(b))
}
