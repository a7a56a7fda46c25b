//! The rules on the recorded blocks, by the code that decides in production.
//!
//! A rule is replayed by itself, and a set of several rules also as the set it is: the first of them to fire sends the
//! release back, and then nothing else is seen. After a firing everything begins anew at the next block, as a new release
//! would, so that firings can be counted.
//!
//! By itself every evidence rule has the whole accepted chance. In a set the mean of their e-values decides, as in a
//! release.

use std::collections::BTreeMap;

use ripcord_analysis::watch::{combine, culprits};
use ripcord_engine::{Replay, ReplayedRule, Sample};
use ripcord_model::{
    Duration, SignalName,
    blueprint::{EvidencePlan, Harm, Limit, Measure, Rule, Signal},
};
use serde::Serialize;

use crate::{
    baseline::Baseline,
    candidate::{Candidate, LeadsTo, Tried},
    chart::Reading,
    score::{Firing, Score},
    trace::{Kind, Step, Trace},
};

/// A shorter window would hold one block only; a longer one blurs the moment.
const WINDOW: Duration = Duration::from_mins(1);

/// Everything about a replay that is not the series or the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What the signal is called.
    pub name: SignalName,
    /// What is measured, where a service's file says it better than the recorded file.
    pub measure: Option<Measure>,
    /// The trailing window of its values, from the same place.
    pub window: Option<Duration>,
    /// How evidence is weighed.
    pub plan: EvidencePlan,
    /// The accepted chance of a false firing by evidence.
    pub false_rollback: f64,
    /// What the signal was before; the replay begins behind it when a rule needs it.
    pub baseline: Option<Baseline>,
}

/// One row of the answer: a rule by itself, or a set of rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// As people wrote it.
    pub name: String,
    /// The rules.
    pub rules: Vec<String>,
    /// What they lead to.
    pub leads_to: LeadsTo,
    /// The line that evidence has to reach: natural logarithm; `None` where no evidence decides, and for a set.
    pub threshold: Option<f64>,
    /// The one value that a plain threshold compares with.
    pub level: Option<f64>,
    /// Where it fired.
    pub firings: Vec<Firing>,
    /// What the firings amount to.
    pub score: Score,
    /// Blocks at which a rule said nothing, by the reason.
    pub silent: BTreeMap<String, usize>,
    /// Blocks at which the control's own instances differed, so that no evidence counted.
    pub distrusted: usize,
    /// What it said at every block, for the picture; empty for a set.
    #[serde(skip)]
    pub readings: Vec<Reading>,
}

impl Settings {
    /// The first block that is replayed.
    pub fn start(&self) -> usize {
        self.baseline.as_ref().map_or(0, |baseline| baseline.blocks)
    }

    /// The trailing time over which a value is computed.
    pub fn window(&self, trace: &Trace) -> Duration {
        self.window.unwrap_or(WINDOW.max(trace.step))
    }

    fn signal(&self, trace: &Trace, tried: &[Tried]) -> Signal {
        let that = |leads_to: LeadsTo| {
            tried.iter().filter(|tried| tried.leads_to == leads_to).map(|tried| tried.rule.clone()).collect()
        };
        Signal {
            name: self.name.clone(),
            harm: Harm::User,
            measure: self.measure.clone().unwrap_or_else(|| measure(trace.kind)),
            variant_label: None,
            window: self.window(trace),
            rollback: that(LeadsTo::Rollback),
            contain: that(LeadsTo::Contain),
            hold: that(LeadsTo::Hold),
        }
    }
}

/// What is measured, where the file alone says it.
fn measure(kind: Kind) -> Measure {
    let name = |text: &str| text.to_owned();
    match kind {
        Kind::Ratio => Measure::Ratio { bad: name("bad"), all: name("all") },
        Kind::Success => Measure::Success { good: name("good"), all: name("all") },
        Kind::Count => Measure::Count { counter: name("events"), per: Some(name("exposure")) },
        Kind::Quantile => Measure::Quantile { histogram: name("histogram"), q: 0.99 },
        Kind::Value => Measure::Gauge { gauge: name("value") },
    }
}

