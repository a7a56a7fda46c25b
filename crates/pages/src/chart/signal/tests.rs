//! What a picture shows, and what it never does.

use ripcord_model::Duration;

use super::*;

fn chart(values: &[Option<f64>]) -> SignalChart {
    let at = |second: usize| Timestamp::from_ms(0).plus(Duration::from_secs(second as u64));
    let point = |(second, canary): (usize, &Option<f64>)| Point {
        at: at(second),
        canary: *canary,
        control: Some(0.009),
        band: Some((0.008, 0.01)),
    };
    SignalChart {
        name: "submit-errors".to_owned(),
        versions: ("v2".to_owned(), "v1".to_owned()),
        is_ratio: true,
        points: values.iter().enumerate().map(point).collect(),
        limits: vec![Limit { value: 0.05, words: "rollback: above 5% for 5m".to_owned(), holds: false }],
        stages: vec![Stage { at: at(1), share: "10 %".to_owned() }],
        moments: vec![Moment { at: at(2), word: "decided" }],
    }
}

#[test]
fn a_hole_is_hatched_and_never_a_straight_line() {
    let holed = chart(&[Some(0.01), Some(0.01), None, None, Some(0.03)]);
    let svg = holed.svg().unwrap();
    assert!(svg.contains("class=\"c-hole\""), "{svg}");
    let line = svg.split("class=\"c-canary\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(line.matches('M').count(), 2, "the pen is lifted: {line}");
    assert!(holed.has_holes());
    let whole = chart(&[Some(0.01), Some(0.01), Some(0.02)]);
    assert!(!whole.has_holes() && !whole.svg().unwrap().contains("c-hole"));
}

#[test]
fn limits_stages_and_moments_have_their_words() {
    let svg = chart(&[Some(0.01), Some(0.03), Some(0.04)]).svg().unwrap();
    for word in ["rollback: above 5% for 5m", ">10 %<", ">decided<", "c-band"] {
        assert!(svg.contains(word), "{word} is not in {svg}");
    }
    let words = chart(&[Some(0.01), Some(0.031)]).in_words();
    assert_eq!(words, "submit-errors: 3.1 % on v2, 0.9 % on v1; rollback: above 5% for 5m");
}

#[test]
fn a_limit_far_away_does_not_flatten_what_is_measured() {
    let svg = chart(&[Some(0.0001), Some(0.0001), Some(0.0001)]);
    let svg = SignalChart {
        points: svg.points.iter().map(|point| Point { control: None, band: None, ..*point }).collect(),
        ..svg
    };
    let svg = svg.svg().unwrap();
    assert!(!svg.contains("c-limit"), "{svg}");
    assert!(svg.contains("above 5% for 5m ↑"), "{svg}");
}

#[test]
fn nothing_is_drawn_of_nothing_and_names_are_no_markup() {
    assert_eq!(chart(&[]).svg(), None);
    assert_eq!(chart(&[Some(1.0)]).svg(), None);
    let mut hostile = chart(&[Some(0.01), Some(0.01)]);
    hostile.name = "\"><script>".to_owned();
    hostile.limits[0].words = "</text><script>".to_owned();
    assert!(!hostile.svg().unwrap().contains("<script>"));
}

#[test]
fn a_value_that_is_no_number_leaves_no_trace() {
    let svg = chart(&[Some(0.01), Some(f64::NAN), Some(f64::INFINITY), Some(0.02)]).svg().unwrap();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}
