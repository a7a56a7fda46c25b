//! What one signal said over time, in a bounded number of points. Blocks are pushed one by one; when there are too many
//! points, neighbours are put together. So a release of a month costs as much as one of an hour.

use ripcord_engine::{Arms, Sample};
use ripcord_model::{Duration, Timestamp};

/// No chart has more points.
pub const POINTS_MAX: usize = 240;

/// What was said around one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The end of it.
    pub at: Timestamp,
    /// On the candidate; `None` where nothing was said.
    pub canary: Option<f64>,
    /// On last good.
    pub control: Option<f64>,
    /// Where last good's true value lies with a confidence of 95 %, for rates.
    pub band: Option<(f64, f64)>,
}

/// Sums over neighbouring blocks.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    at: Timestamp,
    canary: Sum,
    control: Sum,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Bad events, events, or values.
    count: f64,
    /// Events, exposure, or how many values.
    of: f64,
}

impl Sum {
    fn new(count: f64, of: f64) -> Self {
        if count.is_finite() && of.is_finite() && of > 0.0 { Self { count, of } } else { Self::default() }
    }

    fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, of: self.of + other.of }
    }

    fn rate(self) -> Option<f64> {
        (self.of > 0.0).then(|| self.count / self.of)
    }
}

/// One signal over time.
#[derive(Debug, Clone)]
pub struct Series {
    bins: Vec<Bin>,
    /// How many blocks a bin holds at most.
    per_bin: u32,
    /// How many the last one holds.
    in_last: u32,
    window: Duration,
    /// Whether values are sums over sums, so that a window means something and a band can be drawn.
    is_rate: bool,
}

impl Series {
    /// Of a signal with this trailing window.
    pub fn new(window: Duration) -> Self {
        Self { bins: Vec::new(), per_bin: 1, in_last: 0, window, is_rate: false }
    }

