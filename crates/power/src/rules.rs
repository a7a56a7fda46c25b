//! From the rules of a blueprint and a load to tests: which rule is which test, and what is not known.

use ripcord_model::{
    SignalName,
    blueprint::{Blueprint, Measure, Rule, Signal},
};

use crate::{
    Load, SignalLoad,
    floor::Law,
    outcome::{Bad, LeadsTo, Unknown, WhyUnknown},
    test::{Against, Test, Watch},
};

/// A quantile is watched at up to this many edges of its histogram, whose evidence is averaged; one alone needs so
/// many times more.
const EDGES: f64 = 4.0;

/// From this share on bad events are common.
const COMMON: f64 = 0.1;

/// An evidence rule that can be simulated.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) signal: SignalName,
    pub(crate) harms_users: bool,
    pub(crate) rule: String,
    pub(crate) leads_to: LeadsTo,
    pub(crate) bad: Bad,
    pub(crate) events_per_second: f64,
    pub(crate) harm: Test,
    /// The same test turned round.
    pub(crate) safety: ShowsSafety,
}

/// Whether a rule can show that nothing is wrong.
#[derive(Debug, Clone)]
pub(crate) enum ShowsSafety {
    /// By this test.
    By(Box<Test>),
    /// It tolerates nothing.
    NoMargin,
    /// It cannot be said without the shape of a histogram.
    NotSaid,
}

/// Every evidence rule of a blueprint: those that can be simulated, and those about which nothing can be said.
pub(crate) fn read(blueprint: &Blueprint, load: &Load) -> (Vec<Watched>, Vec<Unknown>) {
    let (mut watched, mut unknown) = (Vec::new(), Vec::new());
    for signal in &blueprint.signals {
        for (leads_to, rule) in evidence_rules(signal) {
            match watch(blueprint, load, signal, leads_to, rule) {
                Ok(rule) => watched.push(rule),
                Err(why) => {
                    unknown.push(Unknown { signal: signal.name.clone(), rule: rule.to_string(), why });
                }
            }
        }
    }
    (watched, unknown)
}

/// The evidence rules of a signal with what they lead to.
pub(crate) fn evidence_rules(signal: &Signal) -> impl Iterator<Item = (LeadsTo, &Rule)> {
    let rollback = signal.rollback.iter().map(|rule| (LeadsTo::Rollback, rule));
    let contain = signal.contain.iter().map(|rule| (LeadsTo::Contain, rule));
    let hold = signal.hold.iter().map(|rule| (LeadsTo::Hold, rule));
    rollback.chain(contain).chain(hold).filter(|(_, rule)| rule.is_evidence())
}

fn watch(
    blueprint: &Blueprint,
    load: &Load,
    signal: &Signal,
    leads_to: LeadsTo,
    rule: &Rule,
) -> Result<Watched, WhyUnknown> {
    let (law, bad) = kind(&signal.measure)?;
    let SignalLoad { events_per_second, base_rate } = signal_load(load, signal)?;
    let events_per_second = events_per_second.unwrap_or(load.requests_per_second);
    let against = against(rule, signal, base_rate)?;
    let plan = &blueprint.evidence;
    let events = events_per_second * blueprint.production.metrics.interval.as_secs_f64();
    let edges = if bad == Bad::SlowAnswers { EDGES } else { 1.0 };
    let log_bar = (edges * bar(blueprint, leads_to)).ln();
    let kind = (against, law, is_common(&signal.measure, base_rate));
    let harm = Test::new(kind, Watch::Harm, plan, log_bar, (events, base_rate));
    let safety = Test::new(kind, Watch::Safety, plan, -plan.advance.ln(), (events, base_rate));
    let safety = match bad {
        Bad::SlowAnswers => ShowsSafety::NotSaid,
        Bad::Events | Bad::Happenings if has_margin(rule) => ShowsSafety::By(Box::new(safety)),
        Bad::Events | Bad::Happenings => ShowsSafety::NoMargin,
    };
    Ok(Watched {
        signal: signal.name.clone(),
        harms_users: signal.harm == ripcord_model::blueprint::Harm::User,
        rule: rule.to_string(),
        leads_to,
        bad,
        events_per_second,
        harm,
        safety,
    })
}

fn kind(measure: &Measure) -> Result<(Law, Bad), WhyUnknown> {
    match measure {
        Measure::Ratio { .. } | Measure::Success { .. } => Ok((Law::Trials, Bad::Events)),
        Measure::Quantile { .. } => Ok((Law::Trials, Bad::SlowAnswers)),
        Measure::Count { .. } => Ok((Law::Happenings, Bad::Happenings)),
        Measure::Gauge { .. } => Err(WhyUnknown::Gauge),
    }
}

/// Whether the two-sample test compares it with the control. What is common is decided by the control's own past.
fn is_common(measure: &Measure, base_rate: f64) -> bool {
    match measure {
        Measure::Ratio { .. } => base_rate >= COMMON,
        Measure::Success { .. } => true,
        Measure::Quantile { .. } | Measure::Count { .. } | Measure::Gauge { .. } => false,
    }
}

/// What is known about a signal. Above the edge that a quantile has while nothing is wrong lies what it leaves.
fn signal_load(load: &Load, signal: &Signal) -> Result<SignalLoad, WhyUnknown> {
    let quantile = match &signal.measure {
        Measure::Quantile { q, .. } => Some(SignalLoad { events_per_second: None, base_rate: 1.0 - q }),
        Measure::Ratio { .. } | Measure::Success { .. } | Measure::Count { .. } | Measure::Gauge { .. } => {
            None
        }
    };
    let known = load.signals.get(&signal.name).copied().or(quantile).ok_or(WhyUnknown::NoBase)?;
    if known.base_rate > 0.0 { Ok(known) } else { Err(WhyUnknown::NothingBad) }
}

fn against(rule: &Rule, signal: &Signal, base_rate: f64) -> Result<Against, WhyUnknown> {
    // A margin on a quantile moves the edge: the candidate's answers beyond the moved edge are compared with the
    // control's beyond the edge itself, without a further margin on how many there are.
    let moved = matches!(signal.measure, Measure::Quantile { .. });
    let scale = |margin: f64| if moved { 0.0 } else { margin };
    match rule {
        Rule::WorseThanControl { margin } => Ok(Against::Control(scale(*margin))),
        Rule::WorseThanBaseline { margin } => Ok(Against::Baseline(base_rate * (1.0 + scale(*margin)))),
        Rule::Over { limit } if base_rate > limit.value() => Err(WhyUnknown::AlreadyOver),
        Rule::Over { limit } => Ok(Against::Limit(limit.value())),
        Rule::Threshold(_) => unreachable!("a threshold is no evidence rule"),
    }
}

fn has_margin(rule: &Rule) -> bool {
    match rule {
        Rule::WorseThanControl { margin } | Rule::WorseThanBaseline { margin } => *margin > 0.0,
        Rule::Over { .. } => true,
        Rule::Threshold(_) => false,
    }
}

/// The evidence a rule needs alone: rules that lead to the same are averaged and share one error rate.
fn bar(blueprint: &Blueprint, leads_to: LeadsTo) -> f64 {
    let rules = blueprint
        .signals
        .iter()
        .flat_map(evidence_rules)
        .filter(|(other, _)| *other == leads_to)
        .count()
        .max(1) as f64;
    let alpha = match leads_to {
        LeadsTo::Rollback => blueprint.false_rollback,
        LeadsTo::Contain | LeadsTo::Hold => blueprint.evidence.contain,
    };
    rules / alpha
}
