//! What signals were over a stretch of the past, from raw samples: the same differences as for readings, piece by piece
//! so that no answer grows too large.

use std::collections::BTreeSet;

use ripcord_model::{
    Duration, VersionName,
    blueprint::{Measure, Signal},
};

use super::server::{Range, Server};
use crate::{
    metrics::{
        counters::Counters,
        heard::{Heard, listen},
        plan::{Plan, Role},
        raw::ArmRaw,
        tally::{Tally, tally},
    },
    port::{Measured, Past, Stretch},
};

/// A piece that is asked for at once, unless the stretch would have too many of them.
const PIECE_S: u64 = 900;
/// More pieces than this make each of them longer.
const PIECES_MAX: u64 = 96;
/// Fewer scrapes than this are no past.
const SCRAPES_MIN: usize = 10;

/// What one signal was, summed up.
#[derive(Debug, Clone, Default)]
struct Summed {
    /// There is something to ask for.
    asked: bool,
    tally: Tally,
    scrapes: BTreeSet<i64>,
    /// For gauges: sum and number of samples.
    values: (f64, u32),
}

/// Asks for one version over a stretch.
pub(super) async fn ask(
    server: &Server,
    plan: &Plan,
    signals: &[Signal],
    version: &VersionName,
    stretch: Stretch,
) -> Result<Past, String> {
    let mut counters = Counters::of_the_past();
    let mut summed = vec![Summed::default(); signals.len()];
    let mut troubles: Vec<String> = plan.refused.iter().map(|(_, trouble)| trouble.clone()).collect();
    let mut failed = BTreeSet::new();
    for range in pieces(stretch) {
        let mut raw = server.ask_all(plan, "last good", version, range).await?;
        failed.extend(raw.failed.iter().map(|ask| plan.asks[*ask].signal));
        let at_ms = range.until.map_or(0, |until| until.as_ms());
        let heard = listen(plan, &raw, "past", at_ms, &mut counters);
        for (index, (signal, summed)) in signals.iter().zip(&mut summed).enumerate() {
            summed.add(index, signal, plan, &heard, &raw);
        }
        troubles.append(&mut raw.troubles);
    }
    troubles.sort();
    troubles.dedup();
    let measured = signals.iter().zip(summed).enumerate().map(|(index, (signal, summed))| {
        // A piece that is missing would make the rest look like all.
        if failed.contains(&index) || plan.refused.iter().any(|(refused, _)| *refused == index) {
            return None;
        }
        let found = summed.measured(signal);
        if let Err(why) = &found {
            let (name, length) = (&signal.name, stretch.length);
            troubles.push(format!("signal {name}: {version} has no past of {length}: {why}"));
        }
        found.ok()
    });
    let measured = measured.collect();
    Ok(Past::Known { measured, troubles })
}

/// The stretch in pieces, oldest first.
fn pieces(stretch: Stretch) -> Vec<Range> {
    let length_s = stretch.length.as_ms().div_ceil(1_000).max(1);
    let piece_s = PIECE_S.max(length_s.div_ceil(PIECES_MAX));
    let pieces = length_s.div_ceil(piece_s);
    let begin = stretch.until.minus(Duration::from_secs(length_s));
    let ends = (1..=pieces).map(|piece| (piece * piece_s).min(length_s));
    let range = |end_s: u64| Range {
        // The first is not to begin before the stretch.
        length_s: piece_s.min(end_s - (end_s - 1) / piece_s * piece_s),
        until: Some(begin.plus(Duration::from_secs(end_s))),
    };
    ends.map(range).collect()
}

impl Summed {
    fn add(&mut self, index: usize, signal: &Signal, plan: &Plan, heard: &[Heard], raw: &ArmRaw) {
        let (all, some) = match &signal.measure {
            Measure::Ratio { .. } => (Role::All, Some(Role::Bad)),
            Measure::Success { .. } => (Role::All, Some(Role::Good)),
            Measure::Count { per: Some(_), .. } => (Role::Per, Some(Role::Counter)),
            Measure::Count { per: None, .. } => (Role::Requests, Some(Role::Counter)),
            Measure::Quantile { .. } => (Role::Buckets, None),
            Measure::Gauge { .. } => return self.add_gauge(plan.find(index, Role::Gauge), raw),
        };
        let heard_as = |role| plan.find(index, role).map(|ask| &heard[ask]);
        let Some(main) = heard_as(all) else { return };
        self.asked = true;
        let tallied = tally(main, Some(main), some.and_then(heard_as));
        self.tally.add(&tallied.sum);
        self.scrapes.extend(main.steps.keys().map(|(_, scraped_ms)| *scraped_ms));
    }

    fn add_gauge(&mut self, ask: Option<usize>, raw: &ArmRaw) {
        let Some(ask) = ask else { return };
        self.asked = true;
        let series = raw.targets.values().flat_map(|series| series.values());
        let points = series.filter(|series| series.asks.contains(&ask)).flat_map(|series| &series.points);
        for (at_ms, value) in points.filter(|(_, value)| value.is_finite()) {
            self.values = (self.values.0 + value, self.values.1 + 1);
            self.scrapes.insert(*at_ms);
        }
    }

    fn measured(&self, signal: &Signal) -> Result<Measured, String> {
        if !self.asked {
            return Err(
                "no signal counts requests to compare it per; name what it is counted `per`".to_owned()
            );
        }
        if self.scrapes.len() < SCRAPES_MIN {
            return Err(format!("{} samples, and {SCRAPES_MIN} are needed", self.scrapes.len()));
        }
        let Tally { all, some, buckets } = &self.tally;
        let rate = |what: &str| match *all > 0.0 {
            true => Ok(Measured { value: (some / all).min(1.0), weight: *all }),
            false => Err(format!("there were no {what}")),
        };
        match &signal.measure {
            Measure::Ratio { .. } => rate("events"),
            Measure::Success { .. } if *some <= 0.0 => {
                Err("nothing was good, or the selector of the good ones is mistaken".to_owned())
            }
            Measure::Success { .. } => rate("events"),
            Measure::Count { .. } if *all <= 0.0 => Err("there was nothing to compare it per".to_owned()),
            Measure::Count { .. } => Ok(Measured { value: some / all, weight: *all }),
            Measure::Quantile { q, .. } => {
                let value = buckets.as_ref().and_then(|buckets| buckets.quantile(*q));
                value.map(|value| Measured { value, weight: *all }).ok_or("there were no answers".to_owned())
            }
            Measure::Gauge { .. } => {
                let (sum, samples) = self.values;
                Ok(Measured { value: sum / f64::from(samples), weight: f64::from(samples) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::Timestamp;

    use super::*;

    fn ranges(length_s: u64) -> Vec<(u64, i64)> {
        let until = Timestamp::from_ms(1_000_000_000);
        let stretch = Stretch { until, length: Duration::from_secs(length_s) };
        let from_end = |range: &Range| (range.until.unwrap().as_ms() - until.as_ms()) / 1_000;
        pieces(stretch).iter().map(|range| (range.length_s, from_end(range))).collect()
    }

    #[test]
    fn a_stretch_is_covered_once_and_in_bounded_pieces() {
        assert_eq!(ranges(60), [(60, 0)]);
        assert_eq!(ranges(900), [(900, 0)]);
        assert_eq!(ranges(2_000), [(900, -1_100), (900, -200), (200, 0)]);
        let week = ranges(7 * 86_400);
        assert_eq!((week.len(), week[0].0), (96, 6_300));
        assert_eq!(week.iter().map(|(length_s, _)| length_s).sum::<u64>(), 7 * 86_400);
    }
}
