//! The trailing window of thresholds: plain sums, no statistics.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::counts::Counts;

/// Sub-buckets a window is divided into at most.
const BUCKETS_MAX: usize = 30;

/// Sums over the trailing `length_ms`, kept in at most 30 sub-buckets aligned to the clock.
///
/// A sub-bucket is dropped as a whole, so what is summed covers between 29/30 of the length and all of it, and never
/// more. Fixed size, about half a KiB, and feeding it allocates nothing.
///
/// Fed with counts, [`Sums::rate`] is the ratio over the window; fed with values, it is their mean; fed with events,
/// [`Sums::n`] is their number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    version: WindowVersion,
    #[serde(deserialize_with = "bucket_length")]
    bucket_ms: i64,
    #[serde(deserialize_with = "bucket_count")]
    buckets: u8,
    newest: Option<i64>,
    since_ms: i64,
    sums: [Sums; BUCKETS_MAX],
}

/// The version of the serialised form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum WindowVersion {
    #[serde(rename = "1")]
    One,
}

/// What fell into a window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Events, or how many values.
    pub n: f64,
    /// Bad events, or the sum of the values.
    pub bad: f64,
}

impl Sums {
    /// Bad events per event, or the mean of the values; `None` when nothing fell into the window.
    pub fn rate(self) -> Option<f64> {
        (self.n > 0.0).then(|| self.bad / self.n)
    }

    fn plus(self, other: Self) -> Self {
        Self { n: bounded(self.n + other.n), bad: bounded(self.bad + other.bad) }
    }
}

/// Keeps sums of absurd numbers finite.
fn bounded(sum: f64) -> f64 {
    sum.clamp(-1e300, 1e300)
}

impl Window {
    /// An empty window over the trailing `length_ms` milliseconds, at least 1.
    pub fn new(length_ms: u64) -> Self {
        let length_ms = i64::try_from(length_ms).unwrap_or(i64::MAX).max(1);
        let bucket_ms = length_ms.div_euclid(BUCKETS_MAX as i64).max(1);
        let bucket_ms = if bucket_ms * (BUCKETS_MAX as i64) < length_ms { bucket_ms + 1 } else { bucket_ms };
        let buckets = (length_ms / bucket_ms).clamp(1, BUCKETS_MAX as i64) as u8;
        Self {
            version: WindowVersion::One,
            bucket_ms,
            buckets,
            newest: None,
            since_ms: 0,
            sums: [Sums::default(); BUCKETS_MAX],
        }
    }

    /// Adds `n` events of which `bad` were bad, seen at `at_ms`.
    pub fn add_counts(&mut self, at_ms: i64, counts: Counts) {
        self.add(at_ms, counts.n as f64, counts.bad as f64);
    }

    /// Adds one value, such as a gauge's. Values that are not finite are left out.
    pub fn add_value(&mut self, at_ms: i64, value: f64) {
        self.add(at_ms, 1.0, value);
    }

    /// Adds `n` events of which `bad` were bad. What is not finite, or older than the window, is left out.
    pub fn add(&mut self, at_ms: i64, n: f64, bad: f64) {
        if !n.is_finite() || !bad.is_finite() {
            return;
        }
        let bucket = at_ms.div_euclid(self.bucket_ms);
        let newest = match self.newest {
            None => {
                self.since_ms = at_ms;
                bucket
            }
            Some(newest) if newest.saturating_sub(bucket) >= i64::from(self.buckets) => return,
            Some(newest) => {
                self.clear_between(newest, bucket);
                newest.max(bucket)
            }
        };
        self.newest = Some(newest);
        let slot = self.slot(bucket);
        self.sums[slot] = self.sums[slot].plus(Sums { n, bad });
    }

    /// What fell into the window that ends at `at_ms`.
    pub fn sums(&self, at_ms: i64) -> Sums {
        let Some(newest) = self.newest else {
            return Sums::default();
        };
        let buckets = i64::from(self.buckets);
        let end = at_ms.div_euclid(self.bucket_ms);
        let first = end.saturating_sub(buckets - 1).max(newest.saturating_sub(buckets - 1));
        let last = end.min(newest);
        (first..=last).fold(Sums::default(), |sums, bucket| sums.plus(self.sums[self.slot(bucket)]))
    }

    /// Whether data have been coming in for the whole window that ends at `at_ms`.
    pub fn is_full(&self, at_ms: i64) -> bool {
        let covered = self.bucket_ms.saturating_mul(i64::from(self.buckets));
        self.newest.is_some() && at_ms.saturating_sub(self.since_ms) >= covered
    }

