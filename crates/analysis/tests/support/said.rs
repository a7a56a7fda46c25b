//! Whatever a source may say, and every kind of test to say it to.

use proptest::prelude::*;
use ripcord_analysis::{
    Exposure, RateRatioConfig, Start,
    absolute::AbsoluteConfig,
    gauge::GaugeConfig,
    latency::LatencyConfig,
    proportion::ProportionConfig,
    rare_rate::RareRateConfig,
    sign_flip::SignFlipConfig,
    two_sample::{Direction, TwoSampleConfig},
    watch::{Observation, TestConfig},
};

const START: Start = Start::Weighted { first: 0.5, every: 1, blocks: 12 };

/// Every kind of test, for harm and for safety.
pub fn pairs(margin: f64) -> Vec<(TestConfig, TestConfig)> {
    let signs = |sign: f64| SignFlipConfig::new(vec![sign * 0.5, sign * 4.0], vec![0.5, 0.5], START).unwrap();
    vec![
        (
            RateRatioConfig::harm_from(margin, START).unwrap().into(),
            RateRatioConfig::safety(margin).unwrap().into(),
        ),
        (
            ProportionConfig::harm(margin, START).unwrap().into(),
            ProportionConfig::safety(margin).unwrap().into(),
        ),
        (TwoSampleConfig::harm(margin).unwrap().into(), TwoSampleConfig::safety(margin).unwrap().into()),
        (
            TwoSampleConfig::new(margin, 0.18, Direction::Both).unwrap().into(),
            TwoSampleConfig::safety(margin).unwrap().into(),
        ),
        (AbsoluteConfig::harm(0.02, START).unwrap().into(), AbsoluteConfig::safety(0.02).unwrap().into()),
        (
            RareRateConfig::harm(0.02, margin, START).unwrap().into(),
            RareRateConfig::safety(0.02, margin).unwrap().into(),
        ),
        (signs(1.0).into(), signs(-1.0).into()),
        (GaugeConfig::harm(margin, 400).unwrap().into(), GaugeConfig::safety(margin).unwrap().into()),
        (
            LatencyConfig::harm(margin, 0.95, START).unwrap().into(),
            LatencyConfig::safety(margin, 0.95).unwrap().into(),
        ),
    ]
}

/// An observation that owns what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Counts(Exposure, Exposure),
    Values(f64, f64),
    Buckets(Vec<f64>, Vec<u64>, Vec<u64>),
    Difference(f64),
}

impl Said {
    pub fn observation(&self) -> Observation<'_> {
        match self {
            Self::Counts(canary, control) => Observation::Counts { canary: *canary, control: *control },
            Self::Values(canary, control) => Observation::Values { canary: *canary, control: *control },
            Self::Buckets(bounds, canary, control) => Observation::Buckets { bounds, canary, control },
            Self::Difference(difference) => Observation::Difference(*difference),
        }
    }
}

pub fn any_number() -> impl Strategy<Value = f64> {
    let odd = prop::sample::select(vec![
        0.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        5e-324,
        1e30,
        1e31,
        f64::MAX,
        f64::MIN,
    ]);
    prop_oneof![4 => (0_u32..2_000).prop_map(f64::from), 1 => 0.0_f64..5.0, 1 => odd]
}

fn any_exposure() -> impl Strategy<Value = Exposure> {
    prop_oneof![
        4 => (0_u32..2_000, 0_u32..40).prop_map(|(n, bad)| Exposure::new(f64::from(n), f64::from(bad.min(n)))),
        1 => (any_number(), any_number()).prop_map(|(n, bad)| Exposure::new(n, bad)),
    ]
}

fn any_histogram() -> impl Strategy<Value = Said> {
    let bounds = prop_oneof![
        8 => Just(vec![0.1, 0.2, 0.5, 1.0]),
        1 => Just(vec![0.1, 0.2, 0.5, 2.0]),
        1 => Just(vec![]),
        1 => Just(vec![0.5, 0.1, 0.2, 1.0]),
        1 => Just(vec![0.1, 0.2, 0.5, f64::INFINITY]),
    ];
    let counts = || {
        prop_oneof![
            8 => prop::collection::vec(0_u64..300, 5),
            1 => prop::collection::vec(Just(u64::MAX), 5),
            1 => prop::collection::vec(0_u64..9, 0..4),
        ]
    };
    (bounds, counts(), counts()).prop_map(|(bounds, canary, control)| Said::Buckets(bounds, canary, control))
}

pub fn any_said() -> impl Strategy<Value = Said> {
    prop_oneof![
        3 => (any_exposure(), any_exposure()).prop_map(|(canary, control)| Said::Counts(canary, control)),
        2 => (any_number(), any_number()).prop_map(|(canary, control)| Said::Values(canary, control)),
        3 => any_histogram(),
        1 => any_number().prop_map(Said::Difference),
    ]
}

/// Groups of the control, of any kind.
pub fn any_groups() -> impl Strategy<Value = (Vec<Exposure>, Vec<Option<f64>>, Vec<Vec<u64>>)> {
    (
        prop::collection::vec(any_exposure(), 0..6),
        prop::collection::vec(prop::option::of(any_number()), 0..6),
        prop::collection::vec(prop::collection::vec(0_u64..300, 4..6), 0..6),
    )
}
