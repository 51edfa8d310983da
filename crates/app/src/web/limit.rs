//! Rate limits: a token bucket per key, in memory of this process. Restarting forgets them; what must not be
//! forgotten (log-in failures) is in the database.

use kernel::{Refusal, Ts};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Keys remembered at most; when there are more, the full buckets are forgotten, then all.
const KEYS_MOST: usize = 50_000;

/// A bucket per key that holds `burst` tries and gains `per_minute` a minute.
#[derive(Debug)]
pub struct RateLimit {
    burst: f64,
    per_ms: f64,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Duration,
}

impl RateLimit {
    /// A limit: so many tries at once, and so many a minute in the long run.
    #[must_use]
    pub fn new(burst: u32, per_minute: u32) -> RateLimit {
        RateLimit {
            burst: f64::from(burst),
            per_ms: f64::from(per_minute) / 60_000.0,
            buckets: Mutex::default(),
        }
    }

    /// Takes one try. `at` is a steady time that only grows, see [`super::App::uptime`].
    ///
    /// # Errors
    /// `common.too_many` when none is left.
    pub fn take(&self, key: impl Hash, at: Duration) -> Result<(), Refusal> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_MOST {
            buckets.retain(|_, bucket| self.level(*bucket, at) < self.burst);
            if buckets.len() >= KEYS_MOST {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(hasher.finish()).or_insert(Bucket { left: self.burst, at });
        let left = self.level(*bucket, at);
        *bucket = Bucket { left: if left >= 1.0 { left - 1.0 } else { left }, at };
        if left >= 1.0 { Ok(()) } else { Err(Refusal::too_many()) }
    }

    /// Forgets all tries, as restarting does.
    pub fn forget(&self) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn level(&self, bucket: Bucket, at: Duration) -> f64 {
        let gained = at.saturating_sub(bucket.at).as_secs_f64() * 1_000.0 * self.per_ms;
        (bucket.left + gained).min(self.burst)
    }
}

/// Failures for log-in names that nobody has, counted as real ones are: a lock must not tell that an account
/// exists.
#[derive(Debug, Default)]
pub struct Guesses {
    names: Mutex<HashMap<u64, (i64, Ts)>>,
}

impl Guesses {
    fn key(name: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish()
    }

    /// Until when the name is locked, if it is.
    #[must_use]
    pub fn locked(&self, name: &str, now: Ts) -> Option<Ts> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&Guesses::key(name)).map(|(_, until)| *until).filter(|until| *until > now)
    }

    /// Counts a failure; `lock_for` says for how many milliseconds so many of them lock.
    pub fn fail(&self, name: &str, now: Ts, lock_for: fn(i64) -> i64) -> Option<Ts> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= KEYS_MOST {
            names.clear();
        }
        let entry = names.entry(Guesses::key(name)).or_insert((0, now));
        entry.0 += 1;
        entry.1 = now.plus(lock_for(entry.0));
        Some(entry.1).filter(|until| *until > now)
    }
}

/// The limits of this process.
#[derive(Debug)]
pub struct Limits {
    /// Log-ins, by address: an office of sixty behind one address starts its day at once.
    pub login_address: RateLimit,
    /// Log-ins, by log-in name: guesses in parallel.
    pub login_name: RateLimit,
    /// Reports from public pages, by address.
    pub report: RateLimit,
    /// Looking for known troubles while somebody types, by address.
    pub similar: RateLimit,
    /// Tracking codes, by address and by number.
    pub codes: crate::features::public::Guesses,
    /// Links of units without an account, by address.
    pub hands: RateLimit,
    /// The API, by token.
    pub api: RateLimit,
}

impl Limits {
    /// The limits of a process; `api_per_minute` as configured, see [`crate::config::Config`].
    #[must_use]
    pub fn new(api_per_minute: u32) -> Limits {
        Limits {
            login_address: RateLimit::new(60, 30),
            login_name: RateLimit::new(8, 6),
            report: RateLimit::new(20, 6),
            similar: RateLimit::new(60, 60),
            codes: crate::features::public::Guesses::default(),
            // A unit's page with its pictures, and several foremen behind one address.
            hands: RateLimit::new(200, 240),
            api: RateLimit::new(api_per_minute / 2, api_per_minute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again_for_its_own_key_only() {
        let limit = RateLimit::new(3, 60);
        let at = Duration::from_secs(10);
        for _ in 0..3 {
            limit.take("a", at).unwrap();
        }
        assert_eq!(limit.take("a", at).unwrap_err().code, "common.too_many");
        limit.take("b", at).unwrap();
        assert!(limit.take("a", at + Duration::from_millis(900)).is_err());
        limit.take("a", at + Duration::from_millis(2_000)).unwrap();
    }

    #[test]
    fn waiting_long_gives_the_burst_and_no_more() {
        let limit = RateLimit::new(2, 600);
        limit.take(1, Duration::ZERO).unwrap();
        let later = Duration::from_secs(3_600);
        assert!(limit.take(1, later).is_ok() && limit.take(1, later).is_ok());
        assert!(limit.take(1, later).is_err());
    }
}
