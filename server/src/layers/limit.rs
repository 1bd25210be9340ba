//! [`Limit`]: how often one client may ask.

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::response::promised::Promised;
use crate::{Error, Request, Result};
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Clients whose hashes agree in these bits share a set of slots.
const SETS: usize = 1 << 14;

/// Slots of a set: so many clients of one set are told apart.
const WAYS: usize = 4;

/// Bits of a slot that are a time, in microseconds since the limit was made, modulo their range. Those above are the
/// tag of the client.
const TIME_BITS: u32 = 44;
const TIME: u64 = (1 << TIME_BITS) - 1;

/// A [`Layer`] that lets each client ask so often and no more: what is beyond it gets 429 with `Retry-After`, before
/// its body is read.
///
/// A client is a network: an IPv4 address, or the first 64 bits of an IPv6 address, of which a subscriber has at least
/// that many. It is [`Request::client`]: the address of the connection, or what a proxy says that the server trusts.
/// What other clients write of themselves is not looked at.
///
/// Requests are counted by GCRA (the generic cell rate algorithm, a leaky bucket): they may come in a burst, and the
/// room for it fills again at the rate. 65,536 clients are told apart in half a MiB that never grows and needs no
/// cleaner. Where more ask at the same time, the one of four that asked longest ago is forgotten: it may ask anew.
/// Which clients meet is decided by a random key. Two whose hashes agree in 34 bits count as one: where all 65,536
/// places are taken, that is one client in 260,000.
///
/// ```
/// use doget::{Limit, handler, testing};
///
/// struct Login;
///
/// #[handler]
/// impl Login {
///     fn do_POST(&self) -> &'static str {
///         "welcome"
///     }
/// }
///
/// let login = doget::with(Limit::per_minute(6).burst(2), Login);
/// let ask = || testing::post("/").body("").send(&login);
/// assert_eq!(ask().text(), "welcome");
/// assert_eq!(ask().text(), "welcome");
/// let answer = ask();
/// assert_eq!((answer.status().as_u16(), answer.header("Retry-After")), (429, Some("10")));
/// ```
pub struct Limit {
    /// Microseconds from one request to the next, on average.
    interval: u64,
    burst: u64,
    ipv6_prefix: u8,
    slots: Box<[AtomicU64]>,
    key: RandomState,
    start: Instant,
    forgotten: AtomicU64,
}

