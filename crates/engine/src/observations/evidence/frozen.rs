//! Which test a rule is decided by: every number of it taken from the blueprint, none from the data but the baseline.

use std::sync::Arc;

use ripcord_analysis::{
    InvalidConfig, RateRatioConfig, Start,
    absolute::AbsoluteConfig,
    gauge::GaugeConfig,
    latency::LatencyConfig,
    product,
    proportion::ProportionConfig,
    rare_rate::RareRateConfig,
    two_sample::{Direction, TwoSampleConfig},
    watch::{GuardConfig, TestConfig, WatchConfig},
};
use ripcord_model::blueprint::{EvidencePlan, Measure, Rule};

/// A rule's frozen test, and how it looks at samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Test {
    pub(crate) watch: WatchConfig,
    pub(crate) look: Look,
    pub(crate) shows: Shows,
    /// In words, for the record.
    pub(crate) name: &'static str,
}

/// The tests of a release: rules that are decided alike share theirs.
#[derive(Debug, Default)]
pub(crate) struct Tests(Vec<Arc<Test>>);

impl Tests {
    pub(crate) fn share(&mut self, test: Test) -> Arc<Test> {
        if let Some(known) = self.0.iter().find(|known| ***known == test) {
            return Arc::clone(known);
        }
        let test = Arc::new(test);
        self.0.push(Arc::clone(&test));
        test
    }
}

/// How a test looks at samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Look {
    /// Bad events among all, on both arms.
    Bad,
    /// Good events among all with the arms exchanged: less of them on the candidate is more of them on last good.
    GoodExchanged,
    /// Good events among all of the candidate alone.
    Good,
    /// Events per exposure, on both arms.
    Exposed,
    /// Values on both arms.
    Values,
    /// The candidate's values against what they were before.
    ValuesAgainst(f64),
    /// Histograms on both arms.
    Buckets,
}

/// What a test's totals and estimate are about, seen from the signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Shows {
    /// Candidate over last good.
    Ratio,
    /// Last good over candidate.
    RatioExchanged,
    /// The candidate's rate.
    Rate,
    /// One less the candidate's rate.
    RateOfRest,
}

/// Why a rule has no test, and so says nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum NoTest {
    #[error("what the signal was before the release is not known yet")]
    NoBaseline,
    #[error("{0} does not go with what is measured; `ripcord lint` says what does")]
    DoesNotFit(&'static str),
    #[error("the signal was {0} before the release, and nothing can be a multiple of that")]
    Baseline(f64),
    #[error("a share of good events cannot become worse by 100 % or more")]
    Margin,
    #[error("its parameters make no test: {0}")]
    Parameters(#[from] InvalidConfig),
}

impl Test {
    /// The test of `rule`; `baseline` is what the signal was before the release.
    pub(crate) fn of(
        rule: &Rule,
        measure: &Measure,
        plan: &EvidencePlan,
        baseline: Option<f64>,
    ) -> Result<Self, NoTest> {
        let bets = Bets { plan };
        match rule {
            Rule::Threshold(_) => Err(NoTest::DoesNotFit("a threshold")),
            Rule::WorseThanControl { margin } => against_control(measure, *margin, &bets),
            Rule::WorseThanBaseline { margin } => {
                let baseline = baseline.ok_or(NoTest::NoBaseline)?;
                against_baseline(measure, *margin, baseline, &bets).map_err(|error| match error {
                    NoTest::Parameters(InvalidConfig::Limit(_) | InvalidConfig::Baseline(_)) => {
                        NoTest::Baseline(baseline)
                    }
                    other => other,
                })
            }
            Rule::Over { limit } => match measure {
                Measure::Ratio { .. } => bets.absolute(limit.value(), Shows::Rate),
                Measure::Success { .. }
                | Measure::Quantile { .. }
                | Measure::Count { .. }
                | Measure::Gauge { .. } => Err(NoTest::DoesNotFit("`over`")),
            },
        }
    }
}

fn against_control(measure: &Measure, margin: f64, bets: &Bets<'_>) -> Result<Test, NoTest> {
    match measure {
        Measure::Ratio { .. } => bets.proportion(margin),
        Measure::Count { .. } => bets.rate_ratio(margin),
        Measure::Success { .. } => {
            // Good on the candidate below (1 - d) of last good's: last good's above 1 / (1 - d) of the candidate's.
            if margin >= 1.0 {
                return Err(NoTest::Margin);
            }
            bets.two_sample(margin / (1.0 - margin))
        }
        Measure::Quantile { q, .. } => bets.latency(margin, *q),
        Measure::Gauge { .. } => bets.gauge(margin, Look::Values),
    }
}

fn against_baseline(measure: &Measure, margin: f64, baseline: f64, bets: &Bets<'_>) -> Result<Test, NoTest> {
    match measure {
        Measure::Ratio { .. } => bets.absolute((1.0 + margin) * baseline, Shows::Rate),
        Measure::Count { .. } => bets.rare_rate(baseline, margin),
        Measure::Success { .. } => {
            let least = (1.0 - margin) * baseline;
            // The rarer side: there the bets are fine enough.
            if least > 0.5 { bets.absolute(1.0 - least, Shows::RateOfRest) } else { bets.at_least(least) }
        }
        Measure::Quantile { .. } | Measure::Gauge { .. } if baseline > 0.0 => {
            bets.gauge(margin, Look::ValuesAgainst(baseline))
        }
        Measure::Quantile { .. } | Measure::Gauge { .. } => Err(NoTest::Baseline(baseline)),
    }
}

/// The blueprint's bets, as the tests want them.
struct Bets<'a> {
    plan: &'a EvidencePlan,
}

