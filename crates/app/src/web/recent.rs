//! What was read a moment ago and still holds: whoever is logged in, the counts of the menu, the length of a list. A page
//! that is only looked at does not ask for them again and again.
//!
//! Kept while nothing was written: any body through this process's write door, and any event of another process that
//! [`super::live`] has heard of, makes all of it old at once, and so do two seconds of the office's clock, because rights
//! and deadlines end by themselves (docs/decisions/0011).

use super::App;
use super::nav::Frame;
use crate::features::people::session::Session;
use crate::features::people::session::token::Program;
use kernel::{OfficeId, Ts};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long something is believed by everybody, in milliseconds; twice as long while somebody reads it anew.
const BELIEVED: i64 = Ts::SECOND;
/// Keys kept at most; when there are more, all are forgotten.
const KEYS_MOST: usize = 5_000;

/// All that is kept so.
#[derive(Debug, Default)]
pub struct All {
    /// Counts of the menu and the post, by session.
    pub(super) frames: Recent<Frame>,
    /// Sessions with their rights, by the hash of their token.
    pub(super) sessions: Recent<Session>,
    /// Programs with their rights, by the hash of their token.
    pub(super) programs: Recent<Program>,
    /// Lengths of lists.
    pub(super) totals: Recent<i64>,
}

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

    /// How old it is now; `None` when something was written since.
    fn age(&self, now: &Stand) -> Option<i64> {
        let age = now.at.since(self.at);
        (self.written == now.written && self.moves == now.moves && age >= 0).then_some(age)
    }
}

/// A value with how things stood when it was read.
#[derive(Debug)]
struct Entry<V> {
    stand: Stand,
    value: V,
    /// Somebody reads it anew at this moment.
    renewed: bool,
}

/// Values by key, each with how things stood when it was read.
#[derive(Debug)]
pub struct Recent<V> {
    kept: Mutex<HashMap<[u8; 32], Entry<V>>>,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Recent { kept: Mutex::default() }
    }
}

impl<V: Clone> Recent<V> {
    /// What was kept under a key, if it still holds. The first who finds it too old reads it anew; those who come while
    /// they do so get what there is for as long again, so that not all of them read at once.
    #[must_use]
    pub fn find(&self, key: &[u8; 32], now: &Stand) -> Option<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = kept.get_mut(key)?;
        match entry.stand.age(now)? {
            age if age < BELIEVED => Some(entry.value.clone()),
            age if age < 2 * BELIEVED && entry.renewed => Some(entry.value.clone()),
            _ => {
                entry.renewed = true;
                None
            }
        }
    }

    /// What was kept under a key, or else what is read now; nothing is kept where nothing is found.
    ///
    /// # Errors
    /// As reading fails.
    pub async fn find_or<E>(
        &self,
        key: [u8; 32],
        stand: Stand,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        if let Some(kept) = self.find(&key, &stand) {
            return Ok(Some(kept));
        }
        let found = read.await?;
        if let Some(value) = &found {
            self.put(key, stand, value.clone());
        }
        Ok(found)
    }

    /// Keeps a value that was read while things stood so.
    pub fn put(&self, key: [u8; 32], stand: Stand, value: V) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEYS_MOST {
            kept.clear();
        }
        kept.insert(key, Entry { stand, value, renewed: false });
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
            Stand { at: Ts(9_999), ..stand },
            Stand { at: Ts(12_000), ..stand },
        ] {
            assert_eq!(recent.find(&[1; 32], &other), None, "{other:?}");
        }
    }

    #[test]
    fn of_many_who_find_it_old_one_reads_it_anew() {
        let recent = Recent::default();
        let stand = Stand { written: 7, moves: 3, at: Ts(10_000) };
        recent.put([1; 32], stand, "a");
        let later = Stand { at: Ts(11_000), ..stand };
        assert_eq!(recent.find(&[1; 32], &later), None, "the first reads");
        assert_eq!(recent.find(&[1; 32], &later), Some("a"), "the second does not wait");
        assert_eq!(
            recent.find(&[1; 32], &Stand { written: 8, ..later }),
            None,
            "what was written counts at once"
        );
        recent.put([1; 32], later, "b");
        assert_eq!(recent.find(&[1; 32], &later), Some("b"));
        assert_eq!(
            recent.find(&[1; 32], &Stand { at: Ts(20_000), ..stand }),
            None,
            "nobody has read it for long"
        );
    }
}
