//! Where slow begins: bucket bounds near quantiles of the control's history.

use crate::elementary::ln;

/// More quantiles are not looked at.
pub const EDGES_MAX: usize = 8;

/// Requests above an edge that more than this part of the control's are above say little.
const TAIL_MAX: f64 = 0.9;

/// An edge, as positions in the bounds: of the control's edge and of the canary's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) control: usize,
    pub(super) canary: usize,
}

/// A relative difference that is rounding.
const ROUNDING: f64 = 1e-9;

/// One edge per quantile, in their order, without repetitions; `history` has one more bucket than `bounds`. Empty when
/// there are no bounds, or none far enough apart for the margin.
pub(super) fn choose(
    bounds: &[f64],
    history: &[u64],
    quantiles: &[f64],
    margin: f64,
    for_harm: bool,
) -> Vec<Pair> {
    let all: u64 = history.iter().fold(0, |sum, count| sum.saturating_add(*count));
    let mut above = all;
    let tails: Vec<f64> = history[..bounds.len()]
        .iter()
        .map(|count| {
            above -= (*count).min(above);
            // Half a request more, so that a bound that nothing exceeded yet has a place too.
            (above as f64 + 0.5) / (all as f64 + 1.0)
        })
        .collect();
    let usable = |position: &usize| partner(bounds, *position, margin, for_harm).is_some();
    let candidates: Vec<usize> = (0..bounds.len()).filter(usable).collect();
    let informative: Vec<usize> =
        candidates.iter().copied().filter(|position| tails[*position] <= TAIL_MAX).collect();
    let candidates = if informative.is_empty() { candidates } else { informative };
    let mut edges: Vec<Pair> = Vec::new();
    for quantile in quantiles {
        let distance = |position: &usize| ln(tails[*position] / (1.0 - quantile)).abs();
        let nearest = candidates.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let pair = nearest.and_then(|position| partner(bounds, position, margin, for_harm));
        if let Some(pair) = pair.filter(|pair| !edges.contains(pair)) {
            edges.push(pair);
        }
    }
    edges
}

/// The canary's edge for the control's at `control`, and the control's moved as close to it as the margin allows.
fn partner(bounds: &[f64], control: usize, margin: f64, for_harm: bool) -> Option<Pair> {
    // Bounds and margins are decimal numbers: 1.5 times 0.2 is to be 0.3.
    let slack = |position: usize| ROUNDING * bounds[position].abs();
    let tolerated = |position: usize| bounds[position] * (1.0 + margin);
    let is_far_enough = |control: usize, canary: usize| bounds[canary] + slack(canary) >= tolerated(control);
    let is_near_enough = |control: usize, canary: usize| bounds[canary] - slack(canary) <= tolerated(control);
    let mut all = 0..bounds.len();
    if for_harm {
        let canary = all.find(|canary| is_far_enough(control, *canary))?;
        let control = (0..bounds.len()).rev().find(|control| is_far_enough(*control, canary))?;
        return Some(Pair { control, canary });
    }
    let canary = all.rev().find(|canary| is_near_enough(control, *canary))?;
    Some(Pair { control, canary })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: [f64; 6] = [0.1, 0.2, 0.3, 0.5, 1.0, 2.0];
    /// 1,000 requests: 500, 800, 900, 980, 999 of them up to each bound, one above all.
    const HISTORY: [u64; 7] = [500, 300, 100, 80, 15, 4, 1];

    fn chosen(quantiles: &[f64], margin: f64, for_harm: bool) -> Vec<(f64, f64)> {
        let pairs = choose(&BOUNDS, &HISTORY, quantiles, margin, for_harm);
        pairs.into_iter().map(|pair| (BOUNDS[pair.control], BOUNDS[pair.canary])).collect()
    }

    #[test]
    fn edges_are_the_bounds_nearest_to_the_quantiles_once_each() {
        assert_eq!(
            chosen(&[0.5, 0.9, 0.99, 0.999], 0.0, true),
            [(0.1, 0.1), (0.3, 0.3), (1.0, 1.0), (2.0, 2.0)]
        );
        assert_eq!(chosen(&[0.9, 0.91, 0.5], 0.0, true), [(0.3, 0.3), (0.1, 0.1)]);
    }

    #[test]
    fn with_a_margin_the_canary_gets_the_next_bound_that_is_far_enough() {
        assert_eq!(chosen(&[0.9], 0.1, true), [(0.3, 0.5)]);
        assert_eq!(chosen(&[0.8], 0.5, true), [(0.2, 0.3)]);
        // From 0.2 the margin leads to 0.44 and so to 0.5; from there 0.2 is as close as any.
        assert_eq!(chosen(&[0.8], 1.2, true), [(0.2, 0.5)]);
        // 0.11 needs 0.2; so does everything up to 0.18, but there is no such bound.
        assert_eq!(chosen(&[0.5], 0.1, true), [(0.1, 0.2)]);
        assert_eq!(chosen(&[0.999], 0.1, true), [(1.0, 2.0)], "nothing is above the last bound");
        assert_eq!(chosen(&[0.999], 100.0, true), []);
    }

    #[test]
    fn the_controls_edge_moves_up_when_the_canarys_allows_it() {
        let bounds = [1.0, 1.05, 1.1, 3.0, 3.2];
        let pairs = choose(&bounds, &[100, 0, 0, 100, 0, 0], &[0.5], 1.5, true);
        // Twice and a half 1.0 leads to 3.0, which is also far enough from 1.1.
        assert_eq!(pairs, [Pair { control: 2, canary: 3 }]);
    }

    #[test]
    fn safety_takes_the_bound_on_the_other_side() {
        assert_eq!(chosen(&[0.9], 0.1, false), [(0.3, 0.3)]);
        assert_eq!(chosen(&[0.9], 0.7, false), [(0.3, 0.5)]);
    }

    #[test]
    fn odd_histories_have_edges_too() {
        let all_fast = [100, 0, 0, 0, 0, 0, 0];
        assert_eq!(choose(&BOUNDS, &all_fast, &[0.5], 0.0, true).len(), 1);
        let all_slow = [0, 0, 0, 0, 0, 0, u64::MAX];
        assert_eq!(choose(&BOUNDS, &all_slow, &[0.5], 0.0, true).len(), 1);
        let many = [u64::MAX; 7];
        assert_eq!(choose(&BOUNDS, &many, &[0.5, 0.9], 0.0, true).len(), 1);
        assert!(choose(&[], &[10], &[0.5], 0.0, true).is_empty());
    }
}
