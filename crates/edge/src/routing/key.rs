//! The key of a request: what keeps one user on one version.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use hyper::{
    HeaderMap,
    header::{COOKIE, HeaderValue},
};
use ripcord_model::blueprint::Sticky;

use crate::hash::{fnv1a, mix, to_ppm};

/// 2^64 divided by the golden ratio: the step of the additive sequence used for requests without a key.
const GOLDEN_STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a request is drawn by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// The same for every request of one user.
    Sticky(u64),
    /// Fresh bits for this request alone.
    Fresh(u64),
}

impl Key {
    /// Where in 0..1,000,000 this request falls. The salt makes each candidate meet other users first; a user keeps
    /// the place as long as the candidate is the same, so a growing share only ever adds users to it.
    pub(crate) fn position_ppm(self, salt: u64) -> u32 {
        match self {
            Self::Sticky(hash) => to_ppm(mix(hash ^ salt)),
            Self::Fresh(bits) => to_ppm(bits),
        }
    }

    /// A key for one request alone, from the golden ratio's additive sequence: any run of n requests, and any
    /// evenly spaced part of one, gets each share to within a few requests. Independent random draws would exceed a
    /// small share by chance.
    pub(crate) fn fresh(counter: &AtomicU64) -> Self {
        Self::Fresh(counter.fetch_add(GOLDEN_STEP, Ordering::Relaxed).wrapping_add(GOLDEN_STEP))
    }

    fn of(bytes: &[u8]) -> Self {
        Self::Sticky(fnv1a(bytes))
    }
}

/// The key of a request, and the cookie to set when it brought none.
pub(crate) fn sticky_key(
    sticky: &Sticky,
    headers: &HeaderMap,
    client: IpAddr,
    counter: &AtomicU64,
) -> (Key, Option<HeaderValue>) {
    match sticky {
        Sticky::None => (Key::fresh(counter), None),
        Sticky::Address => (address_key(client), None),
        Sticky::Header(name) => match headers.get(name.as_str()).filter(|value| !value.is_empty()) {
            Some(value) => (Key::of(value.as_bytes()), None),
            None => (Key::fresh(counter), None),
        },
        Sticky::Cookie(name) => match cookie(headers, name) {
            Some(value) => (Key::of(value), None),
            None => new_cookie(name, counter),
        },
    }
}

/// IPv6 users move freely within their /64, so that is what identifies them.
fn address_key(client: IpAddr) -> Key {
    match client.to_canonical() {
        IpAddr::V4(address) => Key::of(&address.octets()),
        IpAddr::V6(address) => Key::of(&address.octets()[..8]),
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs
        .filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find(|value| !value.is_empty())
}

fn new_cookie(name: &str, counter: &AtomicU64) -> (Key, Option<HeaderValue>) {
    let mut random = [0_u8; 16];
    if getrandom::fill(&mut random).is_err() {
        return (Key::fresh(counter), None);
    }
    let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let cookie = HeaderValue::try_from(format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax"));
    (Key::of(id.as_bytes()), cookie.ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; xrip=no; rip=; b=2"));
        assert_eq!(cookie(&headers, "rip"), None);
        headers.append(COOKIE, HeaderValue::from_static("c=3;rip=u=7"));
        assert_eq!(cookie(&headers, "rip"), Some(&b"u=7"[..]));
    }

    #[test]
    fn a_sticky_share_is_exact_within_binomial_bounds() {
        for share_ppm in [10_000_u32, 100_000, 500_000] {
            let salt = fnv1a(b"v2");
            let chosen = (0..20_000)
                .filter(|user| Key::of(format!("user-{user}").as_bytes()).position_ppm(salt) < share_ppm)
                .count();
            let p = f64::from(share_ppm) / 1e6;
            let deviation = (chosen as f64 - 20_000.0 * p).abs() / (20_000.0 * p * (1.0 - p)).sqrt();
            assert!(deviation < 4.0, "{chosen} of 20000 at {p}: {deviation} standard deviations");
        }
    }

    #[test]
    fn a_fresh_share_is_exact_within_a_few_requests() {
        for (share_ppm, stride) in [(10_000_u32, 1), (10_000, 2), (10_000, 7), (333_333, 1), (500_000, 2)] {
            let counter = AtomicU64::new(0);
            let draws = (0..20_000).map(|_| Key::fresh(&counter).position_ppm(0));
            let drawn: Vec<u32> = draws.step_by(stride).collect();
            let chosen = drawn.iter().filter(|position| **position < share_ppm).count() as f64;
            let expected = drawn.len() as f64 * f64::from(share_ppm) / 1e6;
            assert!((chosen - expected).abs() < 6.0, "{chosen}, expected {expected}, stride {stride}");
        }
    }

    #[test]
    fn candidates_meet_other_users_first() {
        let both = (0..20_000_u32)
            .filter(|user| {
                let key = Key::of(&user.to_be_bytes());
                key.position_ppm(fnv1a(b"v2")) < 100_000 && key.position_ppm(fnv1a(b"v3")) < 100_000
            })
            .count();
        assert!((120..280).contains(&both), "{both} of 20000 users are in both, expected about 200");
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_key() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
