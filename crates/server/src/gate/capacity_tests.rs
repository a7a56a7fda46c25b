//! How the past is cut into pieces, against a source with a memory of its own.

use ripcord_adapters::port::{Measured, Reading};

use super::*;
use crate::testing;

/// Remembers one value per scrape, and needs ten of them for a mean, as Prometheus does.
struct Remembers {
    scrape_ms: u64,
    /// From, until, value: the rest is `usual`; `None` is a hole.
    odd: (u64, u64, Option<f64>),
    usual: f64,
    asked: Vec<u64>,
}

const NOW_MS: i64 = 1_000_000_000;

#[async_trait]
impl Metrics for Remembers {
    async fn read(&mut self, _: Timestamp, _: &[Signal], _: &Sides) -> Result<Reading, AdapterError> {
        unreachable!("the past is asked for")
    }

    async fn past(&mut self, _: &[Signal], _: &VersionName, stretch: Stretch) -> Result<Past, AdapterError> {
        self.asked.push(stretch.length.as_ms());
        let until = u64::try_from(NOW_MS - stretch.until.as_ms()).unwrap();
        let scrapes =
            (until..until + stretch.length.as_ms()).step_by(usize::try_from(self.scrape_ms).unwrap());
        let (from, to, odd) = self.odd;
        let values: Vec<f64> = scrapes
            .filter_map(|ago| if (from..to).contains(&ago) { odd } else { Some(self.usual) })
            .collect();
        let value = values.iter().sum::<f64>() / values.len() as f64;
        let measured = (values.len() >= 10).then_some(Measured { value, weight: 1.0 });
        Ok(Past::Known { measured: vec![measured], troubles: vec!["too few samples".to_owned()] })
    }
}

async fn ask(source: &mut Remembers) -> Result<Vec<f64>, Tight> {
    let root = tempfile::tempdir().unwrap();
    let signal = testing::blueprint(root.path()).signals.remove(0);
    let (asked, interval) = (Duration::from_secs(300), Duration::from_secs(1));
    remembered(source, &signal, &testing::version("v1"), (Timestamp::from_ms(NOW_MS), asked, interval)).await
}

#[tokio::test]
async fn a_bad_minute_in_the_middle_is_seen_however_good_the_rest_was() {
    let mut source =
        Remembers { scrape_ms: 1_000, odd: (120_000, 180_000, Some(0.125)), usual: 0.875, asked: vec![] };
    let values = ask(&mut source).await.unwrap();
    assert_eq!(source.asked, [60_000; 5]);
    let worst = values.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((values.len(), worst) == (5, 0.125), "{values:?}");
}

#[tokio::test]
async fn a_source_that_scrapes_rarely_is_asked_for_longer_pieces() {
    let mut source = Remembers { scrape_ms: 15_000, odd: (0, 0, None), usual: 0.9, asked: vec![] };
    assert_eq!(ask(&mut source).await.unwrap().len(), 2);
    assert_eq!(source.asked.last(), Some(&150_000));
    source.scrape_ms = 60_000;
    assert!(matches!(ask(&mut source).await, Err(Tight::NoData { why: Some(_), .. })));
}

#[tokio::test]
async fn a_hole_in_the_middle_is_not_filled_with_the_rest() {
    let mut source = Remembers { scrape_ms: 1_000, odd: (120_000, 180_000, None), usual: 0.9, asked: vec![] };
    assert!(matches!(ask(&mut source).await, Err(Tight::NoData { .. })));
    assert_eq!(source.asked.len(), 5, "{:?}", source.asked);
}