impl Limit {
    /// So many requests a second, at most a million; with as many at once as come in a second.
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// So many requests a minute; with as many at once as come in a minute.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    fn new(requests: u32, time: Duration) -> Self {
        let requests = requests.max(1);
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            interval: (time / u64::from(requests)).max(1),
            burst: u64::from(requests),
            ipv6_prefix: 64,
            slots: (0..SETS * WAYS).map(|_| AtomicU64::new(0)).collect(),
            key: RandomState::new(),
            start: Instant::now(),
            forgotten: AtomicU64::new(0),
        }
    }

    /// How many requests may come at once, where none came before: at least 1.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = u64::from(requests.max(1));
        self
    }

    /// How many bits of an IPv6 address make a client: 64 by default, 56 or 48 where one subscriber has so much.
    #[must_use]
    pub fn ipv6_prefix(mut self, bits: u8) -> Self {
        self.ipv6_prefix = bits.min(128);
        self
    }

    /// How many clients were forgotten while their requests still counted, since too many others asked.
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Relaxed)
    }

    /// Counts a request of this client, as the layer does. `Err`: it came too early, and by so much.
    ///
    /// ```
    /// let limit = doget::Limit::per_second(1);
    /// let client = [192, 0, 2, 1].into();
    /// assert!(limit.check(Some(client)).is_ok());
    /// assert!(limit.check(Some(client)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// The time until a request of this client is let in again.
    pub fn check(&self, client: Option<IpAddr>) -> std::result::Result<(), Duration> {
        let now = self.start.elapsed();
        let micros = now.as_secs().wrapping_mul(1_000_000) + u64::from(now.subsec_micros());
        self.check_at(self.network(client), micros & TIME)
    }

    /// The client as a number: its network, and in the highest bits what it is.
    fn network(&self, client: Option<IpAddr>) -> u128 {
        match client.map(|address| address.to_canonical()) {
            None => 0,
            Some(IpAddr::V4(address)) => 1 << 127 | u128::from(u32::from(address)),
            Some(IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.ipv6_prefix);
                u128::from(address).checked_shr(shift).unwrap_or(0) | 1 << 126
            }
        }
    }

    fn check_at(&self, network: u128, now: u64) -> std::result::Result<(), Duration> {
        let hash = self.key.hash_one(network);
        // An empty slot looks like one of tag 0 whose time is long past, which is right.
        let tag = hash >> TIME_BITS;
        let set = usize::try_from(hash & (SETS as u64 - 1)).unwrap_or(0) * WAYS;
        let slots = self.slots.get(set..set + WAYS).unwrap_or_default();
        // Somebody else's write in between is tried over; where that goes on, the request is let in.
        for _ in 0..8 {
            let Some((slot, old)) = self.slot_of(slots, tag, now) else {
                return Ok(());
            };
            let is_known = old >> TIME_BITS == tag;
            let ahead = if is_known { self.ahead(old, now) } else { 0 };
            let next = ahead + self.interval;
            let most = self.interval.saturating_mul(self.burst);
            if next > most {
                return Err(Duration::from_micros(next - most));
            }
            let new = tag << TIME_BITS | (now.wrapping_add(next) & TIME);
            if slot
                .compare_exchange_weak(old, new, Relaxed, Relaxed)
                .is_ok()
            {
                if !is_known && self.ahead(old, now) > 0 {
                    self.forgotten.fetch_add(1, Relaxed);
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// The client's slot, or the one of which least would be forgotten.
    fn slot_of<'s>(
        &self,
        slots: &'s [AtomicU64],
        tag: u64,
        now: u64,
    ) -> Option<(&'s AtomicU64, u64)> {
        let values = || slots.iter().map(|slot| (slot, slot.load(Relaxed)));
        let known = values().find(|(_, value)| value >> TIME_BITS == tag);
        known.or_else(|| values().min_by_key(|(_, value)| self.ahead(*value, now)))
    }

    /// How far a slot's time is ahead of now: that is what its client has used up. A time that no request can have left
    /// is long past, since times begin anew after 203 days.
    fn ahead(&self, slot: u64, now: u64) -> u64 {
        let ahead = (slot & TIME).wrapping_sub(now) & TIME;
        let most = self.interval.saturating_mul(self.burst);
        if ahead <= most { ahead } else { 0 }
    }
}

impl Layer for Limit {
    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        match self.check(request.client()) {
            Ok(()) => Ok(Gate::Pass),
            Err(wait) => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                Err(Error::too_many_requests().header("Retry-After", seconds.to_string()))
            }
        }
    }

    #[cfg(feature = "openapi")]
    fn describe(api: &mut crate::openapi::Api) {
        api.every_operation(|operation| {
            operation.fault(crate::StatusCode::TOO_MANY_REQUESTS, "");
        });
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("interval", &Duration::from_micros(self.interval))
            .field("burst", &self.burst)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_rate() {
        let limit = Limit::per_second(10).burst(3);
        for _ in 0..3 {
            assert_eq!(limit.check_at(1, 0), Ok(()));
        }
        assert_eq!(limit.check_at(1, 0), Err(Duration::from_millis(100)));
        assert_eq!(limit.check_at(1, 99_999), Err(Duration::from_micros(1)));
        assert_eq!(limit.check_at(1, 100_000), Ok(()));
        assert_eq!(limit.check_at(1, 100_000), Err(Duration::from_millis(100)));
        // Another client is another client.
        assert_eq!(limit.check_at(2, 100_000), Ok(()));
    }

    #[test]
    fn times_that_begin_anew_refuse_nobody() {
        let limit = Limit::per_second(1);
        assert_eq!(limit.check_at(1, TIME), Ok(()));
        assert_eq!(limit.check_at(1, 0), Err(Duration::from_micros(999_999)));
        assert_eq!(limit.check_at(1, TIME / 2), Ok(()));
        assert_eq!(limit.check_at(1, TIME - 5), Ok(()));
    }

    /// One address more is no new client, and a mapped address is the one that it maps.
    #[test]
    fn clients_are_networks() {
        let limit = Limit::per_second(1);
        let network = |text: &str| limit.network(Some(text.parse().unwrap_or([0; 4].into())));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::2"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        let wide = Limit::per_second(1).ipv6_prefix(56);
        let network = |text: &str| wide.network(Some(text.parse().unwrap_or([0; 4].into())));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_ne!(network("2001:db8:0:100::1"), network("2001:db8:0:200::1"));
        let all = Limit::per_second(1).ipv6_prefix(0);
        assert_eq!(
            all.network(Some([1; 16].into())),
            all.network(Some([2; 16].into()))
        );
    }

    #[test]
    fn a_full_set_forgets_and_refuses_next_to_nobody() {
        let limit = Limit::per_second(1);
        let refused = (0..300_000)
            .filter(|client| limit.check_at(*client, 0).is_err())
            .count();
        // One is to be expected, whose hash is that of another. That it is more than 30 has a chance of 1 in 10^30.
        assert!(refused <= 30, "{refused}");
        assert!(limit.forgotten() > 200_000, "{}", limit.forgotten());
        assert_eq!(limit.slots.len(), 65_536);
    }
}