    /// One block's sample of the signal; `requests` are the exposure of events that have none of their own.
    pub fn push(&mut self, at: Timestamp, sample: Option<&Sample>, requests: Arms<u64>) {
        let Arms { canary, control } = self.sums(sample, requests);
        let fresh = Bin { at, canary, control };
        match self.bins.last_mut() {
            Some(last) if self.in_last < self.per_bin => {
                *last = Bin { at, canary: last.canary.and(canary), control: last.control.and(control) };
                self.in_last += 1;
            }
            Some(_) | None => {
                self.bins.push(fresh);
                self.in_last = 1;
            }
        }
        if self.bins.len() > POINTS_MAX {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let pair = |pair: &[Bin]| match pair {
            [one, other] => Bin {
                at: other.at,
                canary: one.canary.and(other.canary),
                control: one.control.and(other.control),
            },
            rest => rest.last().copied().unwrap_or_default(),
        };
        let odd = !self.bins.len().is_multiple_of(2);
        self.bins = self.bins.chunks(2).map(pair).collect();
        self.in_last = if odd { self.in_last } else { self.per_bin + self.in_last };
        self.per_bin *= 2;
    }

    fn sums(&mut self, sample: Option<&Sample>, requests: Arms<u64>) -> Arms<Sum> {
        let value = |value: Option<f64>| value.map_or_else(Sum::default, |value| Sum::new(value, 1.0));
        let both = |canary, control| Arms { canary, control };
        match sample {
            None => both(Sum::default(), Sum::default()),
            Some(Sample::Counts(arms)) => {
                self.is_rate = true;
                both(
                    Sum::new(arms.canary.bad as f64, arms.canary.n as f64),
                    Sum::new(arms.control.bad as f64, arms.control.n as f64),
                )
            }
            Some(Sample::Events(arms)) => {
                let of = Arms { canary: requests.canary as f64, control: requests.control as f64 };
                both(Sum::new(arms.canary, of.canary), Sum::new(arms.control, of.control))
            }
            Some(Sample::Exposed(arms)) => both(
                Sum::new(arms.canary.events, arms.canary.exposure),
                Sum::new(arms.control.events, arms.control.exposure),
            ),
            Some(Sample::Values(arms)) => both(value(arms.canary), value(arms.control)),
            Some(Sample::Histogram(histogram)) => {
                both(value(histogram.values.canary), value(histogram.values.control))
            }
        }
    }

    /// The points, oldest first. Rates are taken over the signal's trailing window.
    pub fn points(&self) -> Vec<Point> {
        (0..self.bins.len()).map(|index| self.point(index)).collect()
    }

    fn point(&self, index: usize) -> Point {
        let bin = &self.bins[index];
        let (mut canary, mut control) = (bin.canary, bin.control);
        if self.is_rate {
            let since = bin.at.minus(self.window);
            for earlier in self.bins[..index].iter().rev().take_while(|earlier| earlier.at > since) {
                canary = canary.and(earlier.canary);
                control = control.and(earlier.control);
            }
        }
        // A bin in which nothing was said is a hole, whatever its neighbours said.
        let said = |own: Sum, all: Sum| own.rate().and_then(|_| all.rate());
        let control_value = said(bin.control, control);
        Point {
            at: bin.at,
            canary: said(bin.canary, canary),
            control: control_value,
            band: control_value.filter(|_| self.is_rate).map(|_| wilson(control.count, control.of)),
        }
    }
}

/// The interval of Wilson (1927) around a proportion, 95 %.
fn wilson(bad: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.96;
    let p = (bad / n).clamp(0.0, 1.0);
    let scale = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use ripcord_engine::Counts;

    use super::*;

    fn second(number: u64) -> Timestamp {
        Timestamp::from_ms(0).plus(Duration::from_secs(number))
    }

    fn counts(bad: u64, n: u64) -> Sample {
        Sample::Counts(Arms { canary: Counts { n, bad }, control: Counts { n: 10 * n, bad } })
    }

    #[test]
    fn a_month_of_blocks_has_as_many_points_as_an_hour_and_loses_no_event() {
        let mut series = Series::new(Duration::ZERO);
        for number in 0..100_000 {
            series.push(second(number), Some(&counts(1, 10)), Arms::default());
        }
        let points = series.points();
        assert!(points.len() <= POINTS_MAX && points.len() > POINTS_MAX / 3, "{}", points.len());
        assert!(points.windows(2).all(|pair| pair[0].at < pair[1].at));
        assert_eq!(points.last().unwrap().at, second(99_999));
        let all: f64 = series.bins.iter().map(|bin| bin.canary.of).sum();
        assert_eq!(all, 1_000_000.0);
        assert!(points.iter().all(|point| (point.canary.unwrap() - 0.1).abs() < 1e-9));
    }

    #[test]
    fn rates_are_taken_over_the_window() {
        let mut series = Series::new(Duration::from_secs(3));
        for (number, bad) in [(0, 9), (1, 0), (2, 3), (3, 0), (4, 0), (5, 0)] {
            series.push(second(number), Some(&counts(bad, 10)), Arms::default());
        }
        let rates: Vec<f64> = series.points().iter().map(|point| point.canary.unwrap()).collect();
        assert_eq!(rates, [0.9, 0.45, 0.4, 0.1, 0.1, 0.0]);
    }

    #[test]
    fn a_hole_is_a_hole_and_no_number_that_is_none_becomes_a_point() {
        let mut series = Series::new(Duration::from_secs(60));
        series.push(second(0), Some(&counts(1, 10)), Arms::default());
        series.push(second(1), None, Arms::default());
        let nan = Sample::Values(Arms { canary: Some(f64::NAN), control: None });
        series.push(second(2), Some(&nan), Arms::default());
        let points = series.points();
        assert!(points[0].canary.is_some());
        assert_eq!((points[1].canary, points[1].control, points[2].canary), (None, None, None));
    }

    #[test]
    fn the_band_holds_the_rate() {
        let (low, high) = wilson(9.0, 1_000.0);
        assert!((low - 0.004_74).abs() < 1e-4 && (high - 0.017_0).abs() < 1e-3, "{low} {high}");
        assert_eq!(wilson(0.0, 10.0).0, 0.0);
    }
}
