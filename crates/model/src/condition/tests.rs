use proptest::prelude::*;

use super::*;
use crate::{
    Duration,
    blueprint::{Condition, Direction, Limit, Quantity, Rule, Sustain},
};

#[test]
fn rules_print_as_they_were_written() {
    for text in [
        "above 5% for 5m",
        "above 2x control for 3m",
        "above 1.5x control for 3m",
        "above 3 in 30m",
        "below 99.9% for 10m",
        "below 0.5 for 30s",
        "worse than control by 20%",
        "worse than control by 7%",
        "worse than control by 0%",
        "worse than baseline by 20%",
        "above 2x baseline for 3m",
        "below 0.5x baseline for 3m",
        "over 1%",
        "over 0.25%",
        "over 0.01",
        "above 300ms for 3m",
        "above 1s500ms for 1h30m",
        "below -3 for 1m",
    ] {
        let rule: Rule = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rule.to_string(), text);
    }
    assert_eq!("  above   5%  for 1h 30m ".parse::<Rule>().unwrap().to_string(), "above 5% for 1h30m");
}

#[test]
fn what_a_rule_means() {
    let rule: Rule = "above 5% for 5m".parse().unwrap();
    let limit = Limit::Absolute(Quantity::Percent(5.0));
    let sustain = Sustain::For(Duration::from_mins(5));
    assert_eq!(rule, Rule::Threshold(Condition { direction: Direction::Above, limit, sustain }));
    let rule: Rule = "worse than control by 20%".parse().unwrap();
    assert_eq!(rule, Rule::WorseThanControl { margin: 0.2 });
    let rule: Rule = "worse than baseline by 20%".parse().unwrap();
    assert_eq!(rule, Rule::WorseThanBaseline { margin: 0.2 });
    let rule: Rule = "over 1%".parse().unwrap();
    assert_eq!(rule, Rule::Over { limit: Quantity::Percent(1.0) });
    let rule: Rule = "above 2x baseline for 3m".parse().unwrap();
    let sustain = Sustain::For(Duration::from_mins(3));
    let condition = Condition { direction: Direction::Above, limit: Limit::TimesBaseline(2.0), sustain };
    assert_eq!(rule, Rule::Threshold(condition));
}

#[test]
fn evidence_is_told_from_plain_comparisons() {
    for (text, evidence) in [
        ("worse than control by 20%", true),
        ("worse than baseline by 20%", true),
        ("over 1%", true),
        ("above 1% for 5m", false),
        ("above 2x baseline for 3m", false),
    ] {
        assert_eq!(text.parse::<Rule>().unwrap().is_evidence(), evidence, "{text}");
    }
}

#[test]
fn every_vague_trigger_is_refused_with_its_reason() {
    for (text, problem) in [
        ("error rate is high", Problem::Beginning),
        ("", Problem::Beginning),
        ("above for 5m", Problem::NoNumber),
        ("above", Problem::NoNumber),
        ("above normal for 5m", Problem::NoNumber),
        ("above 5%", Problem::NoDuration),
        ("above 5% for", Problem::NoDuration),
        ("above 5% for a while", Problem::BadDuration),
        ("above 5% for 0s", Problem::BadDuration),
        ("above 5% 5m", Problem::BadDuration),
        ("above 2x for 3m", Problem::MultipleOfWhat),
        ("above 0x control for 3m", Problem::BadNumber),
        ("above 3% in 30m", Problem::InNeedsNumber),
        ("above 2x control in 30m", Problem::InNeedsNumber),
        ("above 1e9 for 5m", Problem::BadNumber),
        ("above NaN for 5m", Problem::NoNumber),
        ("worse than control", Problem::NoNumber),
        ("worse than control by 20", Problem::BadNumber),
        ("worse than control by -5%", Problem::BadNumber),
        ("worse than control by 20% for 5m", Problem::BadNumber),
        ("worse than baseline", Problem::NoNumber),
        ("worse than yesterday by 20%", Problem::Beginning),
        ("above 2x baseline in 30m", Problem::InNeedsNumber),
        ("above 0x baseline for 3m", Problem::BadNumber),
        ("above 2x yesterday for 3m", Problem::MultipleOfWhat),
        ("over", Problem::NoNumber),
        ("over much", Problem::NoNumber),
        ("over 0%", Problem::BadNumber),
        ("over -1%", Problem::BadNumber),
        ("over 300ms", Problem::BadNumber),
        ("over 1% for 5m", Problem::OverHasNoTime),
    ] {
        assert_eq!(text.parse::<Rule>().unwrap_err().problem, problem, "{text}");
    }
}

fn numbers() -> impl Strategy<Value = f64> {
    (0_u64..1_000_000_000, 0_u32..7)
        .prop_map(|(digits, decimals)| digits as f64 / 10_f64.powi(decimals as i32))
}

fn positive() -> impl Strategy<Value = f64> {
    numbers().prop_filter("positive", |number| *number > 0.0)
}

fn rules() -> impl Strategy<Value = Rule> {
    let durations = || (1_u64..315_360_000_000).prop_map(Duration::from_ms);
    let direction = prop_oneof![Just(Direction::Above), Just(Direction::Below)];
    let lasting = prop_oneof![
        numbers().prop_map(|n| Limit::Absolute(Quantity::Percent(n))),
        numbers().prop_map(|n| Limit::Absolute(Quantity::Number(-n))),
        durations().prop_map(|d| Limit::Absolute(Quantity::Time(d))),
        positive().prop_map(Limit::TimesControl),
        positive().prop_map(Limit::TimesBaseline),
    ];
    let lasting = (direction.clone(), lasting, durations()).prop_map(|(direction, limit, duration)| {
        Rule::Threshold(Condition { direction, limit, sustain: Sustain::For(duration) })
    });
    let summed = (direction, numbers(), durations()).prop_map(|(direction, number, duration)| {
        let limit = Limit::Absolute(Quantity::Number(number));
        Rule::Threshold(Condition { direction, limit, sustain: Sustain::In(duration) })
    });
    let worse = numbers().prop_map(|percent| Rule::WorseThanControl { margin: percent / 100.0 });
    let worse_than_before = numbers().prop_map(|percent| Rule::WorseThanBaseline { margin: percent / 100.0 });
    let over = prop_oneof![positive().prop_map(Quantity::Percent), positive().prop_map(Quantity::Number)];
    let over = over.prop_map(|limit| Rule::Over { limit });
    prop_oneof![lasting, summed, worse, worse_than_before, over]
}

proptest! {
    #[test]
    fn every_rule_survives_being_printed_and_read(rule in rules()) {
        prop_assert_eq!(rule.to_string().parse::<Rule>(), Ok(rule));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}", words in "(above|below|over|worse than control by|worse than baseline by|x baseline| |[0-9.x%-]{1,6}|for|in|[0-9]{1,20}[a-z]{1,2}){0,8}") {
        let _ = text.parse::<Rule>();
        let _ = words.parse::<Rule>();
    }
}