/// Replays a candidate: every rule by itself, and after them all that send the release back, when there are several.
pub fn replay(trace: &Trace, candidate: &Candidate, settings: &Settings) -> Vec<Run> {
    let mut runs: Vec<Run> =
        candidate.rules.iter().map(|tried| one(trace, std::slice::from_ref(tried), settings)).collect();
    let back = |tried: &&Tried| tried.leads_to == LeadsTo::Rollback;
    let set: Vec<Tried> = candidate.rules.iter().filter(back).cloned().collect();
    if set.len() > 1 {
        runs.push(one(trace, &set, settings));
    }
    runs
}

/// Replays rules that belong together: one, or a set.
fn one(trace: &Trace, tried: &[Tried], settings: &Settings) -> Run {
    let is_set = tried.len() > 1;
    let start = settings.start();
    let mut release = Release::new(settings.signal(trace, tried), trace, settings);
    let (mut threshold, mut silent, mut distrusted) = (None, BTreeMap::new(), 0);
    let mut firings = Vec::new();
    let mut readings = vec![Reading::default(); if is_set { 0 } else { trace.steps.len() }];
    for (index, step) in trace.steps.iter().enumerate().skip(start) {
        let Some(sample) = &step.sample else { continue };
        let rules = release.take(step, sample);
        for reason in rules.iter().filter_map(|rule| rule.silent.clone()) {
            *silent.entry(reason).or_default() += 1;
        }
        distrusted += usize::from(rules.iter().any(|rule| rule.distrusted));
        if let ([only], Some(reading)) = (rules.as_slice(), readings.get_mut(index)) {
            threshold = only.threshold;
            *reading = Reading { log_e: only.log_e, violated: only.violated };
        }
        let fired = if is_set { release.fired_together(&rules) } else { fired(&rules) };
        if let Some(firing) = firing(trace, index, &rules, fired) {
            firings.push(firing);
            release.begin();
        }
    }
    Run {
        name: tried.iter().map(|tried| tried.written.as_str()).collect::<Vec<_>>().join("; "),
        rules: tried.iter().map(|tried| tried.rule.to_string()).collect(),
        leads_to: tried[0].leads_to,
        threshold,
        level: if is_set { None } else { level(&tried[0].rule, settings) },
        score: Score::of(trace, start, &firings),
        firings,
        silent,
        distrusted,
        readings,
    }
}

/// A release under these rules, begun anew after every firing.
struct Release<'a> {
    signal: Signal,
    patience: Duration,
    settings: &'a Settings,
    replay: Replay,
    /// The weight and the highest evidence so far of each evidence rule.
    peaks: Vec<(f64, f64)>,
}

impl<'a> Release<'a> {
    fn new(signal: Signal, trace: &Trace, settings: &'a Settings) -> Self {
        let patience = trace.patience();
        let replay = Self::replay(&signal, patience, settings);
        Self { signal, patience, settings, replay, peaks: Vec::new() }
    }

    fn replay(signal: &Signal, patience: Duration, settings: &Settings) -> Replay {
        let mut replay = Replay::new(signal, &settings.plan, settings.false_rollback, patience);
        replay.baseline(settings.baseline.as_ref().and_then(|baseline| baseline.value));
        replay
    }

    fn begin(&mut self) {
        self.replay = Self::replay(&self.signal, self.patience, self.settings);
        self.peaks.clear();
    }

    fn take(&mut self, step: &Step, sample: &Sample) -> Vec<ReplayedRule> {
        self.replay.take(step.seq, step.at, sample, step.groups.as_ref(), step.requests);
        self.replay.rules()
    }

