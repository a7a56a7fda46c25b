//! What the control's groups of instances teach: how noisy counts are, and whether instances differ for good.

use serde::{Deserialize, Serialize};

use super::{GroupCounts, Observation, TestConfig, TestState, WatchConfig};
use crate::{
    absorbed::Refused,
    dispersion::{Dispersion, Groups},
    guard::{GuardConfig, counts::CountsGuard, gauge::GaugeGuard},
    latency::EDGES_MAX,
    log_space::{exp, ln},
    stored,
};

/// What was learnt from groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noise {
    kind: Kind,
    /// The strongest evidence of the guard so far; `None` before two groups were seen.
    #[serde(deserialize_with = "stored::finite_or_none")]
    guard_peak: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Kind {
    /// Of tests of counts.
    Counts(Alike),
    /// Of tests of latency, one per edge; none before edges are chosen.
    Edges(Vec<Alike>),
    Gauge(Box<GaugeGuard>),
    None,
}

/// Noise and guard of one series of counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Alike {
    dispersion: Dispersion,
    guard: CountsGuard,
}

/// The overdispersion factor of each edge of the test for harm; all the same where there are no edges.
pub(super) struct Factors([f64; EDGES_MAX]);

impl Factors {
    pub(super) fn of_edges(&self) -> &[f64] {
        &self.0
    }

    pub(super) fn first(&self) -> f64 {
        self.0[0]
    }

    /// One factor that is wary enough for all edges.
    pub(super) fn largest(&self) -> f64 {
        self.0.iter().copied().fold(1.0, f64::max)
    }
}

impl Noise {
    pub(super) fn new(config: &WatchConfig) -> Self {
        let kind = match &config.harm {
            TestConfig::RateRatio(_)
            | TestConfig::Proportion(_)
            | TestConfig::TwoSample(_)
            | TestConfig::Absolute(_)
            | TestConfig::RareRate(_) => Kind::Counts(Alike::new()),
            TestConfig::Latency(_) => Kind::Edges(Vec::new()),
            TestConfig::Gauge(_) => config
                .guard
                .as_ref()
                .map_or(Kind::None, |guard| Kind::Gauge(Box::new(GaugeGuard::new(guard)))),
            TestConfig::SignFlip(_) => Kind::None,
        };
        Self { kind, guard_peak: None }
    }

    pub(super) fn check(&self, config: &WatchConfig) -> Result<(), Refused> {
        match (&self.kind, &config.guard) {
            (Kind::Gauge(guard), Some(config)) => guard.check(config),
            (Kind::Gauge(_), None) => Err(Refused::Damaged),
            (Kind::Counts(_) | Kind::Edges(_) | Kind::None, Some(_) | None) => Ok(()),
        }
    }

    /// The factors for a block: from earlier blocks, and from how much there was in this one, but not from what
    /// happened. Infinite for the first block in which groups are told apart: it teaches and proves nothing.
    pub(super) fn factors(
        &self,
        config: &WatchConfig,
        observation: &Observation<'_>,
        groups: &GroupCounts<'_>,
    ) -> Factors {
        let least = config.least_dispersion();
        let mut each = [least; EDGES_MAX];
        let factor = |alike: &Alike, amounts: (f64, f64)| match alike.dispersion.rate() {
            Some(rate) => alike.factor(&config.harm, amounts, rate).max(least),
            None if groups.are_told_apart() => f64::INFINITY,
            None => least,
        };
        match (&self.kind, *observation) {
            (Kind::Counts(alike), Observation::Counts { canary, control }) => {
                each = [factor(alike, (canary.n, control.n)); EDGES_MAX];
            }
            (Kind::Edges(edges), Observation::Buckets { canary, control, .. }) => {
                let sum = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum();
                let amounts = (sum(canary), sum(control));
                for (each, alike) in each.iter_mut().zip(edges) {
                    *each = factor(alike, amounts);
                }
            }
            (Kind::Counts(_) | Kind::Edges(_) | Kind::Gauge(_) | Kind::None, _) => {}
        }
        Factors(each)
    }

    /// Takes in what groups said in a block; `harm` is the test with the edges that judged it.
    pub(super) fn learn(&mut self, config: &WatchConfig, harm: &TestState, groups: &GroupCounts<'_>) {
        let guard = config.guard.as_ref();
        let log_e = match &mut self.kind {
            Kind::Counts(alike) => groups.counts().map(|groups| {
                alike.learn(guard, &groups, is_common(&config.harm));
                alike.guard.log_e()
            }),
            Kind::Edges(edges) => learn_edges(edges, guard, harm, groups),
            Kind::Gauge(gauge) => guard.zip(groups.values()).map(|(guard, (values, count))| {
                gauge.absorb(guard, &values, count);
                gauge.log_e()
            }),
            Kind::None => None,
        };
        if let (Some(log_e), Some(_)) = (log_e, guard) {
            self.guard_peak = Some(self.guard_peak.unwrap_or(0.0).max(log_e));
        }
    }

