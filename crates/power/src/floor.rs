//! The least any test can do with: `ln(1/alpha) / D`, where `D` is what one block tells about a regression.
//!
//! Source: Wald, *Sequential Tests of Statistical Hypotheses* (1945); for a regression that begins late, Lorden (1971)
//! and Lai (1998) show the same after its beginning. Kullback and Leibler (1951) for `D`.

/// How counts are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    /// Each event is bad or not: Bernoulli.
    Trials,
    /// Things that happen over an exposure: Poisson.
    Happenings,
}

impl Law {
    /// The Kullback-Leibler divergence of rate `truth` from rate `claim`, in nats per event or unit of exposure.
    pub(crate) fn divergence(self, truth: f64, claim: f64) -> f64 {
        match self {
            Self::Trials => term(truth, claim) + term(1.0 - truth, 1.0 - claim),
            Self::Happenings => term(truth, claim) - truth + claim,
        }
    }
}

/// `a ln(a / b)`, 0 for nothing.
fn term(a: f64, b: f64) -> f64 {
    if a <= 0.0 { 0.0 } else { a * (a / b.max(f64::MIN_POSITIVE)).ln() }
}

/// Nats per event over both arms that tell `canary` apart from every pair of rates that is tolerated, when the
/// candidate has `share` of the events and the control is at `control`. The null hypothesis is
/// `p_c <= (1 + margin) p_t`; its hardest member has both rates on its edge.
pub(crate) fn against_control(law: Law, share: f64, control: f64, canary: f64, margin: f64) -> f64 {
    let scale = 1.0 + margin;
    let at = |p: f64| {
        share * law.divergence(canary, (p * scale).min(1.0)) + (1.0 - share) * law.divergence(control, p)
    };
    // Convex in p; the minimum lies between the control's rate and what the canary's would make of it.
    let (mut low, mut high) = (control.min(canary / scale), control.max(canary / scale));
    for _ in 0..100 {
        let third = (high - low) / 3.0;
        if at(low + third) <= at(high - third) {
            high -= third;
        } else {
            low += third;
        }
    }
    at(low.midpoint(high)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_literature_prints() {
        // Canary requests at least, alpha 0.1 %: the table of docs/evidence.md.
        let table = [
            (0.001, 0.01, 0.01, 505.0),
            (0.01, 0.02, 0.01, 1_788.0),
            (0.01, 0.02, 0.1, 2_017.0),
            (0.01, 0.02, 0.5, 4_006.0),
            (0.05, 0.1, 0.1, 382.0),
        ];
        for (control, canary, share, requests) in table {
            let nats = against_control(Law::Trials, share, control, canary, 0.0);
            let floor = 1_000_f64.ln() / nats * share;
            assert!((floor / requests - 1.0).abs() < 0.002, "{control} {canary} {share}: {floor}");
        }
    }

    #[test]
    fn a_margin_makes_it_harder_and_at_the_margin_it_is_impossible() {
        let nats = |margin| against_control(Law::Trials, 0.1, 0.01, 0.02, margin);
        assert!(nats(0.0) > nats(0.2) && nats(0.2) > nats(0.5));
        assert!(nats(1.0) < 1e-12, "{}", nats(1.0));
        let rare = against_control(Law::Happenings, 0.1, 1e-5, 2e-5, 0.0);
        let same = against_control(Law::Trials, 0.1, 1e-5, 2e-5, 0.0);
        assert!((rare / same - 1.0).abs() < 1e-3, "rare events are the same either way");
    }
}