    /// Forgets everything, keeps the length.
    pub fn clear(&mut self) {
        self.newest = None;
        self.sums = [Sums::default(); BUCKETS_MAX];
    }

    fn slot(&self, bucket: i64) -> usize {
        bucket.rem_euclid(i64::from(self.buckets)) as usize
    }

    /// Empties the sub-buckets that become current when `newest` gives way to `bucket`.
    fn clear_between(&mut self, newest: i64, bucket: i64) {
        let first = newest.saturating_add(1).max(bucket.saturating_sub(i64::from(self.buckets) - 1));
        for passed in first..=bucket {
            let slot = self.slot(passed);
            self.sums[slot] = Sums::default();
        }
    }
}

fn bucket_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let bucket_ms = i64::deserialize(deserializer)?;
    if bucket_ms >= 1 { Ok(bucket_ms) } else { Err(D::Error::custom("a sub-bucket must last at least 1 ms")) }
}

fn bucket_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let buckets = u8::deserialize(deserializer)?;
    let usable = (1..=BUCKETS_MAX).contains(&usize::from(buckets));
    if usable { Ok(buckets) } else { Err(D::Error::custom("a window has 1 to 30 sub-buckets")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_cover_the_trailing_window_and_nothing_older() {
        let mut window = Window::new(30_000);
        for second in 0..120 {
            window.add_counts(second * 1_000, Counts::new(10, 1));
        }
        assert_eq!(window.sums(119_000), Sums { n: 300.0, bad: 30.0 });
        assert_eq!(window.sums(129_000), Sums { n: 200.0, bad: 20.0 }, "ten seconds of silence");
        assert_eq!(window.sums(149_000), Sums::default());
        assert_eq!(window.sums(119_000).rate(), Some(0.1));
        assert_eq!(window.sums(500_000).rate(), None);
    }

    #[test]
    fn a_long_gap_leaves_nothing_behind() {
        let mut window = Window::new(5_000);
        window.add(0, 7.0, 7.0);
        window.add(1_000_000_000_000, 1.0, 0.0);
        assert_eq!(window.sums(1_000_000_000_000), Sums { n: 1.0, bad: 0.0 });
        window.add(0, 9.0, 9.0);
        assert_eq!(window.sums(1_000_000_000_000), Sums { n: 1.0, bad: 0.0 }, "too old to count");
    }

    #[test]
    fn late_values_join_their_sub_bucket_and_broken_ones_are_left_out() {
        let mut window = Window::new(10_000);
        window.add_value(9_000, 4.0);
        window.add_value(3_000, 2.0);
        window.add_value(9_000, f64::NAN);
        window.add_value(9_000, f64::INFINITY);
        assert_eq!(window.sums(9_000).rate(), Some(3.0));
        assert_eq!(window.sums(4_000).rate(), Some(2.0), "a window that ends earlier sees less");
    }

    #[test]
    fn it_is_full_once_data_came_for_its_length() {
        let mut window = Window::new(60_000);
        window.add(10_000, 1.0, 0.0);
        assert!(!window.is_full(69_999));
        assert!(window.is_full(70_000));
        assert!(!Window::new(1).is_full(i64::MAX));
    }

    #[test]
    fn it_is_small_and_survives_serialisation() {
        let mut window = Window::new(1_800_000);
        for minute in 0..40 {
            window.add(minute * 60_000, 1e6 / 3.0, 1e3 / 7.0);
        }
        let read: Window = serde_json::from_str(&serde_json::to_string(&window).unwrap()).unwrap();
        assert_eq!(read, window);
        for (good, damaged) in
            [("\"buckets\":30", "\"buckets\":0"), ("\"bucket_ms\":60000", "\"bucket_ms\":0")]
        {
            let json = serde_json::to_string(&window).unwrap();
            assert!(serde_json::from_str::<Window>(&json.replace(good, damaged)).is_err(), "{json}");
        }
        assert!(size_of::<Window>() <= 1_024, "{}", size_of::<Window>());
    }

    #[test]
    fn any_length_is_divided_into_at_most_thirty_parts_that_never_exceed_it() {
        for length in [0, 1, 7, 29, 30, 31, 59, 61, 1_000, 299_999, 86_400_000, u64::MAX] {
            let window = Window::new(length);
            let covered = i128::from(window.bucket_ms) * i128::from(window.buckets);
            let length = i128::from(length.max(1)).min(i128::from(i64::MAX));
            assert!(covered <= length, "{length}");
            assert!(covered * 2 > length, "{length}: {covered}");
        }
    }
}
