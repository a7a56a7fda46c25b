//! Lines that stay small: per place on the axis the lowest and the highest value are kept, in their order.

use std::fmt::Write as _;

use super::scale::Scale;

/// Places along the axis; about one per pixel.
const PLACES: usize = 860;

/// One point: where on the axis, and the value; `None` breaks the line.
pub(super) type Point = (f64, Option<f64>);

/// The path of a line through the points.
pub(super) fn path(points: &[Point], x: Scale, y: Scale) -> String {
    let mut path = String::new();
    let mut broken = true;
    let mut add = |at: f64, value: Option<f64>| match value {
        None => broken = true,
        Some(value) => {
            let command = if broken { 'M' } else { 'L' };
            broken = false;
            write!(path, "{command}{:.1} {:.1} ", x.at(at), y.at(value))
                .expect("writing to a string cannot fail");
        }
    };
    let per_place = points.len().div_ceil(PLACES).max(1);
    if per_place <= 2 {
        points.iter().for_each(|(at, value)| add(*at, *value));
        return path;
    }
    for chunk in points.chunks(per_place) {
        let known = |(index, (_, value)): (usize, &Point)| value.map(|value| (index, value));
        let lowest = chunk.iter().enumerate().filter_map(known).min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = chunk.iter().enumerate().filter_map(known).max_by(|a, b| a.1.total_cmp(&b.1));
        let (Some(lowest), Some(highest)) = (lowest, highest) else {
            add(0.0, None);
            continue;
        };
        let (first, second) = if lowest.0 <= highest.0 { (lowest, highest) } else { (highest, lowest) };
        add(chunk[first.0].0, Some(first.1));
        if first.0 != second.0 {
            add(chunk[second.0].0, Some(second.1));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: (f64, f64) = (0.0, 10_000.0);

    fn scales() -> (Scale, Scale) {
        (Scale::new(X.0, X.1, 0.0, 860.0), Scale::new(0.0, 1.0, 100.0, 0.0))
    }

    #[test]
    fn missing_values_break_the_line() {
        let (x, y) = scales();
        let points = [(0.0, Some(0.0)), (5_000.0, Some(1.0)), (6_000.0, None), (10_000.0, Some(0.5))];
        assert_eq!(path(&points, x, y).trim(), "M0.0 100.0 L430.0 0.0 M860.0 50.0");
    }

    #[test]
    fn a_long_series_stays_small_and_keeps_its_peaks() {
        let (x, y) = scales();
        let points: Vec<Point> = (0..200_000)
            .map(|at| (f64::from(at) / 20.0, Some(if at == 77_777 { 1.0 } else { 0.1 })))
            .collect();
        let path = path(&points, x, y);
        assert!(path.len() < 40_000, "{}", path.len());
        assert!(path.contains(" 0.0 "), "the peak is there");
    }
}
