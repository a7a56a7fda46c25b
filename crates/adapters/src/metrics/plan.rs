//! Which series a reading must ask for: every signal taken apart into selectors, each with its role.

use ripcord_model::blueprint::{Measure, Rule, Signal};

use super::selector::{Selector, SelectorError};

/// Metrics whose names begin so are the edge's own: it counts what users were answered, retries of its own apart.
const EDGE_PREFIX: &str = "ripcord_edge_";
/// The label by which the edge tells versions apart.
const EDGE_LABEL: &str = "version";

/// What a selector's numbers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A ratio's counter of bad events.
    Bad,
    /// A success ratio's counter of good events.
    Good,
    /// A ratio's counter of all events.
    All,
    /// A count's counter.
    Counter,
    /// The exposure of a count that names one.
    Per,
    /// The exposure of a count that names none, where evidence or a baseline needs it: requests.
    Requests,
    /// A histogram's cumulative buckets.
    Buckets,
    /// A gauge.
    Gauge,
}

/// One selector to be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ask {
    /// Index of the signal.
    pub(super) signal: usize,
    pub(super) role: Role,
    pub(super) selector: Selector,
    /// The label whose values are the versions' names, when the source's own way does not tell variants apart here.
    pub(super) variant_label: Option<String>,
}

/// Everything to be asked for. An ask is named by its index from here on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) asks: Vec<Ask>,
    /// Signals whose selectors cannot be used, with the reason.
    pub(super) refused: Vec<(usize, String)>,
}

impl Ask {
    /// Whether the edge is who knows.
    pub(super) fn is_at_edge(&self) -> bool {
        self.selector.name().starts_with(EDGE_PREFIX)
    }
}

impl Plan {
    /// The selectors of all signals, each passed through `usable`. Bad events come before all events: should a
    /// source answer them one after the other, all events are never behind.
    pub(super) fn of(signals: &[Signal], usable: impl Fn(&Ask) -> Result<(), SelectorError>) -> Self {
        let mut plan = Self::default();
        for (index, signal) in signals.iter().enumerate() {
            let texts = texts_of(&signal.measure).into_iter();
            let asks: Result<Vec<Ask>, _> =
                texts.map(|(role, text)| ask(index, role, text, signal, &usable)).collect();
            match asks {
                Ok(asks) => plan.asks.extend(asks),
                Err(error) => plan.refused.push((index, format!("signal {}: {error}", signal.name))),
            }
        }
        plan.ask_for_requests(signals);
        plan
    }

    /// The ask of a signal in a role.
    pub(super) fn find(&self, signal: usize, role: Role) -> Option<usize> {
        self.asks.iter().position(|ask| ask.signal == signal && ask.role == role)
    }

    /// Who speaks of requests: the first ratio's `all`, else the first histogram.
    pub(super) fn requests(&self) -> Option<usize> {
        let first = |role| self.asks.iter().position(|ask| ask.role == role);
        first(Role::All).or_else(|| first(Role::Buckets))
    }

    /// Counts that are compared per request, by instance or with a past, need requests from the same source.
    fn ask_for_requests(&mut self, signals: &[Signal]) {
        let Some(requests) = self.requests().map(|index| self.asks[index].clone()) else { return };
        let selector = match requests.role {
            Role::Buckets => requests.selector.without_suffix("_bucket").with_suffix("_count"),
            Role::All | Role::Bad | Role::Good | Role::Counter | Role::Per | Role::Requests | Role::Gauge => {
                requests.selector
            }
        };
        let counts = signals.iter().enumerate().filter(|(_, signal)| {
            let counts_alone = matches!(signal.measure, Measure::Count { per: None, .. });
            counts_alone && (has_evidence(signal) || needs_baseline(signal))
        });
        let asks = counts.map(|(signal, _)| Ask {
            signal,
            role: Role::Requests,
            selector: selector.clone(),
            variant_label: requests.variant_label.clone(),
        });
        let asks: Vec<Ask> = asks.filter(|ask| self.find(ask.signal, Role::Counter).is_some()).collect();
        self.asks.extend(asks);
    }
}

impl Role {
    /// Whether its numbers are counters: differences matter, not values.
    pub(super) const fn counts(self) -> bool {
        match self {
            Self::Bad
            | Self::Good
            | Self::All
            | Self::Counter
            | Self::Per
            | Self::Requests
            | Self::Buckets => true,
            Self::Gauge => false,
        }
    }
}

/// Whether any rule of the signal is decided by evidence.
pub(super) fn has_evidence(signal: &Signal) -> bool {
    signal.rules().any(Rule::is_evidence)
}

