//! Seeded chance: SplitMix64 (Steele, Lea, Flood 2014), so that a demonstration can be made again.

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A source of chance that is copied with the state it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// A source of its own for each `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Chance {
        // Mixed twice: neighbouring streams of the plain sequence would be each other's, one step on.
        Chance(mixed(seed ^ mixed(stream.wrapping_add(GAMMA))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mixed(self.0)
    }

    /// A number below `n`; 0 for an empty range.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(1).max(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    /// A whole number from `from` to `to`, both included.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = to.saturating_sub(from).max(0).unsigned_abs() + 1;
        from + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True in `thousandths` of a thousand cases.
    pub(super) fn of_thousand(&mut self, thousandths: i64) -> bool {
        self.between(0, 999) < thousandths
    }

    /// One of a list; `None` when it is empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// The place of one weight among many; 0 when all are zero.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut left = self.next() % total.max(1);
        for (i, weight) in weights.iter().enumerate() {
            let weight = u64::from(*weight);
            if left < weight {
                return i;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_streams_share_no_draws() {
        let draws = |stream| {
            let mut chance = Chance::new(20_260_312, stream);
            (0..50).map(|_| chance.next()).collect::<std::collections::HashSet<u64>>()
        };
        assert!((0..20).all(|n| draws(n).is_disjoint(&draws(n + 1))));
    }
}
