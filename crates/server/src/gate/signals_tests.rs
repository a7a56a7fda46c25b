//! Every kind of sample that a source can give, and signals that speak late, one by one, or never.

use ripcord_adapters::port::Reading;
use ripcord_engine::{Arms, Counts, Exposed, Histogram};

use super::*;
use crate::testing;

fn arms<T: Clone>(both: &T) -> Arms<T> {
    Arms { canary: both.clone(), control: both.clone() }
}

fn histogram(value: Option<f64>) -> Sample {
    let (bounds, counts) = (vec![0.1], arms(&vec![1, 0]));
    Sample::Histogram(Box::new(Histogram { bounds, counts, values: arms(&value) }))
}

#[test]
fn every_kind_of_sample_is_known_for_data_or_for_none() {
    let cases = [
        (None, false),
        (Some(Sample::Counts(arms(&Counts { n: 0, bad: 0 }))), true),
        (Some(Sample::Events(arms(&0.0))), true),
        (Some(Sample::Exposed(arms(&Exposed { exposure: 0.0, events: 0.0 }))), true),
        (Some(histogram(Some(0.2))), true),
        (Some(histogram(None)), false),
        (Some(histogram(Some(f64::NAN))), false),
        (Some(Sample::Values(arms(&Some(-1.0)))), true),
        (Some(Sample::Values(arms(&None))), false),
        (Some(Sample::Values(arms(&Some(f64::NAN)))), false),
        (Some(Sample::Values(arms(&Some(f64::INFINITY)))), false),
        // The candidate does not run yet: only last good counts.
        (Some(Sample::Values(Arms { canary: Some(1.0), control: None })), false),
        (Some(Sample::Values(Arms { canary: None, control: Some(1.0) })), true),
    ];
    for (sample, expected) in cases {
        assert_eq!(has_data(sample.as_ref()), expected, "{sample:?}");
    }
}

/// Signal `number` speaks at every reading from `from[number]` on.
struct OneByOne {
    from: Vec<usize>,
    readings: usize,
}

#[async_trait]
impl Metrics for OneByOne {
    async fn read(&mut self, _: Timestamp, signals: &[Signal], _: &Sides) -> Result<Reading, AdapterError> {
        self.readings += 1;
        let speaks = |from: &usize| (self.readings >= *from).then(|| Sample::Values(arms(&Some(1.0))));
        let samples: Vec<_> = self.from.iter().map(speaks).collect();
        let silent = signals.iter().zip(&samples).filter(|(_, sample)| sample.is_none());
        let mut troubles = vec!["one target is slow".to_owned()];
        troubles.extend(silent.map(|(signal, _)| format!("signal {}: no such series", signal.name)));
        let groups = vec![None; signals.len()];
        Ok(Reading { samples, groups, requests: Arms { canary: 0, control: 0 }, troubles })
    }
}

async fn listen(from: &[usize]) -> Heard {
    let root = tempfile::tempdir().unwrap();
    let one = testing::blueprint(root.path()).signals.remove(0);
    let named = |number: usize| Signal { name: format!("signal-{number}").parse().unwrap(), ..one.clone() };
    let signals: Vec<Signal> = (0..from.len()).map(named).collect();
    let mut listening = Listening {
        metrics: Box::new(OneByOne { from: from.to_vec(), readings: 0 }),
        sides: both_sides(&testing::version("v1"), Vec::new()),
        now: Timestamp::from_ms(0),
        pause: Duration::from_millis(500),
    };
    listening.until_all_speak(&signals).await
}

#[tokio::test(start_paused = true)]
async fn signals_that_speak_one_after_the_other_are_all_heard() {
    assert!(matches!(listen(&[1, 2, 7, 20]).await, Heard::All));
    assert!(matches!(listen(&[]).await, Heard::All));
}

#[tokio::test(start_paused = true)]
async fn those_that_never_speak_are_named_with_what_was_said_about_them() {
    let Heard::Not(silent, why) = listen(&[1, usize::MAX, 3, usize::MAX]).await else {
        panic!("all were heard")
    };
    assert_eq!(names(&silent), "signal-1, signal-3");
    assert_eq!(why.as_deref(), Some("signal signal-1: no such series"));
}
