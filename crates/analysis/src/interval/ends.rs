//! Where a concave function that is known on a grid falls below a bound.

/// The smallest and the largest point at which a concave function could still exceed `bound`, given its `values` at
/// the growing points of `grid`; `None` where it does not fall.
///
/// Between two points the function lies below the lines through the two points on either side, continued. So what is
/// answered is never inside of the true ends. At least one value must exceed the bound, otherwise both are `None`.
pub(super) fn ends(grid: &[f64], values: &[f64], bound: f64) -> (Option<f64>, Option<f64>) {
    let points = |position: usize| (grid[position], values[position]);
    let mirrored = |position: usize| {
        let position = grid.len() - 1 - position;
        (-grid[position], values[position])
    };
    (last(grid.len(), mirrored, bound).map(|end| -end), last(grid.len(), points, bound))
}

fn last(count: usize, point: impl Fn(usize) -> (f64, f64), bound: f64) -> Option<f64> {
    let inside = (0..count).rev().find(|position| point(*position).1 > bound)?;
    // Where the line through two neighbouring points meets the bound, if it falls.
    let crossing = |left: usize| {
        let (a, b) = (point(left), point(left + 1));
        let slope = (b.1 - a.1) / (b.0 - a.0);
        (slope < 0.0).then(|| b.0 + (bound - b.1) / slope)
    };
    let before = if inside > 0 { crossing(inside - 1) } else { None };
    if inside + 1 == count {
        return before;
    }
    let next = point(inside + 1).0;
    let after = if inside + 2 < count { crossing(inside + 1) } else { None };
    // Never before the last point inside, whatever rounding made of the slopes.
    let nearest = [before, after].into_iter().flatten().fold(next, f64::min);
    Some(nearest.max(point(inside).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_enclose_the_true_ones_and_are_close_where_the_grid_is_fine() {
        // -(u - c)^2 k exceeds -1 within 1 / sqrt(k) of c.
        for (steps, slack) in [(16, 0.35), (160, 0.005)] {
            let grid: Vec<f64> =
                (0..=steps).map(|step| -4.0 + 8.0 * f64::from(step) / f64::from(steps)).collect();
            for (centre, steepness) in [(0.0, 1.0), (0.3, 2.0), (-1.7, 0.5)] {
                let values: Vec<f64> = grid.iter().map(|u: &f64| -steepness * (u - centre).powi(2)).collect();
                let (low, high) = ends(&grid, &values, -1.0);
                let half = 1.0 / f64::sqrt(steepness);
                let (low, high) = (centre - half - low.unwrap(), high.unwrap() - centre - half);
                assert!((0.0..slack).contains(&low) && (0.0..slack).contains(&high), "{low} {high}");
            }
        }
    }

    #[test]
    fn values_that_are_not_concave_do_not_turn_the_ends_around() {
        let (low, high) = ends(&[0.0, 1.0, 2.0, 3.0], &[0.0, -2.0, -2.000_001, -2.0], -1.0);
        assert!(low.is_none_or(|low| low <= 0.0) && high.unwrap() >= 0.0, "{low:?} {high:?}");
    }

    #[test]
    fn beyond_the_grid_the_last_line_is_continued_and_what_does_not_fall_has_no_end() {
        let grid = [0.0, 1.0, 2.0];
        // The chord between the first two crosses at 0.75; a concave function may lie above it, up to the point.
        assert_eq!(ends(&grid, &[-9.0, -1.0, 0.0], -3.0), (Some(0.0), None));
        assert_eq!(ends(&grid, &[0.0, 0.0, -1.0], -3.0), (None, Some(4.0)));
        assert_eq!(ends(&grid, &[-9.0, -9.0, -9.0], -3.0), (None, None));
    }
}
