//! Guessing of tracking codes, held off per address and per number.
//!
//! Only failures count. One address may fail some thirty times and then once in a few seconds. For one number
//! the wait of an address that failed on it grows to a minute and stays there, so that whoever mistypes is
//! never locked out for good. When many addresses fail on one number, each still has its first tries at
//! once: a swarm cannot keep the owner, who comes from another address with the right code, from getting in. But
//! an address that goes on failing on a number under attack waits up to half an hour, so that a thousand addresses that
//! try all day get a small part of their tries. The code carries 36.7 bits; see `text::tracking_code`.

use kernel::Refusal;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Failures of one address before it has to wait.
const ADDRESS_BURST: f64 = 30.0;
/// One failure of an address is forgotten in so long.
const ADDRESS_EACH: Duration = Duration::from_secs(4);
/// Failures of one address on one number without a wait: people mistype.
const FREE: u32 = 3;
/// The longest wait.
const WAIT_MOST: Duration = Duration::from_secs(60);
/// So many failures on one number within about an hour are an attack and no mistyping.
const ATTACK: f64 = 120.0;
/// One failure on a number is forgotten in so long.
const NUMBER_EACH: Duration = Duration::from_secs(30);
/// By so much each wait is longer on a number under attack.
const ATTACK_TIMES: u32 = 30;
/// Failures on one number are forgotten so long after the last one.
const FORGET: Duration = Duration::from_secs(3_600);
/// Keys remembered at most; the oldest are forgotten first.
const KEYS_MOST: usize = 50_000;

/// The failures this process remembers.
#[derive(Debug, Default)]
pub struct Guesses {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    addresses: HashMap<IpAddr, (f64, Duration)>,
    pairs: HashMap<(IpAddr, u64), (u32, Duration)>,
    numbers: HashMap<u64, (f64, Duration)>,
}

impl Guesses {
    /// Refuses while an address has to wait, with the seconds. `at` is a steady time that only grows.
    ///
    /// # Errors
    /// `public.track.wait`.
    pub fn check(&self, address: IpAddr, number: &str, at: Duration) -> Result<(), Refusal> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (address, number) = (network(address), hash(number));
        let on_number = known.numbers.get(&number).map_or(0.0, |entry| level(*entry, at, NUMBER_EACH));
        let times = if on_number >= ATTACK { ATTACK_TIMES } else { 1 };
        let by_pair = known
            .pairs
            .get(&(address, number))
            .map_or(Duration::ZERO, |(failures, last)| (*last + wait(*failures) * times).saturating_sub(at));
        let level = known.addresses.get(&address).map_or(0.0, |entry| level(*entry, at, ADDRESS_EACH));
        let by_address = if level >= ADDRESS_BURST { ADDRESS_EACH } else { Duration::ZERO };
        let left = by_pair.max(by_address);
        if left.is_zero() {
            return Ok(());
        }
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Err(Refusal { code: "public.track.wait", ..Refusal::too_many() }.with("seconds", seconds))
    }

    /// Counts a failure.
    pub fn fail(&self, address: IpAddr, number: &str, at: Duration) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.tidy(at);
        let (address, number) = (network(address), hash(number));
        let failed = known.addresses.get(&address).map_or(0.0, |entry| level(*entry, at, ADDRESS_EACH));
        known.addresses.insert(address, (failed + 1.0, at));
        let failed = known.numbers.get(&number).map_or(0.0, |entry| level(*entry, at, NUMBER_EACH));
        known.numbers.insert(number, (failed + 1.0, at));
        let entry = known.pairs.entry((address, number)).or_insert((0, at));
        let fresh = at.saturating_sub(entry.1) > FORGET;
        *entry = (if fresh { 1 } else { entry.0 + 1 }, at);
    }

    /// The right code: what was mistyped before it is forgotten.
    pub fn succeed(&self, address: IpAddr, number: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.pairs.remove(&(network(address), hash(number)));
    }
}

impl Known {
    fn tidy(&mut self, at: Duration) {
        let most = self.pairs.len().max(self.addresses.len()).max(self.numbers.len());
        if most < KEYS_MOST {
            return;
        }
        self.pairs.retain(|_, (_, last)| at.saturating_sub(*last) < FORGET);
        self.addresses.retain(|_, entry| level(*entry, at, ADDRESS_EACH) > 0.0);
        self.numbers.retain(|_, entry| level(*entry, at, NUMBER_EACH) > 0.0);
        if self.pairs.len() >= KEYS_MOST {
            self.pairs.clear();
        }
        if self.addresses.len() >= KEYS_MOST {
            self.addresses.clear();
        }
        if self.numbers.len() >= KEYS_MOST {
            self.numbers.clear();
        }
    }
}

fn level((failures, last): (f64, Duration), at: Duration, each: Duration) -> f64 {
    (failures - at.saturating_sub(last).as_secs_f64() / each.as_secs_f64()).max(0.0)
}

/// Nothing for the first failures, then 1, 2, 4 … seconds up to a minute.
fn wait(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(n) => Duration::from_secs(1 << n.min(6)).min(WAIT_MOST),
    }
}

/// One subscriber of IPv6 has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        },
    }
}

fn hash(number: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, n])
    }

    #[test]
    fn the_wait_grows_to_a_minute_and_no_further() {
        let guesses = Guesses::default();
        let mut at = Duration::from_secs(100);
        let mut waits = Vec::new();
        for _ in 0..14 {
            guesses.check(ip(1), "17", at).unwrap();
            guesses.fail(ip(1), "17", at);
            let mut waited = 0;
            while guesses.check(ip(1), "17", at).is_err() {
                at += Duration::from_secs(1);
                waited += 1;
            }
            waits.push(waited);
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn a_swarm_does_not_keep_the_owner_out() {
        let guesses = Guesses::default();
        let at = Duration::from_secs(5);
        for n in 1..=200 {
            for _ in 0..5 {
                guesses.fail(ip(n), "17", at);
            }
            assert_eq!(guesses.check(ip(n), "17", at).unwrap_err().code, "public.track.wait");
        }
        guesses.check(ip(250), "17", at).unwrap();
    }

    #[test]
    fn walking_through_the_numbers_from_one_address_is_held_off_too() {
        let guesses = Guesses::default();
        let at = Duration::from_secs(5);
        for n in 0..30 {
            guesses.check(ip(1), &n.to_string(), at).unwrap();
            guesses.fail(ip(1), &n.to_string(), at);
        }
        assert!(guesses.check(ip(1), "31", at).is_err());
        guesses.check(ip(2), "31", at).unwrap();
        guesses.check(ip(1), "31", at + Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn mistyping_is_forgiven_by_the_right_code_and_a_whole_ipv6_subscriber_is_one_address() {
        let guesses = Guesses::default();
        let at = Duration::from_secs(5);
        for _ in 0..6 {
            guesses.fail(ip(1), "17", at);
        }
        guesses.succeed(ip(1), "17");
        guesses.check(ip(1), "17", at).unwrap();
        let (one, two): (IpAddr, IpAddr) =
            ("2001:db8::1".parse().unwrap(), "2001:db8::ffff".parse().unwrap());
        for _ in 0..6 {
            guesses.fail(one, "18", at);
        }
        assert!(guesses.check(two, "18", at).is_err());
    }
}
