//! A gauge (CPU, memory, queue lag): is the canary's above `1 + margin` times the control's? Batch means and signs.
//!
//! Neighbouring samples of a gauge resemble each other, and a test that takes them for independent alarms most of the
//! time. So samples are averaged over batches at least twice as long as the memory of the control, and each batch gives
//! one difference:
//!
//! ```text
//! d = ln(mean of the canary) - ln(mean of the control) - ln(1 + margin)        kept within [-3, 3]
//! ```
//!
//! which [`crate::sign_flip`] bets on with several bets at once, so that neither the scale of the noise nor of the effect
//! has to be known.
//!
//! - *Memory*, in samples: `(1 + r) / (1 - r)`, with `r` the lag-1 correlation of the control's samples so far (of the
//!   canary's where the control does not move at all). Twenty samples are looked at before the first batch begins.
//! - *Batch length*: twice the memory, at least 20 and at most 240 samples, fixed when a batch begins. Between two batches
//!   as many samples are left out as the memory is long, at most half a batch; without that, neighbouring batches have
//!   something like an eighth of their noise in common.
//! - *Zero and below*: a value below zero counts as zero. Where only the canary's mean is above zero the difference is 3,
//!   where only the control's is, -3; where neither is, it is that of equal values. This is antisymmetric in the arms
//!   and grows with the canary, which is all the test needs.
//! - *No value* (NaN): a sample without a value on both arms is no sample.
//! - *Null hypothesis* for bets above nought: a batch's difference is as likely as its opposite, or lower, given the past.
//! - *Assumption*: batches have no memory of each other. With a memory far longer than 240 samples they do.
//! - *Sources*: batch means: Schmeiser, "Batch size effects in the analysis of simulation output" (1982).

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::{Bank, Bets, Start},
    batching::{Batching, Place},
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    log_space::{exp, ln, ln_1p},
    memory::Memory,
    product,
    sign_flip::bet_on_sign,
    stored,
};

/// A factor of 20 either way says all there is to say.
const DIFFERENCE_MAX: f64 = 3.0;
/// A larger value counts as this one.
pub(crate) const VALUE_MAX: f64 = 1e100;

/// The frozen parameters of a test of a gauge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct GaugeConfig {
    margin: f64,
    batch: (u32, u32),
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    batch_min: u32,
    batch_max: u32,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl GaugeConfig {
    /// `batch` in samples, the least and the most, at least 1; bets on the sign of differences of logarithms, all above
    /// nought for harm, all below for safety; `start` counts batches.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(
        margin: f64,
        batch: (u32, u32),
        bets: Vec<f64>,
        weights: Vec<f64>,
        start: Start,
    ) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        if batch.0 == 0 || batch.1 < batch.0 {
            return Err(InvalidConfig::Batch(batch.0, batch.1));
        }
        let bets = Bets::signs(bets, weights, start)?;
        let marked = Fingerprint::of("gauge").with_f64(margin);
        let fingerprint = bets.mark(marked.with_u64(u64::from(batch.0)).with_u64(u64::from(batch.1)));
        Ok(Self { margin, batch, bets, fingerprint })
    }

    /// Evidence that the canary is above `1 + margin` times the control, in a release of `planned_blocks` samples: the
    /// product's own batches and bets.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(margin: f64, planned_blocks: u32) -> Result<Self, InvalidConfig> {
        let bets = product::sign_bets();
        let weights = product::uniform(bets.len());
        let start = product::start(planned_blocks / product::BATCH.0);
        Self::new(margin, product::BATCH, bets, weights, start)
    }

    /// Evidence that it is below.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(margin: f64) -> Result<Self, InvalidConfig> {
        let bets: Vec<f64> = product::sign_bets().into_iter().map(|bet| -bet).collect();
        let weights = product::uniform(bets.len());
        Self::new(margin, product::BATCH, bets, weights, Start::Plain)
    }

    /// The tolerated relative margin.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for GaugeConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        let batch = (frozen.batch_min, frozen.batch_max);
        Self::new(frozen.margin, batch, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<GaugeConfig> for Frozen {
    fn from(config: GaugeConfig) -> Self {
        let bets = &config.bets;
        Self {
            margin: config.margin,
            batch_min: config.batch.0,
            batch_max: config.batch.1,
            bets: bets.bets().to_vec(),
            weights: bets.weights().to_vec(),
            start: bets.start(),
        }
    }
}

/// What a test of a gauge remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gauge {
    bank: Bank,
    control: Memory,
    canary: Memory,
    batching: Batching,
    /// Sums over the batch: the canary's, the control's.
    #[serde(deserialize_with = "stored::finite_pair")]
    sums: (f64, f64),
    batches: u64,
    #[serde(deserialize_with = "stored::finite")]
    log_e: f64,
    /// Of the differences without the margin.
    #[serde(deserialize_with = "stored::finite")]
    sum: f64,
}