    /// The largest effect, as a factor, that the differences seen between the control's groups could explain; at the first
    /// edge, for latency. `None` when there is no telling.
    pub(super) fn explains(&self, config: &GuardConfig) -> Option<f64> {
        let alike = match &self.kind {
            Kind::Counts(alike) => alike,
            Kind::Edges(edges) => edges.first()?,
            Kind::Gauge(_) | Kind::None => return None,
        };
        let (groups, range) = alike.guard.range(config);
        Some(exp((ln(range) * ranges(groups)?).min(LOG_EXPLAINED_MAX)))
    }

    pub(super) fn guard_peak(&self) -> Option<f64> {
        self.guard_peak
    }
}

/// Requests above the edges are counted in each group as on the whole control.
fn learn_edges(
    edges: &mut Vec<Alike>,
    guard: Option<&GuardConfig>,
    harm: &TestState,
    groups: &GroupCounts<'_>,
) -> Option<f64> {
    let latency = harm.latency()?;
    if edges.is_empty() {
        edges.extend(latency.positions().map(|_| Alike::new()));
    }
    let mut log_es = [0.0; EDGES_MAX];
    let mut count = 0;
    for (alike, position) in edges.iter_mut().zip(latency.positions()) {
        let groups = groups.above(position, latency)?;
        alike.learn(guard, &groups, true);
        log_es[count] = alike.guard.log_e();
        count += 1;
    }
    let high = log_es[..count].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = log_es[..count].iter().map(|log_e| exp(log_e - high)).sum();
    (count > 0).then(|| high + ln(sum / count as f64))
}

/// More than a million times worse is explained by nothing.
const LOG_EXPLAINED_MAX: f64 = 14.0;

/// By how many ranges of `groups` values a further value of the same kind lies above their mean once in seventy times, if
/// the values are normal; the fewer groups, the more the range may have come out too small by chance.
fn ranges(groups: u32) -> Option<f64> {
    match groups {
        0 | 1 => None,
        2 => Some(19.0),
        3 => Some(3.5),
        _ => Some(2.0),
    }
}

/// Whether bad events are among the events, and may be common.
fn is_common(config: &TestConfig) -> bool {
    match config {
        TestConfig::Proportion(_) | TestConfig::TwoSample(_) | TestConfig::Latency(_) => true,
        TestConfig::RateRatio(_)
        | TestConfig::Absolute(_)
        | TestConfig::RareRate(_)
        | TestConfig::SignFlip(_)
        | TestConfig::Gauge(_) => false,
    }
}

impl Alike {
    fn new() -> Self {
        Self { dispersion: Dispersion::new(), guard: CountsGuard::new() }
    }

    fn learn(&mut self, guard: Option<&GuardConfig>, groups: &Groups, is_common: bool) {
        if let Some(guard) = guard {
            self.guard.absorb(guard, groups, &self.dispersion);
        }
        self.dispersion.learn(groups, is_common);
    }

    /// The factor of a block with these amounts on canary and control, when the control's rate is `rate`.
    fn factor(&self, config: &TestConfig, (canary, control): (f64, f64), rate: f64) -> f64 {
        let against_control = |margin: f64, rate: f64| {
            self.dispersion.against_control((1.0 + margin) * rate * canary, rate * control)
        };
        // A share that is not small varies less by itself, so that a wobble of its own weighs more.
        let odds = rate / (1.0 - rate).max(1e-3);
        match config {
            TestConfig::RateRatio(config) => against_control(config.margin(), rate),
            TestConfig::Proportion(config) => against_control(config.margin(), odds),
            TestConfig::TwoSample(config) => against_control(config.margin(), odds),
            // The margin is in the edges.
            TestConfig::Latency(_) => against_control(0.0, odds),
            TestConfig::Absolute(config) => self.dispersion.alone(config.limit() * canary),
            TestConfig::RareRate(config) => {
                self.dispersion.alone((1.0 + config.margin()) * config.baseline() * canary)
            }
            TestConfig::SignFlip(_) | TestConfig::Gauge(_) => 1.0,
        }
    }
}