    /// Thresholds fire by themselves; of the evidence rules the mean of the e-values decides, at their highest so far.
    fn fired_together(&mut self, rules: &[ReplayedRule]) -> Vec<usize> {
        let evidence: Vec<usize> = (0..rules.len()).filter(|rule| rules[*rule].threshold.is_some()).collect();
        self.peaks.resize(evidence.len(), (1.0 / evidence.len().max(1) as f64, 0.0));
        for (peak, rule) in self.peaks.iter_mut().zip(&evidence) {
            peak.1 = peak.1.max(rules[*rule].log_e.unwrap_or(0.0));
        }
        // One that is not trusted keeps its weight and has nothing to say.
        let mut parts = self.peaks.clone();
        for (part, rule) in parts.iter_mut().zip(&evidence) {
            part.1 = if rules[*rule].distrusted { f64::NEG_INFINITY } else { part.1 };
        }
        let plain = |rule: &usize| rules[*rule].threshold.is_none() && rules[*rule].fires;
        let mut fired: Vec<usize> = (0..rules.len()).filter(plain).collect();
        let chance = self.settings.false_rollback;
        if !evidence.is_empty() && combine(&parts) >= -chance.ln() {
            let culprits = culprits(&parts, chance);
            fired.extend(culprits.into_iter().filter_map(|place| evidence.get(place)));
        }
        fired.sort_unstable();
        fired
    }
}

fn fired(rules: &[ReplayedRule]) -> Vec<usize> {
    (0..rules.len()).filter(|rule| rules[*rule].fires).collect()
}

fn firing(trace: &Trace, index: usize, rules: &[ReplayedRule], fired: Vec<usize>) -> Option<Firing> {
    let first = rules.get(*fired.first()?)?;
    let since = fired.iter().filter_map(|rule| rules[*rule].since).min();
    let step = &trace.steps[index];
    let (log_e, threshold) = (first.log_e, first.threshold);
    Some(Firing { index, seq: step.seq, at: step.at, since, rules: fired, log_e, threshold })
}

/// The one value a plain threshold compares with, where it is known beforehand.
fn level(rule: &Rule, settings: &Settings) -> Option<f64> {
    let Rule::Threshold(condition) = rule else {
        return match rule {
            Rule::Over { limit } => Some(limit.value()),
            Rule::Threshold(_) | Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } => None,
        };
    };
    match &condition.limit {
        Limit::Absolute(quantity) => {
            let amounts = matches!(condition.sustain, ripcord_model::blueprint::Sustain::In(_));
            (!amounts).then(|| quantity.value())
        }
        Limit::TimesBaseline(times) => settings.baseline.as_ref()?.value.map(|value| value * times),
        Limit::TimesControl(_) => None,
    }
}

/// The plan for a series: evidence is spread over its blocks, as for a release that lasts as long.
pub fn plan(trace: &Trace, planned: Option<Duration>) -> EvidencePlan {
    EvidencePlan::over(planned.unwrap_or_else(|| trace.length()), trace.step)
}

/// Takes the measure of a service's file for that of the series, when its blocks hold what that speaks of. Whether bad
/// or good events are named is then the service's word.
pub fn adopt(trace: &mut Trace, measure: &Measure) -> Option<Measure> {
    let first = trace.steps.iter().find_map(|step| step.sample.as_ref())?;
    let kind = match (measure, first) {
        (Measure::Ratio { .. }, Sample::Counts(_)) => Kind::Ratio,
        (Measure::Success { .. }, Sample::Counts(_)) => Kind::Success,
        (Measure::Count { .. }, Sample::Events(_) | Sample::Exposed(_)) => Kind::Count,
        (Measure::Quantile { .. }, Sample::Histogram(_)) => Kind::Quantile,
        (Measure::Gauge { .. }, Sample::Values(_)) => Kind::Value,
        (
            Measure::Ratio { .. }
            | Measure::Success { .. }
            | Measure::Count { .. }
            | Measure::Quantile { .. }
            | Measure::Gauge { .. },
            Sample::Counts(_)
            | Sample::Events(_)
            | Sample::Exposed(_)
            | Sample::Values(_)
            | Sample::Histogram(_),
        ) => return None,
    };
    trace.kind = kind;
    Some(measure.clone())
}
