//! What was read a moment ago and still holds: whoever is logged in, the counts of the menu, the length of a list. A page
//! that is only looked at does not ask for them again and again.
//!
//! Kept while nothing was written: any body through this process's write door, and any event of another process that
//! [`super::live`] has heard of, makes all of it old at once, and so does a second of the office's clock, because rights
//! and deadlines end by themselves (docs/decisions/0011).

use super::App;
use kernel::{OfficeId, Ts};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long something is believed, in milliseconds.
const BELIEVED: i64 = Ts::SECOND;
/// Keys kept at most; when there are more, all are forgotten.
const KEYS_MOST: usize = 5_000;

/// How things stood when something was read: take it before reading, so that what is written meanwhile makes it old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    written: i64,
    moves: i64,
    at: Ts,
}

impl Stand {
    /// How things stand now.
    #[must_use]
    pub fn of(app: &App, office: Option<OfficeId>) -> Stand {
        let moves = office.map_or_else(|| app.live.moves(), |office| app.live.moves_of(office));
        Stand { written: app.db.written().0, moves, at: app.clock.now() }
    }

    fn holds(&self, now: &Stand) -> bool {
        let age = now.at.since(self.at);
        self.written == now.written && self.moves == now.moves && (0..BELIEVED).contains(&age)
    }
}

/// Values by key, each with how things stood when it was read.
#[derive(Debug)]
pub struct Recent<V> {
    kept: Mutex<HashMap<[u8; 32], (Stand, V)>>,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Recent { kept: Mutex::default() }
    }
}

impl<V: Clone> Recent<V> {
    /// What was kept under a key, if it still holds.
    #[must_use]
    pub fn find(&self, key: &[u8; 32], now: &Stand) -> Option<V> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(stand, _)| stand.holds(now)).map(|(_, value)| value.clone())
    }

    /// Keeps a value that was read while things stood so.
    pub fn put(&self, key: [u8; 32], stand: Stand, value: V) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEYS_MOST {
            kept.clear();
        }
        kept.insert(key, (stand, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_holds_until_something_is_written_or_a_second_has_passed() {
        let recent = Recent::default();
        let stand = Stand { written: 7, moves: 3, at: Ts(10_000) };
        recent.put([1; 32], stand, "a");
        assert_eq!(recent.find(&[1; 32], &Stand { at: Ts(10_999), ..stand }), Some("a"));
        assert_eq!(recent.find(&[2; 32], &stand), None);
        for other in [
            Stand { written: 8, ..stand },
            Stand { moves: 4, ..stand },
            Stand { at: Ts(11_000), ..stand },
            Stand { at: Ts(9_999), ..stand },
        ] {
            assert_eq!(recent.find(&[1; 32], &other), None, "{other:?}");
        }
    }
}
