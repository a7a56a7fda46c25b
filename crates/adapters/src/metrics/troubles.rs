//! What a reading says to people beside its numbers: one sentence each, the signal's name first.

use ripcord_engine::Arms;

use super::{heard::Heard, latency::Flaw, memory::Question, pending::Given};

impl Question<'_> {
    fn say(&mut self, what: &str) {
        let text = format!("signal {}: {what}", self.signal.name);
        self.troubles.push(text);
    }

    /// Both sides by name, with what an ask heard there.
    fn sides(&self, ask: usize) -> [(String, bool, &Heard); 2] {
        let labelled = self.plan.asks[ask].variant_label.is_some();
        let side = |name: &str, (version, instances): &(_, Vec<_>)| {
            (format!("{name} {version}"), labelled || !instances.is_empty())
        };
        let (canary, canary_runs) = side("canary", &self.sides.canary);
        let (control, control_runs) = side("control", &self.sides.control);
        let Arms { canary: of_canary, control: of_control } = self.heard;
        [(canary, canary_runs, &of_canary[ask]), (control, control_runs, &of_control[ask])]
    }
}

/// Which side exposes nothing that the selector means.
pub(super) fn absent(question: &mut Question<'_>, ask: usize, selector: &str) {
    let label = question.plan.asks[ask].variant_label.clone();
    let absent = |(side, runs, heard): (String, bool, &Heard)| {
        (runs && !heard.failed && !heard.is_shown()).then_some(side)
    };
    let absent: Vec<String> = question.sides(ask).into_iter().filter_map(absent).collect();
    for side in absent {
        let by =
            label.as_ref().map(|label| format!(" with its name in the label `{label}`")).unwrap_or_default();
        question.say(&format!("{side} has no series `{selector}`{by}"));
    }
}

/// Bad events have no series on either side: there may have been none, or the selector may be mistaken.
pub(super) fn never_bad(question: &mut Question<'_>, ask: usize, selector: &str) {
    if question.sides(ask).iter().all(|(_, _, heard)| !heard.is_shown()) {
        question.say(&format!("neither side has a series `{selector}` yet; counted as no bad events"));
    }
}

/// As [`never_bad`], for what is counted per exposure.
pub(super) fn never_counted(question: &mut Question<'_>, ask: usize, selector: &str) {
    if question.sides(ask).iter().all(|(_, _, heard)| !heard.is_shown()) {
        question.say(&format!("neither side has a series `{selector}` yet; counted as none"));
    }
}

/// Good events have never had a series on either side. All bad, or mistaken: it cannot be told, so nothing is said.
pub(super) fn never_good(question: &mut Question<'_>, all: usize, good: usize, selector: &str) {
    let all_shown = question.sides(all).iter().any(|(_, _, heard)| heard.is_shown());
    let failed = question.sides(good).iter().any(|(_, _, heard)| heard.failed);
    if all_shown && !failed {
        question.say(&format!(
            "neither side has ever shown a series `{selector}`: nothing has been good, or the selector is mistaken; \
             the signal is silent until one appears"
        ));
    }
}

/// Good events have no series on one side.
pub(super) fn none_good(question: &mut Question<'_>, all: usize, good: usize, selector: &str) {
    let all_shown = question.sides(all).map(|(_, _, heard)| heard.is_shown());
    let none = |((side, _, heard), all_shown): ((String, bool, &Heard), bool)| {
        (all_shown && !heard.failed && !heard.is_shown()).then_some(side)
    };
    let sides: Vec<String> = question.sides(good).into_iter().zip(all_shown).filter_map(none).collect();
    for side in sides {
        question.say(&format!("{side} has no series `{selector}`; counted as no good events"));
    }
}

/// More of some events than of all.
pub(super) fn more_than_all(question: &mut Question<'_>, given: &Given, kind: &str) {
    for (side, sum) in [("canary", &given.arms.canary), ("control", &given.arms.control)] {
        let (n, some) = (sum.all.round(), sum.some.round());
        if some > n {
            question.say(&format!(
                "{some} {kind} events among {n} on the {side}: counted as {n}; check that `all` includes the {kind} \
                 ones"
            ));
        }
    }
}

/// The canary is judged without its control.
pub(super) fn silent_control(question: &mut Question<'_>) {
    let (version, instances) = &question.sides.control;
    if !instances.is_empty() {
        question.say(&format!("control {version} is silent; the canary is judged without it"));
    }
}

/// The arms have different buckets.
pub(super) fn bounds_differ(question: &mut Question<'_>, common: &[f64]) {
    let bounds: Vec<String> = common.iter().map(f64::to_string).collect();
    let bounds = bounds.join(", ");
    question
        .say(&format!("canary and control have different buckets; compared by those both have: {bounds}"));
}

/// Buckets cannot be compared.
pub(super) fn flawed(question: &mut Question<'_>, histogram: &str, flaw: Flaw) {
    let what = match flaw {
        Flaw::NoHistogram => "has no classic buckets with `+Inf` and at least one more bound",
        Flaw::NothingInCommon => "has no bucket bound that canary and control have in common",
    };
    question.say(&format!("`{histogram}` {what}; evidence cannot compare it"));
}
