//! The written shape of `signals` and `evidence` in `ripcord.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use schemars::JsonSchema;

use super::text::{Dispersion, DurationText, LabelName, OneOrMany, RuleText, Selector, ShareText};
use crate::blueprint::Harm;

/// A measured quantity with a harm and rules.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [
        {"required": ["ratio"]}, {"required": ["quantile"]}, {"required": ["count"]}, {"required": ["gauge"]}
    ])
)]
pub(super) struct Signal {
    /// Whom it hurts when it goes wrong.
    harm: Harm,
    /// Bad, or good, events among all, both counters.
    ratio: Option<Ratio>,
    /// A quantile of a histogram.
    quantile: Option<Quantile>,
    /// How often something happened: a counter.
    count: Option<Count>,
    /// A value that goes up and down.
    gauge: Option<Selector>,
    /// The label that tells the versions apart, when it is not that of the source.
    variant_label: Option<LabelName>,
    /// The trailing window over which a value is computed; 1m.
    window: Option<DurationText>,
    /// Any of these sends the release back.
    rollback: Option<OneOrMany<RuleText>>,
    /// Any of these contains it.
    contain: Option<OneOrMany<RuleText>>,
    /// Any of these stops forward motion while it lasts.
    hold: Option<OneOrMany<RuleText>>,
}

/// Bad events among all, or good ones.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{"required": ["bad"]}, {"required": ["good"]}]))]
struct Ratio {
    /// Counter of the bad events: less is better.
    bad: Option<Selector>,
    /// Counter of the good events: more is better.
    good: Option<Selector>,
    /// Counter of all events.
    all: Selector,
}

/// A quantile of a histogram.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Quantile {
    /// The histogram's base name with optional labels.
    histogram: Selector,
    /// Between 0 and 1, exclusive: 0.99.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    q: f64,
}

/// How often something happened.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Count {
    /// Compared per request.
    Plain(Selector),
    /// Compared per something else.
    Per(CountPer),
}

/// How often something happened, compared per something else than requests.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CountPer {
    /// Counter of what happens.
    of: Selector,
    /// Counter of what it can happen to: sessions, user-hours.
    per: Selector,
}

/// How evidence is weighed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Evidence {
    /// What a freshly started version does for this long is no evidence; a tenth of the first stage, at most 1m.
    warm_up: Option<DurationText>,
    /// How many times more than by chance counts are assumed to scatter, at least; 1.
    dispersion: Option<Dispersion>,
    /// The accepted chance that a release with no regression is contained, or held by evidence; 5%.
    contain: Option<ShareText>,
    /// The accepted chance that a signal worse than tolerated counts as safe; 5%.
    advance: Option<ShareText>,
    /// The accepted chance that a signal is distrusted whose control instances are alike; 5%.
    guard: Option<ShareText>,
    /// How long before the release the baseline is measured; 1h.
    baseline: Option<DurationText>,
}
