//! What no test can beat: `ln(1/alpha) / D` requests on average, where `D` is what one request tells.
//!
//! With a canary that has share `r` of the requests and rates `p0` (control) and `p1` (canary), per request over both
//! arms:
//!
//! ```text
//! D = r kl(p1 || p) + (1 - r) kl(p0 || p),   p = r p1 + (1 - r) p0
//! ```
//!
//! Sources: Wald, *Sequential Tests of Statistical Hypotheses* (1945); for a late onset Lorden (1971) and Lai (1998).

/// The least mean number of requests over both arms for a test at level `alpha` that never misses.
pub(crate) fn requests(alpha: f64, share: f64, control: f64, canary: f64) -> f64 {
    let mixed = share * canary + (1.0 - share) * control;
    let nats = share * divergence(canary, mixed) + (1.0 - share) * divergence(control, mixed);
    -alpha.ln() / nats
}

/// The Kullback-Leibler divergence of two coins, in nats.
fn divergence(truth: f64, claim: f64) -> f64 {
    truth * (truth / claim).ln() + (1.0 - truth) * ((1.0 - truth) / (1.0 - claim)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_table_of_the_evidence_page_prints() {
        for (control, canary, share, printed) in [
            (0.001, 0.01, 0.01, 505.0),
            (0.01, 0.02, 0.01, 1_788.0),
            (0.01, 0.02, 0.1, 2_017.0),
            (0.01, 0.02, 0.5, 4_006.0),
            (0.05, 0.1, 0.1, 382.0),
        ] {
            let on_the_canary = share * requests(0.001, share, control, canary);
            assert!((on_the_canary - printed).abs() <= 0.5, "{on_the_canary} of {printed}");
        }
    }
}