impl Gauge {
    pub(crate) fn new(config: &GaugeConfig) -> Self {
        Self {
            bank: Bank::new(&config.bets),
            control: Memory::default(),
            canary: Memory::default(),
            batching: Batching::default(),
            sums: (0.0, 0.0),
            batches: 0,
            log_e: 0.0,
            sum: 0.0,
        }
    }

    pub(crate) fn check(&self, config: &GaugeConfig, (canary, control): (f64, f64)) -> Result<(), Refused> {
        self.bank.check(&config.bets)?;
        if canary.is_infinite() || control.is_infinite() { Err(Refused::NotANumber) } else { Ok(()) }
    }

    /// Takes in one sample, which was checked; answers the natural logarithm of the evidence, or `None` when an arm had
    /// no value.
    pub(crate) fn absorb(
        &mut self,
        config: &GaugeConfig,
        (canary, control): (f64, f64),
        phi: f64,
    ) -> Option<f64> {
        self.learn((canary, control));
        if canary.is_nan() || control.is_nan() {
            return None;
        }
        let memory = if self.control.moves() { &self.control } else { &self.canary };
        let place = self.batching.place(memory, config.batch);
        if place != Place::LeftOut {
            self.sums.0 += canary.clamp(0.0, VALUE_MAX);
            self.sums.1 += control.clamp(0.0, VALUE_MAX);
        }
        if place == Place::Last {
            let (canary, control) = std::mem::take(&mut self.sums);
            self.close(config, difference(canary, control, config.margin), phi);
        }
        Some(self.log_e)
    }

    /// Learns how long the samples' memory is.
    pub(crate) fn learn(&mut self, (canary, control): (f64, f64)) {
        self.control.take(control);
        self.canary.take(canary);
    }

    /// The mean ratio of the arms, geometric over batches.
    pub(crate) fn ratio(&self) -> Option<f64> {
        (self.batches > 0).then(|| exp(self.sum / self.batches as f64))
    }

    fn close(&mut self, config: &GaugeConfig, difference: f64, phi: f64) {
        let batch = self.batches;
        self.batches += 1;
        self.sum += difference + ln_1p(config.margin);
        self.bank.pass(config.bets.start(), batch);
        if difference != 0.0 {
            bet_on_sign(&mut self.bank, &config.bets, difference, phi);
        }
        self.log_e = self.bank.log_e(&config.bets, batch);
    }
}

/// `ln(canary) - ln(control) - ln(1 + margin)`, for sums over the same number of samples, none negative.
pub(crate) fn difference(canary: f64, control: f64, margin: f64) -> f64 {
    let ratio = match (canary > 0.0, control > 0.0) {
        (true, true) => ln(canary) - ln(control),
        (true, false) => f64::INFINITY,
        (false, true) => f64::NEG_INFINITY,
        (false, false) => 0.0,
    };
    (ratio - ln_1p(margin)).clamp(-DIFFERENCE_MAX, DIFFERENCE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_antisymmetric_and_bounded_whatever_the_values() {
        let values = [0.0, 1e-300, 0.5, 1.0, 7.0, 1e100];
        for a in values {
            for b in values {
                assert_eq!(difference(a, b, 0.0), -difference(b, a, 0.0), "{a} {b}");
                assert!(difference(a, b, 0.3) <= difference(a, b, 0.0));
                assert!(difference(a, b, 0.3).abs() <= 3.0);
            }
        }
        assert_eq!(difference(0.0, 0.0, 0.0), 0.0);
        assert!((difference(0.0, 0.0, 0.25) + 1.25_f64.ln()).abs() < 1e-15);
        assert!((difference(3.0, 2.0, 0.5)).abs() < 1e-15);
    }

    #[test]
    fn a_batch_bets_once_and_what_has_no_value_is_no_sample() {
        let config = GaugeConfig::harm(0.0, 2_400).unwrap();
        let mut gauge = Gauge::new(&config);
        let mut feed = |canary: f64, control: f64| {
            let before = gauge.batches;
            (gauge.absorb(&config, (canary, control), 1.0), gauge.batches > before)
        };
        // 19 samples teach, 20 make a batch.
        for sample in 0..38 {
            assert_eq!(feed(2.0, 1.0), (Some(0.0), false), "{sample}");
            assert_eq!(feed(f64::NAN, 1.0), (None, false));
        }
        let (log_e, closed) = feed(2.0, 1.0);
        assert!(closed && log_e.unwrap() > 0.0, "{log_e:?}");
        assert!((gauge.ratio().unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn unusable_batches_and_bets_are_refused() {
        let with = |batch| GaugeConfig::new(0.1, batch, vec![1.0], vec![1.0], Start::Plain);
        assert_eq!(with((0, 10)), Err(InvalidConfig::Batch(0, 10)));
        assert_eq!(with((20, 10)), Err(InvalidConfig::Batch(20, 10)));
        let config = with((1, 1)).unwrap();
        let read: GaugeConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
    }
}
