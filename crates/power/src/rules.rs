//! From the rules of a blueprint and a load to tests: which rule is which test, and what is not known.

use ripcord_analysis::product;
use ripcord_model::{
    SignalName,
    blueprint::{Blueprint, EvidencePlan, Harm, Measure, Rule, Signal, WorkloadBinding},
};

use crate::{
    Load, SignalLoad,
    floor::Law,
    outcome::{Bad, LeadsTo, Unknown, WhyUnknown},
    plan::{interval_seconds, warm_up_blocks},
    test::{Against, Flow, Test, Watch},
};

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
    let (law, bad) = kind(&signal.measure, rule)?;
    let SignalLoad { events_per_second, base_rate } = signal_load(load, signal)?;
    let events_per_second = events_per_second.unwrap_or(load.requests_per_second);
    let plan = &blueprint.evidence;
    let kind = (against(rule, signal, base_rate, plan)?, law, is_common(&signal.measure, base_rate));
    let events = events_per_second * interval_seconds(blueprint);
    let warm_up = warm_up_blocks(blueprint).max(learning_blocks(blueprint, bad, events));
    let flow = Flow { events, rate: base_rate, instances: instances(blueprint, load), warm_up };
    let log_bar = (edges(&signal.measure) * bar(blueprint, leads_to)).ln();
    let harm = Test::new(kind, Watch::Harm, plan, log_bar, flow);
    let safety = Test::new(kind, Watch::Safety, plan, -plan.advance.ln(), flow);
    let safety = match bad {
        Bad::SlowAnswers => ShowsSafety::NotSaid,
        Bad::Events | Bad::Happenings if has_margin(rule) => ShowsSafety::By(Box::new(safety)),
        Bad::Events | Bad::Happenings => ShowsSafety::NoMargin,
    };
    Ok(Watched {
        signal: signal.name.clone(),
        harms_users: signal.harm == Harm::User,
        rule: rule.to_string(),
        leads_to,
        bad,
        events_per_second,
        harm,
        safety,
    })
}

fn kind(measure: &Measure, rule: &Rule) -> Result<(Law, Bad), WhyUnknown> {
    match measure {
        Measure::Ratio { .. } | Measure::Success { .. } => Ok((Law::Trials, Bad::Events)),
        // Against a baseline a quantile is one value per block, like a gauge.
        Measure::Quantile { .. } if matches!(rule, Rule::WorseThanBaseline { .. }) => Err(WhyUnknown::Gauge),
        Measure::Quantile { .. } => Ok((Law::Trials, Bad::SlowAnswers)),
        Measure::Count { .. } => Ok((Law::Happenings, Bad::Happenings)),
        Measure::Gauge { .. } => Err(WhyUnknown::Gauge),
    }
}

/// Instances of the control: as they were seen, or as many as are planned. Where a command starts them nobody knows;
/// most have two at least.
fn instances(blueprint: &Blueprint, load: &Load) -> u32 {
    load.instances.unwrap_or(match &blueprint.production.workload {
        WorkloadBinding::Process(process) => process.instances,
        WorkloadBinding::Command(_) => 2,
    })
}

/// A quantile is watched at several edges of its histogram, whose evidence is averaged; one alone needs so many times
/// more.
fn edges(measure: &Measure) -> f64 {
    match measure {
        Measure::Quantile { q, .. } => product::quantiles(*q).len() as f64,
        Measure::Ratio { .. } | Measure::Success { .. } | Measure::Count { .. } | Measure::Gauge { .. } => {
            1.0
        }
    }
}

/// Blocks after which the edges of a quantile are fixed: with 500 answers of the control, or 30 blocks and 50 answers.
fn learning_blocks(blueprint: &Blueprint, bad: Bad, events: f64) -> u64 {
    let control = blueprint.stages.first().map_or(1.0, |stage| 1.0 - stage.share.fraction()) * events;
    match bad {
        Bad::SlowAnswers if control > 0.0 => {
            (500.0 / control).min(f64::max(30.0, 50.0 / control)).ceil() as u64
        }
        Bad::SlowAnswers | Bad::Events | Bad::Happenings => 0,
    }
}

/// Whether the two-sample test compares it with the control. What is common is decided by the control's own past.
fn is_common(measure: &Measure, base_rate: f64) -> bool {
    match measure {
        Measure::Ratio { .. } => base_rate >= product::COMMON_FROM,
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

fn against(rule: &Rule, signal: &Signal, base_rate: f64, plan: &EvidencePlan) -> Result<Against, WhyUnknown> {
    let limit = |limit: f64| {
        let room = plan.bets.iter().any(|bet| limit * bet < 1.0);
        if room { Ok(Against::Limit(limit)) } else { Err(WhyUnknown::NoTest) }
    };
    match (rule, &signal.measure) {
        // The margin moves the edge: the candidate's answers beyond the moved edge are compared with the control's
        // beyond the edge itself, without a further margin on how many there are.
        (Rule::WorseThanControl { .. }, Measure::Quantile { .. }) => Ok(Against::Control(0.0)),
        (Rule::WorseThanControl { margin } | Rule::WorseThanBaseline { margin }, Measure::Success { .. })
            if *margin >= 1.0 =>
        {
            Err(WhyUnknown::NoTest)
        }
        (Rule::WorseThanControl { margin }, Measure::Success { .. }) => Ok(Against::Success(*margin)),
        (Rule::WorseThanControl { margin }, _) => Ok(Against::Control(*margin)),
        (Rule::WorseThanBaseline { margin }, Measure::Success { .. }) => {
            limit(1.0 - (1.0 - margin) * (1.0 - base_rate))
        }
        (Rule::WorseThanBaseline { margin }, Measure::Ratio { .. }) => limit(base_rate * (1.0 + margin)),
        (Rule::WorseThanBaseline { margin }, _) => Ok(Against::Baseline(base_rate * (1.0 + margin))),
        (Rule::Over { limit }, _) if base_rate > limit.value() => Err(WhyUnknown::AlreadyOver),
        (Rule::Over { limit: share }, _) => limit(share.value()),
        (Rule::Threshold(_), _) => unreachable!("a threshold is no evidence rule"),
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