impl Bets<'_> {
    fn up(&self) -> (Vec<f64>, Vec<f64>) {
        (self.plan.bets.clone(), self.plan.bet_weights.clone())
    }

    fn down(&self) -> (Vec<f64>, Vec<f64>) {
        (product::reciprocal(&self.plan.bets), self.plan.bet_weights.clone())
    }

    fn start(&self) -> Start {
        Start::Weighted { first: self.plan.first_start, every: 1, blocks: self.plan.planned_blocks.max(2) }
    }

    fn watch(
        &self,
        harm: TestConfig,
        safety: Option<TestConfig>,
        guard: Option<f64>,
    ) -> Result<WatchConfig, NoTest> {
        let guard = guard.map(GuardConfig::of_rule).transpose()?;
        Ok(WatchConfig { harm, safety, guard, dispersion: self.plan.dispersion })
    }

    fn rate_ratios(&self, margin: f64) -> Result<(RateRatioConfig, RateRatioConfig), InvalidConfig> {
        let ((up, up_weights), (down, down_weights)) = (self.up(), self.down());
        let harm = RateRatioConfig::new(margin, up, up_weights, self.start())?;
        Ok((harm, RateRatioConfig::new(margin, down, down_weights, Start::Plain)?))
    }

    fn two_samples(margin: f64) -> Result<(TwoSampleConfig, TwoSampleConfig), InvalidConfig> {
        let of = |direction| TwoSampleConfig::new(margin, product::PRIOR, direction);
        Ok((of(Direction::Worse)?, of(Direction::Better)?))
    }

    /// Shares of bad events: as rare ones, or where they are common as two samples.
    fn proportion(&self, margin: f64) -> Result<Test, NoTest> {
        let (rare, common) = (self.rate_ratios(margin)?, Self::two_samples(margin)?);
        let harm = ProportionConfig::new(rare.0, common.0, product::COMMON_FROM)?;
        let safety = ProportionConfig::new(rare.1, common.1, product::COMMON_FROM)?;
        let watch = self.watch(harm.into(), Some(safety.into()), Some(margin))?;
        Ok(Test { watch, look: Look::Bad, shows: Shows::Ratio, name: "rates compared" })
    }

    fn rate_ratio(&self, margin: f64) -> Result<Test, NoTest> {
        let (harm, safety) = self.rate_ratios(margin)?;
        let watch = self.watch(harm.into(), Some(safety.into()), Some(margin))?;
        Ok(Test { watch, look: Look::Exposed, shows: Shows::Ratio, name: "rates per exposure compared" })
    }

    fn two_sample(&self, margin: f64) -> Result<Test, NoTest> {
        let (harm, safety) = Self::two_samples(margin)?;
        let harm = harm.with_late(self.start())?;
        let watch = self.watch(harm.into(), Some(safety.into()), Some(margin))?;
        Ok(Test {
            watch,
            look: Look::GoodExchanged,
            shows: Shows::RatioExchanged,
            name: "shares of good events compared",
        })
    }

    /// More than `limit` is worse.
    fn absolute(&self, limit: f64, shows: Shows) -> Result<Test, NoTest> {
        let ((up, up_weights), (down, down_weights)) = (self.up(), self.down());
        let harm = AbsoluteConfig::new(limit, up, up_weights, self.start())?;
        let safety = AbsoluteConfig::new(limit, down, down_weights, Start::Plain)?;
        let watch = self.watch(harm.into(), Some(safety.into()), None)?;
        Ok(Test { watch, look: Look::Bad, shows, name: "share against a limit" })
    }

    /// Less than `least` is worse. Where `least` leaves no room for more, there is no evidence of safety.
    fn at_least(&self, least: f64) -> Result<Test, NoTest> {
        let ((up, up_weights), (down, down_weights)) = (self.up(), self.down());
        let harm = AbsoluteConfig::new(least, down, down_weights, self.start())?;
        let safety = AbsoluteConfig::new(least, up, up_weights, Start::Plain).ok();
        let watch = self.watch(harm.into(), safety.map(TestConfig::from), None)?;
        Ok(Test { watch, look: Look::Good, shows: Shows::Rate, name: "share against a limit" })
    }

    fn rare_rate(&self, baseline: f64, margin: f64) -> Result<Test, NoTest> {
        let ((up, up_weights), (down, down_weights)) = (self.up(), self.down());
        let harm = RareRateConfig::new(baseline, margin, up, up_weights, self.start())?;
        let safety = RareRateConfig::new(baseline, margin, down, down_weights, Start::Plain)?;
        let watch = self.watch(harm.into(), Some(safety.into()), None)?;
        Ok(Test { watch, look: Look::Exposed, shows: Shows::Rate, name: "rate against a fixed one" })
    }

    fn latency(&self, margin: f64, quantile: f64) -> Result<Test, NoTest> {
        let ((up, up_weights), (down, down_weights)) = (self.up(), self.down());
        let edges = || product::quantiles(quantile);
        let harm = LatencyConfig::new(margin, edges(), up, up_weights, self.start())?;
        let safety = LatencyConfig::new(margin, edges(), down, down_weights, Start::Plain)?;
        let watch = self.watch(harm.into(), Some(safety.into()), Some(margin))?;
        Ok(Test { watch, look: Look::Buckets, shows: Shows::Ratio, name: "slow answers compared" })
    }

    /// Bets on signs are of another kind than the blueprint's, which are on ratios: they are the product's own, spread
    /// over as many batches as the release has.
    fn gauge(&self, margin: f64, look: Look) -> Result<Test, NoTest> {
        let bets = product::sign_bets();
        let (weights, opposite) = (product::uniform(bets.len()), bets.iter().map(|bet| -bet).collect());
        let batches = (self.plan.planned_blocks / product::BATCH.0).max(2);
        let start = Start::Weighted { first: self.plan.first_start, every: 1, blocks: batches };
        let harm = GaugeConfig::new(margin, product::BATCH, bets, weights.clone(), start)?;
        let safety = GaugeConfig::new(margin, product::BATCH, opposite, weights, Start::Plain)?;
        let guard = (look == Look::Values).then_some(margin);
        let watch = self.watch(harm.into(), Some(safety.into()), guard)?;
        Ok(Test { watch, look, shows: Shows::Ratio, name: "values compared in batches" })
    }
}
