//! The kinds of releases that are tried: a background, with or without a regression.
//!
//! Four hours, scraped every 10 s. Drawn for every trace: 100 to 400 requests per second (log-uniform) that swing by
//! 30 % over the trace and scatter as Poisson counts do, and a base error rate of 0.5 % to 1 % (log-uniform). The
//! control has four instances with equal shares.

use serde::Serialize;

use super::{
    background::{Background, between, log_uniform},
    trace::{INSTANCES, MINUTE, Requests, STEP_SECONDS, Trace},
};
use crate::evidence::random::Random;

/// Four hours.
pub(super) const STEPS: usize = 4 * 60 * MINUTE;
/// No rate is larger.
const RATE_MAX: f64 = 0.9;

/// One kind of release.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Family {
    pub(super) background: Background,
    pub(super) regression: Option<Regression>,
}

/// What is wrong with the canary.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Regression {
    /// So many times the errors from the beginning.
    Now(f64),
    /// So many times the errors from a moment on that is uniform between one and three hours.
    Late(f64),
    /// From a moment between half an hour and an hour on, errors grow by the base rate per hour.
    Leak,
}

impl Regression {
    fn onset(self, random: &mut Random) -> usize {
        let minutes =
            |from: usize, to: usize, random: &mut Random| between(random, from * MINUTE, to * MINUTE);
        match self {
            Self::Now(_) => 0,
            Self::Late(_) => minutes(60, 180, random),
            Self::Leak => minutes(30, 60, random),
        }
    }

    /// How many times the errors there are so many steps after the onset.
    fn factor(self, since: usize) -> f64 {
        match self {
            Self::Now(factor) | Self::Late(factor) => factor,
            Self::Leak => 1.0 + since as f64 * STEP_SECONDS as f64 / 3_600.0,
        }
    }
}

impl Family {
    /// Every family: each background without and with a regression, the quiet ones with every kind of it.
    pub(super) fn all() -> Vec<Self> {
        let every = [
            Regression::Now(2.0),
            Regression::Now(10.0),
            Regression::Late(2.0),
            Regression::Late(10.0),
            Regression::Leak,
        ];
        let one = [Regression::Late(3.0)];
        let families = |background: Background| {
            let regressions: &[_] = if background.is_quiet() { &every } else { &one };
            let with = regressions.iter().map(|regression| Some(*regression)).collect::<Vec<_>>();
            let regressions = std::iter::once(None).chain(with);
            regressions.map(move |regression| Self { background, regression })
        };
        Background::ALL.into_iter().flat_map(families).collect()
    }

    /// One release.
    pub(super) fn trace(&self, random: &mut Random) -> Trace {
        let per_step = log_uniform(random, 100.0, 400.0) * STEP_SECONDS as f64;
        let base = log_uniform(random, 0.005, 0.01);
        let phase = random.uniform();
        let onset = self.regression.map(|regression| regression.onset(random));
        let weather = self.background.weather(random);
        let mut trace = Trace::with_onset(onset);
        for step in 0..STEPS {
            let swing = 1.0 + 0.3 * (std::f64::consts::TAU * (phase + step as f64 / STEPS as f64)).sin();
            let mean = if weather.traffic[step] { per_step * swing } else { 0.0 };
            let all = (mean + mean.sqrt() * random.normal()).max(0.0).round() as u64;
            let since = onset.and_then(|onset| step.checked_sub(onset));
            let factor =
                self.regression.zip(since).map_or(1.0, |(regression, since)| regression.factor(since));
            let mut arm = |n: u64, instance: usize, factor: f64| {
                let noise =
                    if self.background == Background::Overdispersion { random.gamma(0.25) } else { 1.0 };
                let rate = base * weather.shared[step] * weather.offsets[instance] * noise * factor;
                Requests { n, bad: random.binomial(n, rate.min(RATE_MAX)) }
            };
            // What the router hands out is as random as the requests are.
            let on_canary = (all as f64 * self.background.share()).round() as u64;
            let canary = arm(on_canary, INSTANCES, factor);
            let left = all - on_canary;
            let part =
                |instance: u64| left / INSTANCES as u64 + u64::from(instance < left % INSTANCES as u64);
            let instances = std::array::from_fn(|instance| arm(part(instance as u64), instance, 1.0));
            let twin = twin(random, instances[0], on_canary);
            trace.push(canary, instances, twin, weather.answered[step]);
        }
        trace
    }