/// Whether any rule of the signal compares with what it was before the release.
pub(super) fn needs_baseline(signal: &Signal) -> bool {
    signal.rules().any(Rule::needs_baseline)
}

fn texts_of(measure: &Measure) -> Vec<(Role, &String)> {
    match measure {
        Measure::Ratio { bad, all } => vec![(Role::Bad, bad), (Role::All, all)],
        Measure::Success { good, all } => vec![(Role::Good, good), (Role::All, all)],
        Measure::Count { counter, per: None } => vec![(Role::Counter, counter)],
        Measure::Count { counter, per: Some(per) } => vec![(Role::Counter, counter), (Role::Per, per)],
        Measure::Quantile { histogram, q: _ } => vec![(Role::Buckets, histogram)],
        Measure::Gauge { gauge } => vec![(Role::Gauge, gauge)],
    }
}

fn ask(
    index: usize,
    role: Role,
    text: &str,
    signal: &Signal,
    usable: impl Fn(&Ask) -> Result<(), SelectorError>,
) -> Result<Ask, SelectorError> {
    let selector = Selector::parse(text)?;
    let selector = if role == Role::Buckets { selector.with_suffix("_bucket") } else { selector };
    let mut ask = Ask { signal: index, role, selector, variant_label: signal.variant_label.clone() };
    if ask.variant_label.is_none() && ask.is_at_edge() {
        ask.variant_label = Some(EDGE_LABEL.to_owned());
    }
    if let Some(label) = &ask.variant_label {
        ask.selector.clone().with_version(label, "")?;
    }
    usable(&ask)?;
    Ok(ask)
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Duration, SignalName, blueprint::Harm};

    use super::*;

    fn signal(name: &str, measure: Measure, rules: &[&str]) -> Signal {
        Signal {
            name: SignalName::new(name).unwrap(),
            harm: Harm::User,
            measure,
            variant_label: None,
            window: Duration::from_mins(1),
            rollback: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            contain: Vec::new(),
            hold: Vec::new(),
        }
    }

    fn plan(signals: &[Signal]) -> Vec<(usize, Role, String, Option<String>)> {
        let plan = Plan::of(signals, |_| Ok(()));
        assert_eq!(plan.refused, []);
        plan.asks
            .into_iter()
            .map(|ask| (ask.signal, ask.role, ask.selector.to_string(), ask.variant_label))
            .collect()
    }

    #[test]
    fn counts_decided_by_evidence_are_asked_for_with_the_requests_they_are_compared_per() {
        let count =
            |rules| signal("crashes", Measure::Count { counter: "crashes_total".into(), per: None }, rules);
        let latency = signal("p99", Measure::Quantile { histogram: "latency{a=\"b\"}".into(), q: 0.99 }, &[]);
        let ratio =
            signal("errors", Measure::Ratio { bad: "bad_total".into(), all: "all_total".into() }, &[]);
        let evidence = ["worse than control by 20%"];
        let of_crashes = |signals: &[Signal]| -> Vec<String> {
            let asks = plan(signals).into_iter().filter(|ask| ask.1 == Role::Requests);
            asks.map(|(signal, _, selector, _)| format!("{signal} {selector}")).collect()
        };
        assert!(
            of_crashes(&[count(&["above 3 in 30m"]), ratio.clone()]).is_empty(),
            "a threshold needs none"
        );
        assert_eq!(of_crashes(&[count(&evidence), latency.clone(), ratio]), ["0 all_total"]);
        assert_eq!(of_crashes(&[count(&evidence), latency]), ["0 latency_count{a=\"b\"}"]);
        assert!(of_crashes(&[count(&evidence)]).is_empty(), "nobody counts requests");
    }

    #[test]
    fn what_the_edge_counts_has_its_version_in_a_label() {
        let edge = "ripcord_edge_requests_total";
        let measure = Measure::Ratio { bad: format!("{edge}{{code=\"5xx\"}}"), all: edge.to_owned() };
        let by_edge = signal("errors", measure, &[]);
        assert_eq!(plan(&[by_edge])[1], (0, Role::All, edge.to_owned(), Some("version".to_owned())));
        let mut labelled = signal("lag", Measure::Gauge { gauge: "lag".into() }, &[]);
        labelled.variant_label = Some("track".to_owned());
        assert_eq!(plan(&[labelled.clone()])[0].3, Some("track".to_owned()));
        labelled.measure = Measure::Gauge { gauge: "lag{track=\"v1\"}".into() };
        let refused = Plan::of(&[labelled], |_| Ok(())).refused;
        assert!(refused[0].1.contains("label `track` tells the versions apart"), "{refused:?}");
    }
}