    /// Its background and the regression, in words.
    pub(super) fn name(&self) -> String {
        let background = match self.background {
            Background::Quiet => "10 % stage",
            Background::QuietSmall => "1 % stage",
            Background::Blips => "blips in both arms",
            Background::SharedShock => "shared shock",
            Background::Outage => "provider outages",
            Background::NoTraffic => "times without traffic",
            Background::Overdispersion => "noise of each instance",
            Background::Offset => "lasting offsets of instances",
        };
        match self.regression {
            None => format!("{background}, nothing wrong"),
            Some(Regression::Now(factor)) => format!("{background}, {factor}x from the start"),
            Some(Regression::Late(factor)) => format!("{background}, {factor}x later"),
            Some(Regression::Leak) => format!("{background}, slow leak"),
        }
    }
}

/// As many of an instance's requests as the canary has; all of them when it has fewer.
fn twin(random: &mut Random, instance: Requests, n: u64) -> Requests {
    if instance.n <= n {
        return instance;
    }
    let bad = random.binomial(instance.bad, n as f64 / instance.n as f64).min(n);
    Requests { n, bad }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(background: Background, regression: Option<Regression>) -> Vec<Trace> {
        let family = Family { background, regression };
        (0..40).map(|run| family.trace(&mut Random::stream(7, run))).collect()
    }

    fn rate(traces: &[Trace], of: impl Fn(&Trace) -> Requests) -> f64 {
        let sum = traces.iter().map(of).fold((0, 0), |sum, part| (sum.0 + part.n, sum.1 + part.bad));
        Requests::from(sum).rate()
    }

    #[test]
    fn the_canary_gets_its_share_and_what_its_regression_says() {
        for (background, share) in [(Background::Quiet, 0.1), (Background::QuietSmall, 0.01)] {
            let traces = traces(background, Some(Regression::Late(3.0)));
            let sum = |arm: fn(&Trace) -> u64| traces.iter().map(arm).sum::<u64>() as f64;
            let canary = sum(|trace| trace.canary.over(0, STEPS).n);
            let seen = canary / (canary + sum(|trace| trace.control.over(0, STEPS).n));
            assert!((seen / share - 1.0).abs() < 0.01, "{seen}");
            let onset = |trace: &Trace| trace.onset.unwrap();
            let before = rate(&traces, |trace| trace.canary.over(0, onset(trace)));
            let after = rate(&traces, |trace| trace.canary.over(onset(trace), STEPS));
            let control = rate(&traces, |trace| trace.control.over(0, STEPS));
            assert!((before / control - 1.0).abs() < 0.15 && (after / control - 3.0).abs() < 0.3);
            assert!((0.005..0.01).contains(&control), "{control}");
        }
    }

    #[test]
    fn the_twin_is_as_large_as_the_canary_and_as_good_as_the_control() {
        let traces = traces(Background::Quiet, None);
        let sizes = |trace: &Trace| (trace.twin.over(0, STEPS).n, trace.canary.over(0, STEPS).n);
        assert!(traces.iter().all(|trace| sizes(trace).0 == sizes(trace).1));
        let twin = rate(&traces, |trace| trace.twin.over(0, STEPS));
        let control = rate(&traces, |trace| trace.control.over(0, STEPS));
        assert!((twin / control - 1.0).abs() < 0.03, "{twin} {control}");
    }

    #[test]
    fn a_leak_doubles_the_errors_in_an_hour() {
        assert_eq!([0, 360, 720].map(|since| Regression::Leak.factor(since)), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn outages_and_pauses_are_there_and_nowhere_else() {
        let gaps = |background| {
            let traces = traces(background, None);
            let unanswered = |trace: &Trace| (1..=STEPS).filter(|at| !trace.answers(*at)).count();
            let idle =
                |trace: &Trace| (0..STEPS).filter(|step| trace.control.over(*step, step + 1).n == 0).count();
            (traces.iter().map(unanswered).sum::<usize>(), traces.iter().map(idle).sum::<usize>())
        };
        assert_eq!(gaps(Background::Quiet), (0, 0));
        let (unanswered, idle) = gaps(Background::Outage);
        assert!(unanswered > 40 * 2 * MINUTE && idle == 0, "{unanswered} {idle}");
        let (unanswered, idle) = gaps(Background::NoTraffic);
        assert!(unanswered == 0 && idle > 40 * 5 * MINUTE, "{unanswered} {idle}");
    }

    #[test]
    fn every_background_comes_alone_and_with_a_regression() {
        let all = Family::all();
        assert_eq!(all.len(), 24);
        for background in Background::ALL {
            let of = |has: bool| {
                all.iter().any(|family| family.background == background && family.regression.is_some() == has)
            };
            assert!(of(true) && of(false), "{background:?}");
        }
    }
}
